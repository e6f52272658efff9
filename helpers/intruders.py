"""What of the user's own stands between the course and its packages: modules of the same name, settings, variables.

Nothing outside the standard library is imported before it has been found to load.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: Besides the packages: names under which people keep files of their own, and which the packages import.
OFTEN = ("helpers", "random", "statistics", "types", "typing", "string", "queue", "copy", "code", "token", "select", "signal", "logging", "calendar",
         "email", "secrets", "numbers", "operator", "PIL", "scipy", "pandas", "sklearn", "skimage", "IPython")


def _path() -> list[Path]:
    """The folders of PYTHONPATH that are not the course's own."""
    folders = [Path(folder).resolve() for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
    return [folder for folder in folders if not folder.is_relative_to(ROOT)]


def origin(name: str) -> str:
    """Where a module comes from, if it is neither the standard library's nor that of this environment; "" if all is well."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return ""
    file = Path(spec.origin).resolve() if spec and spec.has_location and spec.origin else None
    if file is None:
        return ""
    installed = any(file.is_relative_to(Path(prefix).resolve()) for prefix in (sys.prefix, sys.base_prefix, ROOT / "helpers"))
    astray = any(file.is_relative_to(folder) for folder in _path()) or (file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / ".venv"))
    return str(file) if (name != "helpers" and (astray or not installed)) or (name == "helpers" and not installed) else ""


def helpers_of_notebooks() -> str:
    """The file from which a notebook, which runs in chapters/, would import helpers; "" if none."""
    code = "from importlib.util import find_spec; s = find_spec('helpers'); print((s.origin or [*s.submodule_search_locations][0]) if s else '')"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}         # the path may need UTF-8
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], cwd=ROOT / "chapters", env=env, capture_output=True, text=True, encoding="utf-8", timeout=60)
    return done.stdout.strip()


def first(packages: Iterable[str]) -> str:
    """The first module that stands before one of ours; "" if none does."""
    return next(filter(None, map(origin, (*packages, *OFTEN))), "")


def advice(file: str) -> str:
    """What to do about a module that stands before the right one."""
    if any(Path(file).resolve().is_relative_to(folder) for folder in _path()):
        return f"PYTHONPATH puts {file} first: unset PYTHONPATH, then start Jupyter again ('python3 course.py lab' keeps it out)"
    return f"{file} stands before the right one: rename it, then restart the kernel"


def settings() -> dict[str, str]:
    """What is in force here and could change what notebooks do: what it is, and what to do about it."""
    found = {}
    if _path():
        found["PYTHONPATH"] = "modules there stand before the course's; unset it if an import fails"
    for folder in (*_path(), ROOT / "chapters"):
        for file in sorted(folder.glob("*.py")):
            if file.stem in sys.stdlib_module_names or file.stem in OFTEN:
                found[str(file)] = f"it stands before the right {file.stem}; rename it"
    if sys.flags.optimize:
        found["PYTHONOPTIMIZE"] = "asserts do nothing; unset it"
    matplotlib, paths, torch = map(_loaded, ("matplotlib", "IPython.paths", "torch"))
    if matplotlib and not Path(matplotlib.matplotlib_fname()).is_relative_to(matplotlib.get_data_path()):
        found[matplotlib.matplotlib_fname()] = "only figures before start() follow it, for start() sets the course's style"
    for script in sorted(Path(paths.get_ipython_dir(), "profile_default", "startup").glob("*.*py")) if paths else ():
        found[str(script)] = "it runs before each notebook; move it away if cells behave strangely"
    if torch and (torch.get_default_dtype() is not torch.float32 or not torch.is_grad_enabled() or torch.get_default_device().type != "cpu"):
        found["torch's defaults"] = "another dtype, another device or no gradients; start() puts them back"
    return found


def _loaded(name: str) -> Any:
    """A module, or None where it does not load."""
    try:
        return import_module(name)
    except Exception:       # whatever a broken package raises
        return None
