"""Exercises of the lesson on transfer, strangers and three tasks: 10.9 to 10.12."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.stats import mannwhitneyu
from sklearn.metrics import jaccard_score, roc_auc_score

from helpers.lesson.exercise import Case, Exercise, Met
from helpers.topics.classification.strangers import sureness, temperature_for

# ---------------------------------------------------------------- 10.9 a split without a leak

def leaking(width: Any, side: Any) -> Any:
    middle = width // 2
    train = [0, middle]
    test = [middle, width]
    return np.array(train + test)


def _edges(width: int, side: int, gap: int | None = None) -> np.ndarray:
    gap = side if gap is None else gap
    return np.array([0, width // 2 - gap // 2 - side, width // 2 + gap // 2, width - side])


edges = Exercise("10.9", kind="fix", given=leaking, oracle=_edges, whole=True,
                 cases=lambda: [Case("a photograph 512 wide, patches of 96", (512, 96)), Case("one 451 wide, patches of 64", (451, 64)), Case("one 300 wide, patches of 40", (300, 40))],
                 verified="all patches lie inside, and a patch's width is left out in the middle, for three sizes")


@edges.wrong("no two share a pixel, but the last training patch touches the first test patch: nothing is left out between them.")
def no_gap(width: Any, side: Any) -> Any:
    return _edges(width, side, 0)


@edges.wrong("a training patch that begins at your last column ends beyond the middle: a patch has a width, too.")
def reaches_over(width: Any, side: Any) -> Any:
    return _edges(width, side) + np.array([0, side, 0, 0])


@edges.wrong("a test patch that begins at your last column runs out of the photograph.")
def runs_out(width: Any, side: Any) -> Any:
    return _edges(width, side) + np.array([0, 0, 0, side])


@edges.wrong("twice as much is left out: half a patch's width on each side of the middle is asked.")
def double_gap(width: Any, side: Any) -> Any:
    return _edges(width, side, 2 * side)


@edges.wrong("the last column is never cut: a patch that begins at width - side ends with the photograph.")
def one_too_few(width: Any, side: Any) -> Any:
    return _edges(width, side) - np.array([0, 0, 0, 1])


@edges.also_right
def from_the_middle(width: Any, side: Any) -> Any:
    middle, half = width // 2, side // 2
    return np.r_[0, middle - half - side, middle + half, width - side]


@edges.also_right
def by_ends(width: Any, side: Any) -> Any:
    end_of_train = width // 2 - side // 2
    return np.array([0, end_of_train - side, end_of_train + 2 * (side // 2), width - side])


# ---------------------------------------------------------------- 10.11 the chance to tell them apart

def _scores() -> list[Case]:
    rng = np.random.default_rng(110)
    far = rng.normal(1, 1, 60), rng.normal(0, 1, 45)
    ties = rng.integers(0, 5, 40) / 5, rng.integers(0, 4, 30) / 5
    return [Case("scores without ties", far), Case("scores with many ties", ties), Case("strangers that score higher", (rng.random(30) * 0.8, rng.random(50)))]


def _auc(known: np.ndarray, strange: np.ndarray) -> float:
    return float(roc_auc_score(np.r_[np.ones(len(known)), np.zeros(len(strange))], np.r_[known, strange]))


auc = Exercise("10.11", oracle=_auc, cases=_scores, tolerance=1e-6, verified="it agrees with scikit-learn's roc_auc_score, ties and all")


@auc.wrong("a pair with two equal scores counts nothing here; it counts a half.")
def ties_lost(known: Any, strange: Any) -> Any:
    return float((known[:, None] > strange).mean())


@auc.wrong("a pair with two equal scores counts as won here; it counts a half.")
def ties_won(known: Any, strange: Any) -> Any:
    return float((known[:, None] >= strange).mean())


@auc.wrong("this is the chance that the stranger has the higher score: known and strange are exchanged.")
def exchanged(known: Any, strange: Any) -> Any:
    return _auc(strange, known)


@auc.wrong("this compares the two means; the chance over all pairs is asked.")
def means(known: Any, strange: Any) -> Any:
    return float(known.mean() - strange.mean())


@auc.wrong("this is an accuracy at one threshold, 0.5; all pairs are to be compared, and no threshold is needed.")
def one_threshold(known: Any, strange: Any) -> Any:
    return float(((known > 0.5).mean() + (strange <= 0.5).mean()) / 2)


@auc.also_right
def by_ranks(known: Any, strange: Any) -> Any:
    return float(mannwhitneyu(known, strange).statistic / (len(known) * len(strange)))


@auc.also_right
def by_sorting(known: Any, strange: Any) -> Any:
    ordered = np.sort(strange)
    return float((np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")).mean() / 2 / len(strange))


# ---------------------------------------------------------------- 10.10 a temperature

def _logits() -> list[Case]:
    cases = []
    for seed, spread, goal in ((0, 4.0, 0.7), (1, 8.0, 0.8), (2, 1.0, 0.6)):
        generator = torch.Generator().manual_seed(111 + seed)
        cases.append(Case(f"logits of spread {spread:g}, goal {goal}", (spread * torch.randn(200, 10, generator=generator), goal)))
    return cases


def _judge_temperature(got: Any, logits: torch.Tensor, goal: float) -> str | None:
    try:
        value = float(got)
    except (TypeError, ValueError, RuntimeError):
        return f"expected one number, the temperature; got {type(got).__name__}"
    if not 0 < value < 1e6:
        return f"a temperature lies above 0, got {value:g}"
    mean = float(sureness(logits, value).mean())
    if abs(mean - goal) <= 0.005:
        return Met(f"the mean sureness is {mean:.3f}; the goal was {goal} ± 0.005")
    return f"with T = {value:.3g} the mean sureness is {mean:.3f}; the goal is {goal} ± 0.005"


temperature = Exercise("10.10", kind="target", judge=_judge_temperature, cases=_logits, verified="for three sets of logits the mean sureness lies within 0.005 of the goal")


@temperature.wrong("a temperature of 1 changes nothing.")
def unchanged(logits: Any, goal: Any) -> Any:
    return 1.0


@temperature.wrong("this is 1 / T: logits are divided by the temperature.")
def inverse(logits: Any, goal: Any) -> Any:
    return 1 / temperature_for(logits, goal)


@temperature.wrong("the mean sureness does not fall in proportion to T: dividing once is not enough, search.")
def in_proportion(logits: Any, goal: Any) -> Any:
    return float(sureness(logits).mean() / goal)


@temperature.wrong("expected one number, the temperature; got Tensor")
def the_probabilities(logits: Any, goal: Any) -> Any:
    return (logits / temperature_for(logits, goal)).softmax(1)


@temperature.also_right
def by_halving(logits: Any, goal: Any) -> Any:
    return temperature_for(logits, goal)


@temperature.also_right
def by_grid(logits: Any, goal: Any) -> Any:
    grid = np.geomspace(0.05, 50, 1500)
    return float(grid[np.argmin([abs(float(sureness(logits, t).mean()) - goal) for t in grid])])


# ---------------------------------------------------------------- 10.12 a test of IoU

def right_iou(said: Any, true: Any, k: Any) -> Any:
    """counts both over either"""
    both = ((said == k) & (true == k)).sum()
    return float(both / ((said == k) | (true == k)).sum())


def right_by_sklearn(said: Any, true: Any, k: Any) -> Any:
    """the same by scikit-learn"""
    return float(jaccard_score(np.ravel(true) == k, np.ravel(said) == k))


def share_of_all(said: Any, true: Any, k: Any) -> Any:
    """gives the share of all pixels that agree about k, paper included"""
    return float(((said == k) == (true == k)).mean())


def share_of_true(said: Any, true: Any, k: Any) -> Any:
    """divides by the true pixels alone (recall)"""
    return float(((said == k) & (true == k)).sum() / max((true == k).sum(), 1))


def share_of_said(said: Any, true: Any, k: Any) -> Any:
    """divides by the said pixels alone (precision)"""
    return float(((said == k) & (true == k)).sum() / max((said == k).sum(), 1))


def dice(said: Any, true: Any, k: Any) -> Any:
    """counts what both have twice (Dice)"""
    return float(2 * ((said == k) & (true == k)).sum() / max((said == k).sum() + (true == k).sum(), 1))


def any_class(said: Any, true: Any, k: Any) -> Any:
    """looks at ink of any class, not at class k"""
    return float(((said != 10) & (true != 10)).sum() / max(((said != 10) | (true != 10)).sum(), 1))


iou_test = Exercise("10.12", kind="test", right=[right_iou, right_by_sklearn], wrong_programs=[share_of_all, share_of_true, share_of_said, dice, any_class],
                    verified="your test passes two right programs and fails five wrong ones")


@iou_test.wrong("gives the share of all pixels that agree about k")
def all_alike(f: Any) -> Any:
    a = np.array([[3, 3, 10], [10, 7, 7]])
    assert f(a, a, 3) == 1


@iou_test.wrong("divides by the true pixels alone")
def nothing_in_common(f: Any) -> Any:
    assert f(np.array([3, 3, 10, 10]), np.array([10, 10, 10, 3]), 3) == 0


@iou_test.wrong("divides by the said pixels alone")
def too_much_said(f: Any) -> Any:
    assert abs(f(np.array([3, 3, 3, 3, 10, 10]), np.array([3, 3, 10, 10, 10, 10]), 3) - 0.5) < 1e-9


@iou_test.wrong("looks at ink of any class")
def one_class_alone(f: Any) -> Any:
    assert abs(f(np.array([3, 3, 3, 10, 10, 10]), np.array([10, 3, 3, 3, 3, 10]), 3) - 0.4) < 1e-9


@iou_test.also_right
def two_classes(f: Any) -> Any:
    said, true = np.array([3, 3, 3, 10, 7, 7, 10]), np.array([10, 3, 3, 3, 3, 7, 10])
    assert abs(f(said, true, 3) - 0.4) < 1e-9


@iou_test.also_right
def in_two_dimensions(f: Any) -> Any:
    said, true = np.full((4, 4), 10), np.full((4, 4), 10)
    said[0, :3], true[0, 1:], said[2], true[2] = 5, 5, 1, 1
    np.testing.assert_allclose([f(said, true, 5), f(said, true, 1)], [0.5, 1])
