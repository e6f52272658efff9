"""Seeds, threads and style: what makes a notebook give the same results each time."""

from __future__ import annotations

import os
import random
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers.validate import whole

ROOT = Path(__file__).resolve().parents[1]
_fast = False


def is_strict() -> bool:
    """True in the build and in the tests: there a broken promise raises, and no learner's file is touched."""
    return os.environ.get("COURSE_STRICT") == "1"


def is_fast() -> bool:
    """True when this notebook was started with ``FAST = True``: short runs whose numbers are not promised."""
    return _fast


def set_seed(seed: int) -> None:
    """Seed the generators of Python, NumPy and torch.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1 (NumPy's range).

    Raises
    ------
    ValueError
        If seed lies outside that range or is no whole number.
    """
    seed = whole("seed", seed, 0, 2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  what a learner's own np.random calls use
    torch.manual_seed(seed)


def start(seed: int = 0, *, fast: bool = False, threads: int | None = None) -> None:
    """The one call at the top of each lesson: seed, threads, figure style; and what else was set goes back to its default.

    A matplotlibrc, a start-up file of IPython or a cell above may have set a dark style, another dtype, errors for
    underflow: figures and numbers of a lesson are the same everywhere.

    Parameters
    ----------
    seed : int
        For :func:`set_seed`.
    fast : bool
        The chapter's ``FAST``: fewer steps; ``expect`` then reports and does not insist.
    threads : int, optional
        How many threads torch uses; its own choice (the physical cores, or OMP_NUM_THREADS) if None.

    Raises
    ------
    ValueError
        If the seed or the threads make no sense; nothing is changed then.
    """
    global _fast
    if threads is not None:
        threads = whole("threads", threads)
    _reset()
    set_seed(seed)
    _fast = bool(fast)
    if threads is not None:
        torch.set_num_threads(threads)
    plt.style.use(["default", str(Path(__file__).with_name("course.mplstyle"))])


def _reset() -> None:
    """The global settings of torch and NumPy as they are when nobody has touched them."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    if torch.get_default_device().type != "cpu":
        torch.set_default_device(None)
    torch.autograd.set_detect_anomaly(False)
    if torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(False)       # asked for in vain, it would import half a second's worth of torch
    torch.set_printoptions(profile="default", sci_mode=None)
    np.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    np.set_printoptions(edgeitems=3, infstr="inf", linewidth=75, nanstr="nan", precision=8, suppress=False, threshold=1000, formatter=None,
                        sign="-", floatmode="maxprec", legacy=False)
