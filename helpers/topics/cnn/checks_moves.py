"""Exercise 2.6, a test for any layer: what people get wrong."""



from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from helpers.lesson.exercise import Case, Exercise

Map = Callable[[torch.Tensor], torch.Tensor]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))

# ---------------------------------------------------------------- 2.6 equivariance

def gap(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1)).abs().max())


def _by_place(x: torch.Tensor) -> torch.Tensor:
    """A weight of its own for every channel, row and column."""
    return x * _normal(499, *x.shape[1:])


def _zero_padded(x: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x, _normal(101, 1, 1, 3, 5), padding=(1, 2))


def _circular(x: torch.Tensor) -> torch.Tensor:
    return F.conv2d(F.pad(x, (2, 2, 1, 1), mode="circular"), _normal(100, 1, 1, 3, 5))


def _first_column(x: torch.Tensor) -> torch.Tensor:
    return torch.cat([x[..., :1] * (1 + torch.arange(x.shape[-2], dtype=x.dtype))[:, None], x[..., 1:]], -1)


def _one_pixel(x: torch.Tensor) -> torch.Tensor:
    """Only the last pixel of the last channel of the last image is treated otherwise."""
    y = x.clone()
    y[-1, -1, -1, -1] *= 3
    return y


def _gap_cases() -> list[Case]:
    return [
        Case("f = a weight for every place, moved by 2", (_by_place, _normal(90, 2, 2, 6, 7), 2)),
        Case("f = zero-padded convolution, moved by -3", (_zero_padded, _normal(91, 2, 1, 8, 9), -3)),
        Case("f = circular convolution, moved by 4", (_circular, _normal(92, 2, 1, 7, 10), 4)),
        Case("f = column 0 alone weighed by the row's number, moved by -1", (_first_column, _normal(96, 2, 1, 5, 8), -1)),
        Case("f = a weight for every place, moved by 8, one more than the width", (_by_place, _normal(94, 2, 2, 6, 7), 8)),
        Case("f = nothing at all, not moved", (nn.Identity(), _normal(93, 1, 2, 5, 5), 0)),
        Case("f = one pixel of the last channel of the last image trebled, moved by 1", (_one_pixel, _normal(97, 3, 2, 4, 6), 1)),
        Case("f = ReLU, moved by 50", (torch.relu, _normal(95, 4, 3, 40, 120), 50)),
    ]


equivariance_gap = Exercise(
    "2.6", oracle=gap, cases=_gap_cases,
    verified="0 for ReLU and circular convolution, and the right gap for zero padding and for layers that look at where they are",
)


@equivariance_gap.wrong("a number is wanted, not yes or no: how large is the greatest difference?")
def _yes_or_no(f: Map, x: torch.Tensor, dx: int) -> float:
    return torch.equal(f(torch.roll(x, dx, -1)), torch.roll(f(x), dx, -1))


@equivariance_gap.wrong("this compares f(moved x) with f(x), which tests invariance: move f(x) as well before you compare.")
def _invariance(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - f(x)).abs().max())


@equivariance_gap.wrong("the picture was moved up or down: columns are the last axis (dims=-1 or 3).")
def _rows(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -2)) - torch.roll(f(x), dx, -2)).abs().max())


@equivariance_gap.wrong("without the absolute value, differences below zero do not count: take .abs() before .max().")
def _signed(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1)).max())


@equivariance_gap.wrong("this is the mean difference; a border that is wrong hides in a mean. Take the greatest.")
def _mean_gap(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1)).abs().mean())


@equivariance_gap.wrong("the two are moved in opposite directions: f(x) must move by dx too, not back.")
def _opposite(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), -dx, -1)).abs().max())


@equivariance_gap.wrong("torch.roll without dims moves all axes as one long row: name the axis, dims=-1.")
def _all_axes(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx)) - torch.roll(f(x), dx)).abs().max())


@equivariance_gap.wrong("only the first channel was looked at: take the greatest difference over all channels (and images).")
def _first_channel_of_the_gap(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1))[:, 0].abs().max())


@equivariance_gap.wrong("both were moved to the left: a positive dx moves to the right, as torch.roll does.")
def _to_the_left(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, -dx, -1)) - torch.roll(f(x), -dx, -1)).abs().max())


@equivariance_gap.wrong("the columns at the border were left out; that is just where layers betray their place. Compare all columns.")
def _without_the_border(f: Map, x: torch.Tensor, dx: int) -> float:
    return float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1))[..., 1:-1].abs().max())


@equivariance_gap.wrong("the sign of dx is lost: a negative dx moves to the left.")
def _without_the_sign(f: Map, x: torch.Tensor, dx: int) -> float:
    return gap(f, x, abs(dx))


@equivariance_gap.wrong("zeros move in at the border: with torch.roll, what leaves at one side comes in at the other.")
def _zeros_move_in(f: Map, x: torch.Tensor, dx: int) -> float:
    def move(a: torch.Tensor) -> torch.Tensor:
        return F.pad(a, (dx, -dx))
    return float((f(move(x)) - move(f(x))).abs().max())


@equivariance_gap.also_right
def _by_places(f: Map, x: torch.Tensor, dx: int) -> torch.Tensor:
    places = (torch.arange(x.shape[-1]) - dx) % x.shape[-1]
    return (f(x[..., places]) - f(x)[..., places]).abs().amax()


@equivariance_gap.also_right
def _moved_back(f: Map, x: torch.Tensor, dx: int) -> torch.Tensor:
    return torch.linalg.vector_norm(f(x.roll(dx, 3)).roll(-dx, 3) - f(x), float("inf"))
