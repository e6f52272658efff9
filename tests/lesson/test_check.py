"""What a learner calls, in a real IPython: what of a cell is kept, the course's own answers, and one's own that runs on."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from helpers import check, mine, my_answer, topics
from helpers.lesson import exercise as core
from helpers.lesson import progress
from helpers.lesson.exercise import Case, Exercise

#: Each list of cells ends with one that calls check("98.1", …).
CELLS = {
    "a helper in the same cell": ["def share(t):\n    return t.float().mean()\n\ndef accuracy(predicted, y):\n    return share(predicted == y)", 'check("98.1", accuracy)'],
    "a magic": ["%%time\ndef accuracy(predicted, y):\n    return (predicted == y).float().mean()", 'check("98.1", accuracy)'],
    "a partial": ["import functools\ndef acc(scale, predicted, y):\n    return scale * (predicted == y).float().mean()\nanswer = functools.partial(acc, 1)", 'check("98.1", answer)'],
    "a partial on the spot": ["import functools\ndef acc(scale, predicted, y):\n    return scale * (predicted == y).float().mean()", 'check("98.1", functools.partial(acc, 1))'],
    "a decorator without wraps": ["def loud(f):\n    def g(*a):\n        return f(*a)\n    return g\n\n@loud\ndef accuracy(predicted, y):\n    return (predicted == y).float().mean()", 'check("98.1", accuracy)'],
    "an object": ["class Accuracy:\n    def __call__(self, predicted, y):\n        return (predicted == y).float().mean()\n\naccuracy = Accuracy()", 'check("98.1", accuracy)'],
    "a lambda": ["accuracy = lambda predicted, y: (predicted == y).float().mean()", 'check("98.1", accuracy)'],
    "the newest of two": ["def accuracy(predicted, y):\n    return 0", "def accuracy(predicted, y):\n    return (predicted == y).float().mean()  # new", 'check("98.1", accuracy)'],
    "all in one cell": ['def accuracy(predicted, y):\n    return (predicted == y).float().mean()\ncheck("98.1", accuracy)'],
}
KERNEL = '''
import json, sys, torch
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from helpers import topics
from helpers.lesson import progress
from helpers.lesson.exercise import Case, Exercise
topics.check_modules = lambda chapter: ["math"] if chapter == 98 else []
Exercise("98.1", oracle=lambda p, y: (p == y).double().mean(), verified="", cases=lambda: [Case("three", (torch.tensor([1, 2, 3]), torch.tensor([1, 2, 4])))])
shell, cells = InteractiveShell.instance(), json.loads(sys.argv[1])
progress.PATH = Path(sys.argv[2])
shell.run_cell("from helpers import check", store_history=True)
kept = {}
for name, texts in cells.items():
    for text in texts:
        result = shell.run_cell(text, store_history=True)
        assert result.success, name
    kept[name] = progress.answer_of("98.1")
print("KEPT" + json.dumps(kept))
'''


def test_the_whole_cell_is_kept_however_the_answer_was_written(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_STRICT"} | {"IPYTHONDIR": str(tmp_path / "ipython")}
    run = subprocess.run([sys.executable, "-c", KERNEL, json.dumps(CELLS), str(tmp_path / "progress.json")],
                         env=environment, cwd=progress.ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    kept = json.loads(run.stdout.split("KEPT")[1])
    whole = {name: (texts[-2] if len(texts) > 1 else texts[-1]) for name, texts in CELLS.items()}
    partial = kept.pop("a partial on the spot")
    assert partial.startswith("def acc(scale, predicted, y):")
    whole.pop("a partial on the spot")
    assert kept == whole


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Exercise:
    """Exercise 98.1: twice a number; progress in a file of its own."""
    monkeypatch.setattr(core, "EXERCISES", {})
    monkeypatch.setattr(progress, "_this_kernel", {})
    monkeypatch.setattr(progress, "PATH", tmp_path / "progress.json")
    monkeypatch.setattr("helpers.lesson.check._passed", {})
    monkeypatch.setattr(topics, "check_modules", lambda chapter: ["math"] if chapter == 98 else [])
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    return Exercise("98.1", oracle=lambda x: 2 * x, cases=lambda: [Case("3", (torch.tensor(3.0),))], verified="twice")


def twice(x: Any) -> Any:
    return x + x


@pytest.mark.usefixtures("exercise")
def test_the_courses_own_answer_neither_counts_nor_replaces_yours(capsys: pytest.CaptureFixture[str]) -> None:
    check("98.1", twice, keep=False)
    assert capsys.readouterr().out.endswith("This is the course's answer: it is not counted as yours, and yours is kept as it is.\n")
    assert progress.solved_numbers() == set()
    progress.save("98.1", "my own")
    check("98.1", twice, keep=False)
    assert progress.answer_of("98.1") == "my own"


@pytest.mark.usefixtures("exercise")
def test_an_answer_of_which_no_text_was_kept_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    check("98.1", functools.partial(torch.mul, 2))
    capsys.readouterr()
    my_answer("98.1")
    assert capsys.readouterr().out == "Exercise 98.1 is solved, but no text of the answer was kept: it was not written in a cell.\n"


@pytest.mark.usefixtures("exercise")
def test_your_own_answer_runs_where_it_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    def fallback(x: Any) -> Any:
        return 2 * x

    assert mine("98.1", fallback) is fallback
    check("98.1", twice)
    assert mine("98.1", fallback) is twice
    check("98.1", lambda x: x)
    assert mine("98.1", fallback) is fallback
    said = [line for line in capsys.readouterr().out.splitlines() if "used here" in line]
    assert said == ["Exercise 98.1: the course's answer is used here. (Solve it, run its check, and run this cell again: then yours is.)",
                    "Exercise 98.1: your own answer is used here.",
                    "Exercise 98.1: the course's answer is used here. (Solve it, run its check, and run this cell again: then yours is.)"]
    with pytest.raises(ValueError, match=r"there is no exercise 98\.7; chapter 98 has 98\.1"):
        mine("98.7", fallback)


@pytest.mark.usefixtures("exercise")
def test_the_solutions_answer_is_not_yours() -> None:
    check("98.1", twice, keep=False)
    assert mine("98.1", len) is len
