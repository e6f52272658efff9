"""Pictures that are no digits, in the form of digits: letters, noise, pieces of photographs, digits upside down."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from helpers.data import digits, photograph
from helpers.topics.classification.reading import like_mnist
from helpers.validate import whole

#: Letters that nobody takes for a digit (no B, I, O, S, Z).
LETTERS = "ACDEFGHJKLMNPQRTUVWXY"
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX)
PHOTOS = ("brick", "grass", "gravel", "camera", "coins", "moon")


def strangers(n: int = 200, seed: int = 0) -> dict[str, torch.Tensor]:
    """Four kinds of pictures that are no digits: name → float32 (n, 1, 28, 28) in [0, 1].

    Letters are written with OpenCV's own fonts and placed as MNIST's digits are; photographs are those of
    :func:`helpers.data.photograph`, in pieces of 56 pixels shrunk to 28. Upside down stand test digits 3, 4 and 7,
    at most as many as there are: half a turn makes no digit of them.
    """
    n = whole("n", n)
    rng = np.random.default_rng(seed)
    letters: list[np.ndarray] = []
    pieces: list[np.ndarray] = []
    pictures = [photograph(name) for name in PHOTOS]
    for i in range(n):
        canvas = np.zeros((80, 80), np.uint8)
        cv2.putText(canvas, LETTERS[i % len(LETTERS)], (18, 60), FONTS[int(rng.integers(len(FONTS)))], float(rng.uniform(1.4, 1.9)), 255,
                    int(rng.integers(3, 6)), cv2.LINE_AA)
        rows, columns = np.nonzero(canvas)
        letters.append(like_mnist(canvas[rows.min():rows.max() + 1, columns.min():columns.max() + 1].astype(np.float32) / 255))
        picture = pictures[i % len(pictures)]
        top, left = rng.integers(picture.shape[0] - 56), rng.integers(picture.shape[1] - 56)
        pieces.append(np.asarray(cv2.resize(picture[top:top + 56, left:left + 56], (28, 28), interpolation=cv2.INTER_AREA)))
    noise = list(rng.random((n, 28, 28), np.float32))
    x, y = digits().test
    turned = x[(y == 3) | (y == 4) | (y == 7)][:n].flip(2, 3)
    made = (("letters", letters), ("noise", noise), ("photographs", pieces))
    return {name: torch.from_numpy(np.stack(found).astype(np.float32))[:, None] for name, found in made} | {"upside down": turned}


def sureness(logits: torch.Tensor, temperature: float = 1.0) -> np.ndarray:
    """The probability of the answer: logits (N, K) of one network, or (M, N, K) of several whose probabilities are averaged → (N,)."""
    p = (logits / temperature).softmax(-1)
    return (p if p.ndim == 2 else p.mean(0)).amax(1).numpy()


def temperature_for(logits: torch.Tensor, goal: float) -> float:
    """The temperature, 0.05 to 50, at which the mean sureness of logits (N, K) is the goal; by halving."""
    low, high = 0.05, 50.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if sureness(logits, middle).mean() > goal else (low, middle)
    return (low * high) ** 0.5


def told_apart(known: np.ndarray, strange: np.ndarray) -> float:
    """The chance that a known picture has the higher score than a strange one: area under the ROC curve, 0.5 by guessing."""
    return float(roc_auc_score(np.r_[np.ones(len(known)), np.zeros(len(strange))], np.r_[known, strange]))


def nearness(train: torch.Tensor, x: torch.Tensor) -> np.ndarray:
    """Minus the distance to the nearest training picture, (N,): the plain baseline."""
    return -torch.cdist(x.flatten(1), train.flatten(1)).amin(1).numpy()
