# ruff: noqa: ARG005  answers that ignore what they are given
"""Answers that a reading of the checks found misjudged, each of a kind: wrong ones that passed, false causes, causes that were missing.

The name of a test case says what the answer does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from known import solution

from helpers.lesson.exercise import exercise_of

Answer = Callable[..., Any]


def judged(number: str, answer: Answer) -> str:
    return exercise_of(number).examine(answer).message


# ---------------------------------------------------------------- wrong answers that passed
def kept_below_the_rows(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    running = (logits.double() / T).softmax(1).cumsum(1)
    return (running <= u[:, None]).sum(1).clamp(max=len(logits) - 1)


def to_the_power(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    p = logits.softmax(1) ** (1 / T)
    return ((p / p.sum(1, keepdim=True)).cumsum(1) <= u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


def begins_with_minus_100(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    return F.max_pool2d(x, size, stride).clamp(min=-100)


def as_if_contiguous(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    n, c, h, w = x.shape
    windows = torch.as_strided(x, (n, c, (h - size) // stride + 1, (w - size) // stride + 1, size, size), (c * h * w, h * w, stride * w, stride, w, 1))
    return windows.amax((4, 5))


def nine_rows(predicted: torch.Tensor, y: torch.Tensor) -> tuple[int, int]:
    best, pair = 0, (0, 0)
    for truth in range(9):
        for said in range(10):
            count = int(((y == truth) & (predicted == said)).sum())
            if truth != said and count > best:
                best, pair = count, (truth, said)
    return pair


def covariance_by_x(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    mean = train.mean(0)
    V = torch.linalg.eigh(((train - mean).T @ (train - mean) / (len(x) - 1)).nan_to_num(posinf=torch.nan)).eigenvectors[:, -k:]
    return (x - mean) @ V @ V.T + mean


@np.errstate(all="ignore")
def exp_over_one_plus_exp(x: np.ndarray, y: np.ndarray, w: np.ndarray, b: float) -> tuple[Any, Any]:
    z = x @ w + b
    p = np.exp(z) / (1 + np.exp(z))
    dz = 2 * (p - y) * p * (1 - p) / len(y)
    return x.T @ dz, dz.sum()


def a_loss_of_zero_is_none(losses: list[float], patience: int) -> tuple[int, int]:
    best, at, waited = 0.0, 0, 0
    for epoch, loss in enumerate(losses, 1):
        if not best or loss < best:
            best, at, waited = loss, epoch, 0
        else:
            waited += 1
        if waited == patience:
            return at, epoch
    return at, len(losses)


def quotient_below_one(losses: list[float], patience: int) -> tuple[int, int]:
    best = 0
    for i, loss in enumerate(losses):
        if i and losses[best] and loss / losses[best] < 1:
            best = i
        if i - best >= patience:
            return best + 1, i + 1
    return best + 1, len(losses)


def size_with(**other: int) -> Answer:
    settings = {"stride": 1, "padding": 0, "dilation": 1} | other

    def output_size(n: int, kernel: int, stride: int = settings["stride"], padding: int = settings["padding"], dilation: int = settings["dilation"]) -> int:
        return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return output_size


PASSED: dict[str, tuple[str, Answer]] = {
    "0.4 nine rows": ("0.4", nine_rows),
    "0.4 floats": ("0.4", lambda *a: tuple(map(float, solution("0.4")(*a)))),
    "1.2 exp over one plus exp": ("1.2", exp_over_one_plus_exp),
    "1.6 a loss of zero is none": ("1.6", a_loss_of_zero_is_none),
    "1.6 the quotient below 1": ("1.6", quotient_below_one),
    "1.6 floats": ("1.6", lambda *a: tuple(map(float, solution("1.6")(*a)))),
    "2.2 stride 2 where none is given": ("2.2", size_with(stride=2)),
    "2.2 padding 1 where none is given": ("2.2", size_with(padding=1)),
    "2.2 dilation 2 where none is given": ("2.2", size_with(dilation=2)),
    "2.2 no defaults": ("2.2", lambda n, kernel, stride, padding, dilation: size_with()(n, kernel, stride, padding, dilation)),
    "2.4 begins with -100": ("2.4", begins_with_minus_100),
    "2.4 as if memory were contiguous": ("2.4", as_if_contiguous),
    "3.11 kept below the number of rows": ("3.11", kept_below_the_rows),
    "3.11 powers of probabilities": ("3.11", to_the_power),
    "4.1 one picture loses its axis": ("4.1", lambda *a: solution("4.1")(*a).squeeze()),
    "4.1 the covariance by the number of new pictures": ("4.1", covariance_by_x),
    "4.6 exp, then the root": ("4.6", lambda mu, log_var, eps: mu + log_var.exp().sqrt() * eps),
}


@pytest.mark.parametrize("case", PASSED)
def test_a_wrong_answer_passes_no_more(case: str) -> None:
    assert judged(*PASSED[case]).startswith("✗")


# ---------------------------------------------------------------- false causes
def halves_of_the_table(keep: Callable[[np.ndarray], np.ndarray]) -> Answer:
    def answer(predicted: torch.Tensor, y: torch.Tensor) -> tuple[int, int]:
        table = np.zeros((10, 10), int)
        np.add.at(table, (y.numpy(), predicted.numpy()), 1)
        np.fill_diagonal(table, 0)
        row, column = np.unravel_index(keep(table).argmax(), (10, 10))
        return int(row), int(column)
    return answer


def last_of_equals(losses: list[float], patience: int) -> tuple[int, int]:
    best, at = solution("1.6")(losses, patience)
    return max(i for i in range(1, at + 1) if losses[i - 1] == losses[best - 1]), at


def clipped_logits(logits: np.ndarray, y: np.ndarray) -> Any:
    return F.cross_entropy(torch.tensor(logits.clip(-50, 50)), torch.tensor(y))


UNLIKE: dict[str, tuple[str, Answer]] = {
    "0.1 leaves out the last prediction": ("0.1", lambda p, y: (p[:-1] == y[:-1]).float().sum() / max(1, len(y) - 1)),
    "0.4 upper triangle": ("0.4", halves_of_the_table(np.triu)),
    "0.4 lower triangle": ("0.4", halves_of_the_table(np.tril)),
    "0.4 row twice": ("0.4", lambda *a: (solution("0.4")(*a)[0],) * 2),
    "1.1 squeezed": ("1.1", lambda *a: solution("1.1")(*a).squeeze()),
    "1.4 logits clipped": ("1.4", clipped_logits),
    "1.6 patience 3 always": ("1.6", lambda losses, patience: solution("1.6")(losses, 3)),
    "1.6 last of equal losses": ("1.6", last_of_equals),
    "2.2 padding kernel // 2": ("2.2", lambda n, kernel, stride=1, padding=0, dilation=1: size_with()(n, kernel, stride, kernel // 2, dilation)),
    "2.4 stride 2 always": ("2.4", lambda x, size, stride: F.max_pool2d(x, size, 2)),
    "2.6 abs(dx)": ("2.6", lambda f, x, dx: solution("2.6")(f, x, abs(dx))),
    "3.1 squeezed": ("3.1", lambda *a: solution("3.1")(*a).squeeze()),
    "4.2 squeezed": ("4.2", lambda *a: solution("4.2")(*a).squeeze()),
}
#: What would be false of these answers.
FALSE = {"0.1": "error rate", "0.4": "compares shares", "1.1": "np.max look", "1.4": "over the examples", "1.6": "one epoch too many", "2.2": "dilation is left out",
         "2.4": "by its own size", "2.6": "both were moved to the left", "3.1": "only the last state", "4.2": "over all axes but the first"}


@pytest.mark.parametrize("case", UNLIKE)
def test_no_false_cause_is_named(case: str) -> None:
    number, answer = UNLIKE[case]
    said = judged(number, answer)
    assert said.startswith("✗")
    assert FALSE[number] not in said


# ---------------------------------------------------------------- natural misconceptions
CAUSES: dict[str, tuple[str, Answer, str]] = {
    "1.4 bits": ("1.4", lambda z, y: F.cross_entropy(torch.tensor(z), torch.tensor(y)) / np.log(2), "these are bits"),
    "1.4 a loss for each": ("1.4", lambda z, y: F.cross_entropy(torch.tensor(z), torch.tensor(y), reduction="none"), "one loss for each example"),
    "1.4 one-hot, then the mean": ("1.4", lambda z, y: -(np.eye(z.shape[1])[y] * torch.tensor(z).log_softmax(1).numpy()).mean(), "divide by N alone"),
    "1.4 no shift": ("1.4", lambda z, y: (torch.tensor(z).exp().sum(1).log() - torch.tensor(z)[range(len(y)), y]).mean(), "exp() of a large logit overflows"),
    "1.6 best counted from 0": ("1.6", lambda *a: (solution("1.6")(*a)[0] - 1, solution("1.6")(*a)[1]), "is counted from 1 too"),
    "2.2 + 1 inside": ("2.2", lambda n, k, s=1, p=0, d=1: (n + 2 * p - d * (k - 1)) // s, "inside the division"),
    "2.3 bias over rows": ("2.3", lambda x, W, b: F.conv2d(x, W) + b[:, None], "After the reshape, b[:, None] runs over rows"),
    "2.4 last window lost": ("2.4", lambda x, s, t: F.max_pool2d(x, s, t)[:, :, :len(range(0, x.shape[2] - s, t)), :len(range(0, x.shape[3] - s, t))], "the last window is lost"),
    "2.4 size and stride exchanged": ("2.4", lambda x, s, t: F.max_pool2d(x, t, s), "size and stride are exchanged"),
    "3.1 states reshaped": ("3.1", lambda x, *w: solution("3.1")(x, *w).transpose(0, 1).reshape(len(x), x.shape[1], -1), "reshape cut them"),
    "3.1 with h_0": ("3.1", lambda x, *w: F.pad(solution("3.1")(x, *w), (0, 0, 1, 0)), "h_0 is among the states"),
    "3.1 as nn.RNN": ("3.1", lambda x, *w: (solution("3.1")(x, *w), solution("3.1")(x, *w)[:, -1]), "only the states are wanted"),
    "3.2 last step left out": ("3.2", lambda W, h: solution("3.2")(W, h[:-1]), "the last step is left out"),
    "3.3 no b_x": ("3.3", lambda x, h, W, V, b, c: solution("3.3")(x, h, W, V, 0 * b, c), "the bias b_x is missing"),
    "3.5 horizon ignored": ("3.5", lambda s, w, h, b: solution("3.5")(s, w, 1, b), "the horizon is ignored"),
    "3.9 one step before": ("3.9", lambda out, n: out[torch.arange(len(out)), n - 2], "the step before the last real one"),
    "3.11 argmax": ("3.11", lambda z, T, u: ((z / T).softmax(1).cumsum(1) > u[:, None]).int().argmax(1), "argmax finds nothing"),
    "4.2 log2": ("4.2", lambda x, y: -10 * (x - y).square().flatten(1).mean(1).log2(), "base 2"),
    "4.2 mean of decibels": ("4.2", lambda x, y: (-10 * (x - y).square().flatten(1).mean(1).log10()).mean(), "were averaged"),
    "4.7 bits": ("4.7", lambda *a: solution("4.7")(*a) / np.log(2), "these are bits"),
    "4.8 m left out": ("4.8", lambda w: (w - w.amax(0)).exp().mean(0).log().mean(), "m is not added back"),
    "4.8 plain exp in float64": ("4.8", lambda w: w.double().exp().mean(0).log().mean(), "✗"),
}


@pytest.mark.parametrize("case", CAUSES)
def test_a_natural_misconception_is_told_its_cause(case: str) -> None:
    number, answer, cause = CAUSES[case]
    said = judged(number, answer)
    assert said.startswith("✗")
    assert cause in said


# ---------------------------------------------------------------- messages
def test_two_numbers_that_differ_late_are_told_apart() -> None:
    rounded = judged("2.6", lambda f, x, dx: round(float(solution("2.6")(f, x, dx)), 3))
    one, two = rounded.split("expected ")[1].split("\n")[0].split(", got ")
    assert one != two


def test_the_natural_way_by_broadcasting_fits_in_memory() -> None:
    def by_thresholds(scores: torch.Tensor, odd: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        levels = torch.cat([torch.tensor([torch.inf]), scores.unique().flip(0)])
        alarms = scores >= levels[:, None]          # all thresholds at once: half a gigabyte for the largest case
        return alarms[:, ~odd].float().mean(1), alarms[:, odd].float().mean(1)

    assert judged("4.3", by_thresholds).startswith("✓")
    assert judged("4.3", lambda s, o: torch.stack(by_thresholds(s, o))).startswith("✓")       # unpacks into two


def test_counts_in_int16_overflow_and_the_kernel_lives() -> None:
    def small(scores: torch.Tensor, odd: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        order = scores.argsort(descending=True)
        s, o = scores[order], odd[order]
        last = torch.cat([s[1:] != s[:-1], torch.tensor([True])])
        caught, false = o.cumsum(0, dtype=torch.int16)[last], (~o).cumsum(0, dtype=torch.int16)[last]
        return torch.cat([torch.zeros(1), false / false[-1]]), torch.cat([torch.zeros(1), caught / caught[-1]])

    assert judged("4.3", small).startswith("✗ Exercise 4.3, for 60,000 scores")
