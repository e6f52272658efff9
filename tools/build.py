"""Write chapters/ (exercises open) and solutions/ (exercises solved) from source/, both executed.

    python3 course.py build               build what differs from its source
    python3 course.py build 02 03a        only chapter 02 and lesson 03a (or their paths)
    python3 course.py build --force       build all, changed or not (after a change of helpers/)
    python3 course.py build --check       execute nothing; fail if a notebook is out of step with its source
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools import words_for_terminals
from tools.extras import lacks
from tools.source import KERNEL, ROOT, Source, SourceError, notebook, sources

#: Notebooks that have no source: they are delivered without outputs.
BY_HAND = {"my_project"}
MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
#: What every notebook run of ours inherits: results that repeat, promises that are kept.
STRICT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "COURSE_STRICT": "1"}


class CellFailed(RuntimeError):
    """A cell raised, took too long or ended its kernel; place is the cell's, from 0."""

    def __init__(self, place: int, message: str) -> None:
        super().__init__(message)
        self.place = place


def execute(nb: NotebookNode, folder: Path, timeout: int = 300) -> NotebookNode:
    """Run a notebook in folder, and keep of it only what is the same in each run.

    Raises
    ------
    CellFailed
        At the first cell that does not end as it should.
    """
    begun = 0

    def begin(cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG001
        nonlocal begun
        begun = cell_index

    folder.mkdir(exist_ok=True)
    client = NotebookClient(nb, timeout=timeout, kernel_name="python3", shutdown_kernel="immediate", record_timing=False,
                            store_widget_state=False, on_cell_start=begin, resources={"metadata": {"path": str(folder)}})
    try:
        client.execute(env={**os.environ, **STRICT})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise CellFailed(begun, COLOR.sub("", str(error))) from error
    nb.metadata.language_info = KERNEL["language_info"]      # no Python patch level in git
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:                 # widget ids are random: number them in order
        return numbers.setdefault(match[0], f"{len(numbers):032x}")

    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = nbformat.from_dict(json.loads(MODEL_ID.sub(number, json.dumps(cell.outputs))))
    return nb


def as_delivered(nb: NotebookNode) -> NotebookNode:
    """Mark the outputs of an executed lesson: the lab shows them once the learner has run their cells, not before."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.metadata.delivered = True
    return nb


def outline(nb: NotebookNode) -> list[tuple[str, str, str, list[str], bool]]:
    """All that comes from the source: what a notebook must share with it to be in step."""
    return [(c.cell_type, c.id, c.source, c.metadata.get("tags", []), "jupyter" in c.metadata) for c in nb.cells]


def in_step(nb: NotebookNode, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        there = nbformat.read(path, 4)
        executed = all(c.execution_count for c in there.cells if c.cell_type == "code" and c.source.strip())
        return executed and outline(nb) == outline(there)    # nbval passes over cells that were never executed
    except (ValueError, AttributeError, TypeError, nbformat.ValidationError):
        return False                                         # damaged: build it anew


def write(nb: NotebookNode, path: Path) -> None:
    """Validate, then replace the notebook in one move."""
    nbformat.validate(nb)
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(nbformat.writes(nb) + "\n", "utf-8")
    os.replace(part, path)


def build(path: Path, root: Path = ROOT, *, check: bool = False, force: bool = False) -> list[str]:
    """Build one source; what is out of step (with check), or what has been written.

    Raises
    ------
    SourceError
        If the source is broken, or one of its cells raises; the notebook that was there stays.
    """
    source = Source(path)
    source.check_exercises_exist()
    done = []
    for folder, cells in (("chapters", source.chapter_cells()), ("solutions", source.solutions_cells())):
        nb, out = notebook(cells), root / folder / f"{path.stem}.ipynb"
        missing = "" if check else lacks(path.stem)
        if in_step(nb, out) and (missing or not force):
            continue
        if missing:
            raise SourceError(f"{path.name}:1: this lesson can be built only where the extra {missing!r} is installed: python -m pip install -c constraints.txt -e '.[{missing}]'")
        done.append(str(out.relative_to(root)))
        if not check:
            started = time.perf_counter()
            try:
                executed = execute(nb, ROOT / "chapters")
                write(as_delivered(executed) if folder == "chapters" else executed, out)
            except CellFailed as error:
                raise SourceError(f"{path.name}:{cells[error.place].line}: {done[-1]} cannot be built: {error}") from error
            print(f"{done[-1]}  {time.perf_counter() - started:.1f} s  {out.stat().st_size / 1e3:.0f} kB", flush=True)
    return done


def orphans(paths: list[Path], root: Path = ROOT) -> list[str]:
    """Notebooks that no source makes any more."""
    names = {p.stem for p in paths}
    return [str(nb.relative_to(root)) for folder in ("chapters", "solutions") for nb in sorted((root / folder).glob("*.ipynb")) if nb.stem not in names | BY_HAND]


def main(arguments: list[str] | None = None) -> int:
    words_for_terminals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", help="numbers such as 02; all if none is given")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--force", action="store_true")
    options = parser.parse_args(arguments)
    try:
        paths = sources(options.chapters)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    with ThreadPoolExecutor(2) as pool:
        builds = [pool.submit(build, path, check=options.check, force=options.force) for path in paths]
    done, broken = [], 0
    for finished in builds:
        try:
            done += finished.result()
        except SourceError as error:
            broken += 1
            print(error, file=sys.stderr)
    if not options.check:
        return min(broken, 1)
    for name in done:
        print(f"out of step with its source: {name} (run 'python3 course.py build')", file=sys.stderr)
    left = orphans(sources())
    for name in left:
        print(f"out of step with its source: {name} (no source makes it: delete it)", file=sys.stderr)
    return bool(broken or done or left)


if __name__ == "__main__":
    sys.exit(main())
