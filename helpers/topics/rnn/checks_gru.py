"""Exercises 3.3 and 3.4, one step of a GRU and the bias of a gate: torch's own cell as oracle, and what people get wrong."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

from helpers.lesson.exercise import Case, Exercise, Met

Tensor = torch.Tensor


def _normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def load_weights(cell: nn.Module, *weights: Tensor) -> nn.Module:
    """A layer in float64 with these weights, in the order of its parameters."""
    cell.double()
    with torch.no_grad():
        for p, w in zip(cell.parameters(), weights, strict=True):
            p.copy_(w)
    return cell


def _gru_cell(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    cell = load_weights(nn.GRUCell(x.shape[1], h.shape[1]), W_x, W_h, b_x, b_h)
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
)


@gru_step.wrong("z and 1 - z are exchanged: here z is the share of the old state that is kept.")
def _kept_and_new_exchanged(*a: Tensor) -> Tensor:
    return _gru(*a, mix=lambda h, n, z: (1 - z) * h + z * n)


@gru_step.wrong("the reset gate multiplies h before the matrix product, as in the paper of 2014; torch multiplies after it, bias included.")
def _reset_first(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    d = h.shape[1]
    r = torch.sigmoid(x @ W_x[:d].T + b_x[:d] + h @ W_h[:d].T + b_h[:d])
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, _: torch.tanh(own + (r * h) @ W_h[2 * d:].T + b_h[2 * d:]))


@gru_step.wrong("the bias b_h of the candidate stands outside the reset gate: r multiplies (W_h h + b_h).")
def _bias_outside(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    b_n = b_h[2 * h.shape[1]:]
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, r: torch.tanh(own + r * (past - b_n) + b_n))


@gru_step.wrong("r and z are exchanged: the first D rows belong to the reset gate, the next D to the update gate.")
def _gates_exchanged(*a: Tensor) -> Tensor:
    return _gru(*a, order=lambda parts: (parts[1], parts[0], parts[2]))


@gru_step.wrong("the candidate n goes through tanh: a state may be negative. Only the gates are sigmoids.")
def _sigmoid_candidate(*a: Tensor) -> Tensor:
    return _gru(*a, candidate=lambda own, past, r: torch.sigmoid(own + r * past))


@gru_step.wrong("the reset gate is not used: it multiplies what the old state contributes to the candidate.")
def _no_reset(*a: Tensor) -> Tensor:
    return _gru(*a, candidate=lambda own, past, r: torch.tanh(own + past))


@gru_step.wrong("r multiplies too much: it applies to the part from h alone, not to the part from x.")
def _reset_of_all(*a: Tensor) -> Tensor:
    return _gru(*a, candidate=lambda own, past, r: torch.tanh(r * (own + past)))


@gru_step.wrong("the update gate z multiplies the old state's part of n; that is the reset gate's job.")
def _update_for_reset(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    own, past = x @ W_x.T + b_x, h @ W_h.T + b_h
    z = torch.sigmoid((own + past).chunk(3, 1)[1])
    return _gru(x, h, W_x, W_h, b_x, b_h, candidate=lambda own, past, _: torch.tanh(own + z * past))


@gru_step.wrong("b_x and b_h are exchanged: b_x goes with x, b_h with h. In n it matters, for r multiplies b_h alone.")
def _biases_exchanged(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    return _gru(x, h, W_x, W_h, b_h, b_x)


@gru_step.wrong("the bias b_h is missing: it is added to h @ W_h.T, in all three parts.")
def _no_b_h(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    return _gru(x, h, W_x, W_h, b_x, torch.zeros_like(b_h))


@gru_step.wrong("chunk(3) without dim cuts the batch in three: the parts of r, z and n lie along dim=1.")
def _batch_cut(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    x_r, x_z, x_n = (x @ W_x.T + b_x).chunk(3)
    h_r, h_z, h_n = (h @ W_h.T + b_h).chunk(3)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return z * h + (1 - z) * n


@gru_step.wrong("the bias b_x is missing: it is added to x @ W_x.T, in all three parts.")
def _no_b_x(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    return _gru(x, h, W_x, W_h, torch.zeros_like(b_x), b_h)


@gru_step.also_right
def _by_slices(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    d = h.shape[1]
    own, past = x @ W_x.T + b_x, h @ W_h.T + b_h
    r, z = (own + past)[:, :d].sigmoid(), (own + past)[:, d:2 * d].sigmoid()
    n = (own[:, 2 * d:] + r * past[:, 2 * d:]).tanh()
    return n + z * (h - n)


@gru_step.also_right
def _by_torch(x: Tensor, h: Tensor, W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    return torch.gru_cell(x, h, W_x, W_h, b_x, b_h)


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
