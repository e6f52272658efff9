"""Networks of nothing but attention on sequences in which a piece comes twice: two layers find an induction head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.text.loops import train_on

#: How many different tokens there are, and the length of a sequence.
N_TOKENS, LENGTH = 32, 32


@dataclass(frozen=True)
class Twice:
    """Sequences of random tokens in which a piece comes a second time.

    Parameters
    ----------
    x : int64 (N, LENGTH)
    again : bool (N, LENGTH)
        True inside the second piece, except at its last token: there the next token can be foreseen.
    back : int64 (N,)
        How far the second piece stands behind the first.
    """

    x: torch.Tensor
    again: torch.Tensor
    back: torch.Tensor


def twice(n: int, generator: torch.Generator) -> Twice:
    """n sequences; a piece of 4 to 10 tokens comes again, at a distance and at a place drawn by chance, each its own."""
    x = torch.randint(N_TOKENS, (n, LENGTH), generator=generator)
    size = torch.randint(4, 11, (n,), generator=generator)
    first = (torch.rand(n, generator=generator) * (LENGTH - 2 * size - 1)).long()
    free = LENGTH - first - 2 * size
    second = first + size + (torch.rand(n, generator=generator) * (free + 1)).long()
    t = torch.arange(LENGTH)
    place = t - second[:, None]                                     # in the second piece: 0 … size - 1
    copied = x.gather(1, (first[:, None] + place).clamp(0, LENGTH - 1))
    inside = (place >= 0) & (place < size[:, None])
    return Twice(torch.where(inside, copied, x), inside & (place < size[:, None] - 1), second - first)


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


def train_heads(model: AttentionOnly, *, n_steps: int, seed: int, lr: float = 1e-2, batch_size: int = 64) -> list[float]:
    """Train on fresh sequences; only what can be foreseen is graded. Gives each step's loss, in nats."""
    generator = torch.Generator().manual_seed(seed)

    def loss_of(i: torch.Tensor) -> torch.Tensor:
        drawn = twice(len(i), generator)
        logits, _ = model(drawn.x[:, :-1])
        can = drawn.again[:, :-1]
        return F.cross_entropy(logits[can], drawn.x[:, 1:][can])

    return train_on(model, loss_of, batch_size, n_steps=n_steps, lr=lr, seed=seed, batch_size=batch_size)


def foreseen(model: AttentionOnly, on: Sequence[Sequence[float]] | None = None, n: int = 300, seed: int = 99) -> float:
    """The share of tokens foreseen inside the second piece, in fresh sequences."""
    drawn = twice(n, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        logits, _ = model(drawn.x[:, :-1], on)
    can = drawn.again[:, :-1]
    return float((logits[can].argmax(-1) == drawn.x[:, 1:][can]).float().mean())


def one_pair(model: AttentionOnly, n: int = 500, seed: int = 97, length: int = 25) -> float:
    """Another kind of sequence than in training: all tokens different but the last, which has been before. Is what followed it then said now?"""
    generator = torch.Generator().manual_seed(seed)
    x = torch.stack([torch.randperm(N_TOKENS, generator=generator)[:length] for _ in range(n)])
    before = torch.randint(0, length - 2, (n,), generator=generator)
    rows = torch.arange(n)
    x[:, -1] = x[rows, before]
    with torch.no_grad():
        logits, _ = model(x)
    return float((logits[:, -1].argmax(-1) == x[rows, before + 1]).float().mean())


@dataclass(frozen=True)
class HeadScores:
    """For each layer and head (L, H): the mean weight on the token before, and on the one that followed this token last time."""

    previous: torch.Tensor
    induction: torch.Tensor


def head_scores(model: AttentionOnly, n: int = 200, seed: int = 98) -> HeadScores:
    """Where each head looks, inside the second piece of fresh sequences."""
    drawn = twice(n, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        _, looked = model(drawn.x)
    row, t = drawn.again.nonzero(as_tuple=True)
    after = t - drawn.back[row] + 1
    return HeadScores(torch.stack([w[row, :, t, t - 1].mean(0) for w in looked]), torch.stack([w[row, :, t, after].mean(0) for w in looked]))
