"""Scenes of chapter 00: a digit under noise, ten templates that emerge while one watches, and other people's digits."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import nn

from helpers import plots
from helpers.data import XY
from helpers.lesson.promises import measured
from helpers.training import predict_logits

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


def accuracy_under_noise(model: nn.Module, data: XY, levels: np.ndarray = NOISE) -> np.ndarray:
    """The share of data that the model reads right at each noise level: float (len(levels),)."""
    x, y = data
    return np.array([float((predict_logits(model, add_noise(x, std)).argmax(1) == y).float().mean()) for std in levels])


def noise_scene(model: nn.Module, data: XY, share: np.ndarray) -> tuple[Callable[..., tuple[str, bool]], Figure]:
    """A digit, the network's ten probabilities for it, and the share of all digits read right, over the noise.

    share is what :func:`accuracy_under_noise` gives.
    """
    x, y = data
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(7.4, 2.7), width_ratios=[1, 0.9, 1.1])
    plots.image(left, x[0, 0], "the digit")
    bars = middle.hlines(range(10), 0, np.zeros(10), linewidth=9)       # one artist: ten bars take longer to paint
    middle.set(xlim=(0, 1), ylim=(9.6, -0.6), yticks=range(10), xlabel="probability", ylabel="digit", title="what it says")
    right.plot(NOISE, share, color=plots.BLUE)
    right.axhline(0.5, color=plots.BLACK, linewidth=1, linestyle=":")
    (dot,) = right.plot([0], [share[0]], "o", color=plots.VERMILION, markersize=9)
    right.set(ylim=(0, 1.02), xlabel="noise (standard deviation)", ylabel="share read right", title=f"all {len(x)} digits")
    for ax in (left, middle, right):
        for spine in ax.spines.values():                # below what moves, so that it is not painted again
            spine.set_zorder(-1)
    picture = left.images[0]
    noise_of = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))

    def draw(noise: float, which: int) -> tuple[str, bool]:
        i = int(np.abs(NOISE - noise).argmin())
        digit = (x[which] + float(NOISE[i]) * noise_of[which]).clamp(0, 1)      # as add_noise gives it, without the other digits
        with torch.inference_mode():
            probs = F.softmax(model(digit[None]), dim=1)[0].numpy()
        picture.set_data(digit[0].numpy())
        bars.set_segments([[(0, k), (p, k)] for k, p in enumerate(probs)])
        bars.set_color([plots.VERMILION if k == probs.argmax() else plots.BLUE for k in range(10)])
        dot.set_data([NOISE[i]], [share[i]])
        words = (f"At noise {NOISE[i]:.1f} the network reads this {int(y[which])} as a {measured(str(probs.argmax()))}, "
                 f"and {measured(share[i], '.0%')} of all digits right.")
        return words, bool(i > 0 and share[i] < 0.5 <= share[i - 1])

    return draw, fig


def friend_scan(x: torch.Tensor) -> torch.Tensor:
    """Digits as a friend's scanner gives them; same shape. The reader of the chapter is to find out what it did."""
    return 1 - x


def friend_file(x: torch.Tensor) -> torch.Tensor:
    """Digits as a friend's program prepares them, which divides by 255 once too often; same shape."""
    return x / 255


def as_plotted(*rows: torch.Tensor) -> Figure:
    """Rows of pictures (N, 1, H, W), each row stretched to black and white, as plotting programs do."""
    return plots.image_grid(torch.cat([row / row.max() for row in rows]), columns=len(rows[0]))


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
    """

    def __init__(self, data: XY, val: XY, *, seed: int, lr: float, batch_size: int) -> None:
        self.x, self.y = data[0].flatten(1), data[1]
        self.val_x, self.val_y = val[0].flatten(1), val[1]
        self.lr, self.batch_size = lr, batch_size
        self.generator = torch.Generator().manual_seed(seed)
        self.W, self.b = torch.zeros(10, 784).T, torch.zeros(10)        # each template in one piece: half the time a step
        self.accuracy = [self._measure()]

    def step(self) -> None:
        """One step. The gradient of cross-entropy through softmax is (probs - truth) (chapter 01 derives it)."""
        i = torch.randint(len(self.x), (int(self.batch_size),), generator=self.generator)
        x = self.x.index_select(0, i)
        error = F.softmax(x @ self.W + self.b, dim=1) - F.one_hot(self.y[i], 10)
        self.W -= self.lr / len(i) * (error.T @ x).T
        self.b -= self.lr * error.mean(0)
        self.accuracy.append(self._measure())

    def predict(self, x: torch.Tensor) -> torch.Tensor:
        """Pictures (N, 1, 28, 28) to digits, int64 (N,)."""
        return (x.flatten(1) @ self.W + self.b).argmax(1)

    def _measure(self) -> float:
        return float(((self.val_x @ self.W + self.b).argmax(1) == self.val_y).float().mean())


def mosaic(W: torch.Tensor) -> np.ndarray:
    """Ten templates (784, 10) as one picture of two rows, (2·28, 5·28), each scaled to [-1, 1]."""
    t = W.T.reshape(10, 28, 28)
    t = t / t.abs().amax((1, 2), keepdim=True).clamp_min(1e-9)
    return t.reshape(2, 5, 28, 28).permute(0, 2, 1, 3).reshape(56, 140).numpy()


def templates_scene(target: float, first: int, last: int) -> tuple[Callable[[TemplateRun], tuple[str, bool]], Figure]:
    """Ten templates as pictures, and the accuracy on the validation split after each step.

    The target is reached if the accuracy never falls below it from the first step named to the last.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.9), width_ratios=[1.6, 1])
    plots.image(left, np.zeros((56, 140)), "ten templates: red votes for, blue against", signed=True, limit=1)
    picture = left.images[0]
    for k in range(10):
        left.text(28 * (k % 5) + 2, 28 * (k // 5) + 6, str(k), fontsize=9, fontweight="bold")
    (line,) = right.plot([], [], color=plots.BLUE)
    right.plot([first, first, last, last], [0, target, target, 0], color=plots.BLACK, linewidth=1, linestyle=":", zorder=1)
    right.set(xlim=(0, 200), ylim=(0, 1), xlabel="step", ylabel="accuracy on new digits", title="how well they vote")

    def draw(run: TemplateRun) -> tuple[str, bool]:
        n = len(run.accuracy)
        if n > right.get_xlim()[1]:
            right.set_xlim(0, 2 * right.get_xlim()[1])
        elif n == 1:
            right.set_xlim(0, 200)
        picture.set_data(mosaic(run.W))
        line.set_data(range(n), run.accuracy)
        return f"accuracy {measured(run.accuracy[-1], '.2f')}", n > last and min(run.accuracy[first : last + 1]) >= target

    return draw, fig
