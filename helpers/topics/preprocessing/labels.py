"""Wrong labels: planted, suspected, and what it is worth to do something about them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike

from helpers.data import Split, digits
from helpers.topics.preprocessing.bank import Bank, Losses, cross_entropies, generalised, small, train_bank

#: What a tired person takes each digit for: 1 and 7, 3 and 5, 4 and 9, 0 and 6, 2 and 8.
PAIRS = torch.tensor([6, 7, 8, 5, 9, 3, 0, 1, 2, 4])
KINDS = ("any other digit", "the digit most like it")


def flip_labels(y: torch.Tensor, rate: float, kind: str, seed: int = 0) -> torch.Tensor:
    """The labels, with a share of them wrong: int64 (N,), a new tensor.

    Parameters
    ----------
    kind : "any other digit" or "the digit most like it"
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    rng = np.random.default_rng(seed)
    rows = torch.from_numpy(rng.permutation(len(y))[:round(rate * len(y))])
    wrong = y.clone()
    wrong[rows] = PAIRS[y[rows]] if kind == KINDS[1] else (y[rows] + torch.from_numpy(rng.integers(1, 10, len(rows)))) % 10
    return wrong


def out_of_fold(x: torch.Tensor, y: torch.Tensor, *, n_folds: int = 4, n_steps: int = 150, seed: int = 0) -> np.ndarray:
    """What networks that have not seen a picture say of it, float32 (M, N, K): each row of y is another set of labels.

    The small network of ``bank``; x is float32 (N, D), y int64 (M, N).
    """
    count, n = y.shape
    folds = [torch.from_numpy(np.random.default_rng(seed + m).permutation(n)).tensor_split(n_folds) for m in range(count)]
    rows = [torch.cat([fold for j, fold in enumerate(parts) if j != k]) for parts in folds for k in range(n_folds)]
    bank = train_bank(x, y.repeat_interleave(n_folds, 0), rows, n_steps=n_steps, seed=seed)
    with torch.no_grad():
        all_probs = bank(x).softmax(2)                                          # (M·folds, N, K)
    probs = torch.empty(count, n, all_probs.shape[2])
    for m, parts in enumerate(folds):
        for k, fold in enumerate(parts):
            probs[m, fold] = all_probs[m * n_folds + k, fold]
    return probs.numpy()


def recall_by_steps(x: torch.Tensor, given: torch.Tensor, wrong: torch.Tensor, at: Sequence[int], *, n_folds: int = 4, seed: int = 0) -> dict[str, list[tuple[float, float]]]:
    """How many wrong labels a network contradicts that has trained on them, and networks that have not: (precision, recall) after each number of steps.

    Parameters
    ----------
    x : float32 (N, D)
    given, wrong : int64 and bool (N,)
    at : numbers of steps, rising
    """
    n = len(given)
    folds = torch.from_numpy(np.random.default_rng(seed).permutation(n)).tensor_split(n_folds)
    rows = [torch.arange(n), *(torch.cat([fold for j, fold in enumerate(folds) if j != k]) for k in range(n_folds))]
    found: dict[str, list[tuple[float, float]]] = {"seen": [], "not seen": []}

    def watch(bank: Bank) -> None:
        said = bank(x).argmax(2)                                                # (1 + folds, N)
        unseen = torch.empty_like(said[0])
        for k, fold in enumerate(folds):
            unseen[fold] = said[1 + k, fold]
        for name, read in (("seen", said[0]), ("not seen", unseen)):
            found[name].append(precision_recall((read != given).numpy(), wrong.numpy()))

    train_bank(x, given.expand(len(rows), -1), rows, n_steps=max(at), watch=watch, at=at, seed=seed)
    return found


def confident_classes(probs: np.ndarray, labels: ArrayLike) -> np.ndarray:
    """The class of which the network is confident, for each example; -1 where there is none. int64 (N,).

    Confident of class k means: at least as sure as it is on average of examples that are labelled k (Northcutt, Jiang
    and Chuang 2021, arXiv:1911.00068).
    """
    y = np.asarray(labels)
    thresholds = np.array([probs[y == k, k].mean() if (y == k).any() else np.inf for k in range(probs.shape[1])])
    sure = probs >= thresholds
    return np.where(sure.any(1), np.where(sure, probs, -1).argmax(1), -1)


def find_suspects(probs: np.ndarray, labels: ArrayLike) -> np.ndarray:
    """Where the network is confident of another class than the label, bool (N,)."""
    found = confident_classes(probs, labels)
    return (found >= 0) & (found != np.asarray(labels))


def precision_recall(found: np.ndarray, wrong: np.ndarray) -> tuple[float, float]:
    """The share of what was found that is wrong, and the share of what is wrong that was found."""
    hits = float((found & wrong).sum())
    return hits / max(1, found.sum()), hits / max(1, wrong.sum())


@dataclass(frozen=True)
class Race:
    """Validation accuracy over steps: steps (S,), accuracy arm → (seeds, S); test, arm → (seeds,) after the last step."""

    steps: np.ndarray
    accuracy: dict[str, np.ndarray]
    test: dict[str, np.ndarray]

    def at(self, arm: str, step: int) -> np.ndarray:
        """Validation accuracy of an arm after so many steps, (seeds,)."""
        return self.accuracy[arm][:, np.flatnonzero(self.steps == step)[0]]

    def lead(self, first: str, second: str, step: int, second_step: int | None = None) -> np.ndarray:
        """How many points the first arm is ahead of the second after these steps, seed by seed: (seeds,)."""
        return 100 * (self.at(first, step) - self.at(second, second_step or step))


def race(data: Split, kind: str, *, rate: float = 0.2, n: int = 1500, seeds: int = 6, n_steps: int = 376, every: int = 47) -> Race:
    """Repair against more data and against a loss that bears noise, at equal steps; all arms and seeds side by side.

    n pictures with wrong labels; "twice the data" has 2n, as noisy. Two controls: "dropped at random" loses as many as
    "suspects dropped", and "innocent ones spared" relabels those suspects alone whose label is wrong indeed. A seed
    draws the wrong labels, the folds, the first weights and the order.
    """
    x, truth = small(data.train[0][:2 * n]), data.train[1][:2 * n]
    noisy = torch.stack([flip_labels(truth, rate, kind, s) for s in range(seeds)])          # (seeds, 2n)
    noisy[:, :n] = torch.stack([flip_labels(truth[:n], rate, kind, s) for s in range(seeds)])
    probs = out_of_fold(x[:n], noisy[:, :n])
    found = [find_suspects(p, labels[:n]) for p, labels in zip(probs, noisy, strict=True)]
    relabelled, spared = noisy.clone(), noisy.clone()
    for m, (p, rows) in enumerate(zip(probs, found, strict=True)):
        said, suspects = torch.from_numpy(confident_classes(p, noisy[m, :n])), torch.from_numpy(rows)
        guilty = suspects & (noisy[m, :n] != truth[:n])
        relabelled[m, :n][suspects], spared[m, :n][guilty] = said[suspects], said[guilty]
    kept = [torch.arange(n)] * seeds
    dropped = [torch.from_numpy(np.flatnonzero(~rows)) for rows in found]
    by_chance = [torch.from_numpy(np.random.default_rng(100 + m).permutation(n)[:len(rows)]) for m, rows in enumerate(dropped)]
    clean = truth.expand(seeds, -1)
    arms: dict[str, tuple[torch.Tensor, list[torch.Tensor], Losses]] = {
        "as they are": (noisy, kept, cross_entropies), "suspects dropped": (noisy, dropped, cross_entropies),
        "dropped at random": (noisy, by_chance, cross_entropies), "suspects relabelled": (relabelled, kept, cross_entropies),
        "innocent ones spared": (spared, kept, cross_entropies), "loss that bears noise": (noisy, kept, generalised),
        "twice the data": (noisy, [torch.arange(2 * n)] * seeds, cross_entropies), "right labels": (clean, kept, cross_entropies)}
    at = range(every, n_steps + 1, every)
    accuracy, test = {}, {}
    x_val, x_test = small(data.val[0]), small(data.test[0])
    for name, (labels, allowed, loss) in arms.items():
        seen: list[np.ndarray] = []
        bank = train_bank(x, labels, allowed, n_steps=n_steps, loss=loss, at=at,
                          watch=lambda b, seen=seen: seen.append((b(x_val).argmax(2) == data.val[1]).float().mean(1).numpy()))     # type: ignore[misc]
        accuracy[name] = np.stack(seen, 1)
        with torch.no_grad():
            test[name] = (bank(x_test).argmax(2) == data.test[1]).float().mean(1).numpy()
    return Race(np.array(at), accuracy, test)


RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4)


@functools.cache
def noise_ladder(n_steps: int = 120, n: int = 1000) -> tuple[np.ndarray, np.ndarray, dict[tuple[str, float], tuple[np.ndarray, np.ndarray]]]:
    """For each kind and rate of wrong labels: the labels (N,) and what networks that have not seen a picture say, (N, K).

    With the pictures (N, 28, 28) and the true labels (N,) in front. All networks are trained side by side.
    """
    x, truth = (t[:n] for t in digits(3000, 1000).train)
    settings = [(kind, rate) for kind in KINDS for rate in RATES]
    labels = torch.stack([flip_labels(truth, rate, kind, 1) for kind, rate in settings])
    probs = out_of_fold(small(x), labels, n_steps=n_steps)
    return x[:, 0].numpy(), truth.numpy(), {setting: (labels[i].numpy(), probs[i]) for i, setting in enumerate(settings)}
