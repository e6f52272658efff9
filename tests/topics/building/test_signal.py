"""The signal through thirty layers against theory, and theory against other ways to compute it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.topics.building.deep import DeepBank, train
from helpers.topics.building.signal import measure, normalise, theory


def test_theory_of_relu_is_he_and_of_a_linear_network_glorot() -> None:
    relu, linear = theory(1.5, "ReLU", depth=6), theory(1.5, "none", depth=6)
    assert relu is not None
    assert linear is not None
    np.testing.assert_allclose(relu.forward, (1.5**2 / 2) ** np.arange(7))
    np.testing.assert_allclose(relu.backward, (1.5**2 / 2) ** np.arange(6, -1, -1))
    np.testing.assert_allclose(linear.forward, 2.25 ** np.arange(7), rtol=1e-6)


def test_theory_of_tanh_is_what_a_million_normal_numbers_give() -> None:
    z = np.random.default_rng(0).normal(size=1_000_000)
    said = theory(1.7, "tanh", depth=2)
    assert said is not None
    q = float(np.mean(np.tanh(1.7 * z) ** 2))
    assert said.forward[1] == pytest.approx(q, rel=5e-3)
    assert said.backward[1] == pytest.approx(1.7**2 * np.mean((1 - np.tanh(1.7 * np.sqrt(q) * z) ** 2) ** 2), rel=5e-3)


@pytest.mark.parametrize(("gain", "activation", "residual"), [(1.0, "ReLU", False), (1.6, "ReLU", False), (1.0, "tanh", False), (3.0, "tanh", False), (0.5, "ReLU", True)])
def test_measured_lies_on_the_line_within_half_a_power_of_ten(gain: float, activation: str, residual: bool) -> None:
    said = theory(gain, activation, residual)
    assert said is not None
    runs = [measure(gain, activation, residual=residual, seed=seed) for seed in range(3)]
    forward = np.mean([np.log10(run.forward) for run in runs], 0)
    assert np.abs(forward - np.log10(said.forward)).max() < 0.5
    if not residual:
        backward = np.mean([np.log10(run.backward) for run in runs], 0)
        assert np.abs(backward - np.log10(said.backward)).max() < 0.5


def test_what_the_lesson_says_of_norms_and_gains() -> None:
    """Which settings hold both curves within one power of ten, for any gain; and which do not."""
    for gain in (0.5, 1.4, 4.0):
        assert max(measure(gain, "ReLU", "layer norm").spread()) <= 1
        forward, backward = measure(gain, "ReLU", "batch norm").spread()
        assert forward < 0.5
        assert backward > 4
    assert max(measure(2**0.5).spread()) <= 1
    assert max(measure(0.14, residual=True).spread()) <= 1
    assert max(measure(0.2, residual=True).spread()) > 1
    for seed in range(3):
        assert [max(measure(gain, "tanh", seed=seed).spread()) <= 1 for gain in (1.0, 1.15, 1.25, 1.35, 1.5)] == [False, True, True, True, False]
        assert [max(measure(gain, seed=seed).spread()) <= 1 for gain in (1.35, 1.42, 1.5)] == [False, True, False]


def test_normalise_is_torchs() -> None:
    z = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(normalise(z, "batch norm"), F.batch_norm(z, None, None, training=True))
    torch.testing.assert_close(normalise(z, "layer norm"), F.layer_norm(z, (5,)))
    assert normalise(z, "none") is z


def twin(bank: DeepBank, m: int, depth: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for k in range(depth):
        W, b = bank.W[k][m].detach(), bank.b[k][m, 0].detach()
        linear = nn.Linear(*W.shape)
        linear.load_state_dict({"weight": W.T, "bias": b})
        layers += [linear, nn.ReLU()] if k < depth - 1 else [linear]
    return nn.Sequential(*layers)


@pytest.mark.parametrize("gain", ["torch", 1.3])
def test_a_bank_learns_as_torchs_layers_and_adamw_do(gain: float | str) -> None:
    depth, rates = 4, [0.01, 0.002]
    bank = DeepBank([3, 4], rates, gain=gain, depth=depth, width=6, n_in=8, n_out=5)
    nets = [twin(bank, m, depth) for m in range(2)]
    g = torch.Generator().manual_seed(1)
    x, y = torch.randn(30, 8, generator=g), torch.randint(0, 5, (30,), generator=g)
    losses = train(bank, (x, y), 5, batch_size=12, seed=7)
    for m, (net, rate) in enumerate(zip(nets, rates, strict=True)):
        optimizer, g = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01), torch.Generator().manual_seed(7)
        for step in range(5):
            i = torch.randint(30, (12,), generator=g)
            loss = F.cross_entropy(net(x[i]), y[i])
            assert float(losses[step, m]) == pytest.approx(loss.item(), rel=1e-4)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        torch.testing.assert_close(bank.forward(x)[-1][m], net(x), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("norm", ["batch norm", "layer norm"])
def test_a_bank_normalises_and_adds_as_written(norm: str) -> None:
    bank = DeepBank([0], [0.01], gain=1.0, norm=norm, residual=True, depth=3, width=6, n_in=8, n_out=5)
    x = torch.randn(9, 8, generator=torch.Generator().manual_seed(2))
    h = torch.relu(x @ bank.W[0][0])
    h = h + torch.relu(normalise(h @ bank.W[1][0], norm))
    torch.testing.assert_close(bank.forward(x, training=True)[-1][0], h @ bank.W[2][0])


def test_batch_norm_in_evaluation_gives_an_example_the_same_answer_in_any_batch() -> None:
    bank = DeepBank([0], [0.01], norm="batch norm", depth=4, width=6, n_in=8, n_out=5)
    x, y = torch.randn(40, 8), torch.arange(40) % 5
    train(bank, (x, y), 3, batch_size=10)
    torch.testing.assert_close(bank.forward(x)[-1][:, :1], bank.forward(x[:1])[-1])


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        DeepBank([0, 1], [0.1])
    with pytest.raises(ValueError, match="unknown setting"):
        DeepBank([0], [0.1], norm="batchnorm")
