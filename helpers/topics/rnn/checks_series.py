"""Exercise 3.5, windows split in time: window by window as oracle, and what people get wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.lesson.exercise import Case, Exercise

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


# ---------------------------------------------------------------- 3.5 windows, split in time

def _split(series: np.ndarray, width: int, horizon: int, border: int, *, off: int = 0, fit: Callable[[np.ndarray, int], np.ndarray] | None = None,
           ddof: int = 0, goes_to_train: Callable[[int, int], bool] | None = None, in_test: Callable[[int, int], bool] | None = None) -> Parts:
    """Window by window, so that one part of the rule can be replaced by a wrong one."""
    used = series[:border] if fit is None else fit(series, border)
    scaled = (series - used.mean()) / used.std(ddof=ddof)
    rows: dict[bool, list[tuple[np.ndarray, float]]] = {True: [], False: []}
    for i in range(len(series) - width - horizon + 1 - max(0, off)):
        at = i + width + horizon - 1
        train = at < border if goes_to_train is None else goes_to_train(i, at)
        if train or in_test is None or in_test(i, at):
            rows[train].append((scaled[i:i + width], scaled[at + off]))
    parts = [np.array([part[k] for part in rows[train]]) for train in (True, False) for k in (0, 1)]
    return parts[0], parts[1], parts[2], parts[3]


def _split_cases() -> list[Case]:
    rng = np.random.default_rng(83)
    settings = [(31, 4, 3, 20), (24, 1, 1, 15), (40, 7, 1, 30), (60, 5, 12, 41), (2000, 24, 6, 1500)]
    return [Case(f"{n} values, width {w}, horizon {h}, border {b}", (20 + 5 * rng.normal(size=n) + np.linspace(0, 9, n), w, h, b)) for n, w, h, b in settings]


split_windows = Exercise(
    "3.5", oracle=_split, cases=_split_cases,
    verified="window by window, for five series of 24 to 2,000 values; nothing of the test part reaches the training part, and no test target is lost",
)


@split_windows.wrong("mean and standard deviation are taken from the whole series: they tell the training part about the future. Use series[:border].")
def _scaled_by_all(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, fit=lambda s, b: s)


@split_windows.wrong("the target is one step too late: horizon 1 is the value right after the window, series[i + width].")
def _target_late(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, off=1)


@split_windows.wrong("a window counts as training if its inputs end before the border, but its target may lie beyond it. What decides is the place of the target.")
def _by_the_inputs(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, goes_to_train=lambda i, at: i + w <= b)


@split_windows.wrong("test windows begin at the border here. They may reach back over it (the past is known by then); asking for more loses the first test targets.")
def _no_overlap(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, in_test=lambda i, at: i >= b)


@split_windows.wrong("the value at the border belongs to the test part: training targets are those before it, at < border.")
def _border_in_training(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, goes_to_train=lambda i, at: at <= b)


@split_windows.wrong("the values are not scaled: subtract the mean of the training part, and divide by its standard deviation.")
def _unscaled(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, fit=lambda s, b: np.array([-1.0, 1.0]))


@split_windows.wrong("the standard deviation divides by N - 1, as torch and pandas do by default. Here it divides by N: numpy's .std().")
def _unbiased(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, ddof=1)


@split_windows.wrong("the values are divided by the variance: the standard deviation is its root, .std().")
def _by_the_variance(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, fit=lambda s, b: s[:b].mean() + np.array([-1.0, 1.0]) * s[:b].var())


@split_windows.wrong("the windows are scaled but the targets are not: take both from the scaled series.")
def _targets_raw(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    x_train, y_train, x_test, y_test = _split(series, width, horizon, border)
    mean, std = series[:border].mean(), series[:border].std()
    return x_train, y_train * std + mean, x_test, y_test * std + mean


@split_windows.wrong("the right parts in another order: return x_train, y_train, x_test, y_test.")
def _x_first(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    x_train, y_train, x_test, y_test = _split(series, width, horizon, border)
    return x_train, x_test, y_train, y_test


@split_windows.wrong("one window too few for training: a target at place border - 1 lies before the border, so compare i + width + horizon - 1 with it.")
def _one_too_few(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, h, b, goes_to_train=lambda i, at: at + 1 < b)


@split_windows.wrong("the horizon is ignored: the target of window i is the value at i + width + horizon - 1, horizon steps after its last input.")
def _no_horizon(s: np.ndarray, w: int, h: int, b: int) -> Parts:
    return _split(s, w, 1, b)


@split_windows.also_right
def _by_a_loop(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    mean, std = np.mean(series[:border]), np.std(series[:border])
    train: tuple[list[np.ndarray], list[float]] = ([], [])
    test: tuple[list[np.ndarray], list[float]] = ([], [])
    for i in range(len(series) - width - horizon + 1):
        at = i + width + horizon - 1
        x, y = train if at < border else test
        x.append((series[i:i + width] - mean) / std)
        y.append((series[at] - mean) / std)
    return np.array(train[0]), np.array(train[1]), np.array(test[0]), np.array(test[1])


@split_windows.also_right
def _by_a_view(series: np.ndarray, width: int, horizon: int, border: int) -> Parts:
    scaled = (series - series[:border].mean()) / series[:border].std()
    windows = np.lib.stride_tricks.sliding_window_view(scaled, width + horizon)
    n = border - width - horizon + 1
    return windows[:n, :width], windows[:n, -1], windows[n:, :width], windows[n:, -1]
