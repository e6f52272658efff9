"""Many small networks trained side by side, each with its own rate: a comparison of sixty trainings in seconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.validate import whole

#: How one parameter is changed: ``rule(w, g, s, lr)`` gives the new w; s is the rule's own memory of this parameter.
Rule = Callable[[torch.Tensor, torch.Tensor, dict[str, Any], torch.Tensor], torch.Tensor]
Weights = list[torch.Tensor]


@dataclass(frozen=True)
class Trained:
    """What a bank of M networks has come to.

    Parameters
    ----------
    losses : float32 (M, n_steps)
        The loss of each step's batch, in nats.
    weights : list of tensors
        (M, D, H) and (M, 1, H) in turn: each layer's weights and biases.
    averaged : list of tensors
        The same shapes: the mean of the weights over the last quarter of the steps.
    """

    losses: torch.Tensor
    weights: Weights
    averaged: Weights


def new_weights(sizes: Sequence[int], seeds: Sequence[int]) -> Weights:
    """The weights of len(seeds) networks as ``nn.Linear`` begins them, each from its own seed."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    weights = []
    for n_in, n_out in pairwise(sizes):
        for shape in ((n_in, n_out), (1, n_out)):
            drawn = [torch.rand(shape, generator=g) for g in generators]
            weights.append((2 * torch.stack(drawn) - 1) / math.sqrt(n_in))
    return weights


def logits(weights: Weights, x: torch.Tensor) -> torch.Tensor:
    """The outputs of M networks with ReLU between the layers: x (M, B, D) or (B, D) → (M, B, K)."""
    h = x if x.ndim == 3 else x.expand(len(weights[0]), *x.shape)
    for i in range(0, len(weights), 2):
        h = torch.baddbmm(weights[i + 1], h, weights[i])
        if i + 2 < len(weights):
            h = F.relu(h)
    return h


def loss_of(weights: Weights, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of each network, in nats: y (M, B) or (B,) → (M,)."""
    out = logits(weights, x)
    labels = y.expand(out.shape[:2])
    return F.cross_entropy(out.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape).mean(1)


def accuracies(weights: Weights, data: XY) -> torch.Tensor:
    """The accuracy of each of M networks: (M,) in [0, 1]; a network whose numbers are no longer finite has 0."""
    x, y = data
    with torch.no_grad():
        out = logits(weights, x.flatten(1))
    right = (out.argmax(2) == y).float().mean(1)
    return torch.where(out.isfinite().all(2).all(1), right, 0)


def train(rule: Rule, lr: Sequence[float] | np.ndarray, seeds: Sequence[int], data: XY, *, n_steps: int, batch_size: int = 100,
          schedule: Callable[[float], float] = lambda _: 1.0, sizes: Sequence[int] = (40, 100, 100, 10),
          loss: Callable[[Weights, torch.Tensor, torch.Tensor], torch.Tensor] = loss_of) -> Trained:
    """Train one network a pair of rate and seed. The same seed gives the same beginning and the same batches.

    Parameters
    ----------
    rule : callable
        See Rule; lr comes as (M, 1, 1), so that ``w - lr * g`` changes each network at its own rate.
    lr : M rates
    seeds : M whole numbers
    data : XY
        x float32 (N, …), flattened; y int64 (N,).
    n_steps, batch_size : int
    schedule : callable
        From the share of the steps that are done, 0 … 1, to the factor of lr.
    sizes : widths of the layers, the input's first
    loss : callable
        From weights, x (M, B, D) and y (M, B) to the losses (M,); of ``losses`` in Trained, in its own units.

    Raises
    ------
    ValueError
        If lr and seeds are not equally many.
    """
    n_steps, batch_size = whole("n_steps", n_steps), whole("batch_size", batch_size)
    if len(lr) != len(seeds):
        raise ValueError(f"train() needs a seed for each rate, got {len(lr)} rates and {len(seeds)} seeds")
    x, y = data[0].flatten(1), data[1]
    rates = torch.tensor(lr, dtype=torch.float32)[:, None, None]
    weights = new_weights(sizes, seeds)
    memories: list[dict[str, Any]] = [{} for _ in weights]
    losses, late, averaged = [], n_steps - n_steps // 4, [torch.zeros_like(w) for w in weights]
    for step, places in enumerate(batches(len(x), batch_size, seeds, n_steps)):     # (M, B)
        weights = [w.detach().requires_grad_() for w in weights]
        found = loss(weights, x[places], y[places])
        grads = torch.autograd.grad(found.sum(), weights)
        factor = schedule(step / n_steps)
        with torch.no_grad():
            weights = [rule(w, g, s, rates * factor) for w, g, s in zip(weights, grads, memories, strict=True)]
            if step >= late:
                averaged = [a + w / (n_steps - late) for a, w in zip(averaged, weights, strict=True)]
        losses.append(found.detach())
    return Trained(torch.stack(losses, 1), [w.detach() for w in weights], averaged)


def batches(n: int, batch_size: int, seeds: Sequence[int], n_steps: int) -> list[torch.Tensor]:
    """For each step the places (M, B) of each network's batch: an epoch is one shuffling of its own seed."""
    per_epoch = max(n // batch_size, 1)
    generators = [torch.Generator().manual_seed(1000 + seed) for seed in seeds]
    found: list[torch.Tensor] = []
    while len(found) < n_steps:
        orders = torch.stack([torch.randperm(n, generator=g) for g in generators])
        found += [orders[:, i * batch_size:(i + 1) * batch_size] for i in range(per_epoch)]
    return found[:n_steps]
