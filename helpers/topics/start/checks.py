"""Exercises 0.1 to 0.4: what is right, and the wrong answers that tell misconceptions apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, confusion_matrix

from helpers.lesson.exercise import Case, Exercise

Tensor = torch.Tensor


def _labels(n: int, k: int, seed: int, right: float = 0.6) -> tuple[Tensor, Tensor]:
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
def _how_many(predicted: Tensor, y: Tensor) -> Any:
    return (predicted == y).sum()


@accuracy.wrong("that is the share of wrong ones, the error rate. Compare with ==, not with !=.")
def _error_rate(predicted: Tensor, y: Tensor) -> Any:
    return (predicted != y).float().mean()


@accuracy.wrong("that is 0 unless all are right: .all() asks just that, and // drops the fraction. Take the average, or divide with /.")
def _all_or_nothing(predicted: Tensor, y: Tensor) -> Any:
    return (predicted == y).sum() // len(y)


@accuracy.wrong("that is in per cent. A share runs from 0 to 1.")
def _per_cent(predicted: Tensor, y: Tensor) -> Any:
    return 100 * (predicted == y).float().mean()


@accuracy.wrong("a prediction is right or wrong: how far the two digits lie apart says nothing. Compare them with ==.")
def _distance_of_digits(predicted: Tensor, y: Tensor) -> Any:
    return 1 - (predicted - y).abs().float().mean() / 9


@accuracy.wrong("torch cannot average True and False. Turn them into 1.0 and 0.0 first, with .float().")
def _mean_of_truths(predicted: Tensor, y: Tensor) -> Any:
    return (predicted == y).mean()


@accuracy.wrong("== gives one True or False for each prediction; the average of them is still missing.")
def _truths(predicted: Tensor, y: Tensor) -> Any:
    return predicted == y


@accuracy.also_right
def _by_division(predicted: Tensor, y: Tensor) -> Any:
    return (predicted == y).sum() / len(y)


@accuracy.also_right
def _by_a_loop(predicted: Tensor, y: Tensor) -> float:
    return sum(int(a) == int(b) for a, b in zip(predicted, y, strict=True)) / len(y)


def _bytes(shape: tuple[int, ...], seed: int, high: int = 256) -> tuple[np.ndarray]:
    return (np.random.default_rng(seed).integers(0, high, shape, dtype=np.uint8),)


def _given_pixels(a: np.ndarray) -> Tensor:
    pixels = torch.tensor(a)            # (N, H, W), whole numbers
    pixels = pixels // 255              # (N, H, W), 0 to 1
    return pixels[:, None]              # (N, 1, H, W)


pixels = Exercise(
    "0.2", kind="fix", given=_given_pixels, dtype=torch.float32,
    oracle=lambda a: torch.from_numpy(np.divide(a, np.float32(255), dtype=np.float32))[:, None],
    cases=lambda: [
        Case("one dim picture of 4×5 bytes, 0 to 190", (np.arange(0, 200, 10, dtype=np.uint8).reshape(1, 4, 5),)),
        Case("3 pictures of 28×27 bytes", _bytes((3, 28, 27), 2)),
        Case("2 pictures, one of them white all over", (np.stack([np.full((6, 3), 255, np.uint8), np.arange(18, dtype=np.uint8).reshape(6, 3)]),)),
    ],
    verified="float32, shape (N, 1, H, W), values from 0 to 1, for dim, full and white pictures",
)


@pixels.wrong("the fraction is lost, by // or by whole numbers: every byte below 255 becomes 0. Divide floats, with /.")
def _whole_division(a: np.ndarray) -> Tensor:
    return torch.tensor(a // 255).float()[:, None]


@pixels.wrong("a byte goes up to 255, so divide by 255: with 256 full ink never reaches 1.")
def _by_256(a: np.ndarray) -> Tensor:
    return torch.tensor(a / 256).float()[:, None]


@pixels.wrong("that divides by 255 twice: once is enough.")
def _divided_twice(a: np.ndarray) -> Tensor:
    return torch.tensor(a).float()[:, None] / 255 / 255


# In the first case, one picture with a 0 in it, this is also what one maximum a picture gives, and min-max scaling.
@pixels.wrong("scaled by the values found in it, each picture or set gets a scale of its own; dim ones would look bright. Divide by 255 always.")
def _by_the_greatest(a: np.ndarray) -> Tensor:
    return torch.tensor(a / a.max()).float()[:, None]


@pixels.wrong("the values are right, but the axis for the channel is missing: (N, H, W) should become (N, 1, H, W).")
def _no_channel(a: np.ndarray) -> Tensor:
    return torch.tensor(a / 255).float()


@pixels.wrong("the new axis stands in front; channels come second: (N, 1, H, W).")
def _channel_in_front(a: np.ndarray) -> Tensor:
    return torch.tensor(a / 255).float()[None]


@pixels.wrong("the new axis stands last; channels come second: (N, 1, H, W).")
def _channel_last(a: np.ndarray) -> Tensor:
    return torch.tensor(a / 255).float()[..., None]


@pixels.wrong("the values are still bytes, 0 to 255: divide by 255.")
def _still_bytes(a: np.ndarray) -> Tensor:
    return torch.tensor(a).float()[:, None]


@pixels.wrong("ink and paper are swapped: byte 0 should stay 0, and 255 become 1.")
def _negative(a: np.ndarray) -> Tensor:
    return 1 - torch.tensor(a).float()[:, None] / 255


@pixels.wrong("that runs from -1 to 1, a scale that some networks want. Ours wants 0 to 1: divide by 255, subtract nothing.")
def _from_minus_one(a: np.ndarray) -> Tensor:
    return torch.tensor(a).float()[:, None] / 127.5 - 1


@pixels.also_right
def _float_bytes(a: np.ndarray) -> Tensor:
    return torch.from_numpy(a.astype(np.float32) / 255).unsqueeze(1)


@pixels.also_right
def _reshaped(a: np.ndarray) -> Tensor:
    return torch.tensor(a / 255.0, dtype=torch.float32).reshape(len(a), 1, *a.shape[1:])


baseline = Exercise(
    "0.3", kind="order",
    lines=["def baseline_accuracy(y_train, y):",
           "    counts = y_train.bincount()",
           "    commonest = counts.____()",
           "    hits = (y == commonest).float()",
           "    return hits.mean()"],
    gaps={"    commonest = counts.____()": (["max", "argmax", "sum"], "argmax")},
    distractors={
        "    counts = y.bincount()": "it peeks at the new labels. A baseline may learn from the training labels alone.",
        "    return hits.sum()": "that is how many are right. The score is a share: take the mean of ones and zeros.",
    },
    verified="it learns one label from the training labels, and scores that one answer on y",
)


@baseline.wrong("what fills this gap")
def _the_greatest_count() -> list[str]:
    return [line.replace("____", "max") for line in baseline.lines]


@baseline.wrong("stands too early")
def _scored_before_the_label_is_known() -> list[str]:
    one, two, three, four, five = (line.replace("____", "argmax") for line in baseline.lines)
    return [one, two, four, three, five]


def _mistaken(predicted: Tensor, y: Tensor) -> np.ndarray:
    """How often each digit was taken for each other one, (10, 10)."""
    table = confusion_matrix(y, predicted, labels=range(10))
    np.fill_diagonal(table, 0)
    return table


def _greatest(table: np.ndarray) -> list[int]:
    """Row and column; a list: any two numbers in a row are right, be it a tuple, a tensor or an array."""
    row, column = np.unravel_index(table.argmax(), table.shape)
    return [int(row), int(column)]


def _mistakes(pairs: list[tuple[int, int, int]], seed: int) -> tuple[Tensor, Tensor]:
    """(predicted, y) in random order from (truth, said, how often)."""
    y = np.repeat([t for t, _, n in pairs], [n for _, _, n in pairs])
    said = np.repeat([s for _, s, n in pairs], [n for _, _, n in pairs])
    order = np.random.default_rng(seed).permutation(len(y))
    return torch.tensor(said[order]), torch.tensor(y[order])


confused = Exercise(
    "0.4",
    oracle=lambda predicted, y: _greatest(_mistaken(predicted, y)),
    whole=True,
    cases=lambda: [
        Case("4 read as 9 five times, 7 and 5 read as 4 three times each, 3 as 0 twice",
             _mistakes([(4, 9, 5), (7, 4, 3), (5, 4, 3), (3, 0, 2), (3, 4, 1), (4, 1, 1), (3, 3, 6), (4, 4, 4), (1, 1, 20), (9, 9, 8), (2, 2, 30)], 0)),
        Case("8 read as 3 six times, 2 as 7 five times, 7 as 2 four times", _mistakes([(8, 3, 6), (3, 8, 2), (0, 8, 5), (2, 7, 5), (7, 2, 4), (8, 8, 40), (3, 3, 9)], 1)),
        Case("6 read as 0 four times, 5 read as 1, 2 and 3 twice each", _mistakes([(6, 0, 4), (5, 1, 2), (5, 2, 2), (5, 3, 2), (0, 0, 25), (5, 5, 9), (6, 6, 9), (7, 7, 9)], 2)),
        Case("9 read as 4 seven times, 2 as 1 six times", _mistakes([(9, 4, 7), (2, 1, 6), (9, 9, 12), (4, 4, 20)], 4)),
        Case("one single mistake: 3 read as 5", _mistakes([(3, 5, 1), (0, 0, 20), (9, 9, 5)], 3)),
    ],
    verified="the commonest mistake is found, truth first, also among many right answers",
)


@confused.wrong("the right answers are counted as well, and they are the commonest. Set the diagonal to zero first, or look only where predicted != y.")
def _with_the_right_ones(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(confusion_matrix(y, predicted, labels=range(10)))


@confused.wrong("the two are swapped: the truth comes first, what was said second.")
def _said_first(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(_mistaken(predicted, y))[::-1]


@confused.wrong("that is the place in the flattened table: turn it into row and column with divmod(place, 10).")
def _flat_place(predicted: Tensor, y: Tensor) -> Any:
    truth, said = _greatest(_mistaken(predicted, y))
    return 10 * truth + said


@confused.wrong("that takes the commonest truth and the commonest prediction among the mistakes, each by itself; they need not belong together. Count pairs.")
def _each_by_itself(predicted: Tensor, y: Tensor) -> Any:
    bad = predicted != y
    return [int(y[bad].mode().values), int(predicted[bad].mode().values)]


@confused.wrong("both directions are added up: 2 read as 7 and 7 read as 2 are two mistakes, each with its own count.")
def _both_directions(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(_mistaken(predicted, y) + _mistaken(predicted, y).T)


SHARES = "that compares shares: each {} was divided by its sum. The commonest mistake has the greatest count."


@confused.wrong(SHARES.format("row"))
def _shares_of_rows(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(_mistaken(predicted, y) / y.bincount(minlength=10).clamp(1).numpy()[:, None])


@confused.wrong(SHARES.format("column"))
def _shares_of_columns(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(_mistaken(predicted, y) / predicted.bincount(minlength=10).clamp(1).numpy())


@confused.wrong("that is how often it happens. The question is which pair it is.")
def _how_often(predicted: Tensor, y: Tensor) -> Any:
    return _mistaken(predicted, y).max()


@confused.wrong("the place was divided by 9: a row of the table holds ten counts, so divmod(place, 10).")
def _divided_by_nine(predicted: Tensor, y: Tensor) -> Any:
    return divmod(int(_mistaken(predicted, y).argmax()), 9)


@confused.wrong("the row or the column of the digit 9 is never looked at: range(9) ends at 8.")
def _without_the_nine(predicted: Tensor, y: Tensor) -> Any:
    return _greatest(_mistaken(predicted, y)[:9])


@confused.wrong("only the first right answer, that of 0, is struck out: all ten belong to the diagonal.")
def _only_zero_struck_out(predicted: Tensor, y: Tensor) -> Any:
    table = confusion_matrix(y, predicted, labels=range(10))
    table[0, 0] = 0
    return _greatest(table)


@confused.also_right
def _by_counting_pairs(predicted: Tensor, y: Tensor) -> Any:
    pairs = [(int(t), int(s)) for t, s in zip(y, predicted, strict=True) if t != s]
    return max(sorted(set(pairs)), key=pairs.count)


@confused.also_right
def _by_bincount(predicted: Tensor, y: Tensor) -> Any:
    place = (10 * y + predicted)[predicted != y].bincount(minlength=100).argmax()
    return torch.stack([place // 10, place % 10])
