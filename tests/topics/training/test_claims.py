"""What chapter 08 says of trainings that are not its own."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from helpers.data import digits, mnist1d
from helpers.topics.training.bank import Weights, accuracies, logits, loss_of, train


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def sgd(w: torch.Tensor, g: torch.Tensor, s: dict[str, Any], lr: torch.Tensor) -> torch.Tensor:  # noqa: ARG001
    return w - lr * g


def momentum(w: torch.Tensor, g: torch.Tensor, s: dict[str, Any], lr: torch.Tensor) -> torch.Tensor:
    s["v"] = 0.9 * s.get("v", 0) + g
    return w - lr * s["v"]


def squared_error_of_p(weights: Weights, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    probs = logits(weights, x).softmax(-1)
    return (probs - F.one_hot(y.expand(probs.shape[:2]), 10)).square().sum(-1).mean(1)


def test_a_flat_loss_at_its_own_rate_is_nearly_as_good_as_cross_entropy() -> None:
    data, rates = mnist1d(), (0.3, 1.0, 3.0)
    best = [accuracies(train(sgd, [lr for lr in rates for _ in range(2)], [0, 1] * 3, data.train, n_steps=500, loss=loss).weights, data.val).view(3, 2).mean(1)
            for loss in (loss_of, squared_error_of_p)]
    assert best[0].argmax() == 1
    assert best[1].argmax() == 2
    assert 0 < best[0].max() - best[1].max() < 0.05


def adam(w: torch.Tensor, g: torch.Tensor, s: dict[str, Any], lr: torch.Tensor) -> torch.Tensor:
    s["t"] = t = s.get("t", 0) + 1
    s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
    s["q"] = 0.999 * s.get("q", 0) + 0.001 * g**2
    return w - lr * s["m"] / (1 - 0.9**t) / ((s["q"] / (1 - 0.999**t)) ** 0.5 + 1e-8)


def test_on_digits_with_all_the_steps_adam_and_plain_descent_are_level() -> None:
    both = digits(3500, 500)
    train_part, test_part = ((F.avg_pool2d(x, 2), y) for x, y in (both.train, both.test))
    plain, adaptive = (float(accuracies(train(rule, [lr] * 4, range(100, 104), train_part, n_steps=500, sizes=(196, 100, 100, 10)).weights, test_part).mean())
                       for rule, lr in ((sgd, 0.95), (adam, 0.003)))
    assert min(plain, adaptive) > 0.92
    assert abs(plain - adaptive) < 0.02


def test_without_noise_neither_a_falling_rate_nor_an_average_gains() -> None:
    data = mnist1d()
    found = {}
    for name, peak, schedule in (("constant", 0.2, lambda _: 1.0), ("cosine", 0.4, lambda t: 0.5 * (1 + math.cos(math.pi * t)))):
        bank = train(momentum, [peak] * 2, [50, 51], data.train, n_steps=500, batch_size=875, schedule=schedule)
        found[name], found[f"{name}, averaged"] = (float(accuracies(w, data.val).mean()) for w in (bank.weights, bank.averaged))
    assert found["cosine"] < found["constant"] + 0.02
    assert found["constant, averaged"] < found["constant"] + 0.02
