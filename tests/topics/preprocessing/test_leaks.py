"""Leaks and cleaning: against oracles from scikit-learn and SciPy, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from helpers.data import digits
from helpers.topics.preprocessing import cleaning, leaks


def test_forms_are_fourteen_and_each_begins_with_the_same_digits() -> None:
    y = load_digits().target
    form = leaks.forms(y)
    assert form.shape == y.shape
    assert np.unique(form).tolist() == list(range(14))
    assert (np.diff(form) >= 0).all()
    for f in range(14):
        own = "".join(map(str, y[form == f]))
        assert 120 <= len(own) <= 130
        assert "0955650989" in own[:40] or "09556509" in own[:40]


def test_forms_refuses_labels_in_another_order() -> None:
    with pytest.raises(ValueError, match="do not begin with a form"):
        leaks.forms(np.array([5, 5, 5, 1]))


@pytest.mark.parametrize("kind", leaks.LEAKS)
def test_a_leak_scores_as_a_nearest_neighbour_of_scikit_learn(kind: str) -> None:
    found = leaks.leak(kind, seed=1)
    assert found.score(0) == pytest.approx((found.base_right[found.own].mean(), found.base_right[~found.own].mean()))
    if kind == leaks.WRITER:
        return
    data, rng = digits(3500, 500), np.random.default_rng(1)
    rows = rng.permutation(3500)
    x, y = data.train[0].flatten(1).numpy(), data.train[1].numpy()
    model = KNeighborsClassifier(1).fit(x[rows[:300]], y[rows[:300]])
    np.testing.assert_allclose(found.score(0), (model.score(x[rows[300:600]], y[rows[300:600]]), model.score(x[rows[600:1300]], y[rows[600:1300]])))


def test_an_exact_copy_is_always_read_right_and_the_pool_holds_no_honest_test_picture() -> None:
    found = leaks.leak(leaks.EXACT)
    assert found.score(1)[0] == 1
    assert (found.pool[found.own].min(1) < 1e-5).all()
    assert (found.pool[~found.own].min(1) > 0.1).all()


def test_match_gives_the_nearest_of_all() -> None:
    found = leaks.leak(leaks.MOVED)
    for i in (0, 5):
        picture, distance, leaked = found.match(i, 1)
        assert distance == pytest.approx(min(found.base[i], found.pool[i].min()), rel=1e-5)
        assert leaked == (found.pool[i].min() < found.base[i])
        assert np.linalg.norm(picture - found.pictures[i]) == pytest.approx(distance, rel=1e-3)
        assert not found.match(i, 0)[2]


def test_a_leak_of_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        leaks.leak("gossip")


def test_augmented_by_picture_has_no_source_on_both_sides_and_after_augmenting_nearly_all() -> None:
    fair, leaky = (leaks.augmented(60, by_picture=way) for way in (True, False))
    for data in (fair, leaky):
        assert sorted([*data.train, *data.test]) == list(range(300))
        np.testing.assert_array_equal(data.y, data.y[:60][data.source])
    assert not set(fair.source[fair.train]) & set(fair.source[fair.test])
    assert len(set(leaky.source[leaky.train]) & set(leaky.source[leaky.test])) > 40


def test_selection_inside_the_fold_guesses_on_noise() -> None:
    scores = [leaks.select_honestly(*leaks.pure_noise(seed, n_columns=500)) for seed in range(8)]
    assert abs(np.mean(scores) - 0.5) < 0.12


def test_honest_selection_is_scikit_learns_own_pipeline() -> None:
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline

    rows, labels = leaks.pure_noise(3, n_columns=200)
    said = cross_val_predict(make_pipeline(SelectKBest(k=20), LogisticRegression()), rows, labels, cv=KFold(5, shuffle=True, random_state=0))
    assert leaks.select_honestly(rows, labels) == pytest.approx((said == labels).mean())


# ------------------------------------------------------------------------------------- cleaning

def test_co2_has_gaps_that_add_up() -> None:
    series = cleaning.weekly_co2()
    lengths = cleaning.gap_lengths(series)
    assert lengths.sum() == np.isnan(series).sum() > 0
    assert 300 < np.nanmean(series) < 400


@pytest.mark.parametrize(("series", "lengths"), [([], []), ([1.0], []), ([np.nan], [1]), ([np.nan, 1, np.nan, np.nan], [1, 2])])
def test_gap_lengths(series: list[float], lengths: list[int]) -> None:
    assert cleaning.gap_lengths(np.array(series, float)).tolist() == lengths


def test_hidden_errors_are_zero_for_a_remedy_that_knows_and_exact_for_a_line() -> None:
    line = np.arange(200.0)

    def interpolate(v: np.ndarray) -> np.ndarray:
        known = ~np.isnan(v)
        return np.interp(np.arange(len(v)), np.flatnonzero(known), v[known])

    found = cleaning.hidden_errors(line, {"line": interpolate, "plus 2": lambda v: interpolate(v) + 2 * np.isnan(v)}, length=3, n=10)
    assert found["line"] == pytest.approx(0, abs=1e-9)
    assert found["plus 2"] == pytest.approx(2)


def test_slips_change_the_planted_months_alone_by_their_size() -> None:
    data = cleaning.slipped_elnino(n=7, size=5)
    assert data.planted.sum() == 7
    np.testing.assert_allclose(np.abs(data.values - data.truth)[data.planted], 5, rtol=1e-4)
    np.testing.assert_array_equal(data.values[~data.planted], data.truth[~data.planted])


def test_surprise_is_a_z_score_or_a_robust_one() -> None:
    v = np.random.default_rng(0).normal(20, 3, 240)
    np.testing.assert_allclose(cleaning.surprise(v, cleaning.MEASURES[0]), np.abs(stats.zscore(v)))
    gap = v - np.tile(np.median(v.reshape(-1, 12), 0), 20)
    np.testing.assert_allclose(cleaning.surprise(v, cleaning.MEASURES[2]), np.abs(gap) / (1.4826 * np.median(np.abs(gap))))
    with pytest.raises(ValueError, match="measure must be one of"):
        cleaning.surprise(v, "by eye")
