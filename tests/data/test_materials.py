"""Patches of materials."""

from __future__ import annotations

import pytest
import torch

from helpers.data.materials import MATERIALS, SIDE, in_grey, left_edges, material_photo, materials


def test_patches_are_the_same_for_the_same_seed_and_have_their_shape() -> None:
    (x, y), (test_x, test_y) = materials(2, 1)
    assert x.shape == (24, 3, 64, 64)
    assert test_x.shape == (12, 3, 64, 64)
    assert 0 <= float(x.min()) < float(x.max()) <= 1
    assert y.tolist() == [k for k in range(12) for _ in range(2)]
    assert test_y.tolist() == list(range(12))
    again = materials.__wrapped__(2, 1)
    assert torch.equal(again[0][0], x)
    assert not torch.equal(materials(2, 1, seed=1)[0][0], x)


@pytest.mark.parametrize("name", list(MATERIALS))
def test_halves_share_no_pixel_and_keep_a_gap(name: str) -> None:
    width = material_photo(name).shape[1]
    (low, high), (first, last) = left_edges(width, SIDE, "train"), left_edges(width, SIDE, "test")
    assert 0 == low < high
    assert first - (high + SIDE) >= SIDE - 1
    assert first <= last == width - SIDE


def test_grey_has_no_colour_and_other_names_are_refused() -> None:
    x = materials(2, 1)[0][0]
    grey = in_grey(x)
    assert grey.shape == x.shape
    assert torch.equal(grey[:, 0], grey[:, 2])
    torch.testing.assert_close(grey[:, 0], x.mean(1))
    with pytest.raises(ValueError, match="name must be one of bricks"):
        material_photo("soap")
    with pytest.raises(ValueError, match="n_train"):
        materials(0)
