"""A bank of networks is many trainings at once: each is the one that torch makes alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import mnist1d
from helpers.topics.training.bank import accuracies, batches, logits, new_weights, train


def sgd(w: torch.Tensor, g: torch.Tensor, s: dict[str, object], lr: torch.Tensor) -> torch.Tensor:  # noqa: ARG001
    return w - lr * g


def as_module(weights: list[torch.Tensor], i: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for k in range(0, len(weights), 2):
        linear = nn.Linear(weights[k].shape[1], weights[k].shape[2])
        linear.weight.data, linear.bias.data = weights[k][i].T.clone(), weights[k + 1][i, 0].clone()
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def test_a_bank_trains_each_network_as_torch_trains_it_alone() -> None:
    data = mnist1d(60, 20, 0)
    begun = new_weights((40, 7, 10), [3, 8])
    trained = train(sgd, [0.1, 0.3], [3, 8], data.train, n_steps=9, batch_size=20, sizes=(40, 7, 10))
    places = batches(60, 20, [3, 8], 9)
    for i, lr in enumerate((0.1, 0.3)):
        model = as_module(begun, i)
        opt = torch.optim.SGD(model.parameters(), lr=lr)
        for step in range(9):
            x, y = data.train[0].flatten(1)[places[step][i]], data.train[1][places[step][i]]
            opt.zero_grad()
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
            assert loss.item() == pytest.approx(float(trained.losses[i, step]), abs=1e-5)
        out = model(data.val[0].flatten(1))
        torch.testing.assert_close(out, logits(trained.weights, data.val[0].flatten(1))[i], atol=1e-5, rtol=1e-4)
        assert float(accuracies(trained.weights, data.val)[i]) == pytest.approx(float((out.argmax(1) == data.val[1]).float().mean()))


def test_weights_begin_within_the_bounds_of_linear_layers_and_differ_by_seed() -> None:
    one, two = new_weights((40, 9, 10), [0, 1])[0]
    assert one.abs().max() <= 40**-0.5
    assert not torch.equal(one, two)
    assert torch.equal(one, new_weights((40, 9, 10), [0])[0][0])


def test_an_epoch_meets_each_example_once() -> None:
    found = torch.cat(batches(12, 4, [5], 3), 1)
    assert sorted(found[0].tolist()) == list(range(12))


def test_a_schedule_scales_the_rate_and_the_average_is_of_the_last_quarter() -> None:
    data = mnist1d(40, 0, 0)
    still = train(sgd, [0.5], [1], data.train, n_steps=8, batch_size=10, schedule=lambda _: 0.0, sizes=(40, 5, 10))
    for begun, now, mean in zip(new_weights((40, 5, 10), [1]), still.weights, still.averaged, strict=True):
        torch.testing.assert_close(begun, now)
        torch.testing.assert_close(mean, now)


def test_a_network_that_is_lost_counts_as_wrong() -> None:
    data = mnist1d(40, 10, 0)
    weights = [w * float("nan") for w in new_weights((40, 5, 10), [0])]
    assert accuracies(weights, data.val).tolist() == [0]


def test_rates_and_seeds_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="a seed for each rate"):
        train(sgd, [0.1, 0.2], [0], mnist1d(20, 0, 0).train, n_steps=1)
