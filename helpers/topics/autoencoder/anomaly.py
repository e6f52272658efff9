"""Chapter 04: faults in a wall. Patches of a texture, planted faults, maps of the error, and a scene."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from helpers.data import photograph
from helpers.lesson.promises import measured
from helpers.plots import ORANGE, Scene, describe
from helpers.runtime import set_seed
from helpers.training import fit, one_cycle, predict_logits

Score = Callable[[torch.Tensor], torch.Tensor]
SIZE, STEP = 12, 4


def cut(picture: np.ndarray | torch.Tensor, step: int = STEP) -> torch.Tensor:
    """All patches of SIZE × SIZE pixels, a step apart, as flat rows (N, SIZE²)."""
    windows = torch.as_tensor(picture).unfold(0, SIZE, step).unfold(1, SIZE, step)
    return windows.reshape(-1, SIZE * SIZE)


def to_map(scores: torch.Tensor, height: int, width: int, step: int = STEP) -> torch.Tensor:
    """Scores of the patches (N,) → (height, width): each pixel gets the mean over the patches that hold it (0 if none does)."""
    columns = scores.expand(SIZE * SIZE, -1)[None]
    total, count = (F.fold(c, (height, width), SIZE, stride=step)[0, 0] for c in (columns, torch.ones_like(columns)))
    return total / count.clamp(min=1)


def plant_faults(texture: np.ndarray, foreign: np.ndarray, seed: int = 0, strength: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Two dark spots, two scratches and two patches of another texture, at random places.

    Parameters
    ----------
    texture, foreign : float (H, W) in [0, 1], of one shape
    strength : float
        1 for faults that the eye finds at once, 0 for none.

    Returns
    -------
    picture float32 (H, W) in [0, 1];  mask bool (H, W), True where there is a fault
    """
    rng = np.random.default_rng(seed)
    height, width = texture.shape
    picture, mask = texture.astype(np.float32), np.zeros(texture.shape, bool)
    rows, columns = np.mgrid[:height, :width]
    for kind in ("spot", "scratch", "foreign") * 2:
        i, j, angle = rng.integers(20, height - 20), rng.integers(20, width - 20), rng.uniform(0, np.pi)
        u, v = rows - i, columns - j
        if kind == "spot":
            where = u**2 + v**2 < 8**2
            picture = picture - strength * 0.35 * np.exp(-(u**2 + v**2) / 50)
        elif kind == "scratch":
            along, across = u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle)
            where = (np.abs(along) < 20) & (np.abs(across) < 1)
            picture = picture + strength * 0.3 * where
        else:
            where = (np.abs(u) < 10) & (np.abs(v) < 10)
            other = foreign - foreign[where].mean() + picture[where].mean()     # as bright as the place: only its grain is wrong
            picture = np.where(where, (1 - strength) * picture + strength * other, picture)
        mask |= where
    return picture.clip(0, 1).astype(np.float32), mask


def is_faulty(mask: np.ndarray, step: int = STEP) -> torch.Tensor:
    """Which patches hold a fault on more than a twentieth of their pixels: bool (N,)."""
    return cut(mask.astype(np.float32), step).mean(1) > 0.05


def halves(name: str) -> tuple[np.ndarray, np.ndarray]:
    """A photograph of 256×256 pixels, cut in two: the upper (128, 256) to learn from, and the lower to test on."""
    picture = photograph(name, 256)
    return picture[:128], picture[128:]


def learn_texture(name: str, n_epochs: int, seed: int = 0) -> dict[str, Score]:
    """Four ways to score the patches of one texture, learned from the upper half of its photograph."""
    x = cut(halves(name)[0], step=3)
    centre, plain = x.mean(0), torch.stack([x.mean(1), x.std(1)])
    V = torch.linalg.svd(x - centre, full_matrices=False).Vh[:16]
    set_seed(seed)
    net = nn.Sequential(nn.Linear(144, 96), nn.ReLU(), nn.Linear(96, 16), nn.Linear(16, 96), nn.ReLU(), nn.Linear(96, 144))
    fit(net, (x - centre, x - centre), n_epochs=n_epochs, lr=5e-3, loss=F.mse_loss, batch_size=128, progress=False,
        optimizer=partial(torch.optim.Adam, fused=True), schedule=one_cycle)

    def contrast(z: torch.Tensor) -> torch.Tensor:
        own = torch.stack([z.mean(1), z.std(1)])
        return (((own - plain.mean(1)[:, None]) / plain.std(1)[:, None]) ** 2).sum(0)

    return {"deep network": lambda z: (predict_logits(net, z - centre) - (z - centre)).square().mean(1),
            "PCA": lambda z: ((z - centre) @ V.T @ V - (z - centre)).square().mean(1),
            "brightness, contrast": contrast, "nearest neighbour": lambda z: torch.cdist(z, x).amin(1)}


def maps(picture: np.ndarray, mask: np.ndarray, scores: Mapping[str, Score], title: str) -> Figure:
    """A wall with its faults outlined, and a map of scores for each of three methods."""
    fig, axes = plt.subplots(2, 2, figsize=(7.2, 4.1))
    shown = {"the wall, its faults outlined": torch.from_numpy(picture), **{name: to_map(score(cut(picture)), *picture.shape) for name, score in scores.items()}}
    for i, (ax, (name, a)) in enumerate(zip(axes.flat, shown.items(), strict=True)):
        ax.imshow(a.numpy(), cmap="viridis" if i else "gray", vmin=0, vmax=float(a.quantile(0.995)) if i else 1)
        ax.contour(mask, levels=[0.5], colors="white" if i else ORANGE, linewidths=0.7)
        _plain(ax, name)
    fig.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    return describe(fig, "A wall with planted faults, outlined, and three maps of scores: in the deep network's map spots, scratches and gravel shine, "
                         "in PCA's the gravel, the scratches and hardly the spots, in the third the spots alone.")


def _plain(ax: Axes, title: str) -> None:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.set_title(title, fontsize=10, fontweight="normal", loc="center").set_zorder(-1)


def fading_faults(texture: np.ndarray, foreign: np.ndarray, score: Score, usual: torch.Tensor, auc: Callable[[torch.Tensor, torch.Tensor], float]) -> Scene:
    """The same faults, fainter and fainter. Controls: strength, places (another seed), alarm (share of the usual patches).

    Parameters
    ----------
    score : patches (N, SIZE²) → scores (N,)
    usual : the scores of sound patches, from which the threshold is taken
    auc : (scores, is_faulty) → float
    """
    fig, axes = plt.subplots(1, 3, figsize=(7.8, 1.75))
    blank, step, (height, width) = np.zeros(texture.shape), 6, texture.shape
    shown = [axes[0].imshow(texture, cmap="gray", vmin=0, vmax=1, interpolation="nearest"), axes[1].imshow(blank, cmap="viridis", vmin=0, vmax=float(usual.quantile(0.9) * 3), interpolation="nearest"),
             axes[2].imshow(blank, cmap="gray", vmin=0, vmax=1, interpolation="nearest")]
    for ax, title in zip(axes, ("the wall", "score", "alarm: white · faults: grey"), strict=True):
        _plain(ax, title)

    def draw(strength: float, alarm: float, places: int) -> tuple[str, bool]:
        picture, mask = plant_faults(texture, foreign, places, strength)
        scores, faulty = score(cut(picture, step)), is_faulty(mask, step)
        rung = scores >= usual.quantile(1 - alarm)
        shown[0].set_data(picture)
        shown[1].set_data(to_map(scores, height, width, step).numpy())
        shown[2].set_data(np.maximum(0.45 * mask, to_map(rung.float(), height, width, step).numpy() > 0.5))
        caught, false = float(rung[faulty].float().mean()), float(rung[~faulty].float().mean())
        words = (f"Faults of strength {strength:.2f}: AUC {measured(auc(scores, faulty), '.2f')}. An alarm for {measured(caught, '.0%')} of the faulty "
                 f"and {measured(false, '.0%')} of the sound patches.")
        return words, caught >= 0.5 and false <= 0.1 and strength <= 0.601

    return draw, fig
