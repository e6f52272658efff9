"""The README's table of lessons, made from the sources: titles and counted minutes cannot go stale.

    python -m tools.contents          print it
    python -m tools.contents --write  put it into README.md
"""

from __future__ import annotations

import re
import sys

from tools.lesson import Lesson
from tools.minutes import TOLD
from tools.source import ROOT, Source, sources

START, END = "<!-- lessons:start -->", "<!-- lessons:end -->"
README = ROOT / "README.md"
#: Chapters that have no lesson yet.
PLANNED = {
    "05": "Data pre-processing — What must be true before training?", "06": "Feature extraction — Where do features come from?",
    "07": "Model building — How do you choose and stack?", "08": "Training — What happens between two steps?",
    "09": "Evaluation — How good is it, and how sure are you?", "10": "Image classification — From a picture file to an answer?",
    "11": "Object detection — Where is it, and what is it?", "12": "Speech recognition — How does a wave become words?",
    "13": "Text — What does a word look at?", "14": "Optimisation — Which lever first?", "15": "Questions and answers — What do you do next?",
}


def row(lesson: Lesson, stem: str) -> str:
    """One lesson: its title, its minutes (and those of its exercises), what comes before it, its notebooks."""
    first = lesson.cells[0].text
    said = TOLD.search(first)
    minutes = f"{said[1]} + {said[2] or 0}" if said else "?"
    box = re.sub(r"\n> ?(?=\S)", " ", first)
    before = re.search(r"\*\*Before this\*\* (.+?)(?: · \*\*|\n|$)", box)
    needs = re.sub(r"\]\((\w+\.ipynb)\)", r"](chapters/\1)", before[1].strip()) if before else ""
    return (f"| {first.splitlines()[0].removeprefix('# ')} | {minutes} | {needs} | [open](chapters/{stem}.ipynb) | "
            f"[solutions](solutions/{stem}.ipynb) |")


def table() -> str:
    """The whole table, in Markdown; chapters that are still to come stand at its end."""
    paths = sources()
    there = {path.stem[:2] for path in paths}
    rows = [row(Lesson(Source(path)), path.stem) for path in paths]
    rows += [f"| {number} · {title} | planned | | | |" for number, title in PLANNED.items() if number not in there]
    return "\n".join(["| Lesson | Minutes | Needs | Notebook | Solutions |", "|---|---|---|---|---|", *sorted(rows)])


def with_table(text: str) -> str:
    """README's text with the table that the sources give."""
    before, rest = text.split(START)
    return f"{before}{START}\n{table()}\n{END}{rest.split(END)[1]}"


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        README.write_text(with_table(README.read_text("utf-8")), "utf-8")
    else:
        print(table())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
