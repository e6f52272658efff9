"""A pad to draw on, and the 28×28 picture that a classifier trained on MNIST expects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
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
from helpers.widgets.panel import Panel
from helpers.widgets.picture import Picture

Strokes = Sequence[Sequence[Sequence[float]]]
#: A seven, drawn in two strokes: what the pad shows until the reader draws.
SEVEN: list[list[list[float]]] = [[[0.28, 0.22], [0.45, 0.2], [0.72, 0.21], [0.63, 0.42], [0.53, 0.62], [0.45, 0.85]]]


class Pad(anywidget.AnyWidget):
    """A square canvas; ``strokes`` holds what was drawn: lists of points [x, y], from 0 to 1, y down."""

    _esm = Path(__file__).with_name("pad.js")
    strokes: Any = traitlets.List().tag(sync=True)
    thickness = traitlets.Float(0.09).tag(sync=True)
    label = traitlets.Unicode("Draw a digit with the mouse or a finger. Keyboard: arrow keys move the pen, space puts it down or lifts it.").tag(sync=True)


def rasterise(strokes: Strokes, thickness: float = 0.09) -> np.ndarray:
    """Strokes as a picture in the manner of MNIST.

    The ink is scaled to fit 20×20 pixels, its proportions kept, and its centre of mass is put into the middle
    of 28×28, as LeCun et al. (1998) did.

    Parameters
    ----------
    strokes : lists of points (x, y) in [0, 1]
    thickness : float in (0, 1)
        Width of the pen, as a part of the pad's edge.

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
            p = np.asarray(stroke, dtype=float)
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
    """A pad beside what a classifier makes of the drawing: the 28×28 picture it sees and ten probabilities."""

    def __init__(self, probabilities: Callable[[np.ndarray], np.ndarray], name: str, goal: str) -> None:
        self.probabilities = probabilities
        self.read: set[int] = set()                 # digits that were read with confidence, for the target
        self.pad = Pad(strokes=SEVEN)
        clear = W.Button(description="Clear", icon="eraser", tooltip="wipe the pad")
        clear.on_click(lambda _: self.clear())
        fig, (seen, bars) = plt.subplots(1, 2, figsize=(5.2, 2.6), width_ratios=[1, 1.3])
        plots.image(seen, np.zeros((28, 28)), "what the network sees")
        self._seen = seen.images[0]
        self._bars = bars.barh(range(10), [0.0] * 10, color=plots.BLUE)
        bars.set(xlim=(0, 1), yticks=range(10), xlabel="probability", title="what it says", ylabel="digit")
        bars.invert_yaxis()
        super().__init__([], Picture(fig), name=name, goal=goal, beside=[W.VBox([self.pad, clear])])
        self.update()
        self.pad.observe(lambda _: self._guarded_update(), "strokes")

    @property
    def digit(self) -> np.ndarray:
        """What is drawn: float32 (28, 28) in [0, 1]."""
        return rasterise(self.pad.strokes, self.pad.thickness)

    def clear(self) -> None:
        self.pad.send("clear")
        self.pad.strokes = []

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
        if empty:
            self.say("The pad is empty: draw a digit.")
            return
        if p[best] > 0.5:
            self.read.add(best)
        self.reached = len(self.read) == 10
        so_far = ", ".join(map(str, sorted(self.read))) or "none"
        self.say(f"The network reads a {best}. Digits read with confidence so far: {so_far}.", note=f"probability {p[best]:.0%}")

    def _guarded_update(self) -> None:
        try:
            self.update()
        except Exception as error:
            self.complain(error)

    def sweep(self) -> list[tuple[str, Any, float]]:
        rows = []
        for label, strokes in (("empty", []), ("dot", [[[0.5, 0.5]]]), ("corner", [[[0.0, 0.0], [1.0, 1.0]]]), ("seven", SEVEN)):
            started = time.perf_counter()
            self.pad.strokes = strokes
            if self.error is not None:
                raise self.error
            rows.append(("strokes", label, 1e3 * (time.perf_counter() - started)))
        return rows


def draw_a_digit(probabilities: Callable[[np.ndarray], np.ndarray], *, name: str, goal: str = "") -> DigitReader:
    """Show a pad beside what a classifier says of the drawing, at every stroke.

    Parameters
    ----------
    probabilities : callable
        Takes float32 (28, 28) in [0, 1], ink 1; gives ten probabilities.
    name, goal : str
        As in :func:`helpers.widgets.explore`.

    Returns
    -------
    DigitReader
        Its ``digit`` is the drawing, float32 (28, 28).
    """
    reader = DigitReader(probabilities, name, goal)
    display(reader)
    return reader
