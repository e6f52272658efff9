"""The tests themselves are tested: each way in which a course can break turns the run red, and says why.

A small course is made in a temporary folder, with this course's own conftest, settings, tests and tools; it is
broken in many ways at once, and one run of pytest must find each of them, in its place, and nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from tiny import TINY, write_tiny

from tools.source import ROOT, Source

COLOR = re.compile(r"(?:\x1b|#x1B)\[[0-9;]*m")          # pytest writes the escape character as text into its report
WHOLE = ["conftest.py", "course.py", "pyproject.toml", "tests/offline/sitecustomize.py", "tests/sanitize.cfg", "tests/test_notebooks.py", "tests/lesson/known.py", "tests/lesson/test_proofs.py",
         "tests/tools/test_structure.py", "tools/__init__.py", "tools/source.py", "tools/build.py", "tools/run.py", "tools/structure.py", "tools/lesson.py", "tools/minutes.py", "tools/devices.py", "tools/extras.py"]
SOCKET = "import socket\n\nsocket.create_connection(('192.0.2.1', 80), timeout=1)"
PICTURE = "from IPython.display import display\ndisplay({'image/png': '', 'text/plain': 'A rising line.'}, raw=True)"
#: A chapter with one exercise and one figure: as it should be.
CHAPTER = TINY[:TINY.index("# %%\none, two")].replace(TINY[TINY.index("import os"):TINY.index("# %% [markdown]\n# ###")], '''import matplotlib.pyplot as plt

from helpers import check
from helpers.widgets import explore, slider

''') + '''# %%
fig, ax = plt.subplots(figsize=(1, 1))

def draw(w):
    return f"1 / (4 - w) is {1 / (4 - w):.1f}"

explore(draw, fig, name="one neuron", w=slider("w", 0, 3, 1))
'''
CHECKS = '''from helpers.lesson.exercise import Case, Exercise

ex = Exercise("97.1", oracle=lambda x: 2 * x, cases=lambda: [Case("3", (3,)), Case("5", (5,))], verified="it doubles")
ex.wrong("a half is not a double")(lambda x: x / 2)
ex.wrong("a square is not a double")(lambda x: x * x)
ex.wrong("twice, not x + 2")(lambda x: x + 2)
ex.wrong("the sign is wrong")(lambda x: -2 * x)
ex.also_right(lambda x: x + x)
ex.also_right(lambda x: x / 0.5)
'''
#: Only in the broken course: tests that reach out, and a warning.
REACHING = f'''import warnings

{SOCKET.splitlines()[0]}

def test_a_socket():
    {SOCKET.splitlines()[-1]}

def test_a_name():
    socket.getaddrinfo("example.org", 80)

def test_a_warning():
    warnings.warn("this will change", DeprecationWarning)

def test_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
'''


@dataclass(frozen=True)
class Result:
    """What a run of pytest gave: its exit code, and of each test why it failed ("" if it did not)."""

    code: int
    failures: dict[str, str]
    text: str

    def of(self, part: str) -> str:
        """Why the one failing test whose name holds part failed."""
        (why,) = [why for name, why in self.failures.items() if part in name and why]
        return why


def run_pytest(root: Path, *arguments: str) -> Result:
    (root / "lean.py").write_text("import sys; sys.modules['rfc3987_syntax'] = None    # nbformat needs it for nothing, and it takes 1.4 s to import\n")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))} | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pytest", "-n0", "--rootdir", str(root), "-c", "pyproject.toml", "-p", "lean", "--junitxml=report.xml", *arguments]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=300)
    report = root / "report.xml"
    assert report.exists(), done.stdout + done.stderr
    failures = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        found = [*case.iter("failure"), *case.iter("error")]
        failures[f"{case.get('classname')}::{case.get('name')}"] = COLOR.sub("", "".join(f"{f.get('message')}\n{f.text}" for f in found))
    return Result(done.returncode, failures, done.stdout + done.stderr)


def make_course(root: Path, chapter: str, checks: str) -> Source:
    """A course of one chapter, 97, with this course's tests and tools."""
    for name in WHOLE:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "helpers", root / "helpers", ignore=shutil.ignore_patterns("topics", "__pycache__"))
    shutil.copytree(ROOT / "helpers/topics", root / "helpers/topics", ignore=lambda folder, names: {n for n in names if (Path(folder) / n).is_dir()})
    index = root / "helpers/topics/__init__.py"
    index.write_text(index.read_text("utf-8").replace('TOPICS = ("start", ', 'TOPICS = ("",) * 97 + ("doubles",) + ("start", '), "utf-8")
    (root / "helpers/topics/doubles").mkdir()
    (root / "helpers/topics/doubles/__init__.py").write_text("", "utf-8")
    (root / "helpers/topics/doubles/checks.py").write_text(checks, "utf-8")
    source = Source(write_tiny(root, chapter))
    for folder, nb in (("chapters", source.chapter_notebook()), ("solutions", source.solutions_notebook())):
        (root / folder).mkdir()
        nbformat.write(executed(nb), root / folder / "97_doubles.ipynb")
    return source


def executed(nb: NotebookNode, outputs: Mapping[str, str] | None = None) -> NotebookNode:
    """As if the notebook had been executed: the beginning of a cell's source → what it printed."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [nbformat.v4.new_output("stream", text=text) for begin, text in (outputs or {}).items() if cell.source.startswith(begin)]
    return nb


def stored(*cells: tuple[str, str]) -> NotebookNode:
    """A notebook of code cells, each with the text that it printed when it was built; for a picture, its sentence."""
    nb = executed(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source, _ in cells]))
    for cell, (source, text) in zip(nb.cells, cells, strict=True):
        if source == PICTURE:
            cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "", "text/plain": text})]
        elif text:
            cell.outputs = [nbformat.v4.new_output("stream", text=text)]
    return nb


IN_STEP = "tests/tools/test_structure.py::test_notebooks_are_in_step_with_their_source"
SOLVED = "test_solved_chapter_runs_fast_and_its_controls_move"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The control: nothing is broken."""
    root = tmp_path_factory.mktemp("whole")
    make_course(root, CHAPTER, CHECKS)
    (root / "nb").mkdir()
    local = "import socket\nwith socket.create_server(('127.0.0.1', 0)) as server:\n    socket.create_connection(server.getsockname()).close()"
    unbroken = stored(("print(6 * 7)", "42\n"), (PICTURE, "A rising line."), (local, ""), ("print('accuracy «0.971»')", "accuracy «0.968»\n"))
    nbformat.write(unbroken, root / "nb/unbroken.ipynb")
    return run_pytest(root, "tests/test_notebooks.py", "tests/lesson/known.py", "tests/lesson/test_proofs.py", IN_STEP, "nb")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A course that is broken in each of the ways that the tests below name."""
    root = tmp_path_factory.mktemp("broken")
    checks = CHECKS.replace("lambda x: x + 2", "lambda x: x + x").replace("lambda x: x * x)", "lambda x: x / 2)")
    source = make_course(root, CHAPTER.replace("(4 - w)", "(3 - w)"), checks)
    stale = executed(source.chapter_notebook())
    stale.cells[-1].source += "  # once"
    nbformat.write(stale, root / "chapters/97_doubles.ipynb")
    (root / "nb").mkdir()
    later = TINY[:TINY.index("# %%\none, two")].replace('print("N is", N, FAST)', "print(double(2))")
    stub = Source(write_tiny(root / "nb", later)).chapter_notebook()
    shutil.rmtree(root / "nb/source")
    nbformat.write(executed(stub, {"check(": "checked 97.1 in a strict run\n", "print(double": "4\n"}), root / "nb/stub.ipynb")
    promise = "from helpers import expect\nexpect(0.5, what='test accuracy', at_least=0.97)"
    cells = stored(("print(6 * 7)", "41\n"), (PICTURE, "A falling line."), (SOCKET, ""), (promise, "✓ test accuracy: «0.981» (promised: at least 0.970)\n"),
                   ("print(1)", "1\n"))
    nbformat.write(cells, root / "nb/cells.ipynb")           # nbval runs on after a cell that fails: each is a test of its own
    (root / "tests/test_reaching.py").write_text(REACHING)
    return run_pytest(root, "tests/test_notebooks.py", "tests/lesson/known.py", "tests/lesson/test_proofs.py", "tests/test_reaching.py", IN_STEP, "nb")


def test_the_whole_course_is_green(whole: Result) -> None:
    assert whole.code == 0, whole.text
    assert len(whole.failures) >= 10
    assert any(SOLVED in name for name in whole.failures)


def test_the_broken_course_is_red_in_these_places_and_no_other(broken: Result) -> None:
    assert broken.code == 1
    red = sorted(name for name, why in broken.failures.items() if why)
    assert len(red) == 12, "\n".join(red)
    assert any("test_this_machine" in name for name in broken.failures)         # a socket on this machine is free


def test_a_changed_output_turns_it_red(broken: Result) -> None:
    why = broken.of("cells.ipynb::Cell 0")
    assert "Cell outputs differ" in why
    assert "42" in why
    assert "41" in why


def test_a_changed_picture_turns_it_red(broken: Result) -> None:
    why = broken.of("cells.ipynb::Cell 1")
    assert "A rising line." in why
    assert "A falling line." in why


def test_a_stub_that_breaks_a_later_cell_turns_it_red(broken: Result) -> None:
    assert "NotImplementedError: exercise 97.1" in broken.of("stub.ipynb")


def test_a_widget_whose_callback_raises_turns_it_red(broken: Result) -> None:
    why = broken.of(SOLVED)
    assert "ZeroDivisionError" in why
    assert "sweep_all()" in why


def test_a_stale_notebook_turns_it_red(broken: Result) -> None:
    why = broken.of("test_notebooks_are_in_step")
    assert "chapters/97_doubles.ipynb" in why
    assert "run 'python3 course.py build'" in why


def test_a_broken_promise_turns_it_red(broken: Result) -> None:
    assert "PromiseBroken: test accuracy is 0.500; the text promises at least 0.970" in broken.of("cells.ipynb::Cell 3")


def test_a_wrong_answer_that_passes_turns_it_red(broken: Result) -> None:
    assert "'right' == 'wrong'" in broken.of("its_own_message[97.1-2]")


def test_a_wrong_answer_with_the_message_of_another_turns_it_red(broken: Result) -> None:
    assert "it got another message" in broken.of("its_own_message[97.1-1]")


def test_a_socket_to_another_host_turns_it_red(broken: Result) -> None:
    refused = "NetworkUsed: the tests run without a network, and something asked for"
    assert f"{refused} 192.0.2.1" in broken.of("cells.ipynb::Cell 2")
    assert f"{refused} 192.0.2.1" in broken.of("test_a_socket")
    assert f"{refused} example.org" in broken.of("test_a_name")


def test_a_warning_turns_it_red(broken: Result) -> None:
    assert "DeprecationWarning: this will change" in broken.of("test_a_warning")
