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
from helpers.topics.concepts import neuron_scenes, readers, stills
from helpers.topics.concepts import scenes as figures
from helpers.topics.concepts.playground import Playground


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
    stills.folded_plane(rng.normal(size=(4, 2)), np.array([1, -1, 1, -1]), x, y)
    stills.favourites(rng.normal(size=(10, 64)), rng.random((30, 10)), rng.random((30, 8, 8)))
    layers = [rng.normal(size=(40, n)) for n in (2, 5, 5)]
    stills.layers_seen(layers, [a[:, 0] for a in layers], y, [0.5, 0.6, 0.9])
    stills.probes(rng.random((3, 3)), rng.random((3, 3)))
    stills.four_runs({"A": rng.random(50) + 1, "B": rng.random(50) + 2}, np.log(10))
    stills.over_fitting(rng.random((3, 9)) + 0.1, rng.random((3, 9)) + 0.1)
    fig = stills.two_losses({"a": [2.0, 1.0], "b": [2.0, 9.0]})
    fig.canvas.draw()
    assert len(fig.course_alt.split()) > 8          # type: ignore[attr-defined]


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
@pytest.mark.parametrize(("w1", "w2", "b"), [(1.0, 0.5, 0.2), (-4.0, 4.0, -4.0), (0.0, 0.0, 0.0)])
def test_the_graph_bears_the_values_and_autograds_gradients(label: int, w1: float, w2: float, b: float) -> None:
    x = torch.tensor([0.6, -0.5], dtype=torch.float64)
    w, bias = torch.tensor([w1, w2], dtype=torch.float64, requires_grad=True), torch.tensor(b, dtype=torch.float64, requires_grad=True)
    z = x @ w + bias
    p = torch.sigmoid(z)
    loss = torch.nn.functional.binary_cross_entropy(p, torch.tensor(float(label), dtype=torch.float64))
    dw, db, dz, dp = torch.autograd.grad(loss, (w, bias, z, p))
    at = neuron_scenes.backward(x.numpy(), label, w1, w2, b)
    expected = [v.item() for v in (z, p, loss, dp, dz, *dw, db, dw[0])]
    assert [at.z, at.p, at.loss, at.dp, at.dz, at.dw1, at.dw2, at.db, at.nudged] == pytest.approx(expected, abs=1e-6)
    draw, fig = neuron_scenes.neuron_graph(x.numpy(), label)
    words, reached = draw(w1, w2, b)
    shown = [t.get_text().replace("−", "-") for t in fig.axes[0].texts]
    for number in (*expected, *(w * x).tolist()):
        assert f"{number:.2f}" in shown
    assert f"Slope in w₁: {dw[0].item():.3f}" in words.replace("−", "-")
    assert reached == (max(abs(float(v)) for v in (*dw, db)) < 0.05)


def test_a_neuron_that_is_sure_and_right_has_no_gradient_left() -> None:
    draw, _ = neuron_scenes.neuron_graph(np.array([0.7, 0.9]), 1)
    assert draw(4.0, 4.0, 4.0)[1]
    assert not draw(-4.0, -4.0, -4.0)[1]


def test_the_matrix_product_shows_its_cells_and_its_goal_is_the_greatest() -> None:
    x, W = np.array([[1.0, 0, 2], [0, 1, -1], [2, 1, 0], [-1, 2, 1]]), np.array([[1.0, -1, 0], [2, 0, 1]])
    draw, fig = neuron_scenes.matrix_product(x, W)
    out = x @ W.T
    for i, j in itertools.product(range(4), range(2)):
        words, reached = draw(i + 1, j + 1)
        assert words.endswith(f"= {out[i, j]:g}.".replace("-", "−"))
        assert reached == (out[i, j] == out.max())
    fig.canvas.draw()


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


# ------------------------------------------------------------------------------------- plain readers

def test_baselines_are_those_of_scikit_learn_and_a_line_cannot_part_the_circles() -> None:
    x, y = (t.numpy() for t in toy("circles", 400, 0.05, 0))
    rows = readers.baselines(x, y, 200)
    assert rows["neighbours"] > 0.97
    assert rows["one neuron"] < 0.62
    assert rows["majority"] == max((y[200:] == k).mean() for k in (0, 1) if (y[:200] == k).sum() >= 100)
    assert 0.6 < readers.luckiest_line(x, y) < 0.72
    x, y = (t.numpy() for t in toy("blobs", 400, 0.05, 0))
    assert readers.luckiest_line(x, y) == 1


def test_a_probe_of_the_last_hidden_layer_can_do_what_the_network_does() -> None:
    run = Playground(0, data="circles", depth=2, width=6)
    for _ in range(600):
        run.step()
    found = readers.probe(run)
    assert [a.shape for a in found.layers] == [(200, 2), (200, 6), (200, 6)]
    assert found.right[2] >= run.val_accuracy - 0.02
    assert found.right[0] < 0.65
    assert readers.neighbours_on_layers([run, run]) == pytest.approx(readers.neighbours_on_layers([run]))


def test_the_best_of_many_coins_is_lucky_and_one_coin_is_not() -> None:
    rng = np.random.default_rng(0)
    assert readers.best_of_coins(1, 50, rng) == pytest.approx(0.5, abs=0.02)
    assert readers.best_of_coins(1000, 50, rng) > 0.7


def test_kinds_among_favourites() -> None:
    labels = np.array([3] * 8 + [1, 2, 4, 5])
    hidden = np.stack([np.arange(12.0)[::-1], np.arange(12.0)], 1)          # the first likes threes alone
    assert readers.kinds_among_favourites(hidden, labels) == (1 + 5) / 2
