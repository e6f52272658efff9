"""Two tasks about short texts, and three readers: a bag of embeddings, a GRU, a small Transformer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.data.tales import tales, words_of
from helpers.topics.text.loops import train_on


@dataclass(frozen=True)
class Labelled:
    """Short texts and their labels: texts, words with blanks between (N,); y (N,) whole numbers."""

    texts: list[str]
    y: list[int]


@dataclass(frozen=True)
class Task:
    """A task for readers of short texts; fit on train, choose on val, look at test once."""

    train: Labelled
    val: Labelled
    test: Labelled
    names: tuple[str, ...]


def which_tale(n_tales: int = 16, n_words: int = 20) -> Task:
    """From which of the longest tales is this passage of n_words words? Passages follow each other: every fifth is for val, every fifth for test."""
    chosen = sorted(tales(), key=lambda tale: (-len(tale.text), tale.title))[:n_tales]
    parts: list[tuple[list[str], list[int]]] = [([], []) for _ in range(3)]
    for label, tale in enumerate(chosen):
        words = words_of(tale.text)
        for i in range(len(words) // n_words):
            texts, y = parts[{3: 1, 4: 2}.get(i % 5, 0)]
            texts.append(" ".join(words[i * n_words:(i + 1) * n_words]))
            y.append(label)
    train, val, test = (Labelled(*part) for part in parts)
    return Task(train, val, test, tuple(tale.title for tale in chosen))


def which_first(n_tales: int = 30, n_words: int = 18, seed: int = 0) -> Task:
    """Two words, "alpha" and "omega", are put into each passage at two places drawn by chance: does alpha come first (1) or omega (0)?"""
    plain, draw = which_tale(n_tales, n_words), random.Random(seed)
    parts = []
    for part in (plain.train, plain.val, plain.test):
        texts, y = [], []
        for text in part.texts:
            words = text.split()
            i, j = sorted(draw.sample(range(len(words) + 1), 2))
            first = draw.random() < 0.5
            a, b = ("alpha", "omega") if first else ("omega", "alpha")
            texts.append(" ".join([*words[:i], a, *words[i:j], b, *words[j:]]))
            y.append(int(first))
        parts.append(Labelled(texts, y))
    return Task(parts[0], parts[1], parts[2], ("omega", "alpha"))


def numbered(task: Task, n_words: int = 3000) -> tuple[tuple[XY, XY, XY], int]:
    """Words as numbers: int64 (N, T), 0 for padding, 1 for a word that is rare in train; and how many numbers there are."""
    common = Counter(word for text in task.train.texts for word in text.split())
    place = {word: i + 2 for i, (word, _) in enumerate(sorted(common.items(), key=lambda item: (-item[1], item[0]))[:n_words])}

    def as_tensors(part: Labelled) -> XY:
        rows = [torch.tensor([place.get(word, 1) for word in text.split()]) for text in part.texts]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor(part.y)

    return (as_tensors(task.train), as_tensors(task.val), as_tensors(task.test)), len(place) + 2


class BagReader(nn.Module):
    """The mean of the words' embeddings, and a linear layer: (N, T) int64 → (N, K)."""

    def __init__(self, n_words: int, n_classes: int, d: int = 64) -> None:
        super().__init__()
        self.embed, self.drop, self.out = nn.Embedding(n_words, d, padding_idx=0), nn.Dropout(0.4), nn.Linear(d, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = (x > 0).float()
        return self.out(self.drop(self.embed(x).sum(1) / seen.sum(1, keepdim=True)))


class GRUReader(nn.Module):
    """A GRU in both directions, the greatest value of each unit over the places, a linear layer."""

    def __init__(self, n_words: int, n_classes: int, d: int = 48, h: int = 48) -> None:
        super().__init__()
        self.embed, self.drop = nn.Embedding(n_words, d, padding_idx=0), nn.Dropout(0.3)
        self.gru, self.out = nn.GRU(d, h, batch_first=True, bidirectional=True), nn.Linear(2 * h, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, _ = self.gru(self.drop(self.embed(x)))
        return self.out(self.drop(h.masked_fill((x == 0)[..., None], -2).max(1).values))


class TransformerReader(nn.Module):
    """Layers of self-attention, the mean over the places, a linear layer; positions may be left out."""

    def __init__(self, n_words: int, n_classes: int, d: int = 48, heads: int = 4, n_layers: int = 2, *, positions: bool = True, longest: int = 40) -> None:
        super().__init__()
        self.embed, self.place, self.drop = nn.Embedding(n_words, d, padding_idx=0), nn.Embedding(longest, d), nn.Dropout(0.1)
        self.positions = positions
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(d, heads, 2 * d, 0.1, batch_first=True, norm_first=True) for _ in range(n_layers))
        self.norm, self.out = nn.LayerNorm(d), nn.Linear(d, n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, pad = self.embed(x), x == 0
        if self.positions:
            h = h + self.place.weight[:x.shape[1]]
        h = self.drop(h)
        for layer in self.layers:
            h = layer(h, src_key_padding_mask=pad)
        seen = (~pad).float()[..., None]
        return self.out((self.norm(h) * seen).sum(1) / seen.sum(1))


def train_reader(model: nn.Module, data: XY, *, n_steps: int, lr: float, seed: int, batch_size: int = 64) -> list[float]:
    """Train a reader on (N, T) and labels (N,); the loss of each step, in nats."""
    x, y = data
    return train_on(model, lambda i: F.cross_entropy(model(x[i]), y[i]), len(x), n_steps=n_steps, lr=lr, seed=seed, batch_size=batch_size, decay=0.05)


def accuracy_of(model: nn.Module, data: XY) -> float:
    """The share of right answers, dropout off."""
    model.eval()
    with torch.no_grad():
        return float((model(data[0]).argmax(1) == data[1]).float().mean())


def tfidf_scores(task: Task, kinds: Sequence[tuple[str, int]] = (("words", 1), ("words and pairs", 2))) -> dict[str, float]:
    """Test accuracy of logistic regression on TF-IDF: of single words, and of words and pairs of neighbours; its strength chosen on val."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    found = {}
    for name, most in kinds:
        weigh = TfidfVectorizer(ngram_range=(1, most), sublinear_tf=True, token_pattern=r"[a-z]+")
        x = weigh.fit_transform(task.train.texts)
        tried = [LogisticRegression(C=c, max_iter=300).fit(x, task.train.y) for c in (1, 10, 100)]
        scores = [model.score(weigh.transform(task.val.texts), task.val.y) for model in tried]
        found[name] = float(tried[scores.index(max(scores))].score(weigh.transform(task.test.texts), task.test.y))
    return found
