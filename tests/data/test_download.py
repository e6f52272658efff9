"""Optional downloads, tried on a server of this machine: whole files are kept, anything else leaves no trace."""

import hashlib
import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.data import download as module
from helpers.data.download import DownloadFailed, download, full_mnist

CONTENT = b"a small file" * 100
#: What is no answer: one that breaks off, and one that is not HTTP.
RAW = {"/half": b"HTTP/1.0 200 OK\r\nContent-Length: 1200\r\n\r\n" + CONTENT[:500], "/garbage": b"garbage\r\n\r\n", "/silence": b""}
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(HTTPServer):
    answers: dict[str, bytes]
    asked: int


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked += 1
            content = here.answers.get(self.path)
            if content is None and self.path in RAW:
                self.wfile.write(RAW[self.path])
                return
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args: object) -> None:
            pass

    here = Server(("127.0.0.1", 0), Handler)
    here.answers, here.asked = {"/file": CONTENT}, 0
    thread = threading.Thread(target=here.serve_forever)
    thread.start()
    yield here
    here.shutdown()
    thread.join()
    here.server_close()


def url(server: Server, path: str = "/file") -> str:
    return f"http://127.0.0.1:{server.server_port}{path}"


def test_a_whole_file_is_kept_and_fetched_once(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "file"
    assert [download(url(server), path, SHA256) for _ in range(2)] == [path, path]
    assert path.read_bytes() == CONTENT
    assert server.asked == 1


def test_a_damaged_file_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"half")
    assert download(url(server), path, SHA256).read_bytes() == CONTENT


def test_another_file_than_promised_is_refused_and_the_old_one_stays(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(DownloadFailed, match=r"gave 1200 bytes with SHA-256 .*expected 000000000000…\. It was not kept"):
        download(url(server), path, "0" * 64)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_a_missing_page_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="could not be fetched"):
        download(url(server, "/nothing"), tmp_path / "file", SHA256)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("path", "reason"), [("/half", r"IncompleteRead\(500 bytes read, 700 more expected\)"), ("/garbage", r"BadStatusLine\('garbage"), ("/silence", "closed connection")])
def test_an_answer_that_breaks_off_is_told_and_the_old_file_stays(server: Server, tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(DownloadFailed, match=rf"could not be fetched \(.*{reason}.*\)\. Is there a network"):
        download(url(server, path), tmp_path / "file", SHA256)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("file", b"old")]


def test_a_full_disk_leaves_no_part_of_a_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        download(url(server), tmp_path / "file", SHA256)
    assert not any(tmp_path.iterdir())


def test_no_network_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="Is there a network\\? The chapters need none of it"):
        download("http://127.0.0.1:9/file", tmp_path / "file", SHA256, timeout=2)


def test_full_mnist_has_the_shapes_that_digits_has(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    np.savez(buffer, x_train=rng.integers(0, 256, (6, 28, 28), dtype=np.uint8), y_train=np.arange(6, dtype=np.uint8),
             x_test=np.full((2, 28, 28), 255, np.uint8), y_test=np.array([3, 4], np.uint8))
    server.answers["/mnist.npz"] = buffer.getvalue()
    monkeypatch.setattr(module, "MNIST_URL", url(server, "/mnist.npz"))
    monkeypatch.setattr(module, "MNIST_SHA256", hashlib.sha256(buffer.getvalue()).hexdigest())
    (x, y), (x_test, y_test) = full_mnist(tmp_path)
    assert x.shape == (6, 1, 28, 28)
    assert x.dtype == torch.float32
    assert y.tolist() == [0, 1, 2, 3, 4, 5]
    assert x_test.min() == 1
    assert y_test.dtype == torch.int64


def test_full_mnist_goes_to_the_courses_own_folder_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def fetch(_url: str, path: Path, _sha256: str, **_: object) -> Path:
        asked.append(path)
        raise DownloadFailed("enough")

    monkeypatch.setattr(module, "download", fetch)
    for folder in (None, tmp_path):
        with pytest.raises(DownloadFailed):
            full_mnist(folder)
    assert asked == [module.FOLDER / "mnist.npz", tmp_path / "mnist.npz"]
