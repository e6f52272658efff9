"""The figures of chapter 1: what they compute, against oracles; what they draw, at the ends of their controls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle
from sklearn.linear_model import LogisticRegression

from helpers.data import toy
from helpers.topics.concepts import scenes as figures
from helpers.topics.concepts import stills


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def test_one_neuron_says_the_cross_entropy_and_its_target_can_be_reached() -> None:
    x, y = (t.numpy() for t in toy("blobs", 200, 0.45, 0))
    draw, _ = figures.one_neuron(x, y, target=0.10)
    for w1, w2, b in itertools.product((-8.0, 0.0, 8.0), (-8.0, 0.0, 8.0), (-4.0, 0.0, 4.0)):
        words, _ = draw(w1, w2, b)
        z = torch.tensor(x @ np.array([w1, w2]) + b)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y).double())
        assert f"Loss {loss:.2f} nats" in words
    best = LogisticRegression(C=np.inf).fit(x, y)
    w1, w2 = np.round(best.coef_[0], 1)             # as the sliders step
    assert draw(w1, w2, round(best.intercept_[0], 1))[1]
    assert not draw(1.0, 0.5, 0.2)[1]


@pytest.mark.parametrize(("lr", "beta"), [(0.03, 0.0), (0.07, 0.5), (0.01, 0.9)])
def test_descend_is_torchs_sgd(lr: float, beta: float) -> None:
    p = torch.tensor(figures.START, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=lr, momentum=beta)
    for place in figures.descend(lr, beta, 20):
        np.testing.assert_allclose(place, p.detach(), atol=1e-12)
        optimizer.zero_grad()
        (0.5 * torch.tensor(figures.CURVATURES) * p**2).sum().backward()
        optimizer.step()


def test_the_walks_target_needs_momentum() -> None:
    draw, _ = figures.descent_track(target=0.01)
    rates = 10 ** np.arange(np.log10(0.003), np.log10(0.3), 0.02)      # as the slider steps
    assert not any(draw(rate, 0.0)[1] for rate in rates)
    assert any(draw(rate, 0.4)[1] for rate in rates)
    assert "too high" in draw(0.3, 0.0)[0]
    for lr, beta in itertools.product((0.003, 0.03, 0.3), (0.0, 0.5, 0.98)):
        draw(lr, beta)


def test_hinges_fit_as_straight_pieces_do() -> None:
    kinks, fit = figures.fit_hinges("wave", 10)
    assert len(kinks) == 10
    bends = np.abs(np.diff(fit, 2)) > 1e-9
    assert bends.sum() <= 2 * 9                     # nine kinks inside, each between two of the points at most
    assert figures.hinge_errors("corner")[1] < 1e-9     # a corner is two pieces
    errors = figures.hinge_errors("wave")
    assert 3.5 < errors[15] / errors[31] < 4.7


def test_the_hinges_target_can_be_reached() -> None:
    draw, _ = figures.hinges(target=0.02)
    assert not draw("wave", 6)[1]
    assert draw("wave", 16)[1]
    for curve, n in itertools.product(figures.CURVES, (1, 32, 64)):
        assert f"{n} units on the {curve}" in draw(curve, n)[0]


@pytest.mark.parametrize(("width", "depth"), [(2, 5), (3, 4), (12, 1), (5, 2)])
def test_a_stack_multiplies_its_pieces(width: int, depth: int) -> None:
    t, out = figures.folds(width, depth, 20 * width**depth + 1)
    turns = (np.diff(np.sign(np.diff(out))) != 0).sum()
    assert turns + 1 == width**depth
    assert out.min() >= 0
    assert out.max() <= 1
    weights = 2.0 * width * (-1.0) ** torch.arange(width).double()      # a zigzag is a layer of torch's
    weights[0] = width
    hidden = torch.relu(torch.nn.functional.linear(torch.tensor(t)[:, None], torch.ones(width, 1).double(), -torch.arange(width).double() / width))
    np.testing.assert_allclose(hidden @ weights, figures.zigzag(t, width), atol=1e-9)


def test_twelve_units_fold_most_as_four_layers_of_three() -> None:
    draw, _ = figures.folding()
    reached = [(w, d) for w in range(2, 13) for d in range(1, 7) if draw(w, d)[1]]
    assert reached == [(3, 4)]


def test_luck_shrinks_with_the_examples() -> None:
    draw, _ = figures.luck()
    assert not draw(1000.0, 50)[1]
    assert draw(1000.0, 2500)[1]
    assert "best of 1 coins" in draw(1.0, 20)[0]


def test_stills_are_drawn() -> None:
    rng = np.random.default_rng(0)
    x, y = (t.numpy() for t in toy("xor", 40))
    for label in (0, 1):
        stills.neuron_graph(np.array([0.6, -0.5]), label, np.array([1.0, 0.5]), 0.2)
    stills.folded_plane(rng.normal(size=(4, 2)), np.array([1, -1, 1, -1]), x, y)
    stills.favourites(rng.normal(size=(10, 64)), rng.random((30, 10)), rng.random((30, 8, 8)))
    layers = [rng.normal(size=(40, n)) for n in (2, 5, 5)]
    stills.layers_seen(layers, [a[:, 0] for a in layers], y, [0.5, 0.6, 0.9])
    stills.probes(rng.random((3, 3)), rng.random((3, 3)))
    stills.four_runs({"A": rng.random(50) + 1, "B": rng.random(50) + 2}, np.log(10))
    stills.over_fitting(rng.random((3, 9)) + 0.1, rng.random((3, 9)) + 0.1)
    stills.two_surfaces({"one": lambda p: p[:, 0] > 0, "two": lambda p: p[:, 1] > 0}, x, y)
    fig = stills.cost((16, 32), {1: (10, 20), 2: (30, 90)}, {1: (0.1, 0.2), 2: (0.3, 0.9)})
    fig.canvas.draw()


def test_twelve_units_stand_beside_a_control_that_has_more() -> None:
    rng = np.random.default_rng(0)
    fig = stills.twelve_units([(1, 12), (2, 6), (4, 12)], {0.1: rng.random((3, 5)), 0.03: rng.random((3, 5))})
    held, found = fig.axes
    assert [round(bar.get_height()) for bar in held.patches if isinstance(bar, Rectangle)] == [12, 36]
    assert [label.get_text() for label in found.get_xticklabels()] == ["1 × 12", "2 × 6", "4 × 12\n(control)"]
    first, second, control = found.get_xticks()
    assert control - second > second - first


def test_each_data_set_has_its_frame_and_all_its_points() -> None:
    x, y = (t.numpy() for t in toy("xor", 40))
    fig = stills.data_sets({"a": (x, y), "b": (x[:10], y[:10])})
    assert [ax.get_title(loc="left") or ax.get_title() for ax in fig.axes] == ["a", "b"]
    assert [sum(np.shape(points.get_offsets())[0] for points in ax.collections) for ax in fig.axes] == [40, 10]


@pytest.mark.parametrize("label", [0, 1])
def test_the_graph_bears_the_values_and_autograds_gradients(label: int) -> None:
    x = torch.tensor([0.6, -0.5], dtype=torch.float64)
    w, b = torch.tensor([1.0, 0.5], dtype=torch.float64, requires_grad=True), torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
    z = x @ w + b
    p = torch.sigmoid(z)
    loss = torch.nn.functional.binary_cross_entropy(p, torch.tensor(float(label), dtype=torch.float64))
    dw, db, dz, dp = torch.autograd.grad(loss, (w, b, z, p))
    words = [t.get_text() for t in stills.neuron_graph(x.numpy(), label, w.detach().numpy(), 0.2).axes[0].texts]
    for number in (*dw, db, dz, dp, z, p, loss, *(w * x)):
        assert f"{number.item():.2f}" in [word.replace("−", "-") for word in words]


def test_favourites_shows_the_units_weights_and_what_excites_it_most() -> None:
    rng = np.random.default_rng(0)
    W1, images = rng.normal(size=(10, 64)), rng.random((30, 8, 8))
    hidden = np.maximum(images.reshape(30, 64) @ W1.T, 0)
    canvas = stills.favourites(W1, hidden, images).axes[0].images[0].get_array()
    assert canvas is not None
    first = int(hidden.mean(0).argmax())
    weights = W1[first].reshape(8, 8)
    np.testing.assert_array_equal(canvas[:16:2, :16:2], figures.colored(weights / np.abs(weights).max()))
    best = images[hidden[:, first].argmax()]
    np.testing.assert_array_equal(canvas[:8, 20:28, 0], (255 * best).astype(np.uint8))
    worst_shown = images[np.argsort(-hidden[:, first])[7]]
    np.testing.assert_array_equal(canvas[10:18, 50:58, 0], (255 * worst_shown).astype(np.uint8))
