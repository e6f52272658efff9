"""Chapter 03: scenes of memory. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import LineCollection
from torch import nn

from helpers import plots
from helpers.lesson.promises import measured
from helpers.plots import BLACK, BLUE, VERMILION, Labels, Scene, quiet_title
from helpers.topics.rnn.bank import one_hot

GREY = "#c4c4c4"
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _unusable(word: str, letters: str) -> str:
    """What is wrong with a word that was typed; "" if nothing is."""
    strange = [sign for sign in dict.fromkeys(word.lower()) if sign not in letters]
    if not word.strip():
        return "Type a word: there is nothing to read yet."
    if strange:
        return f"It has never read {', '.join(map(repr, strange))}. Use letters, as in a name."
    return ""


# ------------------------------------------------------------------------------------- one unit

def follow(x: np.ndarray, w_x: float, w_h: float) -> np.ndarray:
    """h_t = tanh(w_x x_t + w_h h_{t-1}) from h_0 = 0, as (T,) floats."""
    h, states = 0.0, []
    for value in x:
        h = math.tanh(w_x * float(value) + w_h * h)
        states.append(h)
    return np.array(states)


def one_unit(length: int = 40, first: int = 5, second: int = 20) -> Scene:
    """A plus and a minus through one unit. Controls: w_x, w_h."""
    x = np.zeros(length)
    x[first], x[second] = 1, -1
    fig, (above, below) = plt.subplots(2, 1, figsize=(7.2, 3.4), sharex=True, height_ratios=[1, 2])
    above.bar(np.arange(length), x, color=[BLUE if v > 0 else VERMILION for v in x], width=0.8)
    above.set(ylabel="input x", yticks=[-1, 0, 1], ylim=(-1.3, 1.3))
    quiet_title(above, "A plus, a long silence, a minus: what does one unit keep?")
    below.axhline(0, color="#999999", linewidth=0.8)
    (line,) = below.plot(np.arange(length), x, color=BLACK, marker="o", markersize=3, linewidth=1.2)
    below.set(xlabel="step t", ylabel="state h", ylim=(-1.1, 1.1), yticks=[-1, 0, 1], xlim=(-1, length))

    def draw(w_x: float, w_h: float) -> tuple[str, bool]:
        h = follow(x, w_x, w_h)
        line.set_ydata(h)
        middle, end = h[second - 1], h[-1]
        if abs(end) < 0.3:
            kept = "it forgets: after either mark the state fades"
        elif middle < 0.3:
            kept = "it forgets the first mark, and keeps the second"
        else:
            kept = "it keeps the first mark, whatever comes later" if end > 0 else "it keeps the last mark, and drops the one before"
        return f"State before the minus: {middle:.2f}, at the end: {end:.2f}. So {kept}.", bool(middle > 0.3 and end < -0.3)

    return draw, fig


# ------------------------------------------------------------------------------------- the unrolled network

def run_rnn(word: str, letters: str, W_x: torch.Tensor, W_h: torch.Tensor, b: torch.Tensor) -> np.ndarray:
    """The states (T, D) of a recurrent layer that reads a word letter by letter."""
    h, states = torch.zeros(len(b)), []
    for x in one_hot([word], letters, len(word))[0]:
        h = torch.tanh(W_x @ x + W_h @ h + b)
        states.append(h)
    return torch.stack(states).numpy()


def unrolled(letters: str, W_x: torch.Tensor, W_h: torch.Tensor, b: torch.Tensor, longest: int = 10) -> Scene:
    """The network drawn once for each letter, and its units' states as they fill in. Controls: word, step."""
    n_units, xs = len(b), np.arange(1, longest + 1)
    fig, (graph, heat) = plt.subplots(2, 1, figsize=(7.2, 4.4), height_ratios=[1.1, 1])
    graph.set(xlim=(-0.1, longest + 0.7), ylim=(-0.4, 1.4), xticks=[], yticks=[0, 1], yticklabels=["letter x", "state h"])
    graph.tick_params(length=0)
    for spine in graph.spines.values():
        spine.set_visible(False)
    quiet_title(graph, "The same weights at every step, drawn once per letter")
    graph.text(0.02, 1, "0", ha="center", va="center", color="#777777")
    arrows = [LineCollection([], linewidths=2, zorder=2) for _ in range(2)]
    heads = [graph.scatter([-9], [0], s=46, marker=marker, zorder=3) for marker in "^>"]
    nodes = graph.scatter([-9], [0], s=480, linewidths=1.5, zorder=4)
    for lines in arrows:
        graph.add_collection(lines)
    signs, states = Labels(graph, 13), Labels(graph, 10)
    names = Labels(graph, 9, BLUE), Labels(graph, 9, VERMILION)
    picture = heat.imshow(np.zeros((n_units, longest)), cmap=plots.DIVERGING, vmin=-1, vmax=1, aspect="auto",
                          extent=(0.5, longest + 0.5, n_units + 0.5, 0.5))
    heat.set(xlabel="step t", ylabel="unit", xlim=(-0.1, longest + 0.7), xticks=xs, yticks=[1, n_units])
    for ax in (graph, heat):
        ax.grid(False)
    fig.colorbar(picture, ax=[graph, heat], label="state of a unit", shrink=0.45, anchor=(0, 0.06), ticks=[-1, 0, 1])

    def draw(word: str, step: int) -> tuple[str, bool]:
        problem = _unusable(word, letters)
        h = run_rnn(word, letters, W_x, W_h, b) if word else np.zeros((0, n_units))
        n, at = len(word), min(step, len(word))
        filled = np.full((n_units, longest), np.nan)
        filled[:, :at] = h[:at].T
        picture.set_data(filled)
        x = xs[:n].astype(float)
        signs.put(word, [(v, 0) for v in x])
        states.put(["h" + str(i + 1).translate(_SUBSCRIPT) for i in range(n)], [(v, 1) for v in x])
        names[0].put(["Wₓ"] * bool(at), [(at + 0.27, 0.45)] * bool(at))
        names[1].put(["Wₕ"] * bool(at), [(at - 0.53, 1.16)] * bool(at))
        colors = [[color if i < at else GREY for i in range(n)] for color in (BLUE, VERMILION)]
        for i, (tail, tip) in enumerate((((0, 0.22), (0, 0.68)), ((-0.72, 1), (-0.36, 1)))):
            ends = np.array([[(v + tail[0], tail[1]), (v + tip[0], tip[1])] for v in x]).reshape(-1, 2, 2)
            arrows[i].set(segments=ends, color=colors[i])
            heads[i].set(offsets=ends[:, 1] if n else [(-9, 0)], color=colors[i])
        nodes.set(offsets=[(v, row) for row in (0, 1) for v in x] or [(-9, 0)], edgecolor=colors[0] + colors[1],
                  facecolor=["white"] * n + ["#fbd9c3" if i == at - 1 else "white" for i in range(n)])
        if problem or at == 0:
            return problem, False
        words = f"Step {at} of {n} reads {word[at - 1]!r}; what was read before comes in as h{str(at - 1).translate(_SUBSCRIPT)}."
        earlier = [i for i in range(at - 1) if word[i].lower() == word[at - 1].lower()]
        if earlier:
            gap = float(np.abs(h[at - 1] - h[earlier[-1]]).max())
            words += f" The same letter was step {earlier[-1] + 1}; the two states differ by up to {measured(gap, '.2f')} in a unit."
        return words, bool(earlier)

    return draw, fig


# ------------------------------------------------------------------------------------- gates

def open_gates(lstm: nn.LSTM, x: torch.Tensor) -> dict[str, np.ndarray]:
    """Run an nn.LSTM by hand over one series x (T, C): its gates, cell and state, each (T, D)."""
    W_x, W_h, b_x, b_h = lstm.all_weights[0]
    h = c = torch.zeros(lstm.hidden_size)
    found: dict[str, list[torch.Tensor]] = {"input gate": [], "forget gate": [], "output gate": [], "cell c": [], "state h": []}
    with torch.inference_mode():
        for x_t in x:
            i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
            i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
            c = f * c + i * torch.tanh(g)
            h = o * torch.tanh(c)
            for series, value in zip(found.values(), (i, f, o, c, h), strict=True):
                series.append(value)
    return {name: torch.stack(series).numpy() for name, series in found.items()}


def gate_traces(lstm: nn.LSTM, out: nn.Linear, letters: str, languages: Sequence[str], longest: int = 14) -> Scene:
    """A word through an LSTM that tells languages apart: its gates and its verdict after each letter. Controls: word, gate."""
    n_units = lstm.hidden_size
    fig, (above, below) = plt.subplots(2, 1, figsize=(7.2, 4.8), height_ratios=[1.2, 1])
    units = above.imshow(np.zeros((n_units, longest)), cmap=plots.DIVERGING, vmin=-1, vmax=1, aspect="auto", interpolation="nearest",
                         extent=(0.5, longest + 0.5, n_units + 0.5, 0.5))
    verdict = below.imshow(np.zeros((len(languages), longest)), cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest",
                           extent=(0.5, longest + 0.5, len(languages) - 0.5, -0.5))
    (best,) = below.plot([], [], "o", color=VERMILION, markersize=5)
    signs = Labels(above, 12)
    signs.set_clip_on(False)
    above.set(ylabel="unit", xticks=[], yticks=[1, n_units])
    above.set_title("The gate or state that is shown: a row a unit, a column a letter", pad=22).set_zorder(-1)     # a title that changes costs 5 ms
    below.set(xlabel="letter", xticks=range(1, longest + 1), yticks=range(len(languages)), yticklabels=languages)
    quiet_title(below, "The verdict after each letter (dot: the likeliest)")
    for ax in (above, below):
        ax.grid(False)
    fig.colorbar(units, ax=above, label="value (gates: 0 to 1)", ticks=[-1, 0, 1], extend="both")
    fig.colorbar(verdict, ax=below, label="probability", ticks=[0, 0.5, 1])

    def draw(word: str, gate: str) -> tuple[str, bool]:
        problem = _unusable(word, letters)
        signs.put(word, [(i + 1, -0.2) for i in range(len(word))])
        a, p = np.full((n_units, longest), np.nan), np.full((len(languages), longest), np.nan)
        tops: list[int] = []
        if not problem:
            found = open_gates(lstm, one_hot([word], letters, len(word))[0])
            with torch.inference_mode():
                probs = out(torch.from_numpy(found["state h"])).softmax(1).numpy()
            a[:, :len(word)], p[:, :len(word)], tops = found[gate].T, probs.T, [int(i) for i in probs.argmax(1)]
        units.set_data(a)
        verdict.set_data(p)
        best.set_data(np.arange(1, len(tops) + 1), tops)
        if problem:
            return problem, False
        end = languages[tops[-1]]
        words = (f"After {len(word)} letters: {measured(end)} with probability {measured(float(p[tops[-1], len(word) - 1]), '.2f')}; "
                 f"the mean of the {gate} over units and letters is {measured(float(np.nanmean(a)), '.2f')}.")
        turned = len(word) > 2 and tops[-1] != tops[-2]
        return words, turned

    return draw, fig

