# %% [markdown]
# # 15a · Your own project — What do you do with data of your own?
#
# > **You will be able to**
# > - look at your own arrays as a careful colleague would, and say what such a look cannot find;
# > - take pictures, a table, a series or texts of your own through the whole pipeline, beside a baseline;
# > - tell four faults by their symptoms;
# > - find each idea of this course again, in English and in Chinese.
# >
# > **Time** 40 minutes, exercises 40 more · **Before this** [05a · Splits](05a_splits.ipynb), [08b · Habits](08b_habits.ipynb) ·
# > **In the article** sections 6 and 7, and all that came before, checked

# %% tags=["parameters"]
FAST = False
SEED = 0
N_DEALS = 5         # deals of the patients for each planted fault
N_EPOCHS = 15       # of each network in section 4

# %% tags=["setup"]
import tempfile
from pathlib import Path

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from helpers import check, expect, measured, start
from helpers.project import audit, demo, load
from helpers.topics.questions import scenes_project as scenes
from helpers.topics.questions.checks_project import symptoms
from helpers.topics.questions.course_map import STAGES, course_loop
from helpers.topics.questions.planted import (
    FAULTS, SHARES, STRONG, WEAK, copied, parts, plant)
from helpers.topics.questions.tables import article_checked, glossary
from helpers.widgets import (
    choice, draw_curve, explore, order, predict, quiz, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_DEALS, N_EPOCHS = 1, 1

# %%
warm_up("15a")

# %% [markdown]
# This lesson is about *your* data. First a look at arrays, on a table where we plant the faults ourselves. Then one
# short program for four kinds of data. Then the whole course once more, on one page.

# %% [markdown]
# ## 1 · Look before you train
#
# `audit(x_train, y_train, x_test, y_test)` asks fourteen questions of four arrays: copies, scale, order, labels that
# contradict a sure prediction, a single feature that gives the answer away … It changes nothing. Here it looks at 569
# real patients (scikit-learn's breast-cancer table), of whom we keep six weak measurements.

# %%
x, y, u, v = parts(SEED)                                # (369, 6), (369,), (200, 6)
audit(x, y, u, v)

# %% [markdown]
# No fault. Every line is a number that you could have found yourself; where a line asks for a look, the lesson at its end
# says how. Now plant a fault: some test patients are replaced by copies of training patients.

# %%
sketch_copies = draw_curve("It gets 0.7 of honest patients right. With copies?",
                           x=("share of copies in the test", 0, 0.3),
                           y=("accuracy", 0.6, 1.0))

# %%
shares = np.array(SHARES)
scores = np.zeros((N_DEALS, len(shares)))               # (deals, shares)
for deal in range(N_DEALS):
    own = parts(deal)
    for i, share in enumerate(shares):
        a, b, c, d = copied(*own, share, np.random.default_rng(deal))
        scores[deal, i] = KNeighborsClassifier(1).fit(a, b).score(c, d)

# %%
sketch_copies.compare(shares, scores.mean(0))

# %% [markdown]
# A straight line: of each copy the nearest neighbour knows the answer, of each other patient it is right as often as
# before. With accuracy a and a share s of copies, it scores a + s·(1 − a).

# %% tags=["promise"]
before = scores[:, 0].mean()
expect(scores[:, -1].mean() - (before + 0.3 * (1 - before)), n=N_DEALS,
       at_least=-0.03, at_most=0.03, what="score with 30 % copies, less a + s·(1 − a)")

# %% [markdown]
# ### Exercise 15.1 · A split that leaks people · fix · 7 min · ★★☆
#
# Each row is a visit; `people` says whose. The test should be all visits of the last `n_test` different people (in
# sorted order). The program takes the last *rows* instead. Mend the line, so that it gives the rows of the test.

# %%
def test_rows(people, n_test):
    """people (N,): whose row it is → rows (int array) of the last n_test people."""
    ### BEGIN SOLUTION
    return np.flatnonzero(np.isin(people, np.unique(people)[-n_test:]))
    ### INSTEAD
    return np.arange(len(people) - n_test, len(people))
    ### END SOLUTION

# %%
check("15.1", test_rows)

# %% [markdown]
# <details><summary>Hint 1: who is in the test?</summary>
#
# `np.unique(people)` gives the different people, sorted. The last `n_test` of them are wanted.
# </details>
# <details><summary>Hint 2: their rows</summary>
#
# `np.isin(people, chosen)` is a mask of rows; `np.flatnonzero(mask)` gives their places.
# </details>

# %% [markdown] tags=["discussion"]
# scikit-learn's `GroupKFold` and `GroupShuffleSplit` do this; `load(…, groups="who")` in the project notebook calls
# the second. Ask first what will be new in use: a person, a day, a machine. That is the group.

# %% [markdown]
# ## 2 · What can audit() see, and what not?
#
# Four faults, each at six shares. The blue line is the score that you would report, the red one what the same patients
# get without the fault.

# %%
guess_named = predict("How many of the four faults, at their largest, are named?",
                      ["1", "2 or 3", "all 4"])

# %%
bank = {name: plant(name, n_deals=N_DEALS) for name in FAULTS}
n_named = sum(bool(own.named[-1]) for own in bank.values())

# %%
guess_named.compare(n_named, bins=[2, 4])

# %%
explore(*scenes.planted_faults(bank), name="planted faults",
        goal="a score that flatters by 5 points, and an audit that names nothing",
        steps=scenes.PLANTED_STEPS,
        fault=choice("fault", list(FAULTS), "copies in the test"),
        share=choice("share", SHARES, 0.0))

# %% tags=["promise"]
gap = {name: (own.measured - own.honest)[-1].mean() for name, own in bank.items()}
expect(gap["copies in the test"], at_least=0.05, n=N_DEALS, what="copies flatter by")
expect(gap["a note made afterwards"], at_least=0.04, n=N_DEALS,
       what="a note flatters by")
expect(gap["another device"], at_most=-0.08, n=N_DEALS,
       what="another device: score less worth")
expect(float(bool(bank["a note made afterwards"].named[-1])), at_most=0,
       what="audit() names the note")
expect(float("copies" in bank["copies in the test"].named[-1]
             and "drift" in bank["another device"].named[-1]), at_least=1,
       what="audit() names the copies and the device")
expect(len(bank["wrong training labels"].named[-1]), at_most=0,
       what="faults named with 30 % wrong labels")

# %% [markdown]
# Copies and the other device are named (so in each of five deals). Two faults are not. The **note** is a column like
# others, and tells the answer for only some patients. Do the **wrong labels** hide because six weak measurements make
# no prediction sure? The control: six strong ones, of the same patients, with the same wrong labels.

# %%
from sklearn.datasets import load_breast_cancer

X, Y = load_breast_cancer(return_X_y=True)
rows = np.random.default_rng(SEED).permutation(len(X))
a, b = rows[:369], rows[369:]                           # training, test
X = (X - X[a].mean(0)) / X[a].std(0)
wrong = Y[a].copy()
wrong[:37] = 1 - wrong[:37]                             # one in ten
reports = {name: audit(X[a][:, columns], wrong, X[b][:, columns], Y[b])
           for name, columns in (("weak", WEAK), ("strong", STRONG))}
for name, report in reports.items():
    print(f"six {name}: {report['wrong labels']}")

# %% tags=["promise"]
expect(float("wrong labels" in reports["strong"].faults), at_least=1,
       what="with strong measurements, wrong labels are named")
expect(float("wrong labels" in reports["weak"].faults), at_most=0,
       what="with weak ones they are")

# %% [markdown]
# With strong measurements they are named. So an audit that is silent says only that *its questions* found nothing.
# What no program can ask: when is each number known, who wrote it down, and will it be there tomorrow?

# %% [markdown]
# ### Exercise 15.2 · Copies that moved · write · 10 min · ★★★
#
# A copy that is moved by one pixel has another hash. Write `moved_copies(x_train, x_test)`: for each test picture,
# whether it equals a training picture moved by −1, 0 or 1 rows and by −1, 0 or 1 columns, as `np.roll` moves. Budget:
# 6 lines.

# %%
def moved_copies(x_train, x_test):
    """(N, H, W) and (M, H, W) → bool (M,): which test pictures are moved copies?"""
    ### BEGIN SOLUTION
    found = np.zeros(len(x_test), bool)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            moved = np.roll(x_train, (i, j), (1, 2))    # (N, H, W)
            found |= (x_test[:, None] == moved).all((2, 3)).any(1)
    return found
    ### END SOLUTION

# %%
check("15.2", moved_copies)

# %% [markdown]
# <details><summary>Hint 1: how many moves?</summary>
#
# Nine, the one by nothing among them: two loops over −1, 0, 1. `np.roll(x_train, (i, j), (1, 2))` moves all at once.
# </details>
# <details><summary>Hint 2: all pairs</summary>
#
# `x_test[:, None] == moved` has shape (M, N, H, W). *All* pixels must agree, with *any* training picture.
# </details>

# %% [markdown] tags=["discussion"]
# Real near-copies differ by noise, too; then one asks for a small distance instead of equality, as audit()'s "near
# copies" does. In 05a copies moved by one pixel faked ten points once about half of the test had one.

# %% [markdown]
# ## 3 · Break it: four projects
#
# Four projects on the same patients. Each has one of the faults `copies in the test`, `wrong training labels`,
# `a note made afterwards`, `another device`. The audit is not shown; these numbers are. "In use" means: new patients,
# the old device, no notes.

# %%
table = symptoms()
for name in next(iter(table.values())):
    print(f"{name:32}", *(f"{letter} {measured(own[name], '.2f')}  "
                          for letter, own in table.items()))

# %% [markdown]
# ### Exercise 15.3 · Which project has which fault? · value · 8 min · ★★☆
#
# Name the fault of A, B, C and D, as they stand in the list. Reason like a doctor: which fault makes the test better
# than the use? Which one lets a model tell the parts from each other?

# %%
### BEGIN SOLUTION
diagnosis = {"A": "another device", "B": "wrong training labels",
             "C": "a note made afterwards", "D": "copies in the test"}
### END SOLUTION

# %%
check("15.3", diagnosis)

# %% [markdown]
# <details><summary>Hint 1: two that flatter</summary>
#
# Where the score on the test lies above the score in use, the test is too easy. One of these two has copies.
# </details>
# <details><summary>Hint 2: two that are poor</summary>
#
# Wrong labels hurt test and use alike. Another device hurts the test alone, and shows in the AUC.
# </details>

# %% [markdown] tags=["discussion"]
# Cross-validation inside the training part sees neither the copies nor the device: both lie between the parts. And
# it *believes* the note. No single number finds a fault; a pattern of several does.

# %% [markdown]
# ### Exercise 15.4 · A test for standardise · test · 7 min · ★★☆
#
# `standardise(train, test)` gives both parts, scaled with the *training* part's mean and spread (standard deviation)
# of each column. Write the test that passes right programs and fails those that peek, or do it by halves.

# %%
def test_standardise(standardise):
    """standardise: (train (N, D), test (M, D)) → both, scaled."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    train, test = rng.normal(3, [1, 5], (50, 2)), rng.normal(4, [2, 5], (30, 2))
    a, b = standardise(train, test)
    assert np.allclose(a, (train - train.mean(0)) / train.std(0))
    assert np.allclose(b, (test - train.mean(0)) / train.std(0))
    ### END SOLUTION

# %%
check("15.4", test_standardise)

# %% [markdown]
# <details><summary>Hint 1: the example</summary>
#
# Columns with different spreads, and a test part with another mean than the training part: else some faults hide.
# </details>
# <details><summary>Hint 2: what to assert</summary>
#
# Compute both parts yourself from `train.mean(0)` and `train.std(0)`, and use `np.allclose`.
# </details>

# %% [markdown] tags=["discussion"]
# A test is as good as its example. With two parts drawn alike, a program that peeks passes: the difference is there,
# and too small to see.

# %% [markdown]
# ## 4 · One program, four kinds of data
#
# [my_project.ipynb](my_project.ipynb) is a notebook of thirty lines: give it a folder of pictures or texts, or a .csv
# file, and run it. `load` reads what is there, `split` keeps groups whole and a series in time, the network stands
# beside a linear baseline, and the test part stays closed until you open it. Here are its lines, on data that lie
# there as yours would.

# %%
folder = Path(tempfile.mkdtemp())
own = load(demo("pictures", folder))
train, val, test = own.split(seed=SEED)
print(own)
print(f"{len(train)} to learn from, {len(val)} to choose on, {len(test)} closed")

# %%
guess_lead = predict("On how many of the four kinds does the network surely lead?",
                     ["0 or 1", "2", "3 or 4"])

# %%
results = {kind: scenes.compared(kind, folder, seed=SEED, n_epochs=N_EPOCHS)
           for kind in ("pictures", "table", "series", "texts")}
sure = sum(r.lead[1] > 0 for r in results.values())

# %%
guess_lead.compare(sure, bins=[2, 3])

# %%
explore(*scenes.own_kinds(results), name="four kinds of data",
        goal="a kind on which the baseline leads, or nobody can say who does",
        kind=choice("kind", list(results), "pictures"))

# %% tags=["promise"]
expect(results["pictures"].lead[0], at_least=0.02, n=results["pictures"].n,
       what="the network's lead on pictures (share of errors)")
expect(results["series"].lead[1], at_least=0, n=results["series"].n,
       what="lower end of its lead on the series (ppm)")
expect(results["table"].lead[2] / results["pictures"].lead[0], at_most=1,
       what="upper end of its lead on wines / its lead on pictures")
expect(results["texts"].lead[1], at_most=0.02, n=results["texts"].n,
       what="lower end of its lead on short texts")

# %% [markdown]
# Pictures and the series go to the network, a small table and short texts do not: there a linear model is
# as good or better, and done at once. This is one seed and one size of data; the interval says what varies with the
# *examples* alone. Before you decide on data of your own, run a few seeds.

# %% [markdown]
# ### Exercise 15.5 · The lines of a project · order · 8 min · ★★☆
#
# Put the lines of a whole project in order. Two do not belong there, and two have a gap.

# %%
lines_project = order("15.5")

# %%
check("15.5", lines_project)

# %% [markdown]
# <details><summary>Hint 1: what comes first?</summary>
#
# The split. Nothing may be fitted before it, not even a scaler.
# </details>
# <details><summary>Hint 2: the two gaps</summary>
#
# The scaler learns from the training part; the best model is chosen on the validation part.
# </details>

# %% [markdown] tags=["discussion"]
# Whether the baseline stands before or after the models does not matter to a computer. For people it does: who sees
# the plain score first asks of each model what it adds.

# %% [markdown]
# ## 5 · The whole course on one page
#
# The article has five steps in a row, and calls two of them the last. A project is a loop: what is found late sends
# one back. **To which stage does a leak send you that is found in evaluation?**

# %%
explore(*course_loop(), name="the whole course",
        goal="the stage to which a leak, found in evaluation, sends you back",
        stage=choice("stage", list(STAGES), "evaluate"))

# %% [markdown]
# ## The article, checked
#
# All of it: what it says, in our words, and what you found with your own cells.

# %%
article_checked()

# %% [markdown]
# Much of what it says is fair for so short a text. What it lacks is what no list of steps can give: the control beside
# each claim.

# %% [markdown]
# ## Glossary, English and Chinese
#
# Each term leads to the lesson that teaches it. `glossary("c")` shows those that begin with c.

# %%
glossary()

# %% [markdown]
# ## What next?
#
# - **A project of your own**, with [my_project.ipynb](my_project.ipynb): small, with data that you understand, and a
#   baseline you respect. It teaches more than any course.
# - **Deeper**: *Deep Learning* (Goodfellow, Bengio, Courville), *Understanding Deep Learning* (Prince), both free to
#   read; then papers, with their code.
# - **Larger**: the same habits on a GPU. All programs of this course run there when model and data are moved with
#   `.to("cuda")`.
# - **With others**: reproduce one result, and write down each setting that you had to guess.

# %% [markdown]
# ## Summary
#
# **What do you do with data of your own?** Split by what will be new; look; take the plain answer first; then a
# network, chosen on validation; and open the test once. You have
# - audited arrays, and seen two faults that an audit does not name;
# - told four faults by a pattern of symptoms;
# - taken four kinds of data through one program, and let the baseline win where it won;
# - closed the loop, and checked the article to its end.

# %%
quiz("15a.1")
quiz("15a.2")
quiz("15a.3")
quiz("15a.4")
quiz("15a.5")

# %% [markdown]
# ## Further reading
#
# - Kapoor, Narayanan (2023), *Leakage and the reproducibility crisis in machine-learning-based science*,
#   [doi:10.1016/j.patter.2023.100804](https://doi.org/10.1016/j.patter.2023.100804)
# - Northcutt, Jiang, Chuang (2021), *Confident learning*, [arXiv:1911.00068](https://arxiv.org/abs/1911.00068)
# - Gebru and others (2021), *Datasheets for datasets*, [arXiv:1803.09010](https://arxiv.org/abs/1803.09010)
# - Lones (2021), *How to avoid machine learning pitfalls*, [arXiv:2108.02497](https://arxiv.org/abs/2108.02497)
