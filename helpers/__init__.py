"""What the chapters need and do not teach."""

from helpers.lesson.check import check, mine, my_answer
from helpers.lesson.promises import expect, measured
from helpers.plots import show
from helpers.runtime import set_seed, start

__all__ = ["check", "expect", "measured", "mine", "my_answer", "set_seed", "show", "start"]
