# %% [markdown]
# # 04a · Autoencoders — What survives a narrow door?
#
# > **You will be able to**
# > - build encoder, code and decoder, and say why a linear autoencoder finds the space of PCA, but not its axes;
# > - choose the size of a code from errors on validation pictures, with PCA beside it;
# > - clean pictures, and find what does not belong, with PSNR, ROC and AUC, and with plain baselines beside the network;
# > - say what a score measures besides what you wanted;
# > - recognise an autoencoder that has learned nothing but to copy.
# >
# > **Time** 75 minutes, exercises 42 more · **Before this** [02b · Networks](02b_networks.ipynb) ·
# > **In the article** section 2: the autoencoder "models the data to learn it and compress it"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3               # networks of each kind
code_sizes = [2, 4, 8, 16, 32, 64]
n_hidden = 96
n_epochs = 5
batch_size = 64
n_train, n_val = 3500, 200

# %% tags=["setup"]
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from scipy.linalg import subspace_angles
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import digits
from helpers.metrics import mean_interval
from helpers.models import MLP, Autoencoders, count_parameters
from helpers.topics.autoencoder import anomaly, scenes, stills
from helpers.topics.autoencoder.rivals import (
    add_noise,
    auc,
    best_width,
    linear_map,
    mean_psnr,
    pca,
    plain_scores,
    through,
    train_linear,
)
from helpers.training import fit, one_cycle, predict_logits
from helpers.widgets import Step, draw_curve, explore, predict, quiz, slider, warm_up

start(SEED, fast=FAST)
if FAST:
    SEEDS, n_epochs, n_train, n_val = 2, 1, 800, 50
train_quickly = partial(
    fit,
    batch_size=batch_size,
    optimizer=partial(torch.optim.Adam, fused=True),
    schedule=one_cycle,
)

# %% [markdown]
# **Warm-up.** Questions from earlier lessons, and one about what is to come.

# %%
warm_up("04a")

# %% [markdown]
# ## 1 · A narrow door
#
# An **autoencoder** is asked for the easiest thing: to give back what it gets. What makes it hard is a door in the middle.
# The **encoder** turns a picture into a few numbers, the **code**; the **decoder** must make the picture again from the code
# alone. The error is the **reconstruction loss**: here the mean squared difference between pixels. No labels are needed.
#
# Our pictures are the digits of chapter 02, pooled to 14×14: 196 numbers each.

# %%
data = digits(n_train, n_val)
x_train, x_val, x_test = (F.avg_pool2d(x, 2).flatten(1)      # (N, 1, 28, 28) → (N, 196)
                          for x, _ in (data.train, data.val, data.test))
y_train, y_test = data.train[1], data.test[1]
print("train, val, test:", *(tuple(x.shape) for x in (x_train, x_val, x_test)))

# %% [markdown]
# The plainest autoencoder has no activations: one matrix E takes 196 numbers to 8, another, D, takes 8 back to 196. We
# subtract the mean digit first, so that only *differences* from it need to pass. `train_linear` trains the two matrices to
# the very end.
#
# Is its error good? There is an old answer to the same task, which needs no training: **principal component analysis**.

# %% [markdown]
# PCA asks: along which direction do the digits differ most? Which is next, at right angles to it? The **singular value
# decomposition** gives all of them: think of its `Vh` as a sorted list of arrows, each of length 1 and at right angles to the
# others. PCA keeps a picture's first k coordinates, and forgets the rest. No linear way through k numbers has a smaller
# squared error (Eckart and Young 1936).

# %%
centred = x_train[:1000] - x_train[:1000].mean(0)                   # (1000, 196)
E, D = train_linear(centred, 8, SEED, max_iter=10 if FAST else 120)   # encoder, decoder
components = torch.linalg.svd(centred, full_matrices=False).Vh[:8]  # (8, 196)
linear_loss = F.mse_loss(centred @ E @ D, centred)
pca_loss = F.mse_loss(centred @ components.T @ components, centred)
print("autoencoder's error over PCA's:", measured(linear_loss / pca_loss, ".5f"))

# %% tags=["promise"]
expect(
    linear_loss / pca_loss,
    at_least=1 - 1e-5,
    at_most=1.001,
    spec=".5f",
    what="autoencoder's error / PCA's",
)

# %% [markdown]
# The same error. Are they also the same eight directions? We draw the eight pictures that each method adds up: the rows of
# the decoder, and the rows of `Vh`. Blue is less ink than the mean digit, red more.

# %%
show(stills.rows({"decoder": D, "PCA": components}, "Not one of the eight is the same",
                 signed=True))
cosines = F.normalize(D, dim=1) @ components.T                      # (8, 8)
by_chance = torch.randn(196, 8)
angles, chance = (np.rad2deg(subspace_angles(A.numpy(), components.T.numpy()))
                  for A in (D.T, by_chance))                        # (8,) both
print("greatest cosine of two directions:", measured(cosines.abs().max(), ".2f"))
print(f"greatest angle between the two spaces: {measured(angles.max(), '.2f')}°, "
      f"a random one and PCA's: {measured(chance.max(), '.0f')}°")

# %% tags=["promise"]
expect(
    cosines.abs().max(),
    at_most=0.98,
    spec=".2f",
    what="greatest likeness (cosine) of a decoder row to a component",
)
expect(
    angles.max(),
    at_most=3,
    spec=".2f",
    unit="°",
    what="greatest angle between the decoder's space and PCA's",
)
M = torch.randn(8, 8, dtype=torch.float64)
codes = centred.double() @ E.double()
assert torch.allclose(
    codes @ D.double(), (codes @ M) @ (M.inverse() @ D.double()), atol=1e-6
)

# %% [markdown]
# Different pictures, yet the two sets of eight **span** the same flat space, as any two arrows on a table that point along
# different lines span the table. (`subspace_angles` measures how far one space is tilted against the other.)
#
# Nothing ties the autoencoder to PCA's *axes*: put any invertible matrix M after the encoder and its inverse before the
# decoder, and every reconstruction stays as it is. So a code's single numbers mean nothing by themselves.

# %% [markdown]
# <details><summary>For the curious: why it always finds that space</summary>
#
# Baldi and Hornik (1989) showed that the loss of a linear autoencoder has no false valleys, only saddles (flat points with a
# way downhill), and that its lowest points are all the solutions that span PCA's space.
# </details>
#
# ### Exercise 4.1 · PCA, there and back · write · 10 min · ★★☆
#
# Write PCA for new pictures: `pca_reconstruct(train, x, k)` learns from `train` and sends `x` through k numbers. Budget: 4
# lines. `torch.linalg.svd(a, full_matrices=False)` gives U, S, Vh.

# %%
def pca_reconstruct(train, x, k):
    """train (N, D), x (N', D) → (N', D): x as k components of train give it back."""
    ### BEGIN SOLUTION
    mean = train.mean(0)
    directions = torch.linalg.svd(train - mean, full_matrices=False).Vh[:k]
    code = (x - mean) @ directions.T
    return code @ directions + mean
    ### END SOLUTION

# %%
check("4.1", pca_reconstruct)

# %% [markdown]
# <details><summary>Hint 1: what is learned?</summary>
#
# A mean and k directions, both from `train`. `x` is only measured along them.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Subtract the mean of `train` from both. The directions are the first k *rows* of `Vh`. The code is
# `(x - mean) @ directions.T`; the way back is `code @ directions + mean`.
# </details>

# %% [markdown] tags=["discussion"]
# Encoder and decoder are one matrix and its transpose: a linear autoencoder with *tied* weights. That the mean comes from
# `train` and not from `x` is the first rule of chapter 05: whatever is learned, even a mean, is learned on the training part.

# %% [markdown]
# ## 2 · A door between deep networks
#
# PCA's digits lie in a flat space. Real digits do not: half of one 3 and half of another is rarely a 3. With hidden layers and
# ReLU, encoder and decoder can bend that space. (No activation at the code: it may be any number.)
#
# We train one network for each size of the code, twelve in one go: `Autoencoders` keeps them apart, each with its own
# weights; `one(m)` takes one out.

# %%
def make_autoencoder(k):
    return nn.Sequential(
        nn.Linear(196, n_hidden), nn.ReLU(), nn.Linear(n_hidden, k),    # (N, k)
        nn.Linear(k, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 196))    # (N, 196)


def sum_of_losses(out, x):
    """out (N, M, D) from M networks, x (N, D): their mean squared errors, added up."""
    return (out - x[:, None]).square().mean((0, 2)).sum()


set_seed(SEED)
many = Autoencoders(code_sizes * 2, n_in=196, n_hidden=n_hidden)        # two seeds
train_quickly(many, (x_train, x_train), n_epochs=n_epochs, lr=1.2e-2,
              loss=sum_of_losses)
assert count_parameters(many.one(2)) == count_parameters(make_autoencoder(8))

# %% [markdown]
# **Draw first:** the network's error divided by PCA's, for codes of 2 to 64 numbers, on validation digits. (Below 1 the
# network is better.)

# %%
sketch_codes = draw_curve("How does the network compare with PCA?",
                          x=("numbers in the code", 2, 64),
                          y=("network's error / PCA's", 0, 4), xlog=True)

# %%
mean, Vh = pca(x_train)                                             # (196,), (196, 196)
pca_error = [F.mse_loss(through(x_val, mean, Vh, k), x_val).item() for k in code_sizes]
errors = (predict_logits(many, x_val) - x_val[:, None]).square().mean((0, 2))
errors = errors.reshape(2, -1)                                          # (seeds, sizes)
show(stills.error_against_size(code_sizes, pca_error, errors))
gain = dict(zip(code_sizes, errors.mean(0).numpy() / pca_error, strict=True))
print("network's error over PCA's:", *(measured(g, ".2f") for g in gain.values()))

# %%
sketch_codes.compare(code_sizes, list(gain.values()))

# %% tags=["promise"]
expect(max(gain[4], gain[8]), at_most=0.87, spec=".2f", what="worse of 4 and 8 numbers")
expect(gain[32], at_least=0.95, at_most=2, spec=".2f", what="with 32 numbers")
expect(gain[64], at_least=1.4, spec=".2f", what="with 64 numbers")

# %% [markdown]
# After five epochs the gain is greatest with few numbers; from 32 on PCA is ahead. Is that a law? No: it is what five epochs
# give. After thirty the gain is about two fifths, greatest at 8 and 16, and the network leads at 32 (the course's tests hold
# that). Keep the plain method beside the deep one, and say how long the deep one was trained.
#
# To *choose* a size we looked at validation digits; the test digits wait. We take 8, where the gain is large.

# %% [markdown]
# ### Play: the size of the door
#
# Go through the steps, then move the sliders: one sets the code's size (2 to the power of 1 … 6), the other the digit. **With
# how many numbers can *you* first read the digit, in each of the two pictures?**

# %%
networks = {k: many.one(i) for i, k in enumerate(code_sizes)}
explore(*scenes.code_size(networks, mean, Vh, x_val[:60], data.val[1][:60]),
        name="size of the code",
        goal="a digit that PCA draws more accurately, with 8 or 16 numbers",
        steps=[
            Step("Two numbers: both guess.", {"doublings": 1}, light=3,
                 ask=("Which draws firmer strokes?", ["PCA", "the network"], 1)),
            Step("Eight numbers.", {"doublings": 3}, light=2,
                 ask=("More numbers make PCA's picture …", ["sharper", "larger"], 0)),
            Step("Sixty-four numbers.", {"doublings": 6}, light=1)],
        doublings=slider("code of 2 to the power of", 1, 6, 3, tip="1: 2; 6: 64"),
        digit=slider("digit (number)", 0, len(x_val[:60]) - 1, 5))

# %% [markdown]
# With few numbers PCA blurs: it can only add and subtract whole pictures. The network draws firmer strokes instead, sometimes
# of *another* digit. It has learned what digits look like, and it fills in from habit whatever does not fit through the door.
# Sections 3 and 4 use that habit, first as a help, then as an alarm.

# %% [markdown]
# ## 3 · Noise does not fit through the door
#
# Noise is different in each pixel, so a short code cannot hold it. A **denoising autoencoder** (Vincent et al. 2008) gets a
# noisy picture and must return the clean one.

# %% [markdown]
# First a measure. The **peak signal-to-noise ratio** (PSNR) compares the greatest possible signal, 1, with the mean squared
# error, in decibels: 10 · log₁₀(1 / error). Ten dB more means a tenth of the error.
#
# ### Exercise 4.2 · Decibels · write · 6 min · ★☆☆
#
# Write `psnr(x, y)` for a batch of pictures of any shape: one number for each picture. Budget: 2 lines. Specification: for
# each i, `10 * log10(1 / ((x[i] - y[i]) ** 2).mean())`.

# %%
def psnr(x, y):
    """x, y (N, …), pixels 0 to 1 → PSNR of each picture in dB, (N,); inf if equal."""
    ### BEGIN SOLUTION
    error = (x - y).square().flatten(1).mean(1)
    return -10 * error.log10()
    ### END SOLUTION

# %%
check("4.2", psnr)

# %% [markdown]
# <details><summary>Hint 1: which axes?</summary>
#
# The mean runs over everything but the first axis, however many axes there are. `flatten(1)` makes them one.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `error = (x - y).square().flatten(1).mean(1)` has shape (N,). And log₁₀(1 / error) is −log₁₀(error).
# </details>

# %% [markdown] tags=["discussion"]
# Note the order: PSNR of each picture, then the mean over pictures. The PSNR of the mean error is another number, and never
# larger. Papers differ in this; say which one you report.

# %% [markdown]
# Our noise is Gaussian: each pixel gets a random number of standard deviation σ (the ink is 1). Whatever a method returns is
# clipped to 0 … 1 before it is judged. Four plain rivals, made anew *for each level of noise*: a **Gaussian filter** (a pixel
# becomes a weighted mean of its surroundings), a **median filter**, both with their width chosen on validation digits; the
# **best linear map** from noisy to clean digits, 196 × 196 weights; and the plainest, **always the mean digit**.

# %%
levels = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0]
noisy_val, noisy_test = ({s: add_noise(x, s, seed=i) for s in levels}
                         for i, x in enumerate((x_val, x_test)))


def filtered(by, s):
    """Noisy test digits through a filter; its width is best on validation digits."""
    sizes = (0.4, 0.6, 0.8, 1.0, 1.4, 2.0) if by is scenes.gaussian else (1, 3, 5)
    return by(noisy_test[s], best_width(by, sizes, noisy_val[s], x_val))


cleaned = {"nothing done": list(noisy_test.values()),
           "Gaussian filter": [filtered(scenes.gaussian, s) for s in levels],
           "median filter": [filtered(scenes.median, s) for s in levels],
           "always the mean digit": [mean.expand_as(x_test) for _ in levels],
           "best linear map": [linear_map(x_train, s)(noisy_test[s]) for s in levels]}
curves = {name: np.array([mean_psnr(a, x_test) for a in many_levels])
          for name, many_levels in cleaned.items()}

# %% [markdown]
# Now the networks, with a code of 64. Each training batch gets fresh noise, with a different σ between 0 and 0.6 for each
# digit. They never see stronger noise than that, and they must work out for themselves how strong it is.

# %%
guess_noise = predict("At how many of 7 levels does the network beat all plain rivals?",
                      ["at none", "at 1 to 3", "at 4 to 6", "at all"])

# %%
def fresh_noise(x):
    return x + 0.6 * torch.rand(len(x), 1) * torch.randn_like(x)


set_seed(SEED)
denoisers = Autoencoders([64] * SEEDS, n_in=196, n_hidden=n_hidden)
train_quickly(denoisers, (x_train, x_train), n_epochs=2 * n_epochs, lr=8e-3,
              loss=sum_of_losses, augment=fresh_noise)
outs = [predict_logits(denoisers, noisy_test[s]).unbind(1) for s in levels]
by_seed = np.array([[mean_psnr(out, x_test) for out in runs] for runs in outs]).T
lead = by_seed.mean(0) - np.max([curves[name] for name in cleaned], axis=0)
show(stills.psnr_against_noise(levels, curves | {"deep network": by_seed}, (0, 0.6)))
print("network less the best rival (dB):",
      *(f"σ {s}: {measured(d, '+.1f')}" for s, d in zip(levels, lead)))

# %%
guess_noise.compare((lead > 0).sum(), bins=[1, 4, 7])

# %% tags=["promise"]
over_mean = by_seed.mean(0) - curves["always the mean digit"]
over_filter = by_seed.mean(0) - curves["Gaussian filter"]
expect(
    lead[0],
    at_most=-1,
    spec="+.1f",
    unit=" dB",
    what="network less the best rival, σ = 0.1",
)
expect(
    lead.max(),
    at_least=0.0,
    at_most=1,
    spec="+.1f",
    unit=" dB",
    what="its greatest lead over the best rival",
)
expect(
    lead[-1],
    at_most=0.2,
    spec="+.1f",
    unit=" dB",
    what="network less the best rival, σ = 1",
)
expect(
    over_filter[-1],
    at_least=1.5,
    spec="+.1f",
    unit=" dB",
    what="network less Gaussian filter, σ = 1",
)
expect(
    over_mean[-1],
    at_least=0.5,
    at_most=1.5,
    spec="+.1f",
    unit=" dB",
    what="network less the mean digit, σ = 1",
)
expect(
    (curves["Gaussian filter"] < curves["always the mean digit"]).sum(),
    at_least=1,
    spec=".0f",
    what="levels at which the filter loses to the mean digit",
)

# %% [markdown]
# Against weak noise the network *loses*, even to doing nothing: through its door each digit is redrawn a little wrong. From
# moderate noise on it is far ahead of both filters. But look at the constant: under strong noise the filters lose even to
# *always the mean digit*, and of the network's lead over them only about one decibel is more than that.
#
# And the linear map, which knows digits too, is level with this network or ahead at nearly every level.

# %% [markdown]
# Is depth worth nothing, then? That would say too much: this is a small network after ten epochs. With 256 hidden units and
# 60 epochs the lead over the linear map grows to about 1.4 dB in the middle, and shrinks to nothing at σ = 1 (the course's
# tests hold it). Most of the gain over a filter is *knowing digits*; some of it is depth.

# %% [markdown]
# What does a network do when hardly anything of the digit is left? We let a classifier read what it returns. It must be a
# **fair reader**: a reader trained on clean digits alone would be bad at noisy ones for want of practice. So there are two,
# one trained on clean digits, one on noise of σ = 1; each reads what it was made for.

# %%
readers = {}
for name, noise in {"clean": None, "noisy": lambda x: x + torch.randn_like(x)}.items():
    set_seed(SEED)
    readers[name] = MLP((196, 256, 10))
    train_quickly(readers[name], (x_train, y_train), n_epochs=n_epochs + 2, lr=1e-2,
                  augment=noise, progress=False)

# %%
redrawn = predict_logits(denoisers.one(0), noisy_test[1.0]).clamp(0, 1)     # (N, 196)
asked = {"clean digits": ("clean", x_test),
         "noise, by a fair reader": ("noisy", noisy_test[1.0]),
         "redrawn by the network": ("clean", redrawn)}
read = {}
for name, (reader, x) in asked.items():
    sure, said = predict_logits(readers[reader], x).softmax(1).max(1)
    read[name] = sure, said, (said == y_test).float().mean()
    print(f"{name:24} read right {measured(read[name][2], '.0%')}, "
          f"sure (median) {measured(sure.median(), '.2f')}")

# %% tags=["promise"]
fair, drawn = read["noise, by a fair reader"], read["redrawn by the network"]
expect(read["clean digits"][2], at_least=0.93, what="clean test digits read right")
expect(
    fair[2] - drawn[2],
    at_least=-0.06,
    spec="+.2f",
    what="read right: noise by a fair reader, less redrawn",
)
expect(
    drawn[0].median() - fair[0].median(),
    at_least=0.05,
    spec="+.2f",
    what="surer of the redrawn digits by",
)
expect(drawn[2], at_most=0.7, spec=".0%", what="redrawn digits read right, σ = 1")

# %%
sure, said, _ = read["redrawn by the network"]
worst = ((said != y_test) * sure).argsort(descending=True)[:8]         # surest mistakes
seen = {"the digit": x_test, "noisy": noisy_test[1.0].clamp(0, 1), "redrawn": redrawn}
show(stills.rows({name: x[worst] for name, x in seen.items()},
                 "Out of noise the network draws another digit",
                 above=[f"a {y_test[i]}, read as {said[i]}" for i in worst]))

# %% [markdown]
# The network does not say "I cannot see anything". It draws strokes, and about half of the digits are then read as another one:
# a **hallucination**. Redrawing has made nothing more readable: a fair reader gets as much out of the noise itself. What it has
# removed is the *sign* of doubt: the reader is surer of the redrawn digits. Think of that before you let a network clean a
# number plate or an X-ray.

# %% [markdown]
# ### Play: noise
#
# **Below which noise level should you not use the network at all?** The numbers under the pictures are PSNR. The linear map
# stands beside it.

# %%
mapped = partial(linear_map, x_train)               # still open: the level of noise
explore(*scenes.denoise(denoisers.one(0), readers["clean"], mapped, x_test, y_test),
        name="noise",
        goal="noise up to 0.6: redrawn better than by the linear map, yet read wrongly",
        noise_std=slider("noise (standard deviation)", 0.0, 1.2, 0.4, step=0.05),
        digit=slider("digit (number in the test set)", 0, 59, 3))

# %% [markdown]
# On average the line lies between 0.3 and 0.6: below it the linear map is the better choice. And the cases that reach the target
# are the dangerous ones: by the usual measure the network's picture is better, and it says something else.
#
# ## 4 · A digit never seen
#
# What an autoencoder has never seen, it often gives back badly. So its error is an alarm for what does not belong: **anomaly
# detection**. It needs no example of the fault, only of what is usual.

# %% [markdown]
# We try all ten digits: network c learns from all training digits *but* c, with a code of 8, and then sees all test digits. Its
# score for a picture is the reconstruction error. (The target also says which networks may learn from a digit.)

# %%
def loss_on_known(out, target):
    """known (N, 10): 0 for the network that must not learn from the digit."""
    x, known = target[:, :196], target[:, 196:]
    return ((out - x[:, None]).square().mean(2) * known).mean(0).sum()


set_seed(SEED)
known = 1 - F.one_hot(y_train, 10).float()                                  # (N, 10)
detectors = Autoencoders([8] * 10, n_in=196, n_hidden=n_hidden)
train_quickly(detectors, (x_train, torch.cat([x_train, known], 1)), n_epochs=n_epochs,
              lr=1.2e-2, loss=loss_on_known)
back = predict_logits(detectors, x_test)                                # (N, 10, 196)
deep_scores = (back - x_test[:, None]).square().mean(2).T               # (10, N)
odd = torch.stack([y_test == c for c in range(10)])                         # (10, N)

# %% [markdown]
# From scores to decisions: ring an alarm above a **threshold**. **Recall** is the share of the odd ones that are caught.
# **Precision** is the share of alarms that are right.
#
# ### Play: where to put the threshold
#
# On the right is the **ROC** curve, all thresholds at once: the share caught against the share of false alarms. **Which digit,
# when left out, is hardly noticed? And what happens to precision as you catch the last few?**

# %%
explore(*scenes.threshold(deep_scores.sqrt(), y_test), name="threshold",
        goal="a digit and a threshold with precision and recall both 0.5 or more",
        left_out=slider("digit left out of training", 0, 9, 0),
        at=slider("threshold (root mean square)", 0.02, 0.3, 0.16, step=0.005))

# %% [markdown]
# The 1 is hardly noticed. And to catch the last few one must accept many false alarms: precision falls towards the share of odd
# ones among all, a tenth.
#
# The area under the ROC curve, **AUC**, judges the scores without any threshold. It has a meaning that is easy to remember: take
# one odd and one usual picture at random; AUC is **the chance that the odd one has the higher score** (a tie counts half).
# Guessing gives 0.5.

# %%
def roc_points(scores, odd):
    """Slow and plain: shares (false alarms, caught) at each threshold from the top."""
    thresholds = [float("inf"), *sorted(set(scores.tolist()), reverse=True)]
    alarms = [scores >= t for t in thresholds]
    return [[float(a[part].float().mean()) for part in (~odd, odd)] for a in alarms]


points = np.array(roc_points(deep_scores[0], odd[0]))                      # (points, 2)
area = np.trapezoid(points[:, 1], points[:, 0])
library = sklearn_roc_curve(odd[0], deep_scores[0], drop_intermediate=False)
assert np.allclose(points.T, library[:2], atol=1e-6)
assert abs(area - auc(deep_scores[0], odd[0])) < 1e-6
assert abs(area - roc_auc_score(odd[0], deep_scores[0])) < 1e-6
print("the 0 left out: area and share of pairs", measured(area, ".3f"))

# %% [markdown]
# ### Exercise 4.3 · The curve in one sweep · write · 15 min · ★★★
#
# `roc_points` looks at all scores for each threshold: for N scores that is N² comparisons, all kept in memory. Write
# `roc(scores, odd)`, which sorts once and then only adds up. Equal scores pass the threshold together: they make one point.
# Budget: 7 lines. Specification: `roc_points`, as two tensors. (The check brings 60,000 scores.)

# %%
def roc(scores, odd):
    """scores (N,) float, odd (N,) bool → (false alarms, caught), each from 0 to 1."""
    ### BEGIN SOLUTION
    order = scores.argsort(descending=True)
    scores, odd = scores[order], odd[order]
    last = torch.cat([scores[1:] != scores[:-1], torch.tensor([True])])  # of equal ones
    caught, false = odd.cumsum(0)[last], (~odd).cumsum(0)[last]
    zero = torch.zeros(1)
    return torch.cat([zero, false / false[-1]]), torch.cat([zero, caught / caught[-1]])
    ### END SOLUTION

# %%
check("4.3", roc)

# %% [markdown]
# <details><summary>Hint 1: what does one step do?</summary>
#
# Walk down the sorted scores. Each odd one adds 1 to the catches, each usual one adds 1 to the false alarms: that is `cumsum`.
# </details>
# <details><summary>Hint 2: the ties</summary>
#
# A point may be kept only where the next score is different (and at the end): `scores[1:] != scores[:-1]`. Then divide by the
# last count of each, and put a 0 in front.
# </details>

# %% [markdown] tags=["discussion"]
# Sorting costs N log N instead of N². Ties matter more than they seem to: rounded scores, or counts, have many, and a point for
# each would draw a staircase that depends on the order in which equal scores happen to stand.

# %% [markdown]
# ### Exercise 4.4 · Three of four pairs · value · 5 min · ★☆☆
#
# Two pictures are odd, two are usual. Give four scores, `my_scores`, first those of the two odd ones, then those of the two
# usual ones, so that the AUC is 0.75, and no two scores are equal.

# %%
### BEGIN SOLUTION
my_scores = [0.9, 0.4, 0.6, 0.1]
### END SOLUTION

# %%
check("4.4", my_scores)

# %% [markdown]
# <details><summary>Hint 1: count pairs</summary>
#
# There are 2 × 2 pairs of an odd and a usual picture. In how many must the odd one have the higher score?
# </details>
# <details><summary>Hint 2: one mistake</summary>
#
# In three of four. So exactly one usual picture lies above one odd one.
# </details>

# %% [markdown] tags=["discussion"]
# Only the order of the scores counts: multiply them, square them, take logarithms, and the AUC stays as it is.

# %% [markdown]
# ### Who finds it best?
#
# Now the same test for PCA with 8 numbers, and for three baselines without any code: the distance to the **mean** digit, the
# amount of **ink**, and the distance to the **nearest** training digit. (Each sees only the nine digits, of course.)

# %%
aucs = {"deep network": [auc(s, o) for s, o in zip(deep_scores, odd)]}
for c in range(10):
    for name, s in plain_scores(x_test, x_train[y_train != c]).items():
        aucs.setdefault(name, []).append(auc(s, odd[c]))
averages = {name: np.mean(values) for name, values in aucs.items()}
show(stills.auc_by_class(aucs))
for name, average in averages.items():
    print(f"{name:22} mean AUC {measured(average, '.2f')}")

# %% tags=["promise"]
ahead, half = mean_interval(np.subtract(aucs["deep network"], aucs["PCA"]))
behind, half_behind = mean_interval(
    np.subtract(aucs["nearest neighbour"], aucs["deep network"])
)
expect(
    averages["deep network"],
    at_least=0.74,
    at_most=0.84,
    spec=".2f",
    what="deep network, mean AUC",
)
expect(ahead, at_least=0.03, what="deep network less PCA")
expect(ahead - half, at_least=0.0, what="lower end of its interval over the ten digits")
expect(behind, at_least=0.01, what="nearest neighbour less deep network")
expect(behind - half_behind, at_least=-0.02, what="lower end of its interval")
expect(aucs["amount of ink"][1], at_most=0.15, spec=".2f", what="ink, AUC for the 1")
expect(
    aucs["deep network"][1], at_most=0.7, spec=".2f", what="deep network, AUC for the 1"
)

# %% [markdown]
# The deep network beats PCA; the plain nearest neighbour, without any training, beats both, though it must keep all training
# digits and compare with each of them. And the 1 is found badly. Why?
#
# <details><summary>My answer</summary>
#
# A 1 is one stroke: little ink, so little to get wrong. Its error is small *even for a network that has never seen one*. The
# reconstruction error measures two things at once: how strange a picture is, and how much there is of it.
# </details>

# %% [markdown]
# If that is the reason, a score without the second part must find the 1. The control: divide each error by the picture's own
# mean square, for the network and for its rivals alike. One line, no labels.

# %%
power = x_test.square().mean(1)                                             # (N,)
scaled = {"deep network": [auc(s / power, o) for s, o in zip(deep_scores, odd)]}
for c in range(10):
    rivals = plain_scores(x_test, x_train[y_train != c])
    rivals["nearest neighbour"] = rivals["nearest neighbour"]**2       # squared as well
    for name in ("PCA", "nearest neighbour"):
        scaled.setdefault(name, []).append(auc(rivals[name] / power, odd[c]))
for name, values in scaled.items():
    both = [(v[1], v[0], np.mean(v)) for v in (aucs[name], values)]
    pairs = (f"{measured(a, '.2f')} → {measured(b, '.2f')}" for a, b in zip(*both))
    print(f"{name:18} the 1, the 0, mean:", *pairs)

# %% tags=["promise"]
expect(
    scaled["deep network"][1] - aucs["deep network"][1],
    at_least=0.15,
    spec="+.2f",
    what="network, the 1: gained by the division",
)
expect(
    np.mean(scaled["deep network"]) - averages["deep network"],
    at_least=0.01,
    spec="+.3f",
    what="network, mean: gained",
)
expect(
    scaled["deep network"][0] - aucs["deep network"][0],
    at_most=-0.04,
    spec="+.2f",
    what="network, the 0: lost",
)
expect(np.mean(scaled["nearest neighbour"]) - np.mean(scaled["deep network"]),
       at_least=0.02, spec="+.3f", what="both scaled: neighbour less network")

# %% [markdown]
# The 1 is found, and the 0, with much ink, less well than before: the reason was right. Does it change the ranking? The scaled
# network is level with the *unscaled* neighbour. But a fair comparison scales both, and then the neighbour is ahead again, by as
# much as before. **Ask of every score what else it measures**, and of every improvement whether the rival gets it too.

# %% [markdown]
# ## 5 · Faults in a wall
#
# Factories use this to inspect surfaces. Ours is a photograph of a brick wall. Network and PCA learn from patches of 12×12
# pixels of its sound upper half. Into the lower half we plant dark spots, scratches, and squares of gravel.

# %%
wall = anomaly.learn_texture("brick", n_epochs=n_epochs, seed=SEED)     # four scores
gravel = anomaly.halves("gravel")[1]
upper, lower = anomaly.halves("brick")
faulty_wall, fault_mask = anomaly.plant_faults(lower, gravel, seed=9)
three = {name: score for name, score in wall.items() if name != "nearest neighbour"}
show(anomaly.maps(faulty_wall, fault_mask, three, "What it cannot redraw lights up"))
placings = [anomaly.plant_faults(lower, gravel, seed) for seed in range(5)]
wall_auc = {}
for name, score in wall.items():
    wall_auc[name] = [auc(score(anomaly.cut(picture)), anomaly.is_faulty(mask))
                      for picture, mask in placings]
    average, half = mean_interval(wall_auc[name])                   # over five placings
    print(f"{name:22} AUC {measured(average, '.2f')} ± {measured(half, '.2f')}")

# %% tags=["promise"]
brick = {name: np.mean(values) for name, values in wall_auc.items()}
expect(brick["deep network"], at_least=0.92, spec=".2f", what="brick, deep network")
expect(
    brick["deep network"] - brick["PCA"],
    at_least=0.03,
    spec=".2f",
    what="brick, deep network less PCA",
)
expect(
    brick["nearest neighbour"] - brick["deep network"],
    at_least=-0.03,
    at_most=0.03,
    spec="+.2f",
    what="brick, nearest neighbour less deep network",
)

# %% [markdown]
# The network's map shows spots, scratches and gravel; PCA overlooks the soft spots; brightness and contrast see the spots and
# little else. The nearest neighbour ties with the network, at the price of keeping all patches.
#
# A wall is regular: sixteen numbers say where the joint runs. On grass, which no short code holds, the network is no better than
# brightness and contrast, and the nearest neighbour wins (the course's tests hold it). The method works where what is *usual* is
# simple.

# %% [markdown]
# ### Play: how faint a fault?
#
# The alarm's threshold is set on the upper half: you choose for what share of its (sound) patches it rings. **How far can you
# fade the faults before most of them slip through, and what does it cost to catch them after all?**

# %%
detect = wall["deep network"]
explore(*anomaly.fading_faults(lower, gravel, detect, detect(anomaly.cut(upper)), auc),
        name="faults in a wall",
        goal="strength up to 0.6: half of the faults found, at most 10 % false alarms",
        strength=slider("strength of the faults", 0.0, 1.0, 1.0, step=0.05),
        alarm=slider("alarm on the upper half (share)", 0.01, 0.3, 0.05, step=0.01),
        places=slider("places of the faults (seed)", 0, 9, 9))

# %% tags=["promise"]
faint_wall, faint_mask = anomaly.plant_faults(lower, gravel, seed=9, strength=0.3)
rung = detect(anomaly.cut(faint_wall)) > detect(anomaly.cut(upper)).quantile(0.95)
faulty = anomaly.is_faulty(faint_mask)
expect(
    rung[faulty].float().mean(),
    at_most=0.25,
    spec=".0%",
    what="faults of strength 0.3: found",
)
expect(
    rung[~faulty].float().mean(),
    at_most=0.15,
    spec=".0%",
    what="false alarms on the lower half, 5 % on the upper",
)

# %% [markdown]
# At three tenths of full strength, at least three in four faulty patches slip through. You can lower the threshold and catch them,
# but then the alarm rings for more sound patches as well. Where to stop is not a question for machine learning: it depends on
# what a missed fault costs, and what a false alarm.

# %% [markdown]
# ## 6 · Break it: the better autoencoder
#
# A colleague looks at your detector for the 0 and says: *"Its pictures are blurred. Give it more room."* She builds one whose
# code has 200 numbers, more than the picture has pixels. To be fair to her, we do this for all ten digits.

# %%
def train_wide(**options):
    set_seed(SEED)
    wide = Autoencoders([200] * 10, n_in=196, n_hidden=None)          # code, ReLU, back
    train_quickly(wide, (x_train, torch.cat([x_train, known], 1)), n_epochs=n_epochs,
                  lr=1.5e-2, loss=loss_on_known, progress=False, **options)
    return wide


def examine(networks):
    """Error on usual digits and AUC for the digit left out, (10,) each."""
    back = predict_logits(networks, x_test)                             # (N, 10, 196)
    scores = (back - x_test[:, None]).square().mean(2).T                # (10, N)
    usual = np.array([float(s[~o].mean()) for s, o in zip(scores, odd)])
    return usual, np.array([auc(s, o) for s, o in zip(scores, odd)])


# %%
wide = train_wide()
narrow_error, narrow_auc = examine(detectors)
wide_error, wide_auc = examine(wide)
print("the narrow network's error over the wide one's, least of ten:",
      measured((narrow_error / wide_error).min(), ".0f"))

# %% [markdown]
# Her error is many times smaller, on test digits, for each digit left out. It is hard to argue with that. So hers goes into
# production. And there it should find the odd ones.

# %%
print("AUC, digit left out 0 … 9")
for name, values in {"narrow": narrow_auc, "wide": wide_auc}.items():
    print(f"{name:7}", *(measured(value, ".2f") for value in values))

# %% tags=["promise"]
expect(
    (narrow_error / wide_error).min(),
    at_least=7,
    spec=".0f",
    what="narrow error / wide error on usual digits, least of ten",
)
expect(narrow_auc[0], at_least=0.88, spec=".2f", what="narrow, AUC for the 0")
expect(wide_auc[0], at_most=0.8, spec=".2f", what="wide, AUC for the 0")
expect(
    (wide_auc - narrow_auc).mean(),
    at_most=-0.03,
    spec="+.2f",
    what="wide less narrow, mean over ten digits",
)

# %% [markdown]
# Much worse for the 0, and worse on average. What has her network learned? Think before you open the answer.
#
# <details><summary>My answer</summary>
#
# To copy strokes, whatever they add up to. Through 200 numbers each piece of a stroke passes by itself, so the network need not
# know what a digit is; and a 0 is made of the bends of 6, 8 and 9. It was the door that taught.
# </details>

# %% [markdown]
# We test the diagnosis on pictures that neither network was trained on: two digits laid on top of each other (strokes, but no
# digit), and digits whose pixels are shuffled (the same ink, but no strokes). Which network can redraw them?

# %%
doubled = torch.maximum(x_test, x_test.flip(0))
shuffled = x_test[:, torch.randperm(196, generator=torch.Generator().manual_seed(0))]
strange = torch.cat([doubled[:4], shuffled[:4]])                        # (8, 196)
nets = {"narrow": detectors.one(0), "wide": wide.one(0)}
redone = {name: predict_logits(net, strange) for name, net in nets.items()}
show(stills.rows({"shown": strange, **redone}, "The wide one copies strokes",
                 above=["two digits"] * 4 + ["shuffled"] * 4))
copied = {name: [mean_psnr(predict_logits(net, x), x) for x in (doubled, shuffled)]
          for name, net in nets.items()}
for name, dB in copied.items():
    print(f"{name:7} two digits, shuffled (dB):", *(measured(d, ".1f") for d in dB))

# %% tags=["promise"]
expect(
    copied["wide"][0],
    at_least=24,
    spec=".1f",
    unit=" dB",
    what="two digits, redrawn by the wide network",
)
expect(
    copied["wide"][1],
    at_most=18,
    spec=".1f",
    unit=" dB",
    what="shuffled pixels, redrawn by the wide network",
)
expect(
    copied["wide"][0] - copied["narrow"][0],
    at_least=8,
    spec=".1f",
    unit=" dB",
    what="two digits, wide less narrow",
)

# %% [markdown]
# Strokes, yes; anything else, no. Must the door be narrow, then? Not if something else stands in the way: train her network, as
# wide as it is, to give back the clean digit from a **noisy** one, again for all ten digits.

# %%
mended_error, mended_auc = examine(train_wide(augment=fresh_noise))
gained, half = mean_interval(mended_auc - wide_auc)
print("by digit, with noise:", *(measured(value, ".2f") for value in mended_auc))
mean_auc = {"narrow": narrow_auc, "wide": wide_auc, "noise": mended_auc}
for name, values in mean_auc.items():
    print(f"{name:7} mean AUC {measured(values.mean(), '.2f')}")
print(f"gained by the noise: {measured(gained, '+.2f')} ± {measured(half, '.2f')}")

# %% tags=["promise"]
expect(
    gained, at_least=0.04, spec="+.2f", what="gained by the noise, mean over ten digits"
)
expect(
    narrow_auc.mean() - mended_auc.mean(),
    at_least=-0.03,
    at_most=0.05,
    spec="+.2f",
    what="narrow less wide with noise, mean AUC",
)

# %% [markdown]
# With noise, copying is no longer enough, for the copy would be noisy: the network must know digits again, and is nearly level
# with the narrow one. (For single digits the gain differs: look at the rows.) That is why the denoising autoencoders of 2008
# could have codes *wider* than their input. Whatever hinders the copying teaches: a narrow code, noise, or, in the next lesson, a
# code that is drawn at random.

# %% [markdown]
# ### Exercise 4.5 · Noise on the wrong side · fix · 6 min · ★☆☆
#
# `denoising_loss(model, x, noise)` should train a model to give back the *clean* picture from the noisy one. With one wrong line
# the model is asked to give back the noise as well, and learns to copy again. Mend it.

# %%
def denoising_loss(model, x, noise):
    """x (N, D) clean, noise (N, D); model (N, D) → (N, D). The error to learn from."""
    noisy = x + noise
    out = model(noisy)
    ### BEGIN SOLUTION
    return (out - x).square().mean()
    ### INSTEAD
    return (out - noisy).square().mean()
    ### END SOLUTION

# %%
check("4.5", denoising_loss)

# %% [markdown]
# <details><summary>Hint 1: what is the target?</summary>
#
# What goes in is noisy. What should come out?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Compare the output with `x`, the clean picture.
# </details>

# %% [markdown] tags=["discussion"]
# The wrong program is an ordinary autoencoder on noisy pictures: its loss falls nicely, and it copies noise as well as it can.

# %% [markdown]
# ## Summary
#
# **What survives a narrow door?** What the data have in common. A linear autoencoder keeps the flat space that PCA keeps. A deep
# one bends that space and does more with few numbers; with many, only after longer training. Noise and strange things do not fit,
# which makes the autoencoder a cleaner and an alarm, beside rivals that are hard to beat; and in place of what does not fit, it
# invents. Take the door away, and it learns to copy strokes.
#
# You have
# - built encoders and decoders, and found PCA's space but not its axes;
# - chosen a code's size on validation digits, with PCA beside it;
# - cleaned pictures and found anomalies, beside a constant, filters, a linear map and a nearest neighbour;
# - found what else a score measured, and taken it out;
# - diagnosed a copying machine.

# %%
quiz("04a.1")
quiz("04a.2")
quiz("04a.3")
quiz("04a.4")
quiz("04a.5")

# %% [markdown]
# ## Further reading
#
# - C. Eckart, G. Young, "The approximation of one matrix by another of lower rank", *Psychometrika* 1 (1936), [doi:10.1007/BF02288367](https://doi.org/10.1007/BF02288367).
# - H. Bourlard, Y. Kamp, "Auto-association by multilayer perceptrons and singular value decomposition", *Biological Cybernetics* 59 (1988), [doi:10.1007/BF00332918](https://doi.org/10.1007/BF00332918): with one hidden layer and a linear output no network beats the SVD.
# - P. Baldi, K. Hornik, "Neural networks and principal component analysis: learning from examples without local minima", *Neural Networks* 2 (1989), [doi:10.1016/0893-6080(89)90014-2](https://doi.org/10.1016/0893-6080(89)90014-2).
# - G. Hinton, R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", *Science* 313 (2006), [doi:10.1126/science.1127647](https://doi.org/10.1126/science.1127647): deep autoencoders against PCA.
# - P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features with denoising autoencoders", ICML (2008), [doi:10.1145/1390156.1390294](https://doi.org/10.1145/1390156.1390294).
# - T. Fawcett, "An introduction to ROC analysis", *Pattern Recognition Letters* 27 (2006), [doi:10.1016/j.patrec.2005.10.010](https://doi.org/10.1016/j.patrec.2005.10.010).
# - V. Chandola, A. Banerjee, V. Kumar, "Anomaly detection: a survey", *ACM Computing Surveys* 41 (2009), [doi:10.1145/1541880.1541882](https://doi.org/10.1145/1541880.1541882).
#
# **Next:** [04b · The VAE — Can a decoder make what nobody drew?](04b_vae.ipynb)
