"""What chapter 07 says of runs longer than its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.data import mnist1d
from helpers.topics.building import remedies, runs
from helpers.topics.building.networks import conv_autoencoder, conv_stack
from helpers.topics.building.signal import measure
from helpers.training import evaluate


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_three_times_as_long_one_layer_is_still_behind_two_and_four() -> None:
    data = mnist1d(3500, 500, 1000)
    found = {}
    for depth, width, lr, bend in ((1, 52, 0.24, True), (2, 23, 0.12, True), (4, 15, 0.03, True), (8, 10, 0.015, True), (-4, 15, 0.24, False)):
        model = runs.trained(partial(conv_stack, abs(depth), width, bend=bend), data.train, 1, lr=lr, n_epochs=12)[0]
        found[depth] = evaluate(model, data.test)[1]
    assert 0.87 < found[1] < 0.94
    assert min(found[2], found[4]) > 0.93
    assert found[8] < max(found[2], found[4]) - 0.01
    assert found[-4] < found[1] - 0.05


def test_four_layers_of_ten_channels_beat_eight_of_ten() -> None:
    data = mnist1d(3500, 500, 1000)
    four, eight = (np.mean([evaluate(m, data.test)[1] for m in runs.trained(partial(conv_stack, depth, 10), data.train, 2, lr=lr, n_epochs=4)])
                   for depth, lr in ((4, 0.06), (8, 0.015)))
    assert 0.82 < four < 0.92
    assert four > eight + 0.04


def test_one_convolution_with_the_work_of_two_is_ahead_of_two() -> None:
    small = runs.small_digits()
    x, t = small.train[0], small.test[0]
    errors = [evaluate(runs.trained(make, (x, x), 1, lr=0.03, n_epochs=epochs, loss=F.mse_loss)[0], (t, t), F.mse_loss)[0]
              for make, epochs in ((partial(conv_autoencoder, 1, 22), 32), (partial(conv_autoencoder, 2, 16), 8))]
    assert errors[0] < 0.97 * errors[1]


ARMS: dict[str, tuple[dict[str, Any], float]] = {
    "gain √2": ({"gain": 2**0.5}, 1e-3), "batch norm": ({"gain": 2**0.5, "norm": "batch norm"}, 1e-2),
    "layer norm": ({"gain": 2**0.5, "norm": "layer norm"}, 1e-3), "residual": ({"gain": 0.2, "residual": True}, 3e-3)}


def test_four_times_as_long_all_rise_and_the_residual_branch_stays_ahead() -> None:
    data = runs.flat_digits()
    short, long = ({name: remedies.deep_accuracies(data, 1, n, rates=(rate,), **setting)[0].mean() for name, (setting, rate) in ARMS.items()} for n in (100, 400))
    assert all(long[name] > short[name] + 0.04 for name in ARMS)
    assert long["residual"] > 0.88
    assert long["residual"] - 0.1 > long["gain √2"] > max(long["batch norm"], long["layer norm"]) - 0.02


def test_no_arm_wants_a_rate_outside_the_three_of_the_lesson() -> None:
    data = runs.flat_digits()
    rates = (3e-4, *remedies.RATES, 3e-2)
    for setting, _ in (*ARMS.values(), ({"gain": 1.2, "activation": "tanh"}, 0), ({"gain": 2**0.5, "norm": "batch norm", "residual": True}, 0)):
        by_rate = remedies.deep_accuracies(data, 2, 100, rates=rates, **setting)[1].mean(0)
        assert by_rate[1:-1].max() > max(by_rate[0], by_rate[-1]) - 0.08


def test_the_scatter_of_the_signal_is_what_the_lesson_says() -> None:
    for width, lower, give in ((256, 0.1, 0.3), (64, 0.5, 0.6)):
        ends = np.log10([measure(2**0.5, width=width, seed=seed).forward[-1] for seed in range(30)])
        assert np.mean(ends) == pytest.approx(-lower, abs=0.15)
        assert np.std(ends) == pytest.approx(give, abs=0.12)


def test_dropout_does_not_help_an_mlp_on_mnist_1d_though_it_over_fits() -> None:
    data = mnist1d(3500, 500, 1000)
    found = []
    for p in (0.0, 0.2, 0.5):
        model = runs.trained(partial(remedies.mlp, (40, 256, 256, 10), None, p), data.train, 1, lr=0.01, n_epochs=10)[0]
        found.append((evaluate(model, data.train)[1], evaluate(model, data.val)[1]))
    train, val = np.array(found).T
    assert train[0] > val[0] + 0.15
    assert val[1] < val[0] + 0.02
    assert val[2] < val[0] - 0.05
    long = [evaluate(runs.trained(partial(remedies.mlp, (40, 256, 256, 10), None, p), data.train, 1, lr=0.01, n_epochs=40)[0], data.val)[1] for p in (0.0, 0.5)]
    assert long[1] < long[0] + 0.02
