"""Optimisers in a valley: the places that each visits, and what it remembers on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.validate import positive, whole

Rule = Callable[[Any, Any, dict[str, Any], Any], Any]
#: Where walks begin, in the valley's own axes, and when a walk has arrived.
START, ARRIVED = np.array([-2.4, 1.1]), 0.01
#: Standard deviation of what is added to each gradient where there is noise.
NOISE = 3.0


@dataclass(frozen=True)
class Walk:
    """One rule's walk.

    Parameters
    ----------
    places : float64 (n_steps + 1, 2)
    heights : float64 (n_steps + 1,)
    gradients, moves : float64 (n_steps, 2)
        What the rule was given at each place, and how it moved from there.
    memories : list of n_steps dictionaries
        The rule's memory after each step.
    """

    places: np.ndarray
    heights: np.ndarray
    gradients: np.ndarray
    moves: np.ndarray
    memories: list[dict[str, Any]]

    @property
    def n_to_arrive(self) -> int:
        """The steps after which the walk stays below 0.01 for good; one more than it has if it never does."""
        above = np.flatnonzero(~(self.heights <= ARRIVED))
        return int(above[-1]) + 1 if len(above) else 0


def turn(angle: float) -> np.ndarray:
    """The matrix (2, 2) that turns by an angle in degrees."""
    a = np.deg2rad(angle)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def valley(steepness: float, angle: float) -> np.ndarray:
    """The matrix A (2, 2) of a valley of height ½ wᵀ A w: ``steepness`` times as curved across as along."""
    R = turn(angle)
    return R @ np.diag([1.0, positive("steepness", steepness)]) @ R.T


def height(w: np.ndarray, A: np.ndarray) -> np.ndarray:
    """The height at places (…, 2)."""
    return 0.5 * np.einsum("...i,ij,...j->...", w, A, w)


def walk(rule: Rule, lr: float, steepness: float = 30, angle: float = 0, *, noise: float = 0, n_steps: int = 60, seed: int = 0) -> Walk:
    """Follow a rule through a valley turned by an angle in degrees; the start turns with it.

    Parameters
    ----------
    rule : callable
        ``rule(w, g, s, lr)`` gives the new place; s is its memory.
    noise : float
        Standard deviation of the Gaussian noise in each gradient: the same numbers for each rule.
    """
    A = valley(steepness, angle)
    extra = noise * np.random.default_rng(seed).standard_normal((whole("n_steps", n_steps), 2))
    places, gradients, memories = [turn(angle) @ START], [], []
    memory: dict[str, Any] = {}
    for i in range(n_steps):
        g = A @ places[-1] + extra[i]
        with np.errstate(all="ignore"):
            new = np.clip(rule(places[-1], g, memory, lr), -1e6, 1e6)
        gradients.append(g)
        memories.append(dict(memory))
        places.append(new)
    path = np.array(places)
    return Walk(path, height(path, A), np.array(gradients), np.diff(path, axis=0), memories)


def quickest(rule: Rule, rates: np.ndarray, steepness: float = 30, angle: float = 0, n_steps: int = 400) -> tuple[float, int]:
    """Of these rates the one with which a rule arrives the soonest, and the steps that takes."""
    counts = [walk(rule, float(lr), steepness, angle, n_steps=n_steps).n_to_arrive for lr in rates]
    best = int(np.argmin(counts))
    return float(rates[best]), counts[best]


def inside(walked: Walk, step: int) -> Mapping[str, np.ndarray]:
    """What happens in one step (from 0): the gradient, what is remembered, the move; each (2,)."""
    found = {"gradient": walked.gradients[step]}
    for key, value in walked.memories[step].items():
        if key in ("v", "m"):
            found["memory of gradients"] = np.asarray(value)
        elif key == "q":
            found["root of squares"] = np.sqrt(value)
    return found | {"move": walked.moves[step]}
