"""Figures to play with, boxes alone: two boxes, suppression, and average precision built up detection by detection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers import plots
from helpers.topics.detection.boxes import (
    COCO,
    Detections,
    average_precision,
    detections,
    giou,
    iou,
    match,
    nms,
    pooled,
    precision_recall,
)
from helpers.topics.detection.pictures import Pictures, scenes
from helpers.widgets.steps import Step

NMS_STEPS = [
    Step("Two digits apart. The threshold is high: hardly any box goes, and each digit wears several.", {"scene": "apart", "most": 0.9}, light=0,
         ask=("What does each spare box count as?", ["a hit", "a false alarm"], 1)),
    Step("At 0.5 the surest box of each digit is left, and the spare ones are gone.", {"scene": "apart", "most": 0.5}, light=0),
    Step("Two digits on top of each other: at 0.5 one of them loses its only box.", {"scene": "on top of each other", "most": 0.5}, light=0,
         ask=("Which threshold keeps both here?", ["a higher one", "a lower one", "none does it without a spare box"], 2)),
]
AP_STEPS = [
    Step("Only the surest detections are admitted: precision is high, recall low.", {"score": 0.9, "least": 0.5}, light=1,
         ask=("A lower score threshold admits more. What can recall do?", ["only grow, or stay", "grow or fall"], 0)),
    Step("All detections: the curve is whole. The shaded area is AP.", {"score": 0.0, "least": 0.5}, light=1),
    Step("The same boxes, but a hit must overlap by 0.8: boxes that were good enough are false alarms now.", {"score": 0.0, "least": 0.8}, light=1,
         ask=("Why does AP fall so far?", ["fewer digits are found by any box", "boxes are near, and not exact"], 1)),
]


def outline(ax: Axes, n: int, color: str, style: str = "-", width: float = 1.8) -> list[Rectangle]:
    """n hidden rectangles, to be placed with :func:`put`."""
    made = [Rectangle((0, 0), 1, 1, fill=False, edgecolor=color, linestyle=style, linewidth=width, visible=False) for _ in range(n)]
    for patch in made:
        ax.add_patch(patch)
    return made


def put(patches: Sequence[Rectangle], boxes: np.ndarray) -> None:
    """Show the first boxes, and hide the other patches. Pixel i of a picture reaches from i − ½ to i + ½."""
    for i, patch in enumerate(patches):
        patch.set_visible(i < len(boxes))
        if i < len(boxes):
            x1, y1, x2, y2 = boxes[i]
            patch.set_bounds(x1 - 0.5, y1 - 0.5, x2 - x1, y2 - y1)


def two_boxes() -> tuple[Callable[[float, float, float, float], tuple[str, bool]], Figure]:
    """Controls: x, y (the corner of the moving box), width, height. The target: an IoU of 0.5, a hundredth up or down."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.6, 3.3), width_ratios=[1.2, 1])
    still = np.array([20.0, 20.0, 60.0, 60.0])
    ax.set(xlim=(0, 100), ylim=(100, 0), aspect="equal", xlabel="x (pixels)", ylabel="y (pixels, down)")
    ax.add_patch(Rectangle((20, 20), 40, 40, fill=False, edgecolor=plots.BLUE, linewidth=2))
    moving = Rectangle((0, 0), 1, 1, fill=False, edgecolor=plots.VERMILION, linewidth=2, linestyle="--")
    inner = Rectangle((0, 0), 0, 0, facecolor=plots.SKY, alpha=0.6)
    ax.add_patch(moving)
    ax.add_patch(inner)
    plots.quiet_title(ax, "Blue stays, orange (dashed) moves")
    bars = bx.barh(["GIoU", "IoU"], [0, 0], color=[plots.GREEN, plots.BLUE])
    bx.set(xlim=(-1, 1))
    bx.axvline(0, color="0.5", linewidth=1)
    bx.axvline(0.5, color="0.7", linewidth=1, linestyle=":")
    plots.quiet_title(bx, "How far they overlap")

    def draw(x: float, y: float, width: float, height: float) -> tuple[str, bool]:
        box = np.array([x, y, x + width, y + height])
        moving.set_bounds(x, y, width, height)
        low, high = np.maximum(still[:2], box[:2]), np.minimum(still[2:], box[2:])
        w, h = (high - low).clip(0)
        inner.set_bounds(low[0], low[1], w if h else 0, h if w else 0)
        both, union, near = w * h, 1600 + width * height - w * h, float(giou(still, box)[0, 0])
        value = float(iou(still, box)[0, 0])
        bars[0].set_width(near)
        bars[1].set_width(value)
        return f"Intersection {both:.0f}, union {union:.0f} square pixels: IoU {value:.3f}, GIoU {near:.3f}.", abs(value - 0.5) <= 0.01

    return draw, fig


def candidates(seed: int = 106) -> dict[str, tuple[np.ndarray, np.ndarray, Detections]]:
    """Two scenes and what an imagined detector says of them, five boxes a digit, each a little off: name → picture, truth, boxes."""
    rng = np.random.default_rng(seed)
    truths = {"apart": np.array([[6, 8, 26, 34], [36, 26, 56, 54]], float), "on top of each other": np.array([[14, 14, 38, 46], [18, 17, 43, 48]], float)}
    made = {}
    for name, truth in truths.items():
        spread = [truth[i] + (np.array([1, -1, 1, 1]) if k == 0 else rng.normal(0, 3.0, 4)) for i in range(2) for k in range(5)]
        scores = [0.95 - 0.1 * i - 0.09 * k for i in range(2) for k in range(5)]
        made[name] = np.zeros((64, 64)), truth, detections(np.array(spread), scores)
    return made


def suppression() -> tuple[Callable[[str, float], tuple[str, bool]], Figure]:
    """Controls: scene, most (the IoU above which a box goes). The target: on the scene of two on top of each other, both digits kept."""
    given = candidates()
    fig, ax = plt.subplots(figsize=(4.4, 3.8))
    ax.set(xlim=(0, 64), ylim=(64, 0), aspect="equal")
    plots.picture_frame(ax, "Blue: the digits' own boxes. Orange: kept")
    gone, kept_ones, true = outline(ax, 10, "0.75", ":", 1.2), outline(ax, 10, plots.VERMILION, "--"), outline(ax, 2, plots.BLUE, "-", 3)

    def draw(scene: str, most: float) -> tuple[str, bool]:
        _, truth, found = given[scene]
        keep = nms(found.boxes, found.scores, most)
        left = found.boxes[keep]
        put(true, truth)
        put(kept_ones, left)
        put(gone, np.delete(found.boxes, keep, 0))
        hits = int(match(left, truth).sum())
        spare = len(left) - hits
        return f"Above {most:.2f} a box goes: {len(left)} of 10 are kept, {hits} of 2 digits found, {spare} false alarms.", scene != "apart" and hits == 2

    return draw, fig


def average(found: Sequence[Detections], truth: Sequence[np.ndarray]) -> tuple[Callable[[float, float], tuple[str, bool]], Figure]:
    """Controls: score (the threshold above which detections count), least (the IoU of a hit). The target: the best F1 of any threshold, at IoU 0.5."""
    n = sum(map(len, truth))
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.4, 3.3), width_ratios=[1, 1.2])
    tables = {least: pooled(found, truth, least) for least in COCO}
    curves = {least: precision_recall(hits, n) for least, (hits, _) in tables.items()}
    scores = tables[0.5][1]
    ax.set(xlim=(0, len(scores) + 1), ylim=(0, 1), xlabel="detection, the surest first", ylabel="its score")
    (right,) = ax.plot([], [], "o", color=plots.BLUE, markersize=4)
    (wrong,) = ax.plot([], [], "x", color=plots.VERMILION, markersize=5)
    line = ax.axhline(0, color="0.4", linewidth=1)
    plots.quiet_title(ax, "Dot: a hit. Cross: a false alarm")
    (curve,) = bx.plot([], [], color=plots.BLACK, marker=".", markersize=4)
    (area,) = bx.fill([0, 0, 0], [0, 0, 0], color=plots.SKY, alpha=0.5)
    bx.set(xlim=(0, 1), ylim=(0, 1.05), xlabel=f"recall (of {n} digits)", ylabel="precision")
    plots.quiet_title(bx, "Precision over recall; shaded: the area so far")
    precision, recall = curves[0.5]
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    last = 0.0

    def draw(score: float, least: float) -> tuple[str, bool]:
        nonlocal last
        key = min(COCO, key=lambda value: abs(value - least))
        hits, _ = tables[key]
        shown = int((scores > score).sum())
        if key != last:
            where = np.arange(1, len(scores) + 1)
            right.set_data(where[hits], scores[hits])
            wrong.set_data(where[~hits], scores[~hits])
            last = key
        line.set_ydata([score, score])
        p, r = (part[:shown] for part in curves[key])
        curve.set_data(r, p)
        best = np.maximum.accumulate(p[::-1])[::-1]
        steps = np.repeat(best, 2)
        ends = np.repeat(np.r_[0.0, r], 2)[1:-1]
        area.set_xy(np.c_[np.r_[0, ends, ends[-1] if shown else 0], np.r_[0, steps, 0]])
        ap = average_precision(hits[:shown], n)
        words = (f"Above a score of {score:.2f}: {shown} detections, {int(hits[:shown].sum())} hits at IoU {key:g}. "
                 f"Area so far {ap:.2f}, precision {p[-1] if shown else 1.0:.2f}, recall {r[-1] if shown else 0.0:.2f}.")
        return words, key == 0.5 and shown > 0 and bool(f1[shown - 1] >= f1.max() - 1e-9)

    return draw, fig


def imagined(n: int = 8, seed: int = 3) -> tuple[list[Detections], Pictures]:
    """n validation scenes, and what an imagined detector says: most digits with a box a little off, and some boxes on nothing."""
    pictures = scenes(n, "val", seed, count=(2, 3))
    rng = np.random.default_rng(seed)
    found = []
    for truth in pictures.boxes:
        near = [box + rng.normal(0, 1.6, 4) for box in truth if rng.random() < 0.9]
        sides = rng.uniform(14, 28, (2, 2))
        corners = rng.uniform(0, 64 - sides)
        scores = np.r_[rng.beta(5, 2, len(near)), rng.beta(2, 4, 2)]
        found.append(detections(np.array([*near, *np.c_[corners, corners + sides]]), scores))
    return found, pictures
