"""Counting by hand against torch's counters; the builder, the budget and the window against real layers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from helpers.models import count_parameters
from helpers.topics.building import budget, builder
from helpers.topics.building.counting import kept_bytes, multiply_adds
from helpers.topics.building.networks import (
    BiGRU,
    Residual,
    conv_autoencoder,
    conv_stack,
    dense_autoencoder,
    residual_stack,
    widest,
)


def real(name: str, shape: tuple[int, ...]) -> nn.Module:
    kind, numbers = builder.LAYERS[name]
    if kind == "conv":
        c, k, s = numbers
        return nn.Conv1d(shape[0], c, k, s, padding=k // 2)
    if kind == "mean":
        return nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten())
    if kind == "linear":
        return nn.Linear(shape[0], numbers[0])
    return nn.MaxPool1d(2) if kind == "pool" else nn.Flatten()


def test_the_builder_agrees_with_torch() -> None:
    rng = np.random.default_rng(0)
    some = [n for n in builder.LAYERS if n != "(nothing)"]
    problems = 0
    for _ in range(60):
        names = [str(n) for n in rng.choice(some, 4)]
        stack, x = builder.compute(names), torch.zeros(1, 1, 40)
        for row in stack.rows:
            layer = real(row.name, tuple(x.shape[1:]))
            assert multiply_adds(layer, x) == row.multiply_adds
            assert count_parameters(layer) == row.parameters
            x = layer(x).detach()
            assert tuple(x.shape[1:]) == row.shape
        assert bool(stack.problem) == (len(stack.rows) < 4)
        problems += bool(stack.problem)
    assert 5 < problems < 55


def test_the_builders_window_is_what_gradients_reach() -> None:
    names = ["conv 8, kernel 5, stride 2", "max pool 2", "conv 8, kernel 3"]
    shape: tuple[int, ...] = (1, 40)
    x, layers = torch.randn(1, 1, 40, requires_grad=True), []
    for row in builder.compute(names).rows:
        layers.append(nn.AvgPool1d(2) if row.name.startswith("max") else real(row.name, shape))     # a mean lets all of its inputs through
        shape = row.shape
    nn.Sequential(*layers)(x)[0, :, 5].sum().backward()
    assert x.grad is not None
    reached = x.grad[0, 0].nonzero()[:, 0]
    assert int(reached[-1] - reached[0]) + 1 == builder.compute(names).rows[-1].window


def test_the_builders_goal_and_its_steps() -> None:
    draw, _ = builder.builder()
    assert draw(**builder._stack("conv 8, kernel 5, stride 2", "conv 8, kernel 3", "max pool 2", "conv 8, kernel 3", "mean over places", "linear 10"))[1]
    assert not draw(**builder.START)[1]
    assert "does" not in draw(**builder._stack())[0]
    broken = ("linear 10", "conv 8, kernel 3", "flatten")
    assert "wait conv 8, kernel 3, flatten" in draw(**builder._stack(*broken))[0]
    for step in builder.STEPS:
        assert isinstance(draw(**step.values)[0], str)


@pytest.mark.parametrize(("depth", "width", "halve"), [(1, 7, 0), (4, 5, 2), (3, 6, 3), (2, 4, 1)])
def test_the_budget_counts_as_torch_does(depth: int, width: int, halve: int) -> None:
    layers: list[nn.Module] = []
    for layer in range(1, depth + 1):
        layers += [nn.Conv1d(width if layer > 1 else 1, width, 3, 2 if layer == halve else 1, padding=1), nn.ReLU()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool1d(5), nn.Flatten(), nn.Linear(5 * width, 10))
    found = budget.cost(depth, width, halve)
    assert found.parameters == count_parameters(model)
    assert found.multiply_adds == multiply_adds(model, torch.zeros(1, 1, 40))


def test_the_budgets_goal_can_be_reached_only_by_halving() -> None:
    draw, _ = budget.budget()
    assert draw(depth=4, width=15, halve=1)[1]
    assert not draw(depth=4, width=15, halve=0)[1]
    for depth, width, halve in itertools.product((1, 12), (2, 300), (0, 12)):
        draw(depth=depth, width=width, halve=halve)


@pytest.mark.parametrize(("depth", "kernel", "doubling"), [(1, 5, False), (3, 3, False), (4, 3, True), (2, 5, True)])
def test_the_window_and_its_ways_are_a_convolution_of_ones(depth: int, kernel: int, doubling: bool) -> None:
    layers = []
    for k in range(depth):
        step = 2**k if doubling else 1
        conv = nn.Conv1d(1, 1, kernel, dilation=step, padding=step * (kernel // 2), bias=False)
        nn.init.constant_(conv.weight, 1 / kernel)
        layers.append(conv)
    x = torch.zeros(1, 1, 101, requires_grad=True)
    nn.Sequential(*layers)(x)[0, 0, 50].backward()
    found = budget.window(depth, kernel, doubling)
    assert x.grad is not None
    half = found.width // 2
    np.testing.assert_allclose(x.grad[0, 0, 50 - half:51 + half], found.ways, atol=1e-6)
    assert float(x.grad.abs().sum()) == pytest.approx(found.ways.sum(), rel=1e-5)


def test_the_windows_scene_at_its_ends() -> None:
    draw, _ = budget.window_scene()
    assert draw(depth=4, kernel=3, doubling=True, example=0)[1]
    for depth, kernel, doubling in itertools.product((1, 8), (3, 9), (False, True)):
        assert not draw(depth=depth, kernel=kernel, doubling=doubling, example=9)[1]


def test_kept_bytes_leave_parameters_out_and_grow_with_the_batch() -> None:
    layer = nn.Linear(50, 20)
    assert kept_bytes(layer, torch.zeros(6, 50, requires_grad=True)) == 4 * 6 * 50
    one, ten = (kept_bytes(conv_stack(2, 4), torch.zeros(n, 1, 40)) for n in (10, 100))
    assert 8 < ten / one < 11


def test_shapes_of_the_stacks() -> None:
    x, picture = torch.randn(3, 1, 40), torch.randn(3, 1, 14, 14)
    for model in (conv_stack(1, 4), conv_stack(3, 5, 21), conv_stack(2, 4, norm=False), residual_stack(2, 4), BiGRU(5), BiGRU(4, 2)):
        assert model(x).shape == (3, 10)
    for model in (conv_autoencoder(1, 3), conv_autoencoder(2, 3), dense_autoencoder(7)):
        assert model(picture).shape == picture.shape
    with pytest.raises(ValueError, match="depth"):
        conv_autoencoder(3, 4)


def test_a_residual_block_without_an_answer_leaves_the_positive_part_alone() -> None:
    block, x = Residual(4).eval(), torch.randn(2, 4, 9)
    nn.init.zeros_(block.branch[-1].weight)         # type: ignore[arg-type]
    torch.testing.assert_close(block(x), x.relu())


@pytest.mark.parametrize("limit", [300, 3000, 9999])
def test_widest_is_the_widest(limit: int) -> None:
    width = widest(lambda w: conv_stack(2, w), count_parameters, limit)
    assert count_parameters(conv_stack(2, width)) <= limit < count_parameters(conv_stack(2, width + 1))
    with pytest.raises(ValueError, match="width 1"):
        widest(lambda w: conv_stack(2, w), count_parameters, 5)
