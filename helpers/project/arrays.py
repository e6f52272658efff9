"""A reader's own arrays, made fit to be looked at: one row an example, one number a feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

Given = ArrayLike | torch.Tensor


@dataclass(frozen=True)
class Arrays:
    """Training and test examples as float64 (N, D) rows, their labels as they are (N,), and what was given.

    ``shape`` and ``dtype`` are those of one training example; ``classes`` is None if y is a quantity, not a class.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    shape: tuple[int, ...]
    dtype: np.dtype
    classes: np.ndarray | None


def as_arrays(x_train: Given, y_train: Given, x_test: Given, y_test: Given) -> Arrays:
    """What a reader gives, checked.

    Raises
    ------
    TypeError
        If something is no array of numbers.
    ValueError
        If lengths or shapes do not fit, or there are too few examples to say anything.
    """
    x = {name: numbers(name, a) for name, a in (("x_train", x_train), ("x_test", x_test))}
    y = {name: labels(name, a) for name, a in (("y_train", y_train), ("y_test", y_test))}
    for part in ("train", "test"):
        n, m = len(x[f"x_{part}"]), len(y[f"y_{part}"])
        if n != m:
            raise ValueError(f"x_{part} holds {n:,} examples and y_{part} {m:,}: they must be as many, in the same order")
        if n < 10:
            raise ValueError(f"x_{part} holds {n} examples: fewer than 10 say nothing. Collect more before you look for faults")
    inside, outside = x["x_train"].shape[1:], x["x_test"].shape[1:]
    if inside != outside:
        raise ValueError(f"one training example has shape {inside}, one test example {outside}: prepare both with the same steps")
    kinds = {name: a.dtype.kind if a.dtype.kind not in "biu" else "i" for name, a in y.items()}
    if kinds["y_train"] != kinds["y_test"]:
        raise TypeError(f"y_train holds {y['y_train'].dtype} and y_test {y['y_test'].dtype}: labels of both parts must be of one kind; "
                        "write both as whole numbers, both as words, or both as quantities")
    rows = {name: a.reshape(len(a), -1).astype(np.float64) for name, a in x.items()}
    return Arrays(rows["x_train"], y["y_train"], rows["x_test"], y["y_test"], inside, x["x_train"].dtype, _classes(y["y_train"]))


def _plain(name: str, a: Given) -> np.ndarray:
    """Whatever it is as an array of NumPy's."""
    if isinstance(a, torch.Tensor):
        a = a.detach().cpu()
        return np.asarray(a.float() if a.dtype == torch.bfloat16 else a)
    if hasattr(a, "toarray"):
        raise TypeError(f"{name} is a sparse matrix: give {name}.toarray()")
    try:
        return np.asarray(a)
    except ValueError as error:
        raise ValueError(f"{name} holds rows of different lengths: every example must have the same shape; cut or fill them first") from error


def numbers(name: str, a: Given) -> np.ndarray:
    """An array of numbers, first axis examples."""
    found = _plain(name, a)
    if found.ndim == 0 and found.dtype.kind not in "bfiu":
        raise TypeError(f"{name} must be an array of numbers, one example a row; got {type(a).__name__}")
    if found.dtype.kind not in "bfiu":
        raise TypeError(f"{name} must hold numbers, got {found.dtype}. Turn words and dates into numbers first (one column a word, days since the first), or leave such columns out")
    if found.ndim == 0 or found.size == 0:
        raise ValueError(f"{name} must hold at least one example along its first axis, and at least one number in each; got shape {found.shape}")
    return found if found.ndim > 1 else found[:, None]


def labels(name: str, a: Given) -> np.ndarray:
    """Labels (N,): classes as numbers or words, or quantities."""
    found = _plain(name, a)
    if found.dtype.kind == "O" and found.size and all(isinstance(label, str) for label in found.ravel()):
        found = found.astype(str)
    if found.dtype.kind not in "bfiuU":
        raise TypeError(f"{name} must hold classes (whole numbers or words) or quantities (numbers), got {found.dtype}")
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise ValueError(f"{name} must have one label an example, shape (N,); got {found.shape}. Of one-hot rows take argmax(1)")
    if found.dtype.kind == "f" and (bad := int((~usable(found)).sum())):
        raise ValueError(f"{name} holds {bad} labels that are NaN or infinite, or too large for float32 (3.4e38): leave those examples out, or find their labels")
    return found


def usable(a: np.ndarray) -> np.ndarray:
    """Which numbers are neither NaN nor infinite, and stay so in float32, in which networks compute."""
    return np.abs(a) <= np.finfo(np.float32).max


def _classes(y: np.ndarray) -> np.ndarray | None:
    """The classes; None for quantities: numbers with a fraction, or whole ones with fewer than five examples a value."""
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        return None
    found = np.unique(y)
    return found if y.dtype.kind in "bU" or len(found) <= max(2, len(y) // 5) else None
