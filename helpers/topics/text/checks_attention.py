"""Exercises of the lesson on attention: 13.6 to 13.9."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise

# ---------------------------------------------------------------- 13.6 attention

def _attention_cases() -> list[Case]:
    g = torch.Generator().manual_seed(136)
    cases = []
    for label, n, t, s, d, e in (("3 queries and 5 keys", 2, 3, 5, 4, 6), ("one query", 3, 1, 7, 2, 5), ("one key", 2, 4, 1, 3, 6), ("a batch of one, d = 64", 1, 6, 5, 64, 3)):
        cases.append(Case(label, tuple(torch.randn(shape, generator=g) for shape in ((n, t, d), (n, s, d), (n, s, e)))))
    q, k, v = (torch.randn(shape, generator=g) for shape in ((2, 5, 3), (2, 4, 3), (2, 4, 7)))
    return [*cases, Case("scores in the hundreds", (40 * q, 40 * k, v))]


attention = Exercise("13.6", oracle=lambda q, k, v: F.scaled_dot_product_attention(q, k, v), cases=_attention_cases, tolerance=1e-4, differentiable=("q", "k", "v"),
                     verified="as F.scaled_dot_product_attention, values and gradients: several sizes, one query, one key, large scores")


def _scores(q: Any, k: Any) -> Any:
    return q @ k.transpose(1, 2)


@attention.wrong("each query spends a weight of 1 on the keys: softmax over the last axis, not over the queries.")
def over_queries(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k) / q.shape[2] ** 0.5).softmax(1) @ v


@attention.wrong("the division by √d is missing.")
def no_root(q: Any, k: Any, v: Any) -> Any:
    return _scores(q, k).softmax(2) @ v


@attention.wrong("divide by the root of d, not by d.")
def by_d(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k) / q.shape[2]).softmax(2) @ v


@attention.wrong("d is the size of a query (its last axis), not how many keys there are.")
def root_of_keys(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k) / k.shape[1] ** 0.5).softmax(2) @ v


@attention.wrong("the scores must go through softmax before they weigh the values.")
def no_softmax(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k) / q.shape[2] ** 0.5) @ v


@attention.wrong("those are the weights; multiply them with the values.")
def weights_alone(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k) / q.shape[2] ** 0.5).softmax(2)


@attention.wrong("divide before the softmax: afterwards the weights no longer sum to 1.")
def root_after(q: Any, k: Any, v: Any) -> Any:
    return (_scores(q, k).softmax(2) / q.shape[2] ** 0.5) @ v


@attention.also_right
def with_einsum(q: Any, k: Any, v: Any) -> Any:
    w = torch.einsum("ntd,nsd->nts", q, k).div(math.sqrt(q.shape[-1])).softmax(dim=-1)
    return torch.einsum("nts,nse->nte", w, v)


@attention.also_right
def by_exp(q: Any, k: Any, v: Any) -> Any:
    s = torch.bmm(q * q.shape[-1] ** -0.5, k.mT)
    e = (s - s.amax(-1, keepdim=True)).exp()
    return torch.bmm(e, v) / e.sum(-1, keepdim=True)


# ---------------------------------------------------------------- 13.7 the causal mask

def hides_itself(n: Any) -> Any:
    return torch.ones(n, n, dtype=torch.bool).triu()


causal = Exercise("13.7", kind="fix", given=hides_itself, oracle=lambda n: torch.tensor([[j > i for j in range(n)] for i in range(n)]), dtype=torch.bool,
                  cases=lambda: [Case(f"{n} place{'s' if n > 1 else ''}", (n,)) for n in (4, 1, 7, 2)], verified="for 1, 2, 4 and 7 places: each sees itself and what came before")


@causal.wrong("that is the other convention: True must mean hidden.")
def true_is_seen(n: Any) -> Any:
    return torch.ones(n, n, dtype=torch.bool).tril()


@causal.wrong("the next place can be seen: begin one diagonal above the main one, not two.")
def one_too_far(n: Any) -> Any:
    return torch.ones(n, n, dtype=torch.bool).triu(2)


@causal.wrong("rows look, columns are looked at: this hides the past.")
def the_past(n: Any) -> Any:
    return torch.ones(n, n, dtype=torch.bool).tril(-1)


@causal.wrong("the values are right, but they come as torch.float32, and bool is wanted")
def in_floats(n: Any) -> Any:
    return torch.ones(n, n).triu(1)


@causal.wrong("nothing is hidden.")
def nothing_hidden(n: Any) -> Any:
    return torch.zeros(n, n, dtype=torch.bool)


@causal.also_right
def by_places(n: Any) -> Any:
    t = torch.arange(n)
    return t > t[:, None]


@causal.also_right
def by_not(n: Any) -> Any:
    return ~torch.tril(torch.ones((n, n), dtype=torch.bool))


# ---------------------------------------------------------------- 13.8 a test of masked attention

def _right_masked(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """attention that puts −∞ where it must not look"""
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return s.masked_fill(hidden, -torch.inf).softmax(-1) @ v


def _right_by_torch(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """attention by torch's own function"""
    return F.scaled_dot_product_attention(q, k, v, attn_mask=~hidden)


def _mask_ignored(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """it looks everywhere, whatever the mask says"""
    return F.scaled_dot_product_attention(q, k, v)


def _mask_turned(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """it looks only where it must not"""
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return s.masked_fill(~hidden, -1e9).softmax(-1) @ v


def _zeros_afterwards(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """weights set to 0 after the softmax: they no longer sum to 1"""
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return s.softmax(-1).masked_fill(hidden, 0) @ v


def _zero_scores(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """scores set to 0 in place of −∞: hidden places still get a weight"""
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    return s.masked_fill(hidden, 0).softmax(-1) @ v


def _mask_transposed(q: Any, k: Any, v: Any, hidden: Any) -> Any:
    """rows and columns of the mask are exchanged"""
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    mask = hidden.transpose(-2, -1)
    return s.masked_fill(mask if mask.shape == hidden.shape else hidden, -1e9).softmax(-1) @ v


masked_test = Exercise("13.8", kind="test", right=[_right_masked, _right_by_torch], wrong_programs=[_mask_ignored, _mask_turned, _zeros_afterwards, _zero_scores, _mask_transposed])


def _draw(n: int = 4) -> tuple[Any, Any, Any]:
    g = torch.Generator().manual_seed(138)
    q, k, v = torch.randn(3, 2, n, 3, generator=g)
    return q, k, v


@masked_test.wrong("a shape alone says nothing of where it looks.")
def shape_alone(attend: Any) -> None:
    q, k, v = _draw()
    assert attend(q, k, v, torch.ones(4, 4, dtype=torch.bool).triu(1)).shape == v.shape


@masked_test.wrong("with nothing hidden every program looks everywhere, but one: hide something.")
def nothing_to_hide(attend: Any) -> None:
    q, k, v = _draw()
    torch.testing.assert_close(attend(q, k, v, torch.zeros(4, 4, dtype=torch.bool)), F.scaled_dot_product_attention(q, k, v))


@masked_test.wrong("your mask is the same with rows and columns exchanged: take the causal one.")
def symmetric_mask(attend: Any) -> None:
    q, k, v = _draw()
    hidden = ~torch.eye(4, dtype=torch.bool).roll(0, 0) & ~torch.eye(4, dtype=torch.bool).flip(0)
    torch.testing.assert_close(attend(q, k, v, hidden), F.scaled_dot_product_attention(q, k, v, attn_mask=~hidden))


@masked_test.wrong("that a hidden value does not matter also holds where the weights no longer sum to 1: compare the output itself.")
def only_that_hidden_values_do_not_matter(attend: Any) -> None:
    q, k, v = _draw()
    hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    other = v.clone()
    other[:, -1] = 100.0
    torch.testing.assert_close(attend(q, k, v, hidden)[:, :-1], attend(q, k, other, hidden)[:, :-1])


@masked_test.wrong("your test fails a right program")
def mask_meant_the_other_way(attend: Any) -> None:
    q, k, v = _draw()
    seen = torch.ones(4, 4, dtype=torch.bool).tril()
    torch.testing.assert_close(attend(q, k, v, seen), F.scaled_dot_product_attention(q, k, v, attn_mask=seen))


@masked_test.also_right
def by_the_means_of_what_was_seen(attend: Any) -> None:
    k = torch.zeros(1, 5, 2)
    v = torch.tensor([1.0, 2.0, 4.0, 8.0, 16.0]).reshape(1, 5, 1)
    hidden = torch.ones(5, 5, dtype=torch.bool).triu(1)
    out = attend(k, k, v, hidden).flatten()
    expected = [1.0, 1.5, 7 / 3, 3.75, 6.2]
    assert torch.allclose(out, torch.tensor(expected), atol=1e-5)


@masked_test.also_right
def by_torch(attend: Any) -> None:
    q, k, v = _draw(6)
    hidden = torch.ones(6, 6, dtype=torch.bool).triu(1)
    torch.testing.assert_close(attend(q, k, v, hidden), F.scaled_dot_product_attention(q, k, v, is_causal=True))


# ---------------------------------------------------------------- 13.9 the loop that writes

_READ = "read, state, seen = model.read(x)"
_LAST = "last = torch.full((len(x), 1), START)"
_WRITTEN = "written = []"
_FOR = "for _ in range(10):"
_WRITE = "    logits, ____, weights = model.write(last, state, read, seen)"
_DRAW = "    last = logits.argmax(-1)"
_APPEND = "    written.append(last)"
_CAT = "date = torch.cat(written, 1)"
_FILLED = _WRITE.replace("____", "state")

loop = Exercise("13.9", kind="order", lines=[_READ, _LAST, _WRITTEN, _FOR, _WRITE, _DRAW, _APPEND, _CAT],
                gaps={_WRITE: (["state", "_", "read"], "state")},
                needs={_FOR: [_READ, _LAST, _WRITTEN], _WRITE: [_FOR], _DRAW: [_WRITE], _APPEND: [_DRAW], _CAT: [_APPEND]},
                distractors={"    last = y[:, t]": "the true date is what we do not have when we translate; that line belongs to training.",
                             "    last = logits.softmax(-1)": "the next step wants the number of a character, not a probability for each.",
                             "    read, state, seen = model.read(x)": "reading anew at each step would throw the writer's state away."},
                verified="the words are read once; each character is written from the network's own one before it")


@loop.wrong("'    written.append(last)' (line 5) stands too early: something below must come before it")
def appended_first() -> list[str]:
    return [_READ, _LAST, _WRITTEN, _FOR, _APPEND, _FILLED, _DRAW, _CAT]


@loop.wrong("the lines are right, but not what fills this gap")
def state_lost() -> list[str]:
    return [_READ, _LAST, _WRITTEN, _FOR, _WRITE.replace("____", "_"), _DRAW, _APPEND, _CAT]


@loop.also_right
def list_first() -> list[str]:
    return [_WRITTEN, _READ, _LAST, _FOR, _FILLED, _DRAW, _APPEND, _CAT]


@loop.also_right
def start_first() -> list[str]:
    return [_LAST, _WRITTEN, _READ, _FOR, _FILLED, _DRAW, _APPEND, _CAT]
