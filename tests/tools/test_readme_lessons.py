"""The README's table of lessons is what the sources say."""

from tools.contents import README, with_table


def test_the_readme_shows_the_lessons_as_they_are() -> None:
    text = README.read_text("utf-8")
    assert with_table(text) == text, "run 'python -m tools.contents --write'"
