"""Exercises 1.4 and 1.5, a network's loss and its gradients: the cross-entropy, and the backward pass of a layer."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise


# ---------------------------------------------------------------- 1.4 cross-entropy
def _entropy_cases():
    rng = np.random.default_rng(12)
    def some(n, k, scale=2.0): return scale * rng.normal(size=(n, k)), rng.integers(0, k, n)
    return [Case("logits of shape (6, 4)", some(6, 4)), Case("logits of shape (3, 3)", some(3, 3)), Case("one example", some(1, 5)),
            Case("equal logits", (np.zeros((4, 10)), np.array([0, 3, 9, 9]))),
            Case("rows of very different height", (np.array([[1000.0, 0.0], [-1000.0, -1001.0]]), np.array([0, 1]))),
            Case("logits around +1000", (1000 + rng.normal(size=(4, 3)), np.array([0, 1, 2, 1]))),
            Case("a logit of -2000 for the true class, whose loss is near 2000", (np.array([[0.0, -2000.0], [1.0, 0.5]]), np.array([1, 0])))]


def _given_entropy(logits, y):
    log_probs = np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(len(y)), y].mean()


ex = Exercise("1.4", kind="fix", given=_given_entropy, oracle=lambda logits, y: F.cross_entropy(torch.tensor(logits), torch.tensor(y)), cases=_entropy_cases,
              verified="seven batches agree with torch's F.cross_entropy, one with logits of ±1000 among them")


def _log_probs(logits, top=lambda a: a.max(1, keepdims=True), total=lambda e: e.sum(1, keepdims=True)):
    m = logits - top(logits)
    with np.errstate(all="ignore"):
        return m - np.log(total(np.exp(m)))


def _shifted_inside(logits):
    m = logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits - m).sum(1, keepdims=True))


def _entropy(logits, y, **ways): return -_log_probs(logits, **ways)[np.arange(len(y)), y]


def _of_probs(logits, y):
    with np.errstate(all="ignore"):
        e = np.exp(logits)
        return -np.log((e / e.sum(1, keepdims=True))[np.arange(len(y)), y]).mean()


@ex.wrong("the row's maximum is subtracted, but the logarithm is taken of a probability that has become 0. "
          "Stay with logarithms: (z - m) - log(sum(exp(z - m))), never log(exp(z - m) / sum).")
def _the_rows_maximum_is_subtracted(logits, y): return _of_probs(logits - logits.max(1, keepdims=True), y)
ex.wrong("exp() of a large logit overflows, and log(0) is infinite. Subtract each row's greatest logit first, "
         "and take log-probabilities as (z - m) - log(sum(exp(z - m))).")(_of_probs)
for _bounded in (lambda p: np.clip(p, 1e-12, 1), lambda p: p + 1e-9):
    ex.wrong("clipping (or adding a little to) the probability hides the overflow: the loss can never exceed minus the logarithm of that "
             "little. Stay with logarithms instead: (z - m) - log(sum(exp(z - m))).")(
        lambda logits, y, bounded=_bounded: -np.log(bounded(np.exp(_log_probs(logits))[np.arange(len(y)), y])).mean())
@ex.wrong("each row needs its own maximum, logits.max(axis=1, keepdims=True): beside the greatest of the whole batch a low row vanishes.")
def _each_row_needs_its_own(logits, y): return _entropy(logits, y, top=np.max).mean()
ex.wrong("the greatest logit is subtracted inside the sum alone. It must leave both: (z - m) - log(sum(exp(z - m))).")(
    lambda logits, y: -_shifted_inside(logits)[np.arange(len(y)), y].mean())
@ex.wrong("a sum or a maximum of shape (N,) does not fit the rows of (N, K). With keepdims=True it is a column, (N, 1).")
def _a_sum_or_a_maximum(logits, y): return _entropy(logits, y, total=lambda e: e.sum(1)).mean()
@ex.wrong("log_probs[:, y] takes all columns of y from every row, an (N, N) table. One entry per row: log_probs[np.arange(N), y].")
def _logprobs_y_takes_all_columns(logits, y): return -_log_probs(logits)[:, y].mean()
@ex.wrong("this is the sum over the batch: the loss is the mean, so that it does not grow with the batch.")
def _this_is_the_sum_over(logits, y): return _entropy(logits, y).sum()
@ex.wrong("the sign is reversed: a log-probability is negative, the loss is minus that.")
def _the_sign_is_reversed_a(logits, y): return -_entropy(logits, y).mean()
@ex.wrong("the softmax runs over the classes of one example (axis 1), not over the examples of the batch (axis 0).")
def _the_softmax_runs_over_the(logits, y): return _entropy(logits, y, top=lambda a: a.max(0), total=lambda e: e.sum(0)).mean()
@ex.wrong("the maximum is each row's own, but the sum runs over the examples of the batch: it too belongs to a row, axis=1.")
def _the_maximum_is_each_rows(logits, y): return _entropy(logits, y, total=lambda e: e.sum(0)).mean()


# ---------------------------------------------------------------- 1.5 the backward pass of a layer
def _backward_cases():
    rng = np.random.default_rng(15)
    def some(n, d, h, scale=1.0):
        return (scale * rng.normal(size=(n, d)), rng.normal(size=(h, d)), rng.normal(size=h), rng.normal(size=(n, h)))
    return [Case("5 examples, 3 inputs and 2 units", some(5, 3, 2)), Case("4 examples, 4 inputs and 4 units", some(4, 4, 4)),
            Case("one example", some(1, 6, 3)), Case("saturated units", some(8, 2, 5, 20.0))]


def _backward_oracle(x, W, b, dh):
    tx, tW, tb = (torch.tensor(a, requires_grad=True) for a in (x, W, b))
    torch.tanh(F.linear(tx, tW, tb)).backward(torch.tensor(dh))
    return tx.grad, tW.grad, tb.grad


ex = Exercise("1.5", oracle=_backward_oracle, cases=_backward_cases, tolerance=1e-5,
              verified="all three gradients agree with autograd on four batches, square and not")


def _tanh_back(slope, parts=lambda dz, x, W: (dz @ W, dz.T @ x, dz.sum(0))):
    """A wrong backward pass: another slope than 1 - h², slope(z, dh), or other products of dz, x and W."""
    return lambda x, W, b, dh: parts(dh * slope(x @ W.T + b, dh), x, W)


def _right_slope(z, _dh): return 1 - np.tanh(z) ** 2


ex.wrong("the activation's own slope is missing: dz = dh * (1 - h²), as tanh'(z) = 1 - tanh(z)².")(_tanh_back(lambda _z, _dh: 1))
ex.wrong("the slope is taken of the wrong thing: tanh'(z) is 1 - h², with h = tanh(z), not 1 - z².")(_tanh_back(lambda z, _dh: 1 - z**2))
ex.wrong("h (1 - h) is the sigmoid's slope. The tanh's is 1 - h².")(_tanh_back(lambda z, _dh: np.tanh(z) * (1 - np.tanh(z))))
ex.wrong("on where z > 0, off elsewhere: that is the ReLU's slope, from loss_and_grads. This layer's activation is tanh, with slope 1 - h².")(
    _tanh_back(lambda z, _dh: z > 0))
ex.wrong("forward the signal goes through W.T, so backward it comes through W: dx = dz @ W.")(
    _tanh_back(_right_slope, lambda dz, x, W: (dz @ W.T, dz.T @ x, dz.sum(0))))
ex.wrong("dW must have the shape of W, (units, inputs): dz.T @ x, not x.T @ dz.")(
    _tanh_back(_right_slope, lambda dz, x, W: (dz @ W, x.T @ dz, dz.sum(0))))
ex.wrong("every example pulls on the same b, so their pulls add up: db is the sum over the batch. (The mean is in dh already.)")(
    _tanh_back(_right_slope, lambda dz, x, W: (dz @ W, dz.T @ x, dz.mean(0))))
@ex.wrong("db is the sum of dz, the pull on z, not of dh: b comes before the tanh.")
def _db_is_the_sum_of(x, W, b, dh):
    dx, dW, _ = _backward_oracle(x, W, b, dh)
    return dx, dW, dh.sum(0)
for _again in (_tanh_back(_right_slope, lambda dz, x, W: (dz @ W, dz.T @ x / len(x), dz.mean(0))),
               _tanh_back(lambda z, dh: _right_slope(z, dh) / len(z))):
    ex.wrong("something is divided by the number of examples once too often: the loss's mean is in dh already.")(_again)
ex.wrong("the gradients are right, but in another order than asked for: first dx, then dW, then db.")(
    _tanh_back(_right_slope, lambda dz, x, W: (dz.T @ x, dz @ W, dz.sum(0))))
