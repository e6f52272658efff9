"""order(): the lines of a program to put in order, some of them not needed, some with a gap to fill (a Parsons problem)."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W
import matplotlib as mpl
import traitlets
from IPython.display import display
from PIL import Image, ImageDraw, ImageFont

from helpers.lesson import progress
from helpers.widgets.panel import Panel

#: What marks a gap in a line.
GAP = "____"


class Lines(anywidget.AnyWidget):
    """The lines on the page: ``order`` holds the places in ``pool`` of those in the program, ``gaps`` what fills a line's gap."""

    _esm = Path(__file__).with_name("order.js")
    pool: Any = traitlets.List().tag(sync=True)
    order: Any = traitlets.List().tag(sync=True)
    gaps: Any = traitlets.Dict().tag(sync=True)


class Order(Panel):
    """See :func:`order`. ``lines`` is the program as it stands, its gaps filled; what is not used is left out."""

    def __init__(self, number: str, lines: Sequence[str], gaps: Mapping[str, Sequence[str]] | None = None) -> None:
        self.number, self.pool = number, list(lines)
        options = {line: list((gaps or {}).get(line, ())) for line in self.pool}
        self.box = Lines(pool=[{"text": line, "options": options[line]} for line in self.pool])
        self._restore()
        self.again = W.Button(description="Start again", icon="refresh", tooltip="put all lines back")
        self.again.on_click(lambda _: self.start_again())
        super().__init__([self.box, self.again], name=f"exercise {number}: put the lines in order")
        self.box.observe(lambda _: self._moved(), ["order", "gaps"])
        self._say()

    def _restore(self) -> None:
        """The order of another day, if its lines are still those of the exercise."""
        before = progress.recorded("order").get(self.number, {})
        if before.get("pool") == self.pool and set(before.get("order", ())) <= set(range(len(self.pool))):
            self.box.order, self.box.gaps = list(before["order"]), dict(before.get("gaps", {}))

    @property
    def lines(self) -> list[str]:
        """The lines of the program in their present order."""
        return [self._filled(i) for i in self.box.order]

    @property
    def gaps(self) -> dict[str, str]:
        """Line with its gap → what fills it."""
        return {self.pool[int(i)]: choice for i, choice in self.box.gaps.items() if choice != GAP}

    def _filled(self, i: int) -> str:
        choice = self.box.gaps.get(str(i), GAP)
        return self.pool[i].replace(GAP, choice, 1) if self.box.pool[i]["options"] else self.pool[i]

    def start_again(self) -> None:
        """Put all lines back."""
        self.box.order, self.box.gaps = [], {}

    def _moved(self) -> None:
        progress.record("order", self.number, {"pool": self.pool, "order": list(self.box.order), "gaps": dict(self.box.gaps)})
        self._say()

    def _say(self) -> None:
        n, left = len(self.box.order), len(self.pool) - len(self.box.order)
        empty = sum(GAP in line for line in self.lines)
        if not n:
            self.say(f"Your program is empty; there are {left} lines to choose from. Click a line to take it.")
            return
        gap = f" {empty} gap{'s' if empty > 1 else ''} to fill." if empty else ""
        self.say(f"Your program has {n} line{'s' if n > 1 else ''}, {left} left over.{gap} Last: {self.lines[-1].strip()}")

    def still(self) -> bytes:
        return lines_as_png(self.lines + [f"· {line}" for i, line in enumerate(self.pool) if i not in self.box.order])

    def sweep(self) -> list[tuple[str, object, float]]:
        rows: list[tuple[str, object, float]] = []
        before = list(self.box.order), dict(self.box.gaps)
        everything = list(range(len(self.pool)))
        fill = {str(i): line["options"][0] for i, line in enumerate(self.box.pool) if line["options"]}
        for name, places, gaps in (("nothing", [], {}), ("all", everything, fill), ("turned round", everything[::-1], fill), ("as before", *before)):
            started = time.perf_counter()
            self.box.order, self.box.gaps = places, gaps
            rows.append(("order", name, 1e3 * (time.perf_counter() - started)))
        return rows


def lines_as_png(lines: Sequence[str]) -> bytes:
    """Lines of code as a picture, for readers without a kernel."""
    font = ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"), 14)
    wide = int(max((font.getlength(line) for line in lines), default=100)) + 24
    page = Image.new("RGB", (wide, 22 * len(lines) + 16), "white")
    pen = ImageDraw.Draw(page)
    for i, line in enumerate(lines):
        pen.text((12, 8 + 22 * i), line, fill="black", font=font)
    buffer = io.BytesIO()
    page.save(buffer, "png")
    return buffer.getvalue()


def order(number: str) -> Order:
    """Show the lines of an exercise of kind *order*, in no order, and give back the widget for ``check``.

    What is put in order is kept: it stands when the cell is run again, and on another day.

    Parameters
    ----------
    number : str
        ``"8.4"``.

    Source
    ------
    B. Ericson, L. Margulieux, J. Rick, "Solving Parsons problems versus fixing and writing code", Koli Calling 2017,
    doi:10.1145/3141880.3141895. Faded (with gaps): N. Weinman, A. Fox, M. Hearst, "Improving instruction of programming
    patterns with faded Parsons problems", CHI 2021, doi:10.1145/3411764.3445228.
    """
    from helpers.lesson import exercise  # late: what is checked there is shown by these widgets

    task = exercise.order_task(number)
    widget = Order(number, task.lines, task.gaps)
    display(widget)
    return widget
