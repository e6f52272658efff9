"""Chapter 03: surnames, read letter by letter and written letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from helpers import plots
from helpers.data.letters import pairs_of
from helpers.lesson.promises import measured
from helpers.metrics import mean_interval
from helpers.plots import BLACK, BLUE, VERMILION, Labels, Scene, describe, text_path
from helpers.topics.rnn.forecasts import GREY

#: The bars of written_names: the letters a to z, the end of the name, all other signs.
BARS = (*"abcdefghijklmnopqrstuvwxyz", "end", "other")
#: Of written names, in points.
SIZE = 10.5


def typed_name(probs_of: Callable[[str], np.ndarray], languages: Sequence[str], known: str, longest: int = 16) -> Scene:
    """The probability of each language after each letter of a name. Control: typed.

    Parameters
    ----------
    probs_of : callable
        A name of one letter or more → (letters, languages) probabilities, a row after each letter.
    known : str
        The letters, in lower case, that the training names have.
    longest : int
        Letters shown.
    """
    fig, ax = plt.subplots(figsize=(7.2, 3.3))
    blank = np.full((len(languages), longest), np.nan)
    picture = ax.pcolormesh(np.arange(longest + 1) - 0.5, np.arange(len(languages) + 1) - 0.5, blank, cmap="viridis", vmin=0, vmax=1)
    (path,) = ax.plot([], [], color="white", linewidth=1.5, marker="o", markersize=7, markerfacecolor=VERMILION, markeredgecolor="white")
    letters = [ax.text(i, -0.85, "", ha="center", va="center", fontsize=12, fontfamily="DejaVu Sans Mono") for i in range(longest)]
    ax.set(yticks=range(len(languages)), yticklabels=languages, xticks=[], xlabel="letter after letter", xlim=(-0.5, longest - 0.5), ylim=(len(languages) - 0.5, -1.4))
    ax.set_title("Each letter moves the answer")
    ax.grid(False)
    ax.spines[["bottom", "left"]].set_visible(False)
    fig.colorbar(picture, ax=ax, label="probability", pad=0.02)

    def draw(typed: str) -> tuple[str, bool]:
        name = typed[:longest]
        for i, sign in enumerate(letters):
            sign.set_text(name[i] if i < len(name) else "")
        if not name:
            picture.set_array(blank)
            path.set_data([], [])
            return "Type a name.", False
        probs = probs_of(name)
        table = blank.copy()
        table[:, :len(name)] = probs.T
        picture.set_array(table)
        best = probs.argmax(1)
        path.set_data(range(len(name)), best)
        strange = sorted({c for c in name.lower() if c not in known})
        words = f"After {name!r} it says {measured(languages[best[-1]])}, {measured(probs[-1].max(), '.0%')}."
        if strange:
            words += f" It has never met {' '.join(map(repr, strange))}."
        return words, bool(len(name) > 3 and best[-1] != best[-2] and probs[-1].max() > 0.8)

    return draw, fig


def written_names(write: Callable[[str, float], list[str]], next_letter: Callable[[str, str], np.ndarray], letters: Sequence[str],
                  names_of: Mapping[str, Sequence[str]], prefix: str = "ma", n: int = 12) -> Scene:
    """Names written at a temperature, and what it does to one letter's probabilities. Controls: language, temperature.

    Parameters
    ----------
    write : callable
        Language and temperature → n names in lower case.
    next_letter : callable
        Language and prefix → logits (1 + len(letters),) of what follows: first the end, then each letter.
    letters : sequence of str
    names_of : mapping
        Language → its training names in lower case.
    """
    known = {language: set(names) for language, names in names_of.items()}
    pairs = {language: pairs_of(names) for language, names in names_of.items()}
    logits = {language: next_letter(language, prefix) for language in names_of}
    place = np.array([BARS.index("end"), *(BARS.index(c) if c in BARS else BARS.index("other") for c in letters)])
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.9), width_ratios=[1, 1.5])
    left.axis("off")
    rows = (n + 1) // 2
    left.set(xlim=(0, 2), ylim=(rows + 1.6, -0.6), title="Written just now")
    written = Labels(left, SIZE, centred=False)
    places = [(i // rows, i % rows + 0.15) for i in range(n)]
    text_path("".join(letters) + "".join(letters).upper() + "…", SIZE)     # so that the first moves are as fast as the later ones
    for y, color, label in ((rows + 0.1, BLUE, "new"), (rows + 0.75, VERMILION, "with a pair that no real one has"), (rows + 1.4, BLACK, "copied from the list")):
        left.text(0, y, label, color=color, fontsize=8, va="center", zorder=0.5)
    bars = right.vlines(range(len(BARS)), 0, 0, colors=[GREY if len(b) > 1 else BLUE for b in BARS], linewidth=7)
    right.set(ylim=(0, 1), xticks=range(len(BARS)), ylabel="probability", title=f"What follows “{prefix}”?", xlim=(-0.7, len(BARS) - 0.3))
    right.set_xticklabels(BARS, fontsize=7.5)
    right.grid(axis="x", visible=False)
    for tick in right.get_xticklabels()[-2:]:
        tick.set_rotation(90)

    def draw(language: str, temperature: float) -> tuple[str, bool]:
        names = write(language, temperature)
        copied = [name in known[language] for name in names]
        odd = [not copy and not pairs_of([name]) <= pairs[language] for name, copy in zip(names, copied, strict=True)]
        written.put([name.title() if len(name) < 14 else name.title()[:13] + "…" for name in names], places,
                    [BLACK if copy else VERMILION if strange else BLUE for copy, strange in zip(copied, odd, strict=True)])
        z = logits[language] / temperature
        probs = np.exp(z - z.max())
        heights = np.bincount(place, probs / probs.sum(), len(BARS))
        bars.set_segments([[(i, 0), (i, height)] for i, height in enumerate(heights)])
        new = len(names) - sum(copied)
        words = (f"{language} at temperature {temperature:.1f}: {measured(str(new))} of {len(names)} names are new, "
                 f"{measured(str(sum(odd)))} hold a pair of letters that no real one has.")
        return words, max(sum(copied), sum(odd)) <= len(names) // 4 and len(set(names)) == len(names)

    return draw, fig


# ------------------------------------------------------------------------------------- stills

def accuracies(found: Mapping[str, Sequence[float]]) -> Figure:
    """Each reader's accuracy: one number for a baseline, one a seed for a network, with its 95 % interval."""
    fig, ax = plt.subplots(figsize=(6.4, 2.6))
    for i, runs in enumerate(found.values()):
        ax.barh(i, np.mean(runs), height=0.6, color=VERMILION if len(runs) > 1 else "#9FBFD6")
        if len(runs) > 1:
            mean, half = mean_interval(runs)
            ax.errorbar(mean, i, xerr=half, fmt="none", color="black", capsize=4)
    ax.set(yticks=range(len(found)), yticklabels=list(found), ylim=(len(found) - 0.5, -0.5), xlim=(0, 1), xlabel="names read right (share of the test names)",
           title="Order helps; being handed the pieces helps more")
    ax.grid(axis="y", visible=False)
    ranked = sorted(found, key=lambda name: np.mean(found[name]))
    return describe(fig, f"Test accuracy on surnames as bars, from the least to the greatest: {', '.join(ranked)}.")


def mistakes(table: ArrayLike, languages: Sequence[str]) -> Figure:
    """The mistakes between languages: rows the list a name is from, columns what was said."""
    fig, ax = plt.subplots(figsize=(5.8, 4.7))
    plots.confusion(ax, table)
    ax.set_xticks(range(len(languages)), languages, rotation=45, ha="right")
    ax.set_yticks(range(len(languages)), languages)
    ax.set(xlabel="what the network said", ylabel="the list that the name is from", title="Who is taken for whom (right answers left out)")
    return describe(fig, "Counts of mistakes between ten languages, relatives side by side; the darkest cells lie in the blocks of "
                         "the Germanic, Romance and Slavic ones.")
