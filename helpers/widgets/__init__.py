"""Everything a chapter's interactive figures are made of."""

from helpers.widgets.controls import choice, slider, switch, text
from helpers.widgets.explore import explore
from helpers.widgets.live import live
from helpers.widgets.pad import draw_a_digit
from helpers.widgets.quiz import predict, quiz

__all__ = ["choice", "draw_a_digit", "explore", "live", "predict", "quiz", "slider", "switch", "text"]
