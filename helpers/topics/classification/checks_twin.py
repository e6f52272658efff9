"""Exercises of the lesson on the twin, 10.5 to 10.8; none needs TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise, distinct

# ---------------------------------------------------------------- 10.5 kernels

def _kernels() -> list[Case]:
    rng = np.random.default_rng(105)
    cases = [Case(f"{o} kernels of {i} channels, {h}×{w}", (rng.standard_normal((o, i, h, w)).astype(np.float32),)) for o, i, h, w in (distinct(4), distinct(4, seed=1))]
    return [*cases, Case("one kernel of one channel", (rng.standard_normal((1, 1, 3, 5)).astype(np.float32),))]


kernels = Exercise("10.5", oracle=lambda w: np.stack([np.moveaxis(k, 0, -1) for k in w], -1), cases=_kernels, verified="shapes and values for three layers, no two axes of one size")


@kernels.wrong("height and width are exchanged: each kernel lies on its side.")
def on_its_side(w: Any) -> Any:
    return w.transpose(3, 2, 1, 0)


@kernels.wrong("the kernels are in place, but input and output channels are exchanged: Keras keeps (h, w, in, out).")
def channels_exchanged(w: Any) -> Any:
    return w.transpose(2, 3, 0, 1)


@kernels.wrong("reshape keeps the order of the numbers and only cuts the row anew: every number lands in a strange place. transpose moves axes.")
def by_reshape(w: Any) -> Any:
    o, i, h, v = w.shape
    return w.reshape(h, v, i, o)


@kernels.wrong("the kernels are flipped; both libraries compute cross-correlation, so nothing is to be flipped.")
def flipped(w: Any) -> Any:
    return w[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)


@kernels.wrong("these are the channels last of a picture, (out, h, w, in); a kernel's order is (h, w, in, out).")
def as_a_picture(w: Any) -> Any:
    return w.transpose(0, 2, 3, 1)


@kernels.also_right
def by_moveaxis(w: Any) -> Any:
    return np.moveaxis(w, (0, 1), (3, 2))


@kernels.also_right
def by_einsum(w: Any) -> Any:
    return np.einsum("oihw->hwio", w)


# ---------------------------------------------------------------- 10.6 the linear layer

def _linears() -> list[Case]:
    rng = np.random.default_rng(106)
    cases = []
    for seed in (2, 3):
        k, c, h, w = distinct(4, seed=seed, most=6)
        cases.append(Case(f"{c} channels of {h}×{w} to {k} classes", (rng.standard_normal((k, c * h * w)).astype(np.float32), c, h, w)))
    return [*cases, Case("one channel", (rng.standard_normal((3, 20)).astype(np.float32), 1, 4, 5))]


def _by_index(weight: np.ndarray, c: int, h: int, w: int) -> np.ndarray:
    """Row by row: where the number at (i, j, channel) stands in PyTorch's order."""
    places = [channel * h * w + i * w + j for i in range(h) for j in range(w) for channel in range(c)]
    return weight[:, places].T


linear = Exercise("10.6", oracle=_by_index, cases=_linears, verified="three linear layers, whose channels, heights and widths are all different")


@linear.wrong("transposed, but still in PyTorch's order of places: channel by channel.")
def order_forgotten(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return weight.T


@linear.wrong("the places are in order, but the matrix is not transposed: Keras keeps (inputs, outputs).")
def not_transposed(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return _by_index(weight, c, h, w).T


@linear.wrong("columns and rows are exchanged: the order is (h, w, c), row by row.")
def column_by_column(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return weight.reshape(-1, c, h, w).transpose(3, 2, 1, 0).reshape(c * h * w, -1)


@linear.wrong("the weight comes from PyTorch, so it must be cut as (K, c, h, w); here it is cut as (K, h, w, c).")
def cut_as_keras(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return weight.reshape(-1, h, w, c).transpose(3, 1, 2, 0).reshape(c * h * w, -1)


@linear.also_right
def by_tensors(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return torch.from_numpy(weight).unflatten(1, (c, h, w)).permute(2, 3, 1, 0).flatten(0, 2).numpy()


@linear.also_right
def by_places(weight: Any, c: Any, h: Any, w: Any) -> Any:
    return weight[:, np.arange(c * h * w).reshape(c, h * w).T.ravel()].T


# ---------------------------------------------------------------- 10.7 a test of a padding

def _pad(x: np.ndarray, before: int, after: int) -> np.ndarray:
    return np.pad(x, (before, after))


def right_total(x: Any, kernel: Any, stride: Any) -> Any:
    """counts the zeros as TensorFlow does"""
    total = max((-(-len(x) // stride) - 1) * stride + kernel - len(x), 0)
    return _pad(x, total // 2, total - total // 2)


def right_by_torch(x: Any, kernel: Any, stride: Any) -> Any:
    """the same by another formula"""
    total = max(kernel - stride if len(x) % stride == 0 else kernel - len(x) % stride, 0)
    return F.pad(torch.from_numpy(x), (total // 2, total - total // 2)).numpy()


def half_on_each_side(x: Any, kernel: Any, stride: Any) -> Any:
    """pads kernel // 2 on each side, as PyTorch does"""
    return _pad(x, kernel // 2, kernel // 2)


def odd_one_before(x: Any, kernel: Any, stride: Any) -> Any:
    """puts the odd zero before, not behind"""
    total = max((-(-len(x) // stride) - 1) * stride + kernel - len(x), 0)
    return _pad(x, total - total // 2, total // 2)


def all_behind(x: Any, kernel: Any, stride: Any) -> Any:
    """puts all zeros behind"""
    total = max((-(-len(x) // stride) - 1) * stride + kernel - len(x), 0)
    return _pad(x, 0, total)


def stride_forgotten(x: Any, kernel: Any, stride: Any) -> Any:
    """counts as if the stride were 1"""
    return _pad(x, (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2)


def edge_repeated(x: Any, kernel: Any, stride: Any) -> Any:
    """repeats the edge in place of zeros"""
    total = max((-(-len(x) // stride) - 1) * stride + kernel - len(x), 0)
    return np.pad(x, (total // 2, total - total // 2), mode="edge")


padding_test = Exercise("10.7", kind="test", right=[right_total, right_by_torch],
                        wrong_programs=[half_on_each_side, odd_one_before, all_behind, stride_forgotten, edge_repeated],
                        verified="your test passes two right programs and fails five wrong ones")


@padding_test.wrong("pads kernel // 2 on each side")
def lengths_of_odd_sizes(f: Any) -> Any:
    assert len(f(np.ones(13, np.float32), 5, 2)) == 17


@padding_test.wrong("puts the odd zero before")
def lengths_alone(f: Any) -> Any:
    assert len(f(np.ones(12, np.float32), 5, 2)) == 15


@padding_test.wrong("repeats the edge")
def first_and_length(f: Any) -> Any:
    out = f(np.concatenate([[0], np.arange(1, 12)]).astype(np.float32), 5, 2)
    assert len(out) == 15
    assert out[2] == 1


@padding_test.wrong("counts as if the stride were 1")
def stride_one(f: Any) -> Any:
    out = f(np.arange(1, 13, dtype=np.float32), 4, 1)
    np.testing.assert_array_equal(out, [0, *range(1, 13), 0, 0])


@padding_test.also_right
def whole_result(f: Any) -> Any:
    np.testing.assert_array_equal(f(np.arange(1, 13, dtype=np.float32), 5, 2), [0, *range(1, 13), 0, 0])


@padding_test.also_right
def by_parts(f: Any) -> Any:
    out = f(np.ones(24, np.float32), 5, 2)
    assert out.tolist() == [0] + 24 * [1] + [0, 0]


# ---------------------------------------------------------------- 10.8 a size where both agree

def _judge_size(size: Any) -> str | None:
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)):
        return f"expected a whole number, got {size!r}"
    if not 20 <= size <= 40:
        return f"the size should lie between 20 and 40, got {size}"
    windows = -(-int(size) // 2)
    total = max((windows - 1) * 2 + 5 - int(size), 0)
    if total // 2 == 2 and total - total // 2 == 2:
        return None
    return f"with {size} pixels TensorFlow pads {total // 2} + {total - total // 2}, PyTorch 2 + 2"


size = Exercise("10.8", kind="value", judge=_judge_size, verified="with this size both put two zeros on each side, so the fault would stay hidden")


@size.wrong("with 24 pixels TensorFlow pads 1 + 2")
def the_lessons_own() -> int:
    return 24


@size.wrong("with 28 pixels TensorFlow pads 1 + 2")
def mnist() -> int:
    return 28


@size.wrong("the size should lie between 20 and 40, got 5")
def too_small() -> int:
    return 5


@size.wrong("expected a whole number, got 25.0")
def a_float() -> float:
    return 25.0


@size.also_right
def least() -> int:
    return 21


@size.also_right
def greatest() -> int:
    return 39
