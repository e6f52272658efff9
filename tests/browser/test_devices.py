"""The devices of a lesson as a learner meets them: by mouse, finger, Shift+Enter and keyboard, from the first opening on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from devices import ANSWER, PLACE, write_devices
from lab import ROOT, Lab, Notebook
from panel import Panel

CLEAN = "() => !jupyterapp.shell.currentWidget.context.model.dirty"
IDLE = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
#: Its cell's number stands beside it: the cell has run.
COUNTED = "i => jupyterapp.shell.currentWidget.content.widgets[i].model.executionCount"


@pytest.fixture(scope="module")
def path(lab: Lab) -> Path:
    path = lab.root / "chapters" / "97_devices.ipynb"
    write_devices(path)
    return path


@pytest.fixture(scope="module")
def lesson(lab: Lab, path: Path) -> Iterator[Notebook]:
    """The lesson, open, nothing run; a window of 1366×768."""
    with lab.notebook(f"chapters/{path.name}", has_touch=True) as notebook:
        notebook.page.set_viewport_size({"width": 1366, "height": 768})
        yield notebook


def choose(notebook: Notebook, name: str) -> None:
    """Make a cell the active one, in command mode, as a click beside it does."""
    notebook.page.evaluate("""i => { const book = jupyterapp.shell.currentWidget.content; book.activeCellIndex = i; book.mode = 'command';
        book.node.focus(); book.scrollToItem(i); }""", PLACE[name])


def shift_enter(notebook: Notebook) -> None:
    """Press Shift+Enter, and wait until what it began is done."""
    notebook.page.keyboard.press("Shift+Enter")
    notebook.page.wait_for_timeout(100)
    notebook.page.wait_for_function(IDLE)


def run(notebook: Notebook, name: str) -> None:
    choose(notebook, name)
    shift_enter(notebook)
    notebook.page.wait_for_function(COUNTED, arg=PLACE[name])


def panels(notebook: Notebook, name: str) -> list[Panel]:
    """The panels below a cell."""
    place = notebook.page.locator(".jp-Notebook .jp-Cell").nth(PLACE[name])
    place.locator(".course-panel").first.wait_for()
    return [Panel(notebook.page, p) for p in place.locator(".course-panel").all()]


def panel(notebook: Notebook, name: str) -> Panel:
    return panels(notebook, name)[0]


def says(panel: Panel, pattern: str, seconds: float = 8) -> bool:
    for _ in range(int(seconds * 20)):
        if re.search(pattern, panel.status):
            return True
        panel.page.wait_for_timeout(50)
    return False


def text_below(notebook: Notebook, name: str) -> str:
    return str(notebook.cells()[PLACE[name]]["text"])


def center(box: Any) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_as_delivered_no_answer_is_seen_and_opening_is_no_editing(lesson: Notebook, path: Path) -> None:
    before = path.read_bytes()
    assert ANSWER in before.decode(), "on the disk, and on a repository page, the output is there"
    lesson.page.wait_for_function("() => jupyterapp.shell.currentWidget.context.model.sharedModel.getMetadata('language_info').version")
    assert lesson.page.locator(".jp-OutputArea-output").count() == 0
    assert "12" not in lesson.page.locator(".jp-Cell").nth(PLACE["compare"]).inner_text(), "its code is folded"
    lesson.page.wait_for_timeout(1000)
    assert lesson.page.evaluate(CLEAN)
    lesson.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    lesson.page.wait_for_timeout(500)
    assert path.read_bytes() == before


def test_a_prediction_survives_the_key_that_runs_on(lesson: Notebook) -> None:
    run(lesson, "setup")
    run(lesson, "predict")
    panel(lesson, "predict").button("1 to 9").click()
    assert says(panel(lesson, "predict"), "Noted: 1 to 9. How sure")
    shift_enter(lesson)                                     # JupyterLab has made the question's cell the active one again
    again = panel(lesson, "predict")
    assert says(again, "Noted: 1 to 9. How sure")
    again.button("certain").focus()
    lesson.page.keyboard.press("Enter")
    assert says(again, "Noted: 1 to 9, certain")
    run(lesson, "compare")
    assert text_below(lesson, "compare").startswith("The run shows: more («12»). You were certain of: 1 to 9. A surprise!")
    run(lesson, "compare")
    assert "A surprise!" in text_below(lesson, "compare")


def test_a_curve_is_drawn_by_mouse_keyboard_and_finger_and_compared(lesson: Notebook) -> None:
    run(lesson, "sketch")
    own = panel(lesson, "sketch")
    canvas, clear = own.place.locator("canvas.course-sketch"), own.button("Clear")
    box = canvas.bounding_box()
    assert box is not None
    left, right, top, bottom = box["x"] + 60, box["x"] + box["width"] - 18, box["y"] + 15, box["y"] + box["height"] - 45
    mouse, keyboard = lesson.page.mouse, lesson.page.keyboard
    mouse.move(left, top)
    mouse.down()
    mouse.move(right, bottom, steps=25)
    mouse.up()
    assert says(own, r"You drew: loss \(nats\) from (9|10)\S* at 0 to 0\.01\S* at 10")
    clear.click()
    assert says(own, "Draw your curve")
    canvas.focus()
    for key in ["ArrowUp", *["ArrowRight"] * 25, "ArrowUp", "ArrowUp"]:
        keyboard.press(key)
    assert says(own, r"from 0\.316 at 0 to 0\.5\d* at 10"), own.status
    keyboard.press("Delete")
    assert says(own, "Draw your curve")
    assert lesson.page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length") == 2 * len(PLACE), "Delete wipes the curve, no cell"
    finger = lesson.page.context.new_cdp_session(lesson.page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": left, "y": top}]})
    for i in range(1, 11):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": left + (right - left) * i / 10, "y": top + (bottom - top) * i / 10}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert says(own, r"You drew: .* to 0\.01\S* at 10")
    run(lesson, "measured")
    assert "a factor of" in text_below(lesson, "measured")
    run(lesson, "sketch")
    assert says(panel(lesson, "sketch"), "You drew"), "it stands when its cell runs again"


def test_lines_are_put_in_order_by_mouse_keyboard_and_finger(lesson: Notebook) -> None:
    run(lesson, "order")
    own, keyboard, mouse = panel(lesson, "order"), lesson.page.keyboard, lesson.page.mouse
    program = own.place.locator(".course-zone").first

    def line(text: str) -> Any:
        return own.place.locator("li").filter(has_text=text)

    assert says(own, "Your program is empty; there are 4 lines")
    line("for x, y").locator(".course-code").click(position={"x": 3, "y": 5})
    assert says(own, "Your program has 1 line, 3 left over. 1 gap to fill.")
    own.dropdowns.first.select_option("batches")
    assert says(own, "3 left over. Last: for x, y in batches:")
    line("backward").focus()
    keyboard.press("Enter")
    assert says(own, "2 lines, 2 left over")
    start, target = center(line("optimizer").bounding_box()), program.bounding_box()
    assert target is not None
    mouse.move(*start)
    mouse.down()
    mouse.move(start[0], target["y"] + target["height"] - 4, steps=8)
    mouse.up()
    assert says(own, "3 lines, 1 left over. Last: optimizer.step()")
    line("optimizer").focus()
    keyboard.press("Shift+ArrowUp")
    assert says(own, "Last: loss.backward()")
    x, y = center(line("model.eval").locator(".course-code").bounding_box())
    lesson.page.touchscreen.tap(x, y)
    assert says(own, "4 lines, 0 left over")
    assert json.loads(lesson.execute("", "steps.lines")[0].replace("'", '"')) == ["for x, y in batches:", "    optimizer.step()", "    loss.backward()", "    model.eval()"]
    run(lesson, "order")
    assert says(panel(lesson, "order"), "4 lines, 0 left over")


def test_questions_are_asked_answered_and_come_again(lesson: Notebook) -> None:
    run(lesson, "warm_up")
    first, second, before = panels(lesson, "warm_up")
    assert [p.title for p in (first, second, before)] == ["warm-up: What fits best in 00.1?", "warm-up: What fits best in 00.2?", "before the lesson: What fits best in 01.1?"]
    first.button("a line").click()
    assert says(first, "Not that one. It cannot bend.")
    second.button("a curve").focus()
    lesson.page.keyboard.press("Enter")
    assert says(second, "Right. It bends")
    before.button("a point").click()
    assert says(before, "Noted: a point. This lesson answers it")
    wrong, right = (p.place.locator(f"button.course-{look}").evaluate("e => getComputedStyle(e).backgroundColor") for p, look in ((first, "wrong"), (second, "right")))
    assert wrong != right
    run(lesson, "quiz")
    asked = panel(lesson, "quiz")
    for _ in range(200):                            # a panel gets its name a moment after it is there
        if asked.title != "?":
            break
        lesson.page.wait_for_timeout(50)
    assert asked.title == "quiz: What fits best in 00.1?"
    run(lesson, "review")
    own = panel(lesson, "review")
    assert "Certain: 0 of 1 came true." in text_below(lesson, "review")
    assert "00.1" in own.place.inner_text(), "what was answered wrong comes first"
    own.button("Next question").click()
    lesson.page.wait_for_function("panel => panel.innerText.includes('00.2')", arg=own.place.element_handle())


def test_after_shift_enter_the_figure_stays_in_view(lesson: Notebook) -> None:
    for name in ("figure", "live"):
        run(lesson, name)
        own = panel(lesson, name)
        own.settle(0.5)
        seen = own.place.evaluate("""panel => { const own = panel.getBoundingClientRect(), view = (panel.closest('.jp-WindowedPanel-outer') ?? panel.closest('.jp-Notebook')).getBoundingClientRect();
            return (Math.min(own.bottom, view.bottom) - Math.max(own.top, view.top)) / own.height; }""")
        assert seen > 0.99, name


def test_steps_by_mouse_and_keyboard_and_free_play(lesson: Notebook) -> None:
    own, keyboard = panel(lesson, "figure"), lesson.page.keyboard
    light = own.place.locator(".course-light")
    assert says(own, "Step 1 of 3. A slow wave.")
    assert light.is_visible()
    own.button("there are more waves").click()
    assert says(own, r"Right\.")
    own.button("Next").click()
    assert says(own, "Step 2 of 3")
    assert says(own, "frequency 10,")
    own.button("Next").focus()
    keyboard.press("ArrowRight")
    assert says(own, "Step 3 of 3")
    assert says(own, "height 1,")
    light.wait_for(state="hidden")
    keyboard.press("ArrowLeft")
    assert says(own, "Step 2 of 3")
    assert says(own, "height 0.5,")
    own.handles.last.focus()
    keyboard.press("ArrowRight")
    assert says(own, "n 4")
    assert says(own, "Step 2 of 3"), "the controls work at any time"
    own.button("Play freely").click()
    own.button("Show me in 3 steps").focus()
    for said in ("Step 1 of 3", "Step 2 of 3", "Step 3 of 3"):
        keyboard.press("Enter")
        assert says(own, said)
    keyboard.press("Enter")
    own.button("Show me in 3 steps").wait_for()


@pytest.mark.parametrize(("place", "typed", "said", "written"), [
    (0, "7.7", "frequency 7.7,", "7.7"), (0, "1,5", "frequency 1.5,", "1.5"), (1, "0.123", "height 0.123,", "0.12"), (2, "7", "n 7", "7")])
def test_a_typed_value_is_kept(lesson: Notebook, place: int, typed: str, said: str, written: str) -> None:
    own = panel(lesson, "figure")
    readout = own.place.locator(".widget-readout").nth(place)
    readout.click()
    lesson.page.keyboard.press("Control+A")
    lesson.page.keyboard.insert_text(typed)
    lesson.page.keyboard.press("Enter")
    assert says(own, re.escape(said)), own.status
    lesson.page.keyboard.press("Tab")
    own.settle()
    assert re.search(re.escape(said), own.status), own.status
    assert readout.inner_text() == written


def test_a_hand_on_the_slider_moves_it_by_its_steps(lesson: Notebook) -> None:
    own = panel(lesson, "figure")
    own.handles.first.focus()
    lesson.page.keyboard.press("Home")
    assert says(own, "frequency 1,")
    lesson.page.keyboard.press("ArrowRight")
    assert says(own, r"frequency 1\.259,"), own.status
    own.drag(own.handles.first)
    own.settle()
    found = re.search(r"frequency ([\d.]+),", own.status)
    assert found
    value, _ = lesson.execute("import math\nfrom helpers.widgets.panel import PANELS as _p\n_wave = [p for p in _p if p.name == 'a wave'][-1]", "10 * math.log10(_wave.controls['f'].value)")
    assert float(value) == pytest.approx(round(float(value)), abs=1e-6)


def test_a_training_rests_while_nobody_sees_it(lesson: Notebook) -> None:
    own = panel(lesson, "live")
    own.start.click()
    assert own.changes(own.looks)
    lesson.page.wait_for_timeout(2000)
    steps = "[p for p in _p if p.name == 'a count'][-1].n_steps"
    choose(lesson, "setup")                                 # far above
    lesson.page.wait_for_timeout(8000)
    at, _ = lesson.execute("", steps)
    lesson.page.wait_for_timeout(1500)
    assert lesson.execute("", steps)[0] == at
    own.place.scroll_into_view_if_needed()
    assert own.changes(own.looks, 8), "it goes on when it is seen again"
    own.button("Pause").click()
    own.settle()
    assert not own.changes(own.looks, 3)


@pytest.mark.parametrize("width", [683, 390])
def test_tracks_can_be_used_in_a_narrow_window(lesson: Notebook, width: int) -> None:
    lesson.page.set_viewport_size({"width": width, "height": 768})
    try:
        lesson.page.wait_for_timeout(500)
        tracks = lesson.page.locator(".course-panel .noUi-target").evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
        assert min(tracks) >= 110, tracks
        _shots(lesson, f"{width}")
    finally:
        lesson.page.set_viewport_size({"width": 1366, "height": 768})


def _shots(lesson: Notebook, name: str) -> None:
    """For an eye to judge: build/screenshots/devices/."""
    folder = ROOT / "build" / "screenshots" / "devices"
    folder.mkdir(parents=True, exist_ok=True)
    for cell in ("predict", "sketch", "order", "warm_up", "figure", "live"):
        own = panel(lesson, cell)
        own.place.scroll_into_view_if_needed()
        own.place.screenshot(path=str(folder / f"{name}-{cell}.png"))


def test_devices_in_both_themes(lesson: Notebook) -> None:
    for theme in ("Dark", "Light"):
        lesson.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${theme}`})", theme)
        lesson.page.wait_for_function("theme => document.body.dataset.jpThemeName === `JupyterLab ${theme}`", arg=theme)
        lesson.page.wait_for_timeout(500)
        _shots(lesson, theme.lower())


def test_a_lesson_left_half_way_comes_back_alive(lesson: Notebook, path: Path) -> None:
    lesson.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    lesson.page.wait_for_function(CLEAN)
    nb = json.loads(path.read_text("utf-8"))
    assert "delivered" not in nb["cells"][PLACE["predict"]]["metadata"], "what was run is the learner's"
    lesson.page.reload()
    lesson.wait_until_open()
    own = panel(lesson, "figure")
    own.place.scroll_into_view_if_needed()
    own.handles.last.focus()
    before = own.looks
    lesson.page.keyboard.press("ArrowLeft")
    assert own.changes(before)
    assert "Error displaying widget" not in lesson.page.locator(".jp-Notebook").inner_text()


def test_nothing_went_wrong_unseen(lesson: Notebook) -> None:
    assert lesson.errors == []
    assert lesson.kernel_errors() == []


def test_a_figure_whose_kernel_was_shut_down_says_so(lesson: Notebook) -> None:
    lesson.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    own = panel(lesson, "figure")
    lesson.page.wait_for_function("panel => panel.classList.contains('course-ended')", arg=own.place.element_handle())
    assert "Run All Above Selected Cell" in own.place.evaluate("panel => getComputedStyle(panel, '::before').content")


def test_pictures_are_sharp_on_a_fine_screen_at_rest(lab: Lab) -> None:
    with lab.notebook("probe.ipynb", device_scale_factor=2) as notebook:
        notebook.run_all()
        own = notebook.panels()[0]
        own.place.scroll_into_view_if_needed()
        notebook.page.wait_for_function("image => image.naturalWidth === 2 * image.clientWidth", arg=own.picture.element_handle())
        own.handles.first.focus()
        before = own.looks
        notebook.page.keyboard.press("ArrowRight")
        assert own.changes(before)
        assert own.picture.evaluate("image => image.naturalWidth / image.clientWidth") == 1, "a move is as quick as ever"
        notebook.page.wait_for_function("image => image.naturalWidth === 2 * image.clientWidth", arg=own.picture.element_handle())
