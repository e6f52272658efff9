"""The plain rivals of chapter 04 against scikit-learn, closed forms and brute force; what digits cost in bits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import roc_auc_score

from helpers.topics.autoencoder import compress, rivals
from helpers.topics.autoencoder.vae import nearest_overlap


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_linear_autoencoder_finds_the_space_of_pca() -> None:
    x = normal(0, 300, 20) * torch.linspace(3, 0.2, 20)
    centred = x - x.mean(0)
    E, D = rivals.train_linear(centred, 4, seed=1)
    library = PCA(4).fit(x.numpy())
    error = float(((centred @ E @ D - centred) ** 2).mean())
    assert error == pytest.approx(float(((library.inverse_transform(library.transform(x.numpy())) - x.numpy()) ** 2).mean()), rel=1e-3)
    assert np.rad2deg(subspace_angles(D.T.numpy(), library.components_.T)).max() < 3


def test_pca_there_and_back_is_scikit_learns() -> None:
    x, new = normal(0, 50, 8), normal(1, 5, 8)
    library = PCA(3).fit(x.numpy())
    np.testing.assert_allclose(rivals.through(new, *rivals.pca(x), 3), library.inverse_transform(library.transform(new.numpy())), atol=1e-5)


def test_the_linear_map_is_what_least_squares_finds_from_many_noisy_pictures() -> None:
    x = normal(0, 400, 6) @ normal(1, 6, 6)
    many = x.repeat(200, 1)
    noisy = rivals.add_noise(many, 0.7, seed=2)
    fitted = LinearRegression().fit(noisy.numpy(), many.numpy())
    new = normal(3, 5, 6)
    np.testing.assert_allclose(rivals.linear_map(x, 0.7)(new), fitted.predict(new.numpy()), atol=0.1)


def test_auc_is_scikit_learns_with_ties() -> None:
    scores, odd = torch.tensor([0.1, 0.4, 0.4, 0.8, 0.4]), torch.tensor([False, True, False, True, False])
    assert rivals.auc(scores, odd) == pytest.approx(roc_auc_score(odd.numpy(), scores.numpy()))


def test_plain_scores_are_their_definitions() -> None:
    x, usual = normal(0, 4, 9), normal(1, 30, 9)
    scores = rivals.plain_scores(x, usual, k=2)
    np.testing.assert_allclose(scores["nearest neighbour"], [min(float((a - b).norm()) for b in usual) for a in x], rtol=1e-4)
    np.testing.assert_allclose(scores["distance to the mean"], ((x - usual.mean(0)) ** 2).mean(1), rtol=1e-5)


# ---------------------------------------------------------------- a measure that a blank page cannot win

def test_nearest_overlap_is_dice_for_black_and_white() -> None:
    data, x = (normal(0, 6, 40) > 0.3).float(), (normal(1, 3, 40) > 0.3).float()
    expected = [min(1 - 2 * float((a * b).sum()) / float(a.sum() + b.sum()) for b in data) for a in x]
    np.testing.assert_allclose(nearest_overlap(x, data), expected, rtol=1e-5)
    np.testing.assert_allclose(nearest_overlap(data, data), 0, atol=1e-6)


def test_a_blank_page_has_nothing_in_common_with_anything() -> None:
    data = (normal(0, 6, 40) > 1).float()
    assert nearest_overlap(torch.zeros(2, 40), data).tolist() == [1, 1]
    assert nearest_overlap(torch.full((1, 40), 1e-3), data).item() > 0.98       # nor does a very pale one win


# ---------------------------------------------------------------- bits

def test_wrong_pixels_and_the_look_up_table() -> None:
    train, x = (normal(0, 8, 30) > 0).float(), (normal(1, 4, 30) > 0).float()
    bits, wrong = compress.look_up(train, x)
    assert bits == 3
    assert wrong == pytest.approx(np.mean([min(float((a != b).sum()) for b in train) for a in x]))
    assert compress.look_up(train, train) == (3, 0)
    assert compress.wrong_pixels(torch.zeros(4, 30), x) == pytest.approx(float(x.sum(1).mean()))


def test_pca_with_all_numbers_and_fine_steps_makes_no_mistakes_and_coarse_ones_cost_less() -> None:
    train, x = (normal(0, 300, 12) > 0).float(), (normal(1, 50, 12) > 0).float()
    costs = compress.pca_costs(train, x, sizes=(2, 12), steps=(0.1, 1.0, 3.0))
    assert costs == sorted(costs)
    assert min(wrong for _, wrong in costs) == 0
    assert costs[0][0] < costs[-1][0]
    assert costs[0][1] > costs[-1][1]


def test_a_rounded_code_costs_fewer_bits_the_coarser_it_is() -> None:
    codes, x = 2 * normal(0, 60, 4), torch.zeros(60, 4)
    bits = [cost for cost, _ in compress.code_costs(lambda z: z.sigmoid(), codes, codes, x, (0.1, 0.5, 2.0))]
    assert bits == sorted(bits, reverse=True)


def test_lossless_bits_of_noise_are_one_a_pixel_for_every_way_that_is_no_file() -> None:
    noise = (normal(0, 250, 784) > 0).float()
    bits = compress.lossless_bits(noise, noise, elbo=-784 * math.log(2))
    assert bits["VAE, 16 units (−ELBO)"] == pytest.approx(1)
    assert bits["no code, each pixel by itself"] == pytest.approx(1, abs=0.02)
    assert bits["ten neighbours, a table"] == pytest.approx(1, abs=0.05)
    assert bits["PNG, one file a digit"] > bits["PNG, its pixel data alone"] > 1
