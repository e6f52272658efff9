"""Seconds of each chapter from top to bottom, its size, and the kernel's milliseconds for a move of each figure."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.run import moves, run, with_sweep
from tools.source import ROOT, Source, sources


def measure(path: Path) -> dict[str, Any]:
    """One chapter, solved, in full, then again with every control moved."""
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


def all_chapters() -> list[dict[str, Any]]:
    return [measure(path) for path in sources()]
