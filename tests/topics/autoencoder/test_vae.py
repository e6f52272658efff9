"""Rulers for generators, held against closed forms and other libraries."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from torch import nn
from torch.distributions import Bernoulli, Normal

from helpers.topics.autoencoder import checks_vae as ch04_vae
from helpers.topics.autoencoder import vae


def test_log_bernoulli_is_torchs() -> None:
    torch.manual_seed(0)
    logits, x = 3 * torch.randn(5, 11), (torch.rand(5, 11) > 0.5).float()
    torch.testing.assert_close(vae.log_bernoulli(logits, x), Bernoulli(logits=logits).log_prob(x).sum(1))


@pytest.mark.parametrize(("shift", "dim"), [(0.0, 0), (-900.0, 1), (400.0, 0)])
def test_log_mean_exp_is_scipys_even_for_extreme_numbers(shift: float, dim: int) -> None:
    log_w = torch.randn(7, 3, generator=torch.Generator().manual_seed(0)) + shift
    expected = logsumexp(log_w.double().numpy(), axis=dim) - math.log(log_w.shape[dim])
    np.testing.assert_allclose(vae.log_mean_exp(log_w, dim).numpy(), expected, rtol=1e-5)


def test_grid_likelihood_of_a_decoder_that_ignores_its_code_is_that_of_the_pixels() -> None:
    decoder = nn.Linear(2, 6)
    nn.init.zeros_(decoder.weight)
    x = torch.eye(6)[:4]
    found = vae.grid_log_likelihood(decoder, lambda z: Normal(0, 1).log_prob(z).sum(1), (-6, -6), (6, 6), x, n=80)
    torch.testing.assert_close(found, vae.log_bernoulli(decoder.bias.detach().expand(4, 6), x), atol=1e-4, rtol=0)


def test_grid_likelihood_is_the_mean_over_many_draws_from_the_prior() -> None:
    torch.manual_seed(0)
    decoder = nn.Linear(2, 4)
    x = torch.tensor([[1., 0., 1., 1.], [0., 0., 0., 0.]])
    z = torch.randn(40_000, 2)
    draws = torch.stack([vae.log_mean_exp(vae.log_bernoulli(decoder(z), row.expand(len(z), 4))) for row in x])
    found = vae.grid_log_likelihood(decoder, lambda z: Normal(0, 1).log_prob(z).sum(1), (-6, -6), (6, 6), x, n=100)
    torch.testing.assert_close(found, draws, atol=0.02, rtol=0)


@pytest.mark.parametrize(("low", "high", "n"), [((0, 0), (1, 1), 1), ((0, 0, 0), (1, 1, 1), 9), ((0, 1), (1, 1), 9)])
def test_grid_likelihood_refuses_no_grid(low: tuple[float, ...], high: tuple[float, ...], n: int) -> None:
    with pytest.raises(ValueError, match="low < high"):
        vae.grid_log_likelihood(nn.Linear(2, 3), lambda z: z.sum(1), low, high, torch.zeros(1, 3), n)


def test_nearest_distance_is_the_mean_square_over_black_and_white_drawings() -> None:
    torch.manual_seed(0)
    p, data = torch.rand(3, 50), (torch.rand(8, 50) > 0.5).float()
    drawn = torch.bernoulli(p.expand(20_000, 3, 50))
    square = torch.stack([(drawn - x).square().mean(2).mean(0) for x in data])
    torch.testing.assert_close(vae.nearest_distance(p, data), square.amin(0).sqrt(), atol=3e-3, rtol=0)


def test_nearest_distance_of_a_real_picture_is_zero_and_of_its_negative_is_not() -> None:
    data = (torch.rand(4, 20, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    torch.testing.assert_close(vae.nearest_distance(data, data), torch.zeros(4), atol=1e-3, rtol=0)
    assert float(vae.nearest_distance(1 - data[:1], data[:1])) == pytest.approx(1)


@pytest.mark.parametrize("answer", [
    lambda mu, log_var, eps: mu.detach() + (log_var / 2).exp() * eps,
    lambda mu, log_var, eps: torch.from_numpy((mu + (log_var / 2).exp() * eps).numpy()),
    torch.no_grad()(lambda mu, log_var, eps: mu + (log_var / 2).exp() * eps),
])
def test_a_draw_without_gradients_is_no_reparametrisation(answer: Callable[..., Any]) -> None:
    assert "the values are right, but no gradient reaches mu" in ch04_vae.reparametrise.examine(answer).message


@pytest.mark.parametrize("shift", [torch.amin, torch.mean])
def test_only_the_greatest_logarithm_keeps_the_bound_from_overflowing(shift: Callable[..., torch.Tensor]) -> None:
    verdict = ch04_vae.importance_bound.examine(lambda log_w: (shift(log_w, 0) + (log_w - shift(log_w, 0)).exp().mean(0).log()).mean())
    assert "spread over 400 nats" in verdict.message


def test_rounded_bits_of_evenly_spread_codes_is_the_logarithm_of_the_levels() -> None:
    codes = torch.arange(8.0).repeat(5000)[:, None].expand(-1, 3)
    assert vae.rounded_bits(codes, codes[:80], 1.0) == pytest.approx(3 * 3, abs=0.01)
    assert vae.rounded_bits(codes, codes[:80], 100.0) == pytest.approx(0, abs=1e-6)


def test_rounded_bits_pays_for_what_training_never_showed() -> None:
    train, new = torch.zeros(98, 1), torch.tensor([[5.0]])
    assert vae.rounded_bits(train, new, 1.0) == pytest.approx(math.log2((98 + 6) / 1))
    with pytest.raises(ValueError, match="greater than 0"):
        vae.rounded_bits(train, new, 0)


def test_png_bytes_counts_the_file_and_its_pixel_data() -> None:
    blank, noise = np.zeros((28, 28), bool), np.random.default_rng(0).random((280, 280)) > 0.5
    for picture in (blank, noise):
        whole, data = vae.png_bytes(picture)
        assert whole == data + 57               # signature 8, IHDR 25, the head and tail of IDAT 12, IEND 12
    assert data >= noise.size / 8
    assert vae.png_bytes(blank)[1] < 30


def test_context_bits_of_noise_is_one_a_pixel_and_of_blank_paper_nothing() -> None:
    noise = np.random.default_rng(0).random((400, 28, 28)) > 0.5
    assert vae.context_bits(noise[:300], noise[300:]) / 784 == pytest.approx(1, abs=0.01)
    assert vae.context_bits(np.zeros((50, 9, 7)), np.zeros((2, 9, 7))) < 0.1


def test_context_bits_sees_only_pixels_that_were_sent_before() -> None:
    copies = np.random.default_rng(1).random((200, 12, 12)) > 0.5
    copies[:, :, 1::2] = copies[:, :, ::2]      # each second pixel repeats the one to its left: half the bits, edges aside
    bits = vae.context_bits(copies[:150], copies[150:]) / 144
    assert 0.45 < bits < 1
    assert max(dy for dy, _ in vae.CONTEXT) == 0
    assert all(dy < 0 or dx < 0 for dy, dx in vae.CONTEXT)
