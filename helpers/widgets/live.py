"""live(): a training to play with; it can be started, paused, stepped and reset while it runs."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import ipywidgets as W
from IPython.display import display
from matplotlib.figure import Figure

from helpers.plots import SHARPNESS
from helpers.runtime import is_strict
from helpers.widgets.controls import extremes, slider
from helpers.widgets.explore import State, words_and_reached
from helpers.widgets.panel import MANY, PANELS, Panel
from helpers.widgets.picture import Picture
from helpers.widgets.steps import Region, Stages, Step, check_steps, region_of, set_quietly, strip

#: So many seconds after the page last said that the figure is in sight, a training rests.
PATIENCE = 5.0
#: The longest that the kernel trains before it listens again, in seconds; a repaint comes on top.
BUDGET = 0.025


class Run(Protocol):
    """One training, one step() at a time. Settings named hot are set as attributes while it goes on."""

    def step(self) -> None: ...


class Live(Panel):
    """See :func:`live`. The training is a task of the kernel's own loop: no thread, so nothing races."""

    def __init__(self, make: Callable[..., Run], draw: Callable[[Any], State], fig: Figure, name: str, goal: str,
                 hot: Collection[str], preview: int, controls: dict[str, W.Widget], speed: int = 10, stride: int = 1,
                 steps: Sequence[Step] = ()) -> None:
        check_steps(steps, controls, fig)
        if not set(hot) <= set(controls):
            raise ValueError(f"hot must name controls ({', '.join(controls)}), got {', '.join(sorted(set(hot) - set(controls)))}")
        self.make, self.draw, self.hot, self.controls = make, draw, frozenset(hot), controls
        self.n_steps, self.stride = 0, stride
        self._until: int | None = None              # where a stage's training ends
        self._first = 0                             # how far the first stage trains, once somebody sees the figure
        self._begun = {name: control.value for name, control in controls.items()}
        self.frames: list[float] = []               # seconds that each frame kept the kernel
        self._task: asyncio.Task[None] | None = None
        self._resting, self._beat_at = False, float("inf")      # nobody looks; when the page last said that somebody does
        self.toggle = W.Button(description="Start", icon="play", button_style="success", tooltip="start or pause the training")
        self.one = W.Button(description="Step", icon="step-forward", tooltip=f"pause, and make {f'{stride} steps' if stride > 1 else 'one step'}")
        self.again = W.Button(description="Reset", icon="refresh", tooltip="begin anew with the same seed")
        self.speed = slider("speed (steps a frame)", 1, 100, speed, tip="how many steps between two pictures")
        self.seed = W.BoundedIntText(value=0, min=0, max=9999, description="seed", tooltip="another seed, another beginning", layout={"width": "180px"}, style={"description_width": "50px"})
        grid = W.GridBox([*controls.values(), self.speed], layout=W.Layout(grid_template_columns="repeat(auto-fit, minmax(min(320px, 100%), 1fr))"))
        buttons = W.HBox([self.toggle, self.one, self.again, self.seed], layout=W.Layout(flex_flow="row wrap"))
        self.stages = Stages(steps, self._go) if steps else None
        super().__init__([self.stages] if self.stages else [], Picture(fig), name=name, goal=goal, controls=[buttons, grid], many=len(controls) + 1 >= MANY)
        self._pause_others()                        # a cell that is run again leaves its old training behind
        self.run = self._new_run()
        self._preview(preview)
        self._stills: list[tuple[Step, bytes, Region | None]] = []
        self._lights: dict[int | None, list[float]] = {}
        self._ready = False
        self.toggle.on_click(lambda _: self.pause() if self.running or self._resting else self.start())
        self.frame.on_msg(lambda *_: self._beat())
        self.one.on_click(lambda _: self._guard(self.step_once))
        self.again.on_click(lambda _: self._guard(self._begin_anew))
        self.seed.observe(lambda _: self._guard(self.reset), "value")
        for control in controls.values():
            control.observe(self._change, "value")
        if self.stages:
            self._stills = [self._still_of(step) for step in steps] if is_strict() else []
            self.stages.show(0)
            self._preview(preview)
            self._first, self.frame.beating = steps[0].train, steps[0].train > 0
        self._ready = self.counts = True

    def _preview(self, n: int) -> None:
        """The stored still shows a training under way; a learner's begins at 0."""
        for _ in range(n if is_strict() else 0):
            self.run.step()
            self.n_steps += 1
        for _ in range(2):                          # the second time tells what moves, so the first frame is quick too
            self._show()

    def _go(self, step: Step | None) -> None:
        """Begin anew with the controls as a stage wants them, light its part of the picture, and train as far as it says."""
        if step is None:
            self.frame.light = []
            return
        self.pause()
        set_quietly(self.controls, {**self._begun, **step.values}, self._change)
        self._guard(self.reset)
        self.counts = False                         # until the reader does more than the stage
        assert self.picture is not None
        if step.light not in self._lights:          # the layout has settled: once is enough
            self._lights[step.light] = list(region_of(self.picture.fig, step.light) or [])
        self.frame.light = self._lights[step.light]
        if step.train and self._ready:
            if is_strict():
                self.advance(step.train)
            else:
                self.start(step.train)

    def _still_of(self, step: Step) -> tuple[Step, bytes, Region | None]:
        set_quietly(self.controls, {**self._begun, **step.values}, self._change)
        self.reset()
        self.advance(step.train)
        assert self.picture is not None
        return step, bytes(self.picture.value), region_of(self.picture.fig, step.light)

    def still(self) -> bytes | None:
        png = super().still()
        return strip(png, self._stills, SHARPNESS if is_strict() else 1) if png and self._stills else png

    def _change(self, change: Any) -> None:
        self.counts = True
        self._guard(self._moved, change)

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self, until: int | None = None) -> None:
        """Train until paused, or until so many steps are made; any other live training in this notebook pauses."""
        self._until, self._resting, self._beat_at, self._first = until, False, float("inf"), 0
        self.counts = self.counts or until is None
        self._pause_others()
        self.frame.beating = True
        if not self.running:
            self._task = asyncio.get_running_loop().create_task(self._train())
        self._label("Pause", "pause", "warning")

    def _pause_others(self) -> None:
        for panel in PANELS:
            if isinstance(panel, Live) and panel is not self:
                panel.pause()

    def pause(self) -> None:
        if self._task is not None or self._resting:
            self._stop()
            if self.error is None:
                self.say(self.state)                # said aloud, now that it stands still
        self._first, self._resting, self.frame.beating = 0, False, False
        self._label("Start", "play", "success")

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _rest(self) -> None:
        """Nobody sees the figure: stop until somebody does."""
        self._stop()
        self._resting = True
        self.say(self.state, note="It rests while it is out of sight.", aloud=False)

    def _beat(self) -> None:
        """The page says that the figure is in sight."""
        if self._resting or self._first:
            self.start(self._first or self._until)
        self._beat_at = time.monotonic()

    def reset(self) -> None:
        """Begin anew with the controls' values; a training that ran goes on running."""
        self.run, self.n_steps = self._new_run(), 0
        self._show()

    def _begin_anew(self) -> None:
        if self._until is not None:                 # a stage's own training ends
            self.pause()
        self._first = 0
        self.reset()

    def step_once(self) -> None:
        self.pause()
        self.advance(self.stride)

    def advance(self, n: int, budget: float = float("inf"), note: str = "") -> None:
        """Make n steps, or as many as fit in the budget of seconds, and show what came of them."""
        started = time.perf_counter()
        for _ in range(n):
            self.run.step()
            self.n_steps += 1
            if time.perf_counter() - started > budget:
                break
        self._show(note)
        self.frames = [*self.frames[-29:], time.perf_counter() - started]

    async def _train(self) -> None:
        shown: list[float] = []
        mine = asyncio.current_task()
        try:
            with _on_interrupt(self.pause):
                while mine is self._task:
                    rate = f"{(len(shown) - 1) / (shown[-1] - shown[0]):.0f} frames a second" if len(shown) > 5 else ""
                    self.advance(self.speed.value if self._until is None else min(self.speed.value, self._until - self.n_steps), BUDGET, rate)
                    if self._until is not None and self.n_steps >= self._until:
                        self.pause()
                    shown = [*shown[-14:], time.perf_counter()]
                    if time.monotonic() - self._beat_at > PATIENCE:
                        self._rest()
                    await asyncio.sleep(max(0.01, 0.04 - self.frames[-1]))      # here the kernel hears the buttons
        except Exception as error:
            self._label("Start", "play", "success")
            self.complain(error)

    def _new_run(self) -> Run:
        return self.make(seed=self.seed.value, **{name: control.value for name, control in self.controls.items()})

    def _moved(self, change: Any) -> None:
        name = next(n for n, control in self.controls.items() if control is change.owner)
        if name in self.hot:
            setattr(self.run, name, change.new)
            if not self.running:                    # else the next frame shows it
                self._show()
        else:
            self.reset()

    def _show(self, note: str = "") -> None:
        state = self.draw(self.run)
        words, self.reached = words_and_reached(state)
        assert self.picture is not None
        self.picture.paint()
        self.say(f"Step {self.n_steps}: {words}", note=note, aloud=not self.running)

    def _guard(self, action: Callable[..., None], *args: object) -> None:
        try:
            action(*args)
        except Exception as error:
            self.pause()
            self.complain(error)

    def _label(self, text: str, icon: str, style: str) -> None:
        self.toggle.description, self.toggle.icon, self.toggle.button_style = text, icon, style

    def sweep(self) -> list[tuple[str, object, float]]:
        rows = self.stages.sweep() if self.stages else []
        for name, control in [*self.controls.items(), ("speed", self.speed), ("seed", self.seed)]:
            before = control.value
            for value in [*extremes(control), before]:
                started = time.perf_counter()
                control.value = value               # resets the run, or changes it as it goes on
                self.advance(2)
                if self.error is not None:
                    raise self.error
                rows.append((name, value, 1e3 * (time.perf_counter() - started)))
        self.reset()
        return rows


@contextmanager
def _on_interrupt(action: Callable[[], None]) -> Iterator[None]:
    """Let the notebook's stop button call action: between two cells the kernel would ignore it."""
    if threading.current_thread() is not threading.main_thread():       # where Python refuses handlers
        yield
        return
    loop = asyncio.get_running_loop()

    def handler(*_: object) -> None:
        loop.call_soon_threadsafe(action)

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is handler:          # else a cell that runs has put its own there
            signal.signal(signal.SIGINT, before)


def live(make: Callable[..., Run], draw: Callable[[Any], State], fig: Figure, *, name: str, goal: str = "",
         hot: Collection[str] = (), preview: int = 0, speed: int = 10, stride: int = 1,
         steps: Sequence[Step] = (), **controls: W.Widget) -> None:
    """Show a training with Start, Pause, Step, Reset, a speed and a seed. The same seed gives the same curve.

    It is for playing: *Run All* does not wait for it. A network that later cells need is trained in a cell of
    its own, with :func:`helpers.training.fit`.

    Parameters
    ----------
    make : callable
        ``make(seed=…, **values)`` gives a new run; ``run.step()`` takes at most 20 ms.
    draw : callable
        ``draw(run)`` changes artists of fig and returns the state in words, or words and whether the target
        is reached.
    fig, name, goal, **controls :
        As in :func:`helpers.widgets.explore`.
    hot : names of controls
        Those that change the run as it goes on (set as its attributes). The others begin it anew.
    preview : int
        How many steps the stored still picture shows.
    speed : int
        How many steps between two pictures at first, 1 to 100.
    stride : int
        How many steps the button Step makes: enough to see.
    steps : list of Step, optional
        Three to five stages, as in :func:`helpers.widgets.explore`; ``Step(train=200)`` trains so far.
    """
    display(Live(make, draw, fig, name, goal, hot, preview, controls, speed, stride, steps))
