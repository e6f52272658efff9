"""The exercise checks: core says how an answer is judged, chNN holds the exercises of one chapter."""

from helpers.checks.core import check

__all__ = ["check"]
