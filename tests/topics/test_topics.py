"""No topic leans on another, and one list knows their order."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from helpers.topics import TOPICS, chapter_of_topic
from tools.source import ROOT, sources

FOLDERS = sorted(path for path in (ROOT / "helpers/topics").iterdir() if path.is_dir() and path.name != "__pycache__")
MODULES = sorted((ROOT / "helpers").rglob("*.py"))


def topics_imported(path: Path) -> set[str]:
    """The topics whose modules a file imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{a.name}" for a in node.names]
    return {m[1] for name in names if (m := re.match(r"helpers\.topics\.(\w+)", name)) and m[1] in TOPICS}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_topic_imports_another(path: Path) -> None:
    inside = path.relative_to(ROOT / "helpers").parts
    own = {inside[1]} if inside[0] == "topics" and len(inside) > 2 else set()
    assert topics_imported(path) <= own, "what two need moves out, to the room of its kind"


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_a_lesson_uses_the_folder_of_its_own_chapter(path: Path) -> None:
    assert topics_imported(path) <= {TOPICS[int(path.stem[:2])]}


def test_each_folder_is_a_topic_and_each_lesson_has_a_folder() -> None:
    assert {folder.name for folder in FOLDERS} <= set(TOPICS)
    assert {TOPICS[int(path.stem[:2])] for path in sources()} == {folder.name for folder in FOLDERS}


def test_the_order_is_that_of_the_article() -> None:
    assert chapter_of_topic("start") == 0
    assert chapter_of_topic("rnn") == 3
    with pytest.raises(ValueError, match="topic must be one of start, concepts"):
        chapter_of_topic("poetry")


def test_no_other_file_knows_which_chapter_a_topic_is() -> None:
    """Neither helpers nor tools tie a topic's name to its number."""
    tied = re.compile("|".join(rf"[\"'](?:{number:02d}[a-z]?|{number})[\"']\s*:\s*[\"']{topic}[\"']|[\"']{topic}[\"']\s*:\s*[\"']?0?{number}\b(?!,)"
                               for number, topic in enumerate(TOPICS)))
    files = [*MODULES, *(ROOT / "tools").glob("*.py"), ROOT / "course.py", ROOT / "conftest.py"]
    assert [path.name for path in files if tied.search(path.read_text("utf-8"))] == []
