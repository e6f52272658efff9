"""What a caller gives is looked at before anything is done with it: what was expected, what came, what to do."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from numbers import Real

import numpy as np
import torch
from torch import nn


def whole(name: str, value: object, least: int = 1, most: int | None = None) -> int:
    """A whole number as an int; NumPy's are taken too, True and False are not.

    Raises
    ------
    ValueError
        If it is none, or lies outside least … most.

    >>> whole("n_epochs", np.int64(2))
    2
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least or (most is not None and value > most):
        span = f", at least {least}" if most is None else f" from {least} to {most}"
        raise ValueError(f"{name} must be a whole number{span}, got {value!r}")
    return int(value)


def positive(name: str, value: object, most: float = math.inf) -> float:
    """A number greater than 0 as a float.

    Raises
    ------
    ValueError
        If it is none, or is greater than most.
    """
    number = float(value) if isinstance(value, Real) else math.nan
    if not 0 < number <= most:
        raise ValueError(f"{name} must be a {'finite ' if most < math.inf else ''}number greater than 0, got {value!r}")
    return number


def check_data(model: nn.Module, train: object, val: object, loss: Callable[..., torch.Tensor], batch_size: int) -> None:
    """Data, model and loss fit together, from the first batch to the last.

    Raises
    ------
    TypeError, ValueError
        If they do not.
    """
    for name, data in (("train", train), ("val", val)):
        if data is not None or name == "train":
            x, y = check_split(name, data)
            out = check_output(model, x, y, loss)
            if name == "val" and not isinstance(out, torch.Tensor):
                raise TypeError(f"the model gave a {type(out).__name__}, and on val only one tensor can be measured. Return one, or leave val out.")
            if name == "train":
                check_last_batch(model, x, batch_size)


def check_split(name: str, data: object) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets are tensors of one length, of types that a network takes, finite, and cut off from what made them.

    Returns
    -------
    (Tensor, Tensor)
        The pair.

    Raises
    ------
    TypeError, ValueError
        If they are not.
    """
    if not (isinstance(data, (tuple, list)) and len(data) == 2 and all(isinstance(t, torch.Tensor) for t in data)):
        raise TypeError(f"{name} must be a pair of tensors (x, y), got {type(data).__name__}")
    x, y = data
    for part, t in (("x", x), ("y", y)):
        if t.ndim == 0:
            raise ValueError(f"{name}: {part} must have its examples along the first axis, (N, …); got a single number, {t.item()}")
        if t.requires_grad:
            raise ValueError(f"{name}: {part} carries gradients, and training would go back into what made it. Give {part}.detach().")
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
    return x, y


def check_output(model: nn.Module, x: torch.Tensor, y: torch.Tensor, loss: Callable[..., torch.Tensor]) -> object:
    """One forward pass and one loss before the first step: what does not fit is said in words, not deep inside torch.

    Returns
    -------
    object
        What the model gave: a tensor, or what else the loss takes.

    Raises
    ------
    TypeError, ValueError
        If the model does not take x, or the loss does not take what the model gives and y.
    """
    was_training = model.training
    with torch.no_grad():
        try:
            out = model.eval()(x[:2].clone())
        except (RuntimeError, IndexError) as error:
            raise ValueError(f"the model cannot take an input of shape {tuple(x[:2].shape)} and type {x.dtype}: {error}") from error
        finally:
            model.train(was_training)
        if isinstance(out, torch.Tensor):
            _check_targets(out, y)
        try:
            value = loss(out, y[:2].clone())
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            if not isinstance(out, torch.Tensor):
                raise no_tensor(out) from error
            raise ValueError(f"the loss cannot compare outputs {_shape(out)} of type {out.dtype} with targets {_shape(y)} of type {y.dtype}: {error}. "
                             "Cross-entropy takes class labels (N,), y.flatten().long(); for floats give another loss, such as loss=F.mse_loss.") from error
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        got = f"shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__
        raise ValueError(f"the loss must be a tensor that holds one number, got {got}. Return its mean().")
    return out


def no_tensor(out: object) -> TypeError:
    """What to say of a model whose output is a tuple or the like."""
    return TypeError(f"the model gave a {type(out).__name__}; return one tensor, as in out, _ = self.rnn(x)")


def _check_targets(out: torch.Tensor, y: torch.Tensor) -> None:
    if not y.is_floating_point() and y.ndim == 1:
        if out.ndim != 2:
            raise ValueError(f"for class labels the model must give logits of shape (N, K), got {tuple(out.shape)}")
        if int(y.min()) < 0 or int(y.max()) >= out.shape[1]:
            raise ValueError(f"labels run from {int(y.min())} to {int(y.max())}, but the model gives {out.shape[1]} logits: "
                             f"they must lie in 0 … {out.shape[1] - 1}")
    elif out.ndim != y.ndim and out.shape.numel() == y[:2].shape.numel():
        raise ValueError(f"the model gives {_shape(out)} for targets of shape {_shape(y)}: a loss would compare each with all. "
                         "Give both one shape, as with y[:, None].")


def _shape(t: torch.Tensor) -> str:
    return f"({', '.join(['N', *map(str, t.shape[1:])])}{',' if t.ndim == 1 else ''})"


def check_last_batch(model: nn.Module, x: torch.Tensor, batch_size: int) -> None:
    """If a batch of one example will come, let the model try one: batch normalisation may find it too few.

    Raises
    ------
    ValueError
        If it does.
    """
    if len(x) % batch_size != 1 % batch_size:
        return
    was_training, before = model.training, copy.deepcopy(model.state_dict())
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            model.train()(x[:1].clone())
    except ValueError as error:
        raise ValueError(f"{len(x)} examples in batches of {batch_size} leave one for the last, and the model cannot train on one alone: {error}. "
                         "Take another batch_size, or leave one example out.") from error
    finally:
        model.load_state_dict(before)
        model.train(was_training)
