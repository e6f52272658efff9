"""Detection without a detector: threshold, connected components and a classifier; and the classifier slid over the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import torch
from torch import nn

from helpers.data import digits
from helpers.models import FastCNN
from helpers.topics.detection.boxes import Detections, detections, iou, nms
from helpers.topics.detection.pictures import SIZE, Pictures, digit
from helpers.training import fit, one_cycle

#: Components of other sizes are no digit of our scenes: least and greatest longer side, least number of pixels.
LEAST_SIDE, GREATEST_SIDE, LEAST_INK = 12, 40, 25


def threshold(picture: np.ndarray) -> np.ndarray:
    """Bright against its surroundings: (H, W) in [0, 1] → a mask, uint8, 255 where a pixel lies 25 grey values above its blurred neighbourhood."""
    grey = cv2.GaussianBlur((picture * 255).astype(np.uint8), (3, 3), 0)
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 31, -25)


def like_mnist(ink: np.ndarray) -> np.ndarray:
    """A cut-out as the training digits were made: longer side 20, centred by mass in 28×28, float32."""
    h, w = ink.shape
    scale = 20 / max(h, w)
    small = cv2.resize(ink, (max(1, round(w * scale)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA)
    page = np.zeros((28, 28), np.float32)
    top, left = (28 - small.shape[0]) // 2, (28 - small.shape[1]) // 2
    page[top:top + small.shape[0], left:left + small.shape[1]] = small
    mass = page.sum()
    if mass <= 0:
        return page
    y, x = (float((page * axis).sum() / mass) for axis in np.indices(page.shape))
    return cv2.warpAffine(page, np.array([[1, 0, 13.5 - x], [0, 1, 13.5 - y]], np.float32), (28, 28))


def components(picture: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Connected pieces of a mask that have a digit's size: their boxes (k, 4), and each piece as the classifier wants it."""
    n, names, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes, cuts = [], []
    for k in range(1, n):
        x, y, w, h, ink = (int(v) for v in stats[k])
        if LEAST_SIDE <= max(w, h) <= GREATEST_SIDE and ink > LEAST_INK:
            boxes.append((x, y, x + w, y + h))
            cuts.append(like_mnist(np.where(names[y:y + h, x:x + w] == k, picture[y:y + h, x:x + w], 0).astype(np.float32)))
    return np.array(boxes, float).reshape(-1, 4), cuts


def classify(classifier: nn.Module, cuts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """28×28 pictures → the greatest probability and the digit it belongs to."""
    if not len(cuts):
        return np.zeros(0), np.zeros(0, np.int64)
    with torch.no_grad():
        p, names = classifier(torch.from_numpy(np.stack(cuts))[:, None]).softmax(1).max(1)
    return p.numpy(), names.numpy()


def pipeline(classifier: nn.Module, picture: np.ndarray, mask: Callable[[np.ndarray], np.ndarray] = threshold) -> Detections:
    """Threshold, components, classifier: what they find in one (H, W) picture."""
    boxes, cuts = components(picture, mask(picture))
    return detections(boxes, *classify(classifier, cuts))


def boxes_found(pictures: Pictures, least: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Of each true box, whether a component has an IoU of at least ``least`` with it: bool arrays of those that stand alone, and of those that overlap another."""
    found: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    for picture, truth in zip(pictures.x[:, 0].numpy(), pictures.boxes, strict=True):
        hit = iou(truth, components(picture, threshold(picture))[0]).max(1, initial=0) >= least
        crowded = (iou(truth, truth) > 0).sum(1) > 1
        found[0].append(hit[~crowded])
        found[1].append(hit[crowded])
    return np.concatenate(found[0]), np.concatenate(found[1])


def new_classifier(n_epochs: int = 5, seed: int = 0, n: int = 3500) -> FastCNN:
    """A small CNN of the kind of chapter 02, trained on the first n training digits."""
    torch.manual_seed(seed)
    model = FastCNN(16)
    x, y = digits().train
    fit(model, (x[:n], y[:n]), n_epochs=n_epochs, batch_size=64, lr=1e-2, schedule=one_cycle, seed=seed, progress=False)
    return model


# ---------------------------------------------------------------- sliding window

def windows(step: int = 3) -> np.ndarray:
    """Every place, four sizes, three shapes: boxes (n, 4)."""
    sides, shapes = (18, 22, 27, 32), (1.0, 0.7, 0.4)
    return np.array([(x, y, x + a * s, y + s) for s in sides for a in shapes
                     for y in range(-2, SIZE - s + 3, step) for x in range(-2, int(SIZE - a * s) + 3, step)], float)


def crop(picture: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Any box, stretched to 28×28; beyond the edge, the edge goes on."""
    x1, y1, x2, y2 = box
    a, b = 28 / (x2 - x1), 28 / (y2 - y1)
    return cv2.warpAffine(picture, np.array([[a, 0, -x1 * a], [0, b, -y1 * b]], np.float32), (28, 28), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def window_examples(pictures: Pictures, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Cut-outs to train a window classifier on: digits, a little off, and windows that hold none (class 10)."""
    rng, every = np.random.default_rng(seed), windows()
    x, y = [], []
    for picture, boxes, labels in zip(pictures.x[:, 0].numpy(), pictures.boxes, pictures.labels, strict=True):
        for box, name in zip(boxes, labels, strict=True):
            for _ in range(2):
                x.append(crop(picture, box + rng.normal(0, 0.05, 4) * np.tile(box[2:] - box[:2], 2)))
                y.append(int(name))
        some = every[rng.integers(len(every), size=12)]
        for box in some[iou(some, boxes).max(1) < 0.45][:8]:
            x.append(crop(picture, box))
            y.append(10)
    return torch.from_numpy(np.stack(x))[:, None], torch.tensor(y)


def slide(classifier: nn.Module, picture: np.ndarray, least: float = 0.3) -> Detections:
    """Each window through a classifier of 11 classes (10: nothing), then NMS at 0.3."""
    every = windows()
    cuts = torch.from_numpy(np.stack([crop(picture, box) for box in every]))[:, None]
    with torch.no_grad():
        p, names = torch.cat([classifier(part) for part in cuts.split(250)]).softmax(1)[:, :10].max(1)
    sure = p.numpy() > least
    boxes, scores, labels = every[sure], p.numpy()[sure], names.numpy()[sure]
    keep = nms(boxes, scores, 0.3)
    return detections(boxes[keep], scores[keep], labels[keep])


# ---------------------------------------------------------------- one digit moved over another

def two_digits(dx: int, dy: int, ground: np.ndarray, places: tuple[int, int] = (3, 18), edge: int = 26) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture with two validation digits, the second moved by (dx, dy) from the first; boxes (2, 4), labels (2,)."""
    picture, boxes, labels = ground.copy(), [], []
    for (x, y), place in zip(((18, 19), (18 + dx, 19 + dy)), places, strict=True):
        ink, name = digit("val", place, edge)
        x, y = min(max(x, 0), SIZE - ink.shape[1]), min(max(y, 0), SIZE - ink.shape[0])
        h, w = ink.shape
        part = picture[y:y + h, x:x + w]
        part[:] = part * (1 - ink) + 0.9 * ink
        boxes.append((x, y, x + w, y + h))
        labels.append(name)
    return picture.astype(np.float32), np.array(boxes, float), np.array(labels)
