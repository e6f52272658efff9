"""Exercises 4.1 and 4.2, PCA and decibels: oracles from scikit-learn and NumPy, and what people get wrong."""



from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import PCA

from helpers.lesson.exercise import Case, Exercise

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


def _pca_cases() -> list[Case]:
    shapes = [(9, 6, 4, 2), (30, 5, 7, 1), (12, 4, 3, 4), (6, 10, 5, 3), (14, 7, 1, 3), (800, 50, 60, 20)]
    cases = []
    for i, (n, d, m, k) in enumerate(shapes):
        spread = torch.linspace(3, 0.3, d)
        cases.append(Case(f"train {(n, d)}, x {(m, d)}, k={k}", (4 + _normal(i, n, d) * spread, 2 + _normal(50 + i, m, d) * spread, k)))
    return cases


pca_reconstruct = Exercise(
    "4.1", oracle=_pca, cases=_pca_cases, tolerance=1e-4,
    verified="the same as scikit-learn's PCA, there and back, for six shapes: k = 1, k = all, one picture, fewer examples than pixels",
)


@pca_reconstruct.wrong("the mean is not taken off first: without that, the first direction mostly points at the mean itself.")
def _no_mean(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(train, x, k, mean=torch.zeros(train.shape[1]))


@pca_reconstruct.wrong("the mean is missing at the end: what was taken off must be added again.")
def _mean_not_added(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(train, x, k, back=False)


@pca_reconstruct.wrong("the mean was not taken off x: take the mean of train off both, and add it once at the end.")
def _x_not_centred(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(train, x, k, off=torch.zeros(x.shape[1]))


@pca_reconstruct.wrong("the directions come from train as it is: take the mean off before the SVD too, or the first direction mostly points at the mean.")
def _raw_directions(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    V = torch.linalg.svd(train.double(), full_matrices=False).Vh[:k]
    return (x.double() - middle) @ V.T @ V + middle


@pca_reconstruct.wrong("train.mean() is one number for all: each of the D columns has its own mean, train.mean(0).")
def _one_mean(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(train, x, k, mean=train.double().mean().expand(train.shape[1]))


@pca_reconstruct.wrong("this is the code, k numbers a row: send it back through the directions, and add the mean.")
def _code(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    return (x.double() - middle) @ torch.linalg.svd(train.double() - middle, full_matrices=False).Vh[:k].T


@pca_reconstruct.wrong("the mean of x was taken off and added: whatever is learned, the mean too, is learned from train alone.")
def _mean_of_x(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return x.double().mean(0) + (_by_hand(train, x - x.mean(0) + train.mean(0), k) - train.double().mean(0))


@pca_reconstruct.wrong("the mean of x was taken off, and that of train added: the model has learned one mean, that of train.")
def _off_by_another_mean(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(train, x, k, off=x.double().mean(0))


@pca_reconstruct.wrong("the directions come from x: fit on train, and only apply to x.")
def _fitted_on_x(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    return _by_hand(x, x, k)


@pca_reconstruct.wrong("Vh[:, :k].T or V[:k] was used: torch's svd gives V already transposed, so the directions are the rows of Vh.")
def _wrong_axis(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    V = torch.linalg.svd(train.double() - middle, full_matrices=False).Vh.T[:k]     # rows of V, not of V transposed
    return (x.double() - middle) @ V.T @ V + middle


@pca_reconstruct.wrong("these are the k directions along which train varies least: eigh gives the eigenvalues in rising order, so take the last k columns.")
def _least_variance(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    V = torch.linalg.eigh((train.double() - middle).T @ (train.double() - middle)).eigenvectors[:, :k]
    return (x.double() - middle) @ V @ V.T + middle


@pca_reconstruct.also_right
def _by_eigh(train: torch.Tensor, x: torch.Tensor, k: int) -> torch.Tensor:
    middle = train.double().mean(0)
    centred = train.double() - middle
    V = torch.linalg.eigh(centred.T @ centred / len(train)).eigenvectors[:, -k:]
    return middle + (x.double() - middle) @ V @ V.T


@pca_reconstruct.also_right
def _by_numpy(train: torch.Tensor, x: torch.Tensor, k: int) -> np.ndarray:
    middle = train.double().numpy().mean(axis=0)
    U = np.linalg.svd((train.double().numpy() - middle).T, full_matrices=False)[0][:, :k]
    return middle + (x.double().numpy() - middle) @ U @ U.T


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
)


@psnr.wrong("this is the natural logarithm: decibels are ten times the logarithm to base 10 (torch.log10).")
def _natural_logarithm(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * _error(x, y).log()


@psnr.wrong("the sign is wrong: a smaller error must give more decibels, so take 1 / error, or a minus.")
def _wrong_sign(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 10 * _error(x, y).log10()


@psnr.wrong("20 belongs with the root of the mean square; with the mean square itself it is 10.")
def _twenty(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -20 * _error(x, y).log10()


@psnr.wrong("the pictures were clipped: the specification takes x and y as they are.")
def _clipped(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * _error(x.clamp(0, 1), y.clamp(0, 1)).log10()


@psnr.wrong("the peak was taken from the data: it is the greatest *possible* signal, here 1, or two batches could not be compared.")
def _peak_of_the_data(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 10 * (x.max() ** 2 / _error(x, y)).log10()


@psnr.wrong("this is the signal-to-noise ratio, with the picture's own power: the *peak* ratio has 1 above the error.")
def _signal_to_noise(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 10 * (y.square().flatten(1).mean(1) / _error(x, y)).log10()


@psnr.wrong("the logarithm came before the mean: take the mean of the squares first, then one logarithm for each picture.")
def _logarithm_first(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * (x.double() - y.double()).square().log10().flatten(1).mean(1)


@psnr.wrong("one number came back: each picture has its own PSNR, so take the mean over all axes but the first.")
def _one_number(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * _error(x, y).mean().log10()


@psnr.wrong("the squares are summed: their mean is wanted, or large pictures look worse than small ones.")
def _sum_of_squares(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * (x - y).square().flatten(1).sum(1).log10()


@psnr.wrong("the mean runs over one axis only: all axes but the first belong to a picture, so flatten(1) first.")
def _one_axis(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * (x.double() - y.double()).square().mean(1).log10()


@psnr.wrong("this is the logarithm to base 2: decibels are ten times the logarithm to base 10 (torch.log10).")
def _base_two(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * _error(x, y).log2()


@psnr.wrong("the root of the mean square goes with 20; with 10 belongs the mean square itself.")
def _root(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -10 * _error(x, y).sqrt().log10()


@psnr.wrong("the decibels of all pictures were averaged: each picture has its own PSNR, N numbers.")
def _mean_of_decibels(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return (-10 * _error(x, y).log10()).mean()


@psnr.also_right
def _picture_by_picture(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.stack([10 * torch.log10(1 / ((a - b) ** 2).mean()) for a, b in zip(x, y, strict=True)])


@psnr.also_right
def _by_axes(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 10 * torch.log10(1 / (x - y).square().mean(dim=tuple(range(1, x.ndim))))
