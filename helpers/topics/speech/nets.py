"""The chapter's two networks: one that names a picture of one word, one that names each frame of a string."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.speech import ctc
from helpers.topics.speech.strings import padded

#: Steps in time from one frame of the features to one of the network's output.
STRIDE = 4


def word_net(n_classes: int = 10, channels: Sequence[int] = (8, 16, 24), grid: tuple[int, int] = (5, 7)) -> nn.Sequential:
    """A CNN over pictures (N, 1, bands, frames): three convolutions that halve the picture, then one layer on a grid of 5 × 7 places."""
    layers: list[nn.Module] = []
    before = 1
    for width in channels:
        layers += [nn.Conv2d(before, width, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(grid), nn.Flatten(), nn.Dropout(0.3), nn.Linear(before * grid[0] * grid[1], n_classes))


class FrameNet(nn.Module):
    """Convolutions over time: features (B, T, bands) → log probabilities (B, T / 4, 11) of blank and ten digits."""

    def __init__(self, bands: int = 40, width: int = 64, n_symbols: int = 11) -> None:
        super().__init__()
        def block(n_in: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
            return [nn.Conv1d(n_in, width, 5, stride, 2 * dilation, dilation, bias=False), nn.BatchNorm1d(width), nn.ReLU()]
        self.body = nn.Sequential(*block(bands, 2), *block(width, 2), *block(width), *block(width, 1, 2))
        self.head = nn.Linear(width, n_symbols)

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.body(x.transpose(1, 2)).transpose(1, 2))
        return out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scores(x).log_softmax(-1)


def out_length(n: torch.Tensor) -> torch.Tensor:
    """Frames of the output for n frames of the input."""
    for _ in range(2):
        n = torch.div(n - 1, 2, rounding_mode="floor") + 1
    return n


@dataclass
class Curve:
    """What a training of a FrameNet tells of itself: the loss of each step, and at some steps a score on validation data."""

    losses: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    wers: list[float] = field(default_factory=list)
    blanks: list[float] = field(default_factory=list)


def train_frames(net: FrameNet, xs: Sequence[torch.Tensor], digits: Sequence[Sequence[int]], *, n_steps: int, single: bool = False, batch_size: int = 16,
                 lr: float = 5e-3, seed: int = 0, check: Callable[[FrameNet], tuple[float, float]] | None = None, every: int = 50) -> Curve:
    """Train on strings with CTC; with single=True on clips of one digit each: its greatest score over time is its logit.

    Parameters
    ----------
    xs, digits : lists of N tensors (T, bands) and N lists of digits
    check : callable, optional
        Gives the word error rate and the share of frames that say blank; called every so many steps.
    """
    curve, rng = Curve(), np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1.0, (i + 1) / 20) * max(0.02, 1 - i / n_steps))
    for step, places in enumerate(_batches(len(xs), batch_size, n_steps, rng)):
        if check and step % every == 0:
            _note(curve, step, *check(net))
        net.train()
        x, lengths = padded([xs[i] for i in places])
        if single:
            loss = F.cross_entropy(net.scores(x)[:, :, 1:].amax(1), torch.tensor([digits[i][0] for i in places]))
        else:
            targets = torch.tensor([d + 1 for i in places for d in digits[i]])
            sizes = torch.tensor([len(digits[i]) for i in places])
            loss = F.ctc_loss(net(x).transpose(0, 1), targets, out_length(lengths), sizes, zero_infinity=True)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        schedule.step()
        curve.losses.append(loss.item())
    if check:
        _note(curve, n_steps, *check(net))
    net.eval()
    return curve


def _note(curve: Curve, step: int, error: float, blank: float) -> None:
    curve.steps.append(step)
    curve.wers.append(error)
    curve.blanks.append(blank)


def _batches(n: int, size: int, n_steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    for _ in range(n_steps):
        yield rng.integers(0, n, size)


def frame_log_probs(net: FrameNet, xs: Sequence[torch.Tensor], batch_size: int = 50) -> list[torch.Tensor]:
    """The network's log probabilities of each string, a list of (T', 11)."""
    found = []
    net.eval()
    with torch.no_grad():
        for i in range(0, len(xs), batch_size):
            x, lengths = padded(xs[i:i + batch_size])
            found += [row[:n] for row, n in zip(net(x), out_length(lengths).tolist(), strict=True)]
    return found


def heard_by(net: FrameNet, xs: Sequence[torch.Tensor]) -> list[list[int]]:
    """The digits that the network reads, greedily, in each string."""
    return [[symbol - 1 for symbol in ctc.greedy(row)] for row in frame_log_probs(net, xs)]


def checker(xs: Sequence[torch.Tensor], digits: Sequence[Sequence[int]]) -> Callable[[FrameNet], tuple[float, float]]:
    """A check for :func:`train_frames`: word error rate, and the share of frames whose likeliest symbol is the blank."""
    def check(net: FrameNet) -> tuple[float, float]:
        rows = frame_log_probs(net, xs)
        said = [row.argmax(-1) for row in rows]
        heard = [[symbol - 1 for symbol in ctc.collapse(row.tolist())] for row in said]
        return ctc.wer(heard, digits), float((torch.cat(said) == ctc.BLANK).float().mean())
    return check
