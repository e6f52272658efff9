"""Exercises 1.7 and 1.8: a test for splits of the data, and the spirals on a budget."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from helpers.lesson.exercise import Case, Exercise, Met
from helpers.lesson.promises import measured
from helpers.topics.concepts.playground import ACTIVATIONS, Playground, side_by_side

Parts = tuple[Sequence[int], Sequence[int], Sequence[int]]


# ---------------------------------------------------------------- 1.7 a test for splits
def _cut(order: Any, n: int) -> Parts:
    """60 %, 20 % and 20 % of an order of n indices."""
    return order[:n * 3 // 5], order[n * 3 // 5:n * 4 // 5], order[n * 4 // 5:]


def _mixed(n: int, seed: int) -> Any:
    return np.random.default_rng(seed).permutation(n)


def by_permutation(n: int, seed: int) -> Parts:
    """A permutation, cut in three"""
    return _cut(_mixed(n, seed), n)


def by_sampling(n: int, seed: int) -> Parts:
    """Python's random.sample, in lists"""
    return _cut(random.Random(seed).sample(range(n), n), n)


def by_scikit_learn(n: int, seed: int) -> Parts:
    """scikit-learn's train_test_split, twice"""
    train, rest = train_test_split(np.arange(n), train_size=n * 3 // 5, random_state=seed)
    val, test = train_test_split(rest, train_size=n // 5, random_state=seed)
    return train, val, test


def validation_again(n: int, seed: int) -> Parts:
    """A split whose test part is the validation part once more"""
    train, val, _ = by_permutation(n, seed)
    return train, val, val


def one_in_two_parts(n: int, seed: int) -> Parts:
    """A split that cuts one index too late, so that an example is in train and in val"""
    order = _mixed(n, seed)
    return order[:n * 3 // 5], order[n * 3 // 5 - 1:n * 4 // 5 - 1], order[n * 4 // 5:]


def drawn_with_replacement(n: int, seed: int) -> Parts:
    """A split that draws indices anew each time, so that some come twice and some never"""
    return _cut(np.random.default_rng(seed).integers(0, n, n), n)


def not_mixed(n: int, seed: int) -> Parts:
    """A split that takes the first 60 % as they come"""
    return _cut(np.arange(n), n)


def never_the_same(n: int, seed: int) -> Parts:
    """A split that ignores the seed, and differs at each call"""
    return _cut(np.random.default_rng().permutation(n), n)


def always_the_same(n: int, seed: int) -> Parts:
    """A split that is the same for every seed"""
    return _cut(_mixed(n, 7), n)


def parts_exchanged(n: int, seed: int) -> Parts:
    """A split that trains on 20 % and tests on 60 %"""
    train, val, test = by_permutation(n, seed)
    return test, val, train


def counted_from_one(n: int, seed: int) -> Parts:
    """A split whose indices run from 1 to n"""
    return _cut(_mixed(n, seed) + 1, n)


splits = Exercise(
    "1.7", kind="test", right=[by_permutation, by_sampling, by_scikit_learn],
    wrong_programs=[validation_again, one_in_two_parts, drawn_with_replacement, not_mixed, never_the_same, always_the_same, parts_exchanged, counted_from_one])

Split = Callable[[int, int], Parts]


def _lengths(split: Split) -> Parts:
    train, val, test = split(100, 0)
    assert (len(train), len(val), len(test)) == (60, 20, 20)
    return train, val, test


@splits.wrong("lengths alone tell little: the same example may stand in two parts, and another in none. Look at the indices themselves.")
def lengths_alone(split: Split) -> None:
    _lengths(split)


@splits.wrong("each index is looked for, but not whether it comes once alone, or how long the parts are: compare the sorted list of all with range(n), and the lengths.")
def each_index_somewhere(split: Split) -> None:
    train, val, test = split(100, 0)
    assert {*train, *val, *test} == set(range(100))


@splits.wrong("nothing here looks at the order or at the seed: a split that is not mixed at all passes.")
def whole_but_not_mixed(split: Split) -> None:
    parts = _lengths(split)
    assert sorted(i for part in parts for i in part) == list(range(100))


@splits.wrong("the seed is not tried: the same one must give the same split, another one another split.")
def mixed_but_no_seed(split: Split) -> None:
    whole_but_not_mixed(split)
    assert sorted(split(100, 0)[0]) != list(range(60))


@splits.wrong("parts that are lists or arrays are both right: compare list(part) with list(part), for == between a list and an array, or between two arrays, gives many answers.")
def arrays_alone(split: Split) -> None:
    mixed_but_no_seed(split)
    assert bool((split(100, 0)[0] == split(100, 0)[0]).all())       # type: ignore[attr-defined]
    assert bool((split(100, 0)[0] != split(100, 1)[0]).any())       # type: ignore[attr-defined]


@splits.also_right
def through_sets(split: Split) -> None:
    for n in (5, 50, 200):
        parts = split(n, 3)
        assert [len(part) for part in parts] == [n * 3 // 5, n // 5, n // 5]
        assert set().union(*map(set, parts)) == set(range(n))
    one, again, other = ([list(part) for part in split(200, seed)] for seed in (3, 3, 4))
    assert one == again != other
    assert max(one[0]) > 120


# ---------------------------------------------------------------- 1.8 spirals on a budget
BUDGET, TARGET, N_SEEDS, N_UPDATES = 90, 0.95, 5, 2000


def _judge(settings: Any) -> str | None:
    if not isinstance(settings, dict):
        return f"a dictionary of settings is wanted, such as {{'depth': 2, 'width': 4, 'lr': 0.1}}; got {type(settings).__name__}"
    unknown = sorted(set(map(str, settings)) - {"depth", "width", "lr", "activation"})
    if unknown:
        return f"only depth, width, lr and activation may be chosen; got {', '.join(unknown)}"
    if settings.get("activation", "tanh") not in ACTIVATIONS:
        return f"activation is one of {', '.join(ACTIVATIONS)}; got {settings['activation']!r}"
    for name, least in (("depth", 0), ("width", 1), ("lr", 0)):
        value = settings.get(name, least)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < least or (name != "lr" and value != int(value)):
            return f"{name} must be a {'whole ' * (name != 'lr')}number of at least {least}, got {value!r}"
    if Playground(**settings).n_parameters > BUDGET:
        return f"this network has {Playground(**settings).n_parameters} parameters; the budget is {BUDGET}"
    runs = [Playground(seed, **settings) for seed in range(N_SEEDS)]
    side_by_side(runs, N_UPDATES)
    right = float(np.mean([run.val_accuracy for run in runs]))
    if right < TARGET:
        return f"{runs[0].n_parameters} parameters, {measured(right, '.1%')} right, mean of {N_SEEDS} seeds; the target is {TARGET:.0%}"
    return Met(f"{runs[0].n_parameters} parameters, {measured(right, '.1%')} right, mean of {N_SEEDS} seeds; the target was {TARGET:.0%}")


frugal = Exercise("1.8", kind="target", judge=_judge, cases=lambda: [Case("the spirals", ())],
                  verified="the spirals are separated within the budget")


@frugal.wrong("this network has 105 parameters; the budget is 90")
def two_layers_of_eight() -> dict[str, Any]:
    return {"depth": 2, "width": 8, "lr": 0.1}


@frugal.wrong("81 parameters, ")
def one_broad_layer() -> dict[str, Any]:
    return {"depth": 1, "width": 20, "lr": 0.1}


@frugal.wrong("85 parameters, 83.0% right")
def a_rate_too_high() -> dict[str, Any]:
    return {"depth": 2, "width": 7, "lr": 0.2}


@frugal.wrong("only depth, width, lr and activation may be chosen; got handmade")
def with_squares() -> dict[str, Any]:
    return {"depth": 1, "width": 8, "lr": 0.1, "handmade": True}


@frugal.wrong("a dictionary of settings is wanted")
def a_network() -> Any:
    return Playground(0)


@frugal.also_right
def a_little_slower() -> dict[str, Any]:
    return {"depth": 2, "width": 7, "lr": 0.09}


@frugal.also_right
def with_the_activation_named() -> dict[str, Any]:
    return {"depth": 2, "width": 7, "lr": 0.11, "activation": "tanh"}
