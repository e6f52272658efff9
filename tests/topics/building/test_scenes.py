"""The figures of lesson 07b at the ends of their controls; their goals can be reached; the remedies' data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
import torch
from torch.nn import functional as F

from helpers.topics.building import remedies, runs, thirty


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def test_thirty_layers_at_every_end() -> None:
    draw, _ = thirty.thirty_layers()
    for gain, activation, norm, residual in itertools.product((0.1, 4.0), ("ReLU", "tanh"), ("none", "batch norm", "layer norm"), (False, True)):
        words, _ = draw(gain=gain, activation=activation, norm=norm, residual=residual, seed=9)
        assert "powers of ten" in words or "float" in words
    assert draw(gain=1.42, activation="ReLU", norm="none", residual=False, seed=0)[1]
    assert not draw(gain=1.0, activation="ReLU", norm="none", residual=False, seed=0)[1]
    for step in thirty.STEPS:
        draw(**{"seed": 0, **step.values})


def test_only_layer_norm_leaves_all_alone_when_one_row_moves() -> None:
    draw, _ = thirty.normalised_table()
    assert draw(norm="layer norm", size=5, shift=2.0, scale=3.0)[1]
    for size, shift in itertools.product((3, 6), (-3.0, 3.0)):
        assert not draw(norm="batch norm", size=size, shift=shift, scale=4.0)[1]


def test_a_deep_run_is_reproducible_and_its_goal_can_be_reached() -> None:
    data = runs.flat_digits()
    draw, _ = thirty.deep_training(data.val)
    first, second = (thirty.DeepRun(data.train, seed=1, start="small (0.2)", norm="none", residual=True, rate=3e-3) for _ in range(2))
    for _ in range(100):
        first.step()
    for _ in range(5):
        second.step()
    assert first.losses[:5] == second.losses
    assert draw(first)[1]
    second.rate = 0.01
    assert second.rate == pytest.approx(0.01)
    assert not draw(second)[1]


def test_the_remedies_data_change_what_they_say_and_nothing_else() -> None:
    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(300, 7, generator=g), torch.randint(0, 10, (300,), generator=g)
    moved, same = remedies.contrast((x, y))
    torch.testing.assert_close(F.normalize(moved), F.normalize(x))
    assert torch.equal(same, y)
    loud, how = remedies.loudness((x, y))
    torch.testing.assert_close(loud / x, torch.tensor([0.5, 1.0, 2.0])[how][:, None].expand_as(x))
    spoilt = remedies.with_wrong_labels((x, y), 0.3)[1]
    assert 0.2 < float((spoilt != y).float().mean()) < 0.35


def test_the_share_of_the_bias_is_that_of_a_folded_batch_norm() -> None:
    g = torch.Generator().manual_seed(0)
    x = torch.randn(200, 6, generator=g) + 1
    model = remedies.mlp((6, 5, 3), torch.nn.BatchNorm1d)
    for _ in range(60):
        model(x)
    model.eval()
    with torch.no_grad():
        bias = model[:3](0 * x)[0]
        assert remedies.bias_share(model, x) == pytest.approx(float(bias.abs().mean() / (model[:3](x) - bias).std()), rel=1e-4)
    assert remedies.bias_share(remedies.mlp((6, 5, 3)), x) > 0


def test_dropout_and_norm_stand_where_they_should() -> None:
    names = [type(layer).__name__ for layer in remedies.mlp((6, 5, 4, 3), torch.nn.LayerNorm, 0.5)]
    assert names == ["Flatten", "Linear", "LayerNorm", "ReLU", "Dropout", "Linear", "LayerNorm", "ReLU", "Dropout", "Linear"]
