"""Checks of chapter 04: two numbers to find, and two losses to mend."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from helpers.lesson.exercise import Case, Exercise, Met, distinct

Tensor = torch.Tensor


def _normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 4.4 three of four pairs

def _three_of_four(scores: object) -> str | None:
    try:
        s = [float(v) for v in scores]      # type: ignore[attr-defined]
    except (TypeError, ValueError, RuntimeError):
        return "my_scores should be a list of four numbers"
    if len(s) != 4:
        return f"my_scores should hold four numbers, two odd and two usual; it holds {len(s)}"
    if any(v != v for v in s) or len(set(s)) < 4:
        return "no two of the scores may be equal (and none may be nan)"
    won = sum(odd > usual for odd in s[:2] for usual in s[2:])
    if won == 3:
        return Met("the odd one is higher in 3 of 4 pairs")
    return f"the odd one is higher in {won} of 4 pairs, an AUC of {won / 4:g}" + (": the two odd ones come first in the list." if won == 1 else ".")


three_of_four = Exercise("4.4", kind="value", judge=_three_of_four, verified="AUC 0.75")


@three_of_four.also_right
def as_tensor() -> Tensor:
    return torch.tensor([3.0, 1.0, 2.0, 0.0])


@three_of_four.also_right
def large() -> tuple[int, ...]:
    return 1000, -5, 999, -1000


@three_of_four.wrong("the odd one is higher in 4 of 4 pairs")
def perfect() -> list[float]:
    return [0.9, 0.8, 0.2, 0.1]


@three_of_four.wrong("the two odd ones come first in the list.")
def usual_first() -> list[float]:
    return [0.6, 0.1, 0.9, 0.4]


@three_of_four.wrong("no two of the scores may be equal")
def with_a_tie() -> list[float]:
    return [0.9, 0.5, 0.5, 0.1]


@three_of_four.wrong("my_scores should hold four numbers")
def three() -> list[float]:
    return [0.9, 0.6, 0.1]


@three_of_four.wrong("the odd one is higher in 2 of 4 pairs")
def by_chance() -> list[float]:
    return [0.9, 0.1, 0.6, 0.4]


# ---------------------------------------------------------------- 4.5 noise on the wrong side

def _copies_noise(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    noisy = x + noise
    out = model(noisy)
    return (out - noisy).square().mean()


def _denoising(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return F.mse_loss(model(x + noise), x)


class _Scaled(nn.Module):
    """A model whose answers depend on what it is given, pixel by pixel."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x * self.weights)


def _denoising_cases() -> list[Case]:
    cases = []
    for i in range(3):
        n, d = distinct(2, seed=i)
        cases.append(Case(f"x {(n, d)}", (_Scaled(_normal(i, d)), _normal(10 + i, n, d), 0.5 * _normal(20 + i, n, d))))
    return [*cases, Case("one picture, no noise", (_Scaled(_normal(7, 5)), _normal(8, 1, 5), torch.zeros(1, 5))),
            Case("x (300, 196)", (_Scaled(_normal(9, 196)), _normal(30, 300, 196), _normal(31, 300, 196)))]


denoising_loss = Exercise("4.5", oracle=_denoising, cases=_denoising_cases, kind="fix", given=_copies_noise,
                          verified="noisy in, clean out, for five batches; without noise among them")


@denoising_loss.also_right
def by_the_library(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return F.mse_loss(model(x + noise), x)


@denoising_loss.also_right
def by_sums(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return ((x - model(noise + x)) ** 2).sum() / x.numel()


@denoising_loss.wrong("the clean picture goes in: then there is nothing to clean.")
def clean_in(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return F.mse_loss(model(x), x)


@denoising_loss.wrong("the sum came back: the mean over pictures and pixels is wanted.")
def summed(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return (model(x + noise) - x).square().sum()


@denoising_loss.wrong("the output is compared with the noise: it should be the clean picture.")
def against_the_noise(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return F.mse_loss(model(x + noise), noise)


@denoising_loss.wrong("the model never sees the picture: x + noise goes in, not the noise alone.")
def only_noise_in(model: nn.Module, x: Tensor, noise: Tensor) -> Tensor:
    return F.mse_loss(model(noise), x)


# ---------------------------------------------------------------- 4.9 sum and mean

def _mean_over_pixels(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2               # (N,)
    missed = F.binary_cross_entropy_with_logits(logits, x)
    return (missed + kl).mean()


def _minus_elbo(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    q, p = torch.distributions.Normal(mu.double(), (log_var.double() / 2).exp()), torch.distributions.Normal(0.0, 1.0)
    kl = torch.distributions.kl_divergence(q, p).sum(1)
    log_p = torch.distributions.Bernoulli(logits=logits.double()).log_prob(x.double()).sum(1)
    return (kl - log_p).mean()


def _vae_cases() -> list[Case]:
    cases = []
    for i in range(3):
        n, pixels, d = distinct(3, seed=10 + i)
        cases.append(Case(f"logits {(n, pixels)}, a code of {d}", (2 * _normal(i, n, pixels), _normal(10 + i, n, d), _normal(20 + i, n, d), (_normal(30 + i, n, pixels) > 0).float())))
    return [*cases, Case("one picture", (_normal(4, 1, 12), _normal(5, 1, 2), _normal(6, 1, 2), torch.ones(1, 12))),
            Case("logits of ±200, 50 pictures of 784 pixels", (200 * _normal(7, 50, 784).sign(), _normal(8, 50, 16), _normal(9, 50, 16), (_normal(40, 50, 784) > 0).float()))]


vae_loss = Exercise("4.9", oracle=_minus_elbo, cases=_vae_cases, kind="fix", given=_mean_over_pixels, tolerance=1e-4,
                    verified="sums over pixels and units, the mean over digits, for five batches; logits of 200 among them")


@vae_loss.also_right
def by_division(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum() / 2
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl) / len(x)


@vae_loss.also_right
def by_softplus(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2
    return ((F.softplus(logits) - x * logits).sum(1) + kl).mean()


@vae_loss.wrong("the mean over pixels is taken: the reconstruction is a sum over pixels, as the KL is one over units.")
def mean_of_each(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).mean(1) / 2
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="none").mean(1) + kl).mean()


@vae_loss.wrong("pixels and digits are both summed: each digit has its own reconstruction, and the mean is taken at the end.")
def all_summed(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="sum") + kl).mean()


@vae_loss.wrong("the KL is missing: minus the ELBO has two terms.")
def without_kl(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()


@vae_loss.wrong("the sum runs over the digits (axis 0): the pixels are axis 1.")
def wrong_axis(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(0).mean() + kl.mean()


@vae_loss.wrong("the KL is subtracted: it is a price, so it is added to the loss.")
def kl_subtracted(logits: Tensor, mu: Tensor, log_var: Tensor, x: Tensor) -> Tensor:
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2
    return (F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1) - kl).mean()


# ---------------------------------------------------------------- 4.10 a nat of code

def _one_nat(mu: object) -> str | None:
    try:
        m = float(mu)       # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        return f"my_mu should be one number, not {type(mu).__name__}"
    kl = m * m / 2
    if 0.99 <= kl <= 1.01:
        return Met(f"KL {kl:.3f} nats")
    said = f"with this mean the unit tells {kl:.3f} nats, not between 0.99 and 1.01."
    if abs(m - 2) < 1e-6:
        said += " Likely cause: μ² is halved, so μ² itself is 2, not μ."
    elif abs(m - 1) < 1e-6:
        said += " Likely cause: the factor ½ was forgotten."
    return said


one_nat = Exercise("4.10", kind="value", judge=_one_nat, verified="the unit tells one nat")


@one_nat.also_right
def negative() -> float:
    return -1.4142


@one_nat.also_right
def a_tensor() -> Tensor:
    return torch.tensor(2.0).sqrt()


@one_nat.wrong("the factor ½ was forgotten.")
def one() -> float:
    return 1.0


@one_nat.wrong("μ² is halved, so μ² itself is 2, not μ.")
def two() -> float:
    return 2.0


@one_nat.wrong("with this mean the unit tells 0.240 nats")
def in_bits() -> float:
    return 0.6931


@one_nat.wrong("with this mean the unit tells 0.125 nats")
def half() -> float:
    return 0.5


@one_nat.wrong("my_mu should be one number, not list")
def a_list() -> list[float]:
    return [1.4, -1.4]
