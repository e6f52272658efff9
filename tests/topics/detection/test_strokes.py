"""Strokes, their readers, faces' windows, and a camera that stays closed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.topics.detection import camera, faces
from helpers.topics.detection.scenes_faces import GesturePad
from helpers.topics.detection.strokes import (
    LONGEST,
    NAMES,
    PAD,
    Dollar,
    Reader,
    gestures,
    moves,
    normal,
    padded,
    read_all,
    resample,
)


def test_strokes_are_whole_pixels_on_the_pad_and_the_same_again() -> None:
    strokes, y = gestures(32, 3, vary=0.5)
    assert sorted(set(y.tolist())) == list(range(16)) == list(range(len(NAMES)))
    for s, again in zip(strokes, gestures(32, 3, vary=0.5)[0], strict=True):
        assert (s == again).all()
        assert (s == s.round()).all()
        assert s.min() >= 0
        assert s.max() <= PAD
        assert (np.diff(s, axis=0) != 0).any(1).all()
    with pytest.raises(ValueError, match="n must be a whole number"):
        gestures(0)


def test_points_at_equal_distances_keep_both_ends() -> None:
    corner = np.array([[0.0, 0], [10, 0], [10, 30]])
    assert resample(corner, 5).tolist() == [[0, 0], [10, 0], [10, 10], [10, 20], [10, 30]]


def test_one_dollar_does_not_see_place_size_and_small_turns() -> None:
    strokes, y = gestures(32, 1)
    dollar = Dollar(strokes[:16], y[:16])
    a = np.deg2rad(20)
    for s in strokes[:16]:
        turned = 50 + 1.7 * s @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        assert dollar.read(s) == dollar.read(50 + 1.7 * s)
        np.testing.assert_allclose(normal(s), normal(50 + 1.7 * s), atol=1e-9)
        assert dollar.distances(s).min() < 0.02
        assert dollar.distances(turned).shape == (16,)


def test_the_reader_gets_directions_of_unit_length() -> None:
    for s in gestures(16, 2)[0]:
        m = moves(s)
        assert 2 <= len(m) <= LONGEST
        np.testing.assert_allclose(np.hypot(*m.T), 1, atol=1e-6)
    assert moves(np.zeros((1, 2))).tolist() == [[0, 0]]


def test_padding_does_not_change_an_answer() -> None:
    torch.manual_seed(0)
    model, (strokes, _) = Reader().eval(), gestures(6, 4)
    alone = [int(read_all(model, [s])[0]) for s in strokes]
    assert read_all(model, strokes).tolist() == alone
    x, n = padded(strokes)
    assert x.shape[1] == int(n.max())


def test_the_pad_gives_the_stroke_that_was_drawn_last() -> None:
    pad = GesturePad()
    assert len(pad.value) > 3
    pad.pad.strokes = [[[0.1, 0.1], [0.2, 0.2]], [[0.5, 0.5], [0.6, 0.7], [0.8, 0.9]]]
    assert pad.value == ((0.5, 0.5), (0.6, 0.7), (0.8, 0.9))
    pad.value = ()
    assert pad.pad.strokes == []


def test_a_map_of_logits_is_the_patches_one_by_one() -> None:
    torch.manual_seed(0)
    model, picture = faces.FaceNet().eval(), torch.randn(1, 1, 41, 49)
    with torch.no_grad():
        whole = model(picture)[0, 0]
        for r in range(whole.shape[0]):
            for c in range(whole.shape[1]):
                patch = picture[..., 4 * r:4 * r + 25, 4 * c:4 * c + 25]
                torch.testing.assert_close(model(patch).reshape(()), whole[r, c], atol=1e-4, rtol=1e-3)


def test_local_contrast_forgets_light_and_the_pyramid_shrinks() -> None:
    x = torch.rand(1, 1, 40, 50, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(faces.local_contrast(x + 0.3), faces.local_contrast(x), atol=1e-4)
    sizes = [level.shape[2] for _, level in faces.pyramid(faces.photo("coins"))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] >= faces.PATCH
    with pytest.raises(ValueError, match="name must be one of"):
        faces.photo("somebody")


def test_a_model_that_takes_all_for_faces_is_cut_short_and_thumbnails_are_small() -> None:
    torch.manual_seed(0)
    model = faces.FaceNet().eval()
    found = faces.scan(model, "clock", least=-100.0)
    assert found.n_windows > faces.SUREST
    assert 0 < len(found.found.boxes) == len(found.windows) < faces.SUREST
    assert (np.diff(found.found.scores) <= 0).all()
    small = faces.thumbnail(faces.photo("clock"))
    assert max(small.shape) <= 160
    assert 0 <= small.min() <= small.max() <= 1
    assert len(np.unique(small)) <= 24


def test_the_camera_stays_closed_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    opened: list[object] = []

    class Closed:
        def __init__(self, number: int) -> None:
            opened.append(number)

        def isOpened(self) -> bool:
            return False

        def release(self) -> None:
            opened.append("released")

    monkeypatch.setattr(cv2, "VideoCapture", Closed)
    assert camera.picture_of()[0] is None
    assert opened == []
    picture, told = camera.picture_of(2, ask=True)
    assert (picture, told) == (None, camera.NO_CAMERA)
    assert opened == [2, "released"]


def test_a_camera_gives_one_grey_picture_and_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    class Open:
        released = 0

        def __init__(self, number: int) -> None:
            self.number = number

        def isOpened(self) -> bool:
            return True

        def read(self) -> tuple[bool, np.ndarray]:
            return True, np.full((6, 8, 3), 255, np.uint8)

        def release(self) -> None:
            Open.released += 1

    monkeypatch.setattr(cv2, "VideoCapture", Open)
    picture, told = camera.picture_of(ask=True)
    assert picture is not None
    assert picture.shape == (6, 8)
    assert picture.max() == 1
    assert "8×6" in told
    assert Open.released == 1
