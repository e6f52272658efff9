"""Chapter 04, second half: scenes of the variational autoencoder. A scene gives ``(draw, fig)`` for explore()."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from torch import nn

from helpers.lesson.promises import a_digit, measured
from helpers.plots import BLUE, GREEN, VERMILION, Scene, picture_frame, quiet_title
from helpers.topics.autoencoder.vae_stills import map_of_codes, tiles

#: Chances of the picture under each of the two codes in bound_of_two().
CHANCES = (0.2, 0.6)


def _picture_axes(ax: Axes, title: str, shape: tuple[int, int] = (28, 28)) -> Any:
    """Axes for a grey picture, ink black; the image to set."""
    picture_frame(ax, title, fontsize=10)
    return ax.imshow(np.zeros(shape), cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")


@torch.inference_mode()
def decoded(decoder: nn.Module, z: torch.Tensor) -> torch.Tensor:
    """(N, d) codes → (N, 784) probabilities of ink."""
    return decoder(z).sigmoid()


def two_code_terms(q: float) -> tuple[float, float]:
    """Reconstruction and KL, in nats, of the model with two codes, each with prior 1/2, if q is the share of code 1."""
    a, b = CHANCES
    kl = sum(p * math.log(2 * p) for p in (q, 1 - q) if p > 0)
    return q * math.log(b) + (1 - q) * math.log(a), kl


def bound_of_two() -> Scene:
    """The ELBO of a model with two codes, whose log p(x) is known. Control: q."""
    fig, ax = plt.subplots(figsize=(6.4, 3.3))
    grid = np.linspace(0.001, 0.999, 200)
    terms = np.array([two_code_terms(q) for q in grid])
    truth = math.log(sum(CHANCES) / 2)
    ax.plot(grid, terms[:, 0], color=GREEN, linestyle="--", label="E log p(x | z)", zorder=2)
    ax.plot(grid, -terms[:, 1], color=VERMILION, linestyle=":", label="− KL(q ‖ p)", zorder=2)
    ax.plot(grid, terms[:, 0] - terms[:, 1], color=BLUE, label="their sum, the ELBO", zorder=2)
    ax.axhline(truth, color="black", linewidth=1, label="log p(x)", zorder=1.5)
    ax.set(xlabel="q, the share of code 1", ylabel="nats", xlim=(0, 1), ylim=(-1.75, 0.08))
    quiet_title(ax, "The sum never rises above log p(x), and touches it in one place", fontsize=10)
    ax.legend(loc="lower center", ncols=2, fontsize=9).set_zorder(1.6)
    (gap,) = ax.plot([], [], color="#555555", linewidth=4, solid_capstyle="butt", zorder=4)
    (dot,) = ax.plot([], [], "o", color=BLUE, markersize=9, zorder=5)

    def draw(q: float) -> tuple[str, bool]:
        rec, kl = two_code_terms(q)
        gap.set_data([q, q], [rec - kl, truth])
        dot.set_data([q], [rec - kl])
        off = truth - (rec - kl)
        return (f"q = {q:.2f}: reconstruction {rec:.3f}, less KL {kl:.3f}, makes {rec - kl:.3f} nats. "
                f"log p(x) is {truth:.3f}; the gap is {off:.4f} nats."), off < 0.0001

    return draw, fig


def latent_walk(decoder: nn.Module, codes: torch.Tensor, y: torch.Tensor, reader: nn.Module) -> Scene:
    """A point of the plane, decoded and read, beside the map of test codes. Controls: z1, z2."""
    fig, (plane, seen, bars) = plt.subplots(1, 3, figsize=(7.6, 3.2), width_ratios=[1.5, 1, 0.9])
    map_of_codes(plane, codes, y, reach=4)
    quiet_title(plane, "codes of test digits", fontsize=10)
    (cross,) = plane.plot([], [], marker="P", color="black", markeredgecolor="white", markersize=13, linestyle="", zorder=6)
    picture = _picture_axes(seen, "decoded")
    rows = bars.barh(range(10), np.zeros(10), color=BLUE)
    bars.set(xlim=(0, 1), xticks=[0, 1], yticks=range(10), ylim=(9.6, -0.6), xlabel="probability")
    quiet_title(bars, "what is read", fontsize=10)

    def draw(z1: float, z2: float) -> tuple[str, bool]:
        p = decoded(decoder, torch.tensor([[z1, z2]]))
        with torch.inference_mode():
            probs = reader(p).softmax(1)[0].numpy()
        cross.set_data([z1], [z2])
        picture.set_data(p.view(28, 28).numpy())
        for row, value in zip(rows, probs, strict=True):
            row.set_width(float(value))
        first, second = np.argsort(-probs)[:2]
        words = (f"At ({z1:.2f}, {z2:.2f}) the reader sees {measured(a_digit(int(first)))} with {measured(probs[first], '.0%')}, "
                 f"{measured(a_digit(int(second)))} with {measured(probs[second], '.0%')}.")
        return words, bool(min(probs[4], probs[9]) >= 0.3)

    return draw, fig


@dataclass(frozen=True)
class Setting:
    """A variational autoencoder trained with one β, and what it reaches on the test digits, in nats a digit."""

    model: nn.Module
    reconstruction: float
    kl_units: np.ndarray
    samples: np.ndarray         # (28 H, 28 W) tiles: digits, their reconstructions, samples


@torch.inference_mode()
def measure_setting(model: Any, reconstruction: float, kl_units: torch.Tensor, x: torch.Tensor, noise: torch.Tensor) -> Setting:
    """Rows of tiles: (6, 784) digits, the decoded means of their codes, and two rows of (12, d) draws decoded."""
    rows = torch.cat([x, decoded(model.decoder, model.encode(x)[0]), decoded(model.decoder, noise)])
    return Setting(model, reconstruction, np.sort(kl_units.numpy())[::-1].copy(), tiles(rows, 6))


def beta_dial(settings: Mapping[int, Setting]) -> Scene:
    """Models for several β = 2**k, kept in settings[k]. Control: k."""
    first = next(iter(settings.values()))
    d = len(first.kl_units)
    fig, (bars, seen, curve) = plt.subplots(1, 3, figsize=(7.8, 3.0), width_ratios=[1, 1.9, 1])
    rows = bars.bar(range(1, d + 1), np.zeros(d), color=BLUE)
    top = max(float(s.kl_units[0]) for s in settings.values())
    bars.set(xlabel="code unit, sorted", ylabel="KL (nats)", ylim=(0, max(1.1 * top, 0.1)), xticks=[1, d // 2, d])
    quiet_title(bars, "what each unit tells", fontsize=10)
    picture = _picture_axes(seen, "digits, decoded; below: samples", first.samples.shape)
    totals = {k: (float(s.kl_units.sum()), -s.reconstruction) for k, s in settings.items()}
    curve.plot(*zip(*(totals[k] for k in sorted(totals)), strict=True), "-o", color="#999999", markersize=4, zorder=2)
    curve.set(xlabel="KL (nats)", ylabel="− reconstruction (nats)")
    quiet_title(curve, "the trade", fontsize=10)
    (dot,) = curve.plot([], [], "o", color=VERMILION, markersize=10, zorder=4)
    alive = {k: int((s.kl_units > 0.1).sum()) for k, s in settings.items()}
    best = max((k for k, n in alive.items() if n >= 0.75 * d), default=min(settings))

    def draw(k: int) -> tuple[str, bool]:
        s = settings[k]
        for row, value in zip(rows, s.kl_units, strict=True):
            row.set_height(float(value))
        picture.set_data(s.samples)
        dot.set_data([totals[k][0]], [totals[k][1]])
        words = (f"β = {2.0**k:g}: reconstruction {measured(s.reconstruction, '.0f')} nats, KL {measured(totals[k][0], '.1f')} nats, "
                 f"{measured(str(alive[k]))} of {d} units carry more than 0.1.")
        return words, k == best

    return draw, fig
