"""Conversion: bytes, series, texts and sound as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch

from helpers.data.mel import mel_bank
from helpers.models.pretrained import pretrained

RATE = 16_000
#: Photographs of scikit-image that are in colour.
PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "rocket")
PAD, UNKNOWN = 0, 1


def encoded_photograph(name: str = "chelsea", size: int = 224) -> bytes:
    """A colour photograph as the bytes of a PNG file: the middle square, size × size pixels (a real photograph of scikit-image)."""
    from skimage import data

    if name not in PHOTOGRAPHS:
        raise ValueError(f"name must be one of {', '.join(PHOTOGRAPHS)}; got {name!r}")
    picture = getattr(data, name)()                                         # (H, W, 3) uint8, RGB
    edge = min(picture.shape[:2])
    top, left = (picture.shape[0] - edge) // 2, (picture.shape[1] - edge) // 2
    square = cv2.resize(picture[top:top + edge, left:left + edge], (size, size), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", cv2.cvtColor(square, cv2.COLOR_RGB2BGR))[1].tobytes()


def whistle(seconds: float = 1.0, low: float = 300, high: float = 5000) -> np.ndarray:
    """A made-up sound: a tone that climbs from low to high (Hz) at an even pace, and a knock in the middle; float32 (T,), 16,000 a second."""
    t = np.arange(round(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * (low * t + (high - low) / (2 * seconds) * t**2))
    knock = np.exp(-((t - seconds / 2) / 0.004) ** 2) * np.random.default_rng(0).standard_normal(len(t))
    return (0.5 * tone + knock).astype(np.float32)


def mel_filters(n_mels: int = 40, n_fft: int = 400, rate: int = RATE) -> np.ndarray:
    """Triangles on the mel scale, float32 (n_mels, n_fft // 2 + 1): each climbs from its left neighbour's tip, and falls to its right one's."""
    return mel_bank(n_mels, n_fft, rate).astype(np.float32)


def log_mel(sound: torch.Tensor, n_fft: int = 400, hop: int = 160, n_mels: int = 40) -> torch.Tensor:
    """Sound float32 (T,) → float32 (n_mels, frames): 25 ms windows every 10 ms, power by mel filter, logarithm."""
    spectrum = torch.stft(sound, n_fft, hop, window=torch.hann_window(n_fft), return_complex=True)      # (n_fft // 2 + 1, frames)
    power = spectrum.abs() ** 2
    return (torch.from_numpy(mel_filters(n_mels, n_fft)) @ power + 1e-6).log()


def vocabulary(texts: Sequence[str]) -> dict[str, int]:
    """Word → index from 2 on, the commonest first (0 is padding, 1 an unknown word)."""
    words = [word for text in texts for word in text.lower().split()]
    commonest = sorted(set(words), key=lambda word: (-words.count(word), word))
    return {word: i for i, word in enumerate(commonest, 2)}


def indices(texts: Sequence[str], vocabulary: dict[str, int]) -> torch.Tensor:
    """Texts as int64 (N, T), T the longest; shorter ones end in 0, unknown words are 1."""
    rows = [[vocabulary.get(word, UNKNOWN) for word in text.lower().split()] for text in texts]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def photograph(name: str) -> torch.Tensor:
    """A photograph of PHOTOGRAPHS as a network wants it: float32 (3, 224, 224) in [0, 1], red first."""
    bgr = np.asarray(cv2.imdecode(np.frombuffer(encoded_photograph(name), np.uint8), cv2.IMREAD_COLOR))
    return torch.from_numpy(bgr[:, :, ::-1].copy()).permute(2, 0, 1) / 255


def first_choice(picture: torch.Tensor) -> tuple[int, float]:
    """What an EfficientNet trained on ImageNet takes a picture (3, 224, 224) for: one of 1,000 classes, and its probability."""
    with torch.no_grad():
        probs = pretrained()(picture[None] * 2 - 1).softmax(1)[0]
    return int(probs.argmax()), float(probs.max())


def cat_probability(picture: torch.Tensor) -> float:
    """What an EfficientNet trained on ImageNet says: the probability of its five domestic cats (classes 281 to 285).

    picture : float (3, 224, 224), in [0, 1] if it is right.
    """
    with torch.no_grad():
        probs = pretrained()(picture[None].float() * 2 - 1).softmax(1)[0]
    return float(probs[281:286].sum())
