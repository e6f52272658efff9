"""Networks that two or more chapters use. What a chapter teaches about them is written out in that chapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn


def _whole(name: str, value: object, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return value


def count_parameters(model: nn.Module) -> int:
    """How many numbers training may change in a model.

    >>> count_parameters(nn.Linear(3, 2))
    8
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


class MLP(nn.Module):
    """A multi-layer perceptron: linear layers with an activation between them.

    Inputs of any shape (N, …) are flattened to (N, D) first; the output is (N, K) float32, logits if it is trained
    with cross-entropy.

    Parameters
    ----------
    sizes : sequence of int, two or more
        Width of the input, of each hidden layer, of the output: ``(784, 256, 10)``.
    activation : callable
        Makes an activation: a class such as nn.ReLU or nn.Tanh.

    Raises
    ------
    ValueError
        If fewer than two sizes are given, or one is no whole number above 0, or the input does not fit sizes[0].
    TypeError
        If activation makes no nn.Module.

    >>> MLP((784, 32, 10))(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """

    def __init__(self, sizes: Sequence[int], activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"sizes must name at least the input's and the output's width, got {list(sizes)}")
        self.sizes = tuple(_whole(f"sizes[{i}]", size) for i, size in enumerate(sizes))
        try:
            made = activation()
        except TypeError:               # no callable, or a function such as torch.relu, which wants an input
            made = None
        if not isinstance(made, nn.Module):
            raise TypeError(f"activation must be a class of modules such as nn.ReLU, got {activation!r}")
        layers: list[nn.Module] = []
        for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False):
            layers += [nn.Linear(n_in, n_out), activation()]
        self.layers = nn.Sequential(*layers[:-1])       # no activation behind the last layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, …) float with D = sizes[0] numbers an example → (N, K)."""
        x = x.flatten(1)
        if x.shape[1] != self.sizes[0]:
            raise ValueError(f"this MLP takes {self.sizes[0]} numbers an example, got {x.shape[1]}")
        return self.layers(x)


class FastCNN(nn.Module):
    """A small convolutional network for 28×28 grey digits that learns in seconds on one core.

    The empty margin of two pixels is cut off; a 5×5 convolution of stride 2 and a pooling bring 24×24 pixels down to
    6×6, where three 3×3 convolutions do the work; batch normalisation stands behind each. Weights are stored
    channels-last, which CPUs read faster.

    Parameters
    ----------
    width : int
        Channels of the first layer; the other three have twice as many.
    n_classes : int

    Raises
    ------
    ValueError
        If width or n_classes is no whole number above 0, or the input is not (N, 1, H, W) with H, W >= 8.

    >>> FastCNN(8)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(self, width: int = 16, n_classes: int = 10) -> None:
        super().__init__()
        w, k = _whole("width", width), _whole("n_classes", n_classes)

        def block(n_in: int, n_out: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
            return [nn.Conv2d(n_in, n_out, kernel, stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]

        self.features = nn.Sequential(
            nn.ZeroPad2d(-2), *block(1, w, kernel=5, stride=2), nn.MaxPool2d(2),
            *block(w, 2 * w), *block(2 * w, 2 * w), *block(2 * w, 2 * w), nn.AdaptiveMaxPool2d(2))
        self.classify = nn.Linear(8 * w, k)
        self.to(memory_format=torch.channels_last)      # type: ignore[call-overload]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, H, W) float in [0, 1] → logits (N, K)."""
        if x.ndim != 4 or x.shape[1] != 1 or min(x.shape[2:]) < 8:
            raise ValueError(f"FastCNN takes grey images (N, 1, H, W) of at least 8×8 pixels, got {tuple(x.shape)}")
        return self.classify(self.features(x.contiguous(memory_format=torch.channels_last)).flatten(1))
