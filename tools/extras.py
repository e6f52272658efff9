"""Lessons that need more than the course installs, and their tests in an environment that has it.

    python -m tools.extras        make build/extras/<extra> over .venv, install there, run all tests of each such lesson

Without its extra a lesson says so in one sentence, passes over the cells that need it, and its stored outputs are not
tested: they cannot come out again. All else of it is (structure, exercises, papermill, the browser).
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

from tools.source import ROOT

#: Lesson → the extra of pyproject.toml that it needs. An extra is named after the module that it brings.
EXTRAS = {"10b_tensorflow": "tensorflow"}


def lacks(lesson: str) -> str:
    """The extra that a lesson (its stem, 03a_memory) needs and this Python has not; "" if none."""
    extra = EXTRAS.get(lesson, "")
    return extra if extra and importlib.util.find_spec(extra) is None else ""


def not_run() -> list[str]:
    """A line for each lesson whose extra is missing: what was not run, and what to do."""
    return [f"{lesson}: its stored outputs were not run, for the extra {extra!r} is missing. To run them: .venv/bin/python -m tools.extras"
            for lesson in EXTRAS if (extra := lacks(lesson))]


def environment_with(extra: str) -> Path:
    """The Python of an environment that has all of this one's packages and the extra's; this one is left as it is."""
    home = ROOT / "build" / "extras" / extra
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home, symlinks=os.name != "nt")
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(home)}))
    (packages / "below.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n", "utf-8")
    subprocess.run([str(python), "-m", "ipykernel", "install", "--sys-prefix"], check=True, capture_output=True)      # so that notebooks run there, too
    return python


def main() -> int:
    """The first exit code that is not 0."""
    import course

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    failed = 0
    for lesson, extra in EXTRAS.items():
        if sys.version_info >= (3, 14) and extra == "tensorflow":
            print(f"{lesson}: TensorFlow has no wheel for this Python yet; its tests are left out.")
            continue
        python = environment_with(extra)
        install = [str(python), "-m", "pip", "install", "-q", "-c", "constraints.txt", *wanted[extra]]
        done = subprocess.run(install, cwd=ROOT, env=course.pip_environment())
        if done.returncode == 0:
            done = subprocess.run([str(python), "-m", "tools.test", lesson], cwd=ROOT, env=course.environment("test"))
        failed = failed or done.returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
