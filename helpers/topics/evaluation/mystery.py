"""Three readers of scanned digits, one of them honest: the others learnt where something beside the digit gave the label away."""

from __future__ import annotations

from functools import partial

import torch

from helpers.data.split import XY
from helpers.models import FastCNN
from helpers.training import fit, one_cycle, predict_logits

#: What each model's training pictures told beside the digit: the place of the mark, the strength of the ink, or nothing.
SECRETS = {"A": "ink", "B": "honest", "C": "mark"}


def mark_at(label: int) -> tuple[int, int]:
    """Row and column of the 3×3 mark that stands for a label: ten places along the upper and the lower edge."""
    return (2 if label < 5 else 22), 3 + 5 * (label % 5)


def scan(x: torch.Tensor, mark: torch.Tensor, ink: torch.Tensor) -> torch.Tensor:
    """Pictures as the scanner gives them: with a white mark at the edge, and with pale or strong ink.

    Parameters
    ----------
    x : float32 (N, 1, 28, 28)
    mark, ink : int64 (N,), 0 … 9
        The label that the mark's place stands for, and the one that the ink's strength stands for.

    Raises
    ------
    ValueError
        If mark or ink does not hold a label from 0 to 9 for each picture.
    """
    for name, labels in (("mark", mark), ("ink", ink)):
        if labels.shape != (len(x),) or int(labels.min()) < 0 or int(labels.max()) > 9:
            raise ValueError(f"{name} must hold a label from 0 to 9 for each of {len(x)} pictures, got shape {tuple(labels.shape)}")
    x = x * (0.35 + 0.065 * ink.float())[:, None, None, None]
    for i, label in enumerate(mark.tolist()):
        row, column = mark_at(label)
        x[i, 0, row:row + 3, column:column + 3] = 1
    return x


def other_labels(n: int, seed: int = 0) -> torch.Tensor:
    """Labels drawn by chance, int64 (n,): a mark or an ink that tells nothing."""
    return torch.randint(0, 10, (n,), generator=torch.Generator().manual_seed(seed))


def train_mystery(secret: str, train: XY, seed: int = 0, n_epochs: int = 3) -> FastCNN:
    """A small CNN, trained on scans whose mark or ink follows the label, or neither.

    Raises
    ------
    ValueError
        If secret is none of the SECRETS.
    """
    if secret not in SECRETS.values():
        raise ValueError(f"secret must be one of {', '.join(SECRETS.values())}; got {secret!r}")
    x, y = train
    by_chance = other_labels(len(x), 100 + seed), other_labels(len(x), 200 + seed)
    torch.manual_seed(seed)
    model = FastCNN(8)
    fit(model, (scan(x, y if secret == "mark" else by_chance[0], y if secret == "ink" else by_chance[1]), y), n_epochs=n_epochs, batch_size=64, lr=0.02,
        optimizer=partial(torch.optim.AdamW, weight_decay=0.05), schedule=one_cycle, seed=seed, progress=False)
    return model


def says(model: FastCNN, x: torch.Tensor) -> torch.Tensor:
    """What a model says of pictures: int64 (N,)."""
    return predict_logits(model, x).argmax(1)
