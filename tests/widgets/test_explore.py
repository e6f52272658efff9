# ruff: noqa: ARG001, ARG005  draws that ignore a control
"""explore(): the picture and the words follow the controls, errors are shown, and the newest move wins."""

from __future__ import annotations

import asyncio
import base64
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as W
import matplotlib.pyplot as plt
import pytest

from helpers import plots
from helpers.widgets import Step, explore, slider, switch
from helpers.widgets.explore import Explorer
from helpers.widgets.panel import PANELS, Panel


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("helpers.widgets.panel.PANELS", [])
    yield
    plt.close("all")


def make(draw: Callable[..., Any] | None = None, **controls: Any) -> Explorer:
    """A line of slope k; draw may be another function."""
    fig, ax = plt.subplots(figsize=(2, 1.5), dpi=50)
    (line,) = ax.plot([0, 1], [0, 1])
    ax.set_ylim(-5, 5)

    def slope(k: int) -> tuple[str, bool]:
        line.set_ydata([0, k])
        if k == 4:
            raise ValueError("no line is <that> steep")
        return f"slope {k}", k == 3

    return Explorer(draw or slope, fig, "a line", "slope 3", controls or {"k": slider("k", -5, 5, 1)})


def status(panel: Explorer) -> str:
    return str(panel._status.value)


def test_a_move_changes_the_picture_and_the_words() -> None:
    panel = make()
    before = panel.picture.value  # type: ignore[union-attr]
    panel.controls["k"].value = 2
    assert panel.state == "slope 2"
    assert panel.picture.value != before  # type: ignore[union-attr]
    assert 'role="status" aria-live="polite"' in status(panel)
    panel.controls["k"].value = 1
    assert panel.picture.value == before  # type: ignore[union-attr]


def test_the_marks_of_measured_numbers_are_stored_and_not_shown() -> None:
    panel = make()
    panel.say("accuracy «97» %")
    assert panel.state == "accuracy «97» %"
    assert ">accuracy 97 %</div>" in status(panel)


def test_the_target_is_praised_when_it_is_reached_and_no_longer() -> None:
    panel = make()
    assert not panel.reached
    panel.controls["k"].value = 3
    assert "<b>✓ Target reached.</b>" in status(panel)
    panel.controls["k"].value = 2
    assert "✓" not in status(panel)


def test_a_target_that_the_reader_has_reached_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr("helpers.lesson.progress.record", lambda kind, key, value: kept.update({f"{kind} {key}": value}))
    monkeypatch.setattr("helpers.lesson.progress.recorded", lambda kind: {name.partition(" ")[2]: value for name, value in kept.items() if name.startswith(kind)})
    panel = make()
    assert "✓" not in panel._goal.value
    panel.controls["k"].value = 3
    assert kept == {"target a line": True}
    panel.controls["k"].value = 1
    assert "✓ reached" in panel._goal.value
    assert "✓ reached" in make()._goal.value, "on another day, too"


def test_a_target_that_a_stage_shows_is_not_the_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr("helpers.lesson.progress.record", lambda kind, key, value: kept.append(key))
    monkeypatch.setattr("helpers.lesson.progress.recorded", lambda kind: {})
    fig, ax = plt.subplots(figsize=(2, 1.5), dpi=50)
    (line,) = ax.plot([0, 1], [0, 1])

    def draw(k: int) -> tuple[str, bool]:
        line.set_ydata([0, k])
        return f"slope {k}", k == 3

    panel = Explorer(draw, fig, "a line", "slope 3", {"k": slider("k", -5, 5, 1)}, steps=[Step(f"Slope {k}.", {"k": k}) for k in (2, 3, 1)])
    panel._go(panel.stages.steps[1])  # type: ignore[union-attr]
    assert panel.reached
    assert kept == []
    panel.controls["k"].value = 2
    panel.controls["k"].value = 3
    assert kept == ["a line"]


def test_a_later_error_is_shown_and_the_next_move_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    panel = make()
    panel.controls["k"].value = 4
    assert isinstance(panel.error, ValueError)
    assert 'role="alert"><b>ValueError</b> (line ' in status(panel)
    assert "of slope): no line is &lt;that&gt; steep" in status(panel)
    panel.controls["k"].value = 2
    assert panel.error is None
    assert "slope 2" in status(panel)


def test_the_build_sees_a_later_error() -> None:
    with pytest.raises(ValueError, match="no line is <that> steep"):
        make().controls["k"].value = 4


def test_the_first_error_is_seen_in_the_cell() -> None:
    def broken(k: int) -> str:
        raise ZeroDivisionError("at once")

    with pytest.raises(ZeroDivisionError, match="at once"):
        make(broken)


@pytest.mark.parametrize("state", [None, 3, (1, True), ("a", True, "b"), ("only words",)])
def test_a_draw_that_says_nothing_is_refused(state: Any) -> None:
    with pytest.raises(TypeError, match=r"draw must return its state in words \(or words and whether the target is reached\), got"):
        make(lambda k: state)


def steps(k: int) -> Iterator[str]:
    for i in range(3):
        yield f"k = {k}, part {i}"


def test_a_slow_draw_is_drawn_whole_in_its_cell() -> None:
    assert make(steps).state == "k = 1, part 2"


def test_a_slow_draw_shows_its_parts_and_that_it_is_busy() -> None:
    async def move() -> list[str]:
        panel = make(steps)
        seen: list[str] = []
        panel._status.observe(lambda change: seen.append(change.new), "value")
        panel.controls["k"].value = 2
        assert "k = 1, part 2 <i>working …</i>" in status(panel)       # at once, before the first part is done
        await panel._task  # type: ignore[misc]
        return seen

    seen = asyncio.run(move())
    assert [i for i in range(3) if any(f"k = 2, part {i} <i>working" in s for s in seen)] == [0, 1, 2]
    assert "k = 2, part 2" in seen[-1]
    assert "working" not in seen[-1]


def test_the_newest_move_wins() -> None:
    closed: list[int] = []

    def slow(k: int) -> Iterator[str]:
        try:
            yield from steps(k)
        except GeneratorExit:
            closed.append(k)
            raise

    async def moves() -> Explorer:
        panel = make(slow)
        said: list[str] = []
        for k in (2, 3):
            panel.controls["k"].value = k
            await asyncio.sleep(0)                      # the first part of each is drawn
            panel._status.observe(lambda change: said.append(change.new), "value")
        panel.controls["k"].value = 5                   # before 3 has gone on
        await panel._task  # type: ignore[misc]
        await asyncio.sleep(0.02)
        assert not any("k = 3, part 1" in s or "k = 2, part 1" in s for s in said)
        return panel

    panel = asyncio.run(moves())
    assert panel.state == "k = 5, part 2"
    assert closed == [2, 3]


def test_a_slow_draw_that_fails_halfway_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")

    def failing(k: int) -> Iterator[str]:
        yield f"k = {k}"
        if k == 2:
            raise ValueError("halfway")

    async def move() -> Explorer:
        panel = make(failing)
        panel.controls["k"].value = 2
        await panel._task  # type: ignore[misc]
        assert "halfway" in status(panel)
        panel.controls["k"].value = 3
        await panel._task  # type: ignore[misc]
        return panel

    panel = asyncio.run(move())
    assert panel.error is None
    assert panel.state == "k = 3"


def test_the_sweep_moves_each_control_and_puts_it_back() -> None:
    seen: list[tuple[int, bool]] = []

    def draw(k: int, on: bool) -> str:
        seen.append((k, on))
        return "drawn"

    panel = make(draw, k=slider("k", 0, 8, 1), on=switch("on"))
    seen.clear()
    rows = panel.sweep()
    assert [(name, value) for name, value, _ in rows] == [("k", 0), ("k", 4), ("k", 8), ("k", 1), ("on", False), ("on", True), ("on", False)]
    assert seen == [(0, False), (4, False), (8, False), (1, False), (1, False), (1, True), (1, False)]
    assert all(milliseconds > 0 for _, _, milliseconds in rows)


def test_the_sweep_fails_where_a_control_fails() -> None:
    fails_at_top = slider("k", 0, 4, 1)
    with pytest.raises(ValueError, match="steep"):
        make(None, k=fails_at_top).sweep()


def test_readers_without_a_kernel_get_picture_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.explore"), "display", shown.append)
    fig, _ = plt.subplots(figsize=(2, 1.5))
    explore(lambda k: f"k is {k}", fig, name="a figure", k=slider("k", 0, 2, 1))
    bundle = shown[0]._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "[a figure] k is 1"
    assert base64.b64decode(data["image/png"]) == plots.small_png(shown[0].picture.sharp(plots.SHARPNESS), plots.CORNER)
    assert bundle[1] == {"image/png": {"alt": "[a figure] k is 1", "width": 200}}
    assert "application/vnd.jupyter.widget-view+json" in data
    assert shown[0] not in PANELS           # this test's list is its own


def test_the_frame_has_the_figures_name() -> None:
    """frame.js makes it the name of the region that a screen reader announces."""
    frame = Panel([W.HTML("x")], name="one <neuron>").frame
    assert frame.title == "one <neuron>"
    assert {"title", "region", "point"} <= set(frame.get_state())


def plane(**limits: Any) -> Explorer:
    """A point at two sliders, its place in words; each draw is counted."""
    fig, (ax, _) = plt.subplots(1, 2, figsize=(4, 2), dpi=50)
    ax.set(xlim=(-4, 4), ylim=(10, 0))
    (dot,) = ax.plot([], [], "o")
    drawn: list[tuple[float, float]] = []

    def draw(across: float, up: float) -> str:
        drawn.append((across, up))
        dot.set_data([across], [up])
        return f"({across:.1f}, {up:.1f})"

    panel = Explorer(draw, fig, "a plane", "", {"across": slider("a", -4.0, 4.0, 0.0, 0.1), "up": slider("u", 0.0, limits.get("high", 10.0), 5.0, 0.1)}, ("across", "up"))
    panel.drawn = drawn
    return panel


def test_the_region_to_point_at_is_the_first_axes_as_it_is_drawn() -> None:
    panel = plane()
    assert panel.picture is not None
    box = panel.picture.fig.axes[0].get_window_extent()
    width, height = panel.picture.canvas.get_width_height()
    assert panel.frame.region == pytest.approx([box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height])
    assert make().frame.region == []


@pytest.mark.parametrize(("point", "values"), [([0.0, 0.0], (-4.0, 10.0)), ([1.0, 1.0], (4.0, 0.0)), ([0.75, 0.5], (2.0, 5.0)), ([0.5, 0.2], (0.0, 8.0))])
def test_a_pointer_in_the_axes_moves_both_sliders_and_draws_once(point: list[float], values: tuple[float, float]) -> None:
    panel = plane()
    before = len(panel.drawn)
    panel.frame.point = point
    assert (panel.controls["across"].value, panel.controls["up"].value) == pytest.approx(values)
    assert panel.drawn[before:] == [pytest.approx(values)]
    assert panel.state == f"({values[0]:.1f}, {values[1]:.1f})"
    panel.controls["across"].value = 1.0            # the sliders still work
    assert panel.state == f"(1.0, {values[1]:.1f})"


def test_a_pointer_beyond_a_sliders_end_stops_there() -> None:
    panel = plane(high=6.0)
    panel.frame.point = [0.5, 0.0]
    assert panel.controls["up"].value == 6.0


def test_drag_must_name_two_sliders() -> None:
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match=r"drag must name two of the sliders k; got \('k', 'on'\)"):
        explore(lambda k, on: "", fig, name="n", drag=("k", "on"), k=slider("k", 0, 1, 0), on=switch("on"))
