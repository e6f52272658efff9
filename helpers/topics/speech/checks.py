"""Exercises of the first lesson on speech: 12.1 to 12.5."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from helpers.data.mel import hertz, mel
from helpers.lesson.exercise import Case, Exercise
from helpers.topics.speech.features import hann

# ---------------------------------------------------------------- 12.1 short-time power

def _by_torch(wave: np.ndarray, window: int, hop: int) -> np.ndarray:
    spectrum = torch.stft(torch.from_numpy(wave), window, hop, window=torch.hann_window(window, dtype=torch.float64), center=False, return_complex=True)
    return (spectrum.abs() ** 2).T.numpy()


def _power_cases() -> list[Case]:
    rng = np.random.default_rng(121)
    return [Case(f"{n} samples, window {window}, hop {hop}", (rng.standard_normal(n) * scale, window, hop))
            for n, window, hop, scale in ((400, 64, 16, 1.0), (333, 50, 21, 1.0), (128, 128, 7, 1.0), (257, 32, 32, 100.0), (90, 18, 4, 0.01))]


power = Exercise("12.1", oracle=_by_torch, cases=_power_cases, tolerance=1e-5, verified="it agrees with torch.stft for 5 pairs of window and hop, an odd number of samples and a single frame among them")


def _cut(wave: Any, window: Any, hop: Any) -> Any:
    return np.lib.stride_tricks.sliding_window_view(wave, window)[::hop]


@power.wrong("the frames are not multiplied by the window.")
def no_window(wave: Any, window: Any, hop: Any) -> Any:
    return np.abs(np.fft.rfft(_cut(wave, window, hop))) ** 2


@power.wrong("np.hanning(n) is the symmetric window, 0 at both ends; hann(n) is the periodic one, as torch and SciPy use it.")
def symmetric(wave: Any, window: Any, hop: Any) -> Any:
    return np.abs(np.fft.rfft(_cut(wave, window, hop) * np.hanning(window))) ** 2


@power.wrong("these are magnitudes. The power is their square.")
def magnitude(wave: Any, window: Any, hop: Any) -> Any:
    return np.abs(np.fft.rfft(_cut(wave, window, hop) * hann(window)))


@power.wrong("fft gives window values, of which the second half mirrors the first. rfft gives window // 2 + 1.")
def mirrored(wave: Any, window: Any, hop: Any) -> Any:
    return np.abs(np.fft.fft(_cut(wave, window, hop) * hann(window))) ** 2


@power.wrong("the real part alone depends on where in its swing a tone stands. Take the absolute value.")
def real_part(wave: Any, window: Any, hop: Any) -> Any:
    return np.fft.rfft(_cut(wave, window, hop) * hann(window)).real ** 2


@power.wrong("the last frame is missing: there are 1 + (T − window) // hop.")
def last_missing(wave: Any, window: Any, hop: Any) -> Any:
    n = max((len(wave) - window) // hop, 1)
    return np.abs(np.fft.rfft(_cut(wave, window, hop)[:n] * hann(window))) ** 2


@power.also_right
def frame_by_frame(wave: Any, window: Any, hop: Any) -> Any:
    starts = range(0, len(wave) - window + 1, hop)
    return np.stack([np.abs(np.fft.fft(wave[s:s + window] * hann(window))[:window // 2 + 1]) ** 2 for s in starts])


@power.also_right
def by_cosines(wave: Any, window: Any, hop: Any) -> Any:
    angles = 2 * np.pi * np.outer(np.arange(window), np.arange(window // 2 + 1)) / window
    parts = _cut(wave, window, hop) * hann(window)
    return (parts @ np.cos(angles)) ** 2 + (parts @ np.sin(angles)) ** 2


# ---------------------------------------------------------------- 12.2 mel bank

def _by_interpolation(bands: int, window: int, rate: int) -> np.ndarray:
    """Each triangle by straight lines between its three corners."""
    corners = hertz(np.linspace(0, mel(rate / 2), bands + 2))
    bins = np.arange(window // 2 + 1) * rate / window
    return np.stack([np.interp(bins, corners[i:i + 3], [0, 1, 0], left=0, right=0) for i in range(bands)])


bank = Exercise("12.3", oracle=_by_interpolation, tolerance=1e-5, verified="its triangles are those of straight lines between corners, for 4 sizes",
                cases=lambda: [Case(f"{bands} bands, window {window}, rate {rate}", (bands, window, rate)) for bands, window, rate in ((6, 256, 8000), (40, 256, 8000), (13, 400, 16000), (23, 128, 11025))])


def _triangles(edges: Any, bins: Any) -> Any:
    e = np.asarray(edges)[:, None]
    return np.maximum(0, np.minimum((bins - e[:-2]) / (e[1:-1] - e[:-2]), (e[2:] - bins) / (e[2:] - e[1:-1])))


@bank.wrong("the edges stand evenly in Hz. They should stand evenly in mel: hertz(np.linspace(0, mel(rate / 2), bands + 2)).")
def linear(bands: Any, window: Any, rate: Any) -> Any:
    return _triangles(np.linspace(0, rate / 2, bands + 2), np.fft.rfftfreq(window, 1 / rate))


@bank.wrong("the highest edge is rate. The spectrum ends at rate / 2.")
def too_high(bands: Any, window: Any, rate: Any) -> Any:
    return _triangles(hertz(np.linspace(0, mel(rate), bands + 2)), np.fft.rfftfreq(window, 1 / rate))


@bank.wrong("each triangle is divided by its sum. Here its tip is 1.")
def divided(bands: Any, window: Any, rate: Any) -> Any:
    table = _by_interpolation(bands, window, rate)
    return table / np.maximum(table.sum(1, keepdims=True), 1e-9)


@bank.wrong("the triangles fall below 0 outside their edges. Cut them off with np.maximum(0, …).")
def below_zero(bands: Any, window: Any, rate: Any) -> Any:
    e, bins = hertz(np.linspace(0, mel(rate / 2), bands + 2))[:, None], np.fft.rfftfreq(window, 1 / rate)
    return np.minimum((bins - e[:-2]) / (e[1:-1] - e[:-2]), (e[2:] - bins) / (e[2:] - e[1:-1]))


@bank.wrong("rows and columns are exchanged: a row is a band.")
def turned(bands: Any, window: Any, rate: Any) -> Any:
    return _by_interpolation(bands, window, rate).T


@bank.also_right
def one_by_one(bands: Any, window: Any, rate: Any) -> Any:
    edges = [float(hertz(float(mel(rate / 2)) * i / (bands + 1))) for i in range(bands + 2)]
    table = np.zeros((bands, window // 2 + 1))
    for b in range(bands):
        for k in range(window // 2 + 1):
            f = k * rate / window
            if edges[b] <= f <= edges[b + 1]:
                table[b, k] = (f - edges[b]) / (edges[b + 1] - edges[b])
            elif edges[b + 1] < f <= edges[b + 2]:
                table[b, k] = (edges[b + 2] - f) / (edges[b + 2] - edges[b + 1])
    return table


@bank.also_right
def in_torch(bands: Any, window: Any, rate: Any) -> Any:
    edges = torch.from_numpy(hertz(np.linspace(0, mel(rate / 2), bands + 2)))
    bins = torch.arange(window // 2 + 1, dtype=torch.float64) * rate / window
    rise, fall = (bins - edges[:-2, None]) / edges.diff()[:-1, None], (edges[2:, None] - bins) / edges.diff()[1:, None]
    return torch.minimum(rise, fall).clamp(min=0).numpy()


# ---------------------------------------------------------------- 12.3 a frame

def _judge_frame(value: Any) -> str | None:
    if not (isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in value)):
        return f"give (window, hop), two whole numbers of samples; got {value!r}"
    window, hop = value
    if not (1 <= window <= 4000 and hop >= 1):
        return "window and hop are numbers of samples: at least 1, and the window fits into the clip"
    n = 1 + (4000 - window) // hop
    if 8000 / window > 40:
        return f"a bin is 8000 / window = {8000 / window:.1f} Hz wide; at most 40 Hz are allowed"
    if 2 * hop > window:
        return f"a hop of {hop} is more than half of the window of {window}: some samples are hardly seen"
    return None if n == 40 else f"1 + (4000 − {window}) // {hop} = {n} frames; 40 are wanted"


frame = Exercise("12.2", kind="value", judge=_judge_frame, verified="40 frames, bins of at most 40 Hz, and neighbours that share half of their samples or more")


@frame.wrong("a bin is 8000 / window = 80.0 Hz wide")
def too_short() -> Any:
    return 100, 50


@frame.wrong("= 37 frames; 40 are wanted")
def a_fortieth() -> Any:
    return 400, 100


@frame.wrong("is more than half of the window")
def no_overlap() -> Any:
    return 200, 200


@frame.wrong("two whole numbers of samples")
def in_seconds() -> Any:
    return 0.032, 0.012


@frame.wrong("= 41 frames; 40 are wanted")
def one_too_many() -> Any:
    return 256, 93


@frame.also_right
def the_courses() -> Any:
    return 256, 96


@frame.also_right
def as_long_as_possible() -> Any:
    return [2000, np.int64(51)]


# ---------------------------------------------------------------- 12.4 the pipeline

pipeline = Exercise("12.4", kind="order", verified="from the wave to the coefficients, each step on what the one before gave",
                    lines=["x = frames(wave, 256, 96)", "x = x * hann(256)", "x = np.fft.rfft(x)", "x = np.____(x) ** 2", "x = x @ mel_bank(40, 256, 8000).T", "x = np.log(x + 1e-5)", "x = x @ dct_matrix(40, 13).T"],
                    gaps={"x = np.____(x) ** 2": (["abs", "real", "sqrt"], "abs")},
                    distractors={"x = np.fft.rfft(wave)": "that is one spectrum of the whole clip: when something sounds would be lost.",
                                 "x = x - x.min()": "log-mel features need no such shift: the small number within the logarithm keeps it finite."})


def _order(*places: int) -> list[str]:
    right = [line.replace("____", "abs") for line in pipeline.lines]
    return [right[i] for i in places]


@pipeline.wrong("the logarithm stands above the sum over bands: 'x = np.log(x + 1e-5)' comes after the powers were summed.")
def log_before_mel() -> Any:
    return _order(0, 1, 2, 3, 5, 4, 6)


@pipeline.wrong("the window is laid on the samples of a frame, before the transform.")
def window_after_fft() -> Any:
    return _order(0, 2, 1, 3, 4, 5, 6)


@pipeline.wrong("the real part alone depends on where in its swing a tone stands; its size is abs.")
def real_for_abs() -> Any:
    return [line.replace("np.abs", "np.real") for line in _order(*range(7))]


@pipeline.wrong("1 line is missing")
def without_log() -> Any:
    return _order(0, 1, 2, 3, 4, 6)


# ---------------------------------------------------------------- 12.5 split by voice

def split_clips(voices: Any, share: Any, seed: Any) -> Any:
    order = np.random.default_rng(seed).permutation(len(voices))
    n_test = round(share * len(voices))
    return order[n_test:], order[:n_test]


def _split_cases() -> list[Case]:
    rng = np.random.default_rng(125)
    return [Case(f"{n} clips of {k} voices, {100 * share:.0f} % for the test", (rng.permutation(np.arange(n) % k) * step + first, share, seed))
            for n, k, share, seed, step, first in ((60, 6, 0.5, 0, 1, 0), (95, 10, 0.2, 3, 1, 5), (44, 4, 0.25, 1, 7, 2))]


def _judge_split(got: Any, voices: np.ndarray, share: float, seed: int) -> str | None:
    if not (isinstance(got, (tuple, list)) and len(got) == 2):
        return f"expected two arrays, (train, test), got {type(got).__name__}"
    train, test = (np.asarray(part) for part in got)
    if train.dtype == bool or test.dtype == bool or not (np.issubdtype(train.dtype, np.integer) and np.issubdtype(test.dtype, np.integer)):
        return "expected arrays of whole numbers, the places of the clips"
    if sorted([*train.tolist(), *test.tolist()]) != list(range(len(voices))):
        return f"each of the {len(voices)} clips must stand in one of the two parts, and once; got {len(train)} + {len(test)} places"
    both = set(voices[train].tolist()) & set(voices[test].tolist())
    if both:
        return f"{len(both)} voices stand in both parts"
    n, known = len(set(voices[test].tolist())), len(set(voices.tolist()))
    return None if n == round(share * known) else f"{n} of {known} voices are in the test part, expected {round(share * known)}"


split = Exercise("12.5", kind="fix", given=split_clips, judge=_judge_split, cases=_split_cases, verified="no voice stands in both parts, every clip in one, and the share of voices is right, for 3 sets of clips")


@split.wrong("voices stand in both parts")
def by_share_of_each_voice(voices: Any, share: Any, seed: Any) -> Any:
    test = np.concatenate([np.flatnonzero(voices == v)[:max(1, round(share * (voices == v).sum()))] for v in np.unique(voices)])
    return np.setdiff1d(np.arange(len(voices)), test), test


@split.wrong("each of the")
def voices_for_places(voices: Any, share: Any, seed: Any) -> Any:
    known = np.random.default_rng(seed).permutation(np.unique(voices))
    n_test = round(share * len(known))
    return known[n_test:], known[:n_test]


@split.wrong("expected arrays of whole numbers")
def as_masks(voices: Any, share: Any, seed: Any) -> Any:
    known = np.random.default_rng(seed).permutation(np.unique(voices))
    test = np.isin(voices, known[:round(share * len(known))])
    return ~test, test


@split.wrong("voices are in the test part, expected")
def parts_exchanged(voices: Any, share: Any, seed: Any) -> Any:
    known = np.random.default_rng(seed).permutation(np.unique(voices))
    test = np.isin(voices, known[:1 + round(share * len(known))])
    return np.flatnonzero(~test), np.flatnonzero(test)


@split.wrong("voices stand in both parts")
def sorted_then_cut(voices: Any, share: Any, seed: Any) -> Any:
    order = np.argsort(voices, kind="stable")
    n_test = round(share * len(voices)) + 1
    return order[n_test:], order[:n_test]


@split.also_right
def by_membership(voices: Any, share: Any, seed: Any) -> Any:
    known = np.unique(voices)
    chosen = np.random.default_rng(seed).choice(known, round(share * len(known)), replace=False)
    test = np.isin(voices, chosen)
    return np.flatnonzero(~test), np.flatnonzero(test)


@split.also_right
def with_sets(voices: Any, share: Any, seed: Any) -> Any:
    known = sorted(set(voices.tolist()))
    rng = np.random.default_rng(seed)
    rng.shuffle(known)
    chosen = set(known[:round(share * len(known))])
    test = [i for i, v in enumerate(voices) if v in chosen]
    return [i for i in range(len(voices)) if i not in set(test)], test
