"""Chapter 06, probes: figures to play with. What they show is computed apart from drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers.data import XY
from helpers.metrics import confusion_matrix
from helpers.plots import BLACK, BLUE, VERMILION, Labels, picture_frame, quiet_title
from helpers.topics.features.probe import Extract, one_hot, ridge
from helpers.topics.features.task import LADDER, draw_labels

Scene = tuple[Callable[..., Any], Figure]
NAMES = ("5", "6", "7", "8", "9")
GREY = "#bbbbbb"


# ------------------------------------------------------------------------------------- probe curves

@dataclass(frozen=True)
class Probes:
    """What a scene of probes shows: name → (draws, labels) accuracies, and name → (labels, N) predictions of draw 0."""

    curves: Mapping[str, np.ndarray]
    predicted: Mapping[str, np.ndarray]
    y: np.ndarray


def compute_probes(features: Mapping[str, tuple[torch.Tensor, torch.Tensor]], y_pool: torch.Tensor, y_test: torch.Tensor, seeds: int) -> Probes:
    """Probe each kind's (pool, test) features with each number of labels of the ladder, over draws of the labels."""
    curves, predicted = {}, {}
    for name, (pool, test) in features.items():
        said = np.stack([[ridge(pool[i], one_hot(y_pool[i])).scores(test).argmax(1) for n in LADDER for i in [draw_labels(y_pool, n, seed)]]
                         for seed in range(seeds)])                                    # (seeds, labels, N)
        curves[name], predicted[name] = (said == y_test.numpy()).mean(2), said[0]
    return Probes(curves, predicted, y_test.numpy())


def probe_curves(probes: Probes) -> Scene:
    """All kinds in grey, one of them and the pixels in colour; beside them what the probe mistakes. Controls: kind, labels."""
    fig, (ax, table) = plt.subplots(1, 2, figsize=(7.2, 3.1), width_ratios=[1.7, 1])
    for curve in probes.curves.values():
        ax.plot(LADDER, curve.mean(0), color=GREY, linestyle="-", linewidth=0.8, zorder=1)
    ax.plot(LADDER, probes.curves["pixels"].mean(0), color=BLUE, linestyle="--", label="pixels")
    (line,) = ax.plot(LADDER, np.zeros(len(LADDER)), color=VERMILION, linestyle="-", marker="o", markersize=4, label="this kind")
    dots = ax.scatter([], [], s=14, color=VERMILION, alpha=0.5, linewidths=0)
    cursor = ax.axvline(LADDER[0], color=BLACK, linewidth=0.8, linestyle=":")
    ax.set(xscale="log", xlabel="labels", ylabel="test accuracy", ylim=(0.3, 1), xticks=LADDER, xticklabels=[f"{n:,}" for n in LADDER])
    ax.minorticks_off()
    ax.legend(loc="lower right").set_zorder(1)      # below what moves: painted once
    quiet_title(ax, "Each dot is another draw of the labels")
    shades = table.imshow(np.zeros((5, 5)), cmap="Blues", vmin=0, vmax=40)
    counts = Labels(table, 9)
    table.set(xticks=range(5), yticks=range(5), xticklabels=NAMES, yticklabels=NAMES, xlabel="the probe's answer", ylabel="digit")
    table.grid(False)
    quiet_title(table, "Mistakes")
    pixels = probes.curves["pixels"].mean(0)

    def draw(kind: str, labels: int) -> tuple[str, bool]:
        runs, at = probes.curves[kind], LADDER.index(labels)
        line.set_ydata(runs.mean(0))
        dots.set_offsets([(n, v) for row in runs for n, v in zip(LADDER, row, strict=True)])
        cursor.set_xdata([labels, labels])
        mistakes = confusion_matrix(probes.predicted[kind][at], probes.y, 5)
        np.fill_diagonal(mistakes, 0)
        shades.set_data(mistakes)
        places = [(int(i), int(j)) for i, j in zip(*np.nonzero(mistakes), strict=True)]
        counts.put([str(mistakes[place]) for place in places], [(j, i) for i, j in places], ["white" if mistakes[place] > 20 else BLACK for place in places])
        here, worst = runs[:, at], np.unravel_index(mistakes.argmax(), mistakes.shape)
        words = (f"{kind} with {labels:,} labels: {here.mean():.3f} on average over {len(here)} draws, from {here.min():.3f} to {here.max():.3f}; "
                 f"pixels {pixels[at]:.3f}. Commonest mistake: {NAMES[worst[0]]} read as {NAMES[worst[1]]}, {mistakes.max()} times.")
        return words, labels <= 100 and bool(here.mean() > pixels[-1])

    return draw, fig


# ------------------------------------------------------------------------------------- neighbours

def unit_length(features: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Features less the mean, each row of length 1: then a product is the cosine of an angle."""
    centred = features - mean
    return centred / centred.norm(dim=1, keepdim=True).clamp(min=1e-9)


@dataclass
class Lookup:
    """The labelled pictures, and their features by one kind: who is nearest?"""

    x: torch.Tensor
    y: torch.Tensor
    extract: Extract
    known: torch.Tensor | None = None       # the features of x, if they are there already

    def __post_init__(self) -> None:
        features = (self.extract(self.x) if self.known is None else self.known).float()
        self.mean = features.mean(0)
        self.rows = unit_length(features, self.mean)

    def nearest(self, picture: torch.Tensor, k: int = 6) -> torch.Tensor:
        """(1, 1, 28, 28) → the places of the k nearest by angle, the nearest first: int64 (k,)."""
        return (self.rows @ unit_length(self.extract(picture).float(), self.mean)[0]).topk(k).indices


def moved(picture: torch.Tensor, right: int, down: int = 0) -> torch.Tensor:
    """Pictures (…, H, W) moved, zeros coming in at the border."""
    return torch.nn.functional.pad(picture, (right, -right, down, -down))


def mosaic(rows: Sequence[Sequence[np.ndarray]], right: Sequence[Sequence[bool | None]]) -> np.ndarray:
    """Rows of (28, 28) pictures as one RGB picture; a green frame and a white corner: right; a red one, cut across: wrong."""
    tile, out = 34, np.ones((34 * len(rows), 34 * len(rows[0]), 3), np.float32)
    for i, (pictures, marks) in enumerate(zip(rows, right, strict=True)):
        for j, (picture, mark) in enumerate(zip(pictures, marks, strict=True)):
            cell = out[i * tile:(i + 1) * tile, j * tile:(j + 1) * tile]
            if mark is not None:
                cell[1:33, 1:33] = (0, 0.62, 0.45) if mark else (0.84, 0.37, 0)
            cell[3:31, 3:31] = np.clip(1 - picture, 0, 1)[..., None]
            if mark is False:                       # not by colour alone
                for d in range(28):
                    cell[3 + d, 3 + max(0, d - 1):3 + d + 1] = (0.84, 0.37, 0)
    return out


def neighbours(lookups: Mapping[str, Lookup], test: XY, n: int = 60) -> Scene:
    """A test digit and its six nearest labelled pictures, by pixels and by another kind. Controls: digit, kind, right, down."""
    x, y = test[0][:n], test[1][:n]
    pool = next(iter(lookups.values()))
    fig, ax = plt.subplots(figsize=(7.2, 2.6))
    picture = ax.imshow(np.ones((68, 238, 3)), interpolation="nearest")
    picture_frame(ax, "The digit, and its six nearest by pixels and by features")
    ax.set(yticks=[17, 51], yticklabels=["pixels", "features"])

    def draw(digit: int, kind: str, right: int, down: int) -> tuple[str, bool]:
        query = moved(x[digit:digit + 1], right, down)
        near = [lookups[name].nearest(query) for name in ("pixels", kind)]
        same = [(pool.y[i] == y[digit]).tolist() for i in near]
        rows = [[query[0, 0].numpy(), *pool.x[i][:, 0].numpy()] for i in near]
        picture.set_data(mosaic(rows, [[None, *marks] for marks in same]))
        a, b = (sum(marks) for marks in same)
        words = (f"This is {'an' if y[digit] == 3 else 'a'} {NAMES[int(y[digit])]}, moved {right} right and {down} down. "
                 f"Of its six nearest, {a} by pixels and {b} by {kind} show the same digit.")
        return words, kind != "pixels" and a <= 1 and b >= 5

    return draw, fig


# ------------------------------------------------------------------------------------- the shortcut

def marked(x: torch.Tensor, y: torch.Tensor, brightness: float, which: torch.Tensor | None = None) -> torch.Tensor:
    """Copies of pictures (N, 1, 28, 28) with one dot of 2×2 pixels near the top, whose place tells the class.

    which : bool (N,), optional
        The pictures that get one; all if None.
    """
    out = x.clone()
    for row, label in enumerate(y.tolist()):
        if which is None or which[row]:
            out[row, 0, 3:5, 3 + 5 * label:5 + 5 * label] = brightness
    return out


@dataclass(frozen=True)
class Shortcut:
    """What a probe reaches: on pictures marked like those it learnt from, on clean ones, and on ones with another class's mark."""

    marked: float
    clean: float
    swapped: float
    follows: float          # the share of swapped pictures that are named as their mark says


def compute_shortcut(extract: Extract, train: XY, test: XY, brightness: float, share: float) -> Shortcut:
    """Probe features of pictures of which a share is marked. The first round(share · N) of a fixed order are."""
    (x, y), (x_test, y_test) = train, test
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    which = torch.zeros(len(x), dtype=torch.bool)
    which[order[:round(share * len(x))]] = True
    fitted = ridge(extract(marked(x, y, brightness, which)), one_hot(y))
    other = (y_test + 1) % 5
    said = [torch.from_numpy(fitted.scores(extract(pictures)).argmax(1)) for pictures in
            (marked(x_test, y_test, brightness), x_test, marked(x_test, other, brightness))]
    right = [float((s == y_test).float().mean()) for s in said]
    return Shortcut(right[0], right[1], right[2], float((said[2] == other).float().mean()))


def shortcut(results: Mapping[tuple[str, float, float], Shortcut], brightness: Sequence[float], shares: Sequence[float]) -> Scene:
    """Bars for one setting of :func:`all_shortcuts`: marked, clean, swapped. Controls: kind, bright, share."""
    fig, ax = plt.subplots(figsize=(7.2, 2.7))
    bars = ax.barh([0, 1, 2], [0, 0, 0], color=[VERMILION, BLUE, GREY], hatch=["", "", "//"], edgecolor="white")
    ax.set(yticks=[0, 1, 2], yticklabels=["marked like the training", "mark removed", "mark of another class"], xlim=(0, 1), xlabel="test accuracy")
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    quiet_title(ax, "One probe, three test sets of the same digits")
    line = ax.axvline(0, color=BLACK, linestyle=":", linewidth=1)
    assert {key[1] for key in results} == set(brightness)
    assert {key[2] for key in results} == set(shares)

    def draw(kind: str, bright: float, share: float) -> tuple[str, bool]:
        r = results[kind, bright, share]
        honest = results[kind, bright, 0.0].clean
        for bar, value in zip(bars, (r.marked, r.clean, r.swapped), strict=True):
            bar.set_width(value)
        line.set_xdata([honest, honest])
        words = (f"{kind}, dots of brightness {bright:.2f} in {share:.0%} of the training pictures: {r.marked:.3f} on marked digits, "
                 f"{r.clean:.3f} on clean ones (a probe that never saw a dot, dotted: {honest:.3f}), {r.swapped:.3f} with another class's dot; "
                 f"{r.follows:.0%} of those are named as the dot says.")
        return words, kind == "pixels" and bright == 1 and share >= 0.5 and honest - r.clean < 0.06

    return draw, fig


def all_shortcuts(kinds: Mapping[str, Extract], train: XY, test: XY, brightness: Sequence[float], shares: Sequence[float]) -> dict[tuple[str, float, float], Shortcut]:
    """Every setting of :func:`shortcut`."""
    return {(name, b, s): compute_shortcut(extract, train, test, b, s) for name, extract in kinds.items() for b in brightness for s in shares}
