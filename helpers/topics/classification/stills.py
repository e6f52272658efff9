"""The still figures of the chapter on classification."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.classification.harm import AMOUNTS, UNITS
from helpers.topics.classification.page import for_the_page

STYLES = ((plots.BLUE, "-", "o"), (plots.VERMILION, "--", "s"), (plots.GREEN, ":", "^"), (plots.BLACK, "-.", "D"))


def photograph(photo: np.ndarray) -> Figure:
    """The photograph of a page."""
    fig, ax = plt.subplots(figsize=(5.6, 4.1))
    ax.imshow(for_the_page(photo), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    plots.picture_frame(ax, "A sheet with 48 digits, as a camera sees it")
    return plots.describe(fig, "A sheet with six rows of eight handwritten digits, lying askew on a dark brick wall; one side is much darker than the other.")


def left_out(table: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """The share of digits read with each step left out: step → reader → (n_seeds,)."""
    fig, ax = plt.subplots(figsize=(6.6, 3.8))
    readers = list(next(iter(table.values())))
    said = []
    for row, (step, by) in enumerate(table.items()):
        for k, (reader, (color, _, marker)) in enumerate(zip(readers, STYLES, strict=False)):
            ax.plot(by[reader], np.full(len(by[reader]), row + 0.22 * (k - 0.5)), linestyle="none", marker=marker, color=color, markersize=6, alpha=0.8,
                    label=reader if row == 0 else None)
        said.append(f"{step} " + ", ".join(f"{measured(np.mean(by[reader]), '.2f')} ({reader})" for reader in readers))
    ax.set(yticks=range(len(table)), yticklabels=list(table), xlim=(0, 1), xlabel="share of digits read")
    ax.invert_yaxis()
    ax.legend(fontsize=8, frameon=True, framealpha=1, loc="center left", bbox_to_anchor=(0.02, 0.6))
    ax.set_title("Each step left out in turn")
    return plots.describe(fig, f"A row a step that is left out, with the share of digits read; means: {'; '.join(said)}.")


def robustness(table: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Accuracy over severity 0 … 5, one panel a corruption: corruption → network → (n_seeds, 6)."""
    fig, axes = plt.subplots(1, len(table), figsize=(11, 2.9), sharey=True)
    said = []
    for ax, (harm, by) in zip(axes, table.items(), strict=True):
        for (name, runs), (color, line, marker) in zip(by.items(), STYLES, strict=False):
            plots.seed_band(ax, range(6), runs, label=name, color=color)
            ax.lines[-1].set(linestyle=line, marker=marker, markersize=4)
        unit = UNITS[harm].format(AMOUNTS[harm][2])
        ax.set(xticks=range(6), xlabel="severity", ylim=(0, 1.02), title=harm)
        said.append(f"{harm} ({unit}) " + ", ".join(f"{name} {measured(runs[:, 3].mean(), '.2f')}" for name, runs in by.items()))
    axes[0].set_ylabel("accuracy")
    axes[0].legend(fontsize=7, frameon=True, framealpha=1, loc="lower left")
    return plots.describe(fig, f"Accuracy over severity, a panel a corruption, a line a network. At severity 3: {'; '.join(said)}.")
