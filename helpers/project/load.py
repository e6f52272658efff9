"""load(): a reader's own folder or file, read as one of four kinds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from helpers.project.own import KINDS, WIDTH, Own
from helpers.validate import whole

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
TEXTS = (".txt", ".md")


def load(path: str | Path, kind: str = "", *, target: str = "", groups: str = "", size: int = 32, horizon: int = 1) -> Own:
    """Read your own data. Nothing is changed, and nothing leaves the machine.

    Parameters
    ----------
    path : str or Path
        Pictures or texts: a folder with one folder a class, the files inside. A table, texts or a series: a .csv file
        with a line of names.
    kind : "pictures", "table", "series", "texts", or "" to tell by what is there
        A .csv file is a table unless you say otherwise.
    target : str
        The column to predict; the last one if it is left out.
    groups : str
        A column that says who or what each line comes from: no group is split up.
    size : int
        Edge in pixels to which pictures are brought.
    horizon : int
        For a series: how many steps ahead to predict.

    Raises
    ------
    FileNotFoundError
        If there is nothing of this name.
    ValueError
        If what is there cannot be used; the message says what was expected and what to do.
    """
    place = Path(path).expanduser()
    if not place.exists():
        raise FileNotFoundError(f"there is no {place}: give the path of a folder or a .csv file; this notebook runs in {Path.cwd()}")
    if kind and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, or left out; got {kind!r}")
    if place.is_dir():
        return _folder(place, kind, whole("size", size, 8, 512))
    if place.suffix.lower() not in (".csv", ".tsv"):
        raise ValueError(f"{place.name}: a file must be a .csv with a line of names; of pictures and texts give the folder")
    table = _table(place)
    if kind == "series":
        return _series(table, target, whole("horizon", horizon), place.name)
    return _lines(table, kind, target, groups, place.name)


def _folder(place: Path, kind: str, size: int) -> Own:
    files = sorted(p for folder in sorted(place.iterdir()) if folder.is_dir() for p in folder.rglob("*") if p.is_file())
    pictures, texts = ([p for p in files if p.suffix.lower() in endings] for endings in (PICTURES, TEXTS))
    found = kind or ("pictures" if len(pictures) >= len(texts) else "texts")
    chosen = pictures if found == "pictures" else texts
    if not chosen:
        raise ValueError(f"{place} holds no {found} in folders of its own: make one folder a class, and put its files inside "
                         f"({', '.join(PICTURES if found == 'pictures' else TEXTS)})")
    names = [p.relative_to(place).parts[0] for p in chosen]
    classes = sorted(set(names))
    if len(classes) < 2:
        raise ValueError(f"{place} has one class only ({classes[0]}): a second folder is needed to tell apart")
    y = np.array([classes.index(name) for name in names])
    if found == "texts":
        return Own("texts", np.array([p.read_text("utf-8", errors="replace") for p in chosen], dtype=object), y, classes, f"{len(chosen):,} files in {place.name}")
    return Own("pictures", np.stack([_picture(p, size) for p in chosen]), y, classes, f"{len(chosen):,} files in {place.name}")


def _picture(path: Path, size: int) -> np.ndarray:
    """One picture as float32 (3, size, size), red first, from 0 to 1; cut to a square about its middle."""
    raw = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(raw, cv2.IMREAD_COLOR) if len(raw) else None
    if image is None:
        raise ValueError(f"{path} cannot be read as a picture: is it damaged, or of another kind? Take it out of the folder")
    h, w = image.shape[:2]
    edge = min(h, w)
    top, left = (h - edge) // 2, (w - edge) // 2
    small = cv2.resize(image[top:top + edge, left:left + edge], (size, size), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small[:, :, ::-1].transpose(2, 0, 1), np.float32) / 255


def _table(place: Path) -> pd.DataFrame:
    try:
        names = place.read_text("utf-8-sig").partition("\n")[0]
        table = pd.read_csv(place, sep=max(",;\t", key=names.count), encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{place.name} cannot be read as a table ({error}): save it as .csv, UTF-8, with a line of names") from error
    if table.shape[0] < 1 or table.shape[1] < 1:
        raise ValueError(f"{place.name} holds no lines below its names")
    return table


def _column(table: pd.DataFrame, name: str, what: str) -> pd.Series:
    if name not in table.columns:
        raise ValueError(f"there is no column {name!r} for {what}; there are {', '.join(map(str, table.columns))}")
    return table[name]


def _series(table: pd.DataFrame, target: str, horizon: int, source: str) -> Own:
    numeric = table.select_dtypes("number")
    if not target and numeric.shape[1] == 0:
        raise ValueError(f"{source} holds no column of numbers: which one is the series? Say target=")
    values = pd.to_numeric(_column(table, target, "the series") if target else numeric.iloc[:, -1], errors="coerce")
    gaps = int(values.isna().sum())
    series = values.interpolate(limit_direction="forward").to_numpy(np.float32)
    series = series[np.isfinite(series)]
    if len(series) < WIDTH + horizon + 30:
        raise ValueError(f"{source} holds {len(series)} values: a series needs at least {WIDTH + horizon + 30}")
    windows = np.lib.stride_tricks.sliding_window_view(series, WIDTH)[:-horizon]
    filled = f", {gaps} gaps filled along a line" if gaps else ""
    return Own("series", windows.copy(), series[WIDTH + horizon - 1:].copy(), [], f"{source}: {len(series):,} values, {horizon} ahead{filled}")


def _lines(table: pd.DataFrame, kind: str, target: str, groups: str, source: str) -> Own:
    y = _column(table, target or str(table.columns[-1]), "the target")
    known = y.notna()
    if not known.all():
        table, y = table[known], y[known]
    whose = _column(table, groups, "the groups").to_numpy() if groups else None
    rest = table.drop(columns=[y.name, *([groups] if groups else [])])
    values, classes = _targets(y)
    words = rest.select_dtypes(exclude="number")
    long = [c for c in words.columns if rest[c].astype(str).str.split().str.len().mean() > 3]
    if kind == "texts" or (not kind and long):
        if not len(words.columns):
            raise ValueError(f"{source} holds no column of words beside the target")
        column = (long or list(words.columns))[0]
        return Own("texts", rest[column].fillna("").astype(str).to_numpy(object), values, classes, f"column {column!r} of {source}", whose)
    x = _numbers(rest)
    if x.shape[1] == 0:
        raise ValueError(f"{source} holds no column that can be turned into numbers beside the target")
    return Own("table", x, values, classes, f"{x.shape[1]} numbers a line of {source}", whose)


def _targets(y: pd.Series) -> tuple[np.ndarray, list[str]]:
    if (y.dtype.kind == "f" and (y != y.round()).any()) or (y.dtype.kind in "if" and y.nunique() > 20):
        return y.to_numpy(np.float32), []
    codes, names = pd.factorize(y, sort=True)
    if len(names) < 2:
        raise ValueError(f"the target has one value only ({names[0] if len(names) else 'none'}): there is nothing to predict")
    return codes.astype(np.int64), [str(name) for name in names]


def _numbers(rest: pd.DataFrame) -> np.ndarray:
    """Numbers as they are, gaps filled with the column's median; words of few kinds as one column a kind (one-hot)."""
    numeric = rest.select_dtypes("number")
    few = [c for c in rest.columns.difference(numeric.columns) if rest[c].nunique() <= 12]
    parts = [numeric.fillna(numeric.median()), pd.get_dummies(rest[few].astype(str))] if few else [numeric.fillna(numeric.median())]
    return np.concatenate([part.to_numpy(np.float32) for part in parts], 1)
