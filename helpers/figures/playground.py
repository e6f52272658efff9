"""The live playground's picture: what the network answers everywhere, what each hidden unit sees, and its losses."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import plots
from helpers.figures.concepts import LEGEND, colored, pale
from helpers.playground import N_TRAIN, TILE, Playground
from helpers.promises import measured

#: The most hidden layers, and the most units in one, that the mosaic has room for.
MAX_DEPTH, MAX_WIDTH = 4, 8
_GAP = 3


def mosaic(units: list[np.ndarray]) -> np.ndarray:
    """One picture of all hidden units: a row a layer, each unit scaled by its own largest value.

    Parameters
    ----------
    units : list of (width, TILE, TILE) arrays, one a layer

    Returns
    -------
    uint8 (MAX_DEPTH·(TILE+gap), MAX_WIDTH·(TILE+gap), 4)
    """
    pitch = TILE + _GAP
    canvas: np.ndarray = np.full((MAX_DEPTH, pitch, MAX_WIDTH, pitch, 4), 255, np.uint8)
    canvas[:, :TILE, :, :TILE, :3] = 244                # room for units that this network does not have
    canvas = canvas.reshape(MAX_DEPTH * pitch, MAX_WIDTH * pitch, 4)
    for row, layer in enumerate(units):
        largest = np.abs(layer).max((1, 2), keepdims=True)
        tiles = colored(layer / np.where(largest > 0, largest, 1))
        for column, tile in enumerate(tiles):
            canvas[row * pitch:row * pitch + TILE, column * pitch:column * pitch + TILE] = tile[::-1]
    return canvas


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
    """Two loss curves; the axis of steps doubles when they reach its end, so that it seldom changes."""

    def __init__(self, ax: Axes) -> None:
        self.ax, self.end = ax, 500
        (self.train,) = ax.plot([], [], color=plots.BLUE, label="training")
        (self.val,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="validation (hollow points)")
        ax.set(xlim=(0, self.end), ylim=(1e-3, 5), yscale="log", xlabel="updates", ylabel="loss (nats)")
        ax.legend(loc="lower left", ncols=2, **LEGEND).set_zorder(1)

    def show(self, run: Playground) -> None:
        self.train.set_data(run.steps, run.train_loss)
        self.val.set_data(run.steps, run.val_loss)
        end = 500 * 2 ** max(0, int(np.ceil(np.log2(max(run.n_steps, 1) / 500))))
        if end != self.end:
            self.end = end
            self.ax.set_xlim(0, end)


def playground() -> tuple[Callable[[Playground], tuple[str, bool]], Figure]:
    """The scene for ``live(Playground, *playground(), …)``; the target is the spirals with at most 12 hidden units."""
    fig = plt.figure(figsize=(9, 4.5))
    grid = fig.add_gridspec(2, 2, width_ratios=(1, 1.1), height_ratios=(1.15, 1))
    ax, upper, lower = fig.add_subplot(grid[:, 0]), fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, 1])
    surface = ax.imshow(np.zeros((2, 2, 4), np.uint8), extent=(-1, 1, -1, 1), origin="lower", zorder=0.6)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.set_title("What the network answers (white: undecided)", zorder=-1)      # below what moves: not painted anew
    ax.grid(False)
    tiles = upper.imshow(mosaic([]), aspect="equal", extent=(0, MAX_WIDTH, MAX_DEPTH, 0), zorder=0.6)
    upper.set(xticks=[], yticks=np.arange(MAX_DEPTH) + 0.43, yticklabels=[f"layer {i + 1}" for i in range(MAX_DEPTH)])
    upper.set_title("What each unit sees (red +, blue −)", zorder=-1)
    upper.grid(False)
    upper.spines[:].set_visible(False)
    upper.tick_params(length=0)
    points, losses = _Points(ax), _Losses(lower)

    def draw(run: Playground) -> tuple[str, bool]:
        if run.diverged:
            return "the loss has become infinite. Lower the learning rate and press Reset.", False
        probs, units = run.picture()
        surface.set_data(pale(probs))
        tiles.set_data(mosaic(units))
        if points.show(run) and ax.get_xlim()[1] != run.span:       # a changed axis costs a full redraw
            surface.set_extent((-run.span, run.span, -run.span, run.span))
            ax.set(xlim=(-run.span, run.span), ylim=(-run.span, run.span))
        losses.show(run)
        n_units = run.depth * run.width
        reached = run.data == "spirals" and run.val_accuracy >= 0.95 and n_units <= 12 and not run.handmade
        return (f"training accuracy {measured(100 * run.train_accuracy, '.0f')} %, validation accuracy {measured(100 * run.val_accuracy, '.0f')} %, "
                f"with {n_units} hidden units and {run.n_parameters} parameters."), reached

    return draw, fig
