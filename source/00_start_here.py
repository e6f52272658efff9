# %% [markdown]
# # 00 · Start here — Can a laptop learn to read in ten seconds?
#
# > **You will be able to**
# > - run a lesson, operate its figures, and tell a number your machine measured from one we typed;
# > - train a network on real handwritten digits and let it read your own hand;
# > - say why a score counts only on new pictures, and only beside a baseline;
# > - use the exercises: try, be told what is wrong, mend it.
# >
# > **Time** 62 minutes, exercises 35 more · **Before this** Python (functions, lists) and school mathematics; NumPy helps
# >
# > **The article** The course supplies the code that a short article on deep learning promises but leaves out. This chapter covers its introduction.

# %% [markdown]
# Each lesson opens with a few code cells like those below. One holds settings that you may change, the next fetches what the lesson needs, and the third is a warm-up.
#
# Click into a cell and press **Shift + Enter**: it runs, and the next one is selected. Continue cell by cell, so that you can predict before you see: *Run → Run All Cells* would give every answer away.
#
# If a figure does not respond or a cell shows an error, see *Is everything well?* near the end.

# %% tags=["parameters"]
FAST = False        # True: shorter runs, whose numbers are not promised
SEED = 0            # where the random numbers begin; the same seed gives the same run
N_EPOCHS = 3        # how often the network sees each training picture
LR = 0.02           # the highest learning rate (Play 2 shows what a learning rate is)

# %% tags=["setup"]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from helpers import check, expect, measured, plots, show, start
from helpers.data import digits
from helpers.metrics import accuracy, confusion_matrix, majority_accuracy
from helpers.models import FastCNN, count_parameters
from helpers.topics.start import scenes as figures
from helpers.training import evaluate, fit, one_cycle, predict_logits
from helpers.widgets import (draw_a_digit, draw_curve, explore, live, order, predict,
                             quiz, slider, warm_up)

start(SEED, fast=FAST)

# %% [markdown]
# **Warm-up.** Each lesson begins with a few questions: some on what you have learnt before, some on what is to come. Guess; you are not expected to know. The course remembers which ones to ask again.

# %%
warm_up("00")

# %% [markdown]
# ## The whole game
# Here are real digits, written by hand by American high-school pupils and census workers. Each is a picture of 28×28 grey pixels, and has a *label*: the digit that was meant.
#
# The data come in three parts. The network learns from **train**. On **val** (validation) we watch its progress. **test** is locked away for the last question: how good is it on pictures that it has never met?

# %% [markdown]
# Pictures and labels are *tensors*: arrays like NumPy's, but from our library, PyTorch (`torch`). A shape of (3500, 1, 28, 28) means 3,500 pictures, one *channel* (grey; colour has three), 28 rows, 28 columns. Comments such as `# (N, 1, H, W)` tell you the shape of what a line makes.

# %%
data = digits(n_train=1000 if FAST else 3500)
data

# %%
x, y = data.train                   # (3500, 1, 28, 28) and (3500,)
fig = plots.image_grid(x[:20], [str(int(label)) for label in y[:20]])
show(fig, alt="Twenty handwritten digits, white ink on black, each below its label.")

# %% [markdown]
# **Predict.** The ten digits are about equally common. How many of 100 would you get right by always giving the same answer? That score is the plainest *baseline*: whatever we build must beat it.
#
# <details><summary>My answer</summary>
#
# About 10, give or take a few: the commonest training digit may happen to be rarer among the new ones.
# </details>

# %%
share = majority_accuracy(data.train[1], data.val[1])
print(f"always the commonest digit: {measured(100 * share, '.0f')} of 100 right")

# %% [markdown]
# **Run.** The next cell makes a network and trains it in a few seconds. By the end of chapter 02 you will understand nearly all of this code; for now, watch the progress bar. An *epoch* is one time through all training pictures.

# %%
model = FastCNN(width=12)
history = fit(model, data.train, data.val, n_epochs=N_EPOCHS, batch_size=64,
              lr=LR, schedule=one_cycle, seed=SEED)
print(f"{count_parameters(model):,} numbers learnt "
      f"in {measured(history.seconds[-1], '.1f')} seconds")

# %% tags=["promise"]
expect(history.val_accuracy[-1], at_least=0.94, what="share of new digits read right")

# %% [markdown]
# **Explain.** Nobody programmed a rule for any digit. The network began with random numbers; each *step* changed them a little so that the right label became more probable. Over nine in ten is not luck: the baseline gets about one in ten.
#
# Whatever stands between « and », usually a number, was *found by this run*. On your machine its last digit may differ (times differ by much more). A limit beside it is our promise: if it is broken, a test of the course fails.

# %% [markdown]
# ## Play 1: it reads your hand
# The pad asks for the ten digits in turn. Draw them with the mouse or a finger; the first stroke wipes the example away. Lift the pen and wait a moment: when the network reads the digit right, the pad asks for the next. If not, add a stroke, or give up with **Clear**: the digit then counts as misread.
#
# **Which digit do you have to draw most carefully?** (Skip the code for now: it asks the network for ten probabilities.)

# %%
def probabilities(digit):
    """(28, 28) pixels in [0, 1] to ten probabilities that add up to 1."""
    with torch.inference_mode():
        logits = model(torch.from_numpy(digit)[None, None])         # (1, 10)
    return F.softmax(logits, dim=1)[0].numpy()                      # (10,)


reader = draw_a_digit(
    probabilities, name="a pad that reads digits",
    goal="draw the ten digits that it asks for, and have at least 8 of them read right")

# %% [markdown]
# **Explain.** The little picture shows what the network sees: your strokes, shrunk to 28×28 and centred like the training digits. The ten bars, one per digit, add up to 1. Sometimes the network is sure of the wrong digit (it may take half a 3 for a 7).
#
# When the ten are done, draw a cat: it still answers with a digit, for it can say only what it was taught to say. Keep that in mind whenever a model sounds sure. Your drawing is a plain NumPy array: `reader.digit`.

# %% [markdown]
# ### Exercise 0.1 · Accuracy · write · 5 min · ★☆☆
# How good is a reader? Compute the share of its predictions that are right. `predicted` and `y` are tensors of N whole numbers; the answer is one number from 0 to 1. One line will do.
#
# Try something wrong first, such as the number of right predictions, and see what the check says.

# %%
def my_accuracy(predicted, y):
    """The share of predictions that equal y. (N,) and (N,) to one number."""
    ### BEGIN SOLUTION
    return (predicted == y).float().mean()
    ### END SOLUTION

# %%
check("0.1", my_accuracy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `predicted == y` gives a tensor of True and False. A share is an average of ones and zeros.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Turn True and False into 1.0 and 0.0 with `.float()`, then take `.mean()`.
#
# </details>

# %% [markdown] tags=["discussion"]
# The average of ones and zeros *is* the share of ones, so you need not count or divide yourself. You do need `.float()`: torch refuses to average True and False. From here on the lessons use `helpers.metrics.accuracy`, which also complains when the two lengths differ.

# %% [markdown]
# ## A score counts only on new pictures
# A pupil who has seen the exam can score full marks by remembering it. So could a network. Let us test a program that *only* remembers: it stores every training picture. Shown any picture, it answers with the label of the most similar stored one (the *nearest neighbour*).

# %%
def nearest_label(pictures):
    """The label of the stored picture that differs least: (N, 1, 28, 28) to (N,)."""
    distance = torch.cdist(pictures.flatten(1), x.flatten(1))       # (N, 3500)
    return y[distance.argmin(dim=1)]                                # (N,)


seen = accuracy(nearest_label(x[:500]), y[:500])
print("on 500 pictures that it has stored:", measured(seen))

# %%
guess_new = predict(
    "Of 100 pictures that it has not stored, how many does it get right?",
    ["about 30", "about 60", "about 90", "all 100"])

# %%
x_val, y_val = data.val                                             # 500 new digits
new = accuracy(nearest_label(x_val), y_val)
print("on 500 new pictures:", measured(new))

# %%
guess_new.compare(new, bins=[0.45, 0.77, 0.98])

# %% tags=["promise"]
expect(seen, at_least=0.99, what="nearest neighbour on pictures that it has stored")
expect(new, at_least=0.85, at_most=0.97, what="nearest neighbour on new pictures")

# %% [markdown]
# **Explain.** Each stored picture is its own nearest neighbour, so full marks there prove nothing. The score on new pictures is the honest one, and a second baseline to beat before we call a network clever.

# %% [markdown]
# ### Exercise 0.2 · From bytes to pixels · fix · 10 min · ★☆☆
# Where do such pictures come from? Files store grey as *bytes*, whole numbers from 0 to 255 (NumPy's type `uint8`). Our networks want a tensor of type `float32`, shape (N, 1, H, W), with values from 0 to 1: byte 0 becomes 0, byte 255 becomes 1.
#
# This program raises no error, and yet all its pictures come out black. **One line is wrong. Find it and mend it.** (`a[:, None]` puts a new axis of length 1 in second place: the channel.)

# %%
def to_pixels(a):
    """uint8 array (N, H, W), 0 to 255, to float32 tensor (N, 1, H, W), 0 to 1."""
    pixels = torch.tensor(a)            # (N, H, W), whole numbers
    ### BEGIN SOLUTION
    pixels = pixels.float() / 255       # (N, H, W), 0 to 1
    ### INSTEAD
    pixels = pixels // 255              # (N, H, W), 0 to 1
    ### END SOLUTION
    return pixels[:, None]              # (N, 1, H, W)

# %%
check("0.2", to_pixels)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Try the lines one by one on `a = np.array([[[0, 100, 255]]], dtype="uint8")` (after `import numpy as np`). After which line is the grey gone?
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `//` divides and drops the fraction, so 100 becomes 0. Make floats first (`.float()`), then divide with `/`.
#
# </details>

# %% [markdown] tags=["discussion"]
# It matters to divide by the fixed number 255, not by the greatest value in the array: a picture must look the same to the network whichever pictures come with it. `.float()` makes float32, the kind of number that the network holds; NumPy's division would give float64, which the network refuses.

# %% [markdown]
# ## Play 2: watch it learn
# A network is a black box only until you look inside. Here is the smallest one that can read: ten *templates*, one per digit. A picture gets the digit whose template fits best. Press **Start** and watch the templates emerge from nothing.
#
# Two settings decide how fast they learn: the **learning rate** (how far each step goes) and the **batch size** (how many pictures vote on a step). Such settings, chosen by you, not learnt, are called *hyperparameters*.

# %% [markdown]
# **Set the batch size to 256. What happens at the lowest rate, at the highest, in between? Then set it to 1: does any rate help?** When you have found a good pair, let it run on: what do the two curves do?

# %%
def make(**settings):
    """A new training of ten templates."""
    return figures.TemplateRun(data.train, data.val, **settings)


live(
    make, *figures.templates_scene(target=0.86, first=80, last=100),
    name="ten templates that learn", hot=("lr", "batch_size"), preview=100, speed=1,
    goal="from step 80 to step 100, never fall below 86 of 100 new digits "
         "(stay above the dotted frame)",
    lr=slider("learning rate", 0.001, 10.0, 0.01, log=True,
              tip="how far each step goes"),
    batch_size=slider("batch size (pictures)", 1, 256, 8,
                      tip="how many pictures vote on a step"),
)

# %% [markdown]
# **Explain.** Red pixels vote for a digit, blue ones against it. With 256 pictures a step, the rate decides: the lowest is still near six in ten, the highest leaps about, and the best lies in between. With one picture a step, no rate gets there in 100 steps: one picture is a poor sample of all digits, so a high rate has each step undo what the last one taught, and a low one needs thousands of steps. The next cell tries four pairs.

# %%
def worst(lr, batch_size):
    """Ten templates after 100 steps, and the worst accuracy of steps 80 to 100."""
    run = make(seed=SEED, lr=lr, batch_size=batch_size)
    for _ in range(100):
        run.step()
    return run, min(run.accuracy[80:])


tried = {}
for pair in ((0.7, 256), (0.001, 256), (10, 256), (0.7, 1)):
    templates, tried[pair] = worst(*pair)
    print(f"rate {pair[0]}, batch size {pair[1]}: at worst {measured(tried[pair])}")

# %% tags=["promise"]
for pair, least, most in (((0.7, 256), 0.86, 1), ((0.001, 256), 0.3, 0.7),
                          ((10, 256), 0, 0.82), ((0.7, 1), 0, 0.6)):
    expect(tried[pair], at_least=least, at_most=most,
           what=f"worst of steps 80 to 100, rate {pair[0]}, batch size {pair[1]}")

# %% [markdown]
# ### And after thousands of steps?

# %%
guess_heart = predict(
    "Templates after 2,000 steps: how many of 100 *new* digits do they read right?",
    ["fewer than 60", "60 to 84", "85 to 94", "95 or more"])

# %%
templates = make(seed=SEED, lr=0.7, batch_size=256)
for n in (100, 200 if FAST else 1900):
    templates.steps(n)
    stored, fresh = (accuracy(templates.predict(part[0]), part[1])
                     for part in (data.train, data.val))
    print(f"after {templates.n_steps:>4} steps: {measured(stored)} of the stored "
          f"digits, {measured(fresh)} of the new ones")

# %%
guess_heart.compare(fresh, bins=[0.6, 0.85, 0.95])

# %% tags=["promise"]
expect(stored, at_least=0.97, what="templates on the stored digits, after 2,000 steps")
expect(fresh, at_least=0.86, at_most=0.93, what="the same templates on new digits")

# %% [markdown]
# **Explain.** The templates go on to read nearly all *stored* digits (after 8,000 steps, all 3,500). On new ones they stay at nine in ten. They have learnt the stored digits by heart, pixel by pixel: 7,850 numbers are enough for that. It is the nearest neighbour's story again, this time in pictures that you can watch. Chapter 01 calls it *over-fitting*, and shows how to notice it and when to stop.

# %% [markdown]
# ### Exercise 0.3 · The plainest baseline · order · 8 min · ★☆☆
# Before you build a model, ask what you would get *without* one. Put the lines in order: find the commonest label in `y_train`, and return the share of `y` that equals it. Both are tensors of whole numbers, and they may differ in length. Two lines do not belong there, and one has a gap to fill.
#
# (`y_train.bincount()` counts how often 0, 1, 2 … appear.)

# %%
lines_baseline = order("0.3")

# %%
check("0.3", lines_baseline)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two steps: learn one label from `y_train`, then score that one answer on `y`, as in exercise 0.1.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `.max()` would give the greatest *count*; `.argmax()` gives the *place* of the greatest count, and that place is the label.
#
# </details>

# %% [markdown] tags=["discussion"]
# It sounds too simple to matter. But where 99 of 100 mails are not spam, always saying "no spam" is right 99 times in 100: a model with an accuracy of 0.98 has not shown that it is better than none. The baseline, too, may learn only from the training labels: peeking at `y` would be cheating, and small cheats grow into large ones.

# %% [markdown]
# ## Play 3: how much noise do they bear?
# The pixels of real cameras are noisy. You know three readers by now: the network, the ten templates (after 100 steps), and the nearest neighbour. None of them has ever seen a noisy picture.

# %%
guess_noise = predict(
    "Strong noise (0.5) on every picture: which reader reads most digits right?",
    ["the network", "the templates", "the nearest neighbour"])

# %%
sketch_noise = draw_curve(
    "How many digits will the network read right, with more and more noise?",
    x=("noise (standard deviation)", 0, 2), y=("share read right", 0, 1))

# %%
few = x_val[:200], y_val[:200]
early, _ = worst(0.7, 256)
readers = {"the network": lambda x: predict_logits(model, x).argmax(dim=1),
           "the templates": early.predict, "the nearest neighbour": nearest_label}
share = {name: figures.accuracy_under_noise(read, few)
         for name, read in readers.items()}
print({name: measured(values[5], ".2f") for name, values in share.items()})

# %%
sketch_noise.compare(figures.NOISE, share["the network"])

# %%
guess_noise.compare(max(share, key=lambda name: share[name][5]))

# %% [markdown]
# **At what noise can you still read the digit when the network no longer can?** Set the noise to 0.5, cover the bars and the line below the figure (they give the answers away), read ten digits aloud, and count your hits.

# %%
explore(
    *figures.noise_scene(model, few, share), name="a digit under noise",
    goal="find the least noise at which the network reads fewer than half",
    steps=figures.NOISE_STEPS,
    noise=slider("noise (standard deviation)", 0.0, 2.0, 0.2, step=0.1,
                 tip="grey added to each pixel; full ink is 1"),
    which=slider("which digit", 0, 199, 2, tip="choose another digit"),
)

# %% tags=["promise"]
first = {name: figures.NOISE[(values < 0.5).argmax()] for name, values in share.items()}
expect(first["the network"], at_least=0.3, at_most=0.8, spec=".1f",
       what="noise at which the network reads fewer than half")
expect(share["the nearest neighbour"][5], at_least=0.85, what="neighbour at noise 0.5")
expect(share["the nearest neighbour"][5] - share["the templates"][5], at_least=0.05,
       what="neighbour minus templates at noise 0.5")
expect(share["the templates"][5] - share["the network"][5], at_least=0.05,
       what="templates minus network at noise 0.5")

# %% [markdown]
# **Explain.** The best reader of clean digits is the worst of noisy ones. *Not having seen noise* cannot be the whole reason, for the neighbour has not seen it either and still reads about nine in ten. We leave the cause open. What is certain: a high score on clean digits promises nothing about noisy ones. Whoever needs the second must measure it, and can train for it: noisy training pictures help (*augmentation*, [05b](05b_augment.ipynb)).

# %% [markdown]
# ## Where does it fail?
# An accuracy hides *which* digits are misread. Looking at the mistakes is the cheapest tool there is, so do it every time. We do it on the validation digits: whoever looks at mistakes chooses what to do next, and nothing may be chosen by the test.

# %%
predicted = predict_logits(model, x_val).argmax(dim=1)              # (500,)
wrong = (predicted != y_val).nonzero()[:10, 0]
titles = [f"{int(y_val[i])} as {int(predicted[i])}" for i in wrong]
fig = plots.image_grid(x_val[wrong], titles)
show(fig, alt="Ten misread digits, each below its label and what the network said.")

# %% [markdown]
# The *confusion matrix* counts all pairs: row i, column j tells how often digit i was taken for j. The diagonal would hold the right answers (it is left blank here); all else is a mistake with a name. Beside the network stand the ten templates, which err more often. **Run the next cell: which mistake do the templates make most often?**
#
# <details><summary>My answer</summary>
#
# A 5 taken for a 3, but only by a digit or two. With another seed it may be an 8 taken for a 5 or a 4 for a 9: which one leads is largely luck.
# </details>

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.7))
both = {"network": predicted, "templates": early.predict(x_val)}
for ax, (name, said) in zip(axes, both.items()):
    table = confusion_matrix(said, y_val, 10)                       # (10, 10)
    plots.confusion(ax, table, limit=8).set_xlabel("what was said")
    ax.set_title(f"{name}: {int((said != y_val).sum())} mistakes")
show(fig, alt="Two tables of mistakes: few for the network, more for the templates.")

# %% tags=["promise"]
mistakes = {name: int((said != y_val).sum()) for name, said in both.items()}
expect(mistakes["templates"] / mistakes["network"], at_least=1.5, spec=".1f",
       what="the templates' mistakes for each of the network's")

# %% [markdown]
# ### Exercise 0.4 · The commonest mistake · write · 12 min · ★★☆
# From predictions and labels (digits 0 to 9), find the pair (truth, said) that is confused most often. Return two whole numbers, the truth first. `confusion_matrix(predicted, y, 10)` gives the table as a 10×10 NumPy array. If several pairs tie, the one that comes first in the table will do.

# %%
def commonest_mistake(predicted, y):
    """The most frequent (truth, said) with truth != said. (N,), (N,) to two ints."""
    ### BEGIN SOLUTION
    table = confusion_matrix(predicted, y, 10)
    for digit in range(10):
        table[digit, digit] = 0
    return divmod(int(table.argmax()), 10)
    ### END SOLUTION

# %%
check("0.4", commonest_mistake)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Count all pairs, strike out the right answers (`table[i, i] = 0` strikes out one), and take the greatest count that is left.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `table.argmax()` counts through the table row by row, from 0 to 99. Then `divmod(place, 10)` is (row, column).
#
# </details>

# %% [markdown] tags=["discussion"]
# The diagonal must go first: right answers are by far the commonest pairs. Try your function: `commonest_mistake(early.predict(x_val), y_val)` names the darkest cell of the right-hand table. If 5 is taken for 3 most often, collect more fives, check whether some are labelled wrongly, or ask whether a person could tell them apart. A number that names a mistake suggests a remedy; an accuracy does not.

# %% [markdown]
# ## Break it: you can read them, the network cannot
# A friend scans digits and sends them to your network. A minute ago it was right more than nine times in ten; now it fails. Here are hers and what it says they are.

# %%
x_friend = figures.friend_scan(x_val)
said = predict_logits(model, x_friend).argmax(dim=1)
fig = plots.image_grid(x_friend[:10], [f"says {int(s)}" for s in said[:10]])
show(fig, alt="Ten digits in black ink on white paper; most are misread.")
print("her digits:", measured(accuracy(said, y_val)))

# %%
causes = ["her handwriting is unusual", "ink and paper are swapped",
          "the network has learnt the digits by heart"]
guess_cause = predict("What is the cause?", causes)

# %%
swapped_back = predict_logits(model, 1 - x_friend).argmax(dim=1)
mended = accuracy(swapped_back, y_val)
print("her digits, ink and paper swapped back:", measured(mended))

# %%
guess_cause.compare(causes[1])

# %% tags=["promise"]
expect(accuracy(said, y_val), at_most=0.4, what="accuracy on the friend's digits")
expect(mended, at_least=0.94, what="accuracy after swapping ink and paper back")

# %% [markdown]
# **Explain.** Her digits were our validation digits. In the training data ink is 1 and paper 0. In a scan of dark ink on white paper, it is the reverse. To us the digit is the same; to the network nearly every number has changed. One line, `1 - x`, mends it.

# %% [markdown]
# Pictures must be prepared in use exactly as they were for training. To forget this is a common fault, and no error message warns of it. (On the pad, untick *centre the drawing* and draw in a corner: chapter 02 takes up what happens then.)

# %% [markdown]
# ## The last question, asked once
# How good is the network on the 1,000 test digits? We have chosen nothing by them, so this score is honest. Beside it stands your score from the pad. That one flatters you: you could add strokes to a misread digit. If you still score much lower, you have met a *distribution shift*: the network learnt from *other people's* pens on paper, not from your mouse.

# %%
test_loss, test_accuracy = evaluate(model, data.test)
neighbour = accuracy(nearest_label(data.test[0]), data.test[1])
print(f"test digits: {measured(100 * test_accuracy, '.0f')} of 100 "
      f"(nearest neighbour: {measured(100 * neighbour, '.0f')})")
print("your hand:", reader.score)

# %% tags=["promise"]
expect(test_accuracy, at_least=0.94, what="network, test accuracy")
expect(test_accuracy - neighbour, at_least=0.0, what="lead over the nearest neighbour")

# %% [markdown]
# ## The article, checked
# The course follows a short Chinese article, 《机器学习中的深度学习模型原理与应用》 ("Principles and applications of deep-learning models in machine learning"). Each chapter checks what it says.

# %% [markdown]
# | It says | What you have seen |
# |---|---|
# | Deep learning learns features (what to look for) by itself, from *large* amounts of data | By itself, yes. But here 3,500 pictures were enough for over nine in ten |
# | Deep learning needs much computing power and storage | Large models do. This one took seconds on a laptop; its size is printed below |
# | The article will walk through the code | It never does. This course does |

# %%
kilobytes = sum(p.numel() * p.element_size() for p in model.parameters()) / 1000
print(f"the whole network: {kilobytes:.0f} kB")

# %% tags=["promise"]
expect(kilobytes, at_most=200, what="size of the whole network", spec=".0f", unit=" kB")

# %% [markdown]
# ## Is everything well?
# Did something above not work? The next cell checks the versions, widgets, fonts and disk, and says what to do.

# %%
from helpers.doctor import diagnose, report

print(report(diagnose()))

# %% [markdown]
# ## Summary
# **Can a laptop learn to read in ten seconds?** It can learn to tell ten centred digits apart: with a few thousand labelled pictures, a small network, and a loop that changes its numbers step by step. (The seconds that it took on your machine stand above.)
#
# You can now
# - run a lesson, operate its figures, and tell a measured number («…») from a typed one;
# - train a network on real digits and let it read your own hand;
# - say why a score counts only on new pictures, and only beside a baseline;
# - use the exercises. `progress.json` in the course's folder keeps your solutions; `from helpers import my_answer`, then `my_answer("0.1")`, shows one again. Nothing leaves your machine.
#
# In each lesson, *predict* before you *run*, then *explain* the result to someone, if only to yourself. That minute is where the learning happens.

# %% [markdown]
# Five questions. Each option gives a reply: the wrong ones are worth pressing too.

# %%
quiz("00.1")
quiz("00.2")
quiz("00.3")
quiz("00.4")
quiz("00.5")

# %% [markdown]
# ## Further reading
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86 (1998), doi:10.1109/5.726791. Where these digits come from, with a network not unlike ours.
# - T. M. Cover, P. E. Hart, *Nearest neighbor pattern classification*, IEEE Transactions on Information Theory 13 (1967), doi:10.1109/TIT.1967.1053964. The baseline that only remembers.
# - Y. LeCun, Y. Bengio, G. Hinton, *Deep learning*, Nature 521 (2015), doi:10.1038/nature14539. Nine pages on the whole field, by three of its pioneers.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (MIT Press, 2016), chapter 1. Free to read at deeplearningbook.org.
#
# **Next:** [01a · What can one layer learn?](01a_neuron.ipynb)
