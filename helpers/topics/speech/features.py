"""From a wave to features: frames, short-time spectrum and back, mel bands, MFCC. All in NumPy, 8,000 samples a second."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from helpers.data import mel as mels
from helpers.data.voices import RATE
from helpers.validate import whole

#: The course's frame: a window of 32 ms every 12 ms.
WINDOW, HOP, BANDS = 256, 96, 40
#: What is added to a power before its logarithm; far below the quietest frame that matters.
FLOOR = 1e-5


def hann(n: int) -> np.ndarray:
    """The periodic Hann window of n samples, float64 (n,), as in torch and SciPy: it begins with 0 and does not end with it.

    >>> hann(4).round(9).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(whole("n", n)) / n)


def frames(wave: np.ndarray, window: int = WINDOW, hop: int = HOP) -> np.ndarray:
    """Cut a wave (T,) into overlapping frames (1 + (T - window) // hop, window); one shorter than a window is filled up with zeros.

    >>> frames(np.arange(5), 3, 2).tolist()
    [[0, 1, 2], [2, 3, 4]]
    """
    wave = np.pad(wave, (0, max(0, whole("window", window) - len(wave))))
    return np.lib.stride_tricks.sliding_window_view(wave, window)[::whole("hop", hop)]


def stft(wave: np.ndarray, window: int = WINDOW, hop: int = HOP) -> np.ndarray:
    """The short-time spectrum, complex (frames, window // 2 + 1)."""
    return np.fft.rfft(frames(wave, window, hop) * hann(window))


def istft(spectrum: np.ndarray, length: int, window: int = WINDOW, hop: int = HOP) -> np.ndarray:
    """The wave whose short-time spectrum lies nearest: float32 (length,). Overlap-add, divided by the sum of squared windows.

    Source
    ------
    D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE Trans. ASSP 32 (1984), doi:10.1109/TASSP.1984.1164317.
    """
    parts, w = np.fft.irfft(spectrum, window) * hann(window), hann(window) ** 2
    wave, weight = np.zeros(max(length, window + hop * (len(parts) - 1))), np.full(max(length, window + hop * (len(parts) - 1)), 1e-8)
    for i, part in enumerate(parts):
        wave[i * hop:i * hop + window] += part
        weight[i * hop:i * hop + window] += w
    return (wave / weight)[:length].astype(np.float32)


def mel_bank(bands: int = BANDS, window: int = WINDOW, rate: int = RATE) -> np.ndarray:
    """The mel bands of the course's frames, float64 (bands, window // 2 + 1)."""
    return mels.mel_bank(bands, window, rate)


def log_mel(wave: np.ndarray, bands: int = BANDS, window: int = WINDOW, hop: int = HOP) -> np.ndarray:
    """The logarithm of the power in each mel band, float32 (frames, bands)."""
    power = np.abs(stft(wave, window, hop)) ** 2
    return np.log(power @ mel_bank(bands, window).T + FLOOR).astype(np.float32)


@functools.cache
def dct_matrix(n: int, k: int) -> np.ndarray:
    """The first k rows of the orthonormal DCT-II, float64 (k, n)."""
    table = np.cos(np.pi / n * np.outer(np.arange(k), np.arange(n) + 0.5)) * np.sqrt(2 / n)
    table[0] /= np.sqrt(2)
    return table


def mfcc(wave: np.ndarray, k: int = 13) -> np.ndarray:
    """Mel-frequency cepstral coefficients, float32 (frames, k)."""
    return (log_mel(wave) @ dct_matrix(BANDS, k).T).astype(np.float32)


def with_noise(wave: np.ndarray, snr: float, rng: np.random.Generator) -> np.ndarray:
    """Add white noise: snr is the power of the whole clip over that of the noise, in dB."""
    power = float((wave**2).mean()) / 10 ** (snr / 10)
    return (wave + rng.standard_normal(len(wave)) * np.sqrt(power)).astype(np.float32)


def pictures(waves: Sequence[np.ndarray], n_frames: int = 56, *, snr: Sequence[float] | None = None, seed: int = 0) -> np.ndarray:
    """Log-mel pictures of one size for a network, float32 (N, 1, bands, n_frames).

    Each wave stands in the middle of a clip of that many frames (longer ones lose their ends), on a floor of very quiet
    noise, so that the padding is no feature. Each picture has mean 0 and spread 1.

    Parameters
    ----------
    snr : list of N numbers, optional
        Signal-to-noise ratio of each clip in dB, over the whole clip; without it, 40 dB.
    """
    rng, length = np.random.default_rng(seed), WINDOW + HOP * (n_frames - 1)
    out = np.empty((len(waves), 1, BANDS, n_frames), np.float32)
    for i, wave in enumerate(waves):
        cut = max(0, (len(wave) - length) // 2)
        wave = wave[cut:cut + length]
        before = (length - len(wave)) // 2
        clip = np.pad(wave, (before, length - len(wave) - before))
        picture = log_mel(with_noise(clip, 40.0 if snr is None else snr[i], rng)).T
        out[i, 0] = (picture - picture.mean()) / max(float(picture.std()), 1e-6)
    return out
