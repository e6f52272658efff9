"""Exercises 11.5 to 11.8: a look with coverage, a test for matchings, a matching that lets gradients through, coins by a threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from helpers.lesson.exercise import Case, Exercise, Met, distinct
from helpers.topics.detection import coins
from helpers.topics.detection.boxes import match, nms

# ---------------------------------------------------------------- 11.7 the matching that loses gradient

def _by_permutations(said: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """The least mean distance over all ways to give each true box a step of its own."""
    from itertools import permutations

    ways = [torch.stack([(said[step] - true[k]).abs().sum() for k, step in enumerate(steps)]).mean() for steps in permutations(range(len(said)), len(true))]
    return ways[int(torch.stack(ways).argmin())]


def _loss_cases() -> list[Case]:
    g = torch.Generator().manual_seed(115)
    sizes = [(3, 3), (4, 2), (5, 3), (1, 1), (4, 4)]
    return [Case(f"{n} said boxes, {m} true ones", (30 * torch.randn(n, 4, generator=g), 30 * torch.randn(m, 4, generator=g))) for n, m in sizes]


def cut_off(said: Any, true: Any) -> Any:
    cost = torch.cdist(said, true, p=1).detach().numpy()
    steps, places = linear_sum_assignment(cost)
    return torch.tensor(cost[steps, places]).mean()


matched = Exercise("11.7", kind="fix", given=cut_off, oracle=_by_permutations, cases=_loss_cases, differentiable=("said",), tolerance=1e-4,
                   verified="the least mean distance of all pairings, and its gradient reaches the boxes that were said")


@matched.wrong("boxes are paired in the order in which they stand: pair said[steps] with true[places].")
def in_their_order(said: Any, true: Any) -> Any:
    return (said[:len(true)] - true).abs().sum(1).mean()


@matched.wrong("the steps are paired with all true boxes in their own order: the second index array belongs to true.")
def places_forgotten(said: Any, true: Any) -> Any:
    cost = torch.cdist(said, true, p=1).detach().numpy()
    steps, _ = linear_sum_assignment(cost)
    return (said[steps] - true).abs().sum(1).mean()


@matched.wrong("each true box takes its nearest said box, so one may be taken twice: keep linear_sum_assignment.")
def nearest(said: Any, true: Any) -> Any:
    return torch.cdist(said, true, p=1).min(0).values.mean()


@matched.wrong("this is the sum over the pairs, not their mean.")
def sum_of_pairs(said: Any, true: Any) -> Any:
    cost = torch.cdist(said, true, p=1)
    steps, places = linear_sum_assignment(cost.detach().numpy())
    return cost[steps, places].sum()


@matched.wrong("the mean runs over the four numbers of a box as well: sum them, then take the mean over the pairs.")
def mean_of_numbers(said: Any, true: Any) -> Any:
    steps, places = linear_sum_assignment(torch.cdist(said, true, p=1).detach().numpy())
    return (said[steps] - true[places]).abs().mean()


@matched.also_right
def from_the_cost(said: Any, true: Any) -> Any:
    cost = torch.cdist(said, true, p=1)
    steps, places = linear_sum_assignment(cost.detach().numpy())
    return cost[torch.as_tensor(steps), torch.as_tensor(places)].mean()


@matched.also_right
def pair_by_pair(said: Any, true: Any) -> Any:
    with torch.no_grad():
        cost = (said[:, None] - true[None]).abs().sum(-1)
    return sum((said[i] - true[k]).abs().sum() for i, k in zip(*linear_sum_assignment(cost), strict=True)) / len(true)


# ---------------------------------------------------------------- 11.5 a look with coverage

def _look_oracle(scores: torch.Tensor, features: torch.Tensor, past: torch.Tensor, weight: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Scene by scene and place by place, in float64."""
    n, places, channels = features.shape
    attention, seen = torch.zeros(n, places, dtype=torch.float64), torch.zeros(n, channels, dtype=torch.float64)
    for i in range(n):
        s = scores[i].double() - weight * past[i].double()
        e = (s - s.max()).exp()
        attention[i] = e / e.sum()
        for p in range(places):
            seen[i] += attention[i, p] * features[i, p].double()
    return attention.float(), seen.float(), (past.double() + attention).float()


def _look_cases() -> list[Case]:
    g = torch.Generator().manual_seed(116)
    cases = []
    for k, weight in enumerate((2.0, 0.5, 5.0, 0.0)):
        n, places, channels = distinct(3, seed=k)
        cases.append(Case(f"{n} scenes, {places} places, {channels} channels, weight {weight:g}",
                          (torch.randn(n, places, generator=g), torch.randn(n, places, channels, generator=g), torch.rand(n, places, generator=g), weight)))
    cases.append(Case("one scene, scores of several hundred", (300 * torch.randn(1, 6, generator=g), torch.randn(1, 6, 3, generator=g), torch.rand(1, 6, generator=g), 1.0)))
    return cases


look = Exercise("11.5", oracle=_look_oracle, cases=_look_cases, verified="attention, what is seen, and the coverage after it, for five settings, large scores included")


@look.wrong("the coverage is added to the scores: what has been looked at must lose, so subtract it.")
def coverage_added(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = (scores + weight * past).softmax(1)
    return a, (a[..., None] * features).sum(1), past + a


@look.wrong("the coverage is not used: subtract weight * past from the scores.")
def coverage_unused(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = scores.softmax(1)
    return a, (a[..., None] * features).sum(1), past + a


@look.wrong("softmax runs over the scenes: the places of one scene sum to 1, so take axis 1.")
def over_the_scenes(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = (scores - weight * past).softmax(0)
    return a, (a[..., None] * features).sum(1), past + a


@look.wrong("the new coverage is this look alone: add it to the past.")
def coverage_forgotten(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = (scores - weight * past).softmax(1)
    return a, (a[..., None] * features).sum(1), a


@look.wrong("what is seen is the mean over the places, not their sum weighted by attention.")
def plain_mean(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = (scores - weight * past).softmax(1)
    return a, features.mean(1), past + a


@look.also_right
def by_einsum(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    a = torch.softmax(scores - past * weight, -1)
    return a, torch.einsum("np,npc->nc", a, features), a + past


@look.also_right
def by_product(scores: Any, features: Any, past: Any, weight: Any) -> Any:
    logits = torch.sub(scores, past, alpha=weight)
    a = (logits - logits.logsumexp(1, keepdim=True)).exp()
    return a, torch.bmm(a[:, None], features)[:, 0], past + a


# ---------------------------------------------------------------- 11.6 a test that tells matchings apart

def by_scipy(cost: Any) -> Any:
    """The cheapest assignment, by SciPy."""
    return linear_sum_assignment(cost)[1].tolist()


def by_trying_all(cost: Any) -> Any:
    """The cheapest assignment, by trying all."""
    from itertools import permutations

    c = np.asarray(cost)
    return list(min(permutations(range(c.shape[1]), len(c)), key=lambda p: sum(c[i, k] for i, k in enumerate(p))))


def nearest_each(cost: Any) -> Any:
    """Each takes its nearest, so that one may be taken twice."""
    return np.asarray(cost).argmin(1).tolist()


def nearest_first(cost: Any) -> Any:
    """The nearest pair first, then the nearest of the rest."""
    c, chosen = np.asarray(cost, float).copy(), {}
    for _ in range(len(c)):
        i, k = np.unravel_index(c.argmin(), c.shape)
        chosen[int(i)] = int(k)
        c[i], c[:, k] = np.inf, np.inf
    return [chosen[i] for i in range(len(c))]


def row_by_row(cost: Any) -> Any:
    """The first takes its nearest, the next the nearest that is free."""
    c, chosen = np.asarray(cost, float).copy(), []
    for row in c:
        chosen.append(int(row.argmin()))
        c[:, chosen[-1]] = np.inf
    return chosen


def in_order(cost: Any) -> Any:
    """The first with the first, the second with the second."""
    return list(range(len(np.asarray(cost))))


def dearest(cost: Any) -> Any:
    """The dearest assignment in place of the cheapest."""
    return linear_sum_assignment(-np.asarray(cost))[1].tolist()


matching_test = Exercise("11.6", kind="test", right=[by_scipy, by_trying_all], wrong_programs=[nearest_each, nearest_first, row_by_row, in_order, dearest])


@matching_test.wrong("a matrix whose cheapest assignment is the diagonal passes the program that pairs in order: take another one.")
def diagonal_only(pairing: Any) -> None:
    assert pairing(np.array([[1.0, 5.0], [5.0, 1.0]])) == [0, 1]


@matching_test.wrong("here the nearest are right as well. Make two rows want the same column, such that who takes the nearest first makes the other pay dearly.")
def crossed_only(pairing: Any) -> None:
    assert pairing(np.array([[5.0, 1.0], [1.0, 5.0]])) == [1, 0]


@matching_test.wrong("that no column is taken twice is needed, and not enough: compare the total cost too.")
def columns_only(pairing: Any) -> None:
    assert sorted(pairing(np.array([[1.0, 2.0], [1.0, 9.0]]))) == [0, 1]


@matching_test.wrong("an assert that holds for every answer tests nothing.")
def asserts_nothing(pairing: Any) -> None:
    assert len(pairing(np.array([[1.0, 2.0], [1.0, 9.0]]))) == 2


@matching_test.also_right
def by_total(pairing: Any) -> None:
    rng = np.random.default_rng(0)
    for n in (2, 3, 4):
        for _ in range(10):
            cost = rng.random((n, n))
            got = list(pairing(cost))
            rows, columns = linear_sum_assignment(cost)
            assert sorted(got) == list(range(n))
            assert abs(cost[np.arange(n), got].sum() - cost[rows, columns].sum()) < 1e-9


# ---------------------------------------------------------------- 11.8 coins by a threshold

BAR = 12


def _coin_cases() -> list[Case]:
    return [Case("the untouched half", (coins.coins().lower,))]


def _all_found(got: Any, picture: np.ndarray) -> str | None:
    boxes = np.asarray(got, float)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        return f"expected boxes of shape (k, 4), x1 y1 x2 y2; got shape {boxes.shape}"
    truth = coins.coins().boxes
    hits = int(match(boxes, truth).sum())
    spare = len(boxes) - hits
    if hits < BAR and len(boxes) > 0 and match(np.c_[boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], truth).sum() > hits:
        return f"{hits} of {BAR} coins found; as x, y, width, height your boxes would fit better: give x2 = x + width"
    if hits < BAR or spare:
        return f"{hits} of {BAR} coins found, and {spare} other boxes; the target is all {BAR}, and none besides"
    return Met(f"{hits} of {BAR} coins found, no other box")


threshold_coins = Exercise("11.8", kind="target", judge=_all_found, cases=_coin_cases, verified="every coin of the untouched half has its box")


def _stats(picture: Any, bright: Any) -> Any:
    import cv2

    return cv2.connectedComponentsWithStats(bright.astype(np.uint8))[2][1:]


@threshold_coins.wrong("12 of 12 coins found, and")
def specks_kept(picture: Any) -> Any:
    return [(x, y, x + w, y + h) for x, y, w, h, _ in _stats(picture, picture > 0.55)] + [tuple(b) for b in coins.coins().boxes]


@threshold_coins.wrong("as x, y, width, height your boxes would fit better")
def sizes_not_corners(picture: Any) -> Any:
    found = coins.by_threshold(picture).boxes
    return np.c_[found[:, :2], found[:, 2:] - found[:, :2]]


@threshold_coins.wrong("expected boxes of shape (k, 4)")
def a_mask(picture: Any) -> Any:
    return picture > 0.5


@threshold_coins.wrong("0 of 12 coins found, and 1 other boxes")
def one_box_for_all(picture: Any) -> Any:
    return [(0, 0, picture.shape[1], picture.shape[0])]


@threshold_coins.also_right
def by_adaptive(picture: Any) -> Any:
    found = coins.by_threshold(picture)
    return found.boxes[nms(found.boxes, found.scores, 0.3)]


@threshold_coins.also_right
def by_otsu(picture: Any) -> Any:
    return coins.by_threshold(picture, "Otsu").boxes
