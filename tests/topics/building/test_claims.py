"""What chapter 07 says of runs longer than its own."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch

from helpers.data import mnist1d
from helpers.topics.building import remedies, runs
from helpers.topics.building.networks import conv_stack
from helpers.training import evaluate


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_three_times_as_long_one_layer_is_still_behind_two_and_four() -> None:
    data = mnist1d(3500, 500, 1000)
    found = {}
    for depth, width, lr in ((1, 52, 0.12), (2, 23, 0.06), (4, 15, 0.06), (8, 10, 0.06)):
        model = runs.trained(partial(conv_stack, depth, width), data.train, 1, lr=lr, n_epochs=12)[0]
        found[depth] = evaluate(model, data.test)[1]
    assert 0.84 < found[1] < 0.92
    assert min(found[2], found[4]) > 0.94
    assert found[1] + 0.03 < found[8] < max(found[2], found[4])


def test_four_times_as_long_gain_alone_is_still_behind_the_residual_branch() -> None:
    data = runs.flat_digits()
    plain, _, _ = remedies.deep_accuracies(data, 2, 400, rates=(1e-3,), gain=2**0.5)
    branch, _, _ = remedies.deep_accuracies(data, 2, 400, rates=(1e-3,), gain=0.2, residual=True)
    assert plain.mean() > 0.4
    assert branch.mean() > plain.mean() + 0.05


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
