"""What chapter 05 says of stored and of longer runs, tried again."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from helpers.data import digits
from helpers.topics.preprocessing import bank, cleaning, labels, stored
from helpers.topics.preprocessing.changes import CHANGES, train_in_steps
from helpers.training import evaluate, predict_logits


@pytest.mark.parametrize(("name", "size", "seed"), [("none", 250, 3), ("affine", 125, 1), ("mirror", 1000, 2)])
def test_a_stored_accuracy_is_what_a_training_gives(name: str, size: int, seed: int) -> None:
    data = digits(4000, 0)
    rows = torch.randperm(4000, generator=torch.Generator().manual_seed(100 + seed))[:size]
    model = train_in_steps(data.train[0][rows], data.train[1][rows], change=CHANGES.get(name), seed=seed)
    assert evaluate(model, data.test)[1] == pytest.approx(stored.ACCURACY[name][size][seed], abs=0.03)      # another processor rounds otherwise


@pytest.mark.parametrize(("name", "seed"), [("plain", 6), ("noise", 11)])
def test_what_a_training_teaches_is_as_stored(name: str, seed: int) -> None:
    data = digits(1000, 500)
    model = train_in_steps(*data.train, change=CHANGES.get(name), seed=seed)
    assert evaluate(model, data.test)[1] == pytest.approx(stored.TEACHES[name]["as they are"][seed], abs=0.02)


def test_copies_flatter_a_worse_model_more() -> None:
    (x, y), gains = digits(3500, 500).train, []
    x = x.flatten(1)
    for n in (100, 300, 1000):
        runs = []
        for seed in range(3):
            rows = torch.from_numpy(np.random.default_rng(seed).permutation(3500))
            train, test = rows[:n], rows[n:n + 300]
            scores = [KNeighborsClassifier(1).fit(x[r], y[r]).score(x[test], y[test]) for r in (train, torch.cat([train, test[:150]]))]
            runs.append(100 * (scores[1] - scores[0]))
        gains.append(np.mean(runs))
    assert gains == pytest.approx([17, 11, 5], abs=1.5)


def test_with_twenty_digits_the_scaler_leaks_two_points_and_more() -> None:
    x, y = load_digits(return_X_y=True)
    faked = []
    for seed in range(200):
        rows = np.random.default_rng(seed).permutation(len(x))[:120]
        train, test = rows[:20], rows[20:]
        fair, leaky = (StandardScaler().fit(x[r]) for r in (train, rows))
        scores = [KNeighborsClassifier(1).fit(s.transform(x[train]), y[train]).score(s.transform(x[test]), y[test]) for s in (fair, leaky)]
        faked.append(100 * (scores[1] - scores[0]))
    assert 1.5 < np.mean(faked) < 3.5


def test_two_slips_in_a_row_cover_each_other() -> None:
    values = cleaning.slipped_elnino().truth.copy()
    values[300:302] += 6
    assert cleaning.surprise(values, cleaning.MEASURES[3])[300:302].max() < 13      # one alone: 17 and more


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
