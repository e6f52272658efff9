"""Exercises of the lesson on levers: 14.1 to 14.4."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.stats

from helpers.lesson.exercise import Case, Exercise

# ---------------------------------------------------------------- 14.1 the interaction of two levers

def _by_regression(table: np.ndarray) -> np.ndarray:
    """The coefficient of the product in a model with ±1 levers, times 2: for each seed by least squares."""
    a, b = np.meshgrid([-1, 1], [-1, 1], indexing="ij")
    design = np.stack([np.ones(4), a.ravel(), b.ravel(), (a * b).ravel()], 1)
    return 2 * np.linalg.lstsq(design, np.asarray(table, float).reshape(4, -1), rcond=None)[0][3]


def _tables() -> list[Case]:
    rng = np.random.default_rng(141)
    cases = [Case(f"two levers, {s} seeds", (rng.normal(90, 3, (2, 2, s)),)) for s in (5, 1, 8)]
    return [*cases, Case("levers that do not touch each other", (np.add.outer([80.0, 83.0], [0.0, 2.0])[..., None] + rng.normal(0, 1, 3),)),
            Case("accuracies from 0 to 1", (rng.random((2, 2, 4)),))]


interaction = Exercise("14.1", oracle=_by_regression, cases=_tables, tolerance=1e-5,
                       verified="it is twice the coefficient of the product in a least-squares model, seed by seed, on five tables")


@interaction.wrong("it is half of the difference: the factor ½ is missing.")
def without_half(table: Any) -> Any:
    return (table[1, 1] - table[0, 1]) - (table[1, 0] - table[0, 0])


@interaction.wrong("this is the main effect of the first lever: subtract its two effects, do not average them.")
def main_effect(table: Any) -> Any:
    return ((table[1, 1] - table[0, 1]) + (table[1, 0] - table[0, 0])) / 2


@interaction.wrong("the sign is turned: above zero means that the two help each other.")
def turned(table: Any) -> Any:
    return -((table[1, 1] - table[0, 1]) - (table[1, 0] - table[0, 0])) / 2


@interaction.wrong("the seeds are averaged away: keep one number a seed, for the interval.")
def over_seeds(table: Any) -> Any:
    return (((table[1, 1] - table[0, 1]) - (table[1, 0] - table[0, 0])) / 2).mean()


@interaction.wrong("the gain of both together is not the interaction: take off what each brings alone.")
def both_together(table: Any) -> Any:
    return (table[1, 1] - table[0, 0]) / 2


@interaction.also_right
def by_diff(table: Any) -> Any:
    return np.diff(np.diff(table, axis=0), axis=1)[0, 0] / 2


@interaction.also_right
def by_signs(table: Any) -> Any:
    return np.einsum("ijs,ij->s", table, np.array([[1, -1], [-1, 1]]) / 2)


# ---------------------------------------------------------------- 14.2 a share that alone does not tell

def _judge_share(got: Any) -> str | None:
    try:
        none, a, b, both = (float(v) for v in got)
    except (TypeError, ValueError):
        return f"expected four numbers (none, A, B, both), got {got!r}"
    if not all(0 <= v <= 100 for v in (none, a, b, both)):
        return "accuracies lie between 0 and 100 %"
    if abs(a - none - 6) > 1e-6:
        return f"A alone gains {a - none:g} points; it should gain 6"
    share_a, share_b = ((a - none) + (both - b)) / 2, ((b - none) + (both - a)) / 2
    if abs(share_a - 2) > 1e-6:
        return f"A gains {a - none:g} alone and {both - b:g} when B is on: its share is {share_a:g}, not 2"
    return None if abs(share_b - 5) < 1e-6 else f"A's share is right; B's share is {share_b:g}, it should be 5"


value_of_share = Exercise("14.2", kind="value", judge=_judge_share, verified="A gains 6 alone, its share is 2, B's share is 5")


@value_of_share.wrong("A gains 6 alone and 6 when B is on: its share is 6, not 2")
def no_interaction() -> Any:
    return 80, 86, 85, 91


@value_of_share.wrong("A alone gains 2 points; it should gain 6")
def share_as_gain() -> Any:
    return 80, 82, 85, 87


@value_of_share.wrong("A's share is right; B's share is 3, it should be 5")
def b_forgotten() -> Any:
    return 80, 86, 87, 85


@value_of_share.wrong("accuracies lie between 0 and 100 %")
def too_high() -> Any:
    return 95, 101, 104, 102


@value_of_share.wrong("expected four numbers")
def three_numbers() -> Any:
    return 80, 86, 89


@value_of_share.also_right
def from_eighty() -> Any:
    return 80, 86, 89, 87


@value_of_share.also_right
def from_fifty() -> Any:
    return [50.0, 56.0, 59.0, 57.0]


# ---------------------------------------------------------------- 14.3 test a paired test

def by_scipy(new: Any, record: Any) -> Any:
    """the paired t-test of SciPy, one-sided"""
    return float(scipy.stats.ttest_rel(new, record, alternative="less").pvalue)


def by_hand(new: Any, record: Any) -> Any:
    """the paired t-test by hand"""
    d = np.asarray(new, float) - np.asarray(record, float)
    return float(scipy.stats.t.cdf(d.mean() / (d.std(ddof=1) / math.sqrt(len(d))), len(d) - 1))


def unpaired(new: Any, record: Any) -> Any:
    """the two groups are compared without pairing"""
    return float(scipy.stats.ttest_ind(new, record, alternative="less").pvalue)


def two_sided(new: Any, record: Any) -> Any:
    """two-sided: a slower recipe gets a small p as well"""
    return float(scipy.stats.ttest_rel(new, record).pvalue)


def turned_round(new: Any, record: Any) -> Any:
    """the sides are swapped: a slower recipe gets the small p"""
    return float(scipy.stats.ttest_rel(record, new, alternative="less").pvalue)


def as_if_many(new: Any, record: Any) -> Any:
    """the normal curve in place of Student's t: too sure with few seeds"""
    d = np.asarray(new, float) - np.asarray(record, float)
    return float(scipy.stats.norm.cdf(d.mean() / (d.std(ddof=1) / math.sqrt(len(d)))))


def one_minus(new: Any, record: Any) -> Any:
    """it gives back how sure one may be, 1 − p"""
    return 1 - by_scipy(new, record)


paired_test = Exercise("14.3", kind="test", right=[by_scipy, by_hand], wrong_programs=[unpaired, two_sided, turned_round, as_if_many, one_minus])
_RECORD, _NEW = [10.0, 14.0, 21.0, 30.0], [9.0, 12.9, 20.1, 29.0]


@paired_test.wrong("give seconds that differ much from seed to seed and little within a pair: only pairing then sees the gain.")
def small_spread(p_value: Any) -> Any:
    assert p_value([9.0, 9.2, 8.9], [10.0, 10.3, 9.9]) < 0.01
    assert p_value([10.0, 10.3, 9.9], [9.0, 9.2, 8.9]) > 0.9
    assert p_value([9.0, 19.6], [10.0, 20.0]) > 0.1


@paired_test.wrong("try the other direction too: a recipe that is slower must get a p close to 1.")
def one_direction(p_value: Any) -> Any:
    assert p_value(_NEW, _RECORD) < 0.01
    assert p_value([9.0, 19.6], [10.0, 20.0]) > 0.1


@paired_test.wrong("with few seeds Student's t and the normal curve differ: check a number, or two seeds that must not convince.")
def no_number(p_value: Any) -> Any:
    assert p_value(_NEW, _RECORD) < 0.01
    assert p_value(_RECORD, _NEW) > 0.9


@paired_test.wrong("a p between 0 and 1 is given by every program here: say how small or how large it must be.")
def only_a_range(p_value: Any) -> Any:
    assert 0 <= p_value(_NEW, _RECORD) <= 1


@paired_test.also_right
def three_cases(p_value: Any) -> Any:
    assert p_value(_NEW, _RECORD) < 0.01
    assert p_value(_RECORD, _NEW) > 0.9
    assert p_value([9.0, 19.6], [10.0, 20.0]) > 0.05


@paired_test.also_right
def against_scipy(p_value: Any) -> Any:
    assert abs(p_value(_NEW, _RECORD) - scipy.stats.ttest_rel(_NEW, _RECORD, alternative="less").pvalue) < 1e-9
    assert abs(p_value(_RECORD, _NEW) - scipy.stats.ttest_rel(_RECORD, _NEW, alternative="less").pvalue) < 1e-9


# ---------------------------------------------------------------- 14.4 a search in order

_SPLIT, _DRAW = "train, val, test = split(data)", "settings = [draw_setting() for _ in range(30)]"
_FIT, _PICK = "scores = [evaluate(fit(s, train), ____) for s in settings]", "best = settings[argmax(scores)]"
_AGAIN, _ONCE = "models = [fit(best, train, seed) for seed in fresh_seeds]", "report([evaluate(m, test) for m in models])"

search_order = Exercise(
    "14.4", kind="order", verified="split, draw, choose on validation, train afresh, open the test part once",
    lines=[_SPLIT, _DRAW, _FIT, _PICK, _AGAIN, _ONCE],
    gaps={_FIT: (["val", "test", "train"], "val")},
    distractors={"report(max(scores))": "the best score of thirty is the luckiest as well: report fresh runs on the test part.",
                 "seed = argmax([evaluate(fit(best, train, s), test) for s in range(20)])": "a seed is no setting: choosing one on the test part is choosing luck."},
    needs={_SPLIT: [], _DRAW: [], _FIT: [_SPLIT, _DRAW], _PICK: [_FIT], _AGAIN: [_PICK], _ONCE: [_AGAIN]})

_FITTED = "scores = [evaluate(fit(s, train), val) for s in settings]"


@search_order.wrong("the settings are compared on the test part: then nothing unseen is left for the report.")
def on_test() -> Any:
    return [_SPLIT, _DRAW, "scores = [evaluate(fit(s, train), test) for s in settings]", _PICK, _AGAIN, _ONCE]


@search_order.wrong("the settings are compared on what they were trained on: that rewards learning by heart.")
def on_train() -> Any:
    return [_SPLIT, _DRAW, "scores = [evaluate(fit(s, train), train) for s in settings]", _PICK, _AGAIN, _ONCE]


@search_order.wrong("the best is picked before there are scores.")
def picks_first() -> Any:
    return [_SPLIT, _DRAW, _PICK, _FITTED, _AGAIN, _ONCE]


@search_order.wrong("the data are split after they were used.")
def splits_late() -> Any:
    return [_DRAW, _FITTED, _SPLIT, _PICK, _AGAIN, _ONCE]


@search_order.also_right
def draws_first() -> Any:
    return [_DRAW, _SPLIT, _FITTED, _PICK, _AGAIN, _ONCE]


@search_order.also_right
def as_given() -> Any:
    return [_SPLIT, _DRAW, _FITTED, _PICK, _AGAIN, _ONCE]
