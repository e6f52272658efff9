"""Chapter 03: pictures that stand still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.plots import BLACK, BLUE, COLORS, GREEN, VERMILION, describe


def contributions(shares: np.ndarray) -> Figure:
    """Bars: how much each step adds to the gradient, (T,) norms."""
    fig, ax = plt.subplots(figsize=(6.4, 2.8))
    ax.bar(np.arange(1, len(shares) + 1), shares, color=VERMILION)
    ax.set(xlabel="step t", ylabel=r"norm of $δ_t\,h_{t-1}^⊤$", xticks=range(1, len(shares) + 1), title="The last few steps make nearly all of the gradient")
    ax.grid(axis="x", visible=False)
    return describe(fig, f"Bars over {len(shares)} steps: the norm of each step's part of the gradient is near zero for the first steps "
                 "and rises steeply towards the last ones.")


def two_curves(losses: np.ndarray, norms: np.ndarray, baseline: float) -> Figure:
    """Loss and norm of the gradient, step by step, of one training; both on logarithmic scales."""
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3))
    for ax, values, label, color in zip(axes, (losses, norms), ("loss", "norm of the gradient"), (BLUE, VERMILION), strict=True):
        plots.curve(ax, values, label=label, color=color)
        ax.set(yscale="log", xlabel="step of training", ylabel=label)
        ax.set_ylim(top=min(ax.get_ylim()[1], 1e5))
    axes[0].axhline(baseline, color=BLACK, linestyle="--", linewidth=1.2, label="always answer 0")
    axes[0].legend(loc="upper left")
    said = "stay in the picture" if (losses < 1e5).all() else "rise together without end and leave the picture"
    fig.suptitle("One training run: loss and gradient", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return describe(fig, f"Two jagged curves over the steps of training: loss and norm of the gradient {said}.")


def before_and_after(losses: Mapping[str, np.ndarray], baseline: float) -> Figure:
    """Losses (steps, seeds) of up to three ways to train; thin lines for single networks, a bold one for their median."""
    fig, axes = plt.subplots(1, len(losses), figsize=(7.4, 3), sharey=True)
    for ax, (name, runs), color in zip(axes, losses.items(), (VERMILION, BLUE, GREEN), strict=False):
        steps = np.arange(1, len(runs) + 1)
        ax.plot(steps, runs, color=color, linewidth=0.6, alpha=0.5, linestyle="-")
        ax.plot(steps, np.nanmedian(runs, 1), color=color, linewidth=2.2, linestyle="-")
        ax.axhline(baseline, color=BLACK, linestyle="--", linewidth=1.2)
        ax.set(yscale="log", xlabel="step of training", title=name, ylim=(0.05, 100))
    axes[0].set_ylabel("loss (bold: the median)")
    axes[0].text(len(runs), 1.08 * baseline, "always answer 0", ha="right", va="bottom", fontsize=8)
    return describe(fig, "Losses of single networks over the steps of training, three times: at the high rate some are thrown far above the "
                 "dashed line of always answering 0; clipped, or at a fifth of the rate, all sink below it.")


def memory_race(lengths: Sequence[int], accuracies: Mapping[str, np.ndarray]) -> Figure:
    """Test accuracy against the length to be remembered: (seeds, lengths) of each kind, dots for single networks."""
    fig, ax = plt.subplots(figsize=(7, 3.8))
    for i, ((name, runs), color, marker) in enumerate(zip(accuracies.items(), COLORS, "os^", strict=False)):
        at = np.array(lengths) + (i - 1) * 0.8
        ax.plot(np.tile(at, (len(runs), 1)).T, runs.T, marker, color=color, alpha=0.45, markersize=6)
        ax.plot(at, np.median(runs, 0), color=color, marker=marker, linestyle=("-", "--", "-.")[i], label=name)
    ax.axhline(0.5, color=BLACK, linestyle=":", linewidth=1.2)
    ax.text(lengths[0] - 1.5, 0.512, "chance", va="bottom", fontsize=9)
    ax.set(xlabel="length of the series (steps)", ylabel="test accuracy", xticks=list(lengths), yticks=[0.5, 0.6, 0.7, 0.8, 0.9, 1], ylim=(0.42, 1.12),
           title="Over 40 steps open-gated LSTMs remember, default ones never")
    ax.legend(loc="upper center", ncols=3)
    return describe(fig, "Test accuracy against length, dots for single networks: at 10 steps all three kinds are right; from 20 on the default "
                 "LSTMs lie at chance; at 40 so do some plain RNNs, while most LSTMs whose forget gates begin open stay at 1.")
