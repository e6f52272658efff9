"""Figures to play with: who answers for which box, the LSTM step by step, and coins on textures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from scipy.optimize import linear_sum_assignment

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.detection.boxes import Detections, match
from helpers.topics.detection.pictures import SIZE, Pictures
from helpers.topics.detection.recurrent import STEPS, Looker
from helpers.topics.detection.scenes_boxes import outline, put
from helpers.widgets.steps import Step

WAYS = ("Hungarian", "nearest first", "left to right")
LOOK_STEPS = [
    Step("Step 1: bright is where the LSTM looks. The box is what it says there.", {"scene": 1, "step": 1, "coverage": True}, light=0,
         ask=("Where will it look next?", ["at the same digit", "at another one"], 1)),
    Step("Step 2: coverage tells each place how much it has been looked at, so the look moves on.", {"scene": 1, "step": 2, "coverage": True}, light=0),
    Step("The last step. Where no digit is left, a confidence below 0.5 says stop. Does it here?", {"scene": 1, "step": 4, "coverage": True}, light=1,
         ask=("What decides how many boxes there are?", ["the confidence of each step", "suppression"], 0)),
]


def assign(cost: np.ndarray, way: str) -> np.ndarray:
    """Which true box each said box answers for: the columns, by one of WAYS."""
    n = len(cost)
    if way == "Hungarian":
        return linear_sum_assignment(cost)[1]
    if way == "left to right":
        return np.arange(n)
    left, chosen = cost.astype(float).copy(), np.zeros(n, int)
    for _ in range(n):
        row, column = np.unravel_index(left.argmin(), left.shape)
        chosen[row] = column
        left[row], left[:, column] = np.inf, np.inf
    return chosen


def pairing() -> tuple[Callable[[int, int, str], tuple[str, bool]], Figure]:
    """Controls: x, y (the middle of said box A), way. The target: a place where nearest first costs more than the Hungarian method."""
    true = np.array([[16.0, 34.0], [34.0, 34.0], [50.0, 34.0]])
    fig, ax = plt.subplots(figsize=(5.6, 3.4))
    ax.set(xlim=(0, 64), ylim=(64, 0), xlabel="x (pixels)", ylabel="y (pixels, down)")
    ax.plot(*true.T, "s", color=plots.BLUE, markersize=13, label="true")
    (said,) = ax.plot([], [], "o", color=plots.VERMILION, markersize=11, label="said, steps A B C")
    lines = LineCollection([], colors="0.3", linewidths=1.8, zorder=1)
    ax.add_collection(lines)
    names = plots.Labels(ax, 9, "white")
    ax.legend(fontsize=8, frameon=True, framealpha=1, loc="lower right")
    plots.quiet_title(ax, "Who answers for which?")

    def draw(x: int, y: int, way: str) -> tuple[str, bool]:
        points = np.array([[x, y], [30, 20], [20, 50]], float)
        cost = np.abs(points[:, None] - true[None]).sum(-1)
        chosen = {name: assign(cost, name) for name in WAYS}
        total = {name: float(cost[np.arange(3), columns].sum()) for name, columns in chosen.items()}
        said.set_data(*points.T)
        lines.set_segments([[points[i], true[k]] for i, k in enumerate(chosen[way])])
        names.put(list("ABC"), [tuple(p) for p in points])
        words = f"{way.capitalize()}: distances sum to {total[way]:.0f} pixels. Least possible: {total['Hungarian']:.0f}; nearest first {total['nearest first']:.0f}."
        return words, total["nearest first"] > total["Hungarian"]

    return draw, fig


def looking(pictures: Pictures, f: torch.Tensor, model: Looker, n: int = 8) -> tuple[Callable[[int, int, bool], tuple[str, bool]], Figure]:
    """Controls: scene, step, coverage. The target: a scene that is read without a fault when coverage is on, and not when it is off."""
    stored = {}
    before = model.coverage
    for coverage in (True, False):
        model.coverage = coverage
        with torch.no_grad():
            stored[coverage] = tuple(t.numpy() for t in model.look(f[:n]))
    model.coverage = before
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.8, 3.5), width_ratios=[1.1, 1])
    plots.picture_frame(ax, "where it looks, and what it says")
    image = ax.imshow(np.zeros((SIZE, SIZE, 3)))
    viridis = plt.get_cmap("viridis")
    old, now = outline(ax, STEPS, plots.ORANGE, ":", 1.2), outline(ax, 1, plots.ORANGE, "-", 2.4)
    bars = bx.bar(range(1, STEPS + 1), [0] * STEPS, color=plots.SKY)
    bx.set(ylim=(0, 1.15), xlabel="step", ylabel="confidence", xticks=range(1, STEPS + 1))
    names = plots.Labels(bx, 12)
    plots.quiet_title(bx, "says a digit, if above 0.5")

    def draw(scene: int, step: int, coverage: bool) -> tuple[str, bool]:
        i, truth, labels = scene - 1, pictures.boxes[scene - 1], pictures.labels[scene - 1]
        out, maps = (part[i] for part in stored[coverage])
        looked = viridis(np.minimum(2 * maps[step - 1].reshape(8, 8), 1))[..., :3]         # one picture is painted sooner than two
        image.set_data(0.6 * pictures.x[i, 0].numpy()[..., None] + 0.4 * np.kron(looked, np.ones((8, 8, 1))))
        sure = 1 / (1 + np.exp(-out[:, 0]))
        said = out[:, 5:].argmax(1)
        put(old, out[:step - 1][sure[:step - 1] > 0.5, 1:5])
        put(now, out[step - 1:step, 1:5] if sure[step - 1] > 0.5 else out[:0, 1:5])
        for k, bar in enumerate(bars):
            bar.set_height(sure[k])
            bar.set_facecolor(plots.VERMILION if k == step - 1 else plots.SKY)
        names.put([str(c) for c in said], [(k + 1, min(sure[k] + 0.06, 1.08)) for k in range(STEPS)])
        reading = ", ".join(str(c) for c in said[sure > 0.5])
        faults = {key: _faults(outs[i], truth, labels) for key, (outs, _) in stored.items()}
        words = (f"Scene {scene}, step {step}: {measured(str(said[step - 1]))} with confidence {measured(sure[step - 1], '.2f')}. "
                 f"Coverage {'on' if coverage else 'off'}: it reads {measured(reading or 'nothing')}; the scene holds {', '.join(map(str, labels))}.")
        return words, faults[True] == 0 < faults[False] and not coverage

    return draw, fig


def _faults(out: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> int:
    """Digits that are not read right, and boxes that are no digit."""
    sure = 1 / (1 + np.exp(-out[:, 0]))
    order = np.argsort(-sure)
    order = order[sure[order] > 0.5]
    said = out[order, 5:].argmax(1)
    right = sum(int(match(out[order][said == c, 1:5], truth[labels == c]).sum()) for c in np.unique(labels))
    return len(truth) - right + len(order) - right


def coin_finds(pictures: Pictures, found: dict[str, Sequence[Detections]]) -> tuple[Callable[[int, str], tuple[str, bool]], Figure]:
    """Controls: scene, way. The target: a scene in which the threshold misses coins and the network finds all."""
    fig, ax = plt.subplots(figsize=(4.4, 4.0))
    plots.picture_frame(ax, "Blue: true. Orange: found")
    edge = pictures.x.shape[-1]
    image = ax.imshow(np.zeros((edge, edge)), cmap="gray", vmin=0, vmax=1)
    true, said = outline(ax, 8, plots.SKY, "-", 2.5), outline(ax, 24, plots.VERMILION, "--", 1.6)

    def draw(scene: int, way: str) -> tuple[str, bool]:
        i = scene - 1
        image.set_data(pictures.x[i, 0].numpy())
        put(true, pictures.boxes[i])
        put(said, found[way][i].boxes[:24])
        hits = {name: int(match(f[i].boxes, pictures.boxes[i]).sum()) for name, f in found.items()}
        spare = len(found[way][i].boxes) - hits[way]
        return (f"Scene {scene}, {way}: {measured(str(hits[way]))} of {len(pictures.boxes[i])} coins found, {measured(str(spare))} other boxes.",
                hits["network"] == len(pictures.boxes[i]) > hits["threshold"])

    return draw, fig
