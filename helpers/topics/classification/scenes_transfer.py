"""The figures to play with of the lesson on transfer: labels and features, how sure of strangers, three tasks on one scene."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle

from helpers import plots
from helpers.data import XY
from helpers.data.materials import MATERIALS, in_grey
from helpers.lesson.promises import measured
from helpers.plots import Scene, picture_frame, quiet_title
from helpers.topics.classification.tasks import PAPER, SIDE, Box, Scenes, hits
from helpers.topics.classification.transfer import first_labels, read_linearly, share
from helpers.widgets.steps import Step

Features = Mapping[str, Mapping[str, tuple[torch.Tensor, torch.Tensor]]]
TRANSFER_STEPS = [
    Step("Twenty labels a material, in colour: a bar a material, and one test patch that is read wrong.", {"kind": "ImageNet", "labels": 20, "colour": "colour"}, light=0),
    Step("One label a material is left.", {"kind": "ImageNet", "labels": 1, "colour": "colour"}, light=0,
         ask=("ImageNet's features against a mere histogram of colours, one label each: who wins?", ["ImageNet's, always", "it depends on the patches"], 1)),
    Step("The histogram with one label: the words below tell both shares, for these patches.", {"kind": "colour histogram", "labels": 1, "colour": "colour"}, light=0),
    Step("The same without colour: what the histogram knew is mostly gone.", {"kind": "colour histogram", "labels": 1, "colour": "grey"}, light=0,
         ask=("And the features of ImageNet, in grey?", ["they lose as much", "they lose little"], 1)),
    Step("ImageNet's features without colour: they know shapes and textures, too.", {"kind": "ImageNet", "labels": 1, "colour": "grey"}, light=0),
]


def labels_and_features(train: XY, test: XY, features: Features) -> Scene:
    """A linear reading of features. Controls: kind (a name of FEATURES), labels (a class), colour. The target: a plain feature beats ImageNet.

    features : "colour" or "grey" → kind → (of train, of test).
    """
    names = list(MATERIALS)
    fig, (ax, bx, cx) = plt.subplots(1, 3, figsize=(8.2, 3.5), width_ratios=[2.2, 1, 1])
    bars = ax.barh(range(len(names)), np.zeros(len(names)), color=plots.SKY)
    ax.set(xlim=(0, 1), yticks=range(len(names)), yticklabels=names, xlabel="share of test patches read right")
    ax.tick_params(axis="y", labelsize=8)
    ax.invert_yaxis()
    quiet_title(ax, "Each material")
    blank = np.zeros((64, 64, 3), np.float32)
    wrong, taken = bx.imshow(blank), cx.imshow(blank)
    picture_frame(bx, "read wrong")
    picture_frame(cx, "what it was\ntaken for")

    @functools.lru_cache(maxsize=200)
    def read(kind: str, labels: int, colour: str) -> torch.Tensor:
        i = first_labels(train[1], labels, 0)
        known, unknown = features[colour][kind]
        return read_linearly((known[i], train[1][i]), unknown)

    def draw(kind: str, labels: int, colour: str) -> tuple[str, bool]:
        scores, y = read(kind, labels, colour), test[1]
        said = scores.argmax(1)
        for k, bar in enumerate(bars):
            bar.set_width(float((said[y == k] == k).float().mean()))
        missed = torch.where(said != y, scores.amax(1), -torch.inf)
        worst = int(missed.argmax())
        if float(missed[worst]) == -torch.inf:
            pictures, words = (blank + 1, blank + 1), "None is read wrong."
        else:
            own = torch.stack([test[0][worst], train[0][first_labels(train[1], labels, 0)][int(said[worst]) * labels]])
            pair = (own if colour == "colour" else in_grey(own)).permute(0, 2, 3, 1).numpy()
            pictures, words = (pair[0], pair[1]), f"The picture: {names[int(y[worst])]}, taken for {names[int(said[worst])]}."
        wrong.set_data(pictures[0])
        taken.set_data(pictures[1])
        ours, theirs = share(scores, y), share(read("ImageNet", labels, colour), y)
        beside = "" if kind == "ImageNet" else f", ImageNet's {measured(theirs, '.2f')}"
        many = "1 label" if labels == 1 else f"{labels} labels"
        return f"{kind}, {many} a material, in {colour}: {measured(ours, '.2f')} are right{beside}. {words}", kind != "ImageNet" and ours > theirs

    return draw, fig


READERS = ("one network", "one, softened", "five networks")


def how_sure(pictures: Mapping[str, torch.Tensor], logits: Mapping[str, torch.Tensor], temperature: float) -> Scene:
    """What a reader says of strangers. Controls: kind (of picture), number, reader (of READERS). The target: a stranger of which five networks are surer than 0.9.

    pictures : kind → (n, 1, 28, 28); logits : kind → (n_networks, n, 10).
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.0, 2.9), width_ratios=[1, 2])
    shown = ax.imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1)
    picture_frame(ax, "What the reader gets")
    bars = bx.bar(range(10), np.zeros(10), color=plots.SKY)
    bx.set(xticks=range(10), ylim=(0, 1), xlabel="digit", ylabel="probability")
    quiet_title(bx, "What it says")

    def draw(kind: str, number: int, reader: str) -> tuple[str, bool]:
        z = logits[kind][:, number]                                     # (n_networks, 10)
        p = z.softmax(1).mean(0) if reader == READERS[2] else (z[0] / (temperature if reader == READERS[1] else 1)).softmax(0)
        shown.set_data(pictures[kind][number, 0].numpy())
        for bar, value in zip(bars, p.tolist(), strict=True):
            bar.set_height(value)
        alone = [int(k) for k in z.argmax(1)]
        return (f"{kind}, number {number}; {reader}: a {int(p.argmax())}, to {measured(100 * float(p.max()), '.0f')} %. "
                f"The networks one by one say {', '.join(measured(str(k)) for k in alone)}.",
                kind != "digits" and reader == READERS[2] and float(p.max()) > 0.9)

    return draw, fig


TASKS = ("classification", "detection", "segmentation")
_PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7F3C8D", "#8C6D31", "#9AA0A6", "#FFFFFF")
COLORS = ListedColormap(_PALETTE)


def three_tasks(scenes: Mapping[str, Scenes], answers: Mapping[str, Mapping[str, tuple[torch.Tensor, list[list[tuple[int, Box]]], torch.Tensor]]]) -> Scene:
    """One scene, three tasks. Controls: digits ("apart" or "touching"), number, task, by ("plain" or "network"). The target: all found by the network, not by the plain way.

    answers : digits → by → (largest digit (N,), boxes, mask (N, 48, 48)).
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.0, 3.5))
    shown = [a.imshow(np.zeros((SIDE, SIDE)), cmap="gray_r", vmin=0, vmax=1) for a in (ax, bx)]
    colours = [a.imshow(np.full((SIDE, SIDE), PAPER), cmap=COLORS, vmin=-0.5, vmax=10.5) for a in (ax, bx)]
    frames = [[a.add_patch(Rectangle((0, 0), 0, 0, fill=False, linewidth=2.5)) for _ in range(12)] for a in (ax, bx)]
    words = [plots.Labels(a, 13, plots.BLACK) for a in (ax, bx)]
    picture_frame(ax, "True")
    picture_frame(bx, "Said")

    def put(side: int, picture: np.ndarray, task: str, label: int, boxes: Sequence[tuple[int, Box]], mask: np.ndarray) -> None:
        colours[side].set_visible(task == TASKS[2])
        colours[side].set_data(mask)
        shown[side].set_data(picture)
        kept = list(boxes)[:12] if task == TASKS[1] else []
        for i, frame in enumerate(frames[side]):
            frame.set_visible(i < len(kept))
            if i < len(kept):
                digit, (left, top, right, bottom) = kept[i]
                frame.set_bounds(left - 0.5, top - 0.5, right - left, bottom - top)
                frame.set_edgecolor(_PALETTE[digit])
        texts = {TASKS[0]: [(str(label), (SIDE - 4, 3))], TASKS[1]: [(str(d), (b[0] + 1, max(b[1] - 2, 1))) for d, b in kept], TASKS[2]: []}[task]
        words[side].put([t for t, _ in texts], [at for _, at in texts])

    def draw(digits: str, number: int, task: str, by: str) -> tuple[str, bool]:
        true, (label, boxes, mask) = scenes[digits], answers[digits][by]
        picture = true.x[number, 0].numpy()
        put(0, picture, task, int(true.largest[number]), true.boxes[number], true.mask[number].numpy())
        put(1, picture, task, int(label[number]), boxes[number], mask[number].numpy())
        n, ink = len(true.boxes[number]), true.mask[number] != PAPER
        found = {b: hits(answers[digits][b][1][number], true.boxes[number]) for b in answers[digits]}
        said = {TASKS[0]: f"the largest digit is said to be a {measured(str(int(label[number])))}, and is a {int(true.largest[number])}",
                TASKS[1]: f"{measured(str(found[by]))} of {n} digits have a right box, {measured(str(len(boxes[number])))} boxes are given",
                TASKS[2]: f"{measured(100 * float((mask[number] == true.mask[number])[ink].float().mean()), '.0f')} % of the ink has the right label"}[task]
        return f"Scene {number}, digits {digits}, {task}, {by}: {said}.", by == "network" and task == TASKS[1] and found[by] == n > found["plain"]

    return draw, fig
