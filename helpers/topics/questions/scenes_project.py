"""The figures to play with of the lesson on one's own project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers import plots
from helpers.lesson.promises import measured
from helpers.project import demo, difference, load
from helpers.topics.questions.planted import Planted
from helpers.training import fit
from helpers.training.fit import predict_logits
from helpers.widgets.steps import Step

PLANTED_STEPS = [
    Step("Copies in the test: the score rises with their share, the worth does not. audit() names them from the first one on.",
         {"fault": "copies in the test", "share": 0.2}, light=0),
    Step("Another device: now the score falls, and rightly so. It is a warning, no fake.", {"fault": "another device", "share": 0.1},
         ask=("Which question of audit() sees it?", ["can a model tell test from training?", "are there copies?"], 0), light=1),
    Step("A note made after the diagnosis, for one patient in five. The score flatters, and the list on the right is empty.",
         {"fault": "a note made afterwards", "share": 0.2},
         ask=("What would have found it?", ["a longer training", "to ask when each column is known"], 1), light=1),
]
#: By so much a score must flatter to reach the target.
FLATTERS = 0.05


def planted_faults(bank: Mapping[str, Planted]) -> tuple[Callable[[str, float], tuple[str, bool]], Figure]:
    """Controls: fault, share. The target: a score that flatters by 5 points, and an audit that names nothing."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.3), width_ratios=[1.5, 1])
    (own,) = ax.plot([], [], "o-", color=plots.BLUE, label="the score you would report")
    (worth,) = ax.plot([], [], "s--", color=plots.VERMILION, label="the same patients, no fault")
    (here,) = ax.plot([], [], "D", color=plots.BLACK, markersize=9, markerfacecolor="none")
    ax.set(xlim=(-0.01, 0.31), ylim=(0.45, 0.9), xlabel="share of the fault", ylabel="accuracy")
    ax.legend(fontsize=8, frameon=True, framealpha=1, loc="lower left")
    plots.quiet_title(ax, "What a planted fault does")
    bx.axis("off")
    plots.quiet_title(bx, "Faults that audit() names")
    found = bx.text(0, 0.9, "", fontsize=12, va="top")

    def draw(fault: str, share: float) -> tuple[str, bool]:
        data = bank[fault]
        i = data.shares.index(share)
        score, honest = data.measured.mean(1), data.honest.mean(1)          # over deals
        own.set_data(data.shares, score)
        worth.set_data(data.shares, honest)
        here.set_data([share], [score[i]])
        found.set_text("\n".join(data.named[i]) or "none")
        words = (f"{fault}, share {share:.0%}: the score is {measured(score[i], '.2f')}, without the fault {measured(honest[i], '.2f')} "
                 f"(means of {data.measured.shape[1]} deals); audit() names {', '.join(data.named[i]) or 'nothing'}.")
        return words, score[i] - honest[i] >= FLATTERS and not data.named[i]

    return draw, fig


@dataclass(frozen=True)
class Compared:
    """One kind of data: what was read, the mean errors on validation, and the network's lead with its interval."""

    told: str
    network: float
    baseline: float
    lead: tuple[float, float, float]
    n: int


def compared(kind: str, folder: Path, *, n_epochs: int = 15, seed: int = 0) -> Compared:
    """The project notebook's lines on one kind of the course's own data; errors are on the validation part."""
    own = load(demo(kind, folder), kind, horizon=8 if kind == "series" else 1)
    train, val, _ = own.split(seed)
    a, b = own.tensors(train, val)
    torch.manual_seed(seed)
    model = own.model(a)
    model(a[0][:2])
    fit(model, a, b, n_epochs=n_epochs, lr=0.003, loss=own.loss, seed=seed, progress=False)
    network = own.errors(predict_logits(model, b[0]), b[1])
    baseline = own.errors(own.baseline(a, b[0]), b[1])
    return Compared(str(own), float(network.mean()), float(baseline.mean()), difference(network, baseline, seed=seed), len(val))


def own_kinds(results: Mapping[str, Compared]) -> tuple[Callable[[str], tuple[str, bool]], Figure]:
    """Control: kind. The target: a kind on which the baseline leads, or nobody can say who does."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 2.9), width_ratios=[1, 1.2])
    bars = ax.barh([0, 1], [0, 0], color=[plots.BLUE, plots.ORANGE], hatch=["", "//"], edgecolor="white")
    ax.set(yticks=[0, 1], yticklabels=["network", "baseline"], xlim=(0, 1), xlabel="mean error, as a share of the larger")
    ax.invert_yaxis()
    plots.quiet_title(ax, "Errors on validation")
    bx.axvline(0, color="0.5", linewidth=1)
    (line,) = bx.plot([], [], "-", color=plots.VERMILION, linewidth=3)
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=9)
    bx.set(xlim=(-1, 1), ylim=(-1, 1), yticks=[], xlabel="the network's lead, as a share of the baseline's error")
    plots.quiet_title(bx, "Its lead, with a 95 % interval")

    def draw(kind: str) -> tuple[str, bool]:
        r = results[kind]
        top = max(r.network, r.baseline, 1e-9)
        for bar, value in zip(bars, (r.network, r.baseline), strict=True):
            bar.set_width(value / top)
        gain, low, high = (np.clip(v / max(r.baseline, 1e-9), -1, 1) for v in r.lead)
        line.set_data([low, high], [0, 0])
        dot.set_data([gain], [0])
        verdict = "the network is better" if r.lead[1] > 0 else "the baseline is better" if r.lead[2] < 0 else "nobody can say who is better"
        return (f"{r.told}. Mean error: network {measured(r.network, '.3g')}, baseline {measured(r.baseline, '.3g')}; lead {measured(r.lead[0], '.3g')} "
                f"({measured(r.lead[1], '.3g')} to {measured(r.lead[2], '.3g')}; it varies which of {r.n} examples were drawn): {measured(verdict)}."), r.lead[1] <= 0

    return draw, fig
