"""chapters/my_project.ipynb runs as it is, and on each kind of data of one's own."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest

from helpers.project.demo import demo
from helpers.project.own import KINDS

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "chapters" / "my_project.ipynb"
KINDS_TRIED = ("", *KINDS)


@pytest.mark.parametrize("kind", KINDS_TRIED)
def test_it_runs_on(kind: str, tmp_path: Path) -> None:
    path = demo(kind, tmp_path) if kind else ""
    opened = nbformat.read(NOTEBOOK, 4)
    opened.cells[-1].source = opened.cells[-1].source.replace("OPEN_TEST = False", "OPEN_TEST = True")
    nbformat.write(opened, tmp_path / "mine.ipynb")
    done = papermill.execute_notebook(tmp_path / "mine.ipynb", None, {"PATH": str(path), "KIND": kind, "N_EPOCHS": 15}, cwd=ROOT, progress_bar=False)
    said = "".join(o.get("text", "") for cell in done.cells for o in cell.get("outputs", []))
    assert f"{kind or 'table'}: " in said
    assert "the network is better by" in said


def test_it_is_short_and_delivered_without_outputs() -> None:
    nb = nbformat.read(NOTEBOOK, 4)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert sum(bool(line.strip()) for cell in code for line in cell.source.splitlines()) <= 40
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "OPEN_TEST = False" in code[-1].source, "the test part stays closed until the reader opens it"
