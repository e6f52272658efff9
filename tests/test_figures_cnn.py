"""Chapter 02's scenes at the ends of their controls, and what they compute against oracles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.signal import correlate2d
from torch import nn

from helpers.data import Split, digits, strange_digits, sunspots
from helpers.figures import cnn, cnn_stills
from helpers.figures.kernel_grid import PRESETS, KernelGrid
from helpers.models import MLP, FastCNN
from helpers.training import History
from helpers.widgets.controls import extremes


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def small_cnn() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 10))


# ------------------------------------------------------------------------------------- kernel editor

def test_correlate_is_scipys_correlate2d() -> None:
    rng = np.random.default_rng(0)
    picture, kernel = rng.normal(size=(9, 13)), rng.normal(size=(3, 2))
    np.testing.assert_allclose(cnn.correlate(picture, kernel), correlate2d(picture, kernel, mode="valid"), atol=1e-5)


@pytest.mark.parametrize(("kernel", "upright", "level"), [
    ([[-1, 0, 1]] * 3, 3, 0), ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 0, 4), ([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1, 1), (np.zeros((3, 3)), 0, 0)])
def test_edge_answers(kernel: list[list[float]], upright: float, level: float) -> None:
    assert cnn.edge_answers(np.array(kernel, np.float32)) == pytest.approx((upright, level))


def test_kernel_editor_draws_every_ready_kernel_on_every_photograph_and_its_goal_can_be_reached() -> None:
    draw, fig = cnn.kernel_editor(size=40)
    for kernel, photo in itertools.product([*PRESETS.values(), (3.0,) * 9, (-3.0,) * 9], cnn.PHOTOS):
        words, reached = draw(kernel, photo)
        assert words.startswith("The weights sum to")
        assert not reached
        fig.canvas.draw()
    words, reached = draw((-1, 0, 1, -1, 0, 1, -1, 0, 1), "brick")
    assert reached
    assert "vertical edge: 3.0; to a horizontal edge: 0.0" in words


def test_kernel_grid_moves_its_sliders_and_reports_once() -> None:
    grid = KernelGrid()
    seen: list[tuple[float, ...]] = []
    grid.observe(lambda change: seen.append(change["new"]), "value")
    grid.ready.label = "sharpen"
    assert seen == [PRESETS["sharpen"]]
    assert [s.value for s in grid.sliders] == list(PRESETS["sharpen"])
    grid.sliders[0].value = 1.5
    assert grid.value == (1.5, *PRESETS["sharpen"][1:])
    assert len(seen) == 2
    grid.value = (0.0,) * 9
    assert all(s.value == 0 for s in grid.sliders)
    assert all(len(kernel) == 9 for kernel in extremes(grid))     # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [(0,) * 8, (4, *(0,) * 8)])
def test_kernel_grid_refuses_what_its_sliders_cannot_show(bad: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="nine numbers from -3 to 3"):
        KernelGrid({"bad": bad})


# ------------------------------------------------------------------------------------- sizes and windows

def test_window_cells_at_all_ends_says_the_sizes_of_torch() -> None:
    draw, fig = cnn.window_cells()
    for n, k, s, p, d, layers in itertools.product((6, 25), (1, 3, 5), (1, 3), (0, 2), (1, 4), (1, 4)):
        words, _ = draw(n, k, s, p, d, layers)
        sizes, x = [n], torch.zeros(1, 1, n)
        for _ in range(layers):
            if x.shape[-1] + 2 * p < d * (k - 1) + 1:
                assert "cannot be built" in words
                break
            x = F.conv1d(x, torch.zeros(1, 1, k), stride=s, padding=p, dilation=d)
            sizes.append(x.shape[-1])
        assert f"Sizes {' → '.join(map(str, sizes))}." in words
    fig.canvas.draw()


@pytest.mark.parametrize(("setting", "sizes"), [((20, 3, 2, 0, 1, 3), "20 → 9 → 4 → 1"), ((20, 3, 1, 0, 2, 3), "20 → 16 → 12 → 8")])
def test_window_cells_shrinks_as_the_text_says(setting: tuple[int, ...], sizes: str) -> None:
    assert f"Sizes {sizes}." in cnn.window_cells()[0](*setting)[0]


@pytest.mark.parametrize(("setting", "window"), [((20, 3, 1, 0, 1, 3), 7), ((25, 3, 2, 0, 1, 3), 15), ((25, 3, 1, 0, 3, 3), 19), ((20, 1, 1, 0, 1, 4), 1),
    ((20, 3, 2, 0, 1, 3), 15), ((20, 3, 1, 0, 2, 3), 13), ((20, 4, 1, 0, 1, 3), 10), ((20, 3, 1, 0, 1, 4), 9)])
def test_window_cells_counts_the_receptive_field(setting: tuple[int, ...], window: int) -> None:
    words, reached = cnn.window_cells()[0](*setting)
    assert f"a window of {window} input cells" in words
    assert reached == (window >= 15)


# ------------------------------------------------------------------------------------- equivariance

@pytest.mark.parametrize(("dx", "layer", "share", "reached"), [
    (5, "stride 1, wrapped around", "0%", False), (4, "stride 2, wrapped around", "0%", True), (4, "max pooling 2×2", "0%", True), (0, "max pooling 2×2", "0%", False)])
def test_shift_test_is_exact_where_theory_says_so(dx: int, layer: str, share: str, reached: bool) -> None:
    words, got = cnn.shift_test(40)[0](dx, layer)
    assert f"in {share} of the places" in words
    assert got is reached


@pytest.mark.parametrize(("dx", "layer"), [(3, "stride 1, zeros around"), (3, "stride 2, wrapped around"), (11, "max pooling 2×2")])
def test_shift_test_shows_where_equivariance_ends(dx: int, layer: str) -> None:
    words, reached = cnn.shift_test(40)[0](dx, layer)
    assert "at most 0.0" not in words
    assert not reached


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (3, 0), (-8, 8), (2, -5)])
def test_shift_moves_right_and_down_and_loses_what_leaves(dx: int, dy: int) -> None:
    x = torch.arange(1.0, 241).reshape(1, 1, 12, 20)
    moved = cnn.shift(x, dx, dy)
    for i, j in itertools.product(range(12), range(20)):
        inside = 0 <= i - dy < 12 and 0 <= j - dx < 20
        assert moved[0, 0, i, j] == (x[0, 0, i - dy, j - dx] if inside else 0)


# ------------------------------------------------------------------------------------- networks

def test_windows_agree_with_what_gradients_touch() -> None:
    model = small_cnn()
    for i, (width, step, left) in enumerate(cnn.windows(model)):
        x = torch.rand(1, 1, 28, 28, requires_grad=True)
        y = x
        for layer in list(model)[:i + 1]:
            y = F.avg_pool2d(y, 2) if isinstance(layer, nn.MaxPool2d) else y if isinstance(layer, nn.ReLU) else layer(y)
        place = y.shape[-1] // 2
        y[0, 0, place, place].backward()
        assert x.grad is not None
        touched = x.grad[0, 0].abs().sum(0).nonzero().flatten()
        assert (int(touched.min()), int(touched.max())) == (left + place * step, left + place * step + width - 1)


def test_feature_maps_at_all_ends_and_its_goal_can_be_reached() -> None:
    model, x = small_cnn(), digits().test[0][:3]
    names = [name for name, _ in cnn.layer_outputs(model, x)]
    assert names == ["1 convolution", "2 ReLU", "3 pooling", "4 convolution", "5 ReLU", "6 pooling"]
    draw, fig = cnn.feature_maps(model, x)
    for digit, layer, channel in itertools.product((0, 2), names, (1, 16, 32)):
        assert draw(digit, layer, channel)[0].startswith(f"Layer {layer}:")
        fig.canvas.draw()
    assert any(draw(1, names[4], channel)[1] for channel in range(1, 7))


def test_shifted_digit_at_all_ends() -> None:
    x, y = digits().test
    draw, fig = cnn.shifted_digit({"MLP": MLP((784, 8, 10)), "CNN": FastCNN(2).eval()}, x, y)
    for digit, dx, dy in itertools.product((0, 39), (-8, 0, 8), (-8, 0, 8)):
        words, reached = draw(digit, dx, dy)
        assert words.startswith(f"A {int(y[digit])}, moved {dx} right and {dy} down")
        assert isinstance(reached, bool)
        fig.canvas.draw()


# ------------------------------------------------------------------------------------- series

def test_moving_average_reaches_its_goal_at_eleven_years_alone() -> None:
    draw, fig = cnn.smoothed_series(*sunspots())
    assert [width for width in range(1, 26) if draw(width)[1]] == [11]
    fig.canvas.draw()


def test_yearly_change_dips_at_eleven_years_and_deeper_at_twenty_two() -> None:
    draw, _ = cnn.smoothed_series(*sunspots())
    change = [float(draw(width)[0].split("changes by ")[1].split(" ")[0]) for width in range(1, 26)]
    dips = [i + 1 for i in range(1, 24) if change[i - 1] > change[i] < change[i + 1]]
    assert dips == [11, 22]
    assert change[21] < change[10]


def test_moving_average_of_a_sine_over_its_period_is_level() -> None:
    years = np.arange(1700, 2000)
    words, _ = cnn.smoothed_series(years, 50 + 40 * np.sin(2 * np.pi * years / 12))[0](12)
    assert "changes by 0.00 on average" in words


# ------------------------------------------------------------------------------------- stills and data

def test_strange_digits_hold_the_same_values_in_one_other_order() -> None:
    data = digits(n_train=40, n_val=10)
    strange = strange_digits(data, seed=3)
    order = torch.randperm(784, generator=torch.Generator().manual_seed(3))
    assert isinstance(strange, Split)
    for (x, y), (x2, y2) in zip((data.train, data.val, data.test), (strange.train, strange.val, strange.test), strict=True):
        assert torch.equal(y, y2)
        assert x2.shape == x.shape
        assert torch.equal(x.flatten(1)[:, order], x2.flatten(1))
        assert not torch.equal(x, x2)


def test_curves_over_time_begin_where_every_seed_has_ended_a_pass() -> None:
    histories = [History(train_loss=[1.0, 0.5], val_accuracy=[0.85, 0.9], seconds=[first, 0.8]) for first in (0.2, 0.4)]
    fig = cnn_stills.accuracy_over_time({"MLP": histories}, 0.8, 0.9, "baseline")
    x, y = (np.asarray(a, dtype=float) for a in fig.axes[0].lines[0].get_data())
    assert np.isnan(y[x < 0.4]).all()
    assert np.isfinite(y[x >= 0.4]).all()


def test_legend_over_shifts_stands_above_the_line_of_guessing() -> None:
    fig = cnn_stills.accuracy_over_shift([-6, 0, 6], {"MLP": np.ones((2, 3)), "CNN": np.ones((2, 3))})
    fig.canvas.draw()
    (ax,) = fig.axes
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 > ax.transData.transform((0, 0.1))[1]


def test_stills_draw() -> None:
    history = History(train_loss=[1.0, 0.5], val_accuracy=[0.85, 0.9], seconds=[0.3, 0.6])
    figures = [
        cnn_stills.row({"a": np.zeros((4, 5)), "b": np.ones((3, 3))}, signed=["b"], title="t"),
        cnn_stills.weights_against_size([28, 64], [100, 400], [32, 32]),
        cnn_stills.accuracy_over_time({"MLP": [history] * 2, "CNN": [history] * 2}, 0.6, 0.9, "baseline"),
        cnn_stills.accuracy_over_shift([-1, 0, 1], {"MLP": np.ones((2, 3)), "CNN": np.ones((2, 3))}),
        cnn_stills.with_and_without({"yours": {"MLP": [0.9], "CNN": [0.95]}, "theirs": {"MLP": [0.9], "CNN": [0.8]}}, np.zeros((4, 4)), np.ones((4, 4))),
        cnn_stills.forecast(np.arange(5), np.ones(5), {"f": np.ones(5)}, np.array([0.2, -0.3])),
    ]
    for fig in figures:
        fig.canvas.draw()
        assert all(ax.get_xlabel() or not ax.lines for ax in fig.axes if ax.get_ylabel() == "weight")
