"""Exercises of the lesson on words and letters: 13.1 to 13.5."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from typing import Any

import numpy as np
import torch

from helpers.lesson.exercise import Case, Exercise, distinct

# ---------------------------------------------------------------- 13.1 merge a pair

def _by_text(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """One sign for each token, and the text's own replace, which goes from the left and never over one place twice."""
    a, b = pair
    text = "".join(map(chr, ids)).replace(chr(a) + chr(b), chr(new))
    return [ord(c) for c in text]


merge_pair = Exercise("13.1", oracle=_by_text, whole=True, verified="pairs in a row, pairs that overlap, a pair at the end, no pair, one token and none",
                      cases=lambda: [Case("two occurrences", ([5, 1, 2, 7, 1, 2, 9], (1, 2), 300)), Case("'aaaaa'", ([97] * 5, (97, 97), 256)),
                                     Case("'aaab'", ([97, 97, 97, 98], (97, 97), 256)), Case("a pair at the end", ([4, 4, 8, 3, 8], (3, 8), 256)), Case("no such pair", ([2, 1, 2], (1, 3), 256)),
                                     Case("the pair turned round", ([2, 1, 2, 1], (1, 2), 260)), Case("one token", ([7], (7, 7), 256)), Case("no token", ([], (1, 2), 256))])


@merge_pair.wrong("after a merge, go on behind the whole pair: a token may be used once.")
def overlapping(ids: Any, pair: Any, new: Any) -> Any:
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i:i + 2]) == pair:
            out.append(new)
            if i + 2 == len(ids):
                break
        else:
            out.append(ids[i])
        i += 1
    return out


@merge_pair.wrong("only the first occurrence is merged; all of them are wanted.")
def first_only(ids: Any, pair: Any, new: Any) -> Any:
    for i in range(len(ids) - 1):
        if tuple(ids[i:i + 2]) == pair:
            return [*ids[:i], new, *ids[i + 2:]]
    return list(ids)


@merge_pair.wrong("the last token is lost: it has no right neighbour, and stays all the same.")
def last_lost(ids: Any, pair: Any, new: Any) -> Any:
    out, i = [], 0
    while i < len(ids) - 1:
        if tuple(ids[i:i + 2]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge_pair.wrong("the order within a pair counts: (2, 1) is another pair than (1, 2).")
def as_a_set(ids: Any, pair: Any, new: Any) -> Any:
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and sorted(ids[i:i + 2]) == sorted(pair):
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge_pair.wrong("go from the left: in 'aaab' the first two become the pair.")
def from_the_right(ids: Any, pair: Any, new: Any) -> Any:
    return _by_text(list(ids)[::-1], tuple(pair)[::-1], new)[::-1]


@merge_pair.also_right
def with_a_stack(ids: Any, pair: Any, new: Any) -> Any:
    out: list[Any] = []
    fresh = False                       # whether the top of the stack may still be the left half of a pair
    for i in ids:
        if fresh and (out[-1], i) == tuple(pair):
            out[-1], fresh = new, False
        else:
            out.append(i)
            fresh = True
    return out


@merge_pair.also_right
def with_an_iterator(ids: Any, pair: Any, new: Any) -> Any:
    text = " " + " ".join(f"<{i}>" for i in ids) + " "
    text = re.sub(rf"<{pair[0]}> <{pair[1]}>", f"<{new}>", text)
    return [int(i) for i in re.findall(r"<(\d+)>", text)]


# ---------------------------------------------------------------- 13.2 PPMI

def _by_loops(counts: np.ndarray) -> np.ndarray:
    total, out = float(counts.sum()), np.zeros(counts.shape)
    for i, j in itertools.product(range(len(counts)), repeat=2):
        if counts[i, j] > 0:
            out[i, j] = max(0.0, math.log(counts[i, j]) + math.log(total) - math.log(counts[i].sum()) - math.log(counts[:, j].sum()))
    return out


def _count_cases() -> list[Case]:
    r = np.random.default_rng(132)
    cases = []
    for n, most in zip(distinct(4, seed=132, least=3, most=9), (4, 3, 60, 5000), strict=True):
        half = r.integers(0, most, (n, n)).astype(float)
        table = half + half.T
        table[0, -1] = table[-1, 0] = 0
        table[np.arange(n), (np.arange(n) + 1) % n] += 1
        cases.append(Case(f"a table of {n} words", (table + table.T,)))
    return cases


ppmi = Exercise("13.2", oracle=_by_loops, cases=_count_cases, tolerance=1e-6, verified="four tables, with zeros in them and of 3 to 9 words; small counts and large ones")


@ppmi.wrong("a pair that was never seen has 0, and log 0 is no number: treat zeros apart.")
def log_of_zero(counts: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(counts * counts.sum() / (counts.sum(1, keepdims=True) * counts.sum(0)))


@ppmi.wrong("only positive values are kept: rarer than by chance counts as 0.")
def negative_kept(counts: Any) -> Any:
    p = counts * counts.sum() / (counts.sum(1, keepdims=True) * counts.sum(0))
    return np.where(counts > 0, np.log(np.where(counts > 0, p, 1)), 0)


@ppmi.wrong("use the natural logarithm.")
def in_bits(counts: Any) -> Any:
    return _by_loops(counts) / math.log(2)


@ppmi.wrong("the total belongs above the line: n(a, b) · total / (n(a) · n(b)).")
def total_missing(counts: Any) -> Any:
    p = counts / (counts.sum(1, keepdims=True) * counts.sum(0))
    return np.maximum(np.log(np.where(counts > 0, p, 1)), 0)


@ppmi.wrong("divide by both words' sums, the row's and the column's.")
def rows_alone(counts: Any) -> Any:
    p = counts * counts.sum() / counts.sum(1, keepdims=True)
    return np.maximum(np.log(np.where(counts > 0, p, 1)), 0)


@ppmi.wrong("adding 1 to each count changes all values: leave the zeros at 0 instead.")
def with_one_more(counts: Any) -> Any:
    c = counts + 1
    return np.maximum(np.log(c * c.sum() / (c.sum(1, keepdims=True) * c.sum(0))), 0)


@ppmi.also_right
def with_outer(counts: Any) -> Any:
    p = counts / counts.sum()
    chance = np.outer(p.sum(1), p.sum(0))
    ratio = np.divide(p, chance, out=np.ones_like(p), where=p > 0)
    return np.log(np.maximum(ratio, 1))


@ppmi.also_right
def with_errstate(counts: Any) -> Any:
    with np.errstate(divide="ignore"):
        logs = np.log(counts) + np.log(counts.sum()) - np.log(counts.sum(0)) - np.log(counts.sum(1))[:, None]
    return logs.clip(min=0)


# ---------------------------------------------------------------- 13.3 two texts that no count of pairs tells apart

def _judge_texts(got: Any) -> str | None:
    if not isinstance(got, (tuple, list)) or len(got) != 2 or not all(isinstance(t, str) for t in got):
        return f"give two texts, a pair of str; got {type(got).__name__}"
    one, other = (t.split() for t in got)
    for name, words in (("first", one), ("second", other)):
        for wanted in ("alpha", "omega"):
            if words.count(wanted) != 1:
                return f"the {name} text must hold {wanted!r} once; it holds it {words.count(wanted)} times"
    if Counter(one) != Counter(other):
        strange = sorted((Counter(one) - Counter(other)) + (Counter(other) - Counter(one)))
        return f"the texts differ in their words already: {', '.join(strange[:3])}"
    if (one.index("alpha") < one.index("omega")) == (other.index("alpha") < other.index("omega")):
        return "in both texts the same of the two comes first"
    pairs = [Counter(itertools.pairwise(words)) for words in (one, other)]
    if pairs[0] != pairs[1]:
        a, b = next(iter((pairs[0] - pairs[1]) + (pairs[1] - pairs[0])))
        return f"the pair '{a} {b}' tells the texts apart: it is in one of them more often than in the other"
    return None


blind_pairs = Exercise("13.3", kind="value", judge=_judge_texts, verified="the same words, the same pairs of neighbours, and another word comes first")


@blind_pairs.wrong("tells the texts apart")
def only_the_words() -> Any:
    return "alpha then omega", "omega then alpha"


@blind_pairs.wrong("in both texts the same of the two comes first")
def one_text_twice() -> Any:
    return "so alpha so omega so", "so alpha so omega so"


@blind_pairs.wrong("the texts differ in their words already")
def other_words() -> Any:
    return "first alpha last omega", "omega first alpha"


@blind_pairs.wrong("must hold 'omega' once")
def one_of_them_alone() -> Any:
    return "the alpha the", "the omega the"


@blind_pairs.wrong("give two texts, a pair of str")
def one_text() -> Any:
    return "the alpha the omega the"


@blind_pairs.also_right
def with_three_blanks() -> Any:
    return "now alpha now omega now", "now omega now alpha now"


@blind_pairs.also_right
def with_longer_bridges() -> Any:
    return "a b alpha c a b omega c", "a b omega c a b alpha c"


# ---------------------------------------------------------------- 13.4 perplexity

def log_of_the_mean(probs: Any) -> Any:
    bits = -np.log2(np.mean(probs))
    return float(2**bits)


def _prob_cases() -> list[Case]:
    r = np.random.default_rng(134)
    cases = [Case(f"{n} characters", (r.uniform(0.01, 1, n),)) for n in (5, 40)]
    return [*cases, Case("one character", (np.array([0.25]),)), Case("a fair choice among 8, always", (np.full(7, 0.125),)), Case("one great surprise", (np.array([0.9, 0.9, 1e-12, 0.8]),)),
            Case("2,000 characters, whose product is 0 in float64", (r.uniform(0.01, 0.4, 2000),))]


perplexity = Exercise("13.4", kind="fix", given=log_of_the_mean, oracle=lambda probs: float(np.exp(np.mean([-math.log(p) for p in probs]))), cases=_prob_cases,
                      verified="short texts and long ones, one character, and a text with one great surprise")


@perplexity.wrong("the exponent must match the logarithm: log2 goes with powers of 2.")
def bases_mixed(probs: Any) -> Any:
    return float(np.exp(-np.log2(probs).mean()))


@perplexity.wrong("divide the surprise by the number of characters: take the mean, not the sum.")
def summed(probs: Any) -> Any:
    with np.errstate(over="ignore"):
        return float(np.power(2.0, -np.log2(probs).sum()))


@perplexity.wrong("the mean of 1/p is the arithmetic mean; perplexity is the geometric one: average the logarithms.")
def mean_of_inverses(probs: Any) -> Any:
    return float(np.mean(1 / probs))


@perplexity.wrong("those are the bits; perplexity is 2 to their power.")
def bits_alone(probs: Any) -> Any:
    return float(-np.log2(probs).mean())


@perplexity.wrong("a product of so many probabilities becomes 0: add logarithms instead.")
def by_product(probs: Any) -> Any:
    with np.errstate(divide="ignore"):
        return float(np.prod(probs) ** (-1 / len(probs)))


@perplexity.also_right
def in_nats(probs: Any) -> Any:
    return float(np.exp(-np.log(probs).mean()))


@perplexity.also_right
def with_torch(probs: Any) -> Any:
    return 2 ** (-torch.as_tensor(np.asarray(probs)).log2().mean().item())


# ---------------------------------------------------------------- 13.5 top-k

def _by_sorting(logits: torch.Tensor, k: int) -> torch.Tensor:
    out = torch.zeros(logits.shape, dtype=torch.float64)
    for row, values in enumerate(logits.double().tolist()):
        kept = sorted(range(len(values)), key=lambda i: -values[i])[:k]
        top = values[kept[0]]
        total = sum(math.exp(values[i] - top) for i in kept)
        for i in kept:
            out[row, i] = math.exp(values[i] - top) / total
    return out.float()


def _logit_cases() -> list[Case]:
    g = torch.Generator().manual_seed(135)
    cases = []
    for n, v, k, scale in ((3, 7, 2, 1.0), (1, 5, 1, 2.0), (4, 6, 6, 1.0), (2, 9, 4, 400.0), (6, 8, 3, 0.3)):
        cases.append(Case(f"{n} rows of {v}, k = {k}", (scale * torch.randn(n, v, generator=g), k)))
    return [*cases, Case("logits all below 0, k = 3", (torch.randn(5, 8, generator=g) - 50, 3))]


top_k = Exercise("13.5", oracle=_by_sorting, cases=_logit_cases, dtype=torch.float32, verified="one row and several, k = 1, k = all, logits in the hundreds and below 0")


@top_k.wrong("what is kept must sum to 1 again.")
def no_new_sum(logits: Any, k: Any) -> Any:
    p = logits.softmax(1)
    return torch.where(logits >= logits.topk(k).values[:, -1:], p, 0.0)


@top_k.wrong("a logit of 0 is no probability of 0: use minus infinity, or set probabilities.")
def zero_logits(logits: Any, k: Any) -> Any:
    return torch.where(logits >= logits.topk(k).values[:, -1:], logits, 0.0).softmax(1)


@top_k.wrong("keep k of them; one more has come along.")
def one_more(logits: Any, k: Any) -> Any:
    return _by_sorting(logits, min(k + 1, logits.shape[1]))


@top_k.wrong("each row has its own k greatest: the threshold is not one for all.")
def one_threshold(logits: Any, k: Any) -> Any:
    least = logits.topk(k).values.min()
    return logits.masked_fill(logits < least, -torch.inf).softmax(1)


@top_k.wrong("the smallest are kept; the greatest are wanted.")
def smallest(logits: Any, k: Any) -> Any:
    least = logits.topk(k, largest=False).values[:, -1:]
    return logits.masked_fill(logits > least, -torch.inf).softmax(1)


@top_k.wrong("those are k numbers a row; give all K places back, zeros among them.")
def compact(logits: Any, k: Any) -> Any:
    return logits.topk(k).values.softmax(1)


@top_k.also_right
def by_scatter(logits: Any, k: Any) -> Any:
    values, places = logits.topk(k)
    return torch.zeros_like(logits).scatter(1, places, values.softmax(1))


@top_k.also_right
def by_ranks(logits: Any, k: Any) -> Any:
    ranks = logits.argsort(1, descending=True).argsort(1)
    return logits.masked_fill(ranks >= k, float("-inf")).softmax(1)
