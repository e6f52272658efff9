"""What every test, and every kernel that a test starts, has in common."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
OFFLINE = str(ROOT / "tests" / "offline")
sys.path.insert(0, str(ROOT))

import course

_path = os.environ.get("PYTHONPATH")                    # its owner, who called pytest by hand, knows why
course.isolate(os.environ)                              # no settings of the user's, of matplotlib, IPython, Jupyter
for _name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "JUPYTER_PATH"]:
    del os.environ[_name]                               # a server of our own is asked without a proxy
os.environ["NO_PROXY"] = "*"                            # nor through one of the system's settings
os.environ["COURSE_STRICT"] = "1"                       # a broken promise raises
os.environ.setdefault("OMP_NUM_THREADS", "1")           # two workers, two cores: no fight over them
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [OFFLINE, _path]))
sys.path.insert(0, OFFLINE)

import matplotlib as mpl
import pytest
import sitecustomize  # the same guard, in this process
from xdist.scheduler import LoadScopeScheduling

sitecustomize.stay_offline()
mpl.use("agg")


class NotebooksTogether(LoadScopeScheduling):
    """A file's tests stay on one worker, a notebook's cells in order; but each lesson's papermill run goes alone.

    (xdist's own --dist loadgroup does this by marks, and does nothing under pytest 9.2: pytest-xdist issue 1386.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return nodeid if file.endswith("test_notebooks.py") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> NotebooksTogether:
    return NotebooksTogether(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lesson", default="", help="of the tests that speak of every lesson, only those of these (03a_memory,03b_forecasts)")


@pytest.fixture(autouse=True)
def own_style() -> Iterator[None]:
    """A test that sets the course's figure style leaves the next one alone."""
    with mpl.rc_context():
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long tests come first, so that no worker is left with one at the end; and --lesson."""
    items.sort(key=lambda item: (item.path.name != "test_notebooks.py", item.path.suffix != ".ipynb"))
    from tools.extras import lacks

    cannot = [item for item in items if item.path.suffix == ".ipynb" and lacks(item.path.stem)]      # stored outputs of an extra that is not here
    if cannot:
        config.hook.pytest_deselected(items=cannot)
        items[:] = [item for item in items if item not in cannot]
    lessons = [name for name in config.getoption("--lesson").split(",") if name]
    if lessons:
        chosen = [item for item in items if belongs(item, lessons)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was not run for want of an extra. And where the time went: in a suite that grows by a lesson a week, somebody must see it."""
    from tools.extras import not_run

    for line in not_run():
        asked = terminalreporter.config.args
        if any(arg in ("chapters", "solutions") or line.split(":")[0] in arg for arg in asked):
            terminalreporter.line(line)
    seconds: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration"):
                seconds[room_of(report.nodeid)] = seconds.get(room_of(report.nodeid), 0.0) + report.duration
    if sum(seconds.values()) > 60:
        terminalreporter.section("seconds of each kind, on all workers")
        for room, spent in sorted(seconds.items(), key=lambda item: -item[1]):
            terminalreporter.line(f"{spent:7.0f}  {room}")


def room_of(nodeid: str) -> str:
    """The kind of test that a test is, for the sum of seconds."""
    file = nodeid.split("::")[0]
    if file.endswith(".ipynb"):
        return f"nbval, {file.split('/')[0]}"
    if file.endswith("test_notebooks.py"):
        return "papermill, lessons solved and FAST"
    if file.endswith("test_claims.py"):
        return "claims of longer runs"
    return "/".join(file.split("/")[:2 if file.startswith("tests/topics") else -1]) or file


def belongs(item: pytest.Item, lessons: list[str]) -> bool:
    """Whether a test speaks of one of these lessons. What lies in folders of a topic, and notebooks, were chosen by their paths."""
    if {"topics", "chapters", "solutions"} & set(item.path.relative_to(ROOT).parts):
        return True
    from tools.test import exercises_of

    said = re.split(r"[\[\]/-]", item.name)[1:]                 # the parameters of a test
    return bool(set(said) & (set(lessons) | exercises_of(lessons)))
