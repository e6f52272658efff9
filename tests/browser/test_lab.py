"""What a learner meets first: ``python3 course.py lab``."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from lab import ROOT, Lab, Notebook

LINKS = ".jp-RenderedMarkdown a[href*='.ipynb']"


@pytest.fixture(scope="module")
def start(lab: Lab) -> Iterator[Notebook]:
    with lab.page(f"{lab.url}&reset") as page:         # as on the first day: other tests have left their layout behind
        page.page.wait_for_selector(".jp-RenderedMarkdown h1", timeout=15e3)
        page.page.wait_for_selector(".jp-DirListing-item", timeout=30e3)
        page.page.evaluate("() => jupyterapp.restored")
        page.page.wait_for_load_state("networkidle")        # what is slow to pop up has popped up
        yield page


def test_the_start_page_is_shown_and_nothing_asks(start: Notebook) -> None:
    if os.environ.get("COURSE_SCREENSHOTS") == "1":
        folder = ROOT / "build" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        start.page.screenshot(path=str(folder / "start.png"))
    assert start.page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert start.errors == []


def test_the_picture_of_the_start_page_is_there(start: Notebook) -> None:
    start.page.wait_for_function("""() => {
        const pictures = [...document.querySelectorAll('.jp-RenderedMarkdown img')];
        return pictures.length > 0 && pictures.every(picture => picture.naturalWidth > 0 && picture.alt.length > 20);
    }""", timeout=10e3)


def test_nothing_is_asked_of_the_network(start: Notebook) -> None:
    assert {host for host in start.hosts if not host.startswith(("blob", "data"))} == {"http://127.0.0.1"}


def test_the_file_browser_shows_what_a_learner_needs(start: Notebook) -> None:
    names = set(start.page.locator(".jp-DirListing-itemText").all_inner_texts())
    assert names >= {"START.md", "README.md", "chapters", "solutions"}
    assert not {name for name in names if name.endswith((".py", ".toml", ".yml", ".egg-info"))}
    assert not names & {"source", "helpers", "tools", "tests", "benchmarks", "docs", "build", "constraints.txt"}


def test_links_of_the_start_page_open_notebooks(start: Notebook, lab: Lab) -> None:
    addresses = [link.get_attribute("href") or "" for link in start.page.locator(LINKS).all()]
    paths = [found[1] for a in addresses if (found := re.search(r"/files/([^?]+\.ipynb)", a))]
    assert paths, "the start page links to no notebook"
    assert len(paths) == len(addresses)
    assert [p for p in paths if not (lab.root / p).exists()] == []
    start.page.locator(LINKS).first.click()
    start.page.wait_for_function("path => jupyterapp.shell.currentWidget?.context?.path === path", arg=paths[0], timeout=30e3)
    start.page.wait_for_selector(".jp-Notebook .jp-Cell")
    assert start.errors == []


def test_the_start_page_says_where_to_go_on(lab: Lab) -> None:
    (lab.root / "progress.json").write_text('{"version": 2, "solved": {"0.1": {"date": "2026-01-01", "source": "x"}}}', "utf-8")
    with lab.page(f"{lab.url}&reset") as again:
        again.page.wait_for_selector(".jp-RenderedMarkdown h2:has-text('Go on: 00')", timeout=15e3)
        assert again.page.locator("td:has-text('■□□□')").count() == 1
    assert "■" not in (lab.root / "START.md").read_text("utf-8").split("## The lessons")[1].split("|---")[1]


def test_the_server_listens_to_this_machine_and_asks_for_its_token(lab: Lab) -> None:
    assert lab.server["hostname"] == "127.0.0.1"
    assert len(lab.server["token"]) >= 32
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{lab.server['url']}api/contents", timeout=5)


def test_a_fresh_kernel_knows_widgets_before_the_page_asks(lab: Lab) -> None:
    """Else it answers the page's greeting with "No such comm target registered" on stderr, when it comes late enough."""
    with lab.notebook("probe.ipynb") as notebook:
        found, _ = notebook.execute("", "'jupyter.widget.control' in get_ipython().kernel.comm_manager.targets")
        assert found == "True"
    assert "No such comm" not in lab.log.read_text()
