"""A network of the playground as a plain PyTorch program, to copy and to change."""

from __future__ import annotations

from itertools import pairwise

from helpers.topics.concepts.playground import ACTIVATIONS, BATCH_SIZE, MOMENTUM, N_TRAIN, N_VAL, Playground

_TORCH = {"tanh": "nn.Tanh()", "ReLU": "nn.ReLU()", "sigmoid": "nn.Sigmoid()", "none (linear)": "nn.Identity()"}
_PROGRAM = """\
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import toy

rng = np.random.default_rng({seed})
x, y = toy("{data}", {n}, {noise:.12g}, {seed})                # (N, 2) and (N,) of 0 and 1
{handmade}y = y.float()

model = nn.Sequential(
{layers}
)
for layer in model:                             # small random weights, no biases
    if isinstance(layer, nn.Linear):
{spread}
        draw = rng.normal(size=tuple(layer.weight.shape))
        layer.weight.data = torch.tensor(draw * spread).float()
        nn.init.zeros_(layer.bias)

weights = [p for p in model.parameters() if p.ndim == 2]
biases = [p for p in model.parameters() if p.ndim == 1]
optimizer = torch.optim.SGD(
    [{{"params": weights, "weight_decay": {decay:.12g}}}, {{"params": biases}}],
    lr={lr:.12g}, momentum={momentum})


def loss_of(rows):
    return F.binary_cross_entropy_with_logits(model(x[rows])[:, 0], y[rows])


order = []
for step in range({n_steps}):
    if not len(order):
        order = rng.permutation({n_train})              # a new epoch
    batch, order = order[:{batch}], order[{batch}:]
    optimizer.zero_grad()
    loss_of(torch.tensor(batch)).backward()
    optimizer.step()

with torch.no_grad():
    train_loss = loss_of(slice({n_train})).item()
    val_loss = loss_of(slice({n_train}, None)).item()
print(f"training loss {{train_loss:.4f}} nats, validation loss {{val_loss:.4f}} nats")
"""


def _spread(gain: float) -> str:
    """The lines that say how wide the first weights are drawn: the last layer has a gain of 1."""
    if gain == 1:
        return "        spread = layer.in_features ** -0.5"
    return f"        gain = 1 if layer is model[-1] else {gain:g}\n        spread = (gain / layer.in_features) ** 0.5"


def program(run: Playground, n_steps: int) -> str:
    """What :meth:`helpers.topics.concepts.playground.Playground.as_code` gives."""
    sizes = [run.inputs.shape[1], *[run.width] * run.depth, 1]
    layers = [f"    nn.Linear({m}, {n})," + (f" {_TORCH[run.activation]}," if i < run.depth else "")
              for i, (m, n) in enumerate(pairwise(sizes))]
    handmade = "x = torch.column_stack([x, x**2, x[:, 0] * x[:, 1]])     # (N, 5)\n" if run.handmade else ""
    return _PROGRAM.format(seed=run.seed, data=run.data, n=N_TRAIN + N_VAL, noise=run.noise, handmade=handmade, layers="\n".join(layers),
                           spread=_spread(ACTIVATIONS[run.activation][2]), decay=run.weight_decay, lr=run.lr, momentum=MOMENTUM, n_steps=n_steps,
                           n_train=N_TRAIN, batch=BATCH_SIZE)
