"""How much of the label, the place and the noise can be read, linearly, from each layer?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from helpers.models import FastCNN
from helpers.topics.features.probe import one_hot, ridge

#: Name → how many modules of FastCNN.features come before.
CUTS = {"pixels": 0, "conv 1": 4, "pool 1": 5, "conv 2": 8, "conv 3": 11, "conv 4": 14, "features": 15}
QUESTIONS = ("label", "place", "noise")


@dataclass(frozen=True)
class Disturbed:
    """Digits moved to the left or right, with noise on them: x, and what can be asked: label, place (pixels), noise (standard deviation)."""

    x: torch.Tensor
    label: torch.Tensor
    place: torch.Tensor
    noise: torch.Tensor


def disturb(x: torch.Tensor, y: torch.Tensor, seed: int = 0) -> Disturbed:
    """Each picture (N, 1, 28, 28) moved by -3 … 3 pixels and with noise of 0 … 0.4: both drawn, both known."""
    g = torch.Generator().manual_seed(seed)
    place = torch.randint(-3, 4, (len(x),), generator=g)
    noise = 0.4 * torch.rand(len(x), generator=g)
    moved = torch.stack([torch.roll(a, int(d), -1) for a, d in zip(x, place, strict=True)])
    return Disturbed(moved + noise[:, None, None, None] * torch.randn(x.shape, generator=g), y, place.float(), noise)


def layer(net: FastCNN, x: torch.Tensor, cut: int) -> torch.Tensor:
    """What comes out of the first cut modules, laid out: (N, D)."""
    with torch.no_grad():
        return (net.features[:cut](x.contiguous(memory_format=torch.channels_last)) if cut else x).flatten(1)


def projected(features: torch.Tensor, n: int = 256, seed: int = 0) -> torch.Tensor:
    """(N, D) → (N, n) along n random directions, so that each layer offers as many numbers to a probe."""
    d = features.shape[1]
    return features @ torch.randn(d, n, generator=torch.Generator().manual_seed(seed)) / d**0.5


def r_squared(said: np.ndarray, truth: np.ndarray) -> float:
    """1 for a perfect reading, 0 for one that always says the mean."""
    return float(1 - ((said - truth)**2).sum() / ((truth - truth.mean())**2).sum())


def read(net: FastCNN, train: Disturbed, val: Disturbed) -> dict[str, np.ndarray]:
    """Accuracy for the label, R² for place and noise, at each of CUTS: question → (cuts,)."""
    found: dict[str, list[float]] = {q: [] for q in QUESTIONS}
    for cut in CUTS.values():
        a, b = (projected(layer(net, part.x, cut)) for part in (train, val))
        numbers = np.column_stack([train.place, train.noise])
        scale = numbers.std(0)
        classes = ridge(a, one_hot(train.label)).scores(b).argmax(1)
        found["label"].append(float((classes == val.label.numpy()).mean()))
        for i, (name, truth) in enumerate((("place", val.place), ("noise", val.noise))):
            said = ridge(a, numbers[:, i] / scale[i]).scores(b)[:, 0] * scale[i]
            found[name].append(r_squared(said, truth.numpy()))
    return {name: np.array(values) for name, values in found.items()}


def read_noise(a: torch.Tensor, b: torch.Tensor, train: Disturbed, val: Disturbed) -> float:
    """R² of the strength of the noise, read by a probe from features a (train) and b (val): each (N, D)."""
    scale = float(train.noise.std())
    said = ridge(projected(a), train.noise.numpy() / scale).scores(projected(b))[:, 0] * scale
    return r_squared(said, val.noise.numpy())
