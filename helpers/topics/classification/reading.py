"""Read a photographed page with OpenCV, step by step; each step can be left out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from helpers.topics.classification.page import CELL, COLUMNS, HEIGHT, MARGIN, PHOTO, ROWS, WIDTH, sheet_corners

#: The steps that can be left out, with what is done instead.
STEPS = {
    "straighten": "the whole photograph is taken for the sheet",
    "threshold by neighbourhood": "one threshold for the sheet (Otsu)",
    "keep the proportions": "each digit is stretched to a square",
    "centre by mass": "the digit's box is centred",
    "invert the ink": "dark ink on bright paper",
    "median filter": "the picture stays as it is",
}
#: Where the middle of MNIST's mass lies, in pixels from 0 (the geometric middle of 28 pixels is 13.5).
MIDDLE = 14.0
Classifier = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Read:
    """What was made of a photograph, stage by stage.

    Parameters
    ----------
    corners : float32 (4, 2) or None
        Where the sheet was found.
    flat : uint8 (HEIGHT, WIDTH)
        The sheet, straightened.
    ink : bool (HEIGHT, WIDTH)
        What is taken for ink.
    crops : float32 (n, 1, 28, 28)
        One picture a cell in which ink was found.
    places : int64 (n,)
        The cells, 0 … 47.
    """

    corners: np.ndarray | None
    flat: np.ndarray
    ink: np.ndarray
    crops: torch.Tensor
    places: np.ndarray

    def digits(self, model: Classifier) -> np.ndarray:
        """What a network reads, int64 (6, 8); -1 where nothing was found."""
        out = np.full(ROWS * COLUMNS, -1)
        if len(self.places):
            with torch.no_grad():
                out[self.places] = model(self.crops).argmax(1).numpy()
        return out.reshape(ROWS, COLUMNS)


def find_sheet(photo: np.ndarray) -> np.ndarray | None:
    """The corners of the most solid bright shape with four sides, float32 (4, 2); None if there is none."""
    smooth = cv2.GaussianBlur(photo, (7, 7), 0)
    best: tuple[float, np.ndarray] | None = None
    for mask in (cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)[1],
                 cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 401, 0)):
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9)))         # digits are filled
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((25, 25)))        # bright mortar goes
        for contour in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            hull = cv2.convexHull(contour)
            shape = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
            area = cv2.contourArea(hull)
            solid = cv2.contourArea(contour) / max(area, 1)
            if len(shape) == 4 and 0.12 * photo.size < area < 0.95 * photo.size and (best is None or solid > best[0]):
                best = solid, shape[:, 0].astype(np.float32)
    return None if best is None else in_order(best[1])


def in_order(points: np.ndarray) -> np.ndarray:
    """Four corners as top left, top right, bottom right, bottom left: (4, 2) → (4, 2)."""
    total, difference = points.sum(1), points[:, 0] - points[:, 1]
    return points[[total.argmin(), difference.argmax(), total.argmax(), difference.argmin()]]


def straighten(photo: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The sheet as seen from straight above, uint8 (HEIGHT, WIDTH)."""
    view = cv2.getPerspectiveTransform(corners, sheet_corners())
    return cv2.warpPerspective(photo, view, (WIDTH, HEIGHT))


def like_mnist(ink: np.ndarray, centre: bool = True, proportions: bool = True, middle: float = MIDDLE) -> np.ndarray:
    """A digit's box, float32 (h, w) with ink above 0, as the training digits are: longer side 20 of 28 pixels, centred by mass."""
    if not proportions:
        return _padded(cv2.resize(ink, (20, 20), interpolation=cv2.INTER_AREA), centre, middle)
    scale = 20 / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    return _padded(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), centre, middle)


def _padded(digit: np.ndarray, centre: bool, middle: float) -> np.ndarray:
    """In the middle of 28×28 by its box, then (with centre) by its mass."""
    height, width = digit.shape
    top, left = (28 - height) // 2, (28 - width) // 2
    out = cv2.copyMakeBorder(digit, top, 28 - height - top, left, 28 - width - left, cv2.BORDER_CONSTANT, value=0)
    mass = cv2.moments(out)
    if not centre or mass["m00"] <= 0:
        return out
    move = np.array([[1, 0, middle - mass["m10"] / mass["m00"]], [0, 1, middle - mass["m01"] / mass["m00"]]], np.float32)
    return cv2.warpAffine(out, move, (28, 28))


def read_page(photo: np.ndarray, without: Collection[str] = (), corners: np.ndarray | None = None, middle: float = MIDDLE) -> Read:
    """Everything up to the network.

    Parameters
    ----------
    photo : uint8 (480, 640)
    without : names of STEPS
        The steps to leave out.
    corners : float32 (4, 2), optional
        Where the sheet lies, if that is known; it is looked for otherwise.
    middle : float
        Where the mass of each digit is put, in pixels from 0, along both axes.

    Raises
    ------
    ValueError
        If photo is no such picture, or a step has no such name.
    """
    if photo.dtype != np.uint8 or photo.shape != PHOTO:
        raise ValueError(f"photo must be uint8 of shape {PHOTO} (grey), got {photo.dtype} of shape {photo.shape}")
    unknown = set(without) - set(STEPS)
    if unknown:
        raise ValueError(f"without must name some of {', '.join(STEPS)}; got {', '.join(sorted(unknown))}")
    height, width = PHOTO
    if "straighten" in without:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    elif corners is None:
        corners = find_sheet(photo)
    if corners is None:
        nothing = np.zeros((HEIGHT, WIDTH), np.uint8)
        return Read(None, nothing, nothing > 0, torch.zeros(0, 1, 28, 28), np.zeros(0, np.int64))
    flat = straighten(photo, corners)
    if "median filter" not in without:
        flat = cv2.medianBlur(flat, 3)
    if "threshold by neighbourhood" not in without:
        mask = cv2.adaptiveThreshold(flat, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, 41, 15)
    else:
        mask = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1]
    ink = np.where(mask > 0, 1 - flat / np.float32(255), np.float32(0)).astype(np.float32)
    crops, places = [], []
    for place in range(ROWS * COLUMNS):
        top, left = (MARGIN + CELL * cell for cell in divmod(place, COLUMNS))
        part = _digit_in(mask[top:top + CELL, left:left + CELL], ink[top:top + CELL, left:left + CELL])
        if part is not None:
            crop = like_mnist(part, "centre by mass" not in without, "keep the proportions" not in without, middle)
            crops.append(crop if "invert the ink" not in without else 1 - crop)
            places.append(place)
    x = torch.from_numpy(np.stack(crops))[:, None] if crops else torch.zeros(0, 1, 28, 28)
    return Read(corners, flat, mask > 0, x, np.array(places, np.int64))


def _digit_in(mask: np.ndarray, ink: np.ndarray, least: int = 25) -> np.ndarray | None:
    """The ink of a cell's connected parts that are no specks, cut to its box and scaled to 1; None if there is none."""
    n, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > least) + 1
    if not len(keep):
        return None
    left, top = stats[keep, 0].min(), stats[keep, 1].min()
    right, bottom = (stats[keep, 0] + stats[keep, 2]).max(), (stats[keep, 1] + stats[keep, 3]).max()
    chosen = np.zeros(n, np.float32)
    chosen[keep] = 1
    part = (ink * chosen[labels])[top:bottom, left:right]
    return part / max(float(part.max()), 1e-6)


def share_read(pages: list[tuple[np.ndarray, np.ndarray]], model: Classifier, without: Collection[str] = ()) -> float:
    """The share of digits read right over (photo, labels) pairs."""
    return float(np.mean([read_page(photo, without).digits(model) == labels for photo, labels in pages]))
