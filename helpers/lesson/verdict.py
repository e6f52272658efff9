"""The words of a check: a case, a known wrong answer, what came of an answer, and the verdict."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.lesson.isolation import seed_all

Function = Callable[..., Any]


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
    """What a check found. status is "right", "wrong", "not attempted", or "broken": the check itself failed."""

    status: str
    message: str
    expected: Any = None
    got: Any = None


class Met(str):
    """What a judge gives for an answer that is right and whose measured number is worth telling.

    >>> Met("accuracy 0.962, the target was 0.95")
    'accuracy 0.962, the target was 0.95'
    """

    __slots__ = ()


@dataclass(frozen=True)
class Outcome:
    """What an answer did with a case: a value, or the exception that ended it; and the arguments as it left them."""

    args: tuple[Any, ...]
    value: Any = None
    error: BaseException | None = None


def run(answer: Function, case: Case) -> Outcome:
    """Run an answer on a copy of a case, seeded. exit() in an answer ends the answer, not the notebook."""
    args = copy.deepcopy(case.args)
    seed_all()
    try:
        return Outcome(args, value=answer(*args))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Outcome(args, error=error)


def text_of(error: BaseException) -> str:
    """``TypeError: what it says``; the type alone where the exception cannot say anything."""
    try:
        said = str(error)
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def not_attempted(number: str, what_to_do: str = "Replace the raise line, then run both cells.") -> Verdict:
    return Verdict("not attempted", f"○ Exercise {number}: not attempted yet. {what_to_do}")


def is_stub(error: BaseException | None, number: str) -> bool:
    """Whether this is what the untouched answer of an exercise raises."""
    return isinstance(error, NotImplementedError) and text_of(error) == f"NotImplementedError: exercise {number}"


#: The mark that a verdict begins with → its colour on a terminal and on a page (ANSI, bold).
ANSI = {"✓": "\x1b[1;32m", "✗": "\x1b[1;31m", "○": "\x1b[1;33m"}


def in_color(message: str) -> str:
    """A verdict's first words in the colour of its mark: right and wrong are told apart at a glance, and by the mark.

    >>> in_color("✓ Exercise 1.2 is right: yes")
    '\\x1b[1;32m✓ Exercise 1.2 is right:\\x1b[0m yes'
    """
    first, colon, rest = message.partition(":")
    return f"{ANSI[message[0]]}{first}{colon}\x1b[0m{rest}" if message[:1] in ANSI else message
