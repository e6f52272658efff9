"""Exercises 3.9 and 3.11: the last real state, and a letter drawn at a temperature."""



from __future__ import annotations

import torch
from torch import nn

from helpers.lesson.exercise import Case, Exercise

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
)


@last_states.wrong("this is the last column: for the shorter rows it lies in the padding. Row i ends at step lengths[i] - 1.")
def _last_column(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[:, -1]


@last_states.wrong("this is one step past the end: steps count from 0, so a row of n steps ends at n - 1.")
def _one_past(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[torch.arange(len(out)), n.clamp(max=out.shape[1] - 1)]


@last_states.wrong("out[:, lengths - 1] takes every length's step of every row, (N, N, H): pair them up with out[torch.arange(N), …].")
def _all_pairs(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[:, n - 1]


@last_states.wrong("all rows are read where the longest ends: each has an end of its own.")
def _where_the_longest_ends(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[:, int(n.max()) - 1]


@last_states.wrong("this is the mean over the real steps (a fine thing elsewhere): the task asks for the last one.")
def _mean(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return torch.stack([row[:k].mean(0) for row, k in zip(out, n.tolist(), strict=True)])


@last_states.wrong("-lengths counts from the row's end, padding included: count from its beginning, lengths - 1.")
def _from_the_end(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[torch.arange(len(out)), -n]


@last_states.wrong("this is the step before the last real one: a row of n steps ends at n - 1.")
def _one_before(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out[torch.arange(len(out)), n - 2]


@last_states.also_right
def _by_gather(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return out.gather(1, (n - 1)[:, None, None].expand(-1, 1, out.shape[2]))[:, 0]


@last_states.also_right
def _by_rows(out: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    return torch.stack([row[k - 1] for row, k in zip(out, n, strict=True)])


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
    cases.append(Case("2 rows of 9 equal logits, u = 0.95 and 0.8", (torch.zeros(2, 9), 1.0, torch.tensor([0.95, 0.8]))))
    cases.append(Case("one row of 58 equal logits, temperature 0.01", (torch.full((1, 58), 3.0), 0.01, torch.tensor([0.51]))))
    cases.append(Case("logits 1000, 800 and 0, temperature 100", (torch.tensor([[1000.0, 800.0, 0.0]]), 100.0, torch.tensor([0.95]))))
    cases.append(Case("probabilities (½, ½) and (0, 1), u = 0.5 and 0", (torch.tensor([[0.0, 0.0], [-1000.0, 0.0]]), 1.0, torch.tensor([0.5, 0.0]))))
    g = torch.Generator().manual_seed(83)
    cases.append(Case("logits (300, 58), u = 1 - 2⁻²⁴, the largest below 1",
                      (torch.randn(300, 58, generator=g).clamp(min=-2), 1.0, torch.full((300,), 1 - 2**-24))))
    return cases


def _row_softmax(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    return (logits.double() / temperature).softmax(1)


draw = Exercise(
    "3.11", oracle=_draw, cases=_draw_cases, tolerance=0.0, whole=True,
    verified="the right index for 650 draws, at temperatures from 0.01 to 100, logits up to thousands, and u at both of its ends",
)


@draw.wrong("the logits are multiplied by the temperature: divide. A low temperature makes differences larger.")
def _multiplied(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return _draw(logits * T * T, T, u)


@draw.wrong("the temperature is not used: divide the logits by it before the softmax.")
def _no_temperature(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return _draw(logits, 1.0, u)


@draw.wrong("the probabilities are divided by the temperature, so they no longer sum to 1: divide the logits, before the softmax.")
def _divided_probabilities(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return _inverse(logits.double().softmax(1) / T, u).clamp(max=logits.shape[1] - 1)


@draw.wrong("the softmax runs over the rows: the letters are the last axis, dim=1.")
def _softmax_of_rows(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return _inverse((logits.double() / T).softmax(0), u).clamp(max=logits.shape[1] - 1)


@draw.wrong("one too far: with u below the first probability the answer is 0.")
def _one_too_far(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_inverse(_row_softmax(logits, T), u) + 1).clamp(max=logits.shape[1] - 1)


@draw.wrong("u is compared with the single probabilities: compare it with their running sum (cumsum).")
def _single_probabilities(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_row_softmax(logits, T) <= u.double()[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


@draw.wrong("you counted the sums that exceed u: count those that do not.")
def _exceeding(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_running(logits, T) > u[:, None]).sum(1)


@draw.wrong("a sum that equals u does not exceed it: count the sums with <= u (searchsorted: right=True). With < a letter of probability 0 can be drawn.")
def _strictly_below(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_running(logits, T) < u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


@draw.wrong("this answers K, a letter that does not exist: rounding has left the last running sum below 1. Keep the answer at K - 1 or less (clamp).")
def _beyond_the_last(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_running(logits, T) <= u[:, None]).sum(1)


@draw.wrong("for large logits exp(…) becomes infinite, and inf / inf is not a number. Subtract each row's maximum first, or use softmax.")
def _overflowing(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return ((logits / T).exp() / (logits / T).exp().sum(1, keepdim=True)).cumsum(1).le(u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


@draw.wrong("where no sum exceeds u, argmax finds nothing but zeros and answers 0: that row's answer is K - 1.")
def _first_of_none(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_running(logits, T) > u[:, None]).int().argmax(1)


@draw.wrong("probabilities raised to the power 1 / temperature become 0, all of them, or were 0 before. Divide the logits, then take the softmax.")
def _powers(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    p = logits.softmax(1) ** (1 / T)
    return ((p / p.sum(1, keepdim=True)).cumsum(1) <= u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


@draw.wrong("the answer is kept below the number of rows: it must stay below K, the number of letters.")
def _below_rows(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return (_running(logits, T) <= u[:, None]).sum(1).clamp(max=len(logits) - 1)


@draw.also_right
def _by_searchsorted(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    return torch.searchsorted(_running(logits, T), u[:, None], right=True).squeeze(1).clamp(max=logits.shape[1] - 1)


@draw.also_right
def _by_argmax(logits: torch.Tensor, T: float, u: torch.Tensor) -> torch.Tensor:
    exceeds = _running(logits, T) > u[:, None]
    exceeds[:, -1] = True
    return exceeds.int().argmax(1)
