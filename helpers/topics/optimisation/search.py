"""A search whose every setting was trained beforehand: so that fifty searches cost seconds, and what is best is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from helpers.data.split import Split
from helpers.topics.optimisation.bank import Shape, Weights, accuracies, train
from helpers.validate import whole

#: The hyperparameters and their values; the axes of every table in this order.
SPACE: dict[str, tuple[float, ...]] = {
    "rate": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3), "width": (4, 8, 16, 32, 64), "decay": (0.0, 0.1, 1.0), "smoothing": (0.0, 0.1, 0.3)}
#: The shares of a training after which its validation accuracy is looked at.
CHECKS = (0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Table:
    """Validation accuracies of all settings (7, 5, 3, 3, n_checks), and the test accuracies at the end (7, 5, 3, 3)."""

    val: np.ndarray
    test: np.ndarray

    def at(self, values: Mapping[str, float]) -> tuple[int, ...]:
        """The place of a setting in the table."""
        return tuple(SPACE[name].index(values[name]) for name in SPACE)


def every_setting(data: Split, *, n_labels: int = 500, n_epochs: int = 8, seed: int = 0) -> Table:
    """Train all settings of SPACE on the same 500 labelled digits, pixels pooled to 14 × 14, two dense layers."""
    n_labels = whole("n_labels", n_labels, most=len(data.train[0]))
    x, val, test = (torch.nn.functional.avg_pool2d(part[0], 2).flatten(1)[:, None] for part in (data.train, data.val, data.test))
    sizes = [len(v) for v in SPACE.values()]
    found, tested = np.zeros((*sizes, len(CHECKS))), np.zeros(sizes)
    rest = list(itertools.product(SPACE["rate"], SPACE["decay"], SPACE["smoothing"]))
    rate, decay, smoothing = (list(v) for v in zip(*rest, strict=True))
    for k, width in enumerate(SPACE["width"]):
        shape = Shape(196, 1, int(width))

        def check(weights: Weights, shape: Shape = shape) -> torch.Tensor:
            return accuracies(weights, val[None], data.val[1], shape)

        done = train(x[None, :n_labels], data.train[1][None, :n_labels], shape, [seed] * len(rest), lr=rate, decay=decay, smoothing=smoothing,
                     n_epochs=n_epochs, batch_size=25, checks=CHECKS, check=check)
        found[:, k] = done.seen.T.reshape(sizes[0], sizes[2], sizes[3], len(CHECKS)).numpy()
        tested[:, k] = accuracies(done.weights, test[None], data.test[1], shape).reshape(sizes[0], sizes[2], sizes[3]).numpy()
    return Table(found, tested)


@dataclass(frozen=True)
class Search:
    """One search: after each trial the best validation accuracy so far, the cost so far in whole trainings; its study."""

    best: np.ndarray
    cost: np.ndarray
    study: Any

    def at(self, budget: float) -> float:
        """The best accuracy that a budget of so many whole trainings has bought; 0 if not one was finished."""
        i = int(np.searchsorted(self.cost, budget + 1e-9, side="right")) - 1
        return float(self.best[i]) if i >= 0 else 0.0


def one_search(table: Table, sampler: Any, n_trials: int = 30, pruner: Any = None) -> Search:
    """Run an Optuna study on the table: each trial is one training, looked at three times, and cut off if the pruner says so."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner or optuna.pruners.NopPruner())
    best, cost, top, spent = [], [], 0.0, 0.0
    for _ in range(whole("n_trials", n_trials)):
        trial = study.ask()
        place = tuple(trial.suggest_int(name, 0, len(values) - 1) for name, values in SPACE.items())
        curve, cut = table.val[place], False
        for step in range(len(CHECKS)):
            trial.report(float(curve[step]), step)
            if step + 1 < len(CHECKS) and trial.should_prune():
                cut = True
                break
        study.tell(trial, state=optuna.trial.TrialState.PRUNED) if cut else study.tell(trial, float(curve[-1]))
        top, spent = top if cut else max(top, float(curve[-1])), spent + CHECKS[step]
        best.append(top)
        cost.append(spent)
    return Search(np.array(best), np.array(cost), study)


def many_searches(table: Table, n_searches: int = 20, n_trials: int = 30) -> dict[str, list[Search]]:
    """Random search and TPE, each with and without pruning by the median, n_searches times each."""
    import optuna

    samplers: dict[str, Callable[[int], Any]] = {"random": lambda s: optuna.samplers.RandomSampler(seed=s), "TPE": lambda s: optuna.samplers.TPESampler(seed=s)}
    found = {}
    for name, make in samplers.items():
        for ending, pruner in (("", lambda: None), (", pruned", lambda: optuna.pruners.MedianPruner(n_startup_trials=5))):
            found[name + ending] = [one_search(table, make(s), n_trials, pruner()) for s in range(n_searches)]
    return found


def true_importance(accuracy: np.ndarray) -> dict[str, float]:
    """Each hyperparameter's own share of the variance over the whole table (7, 5, 3, 3): its main effect alone."""
    total = float(accuracy.var())
    return {name: float(accuracy.mean(tuple(k for k in range(len(SPACE)) if k != j)).var()) / total for j, name in enumerate(SPACE)}


def importance(study: Any) -> dict[str, float]:
    """Optuna's estimate of the same from the trials of one study (fANOVA), in the order of SPACE.

    Source
    ------
    Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014.
    """
    import optuna

    found = optuna.importance.get_param_importances(study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0))
    return {name: float(found[name]) for name in SPACE}


def random_curve(accuracy: np.ndarray, trials: Sequence[int]) -> np.ndarray:
    """The exact mean of the best of n settings drawn with equal chance from the table, for each n of trials."""
    ordered = np.sort(accuracy.ravel())
    places = np.arange(1, len(ordered) + 1) / len(ordered)
    return np.array([np.diff(places**n, prepend=0.0) @ ordered for n in trials])
