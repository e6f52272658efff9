"""Four levers on one task, each off and on: pre-processing, features, model, training. Sixteen settings, paired seeds."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from helpers.data.split import Split
from helpers.topics.optimisation.bank import Shape, accuracies, patches, train
from helpers.validate import whole

Tensor = torch.Tensor
#: The levers in the order of the axes of every table.
LEVERS = ("pre-processing", "features", "model", "training")
SETTINGS = tuple(itertools.product((0, 1), repeat=4))
_GRID = torch.arange(28) - 13.5


def deskew(x: Tensor) -> Tensor:
    """Move each digit's centre of ink to the middle and shear it upright: float (N, 1, 28, 28) → the same."""
    ink = x[:, 0]
    mass = ink.sum((1, 2)).clamp(min=1e-6)
    cx, cy = (ink * _GRID).sum((1, 2)) / mass, (ink * _GRID[:, None]).sum((1, 2)) / mass
    dx, dy = _GRID - cx[:, None], _GRID - cy[:, None]
    slant = (ink * dx[:, None] * dy[:, :, None]).sum((1, 2)) / (ink * (dy**2)[:, :, None]).sum((1, 2)).clamp(min=1e-6)
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, 0, 1], theta[:, 0, 2], theta[:, 1, 2] = slant, cx / 14, cy / 14
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


def edges(x: Tensor, n_directions: int = 8) -> Tensor:
    """How much edge of each direction lies in each cell of 4×4 pixels: (N, 1, 28, 28) → (N, 8, 7, 7).

    Source
    ------
    Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005, doi:10.1109/CVPR.2005.177.
    """
    p = F.pad(x, (1, 1, 1, 1))[:, 0]
    gx, gy = p[:, 1:-1, 2:] - p[:, 1:-1, :-2], p[:, 2:, 1:-1] - p[:, :-2, 1:-1]
    size, turn = (gx**2 + gy**2).sqrt(), (torch.atan2(gy, gx) % (2 * math.pi)) / (2 * math.pi) * n_directions
    low = turn.floor().long() % n_directions
    part = turn - turn.floor()
    maps = torch.zeros(len(x), n_directions, 28, 28)
    maps.scatter_(1, low[:, None], (size * (1 - part))[:, None])
    maps.scatter_add_(1, ((low + 1) % n_directions)[:, None], (size * part)[:, None])
    cells = F.avg_pool2d(maps, 4)
    return cells / (F.avg_pool2d(cells.pow(2).sum(1, keepdim=True), 3, 1, 1).sqrt() + 0.02)


def pictures(x: Tensor, preprocessing: int, features: int) -> Tensor:
    """What the network sees: pixels (N, 1, 14, 14) or edges (N, 8, 7, 7), upright or as they came."""
    x = deskew(x) if preprocessing else x
    return edges(x) if features else F.avg_pool2d(x, 2)


def shape_of(features: int, model: int) -> Shape:
    """Model off: one layer of 64 units that sees the whole picture. On: 16 filters that see patches."""
    if not model:
        return Shape(392 if features else 196, 1, 64)
    return Shape(72, 5, 16) if features else Shape(25, 10, 16, pool=2)


def sixteen(data: Split, seeds: Sequence[int], *, n_labels: int = 500, n_epochs: int = 15, plain_rate: float = 0.05,
            settings: Sequence[tuple[int, ...]] = SETTINGS) -> np.ndarray:
    """Train every setting of the four levers with the same seeds: accuracies (2, 2, 2, 2, n_seeds) on data.val.

    The seed draws the labelled digits, the weights and the order: the same in all sixteen settings. Off and on mean:
    pre-processing, as they came / upright and standardised; features, pixels / edges; model, one dense layer / filters
    over patches; training, SGD at a constant rate / AdamW with one cycle.

    Parameters
    ----------
    plain_rate : float
        The rate of plain SGD.
    settings : which of the sixteen; the others are NaN

    Raises
    ------
    ValueError
        If there are fewer training digits than n_labels.
    """
    x, y = data.train
    n_labels = whole("n_labels", n_labels, most=len(x))
    picked = torch.stack([torch.randperm(len(x), generator=torch.Generator().manual_seed(s))[:n_labels] for s in seeds])
    found = np.full((2, 2, 2, 2, len(seeds)), np.nan)
    for p, f in itertools.product((0, 1), repeat=2):
        wanted = [(m, t) for m, t in itertools.product((0, 1), repeat=2) if (p, f, m, t) in settings]
        if not wanted:
            continue
        seen, val = pictures(x, p, f), pictures(data.val[0], p, f)
        own = seen[picked]                                      # (S, n, C, H, W)
        mean, spread = (own.mean((1, 2, 3, 4)), own.std((1, 2, 3, 4))) if p else (torch.zeros(len(seeds)), torch.ones(len(seeds)))
        for m, t in wanted:
            shape, cut = shape_of(f, m), functools.partial(patches, size=None if not m else 3 if f else 5)
            a, b = mean[:, None, None, None], spread[:, None, None, None]
            own_x = (torch.stack([cut(o) for o in own]) - a) / b
            trained = train(own_x, y[picked], shape, seeds, n_epochs=n_epochs, adamw=bool(t), lr=0.01 if t else plain_rate)
            val_x = cut(val)
            found[p, f, m, t] = [float(accuracies([w[i:i + 1] for w in trained.weights], ((val_x - mean[i]) / spread[i])[None], data.val[1], shape)[0])
                                 for i in range(len(seeds))]
    return found


def effect(table: np.ndarray, *levers: int) -> np.ndarray:
    """The main effect of one lever, or the interaction of several: (2, 2, 2, 2, S) → (S,).

    Half the difference of differences for two: how much more the second gains when the first is on than on average.
    """
    signed = np.asarray(table, float)
    for axis in levers:
        sign = np.array([-1.0, 1.0]).reshape([2 if k == axis else 1 for k in range(4)] + [1])
        signed = signed * sign
    return signed.sum((0, 1, 2, 3)) / 8


def gains(table: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """What each lever adds when they are switched on in this order: (4, S), in the order of LEVERS."""
    now, before, added = [0, 0, 0, 0], table[0, 0, 0, 0], np.zeros((4, table.shape[-1]))
    for lever in order:
        now[lever] = 1
        after = table[tuple(now)]
        added[lever], before = after - before, after
    return added


def shares(table: np.ndarray) -> np.ndarray:
    """Shapley's shares: the mean of :func:`gains` over all 24 orders, (4, S). They sum to the whole gain.

    Source
    ------
    L. S. Shapley, "A value for n-person games" (1953), doi:10.1515/9781400881970-018.
    """
    return np.mean([gains(table, order) for order in itertools.permutations(range(4))], axis=0)

