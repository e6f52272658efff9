"""The doctor: all is well here, and each thing that can be wrong is found, with advice that fits it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.font_manager
import pytest
import torch

from helpers import doctor, intruders, measured
from helpers.doctor import Finding

NAMES = [name for name, _ in doctor.EXAMINATIONS]


@pytest.fixture(scope="module")
def here() -> list[Finding]:
    return doctor.diagnose()


def test_all_is_well_here(here: list[Finding]) -> None:
    assert [f.name for f in here if f.ok is False] == []
    assert doctor.report(here).endswith("All is well.")


def test_the_rows_are_always_the_same(here: list[Finding]) -> None:
    assert [f.name for f in here] == NAMES
    assert len(set(NAMES)) == len(NAMES)


def test_what_differs_between_machines_is_marked(here: list[Finding]) -> None:
    rows = doctor.report(here).splitlines()
    assert [row for row in rows if "«" in row] == [f"{row.split('«')[0]}{measured(f.value)}" for row, f in zip(rows, here, strict=False)]


def test_each_wrong_thing_comes_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise OSError("libgomp.so\nis not there")

    monkeypatch.setattr(doctor, "EXAMINATIONS", [(name, broken) for name in NAMES])
    findings = doctor.diagnose()
    assert [f.name for f in findings] == NAMES
    assert all(f.ok is False and f.advice.startswith("OSError: libgomp.so is not there.") and doctor.ANEW in f.advice for f in findings)
    assert doctor.report(findings).endswith(f"{len(NAMES)} things to mend: {', '.join(NAMES)}.")


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (None, 0), (False, 1)])
def test_exit_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ok: bool | None, code: int) -> None:
    monkeypatch.setattr(doctor, "EXAMINATIONS", [("fonts", lambda: Finding("fonts", "some", ok, "buy more"))])
    assert doctor.main() == code
    said = capsys.readouterr().out
    assert "«some»\n    → buy more\n" in said
    assert said.splitlines()[-1] == ("One thing to mend: fonts." if code else "All is well.")


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.9.2")
    found = doctor.python()
    assert found.ok is False
    assert "install 3.12 from python.org" in found.advice


def test_a_32_bit_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "maxsize", 2**31 - 1)
    found = doctor.python()
    assert found.ok is False
    assert "64-bit" in found.advice


@pytest.mark.parametrize(("platform", "machine", "ok"), [("darwin", "x86_64", False), ("darwin", "arm64", True), ("linux", "x86_64", True), ("win32", "AMD64", True)])
def test_only_an_intel_mac_is_turned_away(monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, ok: bool) -> None:
    monkeypatch.setattr(doctor.sys, "platform", platform)
    monkeypatch.setattr(doctor.platform, "machine", lambda: machine)
    found = doctor.system()
    assert found.ok is ok
    assert ("Intel Mac" in found.advice) is not ok


@pytest.mark.parametrize(("have", "ok"), [("2.5.1", False), ("2.6.0", True), ("2.13.0+cpu", True), ("2.14.0", False), ("2.14.0.dev1", False), ("missing", False)])
def test_a_version_outside_its_bounds(monkeypatch: pytest.MonkeyPatch, have: str, ok: bool) -> None:
    monkeypatch.setattr(doctor, "_bounds", lambda: {"torch": ">=2.6,<2.14"})
    monkeypatch.setattr(doctor, "_installed", lambda _: have)
    found = doctor.package("torch")
    assert (found.ok, found.value) == (ok, f"{have}, needs >=2.6,<2.14")
    assert bool(found.advice) is not ok
    assert ok or f"torch is {have}" in found.advice


def test_a_package_that_is_not_there() -> None:
    assert doctor._installed("no-such-package-on-this-machine") == "missing"


def test_a_course_without_its_project_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "PROJECT", tmp_path / "pyproject.toml")
    wrong = [f for f in doctor.diagnose() if f.ok is False]
    assert [f.name for f in wrong] == ["Python", *doctor.PACKAGES, "other packages"]
    assert all("FileNotFoundError" in f.advice for f in wrong)


def test_bounds_are_those_of_the_project() -> None:
    bounds = doctor._bounds()
    assert set(doctor.PACKAGES) < set(bounds)
    assert "pytest" not in bounds
    assert all(b.startswith(">=") and ",<" in b for b in bounds.values())


def test_another_package_outside_its_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_bounds", lambda: {"torch": ">=999", "pillow": ">=999", "mlxtend": ">=0"})
    found = doctor.other_packages()
    assert found.ok is False
    assert "pillow is" in found.advice
    assert "torch" not in found.value + found.advice


@pytest.mark.parametrize(("said", "ok", "advice"), [
    (str(doctor.ROOT / "helpers" / "__init__.py"), True, ""), ("/elsewhere/helpers.py", False, "rename it"), ("", False, "pip install -e .")])
def test_helpers_from_elsewhere(monkeypatch: pytest.MonkeyPatch, said: str, ok: bool, advice: str) -> None:
    monkeypatch.setattr(intruders, "helpers_of_notebooks", lambda: said)
    found = doctor.course()
    assert found.ok is ok
    assert advice in found.advice
    assert bool(found.advice) is not ok


def test_what_course_py_kept_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intruders, "settings", lambda: {"torch's defaults": "start() puts them back"})
    monkeypatch.setenv("COURSE_KEPT_OUT", "PYTHONPATH MPLBACKEND")
    found = doctor.settings()
    assert found == Finding("your own settings", "torch's defaults, PYTHONPATH (kept out), MPLBACKEND (kept out)", None, "torch's defaults: start() puts them back")


def test_a_folder_of_jupyters_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_runtime_dir", lambda: str(tmp_path / "a" / "b"))
    assert doctor.jupyters_files() == Finding("Jupyter's own files", "can be written", True)
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    found = doctor.jupyters_files()
    assert found.ok is False
    assert f"cannot write into {tmp_path}" in found.advice
    assert "JUPYTER_DATA_DIR" in found.advice


def test_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4096)
    found = doctor.threads()
    assert found.ok is None
    assert "unset OMP_NUM_THREADS" in found.advice


@pytest.mark.parametrize(("value", "advised"), [("PASSIVE", False), ("passive", False), ("ACTIVE", True), (None, True)])
def test_threads_that_do_not_wait_quietly(monkeypatch: pytest.MonkeyPatch, value: str | None, advised: bool) -> None:
    if value is None:
        monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    else:
        monkeypatch.setenv("OMP_WAIT_POLICY", value)
    found = doctor.waiting()
    assert found.ok is None
    assert ("PASSIVE" in found.advice) is advised


@pytest.mark.parametrize(("name", "extension"), doctor.EXTENSIONS.items())
def test_widgets_are_dead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, extension: str) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda _: [str(tmp_path)])
    found = doctor.widgets(name, extension)
    assert found.ok is False
    assert f"lacks its extension {extension}" in found.advice
    (tmp_path / extension).mkdir(parents=True)
    (tmp_path / extension / "package.json").write_text('{"version": "1.2.3"}')
    assert doctor.widgets(name, extension) == Finding(name, "1.2.3", True)


def test_a_missing_font(monkeypatch: pytest.MonkeyPatch) -> None:
    def findfont(*_: object, **__: object) -> str:
        raise ValueError("Failed to find font")

    monkeypatch.setattr(matplotlib.font_manager, "findfont", findfont)
    found = doctor.fonts()
    assert found.ok is False
    assert "font cache" in found.advice


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
    found = doctor.disk()
    assert found.ok is False
    assert "5 MB are free" in found.advice


def test_a_folder_for_reading_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    found = doctor.folder()
    assert found.ok is False
    assert "copy the course" in found.advice


def test_damaged_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def digits() -> None:
        raise OSError("mnist_5k.csv.gz is damaged")

    monkeypatch.setattr("helpers.data.digits", digits)
    (found,) = (f for f in doctor.diagnose() if f.name == "digits")
    assert found.ok is False
    assert "mnist_5k.csv.gz is damaged" in found.advice


@pytest.mark.parametrize(("losses", "seconds", "ok", "advice"), [
    ([0.7, 0.3], 0.1, True, ""), ([0.7, 0.3], 60.0, None, "close other programs"), ([0.7, 0.9], 0.1, False, "the loss did not fall")])
def test_a_training_that_goes_wrong(monkeypatch: pytest.MonkeyPatch, losses: list[float], seconds: float, ok: bool | None, advice: str) -> None:
    monkeypatch.setattr(doctor, "_train", lambda: (losses, seconds))
    found = doctor.training()
    assert found.ok is ok
    assert advice in found.advice


def test_the_training_leaves_chance_alone() -> None:
    torch.manual_seed(5)
    want = torch.rand(3)
    torch.manual_seed(5)
    assert doctor.training().ok is not False
    assert torch.equal(torch.rand(3), want)


def test_the_training_is_tiny_whatever_torchs_defaults_are() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            assert doctor.training().ok is not False
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_report_comes_even_if_torch_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('c10.dll is missing')")
    (tmp_path / "random.py").write_text("raise OSError('nobody imports this one')")
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, doctor.__file__], env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"OSError: c10.dll is missing. PYTHONPATH puts {tmp_path / 'torch.py'} first: unset PYTHONPATH" in done.stdout
    assert f"{tmp_path / 'random.py'}: it stands before the right random; rename it" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("3 things to mend: torch threads, digits, a tiny training")
