"""Exercises of the lesson on one's own project: 15.1 to 15.5."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from helpers.lesson.exercise import Case, Exercise, distinct
from helpers.project import audit
from helpers.topics.questions.planted import FAULTS, parts

# ---------------------------------------------------------------- 15.1 a split by person


def _by_person(people: np.ndarray, n_test: int) -> np.ndarray:
    """Row by row: whoever is among the last n_test different names is in the test."""
    chosen = set(sorted(set(people.tolist()))[-n_test:])
    return np.array([i for i, person in enumerate(people.tolist()) if person in chosen])


def _rows_only(people: Any, n_test: Any) -> Any:
    return np.arange(len(people) - n_test, len(people))


def _people_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    return [Case("5 people, rows mixed", (rng.permutation(np.repeat([7, 3, 9, 4, 11], [4, 2, 5, 3, 6])), 2)),
            Case("people with names", (np.array(["bo", "al", "cy", "al", "di", "bo", "cy", "cy"]), 1)),
            Case("each person once", (np.array([5, 2, 8, 1, 9, 4]), 3)),
            Case("rows sorted by person", (np.repeat([1, 2, 3, 4], [3, 1, 7, 2]), 2)),
            Case("ids with holes", (rng.integers(0, 40, 60), 6))]


split_people = Exercise("15.1", kind="fix", given=_rows_only, oracle=_by_person, cases=_people_cases, whole=True, tolerance=0.0,
                        verified="every row of the last people, and no other, for people mixed, sorted, with names, and once each")


@split_people.wrong("these are the last rows as they lie; a person's other rows stay in training.")
def last_rows(people: Any, n_test: Any) -> Any:
    return _rows_only(people, n_test)


@split_people.wrong("one row a person: np.unique's return_index gives the first row alone.")
def first_row_of_each(people: Any, n_test: Any) -> Any:
    _, first = np.unique(people, return_index=True)
    return np.sort(first[-n_test:])


@split_people.wrong("these are the training rows: turn the mask round.")
def the_other_part(people: Any, n_test: Any) -> Any:
    return np.flatnonzero(~np.isin(people, np.unique(people)[-n_test:]))


@split_people.wrong("these are the first n_test people, and the last are asked for.")
def first_people(people: Any, n_test: Any) -> Any:
    return np.flatnonzero(np.isin(people, np.unique(people)[:n_test]))


@split_people.wrong("this is a mask of truths; give the rows, np.flatnonzero(mask).")
def a_mask(people: Any, n_test: Any) -> Any:
    return np.isin(people, np.unique(people)[-n_test:])


@split_people.also_right
def by_a_loop(people: Any, n_test: Any) -> Any:
    last = list(np.unique(people)[-n_test:])
    return [i for i, person in enumerate(people) if person in last]


@split_people.also_right
def by_search(people: Any, n_test: Any) -> Any:
    names, place = np.unique(people, return_inverse=True)
    return np.where(place >= len(names) - n_test)[0]


# ---------------------------------------------------------------- 15.2 moved copies

MOVES = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def _moved(x_train: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    known = {np.ascontiguousarray(x).tobytes() for x in x_train}
    return np.array([any(np.ascontiguousarray(np.roll(x, move, (0, 1))).tobytes() in known for move in MOVES) for x in x_test])


def _moved_cases() -> list[Case]:
    rng, cases = np.random.default_rng(1), []
    for n, m, h, w in (distinct(4, seed) for seed in range(3)):
        x, u = rng.random((n, h, w)).round(2), rng.random((m, h, w)).round(2)
        for k, move in enumerate([(0, 0), (1, 0), (0, -1), (-1, 1), (2, 0), (0, 3)]):
            u[k % m] = np.roll(x[k % n], move, (0, 1))
        cases.append(Case(f"{n} training and {m} test pictures of {h}×{w}", (x, u)))
    cases.append(Case("no copy at all", (rng.random((3, 5, 6)), rng.random((4, 5, 6)))))
    cases.append(Case("one test picture, moved along the diagonal", (rng.random((2, 4, 7)), rng.random((1, 4, 7)))))
    cases[-1].args[1][0] = np.roll(cases[-1].args[0][1], (1, 1), (0, 1))
    return cases


moved_copies = Exercise("15.2", oracle=_moved, cases=_moved_cases, tolerance=0.0, verified="copies unmoved, moved by a row, a column and both; those moved by two or three are none")


@moved_copies.wrong("only unmoved copies are found: try the nine moves of np.roll.")
def unmoved(x_train: Any, x_test: Any) -> Any:
    return np.array([any((x == t).all() for t in x_train) for x in x_test])


@moved_copies.wrong("rows and columns are moved one at a time: a copy moved along both is missed.")
def no_diagonal(x_train: Any, x_test: Any) -> Any:
    return np.array([any((np.roll(x, m, (0, 1)) == t).all() for t in x_train for m in MOVES if 0 in m) for x in x_test])


@moved_copies.wrong("a picture that shares *one* pixel with a training picture is no copy: all must agree.")
def any_pixel(x_train: Any, x_test: Any) -> Any:
    return np.array([any((np.roll(x, m, (0, 1)) == t).any() for t in x_train for m in MOVES) for x in x_test])


@moved_copies.wrong("it says which *training* pictures have a copy; one answer for each test picture is asked for.")
def of_training(x_train: Any, x_test: Any) -> Any:
    return _moved(x_test, x_train)


@moved_copies.wrong("moves by two rows or columns count too here; at most one is asked for.")
def too_far(x_train: Any, x_test: Any) -> Any:
    far = [(i, j) for i in range(-2, 3) for j in range(-2, 3)]
    return np.array([any((np.roll(x, m, (0, 1)) == t).all() for t in x_train for m in far) for x in x_test])


@moved_copies.also_right
def by_arrays(x_train: Any, x_test: Any) -> Any:
    return np.any([(np.roll(x_test, m, (1, 2))[:, None] == x_train[None]).all((2, 3)).any(1) for m in MOVES], 0)


@moved_copies.also_right
def training_moved(x_train: Any, x_test: Any) -> Any:
    known = {np.roll(t, m, (0, 1)).tobytes() for t in x_train for m in MOVES}
    return [x.tobytes() in known for x in x_test]


# ---------------------------------------------------------------- 15.4 a test for standardise

def by_hand(train: Any, test: Any) -> Any:
    """a program by hand"""
    mean, spread = train.mean(0), train.std(0)
    return (train - mean) / spread, (test - mean) / spread


def by_scikit_learn(train: Any, test: Any) -> Any:
    """scikit-learn's StandardScaler"""
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def each_its_own(train: Any, test: Any) -> Any:
    """a program that scales the test with the test's own mean and spread"""
    return by_hand(train, train)[0], by_hand(test, test)[0]


def of_both(train: Any, test: Any) -> Any:
    """a program that fits on both parts together"""
    both = np.vstack([train, test])
    return tuple((part - both.mean(0)) / both.std(0) for part in (train, test))


def test_as_it_is(train: Any, test: Any) -> Any:
    """a program that leaves the test as it is"""
    return by_hand(train, test)[0], test


def mean_alone(train: Any, test: Any) -> Any:
    """a program that subtracts the mean, and stops there"""
    return train - train.mean(0), test - train.mean(0)


def over_all_columns(train: Any, test: Any) -> Any:
    """a program with one mean and one spread for all columns"""
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


scaled = Exercise("15.4", kind="test", right=[by_hand, by_scikit_learn], wrong_programs=[each_its_own, of_both, test_as_it_is, mean_alone, over_all_columns])


def _tables() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal([0, 5, -3], [1, 10, 0.1], (60, 3)), rng.normal([1, 6, -2], [2, 10, 0.1], (40, 3))


@scaled.wrong("it looks at the training part alone; what is done to the test part is the point.")
def training_only(standardise: Any) -> None:
    train, _ = standardise(*_tables())
    assert np.allclose(train.mean(0), 0)
    assert np.allclose(train.std(0), 1)


@scaled.wrong("it asks that the test part, too, has mean 0: only a program that scales it by itself can do that.")
def test_centred(standardise: Any) -> None:
    assert np.allclose(standardise(*_tables())[1].mean(0), 0)


@scaled.wrong("it asks for the shapes alone.")
def shapes_only(standardise: Any) -> None:
    a, b = _tables()
    assert standardise(a, b)[1].shape == b.shape


@scaled.wrong("its two parts have the same mean and spread, so that a program may take either: let the test's be others.")
def both_alike(standardise: Any) -> None:
    a, _ = _tables()
    train, test = standardise(a, a.copy())
    assert np.allclose(train, test)
    assert np.allclose(train.std(0), 1)
    assert np.allclose(train.mean(0), 0)


@scaled.also_right
def recomputed(standardise: Any) -> None:
    a, b = _tables()
    train, test = standardise(a, b)
    assert np.allclose(train, (a - a.mean(0)) / a.std(0))
    assert np.allclose(test, (b - a.mean(0)) / a.std(0))


@scaled.also_right
def by_a_row_of_training(standardise: Any) -> None:
    a, b = _tables()
    train, test = standardise(a, np.vstack([a[:5], b]))
    assert np.allclose(test[:5], train[:5])
    assert np.allclose(train.mean(0), 0)
    assert np.allclose(train.std(0), 1)


# ---------------------------------------------------------------- 15.5 the lines of a project

_SPLIT, _SCALER, _SCALE = "train, val, test = split(data)", "scaler = StandardScaler().fit(____)", "train, val, test = map(scaler.transform, (train, val, test))"
_PLAIN, _MODELS, _BEST, _END = "plain = score(baseline(train), val)", "models = [fit(train, lr) for lr in rates]", "best = max(models, key=lambda m: score(m, ____))", "print(score(best, test), plain)"
project = Exercise(
    "15.5", kind="order", verified="split, scale by training, baseline, models, choice on validation, one look at the test",
    lines=[_SPLIT, _SCALER, _SCALE, _PLAIN, _MODELS, _BEST, _END],
    gaps={_SCALER: (["train", "data", "test"], "train"), _BEST: (["val", "test", "train"], "val")},
    distractors={"scaler = StandardScaler().fit(data)": "the scaler would know the test part's mean and spread.",
                 "lr = max(rates, key=lambda r: score(fit(train, r), test))": "a rate chosen on the test part makes its score a flattering one."},
    needs={_SPLIT: [], _SCALER: [_SPLIT], _SCALE: [_SCALER], _PLAIN: [_SCALE], _MODELS: [_SCALE], _BEST: [_MODELS], _END: [_BEST, _PLAIN]})
_BY_TRAIN, _BY_VAL = _SCALER.replace("____", "train"), _BEST.replace("____", "val")


@project.wrong("the scaler is fitted before the data are split.")
def scales_first() -> Any:
    return [_BY_TRAIN, _SPLIT, _SCALE, _PLAIN, _MODELS, _BY_VAL, _END]


@project.wrong("the best is chosen by its score on the test part: that score is then no honest one.")
def chosen_on_test() -> Any:
    return [_SPLIT, _BY_TRAIN, _SCALE, _PLAIN, _MODELS, _BEST.replace("____", "test"), _END]


@project.wrong("the test is opened before the best model is chosen.")
def opened_early() -> Any:
    return [_SPLIT, _BY_TRAIN, _SCALE, _PLAIN, _MODELS, _END, _BY_VAL]


@project.wrong("the scaler is fitted on the test part.")
def by_the_test() -> Any:
    return [_SPLIT, _SCALER.replace("____", "test"), _SCALE, _PLAIN, _MODELS, _BY_VAL, _END]


@project.also_right
def baseline_later() -> Any:
    return [_SPLIT, _BY_TRAIN, _SCALE, _MODELS, _PLAIN, _BY_VAL, _END]


@project.also_right
def baseline_last() -> Any:
    return [_SPLIT, _BY_TRAIN, _SCALE, _MODELS, _BY_VAL, _PLAIN, _END]


# ---------------------------------------------------------------- 15.3 four projects, four faults

#: Letter → fault and its share.
PROJECTS = {"A": ("another device", 0.1), "B": ("wrong training labels", 0.2), "C": ("a note made afterwards", 0.3), "D": ("copies in the test", 0.3)}


@functools.cache
def symptoms() -> dict[str, dict[str, float]]:
    """What can be measured of four projects without being told their fault, letter → name → number."""
    from sklearn.neighbors import KNeighborsClassifier
    found = {}
    for letter, (fault, share) in PROJECTS.items():
        own = parts(0)
        x, y, u, v = FAULTS[fault](*own, share, np.random.default_rng(0))
        report = audit(x, y, u, v)
        unknown = np.zeros((len(u), x.shape[1] - own[2].shape[1]))
        model = KNeighborsClassifier(1).fit(x, y)
        folds = GroupKFold(5).split(x, groups=np.arange(len(x)) % 5)
        inside = np.mean([KNeighborsClassifier(1).fit(x[a], y[a]).score(x[b], y[b]) for a, b in folds])
        best = max(max(auc, 1 - auc) for auc in (roc_auc_score(y, x[:, j]) for j in range(x.shape[1])))
        found[letter] = {"score on its test": float(model.score(u, v)), "score in use": float(model.score(np.hstack([own[2], unknown]), own[3])),
                         "cross-validated": float(inside), "test tells from training (AUC)": report["drift"].value,
                         "copies": report["copies"].value, "best single feature (AUC)": float(best)}
    return found


def _diagnosed(got: Any) -> str | None:
    if not isinstance(got, dict):
        return f"expected a dictionary, letter → fault, got {type(got).__name__}"
    strange = [str(value) for value in got.values() if value not in FAULTS]
    if strange:
        return f"{strange[0]!r} is none of the four faults: copy them as they stand in the list"
    missing = [letter for letter in PROJECTS if letter not in got]
    if missing:
        return f"there is no fault for {', '.join(missing)}"
    if len(set(got.values())) < len(got):
        return "one fault is named twice: each project has another"
    wrong = [letter for letter, (fault, _) in PROJECTS.items() if got[letter] != fault]
    return f"look again at {len(wrong)} of the four, {wrong[0]} among them" if wrong else None


_TRUTH = {letter: fault for letter, (fault, _) in PROJECTS.items()}
diagnosis = Exercise("15.3", kind="value", judge=_diagnosed, verified="the fault that was planted in each of the four projects")


@diagnosis.wrong("look again at 2 of the four, C among them")
def leaks_exchanged() -> Any:
    return _TRUTH | {"C": "copies in the test", "D": "a note made afterwards"}


@diagnosis.wrong("look again at 2 of the four, A among them")
def poor_ones_exchanged() -> Any:
    return _TRUTH | {"A": "wrong training labels", "B": "another device"}


@diagnosis.wrong("there is no fault for D")
def three_only() -> Any:
    return {letter: _TRUTH[letter] for letter in "ABC"}


@diagnosis.wrong("'copies' is none of the four faults")
def shortened() -> Any:
    return _TRUTH | {"D": "copies"}


@diagnosis.wrong("one fault is named twice")
def twice() -> Any:
    return _TRUTH | {"B": "another device"}


@diagnosis.also_right
def as_planted() -> Any:
    return dict(_TRUTH)


@diagnosis.also_right
def in_another_order() -> Any:
    return dict(reversed(_TRUTH.items()))
