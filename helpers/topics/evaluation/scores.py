"""Scores of predictions that need no threshold: ROC, reliability, temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch.nn import functional as F


def roc_points(scores: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates for all thresholds, from (0, 0) to (1, 1); equal scores pass a threshold together.

    Parameters
    ----------
    scores : (N,) floats, higher for a more likely yes
    y : (N,) bool

    Raises
    ------
    ValueError
        If the lengths differ, or only one of the two classes is there.
    """
    s, t = np.asarray(scores, float), np.asarray(y, bool)
    if s.shape != t.shape or s.ndim != 1 or t.all() or not t.any():
        raise ValueError(f"roc_points() needs a score for each label, and labels of both kinds; got shapes {s.shape} and {t.shape}, {int(t.sum())} of {t.size} true")
    order = np.argsort(-s, kind="stable")
    last = np.append(np.flatnonzero(np.diff(s[order])), s.size - 1)      # the last of each group of equal scores
    hits = np.cumsum(t[order])[last]
    return np.append(0, (last + 1 - hits) / (~t).sum()), np.append(0, hits / t.sum())


@dataclass(frozen=True)
class Reliability:
    """Bins of confidence: per bin how many, their mean confidence and the share right (NaN where empty)."""

    counts: np.ndarray
    confidence: np.ndarray
    right: np.ndarray

    @property
    def ece(self) -> float:
        """The expected calibration error: the gaps, weighted by the counts."""
        full = self.counts > 0
        return float((self.counts[full] * np.abs(self.confidence - self.right)[full]).sum() / self.counts.sum())


def reliability(confidence: ArrayLike, right: ArrayLike, n_bins: int = 15) -> Reliability:
    """Sort predictions into bins of equal width by their confidence.

    Parameters
    ----------
    confidence : (N,) floats in [0, 1]
    right : (N,) bool

    Raises
    ------
    ValueError
        If there is nothing, the lengths differ, or a confidence is none.

    Source
    ------
    C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks" (2017), arXiv:1706.04599.
    """
    c, r = np.asarray(confidence, float), np.asarray(right, float)
    if c.ndim != 1 or c.shape != r.shape or c.size == 0 or not ((c >= 0) & (c <= 1)).all():
        raise ValueError(f"reliability() needs confidences in [0, 1] and as many outcomes; got shapes {c.shape} and {r.shape}")
    place = np.minimum((c * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        return Reliability(counts, np.bincount(place, c, n_bins) / counts, np.bincount(place, r, n_bins) / counts)


@dataclass(frozen=True)
class Judged:
    """What is said of a set of logits at one temperature."""

    accuracy: float
    confidence: float
    ece: float
    log_loss: float
    bins: Reliability


def judge_logits(logits: torch.Tensor, y: torch.Tensor, temperature: float = 1.0, n_bins: int = 15) -> Judged:
    """Accuracy, mean confidence, ECE and log loss (nats) of logits (N, K) divided by a temperature; y int64 (N,)."""
    z = logits / temperature
    confidence, said = z.softmax(1).max(1)
    bins = reliability(confidence.double().clamp(0, 1).numpy(), (said == y).numpy(), n_bins)
    return Judged(float((said == y).float().mean()), float(confidence.mean()), bins.ece, float(F.cross_entropy(z, y)), bins)
