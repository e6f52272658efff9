"""The whole course on one page: the stages of a project as a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers import plots


@dataclass(frozen=True)
class Stage:
    """A stage of a project: the question it answers, the fault that is commonest there, and the lessons on it."""

    question: str
    fault: str
    lessons: str


STAGES = {
    "split": Stage("What will be new when the model is used?", "one source on both sides", "05a"),
    "prepare": Stage("What must be true before training?", "fitted on everything", "05a, 05b"),
    "baseline": Stage("What does the plain answer score?", "there is none", "00, 03b"),
    "features, model": Stage("What do you know of the data?", "depth before a reason for it", "02 to 07"),
    "train": Stage("What do the curves say?", "one rate for all", "08a, 08b"),
    "choose": Stage("Which is better, on validation?", "the luckiest seed", "09b, 14a"),
    "evaluate": Stage("How good, and how sure?", "the test part used twice", "09a"),
    "use": Stage("Are tomorrow's data like today's?", "another camera", "10a, 12a"),
}
#: Where an answer at a stage sends one back to.
BACK = {"evaluate": "split", "use": "prepare", "choose": "features, model", "train": "prepare"}


def course_loop() -> tuple[Callable[[str], tuple[str, bool]], Figure]:
    """Control: stage. The target: the stage to which a leak, found while evaluating, sends one back."""
    names = list(STAGES)
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(names)) / len(names)
    places = np.stack([1.35 * np.cos(angles), np.sin(angles)], 1)           # (stages, 2)
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.6), width_ratios=[1.2, 1])
    for a, b in zip(places, np.roll(places, -1, 0), strict=True):
        ax.annotate("", a + 0.72 * (b - a), a + 0.28 * (b - a), arrowprops={"arrowstyle": "->", "color": "0.5"})
    for name, (x, y) in zip(names, places, strict=True):
        ax.text(x, y, name, ha="center", va="center", fontsize=10)
    (here,) = ax.plot([], [], "o", markersize=52, markerfacecolor="none", markeredgecolor=plots.VERMILION, markeredgewidth=2)
    (back,) = ax.plot([], [], "--", color=plots.BLUE, linewidth=2)
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.35, 1.35))
    for axes in (ax, bx):
        axes.axis("off")
    plots.quiet_title(ax, "A project is a loop")
    labels = [bx.text(0, y, "", fontsize=11, va="top") for y in (0.95, 0.62, 0.29)]

    def draw(stage: str) -> tuple[str, bool]:
        i, own = names.index(stage), STAGES[stage]
        here.set_data([places[i, 0]], [places[i, 1]])
        to = BACK.get(stage)
        ends = np.empty((0, 2))
        if to:                                      # from name to name, and over neither
            a, b = places[i], places[names.index(to)]
            ends = np.stack([a + 0.2 * (b - a), a + 0.85 * (b - a)])
        back.set_data(ends[:, 0], ends[:, 1])
        for label, (head, text) in zip(labels, (("It asks", own.question), ("Commonest fault", own.fault), ("Lessons", own.lessons)), strict=True):
            label.set_text(f"{head}:\n{text}")
        sent = f" What is found here often sends one back to {to}." if to else ""
        return f"{stage}: {own.question} Commonest fault: {own.fault}. Lessons {own.lessons}.{sent}", stage == "split"

    return draw, fig
