"""START.md as this reader is to see it: what is solved, and where to go on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = "START.md"
ROW = re.compile(r"^\| \[(?P<title>[^\]]+)\]\((?P<path>[^)]+)\) \| (?P<minutes>[^|]+) \| (?P<boxes>□+) <!-- (?P<numbers>[\d. ]+) --> \|$", re.M)
BEGIN = re.compile(r"(<!-- begin:start -->\n).*?(\n<!-- begin:end -->)", re.S)


@dataclass(frozen=True)
class Done:
    """What a reader has done: exercises solved, questions answered (number → right), targets reached."""

    solved: frozenset[str] = frozenset()
    answered: tuple[tuple[str, bool], ...] = ()
    n_targets: int = 0

    @classmethod
    def of(cls, path: Path) -> Done:
        """From progress.json. A file that is missing or damaged counts as nothing done: the lesson's kernel, which
        owns the file, puts a damaged one aside and says so."""
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
            answered = tuple((number, bool(entry["right"])) for number, entry in found.get("quiz", {}).items())
            return cls(frozenset(found.get("solved", {})), answered, len(found.get("target", {})))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls()


def with_progress(text: str, done: Done) -> str:
    """The page with its boxes filled; once something is done, it begins with the lesson to go on with.

    Parameters
    ----------
    text : str
        START.md as it lies on the disk.
    done : Done
    """
    rows = list(ROW.finditer(text))
    touched = {number.split(".")[0] for number, _ in done.answered}
    here = [i for i, row in enumerate(rows) if row["title"].split()[0] in touched or done.solved & set(row["numbers"].split())]
    if here:
        last = here[-1]
        whole = set(rows[last]["numbers"].split()) <= done.solved
        text = BEGIN.sub(lambda m: m[1] + _go_on(rows[min(last + whole, len(rows) - 1)], rows, done) + m[2], text)
    return ROW.sub(lambda row: row[0].replace(row["boxes"], "".join("■" if n in done.solved else "□" for n in row["numbers"].split())), text)


def _go_on(row: re.Match[str], rows: list[re.Match[str]], done: Done) -> str:
    numbers = {n for r in rows for n in r["numbers"].split()}
    right = sum(good for _, good in done.answered)
    return (f"## ▶ [Go on: {row['title']}]({row['path']})\n\nSo far: {len(done.solved & numbers)} of {len(numbers)} exercises solved, "
            f"{right} of {len(done.answered)} questions right, {done.n_targets} target{'' if done.n_targets == 1 else 's'} reached.")
