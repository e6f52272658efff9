"""One data set, split for good."""

from __future__ import annotations

from dataclasses import dataclass

import torch

XY = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Split:
    """One data set, split for good: fit on train, choose on val, look at test once."""

    train: XY
    val: XY
    test: XY

    def __repr__(self) -> str:
        sizes = " · ".join(f"{name} {tuple(getattr(self, name)[0].shape)}" for name in ("train", "val", "test"))
        return f"Split({sizes})"
