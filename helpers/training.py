"""fit: the whole training loop in one function, and what a person expects around it."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from helpers.checkpoint import History, TrainingState, load_checkpoint
from helpers.data import XY

__all__ = ["History", "TrainingDiverged", "evaluate", "fit", "load_checkpoint", "one_cycle", "predict_logits"]

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class TrainingDiverged(ArithmeticError):
    """The loss has become NaN or infinite."""


def _check_split(name: str, data: XY) -> None:
    if not (isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(t, torch.Tensor) for t in data)):
        raise TypeError(f"{name} must be a pair of tensors (x, y), got {type(data).__name__}")
    x, y = data
    if len(x) == 0 or len(x) != len(y):
        raise ValueError(f"{name}: x and y must have one length, at least 1; got {len(x)} inputs and {len(y)} targets")
    if not x.is_floating_point() and x.dtype != torch.int64:
        raise TypeError(f"{name}: x must hold floats, or int64 indices for an embedding; got {x.dtype}. Convert it: x.float() or x.long()")
    if not y.is_floating_point() and y.dtype != torch.int64:
        raise TypeError(f"{name}: y must hold int64 class labels or floats, got {y.dtype}. Convert it: y.long() or y.float()")
    for part, t in (("x", x), ("y", y)):
        if t.is_floating_point() and not torch.isfinite(t).all():
            bad = int((~torch.isfinite(t)).sum())
            raise ValueError(f"{name}: {part} holds {bad} values that are NaN or infinite. Mend or drop them before training.")


def _check_settings(n_epochs: int, batch_size: int, patience: int | None, val: XY | None,
                    checkpoint: str | os.PathLike[str] | None, **amounts: float | None) -> None:
    for name, count in (("n_epochs", n_epochs), ("batch_size", batch_size)):
        if not isinstance(count, int) or count < 1:
            raise ValueError(f"{name} must be a whole number greater than 0, got {count}")
    for name, amount in amounts.items():
        if amount is not None and not amount > 0:
            raise ValueError(f"{name} must be greater than 0, got {amount}")
    if checkpoint is not None and not Path(checkpoint).parent.is_dir():
        raise FileNotFoundError(f"the folder of the checkpoint does not exist: {Path(checkpoint).parent}. Make it first.")
    if patience is not None and (val is None or patience < 1):
        raise ValueError("patience must be at least 1 and needs a validation split: fit(model, train, val, patience=…)")


def _check_output(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> None:
    """One forward pass before the first step: a wrong shape is said in words, not deep inside torch."""
    was_training = model.training
    with torch.inference_mode():
        try:
            out = model.eval()(x[:2].clone())
        except (RuntimeError, IndexError) as error:
            raise ValueError(f"the model cannot take an input of shape {tuple(x[:2].shape)} and type {x.dtype}: {error}") from error
        finally:
            model.train(was_training)
    if not y.is_floating_point() and y.ndim == 1:
        if out.ndim != 2:
            raise ValueError(f"for class labels the model must give logits of shape (N, K), got {tuple(out.shape)}")
        if int(y.min()) < 0 or int(y.max()) >= out.shape[1]:
            raise ValueError(f"labels run from {int(y.min())} to {int(y.max())}, but the model gives {out.shape[1]} logits: "
                             f"they must lie in 0 … {out.shape[1] - 1}")
    elif isinstance(out, torch.Tensor) and out.ndim != y.ndim and out.shape.numel() == y[:2].shape.numel():
        raise ValueError(f"the model gives {_shape(out)} for targets of shape {_shape(y)}: a loss would compare each with all. "
                         "Give both one shape, as with y[:, None].")


def _shape(t: torch.Tensor) -> str:
    return f"({', '.join(['N', *map(str, t.shape[1:])])}{',' if t.ndim == 1 else ''})"


def predict_logits(model: nn.Module, x: torch.Tensor, batch_size: int = 500) -> torch.Tensor:
    """The model's outputs for all of x, in evaluation mode, without gradients; the model's mode is kept."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():                # clones: a model that works in place must not change x
            return torch.cat([model(x[i:i + batch_size].clone()) for i in range(0, len(x), batch_size)])
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
    _check_settings(n_epochs, batch_size, patience, val, checkpoint, lr=lr, max_seconds=max_seconds, max_grad_norm=max_grad_norm)
    for name, data in (("train", train), ("val", val)):
        if data is not None:
            _check_split(name, data)
            _check_output(model, *data)
    x, y = train
    opt = optimizer(model.parameters(), lr=lr)
    sched = schedule(opt, n_epochs * math.ceil(len(x) / batch_size)) if schedule else None
    state = TrainingState(model, opt, sched, torch.Generator().manual_seed(seed))
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
                opt.zero_grad()
                batch_loss.backward()
                if max_grad_norm is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), max_grad_norm)
                opt.step()
                rate = float(opt.param_groups[0]["lr"])
                if sched:
                    sched.step()
                total += batch_loss.item() * len(i)
                _check_finite("the loss", batch_loss.item(), epoch, rate)
            seconds = time.perf_counter() - started
            measured = evaluate(model, val, loss) if val is not None else None
            if measured:
                _check_finite("the val loss", measured[0], epoch, rate)
            state.record(total / len(x), seconds, rate, measured, patience is not None)
            if checkpoint is not None:
                state.save(checkpoint)
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    if patience is not None and state.best is not None:
        model.load_state_dict(state.best)
    model.eval()
    return history


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
