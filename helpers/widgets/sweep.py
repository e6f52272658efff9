"""For the tests: move every control of every panel that this kernel has made."""

from __future__ import annotations

import json

from helpers.widgets.panel import PANELS


def sweep_all() -> None:
    """Move all controls, and print one line of JSON with the milliseconds of each move.

    Raises what a callback raises.
    """
    rows = [
        {"panel": panel.name, "kind": type(panel).__name__, "control": control, "value": str(value), "milliseconds": round(ms, 2)}
        for panel in list(PANELS)
        for control, value, ms in panel.sweep()
    ]
    print(json.dumps(rows))
