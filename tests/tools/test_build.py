"""Notebooks are built when they must be, in one move, and come out the same each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from tiny import TINY, write_tiny

from tools import build as builder
from tools.build import CellFailed, build, execute, in_step, orphans, write
from tools.source import ROOT, Source, SourceError

NAMES = ["chapters/97_doubles.ipynb", "solutions/97_doubles.ipynb"]
EXECUTED: list[str] = []


def pretend(nb: NotebookNode, _folder: Path) -> NotebookNode:
    """Instead of a kernel."""
    EXECUTED.append(nb.cells[0].source)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
    return nb


@pytest.fixture(autouse=True)
def _checks_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Source, "check_exercises_exist", lambda _: None)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    EXECUTED.clear()
    monkeypatch.setattr(builder, "execute", pretend)


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for folder in ("chapters", "solutions") for p in sorted((root / folder).iterdir())}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny chapter, built by real kernels."""
    root = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Source, "check_exercises_exist", lambda _: None)
        assert build(write_tiny(root), root) == NAMES
    return root


def test_a_built_notebook_is_executed_and_strict(built: Path) -> None:
    for name in NAMES:
        nb = nbformat.read(built / name, 4)
        nbformat.validate(nb)
        assert "checked 97.1 in a strict run\n" in [o.get("text") for c in nb.cells for o in c.get("outputs", [])]


def test_a_built_notebook_keeps_what_is_the_same_in_each_run(built: Path) -> None:
    text = (built / NAMES[0]).read_text("utf-8")
    nb = json.loads(text)
    assert nb["metadata"]["language_info"] == {"name": "python"}
    assert "widgets" not in nb["metadata"]
    assert {key for c in nb["cells"] for key in c["metadata"]} <= {"tags", "delivered", "jupyter"}
    assert [c["cell_type"] for c in nb["cells"] if c["metadata"].get("delivered")] == [c["cell_type"] for c in nb["cells"] if c["cell_type"] == "code"]
    assert "delivered" not in (built / NAMES[1]).read_text("utf-8"), "what a solution shows is no answer to a question"
    assert re.findall(r'"model_id": "(\w+)"', text) == [f"{0:032x}", f"{1:032x}", f"{0:032x}"]


def test_a_second_execution_gives_identical_bytes(built: Path) -> None:
    before = files(built)
    assert build(built / "source" / "97_doubles.py", built, force=True) == NAMES
    assert files(built) == before


@pytest.mark.usefixtures("no_kernel")
def test_an_unchanged_source_is_not_executed_again(built: Path) -> None:
    before, times = files(built), [(built / name).stat().st_mtime_ns for name in NAMES]
    assert build(built / "source" / "97_doubles.py", built) == []
    assert EXECUTED == []
    assert files(built) == before
    assert [(built / name).stat().st_mtime_ns for name in NAMES] == times


@pytest.mark.usefixtures("no_kernel")
def test_only_the_notebook_that_differs_is_built(tmp_path: Path) -> None:
    build(write_tiny(tmp_path), tmp_path)
    path = write_tiny(tmp_path, TINY.replace('print("N is"', 'print("N was"'))
    assert build(path, tmp_path, check=True) == NAMES[:1]
    EXECUTED.clear()
    assert build(path, tmp_path) == NAMES[:1]           # the solutions do not hold that cell
    assert EXECUTED == ["# 97 · Doubles — How much is twice?"]
    assert build(path, tmp_path, check=True) == []


@pytest.mark.usefixtures("no_kernel")
def test_a_change_of_tags_is_a_change(tmp_path: Path) -> None:
    build(write_tiny(tmp_path), tmp_path)
    path = write_tiny(tmp_path, TINY.replace('# %%\nprint', '# %% tags=["lesson"]\nprint'))
    assert build(path, tmp_path, check=True) == NAMES[:1]


@pytest.mark.usefixtures("no_kernel")
def test_check_finds_what_is_missing_and_executes_nothing(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    assert build(path, tmp_path, check=True) == NAMES
    assert EXECUTED == []
    assert not (tmp_path / "chapters").exists()


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("damage", ["", "{", "{}", "[]", "null", "\udcff", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [5]}',
                                    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": null}', "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n"])
def test_a_damaged_notebook_is_found_and_built_anew(tmp_path: Path, damage: str) -> None:
    path = write_tiny(tmp_path)
    build(path, tmp_path)
    whole = files(tmp_path)
    (tmp_path / NAMES[0]).write_bytes(damage.encode("utf-8", "surrogateescape"))
    assert build(path, tmp_path, check=True) == NAMES[:1]
    assert build(path, tmp_path) == NAMES[:1]
    assert files(tmp_path) == whole


@pytest.mark.usefixtures("no_kernel")
def test_a_notebook_whose_outputs_were_cleared_is_out_of_step(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    build(path, tmp_path)
    nb = nbformat.read(tmp_path / NAMES[0], 4)
    nb.cells[-1].execution_count = None
    write(nb, tmp_path / NAMES[0])
    assert build(path, tmp_path, check=True) == NAMES[:1]


@pytest.mark.usefixtures("no_kernel")
def test_what_no_source_makes_is_an_orphan(tmp_path: Path) -> None:
    path = write_tiny(tmp_path)
    build(path, tmp_path)
    assert orphans([path], tmp_path) == []
    assert orphans([], tmp_path) == NAMES


def test_a_failing_write_leaves_the_old_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    nb, path = pretend(Source(write_tiny(tmp_path)).chapter_notebook(), tmp_path), tmp_path / NAMES[0]
    write(nb, path)
    before = path.read_bytes()
    nb.cells[-1].source = "changed"
    for owner, name in ((builder.os, "replace"), (Path, "write_text")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, full)
            with pytest.raises(OSError, match="no space left"):
                write(nb, path)
        assert path.read_bytes() == before
        assert in_step(nb, path) is False
    write(nb, path)
    assert in_step(nb, path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_an_invalid_notebook_is_not_written(tmp_path: Path) -> None:
    nb = Source(write_tiny(tmp_path)).chapter_notebook()
    nb.cells[0].cell_type = "nonsense"
    with pytest.raises(nbformat.ValidationError):
        write(nb, tmp_path / "x.ipynb")
    assert not (tmp_path / "x.ipynb").exists()


def test_a_cell_that_raises_is_told_and_the_old_notebook_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(builder, "execute", pretend)
        build(write_tiny(tmp_path), tmp_path)
    before = files(tmp_path)
    path = write_tiny(tmp_path, TINY.replace('print("N is"', 'print(double(2), "N is"'))
    line = TINY[:TINY.index('# %%\nprint("N is"')].count("\n") + 1
    with pytest.raises(SourceError, match=rf"(?s)^97_doubles\.py:{line}: chapters/97_doubles\.ipynb cannot be built: .*NotImplementedError: exercise 97\.1"):
        build(path, tmp_path)
    assert files(tmp_path) == before


def test_a_failing_cell_of_the_solutions_is_found_in_the_source(tmp_path: Path) -> None:
    text = TINY.replace("    print(", '    assert "y" not in answer.__code__.co_varnames       # as it is in the solution\n    print(')
    line = text[:text.index("# %%\ncheck(")].count("\n") + 1
    with pytest.raises(SourceError, match=rf"^97_doubles\.py:{line}: solutions/97_doubles\.ipynb cannot be built: "):
        build(write_tiny(tmp_path, text), tmp_path)


def test_a_kernel_that_dies_is_told_with_the_cell_in_which_it_died(tmp_path: Path) -> None:
    path = write_tiny(tmp_path, TINY.replace('print("N is", N, FAST)', "os._exit(1)"))
    line = TINY[:TINY.index('# %%\nprint("N is"')].count("\n") + 1
    with pytest.raises(SourceError, match=rf"^97_doubles\.py:{line}: chapters/97_doubles\.ipynb cannot be built: "):
        build(path, tmp_path)


def test_each_kernel_id_is_numbered_in_each_output(tmp_path: Path) -> None:
    """Wherever an id stands, and only ids: a longer run of hexadecimal digits is none."""
    text = f"{'ab' * 16} {'cd' * 16} {'ab' * 16} {'ab' * 20}"
    nb = execute(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"print({text!r})")]), tmp_path)
    assert nb.cells[0].outputs[0].text == f"{0:032x} {1:032x} {0:032x} {'ab' * 20}\n"


def test_a_cell_that_takes_too_long_is_told_with_its_place(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_markdown_cell("Wait."), nbformat.v4.new_code_cell("import time\ntime.sleep(60)")]
    with pytest.raises(CellFailed, match=r"(?s)timed out.*time\.sleep") as caught:
        execute(nbformat.v4.new_notebook(cells=cells), tmp_path, timeout=1)
    assert caught.value.place == 1


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_kernel: None) -> Path:  # noqa: ARG001
    """A course of two tiny chapters, for main()."""
    write_tiny(tmp_path)
    write_tiny(tmp_path, TINY.replace("97", "98"), "98_doubles.py")
    monkeypatch.setattr("tools.source.ROOT", tmp_path)
    monkeypatch.setattr(builder, "build", partial(build, root=tmp_path))
    monkeypatch.setattr(builder, "orphans", partial(orphans, root=tmp_path))
    return tmp_path


def test_the_command_builds_all_or_some(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert builder.main(["98"]) == 0
    assert sorted(files(course)) == ["chapters/98_doubles.ipynb", "solutions/98_doubles.ipynb"]
    assert builder.main([]) == 0
    assert len(files(course)) == 4
    assert re.fullmatch(r"(\S+\.ipynb  \d+\.\d s  \d+ kB\n){4}", capsys.readouterr().out)


def test_the_command_refuses_a_chapter_that_is_not_there(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert builder.main(["55"]) == 2
    assert capsys.readouterr().err == "no source fits 55; there are 97_doubles, 98_doubles\n"
    assert builder.main(["98", "55", "--check"]) == 2
    assert not (course / "chapters").exists()


def test_check_names_each_notebook_that_is_out_of_step(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder.main([])
    assert builder.main(["--check"]) == 0
    write_tiny(course, TINY.replace("# # 97", "# # 97, again"))                                             # stale
    (course / "chapters/98_doubles.ipynb").write_text("{")                                                  # damaged
    (course / "solutions/98_doubles.ipynb").rename(course / "solutions/99_gone.ipynb")                      # missing, and an orphan
    assert builder.main(["--check"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1].split(" ")[0] for line in said] == [*NAMES, "chapters/98_doubles.ipynb", "solutions/98_doubles.ipynb", "solutions/99_gone.ipynb"]
    assert {line.split("(")[1] for line in said} == {"run 'python3 course.py build')", "no source makes it: delete it)"}


def test_a_broken_source_is_told_without_a_traceback(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tiny(course, TINY.replace("### END", "### The end"))
    assert builder.main([]) == 1
    assert re.fullmatch(r"97_doubles\.py:\d+: the markers must be .*\n", capsys.readouterr().err)


def test_each_broken_source_is_told_and_the_whole_ones_are_built(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("96", "97"):
        write_tiny(course, TINY.replace("97", number).replace("### END", "### The end"), f"{number}_doubles.py")
    assert builder.main([]) == 1
    assert re.fullmatch(r"96_doubles\.py:\d+: the markers .*\n97_doubles\.py:\d+: the markers .*\n", capsys.readouterr().err)
    assert sorted(files(course)) == ["chapters/98_doubles.ipynb", "solutions/98_doubles.ipynb"]
    assert builder.main(["--check"]) == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_git_keeps_line_ends_of_unix_whatever_a_rebuild_on_windows_writes(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    (tmp_path / "a.ipynb").write_bytes(b"{\r\n}\r\n")
    git = ["git", "-C", str(tmp_path), "-c", "core.autocrlf=false"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True, capture_output=True)
    assert subprocess.run([*git, "show", ":a.ipynb"], check=True, capture_output=True).stdout == b"{\n}\n"
