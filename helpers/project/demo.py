"""Something to try a project on, one of each kind, for those who have no data of their own at hand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine
from statsmodels.datasets import co2

from helpers.data import digits
from helpers.data.words import LANGUAGES, surnames
from helpers.project.own import KINDS


def demo(kind: str = "table", folder: Path | None = None) -> Path:
    """Write data of a kind to files, as a reader's own would lie there.

    Parameters
    ----------
    kind : "pictures", "table", "series" or "texts"
        600 digits as PNG files; scikit-learn's 178 wines; weekly carbon dioxide over Mauna Loa, with its gaps; and
        surnames in three languages, two a line, cut into pairs of letters.
    folder : Path, optional
        Where; a folder for temporary files if it is left out.

    Returns
    -------
    Path
        Of the folder or the .csv file.

    Raises
    ------
    ValueError
        If kind is none of these.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    place = folder or Path(tempfile.gettempdir()) / "deep-learning-by-hand"
    place.mkdir(parents=True, exist_ok=True)
    return WRITERS[kind](place)


def _csv(table: pd.DataFrame, path: Path) -> Path:
    part = path.with_suffix(".part")            # a half-written file never stands in for a whole one
    table.to_csv(part, index=False)
    part.replace(path)
    return path


def _pictures(folder: Path) -> Path:
    place, (x, y) = folder / "digits", digits(600, 100).train
    for i, (picture, digit) in enumerate(zip(x[:, 0].numpy(), y.tolist(), strict=True)):
        own = place / f"digit {digit}"
        own.mkdir(parents=True, exist_ok=True)
        (own / f"{i:03d}.png").write_bytes(cv2.imencode(".png", (255 * picture).astype(np.uint8))[1].tobytes())
    return place


def _table(folder: Path) -> Path:
    return _csv(load_wine(as_frame=True).frame.rename(columns={"target": "grower"}), folder / "wines.csv")


def _series(folder: Path) -> Path:
    table = co2.load_pandas().data
    return _csv(pd.DataFrame({"week": table.index.strftime("%Y-%m-%d"), "co2": table["co2"].to_numpy()}), folder / "co2.csv")


def _texts(folder: Path, n: int = 120) -> Path:
    train, rows = surnames().train, []
    for language in ("Italian", "Slovak", "Swedish"):
        names = [name for name, k in zip(train.names, train.y.tolist(), strict=True) if LANGUAGES[k] == language][:2 * n]
        pairs = [" ".join(name[j:j + 2] for j in range(len(name) - 1)) for name in names]
        rows += [(" ".join(pairs[i:i + 2]), language) for i in range(0, len(pairs) - 1, 2)]
    return _csv(pd.DataFrame(rows, columns=["pairs", "language"]).sample(frac=1, random_state=0), folder / "names.csv")


WRITERS: dict[str, Callable[[Path], Path]] = {"pictures": _pictures, "table": _table, "series": _series, "texts": _texts}
