"""predict(): what the reader expects of the next run, and how sure of it."""

from __future__ import annotations

import itertools
import math
import time
from bisect import bisect_right
from collections.abc import Sequence

import ipywidgets as W
from IPython.display import display

from helpers.lesson import progress
from helpers.lesson.promises import measured
from helpers.runtime import is_strict
from helpers.widgets.options import ButtonRow, OptionsPanel
from helpers.widgets.tell import tell

#: How sure a reader can be.
SURE = ("a guess", "fairly sure", "certain")


class Prediction(OptionsPanel):
    """What the reader expects of the next run; :meth:`compare` says what the run showed. See :func:`predict`."""

    def __init__(self, question: str, options: Sequence[str]) -> None:
        self.sure: str | None = None
        self.sure_row = ButtonRow(SURE, self.be_sure, tip="how sure you are")
        self._ask_sure = W.HBox([W.Label("How sure are you?"), self.sure_row], layout=W.Layout(flex_flow="row wrap", display="none"))
        super().__init__("predict", question, options, self._ask_sure)
        before = progress.recorded("prediction").get(question, {})
        if before.get("choice") in self.options:        # the cell is run again: the answer stands
            self._note(before["choice"], before.get("sure"))

    def choose(self, option: str) -> None:
        self._note(option, None)
        self._keep()

    def be_sure(self, sure: str) -> None:
        """Record how sure the reader is: one of SURE."""
        if self.choice is not None:
            self._note(self.choice, sure)
            self._keep()

    def _note(self, option: str, sure: str | None) -> None:
        self.choice, self.sure = option, sure if sure in SURE else None
        self.row.mark(option)
        self.sure_row.mark(self.sure)
        self._ask_sure.layout.display = "flex"
        self.say(f"Noted: {option}, {self.sure}. Now run on, and see." if self.sure else f"Noted: {option}. How sure are you?")

    def _keep(self, **more: str) -> None:
        progress.record("prediction", self.question, {"choice": self.choice, "sure": self.sure, **more})

    def compare(self, shown: str | float, *, bins: Sequence[float] | None = None) -> None:
        """Show the run's answer beside the reader's. In a lesson nothing raises: it says what does not fit.

        Parameters
        ----------
        shown : str or number
            The option that the run showed, or with bins a number.
        bins : ascending numbers, optional
            One fewer than the options. The number belongs to option i where ``bins[i-1] <= number < bins[i]``.

        Raises
        ------
        ValueError
            In the build and in the tests, if what the run showed is none of the options, or the bins are not one
            fewer and ascending: then the question no longer fits the run.
        """
        try:
            option, number = self._option_of(shown, bins)
        except ValueError as error:
            if is_strict():
                raise
            tell(f"The run shows: {shown}. ({error})")
            return
        look = "" if self.choice is None else "right" if self.choice == option else "surprise" if self.sure == "certain" else ""
        tell(f"The run shows: {option}{number}. {self._word(option)}", look)
        if self.choice is not None:
            self._keep(shown=option)

    def _option_of(self, shown: str | float, bins: Sequence[float] | None) -> tuple[str, str]:
        """The option that the run showed, and its number in brackets if it is one."""
        if bins is None:
            if shown not in self.options:
                raise ValueError(f"the run shows {shown!r}, which is none of {self.options}")
            return str(shown), ""
        edges = [float(edge) for edge in bins]
        if len(edges) != len(self.options) - 1 or any(a >= b for a, b in itertools.pairwise(edges)):
            raise ValueError(f"{len(self.options)} options need {len(self.options) - 1} ascending bins, got {list(bins)}")
        try:
            number = float(shown)
        except (TypeError, ValueError):
            raise ValueError(f"with bins, compare() needs one number, got {shown!r}") from None
        if math.isnan(number):
            raise ValueError("the run shows no number (NaN)")
        return self.options[bisect_right(edges, number)], f" ({measured(number, '.3g')})"

    def _word(self, shown: str) -> str:
        if self.choice is None:
            return "(You made no prediction: choose above, then run this cell again.)"
        if self.choice == shown:
            return {"certain": "You were certain, and right.", "a guess": "You guessed right. Can you say why?"}.get(self.sure or "", "Just as you said.")
        if self.sure == "certain":
            return (f"You were certain of: {self.choice}. A surprise! An error made with confidence is the one that people mend best, "
                    "once they look at it (Metcalfe 2017): say in one sentence what misled you.")
        return f"You expected: {self.choice}. What did you have in mind? It is worth a minute."

    def sweep(self) -> list[tuple[str, object, float]]:
        rows = super().sweep()
        for sure in SURE:
            started = time.perf_counter()
            self.be_sure(sure)
            rows.append(("how sure", sure, 1e3 * (time.perf_counter() - started)))
        return rows


def predict(question: str, options: Sequence[str]) -> Prediction:
    """Ask before a run, and how sure the reader is: ``guess_x = predict("…", ["a", "b"])``; after it ``guess_x.compare("b")``.

    The answer is kept by the question's text: it stands when the cell is run again, and on another day.

    Source
    ------
    A prediction before the answer, and how sure one is, make an error stick less: J. Metcalfe, "Learning from errors",
    Annual Review of Psychology 68 (2017), doi:10.1146/annurev-psych-010416-044022.
    """
    prediction = Prediction(question, options)
    display(prediction)
    return prediction
