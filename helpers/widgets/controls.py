"""Sliders and choices, each with a label that names its unit, a tooltip, and a keyboard path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral

import ipywidgets as W
import traitlets

_STYLE = {"description_width": "170px"}
_LAYOUT = {"width": "min(480px, 100%)"}


class _Free:
    """A slider whose value may lie between its steps: what is typed, or set by the program, stays as it is.

    The page gives a value back with its last digit changed: that is no move.
    """

    @traitlets.validate("value")
    def _validate_value(self, proposal: dict[str, float]) -> float:
        value = min(max(proposal["value"], self._least()), self._greatest())
        return self.value if math.isclose(value, self.value, rel_tol=1e-9, abs_tol=1e-12) else value

    value: float
    min: float
    max: float
    base: float

    def _least(self) -> float:
        return self.min

    def _greatest(self) -> float:
        return self.max


class FreeSlider(_Free, W.FloatSlider):
    """From min to max."""


class LogSlider(_Free, W.FloatLogSlider):
    """From base**min to base**max; its numbers are plain digits (d3's ``~``, which ipywidgets would refuse)."""

    readout_format = traitlets.Unicode(".3~r").tag(sync=True)

    def _least(self) -> float:
        return float(self.base**self.min)

    def _greatest(self) -> float:
        return float(self.base**self.max)


def decimals(step: float) -> int:
    """How many decimals tell the values of a slider apart that moves by this step."""
    return next((d for d in range(5) if math.isclose(step * 10**d, round(step * 10**d), rel_tol=1e-9)), max(0, math.ceil(-math.log10(step))))


def slider(label: str, least: float, greatest: float, value: float, step: float | None = None, *, log: bool = False, tip: str = "") -> W.Widget:
    """A slider: whole numbers if all of them are ints, powers of ten between the ends if log=True.

    Parameters
    ----------
    label : str
        What it is, with its unit: ``"noise (standard deviation)"``.
    least, greatest, value : int or float
    step : number, optional
        1 for whole numbers, a hundredth of the range for others, a tenth of a power of ten with log=True. Where no step
        is given, a number typed beside the slider may lie between its steps.
    tip : str
        The tooltip: what moving it does. The label if empty.

    Raises
    ------
    ValueError
        If value lies outside least … greatest, a log slider is to reach 0, or the step goes nowhere.
    """
    if not least <= value <= greatest or least == greatest:
        raise ValueError(f"slider {label!r}: least < greatest and least <= value <= greatest, got {least}, {greatest}, {value}")
    if step is not None and not step > 0:
        raise ValueError(f"slider {label!r}: the step must be greater than 0, got {step}")
    text = {"description": label, "tooltip": tip or label, "style": _STYLE, "layout": _LAYOUT}
    if log:
        if least <= 0:
            raise ValueError(f"slider {label!r}: a log slider must start above 0, got {least}")
        return _free(LogSlider(value=value, base=10, min=math.log10(least), max=math.log10(greatest), step=step or 0.1, **text))
    if all(isinstance(v, Integral) for v in (least, greatest, value, step or 1)):
        return W.IntSlider(value=value, min=least, max=greatest, step=step or 1, **text)
    if step is None:
        step = (greatest - least) / 100
        return _free(FreeSlider(value=value, min=least, max=greatest, step=step, readout_format=f".{max(2, math.ceil(-math.log10(step)))}f", **text))
    return W.FloatSlider(value=value, min=least, max=greatest, step=step, readout_format=f".{decimals(step)}f", **text)


def _free(control: W.Widget) -> W.Widget:
    control.add_class("course-free")                # page.js looks for it
    return control


def choice(label: str, options: Sequence[object], value: object | None = None, *, tip: str = "") -> W.Widget:
    """One of several options, from a list that opens (arrow keys move through it); (name, value) pairs show the name.

    Raises
    ------
    ValueError
        If there is no option, or value is none of them.
    """
    if not options:
        raise ValueError(f"choice {label!r}: give one option or more")
    first = {} if value is None else {"value": value}
    try:
        return W.Dropdown(options=list(options), description=label, tooltip=tip or label, style=_STYLE, layout=_LAYOUT, **first)
    except (traitlets.TraitError, TypeError):
        raise ValueError(f"choice {label!r}: the value must be one of {list(options)}, got {value!r}") from None


def switch(label: str, value: bool = False, *, tip: str = "") -> W.Widget:
    """On or off; the space bar flips it."""
    return W.Checkbox(value=value, description=label, tooltip=tip or label, indent=False, style=_STYLE, layout=_LAYOUT)


class TextBox(W.Text):
    """A line of text whose value never has more than ``longest`` signs: what is typed beyond them is not taken."""

    def __init__(self, *, longest: int, **settings: object) -> None:
        self.longest = longest
        super().__init__(**settings)

    @traitlets.validate("value")
    def _cut(self, proposal: dict[str, str]) -> str:
        return proposal["value"][:self.longest]


def text(label: str, value: str, *, longest: int = 20, tip: str = "") -> W.Widget:
    """A line to type into; the figure follows each key.

    The draw function gets what stands there, spaces, signs and all, "" included: it says in its words what it cannot use.

    Parameters
    ----------
    label : str
        What to type: ``"word"``.
    value : str
        What stands there at first.
    longest : int
        How many signs it takes.
    tip : str
        The tooltip: what typing does. The label if empty.

    Raises
    ------
    ValueError
        If longest is below 1, or value is longer.
    TypeError
        If value is no str.
    """
    if not isinstance(value, str):
        raise TypeError(f"text {label!r}: the value must be a str, got {type(value).__name__}")
    if longest < 1 or len(value) > longest:
        raise ValueError(f"text {label!r}: at least 1 sign and at most longest, got {value!r} and longest={longest}")
    return TextBox(longest=longest, value=value, description=label, tooltip=tip or label, continuous_update=True, style=_STYLE, layout=_LAYOUT)


def extremes(control: W.Widget) -> list[object]:
    """The least, the middle and the greatest value of a control, for the tests that move it."""
    if isinstance(control, W.FloatLogSlider):
        middle = (control.min + control.max) / 2
        return [control.base**power for power in (control.min, middle, control.max)]
    if isinstance(control, (W.IntSlider, W.BoundedIntText)):
        return [control.min, (control.min + control.max) // 2, control.max]
    if isinstance(control, W.FloatSlider):
        return [control.min, (control.min + control.max) / 2, control.max]
    if isinstance(control, W.Checkbox):
        return [False, True]
    if isinstance(control, TextBox):                # nothing, one letter, and as much as it takes
        return ["", "o", ("Wörter-3 " * control.longest)[:control.longest]]
    options = [value for _, value in control._options_full]
    return list(dict.fromkeys([options[0], options[len(options) // 2], options[-1]]))
