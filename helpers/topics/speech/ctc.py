"""Connectionist temporal classification: paths, their sum by the forward algorithm, decoding, and the word error rate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch

#: The place of the blank among the symbols; digit d has the place d + 1.
BLANK = 0
#: The logarithm of nothing. With -inf the gradient of a logsumexp of three of them would be NaN.
LOG_ZERO = -1e30


def collapse(path: Sequence[int], blank: int = BLANK) -> list[int]:
    """What a path says: equal neighbours are merged, then blanks are left out.

    >>> collapse([3, 3, 0, 3, 0])
    [3, 3]
    """
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != blank]


def paths_of(target: Sequence[int], n_frames: int, n_symbols: int) -> list[tuple[int, ...]]:
    """All paths of n_frames that say the target, by trying all n_symbols ** n_frames: for small numbers only.

    >>> paths_of([1], 2, 2)
    [(0, 1), (1, 0), (1, 1)]
    """
    return [path for path in itertools.product(range(n_symbols), repeat=n_frames) if collapse(path) == list(target)]


def with_blanks(target: Sequence[int], blank: int = BLANK) -> list[int]:
    """The target with a blank before, between and behind: the rows of the lattice.

    >>> with_blanks([2, 2])
    [0, 2, 0, 2, 0]
    """
    return [blank, *itertools.chain.from_iterable((symbol, blank) for symbol in target)]


def may_skip(rows: Sequence[int], blank: int = BLANK) -> list[bool]:
    """Whether the row may be entered from two rows above: it is no blank, and not the symbol that stands there."""
    return [s >= 2 and rows[s] != blank and rows[s] != rows[s - 2] for s in range(len(rows))]


def lattice(log_probs: torch.Tensor, target: Sequence[int]) -> torch.Tensor:
    """The forward algorithm in log space: alpha (T, S), the log probability of all ways to row s that end in frame t.

    Parameters
    ----------
    log_probs : (T, K) log probabilities of the symbols, frame by frame
    target : list of symbols, without blanks; S = 2 · len(target) + 1

    Source
    ------
    A. Graves et al., "Connectionist temporal classification", ICML 2006, doi:10.1145/1143844.1143891, equations 6 to 8.
    """
    rows = with_blanks(target)
    skip = torch.tensor(may_skip(rows))
    nothing = log_probs.new_full((), LOG_ZERO)
    alpha = torch.cat([log_probs[0, rows[:2]], nothing.expand(len(rows))])[:len(rows)] if target else log_probs[0, rows]
    found = [alpha]
    for frame in log_probs[1:]:
        one = torch.cat([nothing.view(1), alpha[:-1]])
        two = torch.where(skip, torch.cat([nothing.expand(2), alpha])[:len(rows)], nothing)
        alpha = torch.logsumexp(torch.stack([alpha, one, two]), 0) + frame[rows]
        found.append(alpha)
    return torch.stack(found)


def ctc_loss(log_probs: torch.Tensor, target: Sequence[int]) -> torch.Tensor:
    """−log p(target), in nats: the sum over all paths that say it."""
    return -torch.logsumexp(lattice(log_probs, target)[-1, -2:], 0)


def best_path(log_probs: np.ndarray, target: Sequence[int]) -> list[int]:
    """The most likely path through the target's lattice: the row of each frame; [] if the frames are too few."""
    rows = with_blanks(target)
    skip, n = may_skip(rows), len(rows)
    score = np.full((len(log_probs), n), -np.inf)
    back = np.zeros((len(log_probs), n), int)
    score[0, :2] = log_probs[0, rows[:2]]
    for t in range(1, len(log_probs)):
        for s in range(n):
            ways = [s, *([s - 1] if s else []), *([s - 2] if skip[s] else [])]
            back[t, s] = max(ways, key=lambda way: score[t - 1, way])
            score[t, s] = score[t - 1, back[t, s]] + log_probs[t, rows[s]]
    s = n - 1 if n == 1 or score[-1, -1] >= score[-1, -2] else n - 2
    if not np.isfinite(score[-1, s]):
        return []
    path = [s]
    for t in range(len(log_probs) - 1, 0, -1):
        path.append(int(back[t, path[-1]]))
    return path[::-1]


def greedy(log_probs: torch.Tensor | np.ndarray) -> list[int]:
    """The most likely symbol of each frame, collapsed: (T, K) → symbols."""
    return collapse(log_probs.argmax(-1).tolist())


def beam(log_probs: np.ndarray, width: int = 8) -> list[tuple[tuple[int, ...], float]]:
    """Prefix beam search: (T, K) → the likeliest targets with the log probability of all their paths that were followed.

    Source
    ------
    A. Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs" (2014), arXiv:1408.2873.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, LOG_ZERO)}       # ends in a blank, ends in its last symbol
    for frame in log_probs:
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        for prefix, (with_blank, without) in beams.items():
            both = np.logaddexp(with_blank, without)
            _add(grown, prefix, both + frame[BLANK], LOG_ZERO)
            for symbol in range(len(frame)):
                if symbol == BLANK:
                    continue
                same = bool(prefix) and prefix[-1] == symbol
                if same:
                    _add(grown, prefix, LOG_ZERO, without + frame[symbol])
                _add(grown, (*prefix, symbol), LOG_ZERO, (with_blank if same else both) + frame[symbol])
        beams = dict(sorted(grown.items(), key=lambda item: -np.logaddexp(*item[1]))[:width])
    return [(prefix, float(np.logaddexp(*scores))) for prefix, scores in beams.items()]


def _add(grown: dict[tuple[int, ...], tuple[float, float]], prefix: tuple[int, ...], with_blank: float, without: float) -> None:
    a, b = grown.get(prefix, (LOG_ZERO, LOG_ZERO))
    grown[prefix] = (float(np.logaddexp(a, with_blank)), float(np.logaddexp(b, without)))


def edit_distance(heard: Sequence[int], said: Sequence[int]) -> int:
    """The least number of insertions, deletions and substitutions that turn one into the other.

    >>> edit_distance([1, 2, 3], [1, 3, 3, 4])
    2
    """
    row = list(range(len(said) + 1))
    for i, x in enumerate(heard, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(said, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def errors(heard: Sequence[Sequence[int]], said: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Errors and words of each string: two (N,) arrays, whose sums give the word error rate."""
    wrong = np.array([edit_distance(h, s) for h, s in zip(heard, said, strict=True)], float)
    return wrong, np.array([len(s) for s in said], float)


def wer(heard: Sequence[Sequence[int]], said: Sequence[Sequence[int]]) -> float:
    """The word error rate: errors of all strings over words said."""
    wrong, words = errors(heard, said)
    return float(wrong.sum() / words.sum())


def bootstrap(wrong: np.ndarray, words: np.ndarray, groups: np.ndarray | None = None, n: int = 1000, seed: int = 0) -> tuple[float, float]:
    """A 95 % interval of the word error rate: strings, or whole groups of them (speakers), are drawn anew with replacement.

    Source
    ------
    M. Bisani, H. Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation", ICASSP 2004, doi:10.1109/ICASSP.2004.1326009.
    """
    if groups is not None:
        _, which = np.unique(groups, return_inverse=True)
        wrong, words = np.bincount(which, wrong), np.bincount(which, words)
    drawn = np.random.default_rng(seed).integers(0, len(wrong), (n, len(wrong)))
    low, high = np.percentile(wrong[drawn].sum(1) / words[drawn].sum(1), [2.5, 97.5])
    return float(low), float(high)
