"""Exercises 11.1 to 11.4: overlap, suppression, average precision, and a box whose AP is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import auc

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.detection.boxes import average_precision, match

# ---------------------------------------------------------------- 11.1 IoU

def _by_painting(a: np.ndarray, b: np.ndarray) -> float:
    """Whole-number boxes as masks: pixels in both over pixels in either; 0 where there are none."""
    far = int(max(np.max(a), np.max(b), 1))
    masks = np.zeros((2, far, far), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, (a, b), strict=True):
        mask[int(y1):int(y2), int(x1):int(x2)] = True
    either = (masks[0] | masks[1]).sum()
    return float((masks[0] & masks[1]).sum() / either) if either else 0.0


def _iou_cases() -> list[Case]:
    rng = np.random.default_rng(111)
    pairs = [("two boxes that overlap", [2, 3, 12, 9], [6, 1, 15, 8]), ("one inside the other", [0, 0, 20, 10], [5, 2, 9, 7]), ("the same box twice", [3, 4, 8, 15], [3, 4, 8, 15]),
             ("boxes that touch along a side", [0, 0, 10, 7], [10, 0, 14, 7]), ("boxes that touch at a corner", [0, 0, 5, 6], [5, 6, 9, 13]),
             ("boxes far apart, left and right as well as above and below", [0, 0, 4, 5], [9, 11, 16, 20]), ("boxes far apart in x alone", [0, 2, 4, 9], [9, 2, 16, 9]),
             ("an empty box inside another", [4, 4, 4, 9], [0, 0, 10, 12]), ("two empty boxes", [3, 5, 3, 5], [3, 5, 3, 5])]
    for k in range(4):
        x, y = np.sort(rng.integers(0, 30, (2, 2))), np.sort(rng.integers(0, 40, (2, 2)))
        pairs.append((f"random boxes {k + 1}", [x[0, 0], y[0, 0], x[0, 1], y[0, 1]], [x[1, 0], y[1, 0], x[1, 1], y[1, 1]]))
    return [Case(label, (np.array(a, float), np.array(b, float))) for label, a, b in pairs]


overlap = Exercise("11.1", oracle=_by_painting, cases=_iou_cases, tolerance=1e-5,
                   verified="the same as counting painted pixels, for boxes that overlap, touch, lie apart or are empty")


def _parts(a: Any, b: Any) -> tuple[float, float, float]:
    w, h = max(min(a[2], b[2]) - max(a[0], b[0]), 0), max(min(a[3], b[3]) - max(a[1], b[1]), 0)
    return float(w * h), float((a[2] - a[0]) * (a[3] - a[1])), float((b[2] - b[0]) * (b[3] - b[1]))


@overlap.wrong("two negative sides make a positive area: a side below 0 is 0 (max(…, 0)), before the two are multiplied.")
def sides_below_zero(a: Any, b: Any) -> Any:
    _, one, two = _parts(a, b)
    both = float((min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1])))
    union = one + two - both
    return both / union if union else 0.0


@overlap.wrong("two negative sides make a positive area: cut off each side at 0, not their product.")
def product_cut_off(a: Any, b: Any) -> Any:
    _, one, two = _parts(a, b)
    both = max(float((min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))), 0.0)
    union = one + two - both
    return both / union if union else 0.0


@overlap.wrong("what lies in both is counted twice in the union: subtract it once.")
def union_counts_twice(a: Any, b: Any) -> Any:
    both, one, two = _parts(a, b)
    return both / (one + two) if one + two else 0.0


@overlap.wrong("a union of 0 divides by zero: two empty boxes have an IoU of 0.")
def divides_by_zero(a: Any, b: Any) -> Any:
    both, one, two = (np.float64(v) for v in _parts(a, b))
    with np.errstate(invalid="ignore"):
        return float(both / (one + two - both))


@overlap.wrong("pixels are not counted with + 1 here: a box from 0 to 10 is 10 wide.")
def with_plus_one(a: Any, b: Any) -> Any:
    w, h = max(min(a[2], b[2]) - max(a[0], b[0]) + 1, 0), max(min(a[3], b[3]) - max(a[1], b[1]) + 1, 0)
    one, two = ((c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b))
    return float(w * h / (one + two - w * h))


@overlap.wrong("the last two numbers are the far corner, x2 and y2, not width and height.")
def as_sizes(a: Any, b: Any) -> Any:
    a, b = (np.r_[c[:2], c[:2] + c[2:]] for c in (a, b))
    both, one, two = _parts(a, b)
    return both / (one + two - both) if one + two - both else 0.0


@overlap.wrong("this is the intersection over the smaller box, not over the union.")
def over_the_smaller(a: Any, b: Any) -> Any:
    both, one, two = _parts(a, b)
    return both / min(one, two) if min(one, two) else 0.0


@overlap.also_right
def by_numpy(a: Any, b: Any) -> Any:
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    both = np.prod(sides)
    union = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - both
    return both / union if union > 0 else 0.0


@overlap.also_right
def by_early_return(a: Any, b: Any) -> Any:
    if a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:
        return 0.0
    both, one, two = _parts(a, b)
    return both / max(one + two - both, 1e-12)


# ---------------------------------------------------------------- 11.2 NMS in the right order

_SORT, _EMPTY, _WHILE = "order = np.argsort(-scores)", "keep = []", "while len(order):"
_FIRST, _KEEP = "    first, rest = order[0], order[1:]", "    keep.append(first)"
_DROP = "    order = rest[iou(boxes[first], boxes[rest])[0] ____ most]"
_DROPPED = _DROP.replace("____", "<=")
suppress = Exercise(
    "11.2", kind="order", verified="the surest box is kept, what overlaps it too much goes, and the rest is asked again",
    lines=[_SORT, _EMPTY, _WHILE, _FIRST, _KEEP, _DROP], gaps={_DROP: (["<=", ">", "=="], "<=")},
    distractors={"order = np.argsort(scores)": "this sorts the least sure to the front: the worst box of each digit would be kept.",
                 "    keep.append(rest)": "rest is what is still in question: the box that is kept is the first.",
                 "    order = rest": "no box would ever go: what overlaps the first too much must be taken out of the rest."},
    needs={_SORT: [], _EMPTY: [], _WHILE: [_SORT, _EMPTY], _FIRST: [_WHILE], _KEEP: [_FIRST], _DROP: [_FIRST]})


@suppress.wrong("the line takes first and rest, which are told only below it.")
def drops_before_first() -> Any:
    return [_SORT, _EMPTY, _WHILE, _DROPPED, _FIRST, _KEEP]


@suppress.wrong("the comparison is turned round")
def keeps_the_near() -> Any:
    return [_SORT, _EMPTY, _WHILE, _FIRST, _KEEP, _DROP.replace("____", ">")]


@suppress.also_right
def empty_first() -> Any:
    return [_EMPTY, _SORT, _WHILE, _FIRST, _KEEP, _DROPPED]


@suppress.also_right
def kept_last() -> Any:
    return [_SORT, _EMPTY, _WHILE, _FIRST, _DROPPED, _KEEP]


# ---------------------------------------------------------------- 11.3 average precision

def _by_rectangles(hits: np.ndarray, n_truth: int) -> float:
    """The best precision at or beyond each recall, by definition; scikit-learn's auc adds up the steps."""
    right = [sum(hits[:k + 1]) for k in range(len(hits))]
    points = [(r / n_truth, max(right[j] / (j + 1) for j in range(k, len(hits)))) for k, r in enumerate(right)]
    x, y, last = [0.0], [points[0][1]], 0.0
    for recall, best in points:
        x += [last, recall]
        y += [best, best]
        last = recall
    return float(auc(x, y))


def _ap_cases() -> list[Case]:
    rng = np.random.default_rng(113)
    made = [("hit, false alarm, hit; 2 true boxes", [1, 0, 1], 2), ("only hits, all found", [1, 1, 1, 1], 4), ("only hits, 2 of 5 found", [1, 1], 5), ("only false alarms", [0, 0, 0], 3),
            ("a false alarm first", [0, 1, 1, 1], 3), ("one hit, of one", [1], 1), ("many false alarms at the end", [1, 1, *[0] * 20], 2)]
    made += [(f"{n} random detections", (rng.random(n) < 0.5).astype(int).tolist(), n) for n in (7, 12, 30)]
    return [Case(label, (np.array(hits, bool), n)) for label, hits, n in made]


area = Exercise("11.3", oracle=_by_rectangles, cases=_ap_cases, tolerance=1e-5, verified="the area under the best precision at or beyond each recall, added up by scikit-learn, for ten lists")


@area.wrong("the precision is taken as it is at each recall, not the best at this recall or a greater one: np.maximum.accumulate from the right.")
def not_interpolated(hits: Any, n_truth: Any) -> Any:
    right = np.cumsum(hits)
    return float((right / np.arange(1, len(hits) + 1) * np.diff(right / n_truth, prepend=0)).sum())


@area.wrong("the best precision so far is taken, from the left: at each recall it is the best at this recall or a greater one, so go from the right.")
def from_the_left(hits: Any, n_truth: Any) -> Any:
    right = np.cumsum(hits)
    best = np.maximum.accumulate(right / np.arange(1, len(hits) + 1))
    return float((best * np.diff(right / n_truth, prepend=0)).sum())


@area.wrong("recall is a share of the true boxes, n_truth, not of those that were found.")
def of_those_found(hits: Any, n_truth: Any) -> Any:
    return average_precision(hits, max(int(np.sum(hits)), 1))


@area.wrong("this is the mean of the precisions over all detections: each must count as much as recall grows there, and it grows at hits alone.")
def mean_precision(hits: Any, n_truth: Any) -> Any:
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(np.maximum.accumulate(precision[::-1])[::-1].mean())


@area.wrong("the first step is lost: recall begins at 0, so np.diff needs prepend=0.")
def first_step_lost(hits: Any, n_truth: Any) -> Any:
    right = np.cumsum(hits)
    best = np.maximum.accumulate((right / np.arange(1, len(hits) + 1))[::-1])[::-1]
    return float((best[1:] * np.diff(right / n_truth)).sum())


@area.wrong("this is the last precision alone: of all detections, the share that hit.")
def last_precision(hits: Any, n_truth: Any) -> Any:
    return float(np.mean(hits))


@area.also_right
def hit_by_hit(hits: Any, n_truth: Any) -> Any:
    precision = [sum(hits[:k + 1]) / (k + 1) for k in range(len(hits))]
    return sum(max(precision[k:]) for k in range(len(hits)) if hits[k]) / n_truth


@area.also_right
def backwards(hits: Any, n_truth: Any) -> Any:
    total, best, right = 0.0, 0.0, int(np.sum(hits))
    for k in range(len(hits) - 1, -1, -1):
        best = max(best, right / (k + 1))
        if hits[k]:
            total += best / n_truth
            right -= 1
    return total


# ---------------------------------------------------------------- 11.4 a box whose AP is 0.5

TRUTH = np.array([[10, 10, 30, 40], [40, 12, 60, 36]], float)
GIVEN = np.array([12, 11, 31, 39], float)


def _half(box: Any) -> str | None:
    b = np.asarray(box, float).reshape(-1)
    if b.shape != (5,):
        return f"expected five numbers, score, x1, y1, x2, y2; got {b.size}"
    if not np.isfinite(b).all() or b[3] <= b[1] or b[4] <= b[2]:
        return "x2 must be greater than x1, and y2 than y1"
    if b[0] == 0.8:
        return "the two scores are the same, so the order of the two is open: take another score"
    boxes = np.stack([b[1:], GIVEN])[np.argsort([-b[0], -0.8])]
    hits = match(boxes, TRUTH)
    found = average_precision(hits, 2)
    if abs(found - 0.5) < 1e-9 and not hits.all() and b[0] > 0.8:
        return None
    said = " and ".join(f"a {'hit' if hit else 'false alarm'}" for hit in hits)
    if b[0] <= 0.8 and abs(found - 0.5) < 1e-9:
        return "AP is 0.5, and your box is the less sure one: find one whose score is above 0.8"
    return f"the two detections are, in order, {said}: AP {found:.3f}"


half = Exercise("11.4", kind="value", judge=_half, verified="your box is the surer one, and the AP of the two is 0.5")


@half.wrong("AP is 0.5, and your box is the less sure one")
def less_sure() -> Any:
    return [0.3, 0, 0, 5, 5]


@half.wrong("in order, a hit and a hit: AP 1.000")
def hits_the_second() -> Any:
    return [0.9, 40, 12, 60, 36]


@half.wrong("in order, a false alarm and a hit: AP 0.250")
def on_nothing() -> Any:
    return [0.9, 0, 0, 5, 5]


@half.wrong("x2 must be greater than x1")
def width_and_height() -> Any:
    return [0.9, 10, 10, 5, 5]


@half.wrong("expected five numbers")
def four_numbers() -> Any:
    return [10, 10, 30, 40]


@half.also_right
def on_the_same_digit() -> Any:
    return [0.95, 10, 10, 30, 40]


@half.also_right
def as_array() -> Any:
    return np.array([0.99, 11, 9, 30, 41])
