"""Voices that speak offline: digits spoken by eSpeak NG. This is synthesised speech, made by rules, and no recording of a human."""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helpers.validate import whole

#: Samples a second of everything in this module.
RATE = 8000
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-us", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-us-nyc")
#: Variants of eSpeak that are hardly to be understood, or no voices.
_ODD = {"whisper", "whisperf", "Demonic", "Tweaky", "croak", "UniRobot", "fast"}
_SPEED, _PITCH, _SYNCHRONOUS, _NO_EXIT = 1, 3, 2, 0x8000


class NoVoices(ImportError):
    """The package espeakng-loader, which brings the voices, is missing or does not load."""


@dataclass(frozen=True)
class Spoken:
    """Clips of single digits.

    Parameters
    ----------
    waves : list of float32 arrays (T,)
        8,000 samples a second, the loudest sample of each is 1 or -1.
    digits : int64 (N,)
        What is said.
    voices : int64 (N,)
        Who says it: a place in names.
    names : list of str
    """

    waves: list[np.ndarray]
    digits: np.ndarray
    voices: np.ndarray
    names: list[str]

    def __len__(self) -> int:
        return len(self.waves)

    def __repr__(self) -> str:
        seconds = sum(map(len, self.waves)) / RATE
        return f"Spoken({len(self)} clips of {len(set(self.voices.tolist()))} voices, {seconds:.0f} s in all)"

    def only(self, places: Sequence[int] | np.ndarray) -> Spoken:
        """Some of the clips: places is a list of indices, or a mask (N,)."""
        at = np.flatnonzero(places) if np.asarray(places).dtype == bool else np.asarray(places, dtype=np.int64)
        return Spoken([self.waves[i] for i in at], self.digits[at], self.voices[at], self.names)


@functools.cache
def _engine() -> Any:
    """The library, begun once, with the list that it writes into, the function that it calls (kept alive here) and its rate."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        folder = Path(espeakng_loader.get_data_path())
    except (ImportError, OSError) as error:
        raise NoVoices(f"the voices come from the package espeakng-loader, which does not load here ({error}). Install it: pip install espeakng-loader") from error
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, str(folder).encode(), _NO_EXIT)
    if rate <= 0:
        raise NoVoices(f"eSpeak NG found no data in {folder.name}. Install the package anew: pip install --force-reinstall espeakng-loader")
    heard: list[np.ndarray] = []
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def collect(samples: Any, n: int, _: Any) -> int:
        if n > 0:
            heard.append(np.ctypeslib.as_array(samples, (n,)).copy())
        return 0

    callback = kind(collect)
    library.espeak_SetSynthCallback(callback)
    return library, heard, callback, rate, folder


@functools.cache
def variants() -> tuple[str, ...]:
    """The names of eSpeak's variants of a voice that can be understood, in alphabetical order.

    Raises
    ------
    NoVoices
        If the package is missing.
    """
    folder = _engine()[4] / "voices" / "!v"
    return tuple(sorted(path.name for path in folder.iterdir() if path.name not in _ODD))


def say(text: str, voice: str = "en-us+f2", *, speed: int = 165, pitch: int = 50, seed: int = 0) -> np.ndarray:
    """Let eSpeak NG say a text: float32 (T,), 8,000 samples a second, silence at both ends cut off.

    Parameters
    ----------
    text : str
    voice : str
        Accent and variant, as in ``"en-us+f2"``; see ACCENTS and :func:`variants`.
    speed : int
        Words a minute, 80 to 450.
    pitch : int
        0 to 99.
    seed : int
        Of eSpeak's own generator. Some of its state goes on from call to call: the same *sequence* of calls in a new
        Python gives the same samples, a call repeated gives the same word with other hiss.

    Raises
    ------
    NoVoices
        If the package is missing.
    ValueError
        If there is no such voice, nothing is said, or a number lies outside its range.
    """
    if not text.strip():
        raise ValueError("say() needs a text, got an empty one")
    speed, pitch = whole("speed", speed, 80, 450), whole("pitch", pitch, 0, 99)
    library, heard, _, rate, folder = _engine()
    heard.clear()
    variant = voice.partition("+")[2]           # an unknown one is no error for eSpeak
    if (variant and not (folder / "voices" / "!v" / variant).is_file()) or library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ValueError(f"there is no voice {voice!r}. It is accent+variant, as in 'en-us+f2': an accent of {', '.join(ACCENTS)}, a variant of variants()")
    library.espeak_ng_SetRandSeed(ctypes.c_long(whole("seed", seed, 0)))
    library.espeak_SetParameter(_SPEED, speed, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    spoken = text.encode() + b"\0"
    library.espeak_Synth(spoken, ctypes.c_size_t(len(spoken)), 0, 0, 0, 1, None, None)
    library.espeak_Synchronize()
    if not heard:
        raise ValueError(f"eSpeak NG gave no sound for {text!r}")
    return _tidy(np.concatenate(heard).astype(np.float32), rate)


def _tidy(wave: np.ndarray, rate: int) -> np.ndarray:
    """At 8 kHz, the loudest sample 1, ends below a fiftieth of it cut off but for 25 and 50 ms."""
    from scipy.signal import resample_poly

    wave = resample_poly(wave, RATE, rate, window=_filter(rate)) if rate != RATE else wave
    wave = wave / max(float(np.abs(wave).max()), 1e-9)
    loud = np.flatnonzero(np.abs(wave) > 0.02)
    return wave[max(0, loud[0] - 200):loud[-1] + 400].astype(np.float32)


@functools.cache
def _filter(rate: int) -> np.ndarray:
    """The low-pass filter that :func:`scipy.signal.resample_poly` would make anew at each call, somewhat shorter."""
    from scipy.signal import firwin

    common = math.gcd(rate, RATE)
    most = max(rate, RATE) // common
    return np.asarray(firwin(2 * 6 * most + 1, 1 / most, window=("kaiser", 5.0)), np.float32)


@functools.lru_cache(maxsize=4)
def spoken_digits(n_voices: int = 75, takes: int = 2, seed: int = 0) -> Spoken:
    """Ten digits said by many voices, several times each: n_voices × 10 × takes clips of synthesised speech.

    A voice is a variant with an accent, a speed and a pitch of its own; its takes differ a little in speed and pitch, as
    a human's do. The first voices of a seed are the same for any n_voices.

    Parameters
    ----------
    n_voices : int
        At most as many as there are :func:`variants`.
    takes : int
        Of each digit by each voice.
    seed : int
        Another seed, other voices.

    Raises
    ------
    NoVoices
        If the package espeakng-loader is missing.
    ValueError
        If a number is none, or there are not so many voices.

    Source
    ------
    eSpeak NG, https://github.com/espeak-ng/espeak-ng (GPL-3.0), as brought by the package espeakng-loader.
    """
    known = variants()
    n_voices, takes = whole("n_voices", n_voices, 1, len(known)), whole("takes", takes)
    waves, digits, voices, names = [], [], [], []
    for k, which in enumerate(np.random.default_rng(seed).permutation(len(known))[:n_voices]):
        rng = np.random.default_rng([seed, k])
        names.append(f"{ACCENTS[rng.integers(len(ACCENTS))]}+{known[which]}")
        speed, pitch = int(rng.integers(140, 220)), int(rng.integers(25, 75))
        for _ in range(takes):
            for digit, word in enumerate(WORDS):
                waves.append(say(word, names[-1], speed=speed + int(rng.integers(-15, 16)), pitch=pitch + int(rng.integers(-8, 9)), seed=int(rng.integers(1 << 20))))
                digits.append(digit)
                voices.append(k)
    return Spoken(waves, np.array(digits), np.array(voices), names)
