"""Chapter 04, second half: the figures that do not move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from helpers import plots
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, describe, to_numpy

#: A colour for each digit; a label stands in the middle of each cloud as well, for ten colours are too many to tell apart.
DIGIT_COLORS = (BLUE, VERMILION, GREEN, PURPLE, "#555555", SKY, ORANGE, "#8B5A2B", "#6A3D9A", "#7A9A01")


def tiles(pictures: ArrayLike | torch.Tensor, columns: int) -> np.ndarray:
    """(N, 784) pictures as one (28 N/columns, 28 columns) picture, row by row; N a multiple of columns."""
    a = to_numpy(pictures)
    if a.ndim != 2 or a.shape[1] != 784 or columns < 1 or len(a) == 0 or len(a) % columns:
        raise ValueError(f"tiles() lays (N, 784) pictures in full rows of {columns}, got shape {a.shape}")
    return a.reshape(-1, columns, 28, 28).transpose(0, 2, 1, 3).reshape(-1, 28 * columns)


def map_of_codes(ax: Axes, codes: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor, *, reach: float | None = None) -> Axes:
    """(N, 2) codes as dots in the colour of their digit, whose name stands in the middle of its cloud, or beside it where two would overlap."""
    c, labels = to_numpy(codes), to_numpy(y)
    ax.scatter(c[:, 0], c[:, 1], s=5, c=[DIGIT_COLORS[k] for k in labels], linewidths=0, alpha=0.7, zorder=2)
    digits = np.unique(labels)
    size = np.ptp(c, axis=0) if reach is None else np.full(2, 2.0 * reach)
    middles = apart(np.stack([np.median(c[labels == k], axis=0) for k in digits]) / size) * size
    for k, middle in zip(digits, middles, strict=True):
        text = ax.text(middle[0], middle[1], str(k), color=DIGIT_COLORS[k], fontsize=13, fontweight="bold", ha="center", va="center", zorder=3)
        text.set_path_effects([patheffects.withStroke(linewidth=3, foreground="white")])
    ax.set(xlabel="code unit 1", ylabel="code unit 2")
    if reach is not None:
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    return ax


def apart(points: np.ndarray, least: float = 0.07) -> np.ndarray:
    """Places for labels: the (N, 2) points, those nearer to each other than least pushed apart until they are not (or nearly)."""
    placed = points.astype(float)
    for _ in range(50):
        away = placed[:, None] - placed + 1e-6 * (points[:, None] - points)
        distance = np.linalg.norm(away, axis=2) + np.eye(len(placed))
        close = (distance < least)[..., None]
        placed = placed + 0.5 * np.where(close, away * (least / np.maximum(distance, 1e-9) - 1)[..., None], 0).sum(1)
    return placed


def draws_in_the_plane(codes: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor, z: ArrayLike | torch.Tensor,
                       pictures: ArrayLike | torch.Tensor, title: str, *, circle: float | None = None) -> Figure:
    """The plane of codes with twelve numbered draws (12, 2) on it, and beside it the decoded pictures (12, 784), numbered alike.

    With circle, a dashed one of that radius about zero.
    """
    points, shown = to_numpy(z), to_numpy(pictures)
    fig = plt.figure(figsize=(7.2, 3.3))
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    grid = fig.add_gridspec(1, 2, width_ratios=[1.1 if circle is None else 1, 1])
    plane = map_of_codes(fig.add_subplot(grid[0, 0]), codes, y)
    if circle is not None:
        plane.add_patch(Circle((0, 0), circle, fill=False, edgecolor=BLACK, linestyle="--", linewidth=1, zorder=4))
        plane.set_aspect("equal")
    size = np.ptp([plane.get_xlim(), plane.get_ylim()], axis=1)
    for i, (point, label) in enumerate(zip(points, apart(points / size) * size, strict=True)):
        plane.plot(*zip(point, label, strict=True), color=BLACK, linewidth=0.8, marker=".", markersize=3, markevery=[0], zorder=4)
        plane.text(label[0], label[1], str(i + 1), fontsize=7, ha="center", va="center", zorder=5,
                   bbox={"boxstyle": "circle,pad=0.1", "facecolor": "white", "edgecolor": "black", "linewidth": 0.7})
    framed = np.pad(shown.reshape(-1, 28, 28), ((0, 0), (10, 2), (2, 2)))
    ax = plots.image(fig.add_subplot(grid[0, 1]), 1 - framed.reshape(3, 4, 40, 32).transpose(0, 2, 1, 3).reshape(120, 128))
    for i in range(12):
        ax.text(32 * (i % 4) + 16, 40 * (i // 4) + 5, str(i + 1), fontsize=8, ha="center", va="center")
    return describe(fig, f"Codes of test digits as dots in the plane, with twelve numbered draws among them, and what these decode to. {title}.")


def tile_rows(rows: Mapping[str, ArrayLike | torch.Tensor], columns: int, title: str) -> Figure:
    """Named groups of (N, 784) pictures, laid in rows, ink black."""
    laid = {name: tiles(pictures, columns) for name, pictures in rows.items()}
    fig, axes = plt.subplots(len(laid), 1, figsize=(7.2, 0.25 + sum(a.shape[0] / a.shape[1] * 6.6 + 0.28 for a in laid.values())), squeeze=False,
                             height_ratios=[a.shape[0] for a in laid.values()])
    for ax, (name, a) in zip(axes[:, 0], laid.items(), strict=True):
        plots.image(ax, 1 - a)
        ax.set_title(name, fontsize=10, fontweight="normal")
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return describe(fig, f"Rows of small pictures: {'; '.join(rows)}. {title}.")


def bound_over_draws(counts: Sequence[int], bounds: ArrayLike, elbo: float, truth: float) -> Figure:
    """The importance-weighted bound against the number of draws; bounds (repeats, len(counts)), nats."""
    fig, ax = plt.subplots(figsize=(6, 3.2))
    plots.seed_band(ax, counts, bounds, label=f"importance-weighted bound (band: {len(np.atleast_2d(bounds))} repeats)")
    ax.axhline(elbo, color=VERMILION, linestyle="--", label="ELBO")
    ax.axhline(truth, color=BLACK, linewidth=1.2, label="log p(x), by brute force")
    ax.set(xscale="log", xlabel="draws K for each digit", ylabel="nats a digit", title="More draws lift the bound towards log p(x)", xticks=list(counts),
           xticklabels=list(map(str, counts)))
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(0, 0.72), fontsize=9)
    return describe(fig, "The importance-weighted bound rises with the number of draws from the ELBO, at one draw, towards the line of log p(x) "
                         "found by brute force, and stays below it.")


def units(kl: Mapping[str, ArrayLike | torch.Tensor], title: str) -> Figure:
    """KL of each code unit, sorted, side by side for several models."""
    fig, ax = plt.subplots(figsize=(6, 2.9))
    width = 0.8 / len(kl)
    for i, ((name, values), color) in enumerate(zip(kl.items(), (BLUE, VERMILION, GREEN), strict=False)):
        v = np.sort(to_numpy(values))[::-1]
        silent = v[0] < 0.005            # bars too low to be seen: say so
        ax.bar(np.arange(1, len(v) + 1) + (i - (len(kl) - 1) / 2) * width, v, width, color=color, label=name + (f": {v[0]:.3f} in every unit" if silent else ""))
    ax.set(xlabel="code unit, sorted", ylabel="KL (nats)", title=title, xticks=[1, 4, 8, 12, 16])
    ax.legend()
    return describe(fig, f"Bars of the KL of each code unit, sorted, for {' and '.join(kl)}; where a code says nothing there is no bar to be seen.")


def bits_bars(bits: Mapping[str, float], title: str) -> Figure:
    """Bits a pixel of several coders, as bars with their numbers."""
    fig, ax = plt.subplots(figsize=(7, 0.6 + 0.38 * len(bits)))
    names = list(bits)
    colors = [VERMILION if "VAE" in name else BLUE for name in names]
    ax.barh(range(len(names)), [bits[name] for name in names], color=colors)
    for i, name in enumerate(names):
        ax.text(bits[name], i, f" {bits[name]:.2f}", va="center", fontsize=9)
    ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlabel="bits a pixel (less is better)", title=title,
           xlim=(0, 1.12 * max(bits.values())))
    ax.grid(False, axis="y")
    return describe(fig, f"Bars of bits a pixel: {', '.join(bits)}. {title}.")


def bits_and_errors(costs: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Wrong pixels against bits a digit: a line for what can be rounded, a single mark for what cannot."""
    fig, ax = plt.subplots(figsize=(6.4, 3.6))
    for (name, pairs), color, marker in zip(costs.items(), (VERMILION, BLUE, GREEN, BLACK), "^osX", strict=False):
        ax.plot(*zip(*sorted(pairs), strict=True), color=color, marker=marker, markersize=9 if len(pairs) == 1 else 5,
                linestyle="" if len(pairs) == 1 else "-" if marker == "^" else "--", label=name)
    ax.set(xlabel="bits a digit", ylabel="pixels that come back wrong (of 784)", ylim=(0, None), xlim=(-2, 90),
           title="With many bits PCA is better; with few, look it up")
    ax.legend()
    return describe(fig, "Wrong pixels against bits a digit: the curves of the VAE and of PCA are level below some 30 bits, and above that PCA lies lower; "
                         "the look-up table is one point at few bits, below both curves; the blank page lies far above all.")
