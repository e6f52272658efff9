"""Scale: what the units of the columns do to gradient descent on a linear model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Gradient descent is done when the loss above its least value has fallen to this part of what it was.
DONE = 1e-3


def condition_number(x: np.ndarray) -> float:
    """Largest over smallest eigenvalue of the covariance of the columns of x (N, D), D >= 1.

    >>> condition_number(np.array([[1., 10.], [-1., 10.], [1., -10.], [-1., -10.]]))
    100.0
    """
    centred = x - x.mean(0)
    values = np.linalg.eigvalsh(centred.T @ centred / len(x))
    return float(values[-1] / values[0])


def steps_needed(x: np.ndarray, y: np.ndarray, done: float = DONE) -> int:
    """How many steps gradient descent needs on least squares, begun at zero, at its best constant rate 2 / (λ₁ + λ_D).

    By the closed form: along each eigenvector the distance to the optimum shrinks by 1 − rate · λ a step. x (N, D) is
    centred first, y (N,) too.
    """
    x, y = x - x.mean(0), y - y.mean()
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    distance = vectors.T @ (x.T @ y / len(x)) / values
    shrink = np.abs(1 - 2 / (values[0] + values[-1]) * values)

    def excess(n: int) -> float:
        return float((values * distance**2 * shrink ** (2 * n)).sum())

    low, high = 0, 1
    while excess(high) > done * excess(0):
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if excess(middle) <= done * excess(0) else (middle, high)
    return high


def some_columns(x: np.ndarray, count: int = 60, seed: int = 0) -> list[np.ndarray]:
    """Random choices of two to five columns, as lists of their places."""
    rng = np.random.default_rng(seed)
    return [rng.choice(x.shape[1], rng.integers(2, 6), replace=False) for _ in range(count)]


def whitening(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and matrix (D, D), so that (x - mean) @ matrix has the identity as covariance."""
    mean = x.mean(0)
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    return mean, vectors / np.sqrt(values)


@dataclass(frozen=True)
class Descent:
    """path (T + 1, 2): each weight times the spread of its column; excess (T + 1,): the loss above its least value, as a
    part of the first one; needed: steps until DONE, or -1; kappa: the condition number."""

    path: np.ndarray
    excess: np.ndarray
    needed: int
    kappa: float


def descend(x: np.ndarray, y: np.ndarray, rate: float, n_steps: int = 200) -> Descent:
    """Gradient descent on least squares with two columns, from zero; rate is a part of the greatest that does not diverge, 2 / λ₁."""
    x, y, spread = x - x.mean(0), y - y.mean(), x.std(0)
    hessian, slope = x.T @ x / len(x), x.T @ y / len(x)
    values = np.linalg.eigvalsh(hessian)
    best = np.linalg.solve(hessian, slope)
    w, path = np.zeros(2), [np.zeros(2)]
    for _ in range(n_steps):
        w = w - rate * 2 / values[-1] * (hessian @ w - slope)
        path.append(w)
    away = np.array(path) - best
    excess = np.einsum("td,de,te->t", away, hessian, away)
    below = np.flatnonzero(excess <= DONE * excess[0])
    return Descent(np.array(path) * spread, np.maximum(excess / excess[0], 1e-12), int(below[0]) if len(below) else -1, float(values[-1] / values[0]))


def scaled(rows: np.ndarray, like: np.ndarray) -> np.ndarray:
    """rows (N, D), standardised by the mean and spread of the rows of like (M, D); a column without spread becomes 0."""
    spread = like.std(0)
    return (rows - like.mean(0)) / np.where(spread > 0, spread, np.inf)


def scaled_by_group(rows: np.ndarray, group: np.ndarray) -> np.ndarray:
    """rows (N, D), each standardised by the mean and spread of its own group (N,)."""
    out = np.empty_like(rows)
    for g in np.unique(group):
        out[group == g] = scaled(rows[group == g], rows[group == g])
    return out
