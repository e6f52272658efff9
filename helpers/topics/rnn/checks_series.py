"""Checks of chapter 03, second half: windows split in time, the last real state, a letter drawn at a temperature."""

# ruff: noqa: ARG005 (wrong answers ignore an argument on purpose)

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from helpers.lesson.exercise import Case, Exercise, Wrong

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


# ---------------------------------------------------------------- 3.5 windows, split in time

def _split(series: np.ndarray, width: int, horizon: int, border: int, *, off: int = 0, fit: Callable[[np.ndarray, int], np.ndarray] | None = None,
           ddof: int = 0, goes_to_train: Callable[[int, int], bool] | None = None, in_test: Callable[[int, int], bool] | None = None) -> Parts:
    """Window by window, so that one part of the rule can be replaced by a wrong one."""
    used = series[:border] if fit is None else fit(series, border)
    scaled = (series - used.mean()) / used.std(ddof=ddof)
    rows: dict[bool, list[tuple[np.ndarray, float]]] = {True: [], False: []}
    for i in range(len(series) - width - horizon + 1 - max(0, off)):
        at = i + width + horizon - 1
        train = at < border if goes_to_train is None else goes_to_train(i, at)
        if train or in_test is None or in_test(i, at):
            rows[train].append((scaled[i:i + width], scaled[at + off]))
    parts = [np.array([part[k] for part in rows[train]]) for train in (True, False) for k in (0, 1)]
    return parts[0], parts[1], parts[2], parts[3]


def _targets_raw(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    x_train, y_train, x_test, y_test = _split(series, width, horizon, border)
    mean, std = series[:border].mean(), series[:border].std()
    return x_train, y_train * std + mean, x_test, y_test * std + mean


def _x_first(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    x_train, y_train, x_test, y_test = _split(series, width, horizon, border)
    return x_train, x_test, y_train, y_test


def _split_cases() -> list[Case]:
    rng = np.random.default_rng(83)
    settings = [(31, 4, 3, 20), (24, 1, 1, 15), (40, 7, 1, 30), (60, 5, 12, 41), (2000, 24, 6, 1500)]
    return [Case(f"{n} values, width {w}, horizon {h}, border {b}", (20 + 5 * rng.normal(size=n) + np.linspace(0, 9, n), w, h, b)) for n, w, h, b in settings]


split_windows = Exercise(
    "3.5", oracle=_split, cases=_split_cases,
    verified="window by window, for five series of 24 to 2,000 values; nothing of the test part reaches the training part, and no test target is lost",
    wrong_answers=[
        Wrong(lambda s, w, h, b: _split(s, w, h, b, fit=lambda s, b: s),
              "mean and standard deviation are taken from the whole series: they tell the training part about the future. Use series[:border]."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, off=1),
              "the target is one step too late: horizon 1 is the value right after the window, series[i + width]."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, goes_to_train=lambda i, at: i + w <= b),
              "a window counts as training if its inputs end before the border, but its target may lie beyond it. What decides is the place of the target."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, in_test=lambda i, at: i >= b),
              "test windows begin at the border here. They may reach back over it (the past is known by then); asking for more loses the first test targets."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, goes_to_train=lambda i, at: at <= b),
              "the value at the border belongs to the test part: training targets are those before it, at < border."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, fit=lambda s, b: np.array([-1.0, 1.0])),
              "the values are not scaled: subtract the mean of the training part, and divide by its standard deviation."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, ddof=1),
              "the standard deviation divides by N - 1, as torch and pandas do by default. Here it divides by N: numpy's .std()."),
        Wrong(lambda s, w, h, b: _split(s, w, h, b, fit=lambda s, b: s[:b].mean() + np.array([-1.0, 1.0]) * s[:b].var()),
              "the values are divided by the variance: the standard deviation is its root, .std()."),
        Wrong(_targets_raw, "the windows are scaled but the targets are not: take both from the scaled series."),
        Wrong(_x_first, "the right parts in another order: return x_train, y_train, x_test, y_test."),
    ])


# ---------------------------------------------------------------- 3.9 the last real state

def _packed(out: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """torch's own notion of where a row ends: pack the rows, and read what is packed last of each."""
    packed = nn.utils.rnn.pack_padded_sequence(out, lengths, batch_first=True, enforce_sorted=False)
    unpacked, n = nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
    return torch.stack([row[int(k) - 1] for row, k in zip(unpacked, n, strict=True)])


def _state_cases() -> list[Case]:
    shapes = [((4, 6, 3), [2, 5, 1, 4]), ((3, 3, 5), [3, 1, 2]), ((1, 7, 2), [5]), ((5, 1, 4), [1] * 5), ((300, 25, 16), [1 + i % 24 for i in range(300)])]
    return [Case(f"out {shape}, lengths {lengths if len(lengths) < 9 else 'from 1 to 24'}",
                 (torch.randn(*shape, generator=torch.Generator().manual_seed(i)), torch.tensor(lengths))) for i, (shape, lengths) in enumerate(shapes)]


last_states = Exercise(
    "3.9", oracle=_packed, cases=_state_cases,
    verified="the same as torch's packed sequences, for five batches: one row, one step, 300 rows of all lengths",
    wrong_answers=[
        Wrong(lambda out, n: out[:, -1],
              "this is the last column: for the shorter rows it lies in the padding. Row i ends at step lengths[i] - 1."),
        Wrong(lambda out, n: out[torch.arange(len(out)), n.clamp(max=out.shape[1] - 1)],
              "this is one step past the end: steps count from 0, so a row of n steps ends at n - 1."),
        Wrong(lambda out, n: out[:, n - 1],
              "out[:, lengths - 1] takes every length's step of every row, (N, N, H): pair them up with out[torch.arange(N), …]."),
        Wrong(lambda out, n: out[:, int(n.max()) - 1],
              "all rows are read where the longest ends: each has an end of its own."),
        Wrong(lambda out, n: torch.stack([row[:k].mean(0) for row, k in zip(out, n.tolist(), strict=True)]),
              "this is the mean over the real steps (a fine thing elsewhere): the task asks for the last one."),
        Wrong(lambda out, n: out[torch.arange(len(out)), -n],
              "-lengths counts from the row's end, padding included: count from its beginning, lengths - 1."),
    ])


# ---------------------------------------------------------------- 3.11 a letter drawn at a temperature

def _draw(logits: torch.Tensor, temperature: float, u: torch.Tensor) -> torch.Tensor:
    """By searchsorted, in float64."""
    running = (logits.double() / temperature).softmax(1).cumsum(1)
    return torch.searchsorted(running, u.double()[:, None], right=True)[:, 0].clamp(max=logits.shape[1] - 1)


def _inverse(probs: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    return torch.searchsorted(probs.double().cumsum(1).contiguous(), u.double()[:, None], right=True)[:, 0]


def _running(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    return (logits / temperature).softmax(1).cumsum(1)


def _draw_cases() -> list[Case]:
    settings = [((60, 9), 1.0, 2.0), ((50, 3), 3.0, 4.0), ((30, 7), 0.05, 1.0), ((200, 58), 1.3, 1000.0)]
    g = torch.Generator().manual_seed(126)             # chosen so that no wrong answer reaches K, whether it is kept below K or not
    logits = torch.randn(4, 7, generator=g)
    logits[:, -1] = -1000
    cases = [Case("logits (4, 7), the last letter impossible, temperature 0.5", (logits, 0.5, torch.rand(4, generator=g)))]
    for i, (shape, temperature, size) in enumerate(settings):
        g = torch.Generator().manual_seed(83 + i)
        cases.append(Case(f"logits {shape} of size {size:g}, temperature {temperature}",
                          (size * torch.randn(*shape, generator=g), temperature, torch.rand(shape[0], generator=g))))
    cases.append(Case("probabilities (½, ½) and (0, 1), u = 0.5 and 0", (torch.tensor([[0.0, 0.0], [-1000.0, 0.0]]), 1.0, torch.tensor([0.5, 0.0]))))
    g = torch.Generator().manual_seed(83)
    cases.append(Case("logits (300, 58), u = 1 - 2⁻²⁴, the largest below 1",
                      (torch.randn(300, 58, generator=g).clamp(min=-2), 1.0, torch.full((300,), 1 - 2**-24))))
    return cases


def _row_softmax(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    return (logits.double() / temperature).softmax(1)


draw = Exercise(
    "3.11", oracle=_draw, cases=_draw_cases, tolerance=0.0, whole=True,
    verified="the right index for 646 draws, at temperatures from 0.05 to 3, logits up to thousands, and u at both of its ends",
    wrong_answers=[
        Wrong(lambda logits, T, u: _draw(logits * T * T, T, u),
              "the logits are multiplied by the temperature: divide. A low temperature makes differences larger."),
        Wrong(lambda logits, T, u: _draw(logits, 1.0, u),
              "the temperature is not used: divide the logits by it before the softmax."),
        Wrong(lambda logits, T, u: _inverse(logits.double().softmax(1) / T, u).clamp(max=logits.shape[1] - 1),
              "the probabilities are divided by the temperature, so they no longer sum to 1: divide the logits, before the softmax."),
        Wrong(lambda logits, T, u: _inverse((logits.double() / T).softmax(0), u).clamp(max=logits.shape[1] - 1),
              "the softmax runs over the rows: the letters are the last axis, dim=1."),
        Wrong(lambda logits, T, u: (_inverse(_row_softmax(logits, T), u) + 1).clamp(max=logits.shape[1] - 1),
              "one too far: with u below the first probability the answer is 0."),
        Wrong(lambda logits, T, u: (_row_softmax(logits, T) <= u.double()[:, None]).sum(1).clamp(max=logits.shape[1] - 1),
              "u is compared with the single probabilities: compare it with their running sum (cumsum)."),
        Wrong(lambda logits, T, u: (_running(logits, T) > u[:, None]).sum(1),
              "you counted the sums that exceed u: count those that do not."),
        Wrong(lambda logits, T, u: (_running(logits, T) < u[:, None]).sum(1).clamp(max=logits.shape[1] - 1),
              "a sum that equals u does not exceed it: count the sums with <= u (searchsorted: right=True). With < a letter of probability 0 can be drawn."),
        Wrong(lambda logits, T, u: (_running(logits, T) <= u[:, None]).sum(1),
              "this answers K, a letter that does not exist: rounding has left the last running sum below 1. Keep the answer at K - 1 or less (clamp)."),
        Wrong(lambda logits, T, u: ((logits / T).exp() / (logits / T).exp().sum(1, keepdim=True)).cumsum(1).le(u[:, None]).sum(1).clamp(max=logits.shape[1] - 1),
              "for large logits exp(…) becomes infinite, and inf / inf is not a number. Subtract each row's maximum first, or use softmax."),
    ])
