"""The one training loop of the chapter: so many steps of AdamW, a rate that rises and falls, gradients clipped."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from helpers.training import one_cycle
from helpers.validate import positive, whole


def train_on(model: nn.Module, loss_of: Callable[[torch.Tensor], torch.Tensor], n: int, *, n_steps: int, lr: float, seed: int,
             batch_size: int = 64, decay: float = 0.0, after: Callable[[int], None] | None = None) -> list[float]:
    """Train a model for n_steps steps; it is left in evaluation mode.

    Parameters
    ----------
    loss_of : callable
        The places (B,) of a batch, drawn from 0 … n - 1, to its loss.
    n : int
        How many places there are.
    lr : float
        The greatest rate of the one-cycle schedule.
    after : callable, optional
        Called with the number of each step that is done, from 1.

    Returns
    -------
    list of float
        The loss of each step.
    """
    n_steps, batch_size, lr = whole("n_steps", n_steps), whole("batch_size", batch_size), positive("lr", lr)
    generator = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=decay)
    schedule = one_cycle(opt, n_steps)
    losses = []
    model.train()
    for step in range(1, n_steps + 1):
        loss = loss_of(torch.randint(n, (batch_size,), generator=generator))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        schedule.step()
        losses.append(loss.item())
        if after is not None:
            after(step)
    model.eval()
    return losses
