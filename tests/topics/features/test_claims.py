"""What chapter 06 says of more seeds than its own, and the choices that it reports."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data import digits
from helpers.topics.features import kinds, transfer, units
from helpers.topics.features.probe import learning_curve
from helpers.topics.features.task import draw_labels, new_digits
from helpers.training import evaluate


def test_autoencoders_and_row_readers_of_other_seeds_do_not_pass_the_pixels_with_100_labels() -> None:
    task = new_digits()
    (x, y), (x_test, y_test) = task.pool, task.test

    def reached(extract: kinds.Extract) -> float:
        return float(learning_curve((extract(x), y), (extract(x_test), y_test), 3, [100]).mean())

    plain = reached(kinds.pixels)
    for seed in (1, 2):
        assert abs(reached(kinds.autoencoder_features(task.old[0], 8, seed)) - plain) < 0.03
        assert reached(kinds.gru_features(task.old[0], 4, seed)) < plain + 0.01


def test_the_learning_rates_were_near_the_best_of_three_on_validation_digits() -> None:
    task = new_digits()
    trained = kinds.train_cnn(task.old, 4)
    for way, rates, chosen in (("fine-tuned", (1e-3, 3e-3, 1e-2), transfer.TUNE_LR), ("end to end", (3e-3, 1e-2, 3e-2), transfer.SCRATCH_LR)):
        found = {}
        for lr in rates:
            runs = []
            for seed in range(2):
                i = draw_labels(task.pool[1], 100, seed)
                runs.append(evaluate(transfer.adapt(way, trained, (task.pool[0][i], task.pool[1][i]), 80, seed, lr=lr), task.val)[1])
            found[lr] = np.mean(runs)
        assert found[chosen] >= max(found.values()) - 0.015, found


def test_units_of_other_trained_networks_are_purer_than_untrained_ones() -> None:
    x, y = digits(3500, 500).train
    for seed in (3, 4):
        trained = kinds.train_cnn((x, y), 3, seed, n_classes=10)
        untrained = units.settle_norm(kinds.train_cnn((x, y), 0, seed, n_classes=10), x)
        pure = [units.favourites(net, x, y, "fourth convolution").purity.mean() for net in (trained, untrained)]
        assert pure[0] > pure[1] + 0.1
        smooth = units.ascend(untrained, "fourth convolution", smooth=0.2, jitter=2)
        real = units.favourites(untrained, x, y, "fourth convolution").patches
        assert units.own_rank(units.match(units.window_of(smooth, "fourth convolution"), real)) > 0.75
    assert torch.is_tensor(real)
