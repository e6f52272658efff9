"""Scenes to search: real digits on real textures, their boxes known."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from helpers.data import digits, photograph
from helpers.topics.detection.boxes import iou
from helpers.validate import whole

cv2.setNumThreads(1)        # 64×64 pixels: threads cost more than they save

SIZE = 64
TEXTURES = ("brick", "grass", "gravel")
#: Which columns of the textures a part may use: no part sees another's.
COLUMNS = {"train": (0, 300), "val": (300, 400), "test": (400, 512)}
SHORTEST, LONGEST = 18, 32


@dataclass(frozen=True)
class Pictures:
    """x: float32 (N, 1, H, W) in [0, 1]; boxes: a (k, 4) array a picture, x1 y1 x2 y2; labels: a (k,) array a picture."""

    x: torch.Tensor
    boxes: list[np.ndarray]
    labels: list[np.ndarray]

    def __len__(self) -> int:
        return len(self.x)

    def first(self, n: int) -> Pictures:
        return Pictures(self.x[:n], self.boxes[:n], self.labels[:n])


@functools.cache
def _sources(part: str) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    if part not in COLUMNS:
        raise ValueError(f"part must be one of {', '.join(COLUMNS)}; got {part!r}")
    x, y = getattr(digits(), part)
    low, high = COLUMNS[part]
    return x[:, 0].numpy(), y.numpy(), [photograph(name)[:, low:high] for name in TEXTURES]


def digit(part: str, place: int, edge: int) -> tuple[np.ndarray, int]:
    """A digit cut to its ink, about ``edge`` pixels high or less: grey values (h, w), and which digit it is."""
    x, y, _ = _sources(part)
    ink = cv2.resize(x[place], (int(edge * 1.4),) * 2, interpolation=cv2.INTER_LINEAR)
    rows, columns = np.where(ink > 0.3)
    return ink[rows.min():rows.max() + 1, columns.min():columns.max() + 1], int(y[place])


def ground(part: str, rng: np.random.Generator, texture: tuple[float, float] = (0.2, 0.5), base: float = 0.15) -> np.ndarray:
    """A piece of a texture, (SIZE, SIZE), its contrast and brightness drawn; texture: least and greatest contrast."""
    walls = _sources(part)[2]
    wall = walls[rng.integers(len(walls))]
    row, column = rng.integers(wall.shape[0] - SIZE + 1), rng.integers(wall.shape[1] - SIZE + 1)
    return rng.uniform(*texture) * wall[row:row + SIZE, column:column + SIZE] + rng.uniform(0, base)


def paste(picture: np.ndarray, ink: np.ndarray, x: int, y: int, brightness: float) -> tuple[float, float, float, float]:
    """Lay a digit over a picture, in place; its box."""
    h, w = ink.shape
    part = picture[y:y + h, x:x + w]
    part[:] = part * (1 - ink) + brightness * ink
    return x, y, x + w, y + h


def scenes(n: int, part: str = "train", seed: int = 0, *, count: tuple[int, int] = (1, 3), overlap: float = 0.25, clutter: int = 4) -> Pictures:
    """n scenes of 64×64 pixels: digits of 18 to 32 pixels on brick, grass or gravel.

    Parameters
    ----------
    part : "train", "val" or "test"
        Whose digits, and whose columns of the textures.
    count : (int, int)
        The least and the greatest number of digits tried; one that finds no room is left out, never all.
    overlap : float
        The greatest IoU of two boxes.
    clutter : int
        At most so many pieces of digits, too small to be one, lie about.
    """
    whole("n", n)
    x, _, _ = _sources(part)
    rng = np.random.default_rng([seed, list(COLUMNS).index(part)])
    pictures, boxes, labels = np.empty((n, 1, SIZE, SIZE), np.float32), [], []
    for i in range(n):
        picture = ground(part, rng)
        for _ in range(rng.integers(clutter + 1)):
            _litter(picture, digit(part, int(rng.integers(len(x))), int(rng.integers(SHORTEST, LONGEST)))[0], rng)
        placed: list[tuple[float, float, float, float]] = []
        names: list[int] = []
        for _ in range(rng.integers(count[0], count[1] + 1)):
            for _ in range(20):
                ink, name = digit(part, int(rng.integers(len(x))), int(rng.integers(SHORTEST, LONGEST + 1)))
                h, w = ink.shape
                left, top = int(rng.integers(SIZE - w)), int(rng.integers(SIZE - h))
                if not placed or iou([(left, top, left + w, top + h)], placed).max() <= overlap:
                    placed.append(paste(picture, ink, left, top, float(rng.uniform(0.8, 1))))
                    names.append(name)
                    break
        pictures[i, 0] = (picture + rng.normal(0, 0.03, picture.shape)).clip(0, 1)
        boxes.append(np.array(placed, float).reshape(-1, 4))
        labels.append(np.array(names, np.int64))
    return Pictures(torch.from_numpy(pictures), boxes, labels)


def _litter(picture: np.ndarray, ink: np.ndarray, rng: np.random.Generator) -> None:
    """A third of a digit's height and width, anywhere: strokes that are no digit."""
    h, w = max(4, ink.shape[0] // 3), max(4, ink.shape[1] // 3)
    row, column = rng.integers(max(1, ink.shape[0] - h)), rng.integers(max(1, ink.shape[1] - w))
    piece = ink[row:row + h, column:column + w] * rng.uniform(0.5, 1)
    y, x = rng.integers(SIZE - h), rng.integers(SIZE - w)
    part = picture[y:y + piece.shape[0], x:x + piece.shape[1]]
    np.maximum(part, piece, out=part)


def pairs(n: int, part: str = "val", seed: int = 500, *, least: float = 0.5, most: float = 0.8) -> Pictures:
    """n scenes of two digits whose boxes overlap by an IoU between least and most; no clutter."""
    x, _, _ = _sources(part)
    rng = np.random.default_rng([seed, list(COLUMNS).index(part)])
    pictures: list[np.ndarray] = []
    boxes, labels = [], []
    while len(pictures) < n:
        (one, a), (two, b) = (digit(part, int(rng.integers(len(x))), int(rng.integers(SHORTEST, LONGEST + 1))) for _ in range(2))
        (h, w), (k, m) = one.shape, two.shape
        left, top = int(rng.integers(SIZE - w)), int(rng.integers(SIZE - h))
        dx, dy = left + int(rng.integers(-8, 9)), top + int(rng.integers(-8, 9))
        placed = np.array([(left, top, left + w, top + h), (dx, dy, dx + m, dy + k)], float)
        if dx < 0 or dy < 0 or dx + m > SIZE or dy + k > SIZE or not least < iou(placed[:1], placed[1:])[0, 0] < most:
            continue
        picture = ground(part, rng)
        paste(picture, one, left, top, float(rng.uniform(0.8, 1)))
        paste(picture, two, dx, dy, float(rng.uniform(0.8, 1)))
        pictures.append((picture + rng.normal(0, 0.03, picture.shape)).clip(0, 1).astype(np.float32))
        boxes.append(placed)
        labels.append(np.array([a, b], np.int64))
    return Pictures(torch.from_numpy(np.stack(pictures))[:, None], boxes, labels)


def n_boxes(pictures: Pictures | Sequence[np.ndarray]) -> int:
    """How many true boxes there are in all."""
    return sum(map(len, pictures.boxes if isinstance(pictures, Pictures) else pictures))
