"""Leaks: what a relative of a test picture in the training set is worth to the nearest neighbour."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.datasets import load_digits
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from helpers.data import digits
from helpers.topics.preprocessing.changes import affine

EXACT, MOVED, CHANGED, WRITER = "exact copies", "copies moved by one pixel", "copies turned and scaled a little", "other pictures by the same writer"
LEAKS = (EXACT, MOVED, CHANGED, WRITER)


def forms(y: ArrayLike) -> np.ndarray:
    """Which form each row of ``load_digits`` comes from, read off its labels alone.

    Each writer filled in one form: three times the digits 0 to 9, then 100 digits in an order that is the same on all
    forms and begins with 0955. A few digits are missing here and there.

    Parameters
    ----------
    y : (N,) whole numbers, in the order in which they are stored

    Returns
    -------
    int64 (N,), from 0

    Raises
    ------
    ValueError
        If the labels do not begin with a form.

    >>> int(forms(load_digits().target).max()) + 1
    14
    """
    text = "".join(map(str, np.asarray(y)))
    starts = [m.start() for m in re.finditer(r"(?:0?1?2?3?4?5?6?7?8?9){3}0955", text)]
    if not starts or starts[0] != 0:
        raise ValueError("these labels do not begin with a form: three times 0 to 9, then 0955…")
    return np.searchsorted(starts, np.arange(len(text)), side="right") - 1


@dataclass(frozen=True)
class Leak:
    """Distances that say how the nearest neighbour reads each picture, with and without relatives in training.

    base : (T,) distance to the nearest honest training picture; base_right (T,) whether that one has the right label.
    pool : (T, L) distances to what may leak, in the order in which it leaks; pool_right (T, L).
    own : (T,) bool, the pipeline's own test pictures; the others are honest ones that have no relatives in the pool.
    pictures, train_pictures, nearest, pool_pictures : for the figure: (T, H, W), (N, H, W), the place of each picture's
    nearest honest training picture (T,), and what may leak, (L, H, W) or for each picture apart (T, L, H, W).
    """

    base: np.ndarray
    base_right: np.ndarray
    pool: np.ndarray
    pool_right: np.ndarray
    own: np.ndarray
    pictures: np.ndarray
    train_pictures: np.ndarray
    nearest: np.ndarray
    pool_pictures: np.ndarray

    def score(self, share: float) -> tuple[float, float]:
        """Accuracy on the pipeline's own test and on the honest one, if this share of the pool lies in training."""
        right = self._right(share)
        return float(right[self.own].mean()), float(right[~self.own].mean())

    def _right(self, share: float) -> np.ndarray:
        k = round(share * self.pool.shape[1])
        if k == 0:
            return self.base_right
        closest = self.pool[:, :k].argmin(1)
        rows = np.arange(len(closest))
        return np.where(self.pool[rows, closest] < self.base, self.pool_right[rows, closest], self.base_right)

    def match(self, i: int, share: float) -> tuple[np.ndarray, float, bool]:
        """The training picture nearest to picture i, its distance, and whether it is a relative that leaked."""
        k = round(share * self.pool.shape[1])
        if k and self.pool[i, :k].min() < self.base[i]:
            j = int(self.pool[i, :k].argmin())
            return self.pool_pictures[i][j] if self.pool_pictures.ndim == 4 else self.pool_pictures[j], float(self.pool[i, j]), True
        return self.train_pictures[self.nearest[i]], float(self.base[i]), False


@functools.cache
def leak(kind: str, seed: int = 0) -> Leak:
    """300 training digits and 300 test digits of MNIST-5k, whose copies leak; for writers, all forms of ``load_digits``.

    Raises
    ------
    ValueError
        If there is no such leak.
    """
    if kind not in LEAKS:
        raise ValueError(f"kind must be one of {', '.join(LEAKS)}; got {kind!r}")
    return _writers(seed) if kind == WRITER else _copies(kind, seed)


def _copies(kind: str, seed: int, n: int = 300) -> Leak:
    data, rng = digits(3500, 500), np.random.default_rng(seed)
    rows = rng.permutation(3500)
    train, test = rows[:n], rows[n:n + 1000]                                # the first n of test are the pipeline's own
    x, y = data.train[0][:, 0].numpy(), data.train[1].numpy()               # (N, 28, 28)
    order = test[:n][rng.permutation(n)]
    if kind == EXACT:
        pool = x[order]
    elif kind == MOVED:
        pool = np.roll(x[order], 1, axis=2)
    else:
        pool = np.stack([affine(picture, rng, 1) for picture in x[order]])
    base = pairwise_distances(x[test].reshape(1000, -1), x[train].reshape(n, -1))
    nearest = base.argmin(1)
    return Leak(base.min(1), y[train][nearest] == y[test], pairwise_distances(x[test].reshape(1000, -1), pool.reshape(n, -1)),
                y[order][None] == y[test][:, None], np.arange(1000) < n, x[test], x[train], nearest, pool)


def _writers(seed: int) -> Leak:
    """Each form in turn gives test pictures (its even rows) and what may leak (its odd rows).

    The honest test is the next form: neither it nor the leaking form is among the honest training pictures.
    """
    x, y = load_digits(return_X_y=True)
    x, form, rng = x / 16, forms(y), np.random.default_rng(seed)
    parts = []
    for f in range(14):
        other = (f + 1) % 14
        train = np.flatnonzero((form != f) & (form != other))
        own, honest = np.flatnonzero(form == f)[::2][:61], np.flatnonzero(form == other)[::2][:61]
        odd = rng.permutation(np.flatnonzero(form == f)[1::2][:61])
        test = np.r_[own, honest]
        base = pairwise_distances(x[test], x[train])
        parts.append((base.min(1), y[train][base.argmin(1)] == y[test], pairwise_distances(x[test], x[odd]), y[odd][None] == y[test][:, None],
                      np.arange(len(test)) < len(own), x[test].reshape(-1, 8, 8), train[base.argmin(1)],
                      np.broadcast_to(x[odd].reshape(1, -1, 8, 8), (len(test), len(odd), 8, 8))))
    base, right, pool, pool_right, own_rows, pictures, nearest, relatives = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Leak(base, right, pool, pool_right, own_rows, pictures, x.reshape(-1, 8, 8), nearest, relatives)


def select_honestly(rows: np.ndarray, labels: np.ndarray, n_best: int = 20, n_folds: int = 5) -> float:
    """Accuracy of logistic regression on the n_best columns, which each fold chooses from its training rows alone."""
    right = np.zeros(len(labels), bool)
    for train, test in KFold(n_folds, shuffle=True, random_state=0).split(rows):
        model = make_pipeline(SelectKBest(k=n_best), LogisticRegression())
        right[test] = model.fit(rows[train], labels[train]).predict(rows[test]) == labels[test]
    return float(right.mean())


def pure_noise(seed: int, n: int = 60, n_columns: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Rows of Gaussian noise and labels that have nothing to do with them: float (n, n_columns), int (n,), half of them 1."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, n_columns)), rng.permutation(np.arange(n) % 2)


@dataclass(frozen=True)
class Augmented:
    """Training and test part of a pool of pictures and their changed copies: x (N, 28, 28), y (N,), source (N,): the picture that each row was made of."""

    x: np.ndarray
    y: np.ndarray
    source: np.ndarray
    train: np.ndarray
    test: np.ndarray

    def accuracy(self, x: np.ndarray | None = None, y: np.ndarray | None = None) -> float:
        """Of the nearest neighbour, on the own test rows or on other pictures."""
        model = KNeighborsClassifier(1).fit(self.x[self.train].reshape(len(self.train), -1), self.y[self.train])
        if x is None or y is None:
            x, y = self.x[self.test], self.y[self.test]
        return float(model.score(x.reshape(len(x), -1), y))


def augmented(n: int, *, by_picture: bool, seed: int = 0, copies: int = 4, strength: float = 0.7) -> Augmented:
    """n digits and changed copies of each, a quarter of the rows for the test: the split by picture, or after augmenting."""
    data, rng = digits(3500, 500), np.random.default_rng(seed)
    rows = rng.permutation(3500)[:n]
    x, y = data.train[0][rows, 0].numpy(), data.train[1][rows].numpy()
    pool = np.concatenate([x, *(np.stack([affine(picture, rng, strength) for picture in x]) for _ in range(copies))])
    source = np.tile(np.arange(n), copies + 1)
    is_test = np.isin(source, rng.permutation(n)[:n // 4]) if by_picture else rng.permutation(len(pool)) < len(pool) // 4
    return Augmented(pool, np.tile(y, copies + 1), source, np.flatnonzero(~is_test), np.flatnonzero(is_test))


def colleagues_data(seed: int = 0) -> Augmented:
    """What the colleague of *Break it* trains and tests on. (For those who read code first: the split came last.)"""
    return augmented(300, by_picture=False, seed=seed, strength=0.5)
