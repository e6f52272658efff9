"""JupyterLab as a learner of this course meets it; course.py puts this folder on JUPYTER_CONFIG_PATH.

A learner's own settings in ~/.jupyter still win over these.
"""

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

WIDGET = "application/vnd.jupyter.widget-view+json"


class Contents(AsyncLargeFileManager):
    """A saved notebook without its kernel shows the stills: JupyterLab would prefer widgets that no longer exist."""

    async def get(self, path: str, content: bool = True, *args: Any, **kwargs: Any) -> Any:
        model = await super().get(path, content, *args, **kwargs)
        if content and model["type"] == "notebook" and self.parent is not None:
            running = {session["path"] for session in await self.parent.session_manager.list_sessions()}
            if model["path"] not in running:
                for cell in model["content"]["cells"]:
                    for output in cell.get("outputs", []):
                        if len(output.get("data", {})) > 1:
                            output["data"].pop(WIDGET, None)
        return model


c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.LabApp.default_url = "/lab/tree/README.md"        # shown rendered: see labconfig/default_setting_overrides.json
c.LabApp.news_url = None                            # no question about news, and nothing asked of the network
c.LabApp.extension_manager = "readonly"             # nor of PyPI
c.ServerApp.ip = "127.0.0.1"                        # this machine alone; the token stays on
c.ServerApp.contents_manager_class = Contents
c.ContentsManager.hide_globs = [
    # What is built or cached.
    "__pycache__", "*.pyc", "*.egg-info", "build", "dist", "*.part",
    # What makes the course. It all stays on the disk; CONTRIBUTING.md says what it is for.
    "source", "helpers", "tools", "tests", "benchmarks", "conftest.py", "course.py",
    "pyproject.toml", "constraints.txt", "environment.yml", "postBuild",
]
