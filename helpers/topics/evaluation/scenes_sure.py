"""The figures to play with of the lesson on numbers: a threshold and its costs, coverage counted, power, a temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import PolyCollection

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.evaluation.intervals import Interval, ends_of, exact_coverage, pictures_needed, power
from helpers.topics.evaluation.readers import Cast
from helpers.topics.evaluation.scores import judge_logits, roc_points
from helpers.widgets.steps import Step

THRESHOLD_STEPS = [
    Step("Logistic regression at a threshold of 0.5: some eights (vermilion) lie left of the line and are missed.",
         {"model": "logistic regression", "threshold": 0.5}, ask=("Which way must the line move to miss fewer?", ["to the left", "to the right"], 0), light=0),
    Step("At 0.1 it misses fewer, and calls more other digits an eight. The point runs along its ROC curve.",
         {"model": "logistic regression", "threshold": 0.1}, ask=("What does the curve itself do?", ["it moves too", "it stays"], 1), light=1),
    Step("The nearest neighbour says only 0 or 1.", {"model": "nearest neighbour", "threshold": 0.5},
         ask=("How many corners has its ROC curve between the ends?", ["one", "a hundred"], 0), light=1),
    Step("Now a miss costs 20 times as much as a false alarm.", {"model": "logistic regression", "threshold": 0.1, "cost": 20},
         ask=("Where does the cheapest threshold go?", ["down", "up"], 0), light=2),
]
#: What a miss costs in the task of the threshold.
TASK_COST = 20


def thresholds(cast: Cast) -> plots.Scene:
    """Controls: model, threshold, cost (of a miss, in false alarms). The target: the cheapest way at a cost of TASK_COST, any model."""
    grid, y = np.linspace(0, 1, 101), cast.y
    said = {name: s[:, None] >= np.maximum(grid, 1e-9) for name, s in cast.scores.items()}        # (N, 101): a score of 0 is never a yes
    misses = {name: (y[:, None] & ~s).sum(0) for name, s in said.items()}
    alarms = {name: (~y[:, None] & s).sum(0) for name, s in said.items()}
    curves = {name: roc_points(s, y) for name, s in cast.scores.items()}
    least = min(int((TASK_COST * misses[name] + alarms[name]).min()) for name in misses)
    fig, (ax, bx, cx) = plt.subplots(1, 3, figsize=(9.6, 3.1))
    edges = np.linspace(0, 1, 26)
    bars = [ax.stairs(np.zeros(25), edges, fill=True, color=color, alpha=0.6, linestyle=dash, label=label)
            for color, dash, label in ((plots.BLUE, "-", "another digit"), (plots.VERMILION, "--", "an eight"))]
    line = ax.axvline(0.5, color="k", linewidth=2)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability of yes", ylabel="share of the class")
    ax.legend(fontsize=8, frameon=True, loc="upper center")
    plots.quiet_title(ax, "Scores and threshold")
    bx.plot([0, 1], [0, 1], color="0.7", linewidth=1, linestyle=":")
    (roc,) = bx.plot([], [], color=plots.BLUE)
    (dot,) = bx.plot([], [], "D", color=plots.BLACK, markersize=8)
    bx.set(xlim=(-0.02, 1), ylim=(0, 1.03), xlabel="false positive rate", ylabel="true positive rate (recall)")
    plots.quiet_title(bx, "ROC")
    (costs,) = cx.plot([], [], color=plots.BLUE)
    (here,) = cx.plot([], [], "D", color=plots.BLACK, markersize=8)
    cx.set(xlim=(0, 1), ylim=(30, 6000), yscale="log", xlabel="threshold", ylabel="cost of 1,000 pictures")
    plots.quiet_title(cx, "Cost")

    def draw(model: str, threshold: float, cost: int) -> tuple[str, bool]:
        i = round(100 * threshold)
        for group, truth in zip(bars, (~y, y), strict=True):
            group.set_data(np.histogram(cast.scores[model][truth], edges)[0] / truth.sum())
        line.set_xdata([threshold, threshold])
        roc.set_data(*curves[model])
        miss, alarm = misses[model], alarms[model]
        dot.set_data([alarm[i] / (~y).sum()], [1 - miss[i] / y.sum()])
        total = (cost * miss + alarm) * 1000 / len(y)
        costs.set_data(grid, total)
        here.set_data([threshold], [total[i]])
        return (f"{model.capitalize()} at {threshold:.2f}: of {y.sum()} eights it misses {measured(miss[i], '.0f')}, of {(~y).sum()} others it takes "
                f"{measured(alarm[i], '.0f')} for eights. Cost {measured(total[i], '.0f')} a thousand pictures; at this cost of a miss its cheapest threshold "
                f"costs {measured(total.min(), '.0f')}."), bool(cost == TASK_COST and cost * miss[i] + alarm[i] <= 1.02 * least)

    return draw, fig


#: How many intervals the coverage counter draws.
SHOWN = 60


def coverage_counter(kinds: Mapping[str, Interval], sizes: Sequence[int]) -> plots.Scene:
    """Controls: kind, p (the true accuracy), n (of sizes). The target: an interval that promises 95 % and keeps less than 70.

    Parameters
    ----------
    kinds : name → interval
        The reader's own may be among them.
    """
    grid = np.linspace(0.5, 0.999, 200)
    tables = {(name, n): ends_of(interval, n) for name, interval in kinds.items() for n in sizes}
    curves = {key: exact_coverage(ends, grid) for key, ends in tables.items()}
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(9.2, 3.4))
    rows = np.arange(SHOWN)
    held_lines, lost_lines = ax.hlines(rows, 0, 0, color=plots.BLUE, linewidth=1.5), ax.hlines(rows, 0, 0, color=plots.VERMILION, linewidth=3)
    true = ax.axvline(0.9, color="k", linewidth=1.5)
    ax.set(xlim=(0.3, 1.05), ylim=(-1, SHOWN), yticks=[], xlabel="accuracy (black: the true one)")
    plots.quiet_title(ax, f"{SHOWN} tests, an interval each")
    (curve,) = bx.plot([], [], color=plots.BLUE, linewidth=1)
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=8)
    bx.axhline(0.95, color="k", linestyle="--", linewidth=1)
    bx.set(xlim=(0.5, 1), ylim=(0.3, 1.01), xlabel="true accuracy", ylabel="coverage (dashed: promised)")
    plots.quiet_title(bx, "How often the promise is kept")

    def draw(kind: str, p: float, n: int) -> tuple[str, bool]:
        ends = tables[kind, n]
        k = np.random.default_rng(0).binomial(n, p, 1000)
        low, high = ends[k].T
        held = (low <= p) & (p <= high)
        for lines, chosen in ((held_lines, held[:SHOWN]), (lost_lines, ~held[:SHOWN])):
            lines.set_segments([[(low[i], i), (high[i], i)] for i in np.flatnonzero(chosen)])
        true.set_xdata([p, p])
        curve.set_data(grid, curves[kind, n])
        share = float(held.mean())
        dot.set_data([p], [share])
        return (f"{kind}, {n} pictures, true accuracy {p:.3f}: of 1,000 intervals {measured(1000 * share, '.0f')} hold it; 950 are promised. "
                f"Mean width {measured(float((high - low).mean()), '.3f')}."), share < 0.7

    return draw, fig


def power_counter() -> plots.Scene:
    """Controls: n (pictures), better (the better model's accuracy), shared (share of its errors that the other makes too); the other has 98 %.

    The target: for 98.5 % and half of the errors shared, a number of pictures with a power of 80 to 85 %.
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(9.2, 3.2))
    edges = np.linspace(-2.05, 3.45, 56)        # measured differences lie on whole tenths
    lost = ax.stairs(np.zeros(55), edges, fill=True, color="0.75", label="not told apart")
    found = ax.stairs(np.zeros(55), edges, fill=True, color=plots.BLUE, label="told apart (p < 0.05)")
    gap = ax.axvline(0.5, color=plots.VERMILION, linewidth=1.5, linestyle="--")
    ax.set(xlim=(-2, 3.5), ylim=(0, 500), xlabel="measured difference (points; dashed: the true one)", ylabel="of 1,000 tests")
    ax.legend(fontsize=8, frameon=True)
    plots.quiet_title(ax, "1,000 tests of the same two models")
    ns = np.geomspace(100, 30000, 25)
    (curve,) = bx.plot([], [], color=plots.BLUE)
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=8)
    bx.axhline(0.8, color="k", linestyle="--", linewidth=1)
    bx.set(xscale="log", xlim=(100, 30000), ylim=(0, 1.02), xlabel="test pictures", ylabel="power (dashed: 0.8)")
    plots.quiet_title(bx, "Share of tests that tell them apart")
    known: dict[tuple[float, float], np.ndarray] = {}

    def draw(n: int, better: float, shared: float) -> tuple[str, bool]:
        differences, p_values = power(int(n), 0.98, better / 100, shared)
        if (better, shared) not in known:
            from scipy.stats import norm
            needed = pictures_needed(0.98, better / 100, shared)
            known[better, shared] = norm.cdf(np.sqrt(ns / needed) * (1.959964 + 0.8416) - 1.959964)
        sure = p_values < 0.05
        sizes = np.histogram(np.clip(100 * differences, -2, 3.4), edges)[0], np.histogram(np.clip(100 * differences[sure], -2, 3.4), edges)[0]
        lost.set_data(sizes[0])
        found.set_data(sizes[1])
        gap.set_xdata([better - 98] * 2)
        curve.set_data(ns, known[better, shared])
        share = float(sure.mean())
        dot.set_data([n], [share])
        wrong = float((differences < 0).mean())
        return (f"98 against {better:.1f} %, {int(n):,} pictures, {shared:.0%} of the errors shared: {measured(100 * share, '.0f')} of 100 tests tell the two apart; "
                f"in {measured(100 * wrong, '.0f')} of 100 the worse model comes out ahead."), better == 98.5 and abs(shared - 0.5) < 0.02 and 0.8 <= share <= 0.85

    return draw, fig


#: The temperatures and kinds of noise of the calibration's figure.
TEMPERED_STEPS = [
    Step("The CNN as it was trained: the wide bars stand above the diagonal.", {"reader": "CNN"},
         ask=("Then it is …", ["more often right than it says", "less often right than it says"], 0), light=0),
    Step("A temperature of 0.5 sharpens its probabilities: the bars come to the diagonal.", {"reader": "CNN", "temperature": 0.5},
         ask=("How many answers does that change?", ["none", "some"], 0), light=0),
    Step("The same temperature on pictures with grey noise.", {"reader": "CNN", "temperature": 0.5, "noise": 0.4},
         ask=("What is it now?", ["over-confident", "under-confident"], 0), light=0),
    Step("The perceptron, trained on few pictures, starts on the other side of the diagonal.", {"reader": "perceptron"},
         ask=("Which temperature mends it?", ["below 1", "above 1"], 1), light=1),
]


def recalibration(logits: Mapping[str, Mapping[float, torch.Tensor]], y: torch.Tensor) -> plots.Scene:
    """Controls: reader, temperature, noise. The target: an ECE of at most 0.025 for the CNN on clean pictures.

    Parameters
    ----------
    logits : reader → noise → float32 (N, K)
        Of validation pictures: a temperature is a choice.
    """
    temperatures = np.geomspace(0.3, 4, 27)
    first = next(iter(logits))
    losses = {(name, noise): [judge_logits(z, y, float(t)).log_loss for t in temperatures] for name, byte in logits.items() for noise, z in byte.items()}
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.4))
    ax.plot([0, 1], [0, 1], color="k", linestyle="--", linewidth=1)
    bars = PolyCollection([], facecolor=plots.SKY, edgecolor=plots.BLUE, linewidth=1)
    ax.add_collection(bars, autolim=False)
    (middles,) = ax.plot([], [], "o", color=plots.VERMILION, markersize=5, label="mean confidence")
    ax.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="confidence", ylabel="share right in the bin")
    ax.legend(fontsize=8, frameon=True, loc="upper left")
    plots.quiet_title(ax, "Reliability (wider bar: more pictures)")
    (curve,) = bx.plot([], [], color=plots.BLUE)
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=8)
    bx.set(xscale="log", xlim=(0.3, 4), ylim=(0, 4), xlabel="temperature", ylabel="log loss (nats)")
    bx.set_xticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
    bx.minorticks_off()
    plots.quiet_title(bx, "Log loss over the temperature")

    def draw(reader: str, temperature: float, noise: float) -> tuple[str, bool]:
        found = judge_logits(logits[reader][noise], y, temperature, 10)
        share = found.bins.counts / found.bins.counts.sum()
        full = share > 0
        middle, half, top = (np.flatnonzero(full) + 0.5) / 10, 0.01 + 0.037 * np.minimum(1, 4 * share[full]), found.bins.right[full]
        bars.set_verts([[(m - w, 0), (m - w, t), (m + w, t), (m + w, 0)] for m, w, t in zip(middle, half, top, strict=True)])
        middles.set_data(found.bins.confidence[full], found.bins.right[full])
        curve.set_data(temperatures, np.minimum(losses[reader, noise], 3.98))
        dot.set_data([temperature], [min(found.log_loss, 3.98)])
        ece = judge_logits(logits[reader][noise], y, temperature).ece
        return (f"{reader} at temperature {temperature:.2f}, noise {noise:g}: right in {measured(100 * found.accuracy, '.0f')} of 100, mean confidence "
                f"{measured(found.confidence, '.2f')}, ECE {measured(ece, '.3f')}, log loss {measured(found.log_loss, '.2f')}."), reader == first and noise == 0 and ece <= 0.025

    return draw, fig

