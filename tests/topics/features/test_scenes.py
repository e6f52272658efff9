"""The figures of chapter 06 at the ends of their controls, and what they compute."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from helpers.data import digits
from helpers.topics.features import depth, kinds, lookalikes, scenes, seeing, stills, units
from helpers.topics.features.task import LADDER, draw_labels, new_digits


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def probes() -> scenes.Probes:
    task = new_digits()
    features = {"pixels": (task.pool[0].flatten(1)[:, ::9], task.test[0].flatten(1)[:, ::9]),
                "HOG": (task.pool[0][..., ::3, ::3].flatten(1), task.test[0][..., ::3, ::3].flatten(1))}
    return scenes.compute_probes(features, task.pool[1], task.test[1], seeds=2)


def test_probes_are_scored_as_their_predictions_say(probes: scenes.Probes) -> None:
    assert probes.curves["HOG"].shape == (2, len(LADDER))
    np.testing.assert_allclose(probes.curves["HOG"][0], (probes.predicted["HOG"] == probes.y).mean(1))


def test_probe_curves_draws_every_kind_and_count(probes: scenes.Probes) -> None:
    draw, fig = scenes.probe_curves(probes)
    for kind, labels in itertools.product(probes.curves, LADDER):
        words, _ = draw(kind, labels)
        assert words.startswith(f"{kind} with {labels:,} labels")
        fig.canvas.draw()


def test_the_nearest_picture_of_a_stored_picture_is_itself() -> None:
    x, y = new_digits().pool
    lookup = scenes.Lookup(x[:80], y[:80], kinds.pixels)
    assert [int(lookup.nearest(x[i:i + 1], 1)) for i in range(5)] == list(range(5))
    known = scenes.Lookup(x[:80], y[:80], kinds.pixels, kinds.pixels(x[:80]))
    assert torch.equal(known.nearest(x[90:91]), lookup.nearest(x[90:91]))


def test_moved_pictures_lose_what_leaves_them() -> None:
    x = torch.arange(9.0).view(1, 1, 3, 3)
    assert scenes.moved(x, 1, 1)[0, 0].tolist() == [[0, 0, 0], [0, 0, 1], [0, 3, 4]]


def test_neighbours_says_how_many_are_right() -> None:
    task = new_digits()
    x, y = task.pool[0][:200], task.pool[1][:200]
    lookups = {"pixels": scenes.Lookup(x, y, kinds.pixels), "trained CNN": scenes.Lookup(x, y, kinds.cnn_features(kinds.train_cnn(task.old, 0)))}
    draw, fig = scenes.neighbours(lookups, task.test, n=4)
    for digit, kind, right in itertools.product((0, 3), lookups, (0, 6)):
        words, reached = draw(digit, kind, right, 0)
        assert "Of its six nearest" in words
        assert not (kind == "pixels" and reached)
        fig.canvas.draw()


def test_a_wrong_neighbour_is_cut_across_and_framed() -> None:
    sheet = scenes.mosaic([[np.zeros((28, 28))] * 3], [[None, True, False]])
    assert sheet.shape == (34, 102, 3)
    assert np.allclose(sheet[1, 1], 1)
    assert sheet[1, 35, 1] > sheet[1, 35, 0]
    assert sheet[1, 69, 0] > sheet[1, 69, 1]
    assert np.allclose(sheet[17, 85], (0.84, 0.37, 0))


def test_marks_stand_at_another_place_for_each_class_and_leave_the_digit_as_it_was() -> None:
    x, y = torch.zeros(5, 1, 28, 28), torch.arange(5)
    out = scenes.marked(x, y, 0.5)
    assert out.flatten(1).sum(1).tolist() == [2.0] * 5
    assert len(out.unique(dim=0)) == 5
    assert x.sum() == 0
    assert scenes.marked(x, y, 1, torch.tensor([True, False, False, False, False])).sum() == 4


def test_a_probe_follows_the_dot_only_if_all_training_pictures_have_it() -> None:
    task = new_digits()
    i = draw_labels(task.pool[1], 150, 1)
    train, test = (task.pool[0][i], task.pool[1][i]), (task.test[0][:200], task.test[1][:200])
    results = scenes.all_shortcuts({"pixels": kinds.pixels}, train, test, (1.0,), (0.0, 0.5, 1.0))
    assert results["pixels", 1.0, 1.0].marked > 0.97
    assert results["pixels", 1.0, 1.0].follows > 0.9
    assert results["pixels", 1.0, 0.5].clean > results["pixels", 1.0, 1.0].clean + 0.1
    draw, fig = scenes.shortcut(results, (1.0,), (0.0, 0.5, 1.0))
    assert [draw("pixels", 1.0, share)[1] for share in (0.0, 0.5, 1.0)] == [False, True, False]
    fig.canvas.draw()


def test_lookalikes_answers_to_every_drawing() -> None:
    task = new_digits()
    lookup = scenes.Lookup(task.pool[0][:100], task.pool[1][:100], kinds.pixels)
    panel = lookalikes.Lookalikes({"pixels": lookup}, "a pad", "")
    assert panel.state.startswith("by pixels:")
    assert len(panel.sweep()) == 6
    panel.clear()
    assert panel.state == "The pad is empty."


def test_tsne_maps_reaches_its_goal_on_noise_alone() -> None:
    shots = np.random.default_rng(0).normal(size=(2, 2, 3, 12, 2)).astype(np.float32)
    clumped = {(name, p): 0.5 for name in ("own", "noise") for p in (2, 30)}
    draw, fig = seeing.tsne_maps(shots, ["own", "noise"], (2, 30), (0, 5, 9), {"own": np.arange(12)}, clumped)
    for data, perplexity, step, reveal in itertools.product(("own", "noise"), (2, 30), (0, 2), (False, True)):
        words, reached = draw(data, perplexity, step, reveal)
        assert reached == (data == "noise" and step == 2)
        assert words.startswith(f"{data}, perplexity {perplexity}")
        fig.canvas.draw()


def test_the_browser_shows_each_unit() -> None:
    x, y = digits(200, 0).train
    net = kinds.train_cnn((x, y), 1, n_classes=10)
    draw, fig = seeing.unit_browser({"trained": units.ask(net, x, y, "fourth convolution", 3)})
    for unit in (0, 31):
        words, _ = draw(unit, "trained")
        assert words.startswith(f"Unit {unit} of the trained network")
        fig.canvas.draw()


def test_by_depth_and_the_walk() -> None:
    readings = {name: {q: np.linspace(0, 1, len(depth.CUTS)) for q in depth.QUESTIONS} for name in ("trained", "untrained")}
    draw, _ = seeing.by_depth(readings)
    assert draw("label")[1]
    x = digits(300, 0).train[0]
    axes = seeing.code_axes(x)
    np.testing.assert_allclose(axes.directions @ axes.directions.T, np.eye(8), atol=1e-9)
    codes = np.array([axes.code(a) for a in x[:, 0].numpy()])
    np.testing.assert_allclose(codes.std(0), 1, atol=1e-6)
    draw, fig = seeing.walk(axes, x[:3, 0].numpy())
    assert draw(0, 2, 3.0)[1]
    words, reached = draw(2, 5, -4.0)
    assert "no other of the 8 axes changes by more than 0.00" in words
    assert not reached
    fig.canvas.draw()


def test_stills_are_drawn() -> None:
    stills.curves({"pixels": np.ones((2, 5)) * 0.8, "HOG": np.ones((2, 5)) * 0.9}, "t", bands=["HOG"])
    stills.bars_with_dots({"random CNN": np.array([0.6, 0.7])}, "t")
    stills.layer_lines((1, 2), {"pretrained": [0.5, 0.6], "untrained": [0.4, 0.5]}, "t", 2)
    stills.picture_rows({"a": torch.zeros(3, 1, 4, 4)}, "t", columns=4)
    seeing.map_grid({"a": np.zeros((5, 2))}, "t", np.arange(5))
    seeing.asked_pictures({"a": np.zeros((2, 4, 4)), "b": np.zeros((2, 4, 4))}, "t")
