# ruff: noqa: ARG001, ARG005  answers that ignore what they are given
"""The kinds of exercise: fix, test, value, order, target."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from helpers import check, topics
from helpers.lesson import exercise as core
from helpers.lesson import progress
from helpers.lesson.exercise import Case, Exercise, Met, Wrong, distinct, order_task, solution_lines
from helpers.lesson.judging import reads_alike


@pytest.fixture(autouse=True)
def chapter_98(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chapter 98 is known, and empty."""
    monkeypatch.setattr(core, "EXERCISES", {})
    monkeypatch.setattr(progress, "_this_kernel", {})
    monkeypatch.setattr(topics, "check_modules", lambda chapter: ["math"] if chapter == 98 else [])
    monkeypatch.setenv("COURSE_STRICT", "1")


# ---------------------------------------------------------------- fix
def mean_as_given(values: list[float]) -> float:
    """The mean."""
    total = 0.0
    for v in values:
        total += v
    return total / (len(values) - 1)


def a_fix() -> Exercise:
    return Exercise("98.1", kind="fix", given=mean_as_given, oracle=lambda v: sum(v) / len(v), verified="means",
                    cases=lambda: [Case("three", ([1.0, 2.0, 6.0],)), Case("two", ([1.0, 2.0],))],
                    wrong_answers=[Wrong(lambda v: sum(v), "nothing is divided")])


def test_a_fix_that_is_as_it_was_given_is_not_attempted() -> None:
    def mean(values):  # type: ignore[no-untyped-def]
        # nothing but a comment
        total = 0.0
        for v in values: total += v  # noqa: E701
        return total / (len(values) - 1)

    assert a_fix().examine(mean).status == "not attempted"


def test_a_given_program_of_another_module_reads_alike() -> None:
    """Where a module is imported beside the function, Python looks its methods up by other steps."""
    body = "def f(x):\n    for _ in range(2):\n        x = torch.eye(3) @ x\n    return torch.relu(x)[0] if len(x) > 1 else x\n"
    beside: dict[str, Any] = {}
    exec("import torch\n" + body, beside)
    apart: dict[str, Any] = {"torch": torch}
    exec(body, apart)
    assert reads_alike(beside["f"], apart["f"])
    exec(body.replace("eye(3)", "eye(4)"), apart)
    assert not reads_alike(beside["f"], apart["f"])


def test_a_fix_that_changes_nothing_is_told_so() -> None:
    def mean(values: list[float]) -> float:
        return sum(values) / (len(values) - 1)

    verdict = a_fix().examine(mean)
    assert verdict.status == "wrong"
    assert "Likely cause: the program still does what the given one did." in verdict.message


def test_a_mended_program_is_right() -> None:
    assert a_fix().examine(lambda values: sum(values) / len(values)).status == "right"
    assert "Likely cause: nothing is divided" in core.EXERCISES["98.1"].examine(sum).message


# ---------------------------------------------------------------- test
def rounds_half_up(x: float) -> int:
    """A right one"""
    return math.floor(x + 0.5)


def rounds_by_truth(x: float) -> int:
    return math.floor(x) + (x - math.floor(x) >= 0.5)


def cuts_off(x: float) -> int:
    """Cuts the fraction off."""
    return int(x)


def rounds_half_to_even(x: float) -> int:
    return round(x)


def forgets_numbers_below_zero(x: float) -> int:
    return int(x + 0.5)


def a_test() -> Exercise:
    made = Exercise("98.2", kind="test", right=[rounds_half_up, rounds_by_truth], wrong_programs=[cuts_off, rounds_half_to_even, forgets_numbers_below_zero])

    @made.wrong("your test asks nothing")
    def nothing(f: Callable[[float], int]) -> None:
        f(1)

    @made.wrong("-0.5 is rounded up, to 0")
    def down(f: Callable[[float], int]) -> None:
        assert f(-0.5) == -1
    return made


def test_a_test_must_pass_right_programs_and_fail_wrong_ones() -> None:
    def test_rounding(f: Callable[[float], int]) -> None:
        assert [f(1.6), f(2.5), f(-2.0)] == [2, 3, -2]
        assert f(-1.6) == -2

    assert a_test().examine(test_rounding).message == "✓ Exercise 98.2 is right: your test passes 2 right programs and fails 3 wrong ones."


@pytest.mark.parametrize(("test", "said"), [
    (lambda f: None, "your test passes a wrong program: Cuts the fraction off (and 2 more)\n  Perhaps: your test asks nothing"),
    (lambda f: pytest.fail("always") if f(1.6) != 2 or f(-1.6) != -2 else None, "your test passes a wrong program: rounds half to even"),
    (lambda f: f.no_such_thing, "your test fails a right program: A right one (AttributeError"),
])
def test_a_test_is_told_which_program_it_missed(test: Callable[..., Any], said: str) -> None:
    verdict = a_test().examine(test)
    assert verdict.status == "wrong"
    assert said in verdict.message


def test_a_test_that_fails_a_right_program_is_told_why() -> None:
    def half_down(f: Callable[[float], int]) -> None:
        assert f(-0.5) == -1

    message = a_test().examine(half_down).message
    assert "your test fails a right program: A right one (" in message
    assert message.endswith("\n  Perhaps: -0.5 is rounded up, to 0")


def test_the_stub_of_a_test_is_not_attempted() -> None:
    def stub(f: Callable[[float], int]) -> None:
        raise NotImplementedError("exercise 98.2")

    assert a_test().examine(stub).status == "not attempted"


# ---------------------------------------------------------------- value
def a_value() -> Exercise:
    def judge(got: tuple[float, float]) -> str | None:
        a, b = got
        return None if a * b == 12 else f"the product is {a * b}, not 12"

    made = Exercise("98.3", kind="value", judge=judge, verified="the product is 12")

    @made.wrong("that is their sum")
    def summed() -> tuple[int, int]:
        return 5, 7
    return made


@pytest.mark.parametrize(("value", "status", "said"), [
    (..., "not attempted", "Put your value in place of the dots"),
    ((3, ...), "not attempted", "Put your value"),
    ((3, 4), "right", "✓ Exercise 98.3 is right: the product is 12."),
    ([2.0, 6.0], "right", ""),
    ((5, 7), "wrong", "✗ Exercise 98.3: the product is 35, not 12\n  Likely cause: that is their sum"),
    ((5, 8), "wrong", "the product is 40, not 12"),
    (None, "wrong", "the value is None"),
    (3, "wrong", "the check cannot use what you gave, int"),
])
def test_a_value_is_judged(value: Any, status: str, said: str) -> None:
    verdict = a_value().examine(value)
    assert verdict.status == status
    assert said in verdict.message


# ---------------------------------------------------------------- order
LINES = ["for x, y in loader:", "    optimizer.zero_grad()", "    loss = F.cross_entropy(model(x), y)", "    loss.____()", "    optimizer.step()"]


def an_order(**ways: Any) -> Exercise:
    return Exercise("98.4", kind="order", lines=LINES, gaps={LINES[3]: (["step", "backward"], "backward")},
                    distractors={"    model.eval()": "eval() is for testing"}, **ways)


RIGHT = [*LINES[:3], "    loss.backward()", LINES[4]]
SWAPPED = [RIGHT[0], RIGHT[2], RIGHT[1], *RIGHT[3:]]


def test_an_orders_task_is_shuffled_in_one_way_and_holds_all_lines() -> None:
    ex = an_order()
    task = order_task("98.4")
    assert task == order_task("98.4")
    assert sorted(task.lines) == sorted([*LINES, "    model.eval()"])
    assert [line for line in task.lines if line in LINES] != LINES
    assert task.gaps == {LINES[3]: ("step", "backward")}
    assert solution_lines(ex) == RIGHT


@pytest.mark.parametrize(("lines", "status", "said"), [
    (RIGHT, "right", "✓ Exercise 98.4 is right"),
    (SWAPPED, "wrong", "'loss = F.cross_entropy(model(x), y)' (line 2) stands too early"),
    ([*RIGHT, "    model.eval()"], "wrong", "the line 'model.eval()' does not belong here: eval() is for testing"),
    (RIGHT[:-1], "wrong", "1 line is missing: the program needs 5"),
    (LINES, "wrong", "a gap is still open: 'loss.____()'"),
    ([*RIGHT[:3], "    loss.step()", RIGHT[4]], "wrong", "the lines are right, but not what fills this gap: 'loss.step()'"),
    ([*RIGHT[:3], RIGHT[3], RIGHT[3]], "wrong", "'loss.backward()' stands there twice"),
    (["import antigravity"], "wrong", "is none of this exercise"),
    ([], "not attempted", ""),
])
def test_an_order_is_judged(lines: list[str], status: str, said: str) -> None:
    verdict = an_order().examine(lines)
    assert verdict.status == status
    assert said in verdict.message
    assert core.EXERCISES["98.4"].examine(SimpleNamespace(lines=lines, touched=True)).status == status


def test_an_untouched_order_is_not_attempted() -> None:
    ex = an_order()
    assert ex.examine(list(order_task("98.4").lines)).status == "not attempted"
    assert ex.examine(SimpleNamespace(lines=RIGHT, touched=False)).status == "not attempted"


def test_other_orders_are_right_where_lines_need_only_some_above_them() -> None:
    needs = {LINES[1]: [LINES[0]], LINES[2]: [LINES[0]], LINES[3]: LINES[1:3], LINES[4]: [LINES[3]]}
    ex = an_order(needs=needs)
    assert ex.examine(RIGHT).status == ex.examine(SWAPPED).status == "right"
    assert "'optimizer.step()' (line 4) stands too early" in ex.examine([*RIGHT[:3], RIGHT[4], RIGHT[3]]).message


def test_an_order_named_as_also_right_is_right_and_a_known_wrong_one_has_its_cause() -> None:
    ex = an_order()
    late = [RIGHT[0], *RIGHT[2:], RIGHT[1]]

    @ex.wrong("the old gradients must go before backward()")
    def cleared_last() -> list[str]:
        return late

    @ex.also_right
    def cleared_second() -> list[str]:
        return SWAPPED
    assert ex.examine(SWAPPED).status == "right"
    assert "Likely cause: the old gradients must go before backward()" in ex.examine(late).message


def test_an_order_refuses_a_function() -> None:
    an_order()
    with pytest.raises(TypeError, match=r"check\('98\.4', …\) needs the lines in order"):
        check("98.4", len)


# ---------------------------------------------------------------- target
def test_a_target_tells_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    def judge(got: float, least: float) -> str | None:
        return Met(f"you reached {got}, the target was {least}") if got >= least else f"{got} is below the target, {least}"

    made = Exercise("98.5", kind="target", judge=judge, cases=lambda: [Case("the test set", (0.9,))], verified="measured on pictures that the network never saw")
    assert made.examine(lambda least: 0.95).message == "✓ Exercise 98.5 is right: measured on pictures that the network never saw. you reached 0.95, the target was 0.9."
    assert made.examine(lambda least: 0.5).message == "✗ Exercise 98.5, for the test set: 0.5 is below the target, 0.9"


# ---------------------------------------------------------------- definitions
@pytest.mark.parametrize(("definition", "said"), [
    ({"kind": "essay"}, "kind must be one of write, fix, target, value, test, order"),
    ({"kind": "fix", "oracle": len, "cases": list}, "a fix has given=…"),
    ({"oracle": len, "cases": list, "given": len}, "a fix has given=…"),
    ({"oracle": len}, "needs cases=…"),
    ({"kind": "test", "right": [len]}, "a test needs right=[…] and wrong_programs=[…]"),
    ({"kind": "order", "lines": ["a", "a"]}, "no two of them"),
    ({"kind": "order", "lines": ["a ____", "b"]}, "has its options in gaps"),
    ({"kind": "order", "lines": ["a ____", "b"], "gaps": {"a ____": (["1", "2"], "3")}}, "'3' is none of the options"),
    ({"kind": "order", "lines": ["a ____", "b"], "gaps": {"a ____": (["1", "2"], 2)}}, "2 is none of the options"),
    ({"kind": "order", "lines": ["a", "b"], "needs": {"c": ["a"]}}, "needs names lines that are none of its own"),
])
def test_a_senseless_definition_is_refused(definition: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r"^exercise 98\.9") as caught:
        Exercise("98.9", **definition)
    assert said in str(caught.value)


def test_sizes_are_different_numbers() -> None:
    assert all(len(set(distinct(4, seed))) == 4 for seed in range(50))
    assert distinct(3, 7) == distinct(3, 7)
    with pytest.raises(ValueError, match="there are not 9 different sizes from 2 to 9"):
        distinct(9)
