"""Many small networks trained side by side: one training gives all seeds of all arms of a race."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import torch
from torch import nn
from torch.nn import functional as F

Losses = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
HIDDEN = 64


class Bank(nn.Module):
    """M networks with one hidden ReLU layer, each with its own weights.

    (M, N, D) or, the same inputs for all, (N, D) → logits (M, N, K).
    """

    def __init__(self, count: int, n_in: int = 196, n_hidden: int = HIDDEN, n_classes: int = 10, seed: int = 0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.W, self.b = nn.ParameterList(), nn.ParameterList()
        for a, b in ((n_in, n_hidden), (n_hidden, n_classes)):
            self.W.append((2 / a) ** 0.5 * torch.randn(count, a, b, generator=generator))
            self.b.append(torch.zeros(count, 1, b))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x.expand(len(self.W[0]), *x.shape[-2:])                             # (M, N, D)
        return torch.baddbmm(self.b[1], torch.baddbmm(self.b[0], h, self.W[0]).relu(), self.W[1])


def cross_entropies(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(M, B, K), (M, B) → the mean cross-entropy of each network, (M,)."""
    return F.cross_entropy(logits.transpose(1, 2), y, reduction="none").mean(1)


def generalised(logits: torch.Tensor, y: torch.Tensor, q: float = 0.7) -> torch.Tensor:
    """The generalised cross-entropy (1 - p^q) / q, (M,): cross-entropy as q goes to 0, and 1 - p at q = 1.

    *Source*: Z. Zhang and M. Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy
    labels" (2018), arXiv:1805.07836.
    """
    p = logits.softmax(2).gather(2, y[:, :, None])[:, :, 0].clamp_min(1e-6)
    return ((1 - p**q) / q).mean(1)


def small(x: torch.Tensor) -> torch.Tensor:
    """(N, 1, 28, 28) → (N, 196): the mean of each 2×2 pixels, which is enough for a race."""
    return F.avg_pool2d(x, 2).flatten(1)


def train_bank(x: torch.Tensor, y: torch.Tensor, rows: Sequence[torch.Tensor], *, n_steps: int, loss: Losses = cross_entropies,
               watch: Callable[[Bank], None] | None = None, at: Collection[int] = (), batch_size: int = 64, lr: float = 2e-3, seed: int = 0) -> Bank:
    """Train one network for each entry of rows, all for the same number of steps.

    Parameters
    ----------
    x : float32 (N, D)
    y : int64 (M, N)
        Each network's own labels.
    rows : M tensors of indices
        The rows that each network may see.
    watch, at : callable and numbers of steps
        watch(bank) is called after these steps.
    """
    generator = torch.Generator().manual_seed(seed)
    bank = Bank(len(rows), x.shape[1], seed=seed)
    optimizer = torch.optim.AdamW(bank.parameters(), lr=lr)
    n = n_steps * batch_size
    order = torch.stack([torch.cat([r[torch.randperm(len(r), generator=generator)] for _ in range(-(-n // len(r)))])[:n] for r in rows])
    for step, batch in enumerate(order.split(batch_size, 1), 1):                # (M, B)
        total = loss(bank(x[batch]), y.gather(1, batch)).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        if watch is not None and step in at:
            with torch.no_grad():
                watch(bank)
    return bank
