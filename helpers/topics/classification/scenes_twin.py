"""The figures to play with of the lesson on the twin: where windows lie, what a place in a flat vector means, two momentums."""

from __future__ import annotations

import importlib
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import Rectangle

from helpers import plots
from helpers.lesson.promises import measured
from helpers.plots import Scene, picture_frame, quiet_title
from helpers.topics.classification.twin import channels_last
from helpers.training import predict_logits
from helpers.widgets.pad import rasterise
from helpers.widgets.steps import Step

MOST = 16       # windows shown
PADDING_STEPS = [
    Step("Stride 1, a kernel of 5: both put two zeros on each side, and all windows agree.", {"size": 12, "kernel": 5, "stride": 1}, light=0),
    Step("Stride 2 on an even size: TensorFlow needs three zeros in all, and puts one of them on the left and two on the right.", {"size": 12, "kernel": 5, "stride": 2}, light=0,
         ask=("By how much are all windows shifted?", ["by a pixel", "by half a pixel", "not at all"], 0)),
    Step("Stride 2 on an odd size: four zeros are needed, two on each side. The windows agree again.", {"size": 13, "kernel": 5, "stride": 2}, light=0,
         ask=("Would a test with 13 pixels find the fault?", ["yes", "no: there both agree"], 1)),
]


def pads(size: int, kernel: int, stride: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Zeros (before, after): PyTorch's ``padding=kernel // 2``, and TensorFlow's ``"same"``."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return (kernel // 2, kernel // 2), (total // 2, total - total // 2)


def windows() -> Scene:
    """Where the windows of a convolution lie. Controls: size, kernel, stride. The target: stride 2 or more, all windows alike."""
    fig, axes = plt.subplots(2, 1, figsize=(6.6, 3.6))
    made: list[tuple[Any, list[Rectangle], Any]] = []
    for ax, name, color in zip(axes, ("PyTorch: padding=kernel // 2", 'TensorFlow: padding="same"'), (plots.BLUE, plots.VERMILION), strict=True):
        cells = ax.scatter([], [], s=70, marker="s", color="0.75")
        zeros = ax.scatter([], [], s=70, marker="s", facecolor="white", edgecolor="0.5", hatch="///")
        boxes = [ax.add_patch(Rectangle((0, 0), 0, 0, facecolor=color, alpha=0.85)) for _ in range(MOST)]
        ax.set(xlim=(-4, 24), ylim=(-5.2, 0.8))
        picture_frame(ax, name)
        made.append((cells, boxes, zeros))

    def draw(size: int, kernel: int, stride: int) -> tuple[str, bool]:
        both = pads(size, kernel, stride)
        starts = []
        for (before, after), (cells, boxes, zeros) in zip(both, made, strict=True):
            cells.set_offsets([(i, 0) for i in range(size)])
            zeros.set_offsets([(i, 0) for i in (*range(-before, 0), *range(size, size + after))] or np.empty((0, 2)))
            begins = list(range(-before, size + after - kernel + 1, stride))
            starts.append(begins)
            for i, box in enumerate(boxes):
                box.set_visible(i < len(begins))
                if i < len(begins):
                    box.set_bounds(begins[i] - 0.4, -0.85 - 0.85 * (i % 5), kernel - 0.2, 0.55)
        (a, b), (c, d) = both
        alike = starts[0] == starts[1]
        return (f"{size} pixels, kernel {kernel}, stride {stride}: zeros {a} + {b} in PyTorch, {c} + {d} in TensorFlow. "
                f"{len(starts[0])} and {len(starts[1])} windows, which {'lie alike' if alike else 'do not lie alike'}."), alike and stride > 1

    return draw, fig


def flat_places(channels: int = 3, side: int = 4) -> Scene:
    """What a place in the flat vector means. Control: place, 0 … C·H·W − 1. The target: a place above 0 that means the same in both."""
    fig, axes = plt.subplots(2, channels, figsize=(6.0, 3.9))
    marks = []
    for row, (name, color) in enumerate((("(C, H, W)", plots.BLUE), ("(H, W, C)", plots.VERMILION))):
        for channel in range(channels):
            ax = axes[row, channel]
            ax.imshow(np.full((side, side), 0.9), cmap="gray", vmin=0, vmax=1)
            marks.append(ax.scatter([], [], s=150, marker="s", color=color))
            picture_frame(ax, f"{name}, channel {channel}", fontsize=9)

    def draw(place: int) -> tuple[str, bool]:
        torch_at = np.unravel_index(place, (channels, side, side))
        h, w, c = np.unravel_index(place, (side, side, channels))
        keras_at = (c, h, w)
        for row, at in enumerate((torch_at, keras_at)):
            for channel in range(channels):
                marks[row * channels + channel].set_offsets([(int(at[2]), int(at[1]))] if at[0] == channel else np.empty((0, 2)))
        same = tuple(map(int, torch_at)) == tuple(map(int, keras_at))
        return (f"Place {place}: in PyTorch channel {torch_at[0]}, row {torch_at[1]}, column {torch_at[2]}; "
                f"in Keras channel {c}, row {h}, column {w}{': the same' if same else ''}."), same and place > 0

    return draw, fig


def running_means(n_steps: int = 60) -> Scene:
    """The running mean of batch norm as both frameworks keep it. Controls: torch_momentum, keras_momentum. The target: one curve."""
    rng = np.random.default_rng(0)
    batch_means = 2 + 0.5 * rng.standard_normal(n_steps)
    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    ax.plot(batch_means, ".", color="0.6", label="means of the batches")
    (theirs,) = ax.plot([], [], color=plots.BLUE, linewidth=3, alpha=0.6, label="PyTorch")
    (ours,) = ax.plot([], [], color=plots.VERMILION, linestyle="--", label="Keras")
    ax.set(xlim=(0, n_steps - 1), ylim=(0, 3.6), xlabel="step", ylabel="running mean")
    ax.legend(fontsize=8, loc="lower right")
    quiet_title(ax, "Two ways to say how fast to forget")

    def follow(share_of_new: float) -> np.ndarray:
        mean, out = 0.0, []
        for value in batch_means:
            mean = (1 - share_of_new) * mean + share_of_new * value
            out.append(mean)
        return np.array(out)

    def draw(torch_momentum: float, keras_momentum: float) -> tuple[str, bool]:
        a, b = follow(torch_momentum), follow(1 - keras_momentum)
        theirs.set_data(range(n_steps), a)
        ours.set_data(range(n_steps), b)
        apart = float(np.abs(a - b).max())
        return f"momentum={torch_momentum:.2f} in PyTorch, momentum={keras_momentum:.2f} in Keras: at most {apart:.2f} apart over {n_steps} steps.", apart < 0.005

    return draw, fig


def read_by_both(model: torch.nn.Module, net: Any) -> Scene:
    """One drawing, two frameworks. Controls: drawing (PadControl), digits (decimals shown). The target: scores of which the shown decimals differ."""
    fig, (ax, bx) = plt.subplots(1, 2, figsize=(7.2, 2.9), width_ratios=[1, 2.2])
    shown = ax.imshow(np.zeros((28, 28), np.float32), cmap="gray", vmin=0, vmax=1)
    picture_frame(ax, "your drawing")
    x = np.arange(10)
    bars = [bx.bar(x + at, np.zeros(10), width=0.4, color=color, label=name) for at, color, name in ((-0.2, plots.BLUE, "PyTorch"), (0.2, plots.VERMILION, "Keras"))]
    bx.set(xticks=x, ylim=(-30, 30), xlabel="digit", ylabel="logit")
    bx.legend(fontsize=8, ncols=2)
    quiet_title(bx, "Ten scores, twice")

    compiled = importlib.import_module("tensorflow").function(lambda z: net(z, training=False))      # a tenth of the time of net(z)

    def draw(drawing: Any, decimals: int) -> tuple[str, bool]:
        picture = torch.from_numpy(rasterise(drawing))[None, None]
        a, b = predict_logits(model, picture)[0].numpy(), np.asarray(compiled(channels_last(picture)))[0]
        shown.set_data(picture[0, 0].numpy())
        for group, values in zip(bars, (a, b), strict=True):
            for bar, value in zip(group, values, strict=True):
                bar.set_height(value)
        best = int(a.argmax())
        differ = f"{a[best]:.{decimals}f}" != f"{b[best]:.{decimals}f}"
        return (f"PyTorch reads {best} with the score {measured(a[best], f'.{decimals}f')}, Keras {int(b.argmax())} with {measured(b.max(), f'.{decimals}f')}. "
                f"The greatest difference of the ten is {measured(np.abs(a - b).max(), '.0e')}."), differ

    return draw, fig
