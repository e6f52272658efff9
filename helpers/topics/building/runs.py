"""Trainings of chapter 07: several seeds of one network, and the figures that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

from helpers.data import XY, Split, digits
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, VERMILION
from helpers.training import fit, one_cycle


def trained(make: Callable[[], nn.Module], data: XY, seeds: int, *, lr: float, n_epochs: int, batch_size: int = 100,
            loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = F.cross_entropy) -> list[nn.Module]:
    """One network a seed: AdamW with a decay of 0.01, one cycle of rates whose greatest is lr."""
    models = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        model = make()
        fit(model, data, n_epochs=n_epochs, batch_size=batch_size, lr=lr, loss=loss, schedule=one_cycle, seed=seed,
            progress=False, optimizer=partial(torch.optim.AdamW, weight_decay=0.01))
        models.append(model)
    return models


def small_digits(n_train: int = 2000) -> Split:
    """MNIST digits at half the size: x float32 (N, 1, 14, 14), y int64 (N,)."""
    parts = (digits(n_train, 500).train, digits(n_train, 500).val, digits(n_train, 500).test)
    return Split(*((F.avg_pool2d(x, 2), y) for x, y in parts))


def flat_digits(n_train: int = 3500) -> Split:
    """The same, each flattened to 196 numbers and scaled by the training part's mean and spread."""
    data = small_digits(n_train)
    mean, spread = data.train[0].mean(), data.train[0].std()
    return Split(*(((x.flatten(1) - mean) / spread, y) for x, y in (data.train, data.val, data.test)))


def depth_figure(runs: Mapping[int, Sequence[float]], controls: Mapping[str, tuple[int, Sequence[float]]], baseline: float) -> tuple[Figure, str]:
    """Accuracy against depth at one budget of parameters, with controls.

    runs : depth → test accuracies, one a seed
    controls : name → depth and accuracies
    """
    fig, ax = plt.subplots(figsize=(6, 3.6))
    depths = list(runs)
    ax.plot(depths, [np.mean(runs[d]) for d in depths], color=BLUE, marker="o", label="same parameters")
    for d in depths:
        ax.plot([d] * len(runs[d]), runs[d], color=BLUE, marker=".", linestyle="none")
    for (name, (depth, found)), color, marker in zip(controls.items(), (VERMILION, ORANGE, GREEN), "^sD", strict=False):
        ax.plot([depth] * len(found), found, color=color, marker=marker, linestyle="none", label=name)
    ax.axhline(baseline, color=BLACK, linestyle=":", label="logistic regression")
    ax.set(xlabel="depth (convolutions)", ylabel="test accuracy", xticks=depths, ylim=(0, 1))
    ax.set_title("At one budget, depth has a best value")
    ax.legend(fontsize=8, loc="lower right")
    return fig, ("Test accuracy against depth: " + ", ".join(f"{np.mean(runs[d]):.2f} at {d}" for d in depths)
                 + ". Controls: " + "; ".join(f"{name} {np.mean(found):.2f}" for name, (_, found) in controls.items()) + ".")


def pairs_figure(title: str, groups: Mapping[str, Sequence[float]], label: str, baseline: tuple[str, float]) -> tuple[Figure, str]:
    """Runs of several networks as dots, one a seed, each group's mean as a bar; the baseline as a dotted line."""
    fig, ax = plt.subplots(figsize=(6, 1.2 + 0.4 * len(groups)))
    looks = zip(groups.values(), cycle((BLUE, VERMILION, GREEN, ORANGE)), cycle("os^D"), strict=False)
    for i, (values, color, marker) in enumerate(looks):
        ax.plot(values, [i] * len(values), color=color, marker=marker, linestyle="none", markersize=5)
        ax.plot([np.mean(values)] * 2, [i - 0.3, i + 0.3], color=color)
    ax.axvline(baseline[1], color=BLACK, linestyle=":")
    ax.annotate(baseline[0], (baseline[1], -0.6), fontsize=8, ha="center", va="bottom", annotation_clip=False)
    ax.set(yticks=range(len(groups)), yticklabels=list(groups), ylim=(len(groups) - 0.5, -0.6), xlabel=label)
    ax.set_title(title, pad=16)
    means = ", ".join(f"{name} {np.mean(values):.3g}" for name, values in groups.items())
    return fig, f"{label[:1].upper()}{label[1:]}, a dot a seed. Means: {means}; {baseline[0]} {baseline[1]:.3g}."
