"""Quizzes: each answer gets its own sentence; those of the bank are kept."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.lesson import progress, questions
from helpers.lesson.questions import Question
from helpers.widgets.quiz import Before, Quiz, of_bank, quiz

MODULE = importlib.import_module("helpers.widgets.quiz")
FEEDBACK = {"a line": "A line cannot bend.", "a <curve>": "It bends & fits.", "nothing": "Something is there."}
BANK = {"00.1": Question("00.1", "What *fits*?", FEEDBACK, right=1, before=True)}


@pytest.fixture(autouse=True)
def _bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(questions, "bank", lambda: BANK)
    monkeypatch.setattr(MODULE, "_answered", {})
    progress._this_kernel.clear()
    yield
    progress._this_kernel.clear()


def press(question: Any, option: str) -> None:
    question.buttons[question.options.index(option)].click()


def text(question: Any) -> str:
    return str(question._status.value)


def looks(question: Any) -> list[str]:
    return [next((c for c in b._dom_classes if c.startswith("course-")), "") for b in question.buttons]


@pytest.mark.parametrize("option", FEEDBACK)
def test_each_option_has_its_own_feedback(option: str) -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    press(question, option)
    right = option == "a <curve>"
    assert question.state == ("" if right else "Not that one. ") + FEEDBACK[option]
    assert ("<b>✓ Right.</b>" in text(question)) is right
    assert 'role="status" aria-live="polite"' in text(question)
    assert looks(question) == [("course-right" if right else "course-wrong") if o == option else "" for o in FEEDBACK]
    assert [b.icon for b in question.buttons] == [("check" if right else "times") if o == option else "" for o in FEEDBACK]


def test_a_second_answer_takes_the_place_of_the_first() -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    for option in ("a <curve>", "a line"):
        press(question, option)
    assert question.choice == "a line"
    assert not question.reached
    assert "✓" not in text(question)
    assert looks(question) == ["course-wrong", "", ""]


def test_the_verdict_is_said_once() -> None:
    question = Quiz("Q?", {"a": "Right: it is.", "b": "Wrong, for it is a."}, right=0)
    press(question, "a")
    assert "✓ </b> Right: it is." in text(question)
    press(question, "b")
    assert question.state == "Wrong, for it is a."


def test_markup_in_a_text_is_shown_as_it_is_written_but_emphasis_and_code() -> None:
    question = Quiz("Is 1 < 2 *before* `x`? 2 * 3 * 4", FEEDBACK, right=1)
    press(question, "a <curve>")
    assert "It bends &amp; fits." in text(question)
    assert any("Is 1 &lt; 2 <em>before</em> <code>x</code>? 2 * 3 * 4" in getattr(child, "value", "") for child in question.children)
    assert question.name == "quiz: Is 1 < 2 before x? 2 * 3 * 4"


def test_readers_without_a_kernel_get_question_and_options() -> None:
    data = Quiz("What fits?", FEEDBACK, right=0)._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"] == "[quiz: What fits?] a line / a <curve> / nothing"


@pytest.mark.parametrize("right", [-1, 3, 1.5, "a line"])
def test_a_right_answer_that_is_not_there_is_refused(right: Any) -> None:
    with pytest.raises(ValueError, match=r"quiz 'Q\?': right must be a whole number from 0 to 2, got"):
        Quiz("Q?", FEEDBACK, right=right)


def test_quiz_takes_a_question_or_the_number_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(MODULE, "display", shown.append)
    quiz("What fits?", FEEDBACK, right=0)
    quiz("00.1")
    assert [q.question for q in shown] == ["What fits?", "What *fits*?"]
    with pytest.raises(ValueError, match=r"there is no question '00.2'; there are 00.1"):
        quiz("00.2")
    with pytest.raises(ValueError, match="right must be a whole number"):
        quiz("What fits?", FEEDBACK)


def test_an_answer_of_the_bank_is_kept_and_stands_when_the_cell_runs_again() -> None:
    press(of_bank("00.1"), "a line")
    entry = progress.recorded("quiz")["00.1"]
    assert (entry["choice"], entry["right"]) == ("a line", False)
    again = of_bank("00.1")
    assert again.choice == "a line"
    assert looks(again)[0] == "course-wrong"
    assert of_bank("00.1", kind="warm-up").choice is None, "another day's warm-up asks anew"
    assert of_bank("00.1", fresh=True).choice is None


def test_a_question_before_the_lesson_gives_nothing_away() -> None:
    question = Before(BANK["00.1"])
    press(question, "a line")
    assert question.state == "Noted: a line. This lesson answers it; the question comes again at its end."
    assert looks(question)[0] == "course-chosen"
    assert "00.1" not in progress.recorded("quiz"), "it was not taught yet: it counts as nothing"
    assert Before(BANK["00.1"]).choice == "a line"


def test_the_sweep_presses_each_option() -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    assert [(name, value) for name, value, _ in question.sweep()] == [("option", o) for o in FEEDBACK]
    assert question.choice == "nothing"
