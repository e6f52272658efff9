"""The stacks of chapter 07: convolutions with and without residual branches, a GRU of two directions, autoencoders."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

#: Numbers in which an autoencoder of this chapter keeps a digit.
CODE = 8


def conv_block(n_in: int, n_out: int, kernel: int = 3, stride: int = 1, *, norm: bool = True) -> list[nn.Module]:
    """A convolution that keeps the length (at stride 1), batch normalisation or a bias, and ReLU."""
    conv = nn.Conv1d(n_in, n_out, kernel, stride, padding=kernel // 2, bias=not norm)
    return [conv, nn.BatchNorm1d(n_out), nn.ReLU()] if norm else [conv, nn.ReLU()]


def head(width: int, n_classes: int = 10, places: int = 5) -> list[nn.Module]:
    """Means over five stretches of the series, and a linear layer: (N, width, L) → (N, n_classes)."""
    return [nn.AdaptiveAvgPool1d(places), nn.Flatten(), nn.Linear(places * width, n_classes)]


def conv_stack(depth: int, width: int, kernel: int = 5, *, norm: bool = True, bend: bool = True) -> nn.Sequential:
    """depth convolutions of one width for series (N, 1, 40): the first halves the length, the others have a kernel of 3.

    bend : bool
        Whether a ReLU stands behind each convolution; if not, only behind the last.
    """
    layers = conv_block(1, width, kernel, 2, norm=norm)
    for _ in range(depth - 1):
        layers += conv_block(width, width, norm=norm)
    if not bend:
        layers = [*(layer for layer in layers[:-1] if not isinstance(layer, nn.ReLU)), layers[-1]]
    return nn.Sequential(*layers, *head(width))


class Residual(nn.Module):
    """Two convolutions whose answer is added to their input: (N, width, L) → (N, width, L)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(*conv_block(width, width), *conv_block(width, width)[:2])    # the last ReLU comes after the sum

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.branch(x))


def residual_stack(blocks: int, width: int) -> nn.Sequential:
    """A first convolution and so many residual blocks: 1 + 2·blocks convolutions for series (N, 1, 40)."""
    return nn.Sequential(*conv_block(1, width, 5, 2), *(Residual(width) for _ in range(blocks)), *head(width))


class BiGRU(nn.Module):
    """A GRU that reads a series from both ends, two numbers a step: (N, 1, L) with even L → (N, n_classes)."""

    def __init__(self, width: int, layers: int = 1, n_classes: int = 10, chunk: int = 2) -> None:
        super().__init__()
        self.chunk = chunk
        self.gru = nn.GRU(chunk, width, layers, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * width, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, h = self.gru(x.reshape(len(x), -1, self.chunk))          # h (2·layers, N, width)
        return self.out(torch.cat([h[-2], h[-1]], 1))               # the last layer's two ends


def conv_autoencoder(depth: int, width: int) -> nn.Sequential:
    """One or two convolutions to a code of 8 numbers, and the same way back, for pictures (N, 1, 14, 14).

    Raises
    ------
    ValueError
        If depth is not 1 or 2.
    """
    if depth == 1:
        down: list[nn.Module] = [nn.Conv2d(1, width, 3, 2, 1), nn.ReLU()]
        up: list[nn.Module] = [nn.ConvTranspose2d(width, 1, 4, 2, 1)]
        shape = (width, 7, 7)
    elif depth == 2:
        down = [nn.Conv2d(1, width, 3, 2, 1), nn.ReLU(), nn.Conv2d(width, 2 * width, 3, 2, 1), nn.ReLU()]
        up = [nn.ConvTranspose2d(2 * width, width, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(width, 1, 4, 2, 1)]
        shape = (2 * width, 4, 4)
    else:
        raise ValueError(f"depth must be 1 or 2, got {depth}")
    flat = shape[0] * shape[1] * shape[2]
    return nn.Sequential(*down, nn.Flatten(), nn.Linear(flat, CODE), nn.Linear(CODE, flat), nn.ReLU(), nn.Unflatten(1, shape), *up)


def dense_autoencoder(width: int) -> nn.Sequential:
    """The plain rival: one hidden layer on either side of the code, no convolution; (N, 1, 14, 14) → the same."""
    return nn.Sequential(nn.Flatten(), nn.Linear(196, width), nn.ReLU(), nn.Linear(width, CODE),
                         nn.Linear(CODE, width), nn.ReLU(), nn.Linear(width, 196), nn.Unflatten(1, (1, 14, 14)))


def widest(make: Callable[[int], nn.Module], cost: Callable[[nn.Module], int], budget: int) -> int:
    """The greatest width for which a network still costs no more than the budget.

    Raises
    ------
    ValueError
        If width 1 costs more already.

    >>> widest(lambda width: nn.Linear(width, 3), lambda m: sum(p.numel() for p in m.parameters()), 33)
    10
    """
    if cost(make(1)) > budget:
        raise ValueError(f"a network of width 1 costs {cost(make(1)):,}, more than the budget of {budget:,}")
    low, high = 1, 2
    while cost(make(high)) <= budget:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost(make(middle)) <= budget else (low, middle)
    return low
