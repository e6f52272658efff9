"""What a training has reached: its history, and its checkpoints on disk."""

from __future__ import annotations

import copy
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn


@dataclass
class History:
    """What fit saw: one entry an epoch in each list. Losses are means in the loss's unit (nats), times seconds."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)           # of the epoch's last step
    seconds: list[float] = field(default_factory=list)      # since the start of training, evaluation left out
    stopped: str = "finished"                                # or "early stopping", "time is up", "interrupted"
    best_epoch: int = 0                                      # from 1; 0 without a validation split

    @property
    def n_epochs(self) -> int:
        return len(self.train_loss)


@dataclass
class TrainingState:
    """All that a training needs to go on from where it stopped, in memory and on disk."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler | None
    generator: torch.Generator
    settings: dict[str, Any] = field(default_factory=dict)      # what must be the same for the curve to go on
    history: History = field(default_factory=History)
    best: dict[str, torch.Tensor] | None = None     # the weights with the lowest val loss
    waited: int = 0                                  # epochs since then

    def record(self, train_loss: float, seconds: float, lr: float, val: tuple[float, float] | None, keep_best: bool) -> None:
        """Note one finished epoch, all of it at once, so that an interruption leaves the lists equally long."""
        h = self.history
        if val is not None:
            better = not h.val_loss or val[0] < min(h.val_loss)
            self.waited = 0 if better else self.waited + 1
            if better:
                h.best_epoch = h.n_epochs + 1
                self.best = copy.deepcopy(self.model.state_dict()) if keep_best else None
            h.val_loss.append(val[0])
            h.val_accuracy.append(val[1])
        h.train_loss.append(train_loss)
        h.lr.append(lr)
        h.seconds.append(seconds + (h.seconds[-1] if h.seconds else 0.0))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint so that a crash leaves the old file or the new one, never half of one."""
        path = Path(path)
        part = path.with_name(path.name + ".part")
        state = {
            "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict() if self.schedule else None,
            "generator": self.generator.get_state(), "rng": torch.get_rng_state(),
            "history": asdict(self.history), "best": self.best, "waited": self.waited, "settings": self.settings,
        }
        try:
            torch.save(state, part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Put everything back as the checkpoint has it; the next epoch is then the one that would have come.

        Raises
        ------
        ValueError
            If the checkpoint belongs to another model or was written with other settings, or is damaged.
        """
        state = load_checkpoint(path)
        now, then = _layout(self.model.state_dict()), _layout(state["model"])
        if now != then:                             # seen before anything is changed
            other = ", ".join(sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name)))
            raise ValueError(f"{path} belongs to another model: {other} do not fit. Delete it to train anew.")
        then = state["settings"]
        changed = [f"{name}: {then[name]} then, {value} now" for name, value in self.settings.items() if name in then and value != then[name]]
        if changed:
            raise ValueError(f"{path} was written with other settings. {'; '.join(changed)}. Delete it to train anew, or give the old ones.")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule:
            self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["rng"])
        self.history, self.best, self.waited = History(**state["history"]), state["best"], state["waited"]


def _layout(weights: dict[str, torch.Tensor]) -> dict[str, object]:
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}


def settings_of(optimizer: torch.optim.Optimizer, x: torch.Tensor, **others: object) -> dict[str, Any]:
    """What must be the same for a curve to go on as it began, by the names that a message may use."""
    groups = optimizer.param_groups
    settings = {"optimizer": type(optimizer).__name__, "tensors it trains": [len(group["params"]) for group in groups], "shape of x": tuple(x.shape), **others}
    for i, group in enumerate(groups):
        settings |= {name if i == 0 else f"{name} of group {i}": value for name, value in group.items() if name != "params"}
    return settings


def settings_of_schedule(schedule: torch.optim.lr_scheduler.LRScheduler | None, n_epochs: int) -> dict[str, Any]:
    """The same of a schedule. It is made for so many epochs; without one, training may go on for more."""
    if schedule is None:
        return {"schedule": None}
    own = {f"{name} of the schedule": value for name, value in schedule.state_dict().items()
           if not name.startswith("_") and isinstance(value, (bool, int, float, str))}
    return {"schedule": type(schedule).__name__, "n_epochs": n_epochs, **own}


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint that :func:`fit` wrote; tensors and plain values only, never code.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, ValueError
        If there is none, or the path is a folder's, or it is damaged, or it was written by something else.
    """
    if Path(path).is_dir():
        raise IsADirectoryError(f"a checkpoint is a file, and {path} is a folder. Give a file in it, such as {Path(path) / 'run.pt'}.")
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no checkpoint at {path}")
    try:
        state = torch.load(path, weights_only=True)
    except Exception as error:      # zip, pickle and torch each raise their own kind for a damaged file
        raise ValueError(f"{path} is damaged or no checkpoint ({type(error).__name__}). Delete it to train anew.") from error
    parts = {"model", "optimizer", "schedule", "generator", "rng", "history", "best", "waited", "settings"}
    missing = parts - set(state if isinstance(state, dict) else ())
    if missing:
        raise ValueError(f"{path} is no checkpoint of fit: it lacks {', '.join(sorted(missing))}. Give another path.")
    return state
