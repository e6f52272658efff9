"""A chapter is run with papermill: parameters arrive, pictures are saved, failures are told."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from tiny import TINY, write_tiny

from tools import run as runner
from tools.run import Move, moves, run, save_pictures, value_of, with_sweep
from tools.source import Source

PIXEL = base64.b64encode(b"a picture").decode()


def printed(nb: NotebookNode) -> str:
    return "".join(o.get("text", "") for c in nb.cells for o in c.get("outputs", []))


def test_parameters_arrive_and_nothing_else_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_STRICT")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    nb = Source(write_tiny(tmp_path)).chapter_notebook(solved=True)
    done = run(nb, tmp_path / "out" / "x.ipynb", {"FAST": True, "N": 12})
    assert "N is 12 True\n" in printed(done)
    assert "checked 97.1 in a strict run\n" in printed(done)
    assert os.environ.get("COURSE_STRICT") is None
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["x.ipynb"]


def test_a_cell_that_raises_stops_the_run_and_the_notebook_is_kept(tmp_path: Path) -> None:
    nb = Source(write_tiny(tmp_path, TINY.replace('print("N is"', 'print(double(2), "N is"'))).chapter_notebook()
    with pytest.raises(PapermillExecutionError, match=r"exercise 97\.1"):
        run(nb, tmp_path / "x.ipynb")
    assert "NotImplementedError" in (tmp_path / "x.ipynb").read_text("utf-8")
    assert not (tmp_path / "x.in.ipynb").exists()


def test_the_moves_are_read_from_the_last_line_of_the_sweep() -> None:
    nb = with_sweep(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a")]))
    assert nb.cells[-1].metadata.tags == ["sweep"]
    assert "sweep_all()" in nb.cells[-1].source
    row = {"panel": "one neuron", "kind": "Explorer", "control": "w", "value": "3", "milliseconds": 8.5}
    nb.cells[-1].outputs = [nbformat.v4.new_output("stream", text="said by a draw function\n" + json.dumps([row]) + "\n"),
                            nbformat.v4.new_output("stream", name="stderr", text="a warning\n")]
    assert moves(nb) == [Move("one neuron", "Explorer", "w", "3", 8.5)]


def test_pictures_are_saved_in_order_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "07.png").write_bytes(b"old")
    (tmp_path / "notes.txt").write_text("mine")
    outputs = [nbformat.v4.new_output("display_data", {"image/png": PIXEL}), nbformat.v4.new_output("stream", text="a"),
               nbformat.v4.new_output("execute_result", {"image/png": PIXEL, "text/plain": "a"})]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("a"), nbformat.v4.new_code_cell("b", outputs=outputs)])
    assert save_pictures(nb, tmp_path) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["00.png", "01.png", "notes.txt"]
    assert (tmp_path / "01.png").read_bytes() == b"a picture"


def test_the_folder_of_the_pictures_is_made(tmp_path: Path) -> None:
    outputs = [nbformat.v4.new_output("display_data", {"image/png": PIXEL})]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a", outputs=outputs)])
    assert save_pictures(nb, tmp_path / "build" / "97") == 1
    assert (tmp_path / "build" / "97" / "00.png").read_bytes() == b"a picture"


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("0.1", 0.1), ("true", True), ("[1, 2]", [1, 2]), ('"3"', "3"), ("relu", "relu"), ("True", "True")])
def test_a_parameter_is_read_as_json_or_taken_as_text(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three tiny chapters: 97 is built, 98 is not, 99 raises."""
    for number in ("97", "98", "99"):
        text = TINY.replace("97", number).replace("FAST)", "FAST, 1 / 0)" if number == "99" else "FAST)")
        path = write_tiny(tmp_path, text, f"{number}_doubles.py")
        if number != "98":
            (tmp_path / "chapters").mkdir(exist_ok=True)
            nbformat.write(Source(path).chapter_notebook(), tmp_path / "chapters" / f"{path.stem}.ipynb")
    monkeypatch.setattr("tools.source.ROOT", tmp_path)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "OUT", tmp_path / "build")
    return tmp_path


def test_the_command_runs_each_chapter_and_tells_how_it_went(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (course / "chapters/97_doubles.ipynb").read_bytes()
    assert runner.main(["--fast", "-p", "N", "5"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("✓ 97_doubles: ")
    assert " s, 0 pictures, " in said.out
    assert "✗ 98_doubles: it is not built yet; run 'python3 course.py build 98'" in said.err
    assert "✗ 99_doubles: " in said.err
    assert "ZeroDivisionError" in said.err
    assert "N is 5 True\n" in printed(nbformat.read(course / "build/97_doubles.ipynb", 4))
    assert (course / "chapters/97_doubles.ipynb").read_bytes() == before


def test_the_command_runs_a_source_that_is_not_built_solved(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["98", "--solved"]) == 0
    assert capsys.readouterr().out.startswith("✓ 98_doubles: ")
    assert "return 2 * y" in (course / "build/98_doubles.ipynb").read_text("utf-8")


@pytest.mark.usefixtures("course")
def test_the_command_refuses_a_chapter_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["55"]) == 2
    assert capsys.readouterr().err == "no source fits 55; there are 97_doubles, 98_doubles, 99_doubles\n"
