"""course.py without installing anything: what it runs, what it says, and that the next call mends what failed."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tools.source import ROOT


class Machine:
    """A computer that only notes what it is asked to run; failing: a part of the commands that fail there."""

    def __init__(self) -> None:
        self.ran: list[list[str]] = []
        self.folders: set[object] = set()   # where pip installed
        self.failing = ""
        self.started: tuple[list[str], dict[str, str]] | None = None
        self.made: list[bool] = []          # for each virtual environment: whether an old one was cleared
        self.version = ".".join(map(str, sys.version_info[:2]))         # of the Python in .venv
        self.pip_settings = ""              # what "pip config list" says
        self.pip_env: dict[str, str] = {}   # what pip was given to install with

    def run(self, command: list[str], cwd: object = None, env: dict[str, str] | None = None, **_: Any) -> SimpleNamespace:
        assert env is not None, "a process of ours inherits nothing unseen"
        self.ran.append(command)
        if command[2:] == ["pip", "config", "list"]:
            return SimpleNamespace(returncode=0, stdout=self.pip_settings)
        if "install" in command:
            self.folders.add(cwd)
            self.pip_env = {name: value for name, value in env.items() if name.startswith("PIP_")}
        return SimpleNamespace(returncode=int(bool(self.failing) and self.failing in " ".join(command)), stdout=f"pip 24.0 from /x (python {self.version})\n")

    def start(self, _path: str, command: list[str], env: dict[str, str]) -> None:
        self.started = (command, env)

    def start_child(self, command: list[str], env: dict[str, str]) -> int:
        """On Windows."""
        self.started = (command, env)
        return 3

    def installs(self) -> list[str]:
        return [" ".join(c[3:]) for c in self.ran if c[3:4] == ["install"]]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """course.py, as if it lay in a folder of its own."""
    spec = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    venv = tmp_path / ".venv"
    for name, value in {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python", "STAMP": venv / "installed"}.items():     # as in a folder of its own
        monkeypatch.setattr(module, name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**11))
    monkeypatch.setattr(module.sys, "platform", "linux")
    return module


@pytest.fixture
def machine(course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()

    def create(venv: Path, *, with_pip: bool, clear: bool, symlinks: bool) -> None:
        assert with_pip
        assert symlinks, "a copy of a Python that finds its library beside itself is dead"
        machine.made.append(clear)
        course.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        course.PYTHON.touch()
        assert venv == course.VENV

    monkeypatch.setattr(subprocess, "run", machine.run)
    monkeypatch.setattr(subprocess, "call", machine.start_child)
    monkeypatch.setattr(course.os, "execve", machine.start)
    monkeypatch.setattr(course.venv, "create", create)
    return machine


Call = Callable[..., int | None]


@pytest.fixture
def call(course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call course.py with arguments."""
    def call(*arguments: str) -> int | None:
        monkeypatch.setattr(sys, "argv", ["course.py", *arguments])
        code: int | None = course.main()
        return code

    return call


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["-h"], 0), (["--help"], 0), (["tests"], 2), (["labb", "x"], 2)])
def test_usage(call: Call, machine: Machine, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int) -> None:
    assert call(*arguments) == code
    said = capsys.readouterr().out
    for command in ("lab", "test", "run", "build", "bench", "doctor"):
        assert f"python3 course.py {command} " in said
    assert machine.ran == []


@pytest.mark.parametrize("version", [(3, 10, 18), (3, 15, 0), (2, 7, 18)])
def test_a_python_that_cannot_run_the_course_is_refused(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
    monkeypatch.setattr(course.sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"(?s)This Python cannot run the course.*PyTorch needs 3\.11 to 3\.14.*python3\.12 course\.py lab"):
        call("lab")
    assert machine.ran == []


def test_the_first_call_installs_and_the_second_starts_at_once(call: Call, machine: Machine, course: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    call("test", "tests/test_metrics.py", "-x")
    assert machine.made == [False]
    assert machine.installs()[-1].endswith(f"-c constraints.txt -r {course.VENV / 'requirements.txt'}")
    assert "Setting the course up" in capsys.readouterr().out
    command = [str(course.PYTHON), "-m", "tools.test", "tests/test_metrics.py", "-x"]
    assert machine.started is not None
    assert machine.started[0] == command
    machine.ran.clear()
    machine.started = None
    call("test", "tests/test_metrics.py", "-x")
    assert machine.ran == []
    assert machine.started is not None
    assert machine.started[0] == command
    assert capsys.readouterr().out == ""


def test_pip_and_the_command_work_in_the_folder_of_the_course(call: Call, machine: Machine, course: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    call("lab")
    assert machine.folders == {course.ROOT}         # '-c constraints.txt' is the course's
    assert Path.cwd() == course.ROOT


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed(call: Call, machine: Machine, course: ModuleType, name: str) -> None:
    call("test")
    machine.ran.clear()
    with (course.ROOT / name).open("a") as file:
        file.write("\n# changed\n")
    call("test")
    assert machine.installs()[-1].endswith("requirements.txt")
    assert machine.made == [False]              # the environment itself was fine


def test_a_broken_venv_is_made_anew(call: Call, machine: Machine, course: ModuleType) -> None:
    """An earlier attempt broke off before pip was there."""
    course.PYTHON.parent.mkdir(parents=True)
    course.PYTHON.touch()
    machine.failing = "-m pip --version"
    call("test")
    assert machine.made == [True]
    assert course.STAMP.exists()


def test_a_venv_whose_python_has_gone_is_made_anew_though_the_stamp_fits(call: Call, machine: Machine, course: ModuleType) -> None:
    call("test")
    course.PYTHON.unlink()
    machine.ran.clear()
    call("test")
    assert machine.made == [False, True]
    assert machine.installs() != []


def test_a_failed_installation_is_told_and_the_next_call_mends_it(call: Call, machine: Machine, course: ModuleType) -> None:
    machine.failing = "-r "
    with pytest.raises(SystemExit, match=r"(?s)The installation failed.*check the network.*give the same command again"):
        call("lab")
    assert not course.STAMP.exists()
    assert machine.started is None
    machine.failing = ""
    call("lab")
    assert course.STAMP.exists()
    assert machine.made == [False]
    assert machine.started is not None


def test_a_failed_update_leaves_no_stamp(call: Call, machine: Machine, course: ModuleType) -> None:
    call("lab")
    (course.ROOT / "constraints.txt").write_text("torch==2.7.0\n")
    machine.failing = "-r "
    with pytest.raises(SystemExit):
        call("lab")
    assert not course.STAMP.exists()


def test_a_venv_that_cannot_be_made_says_what_to_do(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(*_: Any, **__: Any) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(course.venv, "create", create)
    with pytest.raises(SystemExit, match=r"(?s)could not be made.*ensurepip.*apt install python3-venv"):
        call("lab")
    assert machine.installs() == []


def test_too_little_disk_is_told_before_anything_is_done(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=500 * 2**20))
    with pytest.raises(SystemExit, match=r"(?s)too little room.*500 MB are free, 3000 MB are needed.*make room"):
        call("lab")
    assert machine.ran == []
    assert not course.VENV.exists()


@pytest.mark.parametrize(("held", "free", "needed"), [(28, 5, None), (28, 4, 5), (10, 20, None), (10, 19, 20)])
def test_room_is_asked_only_for_what_is_not_there_yet(
        call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch, held: int, free: int, needed: int | None) -> None:
    """An installation that broke off goes on, and a small update goes through, on a disk that is nearly full."""
    monkeypatch.setattr(course, "NEEDS_MB", 30)
    monkeypatch.setattr(course, "AT_LEAST_MB", 5)
    (course.VENV / "lib").mkdir(parents=True)
    (course.VENV / "lib" / "torch.so").write_bytes(bytes(held * 2**20))
    (course.VENV / "lib" / "again.so").symlink_to("torch.so")
    (course.VENV / "lib64").symlink_to("lib")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free * 2**20))
    if needed is None:
        call("test")
        assert machine.started is not None
    else:
        with pytest.raises(SystemExit, match=rf"{free} MB are free, {needed} MB are needed"):
            call("test")


def test_a_patched_python_installs_nothing(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """An offline learner is not locked out by the system's update from 3.11.7 to 3.11.8."""
    monkeypatch.setattr(course.sys, "version", "3.11.7 (main, Dec  4 2023) [GCC]")
    monkeypatch.setattr(course.sys, "version_info", (3, 11, 7))
    call("test")
    machine.ran.clear()
    monkeypatch.setattr(course.sys, "version", "3.11.8 (main, Feb  6 2024) [GCC]")
    monkeypatch.setattr(course.sys, "version_info", (3, 11, 8))
    call("test")
    assert machine.ran == []


def test_another_python_makes_its_own_venv(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course.sys, "version_info", (3, 11, 7))
    call("test")
    machine.version = "3.11"
    monkeypatch.setattr(course.sys, "version_info", (3, 12, 1))
    call("test")
    assert machine.made == [False, True]
    assert machine.installs()[-1].endswith("requirements.txt")


def test_ctrl_c_while_installing_is_no_traceback(call: Call, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "install", interrupted)
    with pytest.raises(SystemExit, match="Nothing is lost: the same command goes on from here"):
        call("lab")


@pytest.mark.parametrize(("platform", "failing", "asked"), [
    ("linux", "", ["--no-index"]), ("linux", "--no-index", ["--no-index", "--index-url"]), ("darwin", "", []), ("win32", "", [])])
def test_linux_looks_for_a_cpu_torch_first(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch, platform: str, failing: str, asked: list[str]) -> None:
    monkeypatch.setattr(course.sys, "platform", platform)
    machine.failing = failing
    call("test")
    *first, last = machine.installs()
    assert last.endswith("requirements.txt")
    assert [next(word for word in line.split() if word.endswith("index") or word == "--index-url") for line in first] == asked
    assert all(torch in line for line in first for torch in course.requirements() if torch.startswith("torch"))


def test_what_is_installed_is_what_pyproject_asks_for(call: Call, machine: Machine, course: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    call("test")
    assert (course.VENV / "requirements.txt").read_text().splitlines() == project["dependencies"] + project["optional-dependencies"]["test"]
    assert machine.made == [False]


def test_a_folder_that_was_moved_installs_nothing_and_still_finds_helpers(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renamed, or copied to a machine without a network."""
    call("test")
    before, moved = course.ROOT, course.ROOT.with_name("moved é")
    before.rename(moved)
    monkeypatch.chdir(moved)
    for name in ("ROOT", "VENV", "PYTHON", "STAMP"):
        monkeypatch.setattr(course, name, moved / getattr(course, name).relative_to(before))
    machine.ran.clear()
    call("test")
    assert machine.ran == []
    (path,) = course.VENV.rglob("course.pth")
    assert (path.parent / path.read_text().strip()).resolve() == moved.resolve()


def test_of_pips_settings_those_that_say_how_to_reach_packages_are_kept(call: Call, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """user, target, prefix, require-hashes … in a file or a variable: nothing of it in a folder of our own."""
    for name in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES", "PIP_ANYTHING_NEW"):
        monkeypatch.setenv(name, "1")
    machine.pip_settings = ("WARNING: something\n:env:.cert='/of/the/variable.crt'\n:env:.user='1'\nglobal.cert='/of/the/file.crt'\nglobal.target='/mine'\n"
                            "global.find-links='/a\\n/b'\ninstall.index-url='https://proxy.example/simple'\ninstall.no-deps='true'\n")
    call("test")
    assert machine.pip_env == {"PIP_CERT": "/of/the/variable.crt", "PIP_FIND_LINKS": "/a /b", "PIP_INDEX_URL": "https://proxy.example/simple",
                               "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def test_the_command_that_is_printed_can_be_typed(call: Call, machine: Machine, course: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In zsh too, which reads brackets; in a folder whose name has blanks and a #."""
    machine.failing = "-r "
    odd = tmp_path / "Mein Kurs (v2) #1"
    odd.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        (odd / name).write_bytes((ROOT / name).read_bytes())
    for name, value in {"ROOT": odd, "VENV": odd / ".venv", "PYTHON": odd / ".venv" / "bin" / "python", "STAMP": odd / ".venv" / "installed"}.items():
        monkeypatch.setattr(course, name, value)
    with pytest.raises(SystemExit) as stopped:
        call("lab")
    typed = str(stopped.value).split("All that pip says: ")[1]
    assert shlex.split(typed) == [str(odd / ".venv/bin/python"), "-m", "pip", "install", "-c", str(odd / "constraints.txt"), "-r", str(odd / ".venv/requirements.txt")]
    assert "'" in typed


def test_the_fonts_are_listed_while_setting_up(call: Call, machine: Machine, course: ModuleType) -> None:
    """Else matplotlib says so on stderr, in the first notebook that is run."""
    call("test")
    assert [str(course.PYTHON), "-c", "import matplotlib.font_manager"] in machine.ran
    assert "log_level" in (course.VENV / "own/ipython/profile_default/ipython_kernel_config.py").read_text()     # nor does a kernel speak of encryption


def test_lab_opens_the_course_whatever_the_users_settings_say(call: Call, machine: Machine, course: ModuleType) -> None:
    call("lab", "--no-browser")
    assert machine.started is not None
    assert machine.started[0] == [str(course.PYTHON), "-m", "jupyterlab", f"--ServerApp.root_dir={course.ROOT}", "--no-browser"]


def test_the_pythons_admitted_are_those_of_pyproject(course: ModuleType) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    (major, low), (_, high) = course.OLDEST, course.NEWEST
    assert wanted == f">={major}.{low},<{major}.{high + 1}"


def test_on_windows_the_command_is_a_child_and_its_exit_code_is_ours(call: Call, machine: Machine, course: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "install", lambda: None)
    monkeypatch.setattr(course, "environment", lambda _: {})
    monkeypatch.setattr(course.os, "name", "nt")
    assert call("lab") == 3
    assert machine.started is not None
    assert machine.started[0] == [str(course.PYTHON), "-m", "jupyterlab", f"--ServerApp.root_dir={course.ROOT}"]


@pytest.mark.parametrize("terminal", ["latin-1", "ascii", "koi8-r"])
def test_a_terminal_without_an_ellipsis_is_told_all_the_same(terminal: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "course.py", tmp_path)
    code = "import course; course.words_for_terminals(); print('Setting up …')"
    env = {**os.environ, "PYTHONIOENCODING": terminal, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, check=True)
    assert done.stdout.decode(terminal).strip() == "Setting up ?"


def test_a_module_of_the_users_own_does_not_stop_course_py(tmp_path: Path) -> None:
    for name in ("random", "hashlib", "ast", "venv", "io"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('mine')")
    done = subprocess.run([sys.executable, str(ROOT / "course.py"), "--help"], env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_course_py_imports_the_standard_library_alone() -> None:
    code = "import sys; sys.path.insert(0, '.'); import course; print([m for m in sys.modules if m.split('.')[0] in ('numpy', 'torch', 'helpers', 'tools')])"
    done = subprocess.run([sys.executable, "-S", "-I", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
