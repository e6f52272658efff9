"""What holds for the answers of every exercise: other dtypes and containers are right, a lost axis is not, and no answer is dear."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from known import FUNCTION_NUMBERS, KNOWN_WRONG, solution

from helpers.lesson.compare import difference
from helpers.lesson.exercise import Exercise, exercise_of
from helpers.lesson.verdict import run

resource = pytest.importorskip("resource", reason="Windows sets no limits")


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """A value with its arrays and tensors of floats changed; also within tuples and lists."""
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(change, part) for part in value)
    is_float = (isinstance(value, np.ndarray) and value.dtype.kind == "f") or (isinstance(value, torch.Tensor) and value.is_floating_point())
    return change(value) if is_float else value


def cast(dtype: str) -> Callable[[Any], Any]:
    return lambda a: a.astype(dtype) if isinstance(a, np.ndarray) else a.to(getattr(torch, dtype))


def with_numbers_as(dtype: str, number: str) -> Callable[..., Any]:
    """The solution, what goes in and what comes out in this dtype."""
    right = solution(number)
    return lambda *a: mapped(cast(dtype), right(*mapped(cast(dtype), a)))


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_float32_is_right_unless_it_is_excluded(number: str) -> None:
    """Excluded by a dtype, or by a case whose answer float32 cannot hold: small differences of large numbers."""
    if exercise_of(number).dtype in (None, torch.float32) and not loses_digits(exercise_of(number)):
        verdict = exercise_of(number).examine(with_numbers_as("float32", number))
        assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_float64_is_right_unless_it_is_excluded(number: str) -> None:
    if exercise_of(number).dtype is None:
        verdict = exercise_of(number).examine(lambda *a: mapped(cast("float64"), solution(number)(*a)))
        assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_arrays_and_tensors_are_both_right(number: str) -> None:
    """Where gradients need not flow and no dtype of torch is asked for."""
    exercise = exercise_of(number)
    if exercise.dtype is None and not exercise.differentiable and exercise.judge is None:
        other = {np.ndarray: torch.tensor, torch.Tensor: lambda t: t.detach().numpy()}
        assert exercise.examine(lambda *a: mapped(lambda v: other[type(v)](v), solution(number)(*a))).status == "right"


def loses_digits(exercise: Exercise) -> bool:
    """Whether the oracle itself comes to something else when what goes in is float32."""
    if exercise.oracle is None:
        return False
    try:
        pairs = [(exercise.oracle(*case.args), exercise.oracle(*mapped(cast("float32"), case.args))) for case in exercise.cases()]
    except RuntimeError:            # a network of float64 takes no float32
        return True
    return any(difference(exact, rounded, 1e-4) for exact, rounded in pairs)


def squeezed(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(squeezed(part) for part in value)
    return value.squeeze() if isinstance(value, (np.ndarray, torch.Tensor)) else value


def has_an_axis_of_one(shape: Any) -> bool:
    return any(map(has_an_axis_of_one, shape)) if isinstance(shape, list) else 1 in shape


#: Where a batch of one makes no sense.
NEVER_ONE = {"6.7": "a point without another has no affinities"}


def shapes(value: Any) -> Any:
    return [shapes(part) for part in value] if isinstance(value, (tuple, list)) else getattr(value, "shape", ())


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_a_lost_axis_is_seen(number: str) -> None:
    """What comes out has an axis of length 1 in one case at least, for a batch of one say; and it must not be lost."""
    exercise, right = exercise_of(number), solution(number)
    results = [(shapes(case.args[0]) if case.args else None, shapes(run(right, case).value)) for case in exercise.cases()]
    batches = number not in NEVER_ONE and all(isinstance(out, torch.Size) and isinstance(into, torch.Size) and into and out and into[0] == out[0] for into, out in results)
    if exercise.judge is None and (batches or any(has_an_axis_of_one(out) for _, out in results)):
        verdict = exercise.examine(lambda *a: squeezed(right(*a)))
        assert verdict.status == "wrong", "no case has a batch of one"
        assert "Likely cause" not in verdict.message


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_tolerances_leave_room_for_float32(number: str) -> None:
    exercise = exercise_of(number)
    assert exercise.tolerance == 0 or exercise.tolerance >= 1e-6


def room() -> int:
    """The address space in use, in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


@pytest.mark.parametrize("number", FUNCTION_NUMBERS)
def test_no_known_answer_takes_a_second_or_500_megabytes_on_any_case(number: str) -> None:
    exercise = exercise_of(number)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    for answer in [w.answer for w in exercise.wrong_answers] + exercise.right_answers:
        for case in exercise.cases():
            resource.setrlimit(resource.RLIMIT_AS, (room() + 500_000_000, hard))
            try:
                started = time.process_time()
                error = run(answer, case).error
                seconds = time.process_time() - started
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
            assert not isinstance(error, MemoryError), f"{answer.__name__}, {case.label}: {error}"
            assert "allocate memory" not in str(error), f"{answer.__name__}, {case.label}: {error}"
            assert seconds < 1, f"{answer.__name__}, {case.label}: {seconds:.1f} s"


def test_there_are_known_wrong_answers() -> None:
    assert len(KNOWN_WRONG) > 4
