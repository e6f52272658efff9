"""MNIST-1D: ten shapes as series of 40 numbers, made in a second and hard enough to tell networks apart."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data.split import Split
from helpers.validate import whole

#: The heights of the ten shapes, drawn by the data set's authors by hand; from left to right, before they are scaled.
_SHAPES = [
    [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5], [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
    [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5], [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
    [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5], [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
    [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5], [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5], [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5]]
_GRID = 72      # places on which a shape is moved about, before it is read at fewer


def shapes() -> np.ndarray:
    """The ten shapes before anything is done to them: float64 (10, 12), each begins at 0 and has a spread of 1/6."""
    table = np.array(_SHAPES, float)
    table = (table - table.mean(1, keepdims=True)) / table.std(1, keepdims=True)
    return (table - table[:, :1]) / 6


def make_mnist1d(n: int, seed: int = 0, length: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Draw n series: each is a shape, stretched, scaled, moved, sheared and laid on smooth noise.

    Parameters
    ----------
    n : int
        How many; the classes are equally frequent (up to one).
    seed : int
        Another seed, other series; the generator is their own.
    length : int
        Numbers a series.

    Returns
    -------
    x : float32 (n, length), not yet scaled; y : int64 (n,), the shape, 0 … 9

    Raises
    ------
    ValueError
        If n or length is no whole number above 0.

    Source
    ------
    The recipe of S. Greydanus and D. Kobak, "Scaling down deep learning with MNIST-1D" (2020), arXiv:2011.14439
    (their code: Apache-2.0), made anew.

    >>> x, y = make_mnist1d(20)
    >>> x.shape, np.bincount(y).tolist()
    ((20, 40), [2, 2, 2, 2, 2, 2, 2, 2, 2, 2])
    """
    n, length = whole("n", n), whole("length", length)
    rng, table = np.random.default_rng(seed), shapes()
    y = rng.permutation(np.arange(n) % 10)
    grid, places = np.linspace(0, 1, _GRID), np.linspace(0, 1, length)
    x = np.empty((n, length), np.float32)
    for i, k in enumerate(y):
        series = np.append(table[k] + 1e-8, np.zeros(rng.integers(36, 61)))     # a shape, then nothing
        series = np.interp(grid, np.linspace(0, 1, len(series)), series)        # more nothing: a narrower shape
        series = np.roll(series * (1 + 0.4 * (rng.random() - 0.5)), rng.integers(48))
        series = np.where(series != 0, series, _smooth(0.25 * rng.standard_normal(_GRID)))
        series += 0.02 * rng.standard_normal(_GRID)
        series -= 0.75 * (rng.random() - 0.5) * np.linspace(-0.5, 0.5, _GRID)
        x[i] = np.interp(places, grid, series)
    return x, y.astype(np.int64)


def _smooth(noise: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(noise, 2)


def mnist1d(n_train: int = 3500, n_val: int = 500, n_test: int = 1000, seed: int = 0) -> Split:
    """MNIST-1D, split: x float32 (N, 1, 40), scaled by the training part's mean and spread; y int64 (N,), the shape.

    Parameters
    ----------
    n_train, n_val, n_test : int
        The sizes of the parts; n_val and n_test may be 0. The test series of one seed are the same for any n_train.
    seed : int
        Another seed, another data set.

    Raises
    ------
    ValueError
        If a size is no whole number.

    Source
    ------
    See :func:`make_mnist1d`.

    >>> mnist1d(50, 20, 10)
    Split(train (50, 1, 40) · val (20, 1, 40) · test (10, 1, 40))
    """
    sizes = (whole("n_train", n_train), whole("n_val", n_val, 0), whole("n_test", n_test, 0))
    drawn = [make_mnist1d(size, 3 * seed + part) if size else (np.zeros((0, 40), np.float32), np.zeros(0, np.int64))
             for part, size in enumerate(sizes)]
    mean, spread = drawn[0][0].mean(), drawn[0][0].std()
    parts = [(torch.from_numpy((x - mean) / spread)[:, None], torch.from_numpy(y)) for x, y in drawn]
    return Split(*parts)
