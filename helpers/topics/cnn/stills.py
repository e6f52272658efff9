"""Chapter 02: the figures that do not move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.plots import BLUE, GREEN, ORANGE, VERMILION
from helpers.training import History

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


def as_matrix(matrix: Picture, title: str) -> Figure:
    """A layer's (outputs, inputs) matrix: red above zero, blue below, white at zero."""
    fig, ax = plt.subplots(figsize=(7.2, 3.6))
    plots.image(ax, matrix, title, signed=True)
    rows, columns = plots.to_numpy(matrix).shape
    ax.set(xlabel="pixel of the picture, row by row", ylabel="place of the window", xticks=range(0, columns, 6), yticks=range(0, rows, 4))
    return fig


def accuracy_over_time(histories: Mapping[str, Sequence[History]], cost: Mapping[str, float], baseline: float, baseline_name: str,
                       lead: float, half: float) -> Figure:
    """Validation accuracy while training: mean and band over seeds at the end of each pass, which takes cost[name] seconds.

    lead, half : float
        The CNN's mean lead and half of its interval; the title says what they tell.
    """
    fig, ax = plt.subplots(figsize=(6, 3.6))
    for name, runs in histories.items():
        curves = [h.val_accuracy for h in runs]
        seconds = cost[name] * np.arange(1, len(curves[0]) + 1)
        plots.seed_band(ax, seconds, curves, label=f"{name}, mean of {len(runs)} seeds", color=MODEL_COLORS[name], dashed=name == "MLP")
    ax.axhline(baseline, color=GREEN, linestyle=":", label=baseline_name)
    outcome = "the race stays undecided" if abs(lead) <= half else f"the small window reads {'more' if lead > 0 else 'fewer'} digits"
    ax.set(ylim=(0.8, 1.0), xlim=(0, None), xlabel="time spent training (seconds)", ylabel="validation accuracy",
           title=f"In the same seconds {outcome}")
    ax.legend(loc="lower right", title=BAND, title_fontsize=9)
    return fig


def accuracy_over_shift(shifts: Sequence[int], accuracies: Mapping[str, ArrayLike]) -> Figure:
    """Accuracy on moved digits; accuracies[name] is (seeds, len(shifts))."""
    fig, ax = plt.subplots(figsize=(6, 3.4))
    for name, runs in accuracies.items():
        plots.seed_band(ax, shifts, runs, label=f"{name}, mean", color=MODEL_COLORS[name], dashed=name == "MLP")
    ax.axhline(0.1, color="#777777", linestyle=":", label="guessing")
    ax.set(xlabel="digit moved to the right (pixels)", ylabel="test accuracy", ylim=(0, 1.02),
           title="Moved digits: the CNN bends, the MLP breaks")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 0.14), title=BAND, title_fontsize=8)       # under the peak, above the line of guessing
    return fig


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
    axes[2].legend(loc="lower left")
    return fig


def forecast(years: np.ndarray, truth: np.ndarray, forecasts: Mapping[str, np.ndarray], kernel: np.ndarray) -> Figure:
    """A learned kernel over the past years, and what it foretells beside the truth."""
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 2.8), width_ratios=[1, 2.2])
    back = np.arange(-len(kernel), 0)
    axes[0].bar(back, kernel, color=[VERMILION if w > 0 else BLUE for w in kernel])
    axes[0].axhline(0, color="black", linewidth=0.8)
    axes[0].set(xlabel="years back", ylabel="weight", title="The learned kernel", xticks=back[::-2])
    plots.curve(axes[1], truth, x=years, label="measured", color="#555555")
    for (name, values), color in zip(forecasts.items(), (VERMILION, ORANGE), strict=False):
        plots.curve(axes[1], values, x=years, label=name, color=color, dashed=True)
    axes[1].set(xlabel="year", ylabel="sunspots", title="One year ahead, on years it never saw", ylim=(0, 250))
    axes[1].legend(loc="upper left", ncols=3, fontsize=9)
    return fig
