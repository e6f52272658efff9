"""Chapter 02: scenes with a network in them. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import math
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle
from torch import nn

from helpers.lesson.promises import measured
from helpers.plots import BLUE, VERMILION, Scene, picture_frame
from helpers.topics.cnn.scenes import shift


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


def favourites(x: torch.Tensor, maps: torch.Tensor, channel: int, window: tuple[int, int, float], n: int = 9) -> tuple[torch.Tensor, np.ndarray]:
    """Which images excite a channel most, and what its unit saw there.

    Parameters
    ----------
    x : (N, 1, H, W) images;  maps : (N, C, H', W'), what a layer gives for them
    window : width, step and left end of the first window, as in :func:`windows`
    n : int
        How many images; at most N.

    Returns
    -------
    images : (n,) places in x, the strongest answer first
    crops : float32 (n, width, width), each image's strongest window; NaN beyond the edge of the image
    """
    return strongest(x, *maps[:, channel].flatten(1).max(1), maps.shape[3], window, n)


def strongest(x: torch.Tensor, peaks: torch.Tensor, places: torch.Tensor, w: int, window: tuple[int, int, float],
              n: int = 9) -> tuple[torch.Tensor, np.ndarray]:
    """What :func:`favourites` gives, from each image's peak and its place (N,) in a map w wide."""
    width, step, first = window
    images = peaks.topk(n).indices
    wide = F.pad(x[images, 0], (width,) * 4, value=float("nan")).numpy()
    corners = [(int(first) + width + step * int(place // w), int(first) + width + step * int(place % w)) for place in places[images]]
    return images, np.stack([picture[i:i + width, j:j + width] for picture, (i, j) in zip(wide, corners, strict=True)])


def feature_maps(model: nn.Sequential, x: torch.Tensor, y: torch.Tensor) -> Scene:
    """The maps of one digit, layer by layer, and what excites a channel most among all digits x (N, 1, 28, 28) with labels y.

    Controls: digit (place in x), layer (its name), channel (from 1).
    """
    outputs, seen = layer_outputs(model, x), windows(model)
    tops = [maps.flatten(2).max(2) for _, maps in outputs]      # once, not at each move: 1,000 maps are many
    names = [name for name, _ in outputs]
    fig, places = plt.subplot_mosaic([["digit", "all", "one"], ["crops"] * 3], figsize=(7.2, 3.7), height_ratios=[2.6, 1])
    digit_picture = places["digit"].imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1)
    mosaic, one = (places[name].imshow(np.zeros((2, 2)), extent=(0, 1, 0, 1), cmap="viridis") for name in ("all", "one"))
    strip = places["crops"].imshow(np.zeros((1, 9)), extent=(0, 9, 0, 1), cmap=plt.get_cmap("gray").with_extremes(bad="#c8dcea"), vmin=0, vmax=1)
    places["crops"].vlines(range(1, 9), 0, 1, color="white", linewidth=7)
    places["crops"].vlines(range(1, 9), 0, 1, color="#999999", linewidth=0.6)
    box, frame = (Rectangle((0, 0), 1, 1, fill=False, edgecolor=VERMILION, linewidth=2) for _ in range(2))
    places["digit"].add_patch(box)
    places["all"].add_patch(frame)
    for ax, title in zip(places.values(), ("digit, one unit's window", "all channels", "one channel", "what excites this channel most, in nine test digits"), strict=True):
        picture_frame(ax, title)

    def draw(digit: int, layer: str, channel: int) -> tuple[str, bool]:
        place = names.index(layer)
        maps = outputs[place][1][digit].numpy()
        n, h, w = maps.shape
        c, columns = min(channel, n) - 1, math.ceil(math.sqrt(n))
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
        peaks = tops[place].values[:, c]
        images, crops = strongest(x, peaks, tops[place].indices[:, c], w, seen[place])
        alive = bool(peaks[images[-1]] > 0)
        strip.set_data(np.concatenate(crops, 1) if alive else np.full((width, 9 * width), np.nan))
        labels = y[images].tolist()
        likes = f"Its nine favourites: {' '.join(map(str, labels))}." if alive else "It has no nine favourites: fewer than nine test digits get an answer above 0."
        best = int(maps.max((1, 2)).argmax())
        words = (f"Layer {layer}: {n} channels of {h}×{w}; a unit's window is {width}×{width} pixels. Channel {c + 1}{' (the last)' * (channel > n)} "
                 f"answers up to {measured(float(maps[c].max()), '.2f')} here; the strongest, channel {measured(str(best + 1))}, "
                 f"up to {measured(float(maps.max()), '.2f')}. {measured(likes)}")
        return words, alive and place >= 3 and max(labels.count(label) for label in labels) >= 6

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
        return f"A {truth}, moved {dx} right and {dy} down: {answers}.", (dx, dy) != (0, 0) and said["MLP"] != truth and said["CNN"] == truth

    return draw, fig
