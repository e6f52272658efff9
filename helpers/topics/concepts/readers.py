"""Plain readers of points and of layers' outputs: lines, neighbours, one neuron; and the luck of the best of many coins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from helpers.metrics import majority_accuracy
from helpers.plots import to_numpy
from helpers.topics.concepts.playground import N_TRAIN, Playground


def baselines(x: np.ndarray, y: np.ndarray, n_train: int) -> dict[str, float]:
    """Accuracy of three plain readers, fitted on the first n_train points (N, 2) and scored on the rest.

    Returns
    -------
    name → accuracy, 0 to 1: ``majority``, ``one neuron`` (logistic regression), ``neighbours`` (the five closest vote)
    """
    train, rest = (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])
    return {"majority": majority_accuracy(train[1], rest[1]),
            "one neuron": LogisticRegression(C=100, max_iter=2000).fit(*train).score(*rest),       # a large C: weights may grow
            "neighbours": KNeighborsClassifier(5).fit(*train).score(*rest)}


def luckiest_line(x: np.ndarray, y: np.ndarray, n: int = 60) -> float:
    """The best accuracy of n·n straight lines (n directions, n places) on points (N, 2) of classes 0 and 1."""
    points, classes = to_numpy(x), to_numpy(y)
    turns = np.linspace(0, 2 * np.pi, n, endpoint=False)
    along = points @ np.stack([np.cos(turns), np.sin(turns)])       # (N, n): each point's place along n directions
    return max(float(((along < border) == (classes[:, None] == 1)).mean(axis=0).max()) for border in np.linspace(-1, 1, n))


@dataclass(frozen=True)
class Probe:
    """What one neuron makes of a network's input and of each hidden layer's output.

    Attributes
    ----------
    layers : list of (N_VAL, width) arrays
        The validation points as the layer hands them on; the input first.
    z : list of (N_VAL,) arrays
        The neuron's pre-activation on each.
    right : (1 + depth,) array
        The neuron's validation accuracy.
    """

    layers: list[np.ndarray]
    z: list[np.ndarray]
    right: np.ndarray


def probe(run: Playground) -> Probe:
    """Fit one neuron to each layer's output on the training points; score it on the validation points.

    Source: G. Alain, Y. Bengio, arXiv:1610.01644 (2016).
    """
    layers = run.forward(run.inputs)[:-1]
    neurons = [LogisticRegression(C=100, max_iter=2000).fit(a[:N_TRAIN], run.y[:N_TRAIN]) for a in layers]
    val = [a[N_TRAIN:] for a in layers]
    return Probe(val, [neuron.decision_function(a) for neuron, a in zip(neurons, val, strict=True)],
                 np.array([neuron.score(a, run.y[N_TRAIN:]) for neuron, a in zip(neurons, val, strict=True)]))


def neighbours_on_layers(runs: Sequence[Playground]) -> np.ndarray:
    """Mean validation accuracy of 5 nearest neighbours on the input and on each hidden layer: (1 + depth,)."""
    rows = []
    for run in runs:
        layers = run.forward(run.inputs)[:-1]
        rows.append([KNeighborsClassifier(5).fit(a[:N_TRAIN], run.y[:N_TRAIN]).score(a[N_TRAIN:], run.y[N_TRAIN:]) for a in layers])
    return np.mean(rows, axis=0)


def best_of_coins(n_coins: int, n_val: int, rng: np.random.Generator, n_draws: int = 200) -> float:
    """The score of the best of n_coins coins on n_val examples, mean of n_draws draws; each is right half the time."""
    return float((rng.binomial(n_val, 0.5, (n_draws, n_coins)).max(axis=1) / n_val).mean())


def kinds_among_favourites(hidden: np.ndarray, labels: np.ndarray, n: int = 8) -> float:
    """Of how many different digits a unit's n favourite examples are, mean of the units.

    Parameters
    ----------
    hidden : (N, H) activations;  labels : (N,)
    """
    best = np.argsort(-hidden, axis=0)[:n]          # (n, H)
    return float(np.mean([len(set(labels[unit].tolist())) for unit in best.T]))


def scores_of(readers: Mapping[str, LogisticRegression | KNeighborsClassifier], train: tuple[np.ndarray, np.ndarray],
              val: tuple[np.ndarray, np.ndarray]) -> dict[str, float]:
    """The validation accuracy of each reader after it was fitted on train."""
    return {name: float(reader.fit(*train).score(*val)) for name, reader in readers.items()}
