"""What every test, and every kernel that a test starts, has in common."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent
OFFLINE = str(ROOT / "tests" / "offline")

os.environ["COURSE_STRICT"] = "1"                       # a broken promise raises
os.environ.setdefault("OMP_NUM_THREADS", "1")           # two workers, two cores: no fight over them
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [OFFLINE, os.environ.get("PYTHONPATH")]))
sys.path.insert(0, OFFLINE)
import sitecustomize  # noqa: E402  the same guard, in this process

sitecustomize.stay_offline()
mpl.use("agg")


class NotebooksTogether(LoadScopeScheduling):
    """A file's tests stay on one worker, a notebook's cells in order; but each chapter's papermill run goes alone.

    (xdist's own --dist loadgroup does this by marks, and does nothing under pytest 9.2: pytest-xdist issue 1386.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return nodeid if file.endswith("test_notebooks.py") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> NotebooksTogether:
    return NotebooksTogether(config, log)


@pytest.fixture(autouse=True)
def own_style() -> Iterator[None]:
    """A test that sets the course's figure style leaves the next one alone."""
    with mpl.rc_context():
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests come first, so that no worker is left with one at the end."""
    items.sort(key=lambda item: (item.path.name != "test_notebooks.py", item.path.suffix != ".ipynb"))
