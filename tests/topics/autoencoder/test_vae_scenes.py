"""Chapter 04's scenes of the variational autoencoder at the ends of their controls, and what they compute."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torch import nn

from helpers.models import MLP
from helpers.topics.autoencoder import vae_scenes as vae
from helpers.topics.autoencoder import vae_stills


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


class Tiny(nn.Module):
    """A decoder and an encoder that were never trained."""

    def __init__(self, d: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.decoder = MLP((784, 2 * d)), MLP((d, 784))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.encoder(x).chunk(2, dim=1)


def ink(n: int, seed: int = 0) -> torch.Tensor:
    return (torch.rand(n, 784, generator=torch.Generator().manual_seed(seed)) > 0.8).float()


# ------------------------------------------------------------------------------------- the bound

@pytest.mark.parametrize("q", [0.0, 0.2, 0.5, 0.75, 1.0])
def test_two_code_terms_are_the_definition(q: float) -> None:
    rec, kl = vae.two_code_terms(q)
    (a, b), p = vae.CHANCES, torch.tensor([0.5, 0.5])
    assert rec == pytest.approx((1 - q) * math.log(a) + q * math.log(b))
    expected = torch.distributions.kl_divergence(torch.distributions.Categorical(torch.tensor([1 - q, q])), torch.distributions.Categorical(p))
    assert kl == pytest.approx(float(expected), abs=1e-5)
    posterior = torch.distributions.Categorical(torch.tensor([a, b]) / (a + b))
    gap = torch.distributions.kl_divergence(torch.distributions.Categorical(torch.tensor([1 - q, q])), posterior)
    assert math.log((a + b) / 2) - (rec - kl) == pytest.approx(float(gap), abs=1e-5)


def test_bound_of_two_reaches_its_goal_at_the_posterior_alone() -> None:
    draw, fig = vae.bound_of_two()
    reached = [q for q in np.round(np.arange(0, 1.005, 0.01), 2) if draw(float(q))[1]]
    assert reached == [0.75]
    assert "the gap is 0.0000 nats" in draw(0.75)[0]
    fig.canvas.draw()


# ------------------------------------------------------------------------------------- the plane

def test_latent_walk_at_all_ends() -> None:
    y = torch.arange(40) % 10
    draw, fig = vae.latent_walk(Tiny(2).decoder, torch.randn(40, 2), y, MLP((784, 10)))
    for z1, z2 in itertools.product((-4.0, 0.0, 4.0), repeat=2):
        words, reached = draw(z1, z2)
        assert words.startswith(f"At ({z1:.2f}, {z2:.2f})")
        assert isinstance(reached, bool)
        fig.canvas.draw()


def test_latent_walk_reaches_its_goal_where_both_digits_are_likely() -> None:
    reader = MLP((784, 10))
    with torch.no_grad():
        for parameter in reader.parameters():
            parameter.zero_()
        reader.get_parameter("layers.0.bias")[[4, 9]] = 5.0
    assert vae.latent_walk(Tiny(2).decoder, torch.randn(10, 2), torch.arange(10), reader)[0](0.0, 0.0)[1]


# ------------------------------------------------------------------------------------- the dial

def test_beta_dial_at_all_ends_counts_live_units_and_has_one_goal() -> None:
    model, x = Tiny(4), ink(6)
    units = {k: torch.tensor([2.0, 1.0, 0.5, 0.2]) / 4.0**k for k in (-2, -1, 0, 1, 2)}
    settings = {k: vae.measure_setting(model, -90.0 - 10 * k, u, x, torch.randn(12, 4)) for k, u in units.items()}
    assert settings[0].samples.shape == (4 * 28, 6 * 28)
    draw, fig = vae.beta_dial(settings)
    said = {k: draw(k) for k in settings}
    fig.canvas.draw()
    assert "β = 0.25:" in said[-2][0]
    assert "«4» of 4" in said[0][0]
    assert "«3» of 4" in said[1][0]
    assert [k for k, (_, reached) in said.items() if reached] == [1]


def test_beta_dial_of_dead_models_only_still_draws() -> None:
    dead = vae.measure_setting(Tiny(4), -200.0, torch.zeros(4), ink(6), torch.randn(12, 4))
    draw, fig = vae.beta_dial({0: dead, 5: dead})
    assert "«0» of 4" in draw(5)[0]
    fig.canvas.draw()


# ------------------------------------------------------------------------------------- stills

def test_tiles_lie_row_by_row() -> None:
    a = np.arange(6)[:, None] * np.ones(784)
    laid = vae_stills.tiles(a, 3)
    assert laid.shape == (56, 84)
    assert laid[::28, ::28].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_labels_are_pushed_apart_and_stay_near() -> None:
    points = np.array([[0.0, 0.0], [0.01, 0.0], [0.0, 0.02], [1.0, 1.0]])
    placed = vae_stills.apart(points)
    gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(placed, 2)]
    assert min(gaps) > 0.065
    assert np.abs(placed - points).max() < 0.07
    np.testing.assert_array_equal(placed[3], points[3])


@pytest.mark.parametrize("shape", [(5, 784), (0, 784), (6, 28, 28), (6, 783)])
def test_tiles_refuse_a_row_that_is_not_full(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="full rows of 3"):
        vae_stills.tiles(np.zeros(shape), 3)


def test_stills_draw() -> None:
    y, codes = torch.arange(30) % 10, torch.randn(30, 2)
    figures = [
        vae_stills.draws_in_the_plane(codes, y, codes[:12], ink(12), "t"),
        vae_stills.draws_in_the_plane(codes, y, codes[:12], ink(12), "t", circle=2),
        vae_stills.tile_rows({"a": ink(8), "b": ink(16)}, 8, "t"),
        vae_stills.bound_over_draws([1, 10], np.array([[-3.0, -2.0], [-3.1, -2.1]]), -3.0, -1.0),
        vae_stills.units({"ours": torch.rand(16), "theirs": torch.zeros(16)}, "t"),
        vae_stills.bits_bars({"VAE": 0.2, "PNG": 1.3}, "t"),
        vae_stills.bits_and_errors({"VAE": [(50, 40), (30, 45)], "PCA": [(50, 34), (25, 47)], "look-up table": [(12, 45)], "blank page": [(0, 104)]}),
    ]
    for fig in figures:
        fig.canvas.draw()
        assert len(vars(fig)["course_alt"].split()) > 5
