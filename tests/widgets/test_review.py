"""warm_up() and review(): which questions come again, and when."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.lesson import progress, questions
from helpers.lesson.questions import Question
from helpers.widgets import review, warm_up
from helpers.widgets.review import Review

REVIEW = importlib.import_module("helpers.widgets.review")
OPTIONS = {"a": "It is so.", "b": "It is not so.", "c": "Nor is this."}


def made(number: str, **more: Any) -> Question:
    return Question(number, f"What is {number}?", OPTIONS, right=1, **more)


BANK = {number: made(number, before=number == "02.2") for number in ("00.1", "00.2", "01.1", "01.2", "02.1", "02.2")}


@pytest.fixture(autouse=True)
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    progress._this_kernel.clear()
    found: list[Any] = []
    monkeypatch.setattr(questions, "bank", lambda: BANK)
    monkeypatch.setattr(REVIEW, "display", found.append)
    monkeypatch.setattr(REVIEW, "_asked", {})
    monkeypatch.setattr(importlib.import_module("helpers.widgets.quiz"), "_answered", {})
    monkeypatch.setenv("COURSE_STRICT", "0")
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    yield found
    progress._this_kernel.clear()


def answered(number: str, right: bool, when: str) -> None:
    progress.record("quiz", number, {"choice": "b" if right else "a", "right": right, "when": when})


def numbers(shown: list[Any]) -> list[str]:
    return [getattr(panel, "number", "before") for panel in shown]


def test_a_warm_up_asks_three_of_earlier_lessons_and_those_before_this_one(shown: list[Any]) -> None:
    warm_up("02")
    assert numbers(shown) == ["01.1", "00.1", "01.2", "before"]
    assert "Warm-up, from lesson 01" in shown[0].children[0].value


def test_a_warm_up_asks_first_what_was_wrong_then_what_is_new_then_the_longest_unseen(shown: list[Any]) -> None:
    answered("00.1", True, "2026-01-01T10:00:00")
    answered("00.2", False, "2026-01-03T10:00:00")
    answered("01.1", True, "2025-12-01T10:00:00")
    answered("01.2", True, "2026-01-02T10:00:00")
    warm_up("02")
    assert numbers(shown) == ["00.2", "01.1", "00.1", "before"]


def test_a_warm_up_that_runs_again_asks_the_same(shown: list[Any]) -> None:
    warm_up("02")
    shown[0].choose("b")
    warm_up("02")
    assert numbers(shown[4:]) == numbers(shown[:4])
    assert shown[4].choice == "b"


def test_in_the_build_a_warm_up_is_always_the_same(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answered("00.2", False, "2026-01-03T10:00:00")
    monkeypatch.setenv("COURSE_STRICT", "1")
    warm_up("02")
    assert numbers(shown) == ["01.1", "00.1", "01.2", "before"]


def test_the_first_lesson_says_that_there_is_nothing_earlier(told: list[str]) -> None:
    warm_up("00")
    assert "no earlier lesson" in told[-1]


def test_a_review_asks_all_questions_of_the_lessons_begun(shown: list[Any], told: list[str]) -> None:
    review()
    assert "No question was answered yet" in told[-1]
    answered("00.1", True, "2026-01-01T10:00:00")
    answered("01.2", False, "2026-01-02T10:00:00")
    progress.record("prediction", "Q?", {"choice": "a", "sure": "certain", "shown": "b"})
    progress.record("prediction", "R?", {"choice": "a", "sure": "certain", "shown": "a"})
    progress.record("prediction", "S?", {"choice": "a", "sure": "certain"})
    review()
    assert "Certain: 1 of 2 came true." in told[-1]
    (panel,) = shown
    assert [q.number for q in panel.questions] == ["01.2", "01.1", "00.2", "00.1"]


def test_a_review_goes_from_question_to_question_and_counts() -> None:
    panel = Review([BANK["00.1"], BANK["00.2"]])
    panel.quiz.choose("b")
    panel.next.click()
    assert panel.quiz.number == "00.2"
    assert panel.state == "1 of 1 right so far."
    panel.quiz.choose("a")
    panel.next.click()
    assert panel.quiz.number == "00.1"
    assert panel.quiz.choice is None
    assert panel.state == "1 of 2 right so far."
    assert progress.recorded("quiz")["00.2"]["right"] is False
    assert [name for name, _, _ in panel.sweep()] == ["option"] * 3 + ["next"] * 2
