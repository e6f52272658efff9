"""The still figures of the chapter on training."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval

STYLES = tuple(zip((plots.BLUE, plots.VERMILION, plots.GREEN, plots.BLACK, plots.PURPLE, plots.ORANGE),
                   ("-", "--", ":", "-.", (0, (5, 1, 1, 1)), (0, (3, 1))), strict=True))


def scores(paths: Mapping[str, np.ndarray]) -> Figure:
    """The score after each step of descent, a line a loss: name → (n_steps + 1,)."""
    fig, ax = plt.subplots(figsize=(6.4, 3.4))
    ax.axhspan(-8, 0, color="0.92", zorder=0)
    for (name, path), (color, style) in zip(paths.items(), STYLES, strict=False):
        ax.plot(path, color=color, linestyle=style, label=name)
    ax.set(xlabel="step", ylabel="score z (above 0: right)", ylim=(-7, 6))
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ax.set_title("At the same rate the flat loss stays where it is")
    ends = ", ".join(f"{name} at {measured(path[-1], '.1f')}" for name, path in paths.items())
    return plots.describe(fig, f"A line a loss over 100 steps, all from a score of −6; at the end stand {ends}.")


def with_intervals(results: Mapping[str, ArrayLike], quantity: str, title: str) -> Figure:
    """A dot a run, and the mean with its 95 % interval over runs: name → (n,)."""
    fig, ax = plt.subplots(figsize=(6.4, 0.5 * len(results) + 1.3))
    said = []
    runs = {name: np.asarray(values, float) for name, values in results.items()}
    for row, (name, values) in enumerate(runs.items()):
        mean, half = mean_interval(values)
        ax.plot(values, [row] * len(values), "o", color=plots.SKY, markersize=4)
        ax.errorbar(mean, row, xerr=half, fmt="D", color=plots.VERMILION, capsize=4)
        said.append(f"{name} {measured(mean, '.3f')} ± {measured(half, '.3f')}")
    ax.set(yticks=range(len(results)), yticklabels=list(results), xlabel=f"{quantity} (diamond: mean, 95 % interval over seeds)")
    ax.invert_yaxis()
    ax.set_title(title)
    n = len(next(iter(runs.values())))
    return plots.describe(fig, f"{quantity.capitalize()} of {n} networks each: {', '.join(said)}.")


def lines(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, title: str, *, xlog: bool = False, ylog: bool = False) -> Figure:
    """A marked line a name: name → (x, y)."""
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    for (name, (x, y)), (color, style) in zip(curves.items(), STYLES, strict=False):
        ax.plot(x, y, color=color, linestyle=style, marker=".", label=name)
    if xlog:
        ax.set_xscale("log")
    if ylog:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ax.set_title(title)
    ends = ", ".join(f"{name} {measured(y[-1], '.3g')}" for name, (_, y) in curves.items())
    return plots.describe(fig, f"{ylabel.capitalize()} over {xlabel}, a line each; at the right end stand {ends}.")
