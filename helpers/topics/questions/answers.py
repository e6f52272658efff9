"""The experiments behind the questions: each gives numbers, none draws."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers.data import XY, Split

Make = Callable[[], nn.Module]
#: Rows at which the fourteen forms of scikit-learn's digits begin, as 05a reads them off the labels.
FORMS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667, 1797)


def mlp(width: int = 64) -> nn.Module:
    """One hidden layer for digits of 28×28."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10))


def cnn(width: int = 8) -> nn.Module:
    """Two convolutions for digits of 28×28, with about as many parameters as :func:`mlp` with 8 units."""
    return nn.Sequential(nn.Conv2d(1, width, 5, stride=2), nn.ReLU(), nn.Conv2d(width, 2 * width, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(2 * width * 16, 10))


def trained(make: Make, data: XY, *, n_steps: int = 400, seed: int = 0, lr: float = 0.003, batch_size: int = 64) -> nn.Module:
    """A network after so many steps of Adam, whatever the number of examples."""
    torch.manual_seed(seed)
    model, (x, y) = make(), data
    optimizer = torch.optim.Adam(model.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=n_steps + 1)
    g = torch.Generator().manual_seed(seed)
    for _ in range(n_steps):
        rows = torch.randint(len(x), (min(batch_size, len(x)),), generator=g)
        optimizer.zero_grad()
        F.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def error_of(model: nn.Module, data: XY) -> float:
    """The share read wrong."""
    with torch.no_grad():
        return float((model(data[0]).argmax(1) != data[1]).double().mean())


def learning_curve(data: Split, sizes: Sequence[int], n_seeds: int = 3, n_steps: int = 400) -> np.ndarray:
    """Validation errors of networks with so many training digits, float (seeds, sizes); a seed draws digits, weights and batches."""
    found = np.empty((n_seeds, len(sizes)))
    for seed in range(n_seeds):
        rows = torch.randperm(len(data.train[1]), generator=torch.Generator().manual_seed(seed))
        for j, n in enumerate(sizes):
            part = data.train[0][rows[:n]], data.train[1][rows[:n]]
            found[seed, j] = error_of(trained(mlp, part, n_steps=n_steps, seed=seed), data.val)
    return found


def power_law(n: np.ndarray, error: np.ndarray) -> tuple[float, float]:
    """a and b of error = a · n^(−b), by a straight line through the logarithms."""
    slope, start = np.polyfit(np.log(n), np.log(error), 1)
    return float(np.exp(start)), float(-slope)


def shuffled_pixels(data: Split, seed: int = 0) -> Split:
    """The same digits, their pixels in another order, the same for all."""
    order = torch.randperm(784, generator=torch.Generator().manual_seed(seed))
    return Split(*((x.flatten(1)[:, order].view_as(x), y) for x, y in (data.train, data.val, data.test)))


def luckiest(n_models: int, n_test: int, accuracy: float = 0.9, n_draws: int = 400, seed: int = 0) -> np.ndarray:
    """How much the best of several equally good models flatters on the test part it was chosen on, float (draws,)."""
    scores = np.random.default_rng(seed).binomial(n_test, accuracy, (n_draws, n_models)) / n_test
    return scores.max(1) - accuracy


@dataclass(frozen=True)
class Groups:
    """Digits read right and written by each group of people."""

    right: np.ndarray
    n: np.ndarray


@functools.cache
def _read_by_others() -> np.ndarray:
    """Which of scikit-learn's digits are read right by a linear reader that was trained on all other forms, bool (N,)."""
    x, y = load_digits(return_X_y=True)
    form = np.repeat(np.arange(14), np.diff(FORMS))
    right = np.zeros(len(y), bool)
    for k in range(14):
        model = LogisticRegression(max_iter=300, C=0.01).fit(x[form != k] / 16, y[form != k])
        right[form == k] = model.predict(x[form == k] / 16) == y[form == k]
    return right


def by_writer(shuffle_seed: int | None = None) -> Groups:
    """How many digits of each form are read right by a reader who has seen all others; or of chance groups of the same sizes."""
    right = _read_by_others()
    form = np.repeat(np.arange(14), np.diff(FORMS))
    if shuffle_seed is not None:
        form = np.random.default_rng(shuffle_seed).permutation(form)
    return Groups(np.bincount(form, right, 14), np.bincount(form, minlength=14))


def membership(data: Split, n: int, n_steps: int, seed: int = 0) -> tuple[float, float, float]:
    """Can one tell from a network's loss whether it has seen a digit? AUC (0.5: no), and its training and validation errors."""
    part = data.train[0][:n], data.train[1][:n]
    model = trained(mlp, part, n_steps=n_steps, seed=seed)
    with torch.no_grad():
        inside, outside = (F.cross_entropy(model(x), y, reduction="none").numpy() for x, y in (part, data.val))
    order = np.searchsorted(np.sort(inside), outside)           # how many members have a smaller loss
    return float(order.mean() / len(inside)), error_of(model, part), error_of(model, data.val)
