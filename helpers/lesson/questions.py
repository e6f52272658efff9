"""The course's quiz questions: one bank, in ``helpers/topics/<topic>/questions.py``, asked at a lesson's end and again later."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.topics import TOPICS

NUMBER = re.compile(r"(\d\d)([a-z]?)\.([1-9]\d?)")
#: How many questions of earlier lessons open a lesson.
WARM_UP = 3


@dataclass(frozen=True)
class Question:
    """One question of the bank.

    Parameters
    ----------
    number : str
        Lesson and place: ``"05a.1"``.
    text : str
    options : dict
        Option → why it is right or wrong. Three or four of them.
    right : int
        The place of the right option, from 0.
    before : bool
        Whether the lesson's warm-up asks it too, before it is taught.
    """

    number: str
    text: str
    options: dict[str, str] = field(hash=False)
    right: int
    before: bool = False

    @property
    def lesson(self) -> str:
        """``"05a"``."""
        return self.number.split(".")[0]


def order_of(number: str) -> tuple[str, int]:
    """A key that sorts numbers of questions as the course asks them."""
    lesson, _, place = number.partition(".")
    return lesson, int(place or 0)


@functools.cache
def bank() -> dict[str, Question]:
    """Every question of the course by its number, in the course's order.

    Raises
    ------
    ValueError
        If two questions have one number.
    """
    found: dict[str, Question] = {}
    for topic in TOPICS:
        name = f"helpers.topics.{topic}.questions"
        try:
            if importlib.util.find_spec(name) is None:
                continue
        except ModuleNotFoundError:             # the topic itself is planned
            continue
        for question in importlib.import_module(name).QUESTIONS:
            if question.number in found:
                raise ValueError(f"question {question.number} appears twice")
            found[question.number] = question
    return dict(sorted(found.items(), key=lambda item: order_of(item[0])))


def find(number: str) -> Question:
    """The question of this number.

    Raises
    ------
    ValueError
        If the bank has none.
    """
    if number not in bank():
        lesson = number.partition(".")[0]
        near = [n for n in bank() if n.startswith(lesson)] or sorted({q.lesson for q in bank().values()})
        raise ValueError(f"there is no question {number!r}; there are {', '.join(near) or 'none'}")
    return bank()[number]


def problems(questions: Iterable[Question]) -> list[str]:
    """What is wrong with these questions, in words; nothing if all is well."""
    found, by_lesson = [], dict[str, list[Question]]()
    for q in questions:
        by_lesson.setdefault(q.lesson, []).append(q)
        found += [f"{q.number}: {what}" for what in _faults(q)]
    for lesson, own in by_lesson.items():
        if sorted(order_of(q.number)[1] for q in own) != list(range(1, len(own) + 1)):
            found.append(f"{lesson}: its questions are numbered {lesson}.1 to {lesson}.{len(own)}, each once")
        if len(own) > 2 and len({q.right for q in own}) == 1:
            found.append(f"{lesson}: the right option stands at the same place in each question")
        if len(own) > 3 and all(len(list(q.options)[q.right]) > max(len(o) for i, o in enumerate(q.options) if i != q.right)
                                for q in own if q.right in range(len(q.options)) and len(q.options) > 1):
            found.append(f"{lesson}: the longest option is the right one in each question")
    return found


def _faults(q: Question) -> Iterable[str]:
    match = NUMBER.fullmatch(q.number)
    if not match or int(match[1]) >= len(TOPICS):
        yield "a number is lesson and place, as in 05a.1"
    if not q.text.strip().endswith(("?", ".", ":", "…")):
        yield "the question ends in a question mark, or in a full stop"
    if not 3 <= len(q.options) <= 4:
        yield f"{len(q.options)} options: give three or four"
    if q.right not in range(len(q.options)):
        yield f"right must be a place from 0 to {len(q.options) - 1}, got {q.right!r}"
    for option, reason in q.options.items():
        if len(reason.split()) < 3:
            yield f"option {option!r} needs a sentence that says why it is right or wrong"
        if re.match(r"(right|wrong|correct|yes|no)\b[.,:!]", reason, re.I):
            yield f"the reason of {option!r} begins with its verdict, which the quiz says by itself"


Answers = Mapping[str, Mapping[str, Any]]


def by_need(questions: Iterable[Question], answers: Answers) -> list[Question]:
    """The questions, those that need it most first.

    First those answered wrong the last time, the oldest answer first; then those never answered, one of each lesson in
    turn, the latest lesson first; then those answered right, the longest unseen first.

    Parameters
    ----------
    answers : mapping
        Number → {"right": bool, "when": ISO time}.

    Source
    ------
    Spaced retrieval: A. Latimier, H. Peyre, F. Ramus, "A meta-analytic review of the benefit of spacing out retrieval
    practice episodes on retention", Educational Psychology Review 33 (2021), doi:10.1007/s10648-020-09572-8.
    """
    own = list(questions)
    seen = [q for q in own if q.number in answers]
    seen.sort(key=lambda q: (bool(answers[q.number].get("right")), str(answers[q.number].get("when", ""))))
    n_wrong = sum(not answers[q.number].get("right") for q in seen)
    new: dict[str, list[Question]] = {}
    for q in own:
        if q.number not in answers:
            new.setdefault(q.lesson, []).append(q)
    turns = sorted((place, -i, q.number) for i, lesson in enumerate(sorted(new)) for place, q in enumerate(new[lesson]))
    by_number = {q.number: q for q in own}
    return seen[:n_wrong] + [by_number[number] for _, _, number in turns] + seen[n_wrong:]


def for_warm_up(lesson: str, answers: Answers, questions: Iterable[Question] | None = None) -> tuple[list[Question], list[Question]]:
    """Three questions of earlier lessons, and those of this lesson that are asked before it."""
    own = list(bank().values() if questions is None else questions)
    earlier = by_need([q for q in own if q.lesson < lesson], answers)[:WARM_UP]
    return earlier, [q for q in own if q.lesson == lesson and q.before]
