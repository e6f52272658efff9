"""warm_up() and review(): questions of earlier lessons come again, those that need it most first."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence

import ipywidgets as W
from IPython.display import display

from helpers.lesson import progress, questions
from helpers.lesson.questions import Question
from helpers.runtime import is_strict
from helpers.widgets.panel import PANELS, Panel
from helpers.widgets.quiz import Before, of_bank
from helpers.widgets.tell import tell

#: Lesson → numbers of the questions that its warm-up asks in this kernel: the cell that is run again asks the same.
_asked: dict[str, list[str]] = {}


def warm_up(lesson: str) -> None:
    """Open a lesson: three questions of earlier lessons, then those of this one that are asked before it is taught.

    Those answered wrong come first, then those not seen for the longest time. In the build and in the tests, where no
    answer is kept, the choice is always the same.

    Parameters
    ----------
    lesson : str
        ``"05a"``.
    """
    earlier, before = questions.for_warm_up(lesson, {} if is_strict() else progress.recorded("quiz"))
    numbers = _asked.setdefault(lesson, [q.number for q in earlier])
    for number in numbers:
        display(of_bank(number, kind="warm-up", caption=f"Warm-up, from lesson {number.split('.')[0]}"))
    for question in before:
        display(Before(question))
    if not numbers and not before:
        tell("There is no earlier lesson to ask about yet.")


class Review(Panel):
    """One question after the other, those that need it most first; see :func:`review`."""

    def __init__(self, own: Sequence[Question]) -> None:
        self.questions, self.place, self.n_right, self.n_answered = list(own), 0, 0, 0
        self._count = W.HTML()
        self._one = W.VBox([], layout=W.Layout(overflow="visible"))
        self.next = W.Button(description="Next question", icon="arrow-right", tooltip="the next question")
        self.next.on_click(lambda _: self.go_on())
        super().__init__([self._count, self._one, self.next], name="review")
        self._ask()

    def _ask(self) -> None:
        question = self.questions[self.place]
        self.quiz = of_bank(question.number, kind="review", caption=f"From lesson {question.lesson}", fresh=True)
        PANELS.remove(self.quiz)                    # it is a part of this one
        self._one.children = [self.quiz]
        self._count.value = html.escape(f"Question {self.place + 1} of {len(self.questions)}")
        self.say(f"{self.n_right} of {self.n_answered} right so far." if self.n_answered else "Choose an answer, then go on.")

    def go_on(self) -> None:
        """To the next question; after the last, to the first."""
        if self.quiz.choice is not None:
            self.n_answered += 1
            self.n_right += self.quiz.reached
        self.place = (self.place + 1) % len(self.questions)
        self._ask()

    def sweep(self) -> list[tuple[str, object, float]]:
        rows = self.quiz.sweep()
        for _ in range(min(3, len(self.questions))):
            started = time.perf_counter()
            self.go_on()
            rows.append(("next", self.place, 1e3 * (time.perf_counter() - started)))
        return rows


def begun() -> list[str]:
    """The lessons of which at least one question was answered, in order."""
    known = {q.lesson for q in questions.bank().values()}
    return sorted({number.split(".")[0] for number in progress.recorded("quiz")} & known)


def calibration() -> str:
    """How sure the reader was, and how often right, in one sentence for each step; "" if nothing was compared yet."""
    parts = []
    for sure in ("certain", "fairly sure", "a guess"):
        own = [p for p in progress.recorded("prediction").values() if p.get("sure") == sure and "shown" in p]
        if own:
            parts.append(f"{sure}: {sum(p['choice'] == p['shown'] for p in own)} of {len(own)} came true")
    return f"Your predictions so far. {'; '.join(parts).capitalize()}." if parts else ""


def review(lessons: Sequence[str] | None = None) -> None:
    """Ask the questions of all lessons begun so far, those that need it most first; and say how good your predictions were.

    Parameters
    ----------
    lessons : list of str, optional
        ``["00", "01"]``: of these lessons instead.
    """
    own = [q for q in questions.bank().values() if q.lesson in (begun() if lessons is None else lessons)]
    if not own:
        tell("No question was answered yet: each lesson asks five at its end.")
        return
    said = calibration()
    if said:
        tell(said)
    display(Review(questions.by_need(own, progress.recorded("quiz"))))
