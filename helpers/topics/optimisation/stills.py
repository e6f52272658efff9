"""The still figures of the chapter on optimisation."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval
from helpers.topics.optimisation.ladder import Run, relative_seconds
from helpers.topics.optimisation.levers import LEVERS, effect


def forest(rows: Mapping[str, ArrayLike], quantity: str, title: str, second: Mapping[str, ArrayLike] | None = None, names: tuple[str, str] = ("", "")) -> Figure:
    """A row a name: its runs as dots, mean and 95 % interval as a diamond, around a line at zero; a second set in orange below each."""
    fig, ax = plt.subplots(figsize=(6.6, 0.45 * len(rows) + 1.4))
    said = []
    for down, (found, color, marker, label) in enumerate(((rows, plots.BLUE, "D", names[0]), (second or {}, plots.VERMILION, "s", names[1]))):
        for row, (name, values) in enumerate(found.items()):
            mean, half = mean_interval(values)
            y = row + (0.18 if down else -0.18 if second else 0)
            ax.plot(values, [y] * len(np.asarray(values)), ".", color="0.7", markersize=5)
            ax.errorbar(mean, y, xerr=half, fmt=marker, color=color, capsize=3, markersize=6, label=label if row == 0 and label else None)
            said.append(f"{name}{f' ({label})' if label else ''} {measured(mean, '+.1f')} ± {measured(half, '.1f')}")
    ax.axvline(0, color="0.4", linewidth=1)
    ax.set(yticks=range(len(rows)), yticklabels=list(rows), xlabel=f"{quantity} (mean and 95 % interval over seeds)")
    ax.invert_yaxis()
    if second:
        ax.legend(fontsize=8, frameon=True)
    ax.set_title(title)
    return plots.describe(fig, f"{quantity.capitalize()}: {'; '.join(said)}.")


def interactions(table: np.ndarray) -> dict[str, np.ndarray]:
    """The six interactions of two levers, in points: name → (S,)."""
    return {f"{LEVERS[a]} × {LEVERS[b]}": 100 * effect(table, a, b) for a, b in itertools.combinations(range(4), 2)}


def rungs(runs: Mapping[str, Sequence[Run]]) -> Figure:
    """Each rung's seconds, divided by the first rung's, against its accuracy: a dot a seed, a marker for the mean."""
    fig, ax = plt.subplots(figsize=(6.8, 4.2))
    times = relative_seconds(runs)
    marks = itertools.cycle("osD^vP*XhdH")
    said = []
    for (name, found), color in zip(runs.items(), itertools.cycle((*plots.COLORS, plots.SKY, plots.ORANGE)), strict=False):
        accuracy = np.array([100 * r.accuracy for r in found])
        ax.plot(times[name], accuracy, ".", color=color, markersize=4)
        ax.plot(times[name].mean(), accuracy.mean(), next(marks), color=color, markersize=9, label=name)
        said.append(f"{name} {measured(accuracy.mean(), '.1f')} % in {measured(times[name].mean(), '.2f')}")
    ax.set(xlabel="processor time of a training (the first rung's = 1)", ylabel="validation accuracy (%)")
    ax.legend(fontsize=7.5, frameon=True, loc="best")
    ax.set_title("A rung a change: up and to the left is better")
    n = len(next(iter(runs.values())))
    return plots.describe(fig, f"Accuracy against relative time, means of {n} seeds: {'; '.join(said)} of the first rung's time.")


def long_ladder(race: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Whole trainings on 4,000 digits, stored: seconds on a log axis against the share of test digits that are wrong."""
    fig, ax = plt.subplots(figsize=(6.6, 3.6))
    said = []
    for (name, (seconds, accuracy)), marker, color in zip(race.items(), "osD^vP", (plots.BLACK, plots.PURPLE, plots.ORANGE, plots.SKY, plots.BLUE, plots.VERMILION), strict=False):
        ax.plot(seconds, 100 * (1 - accuracy), marker, color=color, markersize=6, label=name)
        said.append(f"{name} {measured(100 * accuracy.mean(), '.1f')} % in {measured(seconds.mean(), '.0f')} s")
    ax.set(xscale="log", yscale="log", xlabel="seconds of the whole training", ylabel="wrong (% of 1,000 test digits)", yticks=[1, 3, 10, 30, 90])
    ax.get_yaxis().set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend(fontsize=8, frameon=True)
    ax.set_title("The long ladder, measured once: a mark a seed")
    return plots.describe(fig, f"Stored measurements, means over {len(next(iter(race.values()))[0])} seeds: {'; '.join(said)}.")


def importances(rows: Mapping[str, Mapping[str, float]], title: str) -> Figure:
    """Groups of bars: method → hyperparameter → share of the variance."""
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    names = list(next(iter(rows.values())))
    for k, ((label, shares), color, hatch) in enumerate(zip(rows.items(), (plots.BLACK, plots.SKY, plots.ORANGE), ("", "//", ".."), strict=False)):
        ax.bar(np.arange(len(names)) + 0.27 * (k - 1), [shares[n] for n in names], width=0.25, color=color, hatch=hatch, label=label)
    ax.set(xticks=range(len(names)), xticklabels=names, ylim=(0, 1), ylabel="share of the variance")
    ax.legend(fontsize=8, frameon=True)
    ax.set_title(title)
    said = "; ".join(f"{label}: " + ", ".join(f"{n} {measured(v, '.2f')}" for n, v in shares.items()) for label, shares in rows.items())
    return plots.describe(fig, f"Shares of the variance. {said}.")


def with_intervals(results: Mapping[str, ArrayLike], quantity: str, title: str) -> Figure:
    """A dot a run, and the mean with its 95 % interval over seeds: name → (n,)."""
    fig, ax = plt.subplots(figsize=(6.4, 0.5 * len(results) + 1.3))
    said = []
    for row, (name, values) in enumerate(results.items()):
        mean, half = mean_interval(values)
        ax.plot(np.asarray(values), [row] * len(np.asarray(values)), "o", color=plots.SKY, markersize=4)
        ax.errorbar(mean, row, xerr=half, fmt="D", color=plots.VERMILION, capsize=4)
        said.append(f"{name} {measured(mean, '.3f')} ± {measured(half, '.3f')}")
    ax.set(yticks=range(len(results)), yticklabels=list(results), xlabel=f"{quantity} (diamond: mean, 95 % interval over seeds)")
    ax.invert_yaxis()
    ax.set_title(title)
    return plots.describe(fig, f"{quantity.capitalize()}, mean and interval over seeds: {'; '.join(said)}.")
