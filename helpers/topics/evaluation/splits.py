"""Folds."""

from __future__ import annotations

import numpy as np

from helpers.validate import whole


def plain_folds(n: int, k: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """k pairs (train, val) of places, shuffled; the sizes of the val parts differ by at most one.

    Raises
    ------
    ValueError
        If k is no whole number from 2 to n.
    """
    k = whole("k", k, 2, whole("n", n, 2))
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(np.concatenate([*parts[:i], *parts[i + 1:]]), parts[i]) for i in range(k)]
