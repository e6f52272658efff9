"""audit() finds each planted fault, names no fault where none was planted, and refuses what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from helpers.data import digits
from helpers.project import audit

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def clean(seed: int = 0, n: int = 900) -> Parts:
    """Three classes in 12 features, 600 for training and 300 for the test."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=(n, 12)) + 1.2 * rng.normal(size=(3, 12))[y]
    return x[:600], y[:600], x[600:], y[600:]


@pytest.mark.parametrize("seed", range(8))
def test_where_nothing_was_planted_no_fault_is_named(seed: int) -> None:
    assert audit(*clean(seed), seed=seed).faults == []


def test_the_courses_own_digits_have_no_fault() -> None:
    data = digits(2000, 500)
    assert audit(*data.train, *data.test).faults == []


def _copied(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x, y, np.vstack([u[:280], x[:20]]), np.concatenate([v[:280], y[:20]])


def _nearly_copied(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x, y, np.vstack([u[:270], x[:30] + 1e-3]), np.concatenate([v[:270], y[:30]])


def _sorted(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x[np.argsort(y)], np.sort(y), u, v


def _units(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    units = np.array([1000.0, *[1.0] * 10, 0.01])
    return x * units, y, u * units, v


def _far(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x + 1000, y, u + 1000, v


def _holes(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    x = x.copy()
    x[::50, 3] = np.nan
    return x, y, u, v


def _rare(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    keep = np.r_[np.flatnonzero(y != 2), np.flatnonzero(y == 2)[:3]]
    keep = np.random.default_rng(0).permutation(keep)
    return x[keep], y[keep], u, v


def _new_class(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    v = v.copy()
    v[:5] = 7
    return x, y, u, v


def _answer_inside(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    noise = np.random.default_rng(1).normal(0, 0.05, 900)
    return np.c_[x, y + noise[:600]], y, np.c_[u, v + noise[600:]], v


def _other_camera(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x, y, 1.0 + u, v


def _wrong_labels(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    y = y.copy()
    y[::10] = (y[::10] + 1) % 3
    return x, y, u, v


def _one_class(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return x, np.zeros_like(y), u, np.zeros_like(v)


def _all_the_same(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> Parts:
    return np.ones_like(x), y, np.ones_like(u), v


@pytest.mark.parametrize(("plant", "name"), [
    (_copied, "copies"), (_nearly_copied, "near copies"), (_sorted, "order"), (_units, "scale"), (_far, "scale"), (_holes, "gaps"), (_rare, "balance"),
    (_new_class, "new labels"), (_answer_inside, "one feature"), (_other_camera, "drift"), (_wrong_labels, "wrong labels"), (_one_class, "baseline"),
    (_all_the_same, "constants")])
def test_a_planted_fault_is_found(plant: Callable[..., Parts], name: str) -> None:
    report = audit(*plant(*clean()))
    assert name in report.faults, f"found: {report.faults}"
    assert report[name].level == "fault"


def test_a_fault_brings_no_other_along() -> None:
    for plant, name in ((_copied, "copies"), (_units, "scale"), (_sorted, "order"), (_wrong_labels, "wrong labels"), (_new_class, "new labels")):
        assert audit(*plant(*clean())).faults == [name]


def test_pictures_in_bytes_are_named() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (80, 3, 8, 8), np.uint8)
    assert "dtype" in audit(x[:60], rng.integers(0, 2, 60), x[60:], rng.integers(0, 2, 20)).faults
    assert "dtype" not in audit(x[:60] / np.float32(255), rng.integers(0, 2, 60), x[60:] / np.float32(255), rng.integers(0, 2, 20)).faults


def test_real_tables_have_the_fault_that_their_units_bring() -> None:
    for load in (load_wine, load_breast_cancer):
        x, y = load(return_X_y=True)
        p = np.random.default_rng(0).permutation(len(x))
        assert audit(x[p[60:]], y[p[60:]], x[p[:60]], y[p[:60]]).faults == ["scale"]


def test_quantities_are_taken_and_a_series_is_recognised() -> None:
    x, y = load_diabetes(return_X_y=True)
    report = audit(x[:300], y[:300], x[300:], y[300:])
    assert report.faults == []
    assert "mean error to beat" in report["baseline"].text
    t = np.arange(600.0)
    series = np.sin(t / 9)
    windows, ahead = np.lib.stride_tricks.sliding_window_view(series, 8)[:-1], series[8:]
    assert "train on the past" in audit(windows[:400], ahead[:400], windows[400:], ahead[400:])["order"].text


def test_words_are_classes_and_tensors_are_taken() -> None:
    x, y, u, v = clean()
    names = np.array(["ant", "bee", "cat"])
    assert audit(torch.tensor(x), list(names[y]), torch.tensor(u), list(names[v])).faults == []


def test_nothing_is_changed() -> None:
    parts = clean()
    before = [part.copy() for part in parts]
    audit(*parts)
    assert all(np.array_equal(a, b) for a, b in zip(parts, before, strict=True))


@pytest.mark.filterwarnings("error")
def test_awkward_arrays_get_findings_not_tracebacks() -> None:
    x, y, u, v = clean()
    assert "balance" in audit(x, [f"p{i}" for i in range(600)], u, [f"q{i}" for i in range(300)]).faults
    assert "too large for float32" in audit(x * 1e300, y, u, v)["gaps"].text
    empty = np.c_[x, np.full(600, np.nan)], np.c_[u, np.full(300, np.nan)]
    assert "without a number in training: 12;" in audit(empty[0], y, empty[1], v)["gaps"].text
    assert audit(x, np.full(600, 1.5), u, np.full(300, 1.5)).faults == ["baseline"]
    assert audit(x, y.astype(np.uint8), u, v).faults == audit(x, y == 1, u, v == 1).faults == []
    assert audit(torch.tensor(x).bfloat16(), y, torch.tensor(u).bfloat16(), v).faults == []
    assert "near copies" not in audit(x[:, 0], y, u[:, 0], v).faults, "on a line strangers are near, too"


@pytest.mark.parametrize(("change", "error", "says"), [
    (lambda _, y, u, v: ([[1, 2], [3]] * 300, y, u, v), ValueError, "rows of different lengths"),
    (lambda x, y, u, v: (csr_matrix(x), y, u, v), TypeError, "toarray()"),
    (lambda _, y, u, v: (None, y, u, v), TypeError, "one example a row; got NoneType"),
    (lambda x, y, u, v: (x[:, :0], y, u[:, :0], v), ValueError, "at least one number in each"),
    (lambda x, y, u, v: (x, y[:-1], u, v), ValueError, "x_train holds 600 examples and y_train 599"),
    (lambda x, y, u, v: (x, y, u[:, :5], v), ValueError, "one training example has shape (12,), one test example (5,)"),
    (lambda x, y, u, v: (x[:5], y[:5], u, v), ValueError, "fewer than 10 say nothing"),
    (lambda x, y, u, v: (x.astype(str), y, u, v), TypeError, "x_train must hold numbers"),
    (lambda x, y, u, v: (x, np.eye(3)[y], u, v), ValueError, "Of one-hot rows take argmax(1)"),
    (lambda x, y, u, v: (x, y, u, v.astype(str)), TypeError, "labels of both parts must be of one kind"),
    (lambda x, y, u, v: (x, np.where(y == 0, np.nan, y), u, v.astype(float)), ValueError, "labels that are NaN or infinite"),
    (lambda x, y, u, v: (x[0, 0], y, u, v), ValueError, "at least one example")])
def test_what_does_not_fit_is_refused(change: Callable[..., Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        audit(*change(*clean()))
    assert says in str(caught.value)


def test_a_report_prints_the_gravest_first_and_names_the_lesson() -> None:
    report = audit(*_copied(*clean()))
    lines = str(report).splitlines()
    assert lines[0].startswith("fault · copies: 6.7% of the test examples")
    assert lines[0].endswith("→ lesson 05a")
    with pytest.raises(KeyError, match="no finding 'shape'"):
        report["shape"]
