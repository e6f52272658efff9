"""What chapter 14 says of settings and seeds other than its own."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch

from helpers.data import digits
from helpers.topics.optimisation import levers
from helpers.topics.optimisation.levers import SETTINGS, effect, sixteen
from helpers.topics.optimisation.smaller import accuracy, distilled_loss, trained
from helpers.training import predict_logits


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _at_rate(train: Any, rate: float, *arguments: Any, **named: Any) -> Any:
    return train(*arguments, **{**named, "lr": rate})


def test_training_gains_little_over_a_fair_rate_whatever_the_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    data, seeds, train = digits(3000, 1000), range(2), levers.train
    parts = {t: [s for s in SETTINGS if s[3] == t] for t in (0, 1)}
    plain = {rate: sixteen(data, seeds, plain_rate=rate, settings=parts[0]) for rate in (0.2, 0.5)}
    monkeypatch.setattr(levers, "train", functools.partial(_at_rate, train, 0.03))
    adamw = sixteen(data, seeds, settings=parts[1])
    for found in plain.values():
        table = found.copy()
        table[..., 1, :] = adamw[..., 1, :]
        assert abs(100 * effect(table, 3).mean()) < 1


def test_a_teacher_that_had_few_labels_still_lifts_its_student() -> None:
    data = digits(3000, 1000)
    x, y = data.train
    few = x[:300].repeat(10, 1, 1, 1), y[:300].repeat(10)
    answers = predict_logits(trained(16, few, 4), x)
    taught = trained(4, (x, answers), 3, 0, distilled_loss(4.0))
    assert accuracy(taught, data.val) > accuracy(trained(4, few, 3), data.val) + 0.02
