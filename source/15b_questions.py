# %% [markdown]
# # 15b · Questions and answers — What do you do next?
#
# > **You will be able to**
# > - answer the article's two questions, the second of which breaks off;
# > - answer ten more that every beginner asks, each with a cell and its control;
# > - read six error messages by their cause;
# > - say what a network tells about the data it was trained on.
# >
# > **Time** 45 minutes, exercises 33 more · **Before this** [15a · Your own project](15a_project.ipynb) ·
# > **In the article** sections 6 and 7

# %% tags=["parameters"]
FAST = False
SEED = 0
N_SEEDS = 3         # networks at each size of question 3
N_STEPS = 300       # steps of most trainings

# %% tags=["setup"]
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from helpers import check, expect, measured, show, start
from helpers.data import digits
from helpers.project import difference
from helpers.topics.questions import scenes_answers as scenes
from helpers.topics.questions.answers import (
    by_writer, cnn, error_of, learning_curve, membership, mlp, shuffled_pixels, trained)
from helpers.training import fit
from helpers.widgets import (
    draw_curve, explore, predict, quiz, slider, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_SEEDS, N_STEPS = 1, 40
data = digits(3500, 500)

# %%
warm_up("15b")

# %% [markdown]
# Twelve questions, each answered by a cell. The article asks the first two. For the others: guess before you run.

# %% [markdown]
# ## 1 · How is a model built?
#
# From what you know of the data, a loss that fits the question, and a first check that costs one line: before any
# training, the cross-entropy of K classes must be near log K, the loss of one who knows nothing.

# %%
torch.manual_seed(SEED)
model = mlp()
first = F.cross_entropy(model(data.train[0][:500]), data.train[1][:500]).item()
model = trained(mlp, data.train, n_steps=N_STEPS, seed=SEED)
print(f"first loss {measured(first, '.2f')}, log 10 = {np.log(10):.2f}; "
      f"validation error after training {measured(error_of(model, data.val), '.3f')}")

# %% tags=["promise"]
expect(abs(first - np.log(10)), at_most=0.15, what="first loss, less log 10", n=500)
expect(error_of(model, data.val), at_most=0.16, what="validation error", n=500)

# %% [markdown]
# ## 2 · How is it evaluated?
#
# The article's answer ends in the middle: "metrics that fit the need, pictures, tuning". To complete it: beside a
# baseline, on examples that no choice was made on, with an interval, and one look at the test part. Here network and
# nearest neighbour, on the *same* digits:

# %%
x, y = data.train
near = torch.cdist(data.val[0].flatten(1), x.flatten(1)).argmin(1)          # (500,)
wrong = {"nearest neighbour": (y[near] != data.val[1]).double().numpy(),
         "network": (model(data.val[0]).argmax(1) != data.val[1]).double().numpy()}
gain, low, high = difference(wrong["network"], wrong["nearest neighbour"])
print("errors:", {k: measured(w.mean(), '.3f') for k, w in wrong.items()})
print(f"the network's lead: {measured(100 * gain, '.1f')} points "
      f"({measured(100 * low, '.1f')} to {measured(100 * high, '.1f')})")

# %% tags=["promise"]
expect(gain, at_most=0, n=500, what="the network's lead over the neighbour")
expect(high - low, at_least=0.01, at_most=0.08, n=500,
       what="width of the interval of the difference")

# %% [markdown]
# A lead below 0 is a loss: here the neighbour reads better. (Four times the steps, in question 3, bring the network
# nearer, and not past it.) The interval says which differences 500 other digits might show. It does not say what
# another *seed* would: for that, train several.

# %% [markdown]
# ## 3 · How much data do I need?
#
# Train on little, draw a line in a log-log plot, and read off what more would give. Does the line keep its promise?

# %%
sketch_more = draw_curve("50 digits: a third is read wrong. And with more?",
                         x=("training digits", 50, 3500), y=("error", 0.02, 0.5),
                         xlog=True, ylog=True)

# %%
sizes = [50, 100, 200, 400, 800, 1600, 3500]
errors = learning_curve(data, sizes, N_SEEDS, N_STEPS)          # (seeds, sizes)
few_longer, longer = learning_curve(data, [400, 3500], N_SEEDS, 4 * N_STEPS).mean(0)
print(f"400 digits: {measured(errors.mean(0)[3], '.3f')}, with four times the steps "
      f"{measured(few_longer, '.3f')}")

# %%
sketch_more.compare(sizes, errors.mean(0))

# %%
explore(*scenes.extrapolation(sizes, errors, longer), name="from few to many",
        goal="the fewest sizes whose line comes within a third of the last error",
        steps=scenes.LINE_STEPS,
        n_points=slider("sizes that the line goes through", 3, 6, 3))

# %% tags=["promise"]
from helpers.topics.questions.answers import power_law

a, b = power_law(np.array(sizes[:4]), errors.mean(0)[:4])
expect(errors.mean(0)[-1] / (a * 3500**-b), at_least=1.2, n=N_SEEDS,
       what="measured error at 3,500 / the line's guess from 400")
expect(errors.mean(0)[-1] - longer, at_least=0.005, n=N_SEEDS,
       what="what four times the steps take off")
expect(abs(errors.mean(0)[3] - few_longer), at_most=0.015, n=N_SEEDS,
       what="what they change with 400 digits")
expect(longer - wrong["nearest neighbour"].mean(), at_least=-0.005, n=N_SEEDS,
       what="with them, the network's error less the neighbour's")

# %% [markdown]
# The line is too good. One reason is shown by the star: each network had the same number of *steps*, and more digits
# need more. With four times the steps the error of 3,500 digits falls towards the line, while that of 400 stays as it
# was. The rest of the way has other reasons. So: a line through small sizes is a guess, and the budget must grow with
# the data.

# %% [markdown]
# ### Exercise 15.6 · How many examples? · write · 7 min · ★☆☆
#
# An error falls like a · n^(−b). Write `needed(a, b, target)`: the least whole number n of examples whose error is at
# most `target`. One or two lines.

# %%
def needed(a, b, target):
    """error = a · n^(−b) → the least n (int, at least 1) with error ≤ target."""
    ### BEGIN SOLUTION
    return max(1, int(np.ceil((a / target) ** (1 / b) - 1e-9)))
    ### END SOLUTION

# %%
check("15.6", needed)

# %% [markdown]
# <details><summary>Hint 1: solve for n</summary>
#
# target = a · n^(−b), so n^b = a / target.
# </details>
# <details><summary>Hint 2: a whole number</summary>
#
# n = (a / target)^(1/b), rounded *up*; and at least 1.
# </details>

# %% [markdown] tags=["discussion"]
# With b = 0.4, half the error needs 2^(1/0.4) = 5.7 times the data. That is why people look for better features first.

# %% [markdown]
# ## 4 · Why is my loss NaN?
#
# Three common causes: a NaN in the data, a step that is too large, a logarithm of 0. Ask in this order.

# %%
logits = torch.tensor([[1000.0, 0.0]])
print("softmax by hand:", (logits.exp() / logits.exp().sum()).tolist())
print("its log at 0:", torch.tensor(0.0).log().item())
print("cross_entropy:", F.cross_entropy(logits, torch.tensor([1])).item())

# %% [markdown]
# ### Exercise 15.7 · A loss that becomes NaN · fix · 7 min · ★★☆
#
# This loss is right for small logits and NaN for large ones. Mend it: finite for every finite logit, and its gradient
# too. One line will do.

# %%
def safe_loss(logits, y):
    """logits (N, K), y (N,) → mean cross-entropy, a scalar tensor."""
    ### BEGIN SOLUTION
    return F.cross_entropy(logits, y)
    ### INSTEAD
    probs = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -probs[torch.arange(len(y)), y].log().mean()
    ### END SOLUTION

# %%
check("15.7", safe_loss)

# %% [markdown]
# <details><summary>Hint 1: where does it break?</summary>
#
# `exp(1000)` is infinite. Subtract before you exponentiate, or never exponentiate at all.
# </details>
# <details><summary>Hint 2: by name</summary>
#
# `logsumexp` does it: log Σ exp(z) − z of the truth. `F.cross_entropy` holds just that.
# </details>

# %% [markdown] tags=["discussion"]
# Clamping the probability (`clamp_min(1e-8)`) hides the fault: the loss is finite, and its gradient is 0 exactly where
# the network is most wrong.

# %% [markdown]
# ## 5 · Why is validation better than training?
#
# Two reasons are named: dropout switches half of the units off; and the reported loss is a mean over an epoch in which
# the weights were worse. The controls: the *same* digits again, after the epoch, with dropout and without.

# %%
guess_order = predict("Measured in eval mode after the epoch, the training loss is …",
                      ["above validation", "below validation"])

# %%
torch.manual_seed(SEED)
dropped = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(784, 64), nn.ReLU(),
                        nn.Dropout(0.5), nn.Linear(64, 10))
history = fit(dropped, data.train, data.val, n_epochs=1 if FAST else 4, lr=0.003,
              seed=SEED, progress=False)
with torch.no_grad():
    noisy = F.cross_entropy(dropped.train()(data.train[0]), data.train[1]).item()
    again = F.cross_entropy(dropped.eval()(data.train[0]), data.train[1]).item()
print(f"reported {measured(history.train_loss[-1], '.2f')}, validation "
      f"{measured(history.val_loss[-1], '.2f')}; again with dropout "
      f"{measured(noisy, '.2f')}, without {measured(again, '.2f')}")

# %%
guess_order.compare(history.val_loss[-1] - again, bins=[0])

# %% tags=["promise"]
expect(history.train_loss[-1] - history.val_loss[-1], at_least=0.1,
       what="reported training loss above validation")
expect(history.val_loss[-1] - again, at_least=0, what="validation above that")
expect((noisy - again) / (history.train_loss[-1] - again), at_least=0.6,
       what="dropout's share of the way from reported to measured again")

# %% [markdown]
# Here it is nearly all dropout.

# %% [markdown]
# ## 6 · Do I need a GPU?
#
# Only where the time goes into large products. How fast does this machine multiply large matrices, and how fast the
# small ones of our networks?

# %%
def billions_a_second(n, m, k, repeats=20):
    a, b = torch.randn(n, m), torch.randn(m, k)
    a @ b
    begun = time.perf_counter()
    for _ in range(repeats):
        a @ b
    return 2 * n * m * k * repeats / (time.perf_counter() - begun) / 1e9

small, large = billions_a_second(8, 16, 10, 500), billions_a_second(1000, 1000, 1000)
print(f"billions a second: small {measured(small, '.1f')}, "
      f"large {measured(large, '.0f')}")

# %% tags=["promise"]
expect(large / small, at_least=4, what="large products / small ones, speed")

# %% [markdown]
# Small products spend their time on the way, not in the arithmetic. A GPU is built for the large ones; the way to it is
# longer. If your network trains in minutes here, it needs none.

# %% [markdown]
# ## 7 · Which architecture?
#
# The one that knows what you know of the data. Two networks of six thousand parameters; the control puts all pixels
# into another order, the same for every digit.

# %%
guess_shuffled = predict("With shuffled pixels, the CNN's error is …",
                         ["as before", "about that of the plain network"])

# %%
kinds = {"plain network": lambda: mlp(8), "CNN": cnn}
found = {}
for order_, part in (("as they are", data), ("shuffled", shuffled_pixels(data))):
    for name, make in kinds.items():
        found[name, order_] = np.mean([error_of(
            trained(make, part.train, n_steps=N_STEPS, seed=s), part.val)
            for s in range(min(N_SEEDS, 2))])
        print(f"{name:14} {order_:12} error {measured(found[name, order_], '.3f')}")

# %%
guess_shuffled.compare(found["CNN", "shuffled"] / found["plain network", "shuffled"],
                       bins=[0.75])

# %% tags=["promise"]
lead = {o: found["plain network", o] - found["CNN", o]
        for o in ("as they are", "shuffled")}
expect(lead["as they are"], at_least=0.02, n=2, what="the CNN's lead")
expect(lead["shuffled"] / lead["as they are"], at_most=0.6, n=2,
       what="its lead with shuffled pixels / before")

# %% [markdown]
# The CNN's lead was knowledge about neighbours. Take the neighbours away, and it shrinks or is gone.
# [07a](07a_modules.ipynb) has the table from task and data to a first model.

# %% [markdown]
# ## 8 · How long should I train?
#
# Until validation gets no better, and some epochs more: the **patience**. Too little of it stops at the first small rise.

# %%
torch.manual_seed(SEED)
few = data.train[0][:300], data.train[1][:300]
long_run = fit(mlp(), few, data.val, n_epochs=5 if FAST else 40, lr=0.003,
               batch_size=20, seed=SEED, progress=False)
explore(*scenes.patience(long_run.val_loss), name="patience",
        goal="within 2 % of the best loss, in under half of the epochs",
        wait=slider("patience (epochs)", 1, 20, 1))

# %% tags=["promise"]
best = int(np.argmin(long_run.val_loss))
expect(long_run.val_loss[-1] / long_run.val_loss[best], at_least=1.02,
       what="last validation loss / the best")

# %% [markdown]
# ## 9 · May I use the test part twice?
#
# You may look; what you choose by it is no longer fair. Here all models are equally good, right in 90 of 100, and each
# errs on digits of its own. (Real models often err on the same ones; then the best flatters less.)

# %%
explore(*scenes.best_of_many(), name="the best of equally good models",
        goal="20 models or more, and the best less than a point too good",
        n_models=slider("models", 1, 200, 20, log=True),
        n_test=slider("test examples", 50, 20000, 100, log=True))

# %% tags=["promise"]
from helpers.topics.questions.answers import luckiest

expect(100 * luckiest(20, 100).mean(), at_least=3.5, at_most=6.5, n=400,
       what="the best of 20 on 100 test examples, points too good")

# %% [markdown]
# ## Between two questions: what does the message mean?
#
# Six messages that everybody meets, in the words of PyTorch 2.13, and below them their six causes, sorted by letters.

# %%
from helpers.topics.questions.checks_answers import CAUSES, MESSAGES

for number, message in MESSAGES.items():
    print(number, message)
print(*sorted(CAUSES.values()), sep="\n")

# %% [markdown]
# ### Exercise 15.8 · Six messages · value · 9 min · ★★☆
#
# Which cause belongs to which message? Give a dictionary from the number to the cause, as it stands in the list.

# %%
### BEGIN SOLUTION
cause_of = {1: "the first linear layer expects another number of inputs",
            2: "the axis of the batch is missing",
            3: "class labels are no whole numbers",
            4: "the same loss was sent back twice",
            5: "the loss was computed without any weight that learns",
            6: "model and data lie in different places"}
### END SOLUTION

# %%
check("15.8", cause_of)

# %% [markdown]
# <details><summary>Hint 1: the two about shapes</summary>
#
# Message 1 names two matrices that do not fit: 784 numbers arrive, 400 are expected. Message 2 counts axes.
# </details>
# <details><summary>Hint 2: the two about gradients</summary>
#
# A graph is freed once it was used. And what does not require a gradient cannot be sent back at all.
# </details>

# %% [markdown] tags=["discussion"]
# A message says where it broke, seldom why. Print the shapes on the line above; that finds most of these in a minute.

# %% [markdown]
# ## 10 · Is my model fair?
#
# One accuracy hides who pays for it. The 8×8 digits of scikit-learn lie in fourteen forms, each by one hand (05a).
# Every form is read by a model that never saw it. The control: groups of the same sizes, drawn by chance.

# %%
own, chance = by_writer(), by_writer(shuffle_seed=0)
show(scenes.groups(own, chance))

# %% tags=["promise"]
deals = [by_writer(shuffle_seed=s) for s in range(100)]
spread = [(g.right / g.n).std() for g in (own, *deals)]
expect(np.mean(spread[0] > spread[1:]), at_least=0.95, n=100,
       what="share of chance deals that spread less than the writers do")

# %% [markdown]
# Hands differ more than nearly every one of a hundred chance deals. Groups of chance differ too: without the control
# every table of groups looks unfair. Whom a model serves badly is a question to ask before it is used, with enough examples of each group.

# %% [markdown]
# ## 11 · What may I do with data?
#
# Ask for the licence, and ask what a model tells. Given a digit, can one say from the network's loss whether it was in
# the training part? An AUC of 0.5 means no.

# %%
guess_secret = predict("300 digits learned by heart: the AUC is …",
                       ["below 0.55", "0.55 or more"])

# %%
secrets = {}
for n, steps in ((300, 5 * N_STEPS), (300, N_STEPS // 3), (3500, 4 * N_STEPS)):
    secrets[n, steps] = membership(data, n, steps, SEED)
    auc, inside, outside = secrets[n, steps]
    print(f"{n:5} digits, {steps:5} steps: AUC {measured(auc, '.2f')}, errors: "
          f"training {measured(inside, '.2f')}, validation {measured(outside, '.2f')}")
aucs = [auc for auc, _, _ in secrets.values()]

# %%
guess_secret.compare(aucs[0], bins=[0.55])

# %% tags=["promise"]
expect(aucs[0], at_least=0.6, n=500, what="AUC, 300 digits learned by heart")
expect(aucs[0] - aucs[1], at_least=0.03, n=500, what="less with fewer steps")
expect(aucs[1] - aucs[2], at_least=0.06, n=500, what="less still with 3,500 digits")

# %% [markdown]
# A network that has learned by heart tells who was in its training part. With fewer steps it tells less; with more data
# hardly anything, though each digit was seen as often as in the second row. So weights are not anonymous. For data about people: ask them, take the least, and look up what their licence and the
# law allow (Shokri and others 2017 call this attack *membership inference*).

# %% [markdown]
# ### Exercise 15.9 · A test for a choice · test · 10 min · ★★☆
#
# `choose(val, test)` gets the accuracies of several models on both parts and gives the *place* of the one to keep. It
# must look at validation alone. Write the test that right programs pass and peeking ones fail.

# %%
def test_choose(choose):
    """choose: (val, test), accuracies → place (int) of the best on validation."""
    ### BEGIN SOLUTION
    assert choose([0.7, 0.9, 0.8], [0.9, 0.3, 0.7]) == 1
    assert choose([0.7, 0.9, 0.8], [0.3, 0.4, 0.9]) == 1
    ### END SOLUTION

# %%
check("15.9", test_choose)

# %% [markdown]
# <details><summary>Hint 1: the example</summary>
#
# The best on validation must not be the best on the test part, nor stand first or last.
# </details>
# <details><summary>Hint 2: a clear margin</summary>
#
# A program that adds both scores must fail, too: let the test score of the right model be poor.
# </details>

# %% [markdown] tags=["discussion"]
# A good example makes each wrong way give another answer. That is all there is to the art of testing.

# %% [markdown]
# ## 12 · What next, after this course?
#
# A project of your own: [my_project.ipynb](my_project.ipynb) runs the pipeline on your data, and
# [15a](15a_project.ipynb) lists what to read. Choose something small that you understand well, find the plain
# baseline, and try to beat it honestly.

# %% [markdown]
# ## Break it: a question that was answered wrongly
#
# "Our network reads 97 % of the test digits, the best of the twenty we tried." You know now what to ask: chosen where?
# On how many examples? Beside which baseline? Does it hold for each group? Run the figure of question 9 with 20 models
# and your own number of test examples: up to about so much of the score may be luck.

# %% [markdown]
# ## The article, checked
#
# | It says | You found |
# |---|---|
# | a model is built in steps, each of which one knows | from what is known of the data; the first check is the first loss |
# | it is evaluated by metrics that fit; here the text ends | beside a baseline, with an interval, on a part that no choice has seen |
# | deep learning has broad uses | where a plain model is beaten; and it tells what it has learned by heart |

# %% [markdown]
# ## Summary
#
# **What do you do next?** Ask, and let a cell answer, with its control. You have
# - completed the article's second answer;
# - seen a learning curve bend, and brought it back with more steps;
# - found a network's lead in the order of its pixels, its fairness in groups, its secrets in its loss;
# - read six messages by their cause.

# %%
quiz("15b.1")
quiz("15b.2")
quiz("15b.3")
quiz("15b.4")
quiz("15b.5")

# %% [markdown]
# ## Further reading
#
# - Hestness and others (2017), *Deep learning scaling is predictable, empirically*, [arXiv:1712.00409](https://arxiv.org/abs/1712.00409)
# - Shokri, Stronati, Song, Shmatikov (2017), *Membership inference attacks against machine learning models*,
#   [arXiv:1610.05820](https://arxiv.org/abs/1610.05820)
# - Buolamwini, Gebru (2018), *Gender shades*, [PMLR 81](https://proceedings.mlr.press/v81/buolamwini18a.html)
# - Prechelt (1998), *Early stopping, but when?*, [doi:10.1007/3-540-49430-8_3](https://doi.org/10.1007/3-540-49430-8_3)
