"""What of the user's own stands in the way: each is found and named, with advice that fits."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import pytest
import torch

from helpers import intruders


def test_nothing_stands_in_the_way_here() -> None:
    assert intruders.first(("torch", "numpy", "matplotlib", "jupyterlab")) == ""
    assert intruders.settings() == {}
    assert Path(intruders.helpers_of_notebooks()) == intruders.ROOT / "helpers" / "__init__.py"


@pytest.mark.parametrize("name", ["numpy", "helpers", "random"])
def test_a_module_on_pythonpath(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, name, raising=False)
    file = str(tmp_path / f"{name}.py")
    assert intruders.origin(name) == file
    assert intruders.first((name,)) == file
    assert intruders.advice(file).startswith(f"PYTHONPATH puts {file} first: unset PYTHONPATH")
    assert intruders.settings()["PYTHONPATH"]
    assert ("rename it" in intruders.settings().get(file, "")) is (name != "numpy")


def test_a_learners_own_file_beside_the_notebooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "helpers.py").write_text("x = 1")
    monkeypatch.setattr(intruders, "ROOT", tmp_path)
    found = intruders.helpers_of_notebooks()
    assert Path(found) == tmp_path / "chapters" / "helpers.py"
    assert intruders.advice(found) == f"{found} stands before the right one: rename it, then restart the kernel"
    assert intruders.settings()[found] == "it stands before the right helpers; rename it"


def test_torchs_defaults_and_a_matplotlibrc_and_startup_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for name in ("00-mine.py", "01-mine.ipy", "README"):
        (startup / name).write_text("")
    monkeypatch.setattr("IPython.paths.get_ipython_dir", lambda: str(tmp_path))
    monkeypatch.setattr(mpl, "matplotlib_fname", lambda: "/home/me/matplotlibrc")
    torch.set_default_dtype(torch.float64)
    try:
        assert list(intruders.settings()) == ["/home/me/matplotlibrc", str(startup / "00-mine.py"), str(startup / "01-mine.ipy"), "torch's defaults"]
    finally:
        torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        assert "torch's defaults" in intruders.settings()


def test_a_broken_package_is_no_traceback() -> None:
    assert intruders._loaded("no_such_module") is None
