"""Scenes of windows: the kernel editor, sizes and windows, equivariance. A scene builds a figure and gives ``(draw, fig)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from helpers import plots
from helpers.data import photograph
from helpers.plots import GREEN, VERMILION, Scene, picture_frame, quiet_title, text_path
from helpers.topics.cnn.windows import walk
from helpers.widgets import Step

PHOTOS = ("camera", "brick", "coins", "chelsea")
_BLUR, _ACROSS = (0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1), (-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0)
#: The kernel editor in four stages: one weight, a mean, a difference, and the same on a wall.
KERNEL_STEPS = [
    Step("One weight of 1 in the middle: the answer is the photograph itself.", {"kernel": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0), "photo": "camera"}, light=2,
         ask=("About equal weights everywhere, 1 in all: what will the answer look like?", ["brighter", "blurred", "outlined"], 1)),
    Step("A mean of nine pixels: a blur. The weights sum to 1, so even areas keep their brightness.", {"kernel": _BLUR}, light=2),
    Step("Minus above, plus below: the weights sum to 0, so even areas give 0, and only changes from top to bottom show.", {"kernel": _ACROSS}, light=1,
         ask=("Which joints will it draw on a brick wall?", ["the horizontal ones", "the vertical ones", "both"], 0)),
    Step("On the wall the horizontal joints stand out, the vertical ones are nearly gone.", {"kernel": _ACROSS, "photo": "brick"}, light=2),
]
SHIFT_LAYERS = ("stride 1, zeros around", "stride 1, wrapped around", "stride 2, wrapped around", "max pooling 2×2")
#: Equivariance in three stages.
SHIFT_STEPS = [
    Step("Wrapped around, stride 1: every place is treated alike, and the two orders agree.", {"dx": 3, "layer": SHIFT_LAYERS[1]}, light=2,
         ask=("With zeros around the picture, where will they differ?", ["near the borders", "everywhere"], 0)),
    Step("Zeros around: thin lines at the borders, and where the old borders went.", {"dx": 3, "layer": SHIFT_LAYERS[0]}, light=2),
    Step("Stride 2, moved by 3: T would have to move the map by one place and a half.", {"dx": 3, "layer": SHIFT_LAYERS[2]}, light=2,
         ask=("For which moves can stride 2 be exact?", ["odd ones", "even ones", "none"], 1)),
]


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


def _product(x: int, y: int, weight: float, pixel: float) -> Path:
    """``weight×pixel`` centred on (x, y), where y points down."""
    text = f"{weight:g}×" + f"{pixel:.2f}".removeprefix("0") if weight else "0"
    return text_path(text, 0.2, x, y + 0.07, centred=True, down=True)


def kernel_editor(size: int = 104) -> Scene:
    """A photograph, a 3×3 kernel and what comes of them, in one place number by number.

    Controls: photo, column and row (the place of the window's middle, from 1 to size - 2), kernel (KernelGrid).
    """
    photos = {name: photograph(name, size) for name in PHOTOS}
    fig, axes = plt.subplots(1, 3, figsize=(6.8, 2.7), width_ratios=[3, 2, 3])
    before = axes[0].imshow(photos["camera"], cmap="gray", vmin=0, vmax=1)
    grid = axes[1].pcolormesh(np.arange(4) - 0.5, np.arange(4) - 0.5, np.zeros((3, 3)), cmap=plots.DIVERGING, vmin=-3, vmax=3)   # drawn sooner than an image
    axes[1].set(aspect="equal", ylim=(2.5, -0.5))
    after = axes[2].imshow(np.zeros((size - 2, size - 2)), cmap=plots.DIVERGING, extent=(0.5, size - 1.5, size - 1.5, 0.5))
    numbers = {color: PathPatch(text_path("", 1), color=color, linewidth=0) for color in ("black", "white")}
    for patch in numbers.values():
        axes[1].add_patch(patch)
    summed = axes[1].text(1, 2.6, "", ha="center", va="top")
    window = Rectangle((0, 0), 3, 3, fill=False, edgecolor=VERMILION, linewidth=1.5)
    place = Rectangle((0, 0), 5, 5, fill=False, edgecolor=GREEN, linewidth=1.5)     # wide enough not to cover the answer in its middle
    axes[0].add_patch(window)
    axes[2].add_patch(place)
    for ax, title in zip(axes, ("photograph", "weight × pixel", "answer"), strict=True):
        picture_frame(ax, title)
    axes[2].set(xlim=axes[0].get_xlim(), ylim=axes[0].get_ylim())       # a pixel's answer stands where the pixel stands

    shown = ""

    def draw(kernel: Sequence[float], photo: str, column: int, row: int) -> tuple[str, bool]:
        nonlocal shown
        w = np.array(kernel, np.float32).reshape(3, 3)
        result = correlate(photos[photo], w)
        pixels = photos[photo][row - 1:row + 2, column - 1:column + 2]
        answer_here = float((w * pixels).sum())
        total = round(float(w.sum()), 2) + 0.0
        if photo != shown:                  # else the photograph, too, would be painted anew at each move
            before.set_data(photos[photo])
            shown = photo
        grid.set_array(w)
        after.set_data(result)
        summed.set_text(f"sum {answer_here:.2f}")
        if total == 1:                      # even areas keep their brightness: the answer is a photograph again
            after.set(cmap="gray", clim=(0, 1))
        else:
            end = max(float(np.abs(result).max()), 0.1)
            after.set(cmap=plots.DIVERGING, clim=(-end, end))
        window.set_xy((column - 1.5, row - 1.5))
        place.set_xy((column - 2.5, row - 2.5))
        for color, patch in numbers.items():
            cells = [(j, i, w[i, j], pixels[i, j]) for i in range(3) for j in range(3) if (abs(w[i, j]) > 1.8) == (color == "white")]
            patch.set_path(Path.make_compound_path(*(_product(*cell) for cell in cells)) if cells else text_path("", 1))
        upright, level = edge_answers(w)
        words = (f"The weights sum to {total:.1f}. Answer to a vertical edge: {upright:.1f}; to a horizontal edge: {level:.1f}. "
                 f"In the orange window the nine products of weight and pixel sum to {answer_here:.2f}.")
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
                for i in sorted(seen[layer] - ghosts):              # a zero laid around depends on nothing
                    for k in range(kernel):
                        j = i * stride - padding + k * dilation
                        if -padding <= j < sizes[layer - 1] + padding:
                            seen[layer - 1].add(j)
                            segments.append([(places[layer][0] + pitch * i, layer), (places[layer - 1][0] + below * j, layer - 1)])
        cells.set_offsets(offsets)
        cells.set_facecolor(colors)
        cells.set_edgecolor(edges)
        lines.set_segments(segments)
        real = [i for i in seen[0] if 0 <= i < n]
        width = walk([(kernel, stride, dilation)] * (len(sizes) - 1))
        words = (f"Sizes {' → '.join(map(str, sizes))}. One output of layer {len(sizes) - 1} looks through a window of {width} "
                 f"input cell{'s' * (width != 1)} by the rule, and reads {len(real)} of them here.")
        if len(sizes) - 1 < layers:
            words = f"Layer {len(sizes)} cannot be built: its window spans {span} cells and finds only {sizes[-1] + 2 * padding}. " + words
        return words, kernel == 3 and len(sizes) - 1 == layers <= 3 and len(real) > 0 and max(real) - min(real) + 1 >= 15

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
