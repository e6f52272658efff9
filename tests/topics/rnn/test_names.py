"""Chapter 03's words: the scenes at the ends of their controls."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array

from helpers.topics.rnn import names as scenes

LANGUAGES = ("Irish", "English", "Italian")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def probs_of(name: str) -> np.ndarray:
    """Irish until an i ends it: then Italian."""
    return np.array([[0.05, 0.05, 0.9] if c == "i" else [0.9, 0.05, 0.05] for c in name])


def test_typed_name_at_all_ends() -> None:
    draw, fig = scenes.typed_name(probs_of, LANGUAGES, "abcdefghijklmnopqrstuvwxyz", longest=8)
    assert draw("") == ("Type a name.", False)
    words, reached = draw("Rossi")
    assert words == "After 'Rossi' it says «Italian», «90%»."
    assert reached
    assert not draw("Rossia"[:3])[1]
    assert not draw("Rosso")[1]
    words, _ = draw("R-2 long name")
    assert words.startswith("After 'R-2 long' it says")
    assert words.endswith("It has never met ' ' '-' '2'.")
    fig.canvas.draw()
    assert [t.get_text() for t in fig.axes[0].texts] == list("R-2 long")


def test_written_names_count_new_copied_and_strange_ones() -> None:
    made = {0.1: ["rossi"] * 5, 0.5: ["rosso", "sossi", "rissi", "ossi", "rossiss"], 0.6: ["rosso"] * 4 + ["rissi"],
            2.0: ["xq", "zzz", "rossi", "", "q" * 20]}
    draw, fig = scenes.written_names(lambda _, t: made[t], lambda *_: np.array([2.0, 0, 1, 3]), ["a", "b", "é"],
                                     {"Italian": ["rossi", "osso", "sis", "rissi"], "Irish": ["a"]}, n=5)
    words, reached = draw("Italian", 0.1)
    assert words == "Italian at temperature 0.1: «0» of 5 names are new, «0» hold a pair of letters that no real one has."
    assert not reached
    words, reached = draw("Italian", 0.5)
    assert "«4» of 5 names are new, «0» hold" in words
    assert reached
    assert not draw("Italian", 0.6)[1]                  # one name four times
    words, reached = draw("Italian", 2.0)
    assert "«4» of 5 names are new, «4» hold" in words
    assert not reached
    fig.canvas.draw()
    (written,) = fig.axes[0].collections
    np.testing.assert_allclose(np.asarray(written.get_facecolor(), dtype=float), to_rgba_array([scenes.VERMILION] * 2 + [scenes.BLACK] + [scenes.VERMILION] * 2))
    assert len(written.get_paths()) == 5


def test_bars_are_softmax_at_the_temperature() -> None:
    logits = np.array([2.0, 0, 1, 3])
    draw, fig = scenes.written_names(lambda *_: ["a"] * 5, lambda *_: logits, ["a", "b", "é"], {"Italian": ["a"]}, n=5)
    for temperature in (0.1, 1.0, 2.0):
        draw("Italian", temperature)
        (bars,) = fig.axes[1].collections
        assert isinstance(bars, LineCollection)
        heights = [segment[1][1] for segment in bars.get_segments()]
        expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
        places = [scenes.BARS.index(b) for b in ("end", "a", "b", "other")]
        np.testing.assert_allclose(np.array(heights)[places], expected, rtol=1e-6)
        assert sum(heights) == pytest.approx(1)


def test_stills_draw() -> None:
    for fig in (scenes.accuracies({"largest list": [0.2], "GRU": [0.7, 0.8]}), scenes.mistakes(np.arange(9).reshape(3, 3), LANGUAGES)):
        fig.canvas.draw()
        assert len(vars(fig)["course_alt"].split()) > 5
