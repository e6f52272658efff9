# ruff: noqa: ARG001  a crash ignores what it is given
"""Checkpoints: resumed to the same curve, whole after a crash, refused when they belong elsewhere."""

from __future__ import annotations

import functools
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from moons import TRAIN, VAL, network, run, stop_at, weights
from torch import nn

from helpers.training import load_checkpoint, one_cycle
from helpers.training.checkpoint import TrainingState

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {}, "one cycle": {"schedule": one_cycle}, "early stopping": {"patience": 3}, "momentum": {"optimizer": functools.partial(torch.optim.SGD, momentum=0.9)}}


@pytest.mark.parametrize("batch", [2, 9, 12])
@pytest.mark.parametrize("name", SETTINGS)
def test_fit_resumes_to_the_same_curve(tmp_path: Path, name: str, batch: int) -> None:
    data, settings = ((TRAIN[0], 1 - TRAIN[1]), VAL), {"n_epochs": 8, **SETTINGS[name]}
    whole, path = network(0.3), tmp_path / "run.pt"
    torch.manual_seed(9)
    expected = run(whole, *data, **settings)
    torch.manual_seed(9)
    first = network(0.3)
    torch.manual_seed(9)
    run(first, *data, **settings, checkpoint=path, augment=stop_at(batch))
    again = network(0.3)
    if batch == 2:                                      # nothing was saved: the same beginning is for the caller to set
        torch.manual_seed(9)
    history = run(again, *data, **settings, checkpoint=path)
    for curve in ("train_loss", "val_loss", "val_accuracy", "lr", "best_epoch", "stopped"):
        assert getattr(history, curve) == getattr(expected, curve), curve
    assert torch.equal(weights(again), weights(whole))
    assert sorted(history.seconds) == history.seconds


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    first = network()
    history = run(first, TRAIN, VAL, n_epochs=2, checkpoint=path)
    again = network()
    assert run(again, TRAIN, VAL, n_epochs=2, checkpoint=path) == history
    assert torch.equal(weights(first), weights(again))
    assert run(again, TRAIN, VAL, n_epochs=3, checkpoint=path).n_epochs == 3


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    path = str(tmp_path / "run.pt")
    history = run(network(), TRAIN, n_epochs=1, checkpoint=path)
    assert run(network(), TRAIN, n_epochs=1, checkpoint=path) == history


def test_a_crash_while_saving_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.pt"
    run(network(), TRAIN, n_epochs=1, checkpoint=path)
    before = path.read_bytes()

    def half(state: object, file: Path) -> None:
        Path(file).write_bytes(b"half of a check")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="No space left"):
        run(network(), TRAIN, n_epochs=2, checkpoint=path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def cosine(optimizer: torch.optim.Optimizer, n_steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)


def step_lr(optimizer: torch.optim.Optimizer, n_steps: int, gamma: float = 0.5) -> torch.optim.lr_scheduler.LRScheduler:
    return torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=gamma)


def two_groups(parameters: Iterator[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    first, *others = parameters
    groups: list[dict[str, Any]] = [{"params": [first], "lr": lr / 2}, {"params": others}]
    return torch.optim.AdamW(groups, lr=lr)


@pytest.mark.parametrize(("then", "now", "message"), [
    ({}, {"model": network(width=9)}, "belongs to another model: 0.bias, 0.weight, "),
    ({}, {"model": nn.Linear(2, 2)}, "belongs to another model: 0.bias, 0.weight, "),
    ({"lr": 1e3}, {"lr": 1e-2}, r"was written with other settings\. lr: 1000\.0 then, 0\.01 now\."),
    ({"lr": 0.5, "schedule": one_cycle}, {"lr": 0.05, "schedule": one_cycle}, r"lr: 0\.5 then, 0\.05 now\."),
    ({"optimizer": torch.optim.Adam}, {"optimizer": functools.partial(torch.optim.AdamW, weight_decay=0.3)},
     r"optimizer: Adam then, AdamW now; .*weight_decay: 0 then, 0\.3 now"),
    ({"optimizer": two_groups}, {}, r"tensors it trains: \[1, 5\] then, \[6\] now"),
    ({"optimizer": two_groups}, {"optimizer": functools.partial(two_groups, lr=0.2), "lr": 0.2}, r"lr of group 1: 0\.02 then, 0\.2 now"),
    ({"schedule": one_cycle}, {}, "schedule: OneCycleLR then, None now"),
    ({}, {"schedule": one_cycle}, "schedule: None then, OneCycleLR now"),
    ({"schedule": cosine}, {"schedule": step_lr}, "schedule: CosineAnnealingLR then, StepLR now"),
    ({"schedule": step_lr}, {"schedule": functools.partial(step_lr, gamma=0.1)}, r"gamma of the schedule: 0\.5 then, 0\.1 now"),
    ({"schedule": cosine}, {"schedule": cosine, "n_epochs": 8}, "n_epochs: 3 then, 8 now"),
    ({"seed": 1}, {"seed": 2}, "seed: 1 then, 2 now"),
    ({"batch_size": 16}, {"batch_size": 32}, "batch_size: 16 then, 32 now"),
    ({}, {"train": VAL}, r"shape of x: \(60, 2\) then, \(40, 2\) now"),
])
def test_a_checkpoint_of_another_training_is_refused_and_nothing_is_changed(tmp_path: Path, then: dict[str, Any], now: dict[str, Any], message: str) -> None:
    path = tmp_path / "run.pt"
    run(**{"model": network(), "train": TRAIN, "n_epochs": 3, "checkpoint": path, **then})
    given = {"model": network(), "train": TRAIN, "n_epochs": 3, "checkpoint": path, **now}
    before, written = weights(given["model"]), path.read_bytes()
    with pytest.raises(ValueError, match=rf"run\.pt .*{message}.*Delete it to train anew"):
        run(**given)
    assert torch.equal(weights(given["model"]), before)
    assert path.read_bytes() == written


def test_the_parts_that_do_not_fit_are_named_and_no_others(tmp_path: Path) -> None:
    path, other = tmp_path / "run.pt", network(width=9)
    run(network(), TRAIN, n_epochs=1, checkpoint=path)
    here, there = network().state_dict(), other.state_dict()
    differ = {name for name in here if here[name].shape != there[name].shape}
    assert differ < set(here)                           # the last bias and a counter fit
    with pytest.raises(ValueError, match="belongs to another model") as error:
        run(other, TRAIN, n_epochs=1, checkpoint=path)
    named = re.search(r"model: (.*) do not fit", str(error.value))
    assert named is not None
    assert set(named[1].split(", ")) == differ


def test_a_schedule_that_reads_the_clock_resumes(tmp_path: Path) -> None:
    ticks = iter(range(10**6))

    def by_the_clock(optimizer: torch.optim.Optimizer, n_steps: int) -> torch.optim.lr_scheduler.LRScheduler:
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1 / (1 + next(ticks)))

    settings: dict[str, Any] = {"n_epochs": 3, "checkpoint": tmp_path / "run.pt", "schedule": by_the_clock}
    run(network(), TRAIN, augment=stop_at(9), **settings)
    assert run(network(), TRAIN, **settings).n_epochs == 3


def test_a_rate_from_numpy_leaves_a_checkpoint_that_can_be_read(tmp_path: Path) -> None:
    for n_epochs in (1, 2):
        history = run(network(), TRAIN, n_epochs=n_epochs, lr=np.float64(0.02), checkpoint=tmp_path / "run.pt")
    assert history.n_epochs == 2


def test_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=r"a checkpoint is a file, and .* is a folder\. Give a file in it, such as .*run\.pt"):
        run(network(), TRAIN, checkpoint=tmp_path, augment=stop_at(0, AssertionError))


@pytest.mark.parametrize(("content", "message"), [
    (b"", "is damaged or no checkpoint"), (b"not a zip", "is damaged or no checkpoint"), ({"model": 1}, "is no checkpoint of fit: it lacks best, generator"),
    ([1, 2], "is no checkpoint of fit")])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "run.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(ValueError, match=rf"run\.pt {message}"):
        run(network(), TRAIN, checkpoint=path)


def test_half_a_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    run(network(), TRAIN, n_epochs=1, checkpoint=path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ValueError, match="is damaged or no checkpoint"):
        load_checkpoint(path)


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    torch.save({"model": types.SimpleNamespace(a=1)}, path)
    with pytest.raises(ValueError, match="is damaged or no checkpoint"):
        load_checkpoint(path)


def test_a_checkpoint_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no checkpoint at"):
        load_checkpoint(tmp_path / "none.pt")
    with pytest.raises(FileNotFoundError, match="the folder of the checkpoint does not exist"):
        run(network(), TRAIN, checkpoint=tmp_path / "none" / "run.pt", n_epochs=1, augment=stop_at(0, AssertionError))


def test_an_interrupted_save_is_no_half_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: TrainingState, path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingState, "save", interrupted)
    history = run(network(), TRAIN, VAL, n_epochs=3, checkpoint=tmp_path / "run.pt")
    assert (history.stopped, history.n_epochs, len(history.val_loss)) == ("interrupted", 1, 1)
