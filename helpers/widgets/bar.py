"""A progress bar with no clock in it, so that its stored text is the same in each run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import ipywidgets as W
from IPython.core.getipython import get_ipython
from IPython.display import display


@contextlib.contextmanager
def progress_bar(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    """A bar in a notebook, nothing elsewhere; gives a function to call with how many are done."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        yield lambda _: None
        return
    bar, label = W.IntProgress(max=total, layout={"width": "min(300px, 100%)"}), W.Label()

    def advance(done: int) -> None:
        bar.value, label.value = done, f"{done} of {total} {unit}"

    box = W.HBox([bar, label])
    data, metadata = _widget_bundle(box)
    data["text/plain"] = f"[progress: {total} {unit}]"
    display(data, metadata=metadata, raw=True)
    yield advance


def _widget_bundle(widget: W.Widget) -> tuple[dict[str, object], dict[str, object]]:
    bundle = widget._repr_mimebundle_()
    return bundle if isinstance(bundle, tuple) else (bundle, {})
