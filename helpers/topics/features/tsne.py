"""t-SNE from scratch, exact and for several data sets at once: small enough to read, quick enough for a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike

from helpers.plots import to_numpy

EXAGGERATION = 12.0
#: Steps during which the probabilities are exaggerated.
EARLY = 100


def squared_distances(x: torch.Tensor) -> torch.Tensor:
    """(…, N, D) → (…, N, N), zero on the diagonal."""
    square = x.square().sum(-1)
    d = square[..., :, None] + square[..., None, :] - 2 * x @ x.transpose(-1, -2)
    return d.clamp(min=0)


def affinities(x: ArrayLike | torch.Tensor, perplexity: float) -> torch.Tensor:
    """How likely two points are to be called neighbours: float64 (N, N), symmetric, sum 1, zero on the diagonal.

    Each point has a Gaussian around it, as wide as it takes to make exp(entropy) of its neighbours the perplexity.

    Raises
    ------
    ValueError
        If there are fewer than perplexity + 2 points, or perplexity is below 1.
    """
    points = torch.from_numpy(to_numpy(x).astype(np.float64))
    n = len(points)
    if points.ndim != 2 or not 1 <= perplexity <= n - 2:
        raise ValueError(f"affinities need (N, D) points and a perplexity from 1 to N - 2, got {tuple(points.shape)} and {perplexity}")
    d = squared_distances(points)
    d = d / d.mean()
    d.fill_diagonal_(torch.inf)
    d = d - d.min(1, keepdim=True).values               # the nearest gets exp(0): nothing underflows to a row of zeros
    low, high = torch.full((n, 1), -30.0, dtype=torch.float64), torch.full((n, 1), 30.0, dtype=torch.float64)     # of log(1 / 2σ²)
    for _ in range(50):
        middle = (low + high) / 2
        p = torch.exp(-d * middle.exp())
        p = p / p.sum(1, keepdim=True)
        entropy = -(p * p.clamp(min=1e-300).log()).sum(1, keepdim=True)
        wide = entropy > np.log(perplexity)
        low, high = torch.where(wide, middle, low), torch.where(wide, high, middle)
    return (p + p.T) / (2 * n)


def kl_divergence(P: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """What t-SNE makes small: KL(P ‖ Q) in nats, for (…, N, N) affinities and (…, N, 2) places."""
    w = 1 / (1 + squared_distances(z))
    w = w * (1 - torch.eye(w.shape[-1], dtype=w.dtype))
    Q = w / w.sum((-1, -2), keepdim=True)
    return (P * (P.clamp(min=1e-12).log() - Q.clamp(min=1e-12).log())).sum((-1, -2))


def gradient(P: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """dKL/dz: (…, N, 2). 4 Σⱼ (pᵢⱼ − qᵢⱼ) wᵢⱼ (zᵢ − zⱼ), with w = 1/(1 + d²) and q = w over their sum."""
    w = 1 / (1 + squared_distances(z))                  # (…, N, N)
    w.diagonal(dim1=-2, dim2=-1).zero_()
    pull = (P - w / w.sum((-1, -2), keepdim=True)) * w
    return 4 * (pull.sum(-1, keepdim=True) * z - pull @ z)


class Embedding:
    """Several t-SNE maps under way, one step() at a time. ``z`` float32 (M, N, 2).

    Parameters
    ----------
    affinity : sequence of (N, N)
        One for each map, from :func:`affinities`.
    start : sequence of (N, 2)
        Where the points begin; scaled to a standard deviation of 1e-4.
    """

    def __init__(self, affinity: Sequence[torch.Tensor], start: Sequence[ArrayLike | torch.Tensor]) -> None:
        self.P = torch.stack([p.float() for p in affinity])
        z = torch.stack([torch.from_numpy(to_numpy(s).astype(np.float32)) for s in start])
        self.z = z / z[..., 0].std(-1)[:, None, None] * 1e-4
        self.speed, self.gains = torch.zeros_like(self.z), torch.ones_like(self.z)
        self.n_steps = 0
        self.rate = max(self.P.shape[-1] / EXAGGERATION / 4, 50.0)

    def step(self) -> None:
        """One step down: momentum, and a gain for each number that goes on in one direction."""
        early = self.n_steps < EARLY
        g = gradient(self.P * (EXAGGERATION if early else 1), self.z)
        same = (g > 0) == (self.speed > 0)
        self.gains = torch.where(same, self.gains * 0.8, self.gains + 0.2).clamp(min=0.01)
        self.speed = (0.5 if early else 0.8) * self.speed - self.rate * self.gains * g
        self.z = self.z + self.speed
        self.z = self.z - self.z.mean(-2, keepdim=True)
        self.n_steps += 1


def plane(x: ArrayLike | torch.Tensor) -> np.ndarray:
    """The first two principal components: float64 (N, 2), the sign such that the greatest entry of each direction is positive."""
    a = to_numpy(x).astype(np.float64)
    a = a - a.mean(0)
    directions = np.linalg.svd(a, full_matrices=False)[2][:2]
    directions *= np.sign(directions[np.arange(2), np.abs(directions).argmax(1)])[:, None]
    return a @ directions.T


def maps(sets: Sequence[ArrayLike | torch.Tensor], perplexities: Sequence[float], shots: Sequence[int]) -> np.ndarray:
    """Maps of some data sets of N points, for each perplexity, after each number of steps: float32 (sets, perplexities, shots, N, 2)."""
    run = Embedding([affinities(x, p) for x in sets for p in perplexities], [plane(x) for x in sets for _ in perplexities])
    found = []
    for step in range(max(shots) + 1):
        if step in shots:
            found.append(run.z.clone())
        run.step()
    return torch.stack(found, 1).numpy().reshape(len(sets), len(perplexities), len(shots), -1, 2)
