# ruff: noqa: ARG001  a crash ignores what it is given
"""Checkpoints: resumed to the same curve, whole after a crash, refused when they belong elsewhere."""

from __future__ import annotations

import functools
import types
from pathlib import Path
from typing import Any

import pytest
import torch
from moons import TRAIN, VAL, network, run, stop_at, weights
from torch import nn

from helpers.checkpoint import TrainingState
from helpers.training import load_checkpoint, one_cycle

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


@pytest.mark.parametrize("change", [
    {"model": network(width=9)}, {"model": nn.Linear(2, 2)}, {"optimizer": torch.optim.SGD}, {"schedule": None}, {"n_epochs": 5}])
def test_a_checkpoint_of_another_training_is_refused_and_nothing_is_changed(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "run.pt"
    run(network(), TRAIN, n_epochs=3, checkpoint=path, schedule=one_cycle)
    settings = {"model": network(), "n_epochs": 3, "schedule": one_cycle, **change}
    model = settings.pop("model")
    before = weights(model)
    with pytest.raises(ValueError, match=r"run\.pt (belongs to another model or optimiser|was written (with a|for another) schedule).*Delete it to train anew"):
        run(model, TRAIN, checkpoint=path, **settings)
    assert torch.equal(weights(model), before)


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
