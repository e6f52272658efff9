"""Tasks for recurrent networks, and several such networks trained side by side (chapter 03).

A bank holds S networks whose weights have one more axis in front, so that one matrix product serves them all: five
seeds cost little more than one.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence

import torch
from torch.nn import functional as F

Batch = tuple[torch.Tensor, torch.Tensor]
Clip = Callable[[list[torch.Tensor], float], torch.Tensor]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def which_first(n: int, length: int, seed: int = 0) -> Batch:
    """Series of zeros with one +1 and one -1 at random steps; the label is 1 where the +1 comes first.

    Returns
    -------
    x : (n, length) float32, y : (n,) int64

    >>> x, y = which_first(4, 10)
    >>> x.sum(1).tolist(), x.abs().sum(1).tolist()
    ([0.0, 0.0, 0.0, 0.0], [2.0, 2.0, 2.0, 2.0])
    """
    if n < 1 or length < 2:
        raise ValueError(f"which_first needs n >= 1 series of length >= 2, got {n} and {length}")
    g = torch.Generator().manual_seed(seed)
    places = torch.rand(n, length, generator=g).argsort(1)[:, :2]
    x = torch.zeros(n, length).scatter_(1, places, torch.tensor([[1.0, -1.0]]).expand(n, 2))
    return x, (places[:, 0] < places[:, 1]).long()


def account(networks: int, n: int, length: int, generator: torch.Generator) -> Batch:
    """Payments into and out of an account, normally distributed, and the balance after the last, of variance 1.

    Returns
    -------
    x : (networks, n, length, 1) float32, y : (networks, n) float32
    """
    x = torch.randn(networks, n, length, 1, generator=generator)
    return x, x.sum((2, 3)) / math.sqrt(length)


def first_symbol(networks: int, n: int, length: int, generator: torch.Generator) -> Batch:
    """Series of symbols: first an A or a B, which is the label, and then nothing but C and D, by chance.

    Returns
    -------
    x : (networks, n, length, 4) float32, one-hot; y : (networks, n) int64, 0 for A and 1 for B
    """
    symbols = torch.randint(2, 4, (networks, n, length), generator=generator)
    symbols[:, :, 0] = torch.randint(0, 2, (networks, n), generator=generator)
    return F.one_hot(symbols, 4).float(), symbols[:, :, 0].clone()


class Bank:
    """S recurrent networks side by side, each with one layer and a linear read-out of its last state.

    Parameters
    ----------
    kind : "rnn" or "lstm"
        The equations of nn.RNN or nn.LSTM (gates in torch's order i, f, g, o), with one bias in place of two.
    networks, n_in, n_units, n_out : int
    radius : float, optional
        Draw W_h from a normal distribution and scale it to this spectral radius, and draw the other weights from normal
        distributions; torch's own uniform ±1/√n_units if None.
    forget : float
        Added to the bias of the forget gate.
    seed : int
    """

    def __init__(self, kind: str, networks: int, n_in: int, n_units: int, n_out: int, *,
                 radius: float | None = None, forget: float = 0.0, seed: int = 0) -> None:
        if kind not in ("rnn", "lstm"):
            raise ValueError(f"kind must be 'rnn' or 'lstm', got {kind!r}")
        g, self.kind, self.n_units = torch.Generator().manual_seed(seed), kind, n_units
        rows = n_units * (4 if kind == "lstm" else 1)

        def draw(*shape: int) -> torch.Tensor:
            return (2 * torch.rand(networks, *shape, generator=g) - 1) / math.sqrt(n_units)

        self.W_x, self.W_h, self.b = draw(n_in, rows), draw(n_units, rows), draw(1, rows)
        self.W_out, self.b_out = draw(n_units, n_out), torch.zeros(networks, 1, n_out)
        if radius is not None:
            self.W_h = torch.randn(networks, n_units, rows, generator=g)
            self.W_h *= radius / torch.linalg.eigvals(self.W_h).abs().amax(1)[:, None, None]
            self.W_x, self.b = torch.randn(networks, n_in, rows, generator=g) / 2, torch.zeros(networks, 1, rows)
            self.W_out = torch.randn(networks, n_units, n_out, generator=g) / math.sqrt(n_units)
        if kind == "lstm":
            self.b[..., n_units:2 * n_units] += forget
        self.parameters = [p.requires_grad_() for p in (self.W_x, self.W_h, self.b, self.W_out, self.b_out)]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """(S, N, T, C) → (S, N, n_out)."""
        d, own, W_h = self.n_units, x.flatten(1, 2) @ self.W_x + self.b, self.W_h
        if self.kind == "lstm":                     # tanh(g) = 2 σ(2g) - 1: so one sigmoid serves all four parts
            scale = own.new_ones(4 * d)
            scale[2 * d:3 * d] = 2
            own, W_h = own * scale, W_h * scale
        h = c = own.new_zeros(*x.shape[:2], d)
        for a in own.unflatten(1, x.shape[1:3]).unbind(2):
            a = torch.baddbmm(a, h, W_h)
            if self.kind == "rnn":
                h = torch.tanh(a)
            else:
                i, f, g, o = torch.sigmoid(a).chunk(4, -1)
                c = torch.addcmul(f * c - i, i, g, value=2)
                h = o * torch.tanh(c)
        return h @ self.W_out + self.b_out

    def accuracy(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """(S,): each network's share of right labels."""
        with torch.inference_mode():
            return (self(x).argmax(-1) == y).float().mean(1)

    def double(self) -> Bank:
        """The same networks in float64, cut off from training: float32 does not see what is smaller than 1e-7."""
        twin = copy.copy(self)
        twin.W_x, twin.W_h, twin.b, twin.W_out, twin.b_out = twin.parameters = [p.detach().double() for p in self.parameters]
        return twin


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(S, N, K), (S, N) → (S,): each network's mean cross-entropy, in nats."""
    return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).mean(1)


def squared_error(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(S, N, 1), (S, N) → (S,): each network's mean squared error."""
    return (out[..., 0] - y).pow(2).mean(1)


def train(bank: Bank, task: Callable[..., Batch], loss: Loss, *, n_steps: int, lr: float,
          optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.SGD, clip: Clip | None = None, max_norm: float = 1.0,
          enough: float = 0.0, watch: Callable[[int], None] | None = None, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Train all networks of a bank, each on data of its own.

    Parameters
    ----------
    task : callable
        ``task(generator=…)`` gives the next batch (x, y), (S, N, …) both.
    clip : callable, optional
        ``clip(gradients, max_norm)`` shortens one network's gradients in place and returns their norm before.
    enough : float
        Stop as soon as every network's loss is below it.
    watch : callable, optional
        Called with the number of steps done, before the first step and after each.

    Returns
    -------
    losses, norms : (steps, S)
        Of each step; the norm of the gradient is that before clipping.
    """
    g, opt = torch.Generator().manual_seed(seed), optimizer(bank.parameters, lr=lr)
    losses, norms = [], []
    if watch is not None:
        watch(0)
    for step in range(1, n_steps + 1):
        x, y = task(generator=g)
        value = loss(bank(x), y)
        opt.zero_grad()
        value.sum().backward()
        gradients = [p.grad for p in bank.parameters if p.grad is not None]
        norms.append(torch.stack([gradient.flatten(1).pow(2).sum(1) for gradient in gradients]).sum(0).sqrt())
        if clip is not None:
            for s in range(len(value)):
                clip([gradient[s] for gradient in gradients], max_norm)
        opt.step()
        losses.append(value.detach())
        if watch is not None:
            watch(step)
        if float(losses[-1].max()) < enough:
            break
    return torch.stack(losses), torch.stack(norms)


def one_hot(words: Sequence[str], letters: str, length: int) -> torch.Tensor:
    """Words as series of one-hot letters, small ones; what is longer than length is cut off, what is shorter ends in zeros.

    Returns
    -------
    (N, length, len(letters) + 1) float32; the last channel stands for any other sign

    >>> one_hot(["Ab"], "ab", 3)[0].tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    x = torch.zeros(len(words), length, len(letters) + 1)
    place = {letter: i for i, letter in enumerate(letters)}
    for n, word in enumerate(words):
        for t, letter in enumerate(word.lower()[:length]):
            x[n, t, place.get(letter, len(letters))] = 1
    return x
