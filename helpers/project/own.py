"""A reader's own data, of one of four kinds, split honestly and made ready for a network and its baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from helpers.data import XY
from helpers.training.fit import Loss

KINDS = ("pictures", "table", "series", "texts")
#: Words that a text's features count at most, and past values that a window of a series holds.
N_WORDS, WIDTH = 2000, 12


@dataclass(frozen=True)
class Own:
    """A reader's own data as it was read.

    Parameters
    ----------
    kind : "pictures", "table", "series" or "texts"
    x : pictures float32 (N, C, S, S) from 0 to 1; a table float32 (N, D), gaps NaN; windows of a series float32 (N, T); texts (N,)
    y : int64 (N,) places in classes, or float32 (N,) quantities
    classes : list of str
        Their names; empty for quantities.
    groups : array (N,), optional
        Who or what each example comes from: no group is split up.
    source : str
        What was read, in words.
    """

    kind: str
    x: NDArray[np.generic]
    y: NDArray[np.generic]
    classes: list[str]
    source: str
    groups: NDArray[np.generic] | None = None

    def __str__(self) -> str:
        labels = f"{len(self.classes)} classes ({', '.join(self.classes[:4])}{' …' if len(self.classes) > 4 else ''})" if self.classes else "a quantity"
        return f"{self.kind}: {len(self.x):,} examples, to predict {labels}, from {self.source}"

    def split(self, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows for training (60 %), validation and test (20 % each): a series by time, groups whole, else by class.

        Raises
        ------
        ValueError
            If there are too few examples, of a class or in all, to split.
        """
        n = len(self.x)
        counts = np.bincount(self.y.astype(int)) if self.classes else np.array([n])
        if (rare := int((counts < 5).sum())) > 20:
            raise ValueError(f"{rare} of {len(counts)} classes have fewer than 5 examples ({self.classes[0]}, {self.classes[1]} …): is the target a name or a date? Name another with target=")
        if n < 50:
            raise ValueError(f"{n} examples cannot be split three ways and still say something: collect at least 50")
        rows = np.arange(n)
        if self.kind == "series":
            a, b = int(0.6 * n), int(0.8 * n)
            return rows[:a], rows[a:b], rows[b:]
        if self.groups is not None:
            if (n_groups := len(np.unique(self.groups))) < 5:
                raise ValueError(f"there are {n_groups} groups: each goes into one part as a whole, and three parts need at least 5. Collect more, or name a finer column")
            rest, test = next(GroupShuffleSplit(1, test_size=0.2, random_state=seed).split(rows, groups=self.groups))
            train, val = next(GroupShuffleSplit(1, test_size=0.25, random_state=seed).split(rest, groups=self.groups[rest]))
            return rest[train], rest[val], test
        if counts.min() < 5:
            few = self.classes[int(counts.argmin())]
            raise ValueError(f"class {few!r} has fewer than 5 examples: too few for three parts. Collect more, or join it with another")
        by = self.y if self.classes else None
        rest, test = train_test_split(rows, test_size=0.2, random_state=seed, stratify=by)
        train, val = train_test_split(rest, test_size=0.25, random_state=seed, stratify=None if by is None else by[rest])
        return np.sort(train), np.sort(val), np.sort(test)

    def tensors(self, train: NDArray[np.int64], *parts: NDArray[np.int64]) -> list[XY]:
        """Each part as (x, y), prepared with what the training part alone says: gaps, scale, words.

        Raises
        ------
        ValueError
            If the training texts hold no words.
        """
        x = self._features(train)
        y = torch.from_numpy(self.y.astype(np.int64 if self.classes else np.float32))
        return [(x[rows], y[rows] if self.classes else y[rows, None]) for rows in (train, *parts)]

    def _features(self, train: NDArray[np.int64]) -> torch.Tensor:
        if self.kind == "pictures":
            return torch.from_numpy(np.ascontiguousarray(self.x, np.float32))
        if self.kind == "texts":
            words = TfidfVectorizer(max_features=N_WORDS, sublinear_tf=True)
            try:
                words.fit(self.x[train])
            except ValueError as error:
                raise ValueError("the training texts hold no word of two letters or more: are the files empty, or is it another column?") from error
            return torch.from_numpy(words.transform(self.x).toarray().astype(np.float32))
        if self.kind == "series":
            return torch.from_numpy(self.x.astype(np.float32))      # the network scales by itself: see InItsUnit
        filled = SimpleImputer(strategy="median", keep_empty_features=True).fit(self.x[train]).transform(self.x)
        scaler = StandardScaler().fit(filled[train])
        return torch.from_numpy(scaler.transform(filled).astype(np.float32))

    def baseline(self, train: XY, x: torch.Tensor) -> torch.Tensor:
        """What the plain model says of x: a linear one on the same features. (For a series "no change" is one of them.)

        Returns
        -------
        Tensor
            int64 (N,) classes or float32 (N,) quantities.
        """
        a, y, b = train[0].flatten(1).numpy(), train[1].flatten().numpy(), x.flatten(1).numpy()
        if self.classes:
            return torch.from_numpy(make_pipeline(StandardScaler(with_mean=self.kind != "texts"), LogisticRegression(max_iter=500, C=0.1)).fit(a, y).predict(b))
        last, last_b = (a[:, -1:], b[:, -1:]) if self.kind == "series" else (0.0, 0.0)     # as the network: the change is told
        told = Ridge(1.0).fit(a - last, y - np.ravel(last)).predict(b - last_b) + np.ravel(last_b)
        return torch.from_numpy(told.astype(np.float32))

    def model(self, train: XY, width: int = 32) -> nn.Module:
        """A first network for this kind: two convolutions for pictures, two hidden layers for all others.

        For quantities it answers in the target's own unit, which it takes from the training part.
        """
        out = len(self.classes) or 1
        if self.kind == "pictures":
            return nn.Sequential(nn.LazyConv2d(width, 5, stride=2, padding=2), nn.LazyBatchNorm2d(), nn.ReLU(), nn.LazyConv2d(2 * width, 3, padding=1),
                                 nn.LazyBatchNorm2d(), nn.ReLU(), nn.AdaptiveMaxPool2d(4), nn.Flatten(), nn.LazyLinear(out))
        net = nn.Sequential(nn.LazyLinear(width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, out))
        return net if self.classes else InItsUnit(net, *train, from_last=self.kind == "series")

    @property
    def loss(self) -> Loss:
        """Cross-entropy for classes, the mean absolute error for quantities."""
        return F.cross_entropy if self.classes else F.l1_loss

    def errors(self, said: torch.Tensor, y: torch.Tensor) -> NDArray[np.float64]:
        """The error on each example, float64 (N,): wrong or not for classes, the distance for quantities; logits are taken too."""
        if self.classes:
            return (said.argmax(1) if said.ndim == 2 else said).ne(y).double().numpy()
        return (said.flatten() - y.flatten()).abs().double().numpy()


class InItsUnit(nn.Module):
    """A network whose answer is put into the target's unit; with ``from_last`` it says the change from a window's last value.

    Parameters
    ----------
    net : Module, (N, D) → (N, 1)
    x, y : tensors (N, D) and (N, 1)
        The training part, whose middle and spread are the unit.
    """

    middle: torch.Tensor
    spread: torch.Tensor

    def __init__(self, net: nn.Module, x: torch.Tensor, y: torch.Tensor, *, from_last: bool = False) -> None:
        super().__init__()
        self.net, self.from_last = net, from_last
        told = y - x[:, -1:] if from_last else y
        self.register_buffer("middle", told.mean())
        self.register_buffer("spread", told.std().clamp_min(1e-6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        last = x[:, -1:] if self.from_last else 0
        seen = (x - last) / self.spread if self.from_last else x
        answer: torch.Tensor = last + self.middle + self.spread * self.net(seen)
        return answer


def difference(first: NDArray[np.float64], second: NDArray[np.float64], *, seed: int = 0, n_draws: int = 2000) -> tuple[float, float, float]:
    """By how much the first model's mean error is smaller, and a 95 % interval: the paired bootstrap over test examples.

    Raises
    ------
    ValueError
        If the two were not measured on the same examples.
    """
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError(f"both models must be measured on the same examples, shape (N,); got {first.shape} and {second.shape}")
    gain = second - first
    draws = gain[np.random.default_rng(seed).integers(0, len(gain), (n_draws, len(gain)))].mean(1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(gain.mean()), float(low), float(high)
