"""Thirty layers, several such networks side by side: one training, in which each has its own weights and its own rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch.nn import functional as F

from helpers.topics.building.signal import ACTIVATIONS, NORMS, normalise

Batch = tuple[torch.Tensor, torch.Tensor]


class DeepBank:
    """M networks of equal layers, h ← f(norm(W h + b)) or h ← h + f(norm(W h + b)), between a first and a last layer.

    One matrix product serves all M. Network m begins with the seed ``seeds[m]`` and learns at the rate ``rates[m]``, by
    AdamW as in torch; nothing passes from one to another.

    Parameters
    ----------
    seeds, rates : sequences of one length M
    gain : float or "torch"
        The weights' spread is gain/√width and the biases are 0; "torch" draws both as nn.Linear does.
    boost : float
        A factor on the weights, not the biases, of all layers but the first and the last.
    norm : "none", "batch norm" or "layer norm"
        Without the affine part.
    residual : bool
    activation : "ReLU" or "tanh"
    depth : int
        Layers in all, the first and the last among them.
    width, n_in, n_out : int

    Raises
    ------
    ValueError
        If seeds and rates differ in length, or a setting is unknown.
    """

    def __init__(self, seeds: Sequence[int], rates: Sequence[float], *, gain: float | str = "torch", boost: float = 1.0, norm: str = "none", residual: bool = False,
                 activation: str = "ReLU", depth: int = 30, width: int = 32, n_in: int = 196, n_out: int = 10) -> None:
        if len(seeds) != len(rates) or not len(seeds):
            raise ValueError(f"seeds and rates must have one length, at least 1; got {len(seeds)} and {len(rates)}")
        if norm not in NORMS or activation not in ACTIVATIONS or not (gain == "torch" or isinstance(gain, (int, float))) or depth < 3:
            raise ValueError(f"unknown setting: gain {gain!r}, norm {norm!r}, activation {activation!r}, depth {depth}")
        self.norm, self.residual, self.activation, self.depth = norm, residual, ACTIVATIONS[activation], depth
        shapes = [(n_in, width), *[(width, width)] * (depth - 2), (width, n_out)]
        drawn = [_draw(seed, shapes, gain) for seed in seeds]
        factors = [1.0, *[boost] * (depth - 2), 1.0]
        W = [factors[k] * torch.stack([one[0][k] for one in drawn]) for k in range(depth)]      # each (M, a, b)
        b = [torch.stack([one[1][k] for one in drawn]) for k in range(depth)]                   # each (M, 1, b)
        self.numbers = torch.cat([p.flatten(1) for p in (*W, *b)], 1)       # (M, P): all parameters in one piece, for quick steps
        views = self.numbers.split([p[0].numel() for p in (*W, *b)], 1)
        leaves = [view.view(p.shape).detach().requires_grad_() for view, p in zip(views, (*W, *b), strict=True)]
        self.W, self.b = leaves[:depth], leaves[depth:]
        self.rates = torch.tensor(rates)[:, None, None]
        self.n_steps = 0
        self.first, self.second = torch.zeros_like(self.numbers), torch.zeros_like(self.numbers)
        self.running: list[tuple[torch.Tensor, torch.Tensor]] = []

    @property
    def parameters(self) -> list[torch.Tensor]:
        return [*self.W, *self.b]

    def forward(self, x: torch.Tensor, *, training: bool = False) -> list[torch.Tensor]:
        """The state after each layer, the logits last; x (N, n_in) → each (M, N, width or n_out).

        In training, batch norm takes the batch's own mean and variance; else those of the last 20 training batches or so.
        """
        h = x.flatten(1).expand(len(self.rates), -1, -1)
        states, seen = [], []
        for k, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z = torch.baddbmm(b, h, W)
            if 0 < k < self.depth - 1 and self.norm != "none":
                if self.norm == "batch norm" and self.running and not training:
                    mean, var = self.running[k - 1]
                    z = (z - mean) * (var + 1e-5).rsqrt()
                else:
                    if self.norm == "batch norm" and training:
                        seen.append((z.detach().mean(1, keepdim=True), z.detach().var(1, keepdim=True, correction=0)))
                    z = normalise(z, self.norm)
            if k < self.depth - 1:
                out = self.activation(z)
                z = h + out if self.residual and k > 0 else out
            h = z
            states.append(h)
        if seen:
            old = self.running or seen
            self.running = [(torch.lerp(m0, m1, 0.1), torch.lerp(v0, v1, 0.1)) for (m0, v0), (m1, v1) in zip(old, seen, strict=True)]
        return states

    def losses(self, batch: Batch) -> torch.Tensor:
        """(M,): each network's cross-entropy on a batch, in training mode."""
        return self._losses(self.forward(batch[0], training=True)[-1], batch[1])

    def _losses(self, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        m, n = logits.shape[:2]
        return F.cross_entropy(logits.flatten(0, 1), y.repeat(m), reduction="none").view(m, n).mean(1)

    def step(self, batch: Batch, decay: float = 0.01) -> torch.Tensor:
        """One step of AdamW on a batch; gives the losses (M,) before it."""
        losses = self.losses(batch)
        gradients = torch.autograd.grad(losses.sum(), self.parameters)
        self.n_steps += 1
        with torch.no_grad():
            g, rates = torch.cat([part.flatten(1) for part in gradients], 1), self.rates.view(-1, 1)
            self.first.lerp_(g, 0.1)
            self.second.mul_(0.999).addcmul_(g, g, value=0.001)
            root = (self.second / (1 - 0.999**self.n_steps)).sqrt_().add_(1e-8)
            self.numbers.mul_(1 - decay * rates).sub_(rates * self.first / (1 - 0.9**self.n_steps) / root)
        return losses.detach()

    def accuracy(self, data: Batch) -> torch.Tensor:
        """(M,): each network's share of right labels, with the running statistics of batch norm."""
        with torch.no_grad():
            return (self.forward(data[0])[-1].argmax(-1) == data[1]).float().mean(1)


def _draw(seed: int, shapes: Sequence[tuple[int, int]], gain: float | str) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Weights and biases of one network. With a gain, the first and the last layer have a gain of 1."""
    g = torch.Generator().manual_seed(seed)
    weights, biases = [], []
    for k, (a, b) in enumerate(shapes):
        if gain == "torch":
            bound = 1 / math.sqrt(a)
            weights.append(bound * (2 * torch.rand(a, b, generator=g) - 1))
            biases.append(bound * (2 * torch.rand(1, b, generator=g) - 1))
        else:
            inner = 0 < k < len(shapes) - 1
            own = float(gain) if inner else 1.0     # the ends: inputs and logits of spread 1
            weights.append(own / math.sqrt(a) * torch.randn(a, b, generator=g))
            biases.append(torch.zeros(1, b))
    return weights, biases


def train(bank: DeepBank, data: Batch, n_steps: int, batch_size: int = 64, seed: int = 0) -> torch.Tensor:
    """Train a bank on random batches; gives the losses (n_steps, M)."""
    g = torch.Generator().manual_seed(seed)
    x, y = data
    rows = []
    for _ in range(n_steps):
        i = torch.randint(len(x), (batch_size,), generator=g)
        rows.append(bank.step((x[i], y[i])))
    return torch.stack(rows)
