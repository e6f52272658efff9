"""What the chapters need and do not teach."""

from helpers.checks import check
from helpers.plots import show
from helpers.progress import my_answer
from helpers.promises import expect, measured
from helpers.runtime import set_seed, start

__all__ = ["check", "expect", "measured", "my_answer", "set_seed", "show", "start"]
