"""Boxes (x1, y1, x2, y2) in pixels: how far two overlap, which of many to keep, and how good a list of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

#: The overlaps at which COCO's mAP asks for a hit: 0.5, 0.55 … 0.95.
COCO = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))


class Detections(NamedTuple):
    """What a detector says of one picture, the surest first: boxes (k, 4), scores (k,), labels (k,)."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray

    def above(self, threshold: float) -> Detections:
        """Those whose score is greater."""
        keep = self.scores > threshold
        return Detections(self.boxes[keep], self.scores[keep], self.labels[keep])


def detections(boxes: ArrayLike, scores: ArrayLike, labels: ArrayLike | None = None) -> Detections:
    """Sorted by score; label 0 for all if none are given.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    b, s = as_boxes(boxes), np.asarray(scores, float).reshape(-1)
    c = np.zeros(len(s), np.int64) if labels is None else np.asarray(labels, np.int64).reshape(-1)
    if not len(b) == len(s) == len(c):
        raise ValueError(f"boxes, scores and labels must have one length, got {len(b)}, {len(s)} and {len(c)}")
    order = np.argsort(-s, kind="stable")
    return Detections(b[order], s[order], c[order])


def as_boxes(boxes: ArrayLike) -> np.ndarray:
    """(N, 4) floats; an empty list has shape (0, 4).

    Raises
    ------
    ValueError
        If the last axis has not four numbers.
    """
    b = np.asarray(boxes, float)
    if b.size == 0:
        return b.reshape(0, 4)
    if b.ndim == 1:
        b = b[None]
    if b.ndim != 2 or b.shape[1] != 4:
        raise ValueError(f"boxes must have shape (N, 4): x1, y1, x2, y2; got {b.shape}")
    return b


def iou(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Intersection over union of each box of a with each of b: (N, 4), (M, 4) → (N, M); 0 where both are empty."""
    p, q = as_boxes(a), as_boxes(b)
    inner = np.minimum(p[:, None, 2:], q[None, :, 2:]) - np.maximum(p[:, None, :2], q[None, :, :2])     # (N, M, 2)
    both = inner.clip(0).prod(2)
    union = _areas(p)[:, None] + _areas(q)[None] - both
    return np.divide(both, union, out=np.zeros_like(both), where=union > 0)


def giou(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """IoU less the share of the smallest common hull that neither covers: (N, M), from −1 to 1.

    *Source*: Rezatofighi and others (2019), arXiv:1902.09630.
    """
    p, q = as_boxes(a), as_boxes(b)
    inner = np.minimum(p[:, None, 2:], q[None, :, 2:]) - np.maximum(p[:, None, :2], q[None, :, :2])
    union = _areas(p)[:, None] + _areas(q)[None] - inner.clip(0).prod(2)
    hull = (np.maximum(p[:, None, 2:], q[None, :, 2:]) - np.minimum(p[:, None, :2], q[None, :, :2])).prod(2)
    return iou(p, q) - np.divide(hull - union, hull, out=np.zeros_like(hull), where=hull > 0)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(1)


def nms(boxes: ArrayLike, scores: ArrayLike, most: float = 0.5) -> np.ndarray:
    """Non-maximum suppression: the places of the boxes that are kept, the surest first (int64).

    The surest box stays, all that overlap it by more than ``most`` (IoU) go; then the surest of the rest.
    """
    b, s = as_boxes(boxes), np.asarray(scores, float)
    overlap = iou(b, b)
    order, keep = np.argsort(-s, kind="stable"), []
    while len(order):
        first, rest = order[0], order[1:]
        keep.append(first)
        order = rest[overlap[first, rest] <= most]
    return np.array(keep, np.int64)


def match(found: ArrayLike, truth: ArrayLike, least: float = 0.5) -> np.ndarray:
    """For boxes of one picture, the surest first: which of them hit (bool, (k,)).

    Each takes the free true box that it overlaps most, if by at least ``least``. A true box is taken once.
    """
    return _taken(iou(found, truth), least)


def _taken(overlap: np.ndarray, least: float) -> np.ndarray:
    hits, free = np.zeros(len(overlap), bool), overlap.copy()
    for k, row in enumerate(free):
        if row.size and row.max() >= least and row.max() > 0:
            hits[k] = True
            free[:, row.argmax()] = 0
    return hits


def precision_recall(hits: ArrayLike, n_truth: int) -> tuple[np.ndarray, np.ndarray]:
    """After each detection, the surest first: the share of detections that hit, and the share of true boxes found."""
    right = np.cumsum(np.asarray(hits, bool))
    return right / np.arange(1, len(right) + 1), right / max(n_truth, 1)


def average_precision(hits: ArrayLike, n_truth: int) -> float:
    """The area under precision over recall; at each recall the best precision that is reached there or farther on.

    NaN if there is nothing to find. *Source*: Everingham and others (2010), doi:10.1007/s11263-009-0275-4.
    """
    if n_truth == 0:
        return float("nan")
    precision, recall = precision_recall(hits, n_truth)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * np.diff(recall, prepend=0)).sum())


@dataclass(frozen=True)
class Score:
    """ap50: mean over classes of AP at IoU 0.5. mean: the same over the IoUs 0.5 to 0.95, COCO's mAP. any_label: AP at 0.5, labels ignored."""

    ap50: float
    mean: float
    any_label: float


def score(found: Sequence[Detections], boxes: Sequence[np.ndarray], labels: Sequence[np.ndarray], overlaps: Sequence[float] = COCO) -> Score:
    """AP over a set of pictures. Classes that appear in no picture do not count.

    Parameters
    ----------
    found : list of Detections, one a picture
    boxes, labels : lists of (k, 4) and (k,) arrays
        The truth.

    Raises
    ------
    ValueError
        If the lists differ in length.
    """
    if not len(found) == len(boxes) == len(labels):
        raise ValueError(f"one entry a picture in each list; got {len(found)}, {len(boxes)} and {len(labels)}")
    classes = sorted({int(c) for part in labels for c in part})
    table = np.full((len(classes), len(overlaps)), np.nan)
    for row, c in enumerate(classes):
        of_class = [Detections(*(part[d.labels == c] for part in d)) for d in found]
        truth = [b[k == c] for b, k in zip(boxes, labels, strict=True)]
        table[row] = _areas_under(of_class, truth, overlaps)
    return Score(float(table[:, 0].mean()), float(table.mean()), float(_areas_under(found, boxes, overlaps[:1])[0]))


def _areas_under(found: Sequence[Detections], truth: Sequence[np.ndarray], overlaps: Sequence[float]) -> list[float]:
    """AP for one class at each of the overlaps."""
    n = sum(map(len, truth))
    near = [iou(d.boxes, t) for d, t in zip(found, truth, strict=True) if len(d.boxes)]
    order = np.argsort(-np.concatenate([np.zeros(0), *(d.scores for d in found)]), kind="stable")
    return [average_precision(np.concatenate([np.zeros(0, bool), *(_taken(table, least) for table in near)])[order], n) for least in overlaps]


def pooled(found: Sequence[Detections], truth: Sequence[np.ndarray], least: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """All detections of all pictures, the surest first: which hit, and their scores."""
    hits = [match(d.boxes, t, least) for d, t in zip(found, truth, strict=True)]
    scores = np.concatenate([np.zeros(0), *(d.scores for d in found)])
    order = np.argsort(-scores, kind="stable")
    return np.concatenate([np.zeros(0, bool), *hits])[order], scores[order]
