"""The still figures of chapter 1. Each builds a figure from what the chapter has computed, and gives it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.figures.concepts import plane, surface

COLORS = (plots.BLUE, plots.VERMILION, plots.GREEN, plots.PURPLE, plots.BLACK)
DASHES = ("-", "--", "-.", ":")


def folded_plane(W1: np.ndarray, w2: np.ndarray, x: np.ndarray, y: np.ndarray) -> Figure:
    """Four ReLU units side by side, and their weighted sum with the points on it.

    Parameters
    ----------
    W1 : (4, 2), w2 : (4,)
    x, y : points (N, 2) and their classes (N,)
    """
    span = 1.2
    hidden = np.maximum(plane(span) @ W1.T, 0)
    fig, axes = plt.subplots(1, 5, figsize=(9, 2.3), width_ratios=(1, 1, 1, 1, 1.25))
    for i, ax in enumerate(axes[:4]):
        ax.imshow(hidden[:, i].reshape(60, 60), origin="lower", extent=(-span, span, -span, span), cmap="viridis", vmin=0, vmax=2.4)
        ax.set_title(f"unit {i + 1}, weight {w2[i]:+.0f}", fontsize=9, fontweight="normal")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    out = hidden @ w2
    surface(axes[4], 1 / (1 + np.exp(-4 * out)), span)
    plots.points(axes[4], x, y, size=8)
    axes[4].set_title("their sum", fontsize=9)
    axes[4].set(xticks=[], yticks=[])
    return fig


def layers_seen(layers: Sequence[np.ndarray], y: np.ndarray, scores: Sequence[float]) -> Figure:
    """The same points as each layer has them: its two principal directions, and how well one line parts them.

    Parameters
    ----------
    layers : list of (N, width) arrays
    y : (N,) classes
    scores : accuracy of a linear probe on each layer, 0 to 1
    """
    fig, axes = plt.subplots(1, len(layers), figsize=(3 * len(layers), 3.1))
    for i, (ax, a, score) in enumerate(zip(axes, layers, scores, strict=True)):
        centred = a - a.mean(0)
        _, _, directions = np.linalg.svd(centred, full_matrices=False)
        turned = centred @ directions[:2].T
        plots.points(ax, turned * np.sign(turned[0]), y, size=12)     # the sign of a principal direction is free
        where = "the input" if i == 0 else f"hidden layer {i}"
        ax.set_title(f"{where}\na line parts {score:.0%}", fontsize=10)
        ax.set(xticks=[], yticks=[], xlabel="first direction", ylabel="second direction")
        ax.grid(False)
    return fig


def probes(trained: np.ndarray, untrained: np.ndarray) -> Figure:
    """A linear probe's accuracy on each layer, one dot a seed: (seeds, layers) arrays, before and after training."""
    fig, ax = plt.subplots()
    for runs, shift, color, marker, label in ((untrained, -0.06, plots.BLUE, "o", "untrained network"), (trained, 0.06, plots.VERMILION, "^", "trained network")):
        place = np.arange(runs.shape[1]) + shift
        ax.plot(place, 100 * runs.mean(0), color=color, linestyle="--" if marker == "o" else "-")
        ax.plot(np.tile(place, (len(runs), 1)).ravel(), 100 * runs.ravel(), color=color, marker=marker, linestyle="", alpha=0.6, label=label)
    ax.axhline(50, color="0.6", linewidth=1, linestyle=":")
    ax.set(ylim=(45, 102), ylabel="validation accuracy of a line (%)", title="Training makes each layer easier to part than the last")
    ax.set_xticks(range(trained.shape[1]), ["input", *[f"hidden layer {i}" for i in range(1, trained.shape[1])]])
    ax.legend(loc="upper left")
    return fig


def four_runs(runs: Mapping[str, np.ndarray], know_nothing: float) -> Figure:
    """The loss of several runs over their updates, smoothed over 20 updates; a line where knowing nothing lies."""
    fig, ax = plt.subplots()
    for (name, losses), color, dash in zip(runs.items(), COLORS, DASHES, strict=False):
        smooth = np.convolve(losses, np.ones(20) / 20, mode="valid")
        ax.plot(np.arange(len(smooth)) + 20, smooth, color=color, linestyle=dash, label=f"run {name}")
    ax.axhline(know_nothing, color="0.6", linewidth=1, linestyle="-", zorder=1)
    ax.text(len(losses), know_nothing * 1.08, "ln 10: knows nothing", color="0.35", ha="right", fontsize=9)
    ax.set(yscale="log", xlabel="updates", ylabel="training loss (nats)", title="Four runs on the digits: one is healthy")
    ax.legend(loc="lower left")
    return fig


def over_fitting(train: np.ndarray, val: np.ndarray) -> Figure:
    """Training and validation losses of several seeds, (seeds, epochs): means as lines, extremes as bands."""
    fig, ax = plt.subplots()
    epochs = np.arange(1, train.shape[1] + 1)
    plots.seed_band(ax, epochs, train, label="training loss", color=plots.BLUE)
    plots.seed_band(ax, epochs, val, label="validation loss", color=plots.VERMILION, dashed=True)
    best = int(val.mean(0).argmin()) + 1
    ax.axvline(best, color=plots.GREEN, linestyle=":", label="lowest mean validation loss")
    ax.set(yscale="log", xlabel="epoch", ylabel="loss (nats)", title="The training loss falls on; the validation loss turns")
    ax.legend(loc="lower left")
    return fig


def two_surfaces(answers: Mapping[str, Callable[[np.ndarray], np.ndarray]], x: np.ndarray, y: np.ndarray) -> Figure:
    """Two classifiers on the same points: title → function from (N, 2) points to probabilities of class 1."""
    span = 2.2
    fig, axes = plt.subplots(1, len(answers), figsize=(4 * len(answers), 3.8), squeeze=False)
    for ax, (title, answer) in zip(axes[0], answers.items(), strict=True):
        surface(ax, answer(plane(span)), span)
        plots.points(ax, x, y, size=24)
        ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title)
    return fig


def cost(widths: Sequence[int], parameters: Mapping[int, Sequence[int]], milliseconds: Mapping[int, Sequence[float]]) -> Figure:
    """Parameters and milliseconds for one update, over the width: depth → one value for each width."""
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.7))
    for ax, table, unit, title in ((axes[0], parameters, "parameters", "Parameters: 4 times for twice the width"),
                                   (axes[1], milliseconds, "one update (milliseconds)", "Seconds grow later, and less")):
        for (depth, values), color, dash in zip(table.items(), COLORS, DASHES, strict=False):
            ax.plot(widths, values, color=color, linestyle=dash, marker="o", markersize=4, label=f"{depth} hidden layer" + "s" * (depth > 1))
        ax.set(xscale="log", yscale="log", xlabel="units in a layer", ylabel=unit, title=title)
        ax.set_xticks(list(widths), [str(w) for w in widths])
        ax.minorticks_off()
    axes[0].legend(loc="upper left", fontsize=9)
    return fig
