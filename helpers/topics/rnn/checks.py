"""Exercises 3.1 and 3.2: oracles from torch (float64) and autograd, and what people get wrong."""



from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.rnn.checks_gru import load_weights

Tensor = torch.Tensor


def _normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 3.1 a batch of series

def _torch_rnn(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    layer = load_weights(nn.RNN(x.shape[2], len(b), batch_first=True), W_x, W_h, b, torch.zeros_like(b))
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


def _series_cases() -> list[Case]:
    shapes = [(3, 5, 2, 4), (1, 1, 1, 1), (2, 4, 3, 3), (4, 1, 5, 2), (7, 60, 6, 16)]
    return [Case(f"x {(n, t, c)} and {d} units", (_normal(i, n, t, c), _normal(20 + i, d, c), _normal(40 + i, d, d) / d**0.5, _normal(60 + i, d)))
            for i, (n, t, c, d) in enumerate(shapes)]


rnn = Exercise(
    "3.1", oracle=_torch_rnn, cases=_series_cases,
    verified="the same states as nn.RNN for five shapes, a series of one step and one of 60 among them",
)


@rnn.wrong("the previous state is not used: every step starts anew, so this layer remembers nothing. Carry h from step to step.")
def _without_memory(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return torch.tanh(x @ W_x.T + b)


@rnn.wrong("W_h is used the other way round. With examples in rows, W_h h becomes h @ W_h.T.")
def _transposed(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h.T, b)


@rnn.wrong("the tanh is missing: without it all steps together are one linear map, and the state may grow without end.")
def _linear(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b, lambda own, past: own + past)


@rnn.wrong("tanh is taken too early: add W_x x, W_h h and b first, then take tanh of the sum.")
def _tanh_too_early(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b, lambda own, past: torch.tanh(own) + past)


@rnn.wrong("this is the sigmoid, between 0 and 1; a state goes through tanh, between -1 and 1.")
def _sigmoid(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b, lambda own, past: torch.sigmoid(own + past))


@rnn.wrong("the bias is missing: b is added at every step, inside the tanh.")
def _no_bias(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, torch.zeros_like(b))


@rnn.wrong("steps and examples are exchanged: stack the states along axis 1, for a result of (N, T, D).")
def _steps_first(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b).transpose(0, 1)


@rnn.wrong("only the last state came back: keep the state of each step in a list, and stack them.")
def _last_state(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b)[:, -1]


@rnn.wrong("the states are late by one step: append h after it has been updated, so that the first one is h_1.")
def _late(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return torch.cat([torch.zeros(len(x), 1, len(b)), _unroll(x, W_x, W_h, b)[:, :-1]], 1)


@rnn.wrong("the state is carried from one series to the next: each series begins anew, with h = 0.")
def _carried_on(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x.reshape(1, -1, x.shape[2]), W_x, W_h, b).reshape(*x.shape[:2], -1)


@rnn.wrong("the states were stacked along axis 0, and reshape cut them into other rows: torch.stack(states, dim=1) puts the steps on axis 1.")
def _reshaped(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, b).transpose(0, 1).reshape(len(x), x.shape[1], len(b))


@rnn.wrong("h_0 is among the states: keep each state after it has been updated, T of them.")
def _with_the_first(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return torch.cat([torch.zeros(len(x), 1, len(b)), _unroll(x, W_x, W_h, b)], 1)


@rnn.wrong("the bias is added twice in each step: once is enough.")
def _bias_twice(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _unroll(x, W_x, W_h, 2 * b)


@rnn.wrong("the states and the last state came back, as nn.RNN gives them: only the states are wanted.")
def _two_things(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    states = _unroll(x, W_x, W_h, b)
    return states, states[:, -1]


@rnn.also_right
def _by_nn_rnn(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    return _torch_rnn(x, W_x, W_h, b).float()


@rnn.also_right
def _in_place(x: Tensor, W_x: Tensor, W_h: Tensor, b: Tensor) -> Tensor:
    out = torch.empty(len(x), x.shape[1], len(b))
    for t in range(x.shape[1]):
        past = out[:, t - 1] @ W_h.T if t else 0
        out[:, t] = torch.tanh(x[:, t] @ W_x.T + past + b)
    return out


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
)


@gradient_product.wrong("the slope of tanh is missing: each step multiplies by diag(1 - h²) as well.")
def _no_slope(W_h: Tensor, states: Tensor) -> Tensor:
    return torch.linalg.matrix_power(W_h, len(states) - 1)


@gradient_product.wrong("h(1 - h) is the slope of the sigmoid; that of tanh is 1 - h².")
def _slope_of_sigmoid(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, states, lambda W, h: (h * (1 - h))[:, None] * W)


@gradient_product.wrong("tanh is taken twice: h is the state, a tanh already, so the slope is 1 - h².")
def _tanh_twice(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, states, lambda W, h: (1 - torch.tanh(h) ** 2)[:, None] * W)


@gradient_product.wrong("the slopes scale the columns of W_h: put [:, None] after them, so that each row, a unit of the new state, is multiplied by its own slope.")
def _columns(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, states, lambda W, h: W * (1 - h**2))


@gradient_product.wrong("the slopes scale columns: put [:, None] after them, so that each row of W_h @ J is multiplied by its own slope.")
def _columns_of_the_product(W_h: Tensor, states: Tensor) -> Tensor:
    return _columns_of_all(W_h, states)


@gradient_product.wrong("W_h is used the other way round: h_t holds W_h @ h_(t-1), so its factor is W_h. (W_h.T belongs to a gradient carried back.)")
def _transposed_weights(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h.T, states)


@gradient_product.wrong("the slopes are one step late: the step from h_1 to h_2 has the slope at h_2.")
def _slopes_late(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, torch.cat([states[:1], states[:-1]]))


@gradient_product.wrong("one factor too many: from h_1 to h_T there are T - 1 steps, and none of them has the slope at h_1.")
def _one_too_many(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, torch.cat([states[:1], states]))


@gradient_product.wrong("the factors stand in the wrong order: the last step's factor stands leftmost, J = factor @ J.")
def _reversed(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, torch.cat([states[:1], states[1:].flip(0)]))


@gradient_product.wrong("this is the transpose: row i of ∂h_T/∂h_1 is unit i of h_T, column j unit j of h_1.")
def _transposed_product(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, states).T


@gradient_product.wrong("the last step is left out: h_T has a slope too. Take all of states[1:].")
def _last_left_out(W_h: Tensor, states: Tensor) -> Tensor:
    return _product(W_h, states[:-1])


@gradient_product.also_right
def _by_the_chain(W_h: Tensor, states: Tensor) -> Tensor:
    factors = [torch.diag(1 - h**2) @ W_h for h in states[1:]]
    return torch.linalg.multi_dot(factors[::-1]) if len(factors) > 1 else factors[0] if factors else torch.eye(len(W_h))


@gradient_product.also_right
def _row_by_row(W_h: Tensor, states: Tensor) -> Tensor:
    """One vector carried back for each unit of h_T."""
    rows = []
    for delta in torch.eye(len(W_h)):
        for h in states[1:].flip(0):
            delta = (delta * (1 - h**2)) @ W_h
        rows.append(delta)
    return torch.stack(rows)
