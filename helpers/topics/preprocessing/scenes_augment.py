"""Chapter 05, scale and augmentation: figures to play with. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_wine
from torch import nn

from helpers.plots import BLACK, BLUE, GREEN, VERMILION, picture_frame, quiet_title
from helpers.topics.preprocessing.changes import CHANGES, move
from helpers.topics.preprocessing.scale import descend
from helpers.topics.preprocessing.stored import ACCURACY, SIZES
from helpers.training import predict_logits
from helpers.widgets import Step
from helpers.widgets.pad import rasterise

Scene = tuple[Callable[..., Any], Figure]


# ------------------------------------------------------------------------------------- units and descent

def wine_in_units(unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Alcohol (%) and proline of 178 wines, (178, 2), and whether each is of the first cultivar, (178,) floats.

    Proline comes in mg/l times unit: 1 leaves it in mg/l, 0.001 makes g/l.
    """
    x, y = _wine()
    return x[:, [0, 12]] * [1, unit], (y == 0).astype(float)


@functools.cache
def _wine() -> tuple[np.ndarray, np.ndarray]:
    return load_wine(return_X_y=True)


def units_and_descent(n_steps: int = 200) -> Scene:
    """Gradient descent on two columns in chosen units. Controls: unit, standardised, rate (share of the greatest)."""
    fig, (ax, loss_ax) = plt.subplots(1, 2, figsize=(7.2, 3))
    x, y = wine_in_units(1)
    z = (x - x.mean(0)) / x.std(0)
    covariance, slope = np.cov(z.T, bias=True), z.T @ (y - y.mean()) / len(y)
    best = np.linalg.solve(covariance, slope)
    angles = np.linspace(0, 2 * np.pi, 90)
    values, vectors = np.linalg.eigh(covariance)
    for level in (0.05, 0.1, 0.2, 0.35, 0.5):
        ring = best[:, None] + vectors @ (level / np.sqrt(values)[:, None] * np.array([np.cos(angles), np.sin(angles)]))
        ax.plot(*ring, color="#bbbbbb", linestyle="-", linewidth=0.8)
    ax.plot(*best, marker="*", color=GREEN, markersize=12, linestyle="none")
    path, = ax.plot([], [], color=VERMILION, linestyle="-", marker="o", markersize=3, linewidth=1)
    ax.set(xlim=(-0.15, 0.55), ylim=(-0.15, 0.65), xlabel="effect of alcohol", ylabel="effect of proline", aspect="equal")
    quiet_title(ax, "The way down")
    curve, = loss_ax.plot([], [], color=VERMILION)
    loss_ax.axhline(1e-3, color=BLACK, linestyle=":", linewidth=1)
    loss_ax.set(xlim=(0, n_steps), ylim=(1e-5, 2), yscale="log", yticks=[1e-4, 1e-2, 1], xlabel="steps", ylabel="loss above its least (part)")
    loss_ax.minorticks_off()
    quiet_title(loss_ax, "How fast")

    def draw(unit: float, standardised: bool, rate: float) -> tuple[str, bool]:
        columns, target = wine_in_units(unit)
        if standardised:
            columns = (columns - columns.mean(0)) / columns.std(0)
        way = descend(columns, target, rate, n_steps)
        path.set_data(*np.clip(way.path, -5, 5).T)
        curve.set_data(np.arange(n_steps + 1), np.clip(way.excess, 1e-12, 1e6))
        took = f"done after {way.needed} steps" if way.needed >= 0 else f"not done after {n_steps} steps"
        words = f"Condition number {way.kappa:,.1f}: {took}. At step {n_steps} the loss above its least is {way.excess[-1]:.1e} of what it was."
        return words, bool(not standardised and 0 <= way.needed <= 12)

    return draw, fig


def descent_steps() -> list[Step]:
    """The steps of units_and_descent."""
    return [
        Step("Proline in mg/l: its numbers are hundreds of times greater than those of alcohol. The path runs along one axis, and then hardly moves.",
             {"unit": 1.0, "standardised": False, "rate": 0.5}, light=0),
        Step("The loss falls at once by what proline can do. The rest, which needs alcohol, is not touched in 200 steps.",
             {"unit": 1.0, "standardised": False, "rate": 0.5}, light=1,
             ask=("Would twice the rate help?", ["yes, twice as fast is enough", "no: above the limit it diverges", "no: the gradient is zero"], 1)),
        Step("At 1.05 of the greatest rate the steep direction throws the path out. The steep one sets the limit, the flat one must wait.",
             {"unit": 1.0, "standardised": False, "rate": 1.05}, light=1),
        Step("Standardised, both columns have spread 1: one rate fits both directions.", {"unit": 1.0, "standardised": True, "rate": 0.6}, light=0,
             ask=("The condition number is 4.6 now, not 1. Why?", ["the two columns are correlated", "the wines are too few", "the means differ"], 0))]


# ------------------------------------------------------------------------------------- a bench for one's own drawing

BENCH: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "turn": lambda p, s, rng: move(p, angle=180 * s * rng.uniform(-1, 1)),
    "shift": lambda p, s, rng: move(p, dx=14 * s * rng.uniform(-1, 1), dy=14 * s * rng.uniform(-1, 1)),
    "scale": lambda p, s, rng: move(p, scale=1 + 0.9 * s * rng.uniform(-1, 1)),
    "slant": lambda p, s, rng: move(p, slant=1.2 * s * rng.uniform(-1, 1)),
    "blur": lambda p, s, rng: cv2.GaussianBlur(p, (15, 15), 0.05 + 5 * s * rng.uniform(0, 1)),
    "noise": lambda p, s, rng: np.clip(p + rng.standard_normal(p.shape, np.float32) * np.float32(s * rng.uniform(0, 1)), 0, 1),
    "mirror": lambda p, s, rng: cv2.flip(p, 1) if rng.random() < s else p,
    "half turn": lambda p, s, rng: cv2.flip(p, -1) if rng.random() < s else p,
}


@dataclass(frozen=True)
class Read:
    """Changed copies (n, 28, 28), what each is read as (n,), and what the drawing itself is read as."""

    copies: np.ndarray
    read: np.ndarray
    original: int


def read_copies(model: nn.Module, picture: np.ndarray, change: str, strength: float, n: int = 18) -> Read:
    """Changed copies of one picture, (28, 28), and what a network makes of them; the same for the same settings."""
    rng = np.random.default_rng(0)
    copies = np.stack([picture, *(BENCH[change](picture, strength, rng) for _ in range(n))]).astype(np.float32)
    said = predict_logits(model, torch.from_numpy(copies)[:, None]).argmax(1).numpy()
    return Read(copies[1:], said[1:], int(said[0]))


def augmentation_bench(model: nn.Module) -> Scene:
    """One's own drawing, changed 18 times, and what a network reads. Controls: drawing (PadControl), change, strength."""
    fig, (ax, bars_ax) = plt.subplots(1, 2, figsize=(7.2, 2.5), width_ratios=[2.2, 1])
    wall = ax.imshow(np.zeros((3 * 28, 6 * 28)), cmap="gray_r", vmin=0, vmax=1)
    frame = ax.scatter([], [], s=30, color=VERMILION, marker="x", linewidths=2)
    picture_frame(ax, "eighteen changed copies (× read otherwise)")
    bars = bars_ax.bar(range(10), np.zeros(10), color=BLUE)
    bars_ax.set(xlim=(-0.6, 9.6), ylim=(0, 18), xticks=range(10), xlabel="read as", ylabel="copies")
    bars_ax.grid(False)
    quiet_title(bars_ax, "What is read")
    places = np.array([(28 * (i % 6) + 4, 28 * (i // 6) + 4) for i in range(18)])

    def draw(drawing: Any, change: str, strength: float) -> tuple[str, bool]:
        found = read_copies(model, rasterise(drawing), change, strength)
        wall.set_data(found.copies.reshape(3, 6, 28, 28).swapaxes(1, 2).reshape(84, 168))
        other = found.read != found.original
        frame.set_offsets(places[other] if other.any() else np.empty((0, 2)))
        counts = np.bincount(found.read, minlength=10)
        for bar, count in zip(bars, counts, strict=True):
            bar.set_height(count)
        words = f"The drawing is read as {found.original}. {change}, strength {strength:.2f}: {18 - other.sum()} of 18 copies are read as {found.original}" + (
            f", most others as {np.argmax(np.where(np.arange(10) == found.original, -1, counts))}." if other.any() else ".")
        return words, bool(strength <= 0.5 and change in ("turn", "shift", "scale", "slant") and other.mean() > 0.5)

    return draw, fig


# ------------------------------------------------------------------------------------- what augmentation is worth

def worth(change: str, size: int) -> float:
    """How many times the data a change is worth at this size: by the sizes at which the plain curve has the same accuracy.

    The mean errors are joined by straight lines on logarithmic axes; the plain curve's last slope goes on beyond 4,000.
    """
    sizes = np.log([*SIZES])
    plain = np.log([1 - np.mean(ACCURACY["none"][n]) for n in SIZES])
    wanted = np.log(1 - np.mean(ACCURACY[change][size]))
    slope = (plain[-1] - plain[0]) / (sizes[-1] - sizes[0])
    if wanted < plain[-1]:
        return float(np.exp(sizes[-1] + (wanted - plain[-1]) / slope) / size)
    if wanted > plain[0]:
        return float(np.exp(sizes[0] + (wanted - plain[0]) / slope) / size)
    return float(np.exp(np.interp(-wanted, -plain, sizes)) / size)


def exchange_rate() -> Scene:
    """Accuracy over the size of the training set, plain and changed, and what the change is worth. Controls: change, size."""
    fig, ax = plt.subplots(figsize=(6.4, 3.3))
    sizes = np.array(SIZES)
    plain = np.array([[np.min(ACCURACY["none"][n]), np.mean(ACCURACY["none"][n]), np.max(ACCURACY["none"][n])] for n in SIZES])
    ax.fill_between(sizes, plain[:, 0], plain[:, 2], color=BLUE, alpha=0.18, linewidth=0)
    ax.plot(sizes, plain[:, 1], color=BLUE, linestyle="--", marker="s", markersize=4, label="plain, band: least to greatest seed")
    changed, = ax.plot([], [], color=VERMILION, marker="o", markersize=4, label="changed, mean")
    dots, = ax.plot([], [], color=VERMILION, marker=".", markersize=4, linestyle="none", alpha=0.6)
    arrow, = ax.plot([], [], color=BLACK, linestyle="-", marker="|", markersize=9)
    ax.set(xscale="log", xlim=(100, 9000), ylim=(0.64, 1), xlabel="digits in the training set", ylabel="accuracy", xticks=sizes, xticklabels=map(str, sizes))
    ax.minorticks_off()
    quiet_title(ax, "Worth how many digits?")
    ax.legend(loc="lower right", fontsize=8).set_zorder(1)      # below what moves: painted once

    def draw(change: str, size: int) -> tuple[str, bool]:
        runs = ACCURACY[change]
        mean = {n: float(np.mean(runs[n])) for n in SIZES}
        changed.set_data(sizes, list(mean.values()))
        dots.set_data([n for n in SIZES for _ in runs[n]], [a for n in SIZES for a in runs[n]])
        rate = worth(change, size)
        arrow.set_data([size, np.clip(size * rate, 100, 9000)], [mean[size]] * 2)
        words = (f"{change} with {size:,} digits: {mean[size]:.3f} (mean of {len(runs[size])} seeds), plain {np.mean(ACCURACY['none'][size]):.3f}. "
                 f"Worth {rate:.1f} times the data.")
        return words, bool(rate <= 0.6)

    return draw, fig


NAMES = tuple(CHANGES)
