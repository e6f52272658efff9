"""JupyterLab as a learner of this course meets it; course.py puts this folder on JUPYTER_CONFIG_PATH.

A learner's own settings in ~/.jupyter still win over these.
"""

import mimetypes
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from course_contents import Contents

mimetypes.add_type("image/webp", ".webp")            # Python knows it from 3.13 on

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.LabApp.default_url = "/lab/tree/START.md"         # shown rendered: see labconfig/default_setting_overrides.json
c.LabApp.expose_app_in_browser = True             # a figure sees that its kernel was shut down (helpers/widgets/page.js)
c.LabApp.news_url = None                            # no question about news, and nothing asked of the network
c.LabApp.extension_manager = "readonly"             # nor of PyPI
c.ServerApp.ip = "127.0.0.1"                        # this machine alone; the token stays on
c.ServerApp.contents_manager_class = Contents
c.ContentsManager.hide_globs = [
    # What is built or cached.
    "__pycache__", "*.pyc", "*.egg-info", "build", "dist", "*.part",
    # What makes the course. It all stays on the disk; CONTRIBUTING.md says what it is for.
    "source", "helpers", "tools", "tests", "benchmarks", "docs", "conftest.py", "course.py",
    "pyproject.toml", "constraints.txt", "environment.yml", "postBuild",
]
