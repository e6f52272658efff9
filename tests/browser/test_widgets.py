"""The widgets in a real kernel and a real browser: quick, cancelled by newer moves, never in each other's way."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator

import pytest
from lab import ROOT, Lab, Notebook
from latency import measure, report

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def log_before(lab: Lab) -> int:
    return len(lab.log.read_text())


@pytest.fixture(scope="module")
def probe(lab: Lab, log_before: int) -> Iterator[Notebook]:  # noqa: ARG001  the log is looked at first
    with lab.notebook("probe.ipynb") as notebook:
        assert notebook.run_all() == []
        yield notebook


def test_a_move_is_seen_at_once(probe: Notebook, record_property: Record) -> None:
    latency = measure(probe)
    report(latency)
    record_property("latency", str(latency))
    assert latency.p95_ms < 500
    assert latency.redraws_per_second > 5


def test_a_newer_move_cancels_a_slow_draw(probe: Notebook) -> None:
    panel = probe.panels()[1]
    handle = panel.handles.first
    handle.focus()
    for _ in range(6):
        probe.page.keyboard.press("ArrowRight")
        probe.page.wait_for_timeout(90)
    assert "working" in panel.status
    panel.settle(0.6)
    assert panel.status == "part 10 of 10 for 16"
    record, _ = probe.execute("", "RECORD")
    assert re.findall(r"'finished', (\d+)", record) == ["16"]
    assert len(re.findall("'cancelled'", record)) >= 3


def test_an_error_is_said_where_the_reader_looks(probe: Notebook) -> None:
    panel = probe.panels()[2]
    panel.handles.first.focus()
    before = panel.looks
    probe.page.keyboard.press("ArrowRight")
    assert panel.changes(before)
    assert re.fullmatch(r"ValueError \(line \d+ of break_above_five\): n is above five", panel.status)
    before = panel.looks
    probe.page.keyboard.press("ArrowLeft")
    assert panel.changes(before)
    assert panel.status == "n is 5"


def test_live_training_listens_while_it_runs(probe: Notebook, record_property: Record) -> None:
    panel = probe.panels()[3]
    assert panel.kind == "live"
    panel.start.click()
    record_property("pictures a second", round(panel.count_pictures(3) / 3, 1))
    record_property("a cell beside it (ms)", round(max(probe.execute("1 + 1", "2")[1] for _ in range(5))))
    rate = panel.handles.first
    value = rate.get_attribute("aria-valuetext")
    panel.drag(rate, steps=60)
    assert rate.get_attribute("aria-valuetext") != value
    record_property("pictures a second after a drag of a hot slider", round(panel.count_pictures(2) / 2, 1))
    steps = int(re.findall(r"Step (\d+)", panel.status)[0])
    assert steps > 50, "a hot slider must not begin the training anew"
    panel.drag(panel.handles.nth(1))
    assert panel.start.inner_text().strip() == "Pause"
    panel.start.click()
    panel.settle()
    assert not panel.changes(panel.looks, 1)


def test_the_notebooks_stop_button_pauses_a_live_training(probe: Notebook) -> None:
    panel = probe.panels()[3]
    panel.start.click()
    assert panel.changes(panel.looks)
    probe.page.get_by_title("Interrupt the kernel").click()
    panel.settle()
    assert panel.start.inner_text().strip() == "Start"
    assert not panel.alert
    assert not panel.changes(panel.looks, 1)
    panel.start.click()
    assert panel.changes(panel.looks), "it can be started again"
    panel.start.click()


def test_one_live_training_at_a_time(probe: Notebook) -> None:
    first, second = probe.panels()[3:5]
    first.start.click()
    assert first.changes(first.looks)
    second.start.click()
    assert second.changes(second.looks)
    first.settle(0.5, 5)
    assert first.start.inner_text().strip() == "Start"
    assert second.start.inner_text().strip() == "Pause"
    second.start.click()


def test_the_same_seed_gives_the_same_curve(probe: Notebook) -> None:
    panel = probe.panels()[3]
    words = []
    for _ in range(2):
        panel.button("Reset").click()
        for _ in range(3):
            before = panel.looks
            panel.button("Step").click()
            assert panel.changes(before)
        panel.settle()
        words.append(panel.status)
    assert words[0] == words[1]
    assert words[0].startswith("Step 3:")


def test_the_mouse_moves_a_point_in_the_picture(probe: Notebook) -> None:
    panel = probe.panels()[5]
    region, _ = probe.execute("from helpers.widgets.panel import PANELS as _p", "_p[-1].frame.region")
    left, bottom, right, top = json.loads(region)

    def at(across: float, up: float) -> tuple[float, float]:
        return left + across * (right - left), 1 - bottom - up * (top - bottom)

    before = panel.looks
    panel.drag_in_picture(at(0.25, 0.25), at(0.5, 0.6), at(0.75, 0.5))
    assert panel.changes(before)
    panel.settle()
    word, across, up = re.fullmatch(r"(.*) at (.*), (.*)", panel.status).groups()       # type: ignore[union-attr]
    assert (word, float(across), float(up)) == ("dot", pytest.approx(1.0, abs=0.05), pytest.approx(4.0, abs=0.1))
    assert [float(h.get_attribute("aria-valuetext") or "nan") for h in panel.handles.all()] == pytest.approx([1.0, 4.0], abs=0.1)
    panel.drag_in_picture(at(0.5, 0.5), at(1.2, 1.4))       # beyond the axes it stops at the edge
    panel.settle()
    assert panel.status == "dot at 2.00, 8.00"
    before = panel.looks
    panel.drag_in_picture((0.98, 0.02), at(0.5, 0.5))       # pressed outside: nothing is held
    assert not panel.changes(before, 0.5)
    panel.handles.first.focus()
    probe.page.keyboard.press("ArrowLeft")
    assert panel.changes(before)


def test_a_typed_word_is_followed_key_by_key_and_cut_at_its_longest(probe: Notebook) -> None:
    panel = probe.panels()[5]
    panel.texts.first.fill("")
    panel.settle()
    assert panel.status.startswith(" at") or panel.status.startswith("at")
    panel.texts.first.press_sequentially("walking", delay=30)
    panel.settle()
    assert panel.status.startswith("walki at")
    assert panel.texts.first.input_value() == "walki"


def test_screen_readers_hear_the_words_once_a_held_key_rests(probe: Notebook) -> None:
    panel = probe.panels()[0]
    panel.place.evaluate("""panel => {
        window.said = [];
        new MutationObserver(() => said.push(panel.querySelector('.course-spoken').textContent)).observe(
            panel.querySelector('.course-spoken[aria-live=polite]'), {childList: true, characterData: true, subtree: true});
    }""")
    panel.handles.first.focus()
    for _ in range(12):
        probe.page.keyboard.press("ArrowLeft")
        probe.page.wait_for_timeout(80)
    panel.settle(1)
    assert probe.page.evaluate("() => said") == [panel.status]
    assert panel.place.locator("[role=status]").get_attribute("aria-live") == "off"


CONTRAST = """words => {
    const light = color => {                    // WCAG 2.2, relative luminance
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(words), [low, high] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_words_can_be_read_in_both_themes(probe: Notebook, theme: str) -> None:
    """COURSE_SCREENSHOTS=1 takes pictures, for an eye to judge: build/screenshots/dark-*.png."""
    probe.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {theme}")
    probe.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str(theme == "Light").lower())
    for panel in (probe.panels()[0], probe.panels()[3]):
        probe.page.wait_for_function(f"words => ({CONTRAST})(words) >= 4.5", arg=panel.place.locator("[role=status]").element_handle(), timeout=5e3)
        if os.environ.get("COURSE_SCREENSHOTS") == "1":
            folder = ROOT / "build" / "screenshots"
            folder.mkdir(parents=True, exist_ok=True)
            panel.place.screenshot(path=str(folder / f"{theme.lower()}-{panel.kind}.png"))


def test_nothing_went_wrong_unseen(probe: Notebook, lab: Lab, log_before: int) -> None:
    """Last in this file: no error in the page, on stderr, or in the log of server and kernels."""
    assert probe.errors == []
    assert probe.kernel_errors() == []
    log = lab.log.read_text()[log_before:]
    assert not re.search(r"(?m)Traceback|Error|exception|\[[EC] .*\] (?!$)", log), log
