"""Checks of chapter 05, scale, augmentation and conversion."""


from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
import torch
from sklearn.preprocessing import StandardScaler

from helpers.data import digits
from helpers.lesson.exercise import Case, Exercise, Met, distinct
from helpers.lesson.promises import measured
from helpers.topics.preprocessing.changes import LIMITS, policy_change, train_in_steps
from helpers.training import evaluate

# ---------------------------------------------------------------- 5.6 whose mean

def _scale_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    n, m, d = distinct(3, seed=5, least=4)
    return [
        Case(f"{n} training rows, {m} test rows, {d} columns", (rng.normal(3, 2, (n, d)), rng.normal(4, 1, (m, d)))),
        Case("a single test row", (rng.normal(size=(9, 4)), rng.normal(size=(1, 4)))),
        Case("columns in very different units", (rng.normal(size=(30, 3)) * [1e-6, 1, 1e6], rng.normal(size=(7, 3)) * [1e-6, 1, 1e6])),
        Case("a test part far from the training part", (rng.normal(size=(20, 2)), rng.normal(50, 9, (5, 2)))),
    ]


def _oracle_scale(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def _given_scale(train: Any, test: Any) -> Any:
    mean, spread = train.mean(0), train.std(0)
    return (train - mean) / spread, (test - test.mean(0)) / (test.std(0) + 1e-12)


whose_mean = Exercise("5.6", kind="fix", given=_given_scale, oracle=_oracle_scale, cases=_scale_cases, tolerance=1e-6,
                      verified="scikit-learn's StandardScaler, fitted on the training rows, gives the same; a single test row and odd units included")


@whose_mean.wrong("mean and spread are of training and test rows together: that is the leak of lesson 05a. Take the training rows' alone.")
def _both(train: Any, test: Any) -> Any:
    rows = np.concatenate([train, test])
    return (train - rows.mean(0)) / rows.std(0), (test - rows.mean(0)) / rows.std(0)


@whose_mean.wrong("the spread is still the test part's own.")
def _own_spread(train: Any, test: Any) -> Any:
    mean = train.mean(0)
    return (train - mean) / train.std(0), (test - mean) / (test.std(0) + 1e-12)


@whose_mean.wrong("the mean is still the test part's own.")
def _own_mean(train: Any, test: Any) -> Any:
    spread = train.std(0)
    return (train - train.mean(0)) / spread, (test - test.mean(0)) / spread


@whose_mean.wrong("one mean and one spread for all columns. Each column has its own: mean(0), std(0).")
def _all_columns(train: Any, test: Any) -> Any:
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


@whose_mean.wrong("it divides by the variance. Divide by its root, the standard deviation.")
def _variance(train: Any, test: Any) -> Any:
    return (train - train.mean(0)) / train.var(0), (test - train.mean(0)) / train.var(0)


@whose_mean.wrong("the spread divides by n − 1 (ddof=1, or torch's std): the task has std(0), which divides by n.")
def _one_less(train: Any, test: Any) -> Any:
    mean, spread = train.mean(0), train.std(0, ddof=1)
    return (train - mean) / spread, (test - mean) / spread


@whose_mean.also_right
def _by_torch(train: Any, test: Any) -> Any:
    a, b = torch.from_numpy(train), torch.from_numpy(test)
    mean, spread = a.mean(0, keepdim=True), a.std(0, correction=0, keepdim=True)
    return (a - mean) / spread, (b - mean) / spread


@whose_mean.also_right
def _column_by_column(train: Any, test: Any) -> Any:
    a, b = train.copy(), test.copy()
    for d in range(train.shape[1]):
        mean = sum(train[:, d]) / len(train)
        spread = (sum((train[:, d] - mean) ** 2) / len(train)) ** 0.5
        a[:, d], b[:, d] = (a[:, d] - mean) / spread, (b[:, d] - mean) / spread
    return a, b


# ---------------------------------------------------------------- 5.7 turn about the middle

def _turn_cases() -> list[Case]:
    return [Case(f"{angle}° on {h}×{w} pixels", (angle, h, w)) for angle, h, w in ((30, 28, 28), (-70, 20, 31), (90, 9, 4), (180, 27, 28), (0, 5, 8), (400, 600, 1000))]


def _oracle_turn(angle: float, h: int, w: int) -> np.ndarray:
    return cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), angle, 1)


turn_matrix = Exercise("5.7", oracle=_oracle_turn, cases=_turn_cases, tolerance=1e-6,
                       verified="cv2.getRotationMatrix2D gives the same for six angles and sizes")


def _turned(angle: Any, h: Any, w: Any, middle: Any = None, sign: Any = 1, radians: Any = np.deg2rad) -> Any:
    c, s = np.cos(radians(angle)), sign * np.sin(radians(angle))
    x, y = ((w - 1) / 2, (h - 1) / 2) if middle is None else middle(h, w)
    return np.array([[c, s, x - c * x - s * y], [-s, c, y + s * x - c * y]])


@turn_matrix.wrong("it turns clockwise. The y axis of a picture points down, so anticlockwise has +sin above and −sin below.")
def _clockwise(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w, sign=-1)


@turn_matrix.wrong("it turns about the corner (0, 0): the third column, which brings the middle back to its place, is missing.")
def _corner(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w, middle=lambda h, w: (0, 0))


@turn_matrix.wrong("the angle is in degrees; np.cos and np.sin want radians: np.deg2rad(angle).")
def _in_radians(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w, radians=lambda a: a)


@turn_matrix.wrong("the middle of w pixels numbered from 0 is (w − 1)/2, not w/2: with w/2 the picture moves by half a pixel.")
def _half_a_pixel(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w, middle=lambda h, w: (w / 2, h / 2))


@turn_matrix.wrong("x and y of the middle are exchanged: x goes with the width, y with the height.")
def _x_and_y(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w, middle=lambda h, w: ((h - 1) / 2, (w - 1) / 2))


@turn_matrix.wrong("this is 3×3; cv2.warpAffine wants the first two rows.")
def _three_rows(angle: Any, h: Any, w: Any) -> Any:
    return np.vstack([_turned(angle, h, w), [0, 0, 1]])


@turn_matrix.wrong("the third column is the middle itself. It must bring the turned middle back to its place: b = m − A m.")
def _only_the_middle(angle: Any, h: Any, w: Any) -> Any:
    turned = _turned(angle, h, w)
    turned[:, 2] = (w - 1) / 2, (h - 1) / 2
    return turned


@turn_matrix.wrong("the third column has the wrong sign: A m + b = m, so b = m − A m.")
def _column_turned_round(angle: Any, h: Any, w: Any) -> Any:
    return _turned(angle, h, w) * [1, 1, -1]


@turn_matrix.also_right
def _by_three_matrices(angle: Any, h: Any, w: Any) -> Any:
    """To the origin, turn, back."""
    c, s = np.cos(np.pi * angle / 180), np.sin(np.pi * angle / 180)
    x, y = (w - 1) / 2, (h - 1) / 2
    there, back = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]]), np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
    return (back @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) @ there)[:2]


@turn_matrix.also_right
def _by_complex_numbers(angle: Any, h: Any, w: Any) -> Any:
    turn, middle = np.exp(-1j * np.radians(angle)), complex((w - 1) / 2, (h - 1) / 2)
    moved = middle - turn * middle
    return [[turn.real, -turn.imag, moved.real], [turn.imag, turn.real, moved.imag]]


# ---------------------------------------------------------------- 5.10 bytes to a tensor

def _bytes_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    h, w = distinct(2, seed=3, least=5)
    return [
        Case(f"a {h}×{w} picture", (rng.integers(0, 256, (h, w, 3), np.uint8),)),
        Case("a 3×7 picture", (rng.integers(0, 256, (3, 7, 3), np.uint8),)),
        Case("a picture of one pixel, all white", (np.full((1, 1, 3), 255, np.uint8),)),
        Case("every other column of a picture, which is not contiguous in memory", (rng.integers(0, 256, (6, 10, 3), np.uint8)[:, ::2],)),
        Case("a picture turned upside down by a negative step", (rng.integers(0, 256, (5, 4, 3), np.uint8)[::-1],)),
    ]


def _oracle_bytes(picture: np.ndarray) -> torch.Tensor:
    h, w, _ = picture.shape
    return torch.tensor([[[int(picture[i, j, 2 - c]) / 255 for j in range(w)] for i in range(h)] for c in range(3)])


to_tensor = Exercise("5.10", oracle=_oracle_bytes, cases=_bytes_cases, dtype=torch.float32, tolerance=1e-6,
                     verified="five pictures agree with a loop over channels, rows and columns; not contiguous ones and one of a single pixel among them")


def _chw(picture: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1])).permute(2, 0, 1).float() / 255


@to_tensor.wrong("red and blue are still exchanged: OpenCV keeps blue first. Turn the last axis round: picture[:, :, ::-1].")
def _still_bgr(picture: Any) -> Any:
    return _chw(picture[:, :, ::-1])


@to_tensor.wrong("reshape keeps the order of the numbers and cuts them anew: colours and places are mixed. Use permute or transpose.")
def _reshaped(picture: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1])).reshape(3, *picture.shape[:2]).float() / 255


@to_tensor.wrong("the values still go from 0 to 255: divide by 255.")
def _bytes_left(picture: Any) -> Any:
    return _chw(picture) * 255


@to_tensor.wrong("the last axis is still the colour: it must come first, (C, H, W).")
def _hwc(picture: Any) -> Any:
    return _chw(picture).permute(1, 2, 0)


@to_tensor.wrong("rows and columns are exchanged: .T turns all axes round. Use permute(2, 0, 1).")
def _all_axes_round(picture: Any) -> Any:
    return _chw(picture).transpose(1, 2)


@to_tensor.wrong("// divides whole numbers: all but 255 become 0.")
def _whole_division(picture: Any) -> Any:
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1] // 255)).permute(2, 0, 1).float()


@to_tensor.wrong("this divides by 256: 255 must become 1.")
def _by_256(picture: Any) -> Any:
    return _chw(picture) * 255 / 256


@to_tensor.also_right
def _by_opencv(picture: Any) -> Any:
    rgb = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2RGB)
    return torch.tensor(rgb.transpose(2, 0, 1) / 255, dtype=torch.float32)


@to_tensor.also_right
def _by_stacking(picture: Any) -> Any:
    return torch.stack([torch.tensor(picture[..., c].astype(np.float32)) / 255 for c in (2, 1, 0)])


# ---------------------------------------------------------------- 5.9 the honest order

_SPLIT, _SCALE, _MODEL = "train, test = split_by_writer(x, y)", "mean, spread = x[train].mean(), x[train].std()", "model = make_model()"
_EPOCHS, _ROWS, _SEEN = "for epoch in range(n_epochs):", "    for rows in batches(train):", "        seen = (augment(x[rows]) - mean) / spread"
_STEP, _SCORE = "        step(loss(model(seen), y[rows]))", "accuracy = score(model, (x[____] - mean) / spread)"
_SCORED = _SCORE.replace("____", "test")

honest_order = Exercise(
    "5.9", kind="order", verified="split, then fit the scale, then change only training batches",
    lines=[_SPLIT, _SCALE, _MODEL, _EPOCHS, _ROWS, _SEEN, _STEP, _SCORE],
    gaps={_SCORE: (["train", "test", "rows"], "test")},
    needs={_SCALE: [_SPLIT], _EPOCHS: [_SPLIT, _SCALE, _MODEL], _ROWS: [_EPOCHS], _SEEN: [_ROWS], _STEP: [_SEEN], _SCORE: [_STEP]},
    distractors={
        "x, y = augment(x), y": "augmentation before the split puts relatives on both sides, and here it would change the test pictures as well.",
        "mean, spread = x.mean(), x.std()": "the scale would be fitted on the test rows as well.",
        "x[test] = augment(x[test])": "the test part stays as it is: it stands for new data."})


@honest_order.also_right
def _model_first() -> Any:
    return [_MODEL, _SPLIT, _SCALE, _EPOCHS, _ROWS, _SEEN, _STEP, _SCORED]


@honest_order.also_right
def _model_second() -> Any:
    return [_SPLIT, _MODEL, _SCALE, _EPOCHS, _ROWS, _SEEN, _STEP, _SCORED]


@honest_order.wrong("stands too early: something below must come before it")
def _scale_first() -> Any:
    return [_SCALE, _SPLIT, _MODEL, _EPOCHS, _ROWS, _SEEN, _STEP, _SCORED]


@honest_order.wrong("the lines are right, but not what fills this gap")
def _scored_on_training() -> Any:
    return [_SPLIT, _SCALE, _MODEL, _EPOCHS, _ROWS, _SEEN, _STEP, _SCORE.replace("____", "train")]


# ---------------------------------------------------------------- 5.8 a policy for 125 digits

BAR, PLAIN = 0.89, 0.78


@functools.cache
def _accuracy(limits: tuple[tuple[str, float], ...]) -> float:
    """Mean validation accuracy of two trainings on 125 digits."""
    data = digits(3500, 500)
    x, y = (t[:125] for t in data.train)
    models = (train_in_steps(x, y, n_steps=150, change=policy_change(dict(limits)), seed=seed) for seed in range(2))
    return float(np.mean([evaluate(model, data.val)[1] for model in models]))


def _judge_policy(got: Any) -> str | Met:
    if not isinstance(got, dict) or not all(isinstance(v, (int, float)) and not isinstance(v, bool) and v >= 0 for v in got.values()):
        return "give back a dictionary: name → limit, a number from 0 up"
    unknown = sorted(str(name) for name in set(got) - set(LIMITS))
    if unknown:
        return f"{', '.join(unknown)}: the names are {', '.join(LIMITS)}"
    reached = _accuracy(tuple(sorted((name, float(limit)) for name, limit in got.items())))
    return Met(f"validation accuracy {measured(reached)}, the target was {BAR}") if reached >= BAR else f"validation accuracy {reached:.3f}, and the target is {BAR} (without any change: about {PLAIN})"


policy = Exercise("5.8", kind="target", judge=_judge_policy, cases=lambda: [Case("two networks trained on 125 digits", ())],
                  verified="two networks were trained with your limits, 150 steps each, and read 500 validation digits")


@policy.wrong("nothing is changed: this is the plain network.")
def _nothing() -> Any:
    return {}


@policy.wrong("noise alone covers strokes and moves none: the new digits differ in how they lie, not in how grainy they are.")
def _noise_alone() -> Any:
    return {"noise": 0.2}


@policy.wrong("mirrored digits are no digits of this alphabet: the network must learn signs that never come.")
def _mirrored() -> Any:
    return {"mirror": 0.5}


@policy.wrong("turned by up to 180° a 6 is a 9, and steps are spent on ways to lie that never come.")
def _any_way_up() -> Any:
    return {"turn": 180, "shift": 1}


@policy.wrong("half turns exchange 6 and 9, with their labels kept.")
def _half_turned() -> Any:
    return {"half_turn": 0.5, "turn": 5}


@policy.wrong("too much of everything: most of these digits no person would read.")
def _far_too_much() -> Any:
    return {"turn": 90, "scale": 0.9, "slant": 1.0, "shift": 12, "noise": 1.0}


@policy.also_right
def _shifts_and_turns() -> Any:
    return {"shift": 2, "turn": 10}


@policy.also_right
def _all_four_a_little() -> Any:
    return {"turn": 8, "scale": 0.1, "slant": 0.12, "shift": 1.5, "noise": 0.0}
