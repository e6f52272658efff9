"""What a lesson may use and the course does not install: where it is missing, one sentence says so, and the lesson goes on without."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import symtable
import sys
from typing import Any

from helpers.runtime import ROOT

#: Module → the extra of pyproject.toml that brings it, its name for people, megabytes.
KNOWN = {"keras": ("tensorflow", "TensorFlow", 1430)}
#: What keeps TensorFlow silent, repeatable and within the course's folder; to be set before its first import.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(ROOT / "build" / "keras"),
         "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


class Missing:
    """Stands where a module should be."""

    def __init__(self, module: str) -> None:
        self.module = module


class PassOver(ast.NodeTransformer):
    """Of the cells to come, those that use what is missing, or what only such a cell would have made, say so and do nothing else."""

    def __init__(self, namespace: dict[str, Any], people: str) -> None:
        self.namespace, self.people, self.unmade = namespace, people, set[str]()

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, ast.Module):
            return node
        unmade = self.unmade | {name for name, value in self.namespace.items() if isinstance(value, Missing)}
        table = symtable.symtable(ast.unparse(node), "cell", "exec")
        made = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        if not _asked(table) & unmade:
            self.unmade -= made
            return node
        self.unmade |= made
        return ast.parse(f'print("(Passed over: this cell needs {self.people}.)")')


def _asked(table: symtable.SymbolTable) -> set[str]:
    """The names that a cell takes from outside: at its top, or within its functions."""
    own = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (table.get_type() == "module" or s.is_global())}
    return own.union(*(_asked(child) for child in table.get_children()))


def optional(module: str) -> Any:
    """A module of an extra, imported; or, where it is not installed, one sentence, and the cells that need it do nothing.

    >>> optional("numpy")
    Traceback (most recent call last):
    ValueError: optional() knows the modules keras; got 'numpy'

    Raises
    ------
    ValueError
        If it is no module of an extra.
    """
    if module not in KNOWN:
        raise ValueError(f"optional() knows the modules {', '.join(KNOWN)}; got {module!r}")
    extra, people, megabytes = KNOWN[module]
    _forget()
    if importlib.util.find_spec(extra) is not None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        return importlib.import_module(module)
    print(missing_sentence(extra, people, megabytes))
    shell = _shell()
    if shell is not None:
        shell.ast_transformers.append(PassOver(shell.user_ns, people))
    return Missing(module)


def missing_sentence(extra: str, people: str, megabytes: int) -> str:
    """What a learner without the extra is told: what is missing, the command, and what still works."""
    own = ".venv\\Scripts\\python" if os.name == "nt" else ".venv/bin/python"
    python = own if sys.prefix == str(ROOT / ".venv") else "python"
    return (f"This lesson needs {people}, which is not installed: in the course's folder run  {python} -m pip install -c constraints.txt "
            f'-e ".[{extra}]"  ({megabytes:,} MB), then restart this kernel; until then cells that need it are passed over, all others work.')


def _shell() -> Any:
    from IPython import get_ipython

    return get_ipython()


def _forget() -> None:
    """Cells that an earlier call would pass over run again."""
    shell = _shell()
    if shell is not None:
        shell.ast_transformers[:] = [t for t in shell.ast_transformers if not isinstance(t, PassOver)]
