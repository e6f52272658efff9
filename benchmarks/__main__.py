"""Measure the course on this machine: one table on the screen, all of it in benchmarks/results.json.

    python3 course.py bench                 everything, about half an hour; each part is kept as soon as it is done
    python3 course.py bench --seeds 2       fewer seeds
    python3 course.py bench --only race     one part: race, overhead or chapters
    python3 course.py bench 03a 05          of the chapters only these lessons; the others' rows stay
    python3 course.py bench --readme        only put the table of results.json into README.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.chapters import measure_lessons
from benchmarks.overhead import fit_over_bare, import_seconds, matmul_flops, training_flops
from benchmarks.race import race
from benchmarks.table import PARTS, as_text
from helpers.runtime import ROOT
from tools import words_for_terminals

RESULTS = Path(__file__).with_name("results.json")
README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- bench:start -->\n).*?(<!-- bench:end -->)", re.S)


def machine() -> dict[str, Any]:
    """What the numbers were measured on; nothing that names the machine or its owner."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), cpu)
    return {"cpu": cpu, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version(),
            "torch": torch.__version__, "threads": torch.get_num_threads(), "date": date.today().isoformat()}


def overhead() -> dict[str, float]:
    return {**fit_over_bare(), "matmul_flops": matmul_flops(), "training_flops": training_flops(), "import_seconds": import_seconds()}


def stored() -> dict[str, Any]:
    """What results.json holds. An older one has a single machine, for all of its parts."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if "machine" in results:
        one = results.pop("machine")
        results["machines"] = {part: one for part in PARTS if part in results}
    return results


def replace(path: Path, text: str) -> None:
    """Write a file in one move."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, "utf-8")
    os.replace(part, path)


def into_readme(table: str) -> None:
    """Put the table between the two marks of README.md."""
    text = README.read_text("utf-8")
    if not PLACE.search(text):
        raise ValueError("README.md has no place for the table: <!-- bench:start --> and <!-- bench:end -->")
    replace(README, PLACE.sub(lambda m: f"{m[1]}{table}\n{m[2]}", text))


def main(arguments: list[str] | None = None) -> int:
    words_for_terminals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args(arguments)
    results = stored()
    if not options.readme:
        torch.set_num_threads(1)        # one thread each: what a busy laptop has to give
        def keep(part: str, found: Any) -> None:
            results[part] = found
            results.setdefault("machines", {})[part] = machine()
            replace(RESULTS, json.dumps(results, indent=1, allow_nan=False) + "\n")

        measure: dict[str, Callable[[], None]] = {
            "race": lambda: keep("race", race(options.seeds)), "overhead": lambda: keep("overhead", overhead()),
            "chapters": lambda: measure_lessons(options.lessons, results.get("chapters", []), partial(keep, "chapters"))}
        for part in ["chapters"] if options.lessons else [options.only] if options.only else PARTS:
            measure[part]()
    elif not results:
        parser.error("nothing has been measured yet. Run 'python3 course.py bench' first.")
    table = as_text(results)
    print(table)
    if options.readme:
        into_readme(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
