"""A pad beside the labelled pictures that look most like the drawing, by pixels and by features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display

from helpers.plots import picture_frame
from helpers.topics.features.scenes import NAMES, Lookup, mosaic
from helpers.widgets.controls import switch
from helpers.widgets.pad import SEVEN, Pad, rasterise, sweep_pad
from helpers.widgets.panel import Panel
from helpers.widgets.picture import Picture


class Lookalikes(Panel):
    """Draw; below each other stand the six nearest pictures by each kind of features."""

    def __init__(self, lookups: Mapping[str, Lookup], name: str, goal: str) -> None:
        self.lookups = dict(lookups)
        self.pad = Pad(strokes=SEVEN)
        self.centred = switch("centre the drawing", True, tip="as the stored digits are; else it stays where you drew it")
        clear = W.Button(description="Clear", icon="eraser", tooltip="wipe the pad", layout=W.Layout(width="136px"))
        clear.on_click(lambda _: self.clear())
        left = W.VBox([self.pad, clear, self.centred], layout=W.Layout(margin="0 8px 0 0"))
        fig, ax = plt.subplots(figsize=(5.2, 0.85 * len(self.lookups) + 0.5))
        self._picture = ax.imshow(np.ones((34 * len(self.lookups), 34 * 7, 3)), interpolation="nearest")
        picture_frame(ax, "your drawing, and the six that are nearest")
        ax.set(yticks=[17 + 34 * i for i in range(len(self.lookups))], yticklabels=list(self.lookups))
        super().__init__([], Picture(fig), name=name, goal=goal, beside=[left])
        self.update()
        self.pad.observe(lambda _: self._guarded(), "strokes")
        self.centred.observe(lambda _: self._guarded(), "value")

    def clear(self) -> None:
        """Wipe the pad."""
        self.pad.wipe()

    def update(self) -> None:
        """Look up what is drawn."""
        drawn = rasterise(self.pad.strokes, self.pad.thickness, self.centred.value)
        rows, names = [], {}
        for kind, lookup in self.lookups.items():
            if drawn.any():
                near = lookup.nearest(torch.from_numpy(drawn)[None, None])
                names[kind] = [NAMES[int(label)] for label in lookup.y[near]]
                rows.append([drawn, *lookup.x[near][:, 0].numpy()])
            else:
                rows.append([drawn] * 7)
        self._picture.set_data(mosaic(rows, [[None] * 7] * len(rows)))
        assert self.picture is not None
        self.picture.paint()
        counts = {kind: max(n.count(d) for d in NAMES) for kind, n in names.items()}
        self.reached = bool(counts) and max(counts.values()) == 6 and counts.get("pixels", 6) <= 3
        self.say("; ".join(f"by {kind}: {' '.join(n)}" for kind, n in names.items()) + "." if names else "The pad is empty.")

    def _guarded(self) -> None:
        try:
            self.update()
        except Exception as error:
            self.complain(error)

    def sweep(self) -> list[tuple[str, Any, float]]:
        return sweep_pad(self, self.pad, self.centred)


def lookalikes(lookups: Mapping[str, Lookup], *, name: str, goal: str = "") -> None:
    """Show a pad, and the stored pictures that look most like the drawing.

    Parameters
    ----------
    lookups : kind → Lookup
        All over the same pictures; "pixels" among them.
    name, goal : str
        As in :func:`helpers.widgets.explore`.
    """
    display(Lookalikes(lookups, name, goal))
