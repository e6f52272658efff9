"""Is what came what was expected? The comparison behind the checks, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from helpers import plots

#: What as_array raises for what cannot be made an array of numbers.
NO_NUMBERS = (TypeError, ValueError, RuntimeError, OverflowError)


def is_changed(before: Any, after: Any) -> bool:
    """Whether numbers or texts in these arguments have changed; other objects (a model) may."""
    if isinstance(before, dict):
        return list(before) != list(after) or any(is_changed(value, after[key]) for key, value in before.items())
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(is_changed(b, a) for b, a in zip(before, after, strict=True))
    if isinstance(before, np.ndarray) and before.dtype.kind not in "biufc":         # texts: nothing to subtract
        return not (isinstance(after, np.ndarray) and np.array_equal(before, after))
    return isinstance(before, (torch.Tensor, np.ndarray, str, float, int)) and difference(before, after, 0) is not None


def difference(expected: Any, got: Any, tolerance: float, *, finite_only: bool = False) -> str | None:
    """What distinguishes got from expected, in words; None if nothing does.

    Numbers, arrays and tensors are compared by value and shape, whatever their kind, and NaN is equal to NaN;
    tuples, lists and dictionaries by parts. An array is taken apart along its first axis where parts are expected.

    Parameters
    ----------
    tolerance : float
        Greatest allowed difference, relative to the largest expected value (and at least absolute).
    finite_only : bool
        Whether NaN and the infinities count as one: two answers that overflow, each in its own way.
    """
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"expected a dictionary, got {_kind(got)}"
        if set(got) != set(expected):
            return f"expected the keys {list(expected)}, got {list(got)}"
        return next((f"value {key!r}: {found}" for key, e in expected.items() if (found := difference(e, got[key], tolerance, finite_only=finite_only))), None)
    if isinstance(expected, (tuple, list)) and not _is_numeric(expected):
        return _difference_by_parts(expected, got, tolerance, finite_only)
    if isinstance(expected, str):
        return None if isinstance(got, str) and got == expected else f"expected {expected!r}, got {_shown(got)}"
    if isinstance(expected, bool):
        truth = isinstance(got, bool) or (str(getattr(got, "dtype", "")) in ("bool", "torch.bool") and got.ndim == 0)
        return None if truth and _truth(got) == expected else f"expected {expected!r}, got {_shown(got)}"
    try:
        e = as_array(expected)
    except NO_NUMBERS:
        return f"expected {_kind(expected)}, got {_kind(got)}"
    try:
        g = as_array(got)
    except NO_NUMBERS:
        return f"expected numbers, got {_kind(got)}"
    if e.shape != g.shape:
        return _difference_in_shape(e, g, got)
    return _difference_in_numbers(e, g, tolerance, finite_only)


def _difference_by_parts(expected: Sequence[Any], got: Any, tolerance: float, finite_only: bool) -> str | None:
    parts = _parts(got)
    if parts is None or len(parts) != len(expected):
        return f"expected {len(expected)} value{'s' * (len(expected) != 1)}, got {_kind(got) if parts is not None else f'one {type(got).__name__}'}"
    for i, (e, g) in enumerate(zip(expected, parts, strict=True)):
        found = difference(e, g, tolerance, finite_only=finite_only)
        if found:
            return f"value {i + 1} of {len(expected)}: {found}"
    return None


def _parts(got: Any) -> Sequence[Any] | None:
    """What got unpacks into, where it is a tuple, a list, or an array with rows."""
    if isinstance(got, (tuple, list)):
        return got
    if isinstance(got, (torch.Tensor, np.ndarray)) and got.ndim:
        try:
            return list(got)
        except Exception:           # a sparse tensor, one on the meta device
            return None
    return None


def _difference_in_shape(e: np.ndarray, g: np.ndarray, got: Any) -> str:
    if not e.shape:                     # "shape ()" would mean nothing to a beginner
        return f"expected one number, got an array of {g.size}, shape {g.shape}"
    if isinstance(got, (tuple, list)) and any(getattr(part, "ndim", 0) for part in got):
        return f"expected one array of shape {e.shape}, got {_kind(got)}, shape {g.shape} if they are stacked"
    return f"expected shape {e.shape}, got {g.shape if g.shape else 'one number'}"


def _difference_in_numbers(e: np.ndarray, g: np.ndarray, tolerance: float, finite_only: bool) -> str | None:
    finite = np.isfinite(e)
    if not np.isfinite(g[finite]).all():
        return "the result holds NaN or infinity where a finite number was expected"
    with np.errstate(all="ignore"):
        alike = ~np.isfinite(g) if finite_only else (e == g) | np.isnan(e) & np.isnan(g)
        off = np.where(finite, np.abs(e - g), np.where(alike, 0, np.inf))
    largest = float(np.abs(e[finite]).max(initial=0))
    if off.max(initial=0) <= tolerance * max(1.0, largest):
        return None
    place = np.unravel_index(int(off.argmax()), off.shape)
    where = f" at [{', '.join(map(str, place))}]" if place else ""
    one, two = _telling(e[place], g[place])
    return f"expected {one}{where}, got {two}"


def _is_numeric(value: Sequence[Any]) -> bool:
    return len(value) > 0 and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value) and isinstance(value, list)


def as_array(value: Any) -> np.ndarray:
    """Numbers as an array of float64 or complex128.

    Raises
    ------
    TypeError, ValueError, RuntimeError, OverflowError
        If value is no array of numbers: a text, a ragged list, a tensor on the meta device, an integer beyond float64.
    """
    try:
        a = plots.to_numpy(value)
        if a.dtype.kind not in "USmM":
            return a.astype(complex if a.dtype.kind == "c" else float)
    except NO_NUMBERS:
        raise
    except Exception as error:          # whatever an object's own __array__ may raise
        raise TypeError(f"{type(value).__name__} is no array of numbers") from error
    raise TypeError("text and dates are no numbers")


def _kind(value: Any) -> str:
    """What came, in words: ``a tuple of 2``, ``Linear``."""
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        return _kind(value)
    return text if len(text) <= 80 else _kind(value)


def _truth(value: Any) -> bool | None:
    try:
        return bool(value)
    except Exception:           # a truth on the meta device
        return None


def _telling(a: float | complex, b: float | complex) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in range(4, 18):
        one, two = _short(a, digits), _short(b, digits)
        if one != two:
            break
    return one, two


def _short(number: float | complex, digits: int = 4) -> str:
    if isinstance(number, complex):
        return f"{number:.{digits}g}"
    return f"{number:.0f}" if math.isfinite(number) and number == round(number) and abs(number) < 1e6 else f"{number:.{digits}g}"
