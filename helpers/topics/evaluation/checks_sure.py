"""Exercises of the lesson on numbers: 9.1 to 9.6."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from helpers.lesson.exercise import Case, Exercise, Met, distinct
from helpers.topics.evaluation import intervals
from helpers.topics.evaluation.intervals import counted_coverage, ends_of

# ---------------------------------------------------------------- 9.1 AUC by ranks

def _area(scores: Any, y: Any) -> float:
    """By scikit-learn, which adds up the area under the curve."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y, scores))


def _scored(n_yes: int, n_no: int, step: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores on a grid of this step (so that some are equal), mixed with the labels."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_yes + n_no) < n_yes)
    scores = rng.normal(0, 1, n_yes + n_no) + y
    return (np.round(scores / step) * step if step else scores), y


def _auc_cases() -> list[Case]:
    p, q = distinct(2)
    return [Case("no equal scores", _scored(p, q, 0, 1)), Case("many equal scores", _scored(13, 40, 0.5, 2)), Case("all scores equal", (np.zeros(7), np.arange(7) < 3)),
            Case("one eight alone", _scored(1, 30, 0.25, 3)), Case("large scores", (1e6 * _scored(20, 9, 0, 4)[0], _scored(20, 9, 0, 4)[1])), Case("20,000 pictures", _scored(2000, 18000, 0.01, 5))]


by_ranks = Exercise("9.1", oracle=_area, cases=_auc_cases, tolerance=1e-5, verified="it equals scikit-learn's area, with equal scores and for 20,000 pictures")


@by_ranks.wrong("equal scores must share the mean of their ranks: argsort gives each its own.")
def ranks_by_argsort(scores: Any, y: Any) -> Any:
    ranks = np.empty(len(y))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(y) + 1)
    p = y.sum()
    return (ranks[y].sum() - p * (p + 1) / 2) / (p * (~y).sum())


@by_ranks.wrong("the ranks of the eights among themselves, P(P + 1)/2, must be taken away.")
def nothing_taken_away(scores: Any, y: Any) -> Any:
    return stats.rankdata(scores)[y].sum() / (y.sum() * (~y).sum())


@by_ranks.wrong("that is 1 − AUC: sum the ranks of the eights, with rank 1 for the lowest score.")
def ranks_from_the_top(scores: Any, y: Any) -> Any:
    p = y.sum()
    return (stats.rankdata(-scores)[y].sum() - p * (p + 1) / 2) / (p * (~y).sum())


@by_ranks.wrong("divide by the number of pairs, P · Q; P(P + 1)/2 is only what is taken away.")
def divided_by_all(scores: Any, y: Any) -> Any:
    p = y.sum()
    return (stats.rankdata(scores)[y].sum() - p * (p + 1) / 2) / len(y) ** 2


@by_ranks.also_right
def through_the_test(scores: Any, y: Any) -> Any:
    return stats.mannwhitneyu(scores[y], scores[~y]).statistic / (y.sum() * (~y).sum())


@by_ranks.also_right
def by_search(scores: Any, y: Any) -> Any:
    others = np.sort(scores[~y])
    won = np.searchsorted(others, scores[y], "left") + np.searchsorted(others, scores[y], "right")
    return won.mean() / (2 * len(others))


# ---------------------------------------------------------------- 9.2 exactly 0.75

_Y = np.array([0, 0, 0, 0, 1, 1, 1, 1]) == 1


def _judge_probabilities(got: Any) -> str | None:
    p = np.asarray(got, float)
    if p.shape != (8,):
        return f"expected eight probabilities, one for each label; got {p.size}"
    if not ((p >= 0) & (p <= 1)).all():
        return "a probability lies between 0 and 1"
    if len(np.unique(p)) < 8:
        return "two of your probabilities are equal"
    won, right = int((p[_Y][:, None] > p[~_Y]).sum()), float(((p > 0.5) == _Y).mean())
    if won != 12:
        return f"the ones win {won} of 16 pairs, so the AUC is {won / 16:.4g}"
    return None if right == 0.5 else f"the AUC is 0.75, but at the threshold 0.5 the accuracy is {right:.4g}"


three_quarters = Exercise("9.2", kind="value", judge=_judge_probabilities, verified="12 of 16 pairs are won, and half of the answers at 0.5 are right")


@three_quarters.wrong("the AUC is 0.75, but at the threshold 0.5 the accuracy is 0.75")
def good_threshold() -> Any:
    return [0.1, 0.2, 0.3, 0.9, 0.4, 0.6, 0.7, 0.8]


@three_quarters.wrong("the ones win 16 of 16 pairs")
def perfect_order() -> Any:
    return [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]


@three_quarters.wrong("two of your probabilities are equal")
def with_ties() -> Any:
    return [0.1, 0.1, 0.1, 0.4, 0.3, 0.3, 0.3, 0.3]


@three_quarters.wrong("the ones win 4 of 16 pairs")
def upside_down() -> Any:
    return [0.40, 0.39, 0.38, 0.1, 0.2, 0.21, 0.22, 0.23]


@three_quarters.wrong("expected eight probabilities")
def four_pairs() -> Any:
    return [0.3, 0.1, 0.2, 0.4]


@three_quarters.also_right
def all_above() -> Any:
    return [0.61, 0.62, 0.63, 0.9, 0.64, 0.65, 0.66, 0.67]


@three_quarters.also_right
def as_array() -> Any:
    return np.array([1, 2, 3, 16, 10, 11, 12, 13]) / 40


# ---------------------------------------------------------------- 9.3 your own interval

TRUTHS = (0.5, 0.9, 0.98, 0.99)


def _judge_interval(got: Any, k: np.ndarray, n: int) -> str | None:
    parts = got if isinstance(got, (tuple, list)) else list(np.asarray(got, float))
    if len(parts) != 2:
        return f"expected two ends, (low, high); got {len(parts)} values"
    ends = np.array([np.asarray(part, float) for part in parts])
    if ends.shape != (2, n + 1):
        return f"expected two arrays of {n + 1} ends, one for each k; got shape {ends.shape}"
    if not np.isfinite(ends).all():
        return "some ends are NaN or infinite"
    if (ends[0] > ends[1]).any():
        return "a low end lies above its high end"
    shares, widths, best = [], [], []
    known = ends_of(intervals.wilson, n)
    for p in TRUTHS:
        drawn = np.random.default_rng(0).binomial(n, p, 1000)
        low, high = ends[:, drawn]
        shares.append(float(((low <= p) & (p <= high)).mean()))
        widths.append((high - low).mean())
        best.append((known[drawn, 1] - known[drawn, 0]).mean())
    worst = int(np.argmin(shares))
    ratio = float(np.mean(widths) / np.mean(best))
    if shares[worst] < 0.9:
        return f"for a true accuracy of {TRUTHS[worst]:g}, {1000 * shares[worst]:.0f} of 1,000 intervals hold it; at least 900 are wanted"
    if np.mean(shares) < 0.925:
        return f"in the mean over the accuracies, {1000 * np.mean(shares):.0f} of 1,000 intervals hold the truth; at least 925 are wanted"
    if ratio > 1.2:
        return f"it keeps its promise, but is {ratio:.2f} times as wide as Wilson's; at most 1.2 is allowed"
    return Met(f"With {n} pictures {1000 * np.mean(shares):.0f} of 1,000 hold the truth, at {ratio:.2f} times Wilson's width")


own_interval = Exercise("9.3", kind="target", judge=_judge_interval, cases=lambda: [Case(f"{n} pictures", (np.arange(n + 1), n)) for n in (50, 200, 1000)],
                        verified="counted over 1,000 draws at four accuracies and three sizes")


@own_interval.wrong("for a true accuracy of 0.99, 415 of 1,000 intervals hold it")
def usual(k: Any, n: Any) -> Any:
    return intervals.wald(k, n)


@own_interval.wrong("for a true accuracy of 0.99, 414 of 1,000 intervals hold it")
def resampled(k: Any, n: Any) -> Any:
    return intervals.bootstrap(k, n)


@own_interval.wrong("times as wide as Wilson's")
def for_any_distribution(k: Any, n: Any) -> Any:
    half = np.sqrt(np.log(40) / (2 * n))            # Hoeffding
    return k / n - half, k / n + half


@own_interval.wrong("for a true accuracy of 0.5, 896 of 1,000 intervals hold it")
def ninety(k: Any, n: Any) -> Any:
    z, share = 1.645, k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return middle - half, middle + half


@own_interval.wrong("expected two ends, (low, high)")
def half_width_alone(k: Any, n: Any) -> Any:
    return 1.96 * np.sqrt(k / n * (1 - k / n) / n)


@own_interval.also_right
def clopper_pearson(k: Any, n: Any) -> Any:
    return intervals.exact(k, n)


@own_interval.also_right
def two_more_of_each(k: Any, n: Any) -> Any:
    share = (k + 2) / (n + 4)
    half = 1.96 * np.sqrt(share * (1 - share) / (n + 4))
    return share - half, share + half


@own_interval.also_right
def by_trying_all(k: Any, n: Any) -> Any:
    p = np.linspace(0, 1, 5001)
    kept = np.abs(np.atleast_1d(k)[:, None] / n - p) <= 1.96 * np.sqrt(p * (1 - p) / n) + 1e-12
    return p[kept.argmax(1)], p[len(p) - 1 - kept[:, ::-1].argmax(1)]


# ---------------------------------------------------------------- 9.4 which interval is dishonest?

def _wilson(k: Any, n: Any) -> Any:
    """Wilson's interval."""
    return intervals.wilson(k, n)


def _exact(k: Any, n: Any) -> Any:
    """Clopper and Pearson's interval."""
    return intervals.exact(k, n)


def _four_added(k: Any, n: Any) -> Any:
    """The usual interval after two right and two wrong answers were added."""
    return two_more_of_each(k, n)


def _usual(k: Any, n: Any) -> Any:
    """The usual interval, which shrinks to a point at 100 %."""
    return intervals.wald(k, n)


def _ninety(k: Any, n: Any) -> Any:
    """Wilson's interval for 90 %."""
    return ninety(k, n)


def _hoeffding(k: Any, n: Any) -> Any:
    """An interval more than twice as wide as is needed."""
    return for_any_distribution(np.asarray(k), n)


def _everything(k: Any, n: Any) -> Any:
    """From 0 to 1, whatever was measured."""
    return np.zeros(np.shape(k)), np.ones(np.shape(k))


def _one_error(k: Any, n: Any) -> Any:
    """Plus and minus one standard error, not 1.96."""
    low, high = intervals.wilson(k, n)
    middle, half = (low + high) / 2, (high - low) / 2 / 1.96
    return middle - half, middle + half


dishonest = Exercise("9.4", kind="test", right=[_wilson, _exact, _four_added], wrong_programs=[_usual, _ninety, _hoeffding, _everything, _one_error])


@dishonest.wrong("your test looks only where half of the answers are right: look near 1 as well.")
def only_the_middle(interval: Any) -> Any:
    assert counted_coverage(interval, 0.5, 400) > 0.925
    low, high = interval(200, 400)
    assert high - low < 0.12


@dishonest.wrong("your test asks for coverage alone: an interval from 0 to 1 has 100 %. Look at a width too.")
def coverage_alone(interval: Any) -> Any:
    assert counted_coverage(interval, 0.5, 400) > 0.925
    assert counted_coverage(interval, 0.99, 100) > 0.88


@dishonest.wrong("0.95 and not a hair less fails honest intervals: 1,000 draws have an error of their own, and k is a whole number.")
def too_strict(interval: Any) -> Any:
    for p in (0.5, 0.9, 0.99):
        assert counted_coverage(interval, p, 100) >= 0.95


@dishonest.wrong("your test looks at one interval, not at how many of a thousand hold the truth.")
def one_interval(interval: Any) -> Any:
    low, high = interval(98, 100)
    assert low < 0.98 < high


@dishonest.also_right
def through_exact_coverage(interval: Any) -> Any:
    assert intervals.exact_coverage(ends_of(interval, 400), np.array([0.5]))[0] > 0.93
    assert intervals.exact_coverage(ends_of(interval, 100), np.array([0.99]))[0] > 0.85
    assert np.mean(np.diff(ends_of(interval, 400), axis=1)[150:250]) < 0.11


@dishonest.also_right
def with_own_draws(interval: Any) -> Any:
    rng = np.random.default_rng(7)
    for p, n, least in ((0.5, 1000, 0.925), (0.99, 100, 0.87)):
        ends = [interval(int(k), n) for k in rng.binomial(n, p, 1000)]
        assert np.mean([low <= p <= high for low, high in ends]) > least
    low, high = interval(500, 1000)
    assert high - low < 0.075


# ---------------------------------------------------------------- 9.5 paired bootstrap

def _answers(n: int, both: float, only_a: float, only_b: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models' right answers on the same n pictures, with these shares of pictures."""
    kind = np.random.default_rng(seed).permutation(np.arange(n) / n)
    a = kind < both + only_a
    b = (kind < both) | ((kind >= both + only_a) & (kind < both + only_a + only_b))
    return a, b


def _judge_paired(got: Any, a: np.ndarray, b: np.ndarray) -> str | None:
    if not isinstance(got, (tuple, list, np.ndarray)) or len(got) != 2:
        return "expected two ends, (low, high)"
    low, high = (float(end.detach() if hasattr(end, "detach") else end) for end in got)
    gap, n = a.astype(float) - b, len(a)
    error = gap.std() / np.sqrt(n)
    middle, half = (low + high) / 2 - gap.mean(), (high - low) / 2
    if abs(middle) > 0.25 * error:
        return f"the middle of your interval is {(low + high) / 2:.4f}, the measured difference {gap.mean():.4f}"
    ratio = half / (1.96 * error)
    if 0.92 < ratio < 1.08:
        return None
    return f"your interval is {ratio:.2f} times as wide as it should be"


paired = Exercise("9.5", judge=_judge_paired, verified="its middle and its width are those of paired draws, for three pairs of models",
                  cases=lambda: [Case("errors mostly shared", _answers(1000, 0.9, 0.04, 0.02, 1)), Case("few pictures", _answers(300, 0.5, 0.2, 0.15, 2)),
                                 Case("a is the worse one", _answers(700, 0.8, 0.03, 0.1, 3))])


@paired.wrong("the pictures are drawn for each model apart: the same ones must be drawn for both.")
def drawn_apart(a: Any, b: Any) -> Any:
    rng = np.random.default_rng(0)
    gaps = a[rng.integers(0, len(a), (2000, len(a)))].mean(1) - b[rng.integers(0, len(b), (2000, len(b)))].mean(1)
    return tuple(np.percentile(gaps, [2.5, 97.5]))


@paired.wrong("percentiles 5 and 95 hold 90 of 100; for 95 take 2.5 and 97.5.")
def ninety_of_hundred(a: Any, b: Any) -> Any:
    places = np.random.default_rng(0).integers(0, len(a), (2000, len(a)))
    return tuple(np.percentile(a[places].mean(1) - b[places].mean(1), [5, 95]))


@paired.wrong("drawn without replacement, each draw holds the same pictures: the interval has no width.")
def without_replacement(a: Any, b: Any) -> Any:
    rng = np.random.default_rng(0)
    gaps = [a[i].mean() - b[i].mean() for i in (rng.permutation(len(a)) for _ in range(20))]
    return tuple(np.percentile(gaps, [2.5, 97.5]))


@paired.wrong("that is b − a.")
def the_other_way(a: Any, b: Any) -> Any:
    places = np.random.default_rng(0).integers(0, len(a), (2000, len(a)))
    return tuple(np.percentile(b[places].mean(1) - a[places].mean(1), [2.5, 97.5]))


@paired.also_right
def by_counts(a: Any, b: Any) -> Any:
    n, only_a, only_b = len(a), (a & ~b).sum(), (~a & b).sum()
    drawn = np.random.default_rng(5).multinomial(n, [only_a / n, only_b / n, 1 - (only_a + only_b) / n], 4000)
    return tuple(np.quantile((drawn[:, 0] - drawn[:, 1]) / n, [0.025, 0.975]))


@paired.also_right
def in_a_loop(a: Any, b: Any) -> Any:
    rng, gap = np.random.default_rng(9), a.astype(int) - b.astype(int)
    gaps = [rng.choice(gap, len(gap)).mean() for _ in range(2000)]
    return np.percentile(gaps, 2.5), np.percentile(gaps, 97.5)


# ---------------------------------------------------------------- 9.6 ECE

def _by_edges(confidence: Any, right: Any, n_bins: int = 15) -> float:
    """From the edges of the bins, one bin after the other."""
    edges, total = np.linspace(0, 1, n_bins + 1), 0.0
    for j in range(n_bins):
        here = (confidence >= edges[j]) & ((confidence < edges[j + 1]) | (j == n_bins - 1))
        if here.any():
            total += abs(confidence[here].sum() - right[here].sum()) / len(right)
    return total


def _ece_cases() -> list[Case]:
    found = []
    for label, n, bins, seed in (("few answers, empty bins", 12, 15, 1), ("many answers", 2000, 15, 2), ("four bins", 300, 4, 3), ("one bin", 50, 1, 4)):
        rng = np.random.default_rng(seed)
        c = rng.beta(4, 1.5, n)
        found.append(Case(label, (c, rng.random(n) < c * 0.8, bins)))
    return [*found, Case("a confidence of exactly 1", (np.array([1.0, 1.0, 0.97, 0.31]), np.array([True, False, True, False]), 15))]


calibration = Exercise("9.6", oracle=_by_edges, cases=_ece_cases, tolerance=1e-5, verified="with empty bins, a confidence of 1, and 1 to 15 bins")


def _binned(confidence: Any, n_bins: int) -> Any:
    return np.minimum((confidence * n_bins).astype(int), n_bins - 1)


@calibration.wrong("the gaps must be weighted by the share of answers in the bin.")
def without_weights(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    place = _binned(confidence, n_bins)
    return np.mean([abs(confidence[place == j].mean() - right[place == j].mean()) for j in np.unique(place)])


@calibration.wrong("the gap of each bin counts without its sign: take the absolute value before the sum.")
def signed(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    return abs(confidence.mean() - right.mean())


@calibration.wrong("that takes |confidence − right| of each single answer; the bin's means come first.")
def single_answers(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    return np.abs(confidence - right).mean()


@calibration.wrong("compare with the mean confidence in the bin, not with its middle.")
def middles(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    place = _binned(confidence, n_bins)
    return sum((place == j).mean() * abs((j + 0.5) / n_bins - right[place == j].mean()) for j in np.unique(place))


@calibration.wrong("a confidence of 1 belongs to the last bin, and not to one of its own.")
def one_apart(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    place = (confidence * n_bins).astype(int)
    return sum((place == j).mean() * abs(confidence[place == j].mean() - right[place == j].mean()) for j in np.unique(place))


@calibration.also_right
def by_bincount(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    gaps = np.bincount(_binned(confidence, n_bins), confidence - right, n_bins)
    return np.abs(gaps).sum() / len(right)


@calibration.also_right
def by_digitize(confidence: Any, right: Any, n_bins: int = 15) -> Any:
    place = np.digitize(confidence, np.linspace(0, 1, n_bins + 1)[1:-1])
    return sum(abs((confidence - right)[place == j].sum()) for j in range(n_bins)) / len(confidence)
