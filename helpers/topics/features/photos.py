"""Real photographs: grey patches of twelve of them, and faces; all from packages that are installed anyway."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import torch
from skimage import data
from skimage.feature import hog
from torch import nn
from torch.nn import functional as F

from helpers.data import XY, photograph
from helpers.training import fit, one_cycle, predict_logits

NAMES = ("brick", "grass", "gravel", "chelsea", "coffee", "rocket", "coins", "moon", "camera", "astronaut", "temple", "flower")
SIDE, SIZE = 96, 64         # cut out, scaled to: pixels


def _photo(name: str) -> np.ndarray:
    if name in ("temple", "flower"):
        from sklearn.datasets import load_sample_image

        return load_sample_image("china.jpg" if name == "temple" else "flower.jpg").astype(np.float32).mean(2) / 255
    return photograph(name)


@functools.cache
def patches(n_train: int = 20, n_test: int = 15, seed: int = 0) -> tuple[XY, XY]:
    """Grey patches of twelve photographs; which photograph does a patch come from?

    The left half of each photograph gives the training patches, the right half the test, with the width of a patch
    left out between them. Patches overlap others of their own half.

    Parameters
    ----------
    n_train, n_test : int
        Patches a photograph.
    seed : int
        Of their places.

    Returns
    -------
    train, test : (x, y)
        x float32 (12 · n, 1, 64, 64) in [0, 1], y int64 (12 · n,).

    Source
    ------
    Photographs of the packages scikit-image (public domain, CC0) and scikit-learn (CC BY 2.0: "china" by Rod Waddington, "flower" by dany13).
    """
    rng = np.random.default_rng(seed)
    parts: list[XY] = []
    photos = [_photo(name) for name in NAMES]
    for n, left in ((n_train, True), (n_test, False)):
        cut = []
        for photo in photos:
            height, width = photo.shape
            low, high = (0, width // 2 - 3 * SIDE // 2) if left else (width // 2, width - SIDE)
            for _ in range(n):
                row, column = rng.integers(height - SIDE + 1), rng.integers(low, max(low, high) + 1)
                cut.append(photo[row:row + SIDE, column:column + SIDE])
        x = F.interpolate(torch.from_numpy(np.stack(cut))[:, None].float(), SIZE, mode="bilinear", antialias=True)
        parts.append((x.clamp(0, 1), torch.arange(len(photos)).repeat_interleave(n)))
    return parts[0], parts[1]


@functools.cache
def faces() -> XY:
    """100 faces and 100 pieces of background: x float32 (200, 1, 25, 25) in [0, 1], y int64 (200,), 1 for a face.

    Source: Labeled Faces in the Wild (Huang et al. 2007), the selection of scikit-image (``skimage.data.lfw_subset``).
    """
    x = torch.from_numpy(data.lfw_subset().astype(np.float32))[:, None]
    return x, torch.cat([torch.ones(100), torch.zeros(100)]).long()


def small(x: torch.Tensor) -> torch.Tensor:
    """Pictures shrunk to 16×16 and laid out as 256 numbers."""
    return F.adaptive_avg_pool2d(x, 16).flatten(1)


def grey_histogram(x: torch.Tensor) -> torch.Tensor:
    """The share of pixels in each of 16 shades: (N, 16). Places are lost, brightness is kept."""
    return torch.stack([torch.histc(a, 16, 0, 1) for a in x]) / x[0].numel()


def patch_codes(x: torch.Tensor, epochs: int, seed: int = 0, k: int = 64) -> Callable[[torch.Tensor], torch.Tensor]:
    """The code of an autoencoder 256–256–k–256–256 that learnt to rebuild patches x, as :func:`small` shrinks them."""
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, k))
    net = nn.Sequential(encoder, nn.Linear(k, 256), nn.ReLU(), nn.Linear(256, 256))
    fit(net, (small(x), small(x)), None, n_epochs=epochs, batch_size=64, lr=2e-3, schedule=one_cycle, loss=F.mse_loss, seed=seed, progress=False)
    return lambda patches: predict_logits(encoder, small(patches))


def large_hog(x: torch.Tensor) -> torch.Tensor:
    """HOG with 4×4 cells a picture, 8 directions, blocks of 2×2: (N, 288)."""
    side = x.shape[-1] // 4
    rows = [hog(a, orientations=8, pixels_per_cell=(side, side), cells_per_block=(2, 2)) for a in x[:, 0].numpy()]
    return torch.from_numpy(np.stack(rows)).float()
