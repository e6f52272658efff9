"""The ways to learn that every lesson uses: warm-up, drawn curve, steps, kinds of exercise; and code for eyes."""

from __future__ import annotations

import ast
import re

from tools.lesson import Found, Lesson, keyword, name_of
from tools.minutes import is_call

WIDEST = 88
LEAST_KINDS = 3
KIND = re.compile(r"^### Exercise \d+\.\d+ · .+? · (write|fix|test|value|order|target) · \d+ min · ", re.M)


def warm_up(lesson: Lesson) -> Found:
    calls = lesson.named("warm_up")
    if len(calls) != 1:
        yield 1, f"{len(calls)} warm-ups: a lesson opens with one, warm_up(\"{lesson.lesson}\")"
    for line, call in calls:
        if not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == lesson.lesson):
            yield line, f'the warm-up of this lesson is warm_up("{lesson.lesson}")'


def drawn_curve(lesson: Lesson) -> Found:
    if not lesson.named("draw_curve"):
        yield 1, "no curve is drawn before it is measured: sketch_x = draw_curve(…), and after the run sketch_x.compare(x, y)"


def steps(lesson: Lesson) -> Found:
    guided = [call for _, call in lesson.named("explore") if keyword(call, "steps") is not None]
    if not guided:
        yield 1, "no figure has steps: give the most important explore(…) steps=[Step(…), …]"


def kinds_of_exercise(lesson: Lesson) -> Found:
    kinds = set()
    for exercise in lesson.exercises:
        match = KIND.search(exercise.statement.text)
        if match:
            kinds.add(match[1])
        else:
            yield exercise.statement.line, "the heading reads '### Exercise 2.1 · What · write · 10 min · ★★☆': write, fix, test, value, order or target"
    if len(kinds) < LEAST_KINDS:
        yield 1, f"{len(kinds)} kinds of exercise ({', '.join(sorted(kinds))}): a lesson has at least {LEAST_KINDS}"


def width(lesson: Lesson) -> Found:
    for cell in lesson.code:
        for i, text in enumerate(cell.text.splitlines(), 1):
            if len(text) > WIDEST:
                yield cell.line + i, f"this line has {len(text)} signs; {WIDEST} fit on a small screen"


def promises_apart(lesson: Lesson) -> Found:
    """Promises stand in folded cells of their own; so does a comparison with the reader's guess."""
    for cell in lesson.code:
        tree = lesson.trees.get(id(cell))
        if tree is None:
            continue
        names = {name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if "expect" in names and "promise" not in cell.tags:
            yield cell.line, "expect(…) stands in a cell of its own, tagged 'promise'"
        if "promise" in cell.tags and "expect" not in names:
            yield cell.line, "this cell is tagged 'promise' and promises nothing"
        compares = [statement for statement in tree.body if is_call(statement, "compare")]
        if compares and len(tree.body) > 1:
            yield cell.line + compares[0].lineno, "what a guess is compared with stands in a cell of its own: the reader answers before it"
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func).endswith(".compare") and any(isinstance(a, ast.IfExp) for a in ast.walk(node)):
                yield cell.line + node.lineno, "a conditional picks the option: give the number, guess_x.compare(value, bins=[…])"


RULES = (warm_up, drawn_curve, steps, kinds_of_exercise, width, promises_apart)
