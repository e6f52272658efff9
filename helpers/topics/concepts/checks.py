"""Exercises 1.1 to 1.3 and 1.6: a layer, one neuron's gradient, momentum, early stopping."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise


def _t(*arrays):
    """Copies of arrays as float64 tensors that follow gradients."""
    return [torch.tensor(np.asarray(a), dtype=torch.float64, requires_grad=True) for a in arrays]


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---------------------------------------------------------------- 1.1 a layer
def _layer_cases():
    rng = np.random.default_rng(11)
    shapes = ((5, 2, 7), (4, 3, 4), (3, 3, 3))
    cases = [Case(f"{n} examples, {d} inputs and {h} units", (rng.normal(size=(n, d)), rng.normal(size=(h, d)), rng.normal(size=h)))
             for n, d, h in shapes]
    return [*cases,
            Case("one example", (rng.normal(size=(1, 3)), rng.normal(size=(2, 3)), rng.normal(size=2))),
            Case("large inputs", (1e4 * rng.normal(size=(6, 5)), rng.normal(size=(4, 5)), rng.normal(size=4)))]


ex = Exercise("1.1", oracle=lambda x, W, b: F.relu(F.linear(*_t(x, W, b))), cases=_layer_cases,
              verified="five batches, square and not, agree with torch's F.linear and F.relu")
@ex.wrong("the bias is missing: each unit adds its own b before the ReLU.")
def _the_bias_is_missing_each(x, W, b): return np.maximum(x @ W.T, 0)
@ex.wrong("the bias comes before the ReLU, inside it: relu(x @ W.T + b), not relu(x @ W.T) + b.")
def _the_bias_comes_before_the(x, W, b): return np.maximum(x @ W.T, 0) + b
@ex.wrong("the ReLU is missing: negative sums must become 0.")
def _the_relu_is_missing_negative(x, W, b): return x @ W.T + b
for _column in (lambda b: b, lambda b: b[:, None]):
    ex.wrong("W @ x.T is the layer lying on its side, (units, examples). One example per row is wanted: x @ W.T.")(
        lambda x, W, b, column=_column: np.maximum(W @ x.T + column(b), 0))
@ex.wrong("b has one entry per unit: it is added to each row, along the columns. b[:, None] gives one entry per example.")
def _b_has_one_entry_per(x, W, b): return np.maximum(x @ W.T + b[:, None], 0)
@ex.wrong("W is (units, inputs) and x is (examples, inputs): the shared axis is the last of both, so W must be transposed.")
def _w_is_units_inputs_and(x, W, b): return np.maximum(x @ W + b, 0)
for _relu in (lambda z: np.max(0, z), lambda z: max(0, z), lambda z: np.max(z, 0)):
    ex.wrong("max and np.max look for one greatest value. np.maximum(z, 0) compares each number of an array with 0.")(
        lambda x, W, b, relu=_relu: relu(x @ W.T + b))


# ---------------------------------------------------------------- 1.2 the gradient of one neuron
def _neuron_cases():
    rng = np.random.default_rng(13)
    return [Case(f"{n} examples with {d} inputs", (rng.normal(size=(n, d)), rng.integers(0, 2, n), rng.normal(size=d), rng.normal()))
            for n, d in ((5, 2), (7, 3), (1, 4), (4, 4))] + [
        Case("a neuron that is sure, and wrong (z = 800)", (np.array([[800.0]]), np.array([0]), np.array([1.0]), 0.0)),
        Case("a saturated neuron", (np.array([[30.0, 1.0], [-2.0, 30.0]]), np.array([0, 1]), np.array([1.0, -1.0]), 0.5))]


def _neuron_oracle(x, y, w, b):
    tx, tw, tb = _t(x, w, b)
    ((torch.sigmoid(tx @ tw + tb) - torch.tensor(y)) ** 2).mean().backward()
    return tw.grad, tb.grad


ex = Exercise("1.2", oracle=_neuron_oracle, cases=_neuron_cases, tolerance=1e-7,
              verified="both gradients agree with autograd on five batches, a saturated neuron among them")


def _pulls(pull, dw=lambda x, dz: x.T @ dz, db=np.sum):
    """A wrong gradient: another pull on z for each point than 2 (p - y) p (1 - p), or another use of it."""
    def gradient(x, y, w, b):
        dz = pull(_sigmoid(x @ w + b), y) / len(y)
        return dw(x, dz), db(dz)
    return gradient


ex.wrong("the factor p(1 - p), the sigmoid's own slope, is missing. It cancels for the cross-entropy, not for the squared error.")(
    _pulls(lambda p, y: 2 * (p - y)))
ex.wrong("this is the cross-entropy's gradient, p - y, where p(1 - p) has cancelled. The squared error keeps it, and a factor 2.")(
    _pulls(lambda p, y: p - y))
ex.wrong("the factor 2 from the square is missing.")(_pulls(lambda p, y: (p - y) * p * (1 - p)))
ex.wrong("this is the sum over the batch: the loss is a mean, so its gradient is divided by N too.")(
    _pulls(lambda p, y: 2 * (p - y) * p * (1 - p) * len(y)))
ex.wrong("the sign is reversed. The derivative of (p - y)² with respect to p is 2 (p - y).")(
    _pulls(lambda p, y: 2 * (y - p) * p * (1 - p)))
ex.wrong("the slope is taken at the wrong place: σ'(z) = p (1 - p) with p = σ(z), not σ(p) (1 - σ(p)).")(
    _pulls(lambda p, y: 2 * (p - y) * _sigmoid(p) * (1 - _sigmoid(p))))
ex.wrong("db is divided by N twice: dz holds the mean's 1/N already, so db is the sum of dz, not its mean.")(
    _pulls(lambda p, y: 2 * (p - y) * p * (1 - p), db=np.mean))
ex.wrong("dw lacks the input: z = x·w + b, so dz/dw is x (and dz/db is 1).")(
    _pulls(lambda p, y: 2 * (p - y) * p * (1 - p), dw=lambda x, dz: np.full(x.shape[1], dz.sum())))


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


# ---------------------------------------------------------------- 1.6 early stopping
def _stopping_cases():
    def case(label, losses, patience): return Case(label, (losses, patience))
    return [case("patience 2 and losses 1.0, 1.1, 0.9, 0.95, 0.7, 0.6, 0.65, 0.62, 0.61, 0.4, 0.45, 0.5, 0.3",
                 [1.0, 1.1, 0.9, 0.95, 0.7, 0.6, 0.65, 0.62, 0.61, 0.4, 0.45, 0.5, 0.3], 2),
            case("patience 1 and losses 1.0, 0.8, 0.85, 0.3", [1.0, 0.8, 0.85, 0.3], 1),
            case("losses that fall to the end", [5.0, 4.0, 3.0, 2.0], 3),
            case("patience 3 and ties: 2, 1, 1, 1, 1, 1, 1, 3, 3, 3, 0.5", [2.0, *[1.0] * 6, 3.0, 3.0, 3.0, 0.5], 3),
            case("a first epoch that is the best", [0.1, 0.2, 0.3, 0.4], 2), case("one epoch", [0.7], 4),
            case("patience 3 and losses 1.0, 0.5, 0.6: the end comes before patience is spent", [1.0, 0.5, 0.6], 3),
            case("patience 2 and small steps: 0.5, 0.499, 0.51, 0.498, 0.52", [0.5, 0.499, 0.51, 0.498, 0.52], 2),
            case("patience 2 and losses 250, 240, 245, 246", [250.0, 240.0, 245.0, 246.0], 2),
            case("patience 2 and a loss of 0: 1.0, 0.0, 0.5, 0.4", [1.0, 0.0, 0.5, 0.4], 2),
            case("patience 3 and losses below 0: -1, -2, -1.5, -3", [-1.0, -2.0, -1.5, -3.0], 3),
            case("patience 5 and losses 3, 2, 4, 4, 4, 4, 1.5, 4, 4, 4, 4, 4, 4", [3.0, 2.0, 4.0, 4.0, 4.0, 4.0, 1.5, *[4.0] * 6], 5)]


def _stop(losses, patience):
    """By another route than the loop: the first epoch that lies patience epochs after the least loss so far."""
    best_so_far = [int(np.argmin(losses[:i + 1])) for i in range(len(losses))]
    stops = [i for i, best in enumerate(best_so_far) if i - best >= patience]
    last = stops[0] if stops else len(losses) - 1
    return best_so_far[last] + 1, last + 1


def _stopper(better, wait_at_least=0, forget=True):
    """A wrong answer in the shape of the usual loop."""
    def answer(losses, patience):
        best, waited = 0, 0
        for i in range(1, len(losses)):
            if better(losses, i, best):
                best, waited = i, 0 if forget else waited
            else:
                waited += 1
            if waited >= patience + wait_at_least:
                return best + 1, i + 1
        return best + 1, len(losses)
    return answer


ex = Exercise("1.6", oracle=_stop, cases=_stopping_cases,
              verified="twelve curves, among them ties, one that falls to its end, one that ends before patience is spent, and one of large losses")
ex.wrong("this looks at the lowest of the whole list, but later epochs are not known yet: a training that has stopped never sees them.")(
    lambda losses, patience: (int(np.argmin(losses)) + 1, min(int(np.argmin(losses)) + 1 + patience, len(losses))))
ex.wrong("the last epoch lies beyond the end of the list: if the list ends before patience is spent, its last epoch is the last.")(
    lambda losses, patience: (_stop(losses, patience)[0], _stop(losses, patience)[0] + patience))
ex.wrong("the last epoch is counted from 1 too: if the loop stands at index i, epoch i + 1 has been trained.")(
    lambda losses, patience: (_stop(losses, patience)[0], _stop(losses, patience)[1] - 1))
@ex.wrong("the two are mixed up: first the epoch whose weights are kept (the best), then the last one that was trained.")
def _the_two_are_mixed_up(losses, patience): return _stop(losses, patience)[::-1]
@ex.wrong("the epochs are counted from 1: the first is epoch 1, not 0.")
def _the_epochs_are_counted_from(losses, patience):
    best, last = _stop(losses, patience)
    return best - 1, last - 1
@ex.wrong("the weights kept are those of the last epoch. The point is to go back to the best one.")
def _the_weights_kept_are_those(losses, patience): return _stop(losses, patience)[1], _stop(losses, patience)[1]
ex.wrong("a loss is compared with the one before it. Compare it with the lowest so far.")(
    _stopper(lambda losses, i, _best: losses[i] < losses[i - 1]))
ex.wrong("one epoch too many: stop as soon as `patience` epochs in a row were not better.")(
    _stopper(lambda losses, i, best: losses[i] < losses[best], wait_at_least=1))
ex.wrong("the count of waiting epochs must begin anew at each improvement.")(
    _stopper(lambda losses, i, best: losses[i] < losses[best], forget=False))
@ex.wrong("the lowest so far begins too low: a loss may be greater than any number you pick. Begin with infinity, or with the first loss.")
def _the_lowest_so_far_begins(losses, patience):
    low = [i for i, loss in enumerate(losses) if loss < 100]
    return _stop(losses, patience) if low else (1, min(patience, len(losses)))
ex.wrong("a tie is no improvement: lower means strictly lower.")(
    _stopper(lambda losses, i, best: losses[i] <= losses[best]))
