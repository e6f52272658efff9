"""What the lessons of chapter 02 say of runs longer than their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from claims import lesson
from torch import nn

from helpers.data import digits, strange_digits
from helpers.topics.cnn.race import race
from helpers.topics.cnn.scenes import shift


@pytest.fixture(autouse=True)
def _style_of_its_own() -> Iterator[None]:
    with plt.rc_context():          # a lesson's set-up changes the style of figures
        yield


def contestants() -> tuple[dict[str, Callable[[], nn.Module]], dict[str, float]]:
    """How the lesson makes its networks, and their learning rates."""
    names: dict[str, Any] = lesson("02b_networks", "make_cnn", "make_mlp")
    return {"MLP": names["make_mlp"], "CNN": names["make_cnn"]}, names["RATES"]


def test_a_cnn_on_shuffled_pixels_gains_by_more_time_and_a_lower_rate_and_stays_below_the_mlp() -> None:
    makers, rates = contestants()
    colleague = strange_digits(digits(), seed=1)
    accuracy = {}
    for what, n_epochs, lr in (("short", {"MLP": 3, "CNN": 4}, rates), ("long", {"MLP": 16, "CNN": 30}, rates | {"CNN": 3.5e-3})):
        runs = race(makers, colleague.train, colleague.val, n_epochs=n_epochs, lr=lr, seeds=[0])
        accuracy[what] = {kind: run.accuracy(colleague.test) for kind, (run,) in runs.items()}
    assert accuracy["long"]["MLP"] > 0.93
    assert accuracy["short"]["CNN"] + 0.01 < accuracy["long"]["CNN"] < accuracy["long"]["MLP"] - 0.02


def test_ink_lost_at_the_edge_is_not_why_shifted_digits_are_misread() -> None:
    makers, rates = contestants()
    data = digits()
    x, y = data.test
    runs = race(makers, data.train, data.val, n_epochs={"MLP": 8, "CNN": 3}, lr=rates, seeds=[0])
    for (run,) in runs.values():
        gaps = [run.accuracy((shift(x, dx), y)) - run.accuracy((torch.roll(x, dx, 3), y)) for dx in range(-6, 7)]
        assert np.mean(np.abs(gaps)) < 0.01
        assert max(gaps) < 0.05
