"""Gestures: the 16 shapes of the $1 recogniser as a hand would draw them, and two readers, a template matcher and a GRU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn
from torch.nn import functional as F

from helpers.validate import whole

#: Pixels between two points that the GRU reads, and how many it reads at most.
STEP, LONGEST = 12.0, 64
#: The pad's edge in pixels.
PAD = 280
Strokes = list[np.ndarray]


def _arc(cx: float, cy: float, r: float, begin: float, end: float, n: int = 40) -> np.ndarray:
    t = np.linspace(begin, end, n) * np.pi
    return np.c_[cx + r * np.cos(t), cy + r * np.sin(t)]


def _line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


#: Name → corners in the unit square, y downwards, in the order in which people are shown to draw them.
#: *Source*: Wobbrock, Wilson and Li (2007), doi:10.1145/1294211.1294238, figure 1.
SHAPES = {
    "triangle": _line((0.5, 0), (0, 1), (1, 1), (0.5, 0)), "x": _line((0, 0), (1, 1), (1, 0), (0, 1)),
    "rectangle": _line((0, 0), (0, 1), (1, 1), (1, 0), (0, 0)), "circle": _arc(0.5, 0.5, 0.5, -0.5, -2.5),
    "check": _line((0, 0.55), (0.35, 1), (1, 0)), "caret": _line((0, 1), (0.5, 0), (1, 1)),
    "zig-zag": _line((0, 0.7), (0.25, 0.2), (0.5, 0.8), (0.75, 0.2), (1, 0.7)), "arrow": _line((0, 1), (1, 0), (0.55, 0.08), (1, 0), (0.9, 0.45)),
    "left bracket": _line((1, 0), (0.3, 0), (0.3, 1), (1, 1)), "right bracket": _line((0, 0), (0.7, 0), (0.7, 1), (0, 1)),
    "v": _line((0, 0), (0.5, 1), (1, 0)), "delete": _line((0, 0), (1, 1), (0.1, 1), (0.9, 0)),
    "left brace": np.r_[_arc(0.75, 0.25, 0.25, -0.5, -1), _arc(0.25, 0.25, 0.25, 0, 0.5), _arc(0.25, 0.75, 0.25, -0.5, 0), _arc(0.75, 0.75, 0.25, 1, 0.5)],
    "right brace": np.r_[_arc(0.25, 0.25, 0.25, -0.5, 0), _arc(0.75, 0.25, 0.25, 1, 0.5), _arc(0.75, 0.75, 0.25, -0.5, -1), _arc(0.25, 0.75, 0.25, 0, 0.5)],
    "star": _line((0, 1), (0.5, 0), (1, 1), (0, 0.38), (1, 0.38), (0, 1)),
    "pigtail": np.r_[_line((0, 0.9)), _arc(0.55, 0.45, 0.3, 0.75, -1.25)[:36], _line((1, 0.95))],
}
NAMES = tuple(SHAPES)


def resample(points: ArrayLike, n: int = 64) -> np.ndarray:
    """n points at equal distances along a stroke, its two ends among them: (m, 2) → (n, 2)."""
    p = np.asarray(points, float)
    walked = np.r_[0.0, np.cumsum(np.hypot(*np.diff(p, axis=0).T))]
    at = np.linspace(0, walked[-1], n)
    return np.c_[np.interp(at, walked, p[:, 0]), np.interp(at, walked, p[:, 1])]


def stroke(name: str, rng: np.random.Generator, vary: float = 0.0) -> np.ndarray:
    """One stroke as a mouse would report it: whole pixels on a pad of 280×280, 60 points a second, (n, 2).

    The hand aims beside the corners, cuts them, drifts; the shape is turned by some 10°, stretched and sheared; speed
    follows the two-thirds power law (Lacquaniti and others 1983, doi:10.1016/0001-6918(83)90027-6). It is synthetic.

    Parameters
    ----------
    vary : float
        The chance of another direction, and, in closed shapes, of another corner to begin with.
    """
    p = SHAPES[name].copy()
    closed = bool(np.allclose(p[0], p[-1]))
    if rng.random() < vary:
        p = p[::-1]
    if closed and rng.random() < vary:
        ring = np.roll(p[:-1], -rng.integers(len(p) - 1), axis=0)
        p = np.r_[ring, ring[:1]]
    if len(p) < 12:
        p = p + rng.normal(0, 0.05, p.shape)
    d = _smoothed(resample(p, 120), int(rng.integers(3, 9)))
    if closed and rng.random() < 0.7:                   # a gap, or the beginning drawn again
        d = d[:-int(rng.integers(1, 8))] if rng.random() < 0.5 else np.r_[d, d[1:int(rng.integers(2, 8))]]
    d = d + np.c_[_drift(rng, len(d)), _drift(rng, len(d))]
    turn, stretch, shear = rng.normal(0, 0.17), np.exp(rng.normal(0, 0.18, 2)), rng.normal(0, 0.12)
    d = (d - d.mean(0)) @ (_rotation(turn) @ np.array([[stretch[0], shear], [0, stretch[1]]])).T
    d = _timed(d, int(rng.uniform(0.6, 1.6) * 60))
    d = d * rng.uniform(80, 200)
    d = d - d.min(0)
    d = d * min(1.0, 265 / d.max())             # it stays on the pad
    d = np.round(d + rng.uniform(5, np.maximum(6, 275 - d.max(0))))
    return d[np.r_[True, (np.diff(d, axis=0) != 0).any(1)]]


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _smoothed(d: np.ndarray, k: int) -> np.ndarray:
    window = np.hanning(2 * k + 1)
    window /= window.sum()
    return np.stack([np.convolve(np.pad(c, k, mode="edge"), window, "valid") for c in d.T], 1)


def _drift(rng: np.random.Generator, n: int) -> np.ndarray:
    f = np.fft.rfftfreq(n)
    waves = rng.normal(size=len(f)) * np.exp(1j * rng.uniform(0, 2 * np.pi, len(f))) / (1 + (25 * f) ** 2) * (f > 0)
    return np.fft.irfft(waves, n) * 0.012 * n**0.5


def _timed(d: np.ndarray, n: int) -> np.ndarray:
    """n points at equal times: slow in curves, and at both ends."""
    v = np.diff(d, axis=0)
    length = np.hypot(*v.T) + 1e-9
    angle = np.arctan2(v[:, 1], v[:, 0])
    bend = np.convolve(abs(np.angle(np.exp(1j * np.diff(angle, append=angle[-1])))) / length, np.ones(5) / 5, "same")
    u = np.linspace(0, 1, len(length))
    speed = (bend + 1.5) ** (-1 / 3) * (0.25 + np.sin(np.pi * u.clip(0.02, 0.98)) ** 0.7)
    t = np.r_[0.0, np.cumsum(length / speed)]
    return np.stack([np.interp(np.linspace(0, t[-1], n), t, c) for c in d.T], 1)


def gestures(n: int, seed: int = 0, vary: float = 0.0) -> tuple[Strokes, np.ndarray]:
    """n strokes, the 16 shapes in turn, and which each is."""
    whole("n", n)
    rng = np.random.default_rng(seed)
    y = np.arange(n) % len(NAMES)
    return [stroke(NAMES[k], rng, vary) for k in y], y


# ---------------------------------------------------------------- $1

class Dollar:
    """The $1 recogniser: the nearest template after both are brought to one number of points, angle, size and place.

    *Source*: Wobbrock, Wilson and Li (2007), doi:10.1145/1294211.1294238.

    Parameters
    ----------
    strokes, y : templates, and which shape each is
    """

    def __init__(self, strokes: Sequence[ArrayLike], y: ArrayLike) -> None:
        self.templates = np.stack([normal(s) for s in strokes]).astype(np.float32)      # (M, 64, 2)
        self.y = np.asarray(y)

    def distances(self, points: ArrayLike) -> np.ndarray:
        """To each template, the mean distance of points, at the best of 19 angles from −45° to 45°: (M,)."""
        p = normal(points)
        turned = [(p @ _rotation(a).T).astype(np.float32) for a in np.linspace(-np.pi / 4, np.pi / 4, 19)]
        apart = [self.templates - t for t in turned]                    # (M, 64, 2)
        return np.min([np.sqrt(np.einsum("mij,mij->mi", d, d)).mean(-1) for d in apart], axis=0)

    def read(self, points: ArrayLike) -> int:
        """Which shape it is."""
        return int(self.y[self.distances(points).argmin()])


def normal(points: ArrayLike, n: int = 64) -> np.ndarray:
    """n points at equal distances; the angle from the middle to the first point made 0; scaled to a square; the middle at 0."""
    p = resample(points, n)
    p = p - p.mean(0)
    p = p @ _rotation(-np.arctan2(p[0, 1], p[0, 0])).T
    p = p / np.maximum(np.ptp(p, axis=0), 1e-6)
    return p - p.mean(0)


# ---------------------------------------------------------------- a GRU

def moves(points: ArrayLike) -> np.ndarray:
    """What the GRU reads: directions of unit length, one for every 12 pixels of the stroke, (T, 2)."""
    p = np.asarray(points, float)
    length = np.hypot(*np.diff(p, axis=0).T).sum() if len(p) > 1 else 0.0
    if length < 1e-6:
        return np.zeros((1, 2))
    v = np.diff(resample(p, max(3, min(LONGEST + 1, int(length / STEP) + 1))), axis=0)
    return v / (np.hypot(*v.T)[:, None] + 1e-9)


class Reader(nn.Module):
    """Directions (N, T, 2) → logits (N, T, 16): an answer after each of them."""

    def __init__(self, hidden: int = 64, n_classes: int = len(NAMES)) -> None:
        super().__init__()
        self.rnn, self.out = nn.GRU(2, hidden, batch_first=True), nn.Linear(hidden, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.rnn(x)[0])


def padded(strokes: Sequence[ArrayLike]) -> tuple[torch.Tensor, torch.Tensor]:
    """Strokes as the GRU reads them, zeros behind the shorter ones: (N, T, 2), and their lengths (N,)."""
    read = [moves(s) for s in strokes]
    n = torch.tensor([len(m) for m in read])
    x = torch.zeros(len(read), int(n.max()), 2)
    for row, m in zip(x, read, strict=True):
        row[:len(m)] = torch.from_numpy(m).float()
    return x, n


def train_reader(strokes: Sequence[ArrayLike], y: ArrayLike, n_epochs: int = 15, *, batch_size: int = 64, lr: float = 1e-2, seed: int = 0) -> Reader:
    """AdamW and one-cycle; the loss at the last point, and 0.3 × that at earlier ones, which count more the later they are."""
    torch.manual_seed(seed)
    model = Reader()
    (x, n), labels = padded(strokes), torch.as_tensor(np.asarray(y))
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=n_epochs * -(-len(x) // batch_size), pct_start=0.25)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(n_epochs):
        for rows in torch.randperm(len(x), generator=generator).split(batch_size):
            out = model(x[rows][:, :int(n[rows].max())])
            t = torch.arange(out.shape[1])[None]
            length = n[rows][:, None]
            error = F.cross_entropy(out.transpose(1, 2), labels[rows][:, None].expand(-1, out.shape[1]), reduction="none")
            inside, last = (t < length).float(), (t == length - 1).float()
            value = (error * last).sum() / len(rows) + 0.3 * (error * inside * t / length).sum() / inside.sum()
            optimizer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


def read_all(model: Reader, strokes: Sequence[ArrayLike], part: float = 1.0) -> np.ndarray:
    """What the GRU answers once this part of each stroke is drawn: (N,)."""
    x, n = padded(strokes)
    with torch.no_grad():
        out = model(x)
    place = (n.float() * part).ceil().long().clamp(min=1) - 1
    return out[torch.arange(len(x)), place].argmax(1).numpy()
