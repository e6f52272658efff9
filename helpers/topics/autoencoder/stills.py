"""Chapter 04, autoencoders: the figures that do not move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers import plots
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION, describe

#: One look for each method in the whole chapter: colour, dashes, marker.
LOOKS = {"deep network": (VERMILION, "-", "^"), "PCA": (BLUE, "--", "o"), "nearest neighbour": (GREEN, "-.", "s"),
         "distance to the mean": (PURPLE, ":", "D"), "amount of ink": (BLACK, ":", "x"), "Gaussian filter": (GREEN, "-.", "s"),
         "median filter": (PURPLE, ":", "D"), "best linear map": (BLUE, "--", "o"), "always the mean digit": (BLACK, "-", ""), "nothing done": ("#777777", ":", ".")}


def rows(pictures: Mapping[str, torch.Tensor], title: str, *, signed: bool = False, above: Sequence[str] = ()) -> Figure:
    """Rows of small square pictures, each a (n, D) tensor of flat ones, with the row's name at its left.

    Signed pictures are white at zero, each on its own scale; others run from 0 (black) to 1.
    """
    edge, gap = round(next(iter(pictures.values())).shape[1] ** 0.5), 1.5
    count, step = len(next(iter(pictures.values()))), 1 + gap / edge
    fig, ax = plt.subplots(figsize=(7.2, 0.45 + 0.76 * len(pictures) + (0.2 if above else 0)))
    for i, (name, many) in enumerate(pictures.items()):
        for j, one in enumerate(many):
            end = float(one.abs().max()) or 1.0
            look: dict[str, Any] = {"cmap": plots.DIVERGING, "vmin": -end, "vmax": end} if signed else {"cmap": "gray", "vmin": 0, "vmax": 1}
            left, top = j * step, i * step
            ax.imshow(one.view(edge, edge).numpy(), extent=(left, left + 1, top + 1, top), **look)
            ax.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor="#999999", linewidth=0.6))
        ax.text(-0.1, i * step + 0.5, name, ha="right", va="center", fontsize=9)
    for j, text in enumerate(above):
        ax.text(j * step + 0.5, -0.08, text, ha="center", va="bottom", fontsize=7.5)
    ax.set(xlim=(-0.95, count * step - gap / edge + 0.02), ylim=(len(pictures) * step - gap / edge + 0.02, -0.3 if above else -0.02), aspect="equal")
    ax.axis("off")
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return describe(fig, f"{len(pictures)} rows of {count} small pictures each: {'; '.join(pictures)}. {title}.")


def error_against_size(sizes: Sequence[int], pca: Sequence[float], deep: ArrayLike) -> Figure:
    """Reconstruction error on unseen digits against the size of the code; deep is (seeds, sizes)."""
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.3))
    plots.seed_band(axes[0], sizes, deep, label="deep network", color=VERMILION)
    axes[0].plot(sizes, np.asarray(deep).mean(0), "^", color=VERMILION)
    axes[0].plot(sizes, pca, "o--", color=BLUE, label="PCA")
    axes[0].set(xscale="log", yscale="log", xlabel="size of the code (numbers)", ylabel="mean squared error, unseen digits", title="More numbers, smaller errors")
    axes[0].legend(loc="lower left")
    ratio = np.asarray(deep) / np.asarray(pca)
    plots.seed_band(axes[1], sizes, ratio, label="deep network", color=VERMILION)
    axes[1].plot(sizes, ratio.mean(0), "^", color=VERMILION)
    axes[1].axhline(1, color=BLUE, linestyle="--")
    axes[1].text(2, 1.03, "level with PCA", color=BLUE, fontsize=9)
    axes[1].set(xscale="log", ylim=(0, None), xlabel="size of the code (numbers)", ylabel="network's error / PCA's", title="PCA wins at 64 (few epochs)")
    for ax in axes:
        ax.set(xticks=list(sizes), xticklabels=list(map(str, sizes)))
        ax.minorticks_off()
    axes[0].set(yticks=[0.003, 0.01, 0.03], yticklabels=["0.003", "0.01", "0.03"])
    return describe(fig, "Left: the error on unseen digits falls with the size of the code, for PCA and for deep networks. Right: the networks' "
                         f"error divided by PCA's, below 1 for short codes and far above it at {sizes[-1]} numbers.")


def psnr_against_noise(levels: Sequence[float], curves: Mapping[str, ArrayLike], trained: tuple[float, float]) -> Figure:
    """Quality after cleaning against the noise; a curve is (levels,), or (seeds, levels) and then has a band."""
    fig, ax = plt.subplots(figsize=(6.4, 3.9))
    ax.axvspan(*trained, color=ORANGE, alpha=0.12, linewidth=0)
    ax.text(trained[1] - 0.01, 6.2, "noise seen in training", ha="right", fontsize=9, color="#8a5a00")
    for name, values in curves.items():
        color, dashes, marker = LOOKS[name]
        runs = np.atleast_2d(np.asarray(values))
        if len(runs) > 1:
            ax.fill_between(levels, runs.min(0), runs.max(0), color=color, alpha=0.25, linewidth=0)
        ax.plot(levels, runs.mean(0), color=color, linestyle=dashes, marker=marker, markersize=5, label=name)
    ax.set(xlabel="noise (standard deviation; ink is 1)", ylabel="PSNR (dB), mean over test digits", ylim=(5, 26), xlim=(0, max(levels) + 0.05),
           title="A constant, and a linear map, tell what a lead is worth")
    ax.legend(fontsize=8, ncols=2)
    return describe(fig, "PSNR against noise: the network's curve falls slowly; it lies below the linear map for weak noise and near it for strong, "
                         "above both filters from moderate noise on; the filters fall below the level line of always the mean digit.")


def auc_by_class(table: Mapping[str, ArrayLike]) -> Figure:
    """For each digit left out, the AUC of each method, one of (10,) values."""
    fig, ax = plt.subplots(figsize=(7.2, 3.5))
    ax.axhline(0.5, color="#777777", linewidth=1)
    ax.text(-0.47, 0.49, "guessing", ha="left", va="top", fontsize=9, color="#555555")
    for i, (name, values) in enumerate(table.items()):
        color, _, marker = LOOKS[name]
        ax.plot(np.arange(10) + 0.13 * (i - (len(table) - 1) / 2), np.asarray(values), color=color, linestyle="", marker=marker, markersize=6, label=name)
    ax.set(xticks=range(10), xlim=(-0.5, 9.8), ylim=(0, 1.02), xlabel="digit left out of training", ylabel="AUC (1 is perfect)",
           title="How well is a digit found that was never seen?")
    ax.legend(loc="lower right", fontsize=9, ncols=2)
    return describe(fig, "For each digit left out, the AUC of five methods: nearest neighbour and the deep network on top for most digits, PCA below; "
                         "the amount of ink is far below guessing for the 1, whose ink is least.")

