"""Exercises of the lesson on the page: 10.1 to 10.4."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
import torch
from scipy import ndimage

from helpers.data import digits
from helpers.lesson.exercise import Case, Exercise, Met
from helpers.lesson.promises import measured
from helpers.models import FastCNN
from helpers.topics.classification.harm import contrast
from helpers.topics.classification.networks import accuracy_of
from helpers.training import fit, one_cycle

# ---------------------------------------------------------------- 10.1 four corners

def _quads() -> list[Case]:
    rng = np.random.default_rng(101)
    base = np.array([[80, 60], [560, 60], [560, 420], [80, 420]], float)
    cases = []
    for label, turn in (("a sheet seen from above", 0.0), ("a sheet turned a little to the left", -0.15), ("one turned to the right", 0.2), ("a sheet askew", 0.05)):
        c, s = np.cos(turn), np.sin(turn)
        quad = (base - [320, 240]) @ np.array([[c, s], [-s, c]]) + [320, 240] + rng.uniform(-25, 25, (4, 2))
        cases.append(Case(label, (quad[rng.permutation(4)],)))
    return cases


def _by_angle(p: np.ndarray) -> np.ndarray:
    """Around the middle, clockwise on a picture whose y points down, from the corner up left."""
    middle = p.mean(0)
    turned = p[np.argsort(np.arctan2(p[:, 1] - middle[1], p[:, 0] - middle[0]))]
    return np.roll(turned, -int(turned.sum(1).argmin()), 0)


corners = Exercise("10.1", oracle=_by_angle, cases=_quads, verified="four sheets, straight, turned and askew, their corners in any order")


def _pick(p: Any, *keys: Any) -> Any:
    return np.array([p[key.argmin()] for key in keys])


@corners.wrong("the corners come out anticlockwise: top right stands second.")
def anticlockwise(p: Any) -> Any:
    s, d = p.sum(1), p[:, 0] - p[:, 1]
    return _pick(p, s, d, -s, -d)


@corners.wrong("x and y are exchanged: top right has a large x and a small y.")
def x_for_y(p: Any) -> Any:
    s, d = p.sum(1), p[:, 1] - p[:, 0]
    return _pick(p, s, -d, -s, d)[:, ::-1]


@corners.wrong("these are all sorted by x alone: of the two on the left nobody says which is on top.")
def by_x(p: Any) -> Any:
    return p[np.argsort(p[:, 0])]


@corners.wrong("the order begins in the wrong corner: top left comes first.")
def begins_elsewhere(p: Any) -> Any:
    return np.roll(_by_angle(p), 1, 0)


@corners.wrong("the corners come back as they came.")
def as_it_came(p: Any) -> Any:
    return p


@corners.also_right
def by_rows(p: Any) -> Any:
    upper, lower = p[np.argsort(p[:, 1])][:2], p[np.argsort(p[:, 1])][2:]
    (a, b), (d, c) = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
    return np.array([a, b, c, d])


@corners.also_right
def by_sums(p: Any) -> Any:
    x, y = p.T
    return p[[int(np.argmin(x + y)), int(np.argmin(y - x)), int(np.argmax(x + y)), int(np.argmax(y - x))]]


# ---------------------------------------------------------------- 10.2 the ranking

_RANK = ["straighten the sheet", "invert the ink", "a threshold by neighbourhood", "keep the proportions", "centre by mass", "the median filter"]
ranking = Exercise(
    "10.2", kind="order", lines=_RANK,
    needs={_RANK[2]: _RANK[:2], _RANK[3]: _RANK[:3], _RANK[4]: _RANK[:3], _RANK[5]: _RANK[:5]},
    distractors={"a blur of 7 pixels before the network": "no such step is made: nothing blurs the digits."},
    verified="the same ranking as over 20 pages and the lesson's networks (the first two cost nearly everything, proportions and centring a few points each: within these pairs either order is right)")


def _moved(*order: int) -> list[str]:
    return [_RANK[i] for i in order]


@ranking.wrong("without the median filter as many digits are read: it belongs at the end.")
def median_counts() -> list[str]:
    return _moved(5, 0, 1, 2, 3, 4)


@ranking.wrong("centring costs a few points, one threshold for all costs about half of the digits.")
def centring_first() -> list[str]:
    return _moved(0, 1, 4, 2, 3, 5)


@ranking.wrong("one threshold still reads about half of the digits; without straightening, or with inverted ink, it is a tenth.")
def threshold_first() -> list[str]:
    return _moved(2, 0, 1, 3, 4, 5)


@ranking.wrong("the dearest step comes first: this is the ranking from the other end.")
def upside_down() -> list[str]:
    return _moved(5, 4, 3, 2, 1, 0)


@ranking.also_right
def ink_first() -> list[str]:
    return _moved(1, 0, 2, 3, 4, 5)


@ranking.also_right
def sheet_first() -> list[str]:
    return list(_RANK)


# ---------------------------------------------------------------- 10.3 five faults

def _cells() -> list[Case]:
    """Cells of a sheet with one digit each: wide and tall ones, off the middle, on paper of several shades."""
    x, y = digits().train
    cases = []
    for label, digit, height, width, top, left in (("a tall one", 1, 40, 26, 12, 30), ("a wide zero", 0, 26, 44, 30, 8), ("a seven in a corner", 7, 36, 30, 2, 3), ("a faint four", 4, 33, 38, 20, 14)):
        picture = x[(y == digit).nonzero()[3, 0], 0, 4:24, 4:24].numpy()
        ink = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        paper = 235 if digit != 4 else 222
        cell = np.full((60, 60), paper, np.float32)
        cell[top:top + height, left:left + width] -= ink * (190 if digit != 4 else 130)
        cases.append(Case(label, (cell.clip(0, 255).astype(np.uint8),)))
    return cases


def _prepared(cell: np.ndarray, *, invert: bool = True, whole_box: bool = True, longer: bool = True, width_first: bool = True, y_first: bool = True) -> np.ndarray:
    """The right program, or the one with faults."""
    ink: Any = 1 - cell.astype(np.float32) / 255 if invert else cell.astype(np.float32) / 255
    ink[ink < 0.3] = 0
    rows, columns = np.nonzero(ink)
    more = 1 if whole_box else -1
    ink = ink[rows.min():rows.max() + more, columns.min():columns.max() + more]
    height, width = (max(1, min(24, round(20 * side / (max(ink.shape) if longer else min(ink.shape))))) for side in ink.shape)
    ink = cv2.resize(ink, (width, height) if width_first else (height, width), interpolation=cv2.INTER_AREA)
    out = np.zeros((28, 28), np.float32)
    out[4:4 + ink.shape[0], 4:4 + ink.shape[1]] = ink / ink.max()
    y, x = ndimage.center_of_mass(out)
    return np.roll(out, (round(14 - y), round(14 - x)) if y_first else (round(14 - x), round(14 - y)), (0, 1))


def five_faults(cell: Any) -> Any:
    ink = cell.astype(np.float32) / 255
    ink[ink < 0.3] = 0
    rows, columns = np.nonzero(ink)
    ink = ink[rows.min():rows.max() - 1, columns.min():columns.max() - 1]
    scale = 20 / min(ink.shape)
    height, width = (max(1, min(24, round(scale * side))) for side in ink.shape)
    ink = cv2.resize(ink, (height, width), interpolation=cv2.INTER_AREA)
    out = np.zeros((28, 28), np.float32)
    out[4:4 + ink.shape[0], 4:4 + ink.shape[1]] = ink / ink.max()
    y, x = (np.indices(out.shape) * out).sum((1, 2)) / out.sum()
    return np.roll(out, (round(14 - x), round(14 - y)), (0, 1))


preparation = Exercise("10.3", kind="fix", given=five_faults, oracle=_prepared, cases=_cells, tolerance=1e-4,
                       verified="ink bright, the whole box, longer side 20, proportions kept, mass in the middle, for four cells")


@preparation.wrong("the ink is still dark on bright paper: the network was trained on bright ink.")
def not_inverted(cell: Any) -> Any:
    return _prepared(cell, invert=False)


@preparation.wrong("the box loses its last rows and columns: an end of a slice is not part of it, so the last one is max() + 1.")
def box_cut(cell: Any) -> Any:
    return _prepared(cell, whole_box=False)


@preparation.wrong("the shorter side is made 20 pixels long; it must be the longer one.")
def shorter_side(cell: Any) -> Any:
    return _prepared(cell, longer=False)


@preparation.wrong("cv2.resize takes (width, height); NumPy's shapes are (height, width).")
def height_first(cell: Any) -> Any:
    return _prepared(cell, width_first=False)


@preparation.wrong("axis 0 moves by what y lacks, axis 1 by what x lacks; here they are exchanged.")
def x_first(cell: Any) -> Any:
    return _prepared(cell, y_first=False)


@preparation.also_right
def by_bounding_box(cell: Any) -> Any:
    ink: Any = np.float32(1) - cell / np.float32(255)
    ink = np.where(ink < 0.3, 0, ink).astype(np.float32)
    x0, y0, w, h = cv2.boundingRect((ink > 0).astype(np.uint8))
    ink = ink[y0:y0 + h, x0:x0 + w]
    size = (max(1, round(20 * w / max(w, h))), max(1, round(20 * h / max(w, h))))
    ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    out = np.zeros((28, 28), np.float32)
    out[4:4 + size[1], 4:4 + size[0]] = ink / ink.max()
    mass = cv2.moments(out)
    return np.roll(out, (round(14 - mass["m01"] / mass["m00"]), round(14 - mass["m10"] / mass["m00"])), (0, 1))


@preparation.also_right
def with_scipy(cell: Any) -> Any:
    return _prepared(cell)


# ---------------------------------------------------------------- 10.4 restore

@functools.cache
def _judge_net() -> FastCNN:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(104)
        net = FastCNN(8)
        fit(net, digits().train, None, n_epochs=4, batch_size=64, lr=1e-2, schedule=one_cycle, seed=104, progress=False)
    return net


#: What is done to the validation digits: fainter by this factor, and moved by these pixels (down, right).
SPOILT = {"ink at 0.35": (0.35, 0, 0), "ink at 0.2": (0.2, 0, 0), "4 pixels to the right": (1.0, 0, 4), "4 pixels up": (1.0, -4, 0), "ink at 0.5, 3 pixels down and 4 left": (0.5, 3, -4)}


def moved(x: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """Pictures (N, 1, H, W) moved by whole pixels; what comes in is paper."""
    big = torch.nn.functional.pad(x, (8, 8, 8, 8))
    return big[..., 8 - down:8 - down + x.shape[-2], 8 - right:8 - right + x.shape[-1]].contiguous()


def _restore_cases() -> list[Case]:
    x = digits().val[0]
    return [Case(label, (moved(contrast(x, factor), down, right),)) for label, (factor, down, right) in SPOILT.items()]


def _judge_restored(got: Any, spoilt: torch.Tensor) -> str | None:
    if not isinstance(got, torch.Tensor) or got.shape != spoilt.shape:
        return f"expected a tensor of shape {tuple(spoilt.shape)}, got {tuple(got.shape) if isinstance(got, torch.Tensor) else type(got).__name__}"
    if not got.is_floating_point() or not bool(got.isfinite().all()):
        return "expected finite floats"
    x, y = digits().val
    clean, now = accuracy_of(_judge_net(), (x, y)), accuracy_of(_judge_net(), (got.float(), y))
    lost = clean - now
    return Met(f"{measured(100 * max(lost, 0), '.1f')} points lost; fewer than 2 were asked") if lost < 0.02 else f"{100 * lost:.1f} points are lost ({clean:.3f} → {now:.3f}); fewer than 2 are asked"


restore = Exercise("10.4", kind="target", judge=_judge_restored, cases=_restore_cases,
                   verified="500 validation digits, made faint and moved in five ways, read as well as before within two points")


def _rescaled(x: Any) -> Any:
    return x / x.amax((2, 3), keepdim=True).clamp(min=1e-6)


def _centred(x: Any, least: float = 0.0) -> Any:
    grid = torch.arange(28.0)
    ink = x * (x > least)
    mass = ink.sum((2, 3)).clamp(min=1e-6)                          # (N, 1)
    down = (14 - (ink.sum(3) * grid).sum(2) / mass).round().long().flatten()
    right = (14 - (ink.sum(2) * grid).sum(2) / mass).round().long().flatten()
    return torch.stack([torch.roll(a, (int(d), int(r)), (1, 2)) for a, d, r in zip(x, down, right, strict=True)])


@restore.wrong("points are lost (")
def nothing_done(x: Any) -> Any:
    return x


@restore.wrong("faint ink is mended, what was moved is not")
def only_rescaled(x: Any) -> Any:
    return _rescaled(x)


@restore.wrong("what was moved is mended, faint ink is not")
def only_centred(x: Any) -> Any:
    return _centred(x)


@restore.wrong("rows and columns are exchanged: the digits lie on their side.")
def transposed(x: Any) -> Any:
    return _centred(_rescaled(x)).transpose(2, 3)


@restore.wrong("expected a tensor of shape (500, 1, 28, 28), got (500, 28, 28)")
def channel_lost(x: Any) -> Any:
    return _centred(_rescaled(x))[:, 0]


@restore.also_right
def solution_by_roll(x: Any) -> Any:
    return _rescaled(_centred(x))


@restore.also_right
def with_numpy(x: Any) -> Any:
    out = []
    for picture in x[:, 0].numpy():
        down, right = np.round(14 - np.array(ndimage.center_of_mass(picture)))
        out.append(ndimage.shift(picture / max(picture.max(), 1e-6), (down, right), order=0))
    return torch.from_numpy(np.stack(out))[:, None]
