"""Figures to play with: the signal through thirty layers, a training of thirty layers, and what normalisation mixes."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes

from helpers import plots
from helpers.plots import BLUE, GREEN, ORANGE, VERMILION, Scene, quiet_title
from helpers.topics.building.deep import Batch, DeepBank
from helpers.topics.building.signal import measure, normalise, theory
from helpers.widgets import Step

DEPTH = 30
#: Where the drawn logarithms end: what lies beyond is drawn at the edge.
LOW, HIGH = 1e-12, 1e12


_PLAIN = {"gain": 1.0, "activation": "ReLU", "norm": "none", "residual": False}
STEPS = [
    Step("Gain 1: each layer halves the mean square, forward and backward.", _PLAIN, light=0,
         ask=("Which gain would double it before ReLU halves it?", ["2", "√2, about 1.41", "1"], 1)),
    Step("Gain 1.42: both stay near the band.", {**_PLAIN, "gain": 1.42}, light=1,
         ask=("What would 1.6 do?", ["nothing much", "shrink it a thousand times", "grow it a thousand times"], 2)),
    Step("tanh with gain 3: calm forward, and backward eight powers of ten.", {**_PLAIN, "gain": 3.0, "activation": "tanh"}, light=1,
         ask=("Would you notice it in the forward pass?", ["yes", "no"], 1)),
    Step("Batch norm: the signal stays for any gain, but the gradient grows.", {**_PLAIN, "gain": 3.0, "norm": "batch norm"}, light=1),
    Step("With a residual branch as well, both grow slowly.", {**_PLAIN, "norm": "batch norm", "residual": True}, light=0),
]


def _panel(ax: Axes, title: str, color: str, marker: str) -> tuple[Any, Any]:
    ax.axhspan(10**-0.5, 10**0.5, color=GREEN, alpha=0.25, linewidth=0)
    (line,) = ax.plot([], [], color=color, marker=marker, markersize=3, label="measured")
    (lead,) = ax.plot([], [], color="#555555", linestyle="--", label="theory")
    ax.set(xlim=(0, DEPTH), ylim=(LOW, HIGH), yscale="log", xlabel="layer", yticks=[1e-10, 1e-5, 1, 1e5, 1e10])
    ax.minorticks_off()
    quiet_title(ax, title)
    ax.legend(fontsize=8, loc="upper center").set_zorder(1.5)
    return line, lead


def thirty_layers() -> Scene:
    """Mean squares forward and backward. Controls: gain, activation, norm, residual, seed."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1), sharey=True)
    forward = _panel(left, "Forward: mean square of the signal", BLUE, "o")
    backward = _panel(right, "Backward: of the gradient", VERMILION, "s")
    layers = np.arange(DEPTH + 1)

    def draw(gain: float, activation: str, norm: str, residual: bool, seed: int) -> tuple[str, bool]:
        found = measure(gain, activation, norm, residual, depth=DEPTH, seed=seed)
        lead = theory(gain, activation, residual, DEPTH) if norm == "none" else None
        nothing = np.full(DEPTH + 1, np.nan)
        for (line, dashed), values, said in ((forward, found.forward, lead and lead.forward), (backward, found.backward, lead and lead.backward)):
            line.set_data(layers, np.clip(values, LOW, HIGH))
            dashed.set_data(layers, nothing if said is None else np.clip(said, LOW, HIGH))
        ends = [_decades(found.forward[-1] / found.forward[0]), _decades(found.backward[0] / found.backward[-1])]
        words = (f"After {DEPTH} layers the signal's mean square has gone {ends[0]}; on the way back the gradient's has gone {ends[1]}. "
                 f"Between greatest and least lie {_say(found.spread()[0])} forward and {_say(found.spread()[1])} backward.")
        return words, max(found.spread()) <= 1

    return draw, fig


def _decades(ratio: float) -> str:
    if not np.isfinite(ratio) or ratio <= 0:
        return "beyond what a float can hold"
    power = np.log10(ratio)
    return f"{'up' if power > 0 else 'down'} by {abs(power):.1f} powers of ten"


def _say(decades: float) -> str:
    return f"{decades:.1f} powers of ten" if np.isfinite(decades) else "more powers of ten than a float can hold"


class DeepRun:
    """One network of thirty layers in training, for live(); rate is hot."""

    def __init__(self, data: Batch, *, seed: int, start: str, norm: str, residual: bool, rate: float) -> None:
        gain: float | str = {"torch's": "torch", "He's (√2)": 2**0.5, "small (0.2)": 0.2}[start]
        self.bank = DeepBank([seed], [rate], gain=gain, norm=norm, residual=residual)
        self.data, self.generator = data, torch.Generator().manual_seed(seed)
        self.losses: list[float] = []

    @property
    def rate(self) -> float:
        return float(self.bank.rates)

    @rate.setter
    def rate(self, value: float) -> None:
        self.bank.rates = torch.full((1, 1, 1), value)

    def step(self) -> None:
        i = torch.randint(len(self.data[0]), (64,), generator=self.generator)
        self.losses.append(float(self.bank.step((self.data[0][i], self.data[1][i]))))

    def signal(self) -> np.ndarray:
        """The mean square of each layer's state over 64 examples."""
        with torch.no_grad():
            return np.array([float(h.square().mean()) for h in self.bank.forward(self.data[0][:64])])


def deep_training(val: Batch) -> Scene:
    """Loss so far and the signal by layer, for live()."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.9))
    (loss,) = left.plot([], [], color=BLUE)
    left.axhline(np.log(10), color="#555555", linestyle="--", label="log 10: knows nothing")
    left.set(xlim=(0, 200), ylim=(0, 4), xlabel="step", ylabel="loss (nats)")
    quiet_title(left, "Training loss")
    left.legend(fontsize=8, loc="lower left").set_zorder(1.5)
    (line,) = right.plot([], [], color=VERMILION, marker="o", markersize=3)
    right.set(xlim=(0, DEPTH), ylim=(LOW, HIGH), yscale="log", xlabel="layer", yticks=[1e-10, 1e-5, 1, 1e5, 1e10])
    right.minorticks_off()
    quiet_title(right, "Mean square of the signal")

    def draw(run: DeepRun) -> tuple[str, bool]:
        n = len(run.losses)
        loss.set_data(np.arange(1, n + 1), np.minimum(run.losses, 4))
        if n > left.get_xlim()[1]:
            left.set_xlim(0, 2 * n)
        elif n < 200 < left.get_xlim()[1]:
            left.set_xlim(0, 200)
        line.set_data(np.arange(1, DEPTH + 1), np.clip(run.signal(), LOW, HIGH))
        right_share = float(run.bank.accuracy((val[0][:200], val[1][:200])))
        said = f"loss {run.losses[-1]:.2f}, " if n else ""
        return f"{said}accuracy on 200 validation digits {right_share:.2f}.", right_share >= 0.85

    return draw, fig


def normalised_table() -> Scene:
    """Six examples of five units before and after normalisation. Controls: norm, size (of the batch), shift (of the first example), scale."""
    g = np.random.default_rng(1)
    table = torch.tensor(g.normal(size=(6, 5)), dtype=torch.float32)
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.9))
    pictures = []
    for ax, title in zip(axes, ("before", "after", "change of the other rows"), strict=True):
        pictures.append(ax.imshow(np.zeros((6, 5)), cmap=plots.DIVERGING, vmin=-2.5, vmax=2.5))
        plots.picture_frame(ax, title)
        ax.set(xlabel="unit", ylabel="example" if title == "before" else "")
    lines = [ax.axhline(5.5, color=ORANGE, linewidth=2) for ax in axes]

    def draw(norm: str, size: int, shift: float, scale: float) -> tuple[str, bool]:
        x = table[:size].clone()
        plain = normalise(x, norm)
        x[0] = scale * x[0] + shift
        after = normalise(x, norm)
        change = after - plain
        change[0] = 0
        for picture, values in zip(pictures, (x, after, change), strict=True):
            whole = np.full((6, 5), np.nan)
            whole[:size] = values.numpy()
            picture.set_data(whole)
        for line in lines:
            line.set_ydata([size - 0.5, size - 0.5])
        moved, own = float(change.abs().max()), float((after[0] - plain[0]).abs().max())
        words = (f"{norm}, {size} examples: the first example moved by {shift:+.1f} and scaled by {scale:.1f}. "
                 f"Its own outputs change by up to {own:.2f}, those of the other examples by up to {moved:.2f}.")
        return words, norm != "none" and moved < 0.01 and own < 0.01 and abs(shift) >= 1 and scale >= 2

    return draw, fig
