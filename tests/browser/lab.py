"""Drive a real JupyterLab in headless Chromium: start the server, open a notebook, run it, press and drag.

    with Lab(copy_of_course(tmp)) as lab, lab.notebook("chapters/01a_neuron.ipynb") as page:
        assert page.run_all() == []

Everything happens in a copy of the course, so that no notebook and no learner's file is touched.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from panel import Panel

if TYPE_CHECKING:       # without playwright this module can still be imported, to say what is missing
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]
#: What git ignores, or what a kernel does not need.
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "progress*.json", "*.part")
#: Console errors that say nothing about the course; each with the reason why it is tolerated.
HARMLESS: Mapping[str, str] = {}

WATCH_KERNEL = """() => {
    window.kernelErrors = [];
    jupyterapp.shell.currentWidget.sessionContext.session.kernel.iopubMessage.connect((_, message) => {
        const type = message.header.msg_type, content = message.content;
        if (type === 'error') kernelErrors.push(content.ename + ': ' + content.evalue);
        if (type === 'stream' && content.name === 'stderr') kernelErrors.push(content.text);
    });
}"""
#: Every cell has run; or one has raised, and those below it were not begun.
ALL_DONE = """() => {
    const w = jupyterapp.shell.currentWidget, code = w.content.widgets.map(c => c.model).filter(m => m.type === 'code' && m.sharedModel.getSource().trim());
    const raised = m => m.toJSON().outputs.some(o => o.output_type === 'error') && !(m.getMetadata('tags') ?? []).includes('raises-exception');
    return w.sessionContext.session.kernel.status === 'idle'
        && (code.every(m => m.executionState === 'idle' && m.executionCount) || code.some(raised));
}"""


def missing() -> str:
    """What a browser test lacks on this machine; "" if nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install -e '.[browser]'"
    return "" if CHROMIUM else "no Chromium on this machine: apt-get install chromium"


def course() -> ModuleType:
    """course.py itself: the tests start JupyterLab with the command and the environment that it would give."""
    spec = importlib.util.spec_from_file_location("course", ROOT / "course.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_of_course(folder: Path) -> Path:
    """A copy of the course in folder, without what git ignores."""
    return Path(shutil.copytree(ROOT, folder / "course", ignore=NOT_COPIED))


def make_fast(path: Path) -> None:
    """Set FAST in a notebook: what a browser looks at does not depend on how long was trained, and nbval ran it whole."""
    nb = json.loads(path.read_text("utf-8"))
    for cell in nb["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = "".join(cell["source"]).replace("FAST = False", "FAST = True")
    path.write_text(json.dumps(nb), "utf-8")


class Notebook:
    """A notebook that is open in the browser, with what went wrong in it."""

    def __init__(self, page: Page, path: str = "") -> None:
        self.page, self.stem = page, Path(path).stem
        self.seconds = 0.0                  # that Run All took
        self.opened = time.monotonic()
        self.errors: list[str] = []         # of the page and of its console
        self.hosts: set[str] = set()        # that the page asked for anything
        page.on("request", lambda request: self.hosts.add(re.sub(r"^(\w+:/?/?[^/:]*).*", r"\1", request.url)))
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(re.search(pattern, message.text) for pattern in HARMLESS):
            self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    def wait_until_open(self, timeout: float = 60) -> None:
        """Until the notebook is drawn and its kernel idle; from then on the kernel's messages are watched."""
        self.page.wait_for_function("() => window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')", timeout=timeout * 1e3)
        self.page.wait_for_function("() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=timeout * 1e3)
        self.page.evaluate(WATCH_KERNEL)

    def run_all(self, timeout: float = 180) -> list[str]:
        """Run all cells; what they raised and wrote to stderr (nothing, if all is well)."""
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        self.page.wait_for_function(ALL_DONE, timeout=timeout * 1e3)
        return self.kernel_errors()

    def kernel_errors(self) -> list[str]:
        """Every error and every line on stderr since the notebook was opened, whether a cell shows it or not."""
        return list(self.page.evaluate("() => kernelErrors"))

    def execute(self, code: str, expression: str = "None") -> tuple[Any, float]:
        """Run code in the kernel, as a cell does, without leaving a cell; the expression's repr, and the milliseconds."""
        found: Any = self.page.evaluate("""async ([code, expression]) => {
            const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel, started = performance.now();
            const reply = await kernel.requestExecute({code, user_expressions: {it: expression}, store_history: false}).done;
            return [reply.content.user_expressions?.it?.data?.['text/plain'] ?? JSON.stringify(reply.content), performance.now() - started];
        }""", [code, expression])
        return found[0], float(found[1])

    def cells(self) -> list[dict[str, Any]]:
        """The cells as they stand: source, tags, and all text of the outputs, without its colours."""
        found: list[dict[str, Any]] = self.page.evaluate("""() => jupyterapp.shell.currentWidget.content.widgets.map(w => {
            const cell = w.model.toJSON(), text = o => [o.text ?? o.data?.['text/plain'] ?? o.evalue ?? ''].flat().join('').replace(/\\x1b\\[[0-9;]*m/g, '');
            return {source: [cell.source].flat().join(''), tags: cell.metadata.tags ?? [], text: (cell.outputs ?? []).map(text).join('\\n')};
        })""")
        return found

    def type_into(self, index: int, text: str) -> None:
        """Click into a cell's editor, replace what stands there, and run it and the cell below it, as a learner does."""
        self.page.evaluate("i => { jupyterapp.shell.currentWidget.content.activeCellIndex = i }", index)
        editor = self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active .cm-content")
        editor.scroll_into_view_if_needed()
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        counts = [self.execution_count(i) for i in (index, index + 1)]
        self.page.keyboard.press("Shift+Enter")
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function("""([index, counts]) => counts.every((count, i) => {
            const model = jupyterapp.shell.currentWidget.content.widgets[index + i].model;
            return model.executionState === 'idle' && model.executionCount && model.executionCount !== count;
        })""", arg=[index, counts], timeout=60e3)

    def execution_count(self, index: int) -> int | None:
        """The number in a cell's brackets."""
        count: int | None = self.page.evaluate("i => jupyterapp.shell.currentWidget.content.widgets[i].model.executionCount", index)
        return count

    def panels(self) -> list[Panel]:
        """The interactive figures, in order."""
        return [Panel(self.page, place) for place in self.page.locator(".course-panel").all()]


class Lab:
    """JupyterLab as ``python3 course.py lab`` starts it, and a browser beside it.

    Parameters
    ----------
    root : Path
        The copy of the course: the server's folder, and where kernels import ``helpers`` from.
    size : (int, int)
        Of the browser's window, in pixels.
    """

    def __init__(self, root: Path, size: tuple[int, int] = (1280, 900)) -> None:
        self.root, self.size = root, size
        self._stack = contextlib.ExitStack()
        self.browser: Browser
        self.url: str                       # with the token, as a learner is given it
        self.log: Path                      # what the server and its kernels write
        self.server: dict[str, Any]         # what the server says of itself

    def __enter__(self) -> Lab:
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True)))
        self.log = home / "lab.log"
        from playwright.sync_api import sync_playwright

        start = course()
        env = {**start.environment("lab"), "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"),
               "JUPYTER_RUNTIME_DIR": str(home / "data" / "runtime"),
               "OMP_NUM_THREADS": "1",
               "PYTHONPATH": os.pathsep.join(filter(None, [str(self.root), os.environ.get("PYTHONPATH")]))}
        env.pop("COURSE_STRICT", None)      # as a learner has it, not as the tests do
        root_user = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        out = self._stack.enter_context(self.log.open("w"))
        command = [str(start.PYTHON), *start.COMMANDS["lab"], "--no-browser", "--ServerApp.port=0", "--LabApp.expose_app_in_browser=True", *root_user]
        server = subprocess.Popen(command, cwd=self.root, env=env, stdout=out, stderr=subprocess.STDOUT)
        self._stack.callback(self._stop, server)
        try:
            self.url = self._wait_for_url(server)
            self.server = json.loads(next((home / "data" / "runtime").glob("jpserver-*.json")).read_text())
            playwright = self._stack.enter_context(sync_playwright())
            self.browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
            self._stack.callback(self.browser.close)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    @staticmethod
    def _stop(server: subprocess.Popen[bytes]) -> None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()

    def _wait_for_url(self, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end and server.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:\d+/\S*\?token=\w+", self.log.read_text())
            if found:
                return found[0]
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def address(self, path: str, mode: str = "doc") -> str:
        """Of a file: mode "doc" shows it alone, "lab" with file browser and menus."""
        base, token = re.split(r"/lab[^?]*\?", self.url)
        return f"{base}/{mode}/tree/{path}?reset&{token}"

    @contextlib.contextmanager
    def page(self, url: str, path: str = "", **options: Any) -> Iterator[Notebook]:
        """A new page in a fresh browser profile."""
        context = self.browser.new_context(viewport={"width": self.size[0], "height": self.size[1]}, **options)
        try:
            page = Notebook(context.new_page(), path)
            page.page.goto(url, wait_until="domcontentloaded")
            yield page
        finally:
            context.close()

    @contextlib.contextmanager
    def notebook(self, path: str, **options: Any) -> Iterator[Notebook]:
        """A notebook, alone on its page, with a kernel; the kernel ends with it."""
        with self.page(self.address(path), path, **options) as notebook:
            notebook.wait_until_open()
            try:
                yield notebook
            finally:
                with contextlib.suppress(Exception):
                    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
