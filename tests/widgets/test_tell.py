"""tell(): words below a cell, for eyes and for the tests that compare them."""

from __future__ import annotations

import configparser
import importlib
import re
from typing import Any

import pytest

from helpers.runtime import ROOT
from helpers.widgets.tell import tell


def test_words_are_shown_as_they_are_and_stored_with_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.tell"), "display", lambda data, **_: shown.append(data))
    tell("It is «0.898» < 1.", "surprise")
    (data,) = shown
    assert data["text/plain"] == "It is «0.898» < 1."
    assert "&lt; 1." in data["text/html"]
    assert "#D55E00" in data["text/html"]
    assert re.sub(r"<span[^>]*>.</span>", "", data["text/html"]).endswith(">It is 0.898 &lt; 1.</div>")


def test_another_number_is_no_other_output(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.tell"), "display", lambda data, **_: shown.append(data))
    rules = configparser.ConfigParser()
    rules.read(ROOT / "tests" / "sanitize.cfg")
    for number in ("0.898", "0.9"):
        tell(f"It is «{number}».")
    clean = [re.sub(rules["measured"]["regex"], rules["measured"]["replace"], data["text/html"]) for data in shown]
    assert clean[0] == clean[1]
