"""Chapter 02: pictures and scenes. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from helpers import plots
from helpers.data import photograph
from helpers.plots import BLUE, VERMILION, picture_frame, quiet_title
from helpers.promises import measured

Scene = tuple[Callable[..., Any], Figure]
PHOTOS = ("camera", "brick", "coins", "chelsea")


def correlate(picture: np.ndarray | torch.Tensor, kernel: np.ndarray | torch.Tensor, **settings: Any) -> np.ndarray:
    """F.conv2d for one (H, W) picture and one (kh, kw) kernel, as a float32 array."""
    x, w = (torch.as_tensor(a, dtype=torch.float32)[None, None] for a in (picture, kernel))
    return F.conv2d(x, w, **settings)[0, 0].numpy()


def shift(x: torch.Tensor, dx: int, dy: int = 0) -> torch.Tensor:
    """Images (…, H, W) moved dx pixels right and dy down; zeros come in at the border, what leaves is lost."""
    return F.pad(x, (dx, -dx, dy, -dy))


def edge_answers(kernel: np.ndarray) -> tuple[float, float]:
    """How far the answer swings across a sharp vertical edge, and across a sharp horizontal one (brightness 0 to 1)."""
    card = np.zeros((8, 8), np.float32)
    card[:, 4:] = 1
    return float(np.ptp(correlate(card, kernel))), float(np.ptp(correlate(card.T.copy(), kernel)))


def kernel_editor(size: int = 104) -> Scene:
    """A photograph, a 3×3 kernel and what comes of them. Controls: kernel (KernelGrid), photo."""
    photos = {name: photograph(name, size) for name in PHOTOS}
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.9), width_ratios=[3, 2, 3])
    before = axes[0].imshow(photos["camera"], cmap="gray", vmin=0, vmax=1)
    grid = axes[1].imshow(np.zeros((3, 3)), cmap=plots.DIVERGING, vmin=-3, vmax=3)
    after = axes[2].imshow(np.zeros((size - 2, size - 2)), cmap=plots.DIVERGING)
    numbers = [axes[1].text(j, i, "", ha="center", va="center") for i in range(3) for j in range(3)]
    for ax, title in zip(axes, ("photograph", "kernel", "answer: red > 0, blue < 0"), strict=True):
        picture_frame(ax, title)

    def draw(kernel: Sequence[float], photo: str) -> tuple[str, bool]:
        w = np.array(kernel, np.float32).reshape(3, 3)
        result = correlate(photos[photo], w)
        before.set_data(photos[photo])
        grid.set_data(w)
        end = max(float(np.abs(result).max()), 0.1)
        after.set_data(result)
        after.set_clim(-end, end)
        for text, weight in zip(numbers, w.flat, strict=True):
            text.set(text=f"{weight:g}" if weight else "0", color="white" if abs(weight) > 1.8 else "black")
        total = round(float(w.sum()), 2) + 0.0
        upright, level = edge_answers(w)
        words = f"The weights sum to {total:.1f}. Answer to a vertical edge: {upright:.1f}; to a horizontal edge: {level:.1f}."
        return words, abs(total) < 0.01 and upright >= 2.99 and level < 0.01

    return draw, fig


def window_cells() -> Scene:
    """Rows of cells, a layer above the other, and the window of one output. Controls: n, kernel, stride, padding, dilation, layers."""
    fig, ax = plt.subplots(figsize=(7.2, 3.3))
    cells = ax.scatter([], [], s=95, marker="s", linewidths=0.8, zorder=3)
    lines = LineCollection([], colors="#999999", linewidths=0.8, zorder=2)
    ax.add_collection(lines)
    ax.set(xlim=(-3, 27), ylim=(-0.5, 4.5), yticks=range(5), yticklabels=["input", *(f"layer {i}" for i in range(1, 5))],
           xlabel="place in the input (cells)")
    quiet_title(ax, "Each output looks through a window, and windows add up")
    ax.grid(False)

    def draw(n: int, kernel: int, stride: int, padding: int, dilation: int, layers: int) -> tuple[str, bool]:
        sizes, jump, start = [n], 1.0, 0.0
        places: list[np.ndarray] = [np.arange(n, dtype=float)]
        span = dilation * (kernel - 1) + 1
        for _ in range(layers):
            if sizes[-1] + 2 * padding < span:
                break
            start += jump * (dilation * (kernel - 1) / 2 - padding)
            sizes.append((sizes[-1] + 2 * padding - span) // stride + 1)
            jump *= stride
            places.append(start + jump * np.arange(sizes[-1]))
        seen: list[set[int]] = [set() for _ in sizes]
        seen[-1] = {sizes[-1] // 2}
        segments, offsets, colors, edges = [], [], [], []
        for layer in range(len(sizes) - 1, -1, -1):
            pitch = places[layer][1] - places[layer][0] if sizes[layer] > 1 else 1.0
            ghosts = set(range(-padding, 0)) | set(range(sizes[layer], sizes[layer] + padding)) if layer < len(sizes) - 1 else set()
            for i in sorted(set(range(sizes[layer])) | ghosts):
                offsets.append((places[layer][0] + pitch * i, layer))
                colors.append(VERMILION if i in seen[layer] else "white" if i in ghosts else "#c8dcea")
                edges.append("#aaaaaa" if i in ghosts else "#555555")
            if layer:
                below = places[layer - 1][1] - places[layer - 1][0] if sizes[layer - 1] > 1 else 1.0
                for i in sorted(seen[layer]):
                    for k in range(kernel):
                        j = i * stride - padding + k * dilation
                        if -padding <= j < sizes[layer - 1] + padding:
                            seen[layer - 1].add(j)
                            segments.append([(places[layer][0] + pitch * i, layer), (places[layer - 1][0] + below * j, layer - 1)])
        cells.set_offsets(offsets)
        cells.set_facecolor(colors)
        cells.set_edgecolor(edges)
        lines.set_segments(segments)
        window = max(seen[0]) - min(seen[0]) + 1
        words = f"Sizes {' → '.join(map(str, sizes))}. One output of layer {len(sizes) - 1} looks through a window of {window} input cells."
        if len(sizes) - 1 < layers:
            words = f"Layer {len(sizes)} cannot be built: its window spans {span} cells and finds only {sizes[-1] + 2 * padding}. " + words
        return words, kernel == 3 and len(sizes) - 1 == layers <= 3 and window >= 15

    return draw, fig


def shift_test(size: int = 96) -> Scene:
    """Filter the moved photograph, move the filtered one, compare. Controls: dx, layer."""
    photo = torch.as_tensor(photograph("camera", size))[None, None]
    kernel = torch.tensor([[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]])[None, None]
    layers: dict[str, tuple[Callable[[torch.Tensor], torch.Tensor], int]] = {
        "stride 1, zeros around": (lambda x: F.conv2d(x, kernel, padding=1), 1),
        "stride 1, wrapped around": (lambda x: F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), kernel), 1),
        "stride 2, wrapped around": (lambda x: F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), kernel, stride=2), 2),
        "max pooling 2×2": (lambda x: F.max_pool2d(x, 2), 2),
    }
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    pictures = []
    for ax, title in zip(axes, ("move, then layer", "layer, then move", "difference"), strict=True):
        pictures.append(ax.imshow(np.zeros((2, 2)), extent=(0, 1, 0, 1), cmap=plots.DIVERGING, vmin=-2, vmax=2))
        picture_frame(ax, title)

    def draw(dx: int, layer: str) -> tuple[str, bool]:
        f, stride = layers[layer]
        one = f(torch.roll(photo, dx, 3))
        two = torch.roll(f(photo), round(dx / stride + 1e-9), 3)
        for picture, a in zip(pictures, (one, two, one - two), strict=True):
            picture.set_data(a[0, 0].numpy())
        gap = float((one - two).abs().max())
        share = float(((one - two).abs() > 1e-5).float().mean())
        words = f"Moved by {dx}: the two orders differ by at most {gap:.1f}, in {share:.0%} of the places."
        return words, stride == 2 and dx > 0 and gap < 1e-5

    return draw, fig


def layer_outputs(model: nn.Sequential, x: torch.Tensor) -> list[tuple[str, torch.Tensor]]:
    """What each layer up to the flattening gives for x (N, 1, H, W): names and detached (N, C, H', W') tensors."""
    found: list[tuple[str, torch.Tensor]] = []
    with torch.inference_mode():
        for layer in model:
            x = layer(x)
            if x.ndim != 4:
                break
            kind = {"Conv2d": "convolution", "MaxPool2d": "pooling"}.get(type(layer).__name__, type(layer).__name__)
            found.append((f"{len(found) + 1} {kind}", x))
    return found


def windows(model: nn.Sequential) -> list[tuple[int, int, float]]:
    """For each layer up to the flattening: width of an output's window in the input, step, left end of the first window."""
    width, step, left, found = 1, 1, 0, []
    for layer in model:
        if isinstance(layer, nn.Flatten):
            break
        if isinstance(layer, (nn.Conv2d, nn.MaxPool2d)):
            k, s, p = (int(v[0] if isinstance(v, tuple) else v) for v in (layer.kernel_size, layer.stride, layer.padding))
            width, left, step = width + (k - 1) * step, left - p * step, step * s
        found.append((width, step, float(left)))
    return found


def feature_maps(model: nn.Sequential, x: torch.Tensor) -> Scene:
    """The maps of one digit, layer by layer. Controls: digit (place in x), layer (its name), channel (from 1)."""
    outputs, seen = layer_outputs(model, x), windows(model)
    names = [name for name, _ in outputs]
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.6))
    digit_picture = axes[0].imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1)
    mosaic = axes[1].imshow(np.zeros((2, 2)), extent=(0, 1, 0, 1), cmap="viridis")
    one = axes[2].imshow(np.zeros((2, 2)), extent=(0, 1, 0, 1), cmap="viridis")
    box = axes[0].add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=VERMILION, linewidth=2))
    frame = axes[1].add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=VERMILION, linewidth=2))
    for ax, title in zip(axes, ("digit, one unit's window", "all channels", "one channel"), strict=True):
        picture_frame(ax, title)

    def draw(digit: int, layer: str, channel: int) -> tuple[str, bool]:
        place = names.index(layer)
        maps = outputs[place][1][digit].numpy()
        n, h, w = maps.shape
        c, columns = (channel - 1) % n, math.ceil(math.sqrt(n))
        tiles = np.full((columns * (h + 1), columns * (w + 1)), np.nan, np.float32)
        for i in range(n):
            top, left = i // columns * (h + 1), i % columns * (w + 1)
            tiles[top:top + h, left:left + w] = maps[i]
        digit_picture.set_data(x[digit, 0].numpy())
        mosaic.set_data(tiles)
        one.set_data(maps[c])
        for picture in (mosaic, one):
            picture.set_clim(maps.min(), max(float(maps.max()), float(maps.min()) + 1e-6))
        frame.set_bounds(c % columns / columns, 1 - (c // columns + 1) / columns, 1 / columns, 1 / columns)
        top, left = np.unravel_index(int(maps[c].argmax()), (h, w))
        width, step, first = seen[place]
        box.set_bounds(first + left * step - 0.5, first + top * step - 0.5, width, width)
        best = int(maps.max((1, 2)).argmax())
        peak = float(maps[c].max())
        words = (f"Layer {layer}: {n} channels of {h}×{w}; a unit's window is {width}×{width} pixels. Channel {c + 1} "
                 f"answers {measured(peak, '.2f')} at most, the strongest channel {measured(float(maps.max()), '.2f')}.")
        return words, c == best and place >= 3

    return draw, fig


def shifted_digit(models: Mapping[str, nn.Module], x: torch.Tensor, y: torch.Tensor) -> Scene:
    """One digit, moved, before two networks. Controls: digit (place in x), dx, dy (pixels)."""
    fig, axes = plt.subplots(1, 1 + len(models), figsize=(7.2, 2.8), width_ratios=[1.2, *[1] * len(models)])
    picture = axes[0].imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1)
    picture_frame(axes[0], "the digit")
    bars, titles = [], []
    for ax, (name, color) in zip(axes[1:], zip(models, (BLUE, VERMILION), strict=False), strict=True):
        bars.append(ax.barh(range(10), np.zeros(10), color=color))
        ax.set(xlim=(0, 1), yticks=range(10), ylim=(9.6, -0.6), xlabel="probability")
        titles.append((name, ax.set_title(name)))

    def draw(digit: int, dx: int, dy: int) -> tuple[str, bool]:
        moved = shift(x[digit:digit + 1], dx, dy)
        picture.set_data(moved[0, 0].numpy())
        said = {}
        for (name, title), bar, model in zip(titles, bars, models.values(), strict=True):
            with torch.inference_mode():
                probs = model(moved).softmax(1)[0].numpy()
            for rectangle, p in zip(bar, probs, strict=True):
                rectangle.set_width(float(p))
            said[name] = int(probs.argmax())
            title.set_text(f"{name} says {said[name]}")
        truth = int(y[digit])
        answers = ", ".join(f"the {name} says {measured(str(a))}" for name, a in said.items())
        return f"A {truth}, moved {dx} right and {dy} down: {answers}.", said["MLP"] != truth and said["CNN"] == truth

    return draw, fig


def smoothed_series(years: np.ndarray, numbers: np.ndarray) -> Scene:
    """A yearly series and its moving average. Control: width (years)."""
    fig, ax = plt.subplots(figsize=(7.2, 2.6))
    plots.curve(ax, numbers, x=years, label="sunspots a year", color="#999999")
    (line,) = ax.plot([], [], color=VERMILION, label="moving average")
    ax.set(xlabel="year", ylabel="sunspots", xlim=(years[0], years[-1]), ylim=(0, 230))
    quiet_title(ax, "An average over enough years flattens the cycle")
    ax.legend(loc="upper left", ncols=2).set_zorder(1.5)

    def draw(width: int) -> tuple[str, bool]:
        smooth = np.convolve(numbers, np.full(width, 1 / width), "valid")
        line.set_data(years[0] + (width - 1) / 2 + np.arange(len(smooth)), smooth)
        change = float(np.abs(np.diff(smooth)).mean())
        raw = float(np.abs(np.diff(numbers)).mean())
        return f"Over {width} years: from one year to the next it changes by {change:.2f} on average (unsmoothed: {raw:.2f}).", width <= 12 and change < 2.2

    return draw, fig
