"""Series in time: windows with a horizon, and measures of a forecast that a mere echo does not pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Setting:
    """A series and how it is forecast.

    Parameters
    ----------
    times, values : (T,) arrays
    first_val, first_test : int
        Where the validation and the test part begin: windows are told apart by where their target lies.
    width : int
        Values a window.
    period : int
        Steps a year, for the calendar (its first value is the year's first); 1 where there is none.
    unit, step : str
        Of the values ("°C") and of one step in time ("month").
    """

    times: np.ndarray
    values: np.ndarray
    first_val: int
    first_test: int
    width: int
    period: int
    unit: str
    step: str

    @property
    def average(self) -> np.ndarray:
        """What is usual at each place, by the training part alone: its mean of the same month; (T,) float64."""
        means = [self.values[:self.first_val][k::self.period].mean(dtype=float) for k in range(self.period)]
        return np.array(means)[np.arange(len(self.values)) % self.period]


def windows(series: np.ndarray, width: int, horizon: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every window of a series, with the value that comes horizon steps after its end.

    Parameters
    ----------
    series : (T,) array
    width : int >= 1
        Values a window.
    horizon : int >= 1
        1: the value right after the window.

    Returns
    -------
    x : (N, width), y : (N,), at : int64 (N,)
        The windows, their targets, and the place of each target in the series; N = T - width - horizon + 1.

    Raises
    ------
    ValueError
        If the series has not one axis, a setting is below 1, or no window fits.

    >>> x, y, at = windows(np.arange(10, 16), width=3, horizon=2)
    >>> x.tolist(), y.tolist(), at.tolist()
    ([[10, 11, 12], [11, 12, 13]], [14, 15], [4, 5])
    """
    if series.ndim != 1:
        raise ValueError(f"series must have one axis, shape (T,); got {series.shape}")
    if width < 1 or horizon < 1:
        raise ValueError(f"width and horizon must be at least 1, got {width} and {horizon}")
    n = len(series) - width - horizon + 1
    if n < 1:
        raise ValueError(f"a window of {width} and a horizon of {horizon} need {width + horizon} values or more, got {len(series)}")
    x = np.lib.stride_tricks.sliding_window_view(series, width)[:n].copy()
    at = np.arange(n) + width + horizon - 1
    return x, series[at], at


def _same_length(**arrays: np.ndarray) -> None:
    if len({a.shape for a in arrays.values()}) != 1 or next(iter(arrays.values())).ndim != 1:
        raise ValueError(f"{', '.join(arrays)} must have one shape (N,); got {', '.join(str(a.shape) for a in arrays.values())}")


def skill_score(forecast: np.ndarray, truth: np.ndarray, reference: np.ndarray) -> float:
    """How much of the reference's squared error a forecast saves: 1 is perfect, 0 no better, below 0 worse.

    *Source*: A. H. Murphy, "Skill scores based on the mean square error and their relationships to the correlation
    coefficient", Monthly Weather Review 116 (1988),
    doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2.

    Raises
    ------
    ValueError
        If the shapes differ, or the reference makes no error at all.

    >>> truth, last = np.array([1., 3., 2.]), np.array([0., 1., 3.])
    >>> skill_score(truth, truth, last), skill_score(last, truth, last)
    (1.0, 0.0)
    """
    _same_length(forecast=forecast, truth=truth, reference=reference)
    error = float(np.mean((reference - truth) ** 2))
    if error == 0:
        raise ValueError("the reference makes no error: no forecast can save any of it")
    return 1 - float(np.mean((forecast - truth) ** 2)) / error


def lag_correlations(forecast: np.ndarray, truth: np.ndarray, shifts: Sequence[int]) -> np.ndarray:
    """The correlation of truth[t] with forecast[t + k], for each shift k: float (len(shifts),).

    A forecast that only repeats what was true k steps earlier fits best when it is moved back by k. So may a good
    forecast of a slow series: the shift alone does not convict.

    Raises
    ------
    ValueError
        If the shapes differ, or a shift leaves fewer than two pairs.

    >>> truth = np.sin(np.arange(40.))
    >>> float(lag_correlations(np.roll(truth, 2), truth, [0, 2])[1].round(3))
    1.0
    """
    _same_length(forecast=forecast, truth=truth)
    n = len(truth)
    if any(n - abs(k) < 2 for k in shifts):
        raise ValueError(f"a shift must leave two pairs or more of {n}, got {list(shifts)}")
    pairs = [(truth[max(0, -k):n - max(0, k)], forecast[max(0, k):n + min(0, k)]) for k in shifts]
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in pairs])


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """The yearly mean number of sunspots since 1700: years int64 (T,), numbers float32 (T,).

    Source: SILSO, Royal Observatory of Belgium, as shipped by the package statsmodels (public domain).
    """
    from statsmodels.datasets import sunspots as source

    table = source.load_pandas().data
    return table["YEAR"].to_numpy(np.int64), table["SUNACTIVITY"].to_numpy(np.float32)


def elnino() -> tuple[np.ndarray, np.ndarray]:
    """The sea off Peru, month by month since January 1950: times float64 (T,) in years, temperatures float32 (T,) in °C.

    The mean over the region Niño 1+2 (0–10° S, 80–90° W). A month's time is its middle: January 1950 is 1950 + 1/24.

    Source: NOAA Climate Prediction Center, ERSST.v3b, as shipped by the package statsmodels (public domain).
    """
    from statsmodels.datasets import elnino as source

    table = source.load_pandas().data
    times = table["YEAR"].to_numpy(np.float64)[:, None] + (np.arange(12) + 0.5) / 12
    return times.ravel(), table.iloc[:, 1:].to_numpy(np.float32).ravel()
