"""Checks of chapter 04, autoencoders: oracles from scikit-learn, and what people get wrong."""

# ruff: noqa: ARG005 (wrong answers ignore an argument on purpose)

from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import roc_curve as sklearn_roc

import helpers.topics.autoencoder.checks_vae  # noqa: F401  4.4 to 4.6
from helpers.lesson.exercise import Case, Exercise, Wrong

Pair = tuple[torch.Tensor, torch.Tensor]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 4.1 PCA

def _pca(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    fitted = PCA(k, svd_solver="full").fit(train.double().numpy())
    return torch.from_numpy(fitted.inverse_transform(fitted.transform(x.double().numpy())))


def _by_hand(train: torch.Tensor, x: torch.Tensor, k: int, *, mean: torch.Tensor | None = None, off: torch.Tensor | None = None,
             back: bool = True) -> torch.Tensor:
    """The steps, so that one of them can be replaced by a wrong one."""
    middle = train.double().mean(0) if mean is None else mean.double()
    V = torch.linalg.svd(train.double() - middle, full_matrices=False).Vh[:k]
    return (x.double() - (middle if off is None else off.double())) @ V.T @ V + (middle if back else 0)


def _wrong_axis(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    V = torch.linalg.svd(train.double() - middle, full_matrices=False).Vh.T[:k]     # rows of V, not of V transposed
    return (x.double() - middle) @ V.T @ V + middle


def _raw_directions(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    V = torch.linalg.svd(train.double(), full_matrices=False).Vh[:k]
    return (x.double() - middle) @ V.T @ V + middle


def _code(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    return (x.double() - middle) @ torch.linalg.svd(train.double() - middle, full_matrices=False).Vh[:k].T


def _pca_cases() -> list[Case]:
    shapes = [(9, 6, 4, 2), (30, 5, 7, 1), (12, 4, 3, 4), (6, 10, 5, 3), (800, 50, 60, 20)]
    cases = []
    for i, (n, d, m, k) in enumerate(shapes):
        spread = torch.linspace(3, 0.3, d)
        cases.append(Case(f"train {(n, d)}, x {(m, d)}, k={k}", (4 + _normal(i, n, d) * spread, 2 + _normal(50 + i, m, d) * spread, k)))
    return cases


pca_reconstruct = Exercise(
    "4.1", oracle=_pca, cases=_pca_cases, tolerance=1e-4,
    verified="the same as scikit-learn's PCA, there and back, for five shapes: k = 1, k = all, fewer examples than pixels",
    wrong_answers=[
        Wrong(lambda train, x, k: _by_hand(train, x, k, mean=torch.zeros(train.shape[1])),
              "the mean is not taken off first: without that, the first direction mostly points at the mean itself."),
        Wrong(lambda train, x, k: _by_hand(train, x, k, back=False),
              "the mean is missing at the end: what was taken off must be added again."),
        Wrong(lambda train, x, k: _by_hand(train, x, k, off=torch.zeros(x.shape[1])),
              "the mean was not taken off x: take the mean of train off both, and add it once at the end."),
        Wrong(_raw_directions,
              "the directions come from train as it is: take the mean off before the SVD too, or the first direction mostly points at the mean."),
        Wrong(lambda train, x, k: _by_hand(train, x, k, mean=train.double().mean().expand(train.shape[1])),
              "train.mean() is one number for all: each of the D columns has its own mean, train.mean(0)."),
        Wrong(_code,
              "this is the code, k numbers a row: send it back through the directions, and add the mean."),
        Wrong(lambda train, x, k: x.double().mean(0) + (_by_hand(train, x - x.mean(0) + train.mean(0), k) - train.double().mean(0)),
              "the mean of x was taken off and added: whatever is learned, the mean too, is learned from train alone."),
        Wrong(lambda train, x, k: _by_hand(train, x, k, off=x.double().mean(0)),
              "the mean of x was taken off, and that of train added: the model has learned one mean, that of train."),
        Wrong(lambda train, x, k: _by_hand(x, x, k),
              "the directions come from x: fit on train, and only apply to x."),
        Wrong(_wrong_axis,
              "Vh[:, :k].T or V[:k] was used: torch's svd gives V already transposed, so the directions are the rows of Vh."),
    ])


# ---------------------------------------------------------------- 4.2 PSNR

def _psnr(x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.array([-10 * np.log10(np.mean((a - b) ** 2)) for a, b in zip(x.double().numpy(), y.double().numpy(), strict=True)])


def _error(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (x.double() - y.double()).square().flatten(1).mean(1)


def _psnr_cases() -> list[Case]:
    def pair(i: int, *shape: int) -> Pair:
        y = torch.rand(*shape, generator=torch.Generator().manual_seed(i))
        return y + (0.02 + 0.2 * torch.arange(shape[0]).view(-1, *[1] * (len(shape) - 1))) * _normal(70 + i, *shape), y

    same, _ = pair(3, 2, 4, 4)
    return [Case("x and y (3, 5, 4)", pair(0, 3, 5, 4)), Case("x and y (2, 1, 6, 7)", pair(1, 2, 1, 6, 7)), Case("one flat picture (1, 30)", pair(2, 1, 30)),
            Case("two pictures that are the same", (same, same.clone())), Case("x and y (500, 14, 14)", pair(4, 500, 14, 14))]


psnr = Exercise(
    "4.2", oracle=_psnr, cases=_psnr_cases, tolerance=1e-4,
    verified="right for flat pictures, square and oblong ones, also with a channel axis; infinite where nothing differs",
    wrong_answers=[
        Wrong(lambda x, y: -10 * _error(x, y).log(),
              "this is the natural logarithm: decibels are ten times the logarithm to base 10 (torch.log10)."),
        Wrong(lambda x, y: 10 * _error(x, y).log10(),
              "the sign is wrong: a smaller error must give more decibels, so take 1 / error, or a minus."),
        Wrong(lambda x, y: -20 * _error(x, y).log10(),
              "20 belongs with the root of the mean square; with the mean square itself it is 10."),
        Wrong(lambda x, y: -10 * _error(x.clamp(0, 1), y.clamp(0, 1)).log10(),
              "the pictures were clipped: the specification takes x and y as they are."),
        Wrong(lambda x, y: 10 * (x.max() ** 2 / _error(x, y)).log10(),
              "the peak was taken from the data: it is the greatest *possible* signal, here 1, or two batches could not be compared."),
        Wrong(lambda x, y: 10 * (y.square().flatten(1).mean(1) / _error(x, y)).log10(),
              "this is the signal-to-noise ratio, with the picture's own power: the *peak* ratio has 1 above the error."),
        Wrong(lambda x, y: -10 * (x.double() - y.double()).square().log10().flatten(1).mean(1),
              "the logarithm came before the mean: take the mean of the squares first, then one logarithm for each picture."),
        Wrong(lambda x, y: -10 * _error(x, y).mean().log10(),
              "one number came back: each picture has its own PSNR, so take the mean over all axes but the first."),
        Wrong(lambda x, y: -10 * (x - y).square().flatten(1).sum(1).log10(),
              "the squares are summed: their mean is wanted, or large pictures look worse than small ones."),
        Wrong(lambda x, y: -10 * (x.double() - y.double()).square().mean(1).log10(),
              "the mean runs over one axis only: all axes but the first belong to a picture, so flatten(1) first."),
    ])


# ---------------------------------------------------------------- 4.3 ROC

def _roc(scores: torch.Tensor, odd: torch.Tensor, *, drop: bool = False) -> Pair:
    false, caught, _ = sklearn_roc(odd.numpy(), scores.double().numpy(), drop_intermediate=drop)
    return torch.from_numpy(false), torch.from_numpy(caught)


def _each_alone(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    """One point an example, ties or not."""
    ordered = odd[scores.argsort(descending=True, stable=True)].double()
    zero = torch.zeros(1, dtype=torch.float64)
    caught, false = (torch.cat([zero, part.cumsum(0) / part.sum()]) for part in (ordered, 1 - ordered))
    return false, caught


def _swept(scores: torch.Tensor, odd: torch.Tensor, *, reorder: bool, first: bool) -> Pair:
    """The sweep, with one of its steps wrong."""
    order = scores.argsort(descending=True, stable=True)
    ordered, hits = scores[order], (odd[order] if reorder else odd).double()
    change, end, zero = ordered[1:] != ordered[:-1], torch.tensor([True]), torch.zeros(1, dtype=torch.float64)
    keep = torch.cat([end, change] if first else [change, end])
    caught, false = (torch.cat([zero, (part.cumsum(0) / part.sum())[keep]]) for part in (hits, 1 - hits))
    return false, caught


def _strictly(scores: torch.Tensor, odd: torch.Tensor) -> Pair:
    """Alarm only above the threshold, not at it. Counted from sorted scores: a table of scores and thresholds would fill the memory."""
    levels = scores.unique().flip(0)

    def above(part: torch.Tensor) -> torch.Tensor:
        return (len(part) - torch.searchsorted(part.sort().values, levels, right=True)).double() / len(part)

    return above(scores[~odd]), above(scores[odd])


def _roc_cases() -> list[Case]:
    def case(seed: int, n: int, levels: int, share: float) -> Pair:
        g = torch.Generator().manual_seed(seed)
        odd = torch.rand(n, generator=g) < share
        odd[:2] = torch.tensor([True, False])
        return ((torch.rand(n, generator=g) + 0.5 * odd) * levels).round() / levels, odd

    g = torch.Generator().manual_seed(5)
    different = torch.randperm(50_000, generator=g) / 50_000
    return [
        Case("six scores, two of them equal", (torch.tensor([0.3, 0.9, 0.5, 0.5, 0.1, 0.7]), torch.tensor([False, True, True, False, False, False]))),
        Case("40 scores of few different values", case(1, 40, 7, 0.4)),
        Case("all scores equal", (torch.full((5,), 0.25), torch.tensor([True, False, False, True, False]))),
        Case("scores below zero", (-_normal(3, 25).abs(), torch.arange(25) % 3 == 0)),
        Case("two scores", (torch.tensor([0.2, 0.8]), torch.tensor([True, False]))),
        Case("four scores, two of them a millionth apart", (torch.tensor([0.2, 0.5, 0.500001, 0.9]), torch.tensor([False, False, True, True]))),
        Case("50,000 different scores", (different, torch.rand(50_000, generator=g) < 0.2 * different)),
    ]


roc = Exercise(
    "4.3", oracle=_roc, cases=_roc_cases, tolerance=1e-5,
    verified="the same points as scikit-learn's roc_curve: with ties, with all scores equal, with 50,000 different scores",
    wrong_answers=[
        Wrong(_each_alone,
              "equal scores got a point each: one threshold takes them all at once, so keep the last point of each run of equal scores."),
        Wrong(_strictly,
              "an alarm is rung at the threshold too (>=): the last point, where every picture rings, is missing."),
        Wrong(lambda scores, odd: _roc(-scores, odd),
              "the thresholds go up from the least score: begin with the greatest, for a high score is suspicious."),
        Wrong(lambda scores, odd: _roc(scores, odd)[::-1],
              "the two are swapped, or odd and usual are: false alarms (usual ones) come first, then the share of the odd ones caught."),
        Wrong(lambda scores, odd: _swept(scores, odd, reorder=False, first=False),
              "the scores were sorted, odd was not: bring odd into the same order, odd[order]."),
        Wrong(lambda scores, odd: _swept(scores, odd, reorder=True, first=True),
              "of equal scores the first point is kept: their threshold takes them all, so keep the last of each run."),
        Wrong(lambda scores, odd: tuple(part[1:] for part in _roc(scores, odd)),
              "the first point is missing: with a threshold above all scores nothing rings, so the curve begins at (0, 0)."),
        Wrong(lambda scores, odd: (_roc(scores, odd)[0] * (~odd).sum() / len(odd), _roc(scores, odd)[1] * odd.sum() / len(odd)),
              "both were divided by the number of all pictures: divide false alarms by the number of usual ones, and catches by the number of odd ones."),
        Wrong(lambda scores, odd: (_roc(scores, odd)[0] * (~odd).sum(), _roc(scores, odd)[1] * odd.sum()),
              "these are counts: divide by how many usual ones and how many odd ones there are."),
        Wrong(lambda scores, odd: _roc(scores, odd, drop=True),
              "points between others on a straight line were dropped, as roc_curve does unless told otherwise: each different score has a point."),
    ])
