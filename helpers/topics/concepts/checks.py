"""Exercises 1.1 to 1.3: a layer, one neuron's gradient, momentum."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise

Array = np.ndarray
Gradient = tuple[Any, Any]


def _t(*arrays: Any) -> list[torch.Tensor]:
    """Copies of arrays as float64 tensors that follow gradients."""
    return [torch.tensor(np.asarray(a), dtype=torch.float64, requires_grad=True) for a in arrays]


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


# ---------------------------------------------------------------- 1.1 a layer

def _layer_cases() -> list[Case]:
    rng = np.random.default_rng(11)
    shapes = ((5, 2, 7), (4, 3, 4), (3, 3, 3))
    cases = [Case(f"{n} examples, {d} inputs and {h} units", (rng.normal(size=(n, d)), rng.normal(size=(h, d)), rng.normal(size=h)))
             for n, d, h in shapes]
    return [*cases,
            Case("one example", (rng.normal(size=(1, 3)), rng.normal(size=(2, 3)), rng.normal(size=2))),
            Case("large inputs", (1e4 * rng.normal(size=(6, 5)), rng.normal(size=(4, 5)), rng.normal(size=4)))]


layer = Exercise("1.1", oracle=lambda x, W, b: F.relu(F.linear(*_t(x, W, b))), cases=_layer_cases,
                 verified="five batches, square and not, agree with torch's F.linear and F.relu")
LYING = "W @ x.T is the layer lying on its side, (units, examples). One example per row is wanted: x @ W.T."
ONE_GREATEST = "max and np.max look for one greatest value. np.maximum(z, 0) compares each number of an array with 0."


@layer.wrong("the bias is missing: each unit adds its own b before the ReLU.")
def _no_bias(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(x @ W.T, 0)


@layer.wrong("the bias comes before the ReLU, inside it: relu(x @ W.T + b), not relu(x @ W.T) + b.")
def _bias_after(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(x @ W.T, 0) + b


@layer.wrong("the ReLU is missing: negative sums must become 0.")
def _linear(x: Array, W: Array, b: Array) -> Array:
    return x @ W.T + b


@layer.wrong(LYING)
def _on_its_side(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(W @ x.T + b, 0)


@layer.wrong(LYING)
def _on_its_side_with_a_column(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(W @ x.T + b[:, None], 0)


@layer.wrong("b has one entry per unit: it is added to each row, along the columns. b[:, None] gives one entry per example.")
def _bias_of_examples(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(x @ W.T + b[:, None], 0)


@layer.wrong("W is (units, inputs) and x is (examples, inputs): the shared axis is the last of both, so W must be transposed.")
def _not_transposed(x: Array, W: Array, b: Array) -> Array:
    return np.maximum(x @ W + b, 0)


@layer.wrong(ONE_GREATEST)
def _np_max_of_zero(x: Array, W: Array, b: Array) -> Any:
    return np.max(0, x @ W.T + b)


@layer.wrong(ONE_GREATEST)
def _max_of_python(x: Array, W: Array, b: Array) -> Any:
    return max(0, x @ W.T + b)


@layer.wrong(ONE_GREATEST)
def _np_max_along_examples(x: Array, W: Array, b: Array) -> Any:
    return np.max(x @ W.T + b, 0)


@layer.also_right
def _by_where(x: Array, W: Array, b: Array) -> Array:
    z = np.einsum("nd,kd->nk", x, W) + b
    return np.where(z > 0, z, 0)


@layer.also_right
def _by_torch(x: Array, W: Array, b: Array) -> torch.Tensor:
    return F.linear(torch.tensor(x), torch.tensor(W), torch.tensor(b)).clamp(min=0)


# ---------------------------------------------------------------- 1.2 the gradient of one neuron

def _neuron_cases() -> list[Case]:
    rng = np.random.default_rng(13)
    return [Case(f"{n} examples with {d} inputs", (rng.normal(size=(n, d)), rng.integers(0, 2, n), rng.normal(size=d), rng.normal()))
            for n, d in ((5, 2), (7, 3), (1, 4), (4, 4))] + [
        Case("a neuron that is sure, and wrong (z = 800)", (np.array([[800.0]]), np.array([0]), np.array([1.0]), 0.0)),
        Case("a saturated neuron", (np.array([[30.0, 1.0], [-2.0, 30.0]]), np.array([0, 1]), np.array([1.0, -1.0]), 0.5))]


def _neuron_oracle(x: Array, y: Array, w: Array, b: float) -> Gradient:
    tx, tw, tb = _t(x, w, b)
    ((torch.sigmoid(tx @ tw + tb) - torch.tensor(y)) ** 2).mean().backward()
    return tw.grad, tb.grad


neuron = Exercise("1.2", oracle=_neuron_oracle, cases=_neuron_cases, tolerance=1e-5,
                  verified="both gradients agree with autograd on six batches, a saturated neuron and one at z = 800 among them")


def _pulled(x: Array, dz: Array, n: int) -> Gradient:
    """The gradients, where dz is the pull on z of each point and the mean divides by n."""
    return x.T @ dz / n, np.sum(dz) / n


def _right_pull(p: Array, y: Array) -> Array:
    return 2 * (p - y) * p * (1 - p)


@neuron.wrong("the factor p(1 - p), the sigmoid's own slope, is missing. It cancels for the cross-entropy, not for the squared error.")
def _no_slope(x: Array, y: Array, w: Array, b: float) -> Gradient:
    return _pulled(x, 2 * (_sigmoid(x @ w + b) - y), len(y))


@neuron.wrong("this is the cross-entropy's gradient, p - y, where p(1 - p) has cancelled. The squared error keeps it, and a factor 2.")
def _of_the_cross_entropy(x: Array, y: Array, w: Array, b: float) -> Gradient:
    return _pulled(x, _sigmoid(x @ w + b) - y, len(y))


@neuron.wrong("the factor 2 from the square is missing.")
def _no_two(x: Array, y: Array, w: Array, b: float) -> Gradient:
    return _pulled(x, _right_pull(_sigmoid(x @ w + b), y) / 2, len(y))


@neuron.wrong("this is the sum over the batch: the loss is a mean, so its gradient is divided by N too.")
def _summed(x: Array, y: Array, w: Array, b: float) -> Gradient:
    return _pulled(x, _right_pull(_sigmoid(x @ w + b), y), 1)


@neuron.wrong("the sign is reversed. The derivative of (p - y)² with respect to p is 2 (p - y).")
def _reversed(x: Array, y: Array, w: Array, b: float) -> Gradient:
    return _pulled(x, -_right_pull(_sigmoid(x @ w + b), y), len(y))


@neuron.wrong("the slope is taken at the wrong place: σ'(z) = p (1 - p) with p = σ(z), not σ(p) (1 - σ(p)).")
def _sigmoid_twice(x: Array, y: Array, w: Array, b: float) -> Gradient:
    p = _sigmoid(x @ w + b)
    return _pulled(x, 2 * (p - y) * _sigmoid(p) * (1 - _sigmoid(p)), len(y))


@neuron.wrong("db is divided by N twice: dz holds the mean's 1/N already, so db is the sum of dz, not its mean.")
def _divided_twice(x: Array, y: Array, w: Array, b: float) -> Gradient:
    dw, db = _pulled(x, _right_pull(_sigmoid(x @ w + b), y), len(y))
    return dw, db / len(y)


@neuron.wrong("dw lacks the input: z = x·w + b, so dz/dw is x (and dz/db is 1).")
def _no_input(x: Array, y: Array, w: Array, b: float) -> Gradient:
    _, db = _pulled(x, _right_pull(_sigmoid(x @ w + b), y), len(y))
    return np.full(x.shape[1], db), db


@neuron.wrong("exp(z) / (1 + exp(z)) is inf / inf for a large z: 1 / (1 + exp(-z)) is the same, and stays finite.")
def _overflowing(x: Array, y: Array, w: Array, b: float) -> Gradient:
    z = x @ w + b
    return _pulled(x, _right_pull(np.exp(z) / (1 + np.exp(z)), y), len(y))


@neuron.also_right
def _example_by_example(x: Array, y: Array, w: Array, b: float) -> Gradient:
    dw, db = np.zeros(x.shape[1]), 0.0
    for row, truth in zip(x, y, strict=True):
        p = _sigmoid(row @ w + b)
        dz = 2 * (p - truth) * p * (1 - p)
        dw, db = dw + dz * row / len(x), db + dz / len(x)
    return dw, db


@neuron.also_right
def _by_autograd(x: Array, y: Array, w: Array, b: float) -> Gradient:
    tw, tb = _t(w, b)
    p = torch.sigmoid(torch.tensor(x) @ tw + tb)
    return torch.autograd.grad(F.mse_loss(p, torch.tensor(y).double()), (tw, tb))  # type: ignore[return-value]


# ---------------------------------------------------------------- 1.3 momentum

momentum = Exercise(
    "1.3", kind="order",
    lines=["def descend(grad, w, lr, beta, n_steps):",
           "    v = np.zeros_like(w)",
           "    for _ in range(n_steps):",
           "        v = ____ * v + grad(w)",
           "        w = w - lr * v",
           "    return w"],
    gaps={"        v = ____ * v + grad(w)": (["beta", "(1 - beta)", "lr"], "beta")},
    distractors={
        "        w = w + lr * v": "uphill! The gradient points up, so w moves against the velocity: w - lr * v.",
        "        w -= lr * v": "it changes the caller's array, which w still names in the first step. Make a new one: w = w - lr * v.",
        "        v = beta * v - grad(w)": "v would point downhill, and w - lr * v would then walk up. The gradient is added to v, and v taken from w.",
    },
    verified="from rest, v is renewed first and w moves against the new v, as torch.optim.SGD(momentum=…) does it",
)


def _filled(option: str) -> list[str]:
    return [line.replace("____", option) for line in momentum.lines]


@momentum.wrong("w' (line 4) stands too early")
def _old_velocity() -> list[str]:
    one, two, three, four, five, six = _filled("beta")
    return [one, two, three, five, four, six]


@momentum.wrong("what fills this gap")
def _damped_gradient() -> list[str]:
    return _filled("(1 - beta)")
