"""Kinds of features for patches of materials, one reading for all of them, and a small network from scratch beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from skimage.feature import local_binary_pattern
from torch import nn
from torch.nn import functional as F

from helpers.data import XY
from helpers.models.pretrained import LAST, layer_features, pretrained
from helpers.training.fit import fit, one_cycle, predict_logits

#: Steps of training for 1, 5 and 20 labels a class: epochs.
EPOCHS = {1: 30, 5: 16, 20: 8}


def pixels(x: torch.Tensor) -> torch.Tensor:
    """Shrunk to 16×16: (N, 3, 64, 64) → (N, 768)."""
    return F.adaptive_avg_pool2d(x, 16).flatten(1)


def histogram(x: torch.Tensor) -> torch.Tensor:
    """The share of pixels in each of 4×4×4 colours: (N, 64). Where a pixel lies is lost."""
    shade = (x * 4).long().clamp(max=3).flatten(2)                      # (N, 3, H·W)
    place = shade[:, 0] * 16 + shade[:, 1] * 4 + shade[:, 2]
    return torch.stack([torch.bincount(p, minlength=64) for p in place]).float() / place.shape[1]


def lbp(x: torch.Tensor) -> torch.Tensor:
    """The share of each of ten patterns of the eight neighbours: (N, 10); blind to colour and to brightness."""
    grey = (x.mean(1) * 255).numpy().astype(np.uint8)
    rows = [np.bincount(local_binary_pattern(a, 8, 1, "uniform").astype(int).ravel(), minlength=10) for a in grey]
    return torch.from_numpy(np.stack(rows)).float() / grey[0].size


def imagenet(x: torch.Tensor) -> torch.Tensor:
    """The 1,280 numbers before the last layer of a network that was trained on ImageNet, frozen: (N, 1280)."""
    return layer_features(pretrained(), x)[LAST]


FEATURES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"pixels": pixels, "colour histogram": histogram, "LBP": lbp, "ImageNet": imagenet}
SCRATCH = "CNN from scratch"


def read_linearly(train: XY, test_x: torch.Tensor, strength: float = 0.1) -> torch.Tensor:
    """A linear reading by least squares: features are standardised on train, then scores (N, K) for test_x.

    Ridge regression on one-hot labels, in closed form; strength is told as a share of the number of features.
    """
    x, y = train
    mean, std = x.mean(0), x.std(0, unbiased=False).clamp(min=1e-6)
    a, b = ((x - mean) / std).double(), ((test_x - mean) / std).double()
    target = F.one_hot(y).double()
    level = target.mean(0)
    gram = a @ a.T + strength * a.shape[1] * torch.eye(len(a), dtype=torch.double)
    return (b @ a.T @ torch.linalg.solve(gram, target - level) + level).float()


class SmallCNN(nn.Module):
    """Four convolutions of stride 2 and the mean over all places: (N, 3, 64, 64) → (N, 12)."""

    def __init__(self, width: int = 8, n_classes: int = 12) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 4 * width, 4 * width)
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Conv2d(n_in, n_out, 3, 2, 1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * width, n_classes))
        self.to(memory_format=torch.channels_last)      # type: ignore[call-overload]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x.contiguous(memory_format=torch.channels_last))
        return out


def mirrored(x: torch.Tensor) -> torch.Tensor:
    """Half of the batches, left and right exchanged."""
    return x.flip(3) if torch.rand(()) < 0.5 else x


def scratch(train: XY, test_x: torch.Tensor, n_epochs: int, seed: int) -> torch.Tensor:
    """Scores (N, 12) of a small network that has seen nothing but train."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = SmallCNN()
        fit(net, train, None, n_epochs=n_epochs, batch_size=16, lr=8e-3, schedule=one_cycle, augment=mirrored, seed=seed, progress=False)
    return predict_logits(net, test_x)


def share(scores: torch.Tensor, y: torch.Tensor) -> float:
    """The share of rows whose largest score stands at the label."""
    return float((scores.argmax(1) == y).float().mean())


def first_labels(y: torch.Tensor, n: int, seed: int) -> torch.Tensor:
    """n training patches a class, another draw for each seed: int64 (12 · n,), indices."""
    generator = torch.Generator().manual_seed(100 + seed)
    found = []
    for k in y.unique():
        own = (y == k).nonzero()[:, 0]
        found.append(own[torch.randperm(len(own), generator=generator)[:n]])
    return torch.cat(found)


def compare(train: XY, test: XY, features: Mapping[str, tuple[torch.Tensor, torch.Tensor]], labels: Sequence[int], seeds: Sequence[int],
            with_scratch: bool = True) -> dict[str, np.ndarray]:
    """Test accuracy: kind → (n_seeds, len(labels)). A seed draws the labelled patches, and the small network's start and order."""
    (x, y), (test_x, test_y) = train, test
    table = {kind: np.zeros((len(seeds), len(labels))) for kind in (*features, *([SCRATCH] if with_scratch else []))}
    for row, seed in enumerate(seeds):
        for column, n in enumerate(labels):
            i = first_labels(y, n, seed)
            for kind, (known, unknown) in features.items():
                table[kind][row, column] = share(read_linearly((known[i], y[i]), unknown), test_y)
            if with_scratch:
                table[SCRATCH][row, column] = share(scratch((x[i], y[i]), test_x, EPOCHS[n], seed), test_y)
    return table
