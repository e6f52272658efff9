"""Exercises of the lesson on smaller and faster networks: 14.5 to 14.9."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import digits
from helpers.lesson.exercise import Case, Exercise, Met, distinct
from helpers.lesson.promises import measured
from helpers.topics.optimisation.smaller import accuracy, folded, n_bytes, rounded, trained

Tensor = torch.Tensor


# ---------------------------------------------------------------- 14.5 soft targets

def _kl(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    t = temperature
    return t * t * F.kl_div((logits / t).log_softmax(1), (teacher / t).log_softmax(1), log_target=True, reduction="batchmean")


def _soft_cases() -> list[Case]:
    g = torch.Generator().manual_seed(145)
    n, k = distinct(2, seed=145, least=3)

    def case(label: str, n: int, k: int, t: float, scale: float = 2.0) -> Case:
        return Case(label, (scale * torch.randn(n, k, generator=g), scale * torch.randn(n, k, generator=g), t))

    return [case(f"{n} examples of {k} classes, temperature 4", n, k, 4.0), case("temperature 1", 4, 6, 1.0), case("one example", 1, 3, 2.0),
            case("logits as large as 300", 5, 4, 3.0, 100.0)]


soft_targets = Exercise("14.5", oracle=_kl, cases=_soft_cases, tolerance=1e-4, differentiable=("logits",),
                        verified="torch's own Kullback-Leibler divergence times T² on four batches, gradients too")


@soft_targets.wrong("the factor T² is missing: without it the gradients shrink as the temperature grows.")
def without_square(logits: Any, teacher: Any, temperature: Any) -> Any:
    return _kl(logits, teacher, temperature) / temperature**2


@soft_targets.wrong("the student's logits are not divided by the temperature.")
def student_hard(logits: Any, teacher: Any, temperature: Any) -> Any:
    return temperature**2 * F.kl_div(logits.log_softmax(1), (teacher / temperature).log_softmax(1), log_target=True, reduction="batchmean")


@soft_targets.wrong("teacher and student are swapped: the weights in the sum are the teacher's probabilities.")
def swapped(logits: Any, teacher: Any, temperature: Any) -> Any:
    return _kl(teacher, logits, temperature)


@soft_targets.wrong("the mean runs over examples and classes: sum over the classes, then take the mean over the examples.")
def mean_of_all(logits: Any, teacher: Any, temperature: Any) -> Any:
    return _kl(logits, teacher, temperature) / logits.shape[1]


@soft_targets.wrong("the sum over the examples is given back, not their mean.")
def summed(logits: Any, teacher: Any, temperature: Any) -> Any:
    return _kl(logits, teacher, temperature) * len(logits)


@soft_targets.also_right
def by_sum(logits: Any, teacher: Any, temperature: Any) -> Any:
    p, q = (teacher / temperature).log_softmax(1), (logits / temperature).log_softmax(1)
    return temperature**2 * (p.exp() * (p - q)).sum(1).mean()


@soft_targets.also_right
def by_logsumexp(logits: Any, teacher: Any, temperature: Any) -> Any:
    a, b = teacher / temperature, logits / temperature
    weights = a.softmax(1)
    return temperature**2 * ((weights * (a - b)).sum(1) - a.logsumexp(1) + b.logsumexp(1)).mean()


# ---------------------------------------------------------------- 14.6 a pruning mask

def _mask(w: Tensor, share: float) -> Tensor:
    """By the threshold in place of the order: the values differ."""
    n_cut = round(share * w.numel())
    if n_cut == 0:
        return torch.ones_like(w, dtype=torch.bool)
    return w.abs() > w.abs().flatten().kthvalue(n_cut).values


def _mask_cases() -> list[Case]:
    g = torch.Generator().manual_seed(146)
    return [Case(label, (torch.randn(*size, generator=g), share)) for label, size, share in (
        ("a 5 × 7 matrix, half of it", (5, 7), 0.5), ("a convolution, four fifths", (4, 3, 2, 2), 0.8), ("nothing is cut", (3, 4), 0.0), ("a row, a tenth", (20,), 0.1), ("one filter of one channel", (1, 1, 3, 5), 0.4))]


def by_value(w: Any, share: Any) -> Any:
    n_cut = round(share * w.numel())
    order = w.flatten().argsort()
    mask = torch.ones(w.numel(), dtype=torch.bool)
    mask[order[:n_cut]] = False
    return mask.view(w.shape)


mask = Exercise("14.6", kind="fix", given=by_value, oracle=_mask, cases=_mask_cases, dtype=torch.bool,
                verified="the weights nearest to zero are cut, the right number of them, in tensors of four shapes")


@mask.wrong("the largest weights are cut, not the smallest.")
def largest(w: Any, share: Any) -> Any:
    n_cut = round(share * w.numel())
    found = torch.ones(w.numel(), dtype=torch.bool)
    found[w.abs().flatten().argsort(descending=True)[:n_cut]] = False
    return found.view(w.shape)


@mask.wrong("the mask is turned: True means that a weight stays.")
def turned(w: Any, share: Any) -> Any:
    return ~_mask(w, share)


@mask.wrong("the most negative weights are cut: large ones, but of the other sign. Small means near zero.")
def lowest(w: Any, share: Any) -> Any:
    return by_value(w, share)


@mask.wrong("the share is that of the weights, not of the largest weight's size.")
def by_size(w: Any, share: Any) -> Any:
    return w.abs() > share * w.abs().max()


@mask.also_right
def by_abs_order(w: Any, share: Any) -> Any:
    found = torch.ones(w.numel(), dtype=torch.bool)
    found[(w * w).flatten().argsort()[:round(share * w.numel())]] = False
    return found.view(w.shape)


@mask.also_right
def by_topk(w: Any, share: Any) -> Any:
    found = torch.zeros(w.numel(), dtype=torch.bool)
    found[w.flatten().abs().topk(w.numel() - round(share * w.numel())).indices] = True
    return found.reshape(w.shape)


# ---------------------------------------------------------------- 14.7 the quantiser

def _judge_codes(got: Any, w: Tensor, bits: int) -> str | None:
    if not (isinstance(got, tuple) and len(got) == 2 and isinstance(got[0], Tensor)):
        return f"expected a pair (codes, scale), got {type(got).__name__}"
    try:
        codes, scale = got[0].detach(), float(torch.as_tensor(got[1]).detach())
    except (TypeError, ValueError, RuntimeError):
        return f"the scale must be one number, got {type(got[1]).__name__}"
    if codes.dtype != torch.int8:
        return f"codes must be int8, got {codes.dtype}"
    if codes.shape != w.shape:
        return f"codes must have the weights' shape {tuple(w.shape)}, got {tuple(codes.shape)}"
    top = 2 ** (bits - 1) - 1
    expected = float(w.abs().max()) / top
    if not math.isfinite(scale) or abs(scale - expected) > 1e-5 * expected + (1.0 if expected == 0 else 0.0):
        return f"expected a scale of {expected:.5g} (largest size / {top}), got {scale:.5g}"
    off = (codes.double() * scale - w.double()).abs().max()
    return None if off <= 0.5001 * scale + 1e-12 else f"a weight is {float(off / scale):.2f} scales from its code; rounding to the nearest leaves at most half a scale"


def _code_cases() -> list[Case]:
    g = torch.Generator().manual_seed(147)
    return [Case(label, (scale * torch.randn(*size, generator=g), bits)) for label, size, bits, scale in (
        ("8 bits, a 6 × 5 matrix", (6, 5), 8, 1.0), ("4 bits, a convolution", (3, 4, 2, 2), 4, 0.1), ("2 bits", (40,), 2, 1.0))] + [
        Case("all weights negative, 5 bits", (-torch.rand(4, 7, generator=g) - 0.1, 5)), Case("all weights 0", (torch.zeros(2, 3), 8))]


quantiser = Exercise("14.7", judge=_judge_codes, cases=_code_cases, verified="int8 codes, the right scale, and no weight more than half a scale away, from 2 to 8 bits")


def _scaled(w: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    scale = w.abs().max().clamp(min=1e-12) / (2 ** (bits - 1) - 1)
    return w / scale, scale


@quantiser.wrong("rounding to the nearest leaves at most half a scale")
def cut_off(w: Any, bits: Any) -> Any:
    codes, scale = _scaled(w, bits)
    return codes.to(torch.int8), scale


@quantiser.wrong("expected a scale of")
def one_level_too_many(w: Any, bits: Any) -> Any:
    scale = w.abs().max().clamp(min=1e-12) / 2 ** (bits - 1)
    return (w / scale).round().to(torch.int8), scale


@quantiser.wrong("expected a scale of")
def without_size(w: Any, bits: Any) -> Any:
    scale = w.max().clamp(min=1e-12) / (2 ** (bits - 1) - 1)
    return (w / scale).round().clamp(-127, 127).to(torch.int8), scale


@quantiser.wrong("codes must be int8")
def still_floats(w: Any, bits: Any) -> Any:
    codes, scale = _scaled(w, bits)
    return codes.round(), scale


@quantiser.wrong("expected a pair")
def gone_back(w: Any, bits: Any) -> Any:
    codes, scale = _scaled(w, bits)
    return codes.round() * scale


@quantiser.also_right
def as_python_float(w: Any, bits: Any) -> Any:
    scale = max(float(w.abs().max()), 1e-12) / (2 ** (bits - 1) - 1)
    return torch.round(w / scale).to(torch.int8), scale


@quantiser.also_right
def by_adding_half(w: Any, bits: Any) -> Any:
    codes, scale = _scaled(w, bits)
    return (codes + 0.5).floor().clamp(-128, 127).to(torch.int8), scale


# ---------------------------------------------------------------- 14.8 a target of accuracy and bytes

MOST_BYTES, LEAST_ACCURACY = 4000, 0.93


@functools.cache
def _network(width: int) -> nn.Module:
    return folded(trained(width, digits(3000, 1000).train, 3))


def _judge_setting(got: Any) -> str | None:
    if not (isinstance(got, tuple) and len(got) == 3):
        return f"expected three values, (width, bits, per_channel); got {got!r}"
    width, bits, per_channel = got
    if width not in (2, 4, 8, 16) or bits not in range(2, 9):
        return f"width is 2, 4, 8 or 16 and bits 2 to 8; got {width!r} and {bits!r}"
    from helpers.models import FastCNN

    size = n_bytes(folded(FastCNN(width)), bits, bool(per_channel))
    if size > MOST_BYTES:
        return f"this network takes {size:,.0f} bytes; at most {MOST_BYTES:,} are allowed"
    right = accuracy(rounded(_network(width), bits, bool(per_channel)), digits(3000, 1000).val)
    if right < LEAST_ACCURACY:
        return f"the validation accuracy is {right:.3f}; at least {LEAST_ACCURACY} is asked"
    return Met(f"{measured(right, '.2f')} in {size:,.0f} bytes; the target was {LEAST_ACCURACY} in {MOST_BYTES:,}")


target = Exercise("14.8", kind="target", judge=_judge_setting, cases=lambda: [Case("your setting", ())], verified="accuracy and bytes, both measured")


@target.wrong("bytes; at most")
def too_wide() -> Any:
    return 16, 4, True


@target.wrong("bytes; at most 4,000")
def too_many_bits() -> Any:
    return 8, 8, False


@target.wrong("the validation accuracy is")
def too_few_bits() -> Any:
    return 8, 2, False


@target.wrong("width is 2, 4, 8 or 16")
def whole_precision() -> Any:
    return 8, 32, False


@target.wrong("the validation accuracy is")
def too_narrow() -> Any:
    return 2, 8, True


@target.also_right
def four_bits() -> Any:
    return 8, 4, True


@target.also_right
def four_bits_a_layer() -> Any:
    return 8, 4, False


# ---------------------------------------------------------------- 14.9 a step of two processes

_MINE, _LOSS, _ZERO, _BACK = "mine = batch.chunk(world)[rank]", "loss = F.cross_entropy(model(x[mine]), y[mine])", "opt.zero_grad()", "loss.backward()"
_SUM, _DIVIDE, _STEP = "for p in model.parameters(): dist.all_reduce(p.grad)", "for p in model.parameters(): p.grad /= ____", "opt.step()"

two_processes = Exercise(
    "14.9", kind="order", verified="own part, loss, gradient, sum over the processes, mean, step",
    lines=[_MINE, _LOSS, _ZERO, _BACK, _SUM, _DIVIDE, _STEP],
    gaps={_DIVIDE: (["world", "len(mine)", "rank"], "world")},
    distractors={"for p in model.parameters(): dist.broadcast(p, src=0)": "the weights are equal already: equal at the start, and moved by the same gradient.",
                 "x = dist.all_reduce(x[mine])": "pictures are not sent, and must not be summed: only gradients are."},
    needs={_MINE: [], _LOSS: [_MINE], _ZERO: [], _BACK: [_LOSS, _ZERO], _SUM: [_BACK], _DIVIDE: [_SUM], _STEP: [_DIVIDE]})

_MEAN = "for p in model.parameters(): p.grad /= world"


@two_processes.wrong("the step is made with the own half's gradient: the weights of the two part for ever.")
def steps_alone() -> Any:
    return [_MINE, _LOSS, _ZERO, _BACK, _STEP, _SUM, _MEAN]


@two_processes.wrong("the sum is emptied before it is used: zero_grad stands before backward.")
def emptied() -> Any:
    return [_MINE, _LOSS, _BACK, _SUM, _MEAN, _ZERO, _STEP]


@two_processes.wrong("cross-entropy has divided by the examples already: what is missing is the mean over the processes.")
def by_examples() -> Any:
    return [_MINE, _LOSS, _ZERO, _BACK, _SUM, "for p in model.parameters(): p.grad /= len(mine)", _STEP]


@two_processes.wrong("there is no gradient to sum before backward.")
def sums_first() -> Any:
    return [_MINE, _LOSS, _ZERO, _SUM, _MEAN, _BACK, _STEP]


@two_processes.also_right
def empties_first() -> Any:
    return [_ZERO, _MINE, _LOSS, _BACK, _SUM, _MEAN, _STEP]


@two_processes.also_right
def as_written() -> Any:
    return [_MINE, _LOSS, _ZERO, _BACK, _SUM, _MEAN, _STEP]
