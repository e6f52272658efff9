"""For the tests of what a lesson says of runs longer than its own: the lesson's own functions, taken from its source."""

from __future__ import annotations

import ast
from typing import Any

from tools.source import ROOT, Source


def lesson(name: str, *wanted: str) -> dict[str, Any]:
    """The names of a lesson's set-up, and the functions and values that are wanted of the rest."""
    names: dict[str, Any] = {}
    for cell in Source(ROOT / "source" / f"{name}.py").cells:
        if cell.kind == "code":
            whole = {"parameters", "setup"} & set(cell.tags)
            nodes = [node for node in ast.parse(cell.text).body if whole or given(node) & set(wanted)]
            exec(compile(ast.Module(nodes, []), f"{name}.py", "exec"), names)
    assert set(wanted) <= set(names)
    return names


def given(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} if isinstance(node, ast.Assign) else set()
