"""An interactive figure on the page, as the tests see and move it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

#: What the reader sees of a panel: the picture's address, which is another for each new picture, and the words.
LOOKS = """panel => [panel.querySelector('img.widget-image')?.src ?? '',
    [...panel.querySelectorAll('[role=status], [role=alert]')].map(words => words.innerText).join(' ')]"""
#: In the page, so that nothing is waited for longer than it takes: until the looks are others, until the words are these, until all stands still.
CHANGES = f"""(panel, [before, ms]) => new Promise(done => {{
    const end = performance.now() + ms, looks = {LOOKS};
    const look = () => {{
        const now = looks(panel);
        if (now[0] !== before[0] || now[1] !== before[1]) done(true);
        else if (performance.now() > end) done(false);
        else setTimeout(look, 8);
    }};
    look();
}})"""
SAYS = f"""(panel, [words, ms]) => new Promise(done => {{
    const end = performance.now() + ms, looks = {LOOKS};
    const look = () => {{ const found = looks(panel)[1].includes(words); if (found || performance.now() > end) done(found); else setTimeout(look, 8); }};
    look();
}})"""
SETTLES = f"""(panel, [quiet, ms]) => new Promise(done => {{
    const end = performance.now() + ms, looks = {LOOKS};
    let last = looks(panel), since = performance.now();
    const look = () => {{
        const now = looks(panel), time = performance.now();
        if (now[0] !== last[0] || now[1] !== last[1]) {{ last = now; since = time; }}
        if (time - since >= quiet || time > end) done(); else setTimeout(look, 16);
    }};
    look();
}})"""


class Panel:
    """One interactive figure: its controls, its picture, its state in words."""

    def __init__(self, page: Page, place: Locator) -> None:
        self.page, self.place = page, place
        self.handles = place.locator(".noUi-handle")
        self.picture = place.locator("img.widget-image")
        self.start = self.button("Start|Pause")
        self.pad = place.locator("canvas.course-pad")
        self.dropdowns = place.locator("select")
        self.texts = place.locator("input[type=text]")
        self.checkboxes = place.locator("input[type=checkbox]")
        self.buttons = place.locator("button.widget-button")

    def button(self, name: str) -> Locator:
        """The button that says name (a regular expression); its icon is a letter too, so it has no exact name."""
        return self.place.locator("button.widget-button").filter(has_text=re.compile(rf"^\s*({name})\s*$"))

    @property
    def kind(self) -> str:
        """"live", "pad" (it asks for digits), "drawing" (a pad that is one control of a figure), "sketch", "order", "review", "explorer" or "question"."""
        if self.start.count():
            return "live"
        for kind, mark in (("pad", "canvas.course-pad"), ("sketch", "canvas.course-sketch"), ("order", ".course-order"), ("explorer", "img.widget-image")):
            if self.place.locator(mark).count():
                return "drawing" if kind == "pad" and not self.button("Start again").count() else kind
        return "review" if self.title == "review" else "question"

    @property
    def status(self) -> str:
        return " ".join(self.place.locator("[role=status], [role=alert]").all_inner_texts())

    @property
    def alert(self) -> str:
        """The error that it shows; "" if none."""
        return " ".join(self.place.locator("[role=alert]").all_inner_texts())

    @property
    def title(self) -> str:
        return self.place.get_attribute("aria-label") or "?"

    @property
    def looks(self) -> tuple[str, str]:
        """What the reader sees of it: the picture's address, which is another for each new picture, and the words."""
        source, words = self.place.evaluate(LOOKS)
        return source, words

    def changes(self, before: tuple[str, str], seconds: float = 5) -> bool:
        """Whether the picture or the words become other than before."""
        return bool(self.place.evaluate(CHANGES, [list(before), 1e3 * seconds]))

    def says(self, words: str, seconds: float = 10) -> bool:
        """Whether these words are among those it shows, soon."""
        return bool(self.place.evaluate(SAYS, [words, 1e3 * seconds]))

    def settle(self, quiet: float = 0.3, seconds: float = 30) -> None:
        """Wait until the picture and the words have stood still for a while."""
        self.place.evaluate(SETTLES, [1e3 * quiet, 1e3 * seconds])

    def in_sight(self, what: Locator, seconds: float = 10) -> FloatRect:
        """Scroll until it stands still in the window, and say where: outputs above that still grow push it out again."""
        end, last = time.monotonic() + seconds, None
        while time.monotonic() < end:
            what.scroll_into_view_if_needed()
            box = what.bounding_box()
            if box is not None and box == last:
                return box
            last = box
            self.page.wait_for_timeout(150)
        raise AssertionError(f"{self.title}: it does not stand still, last at {last}")

    def name_of(self, control: Locator) -> str:
        """The label beside a control."""
        return control.locator("xpath=ancestor-or-self::*[contains(@class,'widget-inline-hbox')]").locator("label").first.text_content() or ""

    def drag(self, handle: Locator, steps: int = 4, pause: float = 0) -> None:
        """Drag a slider with the mouse towards its farther end, over 40 % of its length."""
        handle.scroll_into_view_if_needed()
        box, track = handle.bounding_box(), handle.locator("xpath=ancestor::*[contains(@class,'noUi-target')]").bounding_box()
        assert box is not None
        assert track is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        way = 0.4 * track["width"] * (1 if x < track["x"] + track["width"] / 2 else -1)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for i in range(1, steps + 1):
            self.page.mouse.move(x + way * i / steps, y)
            if pause:
                self.page.wait_for_timeout(pause)
        self.page.mouse.up()

    def drag_in_picture(self, *places: tuple[float, float], pause: float = 60) -> None:
        """Press the mouse at the first place in the picture (shares from its left and its top), and move on to the others."""
        self.picture.scroll_into_view_if_needed()
        box = self.picture.bounding_box()
        assert box is not None
        for i, (across, down) in enumerate(places):
            self.page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
            if i == 0:
                self.page.mouse.down()
            self.page.wait_for_timeout(pause)
        self.page.mouse.up()

    def count_pictures(self, seconds: float) -> int:
        """How many different pictures are shown in so many seconds."""
        image = self.picture.element_handle()
        assert image is not None
        return int(image.evaluate("""(image, ms) => new Promise(done => {
            const seen = new Set(), look = () => { seen.add(image.src); if (performance.now() < end) requestAnimationFrame(look); else done(seen.size - 1) };
            const end = performance.now() + ms; look();
        })""", 1e3 * seconds))
