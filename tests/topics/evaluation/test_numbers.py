"""Intervals, scores and temperatures against scipy, statsmodels and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_curve
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.proportion import proportion_confint

from helpers.data import digits
from helpers.topics.evaluation import readers, scenes_sure
from helpers.topics.evaluation.intervals import (
    bootstrap,
    counted_coverage,
    ends_of,
    exact,
    exact_coverage,
    mcnemar,
    pictures_needed,
    power,
    wald,
    wilson,
)
from helpers.topics.evaluation.scores import judge_logits, reliability, roc_points


@pytest.mark.parametrize(("ours", "theirs"), [(wald, "normal"), (wilson, "wilson"), (exact, "beta")])
def test_intervals_are_those_of_statsmodels(ours: object, theirs: str) -> None:
    for k, n in ((0, 7), (7, 7), (3, 11), (980, 1000)):
        expected = proportion_confint(k, n, method=theirs)
        got = [np.clip(end, 0, 1) if theirs == "normal" else end for end in ours(k, n)]  # type: ignore[operator]
        np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_bootstrap_interval_is_what_drawing_gives() -> None:
    rng = np.random.default_rng(0)
    values = np.arange(60) < 51
    drawn = values[rng.integers(0, 60, (20_000, 60))].mean(1)
    np.testing.assert_allclose(bootstrap(51, 60), np.percentile(drawn, [2.5, 97.5]), atol=1 / 60 + 1e-9)


def test_counted_coverage_is_near_the_exact_one() -> None:
    for p in (0.5, 0.9, 0.99):
        counted = counted_coverage(wilson, p, 100, n_draws=20_000)
        assert counted == pytest.approx(exact_coverage(ends_of(wilson, 100), np.array([p]))[0], abs=0.008)
    assert exact_coverage(ends_of(exact, 80), np.linspace(0.05, 0.95, 40)).min() >= 0.95 - 1e-9


def test_an_interval_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="two ends for each k"):
        ends_of(lambda k, n: (k / n + 1, k / n), 5)
    with pytest.raises(ValueError, match="p must be a"):
        counted_coverage(wilson, 1.5, 10)


def test_mcnemar_is_that_of_statsmodels() -> None:
    for b, c in ((3, 11), (0, 4), (20, 20), (61, 15)):
        assert float(mcnemar(b, c)) == pytest.approx(their_mcnemar([[0, b], [c, 0]], exact=True).pvalue)


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_the_number_of_pictures_gives_about_the_power(shared: float) -> None:
    n = round(pictures_needed(0.98, 0.985, shared))
    _, p_values = power(n, 0.98, 0.985, shared, n_draws=4000)
    assert (p_values < 0.05).mean() == pytest.approx(0.8, abs=0.06)
    with pytest.raises(ValueError, match="p_a < p_b"):
        power(10, 0.9, 0.9, 0.5)


def test_roc_points_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    y, s = rng.random(200) < 0.3, np.round(rng.random(200), 1)
    fpr, tpr, _ = roc_curve(y, s, drop_intermediate=False)
    np.testing.assert_allclose(roc_points(s, y), (fpr, tpr))
    with pytest.raises(ValueError, match="labels of both kinds"):
        roc_points([0.1, 0.2], [True, True])


def test_reliability_counts_and_the_error_of_a_simple_case() -> None:
    found = reliability([0.2, 0.3, 0.95, 1.0], [True, False, True, True], 2)
    assert found.counts.tolist() == [2, 2]
    assert found.ece == pytest.approx(0.5 * 0.25 + 0.5 * 0.025)
    with pytest.raises(ValueError, match="confidences in"):
        reliability([1.2], [True])


def test_a_temperature_changes_no_answer() -> None:
    z, y = torch.randn(50, 4, generator=torch.Generator().manual_seed(0)), torch.arange(50) % 4
    assert judge_logits(z, y).accuracy == judge_logits(z, y, 0.3).accuracy
    assert judge_logits(z, y, 1e6).log_loss == pytest.approx(np.log(4), abs=1e-4)


def test_the_cast_and_the_runs_are_the_same_for_the_same_seed() -> None:
    data = digits(400, 100)
    one, two = readers.eight_or_not(data, 120, seed=3), readers.eight_or_not(data, 120, seed=3)
    assert list(one.scores) == list(readers.THREE)
    for a, b in zip(one.scores.values(), two.scores.values(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="n_train"):
        readers.eight_or_not(data, 401)
    nearer = readers.eight_by_distance(data, 120, seed=3)
    np.testing.assert_array_equal((nearer > 0)[nearer != 0], (one.scores["nearest neighbour"] > 0.5)[nearer != 0])
    assert readers.one_training(data.train, n_train=100, n_test=100, n_epochs=1) == readers.one_training(data.train, n_train=100, n_test=100, n_epochs=1)


def test_the_scenes_say_what_they_show_and_know_their_targets() -> None:
    draw, _ = scenes_sure.coverage_counter({"usual": wald}, [100])
    assert draw("usual", 0.99, 100)[1]
    assert not draw("usual", 0.5, 100)[1]
    move, _ = scenes_sure.power_counter()
    assert "18" in move(1000, 98.5, 0.5)[0]
    assert move(6277, 98.5, 0.5)[1] or 0.76 < (power(6277, 0.98, 0.985, 0.5)[1] < 0.05).mean() < 0.86
    y = np.arange(40) % 4 == 0
    cast = readers.Cast(y, {"sure": np.where(y, 0.9, 0.1), "blind": np.full(40, 0.5)})
    turn, _ = scenes_sure.thresholds(cast)
    assert turn("sure", 0.5, scenes_sure.TASK_COST)[1]
    assert not turn("blind", 0.5, scenes_sure.TASK_COST)[1]
    z: dict[str, dict[float, torch.Tensor]] = {"a": {0: torch.eye(4)[torch.arange(40) % 4] * 9}}
    warm, _ = scenes_sure.recalibration(z, torch.arange(40) % 4)
    assert warm("a", 1.0, 0)[1]
    assert "right in «100» of 100" in warm("a", 4.0, 0)[0]
