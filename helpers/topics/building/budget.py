"""What depth and width cost, and how far a stack of convolutions sees."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from helpers import plots
from helpers.data import mnist1d
from helpers.plots import BLUE, GREEN, ORANGE, VERMILION, Scene, quiet_title

LENGTH, CLASSES, PLACES, KERNEL = 40, 10, 5, 3
PARAMETERS, MULTIPLY_ADDS = 3_000, 50_000


@dataclass(frozen=True)
class Cost:
    """What a stack costs: numbers to learn, multiply-adds an example, and numbers kept an example for the way back."""

    parameters: int
    multiply_adds: int
    kept: int


def cost(depth: int, width: int, halve_behind: int) -> Cost:
    """Of depth convolutions of one width (kernel 3, bias, ReLU) on series (1, 40), a mean over 5 stretches, a linear layer.

    halve_behind : int
        The layer that moves by two places; 0 or more than depth: none does.
    """
    parameters = multiply_adds = kept = 0
    channels, places = 1, LENGTH
    for layer in range(1, depth + 1):
        if layer == halve_behind:
            places //= 2
        parameters += width * (channels * KERNEL + 1)
        multiply_adds += width * channels * KERNEL * places
        kept += width * places
        channels = width
    flat = width * PLACES
    return Cost(parameters + CLASSES * (flat + 1), multiply_adds + CLASSES * flat, kept + flat)


def budget() -> Scene:
    """Depth against width, with the two lines of equal cost. Controls: depth, width, halve (behind which layer)."""
    fig, (ax, bars) = plt.subplots(1, 2, figsize=(7.2, 3.0), width_ratios=[3, 2])
    depths = np.arange(1, 13)
    lines = {"parameters": ax.plot([], [], color=BLUE, marker="o", markersize=3, label=f"{PARAMETERS:,} parameters")[0],
             "multiply_adds": ax.plot([], [], color=ORANGE, linestyle="--", marker="s", markersize=3, label=f"{MULTIPLY_ADDS:,} multiply-adds")[0]}
    (here,) = ax.plot([], [], color=VERMILION, marker="D", markersize=9, linestyle="none", label="your network")
    ax.set(xlim=(0.5, 12.5), ylim=(2, 300), yscale="log", xlabel="depth (convolutions)", ylabel="width (channels)", yticks=[2, 10, 50, 250], yticklabels=["2", "10", "50", "250"])
    ax.minorticks_off()
    quiet_title(ax, "Two budgets, two lines")
    ax.legend(fontsize=8, loc="upper right").set_zorder(1.5)
    quiet_title(bars, "Share of the budget")
    drawn = bars.barh(range(2), [0, 0], color=[BLUE, ORANGE], height=0.5)
    bars.axvline(1, color="#555555", linestyle=":")
    bars.set(xlim=(0, 2), xticks=[0, 1, 2], xticklabels=["0", "all", "twice"], yticks=range(2), yticklabels=["param-\neters", "multiply-\nadds"], ylim=(1.6, -0.6))
    widths = np.unique(np.geomspace(2, 300, 120).astype(int))
    tables = {h: {name: np.array([[getattr(cost(int(d), int(w), h), name) for w in widths] for d in depths]) for name in lines} for h in range(13)}

    def draw(depth: int, width: float, halve: int) -> tuple[str, bool]:
        w = round(width)
        found = cost(depth, w, halve)
        for (name, line), limit in zip(lines.items(), (PARAMETERS, MULTIPLY_ADDS), strict=True):
            fits = tables[halve][name] <= limit
            line.set_data(depths, np.where(fits.any(1), widths[fits.sum(1) - 1], np.nan))
        here.set_data([depth], [w])
        for bar, value in zip(drawn, (found.parameters / PARAMETERS, found.multiply_adds / MULTIPLY_ADDS), strict=True):
            bar.set_width(min(value, 2))
        words = (f"{depth} convolution{'s' * (depth > 1)} of {w} channels: {found.parameters:,} parameters, {found.multiply_adds:,} multiply-adds an example; "
                 f"a batch of 100 keeps {400 * found.kept / 1e6:.1f} MB for the way back.")
        return words, depth >= 4 and w >= 15 and found.parameters <= PARAMETERS and found.multiply_adds <= MULTIPLY_ADDS

    return draw, fig


@dataclass(frozen=True)
class Window:
    """The window of one output: its width, and how many ways lead from each of its numbers to the output (sum 1)."""

    width: int
    ways: np.ndarray


def window(depth: int, kernel: int, doubling: bool) -> Window:
    """Of a stack of convolutions of stride 1; with doubling, layer k has a dilation of 2ᵏ, else of 1."""
    ways = np.ones(1)
    for layer in range(depth):
        step = 2**layer if doubling else 1
        comb = np.zeros(step * (kernel - 1) + 1)
        comb[::step] = 1 / kernel
        ways = np.convolve(ways, comb)
    return Window(len(ways), ways)


def window_scene() -> Scene:
    """A series, the window of its middle output and the ways through it. Controls: depth, kernel, doubling, example."""
    x, y = mnist1d(60, 0, 0).train
    series = [x[(y == k).nonzero()[0, 0], 0].numpy() for k in range(10)]
    fig, (top, low) = plt.subplots(2, 1, figsize=(7.2, 3.2), sharex=True)
    (line,) = top.plot(np.arange(LENGTH), series[0], color=BLUE, marker="o", markersize=3)
    span = top.axvspan(0, 1, color=ORANGE, alpha=0.3)
    top.set(xlim=(-0.5, LENGTH - 0.5), ylim=(-4, 4), ylabel="series", yticks=[-3, 0, 3])
    quiet_title(top, "One output's window, and how its numbers reach it")
    bars = low.bar(np.arange(LENGTH), np.zeros(LENGTH), color=GREEN)
    low.set(ylim=(0, 0.36), xlabel="place", ylabel="share of ways", yticks=[0, 0.1, 0.2, 0.3])

    def draw(depth: int, kernel: int, doubling: bool, example: int) -> tuple[str, bool]:
        found = window(depth, kernel, doubling)
        half = found.width // 2
        line.set_ydata(series[example])
        span.set_x(max(20 - half, -0.5) - 0.5)
        span.set_width(min(found.width, LENGTH))
        for place, bar in enumerate(bars):
            i = place - 20 + half
            bar.set_height(found.ways[i] if 0 <= i < found.width else 0.0)
        middle = found.ways[found.width // 3:found.width - found.width // 3].sum()
        words = (f"{depth} layer{'s' * (depth > 1)} of kernel {kernel}{', dilation doubling' if doubling else ''}: a window of {found.width} numbers; "
                 f"its middle third holds {middle:.0%} of the ways.")
        return words, depth <= 4 and kernel == 3 and found.width >= 31

    return draw, fig


def ten_shapes() -> tuple[plt.Figure, str]:
    """A still: for each class its shape, and one series of the data made from it."""
    from helpers.data.mnist1d import shapes

    x, y = mnist1d(60, 0, 0).train
    fig, axes = plt.subplots(2, 10, figsize=(7.2, 2.0), sharex="row", sharey="row")
    for k in range(10):
        axes[0, k].plot(shapes()[k], color=plots.BLACK)
        axes[1, k].plot(x[(y == k).nonzero()[0, 0], 0], color=BLUE)
        axes[0, k].set_title(str(k), fontsize=9, loc="center")
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    fig.suptitle("Ten shapes, and series made from them", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return fig, "Above, ten short curves, one a class; below, for each a series of 40 numbers in which the curve lies somewhere on a tilted, wavy ground."
