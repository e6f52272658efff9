"""The figures of chapter 13 at the ends of their controls; their goals can be reached."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from helpers.data.tales import split_tales, tales, words_of
from helpers.topics.text import bpe, counting, dates, grok, heads, letters, scenes_looks, scenes_words, stills


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    torch.set_num_threads(1)
    yield
    plt.close("all")


def test_merges_colour_any_text_and_the_goal_can_be_reached() -> None:
    text = split_tales().val[:4000]
    draw, _ = scenes_words.merge_view(bpe.learn(split_tales().train[:40000], 300), {"tales": text, "Python": scenes_words.PYTHON}, goal=0.6)
    assert draw(n=0, words="queen")[0].startswith("After 0 merges your 5 characters are 5 tokens, 1.00")
    assert "3.00 a character" in draw(n=300, words="深度")[0]
    draw(n=300, words="")
    draw(n=300, words="Wörter-3 " * 6)
    assert sum(draw(n=n, words="a")[1] for n in range(0, 301, 10)) in (1, 2)
    for step in scenes_words.MERGE_STEPS:
        draw(**{"n": 0, "words": "The queen", **step.values})


def test_neighbours_name_words_and_count_partners() -> None:
    texts = [words_of(tale.text) for tale in tales()]
    found = {}
    for window in (1, 10):
        counts = counting.near_counts(texts, window)
        found[window] = counts, counting.vectors(counting.ppmi_sparse(counts.table), 100)
    draw, _ = scenes_words.neighbour_view(found)
    assert "white" in draw(word="red", window=1, d=50)[0]
    assert "cap" in draw(word="Red ", window=10, d=50)[0]
    assert draw(word="red", window=1, d=50)[1]
    assert not draw(word="red", window=10, d=100)[1]
    assert "not among" in draw(word="laptop", window=1, d=2)[0]


def test_orders_and_temperature() -> None:
    parts = split_tales()
    model = letters.NGram(parts.train[:20000], 3)
    draw, _ = scenes_words.order_view(model, model.surprises(parts.train[:2000]), model.surprises(parts.val[:2000]))
    assert [draw(order=n, seed=0)[1] for n in (1, 2, 3)].count(True) == 1
    view, _ = scenes_words.temperature_view({"counting": lambda t: model.probs(t[-2:])}, parts.train)
    assert "it repeats itself" in view(writer="counting", temperature=0.1, k=1, seed=0)[0]
    strange = [view(writer="counting", temperature=t, k=63, seed=1)[0] for t in (0.3, 2.0)]
    assert strange[0] != strange[1]


def test_a_query_that_points_at_a_key_weighs_it() -> None:
    draw, _ = scenes_looks.query_view()
    assert "0.33, queen 0.33" in draw(across=0.0, up=0.0, divide=True, hide=False)[0]
    assert draw(across=0.0, up=-2.4, divide=False, hide=False)[1]
    assert not draw(across=4.0, up=4.0, divide=True, hide=False)[1]
    assert "the 0.00" in draw(across=-3.0, up=3.0, divide=True, hide=True)[0]
    for step in scenes_looks.QUERY_STEPS:
        draw(**{"across": 1.0, "up": 0.3, "divide": True, "hide": False, **step.values})


def test_the_date_map_takes_any_text() -> None:
    train = dates.pairs(200, 1)
    draw, _ = scenes_looks.date_view(dates.trained(train, attention=True, n_steps=2), dates.Rule(train))
    for text in ("", "o", "Wörter-3 Wörter-3 Wörter-3 Wörter-3 W", *(str(step.values["date"]) for step in scenes_looks.MAP_STEPS)):
        assert "It writes" in draw(date=text)[0]


def test_heads_on_and_off() -> None:
    torch.manual_seed(0)
    draw, _ = scenes_looks.head_view(heads.AttentionOnly())
    for head in scenes_looks.HEADS:
        assert f"Head {head} is shown; all heads on" in draw(shown=head, sequence=39, h11=True, h12=True, h21=True, h22=True)[0]
    found = [draw(shown="1.1", sequence=0, h11=i != 0, h12=i != 1, h21=i != 2, h22=i != 3)[1] for i in range(4)]
    assert found.count(True) == 1


def test_sums_are_reproducible_and_their_picture_moves() -> None:
    draw, _ = grok.grok_view()
    one, two = (grok.Grok(decay=1.0, share=0.6, seed=3) for _ in range(2))
    for _ in range(20):
        one.step()
        two.step()
    assert one.train_accuracy == two.train_accuracy
    assert not draw(one)[1]
    assert one.spectrum().sum() == pytest.approx(1, rel=1e-4)
    one.held_accuracy[-1] = 0.99
    assert draw(one)[1]


def test_stills_say_what_they_show() -> None:
    said = getattr(stills.bars({"one": 0.2, "two": 0.5}, "accuracy", "title", 0.1), "course_alt", "")
    assert "two «0.50»" in said
    assert "level line" in getattr(stills.lines({"a": ([1, 2], [3, 4])}, "x", "y", "t", level=("b", 2.0)), "course_alt", "")
    assert "column" in getattr(stills.table_of(np.eye(2), ["r", "s"], ["c", "d"], "t"), "course_alt", "")
