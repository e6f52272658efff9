"""Rows of letters: batches, the last real step, draws and counted models, against torch and closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from helpers.data.letters import by_length, count_nats, draw_letter, last_valid, lengths_of, pairs_of


def rows(*words: list[int]) -> torch.Tensor:
    return nn.utils.rnn.pad_sequence([torch.tensor(word) for word in words], batch_first=True)


def test_last_valid_is_the_state_of_a_packed_gru() -> None:
    torch.manual_seed(0)
    gru, lengths = nn.GRU(3, 5, batch_first=True), torch.tensor([4, 1, 6, 6, 2])
    x = torch.randn(5, 6, 3)
    _, h = gru(nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    torch.testing.assert_close(last_valid(gru(x)[0], lengths), h[0])


@pytest.mark.parametrize("lengths", [[0, 1], [1, 4], [1]])
def test_last_valid_refuses(lengths: list[int]) -> None:
    with pytest.raises(ValueError, match=r"length|shape|takes"):
        last_valid(torch.zeros(2, 3, 1), torch.tensor(lengths))


def test_by_length_gives_each_word_once_the_short_ones_first() -> None:
    x = rows(*[[1] * n for n in (5, 2, 7, 2, 3, 5, 1, 7, 4)])
    batches = by_length(x, 4, seed=1)
    assert sorted(torch.cat(batches).tolist()) == list(range(9))
    lengths = lengths_of(x)[torch.cat(batches)].tolist()
    assert lengths == sorted(lengths)
    assert [len(b) for b in batches] == [4, 4, 1]
    with pytest.raises(ValueError, match="batch_size"):
        by_length(x, 0)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_draws_are_as_frequent_as_softmax_says(temperature: float) -> None:
    logits = torch.tensor([1.0, -0.5, 2.0, 0.0])
    drawn = draw_letter(logits.expand(40_000, 4), temperature, torch.rand(40_000, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(drawn.bincount(minlength=4) / 40_000, (logits / temperature).softmax(0), atol=0.01, rtol=0)


def test_draws_at_the_ends_of_chance_and_of_size() -> None:
    logits = torch.tensor([[1000.0, 0.0, 999.0]] * 2)
    assert draw_letter(logits, 1.0, torch.tensor([0.0, 1 - 1e-7])).tolist() == [0, 2]
    assert draw_letter(logits, 0.001, torch.tensor([0.0, 0.9999])).tolist() == [0, 0]
    with pytest.raises(ValueError, match="temperature"):
        draw_letter(logits, 0, torch.zeros(2))
    with pytest.raises(ValueError, match="takes"):
        draw_letter(logits, 1, torch.zeros(3))


def test_counted_models_against_closed_forms() -> None:
    x, y = rows([1, 2], [1, 2], [1, 2]), torch.zeros(3, dtype=torch.int64)
    once = (3 + 3 / 3) / (9 + 3)                                                    # each of 9 counted letters a third
    twice = (3 + 3 * once) / (3 + 3)
    assert count_nats((x, y), (x, y), 2) == pytest.approx([math.log(3), -math.log(once), -math.log(twice)])     # letters 1, 2 and the end
    other = torch.ones(3, dtype=torch.int64)
    assert count_nats((x, y), (x, other)) == pytest.approx([math.log(3)] * 4)       # nothing was counted for this class
    with pytest.raises(ValueError, match="most"):
        count_nats((x, y), (x, y), 6)


def test_pairs_hold_the_edges() -> None:
    assert pairs_of(["ab", "b"]) == {"^a", "ab", "b$", "^b"}
