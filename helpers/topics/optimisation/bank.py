"""Many small networks trained side by side, each on its own digits: a picture is cut into patches, and all patches see the same filters.

With one patch, the whole picture, this is a plain network of two layers; with many patches it is a convolution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from helpers.validate import whole

Tensor = torch.Tensor
Weights = list[Tensor]


def patches(x: Tensor, size: int | None = None) -> Tensor:
    """Cut pictures (N, C, H, W) into all patches of size × size: (N, P, C · size · size); the whole picture is one patch if None."""
    if x.ndim != 4:
        raise ValueError(f"patches() takes pictures (N, C, H, W), got shape {tuple(x.shape)}")
    return x.flatten(1)[:, None] if size is None else F.unfold(x, whole("size", size)).transpose(1, 2).contiguous()


@dataclass(frozen=True)
class Shape:
    """What a network of the bank looks like: inputs a patch, patches a side, filters, and the pooling behind them."""

    n_in: int
    side: int
    n_filters: int
    pool: int = 1

    @property
    def n_hidden(self) -> int:
        return (self.side // self.pool) ** 2 * self.n_filters


def new_weights(shape: Shape, seeds: Sequence[int], n_classes: int = 10) -> Weights:
    """Weights of len(seeds) networks as ``nn.Linear`` begins them, each from its own seed: (M, D, H), (M, 1, H) in turn."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    weights = []
    for n_in, n_out in ((shape.n_in, shape.n_filters), (shape.n_hidden, n_classes)):
        for size in ((n_in, n_out), (1, n_out)):
            weights.append((2 * torch.stack([torch.rand(size, generator=g) for g in generators]) - 1) / math.sqrt(n_in))
    return weights


def logits(weights: Weights, x: Tensor, shape: Shape) -> Tensor:
    """x (M, B, P, D) → (M, B, K)."""
    m, b = x.shape[:2]
    w1, b1, w2, b2 = weights
    h = F.relu(torch.baddbmm(b1, x.flatten(1, 2), w1))          # (M, B·P, H)
    if shape.pool > 1:
        maps = h.view(m * b, shape.side, shape.side, -1).permute(0, 3, 1, 2)
        h = F.max_pool2d(maps, shape.pool)
    return torch.baddbmm(b2, h.reshape(m, b, -1), w2)


@dataclass
class Trained:
    """Weights of M networks, and what was asked of them on the way: ``seen`` (n_checks, M), accuracies at the checks."""

    weights: Weights
    seen: Tensor


def train(x: Tensor, y: Tensor, shape: Shape, seeds: Sequence[int], *, lr: Sequence[float] | float, n_epochs: int, batch_size: int = 25,
          adamw: bool = True, decay: Sequence[float] | float = 0.05, smoothing: Sequence[float] | float = 0.0,
          checks: Sequence[float] = (), check: Callable[[Weights], Tensor] | None = None) -> Trained:
    """Train M networks at once, each from its seed: AdamW with one cycle, or plain SGD at a constant rate.

    Parameters
    ----------
    x, y : float (M, N, P, D), int64 (M, N)
        Each network's own examples; M may be 1 for all (they are then shared).
    seeds : M whole numbers
        For the weights and the order of the examples.
    lr, decay, smoothing : a number for all, or M numbers
    checks : shares of the steps, 0 … 1
        After which ``check(weights)`` (M,) is asked.

    Raises
    ------
    ValueError
        If the sizes do not fit.
    """
    n_epochs, batch_size = whole("n_epochs", n_epochs), whole("batch_size", batch_size)
    m, n = len(seeds), x.shape[1]
    if x.ndim != 4 or len(x) not in (1, m) or y.shape != x.shape[:2]:
        raise ValueError(f"train() needs x (M, N, P, D) and y (M, N) for {m} seeds, got {tuple(x.shape)} and {tuple(y.shape)}")
    rates, decays, eps = (torch.as_tensor(v, dtype=torch.float32).expand(m)[:, None, None] for v in (lr, decay, smoothing))
    weights = new_weights(shape, seeds)
    memory = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]
    orders = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]
    n_steps, step = n_epochs * (n // batch_size), 0
    marks = {max(1, round(share * n_steps)) for share in checks}
    rows = torch.arange(m)[:, None] if len(x) == m else torch.zeros(m, 1, dtype=torch.int64)
    seen = []
    for _ in range(n_epochs):
        order = torch.stack([torch.randperm(n, generator=g) for g in orders])       # (M, N)
        for i in range(n // batch_size):
            places = order[:, i * batch_size:(i + 1) * batch_size]
            weights = [w.detach().requires_grad_() for w in weights]
            log_p = logits(weights, x[rows, places], shape).log_softmax(2)
            target = F.one_hot(y[rows, places], log_p.shape[2]) * (1 - eps) + eps / log_p.shape[2]
            grads = torch.autograd.grad(-(target * log_p).sum(2).mean(1).sum(), weights)
            with torch.no_grad():
                weights = _step(weights, grads, memory, rates * _factor(step / n_steps) if adamw else rates, decays, step + 1, adamw)
            step += 1
            if step in marks and check is not None:
                seen.append(check(weights))
    return Trained([w.detach() for w in weights], torch.stack(seen) if seen else torch.zeros(0, m))


def _factor(t: float) -> float:
    """One cycle: up along half a cosine over the first quarter, down to nothing."""
    return (1.04 - 0.96 * math.cos(math.pi * t / 0.25)) / 2 if t < 0.25 else 0.5 * (1 + math.cos(math.pi * (t - 0.25) / 0.75))


def _step(weights: Weights, grads: Sequence[Tensor], memory: list[list[Tensor]], lr: Tensor, decay: Tensor, t: int, adamw: bool) -> Weights:
    if not adamw:
        return [w - lr * g for w, g in zip(weights, grads, strict=True)]
    new = []
    for w, g, (m, q) in zip(weights, grads, memory, strict=True):
        m.mul_(0.9).add_(g, alpha=0.1)
        q.mul_(0.999).addcmul_(g, g, value=0.001)
        new.append(w * (1 - lr * decay) - lr * (m / (1 - 0.9**t)) / ((q / (1 - 0.999**t)).sqrt() + 1e-8))
    return new


def accuracies(weights: Weights, x: Tensor, y: Tensor, shape: Shape) -> Tensor:
    """The share right of each of M networks, (M,); x (M or 1, N, P, D), y (N,). A network whose numbers are not finite has 0."""
    m = len(weights[0])
    found = []
    with torch.no_grad():
        for i in range(m):
            out = logits([w[i:i + 1] for w in weights], x[i if len(x) == m else 0][None], shape)[0]
            found.append((out.argmax(1) == y).float().mean() if out.isfinite().all() else torch.zeros(()))
    return torch.stack(found)
