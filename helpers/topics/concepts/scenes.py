"""The interactive figures: one neuron, a walk downhill, hinges, folds, the luck of the best."""

from __future__ import annotations

import functools
from collections.abc import Callable

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from helpers import plots
from helpers.widgets import Step

Draw = Callable[..., tuple[str, bool]]
#: A legend on white, drawn below what moves: so it need not be painted anew.
LEGEND = {"frameon": True, "facecolor": "white", "edgecolor": "none", "framealpha": 1, "fontsize": 9}
_COLORS = (matplotlib.colormaps[plots.DIVERGING](np.linspace(0, 1, 256)) * 255).astype(np.uint8)


def colored(values: np.ndarray) -> np.ndarray:
    """Values in [-1, 1] as RGBA bytes, which matplotlib paints without a detour through a colour map."""
    return _COLORS[np.clip(127.5 + 127.5 * np.nan_to_num(values), 0, 255).astype(np.uint8)]


def plane(span: float, n: int = 60) -> np.ndarray:
    """A square grid of points in the plane, row by row from below: float32 (n², 2)."""
    axis = np.linspace(-span, span, n, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)


def pale(probs: ArrayLike) -> np.ndarray:
    """Probabilities on a plane() as a picture that points stand out on: (n, n, 4) bytes."""
    p = np.asarray(probs)
    n = round(p.size ** 0.5)
    return colored(0.8 * (p.reshape(n, n) - 0.5))


def surface(ax: Axes, probs: ArrayLike, span: float) -> AxesImage:
    """What a classifier answers all over the plane: probs of class 1 on plane(span), pale, white where it is 0.5."""
    picture = ax.imshow(pale(probs), origin="lower", extent=(-span, span, -span, span), aspect="equal",
                        zorder=0.6)     # over the axes' ticks, which need not be painted anew then
    ax.set(xlim=(-span, span), ylim=(-span, span))
    ax.grid(False)
    return picture


def one_neuron(x: np.ndarray, y: np.ndarray, target: float) -> tuple[Draw, Figure]:
    """One neuron on points in the plane. Controls: w1, w2, b. The target is a mean loss of at most target nats."""
    span = 1.6
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8, 3.7), width_ratios=(1, 1.1))
    everywhere = plane(span)
    picture = surface(ax, np.full(len(everywhere), 0.5), span)
    plots.points(ax, x, y)
    (border,) = ax.plot([], [], color=plots.BLACK)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.set_title("A line divides the plane", zorder=-1)
    z_axis = np.linspace(-8, 8, 200)
    bx.plot(z_axis, 1 / (1 + np.exp(-z_axis)), color="0.7", zorder=1)
    dots = [bx.plot([], [], linestyle="", marker=m, color=c, markersize=5, label=f"class {k}")[0]
            for k, (m, c) in enumerate((("o", plots.BLUE), ("^", plots.VERMILION)))]
    bx.set(xlim=(-8, 8), ylim=(-0.05, 1.05), xlabel="pre-activation z", ylabel="probability of class 1")
    bx.set_title("Of each point it sees one number, z", zorder=-1)
    bx.legend(loc="lower right", **LEGEND).set_zorder(1)

    def draw(w1: float, w2: float, b: float) -> tuple[str, bool]:
        w = np.array([w1, w2])
        z = x @ w + b
        p = 1 / (1 + np.exp(-z))
        picture.set_data(pale(1 / (1 + np.exp(-(everywhere @ w + b)))))
        for k, part in enumerate(dots):
            part.set_data(np.clip(z[y == k], -8, 8), p[y == k])
        length = float(w @ w)
        if length > 1e-9:                   # the border's nearest point to the origin, and its direction
            foot, along = -b * w / length, np.array([-w2, w1]) / length**0.5
            border.set_data(*np.stack([foot - 5 * along, foot + 5 * along], 1))
        else:
            border.set_data([], [])
        loss = float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())
        right = int(((z > 0) == (y == 1)).sum())
        return f"Loss {loss:.2f} nats; {right} of {len(y)} points are on their side of the line.", loss <= target

    return draw, fig


#: The walk downhill in four stages: too low, too high, at the edge, with momentum.
WALK_STEPS = [
    Step("A low rate: the walk comes down, and crawls along the floor.", {"lr": 0.02, "momentum": 0.0}, light=0,
         ask=("What would a rate five times as high do?", ["arrive sooner", "leap across the floor, and climb"], 1)),
    Step("At 0.1 each step across the valley lands higher on the other side.", {"lr": 0.1, "momentum": 0.0}, light=1),
    Step("Just below the edge of 0.08 it leaps to and fro, but comes down.", {"lr": 0.076, "momentum": 0.0}, light=0,
         ask=("What could calm the leaps and speed up the crawl, both at once?", ["a lower rate", "to carry on a share of the last step"], 1)),
    Step("With momentum: steps along the valley add up, steps across it cancel.", {"lr": 0.11, "momentum": 0.44}, light=1),
]
#: Folding in three stages.
FOLDING_STEPS = [
    Step("One layer of four units: four straight pieces.", {"width": 4, "depth": 1}, light=1,
         ask=("A second layer of four units behind it: how many pieces?", ["8", "16", "256"], 1)),
    Step("Two layers: each of the four pieces now holds the whole zigzag.", {"width": 4, "depth": 2}, light=1),
    Step("As one hidden layer, the same eight units only add up.", {"width": 4, "depth": 2}, light=0,
         ask=("Twelve units: which stack makes more pieces?", ["3 layers of 4", "4 layers of 3", "6 layers of 2"], 1)),
]

#: The valley of descent_track: f(a, b) = (a² + 25 b²) / 2, where walks begin, and how many steps they take.
CURVATURES, START, N_STEPS = np.array([1.0, 25.0]), np.array([-2.6, 0.9]), 30


def descend(lr: float, momentum: float = 0.0, n_steps: int = N_STEPS) -> np.ndarray:
    """Gradient descent with momentum in the valley: the places visited, (n_steps + 1, 2)."""
    places, v = [START], np.zeros(2)
    for _ in range(n_steps):
        v = momentum * v + CURVATURES * places[-1]
        places.append(places[-1] - lr * v)
    return np.array(places)


def height(places: np.ndarray) -> np.ndarray:
    """The valley's height at (N, 2) places."""
    return 0.5 * (CURVATURES * places**2).sum(-1)


def descent_track(target: float) -> tuple[Draw, Figure]:
    """A walk down a narrow valley. Controls: lr, momentum. The target is a height of at most target at the end."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8.5, 3.0), width_ratios=(1.8, 1))
    a, b = np.meshgrid(np.linspace(-3, 3, 121), np.linspace(-1.4, 1.4, 81))
    shades = 1 - 0.5 * (1 - matplotlib.colormaps["viridis"](np.linspace(0, 1, 15)))
    ax.contourf(a, b, height(np.stack([a, b], -1)), levels=np.geomspace(0.02, 25, 14), colors=shades, extend="both", zorder=0)
    ax.plot(0, 0, marker="*", markersize=14, color=plots.BLACK, zorder=1)
    (track,) = ax.plot([], [], color=plots.VERMILION, marker="o", markersize=4, linewidth=1.2, linestyle="-")
    ax.plot(*START, marker="s", markersize=8, color=plots.BLACK, zorder=1)
    ax.set(xlim=(-3, 3), ylim=(-1.4, 1.4), xlabel="parameter a", ylabel="parameter b", aspect="equal")
    ax.grid(False)
    ax.set_title("The walk: from the square to the star", zorder=-1)
    bx.axhspan(1e-8, target, color=plots.GREEN, alpha=0.2, zorder=0)
    bx.text(1, target / 3, "target", color=plots.GREEN, zorder=1, va="top")
    (line,) = bx.plot([], [], color=plots.VERMILION, linestyle="-")
    bx.set(xlim=(0, N_STEPS), ylim=(1e-6, 1e4), yscale="log", xlabel="steps", ylabel="height of the surface (loss)")
    bx.set_title("Height after each step", zorder=-1)

    def draw(lr: float, momentum: float) -> tuple[str, bool]:
        places = descend(lr, momentum)
        h = height(places)
        track.set_data(np.clip(places, -1e3, 1e3).T)
        line.set_data(np.arange(len(h)), np.clip(h, 1e-12, 1e12))
        if h[-1] > h[0]:
            return "The walk climbs out of the valley: the rate is too high.", False
        crossings = int((np.diff(np.sign(places[:, 1])) != 0).sum())
        end = "in the target" if h[-1] <= target else "outside the target"
        return f"After {N_STEPS} steps the walk is {end}; it crossed the valley's floor {crossings} times.", bool(h[-1] <= target)

    return draw, fig


#: What hinges are to approximate, on -1 … 1.
CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "wave": lambda t: np.sin(2 * np.pi * t),
    "bump": lambda t: np.exp(-12 * t**2),
    "corner": lambda t: np.abs(t) - 0.5,
    "jump": lambda t: np.where(t < 0.1, -0.6, 0.6),
}
_T = np.linspace(-1, 1, 401)


def fit_hinges(curve: str, n_units: int) -> tuple[np.ndarray, np.ndarray]:
    """The best weights for ReLU units whose kinks stand evenly from -1 on, by least squares.

    Returns
    -------
    kinks : (n_units,);  fit : (401,), the weighted sum of the units, and the bias
    """
    kinks = np.linspace(-1, 1, n_units + 1)[:-1]
    hidden = np.column_stack([np.maximum(_T[:, None] - kinks, 0), np.ones_like(_T)])
    return kinks, hidden @ np.linalg.lstsq(hidden, CURVES[curve](_T), rcond=None)[0]


@functools.cache
def hinge_errors(curve: str, most: int = 64) -> np.ndarray:
    """The typical (root-mean-square) error with 1, 2, … most units."""
    return np.array([np.sqrt(np.mean((fit_hinges(curve, n)[1] - CURVES[curve](_T)) ** 2)) for n in range(1, most + 1)])


def hinges(target: float) -> tuple[Draw, Figure]:
    """How many ReLU units make a curve. Controls: curve, n_units (1 to 64). The target is an error of at most target."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(8, 3.7), width_ratios=(1.35, 1))
    (true,) = ax.plot(_T, _T, color="0.6", linewidth=4, linestyle="-", label="the curve")
    (line,) = ax.plot(_T, _T, color=plots.VERMILION, linestyle="-", label="sum of ReLU units")
    (marks,) = ax.plot([], [], linestyle="", marker="|", markersize=12, color=plots.BLACK, label="kinks")
    ax.set(xlim=(-1, 1), ylim=(-1.4, 1.7), xlabel="input x", ylabel="output")
    ax.set_title("Straight pieces, one for each unit", zorder=-1)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.legend(loc="upper center", ncols=3, **LEGEND).set_zorder(1)
    (trend,) = bx.plot([], [], color=plots.BLUE, linestyle="-")
    (here,) = bx.plot([], [], marker="o", markersize=9, color=plots.VERMILION, linestyle="")
    bx.axhspan(1e-5, target, color=plots.GREEN, alpha=0.2, zorder=0)
    bx.text(1.1, target * 0.8, "target", color=plots.GREEN, zorder=1, va="top")
    bx.set(xlim=(1, 64), ylim=(2e-4, 2), xscale="log", yscale="log", xlabel="ReLU units", ylabel="typical error")
    bx.set_xticks([1, 2, 4, 8, 16, 32, 64], ["1", "2", "4", "8", "16", "32", "64"])
    bx.minorticks_off()
    bx.set_title("More units mostly fit better", zorder=-1)

    def draw(curve: str, n_units: int) -> tuple[str, bool]:
        kinks, fit = fit_hinges(curve, n_units)
        errors = hinge_errors(curve)
        true.set_ydata(CURVES[curve](_T))
        line.set_ydata(fit)
        marks.set_data(kinks, np.full(n_units, -1.3))
        trend.set_data(np.arange(1, 65), np.maximum(errors, 1e-12))
        error = errors[n_units - 1]
        here.set_data([n_units], [max(error, 2e-4)])
        return f"{n_units} units on the {curve}: typical error {error:.3f}.", bool(error <= target)

    return draw, fig


def zigzag(t: np.ndarray, n_units: int) -> np.ndarray:
    """One layer of ReLU units that folds 0 … 1 onto itself n_units times: up, down, up …"""
    kinks = np.arange(n_units) / n_units
    weights = 2 * n_units * (-1.0) ** np.arange(n_units)
    weights[0] = n_units
    return np.maximum(t[:, None] - kinks, 0) @ weights


def folds(width: int, depth: int, n: int = 4001) -> tuple[np.ndarray, np.ndarray]:
    """A stack of depth zigzag layers of one width, on n points of 0 … 1: the points and the outputs."""
    t = np.linspace(0, 1, n)
    out = t
    for _ in range(depth):
        out = np.clip(zigzag(out, width), 0, 1)       # clip: rounding alone leaves 0 … 1
    return t, out


#: So many pieces can be told apart in the figure.
MOST_PIECES = 64


def folding() -> tuple[Draw, Figure]:
    """The same units in one hidden layer and in a stack. Controls: width, depth. The target: over 64 pieces, at most 12 units."""
    fig, axes = plt.subplots(2, 1, figsize=(7, 3.8))
    lines = [ax.plot([], [], color=c, linestyle="-", linewidth=1.3)[0] for ax, c in zip(axes, (plots.BLUE, plots.VERMILION), strict=True)]
    titles = [ax.set_title("") for ax in axes]
    axes[0].set(xlim=(0, 1), ylim=(-0.1, 1.1), ylabel="output")
    axes[1].set(xlim=(0, 1), xticks=[])     # its title says where it ends: an axis that changes costs a full redraw
    axes[1].set(ylim=(-0.1, 1.1), ylabel="output", xlabel="input x")

    def draw(width: int, depth: int) -> tuple[str, bool]:
        n_units, pieces = width * depth, width**depth
        lines[0].set_data(np.linspace(0, 1, n_units + 1), np.arange(n_units + 1) % 2)
        shown = min(pieces, MOST_PIECES)    # more would be a solid block: what is drawn ends after these
        lines[1].set_data(np.arange(shown + 1) / shown, np.arange(shown + 1) % 2)
        titles[0].set_text(f"One hidden layer: {n_units} pieces")
        titles[1].set_text(f"A stack: {pieces} pieces" + (f"; here those from x = 0 to {shown / pieces:.2g}" if shown < pieces else ""))
        return (f"{n_units} units in one hidden layer make {n_units} straight pieces; stacked as {depth} layers of {width} they make {pieces}.",
                n_units <= 12 and pieces > 64)

    return draw, fig


def luck(seed: int = 0) -> tuple[Draw, Figure]:
    """The best of many coins. Controls: candidates, n_val. The target: 1,000 candidates, the best below 55 %."""
    fig, ax = plt.subplots(figsize=(7, 3.6))
    edges = np.arange(0.15, 0.86, 0.02)
    centres = 0.5 * (edges[1:] + edges[:-1])
    (outline,) = ax.plot([], [], color=plots.BLUE, drawstyle="steps-mid", linestyle="-", label="candidates, on the validation set")
    (best_line,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="the best of them, on the validation set")
    (test_line,) = ax.plot([], [], color=plots.GREEN, linestyle="-.", label="the same one, on 10,000 test examples")
    ax.set(xlim=(0.15, 0.85), ylim=(0, 1.5), xlabel="accuracy", ylabel="candidates\n(tallest bar = 1)", yticks=[0, 0.5, 1])
    ax.set_title("The best of many looks better than it is", zorder=-1)
    ax.legend(loc="upper left", **LEGEND).set_zorder(1)

    def draw(candidates: float, n_val: int) -> tuple[str, bool]:
        rng, n = np.random.default_rng(seed), round(candidates)
        scores = rng.binomial(n_val, 0.5, n) / n_val
        best, test = scores.max(), rng.binomial(10_000, 0.5) / 10_000
        counts = np.histogram(scores, edges)[0]
        outline.set_data(centres, counts / max(int(counts.max()), 1))
        best_line.set_data([best, best], [0, 1])
        test_line.set_data([test, test], [0, 1])
        return (f"The best of {n} coins scores {100 * best:.1f} % on {n_val} validation examples, and {100 * test:.1f} % on the test examples.",
                n >= 1000 and bool(best < 0.55))

    return draw, fig
