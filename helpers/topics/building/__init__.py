"""Chapter 07, model building: what it alone needs."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

Scene = tuple[Callable[..., Any], Figure]
