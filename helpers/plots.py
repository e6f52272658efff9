"""Draw functions: each takes the axes to draw on and gives them back; show() puts a figure into the notebook."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

#: What a figure to play with is made of: ``draw(**values)``, which gives its state in words, and the figure.
Scene = tuple[Callable[..., Any], Figure]

#: Okabe and Ito (2008), a palette that colour-blind readers tell apart; without its yellow, too pale for lines.
BLUE, VERMILION, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
SKY, ORANGE = "#56B4E9", "#E69F00"
COLORS = (BLUE, VERMILION, GREEN, PURPLE, BLACK)
#: For values around zero: blue below, white at zero, vermilion above.
DIVERGING = "RdBu_r"


#: A still holds this many pixels for each of its points on the page, so that a fine screen shows it sharp.
SHARPNESS = 2
#: Of a still's corners, in points on the page: on a dark page it lies as a white card.
CORNER = 8


def describe(fig: Figure, sentence: str) -> Figure:
    """Give a figure the sentence that says what is seen; :func:`show` takes it from there.

    For drawing functions, which know what they have drawn: ``return describe(fig, f"{n} bars, the highest at {top}.")``

    Raises
    ------
    ValueError
        If the sentence is empty.
    """
    if not sentence.strip():
        raise ValueError("describe(fig, …) needs one sentence that says what is seen")
    fig.course_alt = sentence       # type: ignore[attr-defined]
    return fig


def show(fig: Figure, alt: str | None = None) -> None:
    """Put a figure into the notebook, with one sentence that says what is seen.

    The sentence is the picture's alternative text; it is stored as the output's plain text as well, so that
    readers of any kind get it and the tests compare it. The figure is closed.

    Parameters
    ----------
    fig : Figure
    alt : str, optional
        The sentence; what the drawing function gave with :func:`describe` if None.

    Raises
    ------
    ValueError
        If the sentence is missing.
    """
    sentence = getattr(fig, "course_alt", "") if alt is None else alt
    if not sentence.strip():
        raise ValueError("show(fig, alt=…) needs one sentence that says what is seen")
    settle(fig)
    buffer, width = io.BytesIO(), round(fig.get_figwidth() * fig.dpi)
    fig.savefig(buffer, format="png", dpi=SHARPNESS * fig.dpi)
    plt.close(fig)
    display({"image/png": small_png(buffer.getvalue(), SHARPNESS * CORNER), "text/plain": sentence}, raw=True,
            metadata={"image/png": {"alt": sentence, "width": width}})


def settle(fig: Figure) -> None:
    """Let the layout come to rest: it closes in on its goal with each pass, and after one a title may be cut at the edge."""
    for _ in range(2):
        fig.draw_without_rendering()


def small_png(png: bytes, corner: int = 0) -> bytes:
    """The same picture with its 255 best colours: half the size, and no difference to the eye in a plot.

    corner : int
        The radius, in pixels, of round corners that let the page's own colour through.
    """
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(255, dither=Image.Dither.NONE)      # leaves one for what is clear
    colors = small.getpalette() or []
    clear = len(colors) // 3
    if corner:
        card = Image.new("1", small.size, 1)
        ImageDraw.Draw(card).rounded_rectangle((0, 0, small.width - 1, small.height - 1), corner, fill=0)
        small.putpalette([*colors, 255, 255, 255])
        small.paste(clear, mask=card)
    small.save(buffer, "png", optimize=True, **({"transparency": clear} if corner else {}))
    return buffer.getvalue()


def to_numpy(a: ArrayLike | torch.Tensor) -> np.ndarray:
    """Any array-like as a NumPy array, tensors detached, those in lists too."""
    if isinstance(a, torch.Tensor):
        a = a.detach().cpu().resolve_conj().resolve_neg()
        return (a.float() if a.dtype is torch.bfloat16 else a).numpy()       # NumPy has no bfloat16
    if isinstance(a, (list, tuple)):
        a = [to_numpy(v) if isinstance(v, (torch.Tensor, list, tuple)) else v for v in a]
    return np.asarray(a)


def image(ax: Axes, a: ArrayLike | torch.Tensor, title: str = "", *, signed: bool = False, limit: float | None = None) -> Axes:
    """A grey picture; with signed=True a diverging map centred on zero, from -limit to limit.

    Parameters
    ----------
    a : (H, W) array
        Grey values in [0, 1] (signed=False), or any values (signed=True).
    limit : float, optional
        The end of the signed scale; the largest absolute value if None.
    """
    a = to_numpy(a)
    if a.ndim != 2 or a.size == 0:
        raise ValueError(f"image() draws one (H, W) array, got shape {a.shape}")
    if signed:
        end = limit if limit is not None else float(np.abs(a).max()) or 1.0
        ax.imshow(a, cmap=DIVERGING, vmin=-end, vmax=end)
    else:
        ax.imshow(a, cmap="gray", vmin=0, vmax=limit if limit is not None else 1)
    ax.set(xticks=[], yticks=[], title=title)
    ax.grid(False)
    for spine in ax.spines.values():        # a thin frame, so that white paper ends somewhere
        spine.set(visible=True, color="#999999", linewidth=0.6)
    return ax


def quiet_title(ax: Axes, title: str, **look: Any) -> None:
    """A title below everything else, so that a repaint of the axes leaves it alone (it is half the cost of a move)."""
    ax.set_title(title, **look).set_zorder(-1)


def picture_frame(ax: Axes, title: str, **look: Any) -> None:
    """Axes for a picture that moves: no ticks, a thin grey frame, a quiet title."""
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set(visible=True, color="#999999", linewidth=0.6)
    quiet_title(ax, title, **look)


@functools.cache
def _glyph(letter: str, size: float) -> tuple[np.ndarray, np.ndarray, float]:
    """A letter's outline, vertices (V, 2) and codes (V,), and its width."""
    font, scale = FontProperties(size=text_to_path.FONT_SCALE), size / text_to_path.FONT_SCALE       # no font is smaller than 1 point, but a path may be
    vertices, codes = text_to_path.get_text_path(font, letter)
    width = text_to_path.get_text_width_height_descent(letter, font, False)[0]
    return np.reshape(vertices, (-1, 2)) * scale, np.asarray(codes, dtype=Path.code_type), width * scale


def text_path(text: str, size: float, x: float = 0.0, y: float = 0.0, *, centred: bool = False, down: bool = False) -> Path:
    """A text as one path: many are drawn in a tenth of the time of as many texts, and letters met before cost nothing.

    Parameters
    ----------
    text : str
        One line; each letter stands behind the one before, without kerning.
    size : float
        Of the font, in the units of the path.
    x, y : float
        Where the text begins, on its base line.
    centred : bool
        x is its middle instead.
    down : bool
        For an axis that points down.
    """
    parts = [_glyph(letter, size) for letter in text]
    starts = np.cumsum([0.0, *(width for _, _, width in parts)])
    x -= starts[-1] / 2 if centred else 0
    flip = np.array([1, -1 if down else 1])
    vertices = [outline * flip + np.array([x + start, y]) for (outline, _, _), start in zip(parts, starts, strict=False)]
    return Path(np.concatenate([np.empty((0, 2)), *vertices]), np.concatenate([np.empty(0, Path.code_type), *(codes for _, codes, _ in parts)]))


class Labels(PathCollection):
    """Many short words as one artist: a text each would cost half a millisecond a move.

    Parameters
    ----------
    ax : Axes
    size : float
        Of the font, in points.
    color : colour
    centred : bool
        Each word's middle lies at its place; else its base line begins there.
    """

    def __init__(self, ax: Axes, size: float, color: str = BLACK, *, centred: bool = True) -> None:
        super().__init__([text_path("", size)], sizes=[1], offsets=[(0, 0)], offset_transform=ax.transData, facecolor=color, linewidth=0, zorder=5)
        self.set_transform(IdentityTransform())
        self.size, self.centred = size, centred
        ax.add_collection(self, autolim=False)

    def put(self, words: Sequence[str], places: Sequence[tuple[float, float]], colors: Sequence[str] | None = None) -> None:
        """Show these words at these places; in these colours, or as before."""
        y = -0.36 * self.size if self.centred else 0.0          # half the height of most letters
        self.set_paths([text_path(word, self.size, y=y, centred=self.centred) for word in words] or [text_path("", self.size)])
        self.set_offsets(places if len(places) else [(0, 0)])
        if colors is not None:
            self.set_facecolor(list(colors))


def image_grid(images: ArrayLike | torch.Tensor, titles: ArrayLike | torch.Tensor | None = None, *, columns: int = 10,
               size: float = 0.9, signed: bool = False, limit: float | None = None) -> Figure:
    """A new figure with one small picture for each of (N, H, W) or (N, 1, H, W) images."""
    a = to_numpy(images)
    if a.ndim == 4 and a.shape[1] == 1:
        a = a[:, 0]
    if a.ndim != 3 or a.size == 0:
        raise ValueError(f"image_grid() draws (N, H, W) or (N, 1, H, W) images, got shape {a.shape}")
    names = None if titles is None else [str(title) for title in to_numpy(titles)]
    if names is not None and len(names) != len(a):
        raise ValueError(f"image_grid() needs a title for each of {len(a)} images, got {len(names)}")
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    columns = min(columns, len(a))
    rows = -(-len(a) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * (size + (0.25 if names else 0))), squeeze=False)
    for i, ax in enumerate(axes.flat):
        if i >= len(a):
            ax.axis("off")
        else:
            image(ax, a[i], signed=signed, limit=limit)
            if names:
                ax.set_title(names[i], fontsize=8, loc="center", fontweight="normal")
    return fig


def curve(ax: Axes, values: ArrayLike, *, label: str, color: str = BLUE, dashed: bool = False, x: ArrayLike | None = None) -> Axes:
    """One labelled line, over 1, 2, 3 … or over x."""
    y = to_numpy(values)
    ax.plot(np.arange(1, len(y) + 1) if x is None else to_numpy(x), y, color=color, linestyle="--" if dashed else "-", label=label)
    return ax


def seed_band(ax: Axes, x: ArrayLike, runs: ArrayLike, *, label: str, color: str = BLUE, dashed: bool = False) -> Axes:
    """Several seeds' curves, (seeds, len(x)): their mean as a line, their least and greatest as a band."""
    x, runs = to_numpy(x), to_numpy(runs)
    if runs.ndim != 2 or len(runs) == 0 or runs.shape[1] != len(x):
        raise ValueError(f"seed_band() needs runs of shape (seeds, {len(x)}), got {runs.shape}")
    ax.fill_between(x, runs.min(0), runs.max(0), color=color, alpha=0.2, linewidth=0)
    ax.plot(x, runs.mean(0), color=color, linestyle="--" if dashed else "-", label=label)
    return ax


def confusion(ax: Axes, table: ArrayLike, limit: float | None = None) -> Axes:
    """The mistakes of a (K, K) confusion matrix, rows the truth, as shades and counts; the diagonal is left out.

    The darkest shade is that of limit, or of the greatest count: two tables side by side want one limit.
    """
    t = to_numpy(table).copy()
    if t.ndim != 2 or t.shape[0] != t.shape[1]:
        raise ValueError(f"confusion() draws a (K, K) table, got shape {t.shape}")
    np.fill_diagonal(t, 0)
    darkest = max(1, t.max()) if limit is None else limit
    ax.imshow(t, cmap="Blues", vmin=0, vmax=darkest)
    for i, j in np.argwhere(t):
        ax.text(j, i, str(t[i, j]), ha="center", va="center", fontsize=8, color="white" if t[i, j] > darkest / 2 else "black")
    ax.set(xticks=range(len(t)), yticks=range(len(t)), xlabel="what the network said", ylabel="the truth")
    ax.grid(False)
    return ax


def points(ax: Axes, x: ArrayLike | torch.Tensor, y: ArrayLike | torch.Tensor, size: float = 18) -> Axes:
    """(N, 2) points of two classes: blue circles for 0, vermilion triangles for 1."""
    x, y = to_numpy(x), to_numpy(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != (len(x),):
        raise ValueError(f"points() draws x of shape (N, 2) and y of shape (N,), got {x.shape} and {y.shape}")
    for label, color, marker in ((0, BLUE, "o"), (1, VERMILION, "^")):
        ax.scatter(x[y == label, 0], x[y == label, 1], s=size, c=color, marker=marker, edgecolors="white", linewidths=0.5, label=f"class {label}", zorder=3)
    return ax
