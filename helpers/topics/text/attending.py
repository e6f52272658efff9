"""Attention in NumPy for the figures: scores, weights, and what becomes of them without the root of d."""

from __future__ import annotations

import numpy as np


def softmax(scores: np.ndarray) -> np.ndarray:
    """Over the last axis; a score of −∞ gives a weight of 0."""
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def entropy(weights: np.ndarray) -> np.ndarray:
    """In nats, over the last axis: 0 for one place alone, log T for T places alike."""
    return -(weights * np.log(np.maximum(weights, 1e-30))).sum(-1)


def mean_entropies(sizes: list[int], n_keys: int = 64, n: int = 200, seed: int = 0) -> tuple[list[float], list[float]]:
    """The mean entropy of attention weights for queries and keys of independent normal numbers, of each size d: plain, and divided by √d."""
    draw = np.random.default_rng(seed)
    plain, divided = [], []
    for d in sizes:
        scores = draw.standard_normal((n, d)) @ draw.standard_normal((n_keys, d)).T
        plain.append(float(entropy(softmax(scores)).mean()))
        divided.append(float(entropy(softmax(scores / np.sqrt(d))).mean()))
    return plain, divided


def median_slopes(d: int, n_keys: int = 64, n: int = 200, seed: int = 0) -> tuple[float, float]:
    """How strongly the weights answer to a change of the scores, the median over n queries: plain, and divided by √d.

    The measure is the root of the sum of squares of all derivatives ∂weight/∂score = p (1 if they are one place, else 0) − p p′.
    """
    draw = np.random.default_rng(seed)
    scores = draw.standard_normal((n, d)) @ draw.standard_normal((n_keys, d)).T
    found = []
    for p in (softmax(scores), softmax(scores / np.sqrt(d))):
        squares = (p**2).sum(-1) - 2 * (p**3).sum(-1) + (p**2).sum(-1) ** 2
        found.append(float(np.median(np.sqrt(np.maximum(squares, 0)))))
    return found[0], found[1]
