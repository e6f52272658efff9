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


def test_mypy_finds_nothing_in_the_sources() -> None:
    """A source is a script of cells that tell names again, so redefinition is allowed; all in one run, which reads torch once."""
    assert output_of("mypy", "--no-error-summary", "--allow-redefinition", "--allow-untyped-defs", *map(str, sources())) == ""
