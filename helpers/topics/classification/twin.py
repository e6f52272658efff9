"""The same network in Keras: how it is built, how weights go over and come back, and ways in which that goes wrong.

Keras comes as an argument: the course runs without it (see helpers.extras).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from helpers.models import FastCNN

Carry = Callable[[np.ndarray], np.ndarray]


def build(keras: Any, width: int = 16, *, same: bool = False, epsilon: float = 1e-5, momentum: float = 0.9) -> Any:
    """FastCNN as a Keras model: float32 (N, 28, 28, 1) → logits (N, 10).

    Parameters
    ----------
    same : bool
        With Keras's own ``padding="same"`` in place of explicit zeros.
    epsilon, momentum : float
        Of batch normalisation; Keras's own are 1e-3 and 0.99.
    """
    layers = keras.layers

    def block(n: int, kernel: int = 3, stride: int = 1) -> list[Any]:
        pad = [] if same else [layers.ZeroPadding2D(kernel // 2)]
        return [*pad, layers.Conv2D(n, kernel, stride, use_bias=False, padding="same" if same else "valid"),
                layers.BatchNormalization(epsilon=epsilon, momentum=momentum), layers.ReLU()]

    return keras.Sequential([keras.Input((28, 28, 1)), layers.Cropping2D(2), *block(width, 5, 2), layers.MaxPooling2D(2),
                             *block(2 * width), *block(2 * width), *block(2 * width), layers.MaxPooling2D(3), layers.Flatten(), layers.Dense(10)])


def kernel_over(w: np.ndarray) -> np.ndarray:
    """(out, in, h, w) as PyTorch keeps a kernel → (h, w, in, out) as Keras does."""
    return np.ascontiguousarray(w.transpose(2, 3, 1, 0))


def dense_over(w: np.ndarray, channels: int) -> np.ndarray:
    """(K, C·H·W) → (H·W·C, K), for square maps."""
    side = math.isqrt(w.shape[1] // channels)
    return np.ascontiguousarray(w.reshape(len(w), channels, side, side).transpose(2, 3, 1, 0).reshape(-1, len(w)))


def _of_kind(net: Any, name: str) -> list[Any]:
    return [layer for layer in net.layers if type(layer).__name__ == name]


def _norms(model: nn.Module) -> list[list[torch.Tensor]]:
    """Of each batch norm, in Keras's order: weight, bias, running mean, running variance."""
    found = [(m.weight, m.bias, m.running_mean, m.running_var) for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    return [[t for t in numbers if t is not None] for numbers in found]


def carry_over(model: FastCNN, net: Any, kernel: Carry = kernel_over, dense: Callable[[np.ndarray, int], np.ndarray] = dense_over) -> Any:
    """Put all numbers of a PyTorch network into its Keras twin; gives the twin back."""
    convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        for layer, conv in zip(_of_kind(net, "Conv2D"), convs, strict=True):
            layer.set_weights([kernel(conv.weight.contiguous().numpy())])
        for layer, numbers in zip(_of_kind(net, "BatchNormalization"), _norms(model), strict=True):
            layer.set_weights([t.numpy() for t in numbers])
        last = model.classify
        net.layers[-1].set_weights([dense(last.weight.numpy(), last.in_features // 4), last.bias.numpy()])
    return net


def carry_back(net: Any, model: FastCNN) -> FastCNN:
    """Put all numbers of a Keras twin into the PyTorch network; gives the network back."""
    convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        for layer, conv in zip(_of_kind(net, "Conv2D"), convs, strict=True):
            conv.weight.copy_(torch.from_numpy(layer.get_weights()[0].transpose(3, 2, 0, 1).copy()))
        for layer, numbers in zip(_of_kind(net, "BatchNormalization"), _norms(model), strict=True):
            for own, theirs in zip(numbers, layer.get_weights(), strict=True):
                own.copy_(torch.from_numpy(theirs))
        w, b = net.layers[-1].get_weights()                     # (H·W·C, K), (K,)
        model.classify.weight.copy_(torch.from_numpy(w.reshape(2, 2, -1, w.shape[1]).transpose(3, 2, 0, 1).reshape(w.shape[1], -1).copy()))
        model.classify.bias.copy_(torch.from_numpy(b))
    return model


def channels_last(x: torch.Tensor) -> np.ndarray:
    """Pictures (N, C, H, W) of PyTorch as Keras takes them: float32 (N, H, W, C)."""
    return x.permute(0, 2, 3, 1).contiguous().numpy()


def logits_of(net: Any, x: torch.Tensor) -> np.ndarray:
    """The logits of a Keras network for pictures (N, 1, 28, 28), float32 (N, 10)."""
    return np.concatenate([np.asarray(net(part, training=False)) for part in np.array_split(channels_last(x), math.ceil(len(x) / 500))])


def wrong_twins(keras: Any, model: FastCNN) -> dict[str, Any]:
    """Twins that are not quite: what was done wrong → the Keras network."""
    swapped = carry_over(model, build(keras), kernel=lambda w: np.ascontiguousarray(w.transpose(3, 2, 1, 0)))
    return {
        "flatten order forgotten": carry_over(model, build(keras), dense=lambda w, _: np.ascontiguousarray(w.T)),
        "kernels lie on their side": swapped,
        "batch norm: epsilon left at 0.001": carry_over(model, build(keras, epsilon=1e-3)),
        'padding="same"': carry_over(model, build(keras, same=True)),
    }


def train(keras: Any, net: Any, train_data: tuple[torch.Tensor, torch.Tensor], val: tuple[torch.Tensor, torch.Tensor], *,
          n_epochs: int, batch_size: int, lr: float, seed: int) -> tuple[list[float], list[float]]:
    """Train a Keras network on the same batches in the same order as ``fit(…, seed=seed)`` does; loss and val accuracy of each epoch."""
    x, y = channels_last(train_data[0]), train_data[1].numpy()
    net.compile(optimizer=keras.optimizers.AdamW(lr, weight_decay=0.01, epsilon=1e-8),
                loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    generator = torch.Generator().manual_seed(seed)
    losses, accuracies = [], []
    for _ in range(n_epochs):
        order = torch.randperm(len(x), generator=generator).numpy()
        losses.append(float(net.fit(x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0).history["loss"][0]))
        accuracies.append(float((logits_of(net, val[0]).argmax(1) == val[1].numpy()).mean()))
    return losses, accuracies
