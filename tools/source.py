"""Read a lesson's source: a jupytext percent file, with the solutions between markers.

An exercise is five cells in a row::

    # %% [markdown]
    # ### Exercise 2.1 · Slide a window · write · 10 min · ★★☆
    # The task.

    # %%
    def cross_correlate(x, kernel):
        '''Signature, shapes, line budget.'''
        ### BEGIN SOLUTION
        ...
        ### END SOLUTION

    # %%
    check("2.1", cross_correlate)

    # %% [markdown]
    # <details><summary>Hint 1: …</summary> … </details> and a second one

    # %% [markdown] tags=["discussion"]
    # Why the solution is as it is (shown in the solutions notebook alone).

The kind (write, fix, test, value, order, target) says what the learner finds in the answer's cell: a line that raises; in
a fix what stands between ``### INSTEAD`` and the end; in a value ``name = ...``; in an order ``steps = order("2.1")``.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("write", "fix", "test", "value", "order", "target")
HEADING = re.compile(rf"^### Exercise (\d+\.\d+) · ((?:(?! · ).)+?)(?: · ({'|'.join(KINDS)}))? · (\d+) min · (★+☆*)$", re.M)
BLOCK = re.compile(r"^([ \t]*)### BEGIN SOLUTION[ \t]*\n(.*?)(?:^[ \t]*### INSTEAD[ \t]*\n(.*?))?^[ \t]*### END SOLUTION[ \t]*$\n?", re.M | re.S)
#: A cell that calls nothing else is folded; the page shows its first line, so that says what to do, and no answer.
FOLDED = {"quiz": "# Questions: run this cell, then answer.", "warm_up": "# Warm-up: run this cell, then answer.", "review": "# Review: run this cell, then answer.",
          "compare": "# Your prediction beside the run: run this cell.", "promise": "# What the text relies on: run this cell."}
KERNEL = {
    "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"},
    "language_info": {"name": "python"},
}


class SourceError(ValueError):
    """A source that cannot be built; the message begins with file and line."""


@dataclass(frozen=True)
class Cell:
    """One cell of a source, and the line at which it begins."""

    kind: str           # "code" or "markdown"
    text: str
    tags: tuple[str, ...]
    line: int

    @property
    def heading(self) -> re.Match[str] | None:
        """The heading of an exercise, if this cell is one."""
        return HEADING.search(self.text) if self.kind == "markdown" else None


@dataclass(frozen=True)
class ExerciseCells:
    """The five cells of an exercise."""

    number: str
    kind: str           # one of KINDS
    name: str           # of the function, value or widget that is checked
    statement: Cell
    answer: Cell
    check: Cell
    hints: Cell
    discussion: Cell

    @property
    def stub(self) -> str:
        """The answer's cell as the learner finds it."""
        if self.kind == "order":
            return self.answer.text
        if self.kind == "fix":
            return BLOCK.sub(lambda block: block[3], self.answer.text)
        if self.kind == "value":
            return BLOCK.sub(lambda block: f"{block[1]}{self.name} = ...\n", self.answer.text)
        return BLOCK.sub(lambda block: f'{block[1]}raise NotImplementedError("exercise {self.number}")\n', self.answer.text)

    @property
    def solution(self) -> str:
        """The answer's cell solved."""
        if self.kind == "order":
            return f'{self.name} = """\\\n{self._lines_in_order()}\n""".splitlines()'
        return BLOCK.sub(lambda block: block[2], self.answer.text)

    def _lines_in_order(self) -> str:
        from helpers.lesson.exercise import exercise_of, solution_lines

        return "\n".join(solution_lines(exercise_of(self.number)))


class Source:
    """A chapter's source, read and found whole.

    Raises
    ------
    SourceError
        With file and line: no title, cells that cannot be told apart, a marker without its partner, an exercise that
        lacks a cell, a number used twice or out of order, a stub that is missing, a check that does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        rows = path.read_text("utf-8-sig").splitlines()     # an editor on Windows may put a mark before the first line
        match = re.fullmatch(r"((\d\d)[a-z]?)_\w+", path.stem)
        if not match:
            raise SourceError(f"{path.name}:1: a source is called NN_topic.py or NNa_topic.py, as in 02_cnn.py, 03a_memory.py")
        self.lesson, self.chapter = match[1], int(match[2])
        lines = [i for i, row in enumerate(rows, 1) if row.startswith("# %%")]
        cells = _read(rows)
        ends = [*(n - 1 for n in lines), len(rows)]     # before marker i there are i cells
        astray = next(i for i, end in enumerate(ends) if len(_read(rows[:end])) != i) if len(lines) != len(cells) else None
        if astray == 0 or not cells or not cells[0].source.strip():
            raise SourceError(f"{path.name}:1: begin with the title cell: '# %% [markdown]', and below it '# # {self.lesson} · Topic — A question?'")
        if astray:
            raise SourceError(f"{path.name}:{lines[astray - 1]}: this '# %%' begins not one cell: does it stand inside a text? "
                              "Or is a marker below it written in another way, as '#%%'?")
        self.cells = [Cell(c.cell_type, c.source, tuple(c.metadata.get("tags", ())), n) for c, n in zip(cells, lines, strict=True)]
        self._check_markers()
        self.exercises = self._read_exercises()

    def siblings(self) -> list[Path]:
        """The sources of this chapter's lessons, this one among them, in order: exercises are numbered through the chapter."""
        return sorted(self.path.parent.glob(f"{self.chapter:02d}*_*.py"))

    def error(self, cell: Cell, message: str) -> SourceError:
        return SourceError(f"{self.path.name}:{cell.line}: {message}")

    def _check_markers(self) -> None:
        for cell in self.cells:
            marks = re.findall(r"#+[ ]*(?:(BEGIN|END)[ ]+SOLUTION|(INSTEAD)\b)", cell.text)
            exact = re.findall(r"^[ \t]*### (?:(BEGIN|END) SOLUTION|(INSTEAD))[ \t]*$", cell.text, re.M)
            if marks != exact and cell.kind == "code":
                raise self.error(cell, "a marker is misspelt; write it as '### BEGIN SOLUTION', '### INSTEAD' or '### END SOLUTION', alone on its line")
            order = [a or b for a, b in exact]
            if order not in ([], ["BEGIN", "END"], ["BEGIN", "INSTEAD", "END"]):
                raise self.error(cell, f"the markers must be one BEGIN and one END, in this order (in a fix with INSTEAD between them); found {', '.join(order)}")
            if exact and cell.kind != "code":
                raise self.error(cell, "a solution stands in a code cell")

    def _read_exercises(self) -> list[ExerciseCells]:
        found: list[ExerciseCells] = []
        before = sum(len(HEADING.findall(path.read_text("utf-8-sig").replace("\n# ", "\n"))) for path in self.siblings() if path.stem < self.path.stem)
        for i, cell in enumerate(self.cells):
            if cell.kind == "markdown" and re.search(r"^#+ *Exercise\b", cell.text, re.M) and not cell.heading:
                raise self.error(cell, "an exercise's heading reads '### Exercise 2.1 · What · write · 10 min · ★★☆', "
                                       f"and its kind is one of {', '.join(KINDS)}")
            if not cell.heading:
                continue
            number = cell.heading[1]
            expected = f"{self.chapter}.{before + len(found) + 1}"
            if number in {e.number for e in found}:
                raise self.error(cell, f"exercise {number} appears twice")
            if number != expected:
                raise self.error(cell, f"exercise {number} should be {expected}: they are numbered in order")
            found.append(self._five_cells(number, cell.heading[3] or "write", i))
        solved = {id(e.answer) for e in found}
        for cell in self.cells:
            if BLOCK.search(cell.text) and id(cell) not in solved:
                raise self.error(cell, "this solution stands under no exercise's heading")
        return found

    def _five_cells(self, number: str, kind: str, i: int) -> ExerciseCells:
        five = self.cells[i:i + 5]
        if [c.kind for c in five] != ["markdown", "code", "code", "markdown", "markdown"]:
            raise self.error(five[0], f"exercise {number} needs five cells: statement, answer, check, hints, discussion; "
                                      f"found {', '.join(c.kind for c in five)}")
        check, hints, discussion = five[2:]
        checked = re.fullmatch(r'check\("(\d+\.\d+)", (\w+)\)', check.text.strip())
        if not checked or checked[1] != number:
            raise self.error(check, f'the cell after the answer must read check("{number}", {"function" if kind not in ("value", "order") else "name"})')
        exercise = ExerciseCells(number, kind, checked[2], *five)
        self._check_answer(exercise)
        if hints.text.count("<details>") != 2:
            raise self.error(hints, f"exercise {number} needs two folded hints; found {hints.text.count('<details>')}")
        if "discussion" not in discussion.tags:
            raise self.error(discussion, f'the discussion of exercise {number} is tagged: # %% [markdown] tags=["discussion"]')
        return exercise

    def _check_answer(self, e: ExerciseCells) -> None:
        """The answer's cell holds what its kind needs, and defines what is checked."""
        block = BLOCK.search(e.answer.text)
        if e.kind == "order":
            if block or not re.fullmatch(rf'{e.name} = order\("{e.number}"\)', e.answer.text.strip()):
                raise self.error(e.answer, f'the answer of an order is one line, {e.name} = order("{e.number}"): its lines stand in its check')
            return
        if not block:
            raise self.error(e.answer, f"exercise {e.number} has no stub: mark its solution with '### BEGIN SOLUTION' and '### END SOLUTION'")
        if not block[2].strip():
            raise self.error(e.answer, f"the solution of exercise {e.number} is empty")
        if (e.kind == "fix") != bool((block[3] or "").strip()):
            raise self.error(e.answer, f"a fix, and no other kind, has the lines to be mended after '### INSTEAD'; exercise {e.number} is of kind {e.kind}")
        pattern, text = (rf"^{e.name} *(?::[^=]+)?=", block[2]) if e.kind == "value" else (rf"^(?:async )?(?:def|class) {e.name}\b", e.answer.text)
        if not re.search(pattern, text, re.M):
            raise self.error(e.check, f"check names {e.name}, which the answer's cell does not define")

    def check_exercises_exist(self) -> None:
        """Each exercise has a check with at least four wrong answers, and each check an exercise."""
        from helpers import topics
        from helpers.lesson.exercise import exercises_of

        if not topics.check_modules(self.chapter):
            raise SourceError(f"{self.path.name}:1: no checks of chapter {self.chapter:02d}; write helpers/topics/<topic>/checks.py")
        elsewhere = {e.number for path in self.siblings() if path != self.path for e in Source(path).exercises}
        known = {e.number: e for e in exercises_of(self.chapter) if e.number not in elsewhere}
        for exercise in self.exercises:
            if exercise.number not in known:
                raise self.error(exercise.check, f"there is no check {exercise.number} among the checks of chapter {self.chapter:02d}")
            check = known.pop(exercise.number)
            if check.kind != exercise.kind:
                raise self.error(exercise.statement, f"the heading says that exercise {exercise.number} is of kind {exercise.kind}, its check says {check.kind}")
            count = len(check.wrong_answers)
            if count < 4:
                raise self.error(exercise.check, f"check {exercise.number} knows {count} wrong answers; at least 4 are needed")
        if known:
            raise SourceError(f"{self.path.name}:1: checks without an exercise: {', '.join(known)}")

    def chapter_cells(self, *, solved: bool = False) -> list[Cell]:
        """The cells of the chapter: exercises open, or (for the tests) filled in."""
        answers = {id(e.answer): e for e in self.exercises}
        hints = {id(e.hints) for e in self.exercises}
        cells = []
        for cell in self.cells:
            text = cell.text
            if id(cell) in answers:
                text = answers[id(cell)].solution if solved else answers[id(cell)].stub
            elif id(cell) in hints:
                statement = next(e.statement for e in self.exercises if e.hints is cell)
                text += f"\n\n[Solution and discussion](../solutions/{self.path.stem}.ipynb#cell-id={cell_id('markdown', statement.text)})"
            if "discussion" not in cell.tags:
                cells.append(replace(cell, text=text))
        return cells

    def solutions_cells(self) -> list[Cell]:
        """The exercises alone, solved, after the set-up cells that they need; their checks keep nothing as the learner's."""
        title = re.sub(r"^# ", "", self.cells[0].text.splitlines()[0])
        intro = f"# Solutions · {title}\n\nTry each exercise in [the chapter](../chapters/{self.path.stem}.ipynb) first: what you find yourself, you keep."
        cells = [Cell("markdown", intro, (), self.cells[0].line)]
        cells += [c for c in self.cells if {"setup", "parameters"} & set(c.tags)]
        for e in self.exercises:
            cells += [e.statement, replace(e.answer, text=e.solution), replace(e.check, text=f'check("{e.number}", {e.name}, keep=False)'), e.discussion]
        return cells

    def chapter_notebook(self, *, solved: bool = False) -> NotebookNode:
        """The chapter, not executed: see :meth:`chapter_cells`."""
        return notebook(self.chapter_cells(solved=solved))

    def solutions_notebook(self) -> NotebookNode:
        """The solutions, not executed: see :meth:`solutions_cells`."""
        return notebook(self.solutions_cells())


def _read(rows: Sequence[str]) -> list[NotebookNode]:
    """The cells as jupytext sees them."""
    return _read_text("\n".join(rows))


@functools.lru_cache(maxsize=100)
def _read_text(text: str) -> list[NotebookNode]:
    """Each source is read by many tests; nobody changes these cells."""
    cells: list[NotebookNode] = jupytext.reads(text, fmt="py:percent").cells
    return cells


def first_line(cell: Cell) -> str:
    """The line above the code of a cell that the page folds away: promises, and what holds an answer; "" for others."""
    if cell.kind != "code" or "promise" in cell.tags:
        return FOLDED["promise"] if cell.kind == "code" else ""
    try:
        calls = [statement.value.func for statement in ast.parse(cell.text).body]  # type: ignore[attr-defined]
    except (SyntaxError, AttributeError):           # no code, or something else than calls
        return ""
    names = {ast.unparse(call).rsplit(".", 1)[-1] for call in calls}
    return FOLDED[names.pop()] if len(names) == 1 and names <= set(FOLDED) else ""


def cell_id(kind: str, text: str) -> str:
    """A cell's id, which depends on its text alone."""
    whole = text.rstrip("\n")
    return hashlib.sha256(f"{kind}\n{whole}".encode()).hexdigest()[:8]


def notebook(cells: Sequence[Cell]) -> NotebookNode:
    """A notebook of these cells, whose ids depend on the text alone, so that a rebuild changes no line of an untouched cell."""
    nb = nbformat.v4.new_notebook(metadata=nbformat.from_dict(KERNEL))
    seen: dict[str, int] = {}
    for c in cells:
        folded = first_line(c)
        text = f"{folded}\n{c.text}".strip("\n") if folded else c.text.rstrip("\n")
        cell = nbformat.v4.new_code_cell(text) if c.kind == "code" else nbformat.v4.new_markdown_cell(text)
        digest = cell_id(c.kind, text)
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell.metadata = nbformat.from_dict({**({"tags": list(c.tags)} if c.tags else {}), **({"jupyter": {"source_hidden": True}} if folded else {})})
        nb.cells.append(cell)
    return nb


def lesson_of(name: str) -> str:
    """The lesson or chapter that a name means: "03a" of 3a, 03a, 03a_memory, chapters/03a_memory.ipynb; "" if none."""
    match = re.fullmatch(r"(\d{1,2})([a-z]?)(_\w+)?(\.py|\.ipynb)?", re.split(r"[/\\]", name)[-1])
    return f"{int(match[1]):02d}{match[2]}{match[3] or ''}" if match else ""


def sources(chapters: Sequence[str] = ()) -> list[Path]:
    """The sources of these chapters or lessons, of all if none is named; in order.

    Parameters
    ----------
    chapters : sequence of str
        As in ``["03", "04a", "05_preprocessing", "chapters/06_features.ipynb"]``; 03 means all lessons of chapter 03.

    Raises
    ------
    LookupError
        If a chapter is named that has no source.
    """
    found = sorted((ROOT / "source").glob("[0-9][0-9]*_*.py"))

    def fits(path: Path, name: str) -> bool:
        asked = lesson_of(name)
        return bool(asked) and (path.stem == asked or re.match(rf"{asked}[a-z]?_" if len(asked) == 2 else rf"{asked}_", path.stem) is not None)

    unknown = [chapter for chapter in chapters if not any(fits(path, chapter) for path in found)]
    if unknown:
        raise LookupError(f"no source fits {', '.join(unknown)}; there are {', '.join(path.stem for path in found)}")
    return [path for path in found if not chapters or any(fits(path, chapter) for chapter in chapters)]
