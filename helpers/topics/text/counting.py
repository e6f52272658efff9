"""Vectors of words from counts: which words stand near which, PPMI, and its few strongest directions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds

#: Words that belong together in tales: brother and sister, day and night …; each should be near its partner.
PARTNERS = tuple(tuple(pair.split()) for pair in ["king queen", "brother sister", "father mother", "man woman", "boy girl", "son daughter", "prince princess", "bride bridegroom", "day night", "morning evening", "gold silver", "bread wine", "eat drink", "come go", "came went", "young old", "great little", "good bad", "first second", "two three", "day days", "brother brothers", "he she", "him her", "his her", "himself herself", "said answered", "said cried", "saw looked", "took put", "took gave", "house door", "table bed", "tree branches", "forest wood", "water sea", "hand head", "eyes heart", "horse rode", "fox wolf", "cat mouse", "bird flew", "castle palace", "up down", "here there", "away back", "my your", "me you", "i you", "this that", "what how", "when then", "before after", "nothing something", "would could", "was were", "is are", "had has", "day year", "soldier servant", "cook maid", "window door", "ate drank", "dead alive", "beautiful golden", "red white", "rich poor", "north south", "long short", "big small"])

#: "a is to b as c is to d", in words that the tales use.
ANALOGIES = tuple(tuple(line.split()) for line in ["man woman king queen", "brother sister prince princess", "father mother son daughter", "he she him her", "he she himself herself", "king queen man woman", "boy girl brother sister", "king kings brother brothers", "come came go went", "come came say said", "take took give gave", "two three first second", "day night morning evening", "old young great little", "eat ate drink drank", "good better great greater"])


@dataclass(frozen=True)
class Counts:
    """How often words stand near each other: the words (V), their places, a symmetric sparse table (V, V)."""

    words: list[str]
    place: dict[str, int]
    table: sp.csr_matrix


def near_counts(texts: Sequence[Sequence[str]], window: int = 5, n_words: int = 3000) -> Counts:
    """Count, for the n_words commonest words, how often each two stand at most window words apart."""
    common = Counter(word for text in texts for word in text)
    words = [word for word, _ in sorted(common.items(), key=lambda item: (-item[1], item[0]))[:n_words]]
    place = {word: i for i, word in enumerate(words)}
    a, b = [], []
    for text in texts:
        ids = np.array([place[word] for word in text if word in place], dtype=np.int64)
        for k in range(1, window + 1):
            a.append(ids[:-k])
            b.append(ids[k:])
    rows, columns = np.concatenate(a), np.concatenate(b)
    table = sp.coo_matrix((np.ones(len(rows)), (rows, columns)), (len(words), len(words))).tocsr()
    return Counts(words, place, (table + table.T).tocsr())


def ppmi_sparse(table: sp.csr_matrix) -> sp.csr_matrix:
    """Positive pointwise mutual information: log(p(a, b) / (p(a) p(b))), zero where that is negative or the pair was never seen."""
    total, of = table.sum(), np.asarray(table.sum(1)).ravel()
    found = table.tocoo()
    values = np.log(found.data * total / (of[found.row] * of[found.col]))
    keep = values > 0
    return sp.csr_matrix((values[keep], (found.row[keep], found.col[keep])), table.shape)


def vectors(table: sp.csr_matrix, d: int = 50) -> np.ndarray:
    """Each word as d numbers of length 1: the strongest directions of the table, each weighted by the root of its strength: (V, d)."""
    u, s, _ = svds(table.astype(float), d, v0=np.ones(min(table.shape)))
    e = (u * np.sqrt(s))[:, ::-1]
    return e / (np.linalg.norm(e, axis=1, keepdims=True) + 1e-9)


def neighbours(e: np.ndarray, counts: Counts, word: str, n: int = 6) -> list[str]:
    """The n words whose vectors are most alike.

    Raises
    ------
    ValueError
        If the word is none of those counted.
    """
    if word not in counts.place:
        raise ValueError(f"{word!r} is not among the {len(counts.words)} words that were counted; try one of {', '.join(counts.words[:5])} …")
    order = np.argsort(-(e @ e[counts.place[word]]), kind="stable")
    return [counts.words[i] for i in order if counts.words[i] != word][:n]


def partner_recall(e: np.ndarray, counts: Counts, k: int = 10) -> tuple[float, int]:
    """The share of partners (of PARTNERS, both ways) that are among a word's k nearest, and how many were asked."""
    asked = np.array([(counts.place[a], counts.place[b]) for pair in PARTNERS for a, b in (pair, pair[::-1]) if a in counts.place and b in counts.place])
    like = e[asked[:, 0]] @ e.T                                 # (asked, V)
    rows = np.arange(len(asked))
    like[rows, asked[:, 0]] = -np.inf
    before = (like > like[rows, asked[:, 1]][:, None]).sum(1)   # how many words are nearer than the partner
    return float((before < k).mean()), len(asked)


def analogy(e: np.ndarray, counts: Counts, a: str, b: str, c: str, n: int = 3) -> list[str]:
    """Words nearest to b − a + c: "a is to b as c is to …"; a, b and c themselves left out."""
    want = e[counts.place[b]] - e[counts.place[a]] + e[counts.place[c]]
    return [counts.words[i] for i in np.argsort(-(e @ want), kind="stable") if counts.words[i] not in (a, b, c)][:n]
