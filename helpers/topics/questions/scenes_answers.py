"""The figures to play with of the twelve questions: extrapolation, the luckiest model, patience."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.questions.answers import Groups, luckiest, power_law
from helpers.widgets.steps import Step

LINE_STEPS = [
    Step("Three sizes, up to 200 digits: the line through them promises much for 3,500.", {"n_points": 3},
         ask=("What will the measured error be?", ["larger than promised", "smaller than promised"], 0), light=0),
    Step("Five sizes, up to 800: a flatter line, a better guess, and still too good.", {"n_points": 5}, light=0),
    Step("Six sizes. A line through points at small n cannot know what bends the curve later: here, the steps run out.", {"n_points": 6},
         ask=("What might bring the error back to the line?", ["more steps", "another seed"], 0), light=0),
]


def extrapolation(sizes: Sequence[int], errors: np.ndarray, longer: float) -> tuple[Callable[[int], tuple[str, bool]], Figure]:
    """Control: n_points, how many sizes the line is drawn through. The target: a guess within a third of the measured error.

    Parameters
    ----------
    errors : (seeds, sizes) array
    longer : float
        The mean error at the largest size after four times as many steps.
    """
    n, mean = np.array(sizes, float), errors.mean(0)
    fig, ax = plt.subplots(figsize=(6.6, 3.5))
    ax.plot(np.tile(n, (len(errors), 1)), errors, "o", color=plots.SKY, markersize=4)
    ax.plot(n, mean, "D", color=plots.BLUE, label=f"mean of {len(errors)} seeds")
    ax.plot(n[-1], longer, "*", color=plots.GREEN, markersize=14, label="four times the steps")
    (line,) = ax.plot([], [], "--", color=plots.VERMILION, label="power law through the first")
    (used,) = ax.plot([], [], "o", color=plots.VERMILION, markersize=13, markerfacecolor="none", linestyle="")
    ax.set(xscale="log", yscale="log", xlabel="training digits", ylabel="validation error", xlim=(40, 4500), ylim=(0.02, 0.6))
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    plots.quiet_title(ax, "From few digits to many")

    def draw(n_points: int) -> tuple[str, bool]:
        a, b = power_law(n[:n_points], mean[:n_points])
        line.set_data(n, a * n**-b)
        used.set_data(n[:n_points], mean[:n_points])
        guess = a * n[-1]**-b
        return (f"Through {n_points} sizes, up to {int(n[n_points - 1]):,} digits: error {measured(guess, '.3f')} is foretold for {int(n[-1]):,}; "
                f"measured {measured(mean[-1], '.3f')}, with four times the steps {measured(longer, '.3f')}."), abs(guess / mean[-1] - 1) <= 1 / 3

    return draw, fig


def best_of_many() -> tuple[Callable[[float, float], tuple[str, bool]], Figure]:
    """Controls: n_models, n_test. All models have an accuracy of 0.9. The target: the best of 20 flatters by less than a point."""
    fig, ax = plt.subplots(figsize=(6.6, 3.2))
    edges = np.arange(-0.1055, 0.106, 0.005)
    bars = ax.bar(edges[:-1], np.zeros(len(edges) - 1), width=0.005, align="edge", color=plots.SKY)
    (here,) = ax.plot([], [], color=plots.VERMILION, linewidth=2, label="mean")
    ax.axvline(0, color=plots.BLACK, linewidth=1)
    ax.set(xlim=(-0.08, 0.105), ylim=(0, 1), xlabel="score of the best on the test part, less its accuracy", ylabel="share of 400 draws")
    ax.legend(fontsize=8, frameon=True, loc="upper left")
    plots.quiet_title(ax, "The best of equally good models")

    def draw(n_models: float, n_test: float) -> tuple[str, bool]:
        models, n = round(n_models), round(n_test)
        found = luckiest(models, n)
        for bar, height in zip(bars, np.histogram(found, edges)[0] / len(found), strict=True):
            bar.set_height(height)
        here.set_data([found.mean()] * 2, [0, 1])
        return (f"Of {models} models, all right in 90 of 100, the best scores {measured(100 * found.mean(), '.1f')} points too high "
                f"on {n:,} test examples (mean of {len(found)} draws)."), models >= 20 and bool(found.mean() < 0.01)

    return draw, fig


def patience(val_loss: Sequence[float]) -> tuple[Callable[[int], tuple[str, bool]], Figure]:
    """Control: wait, after how many epochs without a better validation loss one stops. The target: stopped within 2 % of the best loss, in under half of the epochs."""
    loss = np.asarray(val_loss)
    fig, ax = plt.subplots(figsize=(6.6, 3.2))
    ax.plot(np.arange(1, len(loss) + 1), loss, color=plots.BLUE, label="validation loss")
    (stop,) = ax.plot([], [], "--", color=plots.VERMILION, label="stopped")
    (kept,) = ax.plot([], [], "D", color=plots.GREEN, markersize=9, label="weights kept")
    span = np.ptp(loss)
    ends = (loss.min() - 0.1 * span, loss.max() + 0.1 * span)
    ax.set(xlabel="epoch", ylabel="validation loss (nats)", ylim=ends)
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    plots.quiet_title(ax, "How long to wait")

    def draw(wait: int) -> tuple[str, bool]:
        best, end = 0, len(loss) - 1
        for i in range(len(loss)):
            if loss[i] < loss[best]:
                best = i
            if i - best >= wait:
                end = i
                break
        stop.set_data([end + 1] * 2, ends)
        kept.set_data([best + 1], [loss[best]])
        lost = loss[best] / loss.min() - 1
        return (f"With a patience of {wait} one stops after epoch {measured(str(end + 1))} and keeps epoch {measured(str(best + 1))}: "
                f"loss {measured(loss[best], '.3f')}, {measured(100 * lost, '.0f')} % above the best."), bool(lost <= 0.02 and end + 1 < len(loss) / 2)

    return draw, fig


def groups(by_writer: Groups, chance: Groups) -> Figure:
    """Accuracy of each form, sorted, beside chance groups of the same sizes."""
    fig, ax = plt.subplots(figsize=(6.6, 3.2))
    said = []
    for name, own, mark, color in (("by writer", by_writer, "o", plots.BLUE), ("chance groups", chance, "s", plots.ORANGE)):
        share = np.sort(own.right / own.n)
        half = 1.96 * np.sqrt(share * (1 - share) / np.median(own.n))
        ax.errorbar(np.arange(14) + (0.15 if mark == "s" else -0.15), share, half, fmt=mark, color=color, capsize=3, label=name)
        said.append(f"{name} from {measured(share[0], '.2f')} to {measured(share[-1], '.2f')}")
    ax.set(xlabel="groups, from the worst read to the best", ylabel="accuracy", xticks=[])
    ax.legend(fontsize=8, frameon=True, loc="lower right")
    ax.set_title("One score, many people")
    return plots.describe(fig, f"Accuracy of fourteen groups each with 95 % intervals over digits: {'; '.join(said)}.")
