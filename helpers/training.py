"""fit: the whole training loop in one function, and what a person expects around it."""

from __future__ import annotations

import contextlib
import copy
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import XY

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class TrainingDiverged(ArithmeticError):
    """The loss has become NaN or infinite."""


@dataclass
class History:
    """What fit saw: one entry an epoch in each list. Losses are means in the loss's unit (nats), times seconds."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)      # since the start of training, evaluation left out
    stopped: str = "finished"                                # or "early stopping", "time is up", "interrupted"
    best_epoch: int = 0                                      # from 1; 0 without a validation split

    @property
    def n_epochs(self) -> int:
        return len(self.train_loss)


def _check_split(name: str, data: XY) -> None:
    if not (isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(t, torch.Tensor) for t in data)):
        raise TypeError(f"{name} must be a pair of tensors (x, y), got {type(data).__name__}")
    x, y = data
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(f"{name}: x and y must have one length, at least 1; got {len(x)} inputs and {len(y)} targets")
    if not x.is_floating_point():
        raise TypeError(f"{name}: x must hold floats, got {x.dtype}. Convert it: x.float()")
    for part, t in (("x", x), ("y", y)):
        if t.is_floating_point() and not torch.isfinite(t).all():
            bad = int((~torch.isfinite(t)).sum())
            raise ValueError(f"{name}: {part} holds {bad} values that are NaN or infinite. Mend or drop them before training.")


def _check_output(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> None:
    """One forward pass before the first step: a wrong shape is said in words, not deep inside torch."""
    was_training = model.training
    with torch.inference_mode():
        try:
            out = model.eval()(x[:2])
        except RuntimeError as error:
            raise ValueError(f"the model cannot take an input of shape {tuple(x[:2].shape)}: {error}") from error
        finally:
            model.train(was_training)
    if not y.is_floating_point() and y.ndim == 1:
        if out.ndim != 2:
            raise ValueError(f"for class labels the model must give logits of shape (N, K), got {tuple(out.shape)}")
        if int(y.min()) < 0 or int(y.max()) >= out.shape[1]:
            raise ValueError(f"labels run from {int(y.min())} to {int(y.max())}, but the model gives {out.shape[1]} logits: "
                             f"they must lie in 0 … {out.shape[1] - 1}")


def save_checkpoint(path: str | os.PathLike[str], state: dict[str, Any]) -> None:
    """Write a checkpoint so that a crash leaves the old file or the new one, never half of one."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        torch.save(state, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint that :func:`fit` wrote; tensors and plain values only, never code.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is none, or it is damaged, or it was written by something else.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no checkpoint at {path}")
    try:
        state = torch.load(path, weights_only=True)
    except Exception as error:      # zip, pickle and torch each raise their own kind for a damaged file
        raise ValueError(f"{path} is damaged or no checkpoint ({type(error).__name__}). Delete it to train anew.") from error
    missing = {"model", "optimizer", "schedule", "generator", "rng", "history", "best", "waited"} - set(state if isinstance(state, dict) else ())
    if missing:
        raise ValueError(f"{path} is no checkpoint of fit: it lacks {', '.join(sorted(missing))}")
    return state


def predict_logits(model: nn.Module, x: torch.Tensor, batch_size: int = 500) -> torch.Tensor:
    """The model's outputs for all of x, in evaluation mode, without gradients; the model's mode is kept."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return torch.cat([model(x[i:i + batch_size]) for i in range(0, len(x), batch_size)])
    finally:
        model.train(was_training)


def evaluate(model: nn.Module, data: XY, loss: Loss = F.cross_entropy) -> tuple[float, float]:
    """Mean loss, and accuracy (the share right, 0 to 1; NaN where y holds no class labels)."""
    x, y = data
    out = predict_logits(model, x)
    labels = not y.is_floating_point() and y.ndim == 1
    return float(loss(out, y)), float((out.argmax(1) == y).float().mean()) if labels else math.nan


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """Up to the optimiser's own rate over the first quarter, then down to nothing (Smith & Topin 2018, arXiv:1708.07120)."""
    peak = [group["lr"] for group in optimizer.param_groups]
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=n_steps, pct_start=0.25)


def fit(
    model: nn.Module,
    train: XY,
    val: XY | None = None,
    *,
    n_epochs: int = 10,
    batch_size: int = 128,
    lr: float = 1e-3,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.AdamW,
    schedule: Callable[[torch.optim.Optimizer, int], torch.optim.lr_scheduler.LRScheduler] | None = None,
    loss: Loss = F.cross_entropy,
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None,
    patience: int | None = None,
    max_seconds: float | None = None,
    max_grad_norm: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    seed: int = 0,
    progress: bool = True,
) -> History:
    """Train a model on tensors held in memory.

    Parameters
    ----------
    model : nn.Module
        Trained in place, and left in evaluation mode.
    train, val : (x, y) pairs of tensors
        x float (N, …); y int64 (N,) class labels, or float targets for a loss that takes them.
    n_epochs, batch_size, lr :
        Passes over train, examples a step, the optimiser's (greatest) learning rate.
    optimizer : callable
        Called as ``optimizer(model.parameters(), lr=lr)``: a class, or a partial of one.
    schedule : callable, optional
        Called as ``schedule(optimizer, n_steps)``; its scheduler is stepped after each batch. See :func:`one_cycle`.
    augment : callable, optional
        Changes each training batch x (never val).
    patience : int, optional
        Stop after so many epochs without a lower val loss, and go back to the best weights.
    max_seconds : float, optional
        Stop at the end of the first epoch that reaches this training time.
    max_grad_norm : float, optional
        Clip the gradient to this length.
    checkpoint : path, optional
        Written after each epoch. If the file exists, training goes on from it, to the same curve.
    seed : int
        For the order of the examples. (Dropout and augmentation use torch's own generator.)
    progress : bool
        Show a bar in a notebook.

    Returns
    -------
    History
        Also after Ctrl-C (``history.stopped == "interrupted"``): what was learnt is kept.

    Raises
    ------
    TypeError, ValueError
        If the data, the shapes or a setting are wrong; nothing has been trained then.
    TrainingDiverged
        If the loss becomes NaN or infinite.
    """
    _check_split("train", train)
    if val is not None:
        _check_split("val", val)
    for name, value in (("n_epochs", n_epochs), ("batch_size", batch_size), ("lr", lr)):
        if not value > 0:
            raise ValueError(f"{name} must be greater than 0, got {value}")
    if patience is not None and (val is None or patience < 1):
        raise ValueError("patience must be at least 1 and needs a validation split: fit(model, train, val, patience=…)")
    x, y = train
    _check_output(model, x, y)

    opt = optimizer(model.parameters(), lr=lr)
    sched = schedule(opt, n_epochs * math.ceil(len(x) / batch_size)) if schedule else None
    generator = torch.Generator().manual_seed(seed)
    history = History()
    best: dict[str, torch.Tensor] | None = None
    waited = 0
    if checkpoint is not None and Path(checkpoint).exists():
        best, waited = _resume(checkpoint, model, opt, sched, generator, history)

    before = history.seconds[-1] if history.seconds else 0.0
    try:
        for _ in _progress(range(history.n_epochs, n_epochs), n_epochs, progress):
            if patience is not None and waited >= patience:
                history.stopped = "early stopping"
                break
            model.train()
            started, total = time.perf_counter(), 0.0
            for i in torch.randperm(len(x), generator=generator).split(batch_size):
                batch = x[i] if augment is None else augment(x[i])
                batch_loss = loss(model(batch), y[i])
                opt.zero_grad()
                batch_loss.backward()
                if max_grad_norm is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
                opt.step()
                if sched:
                    sched.step()
                total += batch_loss.item() * len(i)
                if not math.isfinite(total):
                    raise TrainingDiverged(
                        f"the loss became {batch_loss.item()} in epoch {history.n_epochs + 1}, at lr = {opt.param_groups[0]['lr']:.2g}. "
                        "Try a learning rate 10 times smaller, max_grad_norm=1, or inputs scaled to about [-1, 1].")
            before += time.perf_counter() - started
            history.train_loss.append(total / len(x))
            history.lr.append(float(opt.param_groups[0]["lr"]))
            history.seconds.append(before)
            if val is not None:
                val_loss, val_accuracy = evaluate(model, val, loss)
                better = not history.val_loss or val_loss < min(history.val_loss)
                history.val_loss.append(val_loss)
                history.val_accuracy.append(val_accuracy)
                waited = 0 if better else waited + 1
                if better:
                    history.best_epoch = history.n_epochs
                    best = copy.deepcopy(model.state_dict()) if patience is not None else None
            if checkpoint is not None:
                save_checkpoint(checkpoint, {
                    "model": model.state_dict(), "optimizer": opt.state_dict(), "schedule": sched.state_dict() if sched else None,
                    "generator": generator.get_state(), "rng": torch.get_rng_state(), "history": asdict(history),
                    "best": best, "waited": waited})
            if max_seconds is not None and before >= max_seconds:
                history.stopped = "time is up"
                break
        else:
            history.stopped = "finished" if patience is None or waited < patience else "early stopping"
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    if patience is not None and best is not None:
        model.load_state_dict(best)
    model.eval()
    return history


def _resume(path: str | os.PathLike[str], model: nn.Module, opt: torch.optim.Optimizer,
            sched: torch.optim.lr_scheduler.LRScheduler | None, generator: torch.Generator,
            history: History) -> tuple[dict[str, torch.Tensor] | None, int]:
    """Put everything back as the checkpoint has it; the next epoch is then the one that would have come."""
    state = load_checkpoint(path)
    try:
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["optimizer"])
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"{path} belongs to another model or optimiser: {error}. Delete it to train anew.") from error
    if (sched is None) != (state["schedule"] is None):
        raise ValueError(f"{path} was written {'without' if sched else 'with'} a schedule. Delete it to train anew.")
    if sched:
        sched.load_state_dict(state["schedule"])
    generator.set_state(state["generator"])
    torch.set_rng_state(state["rng"])
    for name, value in state["history"].items():
        setattr(history, name, value)
    return state["best"], state["waited"]


@contextlib.contextmanager
def _no_bar() -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def _progress(epochs: range, total: int, wanted: bool) -> Iterator[int]:
    from helpers.widgets.bar import progress_bar

    with progress_bar(total, "epochs") if wanted else _no_bar() as advance:
        for epoch in epochs:
            yield epoch
            advance(epoch + 1)
