"""A real text, offline and fixed: 54 tales of the Brothers Grimm in English, in the public domain."""

from __future__ import annotations

import functools
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("grimm.txt.gz")


@dataclass(frozen=True)
class Tale:
    """One tale: its title, and its text with a line a paragraph (ASCII)."""

    title: str
    text: str


@dataclass(frozen=True)
class TaleSplit:
    """Whole tales, apart: count and train on train, choose on val, look at test once."""

    train: str
    val: str
    test: str


@functools.cache
def tales() -> tuple[Tale, ...]:
    """The 54 tales, in the order of their titles: 395,000 characters, the same on each machine.

    Raises
    ------
    FileNotFoundError
        If the file beside this module is missing.

    Source: J. and W. Grimm, English translations in the public domain; see grimm-source.txt beside the file.
    """
    if not _FILE.exists():
        raise FileNotFoundError(f"the tales should be in {_FILE.name}, beside helpers/data/tales.py, and are not. Fetch the course's folder anew.")
    whole = gzip.decompress(_FILE.read_bytes()).decode("ascii")
    parts = re.split(r"^# (.+)\n", whole, flags=re.MULTILINE)[1:]
    return tuple(Tale(title, text) for title, text in zip(parts[::2], parts[1::2], strict=True))


@functools.cache
def split_tales() -> TaleSplit:
    """The texts of all tales, split by tale: each ninth goes to val, each ninth to test, the others to train."""
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for i, tale in enumerate(tales()):
        parts[{4: 1, 8: 2}.get(i % 9, 0)].append(tale.text)
    return TaleSplit(*("".join(part) for part in parts))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without signs and numbers.

    >>> words_of("'Oh, no!' said the 2 wolves.")
    ['oh', 'no', 'said', 'the', 'wolves']
    """
    return re.findall(r"[a-z]+", text.lower())
