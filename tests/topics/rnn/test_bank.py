"""The banks of chapter 03 against torch's own layers, its tasks, and its training."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from helpers.topics.rnn import bank as recurrent
from helpers.topics.rnn.bank import Bank


@pytest.mark.parametrize(("kind", "layer"), [("rnn", nn.RNN), ("lstm", nn.LSTM)])
def test_each_network_of_a_bank_is_torchs_layer(kind: str, layer: type[nn.RNN] | type[nn.LSTM]) -> None:
    bank = Bank(kind, 3, n_in=2, n_units=5, n_out=4, forget=1.5, seed=3)
    x = torch.randn(3, 7, 6, 2, generator=torch.Generator().manual_seed(0))
    got = bank(x)
    for s in range(3):
        theirs = layer(2, 5, batch_first=True)
        with torch.no_grad():
            for p, w in zip(theirs.parameters(), (bank.W_x[s].T, bank.W_h[s].T, bank.b[s, 0], torch.zeros_like(bank.b[s, 0])), strict=True):
                p.copy_(w)
        torch.testing.assert_close(got[s], theirs(x[s])[0][:, -1] @ bank.W_out[s] + bank.b_out[s])


def test_a_bank_has_the_asked_radius_and_open_gates() -> None:
    bank = Bank("rnn", 2, n_in=1, n_units=6, n_out=1, radius=1.5)
    torch.testing.assert_close(torch.linalg.eigvals(bank.W_h).abs().amax(1), torch.full((2,), 1.5))
    plain, opened = Bank("lstm", 1, 1, 3, 1).b[0, 0], Bank("lstm", 1, 1, 3, 1, forget=4.0).b[0, 0]
    assert plain.abs().max() <= 3**-0.5                             # as torch draws them
    torch.testing.assert_close(opened - plain, torch.tensor([0.0] * 3 + [4.0] * 3 + [0.0] * 6))
    with pytest.raises(ValueError, match="kind must be 'rnn' or 'lstm', got 'gru'"):
        Bank("gru", 1, 1, 1, 1)


def gru(x: torch.Tensor, W_x: torch.Tensor, W_h: torch.Tensor, b_x: torch.Tensor, b_h: torch.Tensor, *, reset: str = "after") -> torch.Tensor:
    """All states (T, D) of a GRU over one series x (T, C); weights with rows in torch's order r, z, n.

    Parameters
    ----------
    reset : "after" or "before"
        Whether the reset gate multiplies after the matrix product, as nn.GRU does, or before it, as Cho et al. (2014,
        arXiv:1406.1078, equation 8) wrote it.
    """
    d = W_h.shape[1]
    h, states = torch.zeros(d), []
    for x_t in x:
        own, past = W_x @ x_t + b_x, W_h @ h + b_h
        r, z = torch.sigmoid(own[:2 * d] + past[:2 * d]).chunk(2)
        back = r * past[2 * d:] if reset == "after" else W_h[2 * d:] @ (r * h) + b_h[2 * d:]
        h = z * h + (1 - z) * torch.tanh(own[2 * d:] + back)
        states.append(h)
    return torch.stack(states)


def test_gru_is_torchs_and_the_papers_order_differs() -> None:
    torch.manual_seed(0)
    layer, x = nn.GRU(3, 4), torch.randn(9, 3)
    weights = [p.detach() for p in layer.parameters()]
    torch.testing.assert_close(gru(x, *weights), layer(x)[0])
    before = gru(x, *weights, reset="before")
    assert not torch.allclose(before, layer(x)[0], atol=1e-3)
    W_x, _, b_x, b_h = weights                                      # at h = 0 the paper's order does not gate the bias
    z = torch.sigmoid(W_x[4:8] @ x[0] + b_x[4:8] + b_h[4:8])
    torch.testing.assert_close(before[0], (1 - z) * torch.tanh(W_x[8:] @ x[0] + b_x[8:] + b_h[8:]))


def test_tasks_ask_for_what_they_say() -> None:
    x, y = recurrent.which_first(500, 12, seed=1)
    assert torch.equal(y, (x.argmax(1) < x.argmin(1)).long())
    assert 0.4 < y.float().mean() < 0.6
    g = torch.Generator().manual_seed(0)
    x, y = recurrent.account(2, 300, 40, g)
    torch.testing.assert_close(y, x[..., 0].sum(2) / 40**0.5)
    x, y = recurrent.first_symbol(2, 50, 9, g)
    assert torch.equal(x[:, :, 0].argmax(-1), y)
    assert x[:, :, 1:, :2].sum() == 0
    with pytest.raises(ValueError, match="length >= 2, got 5 and 1"):
        recurrent.which_first(5, 1)


@pytest.mark.parametrize("task", [recurrent.account, recurrent.first_symbol])
def test_a_task_is_drawn_from_the_given_generator_alone(task: Any) -> None:
    before = torch.get_rng_state()
    a, b, c = (task(2, 5, 6, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(a[0], b[0])
    assert torch.equal(a[1], b[1])
    assert not torch.equal(a[0], c[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_training_learns_stops_and_does_the_same_again() -> None:
    task = partial(recurrent.first_symbol, 2, 32, length=3)
    runs = []
    for _ in range(2):
        bank = Bank("rnn", 2, n_in=4, n_units=8, n_out=2, seed=1)
        losses, norms = recurrent.train(bank, task, recurrent.cross_entropy, n_steps=200, lr=0.02, optimizer=torch.optim.Adam, enough=0.05)
        runs.append(losses)
        assert losses.shape == norms.shape
        assert len(losses) < 200
        assert losses[-1].max() < 0.05
        assert bank.accuracy(*task(generator=torch.Generator().manual_seed(9))).min() == 1
    assert torch.equal(*runs)


def test_training_clips_each_network_by_itself() -> None:
    norms_seen: list[float] = []

    def clip(gradients: list[torch.Tensor], max_norm: float) -> torch.Tensor:
        norm = torch.sqrt(torch.stack([g.pow(2).sum() for g in gradients]).sum())
        for g in gradients:
            g.mul_(max_norm / norm)
        norms_seen.append(float(norm))
        return norm

    bank = Bank("rnn", 2, n_in=1, n_units=4, n_out=1, radius=1.2)
    before = [p.detach().clone() for p in bank.parameters]
    _, norms = recurrent.train(bank, partial(recurrent.account, 2, 8, 10), recurrent.squared_error, n_steps=1, lr=0.5, clip=clip, max_norm=0.1)
    torch.testing.assert_close(torch.tensor(norms_seen), norms[0])
    moved = torch.stack([(p.detach() - q).flatten(1).pow(2).sum(1) for p, q in zip(bank.parameters, before, strict=True)]).sum(0).sqrt()
    torch.testing.assert_close(moved, torch.full((2,), 0.05))


def test_one_hot_cuts_fills_and_knows_strangers() -> None:
    x = recurrent.one_hot(["Bab3", ""], "ab", 3)
    assert x.argmax(-1)[0].tolist() == [1, 0, 1]
    assert x[1].sum() == 0
    assert recurrent.one_hot(["3"], "ab", 2)[0, 0].tolist() == [0, 0, 1]
