"""The experiments and figures of the twelve questions."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional as F

from helpers.data import digits
from helpers.topics.questions import answers
from helpers.topics.questions import scenes_answers as scenes


def test_a_power_law_is_found_again() -> None:
    n = np.array([50.0, 100, 400, 1600])
    assert answers.power_law(n, 2.5 * n**-0.37) == pytest.approx((2.5, 0.37))


def test_the_best_of_many_flatters_as_order_statistics_say() -> None:
    found = answers.luckiest(20, 100, n_draws=4000)
    scores = np.random.default_rng(1).binomial(100, 0.9, (4000, 20)).max(1) / 100
    assert found.mean() == pytest.approx(scores.mean() - 0.9, abs=0.002)
    assert answers.luckiest(1, 100, n_draws=4000).mean() == pytest.approx(0, abs=0.002)


def test_pixels_are_shuffled_alike_in_all_parts() -> None:
    data = digits(100, 50)
    other = answers.shuffled_pixels(data)
    order = torch.randperm(784, generator=torch.Generator().manual_seed(0))
    assert torch.equal(other.val[0].flatten(1), data.val[0].flatten(1)[:, order])
    assert torch.equal(other.train[0].flatten(1).sort(1).values, data.train[0].flatten(1).sort(1).values)


def test_both_kinds_of_network_have_about_as_many_parameters() -> None:
    plain, cnn = (sum(p.numel() for p in make().parameters()) for make in (lambda: answers.mlp(8), answers.cnn))
    assert plain == pytest.approx(cnn, rel=0.1)


def test_the_membership_auc_is_scikit_learns() -> None:
    data = digits(300, 100)
    auc, inside, _ = answers.membership(data, 200, 300)
    model = answers.trained(answers.mlp, (data.train[0][:200], data.train[1][:200]), n_steps=300)
    with torch.no_grad():
        losses = [F.cross_entropy(model(x), y, reduction="none") for x, y in ((data.train[0][:200], data.train[1][:200]), data.val)]
    truth = np.repeat([0, 1], [200, len(data.val[1])])
    assert auc == pytest.approx(roc_auc_score(truth, torch.cat(losses).numpy()), abs=0.002)
    assert inside == 0


def test_the_forms_begin_where_the_labels_begin_anew() -> None:
    from sklearn.datasets import load_digits
    y = load_digits().target
    starts = np.array(answers.FORMS[:-1])
    assert answers.FORMS[-1] == len(y)
    complete = [s for s in starts if s != 906]         # the form at 906 lacks its first 0
    assert all((y[s:s + 10] == np.arange(10)).all() for s in complete)


def test_groups_count_every_digit_once() -> None:
    own, chance = answers.by_writer(), answers.by_writer(3)
    assert own.n.sum() == chance.n.sum() == 1797
    assert own.right.sum() == chance.right.sum()
    assert (own.n == chance.n).all()
    assert len(scenes.groups(own, chance).axes[0].containers) == 2
    plt.close("all")


def test_a_line_that_holds_reaches_the_target_and_one_that_breaks_does_not() -> None:
    n = [50, 100, 200, 400, 800, 1600, 3500]
    straight = np.tile(2 * np.array(n, float)**-0.4, (2, 1))
    bent = straight.copy()
    bent[:, -1] *= 2
    assert [scenes.extrapolation(n, e, 0.05)[0](3)[1] for e in (straight, bent)] == [True, False]
    plt.close("all")


def test_patience_stops_where_fit_would() -> None:
    loss = [1.0, 0.8, 0.9, 0.7, 0.75, 0.76, 0.77, 0.9, 0.95, 1.0]
    draw, _ = scenes.patience(loss)
    assert "stops after epoch «3» and keeps epoch «2»" in draw(1)[0]
    assert draw(1)[1] is False
    assert "stops after epoch «6» and keeps epoch «4»" in draw(2)[0]
    assert "stops after epoch «10» and keeps epoch «4»" in draw(20)[0]
    plt.close("all")


def test_the_messages_are_pytorchs_own() -> None:
    from helpers.topics.questions.checks_answers import MESSAGES

    def twice() -> None:
        w = torch.ones(1, requires_grad=True)
        loss = (w * w).sum()
        loss.backward()
        loss.backward()

    for number, provoke in {1: lambda: torch.nn.Linear(400, 10)(torch.zeros(32, 784)), 2: lambda: torch.nn.BatchNorm2d(1)(torch.zeros(1, 28, 28)),
                            4: twice, 5: lambda: torch.zeros(1).sum().backward()}.items():
        with pytest.raises((RuntimeError, ValueError)) as caught:
            provoke()
        assert MESSAGES[number] in str(caught.value)
    with pytest.raises(RuntimeError, match="Long"):         # message 3: in other words in older versions
        F.cross_entropy(torch.zeros(5, 3), torch.zeros(5))


def test_many_test_examples_make_the_best_fair() -> None:
    draw, _ = scenes.best_of_many()
    assert [draw(m, n)[1] for m, n in ((20, 100), (20, 20000), (5, 20000))] == [False, True, False]
    plt.close("all")
