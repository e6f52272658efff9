"""Checks of chapter 02, CNN: oracles from torch (float64), and what people get wrong."""

# ruff: noqa: ARG005 (wrong answers ignore an argument on purpose)

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from helpers.lesson.exercise import Case, Exercise, Wrong
from helpers.topics.cnn.windows import walk as _walk

Layers = list[tuple[int, int, int]]
Map = Callable[[torch.Tensor], torch.Tensor]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 2.1 cross-correlation

def _correlate(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x[None, None].double(), kernel[None, None].double())[0, 0]


def _correlate_cases() -> list[Case]:
    return [
        Case("a 6×9 picture and a 3×2 kernel", (_normal(1, 6, 9), _normal(2, 3, 2))),
        Case("a 7×7 picture and a 3×3 kernel", (_normal(3, 7, 7), _normal(4, 3, 3))),
        Case("a 4×5 picture and a kernel of the same size", (_normal(5, 4, 5), _normal(6, 4, 5))),
        Case("a 5×8 picture and a 1×1 kernel", (_normal(7, 5, 8), _normal(8, 1, 1))),
        Case("a 300×401 picture and an 11×7 kernel", (_normal(9, 300, 401), _normal(10, 11, 7))),
    ]


cross_correlate = Exercise(
    "2.1", oracle=_correlate, cases=_correlate_cases, tolerance=1e-4,
    verified="the same as F.conv2d on five pictures, one of them 300×401 pixels (milliseconds over the kernel's cells; if it took seconds, your loops run over pixels)",
    wrong_answers=[
        Wrong(lambda x, kernel: _correlate(x, kernel.flip(0, 1)),
              "this is true convolution: the kernel is turned by 180°. In networks it is laid on as it is."),
        Wrong(lambda x, kernel: _correlate(x, kernel)[:-1, :-1],
              "the result is one row and one column short: a window of kh rows fits H - kh + 1 times."),
        Wrong(lambda x, kernel: _correlate(F.pad(x, (kernel.shape[1] // 2, (kernel.shape[1] - 1) // 2, kernel.shape[0] // 2, (kernel.shape[0] - 1) // 2)), kernel),
              "zeros were laid around the picture; the task has no padding, so the result is smaller than x."),
        Wrong(lambda x, kernel: _correlate(x, kernel.T),
              "rows and columns of the kernel are exchanged: kernel[i, j] weighs the pixel i rows down and j columns right."),
        Wrong(lambda x, kernel: _correlate(x, kernel) / kernel.numel(),
              "this is the mean of the window's products; the kernel's own weights do any averaging, so sum them."),
        Wrong(lambda x, kernel: kernel[-1, -1] * x[kernel.shape[0] - 1:, kernel.shape[1] - 1:],
              "each product overwrites the one before: add them up (+=)."),
        Wrong(lambda x, kernel: _correlate(x, kernel)[None, None],
              "the two axes of F.conv2d, N and C, are still there: drop them with [0, 0]."),
    ])


# ---------------------------------------------------------------- 2.2 output size

def _output_size(n: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    x = torch.zeros(1, 1, n)
    return F.conv1d(x, torch.zeros(1, 1, kernel), stride=stride, padding=padding, dilation=dilation).shape[-1]


def _size_cases() -> list[Case]:
    settings = [(20, 6, 3, 8, 2), (9, 4, 1, 1, 3), (7, 3, 1, 0, 1), (28, 3, 1, 1, 1), (29, 2, 2, 0, 1), (5, 5, 3, 0, 1), (1, 3, 1, 1, 1), (1000, 7, 3, 2, 4), (224, 7, 2, 3, 1)]
    return [Case(f"n={n}, kernel={k}, stride={s}, padding={p}, dilation={d}", (n, k, s, p, d)) for n, k, s, p, d in settings]


output_size = Exercise(
    "2.2", oracle=_output_size, cases=_size_cases, tolerance=0.0, whole=True,
    verified="the size that F.conv1d gives for nine settings, from 1 to 1,000 cells",
    wrong_answers=[
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - dilation * (kernel - 1) - 1) // stride,
              "the + 1 is missing, or inside the division: with nothing left to move, a window still fits once."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + padding - dilation * (kernel - 1) - 1) // stride + 1,
              "padding is laid on both ends, so it counts twice."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - kernel) // stride + 1,
              "dilation is left out: a kernel of k cells spans dilation·(k - 1) + 1 cells."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - dilation * kernel) // stride + 1,
              "a dilated kernel spans dilation·(k - 1) + 1 cells, not dilation·k: the gaps lie between its k weights."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - kernel - dilation * (kernel - 1)) // stride + 1,
              "a kernel spans dilation·(k - 1) + 1 cells, not dilation·(k - 1) + k: k - 1 steps lead from its first cell to its last."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1,
              "a size is a whole number: divide with //. A last step that does not fit is left out."),
        Wrong(lambda n, kernel, stride, padding, dilation: math.ceil((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1,
              "rounded up: a last step that does not fit is left out, so round down (//)."),
        Wrong(lambda n, kernel, stride, padding, dilation: n + 2 * padding - dilation * (kernel - 1),
              "this is the size at stride 1: divide by the stride."),
        Wrong(lambda n, kernel, stride, padding, dilation: (n + 2 * padding - dilation * (kernel - 1)) // stride + 1,
              "a window of k cells spans dilation·(k - 1) + 1 cells: that + 1 is missing in the span."),
    ])


# ---------------------------------------------------------------- 2.3 channels

def _conv(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x.double(), W.double(), b.double())


def _conv_cases() -> list[Case]:
    shapes = [((2, 3, 6, 7), (4, 3, 3, 2)), ((1, 1, 5, 5), (1, 1, 3, 3)), ((3, 2, 4, 9), (2, 2, 1, 1)), ((5, 4, 3, 4), (6, 4, 3, 4)), ((16, 8, 28, 30), (12, 8, 5, 3))]
    return [Case(f"x {x}, W {w}", (_normal(20 + i, *x), _normal(40 + i, *w), _normal(60 + i, w[0]))) for i, (x, w) in enumerate(shapes)]


conv2d = Exercise(
    "2.3", oracle=_conv, cases=_conv_cases, tolerance=1e-4,
    verified="the same as F.conv2d for five shapes: one channel and many, 1×1 kernels, a kernel as large as the image",
    wrong_answers=[
        Wrong(lambda x, W, b: _conv(x, W, torch.zeros_like(b)),
              "the bias is missing: each output channel has one number b[k], added at every place."),
        Wrong(lambda x, W, b: _conv(x, W, b * W.shape[1]),
              "the bias is added once for each input channel: add it once, after the sum over channels."),
        Wrong(lambda x, W, b: _conv(x[:, :1], W[:, :1], b),
              "only the first input channel is read: each output channel sums over all C of them."),
        Wrong(lambda x, W, b: _conv(x, W[:, :1].expand_as(W), b),
              "every input channel is weighed with the same slice W[:, 0]: W[k, c] is another kernel for each c."),
        Wrong(lambda x, W, b: _conv(x, W.flip(2, 3), b),
              "the kernels are turned by 180°: F.conv2d lays them on as they are."),
        Wrong(lambda x, W, b: _conv(x, W, b).reshape(len(x), len(W), x.shape[3] - W.shape[3] + 1, x.shape[2] - W.shape[2] + 1),
              "H comes before W: the height of the output is H - kh + 1, its width W' - kw + 1."),
        Wrong(lambda x, W, b: _conv(x, W, b).permute(0, 2, 3, 1).reshape(len(x), len(W), x.shape[2] - W.shape[2] + 1, -1),
              "(N, windows, K) was reshaped where it had to be transposed: .transpose(1, 2) first puts K before the windows."),
        Wrong(lambda x, W, b: (F.unfold(x, W.shape[2:]).reshape(len(x), -1, W[0].numel()) @ W.flatten(1).T + b).transpose(1, 2).reshape(_conv(x, W, b).shape),
              "F.unfold's columns were reshaped where they had to be transposed: reshape cuts windows apart, .transpose(1, 2) makes each a row."),
        Wrong(lambda x, W, b: _conv(x, W, b).flatten(2) + b,
              "b holds one number for each output channel, and the channels are the last axis but one here: b[:, None]."),
        Wrong(lambda x, W, b: _conv(x, W, b) + b,
              "b holds one number for each output channel, and the channels are the last axis but two here: b[:, None, None]."),
    ])


# ---------------------------------------------------------------- 2.4 pooling

def _pool_cases() -> list[Case]:
    settings = [((2, 3, 7, 9), 3, 2), ((1, 1, 4, 6), 2, 2), ((3, 2, 8, 5), 2, 1), ((2, 1, 9, 11), 2, 3), ((4, 16, 29, 28), 2, 2)]
    return [Case(f"x {shape}, all of it negative, size={size}, stride={stride}", (-1 - _normal(80 + i, *shape).abs(), size, stride))
            if i == 1 else Case(f"x {shape}, size={size}, stride={stride}", (_normal(80 + i, *shape), size, stride))
            for i, (shape, size, stride) in enumerate(settings)]


max_pool = Exercise(
    "2.4", oracle=F.max_pool2d, cases=_pool_cases,
    verified="the same as F.max_pool2d for five settings, overlapping windows and gaps between them included",
    wrong_answers=[
        Wrong(lambda x, size, stride: F.avg_pool2d(x, size, stride),
              "this is the mean of each window: pooling here keeps the greatest value."),
        Wrong(lambda x, size, stride: F.max_pool2d(x, size, size),
              "the window moves by its own size: move it by stride."),
        Wrong(lambda x, size, stride: F.max_pool2d(x, size, 1),
              "the window moves by one pixel: move it by stride."),
        Wrong(lambda x, size, stride: F.max_pool2d(x.amax(1, keepdim=True), size, stride),
              "the greatest value is taken over all channels: each channel is pooled by itself."),
        Wrong(lambda x, size, stride: F.max_pool2d(x, size, stride).clamp(min=0),
              "the search starts from 0, but among negative inputs the greatest lies below 0: begin with -inf, or with the values of the window."),
        Wrong(lambda x, size, stride: -F.max_pool2d(-x, size, stride),
              "the least value of each window was kept: take the greatest."),
        Wrong(lambda x, size, stride: F.max_pool2d(x, size, stride, ceil_mode=True),
              "a last window that hangs over the edge was kept (rounded up): leave out what does not fit."),
        *(Wrong(answer, ".max(axis) gives two things, the values and their places: use .amax, which gives the values alone, or .values.") for answer in (
            lambda x, size, stride: x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).max(-1),
            lambda x, size, stride: x.unfold(2, size, stride).unfold(3, size, stride).max(5).max(4))),
    ])


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
    wrong_answers=[
        Wrong(lambda layers: 1 + sum(d * (k - 1) for k, _, d in layers),
              "the strides are left out: one step in a deep layer is a step of all earlier strides multiplied in the input."),
        Wrong(lambda layers: _walk(layers, span=lambda k, s, d: d * (k - 1) * s),
              "a layer's own stride does not widen its own window: multiply the jump by it after the window has grown."),
        Wrong(lambda layers: _walk(layers, span=lambda k, s, d: k - 1),
              "the dilation is left out: a kernel of k cells spans dilation·(k - 1) + 1 cells of its input."),
        Wrong(lambda layers: _walk(layers, span=lambda k, s, d: d * k),
              "k was added where k - 1 belongs: the first cell of the window is there already."),
        Wrong(lambda layers: _walk(layers, step=lambda jump, s: jump + s - 1),
              "strides add up here: they multiply. Two layers of stride 2 make a step of 4 input cells, three of 8."),
        Wrong(lambda layers: _walk(layers, step=lambda jump, s: jump + s),
              "the stride was added to the jump (+=): multiply it, jump *= stride. With stride 1 the jump must stay as it is."),
        Wrong(lambda layers: _walk([(k, s * d, d) for k, s, d in layers]),
              "the dilation has nothing to do with the jump: it widens this layer's window, but neighbouring outputs lie stride apart."),
        Wrong(lambda layers: _walk(layers, width=0),
              "the width starts from 0: without any layer an output is one input cell, so begin with 1."),
        Wrong(lambda layers: _walk(layers, step=lambda jump, s: s),
              "the strides multiply: jump *= stride. Here the jump is the last layer's stride alone."),
        Wrong(lambda layers: _walk(layers, span=lambda k, s, d: d * k - 1),
              "a window of kernel k spans dilation·(k - 1) + 1 cells, so it widens by dilation·(k - 1): the 1 belongs outside the product."),
    ])


# ---------------------------------------------------------------- 2.6 equivariance

def _gap(f: Map, x: torch.Tensor, dx: int) -> float:
    moved = torch.cat([x[..., -dx:], x[..., :-dx]], -1) if dx else x
    y = f(x)
    moved_y = torch.cat([y[..., -dx:], y[..., :-dx]], -1) if dx else y
    return float((f(moved) - moved_y).abs().max())


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
        Case("f = nothing at all, not moved", (nn.Identity(), _normal(93, 1, 2, 5, 5), 0)),
        Case("f = one pixel of the last channel of the last image trebled, moved by 1", (_one_pixel, _normal(97, 3, 2, 4, 6), 1)),
        Case("f = ReLU, moved by 50", (torch.relu, _normal(95, 4, 3, 40, 120), 50)),
    ]


equivariance_gap = Exercise(
    "2.6", oracle=_gap, cases=_gap_cases,
    verified="0 for ReLU and circular convolution, and the right gap for zero padding and for layers that look at where they are",
    wrong_answers=[
        Wrong(lambda f, x, dx: torch.equal(f(torch.roll(x, dx, -1)), torch.roll(f(x), dx, -1)),
              "a number is wanted, not yes or no: how large is the greatest difference?"),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - f(x)).abs().max()),
              "this compares f(moved x) with f(x), which tests invariance: move f(x) as well before you compare."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -2)) - torch.roll(f(x), dx, -2)).abs().max()),
              "the picture was moved up or down: columns are the last axis (dims=-1 or 3)."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1)).max()),
              "without the absolute value, differences below zero do not count: take .abs() before .max()."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1)).abs().mean()),
              "this is the mean difference; a border that is wrong hides in a mean. Take the greatest."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), -dx, -1)).abs().max()),
              "the two are moved in opposite directions: f(x) must move by dx too, not back."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx)) - torch.roll(f(x), dx)).abs().max()),
              "torch.roll without dims moves all axes as one long row: name the axis, dims=-1."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1))[:, 0].abs().max()),
              "only the first channel was looked at: take the greatest difference over all channels (and images)."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, -dx, -1)) - torch.roll(f(x), -dx, -1)).abs().max()),
              "both were moved to the left: a positive dx moves to the right, as torch.roll does."),
        Wrong(lambda f, x, dx: float((f(torch.roll(x, dx, -1)) - torch.roll(f(x), dx, -1))[..., 1:-1].abs().max()),
              "the columns at the border were left out; that is just where layers betray their place. Compare all columns."),
    ])
