"""Questions: a prediction before a run, and a quiz with feedback for each option."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping, Sequence

import ipywidgets as W
from IPython.display import display

from helpers.widgets.panel import Panel


class Question(Panel):
    """A question with one button an option; the button pressed last is the choice."""

    def __init__(self, kind: str, question: str, options: Sequence[str]) -> None:
        if len(options) < 2 or len(set(options)) != len(options):
            raise ValueError(f"{kind} {question!r}: give two or more different options, got {list(options)}")
        self.question, self.options, self.choice = question, list(options), None
        wide = W.Layout(width="auto", min_width="10em", height="auto", max_width="100%")
        self.buttons = [W.Button(description=option, tooltip=f"answer: {option}", layout=wide) for option in options]
        for button in self.buttons:
            button.style.text_wrap = True
            button.on_click(lambda b: self.choose(b.description))
        super().__init__([W.HTML(f"<b>{html.escape(question)}</b>"), W.HBox(self.buttons, layout=W.Layout(flex_flow="row wrap"))],
                         name=f"{kind}: {question}")
        self.state = " / ".join(options)

    choice: str | None

    def choose(self, option: str) -> None:
        """Record the choice, mark its button, and answer."""
        self.choice = option
        for button in self.buttons:
            button.button_style = "info" if button.description == option else ""
        self.say(self.feedback(option))

    def feedback(self, option: str) -> str:
        raise NotImplementedError

    def sweep(self) -> list[tuple[str, object, float]]:
        rows: list[tuple[str, object, float]] = []
        for option in self.options:
            started = time.perf_counter()
            self.choose(option)
            rows.append(("option", option, 1e3 * (time.perf_counter() - started)))
        return rows


class Prediction(Question):
    """What the reader expects of the next run; :meth:`compare` says what the run showed."""

    def __init__(self, question: str, options: Sequence[str]) -> None:
        super().__init__("predict", question, options)

    def feedback(self, option: str) -> str:
        return f"Noted: {option}. Now run on, and see."

    def compare(self, shown: str) -> None:
        """Print the run's answer beside the reader's.

        Raises
        ------
        ValueError
            If what the run showed is none of the options: then the question no longer fits the run.
        """
        if shown not in self.options:
            raise ValueError(f"the run shows {shown!r}, which is none of {self.options}")
        if self.choice is None:
            print(f"The run shows: {shown}. (You made no prediction: try one above, then run this cell again.)")
        elif self.choice == shown:
            print(f"The run shows: {shown}. Just as you said.")
        else:
            print(f"The run shows: {shown}. You expected: {self.choice}. What did you have in mind? It is worth a minute.")


class Quiz(Question):
    """A question with one right option, and a sentence for each."""

    praise = "Right."

    def __init__(self, question: str, feedback: Mapping[str, str], right: int) -> None:
        if right not in range(len(feedback)):
            raise ValueError(f"quiz {question!r}: right must be a whole number from 0 to {len(feedback) - 1}, got {right!r}")
        self.sentences, self.right = dict(feedback), list(feedback)[right]
        super().__init__("quiz", question, list(feedback))

    def feedback(self, option: str) -> str:
        self.reached = option == self.right
        return self.sentences[option] if self.reached else f"Not that one. {self.sentences[option]}"


def predict(question: str, options: Sequence[str]) -> Prediction:
    """Ask before a run: ``guess = predict("…", ["a", "b"])``; after it, ``guess.compare("b")``."""
    prediction = Prediction(question, options)
    display(prediction)
    return prediction


def quiz(question: str, feedback: Mapping[str, str], *, right: int) -> None:
    """Ask with feedback: option → sentence that says why it is right or wrong; right is its place, from 0."""
    display(Quiz(question, feedback, right))
