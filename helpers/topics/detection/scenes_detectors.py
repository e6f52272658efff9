"""Figures to play with, detectors: what a grid is taught, one digit moved over another, and overlap against what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.detection.boxes import Detections, iou, match
from helpers.topics.detection.oneshot import STRIDE, OneShot, detect, kept, middles, targets
from helpers.topics.detection.pictures import SIZE, Pictures, ground, pairs
from helpers.topics.detection.plain import pipeline, two_digits
from helpers.topics.detection.scenes_boxes import outline, put

MOST = 12
#: The score from which on a box counts where a list has to be cut.
SURE = 0.3
Finder = Callable[[torch.Tensor], list[Detections]]


def named(found: Detections, truth: np.ndarray, labels: np.ndarray, least: float = 0.5) -> int:
    """How many true boxes have a detection of the right class that overlaps them by at least ``least``."""
    return sum(int(match(found.boxes[found.labels == c], truth[labels == c], least).sum()) for c in np.unique(labels))


def grid(pictures: Pictures, model: OneShot, n: int = 12) -> tuple[Callable[[int, str, float], tuple[str, bool]], Figure]:
    """Controls: scene, show ("what it is taught" or "what it says"), most (for NMS). The target: every digit found, no false alarm."""
    aims = targets(pictures.first(n))
    raw = detect(model, pictures.x[:n], overlap=None, least=0.3)
    with torch.no_grad():
        sure = model(pictures.x[:n])[:, 0].sigmoid().numpy()
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.4, 3.5))
    for axes, title in ((ax, "each cell: inside a digit?"), (bx, "boxes after NMS (orange)")):
        plots.picture_frame(axes, title)
    pictured = [axes.imshow(np.zeros((SIZE, SIZE)), cmap="gray", vmin=0, vmax=1) for axes in (ax, bx)]
    places = middles(SIZE // STRIDE, SIZE // STRIDE).numpy().reshape(-1, 2)
    dots = ax.scatter(*(places - 0.5).T, s=np.zeros(len(places)), color=plots.VERMILION, edgecolor="white", linewidth=0.5, zorder=3)
    true, said = outline(bx, 6, plots.SKY, "-", 2.5), outline(bx, 40, plots.VERMILION, "--")

    def draw(scene: int, show: str, most: float) -> tuple[str, bool]:
        i = scene - 1
        truth, labels = pictures.boxes[i], pictures.labels[i]
        for image in pictured:
            image.set_data(pictures.x[i, 0].numpy())
        there = aims.inside[i].numpy().astype(float) if show == "what it is taught" else sure[i]
        dots.set_sizes(110 * there.reshape(-1))
        left = kept(raw[i], most)
        put(true, truth)
        put(said, left.boxes[:40])
        hits = named(left, truth, labels)
        spare = len(left.boxes) - hits
        cells = f"taught: {int(there.sum())} cells inside" if show == "what it is taught" else f"said: {measured(str(int((there > 0.3).sum())))} cells above 0.3"
        return (f"Scene {scene}, {cells}. After NMS at {most:.2f}: {measured(str(hits))} of {len(truth)} digits right, {measured(str(spare))} other boxes.",
                hits == len(truth) and spare == 0)

    return draw, fig


def over_another(classifier: nn.Module, model: OneShot, seed: int = 4) -> tuple[Callable[[int, int], tuple[str, bool]], Figure]:
    """Controls: dx, dy (how far the second digit stands from the first). The target: a place where the network finds both and the pipeline does not."""
    floor = ground("val", np.random.default_rng(seed))
    fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.6))
    for ax, title in zip(axes, ("threshold, components, classifier", "one-shot network"), strict=True):
        plots.picture_frame(ax, title)
    pictured = [ax.imshow(np.zeros((SIZE, SIZE)), cmap="gray", vmin=0, vmax=1) for ax in axes]
    boxes = [outline(ax, MOST, plots.VERMILION, "--", 2) for ax in axes]
    names = [plots.Labels(ax, 12, plots.ORANGE) for ax in axes]

    def draw(dx: int, dy: int) -> tuple[str, bool]:
        picture, truth, labels = two_digits(dx, dy, floor)
        answers = [pipeline(classifier, picture), detect(model, torch.from_numpy(picture)[None, None], least=0.3)[0]]
        right = []
        for image, patches, words, found in zip(pictured, boxes, names, answers, strict=True):
            image.set_data(picture)
            put(patches, found.boxes[:MOST])
            words.put([str(k) for k in found.labels[:MOST]], [(x1 + 2, max(y1 - 4, 3)) for x1, y1, _, _ in found.boxes[:MOST]])
            right.append(named(found, truth, labels))
        return (f"IoU of the two digits {iou(truth[:1], truth[1:])[0, 0]:.2f}. Right: the pipeline {measured(str(right[0]))} of 2, the network {measured(str(right[1]))} of 2.",
                right[1] == 2 and right[0] < 2)

    return draw, fig


@dataclass(frozen=True)
class Overlaps:
    """Pairs of digits by how far they overlap: the middles of the bands (L,), a set of pictures each, and name → what a detector says of each set."""

    levels: np.ndarray
    sets: list[Pictures]
    found: dict[str, list[list[Detections]]]

    def share(self, name: str, least: float = 0.5) -> np.ndarray:
        """Of all digits, those with the right name and a box of at least this IoU, whose score is above 0.3: (L,). Spare boxes cost nothing."""
        return np.array([sum(named(d.above(SURE), b, k, least) for d, b, k in zip(found, s.boxes, s.labels, strict=True)) / sum(map(len, s.boxes))
                         for found, s in zip(self.found[name], self.sets, strict=True)])


def by_overlap(finders: dict[str, Finder], n: int = 60, part: str = "val", seed: int = 600) -> Overlaps:
    """n pairs in each of eight bands of overlap, the first of digits that lie apart."""
    edges = [(-1.0, 1e-9), *((a, a + 0.1) for a in np.arange(0.0, 0.7, 0.1))]
    sets = [pairs(n, part, seed + i, least=low, most=high) for i, (low, high) in enumerate(edges)]
    levels = np.array([0.0, *np.arange(0.05, 0.7, 0.1)])
    return Overlaps(levels, sets, {name: [finder(s.x) for s in sets] for name, finder in finders.items()})


def overlap_curves(overlaps: Overlaps, least: Sequence[float] = (0.5, 0.8)) -> tuple[Callable[[int, float, int], tuple[str, bool]], Figure]:
    """Controls: level (0 to 7, a band of overlap), least (the IoU of a hit), pair (an example of the band). The target: a band where the first detector named is ahead of the others."""
    styles = ((plots.BLUE, "-", "o"), (plots.VERMILION, "--", "s"), (plots.GREEN, ":", "^"))
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.4, 3.5), width_ratios=[1.6, 1])
    shares = {(name, at): overlaps.share(name, at) for name in overlaps.found for at in least}
    lines = {name: ax.plot(overlaps.levels, shares[name, least[0]], color=c, linestyle=s, marker=m, label=name)[0]
             for name, (c, s, m) in zip(overlaps.found, styles, strict=False)}
    here = ax.axvline(0, color="0.5", linewidth=1)
    ax.set(ylim=(0, 1.02), xlabel="IoU of the two digits", ylabel="share of digits right")
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    plots.quiet_title(ax, f"Right name, right box; {len(overlaps.sets[0])} pairs a point")
    plots.picture_frame(bx, "one of the pairs")
    image = bx.imshow(np.zeros((SIZE, SIZE)), cmap="gray", vmin=0, vmax=1)
    boxes = {name: outline(bx, MOST, c, s, 2) for name, (c, s, _) in zip(overlaps.found, styles, strict=False)}
    first = next(iter(overlaps.found))
    last = (-1, 0.0)

    def draw(level: int, least: float, pair: int) -> tuple[str, bool]:
        nonlocal last
        values = {name: float(shares[name, least][level]) for name in overlaps.found}
        if (level, least) != last:          # a move of the pair leaves the curves alone
            here.set_xdata([overlaps.levels[level]] * 2)
            for name, line in lines.items():
                line.set_ydata(shares[name, least])
            last = (level, least)
        image.set_data(overlaps.sets[level].x[pair - 1, 0].numpy())
        for name, patches in boxes.items():
            put(patches, overlaps.found[name][level][pair - 1].above(SURE).boxes[:MOST])
        said = ", ".join(f"{name} {measured(value, '.2f')}" for name, value in values.items())
        others = max(value for name, value in values.items() if name != first)
        return f"Overlap about {overlaps.levels[level]:.2f}, a hit from IoU {least:g}: {said}.", values[first] > others

    return draw, fig

