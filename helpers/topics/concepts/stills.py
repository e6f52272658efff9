"""The still figures of chapter 1. Each builds a figure from what the chapter has computed, and gives it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.topics.concepts.scenes import LEGEND, colored, plane, surface

COLORS = (plots.BLUE, plots.VERMILION, plots.GREEN, plots.BLACK)
DASHES = ("-", "--", "-.", ":")


def twelve_units(stacks: Sequence[tuple[int, int]], found: Mapping[float, np.ndarray]) -> Figure:
    """Stacks of twelve units: the pieces that each can hold, and the accuracy that training finds; beside it, controls.

    Parameters
    ----------
    stacks : list of (depth, width)
        Those that have not twelve units are controls: they come last, apart, and without their pieces.
    found : rate → (stacks, seeds) accuracies, 0 to 1
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.5, 3.5))
    names = [f"{depth} × {width}" + "\n(control)" * (depth * width != 12) for depth, width in stacks]
    pieces = [width**depth for depth, width in stacks if depth * width == 12]
    n = len(pieces)
    place = np.arange(len(stacks)) + 0.4 * (np.arange(len(stacks)) >= n)
    ax.bar_label(ax.bar(place[:n], pieces, color="0.75"), padding=2)
    ax.set(ylim=(0, 92), ylabel="straight pieces (ReLU)", title="By hand, in one dimension: pieces")
    for i, (rate, accuracies) in enumerate(found.items()):
        shift = place + 0.24 * i - 0.12
        bx.plot(shift[:n], 100 * accuracies[:n].mean(1), color=COLORS[i], linestyle=DASHES[i], label=f"rate {rate}: mean")
        bx.plot(shift[n:], 100 * accuracies[n:].mean(1), color=COLORS[i], linestyle="", marker="_", markersize=16, markeredgewidth=2)
        bx.plot(np.repeat(shift, accuracies.shape[1]), 100 * accuracies.ravel(), color=COLORS[i], linestyle="", marker="o^"[i], markersize=4, alpha=0.5)
    bx.axhline(50, color="0.6", linewidth=1, linestyle=":")
    bx.set(ylim=(25, 104), ylabel="validation accuracy (%)", title="By training, on the spirals: accuracy")
    bx.legend(loc="lower left", ncols=2, title=f"a mark: one of {accuracies.shape[1]} seeds", title_fontsize=9)
    for a, m in ((ax, n), (bx, len(stacks))):
        a.set(xlabel="hidden layers × units")
        a.set_xticks(place[:m], names[:m])
        a.grid(False, axis="x")
    return plots.describe(fig, "Twelve units in four stacks: the pieces that they can hold grow from 12 to 81, while the accuracy that training finds falls beyond two layers. "
                          "Four layers of 12 mostly fail at the higher rate and succeed at the lower one.")


def data_sets(sets: Mapping[str, Sequence[np.ndarray]]) -> Figure:
    """Small pictures of data sets side by side: name → x (N, 2) and classes y (N,)."""
    fig, axes = plt.subplots(1, len(sets), figsize=(9, 2.05), squeeze=False)
    for ax, (name, (x, y)) in zip(axes[0], sets.items(), strict=True):
        plots.points(ax, x, y, size=8)
        ax.set_title(name, fontsize=9)
        ax.set(xlim=(-1.8, 1.8), ylim=(-1.8, 1.8), xticks=[], yticks=[], aspect="equal")
    return plots.describe(fig, "Five data sets of two classes: two clusters, a ring around a ring, two interlocking moons, two spirals, and xor, whose four squares alternate.")


def folded_plane(W1: np.ndarray, w2: np.ndarray, x: np.ndarray, y: np.ndarray) -> Figure:
    """Four ReLU units side by side, and their weighted sum with the points on it.

    Parameters
    ----------
    W1 : (4, 2) weights of the units;  w2 : (4,), 1 or -1
    x, y : points (N, 2) and their classes (N,)
    """
    span = 1.2
    hidden = np.maximum(plane(span) @ W1.T, 0)
    fig, axes = plt.subplots(1, 5, figsize=(9, 2.05))
    for i, ax in enumerate(axes[:4]):
        ax.imshow(hidden[:, i].reshape(60, 60), origin="lower", extent=(-span, span, -span, span), cmap="viridis", vmin=0, vmax=2.4)
        ax.set_title(f"unit {i + 1}, weight {'+' if w2[i] > 0 else '−'}1", fontsize=9, fontweight="normal")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    out = hidden @ w2
    surface(axes[4], 1 / (1 + np.exp(-4 * out)), span)
    plots.points(axes[4], x, y, size=8)
    axes[4].set_title("their weighted sum", fontsize=9)
    axes[4].set(xticks=[], yticks=[])
    return plots.describe(fig, "Four ReLU units, each rising on one side of a diagonal; their weighted sum separates the four corners of xor.")


def favourites(W1: np.ndarray, hidden: np.ndarray, images: np.ndarray, rows: int = 3, columns: int = 3) -> Figure:
    """For some hidden units, the weights as a large picture, and beside it the eight images that excite the unit most.

    Parameters
    ----------
    W1 : (H, 64) weights;  hidden : (N, H) activations;  images : (N, 8, 8)
    """
    edge, n_best, gap = 10, 8, 6                        # 8 pixels and a margin; between units
    tall, wide = 2 * edge + gap, (2 + n_best // 2) * edge + gap
    canvas = np.full((rows * tall - gap, columns * wide - gap, 4), 255, np.uint8)
    for i, unit in enumerate(np.argsort(-hidden.mean(0))[:rows * columns]):
        top, left = i // columns * tall, i % columns * wide
        weights = W1[unit].reshape(8, 8)
        canvas[top:top + 16, left:left + 16] = colored(weights / np.abs(weights).max()).repeat(2, 0).repeat(2, 1)
        for k, j in enumerate(np.argsort(-hidden[:, unit])[:n_best]):
            y, x = top + k // 4 * edge, left + (2 + k % 4) * edge
            canvas[y:y + 8, x:x + 8, :3] = 255 * images[j][:, :, None]
    fig, ax = plt.subplots(figsize=(8.6, 3.5))
    ax.imshow(canvas, aspect="equal")
    ax.axis("off")
    ax.set_title("Each unit has favourites: its weights (red +, blue −), then the digits that excite it most")
    return plots.describe(fig, "Nine hidden units: the weights of each as a picture, and the eight digits that excite it most, often of one or two kinds.")


def layers_seen(layers: Sequence[np.ndarray], z: Sequence[np.ndarray], y: np.ndarray, scores: Sequence[float]) -> Figure:
    """The same points as each layer gives them to one neuron: across, its z; up, the main direction in the rest.

    Parameters
    ----------
    layers : list of (N, width) arrays
    z : list of (N,) arrays
        What a neuron trained on that layer computes before its sigmoid.
    y : (N,) classes
    scores : the neuron's accuracy on each layer, 0 to 1
    """
    fig, axes = plt.subplots(1, len(layers), figsize=(3 * len(layers), 3.1))
    for i, (ax, a, across, score) in enumerate(zip(axes, layers, z, scores, strict=True)):
        centred = a - a.mean(0)
        along = across - across.mean()
        rest = centred - np.outer(along, along @ centred) / (along @ along)
        up = rest @ np.linalg.svd(rest, full_matrices=False)[2][0]
        ax.axvline(0, color=plots.BLACK, linewidth=1)
        plots.points(ax, np.column_stack([across, up * np.sign(up[0])]), y, size=14)    # a main direction's sign is free
        where = "the input" if i == 0 else f"hidden layer {i}"
        ax.set_title(f"{where}: {score:.0%} right", fontsize=10)
        ax.set(yticks=[], xlabel="z of a neuron on this layer", ylabel="main direction in the rest" if i == 0 else "")
        ax.grid(False)
    return plots.describe(fig, "The validation points as the input, layer 1 and layer 2 hand them on: wound up at first, on two sides of a line at the end.")


def probes(trained: np.ndarray, untrained: np.ndarray) -> Figure:
    """A linear probe's accuracy on each layer, one dot a seed: (seeds, layers) arrays, before and after training."""
    fig, ax = plt.subplots()
    for runs, shift, color, marker, label in ((untrained, -0.06, plots.BLUE, "o", "untrained network"), (trained, 0.06, plots.VERMILION, "^", "trained network")):
        place = np.arange(runs.shape[1]) + shift
        ax.plot(place, 100 * runs.mean(0), color=color, linestyle="--" if marker == "o" else "-")
        ax.plot(np.tile(place, (len(runs), 1)).ravel(), 100 * runs.ravel(), color=color, marker=marker, linestyle="", alpha=0.6, label=label)
    ax.axhline(50, color="0.6", linewidth=1, linestyle=":")
    ax.set(ylim=(45, 102), xlim=(-0.3, len(place) - 0.7), ylabel="one neuron's validation accuracy (%)", title="Training, not layers alone, makes the task easy")
    ax.set_xticks(range(trained.shape[1]), ["input", *[f"hidden layer {i}" for i in range(1, trained.shape[1])]])
    ax.legend(loc="upper left")
    return plots.describe(fig, "Accuracy of one neuron on input, layer 1 and layer 2: rising to nearly all on layer 2 of trained networks, flat for untrained ones.")


def four_runs(runs: Mapping[str, np.ndarray], know_nothing: float) -> Figure:
    """The loss of several runs over their steps, smoothed over 20 steps (or all so far); a note where knowing nothing lies."""
    fig, ax = plt.subplots()
    for (name, losses), color, dash in zip(runs.items(), COLORS, DASHES, strict=False):
        steps = np.arange(len(losses)) + 1
        smooth = np.convolve(losses, np.ones(20))[:len(losses)] / np.minimum(steps, 20)
        ax.plot(steps, smooth, color=color, linestyle=dash, label=f"run {name}", linewidth=4 if name == "A" else 1.8)
    ax.text(len(losses), know_nothing * 0.78, "ln 10: knows nothing", color="0.35", ha="right", va="top", fontsize=9)
    ax.set(yscale="log", xlim=(0, None), ylim=(0.06, 3000), xlabel="steps (each point: the mean of the last 20, or of all so far)", ylabel="training loss (nats)", title="Four runs on the digits: one is healthy")
    ax.legend(loc="upper center", ncols=4)
    return plots.describe(fig, "Four loss curves: B falls steadily, A and D lie flat at ln 10, C leaps far above it.")


def over_fitting(train: np.ndarray, val: np.ndarray) -> Figure:
    """Training and validation losses of several seeds, (seeds, epochs): means as lines, extremes as bands."""
    fig, ax = plt.subplots()
    epochs = np.arange(1, train.shape[1] + 1)
    plots.seed_band(ax, epochs, train, label="training", color=plots.BLUE)
    plots.seed_band(ax, epochs, val, label="validation", color=plots.VERMILION, dashed=True)
    best = int(val.mean(0).argmin()) + 1
    ax.axvline(best, 0, 0.8, color=plots.GREEN, linestyle=":", label="lowest mean validation")
    low, high = min(train.min(), val.min()), max(train.max(), val.max())
    ax.set(yscale="log", ylim=(0.7 * low, 12 * high), xlabel="epoch", ylabel="loss (nats)", title="The training loss keeps falling; the validation loss turns")
    ax.legend(loc="upper center", ncols=3, title=f"lines: the mean; bands: all {len(train)} seeds", title_fontsize=9, **LEGEND)
    return plots.describe(fig, "Training loss falls to almost nothing; validation loss falls at first, turns, and climbs to several times its lowest.")


def two_losses(runs: Mapping[str, Sequence[float]]) -> Figure:
    """Training losses over the epochs, on a logarithmic axis: name → one number an epoch."""
    fig, ax = plt.subplots()
    for (name, losses), color, dash in zip(runs.items(), COLORS, DASHES, strict=False):
        ax.plot(np.arange(len(losses)), losses, color=color, linestyle=dash, label=name)
    ax.axhline(np.log(10), color="0.6", linewidth=1, linestyle=":")
    ax.text(0.98, np.log(10) * 1.1, "ln 10: knows nothing", color="0.35", ha="right", fontsize=9, transform=ax.get_yaxis_transform())
    ax.set(yscale="log", xlabel="epoch", ylabel="training loss (nats)", title="The same code, the same digits, two curves")
    ax.legend()
    return plots.describe(fig, "Two loss curves: one falls evenly from ln 10, the other shoots up far above it and comes down slowly.")
