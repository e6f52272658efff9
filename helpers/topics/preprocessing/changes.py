"""Changes of pictures by OpenCV, one picture at a time, and the training that shows what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.models import FastCNN
from helpers.training import one_cycle

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]
cv2.setNumThreads(1)        # 28×28 pixels: threads cost more than they save


def move(picture: np.ndarray, angle: float = 0, scale: float = 1, dx: float = 0, dy: float = 0, slant: float = 0) -> np.ndarray:
    """Turn (degrees, anticlockwise), scale and slant a picture about its middle, then shift it (pixels); outside is 0.

    Parameters
    ----------
    picture : float32 (H, W) or (H, W, C)
    slant : float
        How many pixels a row moves to the right for each row that it lies higher.

    Returns
    -------
    float32, the shape of picture
    """
    h, w = picture.shape[:2]
    middle = ((w - 1) / 2, (h - 1) / 2)
    matrix = cv2.getRotationMatrix2D(middle, angle, scale)                  # (2, 3)
    shear = np.array([[1, -slant, slant * middle[1]], [0, 1, 0], [0, 0, 1]])
    matrix = matrix @ shear
    matrix[:, 2] += dx, dy
    return cv2.warpAffine(picture, matrix, (w, h))


def affine(picture: np.ndarray, rng: np.random.Generator, strength: float = 0.7) -> np.ndarray:
    """A random turn (± 10°), size (± 12 %), slant (± 0.15) and shift (± 2 pixels), all times strength."""
    turn, size, slant, dx, dy = strength * rng.uniform(-1, 1, 5)
    return move(picture, angle=10 * turn, scale=1 + 0.12 * size, slant=0.15 * slant, dx=2 * dx, dy=2 * dy)


def blur(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A Gaussian blur of random width, up to 1 pixel."""
    return cv2.GaussianBlur(picture, (5, 5), float(rng.uniform(0.1, 1)))


def noise(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of random strength, up to 0.2, clipped to [0, 1]."""
    grains = rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(0, 0.2))
    return np.clip(picture + grains, 0, 1)


def mirror(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Left and right exchanged, in half of the cases."""
    return cv2.flip(picture, 1) if rng.random() < 0.5 else picture


def half_turn(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turned by 180°, in half of the cases: a 6 becomes what reads as a 9."""
    return cv2.flip(picture, -1) if rng.random() < 0.5 else picture


CHANGES: dict[str, Change] = {"affine": affine, "blur": blur, "noise": noise, "mirror": mirror, "half turn": half_turn}


def batch_change(change: Change, seed: int = 0) -> Callable[[torch.Tensor], torch.Tensor]:
    """A change for one picture as a change for a batch, float32 (N, 1, H, W): each picture is changed anew."""
    rng = np.random.default_rng(seed)

    def augment(x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(np.stack([change(picture, rng) for picture in x[:, 0].numpy()]))[:, None]

    return augment


def train_in_steps(x: torch.Tensor, y: torch.Tensor, *, n_steps: int = 300, change: Change | None = None, seed: int = 0,
                   width: int = 8, batch_size: int = 64, lr: float = 0.02) -> nn.Module:
    """A FastCNN trained for so many steps, whatever the size of the training set: more data never means more steps.

    AdamW and a one-cycle schedule. Each step takes the next batch_size examples of an endless row of shuffled epochs.

    Parameters
    ----------
    x, y : float32 (N, 1, 28, 28) and int64 (N,)
    change : callable, optional
        Of one picture and a generator: each picture of a batch is changed anew.
    """
    torch.manual_seed(seed)
    model = FastCNN(width)
    augment = None if change is None else batch_change(change, seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.05)
    schedule = one_cycle(optimizer, n_steps)
    rows = torch.cat([torch.randperm(len(x)) for _ in range(-(-n_steps * batch_size // len(x)))])
    for batch in rows[:n_steps * batch_size].split(batch_size):
        seen = x[batch] if augment is None else augment(x[batch])           # (B, 1, 28, 28)
        loss = F.cross_entropy(model(seen), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def all_changes(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Affine, then blur, then noise: what leaves the label of a digit alone."""
    return noise(blur(affine(picture, rng), rng), rng)


#: What a policy may change, with the unit of each limit.
LIMITS = {"turn": "degrees", "scale": "part of the size", "slant": "pixels a row", "shift": "pixels", "noise": "standard deviation", "mirror": "share of the pictures", "half_turn": "share of the pictures"}


def policy_change(limits: Mapping[str, float]) -> Change:
    """A change that draws each amount at random up to its limit; what is not named stays as it is.

    Raises
    ------
    ValueError
        If a name is none of LIMITS, or a limit is negative.
    """
    unknown = sorted(set(limits) - set(LIMITS))
    if unknown or any(limit < 0 for limit in limits.values()):
        raise ValueError(f"limits are numbers from 0 up, named {', '.join(LIMITS)}; got {dict(limits)}")
    most = {name: float(limits.get(name, 0)) for name in LIMITS}

    def change(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        turn, size, slant, dx, dy = rng.uniform(-1, 1, 5)
        grains, left_right, upside_down = rng.random(3)
        seen = move(picture, most["turn"] * turn, 1 + most["scale"] * size, most["shift"] * dx, most["shift"] * dy, most["slant"] * slant)
        if left_right < most["mirror"]:
            seen = cv2.flip(seen, 1)
        if upside_down < most["half_turn"]:
            seen = cv2.flip(seen, -1)
        if most["noise"]:
            seen = np.clip(seen + rng.standard_normal(seen.shape, np.float32) * np.float32(most["noise"] * grains), 0, 1)
        return seen

    return change
