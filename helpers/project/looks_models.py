"""The questions of :func:`helpers.project.audit` that fit a small model: each takes the arrays and a seed, and gives one Finding."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import stats
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from helpers.project.arrays import Arrays
from helpers.project.looks import Finding

#: They look at so many examples, and at so many features.
MOST, MOST_FEATURES = 2000, 800
#: A label is contradicted where another class is more probable by so much.
SURE = 0.6


def _some(n: int, most: int, seed: int) -> np.ndarray:
    """At most so many of n places, drawn at random, in order."""
    return np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def _narrow(x: np.ndarray, seed: int) -> np.ndarray:
    """At most MOST_FEATURES columns, drawn at random."""
    return x[:, _some(x.shape[1], MOST_FEATURES, seed)]


def _quietly(model: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """Fit; that a first small model has not converged to the last digit is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)


def _linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=200, C=0.1))


def near_copies(a: Arrays, seed: int) -> Finding:
    """Test examples far nearer to training than training examples are to each other: shifted, brightened, cut from one recording."""
    train, test = a.x_train[_some(len(a.x_train), 2 * MOST, seed)], a.x_test[_some(len(a.x_test), MOST // 2, seed)]
    scaler = StandardScaler().fit(_narrow(train, seed))
    train, test = scaler.transform(_narrow(train, seed)), scaler.transform(_narrow(test, seed))
    among = NearestNeighbors(n_neighbors=2).fit(train).kneighbors(train[:MOST // 2])[0][:, 1]
    across = NearestNeighbors(n_neighbors=1).fit(train).kneighbors(test)[0][:, 0]
    border = 0.1 * float(np.median(among[among > 0])) if (among > 0).any() else 0.0
    share = float(np.mean((across < border) & (across > 0)))
    if share > 0.02 and a.x_train.shape[1] > 2:             # on a line or in a plane, strangers come as near by chance
        return Finding("near copies", "fault", f"{share:.1%} of the test examples are almost a training example. Were examples of one source split up, or made from each other?", "05a", share)
    ratio = float(np.median(across) / max(np.median(among), 1e-12))
    if ratio < 0.7:
        return Finding("near copies", "look", f"test examples lie {ratio:.2f} times as far from training as training examples from each other: look for a common source.", "05a", ratio)
    return Finding("near copies", "fine", f"test examples lie {ratio:.2f} times as far from training as training examples from each other.", "05a", ratio)


def one_feature(a: Arrays, seed: int) -> Finding:
    """Whether a single number gives the label away: a leak of the answer, or a shortcut."""
    if a.classes is not None and len(a.classes) < 2:
        return Finding("one feature", "fine", "not asked: there is one class only.", "05a", 0.0)
    rows = _some(len(a.x_train), MOST, seed)
    x, y = a.x_train[rows], a.y_train[rows]
    columns = _some(x.shape[1], 200, seed)
    if a.classes is None:
        scores = [abs(float(stats.spearmanr(x[:, j], y).statistic)) if np.ptp(x[:, j]) and np.ptp(y) else 0.0 for j in columns]
        best, chance, limit = max(scores), 0.0, 0.97
    else:
        depth = int(np.ceil(np.log2(len(a.classes)))) + 1
        half = np.random.default_rng(seed).permutation(len(x)) % 2 == 0
        scores = [float(DecisionTreeClassifier(max_depth=depth, random_state=0).fit(x[half][:, [j]], y[half]).score(x[~half][:, [j]], y[~half])) for j in columns]
        best, chance = max(scores), float(max(np.mean(y == c) for c in a.classes))
        limit = chance + 0.9 * (1 - chance)
    where = columns[int(np.argmax(scores))]
    if best >= limit and x.shape[1] > 1:
        return Finding("one feature", "fault", f"feature {where} alone tells the label ({best:.0%}). Is it known when the model will be used, or is it the answer in disguise?", "05a", best)
    return Finding("one feature", "fine", f"the best single feature reaches {best:.0%}{'' if a.classes is None else f' (the commonest class: {chance:.0%})'}.", "05a", best)


def drift(a: Arrays, seed: int) -> Finding:
    """Whether a model can tell training from test examples: then the test asks for something else than was taught."""
    train, test = _some(len(a.x_train), MOST // 2, seed), _some(len(a.x_test), MOST // 2, seed + 1)
    x = np.vstack([_narrow(a.x_train[train], seed), _narrow(a.x_test[test], seed)])
    y = np.repeat([0, 1], [len(train), len(test)])
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        auc = float(roc_auc_score(y, cross_val_predict(_linear(), x, y, cv=folds, method="predict_proba")[:, 1]))
    n = min(len(train), len(test))
    if auc > 0.5 + max(0.15, 3 / np.sqrt(n)):
        return Finding("drift", "fault", f"a linear model tells test from training examples (AUC {auc:.2f}; 0.50 if both are drawn alike): different cameras, days, preparation?", "10a", auc)
    return Finding("drift", "fine", f"a linear model cannot tell test from training examples (AUC {auc:.2f}).", "10a", auc)


def wrong_labels(a: Arrays, seed: int) -> Finding:
    """Confident learning with a linear model: labels that contradict a confident prediction, out of fold."""
    if a.classes is None or len(a.classes) < 2 or min((a.y_train == c).sum() for c in a.classes) < 10:
        return Finding("wrong labels", "fine", "not asked: it needs two classes or more, of at least 10 examples each.", "05a", 0.0)
    rows = _some(len(a.x_train), MOST, seed)
    x, y = _narrow(a.x_train[rows], seed), np.searchsorted(a.classes, a.y_train[rows])
    kept, counts = np.unique(y, return_counts=True)
    if len(kept) < len(a.classes) or counts.min() < 5:
        return Finding("wrong labels", "fine", "not asked: too few examples of a class were drawn.", "05a", 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        probs = cross_val_predict(_linear(), x, y, cv=StratifiedKFold(5, shuffle=True, random_state=seed), method="predict_proba")
    thresholds = np.array([probs[y == k, k].mean() for k in range(len(kept))])
    sure = probs >= thresholds
    guess = np.where(sure.any(1), np.where(sure, probs, -1).argmax(1), y)
    right = float(np.mean(probs.argmax(1) == y))
    place = np.arange(len(y))
    share = float(np.mean(probs[place, guess] - probs[place, y] > SURE))
    if share > 0.04:
        return Finding("wrong labels", "fault" if right > 0.75 else "look", f"{share:.1%} of the labels contradict a sure prediction. Look at them by eye, the surest first.", "05a", share)
    return Finding("wrong labels", "fine", f"{share:.1%} of the labels contradict a sure prediction of a linear model.", "05a", share)


def baseline(a: Arrays, seed: int) -> Finding:
    """What costs nothing: the commonest class (or the mean), and a linear model."""
    rows = _some(len(a.x_train), MOST, seed)
    x, y, x_test = _narrow(a.x_train[rows], seed), a.y_train[rows], _narrow(a.x_test, seed)
    if a.classes is None and not np.ptp(y):
        return Finding("baseline", "fault", f"all training labels are {y[0]:g}: there is nothing to predict.", "03b", 0.0)
    if a.classes is None:
        nothing = DummyRegressor().fit(x, y)
        linear = make_pipeline(StandardScaler(), Ridge(10.0)).fit(x, y)
        errors = [float(np.mean(np.abs(m.predict(x_test) - a.y_test))) for m in (nothing, linear)]
        tree = float(np.mean(np.abs(DecisionTreeRegressor(max_depth=5, random_state=0).fit(x, y).predict(x_test) - a.y_test)))
        return Finding("baseline", "look", f"mean error to beat: {min(errors[1], tree):.3g} (linear {errors[1]:.3g}, tree {tree:.3g}; the mean alone {errors[0]:.3g}).", "03b", min(errors[1], tree))
    if len(np.unique(y)) < 2:
        return Finding("baseline", "fault", "the training part has one class only: there is nothing to tell apart.", "09a", 1.0)
    nothing, linear = DummyClassifier().fit(x, y), _quietly(_linear(), x, y)
    plain, score = float(nothing.score(x_test, a.y_test)), float(linear.score(x_test, a.y_test))
    return Finding("baseline", "look", f"accuracy to beat: {max(plain, score):.1%} (linear {score:.1%}; the commonest class {plain:.1%}).", "09a", max(plain, score))
