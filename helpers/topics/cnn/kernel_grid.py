"""Nine sliders in a square: a 3×3 kernel as one control of explore()."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as W
import traitlets

#: Ready kernels, row by row. No vertical edges among them: that one is the reader's to find.
PRESETS: Mapping[str, tuple[float, ...]] = {
    "horizontal edges": (-1, -2, -1, 0, 0, 0, 1, 2, 1),
    "identity": (0, 0, 0, 0, 1, 0, 0, 0, 0),
    "blur": (0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1),
    "sharpen": (0, -0.5, 0, -0.5, 3, -0.5, 0, -0.5, 0),
    "outline": (0, -0.5, 0, -0.5, 2, -0.5, 0, -0.5, 0),
    "all zero": (0, 0, 0, 0, 0, 0, 0, 0, 0),
}
#: What the list says once a weight was moved by hand.
OWN = "your own"
_PLACES = (("↖", "above left"), ("↑", "above"), ("↗", "above right"), ("←", "left"), ("•", "in the middle"),
           ("→", "right"), ("↙", "below left"), ("↓", "below"), ("↘", "below right"))


class KernelGrid(W.VBox):
    """A list of ready kernels above nine sliders; ``value`` is the kernel, nine floats row by row.

    Parameters
    ----------
    presets : mapping of str to nine numbers
        The first one is the kernel to begin with.

    Raises
    ------
    ValueError
        If a kernel does not hold nine numbers from -3 to 3.
    """

    value = traitlets.Tuple()

    def __init__(self, presets: Mapping[str, Sequence[float]] = PRESETS) -> None:
        for name, kernel in presets.items():
            if len(kernel) != 9 or not all(-3 <= w <= 3 for w in kernel):
                raise ValueError(f"kernel {name!r} must hold nine numbers from -3 to 3, got {tuple(kernel)}")
        self._options_full = [(name, tuple(map(float, kernel))) for name, kernel in presets.items()]
        self._quiet = False
        self.ready = W.Dropdown(options=[(OWN, OWN), *self._options_full], value=self._options_full[0][1], description="start from", tooltip="set all nine weights at once",
                                style={"description_width": "150px"}, layout={"width": "min(480px, 100%)"})
        self.sliders = [
            W.FloatSlider(value=weight, min=-3, max=3, step=0.1, description=arrow, tooltip=f"weight of the pixel {place}",
                          readout_format=".1f", style={"description_width": "18px"}, layout={"width": "100%"})
            for weight, (arrow, place) in zip(self._options_full[0][1], _PLACES, strict=True)]
        square = W.GridBox(self.sliders, layout=W.Layout(grid_template_columns="repeat(3, minmax(120px, 1fr))", width="100%"))
        super().__init__([self.ready, square], layout=W.Layout(width="100%"))
        self.value = self._options_full[0][1]
        self.ready.observe(self._chosen, "value")
        for slider in self.sliders:
            slider.observe(self._slid, "value")

    def _chosen(self, change: dict[str, Any]) -> None:
        if change["new"] != OWN:
            self.value = change["new"]

    def _slid(self, _change: object) -> None:
        if not self._quiet:
            self.value = tuple(round(s.value, 2) for s in self.sliders)

    @traitlets.observe("value")
    def _put(self, change: dict[str, tuple[float, ...]]) -> None:
        """All nine sliders follow a ready kernel at once: one change of value, one redraw."""
        self._quiet = True
        try:
            for slider, weight in zip(self.sliders, change["new"], strict=True):
                if round(slider.value, 2) != round(weight, 2):      # a slider that is held says 1.7999…: to answer 1.8 would pull it back
                    slider.value = weight
        finally:
            self._quiet = False
        self.ready.value = next((kernel for _, kernel in self._options_full if kernel == tuple(change["new"])), OWN)     # so it can be chosen again
