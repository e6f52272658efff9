"""Networks that two or more chapters use. What a chapter teaches about them is written out in that chapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import nn

from helpers.validate import whole


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
        self.sizes = tuple(whole(f"sizes[{i}]", size) for i, size in enumerate(sizes))
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
        w, k = whole("width", width), whole("n_classes", n_classes)

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


class Autoencoders(nn.Module):
    """Many autoencoders side by side: one training, in which each has its own weights and sees nothing of the others.

    Each is what ``one(m)`` gives: linear, ReLU, linear to its code, linear, ReLU, linear back; or, without a hidden
    layer, linear to its code, ReLU, linear back. The matrix products of all are done at once, which for small networks takes less than half the time of one after the other. Codes may
    differ in size: all are stored as wide as the widest, and the numbers that a network does not have are zero.

    Parameters
    ----------
    code_sizes : sequence of int
        The size of the code of each network.
    n_in : int
        Width of the input and output.
    n_hidden : int or None
        Width of the hidden layer on either side of the code; None for no such layer.

    Raises
    ------
    ValueError
        If a size is no whole number above 0, or the input is not (N, n_in).

    >>> Autoencoders([2, 8], n_in=16, n_hidden=12)(torch.zeros(5, 16)).shape
    torch.Size([5, 2, 16])
    """

    def __init__(self, code_sizes: Sequence[int], n_in: int, n_hidden: int | None = 128) -> None:
        super().__init__()
        if not len(code_sizes):
            raise ValueError("code_sizes must name the size of at least one code")
        self.code_sizes = tuple(whole(f"code_sizes[{i}]", size) for i, size in enumerate(code_sizes))
        self.n_in, count, widest = whole("n_in", n_in), len(self.code_sizes), max(self.code_sizes)
        sizes = (n_in, widest, n_in) if n_hidden is None else (n_in, whole("n_hidden", n_hidden), widest, n_hidden, n_in)
        self.code_layer = 0 if n_hidden is None else 1
        self.W, self.b = nn.ParameterList(), nn.ParameterList()
        for layer, (a, b) in enumerate(pairwise(sizes)):
            fan_in = torch.tensor(self.code_sizes if layer == self.code_layer + 1 else [a] * count, dtype=torch.float32)
            bound = fan_in.rsqrt()[:, None, None]           # as nn.Linear draws them
            self.W.append(bound * (2 * torch.rand(count, a, b) - 1))
            self.b.append(bound * (2 * torch.rand(count, 1, b) - 1))
        self.has: torch.Tensor
        self.register_buffer("has", (torch.arange(widest) < torch.tensor(self.code_sizes)[:, None]).float()[:, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, n_in) float → what each of the M networks makes of it, (N, M, n_in)."""
        if x.ndim != 2 or x.shape[1] != self.n_in:
            raise ValueError(f"these autoencoders take (N, {self.n_in}), got {tuple(x.shape)}")
        h = x.expand(len(self.code_sizes), *x.shape)
        last = len(self.W) - 1
        for i, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            h = torch.baddbmm(b, h, W)
            if i == self.code_layer:
                h = h * self.has
            if self._has_relu(i, last):
                h = h.relu()
        return h.transpose(0, 1)

    def _has_relu(self, i: int, last: int) -> bool:
        return i < last and (last == 1 or i != self.code_layer)

    def one(self, m: int) -> nn.Sequential:
        """Network m alone, with a copy of its weights: six layers, of which the third gives the code (or three, the second)."""
        layers: list[nn.Module] = []
        for i, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            w, bias = W[m].detach().T, b[m, 0].detach()
            k = self.code_sizes[m]
            if i == self.code_layer:
                w, bias = w[:k], bias[:k]
            if i == self.code_layer + 1:
                w = w[:, :k]
            layer = nn.Linear(w.shape[1], w.shape[0])
            layer.load_state_dict({"weight": w, "bias": bias})
            layers += [layer, nn.ReLU()] if self._has_relu(i, len(self.W) - 1) else [layer]
        return nn.Sequential(*layers).eval()
