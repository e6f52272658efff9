"""Numbers that the text relies on: measured by the run, marked as such, and promised.

A measured number stands between « and ». It may differ in its last digits on another processor, so the tests
compare all text but what stands between the marks, and :func:`expect` says how far it may differ.
"""

from __future__ import annotations

import math
import re
from typing import SupportsFloat

import torch

from helpers.runtime import is_fast, is_strict
from helpers.validate import whole


class PromiseBroken(AssertionError):
    """A number that the text relies on has left the range that the text promises."""


def measured(value: SupportsFloat | str, spec: str = ".3f") -> str:
    """Mark a number that this run has measured.

    >>> measured(0.98123)
    '«0.981»'
    """
    return f"«{value}»" if isinstance(value, str) else f"«{_float(value):{spec}}»"


def a_digit(digit: int) -> str:
    """A digit with its article.

    >>> a_digit(7), a_digit(8)
    ('a 7', 'an 8')
    """
    return f"{'an' if int(digit) == 8 else 'a'} {digit}"


def expect(
    value: SupportsFloat,
    *,
    what: str,
    at_least: float | None = None,
    at_most: float | None = None,
    spec: str = ".3f",
    unit: str = "",
    n: int | None = None,
) -> None:
    """Print a measured number beside what the text promises of it.

    Parameters
    ----------
    value : float, 0-d tensor or array
        What was measured.
    what : str
        Its name, as in ``"test accuracy"``.
    at_least, at_most : float, optional
        The promise; at least one of the two. Both bounds belong to it.
    spec : str
        How to write the number (Python's format specification). A number that breaks its promise gets as many more
        digits as it takes to see that.
    unit : str
        Written behind the numbers, as in ``" s"``.
    n : int, optional
        How many runs, seeds or trials stand behind the number: said beside it.

    Raises
    ------
    ValueError
        If nothing is promised, or what no number can keep.
    TypeError
        If value is not one number.
    PromiseBroken
        In the build and in the tests, when the promise is broken (NaN breaks each) and FAST is off.
    """
    if at_least is None and at_most is None:
        raise ValueError(f"expect({what!r}): promise something, at_least=… or at_most=… or both")
    try:
        number = _float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"expect({what!r}) needs one number, got {type(value).__name__} {value!r}") from None
    if n is not None:
        what = f"{what} (n = {whole('n', n)})"
    low = -math.inf if at_least is None else at_least
    high = math.inf if at_most is None else at_most
    if not low <= high:
        raise ValueError(f"expect({what!r}): no number lies from {low} to {high}")
    kept = low <= number <= high
    if not kept:
        spec = _telling(spec, number, low if number < low else high)
    if at_least is None:
        promise = f"at most {at_most:{spec}}{unit}"
    elif at_most is None:
        promise = f"at least {at_least:{spec}}{unit}"
    else:
        promise = f"{at_least:{spec}} to {at_most:{spec}}{unit}"
    if is_fast():
        print(f"· {what}: {measured(number, spec)}{unit} (a FAST run; the full one promises {promise})")
    elif kept:
        print(f"✓ {what}: {measured(number, spec)}{unit} (promised: {promise})")
    elif is_strict():
        raise PromiseBroken(f"{what} is {number:{spec}}{unit}; the text promises {promise}")
    else:
        print(f"✗ {what}: {measured(number, spec)}{unit} (promised: {promise}).")
        print("  If you changed something above, this is where the text no longer fits. If you did not, please report it.")


def _telling(spec: str, number: float, bound: float) -> str:
    """The format spec, with as many more digits as it takes to tell number from bound."""
    while number != float(bound) and f"{number:{spec}}" == f"{bound:{spec}}" and re.search(r"\.\d", spec):
        spec = re.sub(r"\.(\d+)", lambda match: f".{int(match[1]) + 1}", spec)
    return spec


def _float(value: SupportsFloat) -> float:
    return float(value.detach() if isinstance(value, torch.Tensor) else value)      # torch warns where a gradient hangs on it
