"""Exercises of the twelve questions: 15.6 to 15.9."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from helpers.lesson.exercise import Case, Exercise

# ---------------------------------------------------------------- 15.6 the examples that are needed


def _needed(a: float, b: float, target: float) -> int:
    """By search: the least whole n whose error is no larger than the target."""
    low, high = 1, 1
    while a * high**-b > target * (1 + 1e-12):
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if a * middle**-b <= target * (1 + 1e-12) else (middle + 1, high)
    return high


needed = Exercise("15.6", oracle=_needed, whole=True, tolerance=1e-6, verified="the least number of examples for six curves and targets",
                  cases=lambda: [Case(f"error {a:g} · n^(−{b:g}), target {t:g}", (a, b, t)) for a, b, t in
                                 ((3.0, 0.5, 0.1), (2.0, 0.43, 0.05), (1.0, 1.0, 0.3), (1.5, 0.39, 0.2), (0.5, 0.25, 0.7), (4.0, 0.6, 0.013))])


@needed.wrong("the sign of the exponent is lost: solving target = a·n^(−b) gives n = (a/target)^(1/b).")
def upside_down(a: Any, b: Any, target: Any) -> Any:
    return math.ceil((target / a) ** (1 / b))


@needed.wrong("the exponent is 1/b: b is inside.")
def not_inverted(a: Any, b: Any, target: Any) -> Any:
    return math.ceil((a / target) ** b)


@needed.wrong("rounded down: with one example fewer the error is still above the target.")
def rounded_down(a: Any, b: Any, target: Any) -> Any:
    return math.floor((a / target) ** (1 / b))


@needed.wrong("this is the logarithm of the number: exp() is missing.")
def logarithm(a: Any, b: Any, target: Any) -> Any:
    return math.ceil(math.log(a / target) / b)


@needed.also_right
def by_logarithms(a: Any, b: Any, target: Any) -> Any:
    return max(1, math.ceil(math.exp((math.log(a) - math.log(target)) / b) - 1e-9))


@needed.also_right
def by_counting(a: Any, b: Any, target: Any) -> Any:
    n = max(1, int((a / target) ** (1 / b)) - 3)
    while a * n**-b > target * (1 + 1e-12):
        n += 1
    return n


# ---------------------------------------------------------------- 15.7 a loss that becomes NaN

def _by_hand(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    z = logits.double()
    top = z.max(1, keepdim=True).values
    return ((z - top).exp().sum(1).log() + top[:, 0] - z[torch.arange(len(y)), y]).mean()


def _softmax_then_log(logits: Any, y: Any) -> Any:
    probs = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -probs[torch.arange(len(y)), y].log().mean()


def _logit_cases() -> list[Case]:
    g = torch.Generator().manual_seed(0)
    cases = [Case(f"logits {n}×{k}, spread {s:g}", (s * torch.randn(n, k, generator=g), torch.randint(k, (n,), generator=g)))
             for n, k, s in ((5, 3, 1.0), (2, 7, 5.0), (1, 4, 1.0), (6, 10, 300.0))]
    cases.append(Case("a logit of 1,000 that is wrong", (torch.tensor([[1000.0, 0.0, -2.0]]), torch.tensor([1]))))
    cases.append(Case("logits far below 0", (torch.tensor([[-500.0, -501.0], [-900.0, -899.0]]), torch.tensor([0, 0]))))
    return cases


stable = Exercise("15.7", kind="fix", given=_softmax_then_log, oracle=_by_hand, cases=_logit_cases, tolerance=1e-4, differentiable=("logits",),
                  verified="finite and right, and its gradient too, for logits from −900 to 1,000")


@stable.wrong("exp() of a large logit is infinite, and infinity / infinity is NaN.")
def as_given(logits: Any, y: Any) -> Any:
    return _softmax_then_log(logits, y)


@stable.wrong("finite, but cut off: a probability of 0 becomes 1e-8, and the loss cannot exceed 18.4; its gradient there is 0.")
def cut_off(logits: Any, y: Any) -> Any:
    return -logits.softmax(1)[torch.arange(len(y)), y].clamp_min(1e-8).log().mean()


@stable.wrong("softmax first, then log: the softmax has already become 0, and log 0 is −∞.")
def log_of_softmax(logits: Any, y: Any) -> Any:
    return -logits.softmax(1)[torch.arange(len(y)), y].log().mean()


@stable.wrong("the sum over examples; the mean is asked for.")
def summed(logits: Any, y: Any) -> Any:
    return F.cross_entropy(logits, y, reduction="sum")


@stable.wrong("a softmax before cross_entropy, which has one of its own.")
def twice(logits: Any, y: Any) -> Any:
    return F.cross_entropy(logits.softmax(1), y)


@stable.also_right
def by_pytorch(logits: Any, y: Any) -> Any:
    return F.cross_entropy(logits, y)


@stable.also_right
def by_logsumexp(logits: Any, y: Any) -> Any:
    return (logits.logsumexp(1) - logits.gather(1, y[:, None])[:, 0]).mean()


# ---------------------------------------------------------------- 15.8 messages and causes

MESSAGES = {
    1: "mat1 and mat2 shapes cannot be multiplied (32x784 and 400x10)",
    2: "expected 4D input (got 3D input)",
    3: "expected target dtype to be Long or Byte, but got Float",
    4: "Trying to backward through the graph a second time",
    5: "element 0 of tensors does not require grad and does not have a grad_fn",
    6: "Expected all tensors to be on the same device",
}
CAUSES = {
    1: "the first linear layer expects another number of inputs",
    2: "the axis of the batch is missing",
    3: "class labels are no whole numbers",
    4: "the same loss was sent back twice",
    5: "the loss was computed without any weight that learns",
    6: "model and data lie in different places",
}


def _matched(got: Any) -> str | None:
    if not isinstance(got, dict):
        return f"expected a dictionary, number → cause, got {type(got).__name__}"
    missing = [n for n in CAUSES if n not in got]
    if missing:
        return f"there is no cause for message {', '.join(map(str, missing))}"
    strange = [str(value) for n in CAUSES if (value := got[n]) not in CAUSES.values()]
    if strange:
        return f"{strange[0]!r} is none of the causes: copy them as they stand"
    if len({got[n] for n in CAUSES}) < len(CAUSES):
        return "one cause is named twice: each message has another"
    wrong = [n for n in CAUSES if got[n] != CAUSES[n]]
    return f"look again at {len(wrong)} of the six, message {wrong[0]} among them" if wrong else None


matched = Exercise("15.8", kind="value", judge=_matched, verified="the cause of each of six messages")


@matched.wrong("look again at 2 of the six, message 1 among them")
def shapes_exchanged() -> Any:
    return CAUSES | {1: CAUSES[2], 2: CAUSES[1]}


@matched.wrong("look again at 2 of the six, message 4 among them")
def gradients_exchanged() -> Any:
    return CAUSES | {4: CAUSES[5], 5: CAUSES[4]}


@matched.wrong("there is no cause for message 6")
def five_only() -> Any:
    return {n: CAUSES[n] for n in range(1, 6)}


@matched.wrong("'wrong dtype' is none of the causes")
def own_words() -> Any:
    return CAUSES | {3: "wrong dtype"}


@matched.wrong("one cause is named twice")
def one_twice() -> Any:
    return CAUSES | {6: CAUSES[3]}


@matched.also_right
def as_they_are() -> Any:
    return dict(CAUSES)


@matched.also_right
def from_the_last() -> Any:
    return dict(reversed(CAUSES.items()))


# ---------------------------------------------------------------- 15.9 a test for a choice

def by_validation(val: Any, test: Any) -> Any:
    """a program that takes the best on validation"""
    return int(np.argmax(val))


def by_sorting(val: Any, test: Any) -> Any:
    """one that sorts by the validation score"""
    return sorted(range(len(val)), key=lambda i: -val[i])[0]


def by_test(val: Any, test: Any) -> Any:
    """a program that takes the best on the test part"""
    return int(np.argmax(test))


def by_both(val: Any, test: Any) -> Any:
    """a program that adds the two scores"""
    return int(np.argmax(np.asarray(val) + np.asarray(test)))


def the_worst(val: Any, test: Any) -> Any:
    """a program that takes the smallest validation score, as if it were a loss"""
    return int(np.argmin(val))


def the_last(val: Any, test: Any) -> Any:
    """a program that takes the last model"""
    return len(val) - 1


def the_score(val: Any, test: Any) -> Any:
    """a program that gives the score, not the model's place"""
    return float(np.max(val))


chosen = Exercise("15.9", kind="test", right=[by_validation, by_sorting], wrong_programs=[by_test, by_both, the_worst, the_last, the_score])


@chosen.wrong("its best model is the best on both parts: a program that looks at the test part passes.")
def best_on_both(choose: Any) -> None:
    assert choose([0.7, 0.9, 0.8], [0.6, 0.9, 0.7]) == 1


@chosen.wrong("the model that is best on validation stands last in its example.")
def best_stands_last(choose: Any) -> None:
    assert choose([0.7, 0.8, 0.9], [0.9, 0.8, 0.4]) == 2


@chosen.wrong("it asks that the test part be used.")
def wants_the_test(choose: Any) -> None:
    assert choose([0.7, 0.9, 0.8], [0.9, 0.6, 0.7]) == 0


@chosen.wrong("it asks only that some place comes out.")
def any_place(choose: Any) -> None:
    assert choose([0.7, 0.9, 0.8], [0.9, 0.3, 0.7]) in (0, 1, 2)


@chosen.also_right
def one_example(choose: Any) -> None:
    assert choose([0.7, 0.9, 0.8], [0.9, 0.3, 0.7]) == 1


@chosen.also_right
def test_changed(choose: Any) -> None:
    val = [0.5, 0.8, 0.7, 0.6]
    assert {choose(val, test) for test in ([0.9, 0.1, 0.2, 0.3], [0.1, 0.1, 0.9, 0.3], [0.2, 0.2, 0.2, 0.9])} == {1}
