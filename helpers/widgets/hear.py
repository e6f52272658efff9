"""hear(): sounds with a button to play them."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping

import numpy as np
from IPython.display import display

from helpers.data.sound import wav_bytes
from helpers.data.voices import RATE


def hear(sounds: Mapping[str, np.ndarray], rate: int = RATE) -> None:
    """Show a player a sound, each with its name; the sound lies in the notebook, so keep it short.

    Parameters
    ----------
    sounds : name → (T,) array with values in [-1, 1]
    rate : int
        Samples a second.

    Raises
    ------
    ValueError
        If there is none, one is no (T,) array of finite numbers, or all together last longer than 20 s.
    """
    if not sounds:
        raise ValueError("hear() needs at least one sound: {name: samples}")
    seconds = {name: len(sound) / rate for name, sound in sounds.items()}
    if sum(seconds.values()) > 20:
        raise ValueError(f"hear() stores its sounds in the notebook: at most 20 s in all, got {sum(seconds.values()):.0f} s")
    players = []
    for name, sound in sounds.items():
        code = base64.b64encode(wav_bytes(sound, rate)).decode()
        label = html.escape(name)
        # what stands between the marks may differ from one computer to another; as comments the page does not show them
        players.append(f'<div style="display:inline-block;margin:4px 16px 4px 0"><div>{label}</div><!--«--><audio controls preload="metadata" aria-label="{label}" '
                       f'style="height:32px;width:230px" src="data:audio/wav;base64,{code}"></audio><!--»--></div>')
    words = "Sounds to play: " + ", ".join(sounds) + "."
    display({"text/plain": words, "text/html": "".join(players)}, raw=True)
