"""What the lessons of chapter 02 say of runs longer than their own."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from claims import lesson

from helpers.data import digits, strange_digits
from helpers.topics.cnn import maps
from helpers.topics.cnn.race import race
from helpers.topics.cnn.scenes import shift


@pytest.fixture(autouse=True)
def _style_of_its_own() -> Iterator[None]:
    with plt.rc_context():          # a lesson's set-up changes the style of figures
        yield


def test_a_cnn_on_shuffled_pixels_gains_by_more_time_and_a_lower_rate_and_stays_below_the_mlp() -> None:
    names = lesson("02b_networks", "make_cnn", "make_mlp", "makers")
    colleague, rates = strange_digits(digits(), seed=1), names["RATES"]
    short = race(names["makers"], colleague.train, colleague.val, n_epochs={"MLP": 3, "CNN": 3}, lr=rates, seeds=[0])
    long = race(names["makers"], colleague.train, colleague.val, n_epochs={"MLP": 16, "CNN": 30}, lr=rates | {"CNN": rates["CNN"] / 4}, seeds=[0])
    cnn, mlp = long["CNN"][0].accuracy(colleague.test), long["MLP"][0].accuracy(colleague.test)
    assert mlp > 0.93
    assert short["CNN"][0].accuracy(colleague.test) + 0.01 < cnn < mlp - 0.02


def test_ink_lost_at_the_edge_is_not_why_shifted_digits_are_misread() -> None:
    names, data = lesson("02b_networks", "make_cnn", "make_mlp", "makers"), digits()
    x, y = data.val
    runs = race(names["makers"], data.train, data.val, n_epochs=names["EPOCHS"][3500], lr=names["RATES"], seeds=[0])
    for runners in runs.values():
        gaps = [runners[0].accuracy((shift(x, dx), y)) - runners[0].accuracy((torch.roll(x, dx, 3), y)) for dx in range(-6, 7)]
        assert np.mean(np.abs(gaps)) < 0.015
        assert max(gaps) < 0.05


def test_at_a_third_of_the_rate_hardly_a_channel_dies() -> None:
    names, data = lesson("02b_networks", "make_cnn"), digits()
    rate = names["RATES"]["CNN"] / 3
    runs = race({"CNN": names["make_cnn"]}, data.train, data.val, n_epochs={"CNN": 3}, lr={"CNN": rate}, seeds=[0, 1])["CNN"]
    dead = [maps.choosy_and_dead(run.model[:5], *data.train)[1] for run in runs]       # type: ignore[index]
    assert np.mean(dead) <= 3
