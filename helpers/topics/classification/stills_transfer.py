"""The still figures of the lesson on transfer, strangers and three tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers import plots
from helpers.data import XY
from helpers.data.materials import MATERIALS
from helpers.lesson.promises import measured

LOOKS = ((plots.BLUE, "-", "o"), (plots.VERMILION, "--", "s"), (plots.GREEN, ":", "^"), (plots.BLACK, "-.", "D"), (plots.ORANGE, "-", "v"))


def patches(train: XY, test: XY) -> Figure:
    """One training patch and one test patch of each material."""
    fig, axes = plt.subplots(2, len(MATERIALS), figsize=(11, 2.3))
    for k, name in enumerate(MATERIALS):
        for row, (x, y) in enumerate((train, test)):
            axes[row, k].imshow(x[(y == k).nonzero()[0, 0]].permute(1, 2, 0).numpy())
            plots.picture_frame(axes[row, k], name if row == 0 else "", fontsize=8)
    return plots.describe(fig, f"Two rows of small pictures, from the left and from the right half of twelve photographs: {', '.join(MATERIALS)}.")


def against_labels(tables: Mapping[str, Mapping[str, np.ndarray]], labels: Sequence[int]) -> Figure:
    """Accuracy against labels a class, a panel a colour: colour → kind → (n_seeds, len(labels)); each seed is a point."""
    fig, axes = plt.subplots(1, len(tables), figsize=(9, 3.6), sharey=True)
    said = []
    for ax, (colour, table) in zip(axes, tables.items(), strict=True):
        for (kind, runs), (color, line, marker) in zip(table.items(), LOOKS, strict=False):
            ax.plot(labels, runs.mean(0), color=color, linestyle=line, label=kind)
            for run in runs:
                ax.plot(labels, run, color=color, linestyle="none", marker=marker, markersize=4, alpha=0.7)
        ax.set(xscale="log", xticks=labels, xticklabels=labels, ylim=(0, 1), xlabel="labels a material", title=f"in {colour}")
        ax.minorticks_off()
        said.append(f"in {colour}, with {labels[-1]} labels, " + ", ".join(f"{kind} {measured(runs[:, -1].mean(), '.2f')}" for kind, runs in table.items()))
    axes[0].set_ylabel("accuracy, right halves")
    axes[-1].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.02, 1))
    n = len(next(iter(next(iter(tables.values())).values())))
    return plots.describe(fig, f"Accuracy against labels, a line a kind of features, {n} points (seeds) at each place; means: {'; '.join(said)}.")


def how_sure(table: Mapping[str, Mapping[str, float]]) -> Figure:
    """Mean sureness: kind of picture → reader → value."""
    fig, ax = plt.subplots(figsize=(6.6, 3.1))
    readers = list(next(iter(table.values())))
    for k, (reader, (color, _, marker)) in enumerate(zip(readers, LOOKS, strict=False)):
        ax.plot([row[reader] for row in table.values()], np.arange(len(table)) + 0.2 * (k - 1), linestyle="none", marker=marker, color=color, label=reader)
    ax.set(yticks=range(len(table)), yticklabels=list(table), xlim=(0, 1.02), xlabel="mean probability of the answer")
    ax.invert_yaxis()
    ax.legend(fontsize=8, loc="center left")
    ax.set_title("How sure of what?")
    said = "; ".join(f"{kind} " + ", ".join(f"{reader} {measured(value, '.2f')}" for reader, value in row.items()) for kind, row in table.items())
    return plots.describe(fig, f"The mean sureness, a row a kind of picture, a mark a reader: {said}.")


def strangers(pictures: Mapping[str, torch.Tensor], n: int = 8) -> Figure:
    """A row a kind of picture."""
    fig, axes = plt.subplots(len(pictures), n, figsize=(6.4, 0.85 * len(pictures)))
    for row, (kind, x) in zip(axes, pictures.items(), strict=True):
        for ax, picture in zip(row, x[:n, 0].numpy(), strict=True):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
            plots.picture_frame(ax, "")
        row[0].text(-6, 14, kind, ha="right", va="center", fontsize=9)
    return plots.describe(fig, f"Rows of small grey pictures: {', '.join(pictures)}.")
