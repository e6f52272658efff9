"""What chapter 05 says of stored and of longer runs, tried again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.data import digits
from helpers.topics.preprocessing import bank, labels, stored
from helpers.topics.preprocessing.changes import CHANGES, train_in_steps
from helpers.training import evaluate, predict_logits


@pytest.mark.parametrize(("name", "size", "seed"), [("none", 250, 3), ("affine", 125, 1), ("mirror", 1000, 2)])
def test_a_stored_accuracy_is_what_a_training_gives(name: str, size: int, seed: int) -> None:
    data = digits(4000, 0)
    rows = torch.randperm(4000, generator=torch.Generator().manual_seed(100 + seed))[:size]
    model = train_in_steps(data.train[0][rows], data.train[1][rows], change=CHANGES.get(name), seed=seed)
    assert evaluate(model, data.test)[1] == pytest.approx(stored.ACCURACY[name][size][seed], abs=0.03)      # another processor rounds otherwise


def test_with_labels_wrong_in_any_way_dropping_leads_early_as_well() -> None:
    race = labels.race(digits(3000, 1000), labels.KINDS[0], seeds=5, n_steps=94, every=47)
    assert race.lead("suspects dropped", "twice the data", 47, 94).mean() < -1
    assert race.lead("suspects dropped", "as they are", 94).mean() > 0


def test_the_joint_overestimates_the_share_of_wrong_labels_by_a_few_points() -> None:
    _, truth, ladder = labels.noise_ladder()
    for (_, rate), (given, probs) in ladder.items():
        found = labels.confident_classes(probs, given)
        some = found >= 0
        estimate = (found != given)[some].mean()
        assert 0 < estimate - rate < (0.09 if rate <= 0.3 else 0.15), (rate, estimate)
    assert truth.shape == (1000,)


def test_a_cnn_suspects_few_labels_of_mnist_as_it_is_and_finds_planted_ones_more_precisely_than_the_bank() -> None:
    x, y = (t[:1500] for t in digits(4000, 0).train)
    given = labels.flip_labels(y, 0.1, labels.KINDS[0], seed=0)
    probs = np.empty((1500, 10), np.float32)
    for fold in torch.arange(1500).chunk(3):
        rows = torch.tensor(np.setdiff1d(np.arange(1500), fold))
        probs[fold] = predict_logits(train_in_steps(x[rows], given[rows], n_steps=100), x[fold]).softmax(1)
    cnn = labels.precision_recall(labels.find_suspects(probs, given), (given != y).numpy())
    small = labels.precision_recall(labels.find_suspects(labels.out_of_fold(bank.small(x), given[None])[0], given), (given != y).numpy())
    assert cnn[0] > small[0]
    assert cnn[0] > 0.75
