"""Words as rows of letter numbers: 0 is no letter (padding behind a word, and its end), the others are letters."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

#: A (N, T) int64 tensor of words, padded with zeros on the right.
Rows = torch.Tensor


def lengths_of(x: Rows) -> torch.Tensor:
    """How many letters each word has: (N, T) → int64 (N,)."""
    return (x > 0).sum(1)


def last_valid(out: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """What stands at each row's last real step: out (N, T, H), lengths (N,) from 1 to T → (N, H).

    Raises
    ------
    ValueError
        If the shapes do not fit, or a length lies outside 1 … T.
    """
    if out.ndim != 3 or lengths.shape != out.shape[:1]:
        raise ValueError(f"last_valid takes out (N, T, H) and lengths (N,); got {tuple(out.shape)} and {tuple(lengths.shape)}")
    if int(lengths.min()) < 1 or int(lengths.max()) > out.shape[1]:
        raise ValueError(f"lengths must lie in 1 … {out.shape[1]}; got {int(lengths.min())} … {int(lengths.max())}")
    return out[torch.arange(len(out)), lengths - 1]


def by_length(x: Rows, batch_size: int, seed: int = 0) -> list[torch.Tensor]:
    """Batches of words of nearly one length, so that little padding is computed: index tensors, each word in one.

    Words of one length fall into batches by chance (seeded); the batches come from the shortest to the longest.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    chance = torch.rand(len(x), generator=torch.Generator().manual_seed(seed))
    return list((lengths_of(x) + chance).argsort().split(batch_size))


def draw_letter(logits: torch.Tensor, temperature: float, u: torch.Tensor) -> torch.Tensor:
    """Draw one of K from softmax(logits / temperature), by inverting the running sum of its probabilities.

    Parameters
    ----------
    logits : (N, K) float
    temperature : float > 0
    u : (N,) float in [0, 1)
        Chance: the drawn one is the first whose running sum exceeds u.

    Returns
    -------
    int64 (N,), in 0 … K - 1

    Raises
    ------
    ValueError
        If the temperature is not above 0, or the shapes do not fit.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be above 0, got {temperature}")
    if logits.ndim != 2 or u.shape != logits.shape[:1]:
        raise ValueError(f"draw_letter takes logits (N, K) and u (N,); got {tuple(logits.shape)} and {tuple(u.shape)}")
    running = (logits / temperature).softmax(1).cumsum(1)
    return (running <= u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)


def _texts(x: Rows, before: int) -> list[list[int]]:
    """Each word as a list: some zeros before it (no letter yet), one behind it (its end)."""
    return [[0] * before + [*row[:n], 0] for row, n in zip(x.tolist(), lengths_of(x).tolist(), strict=True)]


def count_nats(train: tuple[Rows, torch.Tensor], test: tuple[Rows, torch.Tensor], most: int = 3, strength: float = 3.0) -> list[float]:
    """Mean surprise, in nats a letter, of models that only count, one for each class: of order 0, 1 … most.

    In the model of order n, a letter's probability is how often it followed the n - 1 letters before it in the training
    words of its class, blended with the model of order n - 1 as if that had been seen ``strength`` times; order 0 finds
    all letters equally likely. So 1 counts letters, 2 pairs, 3 triples, and so on. The end of a word counts as a letter.

    Parameters
    ----------
    train, test : (x, y)
        x int64 (N, T), padded with zeros; y int64 (N,), the class.
    most : int, 0 to 5

    Raises
    ------
    ValueError
        If most is none of these.

    Source: D. MacKay and L. Peto, "A hierarchical Dirichlet language model", Natural Language Engineering 1 (1995),
    doi:10.1017/S1351324900000218.
    """
    if most not in range(6):
        raise ValueError(f"most must be a whole number from 0 to 5, got {most}")
    first = max(most - 1, 0)                    # the place of a text's first letter
    n_letters = 1 + max(int(train[0].max()), int(test[0].max()))
    counts: dict[tuple[int, ...], dict[int, int]] = {}
    totals: dict[tuple[int, ...], int] = {}
    for text, k in zip(_texts(train[0], first), train[1].tolist(), strict=True):
        for i in range(first, len(text)):
            for n in range(most):
                context, letter = (k, *text[i - n:i]), text[i]
                row = counts.setdefault(context, {})
                row[letter] = row.get(letter, 0) + 1
                totals[context] = totals.get(context, 0) + 1
    surprise, seen = [0.0] * (most + 1), 0
    for text, k in zip(_texts(test[0], first), test[1].tolist(), strict=True):
        for i in range(first, len(text)):
            p = 1 / n_letters
            surprise[0] -= math.log(p)
            for n in range(most):
                context = (k, *text[i - n:i])
                p = (counts.get(context, {}).get(text[i], 0) + strength * p) / (totals.get(context, 0) + strength)
                surprise[n + 1] -= math.log(p)
            seen += 1
    return [total / seen for total in surprise]


def pairs_of(names: Sequence[str]) -> set[str]:
    """All pairs of neighbouring letters, the edges included (``"^a"`` begins a name, ``"a$"`` ends one).

    >>> sorted(pairs_of(["ada"]))
    ['^a', 'a$', 'ad', 'da']
    """
    return {a + b for name in names for a, b in zip("^" + name, name + "$", strict=True)}
