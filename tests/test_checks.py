"""Three proofs for every exercise: the solution passes, the stub is not attempted, wrong answers are told apart."""

from typing import Any

import pytest

from helpers.checks.core import Exercise, exercises_of
from tools.source import BLOCK, MARK, ExerciseCells, Source, sources

ALL = [(source, cells) for source in map(Source, sources()) for cells in source.exercises]


def exercise_of(number: str) -> Exercise:
    return next(e for e in exercises_of(int(number.split(".")[0])) if e.number == number)


def define(source: Source, cells: ExerciseCells, text: str) -> Any:
    """The function of an exercise's cell, defined after the chapter's set-up."""
    scope: dict[str, Any] = {"__name__": "cell"}
    for cell in source.cells:
        if {"setup", "parameters"} & set(cell.tags):
            exec(compile(cell.text, f"<{source.path.stem} set-up>", "exec"), scope)
    exec(compile(text, f"<exercise {cells.number}>", "exec"), scope)
    return scope[cells.check.text.split(", ")[1].rstrip(") \n")]


def numbers(case: tuple[Source, ExerciseCells]) -> str:
    return case[1].number


@pytest.mark.parametrize("case", ALL, ids=numbers)
def test_the_solution_passes(case: tuple[Source, ExerciseCells]) -> None:
    source, cells = case
    verdict = exercise_of(cells.number).examine(define(source, cells, MARK.sub("", cells.answer.text)))
    assert verdict.status == "right", verdict.message


@pytest.mark.parametrize("case", ALL, ids=numbers)
def test_the_stub_is_not_attempted(case: tuple[Source, ExerciseCells]) -> None:
    source, cells = case
    stub = BLOCK.sub(rf'\1raise NotImplementedError("exercise {cells.number}")\n', cells.answer.text)
    assert exercise_of(cells.number).examine(define(source, cells, stub)).status == "not attempted"


@pytest.mark.parametrize(("number", "place"), [(c.number, i) for _, c in ALL for i in range(len(exercise_of(c.number).wrong_answers))])
def test_a_wrong_answer_is_rejected_with_its_own_message(number: str, place: int) -> None:
    exercise = exercise_of(number)
    wrong = exercise.wrong_answers[place]
    verdict = exercise.examine(wrong.answer)
    assert verdict.status == "wrong"
    assert wrong.message in verdict.message, f"it got another message:\n{verdict.message}"


@pytest.mark.parametrize("case", ALL, ids=numbers)
def test_there_are_four_different_wrong_answers(case: tuple[Source, ExerciseCells]) -> None:
    assert len({w.message for w in exercise_of(case[1].number).wrong_answers}) >= 4
