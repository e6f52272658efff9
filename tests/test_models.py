"""The shared networks: shapes, counts by hand, and what they refuse."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from helpers.models import MLP, FastCNN, count_parameters


def test_count_parameters_counts_what_is_trained() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    assert count_parameters(model) == 4 * 3 + 3 + 3 * 2 + 2
    model[0].requires_grad_(False)
    assert count_parameters(model) == 3 * 2 + 2


@pytest.mark.parametrize(("sizes", "shape"), [((784, 256, 10), (3, 1, 28, 28)), ((2, 5, 4, 1), (7, 2)), ((6, 3), (2, 2, 3))])
def test_mlp_flattens_and_counts(sizes: tuple[int, ...], shape: tuple[int, ...]) -> None:
    model = MLP(sizes)
    assert model(torch.zeros(shape)).shape == (shape[0], sizes[-1])
    assert count_parameters(model) == sum(a * b + b for a, b in itertools.pairwise(sizes))


def test_mlp_is_matrices_with_an_activation_between() -> None:
    torch.manual_seed(0)
    model, x = MLP((4, 6, 3), nn.Tanh), torch.randn(5, 4)
    first, second = (layer for layer in model.layers if isinstance(layer, nn.Linear))
    by_hand = torch.tanh(x @ first.weight.T + first.bias) @ second.weight.T + second.bias
    torch.testing.assert_close(model(x), by_hand)


@pytest.mark.parametrize("sizes", [(), (3,), (3, 0), (3, -1, 2), (3, 2.5), (3, True)])
def test_mlp_refuses_sizes(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sizes"):
        MLP(sizes)


@pytest.mark.parametrize("activation", ["relu", torch.relu, None, 3])
def test_mlp_refuses_what_makes_no_activation(activation: object) -> None:
    with pytest.raises(TypeError, match=r"nn\.ReLU"):
        MLP((3, 2), activation)     # type: ignore[arg-type]


def test_mlp_says_what_input_it_takes() -> None:
    with pytest.raises(ValueError, match="takes 784 numbers an example, got 783"):
        MLP((784, 10))(torch.zeros(2, 783))


@pytest.mark.parametrize("size", [(28, 28), (8, 8), (30, 41)])
def test_fast_cnn_gives_logits(size: tuple[int, int]) -> None:
    assert FastCNN(4, n_classes=7).eval()(torch.rand(3, 1, *size)).shape == (3, 7)


@pytest.mark.parametrize("width", [0, -3, 1.5, True, "16"])
def test_fast_cnn_refuses_a_width(width: int) -> None:
    with pytest.raises(ValueError, match="width must be a whole number"):
        FastCNN(width)


@pytest.mark.parametrize("shape", [(2, 3, 28, 28), (1, 28, 28), (2, 1, 7, 28), (2, 784)])
def test_fast_cnn_says_what_images_it_takes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="FastCNN takes grey images"):
        FastCNN(2)(torch.zeros(shape))
