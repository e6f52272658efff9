"""Two kinds of exercise about programs: a test that the learner writes, and lines to put in order."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.lesson.verdict import Case, Function, Verdict, is_stub, not_attempted, run, text_of

if TYPE_CHECKING:
    from helpers.lesson.exercise import Exercise

GAP = "____"


def _name(program: Function) -> str:
    """What a program is called in a message: its docstring's first line, or its name with blanks."""
    doc = (getattr(program, "__doc__", None) or "").strip().splitlines()
    return doc[0].rstrip(".") if doc else getattr(program, "__name__", "a program").strip("_").replace("_", " ")


# ---------------------------------------------------------------- a test
def examine_test(ex: Exercise, test: Function) -> Verdict:
    """Judge a test: it must pass each right program and fail each wrong one."""
    for program in ex.right:
        error = run(test, Case("", (program,))).error
        if is_stub(error, ex.number):
            return not_attempted(ex.number)
        if error is not None:
            said = text_of(error) if not isinstance(error, AssertionError) or str(error) else "an assert fails"
            return _wrong_test(ex, test, f"your test fails a right program: {_name(program)} ({said})")
    missed = [program for program in ex.wrong_programs if run(test, Case("", (program,))).error is None]
    if missed:
        more = f" (and {len(missed) - 1} more)" if len(missed) > 1 else ""
        return _wrong_test(ex, test, f"your test passes a wrong program: {_name(missed[0])}{more}")
    return Verdict("right", f"✓ Exercise {ex.number} is right: your test passes {len(ex.right)} right programs and fails {len(ex.wrong_programs)} wrong ones.")


def _wrong_test(ex: Exercise, test: Function, found: str) -> Verdict:
    """What is missing may be what is missing in the known wrong tests that pass and fail the same programs: a hint, no proof."""
    own = _passes(ex, test)
    hints = list(dict.fromkeys(wrong.message for wrong in ex.wrong_answers if _passes(ex, wrong.answer) == own and wrong.message not in found))
    return Verdict("wrong", f"✗ Exercise {ex.number}: {found}" + (f"\n  Perhaps: {' Or: '.join(hints)}" if hints else ""))


def _passes(ex: Exercise, test: Function) -> list[bool]:
    return [run(test, Case("", (program,))).error is None for program in (*ex.right, *ex.wrong_programs)]


# ---------------------------------------------------------------- lines in order
@dataclass(frozen=True)
class OrderTask:
    """What the widget shows: all lines, distractors among them, shuffled; and what may fill each line's gap."""

    number: str
    lines: tuple[str, ...]
    gaps: dict[str, tuple[str, ...]]


def make_task(ex: Exercise) -> OrderTask:
    """The task of an exercise of kind order, the same at each call; it never begins in the right order."""
    lines = [*ex.lines, *ex.distractors]
    rng = random.Random(ex.number)
    while True:
        rng.shuffle(lines)
        if [line for line in lines if line in ex.lines] != list(ex.lines):
            return OrderTask(ex.number, tuple(lines), {line: tuple(options) for line, (options, _) in ex.gaps.items()})


def filled(lines: Sequence[str], gaps: Mapping[str, tuple[Sequence[str], str | int]]) -> list[str]:
    """The lines, each gap filled with its right option."""
    return [line.replace(GAP, right_option(*gaps[line])) if line in gaps else line for line in lines]


def right_option(options: Sequence[str], right: str | int) -> str:
    return options[right] if isinstance(right, int) else right


def examine_order(ex: Exercise, answer: Any) -> Verdict:
    """Judge lines in an order: a widget with ``lines``, or a list of texts."""
    lines = [str(line).rstrip() for line in getattr(answer, "lines", answer)]
    if not getattr(answer, "touched", True) or not lines or lines == list(make_task(ex).lines):
        return not_attempted(ex.number, "Put the lines in order, then run the cell below again.")
    if lines in _right_orders(ex):
        return _right(ex)
    found = _fault(ex, lines)
    if not found:
        return _right(ex)
    cause = next((wrong.message for wrong in ex.wrong_answers if lines == [str(line).rstrip() for line in wrong.answer()]), "")
    said = f"\n  Likely cause: {cause}" if cause and cause not in found else ""
    return Verdict("wrong", f"✗ Exercise {ex.number}: {found}{said}")


def _right(ex: Exercise) -> Verdict:
    return Verdict("right", f"✓ Exercise {ex.number} is right: {ex.verified or 'all lines stand in a right order'}.")


def _right_orders(ex: Exercise) -> list[list[str]]:
    return [[line.rstrip() for line in filled(ex.lines, ex.gaps)], *([str(line).rstrip() for line in other()] for other in ex.right_answers)]


def _fault(ex: Exercise, lines: list[str]) -> str:
    """The first thing that is wrong with these lines, in words; "" if nothing is."""
    for line, reason in ex.distractors.items():
        if line.rstrip() in lines:
            return f"the line '{line.strip()}' does not belong here: {reason}"
    origin: dict[str, str] = {}         # what the reader has → the line of the exercise
    for line in lines:
        found = next((of for of in ex.lines if line == of.rstrip() or (of in ex.gaps and line in _ways_to_fill(ex, of))), None)
        if found is None:
            return f"the line '{line.strip()}' is none of this exercise"
        if found in origin.values():
            return f"the line '{line.strip()}' stands there twice"
        origin[line] = found
    missing = len(ex.lines) - len(lines)
    if missing:
        return f"{missing} line{'s are' if missing > 1 else ' is'} missing: the program needs {len(ex.lines)}"
    unfilled = next((line for line in lines if GAP in line), None)
    if unfilled is not None:
        return f"a gap is still open: '{unfilled.strip()}'"
    misplaced = _misplaced(ex, list(origin.values()))
    if misplaced:
        return misplaced
    badly = next((line for line, of in origin.items() if of in ex.gaps and line != filled([of], ex.gaps)[0].rstrip()), None)
    return f"the lines are right, but not what fills this gap: '{badly.strip()}'" if badly else ""


def _ways_to_fill(ex: Exercise, line: str) -> list[str]:
    return [line.rstrip(), *(line.replace(GAP, option).rstrip() for option in ex.gaps[line][0])]


def _misplaced(ex: Exercise, order: list[str]) -> str:
    """The first line that stands where it cannot, by what it needs above it, or by the one right order."""
    for place, line in enumerate(order):
        needed = ex.needs.get(line, ()) if ex.needs is not None else ex.lines[:ex.lines.index(line)]
        late = next((other for other in needed if other in order[place + 1:]), None)
        if late is not None:
            return f"'{line.strip()}' (line {place + 1}) stands too early: something below must come before it"
    return ""
