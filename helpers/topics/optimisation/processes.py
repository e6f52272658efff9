"""Processes of the notebook's own: started, waited for, and ended whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from helpers.data.split import XY
from helpers.topics.optimisation import worker
from helpers.validate import positive, whole


@contextmanager
def started(commands: Sequence[Sequence[str]], environments: Sequence[Mapping[str, str]], log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start processes, and leave none behind: at the end of the block, or when it is interrupted, those that still run are ended.

    What they print goes to the file log.
    """
    running: list[subprocess.Popen[bytes]] = []
    with log.open("wb") as out:
        try:
            for command, environment in zip(commands, environments, strict=True):
                running.append(subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT))
            yield running
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def wait_for(running: Sequence[subprocess.Popen[bytes]], log: Path, seconds: float = 120.0) -> None:
    """Wait until all have ended well; as soon as one fails, or time is up, say so with what they printed last.

    Raises
    ------
    RuntimeError
        If one fails, or takes longer.
    """
    ends = time.monotonic() + positive("seconds", seconds)
    while any(process.poll() is None for process in running):
        if any(process.poll() for process in running) or time.monotonic() > ends:
            break
        time.sleep(0.05)
    codes = [process.poll() for process in running]
    if any(codes) or None in codes:
        raise RuntimeError(f"the processes ended with {codes} (None: still running). They said last: {log.read_text('utf-8', 'replace')[-600:]}")


Losses = dict[str, tuple[list[float], float]]


def train_together(data: XY, n_processes: int = 2, n_steps: int = 60, batch_size: int = 128) -> Losses:
    """Train the network of :mod:`worker` with several processes: kind → losses of the joint batches, and seconds.

    Kinds: "plain", "batch norm", and "library" (plain, by DistributedDataParallel). The processes meet in a file, so no
    port is needed, and talk over this machine's own loopback.

    Parameters
    ----------
    data : x float (N, …) with 196 numbers each, y int64 (N,)

    Raises
    ------
    RuntimeError
        If a process fails.
    """
    n_processes = whole("n_processes", n_processes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        meet = (folder / "meet").absolute().as_uri()
        torch.save({"x": data[0].double(), "y": data[1], "n_steps": whole("n_steps", n_steps), "batch_size": whole("batch_size", batch_size), "meet": meet}, folder / "task.pt")
        command = [sys.executable, str(Path(worker.__file__)), str(folder / "task.pt"), str(folder / "out.pt")]
        environments = [{"RANK": str(rank), "WORLD_SIZE": str(n_processes), "OMP_NUM_THREADS": "1"} for rank in range(n_processes)]
        with started([command] * n_processes, environments, folder / "log.txt") as running:
            wait_for(running, folder / "log.txt")
        found: Losses = torch.load(folder / "out.pt", weights_only=True)
    return found


def one_alone(data: XY, n_steps: int = 60, batch_size: int = 128) -> Losses:
    """The same trainings in this process, with the joint batch."""
    x, y = data[0].double(), data[1]
    return {name: worker.training(x, y, norm, n_steps, batch_size) for name, norm in (("plain", False), ("batch norm", True))}
