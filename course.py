#!/usr/bin/env python3
"""The whole course from one file; it needs nothing but Python 3.11 to 3.14.

    python3 course.py lab       open the course in JupyterLab
    python3 course.py test      prove that all of it works
    python3 course.py run       execute every chapter as it stands (or: run 01)
    python3 course.py build     write chapters/ and solutions/ from source/
    python3 course.py bench     measure the course, and print one table
    python3 course.py doctor    say what is installed and what is wrong with it

The first call makes the folder .venv and installs the course there; later calls start at once.
What follows the command is passed on, as in: python3 course.py test tests/test_metrics.py
"""
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"
OLDEST, NEWEST = (3, 11), (3, 14)
NEEDS_MB, AT_LEAST_MB = 3000, 500        # for the whole of .venv; to go on with one that is nearly there
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
COMMANDS = {
    "lab": ["-m", "jupyterlab"],
    "test": ["-m", "pytest"],
    "run": ["-m", "tools.run"],
    "build": ["-m", "tools.build"],
    "bench": ["-m", "benchmarks"],
    "doctor": ["helpers/doctor.py"],
}


def fail(what: str, why: str, todo: str) -> None:
    sys.exit(f"\n{what}\n  why:  {why}\n  what to do:  {todo}")


def pip(*args: str, quiet: bool = False) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *args]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL if quiet else None).returncode == 0


def torch_requirement() -> str:
    """The one line of pyproject.toml that names torch (Python has a TOML reader only since 3.11)."""
    line = next(s for s in (ROOT / "pyproject.toml").read_text("utf-8").splitlines() if s.strip().startswith('"torch'))
    return line.strip().strip(",").strip('"')


def install_cpu_torch() -> None:
    """On Linux a plain 'pip install torch' brings 2.7 GB for NVIDIA cards, so look for a CPU build first.

    A wheel on this disk that pip knows of comes first, then PyTorch's own CPU index (190 MB). If neither
    answers, the main installation takes what PyPI has: larger, and just as right.
    """
    if sys.platform != "linux":
        return
    torch = torch_requirement()
    pinned = ["-c", "constraints.txt", "--no-deps", torch]
    if not pip("--no-index", *pinned, quiet=True):
        pip("--index-url", CPU_INDEX, *pinned, quiet=True)


def held_mb() -> int:
    """What .venv holds already."""
    files = (Path(folder, name) for folder, _, names in os.walk(VENV) for name in names)
    return sum(file.lstat().st_size for file in files if not file.is_symlink()) // 2**20


def make_venv() -> None:
    """A virtual environment, made anew if an earlier attempt broke off half-way or another Python made it."""
    if PYTHON.exists():
        asked = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, text=True)
        if asked.returncode == 0 and f"(python {sys.version_info[0]}.{sys.version_info[1]})" in asked.stdout:
            return
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except (OSError, subprocess.CalledProcessError) as error:
        fail("The virtual environment .venv could not be made.", str(error),
             "On Debian and Ubuntu run 'sudo apt install python3-venv'; elsewhere check that this folder is writable.")


def install() -> None:
    """Bring .venv in step with pyproject.toml and constraints.txt; at once if it is already."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    want = hashlib.sha256(b"".join(f.read_bytes() for f in files) + str(sys.version_info[:2]).encode() + bytes(ROOT)).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == want:
        return
    free, needed = shutil.disk_usage(ROOT).free // 2**20, max(NEEDS_MB - held_mb(), AT_LEAST_MB)
    if free < needed:
        fail("There is too little room on this disk.", f"{free} MB are free, {needed} MB are needed",
             "make room, then give the same command again")
    print("Setting the course up in .venv (once, a minute or two) …", flush=True)
    if STAMP.exists():
        STAMP.unlink()
    make_venv()
    install_cpu_torch()
    if not pip("-c", "constraints.txt", "-e", ".[test]"):
        fail("The installation failed.", "pip's lines above say which package, and why",
             "check the network (or your proxy settings), then give the same command again: it goes on from here. "
             f"All that pip says: {PYTHON} -m pip install -c constraints.txt -e .[test]")
    STAMP.write_text(want)


def environment(command: str) -> dict:
    """What a command's processes inherit: our Jupyter settings, UTF-8, and threads that do not fight for the cores."""
    env = dict(os.environ)
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(ROOT / "tools" / "jupyter"), env.get("JUPYTER_CONFIG_PATH")]))
    if command == "lab":    # its kernel knows widgets before the page asks for them: else it complains on stderr, now and then
        env["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(ROOT / "tools" / "jupyter"), env.get("JUPYTER_PATH")]))
    env.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    env.setdefault("PYTHONUTF8", "1")       # Windows would write into files and pipes in a code page that has no ✓
    if command in ("test", "build"):        # two workers, two cores: a second thread each would only wait
        env.setdefault("OMP_NUM_THREADS", "1")
    return env


def main() -> int:
    """Give the exit code; on Linux and macOS a command that starts replaces this process instead."""
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(__doc__)
        return 0 if sys.argv[1:] in ([], ["-h"], ["--help"]) else 2
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        fail("This Python cannot run the course.", f"it is {sys.version.split()[0]}; PyTorch needs 3.11 to 3.14",
             "install Python 3.12 from python.org, then run 'python3.12 course.py " + sys.argv[1] + "'")
    try:
        install()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Nothing is lost: the same command goes on from here.")
    command, env = [str(PYTHON), *COMMANDS[sys.argv[1]], *sys.argv[2:]], environment(sys.argv[1])
    os.chdir(ROOT)
    if os.name != "nt":
        os.execve(command[0], command, env)     # no process in between: Ctrl-C and kill reach Jupyter itself
    return subprocess.call(command, env=env)


if __name__ == "__main__":
    sys.exit(main())
