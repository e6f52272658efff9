"""Two classes of points in the plane."""

from __future__ import annotations

import math

import numpy as np
import torch

from helpers.data.split import XY
from helpers.validate import whole

#: The two-class sets of points that toy() makes.
TOYS = ("blobs", "circles", "moons", "spirals", "xor")


def toy(name: str, n: int = 200, noise: float = 0.1, seed: int = 0) -> XY:
    """Two classes of points in the plane, for networks that one can look through.

    Parameters
    ----------
    name : one of TOYS
    n : int
        Points in all, half of each class (an odd one goes to class 0).
    noise : float >= 0
        Standard deviation of what is added to each coordinate; the shapes are about 1 in radius.
    seed : int

    Returns
    -------
    x : float32 (n, 2);  y : int64 (n,), 0 or 1, shuffled

    >>> x, y = toy("circles", n=6)
    >>> x.shape, sorted(y.tolist())
    (torch.Size([6, 2]), [0, 0, 0, 1, 1, 1])
    """
    if name not in TOYS:
        raise ValueError(f"name must be one of {', '.join(TOYS)}; got {name!r}")
    n = whole("n", n, 2)
    if noise < 0 or not math.isfinite(noise):
        raise ValueError(f"noise must be 0 or more, got {noise}")
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    u = rng.uniform(0, 1, n)
    if name == "blobs":
        x = np.where(y == 0, -0.6, 0.6)[:, None] + 0.15 * rng.normal(size=(n, 2))
    elif name == "circles":
        radius = np.where(y == 0, 1.0, 0.45)
        x = radius[:, None] * np.stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)], 1)
    elif name == "moons":
        angle = np.pi * u
        x = np.where((y == 0)[:, None], np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1),
                     np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], 1))
    elif name == "spirals":
        radius, angle = np.sqrt(u), 1.6 * 2 * np.pi * np.sqrt(u) + np.pi * y
        x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    else:
        side = rng.choice([-1, 1], n)
        x = rng.uniform(0.08, 1, (n, 2)) * np.stack([side, np.where(y == 0, side, -side)], 1)
    x = x + noise * rng.normal(size=(n, 2))
    order = rng.permutation(n)
    return torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order], dtype=torch.int64)
