"""Is what came what was expected? The comparison behind the checks, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from helpers import plots

#: What NumPy and torch raise for what cannot be made an array of numbers.
NO_NUMBERS = (TypeError, ValueError, RuntimeError, OverflowError)


def is_changed(before: Any, after: Any) -> bool:
    """Whether numbers or texts in these arguments have changed; other objects (a model) may."""
    if isinstance(before, dict):
        return list(before) != list(after) or any(is_changed(value, after[key]) for key, value in before.items())
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(is_changed(b, a) for b, a in zip(before, after, strict=True))
    return isinstance(before, (torch.Tensor, np.ndarray, str, float, int)) and difference(before, after, 0) is not None


def difference(expected: Any, got: Any, tolerance: float) -> str | None:
    """What distinguishes got from expected, in words; None if nothing does.

    Numbers, arrays and tensors are compared by value and shape, whatever their kind, and NaN is equal to NaN;
    tuples, lists and dictionaries by parts.
    """
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"expected a dictionary, got {type(got).__name__}"
        if set(got) != set(expected):
            return f"expected the keys {list(expected)}, got {list(got)}"
        return next((f"value {key!r}: {found}" for key, e in expected.items() if (found := difference(e, got[key], tolerance))), None)
    if isinstance(expected, (tuple, list)) and not _is_numeric(expected):
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            kind = f"{type(got).__name__} of {len(got)}" if isinstance(got, (tuple, list)) else f"one {type(got).__name__}"
            return f"expected {len(expected)} values, got {kind}"
        for i, (e, g) in enumerate(zip(expected, got, strict=True)):
            found = difference(e, g, tolerance)
            if found:
                return f"value {i + 1} of {len(expected)}: {found}"
        return None
    if isinstance(expected, str):
        return None if isinstance(got, str) and got == expected else f"expected {expected!r}, got {got!r}"
    if isinstance(expected, bool):
        truth = isinstance(got, bool) or (str(getattr(got, "dtype", "")) in ("bool", "torch.bool") and got.ndim == 0)
        return None if truth and bool(got) == expected else f"expected {expected!r}, got {got!r}"
    try:
        e, g = as_array(expected), as_array(got)
    except NO_NUMBERS:
        return f"expected numbers, got {type(got).__name__}"
    if e.shape != g.shape:
        if not e.shape:                     # "shape ()" would mean nothing to a beginner
            return f"expected one number, got an array of {g.size}, shape {g.shape}"
        return f"expected shape {e.shape}, got {g.shape if g.shape else 'one number'}"
    finite = np.isfinite(e)
    if not np.isfinite(g[finite]).all():
        return "the result holds NaN or infinity where a finite number was expected"
    with np.errstate(all="ignore"):
        off = np.where(finite, np.abs(e - g), np.where((e == g) | np.isnan(e) & np.isnan(g), 0, np.inf))
    if off.max(initial=0) <= tolerance * max(1.0, float(np.abs(e[finite]).max(initial=0))):
        return None
    place = np.unravel_index(int(off.argmax()), off.shape)
    where = f" at [{', '.join(map(str, place))}]" if place else ""
    return f"expected {_short(e[place])}{where}, got {_short(g[place])}"


def _is_numeric(value: Sequence[Any]) -> bool:
    return len(value) > 0 and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value) and isinstance(value, list)


def as_array(value: Any) -> np.ndarray:
    """Numbers as an array of float64 or complex128.

    Raises
    ------
    TypeError, ValueError, RuntimeError, OverflowError
        If value is no array of numbers: a text, a ragged list, a tensor on the meta device, an integer beyond float64.
    """
    a = plots.to_numpy(value)
    if a.dtype.kind in "US":
        raise TypeError("text is no number")
    return a.astype(complex if a.dtype.kind == "c" else float)


def _short(number: float | complex) -> str:
    if isinstance(number, complex):
        return f"{number:.4g}"
    return f"{number:.0f}" if math.isfinite(number) and number == round(number) and abs(number) < 1e6 else f"{number:.4g}"
