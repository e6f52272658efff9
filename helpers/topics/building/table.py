"""From task and data to a first model: every cell of the table is a run, made here and stored with its seeds.

    python -m helpers.topics.building.table       make all runs anew (about ten minutes on one core)

A cell's learning rate is chosen on validation data with seed 0; then five seeds are trained and read the test part once.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F

from helpers.data import XY, Split, mnist1d
from helpers.models import MLP, count_parameters
from helpers.topics.building.networks import BiGRU, conv_block, conv_stack, head
from helpers.training import evaluate, fit, one_cycle, predict_logits

STORED = Path(__file__).with_name("table.json")
SEEDS = 5
RATES = (0.003, 0.01, 0.03)
PLAIN = ("commonest label", "logistic", "forest")
NETWORKS = ("MLP", "CNN", "GRU", "AE code")
COLUMNS = PLAIN + NETWORKS


@dataclass(frozen=True)
class Task:
    """Data, and how many passes its networks make; unlabelled (N, …) is what an autoencoder may see."""

    split: Split
    n_classes: int
    n_epochs: int
    unlabelled: torch.Tensor
    chunk: int = 2


def lamp(n: int, length: int = 40, seed: int = 0) -> XY:
    """Pulses on noise: +1 switches a lamp on, −1 off; the label is whether it is on at the end.

    Returns
    -------
    x : float32 (n, 1, length), y : int64 (n,)

    >>> x, y = lamp(500)
    >>> 0.4 < float(y.float().mean()) < 0.6
    True
    """
    g = torch.Generator().manual_seed(seed)
    pulses = (torch.rand(n, length, generator=g) < 0.15).float() * (2 * torch.randint(0, 2, (n, length), generator=g) - 1)
    pulses[:, 0] = 2.0 * torch.randint(0, 2, (n,), generator=g) - 1         # one pulse at least
    last = length - 1 - (pulses.flip(1) != 0).int().argmax(1)
    y = (pulses[torch.arange(n), last] > 0).long()
    return (pulses + 0.2 * torch.randn(n, length, generator=g))[:, None], y


def _split(x: np.ndarray, y: np.ndarray, sizes: tuple[int, int], shape: tuple[int, ...]) -> Split:
    """Shuffled once, split, and scaled column by column by the training part."""
    order = np.random.default_rng(0).permutation(len(x))
    a, b = sizes[0], sum(sizes)
    train = x[order[:a]]
    scaled = torch.tensor((x - train.mean(0)) / (train.std(0) + 1e-8), dtype=torch.float32).reshape(-1, *shape)
    labels = torch.tensor(y, dtype=torch.int64)
    return Split(*((scaled[i], labels[i]) for i in (order[:a], order[a:b], order[b:])))


@functools.cache
def task(row: str) -> Task:
    """The data of a row.

    Raises
    ------
    ValueError
        If there is no such row.
    """
    if row == "table":
        split = _split(*load_breast_cancer(return_X_y=True), (300, 100), (1, 30))
        return Task(split, 2, 30, split.train[0])
    if row in ("picture", "picture, few labels"):
        split = _split(*load_digits(return_X_y=True), (1000, 200), (1, 8, 8))
        every = split.train[0]
        if row == "picture":
            return Task(split, 10, 20, every, chunk=8)
        few = torch.cat([(split.train[1] == k).nonzero()[:5, 0] for k in range(10)])
        return Task(Split((every[few], split.train[1][few]), split.val, split.test), 10, 60, every, chunk=8)
    if row in ("series", "series, shuffled"):
        split = mnist1d(3500, 500, 1000)
        if row == "series, shuffled":
            order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
            split = Split(*((x[..., order], y) for x, y in (split.train, split.val, split.test)))
        return Task(split, 10, 10, split.train[0])
    if row == "state":
        split = Split(*(lamp(n, seed=s) for s, n in enumerate((2000, 500, 1000))))
        return Task(split, 2, 10, split.train[0])
    raise ValueError(f"row must be one of {', '.join(ROWS)}; got {row!r}")


ROWS = ("table", "picture", "picture, few labels", "series", "series, shuffled", "state")


def _network(column: str, t: Task) -> nn.Module:
    shape = t.split.train[0].shape[1:]
    n_in = shape.numel()
    if column == "MLP":
        return MLP((n_in, 100, 100, t.n_classes))
    if column == "GRU":
        return BiGRU(33, n_classes=t.n_classes, chunk=t.chunk)
    if len(shape) == 3:
        return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 24, 3, 2, 1, bias=False),
                             nn.BatchNorm2d(24), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, t.n_classes))
    body = conv_stack(4, 22)[:-3] if shape[-1] >= 20 else nn.Sequential(*conv_block(1, 22))
    return nn.Sequential(body, *head(22, t.n_classes))


def _trained(model: nn.Module, data: XY, n_epochs: int, lr: float, seed: int, **settings: Any) -> nn.Module:
    fit(model, data, n_epochs=n_epochs, batch_size=min(100, len(data[0])), lr=lr, schedule=one_cycle, seed=seed, progress=False,
        optimizer=partial(torch.optim.AdamW, weight_decay=0.01), **settings)
    return model


def answerer(row: str, column: str, seed: int, lr: float) -> tuple[Callable[[torch.Tensor], torch.Tensor], int]:
    """A trained model of a cell: a function from x (N, …) to labels (N,), and its number of parameters (0 where they are not counted)."""
    t = task(row)
    x, y = t.split.train
    torch.manual_seed(seed)
    if column in ("MLP", "CNN", "GRU"):
        model = _trained(_network(column, t), (x, y), t.n_epochs, lr, seed)
        return lambda new: predict_logits(model, new).argmax(1), count_parameters(model)
    if column == "AE code":
        n_in = x[0].numel()
        coder = nn.Sequential(nn.Flatten(), nn.Linear(n_in, 64), nn.ReLU(), nn.Linear(64, 16))
        whole = nn.Sequential(*coder, nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, n_in))
        everything = t.unlabelled
        _trained(whole, (everything, everything.flatten(1)), 20, lr, seed, loss=F.mse_loss)
        code: Callable[[torch.Tensor], np.ndarray] = lambda new: predict_logits(coder, new).numpy()     # noqa: E731
        reader = LogisticRegression(max_iter=1000).fit(code(x), y)
        return lambda new: torch.from_numpy(reader.predict(code(new))), count_parameters(whole)
    plain: dict[str, Any] = {"commonest label": DummyClassifier(), "logistic": LogisticRegression(max_iter=1000),
                             "forest": RandomForestClassifier(200, random_state=seed)}
    if column not in plain:
        raise ValueError(f"column must be one of {', '.join(COLUMNS)}; got {column!r}")
    rule = plain[column].fit(x.flatten(1), y)
    return lambda new: torch.from_numpy(rule.predict(new.flatten(1))), 0


def score(row: str, column: str, seed: int, lr: float, part: str = "test") -> float:
    """Accuracy of one run of a cell on a part of its data."""
    x, y = getattr(task(row).split, part)
    return float((answerer(row, column, seed, lr)[0](x) == y).float().mean())


def make_cell(row: str, column: str) -> dict[str, Any]:
    """Choose the rate on validation data (seed 0), then train five seeds."""
    rates = RATES if column in NETWORKS else RATES[:1]
    lr = max(rates, key=lambda rate: score(row, column, 0, rate, "val")) if len(rates) > 1 else rates[0]
    started = time.process_time()
    seeds = range(SEEDS) if column in (*NETWORKS, "forest") else range(1)
    runs = [round(score(row, column, seed, lr), 4) for seed in seeds]
    return {"lr": lr, "test": runs, "seconds": round((time.process_time() - started) / len(runs), 2)}


def stored() -> dict[str, dict[str, dict[str, Any]]]:
    """The stored runs: row → column → {"lr": float, "test": accuracies, one a seed, "seconds": CPU time of one run}."""
    return json.loads(STORED.read_text("utf-8"))


def gru_stack(layers: int, width: int, seed: int, lr: float, part: str = "test") -> float:
    """Accuracy on MNIST-1D of a GRU of one or two layers after ten epochs."""
    data = mnist1d(3500, 500, 1000)
    torch.manual_seed(seed)
    return evaluate(_trained(BiGRU(width, layers), data.train, 10, lr, seed), getattr(data, part))[1]


def make_gru_stacks() -> dict[str, dict[str, Any]]:
    """One layer against two at one budget of parameters, rates chosen as everywhere."""
    cells = {}
    for layers, width in ((1, 33), (2, 17)):
        lr = max(RATES, key=lambda rate: gru_stack(layers, width, 0, rate, "val"))
        cells[f"{layers}"] = {"lr": lr, "width": width, "parameters": count_parameters(BiGRU(width, layers)),
                              "test": [round(gru_stack(layers, width, seed, lr), 4) for seed in range(SEEDS)]}
    return cells


def make_longer() -> dict[str, list[float]]:
    """CNN and GRU trained four times as long as in the table, where order counts, and the GRU of two layers; three seeds."""
    cells: dict[str, list[float]] = {}
    for row, column in (("series", "CNN"), ("series", "GRU"), ("series", "GRU, two layers"), ("state", "CNN"), ("state", "GRU")):
        t = task(row)
        found = []
        for seed in range(3):
            torch.manual_seed(seed)
            model = BiGRU(17, 2) if column == "GRU, two layers" else _network(column, t)
            _trained(model, t.split.train, 4 * t.n_epochs, 0.01, seed)
            found.append(round(evaluate(model, t.split.test)[1], 4))
        cells[f"{row}, {column}"] = found
        print(f"four times as long: {row}, {column}", found, flush=True)
    return cells


def main() -> None:
    torch.set_num_threads(1)
    results: dict[str, Any] = {}
    for row in ROWS:
        results[row] = {}
        for column in COLUMNS:
            results[row][column] = make_cell(row, column)
            print(row, column, results[row][column], flush=True)
    results["GRU stacks"] = make_gru_stacks()
    print(results["GRU stacks"], flush=True)
    results["four times as long"] = make_longer()
    STORED.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
