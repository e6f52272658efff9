"""Figures of one layer: a matrix product cell by cell, and a neuron forward and back."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers import plots
from helpers.topics.concepts.scenes import Draw


def matrix_product(x: np.ndarray, W: np.ndarray) -> tuple[Draw, Figure]:
    """The table x @ W.T, cell by cell. Controls: example (row of x, from 1), unit (row of W, from 1).

    Parameters
    ----------
    x : (N, D), one example a row;  W : (H, D), one unit a row

    The target is the greatest cell of the product.
    """
    out = x @ W.T
    fig, axes = plt.subplots(1, 3, figsize=(8, 2.9), width_ratios=(x.shape[1], x.shape[1], W.shape[0] + 1))
    names = (("x: one example a row", x, "example"), ("W: one unit a row", W, "unit"), ("x @ W.T", out, "example"))
    frames: list[Rectangle] = []
    for ax, (title, table, row) in zip(axes, names, strict=True):
        n, d = table.shape
        for i, j in np.ndindex(n, d):
            ax.text(j, i, f"{table[i, j]:g}".replace("-", "−"), ha="center", va="center", fontsize=12)
        ax.set(xlim=(-0.6, d - 0.4), ylim=(len(x) - 0.4, -0.6), aspect="equal", xticks=[], yticks=range(n))
        ax.set_yticklabels([f"{row} {i + 1}" for i in range(n)])
        ax.tick_params(length=0)
        ax.grid(False)
        ax.spines[:].set_visible(False)
        plots.quiet_title(ax, title)
        wide = 1 if table is out else d
        color, dash = ((plots.BLUE, "-"), (plots.VERMILION, "--"), (plots.GREEN, "-"))[len(frames)]
        frames.append(Rectangle((-0.5, -0.5), wide, 1, fill=False, edgecolor=color, linestyle=dash, linewidth=2.5))
        ax.add_patch(frames[-1])
    axes[2].set_xticks(range(len(W)), [f"unit {i + 1}" for i in range(len(W))])
    axes[2].xaxis.tick_top()

    def draw(example: int, unit: int) -> tuple[str, bool]:
        i, j = example - 1, unit - 1
        frames[0].set_y(i - 0.5)
        frames[1].set_y(j - 0.5)
        frames[2].set_xy((j - 0.5, i - 0.5))
        products = " + ".join(f"{a:g}·{b:g}" if b >= 0 else f"{a:g}·({b:g})" for a, b in zip(x[i], W[j], strict=True)).replace("-", "−")
        answer = f"{out[i, j]:g}".replace("-", "−")
        return f"Example {example} and unit {unit}: {products} = {answer}.", bool(out[i, j] == out.max())

    return draw, fig


@dataclass(frozen=True)
class Backward:
    """One neuron at one point, forward and back.

    Attributes
    ----------
    z, p, loss : float
        Forward.
    dp, dz, dw1, dw2, db : float
        The slope of the loss in each.
    nudged : float
        The slope in w1 by finite differences.
    """

    z: float
    p: float
    loss: float
    dp: float
    dz: float
    dw1: float
    dw2: float
    db: float
    nudged: float


def backward(x: np.ndarray, y: int, w1: float, w2: float, b: float, eps: float = 1e-5) -> Backward:
    """One neuron with cross-entropy at one point x (2,) of class y (0 or 1), by hand."""
    def loss_of(first: float) -> float:
        z = first * x[0] + w2 * x[1] + b
        return float(np.logaddexp(0, -z if y else z))

    z = float(w1 * x[0] + w2 * x[1] + b)
    p = float(1 / (1 + np.exp(-z)))
    dp, dz = (-1 / p, p - 1) if y else (1 / (1 - p), p)
    return Backward(z, p, loss_of(w1), dp, dz, dz * x[0], dz * x[1], dz, (loss_of(w1 + eps) - loss_of(w1 - eps)) / (2 * eps))


def neuron_graph(x: np.ndarray, y: int) -> tuple[Draw, Figure]:
    """One neuron at one point as a graph: a value above each edge, the loss's slope below it. Controls: w1, w2, b.

    The target is a slope nearer to 0 than 0.05 in each parameter.
    """
    fig, ax = plt.subplots(figsize=(8.6, 2.9))
    ax.set(xlim=(-0.5, 9.4), ylim=(-0.5, 2.9))
    ax.axis("off")
    w1, w2, times_x1, times_x2, bias, add, squeeze, log, out = (
        (0, 2.4), (0, 1.2), (2, 2.4), (2, 1.2), (2, 0), (4.4, 1.2), (6.3, 1.2), (8.2, 1.2), (9.3, 1.2))
    boxes = {w1: "$w_1$", w2: "$w_2$", times_x1: f"× {x[0]:.2f}", times_x2: f"× {x[1]:.2f}", bias: "$b$", add: "+", squeeze: "σ",
             log: "−ln p" if y else "−ln (1−p)"}
    for place, text in boxes.items():
        ax.text(*place, text, ha="center", va="center", bbox={"boxstyle": "round,pad=0.4", "facecolor": "0.94", "edgecolor": plots.BLACK})
    edges = [(w1, times_x1, ""), (w2, times_x2, ""), (times_x1, add, ""), (times_x2, add, ""), (bias, add, ""), (add, squeeze, "z"),
             (squeeze, log, "p"), (log, out, "L")]
    above, below = [], []
    for start, end, name in edges:
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "0.5", "shrinkA": 22, "shrinkB": 0 if end == out else 22})
        part = 0.72 if end == out else 0.36 if end == add else 0.5
        across, up = np.array(start) + part * np.subtract(end, start)
        lean = 0.2 * np.sign(start[1] - end[1])         # clear of a sloping edge
        above.append(ax.text(across + lean, up + 0.1, "", ha="center", va="bottom", color=plots.BLUE))
        below.append(ax.text(across - lean, up - 0.1, "", ha="center", va="top", color=plots.VERMILION))
        ax.text(across, up + 0.55, name, ha="center", color=plots.BLACK)
    plots.quiet_title(ax, "Values forward (blue, above); slopes of the loss back (orange, below)")

    def draw(w1: float, w2: float, b: float) -> tuple[str, bool]:
        at = backward(x, y, w1, w2, b)
        values = (w1, w2, w1 * x[0], w2 * x[1], b, at.z, at.p, at.loss)
        slopes = (at.dw1, at.dw2, at.dz, at.dz, at.db, at.dz, at.dp, 1.0)
        for part, numbers in ((above, values), (below, slopes)):
            for text, number in zip(part, numbers, strict=True):
                text.set_text(f"{number:.2f}".replace("-", "−"))
        words = (f"The class is {y}, p = {at.p:.2f}, the loss {at.loss:.2f} nats. Slope in w₁: {at.dw1:.3f} by the graph, "
                 f"{at.nudged:.3f} by a nudge; in w₂: {at.dw2:.3f}; in b: {at.db:.3f}.").replace("-", "−")
        return words, max(abs(at.dw1), abs(at.dw2), abs(at.db)) < 0.05

    return draw, fig
