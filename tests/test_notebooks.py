"""papermill on every chapter, its solutions filled in: it runs, its checks pass, each of its controls moves."""

from pathlib import Path

import pytest

from tools.extras import lacks
from tools.run import moves, run, with_sweep
from tools.source import Source, sources


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_solved_chapter_runs_fast_and_its_controls_move(path: Path, tmp_path: Path) -> None:
    source = Source(path)
    nb = run(with_sweep(source.chapter_notebook(solved=True)), tmp_path / f"{path.stem}.ipynb", {"FAST": True}, timeout=120)
    said = "".join(o.get("text", "") for c in nb.cells for o in c.get("outputs", []))
    for exercise in source.exercises:
        assert f"✓ Exercise {exercise.number} is right" in said
    assert "✗" not in said
    assert ("which is not installed: in the course's folder run" in said) == bool(lacks(path.stem)), "a lesson whose extra is missing says so"
    moved = moves(nb)
    for panel in dict.fromkeys(m.panel for m in moved):
        times = sorted(m.milliseconds for m in moved if m.panel == panel)
        print(f"{path.stem}: {panel}: {len(times)} moves, median {times[len(times) // 2]:.1f} ms, longest {times[-1]:.1f} ms")
    assert {m.kind for m in moved} & {"Explorer", "Live", "DigitReader"}, "no interactive figure has been moved"
