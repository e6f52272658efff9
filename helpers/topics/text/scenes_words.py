"""The figures to play with of the lesson on words and letters: merges, neighbours, orders of counting, temperature."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap

from helpers import plots
from helpers.data.tales import words_of
from helpers.lesson.promises import measured
from helpers.plots import Labels, Scene
from helpers.topics.text import bpe, counting
from helpers.topics.text.letters import ALPHABET, NextProbs, NGram, sample, sharpened
from helpers.widgets.steps import Step

#: Cells a row and rows in the picture of tokens.
COLUMNS, ROWS = 27, 5
PALE = ListedColormap(["#ffffff", "#cfe4f3", "#fbe0cc", "#cdeee3", "#f4dcea"])

#: A few lines of a program, for the price of a text that is no English.
PYTHON = '''def merged(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i:i + 2]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out
'''

MERGE_STEPS = [
    Step("No merge: each byte is a token.", {"n": 0}, ask=("How many tokens a character?", ["1", "more than 1"], 0), light=0),
    Step("Ten merges: the commonest pairs have become one.", {"n": 10}, ask=("Which pair came first?", ["h e", "q u"], 0), light=0),
    Step("500 merges: common words are one token, rare ones some pieces.", {"n": 500}, ask=("Which word is in the most pieces?", ["a common one", "a rare one"], 1), light=0),
    Step("A sentence in Chinese: each character is three bytes.", {"n": 500, "words": "深度学习模型"},
         ask=("What do 500 merges of English do for it?", ["nothing", "half the tokens"], 0), light=1),
]


def merge_view(merges: bpe.Merges, texts: Mapping[str, str], goal: float = 0.5) -> Scene:
    """A typed text coloured by token, and the tokens a character of whole texts. Controls: n (merges), words (typed).

    Parameters
    ----------
    merges : in the order in which they were learnt
    texts : name → text; the first is the one of the goal
    goal : tokens a character of the first text
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.1), width_ratios=[2.1, 1])
    board = np.zeros((ROWS, COLUMNS))
    picture = ax.imshow(board, cmap=PALE, vmin=0, vmax=4, extent=(0, COLUMNS, ROWS, 0), aspect="auto", interpolation="nearest")
    edges = LineCollection([], colors="0.35", linewidths=1.2)
    ax.add_collection(edges, autolim=False)
    signs = Labels(ax, 9)
    ax.set(xlim=(0, COLUMNS), ylim=(ROWS, 0))
    plots.picture_frame(ax, "Each token has a colour and a bar before it")
    some = sorted({*range(0, 101, 20), *range(150, len(merges), 100), len(merges)})
    for (name, text), color, style in zip(texts.items(), plots.COLORS, ("-", "--", ":", "-."), strict=False):
        bx.plot(some, [len(bpe.encode(text, merges, n)) / len(text) for n in some], color=color, linestyle=style, label=name)
    (here,) = bx.plot([], [], "D", color=plots.BLACK, label="your words")
    bx.set(xlabel="merges", ylabel="tokens a character", ylim=(0, 3.2), xlim=(-20, len(merges) + 20))
    bx.legend(fontsize=7.5, frameon=True, framealpha=1, loc="center right").set_zorder(1)
    plots.quiet_title(bx, "The price of a text")
    first, vocabulary = next(iter(texts.values())), bpe.vocabulary(merges)
    least = _least(lambda n: len(bpe.encode(first, merges, n)) / len(first) <= goal, len(merges))

    def draw(n: int, words: str) -> tuple[str, bool]:
        cells: list[tuple[int, int]] = []
        starts: list[int] = []
        ids = bpe.encode(words, merges, n)
        for k, token in enumerate(ids):
            starts.append(len(cells))
            cells += [(byte, 1 + k % 4) for byte in vocabulary[token]]
        cells = cells[:ROWS * COLUMNS]
        flat = np.zeros(ROWS * COLUMNS)
        flat[:len(cells)] = [color for _, color in cells]
        picture.set_data(flat.reshape(ROWS, COLUMNS))
        places = [(i % COLUMNS, i // COLUMNS) for i in range(len(cells))]
        edges.set_segments([[places[i], (places[i][0], places[i][1] + 1)] for i in starts if i < len(cells)])
        signs.put([_sign(byte) for byte, _ in cells], [(x + 0.5, y + 0.5) for x, y in places])
        rate = len(ids) / max(len(words), 1)
        here.set_data([n], [rate])
        return f"After {n} merges your {len(words)} characters are {len(ids)} tokens, {rate:.2f} a character.", least <= n < least + 20

    return draw, fig


def _sign(byte: int) -> str:
    return "·" if byte == 32 else chr(byte) if 32 < byte < 127 else f"{byte:02X}"


def _least(holds: object, most: int) -> int:
    """The smallest n from 0 to most for which holds(n), which stays true once it is."""
    assert callable(holds)
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def neighbour_view(found: Mapping[int, tuple[counting.Counts, np.ndarray]], n: int = 8, goal: float = 0.5) -> Scene:
    """The nearest words, and how many partners are near. Controls: word, window (one of found), d (how many numbers a word).

    Parameters
    ----------
    found : window → the counts and the vectors (V, most), strongest direction first, not yet cut to d
    """
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.2), width_ratios=[1.2, 1])
    bars = ax.barh(range(n), np.zeros(n), color=plots.SKY)
    names = Labels(ax, 10, centred=False)
    ax.set(xlim=(0, 1), ylim=(n - 0.4, -0.6), yticks=[], xlabel="likeness (cosine)")
    plots.quiet_title(ax, "The nearest words")
    some = [2, 5, 10, 20, 35, 50, 75, 100]
    for (window, (counts, e)), color, style in zip(found.items(), plots.COLORS, ("-", "--", ":", "-."), strict=False):
        bx.plot(some, [counting.partner_recall(cut(e, d), counts)[0] for d in some], color=color, linestyle=style, label=f"window {window}")
    (here,) = bx.plot([], [], "D", color=plots.BLACK)
    bx.set(xlabel="numbers a word", ylabel="partners among the ten nearest", ylim=(0, 0.6))
    bx.legend(fontsize=7.5, frameon=True, framealpha=1).set_zorder(1)
    plots.quiet_title(bx, "Day and night, come and go …")
    known = functools.cache(lambda window, d: (cut(found[window][1], d), counting.partner_recall(cut(found[window][1], d), found[window][0])[0]))

    def draw(word: str, window: int, d: int) -> tuple[str, bool]:
        counts = found[window][0]
        e, recall = known(window, d)
        here.set_data([d], [recall])
        reached = recall >= goal
        word = word.strip().lower()
        if word not in counts.place:
            names.put(["not among the counted words"], [(0.03, n / 2)])
            for bar in bars:
                bar.set_width(0)
            return f"{word!r} is not among the {len(counts.words)} commonest words. {measured(recall, '.0%')} of the partners are near.", reached
        like = e @ e[counts.place[word]]
        near = counting.neighbours(e, counts, word, n)
        for bar, other in zip(bars, near, strict=True):
            bar.set_width(max(0.0, float(like[counts.place[other]])))
        names.put(near, [(0.03, i + 0.17) for i in range(n)])
        return f"Nearest to {word!r}: {measured(', '.join(near[:4]))}. {measured(recall, '.0%')} of the partners are near.", reached

    return draw, fig


def cut(e: np.ndarray, d: int) -> np.ndarray:
    """The first d numbers of each word, at length 1 again."""
    part = e[:, :d]
    return part / (np.linalg.norm(part, axis=1, keepdims=True) + 1e-9)


def order_view(model: NGram, train_bits: list[float], val_bits: list[float], start: str = "Once upon a time ", n: int = 170) -> Scene:
    """What a counting model of each order writes, and its bits. Controls: order, seed."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.1), width_ratios=[1, 1.5])
    orders = np.arange(1, len(val_bits) + 1)
    ax.plot(orders, train_bits, "o--", color=plots.BLUE, label="the text it counted")
    ax.plot(orders, val_bits, "s-", color=plots.VERMILION, label="validation tales")
    (here,) = ax.plot([], [], "D", color=plots.BLACK, markersize=9)
    ax.set(xlabel="order (characters, with the one to come)", ylabel="bits a character", ylim=(0, 4.6), xticks=orders)
    ax.legend(fontsize=7.5, frameon=True, framealpha=1).set_zorder(1)
    plots.quiet_title(ax, "Longer contexts, to a point")
    page = Page(bx, "What it writes")
    best = int(np.argmin(val_bits)) + 1

    def draw(order: int, seed: int) -> tuple[str, bool]:
        here.set_data([order], [val_bits[order - 1]])
        page.put(sample(lambda text: model.probs(text[-(order - 1):] if order > 1 else "", order), start, n, seed=seed))
        return (f"Order {order}: {measured(val_bits[order - 1], '.2f')} bits a character on the validation tales, "
                f"perplexity {measured(2 ** val_bits[order - 1], '.1f')}."), order == best

    return draw, fig


class Page:
    """A few lines of written text as one artist."""

    def __init__(self, ax: plt.Axes, title: str, wide: int = 44, lines: int = 6) -> None:
        self.wide, self.lines = wide, lines
        self.labels = Labels(ax, 10, centred=False)
        ax.set(xlim=(0, 1), ylim=(lines, 0))
        plots.picture_frame(ax, title)

    def put(self, text: str) -> None:
        """Show a text, broken between words."""
        rows, row = [], ""
        for word in text.replace("\n", " ¶ ").split(" "):
            if len(row) + len(word) + 1 > self.wide:
                rows.append(row)
                row = ""
            row = f"{row} {word[:self.wide]}".lstrip()
        rows = [*rows, row][:self.lines]
        self.labels.put(rows, [(0.02, i + 0.7) for i in range(len(rows))])


def temperature_view(writers: Mapping[str, NextProbs], train_text: str, start: str = "Once upon a t", n: int = 150) -> Scene:
    """What a model writes at a temperature, with the k likeliest characters. Controls: writer, temperature, k, seed."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.8, 3.1), width_ratios=[1, 1.5])
    shown = 10
    bars = ax.bar(range(shown), np.zeros(shown), color=plots.BLUE)
    names = Labels(ax, 9)
    ax.set(ylim=(0, 1.08), xlim=(-0.6, shown - 0.4), xticks=[], ylabel="probability")
    plots.quiet_title(ax, f"Behind “{start}”")
    page = Page(bx, "What it writes")
    known = set(words_of(train_text))
    after = {name: probs(start) for name, probs in writers.items()}

    def draw(writer: str, temperature: float, k: int, seed: int) -> tuple[str, bool]:
        p = sharpened(after[writer], temperature, k)
        top = np.argsort(-p, kind="stable")[:shown]
        for bar, i in zip(bars, top, strict=True):
            bar.set_height(p[i])
        names.put([{" ": "blank", "\n": "¶"}.get(ALPHABET[i], ALPHABET[i]) for i in top], [(j, p[i] + 0.04) for j, i in enumerate(top)])
        text = sample(writers[writer], start, n, temperature, k, seed)
        page.put(text)
        words = words_of(text[len(start):].partition(" ")[2].rpartition(" ")[0])
        strange = sum(word not in known for word in words) / max(len(words), 1)
        parts = [text[i:i + 12] for i in range(len(text) - 12)]
        loops = len(set(parts)) < len(parts)
        return (f"{writer} at temperature {temperature:.1f}, {k} likeliest: {measured(strange, '.0%')} of the words stand in no training tale; "
                f"{measured('it repeats itself' if loops else 'it does not repeat itself')}."), strange <= 0.1 and not loops

    return draw, fig
