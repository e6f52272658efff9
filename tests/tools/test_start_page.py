"""The start page shows what the reader has done, and writes nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from course_contents import Contents
from start_page import PAGE, Done, with_progress

PAGE_TEXT = """# Title

<!-- begin:start -->
## ▶ [Begin: A question?](chapters/00_a.ipynb)
<!-- begin:end -->

| Lesson | Minutes | Exercises |
|---|---|---|
| [00 · A — A question?](chapters/00_a.ipynb) | 62 + 35 | □□ <!-- 0.1 0.2 --> |
| [01a · B — What?](chapters/01a_b.ipynb) | 62 + 36 | □□□ <!-- 1.1 1.2 1.3 --> |
| [01b · C — Why?](chapters/01b_c.ipynb) | 75 + 44 | □ <!-- 1.4 --> |
"""


def test_on_the_first_day_it_says_begin() -> None:
    assert with_progress(PAGE_TEXT, Done()) == PAGE_TEXT


@pytest.mark.parametrize(("solved", "answered", "lesson", "boxes"), [
    ({"0.1"}, (), "00 · A — A question?](chapters/00_a.ipynb)", "■□"),
    ({"0.1", "0.2"}, (), "01a · B — What?](chapters/01a_b.ipynb)", "■■"),
    ({"0.2"}, (("01a.2", True),), "01a · B — What?](chapters/01a_b.ipynb)", "□■"),
    ({"1.4"}, (), "01b · C — Why?](chapters/01b_c.ipynb)", "□□"),
])
def test_it_goes_on_with_the_last_lesson_that_is_not_done(solved: set[str], answered: tuple[tuple[str, bool], ...], lesson: str, boxes: str) -> None:
    page = with_progress(PAGE_TEXT, Done(frozenset(solved), answered, 1))
    assert f"▶ [Go on: {lesson}" in page
    assert f"So far: {len(solved)} of 6 exercises solved, {len(answered)} of {len(answered)} questions right, 1 target reached." in page
    assert f"| {boxes} <!-- 0.1 0.2 -->" in page


def test_what_is_done_is_read_from_the_progress_file(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    assert Done.of(path) == Done()
    path.write_text(json.dumps({"version": 2, "solved": {"1.1": {"date": "2026-01-01", "source": ""}}, "target": {"a wave": True},
                                "quiz": {"00.1": {"choice": "a", "right": True, "when": ""}, "00.2": {"choice": "b", "right": False, "when": ""}}}), "utf-8")
    assert Done.of(path) == Done(frozenset({"1.1"}), (("00.1", True), ("00.2", False)), 1)
    path.write_text("{half", "utf-8")
    assert Done.of(path) == Done(), "the lesson's kernel says so; the page stays readable"


def test_the_lab_fills_the_page_and_the_disk_keeps_it_as_it_is(tmp_path: Path) -> None:
    (tmp_path / PAGE).write_text(PAGE_TEXT, "utf-8")
    (tmp_path / "progress.json").write_text('{"version": 2, "solved": {"0.2": {"date": "", "source": ""}}}', "utf-8")
    model = asyncio.run(Contents(root_dir=str(tmp_path)).get(PAGE))
    assert "□■" in model["content"]
    assert not model["writable"], "what the reader has done does not belong on the disk"
    assert (tmp_path / PAGE).read_text("utf-8") == PAGE_TEXT
