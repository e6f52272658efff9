"""Checks of chapter 03, RNN: oracles from torch (float64) and autograd, and what people get wrong."""

# ruff: noqa: ARG005 (wrong answers ignore an argument on purpose)

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

import helpers.topics.rnn.checks_series  # noqa: F401  3.5, 3.9, 3.11
from helpers.lesson.exercise import Case, Exercise, Met, Wrong

Tensor = torch.Tensor


def _normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 3.1 a batch of series

def _load(cell: nn.Module, *weights: Tensor) -> nn.Module:
    cell.double()
    with torch.no_grad():
        for p, w in zip(cell.parameters(), weights, strict=True):
            p.copy_(w)
    return cell


def _torch_rnn(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    layer = _load(nn.RNN(x.shape[2], len(b), batch_first=True), W_x, W_h, b, torch.zeros_like(b))
    with torch.no_grad():
        return layer(x.double())[0]


def _unroll(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor,
            step: Callable[[Tensor, Tensor], Tensor] = lambda own, past: torch.tanh(own + past)) -> Tensor:
    """The loop, so that one part of it can be replaced by a wrong one: own comes from x, past from the state before."""
    h, states = torch.zeros(len(x), len(b)), []
    for t in range(x.shape[1]):
        h = step(x[:, t] @ W_x.T + b, h @ W_h.T)
        states.append(h)
    return torch.stack(states, 1)


def _carried_on(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x.reshape(1, -1, x.shape[2]), W_x, W_h, b).reshape(*x.shape[:2], -1)


def _series_cases() -> list[Case]:
    shapes = [(3, 5, 2, 4), (1, 1, 1, 1), (2, 4, 3, 3), (4, 1, 5, 2), (7, 60, 6, 16)]
    return [Case(f"x {(n, t, c)} and {d} units", (_normal(i, n, t, c), _normal(20 + i, d, c), _normal(40 + i, d, d) / d**0.5, _normal(60 + i, d)))
            for i, (n, t, c, d) in enumerate(shapes)]


rnn = Exercise(
    "3.1", oracle=_torch_rnn, cases=_series_cases,
    verified="the same states as nn.RNN for five shapes, a series of one step and one of 60 among them",
    wrong_answers=[
        Wrong(lambda x, W_x, W_h, b: torch.tanh(x @ W_x.T + b),
              "the previous state is not used: every step starts anew, so this layer remembers nothing. Carry h from step to step."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h.T, b),
              "W_h is used the other way round. With examples in rows, W_h h becomes h @ W_h.T."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, b, lambda own, past: own + past),
              "the tanh is missing: without it all steps together are one linear map, and the state may grow without end."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, b, lambda own, past: torch.tanh(own) + past),
              "tanh is taken too early: add W_x x, W_h h and b first, then take tanh of the sum."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, b, lambda own, past: torch.sigmoid(own + past)),
              "this is the sigmoid, between 0 and 1; a state goes through tanh, between -1 and 1."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, torch.zeros_like(b)),
              "the bias is missing: b is added at every step, inside the tanh."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, b).transpose(0, 1),
              "steps and examples are exchanged: stack the states along axis 1, for a result of (N, T, D)."),
        Wrong(lambda x, W_x, W_h, b: _unroll(x, W_x, W_h, b)[:, -1],
              "only the last state came back: keep the state of each step in a list, and stack them."),
        Wrong(lambda x, W_x, W_h, b: torch.cat([torch.zeros(len(x), 1, len(b)), _unroll(x, W_x, W_h, b)[:, :-1]], 1),
              "the states are late by one step: append h after it has been updated, so that the first one is h_1."),
        Wrong(_carried_on,
              "the state is carried from one series to the next: each series begins anew, with h = 0."),
    ])


# ---------------------------------------------------------------- 3.2 the product of Jacobians

def _by_autograd(W_h: Tensor, states: Tensor) -> Tensor:
    """∂h_T/∂h_1 by autograd: the input that leads from one state to the next is recovered first."""
    W, h = W_h.double(), states.double()
    own = torch.atanh(h[1:]) - h[:-1] @ W.T

    def last(first: Tensor) -> Tensor:
        for a in own:
            first = torch.tanh(a + W @ first)
        return first

    J = torch.autograd.functional.jacobian(last, h[0])
    assert isinstance(J, torch.Tensor)
    return J


def _product(W_h: Tensor, states: Tensor, factor: Callable[[Tensor, Tensor], Tensor] = lambda W, h: (1 - h**2)[:, None] * W) -> Tensor:
    J = torch.eye(len(W_h))
    for h in states[1:]:
        J = factor(W_h, h) @ J
    return J


def _columns_of_all(W_h: Tensor, states: Tensor) -> Tensor:
    """diag(1 - h²) on the wrong side of W_h J."""
    J = torch.eye(len(W_h))
    for h in states[1:]:
        J = (1 - h**2) * (W_h @ J)
    return J


def _from_the_right(W_h: Tensor, states: Tensor) -> Tensor:
    J = torch.eye(len(W_h))                         # T = 1: nothing lies between
    for h in states[1:]:
        J = J @ ((1 - h ** 2)[:, None] * W_h)
    return J


def _product_cases() -> list[Case]:
    sizes = [(4, 3), (2, 2), (1, 3), (6, 1), (3, 5), (40, 8)]
    return [Case(f"{t} state{'s' * (t > 1)} of {d} units", (_normal(d + t, d, d) * 1.2 / d**0.5, torch.tanh(0.7 * _normal(100 + d + t, t, d)))) for t, d in sizes]


gradient_product = Exercise(
    "3.2", oracle=_by_autograd, cases=_product_cases, tolerance=1e-4, kind="fix", given=_from_the_right,
    verified="the same as autograd for six sizes, from a single state (the identity) to 40 states of 8 units",
    wrong_answers=[
        Wrong(lambda W_h, states: torch.linalg.matrix_power(W_h, len(states) - 1),
              "the slope of tanh is missing: each step multiplies by diag(1 - h²) as well."),
        Wrong(lambda W_h, states: _product(W_h, states, lambda W, h: (h * (1 - h))[:, None] * W),
              "h(1 - h) is the slope of the sigmoid; that of tanh is 1 - h²."),
        Wrong(lambda W_h, states: _product(W_h, states, lambda W, h: (1 - torch.tanh(h) ** 2)[:, None] * W),
              "tanh is taken twice: h is the state, a tanh already, so the slope is 1 - h²."),
        Wrong(lambda W_h, states: _product(W_h, states, lambda W, h: W * (1 - h**2)),
              "the slopes scale the columns of W_h: put [:, None] after them, so that each row, a unit of the new state, is multiplied by its own slope."),
        Wrong(lambda W_h, states: _columns_of_all(W_h, states),
              "the slopes scale columns: put [:, None] after them, so that each row of W_h @ J is multiplied by its own slope."),
        Wrong(lambda W_h, states: _product(W_h.T, states),
              "W_h is used the other way round: h_t holds W_h @ h_(t-1), so its factor is W_h. (W_h.T belongs to a gradient carried back.)"),
        Wrong(lambda W_h, states: _product(W_h, torch.cat([states[:1], states[:-1]])),
              "the slopes are one step late: the step from h_1 to h_2 has the slope at h_2."),
        Wrong(lambda W_h, states: _product(W_h, torch.cat([states[:1], states])),
              "one factor too many: from h_1 to h_T there are T - 1 steps, and none of them has the slope at h_1."),
        Wrong(lambda W_h, states: _product(W_h, torch.cat([states[:1], states[1:].flip(0)])),
              "the factors stand in the wrong order: the last step's factor stands leftmost, J = factor @ J."),
        Wrong(lambda W_h, states: _product(W_h, states).T,
              "this is the transpose: row i of ∂h_T/∂h_1 is unit i of h_T, column j unit j of h_1."),
    ])


# ---------------------------------------------------------------- 3.3 GRU

def _gru_cell(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    cell = _load(nn.GRUCell(x.shape[1], h.shape[1]), W_x, W_h, b_x, b_h)
    with torch.no_grad():
        return cell(x.double(), h.double())


Parts = tuple[Tensor, ...]


def _gru(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor, *,
         candidate: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda own, past, r: torch.tanh(own + r * past),
         mix: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda h, n, z: z * h + (1 - z) * n,
         order: Callable[[Parts], Parts] = lambda parts: parts) -> Tensor:
    """The step, so that one part of it can be replaced by a wrong one."""
    own_r, own_z, own_n = order((x @ W_x.T + b_x).chunk(3, 1))
    past_r, past_z, past_n = order((h @ W_h.T + b_h).chunk(3, 1))
    r, z = torch.sigmoid(own_r + past_r), torch.sigmoid(own_z + past_z)
    return mix(h, candidate(own_n, past_n, r), z)


def _reset_first(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    d = h.shape[1]
    r = torch.sigmoid(x @ W_x[:d].T + b_x[:d] + h @ W_h[:d].T + b_h[:d])
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, _: torch.tanh(own + (r * h) @ W_h[2 * d:].T + b_h[2 * d:]))


def _bias_outside(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    b_n = b_h[2 * h.shape[1]:]
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, r: torch.tanh(own + r * (past - b_n) + b_n))


def _update_for_reset(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    own, past = x @ W_x.T + b_x, h @ W_h.T + b_h
    z = torch.sigmoid((own + past).chunk(3, 1)[1])
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, _: torch.tanh(own + z * past))


def _gru_cases() -> list[Case]:
    shapes = [(3, 2, 4), (1, 1, 1), (5, 3, 3), (2, 6, 2), (64, 10, 24)]
    cases = [Case(f"x {(n, c)} and {d} units", (_normal(i, n, c), torch.tanh(_normal(10 + i, n, d)), _normal(20 + i, 3 * d, c), _normal(30 + i, 3 * d, d),
                                               _normal(40 + i, 3 * d), _normal(50 + i, 3 * d))) for i, (n, c, d) in enumerate(shapes)]
    n, c, d = 2, 3, 2
    return [*cases, Case("inputs of size 1000", (1e3 * _normal(7, n, c), torch.tanh(_normal(8, n, d)), _normal(9, 3 * d, c), _normal(10, 3 * d, d),
                                                 _normal(11, 3 * d), _normal(12, 3 * d)))]


gru_step = Exercise(
    "3.3", oracle=_gru_cell, cases=_gru_cases,
    verified="the same as nn.GRUCell for six inputs, very large ones included",
    wrong_answers=[
        Wrong(lambda *a: _gru(*a, mix=lambda h, n, z: (1 - z) * h + z * n),
              "z and 1 - z are exchanged: here z is the share of the old state that is kept."),
        Wrong(_reset_first,
              "the reset gate multiplies h before the matrix product, as in the paper of 2014; torch multiplies after it, bias included."),
        Wrong(_bias_outside,
              "the bias b_h of the candidate stands outside the reset gate: r multiplies (W_h h + b_h)."),
        Wrong(lambda *a: _gru(*a, order=lambda parts: (parts[1], parts[0], parts[2])),
              "r and z are exchanged: the first D rows belong to the reset gate, the next D to the update gate."),
        Wrong(lambda *a: _gru(*a, candidate=lambda own, past, r: torch.sigmoid(own + r * past)),
              "the candidate n goes through tanh: a state may be negative. Only the gates are sigmoids."),
        Wrong(lambda *a: _gru(*a, candidate=lambda own, past, r: torch.tanh(own + past)),
              "the reset gate is not used: it multiplies what the old state contributes to the candidate."),
        Wrong(lambda *a: _gru(*a, candidate=lambda own, past, r: torch.tanh(r * (own + past))),
              "r multiplies too much: it applies to the part from h alone, not to the part from x."),
        Wrong(_update_for_reset,
              "the update gate z multiplies the old state's part of n; that is the reset gate's job."),
        Wrong(lambda x, h, W_x, W_h, b_x, b_h: _gru(x, h, W_x, W_h, b_h, b_x),
              "b_x and b_h are exchanged: b_x goes with x, b_h with h. In n it matters, for r multiplies b_h alone."),
        Wrong(lambda x, h, W_x, W_h, b_x, b_h: _gru(x, h, W_x, W_h, b_x, torch.zeros_like(b_h)),
              "the bias b_h is missing: it is added to h @ W_h.T, in all three parts."),
    ])


@gradient_product.also_right
def by_the_chain(W_h: Tensor, states: Tensor) -> Tensor:
    factors = [torch.diag(1 - h**2) @ W_h for h in states[1:]]
    return torch.linalg.multi_dot(factors[::-1]) if len(factors) > 1 else factors[0] if factors else torch.eye(len(W_h))


@gradient_product.also_right
def row_by_row(W_h: Tensor, states: Tensor) -> Tensor:
    """One vector carried back for each unit of h_T."""
    rows = []
    for delta in torch.eye(len(W_h)):
        for h in states[1:].flip(0):
            delta = (delta * (1 - h**2)) @ W_h
        rows.append(delta)
    return torch.stack(rows)


# ---------------------------------------------------------------- 3.4 a forget bias

def _kept(bias: object) -> str | None:
    try:
        b = float(bias)         # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        return f"my_bias should be one number, not {type(bias).__name__}"
    gate = 1 / (1 + math.exp(-b)) if abs(b) < 700 else float(b > 0)
    left = gate**50
    if 0.45 <= left <= 0.55:
        return Met(f"after 50 steps {left:.1%} is left")
    causes = {0.5 ** (1 / 50): "this is the gate itself: the bias is what the sigmoid turns into it.", 0.5: "this is the share that should be left: which gate, fifty times over, leaves it?",
              math.log(50): "this is log 50, the rule of thumb: near, but the gate's fiftieth power is not yet one half."}
    cause = next((said for value, said in causes.items() if abs(b - value) < 5e-3), "")
    likely = f" Likely cause: {cause}" if cause else ""
    return f"with this bias the gate is {gate:.4f}, and after 50 steps {left:.2g} is left, not between 0.45 and 0.55.{likely}"


forget_bias = Exercise("3.4", kind="value", judge=_kept, verified="the gate's fiftieth power lies between 0.45 and 0.55")


@forget_bias.also_right
def by_trial() -> float:
    return 4.3


@forget_bias.also_right
def by_the_logit() -> Tensor:
    return torch.logit(torch.tensor(0.5 ** (1 / 50), dtype=torch.float64))


@forget_bias.wrong("this is the gate itself: the bias is what the sigmoid turns into it.")
def the_gate() -> float:
    return 0.5 ** (1 / 50)


@forget_bias.wrong("this is the share that should be left: which gate, fifty times over, leaves it?")
def the_share() -> float:
    return 0.5


@forget_bias.wrong("this is log 50, the rule of thumb: near, but the gate's fiftieth power is not yet one half.")
def rule_of_thumb() -> float:
    return math.log(50)


@forget_bias.wrong("with this bias the gate is 0.0135")
def wrong_sign() -> float:
    return -4.29


@forget_bias.wrong("my_bias should be one number, not list")
def a_list() -> list[float]:
    return [4.0, 4.3]
