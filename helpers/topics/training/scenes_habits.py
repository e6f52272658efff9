"""The figures to play with of the lesson on habits: rate finder, noise of batches, the gallery of failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from helpers import plots
from helpers.data.split import XY
from helpers.lesson.promises import measured
from helpers.topics.training.bank import Weights, loss_of
from helpers.topics.training.failures import Curves
from helpers.widgets.steps import Step

GALLERY_STEPS = [
    Step("Curve B is the healthy one: both losses fall, and stay close together.", {"curve": "B"},
         ask=("What is the loss of one who knows nothing?", ["1", "log 10 = 2.3"], 1), light=0),
    Step("Curve A: look at where it begins, and where it is no longer drawn.", {"curve": "A"},
         ask=("A first loss near 231 is log 10 times 100. What is 100 here?", ["the batch size", "the number of epochs"], 0), light=0),
    Step("Curve E: it falls, and so slowly.", {"curve": "E"},
         ask=("Its loss cannot go below 1.46. Which program has such a floor?", ["softmax twice", "a rate too low"], 0), light=0),
    Step("Curve I: validation is as good as training, to the last epoch.", {"curve": "I"},
         ask=("Why is that no good news?", ["validation data were trained on", "the network is too small"], 0), light=1),
]


#: The greatest loss that the gallery's axis shows.
TOP = 4.0


@dataclass(frozen=True)
class Noise:
    """How far the gradients of batches lie from that of all the data: per batch size, the relative distances (n_batches,)."""

    sizes: list[int]
    distances: list[np.ndarray]

    @property
    def means(self) -> np.ndarray:
        return np.array([d.mean() for d in self.distances])


def gradient_noise(weights: Weights, data: XY, sizes: Sequence[int], n_batches: int = 60, seed: int = 0) -> Noise:
    """Draw batches with replacement, and compare their gradients with the whole gradient: ‖g_B − g‖ / ‖g‖.

    Parameters
    ----------
    weights : list of tensors
        Of one network, as in a bank: (1, D, H) and (1, 1, H) in turn.
    """
    x, y = data[0].flatten(1), data[1]
    whole = _gradient(weights, x, y)
    generator = torch.Generator().manual_seed(seed)
    found = []
    for size in sizes:
        places = [torch.randint(len(x), (size,), generator=generator) for _ in range(n_batches)]
        found.append(np.array([float((_gradient(weights, x[i], y[i]) - whole).norm() / whole.norm()) for i in places]))
    return Noise(list(sizes), found)


def _gradient(weights: Weights, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    leaves = [w.detach().requires_grad_() for w in weights]
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss_of(leaves, x[None], y[None]).sum(), leaves)])


def batch_noise(noise: Noise) -> tuple[Callable[[int], tuple[str, bool]], Figure]:
    """Control: size, one of the sizes. The target: the smallest batch whose noise is below the gradient itself."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.1))
    ax.plot(noise.sizes, noise.means, "o-", color=plots.BLUE, label="measured")
    ax.plot(noise.sizes, noise.means[0] * np.sqrt(noise.sizes[0] / np.array(noise.sizes)), "--", color=plots.VERMILION, label="1 / √(batch size)")
    (here,) = ax.plot([], [], "D", color=plots.BLACK, markersize=9)
    ax.axhline(1, color="0.6", linewidth=1)
    ax.set(xscale="log", yscale="log", xlabel="batch size", ylabel="noise / gradient")
    ax.legend(fontsize=8, frameon=True)
    ax.set_title("Noise falls as the root of the batch size", zorder=-1)
    edges = np.geomspace(0.05, 20, 31)
    bars = bx.bar(edges[:-1], np.zeros(30), width=np.diff(edges), align="edge", color=plots.SKY)
    bx.axvline(1, color="0.6", linewidth=1)
    bx.set(xscale="log", xlim=(0.05, 20), ylim=(0, 1), xlabel="noise / gradient of single batches", ylabel="share of batches")
    bx.set_title("Single batches of this size", zorder=-1)
    smallest = next((size for size, mean in zip(noise.sizes, noise.means, strict=True) if mean < 1), noise.sizes[-1])

    def draw(size: int) -> tuple[str, bool]:
        i = noise.sizes.index(size)
        here.set_data([size], [noise.means[i]])
        for bar, height in zip(bars, np.histogram(noise.distances[i], edges)[0] / len(noise.distances[i]), strict=True):
            bar.set_height(height)
        return (f"With batches of {size} the noise is {measured(noise.means[i], '.2f')} times as long as the gradient, "
                f"over {len(noise.distances[i])} batches."), size == smallest

    return draw, fig


def rate_finder(rates: np.ndarray, losses: np.ndarray, tried: np.ndarray, curves: np.ndarray) -> tuple[Callable[[float], tuple[str, bool]], Figure]:
    """Control: rate. The target: the rate whose training ends lowest.

    Parameters
    ----------
    rates, losses : (n,) arrays
        The sweep: the rate of each step and the smoothed loss there.
    tried, curves : (m,), (m, n_steps) arrays
        Rates with which whole trainings were run, and their smoothed losses.
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.1))
    ax.plot(rates, np.minimum(losses, 6), color=plots.BLUE)
    here = ax.axvline(rates[0], color=plots.VERMILION, linewidth=1.5)
    ax.set(xscale="log", ylim=(0, 4), xlabel="learning rate of the step", ylabel="loss (nats)")
    ax.set_title("One sweep: the rate grows each step", zorder=-1)
    for curve in curves:
        bx.plot(np.minimum(curve, 6), color="0.85", linewidth=1)
    (line,) = bx.plot([], [], color=plots.VERMILION)
    bx.set(xlim=(0, curves.shape[1]), ylim=(0, 4), xlabel="step", ylabel="loss (nats)")
    bx.set_title("A whole training at this rate", zorder=-1)
    ends = np.nan_to_num(curves[:, -1], nan=99)

    def draw(rate: float) -> tuple[str, bool]:
        i = int(np.abs(np.log(tried) - np.log(rate)).argmin())
        here.set_xdata([rate, rate])
        line.set_data(np.arange(curves.shape[1]), np.minimum(np.nan_to_num(curves[i], nan=99), 99))
        return f"A training at the rate {tried[i]:.2g} ends at a loss of {measured(ends[i], '.2f')}.", bool(i == ends.argmin())

    return draw, fig


def failures(curves: Mapping[str, Curves]) -> tuple[Callable[[str], tuple[str, bool]], Figure]:
    """Control: curve, a letter. The healthy training stands behind each in grey; the target is the curve that fell lowest in validation."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.3))
    healthy = curves["B"]
    epochs = np.arange(len(healthy.train_loss))
    for axes, ys in ((ax, (healthy.train_loss, healthy.val_loss)), (bx, (healthy.train_accuracy, healthy.val_accuracy))):
        for y, style in zip(ys, ("-", "--"), strict=True):
            axes.plot(epochs, y, color="0.8", linestyle=style, linewidth=1.5)
    (train,) = ax.plot([], [], color=plots.BLUE, marker=".", label="training")
    (val,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", marker=".", label="validation")
    ax.set(ylim=(0, TOP), xlabel="epoch", ylabel=f"loss (nats; {TOP:g} and more on top)")
    ax.legend(fontsize=8, frameon=True).set_zorder(1)
    title = ax.set_title("Curve A (grey: the healthy one)", zorder=9)     # it changes: above all, so that nothing need be painted over it
    (train_accuracy,) = bx.plot([], [], color=plots.BLUE, marker=".")
    (val_accuracy,) = bx.plot([], [], color=plots.VERMILION, linestyle="--", marker=".")
    bx.set(ylim=(0, 0.8), xlim=(0, len(epochs) - 1), xlabel="epoch", ylabel="accuracy")
    bx.set_title("Accuracy", zorder=-1)
    best = max(curves, key=lambda letter: max(curves[letter].val_accuracy))

    def draw(curve: str) -> tuple[str, bool]:
        found = curves[curve]
        for line, y in ((train, found.train_loss), (val, found.val_loss), (train_accuracy, found.train_accuracy), (val_accuracy, found.val_accuracy)):
            line.set_data(epochs, np.where(np.isfinite(y), np.clip(y, 0, TOP - 0.03), np.nan))
        title.set_text(f"Curve {curve} (grey: the healthy one)")
        lost = " (no number any more)" if not np.isfinite(found.train_loss[-1]) else ""
        return (f"Curve {curve}: training loss from {measured(found.train_loss[0], '.1f')} to {measured(found.train_loss[-1], '.2f')}{lost}, "
                f"validation loss {measured(found.val_loss[-1], '.2f')}, accuracy {measured(found.train_accuracy[-1], '.2f')} in training, "
                f"{measured(found.val_accuracy[-1], '.2f')} in validation."), curve == best

    return draw, fig
