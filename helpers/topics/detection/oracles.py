"""Outside judges for what is built from scratch: painted pixels, definitions taken word by word."""

from __future__ import annotations

import numpy as np
from skimage.draw import rectangle


def random_boxes(rng: np.random.Generator, n: int, *, size: int = 64, whole: bool = False) -> np.ndarray:
    """n boxes inside size × size, none of them empty; with whole=True their corners are whole numbers."""
    low = rng.uniform(0, size - 8, (n, 2))
    boxes = np.c_[low, low + rng.uniform(4, size - low)]
    return np.c_[np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])] if whole else boxes


def painted_iou(a: np.ndarray, b: np.ndarray, size: int = 64) -> float:
    """scikit-image paints two whole-number boxes; the pixels in both over those in either."""
    masks = np.zeros((2, size + 1, size + 1), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, (a, b), strict=True):
        mask[rectangle((int(y1), int(x1)), (int(y2) - 1, int(x2) - 1))] = True
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def random_detections(rng: np.random.Generator, n_pictures: int, n: int, n_classes: int = 10) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """A guesser: n boxes of a digit's size a picture, anywhere, with any name and any score."""
    found = []
    for _ in range(n_pictures):
        sides = rng.uniform(12, 30, (n, 2))
        low = rng.uniform(0, 64 - sides)
        found.append((np.c_[low, low + sides], rng.random(n), rng.integers(0, n_classes, n)))
    return found
