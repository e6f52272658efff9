"""The figures to play with of the first lesson: window and hop, coefficients, two takes laid on each other, an eraser, noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from torch import nn

from helpers import plots
from helpers.data.sound import wav_bytes
from helpers.data.voices import RATE, WORDS
from helpers.lesson.promises import measured
from helpers.topics.speech import features
from helpers.topics.speech.recognise import dtw
from helpers.widgets.steps import Step

#: The made-up sound of the first figure: two tones of these frequencies (Hz), and two clicks around its middle.
TONES, SECONDS = (1000, 1060), 0.5

WINDOW_STEPS = [
    Step("A window of 32 ms: two tones lie as lines, two clicks as upright strokes.", {"window": 256, "apart": 8},
         ask=("Are the tones, 60 Hz apart, seen as two?", ["yes", "no, as one"], 1), light=0),
    Step("A window of 128 ms: look at the tones from the side.", {"window": 1024, "apart": 8},
         ask=("What has the long window done to the clicks?", ["made them sharper", "smeared them into one"], 1), light=1),
    Step("A window of 8 ms: look at the clicks along time.", {"window": 64, "apart": 8},
         ask=("How many tones does it see?", ["one", "two"], 0), light=2),
    Step("The clicks farther apart, 60 ms: one window now shows both pairs.", {"window": 512, "apart": 60},
         ask=("What is the price of seeing tones 30 Hz apart?", ["a window twice as long", "twice as many windows a second"], 0), light=0),
]


def tones_and_clicks(apart: float) -> np.ndarray:
    """Two tones and two clicks that lie apart milliseconds from each other: float64 (T,)."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    wave: np.ndarray = 0.1 * np.sin(2 * np.pi * np.outer(TONES, t)).sum(0)
    middle, half = len(t) // 2, round(apart / 2000 * RATE)
    for at in (middle - half, middle + half):
        wave[at] += 1.0
    return wave


@dataclass(frozen=True)
class Seen:
    """What a window shows: the picture in dB (bins, frames), the tones from the side, the clicks along time, and how deep the valleys are (dB)."""

    picture: np.ndarray
    hertz: np.ndarray
    tones: np.ndarray
    seconds: np.ndarray
    clicks: np.ndarray
    tone_valley: float
    click_valley: float


def seen(window: int, apart: float, share: int = 8) -> Seen:
    """Compute what a window of so many samples shows of :func:`tones_and_clicks`, with a hop of window / share."""
    wave, hop = tones_and_clicks(apart), max(1, window // share)
    power = np.abs(features.stft(wave, window, hop)) ** 2                      # (frames, bins)
    seconds = (np.arange(len(power)) * hop + window / 2) / RATE
    early = wave[:round(0.18 * RATE)][-window:] * features.hann(window)        # a stretch without clicks
    fine = np.linspace(850, 1210, 73)
    tones = np.abs(np.exp(-2j * np.pi * np.outer(fine, np.arange(window)) / RATE) @ early) ** 2
    high = power[:, np.fft.rfftfreq(window, 1 / RATE) > 2000].mean(1)
    tones, high = 10 * np.log10(tones / tones.max() + 1e-8), 10 * np.log10(high / high.max() + 1e-8)
    middle = SECONDS / 2
    return Seen(10 * np.log10(power / power.max() + 1e-6).T, fine, tones, seconds, high,
                _valley(fine, tones, *TONES), _valley(seconds, high, middle - apart / 2000, middle + apart / 2000))


def _valley(x: np.ndarray, y: np.ndarray, left: float, right: float) -> float:
    """How far y falls between the two places, below the lower of them."""
    inside = y[(x >= left) & (x <= right)]
    return float(min(np.interp([left, right], x, y)) - inside.min()) if len(inside) else 0.0


def window_and_clicks() -> tuple[Callable[[int, float], tuple[str, bool]], Figure]:
    """Controls: window (samples), apart (milliseconds between the clicks). Target: both pairs apart by 3 dB, the clicks at most 40 ms apart."""
    fig, axes = plt.subplots(1, 3, figsize=(9.2, 3.0), gridspec_kw={"width_ratios": [1.5, 1, 1]})
    picture = axes[0].imshow(np.zeros((2, 2)), origin="lower", aspect="auto", cmap="viridis", vmin=-60, vmax=0, extent=(0, SECONDS, 0, RATE / 2000))
    axes[0].grid(False)
    axes[0].set(xlim=(0, SECONDS), ylim=(0, RATE / 2000), xlabel="time (s)", ylabel="frequency (kHz)")
    (tones,) = axes[1].plot([], [], color=plots.BLUE)
    axes[1].set(xlim=(850, 1210), ylim=(-40, 3), xlabel="frequency (Hz)", ylabel="power (dB)")
    (clicks,) = axes[2].plot([], [], color=plots.VERMILION)
    axes[2].set(xlim=(0.15, 0.35), ylim=(-40, 3), xlabel="time (s)")
    for ax, title in zip(axes, ("Spectrogram", "The tones, from the side", "The clicks, along time"), strict=True):
        plots.quiet_title(ax, title)

    def draw(window: int, apart: float) -> tuple[str, bool]:
        found = seen(window, apart)
        picture.set_data(found.picture)
        half = window / 2 / RATE
        picture.set_extent((half, SECONDS - half, 0, RATE / 2000))
        tones.set_data(found.hertz, found.tones)
        clicks.set_data(found.seconds, found.clicks)
        apart_tones, apart_clicks = found.tone_valley >= 3, found.click_valley >= 3
        return (f"A window of {1000 * window / RATE:.0f} ms shows {'two tones' if apart_tones else 'one tone'} and "
                f"{'two clicks' if apart_clicks else 'one click'}; the clicks lie {apart:.0f} ms apart."), apart_tones and apart_clicks and apart <= 40

    return draw, fig


def coefficients(waves: Sequence[np.ndarray]) -> tuple[Callable[[str, int], tuple[str, bool]], Figure]:
    """Controls: word, k. The log-mel picture of the word from its first k DCT coefficients; target: the fewest that keep 95 % of the variance."""
    pictures = {word: features.log_mel(wave) for word, wave in zip(WORDS, waves, strict=True)}
    table = features.dct_matrix(features.BANDS, features.BANDS)
    kept = {word: np.cumsum(((p @ table.T)[:, 1:] ** 2).sum(0)) for word, p in pictures.items()}
    fewest = {word: int(np.argmax(c / c[-1] >= 0.95)) + 2 for word, c in kept.items()}
    fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.0), sharey=True)
    shown = [_picture(ax, "viridis", (-12, 6)) for ax in axes]
    longest = max(map(len, pictures.values())) * features.HOP / RATE
    for ax, title in zip(axes, ("log-mel, 40 bands", "from its first k coefficients"), strict=True):
        ax.set(xlabel="time (s)", xlim=(0, longest), ylim=(0, features.BANDS))
        plots.quiet_title(ax, title)
    axes[0].set(ylabel="mel band")

    def draw(word: str, k: int) -> tuple[str, bool]:
        whole_picture = pictures[word]
        for image, p in zip(shown, (whole_picture, whole_picture @ table[:k].T @ table[:k]), strict=True):
            image.set_data(p.T)
            image.set_extent((0, len(p) * features.HOP / RATE, 0, features.BANDS))
        share = (kept[word][k - 2] / kept[word][-1]) if k > 1 else 0.0
        return f"The first {k} of 40 coefficients of “{word}” keep {measured(100 * share, '.0f')} % of the variance over the bands.", k == fewest[word]

    return draw, fig


def _picture(ax: Axes, cmap: str, limits: tuple[float, float]) -> AxesImage:
    ax.grid(False)
    return ax.imshow(np.zeros((2, 2)), origin="lower", aspect="auto", cmap=cmap, vmin=limits[0], vmax=limits[1])


def two_takes(mfcc: Sequence[np.ndarray], digits: np.ndarray) -> tuple[Callable[[int, int], tuple[str, bool]], Figure]:
    """Controls: first, second, places in mfcc. The cheapest way to lay one take on the other; target: different digits nearer than some two takes of one digit."""
    table = {(i, j): dtw(a, b) for i, a in enumerate(mfcc) for j, b in enumerate(mfcc)}
    same = max(d for (i, j), (d, _, _) in table.items() if i < j and digits[i] == digits[j])
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.6, 3.3), gridspec_kw={"width_ratios": [1, 1.2]})
    top = max(len(m) for m in mfcc)
    picture = _picture(ax, "viridis", (0, 250))
    (line,) = ax.plot([], [], color="white", marker=".", linewidth=1.5)
    picture.set_extent((-0.5, top - 0.5, -0.5, top - 0.5))
    ax.set(xlim=(-0.5, top - 0.5), ylim=(-0.5, top - 0.5), xlabel="frame of the second", ylabel="frame of the first")
    plots.quiet_title(ax, "The cheapest path")
    (dot,) = bx.plot([], [], "D", color=plots.VERMILION, markersize=9, zorder=4)
    pairs = [(d, digits[i] == digits[j]) for (i, j), (d, _, _) in table.items() if i < j]
    for row, (is_same, colour, marker) in enumerate(((True, plots.BLUE, "o"), (False, plots.BLACK, "^"))):
        values = [d for d, s in pairs if bool(s) == is_same]
        bx.plot(values, [row] * len(values), marker, color=colour, markersize=5, alpha=0.6, linestyle="none")
    bx.set(yticks=[0, 1], yticklabels=["one digit", "two digits"], ylim=(-0.6, 1.6), xlabel="distance along the path")
    bx.set_xlim(0, 1.1 * max(d for d, _ in pairs))
    plots.quiet_title(bx, "All pairs")

    def draw(first: int, second: int) -> tuple[str, bool]:
        distance, path, costs = table[first, second]
        full = np.full((top, top), np.nan)
        full[:costs.shape[0], :costs.shape[1]] = costs
        picture.set_data(full)
        line.set_data([j for _, j in path], [i for i, _ in path])
        differ = digits[first] != digits[second]
        dot.set_data([distance], [int(differ)])
        return (f"Take {first} (“{WORDS[digits[first]]}”) and take {second} (“{WORDS[digits[second]]}”) lie {measured(distance, '.0f')} apart; "
                f"the farthest two takes of one digit {measured(same, '.0f')}."), bool(differ and distance < same)

    return draw, fig


class Eraser:
    """A part of the short-time spectrum is erased; the rest is made a sound again, and read by a network."""

    def __init__(self, net: nn.Module, waves: Sequence[np.ndarray]) -> None:
        self.net, self.waves = net, dict(zip(WORDS, waves, strict=True))
        self.heard = waves[0]
        self.fig, (self.ax, self.bx) = plt.subplots(1, 2, figsize=(8.8, 3.2), gridspec_kw={"width_ratios": [1.6, 1]})
        self.picture = _picture(self.ax, "viridis", (-60, 0))
        longest = (max(map(len, waves)) + 512) / RATE
        self.ax.set(xlim=(0, longest), ylim=(0, RATE / 2000), xlabel="time (s)", ylabel="frequency (kHz)")
        plots.quiet_title(self.ax, "What is left")
        self.bars = self.bx.barh(range(10), np.zeros(10), color=plots.BLUE)
        self.bx.set(yticks=range(10), yticklabels=WORDS, xlim=(0, 1), xlabel="probability")
        self.bx.invert_yaxis()
        plots.quiet_title(self.bx, "What the network reads")

    def compute(self, word: str, low: float, high: float, begin: float, end: float) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
        """The spectrum that is left (frames, bins), the wave, the share that was erased, and the probabilities (10,)."""
        wave = np.pad(self.waves[word], 256)
        spectrum = features.stft(wave, hop=64)
        bins = np.fft.rfftfreq(features.WINDOW, 1 / RATE) / 1000
        times = np.arange(len(spectrum)) / max(len(spectrum) - 1, 1) * 100
        box = ((times >= begin) & (times <= end))[:, None] & ((bins >= low) & (bins <= high))[None]
        left = np.where(box, 0, spectrum)
        sound = features.istft(left, len(wave), hop=64)
        with torch.no_grad():
            probs = self.net(torch.from_numpy(features.pictures([sound[256:-256] if np.abs(sound).max() > 0 else wave * 0]))).softmax(1)[0].numpy()
        return left, sound, float(box.mean()), probs

    def draw(self, word: str, low: float, high: float, begin: int, end: int) -> tuple[str, bool]:
        """Controls: word; low and high (kHz), begin and end (% of the clip)."""
        left, self.heard, share, probs = self.compute(word, low, high, begin, end)
        level = 20 * np.log10(np.abs(left).T / max(float(np.abs(left).max()), 1e-9) + 1e-3)
        self.picture.set_data(level)
        seconds = len(self.heard) / RATE
        self.picture.set_extent((0, seconds, 0, RATE / 2000))
        for bar, p in zip(self.bars, probs, strict=True):
            bar.set_width(float(p))
        read = WORDS[int(probs.argmax())]
        return (f"“{word}” with {measured(100 * share, '.0f')} % of its picture erased: the network reads “{measured(read, '')}” with {measured(probs.max(), '.2f')}."
                ), read != word and share <= 0.2

    def sound(self) -> bytes:
        """What is left, as the bytes of a WAV file."""
        return wav_bytes(self.heard)


class NoisyWords:
    """The same word in more and more noise, read by two networks."""

    LEVELS = tuple(range(40, -12, -2))

    def __init__(self, nets: Mapping[str, nn.Module], waves: Sequence[np.ndarray], digits: np.ndarray) -> None:
        self.names, self.digits = list(nets), digits
        self.waves = [[features.with_noise(np.pad(w, 800), snr, np.random.default_rng(i)) for snr in self.LEVELS] for i, w in enumerate(waves)]
        self.pictures = np.stack([features.pictures(row, seed=i) for i, row in enumerate(self.waves)])          # (N, levels, 1, bands, frames)
        with torch.no_grad():
            self.probs = {name: net(torch.from_numpy(self.pictures).flatten(0, 1)).softmax(1).view(len(waves), -1, 10).numpy() for name, net in nets.items()}
        wrong, right = (self.probs[name].argmax(2) == digits[:, None] for name in self.names)
        self.told_apart = ~wrong & right                                                                         # (N, levels)
        self.heard = self.waves[0][0]
        self.fig, (self.ax, self.bx) = plt.subplots(1, 2, figsize=(8.8, 3.2), gridspec_kw={"width_ratios": [1.3, 1]})
        self.image = _picture(self.ax, "viridis", (-2, 2.5))
        self.image.set_extent((0, self.pictures.shape[-1], 0, features.BANDS))
        self.ax.set(xlim=(0, self.pictures.shape[-1]), ylim=(0, features.BANDS), xlabel="frame", ylabel="mel band")
        plots.quiet_title(self.ax, "What both networks see")
        self.bars = [self.bx.barh(np.arange(10) + 0.2 * side, np.zeros(10), 0.38, color=color, label=name)
                     for name, color, side in zip(self.names, (plots.SKY, plots.VERMILION), (-1, 1), strict=True)]
        self.bx.set(yticks=range(10), yticklabels=WORDS, xlim=(0, 1), xlabel="probability")
        self.bx.invert_yaxis()
        self.bx.legend(fontsize=7, frameon=True, loc="lower right")

    def draw(self, word: int, snr: int) -> tuple[str, bool]:
        """Controls: word, a place in waves; snr in dB."""
        level = int(np.abs(np.array(self.LEVELS) - snr).argmin())
        self.heard = self.waves[word][level] / np.abs(self.waves[word][level]).max()
        self.image.set_data(self.pictures[word, level, 0])
        said = []
        for name, bars in zip(self.names, self.bars, strict=True):
            p = self.probs[name][word, level]
            for bar, value in zip(bars, p, strict=True):
                bar.set_width(float(value))
            said.append(f"{name} reads “{measured(WORDS[p.argmax()], '')}” ({measured(p.max(), '.2f')})")
        return f"“{WORDS[self.digits[word]]}” at {self.LEVELS[level]} dB: {', '.join(said)}.", bool(self.told_apart[word, level])

    def sound(self) -> bytes:
        """What both networks hear, as the bytes of a WAV file."""
        return wav_bytes(self.heard)
