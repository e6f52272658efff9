"""Twelve trainings on MNIST-1D, eleven of them with one fault: their curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.split import XY, Split
from helpers.validate import whole

#: Letter of a curve → what is wrong with its training. The letters are shuffled, once and for all.
CAUSES = {
    "A": "loss summed", "B": "healthy", "C": "not shuffled", "D": "rate too low", "E": "softmax twice", "F": "labels shifted",
    "G": "dead units", "H": "zero_grad forgotten", "I": "validation data in training", "J": "rate too high",
    "K": "inputs not scaled", "L": "eval forgotten",
}


@dataclass(frozen=True)
class Curves:
    """What one sees of a training: one entry an epoch, the state before the first step included.

    Parameters
    ----------
    train_loss, val_loss : (n_epochs + 1,) lists of float, in nats
        As the (perhaps faulty) program reports them.
    train_accuracy, val_accuracy : (n_epochs + 1,) lists of float
    """

    train_loss: list[float]
    val_loss: list[float]
    train_accuracy: list[float]
    val_accuracy: list[float]


def network(seed: int) -> nn.Sequential:
    """A network of two hidden layers of 100 with dropout after the first."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(40, 100), nn.ReLU(), nn.Dropout(0.3), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))


def spoiled(cause: str, data: Split, seed: int) -> tuple[nn.Sequential, XY, XY]:
    """The network, training part and validation part of a training with this fault."""
    model, (x, y), val = network(seed), data.train, data.val
    if cause == "not shuffled":
        order = y.argsort(stable=True)
        x, y = x[order], y[order]
    elif cause == "labels shifted":
        y = y.roll(1)
    elif cause == "validation data in training":
        x, y = torch.cat([x[:len(val[0])], val[0]]), torch.cat([y[:len(val[0])], val[1]])
    elif cause == "inputs not scaled":
        x, val = 100 * x, (100 * val[0], val[1])
    elif cause == "dead units":
        with torch.no_grad():
            for layer in model:
                if isinstance(layer, nn.Linear) and layer.out_features == 100:
                    layer.bias.fill_(-4.0)
    return model, (x, y), val


def losses_of(cause: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    if cause == "softmax twice":
        return lambda out, y: F.cross_entropy(out.softmax(1), y)
    if cause == "loss summed":
        return lambda out, y: F.cross_entropy(out, y, reduction="sum")
    return F.cross_entropy


def train_with(cause: str, data: Split, n_epochs: int = 15, seed: int = 0) -> Curves:
    """Train with SGD and momentum, batches of 100, and one fault.

    Raises
    ------
    ValueError
        If cause is none of CAUSES.
    """
    if cause not in CAUSES.values():
        raise ValueError(f"cause must be one of {', '.join(CAUSES.values())}; got {cause!r}")
    model, (x, y), val = spoiled(cause, data, seed)
    loss = losses_of(cause)
    lr = {"rate too high": 0.35, "rate too low": 0.0005}.get(cause, 0.05)
    opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    generator = torch.Generator().manual_seed(seed)
    curves = Curves([], [], [], [])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _report(model, (x, y), val, cause, curves, None)
        for _ in range(whole("n_epochs", n_epochs)):
            order = torch.arange(len(x)) if cause == "not shuffled" else torch.randperm(len(x), generator=generator)
            model.train()
            running = []
            for batch in order.split(100):
                if cause != "zero_grad forgotten":
                    opt.zero_grad()
                batch_loss = loss(model(x[batch]), y[batch])
                batch_loss.backward()
                opt.step()
                running.append(float(batch_loss.detach()))
            _report(model, (x, y), val, cause, curves, sum(running) / len(running))
    return curves


def _report(model: nn.Sequential, train: XY, val: XY, cause: str, curves: Curves, running: float | None) -> None:
    """Measure as the faulty program measures: without eval, its dropout goes on; its sum is a batch's sum.

    The training loss is the mean over the epoch's batches, as most programs print it (before the first step: over all).
    """
    model.train(cause == "eval forgotten")
    with torch.no_grad():
        for (x, y), losses, accuracies in ((train, curves.train_loss, curves.train_accuracy), (val, curves.val_loss, curves.val_accuracy)):
            out = model(x)
            value = losses_of(cause)(out, y) / (len(x) / 100 if cause == "loss summed" else 1)
            losses.append(running if running is not None and losses is curves.train_loss else float(value))
            accuracies.append(float((out.argmax(1) == y).float().mean()))


def gallery(data: Split, n_epochs: int = 15, seed: int = 0) -> Mapping[str, Curves]:
    """All twelve trainings by their letters."""
    return {letter: train_with(cause, data, n_epochs, seed) for letter, cause in CAUSES.items()}
