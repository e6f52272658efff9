"""Pure functions that measure: predictions and labels in, numbers out."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import ArrayLike


def _labels(name: str, a: ArrayLike | torch.Tensor) -> np.ndarray:
    labels = np.asarray(a.detach().cpu() if isinstance(a, torch.Tensor) else a)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"{name} must be a non-empty list of labels, shape (N,); got shape {labels.shape}")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"{name} must hold whole numbers (class labels); got {labels.dtype}. Take argmax(1) of logits first.")
    return labels.astype(np.int64)      # a sum of small integers would run over


def _pair(predicted: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    p, t = _labels("predicted", predicted), _labels("y", y)
    if p.shape != t.shape:
        raise ValueError(f"predicted and y must have one length; got {len(p)} and {len(t)}")
    return p, t


def accuracy(predicted: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor) -> float:
    """The share of labels that are right, from 0 to 1.

    Parameters
    ----------
    predicted, y : (N,) whole numbers

    Raises
    ------
    ValueError, TypeError
        If the shapes differ, or are not (N,), or the labels are no whole numbers.

    >>> accuracy([1, 2, 2, 0], [1, 2, 0, 0])
    0.75
    """
    p, t = _pair(predicted, y)
    return float((p == t).mean())


def confusion_matrix(predicted: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor, n_classes: int) -> np.ndarray:
    """How often class i was taken for class j: (K, K) counts, rows the truth, columns the prediction.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1], 2)
    array([[1, 1],
           [0, 1]])
    """
    p, t = _pair(predicted, y)
    for name, a in (("predicted", p), ("y", t)):
        if a.min() < 0 or a.max() >= n_classes:
            raise ValueError(f"{name} must lie in 0 … {n_classes - 1}; got {a.min()} … {a.max()}")
    return np.bincount(t * n_classes + p, minlength=n_classes**2).reshape(n_classes, n_classes)


def majority_accuracy(y_train: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor) -> float:
    """What the plainest baseline reaches: always answer with the commonest label of the training set."""
    classes, counts = np.unique(_labels("y_train", y_train), return_counts=True)
    return float((_labels("y", y) == classes[counts.argmax()]).mean())


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    """The mean of several runs and the half-width of its confidence interval.

    Student's t, for runs that are independent and roughly normal. *Source*: Student, "The probable error of a
    mean", Biometrika 6 (1908), doi:10.1093/biomet/6.1.1.

    Parameters
    ----------
    values : (n,) floats, n >= 2
    confidence : float in (0, 1)

    Returns
    -------
    mean, half : float
        The interval is mean - half … mean + half, in the unit of the values.
    """
    from scipy.stats import t

    v = np.asarray(values, dtype=float)
    if v.ndim != 1 or len(v) < 2 or not np.isfinite(v).all():
        raise ValueError(f"mean_interval needs at least two finite numbers, got {values!r}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")
    half = t.ppf((1 + confidence) / 2, len(v) - 1) * v.std(ddof=1) / math.sqrt(len(v))
    return float(v.mean()), float(half)
