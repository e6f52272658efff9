"""What a chapter says of runs longer than its own ("after thirty passes …"): tried here, with the chapter's own code."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch.nn import functional as F

from helpers import recurrent
from helpers.playground import Playground
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
def _style_of_its_own() -> Any:
    with plt.rc_context():          # a chapter's set-up changes the style of figures
        yield


def steps(run: Playground, n: int) -> Playground:
    for _ in range(n):
        run.step()
    run._record()
    return run


def test_the_playground_comes_back_in_part_from_a_rate_of_0_3_and_hardly_from_1_or_3() -> None:
    accuracy: dict[float, float] = {}
    for high in (0.3, 1.0, 3.0):
        runs = [steps(Playground(seed), 1500) for seed in range(5)]
        assert np.median([run.val_accuracy for run in runs]) > 0.95
        for lr, n in ((high, 300), (0.1, 2500)):
            for run in runs:
                run.lr = lr
                steps(run, n)
        accuracy[high] = float(np.median([run.val_accuracy for run in runs]))
    assert 0.7 < accuracy[0.3] < 0.95
    assert max(accuracy[1.0], accuracy[3.0]) < 0.65


def test_weight_decay_closes_the_gap_on_noisy_moons() -> None:
    before, after = [], []
    for seed in range(5):
        run = steps(Playground(seed, data="moons", noise=0.35), 4000)
        before.append((run.train_loss[-1], run.val_loss[-1]))
        run.weight_decay = 0.01
        steps(run, 1500)
        after.append((run.train_loss[-1], run.val_loss[-1]))
    (train, val), (train_decayed, val_decayed) = np.median(before, axis=0), np.median(after, axis=0)
    assert val - train > 0.15
    assert abs(val_decayed - train_decayed) < 0.1
    assert train_decayed > train + 0.1
    assert val_decayed < val - 0.05


def test_a_cnn_on_shuffled_pixels_stays_below_the_mlp_when_trained_several_times_as_long() -> None:
    names = chapter("02_cnn", "data", "make_cnn", "make_mlp", "AdamW", "falling", "race")
    colleague = names["strange_digits"](names["data"], seed=1)
    runs = names["race"](colleague, {"MLP": 8, "CNN": 20}, 1)
    mlp, cnn = (evaluate(runs[kind][0][0], colleague.test)[1] for kind in ("MLP", "CNN"))
    assert mlp > 0.92
    assert cnn < mlp - 0.01


def test_half_of_the_plain_rnns_learn_the_first_symbol_of_40_in_600_steps_and_no_lstm_as_born() -> None:
    accuracy = {}
    n_units = chapter("03_rnn")["n_units"]
    for cell in ("rnn", "lstm"):
        bank = recurrent.Bank(cell, 20, n_in=4, n_units=n_units, n_out=2, seed=0)
        recurrent.train(bank, partial(recurrent.first_symbol, 20, 16, length=40), recurrent.cross_entropy, n_steps=600, lr=0.01,
                        optimizer=torch.optim.Adam, enough=0.01, seed=0)
        accuracy[cell] = bank.accuracy(*recurrent.first_symbol(20, 500, length=40, generator=torch.Generator().manual_seed(1)))
    assert 4 <= (accuracy["rnn"] > 0.9).sum() <= 16
    assert accuracy["lstm"].max() < 0.65


def test_a_wider_gru_trained_for_longer_comes_closer_to_the_bag_of_pieces_and_stays_below() -> None:
    names = chapter("03_rnn", "words", "letters", "number", "n_tokens", "encode", "NameReader", "train_on_names", "x_train", "x_test", "share_right")

    def accuracy(hidden: int, n_epochs: int, lr: float) -> float:
        names["set_seed"](0)
        model = names["NameReader"](hidden)
        names["train_on_names"](model, names["x_train"], lambda model, x, y: F.cross_entropy(model(x), y), n_epochs, 0, lr)
        return float(names["share_right"](model.eval(), names["x_test"]))

    train, test = names["words"].train, names["words"].test
    pieces = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2), LogisticRegression(C=10, solver="newton-cg"))
    pieces.fit([name.lower() for name in train.names], train.y)
    bag = pieces.score([name.lower() for name in test.names], test.y)
    assert accuracy(48, names["NAME_EPOCHS"], 3e-2) + 0.01 < accuracy(96, 8, 1e-2) < bag - 0.01


def test_after_thirty_passes_the_deep_autoencoder_leads_with_32_numbers_and_is_close_with_64() -> None:
    names = chapter("04_autoencoder", "data", "x_train", "sum_of_losses")
    x_train, x_test = names["x_train"], names["x_test"]
    mean = x_train.mean(0)
    Vh = torch.linalg.svd(x_train - mean, full_matrices=False).Vh
    names["set_seed"](0)
    many = names["Autoencoders"]([32, 64], n_in=196, n_hidden=names["n_hidden"])
    names["train_quickly"](many, (x_train, x_train), n_epochs=30, lr=1.2e-2, loss=names["sum_of_losses"], progress=False)
    errors = (names["predict_logits"](many, x_test) - x_test[:, None]).square().mean((0, 2))
    ratio = [float(e) / float(F.mse_loss((x_test - mean) @ Vh[:k].T @ Vh[:k] + mean, x_test)) for e, k in zip(errors, (32, 64), strict=True)]
    assert ratio[0] < 0.97
    assert 1 < ratio[1] < 1.3
