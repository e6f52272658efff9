"""Twelve materials in patches cut out of photographs, split by the halves of each photograph."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import torch
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.validate import whole

#: Material → the photograph it is cut from (a function of skimage.data; or a picture of scikit-learn).
MATERIALS = {"bricks": "brick", "grass": "grass", "gravel": "gravel", "fur": "chelsea", "petals": "flower.jpg", "temple": "china.jpg",
             "motorcycle": "stereo_motorcycle", "tissue": "immunohistochemistry", "stars": "hubble_deep_field", "coffee": "coffee", "rocket": "rocket", "eye ground": "retina"}
SIDE, SIZE = 96, 64             # cut out, scaled to: pixels


@functools.cache
def material_photo(name: str) -> np.ndarray:
    """The photograph of a material, uint8 (H, W, 3); those of bricks, grass and gravel were taken without colour.

    Raises
    ------
    ValueError
        If there is no such material.
    """
    if name not in MATERIALS:
        raise ValueError(f"name must be one of {', '.join(MATERIALS)}; got {name!r}")
    source = MATERIALS[name]
    if source.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        return np.asarray(load_sample_image(source))
    from skimage import data

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = getattr(data, source)()
    picture = picture[0] if isinstance(picture, tuple) else picture         # two views and their depth: the left view
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)


def left_edges(width: int, side: int, part: str) -> tuple[int, int]:
    """The first and the last column at which a patch may begin: "train" lies left, "test" right, one patch's width is left out between.

    >>> left_edges(512, 96, "train"), left_edges(512, 96, "test")
    ((0, 112), (304, 416))
    """
    middle = width // 2
    return (0, middle - side // 2 - side) if part == "train" else (middle + side // 2, width - side)


@functools.cache
def materials(n_train: int = 60, n_test: int = 20, seed: int = 0) -> tuple[XY, XY]:
    """Patches of twelve materials, in colour.

    The left half of each photograph gives the training patches, the right half the test, with the width of a patch
    left out between them. Patches overlap others of their own half. Each photograph is the whole of its class: what is
    learnt is this photograph, under this light.

    Parameters
    ----------
    n_train, n_test : int
        Patches a material; those of one material stand together.
    seed : int
        Of their places.

    Returns
    -------
    train, test : (x, y)
        x float32 (12 · n, 3, 64, 64) in [0, 1], y int64 (12 · n,).

    Source
    ------
    Photographs of the packages scikit-image (public domain, CC0) and scikit-learn (CC BY 2.0: "china" by Rod Waddington, "flower" by dany13).
    """
    n_train, n_test, rng = whole("n_train", n_train), whole("n_test", n_test), np.random.default_rng(whole("seed", seed, 0))
    parts: list[XY] = []
    for part, n in (("train", n_train), ("test", n_test)):
        cut = []
        for photo in map(material_photo, MATERIALS):
            low, high = left_edges(photo.shape[1], SIDE, part)
            for _ in range(n):
                row, column = rng.integers(photo.shape[0] - SIDE + 1), rng.integers(low, high + 1)
                cut.append(photo[row:row + SIDE, column:column + SIDE])
        x = torch.from_numpy(np.stack(cut)).permute(0, 3, 1, 2).float() / 255
        x = F.interpolate(x, SIZE, mode="bilinear", antialias=True)
        parts.append((x.clamp(0, 1), torch.arange(len(MATERIALS)).repeat_interleave(n)))
    return parts[0], parts[1]


def in_grey(x: torch.Tensor) -> torch.Tensor:
    """Pictures (N, 3, H, W) without colour: the mean of the three, three times."""
    return x.mean(1, keepdim=True).expand(-1, 3, -1, -1).contiguous()
