"""Run the tests: all, those of a chapter or a lesson, or those of a path.

    python3 course.py test                          everything
    python3 course.py test 03                       all that belongs to chapter 03: its sources, notebooks, exercises, helpers
    python3 course.py test 03a                      the same for one lesson
    python3 course.py test tests/test_metrics.py    a file, a folder, a notebook; from wherever one stands
    python3 course.py test 03 -x -k memory          options are pytest's
"""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import words_for_terminals
from tools.source import HEADING, ROOT, lesson_of, sources

#: Options of pytest whose value stands behind them as a word of its own.
VALUED = {"-k", "-m", "-n", "-p", "-c", "-o", "-W", "-r", "--maxfail", "--durations", "--tb", "--lesson", "--dist", "--deselect", "--ignore", "--rootdir",
          "--junitxml", "--capture", "--lf-skipped", "--durations-min", "--color", "--log-level", "--basetemp", "--import-mode"}
#: What speaks of every lesson, and is cut down to one by conftest.py's ``--lesson``.
SHARED = ("tests/test_notebooks.py", "tests/lesson/test_proofs.py", "tests/tools/test_structure.py")


def of_lesson(name: str) -> list[str]:
    """pytest's arguments for a chapter ("03") or a lesson ("03a").

    Raises
    ------
    LookupError
        If there is none of this name.
    """
    paths = sources([name])
    topics = runpy.run_path(str(ROOT / "helpers" / "topics" / "__init__.py"))["TOPICS"]      # importing it would load torch
    topic = topics[int(paths[0].stem[:2])]
    places = [f"{folder}/{topic}" for folder in ("tests/topics", "helpers/topics")]
    places += [f"{folder}/{path.stem}.ipynb" for path in paths for folder in ("chapters", "solutions")]
    return [*SHARED, *(place for place in places if (ROOT / place).exists()), f"--lesson={','.join(path.stem for path in paths)}"]


def exercises_of(lessons: Sequence[str]) -> set[str]:
    """The numbers of the exercises in these lessons (03a_memory)."""
    texts = [(ROOT / "source" / f"{lesson}.py").read_text("utf-8-sig") for lesson in lessons]
    return {heading[1] for text in texts for heading in HEADING.finditer(text.replace("\n# ", "\n"))}


def arguments(words: Sequence[str], here: Path) -> list[str]:
    """What is typed, as pytest takes it: lessons as all that belongs to them, paths from where one stands.

    Raises
    ------
    LookupError
        If a word is no lesson, no path and no option.
    """
    found: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        path, mark, part = word.partition("::")
        if word.startswith("-") or before in VALUED:
            found.append(word)
        elif re.fullmatch(r"\d{1,2}[a-z]?", word) or (lesson_of(word) and not re.search(r"[/\\.]", word)):
            found += of_lesson(word)
        else:
            place = next((base / path for base in (here, ROOT) if (base / path).exists()), None)
            if place is None:
                raise LookupError(f"there is no such file: {path} (looked in {here}{'' if here == ROOT else f' and in {ROOT}'})")
            place = place.resolve()
            found.append((place.relative_to(ROOT).as_posix() if place.is_relative_to(ROOT) else str(place)) + mark + part)
    return found


def main(words: Sequence[str]) -> int:
    """Give pytest's exit code; 2 if what is asked for does not exist."""
    words_for_terminals()
    if set(words) & {"-h", "--help"}:
        print(__doc__)
        return 0
    try:
        asked = arguments(words, Path(os.environ.get("COURSE_CALLED_FROM") or Path.cwd()))
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "pytest", *asked]
    os.chdir(ROOT)
    if os.name != "nt":
        os.execv(command[0], command)       # no process in between: Ctrl-C reaches pytest itself
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
