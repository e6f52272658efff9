"""Exercises 2.1 to 2.5, windows: oracles from torch (float64), and what people get wrong."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from helpers.lesson.exercise import Case, Exercise


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
    verified="the same as F.conv2d on five pictures, one of them 300×401 pixels (milliseconds over the kernel's cells; if it took seconds, your loops run over pixels)")


@cross_correlate.wrong("this is true convolution: the kernel is turned by 180°. In networks it is laid on as it is.")
def _this_is_true_convolution_the(x, kernel):
    return _correlate(x, kernel.flip(0, 1))


@cross_correlate.wrong("the result is one row and one column short: a window of kh rows fits H - kh + 1 times.")
def _the_result_is_one_row(x, kernel):
    return _correlate(x, kernel)[:-1, :-1]


@cross_correlate.wrong("zeros were laid around the picture; the task has no padding, so the result is smaller than x.")
def _zeros_were_laid_around_the(x, kernel):
    return _correlate(F.pad(x, (kernel.shape[1] // 2, (kernel.shape[1] - 1) // 2, kernel.shape[0] // 2, (kernel.shape[0] - 1) // 2)), kernel)


@cross_correlate.wrong("rows and columns of the kernel are exchanged: kernel[i, j] weighs the pixel i rows down and j columns right.")
def _rows_and_columns_of_the(x, kernel):
    return _correlate(x, kernel.T)


@cross_correlate.wrong("this is the mean of the window's products; the kernel's own weights do any averaging, so sum them.")
def _this_is_the_mean_of(x, kernel):
    return _correlate(x, kernel) / kernel.numel()


@cross_correlate.wrong("each product overwrites the one before: add them up (+=).")
def _each_product_overwrites_the_one(x, kernel):
    return kernel[-1, -1] * x[kernel.shape[0] - 1:, kernel.shape[1] - 1:]


@cross_correlate.wrong("the two axes of F.conv2d, N and C, are still there: drop them with [0, 0].")
def _the_two_axes_of_fconvd(x, kernel):
    return _correlate(x, kernel)[None, None]


# ---------------------------------------------------------------- 2.2 output size

def _output_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    x = torch.zeros(1, 1, n)
    return F.conv1d(x, torch.zeros(1, 1, kernel), stride=stride, padding=padding, dilation=dilation).shape[-1]


def _size_cases() -> list[Case]:
    settings = [(20, 6, 3, 8, 2), (9, 4, 1, 1, 3), (7, 3, 1, 0, 1), (28, 3, 1, 1, 1), (29, 2, 2, 0, 1), (5, 5, 3, 0, 1), (1, 3, 1, 1, 1), (1000, 7, 3, 2, 4), (224, 7, 2, 3, 1)]
    return [*(Case(f"n={n}, kernel={k}, stride={s}, padding={p}, dilation={d}", (n, k, s, p, d)) for n, k, s, p, d in settings),
            Case("n=7, kernel=3, all else as by default", (7, 3)), Case("n=10, kernel=3, stride=4, all else as by default", (10, 3, 4))]


output_size = Exercise(
    "2.2", oracle=_output_size, cases=_size_cases, tolerance=0.0, whole=True,
    verified="the size that F.conv1d gives for eleven settings, from 1 to 1,000 cells")


@output_size.wrong("the + 1 is missing, or inside the division: with nothing left to move, a window still fits once.")
def _the_is_missing_or_inside(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride


@output_size.wrong("padding is laid on both ends, so it counts twice.")
def _padding_is_laid_on_both(n, kernel, stride=1, padding=0, dilation=1):
    return (n + padding - dilation * (kernel - 1) - 1) // stride + 1


@output_size.wrong("dilation is left out: a kernel of k cells spans dilation·(k - 1) + 1 cells.")
def _dilation_is_left_out_a(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - kernel) // stride + 1


@output_size.wrong("a dilated kernel spans dilation·(k - 1) + 1 cells, not dilation·k: the gaps lie between its k weights.")
def _a_dilated_kernel_spans_dilationk(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * kernel) // stride + 1


@output_size.wrong("a kernel spans dilation·(k - 1) + 1 cells, not dilation·(k - 1) + k: k - 1 steps lead from its first cell to its last.")
def _a_kernel_spans_dilationk_cells(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - kernel - dilation * (kernel - 1)) // stride + 1


@output_size.wrong("a size is a whole number: divide with //. A last step that does not fit is left out.")
def _a_size_is_a_whole(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


@output_size.wrong("rounded up: a last step that does not fit is left out, so round down (//).")
def _rounded_up_a_last_step(n, kernel, stride=1, padding=0, dilation=1):
    return math.ceil((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1


@output_size.wrong("this is the size at stride 1: divide by the stride.")
def _this_is_the_size_at(n, kernel, stride=1, padding=0, dilation=1):
    return n + 2 * padding - dilation * (kernel - 1)


@output_size.wrong("a window of k cells spans dilation·(k - 1) + 1 cells: that + 1 is missing in the span.")
def _a_window_of_k_cells(n, kernel, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (kernel - 1)) // stride + 1


# ---------------------------------------------------------------- 2.3 channels

def _conv(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x.double(), W.double(), b.double())


def _conv_cases() -> list[Case]:
    shapes = [((2, 3, 6, 7), (4, 3, 3, 2)), ((1, 1, 5, 5), (1, 1, 3, 3)), ((3, 2, 4, 9), (2, 2, 1, 1)), ((5, 4, 3, 4), (6, 4, 3, 4)), ((16, 8, 28, 30), (12, 8, 5, 3))]
    return [Case(f"x {x}, W {w}", (_normal(20 + i, *x), _normal(40 + i, *w), _normal(60 + i, w[0]))) for i, (x, w) in enumerate(shapes)]


conv2d = Exercise(
    "2.3", oracle=_conv, cases=_conv_cases, tolerance=1e-4,
    verified="the same as F.conv2d for five shapes: one channel and many, 1×1 kernels, a kernel as large as the image")


@conv2d.wrong("the bias is missing: each output channel has one number b[k], added at every place.")
def _the_bias_is_missing_each(x, W, b):
    return _conv(x, W, torch.zeros_like(b))


@conv2d.wrong("the bias is added once for each input channel: add it once, after the sum over channels.")
def _the_bias_is_added_once(x, W, b):
    return _conv(x, W, b * W.shape[1])


@conv2d.wrong("only the first input channel is read: each output channel sums over all C of them.")
def _only_the_first_input_channel(x, W, b):
    return _conv(x[:, :1], W[:, :1], b)


@conv2d.wrong("every input channel is weighed with the same slice W[:, 0]: W[k, c] is another kernel for each c.")
def _every_input_channel_is_weighed(x, W, b):
    return _conv(x, W[:, :1].expand_as(W), b)


@conv2d.wrong("the kernels are turned by 180°: F.conv2d lays them on as they are.")
def _the_kernels_are_turned_by(x, W, b):
    return _conv(x, W.flip(2, 3), b)


@conv2d.wrong("H comes before W: the height of the output is H - kh + 1, its width W' - kw + 1.")
def _h_comes_before_w_the(x, W, b):
    return _conv(x, W, b).reshape(len(x), len(W), x.shape[3] - W.shape[3] + 1, x.shape[2] - W.shape[2] + 1)


@conv2d.wrong("(N, windows, K) was reshaped where it had to be transposed: .transpose(1, 2) first puts K before the windows.")
def _n_windows_k_was_reshaped(x, W, b):
    return _conv(x, W, b).permute(0, 2, 3, 1).reshape(len(x), len(W), x.shape[2] - W.shape[2] + 1, -1)


@conv2d.wrong("F.unfold's columns were reshaped where they had to be transposed: reshape cuts windows apart, .transpose(1, 2) makes each a row.")
def _funfolds_columns_were_reshaped_where(x, W, b):
    return (F.unfold(x, W.shape[2:]).reshape(len(x), -1, W[0].numel()) @ W.flatten(1).T + b).transpose(1, 2).reshape(_conv(x, W, b).shape)


@conv2d.wrong("b holds one number for each output channel, and the channels are the last axis but one here: b[:, None].")
def _b_holds_one_number_for(x, W, b):
    return _conv(x, W, b).flatten(2) + b


@conv2d.wrong("b holds one number for each output channel, and the channels are the last axis but two here: b[:, None, None].")
def _b_holds_one_number_for_2(x, W, b):
    return _conv(x, W, b) + b


# ---------------------------------------------------------------- 2.4 pooling

def _pool_cases() -> list[Case]:
    settings = [((2, 3, 7, 9), 3, 2), ((1, 1, 4, 6), 2, 2), ((3, 2, 8, 5), 2, 1), ((2, 1, 9, 11), 2, 3), ((4, 16, 29, 28), 2, 2)]
    return [Case(f"x {shape}, all of it negative, size={size}, stride={stride}", (-1 - _normal(80 + i, *shape).abs(), size, stride))
            if i == 1 else Case(f"x {shape}, size={size}, stride={stride}", (_normal(80 + i, *shape), size, stride))
            for i, (shape, size, stride) in enumerate(settings)] + [
        Case("x of -200 everywhere", (torch.full((1, 2, 4, 6), -200.0), 2, 2)),
        Case("a transposed picture, which does not lie in one piece", (torch.arange(12.0).reshape(1, 1, 3, 4).transpose(2, 3), 2, 1))]


def _given_pool(x, size, stride):
    rows = x.unfold(2, size, stride)
    windows = rows.unfold(3, size, stride)
    return windows.amax((2, 3))


max_pool = Exercise(
    "2.4", kind="fix", given=_given_pool, oracle=F.max_pool2d, cases=_pool_cases,
    verified="the same as F.max_pool2d for seven settings, overlapping windows and gaps between them included")


@max_pool.wrong("this is the mean of each window: pooling here keeps the greatest value.")
def _this_is_the_mean_of_2(x, size, stride):
    return F.avg_pool2d(x, size, stride)


@max_pool.wrong("the window moves by its own size: move it by stride.")
def _the_window_moves_by_its(x, size, stride):
    return F.max_pool2d(x, size, size)


@max_pool.wrong("the window moves by one pixel: move it by stride.")
def _the_window_moves_by_one(x, size, stride):
    return F.max_pool2d(x, size, 1)


@max_pool.wrong("the greatest value is taken over all channels: each channel is pooled by itself.")
def _the_greatest_value_is_taken(x, size, stride):
    return F.max_pool2d(x.amax(1, keepdim=True), size, stride)


@max_pool.wrong("the search starts from 0, but among negative inputs the greatest lies below 0: begin with -inf, or with the values of the window.")
def _the_search_starts_from_but(x, size, stride):
    return F.max_pool2d(x, size, stride).clamp(min=0)


@max_pool.wrong("the least value of each window was kept: take the greatest.")
def _the_least_value_of_each(x, size, stride):
    return -F.max_pool2d(-x, size, stride)


@max_pool.wrong("a last window that hangs over the edge was kept (rounded up): leave out what does not fit.")
def _a_last_window_that_hangs(x, size, stride):
    return F.max_pool2d(x, size, stride, ceil_mode=True)


@max_pool.wrong(".max(axis) gives two things, the values and their places: use .amax, which gives the values alone, or .values.")
def _maxaxis_gives_two_things_the(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).max(-1)


@max_pool.wrong(".max(axis) gives two things, the values and their places: use .amax, which gives the values alone, or .values.")
def _maxaxis_gives_two_things_the_2(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).max(5).max(4)


@max_pool.wrong("one axis of the window is left: a window has rows and columns, so the last two axes go, (4, 5).")
def _one_axis_is_left(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).amax(5)


@max_pool.also_right
def _flattened_windows(x, size, stride):
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(4).amax(-1)


@max_pool.also_right
def _rows_first(x, size, stride):
    return x.unfold(2, size, stride).amax(-1).unfold(3, size, stride).amax(-1)


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
