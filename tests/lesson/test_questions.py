"""The bank of questions is sound, and each rule that it is held to fires."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from helpers.lesson import questions
from helpers.lesson.questions import Question, by_need, for_warm_up, problems

OPTIONS = {"a short one": "It is too short.", "the right one": "It fits exactly so.", "a much longer one": "It is too long."}


def made(number: str, right: int = 1, **more: Any) -> Question:
    options = list(OPTIONS.items())
    options[right], options[1] = options[1], options[right]
    return Question(number, "Which?", dict(options), right=right, **more)


GOOD = [made(f"01.{i}", right=i % 3) for i in range(1, 6)]


def test_the_bank_of_the_course_is_sound() -> None:
    found = problems(questions.bank().values())
    assert not found, "\n" + "\n".join(found)
    assert list(questions.bank()) == sorted(questions.bank(), key=questions.order_of)


def test_each_topic_asks_of_its_own_lessons() -> None:
    from helpers.topics import TOPICS
    for q in questions.bank().values():
        module = f"helpers.topics.{TOPICS[int(q.number[:2])]}.questions"
        assert q in __import__(module, fromlist=["QUESTIONS"]).QUESTIONS, f"{q.number} stands in another topic than {module}"


def test_good_questions_have_no_problems() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(("change", "message"), [
    ({"number": "1.1"}, "a number is lesson and place"), ({"number": "99.1"}, "a number is lesson and place"), ({"number": "01.0"}, "a number is lesson"),
    ({"text": "Which"}, "ends in a question mark"), ({"right": 3}, "right must be a place from 0 to 2"),
    ({"options": dict(list(OPTIONS.items())[:2])}, "2 options"), ({"options": {**OPTIONS, "d": "It is not so.", "e": "It is not so."}}, "5 options"),
    ({"options": {**OPTIONS, "d": "No."}}, "option 'd' needs a sentence"), ({"options": {**OPTIONS, "d": "Right: it is so."}}, "the reason of 'd' begins with its verdict"),
])
def test_a_rule_fires(change: dict[str, Any], message: str) -> None:
    found = problems([dataclasses.replace(GOOD[0], **change), *GOOD[1:]])
    assert any(message in problem for problem in found), found


def test_a_rule_for_a_lesson_fires() -> None:
    assert problems([dataclasses.replace(q, options=OPTIONS, right=1) for q in GOOD]) == ["01: the right option stands at the same place in each question"]
    assert "01: its questions are numbered 01.1 to 01.4, each once" in problems([GOOD[0], *GOOD[2:]])
    longest = [dataclasses.replace(q, options={"a": "It is so so.", "b" * (i == 0) + "bb": "It is so so.", "ccccc": "It is so so."}, right=2) for i, q in enumerate(GOOD)]
    assert "01: the longest option is the right one in each question" in problems(longest)


def test_those_that_need_it_most_come_first() -> None:
    own = [made(n) for n in ("00.1", "00.2", "00.3", "01.1", "01.2", "02a.1")]
    answers = {"00.1": {"right": True, "when": "2026-02-01"}, "00.2": {"right": False, "when": "2026-01-05"},
               "01.1": {"right": False, "when": "2026-01-02"}, "01.2": {"right": True, "when": "2026-01-01"}}
    assert [q.number for q in by_need(own, answers)] == ["01.1", "00.2", "02a.1", "00.3", "01.2", "00.1"]
    assert by_need([], answers) == []


def test_a_warm_up_looks_only_back() -> None:
    own = [made(n, before=n.endswith("2")) for n in ("00.1", "01.1", "01.2", "02a.1", "02a.2", "02b.1")]
    earlier, before = for_warm_up("02a", {}, own)
    assert [q.number for q in earlier] == ["01.1", "00.1", "01.2"]
    assert [q.number for q in before] == ["02a.2"]
    assert for_warm_up("00", {}, own) == ([], [])
