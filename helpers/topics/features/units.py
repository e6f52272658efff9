"""What does a unit want? Pictures made by gradient ascent, and the real patches that excite it most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from helpers.models import FastCNN

#: The place on the 6×6 map whose unit is asked.
MIDDLE = 3
#: Layers of FastCNN.features that can be asked, before their ReLU: how many modules come before, and the window on the picture:
#: first row and column that the unit at MIDDLE sees, and how many it sees.
LAYERS = {"second convolution": (7, 8, 15), "fourth convolution": (13, 2, 24)}


def answers(net: FastCNN, x: torch.Tensor, layer: str) -> torch.Tensor:
    """The map of each unit of a layer, before its ReLU: (N, 1, 28, 28) → (N, units, 6, 6)."""
    return net.features[:LAYERS[layer][0]](x.contiguous(memory_format=torch.channels_last))


def blur(x: torch.Tensor, strength: float) -> torch.Tensor:
    """(N, 1, H, W) mixed with the mean of its 3×3 surroundings."""
    return (1 - strength) * x + strength * F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def ascend(net: FastCNN, layer: str, steps: int = 60, lr: float = 0.05, smooth: float = 0.0, jitter: int = 0, seed: int = 0) -> torch.Tensor:
    """For each unit of a layer a picture (units, 1, 28, 28) in [0, 1] that excites it at the middle of its map.

    Parameters
    ----------
    smooth : float from 0 to 1
        Regularisation: how far each picture is blurred after each step.
    jitter : int
        Regularisation: before each step the picture is moved by at most so many pixels, and back after it.
    """
    g = torch.Generator().manual_seed(seed)
    n_units = answers(net, torch.zeros(1, 1, 28, 28), layer).shape[1]
    x = 0.1 * torch.rand(n_units, 1, 28, 28, generator=g)
    units = torch.arange(n_units)
    momentum = torch.zeros_like(x)
    for _ in range(steps):
        down, right = torch.randint(-jitter, jitter + 1, (2,), generator=g).tolist()
        seen = torch.roll(x, (down, right), (2, 3)).requires_grad_()
        wanted = answers(net, seen, layer)[units, units, MIDDLE, MIDDLE].sum()
        (gradient,) = torch.autograd.grad(wanted, seen)
        gradient = torch.roll(gradient, (-down, -right), (2, 3))
        momentum = 0.8 * momentum + gradient / gradient.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-9)
        x = blur((x + lr * momentum).clamp(0, 1), smooth)
    return x


def middle_answers(net: FastCNN, x: torch.Tensor, layer: str) -> torch.Tensor:
    """What each unit answers at the middle of its map to its own picture: (units,)."""
    with torch.no_grad():
        out = answers(net, x, layer)
    units = torch.arange(len(x))
    return out[units, units, MIDDLE, MIDDLE]


@dataclass(frozen=True)
class Favourites:
    """The real patches that excite each unit most, one a picture at most.

    patches float32 (units, k, S, S); value (units, k); label int64 (units, k).
    """

    patches: torch.Tensor
    value: torch.Tensor
    label: torch.Tensor

    @property
    def purity(self) -> np.ndarray:
        """The share of each unit's favourites that show its commonest digit: (units,)."""
        return np.array([np.bincount(row).max() / len(row) for row in self.label.numpy()])


def favourites(net: FastCNN, x: torch.Tensor, y: torch.Tensor, layer: str, k: int = 9) -> Favourites:
    """Look through all places of all pictures (N, 1, 28, 28)."""
    _, first, size = LAYERS[layer]
    with torch.no_grad():
        out = answers(net, x, layer)                                    # (N, units, 6, 6)
    best, place = out.flatten(2).max(2)                                 # (N, units)
    value, who = best.topk(k, 0)                                        # (k, units)
    where = place.gather(0, who)
    margin = 28
    framed = F.pad(x, (margin,) * 4)[:, 0]
    patches = []
    for unit in range(out.shape[1]):
        row = []
        for picture, at in zip(who[:, unit].tolist(), where[:, unit].tolist(), strict=True):
            top, left = margin + first + 4 * (at // 6 - MIDDLE), margin + first + 4 * (at % 6 - MIDDLE)
            row.append(framed[picture, top:top + size, left:left + size])
        patches.append(torch.stack(row))
    return Favourites(torch.stack(patches), value.T, y[who].T)


def window_of(x: torch.Tensor, layer: str) -> torch.Tensor:
    """What the units at MIDDLE see of pictures (N, 1, 28, 28): (N, S, S)."""
    _, first, size = LAYERS[layer]
    return x[:, 0, first:first + size, first:first + size]


@dataclass(frozen=True)
class Asked:
    """What the units of one layer of one network want: pictures (units, S, S) made plainly and with regularisation, their answers (units,), the real favourites."""

    plain: torch.Tensor
    smooth: torch.Tensor
    plain_answer: torch.Tensor
    smooth_answer: torch.Tensor
    real: Favourites


def ask(net: FastCNN, x: torch.Tensor, y: torch.Tensor, layer: str, steps: int) -> Asked:
    """Ask every unit of a layer: by ascent, plain and regularised, and by the real pictures."""
    plain, smooth = ascend(net, layer, steps), ascend(net, layer, steps, smooth=0.2, jitter=2)
    return Asked(window_of(plain, layer), window_of(smooth, layer), middle_answers(net, plain, layer),
                 middle_answers(net, smooth, layer), favourites(net, x, y, layer))


def match(pictures: torch.Tensor, patches: torch.Tensor) -> np.ndarray:
    """Correlation of each unit's picture (units, S, S) with the mean of each unit's favourites (units, k, S, S): (units, units)."""
    a, b = pictures.flatten(1), patches.mean(1).flatten(1)
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    a, b = a / a.norm(dim=1, keepdim=True).clamp(min=1e-9), b / b.norm(dim=1, keepdim=True).clamp(min=1e-9)
    return (a @ b.T).numpy()


def own_rank(table: np.ndarray) -> float:
    """The share of other units whose favourites a picture is less like than its own unit's, on average. 0.5 is chance."""
    own = np.diag(table)[:, None]
    return float((table < own).sum(1).mean() / (len(table) - 1))


def settle_norm(net: FastCNN, x: torch.Tensor) -> FastCNN:
    """An untrained network whose batch normalisation has seen the data, so that its layers work as in a trained one."""
    net.train()
    with torch.no_grad():
        for batch in x.split(250):
            net(batch)
    return net.eval()
