"""How fast a layer can be on this machine, and a network that leaves the notebook."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from helpers.validate import whole

#: torch.compile on this chapter's networks, measured once on two cores with g++: seconds to compile, and how many times faster after.
COMPILED = {"FastCNN(24), training step": (31.0, 0.91), "FastCNN(24), evaluation": (5.5, 1.04), "six elementwise operations on 1,000 × 1,000": (11.0, 1.65)}


def best_ms(work: Callable[[], object], repeats: int = 9) -> float:
    """The least milliseconds of several calls, after one that does not count: the least is what other programs disturb least."""
    work()
    found = []
    for _ in range(whole("repeats", repeats)):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return 1000 * min(found)


def side_by_side(works: dict[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """The least milliseconds of each, all in turn, round by round: a busy moment meets all alike."""
    for work in works.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(whole("rounds", rounds)):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            found[name].append(1000 * (time.perf_counter() - began))
    return {name: min(times) for name, times in found.items()}


@dataclass(frozen=True)
class Roof:
    """What this machine can: floating-point operations and bytes, both a second."""

    flops: float
    bytes_per_second: float

    def limit(self, intensity: float) -> float:
        """The most operations a second at so many operations a byte."""
        return min(self.flops, intensity * self.bytes_per_second)


def measure_roof(size: int = 512) -> Roof:
    """By one large product of matrices, and by copying 32 MB."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    source, target = torch.rand(8_000_000), torch.empty(8_000_000)
    return Roof(2 * size**3 / (best_ms(lambda: a @ b) / 1000), 2 * 32e6 / (best_ms(lambda: target.copy_(source), 5) / 1000))


@dataclass(frozen=True)
class Layer:
    """A layer at one batch size: its operations, the bytes it must at least move, and its measured milliseconds."""

    name: str
    batch: int
    n_flops: float
    n_bytes: float
    ms: float

    @property
    def intensity(self) -> float:
        return self.n_flops / self.n_bytes


def layers(batches: tuple[int, ...] = (1, 8, 64, 256)) -> list[Layer]:
    """A convolution, a dense layer and a ReLU at several batch sizes."""
    conv, dense = nn.Conv2d(32, 32, 3, padding=1).to(memory_format=torch.channels_last), nn.Linear(1024, 256)    # type: ignore[call-overload]
    found = []
    with torch.no_grad():
        for n in batches:
            maps, rows = torch.rand(n, 32, 12, 12).contiguous(memory_format=torch.channels_last), torch.rand(n, 1024)
            found += [
                Layer("convolution", n, 2 * n * 144 * 32 * 288, 4 * (2 * maps.numel() + 32 * 288), best_ms(lambda maps=maps: conv(maps))),      # type: ignore[misc]
                Layer("dense", n, 2 * n * 1024 * 256, 4 * (rows.numel() + n * 256 + 1024 * 256), best_ms(lambda rows=rows: dense(rows))),       # type: ignore[misc]
                Layer("ReLU", n, maps.numel(), 8 * maps.numel(), best_ms(lambda maps=maps: torch.relu(maps)))]                                # type: ignore[misc]
    return found


def export(model: nn.Module, path: Path) -> None:
    """Write the network's computation and weights to one .pt2 file that needs none of our code; any batch size from 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")             # what torch says of its own parts
        batch = torch.export.Dim("batch", min=1, max=4096)
        program = torch.export.export(model.eval(), (torch.rand(2, 1, 28, 28),), dynamic_shapes=({0: batch},))
        torch.export.save(program, path)


_OUTSIDE = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import torch
torch.set_num_threads(1)
model = torch.export.load(sys.argv[1]).module()
x = torch.load(sys.argv[2], weights_only=True)
with torch.no_grad():
    model(x)
    times = []
    for _ in range(20):
        began = time.perf_counter(); out = model(x); times.append(time.perf_counter() - began)
print(json.dumps({"probs": out.softmax(1)[0].tolist(), "ms": 1000 * min(times), "course": any(m.startswith("helpers") for m in sys.modules)}))
"""


@dataclass(frozen=True)
class Answer:
    """What a process outside the notebook says of one picture: probabilities, milliseconds, and whether it used the course's code."""

    probs: list[float]
    ms: float
    used_course: bool


def ask_outside(path: Path, x: torch.Tensor) -> Answer:
    """Load the .pt2 file in a new Python process, and let it answer for x (1, 1, 28, 28).

    Raises
    ------
    RuntimeError
        If the process fails.
    """
    picture = path.with_suffix(".picture.pt")
    torch.save(x, picture)
    done = subprocess.run([sys.executable, "-c", _OUTSIDE, str(path), str(picture)], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"the process outside failed: {done.stderr[-500:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return Answer(said["probs"], said["ms"], said["course"])
