"""The linear probe: ridge regression on frozen features, its penalty chosen by leaving one label out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from helpers.data import XY
from helpers.plots import to_numpy
from helpers.topics.features.task import LADDER, draw_labels

Extract = Callable[[torch.Tensor], torch.Tensor]
PENALTIES = np.logspace(-4, 1, 8)


@dataclass(frozen=True)
class Ridge:
    """A fitted probe: scores = (features - mean) / scale @ W + b."""

    mean: np.ndarray        # (D,)
    scale: float
    W: np.ndarray           # (D, K)
    b: np.ndarray           # (K,)
    penalty: float

    def scores(self, features: ArrayLike | torch.Tensor) -> np.ndarray:
        """(N, D) → (N, K)."""
        return (_float64(features) - self.mean) / self.scale @ self.W + self.b


def _float64(a: ArrayLike | torch.Tensor) -> np.ndarray:
    return to_numpy(a).astype(np.float64)


def ridge(features: ArrayLike | torch.Tensor, targets: ArrayLike | torch.Tensor, penalties: Sequence[float] | np.ndarray = PENALTIES) -> Ridge:
    """Least squares with a penalty on the weights; of the penalties, the one whose left-out errors are least.

    Features are centred, and divided by one number so that their mean squared length is 1: then a penalty means the
    same for each kind. No further label is spent on the choice: the error of each example by the fit without it has a
    closed form.

    Parameters
    ----------
    features : (N, D)
    targets : (N, K) or (N,)

    Source
    ------
    Golub, Heath and Wahba, "Generalized cross-validation", Technometrics 21 (1979), doi:10.1080/00401706.1979.10489751
    (there: leaving one out, in closed form).
    """
    X, Y = _float64(features), _float64(targets)
    Y = Y[:, None] if Y.ndim == 1 else Y
    if X.ndim != 2 or len(X) < 2 or len(X) != len(Y):
        raise ValueError(f"a probe needs features (N, D) and N targets, N at least 2; got {X.shape} and {Y.shape}")
    mean, b = X.mean(0), Y.mean(0)
    A, T = X - mean, Y - b
    scale = float(np.sqrt((A**2).sum(1).mean())) or 1.0
    A = A / scale
    wide = A.shape[1] > len(A)
    values, vectors = np.linalg.eigh(A @ A.T if wide else A.T @ A)
    keep = values > 1e-10 * max(values[-1], 1e-30)
    s2 = values[keep]                                               # squared singular values
    U = vectors[:, keep] if wide else A @ vectors[:, keep] / np.sqrt(s2)          # (N, r)
    UT = U.T @ T                                                    # (r, K)
    errors = []
    for penalty in penalties:
        shrink = s2 / (s2 + penalty)
        residual = T - U @ (shrink[:, None] * UT)
        leverage = (U**2) @ shrink + 1 / len(A)                     # with the mean's own share
        errors.append(float(((residual / np.maximum(1 - leverage, 1e-9)[:, None])**2).mean()))
    penalty = float(penalties[int(np.argmin(errors))])
    W = A.T @ (U @ (UT / (s2 + penalty)[:, None]))                  # (D, K)
    return Ridge(mean, scale, W, b, penalty)


def one_hot(y: ArrayLike | torch.Tensor) -> np.ndarray:
    """(N,) labels 0 … K-1 → (N, K) float64."""
    return np.eye(int(to_numpy(y).max()) + 1)[to_numpy(y)]


def probe_accuracy(train: tuple[ArrayLike | torch.Tensor, torch.Tensor], test: tuple[ArrayLike | torch.Tensor, torch.Tensor]) -> float:
    """The share of test labels that a probe fitted on train reads right. Each is (features (N, D), labels (N,))."""
    fitted = ridge(train[0], one_hot(train[1]))
    return float((fitted.scores(test[0]).argmax(1) == test[1].numpy()).mean())


def learning_curve(pool: XY, test: XY, seeds: int, ladder: Sequence[int] = LADDER) -> np.ndarray:
    """Accuracy against the number of labels: (seeds, len(ladder)); a seed is another draw of the labels."""
    rows = []
    for seed in range(seeds):
        places = [draw_labels(pool[1], n, seed) for n in ladder]
        rows.append([probe_accuracy((pool[0][i], pool[1][i]), test) for i in places])
    return np.array(rows)


def curves_of(kinds: Mapping[str, Extract], pool: XY, test: XY, seeds: int, ladder: Sequence[int] = LADDER) -> dict[str, np.ndarray]:
    """The learning curve of each kind of feature: name → (seeds, len(ladder))."""
    return {name: learning_curve((extract(pool[0]), pool[1]), (extract(test[0]), test[1]), seeds, ladder) for name, extract in kinds.items()}
