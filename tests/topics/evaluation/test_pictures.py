"""Folds, slices, maps, scans and searches: what can be said of them without a long training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.data import digits, mnist1d
from helpers.models import FastCNN
from helpers.topics.evaluation import maps, scenes_look, search, slices
from helpers.topics.evaluation.bank import Bank, train_bank
from helpers.topics.evaluation.mystery import mark_at, other_labels, scan, train_mystery
from helpers.topics.evaluation.splits import plain_folds


def test_folds_meet_each_place_once() -> None:
    pairs = plain_folds(23, 4)
    assert sorted(np.concatenate([val for _, val in pairs]).tolist()) == list(range(23))
    assert all(len(train) + len(val) == 23 and not set(train) & set(val) for train, val in pairs)
    with pytest.raises(ValueError, match="k must be"):
        plain_folds(5, 6)


def test_slices_order_ink_and_slant() -> None:
    x = torch.zeros(30, 1, 9, 9)
    x[:, 0, :, 4] = torch.linspace(0.1, 1, 30)[:, None]
    found = slices.slices_of(x, torch.arange(30) % 10)
    assert found["ink"].tolist() == [i // 3 for i in range(30)]
    lean = torch.stack([torch.eye(9)[None], torch.eye(9).flip(0)[None]] * 10)         # the first leans to the left
    assert slices.slices_of(lean, torch.zeros(20, dtype=torch.int64))["slant"][0] < slices.slices_of(lean, torch.zeros(20, dtype=torch.int64))["slant"][1]


def test_the_worst_slice_by_chance_is_above_the_mean() -> None:
    rng = np.random.default_rng(0)
    kinds = {"a": rng.integers(0, 10, 500), "b": rng.integers(0, 10, 500)}
    wrong = rng.random(500) < 0.1
    assert slices.worst_by_chance(kinds, wrong, 20).min() >= wrong.mean()
    np.testing.assert_allclose(slices.error_rates(np.array([0, 0, 3]), np.array([True, False, True]))[:4], [0.5, 0, 0, 1])


def test_grad_cam_is_that_of_a_hook_and_maps_are_scaled() -> None:
    torch.manual_seed(0)
    model, x, y = FastCNN(4).eval(), torch.rand(3, 1, 28, 28), torch.tensor([1, 5, 9])
    stored: list[torch.Tensor] = []
    hook = model.features[13].register_forward_hook(lambda _layer, _given, out: stored.append(out))
    (gradient,) = torch.autograd.grad(model(x)[torch.arange(3), y].sum(), stored[0])
    hook.remove()
    coarse = (gradient.mean((2, 3), keepdim=True) * stored[0]).sum(1, keepdim=True).relu()
    fine = torch.nn.functional.interpolate(coarse, size=24, mode="bilinear")[:, 0].detach()
    torch.testing.assert_close(maps.grad_cam(model, x, y)[:, 2:-2, 2:-2], maps.scaled(fine))
    for method in scenes_look.METHODS.values():
        m = method(model, x, y)
        assert m.shape == (3, 28, 28)
        assert m.min() >= 0
        assert m.max() <= 1


def test_occlusion_finds_the_only_pixels_that_matter() -> None:
    class Corner(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            z = 9 * x[:, 0, 20:23, 4:7].mean((1, 2))
            return torch.stack([z, -z], 1)

    m = maps.occlusion(Corner(), torch.ones(1, 1, 28, 28), torch.tensor([0]))[0]
    row, column = divmod(int(m.argmax()), 28)
    assert abs(row - 21) <= 4
    assert abs(column - 5) <= 4


def test_random_weights_differ_and_leave_the_model_alone() -> None:
    model = FastCNN(4).eval()
    before = model.classify.weight.clone()
    twin = maps.with_random_weights(model, 1)
    assert torch.equal(model.classify.weight, before)
    assert not torch.equal(twin.classify.weight, before)
    assert maps.alike(torch.rand(2, 5, 5), torch.rand(2, 5, 5)).shape == (2,)


def test_a_scan_carries_its_mark_and_its_ink() -> None:
    x = torch.full((2, 1, 28, 28), 0.5)
    seen = scan(x, torch.tensor([7, 2]), torch.tensor([0, 9]))
    row, column = mark_at(7)
    assert seen[0, 0, row, column] == 1
    assert seen[1, 0, 14, 14] == pytest.approx(0.5 * (0.35 + 0.065 * 9))
    assert torch.equal(x, torch.full((2, 1, 28, 28), 0.5))
    with pytest.raises(ValueError, match="mark must hold"):
        scan(x, torch.tensor([10, 0]), other_labels(2))
    with pytest.raises(ValueError, match="secret must be"):
        train_mystery("colour", digits(100, 0).train)


def test_a_bank_learns_and_refuses_what_does_not_fit() -> None:
    data = mnist1d(300, 0, 200)
    bank = train_bank(data.train, *data.test, lr=[0.2, 0.0], decay=[0, 0], seeds=[0, 0], looks=[5, 120])
    assert bank.right.shape == (2, 2, 200)
    assert bank.accuracies(slice(None))[0] > bank.accuracies(slice(None))[1]
    with pytest.raises(ValueError, match="a rate, a decay and a seed"):
        train_bank(data.train, *data.test, lr=[0.1], decay=[0, 0], seeds=[0], looks=[5])
    with pytest.raises(ValueError, match="ascend"):
        train_bank(data.train, *data.test, lr=[0.1], decay=[0], seeds=[0], looks=[5, 2])


def test_the_winner_of_many_equals_promises_too_much_and_one_does_not() -> None:
    rng = np.random.default_rng(0)
    table = Bank([1], rng.random((1, 144, 3000)) < 0.6)              # all networks are equally good
    gaps = search.winners_curse(table, 100, 200)
    assert gaps.shape == (200, 144)
    assert abs(gaps[:, 0].mean()) < 0.01
    assert gaps[:, -1].mean() == pytest.approx(0.05 * 2.6, abs=0.03)     # the greatest of 144 normal numbers


def test_searches_find_the_good_corner() -> None:
    chance = np.linspace(0.2, 0.9, 144)
    table = Bank([1, 2, 3, 4], np.random.default_rng(1).random((4, 144, 2000)) < chance[:, None])
    found = search.searches(table, 300, 20)
    assert all(found[name].mean() > found["one, by chance"].mean() + 0.1 for name in ("grid 4 × 4", "random 16", "halving 48"))


def test_a_typical_table_rises_with_the_tries() -> None:
    told = search.typical_table(np.random.default_rng(0).normal(0.5, 0.01, 40), {"one": 1, "five": 5, "all": 40})
    assert told["one"] < told["five"] <= told["all"]
    with pytest.raises(ValueError, match="the number of runs"):
        search.typical_table(np.ones(3), {"four": 4})
