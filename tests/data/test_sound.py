"""Digits spoken by humans: the features that the course brings, and recordings from a made archive."""

import hashlib
import io
import tarfile
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from helpers.data.download import DownloadFailed
from helpers.data.sound import human_digits, human_recordings, read_wav, wav_bytes


def test_human_digits() -> None:
    mfcc, digits = human_digits()
    assert len(mfcc) == len(digits) == 3000
    assert {m.shape[1] for m in mfcc} == {13}
    assert (min(map(len, mfcc)), max(map(len, mfcc))) == (6, 92)
    assert np.isfinite(np.concatenate(mfcc)).all()
    assert np.bincount(digits).tolist() == [300] * 10


def test_the_stored_file_is_small_and_has_its_licence_beside_it() -> None:
    folder = Path(__file__).parents[2] / "helpers" / "data" / "files"
    assert (folder / "human_digits_mfcc.npz").stat().st_size < 1.5e6
    assert "CC BY-SA" in (folder / "human_digits_mfcc.LICENCE.txt").read_text("utf-8") or "ShareAlike 4.0" in (folder / "human_digits_mfcc.LICENCE.txt").read_text("utf-8")


def archive(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in names.items():
            info = tarfile.TarInfo(f"free-spoken-digit-dataset-1.0.9/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tone(n: int) -> np.ndarray:
    return 0.5 * np.sin(np.arange(n) / 5)


GOOD = archive({"README.md": b"hello", "recordings/3_theo_0.wav": wav_bytes(tone(900)), "recordings/3_george_1.wav": wav_bytes(tone(700)),
                "recordings/0_theo_12.wav": wav_bytes(tone(800)), "recordings/notes.txt": b"-"})


@pytest.fixture
def url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CONTENT[self.path])

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


CONTENT = {"/good": GOOD, "/empty": archive({"README.md": b"hello"}), "/odd": archive({"recordings/3_theo_0.wav": b"no sound"}), "/garbage": b"garbage"}


def fetched(url: str, path: str, folder: Path) -> object:
    return human_recordings(folder, url=url + path, sha256=hashlib.sha256(CONTENT[path]).hexdigest(), timeout=5)


def test_recordings_are_read_with_their_speakers(url: str, tmp_path: Path) -> None:
    spoken = human_recordings(tmp_path, url=f"{url}/good", sha256=hashlib.sha256(GOOD).hexdigest(), timeout=5)
    assert spoken.names == ["george", "theo"]
    assert spoken.digits.tolist() == [3, 0, 3]
    assert spoken.voices.tolist() == [0, 1, 1]
    assert [len(w) for w in spoken.waves] == [700, 800, 900]
    assert all(np.abs(w).max() == pytest.approx(1) for w in spoken.waves)


@pytest.mark.parametrize(("path", "message"), [("/empty", "holds no recordings/DIGIT_SPEAKER_TAKE.wav"), ("/odd", "no WAV file"), ("/garbage", "something else than recordings")])
def test_another_archive_is_refused(url: str, tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(DownloadFailed, match=message):
        fetched(url, path, tmp_path)


def test_another_checksum_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="SHA-256"):
        human_recordings(tmp_path, url=f"{url}/good", timeout=5)


def test_a_sound_survives_being_written_and_read() -> None:
    sound = tone(1000)
    assert np.abs(read_wav(wav_bytes(sound)) - sound / np.abs(sound).max()).max() < 1e-3
    assert np.abs(read_wav(wav_bytes(3 * sound))).max() == 1        # what is too loud is cut off


def test_no_sound_is_refused() -> None:
    for bad in (np.zeros((2, 3)), np.zeros(0), np.array([np.nan])):
        with pytest.raises(ValueError, match="a sound is a"):
            wav_bytes(bad)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(400))
    with pytest.raises(ValueError, match="expected 1 channel"):
        read_wav(buffer.getvalue())
    with pytest.raises(ValueError, match="without samples"):
        read_wav(wav_bytes(tone(10))[:44].replace(b"data\x14", b"data\x00"))
