"""The bank equals torch; effects, interactions and shares are what their definitions say; the figures keep their ends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import digits
from helpers.topics.optimisation import scenes_levers as scenes
from helpers.topics.optimisation import stills
from helpers.topics.optimisation.bank import Shape, logits, new_weights, patches, train
from helpers.topics.optimisation.ladder import Recipe, Run, climb, network, relative_seconds, view
from helpers.topics.optimisation.levers import LEVERS, deskew, edges, effect, gains, shares, sixteen
from helpers.topics.optimisation.records import judge, luck, p_above, stored_race
from helpers.topics.optimisation.search import SPACE, Table, importance, many_searches, random_curve, true_importance

RNG = np.random.default_rng(0)
TABLE = RNG.uniform(0.8, 0.95, (2, 2, 2, 2, 5))


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def test_filters_over_patches_are_a_convolution_with_pooling() -> None:
    shape, x = Shape(25, 10, 6, pool=2), torch.rand(3, 1, 14, 14)
    w1, b1, w2, b2 = weights = new_weights(shape, [4])
    maps = F.max_pool2d(F.relu(F.conv2d(x, w1[0].T.view(6, 1, 5, 5), b1[0, 0])), 2)
    torch.testing.assert_close(logits(weights, patches(x, 5)[None], shape)[0], maps.flatten(1) @ w2[0] + b2[0], atol=1e-5, rtol=1e-4)


def test_a_bank_trains_as_torch_does_alone() -> None:
    x, y = torch.rand(1, 40, 1, 7), torch.randint(0, 10, (1, 40))
    shape = Shape(7, 1, 5)
    for adamw in (True, False):
        w = [v[0] for v in new_weights(shape, [3])]
        model = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 10))
        for layer, k in ((model[0], 0), (model[2], 2)):
            assert isinstance(layer, nn.Linear)
            layer.weight.data, layer.bias.data = w[k].T.clone(), w[k + 1][0].clone()
        opt = torch.optim.AdamW(model.parameters(), 0.01, weight_decay=0.05) if adamw else torch.optim.SGD(model.parameters(), 0.1)
        order = torch.randperm(40, generator=torch.Generator().manual_seed(10_003))
        done = train(x, y, shape, [3], lr=0.01 if adamw else 0.1, n_epochs=1, batch_size=10, adamw=adamw, smoothing=0.1)
        for step in range(4):
            t = step / 4
            if adamw:
                opt.param_groups[0]["lr"] = 0.01 * ((1.04 - 0.96 * np.cos(np.pi * t / 0.25)) / 2 if t < 0.25 else 0.5 * (1 + np.cos(np.pi * (t - 0.25) / 0.75)))
            places = order[10 * step:10 * step + 10]
            opt.zero_grad()
            F.cross_entropy(model(x[0, places, 0]), y[0, places], label_smoothing=0.1).backward()
            opt.step()
        torch.testing.assert_close(done.weights[0][0].T, model[0].weight.data, atol=1e-5, rtol=1e-4)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="needs x"):
        train(torch.rand(2, 5, 1, 3), torch.zeros(2, 5, dtype=torch.int64), Shape(3, 1, 4), [0, 1, 2], lr=0.1, n_epochs=1)
    with pytest.raises(ValueError, match="takes pictures"):
        patches(torch.rand(3, 4))


def test_a_slanted_bar_is_set_upright_and_edges_have_a_direction() -> None:
    x = torch.zeros(1, 1, 28, 28)
    for row in range(5, 23):
        x[0, 0, row, 6 + row // 2:9 + row // 2] = 1
    upright = deskew(x)[0, 0]
    columns = (upright * torch.arange(28.0)).sum(1)[7:20] / upright.sum(1)[7:20]
    assert columns.max() - columns.min() < 1.5
    assert abs(float((upright.sum(0) * (torch.arange(28) - 13.5)).sum() / upright.sum())) < 0.3
    bar = torch.zeros(1, 1, 28, 28)
    bar[..., 12:16, :] = 1
    strong = edges(bar)[0].sum((1, 2))
    assert strong.argmax() in (2, 6)        # its edges look down and up
    assert float(strong[[0, 4]].sum()) < 0.2 * float(strong.sum())


def test_effects_are_regression_and_shares_sum_to_the_whole() -> None:
    design = np.array([[np.prod([2 * s[k] - 1 for k in which]) for which in ((), (0,), (2,), (0, 2))] for s in itertools.product((0, 1), repeat=4)])
    found = np.linalg.lstsq(design, TABLE.reshape(16, -1), rcond=None)[0]
    for row, which in ((1, (0,)), (2, (2,)), (3, (0, 2))):
        np.testing.assert_allclose(effect(TABLE, *which), 2 * found[row])
    np.testing.assert_allclose(shares(TABLE).sum(0), TABLE[1, 1, 1, 1] - TABLE[0, 0, 0, 0])
    np.testing.assert_allclose(gains(TABLE, (2, 0, 3, 1))[2], TABLE[0, 0, 1, 0] - TABLE[0, 0, 0, 0])
    added = np.add.outer(np.add.outer([0, 3.0], [0, 5.0]), np.add.outer([0, 1.0], [0, 7.0]))[..., None]
    np.testing.assert_allclose(shares(added)[:, 0], [3, 5, 1, 7])


def test_only_asked_settings_are_trained_and_seeds_repeat() -> None:
    data = digits(60, 50)
    one, two = (sixteen(data, [0, 1], n_labels=50, n_epochs=1, settings=[(1, 0, 1, 1)]) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert np.isfinite(one).sum() == 2


def test_p_is_that_of_scipy_and_a_record_needs_both() -> None:
    d = RNG.normal(0.3, 1, 6)
    assert p_above(d, 0.1) == pytest.approx(scipy.stats.ttest_1samp(d, 0.1, alternative="greater").pvalue)
    assert p_above([1.0, 1.0]) == 0
    old = [Run(0.9 + 0.001 * k, 10.0 + k, 5) for k in range(5)]
    assert judge(old, [Run(r.accuracy, 0.5 * r.seconds + 0.01 * r.seconds**2, 5) for r in old]).accepted
    assert judge(old, [Run(r.accuracy - 0.05, 0.5 * r.seconds, 5) for r in old]).words == "refused: accuracy may be lost"
    assert judge(old, old).words == "refused: not clearly faster"
    with pytest.raises(ValueError, match="same seeds"):
        judge(old, old[:3])
    with pytest.raises(ValueError, match="two or more"):
        p_above([1.0])


def test_luck_grows_with_tries_and_shrinks_with_seeds() -> None:
    pool = RNG.normal(0.9, 0.01, 400)
    assert luck(pool, 20, 1).mean() == pytest.approx(1.87 * pool.std(), rel=0.15)       # the mean of the largest of 20 normal draws
    assert luck(pool, 20, 4).mean() == pytest.approx(luck(pool, 20, 1).mean() / 2, rel=0.15)
    assert abs(luck(pool, 1, 1).mean()) < 0.002


def test_the_stored_race_has_recipes_seeds_and_shares() -> None:
    race = stored_race()
    assert {"PyTorch example", "course, best"} <= set(race)
    assert all(len(s) == len(a) and 0 <= a.min() <= a.max() <= 1 for s, a in race.values())
    assert "Stored" in stills.long_ladder(race).course_alt    # type: ignore[attr-defined]


def test_a_view_is_the_middle_and_smaller_views_keep_the_ink() -> None:
    x = digits(30, 0).train[0]
    torch.testing.assert_close(view(x), x[:, :, 2:26, 2:26], atol=1e-5, rtol=0)
    assert float(view(x, 16).mean()) == pytest.approx(float(view(x).mean()), rel=0.15)


def test_rungs_are_climbed_in_turn_and_a_share_of_work_is_counted() -> None:
    data = digits(128, 32)
    seen: list[int] = []

    def fake(recipe: Recipe, *_: object) -> Run:
        seen.append(recipe.n_epochs)
        return Run(0.5, float(recipe.n_epochs), 0)

    found = climb({"a": Recipe(n_epochs=2), "b": Recipe(n_epochs=3)}, data.train, data.val, [0, 1], fake)
    assert seen == [1, 2, 3, 2, 3]
    np.testing.assert_allclose(relative_seconds(found)["b"], 1.5)
    real = climb({"all": Recipe(n_epochs=1), "half": Recipe(n_epochs=1, share=0.5, norm=True, cycle=True, small_first=True, bfloat16=True, smoothing=0.1, strength=1)},
                 data.train, data.val, [0])
    assert (real["all"][0].n_seen, real["half"][0].n_seen) == (128, 64)
    assert network(Recipe(norm=True))(torch.rand(2, 1, 16, 16)).shape == (2, 10)
    assert "Accuracy" in stills.rungs(real).course_alt      # type: ignore[attr-defined]


def small_table() -> Table:
    sizes = [len(v) for v in SPACE.values()]
    ends = np.add.outer(np.linspace(0.3, 0.8, sizes[0]), np.linspace(0, 0.1, sizes[1]))[:, :, None, None] + RNG.normal(0, 1e-3, sizes)
    return Table(np.stack([0.5 * ends, 0.8 * ends, ends], -1), ends)


def test_searches_find_pruning_spares_and_importance_sees_the_rate() -> None:
    table = small_table()
    found = many_searches(table, 2, 20)
    assert all(s.best[-1] > 0.7 for runs in found.values() for s in runs)
    assert found["random"][0].cost[-1] == 20
    assert found["random, pruned"][0].cost[-1] < 18
    assert found["random"][0].at(0.5) == 0
    truth = true_importance(table.val[..., -1])
    assert truth["rate"] > 0.9
    assert importance(found["random"][0].study)["rate"] > 0.5
    curve = random_curve(table.val[..., -1], [1, 1000])
    assert curve[0] == pytest.approx(table.val[..., -1].mean())
    assert curve[1] == pytest.approx(table.val[..., -1].max(), abs=0.002)
    draw, _ = scenes.searches(found, float(table.val[..., -1].max()))
    reached = [draw(b, p)[1] for b in range(1, 31) for p in ("off", "on")]
    assert any(reached)


def test_the_figures_of_levers_at_every_end_and_their_goals() -> None:
    draw, _ = scenes.sixteen_settings(TABLE)
    reached = [draw(*(bool(v) for v in s))[1] for s in itertools.product((0, 1), repeat=4)]
    assert sum(reached) == 1
    for step in scenes.LEVER_STEPS:
        draw(**{"preprocessing": False, "features": False, "model": False, "training": False, **step.values})
    credit, _ = scenes.credit(TABLE)
    assert any(credit(o)[1] for o in scenes.ORDERS)
    lucky, _ = scenes.lucky(0.9 + 0.006 * RNG.standard_normal(50))
    assert lucky(20, 20)[1]
    assert not lucky(40, 1)[1]
    assert "1 try, 1 seed each" in lucky(1, 1)[0]
    alt = stills.forest(stills.interactions(TABLE), "points", "t", stills.interactions(TABLE), ("a", "b")).course_alt     # type: ignore[attr-defined]
    assert f"{LEVERS[0]} × {LEVERS[1]} (a)" in alt
