# ruff: noqa: ARG001, ARG005  answers that ignore what they are given
"""How answers are judged: with an exercise of our own."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from helpers import check, my_answer, plots, topics
from helpers.lesson import exercise as core
from helpers.lesson import progress
from helpers.lesson.exercise import Case, Exercise


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """Exercise 98.1: the mean of each row."""
    monkeypatch.setattr(core, "EXERCISES", {})
    monkeypatch.setattr(progress, "_this_kernel", {})
    monkeypatch.setattr(topics, "check_modules", lambda chapter: ["math"] if chapter == 98 else [])
    monkeypatch.setenv("COURSE_STRICT", "1")

    def cases() -> list[Case]:
        g = torch.Generator().manual_seed(1)
        return [Case(f"x of shape {shape}", (torch.randn(shape, generator=g),)) for shape in ((2, 3), (5, 4))]

    made = Exercise("98.1", oracle=lambda x: torch.tensor(x.numpy().mean(1)), cases=cases, verified="the mean of each row")

    @made.wrong("you took the mean of each column")
    def _(x: torch.Tensor) -> torch.Tensor:
        return x.mean(0)

    @made.wrong("you forgot to divide")
    def _(x: torch.Tensor) -> torch.Tensor:
        return x.sum(1)

    @made.wrong("x is a tensor, and has no append")
    def _(x: Any) -> Any:
        return x.append(1)

    return made


def test_a_right_answer_is_told_what_was_verified(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    check("98.1", lambda x: x.mean(1))
    assert capsys.readouterr().out == "✓ Exercise 98.1 is right: the mean of each row.\nChapter 98: ■ 1 of 1 solved\n"
    assert exercise.examine(lambda x: x.mean(1).double().numpy()).status == "right"


def test_a_learner_sees_right_and_wrong_in_colour(exercise: Exercise, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    monkeypatch.setattr("helpers.lesson.progress.PATH", tmp_path / "progress.json")
    check("98.1", lambda x: x.mean(1))
    assert capsys.readouterr().out.startswith("\x1b[1;32m✓ Exercise 98.1 is right:\x1b[0m the mean of each row.\n")
    check("98.1", lambda x: x.mean(0))
    assert capsys.readouterr().out.startswith("\x1b[1;31m✗ Exercise 98.1, for x of shape (2, 3):\x1b[0m")


def test_a_list_of_tensors_that_hang_on_gradients_is_compared_by_value(exercise: Exercise) -> None:
    assert exercise.examine(lambda x: list((x.clone().requires_grad_() * 1).mean(1))).status == "right"


def test_the_answer_is_kept(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    def row_means(x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=1)

    check(exercise.number, row_means)
    capsys.readouterr()
    my_answer("98.1")
    assert "return x.mean(dim=1)" in capsys.readouterr().out


def test_the_stub_is_not_attempted(exercise: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    def stub(x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 98.1")

    check(exercise.number, stub)
    assert capsys.readouterr().out.startswith("○ Exercise 98.1: not attempted yet.")
    assert not progress.solved_numbers()


@pytest.mark.parametrize(("answer", "message"), [
    (lambda x: x.mean(0), "expected shape (2,), got (3,)\n  Likely cause: you took the mean of each column"),
    (lambda x: x.sum(1), "Likely cause: you forgot to divide"),
    (lambda x: x.append(1), "your function raised AttributeError: 'Tensor' object has no attribute 'append'"),
    (lambda x: x.append(1), "Likely cause: x is a tensor, and has no append"),
    (lambda x: x.mean(1) + torch.tensor([1, 0]), " at [0], got "),
    (lambda x: x.mean(1)[:, None], "expected shape (2,), got (2, 1)"),
    (lambda x: None, "your function returned None: is a return missing?"),
    (lambda x: x.mean(1) * math.nan, "NaN or infinity where a finite number was expected"),
    (lambda x: x.mean(1) / 0, "NaN or infinity where a finite number was expected"),
    (lambda x: x.sub_(1).mean(1), "your function changed its input"),
    (lambda x: "0.5", "expected numbers, got str"),
    (lambda x: {"mean": 1}, "expected numbers, got dict"),
    (lambda x: [[1], [1, 2]], "expected numbers, got list"),
    (lambda x: torch.mean, "expected numbers, got builtin_function_or_method"),
    (lambda x: 1 / 0, "your function raised ZeroDivisionError: division by zero"),
    (lambda x, y: x, "your function raised TypeError"),
    (lambda x: sys.exit(1), "your function raised SystemExit: 1"),
    (lambda x: x.mean(1).to("meta"), "expected numbers, got Tensor"),
    (lambda x: [10**400, 1], "expected numbers, got list"),
    (lambda x: [x.mean().requires_grad_() * 0, x.sum()], "expected "),
])
def test_a_wrong_answer_is_told_what_is_wrong(exercise: Exercise, answer: Callable[..., Any], message: str) -> None:
    verdict = exercise.examine(answer)
    assert verdict.status == "wrong"
    assert verdict.message.startswith("✗ Exercise 98.1, for x of shape (2, 3): ")
    assert message in verdict.message


def test_another_exercises_stub_is_an_error_of_this_one(exercise: Exercise) -> None:
    def answer(x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError("exercise 98.2")

    assert "your function raised NotImplementedError: exercise 98.2" in exercise.examine(answer).message


def test_an_error_names_the_line_of_the_answer_not_of_a_library(exercise: Exercise) -> None:
    def answer(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(x, x)         # raises far inside

    line = answer.__code__.co_firstlineno + 1
    assert f"(line {line} of the cell)" in exercise.examine(answer).message
    assert f"(line {line} of the cell)" in exercise.examine(torch.no_grad()(answer)).message
    assert "of the cell" not in exercise.examine(math.sqrt).message


def test_later_cases_count_too(exercise: Exercise) -> None:
    verdict = exercise.examine(lambda x: x.mean(1) + (len(x) > 2))
    assert verdict.message.startswith("✗ Exercise 98.1, for x of shape (5, 4): ")


def test_torchs_generator_is_left_alone_and_answers_are_seeded(exercise: Exercise) -> None:
    torch.manual_seed(5)
    seen: list[float] = []

    def answer(x: torch.Tensor) -> torch.Tensor:
        seen.append(float(torch.rand(1)))
        return x.mean(1)

    exercise.examine(answer)
    assert torch.equal(torch.rand(1), torch.rand(1, generator=torch.Generator().manual_seed(5)))
    assert len(set(seen)) == 1


def test_wrong_answers_are_run_in_silence(exercise: Exercise, recwarn: pytest.WarningsRecorder) -> None:
    @exercise.wrong("overflow")
    def _(x: torch.Tensor) -> np.ndarray:
        return np.exp(np.full(x.shape[0], 1e4))         # NumPy warns

    assert "Likely cause: overflow" in exercise.examine(lambda x: [math.inf] * len(x)).message
    assert not recwarn.list


@pytest.mark.parametrize("change", [
    lambda data: data["a"].pop(), lambda data: data.update(b=1), lambda data: data["a"].__setitem__(0, 9), lambda data: data["t"].add_(1)])
def test_a_change_inside_a_list_or_a_dictionary_is_seen(exercise: Exercise, change: Callable[[Any], object]) -> None:
    def answer(data: Any) -> float:
        change(data)
        return 1.0

    made = Exercise("98.2", oracle=lambda data: 1.0, cases=lambda: [Case("data", ({"a": [1, 2], "t": torch.zeros(2), "s": "text"},))], verified="")
    assert made.examine(lambda data: 1.0).status == "right"
    assert "changed its input" in made.examine(answer).message


def test_a_nan_in_the_input_is_no_change(exercise: Exercise) -> None:
    made = Exercise("98.2", oracle=lambda x: float(np.nansum(x)), cases=lambda: [Case("x", (np.array([1.0, np.nan, np.inf]),))], verified="")
    assert made.examine(lambda x: np.nansum(x)).status == "right"


def test_a_judge_decides_alone(exercise: Exercise) -> None:
    def judge(got: Any, x: float) -> str | None:
        return None if got * got == x else f"the square of {got} is not {x:.0f}"

    made = Exercise("98.2", oracle=None, judge=judge, cases=lambda: [Case("x = 4", (4.0,))], verified="squares to x")
    assert made.examine(lambda x: -2).status == made.examine(lambda x: 2).status == "right"
    assert made.examine(lambda x: 3).message == "✗ Exercise 98.2, for x = 4: the square of 3 is not 4"
    assert "the check cannot use what your function returned, str" in made.examine(lambda x: "two").message


@pytest.mark.parametrize(("answer", "found"), [
    (lambda a, b: a * b, None),
    (lambda a, b: (a + 0).mul(b), None),
    (lambda a, b: a * b.detach(), "no gradient reaches b: is there a detach, .item(), NumPy or no_grad?"),
    (lambda a, b: (a * b).detach(), "no gradient reaches a"),
    (torch.no_grad()(lambda a, b: a * b), "no gradient reaches a"),
    (lambda a, b: torch.from_numpy(a.numpy() * b.numpy()), "no gradient reaches a"),
    (lambda a, b: (a * b).tolist(), "they come as list: give back one tensor, through which gradients flow"),
    (lambda a, b: a * b + a - a.detach(), "not the gradient with respect to a: expected 4"),
    (lambda a, b: a + b, "expected "),
])
def test_gradients_are_compared_where_they_must_flow(exercise: Exercise, answer: Callable[..., Any], found: str | None) -> None:
    made = Exercise("98.2", oracle=lambda a, b: a.double() * b, differentiable=("a", "b"), verified="",
                    cases=lambda: [Case("a and b", (torch.tensor([2.0, 3.0]), torch.tensor([4.0, 5.0])))])
    verdict = made.examine(answer)
    assert verdict.status == ("right" if found is None else "wrong")
    assert (found or "") in verdict.message
    assert ("the values are right" in verdict.message) == ("gradient" in verdict.message)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.float32, torch.float64, torch.bool])
def test_answers_are_whole_numbers_where_that_is_asked(exercise: Exercise, dtype: torch.dtype) -> None:
    made = Exercise("98.2", oracle=lambda x: torch.tensor([0, 1]), cases=lambda: [Case("x", (1.0,))], verified="", whole=True)
    verdict = made.examine(lambda x: torch.tensor([0, 1], dtype=dtype))
    assert verdict.status == ("wrong" if dtype in (torch.float32, torch.float64, torch.bool) else "right")
    assert verdict.status == "right" or f"they come as {str(dtype)[6:]}. Give back whole numbers" in verdict.message
    assert "expected 1 at [1], got 2" in made.examine(lambda x: torch.tensor([0.0, 2.0])).message


def test_expected_and_got_are_shown_as_pictures(exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Exercise("98.2", oracle=lambda x: x, cases=lambda: [Case("x", (torch.rand(1, 5, 6),))], verified="")
    shown: list[str] = []
    monkeypatch.setattr(plots, "show", lambda fig, alt: shown.append(alt))
    check(made.number, lambda x: x + 1)
    check(made.number, lambda x: x[:, 1:])              # of another shape: no picture
    check(made.number, lambda x: x * math.nan)
    check(made.number, lambda x: x + 1j)
    check(made.number, lambda x: x.clone())
    assert shown == ["Three pictures: what was expected, what your function gave, and the difference of the two."]


@pytest.mark.parametrize("answer", [None, 3, "f", torch.zeros(2)])
def test_a_result_in_place_of_the_function_is_refused(exercise: Exercise, answer: Any) -> None:
    with pytest.raises(TypeError, match=r"check\('98\.1', …\) needs the function itself, without brackets; got"):
        check(exercise.number, answer)


def test_unknown_numbers_are_refused(exercise: Exercise) -> None:
    with pytest.raises(ValueError, match=r"there is no exercise 98\.7; chapter 98 has 98\.1"):
        check("98.7", len)
    with pytest.raises(ValueError, match="there is no exercise of chapter 97"):
        check("97.1", len)
    for number in ("2", "two", "2.1.1", "", 2.1):
        with pytest.raises(ValueError, match=r"an exercise's number is chapter\.place, as in '2\.1'; got"):
            check(number, len)  # type: ignore[arg-type]


def test_a_senseless_exercise_is_refused(exercise: Exercise) -> None:
    with pytest.raises(ValueError, match=r"exercise 98\.1 is defined twice"):
        Exercise("98.1", oracle=len, cases=list, verified="")
    with pytest.raises(ValueError, match=r"exercise 98\.4: gradients are compared with those of an oracle; there is none"):
        Exercise("98.4", oracle=None, judge=len, cases=list, verified="", differentiable=("x",))  # type: ignore[arg-type]
    for both in ({"oracle": None}, {"oracle": len, "judge": len}):
        with pytest.raises(ValueError, match=r"exercise 98\.3 needs an oracle or a judge, one of the two"):
            Exercise("98.3", cases=list, verified="", **both)


def test_exercises_come_in_order(exercise: Exercise) -> None:
    for number in ("98.10", "98.2"):
        Exercise(number, oracle=len, cases=list, verified="")
    assert [e.number for e in core.exercises_of(98)] == ["98.1", "98.2", "98.10"]
