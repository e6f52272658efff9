"""Byte-pair encoding, counts, n-grams: against slow programs, closed forms and scikit-learn's neighbours."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.tales import split_tales
from helpers.topics.text import bpe, counting, letters


def slowly(text: str, n: int) -> bpe.Merges:
    """All pieces are gone through for each merge."""
    pieces, merges = [list(p.encode()) for p in bpe.PIECE.findall(text)], {}
    for new in range(256, 256 + n):
        pairs = Counter(pair for p in pieces for pair in pairwise(p))
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges[best] = new
        pieces = [bpe.merged(p, best, new) for p in pieces]
    return merges


@given(st.text("aab b.é", max_size=60), st.integers(0, 12))
def test_the_quick_learner_learns_what_the_slow_one_does(text: str, n: int) -> None:
    assert bpe.learn(text, n) == slowly(text, n)


MERGES = bpe.learn(split_tales().val[:3000], 120)


@given(st.text(max_size=40), st.integers(0, 300))
def test_what_is_encoded_comes_back(text: str, most: int) -> None:
    merges = MERGES
    text = text.encode("utf-8", "ignore").decode("utf-8")
    assert bpe.decode(bpe.encode(text, merges, most), merges) == text


def test_fewer_merges_are_the_first_ones() -> None:
    text = split_tales().val[:3000]
    assert bpe.encode(text, bpe.learn(text, 80), 30) == bpe.encode(text, bpe.learn(text, 30))


def test_near_counts_are_symmetric_and_those_of_a_loop() -> None:
    text = ["a", "b", "a", "c", "b"]
    found = counting.near_counts([text], window=2, n_words=3)
    slow = Counter((text[i], text[j]) for i in range(5) for j in range(5) if 0 < abs(i - j) <= 2)
    for one in "abc":
        for other in "abc":
            assert found.table[found.place[one], found.place[other]] == slow[one, other]


def test_ppmi_and_vectors_of_a_small_table() -> None:
    table = np.array([[0, 4, 1], [4, 0, 0], [1, 0, 2.0]])
    expected = np.maximum(np.log(np.maximum(table, 1e-9) * table.sum() / np.outer(table.sum(0), table.sum(0))), 0)
    np.testing.assert_allclose(counting.ppmi_sparse(sp.csr_matrix(table)).toarray(), expected)
    assert counting.vectors(sp.csr_matrix(table), 2).shape == (3, 2)


def test_neighbours_leave_the_word_itself_out_and_refuse_strangers() -> None:
    counts = counting.near_counts([["the", "cat", "saw", "the", "dog", "and", "the", "dog", "saw", "the", "cat"]], 1)
    e = np.eye(len(counts.words))
    assert "cat" not in counting.neighbours(e, counts, "cat", 3)
    with pytest.raises(ValueError, match="not among the"):
        counting.neighbours(e, counts, "zebra")


def test_probabilities_sum_to_one_and_are_those_that_are_graded() -> None:
    text = split_tales().train[:5000]
    model = letters.NGram(text, 4)
    for context in ("", "t", "th", "the", "zzzz", "Qq"):
        assert model.probs(context).sum() == pytest.approx(1)
    held = split_tales().val[:200]
    slow = [-np.log2(model.probs(held[max(0, i - 3):i])[letters.PLACE[held[i]]]) for i in range(1, 200)]
    assert model.bits(held) == pytest.approx(np.mean(slow))
    assert model.surprises(held, 2) == pytest.approx(model.surprises(held)[:2])


def test_the_numpy_writer_is_the_network() -> None:
    torch.manual_seed(0)
    model = letters.CharGRU(24).eval()
    probs = letters.stepper(model)
    for text in ("The king", "The kings", "The", ""):
        if text:
            with torch.no_grad():
                expected = model(letters.as_ids(text)[None])[0][0, -1].softmax(0)
            np.testing.assert_allclose(probs(text), expected, rtol=1e-4, atol=1e-6)
    assert letters.sample(probs, "On", 30, 0.5, 5, seed=1) == letters.sample(probs, "On", 30, 0.5, 5, seed=1)
    with pytest.raises(ValueError, match="temperature"):
        letters.sample(probs, "On", 3, 0.0)


def test_top_k_keeps_k_and_low_temperature_keeps_one() -> None:
    p = np.array([0.5, 0.2, 0.2001, 0.0999])
    assert (letters.sharpened(p, 1.0, 2) > 0).sum() == 2
    np.testing.assert_allclose(letters.sharpened(p, 1.0, 4), p)
    assert letters.sharpened(p, 0.05, 4)[0] > 0.999
