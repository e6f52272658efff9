"""Checks of lesson 07b: He's rule, a test for the start, batch norm in evaluation, dropout, thirty layers that learn."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise, Met
from helpers.lesson.promises import measured
from helpers.topics.building.deep import DeepBank, train
from helpers.topics.building.runs import flat_digits

Make = Callable[[], nn.Module]


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 7.6 He's rule

def _judge_he(got: Any, shape: tuple[int, ...]) -> str | None:
    if not isinstance(got, torch.Tensor) or tuple(got.shape) != shape:
        came = f"a tensor of shape {tuple(got.shape)}" if isinstance(got, torch.Tensor) else type(got).__name__
        return f"return a torch tensor of shape {shape}; {came} came"
    w = got.detach().double()
    wanted = math.sqrt(2 / math.prod(shape[1:]))
    spread = float(w.std())
    if abs(float(w.mean())) > 0.1 * wanted:
        return f"the mean should be 0, and is {float(w.mean()):.3f}"
    if abs(spread / wanted - 1) > 0.08:
        return f"the spread should be {wanted:.4f}, and is {spread:.4f}"
    inside = float((w.abs() < wanted).double().mean())
    return None if 0.62 < inside < 0.75 else f"the spread is right, but {inside:.0%} of the numbers lie within one spread of 0; of normal numbers 68 % do"


def _he_cases() -> list[Case]:
    shapes = [(60, 300), (300, 60), (90, 7, 15), (40, 12, 3, 5), (500, 3, 1, 4)]
    return [Case(f"a weight of shape {shape}", (shape,)) for shape in shapes]


def _fill(shape: tuple[int, ...], spread: float) -> torch.Tensor:
    return torch.randn(shape) * spread      # the check's own seed: whoever makes the same mistake gets the same numbers


he = Exercise("7.6", cases=_he_cases, judge=_judge_he, verified="mean 0, spread √(2/fan-in) and the shape of a normal distribution, for linear layers and convolutions")


@he.wrong("is the variance 2/fan-in taken for the spread? normal_ takes the spread: its square root.")
def variance_for_spread(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, 2 / math.prod(shape[1:]))


@he.wrong("this is the fan-out, shape[0]; fan-in is how many products are summed for one output.")
def fan_out(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, math.sqrt(2 / shape[0]))


@he.wrong("for a convolution each output sums over the channels and over the window: the kernel's cells are left out.")
def without_kernel(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, math.sqrt(2 / shape[1]))


@he.wrong("fan-in is the product of *all* sizes but the first; this takes the last one alone.")
def last_size_alone(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, math.sqrt(2 / shape[-1]))


@he.wrong("this divides by all sizes; the first one counts the outputs, and does not belong to the fan-in.")
def all_sizes(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, math.sqrt(2 / math.prod(shape)))


@he.wrong("this is 1/fan-in, the rule without ReLU: ReLU drops half of the mean square, hence the 2.")
def without_the_two(shape: tuple[int, ...]) -> torch.Tensor:
    return _fill(shape, math.sqrt(1 / math.prod(shape[1:])))


@he.wrong("this is Glorot's rule, 2/(fan-in + fan-out).")
def glorot(shape: tuple[int, ...]) -> torch.Tensor:
    receptive = math.prod(shape[2:])
    return _fill(shape, math.sqrt(2 / (math.prod(shape[1:]) + shape[0] * receptive)))


@he.wrong("68 % do")
def uniform(shape: tuple[int, ...]) -> torch.Tensor:
    bound = math.sqrt(6 / math.prod(shape[1:]))
    return (2 * torch.rand(shape) - 1) * bound


@he.also_right
def by_torch(shape: tuple[int, ...]) -> torch.Tensor:
    return nn.init.kaiming_normal_(torch.empty(shape), nonlinearity="relu")


@he.also_right
def by_flattening(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.randn(shape) / (torch.empty(shape).flatten(1).shape[1] / 2) ** 0.5


# ---------------------------------------------------------------- 7.7 a test for the start

def _deep(gain: float, depth: int = 12, residual: bool = False) -> nn.Module:
    bank = DeepBank([3], [1e-3], gain=gain, depth=depth, residual=residual, width=64)

    class Net(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return bank.forward(x)[-1][0]
    return Net()


def _two_layers() -> nn.Module:
    """two layers, as torch draws them"""
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(196, 64), nn.ReLU(), nn.Linear(64, 10))


def _twelve_layers() -> nn.Module:
    """twelve layers by He's rule, its logits scaled to a tenth"""
    deep = _deep(2**0.5)

    class Net(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 0.1 * deep(x)
    return Net()


def _exploded() -> nn.Module:
    """its signal explodes"""
    return _deep(2.5)


def _exploded_branches() -> nn.Module:
    """thirty residual branches add up"""
    return _deep(1.0, 30, True)


def _vanished() -> nn.Module:
    """its signal vanishes"""
    return _deep(0.4, 30)


def _biased() -> nn.Module:
    """its last bias prefers one class strongly"""
    last = nn.Linear(64, 10)
    net = nn.Sequential(nn.Linear(196, 64), nn.ReLU(), last)
    with torch.no_grad():
        last.bias[3] += 8
    return net


start = Exercise("7.7", kind="test", right=[_two_layers, _twelve_layers], wrong_programs=[_exploded, _exploded_branches, _vanished, _biased])


def _logits(make: Make) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return make()(torch.randn(200, 196)), torch.arange(200) % 10


@start.wrong("a vanished signal has a perfect loss. Ask as well whether the logits differ from input to input.")
def asks_the_loss_alone(make: Make) -> None:
    logits, y = _logits(make)
    assert abs(F.cross_entropy(logits, y) - math.log(10)) < 0.7


@start.wrong("it sees a vanished signal and lets exploded ones pass: is the loss near log 10?")
def asks_for_differences_alone(make: Make) -> None:
    assert _logits(make)[0].std(0).mean() > 1e-3


@start.wrong("only a loss that is too large by far is refused: compare with log 10 more closely.")
def allows_ten(make: Make) -> None:
    logits, y = _logits(make)
    assert F.cross_entropy(logits, y) < 10
    assert logits.std(0).mean() > 1e-3


@start.wrong("the limit is too tight: a sound untrained network may be some hundredths off log 10.")
def wants_it_exact(make: Make) -> None:
    logits, y = _logits(make)
    assert abs(F.cross_entropy(logits, y) - math.log(10)) < 1e-3
    assert logits.std(0).mean() > 1e-3


@start.wrong("a loss of 120 is finite as well: compare it with log 10.")
def asks_whether_it_is_finite(make: Make) -> None:
    logits, y = _logits(make)
    assert torch.isfinite(F.cross_entropy(logits, y))


@start.also_right
def by_both(make: Make) -> None:
    asks_the_loss_alone(make)
    asks_for_differences_alone(make)


@start.also_right
def by_probabilities(make: Make) -> None:
    logits, _ = _logits(make)
    probs = logits.softmax(1)
    assert probs.max(1).values.mean() < 0.5
    assert probs.mean(0).max() < 0.5
    assert (probs - probs.mean(0)).abs().max() > 1e-3


# ---------------------------------------------------------------- 7.8 batch norm at test time

def _given_batch_norm(x: Any, running_mean: Any, running_var: Any, training: Any) -> Any:
    """x (N, D), running_* (D,) → (normalised x, new running_mean, new running_var)."""
    mean, var = x.mean(0), x.var(0, correction=0)
    if training:
        running_mean = 0.9 * running_mean + 0.1 * mean
        running_var = 0.9 * running_var + 0.1 * x.var(0, correction=1)
    return (x - mean) / (var + 1e-5).sqrt(), running_mean, running_var


def _by_torch_batch_norm(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    norm = nn.BatchNorm1d(x.shape[1], affine=False, dtype=x.dtype).train(training)
    norm.load_state_dict({"running_mean": running_mean, "running_var": running_var, "num_batches_tracked": torch.tensor(0)})
    out = norm(x)
    return out, norm.running_mean, norm.running_var         # type: ignore[return-value]


def _norm_cases() -> list[Case]:
    cases = []
    for i, (n, d, training) in enumerate([(7, 4, True), (6, 3, False), (1, 5, False), (2, 8, True), (9, 2, False)]):
        cases.append(Case(f"{n} examples of {d} units, {'training' if training else 'evaluation'}",
                          (3 * _normal(i, n, d) + 2, _normal(20 + i, d), _normal(40 + i, d).abs() + 0.5, training)))
    x = 100 + _normal(60, 8, 6).double()[:, ::2]
    return [*cases, Case("float64, not contiguous, evaluation", (x, _normal(61, 3).double() + 100, _normal(62, 3).double().abs() + 1, False))]


batch_norm = Exercise("7.8", kind="fix", given=_given_batch_norm, cases=_norm_cases, oracle=_by_torch_batch_norm, tolerance=1e-4,
                      verified="the same as nn.BatchNorm1d in training and in evaluation, a batch of one among the cases")


@batch_norm.wrong("now the running values are used in training too: there it is the batch's own mean and variance.")
def always_running(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    _, mean, var = _given_batch_norm(x, running_mean, running_var, training)
    return (x - running_mean) / (running_var + 1e-5).sqrt(), mean, var


@batch_norm.wrong("training and evaluation are exchanged.")
def exchanged(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    if training:
        _, mean, var = _given_batch_norm(x, running_mean, running_var, training)
        return (x - running_mean) / (running_var + 1e-5).sqrt(), mean, var
    return _given_batch_norm(x, running_mean, running_var, False)


@batch_norm.wrong("only the mean is taken from the running values; the variance is still the batch's own.")
def mean_alone(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    out, mean, var = _given_batch_norm(x, running_mean, running_var, training)
    return (out if training else (x - running_mean) / (x.var(0, correction=0) + 1e-5).sqrt()), mean, var


@batch_norm.wrong("the running values are updated in evaluation too: then test examples change the network.")
def learns_from_the_test(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    if training:
        return _given_batch_norm(x, running_mean, running_var, True)
    return (x - running_mean) / (running_var + 1e-5).sqrt(), 0.9 * running_mean + 0.1 * x.mean(0), running_var


@batch_norm.wrong("in evaluation the batch's values overwrite the running ones, and are still used: take the running ones, and leave them as they are.")
def stores_the_batch(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    out, mean, var = _given_batch_norm(x, running_mean, running_var, training)
    return (out, mean, var) if training else (out, x.mean(0), x.var(0, correction=0))


@batch_norm.wrong("in training the freshly updated running values are used; there it is the batch's own mean and variance.")
def updated_ones_in_training(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    _, mean, var = _given_batch_norm(x, running_mean, running_var, training)
    return (x - mean) / (var + 1e-5).sqrt(), mean, var


@batch_norm.wrong("in evaluation nothing is normalised: the running mean and variance take the batch's place.")
def not_at_all(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    return _given_batch_norm(x, running_mean, running_var, True) if training else (x, running_mean, running_var)


@batch_norm.also_right
def by_functional(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    mean, var = running_mean.clone(), running_var.clone()
    return F.batch_norm(x, mean, var, training=training), mean, var


@batch_norm.also_right
def by_early_return(x: torch.Tensor, running_mean: torch.Tensor, running_var: torch.Tensor, training: bool) -> tuple[torch.Tensor, ...]:
    if not training:
        return (x - running_mean) * (running_var + 1e-5).rsqrt(), running_mean, running_var
    return _given_batch_norm(x, running_mean, running_var, True)


# ---------------------------------------------------------------- 7.9 dropout

def _dropout(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    if not training:
        return x
    return x.double() * (u >= p) / (1 - p) if p < 1 else torch.zeros_like(x)


def _dropout_cases() -> list[Case]:
    settings = [((5, 7), 0.4, True), ((5, 7), 0.4, False), ((3, 2, 6), 0.0, True), ((4, 9), 1.0, True), ((1, 11), 0.75, True), ((8, 3), 0.2, True)]
    return [Case(f"x {shape}, p={p}, {'training' if training else 'evaluation'}",
                 (_normal(i, *shape), p, training, torch.rand(*shape, generator=torch.Generator().manual_seed(50 + i)))) for i, (shape, p, training) in enumerate(settings)]


dropout = Exercise("7.9", cases=_dropout_cases, oracle=_dropout, verified="the right units are dropped and the others scaled, for six cases, p = 0, p = 1 and evaluation among them")


@dropout.wrong("the kept units are not scaled: in training the sum would be smaller than in evaluation. Divide by 1 - p.")
def unscaled(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return x * (u >= p) if training else x


@dropout.wrong("the wrong units are kept: those with u < p are dropped.")
def keeps_the_others(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return torch.where(u < p, x, 0) / max(1 - p, 1e-12) if training else x


@dropout.wrong("it drops in evaluation too: there x comes back as it is.")
def always(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return _dropout(x, p, True, u).float()


@dropout.wrong("these are random numbers of your own: the ones to use are in u.")
def draws_its_own(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.rand_like(x) >= p, x, 0) / max(1 - p, 1e-12) if training else x


@dropout.wrong("divided by p; the share that is kept is 1 - p.")
def divides_by_p(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return torch.where(u >= p, x, 0) / max(p, 1e-12) if training else x


@dropout.wrong("with p = 1 this divides 0 by 0: NaN. Nothing is kept, so the result is all zeros.")
def nan_at_one(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return x * (u >= p) / torch.tensor(1 - p) if training else x


@dropout.wrong("this scales in evaluation (by 1 - p) and not in training: right on average, but not the form asked for, which leaves evaluation alone.")
def the_old_way(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    return x * (u >= p) if training else x * (1 - p)


@dropout.also_right
def by_mask(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    if not training or p == 0:
        return x.clone()
    return x * (u >= p) * (0.0 if p == 1 else 1 / (1 - p))


@dropout.also_right
def by_masked_fill(x: torch.Tensor, p: float, training: bool, u: torch.Tensor) -> torch.Tensor:
    if not training:
        return x
    return (x / (1 - p) if p < 1 else x).masked_fill(u < p, 0)


# ---------------------------------------------------------------- 7.10 thirty layers that learn

_ALLOWED = {"gain", "norm", "residual", "activation"}
_TARGET, _STEPS = 0.75, 60


def _judge_setting(got: Any) -> str | None:
    if not (isinstance(got, tuple) and len(got) == 2 and isinstance(got[0], dict)):
        return "return two things: a dictionary of settings, and a rate"
    settings, rate = got
    if set(settings) - _ALLOWED:
        return f"{', '.join(sorted(set(settings) - _ALLOWED))}: only {', '.join(sorted(_ALLOWED))} may be set; depth and width stay"
    data = flat_digits()
    try:
        bank = DeepBank([0, 1], [float(rate)] * 2, **settings)
    except (TypeError, ValueError):
        return ('a setting is unknown: gain is a number, norm "none", "batch norm" or "layer norm", residual True or False, '
                f'activation "ReLU" or "tanh", the rate a number; got {settings} and {rate!r}')
    train(bank, data.train, _STEPS)
    found = float(bank.accuracy(data.val).min())
    if not found >= _TARGET:
        return f"after {_STEPS} steps the worse of two seeds reads {measured(found, '.2f')} of the validation digits; the target is {_TARGET}"
    return Met(f"after {_STEPS} steps the worse of two seeds reads {measured(found, '.2f')} of the validation digits; the target was {_TARGET}")


target = Exercise("7.10", kind="target", cases=lambda: [Case("your setting", ())], judge=_judge_setting, verified="thirty layers learn")

Setting = tuple[dict[str, Any], float]


@target.wrong("larger first weights alone are a weak cure: see section 4.")
def he_alone() -> Setting:
    return {"gain": 2**0.5}, 1e-3


@target.wrong("thirty branches of gain 1 add up to a loss in the thousands: a smaller gain, or a norm.")
def large_branches() -> Setting:
    return {"gain": 1.0, "residual": True}, 1e-3


@target.wrong("only activation, gain, norm, residual may be set; depth and width stay")
def shallower() -> Setting:
    return {"depth": 3}, 1e-2


@target.wrong("batch norm alone keeps the signal and not the gradient: give it a branch.")
def norm_alone() -> Setting:
    return {"gain": 2**0.5, "norm": "batch norm"}, 3e-3


@target.wrong("a setting is unknown: gain is a number, norm")
def misspelt() -> Setting:
    return {"norm": "layernorm", "residual": True}, 3e-3


@target.wrong("return two things: a dictionary of settings, and a rate")
def without_rate() -> dict[str, Any]:
    return {"residual": True}


@target.also_right
def small_branches() -> Setting:
    return {"gain": 0.1, "residual": True}, 3e-3


@target.also_right
def branch_and_batch_norm() -> Setting:
    return {"gain": 1.0, "norm": "batch norm", "residual": True}, 5e-3
