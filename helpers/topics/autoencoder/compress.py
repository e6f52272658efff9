"""Chapter 04: what a digit costs in bits, with loss and without, for a network and for its plain rivals."""

from __future__ import annotations

import bz2
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch

from helpers.topics.autoencoder.vae import context_bits, png_bytes, rounded_bits

#: (bits a digit, pixels that come back wrong), a digit on average.
Cost = tuple[float, float]


def wrong_pixels(p: torch.Tensor, x: torch.Tensor) -> float:
    """Pixels (of all D) that come back wrong, a picture on average; p (N, D) above one half is ink, x (N, D) zeros and ones."""
    return float(((p > 0.5).float() != x).float().sum(1).mean())


def code_costs(decode: Callable[[torch.Tensor], torch.Tensor], train_codes: torch.Tensor, codes: torch.Tensor, x: torch.Tensor,
               steps: Sequence[float]) -> list[Cost]:
    """Codes (N, d) rounded to multiples of each step: what they cost, and how many pixels of x (N, D) come back wrong."""
    with torch.inference_mode():
        return [(rounded_bits(train_codes, codes, step), wrong_pixels(decode(torch.round(codes / step) * step), x)) for step in steps]


def pca_costs(train: torch.Tensor, x: torch.Tensor, sizes: Sequence[int], steps: Sequence[float]) -> list[Cost]:
    """The same for PCA. Of all sizes and steps those are kept that nothing beats on the training pictures (in bits and in pixels)."""
    mean = train.mean(0)
    Vh = torch.linalg.svd(train - mean, full_matrices=False).Vh
    own, new = (train - mean) @ Vh.T, (x - mean) @ Vh.T
    some = train[:500]
    settings = [(k, step) for k in sizes for step in steps]

    def cost(k: int, step: float, codes: torch.Tensor, pictures: torch.Tensor) -> Cost:
        return code_costs(lambda z: z @ Vh[:k] + mean, own[:, :k], codes[:, :k], pictures, [step])[0]

    on_train = {setting: cost(*setting, own[:500], some) for setting in settings}
    kept = [s for s in settings if not any(b < on_train[s][0] and w <= on_train[s][1] for b, w in on_train.values())]
    return sorted(cost(*setting, new, x) for setting in kept)


def look_up(train: torch.Tensor, x: torch.Tensor) -> Cost:
    """Send the number of the nearest training picture: log₂ of how many there are, and the pixels in which it differs."""
    return math.log2(len(train)), float(torch.cdist(x, train, p=1).amin(1).mean())


def lossless_bits(train: torch.Tensor, test: torch.Tensor, elbo: float) -> dict[str, float]:
    """Bits a pixel without loss for black-and-white pictures (N, 784), by six ways.

    Parameters
    ----------
    elbo : float
        Of a variational autoencoder, in nats a picture: with bits-back coding it needs -elbo.
    """
    black_train, black_test = (a.view(-1, 28, 28).numpy() > 0.5 for a in (train, test))
    single = np.mean([png_bytes(picture) for picture in black_test[:250]], axis=0) * 8 / 784
    sheet = png_bytes(black_test.reshape(-1, 28))[0] * 8 / black_test.size
    ink = (train.sum(0) + 1) / (len(train) + 2)
    alone = -(test * ink.log2() + (1 - test) * (1 - ink).log2()).mean()
    return {"PNG, one file a digit": float(single[0]), "PNG, its pixel data alone": float(single[1]), "no code, each pixel by itself": float(alone),
            "PNG, one sheet of all digits": sheet, "bzip2, all digits": len(bz2.compress(black_test.tobytes())) * 8 / black_test.size,
            "VAE, 16 units (−ELBO)": -elbo / math.log(2) / 784, "ten neighbours, a table": context_bits(black_train, black_test) / 784}
