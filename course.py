#!/usr/bin/env python3
"""The whole course from one file; it needs nothing but Python 3.11 to 3.14.

    python3 course.py lab       open the course in JupyterLab
    python3 course.py test      prove that all of it works (or: test 03, all that belongs to chapter 03)
    python3 course.py run       execute every chapter as it stands (or: run 01, run chapters/03a_memory.ipynb)
    python3 course.py build     write chapters/ and solutions/ from source/ (or: build 03a)
    python3 course.py bench     measure the course, and print one table
    python3 course.py doctor    say what is installed and what is wrong with it

The first call makes the folder .venv and installs the course there; later calls start at once.
What follows the command is passed on, as in: python3 course.py test tests/test_metrics.py
"""
import os
import sys

if __name__ == "__main__":      # before anything is imported: a random.py on PYTHONPATH would be ours, too
    strangers = {os.path.abspath(folder) for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder}
    sys.path[1:] = [folder for folder in sys.path[1:] if folder not in strangers]

import ast
import hashlib
import io
import shlex
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import MutableMapping
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
    "test": ["-m", "tools.test"],
    "run": ["-m", "tools.run"],
    "build": ["-m", "tools.build"],
    "bench": ["-m", "benchmarks"],
    "doctor": ["helpers/doctor.py"],
}
#: Whatever begins so, and is no exception, changes what Python, IPython, pytest, matplotlib or Jupyter do: our processes
#: start without it.
STRANGE = ("PYTHON", "IPYTHON", "MPL", "MATPLOTLIB", "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
           "JUPYTER_NO_CONFIG", "JUPYTER_PREFER_ENV_PATH", "JUPYTERLAB_DIR", "JUPYTERLAB_SETTINGS_DIR")
WELCOME = ("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONHASHSEED",
           "PYTHONFAULTHANDLER")
#: What pip may take from the user's settings: how to reach packages. Where and how it installs is ours to say.
PIP_MAY = ("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy", "timeout",
           "default-timeout", "retries", "cache-dir", "no-cache-dir", "keyring-provider", "use-feature", "use-deprecated")


def fail(what: str, why: str, todo: str) -> None:
    sys.exit(f"\n{what}\n  why:  {why}\n  what to do:  {todo}")


def can_write(folder: Path) -> bool:
    """Whether folder can be written, or made."""
    return os.access(next(f for f in (folder, *folder.parents) if f.exists()), os.W_OK)


def isolate(env: MutableMapping[str, str]) -> list[str]:
    """Take out of an environment what would change the course's processes; the names of what went.

    Settings and caches of matplotlib and IPython are the course's own, in .venv; Jupyter's too, where the home folder
    is for reading only.
    """
    strange = sorted(name for name in env if name.startswith(STRANGE) and name not in WELCOME)
    for name in strange:
        del env[name]
    env["JUPYTER_PREFER_ENV_PATH"] = "1"            # the course's kernel and widgets before the user's
    own = VENV / "own"
    if can_write(own):
        env["MPLCONFIGDIR"], env["IPYTHONDIR"] = str(own / "matplotlib"), str(own / "ipython")
        home = Path(os.path.expanduser("~"))
        for name, usual in {"JUPYTER_CONFIG_DIR": ".jupyter", "JUPYTER_DATA_DIR": ".local/share/jupyter"}.items():
            if not can_write(Path(env.get(name) or home / usual)):
                env[name] = str(own / "jupyter" / name.split("_")[1].lower())
        if "JUPYTER_RUNTIME_DIR" in env and not can_write(Path(env["JUPYTER_RUNTIME_DIR"])):
            del env["JUPYTER_RUNTIME_DIR"]
    return strange


def environment(command: str) -> dict[str, str]:
    """What a command's processes inherit: our settings of Jupyter, UTF-8, and threads that do not fight for the cores."""
    env = dict(os.environ)
    kept_out = isolate(env)
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(ROOT / "tools" / "jupyter"), env.get("JUPYTER_CONFIG_PATH")]))
    if command == "lab":    # its kernel knows widgets before the page asks for them: else it complains on stderr, now and then
        env["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(ROOT / "tools" / "jupyter"), env.get("JUPYTER_PATH")]))
    else:
        env.pop("JUPYTER_PATH", None)           # a python3 kernel of the user's would win
    if command == "doctor":
        env["COURSE_KEPT_OUT"] = " ".join(kept_out)
    if command == "test":
        env.pop("PYTHONIOENCODING", None)
        env["COURSE_CALLED_FROM"] = os.getcwd()
    env.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    env.setdefault("PYTHONUTF8", "1")       # Windows would write into files and pipes in a code page that has no ✓
    if command in ("test", "build"):        # two workers, two cores: a second thread each would only wait
        env.setdefault("OMP_NUM_THREADS", "1")
    return env


def pip_environment() -> dict[str, str]:
    """For pip in our own .venv: of the user's settings, files and variables, those that say how to reach packages."""
    asked = subprocess.run([str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, encoding="utf-8", errors="replace",
                           env={**environment("pip"), "PYTHONIOENCODING": "utf-8"})
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}       # the later ones win
    for line in asked.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if key in PIP_MAY and section in found:
            found[section][key] = str(ast.literal_eval(value))
    env = {name: value for name, value in environment("pip").items() if not name.startswith("PIP_")}
    for settings in found.values():
        env |= {"PIP_" + key.replace("-", "_").upper(): " ".join(value.split()) for key, value in settings.items()}
    return env | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def pip(*args: str, quiet: bool = False) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "-qq", *args]
    return subprocess.run(command, cwd=ROOT, env=pip_environment(), stderr=subprocess.DEVNULL if quiet else None).returncode == 0


def requirements() -> list[str]:
    """What pyproject.toml asks for, to learn and to test."""
    import tomllib  # since Python 3.11; an older one has been told by now

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]


def install_cpu_torch() -> None:
    """On Linux a plain 'pip install torch' brings 2.7 GB for NVIDIA cards, so look for a CPU build first.

    A wheel on this disk that pip knows of comes first, then PyTorch's own CPU index (190 MB). If neither
    answers, the main installation takes what PyPI has: larger, and just as right.
    """
    if sys.platform != "linux":
        return
    torch = next(line for line in requirements() if line.startswith("torch"))
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
        asked = subprocess.run([str(PYTHON), "-m", "pip", "--version"], env=environment("pip"), capture_output=True, text=True)
        if asked.returncode == 0 and f"(python {sys.version_info[0]}.{sys.version_info[1]})" in asked.stdout:
            return
    try:        # links, as "python -m venv" makes: a copy of a Python that finds its library beside itself is dead
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        fail("The virtual environment .venv could not be made.", str(error),
             "On Debian and Ubuntu run 'sudo apt install python3-venv'; elsewhere check that this folder is writable.")


def as_typed(command: list[str]) -> str:
    """A command as one would type it: blanks and brackets quoted."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def put_on_path() -> None:
    """Let the Python of .venv find helpers: by a path from there to here, so that the folder may be moved."""
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(VENV)}))
    packages.mkdir(parents=True, exist_ok=True)
    (packages / "course.pth").write_text(os.path.relpath(ROOT, packages) + "\n", "utf-8")


def install() -> None:
    """Bring .venv in step with pyproject.toml and constraints.txt; at once if it is already."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    want = hashlib.sha256(b"".join(f.read_bytes() for f in files) + str(sys.version_info[:2]).encode()).hexdigest()
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
    listed = VENV / "requirements.txt"
    listed.write_text("\n".join(requirements()) + "\n", "utf-8")
    if not pip("-c", "constraints.txt", "-r", str(listed)):
        command = [str(PYTHON), "-m", "pip", "install", "-c", str(ROOT / "constraints.txt"), "-r", str(listed)]
        fail("The installation failed.", "pip's lines above say which package, and why",
             "check the network (or your proxy settings), then give the same command again: it goes on from here. "
             f"All that pip says: {as_typed(command)}")
    put_on_path()
    profile = VENV / "own" / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40     # this machine alone listens: no word about encryption\n", "utf-8")
    subprocess.run([str(PYTHON), "-c", "import matplotlib.font_manager"], env=environment("test"), stderr=subprocess.DEVNULL)     # lists the fonts, once
    STAMP.write_text(want)


def words_for_terminals() -> None:
    """A terminal that has no … or ✓ shows a question mark there, and the command goes on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def main() -> int:
    """Give the exit code; on Linux and macOS a command that starts replaces this process instead."""
    words_for_terminals()
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
    name, *arguments = sys.argv[1:]
    here = [f"--ServerApp.root_dir={ROOT}"] if name == "lab" else []        # whatever ~/.jupyter says
    command, env = [str(PYTHON), *COMMANDS[name], *here, *arguments], environment(name)
    os.chdir(ROOT)
    if os.name != "nt":
        os.execve(command[0], command, env)     # no process in between: Ctrl-C and kill reach Jupyter itself
    return subprocess.call(command, env=env)


if __name__ == "__main__":
    sys.exit(main())
