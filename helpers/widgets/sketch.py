"""draw_curve(): the reader draws the curve that is to be measured; then the measured one appears over it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from IPython.display import display
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.lesson import progress
from helpers.lesson.promises import measured
from helpers.runtime import is_strict
from helpers.widgets.options import plain, rich
from helpers.widgets.panel import Panel
from helpers.widgets.picture import Picture
from helpers.widgets.tell import tell

#: How many heights a drawn curve has.
COLUMNS = 101
Axis = tuple[str, float, float]


class Canvas(anywidget.AnyWidget):
    """The axes to draw in; ``heights`` holds the curve, from 0 to 1, None where nothing is drawn."""

    _esm = Path(__file__).with_name("sketch.js")
    heights: Any = traitlets.List([None] * COLUMNS).tag(sync=True)
    measured: Any = traitlets.List().tag(sync=True)
    x: Any = traitlets.Dict().tag(sync=True)
    y: Any = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)


class Scale:
    """One axis: its label and ends, and the way between values and shares of the axis."""

    def __init__(self, axis: Axis, log: bool) -> None:
        self.label, self.low, self.high, self.log = str(axis[0]), float(axis[1]), float(axis[2]), log
        if not self.low < self.high or not math.isfinite(self.high - self.low):
            raise ValueError(f"axis {self.label!r}: its low end must lie below its high end, got {self.low} and {self.high}")
        if log and self.low <= 0:
            raise ValueError(f"axis {self.label!r}: a log axis must start above 0, got {self.low}")

    def share(self, values: ArrayLike) -> np.ndarray:
        """Values as shares of the axis: 0 at its low end, 1 at its high end."""
        v: np.ndarray = np.asarray(values, dtype=float)
        if not self.log:
            return (v - self.low) / (self.high - self.low)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(v / self.low) / math.log(self.high / self.low)

    def value(self, shares: ArrayLike) -> np.ndarray:
        """The inverse of :meth:`share`."""
        s: np.ndarray = np.asarray(shares, dtype=float)
        return self.low * (self.high / self.low) ** s if self.log else self.low + s * (self.high - self.low)

    @property
    def model(self) -> dict[str, Any]:
        return {"label": self.label, "low": self.low, "high": self.high, "log": self.log}


class Sketch(Panel):
    """Axes in which the reader draws; :meth:`compare` lays the measured curve over the drawn one. See :func:`draw_curve`."""

    def __init__(self, question: str, x: Scale, y: Scale) -> None:
        self.question, self.x, self.y = question, x, y
        before = progress.recorded("sketch").get(question, {}).get("heights", [])
        self.canvas = Canvas(heights=before if len(before) == COLUMNS else [None] * COLUMNS, x=x.model, y=y.model,
                             label=f"Draw {y.label} over {x.label} with the mouse or a finger. Keyboard: left and right draw along, up and down change the height here, Delete wipes.")
        self.clear_button = W.Button(description="Clear", icon="eraser", tooltip="wipe your curve")
        self.clear_button.on_click(lambda _: self.clear())
        super().__init__([W.HTML(f"<b>{rich(question)}</b>"), self.canvas, self.clear_button], name=f"draw: {plain(question)}")
        self.canvas.observe(lambda _: self._drawn(), "heights")
        self._say()

    @property
    def heights(self) -> np.ndarray:
        """What is drawn, (COLUMNS,) shares of the y axis; NaN where nothing is."""
        return np.array([np.nan if h is None else h for h in self.canvas.heights], dtype=float)

    @property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn, as x and y values; two empty arrays if nothing is."""
        heights, shares = self.heights, np.linspace(0, 1, COLUMNS)
        there = ~np.isnan(heights)
        return self.x.value(shares[there]), self.y.value(heights[there])

    def clear(self) -> None:
        self.canvas.heights = [None] * COLUMNS

    def _drawn(self) -> None:
        progress.record("sketch", self.question, {"heights": list(self.canvas.heights)})
        self._say()

    def _say(self) -> None:
        x, y = self.curve
        self.say("Draw your curve, then run on." if not len(x) else
                 f"You drew: {self.y.label} from {y[0]:.3g} at {x[0]:.3g} to {y[-1]:.3g} at {x[-1]:.3g}. Now run on, and see.")

    def compare(self, x: ArrayLike, y: ArrayLike) -> None:
        """Show the measured curve over the drawn one, and say how far they lie apart.

        Parameters
        ----------
        x, y : array-like (n,)
            What was measured; values that are not finite are left out.

        Raises
        ------
        ValueError
            In the build and in the tests, if x and y are no two arrays of one length, with a point within the axes.
        """
        try:
            u, v = self._as_shares(x, y)
        except ValueError as error:
            if is_strict():
                raise
            tell(f"{error}")
            return
        self.canvas.measured = [[float(a), float(b)] for a, b in zip(u, v, strict=True)]
        words = self.distance(u, v)
        plots.show(self._figure(u, v), alt=words)
        tell(words)

    def _as_shares(self, x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        a, b = (np.asarray(plots.to_numpy(values), dtype=float) for values in (x, y))
        if a.ndim != 1 or a.shape != b.shape:
            raise ValueError(f"compare(x, y) needs two arrays of one length, got shapes {a.shape} and {b.shape}")
        u, v = self.x.share(a), self.y.share(b)
        keep_these = np.isfinite(u) & np.isfinite(v)
        order = np.argsort(u[keep_these], kind="stable")
        if not len(order) or u[keep_these].max() < 0 or u[keep_these].min() > 1:
            raise ValueError(f"compare(x, y): no measured point lies within the axis of {self.x.label}")
        return u[keep_these][order], v[keep_these][order]

    def distance(self, u: np.ndarray, v: np.ndarray) -> str:
        """How far the drawn curve lies from the measured one, given in shares of the axes, in words."""
        columns, drawn = np.linspace(0, 1, COLUMNS), self.heights
        both = ~np.isnan(drawn) & (columns >= u[0] - 1e-9) & (columns <= u[-1] + 1e-9)
        if not both.any():
            return f"The measured curve of {self.y.label}. (You drew none: draw one above, then run this cell again.)"
        found = np.interp(columns, u, v)
        gap = drawn - np.clip(found, 0, 1)          # what leaves the axes could not be drawn
        away = float(np.abs(gap[both]).mean())
        far = int(np.argmax(np.where(both, np.abs(gap), -1)))
        close = "very close" if away < 0.03 else "close" if away < 0.1 else "some way off" if away < 0.25 else "far off"
        side = "above" if gap[both].mean() > 0 else "below"
        return (f"Your curve is {close}: on average {self._apart(away)} {side} the measured one. Farthest apart at {self.x.label} "
                f"{measured(self.x.value(columns[far]), '.3g')}: you drew {measured(self.y.value(drawn[far]), '.3g')}, the run gave {measured(self.y.value(found[far]), '.3g')}.")

    def _apart(self, share: float) -> str:
        if self.y.log:
            return f"a factor of {measured((self.y.high / self.y.low) ** share, '.2g')}"
        return f"{measured(share * (self.y.high - self.y.low), '.2g')} ({measured(100 * share, '.0f')} % of the axis)"

    def _figure(self, u: np.ndarray | None = None, v: np.ndarray | None = None) -> Figure:
        fig, ax = plt.subplots(figsize=(5.6, 3))
        x, y = self.curve
        if len(x):
            ax.plot(x, y, color=plots.ORANGE, linewidth=4, linestyle="-", label="you drew")
        if u is not None and v is not None:
            ax.plot(self.x.value(u), self.y.value(v), color=plots.BLUE, linestyle="--", marker="o" if len(u) < 40 else "", markersize=4, label="measured")
        ax.set(xlabel=self.x.label, ylabel=self.y.label, xscale="log" if self.x.log else "linear", yscale="log" if self.y.log else "linear",
               xlim=(self.x.low, self.x.high), ylim=(self.y.low, self.y.high))
        if ax.lines:
            ax.legend()
        return fig

    def still(self) -> bytes:
        still = Picture(self._figure())             # the empty axes, or what is drawn
        still.paint()
        return bytes(still.value)

    def sweep(self) -> list[tuple[str, object, float]]:
        rows: list[tuple[str, object, float]] = []
        before = self.canvas.heights
        for name, heights in (("nothing", [None] * COLUMNS), ("a point", [0.5] + [None] * (COLUMNS - 1)), ("a line", list(np.linspace(1, 0, COLUMNS)))):
            started = time.perf_counter()
            self.canvas.heights = heights
            rows.append(("curve", name, 1e3 * (time.perf_counter() - started)))
        self.canvas.heights = before
        return rows


def draw_curve(question: str, x: Sequence[Any], y: Sequence[Any], *, xlog: bool = False, ylog: bool = False) -> Sketch:
    """Let the reader draw a curve before it is measured; afterwards ``sketch.compare(x, y)`` shows both, and how far apart they are.

    The curve is kept by the question's text: it stands when the cell is run again, and on another day.

    Parameters
    ----------
    question : str
    x, y : (label, low, high)
        The axes: ``("epoch", 0, 10)``.
    xlog, ylog : bool
        Powers of ten.

    Raises
    ------
    ValueError
        If an axis has no length, or a log axis reaches 0.

    Source
    ------
    Y.-S. Kim, K. Reinecke, J. Hullman, "Explaining the gap: visualizing one's predictions improves recall and comprehension
    of data", CHI 2017, doi:10.1145/3025453.3025592.
    """
    sketch = Sketch(question, Scale((x[0], x[1], x[2]), xlog), Scale((y[0], y[1], y[2]), ylog))
    display(sketch)
    return sketch
