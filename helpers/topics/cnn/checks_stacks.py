"""Exercises 2.4 and 2.5, pooling and stacks of layers: oracles from torch, and what people get wrong."""

# ruff: noqa: ARG005 (wrong answers ignore an argument on purpose)

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.cnn.windows import walk as _walk

Layers = list[tuple[int, int, int]]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 2.4 pooling

def _pool_cases() -> list[Case]:
    settings = [((2, 3, 7, 9), 3, 2), ((3, 2, 8, 5), 2, 1), ((2, 1, 9, 11), 2, 3), ((4, 16, 29, 28), 2, 2)]
    cases = [Case(f"x {shape}, size={size}, stride={stride}", (_normal(80 + i, *shape), size, stride)) for i, (shape, size, stride) in enumerate(settings)]
    return [cases[0], Case("x (1, 1, 4, 6), all of it below -500, size=2, stride=2", (-500 - _normal(85, 1, 1, 4, 6).abs(), 2, 2)), *cases[1:],
            Case("a transposed picture, x (1, 2, 5, 8), size=3, stride=1", (_normal(86, 1, 2, 8, 5).transpose(2, 3), 3, 1))]


max_pool = Exercise(
    "2.4", oracle=F.max_pool2d, cases=_pool_cases,
    verified="the same as F.max_pool2d for six settings, overlapping windows, gaps between them and a transposed picture included",
)


@max_pool.wrong("this is the mean of each window: pooling here keeps the greatest value.")
def _average(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.avg_pool2d(x, size, stride)


@max_pool.wrong("the window moves by its own size: move it by stride.")
def _by_its_size(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, size)


@max_pool.wrong("the window moves by one pixel: move it by stride.")
def _by_one_pixel(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, 1)


@max_pool.wrong("the greatest value is taken over all channels: each channel is pooled by itself.")
def _over_channels(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x.amax(1, keepdim=True), size, stride)


@max_pool.wrong("the search starts from 0, but among negative inputs the greatest lies below 0: begin with -inf, or with the values of the window.")
def _from_zero_up(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, stride).clamp(min=0)


@max_pool.wrong("the least value of each window was kept: take the greatest.")
def _least(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return -F.max_pool2d(-x, size, stride)


@max_pool.wrong("a last window that hangs over the edge was kept (rounded up): leave out what does not fit.")
def _hanging_over(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, stride, ceil_mode=True)


@max_pool.wrong(".max(axis) gives two things, the values and their places: use .amax, which gives the values alone, or .values.")
def _flat_values_and_places(x: torch.Tensor, size: int, stride: int) -> Any:
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).max(-1)


@max_pool.wrong(".max(axis) gives two things, the values and their places: use .amax, which gives the values alone, or .values.")
def _values_and_places(x: torch.Tensor, size: int, stride: int) -> Any:
    windows: Any = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.max(5).max(4)


@max_pool.wrong("the search starts from a number that pixels may lie below: begin with -inf, or with the values of the window.")
def _from_minus_100_up(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, stride).clamp(min=-100)


@max_pool.wrong("the last window is lost where it fits just up to the edge: a window may begin at H - size, so range(0, H - size + 1, stride).")
def _last_lost(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    h, w = len(range(0, x.shape[2] - size, stride)), len(range(0, x.shape[3] - size, stride))
    return F.max_pool2d(x, size, stride)[:, :, :h, :w]


@max_pool.wrong("size and stride are exchanged: a window is size pixels wide, and moves by stride.")
def _exchanged(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, stride, size)


@max_pool.also_right
def _by_slices(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    n, c, height, width = x.shape
    out = x.new_empty(n, c, (height - size) // stride + 1, (width - size) // stride + 1)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride:i * stride + size, j * stride:j * stride + size].amax((2, 3))
    return out


@max_pool.also_right
def _by_columns(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    n, c, height, width = x.shape
    columns = F.unfold(x.reshape(n * c, 1, height, width), size, stride=stride)
    return columns.amax(1).reshape(n, c, (height - size) // stride + 1, (width - size) // stride + 1)


# ---------------------------------------------------------------- 2.5 receptive field

def _seen_width(layers: Layers) -> int:
    """By experiment: which inputs change one output of a stack whose weights are all one?"""
    reach = 1 + sum(d * (k - 1) * math.prod(s for _, s, _ in layers[:i]) for i, (k, _, d) in enumerate(layers))
    jump = math.prod(s for _, s, _ in layers)
    x = torch.zeros(1, 1, reach + 3 * jump + 5, dtype=torch.float64, requires_grad=True)
    out = x
    for k, s, d in layers:
        out = F.conv1d(out, torch.ones(1, 1, k, dtype=torch.float64), stride=s, dilation=d)
    out[0, 0, 0].backward()
    assert x.grad is not None
    touched = x.grad[0, 0].nonzero().flatten()
    return int(touched.max() - touched.min() + 1)


def _field_cases() -> list[Case]:
    stacks: list[Layers] = [[(5, 2, 1), (2, 3, 1), (3, 1, 4), (5, 2, 2)], [(3, 1, 1)], [(3, 1, 1), (3, 1, 1), (3, 1, 1)], [(1, 2, 1), (3, 1, 1)],
                            [(3, 1, 1), (3, 1, 2), (3, 1, 4), (3, 1, 8)], [], [(7, 2, 1), (3, 2, 1), (3, 1, 1), (3, 2, 1), (3, 2, 1)]]
    return [Case(f"layers {stack}", (stack,)) for stack in stacks]


receptive_field = Exercise(
    "2.5", oracle=_seen_width, cases=_field_cases, tolerance=0.0, whole=True,
    verified="the window that gradients of real torch layers show, for seven stacks, the empty one included",
)


@receptive_field.wrong("the strides are left out: one step in a deep layer is a step of all earlier strides multiplied in the input.")
def _no_strides(layers: Layers) -> int:
    return 1 + sum(d * (k - 1) for k, _, d in layers)


@receptive_field.wrong("a layer's own stride does not widen its own window: multiply the jump by it after the window has grown.")
def _own_stride(layers: Layers) -> int:
    return _walk(layers, span=lambda k, s, d: d * (k - 1) * s)


@receptive_field.wrong("the dilation is left out: a kernel of k cells spans dilation·(k - 1) + 1 cells of its input.")
def _no_dilation_in_the_span(layers: Layers) -> int:
    return _walk(layers, span=lambda k, s, d: k - 1)


@receptive_field.wrong("k was added where k - 1 belongs: the first cell of the window is there already.")
def _whole_kernel(layers: Layers) -> int:
    return _walk(layers, span=lambda k, s, d: d * k)


@receptive_field.wrong("strides add up here: they multiply. Two layers of stride 2 make a step of 4 input cells, three of 8.")
def _strides_less_one_added(layers: Layers) -> int:
    return _walk(layers, step=lambda jump, s: jump + s - 1)


@receptive_field.wrong("the stride was added to the jump (+=): multiply it, jump *= stride. With stride 1 the jump must stay as it is.")
def _stride_added(layers: Layers) -> int:
    return _walk(layers, step=lambda jump, s: jump + s)


@receptive_field.wrong("the dilation has nothing to do with the jump: it widens this layer's window, but neighbouring outputs lie stride apart.")
def _dilated_jump(layers: Layers) -> int:
    return _walk([(k, s * d, d) for k, s, d in layers])


@receptive_field.wrong("the width starts from 0: without any layer an output is one input cell, so begin with 1.")
def _from_zero(layers: Layers) -> int:
    return _walk(layers, width=0)


@receptive_field.wrong("the strides multiply: jump *= stride. Here the jump is the last layer's stride alone.")
def _last_stride(layers: Layers) -> int:
    return _walk(layers, step=lambda jump, s: s)


@receptive_field.wrong("a window of kernel k spans dilation·(k - 1) + 1 cells, so it widens by dilation·(k - 1): the 1 belongs outside the product.")
def _one_inside(layers: Layers) -> int:
    return _walk(layers, span=lambda k, s, d: d * k - 1)


@receptive_field.also_right
def _from_the_last_layer(layers: Layers) -> int:
    width = 1
    for k, s, d in reversed(layers):
        width = (width - 1) * s + d * (k - 1) + 1
    return width


@receptive_field.also_right
def _by_products(layers: Layers) -> int:
    return 1 + sum(d * (k - 1) * math.prod(s for _, s, _ in layers[:i]) for i, (k, _, d) in enumerate(layers))
