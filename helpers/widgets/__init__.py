"""Everything a chapter's interactive figures are made of."""

from helpers.widgets.controls import choice, slider, switch, text
from helpers.widgets.explore import explore
from helpers.widgets.hear import hear
from helpers.widgets.live import live
from helpers.widgets.order import order
from helpers.widgets.pad import draw_a_digit
from helpers.widgets.predict import predict
from helpers.widgets.quiz import quiz
from helpers.widgets.review import review, warm_up
from helpers.widgets.sketch import draw_curve
from helpers.widgets.steps import Step

__all__ = ["Step", "choice", "draw_a_digit", "draw_curve", "explore", "hear", "live", "order", "predict", "quiz", "review",
           "slider", "switch", "text", "warm_up"]
