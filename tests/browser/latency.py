"""How long a figure takes to answer, as an eye sees it: from the key or the mouse to the new picture on the page.

    .venv/bin/python tests/browser/latency.py      prints the figures and writes build/latency.json
"""

from __future__ import annotations

import json
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import ROOT, Lab, Notebook, copy_of_course
from probe import write_probe

WATCH = """image => {
    window.shown = []; window.pressed = [];
    image.addEventListener('load', () => requestAnimationFrame(() => shown.push(performance.now())));
    document.addEventListener('keydown', () => pressed.push(performance.now()), true);
}"""
#: To and fro, a move each 16 ms. Made in the page: the driver's own mouse manages 9 to 20 moves a second.
DRAG = """async ([handle, length]) => {
    const box = handle.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
    const send = (target, type, dx) => target.dispatchEvent(new MouseEvent(type,
        {bubbles: true, cancelable: true, view: window, button: 0, buttons: type === 'mouseup' ? 0 : 1, clientX: x + dx, clientY: y}));
    const page = document.documentElement, begun = performance.now();
    let moves = 0;
    send(handle, 'mousedown', 0);
    await new Promise(done => {
        const timer = setInterval(() => {
            const passed = performance.now() - begun;
            if (passed >= length) { clearInterval(timer); done(); return; }
            send(page, 'mousemove', 50 * Math.abs((passed / 1e3) % 2 - 1) - 50);
            moves += 1;
        }, 16);
    });
    send(page, 'mouseup', 0);
    return [begun, performance.now(), moves];
}"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds from a key press to the new picture; redraws and moves of the mouse a second in a drag; milliseconds it lags at its end."""

    median_ms: float
    p95_ms: float
    redraws_per_second: float
    moves_per_second: float
    settled_after_ms: float

    def __str__(self) -> str:
        return (f"key to picture {self.median_ms:.0f} ms (median), {self.p95_ms:.0f} ms (95th percentile; aim 100); "
                f"{self.redraws_per_second:.1f} redraws a second in a drag (aim 20) of {self.moves_per_second:.0f} moves a second, the last one {self.settled_after_ms:.0f} ms after the mouse")


def measure(notebook: Notebook, presses: int = 40, seconds: float = 3.0) -> Latency:
    """Measure the first figure of the probe notebook, which has been run."""
    page, panel = notebook.page, notebook.panels()[0]
    handle, image = panel.handles.first, panel.picture.element_handle()
    assert image is not None
    image.evaluate(WATCH)
    handle.scroll_into_view_if_needed()
    handle.focus()
    waits = []
    for i in range(presses + 3):
        page.evaluate("() => { shown.length = pressed.length = 0 }")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => shown.length > 0", timeout=5000)
        page.wait_for_timeout(100)
        if i >= 3:                          # the first ones paint the background
            waits.append(float(page.evaluate("() => shown[0] - pressed[0]")))
    page.evaluate("() => { shown.length = 0 }")
    begun, released, moves = page.evaluate(DRAG, [handle.element_handle(), 1e3 * seconds])
    page.wait_for_timeout(700)
    shown = page.evaluate("() => shown")
    during, length = [t for t in shown if t <= released], (released - begun) / 1e3
    return Latency(statistics.median(waits), statistics.quantiles(waits, n=20)[-1],
                   len(during) / length, moves / length, max(0.0, max(shown) - released))


def report(latency: Latency) -> None:
    """Write build/latency.json."""
    path = ROOT / "build" / "latency.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({k: round(v, 1) for k, v in asdict(latency).items()}, indent=1) + "\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        root = copy_of_course(Path(folder))
        write_probe(root / "probe.ipynb")
        with Lab(root) as lab, lab.notebook("probe.ipynb") as notebook:
            notebook.run_all()
            found = measure(notebook)
    report(found)
    print(found)
