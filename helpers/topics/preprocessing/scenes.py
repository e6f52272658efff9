"""Chapter 05, splits and labels: figures to play with. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from helpers.plots import BLUE, GREEN, VERMILION, picture_frame, quiet_title
from helpers.topics.preprocessing import cleaning, labels, leaks
from helpers.widgets import Step

Scene = tuple[Callable[..., Any], Figure]
SHARES = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class LeakCurve:
    """Scores at the shares of SHARES, mean of the seeds: own (21,), honest (21,)."""

    own: np.ndarray
    honest: np.ndarray


def leak_curve(kind: str, seeds: int = 3) -> LeakCurve:
    """What a leak fakes, over the share of test pictures that have a relative in training."""
    scores = np.array([[leaks.leak(kind, seed).score(share) for share in SHARES] for seed in range(seeds)])
    return LeakCurve(*scores.mean(0).T)


def leak_slider(seeds: int = 3) -> Scene:
    """Own and honest score over the share that leaks, and one test picture beside its nearest training picture. Controls: kind, share (%)."""
    curves = {kind: leak_curve(kind, seeds) for kind in leaks.LEAKS}
    shown = {kind: _telling_picture(leaks.leak(kind)) for kind in leaks.LEAKS}
    fig, (ax, left, right) = plt.subplots(1, 3, figsize=(7.2, 2.9), width_ratios=[2.4, 1, 1])
    own, = ax.plot([], [], color=VERMILION, marker="o", markersize=4, label="its own test")
    honest, = ax.plot([], [], color=BLUE, linestyle="--", marker="s", markersize=4, label="honest test")
    ax.set(xlim=(-3, 103), ylim=(0.78, 1.005), xlabel="share that leaks (%)", ylabel="accuracy")
    quiet_title(ax, "What relatives in training lift")
    ax.legend(loc="lower right", fontsize=8).set_zorder(1)      # below what moves: painted once
    pictures = []
    for panel, title in ((left, "test picture"), (right, "nearest in training")):
        pictures.append(panel.imshow(np.zeros((2, 2)), cmap="gray_r", vmin=0, vmax=1, extent=(0, 1, 0, 1)))
        picture_frame(panel, title, fontsize=9)

    def draw(kind: str, share: int) -> tuple[str, bool]:
        until = round(share / 5) + 1
        curve = curves[kind]
        own.set_data(100 * SHARES[:until], curve.own[:until])
        honest.set_data(100 * SHARES[:until], curve.honest[:until])
        relations, i = leaks.leak(kind), shown[kind]
        neighbour, distance, leaked = relations.match(i, SHARES[until - 1])
        pictures[0].set_data(relations.pictures[i])
        pictures[1].set_data(neighbour)
        gain = curve.own[until - 1] - curve.own[0]
        words = (f"{kind}, {share} %: {curve.own[until - 1]:.3f} on its own test ({100 * gain:+.1f} points), {curve.honest[until - 1]:.3f} on the honest test. "
                 f"The training picture nearest to the one shown {'is one that leaked' if leaked else 'is an honest one'}, at a distance of {distance:.2f}.")
        return words, bool(kind != leaks.EXACT and gain >= 0.1)

    return draw, fig


def leak_steps() -> list[Step]:
    """The steps of leak_slider."""
    return [
        Step("Nothing leaks yet. Both tests hold digits that are new to the model.", {"kind": leaks.EXACT, "share": 0}, light=0),
        Step("Half of the test digits have an exact copy in training. A search for equal pictures would find them all.", {"kind": leaks.EXACT, "share": 50},
             ask=("Now each copy moves by one pixel. How much of the fake gain is left?", ["nearly all", "about half", "nearly nothing"], 0), light=0),
        Step("Nearly all is left, and no two pictures are equal now: a search for copies finds nothing.", {"kind": leaks.MOVED, "share": 50}, light=2),
        Step("Other digits by the same writer leak as well. The model was good before, so there is little to fake: about one point.", {"kind": leaks.WRITER, "share": 100},
             ask=("It had 2.5 % errors. How many of them are gone?", ["one in a hundred", "about one in ten", "about half"], 2), light=0)]


def _telling_picture(relations: leaks.Leak) -> int:
    """An own test picture that is read wrong without its relatives and right with all of them: the one whose relative leaks first."""
    before, after = relations.base_right, relations.pool_right[np.arange(len(relations.base)), relations.pool.argmin(1)]
    closer = relations.pool.min(1) < relations.base
    found = np.flatnonzero(relations.own & ~before & after & closer)
    return int(found[relations.pool[found].argmin(1).argmin()]) if len(found) else 0


def slip_finder() -> Scene:
    """Sixty years of sea temperatures with planted slips; what a threshold flags. Controls: measure, threshold."""
    data = cleaning.slipped_elnino()
    surprises = {measure: cleaning.surprise(data.values, measure) for measure in cleaning.MEASURES}
    fig, ax = plt.subplots(figsize=(7.2, 3))
    ax.plot(data.times, data.values, color="#888888", linewidth=0.7)
    hits = ax.scatter([], [], s=42, color=GREEN, marker="^", zorder=3, label="flagged, a slip")
    false = ax.scatter([], [], s=42, color=VERMILION, marker="v", zorder=3, label="flagged, a true value")
    missed = ax.scatter([], [], s=42, facecolors="none", edgecolors="black", marker="s", zorder=3, label="a slip, not flagged")
    ax.set(xlim=(1949, 2012), ylim=(10, 40), xlabel="year", ylabel="temperature (°C)")
    quiet_title(ax, "What looks impossible may be the truth")
    ax.legend(loc="upper left", ncols=3, fontsize=8)
    points = np.column_stack([data.times, data.values])

    def draw(measure: str, threshold: float) -> tuple[str, bool]:
        flagged = surprises[measure] > threshold
        for artist, rows in ((hits, flagged & data.planted), (false, flagged & ~data.planted), (missed, ~flagged & data.planted)):
            artist.set_offsets(points[rows] if rows.any() else np.empty((0, 2)))
        n_hits, n_false = int((flagged & data.planted).sum()), int((flagged & ~data.planted).sum())
        years = sorted({int(t) for t in data.times[flagged & ~data.planted]})
        of = f" (of {', '.join(map(str, years[:6]))}{' …' if len(years) > 6 else ''})" if n_false else ""
        words = f"Above {threshold:.1f}: {n_hits} of the {int(data.planted.sum())} slips are flagged, and {n_false} true values{of}."
        return words, bool(n_hits == data.planted.sum() and n_false == 0)

    return draw, fig


def suspect_list(n_steps: int = 120, n_shown: int = 12) -> Scene:
    """The suspects ranked: the first pictures, and what looking at more of them finds. Controls: kind, rate (%), n_looked."""
    pictures, truth, ladder = labels.noise_ladder(n_steps)
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.1), width_ratios=[1.5, 1])
    wall = axes[0].imshow(np.zeros((2 * 104, 6 * 84)), cmap="gray_r", vmin=0, vmax=1, interpolation="bilinear")
    picture_frame(axes[0], "the first twelve: label → network")
    precision, = axes[1].plot([], [], color=BLUE, label="precision")
    recall, = axes[1].plot([], [], color=VERMILION, linestyle="--", label="recall")
    mark = axes[1].axvline(0, color="#777777", linewidth=1)
    axes[1].set(xlim=(0, 500), ylim=(0, 1.03), xlabel="pictures looked at")
    quiet_title(axes[1], "Looking at more")
    axes[1].legend(loc="lower right", fontsize=8)
    ranked = {setting: rank_suspects(probs, given) for setting, (given, probs) in ladder.items()}
    found_in = {setting: np.cumsum(ladder[setting][0][order] != truth[order]) for setting, order in ranked.items()}

    def draw(kind: str, rate: int, n_looked: int) -> tuple[str, bool]:
        setting = (kind, min(labels.RATES, key=lambda r: abs(100 * r - rate)))
        (given, probs), order, hits = ladder[setting], ranked[setting], found_in[setting]
        n_wrong = int((given != truth).sum())
        canvas = np.zeros((2 * 104, 6 * 84))
        for i, k in enumerate(order[:n_shown]):
            row, column = 104 * (i // 6), 84 * (i % 6)
            canvas[row:row + 84, column:column + 84] = pictures[k].repeat(3, 0).repeat(3, 1)
            canvas[row + 84:row + 104, column:column + 84] = _written(f"{given[k]} → {probs[k].argmax()} {'✓' if given[k] != truth[k] else '✗'}")
        wall.set_data(canvas)
        counts = np.arange(1, len(order) + 1)
        precision.set_data(counts, hits / counts)
        recall.set_data(counts, hits / max(1, n_wrong))
        n = min(n_looked, len(order))
        mark.set_xdata([n, n])
        good = int(hits[n - 1]) if n else 0
        words = (f"{n_wrong} of {len(truth)} labels are wrong; the network suspects {len(order)}. Looking at the first {n} finds {good}: "
                 f"precision {good / max(1, n):.2f}, recall {good / max(1, n_wrong):.2f}.")
        return words, bool(n_wrong and good / max(1, n) >= 0.9 and good / n_wrong >= 0.5)

    return draw, fig


@functools.lru_cache(maxsize=400)
def _written(text: str) -> np.ndarray:
    """A short text as ink, (20, 84): twelve of these in one picture are drawn in a tenth of the time of twelve texts."""
    canvas = Image.new("L", (84, 20))
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 16)
    ImageDraw.Draw(canvas).text((42, 10), text, fill=255, anchor="mm", font=font)
    return np.asarray(canvas, np.float32) / 255


def rank_suspects(probs: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The rows of the suspects, the least probable label first."""
    rows = np.flatnonzero(labels.find_suspects(probs, given))
    return rows[np.argsort(probs[rows, given[rows]])]
