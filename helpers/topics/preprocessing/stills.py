"""Chapter 05, splits and labels: the figures that do not move. Each gives the figure and one sentence that says what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from helpers.topics.preprocessing.labels import Race
from helpers.topics.preprocessing.leaks import Augmented

Still = tuple[Figure, str]


def two_forms(x: np.ndarray, form: np.ndarray, n: int = 10) -> Still:
    """The first digits of two forms, one row each: (N, 64) pictures."""
    fig, axes = plt.subplots(2, n, figsize=(7.2, 1.8))
    for row, f in zip(axes, (0, 5), strict=True):
        for ax, picture in zip(row, x[form == f][:n].reshape(-1, 8, 8), strict=True):
            plots.image(ax, 1 - picture)
        row[0].set_ylabel(f"form {f}", fontsize=9)
    return fig, "The digits 0 to 9 from two forms, 8×8 pixels each: each row in one hand, and the two hands differ, most plainly in the 1, the 4 and the 7."


def fake_gains(gains: Mapping[str, tuple[float, float]]) -> Still:
    """Leak → (honest, leaky) accuracy: a line from the one to the other, and the points between."""
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    for i, (honest, leaky) in enumerate(gains.values()):
        ax.plot([100 * honest, 100 * leaky], [-i, -i], color="#999999", linestyle="-", zorder=1)
        ax.text(max(100 * honest, 100 * leaky) + 1.5, -i, f"{100 * (leaky - honest):+.1f}", va="center", fontsize=9)
    rows = -np.arange(len(gains))
    ax.scatter([100 * h for h, _ in gains.values()], rows, color=BLUE, marker="s", label="honest", zorder=2)
    ax.scatter([100 * k for _, k in gains.values()], rows, color=VERMILION, marker="o", label="with the leak", zorder=3)
    ax.set(yticks=rows, yticklabels=list(gains), xlim=(40, 108), xlabel="accuracy (%)", title="The same mistake fakes nothing, or everything")
    ax.legend(loc="upper left", fontsize=9)
    largest = max(gains, key=lambda name: gains[name][1] - gains[name][0])
    return fig, f"Honest and leaky accuracy for {len(gains)} leaks; the gap goes from nearly nothing to its largest, {largest}."


def nearest_pairs(data: Augmented, n: int = 6) -> Still:
    """Test pictures of a pipeline, and below each the training picture nearest to it."""
    test, train = data.x[data.test[:n]], data.x[data.train]
    nearest = ((train[None] - test[:, None]) ** 2).sum((2, 3)).argmin(1)
    fig, axes = plt.subplots(2, n, figsize=(6, 2.3))
    for i in range(n):
        plots.image(axes[0, i], 1 - test[i])
        plots.image(axes[1, i], 1 - train[nearest[i]])
    axes[0, 0].set_ylabel("test", fontsize=9)
    axes[1, 0].set_ylabel("nearest in\ntraining", fontsize=9)
    return fig, "Six of the colleague's test digits, and below each the training digit nearest to it: each pair is the same digit in the same hand, only turned or shifted a little."


ARMS = {"as they are": (BLACK, "-"), "suspects dropped": (BLUE, "-"), "dropped at random": (BLUE, ":"), "suspects relabelled": (GREEN, "--"),
        "loss that bears noise": (PURPLE, "--"), "innocent ones spared": (SKY, ":"), "twice the data": (VERMILION, "-"), "right labels": (ORANGE, "-.")}


def race_curves(race: Race, arms: Sequence[str], title: str) -> Still:
    """Validation accuracy over steps: the mean of the seeds, and for two arms the band from the least to the greatest."""
    fig, ax = plt.subplots(figsize=(6.6, 3.8))
    for name in arms:
        color, style = ARMS[name]
        runs = race.accuracy[name]
        if name in ("suspects dropped", "twice the data"):
            ax.fill_between(race.steps, runs.min(0), runs.max(0), color=color, alpha=0.15, linewidth=0)
        ax.plot(race.steps, runs.mean(0), color=color, linestyle=style, label=name)
    ax.set(xlabel="steps of 64 pictures", ylabel="validation accuracy", ylim=(0.75, 0.92), title=title)
    ax.legend(loc="lower right", fontsize=8, ncols=2)
    last = {name: race.accuracy[name][:, -1].mean() for name in arms}
    return fig, f"Accuracy over {race.steps[-1]} steps, mean of {len(runs)} seeds. At the end, from the best: {', '.join(sorted(last, key=lambda a: -last[a]))}."


def suspects(pictures: np.ndarray, given: Sequence[int], said: Sequence[int]) -> Still:
    """(N, 28, 28) suspects, each under its label and what the network says."""
    fig = plots.image_grid(1 - np.asarray(pictures), [f"{a} → {b}?" for a, b in zip(given, said, strict=True)], columns=6)
    return fig, f"{len(pictures)} digits under their labels and what the network takes them for: the first ones look little like their labels."
