"""The tables of lessons in README.md and START.md are what the sources say."""

from pathlib import Path

import pytest

from tools.contents import README, START, renewed


@pytest.mark.parametrize("page", [README, START], ids=lambda page: page.name)
def test_a_page_shows_the_lessons_as_they_are(page: Path) -> None:
    assert renewed(page) == page.read_text("utf-8"), "run 'python -m tools.contents --write'"
