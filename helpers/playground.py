"""The live playground's compute: a small network in NumPy that learns to part two classes of points.

NumPy and not torch: at 8 units a layer the bookkeeping of autograd costs several times the arithmetic, and the
picture is to move while it learns. :class:`Playground` is a Run for :func:`helpers.widgets.live`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.data import toy

#: Edge of the square grid on which the decision surface is computed, and of the coarser one for each hidden unit.
GRID, TILE = 60, 20
N_TRAIN, N_VAL, BATCH_SIZE, MOMENTUM = 200, 200, 20, 0.9

#: Half the width of the square that is shown: the moons reach further than the others.
SPANS = {"blobs": 1.3, "circles": 1.3, "moons": 1.8, "spirals": 1.3, "xor": 1.3}

Array = np.ndarray
#: Name → the function, its derivative written in terms of its output, and how wide to draw the first weights.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array], float]] = {
    "tanh": (np.tanh, lambda a: 1 - a * a, 1.0),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype), 2.0),
    "sigmoid": (lambda z: 0.5 + 0.5 * np.tanh(0.5 * z), lambda a: a * (1 - a), 4.0),
    "none (linear)": (lambda z: z, np.ones_like, 1.0),
}


def features(x: Array, handmade: bool) -> Array:
    """The network's inputs: the (N, 2) coordinates, or (N, 5) with their squares and product as well."""
    return np.column_stack([x, x**2, x[:, :1] * x[:, 1:]]) if handmade else x


class Playground:
    """One training: mini-batch gradient descent with momentum on a toy data set.

    Parameters
    ----------
    seed : int
        For the points, the first weights and the order of the batches: the same seed, the same curve.
    data : one of helpers.data.TOYS
    noise : float
        Standard deviation of what is added to each coordinate.
    depth : int
        Hidden layers; 0 is logistic regression.
    width : int
        Units in each hidden layer.
    activation : one of ACTIVATIONS
    lr, weight_decay : float
        May be changed while it goes on.
    handmade : bool
        Give the network the squares and the product of the coordinates too.

    Attributes
    ----------
    steps, train_loss, val_loss : lists
        Recorded at a spacing that doubles as the run grows long, so that they never hold more than 400 entries;
        losses in nats.
    inputs : float32 (400, 2), or (400, 5) with handmade
        The points as the network gets them; the first N_TRAIN are for training, the rest for validation.
    diverged : bool
        The loss is no longer finite; further steps do nothing.
    """

    def __init__(self, seed: int = 0, data: str = "spirals", noise: float = 0.03, depth: int = 2, width: int = 8,
                 activation: str = "tanh", lr: float = 0.1, weight_decay: float = 1e-5, handmade: bool = False) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}; got {activation!r}")
        if depth < 0 or width < 1:
            raise ValueError(f"depth must be at least 0 and width at least 1, got {depth} and {width}")
        self.data, self.depth, self.width, self.activation = data, depth, width, activation
        self.lr, self.weight_decay, self.handmade = lr, weight_decay, handmade
        self.rng = np.random.default_rng(seed)
        x, y = (t.numpy() for t in toy(data, N_TRAIN + N_VAL, noise, seed))
        self.x, self.y = x.astype(np.float32), y.astype(np.float32)
        self.inputs = features(self.x, handmade)
        self.span = SPANS[data]
        axis = np.linspace(-self.span, self.span, GRID, dtype=np.float32)
        self._grid = features(np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2), handmade)
        self._act, self._slope, gain = ACTIVATIONS[activation]
        sizes = [self.inputs.shape[1], *[width] * depth, 1]
        self.W = [(self.rng.normal(size=(n, m)) * np.sqrt(g / m)).astype(np.float32)
                  for m, n, g in zip(sizes, sizes[1:], [gain] * depth + [1.0], strict=False)]
        self.b = [np.zeros(n, np.float32) for n in sizes[1:]]
        self._velocity = [np.zeros_like(p) for p in (*self.W, *self.b)]
        self.n_steps, self.diverged = 0, False
        self._order: np.ndarray = np.empty(0, np.int64)
        self._every = 1
        self.steps: list[int] = []
        self.train_loss: list[float] = []
        self.val_loss: list[float] = []
        self._record()

    @property
    def n_parameters(self) -> int:
        return sum(p.size for p in (*self.W, *self.b))

    def forward(self, inputs: Array) -> list[Array]:
        """The activations of each layer, inputs first; the last is the logit, (N, 1)."""
        layers = [inputs]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            layers.append(self._act(layers[-1] @ W.T + b))
        layers.append(layers[-1] @ self.W[-1].T + self.b[-1])
        return layers

    def gradients(self, inputs: Array, y: Array) -> list[Array]:
        """The gradient of the mean cross-entropy for each weight matrix, then for each bias (backpropagation)."""
        layers = self.forward(inputs)
        dz = (sigmoid(layers[-1]) - y[:, None]) / len(y)
        dW, db = [], []
        for i in range(len(self.W) - 1, -1, -1):
            dW.append(dz.T @ layers[i])
            db.append(dz.sum(0))
            if i:
                dz = dz @ self.W[i] * self._slope(layers[i])
        return dW[::-1] + db[::-1]

    def step(self) -> None:
        """One update with the next mini-batch."""
        if self.diverged:
            return
        if not len(self._order):
            self._order = self.rng.permutation(N_TRAIN)
        batch, self._order = self._order[:BATCH_SIZE], self._order[BATCH_SIZE:]
        with np.errstate(over="ignore", invalid="ignore"):
            for i, (p, g) in enumerate(zip((*self.W, *self.b), self.gradients(self.inputs[batch], self.y[batch]), strict=True)):
                if i < len(self.W):
                    g = g + self.weight_decay * p
                v = self._velocity[i]
                v *= MOMENTUM
                v += g
                p -= self.lr * v
            self.n_steps += 1
            if self.n_steps % self._every == 0:
                self._record()

    def _record(self) -> None:
        logits = self.forward(self.inputs)[-1][:, 0]
        losses = np.logaddexp(0, np.where(self.y == 1, -logits, logits))
        train, val = float(losses[:N_TRAIN].mean()), float(losses[N_TRAIN:].mean())
        right = (logits > 0) == (self.y == 1)
        self.train_accuracy, self.val_accuracy = float(right[:N_TRAIN].mean()), float(right[N_TRAIN:].mean())
        self.diverged = not np.isfinite(train + val)
        if self.diverged:
            return
        self.steps.append(self.n_steps)
        self.train_loss.append(train)
        self.val_loss.append(val)
        if len(self.steps) == 400:
            for values in (self.steps, self.train_loss, self.val_loss):
                del values[1::2]
            self._every *= 2

    def picture(self) -> tuple[Array, list[Array]]:
        """What to show: the probability of class 1, (GRID, GRID), and for each hidden layer its units, (width, TILE, TILE)."""
        with np.errstate(over="ignore", invalid="ignore"):
            layers = self.forward(self._grid)
            surface = sigmoid(layers[-1]).reshape(GRID, GRID)
        jump = GRID // TILE
        units = [a.reshape(GRID, GRID, -1)[jump // 2::jump, jump // 2::jump].transpose(2, 0, 1) for a in layers[1:-1]]
        return surface, units


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)
