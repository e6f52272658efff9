"""What the lessons of chapter 03 say of runs longer than their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from claims import lesson
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch.nn import functional as F

from helpers.topics.rnn import bank as recurrent


@pytest.fixture(autouse=True)
def _style_of_its_own() -> Iterator[None]:
    with plt.rc_context():          # a lesson's set-up changes the style of figures
        yield


def test_half_of_the_plain_rnns_learn_the_first_symbol_of_40_in_600_steps_and_no_default_lstm() -> None:
    accuracy = {}
    n_units = lesson("03a_memory")["n_units"]
    for cell in ("rnn", "lstm"):
        bank = recurrent.Bank(cell, 20, n_in=4, n_units=n_units, n_out=2, seed=0)
        recurrent.train(bank, partial(recurrent.first_symbol, 20, 16, length=40), recurrent.cross_entropy, n_steps=600, lr=0.01,
                        optimizer=torch.optim.Adam, enough=0.01, seed=0)
        accuracy[cell] = bank.accuracy(*recurrent.first_symbol(20, 500, length=40, generator=torch.Generator().manual_seed(1)))
    assert 4 <= (accuracy["rnn"] > 0.9).sum() <= 16
    assert accuracy["lstm"].max() < 0.65


def test_lower_rates_throw_no_network_off_though_their_gradients_are_as_long() -> None:
    """Section 6 of 03a: what throws a network is the step, rate times gradient."""
    thrown, long = {}, {}
    for lr in (0.15, 0.05, 0.03):
        found = []
        for seed in range(3):
            bank = recurrent.Bank("rnn", 10, n_in=1, n_units=16, n_out=1, radius=1.5, seed=seed)
            found.append(recurrent.train(bank, partial(recurrent.account, 10, 32, 20), recurrent.squared_error, n_steps=120, lr=lr, seed=seed))
        thrown[lr] = sum(int((~(losses < 10)).any(0).sum()) for losses, _ in found)
        long[lr] = float(np.mean([float((norms > 3).float().mean()) for _, norms in found]))
    assert thrown[0.15] >= 3
    assert thrown[0.05] + thrown[0.03] == 0
    assert long[0.03] > 0.5 * long[0.15]


@pytest.fixture(scope="module")
def letters() -> dict[str, Any]:
    with plt.rc_context():
        return lesson("03c_letters", "words", "letters", "number", "n_tokens", "encode", "NameReader", "NameWriter", "train_on_names", "nats",
                      "x_train", "x_val", "x_test", "share_right")


def test_a_wider_gru_trained_for_longer_comes_closer_to_the_bag_of_pieces_and_stays_below(letters: dict[str, Any]) -> None:
    def accuracy(hidden: int, n_epochs: int, lr: float) -> float:
        letters["set_seed"](0)
        model = letters["NameReader"](hidden)
        letters["train_on_names"](model, letters["x_train"], lambda model, x, y: F.cross_entropy(model(x), y), n_epochs, 0, lr)
        return float(letters["share_right"](model.eval(), letters["x_test"]))

    train, test = letters["words"].train, letters["words"].test
    pieces = make_pipeline(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2), LogisticRegression(C=10, solver="newton-cg"))
    pieces.fit([name.lower() for name in train.names], train.y)
    bag = pieces.score([name.lower() for name in test.names], test.y)
    assert accuracy(48, letters["READER_EPOCHS"], 3e-2) + 0.01 < accuracy(96, 8, 1e-2) < bag - 0.01


def test_a_wider_writer_trained_for_longer_leaves_every_counted_table_behind(letters: dict[str, Any]) -> None:
    data = [(letters[f"x_{part}"], letters[f"y_{part}"]) for part in ("train", "test")]
    _, _, _, triples, quadruples, quintuples = letters["count_nats"](*data, most=5)
    assert quadruples < triples
    assert quadruples < quintuples
    letters["set_seed"](0)
    writer = letters["NameWriter"](96)
    letters["train_on_names"](writer, data[0][0], letters["nats"], 12, 0, lr=1e-2)
    with torch.inference_mode():
        assert letters["nats"](writer.eval(), *data[1]).item() < quadruples - 0.06
