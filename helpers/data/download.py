"""Optional downloads: nothing is fetched unless a learner calls for it, and nothing half-written stays."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from http.client import HTTPException
from pathlib import Path

import numpy as np
import torch

from helpers.data import XY
from helpers.runtime import ROOT

#: Where downloads are kept; git ignores it.
FOLDER = ROOT / "build" / "downloads"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


class DownloadFailed(OSError):
    """The file could not be fetched, or is not the one that was promised."""


def download(url: str, path: Path, sha256: str, *, timeout: float = 20) -> Path:
    """Fetch a file once, check it, and put it into its place in one move.

    Parameters
    ----------
    url : str
    path : Path
        Where it belongs. If it is there and whole, nothing is fetched; if it is damaged, it is fetched anew.
    sha256 : str
        What the file's SHA-256 must be, 64 hex digits.
    timeout : float
        Seconds without an answer after which it gives up.

    Raises
    ------
    DownloadFailed
        Without a network, with an answer that is no file or breaks off, or with another checksum. A file that stood at path
        before stands there still.
    """
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
        return path
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            content = answer.read()
    except (OSError, HTTPException) as error:       # no connection; or an answer that breaks off, or is none of HTTP's
        reason = repr(error) if isinstance(error, HTTPException) else getattr(error, "reason", error)
        raise DownloadFailed(f"{url} could not be fetched ({reason}). Is there a network? The chapters need none of it: go on without, or try again later.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DownloadFailed(f"{url} gave {len(content)} bytes with SHA-256 {found[:12]}…, expected {sha256[:12]}…. It was not kept: try again, or report it if it stays so.")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def full_mnist(folder: Path | None = None, *, timeout: float = 20) -> tuple[XY, XY]:
    """All 70,000 digits of MNIST, for those who want more than the 5,000 that the course brings: 11 MB, fetched once.

    Returns
    -------
    train, test : (x, y)
        x float32 (60000, 1, 28, 28) and (10000, 1, 28, 28), ink 1 and paper 0; y int64.

    Raises
    ------
    DownloadFailed
        See :func:`download`.
    """
    path = download(MNIST_URL, (folder or FOLDER) / "mnist.npz", MNIST_SHA256, timeout=timeout)
    with np.load(path) as arrays:
        parts = [(torch.from_numpy(arrays[f"x_{part}"])[:, None].float() / 255, torch.from_numpy(arrays[f"y_{part}"].astype(np.int64)))
                 for part in ("train", "test")]
    return parts[0], parts[1]
