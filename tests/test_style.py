"""ruff and mypy find nothing in helpers, tools, tests, benchmarks and sources."""

import subprocess
import sys

from tools.source import ROOT, sources


def output_of(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    assert output_of("ruff", "check", "--output-format=concise") == ""


def test_mypy_finds_nothing() -> None:
    assert output_of("mypy", "--no-error-summary") == ""


#: Lessons carry no annotations: what hangs on them alone (a dictionary of settings, a layer taken out of a stack) is not asked.
UNASKED = ("arg-type", "assignment", "call-arg", "dict-item", "index", "misc", "operator", "union-attr", "var-annotated")


def test_mypy_finds_nothing_in_the_sources() -> None:
    """A source is a script of cells that tell names again, so redefinition is allowed; all in one run, which reads torch once."""
    unasked = [f"--disable-error-code={code}" for code in UNASKED]
    assert output_of("mypy", "--no-error-summary", "--allow-redefinition", "--allow-untyped-defs", "--no-warn-unused-ignores", *unasked, *map(str, sources())) == ""
