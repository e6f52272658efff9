"""Chapter 03: what a forecaster gets, and the plain rules that it must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import Ridge

from helpers.data.series import Setting, windows

#: Among these strengths ridge's is chosen, on the validation part.
STRENGTHS = (1, 10, 30, 100, 300, 1000)


@dataclass(frozen=True)
class Windows:
    """Windows of departures from the average, in units of their standard deviation in the training part.

    x float32 (N, width), y float32 (N, 1); at int64 (N,): where in the series each target lies; scale: that standard
    deviation; train, val, test: bool (N,).
    """

    x: torch.Tensor
    y: torch.Tensor
    at: np.ndarray
    scale: float
    train: np.ndarray
    val: np.ndarray
    test: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """The departures to be forecast, in the unit of the series: (N,)."""
        return self.scale * self.y[:, 0].numpy()

    @property
    def last(self) -> np.ndarray:
        """The last departure of each window, in the unit of the series: (N,)."""
        return self.scale * self.x[:, -1].numpy()


def prepare(s: Setting, horizon: int) -> Windows:
    """Cut a series into windows; average and scale come from its training part alone."""
    odd = s.values - s.average
    scale = float(odd[:s.first_val].std())
    x, y, at = windows((odd / scale).astype("float32"), s.width, horizon)
    return Windows(torch.tensor(x), torch.tensor(y)[:, None], at, scale,
                   at < s.first_val, (at >= s.first_val) & (at < s.first_test), at >= s.first_test)


def damping(w: Windows) -> float:
    """The factor a for which a · (departure now) comes nearest to the departure to come, by least squares on the training part."""
    now, later = w.last[w.train], w.truth[w.train]
    return float(now @ later / (now @ now))


def plain_rules(s: Setting, horizon: int, cycle: int) -> dict[str, np.ndarray]:
    """Forecasts of all windows' departures, (N,) each, by rules of at most one fitted number.

    Parameters
    ----------
    cycle : int >= horizon
        "One cycle ago" repeats what was measured that many steps before the target.
    """
    if cycle < horizon:
        raise ValueError(f"one cycle ago must be known already: cycle {cycle} is shorter than the horizon {horizon}")
    w, odd = prepare(s, horizon), s.values - s.average
    before = np.maximum(w.at - cycle, 0)
    return {"average": np.zeros(len(w.at)), "as now": w.last, "damped": damping(w) * w.last, "one cycle ago": odd[before]}


def best_cycle(s: Setting, least: int, most: int) -> int:
    """The cycle, of least … most steps, with which "one cycle ago" errs least in the training part."""
    odd = (s.values - s.average)[:s.first_val]
    return min(range(least, most + 1), key=lambda k: float(np.abs(odd[k:] - odd[:-k]).mean()))


def ridge_on_changes(w: Windows) -> np.ndarray:
    """Ridge forecasts how much the departure will change: (N,), the last departure added; its strength is chosen on validation."""
    x, change = w.x.numpy(), (w.truth - w.last) / w.scale
    fits = [Ridge(strength).fit(x[w.train], change[w.train]) for strength in STRENGTHS]
    best = min(fits, key=lambda fit: float(np.abs(fit.predict(x[w.val]) - change[w.val]).mean()))
    return w.last + w.scale * best.predict(x)
