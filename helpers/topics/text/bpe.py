"""Byte-pair encoding: the quick learner of merges, and what is made with merges."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from helpers.validate import whole

Pair = tuple[int, int]
#: Merged pair → the number of the new token; in the order in which they were learnt.
Merges = dict[Pair, int]
#: No merge reaches over the edge of a piece: a word with the blank before it, a number, signs, blanks.
PIECE = re.compile(r" ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+")


def merged(ids: list[int], pair: Pair, new: int) -> list[int]:
    """Each occurrence of the pair, from the left, becomes the new token.

    >>> merged([97, 97, 97], (97, 97), 256)
    [256, 97]
    """
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def learn(text: str, n_merges: int) -> Merges:
    """The commonest pair becomes a token, n_merges times; of equally common ones the greatest pair.

    Each different piece is looked at once and counted as often as it occurs, and an index tells which pieces hold a
    pair: far faster than going through the text for each merge, with the same result.

    Source: R. Sennrich, B. Haddow, A. Birch, "Neural machine translation of rare words with subword units" (2016),
    arXiv:1508.07909.
    """
    n_merges = whole("n_merges", n_merges, 0)
    pieces = [(list(piece.encode()), count) for piece, count in Counter(PIECE.findall(text)).items()]
    ids, counts = [p for p, _ in pieces], [c for _, c in pieces]
    pairs: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)

    def count(i: int, sign: int) -> None:
        for pair in pairwise(ids[i]):
            pairs[pair] += sign * counts[i]
            if sign > 0:
                where[pair].add(i)
            else:
                where[pair].discard(i)

    for i in range(len(ids)):
        count(i, 1)
    merges: Merges = {}
    for new in range(256, 256 + n_merges):
        best = max(pairs, key=lambda pair: (pairs[pair], pair), default=None)
        if best is None or pairs[best] < 1:
            break
        merges[best] = new
        for i in list(where[best]):
            count(i, -1)
            ids[i] = merged(ids[i], best, new)
            count(i, 1)
        del pairs[best]
    return merges


def encode_piece(piece: str, merges: Mapping[Pair, int], most: int | None = None) -> list[int]:
    """The tokens of one piece: of the merges that fit, always the one that was learnt first. most: use so many merges."""
    ids = list(piece.encode())
    end = 1 << 30 if most is None else 256 + most
    while len(ids) > 1:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, 1 << 30))
        if merges.get(pair, 1 << 30) >= end:
            break
        ids = merged(ids, pair, merges[pair])
    return ids


def encode(text: str, merges: Mapping[Pair, int], most: int | None = None) -> list[int]:
    """The tokens of a text. most: use only so many merges, the first ones."""
    known: dict[str, list[int]] = {}
    out: list[int] = []
    for piece in PIECE.findall(text):
        if piece not in known:
            known[piece] = encode_piece(piece, merges, most)
        out += known[piece]
    return out


def vocabulary(merges: Mapping[Pair, int]) -> dict[int, bytes]:
    """The bytes that each token stands for."""
    found = {i: bytes([i]) for i in range(256)}
    for (a, b), new in merges.items():
        found[new] = found[a] + found[b]
    return found


def decode(ids: list[int], merges: Mapping[Pair, int]) -> str:
    """The text again; bytes that are no text become �."""
    words = vocabulary(merges)
    return b"".join(words[i] for i in ids).decode("utf-8", "replace")
