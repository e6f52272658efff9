"""What chapter 13 says of runs longer than its own, and of other seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.data.tales import split_tales
from helpers.topics.text import dates, grok, heads, letters, reading


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_three_times_the_steps_do_not_bring_the_gru_level_with_counts_on_topics() -> None:
    task = reading.which_tale()
    (train, _, test), n_words = reading.numbered(task)
    counts = reading.tfidf_scores(task, kinds=(("words", 1),))["words"]
    torch.manual_seed(0)
    model = reading.GRUReader(n_words, len(task.names))
    reading.train_reader(model, train, n_steps=450, lr=1e-2, seed=0)
    assert reading.accuracy_of(model, test) < counts - 0.1
    assert reading.accuracy_of(model, train) > 0.85


def test_less_text_makes_shorter_contexts_best() -> None:
    parts = split_tales()
    bits = letters.NGram(parts.train[:len(parts.train) // 10], 6).surprises(parts.val[:20_000])
    assert int(np.argmin(bits)) + 1 == 4


def test_ordinary_dates_of_one_language_do_not_mend_what_year_first_ones_do() -> None:
    more = dates.pairs(6000, 1) + dates.pairs(700, 7, {"de": ["long"]})
    model = dates.trained(more, attention=True, n_steps=120, seed=0)
    for code in ("en_US", "fr", "it"):
        assert dates.right_share(model, dates.pairs(300, 5, {code: ["y MMMM d"]})) < 0.1


def test_attention_learns_dates_with_another_seed_too() -> None:
    train = dates.pairs(6000, 1)
    held = dates.apart(train, dates.pairs(600, 2))
    model = dates.trained(train, attention=True, n_steps=120, seed=1)
    assert dates.right_share(model, held) > 0.9
    assert float(dates.looks_at(model, held, "year").mean()) > 0.8


def test_one_layer_falls_short_with_twice_the_heads_and_twice_the_steps() -> None:
    torch.manual_seed(0)
    model = heads.AttentionOnly(1, heads=4)
    heads.train_heads(model, n_steps=1000, seed=0, batch_size=48)
    assert heads.foreseen(model) < 0.4


def test_two_layers_find_the_pair_of_heads_with_another_seed() -> None:
    torch.manual_seed(1)
    model = heads.AttentionOnly()
    heads.train_heads(model, n_steps=500, seed=1, batch_size=48)
    scores = heads.head_scores(model)
    assert heads.foreseen(model) > 0.75
    assert heads.one_pair(model) > 0.75
    assert float(scores.previous[0].max()) > 0.4
    assert float(scores.induction[1].max()) > 0.4


def test_sums_are_understood_late_and_only_with_decay() -> None:
    waves = []
    for seed in range(2):
        run = grok.Grok(decay=1.0, share=0.6, seed=seed)
        for _ in range(3000):
            run.step()
        held, train = np.array(run.held_accuracy), np.array(run.train_accuracy)
        assert held.max() > 0.9
        assert run.steps[int(np.argmax(held > 0.9))] > 5 * run.steps[int(np.argmax(train > 0.99))]
        waves.append(np.sort(run.spectrum())[-3:].sum())
    run = grok.Grok(decay=0.0, share=0.6, seed=0)
    for _ in range(3000):
        run.step()
    assert run.train_accuracy[-1] > 0.99
    assert run.held_accuracy[-1] < 0.2
    assert min(waves) > np.sort(run.spectrum())[-3:].sum() + 0.03
