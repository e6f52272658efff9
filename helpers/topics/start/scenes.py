"""Scenes of the first chapter: a digit under noise, ten templates that emerge while one watches, and a friend's digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import nn

from helpers import plots
from helpers.data import XY
from helpers.lesson.promises import a_digit, measured
from helpers.widgets import Step

#: Pictures (N, 1, 28, 28) to labels (N,).
Reader = Callable[[torch.Tensor], torch.Tensor]
#: The figure of the noise in three stages.
NOISE_STEPS = [
    Step("No noise: the network is ahead of the other two.", {"noise": 0.0, "which": 2}, light=2,
         ask=("Turn the noise up: whose curve will fall first?", ["the network's", "the templates'", "the neighbour's"], 0)),
    Step("Noise 0.5: you can read this digit; of all digits the network misreads more than half.", {"noise": 0.5, "which": 2}, light=0,
         ask=("97 of 100 clean digits read right: what does that promise about noisy ones?", ["about 90 of 100", "nothing"], 1)),
    Step("Noise 1.0: the one that only remembers is far ahead now.", {"noise": 1.0, "which": 2}, light=2),
]
#: The noise levels of the slider: standard deviations, in units of full ink.
NOISE = np.round(np.arange(0, 2.01, 0.1), 1)


def add_noise(x: torch.Tensor, std: float, seed: int = 0) -> torch.Tensor:
    """Normal noise of standard deviation std on pixels in [0, 1], clipped to [0, 1]; same shape and dtype.

    Raises
    ------
    ValueError
        If std is negative.
    """
    if std < 0:
        raise ValueError(f"std must be 0 or more, got {std}")
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    return (x + std * noise).clamp(0, 1)


def accuracy_under_noise(read: Reader, data: XY, levels: np.ndarray = NOISE) -> np.ndarray:
    """The share of data that a reader gets right at each noise level: float (len(levels),)."""
    x, y = data
    return np.array([float((read(add_noise(x, std)) == y).float().mean()) for std in levels])


def noise_scene(model: nn.Module, data: XY, shares: Mapping[str, np.ndarray]) -> tuple[Callable[..., tuple[str, bool]], Figure]:
    """A digit, the network's ten probabilities for it, and the share of all digits that each reader gets right, over the noise.

    Parameters
    ----------
    model : nn.Module
        The network whose answer to the one digit is shown.
    data : (x, y)
        x float32 (N, 1, 28, 28), y int64 (N,).
    shares : name → (len(NOISE),)
        What :func:`accuracy_under_noise` gives for each reader; the first one is the network's own, and the target
        is the least noise at which it falls below one half.
    """
    x, y = data
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(7.6, 2.8), width_ratios=[1, 0.9, 1.3])
    plots.image(left, x[0, 0], "the digit")
    bars = middle.hlines(range(10), 0, np.zeros(10), linewidth=9)       # one artist: ten bars take longer to paint
    middle.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xlabel="probability", ylabel="digit", title="what the network says")
    right.axhline(0.5, color=plots.BLACK, linewidth=1, linestyle=":")
    for (name, share), color, dash in zip(shares.items(), plots.COLORS, ("-", "--", "-."), strict=False):
        right.plot(NOISE, share, color=color, linestyle=dash, label=name)
    dots = [(share, right.plot([0], [share[0]], mark, color=color, markersize=7)[0])        # above all curves: these need not be painted again
            for share, color, mark in zip(shares.values(), plots.COLORS, "o^s", strict=False)]
    right.set(ylim=(0, 1.5), yticks=[0, 0.25, 0.5, 0.75, 1], xlabel="noise (standard deviation)", ylabel="share read right", title=f"all {len(x)} digits")
    right.legend(fontsize=8, loc="upper right", frameon=True, facecolor="white", edgecolor="none", framealpha=1).set_zorder(1)
    for ax in (left, middle, right):
        for spine in ax.spines.values():                # below what moves, so that it is not painted again
            spine.set_zorder(-1)
    picture, first = left.images[0], next(iter(shares.values()))
    noise_of = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))

    def draw(noise: float, which: int) -> tuple[str, bool]:
        i = int(np.abs(NOISE - noise).argmin())
        digit = (x[which] + float(NOISE[i]) * noise_of[which]).clamp(0, 1)      # as add_noise gives it, without the other digits
        with torch.inference_mode():
            probs = F.softmax(model(digit[None]), dim=1)[0].numpy()
        picture.set_data(digit[0].numpy())
        bars.set_segments([[(0, k), (p, k)] for k, p in enumerate(probs)])
        bars.set_color([plots.VERMILION if k == probs.argmax() else plots.BLUE for k in range(10)])
        for share, dot in dots:
            dot.set_data([NOISE[i]], [share[i]])
        rights = ", ".join(f"{name} {measured(share[i], '.0%')}" for name, share in shares.items())
        words = (f"At noise {NOISE[i]:.1f} the network reads this {int(y[which])} as {measured(a_digit(int(probs.argmax())))}. "
                 f"Of all digits read right: {rights}.")
        return words, bool(i > 0 and first[i] < 0.5 <= first[i - 1])

    return draw, fig


def friend_scan(x: torch.Tensor) -> torch.Tensor:
    """Digits as a friend's scanner gives them; same shape. The reader of the chapter is to find out what it did."""
    return 1 - x


#: How many of the training pictures the second curve of the templates is measured on: as many as there are new ones.
N_STORED = 500


class TemplateRun:
    """Ten templates, one a digit, that learn by gradient descent: softmax regression on flattened pixels.

    Parameters
    ----------
    data : (x, y)
        x float32 (N, 1, 28, 28) in [0, 1]; y int64 (N,).
    val : (x, y)
        What the accuracy is measured on after each step.
    seed : int
        Which examples come when.
    lr : float
        The learning rate.
    batch_size : int
        Examples a step.

    Attributes
    ----------
    accuracy, stored_accuracy : lists of float
        Before the first step and after each: the share right of val, and of the first N_STORED examples of data.
    n_steps : int
        Steps made so far.
    """

    def __init__(self, data: XY, val: XY, *, seed: int, lr: float, batch_size: int) -> None:
        self.x, self.y = data[0].flatten(1), data[1]
        self.val_x, self.val_y = val[0].flatten(1), val[1]
        self.lr, self.batch_size = lr, batch_size
        self.generator = torch.Generator().manual_seed(seed)
        self.W, self.b = torch.zeros(10, 784).T, torch.zeros(10)        # each template in one piece: half the time a step
        self.n_steps = 0
        self.accuracy, self.stored_accuracy = [self._measure(self.val_x, self.val_y)], [self._measure(*self._stored)]

    def step(self) -> None:
        """One step, after which both accuracies are measured."""
        self.steps(1)
        self.accuracy.append(self._measure(self.val_x, self.val_y))
        self.stored_accuracy.append(self._measure(*self._stored))

    def steps(self, n: int) -> None:
        """n steps in one go, after which nothing is measured."""
        for _ in range(n):
            self._update()

    def _update(self) -> None:
        """The gradient of cross-entropy through softmax is (probs - truth) (chapter 01 derives it)."""
        i = torch.randint(len(self.x), (int(self.batch_size),), generator=self.generator)
        x = self.x.index_select(0, i)
        error = F.softmax(x @ self.W + self.b, dim=1) - F.one_hot(self.y[i], 10)
        self.W -= self.lr / len(i) * (error.T @ x).T
        self.b -= self.lr * error.mean(0)
        self.n_steps += 1

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        """Pictures (N, 1, 28, 28) to digits, int64 (N,)."""
        return (x.flatten(1) @ self.W + self.b).argmax(1)

    @property
    def _stored(self) -> XY:
        return self.x[:N_STORED], self.y[:N_STORED]

    def _measure(self, x: torch.Tensor, y: torch.Tensor) -> float:
        return float(((x @ self.W + self.b).argmax(1) == y).float().mean())


def mosaic(W: torch.Tensor) -> np.ndarray:
    """Ten templates (784, 10) as one picture of two rows, (2·28, 5·28), each scaled to [-1, 1]."""
    t = W.T.reshape(10, 28, 28)
    t = t / t.abs().amax((1, 2), keepdim=True).clamp_min(1e-9)
    return t.reshape(2, 5, 28, 28).permute(0, 2, 1, 3).reshape(56, 140).numpy()


def templates_scene(target: float, first: int, last: int) -> tuple[Callable[[TemplateRun], tuple[str, bool]], Figure]:
    """Ten templates as pictures, and the accuracy on stored and on new digits after each step.

    The target is reached if the accuracy never falls below it from the first step named to the last.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.9), width_ratios=[1.6, 1])
    plots.image(left, np.zeros((56, 140)), "ten templates: red votes for, blue against", signed=True, limit=1)
    picture = left.images[0]
    for k in range(10):
        left.text(28 * (k % 5) + 2, 28 * (k // 5) + 6, str(k), fontsize=9, fontweight="bold")
    (line,) = right.plot([], [], color=plots.BLUE, label="new digits")
    (stored,) = right.plot([], [], color=plots.VERMILION, linestyle="--", label="stored digits")
    right.plot([first, first, last, last], [0, target, target, 0], color=plots.BLACK, linewidth=1, linestyle=":", zorder=1)
    right.set(xlim=(0, 200), ylim=(0, 1), xlabel="step", ylabel="accuracy", title="how well they vote")
    right.legend(loc="lower right", fontsize=8, frameon=True, facecolor="white", edgecolor="none", framealpha=1).set_zorder(1)

    def draw(run: TemplateRun) -> tuple[str, bool]:
        n = len(run.accuracy)
        if n > right.get_xlim()[1]:
            right.set_xlim(0, 2 * right.get_xlim()[1])
        elif n == 1:
            right.set_xlim(0, 200)
        picture.set_data(mosaic(run.W))
        line.set_data(range(n), run.accuracy)
        stored.set_data(range(n), run.stored_accuracy)
        words = f"accuracy on new digits {measured(run.accuracy[-1], '.2f')}, on stored ones {measured(run.stored_accuracy[-1], '.2f')}"
        return words, n > last and min(run.accuracy[first : last + 1]) >= target

    return draw, fig
