"""quiz(): a question with one right option, and a sentence for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from IPython.display import display

from helpers.lesson import progress, questions
from helpers.lesson.questions import Question
from helpers.widgets.options import OptionsPanel

#: What was answered in this kernel, by kind and number: a cell that is run again shows it again.
_answered: dict[tuple[str, str], str] = {}


class Quiz(OptionsPanel):
    """A question with one right option, and a sentence for each.

    Parameters
    ----------
    number : str
        Of a question of the bank, whose answers are kept; "" for one that stands in the lesson alone.
    """

    praise = "Right."

    def __init__(self, question: str, feedback: Mapping[str, str], right: int, *, number: str = "", kind: str = "quiz", caption: str = "") -> None:
        if right not in range(len(feedback)):
            raise ValueError(f"{kind} {question!r}: right must be a whole number from 0 to {len(feedback) - 1}, got {right!r}")
        self.sentences, self.right, self.number = dict(feedback), list(feedback)[right], number
        self._key = (kind, number or question)
        super().__init__(kind, question, list(feedback), caption=caption)
        if _answered.get(self._key) in self.options:
            self._answer(_answered[self._key])

    def choose(self, option: str) -> None:
        self._answer(option)
        _answered[self._key] = option
        if self.number:
            progress.record("quiz", self.number, {"choice": option, "right": option == self.right, "when": datetime.now().isoformat(timespec="seconds")})

    def _answer(self, option: str) -> None:
        self.choice, self.reached = option, option == self.right
        self.row.mark(option, "right" if self.reached else "wrong")
        sentence = self.sentences[option]
        self.praise = "" if sentence.startswith("Right") else "Right."
        self.say(sentence if self.reached or sentence.startswith("Wrong") else f"Not that one. {sentence}")


class Before(OptionsPanel):
    """A question that the lesson will answer: the choice is noted, and nothing is given away."""

    def __init__(self, question: Question) -> None:
        self._text = question.text
        super().__init__("before the lesson", question.text, list(question.options), caption="Before the lesson: what do you think?")
        before = progress.recorded("prediction").get(question.text, {})
        if before.get("choice") in self.options:
            self._note(before["choice"])

    def choose(self, option: str) -> None:
        self._note(option)
        progress.record("prediction", self._text, {"choice": option, "sure": None})

    def _note(self, option: str) -> None:
        self.choice = option
        self.row.mark(option)
        self.say(f"Noted: {option}. This lesson answers it; the question comes again at its end.")


def of_bank(number: str, kind: str = "quiz", caption: str = "", *, fresh: bool = False) -> Quiz:
    """The quiz panel of a question of the bank; a fresh one does not show what was answered a moment ago.

    Raises
    ------
    ValueError
        If the bank has no question of this number.
    """
    q = questions.find(number)
    if fresh:
        _answered.pop((kind, number), None)
    return Quiz(q.text, q.options, q.right, number=number, kind=kind, caption=caption)


def quiz(question: str, feedback: Mapping[str, str] | None = None, *, right: int | None = None) -> None:
    """Ask a question of the bank by its number, ``quiz("05a.1")``; or one of its own, with feedback.

    Parameters
    ----------
    question : str
        The number of a question in ``helpers/topics/<topic>/questions.py``, or (with feedback) the question itself.
    feedback : mapping, optional
        Option → sentence that says why it is right or wrong.
    right : int, optional
        The place of the right option, from 0.

    Raises
    ------
    ValueError
        If there is no such question, or right is no place of an option.
    """
    if feedback is None:
        display(of_bank(question))
    else:
        display(Quiz(question, feedback, -1 if right is None else right))
