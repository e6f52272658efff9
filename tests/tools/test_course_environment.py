"""What course.py gives its processes: Jupyter's settings, UTF-8, threads."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from jupyter_client.kernelspec import KernelSpecManager

import course
from tools.source import ROOT


def test_processes_find_our_jupyter_settings_and_keep_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    assert course.environment("lab")["JUPYTER_CONFIG_PATH"] == str(course.ROOT / "tools" / "jupyter")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    assert course.environment("lab")["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(course.ROOT / "tools" / "jupyter"), "/mine"]


def test_processes_write_utf_8_wherever_their_output_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUTF8", raising=False)
    legacy = os.environ | {"PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONUTF8": "0"}         # as a pipe is on Windows
    say = [sys.executable, "-c", "print('✓')"]
    assert b"UnicodeEncodeError" in subprocess.run(say, env=legacy, capture_output=True).stderr
    env = legacy | {"PYTHONUTF8": course.environment("run")["PYTHONUTF8"]}
    assert subprocess.run(say, env=env, capture_output=True).stdout.decode("utf-8").strip() == "✓"
    monkeypatch.setenv("PYTHONUTF8", "0")
    assert course.environment("run")["PYTHONUTF8"] == "0"


def test_the_kernel_of_lab_alone_loads_widgets_as_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    assert course.environment("lab")["JUPYTER_PATH"] == str(course.ROOT / "tools" / "jupyter")
    specs = KernelSpecManager(kernel_dirs=[str(ROOT / "tools" / "jupyter" / "kernels")], ensure_native_kernel=False)
    assert "--IPKernelApp.exec_lines=import ipywidgets" in specs.get_kernel_spec("python3").argv
    assert "JUPYTER_PATH" not in course.environment("test")     # notebooks must not lean on it


@pytest.mark.parametrize(("command", "threads"), [("lab", None), ("run", None), ("test", "1"), ("build", "1")])
def test_threads_do_not_fight_for_the_cores(monkeypatch: pytest.MonkeyPatch, command: str, threads: str | None) -> None:
    for name in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    env = course.environment(command)
    assert env.get("OMP_NUM_THREADS") == threads
    assert env["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert course.environment(command)["OMP_NUM_THREADS"] == "4"
    assert os.environ.get("OMP_WAIT_POLICY") is None        # ours is left as it was
