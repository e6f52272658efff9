"""The figures that do not move. Each says what is seen (plots.describe)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.plots import BLUE, GREEN, ORANGE, VERMILION

#: One colour for each model in the whole chapter.
MODEL_COLORS = {"MLP": BLUE, "CNN": VERMILION}
BAND = "band: worst to best seed"
Picture = ArrayLike | torch.Tensor


def row(pictures: Mapping[str, Picture], *, signed: Sequence[str] = (), title: str = "", limit: float | None = None,
        size: tuple[float, float] = (7.2, 2.7)) -> Figure:
    """(H, W) pictures side by side under their names; those named in signed on the map that is white at zero."""
    fig, axes = plt.subplots(1, len(pictures), figsize=size, squeeze=False)
    for ax, (name, picture) in zip(axes[0], pictures.items(), strict=True):
        plots.image(ax, picture, signed=name in signed, limit=limit if name in signed else None)
        ax.set_title(name, fontsize=10, fontweight="normal", loc="center")
        for spine in ax.spines.values():        # dark, so that a white margin of the picture ends somewhere
            spine.set(color="#333333", linewidth=1)
    if title:
        fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig


def edges(answers: Mapping[str, Picture]) -> Figure:
    """A photograph (the first), and what kernels answer to it."""
    names = list(answers)
    fig = row(answers, signed=names[1:], limit=2, title="The same window, transposed, finds other edges", size=(7.2, 2.7))
    return plots.describe(fig, "A photographer bends over a camera on a tripod; one kernel's answers draw the tripod's legs and the tower, "
                               "those of its transpose the horizon, red and blue on white.")


def stamps(pictures: Mapping[str, Picture]) -> Figure:
    """A kernel, one bright pixel, and what cross-correlation and convolution make of them."""
    fig = row(pictures, size=(7.2, 2.2), title="True convolution stamps the kernel; conv2d stamps it turned by 180°")
    return plots.describe(fig, "An L-shaped kernel, one bright pixel, the output of conv2d with the L turned by 180 degrees, and that of true convolution with the L upright.")


def as_matrix(matrix: Picture, title: str = "A convolution is a linear layer: mostly zeros, the same weights in each row") -> Figure:
    """A layer's (outputs, inputs) matrix: red above zero, blue below, white at zero."""
    fig, ax = plt.subplots(figsize=(7.2, 3.6))
    plots.image(ax, matrix, title, signed=True)
    rows, columns = plots.to_numpy(matrix).shape
    ax.set(xlabel="pixel of the picture, row by row", ylabel="place of the window", xticks=range(0, columns, 6), yticks=range(0, rows, 4))
    return plots.describe(fig, f"A matrix of {rows} rows and {columns} columns, mostly white; each row holds the same pairs of a blue and a red cell, moved to the right from row to row.")


def kernels(pictures: Mapping[str, torch.Tensor], n: int = 8) -> Figure:
    """The first n kernels of a layer before and after training: name → (K, kh, kw), all on one scale."""
    limit = max(float(k.abs().max()) for k in pictures.values())
    fig = plots.image_grid(torch.cat([k[:n] for k in pictures.values()]), columns=n, size=0.9, signed=True, limit=limit)
    fig.suptitle(f"{n} kernels {', below: '.join(pictures)} the training", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return plots.describe(fig, f"{n} kernels before training, random and pale, and the same {n} after training, stronger, several with a red and a blue side.")


def race_over_digits(n_digits: Sequence[int], accuracy: Mapping[str, np.ndarray], baseline: Sequence[float]) -> Figure:
    """Test accuracy over the number of training digits, and the lead: accuracy[name] is (len(n_digits), seeds)."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.6, 3.3), width_ratios=[1.5, 1])
    for name, values in accuracy.items():
        plots.seed_band(ax, n_digits, values.T, label=f"{name}, mean of {values.shape[1]} seeds", color=MODEL_COLORS[name], dashed=name == "MLP")
    ax.plot(n_digits, baseline, color=GREEN, linestyle=":", marker="s", markersize=4, label="nearest neighbour")
    lead = 100 * (accuracy["CNN"] - accuracy["MLP"])
    for seed in lead.T:
        bx.plot(n_digits, seed, color="#999999", linestyle="", marker="o", markersize=4)
    bx.plot(n_digits, lead.mean(1), color=plots.BLACK, marker="_", markersize=14, linestyle="-")
    bx.axhline(0, color="#777777", linewidth=1, linestyle=":")
    ax.set(ylabel="test accuracy", title="In about the same seconds")
    bx.set(ylabel="CNN minus MLP (points)", title="The lead; a dot: a seed", ylim=(min(-1.0, lead.min() - 1), lead.max() + 1))
    for a in (ax, bx):
        a.set_xscale("log")
        a.set_xticks(list(n_digits), [f"{n:,}" for n in n_digits])
        a.minorticks_off()
        a.set_xlabel("training digits")
    ax.legend(loc="lower right", title=BAND, title_fontsize=8, fontsize=8)
    trend = "shrinks" if lead.mean(1)[0] > lead.mean(1)[-1] else "does not shrink"
    return plots.describe(fig, f"Test accuracy of CNN, MLP and nearest neighbour rises with the number of training digits; the CNN's lead over the MLP {trend}.")


_PLACES = ((BLUE, "--"), (VERMILION, "-"), (ORANGE, "-."), (plots.PURPLE, "-"))


def accuracy_over_shift(shifts: Sequence[int], accuracies: Mapping[str, ArrayLike]) -> Figure:
    """The share of moved digits that is read right; accuracies[name] is (seeds, len(shifts)), up to four names."""
    fig, ax = plt.subplots(figsize=(6.4, 3.8))
    for (name, runs), (color, dash), mark in zip(accuracies.items(), _PLACES, "o^sD", strict=False):
        a = plots.to_numpy(runs)
        ax.fill_between(shifts, a.min(0), a.max(0), color=color, alpha=0.15, linewidth=0)
        ax.plot(shifts, a.mean(0), color=color, linestyle=dash, marker=mark, markersize=4, label=name)
    ax.axhline(0.1, color="#777777", linestyle=":", label="guessing")
    ax.set(xlabel="digit moved to the right (pixels)", ylabel="share read right", ylim=(0, 1.02), title="The fewer places are kept, the less a shift matters")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 0.12), title=BAND, title_fontsize=8, fontsize=8)     # under the peaks, above the line of guessing
    return plots.describe(fig, "Accuracy against the shift of the digits: the MLP's curve falls steeply from its peak, that of the CNN with 3×3 places later, "
                               "that with 2×2 later still, and that with one place stays nearly level.")


def with_and_without(accuracies: Mapping[str, Mapping[str, Sequence[float]]], before: Picture, after: Picture) -> Figure:
    """Two (H, W) pictures, before and after, and each model's test accuracy over seeds on both kinds.

    accuracies[kind][model] holds one number a seed.
    """
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.8), width_ratios=[1, 1, 1.7])
    kinds = list(accuracies)
    for ax, picture, name in zip(axes, (before, after), kinds, strict=False):
        plots.image(ax, picture)
        ax.set_title(name, fontsize=10, fontweight="normal", loc="center")
    for model, marker, nudge in (("MLP", "o", -0.08), ("CNN", "^", 0.08)):
        medians = [float(np.median(accuracies[kind][model])) for kind in kinds]
        axes[2].plot(np.arange(2) + nudge, medians, color=MODEL_COLORS[model], linestyle="--" if model == "MLP" else "-", label=model)
        for i, kind in enumerate(kinds):
            runs = accuracies[kind][model]
            axes[2].scatter(np.full(len(runs), i + nudge), runs, s=22, color=MODEL_COLORS[model], marker=marker, zorder=3)
    axes[2].set(xticks=[0, 1], xticklabels=kinds, xlim=(-0.4, 1.4), ylabel="test accuracy")
    axes[2].set_title("Only the CNN minds", loc="left")
    axes[2].set_xlabel("a mark: one seed")
    axes[2].legend(loc="lower left")
    return plots.describe(fig, "A digit, the same digit as the colleague has it (scattered dots), and the test accuracies of both kinds of network: "
                               "the MLP's stay the same, the CNN's fall below them.")
