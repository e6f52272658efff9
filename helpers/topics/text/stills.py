"""The still figures of the chapter on text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.lesson.promises import measured
from helpers.plots import BLACK, BLUE, GREEN, PURPLE, VERMILION, describe

STYLES = tuple(zip((BLUE, VERMILION, GREEN, BLACK, PURPLE), ("-", "--", ":", "-.", (0, (5, 1, 1, 1))), ("o", "s", "^", "D", "v"), strict=True))


def bars(results: Mapping[str, float], quantity: str, title: str, guess: float | None = None) -> Figure:
    """A bar a name, with its number; guess: what guessing gives, as a line."""
    fig, ax = plt.subplots(figsize=(6.4, 0.42 * len(results) + 1.2))
    for row, (name, value) in enumerate(results.items()):
        ax.barh(row, value, height=0.6, color=VERMILION if value == max(results.values()) else "#9FBFD6")
        ax.text(value + 0.01, row, f"{value:.2f}", va="center", fontsize=9)
        del name
    if guess is not None:
        ax.axvline(guess, color=BLACK, linestyle="--", linewidth=1)
        ax.text(guess + 0.006, -0.75, "guessing", fontsize=8)
    ax.set(yticks=range(len(results)), yticklabels=list(results), ylim=(len(results) - 0.5, -1), xlim=(0, 1.1), xlabel=quantity)
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return describe(fig, f"{quantity.capitalize()}: " + ", ".join(f"{name} {measured(value, '.2f')}" for name, value in results.items()) + ".")


def lines(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], xlabel: str, ylabel: str, title: str, *, xlog: bool = False,
          level: tuple[str, float] | None = None) -> Figure:
    """A marked line a name: name → (x, y); level: a named horizontal line."""
    fig, ax = plt.subplots(figsize=(6.4, 3.5))
    for (name, (x, y)), (color, style, marker) in zip(curves.items(), STYLES, strict=False):
        ax.plot(x, y, color=color, linestyle=style, marker=marker, markersize=5, label=name)
    if level is not None:
        ax.axhline(level[1], color="0.35", linewidth=1.2, linestyle="-.", label=level[0])
    if xlog:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.legend(fontsize=8, frameon=True, framealpha=1)
    ends = ", ".join(f"{name} {measured(np.asarray(y)[-1], '.2f')}" for name, (_, y) in curves.items())
    beside = f"; a level line marks {level[0]}, {measured(level[1], '.2f')}" if level else ""
    return describe(fig, f"{ylabel.capitalize()} over {xlabel}; at the right end stand {ends}{beside}.")


def table_of(values: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str) -> Figure:
    """A small table of numbers as shades, each with its number: values (rows, columns)."""
    fig, ax = plt.subplots(figsize=(0.75 * len(columns) + 1.6, 0.5 * len(rows) + 1.2))
    ax.imshow(values, cmap="Blues", vmin=0, vmax=max(float(values.max()), 1e-9) * 1.4, aspect="auto")
    for i in range(len(rows)):
        for j in range(len(columns)):
            ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center", fontsize=9)
    ax.set_xticks(range(len(columns)), columns, rotation=30, ha="right")
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(False)
    ax.set_title(title)
    best = int(values.argmax())
    row, column = rows[best // len(columns)], columns[best % len(columns)]
    return describe(fig, f"A table of {len(rows)} rows and {len(columns)} columns; the greatest number, {measured(values.max(), '.2f')}, stands at {measured(row)} and {measured(column)}.")
