"""The live playground's compute: a small network in NumPy that learns to separate two classes of points.

NumPy and not torch: at 8 units a layer the bookkeeping of autograd costs several times the arithmetic, and the
picture is to move while it learns. :class:`Playground` is a Run for :func:`helpers.widgets.live`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np

from helpers.data import toy
from helpers.validate import whole

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
    layer, unit : int
        What :meth:`picture` shows enlarged, both counted from 1; layer 0 is the answer. Beyond the last: the last.
        May be changed while it goes on; they change nothing of the training.

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
                 activation: str = "tanh", lr: float = 0.1, weight_decay: float = 1e-5, handmade: bool = False,
                 layer: int = 0, unit: int = 1) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}; got {activation!r}")
        if depth < 0 or width < 1:
            raise ValueError(f"depth must be at least 0 and width at least 1, got {depth} and {width}")
        self.seed, self.data, self.noise = seed, data, noise
        self.depth, self.width, self.activation = depth, width, activation
        self.lr, self.weight_decay, self.handmade = lr, weight_decay, handmade
        self.layer, self.unit = layer, unit
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

    def __repr__(self) -> str:
        """The call that begins this training anew."""
        rest = {"noise": (f"{self.noise:.12g}", "0.03"), "weight_decay": (f"{self.weight_decay:.12g}", "1e-05"), "handmade": (str(self.handmade), "False")}
        more = "".join(f", {name}={value}" for name, (value, usual) in rest.items() if value != usual)
        return (f'Playground({self.seed}, data="{self.data}", depth={self.depth}, width={self.width}, '
                f'activation="{self.activation}", lr={self.lr:.12g}{more})')

    def as_code(self, n_steps: int | None = None) -> str:
        """This training as a plain PyTorch program that begins anew and ends at the same losses.

        Parameters
        ----------
        n_steps : int, optional
            Updates that the program makes; as many as this training has made if None. Rate and weight decay are those
            of now, from the first update on.
        """
        from helpers.topics.concepts.as_code import program

        return program(self, self.n_steps if n_steps is None else whole("n_steps", n_steps, 0))

    @property
    def n_parameters(self) -> int:
        return sum(p.size for p in (*self.W, *self.b))

    def forward(self, inputs: Array) -> list[Array]:
        """The activations of each layer, inputs first; the last is the logit, (N, 1)."""
        layers = [inputs]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            layers.append(self._act(layers[-1] @ W.swapaxes(-1, -2) + b[..., None, :]))
        layers.append(layers[-1] @ self.W[-1].swapaxes(-1, -2) + self.b[-1][..., None, :])
        return layers

    def gradients(self, inputs: Array, y: Array) -> list[Array]:
        """The gradient of the mean cross-entropy for each weight matrix, then for each bias (backpropagation)."""
        layers = self.forward(inputs)
        dz = (sigmoid(layers[-1]) - y[..., None]) / y.shape[-1]
        dW, db = [], []
        for i in range(len(self.W) - 1, -1, -1):
            dW.append(dz.swapaxes(-1, -2) @ layers[i])
            db.append(dz.sum(-2))
            if i:
                dz = dz @ self.W[i] * self._slope(layers[i])
        return dW[::-1] + db[::-1]

    def step(self) -> None:
        """One update with the next mini-batch."""
        if self.diverged:
            return
        batch = self._next_batch()
        with np.errstate(over="ignore", invalid="ignore"):
            self._update(self.inputs[batch], self.y[batch])
            self.n_steps += 1
            if self.n_steps % self._every == 0:
                self._record()

    def _next_batch(self) -> Array:
        if not len(self._order):
            self._order = self.rng.permutation(N_TRAIN)
        batch, self._order = self._order[:BATCH_SIZE], self._order[BATCH_SIZE:]
        return batch

    def _update(self, inputs: Array, y: Array) -> None:
        for i, (p, g) in enumerate(zip((*self.W, *self.b), self.gradients(inputs, y), strict=True)):
            if i < len(self.W):
                g = g + self.weight_decay * p
            v = self._velocity[i]
            v *= MOMENTUM
            v += g
            p -= self.lr * v

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

    @property
    def shown(self) -> tuple[int, int] | None:
        """The hidden layer and the unit to show enlarged, counted from 0; None for the answer."""
        layer = min(self.layer, self.depth)
        return (layer - 1, min(self.unit, self.width) - 1) if layer else None

    def picture(self) -> tuple[Array, list[Array]]:
        """What to show.

        Returns
        -------
        surface : (GRID, GRID)
            The probability of class 1, or the chosen unit's output from 0 to 1: 0.5 where it is 0.
        units : list of (width, TILE, TILE) arrays, one a hidden layer
        """
        with np.errstate(over="ignore", invalid="ignore"):
            layers = self.forward(self._grid)
            surface = sigmoid(layers[-1])
        if self.shown:
            out = layers[self.shown[0] + 1][:, self.shown[1]]
            surface = 0.5 + 0.5 * out / max(float(np.abs(out).max()), 1e-12)
        jump = GRID // TILE
        units = [a.reshape(GRID, GRID, -1)[jump // 2::jump, jump // 2::jump].transpose(2, 0, 1) for a in layers[1:-1]]
        return surface.reshape(GRID, GRID), units

    def strengths(self) -> list[Array]:
        """For each hidden layer its units' outgoing weights, as one number each, the norm: (width,)."""
        return [np.linalg.norm(W, axis=0) for W in self.W[1:]]

    def accuracy_without(self, layer: int, unit: int | np.integer) -> float:
        """The validation accuracy if one hidden unit always gave 0; layer and unit counted from 0."""
        kept = self.W[layer + 1]
        self.W[layer + 1] = kept * (np.arange(self.width) != unit)
        right = (self.forward(self.inputs[N_TRAIN:])[-1][:, 0] > 0) == (self.y[N_TRAIN:] == 1)
        self.W[layer + 1] = kept
        return float(right.mean())


def side_by_side(runs: Sequence[Playground], n_steps: int) -> None:
    """Give each of several fresh or trained runs the same steps as n_steps times run.step(), all in one go.

    At this size NumPy's calls cost more than their arithmetic: ten runs take hardly longer than one. Their loss is
    recorded at the end alone.

    Raises
    ------
    ValueError
        If the runs differ in depth, width, activation, inputs, rate or weight decay.
    """
    alike = {(r.depth, r.width, r.activation, r.handmade, r.lr, r.weight_decay) for r in runs}
    if len(alike) != 1:
        raise ValueError(f"runs side by side must differ in seed and data alone, got {len(alike)} kinds")
    team = copy.copy(runs[0])                           # holds all runs' arrays, one axis more in front
    for name in ("W", "b", "_velocity"):
        setattr(team, name, [np.stack(parts) for parts in zip(*(getattr(r, name) for r in runs), strict=True)])
    inputs, y, each = np.stack([r.inputs for r in runs]), np.stack([r.y for r in runs]), np.arange(len(runs))[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_steps):
            batches = np.stack([r._next_batch() for r in runs])
            team._update(inputs[each, batches], y[each, batches])
        for k, run in enumerate(runs):
            for name in ("W", "b", "_velocity"):
                setattr(run, name, [a[k] for a in getattr(team, name)])
            run.n_steps += n_steps
            run._record()


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)
