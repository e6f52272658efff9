"""The playground's network: its gradients, its determinism, and how long it keeps the kernel."""

from __future__ import annotations

import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.data import TOYS
from helpers.figures.playground import MAX_DEPTH, MAX_WIDTH, mosaic, playground
from helpers.playground import ACTIVATIONS, BATCH_SIZE, GRID, N_TRAIN, TILE, Playground, features, sigmoid
from helpers.runtime import ROOT
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


def test_long_runs_keep_few_records() -> None:
    run = Playground(depth=0)
    for _ in range(2000):
        run.step()
    assert len(run.steps) == len(run.train_loss) == len(run.val_loss) < 400
    assert run.steps == sorted(run.steps)
    assert run.n_steps == 2000


def test_the_picture_has_the_right_shapes() -> None:
    surface, units = Playground(depth=3, width=5).picture()
    assert surface.shape == (GRID, GRID)
    assert [u.shape for u in units] == [(5, TILE, TILE)] * 3
    full = mosaic([np.ones((MAX_WIDTH, TILE, TILE))] * MAX_DEPTH)
    assert full.dtype == np.uint8
    assert full.shape[2] == 4
    assert np.isfinite(sigmoid(np.array([-1e4, 1e4]))).all()


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="activation must be one of"):
        Playground(activation="relu")
    with pytest.raises(ValueError, match="depth must be at least 0"):
        Playground(depth=-1)


def test_a_frame_keeps_the_kernel_under_50_ms_and_repaints_only_what_moved() -> None:
    with plt.style.context(str(ROOT / "helpers" / "course.mplstyle")):
        draw, fig = playground()
    run = Playground(depth=MAX_DEPTH, width=MAX_WIDTH)
    picture = Picture(fig)
    draw(run)
    picture.paint()
    for _ in range(3):
        run.step()
        draw(run)
        picture.paint()
    redraws, frames = picture.n_full_redraws, []
    for _ in range(25):
        started = time.process_time()               # the machine's other work does not count
        for _ in range(10):
            run.step()
        draw(run)
        picture.paint()
        frames.append(time.process_time() - started)
    assert picture.n_full_redraws == redraws
    assert sorted(frames)[len(frames) // 2] < 0.050
    again = Playground(1, depth=MAX_DEPTH, width=MAX_WIDTH)     # a reset with the same data set: no full redraw either
    draw(again)
    picture.paint()
    assert picture.n_full_redraws == redraws
    print(f"a frame: {1e3 * sorted(frames)[12]:.1f} ms")
