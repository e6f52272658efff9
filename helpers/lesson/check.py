"""What a learner calls: check an answer, see it again, and have it run in the lesson."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import numpy as np

from helpers import plots
from helpers.lesson import progress
from helpers.lesson.compare import NO_NUMBERS, as_array
from helpers.lesson.exercise import Exercise, Verdict, chapter_of, exercise_of, exercises_of
from helpers.lesson.verdict import in_color
from helpers.runtime import is_strict

Answer = TypeVar("Answer")
#: Number → the answer whose last check in this kernel found it right.
_passed: dict[str, Any] = {}


def check(number: str, answer: Any, *, keep: bool = True) -> None:
    """Check an answer, say what was found, and show how far the chapter is solved.

    Never raises for an answer that is missing or wrong: the notebook runs on.

    Parameters
    ----------
    number : str
        As in the exercise's heading, ``"2.1"``.
    answer : callable, widget or value
        The function, the lines in order or the value that the exercise asks for.
    keep : bool
        Whether a right answer is the learner's own, to be kept and counted; the solutions notebooks say no.

    Raises
    ------
    ValueError
        If there is no such exercise.
    TypeError
        If the exercise asks for a function, and the answer is none.
    """
    exercise = exercise_of(number)
    _refuse_the_wrong_thing(exercise, answer)
    verdict = exercise.examine(answer)
    print(verdict.message if is_strict() else in_color(verdict.message))
    if verdict.status != "right":
        _passed.pop(number, None)
        if verdict.got is not None:
            _show_difference(verdict)
    elif keep:
        _passed[number] = answer
        progress.save(number, _text_of(exercise, answer))
    if keep:
        print(progress.line(chapter_of(number), [e.number for e in exercises_of(chapter_of(number))]))
    else:
        print("This is the course's answer: it is not counted as yours, and yours is kept as it is.")


def _refuse_the_wrong_thing(exercise: Exercise, answer: Any) -> None:
    call = f"check({exercise.number!r}, …)"
    if exercise.kind == "order":
        if not hasattr(answer, "lines") and not (isinstance(answer, (list, tuple)) and all(isinstance(line, str) for line in answer)):
            raise TypeError(f"{call} needs the lines in order, as order({exercise.number!r}) gives them; got {type(answer).__name__}")
    elif exercise.kind != "value" and not callable(answer):
        raise TypeError(f"{call} needs the function itself, without brackets; got {type(answer).__name__}")


def my_answer(number: str | float) -> None:
    """Print the answer with which you solved an exercise, from this or an earlier session.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    number = str(number).strip()
    text = progress.answer_of(number)
    if text is None:
        exercise_of(number)
        print(f"Exercise {number} is not solved yet.")
    else:
        print(text or f"Exercise {number} is solved, but no text of the answer was kept: it was not written in a cell.")


def mine(number: str, fallback: Answer) -> Answer:
    """Your own answer to an exercise, if its last check in this kernel found it right; else the course's. Says which.

    Parameters
    ----------
    number : str
        As in the exercise's heading.
    fallback : function or value
        The course's own.

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    ``conv = mine("2.3", F.conv2d)``
    """
    exercise_of(number)
    if number in _passed:
        print(f"Exercise {number}: your own answer is used here.")
        return _passed[number]
    print(f"Exercise {number}: the course's answer is used here. (Solve it, run its check, and run this cell again: then yours is.)")
    return fallback


# ---------------------------------------------------------------- the text of an answer
def _text_of(exercise: Exercise, answer: Any) -> str:
    """The whole cell in which an answer was written, its helpers and magics too; or as much as can be found."""
    if exercise.kind == "order":
        return "\n".join(getattr(answer, "lines", answer))
    cells = _cells_run()
    names = [*_names_checked(exercise.number, cells[:1]), getattr(answer, "__name__", "")]
    for name in names:
        cell = next((cell for cell in cells if name in _defined_in(cell)), None)
        if cell is not None:
            return cell.strip("\n")
    return _source(answer)


def _cells_run() -> list[str]:
    """The cells that this kernel has run, as they were typed, the newest first."""
    try:
        from IPython import get_ipython

        shell = get_ipython()
        return [cell for cell in reversed(shell.history_manager.input_hist_raw) if cell.strip()]
    except (ImportError, AttributeError):
        return []


def _names_checked(number: str, cells: list[str]) -> list[str]:
    """The names that stand in check("2.1", …) in these cells."""
    return [name for cell in cells for name in re.findall(rf"""check\(\s*["']{re.escape(number)}["']\s*,\s*(\w+)\s*[,)]""", cell)]


def _defined_in(cell: str) -> set[str]:
    """The names that a cell makes at its top level."""
    plain = re.sub(r"^[ \t]*[%!].*$", "", cell, flags=re.M)
    try:
        return set(_names_made(ast.parse(plain).body))
    except (SyntaxError, ValueError, RecursionError):
        return set()


def _names_made(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name
        elif isinstance(statement, (ast.If, ast.With, ast.Try, ast.For, ast.While)):
            yield from _names_made(statement.body)
        else:
            yield from (node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _source(answer: Any) -> str:
    """The text of a function where no cell is known: of what a partial or a decorator wraps, of an object's class."""
    while isinstance(answer, functools.partial):
        answer = answer.func
    for thing in (answer, type(answer)):
        try:
            return inspect.getsource(thing)
        except (OSError, TypeError, ValueError):        # typed at a prompt, a built-in
            continue
    return ""


def _show_difference(verdict: Verdict) -> None:
    """Expected and got side by side, where both are pictures of one shape."""
    try:
        expected, got = as_array(verdict.expected), as_array(verdict.got)
    except NO_NUMBERS:
        return
    if expected.shape != got.shape:         # without its axes of length 1 a picture of another shape would look the same
        return
    expected, got = np.squeeze(expected), np.squeeze(got)
    if np.iscomplexobj(got) or expected.ndim != 2 or min(expected.shape) < 4 or not np.isfinite([expected, got]).all():
        return
    fig, axes = plt.subplots(1, 3, figsize=(6, 2.2))
    end = float(max(np.abs(expected).max(), np.abs(got).max())) or 1.0
    for ax, a, title in zip(axes, (expected, got, got - expected), ("expected", "got", "got − expected"), strict=True):
        plots.image(ax, a, title, signed=True, limit=end)
    plots.show(fig, "Three pictures: what was expected, what your function gave, and the difference of the two.")
