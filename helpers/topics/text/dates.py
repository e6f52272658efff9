"""Dates in words of many languages, and the network that writes them as year-month-day, with attention and without."""

from __future__ import annotations

import datetime
import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import torch
from babel.dates import format_date
from torch import nn
from torch.nn import functional as F

from helpers.topics.text.loops import train_on

#: Language → babel's formats for it. In each the day stands before the year.
FORMATS: dict[str, list[str]] = {"en_US": ["long", "full", "medium", "d MMMM y", "EEE, MMM d, y"], "de": ["long", "full", "d. MMM y", "dd.MM.y"],
                                 "fr": ["long", "full", "medium"], "es": ["long", "full"], "it": ["long", "full"], "nl": ["long", "full"]}
#: What is written: ten digits, the dash, and a sign that nothing is written yet.
OUT = "0123456789-^"
#: What is read: place 0 is padding; a letter that is none of these is read as "?".
IN = ["", "?", *" ,.-0123456789abcdefghijklmnopqrstuvwxyzäéèûüóáíúñçãõåöâêôžýøśźńłęąì"]
_PLACE = {c: i for i, c in enumerate(IN)}

#: Where year, month and day are written.
WRITTEN = {"year": (0, 4), "month": (5, 7), "day": (8, 10)}

Pairs = list[tuple[str, str]]


def pairs(n: int, seed: int, formats: Mapping[str, Sequence[str]] = FORMATS, years: tuple[int, int] = (1950, 2050)) -> Pairs:
    """n dates drawn by chance, each in a language and a format drawn by chance: (the words in lower case, year-month-day).

    >>> pairs(1, 0, {"en_US": ["d MMMM y"]}, (2000, 2001))[0][1][:4]
    '2000'
    """
    draw, found = random.Random(seed), []
    first, last = (datetime.date(year, 1, 1).toordinal() for year in years)
    for _ in range(n):
        date = datetime.date.fromordinal(draw.randrange(first, last))
        language = draw.choice(list(formats))
        text = str(format_date(date, draw.choice(list(formats[language])), locale=language)).lower()
        found.append((" ".join(text.split()), date.isoformat()))       # some versions of babel put narrow blanks in
    return found


def apart(train: Pairs, held: Pairs) -> Pairs:
    """Those of held whose date occurs nowhere in train, in no language."""
    known = {date for _, date in train}
    return [pair for pair in held if pair[1] not in known]


def read_in(texts: Sequence[str]) -> torch.Tensor:
    """Texts as int64 (N, S), padded with 0."""
    rows = [torch.tensor([_PLACE.get(c, 1) for c in text] or [1]) for text in texts]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def as_tensors(found: Pairs) -> tuple[torch.Tensor, torch.Tensor]:
    """int64 (N, S) and (N, 10)."""
    return read_in([text for text, _ in found]), torch.tensor([[OUT.index(c) for c in date] for _, date in found])


class DateWriter(nn.Module):
    """A GRU reads the words in both directions, another writes ten characters; with attention it looks back at each.

    Parameters
    ----------
    attention : bool
        Without it the writer sees of the words only the state that it begins with.
    h : int
        Units of each GRU.
    """

    def __init__(self, attention: bool = True, h: int = 64, d: int = 32) -> None:
        super().__init__()
        self.attention, self.h = attention, h
        self.embed, self.reader = nn.Embedding(len(IN), d, padding_idx=0), nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.embed_out, self.writer = nn.Embedding(len(OUT), d), nn.GRU(d, h, batch_first=True)
        self.first = nn.Linear(2 * h, h)
        if attention:
            self.key = nn.Linear(2 * h, h)
        self.out = nn.Sequential(nn.Linear(3 * h if attention else h, h), nn.Tanh(), nn.Linear(h, len(OUT)))

    def read(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x (N, S) → what stands at each character (N, S, 2h), the writer's first state (1, N, h), what is no padding (N, S)."""
        read, _ = self.reader(self.embed(x))
        seen = x > 0
        end = read[torch.arange(len(x)), seen.sum(1) - 1, :self.h]
        return read, self.first(torch.cat([end, read[:, 0, self.h:]], 1)).tanh()[None], seen

    def write(self, before: torch.Tensor, state: torch.Tensor, read: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """The characters before (N, T) → logits (N, T, 12), the new state, the weights (N, T, S) or None."""
        q, state = self.writer(self.embed_out(before), state)           # (N, T, h)
        if not self.attention:
            return self.out(q), state, None
        scores = q @ self.key(read).transpose(1, 2) / self.h**0.5         # (N, T, S)
        weights = scores.masked_fill(~seen[:, None], -torch.inf).softmax(-1)
        return self.out(torch.cat([q, weights @ read], -1)), state, weights

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Logits for the ten characters y (N, 10), each with the true ones before it."""
        read, state, seen = self.read(x)
        start = torch.full((len(x), 1), OUT.index("^"))
        return self.write(torch.cat([start, y[:, :-1]], 1), state, read, seen)[0]

    def translate(self, x: torch.Tensor, hide: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Write ten characters, each from the network's own ones before it: int64 (N, 10), and the weights (N, 10, S).

        hide : bool (N, S), optional
            Places at which attention may not look; the reader has read them all the same.
        """
        with torch.no_grad():
            read, state, seen = self.read(x)
            if hide is not None:
                seen = seen & ~hide
            last, written, looked = torch.full((len(x), 1), OUT.index("^")), [], []
            for _ in range(10):
                logits, state, weights = self.write(last, state, read, seen)
                last = logits.argmax(-1)
                written.append(last)
                looked.append(weights)
        return torch.cat(written, 1), torch.cat([w for w in looked if w is not None], 1) if self.attention else None


def trained(found: Pairs, *, attention: bool, n_steps: int, seed: int = 0, lr: float = 1e-2, h: int = 64, batch_size: int = 64) -> DateWriter:
    """A new DateWriter, trained for n_steps steps."""
    torch.manual_seed(seed)
    model = DateWriter(attention, h)
    x, y = as_tensors(found)
    lengths = (x > 0).sum(1)

    def loss_of(i: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(model(x[i, :int(lengths[i].max())], y[i]).flatten(0, 1), y[i].flatten())

    train_on(model, loss_of, len(x), n_steps=n_steps, lr=lr, seed=seed, batch_size=batch_size)
    return model


def right_share(model: DateWriter, found: Pairs) -> float:
    """The share of dates of which all ten characters are right."""
    x, y = as_tensors(found)
    return float((model.translate(x)[0] == y).all(1).float().mean())


def part_shares(model: DateWriter, found: Pairs, hide: torch.Tensor | None = None) -> dict[str, float]:
    """The share of right years, months and days. hide: as in :meth:`DateWriter.translate`."""
    x, y = as_tensors(found)
    same = model.translate(x, hide)[0] == y
    return {name: float(same[:, a:b].all(1).float().mean()) for name, (a, b) in WRITTEN.items()}


def part_places(found: Pairs, part: str) -> torch.Tensor:
    """Where the digits of the year, or of the day, stand in the words: bool (N, S)."""
    x, _ = as_tensors(found)
    where = torch.zeros(x.shape, dtype=torch.bool)
    for row, (text, _) in enumerate(found):
        first, end = spans(text)[part]
        where[row, first:end] = True
    return where


def looks_at(model: DateWriter, found: Pairs, part: str) -> torch.Tensor:
    """How much of its weight each written digit of a part spends on that part's digits in the words: (N, 4) for the year, (N, 2) for the day."""
    x, _ = as_tensors(found)
    weights = model.translate(x)[1]
    assert weights is not None
    first, end = WRITTEN[part]
    return (weights[:, first:end] * part_places(found, part)[:, None]).sum(-1)


@dataclass(frozen=True)
class Map:
    """One date, translated: text (S characters), written (10), weights float32 (10, S)."""

    text: str
    written: str
    weights: torch.Tensor


def look(model: DateWriter, text: str) -> Map:
    """Translate one text (in lower case) and keep where the network looked."""
    text = text.lower() or "?"
    out, weights = model.translate(read_in([text]))
    assert weights is not None
    return Map(text, "".join(OUT[i] for i in out[0].tolist()), weights[0])


def spans(text: str) -> dict[str, tuple[int, int]]:
    """Where a date's parts stand: year (four digits), day (the first shorter number), each as first place and the place behind the last.

    >>> spans("21 febbraio 1995")
    {'day': (0, 2), 'year': (12, 16)}
    """
    found: dict[str, tuple[int, int]] = {}
    for match in re.finditer(r"\d+", text):
        found.setdefault("year" if len(match[0]) == 4 else "day", match.span())
    return found


class Rule:
    """The plain rival: four digits are the year, a shorter number the day; words and their first three letters name the month.

    A word, or a beginning of three letters, counts if nine times in ten it stood beside one and the same month in training.
    """

    def __init__(self, train: Pairs) -> None:
        seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text, date in train:
            for key in _keys(text):
                seen[key][date[5:7]] += 1
        self.month = {key: votes.most_common(1)[0][0] for key, votes in seen.items() if votes.most_common(1)[0][1] > 0.9 * votes.total()}

    def __call__(self, text: str) -> str:
        """The date that the rule reads, year-month-day; 0 where it finds nothing."""
        numbers = re.findall(r"\d+", text)
        year = next((n for n in numbers if len(n) == 4), "0000")
        short = [n for n in numbers if len(n) < 4]
        if len(short) == 2:                                             # 21.02.1995
            return f"{year}-{short[1]:0>2}-{short[0]:0>2}"
        return f"{year}-{self.month_of(text)}-{(short or ['00'])[0]:0>2}"

    def month_of(self, text: str) -> str:
        """The month that is named, two digits; 00 where none is known."""
        return next((self.month[key] for key in _keys(text) if key in self.month), "00")

    def right_share(self, found: Pairs) -> float:
        """The share of dates that the rule gets right."""
        return sum(self(text) == date for text, date in found) / len(found)


class NearestRule(Rule):
    """The same rule, but the month is that of the known word which is most like a word of the text (difflib's ratio).

    >>> NearestRule([("1 october 1999", "1999-10-01"), ("1 march 1999", "1999-03-01")])("2 oktober 2001")
    '2001-10-02'
    """

    def month_of(self, text: str) -> str:
        """The month of the most alike known word, two digits; 00 where there is no word."""
        known = [key for key in self.month if not key.endswith("-") and len(key) > 2]
        words = [word for word in _keys(text) if not word.endswith("-") and len(word) > 2]
        pairs = [(SequenceMatcher(None, word, key).ratio(), key) for word in words for key in known]
        return self.month[max(pairs, key=lambda pair: pair[0])[1]] if pairs else "00"


def _keys(text: str) -> list[str]:
    """The words of a text, then the beginnings of three letters."""
    words = re.findall(r"[^\W\d]+", text)
    return [*words, *(word[:3] + "-" for word in words if len(word) > 2)]
