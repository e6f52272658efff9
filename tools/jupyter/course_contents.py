"""Notebooks of the course on their way between disk and page.

On the disk a notebook holds the outputs that it was delivered with: repository pages show them and the tests compare
them. A learner is to predict first, so a delivered output is left out of the page until its cell has been run, and put
back when the notebook is saved. What is done to a notebook on its way in is undone on its way out: only what the
learner changes changes on the disk.
"""

from __future__ import annotations

import asyncio
import copy
import platform
import sys
from pathlib import Path
from typing import Any

import start_page
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

WIDGET = "application/vnd.jupyter.widget-view+json"
#: In a cell's metadata: its outputs are those that the course was delivered with. The build writes it.
DELIVERED = "delivered"
#: The folders whose notebooks are the course's own: their outputs are trusted, also those of one that was run half-way.
OWN = ("chapters", "solutions")
#: What a kernel of this Python says of its language. JupyterLab writes it into each notebook that it opens, and would
#: save it to the disk; a notebook that says so already is left as it is.
LANGUAGE = {
    "name": "python", "version": platform.python_version(), "mimetype": "text/x-python", "file_extension": ".py",
    "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]}, "pygments_lexer": "ipython3", "nbconvert_exporter": "python",
}
Notebook = dict[str, Any]


def for_page(nb: Notebook, alive: set[str] | None, *, own: bool) -> None:
    """Make of what lies on the disk what the page is to show.

    Parameters
    ----------
    nb : notebook, changed in place
    alive : set of str, or None
        The widgets that the notebook's kernel holds; None if they are not known, and each may be alive.
    own : bool
        Whether the notebook is one of the course's.
    """
    for cell in nb["cells"]:
        if cell["cell_type"] != "code":
            continue
        if cell["metadata"].get(DELIVERED):
            cell["outputs"], cell["execution_count"] = [], None
        for output in cell["outputs"]:
            data = output.get("data", {})
            if alive is not None and len(data) > 1 and data.get(WIDGET, {}).get("model_id") not in alive:
                data.pop(WIDGET, None)              # the still stays: the page would say "model not found"
        if own:
            cell["metadata"]["trusted"] = True
    if nb["metadata"].get("language_info", {}).get("name") == "python":
        nb["metadata"]["language_info"] = dict(LANGUAGE)


def for_disk(nb: Notebook, before: Notebook | None) -> None:
    """Undo what :func:`for_page` did to cells that have not been run since.

    Parameters
    ----------
    nb : notebook, changed in place
    before : notebook, or None
        What lies on the disk.
    """
    if before is not None and "language_info" in before["metadata"] and "language_info" in nb["metadata"]:
        nb["metadata"]["language_info"] = before["metadata"]["language_info"]
    delivered = {cell.get("id"): cell for cell in (before or {"cells": []})["cells"] if cell["metadata"].get(DELIVERED)}
    for cell in nb["cells"]:
        if not cell["metadata"].get(DELIVERED):
            continue
        if cell["execution_count"] is not None or cell["outputs"]:
            del cell["metadata"][DELIVERED]         # run: from now on its outputs are the learner's
        elif cell.get("id") in delivered:
            there = delivered[cell["id"]]
            cell["outputs"], cell["execution_count"] = copy.deepcopy(there["outputs"]), there["execution_count"]


class Contents(AsyncLargeFileManager):
    """The contents of the course's folder, as a learner is to meet them."""

    _whole = 0                                      # above 0 while a notebook is copied as it is

    async def get(self, path: str, content: bool = True, *args: Any, **kwargs: Any) -> Any:
        model = await super().get(path, content, *args, **kwargs)
        if path.strip("/") == start_page.PAGE:
            model["writable"] = False                   # it shows the reader's progress, which does not belong on the disk
            if content and not self._whole:
                done = start_page.Done.of(Path(self._get_os_path("progress.json")))
                model["content"] = start_page.with_progress(model["content"], done)
        if content and not self._whole and model["type"] == "notebook":
            for_page(model["content"], await self._alive(model["path"]), own=model["path"].split("/")[0] in OWN)
        return model

    async def save(self, model: Any, path: str = "") -> Any:
        if model.get("type") == "notebook" and model.get("content"):
            for_disk(model["content"], await self._on_disk(path))
        return await super().save(model, path)

    async def copy(self, *args: Any, **kwargs: Any) -> Any:
        self._whole += 1
        try:
            return await super().copy(*args, **kwargs)
        finally:
            self._whole -= 1

    async def _on_disk(self, path: str) -> Notebook | None:
        if not Path(self._get_os_path(path.strip("/"))).is_file():
            return None
        model = await super().get(path, content=True, type="notebook")
        content: Notebook = model["content"]
        return content

    async def _alive(self, path: str) -> set[str] | None:
        """The widgets of the kernel that runs this notebook; an empty set where there is none."""
        if self.parent is None:
            return None
        kernels = [session["kernel"] for session in await self.parent.session_manager.list_sessions() if session["path"] == path and session["kernel"]]
        return await living_widgets(self.parent.kernel_manager, kernels[0]) if kernels else set()


async def living_widgets(manager: Any, kernel: dict[str, Any], seconds: float = 2.0) -> set[str] | None:
    """Ask a kernel which widgets it holds, on its control channel, which answers while a cell runs.

    Returns
    -------
    set of str, or None
        Their ids. None if the kernel is too busy to answer; an empty set if it has only just been started.
    """
    client = manager.get_kernel(kernel["id"]).client()
    client.start_channels(shell=False, iopub=False, stdin=False, hb=False, control=True)
    try:
        message = client.session.msg("comm_info_request", {"target_name": "jupyter.widget"})
        client.control_channel.send(message)
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            reply = await client.control_channel.get_msg(timeout=left)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return set(reply["content"].get("comms", {}))
    except Exception:                               # queue.Empty when the time is over; a kernel that ends meanwhile
        pass
    finally:
        client.stop_channels()
    return None if kernel.get("execution_state") == "busy" else set()
