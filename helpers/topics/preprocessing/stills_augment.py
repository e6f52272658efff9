"""Chapter 05, scale, augmentation and conversion: the figures that do not move. Each gives the figure and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.plots import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION

Still = tuple[Figure, str]
LOOKS = {"none": (BLUE, "--", "s"), "affine": (VERMILION, "-", "o"), "noise": (GREEN, "-.", "^"), "blur": (ORANGE, ":", "v"),
         "mirror": (PURPLE, "--", "D"), "half turn": (BLACK, ":", "x")}


def samples(picture: np.ndarray, changed: Mapping[str, Sequence[np.ndarray]]) -> Still:
    """A picture, and a row of changed copies for each change."""
    rows = len(changed)
    columns = max(len(copies) for copies in changed.values())
    fig, axes = plt.subplots(rows, columns + 1, figsize=(6, 0.85 * rows), squeeze=False)
    for row, (name, copies) in zip(axes, changed.items(), strict=True):
        for ax, a in zip(row, [picture, *copies], strict=False):
            plots.image(ax, 1 - np.clip(a, 0, 1))
        row[0].set_ylabel(name, fontsize=9, rotation=0, ha="right", va="center")
    return fig, f"One digit, and copies of it changed by {', '.join(changed)}: affine moves its strokes, noise and blur cover them, mirror and half turn make another sign of it."


def size_curves(accuracy: Mapping[str, Mapping[int, Sequence[float]]], names: Sequence[str], title: str) -> Still:
    """Accuracy over the size of the training set: mean of the seeds, band from the least to the greatest."""
    fig, ax = plt.subplots(figsize=(6.4, 3.7))
    for name in names:
        color, style, marker = LOOKS[name]
        sizes = list(accuracy[name])
        runs = [accuracy[name][n] for n in sizes]
        ax.fill_between(sizes, [min(r) for r in runs], [max(r) for r in runs], color=color, alpha=0.15, linewidth=0)
        ax.plot(sizes, [np.mean(r) for r in runs], color=color, linestyle=style, marker=marker, markersize=4, label="plain" if name == "none" else name)
    ax.set(xscale="log", xticks=sizes, xticklabels=[f"{n:,}" for n in sizes], xlabel="digits in the training set", ylabel="test accuracy", title=title)
    ax.minorticks_off()
    ax.legend(loc="lower right", fontsize=9)
    first, last = sizes[0], sizes[-1]
    best_first = sorted(names, key=lambda name: -float(np.mean(accuracy[name][first])))
    said = ["plain" if name == "none" else name for name in best_first]
    return fig, f"Test accuracy over {first} to {last:,} training digits. With {first}, from the best: {', '.join(said)}; with {last:,} the curves of the harmless changes meet."


def recalls(before: np.ndarray, after: np.ndarray, names: tuple[str, str]) -> Still:
    """Recall of each digit, (10,), for two networks."""
    fig, ax = plt.subplots(figsize=(6.4, 3))
    places = np.arange(10)
    ax.bar(places - 0.2, before, 0.4, color=BLUE, label=names[0])
    ax.bar(places + 0.2, after, 0.4, color=VERMILION, hatch="//", edgecolor="white", label=names[1])
    ax.set(xticks=places, xlabel="digit", ylabel="recall", ylim=(0.6, 1.12), title="Which digits pay")
    ax.legend(loc="upper left", fontsize=9, ncols=2)
    worst = np.argsort(after - before)[:3]
    return fig, f"Recall of each digit with and without the change; the digits {', '.join(map(str, worst))} lose most."


def sound_pictures(sound: np.ndarray, spectrogram: np.ndarray, mels: np.ndarray, rate: int) -> Still:
    """A sound as a wave, as a spectrogram and as log-mel."""
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    t = np.arange(len(sound)) / rate
    axes[0].plot(t, sound, color=BLUE, linewidth=0.4)
    axes[0].set(xlabel="time (s)", title="wave", ylim=(-2.5, 2.5))
    for ax, a, title, top in ((axes[1], spectrogram, "spectrogram (kHz)", rate / 2000), (axes[2], mels, "log-mel (filter)", len(mels))):
        ax.imshow(a, origin="lower", aspect="auto", extent=(0, t[-1], 0, top), cmap="viridis", vmin=np.quantile(a, 0.05))
        ax.set(xlabel="time (s)", title=title)
        ax.grid(False)
    return fig, "A rising whistle with a knock in its middle: as a wave hardly to be told, in the spectrogram a straight rising line and an upright stroke; on the mel scale the line bends, for low tones get more room."


def three_readings(pictures: Mapping[str, np.ndarray]) -> Still:
    """(H, W, 3) colour pictures in [0, 1] side by side."""
    fig, axes = plt.subplots(1, len(pictures), figsize=(7.2, 2.5))
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        ax.imshow(picture)
        plots.picture_frame(ax, name, fontsize=9)
    return fig, f"A cat's face, read in {len(pictures)} ways: right; with red and blue exchanged, bluish; and cut anew by reshape, stripes of coloured grain in which no cat can be seen."
