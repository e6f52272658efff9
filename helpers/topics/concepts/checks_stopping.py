"""Exercise 1.6, early stopping: the first epoch that lies `patience` epochs after the least loss so far, and what people get wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from helpers.lesson.exercise import Case, Exercise

Losses = list[float]
Epochs = tuple[int, int]
Better = Callable[[Losses, int, int], bool]


def _stopping_cases() -> list[Case]:
    curves: list[tuple[str, Losses, int]] = [
        ("patience 2 and losses 1.0, 1.1, 0.9, 0.95, 0.7, 0.6, 0.65, 0.62, 0.61, 0.4, 0.45, 0.5, 0.3",
         [1.0, 1.1, 0.9, 0.95, 0.7, 0.6, 0.65, 0.62, 0.61, 0.4, 0.45, 0.5, 0.3], 2),
        ("patience 1 and losses 1.0, 0.8, 0.85, 0.3", [1.0, 0.8, 0.85, 0.3], 1),
        ("losses that fall to the end", [5.0, 4.0, 3.0, 2.0], 3),
        ("patience 3 and ties: 2, 1, 1, 1, 1, 1, 1, 3, 3, 3, 0.5", [2.0, *[1.0] * 6, 3.0, 3.0, 3.0, 0.5], 3),
        ("a first epoch that is the best", [0.1, 0.2, 0.3, 0.4], 2),
        ("one epoch", [0.7], 4),
        ("patience 3 and losses 1.0, 0.5, 0.6: the end comes before patience is spent", [1.0, 0.5, 0.6], 3),
        ("patience 2 and small steps: 0.5, 0.499, 0.51, 0.498, 0.52", [0.5, 0.499, 0.51, 0.498, 0.52], 2),
        ("patience 2 and losses 250, 240, 245, 246", [250.0, 240.0, 245.0, 246.0], 2),
        ("patience 2 and a loss of 0: 1.0, 0.0, 0.5, 0.4", [1.0, 0.0, 0.5, 0.4], 2),
        ("patience 3 and losses below 0: -1, -2, -1.5, -3", [-1.0, -2.0, -1.5, -3.0], 3),
        ("patience 5 and losses 3, 2, 4, 4, 4, 4, 1.5, 4, 4, 4, 4, 4, 4", [3.0, 2.0, 4.0, 4.0, 4.0, 4.0, 1.5, *[4.0] * 6], 5)]
    return [Case(label, (losses, patience)) for label, losses, patience in curves]


def _stop(losses: Losses, patience: int) -> Epochs:
    """By another route than the loop: the first epoch that lies patience epochs after the least loss so far."""
    best_so_far = [int(np.argmin(losses[:i + 1])) for i in range(len(losses))]
    stops = [i for i, best in enumerate(best_so_far) if i - best >= patience]
    last = stops[0] if stops else len(losses) - 1
    return best_so_far[last] + 1, last + 1


def _strictly(losses: Losses, i: int, best: int) -> bool:
    return losses[i] < losses[best]


def _loop(losses: Losses, patience: int, better: Better = _strictly, longer: int = 0, forget: bool = True) -> Epochs:
    """The usual loop, so that one part of it can be replaced by a wrong one."""
    best, waited = 0, 0
    for i in range(1, len(losses)):
        if better(losses, i, best):
            best, waited = i, 0 if forget else waited
        else:
            waited += 1
        if waited >= patience + longer:
            return best + 1, i + 1
    return best + 1, len(losses)


stopping = Exercise("1.6", oracle=_stop, cases=_stopping_cases, whole=True,
                    verified="twelve curves, among them ties, one that falls to its end, one that ends before patience is spent, "
                             "one of large losses and one below zero")


@stopping.wrong("this looks at the lowest of the whole list, but later epochs are not known yet: a training that has stopped never sees them.")
def _lowest_of_all(losses: Losses, patience: int) -> Epochs:
    best = int(np.argmin(losses)) + 1
    return best, min(best + patience, len(losses))


@stopping.wrong("the last epoch lies beyond the end of the list: if the list ends before patience is spent, its last epoch is the last.")
def _beyond_the_end(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[0], _stop(losses, patience)[0] + patience


@stopping.wrong("the last epoch is counted from 1 too: if the loop stands at index i, epoch i + 1 has been trained.")
def _last_from_zero(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[0], _stop(losses, patience)[1] - 1


@stopping.wrong("the epoch whose weights are kept is counted from 1 too: the place in the list, plus 1.")
def _best_from_zero(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[0] - 1, _stop(losses, patience)[1]


@stopping.wrong("the epochs are counted from 1: the first is epoch 1, not 0.")
def _both_from_zero(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[0] - 1, _stop(losses, patience)[1] - 1


@stopping.wrong("the two are mixed up: first the epoch whose weights are kept (the best), then the last one that was trained.")
def _mixed_up(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[1], _stop(losses, patience)[0]


@stopping.wrong("the weights kept are those of the last epoch. The point is to go back to the best one.")
def _last_kept(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience)[1], _stop(losses, patience)[1]


@stopping.wrong("a loss is compared with the one before it. Compare it with the lowest so far.")
def _compared_with_the_one_before(losses: Losses, patience: int) -> Epochs:
    return _loop(losses, patience, lambda losses, i, _best: losses[i] < losses[i - 1])


@stopping.wrong("a loss is compared with the one before it, and an epoch counts as waiting where it is higher. Compare it with the lowest so far.")
def _rises_counted(losses: Losses, patience: int) -> Epochs:
    waited = 0
    for i in range(1, len(losses)):
        waited = waited + 1 if losses[i] >= losses[i - 1] else 0
        if waited >= patience:
            return int(np.argmin(losses[:i + 1])) + 1, i + 1
    return int(np.argmin(losses)) + 1, len(losses)


@stopping.wrong("one epoch too many: stop as soon as `patience` epochs in a row were not better.")
def _one_too_many(losses: Losses, patience: int) -> Epochs:
    return _loop(losses, patience, longer=1)


@stopping.wrong("the count of waiting epochs must begin anew at each improvement.")
def _never_forgotten(losses: Losses, patience: int) -> Epochs:
    return _loop(losses, patience, forget=False)


@stopping.wrong("the lowest so far begins too low: a loss may be greater than any number you pick. Begin with infinity, or with the first loss.")
def _lowest_begins_at_100(losses: Losses, patience: int) -> Epochs:
    return _stop(losses, patience) if any(loss < 100 for loss in losses) else (1, min(patience, len(losses)))


@stopping.wrong("a tie is no improvement: lower means strictly lower.")
def _ties_count(losses: Losses, patience: int) -> Epochs:
    return _loop(losses, patience, lambda losses, i, best: losses[i] <= losses[best])


@stopping.wrong("`if not best` is true for a loss of 0 as well: ask whether best is None.")
def _zero_counts_as_none(losses: Losses, patience: int) -> Epochs:
    low, best = 0.0, 0
    for i, loss in enumerate(losses):
        if not low or loss < low:
            low, best = loss, i
        if i - best >= patience:
            return best + 1, i + 1
    return best + 1, len(losses)


@stopping.also_right
def _by_the_lowest(losses: Losses, patience: int) -> Epochs:
    low, best = math.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < low:
            low, best = loss, epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, len(losses)


@stopping.also_right
def _by_minima(losses: Losses, patience: int) -> Epochs:
    for last in range(1, len(losses) + 1):
        best = losses.index(min(losses[:last])) + 1
        if last - best >= patience:
            return best, last
    return losses.index(min(losses)) + 1, len(losses)
