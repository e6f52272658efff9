"""Chapter 06, seeing: figures to play with, and the data that they and the exercises need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers import plots
from helpers.plots import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, picture_frame, quiet_title
from helpers.topics.features.depth import CUTS
from helpers.topics.features.units import Asked

Scene = tuple[Callable[..., Any], Figure]
#: Ten looks for ten digits: colour and marker.
COLORS = (BLUE, VERMILION, GREEN, PURPLE, "#000000", SKY, ORANGE, "#777777", "#8B5A2B", "#4B0082")


def shuffled_columns(x: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """Each column dealt anew over the rows: every feature keeps its values, nothing is left of what binds them. (N, D)"""
    g = torch.Generator().manual_seed(seed)
    return torch.stack([column[torch.randperm(len(x), generator=g)] for column in x.T], 1)


def islands(z: np.ndarray, counts: Sequence[int] = (3, 5, 10, 20, 40)) -> float:
    """How clumped a map (N, 2) is: the best silhouette of k-means with 3 to 40 groups. A round cloud of 250 points has about 0.36.

    Source: Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20 (1987), doi:10.1016/0377-0427(87)90125-7.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    return max(float(silhouette_score(z, KMeans(k, n_init=2, random_state=0).fit_predict(z))) for k in counts)


# ------------------------------------------------------------------------------------- t-SNE

def tsne_maps(shots: np.ndarray, sets: Sequence[str], perplexities: Sequence[int], steps: Sequence[int], labels: Mapping[str, np.ndarray],
              clumped: Mapping[tuple[str, int], float]) -> Scene:
    """Maps on their way. Controls: data, perplexity, step (a place in steps), reveal.

    Parameters
    ----------
    shots : (sets, perplexities, steps, N, 2)
    labels : set → (N,) int, for the sets that have labels
    clumped : (set, perplexity) → :func:`islands` of the last map
    """
    fig, ax = plt.subplots(figsize=(5.4, 3.9))
    dots = ax.scatter(np.zeros(shots.shape[3]), np.zeros(shots.shape[3]), s=13, linewidths=0, c="#555555")
    ax.set(xticks=[], yticks=[], xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
    ax.grid(False)
    quiet_title(ax, "t-SNE on its way")
    names = [ax.text(0, 0, "", fontsize=11, fontweight="bold", ha="center", va="center") for _ in range(10)]
    grey = ["#555555"] * shots.shape[3]
    colors = {name: [COLORS[int(label) % 10] for label in own] for name, own in labels.items()}

    def draw(data: str, perplexity: int, step: int, reveal: bool) -> tuple[str, bool]:
        z = shots[sets.index(data), perplexities.index(perplexity), step]
        dots.set_offsets(z / max(float(np.abs(z).max()), 1e-12))
        known = reveal and data in labels
        dots.set_facecolor(colors[data] if known else grey)
        for label, name in enumerate(names):                    # not by colour alone
            own = z[labels[data] == label] / max(float(np.abs(z).max()), 1e-12) if known else z[:0]
            name.set_text(str(label) if len(own) else "")
            if len(own):
                name.set_position(tuple(np.median(own, 0)))
        last = step == len(steps) - 1
        score = clumped[data, perplexity]
        words = (f"{data}, perplexity {perplexity}, after {steps[step]} steps. " + (f"How clumped: {score:.2f}; a round cloud has 0.36. " if last else "")
                 + ("Colours are the true digits." if known else "There are no labels to reveal." if reveal else "Labels are hidden."))
        return words, last and data == "noise" and score >= 0.48

    return draw, fig


# ------------------------------------------------------------------------------------- units

def unit_browser(seen: Mapping[str, Asked]) -> Scene:
    """One unit: two pictures made for it, and the nine real patches that it answers most. Controls: unit, network."""
    first = next(iter(seen.values()))
    size = first.plain.shape[-1]
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.7))
    pictures = [ax.imshow(np.zeros((2, 2)), cmap="gray", vmin=0, vmax=1, extent=(0, 1, 0, 1)) for ax in axes]
    for ax, title in zip(axes, ("plain ascent", "smooth ascent", "nine real patches"), strict=True):
        picture_frame(ax, title)

    def draw(unit: int, network: str) -> tuple[str, bool]:
        s = seen[network]
        pictures[0].set_data(s.plain[unit].numpy())
        pictures[1].set_data(s.smooth[unit].numpy())
        sheet = np.full((3 * size + 4, 3 * size + 4), 0.5, np.float32)
        for i, patch in enumerate(s.real.patches[unit].numpy()):
            row, column = (size + 2) * (i // 3), (size + 2) * (i % 3)
            sheet[row:row + size, column:column + size] = patch
        pictures[2].set_data(sheet)
        digits = s.real.label[unit].tolist()
        common = max(set(digits), key=digits.count)
        words = (f"Unit {unit} of the {network} network. Its answer: {s.plain_answer[unit]:.1f} to the plain picture, {s.smooth_answer[unit]:.1f} to the smooth one, "
                 f"{s.real.value[unit, 0]:.1f} to the best real patch. Of the nine real patches, {digits.count(common)} are of a {common}.")
        return words, network == "trained" and digits.count(common) == 9

    return draw, fig


# ------------------------------------------------------------------------------------- depth

def by_depth(readings: Mapping[str, Mapping[str, np.ndarray]]) -> Scene:
    """What can be read at each layer, in two networks. Control: ask (label, place, noise)."""
    fig, ax = plt.subplots(figsize=(7.2, 3))
    at = np.arange(len(CUTS))
    lines = {}
    for (name, dash, marker), color in zip((("trained", "-", "o"), ("untrained", "--", "s")), (VERMILION, BLUE), strict=True):
        (lines[name],) = ax.plot(at, np.zeros(len(at)), color=color, linestyle=dash, marker=marker, label=name)
    ax.set(xticks=at, xticklabels=list(CUTS), ylim=(-0.05, 1), ylabel="accuracy (label), R² (place, noise)")
    ax.legend(loc="lower left")
    quiet_title(ax, "What a linear probe reads from each layer")

    def draw(ask: str) -> tuple[str, bool]:
        for name, line in lines.items():
            line.set_ydata(readings[name][ask])
        a, b = readings["trained"][ask], readings["untrained"][ask]
        words = (f"{ask}: trained {a[0]:.2f} at the pixels, {a.max():.2f} at best ({list(CUTS)[int(a.argmax())]}), {a[-1]:.2f} at the end; "
                 f"untrained {b[0]:.2f}, {b.max():.2f}, {b[-1]:.2f}.")
        return words, bool(a[0] < 0.1)

    return draw, fig


# ------------------------------------------------------------------------------------- the axes of a code

@dataclass(frozen=True)
class Axes:
    """A linear code of digits: mean (784,), directions (k, 784), spread (k,), the standard deviation of each number of the code."""

    mean: np.ndarray
    directions: np.ndarray
    spread: np.ndarray

    def code(self, picture: np.ndarray) -> np.ndarray:
        """(28, 28) → (k,), in standard deviations."""
        return (self.directions @ (np.asarray(picture, dtype=np.float64).ravel() - self.mean)) / self.spread


def code_axes(x: torch.Tensor, k: int = 8) -> Axes:
    """The first k principal axes of pictures (N, 1, 28, 28); the greatest entry of each is positive."""
    a = x.flatten(1).numpy().astype(np.float64)
    mean = a.mean(0)
    _, s, vh = np.linalg.svd(a - mean, full_matrices=False)
    directions = vh[:k] * np.sign(vh[np.arange(k), np.abs(vh[:k]).argmax(1)])[:, None]
    return Axes(mean, directions, s[:k] / np.sqrt(len(a)))


def walk(axes: Axes, x: np.ndarray) -> Scene:
    """A digit changed along two axes of its code; its place among others. Controls: digit, axis, amount.

    Parameters
    ----------
    x : (N, 28, 28)
    """
    codes = np.array([axes.code(picture) for picture in x])
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(7.2, 2.7), width_ratios=[1, 1, 1.3])
    pictures = [ax.imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1) for ax in (left, middle)]
    picture_frame(left, "the digit")
    picture_frame(middle, "changed")
    right.scatter(codes[:, 0], codes[:, 1], s=5, color="#bbbbbb", linewidths=0)
    (path,) = right.plot([], [], color=VERMILION, marker="o", markersize=4)
    right.set(xlabel="axis 1 (sd)", ylabel="axis 2 (sd)", xlim=(-4, 5.5), ylim=(-5, 5))
    quiet_title(right, "its code")

    def draw(digit: int, axis: int, amount: float) -> tuple[str, bool]:
        direction = axes.directions[axis - 1] * axes.spread[axis - 1]
        changed = x[digit].ravel() + amount * direction
        pictures[0].set_data(x[digit])
        pictures[1].set_data(changed.reshape(28, 28))
        before, after = codes[digit], axes.code(changed.reshape(28, 28))
        path.set_data([before[0], after[0]], [before[1], after[1]])
        rest = np.abs(np.delete(after - before, axis - 1)).max()
        words = (f"Digit {digit} moved {amount:+.1f} standard deviations along axis {axis}: code {before[axis - 1]:.2f} → {after[axis - 1]:.2f}; "
                 f"no other of the {len(before)} axes changes by more than {rest:.2f}.")
        return words, axis == 2 and abs(amount) >= 2.9

    return draw, fig


# ------------------------------------------------------------------------------------- which cluster is real?

def mystery(n: int = 200, seed: int = 5) -> dict[str, np.ndarray]:
    """Four data sets (n, 20) without names on them: noise, three groups, one closed thread, noise whose columns differ in spread.

    Which is which is the exercise's secret; those who read this far know it.
    """
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, 20))
    centres = rng.normal(size=(3, 20))
    groups = 0.55 * rng.normal(size=(n, 20)) + centres[rng.integers(3, size=n)]
    turn = np.sort(rng.uniform(0, 2 * np.pi, n))
    thread = np.column_stack([f(k * turn) for k in range(1, 4) for f in (np.cos, np.sin)] + [np.zeros(n)] * 14) + 0.08 * rng.normal(size=(n, 20))
    uneven = rng.normal(size=(n, 20)) * np.geomspace(3, 0.1, 20)
    return {"A": uneven, "B": thread, "C": groups, "D": noise}


def second_camera(x: torch.Tensor) -> torch.Tensor:
    """Pictures (N, 1, 28, 28) as a camera with little contrast takes them: black is 0.25 and white 0.75."""
    return 0.25 + 0.5 * x


def map_grid(maps_of: Mapping[str, np.ndarray], title: str, labels: np.ndarray | None = None, columns: int = 4) -> Figure:
    """Some maps (N, 2) side by side, coloured by labels if there are any."""
    rows = -(-len(maps_of) // columns)
    wide = {1: 3.6, 2: 2.9}.get(columns, 1.8)
    fig, axes = plt.subplots(rows, columns, figsize=(wide * columns, min(wide, 2.9) * 1.05 * rows + 0.3), squeeze=False)
    for ax, (name, z) in zip(axes.flat, maps_of.items(), strict=False):
        for i, label in enumerate(np.unique(labels) if labels is not None else [None]):        # not by colour alone
            part = z if label is None else z[labels == label]
            ax.scatter(*part.T, s=5 if wide < 2 else 12, c="#555555" if label is None else COLORS[i], marker="o^sDvP"[i % 6], linewidths=0)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=9, fontweight="normal", loc="center")
        ax.grid(False)
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig


def asked_pictures(rows: Mapping[str, np.ndarray], title: str) -> Figure:
    """Rows of square pictures under one another, each with its name at the left."""
    count = max(len(r) for r in rows.values())
    fig, axes = plt.subplots(len(rows), count, figsize=(7.2, 0.8 * len(rows) + 0.4), squeeze=False)
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(line, pictures, strict=False):
            plots.image(ax, picture)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig
