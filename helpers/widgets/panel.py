"""The box that every interactive figure lives in: widgets, a still picture, and its state in words."""

from __future__ import annotations

import base64
import html
import traceback
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W
import traitlets

from helpers.plots import CORNER, small_png
from helpers.runtime import is_strict
from helpers.widgets.picture import Picture

#: Every panel made in this kernel, in order: the tests move all of their controls.
PANELS: list[Panel] = []
#: The marks of measured numbers are for the tests, which read the stored text: on the page they are left out.
_NO_MARKS = str.maketrans("", "", "«»")


class Frame(anywidget.AnyWidget):
    """Invisible: gives the panel that it lies in its look, and its controls the names that screen readers say.

    If ``region`` is set (left, bottom, right, top, as shares of the picture), ``point`` follows a pointer that is
    pressed there: its place in the region, from 0 to 1 across and up. ``light`` is a region that is outlined.
    """

    _esm = Path(__file__).with_name("frame.js")
    title = traitlets.Unicode().tag(sync=True)
    region = traitlets.List(traitlets.Float()).tag(sync=True)
    point = traitlets.List(traitlets.Float()).tag(sync=True)
    light = traitlets.List(traitlets.Float()).tag(sync=True)


class Panel(W.VBox):
    """Widgets in a column, the picture and the state in words below them.

    The stored output also holds the picture as a PNG and the state as text, for readers without a kernel:
    repository pages, exports, screen readers.

    Parameters
    ----------
    parts : list of widgets
        Shown above the picture.
    picture : Picture, optional
    name : str
        What this figure is, in a few words.
    goal : str
        The target that the reader should reach, if there is one.
    beside : list of widgets, optional
        Shown to the left of the picture.
    """

    praise = "Target reached."

    def __init__(self, parts: list[W.Widget], picture: Picture | None = None, *, name: str, goal: str = "",
                 beside: list[W.Widget] | None = None) -> None:
        self.picture, self.name, self.goal, self.state = picture, name, goal, ""
        self.error: BaseException | None = None
        self.reached = False
        self._status = W.HTML()
        goal_line = [W.HTML(f"<b>Target:</b> {html.escape(goal)}")] if goal else []
        shown = [picture] if picture else []
        if beside:
            shown = [W.HBox([*beside, *shown], layout=W.Layout(flex_flow="row wrap", align_items="center"))]
        self.frame = Frame(title=name)
        super().__init__([*goal_line, *parts, *shown, self._status, self.frame])
        self.add_class("course-panel")
        PANELS.append(self)

    def say(self, state: str, *, busy: bool = False, note: str = "", aloud: bool = True) -> None:
        """Show the state in words, in a live region that screen readers follow.

        The note (a speed, say) is shown and not stored. With aloud=False screen readers do not say it by
        themselves: words that change many times a second would drown all others.
        """
        self.state, self.error = state, None
        mark = f"<b>✓ {self.praise}</b> " if self.reached else ""
        live = "polite" if aloud else "off"
        good = ' class="reached"' if self.reached else ""
        work = " <i>working …</i>" if busy else ""
        more = f" <small>{html.escape(note)}</small>" if note else ""
        shown = self.to_html(state.translate(_NO_MARKS))
        self._status.value = f'<div role="status" aria-live="{live}"{good}>{mark}{shown}{work}{more}</div>'

    def to_html(self, words: str) -> str:
        """Words as the page shows them."""
        return html.escape(words)

    def complain(self, error: BaseException) -> None:
        """Jupyter shows nothing of an error in a widget's callback: say it here, where the reader looks."""
        self.error = error
        trace = traceback.extract_tb(error.__traceback__)
        where = f" (line {trace[-1].lineno} of {trace[-1].name})" if trace else ""
        self._status.value = f'<div role="alert"><b>{type(error).__name__}</b>{where}: {html.escape(str(error))}</div>'
        if is_strict():
            raise error

    def sweep(self) -> list[tuple[str, object, float]]:
        """Move each control to its least, middle and greatest value; (control, value, milliseconds) of each move.

        Raises what a callback raises. Panels with controls say how.
        """
        return []

    def still(self) -> bytes | None:
        """The picture that readers without a kernel see, as PNG; None if this panel has none."""
        return None if self.picture is None else self.picture.value

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = f"[{self.name}] {self.state}".strip()
        still = self.still()
        if still is not None:
            data["image/png"] = base64.b64encode(small_png(still, CORNER)).decode()
        return data
