"""The figures to play with of the lesson on pictures: slices of errors, a looking glass for three models, the winner's curse."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import PolyCollection

from helpers import plots
from helpers.lesson.promises import measured
from helpers.models import FastCNN
from helpers.topics.evaluation import maps
from helpers.topics.evaluation.intervals import wilson
from helpers.topics.evaluation.slices import N_SLICES, error_rates
from helpers.widgets.steps import Step

#: The maps that the looking glass shows.
METHODS: dict[str, maps.Map] = {"saliency": maps.saliency, "gradient × input": maps.input_times_gradient, "Grad-CAM, late": maps.grad_cam,  # type: ignore[dict-item]
                                "Grad-CAM, early": maps.early_cam, "occlusion": maps.occlusion}  # type: ignore[dict-item]
GLASS_STEPS = [
    Step("Model A, a three. Occlusion: bright where covering a square costs the answer most.", {"model": "A", "picture": 3, "method": "occlusion"},
         ask=("Where is the bright part?", ["on the digit", "on the mark at the edge"], 0), light=1),
    Step("Model C, the same picture, the same method.", {"model": "C", "picture": 3, "method": "occlusion"},
         ask=("And now?", ["on the digit", "on the mark at the edge"], 1), light=1),
    Step("Model C through late Grad-CAM, whose maps have 6×6 places.", {"model": "C", "picture": 3, "method": "Grad-CAM, late"},
         ask=("In most pictures its peak lies …", ["on the mark", "elsewhere"], 1), light=1),
    Step("Model B, occlusion again. Go through the pictures, and compare with A.", {"model": "B", "picture": 3, "method": "occlusion"},
         ask=("Can these maps tell A from B?", ["clearly", "hardly"], 1), light=1),
]


def slice_viewer(slices: Mapping[str, np.ndarray], wrong: np.ndarray, losses: np.ndarray, pictures: torch.Tensor, by_chance: np.ndarray) -> plots.Scene:
    """Controls: kind (of slice), place (0 … 9). The target: the worst slice of all.

    Parameters
    ----------
    slices : kind → int (N,)
    wrong, losses : bool, float (N,)
    pictures : float32 (N, 1, H, W)
    by_chance : (n,)
        The worst error rate of all slices when errors are dealt by chance.
    """
    rates = {kind: error_rates(place, wrong) for kind, place in slices.items()}
    worst = max((float(r.max()), kind, int(r.argmax())) for kind, r in rates.items())
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(9.0, 3.3), width_ratios=(1, 1.15))
    bars = PolyCollection([], edgecolor=plots.BLUE, linewidth=1)
    ax.add_collection(bars, autolim=False)
    ends = ax.vlines(np.arange(N_SLICES), 0, 0, color=plots.BLACK, linewidth=1.5)
    ax.axhline(float(np.percentile(by_chance, 95)), color=plots.VERMILION, linestyle="--", linewidth=1.5, label="the worst slice, by chance (95th percentile)")
    ax.axhline(float(wrong.mean()), color="0.5", linewidth=1, label="all pictures")
    top = max(0.3, 1.15 * worst[0])
    ax.set(xlim=(-0.6, N_SLICES - 0.4), ylim=(0, top), xticks=range(N_SLICES), xlabel="slice", ylabel="error rate (line: 95 % interval)")
    ax.legend(fontsize=8, frameon=True, loc="upper left")
    plots.quiet_title(ax, "Errors by slice")
    side = pictures.shape[-1]
    page = bx.imshow(np.zeros((2 * side, 5 * side)), cmap="gray", vmin=0, vmax=1)
    plots.picture_frame(bx, "Greatest losses of the slice")

    def draw(kind: str, place: int) -> tuple[str, bool]:
        rate, here = rates[kind], slices[kind] == place
        bars.set_verts([[(j - 0.4, 0), (j - 0.4, r), (j + 0.4, r), (j + 0.4, 0)] for j, r in enumerate(rate)])
        bars.set_facecolor([plots.ORANGE if j == place else plots.SKY for j in range(N_SLICES)])
        counts = np.bincount(slices[kind], minlength=N_SLICES)
        ends.set_segments([[(j, low), (j, high)] for j in range(N_SLICES) for low, high in [wilson(rate[j] * counts[j], max(int(counts[j]), 1))]])
        tops = np.flatnonzero(here)[np.argsort(-losses[here], kind="stable")][:10]
        sheet = np.zeros((10, side, side))
        sheet[:len(tops)] = pictures[tops, 0].numpy()
        page.set_data(sheet.reshape(2, 5, side, side).transpose(0, 2, 1, 3).reshape(2 * side, 5 * side))
        name = f"the digit {place}" if kind == "digit" else f"tenth {place} by {kind} (0: least)"
        return (f"{name[0].upper()}{name[1:]}: {measured(wrong[here].sum(), '.0f')} errors in {here.sum()} pictures, a rate of {measured(rate[place], '.2f')}; "
                f"all pictures: {measured(wrong.mean(), '.2f')}."), (kind, place) == worst[1:]

    return draw, fig


def looking_glass(models: Mapping[str, FastCNN], x: torch.Tensor, y: torch.Tensor) -> plots.Scene:
    """Controls: model, picture (0 … 9), method (of METHODS). The target: model C looking at the mark, by occlusion.

    Parameters
    ----------
    x, y : float32 (10, 1, 28, 28), int64 (10,)
    """
    found = {(name, method): make(model, x, y).numpy() for name, model in models.items() for method, make in METHODS.items()}
    with torch.no_grad():
        sure = {name: model(x).softmax(1).numpy() for name, model in models.items()}
    fig, (ax, bx, cx) = plt.subplots(1, 3, figsize=(9.2, 3.2))
    seen = ax.imshow(np.zeros((28, 28)), cmap="gray", vmin=0, vmax=1)
    heat = bx.imshow(np.zeros((28, 28)), cmap="viridis", vmin=0, vmax=1)
    (line,) = bx.plot([], [], ".", color="white", markersize=2, alpha=0.6)
    plots.picture_frame(ax, "What the scanner gave")
    plots.picture_frame(bx, "Where it looks (dots: ink)")
    steps = cx.stairs(np.zeros(10), np.arange(11) - 0.5, fill=True, color=plots.BLUE)
    cx.set(xlim=(-0.5, 9.5), ylim=(0, 1.02), xticks=range(10), xlabel="digit", ylabel="probability")
    plots.quiet_title(cx, "What it says")

    def draw(model: str, picture: int, method: str) -> tuple[str, bool]:
        m = found[model, method][picture]
        seen.set_data(x[picture, 0].numpy())
        heat.set_data(m)
        rows, columns = np.nonzero(x[picture, 0].numpy() > 0.2)
        line.set_data(columns, rows)
        p = sure[model][picture]
        steps.set_data(p)
        row, column = np.unravel_index(int(m.argmax()), m.shape)
        return (f"Model {model}, a {int(y[picture])}, {method}: brightest at row {measured(int(row), '.0f')}, column {measured(int(column), '.0f')} of 28. "
                f"It says {measured(int(p.argmax()), '.0f')} with {measured(p.max(), '.2f')}."), model == "C" and method == "occlusion"

    return draw, fig


def curse(gaps: Mapping[int, np.ndarray]) -> plots.Scene:
    """Controls: m (networks tried), n (validation pictures). The target: a winner that promises 5 points too much, on average.

    Parameters
    ----------
    gaps : n → (n_repeats, n_networks)
        As :func:`helpers.topics.evaluation.search.winners_curse` gives them.
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(9.0, 3.2))
    edges = np.linspace(-15, 20, 36)
    bars = ax.stairs(np.zeros(35), edges, fill=True, color=plots.SKY)
    middle = ax.axvline(0, color=plots.VERMILION, linewidth=2, linestyle="--")
    ax.axvline(0, color="k", linewidth=1)
    ax.set(xlim=(-15, 20), ylim=(0, 0.6), xlabel="promised minus kept (points; dashed: mean)", ylabel="share of searches")
    plots.quiet_title(ax, "The winner of each search")
    counts = np.arange(1, next(iter(gaps.values())).shape[1] + 1)
    (line,) = bx.plot([], [], color=plots.BLUE)
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=8)
    bx.axhline(0, color="k", linewidth=1)
    bx.set(xscale="log", xlim=(1, counts[-1]), ylim=(-2, 12), xlabel="networks tried", ylabel="promised too much (points)")
    plots.quiet_title(bx, "Mean over the searches")

    def draw(m: int, n: int) -> tuple[str, bool]:
        g = 100 * gaps[n][:, m - 1]
        bars.set_data(np.histogram(np.clip(g, -15, 19.9), edges)[0] / len(g))
        middle.set_xdata([g.mean()] * 2)
        line.set_data(counts, 100 * gaps[n].mean(0))
        dot.set_data([m], [g.mean()])
        return (f"The best of {m} on {n} validation pictures: on average it promises {measured(g.mean(), '.1f')} points more than it keeps, "
                f"over {len(g)} searches."), bool(g.mean() >= 5)

    return draw, fig
