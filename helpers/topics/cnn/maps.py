"""Scenes with a network in them: its feature maps, and shifted digits. A scene builds a figure and gives ``(draw, fig)``."""

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

#: Layers whose windows we know; any other must keep the size of the map, as ReLU and batch normalisation do.
_SPATIAL = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, nn.ZeroPad2d)
_NAMES = {"Conv2d": "convolution", "MaxPool2d": "pooling", "AvgPool2d": "pooling", "ZeroPad2d": "padding", "BatchNorm2d": "normalisation"}


def layers_of(model: nn.Module) -> list[nn.Module]:
    """The layers of a network in order: of an nn.Sequential, or of what its ``features`` holds.

    Raises
    ------
    TypeError
        If the model is neither.
    """
    for found in (model, getattr(model, "features", None)):
        if isinstance(found, nn.Sequential):
            return list(found)
    raise TypeError(f"feature maps are read layer by layer: give an nn.Sequential, or a model whose .features is one; got {type(model).__name__}")


def layer_outputs(model: nn.Module, x: torch.Tensor) -> list[tuple[str, torch.Tensor]]:
    """What each layer of pictures gives for x (N, 1, H, W): names and detached (N, C, H', W') tensors.

    It ends before the first layer that gives no pictures (Flatten), or of which no window is known (AdaptiveMaxPool2d).

    Raises
    ------
    TypeError
        As :func:`layers_of`.
    ValueError
        If a layer does not take what comes before it, or the first one gives no pictures.
    """
    found: list[tuple[str, torch.Tensor]] = []
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            for i, layer in enumerate(layers_of(model), 1):
                before = x.shape
                try:
                    x = layer(x)
                except Exception as error:
                    raise ValueError(f"layer {i} ({type(layer).__name__}) does not take pictures of shape {tuple(before)}: {error}") from error
                if not isinstance(x, torch.Tensor) or x.ndim != 4 or (not isinstance(layer, _SPATIAL) and x.shape[2:] != before[2:]):
                    break
                found.append((f"{i} {_NAMES.get(type(layer).__name__, type(layer).__name__)}", x))
    finally:
        model.train(was_training)
    if not found:
        raise ValueError(f"the first layer, {type(layers_of(model)[0]).__name__}, gives no pictures (N, C, H, W): there are no feature maps to show")
    return found


def layer_names(model: nn.Module, x: torch.Tensor) -> list[str]:
    """The names that :func:`layer_outputs` gives, for a choice."""
    return [name for name, _ in layer_outputs(model, x[:1])]


def _first(value: int | tuple[int, ...] | str) -> int:
    return int(value[0] if isinstance(value, tuple) else value)


def windows(model: nn.Module) -> list[tuple[int, int, float]]:
    """For each layer up to the flattening: width of an output's window in the input, step, left end of the first window."""
    width, step, left = 1, 1, 0
    found: list[tuple[int, int, float]] = []
    for layer in layers_of(model):
        if isinstance(layer, nn.Flatten):
            break
        if isinstance(layer, nn.ZeroPad2d):
            left -= _first(layer.padding) * step
        elif isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
            dilation = _first(getattr(layer, "dilation", 1))
            k, s, p = dilation * (_first(layer.kernel_size) - 1) + 1, _first(layer.stride), _first(layer.padding)
            width, left, step = width + (k - 1) * step, left - p * step, step * s
        found.append((width, step, float(left)))
    return found


def table(model: nn.Module, x: torch.Tensor) -> list[tuple[str, str, int]]:
    """Name, shape of the map ``C × H × W`` and width of the window, for each layer that changes one of the two."""
    rows: list[tuple[str, str, int]] = []
    for (name, maps), (width, _, _) in zip(layer_outputs(model, x), windows(model), strict=False):
        shape = " × ".join(f"{n:2}" for n in maps.shape[1:])
        if not rows or (shape, width) != rows[-1][1:]:
            rows.append((name, shape, width))
    return rows


def choosy_and_dead(layers: nn.Module, x: torch.Tensor, y: torch.Tensor, n: int = 9, often: int = 6) -> tuple[int, int]:
    """How many channels have one digit at least so often among their n favourites, and how many answer nothing above 0.

    Parameters
    ----------
    layers : nn.Module
        Takes x (N, 1, H, W), gives maps (N, C, H', W').
    y : (N,) labels from 0 to 9
    """
    with torch.inference_mode():
        peaks = layers(x).amax((2, 3))                                                      # (N, C)
    best = y[peaks.topk(n, dim=0).indices]                                                  # (n, C)
    commonest = F.one_hot(best, 10).sum(0).amax(1)                                          # (C,)
    answered = (peaks > 0).sum(0) >= n
    return int(((commonest >= often) & answered).sum()), int((peaks.amax(0) <= 0).sum())


def slope_share(kernels: torch.Tensor) -> torch.Tensor:
    """How much of each kernel (K, k, k) is a plain slope from left to right or from top to bottom: (K,), 0 to 1.

    The share of its squared length that lies in the plane of the two slopes; a random kernel has 2/k² on average.
    """
    k = kernels.shape[-1]
    ramp = (torch.arange(k, dtype=kernels.dtype) - (k - 1) / 2).expand(k, k)
    slopes = torch.stack([ramp, ramp.T]).flatten(1)
    slopes = slopes / slopes.norm(dim=1, keepdim=True)                                      # two directions, at a right angle
    flat = kernels.flatten(1)
    return (flat @ slopes.T).square().sum(1) / flat.square().sum(1)


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


def feature_maps(model: nn.Module | Mapping[str, nn.Module], x: torch.Tensor, y: torch.Tensor) -> Scene:
    """The maps of one picture, layer by layer, and what excites a channel most among all pictures x (N, 1, H, W) with labels y.

    Controls: digit (place in x), layer (its name, see :func:`layer_names`), channel (from 1); and network (a name), if
    model is a mapping of names to networks with the same layers.

    Raises
    ------
    TypeError, ValueError
        As :func:`layer_outputs`; or if two networks have different layers.
    """
    networks = dict(model) if isinstance(model, Mapping) else {"": model}
    everything = {key: layer_outputs(net, x) for key, net in networks.items()}
    seen_by = {key: windows(net) for key, net in networks.items()}
    tops_of = {key: [maps.flatten(2).max(2) for _, maps in outputs] for key, outputs in everything.items()}     # once: 1,000 maps are many
    first_key, *others = networks
    names = [name for name, _ in everything[first_key]]
    for key in others:
        if [name for name, _ in everything[key]] != names:
            raise ValueError(f"the networks to compare need the same layers; {first_key!r} has {', '.join(names)}, {key!r} others")
    edge = x.shape[-1]
    fig, places = plt.subplot_mosaic([["digit", "all", "one"], ["crops"] * 3], figsize=(7.2, 3.7), height_ratios=[2.6, 1])
    digit_picture = places["digit"].imshow(np.zeros((edge, edge)), cmap="gray", vmin=0, vmax=1)
    mosaic, one = (places[name].imshow(np.zeros((2, 2)), extent=(0, 1, 0, 1), cmap="viridis") for name in ("all", "one"))
    strip = places["crops"].imshow(np.zeros((1, 9)), extent=(0, 9, 0, 1), cmap=plt.get_cmap("gray").with_extremes(bad="#c8dcea"), vmin=0, vmax=1)
    places["crops"].vlines(range(1, 9), 0, 1, color="white", linewidth=7)
    places["crops"].vlines(range(1, 9), 0, 1, color="#999999", linewidth=0.6)
    box, frame = (Rectangle((0, 0), 1, 1, fill=False, edgecolor=VERMILION, linewidth=2) for _ in range(2))
    places["digit"].add_patch(box)
    places["all"].add_patch(frame)
    for ax, title in zip(places.values(), ("digit, one unit's window", "all channels", "one channel", "what excites this channel most, in nine digits"), strict=True):
        picture_frame(ax, title)

    def draw(digit: int, layer: str, channel: int, network: str = first_key) -> tuple[str, bool]:
        place = names.index(layer)
        outputs, seen, tops = everything[network], seen_by[network], tops_of[network]
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
        likes = f"Its nine favourites: {' '.join(map(str, labels))}." if alive else "It has no nine favourites: fewer than nine digits get an answer above 0."
        best = int(maps.max((1, 2)).argmax())
        where = f"{network.capitalize()} network, layer" if network else "Layer"
        words = (f"{where} {layer}: {n} channels of {h}×{w}; a unit's window is {width}×{width} pixels. Channel {c + 1}{' (the last)' * (channel > n)} "
                 f"answers up to {measured(float(maps[c].max()), '.2f')} here; the strongest, channel {measured(str(best + 1))}, "
                 f"up to {measured(float(maps.max()), '.2f')}. {measured(likes)}")
        return words, network == first_key and alive and place >= 3 and max(labels.count(label) for label in labels) >= 6

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
