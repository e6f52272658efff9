"""Checks of chapter 05, splits and labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression

from helpers.lesson.exercise import Case, Exercise

# ---------------------------------------------------------------- 5.1 stratified split

def _stratified_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    return [
        Case("40 labels of three classes, sorted, a share of 0.25", (np.repeat([0, 1, 2], [20, 12, 8]), 0.25, 1)),
        Case("300 shuffled labels of the classes 3, 7, 12 and 40, a share of 0.3", (rng.choice([3, 7, 12, 40], 300, p=[0.6, 0.2, 0.15, 0.05]), 0.3, 2)),
        Case("the same with another seed", (np.random.default_rng(0).choice([3, 7, 12, 40], 300, p=[0.6, 0.2, 0.15, 0.05]), 0.3, 5)),
        Case("a class with a single example", (np.r_[np.zeros(9, int), 5], 0.2, 0)),
        Case("labels below zero", (np.array([-1, 5, -1, 5, -1, -1, -1, 5, 5, -7, -7]), 0.4, 3)),
    ]


def _judge_split(got: Any, y: np.ndarray, share: float, seed: int) -> str | None:
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        return "give back two arrays: the rows of the training part, and those of the test part"
    train, test = (np.asarray(part) for part in got)
    if any(part.size and part.dtype.kind not in "iu" for part in (train, test)):
        return "the rows must be whole numbers, as they index y"
    rows = np.sort(np.concatenate([train.ravel(), test.ravel()]).astype(int))
    if len(rows) != len(y) or (rows != np.arange(len(y))).any():
        return f"each of the {len(y)} rows must stand in one of the two parts, once; got {len(train)} and {len(test)} rows, {len(np.unique(rows))} different ones"
    for label in np.unique(y):
        n, wanted = int((y[test.astype(int)] == label).sum()), round(share * int((y == label).sum()))
        if n != wanted:
            return f"class {label!s}: {wanted} of its {(y == label).sum()} examples belong in the test part, got {n}"
    for label in np.unique(y):
        own = np.flatnonzero(y == label)
        chosen = np.intersect1d(own, test.astype(int))
        if len(own) >= 100 and any(np.array_equal(chosen, side) for side in (own[:len(chosen)], own[len(own) - len(chosen):])):
            return f"class {label!s}: its test rows are the {len(chosen)} at one end of the data; draw them at random"
    return None


stratified = Exercise("5.1", judge=_judge_split, cases=_stratified_cases,
                      verified="five sets of labels are split, each class by itself and at random, rare classes, labels below zero and a class of one example among them")


@stratified.wrong("this splits all rows at once: with luck each class has its share, but nothing makes it so. Split each class by itself.")
def _plain_split(y: Any, share: Any, seed: Any) -> Any:
    rows = np.random.default_rng(seed).permutation(len(y))
    n = round(share * len(y))
    return rows[n:], rows[:n]


@stratified.wrong("the parts are exchanged: the training part comes first.")
def _exchanged(y: Any, share: Any, seed: Any) -> Any:
    train, test = _stratify(y, share, seed)
    return test, train


@stratified.wrong("it takes the first rows of each class. Shuffle the rows of a class before you cut.")
def _first_rows(y: Any, share: Any, seed: Any) -> Any:
    test = np.concatenate([rows[:round(share * len(rows))] for rows in (np.flatnonzero(y == k) for k in np.unique(y))])
    return np.setdiff1d(np.arange(len(y)), test), test


@stratified.wrong("it cuts a fraction off: int(…) rounds down. Use round(share * number).")
def _rounds_down(y: Any, share: Any, seed: Any) -> Any:
    return _stratify(y, share, seed, cut=int)


@stratified.wrong("the places within a class are given back, not the rows of y: index the rows of the class with them.")
def _places_in_the_class(y: Any, share: Any, seed: Any) -> Any:
    rng = np.random.default_rng(seed)
    test = np.concatenate([rng.permutation((y == k).sum())[:round(share * (y == k).sum())] for k in np.unique(y)])
    return np.setdiff1d(np.arange(len(y)), test), test


@stratified.wrong("it takes as many of each class: then the test part is balanced, and no longer like the data.")
def _balanced(y: Any, share: Any, seed: Any) -> Any:
    rng, classes = np.random.default_rng(seed), np.unique(y)
    n = round(share * len(y) / len(classes))
    test = np.concatenate([rng.permutation(np.flatnonzero(y == k))[:n] for k in classes])
    return np.setdiff1d(np.arange(len(y)), test), test


def _stratify(y: Any, share: Any, seed: Any, cut: Any = round) -> Any:
    rng = np.random.default_rng(seed)
    test = np.concatenate([rows[:cut(share * len(rows))] for rows in (rng.permutation(np.flatnonzero(y == k)) for k in np.unique(y))])
    return np.setdiff1d(np.arange(len(y)), test), test


@stratified.also_right
def _by_sorting(y: Any, share: Any, seed: Any) -> Any:
    """Random keys, sorted within each class; lists instead of arrays."""
    keys = np.random.default_rng(seed).random(len(y))
    train, test = [], []
    for label in set(y.tolist()):
        rows = sorted((i for i in range(len(y)) if y[i] == label), key=lambda i: keys[i])
        n = round(share * len(rows))
        test += rows[:n]
        train += rows[n:]
    return train, test


@stratified.also_right
def _by_a_mask(y: Any, share: Any, seed: Any) -> Any:
    rng, mask = np.random.default_rng(seed), np.zeros(len(y), bool)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        mask[rng.choice(rows, round(share * len(rows)), replace=False)] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


# ---------------------------------------------------------------- 5.2 catch the copies

def _groups(x: Any) -> Any:
    return np.unique(x.reshape(len(x), -1), axis=0, return_inverse=True)[1].ravel()


def _split_groups(x: Any, seed: Any) -> Any:
    """a split that keeps equal pictures together"""
    group = _groups(x)
    chosen = np.random.default_rng(seed).permutation(group.max() + 1)[:max(1, (group.max() + 1) // 4)]
    is_test = np.isin(group, chosen)
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def _split_lists(x: Any, seed: Any) -> Any:
    """a split that keeps equal pictures together and gives lists in a random order"""
    train, test = _split_groups(x, seed + 50)
    rng = np.random.default_rng(seed)
    return rng.permutation(train).tolist(), rng.permutation(test).tolist()


def _shuffled(x: Any, seed: Any) -> Any:
    """a shuffled split, which puts copies on both sides"""
    rows = np.random.default_rng(seed).permutation(len(x))
    n = len(x) // 4
    return rows[n:], rows[:n]


def _loses_copies(x: Any, seed: Any) -> Any:
    """a split that throws all copies but one away"""
    train, test = _split_groups(x, seed)
    _, first = np.unique(_groups(x), return_index=True)
    return np.intersect1d(train, first), np.intersect1d(test, first)


def _uses_a_row_twice(x: Any, seed: Any) -> Any:
    """a split that has one row of the training part twice"""
    train, test = _split_groups(x, seed)
    return np.r_[train, train[:1]], test


def _neighbours_only(x: Any, seed: Any) -> Any:
    """a split that keeps only copies together which stand side by side"""
    run = np.cumsum(np.r_[0, (x[1:] != x[:-1]).reshape(len(x) - 1, -1).any(1)])
    chosen = np.random.default_rng(seed).permutation(run.max() + 1)[:(run.max() + 1) // 4]
    is_test = np.isin(run, chosen)
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def _by_the_sum(x: Any, seed: Any) -> Any:
    """a split that looks for copies in the first row of each picture alone, and then puts every other one of them on the other side"""
    train, test = _split_groups(x, seed)
    moved = [i for i in test if any((x[j] == x[i]).all() for j in test if j < i)]
    return np.r_[train, moved].astype(int), np.setdiff1d(test, moved)


def _nothing_in_test(x: Any, seed: Any) -> Any:
    """a split with an empty test part"""
    return np.arange(len(x)), np.array([], int)


catch_copies = Exercise("5.2", kind="test", right=[_split_groups, _split_lists],
                        wrong_programs=[_shuffled, _loses_copies, _uses_a_row_twice, _neighbours_only, _by_the_sum, _nothing_in_test])


def _pictures() -> Any:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 256, (40, 3, 4))
    x[20:] = x[rng.integers(0, 20, 20)]
    return x


def _no_common(x: Any, train: Any, test: Any) -> Any:
    return not {x[i].tobytes() for i in train} & {x[i].tobytes() for i in test}


@catch_copies.wrong("it compares row numbers, not pictures: two rows with different numbers may hold the same picture.")
def _rows_only(split: Any) -> Any:
    train, test = split(_pictures(), 0)
    assert not set(train) & set(test)
    assert sorted([*train, *test]) == list(range(40))


@catch_copies.wrong("no two of its pictures are equal, so there is nothing to catch. Put copies into them.")
def _no_copies_in_it(split: Any) -> Any:
    x = np.random.default_rng(0).integers(0, 256, (40, 3, 4))
    train, test = split(x, 0)
    assert len(test)
    assert sorted([*train, *test]) == list(range(40))
    assert _no_common(x, train, test)


@catch_copies.wrong("it never counts the rows: a split that loses some, or uses one twice, passes.")
def _never_counts(split: Any) -> Any:
    x = _pictures()
    for seed in range(5):
        train, test = split(x, seed)
        assert len(train)
        assert len(test)
        assert _no_common(x, train, test)


@catch_copies.wrong("it asserts nothing that could fail.")
def _asserts_nothing(split: Any) -> Any:
    train, test = split(_pictures(), 0)
    assert len(train) + len(test) >= 0


@catch_copies.wrong("its copies stand side by side, as they seldom do: a split that only looks at neighbours passes. Put copies far apart.")
def _copies_side_by_side(split: Any) -> Any:
    x = np.repeat(np.random.default_rng(0).integers(0, 256, (20, 3, 4)), 2, axis=0)
    for seed in range(5):
        train, test = split(x, seed)
        assert len(test)
        assert sorted([*train, *test]) == list(range(40))
        assert _no_common(x, train, test)


@catch_copies.wrong("it wants the rows in rising order. A split may give them in any order: sort them before you compare.")
def _wants_an_order(split: Any) -> Any:
    x = _pictures()
    for seed in range(5):
        train, test = split(x, seed)
        assert list(train) == sorted(train)
        assert sorted([*train, *test]) == list(range(40))
        assert _no_common(x, train, test)
        assert len(test)


@catch_copies.wrong("it wants a share of its own choice in the test part. A good split may take any share: assert only that no part is empty.")
def _wants_a_share(split: Any) -> Any:
    x = _pictures()
    for seed in range(5):
        train, test = split(x, seed)
        assert len(test) == 10
        assert sorted([*train, *test]) == list(range(40))
        assert _no_common(x, train, test)


@catch_copies.wrong("it never asks whether a part is empty: a split with nothing to test on passes.")
def _never_asks_for_emptiness(split: Any) -> Any:
    x = _pictures()
    for seed in range(5):
        train, test = split(x, seed)
        assert sorted([*train, *test]) == list(range(40))
        assert _no_common(x, train, test)


@catch_copies.also_right
def _by_comparing_all_pairs(split: Any) -> Any:
    x = _pictures()
    for seed in range(4):
        train, test = (np.asarray(rows, int) for rows in split(x, seed))
        assert len(test) > 0
        assert np.array_equal(np.bincount(np.r_[train, test], minlength=40), np.ones(40))
        assert not (x[train][:, None] == x[test][None]).all((2, 3)).any()


@catch_copies.also_right
def _with_two_pictures_only(split: Any) -> Any:
    x = np.zeros((30, 2, 2))
    x[::3] = 1
    for seed in range(6):
        train, test = (list(rows) for rows in split(x, seed))
        assert len(set(train)) == len(train) > 0
        assert len(set(test)) == len(test) > 0
        assert set(train) | set(test) == set(range(30))
        assert len({i % 3 == 0 for i in train} & {i % 3 == 0 for i in test}) == 0


# ---------------------------------------------------------------- 5.3 select inside the fold

def _data(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2)
    rows = rng.normal(size=(n, d))
    rows[:, :3] += 0.8 * labels[:, None]
    parts = np.array_split(rng.permutation(n), 4)
    return rows, labels, [(np.setdiff1d(np.arange(n), part), part) for part in parts]


def _selection_cases() -> list[Case]:
    return [Case(f"{n} rows of {d} columns, three of which tell the class", _data(n, n, d)) for n, d in ((61, 200), (40, 900), (83, 31))] + [
        Case("one fold only", (*_data(5, 50, 300)[:2], _data(5, 50, 300)[2][:1]))]


def _select(rows: Any, labels: Any, folds: Any, fit_on: Any = None, score_on: Any = None, k: Any = 5) -> Any:
    right = np.zeros(len(labels), bool)
    for train, test in folds:
        seen = train if fit_on is None else fit_on(train, test, len(labels))
        best = SelectKBest(k=k).fit(rows[seen], labels[seen])
        model = LogisticRegression().fit(best.transform(rows[train]), labels[train])
        part = test if score_on is None else score_on(train, test)
        right[part] = model.predict(best.transform(rows[part])) == labels[part]
    return right.mean()


def _given(rows: Any, labels: Any, folds: Any) -> Any:
    right = np.zeros(len(labels), bool)
    for train, test in folds:
        best = SelectKBest(k=5).fit(rows, labels)
        model = LogisticRegression().fit(best.transform(rows[train]), labels[train])
        right[test] = model.predict(best.transform(rows[test])) == labels[test]
    return right.mean()


def _by_masks(rows: Any, labels: Any, folds: Any) -> Any:
    """The F statistic written out: variance between the two classes over that within them."""
    right = np.zeros(len(labels), bool)
    for train, test in folds:
        a, b = (rows[train][labels[train] == k] for k in (0, 1))
        middle = rows[train].mean(0)
        between = len(a) * (a.mean(0) - middle) ** 2 + len(b) * (b.mean(0) - middle) ** 2
        best = np.argsort(-between / (((a - a.mean(0)) ** 2).sum(0) + ((b - b.mean(0)) ** 2).sum(0)))[:5]
        model = LogisticRegression().fit(rows[np.ix_(train, np.sort(best))], labels[train])
        right[test] = model.predict(rows[np.ix_(test, np.sort(best))]) == labels[test]
    return right.mean()


inside_the_fold = Exercise("5.3", kind="fix", given=_given, oracle=_by_masks, cases=_selection_cases,
                           verified="four data sets give the accuracy of a selection that sees the training rows alone")


@inside_the_fold.wrong("the selection is fitted on the test rows: on the very ones that it must not see.")
def _on_test(rows: Any, labels: Any, folds: Any) -> Any:
    return _select(rows, labels, folds, fit_on=lambda train, test, n: test)


@inside_the_fold.wrong("the score is taken on the training rows.")
def _scores_training(rows: Any, labels: Any, folds: Any) -> Any:
    return _select(rows, labels, folds, score_on=lambda train, test: train)


@inside_the_fold.wrong("the selection is fitted on the first fold's training rows for all folds: in the others, some of those are test rows. Fit it anew in each fold.")
def _once_for_all(rows: Any, labels: Any, folds: Any) -> Any:
    return _select(rows, labels, folds, fit_on=lambda train, test, n: folds[0][0])


@inside_the_fold.wrong("no column is left out: that hides the leak, and is another program. Select from the training rows.")
def _keeps_all(rows: Any, labels: Any, folds: Any) -> Any:
    return _select(rows, labels, folds, k="all")


@inside_the_fold.also_right
def _inside(rows: Any, labels: Any, folds: Any) -> Any:
    return _select(rows, labels, folds)


@inside_the_fold.also_right
def _as_a_pipeline(rows: Any, labels: Any, folds: Any) -> Any:
    from sklearn.pipeline import make_pipeline

    right = np.zeros(len(labels), bool)
    for train, test in folds:
        model = make_pipeline(SelectKBest(k=5), LogisticRegression()).fit(rows[train], labels[train])
        right[test] = model.predict(rows[test]) == labels[test]
    return float(right.mean())


# ---------------------------------------------------------------- 5.4 five pipelines

_LEAKS = {"A": "fitted", "B": "chosen", "C": "copies", "D": "future", "E": "group"}
_ASK = {
    "A": "A: look at the first line. Of which rows is the mean?",
    "B": "B: three models are scored on the test part. What is done with the three scores?",
    "C": "C: after the first line, how often is each picture in x?",
    "D": "D: the line ends at the value after the gap. When is that one known?",
    "E": "E: shuffled(…) splits X-rays. What does a patient's other 39 tell?",
}


def _judge_leaks(got: Any) -> str | None:
    if not isinstance(got, dict) or set(got) != set(_LEAKS):
        return 'give a dictionary with the five keys "A" to "E"'
    unknown = sorted(str(word) for word in got.values() if word not in _LEAKS.values())
    if unknown:
        return f"{', '.join(unknown)}: the words are copies, group, fitted, chosen, future"
    wrong = [name for name in _LEAKS if got[name] != _LEAKS[name]]
    if len({str(word) for word in got.values()}) < 5:
        return f"use each word once. {_ASK[wrong[0]]}"
    return None if not wrong else f"{5 - len(wrong)} of 5 are right. {_ASK[wrong[0]]}"


five_pipelines = Exercise("5.4", kind="value", judge=_judge_leaks, verified="all five leaks are named")


@five_pipelines.wrong("D: the line ends at the value after the gap. When is that one known?")
def _d_and_a() -> Any:
    return {"A": "fitted", "B": "chosen", "C": "copies", "D": "group", "E": "future"}


@five_pipelines.wrong("A: look at the first line. Of which rows is the mean?")
def _a_and_b() -> Any:
    return {"A": "chosen", "B": "fitted", "C": "copies", "D": "future", "E": "group"}


@five_pipelines.wrong("C: after the first line, how often is each picture in x?")
def _c_and_e() -> Any:
    return {"A": "fitted", "B": "chosen", "C": "group", "D": "future", "E": "copies"}


@five_pipelines.wrong("use each word once.")
def _twice() -> Any:
    return {"A": "fitted", "B": "chosen", "C": "copies", "D": "fitted", "E": "group"}


@five_pipelines.wrong("the words are copies, group, fitted, chosen, future")
def _other_words() -> Any:
    return {"A": "scaler", "B": "chosen", "C": "copies", "D": "future", "E": "group"}


@five_pipelines.also_right
def _another_order() -> Any:
    return {"E": "group", "D": "future", "C": "copies", "B": "chosen", "A": "fitted"}


@five_pipelines.also_right
def _made_from_a_list() -> Any:
    return dict(zip("ABCDE", ["fitted", "chosen", "copies", "future", "group"], strict=True))


# ---------------------------------------------------------------- 5.5 the confident joint

def _joint_case(seed: int, n: int, k: int, sharp: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    truth[:k] = np.arange(k)
    logits = rng.normal(size=(n, k)) + sharp * np.eye(k)[truth]
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = np.where(rng.random(n) < 0.25, rng.integers(0, k, n), truth)
    labels[:k] = np.arange(k)
    return probs, labels


def _joint_cases() -> list[Case]:
    flat = np.array([[0.5, 0.3, 0.2], [0.1, 0.45, 0.45], [0.3, 0.3, 0.4], [0.4, 0.35, 0.25], [0.34, 0.33, 0.33], [0.6, 0.39, 0.01]])
    return [
        Case("60 examples of 3 classes", _joint_case(0, 60, 3, 2.0)),
        Case("6 examples of 3 classes, some of them confident of none", (flat, np.array([0, 1, 2, 0, 1, 1]))),
        Case("5 examples of 5 classes", _joint_case(1, 5, 5, 1.0)),
        Case("900 examples of 7 classes, an unsure network", _joint_case(2, 900, 7, 0.7)),
        Case("400 examples of 4 classes, a class rarely predicted", (_joint_case(3, 400, 4, 2.0)[0] * [1, 1, 1, 0.2], _joint_case(3, 400, 4, 2.0)[1])),
    ]


def _oracle_joint(probs: Any, labels: Any) -> Any:
    """Example by example, in Python alone."""
    k = probs.shape[1]
    threshold = []
    for c in range(k):
        own = [float(p[c]) for p, label in zip(probs, labels, strict=True) if label == c]
        threshold.append(float(np.mean(own)))
    table = np.zeros((k, k), int)
    for p, label in zip(probs, labels, strict=True):
        classes = [c for c in range(k) if p[c] >= threshold[c]]
        if classes:
            table[label, max(classes, key=lambda c: p[c])] += 1
    return table


joint = Exercise("5.5", oracle=_oracle_joint, cases=_joint_cases, tolerance=0.0, whole=True,
                 verified="five tables are those of a count by hand, with examples that are confident of no class and of several")


def _joint(probs: Any, labels: Any, threshold: Any = None, ok: Any = None, transpose: Any = False) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)]) if threshold is None else threshold(probs, labels)
    sure = np.where(probs >= t, probs, -1)
    rows = np.flatnonzero(sure.max(1) >= 0) if ok is None else ok(sure)
    table = np.zeros((k, k), int)
    np.add.at(table, (labels[rows], sure[rows].argmax(1)), 1)
    return table.T if transpose else table


@joint.wrong("rows and columns are exchanged: a row is for the label, a column for the confident class.")
def _transposed(probs: Any, labels: Any) -> Any:
    return _joint(probs, labels, transpose=True)


@joint.wrong("no threshold: this is the confusion table of the first choices. Only confident examples count.")
def _first_choices(probs: Any, labels: Any) -> Any:
    return _joint(probs, labels, threshold=lambda p, y: np.zeros(p.shape[1]))


@joint.wrong("the thresholds are means over all examples. Threshold k is a mean over the examples that are labelled k.")
def _mean_of_all(probs: Any, labels: Any) -> Any:
    return _joint(probs, labels, threshold=lambda p, y: p.mean(0))


@joint.wrong("one threshold for all classes. Each class has its own.")
def _one_threshold(probs: Any, labels: Any) -> Any:
    return _joint(probs, labels, threshold=lambda p, y: np.full(p.shape[1], p[np.arange(len(y)), y].mean()))


@joint.wrong("examples that are confident of no class are counted for class 0. Leave them out.")
def _none_counts_as_zero(probs: Any, labels: Any) -> Any:
    return _joint(probs, labels, ok=lambda sure: np.arange(len(sure)))


@joint.wrong("the first choice is taken first, and then compared with its threshold. An example may be confident of a class that is not its first choice.")
def _first_choice_first(probs: Any, labels: Any) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)])
    first, table = probs.argmax(1), np.zeros((k, k), int)
    rows = probs[np.arange(len(probs)), first] >= t[first]
    np.add.at(table, (labels[rows], first[rows]), 1)
    return table


@joint.wrong("each example counts once for every class it is confident of. It counts once, for the most probable of them.")
def _counts_all(probs: Any, labels: Any) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)])
    table = np.zeros((k, k), int)
    for p, label in zip(probs, labels, strict=True):
        table[label] += p >= t
    return table


@joint.wrong("above the threshold is not enough: an example that just reaches it counts as well (>=).")
def _strictly_above(probs: Any, labels: Any) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)])
    sure, table = np.where(probs > t, probs, -1), np.zeros((k, k), int)
    for row, label in zip(sure, labels, strict=True):
        if row.max() >= 0:
            table[label, row.argmax()] += 1
    return table


@joint.wrong("table[rows, columns] += 1 counts each pair once, however often it comes. Count in a loop, or with np.add.at(table, (rows, columns), 1).")
def _counts_once(probs: Any, labels: Any) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)])
    sure, table = np.where(probs >= t, probs, -1), np.zeros((k, k), int)
    rows = sure.max(1) >= 0
    table[labels[rows], sure[rows].argmax(1)] += 1
    return table


@joint.also_right
def _with_bincount(probs: Any, labels: Any) -> Any:
    k = probs.shape[1]
    t = np.array([probs[labels == c, c].mean() for c in range(k)])
    sure = np.ma.masked_where(probs < t, probs)
    rows = ~(probs < t).all(1)
    return np.bincount(labels[rows] * k + sure[rows].filled(-1).argmax(1), minlength=k * k).reshape(k, k)


@joint.also_right
def _by_pandas(probs: Any, labels: Any) -> Any:
    import pandas as pd

    k = probs.shape[1]
    t = pd.DataFrame(probs).groupby(labels).mean().to_numpy().diagonal()
    found = pd.DataFrame(np.where(probs >= t, probs, np.nan))
    some = found.notna().any(axis=1)
    return pd.crosstab(labels[some], found[some].idxmax(axis=1)).reindex(index=range(k), columns=range(k), fill_value=0).to_numpy()
