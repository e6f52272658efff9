"""What callers give: right things pass unchanged, wrong ones are told in words before anything is done."""

from __future__ import annotations

import copy
import functools
import math
from typing import Any

import numpy as np
import pytest
import torch
from moons import TRAIN, VAL, network, run, stop_at, weights
from torch import nn
from torch.nn import functional as F

from helpers.models import MLP
from helpers.validate import check_last_batch, positive, whole


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_of_python_and_numpy_are_the_same(value: Any) -> None:
    assert whole("n", value) == 3
    assert type(whole("n", value)) is int


@pytest.mark.parametrize("value", [True, False, np.bool_(True), 1.0, np.float32(2), "1", None, math.nan, 0, -1])
def test_what_is_no_whole_number_from_one_on_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="n must be a whole number, at least 1, got"):
        whole("n", value)


def test_a_whole_number_has_its_bounds() -> None:
    assert [whole("n", value, 0, 2) for value in range(3)] == [0, 1, 2]
    for value in (-1, 3):
        with pytest.raises(ValueError, match=f"n must be a whole number from 0 to 2, got {value}"):
            whole("n", value, 0, 2)


def test_sizes_and_settings_may_come_from_numpy() -> None:
    assert MLP(np.array([2, 3, 2])).sizes == (2, 3, 2)      # type: ignore[arg-type]
    plain, numbers = network(), network()
    history = run(plain, TRAIN, n_epochs=2, batch_size=16, lr=0.25, seed=3)
    settings: dict[str, Any] = {"n_epochs": np.int64(2), "batch_size": np.int32(16), "lr": np.float64(0.25), "seed": np.int64(3)}
    same = run(numbers, TRAIN, **settings)
    assert (history.train_loss, history.lr) == (same.train_loss, same.lr)
    assert torch.equal(weights(plain), weights(numbers))


def test_a_limit_may_be_infinite() -> None:
    assert positive("max_grad_norm", math.inf) == math.inf


def of_a_tuple(out: Any, y: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(out[0], y)


X, Y = TRAIN
BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"train": X}, TypeError, r"train must be a pair of tensors \(x, y\), got Tensor"),
    ({"train": (X.numpy(), Y.numpy())}, TypeError, r"train must be a pair of tensors"),
    ({"val": (X, Y, Y)}, TypeError, r"val must be a pair of tensors"),
    ({"train": (X, Y[:9])}, ValueError, "train: x and y must have one length, at least 1; got 60 inputs and 9 targets"),
    ({"val": (X[:0], Y[:0])}, ValueError, "val: x and y must have one length, at least 1; got 0 inputs"),
    ({"train": (X.byte(), Y)}, TypeError, r"train: x must hold floats, or int64 indices for an embedding; got torch.uint8. Convert it: x.float\(\) or x.long\(\)"),
    ({"train": (X.long(), Y)}, ValueError, r"the model cannot take an input of shape \(2, 2\) and type torch.int64: .*dtype"),
    ({"model": nn.Embedding(2, 2), "train": (Y + 2, Y)}, ValueError, r"the model cannot take an input of shape \(2,\) and type torch.int64: index out of range"),
    ({"train": (X, Y.int())}, TypeError, r"train: y must hold int64 class labels or floats, got torch.int32. Convert it: y.long\(\)"),
    ({"train": (torch.where(X > 1, torch.nan, X), Y)}, ValueError, r"train: x holds \d+ values that are NaN or infinite. Mend or drop them"),
    ({"val": (X, Y + torch.inf)}, ValueError, "val: y holds 60 values that are NaN or infinite"),
    ({"train": (X[:, :1], Y)}, ValueError, r"the model cannot take an input of shape \(2, 1\)"),
    ({"val": (X[:, :1], Y)}, ValueError, r"the model cannot take an input of shape \(2, 1\)"),
    ({"train": (X, Y + 1)}, ValueError, "labels run from 1 to 2, but the model gives 2 logits: they must lie in 0 … 1"),
    ({"val": (X, Y - 1)}, ValueError, "labels run from -1 to 0, but the model gives 2 logits"),
    ({"model": nn.Sequential(nn.Linear(2, 1), nn.Flatten(0))}, ValueError, r"for class labels the model must give logits of shape \(N, K\), got \(2,\)"),
    ({"model": nn.Linear(2, 1), "train": (X, X[:, 0]), "loss": F.mse_loss}, ValueError, r"the model gives \(N, 1\) for targets of shape \(N,\)"),
    ({"train": (torch.tensor(1.0), Y)}, ValueError, r"train: x must have its examples along the first axis, \(N, …\); got a single number, 1.0"),
    ({"val": (X, torch.tensor(1))}, ValueError, "val: y must have its examples along the first axis"),
    ({"train": (X.clone().requires_grad_() * 2, Y)}, ValueError, r"train: x carries gradients.*Give x\.detach\(\)"),
    ({"model": nn.RNN(2, 2)}, TypeError, r"the model gave a tuple; return one tensor, as in out, _ = self\.rnn\(x\)"),
    ({"model": nn.RNN(2, 2), "train": (X, X), "loss": F.mse_loss}, TypeError, "the model gave a tuple; return one tensor"),
    ({"model": nn.RNN(2, 2), "loss": of_a_tuple, "val": VAL}, TypeError, "the model gave a tuple, and on val only one tensor can be measured"),
    ({"train": (X, Y[:, None])}, ValueError, r"outputs \(N, 2\) of type torch.float32 with targets \(N, 1\) of type torch.int64: .*y\.flatten\(\)\.long\(\)"),
    ({"train": (X, Y.float())}, ValueError, r"outputs \(N, 2\) of type torch.float32 with targets \(N,\) of type torch.float32: .*loss=F\.mse_loss"),
    ({"val": (X, Y.float())}, ValueError, "the loss cannot compare outputs"),
    ({"loss": functools.partial(F.cross_entropy, reduction="none")}, ValueError, r"the loss must be a tensor that holds one number, got shape \(2,\)\. Return its mean"),
    ({"loss": lambda out, y: float(F.cross_entropy(out, y))}, ValueError, "the loss must be a tensor that holds one number, got float"),
    ({"train": (X[:49], Y[:49])}, ValueError, r"49 examples in batches of 16 leave one for the last.*Expected more than 1 value.*Take another batch_size"),
    ({"batch_size": 1}, ValueError, "60 examples in batches of 1 leave one for the last"),
    ({"n_epochs": 0}, ValueError, "n_epochs must be a whole number, at least 1, got 0"),
    ({"n_epochs": 1.5}, ValueError, "n_epochs must be a whole number, at least 1, got 1.5"),
    ({"n_epochs": True}, ValueError, "n_epochs must be a whole number, at least 1, got True"),
    ({"batch_size": -3}, ValueError, "batch_size must be a whole number, at least 1, got -3"),
    ({"seed": -1}, ValueError, "seed must be a whole number, at least 0, got -1"),
    ({"lr": 0}, ValueError, "lr must be a finite number greater than 0, got 0"),
    ({"lr": math.nan}, ValueError, "lr must be a finite number greater than 0, got nan"),
    ({"lr": math.inf}, ValueError, "lr must be a finite number greater than 0, got inf"),
    ({"lr": None}, ValueError, "lr must be a finite number greater than 0, got None"),
    ({"lr": "0.1"}, ValueError, "lr must be a finite number greater than 0, got '0.1'"),
    ({"max_seconds": 0}, ValueError, "max_seconds must be a number greater than 0, got 0"),
    ({"max_grad_norm": -1.0}, ValueError, "max_grad_norm must be a number greater than 0, got -1.0"),
    ({"patience": 0, "val": VAL}, ValueError, "patience must be a whole number, at least 1, got 0"),
    ({"patience": 2}, ValueError, "patience needs a validation split"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_nonsense_is_refused_before_anything_is_trained(change: dict[str, Any], error: type[Exception], message: str) -> None:
    given: dict[str, Any] = {"model": network(), "train": TRAIN, "augment": stop_at(0, AssertionError)} | change
    before = weights(given["model"])
    with pytest.raises(error, match=message):
        run(**given)
    assert torch.equal(weights(given["model"]), before)


def test_an_output_of_several_parts_trains_if_the_loss_takes_it() -> None:
    assert run(nn.RNN(2, 2), TRAIN, n_epochs=1, loss=of_a_tuple).n_epochs == 1


def test_a_last_batch_of_one_trains_where_the_model_takes_it() -> None:
    assert run(nn.Linear(2, 2), (X[:49], Y[:49]), n_epochs=1).n_epochs == 1


@pytest.mark.parametrize("n", [48, 49, 50])
def test_trying_a_batch_of_one_leaves_no_trace(n: int) -> None:
    model = nn.Sequential(nn.Dropout(0.5), nn.Unflatten(1, (2, 1)), nn.Upsample(2), nn.BatchNorm1d(2)).eval()
    before, state = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    check_last_batch(model, X[:n], 16)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not model.training
