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
