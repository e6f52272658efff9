"""The photographed page, its reading, and what is done to digits."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch

from helpers.data import digits
from helpers.topics.classification import scenes, stills
from helpers.topics.classification.harm import AMOUNTS, HARMS, contrast, rotation, shift, spoil
from helpers.topics.classification.networks import NearestDigit, accuracy_of, moved_and_noisy
from helpers.topics.classification.page import HEIGHT, PHOTO, WIDTH, for_the_page, photograph_page
from helpers.topics.classification.reading import (
    STEPS,
    find_sheet,
    in_order,
    like_mnist,
    read_page,
    share_read,
    straighten,
)
from helpers.widgets.pad_control import DRAWN, frozen


@pytest.fixture(scope="module")
def nearest() -> NearestDigit:
    return NearestDigit(digits().train)


def test_a_page_is_the_same_for_the_same_seed_and_is_what_it_says() -> None:
    a, b = photograph_page(3), photograph_page(3)
    assert a.photo.shape == PHOTO
    assert a.photo.dtype == np.uint8
    assert (a.photo == b.photo).all()
    assert not (a.photo == photograph_page(4).photo).all()
    straight = photograph_page(3, tilt=0)
    assert np.array_equal(straight.corners, [[90, 60], [550, 60], [550, 420], [90, 420]])
    assert (straight.labels == a.labels).all()


@pytest.mark.parametrize(("name", "value"), [("tilt", 0.6), ("light", -0.1), ("noise", -1), ("blur", float("nan"))])
def test_a_page_says_what_it_cannot_do(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must lie between"):
        photograph_page(0, **{name: value})


def test_the_sheet_is_found_to_the_pixel_where_nothing_disturbs() -> None:
    page = photograph_page(1, noise=0, light=0)
    found = find_sheet(page.photo)
    assert found is not None
    assert np.abs(found - page.corners).max() < 4
    assert find_sheet(np.zeros(PHOTO, np.uint8)) is None


def test_straightening_undoes_the_view() -> None:
    page = photograph_page(2, light=0, noise=0, blur=0)
    flat = straighten(page.photo, page.corners)
    above = straighten(photograph_page(2, tilt=0, light=0, noise=0, blur=0).photo, photograph_page(2, tilt=0).corners)
    assert flat.shape == (HEIGHT, WIDTH)
    inner = np.s_[20:-20, 20:-20]
    assert np.abs(flat[inner].astype(float) - above[inner]).mean() < 10
    p = page.corners
    assert np.array_equal(in_order(p[[2, 0, 3, 1]]), p)


def test_a_digits_box_becomes_a_picture_of_mnist() -> None:
    for x in digits().train[0][:20, 0].numpy():
        ys, xs = np.nonzero(x)
        again = like_mnist(x[ys.min():ys.max() + 1, xs.min():xs.max() + 1])
        assert again.shape == (28, 28)
        assert abs(cv2.moments(again)["m10"] / cv2.moments(again)["m00"] - 14) < 0.6
        assert np.abs(again - x).mean() < 0.08


def test_a_page_is_read_and_each_step_can_be_left_out(nearest: NearestDigit) -> None:
    pages = [(p.photo, p.labels) for p in map(photograph_page, range(4))]
    whole = share_read(pages, nearest)
    assert whole > 0.75
    for step in STEPS:
        assert share_read(pages, nearest, (step,)) <= whole + 0.02
    assert share_read(pages, nearest, ("straighten",)) < 0.3
    nothing = read_page(np.zeros(PHOTO, np.uint8))
    assert nothing.corners is None
    assert (nothing.digits(nearest) == -1).all()


def test_reading_refuses_what_is_no_photograph() -> None:
    with pytest.raises(ValueError, match="photo must be uint8 of shape"):
        read_page(np.zeros((10, 10), np.uint8))
    with pytest.raises(ValueError, match="without must name some of"):
        read_page(np.zeros(PHOTO, np.uint8), ("soap",))


def test_what_is_spoilt_is_spoilt_by_degrees() -> None:
    x = digits().val[0][:50]
    for harm in HARMS:
        off = [float((spoil(x, harm, s) - x).abs().mean()) for s in range(6)]
        assert off[0] == 0
        assert all(a < b for a, b in pairwise(off)), harm
        assert len(AMOUNTS[harm]) == 5
    torch.testing.assert_close(rotation(x, 180.0), x.flip(2, 3), atol=1e-4, rtol=0)
    torch.testing.assert_close(shift(x, 3)[..., 3:], x[..., :-3])
    torch.testing.assert_close(contrast(x, 0.5), x / 2)
    with pytest.raises(ValueError, match="harm must be one of"):
        spoil(x, "rain", 1)
    with pytest.raises(ValueError, match="severity"):
        spoil(x, "blur", 6)


def test_the_nearest_digit_knows_its_own() -> None:
    x, y = digits().train
    assert accuracy_of(NearestDigit((x[:300], y[:300])), (x[:300], y[:300])) == 1
    noisy = moved_and_noisy(x[:20])
    assert noisy.shape == x[:20].shape
    assert 0 <= float(noisy.min()) <= float(noisy.max()) <= 1


def test_figures_say_what_they_show(nearest: NearestDigit) -> None:
    class Model(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nearest(x)

    model = Model()
    draw, _ = scenes.stages(model)
    words = {draw(page=1, stage=stage)[0] for stage in scenes.STAGES}
    assert len(words) == 5
    draw, _ = scenes.steps_bench(model, 2)
    assert not draw(page=1, without="straighten")[1]
    assert "Left out: straighten" in draw(page=1, without="straighten")[0]
    draw, _ = scenes.light_and_tilt(model)
    assert "of 48 digits are read right" in draw(tilt=0.1, light=0.2, noise=0.02)[0]
    draw, _ = scenes.own_drawing({"a": model, "b": model})
    assert not draw(drawing=frozen(DRAWN["a six"]), harm="noise", severity=2)[1]
    assert "clean" in draw(drawing=(), harm="noise", severity=0)[0]
    assert for_the_page(photograph_page(0).photo).shape == (240, 320)
    assert "six rows" in stills.photograph(photograph_page(0).photo).course_alt      # type: ignore[attr-defined]


def test_a_target_of_tilt_and_light_can_be_reached(nearest: NearestDigit) -> None:
    draw, _ = scenes.light_and_tilt(nearest)
    assert not draw(tilt=0.5, light=1.0, noise=0.03)[1]
    assert any(draw(tilt=0.18, light=light, noise=0.2)[1] for light in (0.6, 1.0))
