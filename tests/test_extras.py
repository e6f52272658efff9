"""A lesson whose extra is missing says so in one sentence, and the cells that need it are passed over."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import extras
from helpers.extras import KNOWN, Missing, PassOver, missing_sentence, optional
from tools.source import ROOT, Source, sources


@pytest.fixture(name="shell")
def shell_without(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A kernel's shell, in which TensorFlow is not installed."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "tensorflow" else real(name, *rest))
    made = InteractiveShell()
    monkeypatch.setattr(extras, "_shell", lambda: made)
    yield made
    made.history_manager.end_session()          # type: ignore[union-attr]


def run(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell).raise_error()


@pytest.mark.usefixtures("shell")
def test_one_sentence_says_what_is_missing_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(optional("keras"), Missing)
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith("This lesson needs TensorFlow, which is not installed")
    assert 'pip install -c constraints.txt -e ".[tensorflow]"' in said
    assert "1,430 MB" in said


def test_cells_that_need_it_and_those_that_hang_on_them_are_passed_over(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "from helpers.extras import optional\nkeras = optional('keras')", "def build():\n    return keras.Sequential([])", "net = build()", "print(net)", "kept = 3", "print('seven', 4 + kept)",
        "net = 5", "print('net', net)")
    said = capsys.readouterr().out.splitlines()[1:]
    assert said == ["(Passed over: this cell needs TensorFlow.)"] * 3 + ["seven 7", "net 5"]


def test_a_name_within_a_function_is_no_name_of_the_notebook(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    run(shell, "from helpers.extras import optional\nkeras = optional('keras')", "def f(n):\n    w = keras.ops.zeros(n)\n    return w\nv = [u for u in keras.backend()]",
        "def g(w, n=2):\n    return w * n + sum(u for u in (1, 2))\nprint('ten', g(3) + 1)", "print(v)")
    assert capsys.readouterr().out.splitlines()[1:] == ["(Passed over: this cell needs TensorFlow.)", "ten 10", "(Passed over: this cell needs TensorFlow.)"]


def test_once_it_is_there_nothing_is_passed_over(shell: InteractiveShell) -> None:
    optional("keras")
    optional("keras")
    assert sum(isinstance(t, PassOver) for t in shell.ast_transformers) == 1
    extras._forget()
    assert not any(isinstance(t, PassOver) for t in shell.ast_transformers)


def test_the_command_is_for_this_course_or_for_the_readers_own_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(ROOT / ".venv"))
    assert ".venv" in missing_sentence("tensorflow", "TensorFlow", 1430)
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert "run  python -m pip" in missing_sentence("tensorflow", "TensorFlow", 1430)


def test_one_list_names_the_lessons_that_need_an_extra() -> None:
    from tools.extras import EXTRAS

    asking = {path.stem: name for path in sources() for name in KNOWN if f'optional("{name}")' in path.read_text("utf-8")}
    assert {lesson: KNOWN[name][0] for lesson, name in asking.items()} == EXTRAS


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is here")
def test_stored_outputs_are_not_run_without_it_and_somebody_is_told() -> None:
    from tools.extras import EXTRAS, lacks, not_run

    assert [lacks(lesson) for lesson in EXTRAS] == list(EXTRAS.values())
    assert len(not_run()) == len(EXTRAS)
    assert all("were not run, for the extra" in line for line in not_run())


def test_without_it_a_lesson_is_left_as_it_was_built(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from tools import build
    from tools.source import SourceError

    monkeypatch.setattr(build, "lacks", lambda _: "tensorflow")
    monkeypatch.setattr(Source, "check_exercises_exist", lambda _: None)
    with pytest.raises(SourceError, match=r"can be built only where the extra 'tensorflow' is installed"):
        build.build(sources(["00"])[0], root=tmp_path, force=True)      # type: ignore[arg-type]
