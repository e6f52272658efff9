"""Exercises 2.4 and 2.5, pooling and stacks of layers: oracles from torch, and what people get wrong."""



from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from helpers.lesson.exercise import Case, Exercise


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 2.4 pooling

def _pool_cases() -> list[Case]:
    settings = [((2, 3, 7, 9), 3, 2), ((3, 2, 8, 5), 2, 1), ((2, 1, 9, 11), 2, 3), ((4, 16, 29, 28), 2, 2)]
    cases = [Case(f"x {shape}, size={size}, stride={stride}", (_normal(80 + i, *shape), size, stride)) for i, (shape, size, stride) in enumerate(settings)]
    return [cases[0], Case("x (1, 1, 4, 6), all of it below -500, size=2, stride=2", (-500 - _normal(85, 1, 1, 4, 6).abs(), 2, 2)), *cases[1:],
            Case("a transposed picture, x (1, 2, 5, 8), size=3, stride=1", (_normal(86, 1, 2, 8, 5).transpose(2, 3), 3, 1))]


def _given_pool(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    rows = x.unfold(2, size, stride)
    windows = rows.unfold(3, size, stride)
    return windows.amax((2, 3))


max_pool = Exercise(
    "2.4", kind="fix", given=_given_pool, oracle=F.max_pool2d, cases=_pool_cases,
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


@max_pool.wrong("one axis of the window is left: a window has rows and columns, so the last two axes go, (4, 5).")
def _one_axis_is_left(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(5)


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

receptive_field = Exercise(
    "2.5", kind="order",
    lines=["def receptive_field(layers):",
           "    width, jump = 1, 1",
           "    for kernel, stride, dilation in layers:",
           "        width = width + dilation * (____) * jump",
           "        jump = jump * stride",
           "    return width"],
    gaps={"        width = width + dilation * (____) * jump": (["kernel", "kernel - 1", "kernel + 1"], "kernel - 1")},
    distractors={
        "        jump = jump + stride": "strides multiply. Two layers of stride 2 make a step of 4 input cells, three of 8.",
        "    width, jump = 0, 1": "without any layer an output is one input cell, so the width begins with 1.",
    },
    verified="width first, by the jump of the layers before; then the stride, for the layers that come after",
)


def _filled(option: str) -> list[str]:
    return [line.replace("____", option) for line in receptive_field.lines]


@receptive_field.wrong("stands too early")
def _own_stride_first() -> list[str]:
    one, two, three, four, five, six = _filled("kernel - 1")
    return [one, two, three, five, four, six]


@receptive_field.wrong("what fills this gap")
def _kernel_for_kernel_minus_one() -> list[str]:
    return _filled("kernel")
