"""The metrics, against scikit-learn and scipy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from helpers import metrics

labels = st.integers(1, 40).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 29), min_size=n, max_size=n)] * 2))
DTYPES = ["int8", "uint8", "int16", "int32", "int64", "uint64"]


#: Older scikit-learns ask whether so many classes are a regression.
MANY_CLASSES = "ignore:The number of unique classes:UserWarning"


@pytest.mark.filterwarnings(MANY_CLASSES)
@given(pair=labels, dtype=st.sampled_from(DTYPES))
def test_accuracy_is_scikit_learns(pair: tuple[list[int], list[int]], dtype: str) -> None:
    p, y = (np.array(a, dtype) for a in pair)
    assert metrics.accuracy(p, y) == pytest.approx(sk.accuracy_score(y, p))


@pytest.mark.filterwarnings(MANY_CLASSES)
@given(pair=labels, dtype=st.sampled_from(DTYPES))
def test_confusion_matrix_is_scikit_learns(pair: tuple[list[int], list[int]], dtype: str) -> None:
    p, y = (np.array(a, dtype) for a in pair)
    assert np.array_equal(metrics.confusion_matrix(p, y, 30), sk.confusion_matrix(y, p, labels=range(30)))


@given(pair=labels)
def test_tensors_and_lists_count_the_same(pair: tuple[list[int], list[int]]) -> None:
    p, y = pair
    assert metrics.accuracy(torch.tensor(p), torch.tensor(y)) == metrics.accuracy(p, y)
    assert np.array_equal(metrics.confusion_matrix(torch.tensor(p), torch.tensor(y), 30), metrics.confusion_matrix(p, y, 30))


def test_confusion_matrix_has_a_row_for_a_class_that_never_comes() -> None:
    assert metrics.confusion_matrix([0], [2], 4).tolist() == [[0] * 4, [0] * 4, [1, 0, 0, 0], [0] * 4]


def test_majority_accuracy_is_scikit_learns_dummy() -> None:
    from sklearn.dummy import DummyClassifier

    rng = np.random.default_rng(0)
    train, test = rng.integers(0, 3, 50), rng.integers(0, 3, 20)
    dummy = DummyClassifier(strategy="most_frequent").fit(np.zeros((50, 1)), train)
    assert metrics.majority_accuracy(train, test) == pytest.approx(dummy.score(np.zeros((20, 1)), test))
    assert metrics.majority_accuracy([-1, -1, 10**12], [-1, 5]) == 0.5          # labels need not be small


@given(values=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), confidence=st.floats(0.5, 0.999))
def test_mean_interval_is_scipys(values: list[float], confidence: float) -> None:
    mean, half = metrics.mean_interval(values, confidence)
    assert mean == pytest.approx(np.mean(values))
    error = scipy.stats.sem(values)
    if error > 0:
        low, high = scipy.stats.t.interval(confidence, len(values) - 1, loc=np.mean(values), scale=error)
        assert (mean - half, mean + half) == pytest.approx((low, high), rel=1e-6, abs=1e-6)
    else:
        assert half == 0


def test_mean_interval_of_two_runs_has_a_closed_form() -> None:
    mean, half = metrics.mean_interval([0.0, 1.0])         # t with one degree of freedom is Cauchy's distribution
    assert (mean, half) == pytest.approx((0.5, math.tan(math.pi * 0.475) / 2))


@pytest.mark.parametrize("bad", [[], np.zeros((2, 2), int), 3, torch.zeros(2, 3, dtype=torch.int64)])
def test_labels_of_a_wrong_shape_are_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"predicted must be a non-empty list of labels, shape \(N,\); got shape"):
        metrics.accuracy(bad, [0, 1])
    with pytest.raises(ValueError, match="y must be a non-empty list of labels"):
        metrics.accuracy([0, 1], bad)


@pytest.mark.parametrize("bad", [[0.5, 1.0], [math.nan, 1.0], torch.rand(2), ["a", "b"]])
def test_labels_that_are_no_whole_numbers_are_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"predicted must hold whole numbers \(class labels\); got .*argmax\(1\)"):
        metrics.confusion_matrix(bad, [0, 1], 2)
    with pytest.raises(TypeError, match="y_train must hold whole numbers"):
        metrics.majority_accuracy(bad, [0, 1])


def test_labels_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="predicted and y must have one length; got 2 and 3"):
        metrics.accuracy([0, 1], [0, 1, 1])


@pytest.mark.parametrize(("p", "y", "who"), [([0, 3], [0, 1], "predicted"), ([0, 1], [-1, 1], "y")])
def test_labels_out_of_range_are_refused(p: list[int], y: list[int], who: str) -> None:
    with pytest.raises(ValueError, match=rf"{who} must lie in 0 … 2; got"):
        metrics.confusion_matrix(p, y, 3)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf], [[1.0, 2.0]]])
def test_mean_interval_refuses_too_few_or_endless_values(values: Any) -> None:
    with pytest.raises(ValueError, match="mean_interval needs at least two finite numbers, got"):
        metrics.mean_interval(values)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1, math.nan])
def test_mean_interval_refuses_a_confidence_outside_0_to_1(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, got"):
        metrics.mean_interval([1.0, 2.0], confidence)
