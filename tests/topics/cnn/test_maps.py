"""Scenes with a network in them, at the ends of their controls and against oracles; networks of the reader's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from helpers.data import digits
from helpers.models import MLP, FastCNN
from helpers.topics.cnn import maps as cnn_maps


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def small_cnn() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
                         nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 10))


def test_windows_agree_with_what_gradients_touch() -> None:
    model = small_cnn()
    for i, (width, step, left) in enumerate(cnn_maps.windows(model)):
        x = torch.rand(1, 1, 28, 28, requires_grad=True)
        y = x
        for layer in list(model)[:i + 1]:
            y = F.avg_pool2d(y, 2) if isinstance(layer, nn.MaxPool2d) else y if isinstance(layer, nn.ReLU) else layer(y)
        place = y.shape[-1] // 2
        y[0, 0, place, place].backward()
        assert x.grad is not None
        touched = x.grad[0, 0].abs().sum(0).nonzero().flatten()
        assert (int(touched.min()), int(touched.max())) == (left + place * step, left + place * step + width - 1)


def test_feature_maps_at_all_ends_and_its_goal_can_be_reached() -> None:
    model, (x, y) = small_cnn(), digits().test
    x, y = x[:60], y[:60]
    names = [name for name, _ in cnn_maps.layer_outputs(model, x)]
    assert names == ["1 convolution", "2 ReLU", "3 pooling", "4 convolution", "5 ReLU", "6 pooling"]
    draw, fig = cnn_maps.feature_maps(model, x, y)
    for digit, layer, channel in itertools.product((0, 2), names, (1, 16, 32)):
        assert draw(digit, layer, channel)[0].startswith(f"Layer {layer}:")
        fig.canvas.draw()
    assert not any(draw(1, names[0], channel)[1] for channel in range(1, 5))
    assert cnn_maps.feature_maps(model, x, torch.full_like(y, 7))[0](1, names[4], 2)[1]


def test_feature_maps_say_the_strongest_channel_and_the_digits_that_a_channel_likes() -> None:
    model, (x, y) = small_cnn(), digits().test
    x, y = x[:60], y[:60]
    with torch.inference_mode():
        maps = model[:4](x)
    words, _ = cnn_maps.feature_maps(model, x, y)[0](5, "4 convolution", 3)
    assert f"the strongest, channel «{int(maps[5].amax((1, 2)).argmax()) + 1}»" in words
    order = sorted(range(60), key=lambda i: -float(maps[i, 2].max()))
    assert f"«Its nine favourites: {' '.join(str(int(y[i])) for i in order[:9])}.»" in words
    assert "Channel 6 (the last)" in cnn_maps.feature_maps(model, x, y)[0](5, "4 convolution", 17)[0]


def test_a_channel_that_answers_nothing_has_no_favourites_and_reaches_no_goal() -> None:
    model, (x, y) = small_cnn(), digits().test
    convolution = model[3]
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    with torch.no_grad():
        convolution.bias[2] = -100
    draw, fig = cnn_maps.feature_maps(model, x[:60], torch.full_like(y[:60], 7))
    for layer in ("4 convolution", "5 ReLU", "6 pooling"):
        words, reached = draw(0, layer, 3)
        assert "no nine favourites" in words
        assert not reached
        assert draw(0, layer, 1)[1] == ("Its nine favourites" in draw(0, layer, 1)[0])
    fig.canvas.draw()


def test_what_a_unit_saw_decides_its_answer_alone() -> None:
    model, x = nn.Sequential(*list(small_cnn())[:4]), digits().test[0][:60]
    with torch.inference_mode():
        maps = model(x)
        images, crops = cnn_maps.favourites(x, maps, 4, cnn_maps.windows(model)[3], n=5)
        for image, crop in zip(images, crops, strict=True):
            place = int(maps[image, 4].argmax())
            width, step, first = cnn_maps.windows(model)[3]
            top, left = (int(first) + step * int(i) for i in divmod(place, 7))
            alone = torch.zeros(1, 1, 28, 28)
            for i, j in itertools.product(range(width), range(width)):
                if 0 <= top + i < 28 and 0 <= left + j < 28:
                    alone[0, 0, top + i, left + j] = float(crop[i, j])
                else:
                    assert np.isnan(crop[i, j])
            assert model(alone)[0, 4].flatten()[place] == pytest.approx(float(maps[image, 4].max()), abs=1e-5)


def test_shifted_digit_at_all_ends() -> None:
    x, y = digits().test
    draw, fig = cnn_maps.shifted_digit({"MLP": MLP((784, 8, 10)), "CNN": FastCNN(2).eval()}, x, y)
    for digit, dx, dy in itertools.product((0, 39), (-8, 0, 8), (-8, 0, 8)):
        words, reached = draw(digit, dx, dy)
        assert words.startswith(f"A {int(y[digit])}, moved {dx} right and {dy} down")
        assert not reached or (dx, dy) != (0, 0)
        assert isinstance(reached, bool)
        fig.canvas.draw()


# ------------------------------------------------------------------------------------- a network of the reader's own

def own_models() -> list[nn.Module]:
    torch.manual_seed(1)
    dilated = nn.Sequential(nn.Conv2d(1, 3, 3, dilation=2), nn.Tanh(), nn.AvgPool2d(3), nn.BatchNorm2d(3), nn.Conv2d(3, 5, 3), nn.Flatten())
    return [small_cnn(), dilated, FastCNN(2).eval(), nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(1, 2, 5, stride=3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 10))]


@pytest.mark.parametrize("place", range(4))
def test_feature_maps_take_the_readers_own_network(place: int) -> None:
    model, (x, y) = own_models()[place], digits().val
    names = cnn_maps.layer_names(model, x)
    draw, fig = cnn_maps.feature_maps(model, x[:30], y[:30])
    for layer in names:
        assert draw(1, layer, 2)[0].startswith(f"Layer {layer}:")
    fig.canvas.draw()
    assert len(cnn_maps.table(model, x[:1])) >= 2


@pytest.mark.parametrize("place", range(4))
def test_windows_of_other_layers_agree_with_what_gradients_touch_too(place: int) -> None:
    model = own_models()[place]
    layers, last = cnn_maps.layers_of(model), len(cnn_maps.layer_outputs(model, torch.zeros(1, 1, 28, 28)))
    width, step, left = cnn_maps.windows(model)[last - 1]
    x = torch.rand(1, 1, 28, 28, requires_grad=True)
    y = x
    for layer in layers[:last]:
        y = F.avg_pool2d(y, 2) if isinstance(layer, nn.MaxPool2d) else y if isinstance(layer, nn.ReLU) else layer.eval()(y)
    middle = y.shape[-1] // 2
    y[0, 0, middle, middle].backward()
    assert x.grad is not None
    touched = x.grad[0, 0].abs().sum(0).nonzero().flatten()
    first, end = left + middle * step, left + middle * step + width - 1
    edge = (2, 25) if isinstance(layers[0], nn.ZeroPad2d) and layers[0].padding[0] < 0 else (0, 27)        # what a negative padding cuts off
    assert (int(touched.min()), int(touched.max())) == (max(first, edge[0]), min(end, edge[1]))


def test_a_network_that_does_not_fit_is_told_why() -> None:
    x, y = digits().val
    with pytest.raises(TypeError, match=r"give an nn\.Sequential, or a model whose \.features is one; got MLP"):
        cnn_maps.feature_maps(MLP((784, 8, 10)), x, y)
    with pytest.raises(ValueError, match="the first layer, Flatten, gives no pictures"):
        cnn_maps.feature_maps(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), x, y)
    with pytest.raises(ValueError, match=r"layer 2 \(Conv2d\) does not take pictures of shape \(500, 4, 26, 26\)"):
        cnn_maps.feature_maps(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(3, 4, 3)), x, y)
    with pytest.raises(ValueError, match="need the same layers"):
        cnn_maps.feature_maps({"a": small_cnn(), "b": own_models()[1]}, x, y)


def test_two_networks_stand_at_a_switch_and_the_goal_is_the_first_ones() -> None:
    x, y = digits().val
    x, y = x[:60], torch.full_like(y[:60], 7)
    models = {"trained": small_cnn(), "untrained": own_models()[0]}
    draw, _ = cnn_maps.feature_maps(models, x, y)
    alone, _ = cnn_maps.feature_maps(models["untrained"], x, y)
    words, reached = draw(1, "5 ReLU", 2, "untrained")
    assert words.startswith("Untrained network, layer 5 ReLU:")
    assert words.split(": ", 1)[1] == alone(1, "5 ReLU", 2)[0].split(": ", 1)[1]
    assert not reached
    assert draw(1, "5 ReLU", 2, "trained")[1]


def test_reading_the_maps_leaves_the_network_in_its_mode() -> None:
    model = FastCNN(2)
    model.train()
    cnn_maps.layer_outputs(model, torch.zeros(2, 1, 28, 28))
    assert model.training


def test_a_slope_is_all_slope_and_random_kernels_hold_little_of_it() -> None:
    edge = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
    assert cnn_maps.slope_share(torch.stack([edge, edge.T, edge + 2 * edge.T])).tolist() == pytest.approx([1, 1, 1])
    assert cnn_maps.slope_share(torch.ones(1, 3, 3)).item() == pytest.approx(0)
    random = torch.randn(4000, 5, 5, generator=torch.Generator().manual_seed(0))
    assert cnn_maps.slope_share(random).mean().item() == pytest.approx(2 / 25, abs=0.005)


def test_choosy_and_dead_channels_are_counted() -> None:
    y = torch.arange(100) % 10
    x = torch.rand(100, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    one_digit = x + (y == 3).float()[:, None, None, None]                  # nine favourites, all of them threes
    maps = torch.cat([one_digit, x, -x], 1)
    assert cnn_maps.choosy_and_dead(nn.Identity(), maps, y) == (1, 1)
