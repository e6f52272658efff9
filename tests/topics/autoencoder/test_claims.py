"""What the lessons of chapter 04 say of runs longer than their own, or of another setting."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from claims import lesson

from helpers.topics.autoencoder import anomaly, rivals


@pytest.fixture(autouse=True)
def _style_of_its_own() -> Iterator[None]:
    with plt.rc_context():          # a lesson's set-up changes the style of figures
        yield


def test_after_thirty_epochs_the_gain_is_two_fifths_at_8_and_16_and_the_network_leads_at_32() -> None:
    names = lesson("04a_autoencoders", "data", "x_train", "sum_of_losses")
    x_train, x_val = names["x_train"], names["x_val"]
    sizes = [4, 8, 16, 32]
    names["set_seed"](0)
    many = names["Autoencoders"](sizes, n_in=196, n_hidden=names["n_hidden"])
    names["train_quickly"](many, (x_train, x_train), n_epochs=30, lr=1.2e-2, loss=names["sum_of_losses"], progress=False)
    errors = (names["predict_logits"](many, x_val) - x_val[:, None]).square().mean((0, 2))
    pca = [float((rivals.through(x_val, *rivals.pca(x_train), k) - x_val).square().mean()) for k in sizes]
    ratio = dict(zip(sizes, errors.numpy() / pca, strict=True))
    assert max(ratio[8], ratio[16]) < 0.68
    assert ratio[4] > max(ratio[8], ratio[16])
    assert ratio[32] < 0.9


def test_a_larger_denoiser_trained_for_longer_leads_the_linear_map_by_a_decibel_or_more_and_not_at_1() -> None:
    names = lesson("04a_autoencoders", "data", "x_train", "sum_of_losses", "fresh_noise")
    x_train, x_test = names["x_train"], names["x_test"]
    names["set_seed"](0)
    net = names["Autoencoders"]([64, 64], n_in=196, n_hidden=256)
    names["train_quickly"](net, (x_train, x_train), n_epochs=60, lr=8e-3, loss=names["sum_of_losses"], augment=names["fresh_noise"], progress=False)
    lead = {}
    for i, sigma in enumerate((0.3, 0.45, 1.0)):
        noisy = rivals.add_noise(x_test, sigma, seed=i)
        lead[sigma] = (rivals.mean_psnr(names["predict_logits"](net, noisy)[:, 0], x_test)
                       - rivals.mean_psnr(rivals.linear_map(x_train, sigma)(noisy), x_test))
    assert max(lead[0.3], lead[0.45]) > 1
    assert lead[1.0] < 0.5


def test_on_grass_the_neighbour_wins_and_the_network_is_no_better_than_brightness_and_contrast() -> None:
    scores = anomaly.learn_texture("grass", n_epochs=5)
    lower, gravel = anomaly.halves("grass")[1], anomaly.halves("gravel")[1]
    placings = [anomaly.plant_faults(lower, gravel, seed) for seed in range(5)]
    auc = {name: float(np.mean([rivals.auc(score(anomaly.cut(p)), anomaly.is_faulty(m)) for p, m in placings])) for name, score in scores.items()}
    assert auc["deep network"] < 0.75
    assert auc["nearest neighbour"] > auc["deep network"] + 0.02
    assert auc["deep network"] < auc["brightness, contrast"] + 0.03


def test_the_score_function_scatters_80_times_as_much_and_a_dozen_times_with_a_baseline() -> None:
    z = 1.5 + 0.5 * torch.randn(2000, 100, 16, generator=torch.Generator().manual_seed(0))
    pathwise = (2 * z[..., 0]).mean(1)
    score, baseline = ((((z**2).sum(2) - b) * (z[..., 0] - 1.5) / 0.5**2).mean(1) for b in (0, 40))
    assert all(float(way.mean()) == pytest.approx(3, abs=0.7) for way in (pathwise, score, baseline))
    assert 60 < score.std() / pathwise.std() < 110
    assert 10 < baseline.std() / pathwise.std() < 15


def test_warm_up_keeps_more_of_the_code_and_reaches_a_better_objective_at_beta_8() -> None:
    names = lesson("04b_vae", "data", "ink_train", "ink_test", "VAE", "kl_units", "negative_elbo")
    ink_train, ink_test, found = names["ink_train"], names["ink_test"], {}
    for name, path in {"cold": [(8.0, 4)], "warm": [(1.0, 2), (8.0, 2)]}.items():
        names["set_seed"](0)
        model = names["VAE"](16)
        for beta, n_epochs in path:
            names["learn"](model, (ink_train, ink_train), n_epochs=n_epochs, loss=partial(names["negative_elbo"], beta=beta))
        torch.manual_seed(0)
        with torch.no_grad():
            out = model(ink_test)
        found[name] = float(names["kl_units"](*out[1:]).sum(1).mean()), -float(names["negative_elbo"](out, ink_test, beta=8.0))
    assert found["warm"][0] > found["cold"][0] + 0.3
    assert found["warm"][1] > found["cold"][1] + 1.5
