"""Figures to play with, faces and gestures: thresholds over windows, and a pad that reads a stroke while it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
import torch
import traitlets
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.detection.boxes import Detections, iou
from helpers.topics.detection.faces import PORTRAITS, photo, thumbnail
from helpers.topics.detection.scenes_boxes import outline, put
from helpers.topics.detection.strokes import NAMES, PAD, Dollar, Reader, gestures, moves
from helpers.widgets.pad import Pad
from helpers.widgets.steps import Step

MOST = 90
#: The IoU from which a box is said to lie on the face: windows are square, and a head is not.
NEAR = 0.3
#: So many windows are looked at in the figure of base rates.
WINDOWS = 16_200
RATE_STEPS = [
    Step("100 windows, 1 face among them, 1 false alarm in 100: about as many faces as false alarms.", {"windows": 100, "rate": 0.01}, light=0,
         ask=("16,200 windows, the same detector. How many false alarms?", ["about 1", "about 16", "about 160"], 2)),
    Step("One photograph: the face is lost in its false alarms, though 99 of 100 windows are judged right.", {"windows": WINDOWS, "rate": 0.01}, light=0),
    Step("One false alarm in 10,000 windows: now every second or third box is a face.", {"windows": WINDOWS, "rate": 0.0001}, light=1,
         ask=("How many patches without a face must be judged right in a row to show such a rate?", ["about 100", "10,000 and more"], 1)),
]


def base_rates() -> tuple[Callable[[int, float], tuple[str, bool]], Figure]:
    """Controls: windows (of one photograph with one face), rate (false alarms a window). The target: a precision of 0.5 at 16,200 windows."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.0, 3.1))
    bars = ax.bar(["face", "false alarms"], [1, 1], color=[plots.BLUE, plots.VERMILION])        # from 0.1, as log10: such axes repaint sooner
    ax.set(ylim=(0, 5.5), ylabel="boxes on one photograph", yticks=range(6), yticklabels=["0.1", "1", "10", "100", "1,000", "10,000"])
    plots.quiet_title(ax, "One face, all windows looked at")
    powers = np.linspace(-6, -1, 60)
    (curve,) = bx.plot([], [], color=plots.BLACK)
    (here,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=9)
    bx.set(ylim=(0, 1.05), xlim=(-6.1, -0.9), xlabel="false alarms a window", ylabel="precision: share of boxes on a face",
           xticks=range(-6, 0), xticklabels=["1 in 10⁶", "", "1 in 10⁴", "", "1 in 100", ""])
    plots.quiet_title(bx, "Precision, for this many windows")

    def draw(windows: int, rate: float) -> tuple[str, bool]:
        alarms = rate * (windows - 1)
        bars[1].set_height(max(np.log10(10 * alarms), 0))
        curve.set_data(powers, 1 / (1 + 10**powers * (windows - 1)))
        precision = 1 / (1 + alarms)
        here.set_data([np.log10(rate)], [precision])
        return (f"{windows:,} windows, {rate:.6f} false alarms a window: {alarms:.1f} false alarms beside one face, precision {precision:.2f}.",
                windows >= WINDOWS and precision >= 0.5)

    return draw, fig


def face_boxes(found: Mapping[str, Mapping[str, Detections]]) -> tuple[Callable[[str, str, float], tuple[str, bool]], Figure]:
    """Controls: photograph, training (a key of found), logit (the least that counts). The target: the face, and at most five other boxes, in both portraits alike.

    Parameters
    ----------
    found : training → photograph → detections, the least logit 0
    """
    names = list(next(iter(found.values())))
    fig, ax = plt.subplots(figsize=(4.4, 3.9))
    plots.picture_frame(ax, "Blue: the face. Orange: said to be one")
    image = ax.imshow(np.zeros((8, 8)), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    true, said = outline(ax, 1, plots.SKY, "-", 3), outline(ax, MOST, plots.VERMILION, "--", 1.4)
    shown = ""

    def counted(training: str, name: str, logit: float) -> tuple[Detections, bool]:
        d = found[training][name].above(logit)
        hit = name in PORTRAITS and bool(len(d.boxes)) and bool((iou(d.boxes, PORTRAITS[name]) > NEAR).any())
        return d, hit

    def draw(photograph: str, training: str, logit: float) -> tuple[str, bool]:
        nonlocal shown
        picture = photo(photograph)
        if photograph != shown:
            h, w = picture.shape
            image.set(data=thumbnail(picture), extent=(-0.5, w - 0.5, h - 0.5, -0.5))
            ax.set(xlim=(-0.5, w - 0.5), ylim=(h - 0.5, -0.5))
            put(true, PORTRAITS[photograph][None] if photograph in PORTRAITS else np.zeros((0, 4)))
            shown = photograph
        d, hit = counted(training, photograph, logit)
        put(said, d.boxes[:MOST])
        both = [counted(training, name, logit) for name in PORTRAITS if name in names]
        face = f"{'one of them on the face' if hit else 'none on the face'}" if photograph in PORTRAITS else "there is no face here"
        return (f"{photograph}, {training}, logits above {logit:.1f}: {measured(str(len(d.boxes)))} boxes, {face if photograph not in PORTRAITS else measured(face)}.",
                all(h and len(b.boxes) <= 6 for b, h in both))

    return draw, fig


# ---------------------------------------------------------------- gestures

Stroke = tuple[tuple[float, float], ...]


class GesturePad(W.HBox):
    """A pad for one stroke, a list of ready ones, and a button that clears it; ``value`` is the stroke: points (x, y) from 0 to 1."""

    value = traitlets.Tuple()

    def __init__(self, seed: int = 5) -> None:
        strokes, y = gestures(len(NAMES), seed)
        self._options_full = [(NAMES[k], _frozen(s / PAD)) for s, k in zip(strokes, y, strict=True)]
        self.pad = Pad(strokes=[list(map(list, self._options_full[0][1]))], thickness=0.02, layout={"width": "200px"},
                       label="Draw one gesture with the mouse or a finger. Keyboard: arrow keys move the pen, space puts it down or lifts it.")
        self.ready = W.Dropdown(options=[(name, i) for i, (name, _) in enumerate(self._options_full)], description="show me a", tooltip="a ready stroke",
                                style={"description_width": "70px"}, layout={"width": "210px"})
        clear = W.Button(description="Clear", icon="eraser", tooltip="wipe the pad and draw your own", layout={"width": "110px"})
        super().__init__([self.pad, W.VBox([self.ready, clear])], layout=W.Layout(width="min(480px, 100%)"))
        self.value = self._options_full[0][1]
        self.ready.observe(lambda change: self.set_trait("value", self._options_full[change["new"]][1]), "value")
        clear.on_click(lambda _: self.set_trait("value", ()))
        self.pad.observe(self._drawn, "strokes")

    def _drawn(self, change: dict[str, Any]) -> None:
        self.value = _frozen(change["new"][-1]) if change["new"] else ()

    @traitlets.observe("value")
    def _put(self, change: dict[str, Any]) -> None:
        shown = self.pad.strokes[-1] if self.pad.strokes else []
        if _frozen(shown) != change["new"]:
            self.pad.strokes = [[list(point) for point in change["new"]]] if change["new"] else []


def _frozen(points: Any) -> Stroke:
    return tuple((float(x), float(y)) for x, y in points)


def reading(model: Reader, dollar: Dollar) -> tuple[Callable[[Stroke, int], tuple[str, bool]], Figure]:
    """Controls: stroke (GesturePad), part (how much of it is drawn, in per cent). The target: the GRU is right about half a stroke, and $1 is not."""
    fig, (ax, bx, cx) = plt.subplots(1, 3, figsize=(8.8, 3.3), width_ratios=[0.9, 1, 1])
    ax.set(xlim=(0, 1), ylim=(1, 0), aspect="equal")
    plots.picture_frame(ax, "the stroke; dark: drawn")
    (whole,) = ax.plot([], [], color="0.8", linewidth=2)
    (drawn,) = ax.plot([], [], color=plots.BLACK, linewidth=2.5)
    (begin,) = ax.plot([], [], "o", color=plots.GREEN, markersize=7)
    rows = []
    for axes, title in ((bx, "GRU: probability"), (cx, "$1: nearness")):
        rows.append(axes.barh(range(16), [0.0] * 16, color=plots.BLUE))
        axes.set(xlim=(0, 1), yticks=range(16))
        axes.set_yticklabels(NAMES if axes is bx else [], fontsize=7)
        axes.invert_yaxis()
        plots.quiet_title(axes, title.replace("$", r"\$"))

    def draw(stroke: Stroke, part: int) -> tuple[str, bool]:
        points = np.array(stroke, float).reshape(-1, 2) * PAD
        n = max(2, round(len(points) * part / 100))
        if len(points) < 3:
            for bars in rows:
                for bar in bars:
                    bar.set_width(0)
            for line in (whole, drawn, begin):
                line.set_data([], [])
            return "Nothing is drawn yet: press in the pad, and draw one gesture.", False
        seen = points[:n]
        with torch.no_grad():
            p = model(torch.from_numpy(moves(seen)).float()[None])[0, -1].softmax(-1).numpy()
        far = dollar.distances(seen)
        near = np.array([np.exp(-8 * far[dollar.y == k].min()) for k in range(16)])
        for bars, values in zip(rows, (p, near), strict=True):
            for k, bar in enumerate(bars):
                bar.set_width(float(values[k]))
                bar.set_facecolor(plots.VERMILION if k == values.argmax() else plots.BLUE)
        whole.set_data(*(points / PAD).T)
        drawn.set_data(*(seen / PAD).T)
        begin.set_data(*(points[:1] / PAD).T)
        gru, one = NAMES[int(p.argmax())], NAMES[int(near.argmax())]
        return (f"{part} % of {len(points)} points drawn: the GRU says {measured(gru)} ({measured(float(p.max()), '.2f')}), $1 says {measured(one)}.",
                part <= 50 and gru != one)

    return draw, fig

