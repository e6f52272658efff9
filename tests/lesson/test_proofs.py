"""Three proofs for every exercise: the solution passes, the stub is not attempted, wrong answers are told apart."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from helpers import check
from helpers.lesson.exercise import Exercise, exercises_of
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
@pytest.mark.parametrize("case", ALL, ids=numbers)
def test_an_odd_answer_is_wrong_and_stops_nobody(case: tuple[Source, ExerciseCells], odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(case[1].number, odd_answers()[odd])
    assert capsys.readouterr().out.startswith(f"✗ Exercise {case[1].number}, for ")


@pytest.mark.parametrize("case", ALL, ids=numbers)
def test_there_are_four_different_wrong_answers(case: tuple[Source, ExerciseCells]) -> None:
    assert len({w.message for w in exercise_of(case[1].number).wrong_answers}) >= 4
