"""The results as one Markdown text, for the screen and for README.md."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean
from typing import Any

from benchmarks.race import Run, first_time, time_to_own_best, time_to_pass


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def race_table(runs: dict[str, list[Run]]) -> str:
    """Each recipe's accuracy and times; for ours, how many times sooner a peer's own best is passed."""
    n = len(next(iter(runs.values())))
    lines = [f"MNIST-5k, 4,000 digits to train on and 1,000 to test, mean of {n} seeds, all in one run. The peers run as they were published, untuned; "
             "the course's settings were chosen among some forty on a validation part of the 4,000:", "",
             _row("recipe", "best accuracy", "reached after", "last accuracy", "in all", "99 % after", "passes the PyTorch example's best", "passes the Keras example's best"),
             _row(*["---"] * 8)]
    for name, own in runs.items():
        passes = []
        for peer in ("PyTorch example", "Keras example"):
            seconds = time_to_pass(own, runs[peer]) if name.startswith("course") else None
            passes.append("–" if seconds is None else f"{_seconds(seconds)}, {time_to_own_best(runs[peer]) / seconds:.0f}× sooner")
        known = [t for t in (first_time(run, 0.99) for run in own) if t is not None]
        to_99 = f"{mean(known):.1f} s ({len(known)} of {len(own)} seeds)" if known else "–"
        lines.append(_row(name, f"{mean(max(run['accuracy']) for run in own):.1%}", _seconds(time_to_own_best(own)),
                          f"{mean(run['accuracy'][-1] for run in own):.1%}", _seconds(mean(run["seconds"][-1] for run in own)), to_99, *passes))
    return "\n".join(lines)


def overhead_sentences(o: dict[str, float]) -> str:
    return (f"`fit` costs {o['overhead']:+.1%} over the bare loop. A training step runs at {o['training_flops'] / 1e9:.0f} GFLOP/s, "
            f"{o['training_flops'] / o['matmul_flops']:.0%} of the matrix product's {o['matmul_flops'] / 1e9:.0f}. "
            f"`import helpers` adds {o['import_seconds']:.2f} s.")


def chapters_table(chapters: list[dict[str, Any]]) -> str:
    lines = [_row("lesson", "top to bottom", "size", "interactive figure: kernel time of a move, median"), _row(*["---"] * 4)]
    for c in chapters:
        figures = "; ".join(f"{f['figure']} {f['median_ms']:.0f} ms" for f in c["figures"])
        lines.append(_row(c["chapter"], _seconds(c["seconds"]), f"{c['kilobytes']:.0f} kB" if c["kilobytes"] else "–", figures))
    return "\n".join(lines)


#: What is measured and how it is told, in this order.
PARTS: dict[str, Callable[[Any], str]] = {"race": race_table, "overhead": overhead_sentences, "chapters": chapters_table}


def measured_on(m: dict[str, Any]) -> str:
    return f"Measured on {m['date']} on {m['cores']} cores ({m['cpu']}), {m['system']}, Python {m['python']}, torch {m['torch']}, {m['threads']} thread."


def as_text(results: dict[str, Any]) -> str:
    """All that results.json holds, as Markdown; when and where is said once, or above each part if they differ."""
    parts = {part: tell(results[part]) for part, tell in PARTS.items() if part in results}
    when = {part: measured_on(results["machines"][part]) for part in parts}
    if len(set(when.values())) == 1:
        return "\n\n".join([*set(when.values()), *parts.values()])
    return "\n\n".join(f"{when[part]}\n\n{text}" for part, text in parts.items())
