"""Checks of chapter 00: what is right, and the wrong answers that tell misconceptions apart."""

import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix

from helpers.lesson.exercise import Case, Exercise


def _labels(n: int, k: int, seed: int, right: float = 0.6) -> tuple[torch.Tensor, torch.Tensor]:
    """Random labels, and predictions of them of which about a part is right."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    predicted = np.where(rng.uniform(size=n) < right, y, rng.integers(0, k, n))
    return torch.tensor(predicted), torch.tensor(y)


accuracy = Exercise(
    "0.1",
    oracle=lambda predicted, y: accuracy_score(y, predicted),
    cases=lambda: [Case(f"{n} predictions", _labels(n, 10, n)) for n in (7, 40, 1000)]
    + [Case("one prediction, and it is right", (torch.tensor([4]), torch.tensor([4])))],
    verified="it agrees with scikit-learn's accuracy_score for 1 to 1,000 predictions",
)


@accuracy.wrong("that is how many are right. The share is that number divided by how many there are.")
def _(predicted, y):
    return (predicted == y).sum()


@accuracy.wrong("that is the share of wrong ones, the error rate. Compare with ==, not with !=.")
def _(predicted, y):
    return (predicted != y).float().mean()


@accuracy.wrong("that is 0 unless all are right: .all() asks just that, and // drops the fraction. Take the average, or divide with /.")
def _(predicted, y):
    return (predicted == y).sum() // len(y)


@accuracy.wrong("that is in per cent. A share runs from 0 to 1.")
def _(predicted, y):
    return 100 * (predicted == y).float().mean()


@accuracy.wrong("a prediction is right or wrong: how far the two digits lie apart says nothing. Compare them with ==.")
def _(predicted, y):
    return 1 - (predicted - y).abs().float().mean() / 9


@accuracy.wrong("torch cannot average True and False. Turn them into 1.0 and 0.0 first, with .float().")
def _(predicted, y):
    return (predicted == y).mean()


@accuracy.wrong("== gives one True or False for each prediction; the average of them is still missing.")
def _(predicted, y):
    return predicted == y


def _bytes(shape: tuple[int, ...], seed: int, high: int = 256) -> tuple[np.ndarray]:
    return (np.random.default_rng(seed).integers(0, high, shape, dtype=np.uint8),)


pixels = Exercise(
    "0.2", dtype=torch.float32,
    oracle=lambda a: torch.from_numpy(np.divide(a, np.float32(255), dtype=np.float32))[:, None],
    cases=lambda: [
        Case("one dim picture of 4×5 bytes, 0 to 190", (np.arange(0, 200, 10, dtype=np.uint8).reshape(1, 4, 5),)),
        Case("3 pictures of 28×27 bytes", _bytes((3, 28, 27), 2)),
        Case("2 pictures, one of them white all over", (np.stack([np.full((6, 3), 255, np.uint8), np.arange(18, dtype=np.uint8).reshape(6, 3)]),)),
    ],
    verified="float32, shape (N, 1, H, W), values from 0 to 1, for dim, full and white pictures",
)


@pixels.wrong("the fraction is lost, by // or by whole numbers: every byte below 255 becomes 0. Divide floats, with /.")
def _(a):
    return torch.tensor(a // 255).float()[:, None]


@pixels.wrong("a byte goes up to 255, so divide by 255: with 256 full ink never reaches 1.")
def _(a):
    return torch.tensor(a / 256).float()[:, None]


@pixels.wrong("that divides by 255 twice, as the friend's program above did: once is enough.")
def _(a):
    return torch.tensor(a).float()[:, None] / 255 / 255


# In the first case, one picture with a 0 in it, this is also what one maximum a picture gives, and min-max scaling.
@pixels.wrong("scaled by the values found in it, each picture or set gets a scale of its own; dim ones would look bright. Divide by 255 always.")
def _(a):
    return torch.tensor(a / a.max()).float()[:, None]


@pixels.wrong("the values are right, but the axis for the channel is missing: (N, H, W) should become (N, 1, H, W).")
def _(a):
    return torch.tensor(a / 255).float()


@pixels.wrong("the new axis stands in front; channels come second: (N, 1, H, W).")
def _(a):
    return torch.tensor(a / 255).float()[None]


@pixels.wrong("the new axis stands last; channels come second: (N, 1, H, W).")
def _(a):
    return torch.tensor(a / 255).float()[..., None]


@pixels.wrong("the values are still bytes, 0 to 255: divide by 255.")
def _(a):
    return torch.tensor(a).float()[:, None]


@pixels.wrong("ink and paper are swapped: byte 0 should stay 0, and 255 become 1.")
def _(a):
    return 1 - torch.tensor(a).float()[:, None] / 255


@pixels.wrong("that runs from -1 to 1, a scale that some networks want. Ours wants 0 to 1: divide by 255, subtract nothing.")
def _(a):
    return torch.tensor(a).float()[:, None] / 127.5 - 1


def _baseline(y_train: torch.Tensor, y: torch.Tensor) -> float:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier(strategy="most_frequent").fit(np.zeros((len(y_train), 1)), y_train.numpy())
    return model.score(np.zeros((len(y), 1)), y.numpy())


def _repeated(counts: dict[int, int]) -> torch.Tensor:
    """Each label as often as counts says."""
    return torch.tensor([label for label, n in counts.items() for _ in range(n)])


baseline = Exercise(
    "0.3",
    oracle=_baseline,
    cases=lambda: [
        Case("14 training labels of which 3 is the commonest, 23 new ones of which 1 is", (_repeated({0: 4, 3: 5, 1: 2, 8: 1, 5: 1, 2: 1}), _repeated({1: 7, 3: 6, 2: 4, 5: 3, 8: 2, 0: 1}))),
        Case("90 training labels and 40 new ones", (_labels(90, 4, 5)[1], _labels(40, 4, 6)[1])),
        Case("a class that never appears among the new labels", (torch.tensor([7, 7, 0]), torch.tensor([0, 1, 2]))),
    ],
    verified="it agrees with scikit-learn's DummyClassifier, also when the two sets differ",
)


@baseline.wrong("that takes the commonest of the new labels. A baseline may learn from the training labels alone.")
def _(y_train, y):
    return (y == y.mode().values).float().mean()


@baseline.wrong("that is the share among the training labels. Learn the commonest label there, then score it on y.")
def _(y_train, y):
    return (y_train == y_train.mode().values).float().mean()


@baseline.wrong("that is the commonest label, not a score. Return the share of y that equals it.")
def _(y_train, y):
    return y_train.mode().values


@baseline.wrong(".max() gives the greatest count; .argmax() gives the label that has it.")
def _(y_train, y):
    return (y == y_train.bincount().max()).float().mean()


@baseline.wrong("one over the number of classes is what a random guess gets; always giving the commonest label gets more or less than that.")
def _(y_train, y):
    return 1 / len(y_train.unique())


@baseline.wrong("that counts how many of y equal the label; divide by how many there are.")
def _(y_train, y):
    return (y == y_train.mode().values).sum()


@baseline.wrong("that divides by the number of training labels. The score is a share of y: divide by how many labels y holds.")
def _(y_train, y):
    return (y == y_train.mode().values).sum() / len(y_train)


@baseline.wrong("that is in per cent. A share runs from 0 to 1.")
def _(y_train, y):
    return 100 * (y == y_train.mode().values).float().mean()


@baseline.wrong("a middle value (median or mean) is not the commonest: labels are names, and their order says nothing. Count them.")
def _(y_train, y):
    return (y == y_train.median()).float().mean()


@baseline.wrong("y_train.max() is the greatest label, not the commonest. Count the labels first, with bincount().")
def _(y_train, y):
    return (y == y_train.max()).float().mean()


def _mistaken(predicted: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """How often each digit was taken for each other one, (10, 10)."""
    table = confusion_matrix(y, predicted, labels=range(10))
    np.fill_diagonal(table, 0)
    return table


def _greatest(table: np.ndarray) -> list[int]:
    """Row and column; a list: any two numbers in a row are right, be it a tuple, a tensor or an array."""
    row, column = np.unravel_index(table.argmax(), table.shape)
    return [int(row), int(column)]


def _mistakes(pairs: list[tuple[int, int, int]], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(predicted, y) in random order from (truth, said, how often)."""
    y = np.repeat([t for t, _, n in pairs], [n for _, _, n in pairs])
    said = np.repeat([s for _, s, n in pairs], [n for _, _, n in pairs])
    order = np.random.default_rng(seed).permutation(len(y))
    return torch.tensor(said[order]), torch.tensor(y[order])


confused = Exercise(
    "0.4",
    oracle=lambda predicted, y: _greatest(_mistaken(predicted, y)),
    cases=lambda: [
        Case("4 read as 9 five times, 7 and 5 read as 4 three times each, 3 as 0 twice",
             _mistakes([(4, 9, 5), (7, 4, 3), (5, 4, 3), (3, 0, 2), (3, 4, 1), (4, 1, 1), (3, 3, 6), (4, 4, 4), (1, 1, 20), (9, 9, 8), (2, 2, 30)], 0)),
        Case("8 read as 3 six times, 2 as 7 five times, 7 as 2 four times", _mistakes([(8, 3, 6), (3, 8, 2), (0, 8, 5), (2, 7, 5), (7, 2, 4), (8, 8, 40), (3, 3, 9)], 1)),
        Case("6 read as 0 four times, 5 read as 1, 2 and 3 twice each", _mistakes([(6, 0, 4), (5, 1, 2), (5, 2, 2), (5, 3, 2), (0, 0, 25), (5, 5, 9), (6, 6, 9), (7, 7, 9)], 2)),
        Case("one single mistake: 3 read as 5", _mistakes([(3, 5, 1), (0, 0, 20), (9, 9, 5)], 3)),
    ],
    verified="the commonest mistake is found, truth first, also among many right answers",
)


@confused.wrong("the right answers are counted as well, and they are the commonest. Set the diagonal to zero first, or look only where predicted != y.")
def _(predicted, y):
    return _greatest(confusion_matrix(y, predicted, labels=range(10)))


@confused.wrong("the two are swapped: the truth comes first, what was said second.")
def _(predicted, y):
    return _greatest(_mistaken(predicted, y))[::-1]


@confused.wrong("that is the place in the flattened table: turn it into row and column with divmod(place, 10).")
def _(predicted, y):
    truth, said = _greatest(_mistaken(predicted, y))
    return 10 * truth + said


@confused.wrong("that takes the commonest truth and the commonest prediction among the mistakes, each by itself; they need not belong together. Count pairs.")
def _(predicted, y):
    bad = predicted != y
    return [int(y[bad].mode().values), int(predicted[bad].mode().values)]


@confused.wrong("both directions are added up: 2 read as 7 and 7 read as 2 are two mistakes, each with its own count.")
def _(predicted, y):
    return _greatest(_mistaken(predicted, y) + _mistaken(predicted, y).T)


SHARES = "that compares shares: each {} was divided by its sum. The commonest mistake has the greatest count."


@confused.wrong(SHARES.format("row"))
def _(predicted, y):
    return _greatest(_mistaken(predicted, y) / y.bincount(minlength=10).clamp(1).numpy()[:, None])


@confused.wrong(SHARES.format("column"))
def _(predicted, y):
    return _greatest(_mistaken(predicted, y) / predicted.bincount(minlength=10).clamp(1).numpy())


@confused.wrong("that is how often it happens. The question is which pair it is.")
def _(predicted, y):
    return _mistaken(predicted, y).max()
