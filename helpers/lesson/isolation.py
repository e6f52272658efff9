"""What a notebook has set in its libraries stays out of a check, and what an answer sets there is put back."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import warnings
from collections.abc import Iterator

import numpy as np
import torch

#: What Python's own filters tell a user: a library's talk to its programmers is not for a learner.
TOLD = (RuntimeWarning, UserWarning, SyntaxWarning)


def seed_all(seed: int = 0) -> None:
    """Seed the generators that an answer may draw from."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  what a learner's own np.random calls use
    torch.default_generator.manual_seed(seed)           # torch.manual_seed() asks every kind of card first: nine milliseconds a case


@contextlib.contextmanager
def clean_state() -> Iterator[None]:
    """Libraries as they are when first imported, whatever the notebook has set; afterwards as they were before.

    Gradients on, float32 on the CPU, NumPy and Python warn and do not raise, generators seeded by whoever runs something.
    """
    with contextlib.ExitStack() as stack:
        for keep in (_generators, _torch, _numpy, _python):
            stack.enter_context(keep())
        yield


@contextlib.contextmanager
def _generators() -> Iterator[None]:
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


@contextlib.contextmanager
def _torch() -> Iterator[None]:
    dtype, device, threads = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    deterministic, warn_only = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    anomaly, anomaly_nan = torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
    printing = vars(torch._tensor_str.PRINT_OPTS).copy()
    torch.set_default_dtype(torch.float32)
    if device.type != "cpu":
        torch.set_default_device("cpu")
    if deterministic:
        torch.use_deterministic_algorithms(False)
    if anomaly:
        torch.autograd.set_detect_anomaly(False)
    try:
        with torch.inference_mode(False), torch.enable_grad(), torch.autocast("cpu", enabled=False):
            yield
    finally:
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            torch.set_default_device(device)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if torch.are_deterministic_algorithms_enabled() != deterministic:
            torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        if torch.is_anomaly_enabled() != anomaly:
            torch.autograd.set_detect_anomaly(anomaly, anomaly_nan)
        vars(torch._tensor_str.PRINT_OPTS).update(printing)


@contextlib.contextmanager
def _numpy() -> Iterator[None]:
    printing = np.get_printoptions()
    try:
        with np.errstate(all="warn", under="ignore"):       # as NumPy begins
            yield
    finally:
        np.set_printoptions(**printing)


@contextlib.contextmanager
def _python() -> Iterator[None]:
    folder, depth = os.getcwd(), sys.getrecursionlimit()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for category in TOLD:
                warnings.simplefilter("default", category)
            yield
    finally:
        if sys.getrecursionlimit() != depth:
            sys.setrecursionlimit(depth)
        with contextlib.suppress(OSError):
            os.chdir(folder)
