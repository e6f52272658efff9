"""A question with a button for each option: what predictions and quizzes have in common."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Sequence

import ipywidgets as W

from helpers.widgets.panel import Panel

_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_CODE = re.compile(r"`([^`]+)`")
#: How a pressed button looks, and its sign: colour is never the only one.
MARKS = {"chosen": "", "right": "check", "wrong": "times"}


def rich(text: str) -> str:
    """Text as HTML: ``*so*`` is emphasis and ```so``` code; all else is shown as it is written."""
    return _EMPHASIS.sub(r"<em>\1</em>", _CODE.sub(r"<code>\1</code>", html.escape(text)))


def plain(text: str) -> str:
    """Text without the marks that :func:`rich` reads: for buttons, which show none."""
    return _EMPHASIS.sub(r"\1", _CODE.sub(r"\1", text))


class ButtonRow(W.HBox):
    """One button an option, each as wide as its words; ``on_press`` gets the option."""

    def __init__(self, options: Sequence[str], on_press: Callable[[str], None], tip: str = "answer") -> None:
        wide = W.Layout(width="auto", min_width="6em", height="auto", max_width="100%")
        self.options = list(options)
        self.buttons = [W.Button(description=plain(option), tooltip=f"{tip}: {plain(option)}", layout=wide) for option in options]
        for button, option in zip(self.buttons, options, strict=True):
            button.style.text_wrap = True
            button.on_click(lambda _, option=option: on_press(option))
        super().__init__(self.buttons, layout=W.Layout(flex_flow="row wrap"))

    def mark(self, option: str | None, look: str = "chosen") -> None:
        """Give the option's button one of MARKS, and the others none."""
        for button, own in zip(self.buttons, self.options, strict=True):
            for name in MARKS:
                (button.add_class if own == option and name == look else button.remove_class)(f"course-{name}")
            button.icon = MARKS[look] if own == option else ""


class OptionsPanel(Panel):
    """A question with one button an option; the button pressed last is the choice."""

    choice: str | None

    def __init__(self, kind: str, question: str, options: Sequence[str], *more: W.Widget, caption: str = "") -> None:
        if len(options) < 2 or len(set(options)) != len(options):
            raise ValueError(f"{kind} {question!r}: give two or more different options, got {list(options)}")
        self.question, self.options, self.choice = question, list(options), None
        self.row = ButtonRow(self.options, self.choose)
        self.buttons = self.row.buttons
        small = f"<small>{html.escape(caption)}</small><br>" if caption else ""
        super().__init__([W.HTML(f"{small}<b>{rich(question)}</b>"), self.row, *more], name=f"{kind}: {plain(question)}")
        self.state = " / ".join(options)

    def to_html(self, words: str) -> str:
        return rich(words)

    def choose(self, option: str) -> None:
        """Record the choice, mark its button, and answer."""
        raise NotImplementedError

    def sweep(self) -> list[tuple[str, object, float]]:
        rows: list[tuple[str, object, float]] = []
        for option in self.options:
            started = time.perf_counter()
            self.choose(option)
            rows.append(("option", option, 1e3 * (time.perf_counter() - started)))
        return rows
