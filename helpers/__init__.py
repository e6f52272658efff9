"""What the chapters need and do not teach."""

from helpers.lesson.exercise import check
from helpers.lesson.progress import my_answer
from helpers.lesson.promises import expect, measured
from helpers.plots import show
from helpers.runtime import set_seed, start

__all__ = ["check", "expect", "measured", "my_answer", "set_seed", "show", "start"]
