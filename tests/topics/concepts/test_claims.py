"""What the lessons of chapter 01 say of runs longer than their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.topics.concepts.playground import Playground, side_by_side


def test_the_playground_gets_over_50_updates_at_0_3_not_over_300_and_hardly_over_50_at_1() -> None:
    accuracy: dict[tuple[float, int], float] = {}
    for high, long in ((0.3, 50), (0.3, 300), (1.0, 50)):
        runs = [Playground(seed) for seed in range(8)]
        side_by_side(runs, 2500)
        assert np.median([run.val_accuracy for run in runs]) > 0.95
        for lr, n in ((high, long), (0.1, 2500)):
            for run in runs:
                run.lr = lr
            side_by_side(runs, n)
        accuracy[high, long] = float(np.median([run.val_accuracy for run in runs]))
    assert accuracy[0.3, 50] > 0.93
    assert accuracy[0.3, 300] < 0.9
    assert accuracy[1.0, 50] < 0.75


def mean_accuracy_on_the_spirals(n_updates: int, **settings: Any) -> float:
    runs = [Playground(seed, **settings) for seed in range(10)]
    side_by_side(runs, n_updates)
    return float(np.mean([run.val_accuracy for run in runs]))


def test_one_hidden_layer_of_12_is_merely_slow_at_a_rate_of_0_03() -> None:
    assert mean_accuracy_on_the_spirals(9000, depth=1, width=12, lr=0.03) > 0.92


def test_relu_units_show_much_the_same_of_twelve_units() -> None:
    stacks = [(1, 12), (2, 6), (3, 4), (4, 3), (4, 12)]
    high, low = ([mean_accuracy_on_the_spirals(2000, activation="ReLU", depth=d, width=w, lr=lr) for d, w in stacks] for lr in (0.1, 0.03))
    assert min(high[:2]) > 0.8
    assert max(high[3], low[3]) < 0.8
    assert high[4] < 0.88
    assert low[4] > 0.9


def test_weight_decay_closes_the_gap_on_noisy_moons() -> None:
    runs, losses = [Playground(seed, data="moons", noise=0.35) for seed in range(8)], []
    for weight_decay, n in ((1e-5, 4000), (0.01, 1500)):
        for run in runs:
            run.weight_decay = weight_decay
        side_by_side(runs, n)
        losses += [np.median([(run.train_loss[-1], run.val_loss[-1]) for run in runs], axis=0)]
    (train, val), (train_decayed, val_decayed) = losses
    assert val - train > 0.15
    assert abs(val_decayed - train_decayed) < 0.1
    assert train_decayed > train + 0.1
    assert val_decayed < val - 0.05
