"""How large a signal is after each of thirty layers, forward and backward: measured, and as theory says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"ReLU": torch.relu, "tanh": torch.tanh, "none": lambda z: z}
NORMS = ("none", "batch norm", "layer norm")


@dataclass(frozen=True)
class Signal:
    """Mean squares, layer by layer.

    Parameters
    ----------
    forward : (depth + 1,) float64
        Of the input and of each layer's output.
    backward : (depth + 1,) float64
        Of the loss's gradient with respect to the same, as multiples of the last. NaN where theory is silent.
    """

    forward: np.ndarray
    backward: np.ndarray

    def spread(self) -> tuple[float, float]:
        """Decades between the greatest and the least mean square, forward and backward; infinite where one is 0 or not finite."""
        return _decades(self.forward), _decades(self.backward)


def _decades(values: np.ndarray) -> float:
    if not np.isfinite(values).all() or values.min() <= 0:
        return float("inf")
    return float(np.log10(values.max() / values.min()))


@lru_cache(maxsize=8)
def _drawn(depth: int, width: int, n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    return (torch.randn(depth, width, width, generator=g) / width**0.5, torch.randn(n, width, generator=g), torch.randn(n, width, generator=g))


def normalise(z: torch.Tensor, norm: str) -> torch.Tensor:
    """(N, D) or (M, N, D) with each column (batch norm) or each row (layer norm) of mean 0 and variance 1."""
    if norm == "none":
        return z
    if norm == "layer norm":
        return F.layer_norm(z, z.shape[-1:])
    if z.ndim == 2:
        return F.batch_norm(z, None, None, training=True)
    m, n, d = z.shape
    columns = z.transpose(0, 1).reshape(n, m * d)           # every network's every unit is a column of its own
    return F.batch_norm(columns, None, None, training=True).view(n, m, d).transpose(0, 1)


def measure(gain: float, activation: str = "ReLU", norm: str = "none", residual: bool = False, *,
            depth: int = 30, width: int = 256, n: int = 16, seed: int = 0) -> Signal:
    """Send random examples through an untrained network, and a random gradient back.

    A layer is ``h ← f(norm(W h))``, or ``h ← h + f(norm(W h))`` with residual; the entries of W are drawn from a normal
    distribution of variance gain²/width.

    Parameters
    ----------
    gain : float
    activation : "ReLU", "tanh" or "none"
    norm : "none", "batch norm" or "layer norm"
    residual : bool
    depth, width, n, seed : int
        Layers, units a layer, examples, and where the draws begin.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)                # products so small lose more by waking a second thread than it saves
    try:
        return _measured(gain, activation, norm, residual, *_drawn(depth, width, n, seed))
    finally:
        torch.set_num_threads(threads)


def _measured(gain: float, activation: str, norm: str, residual: bool, weights: torch.Tensor, h: torch.Tensor, g: torch.Tensor) -> Signal:
    f = ACTIVATIONS[activation]
    h = h.clone().requires_grad_()
    states = [h]
    for W in weights:
        out = f(normalise(gain * (h @ W), norm))
        h = h + out if residual else out
        states.append(h)
    gradients = torch.autograd.grad(h, states, g)
    forward, backward = (torch.stack(list(part)).detach().double().square_().mean((1, 2)).numpy() for part in (states, gradients))
    return Signal(forward, backward / backward[-1])


@lru_cache(maxsize=4)
def _gauss(points: int = 101) -> tuple[np.ndarray, np.ndarray]:
    z, weight = np.polynomial.hermite_e.hermegauss(points)
    return z, weight / weight.sum()


def theory(gain: float, activation: str = "ReLU", residual: bool = False, depth: int = 30) -> Signal | None:
    """What the theory of infinitely wide layers says of the same network without normalisation.

    With q the mean square of h, a unit's pre-activation is normal with variance gain²·q. So the next mean square is
    gain²·q/2 for ReLU (He et al. 2015), and an integral for tanh; backward, each layer multiplies by gain² times the
    mean square of the slope (Glorot & Bengio 2010; Schoenholz et al. 2017, arXiv:1611.01232). With a residual branch
    the products of trunk and branch count as well: both have a positive mean behind ReLU; backward it is silent there
    (NaN), for the ways back are not independent. None for tanh with residual.
    """
    if residual and activation == "tanh":
        return None
    z, weight = _gauss()
    functions: dict[str, Callable[..., Any]] = {"ReLU": lambda a: np.maximum(a, 0), "tanh": np.tanh, "none": lambda a: a}
    f = functions[activation]
    slopes: dict[str, Callable[..., Any]] = {"ReLU": lambda a: (a > 0) * 1.0, "tanh": lambda a: 1 - np.tanh(a) ** 2, "none": np.ones_like}
    slope = slopes[activation]
    q, mean = 1.0, 0.0
    forward, factors = [q], []
    for _ in range(depth):
        a = gain * np.sqrt(q) * z
        first, second = float(weight @ f(a)), float(weight @ f(a) ** 2)
        if activation == "ReLU":            # exact: the kink spoils the quadrature
            first, second = gain * np.sqrt(q / (2 * np.pi)), gain**2 * q / 2
        factor = gain**2 * (0.5 if activation == "ReLU" else float(weight @ slope(a) ** 2))
        q, mean = (q + second + 2 * mean * first, mean + first) if residual else (second, first)
        forward.append(q)
        factors.append(np.nan if residual else factor)
    backward = np.cumprod([1.0, *reversed(factors)])[::-1]
    return Signal(np.array(forward), backward)
