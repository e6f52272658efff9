"""The twin in Keras: what goes over comes back, and without TensorFlow the figures still work."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers.models import FastCNN
from helpers.topics.classification import scenes_twin as scenes
from helpers.topics.classification import twin

HERE = importlib.util.find_spec("tensorflow") is not None
needs_tensorflow = pytest.mark.skipif(not HERE, reason="the extra tensorflow is not installed")


@pytest.mark.parametrize("size", range(8, 17))
@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_windows_are_as_many_as_both_libraries_make(size: int, kernel: int, stride: int) -> None:
    (a, b), (c, d) = scenes.pads(size, kernel, stride)
    assert len(F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), stride=stride, padding=a)[0, 0]) == (size + a + b - kernel) // stride + 1
    assert (size + c + d - kernel) // stride + 1 == -(-size // stride)


def test_figures_say_what_they_show() -> None:
    draw, _ = scenes.windows()
    assert draw(size=12, kernel=5, stride=2) == ("12 pixels, kernel 5, stride 2: zeros 2 + 2 in PyTorch, 1 + 2 in TensorFlow. 6 and 6 windows, which do not lie alike.", False)
    assert draw(size=13, kernel=5, stride=2)[1]
    assert not draw(size=13, kernel=5, stride=1)[1]
    draw, _ = scenes.flat_places()
    assert [place for place in range(48) if draw(place=place)[1]] != []
    draw, _ = scenes.running_means()
    assert draw(torch_momentum=0.1, keras_momentum=0.9)[1]
    assert not draw(torch_momentum=0.1, keras_momentum=0.98)[1]


def test_a_linear_layer_goes_over_place_by_place() -> None:
    w = np.arange(3 * 2 * 4).reshape(3, 8).astype(np.float32)
    maps = np.random.default_rng(0).standard_normal((2, 2, 2)).astype(np.float32)        # (C, H, W)
    np.testing.assert_allclose(maps.transpose(1, 2, 0).ravel() @ twin.dense_over(w, 2), w @ maps.ravel(), rtol=1e-5)


@needs_tensorflow
def test_over_and_back_and_the_scores_agree() -> None:
    from helpers.extras import optional

    keras = optional("keras")
    torch.manual_seed(0)
    model = FastCNN(8)
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):       # as after training: no number as it begins
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.bias)
        norm.running_mean.normal_()             # type: ignore[union-attr]
        norm.running_var.uniform_(0.5, 2)       # type: ignore[union-attr]
    model.eval()
    net = twin.carry_over(model, twin.build(keras, 8))
    x = torch.rand(20, 1, 28, 28)
    ours, theirs = model(x).detach().numpy(), twin.logits_of(net, x)
    assert np.abs(ours - theirs).max() < 1e-5 * max(np.abs(ours).max(), 1)
    back = twin.carry_back(net, FastCNN(8)).eval()
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), back.state_dict().values(), strict=True) if a.dtype.is_floating_point)
    losses, found = twin.train(keras, net, (x, torch.arange(20) % 10), (x, torch.arange(20) % 10), n_epochs=2, batch_size=10, lr=0.01, seed=0)
    assert len(losses) == len(found) == 2
