"""Exercises 2.7 to 2.9, networks: a test for equivariance, shapes that fit, and a reader of moved digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from helpers.data import digits
from helpers.lesson.exercise import Case, Exercise, Met
from helpers.lesson.promises import measured
from helpers.models import count_parameters
from helpers.topics.cnn.checks_moves import gap
from helpers.topics.cnn.race import race
from helpers.topics.cnn.scenes import shift

Map = Callable[[torch.Tensor], torch.Tensor]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 2.7 a test for equivariance
def circular_convolution(x: torch.Tensor) -> torch.Tensor:
    """A convolution with the picture wrapped around"""
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), _normal(7, 3, 1, 3, 3))


def relu_and_scale(x: torch.Tensor) -> torch.Tensor:
    """A ReLU, then twice the value and one"""
    return 2 * x.relu() + 1


def neighbours_mean(x: torch.Tensor) -> torch.Tensor:
    """The mean of each pixel and its four neighbours, wrapped around"""
    return (x + sum(torch.roll(x, step, axis) for axis in (2, 3) for step in (1, -1))) / 5


def zeros_around(x: torch.Tensor) -> torch.Tensor:
    """A convolution with zeros around the picture"""
    return F.conv2d(x, _normal(8, 3, 1, 3, 3), padding=1)


def even_moves_alone(x: torch.Tensor) -> torch.Tensor:
    """A layer of stride 2, its map doubled in size again: exact for even moves alone"""
    return x[:, :, ::2, ::2].repeat_interleave(2, 2).repeat_interleave(2, 3)


def weighs_columns(x: torch.Tensor) -> torch.Tensor:
    """A layer with a weight of its own for each column"""
    return x * torch.arange(1.0, x.shape[3] + 1)


def weighs_rows(x: torch.Tensor) -> torch.Tensor:
    """A layer with a weight of its own for each row"""
    return x * torch.arange(1.0, x.shape[2] + 1)[:, None]


def mirrors(x: torch.Tensor) -> torch.Tensor:
    """A layer that mirrors the picture, so that the answer moves the other way"""
    return x.flip(3)


def one_corner(x: torch.Tensor) -> torch.Tensor:
    """A layer that treats the last pixel of the picture otherwise"""
    y = x.clone()
    y[:, :, -1, -1] *= 3
    return y


equivariant = Exercise("2.7", kind="test", right=[circular_convolution, relu_and_scale, neighbours_mean],
                       wrong_programs=[zeros_around, even_moves_alone, weighs_columns, weighs_rows, mirrors, one_corner])


def _agrees(layer: Map, x: torch.Tensor, moves: tuple[int, ...], axes: tuple[int, ...]) -> None:
    for n in moves:
        for axis in axes:
            assert torch.allclose(layer(torch.roll(x, n, axis)), torch.roll(layer(x), n, axis), atol=1e-5)


@equivariant.wrong("your test passes a wrong program: A layer of stride 2")
def even_moves(layer: Map) -> None:
    _agrees(layer, _normal(1, 2, 1, 6, 8), (2, 4), (2, 3))


@equivariant.wrong("your test passes a wrong program: A layer with a weight of its own for each row")
def along_columns(layer: Map) -> None:
    _agrees(layer, _normal(2, 2, 1, 6, 8), (1, 2, 3), (3,))


@equivariant.wrong("it sees no difference anywhere: a picture that is the same everywhere (or a test of shapes alone) hides what moves. Use random numbers, and compare values.")
def an_even_picture(layer: Map) -> None:
    _agrees(layer, torch.zeros(2, 1, 6, 8), (1, 2, 3), (2, 3))


@equivariant.wrong("this asks for invariance, f(T x) = f(x). Equivariance moves the answer too: f(T x) = T f(x).")
def invariance(layer: Map) -> None:
    x = _normal(3, 2, 1, 6, 8)
    assert torch.allclose(layer(torch.roll(x, 1, 3)), layer(x), atol=1e-5)


@equivariant.also_right
def by_the_gap(layer: Map) -> None:
    x = _normal(5, 1, 1, 8, 10)
    for dx in range(1, 4):
        assert gap(layer, x, dx) < 1e-4
        assert gap(lambda a: layer(a.transpose(2, 3)).transpose(2, 3), x, dx) < 1e-4


# ---------------------------------------------------------------- 2.8 shapes that fit
def _reader(width: int, edge: int, places: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(2 * width * places**2, 10))


def _given_reader(width: int, edge: int) -> nn.Module:
    places = edge // 4
    return nn.Sequential(
        nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(2 * width * places**2, 10))


def _judge_shapes(model: Any, width: int, edge: int) -> str | None:
    if not isinstance(model, nn.Module):
        return f"a network is wanted, an nn.Module; got {type(model).__name__}"
    if sum(isinstance(layer, nn.Conv2d) for layer in model.modules()) != 2:
        return "the network shall keep its two convolutions: mend the line that does not fit"
    try:
        out = model(torch.zeros(3, 1, edge, edge))
    except RuntimeError as error:
        return f"as soon as it sees a picture, the network raises: {error}"
    if not isinstance(out, torch.Tensor) or tuple(out.shape) != (3, 10):
        return f"three pictures should give logits of shape (3, 10); got {tuple(getattr(out, 'shape', ()))}"
    return None


shapes = Exercise("2.8", kind="fix", given=_given_reader, judge=_judge_shapes,
                  cases=lambda: [Case(f"width {w}, pictures of {e}×{e}", (w, e)) for w, e in ((16, 28), (3, 20), (4, 32), (5, 12), (2, 52))],
                  verified="networks for pictures of 12 to 52 pixels take them and give (N, 10)")


@shapes.wrong("mat1 and mat2 shapes cannot be multiplied (3x288 and 6272x10)")
def one_halving(width: int, edge: int) -> nn.Module:
    return _reader(width, edge, edge // 2)


@shapes.wrong("mat1 and mat2 shapes cannot be multiplied (3x24 and 54x10)")
def right_for_28_alone(width: int, edge: int) -> nn.Module:
    return _reader(width, edge, 3)


@shapes.wrong("mat1 and mat2 shapes cannot be multiplied (3x288 and 512x10)")
def rounded_up(width: int, edge: int) -> nn.Module:
    return _reader(width, edge, -(-edge // 8))


@shapes.wrong("the network shall keep its two convolutions")
def no_convolution(width: int, edge: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(edge**2, 10))


@shapes.also_right
def lazy(width: int, edge: int) -> nn.Module:
    return nn.Sequential(*list(_reader(width, edge, 1))[:-1], nn.LazyLinear(10))


@shapes.also_right
def three_halvings(width: int, edge: int) -> nn.Module:
    return _reader(width, edge, edge // 2 // 2 // 2)


# ---------------------------------------------------------------- 2.9 a reader of moved digits
BUDGET, TARGET, MOVE = 12_000, 0.80, 5


def _judge_reader(model: Any) -> str | None:
    if not isinstance(model, nn.Module):
        return f"a network is wanted, an nn.Module; got {type(model).__name__}"
    n = count_parameters(model)
    if n > BUDGET:
        return f"the network has {n:,} parameters; the budget is {BUDGET:,}"
    try:
        out = model(torch.zeros(2, 1, 28, 28))
    except Exception as error:
        return f"as soon as it sees digits of shape (2, 1, 28, 28), the network raises {type(error).__name__}: {error}"
    if not isinstance(out, torch.Tensor) or tuple(out.shape) != (2, 10):
        return f"two digits should give logits of shape (2, 10); got {tuple(getattr(out, 'shape', ()))}"
    data = digits()
    x, y = data.train
    runner = race({"reader": lambda: model}, (x[:1000], y[:1000]), data.val, n_epochs={"reader": 8}, lr={"reader": 1e-2}, seeds=[0],
                  progress=False)["reader"][0]
    x, y = data.val[0][:300], data.val[1][:300]
    right = sum(runner.accuracy((shift(x, dx), y)) for dx in (-MOVE, MOVE)) / 2
    if right < TARGET:
        return f"{n:,} parameters, {measured(right, '.0%')} of the moved digits; the target is {TARGET:.0%}"
    return Met(f"{n:,} parameters, {measured(right, '.0%')} of the moved digits; the target was {TARGET:.0%}")


moved = Exercise("2.9", kind="target", judge=_judge_reader, cases=lambda: [Case("digits moved by 5 pixels", ())], verified="it reads moved digits")


def _pooled(width: int, places: int) -> nn.Sequential:
    return nn.Sequential(*list(_reader(width, 28, places))[:5], nn.AdaptiveMaxPool2d(places), nn.Flatten(), nn.Linear(2 * width * places**2, 10))


@moved.wrong("7,946 parameters, 6")
def three_by_three_places() -> nn.Module:
    return _reader(16, 28, 3)


@moved.wrong("19,978 parameters; the budget is 12,000")
def too_wide() -> nn.Module:
    return _pooled(32, 1)


@moved.wrong("raises RuntimeError: mat1 and mat2 shapes cannot be multiplied")
def last_layer_does_not_fit() -> nn.Module:
    return nn.Sequential(*list(_pooled(16, 1))[:-1], nn.Linear(100, 10))


@moved.wrong("two digits should give logits of shape (2, 10); got (2, 32)")
def no_last_layer() -> nn.Module:
    return nn.Sequential(*list(_pooled(16, 1))[:-1])


@moved.also_right
def a_width_of_20() -> nn.Module:
    return _pooled(20, 1)


class _GreatestAnswer(nn.Module):
    """As one place, written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.windows, self.last = nn.Sequential(*list(_reader(22, 28, 1))[:5]), nn.Linear(44, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.windows(x).amax((2, 3)))


@moved.also_right
def by_hand() -> nn.Module:
    return _GreatestAnswer()
