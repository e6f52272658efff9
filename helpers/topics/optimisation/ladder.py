"""A ladder in small: one network, rungs that change one thing each, measured side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.training import one_cycle, predict_logits
from helpers.validate import positive, whole

Tensor = torch.Tensor
#: The side of the pictures that the network is made for: digits without their empty margin.
SIDE = 24


@dataclass(frozen=True)
class Recipe:
    """How the network is built and trained; each rung of a ladder changes one entry.

    Parameters
    ----------
    n_epochs, batch_size : int
    lr : float
        The rate, or its peak where cycle is on.
    norm, cycle : bool
        Batch normalisation; one cycle instead of a constant rate.
    small_first : bool
        Pictures of 16×16 pixels in the first half of the epochs, 24×24 after.
    bfloat16 : bool
        Products in bfloat16 in training.
    smoothing : float
        Label smoothing.
    strength : float
        Of random turns and shifts.
    width : int
        Filters of the first layer.
    share : float
        The share of each epoch's examples that is really used; what is below 1 is a trick, not a recipe.
    """

    n_epochs: int = 4
    batch_size: int = 64
    lr: float = 0.003
    norm: bool = False
    cycle: bool = False
    small_first: bool = False
    bfloat16: bool = False
    smoothing: float = 0.0
    strength: float = 0.0
    width: int = 8
    share: float = 1.0


@dataclass(frozen=True)
class Run:
    """One training: validation accuracy at its end, the processor's seconds in training, examples that went through the network."""

    accuracy: float
    seconds: float
    n_seen: int


def network(recipe: Recipe) -> nn.Sequential:
    """Four convolutions and a linear layer, for pictures of any size from 12×12."""
    w = whole("width", recipe.width)

    def block(n_in: int, n_out: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
        norm: list[nn.Module] = [nn.BatchNorm2d(n_out)] if recipe.norm else []
        return [nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, bias=not recipe.norm), *norm, nn.ReLU()]

    model = nn.Sequential(*block(1, w, 5, 2), nn.MaxPool2d(2), *block(w, 2 * w), *block(2 * w, 2 * w), *block(2 * w, 2 * w),
                          nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(8 * w, 10))
    return model.to(memory_format=torch.channels_last)      # type: ignore[call-overload]


def view(x: Tensor, side: int = SIDE, strength: float = 0.0) -> Tensor:
    """The middle of each picture (N, 1, 28, 28) at side × side pixels, turned, scaled, slanted and shifted at random.

    Cutting, scaling and changing are one resampling, so a smaller picture is cheaper, and nothing is done twice.
    """
    angle, size, slant, dx, dy = (2 * torch.rand(5, len(x)) - 1) * strength
    cut = SIDE / 28
    angle, size = 0.17 * angle, 1 + 0.12 * size
    cos, sin = size * angle.cos(), size * angle.sin()
    theta = torch.stack([cut * cos, cut * (0.15 * slant - sin), 0.15 * dx, cut * sin, cut * cos, 0.15 * dy], 1).view(-1, 2, 3)
    return F.grid_sample(x, F.affine_grid(theta, [len(x), 1, side, side], align_corners=False), align_corners=False)


def run(recipe: Recipe, data: XY, val: XY, seed: int) -> Run:
    """Train once; the clock counts this process's own seconds, in training alone, so that other programs do not disturb it."""
    positive("share", recipe.share, most=1.0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = network(recipe)
        x, y = data
        n_seen, began = 0, time.process_time()
        per_epoch = -(-len(x) // recipe.batch_size)
        kept = max(1, round(per_epoch * recipe.share))
        opt = torch.optim.AdamW(model.parameters(), recipe.lr, weight_decay=0.05, fused=True)
        schedule = one_cycle(opt, recipe.n_epochs * kept) if recipe.cycle else None
        for epoch in range(recipe.n_epochs):
            side = 16 if recipe.small_first and 2 * epoch < recipe.n_epochs else SIDE
            for places in torch.randperm(len(x)).split(recipe.batch_size)[:kept]:
                seen = view(x[places], side, recipe.strength).contiguous(memory_format=torch.channels_last)
                with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
                    out = model(seen)
                loss = F.cross_entropy(out.float(), y[places], label_smoothing=recipe.smoothing)
                opt.zero_grad()
                loss.backward()
                opt.step()
                if schedule is not None:
                    schedule.step()
                n_seen += len(places)
        seconds = time.process_time() - began
        right = (predict_logits(model, view(val[0])).argmax(1) == val[1]).float().mean()
    return Run(float(right), seconds, n_seen)


def climb(rungs: Mapping[str, Recipe], data: XY, val: XY, seeds: Sequence[int], train: Callable[[Recipe, XY, XY, int], Run] = run) -> dict[str, list[Run]]:
    """Every rung with every seed, seed by seed in turn: a busy moment of the machine meets all rungs alike."""
    train(replace(next(iter(rungs.values())), n_epochs=1, share=0.1), data, val, 0)     # what is done but once, before the clock
    found: dict[str, list[Run]] = {name: [] for name in rungs}
    for seed in seeds:
        for name, recipe in rungs.items():
            found[name].append(train(recipe, data, val, seed))
    return found


def relative_seconds(runs: Mapping[str, Sequence[Run]]) -> dict[str, np.ndarray]:
    """Seconds of each run, divided by those of the first rung with the same seed."""
    first = np.array([r.seconds for r in next(iter(runs.values()))])
    return {name: np.array([r.seconds for r in found]) / first for name, found in runs.items()}
