"""Changes of a picture that leave its label alone."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def random_affine(
    x: torch.Tensor, strength: float = 1.0, *, turn: float = 0.17, scale: float = 0.12, shear: float = 0.15, shift: float = 0.15
) -> torch.Tensor:
    """Turn, scale, shear and shift each picture of a batch at random, all in one call.

    Each amount is uniform in ± strength × its limit, drawn from torch's global generator. What comes in from
    outside is 0 (paper).

    Parameters
    ----------
    x : float (N, C, H, W), of any precision
    strength : float >= 0
        0 changes nothing, 1 goes to the limits.
    turn, scale, shear, shift : float
        The limits: radians, parts of the size, parts, half picture widths.

    Returns
    -------
    float (N, C, H, W)

    Raises
    ------
    ValueError
        If x has another shape or holds no floats, or strength is negative.

    Source
    ------
    Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual document
    analysis", ICDAR 2003, doi:10.1109/ICDAR.2003.1227801 (affine distortions of digits).
    """
    if x.ndim != 4 or not x.is_floating_point():
        raise ValueError(f"random_affine takes a batch of pictures, float (N, C, H, W); got shape {tuple(x.shape)} of type {x.dtype}")
    if not strength >= 0:
        raise ValueError(f"strength must be 0 or more, got {strength}")
    angle, size, slant, dx, dy = (2 * torch.rand(5, len(x)) - 1) * strength
    angle, size = turn * angle, 1 + scale * size
    cos, sin = size * angle.cos(), size * angle.sin()
    theta = torch.stack([cos, shear * slant - sin, shift * dx, sin, cos, shift * dy], dim=1).view(-1, 2, 3)
    grid = F.affine_grid(theta.to(x.dtype), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)
