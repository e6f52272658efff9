"""The figures to play with of the lesson on smaller and faster networks: rounding, cutting, the roofline."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.optimisation.faster import Layer, Roof
from helpers.topics.optimisation.smaller import large, masks_of, round_to_bits
from helpers.widgets.steps import Step

BITS = (8, 7, 6, 5, 4, 3, 2)
ROUND_STEPS = [
    Step("Eight bits: 255 levels. A rounded weight can hardly be told from its own.", {"bits": 8},
         ask=("What will the accuracy do?", ["stay", "fall by ten points"], 0), light=0),
    Step("Four bits: fifteen levels, one scale for the whole layer.", {"bits": 4}, light=0),
    Step("Two bits: −s, 0 and s. Most weights have become 0.", {"bits": 2},
         ask=("Why 0?", ["the scale is set by the largest weight", "the weights were small by chance"], 0), light=0),
    Step("Two bits, and each filter has a scale of its own.", {"bits": 2, "scale": "one a filter"}, light=1),
]


def rounding(model: nn.Module, scores: Mapping[tuple[int, bool], float], sizes: Mapping[tuple[int, bool], float]) -> plots.Scene:
    """Controls: bits, scale ("one a layer", "one a filter"). The target: the fewest bytes within two points of float32.

    Parameters
    ----------
    scores, sizes : (bits, per_channel) → validation accuracy, bytes
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.2))
    w = large(model)[2].detach()
    flat = w.flatten().numpy()
    few = np.random.default_rng(0).permutation(len(flat))[:300]         # as many dots as the eye can tell apart
    (dots,) = ax.plot([], [], ".", color=plots.BLUE, markersize=3)
    ends = 1.05 * np.abs(flat).max()
    ax.plot([-ends, ends], [-ends, ends], color="0.7", linewidth=1)
    ax.set(xlim=(-ends, ends), ylim=(-ends, ends), xlabel="weight", ylabel="weight after rounding")
    plots.quiet_title(ax, "Weights of one layer (300 of them)")
    for per, color, style in ((False, plots.BLUE, "o-"), (True, plots.VERMILION, "s--")):
        bx.plot(BITS, [100 * scores[b, per] for b in BITS], style, color=color, label="one scale a filter" if per else "one scale a layer")
    (here,) = bx.plot([], [], "D", color=plots.BLACK, markersize=10, markerfacecolor="none", markeredgewidth=2)
    bx.set(ylim=(0, 103), xlabel="bits a weight", ylabel="validation accuracy (%)")
    bx.invert_xaxis()
    bx.legend(fontsize=8, frameon=True, loc="lower left")
    plots.quiet_title(bx, "Accuracy over bits")
    rounded = {}
    for b, per in itertools.product(BITS, (False, True)):
        codes, scales = round_to_bits(w, b, per)
        rounded[b, per] = (codes * scales).flatten().numpy()
    good = [key for key in scores if scores[key] >= scores[8, False] - 0.02]
    fewest = min(good, key=lambda key: sizes[key])

    def draw(bits: int, scale: str) -> tuple[str, bool]:
        key = (bits, scale == "one a filter")
        dots.set_data(flat[few], rounded[key][few])
        here.set_data([bits], [100 * scores[key]])
        zero = float((rounded[key] == 0).mean())
        return (f"{bits} bits, {scale}: accuracy {measured(100 * scores[key], '.1f')} %, {sizes[key]:,.0f} bytes; "
                f"{measured(100 * zero, '.0f')} % of this layer's weights are 0."), key == fewest

    return draw, fig


def cutting(model: nn.Module, found: Mapping[str, Mapping[float, float]]) -> plots.Scene:
    """Controls: share, way. The target: the largest share that a way keeps within three points of the whole network.

    Parameters
    ----------
    found : way → share → validation accuracy; the share 0 is among them.
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.2))
    w = large(model)[2].detach()
    shown = w.flatten(1)[:32, :144]
    limit = float(shown.abs().max())
    picture = ax.imshow(np.zeros(shown.shape), cmap=plots.DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    plots.picture_frame(ax, "A layer's weights; white: cut")
    shares = list(next(iter(found.values())))
    for (way, scores), color, style in zip(found.items(), plots.COLORS, ("o:", "s-", "D--"), strict=False):
        bx.plot([100 * s for s in shares], [100 * scores[s] for s in shares], style, color=color, label=way)
    (here,) = bx.plot([], [], "o", color=plots.BLACK, markersize=13, markerfacecolor="none", markeredgewidth=2)
    bx.set(ylim=(0, 103), xlabel="weights that are cut (%)", ylabel="validation accuracy (%)")
    bx.legend(fontsize=8, frameon=True, loc="lower left")
    plots.quiet_title(bx, "Accuracy over what is cut")
    whole_net = max(scores[0.0] for scores in found.values())
    good = [s for scores in found.values() for s in shares if scores[s] >= whole_net - 0.03]
    pictures = {s: (shown * masks_of([w], s)[0].flatten(1)[:32, :144]).numpy() for s in shares}

    def draw(share: float, way: str) -> tuple[str, bool]:
        picture.set_data(pictures[share])
        score = found[way][share]
        here.set_data([100 * share], [100 * score])
        return f"{100 * share:.0f} % of the weights cut, {way}: accuracy {measured(100 * score, '.1f')} %.", bool(share == max(good) and score >= whole_net - 0.03)

    return draw, fig


def roofline(roof: Roof, found: Sequence[Layer]) -> plots.Scene:
    """Controls: layer, batch. The target: the layer and batch with the most operations a second."""
    fig, ax = plt.subplots(figsize=(7.2, 3.5))
    x = np.geomspace(0.05, 500, 200)
    ax.plot(x, [roof.limit(v) / 1e9 for v in x], color=plots.BLACK, label="roof: memory, then arithmetic")
    for name, color, marker in (("convolution", plots.BLUE, "o"), ("dense", plots.VERMILION, "s"), ("ReLU", plots.GREEN, "^")):
        mine = [layer for layer in found if layer.name == name]
        ax.plot([m.intensity for m in mine], [m.n_flops / m.ms / 1e6 for m in mine], marker, color=color, label=name)
    (here,) = ax.plot([], [], "D", color=plots.BLACK, markersize=13, markerfacecolor="none", markeredgewidth=2)
    ax.set(xscale="log", yscale="log", xlabel="operations a byte", ylabel="billion operations a second")
    ax.legend(fontsize=8, frameon=True, loc="lower right")
    plots.quiet_title(ax, "The roof of this machine, and three layers under it")
    speed = {(m.name, m.batch): m.n_flops / m.ms / 1e6 for m in found}
    top = max(speed, key=lambda k: speed[k])

    def draw(layer: str, batch: int) -> tuple[str, bool]:
        one = next(m for m in found if (m.name, m.batch) == (layer, batch))
        here.set_data([one.intensity], [speed[layer, batch]])
        part = 1e9 * speed[layer, batch] / roof.limit(one.intensity)
        return (f"{layer}, {batch} at once: {measured(one.intensity, '.1f')} operations a byte, {measured(speed[layer, batch], '.1f')} billion a second, "
                f"{measured(100 * part, '.0f')} % of the roof; {measured(1000 * one.ms / batch, '.1f')} µs an example."), (layer, batch) == top

    return draw, fig


def size_map(rows: Mapping[str, tuple[float, float, float]]) -> Figure:
    """Accuracy against bytes, the milliseconds of one answer in the legend: name → (accuracy, bytes, ms)."""
    fig, ax = plt.subplots(figsize=(7.0, 4.0))
    for (name, (accuracy, size, ms)), marker, color in zip(rows.items(), "osD^vP*Xh", (*plots.COLORS, plots.SKY, plots.ORANGE, "0.4", "0.6"), strict=False):
        ax.scatter(size, 100 * accuracy, s=90, marker=marker, color=color, label=f"{name}, {ms:.2f} ms")
    ax.set(xscale="log", xlabel="bytes", ylabel="validation accuracy (%)")
    ax.legend(fontsize=8, frameon=True)
    ax.set_title("Accuracy, bytes and time are three questions")
    said = "; ".join(f"{name}: {measured(100 * a, '.1f')} %, {measured(b, '.0f')} bytes, {measured(ms, '.2f')} ms" for name, (a, b, ms) in rows.items())
    return plots.describe(fig, f"Accuracy against bytes, and milliseconds of one answer. {said}.")


def softened(logits: torch.Tensor, temperature: float) -> np.ndarray:
    """Softmax of logits (K,) at a temperature."""
    return (logits / temperature).softmax(0).numpy()
