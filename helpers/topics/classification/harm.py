"""Five ways to spoil a picture of a digit, each at five severities."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional as F

from helpers.validate import whole

#: Severity 1 to 5 in each corruption's own unit.
AMOUNTS = {"blur": (0.6, 0.9, 1.2, 1.6, 2.0), "noise": (0.1, 0.2, 0.3, 0.4, 0.5), "contrast": (0.7, 0.5, 0.35, 0.2, 0.1),
           "rotation": (10, 20, 30, 45, 60), "shift": (1, 2, 4, 5, 6)}
UNITS = {"blur": "σ {} px", "noise": "σ {}", "contrast": "× {}", "rotation": "{}°", "shift": "{} px"}


def blur(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """A Gaussian of this width, in pixels, over (N, 1, H, W)."""
    d = torch.arange(-6, 7, dtype=x.dtype)
    kernel = torch.exp(-0.5 * (d / sigma) ** 2)
    kernel = kernel / kernel.sum()
    x = F.conv2d(x, kernel.view(1, 1, 1, -1), padding=(0, 6))
    return F.conv2d(x, kernel.view(1, 1, -1, 1), padding=(6, 0))


def noise(x: torch.Tensor, sigma: float, seed: int = 0) -> torch.Tensor:
    """Normal noise of this standard deviation, cut to [0, 1]; the same for the same seed."""
    return (x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))).clamp(0, 1)


def contrast(x: torch.Tensor, factor: float) -> torch.Tensor:
    """Fainter ink."""
    return x * factor


def rotation(x: torch.Tensor, degrees: float) -> torch.Tensor:
    """Turned about the middle, anticlockwise."""
    a = torch.deg2rad(torch.tensor(float(degrees)))
    theta = torch.stack([a.cos(), -a.sin(), torch.zeros(()), a.sin(), a.cos(), torch.zeros(())]).view(1, 2, 3).expand(len(x), 2, 3)
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


def shift(x: torch.Tensor, pixels: int) -> torch.Tensor:
    """Moved to the right; what comes in is paper, what goes out is lost."""
    return F.pad(x, (pixels, 0))[..., :x.shape[-1]]


HARMS: dict[str, Callable[..., torch.Tensor]] = {"blur": blur, "noise": noise, "contrast": contrast, "rotation": rotation, "shift": shift}


def spoil(x: torch.Tensor, harm: str, severity: int) -> torch.Tensor:
    """Pictures (N, 1, H, W) in [0, 1], spoilt: severity 0 leaves them alone, 5 is the worst.

    Raises
    ------
    ValueError
        If there is no such corruption, or the severity is no whole number from 0 to 5.
    """
    if harm not in HARMS:
        raise ValueError(f"harm must be one of {', '.join(HARMS)}; got {harm!r}")
    severity = whole("severity", severity, 0, 5)
    return x.clone() if severity == 0 else HARMS[harm](x, AMOUNTS[harm][severity - 1])
