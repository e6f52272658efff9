"""``course.py test``: what is typed, and what of it pytest is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import source
from tools.source import ROOT, lesson_of, sources
from tools.test import SHARED, arguments, exercises_of, main

FIRST = sources()[0].stem           # 00_start_here, or whatever comes first
EARLIER = [path.stem for path in sources(["00"])]


def test_a_path_counts_from_where_one_stands_then_from_the_course() -> None:
    assert arguments([f"{FIRST}.ipynb"], ROOT / "chapters") == [f"chapters/{FIRST}.ipynb"]
    assert arguments(["../tests/test_metrics.py"], ROOT / "chapters") == ["tests/test_metrics.py"]
    assert arguments(["tests/test_metrics.py::test_a"], ROOT / "chapters") == ["tests/test_metrics.py::test_a"]
    assert arguments([str(ROOT / "tests")], Path("/")) == ["tests"]
    assert arguments([], ROOT) == []


def test_options_are_pytests_own() -> None:
    words = ["-x", "-k", "memory and not slow", "-n", "0", "--durations", "3", "--tb=short", "-m", "03"]
    assert arguments(words, ROOT) == words


@pytest.mark.parametrize("word", ["chapters/nope.ipynb", "nope.py", "tests/none::test_a", "rubbish"])
def test_a_mistyped_path_is_told(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 2
    assert f"there is no such file: {word.split('::')[0]} (looked in" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["97", "7z", "97_doubles"])
def test_a_lesson_that_does_not_exist_is_told(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 2
    assert f"no source fits {word}; there are {FIRST}" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["00", "0", FIRST])
def test_a_chapter_is_all_that_belongs_to_it(word: str) -> None:
    *places, lesson = arguments([word, "-x"], ROOT)[:-1]
    assert places[:len(SHARED)] == list(SHARED)
    assert places[len(SHARED):] == ["tests/topics/start", "helpers/topics/start", *(f"{folder}/{stem}.ipynb" for stem in EARLIER for folder in ("chapters", "solutions"))]
    assert lesson == f"--lesson={','.join(EARLIER)}"
    assert all((ROOT / place).exists() for place in places)


def test_of_the_tests_of_every_lesson_those_of_one_are_run() -> None:
    command = [sys.executable, "-m", "tools.test", "00", "--collect-only", "-n", "0"]
    said = subprocess.run(command, cwd=ROOT, env={**os.environ, "COURSE_CALLED_FROM": str(ROOT)}, capture_output=True, text=True).stdout.splitlines()
    names = [line for line in said if "::" in line]
    assert {line.split("::")[0] for line in names} >= {*SHARED, f"chapters/{FIRST}.ipynb", f"solutions/{FIRST}.ipynb", "tests/topics/start/test_scenes.py"}
    of_all = [line for line in names if line.startswith(SHARED)]
    exercises = exercises_of(EARLIER)
    assert exercises
    assert {number for number in exercises if any(f"[{number}" in line for line in of_all)} == exercises
    assert all(any(f"{stem}]" in line for stem in EARLIER) or any(f"[{number}" in line for number in exercises) for line in of_all)


@pytest.mark.parametrize(("name", "lesson"), [
    ("03", "03"), ("3", "03"), ("03a", "03a"), ("3a", "03a"), ("03a_memory", "03a_memory"), ("chapters/03a_memory.ipynb", "03a_memory"),
    (r"source\03a_memory.py", "03a_memory"), ("README.md", ""), ("3aa", ""), ("123", ""), ("", "")])
def test_what_names_a_lesson(name: str, lesson: str) -> None:
    assert lesson_of(name) == lesson


def test_a_chapter_has_lessons_and_a_lesson_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for stem in ("02_cnn", "03a_memory", "03b_forecasts", "30_no"):
        (tmp_path / "source" / f"{stem}.py").write_text("")
    monkeypatch.setattr(source, "ROOT", tmp_path)

    def found(*names: str) -> list[str]:
        return [path.stem for path in source.sources(names)]

    assert found() == ["02_cnn", "03a_memory", "03b_forecasts", "30_no"]
    assert found("3") == found("03") == ["03a_memory", "03b_forecasts"]
    assert found("solutions/03b_forecasts.ipynb", "02") == ["02_cnn", "03b_forecasts"]
    for wrong in ("03c", "03a_other", "0", "memory", "03_memory"):
        with pytest.raises(LookupError, match=f"no source fits {wrong}; there are 02_cnn, 03a_memory"):
            found(wrong)
