"""A recurrent detector: an LSTM looks at the features of a trained CNN, one place after the other, and says a box at each step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn import functional as F

from helpers.topics.detection.boxes import Detections, detections
from helpers.topics.detection.oneshot import OneShot, giou_loss, kept
from helpers.topics.detection.pictures import SIZE, Pictures
from helpers.validate import whole

#: Steps that the LSTM makes: no scene it learns from holds more digits.
STEPS = 4
#: Pixels: the unit of its boxes.
UNIT = 24.0


class Truth(NamedTuple):
    """True boxes from left to right, padded: boxes (N, T, 4), labels (N, T), how many there are, n (N,)."""

    boxes: torch.Tensor
    labels: torch.Tensor
    n: torch.Tensor


class Looker(nn.Module):
    """Features (N, C, G, G) → (N, T, 5 + K): a logit, a box x1 y1 x2 y2 in pixels, K class logits; one row a step.

    Parameters
    ----------
    channels, grid, hidden, n_classes : int
    coverage : bool
        Whether the score of a place knows how much it has been looked at; may be switched off afterwards.
    """

    def __init__(self, channels: int = 64, grid: int = 8, hidden: int = 64, n_classes: int = 10, coverage: bool = True) -> None:
        super().__init__()
        self.coverage = coverage
        self.key, self.query = nn.Linear(channels + 2, hidden), nn.Linear(hidden, hidden)
        self.covered, self.score = nn.Linear(1, hidden, bias=False), nn.Linear(hidden, 1)
        self.lstm = nn.LSTMCell(channels + 2, hidden)
        self.head = nn.Linear(hidden + channels, 5 + n_classes)
        nn.init.zeros_(self.head.bias)
        places = (torch.arange(grid) + 0.5) / grid
        y, x = torch.meshgrid(places, places, indexing="ij")
        self.register_buffer("places", torch.stack([x, y], -1).view(1, grid * grid, 2))

    places: torch.Tensor

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.look(features)[0]

    def look(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """As forward, and where it looked: (N, T, G·G), each row sums to 1."""
        n, channels = features.shape[:2]
        f = torch.cat([features.flatten(2).transpose(1, 2), self.places.expand(n, -1, -1)], -1)        # (N, G·G, C + 2)
        keys = self.key(f)
        h = c = f.new_zeros(n, self.lstm.hidden_size)
        past = f.new_zeros(n, f.shape[1])
        outs, looks = [], []
        for _ in range(STEPS):
            scores = keys + self.query(h)[:, None]
            if self.coverage:
                scores = scores + self.covered(past[..., None])
            a = self.score(torch.tanh(scores))[..., 0].softmax(1)           # (N, G·G)
            past = past + a
            seen = (a[..., None] * f).sum(1)                                # (N, C + 2)
            h, c = self.lstm(seen, (h, c))
            o = self.head(torch.cat([h, seen[:, :channels]], 1))
            centre = seen[:, -2:] * SIZE + o[:, 1:3] * UNIT / 2
            half = o[:, 3:5].clamp(max=2).exp() * UNIT / 2
            outs.append(torch.cat([o[:, :1], centre - half, centre + half, o[:, 5:]], 1))
            looks.append(a)
        return torch.stack(outs, 1), torch.stack(looks, 1)


def truth_of(pictures: Pictures) -> Truth:
    """The true boxes from left to right.

    Raises
    ------
    ValueError
        If a scene holds more digits than the LSTM makes steps.
    """
    n = len(pictures)
    boxes, labels = torch.zeros(n, STEPS, 4), torch.zeros(n, STEPS, dtype=torch.int64)
    for i, (b, k) in enumerate(zip(pictures.boxes, pictures.labels, strict=True)):
        if len(b) > STEPS:
            raise ValueError(f"scene {i} holds {len(b)} digits; the LSTM makes {STEPS} steps")
        order = np.argsort(b[:, 0] + b[:, 2], kind="stable")
        boxes[i, :len(b)], labels[i, :len(b)] = torch.from_numpy(b[order]).float(), torch.from_numpy(k[order])
    return Truth(boxes, labels, torch.tensor([len(b) for b in pictures.boxes]))


def pair(out: torch.Tensor, truth: Truth, order: str = "Hungarian") -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Which step answers for which true box: scenes, steps, truths, all (k,).

    order : "Hungarian" or "left to right"
        The cheapest assignment, by distance, class and confidence; or the first step for the leftmost box, and so on.
    """
    if order == "left to right":
        scene, step = (torch.arange(out.shape[1])[None] < truth.n[:, None]).nonzero(as_tuple=True)
        return scene, step, step
    if order != "Hungarian":
        raise ValueError(f"order must be 'Hungarian' or 'left to right', got {order!r}")
    with torch.no_grad():
        far = (out[:, :, None, 1:5] - truth.boxes[:, None]).abs().sum(-1) / UNIT                        # (N, T, M)
        named = out[..., 5:].softmax(-1).gather(2, truth.labels[:, None].expand(-1, out.shape[1], -1))
        cost = (far - 2 * named - out[:, :, :1].sigmoid()).numpy()
    scenes, steps, truths = [], [], []
    for i, count in enumerate(truth.n.tolist()):
        rows, columns = linear_sum_assignment(cost[i, :, :count])
        scenes += [i] * count
        steps += rows.tolist()
        truths += columns.tolist()
    return torch.tensor(scenes), torch.tensor(steps), torch.tensor(truths)


def loss(out: torch.Tensor, truth: Truth, order: str = "Hungarian") -> torch.Tensor:
    """Cross-entropy for "this step says something", GIoU and distance for the box, cross-entropy for the class."""
    scene, step, which = pair(out, truth, order)
    n = max(len(scene), 1)
    says = torch.zeros(out.shape[:2])
    says[scene, step] = 1
    spoken = F.binary_cross_entropy_with_logits(out[..., 0], says, reduction="sum")
    said, true = out[scene, step], truth.boxes[scene, which]
    box = 2 * giou_loss(said[:, 1:5], true).sum() + 0.02 * (said[:, 1:5] - true).abs().sum()
    name = F.cross_entropy(said[:, 5:], truth.labels[scene, which], reduction="sum", label_smoothing=0.05)
    return (spoken + box + name) / n


def features(encoder: OneShot, x: torch.Tensor) -> torch.Tensor:
    """What the frozen body of a trained one-shot detector makes of (N, 1, 64, 64): (N, 64, 8, 8)."""
    encoder.eval()
    with torch.no_grad():
        return torch.cat([encoder.features(part) for part in x.split(100)])


def train(model: Looker, f: torch.Tensor, pictures: Pictures, n_steps: int, *, batch_size: int = 64, lr: float = 1e-2, seed: int = 0,
          order: str = "Hungarian") -> np.ndarray:
    """AdamW and one-cycle for a fixed number of steps on features of the scenes. The loss of each step."""
    n_steps = whole("n_steps", n_steps)
    truth = truth_of(pictures)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=max(n_steps, 5), pct_start=0.25)
    generator = torch.Generator().manual_seed(seed)
    losses: list[float] = []
    model.train()
    while len(losses) < n_steps:
        for rows in torch.randperm(len(f), generator=generator).split(batch_size)[:n_steps - len(losses)]:
            value = loss(model(f[rows]), Truth(*(part[rows] for part in truth)), order)
            optimizer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            losses.append(value.item())
    model.eval()
    return np.array(losses)


def read(out: torch.Tensor, *, overlap: float | None = None, least: float = 0.05) -> list[Detections]:
    """The steps of a Looker, (N, T, 5 + K), as detections; no suppression unless overlap is given."""
    found = []
    sure, names = out[..., 5:].softmax(-1).max(-1)
    for boxes, scores, labels in zip(out[..., 1:5], out[..., 0].sigmoid() * sure, names, strict=True):
        keep = scores > least
        found.append(kept(detections(boxes[keep].numpy(), scores[keep].numpy(), labels[keep].numpy()), overlap))
    return found


def detect(model: Looker, encoder: OneShot, x: torch.Tensor, *, overlap: float | None = None) -> list[Detections]:
    """What the LSTM reads off (N, 1, 64, 64) scenes."""
    model.eval()
    with torch.no_grad():
        return read(model(features(encoder, x)), overlap=overlap)
