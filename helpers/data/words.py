"""Real words, offline: surnames in ten languages, out of the package Faker."""

from __future__ import annotations

import functools
import importlib
import random
from dataclasses import dataclass

import torch

#: Each language with Faker's locale for it, in the order of the labels 0 to 9.
LOCALES = {"Irish": "ga_IE", "English": "en_US", "Italian": "it_IT", "Spanish": "es_ES", "Dutch": "nl_NL",
           "German": "de_AT", "Zulu": "zu_ZA", "Slovak": "sk_SK", "Croatian": "hr_HR", "Swedish": "sv_SE"}
LANGUAGES = tuple(LOCALES)


@dataclass(frozen=True)
class Words:
    """Some words, and the language of each: names list of str (N,), y int64 (N,) in 0 … 9."""

    names: list[str]
    y: torch.Tensor

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Words({len(self)}: {', '.join(self.names[:3])}, …)"


@dataclass(frozen=True)
class WordSplit:
    """Fit on train, choose on val, look at test once. No family has a name in two of them."""

    train: Words
    val: Words
    test: Words


def family(name: str) -> str:
    """What the forms of one family name share, so that a split can keep them together.

    A Slovak daughter of Novák is Nováková, and an Irish one of Ó Briain is Ní Bhriain. With one form in the training
    split and the other in the test split, a model would be praised for what it has merely seen.

    >>> family("Nováková") == family("Novák"), family("Ní Bhriain") == family("Ó Briain"), family("Smith") == family("Smit")
    (True, True, False)
    """
    stem = name.split()[-1].lower()
    for ending in ("ová", "á", "ý"):
        if len(stem) > len(ending) + 2 and stem.endswith(ending):
            stem = stem[:-len(ending)]
            break
    particle = len(name.split()) > 1                # Irish: the first consonant after Ní, Nic, Uí, Mhic may take an h
    return stem[0] + stem[2:] if particle and stem[1:2] == "h" else stem


def _last_names(language: str) -> set[str]:
    locale = LOCALES[language]
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        return {str(name) for name in provider.last_names}
    except (ImportError, AttributeError) as error:
        raise ImportError(f"the {language} surnames should be in the package Faker as faker.providers.person.{locale} and are not ({error}). "
                          "Delete the folder .venv, then run 'python3 course.py lab'.") from error


@functools.cache
def surnames(seed: int = 0) -> WordSplit:
    """About 11,000 surnames in ten languages, none of which is in two of the lists.

    Parameters
    ----------
    seed : int
        Of the split: of the families, about 70 % for train, 10 % for val and 20 % for test.

    Returns
    -------
    WordSplit
        The words as they are written, with capitals, accents, spaces and hyphens.

    Raises
    ------
    ImportError
        If the package Faker does not hold the lists.

    Notes
    -----
    The lists are what volunteers collected. The English one is of the United States, with names from everywhere; the
    German one is Austrian; the Zulu one holds given names as well.

    Source: Faker (MIT), providers/person.
    """
    found = {language: _last_names(language) for language in LANGUAGES}
    languages_of: dict[str, list[int]] = {}
    for label, language in enumerate(LANGUAGES):
        for name in found[language]:
            languages_of.setdefault(name, []).append(label)
    alone = sorted((name, labels[0]) for name, labels in languages_of.items() if len(labels) == 1)
    families = sorted({family(name) for name, _ in alone})
    random.Random(seed).shuffle(families)
    part = {stem: 0 if i < 0.7 * len(families) else 1 if i < 0.8 * len(families) else 2 for i, stem in enumerate(families)}
    random.Random(seed).shuffle(alone)
    splits = [[pair for pair in alone if part[family(pair[0])] == k] for k in range(3)]
    return WordSplit(*(Words([name for name, _ in pairs], torch.tensor([label for _, label in pairs])) for pairs in splits))
