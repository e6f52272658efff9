"""Chapter 06: figures that do not move; each brings the sentence that says what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers import plots
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from helpers.topics.features.task import LADDER

#: One look for each kind in the whole chapter.
LOOKS: dict[str, tuple[str, str, str]] = {      # colour, line, marker
    "pixels": (BLUE, "--", "o"), "HOG": (BLACK, "-", "s"), "PCA": (SKY, ":", "v"), "autoencoder": (PURPLE, ":", "^"),
    "GRU": (ORANGE, "-.", "D"), "random CNN": ("#777777", "--", "x"), "trained CNN": (VERMILION, "-", "o"), "ImageNet": (GREEN, "-", "*"),
    "shuffled labels": ("#777777", ":", "+"), "rebuilt": (PURPLE, ":", "^"), "copies": (SKY, "-", "v"), "frozen": (VERMILION, "-", "o"), "fine-tuned": (GREEN, "--", "s"), "end to end": (BLUE, "-.", "^")}


def curves(runs: Mapping[str, np.ndarray], title: str, ladder: Sequence[int] = LADDER, least: float = 0.45, bands: Sequence[str] | None = None) -> Figure:
    """Accuracy against labels: means as lines; for those in bands (all if None) the worst and best of the draws as bands."""
    fig, ax = plt.subplots(figsize=(7.2, 4))
    for name, values in runs.items():
        color, dash, marker = LOOKS[name]
        if bands is None or name in bands:
            ax.fill_between(ladder, values.min(0), values.max(0), color=color, alpha=0.15, linewidth=0)
        ax.plot(ladder, values.mean(0), color=color, linestyle=dash, marker=marker, markersize=5, label=f"{name}, {values[:, -1].mean():.2f} at {ladder[-1]:,}")
    ax.set(xscale="log", xlabel="labels (of all five new digits together)", ylabel="test accuracy", ylim=(least, 1),
           xticks=ladder, xticklabels=[f"{n:,}" for n in ladder], title=title)
    ax.minorticks_off()
    ax.legend(loc="lower right", fontsize=8)
    return fig


def bars_with_dots(groups: Mapping[str, np.ndarray], title: str, ylabel: str = "test accuracy", least: float = 0.5) -> Figure:
    """One bar a name at the mean, one dot a run."""
    fig, ax = plt.subplots(figsize=(6, 3.2))
    for i, (name, values) in enumerate(groups.items()):
        color = LOOKS.get(name, (BLUE, "", ""))[0]
        ax.bar(i, values.mean() - least, bottom=least, color=color, alpha=0.55, width=0.6)
        ax.scatter(np.full(len(values), i) + np.linspace(-0.12, 0.12, len(values)), values, color="black", s=12, zorder=3)
    ax.set(xticks=range(len(groups)), xticklabels=list(groups), ylabel=ylabel, ylim=(least, 1), title=title)
    ax.grid(axis="x", visible=False)
    return fig


def layer_lines(layers: Sequence[int], accuracies: Mapping[str, Sequence[float]], title: str, chosen: int) -> Figure:
    """Probe accuracy at each layer of the pretrained network, one line a number of labels."""
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    for (name, values), color, marker in zip(accuracies.items(), (VERMILION, BLUE, GREEN), "os^", strict=False):
        ax.plot(layers, values, color=color, linestyle="--" if name == "untrained" else "-", marker=marker, markersize=4, label=name)
    ax.axvline(chosen, color=BLACK, linestyle=":", linewidth=1)
    ax.set(xlabel="layer of the pretrained network", ylabel="accuracy on old digits", xticks=layers, title=title, ylim=(0.3, 1))
    ax.legend(loc="lower right")
    return fig


def picture_rows(rows: Mapping[str, torch.Tensor], title: str, columns: int = 10, signed: bool = False) -> Figure:
    """Rows of (N, 1, H, W) pictures under one another, each with its name."""
    fig, axes = plt.subplots(len(rows), columns, figsize=(7.2, 0.9 * len(rows) + 0.4), squeeze=False)
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(line, plots.to_numpy(pictures)[:columns], strict=False):
            plots.image(ax, picture[0], signed=signed)
        for ax in line[len(pictures):]:
            ax.axis("off")
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig
