"""Chapter 03's scenes at the ends of their controls, and what they compute against oracles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from helpers.topics.rnn import gradients as rnn_gradients
from helpers.topics.rnn import memory as rnn
from helpers.topics.rnn import stills as rnn_stills
from helpers.topics.rnn.bank import one_hot

LETTERS = "abcdefghijklmnopqrstuvwxyzáö -"
WORDS = ["", " ", "o", "a b", "Ooze-áaaoo", "3x"]


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


# ------------------------------------------------------------------------------------- one unit

def test_follow_is_a_layer_of_one_unit() -> None:
    layer = nn.RNN(1, 1, bias=False)
    x = torch.randn(12, 1, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for weight, value in zip(layer.parameters(), (1.7, -0.6), strict=True):
            weight.fill_(value)
        np.testing.assert_allclose(rnn.follow(x[:, 0].numpy(), 1.7, -0.6), layer(x)[0][:, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize(("w_x", "w_h", "kept", "reached"), [
    (2, 3, "keeps the first mark", False), (6, 3, "keeps the last mark", True), (6, 1, "forgets: after either", False), (0, 4, "forgets", False)])
def test_one_unit_says_what_it_keeps(w_x: float, w_h: float, kept: str, reached: bool) -> None:
    draw, fig = rnn.one_unit()
    words, got = draw(w_x, w_h)
    assert kept in words
    assert got is reached
    fig.canvas.draw()


# ------------------------------------------------------------------------------------- unrolled

def layer_of(n_units: int = 6) -> tuple[nn.RNN, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    torch.manual_seed(0)
    layer = nn.RNN(len(LETTERS) + 1, n_units)
    W_x, W_h, b_x, b_h = (p.detach() for p in layer.parameters())
    return layer, (W_x, W_h, b_x + b_h)


def test_run_rnn_is_torchs_layer() -> None:
    layer, weights = layer_of()
    expected = layer(one_hot(["Ooze"], LETTERS, 4)[0])[0].detach().numpy()
    np.testing.assert_allclose(rnn.run_rnn("Ooze", LETTERS, *weights), expected, atol=1e-6)


def test_unrolled_draws_every_word_at_every_step() -> None:
    draw, fig = rnn.unrolled(LETTERS, *layer_of()[1])
    for word, step in itertools.product(WORDS, (1, 5, 10)):
        words, reached = draw(word, step)
        assert words
        assert not (reached and word != "Ooze-áaaoo")
        fig.canvas.draw()
    assert draw("", 3) == ("Type a word: there is nothing to read yet.", False)
    assert draw("3x", 1) == ("It has never read '3'. Use letters, as in a name.", False)
    words, reached = draw("Ooze", 2)
    assert reached
    assert words.startswith("Step 2 of 4 reads 'o'; what was read before comes in as h₁. The same letter was step 1;")


# ------------------------------------------------------------------------------------- gradients

def test_gradient_norms_are_those_of_autograd() -> None:
    W = rnn_gradients.random_matrix(5, 1.2)
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(1.2)
    states = rnn_gradients.tanh_states(W, 12, 0.4)
    own = torch.tensor(np.arctanh(states[1:]) - states[:-1] @ W.T)

    def last(first: torch.Tensor, k: int) -> torch.Tensor:
        for a in own[len(own) - k:]:
            first = torch.tanh(a + torch.tensor(W) @ first)
        return first

    steps = [0, 1, 4, 11]
    expected = [torch.linalg.matrix_norm(torch.autograd.functional.jacobian(lambda h, k=k: last(h, k), torch.tensor(states[-1 - k])), 2)
                for k in steps]
    np.testing.assert_allclose(rnn_gradients.gradient_norms(W, states, steps), np.array(expected), rtol=1e-8)


def test_gradient_reach_draws_everywhere_and_its_goal_can_be_reached() -> None:
    draw, fig = rnn_gradients.gradient_reach()
    hits = []
    for radius, strength, k, matrix in itertools.product((0.5, 1.0, 2.0, 2.3, 3.0), (0.0, 0.5, 1.5), (0, 48, 100), (0, 5)):
        words, reached = draw(radius, strength, k, matrix)
        assert f"{k} steps back" in words
        hits += [radius] * reached
        fig.canvas.draw()
    assert hits
    assert min(hits) > 1.0


def test_the_parts_of_the_gradient_add_up_to_autograds() -> None:
    parts, W, a = rnn_gradients.parts_of_gradient(7, 5, 0.9, seed=3)
    weights = torch.tensor(W).requires_grad_()
    h = torch.zeros(5, dtype=torch.float64)
    for row in torch.tensor(a):
        h = torch.tanh(row + weights @ h)
    (grad,) = torch.autograd.grad(0.5 * (h - 1).pow(2).sum(), weights)
    np.testing.assert_allclose(parts.sum(0), grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(rnn_gradients.sizes_of_parts(7, 5, 0.9, seed=3), [np.linalg.norm(part) for part in parts])


def test_no_radius_carries_the_gradient_through_all_matrices_and_inputs() -> None:
    """What section 5 of 03a says after its figure: the balance depends on the input, and on the matrix."""
    for radius in (1.0, 1.5, 1.8, 2.0, 2.2, 2.5, 2.8):
        usable = []
        for matrix, strength in itertools.product(range(6), (0.0, 0.5, 1.5)):
            W = rnn_gradients.random_matrix(16, radius, seed=matrix)
            norm = rnn_gradients.gradient_norms(W, rnn_gradients.tanh_states(W, 100, strength), [100])[0]
            usable.append(0.01 <= norm <= 100)
        assert not all(usable)


def test_cliff_loss_has_the_gradient_of_autograd() -> None:
    for w, b in ((1.8, -0.1), (0.7, 0.1), (1.2, -0.05)):
        p = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
        h = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(rnn_gradients.CLIFF_LENGTH):
            h = torch.tanh(p[0] * h + p[1])
        loss = 0.5 * (h - rnn_gradients.CLIFF_TARGET) ** 2
        (grad,) = torch.autograd.grad(loss, p)
        assert rnn_gradients.cliff_loss(w, b) == pytest.approx((float(loss.detach()), *grad.tolist()), rel=1e-8)


def test_cliff_flies_off_without_clipping_and_arrives_with_it() -> None:
    draw, fig = rnn_gradients.cliff()
    reached = []
    for exponent, lr in itertools.product(np.arange(-2, 3.01, 0.25), (0.02, 0.1, 0.2)):
        _, hit = draw(10.0**exponent, lr)
        reached += [(round(float(exponent), 2), lr)] * hit
        fig.canvas.draw()
    assert (0.0, 0.1) in reached
    assert {lr for _, lr in reached} == {0.1}
    assert all(-0.5 <= exponent <= 1 for exponent, _ in reached)
    assert "far outside this map" in draw(1000.0, 0.1)[0]
    places, norms = rnn_gradients.cliff_path(0.1, 0.5)
    assert np.hypot(*np.diff(places, axis=0).T).max() <= 0.1 * 0.5 + 1e-9
    assert norms.max() > 0.5


# ------------------------------------------------------------------------------------- gates

def test_open_gates_gives_torchs_states_and_gates_between_0_and_1() -> None:
    torch.manual_seed(0)
    lstm, x = nn.LSTM(4, 3), torch.randn(9, 4)
    found = rnn.open_gates(lstm, x)
    np.testing.assert_allclose(found["state h"], lstm(x)[0].detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(found["cell c"][-1], lstm(x)[1][1][0].detach().numpy(), atol=1e-6)
    for gate in ("input gate", "forget gate", "output gate"):
        assert found[gate].min() > 0
        assert found[gate].max() < 1
    np.testing.assert_allclose(found["state h"], found["output gate"] * np.tanh(found["cell c"]), atol=1e-6)


def test_gate_traces_draws_every_word_and_gate_and_sees_a_change_of_mind() -> None:
    torch.manual_seed(1)
    lstm, out = nn.LSTM(len(LETTERS) + 1, 5), nn.Linear(5, 3)
    with torch.no_grad():
        for p in (*lstm.parameters(), *out.parameters()):
            p.mul_(6)
    draw, fig = rnn.gate_traces(lstm, out, LETTERS, ["Irish", "Dutch", "Zulu"])
    for word, gate in itertools.product([*WORDS, "abcdefghijklmn"], ["input gate", "forget gate", "output gate", "cell c", "state h"]):
        words, _ = draw(word, gate)
        assert words
        fig.canvas.draw()
    changes = [draw(a + b + c, "cell c")[1] for a, b, c in itertools.product("abo", "xyz", "mno")]
    assert any(changes)
    assert not all(changes)
    assert not draw("", "cell c")[1]


# ------------------------------------------------------------------------------------- stills

def test_stills_are_drawn() -> None:
    rng = np.random.default_rng(0)
    runs = rng.random((20, 3)) + 0.1
    runs[-1, 0] = np.nan
    lines = {radius: (np.array([1.0, 2, 3]), np.array([1.0, 0.5, 0.2])) for radius in (0.7, 1.0, 1.3)}
    for fig in (rnn_stills.contributions(rng.random(6)), rnn_stills.gradient_lines([0, 1, 2], lines),
                rnn_stills.two_curves(runs[:, 0], runs[:, 1], 1.0), rnn_stills.before_and_after({"a": runs, "b": runs}, 1.0),
                rnn_stills.memory_race([10, 20], {"a": rng.random((3, 2)), "b": rng.random((3, 2)), "c": rng.random((3, 2))})):
        fig.canvas.draw()
        assert all(ax.get_xlabel() for ax in fig.axes)
        assert len(vars(fig)["course_alt"].split()) > 5
