"""An exercise: its kind, what is right, the known wrong answers, and where the exercises of all chapters are found.

The kinds: *write* a function, *fix* a given one, write a *test*, find a *value*, put lines in *order*, reach a *target*.
"""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from helpers import topics
from helpers.lesson.isolation import clean_state
from helpers.lesson.judging import examine_function, examine_value
from helpers.lesson.programs import GAP, OrderTask, examine_order, examine_test, filled, make_task
from helpers.lesson.verdict import Case, Function, Met, Verdict, Wrong, text_of

__all__ = ["EXERCISES", "KINDS", "Case", "Exercise", "Function", "Met", "OrderTask", "Verdict", "Wrong", "distinct", "exercise_of", "exercises_of", "order_task"]

KINDS: dict[str, Callable[[Exercise, Any], Verdict]] = {
    "write": examine_function, "fix": examine_function, "target": examine_function, "value": examine_value, "test": examine_test, "order": examine_order}
#: Number → exercise, filled by the modules helpers.topics.<topic>.checks.
EXERCISES: dict[str, Exercise] = {}


def _one_empty_case() -> Sequence[Case]:
    return [Case("", ())]


@dataclass
class Exercise:
    """One exercise and how its answers are judged.

    Parameters
    ----------
    number : str
        ``"chapter.place"``, as in the heading.
    oracle : callable, optional
        Right by another route than the solution where there is one (torch, scikit-learn, a closed form).
    cases : callable
        Gives the inputs anew at each call (seeded): varied shapes, non-trivial values, edge cases, large inputs.
        Not needed where the answer is a value, a test or an order.
    verified : str
        What has been verified when the answer passes: completes "✓ Exercise 1.2 is right: …".
    tolerance : float
        Greatest allowed difference, relative to the largest expected value (and at least absolute).
    judge : callable, optional
        For answers that are not one value: ``judge(got, *args)`` gives None or :class:`Met` if it is right, a message
        if not; used in place of the comparison with the oracle.
    differentiable : tuple of str
        Names of the first arguments, float tensors, through which gradients must flow: those of the answer's sum are
        compared with those of the oracle, which must be differentiable too.
    whole : bool
        Whether the answer's values are indices, which must come in an integer dtype.
    dtype : torch.dtype, optional
        If given, the answer must be a tensor of this dtype.
    kind : str
        One of :data:`KINDS`.
    given : callable, optional
        kind fix: the function that is to be mended, the same as in the lesson.
    right, wrong_programs : sequences of callables
        kind test: the programs that a test must pass and fail. Their docstrings say what they do, in a few words.
    lines, gaps, distractors : list of str, dict, dict
        kind order: the right program; line with ``____`` → (options, the right one or its place); line that does not
        belong → why not.
    needs : dict, optional
        kind order, where more than one order is right: line → the lines that must stand above it (the others may stand
        anywhere). If None, the order of ``lines`` alone is right (and what :meth:`also_right` adds).

    Raises
    ------
    ValueError
        If the number is taken, or something is missing that the kind needs.
    """

    number: str
    oracle: Function | None = None
    cases: Callable[[], Sequence[Case]] = _one_empty_case
    verified: str = ""
    tolerance: float = 1e-5
    judge: Callable[..., str | None] | None = None
    differentiable: tuple[str, ...] = ()
    whole: bool = False
    dtype: torch.dtype | None = None
    kind: str = "write"
    given: Function | None = None
    right: Sequence[Function] = ()
    wrong_programs: Sequence[Function] = ()
    lines: Sequence[str] = ()
    gaps: Mapping[str, tuple[Sequence[str], str | int]] = field(default_factory=dict)
    distractors: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Sequence[str]] | None = None
    wrong_answers: list[Wrong] = field(default_factory=list)
    right_answers: list[Function] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.number in EXERCISES:
            raise ValueError(f"exercise {self.number} is defined twice")
        found = self._fault()
        if found:
            raise ValueError(f"exercise {self.number}{found}")
        for line, reason in self.distractors.items():
            self.wrong_answers.append(Wrong(_with_distractor(self, line), reason))
        EXERCISES[self.number] = self

    def _fault(self) -> str:
        """What makes no sense in this definition; "" if all is well."""
        if self.kind not in KINDS:
            return f": kind must be one of {', '.join(KINDS)}; got {self.kind!r}"
        if (self.kind == "fix") != (self.given is not None):
            return ": a fix has given=…, the function to be mended, and no other kind has"
        if self.kind == "test":
            return "" if self.right and self.wrong_programs else ": a test needs right=[…] and wrong_programs=[…]"
        if self.kind == "order":
            return self._order_fault()
        if (self.oracle is None) == (self.judge is None):
            return " needs an oracle or a judge, one of the two"
        if self.differentiable and self.oracle is None:
            return ": gradients are compared with those of an oracle; there is none"
        if self.kind != "value" and self.cases is _one_empty_case:
            return " needs cases=…, the inputs on which the answer is judged"
        return ""

    def _order_fault(self) -> str:
        texts = [*self.lines, *self.distractors]
        if len(self.lines) < 2 or len(set(texts)) < len(texts):
            return ": an order needs two or more lines=[…], no two of them (or of the distractors) the same"
        open_lines = {line for line in self.lines if GAP in line}
        if open_lines != set(self.gaps):
            return f": each line with {GAP}, and no other, has its options in gaps; look at {sorted(open_lines ^ set(self.gaps))}"
        for line, (options, right) in self.gaps.items():
            if right not in (range(len(options)) if isinstance(right, int) else options):
                return f": {right!r} is none of the options of the gap in {line!r}"
        unknown = {*(self.needs or {}), *(line for above in (self.needs or {}).values() for line in above)} - set(self.lines)
        return f": needs names lines that are none of its own: {sorted(unknown)}" if unknown else ""

    def wrong(self, message: str) -> Callable[[Function], Function]:
        """Decorate a wrong answer, a named function, with the message that whoever gives it should get.

        A wrong value or a wrong order is what a function without arguments gives.
        """
        def add(answer: Function) -> Function:
            self.wrong_answers.append(Wrong(answer, message))
            return answer
        return add

    def also_right(self, answer: Function) -> Function:
        """Decorate a right answer by another route than the solution: the tests prove that it passes."""
        self.right_answers.append(answer)
        return answer

    def examine(self, answer: Any) -> Verdict:
        """Judge an answer, whatever the notebook has set in torch, NumPy and Python, all of which is left as it was."""
        with clean_state():
            try:
                return KINDS[self.kind](self, answer)
            except Exception as error:
                return Verdict("broken", f"The check of exercise {self.number} itself failed ({text_of(error)}). That says nothing about your answer; please report it.")


def _with_distractor(ex: Exercise, line: str) -> Function:
    def answer() -> list[str]:
        return [*solution_lines(ex), line]
    return answer


def solution_lines(ex: Exercise) -> list[str]:
    """The right program of an exercise of kind order, its gaps filled."""
    return filled(ex.lines, ex.gaps)


def distinct(n: int, seed: int = 0, least: int = 2, most: int = 9) -> tuple[int, ...]:
    """n different sizes, so that no two axes can be taken for each other; the same for the same seed.

    >>> len(set(distinct(4)))
    4

    Raises
    ------
    ValueError
        If there are not n whole numbers from least to most.
    """
    if n > most - least + 1:
        raise ValueError(f"there are not {n} different sizes from {least} to {most}")
    return tuple(random.Random(seed).sample(range(least, most + 1), n))


def chapter_of(number: str) -> int:
    if not isinstance(number, str) or not re.fullmatch(r"\d+\.\d+", number):
        raise ValueError(f"an exercise's number is chapter.place, as in '2.1'; got {number!r}")
    return int(number.split(".")[0])


def exercises_of(chapter: int) -> list[Exercise]:
    """All exercises of a chapter, in order; its checks are imported first."""
    modules = topics.check_modules(chapter)
    if not modules:
        raise ValueError(f"there is no exercise of chapter {chapter}")
    for module in modules:
        importlib.import_module(module)
    return sorted((e for e in EXERCISES.values() if chapter_of(e.number) == chapter), key=lambda e: int(e.number.split(".")[1]))


def exercise_of(number: str) -> Exercise:
    """The exercise of this number.

    Raises
    ------
    ValueError
        If there is none.
    """
    chapter = chapter_of(number)
    if number in EXERCISES:
        return EXERCISES[number]
    exercises = exercises_of(chapter)
    if number not in EXERCISES:
        raise ValueError(f"there is no exercise {number}; chapter {chapter} has {', '.join(e.number for e in exercises)}")
    return EXERCISES[number]


def order_task(number: str) -> OrderTask:
    """What the widget of an exercise of kind order shows: lines and distractors, shuffled, and the options of its gaps.

    Raises
    ------
    ValueError
        If there is no such exercise, or it is of another kind.
    """
    exercise = exercise_of(number)
    if exercise.kind != "order":
        raise ValueError(f"exercise {number} is of kind {exercise.kind}: there is nothing to put in order")
    return make_task(exercise)
