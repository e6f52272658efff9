"""Networks of nothing but attention on sequences that repeat: two layers find an induction head, one layer cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.text.loops import train_on

#: How many different tokens there are, and the length of a sequence.
N_TOKENS, LENGTH = 32, 32


def repeated(n: int, period: int, generator: torch.Generator) -> torch.Tensor:
    """n sequences: ``period`` tokens drawn by chance, again and again: int64 (n, LENGTH)."""
    return torch.randint(N_TOKENS, (n, period), generator=generator).repeat(1, LENGTH // period + 1)[:, :LENGTH]


class Attention(nn.Module):
    """Causal self-attention with some heads; ``on`` (H) multiplies what each head adds."""

    def __init__(self, d: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d, bias=False)

    def forward(self, x: torch.Tensor, on: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        n, t, d = x.shape
        q, k, v = (part.view(n, t, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))      # (N, H, T, d / H)
        scores = q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5
        future = torch.ones(t, t, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -torch.inf).softmax(-1)     # (N, H, T, T)
        mixed = (weights @ v) * on[:, None, None]
        return self.out(mixed.transpose(1, 2).reshape(n, t, d)), weights


class AttentionOnly(nn.Module):
    """Embeddings, positions, layers of attention (no other layers), and scores of the next token.

    Parameters
    ----------
    n_layers, heads, d : int
    """

    def __init__(self, n_layers: int = 2, heads: int = 2, d: int = 64) -> None:
        super().__init__()
        self.heads = heads
        self.embed, self.place = nn.Embedding(N_TOKENS, d), nn.Embedding(LENGTH, d)
        self.layers = nn.ModuleList(Attention(d, heads) for _ in range(n_layers))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(n_layers))
        self.norm, self.out = nn.LayerNorm(d), nn.Linear(d, N_TOKENS, bias=False)
        for table in (self.embed, self.place):
            nn.init.normal_(table.weight, 0, 0.3)

    def forward(self, x: torch.Tensor, on: Sequence[Sequence[float]] | None = None) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """x (N, T) → logits (N, T, 32), and each layer's weights (N, H, T, T). on: 1 or 0 for each head of each layer."""
        h, looked = self.embed(x) + self.place.weight[:x.shape[1]], []
        for i, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            switch = torch.ones(self.heads) if on is None else torch.tensor(on[i], dtype=torch.float32)
            added, weights = layer(norm(h), switch)
            h = h + added
            looked.append(weights)
        return self.out(self.norm(h)), looked


def train_heads(model: AttentionOnly, *, n_steps: int, seed: int, lr: float = 3e-3, batch_size: int = 64) -> list[float]:
    """Train on fresh sequences with periods of 8 to 16; only what repeats is graded. Gives each step's loss, in nats."""
    generator = torch.Generator().manual_seed(seed)

    def loss_of(i: torch.Tensor) -> torch.Tensor:
        period = int(torch.randint(8, 17, (), generator=generator))
        x = repeated(len(i), period, generator)
        logits, _ = model(x[:, :-1])
        return F.cross_entropy(logits[:, period:].flatten(0, 1), x[:, period + 1:].flatten())

    return train_on(model, loss_of, batch_size, n_steps=n_steps, lr=lr, seed=seed, batch_size=batch_size)


def repeat_accuracy(model: AttentionOnly, on: Sequence[Sequence[float]] | None = None, period: int = 11, n: int = 300, seed: int = 99) -> float:
    """The share of tokens foreseen from the second time on, in fresh sequences of one period."""
    x = repeated(n, period, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        logits, _ = model(x[:, :-1], on)
    return float((logits[:, period:].argmax(-1) == x[:, period + 1:]).float().mean())


@dataclass(frozen=True)
class HeadScores:
    """For each layer and head (L, H): the mean weight on the token before, and on the token that followed this one last time."""

    previous: torch.Tensor
    induction: torch.Tensor


def head_scores(model: AttentionOnly, period: int = 11, n: int = 100, seed: int = 98) -> HeadScores:
    """Where each head looks, in the second round of fresh sequences."""
    x = repeated(n, period, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        _, looked = model(x)
    t = torch.arange(period + 1, LENGTH)
    previous = torch.stack([w[:, :, t, t - 1].mean((0, 2)) for w in looked])
    induction = torch.stack([sum((w[:, :, t, t - back].mean((0, 2)) for back in _backs(period)), torch.zeros(w.shape[1])) for w in looked])
    return HeadScores(previous, induction)


def _backs(period: int) -> list[int]:
    """How far back the token stands that followed this one last time."""
    return [period - 1]
