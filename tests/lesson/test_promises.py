"""Promised numbers: what is printed, and when a promise is broken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import runtime
from helpers.lesson.promises import PromiseBroken, expect, measured

finite = st.floats(-1e6, 1e6)


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setattr(runtime, "_fast", False)


@given(value=finite)
def test_measured_marks_the_number_and_loses_nothing_else(value: float) -> None:
    assert measured(value) == f"«{value:.3f}»"


def test_measured_takes_text_as_it_is() -> None:
    assert measured("3 of 5") == "«3 of 5»"


def test_measured_writes_in_the_given_format() -> None:
    assert measured(0.5, ".0%") == "«50%»"
    assert measured(torch.tensor(2.0, requires_grad=True)) == "«2.000»"


@given(value=finite, low=finite, high=finite)
def test_expect_raises_exactly_outside_its_bounds(value: float, low: float, high: float) -> None:
    low, high = min(low, high), max(low, high)
    if low <= value <= high:
        expect(value, what="number", at_least=low, at_most=high)
    else:
        with pytest.raises(PromiseBroken, match="number is"):
            expect(value, what="number", at_least=low, at_most=high)


@pytest.mark.parametrize("value", [0.98, np.float32(0.98), np.array(0.98), torch.tensor(0.98), torch.tensor(0.98, requires_grad=True)])
def test_expect_prints_measured_beside_promised(value: Any, capsys: pytest.CaptureFixture[str]) -> None:
    expect(value, what="test accuracy", at_least=0.97)
    assert capsys.readouterr().out == "✓ test accuracy: «0.980» (promised: at least 0.970)\n"


def test_expect_writes_units_and_both_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    expect(2, what="time", at_most=3, spec=".1f", unit=" s")
    expect(2, what="time", at_least=1, at_most=3, spec=".1f", unit=" s")
    assert capsys.readouterr().out.splitlines() == ["✓ time: «2.0» s (promised: at most 3.0 s)", "✓ time: «2.0» s (promised: 1.0 to 3.0 s)"]


def test_a_broken_promise_says_what_was_promised_and_what_came() -> None:
    with pytest.raises(PromiseBroken, match=r"^accuracy is 0\.900; the text promises at least 0\.970$"):
        expect(0.9, what="accuracy", at_least=0.97)
    assert issubclass(PromiseBroken, AssertionError)


@pytest.mark.parametrize(("value", "low", "high", "spec", "said"), [
    (0.96996, 0.97, None, ".3f", "✗ x: «0.96996» (promised: at least 0.97000)."), (3.0004, None, 3, ".1f", "✗ x: «3.0004» (promised: at most 3.0000)."),
    (0.8996, 0.9, 1, ".0%", "✗ x: «89.96%» (promised: 90.00% to 100.00%)."), (1e-9, None, 0, ".2f", "✗ x: «0.000000001» (promised: at most 0.000000000)."),
    (0.9, 0.97, None, ".3f", "✗ x: «0.900» (promised: at least 0.970)."), (2**53 - 1, 2**53, None, ".3g", "✗ x: «9007199254740991» (promised: at least 9007199254740992)."),
    (float(2**53), 2**53 + 1, None, ".0f", "✗ x: «9007199254740992» (promised: at least 9007199254740992)."), (math.nan, 1, None, ".0f", "✗ x: «nan» (promised: at least 1)."),
])
def test_a_broken_promise_is_written_with_digits_enough_to_see_it(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, low: float | None, high: float | None, spec: str, said: str) -> None:
    monkeypatch.delenv("COURSE_STRICT")
    expect(value, what="x", at_least=low, at_most=high, spec=spec)
    assert capsys.readouterr().out.splitlines()[0] == said


def test_nan_breaks_each_promise() -> None:
    for low, high in ((-1e9, None), (None, 1e9), (-1e9, 1e9)):
        with pytest.raises(PromiseBroken, match="loss is nan"):
            expect(math.nan, what="loss", at_least=low, at_most=high)


def test_a_learner_is_told_and_not_stopped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COURSE_STRICT")
    expect(0.9, what="accuracy", at_least=0.97)
    out = capsys.readouterr().out
    assert out.startswith("✗ accuracy: «0.900» (promised: at least 0.970).\n")
    assert "If you changed something above" in out


def test_a_fast_run_reports_and_does_not_insist(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(runtime, "_fast", True)
    expect(0.9, what="accuracy", at_least=0.97)
    assert capsys.readouterr().out == "· accuracy: «0.900» (a FAST run; the full one promises at least 0.970)\n"


def test_expect_refuses_to_promise_nothing() -> None:
    with pytest.raises(ValueError, match=r"expect\('x'\): promise something, at_least=… or at_most=… or both"):
        expect(1, what="x")


@pytest.mark.parametrize(("low", "high"), [(2, 1), (math.nan, 1), (0, math.nan)])
def test_expect_refuses_a_promise_that_nothing_can_keep(low: float, high: float) -> None:
    with pytest.raises(ValueError, match=r"expect\('x'\): no number lies from"):
        expect(1, what="x", at_least=low, at_most=high)


@pytest.mark.parametrize("value", [[1.0, 2.0], np.zeros(3), torch.zeros(2), "many", None])
def test_expect_refuses_what_is_not_one_number(value: Any) -> None:
    with pytest.raises(TypeError, match=r"expect\('x'\) needs one number, got"):
        expect(value, what="x", at_least=0)


def test_a_promise_says_how_many_runs_stand_behind_it(capsys: pytest.CaptureFixture[str]) -> None:
    expect(0.5, at_least=0.4, what="accuracy", n=5)
    assert "accuracy (n = 5): «0.500»" in capsys.readouterr().out
    with pytest.raises(ValueError, match="n must be"):
        expect(0.5, at_least=0.4, what="accuracy", n=0)
