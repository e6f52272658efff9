"""The picture that repaints only what changed, against matplotlib's drawing of the whole figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from helpers.runtime import ROOT
from helpers.widgets.picture import Picture, png

Change = Callable[[Axes], object]
rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _style() -> Iterator[None]:
    with mpl.rc_context():
        plt.style.use(str(ROOT / "helpers" / "course.mplstyle"))
        yield
    plt.close("all")


def crowded() -> Figure:
    """One of each kind of artist, over and under one another; small, and with few ticks, to be quick."""
    fig, (ax, other) = plt.subplots(1, 2, figsize=(5, 2.6), dpi=50)
    ax.imshow(rng.random((6, 6)), extent=(0, 1, 0, 1), aspect="auto")
    ax.plot([0, 1], [0, 1], lw=6, label="below")
    ax.plot([0, 1], [1, 0], lw=6, label="above")
    ax.scatter(rng.random(9), rng.random(9), zorder=3, label="points")
    ax.add_patch(Rectangle((0.2, 0.2), 0.3, 0.3))
    ax.fill_between([0, 1], [0.5, 0.6], [0.7, 0.9], alpha=0.4)
    ax.quiver([0.5], [0.5], [1.0], [1.0])
    ax.text(0.5, 0.5, "in the middle")
    ax.annotate("here", (0.2, 0.8), (0.6, 0.4), arrowprops={"arrowstyle": "->"})
    ax.set(title="a title", xlim=(0, 1), ylim=(0, 1), xticks=[0.6], yticks=[0.4])
    ax.tick_params(labelleft=False)
    ax.legend(loc="center")
    ax.bar([0.1, 0.9], [0.3, 0.4], width=0.1)
    twin = ax.twinx()
    twin.plot([0, 1], [3, 3], lw=8, color="black")
    twin.set_yticks([2.9, 3], [])
    other.axis("off")
    other.imshow(rng.random((4, 4)), cmap="gray")
    fig.suptitle("over both")
    fig.text(0.3, 0.5, "on the figure", fontsize=20)
    return fig


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def whole(fig: Figure) -> np.ndarray:
    """What matplotlib makes of the figure by itself."""
    moving = [artist for artist in fig.findobj() if artist.get_animated()]
    for artist in moving:
        artist.set_animated(False)
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=fig.dpi)
    for artist in moving:
        artist.set_animated(True)
    return pixels(buffer.getvalue())


def assert_whole(picture: Picture) -> None:
    shown = pixels(picture.value)
    expected = whole(picture.fig)
    assert np.array_equal(shown, expected), f"{(shown != expected).any(2).sum()} pixels differ"


def image(ax: Axes) -> None:
    ax.images[0].set_data(rng.random((6, 6)))


CHANGES: dict[str, Change] = {
    "line data": lambda ax: ax.lines[0].set_ydata([0.8, 0.1]),
    "line colour": lambda ax: ax.lines[0].set_color("red"),
    "line hidden": lambda ax: ax.lines[0].set_visible(False),
    "line shown again": lambda ax: ax.lines[0].set_visible(True),
    "line over all": lambda ax: ax.lines[0].set_zorder(9),
    "image data": image,
    "image range": lambda ax: ax.images[0].set_clim(0, 2),
    "image norm": lambda ax: setattr(ax.images[0].norm, "vmin", -1),
    "title text": lambda ax: ax.set_title("another title"),
    "title emptied": lambda ax: ax.set_title(""),
    "title again": lambda ax: ax.set_title("once more"),
    "scatter offsets": lambda ax: ax.collections[0].set_offsets(rng.random((9, 2))),
    "scatter colours": lambda ax: ax.collections[0].set_facecolor("red"),
    "patch moved": lambda ax: ax.patches[0].set(xy=(0.4, 0.4), width=0.5),
    "bar height": lambda ax: ax.patches[-1].set(height=0.8),
    "arrows": lambda ax: ax.collections[2].set_UVC([-1.0], [0.3]),  # type: ignore[attr-defined]
    "text": lambda ax: ax.texts[0].set_text("elsewhere"),
    "text moved": lambda ax: ax.texts[0].set_position((0.1, 0.1)),
    "annotation's target": lambda ax: setattr(ax.texts[1], "xy", (0.9, 0.9)),
    "legend text": lambda ax: ax.get_legend().get_texts()[0].set_text("renamed"),  # type: ignore[union-attr]
    "legend moved": lambda ax: ax.get_legend().set_loc("upper left"),  # type: ignore[union-attr]
    "artist added": lambda ax: ax.plot([0, 1], [0.5, 0.5], "k:"),
    "artist removed": lambda ax: ax.lines[-1].remove(),
    "limits": lambda ax: ax.set_xlim(-1, 2),
    "limits later": lambda ax: ax.autoscale(),
    "ticks": lambda ax: ax.set_xticks([0, 0.5], ["zero", "half"]),
    "axis label": lambda ax: ax.set_xlabel("metres"),
    "axis label's colour": lambda ax: ax.xaxis.label.set_color("red"),
    "axis label gone": lambda ax: ax.set_xlabel(""),
    "scale": lambda ax: ax.set_yscale("symlog"),
    "grid": lambda ax: ax.grid(False),
    "face": lambda ax: ax.set_facecolor("yellow"),
    "figure's face": lambda ax: ax.figure.set_facecolor("pink"),
    "spine": lambda ax: ax.spines["left"].set_color("red"),
    "axes off": lambda ax: ax.axis("off"),
    "axes on": lambda ax: ax.axis("on"),
    "axes moved": lambda ax: ax.set_position((0.1, 0.2, 0.3, 0.5)),
    "twin's line": lambda ax: ax.figure.axes[2].lines[0].set_ydata([2, 3]),
    "image without frame": lambda ax: ax.figure.axes[1].images[0].set_data(rng.random((4, 4))),
    "figure's title": lambda ax: ax.figure.suptitle("another"),
    "figure's text": lambda ax: ax.figure.texts[-1].set_text("changed"),
    "axes hidden": lambda ax: ax.figure.axes[1].set_visible(False),
    "axes cleared": lambda ax: ax.figure.axes[1].clear(),
    "size": lambda ax: ax.figure.set_size_inches(4, 3),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("name", [
    "line hidden", "scatter offsets", "annotation's target", "legend text", "limits later", "axes off"])
def test_a_repaint_is_equal_to_a_full_drawing(name: str) -> None:
    picture = Picture(crowded())
    picture.paint()
    ax = picture.fig.axes[0]
    ax.lines[1].set_ydata([0.9, 0.2])          # something moves already
    picture.paint()
    CHANGES[name](ax)
    picture.paint()
    assert_whole(picture)


def test_repaints_stay_equal_over_many_changes() -> None:
    picture = Picture(crowded())
    picture.paint()
    for name, change in CHANGES.items():
        change(picture.fig.axes[0])
        picture.paint()
        shown = pixels(picture.value)
        assert np.array_equal(shown, whole(picture.fig)), name


MOVES: dict[str, Change] = {name: CHANGES[name] for name in (
    "line data", "image data", "title text", "scatter offsets", "patch moved", "text", "twin's line", "image without frame", "figure's text")}


def test_the_second_change_of_an_artist_needs_no_full_drawing() -> None:
    picture = Picture(crowded())
    picture.paint()
    for name, move in MOVES.items():
        move(picture.fig.axes[0])
        picture.paint()
        before = picture.n_full_redraws
        move(picture.fig.axes[0])
        picture.paint()
        assert picture.n_full_redraws == before, name
    assert_whole(picture)


def test_painting_what_has_not_changed_draws_nothing_but_what_moves() -> None:
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1], label="still")
    ax.scatter([0, 1], [1, 0], zorder=3)
    ax.legend()
    picture = Picture(fig)
    picture.paint()
    still = picture.value
    picture.paint()
    assert (picture.value, picture.n_full_redraws) == (still, 1)
    assert not picture._moving                  # an empty title, a hidden spine: stale for ever, and never drawn


def test_a_static_line_above_a_moving_one_stays_above() -> None:
    fig, ax = plt.subplots(figsize=(3, 2))
    below, _ = ax.plot([0, 1], [0.5, 0.5], "r", lw=20), ax.plot([0.5, 0.5], [0, 1], "b", lw=20)
    picture = Picture(fig)
    for y in (0.5, 0.4, 0.3):
        below[0].set_ydata([y, y])
        picture.paint()
        assert_whole(picture)


def test_axes_that_do_not_overlap_are_left_alone() -> None:
    fig, (left, right) = plt.subplots(1, 2, figsize=(3, 2))
    (line,), (other,) = left.plot([0, 1]), right.plot([0, 1])
    picture = Picture(fig)
    picture.paint()
    line.set_ydata([1, 0])
    picture.paint()
    assert line in picture._moving
    assert other not in picture._moving


@pytest.mark.parametrize("kind", ["3d", "polar"])
def test_axes_of_other_kinds_are_repainted_whole(kind: str) -> None:
    fig = plt.figure(figsize=(3, 2))
    flat, ax = fig.add_subplot(121), fig.add_subplot(122, projection=kind)
    t = np.linspace(0, 6, 20)
    line = ax.plot(*([np.cos(t), np.sin(t), t] if kind == "3d" else [t, t]))[0]
    picture = Picture(fig)
    picture.paint()
    for color in ("red", "green"):
        line.set_color(color)
        flat.set_title(color)
        picture.paint()
        assert_whole(picture)
    assert picture.n_full_redraws == 2


def test_an_inset_and_a_colour_bar_are_repainted() -> None:
    fig, ax = plt.subplots(figsize=(4, 2.6))
    mesh = ax.pcolormesh(rng.random((4, 4)))
    bar = fig.colorbar(mesh)
    inset = ax.inset_axes((0.5, 0.5, 0.4, 0.4))
    (line,) = inset.plot([0, 1])
    picture = Picture(fig)
    picture.paint()
    for change in (lambda: line.set_ydata([1, 0]), lambda: mesh.set_array(rng.random((4, 4))), lambda: mesh.set_clim(0, 3),
                   lambda: inset.set_title("inset"), lambda: bar.set_label("units"), lambda: inset.set_xlim(0, 3)):
        change()
        picture.paint()
        assert_whole(picture)
    before = picture.n_full_redraws
    line.set_ydata([0.3, 0])
    picture.paint()
    assert picture.n_full_redraws == before
    assert_whole(picture)


def test_pyplot_lets_the_figure_go() -> None:
    fig, _ = plt.subplots()
    Picture(fig)
    assert not plt.fignum_exists(fig.number)


def test_the_widget_is_as_wide_as_the_figure_and_shrinks_to_the_page() -> None:
    picture = Picture(plt.figure(figsize=(5, 2), dpi=100))
    assert (picture.layout.width, picture.layout.max_width, picture.format) == ("500px", "calc(100% - 4px)", "png")


def test_titles_of_pictures_stay_clear_of_the_upper_edge() -> None:
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.9), width_ratios=[3, 2, 3])
    for ax in axes:
        ax.imshow(np.zeros((9, 9)), vmin=0, vmax=1, cmap="Greys")
        ax.set(title="height", xticks=[], yticks=[])
    picture = Picture(fig)
    picture.paint()
    dark = np.asarray(Image.open(io.BytesIO(picture.value)).convert("L")) < 128
    assert dark[10:20].any()
    assert not dark[:3].any()


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (120, 5)])
def test_png_is_what_pillow_reads(size: tuple[int, int]) -> None:
    rgb = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(rgb))) as picture:
        picture.verify()
    with Image.open(io.BytesIO(png(rgb))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        np.testing.assert_array_equal(np.asarray(picture), rgb)


def test_a_sharp_picture_has_more_pixels_and_the_next_move_is_as_quick_as_ever() -> None:
    fig, ax = plt.subplots(figsize=(2, 1.5), dpi=50)
    (line,) = ax.plot([0, 1], [0, 1])
    picture = Picture(fig)
    picture.paint()
    for k in (0.5, 0.2):
        line.set_ydata([0, k])
        picture.paint()
    plain, redraws = bytes(picture.value), picture.n_full_redraws
    picture.sharpen(2)
    assert picture.is_sharp
    with Image.open(io.BytesIO(picture.value)) as fine:
        assert fine.size == (200, 150)
        small = np.asarray(fine.convert("L").resize((100, 75), Image.Resampling.BOX), float)
    with Image.open(io.BytesIO(plain)) as coarse:
        assert np.abs(small - np.asarray(coarse.convert("L"), float)).mean() < 12, "it shows the same"
    picture.paint()
    assert bytes(picture.value) == plain
    assert (picture.n_full_redraws, picture.is_sharp) == (redraws, False)
