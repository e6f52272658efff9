"""The scenes of windows at the ends of their controls, and what they compute against oracles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.signal import correlate2d

from helpers import plots
from helpers.data import Split, digits, photograph, strange_digits
from helpers.topics.cnn import pooling
from helpers.topics.cnn import scenes as cnn
from helpers.topics.cnn import stills as cnn_stills
from helpers.topics.cnn.kernel_grid import PRESETS, KernelGrid
from helpers.widgets.controls import extremes


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


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
        words, reached = draw(kernel, photo, 1, 38)
        assert words.startswith("The weights sum to")
        assert not reached
        fig.canvas.draw()
    words, reached = draw((-1, 0, 1, -1, 0, 1, -1, 0, 1), "brick", 20, 9)
    assert reached
    assert "vertical edge: 3.0; to a horizontal edge: 0.0" in words


@pytest.mark.parametrize("place", [(1, 1), (38, 38), (30, 7)])
def test_kernel_editor_sums_the_products_of_the_framed_window(place: tuple[int, int]) -> None:
    column, row = place
    draw, fig = cnn.kernel_editor(size=40)
    words, _ = draw(PRESETS["horizontal edges"], "coins", column, row)
    answer = float(correlate2d(photograph("coins", 40), np.reshape(PRESETS["horizontal edges"], (3, 3)), mode="valid")[row - 1, column - 1])
    assert f"sum to {answer:.2f}." in words
    frame = fig.axes[0].patches[0].get_window_extent()
    corners = fig.axes[0].transData.transform([(column - 1.5, row + 1.5), (column + 1.5, row - 1.5)])
    np.testing.assert_allclose(frame.get_points(), corners, atol=1e-6)


def test_kernel_editor_is_grey_where_the_weights_sum_to_one() -> None:
    draw, fig = cnn.kernel_editor(size=40)
    (answer,) = fig.axes[2].images
    for name, grey in {"blur": True, "sharpen": True, "identity": True, "outline": False, "horizontal edges": False}.items():
        draw(PRESETS[name], "camera", 20, 20)
        assert answer.get_cmap().name == ("gray" if grey else plots.DIVERGING)
        assert (answer.get_clim() == (0, 1)) is grey


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
    assert f"a window of {window} input cell" in words
    assert reached == (window >= 15)


def test_window_cells_reads_what_gradients_touch_in_every_setting() -> None:
    draw, _ = cnn.window_cells()
    for n, k, s, p, d, layers in itertools.product((6, 13, 20, 25), range(1, 6), (1, 2, 3), (0, 1, 2), (1, 2, 4), (1, 2, 4)):
        x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
        y, rule, built = x, 1, 0
        while built < layers and y.shape[-1] + 2 * p >= d * (k - 1) + 1:
            y = F.conv1d(y, torch.ones(1, 1, k, dtype=torch.float64), stride=s, padding=p, dilation=d)
            rule += d * (k - 1) * s**built
            built += 1
        (gradient,) = torch.autograd.grad(y[0, 0, y.shape[-1] // 2], x)
        touched = gradient[0, 0].nonzero().flatten().tolist()
        words, reached = draw(n, k, s, p, d, layers)
        assert f"a window of {rule} input cell{'s' if rule > 1 else ''} by the rule, and reads {len(touched)} of them here." in words
        assert reached == (k == 3 and built == layers <= 3 and bool(touched) and touched[-1] - touched[0] >= 14)


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


def test_the_race_over_digits_says_whether_the_lead_shrinks() -> None:
    few, many = np.array([[0.8, 0.8], [0.9, 0.9]]), np.array([[0.86, 0.84], [0.91, 0.91]])
    fig = cnn_stills.race_over_digits([300, 3500], {"MLP": few, "CNN": many}, [0.7, 0.8])
    assert fig.course_alt.endswith("the CNN's lead over the MLP shrinks.")      # type: ignore[attr-defined]
    assert [round(v, 3) for v in np.asarray(fig.axes[1].lines[2].get_ydata())] == [5.0, 1.0]
    fig = cnn_stills.race_over_digits([300, 3500], {"MLP": few, "CNN": few}, [0.7, 0.8])
    assert fig.course_alt.endswith("does not shrink.")                          # type: ignore[attr-defined]


def test_legend_over_shifts_stands_above_the_line_of_guessing() -> None:
    fig = cnn_stills.accuracy_over_shift([-6, 0, 6], {"MLP": np.ones((2, 3)), "CNN": np.ones((2, 3))})
    fig.canvas.draw()
    (ax,) = fig.axes
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 > ax.transData.transform((0, 0.1))[1]


def test_stills_draw() -> None:
    figures = [
        cnn_stills.row({"a": np.zeros((4, 5)), "b": np.ones((3, 3))}, signed=["b"], title="t"),
        cnn_stills.as_matrix(torch.eye(16, 36) - 0.5, "t"),
        cnn_stills.edges({"photograph": np.zeros((9, 9)), "vertical": np.zeros((7, 7)), "horizontal": np.zeros((7, 7))}),
        cnn_stills.stamps({"kernel": torch.eye(3), "dot": torch.eye(7)}),
        cnn_stills.kernels({"before": torch.randn(8, 5, 5), "after": torch.randn(8, 5, 5)}),
        cnn_stills.accuracy_over_shift([-1, 0, 1], {"MLP": np.ones((2, 3)), "CNN": np.ones((2, 3))}),
        cnn_stills.with_and_without({"yours": {"MLP": [0.9], "CNN": [0.95]}, "theirs": {"MLP": [0.9], "CNN": [0.8]}}, np.zeros((4, 4)), np.ones((4, 4))),
    ]
    for fig in figures:
        fig.canvas.draw()
    assert all(len(fig.course_alt.split()) > 8 for fig in figures[1:])          # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------- pooling

@pytest.mark.parametrize(("size", "stride"), [(1, 1), (2, 2), (3, 2), (4, 3), (8, 8), (2, 8)])
def test_pooling_keeps_the_greatest_or_the_mean_of_each_window(size: int, stride: int) -> None:
    x = torch.rand(2, 1, 28, 27)
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    torch.testing.assert_close(pooling.pool(x, size, stride, "the greatest"), windows.amax((4, 5)))
    torch.testing.assert_close(pooling.pool(x, size, stride, "the mean"), windows.mean((4, 5)))


def test_the_pooling_scene_at_all_ends_and_its_goal_can_be_reached() -> None:
    draw, fig = pooling.scene(torch.rand(3, 1, 28, 28))
    for digit, size, stride, keep in itertools.product((0, 2), (1, 8), (1, 8), pooling.KINDS):
        assert not draw(digit, size, stride, keep)[1]
        fig.canvas.draw()
    reached = [(size, stride) for size, stride in itertools.product(range(1, 9), repeat=2) if draw(0, size, stride, "the mean")[1]]
    assert reached == [(3, 2), (4, 2)]
    assert "they overlap. Of 28×28 pixels 13×13 remain" in draw(0, 3, 2, "the greatest")[0]
