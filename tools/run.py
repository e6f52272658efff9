"""Execute chapters and say how each went; nothing in chapters/ is changed.

    python3 course.py run                    every chapter as it stands
    python3 course.py run 01 03a             only these: a chapter, a lesson (or their paths)
    python3 course.py run 01 --solved        with its exercises filled in, from the source
    python3 course.py run 01 --sweep         and move every control to its least, middle and greatest value
    python3 course.py run 01 --fast -p SEED 3     with other parameters

The executed notebooks land in build/run/, and every picture beside them as a PNG.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from tools import words_for_terminals
from tools.build import STRICT
from tools.source import ROOT, Source, sources

OUT = ROOT / "build" / "run"
SWEEP = "from helpers.widgets.sweep import sweep_all\n\nsweep_all()"


@dataclass(frozen=True)
class Move:
    """One move of one control, and how long the kernel took for it."""

    panel: str
    kind: str           # "Explorer", "Live", "Quiz" …
    control: str
    value: Any
    milliseconds: float


def with_sweep(nb: NotebookNode) -> NotebookNode:
    """The notebook with one more cell, which moves every control of every panel."""
    nb.cells.append(nbformat.v4.new_code_cell(SWEEP, metadata={"tags": ["sweep"]}))
    return nb


def moves(nb: NotebookNode) -> list[Move]:
    """What the sweep cell of an executed notebook measured."""
    cell = next(c for c in reversed(nb.cells) if "sweep" in c.metadata.get("tags", []))
    text = "".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream" and o.get("name") == "stdout")
    return [Move(**row) for row in json.loads(text.splitlines()[-1])]


def run(nb: NotebookNode, out: Path, parameters: Mapping[str, Any] | None = None, timeout: int = 300) -> NotebookNode:
    """Execute a notebook with papermill, as if it stood in chapters/.

    Raises
    ------
    PapermillExecutionError
        If a cell raises; the notebook up to there is at out.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    path = out.with_name(f"{out.stem}.in.ipynb")
    nbformat.write(nb, path)
    before = {name: os.environ.get(name) for name in STRICT}
    os.environ.update(STRICT)
    try:
        return papermill.execute_notebook(path, out, parameters=dict(parameters or {}), cwd=ROOT / "chapters", kernel_name="python3",
                                          progress_bar=False, log_output=False, execution_timeout=timeout, request_save_on_cell_execute=False)
    finally:
        path.unlink()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def save_pictures(nb: NotebookNode, folder: Path) -> int:
    """Write each picture of a notebook as NN.png, in order; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    pictures = [o.data["image/png"] for c in nb.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    for i, picture in enumerate(pictures):
        (folder / f"{i:02d}.png").write_bytes(base64.b64decode(picture))
    return len(pictures)


def value_of(text: str) -> Any:
    """A parameter's value: JSON where it is that (3, 0.1, true), else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def main(arguments: list[str] | None = None) -> int:
    words_for_terminals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*")
    parser.add_argument("--solved", action="store_true")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), dest="parameters")
    options = parser.parse_args(arguments)
    parameters: dict[str, Any] = {name: value_of(value) for name, value in options.parameters}
    if options.fast:
        parameters["FAST"] = True
    try:
        paths = sources(options.chapters)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    failed = 0
    for path in paths:
        built = ROOT / "chapters" / f"{path.stem}.ipynb"
        if not options.solved and not built.exists():
            failed += 1
            print(f"✗ {path.stem}: it is not built yet; run 'python3 course.py build {path.stem[:2]}'", file=sys.stderr)
            continue
        nb = Source(path).chapter_notebook(solved=True) if options.solved else nbformat.read(built, 4)
        out, started = OUT / f"{path.stem}.ipynb", time.perf_counter()
        try:
            nb = run(with_sweep(nb) if options.sweep else nb, out, parameters)
        except PapermillExecutionError as error:
            failed += 1
            print(f"✗ {path.stem}: {error}", file=sys.stderr)
            continue
        seconds = time.perf_counter() - started
        print(f"✓ {path.stem}: {seconds:.1f} s, {save_pictures(nb, OUT / path.stem)} pictures, {out.stat().st_size / 1e3:.0f} kB")
        for move in moves(nb) if options.sweep else []:
            print(f"    {move.milliseconds:7.1f} ms  {move.panel}: {move.control} = {move.value}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
