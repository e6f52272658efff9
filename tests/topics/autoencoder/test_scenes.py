"""Chapter 04's scenes at the ends of their controls, and what they compute against oracles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage
from sklearn.metrics import precision_score, recall_score, roc_auc_score
from torch import nn

from helpers.data import digits
from helpers.models import Autoencoders, count_parameters
from helpers.topics.autoencoder import anomaly
from helpers.topics.autoencoder import scenes as autoencoder
from helpers.topics.autoencoder import stills as autoencoder_stills

SIZES = (2, 4, 8, 16, 32, 64)


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def small() -> tuple[torch.Tensor, torch.Tensor]:
    x, y = digits().test
    return F.avg_pool2d(x[:60], 2).flatten(1), y[:60]


def auc(scores: torch.Tensor, odd: torch.Tensor) -> float:
    return float(roc_auc_score(odd.numpy(), scores.numpy()))


# ------------------------------------------------------------------------------------- many autoencoders

def test_autoencoders_are_what_each_is_alone_and_train_alone() -> None:
    torch.manual_seed(0)
    many, x = Autoencoders([3, 1, 5], n_in=7, n_hidden=6), torch.randn(11, 7)
    alone = [many.one(m).train() for m in range(3)]
    for m, net in enumerate(alone):
        torch.testing.assert_close(net(x), many(x)[:, m])
        assert count_parameters(net) == 2 * 7 * 6 + 2 * 6 * (3, 1, 5)[m] + 6 + (3, 1, 5)[m] + 6 + 7
    optimizer = torch.optim.Adam(many.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        (many(x) - x[:, None]).square().mean((0, 2)).sum().backward()
        optimizer.step()
    for m, net in enumerate(alone):
        own = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(5):
            own.zero_grad()
            F.mse_loss(net(x), x).backward()
            own.step()
        torch.testing.assert_close(net(x), many(x)[:, m], atol=1e-5, rtol=1e-4)


def test_autoencoders_without_a_hidden_layer_are_what_each_is_alone() -> None:
    torch.manual_seed(0)
    many, x = Autoencoders([9, 3], n_in=7, n_hidden=None), torch.randn(11, 7)
    for m in range(2):
        assert [type(layer) for layer in many.one(m)] == [nn.Linear, nn.ReLU, nn.Linear]
        torch.testing.assert_close(many.one(m)(x), many(x)[:, m])
    assert count_parameters(many.one(1)) == 2 * 7 * 3 + 3 + 7


def test_autoencoders_begin_as_linear_layers_do() -> None:
    torch.manual_seed(0)
    many = Autoencoders([4, 64], n_in=196)
    for m, k in enumerate((4, 64)):
        net = many.one(m)
        for i, fan_in in ((0, 196), (2, 128), (3, k), (5, 128)):
            layer = net[i]
            assert isinstance(layer, nn.Linear)
            assert layer.in_features == fan_in
            assert 0.9 < float(layer.weight.detach().abs().max()) * fan_in**0.5 <= 1


@pytest.mark.parametrize(("sizes", "message"), [([], "at least one code"), ([0], "code_sizes"), ([2, 1.5], "code_sizes")])
def test_autoencoders_refuse_codes_that_make_no_sense(sizes: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Autoencoders(sizes, n_in=4)


def test_autoencoders_say_what_they_take() -> None:
    with pytest.raises(ValueError, match=r"take \(N, 4\), got \(3, 5\)"):
        Autoencoders([2, 2], n_in=4)(torch.zeros(3, 5))


# ------------------------------------------------------------------------------------- digits

def test_filters_are_scipys(small: tuple[torch.Tensor, torch.Tensor]) -> None:
    x = small[0][:3]
    for i, picture in enumerate(x.view(-1, 14, 14).numpy()):
        np.testing.assert_allclose(autoencoder.gaussian(x, 0.8)[i].view(14, 14), ndimage.gaussian_filter(picture, 0.8), atol=1e-6)
        np.testing.assert_allclose(autoencoder.median(x, 3)[i].view(14, 14), ndimage.median_filter(picture, 3), atol=1e-6)
    torch.testing.assert_close(autoencoder.median(x, 1), x)


def test_code_size_says_the_errors_and_its_goal_can_be_reached(small: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = small
    many = Autoencoders(SIZES, n_in=196)
    networks = {k: many.one(i) for i, k in enumerate(SIZES)}
    mean, directions = x.mean(0), torch.linalg.svd(x - x.mean(0), full_matrices=False).Vh
    draw, fig = autoencoder.code_size(networks, mean, directions, x, y)
    for doublings, digit in itertools.product((1, 3, 6), (0, 59)):
        words, reached = draw(doublings, digit)
        k, one = 2**doublings, x[digit]
        back = mean + (one - mean) @ directions[:k].T @ directions[:k]
        assert f"A {int(y[digit])} through a code of {k} numbers" in words
        assert f"«{float((back - one).square().mean().sqrt()):.3f}»" in words
        assert reached == (k == 8)              # an untrained network never does better than PCA
        fig.canvas.draw()


def test_denoise_at_all_ends(small: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = small
    reader = nn.Linear(196, 10)
    draw, fig = autoencoder.denoise(nn.Identity(), reader, lambda level: lambda noisy: noisy * (1 - level / 2), x, y)
    at_seed_0 = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    for noise, digit in itertools.product((0.0, 0.6, 1.2), (0, 59)):
        words, _ = draw(noise, digit)
        assert words.startswith(f"A {int(y[digit])} with noise {noise:.2f}: PSNR «")
        error = float(((x[digit] + noise * at_seed_0[digit]).clamp(0, 1) - x[digit]).square().mean())     # of what is shown
        assert f"PSNR «{-10 * np.log10(max(error, 1e-9)):.1f}»" in words
        fig.canvas.draw()


def test_denoise_reaches_its_goal_when_a_good_picture_is_read_as_another_digit(small: tuple[torch.Tensor, torch.Tensor]) -> None:
    x, y = small

    class Oracle(nn.Module):
        def forward(self, _: torch.Tensor) -> torch.Tensor:
            return x[:1] + 0.01

    class Misreader(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return F.one_hot((y[:1] + 1) % 10, 10).float().expand(len(z), -1)

    draw, _ = autoencoder.denoise(Oracle(), Misreader(), lambda _: lambda noisy: noisy, x, y)
    assert draw(0.5, 0)[1]
    assert not draw(0.7, 0)[1]
    assert "network 40.0 dB" in draw(0.5, 0)[0].replace("«", "").replace("»", "")


def test_threshold_counts_as_scikit_learn_does_and_its_goal_can_be_reached() -> None:
    rng = np.random.default_rng(0)
    y = torch.from_numpy(rng.integers(0, 10, 400))
    scores = torch.from_numpy(rng.uniform(0.02, 0.2, (10, 400))).float()
    scores[0, y == 0] += 0.1
    draw, fig = autoencoder.threshold(scores, y)
    for left_out, at in itertools.product((0, 5, 9), (0.02, 0.1, 0.18)):
        words, _ = draw(left_out, at)
        truth, said = (y == left_out).numpy(), (scores[left_out] >= at).numpy()
        precision, recall = precision_score(truth, said, zero_division=0), recall_score(truth, said)
        assert f"Precision «{precision:.2f}», recall «{recall:.2f}»" in words
        assert f"«{int((truth & said).sum())}» caught, «{int((truth & ~said).sum())}» missed, «{int((said & ~truth).sum())}» false alarms" in words
        fig.canvas.draw()
        np.testing.assert_array_equal(np.asarray(fig.axes[1].lines[1].get_xydata())[[0, -1]], [[0, 0], [1, 1]])
    assert draw(0, 0.19)[1]
    assert "«0» caught" in draw(3, 0.3)[0]


# ------------------------------------------------------------------------------------- walls

def test_patches_are_windows_row_by_row() -> None:
    picture = torch.arange(20.0 * 16).view(20, 16)
    patches = anomaly.cut(picture, step=4)
    assert patches.shape == (3 * 2, 144)
    torch.testing.assert_close(patches[3].view(12, 12), picture[4:16, 4:16])


def test_map_is_the_mean_over_the_patches_that_hold_a_pixel() -> None:
    scores = torch.rand(3 * 2)
    expected, count = torch.zeros(20, 17), torch.zeros(20, 17)
    for n, (i, j) in enumerate(itertools.product((0, 4, 8), (0, 4))):
        expected[i:i + 12, j:j + 12] += scores[n]
        count[i:i + 12, j:j + 12] += 1
    torch.testing.assert_close(anomaly.to_map(scores, 20, 17, 4), expected / count.clamp(min=1))


def test_planted_faults_change_the_picture_under_the_mask_and_fade_to_nothing() -> None:
    upper, lower = anomaly.halves("brick")
    assert upper.shape == lower.shape == (128, 256)
    foreign = anomaly.halves("gravel")[1]
    picture, mask = anomaly.plant_faults(lower, foreign, seed=3)
    assert picture.dtype == np.float32
    assert 0 < mask.mean() < 0.1
    assert np.abs(picture - lower)[mask].mean() > 20 * np.abs(picture - lower)[~mask].mean()
    np.testing.assert_allclose(anomaly.plant_faults(lower, foreign, seed=3, strength=0)[0], lower, atol=1e-6)
    again = anomaly.plant_faults(lower, foreign, seed=4)[1]
    assert (again != mask).any()
    faulty = anomaly.is_faulty(mask)
    assert len(faulty) == len(anomaly.cut(lower))
    assert 0 < int(faulty.sum()) < len(faulty) / 2


def test_fading_faults_at_all_ends_and_its_goal_can_be_reached() -> None:
    upper, lower = anomaly.halves("brick")
    foreign = anomaly.halves("gravel")[1]
    clean = anomaly.cut(lower, 6)

    def change(z: torch.Tensor) -> torch.Tensor:        # an oracle that knows the sound wall
        return (z - clean).square().mean(1) if z.shape == clean.shape else torch.zeros(len(z)) + 1e-9

    draw, fig = anomaly.fading_faults(lower, foreign, change, change(anomaly.cut(upper)), auc)
    for strength, alarm, places in itertools.product((0.0, 0.5, 1.0), (0.01, 0.3), (0, 9)):
        assert draw(strength, alarm, places)[0].startswith(f"Faults of strength {strength:.2f}: AUC «")
        fig.canvas.draw()
    assert "AUC «0.50»" in draw(0.0, 0.1, 0)[0]
    found = [draw(0.6, alarm, places) for alarm in (0.01, 0.05) for places in range(10)]
    assert all(float(words.split("AUC «")[1][:4]) > 0.95 for words, _ in found)


# ------------------------------------------------------------------------------------- stills

def test_stills_draw(small: tuple[torch.Tensor, torch.Tensor]) -> None:
    upper, lower = anomaly.halves("brick")
    picture, mask = anomaly.plant_faults(lower, upper, seed=0)
    figures = [
        autoencoder_stills.rows({"a": small[0][:4], "b": small[0][4:8]}, "t", above=["1", "2", "3", "4"]),
        autoencoder_stills.rows({"a": small[0][:2] - 0.5}, "t", signed=True),
        autoencoder_stills.error_against_size(SIZES, [0.06, 0.05, 0.03, 0.02, 0.01, 0.004], np.full((2, 6), 0.01)),
        autoencoder_stills.psnr_against_noise([0.1, 0.5], {"PCA": [20, 10], "deep network": [[18, 15], [17, 14]]}, (0, 0.6)),
        autoencoder_stills.auc_by_class({"PCA": np.linspace(0.4, 0.9, 10), "deep network": np.linspace(0.5, 1, 10)}),
        anomaly.maps(picture, mask, {name: lambda z: z.var(1) for name in "abc"}, "t"),
    ]
    for fig in figures:
        fig.canvas.draw()
        assert len(vars(fig)["course_alt"].split()) > 5
