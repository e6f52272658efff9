"""The probe against scikit-learn; the task, and the draws of labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge, RidgeClassifierCV

from helpers.topics.features import probe
from helpers.topics.features.task import draw_labels, new_digits


def _example(n: int, d: int, k: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    return rng.normal(size=(n, d)) + rng.normal(size=(k, d))[y], y


@pytest.mark.parametrize(("n", "d"), [(40, 7), (13, 60), (25, 25), (12, 3)])
def test_a_probe_is_scikit_learns_ridge_with_the_penalty_of_leaving_one_out(n: int, d: int) -> None:
    x, y = _example(n, d)
    fitted = probe.ridge(x, probe.one_hot(y))
    a = (x - fitted.mean) / fitted.scale
    reference = RidgeClassifierCV(alphas=probe.PENALTIES).fit(a, y)
    assert fitted.penalty == pytest.approx(reference.alpha_)
    new = np.random.default_rng(1).normal(size=(9, d))
    np.testing.assert_allclose(2 * fitted.scores(new) - 1, reference.decision_function((new - fitted.mean) / fitted.scale), atol=1e-8)


def test_a_probe_of_numbers_is_ridge_regression() -> None:
    x, _ = _example(30, 6)
    target = x @ np.arange(6.0) + 3
    fitted = probe.ridge(x, target, [0.01])
    reference = Ridge(alpha=0.01).fit((x - fitted.mean) / fitted.scale, target)
    np.testing.assert_allclose(fitted.scores(x)[:, 0], reference.predict((x - fitted.mean) / fitted.scale), atol=1e-9)


def test_the_scale_of_features_does_not_matter_and_their_mean_neither() -> None:
    x, y = _example(30, 8)
    one, two = probe.ridge(x, probe.one_hot(y)), probe.ridge(1000 * x + 7, probe.one_hot(y))
    assert one.penalty == two.penalty
    np.testing.assert_allclose(one.scores(x), two.scores(1000 * x + 7), atol=1e-6)


def test_constant_features_say_the_mean() -> None:
    fitted = probe.ridge(np.ones((6, 3)), probe.one_hot(np.arange(6) % 2))
    np.testing.assert_allclose(fitted.scores(np.ones((2, 3))), 0.5)


@pytest.mark.parametrize("bad", [np.zeros((1, 3)), np.zeros(5), np.zeros((3, 2))])
def test_a_probe_refuses_what_it_cannot_fit(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a probe needs features"):
        probe.ridge(bad, np.zeros((len(bad) if bad.ndim == 2 and len(bad) < 3 else 4, 2)))


def test_new_digits_share_no_class_with_the_old_and_no_picture_with_each_other() -> None:
    task = new_digits()
    assert [len(y) for _, y in (task.old, task.pool, task.val, task.test)] == [2012, 1500, 488, 512]
    for x, y in (task.pool, task.val, task.test, task.old):
        assert x.shape[1:] == (1, 28, 28)
        assert set(y.tolist()) == set(range(5))
    pictures = torch.cat([part[0] for part in (task.old, task.pool, task.val, task.test)]).flatten(1)
    assert len(pictures.unique(dim=0)) == len(pictures)
    assert "old 2012" in repr(task)


def test_labels_are_drawn_evenly_and_the_same_for_the_same_seed() -> None:
    y = new_digits().pool[1]
    i = draw_labels(y, 30, seed=3)
    assert torch.bincount(y[i]).tolist() == [6] * 5
    assert len(i.unique()) == 30
    assert torch.equal(i, draw_labels(y, 30, seed=3))
    assert not torch.equal(i, draw_labels(y, 30, seed=4))
    for n in (7, 0, 5000):
        with pytest.raises(ValueError, match="multiple of 5"):
            draw_labels(y, n, 0)


def test_a_learning_curve_has_a_row_a_seed() -> None:
    x, y = (torch.from_numpy(a) for a in _example(200, 5, k=5))
    curve = probe.learning_curve((x, y), (x, y), seeds=2, ladder=[10, 50])
    assert curve.shape == (2, 2)
    assert (curve > 0.4).all()
