"""What chapter 04 needs to judge a generator and does not teach: integrals on a grid, and rulers for bits."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from PIL import Image

#: The pixels above and to the left that the context coder looks at, as (rows down, columns right): JBIG's ten.
CONTEXT = ((-2, -1), (-2, 0), (-2, 1), (-1, -2), (-1, -1), (-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1))


def log_bernoulli(logits: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """How probable pictures of 0 and 1 are if each pixel is ink with probability sigmoid(logit): (N,) log, in nats.

    Parameters
    ----------
    logits, x : (N, D) float
        x holds zeros and ones.
    """
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)


def log_mean_exp(log_w: torch.Tensor, dim: int = 0) -> torch.Tensor:
    """log of the mean of exp(log_w) along an axis, with no overflow and no underflow.

    >>> log_mean_exp(torch.tensor([-1000.0, -1000.0]))
    tensor(-1000.)
    """
    return torch.logsumexp(log_w, dim) - math.log(log_w.shape[dim])


@torch.inference_mode()
def grid_log_likelihood(decoder: Callable[[torch.Tensor], torch.Tensor], log_prior: Callable[[torch.Tensor], torch.Tensor],
                        low: ArrayLike | torch.Tensor, high: ArrayLike | torch.Tensor, x: torch.Tensor, n: int = 150) -> torch.Tensor:
    """log p(x) of a decoder with two code units, by adding up p(z) p(x | z) over an n × n grid.

    Parameters
    ----------
    decoder : callable
        (M, 2) codes → (M, D) logits of the pixels.
    log_prior : callable
        (M, 2) codes → (M,) log density.
    low, high : (2,) floats
        The corners of the grid; nearly all of p(z) p(x | z) must lie between them.
    x : (N, D) zeros and ones

    Returns
    -------
    (N,) float, nats

    Raises
    ------
    ValueError
        If n is below 2, or a corner is no pair, or low is not below high.
    """
    a, b = (torch.as_tensor(v, dtype=torch.float32).tolist() for v in (low, high))
    if n < 2 or len(a) != 2 or len(b) != 2 or not all(p < q for p, q in zip(a, b, strict=True)):
        raise ValueError(f"the grid needs n >= 2 and two corners with low < high, got n={n}, low={a}, high={b}")
    axes = [torch.linspace(p, q, n) for p, q in zip(a, b, strict=True)]
    cell = math.prod((q - p) / (n - 1) for p, q in zip(a, b, strict=True))
    total = torch.full((len(x),), -math.inf)
    for z in torch.cartesian_prod(*axes).split(5000):
        logits = decoder(z)
        log_joint = logits @ x.T - F.softplus(logits).sum(1, keepdim=True) + log_prior(z)[:, None]
        total = torch.logaddexp(total, log_joint.logsumexp(0))
    return total + math.log(cell)


@torch.inference_mode()
def nearest_distance(p: torch.Tensor, data: torch.Tensor) -> torch.Tensor:
    """How far pictures drawn in black and white are from the nearest real one: (N,) root mean square of a pixel.

    Each pixel of the drawing is ink with probability p. Its expected squared distance from a real picture x is
    (p - x)² + p (1 - p): being undecided costs as well as being wrong, so a blur gains nothing.

    Parameters
    ----------
    p : (N, D) float in [0, 1]
    data : (M, D) zeros and ones
    """
    undecided = (p * (1 - p)).sum(1)
    return ((torch.cdist(p, data).square().amin(1) + undecided) / data.shape[1]).sqrt()


@torch.inference_mode()
def nearest_overlap(p: torch.Tensor, data: torch.Tensor) -> torch.Tensor:
    """The share of ink that does not overlap with the nearest real picture's: (N,) from 0 (the same) to 1 (nothing in common).

    1 - 2 Σ p x / (Σ p + Σ x), one minus Dice's coefficient, for the picture x of data where it is least. A blank page has
    nothing in common with anything. *Source*: L. R. Dice, "Measures of the amount of ecologic association between
    species", Ecology 26 (1945), doi:10.2307/1932409.

    Parameters
    ----------
    p : (N, D) float in [0, 1]
    data : (M, D) zeros and ones, each with some ink
    """
    return (1 - 2 * p @ data.T / (p.sum(1)[:, None] + data.sum(1))).amin(1)


def rounded_bits(train_codes: torch.Tensor, codes: torch.Tensor, step: float) -> float:
    """Bits that a rounded code costs on average, unit by unit, coded with the frequencies of the training codes.

    Parameters
    ----------
    train_codes, codes : (M, d), (N, d) float
        Rounded to whole multiples of step. A value that training never showed counts as seen once.
    step : float > 0
    """
    if not step > 0:
        raise ValueError(f"step must be greater than 0, got {step}")
    t, c = (torch.round(v / step).long() for v in (train_codes, codes))
    low = torch.minimum(t.amin(0), c.amin(0))
    size = int((torch.maximum(t.amax(0), c.amax(0)) - low).max()) + 1
    unit = torch.arange(t.shape[1]) * size              # each unit has its own row of counts
    counts = torch.bincount(((t - low) + unit).flatten(), minlength=size * t.shape[1]).view(t.shape[1], size)
    used = torch.maximum(t.amax(0), c.amax(0)) - low + 1
    log_p = torch.log2((counts + 1) / (len(t) + used[:, None]))
    return -float(log_p.flatten()[((c - low) + unit)].sum(1).mean())


def png_bytes(picture: ArrayLike) -> tuple[int, int]:
    """The size of an (H, W) picture of True and False as a one-bit PNG: (the whole file, its pixel data alone) in bytes."""
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(picture, bool)).save(buffer, "png", optimize=True)
    png, data, i = buffer.getvalue(), 0, 8
    while i < len(png):
        size = int.from_bytes(png[i:i + 4], "big")
        data += size if png[i + 4:i + 8] == b"IDAT" else 0
        i += 12 + size
    return len(png), data


def context_bits(train: ArrayLike, test: ArrayLike) -> float:
    """Bits an arithmetic coder needs for a picture if it foretells each pixel from ten neighbours it has already sent.

    A table of 2**10 counts, learnt from the training pictures: the model of the fax standard JBIG1 (ITU-T T.82, 1993),
    with its first template; beyond the edge lies paper.

    Parameters
    ----------
    train, test : (M, H, W), (N, H, W) arrays of True and False
    """
    seen, new = (np.asarray(a, bool) for a in (train, test))
    before = _contexts(seen).ravel()
    n = np.bincount(before, minlength=2**len(CONTEXT))
    ink = np.bincount(before, weights=seen.ravel(), minlength=2**len(CONTEXT))
    p = ((ink + 0.5) / (n + 1))[_contexts(new)]
    return float(-np.where(new, np.log2(p), np.log2(1 - p)).sum((1, 2)).mean())


def _contexts(x: np.ndarray) -> np.ndarray:
    """Ten neighbours as one whole number from 0 to 1023, at each pixel."""
    h, w = x.shape[1:]
    wide, number = np.pad(x, ((0, 0), (2, 2), (2, 2))).astype(np.int16), np.zeros(x.shape, np.int16)
    for i, (dy, dx) in enumerate(CONTEXT):
        number |= wide[:, 2 + dy:2 + dy + h, 2 + dx:2 + dx + w] << i
    return number
