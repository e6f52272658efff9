"""Smaller networks: batch norm folded away, weights rounded to few bits, small weights cut off, a student of a teacher."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.split import XY
from helpers.models import FastCNN
from helpers.training import fit, one_cycle, predict_logits
from helpers.validate import positive, whole

Tensor = torch.Tensor


def trained(width: int, data: XY, n_epochs: int, seed: int = 0, loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy) -> FastCNN:
    """A FastCNN of this width after n_epochs of AdamW with one cycle."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = FastCNN(width)
        fit(model, data, n_epochs=n_epochs, batch_size=64, lr=0.02, optimizer=partial(torch.optim.AdamW, weight_decay=0.05), schedule=one_cycle,
            loss=loss, seed=seed, progress=False)
    return model


def accuracy(model: nn.Module, data: XY) -> float:
    """The share right, in evaluation mode."""
    return float((predict_logits(model, data[0]).argmax(1) == data[1]).float().mean())


def folded(model: nn.Module) -> nn.Module:
    """The same network with each batch norm multiplied into the convolution before it: equal outputs in evaluation mode."""
    model = copy.deepcopy(model).eval()
    for parent in list(model.modules()):
        children = list(parent.named_children())
        for (name, conv), (next_name, norm) in pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(parent, name, nn.utils.fusion.fuse_conv_bn_eval(conv, norm))
                setattr(parent, next_name, nn.Identity())
    return model


def round_to_bits(w: Tensor, bits: int, per_channel: bool = False) -> tuple[Tensor, Tensor]:
    """Symmetric rounding: whole numbers from −(2^(bits−1) − 1) to the same above zero, and the scale that they are multiplied with.

    Parameters
    ----------
    w : float (K, …)
    bits : int
        From 2 to 8.
    per_channel : bool
        A scale for each of the K rows, or one for all.

    Returns
    -------
    codes : int8, as w; scale : float (K, 1, …) or ()
    """
    top = 2 ** (whole("bits", bits, 2, 8) - 1) - 1
    largest = w.flatten(1).abs().max(1).values.view(-1, *[1] * (w.ndim - 1)) if per_channel else w.abs().max()
    scale = largest.clamp(min=1e-12) / top
    return (w / scale).round().clamp(-top, top).to(torch.int8), scale


def rounded(model: nn.Module, bits: int, per_channel: bool = False) -> nn.Module:
    """A copy whose weights (biases left alone) have gone to so many bits and back."""
    model = copy.deepcopy(model)
    with torch.no_grad():
        for w in large(model):
            codes, scale = round_to_bits(w, bits, per_channel)
            w.copy_(codes * scale)
    return model


def large(model: nn.Module) -> list[Tensor]:
    """The weights that are worth rounding and cutting: those of convolutions and linear layers."""
    return [layer.weight for layer in model.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]


def n_bytes(model: nn.Module, bits: int = 32, per_channel: bool = False, kept: float = 1.0) -> float:
    """What the network takes: weights of so many bits, their scales, all else as float32; cut weights cost a bit each in a map."""
    weights = large(model)
    n, total = sum(w.numel() for w in weights), sum(p.numel() for p in model.parameters())
    scales = 0 if bits == 32 else sum(len(w) if per_channel else 1 for w in weights)
    return n * kept * bits / 8 + (n / 8 if kept < 1 else 0) + 4 * (total - n + scales)


def masks_of(weights: Iterable[Tensor], share: float) -> list[Tensor]:
    """For each weight tensor the mask (bool) that cuts the given share of it, the smallest by size."""
    found = []
    for w in weights:
        order = w.detach().abs().flatten().argsort()
        mask = torch.ones(w.numel(), dtype=torch.bool)
        mask[order[:round(share * w.numel())]] = False
        found.append(mask.view(w.shape))
    return found


def pruned(model: nn.Module, data: XY, share: float, n_epochs: int, *, gradual: bool = False, seed: int = 0, lr: float = 0.005) -> nn.Module:
    """A copy with this share of the weights cut, retrained for n_epochs (0: not at all).

    At one shot all are cut at once; gradually the share grows over the first two thirds of the steps, along Zhu and
    Gupta's curve 1 − (1 − t)³.

    Source
    ------
    Zhu and Gupta, "To prune, or not to prune" (2017), arXiv:1710.01878.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share must lie from 0 to below 1, got {share}")
    model = copy.deepcopy(model)
    weights = large(model)
    masks = masks_of(weights, 0 if gradual and n_epochs else share)

    def cut() -> None:
        with torch.no_grad():
            for w, mask in zip(weights, masks, strict=True):
                w.mul_(mask)

    cut()
    if not n_epochs:
        return model
    n_steps, step = n_epochs * -(-len(data[0]) // 64), 0

    def optimizer(parameters: Any, lr: float) -> torch.optim.Optimizer:
        opt = torch.optim.AdamW(parameters, lr=lr, weight_decay=0.0)

        def after(*_: object) -> None:
            nonlocal masks, step
            step += 1
            if gradual and step % 5 == 0 and step <= 2 * n_steps // 3 + 5:
                masks = masks_of(weights, share * (1 - (1 - min(1.0, 1.5 * step / n_steps)) ** 3))
            cut()

        opt.register_step_post_hook(after)
        return opt

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fit(model, data, n_epochs=n_epochs, batch_size=64, lr=lr, optimizer=optimizer, schedule=one_cycle, seed=seed, progress=False)
    masks = masks_of(weights, share)
    cut()
    return model


def distilled_loss(temperature: float) -> Callable[[Tensor, Tensor], Tensor]:
    """How far a student's softened answers lie from a teacher's logits, (N, K) both: T² · KL, in nats (Hinton and others 2015, arXiv:1503.02531)."""
    t = positive("temperature", temperature)
    return lambda logits, teacher: t * t * F.kl_div((logits / t).log_softmax(1), (teacher / t).log_softmax(1), log_target=True, reduction="batchmean")
