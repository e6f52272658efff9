"""How long a lesson takes, counted from its source, so that nobody has to guess.

A minute for 140 words, for 8 lines of code, for a prediction or a question; 4 for a figure to play with, 8 for a live
training. Exercises have their own minutes, in their headings.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass

from tools.lesson import DETAILS, Found, Lesson, length, words_of

WORDS_A_MINUTE, LINES_A_MINUTE = 140, 8
FIGURE, LIVE, WARM_UP = 4, 8, 4
#: A lesson is one sitting; its exercises are apart.
LONGEST, LONGEST_EXERCISES = 75, 45
TOLD = re.compile(r"\*\*Time\*\* (\d+) minutes(?:, exercises (\d+) more)?")


@dataclass(frozen=True)
class Minutes:
    """What a lesson takes: to read and run it, and to solve its exercises."""

    lesson: int
    exercises: int


def count(lesson: Lesson) -> Minutes:
    """The minutes of a lesson, rounded up.

    What is folded, the set-up and the promises are not counted: they are for those who want them.
    """
    apart = {id(cell) for e in lesson.exercises for cell in (e.statement, e.answer, e.check, e.hints, e.discussion)}
    read = [cell for cell in lesson.cells if id(cell) not in apart]
    words = sum(words_of(cell.text) for cell in read if cell.kind == "markdown")
    lines = sum(length(cell.text) for cell in read if cell.kind == "code"
                and not {"setup", "parameters", "promise"} & set(cell.tags) and not lesson.is_questions(cell))
    questions = len(lesson.named("predict", "draw_curve", "quiz")) + sum(len(_folded_answers(cell.text)) for cell in read if cell.kind == "markdown")
    play = FIGURE * len(lesson.named("explore", "draw_a_digit")) + LIVE * len(lesson.named("live")) + WARM_UP * len(lesson.named("warm_up"))
    total = words / WORDS_A_MINUTE + lines / LINES_A_MINUTE + questions + play
    return Minutes(math.ceil(total), sum(int(m[1]) for e in lesson.exercises for m in [re.search(r"· (\d+) min\b", e.statement.text)] if m))


def _folded_answers(text: str) -> list[str]:
    """The answers to predictions on paper; what is folded for the curious is no question."""
    return [part for part in DETAILS.findall(text) if not re.search(r"<summary>\s*(?:For the curious|Hint)", part)]


def told(lesson: Lesson) -> Found:
    """The box says what is counted, and a lesson is one sitting."""
    first, counted = lesson.cells[0], count(lesson)
    said = TOLD.search(first.text)
    if not said:
        yield first.line, "the box says '**Time** 70 minutes, exercises 40 more'"
        return
    if not counted.lesson <= int(said[1]) <= counted.lesson + 5:
        yield first.line, f"the box says {said[1]} minutes, counted are {counted.lesson}"
    if int(said[2] or 0) != counted.exercises:
        yield first.line, f"the box says {said[2] or 0} minutes of exercises, their headings {counted.exercises}"
    if counted.lesson > LONGEST:
        yield first.line, f"{counted.lesson} minutes: a lesson is one sitting of at most {LONGEST}; fold what is not needed to go on, or make two"
    if counted.exercises > LONGEST_EXERCISES:
        yield first.line, f"{counted.exercises} minutes of exercises, at most {LONGEST_EXERCISES}"


def is_call(node: ast.stmt, *names: str) -> bool:
    """Whether a statement is nothing but a call of one of these functions or methods."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    function = node.value.func
    return (function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")) in names
