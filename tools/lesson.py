"""A lesson as the rules of its anatomy look at it: cells, calls, headings, words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.source import Cell, Source

FENCE = re.compile(r"^```.*?^```[ \t]*$", re.M | re.S)
DETAILS = re.compile(r"<details\b.*?</details>", re.S)
Found = Iterator[tuple[int, str]]       # line in the source, and what is wrong there


class Lesson:
    """A source, and what the rules look at."""

    def __init__(self, source: Source) -> None:
        self.source, self.cells, self.number, self.lesson, self.exercises = source, source.cells, source.chapter, source.lesson, source.exercises
        self.answers = {id(e.answer) for e in source.exercises}
        self.checks = {id(e.check) for e in source.exercises}
        self.hints = {id(e.hints) for e in source.exercises}
        self.exercise_prose = {id(c) for e in source.exercises for c in (e.statement, e.discussion)}
        self.code = [c for c in self.cells if c.kind == "code"]
        self.prose = [c for c in self.cells if c.kind == "markdown" and id(c) not in self.hints and "discussion" not in c.tags]
        self.broken: list[tuple[int, str]] = []
        self.trees: dict[int, ast.Module] = {}
        self.calls: list[tuple[int, str, ast.Call]] = []
        for cell in self.code:
            try:
                tree = ast.parse(re.sub(r"^[ \t]*[%!].*$", "pass", cell.text, flags=re.M))
            except SyntaxError as error:
                self.broken.append((cell.line + (error.lineno or 1), f"this is not Python: {error.msg}"))
                continue
            self.trees[id(cell)] = tree
            self.calls += [(cell.line + node.lineno, name_of(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        self.calls.sort(key=lambda call: call[0])
        self.headings = [(cell.line + line, i, text) for i, cell in enumerate(self.cells) if cell.kind == "markdown"
                         for line, text in headings(cell.text)]

    def named(self, *names: str) -> list[tuple[int, ast.Call]]:
        """The calls of functions with these names, as (line, call)."""
        return [(line, call) for line, name, call in self.calls if name in names]

    def section(self, title: str) -> list[Cell]:
        """The cells from the ## heading that holds title up to the next ## heading."""
        starts = [i for _, i, text in self.headings if text.startswith("## ")]
        begin = next((i for _, i, text in self.headings if text.startswith("## ") and title in text), None)
        if begin is None:
            return []
        return self.cells[begin:min((i for i in starts if i > begin), default=len(self.cells))]

    def is_questions(self, cell: Cell) -> bool:
        """Whether a code cell holds nothing but questions to the reader: text, not code."""
        body = self.trees[id(cell)].body if id(cell) in self.trees else []
        return bool(body) and all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and name_of(s.value.func) in ("quiz", "warm_up") for s in body)

    def is_drawn_elsewhere(self, call: ast.Call) -> bool:
        """Whether the figure of show(fig) comes from a drawing function; show() itself refuses one that has no sentence."""
        figure: ast.expr | None = call.args[0] if len(call.args) == 1 else None
        if isinstance(figure, ast.Name):
            cell = next(tree for tree in self.trees.values() if any(node is call for node in ast.walk(tree)))
            made = [node.value for node in ast.walk(cell) if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == figure.id for t in node.targets)]
            figure = made[-1] if made else None
        return isinstance(figure, ast.Call) and name_of(figure.func) not in ("plt.subplots", "plt.figure", "plt.subplot_mosaic")


def name_of(function: ast.expr) -> str:
    """``f`` for f(…), ``a.f`` for a.f(…); of longer chains the last two names."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        return f"{name_of(function.value).rsplit('.', 1)[-1]}.{function.attr}"
    return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def headings(text: str) -> list[tuple[int, str]]:
    """The headings of a cell outside its code blocks, with their lines (from 1)."""
    open_text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), text)
    return [(i, line) for i, line in enumerate(open_text.splitlines(), 1) if re.match(r"#{1,6} ", line)]


def words_of(text: str) -> int:
    """The words that a reader reads in one go: without code, formulas, link addresses and what is folded."""
    for pattern in (DETAILS, FENCE, re.compile(r"\$\$.*?\$\$", re.S), re.compile(r"<[^>]*>"), re.compile(r"(?<=\])\([^)]*\)")):
        text = pattern.sub(" ", text)
    text = re.sub(r"\$[^$\n]+\$", "x", text)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def length(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())
