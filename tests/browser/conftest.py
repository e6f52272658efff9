"""One JupyterLab for all browser tests. They run one after the other: two browsers on two cores measure nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab import Lab, copy_of_course, missing
from probe import write_probe

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of the course, which also holds probe.ipynb."""
    reason = missing()
    if reason:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(f"The browser tests cannot run: {reason}")
    root = copy_of_course(tmp_path_factory.mktemp("lab"))
    write_probe(root / "probe.ipynb")
    with Lab(root) as lab:
        yield lab


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """What the tests measured."""
    measured = [(r.nodeid, *p) for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, []) if r.when == "call" for p in r.user_properties]
    if measured:
        terminalreporter.section("measured in the browser")
        for test, name, value in measured:
            terminalreporter.line(f"{test.split('::')[-1]}: {name}: {value}")
