"""Search on a table of finished trainings: three ways at one budget, repeated; and what the winner promises too much."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from helpers.data.split import XY
from helpers.topics.evaluation.bank import Bank, train_bank

#: Steps after which each training was looked at; a whole one has the last.
LOOKS = [50, 100, 200, 400]
#: What each search may spend: sixteen whole trainings.
BUDGET = 16 * LOOKS[-1]


def table_of_trainings(train: XY, pool: XY, side: int = 12, looks: list[int] | None = None) -> Bank:
    """side × side networks, rates from 0.003 to 3 (rows) and decays from 10⁻⁶ to 0.1 (columns), judged on all of pool."""
    rates, decays = np.meshgrid(np.geomspace(0.003, 3, side), np.geomspace(1e-6, 0.1, side), indexing="ij")
    return train_bank(train, *pool, lr=rates.ravel(), decay=decays.ravel(), seeds=range(side * side), looks=looks or LOOKS)


def searches(table: Bank, n_val: int = 500, n_repeats: int = 300, seed: int = 0) -> dict[str, np.ndarray]:
    """The accuracy on the rest of the pool of what each way of searching chose, over repeats: name → (n_repeats,).

    Each repeat draws its own validation pictures, its own grid, and its own networks to try.
    """
    rng, n_networks, n_pool = np.random.default_rng(seed), table.right.shape[1], table.right.shape[2]
    side, n_val = round(n_networks**0.5), min(n_val, n_pool // 2)
    gap, tried = side // 4, min(16, n_networks)
    found: dict[str, list[float]] = {"one, by chance": [], "grid 4 × 4": [], "random 16": [], "halving 48": []}
    for _ in range(n_repeats):
        places = rng.permutation(n_pool)
        val, rest = [table.accuracies(places[:n_val], look) for look in range(len(table.looks))], table.accuracies(places[n_val:])
        a, b = rng.integers(gap, size=2)
        grid = np.array([(a + gap * i) * side + b + gap * j for i in range(4) for j in range(4)])
        drawn = rng.permutation(n_networks)
        found["one, by chance"].append(rest[drawn[0]])
        for name, chosen in (("grid 4 × 4", grid), ("random 16", drawn[:tried])):
            found[name].append(rest[chosen[val[-1][chosen].argmax()]])
        left = drawn[:3 * tried]
        for look in range(len(table.looks) - 1):
            left = left[np.argsort(-val[look][left], kind="stable")[:max(1, len(left) // 2)]]
        found["halving 48"].append(rest[left[val[-1][left].argmax()]])
    return {name: np.array(values) for name, values in found.items()}


def winners_curse(table: Bank, n_val: int, n_repeats: int = 300, seed: int = 0) -> np.ndarray:
    """Validation accuracy of the best of m networks minus its accuracy on the rest of the pool: (n_repeats, n_networks), m = 1 ….

    Each repeat draws n_val validation pictures and an order of the networks.
    """
    rng, (n_networks, n_pool) = np.random.default_rng(seed), table.right.shape[1:]
    n_val, total = min(n_val, n_pool // 2), table.right[-1].sum(1)
    found = []
    for _ in range(n_repeats):
        hits = table.right[-1][:, rng.permutation(n_pool)[:n_val]].sum(1)
        order = rng.permutation(n_networks)
        val, rest = hits[order] / n_val, (total - hits)[order] / (n_pool - n_val)
        leads = np.maximum.accumulate(val)
        first = np.maximum.accumulate(np.where(np.append(True, val[1:] > leads[:-1]), np.arange(n_networks), 0))
        found.append(leads - rest[first])
    return np.stack(found)


def typical_table(runs: np.ndarray, tries: Mapping[str, int], n_orders: int = 300, seed: int = 0) -> dict[str, float]:
    """The best of the first n runs for each name, in the order of the runs whose five bests lie closest to their means over many orders.

    Parameters
    ----------
    runs : (n,)
        Accuracies of one method with n seeds.
    tries : name → how many of them were tried, at most n

    Raises
    ------
    ValueError
        If more are to be tried than there are.
    """
    counts = np.array(list(tries.values()))
    if counts.min() < 1 or counts.max() > len(runs):
        raise ValueError(f"tries must lie from 1 to {len(runs)}, the number of runs; got {counts.tolist()}")
    rng = np.random.default_rng(seed)
    bests = np.maximum.accumulate(np.stack([rng.permutation(runs) for _ in range(n_orders)]), axis=1)[:, counts - 1]
    typical = np.abs(bests - bests.mean(0)).sum(1).argmin()
    return dict(zip(tries, bests[typical].tolist(), strict=True))
