"""Attention networks and dates: against torch, by hand, and by what must hold for every input."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.topics.text import attending, dates, heads, longer, reading
from helpers.topics.text.loops import train_on


def test_softmax_and_entropy() -> None:
    scores = np.array([[0.0, 0.0, -np.inf], [1000.0, 0.0, 0.0]])
    np.testing.assert_allclose(attending.softmax(scores), np.array([[0.5, 0.5, 0], [1, 0, 0]]))
    np.testing.assert_allclose(attending.entropy(attending.softmax(scores)), np.array([np.log(2), 0]), atol=1e-12)


def test_attention_alone_is_torch_s_with_a_causal_mask() -> None:
    torch.manual_seed(0)
    layer = heads.Attention(12, 3)
    x = torch.randn(2, 5, 12)
    q, k, v = (part.view(2, 5, 3, 4).transpose(1, 2) for part in layer.qkv(x).chunk(3, -1))
    expected = layer.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(2, 5, 12))
    out, weights = layer(x, torch.ones(3))
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5))
    assert not layer(x, torch.zeros(3))[0].any()


def test_a_piece_comes_twice_and_only_what_can_be_foreseen_is_marked() -> None:
    drawn = heads.twice(300, torch.Generator().manual_seed(0))
    row, t = drawn.again.nonzero(as_tuple=True)
    back = drawn.back[row]
    assert torch.equal(drawn.x[row, t], drawn.x[row, t - back])
    assert torch.equal(drawn.x[row, t + 1], drawn.x[row, t + 1 - back])
    assert drawn.again.sum(1).min() == 3
    assert drawn.again.sum(1).max() == 9
    assert len(drawn.back.unique()) > 10


def test_weights_of_a_head_are_scored_where_they_lie() -> None:
    torch.manual_seed(0)
    scores = heads.head_scores(heads.AttentionOnly(), n=20)
    assert scores.previous.shape == scores.induction.shape == (2, 2)
    assert float(scores.previous.min()) >= 0


def test_dates_are_dates_and_have_no_date_in_common() -> None:
    found = dates.pairs(200, 3)
    assert all(datetime.date.fromisoformat(date).year in range(1950, 2050) for _, date in found)
    assert all(text == text.lower() and "year" in dates.spans(text) and "day" in dates.spans(text) for text, _ in found)
    held = dates.apart(found, [*dates.pairs(200, 3), ("x", "1900-01-01")])
    assert held == [("x", "1900-01-01")]
    assert dates.spans("21.02.1995") == {"day": (0, 2), "year": (6, 10)}


def test_every_letter_of_the_training_dates_can_be_read() -> None:
    assert not {c for text, _ in dates.pairs(2000, 1) for c in text} - set(dates.IN)


def test_padding_changes_nothing_and_hidden_places_get_no_weight() -> None:
    torch.manual_seed(0)
    model = dates.DateWriter().eval()
    short, long = "5 mai 2001", "samedi 5 mai 2001 et encore"
    alone, weights = model.translate(dates.read_in([short]))
    both, _ = model.translate(dates.read_in([short, long]))
    assert torch.equal(alone[0], both[0])
    assert weights is not None
    torch.testing.assert_close(weights.sum(-1), torch.ones(1, 10))
    hide = torch.zeros(1, len(short), dtype=torch.bool)
    hide[0, 3] = True
    hidden = model.translate(dates.read_in([short]), hide)[1]
    assert hidden is not None
    assert not hidden[..., 3].any()


def test_without_attention_there_are_no_weights_and_as_many_parameters() -> None:
    from helpers.models import count_parameters
    plain = dates.DateWriter(attention=False, h=longer.WIDE).eval()
    assert plain.translate(dates.read_in(["5 mai 2001"]))[1] is None
    assert 1 < count_parameters(plain) / count_parameters(dates.DateWriter()) < 1.03


def test_the_rule_reads_digits_and_counted_months() -> None:
    rule = dates.Rule([("3 march 1999", "1999-03-03"), ("march 12, 1951", "1951-03-12"), ("5 may 1950", "1950-05-05")])
    assert rule("2014 march 7") == "2014-03-07"
    assert rule("7 marzo 2014") == "2014-03-07"
    assert rule("07.05.2014") == "2014-05-07"
    assert rule("juni") == "0000-00-00"


def test_readers_take_padding_and_without_positions_order_is_nothing() -> None:
    torch.manual_seed(0)
    x = torch.tensor([[3, 4, 5, 0, 0], [5, 4, 3, 6, 2]])
    turned = torch.tensor([[5, 3, 4, 0, 0], [2, 3, 5, 4, 6]])
    for kind, blind in ((reading.BagReader, True), (reading.GRUReader, False), (reading.TransformerReader, False)):
        model = kind(9, 4).eval()
        assert torch.allclose(model(x), model(turned), atol=1e-5) == blind
    free = reading.TransformerReader(9, 4, positions=False).eval()
    torch.testing.assert_close(free(x), free(turned), atol=1e-5, rtol=1e-4)


def test_which_first_holds_each_marker_once() -> None:
    task = reading.which_first()
    for text, label in zip(task.test.texts, task.test.y, strict=True):
        words = text.split()
        assert (words.count("alpha"), words.count("omega")) == (1, 1)
        assert (words.index("alpha") < words.index("omega")) == bool(label)


def test_the_loop_is_reproducible_and_checks_its_arguments() -> None:
    def run() -> list[float]:
        torch.manual_seed(1)
        model = torch.nn.Linear(3, 1)
        x = torch.arange(30.0).view(10, 3) / 30
        return train_on(model, lambda i: (model(x[i]) - 1).square().mean(), 10, n_steps=20, lr=0.1, seed=0, batch_size=5)

    assert run() == run()
    assert run()[-1] < run()[0]
    with pytest.raises(ValueError, match="n_steps"):
        train_on(torch.nn.Linear(1, 1), lambda i: i.sum(), 3, n_steps=0, lr=0.1, seed=0)


def test_what_is_stored_has_the_recipe_s_steps() -> None:
    found = longer.stored()
    assert [row["steps"] for row in found["letters"]] == list(longer.LETTER_STEPS)
    assert [(row["steps"], row["lr"]) for row in found["dates"]] == [*longer.DATE_RUNS]
