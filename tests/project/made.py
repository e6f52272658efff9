"""Small data of a reader's own, one of each kind, written to files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from helpers.data import digits
from helpers.data.words import LANGUAGES, surnames


def pictures(folder: Path, n: int = 200) -> Path:
    """Digits 0 to 4 as PNG files, one folder a class."""
    place, (x, y) = folder / "digits", digits(2 * n, 100).train
    for i in np.flatnonzero(y.numpy() < 5)[:n]:
        own = place / f"digit {int(y[i])}"
        own.mkdir(parents=True, exist_ok=True)
        (own / f"{i}.png").write_bytes(cv2.imencode(".png", (255 * x[i, 0].numpy()).astype(np.uint8))[1].tobytes())
    return place


def table(folder: Path) -> Path:
    """Wine, as a table with names; the target stands last."""
    place = folder / "wine.csv"
    load_wine(as_frame=True).frame.to_csv(place, index=False)
    return place


def series(folder: Path, n: int = 400) -> Path:
    """A wave with a trend and a gap, a value a week."""
    t = np.arange(n)
    level = 300 + 0.05 * t + 3 * np.sin(t / 6)
    level[50:53] = np.nan
    place = folder / "weeks.csv"
    pd.DataFrame({"week": t, "level": level}).to_csv(place, index=False)
    return place


def texts(folder: Path, n: int = 120) -> Path:
    """Surnames of two languages, five a line, cut into pairs of letters."""
    place = folder / "names.csv"
    train = surnames().train
    rows = []
    for language in ("Italian", "Slovak"):
        own = [name for name, k in zip(train.names, train.y, strict=True) if LANGUAGES[int(k)] == language]
        pairs = [" ".join(name[j:j + 2] for j in range(len(name) - 1)) for name in own]
        rows += [(" ".join(pairs[5 * i:5 * i + 5]), language) for i in range(n // 2)]
    pd.DataFrame(rows, columns=["names", "language"]).sample(frac=1, random_state=0).to_csv(place, index=False)
    return place
