"""The box that every interactive figure lives in: widgets, a still picture, and its state in words."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import html
import time
import traceback
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W
import traitlets

from helpers.lesson import progress
from helpers.plots import CORNER, SHARPNESS, small_png
from helpers.runtime import is_strict
from helpers.widgets.picture import Picture

HERE = Path(__file__).parent
#: Every panel made in this kernel, in order: the tests move all of their controls.
PANELS: list[Panel] = []
#: From so many controls on they stand beside the picture.
MANY = 7
#: So many seconds after its last change a picture is painted anew for a fine screen.
REST = 0.4
#: The marks of measured numbers are for the tests, which read the stored text: on the page they are left out.
NO_MARKS = str.maketrans("", "", "«»")


class Frame(anywidget.AnyWidget):
    """Invisible: gives the panel that it lies in its look, and its controls the names that screen readers say.

    If ``region`` is set (left, bottom, right, top, as shares of the picture), ``point`` follows a pointer that is
    pressed there: its place in the region, from 0 to 1 across and up. ``light`` is a region that is outlined.
    While ``beating``, the page sends a "beat" now and then, as long as the panel is in sight; ``ratio`` says how many
    pixels of the screen a point of the page has, ``born`` (milliseconds since 1970) that the panel is new.
    """

    _esm = "\n".join((HERE / name).read_text("utf-8") for name in ("page.js", "frame.js"))
    look = traitlets.Unicode((HERE / "look.css").read_text("utf-8")).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    region = traitlets.List(traitlets.Float()).tag(sync=True)
    point = traitlets.List(traitlets.Float()).tag(sync=True)
    light = traitlets.List(traitlets.Float()).tag(sync=True)
    born = traitlets.Float().tag(sync=True)
    beating = traitlets.Bool(False).tag(sync=True)
    ratio = traitlets.Float(1.0).tag(sync=True)


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
    controls : list of widgets, optional
        Shown above the picture; beside it if there are many.
    """

    praise = "Target reached."

    def __init__(self, parts: list[W.Widget], picture: Picture | None = None, *, name: str, goal: str = "",
                 beside: list[W.Widget] | None = None, controls: list[W.Widget] | None = None, many: bool = False) -> None:
        self.picture, self.name, self.goal, self.state = picture, name, goal, ""
        self.error: BaseException | None = None
        self.reached = False
        #: Whether a target that is reached now is the reader's doing: not while the figure is made, nor led by its stages.
        self.counts = False
        self._status = W.HTML()
        self._goal = W.HTML()
        self._show_goal(bool(goal) and name in progress.recorded("target"))
        goal_line = [self._goal] if goal else []
        shown = [picture] if picture else []
        if controls and many:
            column = W.VBox(controls)
            column.add_class("course-controls")
            beside = [column]
        else:
            parts = [*parts, *(controls or [])]
        if beside:
            shown = [W.HBox([*beside, *shown])]
            shown[0].add_class("course-beside")
        self.frame = Frame(title=name, born=1e3 * time.time())
        super().__init__([*goal_line, *parts, *shown, self._status, self.frame])
        self.add_class("course-panel")
        if many:
            self.add_class("course-many")
        self._timer: asyncio.TimerHandle | None = None
        if picture is not None:
            picture.observe(lambda _: self._sharpen_later(), "value")
            self.frame.observe(lambda _: self._sharpen_later(), "ratio")
        PANELS.append(self)

    def say(self, state: str, *, busy: bool = False, note: str = "", aloud: bool = True) -> None:
        """Show the state in words, in a live region that screen readers follow.

        The note (a speed, say) is shown and not stored. With aloud=False screen readers do not say it by
        themselves: words that change many times a second would drown all others.
        """
        self.state, self.error = state, None
        if self.reached and self.counts and self.goal and not self._kept:
            self._show_goal(True)
            progress.record("target", self.name, True)
        mark = f"<b>✓ {self.praise}</b> " if self.reached else ""
        live = "polite" if aloud else "off"
        good = ' class="reached"' if self.reached else ""
        work = " <i>working …</i>" if busy else ""
        more = f" <small>{html.escape(note)}</small>" if note else ""
        shown = self.to_html(state.translate(NO_MARKS))
        self._status.value = f'<div role="status" aria-live="{live}"{good}>{mark}{shown}{work}{more}</div>'

    def _show_goal(self, kept: bool) -> None:
        """The target, and whether the reader has reached it, now or on an earlier day."""
        self._kept = kept
        mark = ' <span class="course-kept" title="You have reached this target.">✓ reached</span>' if kept else ""
        self._goal.value = f"<b>Target:</b> {html.escape(self.goal)}{mark}"

    def _sharpen_later(self) -> None:
        """On a fine screen: once the picture has stood still for a while, paint it with all the pixels that there are."""
        assert self.picture is not None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.frame.ratio > 1 and not self.picture.is_sharp:
            with contextlib.suppress(RuntimeError):     # outside of a kernel no loop runs
                self._timer = asyncio.get_running_loop().call_later(REST, self.picture.sharpen, self.frame.ratio)

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
        if self.picture is None:
            return None
        return self.picture.sharp(SHARPNESS) if is_strict() else bytes(self.picture.value)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = f"[{self.name}] {self.state}".strip()
        still = self.still()
        if still is None:
            return data
        data["image/png"] = base64.b64encode(small_png(still, CORNER)).decode()
        width = None if self.picture is None else self.picture.width_on_page
        return data, {"image/png": {"alt": data["text/plain"], **({"width": width} if width else {})}}
