"""Seconds of each lesson from top to bottom, its size, and the kernel's milliseconds for a move of each figure."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tools.run import moves, run, with_sweep
from tools.source import ROOT, Source, sources


def measure(path: Path) -> dict[str, Any]:
    """One lesson, solved, in full, then again with every control moved."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        run(Source(path).chapter_notebook(solved=True), Path(folder) / "full.ipynb")
        seconds = time.perf_counter() - started
        swept = moves(run(with_sweep(Source(path).chapter_notebook(solved=True)), Path(folder) / "sweep.ipynb", {"FAST": True}))
    figures = []
    for name in dict.fromkeys(m.panel for m in swept if m.kind in ("Explorer", "Live", "DigitReader")):
        times = [m.milliseconds for m in swept if m.panel == name]
        kind = next(m.kind for m in swept if m.panel == name)
        figures.append({"figure": name, "kind": kind, "moves": len(times), "median_ms": statistics.median(times), "longest_ms": max(times)})
    built = ROOT / "chapters" / f"{path.stem}.ipynb"
    return {"chapter": path.stem, "seconds": seconds, "kilobytes": built.stat().st_size / 1e3 if built.exists() else None, "figures": figures}


def measure_lessons(lessons: Sequence[str], before: Sequence[dict[str, Any]], keep: Callable[[list[dict[str, Any]]], None]) -> None:
    """Measure these lessons (all, if none is named); keep gets the rows of all that are known after each, in the order of the sources.

    before : list of dict
        The rows of an earlier run; those of lessons that are no more are dropped.
    """
    rows = {row["chapter"]: row for row in before}
    for path in sources(lessons):
        rows[path.stem] = measure(path)
        keep([rows[other.stem] for other in sources() if other.stem in rows])
