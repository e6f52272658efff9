"""Chapter 03: how far the first symbol of a series reaches, while networks are being trained; a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers.lesson.promises import measured
from helpers.plots import BLACK, COLORS, Scene, quiet_title
from helpers.topics.rnn.bank import Bank, first_symbol

#: Less than that is drawn at the lower edge.
FAINTEST = 1e-12


def reach(bank: Bank, x: torch.Tensor) -> torch.Tensor:
    """By how much the answer moves when the first symbol is another: (S,) float64, the median over the series.

    The answer is the difference of the two logits. A and B are exchanged in the first place and nowhere else.

    Parameters
    ----------
    bank : S networks with four inputs and two outputs
    x : (S, N, T, 4) float
        Series of first_symbol.
    """
    one, other = bank.double(), x.double().clone()
    other[:, :, 0, [0, 1]] = other[:, :, 0, [1, 0]]
    with torch.inference_mode():
        a, b = ((out := one(series))[..., 1] - out[..., 0] for series in (x.double(), other))
    return (a - b).abs().median(1).values


@dataclass
class ReachLog:
    """What a training's ``watch`` has seen: at each step kept, the reach and the accuracy of each network."""

    bank: Bank
    length: int
    every: int = 5
    steps: list[int] = field(default_factory=list)
    reaches: list[np.ndarray] = field(default_factory=list)
    accuracies: list[np.ndarray] = field(default_factory=list)

    def __call__(self, step: int) -> None:
        if step % self.every == 0:
            ask = partial(first_symbol, len(self.bank.W_x), length=self.length)
            self.steps.append(step)
            self.reaches.append(reach(self.bank, ask(30, generator=torch.Generator().manual_seed(7))[0]).numpy())
            self.accuracies.append(self.bank.accuracy(*ask(200, generator=torch.Generator().manual_seed(8))).numpy())

    def median(self) -> tuple[np.ndarray, np.ndarray]:
        """Over the networks: reach and accuracy, (steps,) both."""
        return np.median(self.reaches, axis=1), np.median(self.accuracies, axis=1)


def reach_meter(logs: Mapping[str, ReachLog]) -> Scene:
    """Reach above and accuracy below, step by step of training. Control: step."""
    fig, (above, below) = plt.subplots(2, 1, figsize=(7.2, 4.3), sharex=True, height_ratios=[1.5, 1])
    steps = max((log.steps for log in logs.values()), key=len)
    rows = {}
    for (name, log), color, marker, dashes in zip(logs.items(), COLORS, "os^", ("-", "--", "-."), strict=False):
        curves = [_held(values, len(steps)) for values in log.median()]
        curves[0] = np.maximum(curves[0], FAINTEST)
        lines = [ax.plot([], [], color=color, linestyle=dashes, linewidth=1.6, label=name, zorder=3)[0] for ax in (above, below)]
        dots = [ax.plot([], [], marker, color=color, markersize=8, zorder=4)[0] for ax in (above, below)]
        rows[name] = curves, lines, dots
    above.axhline(1, color=BLACK, linestyle=":", linewidth=1)
    above.set(yscale="log", ylim=(FAINTEST, 1e3), ylabel="the answer moves by", yticks=[1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3])
    above.minorticks_off()
    quiet_title(above, "How much the first symbol moves the answer now (median)")
    above.legend(loc="lower right", fontsize=9, ncols=3).set_zorder(1)
    below.set(ylim=(0.4, 1.05), xlim=(-2, steps[-1] + 2), xlabel="step of training", ylabel="accuracy", yticks=[0.5, 0.75, 1])

    def draw(step: int) -> tuple[str, bool]:
        i = int(np.searchsorted(steps, step, side="right")) - 1
        said = []
        for name, (curves, lines, dots) in rows.items():
            for values, line, dot in zip(curves, lines, dots, strict=True):
                line.set_data(steps[:i + 1], values[:i + 1])
                dot.set_data([steps[i]], [values[i]])
            said.append(f"{name}: moves by {measured(curves[0][i], '.0e')}, accuracy {measured(curves[1][i], '.2f')}")
        first = next(iter(rows.values()))[0]
        return f"After {steps[i]} steps. {'; '.join(said)}.", bool(first[0][i] > 1 and first[0][max(0, i - 1)] <= 1)

    return draw, fig


def _held(values: Sequence[float] | np.ndarray, n: int) -> np.ndarray:
    """A curve that ended early (the task was learned) goes on level."""
    return np.append(values, np.full(n - len(values), values[-1]))
