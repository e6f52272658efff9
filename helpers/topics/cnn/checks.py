"""Exercises 2.1 to 2.3, convolution by hand: oracles from torch (float64), and what people get wrong."""



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
    verified="the same as F.conv2d on five pictures, one of them 300×401 pixels (milliseconds over the kernel's cells; if it took seconds, your loops run over pixels)",
)


@cross_correlate.wrong("this is true convolution: the kernel is turned by 180°. In networks it is laid on as it is.")
def _convolution(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(x, kernel.flip(0, 1))


@cross_correlate.wrong("the result is one row and one column short: a window of kh rows fits H - kh + 1 times.")
def _one_short(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(x, kernel)[:-1, :-1]


@cross_correlate.wrong("zeros were laid around the picture; the task has no padding, so the result is smaller than x.")
def _padded(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(F.pad(x, (kernel.shape[1] // 2, (kernel.shape[1] - 1) // 2, kernel.shape[0] // 2, (kernel.shape[0] - 1) // 2)), kernel)


@cross_correlate.wrong("rows and columns of the kernel are exchanged: kernel[i, j] weighs the pixel i rows down and j columns right.")
def _transposed(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(x, kernel.T)


@cross_correlate.wrong("this is the mean of the window's products; the kernel's own weights do any averaging, so sum them.")
def _mean(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(x, kernel) / kernel.numel()


@cross_correlate.wrong("each product overwrites the one before: add them up (+=).")
def _overwritten(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return kernel[-1, -1] * x[kernel.shape[0] - 1:, kernel.shape[1] - 1:]


@cross_correlate.wrong("the two axes of F.conv2d, N and C, are still there: drop them with [0, 0].")
def _four_axes(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return _correlate(x, kernel)[None, None]


@cross_correlate.wrong("each weight meets the whole picture, not the part that it is laid on: x[i:i + h, j:j + w] for kernel[i, j].")
def _one_part_for_all(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return kernel.sum() * x[:x.shape[0] - kernel.shape[0] + 1, :x.shape[1] - kernel.shape[1] + 1]


@cross_correlate.also_right
def _by_unfold(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    windows = x.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, kernel)


@cross_correlate.also_right
def _by_torch(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]


# ---------------------------------------------------------------- 2.2 output size

def _output_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    x = torch.zeros(1, 1, n)
    return F.conv1d(x, torch.zeros(1, 1, kernel), stride=stride, padding=padding, dilation=dilation).shape[-1]


def _size_cases() -> list[Case]:
    settings = [(20, 6, 3, 8, 2), (9, 4, 1, 1, 3), (7, 3, 1, 0, 1), (28, 3, 1, 1, 1), (29, 2, 2, 0, 1), (5, 5, 3, 0, 1), (1, 3, 1, 1, 1), (1000, 7, 3, 2, 4), (224, 7, 2, 3, 1)]
    cases = [Case(f"n={n}, kernel={k}, stride={s}, padding={p}, dilation={d}", (n, k, s, p, d)) for n, k, s, p, d in settings]
    return [*cases, Case("n=8, kernel=3, nothing else given", (8, 3)), Case("n=13, kernel=4, stride=3, nothing else given", (13, 4, 3))]


output_size = Exercise(
    "2.2", oracle=_output_size, cases=_size_cases, tolerance=0.0, whole=True,
    verified="the size that F.conv1d gives for eleven settings, from 1 to 1,000 cells, also where stride, padding and dilation are not given",
)


@output_size.wrong("the + 1 is missing, or inside the division: with nothing left to move, a window still fits once.")
def _no_plus_one(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride


@output_size.wrong("padding is laid on both ends, so it counts twice.")
def _padded_once(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + padding - dilation * (kernel - 1) - 1) // stride + 1


@output_size.wrong("dilation is left out: a kernel of k cells spans dilation·(k - 1) + 1 cells.")
def _no_dilation(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - kernel) // stride + 1


@output_size.wrong("a dilated kernel spans dilation·(k - 1) + 1 cells, not dilation·k: the gaps lie between its k weights.")
def _dilated_cells(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - dilation * kernel) // stride + 1


@output_size.wrong("a kernel spans dilation·(k - 1) + 1 cells, not dilation·(k - 1) + k: k - 1 steps lead from its first cell to its last.")
def _span_too_long(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - kernel - dilation * (kernel - 1)) // stride + 1


@output_size.wrong("a size is a whole number: divide with //. A last step that does not fit is left out.")
def _fraction(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> float:
    return (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1


@output_size.wrong("rounded up: a last step that does not fit is left out, so round down (//).")
def _rounded_up(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return math.ceil((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1


@output_size.wrong("this is the size at stride 1: divide by the stride.")
def _no_stride(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return n + 2 * padding - dilation * (kernel - 1)


@output_size.wrong("a window of k cells spans dilation·(k - 1) + 1 cells: that + 1 is missing in the span.")
def _span_too_short(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - dilation * (kernel - 1)) // stride + 1


@output_size.wrong("the + 1 stands inside the division: the first place counts always, however large the stride, so add it after //.")
def _plus_one_inside(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - dilation * (kernel - 1)) // stride


@output_size.wrong("rounded to the nearest: a last step that does not fit is left out, so round down (//).")
def _rounded(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return round((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1


@output_size.wrong("n / stride, rounded up, is the size with just enough zeros around it. Here the zeros are given, as padding.")
def _same(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return math.ceil(n / stride)


@output_size.wrong("stride and dilation are exchanged: the dilation widens the window, the stride divides the way that it moves.")
def _exchanged(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return (n + 2 * padding - stride * (kernel - 1) - 1) // dilation + 1


@output_size.also_right
def _by_counting(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return sum(start + dilation * (kernel - 1) < n + 2 * padding for start in range(0, n + 2 * padding, stride))


@output_size.also_right
def _by_range(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return len(range(0, n + 2 * padding - dilation * (kernel - 1), stride))


# ---------------------------------------------------------------- 2.3 channels

def _conv(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x.double(), W.double(), b.double())


def _conv_cases() -> list[Case]:
    shapes = [((2, 3, 6, 7), (5, 3, 3, 2)), ((1, 1, 5, 5), (1, 1, 3, 3)), ((3, 2, 4, 9), (2, 2, 1, 1)), ((5, 4, 3, 4), (6, 4, 3, 4)), ((16, 8, 28, 30), (12, 8, 5, 3))]
    return [Case(f"x {x}, W {w}", (_normal(20 + i, *x), _normal(40 + i, *w), _normal(60 + i, w[0]))) for i, (x, w) in enumerate(shapes)]


conv2d = Exercise(
    "2.3", oracle=_conv, cases=_conv_cases, tolerance=1e-4,
    verified="the same as F.conv2d for five shapes: one channel and many, 1×1 kernels, a kernel as large as the image",
)


@conv2d.wrong("the bias is missing: each output channel has one number b[k], added at every place.")
def _no_bias(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, torch.zeros_like(b))


@conv2d.wrong("the bias is added once for each input channel: add it once, after the sum over channels.")
def _bias_of_each_channel(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, b * W.shape[1])


@conv2d.wrong("only the first input channel is read: each output channel sums over all C of them.")
def _first_channel(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x[:, :1], W[:, :1], b)


@conv2d.wrong("every input channel is weighed with the same slice W[:, 0]: W[k, c] is another kernel for each c.")
def _one_slice(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W[:, :1].expand_as(W), b)


@conv2d.wrong("the kernels are turned by 180°: F.conv2d lays them on as they are.")
def _turned(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W.flip(2, 3), b)


@conv2d.wrong("H comes before W: the height of the output is H - kh + 1, its width W' - kw + 1.")
def _width_first(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, b).reshape(len(x), len(W), x.shape[3] - W.shape[3] + 1, x.shape[2] - W.shape[2] + 1)


@conv2d.wrong("(N, windows, K) was reshaped where it had to be transposed: .transpose(1, 2) first puts K before the windows.")
def _windows_first(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, b).permute(0, 2, 3, 1).reshape(len(x), len(W), x.shape[2] - W.shape[2] + 1, -1)


@conv2d.wrong("F.unfold's columns were reshaped where they had to be transposed: reshape cuts windows apart, .transpose(1, 2) makes each a row.")
def _columns_cut(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (F.unfold(x, W.shape[2:]).reshape(len(x), -1, W[0].numel()) @ W.flatten(1).T + b).transpose(1, 2).reshape(_conv(x, W, b).shape)


@conv2d.wrong("b holds one number for each output channel, and the channels are the last axis but one here: b[:, None].")
def _bias_on_windows(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, b).flatten(2) + b


@conv2d.wrong("b holds one number for each output channel, and the channels are the last axis but two here: b[:, None, None].")
def _bias_on_columns(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return _conv(x, W, b) + b


@conv2d.wrong("b holds one number for each output channel. After the reshape, b[:, None] runs over rows: add it before, or as b[:, None, None].")
def _bias_on_rows(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    out = W.reshape(len(W), -1) @ F.unfold(x, W.shape[2:])
    return out.reshape(len(x), len(W), x.shape[2] - W.shape[2] + 1, x.shape[3] - W.shape[3] + 1) + b[:, None]


@conv2d.also_right
def _by_windows(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    windows = x.unfold(2, W.shape[2], 1).unfold(3, W.shape[3], 1)
    return torch.einsum("nchwij,kcij->nkhw", windows, W) + b[:, None, None]


@conv2d.also_right
def _by_shifted_pictures(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    h, w = x.shape[2] - W.shape[2] + 1, x.shape[3] - W.shape[3] + 1
    out = torch.zeros(len(x), len(W), h, w) + b.view(1, -1, 1, 1)
    for i in range(W.shape[2]):
        for j in range(W.shape[3]):
            out = out + torch.einsum("nchw,kc->nkhw", x[:, :, i:i + h, j:j + w], W[:, :, i, j])
    return out
