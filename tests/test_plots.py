"""Draw functions: what they put on the axes, and what show() stores."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from PIL import Image

from helpers import plots

rng = np.random.default_rng(0)


@pytest.fixture
def ax() -> Iterator[Axes]:
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    monkeypatch.setattr(plots, "display", lambda *args, **kwargs: calls.append((args, kwargs)))
    return calls


def test_show_stores_a_picture_and_a_sentence_and_closes_the_figure(shown: list[Any]) -> None:
    fig, _ = plt.subplots(figsize=(3, 2), dpi=100)
    plots.show(fig, "A blank page.")
    (data,), options = shown[0]
    assert data["text/plain"] == "A blank page."
    assert options == {"raw": True, "metadata": {"image/png": {"alt": "A blank page.", "width": 300}}}
    assert Image.open(io.BytesIO(data["image/png"])).format == "PNG"
    assert not plt.fignum_exists(fig.number)


def test_a_still_is_sharp_on_a_fine_screen_and_a_card_on_a_dark_page(shown: list[Any]) -> None:
    fig, _ = plt.subplots(figsize=(3, 2), dpi=100)
    plots.show(fig, "A blank page.")
    (data,), options = shown[0]
    picture = Image.open(io.BytesIO(data["image/png"])).convert("RGBA")
    assert picture.size == (600, 400)
    assert options["metadata"]["image/png"]["width"] == 300     # of the page: half as many as the picture has
    assert [picture.getpixel(at)[3] for at in ((0, 0), (599, 0), (0, 399), (599, 399))] == [0] * 4      # type: ignore[index]
    assert picture.getpixel((300, 3)) == (255, 255, 255, 255)   # white paper, whatever the page's colour


def test_show_takes_the_sentence_of_the_drawing_function(shown: list[Any]) -> None:
    plots.show(plots.describe(plt.figure(), "Five bars."))
    plots.show(plots.describe(plt.figure(), "Five bars."), alt="Six bars.")
    assert [data["text/plain"] for (data,), _ in shown] == ["Five bars.", "Six bars."]
    with pytest.raises(ValueError, match="needs one sentence"):
        plots.show(plt.figure())
    with pytest.raises(ValueError, match=r"describe\(fig, …\) needs one sentence"):
        plots.describe(plt.figure(), " ")
    plt.close("all")


def test_a_text_drawn_as_one_path_is_as_wide_as_the_text() -> None:
    for word in ("Ó Briain", "Horvatić", "MMM", "-1.5×.25"):
        fig = plt.figure(dpi=72)
        text = fig.text(0, 0.5, word, fontsize=30)
        width = text.get_window_extent(fig.canvas.get_renderer()).width     # type: ignore[attr-defined]
        box = plots.text_path(word, 30, 7, 5).get_extents()
        assert box.width == pytest.approx(width, rel=0.1)
        assert box.x0 == pytest.approx(7, abs=3)
        middle = plots.text_path(word, 30, 7, 5, centred=True).get_extents()
        assert (middle.x0 + middle.x1) / 2 == pytest.approx(7, abs=1.5)
        down = plots.text_path(word, 30, 7, 5, down=True).get_extents()
        assert (down.y0 - 5, down.y1 - 5) == pytest.approx((5 - box.y1, 5 - box.y0))
        plt.close(fig)
    assert np.size(plots.text_path("", 10).vertices) == np.size(plots.text_path(" ", 10).vertices) == 0


@pytest.mark.parametrize("dpi", [72, 200])
def test_labels_are_as_large_as_a_text_at_any_resolution(dpi: int) -> None:
    fig, ax = plt.subplots(dpi=dpi)
    labels = plots.Labels(ax, 24)
    for words in (["a", "Wₓ", " "], [], ["HHH"]):
        labels.put(words, [(0.5, 0.5)] * len(words), [plots.BLUE] * len(words) or None)
        fig.canvas.draw()
    ink = np.asarray(fig.canvas.buffer_rgba())[..., :3]     # type: ignore[attr-defined]
    rows, columns = np.nonzero((ink == np.array([0, 0x72, 0xB2])).all(2))
    assert np.ptp(columns) + 1 == pytest.approx(plots.text_path("HHH", 24).get_extents().width * dpi / 72, abs=2)
    x, y = ax.transData.transform((0.5, 0.5))
    assert (columns.min() + columns.max()) / 2 == pytest.approx(x, abs=2)
    assert len(ink) - (rows.min() + rows.max()) / 2 == pytest.approx(y, abs=3)
    plt.close(fig)


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_show_refuses_to_leave_out_the_sentence(shown: list[Any], alt: str) -> None:
    with pytest.raises(ValueError, match=r"show\(fig, alt=…\) needs one sentence that says what is seen"):
        plots.show(plt.figure(), alt)
    assert not shown
    plt.close("all")


@pytest.mark.parametrize("a", [[1, 2], np.ones(2), torch.ones(2, requires_grad=True), torch.ones(2, dtype=torch.bfloat16)])
def test_to_numpy_takes_any_array(a: Any) -> None:
    array = plots.to_numpy(a)
    assert isinstance(array, np.ndarray)
    assert array.shape == (2,)


def test_to_numpy_detaches_tensors_in_lists_and_resolves_views() -> None:
    leaf: Any = torch.ones((), requires_grad=True)
    assert np.array_equal(plots.to_numpy([leaf * 2, 3.0, (leaf * 4)]), [2, 3, 4])
    assert np.array_equal(plots.to_numpy([(leaf, leaf), [leaf * 2, 5]]), [[1, 1], [2, 5]])
    assert np.array_equal(plots.to_numpy(torch.full((2,), 1j).conj()), [-1j, -1j])
    assert np.array_equal(plots.to_numpy(torch.full((2,), 1j).conj().imag), [-1, -1])


def test_image_is_grey_from_0_to_1(ax: Axes) -> None:
    a = rng.uniform(0.2, 0.7, (3, 5))
    assert plots.image(ax, a, "grey") is ax
    drawn = ax.images[0]
    assert np.array_equal(np.asarray(drawn.get_array()), a)
    assert (drawn.get_clim(), drawn.get_cmap().name, ax.get_title()) == ((0, 1), "gray", "grey")
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


@pytest.mark.parametrize(("a", "limit", "end"), [(np.array([[-3.0, 1]]), None, 3), (np.array([[-3.0, 1]]), 2, 2), (np.zeros((2, 2)), None, 1)])
def test_signed_image_has_zero_in_the_middle(ax: Axes, a: np.ndarray, limit: float | None, end: float) -> None:
    plots.image(ax, a, signed=True, limit=limit)
    assert ax.images[0].get_clim() == (-end, end)
    assert ax.images[0].get_cmap().name == plots.DIVERGING


@pytest.mark.parametrize("shape", [(4,), (1, 4, 4), (4, 4, 3), (0, 4)])
def test_image_refuses_what_is_no_picture(ax: Axes, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"image\(\) draws one \(H, W\) array, got shape \(" + str(shape[0])):
        plots.image(ax, np.zeros(shape), signed=True)


@pytest.mark.parametrize(("shape", "columns", "grid"), [((7, 5, 5), 3, (3, 3)), ((2, 1, 5, 5), 10, (1, 2)), ((1, 5, 5), 1, (1, 1))])
def test_image_grid_shows_each_image_once_in_order(shape: tuple[int, ...], columns: int, grid: tuple[int, int]) -> None:
    a = torch.rand(shape)
    fig = plots.image_grid(a, [str(i) for i in range(len(a))], columns=columns)
    assert fig.axes[0].get_subplotspec().get_gridspec().get_geometry() == grid  # type: ignore[union-attr]
    drawn = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title() for ax in drawn] == [str(i) for i in range(len(a))]
    for ax, picture in zip(drawn, a, strict=True):
        assert np.array_equal(np.asarray(ax.images[0].get_array()), picture.squeeze().numpy())
    plt.close(fig)


@pytest.mark.parametrize("shape", [(4, 4), (2, 3, 4, 4), (0, 4, 4)])
def test_image_grid_refuses_what_are_no_pictures(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"image_grid\(\) draws \(N, H, W\) or \(N, 1, H, W\) images, got shape"):
        plots.image_grid(np.zeros(shape))


def test_image_grid_refuses_too_few_titles_and_columns() -> None:
    with pytest.raises(ValueError, match=r"image_grid\(\) needs a title for each of 3 images, got 2"):
        plots.image_grid(np.zeros((3, 4, 4)), ["a", "b"])
    with pytest.raises(ValueError, match="columns must be at least 1, got 0"):
        plots.image_grid(np.zeros((3, 4, 4)), columns=0)
    assert not plt.get_fignums()


@pytest.mark.parametrize("titles", [torch.tensor([3, 1]), np.array([3, 1]), [3, 1], ("3", "1"), np.array(["3", "1"])])
def test_image_grid_takes_titles_of_any_kind(titles: Any) -> None:
    fig = plots.image_grid(np.zeros((2, 4, 4)), titles)
    assert [ax.get_title() for ax in fig.axes] == ["3", "1"]
    plt.close(fig)


def test_curve_counts_from_1_or_runs_over_x(ax: Axes) -> None:
    plots.curve(ax, [3.0, 2.0], label="loss")
    plots.curve(ax, [3.0, 2.0], label="val", dashed=True, color=plots.GREEN, x=[10, 20])
    first, second = ax.lines
    assert np.array_equal(first.get_xydata(), [[1, 3], [2, 2]])
    assert np.array_equal(second.get_xydata(), [[10, 3], [20, 2]])
    assert (first.get_linestyle(), second.get_linestyle(), second.get_color()) == ("-", "--", plots.GREEN)
    assert [line.get_label() for line in ax.lines] == ["loss", "val"]


def test_seed_band_is_mean_least_and_greatest(ax: Axes) -> None:
    runs = rng.normal(size=(5, 4))
    plots.seed_band(ax, range(4), runs, label="five seeds")
    assert np.allclose(ax.lines[0].get_ydata(), runs.mean(0))
    edge = np.asarray(ax.collections[0].get_paths()[0].vertices)
    for x in range(4):
        ys = edge[edge[:, 0] == x, 1]
        assert (ys.min(), ys.max()) == pytest.approx((runs[:, x].min(), runs[:, x].max()))


@pytest.mark.parametrize("runs", [np.zeros(4), np.zeros((2, 3)), np.zeros((0, 4))])
def test_seed_band_refuses_other_shapes(ax: Axes, runs: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"seed_band\(\) needs runs of shape \(seeds, 4\), got"):
        plots.seed_band(ax, range(4), runs, label="")


def test_confusion_shows_the_mistakes_and_leaves_out_the_diagonal(ax: Axes) -> None:
    table = np.array([[50, 9, 0], [2, 60, 0], [0, 4, 70]])
    before = table.copy()
    plots.confusion(ax, table)
    np.testing.assert_array_equal(table, before)
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, 9, 0], [2, 0, 0], [0, 4, 0]])
    assert ax.images[0].get_clim() == (0, 9)
    texts = {t.get_position(): (t.get_text(), t.get_color()) for t in ax.texts}       # (column, row)
    assert texts == {(1, 0): ("9", "white"), (0, 1): ("2", "black"), (1, 2): ("4", "black")}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("what the network said", "the truth")


def test_confusion_without_mistakes_is_blank(ax: Axes) -> None:
    plots.confusion(ax, np.diag([3, 4]))
    assert ax.images[0].get_clim() == (0, 1)
    assert len(ax.texts) == 0


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 2)])
def test_confusion_refuses_what_is_no_table(ax: Axes, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"confusion\(\) draws a \(K, K\) table, got shape"):
        plots.confusion(ax, np.zeros(shape, int))


def test_points_gives_each_class_its_colour_and_marker(ax: Axes) -> None:
    x, y = torch.tensor([[0.0, 1], [2, 3], [4, 5]]), torch.tensor([1, 0, 1])
    plots.points(ax, x, y)
    blue, vermilion = ax.collections
    assert np.array_equal(blue.get_offsets(), [[2, 3]])
    assert np.array_equal(vermilion.get_offsets(), [[0, 1], [4, 5]])
    assert [c.get_label() for c in ax.collections] == ["class 0", "class 1"]
    assert np.shape(blue.get_paths()[0].vertices) != np.shape(vermilion.get_paths()[0].vertices)        # told apart without colour


def test_points_draws_a_class_that_is_empty(ax: Axes) -> None:
    plots.points(ax, np.zeros((2, 2)), np.zeros(2, int))
    assert len(ax.collections) == 2


@pytest.mark.parametrize(("x", "y"), [((3, 3), (3,)), ((3,), (3,)), ((3, 2), (2,)), ((3, 2), (3, 1))])
def test_points_refuses_other_shapes(ax: Axes, x: tuple[int, ...], y: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"points\(\) draws x of shape \(N, 2\) and y of shape \(N,\), got"):
        plots.points(ax, np.zeros(x), np.zeros(y, int))


@pytest.mark.parametrize("size", [0.2, 1.0, 12.0])
def test_letters_of_a_text_path_stand_side_by_side_at_any_size(size: float) -> None:
    one, two = plots.text_path("8", size), plots.text_path("88", size)
    box, wide = one.get_extents(), two.get_extents()
    assert box.height == pytest.approx(0.74 * size, rel=0.1)
    assert 1.8 * box.width < wide.width < 2.6 * box.width
