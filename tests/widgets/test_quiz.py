"""Predictions and quizzes: each answer gets its own."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from helpers.widgets.quiz import Prediction, Quiz, predict, quiz

FEEDBACK = {"a line": "A line cannot bend.", "a <curve>": "It bends & fits.", "nothing": "Something is there."}


def press(question: Prediction | Quiz, option: str) -> None:
    next(b for b in question.buttons if b.description == option).click()


def text(question: Prediction | Quiz) -> str:
    return str(question._status.value)


@pytest.mark.parametrize("option", FEEDBACK)
def test_each_option_has_its_own_feedback(option: str) -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    press(question, option)
    right = option == "a <curve>"
    assert question.state == ("" if right else "Not that one. ") + FEEDBACK[option]
    assert ("<b>✓ Right.</b>" in text(question)) is right
    assert 'role="status" aria-live="polite"' in text(question)
    assert [b.button_style for b in question.buttons] == ["info" if o == option else "" for o in FEEDBACK]


def test_a_second_answer_takes_the_place_of_the_first() -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    for option in ("a <curve>", "a line"):
        press(question, option)
    assert question.choice == "a line"
    assert not question.reached
    assert "✓" not in text(question)


def test_markup_in_a_text_is_shown_as_it_is_written() -> None:
    question = Quiz("Is 1 < 2?", FEEDBACK, right=1)
    press(question, "a <curve>")
    assert "It bends &amp; fits." in text(question)
    assert any("Is 1 &lt; 2?" in getattr(child, "value", "") for child in question.children)


def test_readers_without_a_kernel_get_question_and_options() -> None:
    data = Quiz("What fits?", FEEDBACK, right=0)._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"] == "[quiz: What fits?] a line / a <curve> / nothing"


def test_a_prediction_is_noted_without_the_answer() -> None:
    guess = Prediction("Will it fit?", ["yes", "no"])
    press(guess, "no")
    assert guess.state == "Noted: no. Now run on, and see."


@pytest.mark.parametrize(("choice", "said"), [
    (None, "The run shows: yes. (You made no prediction"), ("yes", "The run shows: yes. Just as you said."),
    ("no", "The run shows: yes. You expected: no.")])
def test_compare_sets_the_run_beside_the_prediction(choice: str | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    guess = Prediction("Will it fit?", ["yes", "no"])
    if choice:
        press(guess, choice)
    guess.compare("yes")
    assert capsys.readouterr().out.startswith(said)


def test_compare_refuses_what_the_question_did_not_offer() -> None:
    with pytest.raises(ValueError, match=r"the run shows 'perhaps', which is none of \['yes', 'no'\]"):
        Prediction("Will it fit?", ["yes", "no"]).compare("perhaps")


@pytest.mark.parametrize("options", [[], ["one"], ["same", "same"]])
def test_a_question_without_a_choice_is_refused(options: list[str]) -> None:
    with pytest.raises(ValueError, match=r"predict 'Q\?': give two or more different options, got \["):
        Prediction("Q?", options)


@pytest.mark.parametrize("right", [-1, 3, 1.5, "a line"])
def test_a_right_answer_that_is_not_there_is_refused(right: Any) -> None:
    with pytest.raises(ValueError, match=r"quiz 'Q\?': right must be a whole number from 0 to 2, got"):
        Quiz("Q?", FEEDBACK, right=right)


def test_predict_and_quiz_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.quiz"), "display", shown.append)
    guess = predict("Will it fit?", ["yes", "no"])
    quiz("What fits?", FEEDBACK, right=0)
    assert shown[0] is guess
    assert isinstance(shown[1], Quiz)


def test_the_sweep_presses_each_option() -> None:
    question = Quiz("What fits?", FEEDBACK, right=1)
    assert [(name, value) for name, value, _ in question.sweep()] == [("option", o) for o in FEEDBACK]


def test_the_sweep_really_answers() -> None:
    guess = Prediction("Will it fit?", ["yes", "no"])
    guess.sweep()
    assert guess.choice == "no"
    assert guess.state.startswith("Noted: no.")
