"""What a network costs, as torch itself counts it: multiply-adds, and the bytes that a backward pass keeps."""

from __future__ import annotations

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode


def multiply_adds(model: nn.Module, x: torch.Tensor) -> int:
    """Multiply-adds of one forward pass over x: half of what torch counts, for it counts products and sums apart.

    Matrix products and convolutions alone are counted; sums, activations and normalisation are not.

    >>> multiply_adds(nn.Linear(40, 100), torch.zeros(1, 40))
    4000
    """
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model(x)
    return counter.get_total_flops() // 2


def kept_bytes(model: nn.Module, x: torch.Tensor) -> int:
    """Bytes of all that autograd keeps of a forward pass for the way back, the parameters apart."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept: dict[int, int] = {}

    def pack(t: torch.Tensor) -> torch.Tensor:
        storage = t.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return t

    with saved_tensors_hooks(pack, lambda t: t):
        out = model(x)
    del out
    return sum(kept.values())
