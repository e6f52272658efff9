"""t-SNE from scratch: its gradient against autograd, its maps against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.manifold import TSNE

from helpers.topics.features import seeing, tsne


def _points(n: int = 60, d: int = 7, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + 3 * rng.normal(size=(3, d))[np.arange(n) % 3]


@pytest.mark.parametrize("perplexity", [2, 5, 20])
def test_affinities_have_the_perplexity_asked_for(perplexity: float) -> None:
    P = tsne.affinities(_points(), perplexity)
    assert float(P.sum()) == pytest.approx(1)
    torch.testing.assert_close(P, P.T)
    assert (P.diagonal() == 0).all()
    from scipy.spatial.distance import squareform
    from sklearn.manifold._t_sne import _joint_probabilities

    d = tsne.squared_distances(torch.from_numpy(_points())).numpy().astype(np.float32)
    np.testing.assert_allclose(P.numpy(), squareform(_joint_probabilities(d, perplexity, 0)), atol=2e-5)


@pytest.mark.parametrize(("n", "perplexity"), [(10, 9), (10, 0.5)])
def test_affinities_refuse_an_impossible_perplexity(n: int, perplexity: float) -> None:
    with pytest.raises(ValueError, match="perplexity from 1 to N - 2"):
        tsne.affinities(_points(n), perplexity)


def test_the_gradient_is_autograds_for_many_maps_at_once() -> None:
    P = torch.stack([tsne.affinities(_points(20, seed=s), 5) for s in range(2)])
    z = torch.randn(2, 20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (expected,) = torch.autograd.grad(tsne.kl_divergence(P, z).sum(), z)
    torch.testing.assert_close(tsne.gradient(P, z.detach()), expected, atol=1e-10, rtol=1e-8)


def test_a_map_is_as_good_as_scikit_learns() -> None:
    x = _points(80)
    ours = tsne.maps([x], (10,), (600,))[0, 0, 0]
    P = tsne.affinities(x, 10)
    theirs = TSNE(2, perplexity=10, init="pca", method="exact", max_iter=600, random_state=0).fit_transform(x)
    kl = [float(tsne.kl_divergence(P, torch.from_numpy(np.asarray(z, dtype=np.float64)))) for z in (ours, theirs)]
    assert kl[0] < 1.1 * kl[1]


def test_maps_side_by_side_are_the_same_as_alone() -> None:
    x, y = _points(30, seed=1), _points(30, seed=2)
    both = tsne.maps([x, y], (3, 8), (0, 20))
    assert both.shape == (2, 2, 2, 30, 2)
    np.testing.assert_allclose(both[1, 0, 1], tsne.maps([y], (3,), (20,))[0, 0, 0], atol=1e-3)


def test_the_plane_is_that_of_pca_with_a_sign_of_its_own() -> None:
    from sklearn.decomposition import PCA

    x = _points()
    np.testing.assert_allclose(np.abs(tsne.plane(x)), np.abs(PCA(2).fit_transform(x)), atol=1e-8)
    np.testing.assert_allclose(tsne.plane(x), tsne.plane(torch.from_numpy(x)))


def test_a_round_cloud_has_the_silhouette_that_the_text_names() -> None:
    found = [seeing.islands(np.random.default_rng(s).normal(size=(250, 2))) for s in range(3)]
    assert 0.33 < np.mean(found) < 0.39


def test_shuffled_columns_keep_each_columns_values() -> None:
    x = torch.arange(20.0).view(5, 4)
    twin = seeing.shuffled_columns(x)
    assert torch.equal(twin.sort(0).values, x)
    assert not torch.equal(twin, x)


def test_only_one_of_the_mystery_sets_has_groups() -> None:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    def score(a: np.ndarray, k: int) -> float:
        return float(silhouette_score(a, KMeans(k, n_init=4, random_state=0).fit_predict(a)))

    sets = seeing.mystery()
    assert {a.shape for a in sets.values()} == {(200, 20)}
    assert score(sets["C"], 3) > 0.4
    assert score(sets["C"], 3) > max(score(sets["C"], k) for k in (2, 4, 5))
    assert all(score(sets[name], 3) < 0.3 for name in "ABD")
