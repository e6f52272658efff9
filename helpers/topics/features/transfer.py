"""Frozen, fine-tuned, end to end: three ways to use a network and a few labels."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from torch import nn

from helpers.data import XY
from helpers.models import MLP, FastCNN
from helpers.topics.features.kinds import WIDTH, cnn_features
from helpers.topics.features.probe import probe_accuracy
from helpers.topics.features.task import LADDER, Task, draw_labels
from helpers.training import evaluate, fit, one_cycle

#: Learning rates: the best of three for 100 labels on the validation pictures, see tests/topics/features/test_claims.py.
TUNE_LR, SCRATCH_LR = 3e-3, 1e-2
WAYS = ("frozen", "fine-tuned", "end to end")


def steps_of(net: nn.Module, data: XY, lr: float, n_steps: int, seed: int = 0, batch_size: int = 32) -> nn.Module:
    """About n_steps steps of AdamW, up and down again; the network is trained in place and given back."""
    each = math.ceil(len(data[0]) / batch_size)
    fit(net, data, None, n_epochs=max(1, round(n_steps / each)), batch_size=batch_size, lr=lr, schedule=one_cycle, seed=seed, progress=False)
    return net


def with_new_head(trained: FastCNN, seed: int = 0) -> FastCNN:
    """A copy whose last linear layer is new."""
    torch.manual_seed(seed)
    net = copy.deepcopy(trained)
    net.classify = nn.Linear(net.classify.in_features, net.classify.out_features)
    return net.requires_grad_(True)


def adapt(way: str, trained: FastCNN, labelled: XY, n_steps: int, seed: int = 0, lr: float | None = None) -> FastCNN:
    """One of the two ways that train the whole network: fine-tuned (from trained) or end to end (from nothing)."""
    if way == "fine-tuned":
        net, rate = with_new_head(trained, seed), TUNE_LR
    elif way == "end to end":
        torch.manual_seed(seed)
        net, rate = FastCNN(WIDTH, trained.classify.out_features), SCRATCH_LR
    else:
        raise ValueError(f"way must be {WAYS[1]!r} or {WAYS[2]!r}, got {way!r}")
    steps_of(net, labelled, rate if lr is None else lr, n_steps, seed)
    return net


def three_ways(trained: FastCNN, task: Task, seeds: int, n_steps: int, ladder: tuple[int, ...] = LADDER) -> dict[str, np.ndarray]:
    """Test accuracy against the number of labels: way → (seeds, len(ladder)). A seed is a draw of labels and a beginning."""
    extract = cnn_features(trained)
    pool, test = extract(task.pool[0]), extract(task.test[0])
    found: dict[str, list[list[float]]] = {way: [] for way in WAYS}
    for seed in range(seeds):
        rows: dict[str, list[float]] = {way: [] for way in WAYS}
        for n in ladder:
            i = draw_labels(task.pool[1], n, seed)
            labelled = task.pool[0][i], task.pool[1][i]
            rows["frozen"].append(probe_accuracy((pool[i], labelled[1]), (test, task.test[1])))
            for way in WAYS[1:]:
                rows[way].append(evaluate(adapt(way, trained, labelled, n_steps, seed), task.test)[1])
        for way in WAYS:
            found[way].append(rows[way])
    return {way: np.array(rows) for way, rows in found.items()}


def mlp_accuracy(train: XY, test: XY, n_steps: int, seed: int = 0) -> float:
    """Test accuracy of an MLP with one hidden layer of 128 on frozen features: each is (features (N, D), labels (N,))."""
    mean, spread = train[0].mean(0), train[0].std(0).mean()
    torch.manual_seed(seed)
    mlp = MLP((train[0].shape[1], 128, int(train[1].max()) + 1))
    steps_of(mlp, ((train[0] - mean) / spread, train[1]), 3e-3, 6 * n_steps, seed)
    return evaluate(mlp, ((test[0] - mean) / spread, test[1]))[1]
