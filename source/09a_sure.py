# %% [markdown]
# # 09a · Evaluation, in numbers — How good is it, and how sure are you?
#
# > **You will be able to**
# > - compute precision, recall, F1, AUC, log loss and Brier score by hand, and say what each rewards;
# > - write an interval, and count how often it keeps its promise;
# > - compare two models on the same pictures, and say how many pictures that takes;
# > - separate what comes from the weights, from the order, and from the split;
# > - measure calibration, mend it with a temperature, and say when it breaks again.
# >
# > **Time** 70 minutes, exercises 45 more · **Before this** [08b · Habits](08b_habits.ipynb) ·
# > **In the article** section 3.5: "measure the performance"

# %% tags=["parameters"]
FAST = False
SEED = 0
N_DRAWS = 8         # sets of training pictures for the three models
N_RUNS = 12         # trainings for each source of chance
N_TWINS = 10        # networks that differ in the seed alone

# %% tags=["setup"]
from functools import partial

import numpy as np
import torch
from sklearn import metrics as sk
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar

from helpers import check, expect, measured, mine, show, start
from helpers.data import digits
from helpers.metrics import confusion_matrix, mean_interval
from helpers.topics.evaluation import readers, stills
from helpers.topics.evaluation import scenes_sure as scenes
from helpers.topics.evaluation.intervals import (
    bootstrap, counted_coverage, ends_of, exact_coverage, mcnemar, pictures_needed,
    power, wald, wilson)
from helpers.topics.evaluation.scores import judge_logits, reliability
from helpers.training import predict_logits
from helpers.widgets import choice, draw_curve, explore, predict, quiz, slider, warm_up

start(SEED, fast=FAST)
if FAST:
    N_DRAWS, N_RUNS, N_TWINS = 2, 2, 3

# %%
warm_up("09a")

# %% [markdown]
# "Accuracy 98 %." Is that good? How sure is it? Would the same recipe give it again? And may one believe the model when
# it says "I am 90 % sure"? This lesson answers with numbers, the next one with pictures. The models are small, so that
# we can train many of them.

# %% [markdown]
# ## 1 · An eight, or not?
#
# One question: *is this digit an eight?* About one in ten is. Three models learn it from 300 digits and give a
# probability of yes for 1,000 test digits: the label of the **nearest** training digit, **logistic regression** (chapter
# 01), and **naive Bayes**: a bell curve for each pixel and class, as if pixels knew nothing of each other. We choose
# nothing with them.

# %%
data = digits(3000, 1000)
cast = readers.eight_or_not(data, seed=SEED)
y, scores = cast.y, cast.scores              # bool (1000,), name → (1000,)
print("models:", *scores, sep="\n  ")

# %%
guess_no = predict("A program that always answers 'no eight'. Its accuracy?",
                   ["about 50 %", "about 75 %", "about 90 %"])

# %%
def counts(said, y):
    """Bools (N,): true positives, false positives, false negatives, true negatives."""
    return (said & y).sum(), (said & ~y).sum(), (~said & y).sum(), (~said & ~y).sum()

def rates(said, y):
    tp, fp, fn, tn = counts(said, y)
    precision = tp / max(tp + fp, 1)         # of those called eight, how many are
    recall = tp / max(tp + fn, 1)            # of the eights, how many were called so
    return (tp + tn) / len(y), precision, recall, 2 * tp / max(2 * tp + fp + fn, 1)

# %%
answers = {"always no": np.zeros_like(y), "always yes": np.ones_like(y)}
answers |= {name: s > 0.5 for name, s in scores.items()}
print(" " * 20, "accuracy  precision  recall  F1")
for name, said in answers.items():
    print(f"{name:20}", *[f"   {measured(r, '.2f')}" for r in rates(said, y)])
    p, r, f, _ = sk.precision_recall_fscore_support(
        y, said, average="binary", zero_division=0)
    np.testing.assert_allclose(rates(said, y)[1:], (p, r, f))

# %%
guess_no.compare(rates(answers["always no"], y)[0], bins=[0.62, 0.82])

# %% [markdown]
# "Always no" has a fine accuracy, and "always yes" a perfect recall. A measure that an empty answer wins is no measure
# alone: **recall** is read beside **precision**, and accuracy beside the largest class. **F1** is their harmonic mean:
# it is high only if both are.
#
# <details><summary>For the curious: ten classes, micro and macro</summary>
#
# Compute precision and recall for each class from the confusion matrix. *Macro* F1 is the mean of ten F1s: each class
# counts the same. *Micro* F1 adds up the counts first; where each picture has one label, it is the accuracy.
# </details>

# %%
ten = readers.nearest_digits(data, seed=SEED)                 # (1000,) 0 … 9
table = confusion_matrix(ten, data.test[1], 10)               # rows: the truth
f1 = 2 * table.diagonal() / (table.sum(0) + table.sum(1))     # (10,)
np.testing.assert_allclose(f1.mean(), sk.f1_score(data.test[1], ten, average="macro"))
np.testing.assert_allclose(table.trace() / table.sum(),
                           sk.f1_score(data.test[1], ten, average="micro"))
print(f"macro {measured(f1.mean(), '.3f')}, "
      f"worst class: {measured(str(f1.argmin()))} with {measured(f1.min(), '.2f')}")

# %% [markdown]
# ## 2 · A measure without a threshold
#
# All numbers above depend on the threshold 0.5. The **AUC** does not. Draw one eight and one other digit by chance:
# how often does the eight have the higher score? (Equal scores count one half.)

# %%
def auc_by_pairs(scores, y):
    yes, no = scores[y][:, None], scores[~y]            # (P, 1), (Q,)
    return (yes > no).mean() + 0.5 * (yes == no).mean()

for name, s in scores.items():
    assert abs(auc_by_pairs(s, y) - sk.roc_auc_score(y, s)) < 1e-9
    print(f"{name:20} AUC {measured(auc_by_pairs(s, y), '.3f')}, of its scores halved "
          f"{measured(auc_by_pairs(s / 2, y), '.3f')}")

# %% [markdown]
# AUC is also the **a**rea **u**nder the ROC **c**urve: false alarms across, recall up, one point for each threshold. It
# looks at the *order* of the scores alone: halved, they have the same AUC, though nothing reaches 0.5 any more.

# %% [markdown]
# ### Exercise 9.1 · AUC by ranks · write · 8 min · ★★☆
#
# All pairs of 20,000 pictures are many. Sort instead. Give each score its rank, 1 for the lowest; equal scores share
# the mean of their ranks. With P eights and Q others, the sum R of the eights' ranks gives
# AUC = (R − P(P + 1)/2) / (P · Q). `scipy.stats.rankdata` may help. Budget: 4 lines.

# %%
def auc_by_ranks(scores, y):
    """scores (N,) floats, y (N,) bools with both kinds → the AUC, a float."""
    ### BEGIN SOLUTION
    from scipy.stats import rankdata

    ranks, p = rankdata(scores), y.sum()
    return (ranks[y].sum() - p * (p + 1) / 2) / (p * (~y).sum())
    ### END SOLUTION

# %%
check("9.1", auc_by_ranks)

# %% [markdown]
# <details><summary>Hint 1: equal scores</summary>
#
# `argsort` gives equal scores different ranks. `rankdata` gives them the mean: that is the "one half" of a pair.
# </details>
# <details><summary>Hint 2: the lines</summary>
#
# `ranks = rankdata(scores)`, `p = y.sum()`, then the formula with `ranks[y].sum()` and `q = (~y).sum()`.
# </details>

# %% [markdown] tags=["discussion"]
# An eight's rank counts all scores below it. Of these, P(P + 1)/2 are eights themselves; the rest are pairs won. This is
# the statistic of Mann, Whitney and Wilcoxon.

# %% [markdown]
# ### Exercise 9.2 · Exactly 0.75 · value · 5 min · ★☆☆
#
# Eight pictures, `y = [0, 0, 0, 0, 1, 1, 1, 1]`. Find eight probabilities with an AUC of exactly 0.75, and an
# *accuracy of 0.5* at the threshold 0.5. No two may be equal.

# %%
### BEGIN SOLUTION
probabilities = [0.05, 0.10, 0.25, 0.40, 0.20, 0.30, 0.35, 0.45]
### END SOLUTION

# %%
check("9.2", probabilities)

# %% [markdown]
# <details><summary>Hint 1: how many pairs?</summary>
#
# There are 4 · 4 = 16 pairs, and 12 must be won.
# </details>
# <details><summary>Hint 2: accuracy 0.5</summary>
#
# Keep all eight below 0.5: then every picture is called "no", and half of them are.
# </details>

# %% [markdown] tags=["discussion"]
# A good order with a bad threshold. Whoever reads only the accuracy throws such a model away, though another threshold
# would mend it.

# %% [markdown]
# **Play.** A miss and a false alarm seldom cost the same. **Find the cheapest way, any model, when a miss costs 20
# false alarms.**

# %%
explore(*scenes.thresholds(cast), name="threshold and costs",
        steps=scenes.THRESHOLD_STEPS,
        goal="the cheapest model and threshold at a cost of 20",
        model=choice("model", list(scores), "logistic regression"),
        threshold=slider("threshold", 0.0, 1.0, 0.5, 0.01),
        cost=slider("cost of a miss (false alarms)", 1, 50, 1))

# %% [markdown]
# ## 3 · Three models, three winners
#
# Two measures judge the probabilities themselves. **Log loss** is −log of the probability given to what happened;
# the **Brier score** is the squared distance of the probability from 0 or 1. Lower is better for both.

# %%
def log_loss(p, y):
    p = np.clip(p, 0.001, 0.999)         # "impossible" would cost infinitely much
    return -np.log(np.where(y, p, 1 - p)).mean()

def brier(p, y):
    return ((p - y) ** 2).mean()

for s in scores.values():
    np.testing.assert_allclose(log_loss(s, y), sk.log_loss(y, s.clip(0.001, 0.999)))
    np.testing.assert_allclose(brier(s, y), sk.brier_score_loss(y, s))

# %%
guess_win = predict("Five measures: accuracy, recall, F1, AUC, log loss. How many of "
                    "the three models are the best in at least one?",
                    ["one", "two", "all three"])

# %%
measures = {
    "accuracy": lambda s, y: rates(s > 0.5, y)[0],
    "recall": lambda s, y: rates(s > 0.5, y)[2],
    "F1": lambda s, y: rates(s > 0.5, y)[3],
    "AUC": auc_by_pairs, "−log loss": lambda s, y: -log_loss(s, y)}
draws = [readers.eight_or_not(data, seed=SEED + i) for i in range(N_DRAWS)]
wins = {}
for title, measure in measures.items():
    found = np.array([[measure(s, d.y) for s in d.scores.values()] for d in draws])
    wins[title] = np.bincount(found.argmax(1), minlength=3)          # (N_DRAWS, 3)
    print(f"{title:10}", *[f"{m}: {measured(v, '.2f')} (best {measured(w, '.0f')}×)"
          for m, v, w in zip(scores, found.mean(0), wins[title])], sep="  ")

# %%
guess_win.compare(len({w.argmax() for w in wins.values()}), bins=[2, 3])

# %% tags=["promise"]
expect(wins["accuracy"][0], at_least=5, n=N_DRAWS, spec=".0f",
       what="draws in which the nearest neighbour has the best accuracy")
expect(wins["recall"][2], at_least=7, n=N_DRAWS, spec=".0f",
       what="draws in which naive Bayes has the best recall")
expect(wins["AUC"][1], at_least=7, n=N_DRAWS, spec=".0f",
       what="draws in which logistic regression has the best AUC")

# %% [markdown]
# Three models, three winners, and it is no luck of one training set: the counts are over new draws of 300 pictures. What
# does each measure reward?
# - *accuracy*, *F1*: good decisions at **one** threshold;
# - *recall* alone: saying yes (naive Bayes does so very often);
# - *AUC*: a good **order**; the nearest neighbour says only 0 or 1, so it ties many pairs;
# - *log loss*, *Brier*: order **and** honest sizes.
#
# So the measure is chosen first, from the use; then the model.

# %% [markdown]
# Is it the ties? The control: let the *same* neighbour say how much nearer an eight lies than any other digit.

# %%
regression, distance = np.array([
    [auc_by_pairs(d.scores["logistic regression"], d.y),
     auc_by_pairs(readers.eight_by_distance(data, seed=SEED + i), d.y)]
    for i, d in enumerate(draws)]).T                                  # (N_DRAWS,) each
print("regression", measured(regression.mean()), "distances", measured(distance.mean()))

# %% tags=["promise"]
expect((distance > regression).sum(), at_least=6, n=N_DRAWS, spec=".0f",
       what="draws in which the neighbour's distances have the better AUC")

# %% [markdown]
# It is: the same neighbour, giving numbers that can be put in order, wins.

# %% [markdown]
# For numbers in place of classes it is the same. Incomes are skewed: few are very large. Two models, each a constant:

# %%
income = np.exp(np.random.default_rng(SEED).normal(0, 1, 5000))
for name, c in (("mean", income.mean()), ("median", np.median(income))):
    r2 = 1 - ((income - c) ** 2).sum() / ((income - income.mean()) ** 2).sum()
    mae = np.abs(income - c).mean()
    assert abs(r2 - sk.r2_score(income, np.full(5000, c))) < 1e-9
    print(f"always the {name:7} R² {measured(r2, '.2f')}, MAE {measured(mae, '.2f')}")

# %% [markdown]
# **R²** compares the squared error with that of the mean: the mean has 0, and no constant has more. **MAE**, the mean
# absolute error, is least for the median. Each measure has its own best constant.

# %% [markdown]
# ## 4 · How sure? Count it
#
# A model is right in k of n test pictures. A **95 % interval** is a rule that makes two ends from k and n. Its
# promise: of many tests, each with new pictures, 95 in 100 intervals hold the true accuracy. That is a claim about a
# *rule*, and we can count it: choose a true accuracy, draw 1,000 tests. The usual rule is share ± 1.96 · √(share ·
# (1 − share) / n). Draw what you expect for 100 pictures.

# %%
sketch_hold = draw_curve("100 pictures, share ± 1.96 errors: how often is it kept?",
                         x=("true accuracy", 0.5, 0.999), y=("coverage", 0, 1))

# %%
accuracies = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999])
held = [counted_coverage(wald, p, n=100, n_draws=1000, seed=SEED) for p in accuracies]

# %%
sketch_hold.compare(accuracies, held)

# %% tags=["promise"]
expect(held[0], at_least=0.92, at_most=0.97, n=1000, what="coverage at 50 %")
expect(held[-3], at_least=0.58, at_most=0.7, n=1000, what="coverage at 99 %")

# %% [markdown]
# At 99 %, where good models live, the usual interval keeps about two thirds of its promise. The reason can be seen in
# one case: with luck all 100 are right, and the interval shrinks to a point, 1 ± 0. The **bootstrap** (draw the n
# results again and again with replacement) has the same fault: 100 right ones, drawn again, are 100 right ones. In the
# figure below you can check that.

# %% [markdown]
# ### Exercise 9.3 · Your own interval · target · 10 min · ★★★
#
# Write a rule that keeps its promise better. `k` is an array, so use NumPy. The target, with 50, 200 and 1,000 pictures:
# over 1,000 draws at least 0.90 coverage for true accuracies of 0.5, 0.9, 0.98 and 0.99, at least 0.925 in their mean,
# and at most 1.2 times the width of Wilson's rule. His idea (1927): keep each p for which k/n lies within
# 1.96 · √(p(1 − p)/n), *p's own* error. The hints solve that equation; other ways pass too.

# %%
def my_interval(k, n):
    """k (m,) right answers of n → the two ends (low, high), an array (m,) each."""
    ### BEGIN SOLUTION
    z, share = 1.96, k / n
    shrink = 1 + z * z / n
    middle = (share + z * z / (2 * n)) / shrink
    half = z / shrink * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return middle - half, middle + half
    ### END SOLUTION

# %%
check("9.3", my_interval)

# %% [markdown]
# <details><summary>Hint 1: without algebra</summary>
#
# Try 10,000 values of p between 0 and 1, keep those with |k/n − p| ≤ 1.96 · √(p(1 − p)/n), and give the least and the
# greatest.
# </details>
# <details><summary>Hint 2: with algebra</summary>
#
# With z = 1.96 and s = k/n: middle (s + z²/2n) / (1 + z²/n), half width z/(1 + z²/n) · √(s(1 − s)/n + z²/4n²).
# </details>

# %% [markdown] tags=["discussion"]
# Adding two right and two wrong answers before the usual formula (Agresti and Coull 1998) passes too, and can be
# remembered. Clopper and Pearson's "exact" interval never falls below 95 %, and pays with width.

# %%
own = mine("9.3", wilson)
explore(*scenes.coverage_counter({"usual": wald, "bootstrap": bootstrap, "yours": own},
                                 [20, 100, 500, 1000]),
        name="coverage counter",
        goal="an interval that promises 95 % and keeps less than 70",
        kind=choice("interval", ["usual", "bootstrap", "yours"], "usual"),
        p=slider("true accuracy", 0.5, 0.995, 0.9, 0.005),
        n=choice("test pictures", [20, 100, 500, 1000], 100))

# %% tags=["promise"]
low = {name: exact_coverage(ends_of(rule, 100), np.array([0.99]))[0]
       for name, rule in (("bootstrap", bootstrap), ("yours", own))}
expect(low["bootstrap"], at_most=0.7, what="bootstrap's coverage at 99 %, n = 100")
expect(low["yours"], at_least=0.88, what="coverage of your interval there")

# %% [markdown]
# The curves on the right have teeth: k is a whole number. So Wilson's rule, too, lies below 95 % in places and above in
# others. Judge a rule by its whole curve.

# %% [markdown]
# ### Exercise 9.4 · Which interval is dishonest? · test · 9 min · ★★★
#
# Write a test that any interval must pass: `interval(k, n)` gives two ends. Let it fail intervals that hold the true
# accuracy too seldom, and those that hold it only because they are far too wide. You may use
# `counted_coverage(interval, p, n)` from above, and your own eyes on the widths.

# %%
def test_interval(interval):
    """Raises AssertionError if the interval is dishonest."""
    ### BEGIN SOLUTION
    for p, n in ((0.5, 400), (0.9, 100), (0.99, 100), (0.02, 50)):
        assert counted_coverage(interval, p, n) > 0.88, f"{p}, {n}: too seldom"
    low, high = interval(200, 400)
    assert 0.08 < high - low < 0.12, "a strange width"
    assert counted_coverage(interval, 0.5, 400) > 0.925, "not 95 %"
    ### END SOLUTION

# %%
check("9.4", test_interval)

# %% [markdown]
# <details><summary>Hint 1: where to look</summary>
#
# The usual interval fails only near 0 and 1, as the curve showed. An interval for 90 % must be caught near 0.5, with
# many pictures, where the teeth are small.
# </details>
# <details><summary>Hint 2: too wide</summary>
#
# For 200 of 400, an honest width is about 2 · 1.96 · √(0.25/400) = 0.098.
# </details>

# %% [markdown] tags=["discussion"]
# 1,000 draws have an error of their own: ± 0.014 around 0.95. A test stricter than that would fail honest intervals by
# chance.

# %% [markdown]
# Seeds are few, and each is a training. Over three seeds, is mean ± 1.96 standard errors an interval of 95 %?

# %%
guess_three = predict("Mean of 3 seeds ± 1.96 standard errors holds the truth in …",
                      ["fewer than 88 of 100", "88 to 93", "about 95"])

# %%
runs = np.random.default_rng(SEED).normal(0.9, 0.01, (1000, 3))       # true mean 0.9
error = runs.std(1, ddof=1) / 3**0.5
usual_three = (np.abs(runs.mean(1) - 0.9) < 1.96 * error).mean()
intervals = [mean_interval(three) for three in runs]                  # Student's t
t_three = np.mean([abs(mean - 0.9) < half for mean, half in intervals])
print(f"1.96: {measured(usual_three, '.2f')}, t: {measured(t_three, '.2f')}")

# %%
guess_three.compare(100 * usual_three, bins=[88, 93])

# %% tags=["promise"]
expect(usual_three, at_least=0.78, at_most=0.87, n=1000, what="coverage with 1.96")
expect(t_three, at_least=0.93, at_most=0.97, n=1000, what="coverage with Student's t")

# %% [markdown]
# Three numbers guess their own spread badly. Student's t knows that, and takes 4.3 in place of 1.96. This course's
# `mean_interval`, for means over seeds, does so. (It assumes runs that scatter like a bell.)

# %% [markdown]
# ## 5 · Two models, the same pictures
#
# A small CNN and a perceptron, both trained on the same 3,000 digits. Do they differ? Two intervals that overlap prove
# nothing, and here less than ever: both models were asked about the *same* pictures. Look only at those where one is
# right and the other not.

# %%
cnn = readers.smooth_reader(data.train, SEED, n_epochs=1 if FAST else 3)
mlp = readers.plain_reader(data.train, SEED, n_epochs=1 if FAST else 6)
right = {name: (predict_logits(model, data.test[0]).argmax(1) == data.test[1]).numpy()
         for name, model in (("CNN", cnn), ("perceptron", mlp))}
a, b = right["CNN"], right["perceptron"]                     # bool (1000,)
for name, r in right.items():
    low, high = wilson(r.sum(), len(r))
    print(f"{name:10} {measured(low, '.3f')} … {measured(high, '.3f')}")
print(f"only CNN: {measured((a & ~b).sum(), '.0f')}, "
      f"only perceptron: {measured((~a & b).sum(), '.0f')}")

# %% [markdown]
# **McNemar's test** (1947): if the two are equally good, each of these pictures falls to either side like a coin. How
# rare is a split at least as uneven?

# %%
def mcnemar_p(b, c):
    from scipy.stats import binom
    return min(1, 2 * binom.cdf(min(b, c), b + c, 0.5))

only_a, only_b = (a & ~b).sum(), (~a & b).sum()
theirs = their_mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue
np.testing.assert_allclose(mcnemar_p(only_a, only_b), theirs)
print(f"p = {measured(theirs, '.1g')}")

# %% [markdown]
# ### Exercise 9.5 · Paired bootstrap · write · 7 min · ★★☆
#
# McNemar says *whether*; an interval says *how much*. Draw N pictures with replacement, the **same** pictures for both
# models, and note the difference of the two accuracies; 2,000 times. Give back the 2.5th and the 97.5th percentile.
# Budget: 4 lines.

# %%
def paired_bootstrap(a, b, n_draws=2000, seed=0):
    """a, b bools (N,): which pictures two models read → (low, high) of a − b."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    places = rng.integers(0, len(a), (n_draws, len(a)))
    gaps = a[places].mean(1) - b[places].mean(1)
    return tuple(np.percentile(gaps, [2.5, 97.5]))
    ### END SOLUTION

# %%
check("9.5", paired_bootstrap)

# %% [markdown]
# <details><summary>Hint 1: which pictures?</summary>
#
# `places = rng.integers(0, len(a), (n_draws, len(a)))`, one row a draw.
# </details>
# <details><summary>Hint 2: the same for both</summary>
#
# `a[places].mean(1) - b[places].mean(1)`, then `np.percentile`.
# </details>

# %% [markdown] tags=["discussion"]
# Drawing pictures for a and for b apart would treat the two as asked about different pictures: the interval becomes too
# wide, for what both find hard no longer cancels.

# %% [markdown]
# How many pictures does it take to tell 98 % from 98.5 %? Let A and B have these true accuracies, and share a part of
# their errors. **Power** is the share of tests that find the difference (p < 0.05). **Find a number of pictures with a
# power of 80 to 85 %.** Then share no errors, and all of them.

# %%
guess_many = predict("Pictures to tell 98 from 98.5 %, half of the errors shared?",
                     ["about 600", "about 6,000", "about 60,000"])

# %%
explore(*scenes.power_counter(), name="power counter",
        goal="a power of 80 to 85 % for 98 against 98.5 %, half of the errors shared",
        n=slider("test pictures", 100, 30000, 1000, log=True),
        better=slider("better model's accuracy (%)", 98.1, 99.5, 98.5, 0.1),
        shared=slider("shared part of its errors", 0.0, 1.0, 0.5, 0.05))

# %%
needed = {shared: pictures_needed(0.98, 0.985, shared) for shared in (0, 0.5, 1)}
print({shared: measured(n, ",.0f") for shared, n in needed.items()})

# %%
guess_many.compare(needed[0.5], bins=[2000, 20000])

# %% tags=["promise"]
found = [(power(round(n), 0.98, 0.985, s)[1] < 0.05).mean() for s, n in needed.items()]
expect(min(found), at_least=0.74, n=1000, what="counted power at these numbers, least")
expect(needed[0] / needed[1], at_least=6, what="no shared errors / all shared")
at_1000 = {s: (power(1000, 0.98, 0.985, s)[1] < 0.05).mean() for s in needed}
expect(at_1000[0.5], at_most=0.25, n=1000, what="power with 1,000, half shared")
expect(at_1000[1], at_most=0.5, n=1000, what="power with 1,000, all shared")

# %% [markdown]
# Several thousand; fewer if the two fail on the same pictures. On our 1,000 test digits a true half point is mostly
# missed: fewer than one test in four finds it if half of the errors are shared, fewer than one in two if all are.

# %% [markdown]
# ## 6 · The same recipe again
#
# A test on new pictures is one source of chance. A training has others: the first weights, the order of the batches,
# and which pictures were drawn to train and test on. We vary one at a time, then all.

# %%
guess_source = predict("Which source moves the accuracy most?",
                       ["first weights", "order of batches", "split"])

# %%
parts = (data.train, data.val, data.test)
pool = tuple(torch.cat([part[i] for part in parts]) for i in (0, 1))    # all 5,000
spread = readers.spread_by_source(pool, N_RUNS)
show(stills.dots(spread, "test accuracy", "One recipe, one source of chance a row"))

# %%
guess_source.compare(max(list(spread)[:3], key=lambda name: spread[name].std()))

# %% tags=["promise"]
deviation = {name: runs.std(ddof=1) for name, runs in spread.items()}
binomial = (0.85 * 0.15 / 500) ** 0.5
seeds_alone = max(deviation["first weights"], deviation["order of batches"])
expect(deviation["split"] / seeds_alone, at_least=1.6, n=N_RUNS,
       what="spread from the split / from the greater of the two seeds")
expect(deviation["split"] / binomial, at_least=0.75, at_most=2.2, n=N_RUNS,
       what="spread from the split / of 500 coins")

# %% [markdown]
# The split moves it most. The 500 test pictures alone, as coins of 85 %, would spread by 0.016; the rest is left for the
# training pictures. A table "over seeds" on one split shows the two small rows only: its interval says what varies *with
# the seed*, and nothing about new data (Bouthillier and others 2021).
#
# And McNemar? It varies the pictures only, and knows nothing of seeds. The control: **twins**, networks of one recipe
# that differ in the seed alone.

# %%
same = readers.twins(pool, N_TWINS)                       # bool (N_TWINS, 2000)
p_values = [mcnemar((r & ~s).sum(), (~r & s).sum())
            for i, r in enumerate(same) for s in same[:i]]
declared = np.mean(np.array(p_values) < 0.05)
print(f"{len(p_values)} pairs of twins; 'different' (p < 0.05): "
      f"{measured(100 * declared, '.0f')} of 100")

# %% tags=["promise"]
expect(declared, at_least=0.08, n=N_TWINS,
       what="pairs of twins that McNemar declares different")

# %% [markdown]
# Many more than 5 in 100 pairs, and rightly: these two *networks* do differ. Their *recipe* does not. So a test on
# pictures compares two trained networks; to compare recipes, train each with several seeds, and splits if you can.

# %% [markdown]
# ## 7 · When it says 90 %
#
# The **confidence** of an answer is its probability. A reader is **calibrated** if, of the answers given with 90 %, 90
# in 100 are right. Sort the answers into bins by confidence, and compare. The mean gap, weighted by the counts, is the
# **expected calibration error**, ECE.

# %% [markdown]
# ### Exercise 9.6 · ECE · write · 6 min · ★★☆
#
# Bins of equal width on [0, 1]; a confidence of 1 belongs to the last. For each bin that is not empty: its share of all
# answers, times |mean confidence − share right|. Sum them. Budget: 6 lines.

# %%
def ece(confidence, right, n_bins=15):
    """confidence (N,) in [0, 1], right (N,) bools → the ECE, a float."""
    ### BEGIN SOLUTION
    place = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    total = 0.0
    for j in np.unique(place):
        here = place == j
        total += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return total
    ### END SOLUTION

# %%
check("9.6", ece)

# %% [markdown]
# <details><summary>Hint 1: the bin</summary>
#
# `(confidence * n_bins).astype(int)`, and at most `n_bins - 1`.
# </details>
# <details><summary>Hint 2: the weight</summary>
#
# `here = place == j`; the share is `here.mean()`, the gap `abs(confidence[here].mean() - right[here].mean())`.
# </details>

# %% [markdown] tags=["discussion"]
# The gap of a bin is taken after its mean: an answer too sure and one too modest cancel within a bin. So wider bins can
# hide errors, and narrow ones are noisy.

# %% [markdown]
# How small must an ECE be? Ask a forecaster that is *perfectly* calibrated: it says a confidence, and a coin with just
# that probability decides whether it is right.

# %%
rng = np.random.default_rng(SEED)
floor = {}
for n in (100, 1000, 10_000):
    found = [reliability(c := rng.beta(12, 1, n), rng.random(n) < c).ece
             for _ in range(100)]
    floor[n] = np.mean(found)
    print(f"{n:6} answers: ECE {measured(floor[n], '.3f')} ± {measured(np.std(found))}")

# %% tags=["promise"]
expect(floor[100], at_least=0.035, n=100, what="ECE of a perfect forecaster, n = 100")
expect(floor[1000], at_least=0.011, at_most=0.02, n=100, what="the same, n = 1,000")

# %% [markdown]
# Never 0: in each bin chance leaves a gap, and gaps do not cancel. With 1,000 pictures an ECE of 0.015 is what
# perfection looks like.
#
# Now three readers. The CNN was trained with label smoothing (chapter 08: targets of 0.91 and 0.01), its control
# without; another perceptron saw 500 digits twenty times. One number T, the **temperature**, divides all logits. It
# changes no answer, only the confidence. We take the T with the least log loss on validation pictures: where its slope is
# zero.

# %%
few = readers.plain_reader((data.train[0][:500], data.train[1][:500]), SEED,
                           n_epochs=2 if FAST else 20)
unsmoothed = readers.smooth_reader(data.train, SEED, 1 if FAST else 3, smoothing=0)

def temperature(z, y):
    """Logits (N, K), labels (N,) → T of the least log loss, by halving 50 times."""
    low, high = 0.05, 20.0                             # of 1/T
    given = z.gather(1, y[:, None]).mean()
    for _ in range(50):
        middle = (low * high) ** 0.5
        slope = ((z * middle).softmax(1) * z).sum(1).mean() - given
        low, high = (low, middle) if slope > 0 else (middle, high)
    return 1 / middle

# %%
T = {}
for name, model in (("CNN", cnn), ("CNN, unsmoothed", unsmoothed), ("perceptron", few)):
    z = predict_logits(model, data.val[0])
    T[name] = temperature(z, data.val[1])
    log_t = torch.zeros((), requires_grad=True)        # the same by torch's optimiser
    opt = torch.optim.LBFGS([log_t], max_iter=50, line_search_fn="strong_wolfe")
    opt.step(partial(readers.one_closure, opt, log_t, z, data.val[1]))
    assert abs(log_t.exp().item() - T[name]) < 0.02
    print(f"{name:16} T = {measured(T[name], '.2f')}")

# %% tags=["promise"]
expect(T["CNN"], at_least=0.4, at_most=0.65, what="temperature of the CNN")
expect(T["CNN, unsmoothed"] / T["CNN"], at_least=1.4, what="unsmoothed / smoothed")
expect(T["perceptron"], at_least=1.4, at_most=2, what="temperature of the perceptron")

# %% [markdown]
# The text-book tale, "networks are over-confident", holds for the perceptron: its T is above 1. The CNN, made by this
# course's own recipe, is *under*-confident: its targets taught it to say no more than 91 %. The control, without
# smoothing, needs far less sharpening. **Drag the temperature until the CNN's ECE is at most 0.025. Then add noise.**
# (These are validation pictures: choosing T is a choice.)

# %%
logits = {name: {s: predict_logits(model, readers.noisy(data.val[0], s))
                 for s in (0, 0.1, 0.2, 0.3, 0.4)}
          for name, model in (("CNN", cnn), ("perceptron", few))}
explore(*scenes.recalibration(logits, data.val[1]), name="recalibration",
        steps=scenes.TEMPERED_STEPS, goal="an ECE of at most 0.025 for the CNN",
        reader=choice("reader", ["CNN", "perceptron"], "CNN"),
        temperature=slider("temperature", 0.3, 4.0, 1.0, log=True),
        noise=choice("noise on the pictures", [0, 0.1, 0.2, 0.3, 0.4], 0))

# %%
guess_shift = predict("The CNN on pictures with noise 0.4: with T its ECE is …",
                      ["lower", "about the same", "higher"])

# %%
shift = {}
for name, model in (("CNN", cnn), ("perceptron", few)):
    for s in (0, 0.4):
        z = predict_logits(model, readers.noisy(data.test[0], s, SEED + 1))
        before, after = (judge_logits(z, data.test[1], t) for t in (1, T[name]))
        shift[name, s] = before.ece, after.ece
        print(f"{name:10} noise {s:3}: accuracy {measured(before.accuracy, '.2f')}, "
              f"ECE {measured(before.ece)} → {measured(after.ece)}")

# %%
guess_shift.compare(shift["CNN", 0.4][1] - shift["CNN", 0.4][0], bins=[-0.03, 0.03])

# %% tags=["promise"]
expect(shift["CNN", 0][0] - shift["CNN", 0][1], at_least=0.05,
       what="what the CNN's temperature mends on clean test pictures")
expect(shift["CNN", 0.4][1] - shift["CNN", 0.4][0], at_least=0.05,
       what="what the same temperature spoils under noise")
expect(shift["perceptron", 0.4][0] - shift["perceptron", 0.4][1], at_least=0.03,
       what="what the perceptron's temperature still mends under noise")

# %% [markdown]
# On pictures like those of validation a temperature mends both readers. Noise lowers the accuracy, and a temperature
# does not know it. The CNN was sharpened, so under noise it is worse than before; the perceptron was softened, which
# happens to help. Calibration is a promise about *one* kind of data.

# %% [markdown]
# ## 8 · Break it: perfectly calibrated
#
# A colleague presents a fourth reader of digits. Its ECE on the test pictures is lower than that of the CNN and of the
# perceptron, with and without their temperatures.

# %%
share = torch.bincount(data.train[1], minlength=10) / len(data.train[1])
z = share.log().expand(len(data.test[1]), 10)                      # (1000, 10)
fourth = judge_logits(z, data.test[1])
print(f"ECE {measured(fourth.ece, '.3f')}; confidence "
      f"{measured(fourth.confidence, '.2f')}")

# %%
guess_fourth = predict("Is this reader's accuracy above 0.5?", ["no", "yes"])

# %%
guess_fourth.compare(fourth.accuracy, bins=[0.5])

# %% tags=["promise"]
others = min(shift["CNN", 0] + shift["perceptron", 0])
expect(others - fourth.ece, at_least=0, what="least ECE of the others minus its own")
expect(fourth.accuracy, at_most=0.15, what="accuracy of the fourth reader")
expect(fourth.log_loss, at_least=2.25, at_most=2.4, what="its log loss")

# %% [markdown]
# **Diagnosis.** It says the same for every picture: how common each digit was in training, *the base rate*. Of its
# answers "10 %", about 10 in 100 are right: calibrated, and worthless. Calibration is no measure of quality alone. Log
# loss and Brier score are: they are **proper**, that is, least for whoever gives the true probabilities, and they
# charge for knowing nothing: here log 10 = 2.3.

# %% [markdown]
# ## Summary
#
# How good, and how sure? A number, its measure, its interval, and what varies in that interval. You have
# - computed seven measures, equal to scikit-learn's, and seen three models win by three of them;
# - written an interval and counted its coverage over 1,000 draws;
# - compared two models on the same pictures, and found that half a point takes thousands of them;
# - seen the split move a result more than the seeds, and a test call twins different;
# - mended calibration with one number, and seen a shift break it.

# %%
quiz("09a.1")
quiz("09a.2")
quiz("09a.3")
quiz("09a.4")
quiz("09a.5")

# %% [markdown]
# ## Further reading
#
# - Brown, Cai, DasGupta (2001), *Interval estimation for a binomial proportion*, [doi:10.1214/ss/1009213286](https://doi.org/10.1214/ss/1009213286)
# - Bouthillier and others (2021), *Accounting for variance in machine learning benchmarks*, [arXiv:2103.03098](https://arxiv.org/abs/2103.03098)
# - Guo and others (2017), *On calibration of modern neural networks*, [arXiv:1706.04599](https://arxiv.org/abs/1706.04599)
# - Gneiting, Raftery (2007), *Strictly proper scoring rules, prediction, and estimation*, [doi:10.1198/016214506000001437](https://doi.org/10.1198/016214506000001437)
# - Dietterich (1998), *Approximate statistical tests for comparing supervised classification learning algorithms*, [doi:10.1162/089976698300017197](https://doi.org/10.1162/089976698300017197)
