"""Intervals for a share, how often they keep their promise, and the test that compares two models on the same pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from helpers.validate import positive, whole

#: From k right answers out of n: the low and the high end, which should hold the true share in 95 of 100 tests. k may be an array.
Interval = Callable[[Any, int], tuple[Any, Any]]
Z = 1.959964


def wald(k: ArrayLike, n: int) -> tuple[Any, Any]:
    """The usual share ± 1.96 standard errors."""
    share = np.asarray(k) / n
    half = Z * np.sqrt(share * (1 - share) / n)
    return share - half, share + half


def wilson(k: ArrayLike, n: int) -> tuple[Any, Any]:
    """All shares p for which k lies within 1.96 of *their* standard errors.

    *Source*: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927),
    doi:10.1080/01621459.1927.10502953.

    >>> [round(float(end), 3) for end in wilson(98, 100)]
    [0.93, 0.994]
    """
    share, shrink = np.asarray(k) / n, 1 + Z * Z / n
    middle = (share + Z * Z / (2 * n)) / shrink
    half = Z / shrink * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return middle - half, middle + half


def bootstrap(k: ArrayLike, n: int) -> tuple[Any, Any]:
    """The 2.5th and 97.5th percentile of resampled shares: n draws with replacement are a binomial, so nothing is drawn."""
    share = np.asarray(k) / n
    return stats.binom.ppf(0.025, n, share) / n, stats.binom.ppf(0.975, n, share) / n


def exact(k: ArrayLike, n: int) -> tuple[Any, Any]:
    """Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404: never below 95 %, often above."""
    k = np.asarray(k)
    low = np.where(k > 0, stats.beta.ppf(0.025, np.maximum(k, 1), n - k + 1), 0.0)
    return low, np.where(k < n, stats.beta.ppf(0.975, k + 1, np.maximum(n - k, 1)), 1.0)


def ends_of(interval: Interval, n: int) -> np.ndarray:
    """The ends for k = 0 … n: (n + 1, 2) float64.

    Raises
    ------
    ValueError
        If the interval does not give two rows of finite numbers, the low ones first.
    """
    n = whole("n", n)
    low, high = interval(np.arange(n + 1), n)
    ends = np.stack(np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float)), -1)
    if ends.shape != (n + 1, 2) or not np.isfinite(ends).all() or (ends[:, 0] > ends[:, 1]).any():
        raise ValueError(f"an interval gives two ends for each k, finite, the low one first; for n = {n} this one does not")
    return ends


def counted_coverage(interval: Interval, p: float, n: int, n_draws: int = 1000, seed: int = 0) -> float:
    """Draw n_draws tests of n pictures for a model whose true accuracy is p: the share of intervals that hold p.

    Raises
    ------
    ValueError
        If p is no share, n or n_draws no whole number above 0, or the interval makes no sense.
    """
    p = positive("p", p, 1)
    ends = ends_of(interval, n)
    k = np.random.default_rng(seed).binomial(n, p, whole("n_draws", n_draws))
    return float(((ends[k, 0] <= p) & (p <= ends[k, 1])).mean())


def exact_coverage(ends: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The coverage without drawing: each k counts with its probability. ends (n + 1, 2), p (m,) → (m,)."""
    n = len(ends) - 1
    chance = stats.binom.pmf(np.arange(n + 1), n, p[:, None])         # (m, n + 1)
    held = (ends[:, 0] <= p[:, None] + 1e-12) & (p[:, None] <= ends[:, 1] + 1e-12)
    return (chance * held).sum(1)


def mcnemar(b: int | np.ndarray, c: int | np.ndarray) -> np.ndarray:
    """The exact p-value of b against c pictures that only one of two models reads rightly.

    If the models are equally good, each such picture falls to either side like a coin.

    *Source*: Q. McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12
    (1947), doi:10.1007/BF02295996.

    >>> round(float(mcnemar(2, 10)), 4)
    0.0386
    """
    few, both = np.minimum(b, c), np.asarray(b) + np.asarray(c)
    return np.minimum(1, 2 * stats.binom.cdf(few, both, 0.5))


def power(n: int, p_a: float, p_b: float, shared: float, n_draws: int = 1000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Repeat the comparison of two models on n pictures.

    Parameters
    ----------
    p_a, p_b : float
        True accuracies, p_a < p_b.
    shared : float from 0 to 1
        Of the better model's errors, the share that the other makes too.

    Returns
    -------
    differences : (n_draws,)
        Measured accuracy of B minus that of A.
    p_values : (n_draws,)
        McNemar's, exact.
    """
    if not 0 <= shared <= 1 or not 0 < p_a < p_b < 1:
        raise ValueError(f"power() needs 0 < p_a < p_b < 1 and shared from 0 to 1, got {p_a}, {p_b}, {shared}")
    both = shared * (1 - p_b)
    only_a_wrong, only_b_wrong = 1 - p_a - both, 1 - p_b - both
    rng = np.random.default_rng(seed)
    split = rng.binomial(whole("n", n), only_a_wrong + only_b_wrong, n_draws)
    for_b = rng.binomial(split, only_a_wrong / (only_a_wrong + only_b_wrong))
    return (2 * for_b - split) / n, mcnemar(for_b, split - for_b)


def pictures_needed(p_a: float, p_b: float, shared: float) -> float:
    """About how many test pictures find the difference in 80 of 100 tests, at a level of 5 %."""
    both, gap = shared * (1 - p_b), p_b - p_a
    differ = 2 - p_a - p_b - 2 * both
    return (Z * math.sqrt(differ) + 0.8416 * math.sqrt(differ - gap * gap)) ** 2 / gap**2
