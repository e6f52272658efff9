"""What a chapter says of runs longer than its own ("after thirty passes …"): tried here, with the chapter's own functions where it has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from helpers.topics.concepts.playground import Playground, side_by_side
from helpers.topics.start import scenes as start
from helpers.training import evaluate
from tools.source import ROOT, Source


def chapter(name: str, *wanted: str) -> dict[str, Any]:
    """The names of a chapter's set-up, and the functions and values that are wanted of the rest."""
    names: dict[str, Any] = {}
    for cell in Source(ROOT / "source" / f"{name}.py").cells:
        if cell.kind == "code":
            whole = {"parameters", "setup"} & set(cell.tags)
            nodes = [node for node in ast.parse(cell.text).body if whole or given(node) & set(wanted)]
            exec(compile(ast.Module(nodes, []), f"{name}.py", "exec"), names)
    assert set(wanted) <= set(names)
    return names


def given(node: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} if isinstance(node, ast.Assign) else set()


@pytest.fixture(autouse=True)
def _style_of_its_own() -> Iterator[None]:
    with plt.rc_context():          # a chapter's set-up changes the style of figures
        yield


def test_ten_templates_stay_near_nine_in_ten_after_8000_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.TemplateRun, "_measure", lambda _: 0.0)         # saves half of the time
    data = chapter("00_start_here", "data")["data"]
    run = start.TemplateRun(data.train, data.val, seed=0, lr=0.7, batch_size=256)
    for _ in range(8000):
        run.step()
    assert all(0.86 < float((run.predict(x) == y).float().mean()) < 0.93 for x, y in (data.val, data.test))


def test_the_playground_gets_over_50_updates_at_0_3_not_over_300_and_hardly_over_50_at_1() -> None:
    accuracy: dict[tuple[float, int], float] = {}
    for high, long in ((0.3, 50), (0.3, 300), (1.0, 50)):
        runs = [Playground(seed) for seed in range(8)]
        side_by_side(runs, 2500)
        assert np.median([run.val_accuracy for run in runs]) > 0.95
        for lr, n in ((high, long), (0.1, 2500)):
            for run in runs:
                run.lr = lr
            side_by_side(runs, n)
        accuracy[high, long] = float(np.median([run.val_accuracy for run in runs]))
    assert accuracy[0.3, 50] > 0.93
    assert accuracy[0.3, 300] < 0.9
    assert accuracy[1.0, 50] < 0.75


def mean_accuracy_on_the_spirals(n_updates: int, **settings: Any) -> float:
    runs = [Playground(seed, **settings) for seed in range(10)]
    side_by_side(runs, n_updates)
    return float(np.mean([run.val_accuracy for run in runs]))


def test_one_hidden_layer_of_12_is_merely_slow_at_a_rate_of_0_03() -> None:
    assert mean_accuracy_on_the_spirals(9000, depth=1, width=12, lr=0.03) > 0.92


def test_relu_units_show_much_the_same_of_twelve_units() -> None:
    stacks = [(1, 12), (2, 6), (3, 4), (4, 3), (4, 12)]
    high, low = ([mean_accuracy_on_the_spirals(2000, activation="ReLU", depth=d, width=w, lr=lr) for d, w in stacks] for lr in (0.1, 0.03))
    assert min(high[:2]) > 0.8
    assert max(high[3], low[3]) < 0.8
    assert high[4] < 0.88
    assert low[4] > 0.9


def test_weight_decay_closes_the_gap_on_noisy_moons() -> None:
    runs, losses = [Playground(seed, data="moons", noise=0.35) for seed in range(8)], []
    for weight_decay, n in ((1e-5, 4000), (0.01, 1500)):
        for run in runs:
            run.weight_decay = weight_decay
        side_by_side(runs, n)
        losses += [np.median([(run.train_loss[-1], run.val_loss[-1]) for run in runs], axis=0)]
    (train, val), (train_decayed, val_decayed) = losses
    assert val - train > 0.15
    assert abs(val_decayed - train_decayed) < 0.1
    assert train_decayed > train + 0.1
    assert val_decayed < val - 0.05


def test_a_cnn_on_shuffled_pixels_gains_by_more_time_and_a_lower_rate_and_stays_below_the_mlp() -> None:
    names = chapter("02_cnn", "data", "make_cnn", "make_mlp", "AdamW", "falling", "RATES", "race")
    colleague = names["strange_digits"](names["data"], seed=1)
    rates = names["RATES"] | {"CNN": 3.5e-3}
    accuracy = {}
    for what, passes, rate in (("short", {"MLP": 3, "CNN": 4}, names["RATES"]), ("long", {"MLP": 16, "CNN": 30}, rates)):
        runs = names["race"](colleague, passes, 1, rate)
        accuracy[what] = {kind: evaluate(runs[kind][0][0], colleague.test)[1] for kind in runs}
    assert accuracy["long"]["MLP"] > 0.93
    assert accuracy["short"]["CNN"] + 0.01 < accuracy["long"]["CNN"] < accuracy["long"]["MLP"] - 0.02


def test_ink_lost_at_the_edge_is_not_why_shifted_digits_are_misread() -> None:
    names = chapter("02_cnn", "data", "make_cnn", "make_mlp", "AdamW", "falling", "RATES", "race")
    x, y = names["data"].test
    runs = names["race"](names["data"], {"MLP": 8, "CNN": 3}, 1)
    for pairs in runs.values():
        gaps = [evaluate(pairs[0][0], (names["scenes"].shift(x, dx), y))[1] - evaluate(pairs[0][0], (torch.roll(x, dx, 3), y))[1] for dx in range(-6, 7)]
        assert np.mean(np.abs(gaps)) < 0.01
        assert max(gaps) < 0.05
