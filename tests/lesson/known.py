"""The exercises of the sources and what their cells define."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from helpers.lesson.exercise import Exercise, exercise_of
from tools.source import ExerciseCells, Source, sources

ALL = [(source, cells) for source in map(Source, sources()) for cells in source.exercises]
FUNCTIONS = [(source, cells) for source, cells in ALL if cells.kind in ("write", "fix", "target")]


@functools.cache
def _set_up(path: str) -> dict[str, Any]:
    """What the set-up of a lesson defines."""
    source = next(s for s, _ in ALL if str(s.path) == path)
    scope: dict[str, Any] = {"__name__": "cell"}
    for cell in source.cells:
        if {"setup", "parameters"} & set(cell.tags):
            exec(compile(cell.text, f"<{source.path.stem} set-up>", "exec"), scope)
    return scope


def define(source: Source, cells: ExerciseCells, text: str) -> Any:
    """What an exercise's cell defines, after the lesson's set-up."""
    scope = dict(_set_up(str(source.path)))
    exec(compile(text, f"<exercise {cells.number}>", "exec"), scope)
    return scope[cells.name]


def solution(number: str) -> Any:
    """The solution of an exercise."""
    source, cells = next(case for case in ALL if case[1].number == number)
    return define(source, cells, cells.solution)


def answer_of(exercise: Exercise, function: Callable[..., Any]) -> Any:
    """A known answer as the learner would give it: values and orders are what a function gives."""
    return function() if exercise.kind in ("value", "order") else function


def number_of(case: tuple[Source, ExerciseCells]) -> str:
    return case[1].number


def known(number: str, which: str) -> int:
    """How many wrong_answers or right_answers a check knows; none where the check is still to be written: a test of its own says so."""
    try:
        return len(getattr(exercise_of(number), which))
    except ValueError:
        return 0


NUMBERS = [cells.number for _, cells in ALL]
FUNCTION_NUMBERS = [cells.number for _, cells in FUNCTIONS]
KNOWN_WRONG = [(number, i) for number in NUMBERS for i in range(known(number, "wrong_answers"))]
KNOWN_RIGHT = [(number, i) for number in NUMBERS for i in range(known(number, "right_answers"))]
