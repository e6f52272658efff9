"""Walks through a valley, and losses of one score, against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.topics.training.losses import LOSSES, SMOOTH, confident_mistake, pushes
from helpers.topics.training.race import START, height, inside, quickest, valley, walk


def sgd(w: np.ndarray, g: np.ndarray, s: dict[str, Any], lr: float) -> np.ndarray:  # noqa: ARG001
    return w - lr * g


def heavy(w: np.ndarray, g: np.ndarray, s: dict[str, Any], lr: float) -> np.ndarray:
    s["v"] = 0.9 * s.get("v", 0) + g
    return w - lr * s["v"]


def test_descent_shrinks_each_axis_by_its_own_factor() -> None:
    walked = walk(sgd, 0.05, steepness=30, n_steps=20)
    expected = START * np.array([1 - 0.05, 1 - 0.05 * 30]) ** 20
    np.testing.assert_allclose(walked.places[-1], expected)
    np.testing.assert_allclose(walked.heights, 0.5 * (walked.places**2 @ np.array([1, 30])))


def test_descent_and_momentum_do_not_notice_a_turn() -> None:
    for rule in (sgd, heavy):
        np.testing.assert_allclose(walk(rule, 0.01, 30, 0).heights, walk(rule, 0.01, 30, 37).heights, atol=1e-9)


def test_a_walk_has_arrived_when_it_stays_below() -> None:
    assert walk(sgd, 0.5, steepness=1, n_steps=30).n_to_arrive == 5
    assert walk(sgd, 1e-9, n_steps=7).n_to_arrive == 8


def test_the_quickest_rate_is_near_theory() -> None:
    lr, _ = quickest(sgd, np.linspace(0.01, 0.07, 25), steepness=30)
    assert lr == pytest.approx(2 / 31, rel=0.1)       # 2 / (sum of the curvatures)


def test_what_is_inside_a_step_is_what_moved_it() -> None:
    walked = walk(heavy, 0.01, n_steps=5)
    found = inside(walked, 3)
    np.testing.assert_allclose(found["move"], -0.01 * found["memory of gradients"])
    np.testing.assert_allclose(found["gradient"], valley(30, 0) @ walked.places[3])
    assert height(walked.places[3], valley(30, 0)) == pytest.approx(walked.heights[3])


@pytest.mark.parametrize("z", [-4.0, -0.3, 0.0, 0.9, 1.7, 5.0])
def test_slopes_and_values_are_those_of_torch(z: float) -> None:
    theirs = {
        "cross-entropy": lambda t: F.binary_cross_entropy_with_logits(t, torch.ones(())),
        "smoothed cross-entropy": lambda t: F.binary_cross_entropy_with_logits(t, torch.tensor(SMOOTH)),
        "hinge": lambda t: F.relu(1 - t), "squared error of z": lambda t: 0.5 * (1 - t) ** 2, "squared error of p": lambda t: (1 - t.sigmoid()) ** 2}
    assert theirs.keys() == LOSSES.keys()
    for name, loss in theirs.items():
        t = torch.tensor(z, requires_grad=True)
        value = loss(t)
        (slope,) = torch.autograd.grad(value, t)
        assert float(LOSSES[name].value(np.asarray(z))) == pytest.approx(value.item(), abs=1e-5)
        assert pushes(z)[name] == pytest.approx(-slope.item(), abs=1e-5)


def test_a_flat_loss_stays_and_cross_entropy_gets_away() -> None:
    assert confident_mistake("squared error of p", 0.5)[-1] < -5
    assert confident_mistake("cross-entropy", 0.5)[-1] > 1
