# %% [markdown]
# # 08b · Training — Why does it fail, and what makes it better?
#
# > **You will be able to**
# > - find a rate with one sweep, and say what a schedule buys once the rate is tuned again;
# > - scale the rate with the batch size, and measure the noise that makes it so;
# > - say what averaging, decay and bfloat16 do here, and what they do not;
# > - stop a training and go on to the same curve;
# > - name the fault behind a curve, and mend the line that caused it.
# >
# > **Time** 57 minutes, exercises 44 more · **Before this** [08a · Steps](08a_steps.ipynb) ·
# > **In the article** section 3.4, and 5: "improve the training"

# %% tags=["parameters"]
FAST = False
SEED = 0
N_STEPS = 500       # steps of each training on MNIST-1D
N_TUNE = 2          # networks that try each setting
N_TEST = 6          # fresh networks that are measured at the chosen setting
N_EPOCHS = 15       # of each training in the gallery

# %% tags=["setup"]
import math
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from helpers import check, expect, measured, show, start
from helpers.data import mnist1d
from helpers.metrics import mean_interval
from helpers.topics.training import scenes_habits as scenes
from helpers.topics.training import stills
from helpers.topics.training.bank import accuracies, new_weights, train
from helpers.topics.training.failures import gallery
from helpers.topics.training.knobs import RULES, Knobs, training_with_knobs
from helpers.training import fit
from helpers.widgets import (
    choice, draw_curve, explore, live, predict, quiz, slider, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_STEPS, N_TUNE, N_TEST, N_EPOCHS = 60, 1, 2, 2

# %%
warm_up("08b")

# %% [markdown]
# In [08a](08a_steps.ipynb) a rule turned a gradient into a step. This lesson is about what surrounds the rule: the
# rate and how it changes, the size of a batch, and the faults that everybody makes. The network and the data are the
# same as there: ten shapes of MNIST-1D, two hidden layers of 100. All choices are made on validation data; the test
# part is opened once, in section 2.

# %% [markdown]
# ## 1 · One sweep finds a rate
#
# A training of a few hundred steps tries *one* rate. A **rate finder** (Smith 2017) tries a hundred in one training:
# it raises the rate a little at each step, and records the loss.

# %%
data = mnist1d()

def momentum(w, g, s, lr, mu=0.9):
    s["v"] = mu * s.get("v", 0) + g
    return w - lr * s["v"]

# %%
sketch_sweep = draw_curve("The rate grows from 0.0001 to 10. How does the loss move?",
                          x=("learning rate", 0.0001, 10), y=("loss (nats)", 0, 4),
                          xlog=True)

# %%
low, high, n = 1e-4, 10, 200
sweep = train(momentum, [low], [SEED], data.train, n_steps=n,
              schedule=lambda t: (high / low) ** t)
rates = low * (high / low) ** (np.arange(n) / n)               # (n,)
smooth = np.convolve(np.pad(sweep.losses[0], 2, "edge"), np.ones(5) / 5, "valid")

# %%
sketch_sweep.compare(rates, np.minimum(np.nan_to_num(smooth, nan=4), 4))

# %% [markdown]
# Three parts: too small a rate changes nothing; then the loss falls; then it flies away. A rate somewhat below the
# place where it flies is a good first guess. Is it? The control is to train with twelve rates to the end.

# %%
tried = np.geomspace(0.001, 1, 12)
runs = train(momentum, tried, [SEED] * 12, data.train, n_steps=N_STEPS)
window = np.ones(20) / 20
whole = np.array([np.convolve(loss, window, "valid") for loss in runs.losses])
ends = np.nan_to_num(whole[:, -1], nan=99)
best_rate = tried[ends.argmin()]

# %%
explore(*scenes.rate_finder(rates, smooth, tried, whole), name="rate finder",
        goal="the rate whose whole training ends lowest",
        rate=slider("learning rate", 0.001, 1.0, 0.01, log=True))

# %% tags=["promise"]
flies = rates[np.flatnonzero(smooth > smooth[:20].mean() + 0.5)[0]]
expect(flies / best_rate, at_least=2, at_most=60,
       what="rate at which the sweep flies away / best rate of twelve")

# %% [markdown]
# The sweep costs as much as one short training. It shows where training *breaks*; the best rate of twelve lies well
# below, here by the factor above. Fine for a first guess, no substitute for a choice on validation data.

# %% [markdown]
# ## 2 · A rate that changes
#
# A **schedule** multiplies the rate by a factor that depends on the share t of steps done. Four usual ones:

# %%
schedules = {
    "constant": lambda _: 1.0,
    "steps": lambda t: 1.0 if t < 0.5 else 0.1 if t < 0.75 else 0.01,
    "cosine": lambda t: 0.5 * (1 + math.cos(math.pi * t)),
    "one-cycle": lambda t: t / 0.25 if t < 0.25
    else 0.5 * (1 + math.cos(math.pi * (t - 0.25) / 0.75)),
}

# %% [markdown]
# "Cosine is better than a constant rate." Let us try: the same peak rate, 0.1, for both.

# %%
guess_cosine = predict("At the same peak rate of 0.1, cosine is …",
                       ["better by 2 points or more", "within 2 points",
                        "worse by 2 points or more"])

# %%
peaks = np.array([0.05, 0.1, 0.2, 0.4])
table, banks = {}, {}
for name, schedule in schedules.items():
    banks[name] = train(momentum, np.repeat(peaks, N_TUNE), list(range(N_TUNE)) * 4,
                        data.train, n_steps=N_STEPS, schedule=schedule)
    found = accuracies(banks[name].weights, data.val)          # (4 · N_TUNE,)
    table[name] = found.view(4, N_TUNE).mean(1).numpy()
    print(f"{name:10}", *[f"{p}: {measured(a, '.2f')}"
                          for p, a in zip(peaks, table[name])])

# %%
guess_cosine.compare(100 * (table["constant"][1] - table["cosine"][1]), bins=[-2, 2])

# %% [markdown]
# At a peak of 0.1 cosine wins nothing. Its rate is one half on average; look one column to the left in the first row: a
# constant rate of 0.05 reads what cosine at 0.1 reads. So at one peak we compared how far each travels. The fair question gives
# each schedule its own best peak, as 08a did for optimisers. Then fresh networks, on the test part.

# %%
best = {name: peaks[a.argmax()] for name, a in table.items()}
finals, averaged = {}, {}
for name, schedule in schedules.items():
    bank = train(momentum, [best[name]] * N_TEST, range(50, 50 + N_TEST), data.train,
                 n_steps=N_STEPS, schedule=schedule)
    finals[f"{name}, peak {best[name]:g}"] = accuracies(bank.weights, data.test).numpy()
    averaged[name] = accuracies(bank.averaged, data.test).numpy()
for name in ("constant", "cosine"):
    finals[f"{name}, averaged"] = averaged[name]
show(stills.with_intervals(finals, "test accuracy", "Each at its own best peak"))

# %% tags=["promise"]
names = list(finals)
cosine = mean_interval(finals[names[2]] - finals[names[0]])
mean = mean_interval(finals["constant, averaged"] - finals[names[0]])
expect(table["constant"][1] - table["cosine"][1], at_least=-0.02, n=N_TUNE,
       what="constant rate's lead over cosine at the same peak of 0.1")
expect(abs(table["constant"][0] - table["cosine"][1]), at_most=0.04, n=N_TUNE,
       what="constant 0.05 against cosine with a peak of 0.1")
expect(best["cosine"] / best["constant"], at_least=1.5,
       what="best peak, cosine / constant")
expect(cosine[0], at_least=0.01, n=N_TEST, what="cosine's lead, each at its own peak")
expect(mean[0], at_least=0.01, n=N_TEST,
       what="the lead of averaged weights, constant rate")
expect(abs((averaged["cosine"] - finals[names[2]]).mean()), at_most=0.02, n=N_TEST,
       what="what averaging changes after a cosine")

# %% [markdown]
# With its own peak, cosine leads. Why? One would say: *small steps at the end let the weights settle*. The control is
# a **constant** rate, whose weights are simply **averaged** over the last quarter of the steps
# (Polyak & Juditsky 1992). No small step is ever made, and the gain is there all the same. So what helps is that the
# noise of single steps cancels; a falling rate is one way to get that, an average another.

# %% [markdown]
# If so, two things follow. After a cosine an average should gain nothing: see the last row. And with little noise,
# in batches of 875, neither cosine nor average should: neither does (a test runs it).

# %% [markdown]
# ### Exercise 8.5 · One-cycle · write · 8 min · ★★☆
#
# Write the one-cycle factor for step i of n: it rises in a straight line from 0 at i = 0 to 1 at i = n/4, then falls
# along half a cosine to 0 at i = n. Budget: 4 lines.

# %%
def one_cycle_factor(i, n):
    """Step i (int, 0 … n) of n → the factor of the peak rate, a float in [0, 1]."""
    ### BEGIN SOLUTION
    t = i / n
    if t < 0.25:
        return t / 0.25
    return 0.5 * (1 + math.cos(math.pi * (t - 0.25) / 0.75))
    ### END SOLUTION

# %%
check("8.5", one_cycle_factor)

# %% [markdown]
# <details><summary>Hint 1: two parts</summary>
#
# With t = i / n, the border lies at t = 0.25. Below it: a straight line through (0, 0) and (0.25, 1).
# </details>
# <details><summary>Hint 2: the second part</summary>
#
# u = (t − 0.25) / 0.75 runs from 0 to 1, and ½(1 + cos πu) from 1 to 0.
# </details>

# %% [markdown] tags=["discussion"]
# PyTorch's `OneCycleLR` rises along a cosine as well, and keeps a small rest at both ends. Here the rise bought nothing:
# in the table above one-cycle is no better than cosine.

# %% [markdown]
# ## 3 · The size of a batch
#
# The gradient of a batch is the true one plus noise. Batches of B independent examples: the noise should fall as
# 1/√B. Is it so, for a network at its beginning?

# %%
fresh = new_weights((40, 100, 100, 10), [SEED])
sizes = [1, 4, 16, 64, 256, 1024]
noise = scenes.gradient_noise(fresh, data.train, sizes if not FAST else sizes[:3])
explore(*scenes.batch_noise(noise), name="noise of batches",
        goal="the smallest batch whose noise is shorter than the gradient",
        size=choice("batch size", noise.sizes, noise.sizes[0]))

# %% tags=["promise"]
slope = np.polyfit(np.log(noise.sizes), np.log(noise.means), 1)[0]
expect(slope, at_least=-0.56, at_most=-0.44, n=60,
       what="slope of log noise against log batch size (theory: −0.5)")

# %% [markdown]
# A step with a batch four times as large has half the noise, and costs four times as much. So with *fewer, larger*
# batches one makes fewer steps an epoch, and each must go farther. The **linear rule** (Goyal and others 2017) says:
# multiply the rate by the same factor as the batch. The control is the same rate for all.

# %%
guess_batch = predict("From batches of 25 to 400 at one rate, accuracy changes by …",
                      ["less than 3 points", "3 to 8 points", "8 points or more"])

# %%
rule = {}
for B in (25, 100, 400):
    lr = np.repeat([0.1 * B / 100, 0.1], N_TUNE)           # linear rule, one rate
    bank = train(momentum, lr, list(range(N_TUNE)) * 2, data.train, batch_size=B,
                 n_steps=max(N_STEPS * 100 // B, 1))
    rule[B] = accuracies(bank.weights, data.val).view(2, N_TUNE).mean(1)
    print(f"batches of {B:3}: linear rule {measured(rule[B][0], '.2f')}, "
          f"rate 0.1 {measured(rule[B][1], '.2f')}")

# %%
guess_batch.compare(100 * float(max(rule[B][1] for B in rule)
                                - min(rule[B][1] for B in rule)), bins=[3, 8])

# %% tags=["promise"]
spread = [float(max(rule[B][k] for B in rule) - min(rule[B][k] for B in rule))
          for k in (0, 1)]
expect(spread[0], at_most=0.06, n=N_TUNE, what="spread over batch sizes, linear rule")
expect(spread[1] - spread[0], at_least=0.03, n=N_TUNE, what="how much wider: one rate")

# %% [markdown]
# At equal epochs the rule keeps the accuracy within a few points from 25 to 400 examples a batch; one rate for all
# loses at both ends. It is a rule of thumb, and it must end somewhere: for 3,500 examples a batch it asks for a rate of
# 3.5. (Put 3500 into the list and see.)

# %% [markdown]
# ### Exercise 8.6 · Find a rate by search · target · 10 min · ★★☆
#
# Write `search(train_at, budget)`: `train_at(lr)` runs one training and gives its validation accuracy. Rates between
# 10⁻⁴ and 10 make sense; you may call it `budget` times. Give back the best rate you found. The target: an accuracy
# within 0.02 of the best possible, on each of several tasks, with a budget of 12.

# %%
def search(train_at, budget):
    """train_at: rate → accuracy, at most budget calls → the chosen rate."""
    ### BEGIN SOLUTION
    coarse = np.geomspace(1e-4, 10, budget - 4)
    scores = {lr: train_at(lr) for lr in coarse}
    top = max(scores, key=scores.get)
    for lr in top * np.array([0.4, 0.65, 1.5, 2.5]):
        scores[lr] = train_at(lr)
    return float(max(scores, key=scores.get))
    ### END SOLUTION

# %%
check("8.6", search)

# %% [markdown]
# <details><summary>Hint 1: which rates?</summary>
#
# Rates are compared by ratio: spread most of your budget with `np.geomspace`, not `np.linspace`.
# </details>
# <details><summary>Hint 2: the rest</summary>
#
# Spend the last calls near the best one so far, on both sides of it.
# </details>

# %% [markdown] tags=["discussion"]
# Coarse, then fine, is what people do by hand. Chapter 14 sets random search and a library against it at one budget.

# %% [markdown]
# ## 4 · Numbers with fewer digits
#
# A float32 has 24 binary digits, a **bfloat16** only 8, over the same range. Add 0.1 ten thousand times:

# %%
for dtype in (torch.float64, torch.float32, torch.bfloat16):
    total = torch.zeros((), dtype=dtype)
    for _ in range(10_000):
        total += torch.tensor(0.1, dtype=dtype)
    print(f"{dtype}: {measured(total, '.4f')}")
small = float(total)

# %% tags=["promise"]
expect(small, at_most=32, n=10_000,
       what="sum of 0.1 in bfloat16 (it should be 1,000)")

# %% [markdown]
# In bfloat16 the sum stops at 32: there the next larger number is 32.25, and adding 0.1 rounds back to 32. So sums and
# weights stay in float32, and only the large products are made in bfloat16. PyTorch's `autocast` does just that. Does
# a training suffer?

# %%
class InBfloat16(nn.Sequential):
    def forward(self, x):
        with torch.autocast("cpu", torch.bfloat16):
            return super().forward(x).float()

def small_net(kind=nn.Sequential):
    torch.manual_seed(SEED)
    return kind(nn.Flatten(), nn.Linear(40, 100), nn.ReLU(),
                nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))

# %%
histories = {}
for name, kind in (("float32", nn.Sequential), ("bfloat16 products", InBfloat16)):
    histories[name] = fit(small_net(kind), data.train, data.val, lr=0.01, seed=SEED,
                          n_epochs=3 if FAST else 12, progress=False)
    print(f"{name:18} accuracy {measured(histories[name].val_accuracy[-1], '.2f')}, "
          f"seconds {measured(histories[name].seconds[-1], '.1f')}")

# %% tags=["promise"]
off = (histories["float32"].val_accuracy[-1]
       - histories["bfloat16 products"].val_accuracy[-1])
expect(abs(off), at_most=0.08, what="difference of the two accuracies", n=1)

# %% [markdown]
# The accuracy stays about the same. And the time? Look at your own numbers: where the processor has instructions for
# bfloat16 and layers are large, products become cheaper; for a network as small as ours the conversions can cost more
# than they save. Measure before you believe in a speed-up.
#
# <details><summary>For the curious: a trap</summary>
#
# `autocast` keeps the converted weights until its block ends. Put the *whole training* into one block, and the network
# computes with its first weights for ever: it learns nothing. So the block stands around the forward pass alone.
# </details>

# %% [markdown]
# ## 5 · Stop, and go on to the same curve
#
# A training is the same again if four things are: the data, the weights, the optimiser's memory, and the state of the
# generator that shuffles. A **checkpoint** holds all of them. We train six epochs at once, and three plus three.

# %%
settings = {"lr": 0.01, "seed": SEED, "progress": False}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "half.pt"
    at_once = fit(small_net(), data.train, data.val, n_epochs=6, **settings)
    fit(small_net(), data.train, data.val, n_epochs=3, checkpoint=path, **settings)
    resumed = fit(small_net(), data.train, data.val, n_epochs=6, checkpoint=path,
                  **settings)
assert resumed.train_loss == at_once.train_loss
print("the same to the last digit:", resumed.val_loss == at_once.val_loss)

# %% [markdown]
# With another number of threads or another processor the last digits may differ, for sums are then added in another
# order.

# %% [markdown]
# ## 6 · Break it: a gallery of failures
#
# Twelve trainings of one network. One is healthy, each of the others has exactly one fault:
#
# `rate too high` · `rate too low` · `dead units` · `not shuffled` · `labels shifted` · `zero_grad forgotten` ·
# `eval forgotten` · `softmax twice` · `loss summed` · `inputs not scaled` · `validation data in training`
#
# Twelve curves, A to L, in an order that means nothing. **Look at a curve's beginning, its end, and the gap between
# its two lines.**

# %%
curves = gallery(data, N_EPOCHS)
explore(*scenes.failures(curves), name="gallery of failures",
        steps=scenes.GALLERY_STEPS, goal="the curve whose validation accuracy is best",
        curve=choice("curve", list(curves), "B"))

# %% [markdown]
# What to look for:
# - the **first loss**: log 10 = 2.3 for ten classes, or something has been scaled;
# - **training flat at 2.3**: nothing is learnt, so no gradient arrives, or the steps are far too small or too large;
# - **training falls, validation does not**: what is learnt is not what is asked;
# - **validation as good as training**, to the end: has it been seen?
# - validation **worse than the healthy one by an even gap**: is it measured in another mode?

# %% tags=["promise"]
expect(curves["A"].train_loss[0], at_least=200, what="first loss when it is summed")
expect(curves["E"].train_loss[-1], at_least=1.46, what="last loss with softmax twice")
expect(curves["F"].val_loss[-1] - curves["F"].train_loss[-1], at_least=0.05,
       what="gap with shifted labels")
expect(curves["I"].val_accuracy[-1] - curves["I"].train_accuracy[-1], at_least=-0.03,
       what="validation − training accuracy when it was trained on")
expect(curves["B"].val_accuracy[-1] - curves["L"].val_accuracy[-1], at_least=0.02,
       what="accuracy that a forgotten eval hides")

# %% [markdown]
# ### Exercise 8.7 · Which curve has which cause? · value · 12 min · ★★★
#
# Name the causes of six curves: A, C, D, E, F and H. Write them as they stand in the list above.

# %%
### BEGIN SOLUTION
causes = {"A": "loss summed", "C": "not shuffled", "D": "rate too low",
          "E": "softmax twice", "F": "labels shifted", "H": "zero_grad forgotten"}
### END SOLUTION

# %%
check("8.7", causes)

# %% [markdown]
# <details><summary>Hint 1: two that fall slowly</summary>
#
# D and E both fall slowly, but E's accuracy rises to about 0.4 while its loss stays above 1.46.
# </details>
# <details><summary>Hint 2: two that grow</summary>
#
# A begins at 231 and is no number after one epoch; H begins at 2.3 and grows with each epoch, as gradients pile up.
# </details>

# %% [markdown] tags=["discussion"]
# C's training loss lies *above* log 10: each batch holds one class, the network learns to say only that class, and is
# wrong in the next batch. F falls in training alone: it learns by heart labels that have nothing to do with the series.

# %% [markdown]
# ### Exercise 8.8 · Mend a training loop · fix · 7 min · ★☆☆
#
# This loop belongs to curve H. One line is missing.

# %%
def train_an_epoch(model, opt, loss, batches):
    """One epoch over batches [(x, y), …]; gives the mean loss of the batches."""
    total = 0.0
    for x, y in batches:
        value = loss(model(x), y)
        ### BEGIN SOLUTION
        opt.zero_grad()
        ### INSTEAD
        pass
        ### END SOLUTION
        value.backward()
        opt.step()
        total += value.item()
    return total / len(batches)

# %%
check("8.8", train_an_epoch)

# %% [markdown]
# <details><summary>Hint 1: what does backward do with what is there?</summary>
#
# It *adds* to `.grad`.
# </details>
# <details><summary>Hint 2: the line</summary>
#
# `opt.zero_grad()`, anywhere before `backward()`.
# </details>

# %% [markdown] tags=["discussion"]
# Adding is meant: it lets one sum gradients of several small batches before a step. So emptying is the program's duty.

# %% [markdown]
# ### Exercise 8.9 · Mend a measurement · fix · 7 min · ★★☆
#
# This function belongs to curve L: its accuracy is too low, and another one at each call. Mend it, and leave the
# model in the mode in which it came.

# %%
def measure_accuracy(model, x, y):
    """The accuracy of model on x (N, …), y (N,): a float. The model's mode is kept."""
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        right = (model(x).argmax(1) == y).float().mean().item()
    model.train(was_training)
    return right
    ### INSTEAD
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()
    ### END SOLUTION

# %%
check("8.9", measure_accuracy)

# %% [markdown]
# <details><summary>Hint 1: what is on that should be off?</summary>
#
# Dropout, and the batch statistics of batch norm. `model.eval()` switches both off.
# </details>
# <details><summary>Hint 2: the mode</summary>
#
# `model.training` tells the mode; `model.train(was_training)` puts it back.
# </details>

# %% [markdown] tags=["discussion"]
# `torch.no_grad()` is not enough: it saves time and memory, but dropout goes on. And a function that leaves the model
# in `eval` mode turns the rest of the training into another one: without dropout.

# %% [markdown]
# ## 7 · Play: every knob, and what the curve says
#
# A training of your own. Change the rate or the batch size while it runs; the line below says what the curves
# suggest. **Make each of these diagnoses appear: "the rate is too high", "hardly moves", "over-fits". Then reach a
# validation accuracy of 0.65.**

# %%
live(partial(Knobs, data), *training_with_knobs(), name="every knob",
     goal="a validation accuracy of 0.65", hot=["lr", "decay", "batch_size"],
     preview=100, speed=10,
     rule=choice("optimiser", RULES, "momentum"),
     lr=slider("learning rate", 0.001, 3.0, 0.05, log=True),
     decay=slider("weight decay", 0.0, 0.1, 0.0, 0.005),
     batch_size=slider("batch size (examples)", 10, 500, 100, 10),
     width=slider("width (units a layer)", 10, 200, 100, 10),
     n_train=slider("training examples", 100, 3500, 3500, 100))

# %% [markdown]
# After 200 steps a network with 200 training examples is over-fitting, one with all 3,500 not yet. A diagnosis in words is a rule of thumb read off two curves: it can be wrong, as a doctor's first
# guess can.

# %% [markdown]
# ## Summary
#
# Why does training fail? Most often for a fault that its curves show: a first loss that is not log K, two lines that
# part or never do. You have
# - found a rate with one sweep, and seen that schedules need a peak of their own;
# - measured that noise falls as 1/√B, and that the linear rule holds over a factor of 16;
# - seen an average of weights do what a falling rate does, and bfloat16 lose a sum but no accuracy here;
# - stopped a training and gone on to the same curve;
# - named the causes of six curves, and mended two loops.

# %%
quiz("08b.1")
quiz("08b.2")
quiz("08b.3")
quiz("08b.4")
quiz("08b.5")

# %% [markdown]
# ## Further reading
#
# - Smith (2017), *Cyclical learning rates for training neural networks*, [arXiv:1506.01186](https://arxiv.org/abs/1506.01186)
# - Goyal and others (2017), *Accurate, large minibatch SGD*, [arXiv:1706.02677](https://arxiv.org/abs/1706.02677)
# - Polyak, Juditsky (1992), *Acceleration of stochastic approximation by averaging*, [doi:10.1137/0330046](https://doi.org/10.1137/0330046)
# - Izmailov and others (2018), *Averaging weights leads to wider optima and better generalization*, [arXiv:1803.05407](https://arxiv.org/abs/1803.05407)
