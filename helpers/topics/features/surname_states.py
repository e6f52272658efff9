"""A GRU that reads surnames and foretells the next letter: its states as features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.training import fit, one_cycle

LONGEST = 14        # letters that are read


class Letters:
    """Names as numbers: 0 stands for no letter and for letters that the training names do not have."""

    def __init__(self, names: Sequence[str]) -> None:
        self.letters = sorted({letter for name in names for letter in name.lower()})
        self.number = {letter: i for i, letter in enumerate(self.letters, 1)}

    def __len__(self) -> int:
        return len(self.letters) + 1

    def __call__(self, names: Sequence[str]) -> torch.Tensor:
        """N names → int64 (N, 14)."""
        out = torch.zeros(len(names), LONGEST, dtype=torch.int64)
        for row, name in zip(out, names, strict=True):
            known = [self.number.get(letter, 0) for letter in name.lower()[:LONGEST]]
            row[:len(known)] = torch.tensor(known)
        return out


class LetterReader(nn.Module):
    """Embedding, GRU, and a linear layer that says which letter comes next."""

    def __init__(self, n_letters: int, n_hidden: int = 64) -> None:
        super().__init__()
        self.embed, self.gru = nn.Embedding(n_letters, 24), nn.GRU(24, n_hidden, batch_first=True)
        self.next_letter = nn.Linear(n_hidden, n_letters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """int64 (N, T) → logits (N, T - 1, letters)."""
        return self.next_letter(self.gru(self.embed(x))[0][:, :-1])

    def states(self, x: torch.Tensor) -> torch.Tensor:
        """The state after a name's last letter: (N, n_hidden)."""
        with torch.no_grad():
            h = self.gru(self.embed(x))[0]                              # (N, T, H)
        return h[torch.arange(len(x)), (x > 0).sum(1).clamp(min=1) - 1]


def next_letter_loss(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cross-entropy over the letters that are there (nats)."""
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=0)


def reader_of(x: torch.Tensor, n_letters: int, epochs: int, seed: int = 0) -> LetterReader:
    """A reader trained on names without their languages; untrained with epochs=0."""
    torch.manual_seed(seed)
    reader = LetterReader(n_letters)
    if epochs:
        fit(reader, (x, x[:, 1:]), None, n_epochs=epochs, batch_size=128, lr=5e-3, schedule=one_cycle, loss=next_letter_loss, seed=seed, progress=False)
    return reader.eval()


def counts(names: Sequence[str], vocabulary: Sequence[str]) -> torch.Tensor:
    """How often each piece of one or two letters stands in a name: (N, V). The plain baseline."""
    place = {piece: i for i, piece in enumerate(vocabulary)}
    out = torch.zeros(len(names), len(vocabulary))
    for row, name in zip(out, names, strict=True):
        for piece, n in Counter(pieces(name)).items():
            if piece in place:
                row[place[piece]] = n
    return out


def pieces(name: str) -> list[str]:
    """The letters of a name and its pairs of letters, its ends marked.

    >>> pieces("Ab")
    ['<', 'a', 'b', '>', '<a', 'ab', 'b>']
    """
    whole = f"<{name.lower()}>"
    return [*whole, *(whole[i:i + 2] for i in range(len(whole) - 1))]


def commonest_pieces(names: Sequence[str], n: int = 1000) -> list[str]:
    """The n commonest pieces of these names."""
    found = Counter(piece for name in names for piece in pieces(name))
    return [piece for piece, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:n]]


def mean_recall(predicted: np.ndarray, y: np.ndarray) -> float:
    """The mean over classes of the share found: a class counts alike, however large it is."""
    return float(np.mean([(predicted[y == k] == k).mean() for k in np.unique(y)]))
