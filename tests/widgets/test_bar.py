"""The progress bar: it counts in a notebook, and stays away where it is not asked for."""

from __future__ import annotations

import types
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances
from moons import TRAIN, network

from helpers.training import fit
from helpers.widgets import bar


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is displayed, as if in a notebook."""
    shown: list[Any] = []
    monkeypatch.setattr(bar, "get_ipython", lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setattr(bar, "display", lambda data, **_: shown.append(data))
    return shown


def test_the_bar_counts_epochs_in_a_notebook(shown: list[Any]) -> None:
    fit(network(), TRAIN, n_epochs=2)
    assert shown[0]["text/plain"] == "[progress: 2 epochs]"
    box = _instances[shown[0]["application/vnd.jupyter.widget-view+json"]["model_id"]]
    progress, label = box.children
    assert (progress.value, progress.max, label.value) == (2, 2, "2 of 2 epochs")


def test_there_is_no_bar_where_none_is_asked_for(shown: list[Any]) -> None:
    fit(network(), TRAIN, n_epochs=1, progress=False)
    assert shown == []
