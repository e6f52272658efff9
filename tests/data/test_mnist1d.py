"""MNIST-1D: the recipe's properties, and the accuracies that its authors published."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from helpers.data import mnist1d
from helpers.data.mnist1d import make_mnist1d, shapes


def test_the_shapes_begin_at_zero_and_have_one_spread() -> None:
    table = shapes()
    assert table.shape == (10, 12)
    np.testing.assert_allclose(table[:, 0], 0, atol=1e-12)
    np.testing.assert_allclose(table.std(1), 1 / 6)


def test_the_same_seed_gives_the_same_series() -> None:
    x, y = make_mnist1d(30, seed=5)
    again, labels = make_mnist1d(30, seed=5)
    assert np.array_equal(x, again)
    assert np.array_equal(y, labels)
    assert not np.array_equal(x, make_mnist1d(30, seed=6)[0])


def test_parts_are_disjoint_balanced_and_scaled_by_the_training_part_alone() -> None:
    data = mnist1d(400, 90, 110)
    assert [tuple(x.shape) for x, _ in (data.train, data.val, data.test)] == [(400, 1, 40), (90, 1, 40), (110, 1, 40)]
    assert torch.bincount(data.train[1]).tolist() == [40] * 10
    assert abs(float(data.train[0].mean())) < 1e-5
    assert abs(float(data.train[0].std(correction=0)) - 1) < 1e-5
    rows = {row.numpy().tobytes() for part in (data.train, data.val, data.test) for row in part[0]}
    assert len(rows) == 600
    raw = make_mnist1d(110, 2)[0], make_mnist1d(400, 0)[0]
    np.testing.assert_allclose(data.test[0][:, 0], (raw[0] - raw[1].mean()) / raw[1].std(), rtol=1e-5, atol=1e-5)


def test_empty_parts_and_wrong_sizes() -> None:
    assert len(mnist1d(10, 0, 0).val[0]) == 0
    with pytest.raises(ValueError, match="n_train"):
        mnist1d(0)


def test_logistic_regression_reaches_what_was_published() -> None:
    """Greydanus and Kobak give 32 % for a linear model with 4,000 training series."""
    data = mnist1d(4000, 0, 1000)
    model = LogisticRegression(max_iter=300).fit(data.train[0][:, 0], data.train[1])
    assert 0.28 < model.score(data.test[0][:, 0], data.test[1]) < 0.37
