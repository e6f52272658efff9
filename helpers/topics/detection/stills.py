"""The still figures of the chapter on detection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.detection.boxes import Detections
from helpers.topics.detection.faces import thumbnail
from helpers.topics.detection.pictures import Pictures


def gallery(pictures: Pictures, found: Sequence[Detections] | None = None, *, n: int = 6, title: str = "") -> Figure:
    """n scenes with their true boxes (blue); with found, what a detector says as well (orange, dashed; its name beside each box)."""
    fig, axes = plt.subplots(1, n, figsize=(1.45 * n, 1.9))
    for i, ax in enumerate(axes):
        plots.image(ax, pictures.x[i, 0])
        for (x1, y1, x2, y2), name in zip(pictures.boxes[i], pictures.labels[i], strict=True):
            ax.add_patch(Rectangle((x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False, edgecolor=plots.SKY, linewidth=1.6))
            if found is None:
                ax.text(x1, y1 - 1, str(name), color=plots.SKY, fontsize=9, fontweight="bold")
        if found is not None:
            for (x1, y1, x2, y2), name in zip(found[i].boxes, found[i].labels, strict=True):
                ax.add_patch(Rectangle((x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False, edgecolor=plots.VERMILION, linewidth=1.4, linestyle="--"))
                ax.text(x1, y1 - 1, str(name), color=plots.ORANGE, fontsize=9, fontweight="bold")
    if title:
        fig.suptitle(title, fontsize=11)
    truth = sum(len(b) for b in pictures.boxes[:n])
    said = "" if found is None else f"; {measured(str(sum(len(d.boxes) for d in found[:n])))} boxes of the detector, dashed"
    return plots.describe(fig, f"{n} scenes, {truth} digits with their true boxes{said}.")


def pipeline(picture: np.ndarray, mask: np.ndarray, cuts: Sequence[np.ndarray], names: Sequence[int]) -> Figure:
    """A scene, what lies above the threshold, and the pieces as the classifier gets them, with its names."""
    n = min(len(cuts), 4)
    fig, axes = plt.subplots(1, 2 + n, figsize=(1.75 * (2 + n), 2.0))
    plots.image(axes[0], picture, "the scene")
    plots.image(axes[1], mask / 255, "threshold")
    for ax, cut, name in zip(axes[2:], cuts, names, strict=False):
        plots.image(ax, cut, f"named {int(name)}")
    return plots.describe(fig, f"A scene, its pixels above the threshold, and {measured(str(len(cuts)))} pieces, named {', '.join(measured(str(k)) for k in names)}.")


def sets_of_scenes(results: Mapping[str, Mapping[str, ArrayLike]], quantity: str, title: str) -> Figure:
    """Condition → detector → a value for each set of scenes (n,): a dot a set, a diamond at the mean."""
    styles = ((plots.BLUE, "o"), (plots.VERMILION, "s"), (plots.GREEN, "^"), (plots.PURPLE, "v"))
    fig, ax = plt.subplots(figsize=(6.4, 0.75 * len(results) + 1.4))
    said = []
    for row, (condition, by_name) in enumerate(results.items()):
        for k, (name, values) in enumerate(by_name.items()):
            color, marker = styles[k]
            v = np.asarray(values, float)
            y = row + 0.22 * (k - (len(by_name) - 1) / 2)
            ax.plot(v, [y] * len(v), marker, color=color, markersize=4, alpha=0.5)
            ax.plot(v.mean(), y, "D", color=color, markersize=7, label=name if row == 0 else None)
            said.append(f"{condition}, {name} {measured(v.mean(), '.2f')}")
    ax.set(yticks=range(len(results)), yticklabels=list(results), xlim=(0, 1), xlabel=f"{quantity} (diamond: mean of the sets of scenes)")
    ax.invert_yaxis()
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ax.set_title(title)
    return plots.describe(fig, f"{quantity}: {'; '.join(said)}.")


def looks(picture: torch.Tensor, maps: np.ndarray, out: torch.Tensor, title: str) -> Figure:
    """One scene, a picture a step: where the LSTM looks (T, G·G), what it says (T, 5 + K); the box where its confidence is above 0.5."""
    n, g = len(maps), round(maps.shape[1] ** 0.5)
    fig, axes = plt.subplots(1, n, figsize=(2.1 * n, 2.5))
    said = []
    edge = picture.shape[-1]
    for t, ax in enumerate(axes):
        ax.imshow(picture.reshape(edge, edge), cmap="gray", vmin=0, vmax=1)
        ax.imshow(maps[t].reshape(g, g), cmap="viridis", alpha=0.45, extent=(-0.5, edge - 0.5, edge - 0.5, -0.5))
        sure, name = float(out[t, 0].sigmoid()), int(out[t, 5:].argmax())
        if sure > 0.5:
            x1, y1, x2, y2 = out[t, 1:5].tolist()
            ax.add_patch(Rectangle((x1 - 0.5, y1 - 0.5), x2 - x1, y2 - y1, fill=False, edgecolor=plots.ORANGE, linewidth=2))
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.set_title(f"step {t + 1}: {name}, {sure:.2f}", fontsize=9)
        said.append(f"{measured(str(name))} with confidence {measured(sure, '.2f')}")
    fig.suptitle(title, fontsize=11)
    return plots.describe(fig, f"{n} steps over one scene: {', '.join(said)}.")


def strokes(shown: Sequence[np.ndarray], names: Sequence[str], columns: int = 8) -> Figure:
    """Strokes with their names; a green dot where each begins."""
    rows = -(-len(shown) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(1.15 * columns, 1.35 * rows), squeeze=False)
    for ax, points, name in zip(axes.flat, shown, names, strict=False):
        ax.plot(*points.T, color=plots.BLACK, linewidth=1.4)
        ax.plot(*points[0], "o", color=plots.GREEN, markersize=5)
        ax.set(xlim=(0, 280), ylim=(280, 0), aspect="equal", xticks=[], yticks=[])
        ax.grid(False)
        ax.set_title(name, fontsize=8, fontweight="normal")
    return plots.describe(fig, f"{len(shown)} strokes, one of each shape: {', '.join(names)}; a green dot marks where each begins.")


def portraits(pictures: Mapping[str, np.ndarray], found: Mapping[str, Detections], title: str) -> Figure:
    """Photographs and the boxes of a face detector."""
    fig, axes = plt.subplots(1, len(pictures), figsize=(2.3 * len(pictures), 2.7))
    for ax, (name, picture) in zip(np.atleast_1d(axes), pictures.items(), strict=True):
        h, w = picture.shape
        plots.image(ax, thumbnail(picture), f"{name}: {len(found[name].boxes)}")
        ax.images[0].set(extent=(0, w, h, 0), interpolation="nearest")
        ax.set(xlim=(0, w), ylim=(h, 0))
        for x1, y1, x2, y2 in found[name].boxes:
            ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=plots.ORANGE, linewidth=1.6))
    fig.suptitle(title, fontsize=11)
    return plots.describe(fig, f"Boxes: {', '.join(f'{name} {measured(str(len(found[name].boxes)))}' for name in pictures)}.")


def parts(shares: ArrayLike, curves: Mapping[str, ArrayLike], title: str) -> Figure:
    """Accuracy over the share of a stroke that is drawn, a line a reader."""
    fig, ax = plt.subplots(figsize=(6.2, 3.3))
    styles = ((plots.BLUE, "-", "o"), (plots.VERMILION, "--", "s"), (plots.GREEN, ":", "^"))
    for (name, values), (color, line, marker) in zip(curves.items(), styles, strict=False):
        ax.plot(np.asarray(shares), np.asarray(values), color=color, linestyle=line, marker=marker, label=name)
    ax.set(xlabel="share of the stroke drawn", ylabel="accuracy", ylim=(0, 1.02))
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ax.set_title(title)
    ends = ", ".join(f"{name} {measured(float(np.asarray(v)[-1]), '.2f')}" for name, v in curves.items())
    return plots.describe(fig, f"Accuracy over the share of the stroke drawn; at its end {ends}.")
