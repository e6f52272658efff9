"""random_affine: pictures move a little, and nothing else happens to them."""

import pytest
import torch
from scipy import ndimage

from helpers.data import digits
from helpers.training.augment import random_affine


def test_strength_zero_changes_nothing() -> None:
    x = digits(n_train=8).train[0]
    assert torch.allclose(random_affine(x, 0.0), x, atol=1e-5)


def test_it_keeps_shape_dtype_and_range_and_leaves_its_input_alone() -> None:
    x = digits(n_train=8).train[0]
    before = x.clone()
    out = random_affine(x)
    assert out.shape == x.shape
    assert out.dtype == x.dtype
    assert out.min() >= 0
    assert out.max() <= 1 + 1e-6
    assert torch.equal(x, before)


def test_the_same_seed_gives_the_same_pictures_and_each_picture_its_own_change() -> None:
    x = digits(n_train=1).train[0].expand(4, -1, -1, -1)
    torch.manual_seed(3)
    first = random_affine(x)
    torch.manual_seed(3)
    assert torch.equal(first, random_affine(x))
    assert not torch.allclose(first[0], first[1], atol=1e-2)


def drawn(row: int) -> float:
    """What random_affine draws between -1 and 1, with seed 0 and for one picture: turn, scale, shear, and the two shifts are rows 0 to 4."""
    torch.manual_seed(0)
    return float((2 * torch.rand(5, 1) - 1)[row])


def test_a_pure_turn_is_scipys_rotation() -> None:
    x = digits(n_train=1).train[0]
    angle = 0.3 * drawn(0)
    torch.manual_seed(0)
    turned = random_affine(x, turn=0.3, scale=0, shear=0, shift=0)[0, 0].numpy()
    by_scipy = ndimage.rotate(x[0, 0].numpy(), angle * 180 / torch.pi, reshape=False, order=1)
    assert abs(turned - by_scipy).max() < 0.02


@pytest.mark.parametrize("change", ["scale", "shear"])
def test_a_pure_scale_and_a_pure_shear_are_scipys(change: str) -> None:
    x = digits(n_train=1).train[0]
    amount = 0.4 * drawn(1 if change == "scale" else 2)
    matrix = [[1 + amount, 0.0], [0.0, 1 + amount]] if change == "scale" else [[1.0, 0.0], [amount, 1.0]]     # (row, column), output to input
    offset = [13.5 - 13.5 * sum(row) for row in matrix]         # the middle stays
    by_scipy = ndimage.affine_transform(x[0, 0].numpy(), matrix, offset, order=1)
    strengths = {"turn": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0, change: 0.4}
    torch.manual_seed(0)
    assert abs(random_affine(x, **strengths)[0, 0].numpy() - by_scipy).max() < 0.02


def test_a_pure_shift_stays_within_its_limit() -> None:
    x = torch.zeros(64, 1, 28, 28)
    x[:, :, 14, 14] = 1
    moved = random_affine(x, turn=0, scale=0, shear=0, shift=0.15)
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    for axis in (rows, columns):
        places = (moved[:, 0] * axis).sum((1, 2)) / moved[:, 0].sum((1, 2))
        assert (places - 14).abs().max() <= 0.15 * 14 + 1e-3


def test_half_the_strength_is_half_the_change() -> None:
    x = digits(n_train=1).train[0]
    torch.manual_seed(0)
    weak = random_affine(x, 0.5, turn=0, scale=0, shear=0, shift=0.4)
    torch.manual_seed(0)
    assert torch.allclose(weak, random_affine(x, turn=0, scale=0, shear=0, shift=0.2), atol=1e-5)


@pytest.mark.parametrize(("dtype", "near"), [(torch.float64, 1e-5), (torch.bfloat16, 0.1), (torch.float16, 0.02)])
def test_pictures_of_any_precision_move_alike(dtype: torch.dtype, near: float) -> None:
    x = digits(n_train=4).train[0]
    torch.manual_seed(0)
    plain = random_affine(x)
    torch.manual_seed(0)
    moved = random_affine(x.to(dtype))
    assert moved.dtype == dtype
    assert (moved - plain).abs().max() < near


@pytest.mark.parametrize(("x", "strength", "message"), [
    (torch.zeros(28, 28), 1.0, r"float \(N, C, H, W\); got shape \(28, 28\) of type torch.float32"),
    (torch.zeros(1, 1, 8, 8, dtype=torch.uint8), 1.0, r"float \(N, C, H, W\); got shape \(1, 1, 8, 8\) of type torch.uint8"),
    (torch.zeros(1, 1, 8, 8), -1.0, "strength must be 0 or more, got -1.0"),
    (torch.zeros(1, 1, 8, 8), float("nan"), "strength must be 0 or more, got nan"),
])
def test_bad_input_is_told(x: torch.Tensor, strength: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_affine(x, strength)
