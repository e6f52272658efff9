"""What course.py gives its processes: Jupyter's settings, UTF-8, threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

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


def test_what_the_user_has_set_for_other_things_is_kept_out(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = {"PYTHONPATH": "/mine", "PYTHONOPTIMIZE": "2", "PYTHONDEVMODE": "1", "PYTHONSTARTUP": "/mine.py", "IPYTHONDIR": "/mine", "MPLBACKEND": "TkAgg",
               "MATPLOTLIBRC": "/mine", "MPLCONFIGDIR": "/mine", "JUPYTER_NO_CONFIG": "1", "JUPYTER_PREFER_ENV_PATH": "0", "PYTEST_ADDOPTS": "-x",
               "PYTHONSOMETHINGNEW": "1"}
    for name, value in (strange | {"JUPYTER_PATH": "/mine", "PYTHONUTF8": "0"}).items():
        monkeypatch.setenv(name, value)
    for command in course.COMMANDS:
        env = course.environment(command)
        assert {name for name, value in strange.items() if env.get(name) == value} == set()
        assert env["PYTHONUTF8"] == "0"                     # this one is for the terminal
    assert course.environment("doctor")["COURSE_KEPT_OUT"].split() == sorted(strange)
    assert "JUPYTER_PATH" not in course.environment("run")  # a python3 kernel there would win
    assert course.environment("lab")["JUPYTER_PATH"].endswith(os.pathsep + "/mine")
    assert os.environ["PYTHONPATH"] == "/mine"              # ours is left as it was


def test_matplotlib_and_ipython_keep_their_files_in_venv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No matplotlibrc, no start-up file of the user's; and the list of fonts stays."""
    home = tmp_path / "home"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("image.origin: lower\n")
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("print('mine')")
    for name, value in {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}.items():
        monkeypatch.setenv(name, value)
    for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
        monkeypatch.delenv(name, raising=False)
    code = "import matplotlib, IPython.paths as p; print(matplotlib.rcParams['image.origin'], p.get_ipython_dir())"
    monkeypatch.setattr(course, "VENV", tmp_path / "venv")

    def said(env: Mapping[str, str]) -> str:
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.strip()

    assert said(os.environ) == f"lower {home / '.ipython'}"
    assert said(course.environment("run")) == f"upper {tmp_path / 'venv' / 'own' / 'ipython'}"


def test_where_the_home_folder_is_for_reading_only_jupyter_writes_into_venv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(course, "VENV", tmp_path)
    monkeypatch.setenv("HOME", "/home/of/mine")
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(course, "can_write", lambda folder: folder.is_relative_to(tmp_path))
    env = course.environment("lab")
    code = "from jupyter_core import paths as p; print(p.jupyter_runtime_dir(), p.jupyter_config_dir())"
    runtime, config = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.split()
    assert Path(runtime).is_relative_to(tmp_path)
    assert Path(config).is_relative_to(tmp_path)
    monkeypatch.setattr(course, "can_write", lambda _: True)
    assert not {"JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR"} & set(course.environment("lab"))


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_for_reading_only_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o555)
    assert not course.can_write(tmp_path / "a" / "b" / "c")
    assert course.can_write(tmp_path / "b" / "c")


def test_the_tests_and_their_kernels_take_nothing_of_the_users_either() -> None:
    """No proxy before our own server, no start-up file, no matplotlibrc; wherever pytest is called."""
    strange = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://proxy.example:3128", "all_proxy": "socks5://127.0.0.1:9", "IPYTHONDIR": "/mine",
               "MPLBACKEND": "TkAgg", "MATPLOTLIBRC": "/mine", "JUPYTER_PATH": "/mine", "PYTHONDEVMODE": "0", "JUPYTER_PREFER_ENV_PATH": "0"}
    code = ("import conftest, os, urllib.request as r; print(r.proxy_bypass('127.0.0.1'), set(r.getproxies()) - {'no'}, "
            f"[name for name in {sorted(strange)} if os.environ.get(name) == {strange}[name]], os.environ['IPYTHONDIR'])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **strange}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"True set() [] {course.VENV / 'own' / 'ipython'}"
