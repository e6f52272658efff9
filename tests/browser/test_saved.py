"""What is left of the figures when their kernel has ended.

In a file of its own: a kernel that is restarted may complain in the server's log as it goes (ipykernel: "Event loop is
closed"), and test_widgets.py wants that log empty.
"""

from __future__ import annotations

import shutil

from lab import Lab


def test_a_figure_whose_kernel_has_ended_says_so_and_a_saved_notebook_shows_the_still(lab: Lab) -> None:
    shutil.copy(lab.root / "probe.ipynb", lab.root / "saved.ipynb")
    with lab.notebook("saved.ipynb") as notebook:
        notebook.run_all()
        notebook.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        notebook.page.wait_for_timeout(1000)
        notebook.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        panel = notebook.panels()[0].place
        notebook.page.wait_for_function("panel => panel.classList.contains('jupyter-widgets-disconnected')", arg=panel.element_handle())
        said = panel.evaluate("panel => getComputedStyle(panel, '::before').content")
        assert "Run All Above Selected Cell" in said
        notebook.page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")
    with lab.notebook("saved.ipynb") as notebook:
        stills = notebook.page.locator(".jp-RenderedImage img")
        assert stills.count() == 6
        notebook.page.reload()                      # now a kernel runs, but not the one that made these widgets
        notebook.wait_until_open()
        stills.nth(5).wait_for(state="attached")
        assert stills.count() == 6
        assert "Error displaying widget" not in notebook.page.locator(".jp-Notebook").inner_text()
        assert notebook.run_all() == []
        assert len(notebook.panels()) == 6
