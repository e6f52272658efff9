"""A training with every knob, and its diagnosis in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch.nn import functional as F

from helpers import plots
from helpers.data.split import Split
from helpers.lesson.promises import measured
from helpers.topics.training.bank import accuracies, loss_of, new_weights

RULES = ("SGD", "momentum", "Adam")
#: Steps from one measurement on validation data to the next.
EVERY = 20


class Knobs:
    """One training of a network 40-width-width-10; every setting but its size may change as it goes on.

    Parameters
    ----------
    data : Split
        x float32 (N, 1, 40), y int64 (N,).
    rule : one of RULES
    lr, decay : float
        The rate; the share of each weight that a step at rate 1 takes away.
    batch_size, width, n_train : int
    seed : int
    """

    def __init__(self, data: Split, *, rule: str, lr: float, decay: float, batch_size: int, width: int, n_train: int, seed: int) -> None:
        self.rule, self.lr, self.decay, self.batch_size, self.width = rule, lr, decay, batch_size, width
        self.x, self.y = data.train[0][:n_train].flatten(1), data.train[1][:n_train]
        self.val, self.some = data.val, (self.x[:500, None], self.y[:500])
        self.weights = new_weights((40, width, width, 10), [seed])
        self.begun = self.weights
        self.memory = [(torch.zeros_like(w), torch.zeros_like(w)) for w in self.weights]
        self.generator = torch.Generator().manual_seed(seed)
        self.n_steps = 0
        self.steps: list[int] = []
        self.train_loss: list[float] = []
        self.val_loss: list[float] = []
        self.measure()

    def step(self) -> None:
        """One step, and a measurement each EVERY steps."""
        i = torch.randint(len(self.x), (self.batch_size,), generator=self.generator)
        weights = [w.detach().requires_grad_() for w in self.weights]
        grads = torch.autograd.grad(loss_of(weights, self.x[i][None], self.y[i][None]).sum(), weights)
        self.n_steps += 1
        with torch.no_grad():
            self.weights = [self._moved(w, g, *m) for w, g, m in zip(weights, grads, self.memory, strict=True)]
        if self.n_steps % EVERY == 0:
            self.measure()

    def _moved(self, w: torch.Tensor, g: torch.Tensor, mean: torch.Tensor, square: torch.Tensor) -> torch.Tensor:
        w = w.detach() * (1 - self.lr * self.decay)
        if self.rule == "SGD":
            return w - self.lr * g
        if self.rule == "momentum":
            mean.mul_(0.9).add_(g)
            return w - self.lr * mean
        mean.mul_(0.9).add_(g, alpha=0.1)
        square.mul_(0.999).addcmul_(g, g, value=0.001)
        t = self.n_steps
        return w - self.lr * (mean / (1 - 0.9**t)) / ((square / (1 - 0.999**t)).sqrt() + 1e-8)

    def measure(self) -> None:
        """Note both losses, in nats."""
        with torch.no_grad():
            for losses, (x, y) in ((self.train_loss, self.some), (self.val_loss, self.val)):
                losses.append(float(loss_of(self.weights, x.flatten(1), y)[0]))
        self.steps.append(self.n_steps)

    @property
    def val_accuracy(self) -> float:
        return float(accuracies(self.weights, self.val)[0])

    def travelled(self) -> float:
        """How far the weights have come, in lengths of what they were at first."""
        gone = sum(float((w.detach() - b).square().sum()) for w, b in zip(self.weights, self.begun, strict=True))
        return (gone / sum(float(b.square().sum()) for b in self.begun)) ** 0.5

    def dead_share(self) -> float:
        """The share of first-layer units that answer 0 to every validation series."""
        h = F.relu(self.val[0].flatten(1) @ self.weights[0][0] + self.weights[1][0])
        return float((h.max(0).values == 0).float().mean())


def diagnosis(run: Knobs) -> str:
    """What the curves say, in words; the first that fits.

    >>> import torch
    >>> from helpers.data import mnist1d
    >>> diagnosis(Knobs(mnist1d(50, 20, 0), rule="SGD", lr=0.1, decay=0, batch_size=10, width=8, n_train=50, seed=0))
    'it has only begun'
    """
    train, val = np.array(run.train_loss), np.array(run.val_loss)
    if not np.isfinite(train[-1]):
        return "the loss is no number any more: the rate is far too high; lower it and press Reset"
    if len(train) < 6:
        return "it has only begun"
    if train[-1] > 1.5 * train[0]:
        return "the loss has grown: the rate is too high"
    if run.dead_share() > 0.5:
        return "most first-layer units answer 0 to everything: they are dead, and no step revives them; lower the rate and press Reset"
    late = train[-5:]
    if late.std() > 0.15 * late.mean() and late.mean() > 0.4:
        return "the loss jumps up and down: the rate is too high for this batch size"
    if train[-1] > 0.9 * train[0] and run.travelled() > 1:
        return "the weights have gone far and learnt nothing: the rate is too high"
    if run.n_steps >= 200 and train[-1] > 0.9 * train[0]:
        return "it hardly moves: the rate is too low, or the decay too strong"
    if train[-1] > 1.1 * train.min():
        return "training has been lower before: the rate is too high"
    if val[-1] > 1.15 * val.min() and train[-1] < 0.8 * val[-1]:
        return "validation rises while training falls: it over-fits; more data or an earlier stop would help most"
    if train[-1] < 0.7 * val[-1]:
        return "training is ahead of validation: it begins to over-fit"
    return "both losses fall together: let it go on"


def training_with_knobs() -> tuple[Callable[[Any], tuple[str, bool]], Figure]:
    """The picture for ``live(partial(Knobs, data), …)``; the target is a validation accuracy of 0.65."""
    fig, ax = plt.subplots(figsize=(8, 3.4))
    (train,) = ax.plot([], [], color=plots.BLUE, label="training")
    (val,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="validation")
    ax.axhline(np.log(10), color="0.6", linewidth=1, linestyle=":")
    ax.text(5, np.log(10) + 0.03, "knows nothing: log 10", color="0.4", fontsize=8)
    ax.set(xlim=(0, 500), ylim=(0, 4), xlabel="step", ylabel="loss (nats)")
    ax.legend(loc="upper right", frameon=True, framealpha=1).set_zorder(1)
    ax.set_title("Both losses, and below them what they say", zorder=-1)
    here = ax.axvline(0, color="0.7", linewidth=1)         # moves at every step, the curves once in EVERY
    end = [500]

    def draw(run: Knobs) -> tuple[str, bool]:
        train.set_data(run.steps, np.minimum(np.nan_to_num(run.train_loss, nan=99), 99))
        val.set_data(run.steps, np.minimum(np.nan_to_num(run.val_loss, nan=99), 99))
        here.set_xdata([run.n_steps, run.n_steps])
        wanted = 500 * 2 ** max(0, int(np.ceil(np.log2(max(run.n_steps, 1) / 500))))
        if wanted != end[0]:
            end[0] = wanted
            ax.set_xlim(0, wanted)
        accuracy = run.val_accuracy
        return (f"training loss {measured(run.train_loss[-1], '.2f')}, validation loss {measured(run.val_loss[-1], '.2f')}, "
                f"validation accuracy {measured(accuracy, '.2f')}. Diagnosis: {measured(diagnosis(run))}."), accuracy >= 0.65

    return draw, fig
