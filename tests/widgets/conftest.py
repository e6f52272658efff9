"""What the widgets tell below a cell, for their tests."""

from __future__ import annotations

import importlib

import pytest


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sentences that tell() has shown."""
    found: list[str] = []
    for name in ("predict", "sketch", "review"):
        monkeypatch.setattr(importlib.import_module(f"helpers.widgets.{name}"), "tell", lambda words, look="": found.append(f"{words}{look and ' ' + look}"))
    return found
