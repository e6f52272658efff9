"""The plain rules that a network must beat: against least squares, on a sine, and blind to what comes after the training part."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.data.series import Setting
from helpers.topics.rnn.rules import best_cycle, damping, plain_rules, prepare, ridge_on_changes


def setting(values: np.ndarray) -> Setting:
    return Setting(np.arange(float(len(values))), values, 120, 180, width=14, period=1, unit="°C", step="month")


def noisy(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 20 + np.convolve(rng.normal(size=260), 0.8 ** np.arange(20), "valid")[:240]


def test_windows_are_departures_in_units_of_the_training_part() -> None:
    s = setting(noisy())
    w = prepare(s, 3)
    odd = s.values - s.values[:120].mean()
    assert w.scale == pytest.approx(odd[:120].std())
    np.testing.assert_allclose(w.truth, odd[w.at], atol=1e-5)
    np.testing.assert_allclose(w.last, odd[w.at - 3], atol=1e-5)
    assert (w.train.sum(), w.val.sum(), w.test.sum()) == (120 - 16, 60, 60)


def test_damping_is_the_slope_of_least_squares() -> None:
    w = prepare(setting(noisy()), 3)
    slope = np.linalg.lstsq(w.last[w.train][:, None], w.truth[w.train], rcond=None)[0]
    assert damping(w) == pytest.approx(float(slope[0]))


def test_rules_on_a_sine_of_period_11() -> None:
    s = setting(20 + 5 * np.sin(2 * np.pi * np.arange(240) / 11))
    w, rules = prepare(s, 3), plain_rules(s, 3, 11)
    assert best_cycle(s, 8, 14) == 11
    np.testing.assert_allclose(rules["one cycle ago"], w.truth, atol=1e-4)
    np.testing.assert_allclose(rules["as now"], w.last)
    np.testing.assert_allclose(rules["damped"], damping(w) * w.last)
    assert not rules["average"].any()
    np.testing.assert_allclose(ridge_on_changes(w), w.truth, atol=0.3)


def test_nothing_after_the_training_part_changes_a_rule_before_it() -> None:
    values = noisy()
    changed = values.copy()
    changed[180:] += 40             # the test part alone
    one, two = setting(values), setting(changed)
    w, before = prepare(one, 3), prepare(one, 3).at < 180
    assert damping(prepare(two, 3)) == damping(w)
    assert best_cycle(one, 8, 14) == best_cycle(two, 8, 14)
    for name, said in plain_rules(one, 3, 12).items():
        np.testing.assert_array_equal(said[before], plain_rules(two, 3, 12)[name][before])
    np.testing.assert_allclose(ridge_on_changes(w)[before], ridge_on_changes(prepare(two, 3))[before], atol=1e-6)


def test_a_cycle_that_is_not_over_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than the horizon"):
        plain_rules(setting(noisy()), 12, 11)
