"""What fit costs over the bare loop, how near it comes to the machine's peak, and what the helpers' import adds."""

from __future__ import annotations

import subprocess
import sys
import time

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from helpers.data import XY, digits
from helpers.models import FastCNN
from helpers.training import fit


def bare_loop(model: torch.nn.Module, train: XY, n_epochs: int, batch_size: int, lr: float, seed: int) -> None:
    """The least that trains a network as fit does."""
    x, y = train
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(seed)
    model.train()
    for _ in range(n_epochs):
        for i in torch.randperm(len(x), generator=generator).split(batch_size):
            optimizer.zero_grad()
            F.cross_entropy(model(x[i]), y[i]).backward()
            optimizer.step()


def fit_over_bare(rounds: int = 7, n_epochs: int = 2) -> dict[str, float]:
    """Seconds of both, in turn, least of several rounds (what other processes add is left out), and their ratio."""
    train = digits().train
    settings = {"n_epochs": n_epochs, "batch_size": 128, "lr": 1e-3, "seed": 0}
    times: dict[str, list[float]] = {"bare": [], "fit": []}
    for _ in range(rounds):
        for name in times:
            torch.manual_seed(0)
            model = FastCNN(16)
            started = time.process_time()
            if name == "bare":
                bare_loop(model, train, **settings)     # type: ignore[arg-type]
            else:
                fit(model, train, **settings, progress=False)       # type: ignore[arg-type]
            times[name].append(time.process_time() - started)
    bare, fitted = min(times["bare"]), min(times["fit"])
    return {"bare_seconds": bare, "fit_seconds": fitted, "overhead": fitted / bare - 1}


def matmul_flops(n: int = 1536, rounds: int = 8) -> float:
    """The machine's own peak: floating-point operations a second in an n×n float32 matrix product."""
    a, b = torch.rand(n, n), torch.rand(n, n)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * n**3 / best


def training_flops(width: int = 16, batch_size: int = 128, rounds: int = 12) -> float:
    """Operations a second of one training step (forward and backward) of FastCNN."""
    x, y = digits().train
    x, y = x[:batch_size], y[:batch_size]
    model = FastCNN(width).train()
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(x), y).backward()
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        F.cross_entropy(model(x), y).backward()
        best = min(best, time.perf_counter() - started)
    return counter.get_total_flops() / best


def import_seconds(rounds: int = 5) -> float:
    """Seconds that ``import helpers`` adds to what it stands on: the least of several fresh processes."""
    code = "import time, torch, matplotlib.pyplot, ipywidgets; t = time.perf_counter(); import helpers; print(time.perf_counter() - t)"
    return min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(rounds))
