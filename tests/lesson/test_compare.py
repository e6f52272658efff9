"""What was expected, what came, and what distinguishes them in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.lesson.compare import difference, is_changed

arrays = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf, -math.inf]))


@given(a=arrays)
def test_nothing_differs_from_itself(a: np.ndarray) -> None:
    assert difference(a, a.copy(), 0) is None
    assert difference(a, torch.tensor(a), 0) is None
    assert difference(a, a.tolist(), 0) is None


@given(a=arrays, b=arrays)
def test_difference_agrees_with_numpy(a: np.ndarray, b: np.ndarray) -> None:
    if a.shape == b.shape:
        finite = np.abs(a[np.isfinite(a)]).max(initial=0)
        equal = np.allclose(b, a, rtol=0, atol=1e-5 * max(1, finite), equal_nan=True)
        assert (difference(a, b, 1e-5) is None) == equal
    else:
        expected = f"expected shape {a.shape}" if a.shape else "expected one number"
        got = str(b.shape) if a.shape and b.shape else f"an array of {b.size}, shape {b.shape}" if b.shape else "one number"
        assert difference(a, b, 1e-5) == f"{expected}, got {got}"


@pytest.mark.parametrize(("expected", "got", "message"), [
    ((1.0, [2.0, 3.0]), (1.0, [2.0, 4.0]), "value 2 of 2: expected 3 at [1], got 4"),
    ((1.0, 2.0), (1.0,), "expected 2 values, got tuple of 1"),
    ((1.0, 2.0), 3.0, "expected 2 values, got one float"),
    (("a", 1), ["a", 1], None),
    ((3, 4), torch.Size([3, 4]), None),
    ("cat", "dog", "expected 'cat', got 'dog'"),
    ("cat", np.str_("cat"), None),
    (True, False, "expected True, got False"),
    (True, np.bool_(True), None),
    (True, torch.tensor(True), None),
    (True, 1, "expected True, got 1"),
    ({"a": 1.0}, {"a": torch.tensor(1.0)}, None),
    ({"a": 1.0}, {"a": 2.0}, "value 'a': expected 1, got 2"),
    ({"a": 1.0}, {"b": 1.0}, "expected the keys ['a'], got ['b']"),
    ({"a": 1.0}, [1.0], "expected a dictionary, got list of 1"),
    (1 + 2j, 1 + 3j, "expected 1+2j, got 1+3j"),
    (np.array([1j]), torch.tensor([1j]), None),
    (np.array([1j]), torch.tensor([-1j]).conj(), None),
    (math.inf, math.nan, "expected inf, got nan"),
    (math.nan, 1.0, "expected nan, got 1"),
    (math.inf, math.inf, None),
    (-math.inf, math.inf, "expected -inf, got inf"),
    (1.0, torch.tensor(1.0, dtype=torch.bfloat16, requires_grad=True), None),
    (1e6, 1e6 + 5, None),
    (0.0, 2e-5, "expected 0, got 2e-05"),
    (0.5, np.ones(7, bool), "expected one number, got an array of 7, shape (7,)"),
    (np.zeros((2, 3)), 1.0, "expected shape (2, 3), got one number"),
    (np.zeros(0), np.zeros(0), None),
])
def test_difference_in_words(expected: Any, got: Any, message: str | None) -> None:
    assert difference(expected, got, 1e-5) == message


def test_an_array_of_texts_may_be_an_argument() -> None:
    names = np.array(["bo", "al"])
    assert not is_changed((names,), (names.copy(),))
    assert is_changed((names,), (np.array(["bo", "cy"]),))
