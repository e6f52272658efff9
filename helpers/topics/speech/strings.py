"""Strings of digits: made of single clips of one voice, with gaps and noise; cut by energy; batched for CTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from helpers.data.voices import RATE, Spoken
from helpers.topics.speech import ctc, features
from helpers.validate import whole

#: An edge of silence before the first and behind the last digit, in samples.
EDGE = 1200
#: Energy is measured in windows of 20 ms every 10 ms.
ENERGY_WINDOW, ENERGY_HOP = 160, 80


@dataclass(frozen=True)
class Strings:
    """Strings of spoken digits.

    Parameters
    ----------
    waves : list of float32 (T,)
    digits : list of lists of int
        What is said.
    spans : list of lists of (begin, end)
        Where each digit lies, in samples.
    voices : int64 (N,)
    """

    waves: list[np.ndarray]
    digits: list[list[int]]
    spans: list[list[tuple[int, int]]]
    voices: np.ndarray

    def __len__(self) -> int:
        return len(self.waves)


def join(clips: Sequence[np.ndarray], gaps: Sequence[int]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Lay clips one behind the other, gaps[i] samples before clip i (the first is left out of account); a negative gap overlaps.

    Returns
    -------
    wave : float32 (T,), with an edge of silence at both ends
    spans : list of (begin, end) in samples
    """
    spans: list[tuple[int, int]] = []
    begin = EDGE
    for clip, gap in zip(clips, gaps, strict=True):
        begin = max(0, begin + gap) if spans else begin
        spans.append((begin, begin + len(clip)))
        begin += len(clip)
    wave = np.zeros(max(end for _, end in spans) + EDGE, np.float32)
    for (a, b), clip in zip(spans, clips, strict=True):
        wave[a:b] += clip
    return wave, spans


def make_strings(spoken: Spoken, n: int, seed: int = 0, *, length: tuple[int, int] = (3, 6), gap: tuple[float, float] = (-0.03, 0.25),
                 snr: tuple[float, float] = (20.0, 40.0), per_voice: int | None = None) -> Strings:
    """Draw strings of digits; each string is spoken by one voice.

    Parameters
    ----------
    spoken : Spoken
    n : int
        How many; with per_voice, so many of each voice instead.
    length : (least, most)
        Digits a string.
    gap : (least, most)
        Seconds between two digits; a negative gap lets them overlap.
    snr : (least, most)
        White noise, in dB over the whole string.

    Raises
    ------
    ValueError
        If n is no whole number above 0.
    """
    rng, known = np.random.default_rng(seed), np.unique(spoken.voices)
    places = {(int(v), d): np.flatnonzero((spoken.voices == v) & (spoken.digits == d)) for v in known for d in range(10)}
    who = np.repeat(known, per_voice) if per_voice else rng.choice(known, whole("n", n))
    waves, digits, spans = [], [], []
    for voice in who:
        said = rng.integers(0, 10, rng.integers(length[0], length[1] + 1))
        clips = [spoken.waves[rng.choice(places[int(voice), int(d)])] * np.float32(rng.uniform(0.6, 1)) for d in said]
        wave, where = join(clips, [int(rng.uniform(*gap) * RATE) for _ in said])
        waves.append(features.with_noise(wave, float(rng.uniform(*snr)), rng))
        digits.append(said.tolist())
        spans.append(where)
    return Strings(waves, digits, spans, np.asarray(who))


def energy(wave: np.ndarray) -> np.ndarray:
    """The power of frames of 20 ms every 10 ms in dB, (frames,)."""
    return np.asarray(10 * np.log10((features.frames(wave, ENERGY_WINDOW, ENERGY_HOP) ** 2).mean(1) + 1e-10))


def cut(wave: np.ndarray, threshold: float = 12.0, *, closed: int = 5, least: int = 6) -> list[tuple[int, int]]:
    """Pieces whose energy lies more than threshold dB above the quiet tenth of the frames, as (begin, end) in samples.

    Gaps of fewer than closed frames are closed, pieces of fewer than least frames are dropped.
    """
    level = energy(wave)
    on = np.r_[False, level > np.percentile(level, 10) + threshold, False]
    pieces: list[list[int]] = []
    for a, b in np.flatnonzero(on[1:] != on[:-1]).reshape(-1, 2).tolist():
        if pieces and a - pieces[-1][1] < closed:
            pieces[-1][1] = b
        else:
            pieces.append([a, b])
    return [(a * ENERGY_HOP, b * ENERGY_HOP + ENERGY_WINDOW) for a, b in pieces if b - a >= least]


def cut_and_classify(waves: Sequence[np.ndarray], classify: Callable[[list[np.ndarray]], np.ndarray], threshold: float = 12.0, closed: int = 5) -> list[list[int]]:
    """Cut each wave by its energy and name each piece: classify takes a list of waves and gives their labels (n,)."""
    pieces = [[wave[a:b] for a, b in cut(wave, threshold, closed=closed)] for wave in waves]
    labels = iter(classify([piece for parts in pieces for piece in parts]).tolist() if any(pieces) else [])
    return [[next(labels) for _ in parts] for parts in pieces]


def tuned_cut(made: Strings, classify: Callable[[list[np.ndarray]], np.ndarray], thresholds: Sequence[float] = (3, 5, 7, 10, 14), closed: Sequence[int] = (1, 3, 5, 8)) -> tuple[float, int, float]:
    """The threshold and the closing of :func:`cut` with the lowest word error rate on these strings, and that rate."""
    tried = [(ctc.wer(cut_and_classify(made.waves, classify, t, c), made.digits), t, c) for t in thresholds for c in closed]
    error, threshold, frames = min(tried)
    return threshold, frames, error


def log_mels(waves: Sequence[np.ndarray]) -> list[torch.Tensor]:
    """Log-mel features a string, float32 (T, bands): each band has mean 0 over the string, all together a spread of 1."""
    found = []
    for wave in waves:
        x = features.log_mel(wave)
        x = x - x.mean(0)
        found.append(torch.from_numpy(x / x.std()))
    return found


def padded(xs: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch of features (B, T, bands), zeros behind the shorter ones, and their lengths (B,)."""
    return torch.nn.utils.rnn.pad_sequence(list(xs), batch_first=True), torch.tensor([len(x) for x in xs])


def noisy_singles(spoken: Spoken, copies: int = 1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of single digits with edges of up to 60 ms, in noise of 20 to 40 dB: what a classifier of cut pieces needs.

    Returns
    -------
    x : float32 (N · copies, 1, bands, frames); y : int64 (N · copies,)
    """
    rng = np.random.default_rng(seed)
    waves = [np.pad(wave, rng.integers(0, 500, 2)) for _ in range(copies) for wave in spoken.waves]
    snrs = rng.uniform(20, 40, len(waves))
    return torch.from_numpy(features.pictures(waves, snr=snrs.tolist(), seed=seed)), torch.from_numpy(np.tile(spoken.digits, copies))
