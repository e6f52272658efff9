"""How an answer that is a function, or a value, is judged: case by case, and what its mistake may come from.

A wrong answer is code, not only a sentence. When a learner's result is not the oracle's, each known wrong answer is run
on the same input. One that gives what the learner gave, in this case and in all the others, names the misconception: in
one case alone different mistakes may meet.
"""

from __future__ import annotations

import copy
import dis
import inspect
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

import torch

from helpers import plots
from helpers.lesson.compare import difference, is_changed
from helpers.lesson.isolation import seed_all
from helpers.lesson.verdict import Case, Function, Met, Outcome, Verdict, Wrong, is_stub, not_attempted, run, text_of

if TYPE_CHECKING:
    from helpers.lesson.exercise import Exercise

AS_GIVEN = "the program still does what the given one did. The fault lies elsewhere."


@dataclass(frozen=True)
class Problem:
    """What is wrong with an outcome, in words; whether its value is right as far as it goes."""

    text: str
    expected: Any = None
    got: Any = None
    value_is_right: bool = False


def examine_function(ex: Exercise, answer: Function) -> Verdict:
    """Judge a function: all its cases, until one is wrong."""
    if ex.given is not None and reads_alike(answer, ex.given):
        return not_attempted(ex.number, "The program is as it was given: find the wrong line, mend it, then run both cells.")
    met = ""
    cases = list(ex.cases())
    for case in cases:
        outcome = run(answer, case)
        if is_stub(outcome.error, ex.number):
            return not_attempted(ex.number)
        problem = find_problem(ex, answer, case, outcome)
        if isinstance(problem, Problem):
            return _wrong(ex, case, problem, find_cause(ex, answer, cases, case, outcome, problem))
        met = problem or met
    told = " ".join(part for part in (ex.verified and f"{ex.verified}.", met and f"{met}.") if part)
    return Verdict("right", f"✓ Exercise {ex.number} is right: {told}")


def examine_value(ex: Exercise, value: Any) -> Verdict:
    """Judge a value: as the function without arguments that gives it."""
    if holds_ellipsis(value):
        return not_attempted(ex.number, "Put your value in place of the dots, then run both cells.")

    def given() -> Any:
        return value

    return examine_function(ex, given)


def holds_ellipsis(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(holds_ellipsis(part) for part in value)
    return value is ...


def find_problem(ex: Exercise, answer: Function, case: Case, outcome: Outcome) -> Problem | str:
    """What is wrong; if nothing is, what the judge has measured, or an empty text."""
    what = "the value" if ex.kind == "value" else "your function"
    if outcome.error is not None:
        return Problem(f"your function raised {text_of(outcome.error)}{_line_of(answer, outcome.error)}")
    got = outcome.value
    if got is None:
        return Problem(f"{what} is None" if ex.kind == "value" else "your function returned None: is a return missing?")
    if inspect.iscoroutine(got):
        got.close()
        return Problem("your function is written with async def, so a call gives no result yet. Write def alone")
    if is_changed(case.args, outcome.args):
        return Problem("your function changed its input. Work on a copy, or make new values: x = x - 1 rather than x -= 1.")
    if ex.judge is not None:
        return _judged(ex, case, got)
    expected = _expected(ex, case)
    found = difference(expected, got, ex.tolerance)
    if found:
        return Problem(_with_dtype(ex, expected, got) or found, expected, got)
    found = _wrong_kind(ex, got) or _wrong_gradients(ex, answer, got, case)
    return Problem(found, value_is_right=True) if found else ""


def _judged(ex: Exercise, case: Case, got: Any) -> Problem | str:
    assert ex.judge is not None
    seed_all()
    try:
        found = ex.judge(got, *copy.deepcopy(case.args))
    except Exception as error:
        came = "what you gave" if ex.kind == "value" else "what your function returned"
        found = f"the check cannot use {came}, {type(got).__name__} ({text_of(error)})"
    if isinstance(found, Met):
        return str(found)
    return Problem(found, got=got) if found else ""


def _expected(ex: Exercise, case: Case) -> Any:
    assert ex.oracle is not None
    seed_all()
    return ex.oracle(*copy.deepcopy(case.args))


def _with_dtype(ex: Exercise, expected: Any, got: Any) -> str | None:
    """A half-precision result of the right size: the digits are lost in the dtype."""
    half = isinstance(got, torch.Tensor) and got.dtype in (torch.float16, torch.bfloat16)
    if half and ex.dtype == torch.float32 and difference(expected, got, 1e-2) is None:
        return f"the values come as {got.dtype}, which keeps two or three digits: use .float(), which makes float32"
    return None


def _wrong_kind(ex: Exercise, got: Any) -> str | None:
    """What is wrong with the kind of a result whose values are right."""
    if ex.whole:
        for part in got if isinstance(got, (tuple, list)) else [got]:
            if (dtype := plots.to_numpy(part).dtype).kind not in "iu":
                return f"the values are right, but they come as {dtype}. Give back whole numbers: int for one, torch.int64 for many"
    if ex.dtype is None or (isinstance(got, torch.Tensor) and got.dtype == ex.dtype):
        return None
    name = str(ex.dtype).removeprefix("torch.")
    if isinstance(got, torch.Tensor):
        return f"the values are right, but they come as {got.dtype}, and {name} is wanted: add .to(torch.{name})" + (", or .float()." if name == "float32" else ".")
    return f"the values are right, but they come as {type(got).__name__}, and a torch tensor of {name} is wanted: torch.tensor(…, dtype=torch.{name})."


def _wrong_gradients(ex: Exercise, answer: Function, value: Any, case: Case) -> str | None:
    """What is wrong with the gradients of an answer whose value is right."""
    if not ex.differentiable:
        return None
    assert ex.oracle is not None
    expected = _gradients(ex, ex.oracle, case)
    if not isinstance(value, torch.Tensor):
        return f"the values are right, but they come as {type(value).__name__}: give back one tensor, through which gradients flow"
    try:
        got = _gradients(ex, answer, case)
    except KeyboardInterrupt:
        raise
    except BaseException:       # NumPy refuses a tensor that wants gradients, or nothing leads back
        got = (None,) * len(expected)
    for name, e, g in zip(ex.differentiable, expected, got, strict=True):
        if g is None:
            return f"the values are right, but no gradient reaches {name}: is there a detach, .item(), NumPy or no_grad?"
        found = difference(e, g, ex.tolerance)
        if found:
            return f"the values are right, but not the gradient with respect to {name}: {found}"
    return None


def _gradients(ex: Exercise, function: Function, case: Case) -> tuple[torch.Tensor | None, ...]:
    """The gradient of the sum of what a function returns, for each argument named in differentiable; None if cut off."""
    args = copy.deepcopy(case.args)
    wanted = [a.requires_grad_() for a in args[:len(ex.differentiable)]]
    seed_all()
    return torch.autograd.grad(function(*args).sum(), wanted, allow_unused=True)


def find_cause(ex: Exercise, answer: Function, cases: Sequence[Case], failed: Case, outcome: Outcome, problem: Problem) -> str:
    """The message of the first known wrong answer that does what this one does, in every case; "" if there is none."""
    known = [*ex.wrong_answers, *([Wrong(ex.given, AS_GIVEN)] if ex.given else [])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")         # what a known wrong answer warns of is nothing that the learner did
        alike = [wrong for wrong in known if _fails_alike(ex, wrong.answer, failed, outcome, problem)]
        for case in cases:
            if not alike:
                return ""
            if case is not failed:
                own = run(answer, case)
                alike = [wrong for wrong in alike if _same(ex, case, own, run(wrong.answer, case))]
    return alike[0].message if alike else ""


def _fails_alike(ex: Exercise, wrong: Function, case: Case, outcome: Outcome, problem: Problem) -> bool:
    """Whether a known wrong answer is wrong in this case, and in the same way."""
    other = run(wrong, case)
    if outcome.error is not None or other.error is not None:
        return outcome.error is not None and other.error is not None and text_of(outcome.error) == text_of(other.error)
    found = find_problem(ex, wrong, case, other)
    if not isinstance(found, Problem) or found.value_is_right != problem.value_is_right:
        return False
    return found.text == problem.text if problem.value_is_right else _same(ex, case, outcome, other)


def _same(ex: Exercise, case: Case, a: Outcome, b: Outcome) -> bool:
    """Whether two answers did the same with a case."""
    if a.error is not None or b.error is not None:
        return type(a.error) is type(b.error)
    if is_changed(case.args, a.args) != is_changed(case.args, b.args):
        return False
    if difference(b.value, a.value, max(ex.tolerance, 1e-4) if ex.tolerance else 0, finite_only=True) is None:
        return True
    if ex.judge is None:
        return False
    one, two = (_judged(ex, case, outcome.value) for outcome in (a, b))     # models and the like: what the judge says of them
    return one.text == two.text if isinstance(one, Problem) and isinstance(two, Problem) else one == two == ""


def reads_alike(a: Function, b: Function) -> bool:
    """Whether two functions are the same program: names of the functions, comments, annotations and layout do not count."""
    one, two = (getattr(inspect.unwrap(f), "__code__", None) for f in (a, b))
    return one is not None and two is not None and _skeleton(one) == _skeleton(two)


def _skeleton(code: CodeType) -> list[tuple[str, Any]]:
    """The steps that Python takes, without the docstring and the lengths of jumps.

    A method of a module that is imported in the same file is looked up by another step, which is of another length.
    """
    return [(step.opname.replace("LOAD_METHOD", "LOAD_ATTR"), _operand(step)) for step in dis.get_instructions(code) if step.opname not in ("RESUME", "PUSH_NULL")]


def _operand(step: dis.Instruction) -> Any:
    if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        return None
    return _skeleton(step.argval) if isinstance(step.argval, CodeType) else repr(step.argval)


def _line_of(answer: Function, error: BaseException) -> str:
    try:
        code = getattr(inspect.unwrap(answer), "__code__", None)
    except ValueError:
        code = None
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if code and frame.filename == code.co_filename]
    return f" (line {lines[-1]} of the cell)" if lines else ""


def _wrong(ex: Exercise, case: Case, problem: Problem, cause: str) -> Verdict:
    lines = [f"✗ Exercise {ex.number}{', for ' + case.label if case.label else ''}: {problem.text}"]
    if cause and cause not in problem.text:
        lines.append(f"  Likely cause: {cause}")
    return Verdict("wrong", "\n".join(lines), problem.expected, problem.got)
