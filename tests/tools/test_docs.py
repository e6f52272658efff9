"""README, CONTRIBUTING, licences and workflow say what is so."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
README, CONTRIBUTING = ((ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8"))
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9][0-9]*_*.ipynb"))
PAGES = ("README.md", "START.md", "CONTRIBUTING.md", "CHANGELOG.md")
#: Names of the places where the course happened to be written; in two parts, so that this file may be read too.
PRIVATE = ("/wo" + "rk/", "sha" + "red/")


def rows() -> dict[str, list[str]]:
    """The lessons' table: number → cells."""
    lines = [line.strip().strip("|").split("|") for line in README.splitlines() if re.match(r"\| \d\d[a-z]? · ", line)]
    return {cells[0].split("·")[0].strip(): [cell.strip() for cell in cells] for cells in lines}


def runs(job: str) -> list[str]:
    return [step["run"] for step in WORKFLOW["jobs"][job]["steps"] if "run" in step]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = [t for t in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?://", t)]
    assert [t for t in targets if not (ROOT / t).exists()] == []
    assert [t for t in targets if t.startswith(("/", "#", ".")) or "\\" in t] == [], "not every viewer follows these"


@pytest.mark.parametrize("page", PAGES)
def test_code_that_names_a_file_names_one_that_exists(page: str) -> None:
    """What stands in `backticks` and looks like a file of the course."""
    names = re.findall(r"`([\w.]+/[\w./]*|[\w]+\.(?:py|toml|txt|yml))`", (ROOT / page).read_text("utf-8"))
    made = re.compile(r"build/")  # what tools and tests make there is in no clone
    rooms = [ROOT, *(path for room in ("helpers", "tools", "tests", "benchmarks") for path in (ROOT / room, *(ROOT / room).glob("**/")))]
    assert [n for n in names if "NN" not in n and not made.match(n) and not any((room / n).exists() for room in rooms)] == []


def test_the_table_has_all_sixteen_chapters_in_order() -> None:
    assert list(dict.fromkeys(number[:2] for number in rows())) == [f"{n:02d}" for n in range(16)]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_a_chapter_has_its_row(path: Path) -> None:
    title, minutes, needs, notebook, solutions = rows()[path.stem.split("_")[0]]
    first = nbformat.read(path, 4).cells[0].source
    assert title == first.splitlines()[0].removeprefix("# ")
    time = re.search(r"\*\*Time\*\*([^·\n]*)", first)
    assert time, "the chapter's box states no time"
    assert re.findall(r"\d+", minutes) == re.findall(r"\d+", time[1])
    assert needs
    assert f"(chapters/{path.name})" in notebook
    assert f"(solutions/{path.name})" in solutions


def test_a_row_without_a_chapter_is_called_planned() -> None:
    there = {path.stem.split("_")[0] for path in CHAPTERS}
    for number, (_, minutes, _, notebook, solutions) in rows().items():
        assert (minutes == "planned") is (number not in there), f"chapter {number}"
        assert bool(notebook and solutions) is (number in there), f"chapter {number}"


def test_readme_lists_every_command_of_course_py() -> None:
    commands = re.findall(r'^    "(\w+)": \[', (ROOT / "course.py").read_text("utf-8"), re.M)
    assert commands
    assert [c for c in commands if f"python3 course.py {c}" not in README] == []
    assert [c for c in re.findall(r"course\.py (\w+)", README + CONTRIBUTING) if c not in commands] == []


def test_readme_keeps_its_place_for_the_measurements() -> None:
    assert README.count("<!-- bench:start -->") == README.count("<!-- bench:end -->") == 1
    assert README.index("<!-- bench:start -->") < README.index("<!-- bench:end -->")


def test_each_dependency_has_its_line_with_reason_licence_and_size() -> None:
    lines = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
    table = {cells[1].strip(): [c.strip() for c in cells[2:5]] for line in CONTRIBUTING.splitlines() if len(cells := line.split("|")) == 6}
    for header in ("Package", "---"):
        del table[header]
    assert set(table) == {Requirement(line).name for line in lines}
    assert [name for name, cells in table.items() if not all(cells)] == []


def test_workflow_runs_the_two_commands_with_the_oldest_and_the_newest_python() -> None:
    assert [r.split()[:3] for r in runs("course")] == [["python", "course.py", c] for c in ("lab", "doctor", "test")]
    matrix = WORKFLOW["jobs"]["course"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    admitted = [f"3.{n}" for n in range(30) if SpecifierSet(PROJECT["requires-python"]).contains(f"3.{n}.0")]
    assert matrix["python"] == [admitted[0], admitted[-1]]


def test_workflow_tries_a_browser_and_the_newest_packages() -> None:
    assert runs("browser") == ["bash .ci/run"]
    assert (ROOT / ".ci" / "run").exists()
    assert not any("constraints.txt" in r for r in runs("newest"))
    assert runs("newest")[-1] == "python -m pytest"
    assert WORKFLOW[True]["schedule"], "'on' is True in YAML 1.1"


def test_workflow_asks_for_little_and_pins_its_actions() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert WORKFLOW["concurrency"]
    for name, job in WORKFLOW["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step), name


def test_licences_are_there() -> None:
    code, prose = (ROOT / "LICENSE").read_text("utf-8"), (ROOT / "LICENSE-TEXT").read_text("utf-8")
    assert code.startswith(f"{PROJECT['license']} License\n")
    assert "The authors of Deep learning by hand" in code
    assert prose.startswith("Attribution 4.0 International\n")
    assert [f"Section {n} -- " in prose for n in range(1, 9)] == [True] * 8
    assert all(f"]({name})" in README for name in ("LICENSE", "LICENSE-TEXT"))


def test_changelog_has_an_entry_for_this_version() -> None:
    dated = dict(re.findall(r"^## \[([\d.]+)\] - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M))
    assert PROJECT["version"] in dated


def files_of_the_course() -> list[Path]:
    """What git tracks or would track; everything but hidden and built folders where there is no git."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
        return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        skip = {"build", "__pycache__"}
        return [p for p in ROOT.rglob("*") if p.is_file() and not any(part in skip or part.startswith(".") for part in p.relative_to(ROOT).parts[:-1])]


def test_no_file_names_a_private_place() -> None:
    found = []
    for path in files_of_the_course():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in PRIVATE if word in text]
    assert found == []
