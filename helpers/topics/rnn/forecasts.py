"""Chapter 03: forecasts of real series, how far they carry, and how to tell an echo from a forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sklearn.linear_model import Ridge

from helpers import plots
from helpers.data.series import Setting, lag_correlations, windows
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval
from helpers.plots import BLACK, BLUE, GREEN, PURPLE, VERMILION, Scene, describe

#: Mean error of each forecaster ("persistence", "average", "ridge") at horizon 1, 2, …
Errors = dict[str, list[float]]
GREY = "#8A8A8A"


def three_forecasts(s: Setting, horizon: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Persistence, the average and ridge on all windows: the targets' places (N,), and each forecast (N,).

    Ridge sees departures from the average, in units of their standard deviation, and is fitted on the training part.
    """
    odd = s.values - s.average
    scale = odd[:s.first_val].std()
    x, y, at = windows(odd / scale, s.width, horizon)
    ridge = Ridge(1.0).fit(x[at < s.first_val], y[at < s.first_val])
    usual = s.average[at]
    return at, {"persistence": s.values[at - horizon], "average": usual, "ridge": ridge.predict(x) * scale + usual}


def errors_by_horizon(s: Setting, horizons: Sequence[int]) -> Errors:
    """Mean error of persistence, the average and ridge on the validation part, for each horizon."""
    errors: Errors = {"persistence": [], "average": [], "ridge": []}
    for horizon in horizons:
        at, forecasts = three_forecasts(s, horizon)
        val = (at >= s.first_val) & (at < s.first_test)
        for name, said in forecasts.items():
            errors[name].append(float(np.abs(said - s.values[at])[val].mean()))
    return errors


def horizon_scene(s: Setting, average: str, goal: Callable[[Errors], int], greatest: int = 24) -> Scene:
    """Forecasts of the validation part, and their errors against the horizon. Control: horizon (steps).

    Parameters
    ----------
    average : str
        What the average is called: "the calendar".
    goal : callable
        The errors → the horizon to find (:func:`no_better`, :func:`recovered`).
    """
    names = {"persistence": "persistence", "average": average, "ridge": "ridge"}
    styles = {"persistence": (BLUE, "--"), "average": (GREEN, ":"), "ridge": (VERMILION, "-")}
    horizons = range(1, greatest + 1)
    found = {}
    errors: Errors = {k: [] for k in names}
    for h in horizons:
        at, forecasts = three_forecasts(s, h)
        val = (at >= s.first_val) & (at < s.first_test)
        found[h] = s.times[at[val]], s.values[at[val]], {k: f[val] for k, f in forecasts.items()}
        for k in names:
            errors[k].append(float(np.abs(found[h][2][k] - found[h][1]).mean()))
    target = goal(errors)
    times, truth, _ = found[1]
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.6), width_ratios=[1.7, 1])
    left.plot(times, truth, color=GREY, linewidth=3.5, alpha=0.5, zorder=1.5)
    left.plot(times, found[1][2]["average"], color=GREEN, linestyle=":", linewidth=1.2, zorder=1.4)
    lines = {k: left.plot([], [], color=styles[k][0], linestyle=styles[k][1], linewidth=1.4)[0] for k in ("persistence", "ridge")}
    for k, label in names.items():
        right.plot(horizons, errors[k], color=styles[k][0], linestyle=styles[k][1], label=label, zorder=1.5)
    dots = {k: right.plot([], [], "o", color=styles[k][0], markersize=7)[0] for k in names}
    left.set(title="What came (grey) and what was forecast", xlabel="year", ylabel=s.unit, xlim=(times[0], times[-1]), ylim=_limits(truth))
    right.set(title="Mean error", xlim=(0.5, greatest + 0.5), xticks=range(2, greatest + 1, 4), ylim=(0, 1.35 * max(map(max, errors.values()))),
              xlabel=f"horizon ({s.step}s ahead)", ylabel=s.unit)
    right.legend(loc="upper left", ncols=2, fontsize=8, columnspacing=1).set_zorder(1.4)

    def draw(horizon: int) -> tuple[str, bool]:
        t, _, forecasts = found[horizon]
        for k, line in lines.items():
            line.set_data(t, forecasts[k])
        for k, dot in dots.items():
            dot.set_data([horizon], [errors[k][horizon - 1]])
        said = ", ".join(f"{label} {measured(errors[k][horizon - 1], '.2f')}" for k, label in names.items())
        return f"{horizon} {s.step}{'s' if horizon > 1 else ''} ahead. Mean error in {s.unit}: {said}.", horizon == target

    return draw, fig


def no_better(errors: Errors) -> int:
    """The first horizon at which ridge errs no less than the average (the greatest one if there is none)."""
    return next((h for h, (r, a) in enumerate(zip(errors["ridge"], errors["average"], strict=True), 1) if r >= a), len(errors["ridge"]))


def recovered(errors: Errors) -> int:
    """Where persistence, after its first rise, errs least again."""
    e = errors["persistence"]
    peak = next(i for i in range(1, len(e) - 1) if e[i] > e[i + 1])
    return 1 + peak + int(np.argmin(e[peak:]))


def _limits(values: np.ndarray) -> tuple[float, float]:
    margin = 0.08 * float(np.ptp(values))
    return float(values.min()) - margin, float(values.max()) + margin


def shift_scene(forecasts: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray, str]], most: int = 4, last: int = 60) -> Scene:
    """Two forecasts moved back and forth over the truth. Control: shift (steps back in time).

    The target is the shift at which the first fits best.

    Parameters
    ----------
    forecasts : mapping
        Name → times, truth, forecast (each (N,)) and what one step is ("month").
    last : int
        How many of the last values are drawn (all are measured).
    """
    shifts = list(range(-most, most + 1))
    fits = {name: lag_correlations(forecast, truth, shifts) for name, (_, truth, forecast, _) in forecasts.items()}
    fig, axes = plt.subplots(len(forecasts), 2, figsize=(7.4, 3.5), width_ratios=[1.9, 1], squeeze=False)
    parts = {}
    for (name, (times, truth, forecast, step)), (left, right), color in zip(forecasts.items(), axes, (VERMILION, BLUE), strict=False):
        left.plot(times[-last:], truth[-last:], color=GREY, linewidth=3.5, alpha=0.5, zorder=1.5)
        (moved,) = left.plot([], [], "-", color=color, linewidth=1.4)
        right.plot(shifts, fits[name], "o-", color=color, linewidth=1, markersize=3, zorder=1.5)
        (dot,) = right.plot([], [], "o", color=color, markersize=10)
        left.set(title=name, xlim=(times[-last], times[-1]), ylim=_limits(np.concatenate([truth[-last:], forecast[-last:]])))
        right.set(xlabel=f"moved back by ({step}s)", ylabel="correlation", ylim=(-0.75, 1.1), xticks=shifts, xlim=(-most - 0.5, most + 0.5))
        parts[name] = moved, dot
    axes[-1, 0].set_xlabel("year")

    def draw(shift: int) -> tuple[str, bool]:
        i = shifts.index(shift)
        for name, (moved, dot) in parts.items():
            times, _, forecast, _ = forecasts[name]
            t, f = times[-last:], forecast[-last:]
            moved.set_data(t[max(0, -shift):last - max(0, shift)], f[max(0, shift):last + min(0, shift)])
            dot.set_data([shift], [fits[name][i]])
        where = "Left where they are" if shift == 0 else f"Moved {'back' if shift > 0 else 'on'} by {abs(shift)}"
        said = ", ".join(f"{name} {measured(fits[name][i], '.2f')}" for name in forecasts)
        return f"{where}: correlation with what came: {said}.", i == int(next(iter(fits.values())).argmax())

    return draw, fig


# ------------------------------------------------------------------------------------- stills

def with_calendar(times: np.ndarray, values: np.ndarray, usual: np.ndarray, borders: Sequence[float]) -> Figure:
    """A monthly series with the calendar's mean, and below what remains when that is taken away; borders between the parts."""
    fig, (top, below) = plt.subplots(2, 1, figsize=(7.2, 3.5), sharex=True)
    top.plot(times, values, color=BLUE, linewidth=1, label="measured")
    top.plot(times, usual, color=GREEN, linewidth=1, linestyle="-", alpha=0.8, label="usual for the month")
    top.set(ylabel="sea (°C)", title="Most of the rise and fall is the calendar …", ylim=(18, 32))
    top.legend(loc="upper left", ncols=2, fontsize=8)
    odd = values - usual
    below.fill_between(times, odd, 0, where=(odd > 0).tolist(), color=VERMILION, linewidth=0, interpolate=True)
    below.fill_between(times, odd, 0, where=(odd < 0).tolist(), color=BLUE, linewidth=0, interpolate=True)
    below.set(ylabel="departure (°C)", xlabel="year", title="… El Niño is what is left", xlim=(times[0], times[-1]))
    for ax in (top, below):
        for border in borders:
            ax.axvline(border, color=BLACK, linewidth=1, linestyle=":")
    for left, right, name in zip([times[0], *borders], [*borders, times[-1]], ("train", "val", "test"), strict=False):
        below.text((left + right) / 2, 0.97, name, ha="center", va="top", fontsize=9, transform=below.get_xaxis_transform())
    return describe(fig, f"Above, sea temperatures since {times[0]:.0f} swinging each year with the calendar; below, what departs from the "
                 f"calendar: a greatest peak of {odd.max():.0f} degrees in {times[odd.argmax()]:.0f}.")


def _dots(ax: Axes, errors: Mapping[str, Sequence[float]]) -> None:
    for i, (name, runs) in enumerate(errors.items()):
        color = VERMILION if name == "GRU" else BLUE if len(runs) > 1 else GREY
        if len(runs) > 1:
            mean, half = mean_interval(runs)
            ax.scatter(runs, [i] * len(runs), s=14, color=color, alpha=0.45, linewidths=0, zorder=2)
            ax.errorbar(mean, i, xerr=half, fmt="o", color=color, markersize=7, capsize=4, zorder=3)
        else:
            ax.plot(runs, [i], "s", color=color, markersize=7, zorder=3)
    ax.set(yticks=range(len(errors)), yticklabels=list(errors), ylim=(len(errors) - 0.5, -0.5))


def results(errors: Mapping[str, Mapping[str, Sequence[float]]], labels: Sequence[str]) -> Figure:
    """Each forecaster's mean error on each series: one number for a rule, one a seed for a network, with its 95 % interval."""
    fig, axes = plt.subplots(1, len(errors), figsize=(7.4, 3.3), sharey=True)
    for ax, (name, found), label in zip(axes, errors.items(), labels, strict=True):
        _dots(ax, found)
        ax.set(xlabel=label)
        ax.margins(x=0.12)
        ax.set_title(name, fontsize=10, fontweight="normal")
    fig.suptitle("Each network meets its match: a rule of one number, or none", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return describe(fig, f"Mean errors of {len(next(iter(errors.values())))} forecasters on two series: on the sea damped persistence, ridge and the "
                         "networks lie close together, on sunspots ridge, the GRU and one cycle ago.")


def year_by_year(years: np.ndarray, gains: Mapping[str, np.ndarray]) -> Figure:
    """What the GRU saves in each year against each of two rules: bars above zero where it is the better one."""
    fig, axes = plt.subplots(len(gains), 1, figsize=(7.2, 3.6), sharex=True, sharey=True)
    for ax, (rule, gain) in zip(axes, gains.items(), strict=True):
        ax.bar(years, gain, color=[VERMILION if g > 0 else BLUE for g in gain])
        ax.axhline(0, color=BLACK, linewidth=0.8)
        ax.axhline(gain.mean(), color=PURPLE, linestyle="--", label="mean of the years")
        ax.set(ylabel="saved (°C)")
        ax.set_title(f"GRU against {rule}", fontsize=10, fontweight="normal")
    axes[0].legend(loc="upper right", fontsize=8)
    axes[-1].set(xlabel="year", xticks=years[::3])
    return describe(fig, "For each test year the error that the GRU saves, as bars: against ridge most lie a little above zero, with three taller ones "
                         "about 1998; against damped persistence one tall bar in 1997 stands among many below zero.")


def overlay(times: np.ndarray, truth: np.ndarray, forecast: np.ndarray, title: str) -> Figure:
    """A forecast laid over what came, as one sees it in many a tutorial."""
    fig, ax = plt.subplots(figsize=(7.2, 2.5))
    plots.curve(ax, truth, x=times, label="what came", color=BLUE)
    plots.curve(ax, forecast, x=times, label="forecast", color=VERMILION, dashed=True)
    low, high = _limits(np.concatenate([truth, forecast]))
    ax.set(xlabel="year", ylabel="departure (°C)", title=title, xlim=(times[0], times[-1]), ylim=(low, high))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper right")
    return describe(fig, "The sea's departure from the calendar and a forecast of it, two curves that lie almost on top of one another.")
