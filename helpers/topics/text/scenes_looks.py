"""The figures to play with of the lesson on attention: one query, the map of a date, heads on and off."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers import plots
from helpers.lesson.promises import measured
from helpers.plots import Labels, Scene
from helpers.topics.text import dates, heads
from helpers.topics.text.attending import entropy, softmax
from helpers.widgets.steps import Step

#: Three words, the keys they show and the values they give.
WORDS = ("the", "queen", "sleeps")
KEYS = np.array([[-0.6, 0.9], [1.6, 0.5], [0.3, -1.5]])

QUERY_STEPS = [
    Step("The query points at “queen”: their product is the greatest.", {"across": 1.0, "up": 0.3}, ask=("Twice as long a query: the weight of “queen” …", ["grows", "stays"], 0), light=0),
    Step("A long query: nearly one-hot.", {"across": 4.0, "up": 1.2}, ask=("What does a longer query change?", ["how sharp the weights are", "which word is first"], 0), light=1),
    Step("A query of length 0: every score is 0.", {"across": 0.0, "up": 0.0}, ask=("How are the weights?", ["all alike", "one is 1"], 0), light=1),
    Step("“the” is hidden: its score is −∞ before the softmax.", {"across": -1.5, "up": 1.0, "hide": True}, ask=("Do the other weights still sum to 1?", ["yes", "no"], 0), light=1),
]


def query_view(goal: float = 0.9) -> Scene:
    """One query, three keys, three weights. Controls: across, up (the query), divide (by √2), hide (the first word)."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.4, 3.3), width_ratios=[1, 1])
    for word, (x, y), color in zip(WORDS, KEYS, (plots.GREEN, plots.VERMILION, plots.PURPLE), strict=True):
        ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "->", "color": color, "linewidth": 2})
        ax.text(x * 1.12, y * 1.12 + 0.1, word, color=color, ha="center", va="center")
    (arm,) = ax.plot([], [], color=plots.BLACK, linewidth=3)
    (tip,) = ax.plot([], [], "o", color=plots.BLACK, markersize=9)
    ax.set(xlim=(-4, 4), ylim=(-4, 4), xlabel="first number", ylabel="second number")
    plots.quiet_title(ax, "Black: the query; arrows: the keys")
    bars = bx.bar(range(3), np.zeros(3), color=[plots.GREEN, plots.VERMILION, plots.PURPLE])
    numbers = Labels(bx, 10)
    bx.set(ylim=(0, 1.15), xticks=range(3), xlim=(-0.6, 2.6), ylabel="weight")
    bx.set_xticks(range(3), WORDS)
    plots.quiet_title(bx, "Where it looks")

    def draw(across: float, up: float, divide: bool, hide: bool) -> tuple[str, bool]:
        query = np.array([across, up])
        scores = KEYS @ query / (np.sqrt(2) if divide else 1)
        if hide:
            scores[0] = -np.inf
        w = softmax(scores)
        arm.set_data([0, across], [0, up])
        tip.set_data([across], [up])
        for bar, height in zip(bars, w, strict=True):
            bar.set_height(height)
        numbers.put([f"{v:.2f}" for v in w], [(i, v + 0.06) for i, v in enumerate(w)])
        said = ", ".join(f"{word} {v:.2f}" for word, v in zip(WORDS, w, strict=True))
        return f"Weights: {said}; entropy {float(entropy(w)):.2f} nats.", bool(w[2] >= goal and np.hypot(across, up) <= 2.5)

    return draw, fig


#: As many characters of a date as the map shows.
LONGEST = 36

MAP_STEPS = [
    Step("Rows: what is written. Columns: what was read.", {"date": "21 febbraio 1995"}, ask=("Where do the first four rows look?", ["at 1995", "at 21"], 0), light=0),
    Step("The order of reading and of writing differ.", {"date": "March 5, 2014"}, ask=("Where do the last two rows look?", ["at the end", "at 5"], 1), light=0),
    Step("A language that it never saw: Swedish.", {"date": "5 oktober 1987"}, ask=("Which part could go wrong?", ["the month's name", "the year"], 0), light=0),
    Step("The year first: no training date was like that.", {"date": "2014 March 5"}, ask=("Is the date right?", ["yes", "no"], 1), light=0),
]


def date_view(model: dates.DateWriter, rule: dates.Rule) -> Scene:
    """Where the network looks for each character that it writes. Control: date (typed)."""
    fig, ax = plt.subplots(figsize=(8.4, 3.6))
    blank = np.zeros((10, LONGEST))
    picture = ax.imshow(blank, cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    read, written = Labels(ax, 10.5), Labels(ax, 10.5)
    ax.set(xlim=(-1.6, LONGEST - 0.5), ylim=(9.5, -1.6), xticks=[], yticks=[], xlabel="read", ylabel="written")
    plots.quiet_title(ax, "Each character that is written looks back at what was read")
    ax.grid(False)
    fig.colorbar(picture, ax=ax, label="weight", pad=0.02)

    def draw(date: str) -> tuple[str, bool]:
        text = " ".join(date.lower().split())[:LONGEST] or "?"
        found = dates.look(model, text)
        table = blank.copy()
        table[:, :len(text)] = found.weights.numpy()
        picture.set_data(table)
        read.put(["·" if c == " " else c for c in text], [(i, -1.05) for i in range(len(text))])
        written.put(list(found.written), [(-1.05, i) for i in range(10)])
        other = rule(text)
        return (f"It writes {measured(found.written)} for {text!r}; the rule of digits and month names says {other}."), found.written != other and "00" not in (other[5:7], other[8:])

    return draw, fig


def head_view(model: heads.AttentionOnly) -> Scene:
    """A head's map over a sequence with a piece that comes twice, heads on and off. Controls: shown (a head), sequence, a switch for each head."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.6), width_ratios=[1.3, 1])
    t = heads.LENGTH
    picture = ax.imshow(np.zeros((t, t)), cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    (before,) = ax.plot([], [], "s", color=plots.VERMILION, markersize=5, markerfacecolor="none", markeredgewidth=1.3)
    ax.set(xlim=(-0.5, t - 0.5), ylim=(t - 0.5, -0.5), xlabel="place looked at", ylabel="place that looks")
    plots.quiet_title(ax, "Squares: what followed this token last time")
    ax.grid(False)
    bars = bx.bar([0], [0], width=0.6, color=plots.BLUE)
    bx.axhline(1 / heads.N_TOKENS, color="0.5", linewidth=1, linestyle="--")
    bx.set(ylim=(0, 1), xlim=(-1, 1), xticks=[], ylabel="foreseen (share)")
    plots.quiet_title(bx, "Second piece, heads that are on")
    draws = heads.twice(40, torch.Generator().manual_seed(5))
    alone = {name: heads.foreseen(model, switches({other: other != name for other in HEADS}), n=100) for name in HEADS}
    worst = min(alone, key=lambda name: alone[name])
    known: dict[tuple[bool, ...], float] = {}

    def draw(shown: str, sequence: int, h11: bool, h12: bool, h21: bool, h22: bool) -> tuple[str, bool]:
        key = (h11, h12, h21, h22)
        on = switches(dict(zip(HEADS, key, strict=True)))
        if key not in known:
            known[key] = heads.foreseen(model, on, n=100)
        with torch.no_grad():
            _, looked = model(draws.x[sequence:sequence + 1], on)
        layer, head = (int(part) - 1 for part in shown.split("."))
        picture.set_data(looked[layer][0, head].numpy())
        rows = np.flatnonzero(draws.again[sequence].numpy())
        before.set_data(rows - int(draws.back[sequence]) + 1, rows)
        bars[0].set_height(known[key])
        off = [name for name, value in zip(HEADS, key, strict=True) if not value]
        said = f"off: {', '.join(off)}" if off else "all heads on"
        return f"Head {shown} is shown; {said}: {measured(known[key], '.0%')} of the second piece is foreseen.", off == [worst]

    return draw, fig


#: Layer and head.
HEADS = ("1.1", "1.2", "2.1", "2.2")


def switches(on: dict[str, bool]) -> list[list[float]]:
    """1 or 0 for each head of two layers: name → whether it is on."""
    return [[float(on[f"{layer}.{head}"]) for head in (1, 2)] for layer in (1, 2)]
