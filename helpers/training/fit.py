"""fit: the whole training loop in one function, and what a person expects around it."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from helpers.data import XY
from helpers.training.checkpoint import History, TrainingState, load_checkpoint, settings_of, settings_of_schedule
from helpers.validate import check_data, no_tensor, positive, whole

__all__ = ["History", "TrainingDiverged", "evaluate", "fit", "load_checkpoint", "one_cycle", "predict_logits"]

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class TrainingDiverged(ArithmeticError):
    """The loss has become NaN or infinite."""


def predict_logits(model: nn.Module, x: torch.Tensor, batch_size: int = 500) -> torch.Tensor:
    """The model's outputs for all of x, in evaluation mode, without gradients; the model's mode is kept.

    Raises
    ------
    TypeError, ValueError
        If the model gives no tensor, or x holds no example.
    """
    batch_size = whole("batch_size", batch_size)
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(f"x must hold at least one example, (N, …); got shape {tuple(x.shape)}")
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():                       # clones: a model that works in place must not change x
            outs = [model(x[i:i + batch_size].clone()) for i in range(0, len(x), batch_size)]
    finally:
        model.train(was_training)
    if not isinstance(outs[0], torch.Tensor):
        raise no_tensor(outs[0])
    return torch.cat(outs)


def evaluate(model: nn.Module, data: XY, loss: Loss = F.cross_entropy) -> tuple[float, float]:
    """Mean loss, and accuracy (the share right, 0 to 1; NaN where y holds no class labels).

    Raises
    ------
    TypeError, ValueError
        As :func:`predict_logits`.
    """
    x, y = data
    out = predict_logits(model, x)
    labels = not y.is_floating_point() and y.ndim == 1
    return float(loss(out, y)), float((out.argmax(1) == y).float().mean()) if labels else math.nan


def one_cycle(optimizer: torch.optim.Optimizer, n_steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """Up to the optimiser's own rate over the first quarter, then down to nothing (Smith & Topin 2018, arXiv:1708.07120)."""
    peak = [group["lr"] for group in optimizer.param_groups]
    quarter = 0.25 if n_steps != 4 else math.nextafter(0.25, 0)      # a rise of one step: OneCycleLR would divide by 0.25 · 4 - 1
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, total_steps=n_steps, pct_start=quarter)


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
        Trained in place, and left in evaluation mode, whatever happens.
    train, val : (x, y) pairs of tensors
        x float (N, …), or int64 indices for an embedding; y int64 (N,) class labels, or float targets for a loss that takes them.
    n_epochs, batch_size, lr :
        Passes over train, examples a step, the optimiser's (greatest) learning rate.
    optimizer : callable
        Called as ``optimizer(model.parameters(), lr=lr)``: a class, or a partial of one.
    schedule : callable, optional
        Called as ``schedule(optimizer, n_steps)``; its scheduler is stepped after each batch. See :func:`one_cycle`.
    augment : callable, optional
        Changes each training batch x (never val).
    patience : int, optional
        Stop after so many epochs without a lower val loss. However training ends, the weights are then the best so far.
    max_seconds : float, optional
        Stop at the end of the first epoch that reaches this training time.
    max_grad_norm : float, optional
        Clip the gradient to this length.
    checkpoint : path, optional
        Written after each epoch. If the file exists, training goes on from it, to the same curve; data, optimiser and
        settings must be the same (without a schedule, n_epochs may grow).
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
        If the data, the shapes or a setting are wrong, or the checkpoint is damaged or another training's; nothing has been trained then.
    OSError
        If the checkpoint cannot be written there, or is a folder.
    TrainingDiverged
        If the loss becomes NaN or infinite.
    """
    n_epochs, batch_size, seed = whole("n_epochs", n_epochs), whole("batch_size", batch_size), whole("seed", seed, 0)
    lr = positive("lr", lr, sys.float_info.max)
    _check_stops(val, patience, max_seconds, max_grad_norm, checkpoint)
    check_data(model, train, val, loss, batch_size)
    x, y = train
    opt = optimizer(model.parameters(), lr=lr)
    settings = settings_of(opt, x, batch_size=batch_size, seed=seed)            # before a schedule changes the rates
    sched = schedule(opt, n_epochs * math.ceil(len(x) / batch_size)) if schedule else None
    state = TrainingState(model, opt, sched, torch.Generator().manual_seed(seed), settings | settings_of_schedule(sched, n_epochs))
    if checkpoint is not None and Path(checkpoint).exists():
        state.load(checkpoint)
    history = state.history
    history.stopped = "finished"
    try:
        for epoch in _with_bar(range(history.n_epochs, n_epochs), n_epochs, progress):
            if patience is not None and state.waited >= patience:
                history.stopped = "early stopping"
                break
            if max_seconds is not None and history.seconds and history.seconds[-1] >= max_seconds:
                history.stopped = "time is up"
                break
            model.train()
            started, total = time.perf_counter(), 0.0
            for i in torch.randperm(len(x), generator=state.generator).split(batch_size):
                batch = x[i] if augment is None else augment(x[i])
                batch_loss = loss(model(batch), y[i])
                rate = float(opt.param_groups[0]["lr"])
                _check_finite("the loss", batch_loss.item(), epoch, rate)       # before it reaches the weights
                opt.zero_grad()
                batch_loss.backward()
                if max_grad_norm is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
                opt.step()
                if sched:
                    sched.step()
                total += batch_loss.item() * len(i)
            seconds = time.perf_counter() - started
            measured = evaluate(model, val, loss) if val is not None else None
            if measured:
                _check_finite("the val loss", measured[0], epoch, rate)
            state.record(total / len(x), seconds, rate, measured, patience is not None)
            if checkpoint is not None:
                state.save(checkpoint)
    except KeyboardInterrupt:
        history.stopped = "interrupted"
        print(f"Training was stopped in epoch {history.n_epochs + 1} of {n_epochs}; what was learnt so far is kept. "
              "Cells that wait below run on with it: press the stop button again to end them too.")
    finally:
        if patience is not None and state.best is not None:
            model.load_state_dict(state.best)
        model.eval()
    return history


def _check_stops(val: XY | None, patience: int | None, max_seconds: float | None, max_grad_norm: float | None,
                 checkpoint: str | os.PathLike[str] | None) -> None:
    if patience is not None:
        whole("patience", patience)
        if val is None:
            raise ValueError("patience needs a validation split: fit(model, train, val, patience=…)")
    for name, limit in (("max_seconds", max_seconds), ("max_grad_norm", max_grad_norm)):
        if limit is not None:
            positive(name, limit)
    if checkpoint is not None and not Path(checkpoint).parent.is_dir():
        raise FileNotFoundError(f"the folder of the checkpoint does not exist: {Path(checkpoint).parent}. Make it first.")


def _check_finite(name: str, loss: float, epoch: int, rate: float) -> None:
    if not math.isfinite(loss):
        raise TrainingDiverged(f"{name} became {loss} in epoch {epoch + 1}, at a learning rate of {rate:.2g}. "
                               "Try one 10 times smaller, or max_grad_norm=1, or inputs scaled to about [-1, 1].")


@contextlib.contextmanager
def _no_bar() -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def _with_bar(epochs: range, total: int, wanted: bool) -> Iterator[int]:
    from helpers.widgets.bar import progress_bar

    with progress_bar(total, "epochs") if wanted else _no_bar() as advance:
        for epoch in epochs:
            yield epoch
            advance(epoch + 1)
