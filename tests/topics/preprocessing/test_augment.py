"""Scale, changes of pictures and conversion: against OpenCV, scikit-learn, SciPy and closed forms."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from scipy import ndimage, signal
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from helpers.data import mel as by_ear
from helpers.data import photograph
from helpers.topics.preprocessing import changes, convert, scale, stored
from helpers.topics.preprocessing import scenes_augment as scenes


# ------------------------------------------------------------------------------------- scale
def test_condition_number_is_that_of_the_singular_values_squared() -> None:
    x = np.random.default_rng(0).normal(size=(50, 4)) * [1, 5, 0.2, 3] + 100
    values = np.linalg.svd(x - x.mean(0), compute_uv=False)
    assert scale.condition_number(x) == pytest.approx((values[0] / values[-1]) ** 2)


def test_steps_needed_is_what_a_walk_takes() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(40, 3)) * [1, 4, 9], rng.normal(size=40)
    x, y = x - x.mean(0), y - y.mean()
    values = np.linalg.eigvalsh(x.T @ x / 40)
    best, w, n = np.linalg.lstsq(x, y, rcond=None)[0], np.zeros(3), 0

    def excess(w: np.ndarray) -> float:
        return float(((x @ (w - best)) ** 2).sum())

    while excess(w) > scale.DONE * excess(np.zeros(3)):
        w = w - 2 / (values[0] + values[-1]) * x.T @ (x @ w - y) / 40
        n += 1
    assert scale.steps_needed(x + 7, y - 3) == n


def test_whitening_is_scikit_learns_up_to_turns_and_scaled_is_its_scaler() -> None:
    x = np.random.default_rng(2).normal(size=(60, 3)) @ np.array([[2, 1, 0], [0, 1, 0.5], [0, 0, 0.1]]) + 4
    mean, matrix = scale.whitening(x)
    white = (x - mean) @ matrix
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(3), atol=1e-9)
    theirs = PCA(whiten=True).fit_transform(x)
    np.testing.assert_allclose(np.linalg.norm(white, axis=1), np.linalg.norm(theirs, axis=1) * np.sqrt(60 / 59), rtol=1e-6)
    np.testing.assert_allclose(scale.scaled(x[:9], x), StandardScaler().fit(x).transform(x[:9]))
    assert (scale.scaled(x[:1], x[:1]) == 0).all()
    grouped = scale.scaled_by_group(x, np.arange(60) % 3)
    np.testing.assert_allclose(grouped[1::3], StandardScaler().fit_transform(x[1::3]))


def test_descend_ends_at_least_squares_and_diverges_above_the_limit() -> None:
    x, y = scenes.wine_in_units(0.0026)
    way = scale.descend(x, y, 0.6)
    best = np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0]
    np.testing.assert_allclose(way.path[-1], best * x.std(0), rtol=1e-4)
    assert way.excess[way.needed] <= scale.DONE < way.excess[way.needed - 1]
    assert scale.descend(x, y, 1.05).excess[-1] > 1


# ------------------------------------------------------------------------------------- changes
def test_move_turns_as_scipy_does_and_shifts_and_scales() -> None:
    picture = ndimage.gaussian_filter(photograph("camera", 41), 2)
    turned = changes.move(picture, angle=30)
    theirs = ndimage.rotate(picture, 30, reshape=False, order=1)
    assert np.abs(turned - theirs)[8:-8, 8:-8].max() < 0.03
    np.testing.assert_allclose(changes.move(picture, dx=3, dy=-2)[:-2, 3:], picture[2:, :-3], atol=1e-5)
    np.testing.assert_allclose(changes.move(picture), picture, atol=1e-6)
    larger = changes.move(picture, scale=2)
    assert larger[20, 20] == pytest.approx(picture[20, 20], abs=1e-4)
    assert larger[30, 20] == pytest.approx(picture[25, 20], abs=1e-4)
    leaning = changes.move(picture, slant=1)
    assert leaning[15, 25] == pytest.approx(picture[15, 20], abs=1e-4)
    colour = np.dstack([picture] * 3)
    np.testing.assert_allclose(changes.move(colour, angle=30)[..., 1], turned, atol=1e-6)


@pytest.mark.parametrize("name", changes.CHANGES)
def test_a_change_keeps_shape_and_dtype_depends_on_its_generator_alone_and_leaves_its_input(name: str) -> None:
    picture = photograph("coins", 28)
    before = picture.copy()
    change = changes.CHANGES[name]
    several = [change(picture, np.random.default_rng(s)) for s in range(6)]
    assert all(a.shape == (28, 28) and a.dtype == np.float32 for a in several)
    np.testing.assert_array_equal(several[2], change(picture, np.random.default_rng(2)))
    assert any(not np.array_equal(several[0], a) for a in several[1:])
    np.testing.assert_array_equal(picture, before)


def test_a_policy_without_limits_changes_nothing_and_refuses_unknown_names() -> None:
    picture = photograph("coins", 28)
    np.testing.assert_allclose(changes.policy_change({})(picture, np.random.default_rng(0)), picture, atol=1e-6)
    always = changes.policy_change({"mirror": 1, "half_turn": 1})(picture, np.random.default_rng(0))
    np.testing.assert_allclose(always, picture[::-1], atol=1e-6)
    for bad in ({"zoom": 1.0}, {"turn": -1.0}):
        with pytest.raises(ValueError, match="limits are numbers from 0 up"):
            changes.policy_change(bad)


def test_train_in_steps_makes_as_many_steps_for_any_size_and_the_same_for_the_same_seed() -> None:
    x, y = torch.rand(30, 1, 28, 28), torch.randint(10, (30,))
    a, b = (changes.train_in_steps(x, y, n_steps=3, seed=1, width=2, change=changes.affine) for _ in range(2))
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        torch.testing.assert_close(p, q)
    assert not a.training


def test_stored_accuracies_are_complete() -> None:
    assert set(stored.ACCURACY) == {"none", *changes.CHANGES}
    for by_size in stored.ACCURACY.values():
        assert tuple(by_size) == stored.SIZES
        assert all(len(runs) in (3, 5) and 0.5 < min(runs) <= max(runs) < 1 for runs in by_size.values())


# ------------------------------------------------------------------------------------- conversion
def test_the_file_decodes_to_blue_first() -> None:
    from skimage import data

    bgr = cv2.imdecode(np.frombuffer(convert.encoded_photograph("coffee", 40), np.uint8), cv2.IMREAD_COLOR)
    assert bgr is not None
    assert bgr.shape == (40, 40, 3)
    picture = data.coffee()
    middle = picture[:, (picture.shape[1] - 400) // 2:][:, :400]
    np.testing.assert_allclose(bgr[..., ::-1].mean((0, 1)), middle.mean((0, 1)), atol=2)
    with pytest.raises(ValueError, match="name must be one of"):
        convert.encoded_photograph("dog")


def test_mel_and_hertz_are_inverse_and_filters_are_triangles_that_add_to_one() -> None:
    f = np.linspace(0, 8000, 50)
    np.testing.assert_allclose(by_ear.hertz(by_ear.mel(f)), f, atol=1e-6)
    filters = convert.mel_filters(20, 2048)
    assert filters.shape == (20, 1025)
    bins = np.linspace(0, 8000, 1025)
    tips = by_ear.hertz(np.linspace(0, by_ear.mel(8000), 22))[1:-1]
    np.testing.assert_allclose(bins[filters.argmax(1)], tips, atol=8)
    inside = (bins > tips[0]) & (bins < tips[-1])
    np.testing.assert_allclose(filters.sum(0)[inside], 1, atol=1e-5)
    assert (np.diff((filters > 0).sum(1)) >= -1).all()          # wider and wider


def test_log_mel_of_a_tone_has_its_peak_at_the_tone_and_power_is_scipys() -> None:
    t = np.arange(16000) / 16000
    tone = torch.from_numpy(np.sin(2 * np.pi * 1000 * t).astype(np.float32))
    mels = convert.log_mel(tone)
    tips = by_ear.hertz(np.linspace(0, by_ear.mel(8000), 42))[1:-1]
    assert mels.shape == (40, 101)
    assert abs(tips[int(mels[:, 50].argmax())] - 1000) < 80
    _, _, theirs = signal.stft(tone.numpy(), 16000, window=signal.get_window("hann", 400), nperseg=400, noverlap=240, boundary=None, padded=False)
    ours = torch.stft(tone, 400, 160, window=torch.hann_window(400), center=False, return_complex=True)
    np.testing.assert_allclose(np.abs(theirs), ours.abs().numpy() / 200, atol=1e-4)


def test_the_whistle_climbs() -> None:
    mels = convert.log_mel(torch.from_numpy(convert.whistle()))
    peaks = mels[:, [10, 30, 70, 90]].argmax(0)
    assert (peaks.diff() > 0).all()


def test_texts_as_indices() -> None:
    known = convert.vocabulary(["b a a", "A c"])
    assert known == {"a": 2, "b": 3, "c": 4}
    out = convert.indices(["c zebra", "a"], known)
    assert out.dtype == torch.int64
    assert out.tolist() == [[4, 1], [2, 0]]


def test_a_worker_gives_the_same_pictures_as_none() -> None:
    from helpers.topics.preprocessing.loading import Encoded, measure

    item = Encoded(2, edge=16)[1]
    assert item.shape == (3, 224, 224)
    assert 0 <= float(item.min()) <= float(item.max()) <= 1
    assert callable(measure)
