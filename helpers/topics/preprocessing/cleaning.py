"""Gaps and slips in real series, and how well a remedy does where the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from helpers.data import elnino


def weekly_co2() -> np.ndarray:
    """The carbon dioxide in the air above Mauna Loa, week by week from 1958 to 2001: float64 (T,), parts per million, NaN where there are gaps.

    Source: Keeling and Whorf, Scripps Institution of Oceanography, as shipped by the package statsmodels (public domain).
    """
    from statsmodels.datasets import co2 as source

    return source.load_pandas().data["co2"].to_numpy(np.float64)


def gap_lengths(series: np.ndarray) -> np.ndarray:
    """How many values each gap (run of NaN) lacks: int64 (number of gaps,).

    >>> gap_lengths(np.array([1, np.nan, 3, np.nan, np.nan])).tolist()
    [1, 2]
    """
    edges = np.flatnonzero(np.diff(np.r_[0, np.isnan(series), 0]))
    return edges[1::2] - edges[::2]


def fill_forward(series: np.ndarray) -> np.ndarray:
    """Each gap filled with the last known value; a gap at the very beginning stays.

    >>> fill_forward(np.array([1, np.nan, np.nan, 4])).tolist()
    [1.0, 1.0, 1.0, 4.0]
    """
    last = np.maximum.accumulate(np.where(np.isnan(series), -1, np.arange(len(series))))
    return np.where(last >= 0, series[last], np.nan)


def fill_line(series: np.ndarray) -> np.ndarray:
    """Each gap filled with a straight line from the value before it to the one after it.

    >>> fill_line(np.array([1, np.nan, np.nan, 4])).tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    known = np.flatnonzero(~np.isnan(series))
    return np.interp(np.arange(len(series)), known, series[known])


def fill_seasons(series: np.ndarray, a_year: float = 52.1775) -> np.ndarray:
    """Gaps filled from one smooth curve, fitted to all known values: a parabola and two waves a year.

    Parameters
    ----------
    a_year : float
        How many values make a year.
    """
    t, known = np.arange(len(series)) / a_year, ~np.isnan(series)
    curve = np.column_stack([np.ones_like(t), t, t**2, *(f(2 * np.pi * k * t) for k in (1, 2) for f in (np.sin, np.cos))])      # (T, 7)
    weights = np.linalg.lstsq(curve[known], series[known], rcond=None)[0]
    return np.where(known, series, curve @ weights)


def hidden_errors(series: np.ndarray, fills: Mapping[str, Callable[[np.ndarray], np.ndarray]], length: int, n: int = 100, seed: int = 0) -> dict[str, float]:
    """Hide runs of known values, one at a time, let each remedy fill them, and compare: mean absolute error by remedy."""
    rng = np.random.default_rng(seed)
    starts = [i for i in rng.permutation(np.arange(60, len(series) - length - 1)) if not np.isnan(series[i - 1:i + length + 1]).any()][:n]
    errors: dict[str, list[float]] = {name: [] for name in fills}
    for i in starts:
        holed = series.copy()
        holed[i:i + length] = np.nan
        for name, fill in fills.items():
            errors[name].append(float(np.abs(fill(holed)[i:i + length] - series[i:i + length]).mean()))
    return {name: float(np.mean(found)) for name, found in errors.items()}


@dataclass(frozen=True)
class Slips:
    """A monthly series with slips of the pen: times, values and truth (T,), planted (T,) bool."""

    times: np.ndarray
    values: np.ndarray
    truth: np.ndarray
    planted: np.ndarray


def slipped_elnino(n: int = 10, size: float = 6.0, seed: int = 0) -> Slips:
    """The sea's temperature off Peru, with n months that somebody wrote down size °C too high or too low."""
    times, truth = elnino()
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(truth))[:n]
    values = truth.copy()
    values[rows] += np.where(rng.random(n) < 0.5, -size, size).astype(np.float32)
    planted = np.zeros(len(truth), bool)
    planted[rows] = True
    return Slips(times, values, truth, planted)


#: What a value is compared with, and how far from it is usual.
MEASURES = ("all months · mean and standard deviation", "the same month · mean and standard deviation",
            "the same month · median and MAD", "both neighbours · median and MAD")


def surprise(values: np.ndarray, measure: str) -> np.ndarray:
    """How many usual distances each monthly value lies from what it is compared with: float64 (T,), at least 0.

    The usual distance is the standard deviation, or 1.4826 times the median absolute distance (MAD), which is the
    same for Gaussian values and hardly moves if a few values are far off.
    """
    if measure not in MEASURES:
        raise ValueError(f"measure must be one of {', '.join(MEASURES)}; got {measure!r}")
    v = np.asarray(values, float)
    month = np.arange(len(v)) % 12
    if measure == MEASURES[0]:
        gap = v - v.mean()
    elif measure == MEASURES[1]:
        gap = v - np.array([v[month == m].mean() for m in range(12)])[month]
    else:
        gap = v - np.array([np.median(v[month == m]) for m in range(12)])[month]
        if measure == MEASURES[3]:
            padded = np.pad(gap, 1, mode="reflect")
            gap = gap - (padded[:-2] + padded[2:]) / 2
    usual = 1.4826 * np.median(np.abs(gap)) if "MAD" in measure else gap.std()
    return np.abs(gap) / usual
