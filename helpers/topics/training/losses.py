"""Five losses of one score, and how hard each pushes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: What label smoothing asks for in place of 1, with two classes and ε = 0.1.
SMOOTH = 0.95


@dataclass(frozen=True)
class Loss:
    """A loss of the score z of an example of class 1 (z > 0 is right), and its slope dL/dz."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


LOSSES = {
    "cross-entropy": Loss(lambda z: np.logaddexp(0, -z), lambda z: sigmoid(z) - 1),
    "smoothed cross-entropy": Loss(lambda z: np.logaddexp(0, -z) + (1 - SMOOTH) * z, lambda z: sigmoid(z) - SMOOTH),
    "hinge": Loss(lambda z: np.maximum(0, 1 - z), lambda z: np.where(z < 1, -1.0, 0.0)),
    "squared error of z": Loss(lambda z: 0.5 * (1 - z) ** 2, lambda z: z - 1),
    "squared error of p": Loss(lambda z: (1 - sigmoid(z)) ** 2, lambda z: -2 * (1 - sigmoid(z)) ** 2 * sigmoid(z)),
}


def pushes(z: float) -> dict[str, float]:
    """How hard each loss pushes the score upward at z: -dL/dz."""
    return {name: float(-loss.slope(np.asarray(z, float))) for name, loss in LOSSES.items()}


def confident_mistake(loss: str, lr: float, n_steps: int = 100, z: float = -6.0) -> np.ndarray:
    """The score after each step of gradient descent that begins with a confident mistake: (n_steps + 1,)."""
    scores = [z]
    for _ in range(n_steps):
        scores.append(scores[-1] - lr * float(LOSSES[loss].slope(np.asarray(scores[-1]))))
    return np.array(scores)
