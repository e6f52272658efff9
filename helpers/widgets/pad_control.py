"""A pad to draw on as one control of explore()."""

from __future__ import annotations

from typing import Any

import ipywidgets as W
import traitlets

from helpers.widgets.pad import SEVEN, Pad

Stroke = tuple[tuple[float, float], ...]
SIX = [[[0.62, 0.12], [0.45, 0.3], [0.34, 0.55], [0.36, 0.78], [0.52, 0.86], [0.66, 0.76], [0.66, 0.6], [0.52, 0.54], [0.36, 0.68]]]
FOUR = [[[0.35, 0.15], [0.28, 0.5], [0.7, 0.5]], [[0.62, 0.2], [0.6, 0.85]]]
DRAWN = {"a six": SIX, "a seven": SEVEN, "a four": FOUR}


def frozen(strokes: Any) -> tuple[Stroke, ...]:
    """Lists of points as tuples, which can be compared and kept as keys."""
    return tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in strokes)


class PadControl(W.HBox):
    """A small pad, a list of ready drawings and a button that clears it; ``value`` is what is drawn: strokes of points (x, y)."""

    value = traitlets.Tuple()

    def __init__(self) -> None:
        self._options_full = [(name, frozen(strokes)) for name, strokes in DRAWN.items()]
        self.pad = Pad(strokes=SIX, layout={"width": "150px"})
        self.ready = W.Dropdown(options=[(name, i) for i, name in enumerate(DRAWN)], description="start from", tooltip="a ready drawing",
                                style={"description_width": "70px"}, layout={"width": "190px"})
        clear = W.Button(description="Clear", icon="eraser", tooltip="wipe the pad and draw your own", layout={"width": "110px"})
        super().__init__([self.pad, W.VBox([self.ready, clear])], layout=W.Layout(width="min(480px, 100%)"))
        self.value = frozen(SIX)
        self.ready.observe(lambda change: self.set_trait("value", self._options_full[change["new"]][1]), "value")
        clear.on_click(lambda _: self.set_trait("value", ()))
        self.pad.observe(self._drawn, "strokes")

    def _drawn(self, change: dict[str, Any]) -> None:
        self.value = frozen(change["new"])

    @traitlets.observe("value")
    def _put(self, change: dict[str, Any]) -> None:
        """The pad shows what was chosen from the list."""
        if frozen(self.pad.strokes) != change["new"]:
            self.pad.strokes = [[list(point) for point in stroke] for stroke in change["new"]]
