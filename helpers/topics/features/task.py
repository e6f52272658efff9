"""The chapter's task: tell five digits from one another with features learnt on the five others."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import torch

from helpers.data import XY, digits

#: How many labels a probe gets, of all five new digits together.
LADDER = (10, 30, 100, 300, 1000)


@dataclass(frozen=True)
class Task:
    """Pictures of the old digits 0–4, to learn features on, and of the new digits 5–9, to probe them on.

    Labels are 0 … 4 in all parts: a new digit's label is the digit less 5.
    """

    old: XY             # 2,012 pictures
    pool: XY            # 1,500: the labels that a probe may get are drawn here
    val: XY             # 488: to choose on
    test: XY            # 512

    def __repr__(self) -> str:
        return "Task(" + " · ".join(f"{name} {len(getattr(self, name)[1])}" for name in ("old", "pool", "val", "test")) + ")"


@functools.cache
def new_digits() -> Task:
    """MNIST-5k, its classes divided: see :class:`Task`. x float32 (N, 1, 28, 28) in [0, 1], y int64 (N,) in 0 … 4."""
    data = digits(4000, 0)
    (x, y), (x_test, y_test) = data.train, data.test
    new, new_test = y >= 5, y_test >= 5
    x_new, y_new = x[new], y[new] - 5
    return Task((x[~new], y[~new]), (x_new[:1500], y_new[:1500]), (x_new[1500:], y_new[1500:]), (x_test[new_test], y_test[new_test] - 5))


def draw_labels(y: torch.Tensor, n: int, seed: int) -> torch.Tensor:
    """The places of n labels, the same number of each class: int64 (n,).

    Raises
    ------
    ValueError
        If n is no multiple of the number of classes, or a class has too few.
    """
    classes = y.unique()
    each, rest = divmod(n, len(classes))
    if rest or each < 1 or each > int(torch.bincount(y).min()):
        raise ValueError(f"n must be a multiple of {len(classes)} up to {len(classes) * int(torch.bincount(y).min())}, got {n}")
    rng = np.random.default_rng(seed)
    return torch.from_numpy(np.concatenate([rng.permutation(np.flatnonzero(y.numpy() == k))[:each] for k in classes.tolist()]))
