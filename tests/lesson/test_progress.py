"""What a learner has solved stays: whatever happens to the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
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


def test_an_answer_from_before_the_lessons_is_counted_under_the_number_of_today(path: Path) -> None:
    old = {"3.4": "def split_windows(series, width, horizon, border):\n    return 1", "3.5": "def last_states(out, lengths):\n    return 2",
           "4.6": "import math\n\n\ndef importance_bound(log_w):\n    return 3", "3.1": "def rnn(x):\n    return 4"}
    path.write_text(json.dumps({"solved": {number: {"date": "2026-01-01", "source": source} for number, source in old.items()}}), "utf-8")
    assert progress.solved_numbers() == {"3.5", "3.9", "4.8", "3.1"}
    progress.save("3.4", "my_bias = 4.3")
    assert progress.answer_of("3.5") == old["3.4"]
    assert progress.answer_of("3.9") == old["3.5"]
    assert progress.answer_of("3.4") == "my_bias = 4.3"
    assert set(json.loads(path.read_text("utf-8"))["solved"]) == {"3.4", "3.5", "3.9", "4.8", "3.1"}


def test_every_number_that_was_moved_asks_for_that_function() -> None:
    from tools.source import Source, sources

    asked = {e.number: e.name for source in map(Source, sources()) for e in source.exercises}
    assert all(asked[new] == name for (_, name), new in progress.MOVED.items())


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


# ---------------------------------------------------------------- what else the reader did
def test_predictions_and_the_like_are_kept_beside_what_is_solved(path: Path) -> None:
    progress.record("prediction", "How many?", {"choice": "one", "sure": 2})
    progress.save("1.1", "answer")
    progress.record("quiz", "02.1", [True, "2026-01-01"])
    progress.record("quiz", "02.1", [False, "2026-01-02"])
    assert progress.recorded("prediction") == {"How many?": {"choice": "one", "sure": 2}}
    assert progress.recorded("quiz") == {"02.1": [False, "2026-01-02"]}
    assert progress.recorded("sketch") == {}
    assert progress.solved_numbers() == {"1.1"}
    assert json.loads(path.read_text("utf-8"))["version"] == 2


def test_what_makes_no_sense_is_not_recorded(path: Path) -> None:
    with pytest.raises(ValueError, match="kind must be one of prediction, quiz, sketch, order, target; got 'mood'"):
        progress.record("mood", "key", 1)
    with pytest.raises(ValueError, match="got 'solved'"):
        progress.recorded("solved")
    with pytest.raises(TypeError, match="key must be a text, got int"):
        progress.record("quiz", 3, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="JSON"):
        progress.record("quiz", "key", {1, 2})
    assert not path.exists()


def test_in_a_strict_run_the_kernel_alone_remembers(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "1")
    progress.record("sketch", "loss", [1, 2])
    assert progress.recorded("sketch") == {"loss": [1, 2]}
    assert not path.exists()


# ---------------------------------------------------------------- other hands on the file
OLD = '{"solved": {"0.1": {"date": "2024-01-01", "source": "old"}}}'


def test_a_file_of_the_first_edition_is_read_and_kept(path: Path) -> None:
    path.write_text(OLD, "utf-8")
    progress.record("quiz", "02.1", True)
    assert progress.load()["0.1"] == {"date": "2024-01-01", "source": "old"}
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_what_a_later_edition_keeps_there_stays(path: Path) -> None:
    path.write_text('{"version": 3, "solved": {}, "mood": {"today": "good"}}', "utf-8")
    progress.save("1.1", "answer")
    assert json.loads(path.read_text("utf-8"))["mood"] == {"today": "good"}
    assert json.loads(path.read_text("utf-8"))["version"] == 3


def test_a_byte_order_mark_is_no_damage(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("\ufeff" + OLD, "utf-8")
    progress.save("1.1", "new")
    assert progress.solved_numbers() == {"0.1", "1.1"}
    assert capsys.readouterr().out == ""


def test_one_bad_entry_spoils_no_other(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text('{"version": 2, "solved": {"0.1": {"date": "2024-01-01", "source": "old"}, "0.2": 3}, "quiz": {"02.1": true}, "sketch": 5}', "utf-8")
    assert progress.solved_numbers() == {"0.1"}
    assert progress.recorded("quiz") == {"02.1": True}
    assert "It is kept as progress.damaged.json; 2 entries of it are taken over." in capsys.readouterr().out


def test_a_bottomless_file_is_put_aside(path: Path) -> None:
    path.write_text("[" * 200_000, "utf-8")
    assert progress.solved_numbers() == set()
    assert (path.parent / "progress.damaged.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "synchronised").mkdir()
    real = tmp_path / "synchronised" / "mine.json"
    real.write_text(OLD, "utf-8")
    path.symlink_to(real)
    progress.save("1.1", "new")
    assert path.is_symlink()
    assert set(json.loads(real.read_text("utf-8"))["solved"]) == {"0.1", "1.1"}
    assert [p.name for p in real.parent.iterdir()] == ["mine.json"]


def test_a_file_for_reading_only_is_left_as_it_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text(OLD, "utf-8")
    path.chmod(0o444)
    progress.save("1.1", "new")
    assert "progress.json could not be written (progress.json is for reading only): this is kept only until the kernel stops." in capsys.readouterr().out
    assert path.read_text("utf-8") == OLD
    assert progress.solved_numbers() == {"0.1", "1.1"}
    path.chmod(0o640)
    progress.save("1.2", "newer")
    assert path.stat().st_mode & 0o777 == 0o640
    assert set(progress.load(path)) == {"0.1", "1.1", "1.2"}        # what waited is written too


@pytest.mark.usefixtures("path")
def test_an_answer_without_text_does_not_replace_one_with_text() -> None:
    progress.save("1.1", "def f(): ...")
    progress.save("1.1", "")
    assert progress.answer_of("1.1") == "def f(): ..."


WRITER = """
import sys
from pathlib import Path
from helpers.lesson import progress
progress.PATH = Path(sys.argv[2])
for i in range(40):
    progress.save(f"{sys.argv[1]}.{i}", "x" * 200)
    progress.record("quiz", f"{sys.argv[1]}.{i}", i)
"""


def test_two_processes_that_save_at_once_lose_nothing(path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_STRICT"}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name, str(path)], env=environment, cwd=progress.ROOT, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for name in ("1", "2")]
    said = [writer.communicate(timeout=120)[0] for writer in writers]
    assert said == ["", ""]
    assert progress.solved_numbers() == {f"{name}.{i}" for name in (1, 2) for i in range(40)}
    assert len(progress.recorded("quiz")) == 80
    assert [p.name for p in path.parent.iterdir()] == ["progress.json"]


def test_a_lock_that_another_process_holds_is_said_and_what_waits_is_written_later(
        path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.02)
    lock = path.with_name("progress.json.lock")
    lock.write_text("")
    progress.save("1.1", "first")
    assert "another process holds progress.json.lock; if none does, delete that file" in capsys.readouterr().out
    assert progress.solved_numbers() == {"1.1"}
    lock.unlink()
    progress.save("1.2", "second")
    assert set(progress.load(path)) == {"1.1", "1.2"}


def test_a_lock_left_over_is_broken(path: Path) -> None:
    lock = path.with_name("progress.json.lock")
    lock.write_text("")
    os.utime(lock, (time.time() - 60, time.time() - 60))
    progress.save("1.1", "answer")
    assert set(progress.load(path)) == {"1.1"}
    assert not lock.exists()
