"""A photographed page of digits: real test digits on a sheet of paper, askew on a brick wall, under one lamp."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np

from helpers.data import digits, photograph
from helpers.validate import whole

cv2.setNumThreads(1)        # small pictures: threads cost more than they save
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)        # a missing file: imread gives None, and need not write to stderr as well
ROWS, COLUMNS, CELL, MARGIN = 6, 8, 60, 20
#: The sheet, seen from straight above: height and width in pixels.
HEIGHT, WIDTH = CELL * ROWS + 2 * MARGIN, CELL * COLUMNS + 2 * MARGIN
#: The photograph's.
PHOTO = (480, 640)


@dataclass(frozen=True)
class Page:
    """A photograph and the truth about it.

    Parameters
    ----------
    photo : uint8 (480, 640)
        Grey values, 0 black.
    labels : int64 (6, 8)
        The digits, row by row.
    corners : float32 (4, 2)
        Where the sheet's corners lie, (x, y) in pixels: top left, top right, bottom right, bottom left.
    """

    photo: np.ndarray
    labels: np.ndarray
    corners: np.ndarray


def sheet_corners() -> np.ndarray:
    """The corners of a sheet seen from straight above, float32 (4, 2), in the order of Page.corners."""
    return np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)


@functools.lru_cache(maxsize=64)
def _sheet(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A sheet with 48 digits of the test split in dark ink, float32 (HEIGHT, WIDTH), and the digits (6, 8)."""
    x, y = digits().test
    rng = np.random.default_rng(seed)
    sheet = np.full((HEIGHT, WIDTH), 0.93, np.float32)
    chosen = rng.integers(len(x), size=ROWS * COLUMNS)
    for place, i in enumerate(chosen):
        side = int(rng.integers(30, 50))
        digit = cv2.resize(x[i, 0].numpy(), (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        top, left = (MARGIN + CELL * cell + int(rng.integers(0, CELL - side)) for cell in divmod(place, COLUMNS))
        sheet[top:top + side, left:left + side] -= digit * np.float32(rng.uniform(0.55, 0.85))
    grain = cv2.GaussianBlur(rng.normal(0, 0.05, sheet.shape).astype(np.float32), (0, 0), 2)
    return sheet + grain, y.numpy()[chosen].reshape(ROWS, COLUMNS)


@functools.cache
def _wall() -> np.ndarray:
    return cv2.resize(photograph("brick"), PHOTO[::-1]) * np.float32(0.55)


@functools.lru_cache(maxsize=64)
def _chance(seed: int) -> tuple[np.ndarray, float, np.ndarray]:
    """What a photograph owes to chance: how each corner moves (4, 2), where the lamp stands (radians), the camera's noise."""
    rng = np.random.default_rng(1000 + seed)
    return rng.uniform(-1, 1, (4, 2)).astype(np.float32), float(rng.uniform(0, 2 * np.pi)), rng.standard_normal(PHOTO, np.float32)


def photograph_page(seed: int, tilt: float = 0.18, light: float = 0.6, noise: float = 0.03, blur: float = 1.0) -> Page:
    """Take a photograph of a page of 48 digits.

    Parameters
    ----------
    seed : int
        Which page; also how it lies, where the lamp stands, and the noise.
    tilt : float from 0 to 0.5
        How far the corners are moved: 0 is seen from straight above.
    light : float from 0 to 1
        How much darker the far side is: 0 is even light.
    noise : float >= 0
        The standard deviation of the camera's noise, where white is 1.
    blur : float >= 0
        The standard deviation of the lens's blur, in pixels.

    Raises
    ------
    ValueError
        If tilt or light lies outside its range, or noise or blur is negative.
    """
    whole("seed", seed, 0)
    for name, value, most in (("tilt", tilt, 0.5), ("light", light, 1.0), ("noise", noise, 10.0), ("blur", blur, 10.0)):
        if not 0 <= value <= most:
            raise ValueError(f"{name} must lie between 0 and {most:g}, got {value}")
    sheet, labels = _sheet(seed)
    moved, angle, grain = _chance(seed)
    corners = np.array([[90, 60], [550, 60], [550, 420], [90, 420]], np.float32) + moved * np.float32(200 * tilt)
    corners = np.clip(corners, 8, [PHOTO[1] - 8, PHOTO[0] - 8]).astype(np.float32)
    view = cv2.getPerspectiveTransform(sheet_corners(), corners)
    seen = cv2.warpPerspective(sheet, view, PHOTO[::-1], borderValue=-1.0)          # below 0 beside the sheet
    picture = np.where(seen > 0, seen, _wall())
    y, x = np.linspace(-0.5, 0.5, PHOTO[0])[:, None], np.linspace(-0.5, 0.5, PHOTO[1])[None]
    picture = picture * (1 - 0.9 * light * (x * np.cos(angle) + y * np.sin(angle) + 0.5)).astype(np.float32)
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    return Page((np.clip(picture + np.float32(noise) * grain, 0, 1) * 255).astype(np.uint8), labels, corners)


def for_the_page(photo: np.ndarray) -> np.ndarray:
    """A photograph as figures show it: half the size, 21 greys, uint8 (240, 320). Fine grain makes a notebook large and shows nothing."""
    small = cv2.resize(photo, (photo.shape[1] // 2, photo.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return small // 12 * 12 + 6
