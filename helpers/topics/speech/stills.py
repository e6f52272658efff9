"""The still figures of the chapter on speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.data.voices import RATE
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval
from helpers.topics.speech import features

LOOKS = tuple(zip((plots.BLUE, plots.VERMILION, plots.GREEN, plots.BLACK, plots.PURPLE), ("-", "--", ":", "-.", (0, (5, 1, 1, 1))), "o^sDv", strict=True))


def stages(wave: np.ndarray, word: str) -> Figure:
    """One word as a wave, as a spectrogram, as log-mel and as MFCC."""
    fig, axes = plt.subplots(2, 2, figsize=(8.6, 4.6), sharex=True)
    seconds = len(wave) / RATE
    axes[0, 0].plot(np.arange(len(wave)) / RATE, wave, color=plots.BLUE, linewidth=0.6)
    axes[0, 0].set(ylim=(-1.05, 1.05), ylabel="pressure (loudest = 1)", title="wave")
    power = 10 * np.log10(np.abs(features.stft(wave)) ** 2 + 1e-6).T
    for ax, table, title, label, top in ((axes[0, 1], power, "spectrogram", "frequency (kHz)", RATE / 2000), (axes[1, 0], features.log_mel(wave).T, "log-mel", "mel band", 40),
                                         (axes[1, 1], features.mfcc(wave)[:, 1:].T, "MFCC 1 to 12", "coefficient", 12.5)):
        ax.imshow(table, origin="lower", aspect="auto", extent=(0, seconds, 0.5 if top == 12.5 else 0, top))
        ax.grid(False)
        ax.set(ylabel=label, title=title)
    for ax in axes[1]:
        ax.set(xlabel="time (s)")
    sizes = f"{len(wave)} samples, {power.shape[1]} × {power.shape[0]} powers, {power.shape[1]} × 40 bands, {power.shape[1]} × 13 coefficients"
    return plots.describe(fig, f"The word “{word}” four times: {measured(sizes)}. In each picture time runs to the right.")


def rows(results: Mapping[str, ArrayLike], quantity: str, title: str, what: str) -> Figure:
    """A dot a run, and the mean with its 95 % interval: name → (n,); what says what differs from run to run."""
    fig, ax = plt.subplots(figsize=(6.4, 0.5 * len(results) + 1.4))
    said = []
    for row, (name, values) in enumerate(results.items()):
        v = np.asarray(values, float)
        mean, half = mean_interval(v) if len(v) > 1 else (float(v[0]), 0.0)
        ax.plot(v, [row] * len(v), "o", color=plots.SKY, markersize=4)
        ax.errorbar(mean, row, xerr=half, fmt="D", color=plots.VERMILION, capsize=4)
        said.append(f"{name} {measured(mean, '.3f')} ± {measured(half, '.3f')}")
    ax.set(yticks=range(len(results)), yticklabels=list(results), xlabel=f"{quantity} (diamond: mean and 95 % interval over {what})")
    ax.invert_yaxis()
    ax.set_title(title)
    return plots.describe(fig, f"{quantity.capitalize()}: {', '.join(said)}.")


def lines(curves: Mapping[str, tuple[ArrayLike, ArrayLike]], xlabel: str, ylabel: str, title: str, *, xlog: bool = False, ticks: Sequence[float] | None = None,
          ylim: tuple[float, float] | None = None) -> Figure:
    """A marked line a name, name → (x (n,), y (n,) or (runs, n)); with several runs the line is their mean, and the band reaches from least to greatest."""
    fig, ax = plt.subplots(figsize=(6.6, 3.7))
    ends = []
    for (name, (x, y)), (color, style, marker) in zip(curves.items(), LOOKS, strict=False):
        table = np.atleast_2d(np.asarray(y, float))
        ax.plot(np.asarray(x), table.mean(0), color=color, linestyle=style, marker=marker, markersize=4, label=name)
        if len(table) > 1:
            ax.fill_between(np.asarray(x), table.min(0), table.max(0), color=color, alpha=0.15, linewidth=0)
        ends.append(f"{name} from {measured(table[:, 0].mean(), '.2f')} to {measured(table[:, -1].mean(), '.2f')}")
    if xlog:
        ax.set_xscale("log")
    if ticks is not None:
        ax.set_xticks(list(ticks), [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    if ylim is not None:
        ax.set_ylim(*ylim)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ax.set_title(title)
    return plots.describe(fig, f"{ylabel.capitalize()} over {xlabel}, a line each: {'; '.join(ends)}.")
