"""What a learner has solved, foreseen, answered and drawn, in one local file that git ignores; nothing leaves the machine.

The file is one object: ``{"version": 2, "solved": {number: {"date", "source"}}, "prediction": {…}, "quiz": {…}, …}``.
What a later version may have put beside these is kept as it is.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from helpers.runtime import ROOT, is_strict

#: Kept beside the course, so that an update of the course leaves it alone.
PATH = ROOT / "progress.json"
VERSION = 2
KINDS = ("prediction", "quiz", "sketch", "order", "target")
#: Exercises that have another number since chapters are cut into lessons: (number, the function asked for) → number now.
MOVED = {("3.4", "split_windows"): "3.5", ("3.5", "last_states"): "3.9", ("3.6", "draw"): "3.11",
         ("4.4", "reparametrise"): "4.6", ("4.5", "gaussian_kl"): "4.7", ("4.6", "importance_bound"): "4.8"}
PATIENCE, STALE = 5.0, 20.0         # seconds: how long to wait for another process, and when a lock is left over
Entries = dict[str, dict[str, Any]]
#: What this kernel could not write yet; in a strict run, all there is.
_this_kernel: Entries = {}


# ---------------------------------------------------------------- what is told to the others
def load(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Exercise number → {"date": ISO date, "source": the answer}. A damaged file is put aside, never overwritten.

    What cannot be read, or not be put aside (a folder for reading only), is said, and counts as nothing solved.
    """
    return _load(path or PATH).get("solved", {})


def save(number: str, source: str, path: Path | None = None) -> None:
    """Record a solved exercise, with the answer that solved it.

    An answer of which no text was kept (``source`` empty) does not replace the text of an earlier one.
    """
    earlier = (_solved() if path is None else load(path)).get(number, {}).get("source", "")
    _write("solved", number, {"date": date.today().isoformat(), "source": source or earlier}, path)


def record(kind: str, key: str, value: Any) -> None:
    """Keep something that the reader did: the newest value of each key, through restarts.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    key : str
        What it belongs to: the question, its number, the exercise's number.
    value : what JSON holds
        Numbers, texts, truths, None, and lists and dictionaries of them.

    Raises
    ------
    ValueError
        If kind is none of these.
    TypeError
        If JSON cannot hold the value, or key is no text.
    """
    _check_kind(kind)
    if not isinstance(key, str):
        raise TypeError(f"record({kind!r}, …): key must be a text, got {type(key).__name__}")
    _write(kind, key, json.loads(json.dumps(value)), None)


def recorded(kind: str) -> dict[str, Any]:
    """All that :func:`record` has kept of a kind: key → value.

    Raises
    ------
    ValueError
        If kind is none of :data:`KINDS`.
    """
    _check_kind(kind)
    return ({} if is_strict() else _load(PATH).get(kind, {})) | _this_kernel.get(kind, {})


def solved_numbers() -> set[str]:
    """The exercises that this learner has solved."""
    return set(_solved())


def answer_of(number: str) -> str | None:
    """The text of the answer that solved an exercise, "" if no text was kept, None if it is not solved."""
    entry = _solved().get(number)
    return entry["source"] if entry else None


def line(chapter: int, numbers: list[str]) -> str:
    """One line: ``Chapter 1: ■■□□□ 2 of 5 solved``."""
    solved = solved_numbers()
    done = [number in solved for number in numbers]
    return f"Chapter {chapter}: {''.join('■' if d else '□' for d in done)} {sum(done)} of {len(numbers)} solved"


def _solved() -> dict[str, dict[str, str]]:
    return ({} if is_strict() else load()) | _this_kernel.get("solved", {})


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")


# ---------------------------------------------------------------- the file
def _load(path: Path) -> Entries:
    try:
        return _read(path)
    except OSError as error:
        print(f"{path.name} could not be read ({error}): what is solved is kept only until the kernel stops. Is it yours to read, and its folder to write?")
        return {}


def _read(path: Path) -> Entries:
    """The whole file; an OSError is raised, so that nobody writes over a file that was not read."""
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8-sig"))         # Notepad puts a mark before the first letter
        entries, good = _sound(found)
        fault: Exception | None = None if good else TypeError("entries are not what they should be")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        entries, fault = {}, error
    if fault is not None:
        _put_aside(path, fault, entries)
    if "solved" in entries:
        entries["solved"] = {_number_now(number, entry["source"]): entry for number, entry in entries["solved"].items()}
    return entries


def _number_now(number: str, source: str) -> str:
    """The number under which an answer is counted today; the function's name tells an older answer from a newer one."""
    names = re.findall(r"^def (\w+)\(", source, re.M)
    return next((MOVED[number, name] for name in names if (number, name) in MOVED), number)


def _sound(found: Any) -> tuple[Entries, bool]:
    """The entries that can be used, and whether these are all."""
    entries: Entries = {**found, "solved": {n: e for n, e in found["solved"].items() if isinstance(e, dict) and isinstance(e.get("source"), str)}}
    good = len(entries["solved"]) == len(found["solved"])
    for kind in KINDS:
        if not isinstance(entries.setdefault(kind, {}), dict):
            entries[kind], good = {}, False
    return entries, good


def _put_aside(path: Path, fault: Exception, entries: Entries) -> None:
    names = (path.with_name(f"{path.stem}.damaged{n or ''}{path.suffix}") for n in itertools.count())
    aside = next(name for name in names if not name.exists())
    os.replace(path, aside)
    kept = sum(len(part) for part in entries.values() if isinstance(part, dict))
    print(f"{path.name} could not be read ({fault or type(fault).__name__}). It is kept as {aside.name}; "
          + (f"{kept} entries of it are taken over." if kept else "your progress begins anew."))
    if kept:
        _replace(path, entries)


def _write(kind: str, key: str, value: Any, path: Path | None) -> None:
    """Add an entry to the file as it is now, whoever has written to it in between.

    Where it cannot be written (a full disk, a folder for reading only), that is said, and this kernel remembers, and
    writes it with the next.
    """
    if path is None and is_strict():          # the tests leave a learner's file alone
        _this_kernel.setdefault(kind, {})[key] = value
        return
    path = Path(os.path.realpath(path or PATH))         # a link stays a link: the file behind it is written
    pending = {k: dict(v) for k, v in _this_kernel.items()}
    pending.setdefault(kind, {})[key] = value
    try:
        with _lock(path):
            entries: Entries = {"solved": {}} | _read(path)      # a prediction may come before the first exercise
            if path.exists() and not path.stat().st_mode & 0o222:
                raise PermissionError(f"{path.name} is for reading only")
            for k, v in pending.items():
                entries[k] = entries.get(k, {}) | v
            _replace(path, entries)
        _this_kernel.clear()
    except OSError as error:
        _this_kernel.setdefault(kind, {})[key] = value
        print(f"{path.name} could not be written ({error}): this is kept only until the kernel stops.")


def _replace(path: Path, entries: Entries) -> None:
    """Write the file anew in one move, with the rights that it had."""
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"version": VERSION} | entries, file, indent=1, ensure_ascii=False)
        if path.exists():
            shutil.copymode(path, part)
        else:
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
        _patiently(lambda: os.replace(part, path))
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _patiently(act: Any, tries: int = 20) -> None:
    """Windows refuses for as long as another process looks at the file."""
    for rest in reversed(range(tries if os.name == "nt" else 1)):
        try:
            act()
            return
        except PermissionError:
            if not rest:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    """One process at a time: whoever can create the lock file has it."""
    lock = path.with_name(f"{path.name}.lock")
    end = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except (FileExistsError, PermissionError) as error:
            if isinstance(error, PermissionError) and (os.name != "nt" or not lock.exists()):
                raise           # no right to write here
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > STALE:      # left over by a process that was killed
                    lock.unlink()
                    continue
            if time.monotonic() > end:
                raise TimeoutError(f"another process holds {lock.name}; if none does, delete that file") from None
            time.sleep(0.005)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
