"""Real data with one planted fault: what a model then scores, what it is worth, and what audit() says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from helpers.project import audit

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3)


def copied(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray, share: float, rng: np.random.Generator) -> Parts:
    """A share of the test examples is replaced by copies of training examples."""
    n = round(share * len(u))
    to, of = rng.permutation(len(u))[:n], rng.permutation(len(x))[:n]
    u, v = u.copy(), v.copy()
    u[to], v[to] = x[of], y[of]
    return x, y, u, v


def mislabelled(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray, share: float, rng: np.random.Generator) -> Parts:
    """A share of the training labels is wrong."""
    y = y.copy()
    rows = rng.permutation(len(y))[:round(share * len(y))]
    y[rows] = 1 - y[rows]
    return x, y, u, v


def told(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray, share: float, rng: np.random.Generator) -> Parts:
    """One feature more: a note made after the diagnosis, for a share of the patients; noise for all others."""
    def note(labels: np.ndarray) -> np.ndarray:
        known = rng.random(len(labels)) < share
        return np.where(known, 20.0 * labels - 10.0, 0.1 * rng.normal(size=len(labels)))[:, None]
    return np.hstack([x, note(y)]), y, np.hstack([u, note(v)]), v


def moved(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray, share: float, rng: np.random.Generator) -> Parts:
    """The test comes from another device: every number is larger, by ten times the share in spreads, and a little unsteady."""
    return x, y, u + 10 * share * (1 + 0.01 * rng.normal(size=u.shape)), v


FAULTS: dict[str, Callable[..., Parts]] = {"copies in the test": copied, "wrong training labels": mislabelled,
                                           "a note made afterwards": told, "another device": moved}


@dataclass(frozen=True)
class Planted:
    """For one fault and each share: accuracy on the test with the fault, on the same patients without it, and what audit() names.

    ``measured`` and ``honest`` are float (S, R): shares and deals.
    """

    shares: tuple[float, ...]
    measured: np.ndarray
    honest: np.ndarray
    named: tuple[tuple[str, ...], ...]


#: Six of the thirty measurements, none of which tells much alone: smoothness, symmetry, fractal dimension, and their errors.
WEAK = [4, 8, 9, 14, 18, 19]
#: Six of those that tell most alone: the largest radius, perimeter, area, concavity and concave points, and the mean concave points.
STRONG = [20, 22, 23, 26, 27, 7]


def parts(seed: int) -> Parts:
    """Training (369) and test (200) patients of scikit-learn's breast-cancer table, six measurements in spreads of the training part."""
    x, y = load_breast_cancer(return_X_y=True)
    rows = np.random.default_rng(seed).permutation(len(x))
    a, b = rows[:369], rows[369:]
    scaler = StandardScaler().fit(x[a][:, WEAK])
    return scaler.transform(x[a][:, WEAK]), y[a], scaler.transform(x[b][:, WEAK]), y[b]


def plant(fault: str, shares: Sequence[float] = SHARES, n_deals: int = 5) -> Planted:
    """One fault at each share, over several deals of the patients. The model is the nearest neighbour.

    Raises
    ------
    ValueError
        If there is no such fault.
    """
    if fault not in FAULTS:
        raise ValueError(f"fault must be one of {', '.join(FAULTS)}; got {fault!r}")
    measured, honest = np.empty((2, len(shares), n_deals))
    named = []
    for i, share in enumerate(shares):
        for deal in range(n_deals):
            own = parts(deal)
            x, y, u, v = FAULTS[fault](*own, share, np.random.default_rng(deal))
            unknown = np.zeros((len(u), x.shape[1] - own[2].shape[1]))      # what nobody knows of a new patient
            model = KNeighborsClassifier(1).fit(x, y)
            measured[i, deal] = model.score(u, v)
            honest[i, deal] = model.score(np.hstack([own[2], unknown]), own[3])
            if deal == 0:
                named.append(tuple(audit(x, y, u, v).faults))
    return Planted(tuple(shares), measured, honest, tuple(named))
