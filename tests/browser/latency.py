"""How long a figure takes to answer, as an eye sees it: from the key or the mouse to the new picture on the page.

    .venv/bin/python tests/browser/latency.py      prints the figures and writes build/latency.json
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lab import ROOT, Lab, Notebook, copy_of_course
from probe import write_probe

WATCH = """image => {
    window.shown = []; window.pressed = [];
    image.addEventListener('load', () => requestAnimationFrame(() => shown.push(performance.now())));
    document.addEventListener('keydown', () => pressed.push(performance.now()), true);
}"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds from a key press to the new picture; redraws a second in a drag; milliseconds it lags at its end."""

    median_ms: float
    p95_ms: float
    redraws_per_second: float
    settled_after_ms: float

    def __str__(self) -> str:
        return (f"key to picture {self.median_ms:.0f} ms (median), {self.p95_ms:.0f} ms (95th percentile; aim 100); "
                f"{self.redraws_per_second:.1f} redraws a second in a drag (aim 20), the last one {self.settled_after_ms:.0f} ms after the mouse")


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
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => { shown.length = 0; window.begun = performance.now() }")
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:       # to and fro, a move each 16 ms
        page.mouse.move(x + 50 * abs((passed % 2) - 1) - 50, y)
        page.wait_for_timeout(16)
    page.mouse.up()
    released = page.evaluate("() => performance.now()")
    page.wait_for_timeout(700)
    shown, first = page.evaluate("() => [shown, begun]")
    during = [t for t in shown if t <= released]
    return Latency(statistics.median(waits), statistics.quantiles(waits, n=20)[-1],
                   1e3 * len(during) / (released - first), max(0.0, max(shown) - released))


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
