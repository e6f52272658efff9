# %% [markdown]
# # 06a · Probes — Where do features come from?
#
# > **You will be able to**
# > - measure what features are worth with a linear probe, against the number of labels;
# > - name for eight kinds of features what each has seen, and which control shows what gave it its worth;
# > - choose between frozen features, fine-tuning and training end to end by the labels you have;
# > - read a pretrained network at the right layer, and say where it does not help;
# > - expose a probe that succeeds by a shortcut.
# >
# > **Time** 75 minutes, exercises 45 more · **Before this** [02b Networks](02b_networks.ipynb), [04a Autoencoders](04a_autoencoders.ipynb) ·
# > **In the article** section 3.2: feature extraction, "the core and the hardest step: CNN, RNN, AE"

# %% tags=["parameters"]
FAST = False
SEED = 0
DRAWS = 5               # draws of the labels
PROBES = 3              # draws of the labels in section 5
AE_EPOCHS = 5
GRU_EPOCHS = 3
CNN_EPOCHS = 4
STEPS = 80              # of fine-tuning, and of training end to end
PICTURES = 600          # of section 6: half to learn from

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import RidgeClassifier
from torch import nn

from helpers import check, expect, measured, show, start
from helpers.data.words import surnames
from helpers.metrics import mean_interval
from helpers.models.pretrained import LAST, efficientnet, layer_features
from helpers.models.pretrained import pretrained
from helpers.topics.features import kinds, photos, scenes, stills, stored
from helpers.topics.features import surname_states as words
from helpers.topics.features.lookalikes import lookalikes
from helpers.topics.features.probe import learning_curve, one_hot
from helpers.topics.features.probe import probe_accuracy, ridge
from helpers.topics.features.task import LADDER, draw_labels, new_digits
from helpers.topics.features.transfer import mlp_accuracy, three_ways
from helpers.training import predict_logits
from helpers.widgets import Step, choice, draw_curve, explore, order, predict, quiz
from helpers.widgets import slider, warm_up

start(SEED, fast=FAST)
if FAST:
    PICTURES = 300
    DRAWS, PROBES, AE_EPOCHS, GRU_EPOCHS, CNN_EPOCHS, STEPS = 2, 2, 1, 1, 1, 5

# %%
warm_up("06a")

# %% [markdown]
# ## 1 · What is a feature?
#
# A **feature** is a number computed from an example. The 784 grey values of a digit are features already: nobody
# has to compute anything. Are they good ones? Good features of two pictures of a 7 lie near each other.
#
# We divide MNIST-5k by class. The **old** digits 0–4 are there to *learn features* from. The **new** digits 5–9 are
# what we want to tell apart. No kind of feature will see a new digit before its labels are drawn.

# %%
task = new_digits()
x_pool, y_pool = task.pool      # (1500, 1, 28, 28), labels 0 … 4 for the digits 5 … 9
x_test, y_test = task.test
print(task)

# %% [markdown]
# For each new test digit, find the nearest of 1,500 labelled pictures, and take over its label (1-nearest-neighbour).
# Then move the test digits by four pixels, and do it again. To you, a 7 is still a 7.

# %%
guess_moved = predict(
    "How many of the moved digits still find a picture of their own class?",
    ["less than half", "half to two thirds", "two thirds to nine tenths", "more"])

# %%
pixels = scenes.Lookup(x_pool, y_pool, kinds.pixels)
found = {}
for right in (0, 2, 4):
    queries = scenes.moved(x_test[:200], right)     # (200, 1, 28, 28)
    near = [int(pixels.nearest(x[None], 1)[0]) for x in queries]
    found[right] = float((y_pool[near] == y_test[:200]).float().mean())
    print(f"moved by {right} pixels:", measured(found[right], ".2f"), "find their own")

# %%
guess_moved.compare(found[4], bins=[0.5, 2 / 3, 0.9])

# %% tags=["promise"]
expect(found[0], at_least=0.9, at_most=0.98, spec=".2f", what="not moved")
expect(found[4], at_least=0.4, at_most=0.55, spec=".2f", what="moved by four pixels")

# %% [markdown]
# In pixels, a 7 moved by four is often nearer to another digit than to any 7. So pixels are poor features *for this
# purpose*. For decades people designed better ones. One design is still in use: count **edges by direction**.
#
# A **HOG** (histogram of oriented gradients) cuts the picture into cells. In each cell, each pixel votes for the
# direction in which its brightness changes, with a vote as large as the change.

# %% [markdown]
# ### Exercise 6.1 · One cell of HOG · write · 12 min · ★★☆
#
# Write `hog_cell(cell, n_bins)` for one cell (H, W).
# - The change from row to row at (r, c) is `cell[r + 1, c] - cell[r - 1, c]`; it is 0 in the first and the last row. From column
#   to column it goes likewise.
# - Its size is √(down² + right²), its direction the angle of `atan2(down, right)` in degrees, taken modulo 180.
# - Bin b holds the directions from b · 180/n_bins up to (not including) the next; each pixel adds its size to its bin.
# - Divide by the sum of all bins plus 1e-5.
#
# Budget: 12 lines.

# %%
def hog_cell(cell, n_bins):
    """cell float (H, W) → float (n_bins,): the share of each direction."""
    ### BEGIN SOLUTION
    down, right = torch.zeros_like(cell), torch.zeros_like(cell)
    down[1:-1] = cell[2:] - cell[:-2]
    right[:, 1:-1] = cell[:, 2:] - cell[:, :-2]
    size = (down**2 + right**2).sqrt()
    angle = torch.rad2deg(torch.atan2(down, right)) % 180
    b = (angle * n_bins / 180).long().clamp(max=n_bins - 1)     # (H, W)
    votes = torch.zeros(n_bins, dtype=cell.dtype)
    votes.index_add_(0, b.flatten(), size.flatten())
    return votes / (votes.sum() + 1e-5)
    ### END SOLUTION

# %%
check("6.1", hog_cell)

# %% [markdown]
# <details><summary>Hint 1: two pictures of changes</summary>
#
# Begin with two tables of zeros. `down[1:-1] = cell[2:] - cell[:-2]` fills all rows but the first and the last.
# </details>
# <details><summary>Hint 2: the votes</summary>
#
# `b = (angle * n_bins / 180).long()` is each pixel's bin. Then loop over the bins: `size[b == i].sum()`.
# </details>

# %% [markdown] tags=["discussion"]
# Modulo 180, an edge from dark to bright and one from bright to dark vote alike: black on white and white on black
# look the same to HOG. The division makes it blind to contrast. Both are knowledge that people put in by hand.

# %% [markdown]
# ## 2 · A probe
#
# How much are features worth? Freeze them, and train the plainest classifier on top: one **linear** layer. This is a
# **probe**. It can only use what stands in the features ready to be read.
#
# Ours is ridge regression: one column of targets for each class (1 or 0), least squares, and a **penalty** on large
# weights. Features are centred and scaled by *one* number, so that a penalty means the same for each kind.

# %%
i = draw_labels(y_pool, 100, seed=0)                # 20 labels of each class
grey, targets = kinds.pixels(x_pool[i]).double(), torch.tensor(one_hot(y_pool[i]))
A = grey - grey.mean(0)                             # (100, 784)
scale = A.square().sum(1).mean().sqrt()
A = A / scale
penalty = 0.1
T = targets - targets.mean(0)                       # (100, 5)
W = A.T @ torch.linalg.solve(A @ A.T + penalty * torch.eye(100), T)     # (784, 5)
A_test = (kinds.pixels(x_test) - grey.mean(0)) / scale
said = (A_test @ W + targets.mean(0)).argmax(1)     # (512,)
print("Accuracy on pixels, 100 labels:", measured((said == y_test).double().mean()))

# %%
reference = RidgeClassifier(alpha=penalty).fit(A.numpy(), y_pool[i].numpy())
assert (reference.predict(A_test.numpy()) == said.numpy()).all()
print("scikit-learn's RidgeClassifier gives the same 512 answers.")

# %% [markdown]
# And the penalty? It must not be chosen on the test digits. `ridge(…)` in `helpers` tries eight, and takes the one
# with the least error on labels **left out** one by one; a closed form gives these errors without fitting anew. So no
# label is spent on the choice.
#
# Luck decides which ten labels one gets. So we draw them five times.

# %%
sketch_pixels = draw_curve(
    "How does the accuracy of a probe on pixels grow with the number of labels?",
    x=("labels", 10, 1000), y=("test accuracy", 0.2, 1), xlog=True)

# %%
pool, held_out = (kinds.pixels(x_pool), y_pool), (kinds.pixels(x_test), y_test)
pixel_runs = learning_curve(pool, held_out, DRAWS)      # (draws, 5)
for n, runs in zip(LADDER, pixel_runs.T):
    least, most = measured(runs.min(), ".2f"), measured(runs.max(), ".2f")
    print(f"{n:5,} labels: {measured(runs.mean(), '.2f')}, from {least} to {most}")

# %%
sketch_pixels.compare(LADDER, pixel_runs.mean(0))

# %% tags=["promise"]
expect(pixel_runs[:, 0].mean(), at_least=0.5, at_most=0.7, spec=".2f", n=DRAWS,
       what="pixels, 10 labels")
expect(pixel_runs[:, -1].mean(), at_least=0.89, at_most=0.93, spec=".2f", n=DRAWS,
       what="pixels, 1,000 labels")
expect(np.ptp(pixel_runs[:, 0]), at_least=0.1, spec=".2f", n=DRAWS,
       what="ten labels: best draw less worst")

# %% [markdown]
# Chance is 0.20. From 10 to 1,000 labels the error falls to about a quarter, and the luck of the draw, large at
# first, nearly vanishes. A comparison with ten labels and *one* draw is worth nothing.

# %% [markdown]
# ## 3 · Eight kinds
#
# Now the same probe on eight kinds of features. To be fair, say what each has **seen** before the probe comes:

# %%
for name, seen in kinds.SEEN.items():
    print(f"{name:12} has seen {seen}")

# %% [markdown]
# - **PCA** and the **autoencoder** (chapter 04) describe a digit by the 64 numbers that rebuild the old digits best.
# - The **GRU** (chapter 03) read old digits row by row, and learnt to foretell the next row; features are its states
#   (untrained, they are worth as much).
# - The **random CNN** is as it was made. The **trained CNN** has learnt to name the old digits. We take what comes before
#   its last layer.
# - **ImageNet** is a network that others trained on photographs; we read one of its middle layers (section 6).

# %%
x_old, y_old = task.old
random_cnn = kinds.train_cnn(task.old, epochs=0)
trained_cnn = kinds.train_cnn(task.old, epochs=CNN_EPOCHS)
extract = {
    "pixels": kinds.pixels, "HOG": kinds.hog_features,
    "PCA": kinds.pca_features(x_old),
    "autoencoder": kinds.autoencoder_features(x_old, AE_EPOCHS),
    "GRU": kinds.gru_features(x_old, GRU_EPOCHS),
    "random CNN": kinds.cnn_features(random_cnn),
    "trained CNN": kinds.cnn_features(trained_cnn),
    "ImageNet": kinds.imagenet_features}
features = {name: (f(x_pool), f(x_test)) for name, f in extract.items()}
print(" · ".join(f"{name} {pool.shape[1]}" for name, (pool, _) in features.items()))

# %%
guess_best = predict(
    "Which of these three will be best with 1,000 labels?",
    ["HOG", "autoencoder", "trained CNN"])

# %%
probes = scenes.compute_probes(features, y_pool, y_test, DRAWS)
fig = stills.curves(probes.curves, "Same probe, same labels: three groups",
                    bands=("pixels", "HOG", "trained CNN"))
show(fig, alt="Eight curves of test accuracy against labels. HOG, ImageNet and "
     "trained CNN run far above pixels, PCA and autoencoder; GRU and "
     "random CNN begin lowest.")

# %%
at = {name: runs.mean(0) for name, runs in probes.curves.items()}
print("labels      ", "".join(f"{n:>9,}" for n in LADDER))
for name, row in at.items():
    print(f"{name:12}", "".join(f"{measured(v, '.3f'):>9}" for v in row))
three = ("HOG", "autoencoder", "trained CNN")
best = max(three, key=lambda name: at[name][-1])

# %%
guess_best.compare(best)

# %%
lead = probes.curves["HOG"] - probes.curves["trained CNN"]      # (draws, 5), paired
for n, runs in zip(LADDER, lead.T):
    middle, half = mean_interval(runs)
    print(f"{n:5,} labels: HOG less trained CNN "
          f"{measured(middle, '+.3f')} ± {measured(half)}")

# %% tags=["promise"]
expect(lead[:, 2].mean(), at_least=0.005, n=DRAWS,
       what="HOG less trained CNN, 100 labels")
expect(lead[:, -1].mean(), at_least=0.005, n=DRAWS,
       what="HOG less trained CNN, 1,000 labels")
expect(at["trained CNN"][2] - at["pixels"][2], at_least=0.03, n=DRAWS,
       what="trained CNN less pixels, 100 labels")
expect(max(abs(at[k][2] - at["pixels"][2]) for k in ("PCA", "autoencoder")),
       at_most=0.03, n=DRAWS, what="PCA and autoencoder against pixels, 100 labels")

# %% tags=["promise"]
expect(at["HOG"][2] - at["pixels"][-1], at_least=0.01, n=DRAWS,
       what="HOG with 100 labels less pixels with 1,000")
expect(abs(at["trained CNN"][2] - at["pixels"][-1]), at_most=0.02, n=DRAWS,
       what="trained CNN with 100 labels against pixels with 1,000")
expect(abs(at["ImageNet"][-1] - at["HOG"][-1]), at_most=0.015, n=DRAWS,
       what="ImageNet against HOG, 1,000 labels")
expect(at["random CNN"][-1] - at["pixels"][-1], at_most=0.01, n=DRAWS,
       what="random CNN less pixels, 1,000 labels")

# %% [markdown]
# Three groups. **Rebuilding is not telling apart:** PCA and autoencoder describe a digit well with 64 numbers, and a
# probe reads from them what it read from the pixels, no more (40 epochs change nothing; section 4 tries another
# network). **Labels of other classes help:** the trained CNN knows no new digit, yet 100 labels do for it what 1,000 do
# for pixels.

# %% [markdown]
# And the winner has learnt nothing: **HOG**, designed in 2005; ImageNet catches up at 1,000 labels. On small, clean,
# centred digits, the right idea needs no data. (Section 5 reads the trained CNN at another place: there it draws level.)

# %% [markdown]
# The numbers after ± know only the luck of the *drawn labels*: five draws, the same for all kinds. There is one
# network of each kind (two other trained CNNs lie a point nearer to HOG), and one test set of 512 digits: another could move
# each curve by a point.

# %% [markdown]
# ### Play: what does a label buy?
#
# Choose a kind and a number of labels. **Which kinds do with 100 labels what pixels do with 1,000? And which
# mistake remains with all of them?**

# %%
tour = [
    Step("Pixels, ten labels: each dot is another draw of the labels.",
         {"kind": "pixels", "labels": 10}, light=0,
         ask=("Where do the draws lie closest?", ["10 labels", "100", "1,000"], 2)),
    Step("The random CNN: a network as it was made.",
         {"kind": "random CNN", "labels": 100}, light=0,
         ask=("What will training on the digits 0 to 4 do to its curve?",
              ["nothing: it never saw 5 to 9", "lift all of it", "lift its end"], 1)),
    Step("The trained CNN, and the mistakes that are left.",
         {"kind": "trained CNN", "labels": 100}, light=1)]
explore(*scenes.probe_curves(probes), name="probes", steps=tour,
        goal="a kind that with at most 100 labels beats pixels with 1,000",
        kind=choice("features", list(probes.curves), "pixels"),
        labels=choice("labels", list(LADDER), 100))

# %% [markdown]
# ## 4 · Because of the labels?
#
# "The trained CNN is better **because** it learnt from labels." Is it? It also had 2,012 pictures, and 128 steps of gradient
# descent. Three controls, the same network and pictures:
# - the old labels **dealt at random**: if training as such were enough, it would do as well;
# - **rebuilt**: no labels; it learns to make the picture again from its 128 features, as an autoencoder does;
# - **copies**: no labels; of 128 changed pictures (lesson 05b) it learns to say which two are copies of one.

# %%
guess_shuffled = predict(
    "A network trained on shuffled labels, 100 labels to probe it: nearer to which?",
    ["the untrained network", "halfway", "the network trained on true labels"])

# %%
dealt = x_old, kinds.shuffled(y_old)
trainings = {"random CNN": lambda seed: kinds.train_cnn(task.old, 0, seed),
             "shuffled labels": lambda seed: kinds.train_cnn(dealt, CNN_EPOCHS, seed),
             "rebuilt": lambda seed: kinds.rebuilding_cnn(x_old, CNN_EPOCHS, seed),
             "copies": lambda seed: kinds.copies_cnn(x_old, STEPS, seed),
             "trained CNN": lambda seed: kinds.train_cnn(task.old, CNN_EPOCHS, seed)}

def reached(cnn, n=100):
    """Probe accuracy with n labels, mean of the draws."""
    pool, test = (predict_logits(cnn.features, x).flatten(1) for x in (x_pool, x_test))
    return learning_curve((pool, y_pool), (test, y_test), DRAWS, [n]).mean()

# %%
control = {name: np.array(runs) for name, runs in stored.ASKED.items()}   # five seeds
here = {name: reached(train(SEED)) for name, train in trainings.items()}
for name, runs in control.items():
    print(f"{name:16} here {measured(here[name])}, stored {runs[0]:.3f}; "
          f"mean of five seeds {runs.mean():.3f}")

# %%
fig = stills.bars_with_dots(control, "One network, by what it was asked to learn")
means = ", ".join(f"{name} {runs.mean():.2f}" for name, runs in control.items())
show(fig, alt=f"Bars with dots, five networks each. Mean accuracies: {means}.")

# %%
base, true = control["random CNN"].mean(), control["trained CNN"].mean()
parts = {k: (control[k].mean() - base) / (true - base) for k in list(control)[1:4]}
print("of the gain give", *(f"{k} {v:.0%}" for k, v in parts.items()))

# %%
guess_shuffled.compare(parts["shuffled labels"], bins=[1 / 3, 2 / 3])

# %% tags=["promise"]
expect(here["trained CNN"] - here["random CNN"], at_least=0.05,
       what="true labels less untrained, trained here")
expect(max(abs(here[k] - control[k][0]) for k in here), at_most=0.05,
       what="trained here against stored, at most")
for name, least, most in (("shuffled labels", -1, 0.4), ("rebuilt", 0.2, 0.8),
                          ("copies", 0.5, 1.0)):
    expect(parts[name], at_least=least, at_most=most, spec=".2f", n=5,
           what=f"the part of the gain: {name}")
expect(control["rebuilt"].mean() - at["pixels"][2], at_least=0.005, n=5,
       what="rebuilt less pixels")

# %% [markdown]
# Each dot is a seed. Shuffled labels give little (learnt by heart, in 20 epochs, they do harm: 0.69): it is not training as such. Nor is
# it labels alone: the network that *rebuilds* gains half without any, and passes the pixels. The one that knows its
# *copies* gains most: somebody told it which changes leave a digit what it is. (With ten labels to probe, the old labels are
# worth far more: 0.72 against 0.6.)

# %% [markdown]
# ### Exercise 6.2 · Frozen, but it moves · fix · 8 min · ★★☆
#
# A colleague probes a network with batch normalisation. Her features change whenever she asks for other pictures
# in the same batch, and the network itself is different afterwards. One line is wrong. Mend it.

# %%
def frozen_features(model, x):
    """model: any nn.Module; x (N, …) → its outputs (N, D), without gradients."""
    was_training = model.training
    ### BEGIN SOLUTION
    model.eval()
    ### INSTEAD
    model.train()
    ### END SOLUTION
    with torch.no_grad():
        out = model(x).flatten(1)
    model.train(was_training)
    return out

# %%
check("6.2", frozen_features)

# %% [markdown]
# <details><summary>Hint 1: who else is in the batch?</summary>
#
# In training mode, batch normalisation divides by the spread of *this batch*, and dropout throws dice.
# </details>
# <details><summary>Hint 2: what changes for good?</summary>
#
# In training mode it also updates its running mean and variance, with or without gradients. Which mode does neither?
# </details>

# %% [markdown] tags=["discussion"]
# `no_grad` stops gradients, nothing else. Frozen means: evaluation mode, no gradients, and an optimiser that does not hold
# these weights. Exercise 6.3 has you write the test for all three.

# %% [markdown]
# ## 5 · Frozen, fine-tuned, end to end
#
# Why freeze at all? Three ways to use the labels that we have:
# - **frozen**: the trained CNN's features and a probe;
# - **fine-tuned**: begin with the trained CNN and a new last layer, and go on training *all* weights;
# - **end to end**: begin with random weights and train them all; the old digits are not used.
#
# Both trainings take about 80 steps. Their learning rates were the best of three on validation digits.

# %%
guess_cross = predict(
    "From how many labels on is end to end at least as good as frozen?",
    ["from 30", "from 100", "from 300", "never up to 1,000"])

# %%
ways = {way: np.array(runs) for way, runs in stored.WAYS.items()}  # (5 seeds, 5)
here = three_ways(trained_cnn, task, 1, STEPS)
print("seed 0, here:", {way: measured(runs[0, 1]) for way, runs in here.items()})
fig = stills.curves(ways, "Few labels: begin with what others learnt. Many: train all")
show(fig, alt="Accuracy against labels for three ways. End to end starts lowest, "
     "crosses frozen near 100 labels and meets fine-tuned near 300; "
     "fine-tuned is never clearly below the others.")

# %%
mean = {way: runs.mean(0) for way, runs in ways.items()}
ahead = mean["end to end"] >= mean["frozen"]        # (5,)
crossing = LADDER[ahead.argmax()] if ahead.any() else 9999
print("End to end is at least as good as frozen from", crossing, "labels on.")

# %%
guess_cross.compare(crossing, bins=[60, 200, 1000])

# %% tags=["promise"]
expect(here["frozen"][0, 1] - here["end to end"][0, 1], at_least=0.02,
       what="30 labels: frozen less end to end, trained here")
expect(here["end to end"][0, -1] - here["frozen"][0, -1], at_least=-0.01,
       what="1,000 labels: end to end less frozen, trained here")
expect(mean["frozen"][1] - mean["end to end"][1], at_least=0.03, n=5,
       what="30 labels: frozen less end to end")
expect(mean["end to end"][-1] - mean["frozen"][-1], at_least=0.005, n=5,
       what="1,000 labels: end to end less frozen")
better = np.maximum(mean["frozen"], mean["end to end"])
expect((mean["fine-tuned"] - better).min(), at_least=-0.02, n=5,
       what="fine-tuned less the better of the others, at worst")

# %% [markdown]
# With 30 labels, frozen beats end to end by some five points (in two of five draws by none); near 100 the lines cross, and with four times
# the steps as well. **Fine-tuning** is nowhere clearly behind.
#
# Why does frozen stop growing? Is the *probe* too plain, or do the *features* lack something? We try an MLP on them, and
# read the *same network* one step earlier, **before** its last pooling: 1,152 numbers in place of 128. So also 128 random
# directions of them, and the untrained network.

# %%
read = {"linear probe": extract["trained CNN"],
        "before": kinds.before_pooling(trained_cnn),         # (N, 1152)
        "untrained, before": kinds.before_pooling(random_cnn)}
some = torch.randn(1152, 128, generator=torch.Generator().manual_seed(0))
read["before, 128"] = lambda x: read["before"](x) @ some
kept = {name: learning_curve((f(x_pool), y_pool), (f(x_test), y_test), PROBES,
                             [100, 1000]).mean(0) for name, f in read.items()}
i, (pool, held) = draw_labels(y_pool, 1000, SEED), features["trained CNN"]
by_mlp = mlp_accuracy((pool[i], y_pool[i]), (held, y_test), STEPS, SEED)
for name, row in kept.items():
    print(f"{name:18}", *map(measured, row))
print(f"{'MLP':24}", measured(by_mlp))

# %% tags=["promise"]
expect(kept["before"][1] - kept["linear probe"][1], at_least=0.01, n=PROBES,
       what="read before the pooling, less behind it")
expect(kept["before"][1] - kept["before, 128"][1], at_least=0.005, n=PROBES,
       what="the same less 128 directions of it")
expect(by_mlp - kept["linear probe"][1], at_least=-0.015, at_most=0.025,
       what="MLP less linear probe")
expect(abs(kept["before"] - at["HOG"][[2, 4]]).max(), at_most=0.015, n=PROBES,
       what="before the pooling against HOG, 100 and 1,000 labels")
expect(kept["before"][0] - kept["untrained, before"][0], at_least=0.02, n=PROBES,
       what="100 labels, before the pooling: trained less untrained")
expect(kept["untrained, before"][1] - kept["linear probe"][1], at_least=-0.01,
       n=PROBES, what="1,000 labels: untrained before, less trained behind")

# %% [markdown]
# Columns: 100 and 1,000 labels. The MLP gains little; reading earlier gains more, partly by the number of features alone. So what was
# missing had been in the frozen network, and its last pooling threw it away. Read there, it draws level with HOG; and with 1,000 labels
# the *untrained* network does there what the trained one does behind the pooling: form is worth much. End to end goes through the
# same pooling: trained for *these* digits, it learnt what to bring through.

# %% [markdown]
# ### Exercise 6.3 · Is it really frozen? · test · 10 min · ★★★
#
# Write `test_frozen(train_head)`. It gets a program that is to train the last layer of a network and nothing else:
# `train_head(model, x, y)`. `model` has two parts, `model.body` (with batch normalisation) and `model.head`. Use
# `make_model()`, which gives a small one, and assert that `train_head` does what it should.

# %%
def make_model():
    """A small network for (N, 6) inputs and 3 classes: model.body, model.head."""
    model = nn.Sequential()
    model.body = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU())
    model.head = nn.Linear(8, 3)
    return model


def test_frozen(train_head):
    """Raise AssertionError unless train_head trains the head and nothing else."""
    ### BEGIN SOLUTION
    model = make_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train_head(model, torch.randn(20, 6) + 2, torch.arange(20) % 3)
    after = model.state_dict()
    for name, value in before.items():
        if name.startswith("body"):
            assert torch.equal(after[name], value), f"{name} has changed"
    assert not torch.equal(after["head.weight"], before["head.weight"])
    ### END SOLUTION

# %%
check("6.3", test_frozen)

# %% [markdown]
# <details><summary>Hint 1: what belongs to a network's state?</summary>
#
# `model.state_dict()` holds weights *and* buffers, such as batch normalisation's running mean. Keep copies (`clone`) before.
# </details>
# <details><summary>Hint 2: and the head?</summary>
#
# A program that does nothing leaves the body alone, too. Assert that `head.weight` has moved.
# </details>

# %% [markdown] tags=["discussion"]
# The wrong program that most tests miss holds the body's *weights* still and lets its *buffers* run. `parameters()` does not
# list buffers; `state_dict()` does.

# %% [markdown]
# ## 6 · Features of a million photographs
#
# The pretrained network (EfficientNet-Lite0, 4.65 million weights) was trained to name 1,000 things in photographs. It
# has 17 layers that we can read. Which one suits *digits*? We choose on the **old** digits, with 100 labels,
# so that the new ones stay unseen.

# %%
guess_layer = predict(
    "Which layer is best for telling digits apart?",
    ["an early one (1 to 3)", "a middle one (4 to 15)", "one of the last two (16, 17)"])

# %%
layers = (1, 3, 5, 7, 9, 11, 13, 15, 16, LAST)

def by_layer(net, x):
    """Accuracy on old digits with 100 labels at each layer, mean of the draws."""
    found = layer_features(net, x, layers)              # layer → (600, channels)
    fit_on, judge_on = slice(0, PICTURES // 2), slice(PICTURES // 2, PICTURES)
    return [learning_curve((f[fit_on], y_old[fit_on]), (f[judge_on], y_old[judge_on]),
                           DRAWS, [100]).mean() for f in found.values()]

padded = F.pad(x_old[:PICTURES], (2, 2, 2, 2))          # 28 → 32 pixels, the least
accuracy = {"pretrained": by_layer(pretrained(), padded)}
chosen = layers[int(np.argmax(accuracy["pretrained"]))]
print("best layer:", chosen)

# %%
guess_layer.compare(chosen, bins=[4, 16])

# %% [markdown]
# The last layer is far behind. A tempting story: "it has become a specialist for cats and cars, and has given up what tells
# a 7 from a 9." Test it. If that is all, the fall should be the same for **larger pictures**, and missing in an **untrained** network.

# %%
accuracy["untrained"] = by_layer(efficientnet(pretrained=False), padded)
large = F.interpolate(padded, 64, mode="bilinear")      # (600, 1, 64, 64)
accuracy["pretrained, 64 pixels"] = by_layer(pretrained(), large)
fig = stills.layer_lines(layers, accuracy,
                         "The last layer falls most where the picture is small", 9)
show(fig, alt="Probe accuracy on old digits by layer. Pretrained at 32 pixels: a "
     "plateau from layer 7 to 15, then a steep fall; at 64 pixels the "
     "fall is smaller; untrained: lower, and falling as well.")

# %% tags=["promise"]
fall = {name: max(a) - a[-1] for name, a in accuracy.items()}
expect(fall["pretrained"], at_least=0.08, what="pretrained: best layer less last")
expect(fall["pretrained"] - fall["pretrained, 64 pixels"], at_least=0.04,
       what="the fall at 32 pixels less that at 64")
expect(fall["untrained"], at_least=0.02, what="untrained: best layer less last")
plateau = accuracy["pretrained"][layers.index(9)]
expect(max(accuracy["pretrained"]) - plateau, at_most=0.02,
       what="best layer less layer 9")

# %% [markdown]
# The story is mostly wrong. With 64 pixels the last layer falls far less, and the untrained network's falls, too. At 32
# pixels the map has shrunk to a single place when it comes there: little is left to read. What remains of the fall at 64
# pixels *may* be specialisation. Any layer of the plateau will do; we read layer 9.

# %% [markdown]
# Does training on photographs pay for photographs? Twelve of them, all grey, for colour would give the
# answer away; 64-pixel patches of their left halves to learn from, of the right halves to test.

# %%
train, test = photos.patches()
rows = {"left halves": train[0][::20], "right halves": test[0][::15]}
fig = stills.picture_rows(rows, "Which of the twelve photographs is it?", columns=12)
show(fig, alt="Twelve grey patches from left halves of photographs, and twelve "
     "from the right halves: bricks, grass, gravel, fur, a cup, a "
     "rocket, coins, the moon, cloth, a temple, petals.")

# %%
plain = {"pixels, 16×16": photos.small, "16 shades": photos.grey_histogram,
         "HOG": photos.large_hog}
plain["autoencoder"] = photos.patch_codes(photos.patches(60)[0][0], 3 * AE_EPOCHS)
patch_features = {name: (f(train[0]), f(test[0])) for name, f in plain.items()}
for name, net in (("untrained", efficientnet(pretrained=False)),
                  ("ImageNet", pretrained())):
    a, b = layer_features(net, train[0], [9]), layer_features(net, test[0], [9])
    patch_features[name] = a[9], b[9]                     # (240, 112), (180, 112)

# %%
patch_runs = {}
for name, (a, b) in patch_features.items():
    patch_runs[name] = learning_curve((a, train[1]), (b, test[1]), DRAWS, [12, 60, 240])
    print(f"{name:14}", *(measured(v, ".2f") for v in patch_runs[name].mean(0)))

# %% tags=["promise"]
one = {name: runs.mean(0)[0] for name, runs in patch_runs.items()}
twenty = {name: runs.mean(0)[-1] for name, runs in patch_runs.items()}
rival = max(v for k, v in one.items() if k != "ImageNet")
expect(one["ImageNet"] - rival, at_least=0.15, spec=".2f", n=DRAWS,
       what="ImageNet less the best rival, 1 label a photograph")
expect(twenty["ImageNet"] - twenty["untrained"], at_least=0.2, spec=".2f", n=DRAWS,
       what="ImageNet less untrained, 20 labels a photograph")
expect(one["16 shades"] - one["HOG"], at_least=0.02, spec=".2f", n=DRAWS,
       what="16 shades less HOG, 1 label")
expect(twenty["autoencoder"] - twenty["pixels, 16×16"], at_most=0.08, spec=".2f",
       n=DRAWS, what="autoencoder less the pixels that it rebuilds, 20 labels")

# %% [markdown]
# The columns are 1, 5 and 20 labels a photograph. Here the order is another one: ImageNet leads by far with *one* label and
# with twenty, the untrained network of the same form is far below it, an autoencoder of 720 patches is no better than their
# pixels, and HOG, which won on digits, loses to sixteen shades of grey. There is no best feature, only one for a task.

# %%
x_face, y_face = photos.faces()
big = F.interpolate(x_face, 64, mode="bilinear")          # (200, 1, 64, 64)
face_kinds = {"pixels": x_face.flatten(1), "HOG": photos.large_hog(x_face),
              "untrained": layer_features(efficientnet(pretrained=False), big, [9])[9],
              "ImageNet": layer_features(pretrained(), big, [9])[9]}
half = torch.arange(200) % 2 == 0                   # every other one to learn from
face_runs = {}
for name, f in face_kinds.items():
    runs = learning_curve((f[half], y_face[half]), (f[~half], y_face[~half]),
                          10, [2, 10, 100])
    face_runs[name] = runs.mean(0)
    print(f"{name:9}", *(measured(v, ".2f") for v in runs.mean(0)))

# %% tags=["promise"]
for name in ("pixels", "untrained"):
    expect(face_runs["ImageNet"][0] - face_runs[name][0], at_least=0.05, spec=".2f",
           n=10, what=f"faces, 2 labels: ImageNet less {name}")
least = min(runs[-1] for runs in face_runs.values())
expect(least, at_least=0.87, spec=".2f", n=10,
       what="faces, 100 labels: the worst of the four")

# %% [markdown]
# Faces against backgrounds, 25×25 pixels, 2, 10 and 100 labels, mean of ten draws: the same winner, but with 100 labels
# all come near. Here pretrained features pay most where labels are few. (One person may be on both sides; the task is only *face
# or not*.)

# %% [markdown]
# ## 7 · Sequences
#
# The article names RNNs as extractors. A GRU reads 7,600 surnames and learns to foretell the next letter; it never
# hears of a language. Its state after the last letter is 64 features of a name. The probe: which of ten languages? Beside it
# an untrained GRU, and a plain count of letters and pairs of letters.

# %%
names = surnames()
code = words.Letters(names.train.names)
x_name, x_name_test = code(names.train.names), code(names.test.names)    # (N, 14)
vocabulary = words.commonest_pieces(names.train.names)
parts = (names.train, names.test)
name_features = {"pairs counted": [words.counts(p.names, vocabulary) for p in parts]}
for name, epochs in (("untrained GRU", 0), ("trained GRU", 1 if FAST else 2)):
    reader = words.reader_of(x_name, len(code), epochs)
    name_features[name] = [reader.states(x) for x in (x_name, x_name_test)]   # (N, 64)

# %%
y_name, y_name_test = names.train.y, names.test.y.numpy()
recall = {}
for name, (a, b) in name_features.items():
    for n in (100, 1000):
        places = [draw_labels(y_name, n, seed) for seed in range(3)]
        said = [ridge(a[i], one_hot(y_name[i])).scores(b).argmax(1) for i in places]
        recall[name, n] = np.mean([words.mean_recall(s, y_name_test) for s in said])
    print(f"{name:14}", *(measured(recall[name, n], ".2f") for n in (100, 1000)))

# %% tags=["promise"]
expect(recall["pairs counted", 1000] - recall["trained GRU", 1000], at_least=0.06,
       spec=".2f", n=3, what="counted pairs less trained GRU, 1,000 labels")
expect(recall["trained GRU", 1000] - recall["untrained GRU", 1000], at_least=-0.02,
       at_most=0.08, spec=".2f", n=3, what="trained less untrained GRU, 1,000 labels")

# %% [markdown]
# Columns: 100 and 1,000 labels; each language counts alike, so chance is 0.10. An honest defeat: **counting pairs wins**, and
# this short training adds little to an untrained GRU, whose state is a random summary of the letters; ten epochs give 0.64 in place
# of 0.61. (Chapter 03's GRU, trained on the languages themselves, is another matter.)

# %% [markdown]
# ## 8 · Neighbours
#
# To *see* features, look who is near whom. **Move the digit right: how long do its
# neighbours by pixels stay of its own kind, and how long those by ImageNet?**

# %%
lookups = {name: scenes.Lookup(x_pool, y_pool, extract[name], features[name][0])
           for name in ("pixels", "HOG", "trained CNN", "ImageNet")}
explore(*scenes.neighbours(lookups, task.test), name="neighbours",
        goal="at most 1 right neighbour by pixels, at least 5 by other features",
        digit=slider("test digit", 0, 59, 3),
        kind=choice("features", list(lookups), "ImageNet"),
        right=slider("moved right (pixels)", 0, 6, 0),
        down=slider("moved down (pixels)", 0, 6, 0))

# %% [markdown]
# Wrong neighbours are cut across. Now section 1's test for all four, moved by four pixels:

# %%
shifted = scenes.moved(x_test[:200], 4)
net = efficientnet(pretrained=False)
untrained = scenes.Lookup(x_pool, y_pool, lambda x: kinds.imagenet_features(x, net=net))
for name, lookup in (lookups | {"untrained": untrained}).items():
    near = lookup.rows @ scenes.unit_length(lookup.extract(shifted), lookup.mean).T
    found[name] = float((y_pool[near.argmax(0)] == y_test[:200]).float().mean())
    print(f"{name:12}", measured(found[name], ".2f"))

# %% tags=["promise"]
expect(found["ImageNet"] - max(found[k] for k in ("pixels", "HOG", "trained CNN")),
       at_least=0.05, spec=".2f", what="moved: ImageNet less the best other")
expect(found["untrained"], at_most=0.5, spec=".2f",
       what="moved: ImageNet's network, untrained")
expect(found["trained CNN"] - found["pixels"], at_least=0.1, spec=".2f",
       what="moved: trained CNN less pixels")

# %% [markdown]
# ImageNet's features bear shifts best. Because they are means over all places? So are the untrained network's, the
# worst: training did it. Now your own hand: draw a 5, 6, 7, 8 or 9. Then switch off *centre the drawing*, and draw in a corner.

# %%
lookalikes({name: lookups[name] for name in ("pixels", "trained CNN", "ImageNet")},
           name="who looks like your drawing?",
           goal="six neighbours of one digit by some features, at most three by pixels")

# %% [markdown]
# ### Exercise 6.4 · Pull together, push apart · write · 10 min · ★★☆
#
# One can train for neighbours directly. Write the **triplet loss**: for an anchor a, a positive p of its class and a
# negative n of another class, each (N, D), the loss of a row is max(0, ‖a − p‖ − ‖a − n‖ + margin). Give the mean over rows.
# Budget: 3 lines.

# %%
def triplet_loss(a, p, n, margin):
    """a, p, n float (N, D), margin float → 0-d tensor, through which gradients flow."""
    ### BEGIN SOLUTION
    near, far = (a - p).norm(dim=1), (a - n).norm(dim=1)      # (N,)
    return (near - far + margin).clamp(min=0).mean()
    ### END SOLUTION

# %%
check("6.4", triplet_loss)

# %% [markdown]
# <details><summary>Hint 1: one distance a row</summary>
#
# `(a - p).norm(dim=1)` has shape (N,): the root of the summed squares of each row.
# </details>
# <details><summary>Hint 2: the order of mean and maximum</summary>
#
# First cut each row at 0 (`.clamp(min=0)`), then take the mean: a row that is good enough must not pay for another.
# </details>

# %% [markdown] tags=["discussion"]
# Rows whose negative is already farther than the positive by the margin give no gradient: training lives on the hard ones. The
# same idea with many negatives at once is the contrastive loss of SimCLR and CLIP.

# %% [markdown]
# ## 9 · Break it: excellent features
#
# A colleague sends you digits photographed in five workshops, and her probe on *plain pixels*: 30 labels of each class, and the
# probe beats everything you have seen. Run it.

# %%
few = draw_labels(y_pool, 150, seed=1)
x_hers, y_hers = scenes.marked(x_pool[few], y_pool[few], 1.0), y_pool[few]
x_held = scenes.marked(x_test, y_test, 1.0)
hers, yours = (probe_accuracy((kinds.pixels(x_hers), y_hers), (kinds.pixels(x), y_test))
               for x in (x_held, x_test))
print("her held-out digits:", measured(hers), "· your digits:", measured(yours))

# %% [markdown]
# Perfect on hers, poor on yours, and her test digits were in no way part of the training. Which one experiment would tell the
# cause? Look at her pictures first.

# %%
first = [int((y_test == k).nonzero()[0]) for k in range(5)]
fig = stills.picture_rows({"hers": x_held[first], "yours": x_test[first]},
                          "What does the probe see?", columns=5)
show(fig, alt="A 5, 6, 7, 8 and 9 of hers and of yours; each of hers has a small "
     "bright dot near the top, whose place differs from class to class.")

# %% [markdown]
# <details><summary>My answer</summary>
#
# Each workshop photographed one digit, and its camera has a bright dot, each at another place. The dot tells the class.
# The experiment: take the dot away, or put another class's dot in. A high score on data *of the same source* shows nothing of this.
# </details>

# %%
shares, brightness = (0.0, 0.1, 0.5, 0.9, 1.0), (0.25, 0.5, 1.0)
probed = {k: extract[k] for k in ("pixels", "random CNN", "trained CNN")}
results = scenes.all_shortcuts(probed, (x_pool[few], y_pool[few]),
                               (x_test[:300], y_test[:300]), brightness, shares)
explore(*scenes.shortcut(results, brightness, shares), name="shortcut",
        goal="pixels, bright dots in half or more, and still an honest clean score",
        kind=choice("features", list(probed), "pixels"),
        bright=choice("brightness of the dots", list(brightness), 1.0),
        share=choice("marked training pictures",
                     [(f"{s:.0%}", s) for s in shares], 1.0))

# %% tags=["promise"]
worst, honest = results["pixels", 1.0, 1.0], results["pixels", 1.0, 0.0].clean
half_marked = results["pixels", 1.0, 0.5].clean
expect(hers, at_least=0.98, what="her own held-out digits")
expect(honest - worst.clean, at_least=0.08, what="what the dots cost on clean digits")
expect(worst.follows, at_least=0.9, spec=".2f", what="swapped: named as the dot says")
expect(honest - half_marked, at_most=0.06, what="the cost, if half of them are marked")

# %% [markdown]
# With all training pictures marked, the probe is perfect, and worse than an honest one once the dots are gone; it
# *follows the dot* when dot and digit disagree. With half of the pictures unmarked it has to learn the digits too. So a
# probe's praise holds for *these features on these data*. **Change the cue, keep the rest:** that is the test.

# %% [markdown]
# ### Exercise 6.5 · Fine-tune in two stages · order · 5 min · ★☆☆
#
# A new head is random: its first gradients may shake the body. A careful way: train the head alone first, then everything with a small
# rate. Put the lines in order; one line has a gap, and two lines do not belong.

# %%
two_stages = order("6.5")

# %%
check("6.5", two_stages)

# %% [markdown]
# <details><summary>Hint 1: what comes first?</summary>
#
# The network must be there before its head is replaced, and the new head must be there before an optimiser can hold it.
# </details>
# <details><summary>Hint 2: the second stage</summary>
#
# Between the stages the body thaws; the second optimiser holds all weights, at a rate far below the first.
# </details>

# %% [markdown] tags=["discussion"]
# Kumar et al. (2022) show when it pays: a random head's gradients distort good features, and data unlike the training data suffer. On our digits
# no gain is seen: 30 labels, five draws, 0.885 in one stage and 0.889 in two.

# %% [markdown]
# ## The article, checked
#
# The article calls feature extraction *the core and the hardest step*, done by CNN, RNN and autoencoder before the model is
# built:
#
# | It says | You found |
# |---|---|
# | first features, then the model | **both are learned together**: end to end passes frozen features near 100 labels (5) |
# | CNN, RNN, AE extract features | a network extracts what its **task** asked for (3, 4, 7) |
# | nothing on other sources | HOG wins on digits with few labels (3, 5); others' features lead on photographs (6) |

# %%
columns = ("HOG", "autoencoder", "trained CNN")
print("100 labels  ", "".join(f"{k:>13}" for k in columns))
print("frozen      ", "".join(f"{measured(at[k][2], '.2f'):>13}" for k in columns))
for way in ("fine-tuned", "end to end"):
    print(f"{way:12}", " " * 26 + f"{measured(mean[way][2], '.2f'):>13}")

# %% [markdown]
# ## Summary
#
# **Where do features come from?** From people who knew the task (HOG) or which changes do not matter (copies), from the form of a
# network, from labels of related tasks (the trained CNN, ImageNet), or from the very labels at hand (end to end). From rebuilding alone
# came the least.
#
# You have measured features with a linear probe against labels, over draws; told by controls what gave them their worth;
# seen where frozen, fine-tuned and end-to-end training cross; read a pretrained network layer by layer; and caught a probe that
# read a dot.

# %%
quiz("06a.1")
quiz("06a.2")
quiz("06a.3")
quiz("06a.4")
quiz("06a.5")

# %% [markdown]
# ## Further reading
#
# - N. Dalal, B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005, [doi:10.1109/CVPR.2005.177](https://doi.org/10.1109/CVPR.2005.177).
# - G. Alain, Y. Bengio, "Understanding intermediate layers using linear classifier probes" (2016), [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).
# - J. Yosinski, J. Clune, Y. Bengio, H. Lipson, "How transferable are features in deep neural networks?" (2014), [arXiv:1411.1792](https://arxiv.org/abs/1411.1792): which layer is general, which special.
# - A. Kumar et al., "Fine-tuning can distort pretrained features and underperform out-of-distribution" (2022), [arXiv:2202.10054](https://arxiv.org/abs/2202.10054).
# - R. Geirhos et al., "Shortcut learning in deep neural networks", *Nature Machine Intelligence* 2 (2020), [doi:10.1038/s42256-020-00257-z](https://doi.org/10.1038/s42256-020-00257-z).
# - F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet" (2015), [arXiv:1503.03832](https://arxiv.org/abs/1503.03832): the triplet loss.
#
# **Next:** [06b · Seeing — What does a network see?](06b_seeing.ipynb)
