"""Step: a figure explained in three to five stages, each of which sets its controls, lights a part and asks a question."""

from __future__ import annotations

import io
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ipywidgets as W
import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from helpers.widgets.options import ButtonRow, plain, rich

#: The outline of what a stage lights up.
LIGHT = "#D55E00"
Region = tuple[float, float, float, float]


@dataclass(frozen=True)
class Step:
    """One stage of a figure.

    Parameters
    ----------
    text : str
        One sentence: what to see.
    values : dict
        Control → value; the other controls go back to where the figure began.
    ask : (question, options, right), optional
        A prediction; right is the place of the right option, from 0.
    light : int, optional
        The place in ``fig.axes`` of what lights up.
    train : int
        In ``live``: how many steps the training makes.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    ask: tuple[str, Sequence[str], int] | None = None
    light: int | None = None
    train: int = 0


def check_steps(steps: Sequence[Step], controls: Mapping[str, W.Widget], fig: Figure) -> None:
    """Refuse stages that do not fit the figure.

    Raises
    ------
    ValueError
        If there are not three to five of them, or one names a control, a value, an axes or an option that is not there.
    """
    if steps and not 3 <= len(steps) <= 5:
        raise ValueError(f"give three to five steps, got {len(steps)}")
    for i, step in enumerate(steps, 1):
        unknown = sorted(set(step.values) - set(controls))
        if unknown:
            raise ValueError(f"step {i} sets {', '.join(unknown)}; the controls are {', '.join(controls)}")
        if step.light is not None and step.light not in range(len(fig.axes)):
            raise ValueError(f"step {i} lights axes {step.light}; the figure has {len(fig.axes)}")
        if step.ask is not None and (len(step.ask) != 3 or len(set(step.ask[1])) < 2 or step.ask[2] not in range(len(step.ask[1]))):
            raise ValueError(f"step {i} asks (question, options, place of the right one), got {step.ask!r}")


def set_quietly(controls: Mapping[str, W.Widget], values: Mapping[str, Any], observer: Callable[..., Any]) -> None:
    """Set several controls, and tell the observer nothing.

    Raises
    ------
    ValueError
        If a control does not take its value.
    """
    for name, value in values.items():
        control = controls[name]
        control.unobserve(observer, "value")
        try:
            control.value = value
        except Exception as error:
            raise ValueError(f"{name} does not take {value!r}: {error}") from error
        finally:
            control.observe(observer, "value")
        if control.value != value and not (isinstance(value, (int, float)) and abs(control.value - value) <= 1e-9 * max(1, abs(value))):
            raise ValueError(f"{name} does not take {value!r}: it stands at {control.value!r}")


class Stages(W.VBox):
    """The bar above a figure: what this stage shows, its question, Back and Next; ``go(step)`` brings the figure there.

    ``place`` is the stage, from 0; None while the reader plays freely.
    """

    def __init__(self, steps: Sequence[Step], go: Callable[[Step | None], None]) -> None:
        self.steps, self._go, self.place = list(steps), go, None
        self.answers: dict[int, str] = {}
        self._text, self._question, self._verdict = W.HTML(), W.HTML(), W.HTML()
        self._options = W.VBox([], layout=W.Layout(overflow="visible"))
        self.back = W.Button(description="Back", icon="arrow-left", tooltip="the step before")
        self.next = W.Button(description="Next", icon="arrow-right", tooltip="the next step")
        self.free = W.Button(description="Play freely", tooltip="leave the steps; the controls work at any time")
        for button, action in ((self.back, lambda: self._turn(-1)), (self.next, lambda: self._turn(1)), (self.free, lambda: self.show(None))):
            button.layout.width = "auto"
            button.on_click(lambda _, action=action: action())
        self.back.add_class("course-back")
        self.next.add_class("course-next")
        turn = W.HBox([self.back, self.next, self.free], layout=W.Layout(flex="0 0 auto", overflow="visible"))
        self._text.layout.flex = "1 1 300px"
        super().__init__([W.HBox([self._text, turn], layout=W.Layout(flex_flow="row wrap", align_items="center", overflow="visible")), self._options])
        self.add_class("course-stages")

    place: int | None

    def _turn(self, way: int) -> None:
        place = 0 if self.place is None else max(self.place + way, 0)
        self.show(place if place < len(self.steps) else None)       # after the last: free play

    def show(self, place: int | None) -> None:
        """Bring the figure to this stage, counted from 0; None: to free play, as it stands."""
        self.place = place
        step = None if place is None else self.steps[place]
        last = place == len(self.steps) - 1         # no button is ever disabled: it would lose the keyboard's focus
        self.next.description = f"Show me in {len(self.steps)} steps" if place is None else "Done" if last else "Next"
        for button in (self.back, self.free):
            button.layout.display = "none" if place is None else ""
        self._text.value = "" if step is None else f'<div role="status" aria-live="polite" class="course-step"><b>Step {(place or 0) + 1} of {len(self.steps)}.</b> {rich(step.text)}</div>'
        self._options.children = [] if step is None or step.ask is None else self._asked(step)
        self._go(step)

    def _asked(self, step: Step) -> list[W.Widget]:
        assert step.ask is not None
        question, options, _ = step.ask
        self._question.value, self._verdict.value = f"<b>{rich(question)}</b>", ""
        self.row = ButtonRow(options, self.answer)
        if self.place in self.answers:
            self._mark(self.answers[self.place])
        return [W.HBox([self._question, self.row, self._verdict], layout=W.Layout(flex_flow="row wrap", align_items="center", overflow="visible"))]

    def answer(self, option: str) -> None:
        """Answer this stage's question."""
        assert self.place is not None
        self.answers[self.place] = option
        self._mark(option)

    def _mark(self, option: str) -> None:
        assert self.place is not None
        ask = self.steps[self.place].ask
        assert ask is not None
        right = option == list(ask[1])[ask[2]]
        self.row.mark(option, "right" if right else "wrong")
        self._verdict.value = f'<span role="status" aria-live="polite">{"Right." if right else "Not so: move the controls, and look again."}</span>'

    def sweep(self) -> list[tuple[str, object, float]]:
        """Go to each stage and answer it; then to free play and back to the first."""
        rows: list[tuple[str, object, float]] = []
        for place in [*range(len(self.steps)), None, 0]:
            started = time.perf_counter()
            self.show(place)
            ask = None if place is None else self.steps[place].ask
            for option in ask[1] if ask else ():
                self.answer(option)
            rows.append(("step", place, 1e3 * (time.perf_counter() - started)))
        return rows


def region_of(fig: Figure, light: int | None) -> Region | None:
    """Where an axes with its title and labels stands: left, bottom, right, top, as shares of the figure."""
    if light is None:
        return None
    ax = fig.axes[light]
    settled = [artist for artist in ax.findobj() if not artist.stale]
    box = ax.get_tightbbox()
    for artist in settled:                          # to measure changes nothing: else the axes would be painted anew at each move
        artist.stale = False
    if box is None:
        return None
    left, bottom, right, top = box.padded(3).extents
    shares = (left / fig.bbox.width, bottom / fig.bbox.height, right / fig.bbox.width, top / fig.bbox.height)
    return tuple(float(min(max(s, 0), 1)) for s in shares)      # type: ignore[return-value]


def strip(main: bytes, stages: Sequence[tuple[Step, bytes, Region | None]], scale: float = 1.0, columns: int = 2) -> bytes:
    """A picture, and below it each stage's: numbered, its sentence and question above it, what it lights outlined.

    Parameters
    ----------
    main, stages : PNG files
        All of one shape.
    scale : float
        How many pixels of main make a point on the page.
    """
    first = Image.open(io.BytesIO(main)).convert("RGB")
    gap = round(14 * scale)
    wide = (first.width - gap * (columns - 1)) // columns
    font = ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), round(12 * scale))
    texts = [_wrapped(f"{i}. {step.text}" + (f" {step.ask[0]} {' / '.join(step.ask[1])}" if step.ask else ""), wide, font) for i, (step, _, _) in enumerate(stages, 1)]
    above = round(scale * (max(text.count("\n") + 1 for text in texts) * 16 + 4))
    tall = round(first.height * wide / first.width)
    rows = -(-len(stages) // columns)
    page = Image.new("RGB", (first.width, first.height + rows * (gap + above + tall)), "white")
    page.paste(first, (0, 0))
    pen = ImageDraw.Draw(page)
    for i, ((_, png, light), text) in enumerate(zip(stages, texts, strict=True)):
        left, top = (i % columns) * (wide + gap), first.height + gap + (i // columns) * (gap + above + tall)
        pen.multiline_text((left, top), text, fill="black", font=font, spacing=round(3 * scale))
        page.paste(Image.open(io.BytesIO(png)).convert("RGB").resize((wide, tall), Image.Resampling.LANCZOS), (left, top + above))
        if light:
            a, b, c, d = light
            pen.rectangle((left + a * wide, top + above + (1 - d) * tall, left + c * wide - 1, top + above + (1 - b) * tall - 1), outline=LIGHT, width=round(2 * scale))
    buffer = io.BytesIO()
    page.save(buffer, "png")
    return buffer.getvalue()


def _wrapped(text: str, wide: int, font: ImageFont.FreeTypeFont) -> str:
    per_line = max(20, int(wide / (font.getlength("abcdefghijklmnop qrstuvwxyz") / 27)))
    return "\n".join(textwrap.wrap(plain(text), per_line))
