"""One process of several that train one network together. It is started by hand or by torchrun, and imports nothing of the course.

    torchrun --standalone --nproc_per_node=2 worker.py task.pt out.pt
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F


def network(norm: bool) -> nn.Sequential:
    """A small network in double precision: with or without batch normalisation."""
    torch.manual_seed(0)
    between: list[nn.Module] = [nn.BatchNorm1d(32)] if norm else []
    return nn.Sequential(nn.Flatten(), nn.Linear(196, 32), *between, nn.ReLU(), nn.Linear(32, 10)).double()


def training(x: torch.Tensor, y: torch.Tensor, norm: bool, n_steps: int, batch_size: int, library: bool = False) -> tuple[list[float], float]:
    """The losses of the joint batches, and the seconds of all steps.

    Each process takes its part of every batch; after backward all gradients are summed and divided by the number of
    processes. With library=True DistributedDataParallel does that.
    """
    world = dist.get_world_size() if dist.is_initialized() else 1
    rank = dist.get_rank() if world > 1 else 0
    model: nn.Module = network(norm)
    if library and world > 1:
        model = nn.parallel.DistributedDataParallel(model)
    opt = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    generator = torch.Generator().manual_seed(1)                    # the same in all: the same batches
    losses, began = [], time.perf_counter()
    for _ in range(n_steps):
        places = torch.randint(len(x), (batch_size,), generator=generator).chunk(world)[rank]
        loss = F.cross_entropy(model(x[places]), y[places])
        opt.zero_grad()
        loss.backward()
        value = loss.detach().clone()
        if world > 1:
            if not library:
                for parameter in model.parameters():
                    assert parameter.grad is not None
                    dist.all_reduce(parameter.grad)
                    parameter.grad.div_(world)
            dist.all_reduce(value)
        opt.step()
        losses.append(float(value) / world)
    return losses, time.perf_counter() - began


def main(task_path: str, out_path: str) -> None:
    torch.set_num_threads(1)
    task: dict[str, Any] = torch.load(task_path, weights_only=True)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        dist.init_process_group("gloo", init_method=task.get("meet"), rank=int(os.environ["RANK"]), world_size=int(os.environ["WORLD_SIZE"]))
    try:
        kinds = {"plain": (False, False), "batch norm": (True, False), "library": (False, True)}
        found = {name: training(task["x"], task["y"], norm, task["n_steps"], task["batch_size"], library) for name, (norm, library) in kinds.items()}
        if int(os.environ.get("RANK", "0")) == 0:
            torch.save(found, out_path)
    finally:
        if dist.is_initialized() and sys.exc_info()[0] is None:
            dist.barrier()


if __name__ == "__main__":
    warnings.simplefilter("ignore")         # what torch says of its own parts, in a process without a reader
    main(*sys.argv[1:3])
    sys.stdout.flush()
    os._exit(0)                             # gloo's threads may still run, and an ordinary end would sometimes abort on them
