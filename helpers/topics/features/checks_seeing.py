"""Checks of chapter 06, seeing: oracles from scikit-learn, autograd and another route, and what people get wrong."""



from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import nn

from helpers.data import digits
from helpers.lesson.exercise import Case, Exercise
from helpers.topics.features.seeing import Axes, code_axes
from helpers.topics.features.tsne import kl_divergence


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 6.6 PCA by SVD

def _sklearn_plane(x: torch.Tensor) -> Any:
    found = PCA(2, svd_solver="full").fit(x.double().numpy())
    v = found.components_
    sign = np.sign(v[np.arange(2), np.abs(v).argmax(1)])
    return (x.double().numpy() - found.mean_) @ (v * sign[:, None]).T, found.explained_variance_ratio_


def _clouds() -> list[Case]:
    n, d = 17, 6
    wide = _normal(1, n, d).double() * torch.tensor([5.0, 3.0, 1.0, 0.5, 0.2, 0.1]) @ torch.linalg.qr(_normal(2, d, d).double()).Q
    return [Case(f"{n} points of {d} numbers", (wide,)),
            Case("the same, far from the origin", (wide - 40,)),
            Case("more numbers than points", (_normal(3, 5, 11).double() * torch.linspace(4, 0.5, 5, dtype=torch.float64)[:, None],)),
            Case("two numbers, stored by columns", ((_normal(4, 2, 9) * torch.tensor([[3.0], [1.0]])).T.double(),))]


plane = Exercise("6.6", oracle=_sklearn_plane, cases=_clouds, tolerance=1e-6,
                 verified="places and shares are those of sklearn.decomposition.PCA, with the sign that the task asks for")


def _plane(x: torch.Tensor, *, centre: bool = True, fix: bool = True, rows: bool = True, squared: bool = True, of_two: bool = False, axis: int = 0) -> Any:
    c = x - x.mean(axis, keepdim=True) if centre else x
    _, S, Vh = torch.linalg.svd(c, full_matrices=False)
    v = Vh[:2] if rows else Vh[:, :2].T
    if fix:
        v = v * v.gather(1, v.abs().argmax(1, keepdim=True)).sign()
    power = S**2 if squared else S
    return c @ v.T, power[:2] / (power[:2] if of_two else power).sum()


@plane.wrong("the mean was not subtracted: the first direction then points at the middle of the cloud.")
def not_centred(x: torch.Tensor) -> Any:
    return _plane(x, centre=False)


@plane.wrong("the signs are as the SVD gave them: turn each direction so that its entry of greatest absolute value is positive.")
def any_sign(x: torch.Tensor) -> Any:
    return _plane(x, fix=False)


@plane.wrong("the signs are turned round: the entry of greatest absolute value must be positive, not negative.")
def other_sign(x: torch.Tensor) -> Any:
    return tuple(-part if part.ndim == 2 else part for part in _plane(x))


@plane.wrong("the variance along a direction is S², not S.")
def not_squared(x: torch.Tensor) -> Any:
    return _plane(x, squared=False)


@plane.wrong("the shares are of the two directions alone: divide by the sum over all.")
def share_of_two(x: torch.Tensor) -> Any:
    return _plane(x, of_two=True)


@plane.wrong("these are the first two columns of Vh: the directions are its rows.")
def columns_of_vh(x: torch.Tensor) -> Any:
    return _plane(x, rows=False) if x.shape[1] <= len(x) else _plane(x, squared=False, of_two=True)


@plane.wrong("the places are the first two columns of U, of length 1: multiply them by S, or project the centred points.")
def columns_of_u(x: torch.Tensor) -> Any:
    places, share = _plane(x)
    return places / places.norm(dim=0), share


@plane.also_right
def by_covariance(x: torch.Tensor) -> Any:
    c = x - x.mean(0)
    values, vectors = torch.linalg.eigh(c.T @ c)
    v = vectors[:, [-1, -2]]
    v = v * v.gather(0, v.abs().argmax(0, keepdim=True)).sign()
    return c @ v, values[[-1, -2]] / values.sum()


@plane.also_right
def in_numpy(x: torch.Tensor) -> Any:
    c = x.numpy() - x.numpy().mean(0)
    u, s, vh = np.linalg.svd(c, full_matrices=False)
    places = u[:, :2] * s[:2]
    for k in range(2):
        if vh[k][np.abs(vh[k]).argmax()] < 0:
            places[:, k] *= -1
    return places, s[:2] ** 2 / (s**2).sum()


# ---------------------------------------------------------------- 6.7 the gradient of t-SNE

def _by_autograd(P: torch.Tensor, z: torch.Tensor) -> Any:
    leaf = z.double().clone().requires_grad_()
    return torch.autograd.grad(kl_divergence(P.double(), leaf), leaf)[0]


def _affinity(seed: int, n: int) -> torch.Tensor:
    p = torch.rand(n, n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    p = (p + p.T) * (1 - torch.eye(n, dtype=torch.float64))
    return p / p.sum()


def _embeddings() -> list[Case]:
    return [Case("7 points", (_affinity(1, 7), _normal(2, 7, 2).double())),
            Case("23 points, far apart", (_affinity(3, 23), 10 * _normal(4, 23, 2).double())),
            Case("2 points", (_affinity(5, 2), torch.tensor([[0.0, 1.0], [2.0, 0.5]], dtype=torch.float64))),
            Case("11 points, stored by columns", (_affinity(6, 11), _normal(7, 2, 11).double().T))]


force = Exercise("6.7", oracle=_by_autograd, cases=_embeddings, tolerance=1e-6, verified="the gradient that autograd finds of KL(P‖Q), in four cases")


def _force(P: torch.Tensor, z: torch.Tensor, *, factor: float = 4.0, sign: int = 1, by_row: bool = False, diagonal: bool = False, weight: bool = True, root: bool = False) -> Any:
    d = z[:, None] - z[None]
    square = d.square().sum(2)
    w = 1 / (1 + (square.sqrt() if root else square))
    w = w if diagonal else w * (1 - torch.eye(len(z), dtype=z.dtype))
    q = w / (w.sum(1, keepdim=True) if by_row else w.sum())
    return factor * sign * (((P - q) * (w if weight else 1))[:, :, None] * d).sum(1)


@force.wrong("every row of q sums to 1: divide by the sum of all w, one number.")
def row_sums(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, by_row=True)


@force.wrong("w of a point with itself is 1, and counts in the sum: set the diagonal to 0.")
def with_itself(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, diagonal=True)


@force.wrong("the factor w is missing: that is the gradient of the older SNE, whose tail is Gaussian.")
def no_tail(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, weight=False)


@force.wrong("the sign is turned round: zᵢ − zⱼ, and p − q.")
def downhill(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, sign=-1)


@force.wrong("the factor 4 is missing.")
def no_four(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, factor=1.0)


@force.wrong("w uses the distance: it is 1/(1 + d²), with the square.")
def unsquared(P: torch.Tensor, z: torch.Tensor) -> Any:
    return _force(P, z, root=True)


@force.also_right
def by_products(P: torch.Tensor, z: torch.Tensor) -> Any:
    w = 1 / (1 + torch.cdist(z, z) ** 2)
    w = w - torch.diag(torch.diag(w))
    pull = (P - w / w.sum()) * w
    return 4 * (pull.sum(1, keepdim=True) * z - pull @ z)


@force.also_right
def point_by_point(P: torch.Tensor, z: torch.Tensor) -> Any:
    w = torch.tensor([[0.0 if i == j else 1 / (1 + float((z[i] - z[j]).square().sum())) for j in range(len(z))] for i in range(len(z))], dtype=z.dtype)
    q = w / w.sum()
    rows = [[4 * (P[i, j] - q[i, j]) * w[i, j] * (z[i] - z[j]) for j in range(len(z))] for i in range(len(z))]
    return torch.stack([torch.stack(row).sum(0) for row in rows])


# ---------------------------------------------------------------- 6.8 which groups are real

def _judge_groups(got: Any) -> Any:
    if not (isinstance(got, (tuple, list)) and len(got) == 2):
        return 'give a letter and a number: ("A", 7)'
    letter, count = str(got[0]).strip().upper(), got[1]
    if letter not in ("A", "B", "C", "D"):
        return f"the data sets are called A, B, C and D, not {got[0]!r}"
    if letter == "B":
        return "B looks most like groups at perplexity 2, but map it at 30: what closes?"
    if letter != "C":
        return f"{letter} is one cloud: at perplexity 30 its clumps are gone, and its shuffled twin looks the same"
    if isinstance(count, (bool, str)) or count != int(count):
        return "the number of groups is a whole number"
    return None if int(count) == 3 else f"the data set is right, but it does not hold {int(count)} groups. Count the islands at perplexity 30, and ask PCA too"


real = Exercise("6.8", kind="value", judge=_judge_groups, verified="C holds three groups: they stay at every perplexity, stand apart in PCA, and are gone in the shuffled twin")


@real.wrong("what closes?")
def the_thread() -> Any:
    return ("B", 7)


@real.wrong("A is one cloud")
def uneven_noise() -> Any:
    return ("A", 5)


@real.wrong("D is one cloud")
def plain_noise() -> Any:
    return ["D", 12]


@real.wrong("it does not hold 9 groups")
def too_many() -> Any:
    return ("C", 9)


@real.wrong("give a letter and a number")
def letter_alone() -> Any:
    return "C"


@real.also_right
def as_list() -> Any:
    return ["C", 3]


@real.also_right
def small_letter() -> Any:
    return ("c", np.int64(3))


# ---------------------------------------------------------------- 6.9 it climbs the wrong hill

def _climb_as_given(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    """model: (N, …) → (N, units); picture (1, …) → a picture that unit answers more."""
    picture = picture.clone().requires_grad_()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        loss = -model(picture)[0, unit]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.zero_grad()
    return picture.detach()


def _ascent(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    picture = picture.clone()
    for _ in range(steps):
        leaf = picture.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(model(leaf)[0, unit], leaf)
        picture = leaf.detach() + lr * gradient
    return picture


def _hills() -> list[Case]:
    torch.manual_seed(3)
    conv = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 12, 5))
    dense = nn.Sequential(nn.Linear(7, 9), nn.Tanh(), nn.Linear(9, 3)).double()
    return [Case("a convolution, unit 2, 5 steps", (conv, _normal(1, 1, 1, 5, 6), 2, 5, 0.1)),
            Case("linear layers, unit 0, one step", (dense, _normal(2, 1, 7).double(), 0, 1, 0.5)),
            Case("linear layers, unit 1, 20 steps", (dense, _normal(3, 1, 7).double(), 1, 20, 0.05))]


climb = Exercise("6.9", kind="fix", given=_climb_as_given, oracle=_ascent, cases=_hills, tolerance=1e-4,
                 verified="the picture climbs as torch.autograd.grad says, and the network's weights stay")


@climb.wrong("the picture goes down: the loss is minus the answer, so that a step down the loss is a step up for the unit.")
def goes_down(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    return _ascent(model, picture, unit, steps, -lr)


@climb.wrong("all units are asked at once: the loss is minus the answer of one of them, [0, unit].")
def all_units(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    return _ascent(lambda x: model(x).sum(1, keepdim=True).expand(-1, unit + 1), picture, unit, steps, lr)


@climb.wrong("only one step is made: the optimiser must step in the loop.")
def one_step(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    return _ascent(model, picture, unit, 1, lr)


@climb.wrong("the optimiser holds the weights as well: the picture climbs, and so does the network. Give it the picture alone.")
def both_hills(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    model, picture = copy.deepcopy(model), picture.clone().requires_grad_()
    optimizer = torch.optim.SGD([picture, *model.parameters()], lr=lr)
    for _ in range(steps):
        loss = -model(picture)[0, unit]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return picture.detach()


@climb.wrong("gradients are never set to zero, so each step repeats all before it.")
def never_zeroed(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    picture, total = picture.clone(), torch.zeros_like(picture)
    for _ in range(steps):
        leaf = picture.detach().requires_grad_()
        total = total + torch.autograd.grad(model(leaf)[0, unit], leaf)[0]
        picture = leaf.detach() + lr * total
    return picture


@climb.also_right
def by_grad(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    for _ in range(steps):
        leaf = picture.clone().requires_grad_()
        model(leaf)[0, unit].backward()
        assert leaf.grad is not None
        picture = (leaf + lr * leaf.grad).detach()
    model.zero_grad()
    return picture


@climb.also_right
def by_maximize(model: Any, picture: torch.Tensor, unit: int, steps: int, lr: float) -> Any:
    leaf = picture.clone().requires_grad_()
    optimizer = torch.optim.SGD([leaf], lr=lr, maximize=True)
    for _ in range(steps):
        optimizer.zero_grad()
        model(leaf)[0, unit].backward()
        optimizer.step()
    model.zero_grad()
    return leaf.detach()


# ---------------------------------------------------------------- 6.10 along axis 2

@functools.cache
def _setting() -> tuple[Axes, np.ndarray]:
    data = digits(3500, 500)
    return code_axes(data.train[0]), data.test[0][7, 0].numpy()


def _judge_move(got: Any) -> Any:
    picture = np.asarray(got.detach() if isinstance(got, torch.Tensor) else got, dtype=float)
    if picture.shape != (28, 28) or not np.isfinite(picture).all():
        return f"moved should be one picture of shape (28, 28); got {picture.shape}"
    axes, before = _setting()
    step = axes.code(picture) - axes.code(before)
    others = np.delete(step, 1)
    if np.abs(step).max() < 0.01:
        return "the code has not changed at all"
    if abs(step[2]) > 1 and abs(step[1]) < 0.5:
        return "it moved along axis 3: axes are counted from 1, so axis 2 is row 1"
    if abs(step[0]) > 1 and abs(step[1]) < 0.5:
        return "it moved along axis 1: axis 2 is row 1 of axes.directions"
    if abs(step[1] + 3) < 0.1:
        return "it moved 3 sd down axis 2: up is the way of axes.directions[1]"
    if abs(step[1] * axes.spread[1] - 3) < 0.05:
        return f"it moved 3 along axis 2, but in grey values, not sd: that is {step[1]:.2f} sd. Multiply by axes.spread[1]"
    if not ((picture < -0.01) | (picture > 1.01)).any() and np.abs(others).max() > 0.01:
        return "the picture was cut off at 0 and 1, which changes its code: leave values below 0 and above 1 as they are"
    if np.abs(others).max() > 0.01:
        return f"another number of the code changes too, by up to {np.abs(others).max():.2f} sd"
    return None if abs(step[1] - 3) <= 0.01 else f"along axis 2 it moved by {step[1]:.2f} sd, not 3"


moved = Exercise("6.10", kind="value", judge=_judge_move, verified="axis 2 rises by 3 sd, the seven others stay")


def _along(row: int, amount: float, in_sd: bool = True) -> np.ndarray:
    axes, before = _setting()
    return before + amount * (axes.spread[row] if in_sd else 1) * axes.directions[row].reshape(28, 28)


@moved.wrong("it moved along axis 3")
def third_axis() -> Any:
    return _along(2, 3)


@moved.wrong("3 sd down axis 2")
def downwards() -> Any:
    return _along(1, -3)


@moved.wrong("in grey values, not sd")
def in_grey_values() -> Any:
    return _along(1, 3, in_sd=False)


@moved.wrong("another number of the code changes too")
def brighter() -> Any:
    return _along(1, 3) + 0.1


@moved.wrong("cut off at 0 and 1")
def cut_off() -> Any:
    return np.clip(_along(1, 3), 0, 1)


@moved.wrong("the code has not changed at all")
def the_digit_itself() -> Any:
    return _setting()[1]


@moved.wrong("one picture of shape (28, 28)")
def the_code_only() -> Any:
    return np.eye(8)[1] * 3


@moved.also_right
def as_tensor() -> Any:
    return torch.tensor(_along(1, 3))


@moved.also_right
def with_something_unseen() -> Any:
    axes, _ = _setting()
    extra = np.random.default_rng(0).normal(size=784)
    extra -= axes.directions.T @ (axes.directions @ extra)
    return _along(1, 3) + 0.05 * extra.reshape(28, 28)
