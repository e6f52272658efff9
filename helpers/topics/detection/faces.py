"""Faces by a sliding window: a small CNN learnt from patches, slid over a pyramid as one convolution, and its hard negatives."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.detection.boxes import Detections, detections, nms

#: Edge of a patch, pixels between two windows, edges of the least and greatest face sought, ratio of two scales.
PATCH, STRIDE = 25, 4
LEAST, GREATEST, RATIO = 40, 300, 1.2
#: So many windows of a photograph, the surest, are compared with each other.
SUREST = 1500
#: Photographs without a face: to learn from, and to count false alarms on.
LEARN = ("coffee", "rocket", "chelsea", "brick", "grass", "gravel", "china", "motorcycle", "text")
COUNT = ("flower", "moon", "coins", "page", "clock")
#: Photographs with a face, and where it is, by eye: x1 y1 x2 y2.
PORTRAITS = {"astronaut": np.array([176.0, 62, 272, 190]), "hopper": np.array([175.0, 90, 340, 310])}


@functools.cache
def photo(name: str) -> np.ndarray:
    """A photograph as grey values, float32 (H, W) in [0, 1], out of scikit-image, scikit-learn or matplotlib.

    "hopper" is Rear Admiral Grace Hopper (public domain), "astronaut" Eileen Collins (NASA, public domain).
    """
    import matplotlib.cbook
    from PIL import Image
    from skimage import color, data
    from sklearn.datasets import load_sample_image

    if name == "hopper":
        path = str(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
        with Image.open(path) as file:
            picture = np.asarray(file)
    elif name in ("china", "flower"):
        picture = load_sample_image(f"{name}.jpg")
    elif name == "motorcycle":
        picture = data.stereo_motorcycle()[0]
    elif name in (*LEARN, *COUNT, *PORTRAITS):
        picture = getattr(data, name)()
    else:
        raise ValueError(f"name must be one of {', '.join((*LEARN, *COUNT, *PORTRAITS))}; got {name!r}")
    grey = color.rgb2gray(picture[..., :3]) if picture.ndim == 3 else picture / 255
    return np.ascontiguousarray(grey, np.float32)


def thumbnail(grey: np.ndarray, longer: int = 160) -> np.ndarray:
    """A photograph to be shown, not searched: its longer side has at most so many pixels, in 24 greys, so that a notebook stays small."""
    step = -(-max(grey.shape) // longer)
    h, w = (edge // step * step for edge in grey.shape)
    small = grey[:h, :w].reshape(h // step, step, w // step, step).mean((1, 3))
    return np.round(23 * small) / 23


def local_contrast(x: torch.Tensor, k: int = PATCH) -> torch.Tensor:
    """(N, 1, H, W): each pixel less the mean of the k × k around it, over their spread: light and contrast no longer matter."""
    x = x.double()

    def blurred(a: torch.Tensor) -> torch.Tensor:
        a = F.pad(a, (k // 2,) * 4, mode="reflect")
        return F.avg_pool2d(F.avg_pool2d(a, (k, 1), 1), (1, k), 1)      # rows, then columns: 2 k sums for k²

    mean = blurred(x)
    spread = (blurred(x * x) - mean**2).clamp(min=0).sqrt()
    return ((x - mean) / (spread + 0.05)).float()


@dataclass(frozen=True)
class Patches:
    """After local contrast, (N, 1, 25, 25): faces and other patches to train with, and some held out."""

    faces: torch.Tensor
    others: torch.Tensor
    held_faces: torch.Tensor
    held_others: torch.Tensor


def patches(seed: int = 0) -> Patches:
    """100 faces and 100 other patches of lfw_subset, 80 of each to train with; and windows of photographs without a face.

    *Source*: Huang and others (2007), Labeled Faces in the Wild, through scikit-image.
    """
    from skimage import data

    stored = torch.tensor(data.lfw_subset(), dtype=torch.float32)[:, None]
    around = PATCH // 2
    clear = local_contrast(F.pad(stored, (around,) * 4, mode="reflect"))[:, :, around:-around, around:-around]
    order = torch.randperm(100, generator=torch.Generator().manual_seed(seed))
    faces, others = clear[:100][order], clear[100:][order]
    rng = np.random.default_rng(seed)
    windows = []
    for name in LEARN:
        for _, level in levels(name):
            for _ in range(12):
                r, c = (int(rng.integers(edge - PATCH + 1)) for edge in level.shape[2:])
                windows.append(level[0, :, r:r + PATCH, c:c + PATCH])
    return Patches(faces[:80], torch.cat([others[:80], torch.stack(windows)]), faces[80:], others[80:])


def pyramid(grey: np.ndarray) -> Iterator[tuple[float, torch.Tensor]]:
    """The picture, shrunk step by step: the edge of a face that now fits a patch, and the picture after local contrast (1, 1, h, w)."""
    x = torch.from_numpy(grey)[None, None]
    edge = float(LEAST)
    while edge <= GREATEST and min(grey.shape) * PATCH / edge >= PATCH:
        size = [max(PATCH, round(s * PATCH / edge)) for s in grey.shape]
        yield edge, local_contrast(F.interpolate(x, size=size, mode="bilinear", antialias=True, align_corners=False))
        edge *= RATIO


@functools.cache
def levels(name: str) -> list[tuple[float, torch.Tensor]]:
    """The pyramid of a photograph of ours, made once."""
    return list(pyramid(photo(name)))


class FaceNet(nn.Module):
    """(N, 1, 25, 25) → (N, 1, 1, 1), the logit of a face; on a larger picture a map of logits, one for every 4 pixels."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        w = width
        self.layers = nn.Sequential(
            nn.Conv2d(1, w, 4, bias=False), nn.BatchNorm2d(w), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(w, 2 * w, 4, bias=False), nn.BatchNorm2d(2 * w), nn.ReLU(),
            nn.MaxPool2d(2), nn.Conv2d(2 * w, 2 * w, 4, bias=False), nn.BatchNorm2d(2 * w), nn.ReLU(), nn.Dropout(0.3), nn.Conv2d(2 * w, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def varied(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Faces turned by some 7°, scaled by some 8 %, moved a little, every second one mirrored."""
    n = len(x)
    turn, scale = 0.12 * torch.randn(n, generator=generator), (0.08 * torch.randn(n, generator=generator)).exp()
    flip = torch.where(torch.rand(n, generator=generator) < 0.5, 1.0, -1.0)
    shift = 0.06 * torch.randn(n, 2, generator=generator)
    rows = [torch.stack([flip * scale * turn.cos(), -flip * scale * turn.sin(), shift[:, 0]], 1), torch.stack([scale * turn.sin(), scale * turn.cos(), shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), [n, 1, PATCH, PATCH], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def train(faces: torch.Tensor, others: torch.Tensor, n_steps: int = 130, *, seed: int = 0, width: int = 12) -> FaceNet:
    """32 varied faces and 64 other patches a step, AdamW, one-cycle."""
    torch.manual_seed(seed)
    model = FaceNet(width)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=max(n_steps, 5))
    y = torch.cat([torch.ones(32), torch.zeros(64)])
    for _ in range(n_steps):
        some = others[torch.randint(len(others), (64,), generator=generator)]
        some = torch.where(torch.rand(64, 1, 1, 1, generator=generator) < 0.5, some, some.flip(3))
        x = torch.cat([varied(faces[torch.randint(len(faces), (32,), generator=generator)], generator), some])
        x = x * (0.15 * torch.randn(96, 1, 1, 1, generator=generator)).exp()
        value = F.binary_cross_entropy_with_logits(model(x).flatten(), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@dataclass(frozen=True)
class Scan:
    """The surest windows of a photograph above the least logit asked for, 1,500 at most, after NMS at 0.3; n_windows: how many were looked at."""

    found: Detections
    windows: torch.Tensor
    n_windows: int


def scan(model: FaceNet, picture: str | np.ndarray, least: float = 0.0) -> Scan:
    """The model over every place and scale of a photograph, one convolution a scale; of ours by its name, or grey values (H, W)."""
    boxes, scores, windows, n = [], [], [], 0
    with torch.no_grad():
        for edge, level in levels(picture) if isinstance(picture, str) else pyramid(picture):
            logits = model(level)[0, 0]
            n += logits.numel()
            scale = edge / PATCH
            for r, c in (logits > least).nonzero().tolist():
                x, y = STRIDE * c, STRIDE * r
                boxes.append((x * scale, y * scale, x * scale + edge, y * scale + edge))
                scores.append(float(logits[r, c]))
                windows.append(level[0, :, y:y + PATCH, x:x + PATCH])
    surest = np.argsort(-np.array(scores), kind="stable")[:SUREST]      # an untrained model takes every window for a face
    b, s = np.array(boxes, float).reshape(-1, 4)[surest], np.array(scores)[surest]
    keep = nms(b, s, 0.3)
    kept = torch.stack([windows[surest[i]] for i in keep]) if len(keep) else torch.zeros(0, 1, PATCH, PATCH)
    return Scan(detections(b[keep], s[keep]), kept, n)


def hard_negatives(model: FaceNet, names: Sequence[str] = LEARN, most: int = 150) -> torch.Tensor:
    """What the model takes for a face, or nearly, on photographs that hold none: (N, 1, 25, 25)."""
    return torch.cat([scan(model, name, least=-1.0).windows[:most] for name in names])


def right_on_patches(model: FaceNet, data: Patches) -> float:
    """Accuracy on the held-out patches, faces and others alike."""
    with torch.no_grad():
        hit, spared = (model(data.held_faces) > 0).float().mean(), (model(data.held_others) <= 0).float().mean()
    return float(hit + spared) / 2


def cascade(grey: np.ndarray) -> Detections:
    """What scikit-image's ready-made cascade of local binary patterns finds (Viola and Jones's way, another feature)."""
    from skimage import data
    from skimage.feature import Cascade

    found = _cascade(Cascade, data.lbp_frontal_face_cascade_filename()).detect_multi_scale(
        img=(grey * 255).astype(np.uint8), scale_factor=RATIO, step_ratio=1, min_size=(LEAST, LEAST), max_size=(GREATEST, GREATEST))
    boxes = np.array([(f["c"], f["r"], f["c"] + f["width"], f["r"] + f["height"]) for f in found], float).reshape(-1, 4)
    return detections(boxes, np.ones(len(boxes)))


@functools.cache
def _cascade(kind: Any, path: str) -> Any:
    return kind(path)
