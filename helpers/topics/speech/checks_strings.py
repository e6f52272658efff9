"""Exercises of the second lesson on speech: 12.6 to 12.9."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.speech import ctc

# ---------------------------------------------------------------- 12.6 word error rate

def _by_recursion(heard: Sequence[int], said: Sequence[int]) -> float:
    @functools.cache
    def d(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (heard[i - 1] != said[j - 1]))
    return d(len(heard), len(said)) / len(said)


def _wer_cases() -> list[Case]:
    rng = np.random.default_rng(126)
    fixed = [("all right", [3, 1, 4], [3, 1, 4]), ("one word is missing at the front", [2, 3, 4, 5], [1, 2, 3, 4, 5]), ("nothing is heard", [], [7, 7]),
             ("more is heard than was said", [1, 2, 3, 4, 5], [9, 9]), ("one word is another", [1, 2, 8, 4], [1, 2, 3, 4])]
    drawn = [("two longer strings", rng.integers(0, 4, n).tolist(), rng.integers(0, 4, m).tolist()) for n, m in ((9, 6), (5, 8), (12, 11))]
    return [Case(label, (heard, said)) for label, heard, said in [*fixed, *drawn]]


word_errors = Exercise("12.6", oracle=_by_recursion, cases=_wer_cases, tolerance=1e-6, verified="it agrees with a recursion on 8 pairs: missing, added and exchanged words, and nothing heard at all")


@word_errors.wrong("place by place, one missing word makes all behind it wrong. Errors are the cheapest edits.")
def place_by_place(heard: Any, said: Any) -> Any:
    return (sum(h != s for h, s in zip(heard, said, strict=False)) + abs(len(heard) - len(said))) / len(said)


@word_errors.wrong("the errors are divided by the number of words heard. A recogniser that says little would gain by it: divide by len(said).")
def by_heard(heard: Any, said: Any) -> Any:
    return ctc.edit_distance(heard, said) / max(len(heard), 1)


@word_errors.wrong("an exchanged word counts 1, not 2 (one taken out and one put in).")
def without_substitution(heard: Any, said: Any) -> Any:
    row = list(range(len(said) + 1))
    for i, x in enumerate(heard, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(said, 1):
            before, row[j] = row[j], before if x == y else min(row[j], row[j - 1]) + 1
    return row[-1] / len(said)


@word_errors.wrong("these are the errors; the rate divides them by len(said).")
def not_divided(heard: Any, said: Any) -> Any:
    return ctc.edit_distance(heard, said)


@word_errors.wrong("the rate is cut off at 1. Who hears more words than were said can have more errors than words.")
def cut_at_one(heard: Any, said: Any) -> Any:
    return min(1.0, ctc.edit_distance(heard, said) / len(said))


@word_errors.also_right
def with_a_table(heard: Any, said: Any) -> Any:
    d = np.zeros((len(heard) + 1, len(said) + 1))
    d[:, 0], d[0] = np.arange(len(heard) + 1), np.arange(len(said) + 1)
    for i, j in itertools.product(range(1, len(heard) + 1), range(1, len(said) + 1)):
        d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (heard[i - 1] != said[j - 1]))
    return d[-1, -1] / len(said)


@word_errors.also_right
def as_tensor(heard: Any, said: Any) -> Any:
    return torch.tensor(float(ctc.edit_distance(said, heard))) / len(said)


# ---------------------------------------------------------------- 12.7 a test of collapse

def merge_then_drop(path: Any) -> Any:
    """merge equal neighbours, then leave blanks out"""
    return ctc.collapse(path)


def by_a_loop(path: Any) -> Any:
    """keep what is no blank and differs from the frame before"""
    return [s for i, s in enumerate(path) if s != 0 and (i == 0 or path[i - 1] != s)]


def drop_then_merge(path: Any) -> Any:
    """leave blanks out first, then merge"""
    return [s for s, _ in itertools.groupby(s for s in path if s != 0)]


def no_merge(path: Any) -> Any:
    """leave blanks out, merge nothing"""
    return [s for s in path if s != 0]


def keeps_blanks(path: Any) -> Any:
    """merge, but keep the blanks"""
    return [s for s, _ in itertools.groupby(path)]


def every_symbol_once(path: Any) -> Any:
    """each symbol at most once, wherever it stands"""
    return [s for s in dict.fromkeys(path) if s != 0]


collapse_test = Exercise("12.7", kind="test", right=[merge_then_drop, by_a_loop], wrong_programs=[drop_then_merge, no_merge, keeps_blanks, every_symbol_once],
                         verified="it passes two right programs and fails four wrong ones")


@collapse_test.wrong("leave blanks out first, then merge")
def only_neighbours(f: Any) -> None:
    assert f([1, 1, 0, 2]) == [1, 2]
    assert f([1, 2, 1]) == [1, 2, 1]


@collapse_test.wrong("leave blanks out, merge nothing")
def only_doubles(f: Any) -> None:
    assert f([0, 1, 0, 1]) == [1, 1]


@collapse_test.wrong("merge equal neighbours, then leave blanks out")
def blanks_expected(f: Any) -> None:
    assert f([1, 1, 0, 2]) == [1, 0, 2]


@collapse_test.wrong("merge, but keep the blanks")
def no_blank(f: Any) -> None:
    assert f([1, 1, 2]) == [1, 2]
    assert f([1, 2, 1]) == [1, 2, 1]
    assert len(f([1, 0, 1])) >= 2


@collapse_test.also_right
def against_all_paths(f: Any) -> None:
    for path in itertools.product(range(3), repeat=4):
        assert list(f(list(path))) == ctc.collapse(path)


@collapse_test.also_right
def two_lines(f: Any) -> None:
    assert f([1, 1, 0, 1, 2]) == [1, 1, 2]


# ---------------------------------------------------------------- 12.8 a step of the forward algorithm

def _by_loops(alpha: torch.Tensor, frame: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    found = []
    for s, symbol in enumerate(rows):
        ways = [float(alpha[s])] + ([float(alpha[s - 1])] if s else []) + ([float(alpha[s - 2])] if s > 1 and symbol != 0 and symbol != rows[s - 2] else [])
        top = max(ways)
        found.append(top + math.log(sum(math.exp(w - top) for w in ways)) + float(frame[symbol]))
    return torch.tensor(found, dtype=alpha.dtype)


def _step_cases() -> list[Case]:
    g = torch.Generator().manual_seed(128)
    cases = []
    for label, target, scale in (("three different digits", [3, 1, 2], 1.0), ("two equal digits", [2, 2], 1.0), ("five digits, some equal", [4, 1, 1, 1, 3], 1.0),
                                 ("one digit", [2], 1.0), ("very small probabilities", [1, 3, 3], 300.0), ("no digit at all", [], 1.0)):
        rows = ctc.with_blanks(target)
        cases.append(Case(label, (-scale * torch.rand(len(rows), generator=g, dtype=torch.float64), torch.randn(6, generator=g, dtype=torch.float64).log_softmax(0), rows)))
    return cases


forward_step = Exercise("12.8", oracle=_by_loops, cases=_step_cases, tolerance=1e-5, verified="it agrees with a loop over all ways, for 5 targets, equal digits and very small probabilities among them")


def _step(skips: Callable[[Sequence[int], int], bool], alpha: torch.Tensor, frame: torch.Tensor, rows: Sequence[int], stay: bool = True) -> torch.Tensor:
    found = []
    for s, symbol in enumerate(rows):
        ways = ([alpha[s]] if stay or s == 0 else []) + ([alpha[s - 1]] if s else []) + ([alpha[s - 2]] if s > 1 and skips(rows, s) else [])
        found.append(torch.logsumexp(torch.stack(ways), 0) + frame[symbol])
    return torch.stack(found)


@forward_step.wrong("between two equal digits the blank may not be passed over: they would be merged.")
def over_equal_digits(alpha: Any, frame: Any, rows: Any) -> Any:
    return _step(lambda r, s: r[s] != 0, alpha, frame, rows)


@forward_step.wrong("a blank is entered from two rows above: a digit would be left out. Only a digit may be.")
def blanks_too(alpha: Any, frame: Any, rows: Any) -> Any:
    return _step(lambda r, s: r[s] == 0 or r[s] != r[s - 2], alpha, frame, rows)


@forward_step.wrong("the way from two rows above is missing: a blank between two different digits may be left out.")
def never_skips(alpha: Any, frame: Any, rows: Any) -> Any:
    return _step(lambda r, s: False, alpha, frame, rows)


@forward_step.wrong("the way that stays in its row is missing: a symbol may last for many frames.")
def never_stays(alpha: Any, frame: Any, rows: Any) -> Any:
    return _step(lambda r, s: r[s] != 0 and r[s] != r[s - 2], alpha, frame, rows, stay=False)


@forward_step.wrong("the best of the ways is taken. That is Viterbi's algorithm; here all ways are summed: torch.logsumexp.")
def best_way(alpha: Any, frame: Any, rows: Any) -> Any:
    found = []
    for s, symbol in enumerate(rows):
        ways = [alpha[s]] + ([alpha[s - 1]] if s else []) + ([alpha[s - 2]] if s > 1 and symbol != 0 and symbol != rows[s - 2] else [])
        found.append(max(ways) + frame[symbol])
    return torch.stack(found)


@forward_step.wrong("the log probability of the row's own symbol in this frame, frame[rows], is not added.")
def frame_forgotten(alpha: Any, frame: Any, rows: Any) -> Any:
    return _by_loops(alpha, torch.zeros_like(frame), rows)


@forward_step.also_right
def by_shifts(alpha: Any, frame: Any, rows: Any) -> Any:
    one = torch.cat([alpha.new_full((1,), -1e30), alpha[:-1]])
    two = torch.cat([alpha.new_full((2,), -1e30), alpha])[:len(rows)]
    skip = torch.tensor(ctc.may_skip(rows))
    two = torch.where(skip, two, torch.full_like(two, -1e30))
    return torch.logsumexp(torch.stack([alpha, one, two]), 0) + frame[list(rows)]


@forward_step.also_right
def by_a_matrix(alpha: Any, frame: Any, rows: Any) -> Any:
    n = len(rows)
    allowed = torch.eye(n, dtype=torch.bool) | torch.diag(torch.ones(n - 1, dtype=torch.bool), -1)
    for s, may in enumerate(ctc.may_skip(rows)):
        if may:
            allowed[s, s - 2] = True
    table = torch.where(allowed, alpha.expand(n, n), torch.full((n, n), -1e30, dtype=alpha.dtype))
    return table.logsumexp(1) + frame[list(rows)]


# ---------------------------------------------------------------- 12.9 where greedy is wrong

def _judge_greedy(value: Any) -> str | None:
    try:
        probs = np.asarray(value, float)
    except (TypeError, ValueError):
        return f"give a list of frames, each [blank, a]; got {value!r}"
    if probs.ndim != 2 or probs.shape[1] != 2 or not 2 <= len(probs) <= 8:
        return f"give two to eight frames of two numbers each, [blank, a]; got shape {probs.shape}"
    if (probs < 0).any() or np.abs(probs.sum(1) - 1).max() > 1e-6:
        return "each frame holds two probabilities, from 0 to 1, that add up to 1"
    if (np.abs(probs[:, 0] - probs[:, 1]) < 1e-9).any():
        return "in one frame both are equally likely: what greedy decoding says there is a matter of chance"
    sums: dict[str, float] = {}
    for path in itertools.product((0, 1), repeat=len(probs)):
        said = "a" * len(ctc.collapse(path))
        sums[said] = sums.get(said, 0.0) + float(np.prod(probs[np.arange(len(probs)), path]))
    greedy, best = "a" * len(ctc.collapse(probs.argmax(1).tolist())), max(sums, key=lambda said: sums[said])
    if greedy == best:
        return f"greedy decoding says “{greedy}”, and that is also the likeliest text ({sums[best]:.2f})"
    if sums[best] < 1.5 * sums[greedy]:
        return f"“{best}” ({sums[best]:.2f}) is likelier than greedy's “{greedy}” ({sums[greedy]:.2f}), but not one and a half times"
    return None


wrong_greedy = Exercise("12.9", kind="value", judge=_judge_greedy, verified="another text is at least one and a half times as likely as what greedy decoding says")


@wrong_greedy.wrong("greedy decoding says “”, and that is also the likeliest text")
def sure_of_blank() -> Any:
    return [[0.9, 0.1], [0.9, 0.1]]


@wrong_greedy.wrong("greedy decoding says “a”, and that is also the likeliest text")
def sure_of_a() -> Any:
    return [[0.2, 0.8], [0.2, 0.8]]


@wrong_greedy.wrong("two probabilities, from 0 to 1, that add up to 1")
def no_probabilities() -> Any:
    return [[0.6, 0.6], [0.6, 0.6]]


@wrong_greedy.wrong("but not one and a half times")
def just_so() -> Any:
    return [[0.7, 0.3], [0.7, 0.3]]


@wrong_greedy.wrong("a matter of chance")
def a_tie() -> Any:
    return [[0.5, 0.5], [0.5, 0.5]]


@wrong_greedy.also_right
def three_frames_long() -> Any:
    return [(0.7, 0.3), (0.7, 0.3), (0.7, 0.3)]


@wrong_greedy.also_right
def as_array() -> Any:
    return np.array([[0.51, 0.49], [0.55, 0.45]])
