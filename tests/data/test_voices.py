"""Synthesised voices: what is said, by whom, and how errors are told."""

import builtins
import subprocess
import sys

import numpy as np
import pytest

from helpers.data import voices
from helpers.data.voices import RATE, NoVoices, Spoken, say, spoken_digits, variants


def test_digits_are_said_by_many_voices() -> None:
    spoken = spoken_digits(3, 2, seed=4)
    assert len(spoken) == 60
    assert spoken.digits.tolist() == [*range(10)] * 6
    assert spoken.voices.tolist() == [0] * 20 + [1] * 20 + [2] * 20
    assert len(set(spoken.names)) == 3
    for wave in spoken.waves:
        assert wave.dtype == np.float32
        assert np.abs(wave).max() == pytest.approx(1, abs=1e-4)
        assert 0.1 * RATE < len(wave) < 1.6 * RATE
    assert "60 clips of 3 voices" in repr(spoken)


def test_the_first_voices_are_the_same_whatever_their_number() -> None:
    few, more = spoken_digits(2, 1, seed=5), spoken_digits(3, 2, seed=5)
    assert more.names[:2] == few.names
    assert [len(w) for w in few.waves[:10]] == [len(w) for w in more.waves[:10]]
    assert spoken_digits(2, 1, seed=6).names != few.names


def test_a_voice_has_its_own_pitch() -> None:
    periods = []
    for pitch in (5, 95):
        wave = say("oh", "en-us+m3", pitch=pitch, speed=100)[1000:3000]
        periods.append(20 + np.correlate(wave, wave, "full")[len(wave) - 1:][20:140].argmax())       # samples, 57 to 400 Hz
    assert periods[0] > periods[1]


def test_a_new_python_says_the_same() -> None:
    code = "from helpers.data.voices import say; import hashlib; print([hashlib.sha256(say(w, seed=3).tobytes()).hexdigest()[:9] for w in ('six', 'two')])"
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said[0] == said[1]


def test_clips_are_chosen_by_places_and_masks() -> None:
    spoken = spoken_digits(2, 1, seed=5)
    part = spoken.only(spoken.voices == 1)
    assert isinstance(part, Spoken)
    assert part.digits.tolist() == [*range(10)]
    assert part.waves[0] is spoken.waves[10]
    assert len(spoken.only([3, 4])) == 2


@pytest.mark.parametrize(("call", "message"), [
    (lambda: say(" "), "needs a text"), (lambda: say("one", "en-us+nobody"), "there is no voice 'en-us.nobody'"), (lambda: say("one", speed=20), "speed must be a whole number from 80 to 450"),
    (lambda: say("one", pitch=200), "pitch must be"), (lambda: spoken_digits(9999), "n_voices must be"), (lambda: spoken_digits(1, 0), "takes must be")])
def test_what_makes_no_sense_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()


def test_odd_variants_are_left_out() -> None:
    assert "whisper" not in variants()
    assert len(variants()) > 80


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: object, **more: object) -> object:
        if name == "espeakng_loader":
            raise ImportError("no such package")
        return real(name, *args, **more)      # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    voices._engine.cache_clear()
    with pytest.raises(NoVoices, match="pip install espeakng-loader"):
        say("one")
    monkeypatch.undo()
    voices._engine.cache_clear()
    assert len(say("one")) > 500
