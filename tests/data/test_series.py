"""Windows in time, skill and lag correlations against slow loops and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.data.series import Setting, lag_correlations, skill_score, windows


@pytest.mark.parametrize(("n", "width", "horizon"), [(10, 3, 1), (10, 3, 4), (7, 1, 1), (6, 5, 1), (50, 12, 6)])
def test_windows_are_those_of_the_slow_loop(n: int, width: int, horizon: int) -> None:
    series = np.random.default_rng(n).normal(size=n)
    x, y, at = windows(series, width, horizon)
    pairs = [(series[i:i + width], i + width + horizon - 1) for i in range(n) if i + width + horizon - 1 < n]
    np.testing.assert_array_equal(x, np.stack([window for window, _ in pairs]))
    assert at.tolist() == [place for _, place in pairs]
    np.testing.assert_array_equal(y, series[at])


def test_windows_can_be_changed_without_changing_the_series() -> None:
    series = np.arange(8.0)
    x, _, _ = windows(series, 3, 1)
    x += 100
    assert series.tolist() == list(range(8))


@pytest.mark.parametrize(("series", "width", "horizon", "said"), [
    (np.zeros((3, 2)), 1, 1, "one axis"), (np.zeros(9), 0, 1, "at least 1"), (np.zeros(9), 3, 0, "at least 1"), (np.zeros(5), 4, 2, "need 6 values")])
def test_windows_refuse(series: np.ndarray, width: int, horizon: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        windows(series, width, horizon)


def test_average_is_the_mean_of_the_same_month_in_the_training_part_alone() -> None:
    values = np.arange(48.0) + 100 * (np.arange(48) >= 24)
    s = Setting(np.arange(48.0), values, 24, 36, width=6, period=12, unit="", step="month")
    np.testing.assert_allclose(s.average, np.tile((np.arange(12) + np.arange(12, 24)) / 2, 4))
    year = Setting(np.arange(48.0), values, 24, 36, width=6, period=1, unit="", step="year")
    np.testing.assert_allclose(year.average, np.full(48, 11.5))


def test_skill_is_the_saved_share_of_the_squared_error() -> None:
    rng = np.random.default_rng(0)
    truth, reference = rng.normal(size=(2, 60))
    assert skill_score(truth, truth, reference) == 1
    assert skill_score(reference, truth, reference) == 0
    assert skill_score(truth + (reference - truth) / 2, truth, reference) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="no error"):
        skill_score(reference, truth, truth)
    with pytest.raises(ValueError, match="one shape"):
        skill_score(truth[:-1], truth, reference)


@pytest.mark.parametrize("k", [-3, 0, 2])
def test_a_moved_copy_fits_best_where_it_was_moved_from(k: int) -> None:
    noise = np.random.default_rng(1).normal(size=206)
    truth, echo = noise[3:203], noise[3 - k:203 - k]
    shifts = range(-4, 5)
    found = lag_correlations(echo, truth, shifts)
    assert shifts[int(found.argmax())] == k
    assert found.max() == pytest.approx(1)


def test_two_pairs_are_enough_for_a_correlation() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    np.testing.assert_allclose(lag_correlations(x, x, [-2, 2]), 1)      # two points lie on a line


def test_lag_correlations_refuse() -> None:
    with pytest.raises(ValueError, match="one shape"):
        lag_correlations(np.zeros(4), np.zeros(5), [0])
    with pytest.raises(ValueError, match="two pairs or more of 4"):
        lag_correlations(np.arange(4.0), np.arange(4.0), [3])
