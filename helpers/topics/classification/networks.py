"""What the lesson on the page trains: one small network, with three ways to change its training digits."""

from __future__ import annotations

from collections.abc import Callable

import torch

from helpers.data import XY
from helpers.training.augment import random_affine
from helpers.training.fit import predict_logits


def moved_and_noisy(x: torch.Tensor) -> torch.Tensor:
    """Turned, scaled, sheared, shifted; then noise of a strength from 0 to 0.5, another for each picture."""
    x = random_affine(x)
    return (x + 0.5 * torch.rand(len(x), 1, 1, 1) * torch.randn(x.shape)).clamp(0, 1)


class NearestDigit:
    """The plain baseline: the label of the training digit whose pixels are nearest.

    It answers as a network does, so that it can stand in for one: (N, 1, 28, 28) → scores (N, 10), the nearer the higher.
    """

    def __init__(self, train: XY) -> None:
        self.x, self.y = train[0].flatten(1), train[1]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        nearest = self.y[torch.cdist(x.flatten(1), self.x).argmin(1)]
        return torch.nn.functional.one_hot(nearest, 10).float()


def accuracy_of(model: Callable[[torch.Tensor], torch.Tensor], data: XY) -> float:
    """The share of data's pictures that a network, or the baseline, reads right."""
    x, y = data
    out = predict_logits(model, x) if isinstance(model, torch.nn.Module) else model(x)
    return float((out.argmax(1) == y).float().mean())
