"""Where a network looks: saliency, gradient times input, Grad-CAM, and what happens when a part is painted over."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from helpers.models import FastCNN

#: A map of a picture: ``method(model, x, y)``, x float (N, 1, H, W), y int64 (N,) → (N, H, W), 0 or more, greatest value 1.
Map = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]
#: Blocks of a FastCNN's features whose output Grad-CAM may weigh: name → how many layers come before.
LAYERS = {"early (12×12)": 4, "late (6×6)": 14}


def saliency(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """How much the logit of y changes with each pixel: |gradient|.

    *Source*: K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks" (2013), arXiv:1312.6034.
    """
    leaf = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(leaf)[torch.arange(len(y)), y].sum(), leaf)
    return scaled(gradient.abs()[:, 0])


def input_times_gradient(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """|gradient × pixel|: where there is no ink, it is 0 for any network."""
    leaf = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(leaf)[torch.arange(len(y)), y].sum(), leaf)
    return scaled((gradient * x).abs()[:, 0])


def grad_cam(model: FastCNN, x: torch.Tensor, y: torch.Tensor, depth: int = LAYERS["late (6×6)"]) -> torch.Tensor:
    """Feature maps, each weighed by the mean of its gradient, summed; what is negative is cut off.

    Parameters
    ----------
    depth : int
        How many of model.features come before the maps.

    Source
    ------
    R. Selvaraju and others, "Grad-CAM" (2017), arXiv:1610.02391.
    """
    with torch.no_grad():
        maps = model.features[:depth](x)
    maps = maps.detach().requires_grad_()                                       # (N, C, h, w)
    logits = model.classify(model.features[depth:](maps).flatten(1))
    (gradient,) = torch.autograd.grad(logits[torch.arange(len(y)), y].sum(), maps)
    cam = F.relu((gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True)).detach()
    inner = F.interpolate(cam, size=(x.shape[2] - 4, x.shape[3] - 4), mode="bilinear", align_corners=False)
    return scaled(F.pad(inner, (2, 2, 2, 2))[:, 0])                             # the network cuts off two pixels all around


def early_cam(model: FastCNN, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Grad-CAM of the first block, whose maps are finer."""
    return grad_cam(model, x, y, LAYERS["early (12×12)"])


def occlusion(model: nn.Module, x: torch.Tensor, y: torch.Tensor, size: int = 5, stride: int = 2) -> torch.Tensor:
    """How much the probability of y falls when a square of paper covers a place."""
    n, _, height, width = x.shape
    places = [(i, j) for i in range(0, height - size + 1, stride) for j in range(0, width - size + 1, stride)]
    covered = x[:, None].repeat(1, len(places), 1, 1, 1)
    for k, (i, j) in enumerate(places):
        covered[:, k, :, i:i + size, j:j + size] = 0
    with torch.no_grad():
        before = model(x).softmax(1)[torch.arange(n), y]
        after = model(covered.flatten(0, 1)).softmax(1).view(n, len(places), -1)[torch.arange(n), :, y]
    drop = (before[:, None] - after).clamp_min(0).view(n, 1, (height - size) // stride + 1, -1)
    return scaled(F.interpolate(drop, size=(height, width), mode="bilinear", align_corners=False)[:, 0])


def scaled(maps: torch.Tensor) -> torch.Tensor:
    """Each map (N, H, W) divided by its greatest value (a map of zeros stays one)."""
    return maps / maps.amax((1, 2), keepdim=True).clamp_min(1e-12)


def with_random_weights(model: FastCNN, seed: int = 0) -> FastCNN:
    """The same architecture, its weights drawn anew: it has learnt nothing. Batch norm's statistics are kept."""
    twin = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in twin.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                bound = layer.weight[0].numel() ** -0.5
                layer.weight.copy_(bound * (2 * torch.rand(layer.weight.shape, generator=generator) - 1))
    return twin.eval()


def alike(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    """The correlation of two maps, picture by picture: (N, H, W) twice → (N,)."""
    a, b = (m.flatten(1) - m.flatten(1).mean(1, keepdim=True) for m in (one, two))
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1)).clamp_min(1e-12)
