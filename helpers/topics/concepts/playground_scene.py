"""The live playground: its picture, its controls and its guided steps. The picture shows what the network answers everywhere,
what each hidden unit sees, and its losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from helpers import plots
from helpers.data import TOYS
from helpers.lesson.promises import measured
from helpers.topics.concepts.playground import ACTIVATIONS, N_TRAIN, TILE, Playground
from helpers.topics.concepts.scenes import LEGEND, colored, pale
from helpers.widgets import Step, choice, slider, switch

#: The most hidden layers, and the most units in one, that the sliders offer.
MAX_DEPTH, MAX_WIDTH = 4, 12
#: The mosaic's pixels, down and across; its margin around a tile, which holds the frame.
_TALL, _WIDE, _MARGIN = 192, 384, 4
_GREY, _CHOSEN = (90, 90, 90, 255), (0, 158, 115, 255)


def mosaic(units: Sequence[np.ndarray], strengths: Sequence[np.ndarray], chosen: tuple[int, int] | None = None) -> np.ndarray:
    """One picture of all hidden units: a row a layer, each unit scaled by its own largest value.

    Parameters
    ----------
    units : list of (width, TILE, TILE) arrays, one a layer
    strengths : list of (width,) arrays
        How thick each unit's frame is, against the thickest of its layer.
    chosen : (layer, unit), counted from 0
        The unit whose frame is green.

    Returns
    -------
    uint8 (192, 384, 4)
    """
    canvas: np.ndarray = np.full((_TALL, _WIDE, 4), 255, np.uint8)
    if not units:
        return canvas
    pitch = _TALL // len(units), _WIDE // len(units[0])
    size = min(pitch) - 2 * _MARGIN
    nearest = np.arange(size) * TILE // size
    for row, (layer, strength) in enumerate(zip(units, strengths, strict=True)):
        largest = np.abs(layer).max((1, 2), keepdims=True)
        tiles = colored(layer / np.where(largest > 0, largest, 1))[:, nearest[::-1]][:, :, nearest]
        frames = np.nan_to_num(_MARGIN * strength / max(float(strength.max()), 1e-12)).round().astype(int)
        top = row * pitch[0] + (pitch[0] - size) // 2
        for column, (tile, frame) in enumerate(zip(tiles, frames, strict=True)):
            left = column * pitch[1] + (pitch[1] - size) // 2
            is_chosen = chosen == (row, column)
            t = _MARGIN if is_chosen else frame
            canvas[top - t:top + size + t, left - t:left + size + t] = _CHOSEN if is_chosen else _GREY
            canvas[top:top + size, left:left + size] = tile
    return canvas


#: From one neuron to two layers, in four stages.
STEPS = [
    Step("No hidden layer: one neuron on the circles, and a straight border.", {"data": "circles", "depth": 0, "handmade": False}, train=500,
         ask=("It trains on: will it get better?", ["yes, slowly", "no"], 1)),
    Step("With squares of the inputs, made by hand, one neuron is enough. Somebody had to know that squares help.",
         {"data": "circles", "depth": 0, "handmade": True}, train=500, light=0),
    Step("No squares, but a hidden layer of four units: the network makes features of its own.",
         {"data": "circles", "depth": 1, "width": 4, "handmade": False}, train=1000, light=1,
         ask=("Will four units in one layer also separate the spirals?", ["yes", "no"], 1)),
    Step("The spirals, two layers of eight: layer 1 sees straight borders, layer 2 bent ones, made of them.",
         {"data": "spirals", "depth": 2, "width": 8, "handmade": False}, train=2500, light=1),
]


def controls() -> dict[str, Any]:
    """The playground's controls, new ones at each call."""
    return {
        "data": choice("data set", TOYS, "spirals"),
        "noise": slider("noise (standard deviation)", 0.0, 0.4, 0.03, 0.01),
        "depth": slider("hidden layers", 0, MAX_DEPTH, 2),
        "width": slider("units in each layer", 1, MAX_WIDTH, 8),
        "activation": choice("activation", list(ACTIVATIONS), "tanh"),
        "lr": slider("learning rate", 0.001, 3.0, 0.1, log=True, tip="may be changed while it learns"),
        "weight_decay": slider("weight decay", 1e-5, 0.1, 1e-5, log=True, tip="pulls weights towards 0; may be changed while it learns"),
        "layer": slider("show: layer (0: the answer)", 0, MAX_DEPTH, 0, tip="what the large picture shows"),
        "unit": slider("show: unit", 1, MAX_WIDTH, 1, tip="from the left"),
        "handmade": switch("also give it x₁², x₂², x₁x₂", tip="features made by hand: with them, even no hidden layer separates the circles"),
    }


class _Points:
    """Training points filled, validation points hollow; moved only when the data set changes."""

    def __init__(self, ax: Axes) -> None:
        self.shown: object = None
        self.parts = []
        for label, color, marker in ((0, plots.BLUE, "o"), (1, plots.VERMILION, "^")):
            for train in (True, False):
                part = ax.scatter([], [], s=20, marker=marker, facecolors=color if train else "none",
                                  edgecolors="white" if train else color, linewidths=0.6 if train else 0.9, zorder=3)
                self.parts.append((label, train, part))

    def show(self, run: Playground) -> bool:
        """Put the run's points there; False if they are there already."""
        if self.shown is run:
            return False
        self.shown = run
        is_train = np.arange(len(run.y)) < N_TRAIN
        for label, train, part in self.parts:
            part.set_offsets(run.x[(run.y == label) & (is_train == train)])
        return True


class _Losses:
    """Two loss curves; an axis is lengthened, by twice the steps or a tenth of the loss, when they reach its end: seldom."""

    def __init__(self, ax: Axes) -> None:
        self.ax, self.end, self.low = ax, 500, 1e-3
        (self.train,) = ax.plot([], [], color=plots.BLUE, label="training")
        (self.val,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="validation (hollow points)")
        ax.set(xlim=(0, self.end), ylim=(self.low, 5), yscale="log", xlabel="steps", ylabel="loss (nats)")
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.xaxis.set_major_formatter(EngFormatter(sep=""))      # 16k: short enough for the axis's end
        ax.legend(loc="upper right", ncols=2, **LEGEND).set_zorder(1)

    def show(self, run: Playground) -> None:
        self.train.set_data(run.steps, run.train_loss)
        self.val.set_data(run.steps, run.val_loss)
        end = 500 * 2 ** max(0, int(np.ceil(np.log2(max(run.n_steps, 1) / 500))))
        low = 10.0 ** min(-3, int(np.floor(np.log10(max(min(run.train_loss, default=1.0), 1e-9)))))
        if (end, low) != (self.end, self.low):
            self.end, self.low = end, low
            self.ax.set(xlim=(0, end), ylim=(low, 5))


def playground() -> tuple[Callable[[Playground], tuple[str, bool]], Figure]:
    """The scene for ``live(Playground, *playground(), …)``; the target is the spirals with at most 12 hidden units."""
    fig = plt.figure(figsize=(9, 4.5))
    grid = fig.add_gridspec(2, 2, width_ratios=(1, 1.1), height_ratios=(1.15, 1))
    ax, upper, lower = fig.add_subplot(grid[:, 0]), fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, 1])
    surface = ax.imshow(np.zeros((2, 2, 4), np.uint8), extent=(-1, 1, -1, 1), origin="lower", zorder=0.6)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.set_title("The network's answer, or the unit you choose", zorder=-1)     # below what moves: not painted anew
    ax.grid(False)
    tiles = upper.imshow(mosaic([], []), aspect="equal", interpolation="nearest", zorder=0.6)
    upper.set(xticks=[], yticks=[], ylabel="layer 1 on top")
    upper.set_title("Units (red +, blue −); frame: outgoing weights", fontsize=10, zorder=-1)      # larger, it would be cut off
    upper.grid(False)
    upper.spines[:].set_visible(False)
    points, losses = _Points(ax), _Losses(lower)

    def draw(run: Playground) -> tuple[str, bool]:
        if run.diverged:
            return "the loss has become infinite. Lower the learning rate and press Reset.", False
        probs, units = run.picture()
        surface.set_data(pale(probs))
        tiles.set_data(mosaic(units, run.strengths(), run.shown))
        if points.show(run) and ax.get_xlim()[1] != run.span:       # a changed axis costs a full redraw
            surface.set_extent((-run.span, run.span, -run.span, run.span))
            ax.set(xlim=(-run.span, run.span), ylim=(-run.span, run.span))
        losses.show(run)
        n_units = run.depth * run.width
        reached = run.data == "spirals" and run.val_accuracy >= 0.95 and n_units <= 12 and not run.handmade
        chosen = ""
        if run.shown:
            layer, unit = run.shown
            chosen = (f"; shown is unit {unit + 1} of layer {layer + 1}, "
                      f"without which validation would be {measured(100 * run.accuracy_without(layer, unit), '.0f')} %")
        return (f"training accuracy {measured(100 * run.train_accuracy, '.0f')} %, validation accuracy {measured(100 * run.val_accuracy, '.0f')} %, "
                f"with {n_units} hidden units and {run.n_parameters} parameters{chosen}. (As code: {run!r})"), reached

    return draw, fig
