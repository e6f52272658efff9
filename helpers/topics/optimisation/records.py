"""When is a recipe faster, and when is it a seed's luck? Paired tests, and what the best of many tries seems to gain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.runtime import ROOT
from helpers.topics.optimisation.ladder import Run
from helpers.validate import whole


@dataclass(frozen=True)
class Judgement:
    """Whether a recipe beats the record, and the two p-values behind it."""

    accepted: bool
    p_time: float
    p_accuracy: float
    ratio: float
    gain: float

    @property
    def words(self) -> str:
        if self.accepted:
            return "accepted"
        return "refused: not clearly faster" if self.p_time >= 0.01 else "refused: accuracy may be lost"


def p_above(differences: ArrayLike, bound: float = 0.0) -> float:
    """The one-sided p-value of "the mean of these paired differences is above bound" (Student's t, n − 1 degrees).

    Raises
    ------
    ValueError
        If there are fewer than two differences.
    """
    from scipy.stats import t

    d = np.asarray(differences, float)
    if d.ndim != 1 or len(d) < 2:
        raise ValueError(f"p_above needs two or more differences (n,), got shape {d.shape}")
    spread = d.std(ddof=1) / np.sqrt(len(d))
    if spread == 0:
        return 0.0 if d.mean() > bound else 1.0
    return float(t.sf((d.mean() - bound) / spread, len(d) - 1))


def judge(record: Sequence[Run], new: Sequence[Run], tolerance: float = 0.01, level: float = 0.01) -> Judgement:
    """Accept a recipe that is faster (p < level) and whose accuracy is not more than tolerance below (p < level); paired by seed.

    Raises
    ------
    ValueError
        If the two were not run with equally many seeds.
    """
    if len(record) != len(new):
        raise ValueError(f"judge() pairs the runs of the same seeds, got {len(record)} and {len(new)} runs")
    faster = np.log([r.seconds for r in record]) - np.log([r.seconds for r in new])
    better = np.array([r.accuracy for r in new]) - np.array([r.accuracy for r in record])
    p_time, p_accuracy = p_above(faster), p_above(better, -tolerance)
    return Judgement(p_time < level and p_accuracy < level, p_time, p_accuracy, float(np.exp(-faster.mean())), float(better.mean()))


def luck(pool: ArrayLike, tries: int, n_seeds: int, repeats: int = 2000) -> np.ndarray:
    """What the best of several tries of the SAME recipe seems to gain: (repeats,), each try the mean of n_seeds runs out of the pool.

    The gain is over the pool's mean; all of it is luck.
    """
    runs = np.asarray(pool, float)
    tries, n_seeds = whole("tries", tries), whole("n_seeds", n_seeds)
    rng = np.random.default_rng(0)
    return runs[rng.integers(len(runs), size=(repeats, tries, n_seeds))].mean(2).max(1) - runs.mean()


def stored_race() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The race that the course keeps in benchmarks/results.json: recipe → seconds and last test accuracy of each seed."""
    race = json.loads((ROOT / "benchmarks/results.json").read_text("utf-8"))["race"]
    return {name: (np.array([r["seconds"][-1] for r in runs]), np.array([r["accuracy"][-1] for r in runs])) for name, runs in race.items()}
