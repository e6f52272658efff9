"""A small network on two moons: what the tests of training and of its checkpoints share."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import nn

from helpers.data import toy
from helpers.training import fit

TRAIN, VAL = toy("moons", 60, seed=1), toy("moons", 40, 0.6, seed=2)
run = functools.partial(fit, lr=0.02, batch_size=16, progress=False)


def network(dropout: float = 0.0, width: int = 8, n_out: int = 2) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Dropout(dropout), nn.BatchNorm1d(width), nn.Linear(width, n_out))


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.state_dict().values()])


def stop_at(batch: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[torch.Tensor], torch.Tensor]:
    count = iter(range(10**6))

    def augment(x: torch.Tensor) -> torch.Tensor:
        if next(count) == batch:
            raise error
        return x
    return augment
