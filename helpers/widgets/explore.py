"""explore(): sliders over one picture."""

from __future__ import annotations

import asyncio
import html
import inspect
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ipywidgets as W
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import SHARPNESS
from helpers.runtime import is_strict
from helpers.widgets.controls import extremes
from helpers.widgets.panel import MANY, Panel
from helpers.widgets.picture import Picture
from helpers.widgets.steps import Region, Stages, Step, check_steps, region_of, set_quietly, strip

#: What a draw function says: the state in words, or that and whether the target is reached.
State = str | tuple[str, bool]


def words_and_reached(state: Any) -> tuple[str, bool]:
    """The two parts of a State, or an error that says what draw should return."""
    words, reached = state if isinstance(state, tuple) and len(state) == 2 else (state, False)
    if not isinstance(words, str):
        raise TypeError(f"draw must return its state in words (or words and whether the target is reached), got {state!r}")
    return words, bool(reached)


class Explorer(Panel):
    """A picture that follows its controls; see :func:`explore`."""

    def __init__(self, draw: Callable[..., Any], fig: Figure, name: str, goal: str, controls: dict[str, W.Widget],
                 drag: tuple[str, str] | None = None, steps: Sequence[Step] = (), sound: Callable[[], bytes] | None = None) -> None:
        check_steps(steps, controls, fig)
        self.sound, self.player = sound, W.Audio(autoplay=False, loop=False, controls=True, format="wav") if sound else None
        self.draw, self.controls, self.drag = draw, controls, drag
        self._task: asyncio.Task[None] | None = None
        self._begun = {name: control.value for name, control in controls.items()}
        grid = W.GridBox(list(controls.values()), layout=W.Layout(grid_template_columns="repeat(auto-fit, minmax(min(320px, 100%), 1fr))"))
        self.stages = Stages(steps, self._go) if steps else None
        self._hint = W.HTML()
        hint = [part for part in (self._hint if drag else None, self.player) if part is not None]
        super().__init__([self.stages] if self.stages else [], Picture(fig), name=name, goal=goal, controls=[grid, *hint], many=len(controls) >= MANY)
        for part in self._parts(self._drawn()):     # the first time in the cell itself, where an error is seen
            self._show(part)
        if not inspect.isgeneratorfunction(draw):   # once more: what it touches will move, so the first move is quick too
            self._show(self._drawn())
        for control in controls.values():
            control.observe(self._moved, "value")
        if drag is not None:
            self._point_at(fig.axes[0], *drag)
        self._stills: list[tuple[Step, bytes, Region | None]] = []
        self._ready = False
        if self.stages:
            self._stills = [self._still_of(step) for step in steps]
            self.stages.show(0)
        self._ready = self.counts = True

    def _go(self, step: Step | None) -> None:
        """Set the controls as a stage wants them, and light its part of the picture."""
        if step is None:
            self.frame.light = []
            return
        set_quietly(self.controls, {**self._begun, **step.values}, self._moved)
        self.counts = False                         # until the reader moves something
        if self._ready:
            self._draw_anew()
        else:                                       # in the cell itself, where an error is seen
            for part in self._parts(self._drawn()):
                self._show(part)
        self.frame.light = list(next(light for known, _, light in self._stills if known is step) or [])

    def _still_of(self, step: Step) -> tuple[Step, bytes, Region | None]:
        set_quietly(self.controls, {**self._begun, **step.values}, self._moved)
        for part in self._parts(self._drawn()):
            self._show(part)
        assert self.picture is not None
        return step, bytes(self.picture.value), region_of(self.picture.fig, step.light)

    def still(self) -> bytes | None:
        png = super().still()
        return strip(png, self._stills, SHARPNESS if is_strict() else 1) if png and self._stills else png

    def _point_at(self, ax: Axes, across: str, up: str) -> None:
        """A pointer pressed in ax moves two sliders; they remain the way for the keyboard."""
        box = ax.get_position()                     # after the first drawing: the layout is settled
        self.frame.region = [float(edge) for edge in box.extents]
        labels = [self.controls[part].description for part in (across, up)]
        self._hint.value = f"<small>Press and drag in the {'left ' if len(ax.figure.axes) > 1 else ''}picture: it moves {html.escape(' and '.join(labels))}.</small>"

        def follow(change: dict[str, Any]) -> None:
            ends = (ax.get_xlim(), ax.get_ylim())
            x, y = (low + share * (high - low) for share, (low, high) in zip(change["new"], ends, strict=True))
            first, second = self.controls[across], self.controls[up]
            with first.hold_trait_notifications():
                first.unobserve(self._moved, "value")
                first.value = min(max(x, first.min), first.max)
            first.observe(self._moved, "value")
            before = second.value
            second.value = min(max(y, second.min), second.max)
            if second.value == before:              # only the first has moved: nobody has drawn it yet
                self._moved(None)

        self.frame.observe(follow, "point")

    def _drawn(self) -> Any:
        return self.draw(**{name: control.value for name, control in self.controls.items()})

    @staticmethod
    def _parts(drawn: Any) -> Iterator[State]:
        """What draw gives, one state after the other: a plain draw gives one, a generator several."""
        if inspect.isgenerator(drawn):
            yield from drawn
        else:
            yield drawn

    def _show(self, state: State, *, busy: bool = False) -> None:
        words, self.reached = words_and_reached(state)
        assert self.picture is not None
        self.picture.paint()
        if self.sound is not None and self.player is not None:
            self.player.value = self.sound()
        self.say(words, busy=busy)

    def _moved(self, _change: object) -> None:
        self.counts = True
        self._draw_anew()

    def _draw_anew(self) -> None:
        if self._task is not None:
            self._task.cancel()                     # the newest move wins
            self._task = None
        try:
            drawn = self._drawn()
            if inspect.isgenerator(drawn):
                self._task = asyncio.get_running_loop().create_task(self._follow(drawn))
                self.say(self.state, busy=True)
            else:
                self._show(drawn)
        except Exception as error:
            self.complain(error)

    async def _follow(self, parts: Any) -> None:
        """A slow draw, one part at a time; between the parts the kernel hears the next move."""
        try:
            for part in parts:
                self._show(part, busy=True)
                await asyncio.sleep(0.001)
            self.say(self.state)
        except asyncio.CancelledError:
            parts.close()
            raise
        except Exception as error:
            self.complain(error)

    def sweep(self) -> list[tuple[str, object, float]]:
        rows = self.stages.sweep() if self.stages else []
        for name, control in self.controls.items():
            before = control.value
            for value in [*extremes(control), before]:
                started = time.perf_counter()
                control.unobserve(self._moved, "value")
                control.value = value
                control.observe(self._moved, "value")
                for part in self._parts(self._drawn()):
                    self._show(part)
                rows.append((name, value, 1e3 * (time.perf_counter() - started)))
        return rows


def explore(draw: Callable[..., Any], fig: Figure, *, name: str, goal: str = "", drag: tuple[str, str] | None = None,
            steps: Sequence[Step] = (), sound: Callable[[], bytes] | None = None, **controls: W.Widget) -> None:
    """Show sliders over one picture; each move calls draw, and what it changed is repainted.

    Parameters
    ----------
    draw : callable
        Called with the controls' values by name. It changes artists of fig and returns the state in words:
        a str, or (str, bool) with whether the target is reached. One that takes over 50 ms is a generator
        which yields such states on its way: each is shown at once, and a newer move cancels the rest.
    fig : Figure
        The explorer takes it over.
    name : str
        What this figure is, in a few words.
    goal : str
        A target for the reader to reach.
    drag : (str, str), optional
        Two of the sliders, which also follow the mouse or a finger pressed in the figure's first axes: the one
        its x, the other its y.
    steps : list of Step, optional
        Three to five stages, each of which sets controls, lights a part of the picture and asks a question. The
        controls work at any time. Readers without a kernel see each stage as a small still.
    sound : callable, optional
        Called after each draw, it gives the bytes of a WAV file, which a player under the controls then holds.
    **controls : widgets
        From ``slider``, ``choice``, ``switch``, ``text``.

    Raises
    ------
    ValueError
        If drag does not name two of the sliders, or a step does not fit the figure.
    Whatever the first draw raises. Later errors are shown under the controls.
    """
    if drag is not None and not all(hasattr(controls.get(part), "max") for part in drag):
        raise ValueError(f"drag must name two of the sliders {', '.join(k for k, c in controls.items() if hasattr(c, 'max'))}; got {drag}")
    display(Explorer(draw, fig, name, goal, controls, drag, steps, sound))
