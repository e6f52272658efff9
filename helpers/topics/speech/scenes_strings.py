"""The figures to play with of the second lesson: energy, the lattice of three frames, a lattice to touch, the gap between digits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from torch.nn import functional as F

from helpers import plots
from helpers.data.sound import wav_bytes
from helpers.data.voices import RATE
from helpers.lesson.promises import measured
from helpers.topics.speech import ctc, features, strings
from helpers.topics.speech.nets import FrameNet, frame_log_probs
from helpers.widgets.steps import Step

#: The symbols of the small lattice: the blank and two digits.
SIGNS = ("–", "1", "2")

THREE_STEPS = [
    Step("Target “1”: each way from left to right is a path that says it.", {"target": "1"},
         ask=("Does the path “– – 1” say the same as “1 1 –”?", ["yes", "no"], 0), light=0),
    Step("Target “12”: from 1 a way leads straight to 2, past the blank between them.", {"target": "12"},
         ask=("May the blank between 1 and 2 be left out?", ["yes", "no"], 0), light=0),
    Step("Target “11”: one path alone is left.", {"target": "11"},
         ask=("Why must the blank stand between two equal digits?", ["without it they would be merged into one", "to save time"], 0), light=1),
    Step("Target “121”: three digits in three frames.", {"target": "121"},
         ask=("How many paths say four digits in three frames?", ["one", "none"], 1), light=0),
]


def three_frames(probs: np.ndarray) -> tuple[Callable[[str], tuple[str, bool]], Figure]:
    """Control: target, a text of 1 and 2. All paths of three frames that say it; the target to reach is the likeliest text."""
    by_target: dict[str, list[tuple[tuple[int, ...], float]]] = {}
    for path in np.ndindex(*[probs.shape[1]] * len(probs)):
        said = "".join(SIGNS[s] for s in ctc.collapse(path))
        by_target.setdefault(said, []).append((path, float(np.prod(probs[np.arange(len(probs)), path]))))
    likeliest = max(by_target, key=lambda said: sum(p for _, p in by_target[said]))
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.4), gridspec_kw={"width_ratios": [1.2, 1]})
    ways = LineCollection([], colors=plots.BLUE)
    ax.add_collection(ways)
    nodes = ax.scatter([], [], s=330, facecolor="white", edgecolor=plots.BLACK, zorder=4)
    names = plots.Labels(ax, 10)
    ax.set(xticks=range(len(probs)), xticklabels=[f"frame {t + 1}" for t in range(len(probs))], xlim=(-0.5, len(probs) - 0.5), yticks=[], ylim=(-6.6, 0.6))
    ax.grid(False)
    plots.quiet_title(ax, "The lattice: a row a symbol of the target")
    bars = bx.barh(range(8), np.zeros(8), color=plots.VERMILION)
    words = plots.Labels(bx, 8, centred=False)
    bx.set(xlim=(0, 0.3), ylim=(7.6, -0.6), yticks=[], xlabel="probability of the path")
    plots.quiet_title(bx, "Its paths")

    def draw(target: str) -> tuple[str, bool]:
        paths = sorted(by_target.get(target, []), key=lambda item: -item[1])
        rows = ctc.with_blanks([SIGNS.index(sign) for sign in target])
        walks = [[(t, -s) for t, s in enumerate(_rows_of(path, rows))] for path, _ in paths]
        ways.set_segments(walks)
        ways.set_linewidth([1 + 25 * p for _, p in paths])
        places = [(t, -s) for t in range(len(probs)) for s in range(len(rows))]
        nodes.set_offsets(places)
        names.put([SIGNS[rows[-y]] for _, y in places], places)
        for i, bar in enumerate(bars):
            bar.set_width(paths[i][1] if i < len(paths) else 0)
        words.put(["  ".join(SIGNS[s] for s in path) for path, _ in paths[:8]], [(p + 0.005, i + 0.15) for i, (_, p) in enumerate(paths[:8])])
        total = sum(p for _, p in paths)
        number = "1 path says" if len(paths) == 1 else f"{len(paths)} paths say"
        return f"{number} “{target}” in {len(probs)} frames; their probabilities add up to {total:.3f}.", target == likeliest

    return draw, fig


def _rows_of(path: Sequence[int], rows: Sequence[int]) -> list[int]:
    """The row of the lattice in which each frame of a path lies."""
    at = 0 if path[0] == ctc.BLANK else 1
    found = [at]
    for before, symbol in itertools.pairwise(path):
        if symbol != before:
            at += 1 if symbol == ctc.BLANK or before == ctc.BLANK else 2
        found.append(at)
    assert all(rows[s] == symbol for s, symbol in zip(found, path, strict=True))
    return found


class Touch:
    """The network's symbols over time, and the lattice of a target that the reader types."""

    def __init__(self, log_probs: torch.Tensor, truth: Sequence[int]) -> None:
        self.log_probs, self.truth = log_probs.double(), "".join(map(str, truth))
        self.best_wrong = min((self.loss(other), other) for other in self._neighbours())
        self.fig, (self.ax, self.bx) = plt.subplots(1, 2, figsize=(9.0, 3.5), gridspec_kw={"width_ratios": [1, 1.2]})
        frames = len(log_probs)
        self.ax.imshow(log_probs.exp().T.numpy(), aspect="auto", cmap="Blues", vmin=0, vmax=1, extent=(-0.5, frames - 0.5, 10.5, -0.5))
        self.ax.set(yticks=range(11), yticklabels=["blank", *map(str, range(10))], xlabel="frame of the output")
        plots.quiet_title(self.ax, "What the network says")
        self.image = self.bx.imshow(np.zeros((2, 2)), aspect="auto", cmap="viridis", vmin=-60, vmax=0, extent=(-0.5, frames - 0.5, 1, 0))
        (self.line,) = self.bx.plot([], [], color="white", marker=".", markersize=4, linewidth=1)
        self.bx.set(xlabel="frame of the output", yticks=[], xlim=(-2.2, frames - 0.5), ylim=(1, 0))
        for ax in (self.ax, self.bx):
            ax.grid(False)
        self.names = plots.Labels(self.bx, 8)
        plots.quiet_title(self.bx, "log probability of all ways so far")

    def _neighbours(self) -> list[str]:
        t = self.truth
        found = {t[:i] + d + t[i + 1:] for i in range(len(t)) for d in "0123456789"} | {t[:i] + t[i + 1:] for i in range(len(t))}
        return sorted((found | {t[:i] + d + t[i:] for i in range(len(t) + 1) for d in "0123456789"}) - {t})

    def loss(self, target: str) -> float:
        """−log p(target) in nats, by the library; infinity where no path is long enough."""
        wanted = torch.tensor([[int(sign) + 1 for sign in target]], dtype=torch.long).view(1, -1)
        return float(F.ctc_loss(self.log_probs[:, None], wanted, torch.tensor([len(self.log_probs)]), torch.tensor([len(target)]), reduction="sum"))

    def draw(self, target: str) -> tuple[str, bool]:
        """Control: target, what the reader types; signs that are no digits are left out."""
        digits = "".join(sign for sign in target if sign in "0123456789")
        symbols = [int(sign) + 1 for sign in digits]
        rows = ctc.with_blanks(symbols)
        alpha = ctc.lattice(self.log_probs, symbols).numpy()
        path = ctc.best_path(self.log_probs.numpy(), symbols)
        self.image.set_data(np.maximum(alpha.T, -60))
        heights = (np.arange(len(rows)) + 0.5) / len(rows)          # the axes' limits stay: a move repaints little
        self.line.set_data(range(len(path)), heights[path])
        self.names.put(["–" if symbol == ctc.BLANK else str(symbol - 1) for symbol in rows], [(-1.4, height) for height in heights])
        left_out = "" if digits == target else " Signs that are no digits are left out."
        if not path:
            return f"“{digits}” needs more than {len(alpha)} frames: no path says it.{left_out}", False
        loss = self.loss(digits)
        shown = f"−log p(“{digits}”) = {measured(loss, '.1f')} nats; what was said has {measured(self.loss(self.truth), '.1f')}.{left_out}"
        return shown, digits != self.truth and loss <= self.best_wrong[0] + 1e-6


class Energy:
    """Speech or silence by a threshold on the energy, at several levels of noise."""

    def __init__(self, made: strings.Strings, place: int, levels: Sequence[int], seed: int = 0) -> None:
        clean, rng = made.waves[place], np.random.default_rng(seed)
        self.levels = {snr: strings.energy(features.with_noise(clean, snr, rng)) for snr in levels}
        n = len(next(iter(self.levels.values())))
        at = np.arange(n) * strings.ENERGY_HOP + strings.ENERGY_WINDOW // 2
        self.truth = np.zeros(n, bool)
        for a, b in made.spans[place]:
            self.truth |= (at >= a) & (at < b)
        self.majority = max(self.truth.mean(), 1 - self.truth.mean())
        self.best = {snr: max(self.accuracy(snr, t) for t in range(1, 31)) for snr in levels}
        self.fig, ax = plt.subplots(figsize=(8.2, 3.2))
        self.seconds = at / RATE
        for a, b in made.spans[place]:
            ax.axvspan(a / RATE, b / RATE, color="0.9", zorder=0)
        (self.line,) = ax.plot(self.seconds, np.zeros(n), color=plots.BLUE, linewidth=1)
        self.limit = ax.axhline(0, color=plots.VERMILION, linestyle="--")
        (self.marks,) = ax.plot([], [], "s", color=plots.VERMILION, markersize=4)
        low = min(level.min() for level in self.levels.values())
        ax.set(ylim=(low - 8, 0), xlim=(0, self.seconds[-1]), xlabel="time (s)", ylabel="energy (dB)")
        self.low = low - 5
        plots.quiet_title(ax, "Grey: a digit is said. Squares: the rule says speech")

    def said(self, snr: int, threshold: float) -> np.ndarray:
        """Frames whose energy lies more than threshold dB above the quiet tenth: bool (frames,)."""
        level = self.levels[snr]
        return np.asarray(level > np.percentile(level, 10) + threshold)

    def accuracy(self, snr: int, threshold: float) -> float:
        """The share of frames that the rule names right."""
        return float((self.said(snr, threshold) == self.truth).mean())

    def draw(self, snr: int, threshold: int) -> tuple[str, bool]:
        """Controls: snr, one of the levels; threshold in dB above the quiet tenth of the frames."""
        level, said = self.levels[snr], self.said(snr, threshold)
        self.line.set_ydata(level)
        limit = np.percentile(level, 10) + threshold
        self.limit.set_ydata([limit, limit])
        self.marks.set_data(self.seconds[said], np.full(said.sum(), self.low))
        right = self.accuracy(snr, threshold)
        return (f"At {snr} dB SNR and {threshold} dB above the floor {measured(100 * right, '.0f')} % of the frames are named right; "
                f"one answer for all gives {measured(100 * self.majority, '.0f')} %."), snr == min(self.levels) and right >= self.best[snr] - 1e-9


class Gap:
    """The same digits with a wider or narrower gap, read by cutting and by the network."""

    def __init__(self, net: FrameNet, clips: Sequence[np.ndarray], digits: Sequence[int], read_by_cutting: Callable[[Sequence[np.ndarray]], list[list[int]]], cut: Callable[[np.ndarray], list[tuple[int, int]]]) -> None:
        self.net, self.clips, self.digits, self.read_by_cutting, self.cut = net, clips, list(digits), read_by_cutting, cut
        self.fig, ax = plt.subplots(figsize=(8.4, 3.0))
        (self.line,) = ax.plot([], [], color=plots.BLUE, linewidth=0.5)
        self.pieces = LineCollection([], colors=plots.VERMILION, linewidths=5)
        ax.add_collection(self.pieces)
        self.longest = self.wave_of(300)[1][-1][1] + strings.EDGE
        ax.set(xlim=(0, self.longest / RATE), ylim=(-1.3, 1.3), xlabel="time (s)", ylabel="pressure")
        plots.quiet_title(ax, "Bars: the pieces that the energy cuts")
        self.heard = clips[0]

    def wave_of(self, gap: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
        """The string with gaps of so many milliseconds, in a noise of 35 dB."""
        wave, spans = strings.join(self.clips, [gap * RATE // 1000] * len(self.clips))
        return features.with_noise(wave, 35.0, np.random.default_rng(0)), spans

    def draw(self, gap: int) -> tuple[str, bool]:
        """Control: gap in milliseconds; the target is reached where cutting is wrong and the network right."""
        wave, _ = self.wave_of(gap)
        self.heard = wave / np.abs(wave).max()
        self.line.set_data(np.arange(len(wave)) / RATE, self.heard)
        self.pieces.set_segments([[(a / RATE, -1.15), (b / RATE, -1.15)] for a, b in self.cut(wave)])
        by_cut = self.read_by_cutting([wave])[0]
        rows = frame_log_probs(self.net, strings.log_mels([wave]))
        by_net = [symbol - 1 for symbol in ctc.greedy(rows[0])]
        said, cut_says, net_says = ("".join(map(str, part)) for part in (self.digits, by_cut, by_net))
        return f"Gaps of {gap} ms, said “{said}”: cutting reads “{measured(cut_says, '')}”, the network “{measured(net_says, '')}”.", by_cut != self.digits and by_net == self.digits

    def sound(self) -> bytes:
        """The string, as the bytes of a WAV file."""
        return wav_bytes(self.heard)
