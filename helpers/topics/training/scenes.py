"""The figures to play with of the lesson on steps: losses, the race of optimisers, one rate for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.topics.training.losses import LOSSES, pushes
from helpers.topics.training.race import ARRIVED, NOISE, Rule, Walk, height, inside, valley, walk
from helpers.widgets.steps import Step

LOOKS = {"SGD": (plots.BLUE, "-"), "momentum": (plots.VERMILION, "--"), "Nesterov": (plots.PURPLE, ":"), "RMSProp": (plots.GREEN, "-."),
         "Adam": (plots.BLACK, (0, (5, 1, 1, 1, 1, 1)))}
N_STEPS = 120
RACE_STEPS = [
    Step("A round bowl, steepness 1: plain SGD is there at once.",
         {"steepness": 1.0, "angle": 0.0, "noisy": False, "factor": 1.0, "rule": "SGD",
          "step": 1},
         ask=("Why does memory not help here?",
              ["every gradient points at the goal already", "the rate is too low"], 0),
         light=0),
    Step("A valley of steepness 30. Momentum swings from wall to wall.",
         {"steepness": 30.0, "angle": 0.0, "rule": "momentum", "step": 40},
         ask=("Who is lower after 40 steps?", ["momentum", "plain SGD"], 1), light=1),
    Step("Steepness 300. Plain SGD must be slow, or it would fly out of the valley.",
         {"steepness": 300.0, "rule": "momentum", "step": 110},
         ask=("Who is lower now?", ["momentum", "plain SGD"], 0), light=1),
    Step("RMSProp in the upright valley: each axis has its own measure.",
         {"steepness": 300.0, "rule": "RMSProp", "step": 12},
         ask=("The gradients differ by a factor of hundreds. And the moves?",
              ["they too", "they are nearly alike"], 1), light=2),
    Step("The same valley turned by 45°. SGD walks the same walk, turned.",
         {"steepness": 300.0, "angle": 45.0, "rule": "RMSProp", "step": 110},
         ask=("And RMSProp?", ["the same walk, turned", "it loses its lead"], 1), light=0),
]


def rate_of(rule: str, steepness: float) -> float:
    """A rate near each rule's best in valleys of steepness 3 to 300 (plain descent's hangs on it)."""
    return min(1.9 / steepness, 2 / (1 + steepness)) if rule == "SGD" else {"momentum": 0.005, "Nesterov": 0.003, "RMSProp": 0.08, "Adam": 0.2}[rule]


def loss_slopes() -> tuple[Callable[[float], tuple[str, bool]], Figure]:
    """Control: z. The target is a right answer that hinge pushes fully and cross-entropy hardly, less than 0.3."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.1), width_ratios=(1.5, 1))
    z_axis = np.linspace(-4, 4, 161)
    colors = dict(zip(LOSSES, (plots.BLUE, plots.SKY, plots.VERMILION, plots.GREEN, plots.BLACK), strict=True))
    dots = {}
    for (name, loss), style in zip(LOSSES.items(), ("-", "--", "-.", ":", (0, (5, 1, 1, 1))), strict=True):
        ax.plot(z_axis, loss.value(z_axis), color=colors[name], linestyle=style, label=name)
        (dots[name],) = ax.plot([], [], "o", color=colors[name], markersize=7, zorder=5)
    ax.axvspan(-4, 0, color="0.92", zorder=0)
    ax.text(-3.9, 0.15, "wrong", color="0.4")
    ax.text(3.9, 0.9, "right", color="0.4", ha="right")
    ax.set(xlim=(-4, 4), ylim=(-0.3, 4.6), xlabel="score z of the right class", ylabel="loss")
    ax.legend(fontsize=8, loc="upper right", bbox_to_anchor=(0.93, 1), framealpha=1, frameon=True).set_zorder(1)
    ax.set_title("Five losses of one score", zorder=-1)
    bars = bx.barh(list(LOSSES), [0] * len(LOSSES), color=list(colors.values()))
    bx.axvline(0, color="0.5", linewidth=1)
    bx.set(xlim=(-1.5, 2.5), xlabel="push on z (−slope)")
    bx.invert_yaxis()
    bx.set_axisbelow(True)
    bx.set_title("How hard each pushes", zorder=-1)

    def draw(z: float) -> tuple[str, bool]:
        found = pushes(z)
        for name, bar in zip(found, bars, strict=True):
            dots[name].set_data([z], [LOSSES[name].value(np.asarray(z))])
            bar.set_width(float(np.clip(found[name], -1.5, 2.5)))
        said = ", ".join(f"{name} {value:+.2f}" for name, value in found.items())
        return f"At score {z:.1f} the pushes are: {said}.", found["hinge"] == 1 and found["cross-entropy"] < 0.3

    return draw, fig


def race(rules: Mapping[str, Rule]) -> tuple[Callable[..., tuple[str, bool]], Figure]:
    """Controls: steepness, angle, noisy, factor (of each rate), rule (looked into), step.

    The target is a valley in which momentum has arrived and plain descent is still above 0.5.
    """
    fig = plt.figure(figsize=(9.2, 4.2))
    grid = fig.add_gridspec(2, 2, width_ratios=(1.25, 1))
    ax, bx, cx = fig.add_subplot(grid[:, 0]), fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, 1])
    side = np.linspace(-3, 3, 101)
    everywhere = np.stack(np.meshgrid(side, side), -1)
    ground = ax.imshow(np.zeros((101, 101)), extent=(-3, 3, -3, 3), origin="lower", cmap="Greys", vmin=-2.5, vmax=9, interpolation="nearest", zorder=0.5)
    ax.plot(0, 0, "*", color=plots.ORANGE, markersize=15, zorder=2)
    lines = {name: ax.plot([], [], color=LOOKS[name][0], linestyle=LOOKS[name][1], marker=".", markersize=4, linewidth=1.3)[0] for name in rules}
    ends = ax.scatter([0] * len(rules), [0] * len(rules), 50, [LOOKS[name][0] for name in rules], edgecolors="white", zorder=3)
    ax.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="parameter a", ylabel="parameter b", aspect="equal")
    ax.grid(False)
    ax.set_title("Darker is higher; the star is the lowest place", zorder=-1)
    curves = {name: bx.plot([], [], color=LOOKS[name][0], linestyle=LOOKS[name][1], linewidth=1.4, label=name)[0] for name in rules}
    bx.legend(loc="upper right", fontsize=8, ncols=3, framealpha=1, frameon=True).set_zorder(1)    # below what moves: so it is painted once
    bx.axhspan(1e-9, ARRIVED, color=plots.GREEN, alpha=0.2, zorder=0)
    now = bx.axvline(0, color="0.5", linewidth=1)
    bx.set(xlim=(0, N_STEPS), ylim=(1e-5, 1e7), yscale="log", xlabel="step", ylabel="height (loss)", yticks=[1e-4, 1e-2, 1, 1e2])
    bx.set_title("Height; the green band is the goal", zorder=-1)
    names = ["gradient", "memory of gradients", "root of squares", "move"]
    parts = [cx.barh(np.arange(4) + shift, np.zeros(4), height=0.36, color=color, label=label)
             for shift, color, label in ((-0.2, plots.SKY, "along a"), (0.2, plots.ORANGE, "along b"))]
    cx.set(xlim=(-1.05, 1.05), yticks=range(4), yticklabels=names, xlabel="size, each row by its own largest")
    cx.axvline(0, color="0.5", linewidth=1)
    cx.invert_yaxis()
    cx.set_axisbelow(True)
    cx.legend(loc="lower left", fontsize=8, framealpha=1, frameon=True).set_zorder(0.9)
    look = cx.set_title("Inside one step", zorder=9)       # it changes: above all, so that nothing need be painted over it

    @lru_cache(maxsize=64)
    def walks(steepness: float, angle: float, noisy: bool, factor: float) -> dict[str, Walk]:
        noise = NOISE if noisy else 0
        return {name: walk(rule, factor * rate_of(name, steepness), steepness, angle, noise=noise, n_steps=N_STEPS) for name, rule in rules.items()}

    shown: list[Any] = [None]

    def draw(steepness: float, angle: float, noisy: bool, factor: float, rule: str, step: int) -> tuple[str, bool]:
        found = walks(steepness, angle, noisy, factor)
        if shown[0] != (steepness, angle):
            shown[0] = (steepness, angle)
            levels = np.log10(height(everywhere, valley(steepness, angle)) + 1e-3)
            ground.set_data(np.floor(2 * levels) / 2)       # steps of half a power of ten: few greys make a small, quick PNG
        for name, walked in found.items():
            path = np.clip(walked.places[:step + 1], -20, 20)
            lines[name].set_data(path[:, 0], path[:, 1])
            curves[name].set_data(np.arange(step + 1), np.clip(walked.heights[:step + 1], 1e-9, 1e9))
        ends.set_offsets([np.clip(walked.places[step], -20, 20) for walked in found.values()])
        now.set_xdata([step, step])
        values = inside(found[rule], step - 1)
        rows = np.array([values.get(name, np.zeros(2)) for name in names])
        rows = rows / np.maximum(np.abs(rows).max(1, keepdims=True), 1e-12)
        for i, bars in enumerate(parts):
            for bar, value in zip(bars, rows[:, i], strict=True):
                bar.set_width(float(value))
        look.set_text(f"Inside step {step} of {rule}")
        heights = {name: float(walked.heights[step]) for name, walked in found.items()}
        said = ", ".join(f"{name} {value:.2g}" for name, value in heights.items())
        return f"After {step} steps the heights are: {said}.", heights["momentum"] <= ARRIVED and heights["SGD"] > 0.5

    return draw, fig


def common_rate(rates: np.ndarray, table: Mapping[str, np.ndarray]) -> tuple[Callable[[float], tuple[str, bool]], Figure]:
    """Control: rate, the same for all rules. table: rule → accuracy (len(rates),). The target: plain descent leads Adam by 0.1."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.1), width_ratios=(1.6, 1))
    for name, accuracy in table.items():
        ax.plot(rates, accuracy, color=LOOKS[name][0], linestyle=LOOKS[name][1], marker=".", label=name)
    here = ax.axvline(rates[0], color="0.5", linewidth=1.5)
    ax.set(xscale="log", ylim=(0, 0.75), xlabel="learning rate", ylabel="validation accuracy")
    ax.legend(fontsize=8, loc="upper left", framealpha=1, frameon=True).set_zorder(1)
    ax.set_title("Each rule has rates of its own", zorder=-1)
    bars = bx.barh(list(table), [0] * len(table), color=[LOOKS[name][0] for name in table])
    bx.set(xlim=(0, 0.75), xlabel="validation accuracy")
    bx.invert_yaxis()
    bx.set_axisbelow(True)
    bx.set_title("At this one rate", zorder=-1)

    def draw(rate: float) -> tuple[str, bool]:
        here.set_xdata([rate, rate])
        at = {name: float(np.interp(np.log(rate), np.log(rates), accuracy)) for name, accuracy in table.items()}
        for bar, value in zip(bars, at.values(), strict=True):
            bar.set_width(value)
        said = ", ".join(f"{name} {measured(value, '.2f')}" for name, value in at.items())
        return f"With the rate {rate:.2g} for all: {said}.", at["SGD"] >= at["Adam"] + 0.1

    return draw, fig
