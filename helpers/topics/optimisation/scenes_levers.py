"""The figures to play with of the lesson on levers: sixteen settings, credit by order, luck, and searches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval
from helpers.topics.optimisation.levers import LEVERS, gains, shares
from helpers.topics.optimisation.records import luck
from helpers.topics.optimisation.search import Search
from helpers.widgets.steps import Step

LETTERS = "PFMT"
#: All orders in which the levers can be switched on, as the choice shows them.
ORDERS = tuple("".join(LETTERS[i] for i in order) for order in itertools.permutations(range(4)))

LEVER_STEPS = [
    Step("All levers are off: pixels as they came, one dense layer, plain SGD.", {},
         ask=("Right: what one more lever would change. Which gains most from here?", ["pre-processing", "model", "training"], 0), light=1),
    Step("Pre-processing is on. The other bars have shrunk.", {"preprocessing": True},
         ask=("What does that say of two levers?", ["they help each other", "the second gains less"], 1), light=1),
    Step("Only the model is on: filters over patches in place of one dense layer.", {"model": True},
         ask=("Is the model the first lever here?", ["yes", "no, others gain more alone"], 1), light=0),
    Step("All on but the model. Look at what the model would still add.", {"preprocessing": True, "features": True, "training": True},
         ask=("Alone it gained much more. What has taken its gain?", ["the other levers have done that work", "a smaller network"], 0), light=1),
]


def sixteen_settings(table: np.ndarray) -> plots.Scene:
    """Controls: four switches. The target: the best setting with two levers on.

    Parameters
    ----------
    table : (2, 2, 2, 2, S) accuracies
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.3), gridspec_kw={"width_ratios": [1.1, 1]})
    points = 100 * table.mean(-1)
    places = {s: (sum(s), points[s]) for s in itertools.product((0, 1), repeat=4)}
    edges = [(*places[s], *places[t]) for s, t in itertools.combinations(places, 2) if sum(abs(a - b) for a, b in zip(s, t, strict=True)) == 1]
    ends = np.array([((a, b), (c, d), (np.nan, np.nan)) for a, b, c, d in edges]).reshape(-1, 2)
    ax.plot(ends[:, 0], ends[:, 1], color="0.88", linewidth=0.8, zorder=1)
    ax.plot(*zip(*places.values(), strict=True), "o", color=plots.SKY, markersize=5, zorder=2)
    (runs,) = ax.plot([], [], "_", color=plots.BLACK, markersize=9, zorder=3)
    (here,) = ax.plot([], [], "D", color=plots.VERMILION, markersize=8, zorder=4)
    ax.set(xlim=(-0.3, 4.3), ylim=(100 * table.min() - 1, 100), xticks=range(5), xlabel="levers that are on", ylabel="validation accuracy (%)")
    plots.quiet_title(ax, "Sixteen settings, their means over seeds")
    most = max(8.0, *(float(np.diff(points, axis=k).max()) for k in range(4))) + 1
    bars = bx.barh(range(4), np.zeros(4), color=plots.BLUE)
    bx.axvline(0, color="0.5", linewidth=1)
    bx.set(yticks=range(4), yticklabels=LEVERS, xlim=(-0.25 * most, most), xlabel="points it would add (blue) or adds (orange)")
    bx.invert_yaxis()
    plots.quiet_title(bx, "From here, one lever more or less")
    pairs = {s: places[s][1] for s in places if sum(s) == 2}
    intervals = {s: mean_interval(100 * table[s]) for s in places}
    best = max(pairs, key=lambda s: pairs[s])

    def draw(preprocessing: bool, features: bool, model: bool, training: bool) -> tuple[str, bool]:
        now = tuple(int(v) for v in (preprocessing, features, model, training))
        here.set_data([sum(now)], [points[now]])
        runs.set_data([sum(now)] * table.shape[-1], 100 * table[now])
        for k, bar in enumerate(bars):
            on, off = (tuple(v if i == k else n for i, n in enumerate(now)) for v in (1, 0))
            bar.set_width(points[on] - points[off])
            bar.set_color(plots.ORANGE if now[k] else plots.BLUE)
        names = ", ".join(name for name, n in zip(LEVERS, now, strict=True) if n) or "no lever"
        mean, half = intervals[now]
        return f"On: {names}. Accuracy {measured(mean, '.1f')} ± {measured(half, '.1f')} % over {table.shape[-1]} seeds.", now == best

    return draw, fig


def credit(table: np.ndarray) -> plots.Scene:
    """Control: order, such as "PFMT". The target: an order in which the model seems to gain most."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.3))
    points = 100 * table.mean(-1)
    (line,) = ax.plot([], [], "o-", color=plots.BLUE, drawstyle="steps-post")
    ax.set(xlim=(-0.2, 4.4), ylim=(points.min() - 1, points.max() + 1.5), xticks=range(5), xlabel="levers on, in this order", ylabel="validation accuracy (%)")
    plots.quiet_title(ax, "Switch on one after the other")
    found = 100 * shares(table)
    bars = bx.bar(range(4), np.zeros(4), color=plots.SKY, label="in this order")
    for k in range(4):
        mean, half = mean_interval(found[k])
        bx.errorbar(k, mean, yerr=half, fmt="D", color=plots.VERMILION, capsize=4, label="mean of all 24 orders" if k == 0 else None)
    every = {order: 100 * gains(table, [LETTERS.index(c) for c in order]).mean(1) for order in ORDERS}
    bx.set(xticks=range(4), xticklabels=[f"{c}: {name}" for c, name in zip(LETTERS, ("pre-proc.", "features", "model", "training"), strict=True)],
           ylim=(min(0, min(v.min() for v in every.values())) - 0.5, max(v.max() for v in every.values()) + 1), ylabel="points gained")
    bx.tick_params(axis="x", labelsize=8)
    bx.legend(fontsize=8, frameon=True)
    plots.quiet_title(bx, "Who gets the credit?")
    top = max(v[2] for v in every.values())

    def draw(order: str) -> tuple[str, bool]:
        added = every[order]
        now, heights = [0, 0, 0, 0], [points[0, 0, 0, 0]]
        for letter in order:
            now[LETTERS.index(letter)] = 1
            heights.append(points[tuple(now)])
        line.set_data(range(5), heights)
        for bar, height in zip(bars, added, strict=True):
            bar.set_height(height)
        said = ", ".join(f"{c} {measured(added[LETTERS.index(c)], '+.1f')}" for c in order)
        return f"In the order {order}: {said} points.", bool(added[2] >= top - 1e-9)

    return draw, fig


def lucky(pool: np.ndarray) -> plots.Scene:
    """Controls: tries, n_seeds. The target: twenty tries or more whose luck stays below half a point."""
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    spread = 100 * (np.asarray(pool) - np.mean(pool))
    edges = np.linspace(-2.5, 2.5, 41)
    ax.stairs(np.histogram(spread, edges)[0] / len(spread), edges, fill=True, color="0.82", label=f"one run ({len(spread)} seeds)")
    shape = ax.stairs(np.zeros(40), edges, color=plots.VERMILION, linewidth=2, label="the best of all tries")
    middle = ax.axvline(0, color=plots.VERMILION, linewidth=2)
    ax.axvline(0, color="0.4", linewidth=1)
    ax.set(xlim=(-2.5, 2.5), ylim=(0, 0.45), xlabel="points above the mean of this one recipe", ylabel="share")
    ax.legend(fontsize=8, frameon=True, loc="upper left")
    plots.quiet_title(ax, "Nothing is better here; something seems to be")

    def draw(tries: int, n_seeds: int) -> tuple[str, bool]:
        won = 100 * luck(pool, tries, n_seeds, 1000)
        shape.set_data(np.minimum(np.histogram(won, edges)[0] / len(won), 0.44))
        middle.set_xdata([won.mean()] * 2)
        return (f"The best of {tries} {'try' if tries == 1 else 'tries'}, {n_seeds} {'seed' if n_seeds == 1 else 'seeds'} each, "
                f"seems {measured(won.mean(), '+.2f')} points better than itself."), bool(tries >= 20 and won.mean() < 0.5)

    return draw, fig


def searches(found: Mapping[str, Sequence[Search]], ceiling: float) -> tuple[Callable[[int, str], tuple[str, bool]], Figure]:
    """Controls: budget (whole trainings), pruning ("off" or "on"). The target: the least budget with which both means come within 1 point.

    Parameters
    ----------
    ceiling : float
        The best accuracy of the whole table.
    """
    fig, ax = plt.subplots(figsize=(7.2, 3.3))
    budgets = np.arange(1, 31)
    curves = {name: np.array([[s.at(float(b)) for b in budgets] for s in runs]) for name, runs in found.items()}
    lines = {name: ax.plot([], [], color=color, linestyle=style, label=name)[0]
             for name, color, style in (("random", plots.BLUE, "-"), ("TPE", plots.VERMILION, "--"))}
    whiskers = {name: ax.plot([], [], "_", color=lines[name].get_color(), markersize=9)[0] for name in lines}
    ax.axhline(ceiling, color="0.5", linewidth=1, linestyle=":")
    ax.text(1, ceiling + 0.002, "the best setting of all", fontsize=8, color="0.3")
    cut = ax.axvline(1, color="0.6", linewidth=1)
    ax.set(xlim=(0.5, 30.5), ylim=(min(0.6, ceiling - 0.3), ceiling + 0.02), xlabel="budget (whole trainings)", ylabel="best validation accuracy so far")
    ax.legend(fontsize=8, frameon=True, loc="lower right")
    plots.quiet_title(ax, "Two ways to search, one budget")

    worse = {ending: np.min([curves[name + ending].mean(0) for name in lines], axis=0) for ending in ("", ", pruned")}
    level = min(ceiling - 0.01, max(w[-1] for w in worse.values()))         # at the full budget it can always be reached
    least = min(int(budgets[(w >= level).argmax()]) for w in worse.values() if w[-1] >= level)

    def draw(budget: int, pruning: str) -> tuple[str, bool]:
        ending = ", pruned" if pruning == "on" else ""
        said = []
        for name, line in lines.items():
            runs = curves[name + ending]
            line.set_data(budgets, runs.mean(0))
            whiskers[name].set_data([budget] * len(runs), runs[:, budget - 1])
            said.append(f"{name} {measured(runs[:, budget - 1].mean(), '.3f')}")
        cut.set_xdata([budget, budget])
        close = worse[ending][budget - 1] >= level
        return f"Budget {budget}, pruning {pruning}: {', '.join(said)}, the mean of {len(runs)} searches each.", bool(close and budget == least)

    return draw, fig
