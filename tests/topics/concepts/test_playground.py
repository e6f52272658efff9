"""The playground's network: its gradients, its determinism, what it says of itself; and what its picture repaints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.data import TOYS
from helpers.runtime import ROOT
from helpers.topics.concepts.playground import (
    ACTIVATIONS,
    BATCH_SIZE,
    GRID,
    N_TRAIN,
    TILE,
    Playground,
    features,
    side_by_side,
    sigmoid,
)
from helpers.topics.concepts.playground_scene import MAX_DEPTH, MAX_WIDTH, mosaic, playground
from helpers.widgets.picture import Picture

TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"tanh": torch.tanh, "ReLU": F.relu, "sigmoid": torch.sigmoid, "none (linear)": lambda z: z}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("depth", "width"), [(0, 3), (1, 5), (3, 4)])
def test_gradients_are_those_of_autograd(activation: str, depth: int, width: int) -> None:
    run = Playground(1, data="moons", depth=depth, width=width, activation=activation)
    x, y = run.inputs[:17], run.y[:17]
    params = [torch.tensor(p, requires_grad=True) for p in (*run.W, *run.b)]
    W, b = params[:depth + 1], params[depth + 1:]
    h = torch.tensor(x)
    for weight, bias in zip(W[:-1], b[:-1], strict=True):
        h = TORCH[activation](F.linear(h, weight, bias))
    F.binary_cross_entropy_with_logits(F.linear(h, W[-1], b[-1])[:, 0], torch.tensor(y)).backward()
    for ours, theirs in zip(run.gradients(x, y), params, strict=True):
        assert theirs.grad is not None
        np.testing.assert_allclose(ours, theirs.grad.numpy(), atol=1e-6)


def test_one_step_is_that_of_sgd_with_momentum_and_weight_decay() -> None:
    run = Playground(3, data="xor", depth=1, width=4, lr=0.2, weight_decay=0.05)
    W = [torch.tensor(w.copy(), requires_grad=True) for w in run.W]
    optimizer = torch.optim.SGD(W, lr=0.2, momentum=0.9, weight_decay=0.05)
    for _ in range(3):
        if not len(run._order):                     # look at the next batch as the run itself will draw it
            run._order = run.rng.permutation(N_TRAIN)
        batch = run._order[:BATCH_SIZE]
        for weight, gradient in zip(W, run.gradients(run.inputs[batch], run.y[batch])[:2], strict=True):
            weight.grad = torch.tensor(gradient)
        optimizer.step()
        run.step()
        for ours, theirs in zip(run.W, W, strict=True):
            np.testing.assert_allclose(ours, theirs.detach(), atol=1e-6)


def test_the_same_seed_gives_the_same_curve() -> None:
    a, b, other = (Playground(seed, data="circles", depth=1, width=4) for seed in (5, 5, 6))
    for run in (a, b, other):
        for _ in range(60):
            run.step()
    assert a.val_loss == b.val_loss != other.val_loss


@pytest.mark.parametrize("data", TOYS)
def test_every_data_set_can_be_learnt(data: str) -> None:
    run = Playground(0, data=data)
    for _ in range(3000):
        run.step()
    assert run.val_accuracy >= 0.95


@pytest.mark.parametrize(("depth", "width"), [(1, 12), (2, 6)])
def test_the_target_can_be_reached(depth: int, width: int) -> None:
    best = 0.0
    for seed in range(3):
        run = Playground(seed, depth=depth, width=width)
        for _ in range(4000):
            run.step()
            best = max(best, run.val_accuracy)
    assert best >= 0.95


def test_handmade_features_let_one_neuron_part_the_circles() -> None:
    plain, helped = Playground(data="circles", depth=0), Playground(data="circles", depth=0, handmade=True)
    for run in (plain, helped):
        for _ in range(500):
            run.step()
    assert plain.val_accuracy < 0.7
    assert helped.val_accuracy > 0.95
    np.testing.assert_allclose(features(np.array([[2.0, 3.0]]), True), [[2, 3, 4, 9, 6]])


def test_a_rate_far_too_high_is_noticed_and_stops_the_run() -> None:
    run = Playground(data="xor", depth=4, activation="none (linear)", lr=3.0)
    for _ in range(3000):
        run.step()
    assert run.diverged
    before = run.n_steps
    run.step()
    assert run.n_steps == before
    draw, _ = playground()
    words, reached = draw(run)
    assert "infinite" in words
    assert not reached


def test_long_runs_keep_few_records_evenly_spaced() -> None:
    run = Playground(depth=0)
    for _ in range(2000):
        run.step()
    assert len(run.steps) == len(run.train_loss) == len(run.val_loss) < 400
    assert len(set(np.diff(run.steps))) == 1
    assert run.n_steps == 2000
    assert run.steps[-1] > 1980


def test_the_picture_has_the_right_shapes() -> None:
    surface, units = Playground(depth=3, width=5).picture()
    assert surface.shape == (GRID, GRID)
    assert [u.shape for u in units] == [(5, TILE, TILE)] * 3
    full = mosaic([np.ones((MAX_WIDTH, TILE, TILE))] * MAX_DEPTH, [np.ones(MAX_WIDTH)] * MAX_DEPTH)
    assert full.dtype == np.uint8
    assert full.shape[2] == 4
    assert np.isfinite(sigmoid(np.array([-1e4, 1e4]))).all()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="activation must be one of"):
        Playground(activation="relu")
    with pytest.raises(ValueError, match="depth must be at least 0"):
        Playground(depth=-1)


@pytest.mark.parametrize(("layer", "unit"), [(0, 1), (2, 3)])
def test_a_frame_repaints_only_what_moved(layer: int, unit: int) -> None:
    with plt.style.context(str(ROOT / "helpers" / "course.mplstyle")):
        draw, fig = playground()
    picture = Picture(fig)
    run = Playground(depth=MAX_DEPTH, width=8, layer=layer, unit=unit)
    for _ in range(4):
        run.step()
        draw(run)
        picture.paint()
    redraws = picture.n_full_redraws
    for _ in range(10):
        for _ in range(10):
            run.step()
        draw(run)
        picture.paint()
    for other in (Playground(1, depth=MAX_DEPTH, width=8), Playground(1, depth=1, width=MAX_WIDTH)):    # nor does a reset
        draw(other)
        picture.paint()
    assert picture.n_full_redraws == redraws
    still = [text for ax in fig.axes for text in (ax.title, ax.xaxis, ax.yaxis, ax.get_legend()) if text is not None]
    assert not picture._moving & set(still)


def test_axes_are_lengthened_by_large_strides_and_begin_anew_with_a_new_run() -> None:
    draw, fig = playground()
    run, axis = Playground(data="blobs", depth=0), fig.axes[2]
    for n, end in ((1, 500), (500, 500), (501, 1000), (16_000, 16_000)):
        run.n_steps = n
        draw(run)
        assert axis.get_xlim() == (0, end)
    run.train_loss.append(3e-6)
    draw(run)
    assert axis.get_ylim() == (1e-6, 5)
    draw(Playground())
    assert (axis.get_xlim(), axis.get_ylim()) == ((0, 500), (1e-3, 5))


def test_the_settings_begin_the_training_anew() -> None:
    for run in (Playground(), Playground(7, "moons", 0.35, 1, 12, "ReLU", 0.0316, 0.01, True)):
        again = eval(repr(run))                     # as a reader would run it in a cell
        for _ in range(5):
            run.step()
            again.step()
        assert again.train_loss == run.train_loss
        assert repr(again) == repr(run)
    draw, _ = playground()
    assert repr(again) in draw(again)[0]


def test_runs_side_by_side_are_those_made_one_after_the_other() -> None:
    def three() -> list[Playground]:
        return [Playground(s, data="moons", depth=2, width=5, weight_decay=0.01) for s in range(3)]

    alone, together = three(), three()
    for run in alone:
        for _ in range(25):
            run.step()
    side_by_side(together, 20)
    side_by_side(together, 5)
    for one, other in zip(alone, together, strict=True):
        for p, q in zip((*one.W, *one.b, *one._velocity), (*other.W, *other.b, *other._velocity), strict=True):
            np.testing.assert_allclose(p, q, atol=1e-5)
        assert other.n_steps == other.steps[-1] == 25
    with pytest.raises(ValueError, match="must differ in seed and data alone, got 2 kinds"):
        side_by_side([Playground(), Playground(depth=1)], 1)


def test_strengths_and_what_a_unit_is_worth() -> None:
    run = Playground(depth=2, width=3)
    assert [s.shape for s in run.strengths()] == [(3,), (3,)]
    np.testing.assert_allclose(run.strengths()[1], np.abs(run.W[2][0]), rtol=1e-6)
    np.testing.assert_allclose(run.strengths()[0] ** 2, [sum(run.W[1][j, i] ** 2 for j in range(3)) for i in range(3)], rtol=1e-5)
    before = [w.copy() for w in run.W]
    layers = run.forward(run.inputs[N_TRAIN:])
    layers[2][:, 1] = 0
    logits = layers[2] @ run.W[2].T + run.b[2]
    assert run.accuracy_without(1, 1) == np.mean((logits[:, 0] > 0) == (run.y[N_TRAIN:] == 1))
    for a, b in zip(before, run.W, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_chosen_unit_is_shown_large_and_framed_in_green() -> None:
    run = Playground(depth=2, width=4, layer=2, unit=3)
    assert run.shown == (1, 2)
    surface, units = run.picture()
    np.testing.assert_allclose(2 * surface[1::3, 1::3] - 1, units[1][2] / np.abs(run.forward(run._grid)[2][:, 2]).max(), atol=1e-5)
    for layer, unit, expected in ((0, 3, None), (4, 1, (1, 0)), (1, 12, (0, 3))):
        run.layer, run.unit = layer, unit
        assert run.shown == expected
    run.depth = 0
    assert run.shown is None


def test_a_frame_is_as_thick_as_the_unit_is_strong() -> None:
    picture = mosaic([np.zeros((2, TILE, TILE))], [np.array([4.0, 2.0])], chosen=None)
    grey = (picture[:, :, 0] == 90).any(0)              # columns that touch a frame: both sides, top and bottom
    tall, half = picture.shape[0], picture.shape[1] // 2
    size = min(tall, half) - 8
    assert (grey[:half].sum(), grey[half:].sum()) == (size + 8, size + 4)
    chosen = mosaic([np.zeros((2, TILE, TILE))], [np.zeros(2)], chosen=(0, 1))
    assert (chosen[:, :, :3] == (0, 158, 115)).all(2).any(0)[half:].sum() == size + 8
    assert (mosaic([], []) == 255).all()


def test_a_sliders_last_digits_do_not_enter_the_line_that_begins_it_anew() -> None:
    assert repr(Playground(lr=0.1000000000000001, weight_decay=9.999999999999999e-06)) == repr(Playground(lr=0.1, weight_decay=1e-5))


@pytest.mark.parametrize("settings", [
    {}, {"data": "circles", "depth": 1, "width": 4, "activation": "ReLU"}, {"data": "xor", "depth": 0, "handmade": True, "noise": 0.1},
    {"activation": "sigmoid", "lr": 0.3, "weight_decay": 0.01, "seed": 3}, {"data": "moons", "depth": 3, "width": 2, "activation": "none (linear)"}])
def test_the_network_as_code_is_a_pytorch_program_that_trains_to_the_same_loss(settings: dict[str, Any]) -> None:
    run = Playground(**settings)
    for _ in range(120):
        run.step()
    names: dict[str, Any] = {}
    exec(run.as_code(), names)                          # as a reader would run it in a cell
    logits = run.forward(run.inputs)[-1][:, 0]
    losses = np.logaddexp(0, np.where(run.y == 1, -logits, logits))
    assert (names["train_loss"], names["val_loss"]) == pytest.approx((losses[:N_TRAIN].mean(), losses[N_TRAIN:].mean()), abs=2e-5)
    assert max(len(line) for line in run.as_code().splitlines()) <= 88


def test_as_code_counts_the_updates_it_is_told() -> None:
    assert "in range(7):" in Playground().as_code(7)
    assert "in range(0):" in Playground().as_code()
    with pytest.raises(ValueError, match="n_steps"):
        Playground().as_code(-1)
