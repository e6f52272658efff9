"""The walk through a stack of layers that gives the width of its receptive field."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def walk(layers: Sequence[tuple[int, int, int]], width: int = 1, span: Callable[[int, int, int], int] = lambda k, _s, d: d * (k - 1),
         step: Callable[[int, int], int] = lambda jump, s: jump * s) -> int:
    """How many neighbouring inputs one output depends on, for layers (kernel, stride, dilation), the first layer first.

    Parameters
    ----------
    width : int
        What the walk begins with.
    span : callable
        (kernel, stride, dilation) → by how many of its own inputs a layer widens the window.
    step : callable
        (jump, stride) → the jump after this layer; the jump is the distance of neighbouring outputs, in cells of the input.
        Each part of the rule can be replaced by a wrong one: so do the checks.

    >>> walk([(3, 2, 1), (3, 2, 1), (3, 2, 1)])
    15

    Source
    ------
    Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019, eq. 2,
    doi:10.23915/distill.00021.
    """
    jump = 1
    for k, s, d in layers:
        width, jump = width + span(k, s, d) * jump, step(jump, s)
    return width
