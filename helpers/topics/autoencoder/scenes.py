"""Chapter 04, autoencoders: scenes to play with. A scene builds a figure and gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text
from scipy import ndimage
from torch import nn

from helpers.lesson.promises import a_digit, measured
from helpers.plots import BLACK, BLUE, VERMILION, Scene

EDGE = 14


def pictures(fig: Figure, axes: Sequence[Axes], titles: Sequence[str]) -> tuple[list[AxesImage], list[Text]]:
    """Empty digits under fixed titles, and an empty line of text below each."""
    images, texts = [], []
    for ax, title in zip(axes, titles, strict=True):
        images.append(ax.imshow(np.zeros((EDGE, EDGE)), cmap="gray", vmin=0, vmax=1, interpolation="nearest"))
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        for spine in ax.spines.values():
            spine.set(visible=True, color="#999999", linewidth=0.6)
        ax.set_title(title, fontsize=10, fontweight="normal", loc="center").set_zorder(-1)
        texts.append(ax.text(0.5, -0.06, "", transform=ax.transAxes, ha="center", va="top", fontsize=9))
    fig.get_layout_engine().set(rect=(0, 0.06, 1, 0.94))      # type: ignore[union-attr, call-arg]
    return images, texts


def gaussian(x: torch.Tensor, width: float) -> torch.Tensor:
    """Flat digits (N, 196) under a Gaussian filter of this standard deviation (pixels)."""
    return torch.from_numpy(ndimage.gaussian_filter(x.view(-1, EDGE, EDGE).numpy(), (0, width, width))).flatten(1)


def median(x: torch.Tensor, width: int) -> torch.Tensor:
    """Flat digits (N, 196), each pixel replaced by the median of the width × width pixels around it."""
    return torch.from_numpy(ndimage.median_filter(x.view(-1, EDGE, EDGE).numpy(), (1, width, width))).flatten(1)


def rms(a: torch.Tensor, b: torch.Tensor) -> float:
    """Root mean square of the difference, in units of the pixels."""
    return float((a - b).square().mean().sqrt())


def code_size(networks: Mapping[int, nn.Sequential], mean: torch.Tensor, directions: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> Scene:
    """One digit through PCA and through a deep network, with codes of one size. Controls: doublings, digit.

    Parameters
    ----------
    networks : for each size of the code a network of six layers, of which the third gives the code
    mean, directions : (196,) and (K, 196), PCA's
    x, y : digits (N, 196) and their classes (N,)
    """
    fig, axes = plt.subplots(1, 4, figsize=(7.2, 2.5), width_ratios=[1, 1, 1, 1.25], layout="constrained")
    images, texts = pictures(fig, axes[:3], ("the digit", "PCA", "deep network"))
    with torch.inference_mode():
        scale = {k: float(net[:3](x).abs().max()) for k, net in networks.items()}
    (stems,) = axes[3].plot([], [], color=VERMILION, marker="o", markersize=3, linewidth=0.8)
    axes[3].axhline(0, color="#999999", linewidth=0.8)
    axes[3].set(xlim=(0, 1), ylim=(-1.1, 1.1), xticks=[], yticks=[])
    axes[3].set_title("all that passes the door", fontsize=10, fontweight="normal", loc="center").set_zorder(-1)
    axes[3].set_xlabel("the numbers of the code", fontsize=9)

    def draw(doublings: int, digit: int) -> tuple[str, bool]:
        k, one = 2**doublings, x[digit:digit + 1]
        with torch.inference_mode():
            code = networks[k][:3](one)
            deep = networks[k][3:](code)
        linear = mean + (one - mean) @ directions[:k].T @ directions[:k]
        for image, picture in zip(images, (one, linear, deep), strict=True):
            image.set_data(picture.view(EDGE, EDGE).numpy())
        at, height = (np.arange(k) + 0.5) / k, code[0].numpy() / scale[k]
        stems.set_data(np.repeat(at, 3), np.stack([np.zeros(k), height, np.zeros(k)], 1).ravel())
        stems.set_markevery(slice(1, None, 3))
        errors = rms(linear, one), rms(deep, one)
        for text, error in zip(texts[1:], errors, strict=True):
            text.set_text(f"misses by {error:.3f}")
        words = (f"A {int(y[digit])} through a code of {k} numbers: PCA misses a pixel by {measured(errors[0])}, "
                 f"the deep network by {measured(errors[1])} (root mean square; ink is 1).")
        return words, k in (8, 16) and errors[0] < errors[1]

    return draw, fig


def denoise(network: nn.Module, reader: nn.Module, linear: Callable[[float], Callable[[torch.Tensor], torch.Tensor]], x: torch.Tensor,
            y: torch.Tensor, seed: int = 0) -> Scene:
    """One digit with noise, through the best linear map, and through the network. Controls: noise_std (standard deviation), digit.

    Parameters
    ----------
    network : flat digits (N, 196) → cleaner ones
    reader : flat digits (N, 196) → logits (N, 10): says what a picture shows
    linear : an amount of noise → the best linear map for it, from flat digits (N, 196) to cleaner ones
    """
    linear = functools.cache(linear)        # a map costs as much as a dozen moves
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    fig, axes = plt.subplots(1, 4, figsize=(6.4, 2.1), layout="constrained")
    images, texts = pictures(fig, axes, ("the digit", "with noise", "linear map", "network"))

    def draw(noise_std: float, digit: int) -> tuple[str, bool]:
        clean = x[digit:digit + 1]
        noisy = clean + noise_std * noise[digit:digit + 1]
        mapped = linear(round(noise_std, 3))(noisy)
        with torch.inference_mode():
            shown = [clean, noisy.clamp(0, 1), mapped.clamp(0, 1), network(noisy).clamp(0, 1)]
            said = int(reader(shown[3]).argmax(1))
        for image, picture in zip(images, shown, strict=True):
            image.set_data(picture.view(EDGE, EDGE).numpy())
        quality = [-10 * np.log10(max(float((picture - clean).square().mean()), 1e-9)) for picture in shown[1:]]
        for text, decibels in zip(texts[1:], quality, strict=True):
            text.set_text(f"{decibels:.1f} dB")
        truth = int(y[digit])
        words = (f"A {truth} with noise {noise_std:.2f}: PSNR {measured(quality[0], '.1f')} dB; linear map {measured(quality[1], '.1f')} dB; "
                 f"network {measured(quality[2], '.1f')} dB, read as {measured(a_digit(said))}.")
        return words, noise_std <= 0.601 and said != truth and quality[2] > quality[1]

    return draw, fig


def threshold(scores: torch.Tensor, y: torch.Tensor) -> Scene:
    """Alarm above a threshold: what is caught, and what is a false alarm. Controls: left_out (digit), at (threshold).

    Parameters
    ----------
    scores : (10, N), row c the scores of the network that never saw digit c
    y : classes (N,)
    """
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 2.9), width_ratios=[1.7, 1])
    edges = np.linspace(0, float(np.ceil(20 * float(scores.max())) / 20), 41)
    middles = (edges[1:] + edges[:-1]) / 2
    lines = [axes[0].plot([], [], color=color, linestyle=style, drawstyle="steps-mid", label=label)[0]
             for color, style, label in ((BLUE, "-", "seen in training"), (VERMILION, "--", "never seen"))]
    cut = axes[0].axvline(0, color=BLACK, linewidth=1.2)
    axes[0].set(xlabel="score: misses a pixel by (root mean square)", ylabel="share of the digits", xlim=(0, edges[-1]), ylim=(0, 0.32))
    axes[0].legend(loc="upper right", fontsize=9).set_zorder(1.5)
    axes[0].set_title("Alarm right of the line").set_zorder(-1)
    axes[1].plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    (roc,) = axes[1].plot([], [], color=BLUE)
    (here,) = axes[1].plot([], [], color=BLACK, marker="o", linestyle="")
    axes[1].set(xlabel="false alarms (share of the seen)", ylabel="caught (share of the unseen)", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes[1].set_title("ROC").set_zorder(-1)
    values = scores.numpy()

    def draw(left_out: int, at: float) -> tuple[str, bool]:
        score, odd = values[left_out], (y == left_out).numpy()
        for line, group in zip(lines, (score[~odd], score[odd]), strict=True):
            line.set_data(middles, np.histogram(group, edges)[0] / len(group))
        order = np.argsort(-score)
        caught, false = np.cumsum(odd[order]), np.cumsum(~odd[order])
        kept = np.append(np.arange(7, len(order) - 1, 8), len(order) - 1)         # every eighth point, and the last
        roc.set_data(np.append(0, false[kept] / false[-1]), np.append(0, caught[kept] / caught[-1]))
        cut.set_xdata([at, at])
        tp, fp = int((score >= at)[odd].sum()), int((score >= at)[~odd].sum())
        fn, tn = int(odd.sum()) - tp, int((~odd).sum()) - fp
        here.set_data([fp / (fp + tn)], [tp / (tp + fn)])
        precision, recall = tp / (tp + fp) if tp + fp else 0.0, tp / (tp + fn)
        words = (f"The {left_out} left out, threshold {at:.3f}: {measured(str(tp))} caught, {measured(str(fn))} missed, {measured(str(fp))} false alarms, "
                 f"{measured(str(tn))} rightly passed. Precision {measured(precision, '.2f')}, recall {measured(recall, '.2f')}.")
        return words, precision >= 0.5 and recall >= 0.5

    return draw, fig
