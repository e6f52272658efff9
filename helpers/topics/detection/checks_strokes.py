"""Exercises 11.9 to 11.12: windows counted, a false-alarm rate, a stroke at equal distances, the last answer of a GRU."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise, distinct

# ---------------------------------------------------------------- 11.9 how many windows?

def _by_unfolding(height: int, width: int, edge: int, step: int) -> int:
    """As torch cuts them out."""
    if edge > height or edge > width:
        return 0
    return int(F.unfold(torch.zeros(1, 1, height, width), edge, stride=step).shape[2])


def _window_cases() -> list[Case]:
    sizes = [(30, 41, 25, 4), (25, 25, 25, 4), (24, 90, 25, 4), (90, 24, 25, 4), (128, 96, 25, 4), (40, 53, 7, 1), (31, 64, 9, 5), (50, 61, 10, 10)]
    return [Case(f"{h} × {w} pixels, windows of {e}, every {s}", (h, w, e, s)) for h, w, e, s in sizes]


count = Exercise("11.9", oracle=_by_unfolding, cases=_window_cases, whole=True, verified="as many as torch cuts out, for eight sizes; none where the picture is too small")


@count.wrong("the last window is lost: it may begin at height − edge, so add 1.")
def last_lost(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return max((height - edge) // step, 0) * max((width - edge) // step, 0)


@count.wrong("windows may not hang over the edge: the last begins at height − edge.")
def hanging_over(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return (height // step) * (width // step)


@count.wrong("where the picture is smaller than a window there is none; two negative counts must not make a positive one.")
def too_small(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return abs(((height - edge) // step + 1) * ((width - edge) // step + 1)) if min(height, width) >= edge else 1


@count.wrong("rows and columns are counted alike: the picture is no square.")
def square(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return max((height - edge) // step + 1, 0) ** 2


@count.wrong("windows are placed every `step` pixels, not side by side.")
def side_by_side(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return (height // edge) * (width // edge)


@count.also_right
def by_ranges(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return len(range(0, height - edge + 1, step)) * len(range(0, width - edge + 1, step))


@count.also_right
def one_by_one(height: Any, width: Any, edge: Any, step: Any) -> Any:
    return sum(y + edge <= height and x + edge <= width for y in range(0, height, step) for x in range(0, width, step))


# ---------------------------------------------------------------- 11.10 a false-alarm rate

SOUGHT, LOOKED_AT, FOUND, PRECISION = 0.9 * (1 / 0.75 - 1) / 16_199, 16_200, 0.9, 0.75


def _rate(value: Any) -> str | None:
    r = float(value)
    if not 0 < r < 1:
        return f"a rate lies between 0 and 1, got {r:g}"
    alarms = r * (LOOKED_AT - 1)
    got = FOUND / (FOUND + alarms)
    if abs(got - PRECISION) < 0.005:
        return None
    return f"with a rate of {r:.3g} there are {alarms:.3g} false alarms a photograph and a precision of {got:.3f}; 0.75 is wanted"


rate = Exercise("11.10", kind="value", judge=_rate, verified="with this rate, three of four boxes are a face")


@rate.wrong("a precision of 0.001")
def a_tenth() -> Any:
    return 0.1


@rate.wrong("a precision of 0.000")
def what_accuracy_suggests() -> Any:
    return 0.25


@rate.wrong("a rate lies between 0 and 1")
def alarms_not_rate() -> Any:
    return 3


@rate.wrong("a precision of 0.474")
def one_a_photograph() -> Any:
    return 1 / 16_199


@rate.wrong("a precision of 0.730")
def face_always_found() -> Any:
    return (1 / 0.75 - 1) / 16_199


@rate.also_right
def as_fraction() -> Any:
    return 0.3 / 16_199


@rate.also_right
def rounded() -> Any:
    return 1.85e-5


# ---------------------------------------------------------------- 11.11 equal distances

def _by_walking(points: np.ndarray, n: int) -> np.ndarray:
    """Along the stroke, segment by segment, in small words."""
    lengths = [float(np.hypot(*(b - a))) for a, b in pairwise(points)]
    total, out = sum(lengths), []
    for k in range(n):
        left, i = total * k / (n - 1), 0
        while i < len(lengths) - 1 and left > lengths[i]:
            left -= lengths[i]
            i += 1
        share = min(left / lengths[i], 1.0) if lengths[i] else 0.0
        out.append(points[i] + share * (points[i + 1] - points[i]))
    return np.array(out)


def _stroke_cases() -> list[Case]:
    rng = np.random.default_rng(1111)
    cases = [Case("three points, two sides of different length", (np.array([[0.0, 0], [10, 0], [10, 30]]), 5)), Case("a straight line", (np.array([[0.0, 0], [1, 1], [9, 9]]), 4))]
    for k in range(3):
        m, n = distinct(2, seed=k, least=6, most=20)
        cases.append(Case(f"{m} points to {n}", (np.cumsum(rng.normal(0, 5, (m, 2)), 0), n)))
    return cases


equal = Exercise("11.11", oracle=_by_walking, cases=_stroke_cases, tolerance=1e-6, verified="the same points as walking along the stroke, for five strokes; both ends are kept")


@equal.wrong("these are equal steps in the number of the point, as the mouse reported them: slow parts keep more points. Take equal steps in distance walked.")
def equal_in_time(points: Any, n: Any) -> Any:
    at, i = np.linspace(0, len(points) - 1, n), np.arange(len(points))
    return np.c_[np.interp(at, i, points[:, 0]), np.interp(at, i, points[:, 1])]


@equal.wrong("distance is the root of dx² + dy², not |dx| + |dy|.")
def by_blocks(points: Any, n: Any) -> Any:
    d = np.r_[0, np.cumsum(np.abs(np.diff(points, axis=0)).sum(1))]
    at = np.linspace(0, d[-1], n)
    return np.c_[np.interp(at, d, points[:, 0]), np.interp(at, d, points[:, 1])]


@equal.wrong("the last point is lost: linspace from 0 to the whole length, both ends included.")
def end_lost(points: Any, n: Any) -> Any:
    d = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0, d[-1], n, endpoint=False)
    return np.c_[np.interp(at, d, points[:, 0]), np.interp(at, d, points[:, 1])]


@equal.wrong("the distances from the beginning as the crow flies are no way along the stroke: sum the pieces.")
def from_the_beginning(points: Any, n: Any) -> Any:
    d = np.hypot(*(points - points[0]).T)
    at = np.linspace(0, d[-1], n)
    return np.c_[np.interp(at, d, points[:, 0]), np.interp(at, d, points[:, 1])]


@equal.wrong("x and y are exchanged in the answer.")
def exchanged(points: Any, n: Any) -> Any:
    return _by_walking(points, n)[:, ::-1]


@equal.also_right
def by_search(points: Any, n: Any) -> Any:
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    d = np.concatenate([[0.0], step.cumsum()])
    at = np.linspace(0, d[-1], n)
    i = np.clip(np.searchsorted(d, at, side="right") - 1, 0, len(step) - 1)
    return points[i] + ((at - d[i]) / step[i])[:, None] * (points[i + 1] - points[i])


@equal.also_right
def by_complex_numbers(points: Any, n: Any) -> Any:
    z = points[:, 0] + 1j * points[:, 1]
    d = np.r_[0, np.abs(np.diff(z)).cumsum()]
    w = np.interp(np.arange(n) * d[-1] / (n - 1), d, z)
    return np.stack([w.real, w.imag], 1)


# ---------------------------------------------------------------- 11.12 the last answer

def at_the_end_of_the_padding(out: Any, n: Any) -> Any:
    return out[:, -1].argmax(1)


def _last_cases() -> list[Case]:
    g = torch.Generator().manual_seed(1112)
    cases = []
    for k in range(4):
        strokes, steps, classes = distinct(3, seed=20 + k, least=3, most=12)
        n = torch.randint(1, steps + 1, (strokes,), generator=g)
        n[0] = steps - 1
        cases.append(Case(f"{strokes} strokes of up to {steps} points, {classes} classes", (torch.randn(strokes, steps, classes, generator=g), n)))
    return [*cases, Case("one stroke of one point, padded to 5", (torch.randn(1, 5, 4, generator=g), torch.tensor([1])))]


def _one_by_one(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return torch.tensor([int(row[k - 1].argmax()) for row, k in zip(out, n.tolist(), strict=True)])


last = Exercise("11.12", kind="fix", given=at_the_end_of_the_padding, oracle=_one_by_one, cases=_last_cases, tolerance=0, whole=True,
                verified="the answer after each stroke's own last point, for strokes of different lengths")


@last.wrong("the place of the last point is n − 1: places are counted from 0.")
def one_too_far(out: Any, n: Any) -> Any:
    return out[torch.arange(len(out)), n.clamp(max=out.shape[1] - 1)].argmax(1)


@last.wrong("the answers of all points are summed, those in the padding too: take the one at the last point.")
def summed(out: Any, n: Any) -> Any:
    return out.sum(1).argmax(1)


@last.wrong("the longest stroke's last point is taken for all: each has its own.")
def of_the_longest(out: Any, n: Any) -> Any:
    return out[:, int(n.max()) - 1].argmax(1)


@last.wrong("this is the answer after the first point.")
def after_the_first(out: Any, n: Any) -> Any:
    return out[:, 0].argmax(1)


@last.also_right
def by_gather(out: Any, n: Any) -> Any:
    return out.gather(1, (n - 1)[:, None, None].expand(-1, 1, out.shape[2]))[:, 0].argmax(-1)


@last.also_right
def by_mask(out: Any, n: Any) -> Any:
    at = (torch.arange(out.shape[1])[None] == n[:, None] - 1)[..., None]
    return torch.where(at, out, 0.0).sum(1).argmax(1)
