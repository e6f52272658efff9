"""The still figures of the chapter on evaluation."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.lesson.promises import measured

STYLES = tuple(zip((plots.BLUE, plots.VERMILION, plots.GREEN, plots.BLACK, plots.PURPLE, plots.ORANGE),
                   ("-", "--", ":", "-.", (0, (5, 1, 1, 1)), (0, (3, 1))), strict=True))


def dots(results: Mapping[str, ArrayLike], quantity: str, title: str) -> Figure:
    """A row of dots a name, one dot a run, and a bar of one standard deviation around the mean: name → (n,)."""
    runs = {name: np.asarray(values, float) for name, values in results.items()}
    fig, ax = plt.subplots(figsize=(6.4, 0.5 * len(runs) + 1.3))
    said = []
    for row, (name, values) in enumerate(runs.items()):
        ax.plot(values, [row] * len(values), "o", color=plots.BLUE, alpha=0.6, markersize=5)
        ax.errorbar(values.mean(), row + 0.25, xerr=values.std(ddof=1), color=plots.VERMILION, capsize=4)
        said.append(f"{name} {measured(values.mean(), '.3f')} with a spread of {measured(values.std(ddof=1), '.3f')}")
    ax.set(yticks=range(len(runs)), yticklabels=list(runs), xlabel=f"{quantity} (bar: ± one standard deviation)", ylim=(-0.5, len(runs) - 0.3))
    ax.invert_yaxis()
    ax.set_title(title)
    return plots.describe(fig, f"{quantity.capitalize()} of {len(next(iter(runs.values())))} runs a row: {'; '.join(said)}.")


def lines(curves: Mapping[str, tuple[ArrayLike, ArrayLike]], xlabel: str, ylabel: str, title: str, *, xlog: bool = False, ylog: bool = False) -> Figure:
    """A marked line a name: name → (x, y)."""
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    ends = []
    for (name, (x, y)), (color, style) in zip(curves.items(), STYLES, strict=False):
        values = np.asarray(y, float)
        ax.plot(np.asarray(x), values, color=color, linestyle=style, marker=".", label=name)
        ends.append(f"{name} from {measured(values[0], '.3g')} to {measured(values[-1], '.3g')}")
    if xlog:
        ax.set_xscale("log")
    if ylog:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    fig.legend(fontsize=8, loc="outside lower center", ncols=2)         # inside it would lie on a line
    ax.set_title(title)
    return plots.describe(fig, f"{ylabel.capitalize()} over {xlabel}, a line each: {'; '.join(ends)}.")


def gallery(pictures: torch.Tensor, titles: list[str], sentence: str) -> Figure:
    """Pictures in rows of six with a title each: (N, 1, H, W)."""
    fig = plots.image_grid(pictures, titles, columns=6, size=1.05)
    return plots.describe(fig, sentence)


def own_maps(picture: torch.Tensor, found: Mapping[str, torch.Tensor], said: int) -> Figure:
    """One picture (H, W) and its maps side by side: name → (H, W)."""
    fig, axes = plt.subplots(1, 1 + len(found), figsize=(1.75 * (1 + len(found)), 2.2))
    plots.image(axes[0], picture, f"read as {said}")
    for ax, (name, m) in zip(axes[1:], found.items(), strict=True):
        ax.imshow(m.numpy(), cmap="viridis", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=9)
        ax.grid(False)
    return plots.describe(fig, f"A digit that is read as {measured(str(said))}, and beside it its maps: {', '.join(found)}.")
