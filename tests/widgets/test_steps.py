"""Steps: each stage sets the controls, lights a part and asks; free play at any time; stills for readers without a kernel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from helpers import plots
from helpers.widgets import Step, slider, switch
from helpers.widgets.explore import Explorer
from helpers.widgets.live import Live
from helpers.widgets.steps import Stages, region_of

STEPS = [
    Step("The line is *flat*.", {"k": 0}, ask=("Which way will it go?", ["up", "down"], 0), light=0),
    Step("It rises.", {"k": 2}),
    Step("It falls.", {"k": -2, "on": True}, ask=("How steep?", ["1", "2"], 1), light=1),
]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("helpers.widgets.panel.PANELS", [])
    yield
    plt.close("all")


def made(steps: list[Step] = STEPS, *, slowly: bool = False) -> Explorer:
    fig, (ax, other) = plt.subplots(1, 2, figsize=(4, 2))
    (line,) = ax.plot([0, 1], [0, 0])
    other.set_title("the other")
    ax.set_ylim(-5, 5)

    def draw(k: int, on: bool) -> str:
        line.set_ydata([0, k])
        return f"slope {k}{', on' if on else ''}"

    def parts(k: int, on: bool) -> Iterator[str]:
        yield "half"
        yield draw(k, on)

    return Explorer(parts if slowly else draw, fig, "a line", "", {"k": slider("k", -5, 5, 1), "on": switch("on")}, steps=steps)


def stages(panel: Any) -> Stages:
    assert panel.stages is not None
    return panel.stages


@pytest.mark.parametrize("slowly", [False, True])
def test_it_begins_at_the_first_step(slowly: bool) -> None:
    panel = made(slowly=slowly)
    assert panel.state == "slope 0"
    assert panel.controls["k"].value == 0
    assert "<b>Step 1 of 3.</b> The line is <em>flat</em>." in stages(panel)._text.value
    stages(panel).back.click()
    assert stages(panel).place == 0


def test_next_and_back_set_the_controls_and_light_a_part() -> None:
    panel = made()
    left, bottom, right, top = panel.frame.light
    assert 0 <= left < right < 0.6
    assert 0 <= bottom < top <= 1
    stages(panel).next.click()
    assert (panel.state, panel.frame.light) == ("slope 2", [])
    stages(panel).next.click()
    assert panel.state == "slope -2, on"
    assert panel.frame.light[0] > 0.4
    assert stages(panel).next.description == "Done"
    stages(panel).back.click()
    assert panel.state == "slope 2", "what a step does not name stands where the figure began"


def test_the_controls_work_at_any_time_and_the_steps_can_be_left() -> None:
    panel = made()
    panel.controls["k"].value = 4
    assert panel.state == "slope 4"
    stages(panel).free.click()
    assert (panel.state, panel.frame.light, stages(panel)._text.value) == ("slope 4", [], "")
    assert stages(panel).next.description == "Show me in 3 steps"
    stages(panel).next.click()
    assert panel.state == "slope 0"


def test_a_step_asks_and_keeps_the_answer() -> None:
    bar = stages(made())
    bar.row.buttons[1].click()
    assert "Not so" in bar._verdict.value
    bar.row.buttons[0].click()
    assert "Right." in bar._verdict.value
    assert "course-right" in bar.row.buttons[0]._dom_classes
    bar.next.click()
    assert bar._options.children == ()
    bar.back.click()
    assert "course-right" in bar.row.buttons[0]._dom_classes


@pytest.mark.parametrize(("steps", "message"), [
    (STEPS[:2], "three to five steps, got 2"), (STEPS * 2, "three to five steps, got 6"),
    ([*STEPS[:2], Step("x", {"size": 1})], "step 3 sets size; the controls are k, on"),
    ([*STEPS[:2], Step("x", {"k": 9})], "k does not take 9"), ([*STEPS[:2], Step("x", {"k": "a"})], "k does not take 'a'"),
    ([*STEPS[:2], Step("x", light=2)], "step 3 lights axes 2; the figure has 2"),
    ([*STEPS[:2], Step("x", ask=("Q?", ["a"], 0))], "step 3 asks"), ([*STEPS[:2], Step("x", ask=("Q?", ["a", "b"], 2))], "step 3 asks")])
def test_steps_that_do_not_fit_are_refused(steps: list[Step], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(steps)


def test_measuring_what_lights_up_marks_nothing_as_changed() -> None:
    """Else a legend and the axes would be painted anew at each move of a figure with steps."""
    fig, axes = plt.subplots(1, 2)
    axes[0].plot([1, 3], label="line")
    axes[0].legend()
    fig.canvas.draw()
    before = {artist for artist in fig.findobj() if artist.stale}
    assert region_of(fig, 0) is not None
    assert {artist for artist in fig.findobj() if artist.stale} <= before


def test_readers_without_a_kernel_see_the_stages_as_stills() -> None:
    panel = made()
    still, plain = Image.open(io.BytesIO(panel.still() or b"")), Image.open(io.BytesIO(panel.picture.value))    # type: ignore[union-attr]
    assert still.width == plots.SHARPNESS * plain.width
    assert still.height > 1.9 * plots.SHARPNESS * plain.height
    assert made([]).still() == made([]).picture.sharp(plots.SHARPNESS)       # type: ignore[union-attr]


def test_the_sweep_goes_through_the_steps() -> None:
    panel = made()
    rows = panel.sweep()
    assert [value for name, value, _ in rows if name == "step"] == [0, 1, 2, None, 0]
    assert panel.state == "slope 0"


class Count:
    def __init__(self, seed: int, rate: int) -> None:  # noqa: ARG002
        self.rate, self.n = rate, 0

    def step(self) -> None:
        self.n += self.rate


def test_a_live_training_has_steps_too() -> None:
    fig, ax = plt.subplots(figsize=(2, 2))
    (dot,) = ax.plot([0], [0], "o")

    def draw(run: Count) -> str:
        dot.set_data([0], [run.n])
        return f"n is {run.n}"

    own = [Step("Nothing yet.", {"rate": 2}, light=0), Step("Ten steps.", train=10), Step("Fast.", {"rate": 5}, train=3)]
    panel = Live(Count, draw, fig, "a count", "", (), 4, {"rate": slider("rate", 1, 9, 1)}, steps=own)
    assert panel.state == "Step 4: n is 8", "the still shows a training under way"
    stages(panel).next.click()
    assert panel.state == "Step 10: n is 10"
    stages(panel).next.click()
    assert panel.state == "Step 3: n is 15"
    assert {value for name, value, _ in panel.sweep() if name == "step"} == {0, 1, 2, None}
