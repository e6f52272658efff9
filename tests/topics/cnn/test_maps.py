"""Chapter 02's scenes with a network in them, at the ends of their controls and against oracles."""

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
