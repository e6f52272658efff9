"""How an answer is checked: an oracle says what is right, and known wrong answers say what went wrong.

A wrong answer is code, not only a sentence. When a learner's result is not the oracle's, each known wrong answer
is run on the same input: the one that gives what the learner gave names the misconception.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import re
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers import plots, topics
from helpers.lesson import progress
from helpers.lesson.compare import NO_NUMBERS, as_array, difference, is_changed

Function = Callable[..., Any]
#: Number → exercise, filled by the modules helpers.topics.<topic>.checks.
EXERCISES: dict[str, Exercise] = {}


@dataclass(frozen=True)
class Case:
    """One input: what to call it in a message, and the arguments."""

    label: str
    args: tuple[Any, ...]


@dataclass(frozen=True)
class Wrong:
    """A misconception: a wrong answer, and what to tell someone who gives it."""

    answer: Function
    message: str


@dataclass(frozen=True)
class Verdict:
    """What a check found. status is "right", "wrong" or "not attempted"."""

    status: str
    message: str
    expected: Any = None
    got: Any = None


@dataclass
class Exercise:
    """One exercise and how its answers are judged.

    Parameters
    ----------
    number : str
        ``"chapter.place"``, as in the heading.
    oracle : callable
        Right by another route than the solution where there is one (torch, scikit-learn, a closed form).
    cases : callable
        Gives the inputs anew at each call (seeded): varied shapes, non-trivial values, edge cases, large inputs.
    verified : str
        What has been verified when the answer passes: completes "✓ Exercise 1.2 is right: …".
    tolerance : float
        Greatest allowed difference, relative to the largest expected value (and at least absolute).
    judge : callable, optional
        For answers that are not one value: ``judge(got, *args)`` gives None if it is right, a message if not;
        used in place of the comparison with the oracle.
    differentiable : tuple of str
        Names of the first arguments, float tensors, through which gradients must flow: those of the answer's sum are
        compared with those of the oracle, which must be differentiable too.
    whole : bool
        Whether the answer's values are indices, which must come in an integer dtype.
    """

    number: str
    oracle: Function | None
    cases: Callable[[], Sequence[Case]]
    verified: str
    tolerance: float = 1e-5
    judge: Callable[..., str | None] | None = None
    differentiable: tuple[str, ...] = ()
    whole: bool = False
    wrong_answers: list[Wrong] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.number in EXERCISES:
            raise ValueError(f"exercise {self.number} is defined twice")
        if (self.oracle is None) == (self.judge is None):
            raise ValueError(f"exercise {self.number} needs an oracle or a judge, one of the two")
        if self.differentiable and self.oracle is None:
            raise ValueError(f"exercise {self.number}: gradients are compared with those of an oracle; there is none")
        EXERCISES[self.number] = self

    def wrong(self, message: str) -> Callable[[Function], Function]:
        """Decorate a wrong answer with the message that whoever gives it should get."""
        def add(answer: Function) -> Function:
            self.wrong_answers.append(Wrong(answer, message))
            return answer
        return add

    def examine(self, answer: Function) -> Verdict:
        """Judge an answer. torch's generator is left as it was."""
        with torch.random.fork_rng(devices=[]):
            for case in self.cases():
                verdict = self._examine_case(answer, case)
                if verdict is not None:
                    return verdict
        return Verdict("right", f"✓ Exercise {self.number} is right: {self.verified}.")

    def _examine_case(self, answer: Function, case: Case) -> Verdict | None:
        args = copy.deepcopy(case.args)
        try:
            torch.manual_seed(0)
            got = answer(*args)
        except NotImplementedError as error:
            if str(error) == f"exercise {self.number}":
                return Verdict("not attempted", f"○ Exercise {self.number}: not attempted yet. Replace the raise line, then run both cells.")
            return self._raised(answer, case, error)
        except (Exception, SystemExit) as error:        # exit() in an answer ends the answer, not the notebook
            return self._raised(answer, case, error)
        if got is None:
            return self._wrong(case, "your function returned None: is a return missing?")
        if is_changed(case.args, args):
            return self._wrong(case, "your function changed its input. Work on a copy, or make new values: x = x - 1 rather than x -= 1.")
        if self.judge is not None:
            try:
                found = self.judge(got, *copy.deepcopy(case.args))
            except Exception as error:
                found = f"the check cannot use what your function returned, {type(got).__name__} ({type(error).__name__}: {error})"
            return self._wrong(case, found) if found else None
        assert self.oracle is not None
        expected = self.oracle(*copy.deepcopy(case.args))
        found = difference(expected, got, self.tolerance)
        if found:
            return self._wrong(case, found, self._diagnose(got, case), expected, got)
        if self.whole and (dtype := plots.to_numpy(got).dtype).kind not in "iu":
            return self._wrong(case, f"the values are right, but they come as {dtype}. Give back whole numbers: int for one, torch.int64 for many")
        found = self._compare_gradients(answer, got, case)
        return self._wrong(case, found) if found else None

    def _compare_gradients(self, answer: Function, value: Any, case: Case) -> str | None:
        """What is wrong with the gradients of an answer whose value is right."""
        if not self.differentiable:
            return None
        assert self.oracle is not None
        expected = self._gradients(self.oracle, case)
        if not isinstance(value, torch.Tensor):
            return f"the values are right, but they come as {type(value).__name__}: give back one tensor, through which gradients flow"
        try:
            got = self._gradients(answer, case)
        except Exception:       # NumPy refuses a tensor that wants gradients, or nothing leads back
            got = (None,) * len(expected)
        for name, e, g in zip(self.differentiable, expected, got, strict=True):
            if g is None:
                return f"the values are right, but no gradient reaches {name}: is there a detach, .item(), NumPy or no_grad?"
            found = difference(e, g, self.tolerance)
            if found:
                return f"the values are right, but not the gradient with respect to {name}: {found}"
        return None

    def _gradients(self, function: Function, case: Case) -> tuple[torch.Tensor | None, ...]:
        """The gradient of the sum of what a function returns, for each argument named in differentiable; None if cut off."""
        args = copy.deepcopy(case.args)
        wanted = [a.requires_grad_() for a in args[:len(self.differentiable)]]
        torch.manual_seed(0)
        return torch.autograd.grad(function(*args).sum(), wanted, allow_unused=True)

    def _diagnose(self, got: Any, case: Case) -> str:
        for wrong in self.wrong_answers:
            try:
                same = difference(_run_silently(wrong.answer, case), got, self.tolerance) is None
            except Exception:       # this misconception cannot even take this input: it is another one
                continue
            if same:
                return wrong.message
        return ""

    def _raised(self, answer: Function, case: Case, error: BaseException) -> Verdict:
        """An exception in the learner's own code: say where, and whether it is a known wrong turn."""
        code = getattr(inspect.unwrap(answer), "__code__", None)
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if code and frame.filename == code.co_filename]
        said = f"your function raised {type(error).__name__}: {error}" + (f" (line {lines[-1]} of the cell)" if lines else "")
        for wrong in self.wrong_answers:
            try:
                _run_silently(wrong.answer, case)
            except Exception as known:
                if type(known) is type(error) and str(known) == str(error):
                    return self._wrong(case, said, wrong.message)
        return self._wrong(case, said)

    def _wrong(self, case: Case, found: str, cause: str = "", expected: Any = None, got: Any = None) -> Verdict:
        lines = [f"✗ Exercise {self.number}, for {case.label}: {found}"]
        if cause:
            lines.append(f"  Likely cause: {cause}")
        return Verdict("wrong", "\n".join(lines), expected, got)


def _run_silently(answer: Function, case: Case) -> Any:
    """Run a known wrong answer: what it warns of is nothing that the learner did."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return answer(*copy.deepcopy(case.args))


def chapter_of(number: str) -> int:
    if not isinstance(number, str) or not re.fullmatch(r"\d+\.\d+", number):
        raise ValueError(f"an exercise's number is chapter.place, as in '2.1'; got {number!r}")
    return int(number.split(".")[0])


def exercises_of(chapter: int) -> list[Exercise]:
    """All exercises of a chapter, in order; its checks are imported first."""
    modules = topics.check_modules(chapter)
    if not modules:
        raise ValueError(f"there is no exercise of chapter {chapter}")
    for module in modules:
        importlib.import_module(module)
    return sorted((e for e in EXERCISES.values() if chapter_of(e.number) == chapter), key=lambda e: int(e.number.split(".")[1]))


def check(number: str, answer: Function) -> None:
    """Check an answer, say what was found, and show how far the chapter is solved.

    Never raises for an answer that is missing or wrong: the notebook runs on.

    Parameters
    ----------
    number : str
        As in the exercise's heading, ``"2.1"``.
    answer : callable
        The function that the exercise asks for.
    """
    if not callable(answer):
        raise TypeError(f"check({number!r}, …) needs the function itself, without brackets; got {type(answer).__name__}")
    exercises = exercises_of(chapter_of(number))
    if number not in EXERCISES:
        raise ValueError(f"there is no exercise {number}; chapter {chapter_of(number)} has {', '.join(e.number for e in exercises)}")
    verdict = EXERCISES[number].examine(answer)
    print(verdict.message)
    if verdict.status == "right":
        progress.save(number, _source(answer))
    elif verdict.got is not None:
        _show_difference(verdict)
    print(progress.line(chapter_of(number), [e.number for e in exercises]))


def _source(answer: Function) -> str:
    try:
        return inspect.getsource(answer)
    except (OSError, TypeError):        # typed at a prompt, or a built-in
        return ""


def _show_difference(verdict: Verdict) -> None:
    """Expected and got side by side, where both are pictures of one shape."""
    try:
        expected, got = as_array(verdict.expected), as_array(verdict.got)
    except NO_NUMBERS:
        return
    expected, got = np.squeeze(expected), np.squeeze(got)
    if np.iscomplexobj(got) or expected.ndim != 2 or expected.shape != got.shape or min(expected.shape) < 4 or not np.isfinite([expected, got]).all():
        return
    fig, axes = plt.subplots(1, 3, figsize=(6, 2.2))
    end = float(max(np.abs(expected).max(), np.abs(got).max())) or 1.0
    for ax, a, title in zip(axes, (expected, got, got - expected), ("expected", "got", "got − expected"), strict=True):
        plots.image(ax, a, title, signed=True, limit=end)
    plots.show(fig, "Three pictures: what was expected, what your function gave, and the difference of the two.")
