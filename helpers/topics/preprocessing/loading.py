"""What it costs to bring 2,000 pictures into batches, with and without worker processes. Run as a program of its own.

Worker processes are started by ``fork`` on Linux before Python 3.14, and by starting Python anew elsewhere: they cannot
be had without a module to import. So this is one, and it prints what it has measured as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset


class Encoded(Dataset):
    """Pictures that are decoded and changed anew each time: heavy work for each of them."""

    def __init__(self, n: int, edge: int = 96) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (edge, edge, 3), np.uint8)
        self.files = [cv2.imencode(".png", noise)[1]] * n

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> torch.Tensor:
        picture = cv2.imdecode(self.files[i], cv2.IMREAD_COLOR)
        assert picture is not None
        picture = cv2.GaussianBlur(cv2.resize(picture, (224, 224)), (7, 7), 2)
        return torch.from_numpy(picture).permute(2, 0, 1).float() / 255


def seconds_for(epoch: Callable[[], object], repeats: int = 2) -> float:
    """The least of several times."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        epoch()
        times.append(time.perf_counter() - started)
    return min(times)


def measure(n: int = 2000, n_heavy: int = 160) -> dict[str, float]:
    """Seconds for one epoch of n small pictures in memory, and of n_heavy encoded ones, by way of loading."""
    x = torch.rand(n, 1, 28, 28)
    light, heavy = TensorDataset(x), Encoded(n_heavy)
    found = {"light, slices of one tensor": seconds_for(lambda: [x[rows] for rows in torch.randperm(n).split(64)], 5)}
    for kind, data, batch in (("light", light, 64), ("heavy", heavy, 16)):
        for workers in (0, 2):
            loader = DataLoader(data, batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
            if workers:
                found[f"{kind}, starting 2 workers"] = seconds_for(lambda loader=loader: next(iter(loader)), 1)       # type: ignore[misc]
            found[f"{kind}, DataLoader, {workers} workers"] = seconds_for(lambda loader=loader: list(loader))       # type: ignore[misc]
    return found


def in_a_program_of_its_own(n: int = 2000, n_heavy: int = 160) -> dict[str, float]:
    """What measure(n, n_heavy) gives in another Python process: no worker of it can stay behind in a notebook."""
    command = [sys.executable, "-W", "ignore", "-m", __name__, str(n), str(n_heavy)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
