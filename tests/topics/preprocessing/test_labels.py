"""Wrong labels and the bank of networks: against torch's own layers and losses, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import digits
from helpers.topics.preprocessing import bank, labels


def test_a_bank_is_its_networks_one_by_one() -> None:
    many = bank.Bank(3, n_in=7, n_hidden=5, n_classes=4)
    x = torch.randn(6, 7)
    out = many(x)
    assert out.shape == (3, 6, 4)
    for m in range(3):
        one = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 4))
        one.load_state_dict({"0.weight": many.W[0][m].T, "0.bias": many.b[0][m, 0], "2.weight": many.W[1][m].T, "2.bias": many.b[1][m, 0]})
        torch.testing.assert_close(out[m], one(x))
        torch.testing.assert_close(many(x.expand(3, 6, 7))[m], one(x))


def test_losses_are_torchs() -> None:
    logits, y = torch.randn(3, 8, 5), torch.randint(5, (3, 8))
    for m in range(3):
        torch.testing.assert_close(bank.cross_entropies(logits, y)[m], F.cross_entropy(logits[m], y[m]))
    p = logits.softmax(2).gather(2, y[:, :, None])[:, :, 0]
    torch.testing.assert_close(bank.generalised(logits, y, q=1.0), (1 - p).mean(1))
    torch.testing.assert_close(bank.generalised(logits, y, q=1e-3), bank.cross_entropies(logits, y), rtol=2e-2, atol=2e-2)


def test_a_network_of_a_bank_learns_as_if_it_were_alone_and_never_sees_other_rows() -> None:
    x = torch.randn(40, 6)
    y = torch.randint(3, (2, 40))
    rows = [torch.arange(20), torch.arange(20, 40)]
    both = bank.train_bank(x, y, rows, n_steps=12, batch_size=8)
    y_other = y.clone()
    y_other[0, 20:] = (y_other[0, 20:] + 1) % 3         # labels that network 0 may not see
    again = bank.train_bank(x, y_other, rows, n_steps=12, batch_size=8)
    for a, b in zip(both.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_small_is_the_mean_of_each_two_by_two() -> None:
    x = torch.rand(2, 1, 28, 28)
    torch.testing.assert_close(bank.small(x).view(2, 14, 14), x[:, 0].view(2, 14, 2, 14, 2).mean((2, 4)))


@pytest.mark.parametrize("kind", labels.KINDS)
def test_flip_labels_makes_the_wanted_share_wrong(kind: str) -> None:
    y = torch.arange(10).repeat(30)
    wrong = labels.flip_labels(y, 0.2, kind, seed=3)
    assert int((wrong != y).sum()) == 60
    assert int(wrong.min()) >= 0
    assert int(wrong.max()) <= 9
    assert torch.equal(labels.flip_labels(y, 0.2, kind, seed=3), wrong)
    assert torch.equal(y, torch.arange(10).repeat(30))
    if kind == labels.KINDS[1]:
        assert torch.equal(labels.PAIRS[labels.PAIRS], torch.arange(10))
    with pytest.raises(ValueError, match="kind must be one of"):
        labels.flip_labels(y, 0.2, "all")


def test_find_suspects_is_the_rule_written_out() -> None:
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(4), 80)
    y = rng.integers(0, 4, 80)
    threshold = [probs[y == k, k].mean() for k in range(4)]
    for i, (p, found) in enumerate(zip(probs, labels.confident_classes(probs, y), strict=True)):
        sure = [k for k in range(4) if p[k] >= threshold[k]]
        assert found == (max(sure, key=lambda k: p[k]) if sure else -1)
        assert labels.find_suspects(probs, y)[i] == (found not in (-1, y[i]))


def test_a_class_that_no_label_names_is_never_confident() -> None:
    probs = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1]])
    assert labels.confident_classes(probs, [0, 0, 1]).tolist() == [-1, 0, 1]


def test_precision_and_recall() -> None:
    found, wrong = np.array([1, 1, 0, 0, 1], bool), np.array([1, 0, 1, 0, 0], bool)
    assert labels.precision_recall(found, wrong) == (pytest.approx(1 / 3), pytest.approx(1 / 2))
    assert labels.precision_recall(np.zeros(3, bool), np.zeros(3, bool)) == (0, 0)


def test_out_of_fold_networks_do_not_know_the_label_of_what_they_judge() -> None:
    """With labels drawn by lot, networks that had seen a picture would know it by heart."""
    x = torch.rand(120, 20)
    y = torch.randint(4, (2, 120), generator=torch.Generator().manual_seed(0))
    probs = labels.out_of_fold(x, y, n_steps=150)
    assert probs.shape == (2, 120, 10)
    np.testing.assert_allclose(probs.sum(2), 1, rtol=1e-5)
    own = np.take_along_axis(probs, y.numpy()[:, :, None], 2).mean()
    assert own < 0.33


def test_race_gives_all_arms_at_all_places_and_leads_are_differences() -> None:
    race = labels.race(digits(200, 100), labels.KINDS[1], n=80, seeds=2, n_steps=8, every=4)
    assert race.steps.tolist() == [4, 8]
    assert all(a.shape == (2, 2) for a in race.accuracy.values())
    assert all(t.shape == (2,) for t in race.test.values())
    np.testing.assert_allclose(race.lead("right labels", "as they are", 4, 8), 100 * (race.accuracy["right labels"][:, 0] - race.accuracy["as they are"][:, 1]))
