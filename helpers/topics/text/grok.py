"""A table of sums learnt by heart first and understood later: (a + b) mod 31, live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

from helpers import plots
from helpers.lesson.promises import measured

P = 31
EVERY = 10


class Grok:
    """One training on a share of the table of (a + b) mod 31: embeddings of both numbers, a hidden layer, 31 scores.

    Parameters
    ----------
    decay : float
        AdamW's weight decay.
    share : float
        The share of the 961 sums that is trained on; the others are held out.
    """

    def __init__(self, decay: float, share: float, seed: int) -> None:
        draw = torch.Generator().manual_seed(seed)
        a, b = torch.meshgrid(torch.arange(P), torch.arange(P), indexing="ij")
        x, order = torch.stack([a.flatten(), b.flatten()], 1), torch.randperm(P * P, generator=draw)
        n = int(share * P * P)
        y = x.sum(1) % P
        self.train, self.held = (x[order[:n]], y[order[:n]]), (x[order[n:]], y[order[n:]])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embed = nn.Embedding(P, 64)
            self.layers = nn.Sequential(nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, P))
        self.opt = torch.optim.AdamW([*self.embed.parameters(), *self.layers.parameters()], lr=3e-3, weight_decay=decay, betas=(0.9, 0.98))
        self.steps, self.train_accuracy, self.held_accuracy = [0], [0.0], [0.0]
        self.n_steps = 0
        self._measure(first=True)

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 2) → (N, 31)."""
        return self.layers(self.embed(x).flatten(1))

    def step(self) -> None:
        """One step on all training sums."""
        loss = F.cross_entropy(self.scores(self.train[0]), self.train[1])
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.n_steps += 1
        if self.n_steps % EVERY == 0:
            self._measure()

    def _measure(self, first: bool = False) -> None:
        with torch.no_grad():
            train, held = (float((self.scores(x).argmax(1) == y).float().mean()) for x, y in (self.train, self.held))
        if first:
            self.train_accuracy, self.held_accuracy = [train], [held]
        else:
            self.steps.append(self.n_steps)
            self.train_accuracy.append(train)
            self.held_accuracy.append(held)

    def spectrum(self) -> np.ndarray:
        """How strongly each frequency 1 … 15 runs through the embeddings of 0 … 30: (15,), sum 1."""
        power = torch.fft.rfft(self.embed.weight.detach(), dim=0).abs().square().sum(1)[1:]
        return (power / power.sum()).numpy()


def grok_view() -> tuple[Callable[[Any], tuple[str, bool]], Figure]:
    """The picture for ``live(Grok, …)``; the target is 90 % of the sums that were held out."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.1), width_ratios=[1.6, 1])
    (train,) = ax.plot([], [], color=plots.BLUE, label="sums trained on")
    (held,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="sums held out")
    here = ax.axvline(0, color="0.7", linewidth=1)
    ax.set(xlim=(0, 1000), ylim=(-0.03, 1.05), xlabel="step", ylabel="accuracy")
    ax.legend(fontsize=8, frameon=True, framealpha=1, loc="center right").set_zorder(1)
    plots.quiet_title(ax, "By heart, and then?")
    bars = bx.bar(range(1, 16), np.zeros(15), color=plots.GREEN)
    bx.set(ylim=(0, 0.5), xlabel="frequency over 0 … 30", ylabel="share in the embeddings")
    plots.quiet_title(bx, "Waves among the numbers")
    end = [1000]

    def draw(run: Grok) -> tuple[str, bool]:
        train.set_data(run.steps, run.train_accuracy)
        held.set_data(run.steps, run.held_accuracy)
        here.set_xdata([run.n_steps, run.n_steps])
        wanted = 1000 * 2 ** max(0, int(np.ceil(np.log2(max(run.n_steps, 1) / 1000))))
        if wanted != end[0]:
            end[0] = wanted
            ax.set_xlim(0, wanted)
        spectrum = run.spectrum()
        for bar, height in zip(bars, spectrum, strict=True):
            bar.set_height(height)
        return (f"{measured(run.train_accuracy[-1], '.0%')} of the sums trained on are right, {measured(run.held_accuracy[-1], '.0%')} of those held out; "
                f"the three strongest waves hold {measured(np.sort(spectrum)[-3:].sum(), '.0%')} of the embeddings."), run.held_accuracy[-1] >= 0.9

    return draw, fig
