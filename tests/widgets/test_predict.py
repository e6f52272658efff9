"""predict(): the answer and how sure it is survive, and the comparison says what came of it."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.lesson import progress
from helpers.widgets import predict
from helpers.widgets.predict import SURE, Prediction

QUESTION = "Will it fit?"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    progress._this_kernel.clear()
    yield
    progress._this_kernel.clear()


def made(choice: str | None = None, sure: str | None = None, options: tuple[str, ...] = ("yes", "no")) -> Prediction:
    guess = Prediction(QUESTION, options)
    if choice:
        guess.buttons[guess.options.index(choice)].click()
    if sure:
        guess.sure_row.buttons[SURE.index(sure)].click()
    return guess


def test_a_prediction_is_noted_without_the_answer_and_asks_how_sure() -> None:
    guess = made()
    assert guess._ask_sure.layout.display == "none"
    guess.buttons[1].click()
    assert guess.state == "Noted: no. How sure are you?"
    assert guess._ask_sure.layout.display == "flex"
    guess.sure_row.buttons[2].click()
    assert guess.state == "Noted: no, certain. Now run on, and see."


def test_the_answer_stands_when_its_cell_runs_again() -> None:
    made("no", "fairly sure")
    again = Prediction(QUESTION, ["yes", "no"])
    assert (again.choice, again.sure) == ("no", "fairly sure")
    assert "course-chosen" in again.buttons[1]._dom_classes
    assert again.state == "Noted: no, fairly sure. Now run on, and see."
    assert Prediction("Another?", ["yes", "no"]).choice is None
    assert Prediction(QUESTION, ["one", "two"]).choice is None, "the options have changed since"


def test_the_answer_stands_in_another_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    made("no", "certain")
    progress._this_kernel.clear()
    assert Prediction(QUESTION, ["yes", "no"]).choice == "no"


def test_how_sure_without_a_choice_is_not_noted() -> None:
    guess = made(sure="certain")
    assert guess.choice is None
    assert progress.recorded("prediction") == {}


@pytest.mark.parametrize(("choice", "sure", "said"), [
    (None, None, "The run shows: yes. (You made no prediction"),
    ("yes", None, "The run shows: yes. Just as you said."),
    ("yes", "fairly sure", "The run shows: yes. Just as you said."),
    ("yes", "a guess", "The run shows: yes. You guessed right."),
    ("yes", "certain", "The run shows: yes. You were certain, and right."),
    ("no", None, "The run shows: yes. You expected: no."),
    ("no", "a guess", "The run shows: yes. You expected: no."),
    ("no", "certain", "The run shows: yes. You were certain of: no. A surprise!")])
def test_compare_sets_the_run_beside_the_prediction(choice: str | None, sure: str | None, said: str, told: list[str]) -> None:
    guess = made(choice, sure)
    for _ in range(2):
        guess.compare("yes")
        assert told[-1].startswith(said)
    assert progress.recorded("prediction").get(QUESTION, {}).get("shown") == ("yes" if choice else None)


@pytest.mark.parametrize(("value", "option"), [(0, "0"), (0.99, "0"), (1, "1 to 9"), (9.5, "1 to 9"), (10, "more"), (1e9, "more"), (-math.inf, "0")])
def test_compare_puts_a_number_into_its_bin(value: float, option: str, told: list[str]) -> None:
    made(options=("0", "1 to 9", "more")).compare(value, bins=[1, 10])
    assert told[-1].startswith(f"The run shows: {option} («{value:.3g}»). ")


CASES: list[tuple[Any, Any, str]] = [
    ("perhaps", None, r"the run shows 'perhaps', which is none of \['yes', 'no'\]"), (math.nan, [1], "no number"), ("many", [1], "needs one number"),
    (1, [1, 2], "2 options need 1 ascending bins"), (1, [], "2 options need 1 ascending bins")]


@pytest.mark.parametrize(("shown", "bins", "message"), CASES)
def test_the_build_refuses_a_run_that_the_question_did_not_offer(shown: Any, bins: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made().compare(shown, bins=bins)


@pytest.mark.parametrize(("shown", "bins"), [case[:2] for case in CASES])
def test_a_learner_is_told_and_nothing_raises(shown: Any, bins: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    made().compare(shown, bins=bins)
    assert told[-1].startswith(f"The run shows: {shown}. (")


@pytest.mark.parametrize("options", [[], ["one"], ["same", "same"]])
def test_a_question_without_a_choice_is_refused(options: list[str]) -> None:
    with pytest.raises(ValueError, match=r"predict 'Q\?': give two or more different options, got \["):
        Prediction("Q?", options)


def test_predict_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.predict"), "display", shown.append)
    assert predict(QUESTION, ["yes", "no"]) is shown[0]


def test_the_sweep_presses_each_option_and_each_step() -> None:
    guess = made()
    assert [value for _, value, _ in guess.sweep()] == ["yes", "no", *SURE]
    assert (guess.choice, guess.sure) == ("no", "certain")
