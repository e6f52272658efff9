"""Where normalisation, residual branches and dropout help, and where they do not: small experiments of lesson 07b."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

from helpers.data import XY, Split
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION
from helpers.topics.building.deep import DeepBank, train
from helpers.topics.building.signal import Signal

RATES = (1e-3, 3e-3, 1e-2)


def contrast(data: XY, seed: int = 0) -> XY:
    """The same examples, each multiplied by a factor between 1/4 and 4: nothing that a label should hang on."""
    g = torch.Generator().manual_seed(seed)
    x, y = data
    factor = 4 ** (2 * torch.rand(len(x), generator=g) - 1)
    return x * factor.view(-1, *[1] * (x.ndim - 1)), y


def loudness(data: XY, seed: int = 0) -> XY:
    """The same examples, soft, middling or loud; the label is how loud: 0, 1, 2."""
    g = torch.Generator().manual_seed(seed)
    x = data[0]
    y = torch.randint(0, 3, (len(x),), generator=g)
    return x * torch.tensor([0.5, 1.0, 2.0])[y].view(-1, *[1] * (x.ndim - 1)), y


def with_wrong_labels(data: XY, share: float, n_classes: int = 10, seed: int = 0) -> XY:
    """A share of the labels replaced by labels drawn at random."""
    g = torch.Generator().manual_seed(seed)
    x, y = data
    wrong = torch.rand(len(y), generator=g) < share
    return x, torch.where(wrong, torch.randint(0, n_classes, (len(y),), generator=g), y)


def in_order_of_class(data: XY) -> XY:
    """The same examples, class after class."""
    order = data[1].argsort(stable=True)
    return data[0][order], data[1][order]


def plain_training(model: nn.Module, data: XY, *, n_epochs: int, lr: float, batch_size: int, shuffle: bool, seed: int) -> nn.Module:
    """Ten lines of AdamW, which can leave the examples in their order."""
    x, y = data
    g = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    for _ in range(n_epochs):
        batches = list(torch.arange(len(x)).split(batch_size))
        if shuffle:
            batches = list(torch.randperm(len(x), generator=g).split(batch_size))
        for i in batches if shuffle else [batches[k] for k in torch.randperm(len(batches), generator=g)]:
            optimizer.zero_grad()
            F.cross_entropy(model(x[i]), y[i]).backward()
            optimizer.step()
    return model


def deep_accuracies(data: Split, seeds: int, n_steps: int, rates: Sequence[float] = RATES, **setting: object) -> tuple[np.ndarray, np.ndarray, float]:
    """Networks of many layers, the best rate chosen for each seed on one half of the validation part.

    Returns
    -------
    accuracy : (seeds,) on the other half of the validation part
    by_rate : (seeds, rates) on the first half
    start : float
        The mean loss before the first step.
    """
    bank = DeepBank([s for s in range(seeds) for _ in rates], list(rates) * seeds, **setting)      # type: ignore[arg-type]
    losses = train(bank, data.train, n_steps)
    x, y = data.val
    half = len(x) // 2
    choose, report = (bank.accuracy(part).view(seeds, len(rates)).numpy() for part in ((x[:half], y[:half]), (x[half:], y[half:])))
    return report[np.arange(seeds), choose.argmax(1)], choose, float(losses[0].mean())


def mlp(sizes: Sequence[int], norm: type[nn.Module] | None = None, p: float = 0.0) -> nn.Sequential:
    """Linear layers with normalisation (if any), ReLU and dropout between them; inputs are flattened."""
    layers: list[nn.Module] = [nn.Flatten()]
    for a, b in pairwise(sizes[:-1]):
        layers += [nn.Linear(a, b), *([norm(b)] if norm else []), nn.ReLU(), *([nn.Dropout(p)] if p else [])]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def bias_share(model: nn.Sequential, x: torch.Tensor) -> float:
    """The mean size of the first layer's biases over the spread of its products; a batch norm behind it is folded in.

    Parameters
    ----------
    model : from mlp(), without normalisation or with batch norm
    x : (N, D)
    """
    linear, norm = model[1], model[2]
    assert isinstance(linear, nn.Linear)
    with torch.no_grad():
        W, b = linear.weight.data, linear.bias.data
        if isinstance(norm, nn.BatchNorm1d):
            assert norm.running_mean is not None
            assert norm.running_var is not None
            factor = norm.weight / (norm.running_var + norm.eps).sqrt()
            W, b = factor[:, None] * W, factor * (b - norm.running_mean) + norm.bias
        return float(b.abs().mean() / (x @ W.T).std())


def signal_figure(found: Mapping[str, Signal], lines: Mapping[str, Signal | None]) -> tuple[Figure, str]:
    """Mean squares by layer, measured and by theory, forward and backward."""
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), sharey=True)
    for (name, signal), color, marker in zip(found.items(), (BLUE, VERMILION, GREEN, PURPLE), "os^D", strict=False):
        theory = lines.get(name)
        for ax, values, lead in ((axes[0], signal.forward, theory and theory.forward), (axes[1], signal.backward, theory and theory.backward)):
            ax.plot(np.maximum(values, 1e-13), color=color, marker=marker, markersize=3, markevery=3, linestyle="none", label=name)
            if lead is not None:
                ax.plot(lead, color=color, linestyle="--")
    for ax, title in zip(axes, ("Forward: mean square of the signal", "Backward: of the gradient"), strict=True):
        ax.set(yscale="log", xlabel="layer")
        ax.set_title(title)
    axes[0].set_ylabel("mean square")
    axes[0].legend(fontsize=8)
    said = "; ".join(f"{name}: a mean square of {s.forward[-1]:.0e} after the last layer, and of {s.backward[0]:.0e} back at the first" for name, s in found.items())
    return fig, f"Marks measured, dashes theory. {said}."


def depth_pairs(rows: Mapping[str, Mapping[int, np.ndarray]]) -> tuple[Figure, str]:
    """Accuracy against depth, with residual branches and without: a dot a seed, a line through the means."""
    fig, ax = plt.subplots(figsize=(6, 3.2))
    for (name, by_depth), color, marker, dash in zip(rows.items(), (VERMILION, BLUE), "so", ("--", "-"), strict=False):
        ax.plot(list(by_depth), [a.mean() for a in by_depth.values()], color=color, marker=marker, linestyle=dash, label=name)
        for depth, found in by_depth.items():
            ax.plot([depth] * len(found), found, color=color, marker=".", linestyle="none")
    ax.axhline(0.1, color=BLACK, linestyle=":", label="guessing")
    ax.set(xlabel="depth (layers)", ylabel="validation accuracy", ylim=(0, 1), xticks=list(next(iter(rows.values()))))
    ax.set_title("The deeper, the more the branches help")
    ax.legend(fontsize=8, loc="lower left")
    return fig, "; ".join(f"{name}: " + ", ".join(f"{a.mean():.2f} at {d} layers" for d, a in by_depth.items()) for name, by_depth in rows.items()) + "."


def pairs(title: str, groups: Mapping[str, Mapping[str, Sequence[float]]], label: str = "validation accuracy") -> tuple[Figure, str]:
    """Two or more arms in each of several settings, side by side: a dot a seed, a bar through the mean."""
    fig, axes = plt.subplots(1, len(groups), figsize=(7.2, 2.6), sharey=True, squeeze=False)
    for ax, (setting, arms) in zip(axes[0], groups.items(), strict=True):
        for i, ((_, values), color, marker) in enumerate(zip(arms.items(), (BLUE, VERMILION, GREEN, ORANGE), "os^D", strict=False)):
            ax.plot([i] * len(values), values, color=color, marker=marker, linestyle="none", markersize=4)
            ax.plot([i - 0.3, i + 0.3], [np.mean(values)] * 2, color=color)
        ax.set(xticks=range(len(arms)), xticklabels=list(arms), xlim=(-0.6, len(arms) - 0.4))
        ax.set_title(setting, fontsize=9, fontweight="normal")
    axes[0][0].set_ylabel(label)
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig, f"{label}, a dot a seed. " + "; ".join(
        f"{setting}: " + ", ".join(f"{name} {np.mean(v):.2f}" for name, v in arms.items()) for setting, arms in groups.items()) + "."
