"""A stack built layer by layer: shapes, costs, window, and the first layer that does not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as W
import matplotlib.pyplot as plt

from helpers.plots import BLACK, BLUE, ORANGE, VERMILION, Labels, Scene, quiet_title
from helpers.widgets import Step, choice

Shape = tuple[int, ...]
#: What can be laid into a place of the stack: name → kind and numbers.
LAYERS: dict[str, tuple[str, tuple[int, ...]]] = {
    "(nothing)": ("nothing", ()),
    "conv 8, kernel 5, stride 2": ("conv", (8, 5, 2)),
    "conv 8, kernel 3": ("conv", (8, 3, 1)),
    "conv 16, kernel 3": ("conv", (16, 3, 1)),
    "conv 32, kernel 3, stride 2": ("conv", (32, 3, 2)),
    "max pool 2": ("pool", (2,)),
    "mean over places": ("mean", ()),
    "flatten": ("flatten", ()),
    "linear 64": ("linear", (64,)),
    "linear 10": ("linear", (10,)),
}


#: The colour of layers behind the one that does not fit.
WAITING = "0.55"


@dataclass(frozen=True)
class Row:
    """One layer of a stack.

    Parameters
    ----------
    name : str
    shape : tuple of int
        Of its output for one example, without the axis N.
    parameters, multiply_adds : int
    window : int
        How many numbers of the series one output depends on (all of them behind flatten or a mean).
    """

    name: str
    shape: Shape
    parameters: int
    multiply_adds: int
    window: int


@dataclass(frozen=True)
class Stack:
    """A stack as far as it fits, and why it does not go on ("" if it does)."""

    rows: tuple[Row, ...]
    problem: str

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        return sum(row.multiply_adds for row in self.rows)


def compute(names: Sequence[str], length: int = 40) -> Stack:
    """Walk a series (1, length) through layers, by arithmetic alone.

    Convolutions are padded with (kernel - 1)/2 zeros at each end and have a bias.

    Parameters
    ----------
    names : sequence of str
        Keys of LAYERS.
    """
    shape: Shape = (1, length)
    window, jump = 1, 1
    rows: list[Any] = []
    for name in names:
        kind, numbers = LAYERS[name]
        if kind == "nothing":
            continue
        if kind == "linear" and len(shape) == 2 and shape[1] != 1:
            return Stack(tuple(rows), f"{name}: a linear layer counts the last axis, and here that is places ({shape[1]}), not channels. Flatten first.")
        if kind in ("conv", "pool", "mean") and len(shape) == 1:
            return Stack(tuple(rows), f"{name}: needs channels and places (C, L), and gets only ({shape[0]},): they were flattened.")
        if kind == "conv":
            c, k, s = numbers
            places = (shape[1] - 1) // s + 1
            rows.append(Row(name, (c, places), c * (shape[0] * k + 1), c * shape[0] * k * places, window := window + (k - 1) * jump))
            jump *= s
        elif kind == "pool":
            if shape[1] < 2:
                return Stack(tuple(rows), f"{name}: one place is left, and a pair needs two.")
            rows.append(Row(name, (shape[0], shape[1] // 2), 0, 0, window := window + jump))
            jump *= 2
        elif kind == "mean":
            rows.append(Row(name, (shape[0],), 0, 0, window := length))
        elif kind == "flatten":
            rows.append(Row(name, (math.prod(shape),), 0, 0, window := length))
        else:
            n_in = shape[0]
            rows.append(Row(name, (numbers[0],), numbers[0] * (n_in + 1), numbers[0] * n_in, window))
        shape = rows[-1].shape
    return Stack(tuple(rows), "")


def builder(places: int = 6) -> Scene:
    """The stack as a table with bars. Controls: layer1 … layer6, each a key of LAYERS."""
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 3.1), width_ratios=[3.4, 1.6, 1.6])
    text, *bars = axes
    text.set(xlim=(0, 1), ylim=(places + 0.6, -0.6))
    text.axis("off")
    quiet_title(text, "What comes out of each layer")
    words_at = [(x, i + 0.12) for i in range(places + 1) for x in (0, 0.68)]       # a base line a little below each row's middle
    table_words = Labels(text, 9, centred=False)
    drawn = []
    for ax, title, color in zip(bars, ("parameters", "multiply-adds"), (BLUE, ORANGE), strict=True):
        quiet_title(ax, title)
        drawn.append(ax.barh(range(places + 1), [1] * (places + 1), color=color, height=0.6))
        ax.set(xscale="log", xlim=(1, 1e6), ylim=(places + 0.6, -0.6), yticks=[], xticks=[1, 1e3, 1e6])

    def draw(**layers: str) -> tuple[str, bool]:
        chosen = [name for i in range(1, places + 1) if (name := layers[f"layer{i}"]) != "(nothing)"]
        stack = compute(chosen)
        table = [("series", (1, 40), 0, 0), *((row.name, row.shape, row.parameters, row.multiply_adds) for row in stack.rows)]
        said = [(name, f"({', '.join(map(str, shape))})", BLACK) for name, shape, *_ in table]
        said += [(name, "waits" if k else "does not fit", WAITING if k else VERMILION) for k, name in enumerate(chosen[len(stack.rows):])]
        table_words.put([word for row in said for word in row[:2]], words_at[:2 * len(said)], [row[2] for row in said for _ in range(2)])
        for i in range(places + 1):
            for bar, value in zip(drawn, table[i][2:] if i < len(table) else (0, 0), strict=True):
                bar[i].set_width(max(value, 1))
        last = table[-1]
        window = stack.rows[-1].window if stack.rows else 1
        words = (f"It ends in {len(last[1])} ax{'i' if len(last[1]) == 1 else 'e'}s, shape {last[1]}, after {stack.parameters:,} parameters and "
                 f"{stack.multiply_adds:,} multiply-adds; the last convolution looks through a window of {_view(stack)} numbers.")
        if stack.problem:
            waiting = len(chosen) - len(stack.rows) - 1
            words = (f"{stack.problem} Before it: {stack.parameters:,} parameters."
                     + (f" Behind it wait {', '.join(chosen[-waiting:])}." if waiting else ""))
        assert window
        return words, not stack.problem and last[1] == (10,) and stack.parameters <= 1000 and _view(stack) >= 19

    return draw, fig


def _view(stack: Stack) -> int:
    """The window of the last layer that keeps places."""
    return next((row.window for row in reversed(stack.rows) if len(row.shape) == 2), 1)


def _stack(*names: str) -> dict[str, str]:
    """The controls' values for these layers, the other places empty."""
    return {f"layer{i}": names[i - 1] if i <= len(names) else "(nothing)" for i in range(1, 7)}


_FIRST, _SECOND = "conv 8, kernel 5, stride 2", "conv 8, kernel 3"
START = _stack(_FIRST, _SECOND, "flatten", "linear 10")
STEPS = [
    Step("Without flatten, the linear layer meets places instead of channels.", _stack(_FIRST, "linear 10"), light=0,
         ask=("What shape does linear 10 meet here?", ["(8, 20)", "(8,)", "(160,)"], 0)),
    Step("Flatten mends it, and most parameters now stand in the linear layer.", START, light=1,
         ask=("Which layer does most multiply-adds?", ["the first", "the second", "the last"], 1)),
    Step("A mean over places leaves 8 numbers, whatever the length was.", _stack(_FIRST, _SECOND, "mean over places", "linear 10"), light=1,
         ask=("What does the mean throw away?", ["which channel answered", "where in the series it answered"], 1)),
    Step("A pooling in the middle has no parameters, and all that follows sees twice as far.",
         _stack(_FIRST, "max pool 2", _SECOND, "mean over places", "linear 10"), light=2),
]


def controls() -> dict[str, W.Widget]:
    """The six choices of the builder."""
    return {name: choice(f"layer {name[-1]}", list(LAYERS), value) for name, value in START.items()}
