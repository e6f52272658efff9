"""What a learner has solved, in one local file that git ignores; nothing leaves the machine."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from datetime import date
from pathlib import Path

from helpers.runtime import ROOT, is_strict

#: Kept beside the course, so that an update of the course leaves it alone.
PATH = ROOT / "progress.json"
_this_kernel: dict[str, dict[str, str]] = {}


def load(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Exercise number → {"date": ISO date, "source": the answer}. A damaged file is put aside, never overwritten.

    What cannot be read, or not be put aside (a folder for reading only), is said, and counts as nothing solved.
    """
    path = path or PATH
    try:
        return _read(path)
    except OSError as error:
        print(f"{path.name} could not be read ({error}): what is solved is kept only until the kernel stops. Is it yours to read, and its folder to write?")
        return {}


def _read(path: Path) -> dict[str, dict[str, str]]:
    """What :func:`load` gives, but an OSError is raised, so that nobody writes over a file that was not read."""
    if not path.exists():
        return {}
    try:
        solved = json.loads(path.read_text("utf-8"))["solved"]
        if not all(isinstance(entry["source"], str) for entry in solved.values()):
            raise TypeError("entries are not what they should be")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        names = (path.with_name(f"{path.stem}.damaged{n or ''}{path.suffix}") for n in itertools.count())
        aside = next(name for name in names if not name.exists())
        os.replace(path, aside)
        print(f"{path.name} could not be read ({error}). It is kept as {aside.name}; your progress begins anew.")
        return {}
    return solved


def save(number: str, source: str, path: Path | None = None) -> None:
    """Record a solved exercise, with the answer that solved it; the file is replaced in one move.

    Where it cannot be written (a full disk, a folder for reading only), that is said, and this kernel remembers.
    """
    entry = {"date": date.today().isoformat(), "source": source}
    if path is None and is_strict():          # the tests leave a learner's file alone
        _this_kernel[number] = entry
        return
    path = path or PATH
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(json.dumps({"solved": _read(path) | {number: entry}}, indent=1, ensure_ascii=False), "utf-8")
        os.replace(part, path)
    except OSError as error:
        _this_kernel[number] = entry
        print(f"{path.name} could not be written ({error}): this is kept only until the kernel stops.")
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def solved_numbers() -> set[str]:
    """The exercises that this learner has solved."""
    return set(_solved())


def _solved() -> dict[str, dict[str, str]]:
    return _this_kernel if is_strict() else load() | _this_kernel


def line(chapter: int, numbers: list[str]) -> str:
    """One line: ``Chapter 1: ■■□□□ 2 of 5 solved``."""
    solved = solved_numbers()
    done = [number in solved for number in numbers]
    return f"Chapter {chapter}: {''.join('■' if d else '□' for d in done)} {sum(done)} of {len(numbers)} solved"


def my_answer(number: str) -> None:
    """Print the answer with which you solved an exercise, from this or an earlier session."""
    entry = _solved().get(number)
    print(entry["source"] if entry else f"Exercise {number} is not solved yet.")
