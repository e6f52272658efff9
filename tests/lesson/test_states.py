# ruff: noqa: ARG005  answers that ignore what they are given
"""What the notebook has set elsewhere does not reach the checks, and what an answer sets does not outlive them."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from known import NUMBERS, solution

from helpers.lesson.exercise import EXERCISES, exercise_of


@contextlib.contextmanager
def put_back() -> Iterator[None]:
    """Whatever a test sets: as it was."""
    dtype, grad, errors = torch.get_default_dtype(), torch.is_grad_enabled(), np.geterr()
    numpy, printed, depth, folder = np.random.get_state(), np.get_printoptions(), sys.getrecursionlimit(), os.getcwd()  # noqa: NPY002
    try:
        with warnings.catch_warnings():
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_default_device("cpu")
        torch.set_grad_enabled(grad)
        torch.use_deterministic_algorithms(False)
        torch.autograd.set_detect_anomaly(False)
        torch.set_printoptions(profile="default")
        np.seterr(**errors)
        np.random.set_state(numpy)  # noqa: NPY002
        np.set_printoptions(**printed)
        sys.setrecursionlimit(depth)
        os.chdir(folder)


SETTINGS: dict[str, Callable[[], object]] = {
    "no gradients": lambda: torch.set_grad_enabled(False),
    "float64 by default": lambda: torch.set_default_dtype(torch.float64),
    "another device": lambda: torch.set_default_device("meta"),
    "NumPy raises": lambda: np.seterr(all="raise"),
    "warnings raise": lambda: warnings.simplefilter("error"),
    "no determinism": lambda: torch.use_deterministic_algorithms(True),
    "anomalies looked for": lambda: torch.autograd.set_detect_anomaly(True),
    "two digits of NumPy": lambda: np.set_printoptions(precision=2),
    "two digits of torch": lambda: torch.set_printoptions(precision=2),
    "seeds": lambda: (random.seed(9), np.random.seed(9), torch.manual_seed(9)),  # noqa: NPY002
}


#: One by one those that have stopped a check once; the others together.
GRAVE = ["no gradients", "float64 by default", "another device", "NumPy raises", "warnings raise"]
QUICK = [number for number in NUMBERS if exercise_of(number).kind != "target"]


def misjudged(numbers: list[str], *settings: str) -> dict[str, str]:
    """The exercises whose solution is not right under these settings, and what the check says."""
    answers = {number: solution(number) for number in numbers}
    with put_back():
        for setting in settings:
            SETTINGS[setting]()
        verdicts = {number: exercise_of(number).examine(answer) for number, answer in answers.items()}
    return {number: verdict.message for number, verdict in verdicts.items() if verdict.status != "right"}


@pytest.mark.parametrize("setting", GRAVE)
def test_solutions_pass_whatever_the_notebook_has_set(setting: str) -> None:
    assert misjudged(QUICK, setting) == {}


def test_solutions_pass_with_all_the_rest_set() -> None:
    assert misjudged(NUMBERS, *(setting for setting in SETTINGS if setting not in GRAVE)) == {}


def test_solutions_pass_in_inference_mode() -> None:
    with torch.inference_mode():
        assert misjudged(QUICK) == {}


def state() -> tuple[Any, ...]:
    return (torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled(), np.geterr(), np.get_printoptions()["precision"],
            torch._tensor_str.PRINT_OPTS.precision, torch.are_deterministic_algorithms_enabled(), torch.is_anomaly_enabled(), list(warnings.filters),
            float(torch.rand(1, device="cpu", dtype=torch.float32)), np.random.uniform(), random.random(), sys.getrecursionlimit(), os.getcwd())  # noqa: NPY002


@pytest.mark.parametrize("setting", [*SETTINGS, "another folder", "deep recursion"])
def test_what_an_answer_sets_is_put_back(setting: str) -> None:
    do = SETTINGS | {"another folder": lambda: os.chdir("/"), "deep recursion": lambda: sys.setrecursionlimit(5000)}
    number = next(n for n in NUMBERS if EXERCISES[n].kind == "write")
    with put_back():
        torch.manual_seed(3)
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        before = state()
        torch.manual_seed(3)
        random.seed(3)
        np.random.seed(3)  # noqa: NPY002
        exercise_of(number).examine(lambda *a: do[setting]())
        assert state() == before


def test_a_check_that_fails_says_so_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    exercise = exercise_of(NUMBERS[0])
    monkeypatch.setattr(exercise, "cases", lambda: 1 / 0)
    verdict = exercise.examine(lambda *a: 1)
    assert verdict.status == "broken"
    assert f"The check of exercise {NUMBERS[0]} itself failed (ZeroDivisionError: division by zero)." in verdict.message
