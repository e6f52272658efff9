"""Recognisers of single words: mean, thirds, dynamic time warping, and the measurement of how many voices a training needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from helpers.data.split import XY
from helpers.data.voices import Spoken
from helpers.topics.speech import features
from helpers.topics.speech.nets import word_net
from helpers.training import fit
from helpers.training.fit import evaluate, one_cycle
from helpers.validate import whole


def mean_of(mfcc: np.ndarray) -> np.ndarray:
    """The mean of the frames: (T, k) → (k,). The order of the sounds is lost."""
    return np.asarray(mfcc.mean(0))


def thirds_of(mfcc: np.ndarray) -> np.ndarray:
    """The means of the first, second and last third of the frames, and the spread of all: (T, k) → (4 k,)."""
    return np.concatenate([part.mean(0) for part in np.array_split(mfcc, 3)] + [mfcc.std(0)])


def thirds_of_pictures(x: np.ndarray) -> np.ndarray:
    """The thirds of log-mel pictures (N, 1, bands, frames), by way of 13 MFCC a frame: (N, 52). Edges of silence are part of the clip."""
    coefficients = x[:, 0].transpose(0, 2, 1) @ features.dct_matrix(features.BANDS, 13).T
    return np.stack([thirds_of(clip) for clip in coefficients])


def linear(x: np.ndarray, y: np.ndarray) -> Any:
    """Logistic regression on features (N, D), each scaled to spread 1."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(x, y)


def dtw(a: np.ndarray, b: np.ndarray) -> tuple[float, list[tuple[int, int]], np.ndarray]:
    """Dynamic time warping of two sequences of frames (T, k) and (U, k).

    Returns
    -------
    distance : float
        The sum of the distances along the cheapest path, divided by T + U.
    path : list of (i, j)
        Which frame of a is laid on which of b.
    costs : (T, U) distances of all pairs of frames

    Source
    ------
    H. Sakoe, S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans. ASSP 26 (1978), doi:10.1109/TASSP.1978.1163055.
    """
    costs = np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
    total = np.full((len(a) + 1, len(b) + 1), np.inf)
    total[0, 0] = 0
    for i in range(len(a)):
        for j in range(len(b)):
            total[i + 1, j + 1] = costs[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = len(a), len(b)
    path = []
    while i or j:
        path.append((i - 1, j - 1))
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda cell: total[cell] if min(cell) >= 0 else np.inf)
    return float(total[-1, -1] / (len(a) + len(b))), path[::-1], costs


def dtw_table(queries: Sequence[np.ndarray], references: Sequence[np.ndarray], longest: int = 30) -> np.ndarray:
    """The DTW distance of each query to each reference, (N, M): a cell of the table is computed for all pairs at once.

    Sequences with more than ``longest`` frames are thinned out to that many.
    """
    a, n = _stacked(queries, longest)
    b, m = _stacked(references, longest)
    squares = (b**2).sum(-1)                                                       # (M, U)
    rows = np.full((b.shape[1] + 1, len(a), len(b)), np.inf, np.float32)           # (U + 1, N, M)
    rows[0] = 0
    found = np.full((len(a), len(b)), np.inf, np.float32)
    for i in range(a.shape[1]):
        fresh = np.full_like(rows, np.inf)
        for j in range(b.shape[1]):
            cost = np.sqrt(np.maximum((a[:, i] ** 2).sum(-1)[:, None] + squares[:, j] - 2 * a[:, i] @ b[:, j].T, 0))
            fresh[j + 1] = cost + np.minimum(np.minimum(rows[j], rows[j + 1]), fresh[j])
        rows = fresh
        ends = np.flatnonzero(n == i + 1)
        if len(ends):
            found[ends] = rows[m[None, :], ends[:, None], np.arange(len(b))[None, :]]
    return found / (n[:, None] + m[None, :])


def _stacked(parts: Sequence[np.ndarray], longest: int) -> tuple[np.ndarray, np.ndarray]:
    parts = [p[np.linspace(0, len(p) - 1, longest).astype(int)] if len(p) > longest else p for p in parts]
    lengths = np.array([len(p) for p in parts])
    table = np.zeros((len(parts), lengths.max(), parts[0].shape[1]), np.float32)
    for row, p in zip(table, parts, strict=True):
        row[:len(p)] = p
    return table, lengths


def mfcc_pictures(parts: Sequence[np.ndarray], n_frames: int = 32) -> torch.Tensor:
    """MFCC as pictures of one size: float32 (N, 1, k, n_frames), centred in each clip, zeros behind its end, each coefficient scaled to spread 1."""
    table = np.zeros((len(parts), n_frames, parts[0].shape[1]), np.float32)
    for row, part in zip(table, parts, strict=True):
        row[:len(part)] = (part - part.mean(0))[:n_frames]
    table /= table.std((0, 1))
    return torch.from_numpy(table.transpose(0, 2, 1)[:, None].copy())


def trained_net(train: XY, *, n_epochs: int, seed: int = 0, **shape: Any) -> nn.Sequential:
    """A :func:`word_net` trained with AdamW and one cycle, batches of 50, greatest rate 0.01."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = word_net(**shape)
        fit(net, train, None, n_epochs=n_epochs, batch_size=50, lr=0.01, schedule=one_cycle, seed=seed, progress=False)
    return net


def balanced(spoken: Spoken, voices: Sequence[int], n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw n clips of these voices, as many of each digit, spread evenly over the voices.

    Returns
    -------
    chosen, rest : int64 arrays
        Places of the chosen clips, and of the other clips of these voices.

    Raises
    ------
    ValueError
        If the voices have too few clips.
    """
    rng, n_each, chosen = np.random.default_rng(seed), whole("n", n, 10) // 10, []
    for digit in range(10):
        heaps = [rng.permutation(np.flatnonzero((spoken.voices == v) & (spoken.digits == digit))) for v in rng.permutation(voices)]
        if sum(map(len, heaps)) < n_each:
            raise ValueError(f"{n} clips are asked of {len(voices)} voices, which have {sum(map(len, heaps))} of the digit {digit}; {n_each} are needed")
        dealt = [heap[turn] for turn in range(max(map(len, heaps))) for heap in heaps if turn < len(heap)]
        chosen += dealt[:n_each]
    rest = np.setdiff1d(np.flatnonzero(np.isin(spoken.voices, voices)), chosen)
    return np.array(chosen), rest


@dataclass(frozen=True)
class Heard:
    """Accuracies of one kind of model, (draws, counts): on other clips of the same voices, and on voices never heard."""

    same: np.ndarray
    new: np.ndarray


def by_number_of_voices(few: Spoken, many: Spoken, test: Spoken, counts: Sequence[int], *, n_clips: int = 200, n_draws: int = 2, n_epochs: int = 12) -> dict[str, Heard]:
    """Train on the same number of clips of 1, 2, 5 … voices, and measure on their other clips and on the test's voices.

    Parameters
    ----------
    few, many : Spoken
        Few voices with many takes each, and many voices with few: draws come from the first that has enough voices.
    test : Spoken
        Voices that stand in neither.

    Returns
    -------
    {"thirds": Heard, "CNN": Heard}
    """
    found = {name: np.zeros((2, n_draws, len(counts))) for name in ("thirds", "CNN")}
    tables = {id(part): (features.pictures(part.waves), np.array([thirds_of(features.mfcc(w)) for w in part.waves])) for part in (few, many, test)}
    for draw in range(n_draws):
        for column, count in enumerate(counts):
            pool = few if count <= len(np.unique(few.voices)) else many
            known = np.unique(pool.voices)
            at, rest = balanced(pool, np.random.default_rng([draw, count]).permutation(known)[:count].tolist(), n_clips, draw)
            if not len(rest):
                raise ValueError(f"{n_clips} clips are all that {count} voices have: nothing is left to measure a random split on. Take fewer clips, or more takes.")
            pictures, means = tables[id(pool)]
            other = np.random.default_rng(draw).permutation(rest)[:n_clips]
            model = linear(means[at], pool.digits[at])
            net = trained_net((torch.from_numpy(pictures[at]), torch.from_numpy(pool.digits[at])), n_epochs=n_epochs, seed=draw)
            for row, (part, where) in enumerate(((pool, other), (test, np.arange(len(test))))):
                x, m = tables[id(part)]
                found["thirds"][row, draw, column] = model.score(m[where], part.digits[where])
                found["CNN"][row, draw, column] = evaluate(net, (torch.from_numpy(x[where]), torch.from_numpy(part.digits[where])))[1]
    return {name: Heard(*table) for name, table in found.items()}


def on_random_splits(mfcc: Sequence[np.ndarray], digits: np.ndarray, *, n_splits: int = 3, n_epochs: int = 8, n_references: int = 500, n_queries: int = 200) -> dict[str, list[float]]:
    """Accuracies on random splits, a fifth of the clips for the test: name → (n_splits,).

    Two rows are controls of the thirds: the mean with the spread of the frames, and the thirds of frames in random order. DTW has the first n_references of the training clips for references, and is measured on the first n_queries of the test.
    """
    rng = np.random.default_rng(0)
    plain = {"mean + linear": np.array([mean_of(m) for m in mfcc]), "mean, spread + linear": np.array([np.r_[m.mean(0), m.std(0)] for m in mfcc]),
             "thirds, frames shuffled": np.array([thirds_of(rng.permutation(m)) for m in mfcc]), "thirds + linear": np.array([thirds_of(m) for m in mfcc])}
    pictures, y = mfcc_pictures(mfcc), torch.from_numpy(digits)
    found: dict[str, list[float]] = {name: [] for name in [*plain, "nearest by DTW", "CNN"]}
    for seed in range(n_splits):
        order = np.random.default_rng(seed).permutation(len(mfcc))
        train, test = order[len(mfcc) // 5:], order[:len(mfcc) // 5]
        for name, x in plain.items():
            found[name].append(linear(x[train], digits[train]).score(x[test], digits[test]))
        near = dtw_table([mfcc[i] for i in test[:n_queries]], [mfcc[i] for i in train[:n_references]]).argmin(1)
        found["nearest by DTW"].append(float((digits[train[near]] == digits[test[:n_queries]]).mean()))
        net = trained_net((pictures[train], y[train]), n_epochs=n_epochs, seed=seed, channels=(16, 32, 48), grid=(2, 4))
        found["CNN"].append(evaluate(net, (pictures[test], y[test]))[1])
    return found


def by_speaker(spoken: Spoken, n_epochs: int = 6) -> dict[str, list[float]]:
    """Leave one speaker out, in turn: accuracies on the one who was left out, a number a speaker."""
    pictures, y = torch.from_numpy(features.pictures(spoken.waves)), torch.from_numpy(spoken.digits)
    thirds = np.array([thirds_of(features.mfcc(w)) for w in spoken.waves])
    found: dict[str, list[float]] = {"thirds + linear": [], "CNN": []}
    for voice in np.unique(spoken.voices):
        train, test = spoken.voices != voice, spoken.voices == voice
        found["thirds + linear"].append(linear(thirds[train], spoken.digits[train]).score(thirds[test], spoken.digits[test]))
        net = trained_net((pictures[train], y[train]), n_epochs=n_epochs)
        found["CNN"].append(evaluate(net, (pictures[test], y[test]))[1])
    return found
