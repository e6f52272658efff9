"""load(): a reader's own folder or file, read as one of four kinds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from helpers.project.arrays import usable
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
        with a line of names (separated by commas, semicolons or tabs; decimal commas are understood).
    kind : "pictures", "table", "series", "texts", or "" to tell by what is there
        A .csv file is a table, or texts where a column holds more than three words a line, unless you say otherwise.
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
    if not path:
        raise ValueError("the path is empty: give that of a folder or a .csv file, or demo() for the course's wines")
    place = Path(path).expanduser()
    if not place.exists():
        raise FileNotFoundError(f"there is no {place}: give the path of a folder or a .csv file; this notebook runs in {Path.cwd()}")
    if kind and kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, or left out; got {kind!r}")
    if place.is_dir():
        if kind in ("table", "series"):
            raise ValueError(f"{place} is a folder, and a {kind} is read from a .csv file: give its path")
        return _folder(place, kind, whole("size", size, 8, 512))
    if place.suffix.lower() not in (".csv", ".tsv"):
        raise ValueError(f"{place.name}: a file must be a .csv with a line of names; of pictures and texts give the folder")
    if kind == "pictures":
        raise ValueError(f"{place.name} is a file: of pictures give the folder that holds one folder a class")
    table = _table(place)
    if kind == "series":
        return _series(table, target, whole("horizon", horizon), place.name)
    return _lines(table, kind, target, groups, place.name)


def _folder(place: Path, kind: str, size: int) -> Own:
    files = sorted(p for p in place.rglob("*") if p.is_file() and not any(_hidden(part) for part in p.relative_to(place).parts))
    loose = [p for p in files if p.parent == place]
    files = [p for p in files if p.parent != place]
    pictures, texts = ([p for p in files if p.suffix.lower() in endings] for endings in (PICTURES, TEXTS))
    found = kind or ("pictures" if len(pictures) >= len(texts) else "texts")
    chosen = pictures if found == "pictures" else texts
    if not chosen:
        ends = Counter(p.suffix.lower() or "no ending" for p in files or loose).most_common(3)
        there = f" Found{'' if files else ' directly in it'}: {', '.join(f'{n:,} {end}' for end, n in ends)}." if ends else " It is empty."
        raise ValueError(f"{place} holds no {found} in folders of its own: make one folder a class, and put its files inside "
                         f"({', '.join(PICTURES if found == 'pictures' else TEXTS)}).{there}")
    names = [p.relative_to(place).parts[0] for p in chosen]
    classes = sorted(set(names))
    if len(classes) < 2:
        raise ValueError(f"{place} has one class only ({classes[0]}): a second folder is needed to tell apart")
    if {name.lower() for name in classes} <= {"train", "training", "val", "valid", "validation", "test"}:
        raise ValueError(f"the folders of {place} ({', '.join(classes)}) are named after parts, not classes: put one folder a class there; split() makes the parts")
    y = np.array([classes.index(name) for name in names])
    passed_over = len(files) + len(loose) - len(chosen)
    source = f"{len(chosen):,} files in {place.name}" + (f"; {passed_over:,} passed over (another kind, or in no folder of their own)" if passed_over else "")
    if found == "texts":
        return Own("texts", np.array([p.read_text("utf-8", errors="replace") for p in chosen], dtype=object), y, classes, source)
    return Own("pictures", np.stack([_picture(p, size) for p in chosen]), y, classes, source)


def _hidden(name: str) -> bool:
    """What systems put there by themselves: .ipynb_checkpoints, ._1.png, __MACOSX."""
    return name.startswith(".") or name == "__MACOSX"


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
        sep = max(",;\t", key=names.count)
        table = pd.read_csv(place, sep=sep, encoding="utf-8-sig")
        if sep != "," and any(_decimal_comma(table[c]) for c in table.select_dtypes(exclude="number")):
            table = pd.read_csv(place, sep=sep, encoding="utf-8-sig", decimal=",")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{place.name} cannot be read as a table ({str(error).strip()}): save it as .csv, UTF-8, with a line of names") from error
    if table.shape[0] < 1 or table.shape[1] < 1:
        raise ValueError(f"{place.name} holds no lines below its names")
    return table


def _decimal_comma(column: pd.Series) -> bool:
    filled = column.dropna().astype(str)
    return len(filled) > 0 and bool(filled.str.fullmatch(r"\s*-?\d*(,\d+)?\s*").all() and filled.str.contains(",").any())


def _column(table: pd.DataFrame, name: str, what: str) -> pd.Series:
    if name not in table.columns:
        raise ValueError(f"there is no column {name!r} for {what}; there are {', '.join(map(str, table.columns))}")
    return table[name]


def _series(table: pd.DataFrame, target: str, horizon: int, source: str) -> Own:
    numeric = table.select_dtypes("number").dropna(axis=1, how="all")
    if not target and numeric.shape[1] == 0:
        raise ValueError(f"{source} holds no column of numbers: which one is the series? Say target=")
    for name in table.select_dtypes(exclude="number"):
        days = table[name].dropna().astype(str)
        if len(days) > 1 and days.str.match(r"\d{4}-\d\d-\d\d").all() and not days.is_monotonic_increasing:
            raise ValueError(f"the dates in column {name!r} of {source} do not rise: sort the lines by time, the oldest first")
    values = pd.to_numeric(_column(table, target, "the series") if target else numeric.iloc[:, -1], errors="coerce")
    _in_float32(values, source)
    values = values.loc[values.first_valid_index():] if values.notna().any() else values[:0]
    gaps, least = int(values.isna().sum()), WIDTH + horizon + 50
    if len(values) - gaps < least:
        raise ValueError(f"column {values.name!r} of {source} holds {len(values) - gaps} numbers: a series needs at least {least} "
                         f"({WIDTH} in a window, {horizon} ahead, 50 examples). Collect more, or name another column with target=")
    series = values.ffill().to_numpy(np.float32)                # what was known at that time; a line to the next value would tell the future
    windows = np.lib.stride_tricks.sliding_window_view(series, WIDTH)[:-horizon]
    asked = values.notna().to_numpy()[WIDTH + horizon - 1:]     # nobody is asked for a value that was not measured
    filled = f", {gaps} gaps filled with the value before" if gaps else ""
    return Own("series", windows[asked], series[WIDTH + horizon - 1:][asked], [], f"{source}: {len(series):,} values, {horizon} ahead{filled}")


def _in_float32(column: pd.Series, source: str) -> None:
    filled = column.dropna()
    bad = filled[~usable(filled.to_numpy(float))]
    if len(bad):
        raise ValueError(f"column {column.name!r} of {source} holds {bad.iloc[0]:g} in line {table_line(bad.index[0])}: infinite, or too large for float32 (3.4e38). "
                         "Leave such lines out, or give the column another unit")


def table_line(row: int) -> int:
    """The line of a .csv file in which a row stands, the line of names being the first."""
    return int(row) + 2


def _lines(table: pd.DataFrame, kind: str, target: str, groups: str, source: str) -> Own:
    y = _column(table, target or str(table.columns[-1]), "the target")
    known = y.notna()
    if not known.any():
        raise ValueError(f"column {y.name!r} of {source}, the target, is empty: name another with target=")
    table, y = table[known], y[known]
    dropped = [f"{(~known).sum():,} lines without a target left out"] if not known.all() else []
    whose = _column(table, groups, "the groups") if groups else None
    if whose is not None and groups == y.name:
        raise ValueError(f"column {groups!r} cannot be both the target and the groups: name one of them anew")
    if whose is not None and whose.isna().any():
        raise ValueError(f"column {groups!r}, the groups, is empty in {whose.isna().sum():,} lines (line {table_line(whose.index[whose.isna()][0])} is the first): say whose they are, or leave them out")
    rest = table.drop(columns=[y.name, *([groups] if groups else [])])
    values, classes = _targets(y, source)
    whose = None if whose is None else pd.factorize(whose)[0]
    words = rest.select_dtypes(exclude="number")
    long = [c for c in words.columns if rest[c].astype(str).str.split().str.len().mean() > 3]
    if kind == "texts" or (not kind and long):
        if not len(words.columns):
            raise ValueError(f"{source} holds no column of words beside the target {y.name!r}; there are {', '.join(rest.columns) or 'none'}")
        column = (long or list(words.columns))[0]
        others = [str(c) for c in rest.columns if c != column]
        dropped += [f"not used: {', '.join(others)}" + ("" if kind else '; kind="table" takes the numbers instead')] if others else []
        return Own("texts", rest[column].fillna("").astype(str).to_numpy(object), values, classes, ", ".join([f"column {column!r} of {source}", *dropped]), whose)
    for name in rest.select_dtypes("number"):
        _in_float32(rest[name], source)
    x, left_out = _numbers(rest)
    if x.shape[1] == 0:
        raise ValueError(f"{source} holds no column that can be turned into numbers beside the target {y.name!r}"
                         + (f": not used are {', '.join(left_out)}. Turn dates into numbers first; for texts say kind=\"texts\"" if left_out else ""))
    gaps = int(np.isnan(x).sum())
    notes = dropped + ([f"not used: {', '.join(left_out)}"] if left_out else [])
    notes += [f"{gaps:,} gaps, to be filled with the training part's medians"] if gaps else []
    return Own("table", x, values, classes, "; ".join([f"{x.shape[1]} numbers a line of {source}", *notes]), whose)


def _targets(y: pd.Series, source: str) -> tuple[np.ndarray, list[str]]:
    if y.nunique() < 2:
        raise ValueError(f"column {y.name!r} of {source}, the target, has one value only ({y.iloc[0]}): there is nothing to predict. Name another with target=, or add examples of another class")
    if y.dtype.kind in "if":
        _in_float32(y, source)
    if (y.dtype.kind == "f" and (y != y.round()).any()) or (y.dtype.kind in "if" and y.nunique() > 20):
        return y.to_numpy(np.float32), []
    codes, names = pd.factorize(y, sort=True)
    return codes.astype(np.int64), [str(name) for name in names]


def _numbers(rest: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Numbers as they are, gaps as NaN; words of few kinds as one column a kind (one-hot). And the columns left out, with the reason."""
    empty = [c for c in rest.columns if rest[c].isna().all()]
    rest = rest.drop(columns=empty)
    numeric = rest.select_dtypes("number")
    others = [c for c in rest.columns if c not in numeric.columns]
    few = [c for c in others if rest[c].nunique() <= 12]
    parts = [numeric, pd.get_dummies(rest[few].astype(str))] if few else [numeric]
    left_out = [f"{c} (empty)" for c in empty] + [f"{c} ({rest[c].nunique():,} different words or dates)" for c in others if c not in few]
    return np.concatenate([part.to_numpy(np.float32) for part in parts], 1), left_out
