"""The course's recipes beside those of three well-known tutorials, on the same split of MNIST-5k in the same run.

The peers are written anew from their published hyperparameters:

- PyTorch's basic MNIST example (pytorch/examples, mnist/main.py);
- LeNet with sigmoids and average pooling, as Dive into Deep Learning trains it (chapter 7.6);
- the "simple MNIST convnet" of the Keras examples.

The test accuracy is measured after each epoch, outside the clock, to find when a recipe passes a mark. Nothing is
chosen by it: the course's settings were chosen on a validation part of the 4,000 training digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from helpers.data import XY, digits
from helpers.models import FastCNN
from helpers.training import History, fit, one_cycle
from helpers.training.augment import random_affine

#: One training: "seconds" at the end of each epoch (evaluation left out), and the test "accuracy" there.
Run = dict[str, list[float]]


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained."""

    name: str
    network: Callable[[], nn.Module]
    settings: dict[str, Any]


def pytorch_example() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


def lenet() -> nn.Module:
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))
    for layer in model:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            nn.init.xavier_uniform_(layer.weight)
    return model


def keras_example() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.5), nn.Linear(1600, 10))


def step_lr(optimizer: torch.optim.Optimizer, n_steps: int, *, n_epochs: int, gamma: float) -> torch.optim.lr_scheduler.LRScheduler:
    """Times gamma after each epoch, for a schedule that is stepped after each batch."""
    return torch.optim.lr_scheduler.StepLR(optimizer, math.ceil(n_steps / n_epochs), gamma=gamma)


def ours(name: str, *, width: int, strength: float, **settings: Any) -> Recipe:
    """The course's recipe: FastCNN, AdamW, one cycle, label smoothing, random affine augmentation."""
    return Recipe(name, partial(FastCNN, width), {
        "lr": 0.02, "optimizer": partial(torch.optim.AdamW, weight_decay=0.05, fused=True), "schedule": one_cycle,
        "loss": partial(F.cross_entropy, label_smoothing=0.1), "augment": partial(random_affine, strength=strength), **settings})


PEERS = (
    Recipe("PyTorch example", pytorch_example, {
        "n_epochs": 14, "batch_size": 64, "lr": 1.0, "optimizer": torch.optim.Adadelta, "schedule": partial(step_lr, n_epochs=14, gamma=0.7)}),
    Recipe("Keras example", keras_example, {"n_epochs": 15, "batch_size": 128, "lr": 1e-3, "optimizer": torch.optim.Adam}),
    Recipe("LeNet (d2l)", lenet, {"n_epochs": 10, "batch_size": 128, "lr": 0.1, "optimizer": torch.optim.SGD}),
)
OURS = (
    ours("course, quick", width=16, strength=0.6, n_epochs=4, batch_size=64),
    ours("course, good", width=24, strength=0.8, n_epochs=8, batch_size=64),
    ours("course, best", width=24, strength=1.0, n_epochs=16, batch_size=64),
)


def train(recipe: Recipe, data: XY, test: XY, seed: int) -> History:
    torch.manual_seed(seed)
    return fit(recipe.network(), data, test, seed=seed, progress=False, **recipe.settings)


def first_time(run: Run, mark: float) -> float | None:
    """Seconds at the end of the first epoch whose test accuracy is at least mark; None if none is."""
    return next((s for s, a in zip(run["seconds"], run["accuracy"], strict=True) if a >= mark), None)


def race(seeds: int = 5) -> dict[str, list[Run]]:
    """All recipes, seed by seed in turn, so that a busy moment of the machine meets them all alike."""
    split = digits(n_train=4000, n_val=0)
    runs: dict[str, list[Run]] = {r.name: [] for r in (*PEERS, *OURS)}
    for seed in range(seeds):
        for recipe in (*OURS, *PEERS):
            history = train(recipe, split.train, split.test, seed)
            runs[recipe.name].append({"seconds": [round(s, 3) for s in history.seconds], "accuracy": [round(a, 4) for a in history.val_accuracy]})
            print(f"  seed {seed}  {recipe.name:16} best {max(history.val_accuracy):.3f}, last {history.val_accuracy[-1]:.3f} after {history.seconds[-1]:5.1f} s", flush=True)
    return runs


def mean_time(times: Sequence[float | None]) -> float | None:
    """The mean over the seeds; None if the mark was missed by one of them."""
    known = [t for t in times if t is not None]
    return mean(known) if len(known) == len(times) else None


def time_to_own_best(runs: list[Run]) -> float:
    """Mean seconds to each seed's own best test accuracy."""
    return mean(first_time(run, max(run["accuracy"])) or 0.0 for run in runs)


def time_to_pass(runs: list[Run], peers: list[Run]) -> float | None:
    """Mean seconds to the best accuracy of a peer, the runs of one seed compared with each other."""
    return mean_time([first_time(run, max(peer["accuracy"])) for run, peer in zip(runs, peers, strict=True)])
