"""Chapter 04: the plain rivals of an autoencoder. PCA, filters, the best linear map, the mean; scores without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import nn

Pictures = torch.Tensor
Cleaner = Callable[[Pictures], Pictures]


def train_linear(x: torch.Tensor, k: int, seed: int = 0, max_iter: int = 120) -> tuple[torch.Tensor, torch.Tensor]:
    """A linear autoencoder, trained to the end: encoder E (D, k) and decoder (k, D) with the least ‖x E D - x‖².

    By L-BFGS, which looks at all examples at once and guesses the curvature of the loss from its last steps: a hundred
    good steps in place of thousands.
    """
    g = torch.Generator().manual_seed(seed)
    E, D = (nn.Parameter(torch.randn(*shape, generator=g) / x.shape[1] ** 0.5) for shape in ((x.shape[1], k), (k, x.shape[1])))
    optimizer = torch.optim.LBFGS([E, D], max_iter=max_iter, history_size=50, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.mse_loss(x @ E @ D, x)
        loss.backward()
        return loss

    optimizer.step(closure)
    return E.detach(), D.detach()


def pca(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean (D,) and all principal directions (K, D), those of greatest variance first."""
    mean = x.mean(0)
    return mean, torch.linalg.svd(x - mean, full_matrices=False).Vh


def through(x: torch.Tensor, mean: torch.Tensor, directions: torch.Tensor, k: int) -> torch.Tensor:
    """x as its first k principal components give it back."""
    V = directions[:k]
    return (x - mean) @ V.T @ V + mean


def mean_psnr(cleaned: Pictures, clean: Pictures) -> float:
    """Mean over the pictures of their PSNR in decibels, after clipping to 0 … 1."""
    return float((-10 * (cleaned.clamp(0, 1) - clean).square().mean(1).log10()).mean())


def add_noise(x: Pictures, sigma: float, seed: int) -> Pictures:
    """Each pixel plus a normal number of standard deviation sigma."""
    return x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def best_width(filtered: Callable[[Pictures, float], Pictures], widths: Sequence[float], noisy: Pictures, clean: Pictures) -> float:
    """The width of a filter that gives the greatest mean PSNR on these pictures."""
    return max(widths, key=lambda width: mean_psnr(filtered(noisy, width), clean))


def linear_map(x: Pictures, sigma: float) -> Cleaner:
    """The best linear map from noisy pictures to clean ones, learned from clean ones: (C + σ²I)⁻¹ C, C their covariance.

    Some pixels never vary, so C has no inverse; noise of less than 0.001 counts as 0.001.
    """
    mean, C = x.mean(0), torch.cov(x.T)
    W = torch.linalg.solve(C + max(sigma, 1e-3)**2 * torch.eye(len(C)), C)
    return lambda noisy: (noisy - mean) @ W + mean


def auc(scores: torch.Tensor, odd: torch.Tensor) -> float:
    """The chance that an odd one has a higher score than a usual one; a tie counts half."""
    pairs = scores[odd][:, None] - scores[~odd]
    return float((pairs > 0).double().mean() + 0.5 * (pairs == 0).double().mean())


def plain_scores(x: Pictures, usual: Pictures, k: int = 8) -> dict[str, torch.Tensor]:
    """How strange pictures are, (N,) each, by four ways without a network; usual (M, D) is what they learn from."""
    mean, V = pca(usual)
    return {"PCA": (through(x, mean, V, k) - x).square().mean(1), "nearest neighbour": torch.cdist(x, usual).amin(1),
            "distance to the mean": (x - mean).square().mean(1), "amount of ink": x.mean(1)}
