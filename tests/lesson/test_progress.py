"""What a learner has solved stays: whatever happens to the file."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from helpers import my_answer
from helpers.lesson import progress


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's file, in a folder of its own."""
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    monkeypatch.setattr(progress, "_this_kernel", {})
    return tmp_path / "progress.json"


def test_a_new_learner_has_solved_nothing(path: Path) -> None:
    assert progress.load() == {}
    assert progress.line(1, ["1.1", "1.2"]) == "Chapter 1: □□ 0 of 2 solved"
    assert not path.exists()


def test_solved_exercises_are_kept_with_date_and_answer(path: Path) -> None:
    progress.save("1.2", "def f(x):\n    return '×'")
    progress.save("1.10", "")
    assert json.loads(path.read_text("utf-8"))["solved"]["1.2"] == {"date": date.today().isoformat(), "source": "def f(x):\n    return '×'"}
    assert progress.solved_numbers() == {"1.2", "1.10"}
    assert progress.line(1, ["1.1", "1.2", "1.10"]) == "Chapter 1: □■■ 2 of 3 solved"
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_solving_again_keeps_the_newest_answer(path: Path) -> None:
    progress.save("1.1", "old")
    progress.save("1.1", "new")
    assert progress.load(path)["1.1"]["source"] == "new"


def test_my_answer_prints_the_answer(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress.save("1.1", "def f(): ...", path)
    my_answer("1.1")
    my_answer("1.2")
    my_answer(1.1)
    assert capsys.readouterr().out == "def f(): ...\nExercise 1.2 is not solved yet.\ndef f(): ...\n"
    with pytest.raises(ValueError, match=r"there is no exercise 1\.9; chapter 1 has 1\.1, 1\.2"):
        my_answer("1.9")


DAMAGED = ["", "{", "[1, 2]", "null", '{"other": {}}', '{"solved": [1]}', '{"solved": {"1.1": "text"}}', '{"solved": {"1.1": {"date": 3}}}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_put_aside_and_said(path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    path.write_text(text, "utf-8")
    assert progress.load() == {}
    assert (path.parent / "progress.damaged.json").read_text("utf-8") == text
    assert "It is kept as progress.damaged.json" in capsys.readouterr().out
    progress.save("1.1", "answer")
    assert progress.solved_numbers() == {"1.1"}


def test_bytes_that_are_no_text_are_put_aside(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    assert progress.load() == {}
    assert (path.parent / "progress.damaged.json").read_bytes() == b"\xff\xfe\x00"


def test_a_second_damaged_file_does_not_cover_the_first(path: Path) -> None:
    for text in ("first {", "second {", "third {"):
        path.write_text(text, "utf-8")
        progress.load()
    assert {p.read_text("utf-8") for p in path.parent.iterdir()} == {"first {", "second {", "third {"}


@pytest.mark.parametrize("broken", ["fdopen", "replace"])
def test_a_failed_write_leaves_the_old_file_and_stops_nobody(
        path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str) -> None:
    progress.save("1.1", "old")
    before = path.read_bytes()

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr(os, broken, full)
        progress.save("1.2", "new")
        assert "No space left on device" in capsys.readouterr().out
        assert progress.solved_numbers() == {"1.1", "1.2"}         # for as long as this kernel lives
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_the_tests_never_touch_a_learners_file(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    progress.save("1.1", "mine")
    before = path.read_bytes()
    monkeypatch.setenv("COURSE_STRICT", "1")
    progress.save("1.2", "by a test")
    my_answer("1.2")
    assert progress.solved_numbers() == {"1.2"}
    assert path.read_bytes() == before
    assert capsys.readouterr().out == "by a test\n"


def refuse(*_args: Any, **_kwargs: Any) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(("text", "owner", "name"), [
    ('{"solved": {"1.1": {"date": "2024-01-01", "source": "old"}}}', Path, "read_text"), ("{", os, "replace"), ("", Path, "exists")])
def test_a_file_that_cannot_be_read_or_put_aside_is_said_and_never_overwritten(
        path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, owner: Any, name: str) -> None:
    path.write_text(text, "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, refuse)
        assert progress.line(1, ["1.1", "1.2"]) == "Chapter 1: □□ 0 of 2 solved"
        assert "progress.json could not be read ([Errno 13] Permission denied)" in capsys.readouterr().out
        progress.save("1.2", "new")
        assert "progress.json could not be written ([Errno 13] Permission denied): this is kept only until the kernel stops." in capsys.readouterr().out
        my_answer("1.2")
        assert capsys.readouterr().out.endswith("new\n")
        assert progress.line(1, ["1.1", "1.2"]) == "Chapter 1: □■ 1 of 2 solved"
    assert path.read_text("utf-8") == text
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_a_prediction_before_the_first_exercise_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    for key in ("first?", "second?"):
        progress.record("prediction", key, {"choice": "yes"})
    assert set(progress.recorded("prediction")) == {"first?", "second?"}
    assert [path.name for path in tmp_path.glob("*.damaged*")] == []
