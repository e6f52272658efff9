"""Many small networks trained side by side on MNIST-1D, each with its own rate and decay, and looked at on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.validate import whole


@dataclass(frozen=True)
class Bank:
    """What M networks say.

    Parameters
    ----------
    looks : list of int
        After how many steps they were asked.
    right : bool (n_looks, M, N)
        Which of N examples each reads rightly at each look.
    """

    looks: list[int]
    right: np.ndarray

    def accuracies(self, places: np.ndarray | slice, look: int = -1) -> np.ndarray:
        """The accuracy of each network on some of the examples: (M,)."""
        return self.right[look][:, places].mean(1)


def train_bank(train: XY, judged: torch.Tensor, labels: torch.Tensor, *, lr: Sequence[float] | np.ndarray, decay: Sequence[float] | np.ndarray,
               seeds: Sequence[int], looks: Sequence[int], width: int = 32, batch_size: int = 100) -> Bank:
    """Train M networks (one hidden layer, momentum 0.9, rate falling along a cosine) for looks[-1] steps.

    Parameters
    ----------
    train : (x, y)
        x float32 (N, …), flattened; y int64.
    judged, labels :
        Examples of the same kind, asked at each look, and their labels.
    lr, decay, seeds : M numbers each
        Rate, weight decay (in the gradient), and the seed of weights and batches.
    looks : ascending ints
        Steps after which the networks are asked.

    Raises
    ------
    ValueError
        If lr, decay and seeds are not equally many, or looks do not ascend.
    """
    if not len(lr) == len(decay) == len(seeds) > 0:
        raise ValueError(f"train_bank() needs a rate, a decay and a seed for each network, got {len(lr)}, {len(decay)} and {len(seeds)}")
    looks = [whole("looks", step) for step in looks]
    if looks != sorted(set(looks)):
        raise ValueError(f"looks must ascend, got {looks}")
    x, y, n_in, n_out = train[0].flatten(1), train[1], train[0][0].numel(), int(labels.max()) + 1
    generators = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    weights = []
    for a, b in ((n_in, width), (width, n_out)):
        for shape in ((a, b), (1, b)):
            weights.append((2 * torch.stack([torch.rand(shape, generator=g) for g in generators]) - 1) / math.sqrt(a))
    memory = [torch.zeros_like(w) for w in weights]
    rates, shrink = (torch.tensor(np.asarray(v), dtype=torch.float32)[:, None, None] for v in (lr, decay))
    asked, found = judged.flatten(1), []
    for step in range(looks[-1]):
        places = torch.stack([torch.randint(len(x), (batch_size,), generator=g) for g in generators])
        weights = [w.requires_grad_() for w in weights]
        out = _outputs(weights, x[places])
        loss = F.cross_entropy(out.flatten(0, 1), y[places].flatten(), reduction="sum") / batch_size
        grads = torch.autograd.grad(loss, weights)
        factor = 0.5 * (1 + math.cos(math.pi * step / looks[-1]))
        with torch.no_grad():
            memory = [0.9 * m + g + shrink * w for m, g, w in zip(memory, grads, weights, strict=True)]
            weights = [w - factor * rates * m for w, m in zip(weights, memory, strict=True)]
            if step + 1 in looks:
                found.append((_outputs(weights, asked).argmax(2) == labels).numpy())
    return Bank(looks, np.stack(found))


def _outputs(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """(B, D) or (M, B, D) → logits (M, B, K)."""
    h = x if x.ndim == 3 else x.expand(len(weights[0]), *x.shape)
    return torch.baddbmm(weights[3], F.relu(torch.baddbmm(weights[1], h, weights[0])), weights[2])
