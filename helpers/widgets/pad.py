"""A pad to draw on, and the 28×28 picture that a classifier trained on MNIST expects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from IPython.display import display
from PIL import Image, ImageDraw

from helpers import plots
from helpers.lesson.promises import a_digit
from helpers.widgets.controls import switch
from helpers.widgets.panel import Panel
from helpers.widgets.picture import Picture

Strokes = Sequence[Sequence[Sequence[float]]]
#: A seven: what the pad shows until the reader draws.
SEVEN: list[list[list[float]]] = [[[0.28, 0.22], [0.45, 0.2], [0.72, 0.21], [0.63, 0.42], [0.53, 0.62], [0.45, 0.85]]]
#: What the tests draw, one after the other.
DRAWINGS: dict[str, list[list[list[float]]]] = {"empty": [], "dot": [[[0.5, 0.5]]], "corner": [[[0.0, 0.0], [1.0, 1.0]]], "seven": SEVEN}
#: So many of the ten digits must be read right to reach the target.
ENOUGH = 8


class Pad(anywidget.AnyWidget):
    """A square canvas; ``strokes`` holds what was drawn: lists of points [x, y], from 0 to 1, y down.

    ``rested`` says that the pen has been up for a while, ``over`` that the next stroke begins a new drawing.
    """

    _esm = Path(__file__).with_name("pad.js")
    strokes: Any = traitlets.List().tag(sync=True)
    rested = traitlets.Bool(True).tag(sync=True)
    over = traitlets.Bool(True).tag(sync=True)
    thickness = traitlets.Float(0.09).tag(sync=True)
    label = traitlets.Unicode("Draw a digit with the mouse or a finger. Keyboard: arrow keys move the pen (Home, End, Page Up and Page Down "
                              "diagonally), space puts it down or lifts it.").tag(sync=True)

    def wipe(self) -> None:
        """Nothing is drawn any more."""
        self.send("clear")
        self.strokes, self.rested, self.over = [], True, False


def sweep_pad(panel: Panel, pad: Pad, centred: W.Checkbox) -> list[tuple[str, Any, float]]:
    """Draw each of DRAWINGS, then move the switch both ways; what sweep() of a panel with a pad gives.

    Raises
    ------
    What the panel complained of.
    """
    rows: list[tuple[str, Any, float]] = []
    for control, trait, settings in ((pad, "strokes", DRAWINGS), (centred, "value", {False: False, True: True})):
        for label, value in settings.items():
            started = time.perf_counter()
            control.set_trait(trait, value)
            if panel.error is not None:
                raise panel.error
            rows.append(("strokes" if control is pad else "centred", label, 1e3 * (time.perf_counter() - started)))
    return rows


def rasterise(strokes: Strokes, thickness: float = 0.09, centred: bool = True) -> np.ndarray:
    """Strokes as a picture in the manner of MNIST.

    The ink is scaled to fit 20×20 pixels, its proportions kept, and its centre of mass is put into the middle
    of 28×28, as LeCun et al. (1998) did.

    Parameters
    ----------
    strokes : lists of points (x, y) in [0, 1]
    thickness : float in (0, 1)
        Width of the pen, as a part of the pad's edge.
    centred : bool
        If False, the whole pad is shrunk as it is, and the ink stays where it was drawn.

    Returns
    -------
    float32 (28, 28) in [0, 1], ink 1. All zeros if nothing is drawn.

    Raises
    ------
    ValueError
        If a point is no pair of finite numbers, or the thickness lies outside (0, 1).
    """
    if not 0 < thickness < 1:
        raise ValueError(f"thickness must lie between 0 and 1, got {thickness}")
    edge = 280
    canvas = Image.new("L", (edge, edge))
    pen = ImageDraw.Draw(canvas)
    width = max(1, round(thickness * edge))
    for stroke in strokes if isinstance(strokes, Iterable) else [strokes]:
        try:
            p: np.ndarray = np.asarray(stroke, dtype=float)
        except (TypeError, ValueError):
            p = np.empty(0)
        if p.ndim != 2 or p.shape[1] != 2 or not np.isfinite(p).all():
            raise ValueError(f"a stroke is a list of points [x, y] from 0 to 1, got {stroke!r}")
        points = [(float(x), float(y)) for x, y in (np.clip(p, 0, 1) * (edge - 1)).tolist()]
        pen.line(points, fill=255, width=width, joint="curve")
        for x, y in points:                          # round ends and joints
            pen.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=255)
    box = canvas.getbbox()
    if box is None:
        return np.zeros((28, 28), np.float32)
    if not centred:
        return np.asarray(canvas.resize((28, 28), Image.Resampling.BOX), np.float32) / 255
    ink = canvas.crop(box)
    scale = 20 / max(ink.size)
    ink = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.BOX)
    a = np.asarray(ink, np.float32) / 255
    rows, columns = np.indices(a.shape)
    top = round(13.5 - float((rows * a).sum() / a.sum()))
    left = round(13.5 - float((columns * a).sum() / a.sum()))
    top, left = (min(max(v, 0), 28 - size) for v, size in zip((top, left), a.shape, strict=True))
    digit = np.zeros((28, 28), np.float32)
    digit[top:top + a.shape[0], left:left + a.shape[1]] = a
    return digit


class DigitReader(Panel):
    """A pad beside what a classifier makes of the drawing: the 28×28 picture it sees and ten probabilities.

    It asks for the ten digits in turn. What is read as asked once the pen rests counts, and the next one is asked
    for; what is cleared before counts as what it was read as. ``hand`` holds digit → what it was read as.
    """

    def __init__(self, probabilities: Callable[[np.ndarray], np.ndarray], name: str, goal: str) -> None:
        self.probabilities = probabilities
        self.hand: dict[int, int] = {}
        self._said: int | None = None               # what the drawing was last read as
        self.pad = Pad(strokes=SEVEN)
        self.centred = switch("centre the drawing", True, tip="as the training digits are; else it stays where you drew it, and does not count")
        self.centred.layout.width = "auto"
        self._buttons = [W.Button(description="Clear", icon="eraser", tooltip="wipe the pad; a digit that was misread stays misread"),
                         W.Button(description="Start again", icon="refresh", tooltip="ask for all ten digits anew")]
        for button, action in zip(self._buttons, (self.clear, self.start_again), strict=True):
            button.layout.width = "136px"
            button.on_click(lambda _, action=action: action())
        self._ask = W.HTML()
        left = W.VBox([self._ask, self.pad, W.HBox(self._buttons), self.centred], layout=W.Layout(margin="0 8px 0 0"))
        fig, (seen, bars) = plt.subplots(1, 2, figsize=(5.2, 2.8), width_ratios=[1, 1.3])
        plots.image(seen, np.zeros((28, 28)), "what the network sees")
        self._seen = seen.images[0]
        self._bars = bars.barh(range(10), [0.0] * 10, color=plots.BLUE)
        bars.set(xlim=(0, 1), yticks=range(10), xlabel="probability", title="what it says", ylabel="digit")
        bars.invert_yaxis()
        super().__init__([], Picture(fig), name=name, goal=goal, beside=[left])
        self.update()
        self.counts = True
        self.pad.observe(lambda _: self._drawn(), "strokes")
        self.pad.observe(lambda change: self._guarded_update() if change.new else None, "rested")
        self.centred.observe(lambda _: self._guarded_update(), "value")

    @property
    def digit(self) -> np.ndarray:
        """What is drawn: float32 (28, 28) in [0, 1]."""
        return rasterise(self.pad.strokes, self.pad.thickness, self.centred.value)

    @property
    def asked(self) -> int | None:
        """The digit that is asked for; None once all ten are drawn."""
        return len(self.hand) if len(self.hand) < 10 else None

    @property
    def score(self) -> str:
        """How many of the digits drawn were read right: "8 of 10"."""
        return f"{sum(digit == said for digit, said in self.hand.items())} of {len(self.hand)}" if self.hand else "no digit drawn yet"

    def clear(self) -> None:
        """Wipe the pad; an unfinished drawing counts as what it was read as."""
        if self._counts and self._said is not None and self.asked is not None:
            self.hand[self.asked] = self._said
        self._wipe()

    def start_again(self) -> None:
        """Ask for all ten digits anew."""
        self.hand = {}
        self._wipe()

    def _wipe(self) -> None:
        self.pad.wipe()
        self._guarded_update()

    @property
    def _counts(self) -> bool:
        return self.centred.value and not self.pad.over and bool(self.pad.strokes)

    def _drawn(self) -> None:
        self.pad.over = False
        self._guarded_update()

    def update(self) -> None:
        digit = self.digit
        empty = not digit.any()
        p = np.zeros(10) if empty else np.asarray(self.probabilities(digit), dtype=float)
        if p.shape != (10,):
            raise ValueError(f"probabilities(digit) must give 10 numbers, got shape {p.shape}")
        if not np.isfinite(p).all():
            raise ValueError("probabilities(digit) must give 10 finite numbers, got NaN or infinity")
        best = int(p.argmax())
        self._seen.set_data(digit)
        for i, bar in enumerate(self._bars):
            bar.set_width(p[i])
            bar.set_facecolor(plots.VERMILION if i == best and not empty else plots.BLUE)
        assert self.picture is not None
        self.picture.paint()
        self._said = None if empty else best
        if self._counts and self.pad.rested and best == self.asked:
            self.hand[best] = best
            self.pad.over = True
        self.reached = self.asked is None and sum(digit == said for digit, said in self.hand.items()) >= ENOUGH
        self._ask.value = f'<div class="course-ask">{"Draw what you like" if self.asked is None else f"Draw {a_digit(self.asked)}"}</div>'
        self.say(" ".join(self._words()), note="" if empty else f"probability {p[best]:.0%}")

    def _words(self) -> Iterator[str]:
        yield "The pad is empty." if self._said is None else f"The network reads {a_digit(self._said)}."
        misread = self._counts and self.pad.rested and self.asked is not None
        if self.asked is None:
            yield "All ten are drawn: now draw what you like."
        elif not self.centred.value:
            yield "Not centred, so it does not count."
        elif misread:
            yield f"You were asked for {a_digit(self.asked)}: add a stroke, or Clear and go on."
        else:
            yield f"Draw {a_digit(self.asked)}."
        if self.hand:
            wrong = ", ".join(f"{digit} as {said}" for digit, said in self.hand.items() if digit != said)
            yield f"Your hand: {self.score}" + (f" ({wrong})." if wrong else ".")

    def _guarded_update(self) -> None:
        try:
            self.update()
        except Exception as error:
            self.complain(error)

    def sweep(self) -> list[tuple[str, Any, float]]:
        return sweep_pad(self, self.pad, self.centred)


def draw_a_digit(probabilities: Callable[[np.ndarray], np.ndarray], *, name: str, goal: str = "") -> DigitReader:
    """Show a pad beside what a classifier says of the drawing, at every stroke; it asks for the ten digits in turn.

    Parameters
    ----------
    probabilities : callable
        Takes float32 (28, 28) in [0, 1], ink 1; gives ten probabilities.
    name, goal : str
        As in :func:`helpers.widgets.explore`.

    Returns
    -------
    DigitReader
        Its ``digit`` is the drawing, float32 (28, 28); its ``score`` says how many digits were read right.
    """
    reader = DigitReader(probabilities, name, goal)
    display(reader)
    return reader
