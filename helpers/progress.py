"""What a learner has solved, in one local file that git ignores; nothing leaves the machine."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

from helpers.runtime import ROOT, is_strict

#: Kept beside the course, so that an update of the course leaves it alone.
PATH = ROOT / "progress.json"
_this_kernel: dict[str, dict[str, str]] = {}


def load(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Exercise number → {"date": ISO date, "source": the answer}. A damaged file is put aside, never overwritten."""
    path = path or PATH
    if not path.exists():
        return {}
    try:
        solved = json.loads(path.read_text("utf-8"))["solved"]
        if not all(isinstance(number, str) and isinstance(entry, dict) for number, entry in solved.items()):
            raise TypeError("entries are not what they should be")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        aside = path.with_name(f"{path.stem}.damaged{path.suffix}")
        os.replace(path, aside)
        print(f"{path.name} could not be read ({error}). It is kept as {aside.name}; your progress begins anew.")
        return {}
    return solved


def save(number: str, source: str, path: Path | None = None) -> None:
    """Record a solved exercise, with the answer that solved it; the file is replaced in one move."""
    if path is None and is_strict():          # the tests leave a learner's file alone
        _this_kernel[number] = {"date": "", "source": source}
        return
    path = path or PATH
    solved = load(path)
    solved[number] = {"date": date.today().isoformat(), "source": source}
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"solved": solved}, indent=1, ensure_ascii=False), "utf-8")
    os.replace(part, path)


def solved_numbers() -> set[str]:
    """The exercises that this learner has solved."""
    return set(_this_kernel) if is_strict() else set(load())


def line(chapter: int, numbers: list[str]) -> str:
    """One line: ``Chapter 1: ■■□□□ 2 of 5 solved``."""
    done = [number in solved_numbers() for number in numbers]
    return f"Chapter {chapter}: {''.join('■' if d else '□' for d in done)} {sum(done)} of {len(numbers)} solved"


def my_answer(number: str) -> None:
    """Print the answer with which you solved an exercise, from this or an earlier session."""
    entry = (_this_kernel if is_strict() else load()).get(number)
    print(entry["source"] if entry else f"Exercise {number} is not solved yet.")
