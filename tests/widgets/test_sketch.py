"""draw_curve(): what is drawn is kept, and the measured curve is set against it in words."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.lesson import progress
from helpers.widgets import draw_curve
from helpers.widgets.sketch import COLUMNS, Scale, Sketch

MODULE = importlib.import_module("helpers.widgets.sketch")


@pytest.fixture(autouse=True)
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is displayed; and the alternative texts of pictures."""
    progress._this_kernel.clear()
    found: list[Any] = []
    monkeypatch.setattr(MODULE, "display", found.append)
    monkeypatch.setattr(MODULE.plots, "show", lambda _fig, alt: found.append(alt))
    yield found
    progress._this_kernel.clear()


def made(heights: list[float | None] | None = None, ylog: bool = False) -> Sketch:
    sketch = draw_curve("How will it *fall*?", ("epoch", 0, 10), ("loss (nats)", 0.1 if ylog else 0, 10 if ylog else 2), ylog=ylog)
    if heights is not None:
        sketch.canvas.heights = heights
    return sketch


FLAT: list[float | None] = [0.5] * COLUMNS


@given(st.floats(-5, 5), st.floats(0.1, 100), st.floats(0, 1))
def test_values_become_shares_and_come_back(low: float, span: float, share: float) -> None:
    scale = Scale(("x", low, low + span), log=False)
    assert scale.share(scale.value(share)) == pytest.approx(share, abs=1e-6)
    logarithmic = Scale(("x", 10**low, 10**low * (1 + span)), log=True)
    assert logarithmic.share(logarithmic.value(share)) == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(("axis", "log", "message"), [
    (("x", 1, 1), False, "'x': its low end must lie below"), (("x", 2, 1), False, "its low end"), (("x", 0, 1), True, "must start above 0"),
    (("x", 0, float("inf")), False, "its low end")])
def test_an_axis_without_length_is_refused(axis: Any, log: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scale(axis, log)


def test_the_state_is_said_in_words() -> None:
    sketch = made()
    assert sketch.state == "Draw your curve, then run on."
    sketch.canvas.heights = [1.0, *[None] * (COLUMNS - 2), 0.25]
    assert sketch.state == "You drew: loss (nats) from 2 at 0 to 0.5 at 10. Now run on, and see."
    sketch.clear_button.click()
    assert sketch.state == "Draw your curve, then run on."


def test_the_curve_stands_when_its_cell_runs_again() -> None:
    made(FLAT)
    x, y = made().curve
    assert len(x) == COLUMNS
    assert y == pytest.approx(np.ones(COLUMNS))


@pytest.mark.parametrize(("drawn", "words"), [
    (FLAT, ["some way off", "on average «0.4» («20» % of the axis) above the measured one", "you drew «1», the run gave «0.6»"]),
    ([0.31] * COLUMNS, ["very close"]), ([0.0] * COLUMNS, ["far off", "below"])])
def test_the_distance_is_said_in_words(drawn: list[float | None], words: list[str], shown: list[Any], told: list[str]) -> None:
    sketch = made(drawn)
    sketch.compare([0, 5, 10], [0.6, 0.6, 0.6])
    said = told[-1]
    assert all(word in said for word in words), said
    assert shown[-1] == said.strip()
    assert sketch.canvas.measured == [[0.0, pytest.approx(0.3)], [0.5, pytest.approx(0.3)], [1.0, pytest.approx(0.3)]]


def test_on_a_log_axis_the_distance_is_a_factor(told: list[str]) -> None:
    made(FLAT, ylog=True).compare([0, 10], [0.1, 0.1])          # drawn at 1, measured at 0.1
    assert "a factor of «10» above" in told[-1]


def test_only_what_was_drawn_and_measured_counts(told: list[str]) -> None:
    half: list[float | None] = [0.5 if i < 50 else None for i in range(COLUMNS)]
    made(half).compare([0, 4, 5, 6, 10], [1.0, 1.0, 1.0, np.nan, 50.0])
    assert "very close" in told[-1]


def test_nothing_drawn_is_said(told: list[str]) -> None:
    made().compare([0, 10], [2, 1])
    assert "You drew none" in told[-1]


@pytest.mark.parametrize(("x", "y", "message"), [([0, 1], [1], "two arrays of one length"), ([], [], "no measured point"), ([20, 30], [1, 1], "no measured point"), ([[1]], [[1]], "two arrays")])
def test_a_comparison_that_does_not_fit(x: Any, y: Any, message: str, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    sketch = made()
    with pytest.raises(ValueError, match=message):
        sketch.compare(x, y)
    monkeypatch.setenv("COURSE_STRICT", "0")
    sketch.compare(x, y)
    assert message.split()[0] in told[-1]


def test_readers_without_a_kernel_get_the_axes() -> None:
    data = made()._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"] == "[draw: How will it fall?] Draw your curve, then run on."
    assert len(data["image/png"]) > 1000


def test_the_sweep_draws_and_puts_back() -> None:
    sketch = made(FLAT)
    assert [value for _, value, _ in sketch.sweep()] == ["nothing", "a point", "a line"]
    assert sketch.canvas.heights == FLAT
