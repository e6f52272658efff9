"""Exercise 4.3, the curve in one sweep: scikit-learn's roc_curve as oracle, and what people get wrong."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import roc_curve as sklearn_roc

from helpers.lesson.exercise import Case, Exercise

Pair = tuple[torch.Tensor, torch.Tensor]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 4.3 ROC

def _roc(scores: torch.Tensor, odd: torch.Tensor, *, drop: bool = False) -> Pair:
    false, caught, _ = sklearn_roc(odd.numpy(), scores.double().numpy(), drop_intermediate=drop)
    return torch.from_numpy(false), torch.from_numpy(caught)


def _swept(scores: torch.Tensor, odd: torch.Tensor, *, reorder: bool, first: bool) -> Pair:
    """The sweep, with one of its steps wrong."""
    order = scores.argsort(descending=True, stable=True)
    ordered, hits = scores[order], (odd[order] if reorder else odd).double()
    change, end, zero = ordered[1:] != ordered[:-1], torch.tensor([True]), torch.zeros(1, dtype=torch.float64)
    keep = torch.cat([end, change] if first else [change, end])
    caught, false = (torch.cat([zero, (part.cumsum(0) / part.sum())[keep]]) for part in (hits, 1 - hits))
    return false, caught


def _roc_cases() -> list[Case]:
    def case(seed: int, n: int, levels: int, share: float) -> Pair:
        g = torch.Generator().manual_seed(seed)
        odd = torch.rand(n, generator=g) < share
        odd[:2] = torch.tensor([True, False])
        return ((torch.rand(n, generator=g) + 0.5 * odd) * levels).round() / levels, odd

    g = torch.Generator().manual_seed(5)
    different = torch.randperm(10_000, generator=g) / 10_000
    return [
        Case("six scores, two of them equal", (torch.tensor([0.3, 0.9, 0.5, 0.5, 0.1, 0.7]), torch.tensor([False, True, True, False, False, False]))),
        Case("40 scores of few different values", case(1, 40, 7, 0.4)),
        Case("all scores equal", (torch.full((5,), 0.25), torch.tensor([True, False, False, True, False]))),
        Case("scores below zero", (-_normal(3, 25).abs(), torch.arange(25) % 3 == 0)),
        Case("two scores", (torch.tensor([0.2, 0.8]), torch.tensor([True, False]))),
        Case("four scores, two of them a millionth apart", (torch.tensor([0.2, 0.5, 0.500001, 0.9]), torch.tensor([False, False, True, True]))),
        Case("10,000 different scores", (different, torch.rand(10_000, generator=g) < 0.2 * different)),
        Case("60,000 scores of few different values", case(6, 60_000, 30, 0.1)),
    ]


roc = Exercise(
    "4.3", oracle=_roc, cases=_roc_cases, tolerance=1e-5,
    verified="the same points as scikit-learn's roc_curve: with ties, with all scores equal, with 10,000 different scores, with 60,000 of few different values",
)


@roc.wrong("equal scores got a point each: one threshold takes them all at once, so keep the last point of each run of equal scores.")
def _each_alone(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    """One point an example, ties or not."""
    ordered = odd[scores.argsort(descending=True, stable=True)].double()
    zero = torch.zeros(1, dtype=torch.float64)
    caught, false = (torch.cat([zero, part.cumsum(0) / part.sum()]) for part in (ordered, 1 - ordered))
    return false, caught


@roc.wrong("an alarm is rung at the threshold too (>=): the last point, where every picture rings, is missing.")
def _strictly(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    """Alarm only above the threshold, not at it. Counted from sorted scores: a table of scores and thresholds would fill the memory."""
    levels = scores.unique().flip(0)

    def above(part: torch.Tensor) -> torch.Tensor:
        return (len(part) - torch.searchsorted(part.sort().values, levels, right=True)).double() / len(part)

    return above(scores[~odd]), above(scores[odd])


@roc.wrong("the thresholds go up from the least score: begin with the greatest, for a high score is suspicious.")
def _upwards(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _roc(-scores, odd)


@roc.wrong("the two are swapped, or odd and usual are: false alarms (usual ones) come first, then the share of the odd ones caught.")
def _swapped(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _roc(scores, odd)[::-1]


@roc.wrong("the scores were sorted, odd was not: bring odd into the same order, odd[order].")
def _odd_unsorted(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _swept(scores, odd, reorder=False, first=False)


@roc.wrong("of equal scores the first point is kept: their threshold takes them all, so keep the last of each run.")
def _first_of_each_run(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _swept(scores, odd, reorder=True, first=True)


@roc.wrong("the first point is missing: with a threshold above all scores nothing rings, so the curve begins at (0, 0).")
def _no_first_point(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    false, caught = _roc(scores, odd)
    return false[1:], caught[1:]


@roc.wrong("both were divided by the number of all pictures: divide false alarms by the number of usual ones, and catches by the number of odd ones.")
def _of_all(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return (_roc(scores, odd)[0] * (~odd).sum() / len(odd), _roc(scores, odd)[1] * odd.sum() / len(odd))


@roc.wrong("these are counts: divide by how many usual ones and how many odd ones there are.")
def _counts(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return (_roc(scores, odd)[0] * (~odd).sum(), _roc(scores, odd)[1] * odd.sum())


@roc.wrong("points between others on a straight line were dropped, as roc_curve does unless told otherwise: each different score has a point.")
def _straight_points_dropped(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _roc(scores, odd, drop=True)


@roc.wrong("the absolute value was taken: a score below zero is a low one, less suspicious than any above.")
def _absolute(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    return _roc(scores.abs(), odd)


@roc.also_right
def _by_thresholds(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    levels = scores.unique().flip(0)

    def ringing(part: torch.Tensor) -> torch.Tensor:
        alarms = len(part) - torch.searchsorted(part.sort().values, levels)
        return torch.cat([torch.zeros(1), alarms / len(part)])
    return ringing(scores[~odd]), ringing(scores[odd])


@roc.also_right
def _by_counts(scores: torch.Tensor, odd: torch.Tensor) -> np.ndarray:
    _, place = np.unique(-scores.double().numpy(), return_inverse=True)
    share = [np.cumsum(np.bincount(place[part], minlength=place.max() + 1)) / part.sum() for part in (~odd.numpy(), odd.numpy())]
    return np.concatenate([np.zeros((2, 1)), np.stack(share)], axis=1)
