"""Proofs for every exercise: the solution passes, the stub is not attempted, wrong answers are told apart, right ones by another route pass."""

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from known import ALL, FUNCTIONS, KNOWN_RIGHT, KNOWN_WRONG, answer_of, define, number_of

from helpers import check
from helpers.lesson.exercise import exercise_of
from tools.source import ExerciseCells, Source

FIRST_WITH_TWO_ROUTES = 5       # the chapter from which on every exercise proves two right answers by another route


@pytest.mark.parametrize("case", ALL, ids=number_of)
def test_the_solution_passes(case: tuple[Source, ExerciseCells]) -> None:
    source, cells = case
    verdict = exercise_of(cells.number).examine(define(source, cells, cells.solution))
    assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("case", ALL, ids=number_of)
def test_the_stub_is_not_attempted(case: tuple[Source, ExerciseCells]) -> None:
    source, cells = case
    verdict = exercise_of(cells.number).examine(define(source, cells, cells.stub))
    assert verdict.status == "not attempted", verdict.message


@pytest.mark.parametrize(("number", "place"), KNOWN_WRONG)
def test_a_wrong_answer_is_rejected_with_its_own_message(number: str, place: int) -> None:
    exercise = exercise_of(number)
    wrong = exercise.wrong_answers[place]
    with warnings.catch_warnings(record=True):      # some of them overflow, and NumPy says so
        verdict = exercise.examine(answer_of(exercise, wrong.answer))
    assert verdict.status == "wrong"
    assert wrong.message in verdict.message, f"it got another message:\n{verdict.message}"


@pytest.mark.parametrize(("number", "place"), KNOWN_RIGHT)
def test_a_right_answer_by_another_route_passes(number: str, place: int) -> None:
    exercise = exercise_of(number)
    verdict = exercise.examine(answer_of(exercise, exercise.right_answers[place]))
    assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("case", [case for case in ALL if case[0].chapter >= FIRST_WITH_TWO_ROUTES], ids=number_of)
def test_there_are_two_other_routes(case: tuple[Source, ExerciseCells]) -> None:
    exercise = exercise_of(case[1].number)
    if exercise.kind == "order" and exercise.needs is None:
        pytest.skip("one order alone is right")
    routes = len(exercise.right_answers) if exercise.kind != "test" else len(exercise.right_answers) + len(exercise.right) - 1
    assert routes >= 2, "decorate two right answers by another route with @….also_right"


@pytest.mark.parametrize("case", [case for case in ALL if case[1].kind == "fix"], ids=number_of)
def test_the_given_program_is_wrong_however_it_is_written(case: tuple[Source, ExerciseCells]) -> None:
    given = exercise_of(case[1].number).given
    assert given is not None
    with warnings.catch_warnings(record=True):
        verdict = exercise_of(case[1].number).examine(lambda *a: given(*a))
    assert verdict.status == "wrong"


def odd_answers() -> dict[str, Callable[..., Any]]:
    """What nobody expects to come back, and what ends more than an answer should."""
    def loss() -> torch.Tensor:
        return torch.ones((), requires_grad=True) * 2

    return {
        "losses without .item()": lambda *_: [loss(), loss()], "nested losses": lambda *_: [[loss()], [loss(), loss()]], "a pair of losses": lambda *_: (loss(), loss()),
        "a conjugate": lambda *_: torch.full((2,), 1j).conj(), "the meta device": lambda *_: torch.ones(2, device="meta"),
        "a truth on the meta device": lambda *_: torch.ones((), dtype=torch.bool, device="meta"), "a sparse tensor": lambda *_: torch.eye(3).to_sparse(),
        "a huge integer": lambda *_: 10**400, "huge integers": lambda *_: [10**400], "a date": lambda *_: np.datetime64("2020-01-01"), "bytes": lambda *_: b"1",
        "a generator": lambda *a: (x for x in a), "a set": lambda *_: {1}, "an empty dictionary": lambda *_: {}, "None in a list": lambda *_: [None],
        "a function": lambda *_: len, "a model": lambda *_: torch.nn.Linear(2, 2), "exit": lambda *_: sys.exit(),
    }


@pytest.mark.parametrize("odd", odd_answers())
@pytest.mark.parametrize("case", FUNCTIONS, ids=number_of)
def test_an_odd_answer_is_wrong_and_stops_nobody(case: tuple[Source, ExerciseCells], odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(case[1].number, odd_answers()[odd])
    assert capsys.readouterr().out.startswith(f"✗ Exercise {case[1].number}, for ")


@pytest.mark.parametrize("case", ALL, ids=number_of)
def test_there_are_four_different_wrong_answers(case: tuple[Source, ExerciseCells]) -> None:
    exercise = exercise_of(case[1].number)
    messages = {w.message for w in exercise.wrong_answers} | ({p.__name__ for p in exercise.wrong_programs})
    assert len(messages) >= 4
