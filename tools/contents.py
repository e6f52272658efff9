"""The tables of lessons in README.md and START.md, made from the sources: titles and counted minutes cannot go stale.

    python -m tools.contents          print them
    python -m tools.contents --write  put them into the two pages
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.lesson import Lesson
from tools.minutes import TOLD
from tools.source import ROOT, Source, sources

README, START = ROOT / "README.md", ROOT / "START.md"


def lessons() -> Iterator[tuple[str, Lesson]]:
    """File's name and lesson, in order."""
    for path in sources():
        yield path.stem, Lesson(Source(path))


def title_of(lesson: Lesson) -> str:
    """``01a · Neuron — What can one layer learn?``"""
    return lesson.cells[0].text.splitlines()[0].removeprefix("# ")


def minutes_of(lesson: Lesson) -> str:
    """Its minutes, and those of its exercises: ``62 + 36``."""
    said = TOLD.search(lesson.cells[0].text)
    return f"{said[1]} + {said[2] or 0}" if said else "?"


def readme_row(stem: str, lesson: Lesson) -> str:
    """One lesson: its title, its minutes, what comes before it, its notebooks."""
    box = re.sub(r"\n> ?(?=\S)", " ", lesson.cells[0].text)
    before = re.search(r"\*\*Before this\*\* (.+?)(?: · \*\*|\n|$)", box)
    needs = re.sub(r"\]\((\w+\.ipynb)\)", r"](chapters/\1)", before[1].strip()) if before else ""
    return f"| {title_of(lesson)} | {minutes_of(lesson)} | {needs} | [open](chapters/{stem}.ipynb) | [solutions](solutions/{stem}.ipynb) |"


def readme_table() -> str:
    """All lessons, in Markdown."""
    return "\n".join(["| Lesson | Minutes | Needs | Notebook | Solutions |", "|---|---|---|---|---|", *(readme_row(stem, lesson) for stem, lesson in lessons())])


def start_row(stem: str, lesson: Lesson) -> str:
    """One lesson: its title as a link, its minutes, a box for each exercise, whose numbers the lab reads."""
    numbers = [exercise.number for exercise in lesson.exercises]
    return f"| [{title_of(lesson)}](chapters/{stem}.ipynb) | {minutes_of(lesson)} | {'□' * len(numbers)} <!-- {' '.join(numbers)} --> |"


def start_table() -> str:
    """All lessons, in Markdown, for one who wants to begin."""
    return "\n".join(["| Lesson | Minutes | Exercises |", "|---|---|---|", *(start_row(stem, lesson) for stem, lesson in lessons())])


def begin() -> str:
    """The line that one clicks first."""
    stem, lesson = next(lessons())
    number, _, question = title_of(lesson).partition(" — ")
    return f"## ▶ [Begin: {question}](chapters/{stem}.ipynb)\n\n{number}, {minutes_of(lesson).split()[0]} minutes."


def between(text: str, name: str, made: str) -> str:
    """The text with what is made between the marks of this name."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    before, rest = text.split(start)
    return f"{before}{start}\n{made}\n{end}{rest.split(end)[1]}"


def renewed(page: Path) -> str:
    """The text of README.md or START.md, with what the sources give."""
    text = page.read_text("utf-8")
    if page == README:
        return between(text, "lessons", readme_table())
    return between(between(text, "lessons", start_table()), "begin", begin())


def main(arguments: list[str]) -> int:
    for page in (README, START):
        if "--write" in arguments:
            page.write_text(renewed(page), "utf-8")
        else:
            print(renewed(page))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
