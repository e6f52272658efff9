"""What is installed here, and what is wrong with it: ``python3 course.py doctor``, and the first cell of chapter 00.

Nothing outside the standard library is imported before it is examined, so that a package that does not load is a
finding and not a traceback.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":      # a random.py of the user's, on PYTHONPATH, must not stand before Python's own
    sys.path[:] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), os.path.dirname(os.__file__), *sys.path[1:]]

import io
import json
import platform
import shutil
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":                              # as a plain script: helpers without what its __init__ imports
    sys.modules["helpers"] = ModuleType("helpers")
    sys.modules["helpers"].__path__ = [str(ROOT / "helpers")]

from helpers import intruders

PROJECT = ROOT / "pyproject.toml"
#: Each has a row of its own; the other requirements stand together in one.
PACKAGES = ("torch", "numpy", "matplotlib", "jupyterlab", "ipywidgets", "anywidget")
#: The half of each widget package that lives in the browser.
EXTENSIONS = {"widgets: sliders": "@jupyter-widgets/jupyterlab-manager", "widgets: drawing pad": "anywidget"}
LEAST_FREE_MB = 200
LONGEST_TRAINING_S = 5.0
#: What mends an installation: the course's own environment, or one that somebody else looks after (conda, Binder).
ANEW = ("delete the folder .venv, then run 'python3 course.py lab'" if Path(sys.prefix).resolve() == ROOT / ".venv" else
        "run 'python3 course.py lab', which makes an environment of its own, or bring this one in step with environment.yml")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    ok is True (well), False (wrong: advice says what to do) or None (to know; advice where it could be better).
    """

    name: str
    value: str
    ok: bool | None
    advice: str = ""


def _project() -> dict[str, Any]:
    """What pyproject.toml says of the course."""
    project: dict[str, Any] = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    return project


def python() -> Finding:
    have, bounds, bits = platform.python_version(), _project()["requires-python"], 64 if sys.maxsize > 2**32 else 32
    ok = _fits(have, bounds) and bits == 64
    return Finding("Python", f"{have}, {bits} bit", ok,
                   "" if ok else f"PyTorch needs a 64-bit Python {bounds}: install 3.12 from python.org, delete the folder .venv, "
                                 "then run 'python3.12 course.py lab'")


def system() -> Finding:
    intel_mac = sys.platform == "darwin" and platform.machine() == "x86_64"
    return Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}", not intel_mac,
                   "there is no current PyTorch for Intel Macs. On a Mac with an M chip install a Python for Apple silicon; "
                   "on an Intel Mac use Binder or another computer" if intel_mac else "")


def _installed(name: str) -> str:
    """The version, or "missing"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _bounds() -> dict[str, str]:
    """Each package that the course itself needs, and the versions that will do, as in ">=2.6,<2.14"."""
    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in _project()["dependencies"]]
    return {r.name: ",".join(sorted(map(str, r.specifier), reverse=True)) for r in needed}


def _fits(have: str, bounds: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return have != "missing" and SpecifierSet(bounds).contains(have, prereleases=True)


def package(name: str) -> Finding:
    """One package's version against what the course asks for."""
    have, bounds = _installed(name), _bounds()[name]
    ok = _fits(have, bounds)
    return Finding(name, f"{have}, needs {bounds}", ok, "" if ok else f"{name} is {have}, and the course needs {bounds}: {ANEW}")


def other_packages() -> Finding:
    rest = {name: bounds for name, bounds in _bounds().items() if name not in PACKAGES}
    wrong = [f"{name} is {_installed(name)} and should be {bounds}" for name, bounds in rest.items() if not _fits(_installed(name), bounds)]
    return Finding("other packages", ", ".join(f"{name} {_installed(name)}" for name in rest), not wrong,
                   f"{'; '.join(wrong)}: {ANEW}" if wrong else "")


def course() -> Finding:
    """Whether a notebook, which runs in another folder, imports helpers from this very course."""
    found = intruders.helpers_of_notebooks()
    ok = found != "" and Path(found).resolve() == ROOT / "helpers" / "__init__.py"
    astray = (f"notebooks take helpers from elsewhere: {intruders.advice(found)}" if found else
              f"this Python ({sys.executable}) does not find the course. Start it with 'python3 course.py lab'; in an environment of your own run 'pip install -e .' in {ROOT}")
    return Finding("the course's helpers", "found" if ok else found or "not found", ok, "" if ok else astray)


def settings() -> Finding:
    """The user's own settings: course.py keeps them out, other ways to start Jupyter do not."""
    found, kept_out = intruders.settings(), os.environ.get("COURSE_KEPT_OUT", "").split()
    said = [*found, *(f"{name} (kept out)" for name in kept_out)]
    return Finding("your own settings", ", ".join(said) or "none that matter", None, "; ".join(f"{name}: {what}" for name, what in found.items()))


def jupyters_files() -> Finding:
    """Whether Jupyter can keep its own files: without them it does not start."""
    from jupyter_core.paths import jupyter_runtime_dir

    folder = Path(jupyter_runtime_dir())
    nearest = next(f for f in (folder, *folder.parents) if f.exists())
    ok = os.access(nearest, os.W_OK)
    return Finding("Jupyter's own files", "can be written" if ok else "for reading only", ok,
                   "" if ok else f"Jupyter cannot write into {nearest}. 'python3 course.py lab' keeps its files in the course's folder; "
                                 "elsewhere set JUPYTER_DATA_DIR to a folder that can be written")


def threads() -> Finding:
    import torch

    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    n = torch.get_num_threads()
    return Finding("torch threads", f"{n} on {cores} cores", None,
                   f"{n} threads on {cores} cores wait for each other: unset OMP_NUM_THREADS" if n > cores else "")


def waiting() -> Finding:
    policy = os.environ.get("OMP_WAIT_POLICY", "not set")
    return Finding("OMP_WAIT_POLICY", policy, None,
                   "" if policy.upper() == "PASSIVE" else "training can be many times slower while other programs run. 'python3 course.py lab' sets PASSIVE; "
                                                          "elsewhere set it before Jupyter starts")


def widgets(name: str, extension: str) -> Finding:
    """Whether JupyterLab finds a widget package's extension."""
    from jupyter_core.paths import jupyter_path

    files = [Path(folder) / extension / "package.json" for folder in jupyter_path("labextensions")]
    file = next((f for f in files if f.exists()), None)
    if file is None:
        return Finding(name, "missing", False, f"JupyterLab lacks its extension {extension}, so the figures will not move: {ANEW}")
    return Finding(name, json.loads(file.read_text("utf-8"))["version"], True)


def fonts() -> Finding:
    from matplotlib.font_manager import findfont

    try:
        findfont("DejaVu Sans", fallback_to_default=False)
    except ValueError:
        return Finding("figures' font", "DejaVu Sans is missing", False, "delete matplotlib's font cache (python -c 'import matplotlib; "
                       f"print(matplotlib.get_cachedir())' says where it is); if that does not help, {ANEW}")
    return Finding("figures' font", "DejaVu Sans", True)


def disk() -> Finding:
    free = shutil.disk_usage(ROOT).free // 2**20
    ok = free >= LEAST_FREE_MB
    return Finding("free disk", f"{free / 1024:.1f} GB", ok, "" if ok else f"{free} MB are free, and {LEAST_FREE_MB} are needed to save notebooks and progress: make room")


def folder() -> Finding:
    ok = os.access(ROOT, os.W_OK)
    return Finding("course folder", "can be written" if ok else "for reading only", ok,
                   "" if ok else f"notebooks and progress.json cannot be saved in {ROOT}: copy the course to a folder of your own")


def data() -> Finding:
    from helpers.data import digits

    split = digits()
    return Finding("digits", f"{sum(len(x) for x, _ in (split.train, split.val, split.test))} pictures", True)


def _train() -> tuple[list[float], float]:
    """The losses of a tiny network, and seconds. By hand: torch's optimisers take two seconds to import."""
    import torch

    from helpers.data import toy

    with torch.random.fork_rng(devices=[]):             # torch's generator is left as it was
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2)).float()       # whatever the default is
    x, y = toy("moons", 200)
    losses, started = [], time.perf_counter()
    for _ in range(50):
        with torch.enable_grad():
            loss = torch.nn.functional.cross_entropy(model(x.float()), y)
        parameters = list(model.parameters())
        with torch.no_grad():
            for p, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                p.sub_(0.5 * slope)
        losses.append(loss.item())
    return losses, time.perf_counter() - started


def training() -> Finding:
    losses, seconds = _train()
    if not losses[-1] < losses[0]:
        return Finding("a tiny training", f"loss {losses[0]:.2f} to {losses[-1]:.2f}", False, f"the loss did not fall, so torch computes wrongly here: {ANEW}")
    slow = seconds > LONGEST_TRAINING_S
    return Finding("a tiny training", f"loss {losses[0]:.2f} to {losses[-1]:.2f} in {seconds:.2f} s", None if slow else True,
                   "this should take a fraction of a second: close other programs, and see OMP_WAIT_POLICY above" if slow else "")


#: Row by row: the name that stands for it if it cannot even be examined, and how it is examined.
EXAMINATIONS: tuple[tuple[str, Callable[[], Finding]], ...] = (
    ("Python", python),
    ("system", system),
    ("course folder", folder),
    ("free disk", disk),
    ("the course's helpers", course),
    *((name, partial(package, name)) for name in PACKAGES),
    ("other packages", other_packages),
    ("your own settings", settings),
    ("Jupyter's own files", jupyters_files),
    *((name, partial(widgets, name, extension)) for name, extension in EXTENSIONS.items()),
    ("figures' font", fonts),
    ("torch threads", threads),
    ("OMP_WAIT_POLICY", waiting),
    ("digits", data),
    ("a tiny training", training),
)


def _why(error: Exception) -> str:
    """An error, and what to do: if a module from elsewhere stands before one of ours, it is that."""
    said = f"{type(error).__name__}: {' '.join(str(error).split())}"
    origin = intruders.first(PACKAGES)
    return f"{said}. {intruders.advice(origin)}" if origin else f"{said}. To install the course anew, {ANEW}"


def diagnose() -> list[Finding]:
    """Look at everything; always the same rows in the same order. Never raises: what cannot be examined is wrong."""
    findings = []
    for name, examine in EXAMINATIONS:
        try:
            findings.append(examine())
        except Exception as error:
            findings.append(Finding(name, "failed", False, _why(error)))
    return findings


def report(findings: list[Finding]) -> str:
    """A row for each finding, its advice below it, and one line that sums up.

    Values stand between « and », as from ``helpers.measured`` (which needs torch, and here torch may be what is broken).

    >>> print(report([Finding("Python", "3.12.1", True), Finding("free disk", "0.1 GB", False, "make room")]))
    ✓ Python     «3.12.1»
    ✗ free disk  «0.1 GB»
        → make room
    One thing to mend: free disk.
    """
    width = max((len(f.name) for f in findings), default=0)
    lines = []
    for f in findings:
        lines.append(f"{'·' if f.ok is None else '✓' if f.ok else '✗'} {f.name:{width}}  «{f.value}»")
        if f.advice:
            lines.append(f"    → {f.advice}")
    wrong = [f.name for f in findings if f.ok is False]
    if not wrong:
        lines.append("All is well.")
    else:
        lines.append(f"{'One thing' if len(wrong) == 1 else f'{len(wrong)} things'} to mend: {', '.join(wrong)}.")
    return "\n".join(lines)


def main() -> int:
    """Print the report; 1 if something is wrong."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")        # a Windows pipe may know no ✓
    findings = diagnose()
    print(report(findings))
    return int(any(f.ok is False for f in findings))


if __name__ == "__main__":
    sys.exit(main())
