"""A digit and what pooling keeps of it."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F

from helpers.plots import Scene, picture_frame, to_numpy

KINDS: dict[str, Callable[..., torch.Tensor]] = {"the greatest": F.max_pool2d, "the mean": F.avg_pool2d}


def pool(x: torch.Tensor, size: int, stride: int, keep: str) -> torch.Tensor:
    """Pool pictures (N, C, H, W) by ``"the greatest"`` or ``"the mean"`` of each window; what does not fit is left out."""
    return KINDS[keep](x, size, stride)


def scene(x: torch.Tensor) -> Scene:
    """Pictures x (N, 1, H, W), pooled. Controls: digit (place in x), size, stride (pixels), keep (a key of KINDS).

    The target is a map of 13×13 from windows that overlap.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6, 2.9))
    before, after = (ax.imshow(np.zeros((2, 2)), cmap="gray", vmin=0, vmax=1, extent=(0, 1, 0, 1)) for ax in axes)
    for ax, title in zip(axes, ("the digit", "pooled"), strict=True):
        picture_frame(ax, title)

    def draw(digit: int, size: int, stride: int, keep: str) -> tuple[str, bool]:
        pooled = pool(x[digit:digit + 1], size, stride, keep)[0, 0]     # (H', W')
        before.set_data(to_numpy(x[digit, 0]))
        after.set_data(to_numpy(pooled))
        how = "overlap" if stride < size else "touch" if stride == size else "leave gaps"
        words = (f"Windows of {size}×{size}, moved by {stride}: they {how}. Of {x.shape[2]}×{x.shape[3]} pixels {pooled.shape[0]}×{pooled.shape[1]} remain, "
                 f"the brightest {float(pooled.max()):.2f}.")
        return words, tuple(pooled.shape) == (13, 13) and stride < size

    return draw, fig
