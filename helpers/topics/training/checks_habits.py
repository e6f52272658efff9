"""Exercises of the lesson on habits: 8.5 to 8.9."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.training.failures import CAUSES

# ---------------------------------------------------------------- 8.5 one-cycle

def _by_interpolation(i: int, n: int) -> float:
    """The same curve from a table so fine that the straight lines between its points do not matter."""
    t = np.linspace(0, 1, 400_001)
    rise, fall = t / 0.25, np.cos(np.pi * (t - 0.25) / 1.5) ** 2       # half-angle form of the falling part
    return float(np.interp(i / n, t, np.where(t < 0.25, rise, fall)))


one_cycle = Exercise("8.5", oracle=_by_interpolation, tolerance=1e-6, verified="the right factor at the start, the peak, the end and between them, for 5 lengths",
                     cases=lambda: [Case(f"step {i} of {n}", (i, n)) for i, n in ((0, 100), (10, 100), (25, 100), (60, 100), (100, 100), (1, 7), (5, 7), (3, 12), (2, 4), (777, 1000))])


def _falling(t: float, begin: float = 0.25) -> float:
    return 0.5 * (1 + math.cos(math.pi * (t - begin) / (1 - begin)))


@one_cycle.wrong("the second part falls along half a cosine, not along a straight line.")
def straight_down(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.25 if t < 0.25 else (1 - t) / 0.75


@one_cycle.wrong("the factor falls from the start: the rise over the first quarter is missing.")
def no_rise(i: Any, n: Any) -> Any:
    return _falling(i / n, 0.0)


@one_cycle.wrong("the rise is too slow: it has to reach 1 at a quarter of the steps.")
def half_way(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.5 if t < 0.5 else _falling(t, 0.5)


@one_cycle.wrong("half a cosine runs over an angle of π; 2π comes up again at the end.")
def whole_cosine(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.25 if t < 0.25 else 0.5 * (1 + math.cos(2 * math.pi * (t - 0.25) / 0.75))


@one_cycle.wrong("n is not always a multiple of 4: divide by n / 4, not by n // 4.")
def whole_quarters(i: Any, n: Any) -> Any:
    quarter = max(n // 4, 1)
    return i / quarter if i < quarter else 0.5 * (1 + math.cos(math.pi * (i - quarter) / (n - quarter)))


@one_cycle.wrong("this is a quarter of a cosine, from the top down to the middle; half a cosine is ½(1 + cos πu).")
def quarter_cosine(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.25 if t < 0.25 else math.cos(0.5 * math.pi * (t - 0.25) / 0.75)


@one_cycle.wrong("the falling part takes three quarters of the steps: divide t − 0.25 by 0.75, or it does not come to 0.")
def not_stretched(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.25 if t < 0.25 else 0.5 * (1 + math.cos(math.pi * (t - 0.25)))


@one_cycle.wrong("the cosine begins at the peak, not at the first step: u = (t − 0.25) / 0.75.")
def begins_too_early(i: Any, n: Any) -> Any:
    t = i / n
    return t / 0.25 if t < 0.25 else _falling(t, 0.0)


@one_cycle.also_right
def by_sine(i: Any, n: Any) -> Any:
    u = (i / n - 0.25) / 0.75
    return 4 * i / n if 4 * i < n else 1 - math.sin(math.pi * u / 2) ** 2


@one_cycle.also_right
def as_array(i: Any, n: Any) -> Any:
    t = np.asarray(i / n)
    return float(np.where(t < 0.25, 4 * t, 0.5 + 0.5 * np.cos(np.pi * (4 * t - 1) / 3)))


# ---------------------------------------------------------------- 8.6 search

TASKS = {"a good rate near 0.003": (0.003, 0.35), "a good rate near 2": (2.0, 0.3), "a narrow peak at 0.05": (0.05, 0.22), "a good rate near 0.0007": (0.0007, 0.4)}


class Trainer:
    """A stand-in for a training: accuracy as a smooth peak over log rate, nothing above ten times the best; it counts its calls."""

    def __init__(self, best: float, width: float) -> None:
        self.best, self.width, self.calls = best, width, 0

    def at(self, lr: float) -> float:
        z = math.log10(lr / self.best)
        return 0.1 if z > 1 else 0.1 + 0.6 * math.exp(-0.5 * (z / (3 * self.width)) ** 2)

    def __call__(self, lr: float) -> float:
        self.calls += 1
        if not (isinstance(lr, (int, float, np.floating)) and 1e-5 <= lr <= 100):
            raise ValueError(f"train_at needs one rate between 0.0001 and 10, got {lr!r}")
        return self.at(float(lr))


def _found(got: float, train_at: Trainer, budget: int) -> str | None:
    if isinstance(got, bool) or not isinstance(got, (int, float, np.floating)) or not got > 0:
        return f"expected one rate above 0, got {got!r}"
    lost = 0.7 - train_at.at(float(got))
    return None if lost <= 0.02 else f"the rate {got:.3g} gives {lost:.3f} less than the best possible accuracy of 0.7; at most 0.02 is allowed"


class _Budget(Trainer):
    """Refuses calls beyond the budget."""

    def __init__(self, best: float, width: float, budget: int) -> None:
        super().__init__(best, width)
        self.budget = budget

    def __call__(self, lr: float) -> float:
        if self.calls >= self.budget:
            raise RuntimeError(f"train_at was called more than {self.budget} times")
        return super().__call__(lr)


search = Exercise("8.6", kind="target", judge=_found, verified="within 0.02 of the best accuracy on four tasks, with at most 12 trainings each",
                  cases=lambda: [Case(label, (_Budget(best, width, 12), 12)) for label, (best, width) in TASKS.items()])


@search.wrong("less than the best possible accuracy")
def evenly_spaced(train_at: Any, budget: Any) -> Any:
    return max(np.linspace(1e-4, 10, budget), key=train_at)


@search.wrong("the rate 0.01 gives")
def the_usual_rate(train_at: Any, budget: Any) -> Any:
    return 0.01


@search.wrong("train_at was called more than 12 times")
def too_many(train_at: Any, budget: Any) -> Any:
    return max(np.geomspace(1e-4, 10, 50), key=train_at)


@search.wrong("expected one rate above 0")
def gives_the_accuracy(train_at: Any, budget: Any) -> Any:
    return {"rate": max(train_at(lr) for lr in np.geomspace(1e-4, 10, budget))}


@search.wrong("this gives back the best *accuracy*; the rate that reached it is asked for.")
def best_accuracy(train_at: Any, budget: Any) -> Any:
    return max(train_at(lr) for lr in np.geomspace(1e-4, 10, budget))


@search.also_right
def golden(train_at: Any, budget: Any) -> Any:
    rates = np.geomspace(1e-4, 10, 8)
    scores = {r: train_at(r) for r in rates}
    for factor in (1.8, 1 / 1.8, 1.3, 1 / 1.3):
        top = max(scores, key=lambda r: scores[r])
        scores[top * factor] = train_at(top * factor)
    return max(scores, key=lambda r: scores[r])


@search.also_right
def by_halving(train_at: Any, budget: Any) -> Any:
    low, high, best, top = -4.0, 1.0, 0.0, -1.0
    for _ in range(2):
        grid = np.linspace(low, high, budget // 2)
        scores = [train_at(10.0**p) for p in grid]
        k = int(np.argmax(scores))
        if scores[k] > top:
            best, top = float(grid[k]), scores[k]
        low, high = best - 0.7, best + 0.7
    return 10.0**best


# ---------------------------------------------------------------- 8.7 which curve has which cause

ASKED = ("A", "C", "D", "E", "F", "H")


def _named(got: dict[str, str]) -> str | None:
    if not isinstance(got, dict):
        return f"expected a dictionary, curve → cause; got {type(got).__name__}"
    missing = [letter for letter in ASKED if letter not in got]
    if missing:
        return f"there is no cause for {', '.join(missing)}"
    unknown = [cause for letter in ASKED if (cause := got[letter]) not in CAUSES.values()]
    if unknown:
        return f"{unknown[0]!r} is none of the causes in the list above"
    wrong = [letter for letter in ASKED if got[letter] != CAUSES[letter]]
    return f"look again at {len(wrong)} of the six curves, {wrong[0]} among them" if wrong else None


_RIGHT = {letter: CAUSES[letter] for letter in ASKED}
causes = Exercise("8.7", kind="value", judge=_named, verified="the causes of six curves, as the trainings were made")


@causes.wrong("look again at 2 of the six curves, D among them")
def slow_ones_exchanged() -> Any:
    return _RIGHT | {"D": "softmax twice", "E": "rate too low"}


@causes.wrong("look again at 2 of the six curves, A among them")
def growing_ones_exchanged() -> Any:
    return _RIGHT | {"A": "zero_grad forgotten", "H": "loss summed"}


@causes.wrong("there is no cause for F, H")
def four_only() -> Any:
    return {letter: CAUSES[letter] for letter in ASKED[:4]}


@causes.wrong("'shifted' is none of the causes")
def shortened() -> Any:
    return _RIGHT | {"F": "shifted"}


@causes.wrong("look again at 1 of the six curves, C among them")
def too_high() -> Any:
    return _RIGHT | {"C": "rate too high"}


@causes.also_right
def with_more() -> Any:
    return dict(CAUSES)


@causes.also_right
def in_another_order() -> Any:
    return dict(reversed(_RIGHT.items()))


# ---------------------------------------------------------------- 8.8 a training loop

def _model(seed: int, dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Dropout(dropout), nn.Linear(7, 3))


def _batches(seed: int, count: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    g = torch.Generator().manual_seed(seed)
    return [(torch.randn(4, 5, generator=g), torch.randint(3, (4,), generator=g)) for _ in range(count)]


def _epoch(model: nn.Module, loss: Callable[..., torch.Tensor], batches: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, list[torch.Tensor]]:
    """Plain SGD at 0.5 by hand."""
    weights, total = [p.detach().clone() for p in model.parameters()], 0.0
    names = [name for name, _ in model.named_parameters()]
    for x, y in batches:
        leaves = [w.requires_grad_() for w in weights]
        value = loss(torch.func.functional_call(model, dict(zip(names, leaves, strict=True)), (x,)), y)
        grads = torch.autograd.grad(value, leaves)
        weights = [(w - 0.5 * g).detach() for w, g in zip(leaves, grads, strict=True)]
        total += value.item()
    return total / len(batches), weights


class _Task:
    """Builds its model and optimiser anew for each call, so that a check may run an answer more than once."""

    def __init__(self, seed: int, count: int) -> None:
        self.model, self.batches = _model(seed), _batches(seed, count)
        self.opt = torch.optim.SGD(self.model.parameters(), lr=0.5)


def _loop_cases() -> list[Case]:
    tasks = [(f"{count} batches", _Task(seed, count)) for seed, count in ((1, 3), (2, 1), (3, 6))]
    return [Case(label, (t.model, t.opt, F.cross_entropy, t.batches)) for label, t in tasks]


def _loop_oracle(model: nn.Module, opt: object, loss: Callable[..., torch.Tensor], batches: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    return _epoch(model, loss, batches)[0]


def never_emptied(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    total = 0.0
    for x, y in batches:
        value = loss(model(x), y)
        pass
        value.backward()
        opt.step()
        total += value.item()
    return total / len(batches)


loop = Exercise("8.8", kind="fix", given=never_emptied, oracle=_loop_oracle, cases=_loop_cases,
                verified="the mean loss of an epoch is that of gradient descent by hand, for one batch and for several")


@loop.wrong("no gradient reaches the step: opt.step() is missing, or the gradient is emptied between backward and step.")
def emptied_too_late(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    total = 0.0
    for x, y in batches:
        value = loss(model(x), y)
        value.backward()
        opt.zero_grad()
        opt.step()
        total += value.item()
    return total / len(batches)


@loop.wrong("the gradient is emptied once, before the loop: from the second step on the old ones are still in it.")
def emptied_once(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    total = 0.0
    opt.zero_grad()
    for x, y in batches:
        value = loss(model(x), y)
        value.backward()
        opt.step()
        total += value.item()
    return total / len(batches)


@loop.wrong("the sum of the losses is given back, not their mean.")
def sum_not_mean(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    total = 0.0
    for x, y in batches:
        opt.zero_grad()
        value = loss(model(x), y)
        value.backward()
        opt.step()
        total += value.item()
    return total


@loop.wrong("the last batch's loss is given back, not the mean of all.")
def last_loss(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    for x, y in batches:
        opt.zero_grad()
        value = loss(model(x), y)
        value.backward()
        opt.step()
    return value.item()


@loop.also_right
def emptied_first(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    losses = []
    for x, y in batches:
        opt.zero_grad(set_to_none=False)
        value = loss(model(x), y)
        value.backward()
        opt.step()
        losses.append(value.item())
    return sum(losses) / len(losses)


@loop.also_right
def emptied_after_the_step(model: Any, opt: Any, loss: Any, batches: Any) -> Any:
    model.zero_grad()
    losses = []
    for x, y in batches:
        value = loss(model(x), y)
        value.backward()
        opt.step()
        model.zero_grad()
        losses.append(value.item())
    return float(np.mean(losses))


# ---------------------------------------------------------------- 8.9 a measurement

class Watched(nn.Module):
    """A model that knows its copies: the check works on copies, and asks afterwards in which mode the answer left its own."""

    def __init__(self, inner: nn.Sequential) -> None:
        super().__init__()
        self.inner = inner
        self.origin: list[Watched] = [self]     # a list, so that torch does not take it for a part of this model
        self.copies: list[Watched] = []
        self.train(inner.training)
        self.came_training = self.training

    def __deepcopy__(self, memo: dict[int, object]) -> Watched:
        twin = Watched(copy.deepcopy(self.inner, memo))
        twin.origin = self.origin
        self.origin[0].copies.append(twin)
        return twin

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)


def _accuracy_cases() -> list[Case]:
    g = torch.Generator().manual_seed(89)
    cases = []
    for label, n, training in (("a model in training mode", 400, True), ("a model in evaluation mode", 300, False), ("one example", 1, True)):
        model = _model(n, dropout=0.5)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(3)
        model.train(training)
        cases.append(Case(label, (Watched(model), torch.randn(n, 5, generator=g), torch.randint(3, (n,), generator=g))))
    return cases


def _judge_accuracy(got: float, model: Watched, x: torch.Tensor, y: torch.Tensor) -> str | None:
    left = [twin for twin in model.origin[0].copies if twin.training != model.origin[0].came_training]
    first, last = model.inner[0], model.inner[3]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        h = F.relu(x @ first.weight.T + first.bias)
        expected = float(((h @ last.weight.T + last.bias).argmax(1) == y).float().mean())
    if not isinstance(got, float):
        return f"expected a float, got {type(got).__name__}"
    if abs(got - expected) > 1e-6:
        return f"expected {expected:.4f}, got {got:.4f}: is dropout still on?"
    mode = {True: "training", False: "evaluation"}
    model.origin[0].copies.clear()          # the next answer's mode is its own
    return f"the model came in {mode[model.origin[0].came_training]} mode and is left in {mode[left[0].training]} mode" if left else None


def dropout_on(model: Any, x: Any, y: Any) -> Any:
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


measurement = Exercise("8.9", kind="fix", given=dropout_on, judge=_judge_accuracy, cases=_accuracy_cases,
                       verified="the accuracy without dropout, and the mode is kept, in training and in evaluation mode")


@measurement.wrong("the model came in training mode and is left in evaluation mode")
def mode_lost(model: Any, x: Any, y: Any) -> Any:
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


@measurement.wrong("the model came in evaluation mode and is left in training mode")
def always_training(model: Any, x: Any, y: Any) -> Any:
    model.eval()
    right = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return right


@measurement.wrong("is dropout still on?")
def eval_too_late(model: Any, x: Any, y: Any) -> Any:
    was = model.training
    right = (model(x).argmax(1) == y).float().mean().item()
    model.eval()
    model.train(was)
    return right


@measurement.wrong("expected a float, got Tensor")
def as_tensor(model: Any, x: Any, y: Any) -> Any:
    was = model.training
    right = (model.eval()(x).argmax(1) == y).float().mean()
    model.train(was)
    return right


@measurement.also_right
def through_a_copy(model: Any, x: Any, y: Any) -> Any:
    twin = copy.deepcopy(model).eval()
    right = (twin(x).argmax(1) == y).double().mean().item()
    twin.train(model.training)
    return right


@measurement.also_right
def with_try(model: Any, x: Any, y: Any) -> Any:
    mode = model.training
    try:
        model.train(False)
        with torch.inference_mode():
            return float((model(x).argmax(-1) == y).sum() / len(y))
    finally:
        model.train(mode)
