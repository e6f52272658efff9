"""What the learner answered, kept by :mod:`helpers.lesson.progress`: kinds prediction, quiz, sketch, order."""

from __future__ import annotations

from typing import Any

_this_kernel: dict[str, dict[str, dict[str, Any]]] = {}


def keep(kind: str, key: str, entry: dict[str, Any]) -> None:
    """Keep one answer; a later one of the same kind and key takes its place."""
    _this_kernel.setdefault(kind, {})[key] = entry


def kept(kind: str) -> dict[str, dict[str, Any]]:
    """All answers of this kind, by key."""
    return dict(_this_kernel.get(kind, {}))


def forget() -> None:
    """For the tests: as if nothing had been answered in this kernel."""
    _this_kernel.clear()
