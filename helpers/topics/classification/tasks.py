"""One scene, three tasks: a label for the picture, boxes, a label for each pixel."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import XY
from helpers.models import FastCNN
from helpers.topics.classification.reading import like_mnist
from helpers.training.fit import predict_logits
from helpers.validate import whole

SIDE, PAPER, INK = 48, 10, 0.35           # pixels; the label of what is no ink; a pixel above this is ink
Box = tuple[int, int, int, int]
Reader = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Scenes:
    """Pictures with one to three digits, and what is true of them.

    Parameters
    ----------
    x : float32 (N, 1, 48, 48)
    largest : int64 (N,)
        The digit with most ink: the one label a picture.
    boxes : list of lists of (digit, (left, top, right, bottom))
    mask : int64 (N, 48, 48)
        0 … 9 for ink of that digit, 10 for paper.
    """

    x: torch.Tensor
    largest: torch.Tensor
    boxes: list[list[tuple[int, Box]]]
    mask: torch.Tensor


def overlap(a: Box, b: Box) -> float:
    """IoU of two boxes (left, top, right, bottom): the area that both cover, as a share of what at least one covers."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def make_scenes(data: XY, n: int, seed: int = 0, touching: bool = False) -> Scenes:
    """n scenes of one to three of data's digits; apart by two pixels or more, or (touching) pushed together in a row until their ink meets.

    Raises
    ------
    ValueError
        If n or seed is no whole number of the right size.
    """
    n, rng = whole("n", n), np.random.default_rng(whole("seed", seed, 0))
    pictures, labels = data[0][:, 0].numpy(), data[1].numpy()
    x, mask = np.zeros((n, SIDE, SIDE), np.float32), np.full((n, SIDE, SIDE), PAPER)
    boxes: list[list[tuple[int, Box]]] = []
    for i in range(n):
        found: list[tuple[int, Box]] = []
        for _ in range(int(rng.integers(2 if touching else 1, 4))):
            k = int(rng.integers(len(labels)))
            rows, columns = np.nonzero(pictures[k] > INK)
            part = pictures[k, rows.min():rows.max() + 1, columns.min():columns.max() + 1]
            place = _beside(mask[i], part, found, rng) if touching and found else _apart(part.shape, found, rng, touching)
            if place is None:
                continue
            (left, top), (height, width) = place, part.shape
            here = np.s_[i, top:top + height, left:left + width]
            mask[here] = np.where((part > INK) & (part >= x[here]), labels[k], mask[here])
            x[here] = np.maximum(x[here], part)
            found.append((int(labels[k]), (left, top, left + width, top + height)))
        boxes.append(found)
    inks = [np.bincount(m.ravel(), minlength=11)[:PAPER].argmax() for m in mask]
    return Scenes(torch.from_numpy(x)[:, None], torch.from_numpy(np.array(inks)), boxes, torch.from_numpy(mask))


def _apart(shape: tuple[int, ...], found: list[tuple[int, Box]], rng: np.random.Generator, left_side: bool) -> tuple[int, int] | None:
    for _ in range(30):
        top, left = int(rng.integers(SIDE - shape[0] + 1)), int(rng.integers((3 if left_side else SIDE - shape[1]) + 1))
        box = (left - 2, top - 2, left + shape[1] + 2, top + shape[0] + 2)
        if all(overlap(box, other) == 0 for _, other in found):
            return left, top
    return None


def _beside(mask: np.ndarray, part: np.ndarray, found: list[tuple[int, Box]], rng: np.random.Generator) -> tuple[int, int] | None:
    """To the right of the last digit, moved left until ink meets ink."""
    (_, (_, top, right, _)), (height, width) = found[-1], part.shape
    row = int(np.clip(top + rng.integers(-3, 4), 0, SIDE - height))
    for left in range(min(right + 1, SIDE - width), max(right - 8, 0), -1):
        near = cv2.dilate((mask[row:row + height, left:left + width] != PAPER).astype(np.uint8), np.ones((3, 3)))
        if (near > 0)[part > INK].any():
            return left, row
    return None


def components(picture: np.ndarray) -> tuple[np.ndarray, list[tuple[int, Box]]]:
    """The connected parts of the ink of one scene, float32 (48, 48): a number for each pixel, and (number, box) of each part of over 8 pixels."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats((picture > INK).astype(np.uint8), connectivity=8)
    return numbers, [(i, (int(s[0]), int(s[1]), int(s[0] + s[2]), int(s[1] + s[3]))) for i, s in enumerate(stats) if i and s[4] > 8]


def read_parts(x: torch.Tensor, reader: Reader) -> tuple[list[list[tuple[int, Box]]], torch.Tensor]:
    """The plain baseline for boxes and pixels: a threshold says ink, connected parts say where, a reader of single digits says which.

    Returns
    -------
    boxes, mask
        As in :class:`Scenes`, read and not true.
    """
    all_numbers, all_parts, crops = [], [], []
    for picture in x[:, 0].numpy():
        numbers, parts = components(picture)
        all_numbers.append(numbers)
        all_parts.append(parts)
        for i, (left, top, right, bottom) in parts:
            ink = (picture * (numbers == i))[top:bottom, left:right]
            crops.append(like_mnist(ink / ink.max()))
    said = iter(reader(torch.from_numpy(np.stack(crops))[:, None]).argmax(1).tolist() if crops else [])
    mask, boxes = np.full((len(x), SIDE, SIDE), PAPER), []
    for row, (numbers, parts) in enumerate(zip(all_numbers, all_parts, strict=True)):
        read = []
        for i, box in parts:
            digit = next(said)
            mask[row][numbers == i] = digit
            read.append((digit, box))
        boxes.append(read)
    return boxes, torch.from_numpy(mask)


class PixelReader(nn.Module):
    """A fully convolutional network: scenes (N, 1, H, W) → 11 scores for each pixel (N, 11, H, W).

    It begins with a reader of single digits, slid over the scene: its convolutions ask for no size, and its last,
    linear layer, which looks at 2×2 places of 6×6, is a convolution too, of 2×2 places that lie 3 apart. Three new
    convolutions spread what it says, one row of scores for every fourth pixel, and the pixel's own brightness is added.
    In training mode, scores are given for every second pixel of every second row only: (N, 11, H / 2, W / 2).

    Parameters
    ----------
    reader : FastCNN
        Whose weights are copied, trained or not.
    """

    def __init__(self, reader: FastCNN) -> None:
        super().__init__()
        self.body = copy.deepcopy(reader.features[1:-1])            # without its crop and its last pooling
        width, n_classes = reader.classify.in_features // 4, reader.classify.out_features
        last = nn.Conv2d(width, n_classes, 2, dilation=3)
        with torch.no_grad():
            last.weight.copy_(reader.classify.weight.view(n_classes, width, 2, 2))
            last.bias.copy_(reader.classify.bias)                   # type: ignore[union-attr]
        self.window = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.ZeroPad2d((2, 1, 2, 1)), last)
        layers: list[nn.Module] = []
        for n_in, n_out in ((n_classes + width, 48), (48, 48)):
            layers += [nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
        self.spread = nn.Sequential(*layers, nn.Conv2d(48, n_classes + 1, 1))
        self.ink = nn.Conv2d(1, n_classes + 1, 1)
        self.to(memory_format=torch.channels_last)      # type: ignore[call-overload]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.body(x.contiguous(memory_format=torch.channels_last))              # (N, 32, H / 4, W / 4)
        coarse = self.spread(torch.cat([self.window(h) / 4, h], 1))
        bright = ((x - INK) * 20).clamp(-5, 5)
        if self.training:
            bright = bright[..., ::2, ::2]
        out: torch.Tensor = F.interpolate(coarse, bright.shape[-2:], mode="bilinear") + self.ink(bright)
        return out


def pixel_loss(scores: torch.Tensor, mask: torch.Tensor, paper: float = 0.1) -> torch.Tensor:
    """Cross-entropy over pixels, in which one of paper counts a tenth; a mask finer than the scores is thinned out."""
    weight = torch.ones(scores.shape[1])
    weight[PAPER] = paper
    step = mask.shape[-1] // scores.shape[-1]
    return F.cross_entropy(scores, mask[:, ::step, ::step], weight=weight)


def read_pixels(net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """The label of each pixel: int64 (N, H, W)."""
    return predict_logits(net, x, 100).argmax(1)


def with_threshold(scores: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Both together: a threshold says where ink is, the network's scores (N, 11, H, W) say which digit's. int64 (N, H, W)."""
    return torch.where(x[:, 0] > INK, scores[:, :PAPER].argmax(1), PAPER)


def boxes_of(mask: torch.Tensor, least: int = 12) -> list[list[tuple[int, Box]]]:
    """Boxes around the connected pixels of one label, if they are more than a few: (N, H, W) → as in :class:`Scenes`."""
    out = []
    for labels in mask.numpy():
        found = []
        for digit in np.unique(labels[labels != PAPER]):
            stats = cv2.connectedComponentsWithStats((labels == digit).astype(np.uint8), connectivity=8)[2]
            found += [(int(digit), (int(s[0]), int(s[1]), int(s[0] + s[2]), int(s[1] + s[3]))) for s in stats[1:] if s[4] > least]
        out.append(found)
    return out


def largest_of(mask: torch.Tensor) -> torch.Tensor:
    """The digit with most pixels: (N, H, W) → int64 (N,)."""
    return torch.stack([torch.bincount(m.flatten(), minlength=PAPER + 1)[:PAPER].argmax() for m in mask])


def iou_per_class(said: torch.Tensor, true: torch.Tensor, n_classes: int = 11) -> np.ndarray:
    """Per class: pixels that are both said and true, as a share of those that are said or true; NaN where there is none. (n_classes,)."""
    table = torch.bincount(true.flatten() * n_classes + said.flatten(), minlength=n_classes**2).reshape(n_classes, n_classes).double()
    both = table.diag()
    return (both / (table.sum(0) + table.sum(1) - both)).numpy()


def hits(said: Sequence[tuple[int, Box]], true: Sequence[tuple[int, Box]]) -> int:
    """How many true digits have a box of their own with the right label and an IoU of 0.5 or more."""
    left, n = list(said), 0
    for digit, box in true:
        match = next((s for s in left if s[0] == digit and overlap(s[1], box) >= 0.5), None)
        if match is not None:
            left.remove(match)
            n += 1
    return n


def found_boxes(read: Sequence[Sequence[tuple[int, Box]]], true: Sequence[Sequence[tuple[int, Box]]]) -> float:
    """The share of all true digits that are found, see :func:`hits`."""
    return sum(hits(a, b) for a, b in zip(read, true, strict=True)) / max(sum(map(len, true)), 1)
