"""Training several kinds of network on the same digits, over seeds, so that they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from helpers.data import XY
from helpers.runtime import set_seed
from helpers.training import History, evaluate, fit
from helpers.widgets.bar import progress_bar

#: The same numbers as plain AdamW, computed in one go.
AdamW = partial(torch.optim.AdamW, fused=True)


@dataclass(frozen=True)
class Runner:
    """One trained network.

    Attributes
    ----------
    model : nn.Module
    history : History
    """

    model: nn.Module
    history: History

    @property
    def seconds(self) -> float:
        """How long it trained, all epochs together."""
        return self.history.seconds[-1]

    def accuracy(self, data: XY) -> float:
        """The share of data that it reads right, 0 to 1."""
        return evaluate(self.model, data)[1]


def falling(optimizer: torch.optim.Optimizer, n_steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """The rate falls evenly to 0."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)


def race(makers: Mapping[str, Callable[[], nn.Module]], train: XY, val: XY, *, n_epochs: Mapping[str, int], lr: Mapping[str, float],
         seeds: Sequence[int], batch_size: int = 64, progress: bool = True) -> dict[str, list[Runner]]:
    """Train one network of each kind for each seed.

    Parameters
    ----------
    makers : name → callable
        Each makes a new network that takes (N, 1, 28, 28) and gives (N, 10) logits.
    train, val : (x, y)
    n_epochs, lr : name → number
        For each kind.
    seeds : ints
        For the first weights and the order of the digits.
    progress : bool
        Show a bar in a notebook.
    """
    runs: dict[str, list[Runner]] = {name: [] for name in makers}
    bar = progress_bar(len(seeds) * len(makers), "networks") if progress else nullcontext(lambda _: None)
    with bar as advance:
        for i, seed in enumerate(seeds):
            for j, (name, make) in enumerate(makers.items()):
                set_seed(seed)
                model = make()
                history = fit(model, train, val, n_epochs=n_epochs[name], batch_size=batch_size, lr=lr[name], seed=seed, optimizer=AdamW,
                              schedule=falling, progress=False)
                runs[name].append(Runner(model, history))
                advance(i * len(makers) + j + 1)
    return runs
