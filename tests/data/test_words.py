"""Surnames: what is in the lists, and that no family is on both sides of the split."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
import torch

from helpers.data import words
from helpers.data.words import LANGUAGES, LOCALES, WordSplit, family, surnames


@pytest.fixture(scope="module")
def split() -> WordSplit:
    return surnames()


def test_each_name_is_there_once_with_its_language(split: WordSplit) -> None:
    from faker import Faker

    names = [name for part in (split.train, split.val, split.test) for name in part.names]
    assert len(names) == len(set(names)) >= 10_000
    assert "Nováková" in names
    for language, locale in LOCALES.items():                # Faker's own interface draws from the same list
        provider = next(p for p in Faker(locale).get_providers() if p.__class__.__module__.endswith(f"person.{locale}"))
        ours = {name for part in (split.train, split.val, split.test)
                for name, y in zip(part.names, part.y.tolist(), strict=True) if LANGUAGES[y] == language}
        assert len(ours) >= 400
        assert ours <= set(provider.last_names)


def test_labels_are_int64_and_every_language_is_in_every_part(split: WordSplit) -> None:
    for part in (split.train, split.val, split.test):
        assert part.y.dtype == torch.int64
        assert len(part) == len(part.names) == len(part.y)
        assert set(part.y.tolist()) == set(range(10))
    total = len(split.train) + len(split.val) + len(split.test)
    assert len(split.train) / total == pytest.approx(0.7, abs=0.03)
    assert len(split.test) / total == pytest.approx(0.2, abs=0.03)


def test_no_family_is_in_two_parts(split: WordSplit) -> None:
    train, val, test = ({family(name) for name in part.names} for part in (split.train, split.val, split.test))
    assert not train & val
    assert not train & test
    assert not val & test


def test_the_names_of_a_part_come_in_no_order(split: WordSplit) -> None:
    """The first hundred of a part stand for all of it: chapters show and score such slices."""
    for part in (split.train, split.val, split.test):
        rising = sum(a < b for a, b in zip(part.names, part.names[1:], strict=False)) / (len(part.names) - 1)
        assert 0.4 < rising < 0.6
        assert len({name[0] for name in part.names[:100]}) >= 10


@pytest.mark.parametrize("forms", [("Novák", "Nováková"), ("Ó Briain", "Ní Bhriain", "Briain"), ("de Vries", "Vries"), ("Kamenický", "Kamenická")])
def test_forms_of_one_name_are_one_family(forms: tuple[str, ...]) -> None:
    assert len({family(name) for name in forms}) == 1


@pytest.mark.parametrize(("a", "b"), [("Chan", "Can"), ("Smith", "Smit"), ("Ová", "O"), ("Thomas", "Tomas")])
def test_other_names_stay_apart(a: str, b: str) -> None:
    assert family(a) != family(b)


def test_the_split_is_the_same_each_time_and_another_for_another_seed(split: WordSplit) -> None:
    surnames.cache_clear()
    assert surnames().train.names == split.train.names
    other = surnames(1)
    assert other.train.names != split.train.names
    assert Counter(other.train.names + other.val.names + other.test.names) == Counter(split.train.names + split.val.names + split.test.names)


@pytest.mark.parametrize("found", [None, SimpleNamespace(Provider=SimpleNamespace())])
def test_a_package_without_the_lists_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, found: SimpleNamespace | None) -> None:
    def load(name: str) -> SimpleNamespace:
        if found is None:
            raise ImportError(f"No module named {name!r}")
        return found

    monkeypatch.setattr(words.importlib, "import_module", load)
    surnames.cache_clear()
    with pytest.raises(ImportError, match=r"the Irish surnames should be in the package Faker as faker\.providers\.person\.ga_IE and are not .*Delete the folder \.venv"):
        surnames()
