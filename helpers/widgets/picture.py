"""A matplotlib figure as one image widget that repaints only what has changed."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import ipywidgets as W
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from helpers.plots import settle


class Picture(W.Image):
    """Shows fig; paint() sends its present look.

    Matplotlib marks an artist as stale when it is changed. The stale ones, and whatever is painted over them,
    are drawn anew on a saved picture of all the rest (blitting): about five times faster than the whole figure.
    Changed axes limits, or artists added or removed, lead to a full redraw by themselves.
    """

    def __init__(self, fig: Figure) -> None:
        width = round(fig.get_figwidth() * fig.dpi)
        super().__init__(format="png", layout=W.Layout(width=f"{width}px", max_width="calc(100% - 4px)", align_self="flex-start"))
        plt.close(fig)                              # pyplot must not show it a second time
        self.width_on_page = width
        self.is_sharp = False                       # whether the picture shown is one of sharpen()
        self.fig, self.canvas = fig, FigureCanvasAgg(fig)
        self.n_full_redraws = 0
        self._moving: set[Artist] = set()
        self._known: set[Artist] = set()
        self._frame: object = None                  # what the background holds besides the artists
        self._blank: set[Artist] = set()            # drew nothing the last time
        self._unmarked: dict[Artist, object] = {}
        self._background: object | None = None

    def paint(self) -> None:
        """Bring the image up to date with the figure."""
        order = list(self._in_order())
        known, frame = {artist for artist, _ in order}, self._frame_now()
        changed = {artist for artist in known & self._known if self._is_changed(artist)}
        if known != self._known or frame != self._frame or self._frame_is_stale() or not _with_those_above(changed, order) <= self._moving:
            self._moving = _with_those_above(changed | self._moving, order)
            self._known, self._frame = known, frame
            self._draw_background()
            order = list(self._in_order())          # a colour bar makes its parts anew as it is drawn
        else:
            self.canvas.restore_region(self._background)
        renderer = self.canvas.get_renderer()
        for artist, _ in order:
            if artist in self._moving:
                artist.draw(renderer)
        self._blank = {artist for artist, _ in order if _is_blank(artist)}
        self._unmarked = {artist: _unmarked(artist) for artist, _ in order}
        self.is_sharp = False
        self.value = png(np.asarray(self.canvas.buffer_rgba())[..., :3])

    def sharpen(self, ratio: float) -> None:
        """Show the present look with ratio times as many pixels each way; the next paint() is as quick as ever."""
        self.is_sharp, value = True, self.sharp(ratio)
        self.value = value

    def sharp(self, ratio: float) -> bytes:
        """The figure as it was last painted, as a PNG of ratio times as many pixels each way."""
        dpi, fine = self.fig.dpi, FigureCanvasAgg(self.fig)
        try:
            for artist in self._moving:             # a canvas leaves out what is animated
                artist.set_animated(False)
            self.fig.set_dpi(dpi * ratio)
            fine.draw()
            return png(np.asarray(fine.buffer_rgba())[..., :3])
        finally:
            self.fig.set_dpi(dpi)
            self.fig.set_canvas(self.canvas)
            for artist in self._moving:
                artist.set_animated(True)

    def _draw_background(self) -> None:
        for artist in self._known:
            artist.set_animated(artist in self._moving)
        if self._background is None:
            settle(self.fig)
            self.fig.set_layout_engine("none")      # working it out again would cost 30 ms
        self.canvas.draw()
        self._frame = self._frame_now()             # the layout has moved the axes
        self._background = self.canvas.copy_from_bbox(self.fig.bbox)
        self.n_full_redraws += 1

    def _in_order(self) -> Iterator[tuple[Artist, Axes | None]]:
        """What matplotlib draws, from the bottom to the top, each with the axes that it is in."""
        for child in sorted(self.fig.get_children(), key=Artist.get_zorder):
            if isinstance(child, Axes) and _is_plain(child):
                for artist in _drawn_by(child):
                    yield artist, child
            elif child is not self.fig.patch:
                yield child, child if isinstance(child, Axes) else None     # axes in 3-D draw in ways of their own

    def _frame_now(self) -> object:
        return (self.fig.bbox.bounds, self.fig.get_facecolor(), [
            (ax.viewLim.bounds, ax.bbox.bounds, ax.get_facecolor(), ax.axison and ax.get_frame_on(), ax.get_visible(),
             *((axis.get_visible(), axis.label.get_text()) for axis in (ax.xaxis, ax.yaxis))) for ax in self.fig.axes])

    def _frame_is_stale(self) -> bool:
        axes = [ax for ax in self.fig.axes if _is_plain(ax) and ax.get_visible() and ax.axison]
        return any(axis.get_visible() and (axis.stale or (axis.label.stale and not _is_blank(axis.label)))
                   for ax in axes for axis in (ax.xaxis, ax.yaxis))

    def _is_changed(self, artist: Artist) -> bool:
        if isinstance(artist, Axis) or (_is_blank(artist) and artist in self._blank):
            return False                            # the frame; and what is not drawn stays stale for ever
        return artist.stale or _unmarked(artist) is not self._unmarked[artist] or any(part.stale and not _is_blank(part) for part in _parts(artist))


def png(rgb: np.ndarray) -> bytes:
    """uint8 (H, W, 3) as a PNG file, quickly: no row is filtered.

    Pillow tries five filters on each row, which takes longer than the rest and makes charts no smaller.
    The format: W3C, "Portable Network Graphics Specification (Third Edition)", 2025, sections 5 and 11.2.
    """
    height, width, _ = rgb.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)      # before each row the number of its filter, 0
    rows[:, 1:] = rgb.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows.tobytes(), 1), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks.items())


def _is_plain(ax: Axes) -> bool:
    return type(ax).draw is Axes.draw


def _drawn_by(ax: Axes) -> list[Artist]:
    """The parts of an axes in the order in which its draw() paints them."""
    if not ax.get_visible():
        return []
    hidden: set[Artist] = {ax.patch}
    if not (ax.axison and ax.get_frame_on()):
        hidden |= set(ax.spines.values())
    if not ax.axison:
        hidden |= {ax.xaxis, ax.yaxis}
    return sorted((child for child in ax.get_children() if child not in hidden), key=Artist.get_zorder)


def _with_those_above(changed: set[Artist], order: list[tuple[Artist, Axes | None]]) -> set[Artist]:
    """The changed artists, and those over a changed one, for they would be painted over."""
    moving, below = set(), set[Axes | None]()
    for artist, ax in order:
        if ax is not None and artist not in changed and _is_outside(artist, ax):
            continue                                # nothing in the axes paints over it
        over = (ax is None and below) or ax in below or any(ax and b and ax.bbox.overlaps(b.bbox) for b in below)
        if over or artist in changed:
            moving.add(artist)
            below.add(ax)
    return moving


def _is_outside(artist: Artist, ax: Axes) -> bool:
    """Titles stand above their axes, ticks and their labels beside them; a grid, though, lies inside."""
    if isinstance(artist, Axis):
        return not artist._major_tick_kw["gridOn"]      # type: ignore[attr-defined]
    return artist in (ax.title, ax._left_title, ax._right_title)    # type: ignore[attr-defined]


def _unmarked(artist: Artist) -> object:
    """What can be set without a mark: an annotation's target, a collection's values."""
    return artist.xy if isinstance(artist, Annotation) else artist.get_array() if isinstance(artist, Collection) else None


def _parts(artist: Artist) -> Iterator[Artist]:
    """The visible parts of a legend, a table or an inset, and theirs."""
    for part in artist.get_children():
        if part.get_visible():
            yield part
            yield from _parts(part)


def _is_blank(artist: Artist) -> bool:
    return not artist.get_visible() or (isinstance(artist, Text) and not artist.get_text())
