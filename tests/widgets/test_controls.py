"""Sliders and choices: the values, the labels, and what is refused."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import ipywidgets as W
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.widgets import choice, slider, switch, text
from helpers.widgets.controls import extremes
from helpers.widgets.panel import Panel
from helpers.widgets.sweep import sweep_all


def test_whole_numbers_make_a_slider_of_whole_numbers() -> None:
    control = slider("width", 1, 9, 3, tip="units in a layer")
    assert isinstance(control, W.IntSlider)
    assert (control.min, control.max, control.value, control.step) == (1, 9, 3, 1)
    assert (control.description, control.tooltip) == ("width", "units in a layer")
    assert isinstance(slider("n", *cast("list[int]", [np.int64(1), np.int64(9), np.int64(2)])), W.IntSlider)


def test_other_numbers_make_a_slider_of_a_hundred_steps() -> None:
    control = slider("noise", 0, 0.5, 0.1)
    assert isinstance(control, W.FloatSlider)
    assert control.step == pytest.approx(0.005)
    assert control.tooltip == "noise"
    assert slider("shift", -3.0, -1.0, -2.0).step == pytest.approx(0.02)        # wherever the range begins
    assert isinstance(slider("half steps", 0, 4, 2, 0.5), W.FloatSlider)


@given(least=st.integers(-8, 0), decades=st.integers(1, 6), where=st.floats(0, 1))
def test_a_log_slider_runs_between_its_ends(least: int, decades: int, where: float) -> None:
    low, high = 10.0**least, 10.0**(least + decades)
    value = min(max(low * (high / low) ** where, low), high)
    control = slider("rate", low, high, value, log=True)
    assert control.value == pytest.approx(value)
    assert extremes(control) == pytest.approx([low, math.sqrt(low * high), high])
    for end in extremes(control):
        control.value = end
        assert control.value == pytest.approx(end)


@pytest.mark.parametrize(("step", "expected"), [(None, 0.1), (0.5, 0.5)])
def test_a_log_slider_moves_by_its_step_in_powers_of_ten(step: float | None, expected: float) -> None:
    assert slider("rate", 1e-3, 1.0, 0.1, step, log=True).step == expected


@pytest.mark.parametrize("args", [(0, 1, 2), (0, 1, -1), (1, 1, 1), (2, 1, 1), (0, 1, math.nan), (math.nan, 1, 0)])
def test_a_value_outside_the_range_is_refused(args: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="slider 'x': least < greatest and least <= value <= greatest, got"):
        slider("x", *args)


def test_a_log_slider_to_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="slider 'x': a log slider must start above 0, got 0"):
        slider("x", 0, 1, 0.5, log=True)


@pytest.mark.parametrize("step", [0, -1])
def test_a_step_that_goes_nowhere_is_refused(step: float) -> None:
    with pytest.raises(ValueError, match=f"slider 'x': the step must be greater than 0, got {step}"):
        slider("x", 0, 1, 0.5, step)


def test_choice_starts_with_the_first_option_or_the_given_one() -> None:
    assert choice("data", ["xor", "moons"]).value == "xor"
    assert choice("data", ["xor", "moons"], "moons").value == "moons"
    assert choice("size", [("small", 1), ("large", 9)]).value == 1
    assert choice("size", [("small", 1), ("large", 9)], 9).value == 9


@pytest.mark.parametrize(("options", "value"), [([], None), (["a"], "b")])
def test_choice_refuses_what_is_no_option(options: list[str], value: Any) -> None:
    with pytest.raises(ValueError, match="choice 'data': "):
        choice("data", options, value)


def test_switch_is_off_unless_told() -> None:
    assert switch("on").value is False
    assert switch("on", True).value is True


def test_text_takes_no_more_signs_than_its_longest() -> None:
    control = text("word", "Novák", longest=6)
    assert control.value == "Novák"
    control.value = "Nováková"
    assert control.value == "Nováko"
    assert text("word", "Nováko", longest=6).value == "Nováko"
    assert control.continuous_update


@pytest.mark.parametrize(("value", "longest"), [("abc", 2), ("", 0)])
def test_text_refuses_a_beginning_that_does_not_fit(value: str, longest: int) -> None:
    with pytest.raises(ValueError, match="text 'word': at least 1 sign and at most longest"):
        text("word", value, longest=longest)


def test_text_refuses_what_is_no_text() -> None:
    with pytest.raises(TypeError, match="text 'word': the value must be a str, got int"):
        text("word", cast("str", 3))


@pytest.mark.parametrize(("control", "values"), [
    (text("t", "x", longest=4), ["", "o", "Wört"]),
    (slider("n", 1, 8, 2), [1, 4, 8]),
    (slider("x", -1.0, 2.0, 0.0), [-1.0, 0.5, 2.0]),
    (switch("s"), [False, True]),
    (choice("c", ["a", "b", "c", "d"]), ["a", "c", "d"]),
    (choice("c", ["a"]), ["a"]),
    (choice("c", [("one", 1), ("two", 2)]), [1, 2]),
])
def test_extremes_are_least_middle_and_greatest(control: W.Widget, values: list[object]) -> None:
    assert extremes(control) == values
    for value in values:
        control.value = value
        assert control.value == value


@pytest.mark.parametrize("make", [lambda: slider("rate", 0, 1, 0), lambda: switch("rate"), lambda: choice("rate", ["a"]), lambda: text("rate", "")])
def test_each_control_has_a_label_a_tooltip_and_fits_the_page(make: Any) -> None:
    control = make()
    assert control.description == control.tooltip == "rate"
    assert control.layout.width == "min(480px, 100%)"


def test_sweep_all_prints_one_line_of_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Fixed(Panel):
        def sweep(self) -> list[tuple[str, object, float]]:
            return [("x", 1, 2.0)]

    monkeypatch.setattr("helpers.widgets.sweep.PANELS", [Fixed([], name="a panel")])
    sweep_all()
    assert json.loads(capsys.readouterr().out) == [{"panel": "a panel", "kind": "Fixed", "control": "x", "value": "1", "milliseconds": 2.0}]


@pytest.mark.parametrize(("control", "typed"), [(slider("rate", 1e-3, 1.0, 0.1, log=True), 0.7), (slider("noise", 0, 0.5, 0.1), 0.1234), (slider("candidates", 1, 1000, 10, log=True), 755)])
def test_a_typed_value_stays_also_between_two_steps(control: W.Widget, typed: float) -> None:
    control.value = typed
    assert control.value == typed
    moves: list[float] = []
    control.observe(lambda change: moves.append(change.new), "value")
    control.value = typed * (1 + 1e-15)             # the page gives it back
    assert (control.value, moves) == (typed, [])
    control.value = 1e9
    assert control.value == extremes(control)[-1]
    assert "course-free" in control._dom_classes


@pytest.mark.parametrize(("control", "written"), [
    (slider("rate", 1e-5, 1000.0, 0.1, log=True), ".3~r"), (slider("x", 0, 0.5, 0.1), ".3f"), (slider("x", 0.0, 6.28, 0.0), ".2f"),
    (slider("x", 0.0, 2.0, 0.2, step=0.1), ".1f"), (slider("x", 0.0, 2.0, 0.25, step=0.25), ".2f"), (slider("x", 0.0, 9.0, 1.0, step=1.0), ".0f")])
def test_the_numbers_beside_a_slider_are_plain_digits(control: W.Widget, written: str) -> None:
    assert control.readout_format == written


def test_a_grid_that_was_asked_for_holds() -> None:
    assert "course-free" not in slider("noise", 0.0, 2.0, 0.2, step=0.1)._dom_classes
    assert "course-free" not in slider("n", 0, 9, 1)._dom_classes
