"""Errors by kind of picture: by digit, by amount of ink, by slant, by width; and how bad the worst slice is by chance."""

from __future__ import annotations

import numpy as np
import torch

#: Each kind of slice has ten.
N_SLICES = 10


def slices_of(x: torch.Tensor, y: torch.Tensor) -> dict[str, np.ndarray]:
    """The slice of each picture, 0 … 9, by four kinds: the digit itself, and tenths of ink, slant and width.

    Parameters
    ----------
    x : float32 (N, 1, H, W), ink 1;  y : int64 (N,), 0 … 9

    Returns
    -------
    dict: kind → int (N,)
    """
    ink = x[:, 0].double().numpy()                                           # (N, H, W)
    mass = ink.sum((1, 2))
    rows, columns = np.arange(ink.shape[1])[:, None], np.arange(ink.shape[2])
    middle_row, middle_column = ((ink * a).sum((1, 2)) / mass for a in (rows, columns))
    down, right = rows - middle_row[:, None, None], columns - middle_column[:, None, None]
    slant = -(ink * down * right).sum((1, 2)) / (ink * down**2).sum((1, 2))      # how far the upper end leans to the right
    width = (ink * right**2).sum((1, 2)) / mass
    return {"digit": y.numpy().astype(int)} | {name: _tenths(v) for name, v in (("ink", mass), ("slant", slant), ("width", width))}


def _tenths(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") * N_SLICES // len(values)


def error_rates(place: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """The share of wrong answers in each slice: (10,); 0 where a slice is empty."""
    return np.bincount(place, wrong, N_SLICES) / np.maximum(np.bincount(place, minlength=N_SLICES), 1)


def worst_by_chance(slices: dict[str, np.ndarray], wrong: np.ndarray, n_draws: int = 300, seed: int = 0) -> np.ndarray:
    """The worst error rate among all slices when the errors are dealt to the pictures by chance: (n_draws,)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_draws):
        dealt = rng.permutation(wrong)
        found.append(max(error_rates(place, dealt).max() for place in slices.values()))
    return np.array(found)
