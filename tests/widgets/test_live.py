# ruff: noqa: ARG005  draws that ignore the run
"""live(): Start, Pause, Step, Reset, speed and seed, in a loop that stays awake."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.widgets import live, slider
from helpers.widgets.live import Live

LIVE = importlib.import_module("helpers.widgets.live")
panels: list[Live] = []


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("helpers.widgets.panel.PANELS", panels)
    monkeypatch.setattr(importlib.import_module("helpers.widgets.live"), "PANELS", panels)
    yield
    panels.clear()
    plt.close("all")


class Descent:
    """Down a parabola with noise: the curve depends on the seed and the rate."""

    def __init__(self, seed: int, rate: float = 0.1, width: int = 1) -> None:
        self.rng, self.rate, self.width = np.random.default_rng(seed), rate, width
        self.w = [self.rng.normal()]

    def step(self) -> None:
        self.w.append(self.w[-1] - self.rate * (2 * self.w[-1] + self.rng.normal()))


def make(run: type[Descent] = Descent, *, hot: tuple[str, ...] = ("rate",), preview: int = 0) -> Live:
    fig, ax = plt.subplots(figsize=(2, 1.5), dpi=50)
    (line,) = ax.plot([], [])
    ax.set(xlim=(0, 100), ylim=(-3, 3))

    def draw(run: Descent) -> str:
        line.set_data(range(len(run.w)), run.w)
        return f"w = {run.w[-1]:.6f}, rate {run.rate}, width {run.width}"

    controls = {"rate": slider("rate", 0.0, 0.4, 0.1), "width": slider("width", 1, 9, 1)}
    return Live(run, draw, fig, "descent", "", hot, preview, controls)


def expected(seed: int, n: int, rate: float = 0.1) -> list[float]:
    run = Descent(seed, rate)
    for _ in range(n):
        run.step()
    return run.w


def curve(panel: Live) -> list[float]:
    return panel.run.w  # type: ignore[attr-defined]


async def wait_for_steps(panel: Live, n: int) -> None:
    for _ in range(1000):
        if panel.n_steps >= n:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"only {panel.n_steps} steps were made")


def test_the_same_seed_gives_the_same_curve() -> None:
    async def train() -> Live:
        panel = make()
        panel.seed.value = 7
        panel.toggle.click()
        await wait_for_steps(panel, 15)
        panel.toggle.click()
        return panel

    panel = asyncio.run(train())
    assert curve(panel) == expected(7, panel.n_steps)
    panel.again.click()
    assert curve(panel) == expected(7, 0)
    for _ in range(3):
        panel.one.click()
    assert curve(panel) == expected(7, 3)
    panel.seed.value = 8
    assert curve(panel) == expected(8, 0)
    assert panel.state.startswith("Step 0: ")


def test_start_becomes_pause_and_pause_stops() -> None:
    async def train() -> None:
        panel = make()
        assert (panel.toggle.description, panel.running) == ("Start", False)
        panel.toggle.click()
        assert (panel.toggle.description, panel.running) == ("Pause", True)
        await wait_for_steps(panel, 1)
        assert 'aria-live="off"' in panel._status.value         # a reader is not to hear each step
        panel.toggle.click()
        assert (panel.toggle.description, panel.running) == ("Start", False)
        n = panel.n_steps
        await asyncio.sleep(0.1)
        assert panel.n_steps == n
        assert 'aria-live="polite"' in panel._status.value
        panel.toggle.click()
        await wait_for_steps(panel, n + 1)                      # goes on from where it was
        assert curve(panel) == expected(0, panel.n_steps)
        panel.pause()

    asyncio.run(train())


def test_step_pauses_and_makes_one_step() -> None:
    async def train() -> None:
        panel = make()
        panel.toggle.click()
        await wait_for_steps(panel, 1)
        n = panel.n_steps
        panel.one.click()
        await asyncio.sleep(0.1)
        assert (panel.n_steps, panel.running) == (n + 1, False)

    asyncio.run(train())


def test_step_can_make_several_steps_and_the_speed_be_another_at_first() -> None:
    fig, _ = plt.subplots(figsize=(2, 1.5), dpi=50)
    panel = Live(Descent, lambda run: "words", fig, "descent", "", (), 0, {}, speed=50, stride=7)
    panel.one.click()
    assert (panel.n_steps, panel.speed.value, panel.one.tooltip) == (7, 50, "pause, and make 7 steps")
    assert curve(panel) == expected(0, 7)
    assert make().one.tooltip == "pause, and make one step"


def test_reset_while_it_runs_begins_anew_and_goes_on() -> None:
    async def train() -> None:
        panel = make()
        panel.toggle.click()
        await wait_for_steps(panel, 20)
        panel.again.click()
        assert panel.n_steps == 0
        assert panel.running
        await wait_for_steps(panel, 5)
        assert curve(panel) == expected(0, panel.n_steps)
        panel.pause()

    asyncio.run(train())


def test_a_hot_control_changes_the_run_and_another_begins_it_anew() -> None:
    panel = make()
    panel.one.click()
    run = panel.run
    panel.controls["rate"].value = 0.3
    assert "rate 0.3" in panel.state                # shown at once, though it stands still
    panel.one.click()
    assert panel.run is run
    assert run.rate == 0.3  # type: ignore[attr-defined]
    first, second, third = curve(panel)
    noise = np.random.default_rng(0).normal(size=3)
    assert (first, second, third) == pytest.approx((noise[0], first - 0.1 * (2 * first + noise[1]), second - 0.3 * (2 * second + noise[2])))
    panel.controls["width"].value = 5
    assert panel.run is not run
    assert panel.n_steps == 0
    assert (panel.run.rate, panel.run.width) == (0.3, 5)  # type: ignore[attr-defined]


def test_starting_one_training_pauses_the_other_and_so_does_running_a_cell_again() -> None:
    async def train() -> None:
        first, second = make(), make()
        first.toggle.click()
        await asyncio.sleep(0.02)
        second.toggle.click()
        assert (first.running, second.running) == (False, True)
        assert first.toggle.description == "Start"
        make()
        assert not second.running

    asyncio.run(train())


def test_the_kernel_is_never_kept_over_50_ms() -> None:
    """Processor time between two beats of the loop: what another process takes meanwhile does not count."""
    class Slow(Descent):
        def step(self) -> None:
            super().step()
            end = time.thread_time() + 0.004
            while time.thread_time() < end:
                pass

    async def train() -> list[float]:
        panel = make(Slow)
        panel.advance(1)                                # the background is drawn, the line moves from here on
        panel.speed.value = 100
        panel.toggle.click()
        beats = []
        while len(panel.frames) < 8:
            beats.append(time.thread_time())
            await asyncio.sleep(0)
        panel.pause()
        return beats

    assert np.diff(asyncio.run(train())).max() < 0.05


def test_the_speed_is_steps_a_frame() -> None:
    async def train() -> None:
        panel = make()
        panel.speed.value = 3
        panel.toggle.click()
        while len(panel.frames) < 1:
            await asyncio.sleep(0)
        panel.pause()
        assert panel.n_steps == 3 * len(panel.frames)

    asyncio.run(train())


class Failing(Descent):
    def step(self) -> None:
        super().step()
        if len(self.w) > 3:
            raise FloatingPointError("the loss is <NaN>")


def test_an_error_in_a_step_is_shown_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")

    async def train() -> None:
        panel = make(Failing)
        panel.toggle.click()
        while panel.running:
            await asyncio.sleep(0.005)
        assert panel.toggle.description == "Start"
        assert isinstance(panel.error, FloatingPointError)
        assert "<b>FloatingPointError</b>" in panel._status.value
        assert "the loss is &lt;NaN&gt;" in panel._status.value
        panel.again.click()
        assert panel.error is None
        assert panel.state.startswith("Step 0: ")

    asyncio.run(train())


def test_the_build_sees_an_error_in_a_step() -> None:
    panel = make(Failing)
    with pytest.raises(FloatingPointError, match="the loss is <NaN>"):
        panel.sweep()


def test_the_preview_is_trained_in_the_build_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make(preview=12).state.startswith("Step 12: ")
    monkeypatch.setenv("COURSE_STRICT", "0")
    assert make(preview=12).state.startswith("Step 0: ")


def test_a_hot_name_without_a_control_is_refused() -> None:
    with pytest.raises(ValueError, match=r"hot must name controls \(rate, width\), got speed"):
        make(hot=("rate", "speed"))


def test_a_draw_that_says_nothing_is_refused() -> None:
    fig, _ = plt.subplots()
    with pytest.raises(TypeError, match="draw must return its state in words"):
        Live(Descent, lambda run: None, fig, "", "", (), 0, {})  # type: ignore[arg-type,return-value]


def test_the_sweep_moves_each_control_and_puts_it_back() -> None:
    panel = make()
    names = [name for name, _, _ in panel.sweep()]
    assert names == ["rate"] * 4 + ["width"] * 4 + ["speed"] * 4 + ["seed"] * 4
    assert (panel.controls["rate"].value, panel.controls["width"].value, panel.speed.value, panel.seed.value) == (0.1, 1, 10, 0)
    assert curve(panel) == expected(0, 0)


def test_live_shows_a_panel_with_picture_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.live"), "display", shown.append)
    fig, _ = plt.subplots(figsize=(2, 1.5))
    live(Descent, lambda run: "words", fig, name="descent", preview=2)
    bundle = shown[0]._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "[descent] Step 2: words"
    assert "image/png" in data


def test_a_training_rests_while_nobody_looks_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unseen() -> None:
        monkeypatch.setattr(LIVE, "PATIENCE", 0.1)
        panel = make()
        panel.start()
        panel._beat()
        await asyncio.sleep(0.5)
        at = panel.n_steps
        assert not panel.running
        assert panel.toggle.description == "Pause", "it goes on by itself"
        await asyncio.sleep(0.1)
        assert panel.n_steps == at
        panel._beat()
        await asyncio.sleep(0.05)
        assert panel.running
        panel.pause()
        panel._beat()
        await asyncio.sleep(0.05)
        assert not panel.running, "what the reader has paused stays so"

    asyncio.run(unseen())


def test_without_a_page_a_training_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def alone() -> bool:
        monkeypatch.setattr(LIVE, "PATIENCE", 0.05)
        panel = make()
        panel.start()
        await asyncio.sleep(0.3)
        going = panel.running
        panel.pause()
        return going

    assert asyncio.run(alone())
