"""What the lesson on the page trains: one small network, with three ways to change its training digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from helpers.data import XY
from helpers.topics.classification.harm import HARMS, spoil
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


def robustness(kinds: Mapping[str, Sequence[torch.nn.Module]], data: XY) -> dict[str, dict[str, np.ndarray]]:
    """Accuracy at severities 0 to 5: corruption → kind of network → (n_seeds, 6). Each picture is spoilt once, the same for all networks."""
    x, y = data
    found: dict[str, dict[str, np.ndarray]] = {}
    for harm in HARMS:
        spoilt = [spoil(x, harm, severity) for severity in range(6)]
        found[harm] = {kind: np.array([[accuracy_of(net, (z, y)) for z in spoilt] for net in nets]) for kind, nets in kinds.items()}
    return found
