"""Units and depth: windows on the picture, ascent, and what can be read."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.data import digits
from helpers.models import FastCNN
from helpers.topics.features import depth, kinds, units


@pytest.fixture(scope="module")
def net() -> FastCNN:
    return kinds.train_cnn(digits(400, 0).train, 2, n_classes=10)


@pytest.mark.parametrize("layer", list(units.LAYERS))
def test_the_window_is_what_the_middle_unit_sees(layer: str, net: FastCNN) -> None:
    x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (gradient,) = torch.autograd.grad(units.answers(net, x, layer)[0, :, units.MIDDLE, units.MIDDLE].sum(), x)
    rows, columns = gradient[0, 0].abs().sum(1).nonzero(), gradient[0, 0].abs().sum(0).nonzero()
    _, first, size = units.LAYERS[layer]
    assert first <= int(min(rows.min(), columns.min()))
    assert int(max(rows.max(), columns.max())) < first + size


def test_ascent_climbs_and_stays_a_picture(net: FastCNN) -> None:
    layer = "fourth convolution"
    before = units.ascend(net, layer, steps=0)
    after = units.ascend(net, layer, steps=20)
    assert after.shape == (32, 1, 28, 28)
    assert 0 <= float(after.min()) <= float(after.max()) <= 1
    assert (units.middle_answers(net, after, layer) > units.middle_answers(net, before, layer)).float().mean() > 0.95
    torch.testing.assert_close(after, units.ascend(net, layer, steps=20))


def test_favourites_are_the_patches_that_answer_most(net: FastCNN) -> None:
    data, layer = digits(400, 0).train, "second convolution"
    found = units.favourites(net, *data, layer, k=3)
    assert found.patches.shape == (32, 3, 15, 15)
    with torch.no_grad():
        out = units.answers(net, data[0], layer)                        # (400, 32, 6, 6)
    torch.testing.assert_close(found.value[:, 0], out.amax((0, 2, 3)))
    inside = 0
    for unit in range(32):          # laid at the middle of an empty picture, a patch from the inside is answered the same
        row, column = divmod(int(out[:, unit].flatten(1).amax(0).argmax()), 6)
        if not (2 <= row <= 3 and 2 <= column <= 3):
            continue
        canvas = torch.zeros(1, 1, 28, 28)
        canvas[0, 0, 8:23, 8:23] = found.patches[unit, 0]
        with torch.no_grad():
            again = units.answers(net, canvas, layer)[0, unit, units.MIDDLE, units.MIDDLE]
        assert float(again) == pytest.approx(float(found.value[unit, 0]), abs=1e-3)
        inside += 1
    assert inside >= 2
    assert ((found.purity > 0.3) & (found.purity <= 1)).all()


def test_matching_finds_the_own_patches() -> None:
    patches = torch.rand(6, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    table = units.match(patches.mean(1), patches)
    np.testing.assert_allclose(np.diag(table), 1, atol=1e-5)
    assert units.own_rank(table) == 1
    assert units.own_rank(table[::-1].copy()) < 0.6


def test_an_untrained_network_is_settled_without_moving_its_weights() -> None:
    cnn = kinds.train_cnn(digits(400, 0).train, 0, n_classes=10)
    weights = [p.clone() for p in cnn.parameters()]
    units.settle_norm(cnn, digits(400, 0).train[0])
    assert not cnn.training
    assert all(torch.equal(a, b) for a, b in zip(weights, cnn.parameters(), strict=True))
    assert float(cnn.features[2].running_mean.abs().sum()) > 0     # type: ignore[operator]


def test_disturbed_digits_are_moved_and_noisy_as_they_say() -> None:
    x, y = digits(300, 0).train
    found = depth.disturb(x, y)
    assert set(found.place.tolist()) == set(range(-3, 4))
    still = (found.place == 0).nonzero()[:, 0]
    spread = (found.x[still] - x[still]).flatten(1).std(1)
    torch.testing.assert_close(spread, found.noise[still], atol=0.02, rtol=0.05)


def test_readings_have_a_number_a_layer(net: FastCNN) -> None:
    x, y = digits(400, 100).train
    found = depth.read(net, depth.disturb(x[:250], y[:250]), depth.disturb(x[250:], y[250:], 1))
    assert set(found) == set(depth.QUESTIONS)
    assert all(values.shape == (len(depth.CUTS),) for values in found.values())
    assert depth.r_squared(np.ones(3), np.array([0.0, 1, 2])) == 0
    assert depth.r_squared(np.arange(3.0), np.arange(3.0)) == 1
