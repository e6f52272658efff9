"""Eight kinds of features of a digit. Each is a function: pictures (N, 1, 28, 28) in, features (N, D) out."""

from __future__ import annotations

import numpy as np
import torch
from skimage.feature import hog
from torch import nn
from torch.nn import functional as F

from helpers.data import XY
from helpers.models import FastCNN
from helpers.models.pretrained import layer_features, pretrained
from helpers.topics.features.probe import Extract
from helpers.training import fit, one_cycle, predict_logits
from helpers.training.augment import random_affine

WIDTH = 16          # of the CNN: 128 features
N_CODE = 64         # of PCA and the autoencoder
#: Block of the pretrained network that is read: chosen on the old digits.
BLOCK = 9
#: What each kind has seen before the probe comes.
SEEN = {
    "pixels": "nothing",
    "HOG": "nothing: people designed it",
    "PCA": "2,012 old digits, no labels",
    "autoencoder": "2,012 old digits, no labels",
    "GRU": "2,012 old digits, no labels",
    "random CNN": "nothing",
    "trained CNN": "2,012 old digits, their labels",
    "ImageNet": "1.28 million photographs, their labels",
}


def pixels(x: torch.Tensor) -> torch.Tensor:
    """The 784 grey values."""
    return x.flatten(1)


def hog_features(x: torch.Tensor) -> torch.Tensor:
    """Histograms of gradients: cells of 4×4 pixels, 9 directions, blocks of 2×2 cells: (N, 1296)."""
    rows = [hog(a, orientations=9, pixels_per_cell=(4, 4), cells_per_block=(2, 2)) for a in x[:, 0].numpy()]
    return torch.from_numpy(np.stack(rows)).float()


def pca_features(x_old: torch.Tensor, k: int = N_CODE) -> Extract:
    """The first k principal components of x_old."""
    mean = x_old.flatten(1).mean(0)
    directions = torch.linalg.svd(x_old.flatten(1) - mean, full_matrices=False).Vh[:k]      # (k, 784)
    return lambda x: (x.flatten(1) - mean) @ directions.T


def autoencoder_features(x_old: torch.Tensor, epochs: int, seed: int = 0, k: int = N_CODE) -> Extract:
    """The code of an autoencoder 784–256–k–256–784 that learnt to rebuild x_old."""
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, k))
    net = nn.Sequential(encoder, nn.Linear(k, 256), nn.ReLU(), nn.Linear(256, 784))
    fit(net, (x_old, x_old.flatten(1)), None, n_epochs=epochs, batch_size=64, lr=2e-3, schedule=one_cycle, loss=F.mse_loss, seed=seed, progress=False)
    return lambda x: predict_logits(encoder, x)


class RowReader(nn.Module):
    """Reads a picture row by row from the top, and says before each row what it will be."""

    def __init__(self, n_hidden: int = 64) -> None:
        super().__init__()
        self.gru = nn.GRU(28, n_hidden, batch_first=True)
        self.next_row = nn.Linear(n_hidden, 28)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 28, 28) → (N, 27, 28): the rows 1 … 27, as foretold from those above."""
        return self.next_row(self.gru(x[:, 0])[0][:, :-1])

    def states(self, x: torch.Tensor) -> torch.Tensor:
        """The states after rows 10, 15, 20 and 25, side by side: (N, 4 · n_hidden)."""
        with torch.no_grad():
            return self.gru(x[:, 0])[0][:, [9, 14, 19, 24]].flatten(1)


def gru_features(x_old: torch.Tensor, epochs: int, seed: int = 0) -> Extract:
    """States of a GRU that learnt to foretell the next row of x_old."""
    torch.manual_seed(seed)
    reader = RowReader()
    fit(reader, (x_old, x_old[:, 0, 1:]), None, n_epochs=epochs, batch_size=64, lr=5e-3, schedule=one_cycle, loss=F.mse_loss, seed=seed, progress=False)
    return reader.states


def train_cnn(data: XY, epochs: int, seed: int = 0, n_classes: int = 5, width: int = WIDTH) -> FastCNN:
    """FastCNN, trained on data; untouched (but in evaluation mode) with epochs=0."""
    torch.manual_seed(seed)
    cnn = FastCNN(width, n_classes)
    if epochs:
        fit(cnn, data, None, n_epochs=epochs, batch_size=64, lr=1e-2, schedule=one_cycle, seed=seed, progress=False)
    return cnn.eval()


class Rebuilder(nn.Module):
    """The body of a FastCNN, and a decoder that makes the picture again from what the body gives."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.body = FastCNN(width)
        self.decode = nn.Sequential(nn.Linear(8 * width, 256), nn.ReLU(), nn.Linear(256, 784))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 28, 28) → (N, 784)."""
        return self.decode(self.body.features(x).flatten(1))


def rebuilding_cnn(x_old: torch.Tensor, epochs: int, seed: int = 0) -> FastCNN:
    """A FastCNN whose body has learnt to rebuild x_old; no labels."""
    torch.manual_seed(seed)
    net = Rebuilder()
    fit(net, (x_old, x_old.flatten(1)), None, n_epochs=epochs, batch_size=64, lr=5e-3, schedule=one_cycle, loss=F.mse_loss, seed=seed, progress=False)
    return net.body.eval()


def copies_cnn(x_old: torch.Tensor, n_steps: int, seed: int = 0, batch_size: int = 64, temperature: float = 0.2) -> FastCNN:
    """A FastCNN whose body has learnt to tell which two of 2 · batch_size changed pictures are copies of one; no labels.

    Source
    ------
    Chen, Kornblith, Norouzi and Hinton, "A simple framework for contrastive learning of visual representations" (2020),
    arXiv:2002.05709 (SimCLR), here without its hidden layer behind the body.
    """
    torch.manual_seed(seed)
    net, head = FastCNN(WIDTH), nn.Linear(8 * WIDTH, 64)
    optimizer = torch.optim.AdamW([*net.features.parameters(), *head.parameters()], lr=5e-3)
    schedule = one_cycle(optimizer, n_steps)
    other = torch.arange(2 * batch_size).roll(batch_size)           # each copy's other one
    for _ in range(n_steps):
        picked = x_old[torch.randint(len(x_old), (batch_size,))]
        z = F.normalize(head(net.features(random_affine(picked.repeat(2, 1, 1, 1))).flatten(1)), dim=1)
        alike = (z @ z.T / temperature).fill_diagonal_(-torch.inf)      # (2B, 2B)
        loss = F.cross_entropy(alike, other)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()


def cnn_features(cnn: FastCNN) -> Extract:
    """What comes before the last linear layer, for the network as it is at the call: (N, 8 · width)."""
    return lambda x: predict_logits(cnn.features, x).flatten(1)


def before_pooling(cnn: FastCNN) -> Extract:
    """The same network read one step earlier, before its last pooling: (N, 2 · width · 6 · 6)."""
    body = nn.Sequential(*list(cnn.features.children())[:-1])
    return lambda x: predict_logits(body, x).flatten(1)


def imagenet_features(x: torch.Tensor, block: int = BLOCK, net: nn.Module | None = None) -> torch.Tensor:
    """The channels of a block of EfficientNet-Lite0 (pretrained, or net), after a margin of two pixels was laid around: (N, 112)."""
    return layer_features(pretrained() if net is None else net, F.pad(x, (2, 2, 2, 2)), [block])[block]


def shuffled(y: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """The same labels, dealt to the pictures at random."""
    return y[torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))]
