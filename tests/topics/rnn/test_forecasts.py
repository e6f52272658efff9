"""Chapter 03's forecasts: the scenes at the ends of their controls, and what they compute against oracles."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.data import elnino, sunspots
from helpers.data.series import Setting
from helpers.topics.rnn import forecasts as scenes


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def wave(period: int = 12) -> Setting:
    times = np.arange(240.0)
    return Setting(times, 20 + 5 * np.sin(2 * np.pi * times / 12), 120, 180, width=12, period=period, unit="°C", step="month")


def test_forecasts_of_a_pure_season() -> None:
    at, forecasts = scenes.three_forecasts(wave(period=1), 3)
    s = wave()
    np.testing.assert_array_equal(forecasts["persistence"], s.values[at - 3])
    np.testing.assert_allclose(forecasts["average"], 20, atol=1e-9)
    np.testing.assert_allclose(forecasts["ridge"], s.values[at], atol=0.1)      # a sine is foretold by its own past


def test_ridge_knows_nothing_of_what_comes_after_the_training_part() -> None:
    s = wave(period=1)
    changed = s.values.copy()
    changed[150:] += 40
    other = Setting(s.times, changed, 120, 180, 12, 1, "°C", "month")
    (at, one), (_, two) = (scenes.three_forecasts(t, 3) for t in (s, other))
    before = at < 150
    np.testing.assert_allclose(one["ridge"][before], two["ridge"][before])
    np.testing.assert_allclose(one["average"], two["average"])


@pytest.mark.parametrize(("series", "greatest", "goal"), [("sea", 24, scenes.no_better), ("sun", 18, scenes.recovered)])
def test_horizon_scene_at_all_ends_and_its_goal(series: str, greatest: int, goal: object) -> None:
    times, values = elnino() if series == "sea" else sunspots()
    borders = [1980, 1990] if series == "sea" else [1880, 1920]
    first_val, first_test = np.searchsorted(times, borders).tolist()
    s = Setting(times, values, first_val, first_test, 12, 12 if series == "sea" else 1, "°C", "month")
    draw, fig = scenes.horizon_scene(s, "average", goal, greatest)     # type: ignore[arg-type]
    reached = [h for h in range(1, greatest + 1) if draw(h)[1]]
    assert len(reached) == 1
    assert reached[0] in (range(5, 12) if series == "sea" else range(10, 13))
    assert draw(1)[0].startswith("1 month ahead. Mean error in °C: persistence «")
    fig.canvas.draw()


def test_errors_by_horizon_are_those_of_the_scene() -> None:
    s = wave(period=1)
    draw, _ = scenes.horizon_scene(s, "mean", scenes.no_better, 3)
    errors = scenes.errors_by_horizon(s, [1, 2, 3])
    for h in (1, 2, 3):
        assert f"persistence «{errors['persistence'][h - 1]:.2f}», mean «{errors['average'][h - 1]:.2f}», ridge «{errors['ridge'][h - 1]:.2f}»" in draw(h)[0]


def test_goals_of_the_horizon() -> None:
    errors = {"ridge": [1.0, 2, 3], "average": [2.0, 2, 2], "persistence": [1.0, 5, 4]}
    assert scenes.no_better(errors) == 2
    assert scenes.no_better({**errors, "average": [9.0] * 3}) == 3
    assert scenes.recovered({**errors, "persistence": [1, 3, 5, 4, 2, 6]}) == 5


def test_shift_scene_finds_the_echo() -> None:
    rng = np.random.default_rng(0)
    truth, times = rng.normal(size=100), np.arange(100.0)
    echo = np.concatenate([[0.0], truth[:-1]])
    draw, fig = scenes.shift_scene({"an echo": (times, truth, echo, "month"), "a forecast": (times, truth, truth + 0.1, "year")}, last=60)
    assert [shift for shift in range(-4, 5) if draw(shift)[1]] == [1]
    assert draw(1)[0].startswith("Moved back by 1: correlation with what came: an echo «1.00», a forecast «")
    assert draw(0)[0].endswith("a forecast «1.00».")
    assert draw(0)[0].startswith("Left where they are")
    assert draw(-4)[0].startswith("Moved on by 4")
    fig.canvas.draw()
    moved = fig.axes[0].lines[1]
    draw(1)
    np.testing.assert_allclose(np.asarray(moved.get_ydata(), dtype=float), truth[-60:-1])


def test_stills_draw() -> None:
    s = wave()
    figures = [
        scenes.with_calendar(s.times, s.values, s.average, [120, 180]),
        scenes.results({"a": {"average": [1.0], "GRU": [0.5, 0.6]}, "b": {"average": [2.0], "GRU": [1.5, 1.6]}}, ["°C", "spots"]),
        scenes.year_by_year(np.arange(1990, 1994), {"ridge": np.array([0.1, -0.1, 0.3, 0.0]), "damped": np.zeros(4)}),
        scenes.overlay(s.times, s.values, s.values + 1, "t"),
    ]
    for fig in figures:
        fig.canvas.draw()
        assert len(vars(fig)["course_alt"].split()) > 5
