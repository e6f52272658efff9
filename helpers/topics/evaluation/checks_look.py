"""Exercises of the lesson on pictures: 9.7 to 9.10."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.lesson.exercise import Case, Exercise, distinct, solution_lines
from helpers.topics.evaluation.mystery import SECRETS

# ---------------------------------------------------------------- 9.7 folds

def _judge_folds(got: Any, n: int, k: int, seed: int) -> str | None:
    pairs = list(got)
    if len(pairs) != k or any(not isinstance(pair, (tuple, list)) or len(pair) != 2 for pair in pairs):
        return f"expected a list of {k} pairs (train, val), got {len(pairs)} things"
    trains, vals = ([np.asarray(pair[j]) for pair in pairs] for j in (0, 1))
    sizes = [len(val) for val in vals]
    if any(val.dtype.kind not in "iu" for val in [*trains, *vals] if val.size):
        return "places must be whole numbers"
    met = np.bincount(np.concatenate(vals).astype(int), minlength=n) if sum(sizes) else np.zeros(n, int)
    if len(met) > n or (met != 1).any():
        return f"each of the {n} places must be in val exactly once; {int((met[:n] == 0).sum())} are never there, {int((met[:n] > 1).sum())} more than once"
    for i, (train, val) in enumerate(zip(trains, vals, strict=True)):
        if set(train.tolist()) & set(val.tolist()):
            return f"fold {i}: {len(set(train.tolist()) & set(val.tolist()))} places are in train and in val"
        if len(set(train.tolist())) != n - len(val) or len(train) != n - len(val):
            return f"fold {i}: train has {len(train)} places; all {n - len(val)} others belong there"
    if max(sizes) - min(sizes) > 1:
        return f"the sizes of the val parts are {sizes}: they may differ by one at most"
    if n > 20 and all((np.diff(val) == 1).all() for val in vals):
        return "the places are not shuffled"
    return None


def _fold_cases() -> list[Case]:
    n, k = 30 + distinct(2)[0], distinct(2)[1]
    return [Case("a number that k does not divide", (37, 5, 0)), Case("drawn sizes", (n, k, 3)), Case("two folds", (24, 2, 1)), Case("as many folds as places", (7, 7, 2))]


cut = Exercise("9.7", judge=_judge_folds, cases=_fold_cases, verified="each place is in val once, never in train at the same time, and the sizes are even")


@cut.wrong("the rest of the division is lost: n // k places a part leave some out. np.array_split cuts all.")
def rest_lost(n: Any, k: Any, seed: Any) -> Any:
    order, size = np.random.default_rng(seed).permutation(n), n // k
    vals = [order[i * size:(i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, val), val) for val in vals]


@cut.wrong("train holds all places, those of val too: that is a leak.")
def train_is_all(n: Any, k: Any, seed: Any) -> Any:
    order = np.random.default_rng(seed).permutation(n)
    return [(order, val) for val in np.array_split(order, k)]


@cut.wrong("a new shuffle for each fold: then some places are never tested, and others twice.")
def shuffled_anew(n: Any, k: Any, seed: Any) -> Any:
    rng = np.random.default_rng(seed)
    found = []
    for i in range(k):
        parts = np.array_split(rng.permutation(n), k)
        found.append((np.concatenate(parts[:i] + parts[i + 1:]), parts[i]))
    return found


@cut.wrong("the places are not shuffled")
def in_order(n: Any, k: Any, seed: Any) -> Any:
    parts = np.array_split(np.arange(n), k)
    return [(np.concatenate(parts[:i] + parts[i + 1:]), parts[i]) for i in range(k)]


@cut.wrong("train and val are exchanged: the small part is val.")
def exchanged(n: Any, k: Any, seed: Any) -> Any:
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(parts[i], np.concatenate(parts[:i] + parts[i + 1:])) for i in range(k)]


@cut.also_right
def by_modulo(n: Any, k: Any, seed: Any) -> Any:
    fold = np.random.default_rng(seed).permutation(n) % k
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]


@cut.also_right
def by_scikit_learn(n: Any, k: Any, seed: Any) -> Any:
    from sklearn.model_selection import KFold

    return list(KFold(k, shuffle=True, random_state=seed).split(np.zeros((n, 1))))


# ---------------------------------------------------------------- 9.8 Grad-CAM

grad_cam_order = Exercise(
    "9.8", kind="order", verified="maps, logits, gradient, weights, sum: that is Grad-CAM",
    lines=["def grad_cam(model, x, y):",
           "    maps = model.features[:-1](x).detach().requires_grad_()",
           "    logits = model.classify(model.features[-1](maps).flatten(1))",
           "    score = logits[torch.arange(len(y)), y].sum()",
           "    (gradient,) = torch.autograd.grad(score, ____)",
           "    weight = gradient.mean(____, keepdim=True)",
           "    cam = (weight * maps).sum(____)",
           "    return cam.relu()"],
    gaps={"    (gradient,) = torch.autograd.grad(score, ____)": (["maps", "x", "model.parameters()"], "maps"),
          "    weight = gradient.mean(____, keepdim=True)": (["(2, 3)", "1", "0"], "(2, 3)"),
          "    cam = (weight * maps).sum(____)": (["1", "(2, 3)"], "1")},
    distractors={"    weight = maps.mean((2, 3), keepdim=True)": "the weight of a map is the mean of its gradient, not of the map.",
                 "    score = logits.softmax(1).max()": "that is one number of one picture; the logit of y of each picture is asked for."},
    needs={"    logits = model.classify(model.features[-1](maps).flatten(1))": ["def grad_cam(model, x, y):", "    maps = model.features[:-1](x).detach().requires_grad_()"],
           "    maps = model.features[:-1](x).detach().requires_grad_()": ["def grad_cam(model, x, y):"],
           "    score = logits[torch.arange(len(y)), y].sum()": ["    logits = model.classify(model.features[-1](maps).flatten(1))"],
           "    (gradient,) = torch.autograd.grad(score, ____)": ["    score = logits[torch.arange(len(y)), y].sum()"],
           "    weight = gradient.mean(____, keepdim=True)": ["    (gradient,) = torch.autograd.grad(score, ____)"],
           "    cam = (weight * maps).sum(____)": ["    weight = gradient.mean(____, keepdim=True)"],
           "    return cam.relu()": ["    cam = (weight * maps).sum(____)"]})


@grad_cam_order.wrong("stands too early")
def gradient_before_logits() -> list[str]:
    lines = solution_lines(grad_cam_order)
    return [*lines[:2], lines[4], *lines[2:4], *lines[5:]]


@grad_cam_order.wrong("not what fills this gap")
def mean_over_maps() -> list[str]:
    return [line.replace("mean((2, 3)", "mean(1") for line in solution_lines(grad_cam_order)]


@grad_cam_order.wrong("1 line is missing")
def without_relu() -> list[str]:
    return solution_lines(grad_cam_order)[:-1]


def _indented_once() -> list[str]:
    return [line.rstrip() for line in solution_lines(grad_cam_order)]


grad_cam_order.also_right(_indented_once)


@grad_cam_order.also_right
def with_trailing_blanks() -> list[str]:
    return [line + "  " for line in solution_lines(grad_cam_order)]


# ---------------------------------------------------------------- 9.9 who follows what?

def _judge_verdicts(got: Any) -> str | None:
    if not isinstance(got, dict) or set(got) != set(SECRETS):
        return f"expected a dictionary with the keys {', '.join(SECRETS)}"
    unknown = [v for v in got.values() if v not in SECRETS.values()]
    if unknown:
        return f"{unknown[0]!r} is none of honest, mark, ink"
    wrong = [name for name in SECRETS if got[name] != SECRETS[name]]
    return f"look again at {' and '.join(wrong)}" if wrong else None


who = Exercise("9.9", kind="value", judge=_judge_verdicts, verified="one reads the ink, one the mark, one the digit")


@who.wrong("look again at A")
def maps_alone() -> Any:
    return {"A": "honest", "B": "honest", "C": "mark"}


@who.wrong("look again at A and B")
def the_wrong_one() -> Any:
    return {"A": "honest", "B": "ink", "C": "mark"}


@who.wrong("look again at A and C")
def cues_exchanged() -> Any:
    return {"A": "mark", "B": "honest", "C": "ink"}


@who.wrong("expected a dictionary with the keys A, B, C")
def one_missing() -> Any:
    return {"A": "ink", "C": "mark"}


@who.wrong("'brightness' is none of honest, mark, ink")
def another_word() -> Any:
    return {"A": "brightness", "B": "honest", "C": "mark"}


@who.also_right
def in_another_order() -> Any:
    return {"C": "mark", "B": "honest", "A": "ink"}


@who.also_right
def from_pairs() -> Any:
    return dict(zip("BAC", ("honest", "ink", "mark"), strict=True))


# ---------------------------------------------------------------- 9.10 the test set used twice

def used_twice(networks: Any, val: Any, test: Any) -> Any:
    x, y = test
    scores = [float((network(x) == y).mean()) for network in networks]
    best = int(np.argmax(scores))
    return best, scores[best]


class _Network:
    """A stand-in for a network: it reads a given share of the pictures of each part rightly; a picture is its own number."""

    def __init__(self, answers: dict[int, int]) -> None:
        self.answers = answers

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.array([self.answers[int(i)] for i in x])


def _honest_report(networks: Any, val: Any, test: Any) -> Any:
    """Each accuracy by counting."""
    shares = [sum(a == b for a, b in zip(network(val[0]), val[1], strict=True)) / len(val[1]) for network in networks]
    best = max(range(len(networks)), key=lambda i: shares[i])
    return best, sum(a == b for a, b in zip(networks[best](test[0]), test[1], strict=True)) / len(test[1])


def _networks(rights: list[tuple[int, int]], n_val: int, n_test: int) -> tuple[Any, Any, Any]:
    """Networks that read (right on val, right on test) pictures rightly; all labels are 1."""
    x_val, x_test = np.arange(n_val), n_val + np.arange(n_test)
    made = [_Network({i: int(i < a if i < n_val else i - n_val < b) for i in range(n_val + n_test)}) for a, b in rights]
    return made, (x_val, np.ones(n_val, int)), (x_test, np.ones(n_test, int))


twice = Exercise("9.10", kind="fix", given=used_twice, oracle=_honest_report, verified="the choice is made on val, and one accuracy is taken from test",
                 cases=lambda: [Case("the best on test is another than the best on val", _networks([(8, 9), (9, 11), (5, 13)], 10, 16)),
                                Case("one network", _networks([(4, 3)], 6, 7)), Case("five networks", _networks([(11, 20), (14, 12), (13, 22), (12, 18), (9, 24)], 15, 25)),
                                Case("the same best on both", _networks([(2, 3), (6, 8), (4, 7)], 7, 9))])


@twice.wrong("it chooses on val, and reports the val score of the winner: that promises too much.")
def val_reported(networks: Any, val: Any, test: Any) -> Any:
    x, y = val
    scores = [float((network(x) == y).mean()) for network in networks]
    best = int(np.argmax(scores))
    return best, scores[best]


@twice.wrong("it chooses on val, but reports the best test score of all: test has chosen once more.")
def best_of_both(networks: Any, val: Any, test: Any) -> Any:
    best = val_reported(networks, val, test)[0]
    return best, max(float((network(test[0]) == test[1]).mean()) for network in networks)


@twice.wrong("test takes part in the choice: the scores of both were added.")
def chosen_on_both(networks: Any, val: Any, test: Any) -> Any:
    scores = [float((network(val[0]) == val[1]).mean()) + float((network(test[0]) == test[1]).mean()) for network in networks]
    best = int(np.argmax(scores))
    return best, float((networks[best](test[0]) == test[1]).mean())


@twice.wrong("that reports the mean of all networks; the chosen one alone is asked for.")
def mean_reported(networks: Any, val: Any, test: Any) -> Any:
    best = val_reported(networks, val, test)[0]
    return best, float(np.mean([(network(test[0]) == test[1]).mean() for network in networks]))


@twice.also_right
def with_a_helper(networks: Any, val: Any, test: Any) -> Any:
    def share(network: Any, part: Any) -> float:
        return float(np.mean(network(part[0]) == part[1]))

    best = max(range(len(networks)), key=lambda i: share(networks[i], val))
    return best, share(networks[best], test)


@twice.also_right
def by_errors(networks: Any, val: Any, test: Any) -> Any:
    errors = np.array([(network(val[0]) != val[1]).sum() for network in networks])
    best = int(errors.argmin())
    return best, 1 - (networks[best](test[0]) != test[1]).mean()
