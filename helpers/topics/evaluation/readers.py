"""The models that the lessons judge: small, quick, and each with its own way of being wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.data.split import XY, Split
from helpers.models import MLP, FastCNN
from helpers.training import fit, one_cycle, predict_logits
from helpers.training.augment import random_affine
from helpers.validate import whole

#: The names of the three models that look for one digit.
THREE = ("nearest neighbour", "logistic regression", "naive Bayes")


@dataclass(frozen=True)
class Cast:
    """What three models say of the same pictures.

    Parameters
    ----------
    y : bool (N,)
        Whether it is the digit that is looked for.
    scores : name → float64 (N,)
        The probability of yes.
    """

    y: np.ndarray
    scores: dict[str, np.ndarray]


def eight_or_not(data: Split, n_train: int = 300, seed: int = 0, digit: int = 8) -> Cast:
    """Train the three of THREE on n_train digits drawn from data.train, and let them judge data.test.

    Raises
    ------
    ValueError
        If n_train is no whole number from 50 to the number of training pictures.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier

    n_train = whole("n_train", n_train, 50, len(data.train[0]))
    x, y = (t.numpy() for t in (data.train[0].flatten(1).double(), data.train[1]))
    chosen = np.random.default_rng(seed).permutation(len(x))[:n_train]
    pictures, truth = data.test[0].flatten(1).double().numpy(), data.test[1].numpy() == digit
    models = (KNeighborsClassifier(1), LogisticRegression(max_iter=500), GaussianNB(var_smoothing=0.1))
    said = [model.fit(x[chosen], y[chosen] == digit).predict_proba(pictures)[:, 1] for model in models]
    return Cast(truth, dict(zip(THREE, said, strict=True)))


def eight_by_distance(data: Split, n_train: int = 300, seed: int = 0, digit: int = 8) -> np.ndarray:
    """The nearest neighbour of eight_or_not, from the same n_train digits, as a score: how much nearer the digit lies than any other, float64 (N,)."""
    from sklearn.neighbors import KNeighborsClassifier

    x, y = (t.numpy() for t in (data.train[0].flatten(1).double(), data.train[1]))
    chosen = np.random.default_rng(seed).permutation(len(x))[:whole("n_train", n_train, 50, len(x))]
    yes, pictures = y[chosen] == digit, data.test[0].flatten(1).double().numpy()
    near, far = (KNeighborsClassifier(1).fit(x[chosen][part], y[chosen][part]).kneighbors(pictures)[0][:, 0] for part in (yes, ~yes))
    return far - near


def smooth_reader(train: XY, seed: int = 0, n_epochs: int = 3, smoothing: float = 0.1) -> nn.Module:
    """A small CNN with the course's recipe: moved pictures, one-cycle, label smoothing (0: none)."""
    torch.manual_seed(seed)
    model = FastCNN(8)
    fit(model, train, n_epochs=n_epochs, batch_size=64, lr=0.02, optimizer=partial(torch.optim.AdamW, weight_decay=0.05), schedule=one_cycle,
        loss=partial(F.cross_entropy, label_smoothing=smoothing), augment=partial(random_affine, strength=0.6), seed=seed, progress=False)
    return model


def plain_reader(train: XY, seed: int = 0, n_epochs: int = 20) -> nn.Module:
    """A perceptron with one hidden layer of 256, plain cross-entropy, trained until it knows few pictures by heart."""
    torch.manual_seed(seed)
    model = MLP((784, 256, 10))
    fit(model, train, n_epochs=n_epochs, batch_size=32, lr=2e-3, seed=seed, progress=False)
    return model


def noisy(x: torch.Tensor, strength: float, seed: int = 0) -> torch.Tensor:
    """The same pictures with grey noise on them: strength is its standard deviation, ink being 1."""
    return x + strength * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def one_training(pool: XY, *, weights: int = 0, order: int = 0, split: int = 0, n_train: int = 500, n_test: int = 500, n_epochs: int = 10) -> float:
    """The test accuracy of a small perceptron, each source of chance with a seed of its own.

    Parameters
    ----------
    pool : (x, y)
        All pictures, from which the split draws n_train to learn from and n_test others to be judged on.
    weights, order, split : int
        Seeds: of the first weights, of the order of the batches, of the split.
    """
    x, y = pool[0].flatten(1), pool[1]
    places = torch.randperm(len(x), generator=torch.Generator().manual_seed(split))
    here, there = places[:n_train], places[n_train:n_train + n_test]
    torch.manual_seed(weights)
    model = MLP((x.shape[1], 32, 10))
    fit(model, (x[here], y[here]), n_epochs=n_epochs, batch_size=50, lr=5e-3, seed=order, schedule=one_cycle, progress=False)
    return float((predict_logits(model, x[there]).argmax(1) == y[there]).float().mean())


def spread_by_source(pool: XY, n_runs: int) -> dict[str, np.ndarray]:
    """Accuracies (n_runs,) when one source of chance varies and the others stand still, and when all vary together."""
    vary = {"first weights": ("weights",), "order of batches": ("order",), "split": ("split",), "all three": ("weights", "order", "split")}
    return {name: np.array([one_training(pool, **dict.fromkeys(sources, run)) for run in range(n_runs)]) for name, sources in vary.items()}


def twins(pool: XY, n_twins: int, n_train: int = 500, n_test: int = 2000) -> np.ndarray:
    """One recipe, one split, n_twins seeds of weights and order: which test pictures each reads rightly, bool (n_twins, n_test)."""
    x, y = pool[0].flatten(1), pool[1]
    right = []
    for seed in range(n_twins):
        torch.manual_seed(seed)
        model = MLP((x.shape[1], 32, 10))
        fit(model, (x[:n_train], y[:n_train]), n_epochs=10, batch_size=50, lr=5e-3, seed=seed, schedule=one_cycle, progress=False)
        right.append((predict_logits(model, x[-n_test:]).argmax(1) == y[-n_test:]).numpy())
    return np.stack(right)


def one_closure(opt: torch.optim.Optimizer, log_t: torch.Tensor, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """What torch's LBFGS asks for: the log loss of logits / exp(log_t), and its gradient."""
    opt.zero_grad()
    loss = F.cross_entropy(logits / log_t.exp(), y)
    loss.backward()
    return loss


def nearest_digits(data: Split, n_train: int = 300, seed: int = 0) -> np.ndarray:
    """What the nearest of n_train training digits says of each test picture: int64 (N,), 0 … 9."""
    from sklearn.neighbors import KNeighborsClassifier

    n_train = whole("n_train", n_train, 50, len(data.train[0]))
    x, y = (t.numpy() for t in (data.train[0].flatten(1), data.train[1]))
    chosen = np.random.default_rng(seed).permutation(len(x))[:n_train]
    return KNeighborsClassifier(1).fit(x[chosen], y[chosen]).predict(data.test[0].flatten(1).numpy())
