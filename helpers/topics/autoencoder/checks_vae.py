"""Exercises 4.4 to 4.6: oracles from torch.distributions and SciPy, and what people get wrong."""



from __future__ import annotations

import numpy as np
import torch
from scipy.special import logsumexp
from torch.distributions import Normal, kl_divergence

from helpers.lesson.exercise import Case, Exercise


def _normal(seed: int, *shape: int, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 4.6 reparametrise

def _draw(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return torch.addcmul(mu.double(), torch.sqrt(torch.exp(log_var.double())), eps.double())


def _draw_cases() -> list[Case]:
    shapes = [((3, 2), 4), ((1, 1), 1), ((5, 7), 5), ((2, 2), 2), ((40, 16), 25)]
    cases = [Case(f"mu {shape}, eps ({S}, {shape[0]}, {shape[1]})", (_normal(i, *shape, scale=2), _normal(20 + i, *shape), _normal(40 + i, S, *shape)))
             for i, (shape, S) in enumerate(shapes)]
    return [*cases, Case("log_var of -20 and 8", (torch.tensor([[3., -3.]]), torch.tensor([[-20., 8.]]), _normal(60, 3, 1, 2))),
            Case("log_var of 100", (torch.tensor([[1.]]), torch.tensor([[100.]]), _normal(61, 2, 1, 1))),
            Case("log_var of -120", (torch.tensor([[1.]]), torch.tensor([[-120.]]), _normal(62, 2, 1, 1)))]


reparametrise = Exercise(
    "4.6", oracle=_draw, cases=_draw_cases, differentiable=("mu", "log_var"),
    verified="S draws for each digit and unit, from one digit and one unit to 25 draws of 40 × 16, very narrow and very wide ones among them; "
             "and the gradients reach mu and log_var",
)


@reparametrise.wrong("eps was multiplied by the variance: it wants the standard deviation, the root of the variance, exp(log_var / 2).")
def _variance(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu + log_var.exp() * eps


@reparametrise.wrong("log_var is the logarithm of the variance: turn it into a standard deviation first.")
def _logarithm(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu + log_var * eps


@reparametrise.wrong("fresh noise was drawn inside: use the eps that is given, so that the same eps gives the same z.")
def _fresh_noise(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu + (log_var / 2).exp() * torch.randn_like(eps)


@reparametrise.wrong("only the first of the S draws is used: keep eps whole; mu of shape (N, d) is laid under each of them by broadcasting.")
def _first_draw(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu + (log_var / 2).exp() * eps[0]


@reparametrise.wrong("mu is missing: these draws lie around 0.")
def _no_mu(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return (log_var / 2).exp() * eps


@reparametrise.wrong("the sign is reversed. The distribution is the same, since eps is symmetric, but not the draw: z = mu + sigma · eps.")
def _reversed(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu - (log_var / 2).exp() * eps


@reparametrise.wrong("the mean over the S draws was taken: all of them are wanted.")
def _averaged(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return (mu + (log_var / 2).exp() * eps).mean(0)


@reparametrise.wrong("exp(log_var) over- or underflows long before its root does: halve first, exp(log_var / 2).")
def _root_at_the_end(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return mu + log_var.exp().sqrt() * eps


@reparametrise.also_right
def _by_powers(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return eps * torch.exp(0.5 * log_var) + mu


@reparametrise.also_right
def _draw_by_draw(mu: torch.Tensor, log_var: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    return torch.stack([torch.addcmul(mu, (log_var / 2).exp(), e) for e in eps])


# ---------------------------------------------------------------- 4.7 KL of two diagonal Gaussians

def _kl(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    q, p = (Normal(m.double(), (v.double() / 2).exp()) for m, v in ((mu_q, log_var_q), (mu_p, log_var_p)))
    return kl_divergence(q, p)


def _kl_cases() -> list[Case]:
    shapes = [(3, 2), (1, 5), (7, 1), (100, 16)]
    cases = [Case(f"two tables of shape {s}", tuple(_normal(100 + 10 * i + j, *s) for j in range(4))) for i, s in enumerate(shapes)]
    same, narrow = _normal(150, 2, 3), torch.full((2, 3), -12.0)
    return [*cases, Case("q the same as p", (same, narrow, same, narrow)), Case("q far narrower than p", (same, narrow, same + 1, torch.zeros(2, 3)))]


gaussian_kl = Exercise(
    "4.7", oracle=_kl, cases=_kl_cases, tolerance=1e-4, differentiable=("mu_q", "log_var_q", "mu_p", "log_var_p"),
    verified="the same as torch.distributions.kl_divergence, unit by unit, for six pairs, and so are its gradients; 0 where q is p",
)


@gaussian_kl.wrong("q and p are exchanged: KL(q‖p) is not KL(p‖q). The mean is taken under q, and p's variance stands below the line.")
def _exchanged(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_p, log_var_p, mu_q, log_var_q)


@gaussian_kl.wrong("p is taken to be the standard normal: here it has a mean and a variance of its own.")
def _standard_normal(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, torch.zeros_like(mu_p), torch.zeros_like(log_var_p))


@gaussian_kl.wrong("the units were summed: one number for each unit is wanted, shape (N, d). (It is these that show which units live.)")
def _units_summed(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p).sum(1)


@gaussian_kl.wrong("digits and units were all summed: one number for each unit of each digit is wanted, shape (N, d).")
def _all_summed(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p).sum()


@gaussian_kl.wrong("the factor 1/2 is missing.")
def _no_half(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) * 2


@gaussian_kl.wrong("the - 1 is missing: for q = p the result must be 0.")
def _no_minus_one(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) + 0.5


@gaussian_kl.wrong("exp(log_var / 2) is the standard deviation; the formula wants variances throughout, exp(log_var).")
def _deviations(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q / 2, mu_p, log_var_p / 2)


@gaussian_kl.wrong("the logarithms are right, but v_q and v_p are not: exp(log_var / 2) is the standard deviation, exp(log_var) the variance.")
def _deviations_in_the_fraction(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q / 2, mu_p, log_var_p / 2) + (log_var_p - log_var_q) / 4


@gaussian_kl.wrong("the fraction in the logarithm is upside down: p's variance stands above q's, log_var_p - log_var_q.")
def _upside_down(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) + log_var_q - log_var_p


@gaussian_kl.wrong("only the squared distance was divided by v_p: v_q stands over v_p as well. Brackets around v_q + (mu_q - mu_p)²?")
def _only_the_distance_divided(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) + (log_var_q.exp() - (log_var_q - log_var_p).exp()) / 2


@gaussian_kl.wrong("Normal(mu, sigma) takes the standard deviation, exp(log_var / 2), not the variance.")
def _normal_of_variances(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, 2 * log_var_q, mu_p, 2 * log_var_p)


@gaussian_kl.wrong("the 1 is subtracted after halving: it stands inside the brackets, so that half of it is taken off.")
def _one_after_halving(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) - 0.5


@gaussian_kl.wrong("these are bits: the natural logarithm gives nats.")
def _bits(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return _kl(mu_q, log_var_q, mu_p, log_var_p) / np.log(2)


@gaussian_kl.also_right
def _by_variances(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    v_q, v_p = log_var_q.exp(), log_var_p.exp()
    return 0.5 * (torch.log(v_p / v_q) + (v_q + (mu_q - mu_p) ** 2) / v_p - 1)


@gaussian_kl.also_right
def _by_distributions(mu_q: torch.Tensor, log_var_q: torch.Tensor, mu_p: torch.Tensor, log_var_p: torch.Tensor) -> torch.Tensor:
    return kl_divergence(Normal(mu_q, (log_var_q / 2).exp()), Normal(mu_p, (log_var_p / 2).exp()))


# ---------------------------------------------------------------- 4.8 the importance-weighted bound

def _bound(log_w: torch.Tensor) -> torch.Tensor:
    w = log_w.double().numpy()
    return torch.from_numpy(np.asarray(logsumexp(w, axis=0, b=1 / len(w)).mean()))


def _bound_cases() -> list[Case]:
    settings = [(5, 3, 1.0, 0.0), (1, 6, 1.0, -3.0), (5, 5, 3.0, -160.0), (50, 20, 10.0, -900.0), (7, 2, 2.0, 400.0)]
    cases = [Case(f"K = {K}, N = {N}, logarithms around {middle:g}", (_normal(200 + i, K, N, scale=spread) + middle,)) for i, (K, N, spread, middle) in enumerate(settings)]
    return [*cases, Case("three digits, their logarithms around -40, -160 and -330", (_normal(210, 6, 3) + torch.tensor([-40., -160., -330.]),)),
            Case("a digit whose logarithms are spread over 400 nats", (torch.linspace(-500, -100, 5)[:, None],))]


importance_bound = Exercise(
    "4.8", oracle=_bound, cases=_bound_cases,
    verified="the same as SciPy's logsumexp in float64, for K from 1 to 50 and logarithms from -900 to 400, where a plain exp gives 0 or infinity, "
             "and for digits far apart",
)


@importance_bound.wrong("this is the mean of the logarithms, the plain ELBO: take the logarithm of the mean weight.")
def _mean_of_logarithms(log_w: torch.Tensor) -> torch.Tensor:
    return log_w.mean()


@importance_bound.wrong("this is the logarithm of the sum: for the mean of K weights, subtract log K.")
def _sum(log_w: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(log_w, 0).mean()


@importance_bound.wrong("the mean was taken over the digits: average the weights over the K draws (axis 0) of each digit, and the digits at the very end.")
def _over_digits(log_w: torch.Tensor) -> torch.Tensor:
    return (torch.logsumexp(log_w, 1) - np.log(log_w.shape[1])).mean()


@importance_bound.wrong("all K·N weights went into one mean: each digit has its own log p(x). First one logarithm for each digit, then their mean.")
def _all_in_one(log_w: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(log_w.flatten(), 0) - np.log(log_w.numel())


@importance_bound.wrong("one number a digit: the mean over the digits is still to be taken.")
def _for_each_digit(log_w: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(log_w, 0) - np.log(log_w.shape[0])


@importance_bound.wrong("the digits were summed at the end: their mean is wanted.")
def _digits_summed(log_w: torch.Tensor) -> torch.Tensor:
    return (torch.logsumexp(log_w, 0) - np.log(log_w.shape[0])).sum()


@importance_bound.wrong("log N was subtracted: the mean goes over the K weights of one digit, so it is log K.")
def _log_n(log_w: torch.Tensor) -> torch.Tensor:
    return (torch.logsumexp(log_w, 0) - np.log(log_w.shape[1])).mean()


@importance_bound.wrong("one m for all digits leaves zeros where a digit's weights are far smaller: m must be each digit's own greatest.")
def _one_m(log_w: torch.Tensor) -> torch.Tensor:
    return (log_w.max() + (log_w - log_w.max()).exp().mean(0).log()).mean()


@importance_bound.wrong("exp() under- or overflows: of e⁻¹⁶⁰ float32 keeps 0. Take the greatest logarithm out first, or use torch.logsumexp.")
def _plain_exp(log_w: torch.Tensor) -> torch.Tensor:
    return log_w.exp().mean(0).log().mean()


@importance_bound.wrong("only the best of the K draws counts here: it gives the mean weight times up to K. Add the others, and divide by K.")
def _best_draw(log_w: torch.Tensor) -> torch.Tensor:
    return log_w.amax(0).mean()


@importance_bound.wrong("m is not added back: what was taken out of each digit's logarithms belongs to the bound.")
def _m_left_out(log_w: torch.Tensor) -> torch.Tensor:
    return (log_w - log_w.amax(0)).exp().mean(0).log().mean()


@importance_bound.wrong("log K was added: the mean of K weights is their sum over K, so log K is subtracted.")
def _log_k_added(log_w: torch.Tensor) -> torch.Tensor:
    return (torch.logsumexp(log_w, 0) + np.log(len(log_w))).mean()


@importance_bound.also_right
def _by_logsumexp(log_w: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(log_w, 0).mean() - np.log(len(log_w))


@importance_bound.also_right
def _digit_by_digit(log_w: torch.Tensor) -> float:
    return float(np.mean([np.logaddexp.reduce(column) - np.log(len(column)) for column in log_w.double().numpy().T]))
