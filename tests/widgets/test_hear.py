"""Players of sounds, and a figure that can be heard."""

import base64
import importlib
import re
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.data.sound import read_wav, wav_bytes
from helpers.widgets import hear, slider
from helpers.widgets.explore import Explorer


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.hear"), "display", lambda data, **_: found.append(data))
    return found


def test_a_player_a_sound(shown: list[Any]) -> None:
    hear({"low <1>": np.sin(np.arange(800) / 9), "high": np.sin(np.arange(400))})
    page = shown[0]["text/html"]
    assert page.count("<audio controls") == 2
    assert 'aria-label="low &lt;1&gt;"' in page
    sound = base64.b64decode(re.findall(r"base64,([^\"]+)", page)[1])
    assert len(read_wav(sound)) == 400
    assert shown[0]["text/plain"] == "Sounds to play: low <1>, high."
    assert "base64" not in re.sub("«[^»]*»", "", page)      # another computer's samples are no other output


def test_long_and_missing_sounds_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one sound"):
        hear({})
    with pytest.raises(ValueError, match="at most 20 s in all, got 30 s"):
        hear({"long": np.zeros(240_000)})


def test_a_figure_can_be_heard() -> None:
    fig, ax = plt.subplots()
    heard = {"n": 0}

    def draw(n: int) -> str:
        heard["n"] = n
        ax.set_title(str(n))
        return f"{n} samples"

    explorer = Explorer(draw, fig, "a sound", "", {"n": slider("samples", 1, 9, 3)}, sound=lambda: wav_bytes(np.full(heard["n"], 0.5)))
    assert explorer.player is not None
    assert len(read_wav(bytes(explorer.player.value))) == 3
    explorer.controls["n"].value = 7
    assert len(read_wav(bytes(explorer.player.value))) == 7
    plt.close(fig)
