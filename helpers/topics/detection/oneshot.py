"""A one-shot detector: one pass of a CNN, and each cell of a grid says whether it lies in a digit, its box, and which digit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.detection.boxes import Detections, detections, nms
from helpers.topics.detection.pictures import Pictures
from helpers.validate import whole

#: Pixels from one cell of the grid to the next.
STRIDE = 8


class Targets(NamedTuple):
    """What each cell should say: inside (N, G, W) bool, boxes (N, G, W, 4) in pixels, labels (N, G, W)."""

    inside: torch.Tensor
    boxes: torch.Tensor
    labels: torch.Tensor


class OneShot(nn.Module):
    """(N, 1, H, W) → (N, 5 + K, H/8, W/8): a logit, dx, dy, log w, log h in cells, and K class logits.

    Parameters
    ----------
    n_classes, width : int
        Classes; channels of the first layer, of which the last have four times as many.

    Raises
    ------
    ValueError
        If the input is not (N, 1, H, W) with H and W multiples of 8.
    """

    def __init__(self, n_classes: int = 10, width: int = 16) -> None:
        super().__init__()
        w, k = whole("width", width), whole("n_classes", n_classes)

        def block(n_in: int, n_out: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
            return [nn.Conv2d(n_in, n_out, kernel, stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]

        self.body = nn.Sequential(*block(1, w, 5, 2), *block(w, 2 * w, stride=2), *block(2 * w, 4 * w, stride=2),
                                  *block(4 * w, 4 * w), *block(4 * w, 4 * w), *block(4 * w, 4 * w))
        self.head = nn.Conv2d(4 * w, 5 + k, 1)
        with torch.no_grad():
            assert self.head.bias is not None
            self.head.bias.zero_()
            self.head.bias[0], self.head.bias[3:5] = -3.0, 1.0      # few cells lie in a digit; a box is about e cells wide
        self.to(memory_format=torch.channels_last)      # type: ignore[call-overload]

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, H, W) → (N, 4·width, H/8, W/8)."""
        if x.ndim != 4 or x.shape[1] != 1 or x.shape[2] % STRIDE or x.shape[3] % STRIDE:
            raise ValueError(f"OneShot takes (N, 1, H, W), H and W multiples of {STRIDE}; got {tuple(x.shape)}")
        return self.body(x.contiguous(memory_format=torch.channels_last))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x))


def middles(height: int, width: int) -> torch.Tensor:
    """Where the cells' middles lie, (height, width, 2): x, y in pixels."""
    y, x = torch.meshgrid((torch.arange(height) + 0.5) * STRIDE, (torch.arange(width) + 0.5) * STRIDE, indexing="ij")
    return torch.stack([x, y], -1)


def to_boxes(out: torch.Tensor) -> torch.Tensor:
    """What the network says, (N, 5 + K, G, W) → boxes (N, G, W, 4) in pixels."""
    o = out.permute(0, 2, 3, 1)
    centre = middles(out.shape[2], out.shape[3]) + o[..., 1:3] * STRIDE
    half = o[..., 3:5].clamp(max=4).exp() * STRIDE / 2
    return torch.cat([centre - half, centre + half], -1)


def targets(pictures: Pictures, *, middle_only: bool = False) -> Targets:
    """Which cells answer for which box: all in the middle half of it; where two boxes ask, the smaller gets the cell.

    middle_only : bool
        Only the one cell in which the box's middle lies, as in the first YOLO (arXiv:1506.02640).
    """
    rows, columns = (edge // STRIDE for edge in pictures.x.shape[2:])
    n = len(pictures)
    inside, boxes, labels = np.zeros((n, rows, columns), bool), np.zeros((n, rows, columns, 4), np.float32), np.zeros((n, rows, columns), np.int64)
    x, y = (np.arange(columns) + 0.5) * STRIDE, (np.arange(rows) + 0.5) * STRIDE
    for i, (truth, names) in enumerate(zip(pictures.boxes, pictures.labels, strict=True)):
        sides = truth[:, 2:] - truth[:, :2]
        for k in np.argsort(-sides.prod(1)):            # the smaller ones last: they win
            mx, my = (truth[k, :2] + truth[k, 2:]) / 2
            cells = np.zeros((rows, columns), bool)
            cells[min(int(my / STRIDE), rows - 1), min(int(mx / STRIDE), columns - 1)] = True
            if not middle_only:
                rx, ry = np.maximum(sides[k] / 4, 0.75 * STRIDE)
                cells |= (abs(y - my) < ry)[:, None] & (abs(x - mx) < rx)[None]
            inside[i][cells], boxes[i][cells], labels[i][cells] = True, truth[k], names[k]
    return Targets(torch.from_numpy(inside), torch.from_numpy(boxes), torch.from_numpy(labels))


def giou_loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """1 − GIoU of pairs of boxes, (k, 4), (k, 4) → (k,)."""
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inner
    return 1 - inner / union + (hull - union) / hull


def loss(out: torch.Tensor, aim: Targets) -> torch.Tensor:
    """Focal cross-entropy for "inside", GIoU for the boxes and cross-entropy for the class of the cells inside, a positive cell."""
    n = aim.inside.sum().clamp(min=1)
    there = aim.inside.float()
    sure = out[:, 0].sigmoid()
    inside = F.binary_cross_entropy_with_logits(out[:, 0], there, reduction="none") * (there - sure) ** 2
    box = giou_loss(to_boxes(out)[aim.inside], aim.boxes[aim.inside])
    name = F.cross_entropy(out[:, 5:].permute(0, 2, 3, 1)[aim.inside], aim.labels[aim.inside], reduction="sum", label_smoothing=0.05)
    return (inside.sum() + 2 * box.sum() + name) / n


def train(model: OneShot, pictures: Pictures, n_steps: int, *, batch_size: int = 16, lr: float = 4e-3, seed: int = 0, middle_only: bool = False) -> np.ndarray:
    """AdamW and one-cycle for a fixed number of steps; brightness varies by ±10 %. The loss of each step, (n_steps,)."""
    n_steps = whole("n_steps", n_steps)
    aims = targets(pictures, middle_only=middle_only)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=max(n_steps, 5), pct_start=0.25)
    generator = torch.Generator().manual_seed(seed)
    losses: list[float] = []
    model.train()
    while len(losses) < n_steps:
        for rows in torch.randperm(len(pictures), generator=generator).split(batch_size)[:n_steps - len(losses)]:
            x = pictures.x[rows] * (0.9 + 0.2 * torch.rand(len(rows), 1, 1, 1, generator=generator))
            value = loss(model(x), Targets(*(aim[rows] for aim in aims)))
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            losses.append(value.item())
    model.eval()
    return np.array(losses)


def detect(model: OneShot, x: torch.Tensor, *, overlap: float | None = 0.5, least: float = 0.05) -> list[Detections]:
    """What a trained model finds in each of (N, 1, H, W) pictures: score = inside × class, then NMS.

    overlap : float or None
        For :func:`nms`, over all classes; None for no suppression.
    """
    found = []
    model.eval()
    with torch.no_grad():
        for part in x.split(100):
            out = model(part)
            sure, names = out[:, 5:].softmax(1).max(1)
            for boxes, scores, labels in zip(to_boxes(out), out[:, 0].sigmoid() * sure, names, strict=True):
                keep = scores > least
                found.append(kept(detections(boxes[keep].numpy(), scores[keep].numpy(), labels[keep].numpy()), overlap))
    return found


def kept(found: Detections, overlap: float | None) -> Detections:
    """What NMS leaves; all of it if overlap is None."""
    if overlap is None:
        return found
    keep = nms(found.boxes, found.scores, overlap)
    return Detections(*(part[keep] for part in found))
