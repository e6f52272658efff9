"""Real coins: one photograph, its upper half to learn from and its lower half to be tested on, untouched or pasted on textures."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from scipy import ndimage
from skimage import data, filters, measure, segmentation

from helpers.data import photograph
from helpers.topics.detection.boxes import Detections, detections, iou
from helpers.topics.detection.pictures import TEXTURES, Pictures

cv2.setNumThreads(1)
EDGE = 96
#: Smaller components are no coin (pixels, at half size).
LEAST_AREA = 60


@dataclass(frozen=True)
class Coins:
    """At half size. lower: the photograph's lower part (H, W), boxes: its coins (12, 4); cut: 12 coins with their masks, by half; cloth: the upper part without coins."""

    lower: np.ndarray
    boxes: np.ndarray
    cut: dict[str, list[tuple[np.ndarray, np.ndarray]]]
    cloth: np.ndarray


def _half(a: np.ndarray) -> np.ndarray:
    return cv2.resize(a, (a.shape[1] // 2, a.shape[0] // 2), interpolation=cv2.INTER_AREA)


@functools.cache
def coins() -> Coins:
    """The photograph of 24 Greek coins that scikit-image brings along; where they are, a watershed has found.

    *Source*: skimage.data.coins, coins of Pompeii, Brooklyn Museum, no known copyright restrictions.
    """
    whole = data.coins()
    markers = np.zeros(whole.shape, int)
    markers[whole < 30], markers[whole > 150] = 1, 2
    names, _ = ndimage.label(ndimage.binary_fill_holes(segmentation.watershed(filters.sobel(whole), markers) - 1))
    regions = [r for r in measure.regionprops(names) if r.area > 500]
    grey = whole.astype(np.float32) / 255
    middle = whole.shape[0] / 2
    upper = [r for r in regions if r.centroid[0] < middle]
    below = [r for r in regions if r.centroid[0] >= middle]
    row = max(r.bbox[2] for r in upper)

    def cut(region: measure._regionprops.RegionProperties) -> tuple[np.ndarray, np.ndarray]:
        a, b, c, d = region.bbox
        return _half(grey[a:c, b:d]), _half((names[a:c, b:d] == region.label).astype(np.float32))

    covered = cv2.dilate((_half((names[:row] > 0).astype(np.float32)) > 0).astype(np.uint8), np.ones((5, 5), np.uint8))
    cloth = cv2.inpaint((_half(grey[:row]) * 255).astype(np.uint8), covered, 5, cv2.INPAINT_TELEA)
    lower = _half(grey)[row // 2:]
    lower = lower[:lower.shape[0] // 8 * 8, :lower.shape[1] // 8 * 8]
    boxes = np.array([(r.bbox[1] / 2, r.bbox[0] / 2 - row // 2, r.bbox[3] / 2, r.bbox[2] / 2 - row // 2) for r in below])
    return Coins(np.ascontiguousarray(lower), boxes, {"upper": [cut(r) for r in upper], "lower": [cut(r) for r in below]}, cloth.astype(np.float32) / 255)


def _turned(grey: np.ndarray, mask: np.ndarray, scale: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """A coin and its mask, scaled and turned, cut to what is seen."""
    h, w = grey.shape
    edge = int(max(h, w) * 1.5 * scale)
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), angle, scale)
    matrix[:, 2] = matrix[:, 2] + [edge / 2 - w / 2, edge / 2 - h / 2]
    g, m = (cv2.warpAffine(a, matrix, (edge, edge)) for a in (grey, mask))
    rows, columns = np.where(m > 0.5)
    place = np.s_[rows.min():rows.max() + 1, columns.min():columns.max() + 1]
    return g[place], m[place]


def coin_scenes(n: int, half: str = "upper", seed: int = 0, *, textured: float = 0.5) -> Pictures:
    """n pictures of 96×96 pixels with one to seven coins of one half, turned and scaled, pasted on the cloth or on a texture.

    textured : float
        The share of pictures on brick, grass or gravel.
    """
    if half not in ("upper", "lower"):
        raise ValueError(f"half must be 'upper' or 'lower', got {half!r}")
    rng, all_coins = np.random.default_rng([seed, half == "lower"]), coins()
    walls = [photograph(name) for name in TEXTURES]
    pictures, boxes = np.empty((n, 1, EDGE, EDGE), np.float32), []
    for i in range(n):
        if rng.random() < textured:
            row, column = rng.integers(512 - EDGE, size=2)
            picture: np.ndarray = walls[rng.integers(3)][row:row + EDGE, column:column + EDGE] * rng.uniform(0.1, 0.5) + rng.uniform(0, 0.2)
        else:
            row, column = rng.integers(max(1, all_coins.cloth.shape[0] - EDGE)), rng.integers(all_coins.cloth.shape[1] - EDGE)
            picture = cv2.resize(all_coins.cloth[row:row + EDGE, column:column + EDGE], (EDGE, EDGE)) * rng.uniform(0.7, 1.3)
        placed: list[tuple[int, int, int, int]] = []
        for _ in range(rng.integers(1, 8)):
            for _ in range(10):
                grey, mask = _turned(*all_coins.cut[half][rng.integers(12)], rng.uniform(0.75, 1.3), rng.uniform(0, 360))
                y, x = int(rng.integers(EDGE - grey.shape[0])), int(rng.integers(EDGE - grey.shape[1]))
                box = (x, y, x + grey.shape[1], y + grey.shape[0])
                if not placed or iou([box], placed).max() < 0.05:
                    part = picture[y:box[3], x:box[2]]
                    part[:] = part * (1 - mask) + grey * mask * rng.uniform(0.75, 1.25)
                    placed.append(box)
                    break
        pictures[i, 0] = (picture + rng.normal(0, 0.02, picture.shape)).clip(0, 1)
        boxes.append(np.array(placed, float).reshape(-1, 4))
    return Pictures(torch.from_numpy(pictures), boxes, [np.zeros(len(b), np.int64) for b in boxes])


def untouched() -> Pictures:
    """The lower half as it was photographed: one picture, 12 coins."""
    c = coins()
    return Pictures(torch.from_numpy(c.lower)[None, None], [c.boxes], [np.zeros(len(c.boxes), np.int64)])


def by_threshold(picture: np.ndarray, way: str = "adaptive") -> Detections:
    """Coins by a threshold and connected components; the larger a component, the higher its score.

    way : "Otsu" (one threshold for the picture) or "adaptive" (one for each neighbourhood)
    """
    grey = cv2.GaussianBlur((picture * 255).astype(np.uint8), (5, 5), 0)
    if way == "Otsu":
        bright = ndimage.binary_fill_holes(cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1] > 0)
    elif way == "adaptive":
        raised = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, -5)
        bright = ndimage.binary_opening(ndimage.binary_fill_holes(raised > 0), iterations=2)
    else:
        raise ValueError(f"way must be 'Otsu' or 'adaptive', got {way!r}")
    _, _, stats, _ = cv2.connectedComponentsWithStats(bright.astype(np.uint8))
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h, area in stats[1:] if area > LEAST_AREA], float).reshape(-1, 4)
    return detections(boxes, boxes[:, 2] - boxes[:, 0])
