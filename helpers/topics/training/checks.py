"""Exercises of the lesson on steps: 8.1 to 8.4."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise, distinct

Tensor = torch.Tensor


# ---------------------------------------------------------------- 8.1 the gradient of smoothed cross-entropy

def _smoothed(logits: Tensor, y: Tensor, eps: float) -> Tensor:
    z = logits.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(z, y, label_smoothing=eps), z)
    return gradient


def _smoothed_cases() -> list[Case]:
    g = torch.Generator().manual_seed(81)
    n, k = distinct(2, seed=81, least=3)

    def case(label: str, n: int, k: int, eps: float, scale: float = 1.0) -> Case:
        return Case(label, (scale * torch.randn(n, k, generator=g), torch.randint(k, (n,), generator=g), eps))

    return [case(f"{n} examples of {k} classes, ε = 0.1", n, k, 0.1), case("one example", 1, 4, 0.2), case("ε = 0", 7, 3, 0.0),
            case("two classes", 5, 2, 0.1), case("logits as large as 300", 6, 5, 0.1, 100.0)]


smoothed_gradient = Exercise("8.1", oracle=_smoothed, cases=_smoothed_cases,
                             verified="torch's own gradient of F.cross_entropy(…, label_smoothing=ε) on five batches, one of a single example")


def _target(logits: Tensor, y: Tensor, eps: float) -> Tensor:
    return F.one_hot(y, logits.shape[1]) * (1 - eps) + eps / logits.shape[1]


@smoothed_gradient.wrong("the loss is the mean over the batch: divide by N.")
def without_mean(logits: Any, y: Any, eps: Any) -> Any:
    return logits.softmax(1) - _target(logits, y, eps)


@smoothed_gradient.wrong("the target is not smoothed: this is plain cross-entropy's gradient.")
def not_smoothed(logits: Any, y: Any, eps: Any) -> Any:
    return (logits.softmax(1) - F.one_hot(y, logits.shape[1])) / len(logits)


@smoothed_gradient.wrong("ε is shared among all K classes, the right one too: ε / K each.")
def shared_among_others(logits: Any, y: Any, eps: Any) -> Any:
    k = logits.shape[1]
    hot = F.one_hot(y, k)
    return (logits.softmax(1) - hot * (1 - eps) - (1 - hot) * eps / (k - 1)) / len(logits)


@smoothed_gradient.wrong("the right class gets its share of ε as well: 1 − ε + ε/K.")
def right_class_without_its_share(logits: Any, y: Any, eps: Any) -> Any:
    k = logits.shape[1]
    hot = F.one_hot(y, k)
    return (logits.softmax(1) - hot * (1 - eps) - (1 - hot) * eps / k) / len(logits)


@smoothed_gradient.wrong("this divides by the number of classes; the mean runs over the examples, len(logits).")
def mean_over_classes(logits: Any, y: Any, eps: Any) -> Any:
    return (logits.softmax(1) - _target(logits, y, eps)) / logits.shape[1]


@smoothed_gradient.wrong("e to the power of 300 is beyond what a float can hold: logits.softmax(1) takes the largest logit away first.")
def overflows(logits: Any, y: Any, eps: Any) -> Any:
    powers = logits.exp()
    return (powers / powers.sum(1, keepdim=True) - _target(logits, y, eps)) / len(logits)


@smoothed_gradient.wrong("the sign is turned: the gradient is softmax minus target.")
def turned_sign(logits: Any, y: Any, eps: Any) -> Any:
    return (_target(logits, y, eps) - logits.softmax(1)) / len(logits)


@smoothed_gradient.wrong("softmax runs along the classes, axis 1, not along the examples.")
def along_examples(logits: Any, y: Any, eps: Any) -> Any:
    return (logits.softmax(0) - _target(logits, y, eps)) / len(logits)


@smoothed_gradient.also_right
def by_autograd(logits: Any, y: Any, eps: Any) -> Any:
    z = logits.clone().requires_grad_()
    log_p = z.log_softmax(1)
    loss = -(_target(logits, y, eps) * log_p).sum(1).mean()
    return torch.autograd.grad(loss, z)[0]


@smoothed_gradient.also_right
def in_place_of_one_hot(logits: Any, y: Any, eps: Any) -> Any:
    gradient = logits.softmax(1) - eps / logits.shape[1]
    gradient[torch.arange(len(y)), y] -= 1 - eps
    return gradient / len(y)


# ---------------------------------------------------------------- 8.2 Adam's step in order

_COUNT, _MEAN, _SQUARES = "t = t + 1", "m = b1 * m + (1 - b1) * g", "q = b2 * q + (1 - b2) * g ** 2"
_FIRST, _SECOND = "m_hat = m / ____", "q_hat = q / (1 - b2 ** t)"
_STEP = "w = w - lr * m_hat / (q_hat ** 0.5 + eps)"

adam_order = Exercise(
    "8.2", kind="order", verified="count, memories, correction, step: an order in which each line has what it needs",
    lines=[_COUNT, _MEAN, _SQUARES, _FIRST, _SECOND, _STEP],
    gaps={_FIRST: (["(1 - b1 ** t)", "(1 - b1)", "b1 ** t"], "(1 - b1 ** t)")},
    distractors={"w = w - lr * g": "that is plain SGD's step: Adam moves by the corrected memories alone.",
                 "q = b2 * q + (1 - b2) * g": "the second memory is of the gradient's *square*, for it measures its size, not its direction."},
    needs={_MEAN: [], _SQUARES: [], _COUNT: [], _FIRST: [_COUNT, _MEAN], _SECOND: [_COUNT, _SQUARES], _STEP: [_FIRST, _SECOND]})

_HAT = "m_hat = m / (1 - b1 ** t)"


@adam_order.wrong("the step stands before the corrections that it uses.")
def steps_first() -> Any:
    return [_COUNT, _MEAN, _SQUARES, _STEP, _HAT, _SECOND]


@adam_order.wrong("a memory is corrected before it is brought up to date.")
def corrects_first() -> Any:
    return [_COUNT, _HAT, _MEAN, _SQUARES, _SECOND, _STEP]


@adam_order.wrong("at t = 1 the memory is (1 − β)·g; dividing by (1 − β) is right then, and wrong ever after: the power of t is missing.")
def no_power() -> Any:
    return [_COUNT, _MEAN, _SQUARES, "m_hat = m / (1 - b1)", _SECOND, _STEP]


@adam_order.also_right
def squares_first() -> Any:
    return [_SQUARES, _MEAN, _COUNT, _SECOND, _HAT, _STEP]


@adam_order.also_right
def one_memory_at_a_time() -> Any:
    return [_COUNT, _MEAN, _HAT, _SQUARES, _SECOND, _STEP]


# ---------------------------------------------------------------- 8.3 a rate that only momentum bears

def _between(rate: float) -> str | None:
    if isinstance(rate, bool) or not isinstance(rate, (int, float, np.floating)):
        return f"expected one number, the rate; got {type(rate).__name__}"
    plain, moved, v, w = 1.0, 1.0, 0.0, 1.0
    for _ in range(2000):
        plain -= rate * 4 * plain
        v = 0.9 * v + 4 * w
        w -= rate * v
        moved = abs(w) + abs(v)
        if abs(plain) > 1e12 or moved > 1e12:
            break
    if abs(plain) <= 1e12:
        return f"at a rate of {rate:g} plain descent does not grow without bound: after 2,000 steps it stands at {abs(plain):.3g} (it began at 1)"
    long = 1.0
    v, w = 0.0, 1.0
    for _ in range(4000):
        v = 0.9 * v + 4 * w
        w -= rate * v
        long = abs(w) + abs(v)
        if long > 1e12:
            return f"at a rate of {rate:g} momentum explodes as well"
    return None if long < 1e-6 else f"at a rate of {rate:g} momentum does not converge: after 4,000 steps it stands at {long:.3g}"


rate_between = Exercise("8.3", kind="value", judge=_between, verified="plain descent passes 10¹², momentum comes to rest at 0")


@rate_between.wrong("plain descent does not grow")
def both_converge() -> Any:
    return 0.3


@rate_between.wrong("momentum explodes as well")
def both_explode() -> Any:
    return 1.2


@rate_between.wrong("plain descent does not grow without bound: after 2,000 steps it stands at 1 ")
def on_the_border() -> Any:
    return 0.5


@rate_between.wrong("expected one number, the rate; got str")
def as_text() -> Any:
    return "0.7"


@rate_between.also_right
def just_above() -> Any:
    return 0.55


@rate_between.also_right
def near_the_top() -> Any:
    return 0.94


# ---------------------------------------------------------------- 8.4 decoupled decay

def _adamw(w: Tensor, g: Tensor, m: Tensor, q: Tensor, t: int, lr: float, decay: float) -> tuple[Tensor, Tensor, Tensor]:
    """By torch.optim.AdamW, whose state is set to m and q."""
    p = w.clone().requires_grad_()
    opt = torch.optim.AdamW([p], lr=lr, weight_decay=decay)
    p.grad = g.clone()
    opt.state[p] = {"step": torch.tensor(float(t - 1)), "exp_avg": m.clone(), "exp_avg_sq": q.clone()}
    opt.step()
    return p.detach(), opt.state[p]["exp_avg"], opt.state[p]["exp_avg_sq"]


def _decay_cases() -> list[Case]:
    g = torch.Generator().manual_seed(84)

    def case(label: str, d: int, t: int, lr: float, decay: float) -> Case:
        w, grad, m = (torch.randn(d, generator=g, dtype=torch.float64) for _ in range(3))
        q = torch.rand(d, generator=g, dtype=torch.float64)
        first = torch.zeros(d, dtype=torch.float64)
        return Case(label, (w, grad, first if t == 1 else m, first if t == 1 else q, t, lr, decay))

    return [case("7 weights, step 5", 7, 5, 0.1, 0.3), case("the first step", 4, 1, 0.05, 0.5), case("no decay", 3, 9, 0.1, 0.0),
            case("one weight", 1, 2, 0.5, 0.1), case("step 1,000", 6, 1000, 0.01, 1.0)]


def penalised(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any, b1: Any = 0.9, b2: Any = 0.999) -> Any:
    g = g + decay * w
    m = b1 * m + (1 - b1) * g
    q = b2 * q + (1 - b2) * g ** 2
    step = (m / (1 - b1 ** t)) / ((q / (1 - b2 ** t)) ** 0.5 + 1e-8)
    return w - lr * step, m, q


decoupled = Exercise("8.4", kind="fix", given=penalised, oracle=_adamw, cases=_decay_cases, tolerance=1e-6,
                     verified="the new weights and both memories are those of torch.optim.AdamW on five cases")


def _step(w: Any, g: Any, m: Any, q: Any, t: Any, b1: Any = 0.9, b2: Any = 0.999) -> Any:
    m = b1 * m + (1 - b1) * g
    q = b2 * q + (1 - b2) * g ** 2
    return (m / (1 - b1 ** t)) / ((q / (1 - b2 ** t)) ** 0.5 + 1e-8), m, q


@decoupled.wrong("the weights are not decayed at all.")
def no_decay(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return w - lr * step, m, q


@decoupled.wrong("the weights shrink by decay alone: in AdamW the factor is 1 − lr · decay.")
def without_rate(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return w * (1 - decay) - lr * step, m, q


@decoupled.wrong("the step is made first and shrunk with the weights: shrink the old w, then make the whole step.")
def shrinks_the_step(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return (w - lr * step) * (1 - lr * decay), m, q


@decoupled.wrong("every weight loses the same amount: decay takes away a *share* of each, lr · decay · w.")
def same_amount(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return w - lr * (step + decay), m, q


@decoupled.wrong("the weights grow: the factor is 1 − lr · decay, below 1.")
def grows(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return w * (1 + lr * decay) - lr * step, m, q


@decoupled.wrong("the memories still see the decay: leave g as it is.")
def both(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g + decay * w, m, q, t)
    return w * (1 - lr * decay) - lr * step, m, q


@decoupled.also_right
def after_the_step(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    step, m, q = _step(w, g, m, q, t)
    return w - lr * (step + decay * w), m, q


@decoupled.also_right
def two_lines(w: Any, g: Any, m: Any, q: Any, t: Any, lr: Any, decay: Any) -> Any:
    old = w
    step, m, q = _step(w, g, m, q, t)
    w = w - lr * decay * old
    return w - lr * step, m, q
