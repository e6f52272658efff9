"""The reach meter: what it measures against networks whose answer is known, and its figure."""

from __future__ import annotations

from functools import partial

import matplotlib.pyplot as plt
import pytest
import torch

from helpers.topics.rnn import bank as recurrent
from helpers.topics.rnn.reach import ReachLog, reach, reach_meter


def series(networks: int, length: int, n: int = 6) -> torch.Tensor:
    return recurrent.first_symbol(networks, n, length, torch.Generator().manual_seed(0))[0]


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_reach_is_the_change_of_the_answer_when_the_first_symbol_is_another(cell: str) -> None:
    bank, x = recurrent.Bank(cell, 3, n_in=4, n_units=5, n_out=2, seed=1), series(3, 4)
    other = x.clone()
    other[:, :, 0] = torch.eye(4)[1 - x[:, :, 0].argmax(-1)]
    with torch.no_grad():
        a, b = ((out := bank(s))[..., 1] - out[..., 0] for s in (x, other))
    torch.testing.assert_close(reach(bank, x), (a - b).abs().median(1).values.double(), rtol=1e-4, atol=1e-6)


def test_reach_sees_what_float32_does_not() -> None:
    bank = recurrent.Bank("rnn", 2, n_in=4, n_units=8, n_out=2, radius=0.3, seed=0)
    far = reach(bank, series(2, 16))
    assert (far > 0).all()
    assert (far < 1e-6).all()
    assert all(p.dtype is torch.float32 for p in bank.parameters)


def test_a_network_without_recurrence_has_no_reach() -> None:
    bank = recurrent.Bank("rnn", 2, n_in=4, n_units=8, n_out=2, seed=0)
    with torch.no_grad():
        bank.W_h.zero_()
    assert (reach(bank, series(2, 3)) == 0).all()
    assert (reach(bank, series(2, 1)) > 0).all()


def test_the_log_keeps_every_so_many_steps_and_the_meter_draws_them() -> None:
    logs = {}
    for kind, cell in {"plain RNN": "rnn", "LSTM": "lstm"}.items():
        bank = recurrent.Bank(cell, 2, n_in=4, n_units=4, n_out=2, seed=0)
        logs[kind] = ReachLog(bank, 3, every=5)
        recurrent.train(bank, partial(recurrent.first_symbol, 2, 8, 3), recurrent.cross_entropy, n_steps=12, lr=0.01, watch=logs[kind])
        assert logs[kind].steps == [0, 5, 10]
    draw, fig = reach_meter(logs)
    for step in (0, 4, 5, 12):
        words, _ = draw(step)
        assert words.startswith(f"After {step // 5 * 5} steps. plain RNN: moves by «")
        fig.canvas.draw()
    logs["LSTM"].steps, logs["LSTM"].reaches, logs["LSTM"].accuracies = [0], logs["LSTM"].reaches[:1], logs["LSTM"].accuracies[:1]
    reach_meter(logs)[0](10)            # a kind that was done early is held level
    plt.close("all")
