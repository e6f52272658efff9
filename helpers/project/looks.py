"""The questions of :func:`helpers.project.audit` that only count: each takes the arrays, and gives one Finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from helpers.project.arrays import Arrays, usable


@dataclass(frozen=True)
class Finding:
    """What one question found.

    Parameters
    ----------
    name : str
        "copies", "scale" …
    level : "fault", "look" or "fine"
    text : str
        What was found, and what to do.
    lesson : str
        The lesson that helps: "05a".
    value : float
        The number behind it.
    """

    name: str
    level: str
    text: str
    lesson: str
    value: float

    def __str__(self) -> str:
        return f"{self.level:5} · {self.name}: {self.text}" + ("" if self.level == "fine" else f" → lesson {self.lesson}")


def gaps(a: Arrays) -> Finding:
    bad = ~usable(a.x_train)
    share = float(np.mean([np.mean(bad), np.mean(~usable(a.x_test))]))
    if share:
        empty = np.flatnonzero(bad.all(0))
        which = f" Features without a number in training: {', '.join(map(str, empty[:5]))}{' …' if len(empty) > 5 else ''}; leave them out." if len(empty) else ""
        return Finding("gaps", "fault", f"{max(share, 0.0001):.2%} of the numbers are NaN or infinite, or too large for float32 (3.4e38).{which} Fill gaps from the training part "
                       "alone, or leave them out; the questions that need all numbers were not asked.", "05a", share)
    return Finding("gaps", "fine", "no NaN, nothing infinite.", "05a", 0.0)


def dtype(a: Arrays) -> Finding:
    top = float(np.abs(a.x_train).max())
    if a.dtype.kind in "iu" and len(a.shape) >= 2:
        return Finding("dtype", "fault", f"pictures of {a.dtype}, up to {top:.0f}: divide by 255 and make them float32.", "05b", top)
    if a.dtype == np.float64 and np.prod(a.shape) >= 100:
        return Finding("dtype", "look", "float64: PyTorch computes in float32, and so wide examples take twice the memory for nothing.", "05b", top)
    return Finding("dtype", "fine", f"{a.dtype}, one example {a.shape}.", "05b", top)


def constants(a: Arrays) -> Finding:
    share = float(np.mean(a.x_train.std(0) == 0))
    if share == 1:
        return Finding("constants", "fault", "all training examples are the same. Nothing can be learnt from them.", "05a", share)
    if share > 0.5:
        return Finding("constants", "look", f"{share:.0%} of the features never change in training.", "05a", share)
    return Finding("constants", "fine", f"{share:.0%} of the features never change in training.", "05a", share)


def scale(a: Arrays) -> Finding:
    spans = np.ptp(a.x_train, axis=0)           # not spreads: a pixel at the border seldom changes, and has the unit of all others
    spans = spans[spans > 0]
    ratio = float(np.quantile(spans, 0.95) / np.quantile(spans, 0.05)) if len(spans) else 1.0
    far = float(np.abs(a.x_train.mean()) / max(float(a.x_train.std()), 1e-12))
    if len(a.shape) == 1 and ratio > 30:
        return Finding("scale", "fault", f"one feature spans {ratio:,.0f} times as much as another: standardise with the training part's mean and spread.", "05b", ratio)
    if far > 10:
        return Finding("scale", "fault", f"all numbers lie {far:,.0f} spreads away from 0: subtract the training part's mean.", "05b", ratio)
    return Finding("scale", "fine", f"the spans of the features differ by a factor of {ratio:,.0f}.", "05b", ratio)


def _hashes(x: np.ndarray) -> set[bytes]:
    return {row.tobytes() for row in np.ascontiguousarray(x)}


def copies(a: Arrays) -> Finding:
    known = _hashes(a.x_train)
    share = float(np.mean([row.tobytes() in known for row in np.ascontiguousarray(a.x_test)]))
    twice = 1 - len(known) / len(a.x_train)
    if share > 0.002:
        coarse = " (Few, coarse features? Then different examples can look alike.)" if twice > 0.5 * share else ""
        return Finding("copies", "fault", f"{share:.1%} of the test examples stand in the training part too, number for number. Take copies out before you split.{coarse}", "05a", share)
    if twice > 0.05:
        return Finding("copies", "look", f"{twice:.0%} of the training examples stand there more than once.", "05a", share)
    return Finding("copies", "fine", f"{share:.1%} of the test examples stand in the training part.", "05a", share)


def order(a: Arrays) -> Finding:
    """Whether neighbours in the training part share their label more often than chance lets them."""
    y = a.y_train if a.classes is None else np.searchsorted(a.classes, a.y_train)
    if a.classes is None:
        r = float(stats.spearmanr(y[1:], y[:-1]).statistic) if np.ptp(y[1:]) and np.ptp(y[:-1]) else 0.0
        level = "look" if r > 0.5 else "fine"
        return Finding("order", level, f"each label and the next are {'much' if level == 'look' else 'hardly'} alike (correlation {r:.2f})."
                       + (" A series? Then train on the past and test on the future; else shuffle." if level == "look" else ""), "03b" if level == "look" else "05a", r)
    same = float(np.mean(y[1:] == y[:-1]))
    by_chance = float(np.square(np.bincount(y) / len(y)).sum())
    if same > by_chance + max(0.3 * (1 - by_chance), 5 * np.sqrt(by_chance * (1 - by_chance) / len(y))):
        return Finding("order", "fault", f"{same:.0%} of neighbours share their class ({by_chance:.0%} by chance): the examples are sorted. Shuffle before you split and before each epoch.", "08b", same)
    return Finding("order", "fine", f"{same:.0%} of neighbours share their class ({by_chance:.0%} by chance).", "05a", same)


def balance(a: Arrays) -> Finding:
    if a.classes is None:
        return Finding("balance", "fine", "labels are quantities, not classes.", "09a", 0.0)
    counts = np.array([(a.y_train == c).sum() for c in a.classes])
    share = float(counts.max() / counts.sum())
    if len(counts) < 2:
        return Finding("balance", "fault", f"the training part has one class only ({a.classes[0]}): collect examples of another.", "09a", share)
    if counts.min() < 5:
        return Finding("balance", "fault", f"the rarest of {len(counts)} classes has {counts.min()} training examples: join it with another, or collect more.", "09a", share)
    if counts.max() > 3 * counts.min():
        return Finding("balance", "look", f"the commonest class has {counts.max() / counts.min():.0f} times as many examples as the rarest ({share:.0%} of all): accuracy alone will flatter.", "09a", share)
    return Finding("balance", "fine", f"{len(counts)} classes, {counts.min():,} to {counts.max():,} examples each.", "09a", share)


def new_classes(a: Arrays) -> Finding:
    if a.classes is None:
        outside = float(np.mean((a.y_test < a.y_train.min()) | (a.y_test > a.y_train.max())))
        return Finding("new labels", "look" if outside > 0.02 else "fine", f"{outside:.1%} of the test labels lie outside the training part's range.", "03b", outside)
    missing = np.setdiff1d(a.y_test, a.classes)
    if len(missing):
        return Finding("new labels", "fault", f"the test part has classes that training never saw: {', '.join(map(str, missing[:5]))}. Split by class (stratified).", "05a", len(missing))
    return Finding("new labels", "fine", "every class of the test part occurs in training.", "05a", 0.0)


def size(a: Arrays) -> Finding:
    n = len(a.x_test)
    if a.classes is None:
        half = 1.96 / float(np.sqrt(n))
        return Finding("size", "look" if half > 0.17 else "fine", f"{n:,} test examples: a mean error is known to ± {half:.2f} times the spread of the single errors.", "09a", half)
    half = 1.96 * float(np.sqrt(0.9 * 0.1 / n))
    text = f"{n:,} test examples: an accuracy near 90 % is known to ± {100 * half:.1f} points."
    return Finding("size", "look" if half > 0.05 else "fine", text, "09a", half)
