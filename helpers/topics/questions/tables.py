"""Tables of the last chapter: the article checked in full, and the glossary, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from IPython.display import Markdown

from helpers.runtime import ROOT
from helpers.topics.questions.article import CORRECTIONS
from helpers.topics.questions.glossary import GLOSSARY


def link(lesson: str) -> str:
    """``[03a](03a_memory.ipynb)``; the bare number of a lesson that is still to come."""
    found = sorted((ROOT / "chapters").glob(f"{lesson}_*.ipynb"))
    return f"[{lesson}]({found[0].name})" if found else lesson


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Markdown:
    names = list(head)
    lines = ["| " + " | ".join(row) + " |" for row in [names, ["---"] * len(names), *rows]]
    return Markdown("\n".join(lines))


def article_checked() -> Markdown:
    """Every correction of the course: what the article says, what you found, and where."""
    return _table(["§", "The article says", "You found", "In"],
                  [[row.section, row.says, row.found, ", ".join(map(link, row.lessons))] for row in CORRECTIONS])


def glossary(begins: str = "") -> Markdown:
    """The terms whose English begins with these letters (all, if none are given): English, Chinese, meaning, lesson."""
    chosen = [term for term in GLOSSARY if term.english.lower().startswith(begins.lower())]
    return _table(["English", "中文", "What it is", "Taught in"], [[t.english, t.chinese, t.meaning, link(t.lesson)] for t in chosen])
