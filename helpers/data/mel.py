"""The mel scale, and the bands that stand evenly on it."""

from __future__ import annotations

import functools

import numpy as np


def mel(hertz: np.ndarray | float) -> np.ndarray:
    """Hertz on the mel scale (O'Shaughnessy): equal steps on it sound about equally far apart. Nearly straight below 1,000 Hz, then logarithmic.

    >>> round(float(mel(1000.0)))
    1000
    """
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def hertz(mels: np.ndarray | float) -> np.ndarray:
    """The inverse of :func:`mel`."""
    return 700 * (10 ** (np.asarray(mels) / 2595) - 1)


@functools.cache
def mel_bank(bands: int, window: int, rate: int) -> np.ndarray:
    """Triangles that stand evenly on the mel scale, float64 (bands, window // 2 + 1); the highest value of a triangle is 1."""
    edges = hertz(np.linspace(0, mel(rate / 2), bands + 2))[:, None]          # (bands + 2, 1)
    bins = np.fft.rfftfreq(window, 1 / rate)                                  # (window // 2 + 1,)
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rise, fall))
