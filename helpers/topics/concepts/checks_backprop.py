"""Exercises 1.4 and 1.5, a network's loss and its gradients: the cross-entropy, and the backward pass of a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise

Array = np.ndarray
Gradients = tuple[Any, Any, Any]


# ---------------------------------------------------------------- 1.4 cross-entropy

def _entropy_cases() -> list[Case]:
    rng = np.random.default_rng(12)

    def some(n: int, k: int) -> tuple[Array, Array]:
        return 2 * rng.normal(size=(n, k)), rng.integers(0, k, n)

    return [Case("logits of shape (6, 4)", some(6, 4)), Case("logits of shape (3, 3)", some(3, 3)), Case("one example", some(1, 5)),
            Case("equal logits", (np.zeros((4, 10)), np.array([0, 3, 9, 9]))),
            Case("rows of very different height", (np.array([[1000.0, 0.0], [-1000.0, -1001.0]]), np.array([0, 1]))),
            Case("logits around +1000", (1000 + rng.normal(size=(4, 3)), np.array([0, 1, 2, 1]))),
            Case("a logit of +2000 for the true class, among zeros", (np.array([[0.0, 2000.0, 0.0]]), np.array([1]))),
            Case("a logit of -2000 for the true class, whose loss is near 2000", (np.array([[0.0, -2000.0], [1.0, 0.5]]), np.array([1, 0])))]


def _given_entropy(logits: Array, y: Array) -> Any:
    log_probs = np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(len(y)), y].mean()


entropy = Exercise(
    "1.4", kind="fix", given=_given_entropy, cases=_entropy_cases,
    oracle=lambda logits, y: F.cross_entropy(torch.tensor(logits), torch.tensor(y)),
    verified="eight batches agree with torch's F.cross_entropy, three with logits of ±1000 and more among them")
CLIPPED = ("clipping (or adding a little to) the probability hides the overflow: the loss can never exceed minus the logarithm of that "
           "little. Stay with logarithms instead: (z - m) - log(sum(exp(z - m))).")


def _row_max(a: Array) -> Array:
    return a.max(1, keepdims=True)


def _row_sum(a: Array) -> Array:
    return a.sum(1, keepdims=True)


def _log_probs(logits: Array, top: Callable[[Array], Any] = _row_max, total: Callable[[Array], Any] = _row_sum) -> Array:
    m = logits - top(logits)
    with np.errstate(all="ignore"):
        return m - np.log(total(np.exp(m)))


def _entropies(logits: Array, y: Array, top: Callable[[Array], Any] = _row_max, total: Callable[[Array], Any] = _row_sum) -> Array:
    return -_log_probs(logits, top, total)[np.arange(len(y)), y]


@entropy.wrong("the row's maximum is subtracted, but the logarithm is taken of a probability that has become 0. "
               "Stay with logarithms: (z - m) - log(sum(exp(z - m))), never log(exp(z - m) / sum).")
def _logarithm_of_a_probability(logits: Array, y: Array) -> Any:
    e = np.exp(logits - _row_max(logits))
    return -np.log(e / _row_sum(e))[np.arange(len(y)), y].mean()


@entropy.wrong("exp() of a large logit overflows, and log(0) is infinite. Subtract each row's greatest logit first, "
               "and take log-probabilities as (z - m) - log(sum(exp(z - m))).")
def _overflowing(logits: Array, y: Array) -> Any:
    return (np.log(_row_sum(np.exp(logits)))[:, 0] - logits[np.arange(len(y)), y]).mean()


@entropy.wrong(CLIPPED)
def _clipped(logits: Array, y: Array) -> Any:
    return -np.log(np.clip(np.exp(-_entropies(logits, y)), 1e-12, 1)).mean()


@entropy.wrong(CLIPPED)
def _a_little_added(logits: Array, y: Array) -> Any:
    return -np.log(np.exp(-_entropies(logits, y)) + 1e-9).mean()


@entropy.wrong("each row needs its own maximum, logits.max(axis=1, keepdims=True): beside the greatest of the whole batch a low row vanishes.")
def _one_maximum(logits: Array, y: Array) -> Any:
    return _entropies(logits, y, top=np.max).mean()


@entropy.wrong("the row's mean is subtracted: one logit far above it still overflows. Subtract the row's greatest.")
def _mean_subtracted(logits: Array, y: Array) -> Any:
    return _entropies(logits, y, top=lambda a: a.mean(1, keepdims=True)).mean()


@entropy.wrong("the greatest logit is subtracted inside the sum alone. It must leave both: (z - m) - log(sum(exp(z - m))).")
def _subtracted_inside(logits: Array, y: Array) -> Any:
    return -(logits - np.log(_row_sum(np.exp(logits - _row_max(logits)))))[np.arange(len(y)), y].mean()


@entropy.wrong("a sum or a maximum of shape (N,) does not fit the rows of (N, K). With keepdims=True it is a column, (N, 1).")
def _no_column(logits: Array, y: Array) -> Any:
    return _entropies(logits, y, total=lambda e: e.sum(1)).mean()


@entropy.wrong("log_probs[:, y] takes all columns of y from every row, an (N, N) table. One entry per row: log_probs[np.arange(N), y].")
def _all_pairs(logits: Array, y: Array) -> Any:
    return -_log_probs(logits)[:, y].mean()


@entropy.wrong("this is the sum over the batch: the loss is the mean, so that it does not grow with the batch.")
def _summed(logits: Array, y: Array) -> Any:
    return _entropies(logits, y).sum()


@entropy.wrong("this is one loss for each example: their mean is wanted, one number.")
def _for_each_example(logits: Array, y: Array) -> Any:
    return _entropies(logits, y)


@entropy.wrong("the mean runs over all N·K entries of a table that is zero but for one a row: divide by N alone.")
def _mean_over_classes_too(logits: Array, y: Array) -> Any:
    return _entropies(logits, y).mean() / logits.shape[1]


@entropy.wrong("these are bits: nats need the natural logarithm, np.log.")
def _bits(logits: Array, y: Array) -> Any:
    return _entropies(logits, y).mean() / np.log(2)


@entropy.wrong("the sign is reversed: a log-probability is negative, the loss is minus that.")
def _reversed(logits: Array, y: Array) -> Any:
    return -_entropies(logits, y).mean()


@entropy.wrong("the softmax runs over the classes of one example (axis 1), not over the examples of the batch (axis 0).")
def _over_examples(logits: Array, y: Array) -> Any:
    return _entropies(logits, y, top=lambda a: a.max(0), total=lambda e: e.sum(0)).mean()


@entropy.wrong("the maximum is each row's own, but the sum runs over the examples of the batch: it too belongs to a row, axis=1.")
def _summed_over_examples(logits: Array, y: Array) -> Any:
    return _entropies(logits, y, total=lambda e: e.sum(0)).mean()


@entropy.also_right
def _by_logaddexp(logits: Array, y: Array) -> Any:
    return np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y])


@entropy.also_right
def _by_torch(logits: Array, y: Array) -> Any:
    return F.nll_loss(torch.tensor(logits).log_softmax(1), torch.tensor(y))


# ---------------------------------------------------------------- 1.5 the backward pass of a layer

def _backward_cases() -> list[Case]:
    rng = np.random.default_rng(15)

    def some(n: int, d: int, h: int, scale: float = 1.0) -> tuple[Array, ...]:
        return scale * rng.normal(size=(n, d)), rng.normal(size=(h, d)), rng.normal(size=h), rng.normal(size=(n, h))

    return [Case("5 examples, 3 inputs and 2 units", some(5, 3, 2)), Case("4 examples, 4 inputs and 4 units", some(4, 4, 4)),
            Case("one example", some(1, 6, 3)), Case("saturated units", some(8, 2, 5, 20.0))]


def _backward_oracle(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    tx, tW, tb = (torch.tensor(a, requires_grad=True) for a in (x, W, b))
    torch.tanh(F.linear(tx, tW, tb)).backward(torch.tensor(dh))
    return tx.grad, tW.grad, tb.grad


backward = Exercise("1.5", oracle=_backward_oracle, cases=_backward_cases, tolerance=1e-5,
                    verified="all three gradients agree with autograd on four batches, square and not")


def _by_dz(dz: Array, x: Array, W: Array) -> Gradients:
    return dz @ W, dz.T @ x, dz.sum(0)


def _right_dz(x: Array, W: Array, b: Array, dh: Array) -> Array:
    return dh * (1 - np.tanh(x @ W.T + b) ** 2)


@backward.wrong("the activation's own slope is missing: dz = dh * (1 - h²), as tanh'(z) = 1 - tanh(z)².")
def _no_slope(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    return _by_dz(dh, x, W)


@backward.wrong("the slope is taken of the wrong thing: tanh'(z) is 1 - h², with h = tanh(z), not 1 - z².")
def _slope_of_z(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    return _by_dz(dh * (1 - (x @ W.T + b) ** 2), x, W)


@backward.wrong("h (1 - h) is the sigmoid's slope. The tanh's is 1 - h².")
def _slope_of_the_sigmoid(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    h = np.tanh(x @ W.T + b)
    return _by_dz(dh * h * (1 - h), x, W)


@backward.wrong("on where z > 0, off elsewhere: that is the ReLU's slope, from loss_and_grads. This layer's activation is tanh, with slope 1 - h².")
def _slope_of_the_relu(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    return _by_dz(dh * (x @ W.T + b > 0), x, W)


@backward.wrong("forward the signal goes through W.T, so backward it comes through W: dx = dz @ W.")
def _through_the_transpose(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dz = _right_dz(x, W, b, dh)
    return dz @ W.T, dz.T @ x, dz.sum(0)


@backward.wrong("dW must have the shape of W, (units, inputs): dz.T @ x, not x.T @ dz.")
def _transposed(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dz = _right_dz(x, W, b, dh)
    return dz @ W, x.T @ dz, dz.sum(0)


@backward.wrong("every example pulls on the same b, so their pulls add up: db is the sum over the batch. (The mean is in dh already.)")
def _mean_for_b(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dz = _right_dz(x, W, b, dh)
    return dz @ W, dz.T @ x, dz.mean(0)


@backward.wrong("db is the sum of dz, the pull on z, not of dh: b comes before the tanh.")
def _pull_on_h(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dx, dW, _ = _backward_oracle(x, W, b, dh)
    return dx, dW, dh.sum(0)


ONCE_TOO_OFTEN = "something is divided by the number of examples once too often: the loss's mean is in dh already."


@backward.wrong(ONCE_TOO_OFTEN)
def _weights_divided(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dx, dW, db = _by_dz(_right_dz(x, W, b, dh), x, W)
    return dx, dW / len(x), db / len(x)


@backward.wrong(ONCE_TOO_OFTEN)
def _all_divided(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    return _by_dz(_right_dz(x, W, b, dh) / len(x), x, W)


@backward.wrong("the gradients are right, but in another order than asked for: first dx, then dW, then db.")
def _another_order(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dx, dW, db = _by_dz(_right_dz(x, W, b, dh), x, W)
    return dW, dx, db


@backward.also_right
def _by_autograd_in_float32(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    leaves = [torch.tensor(a, dtype=torch.float32, requires_grad=True) for a in (x, W, b)]
    F.linear(*leaves).tanh().backward(torch.tensor(dh).float())
    return leaves[0].grad, leaves[1].grad, leaves[2].grad


@backward.also_right
def _by_einsum(x: Array, W: Array, b: Array, dh: Array) -> Gradients:
    dz = dh / np.cosh(x @ W.T + b) ** 2
    return np.einsum("nh,hd->nd", dz, W), np.einsum("nh,nd->hd", dz, x), np.ones(len(x)) @ dz
