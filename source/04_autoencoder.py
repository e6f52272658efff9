# %% [markdown]
# # 04 · Autoencoder — What survives a narrow door?
#
# > **You will be able to**
# > - build encoder, code and decoder, and say why a linear autoencoder finds the subspace of PCA, but not its axes;
# > - choose the size of a code from errors on pictures that were never trained on, with PCA beside it;
# > - clean pictures, and find what does not belong, with ROC and AUC built by hand and plain baselines beside them;
# > - recognise an autoencoder that has learned nothing but to copy;
# > - sample, walk and interpolate in the code of a variational autoencoder, and say when its code collapses.
# >
# > **Time** 120 minutes, exercises 60 more · **Two sittings** sections 1 to 6, then 7 to 16 · **Before this** [02 CNN](02_cnn.ipynb) ·
# > **In the article** section 2: the autoencoder "models the data to learn it and compress it"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3                                   # networks of each kind
code_sizes = [2, 4, 8, 16, 32, 64]
n_hidden = 96
READER_EPOCHS = 6
PLANE_EPOCHS = 6        # models with two code units
WIDE_EPOCHS = 10        # the model with 16
MORE_EPOCHS = 1         # for each β after the first
batch_size = 64
lr = 1e-2

# %% tags=["setup"]
import bz2
import copy
import math
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve
from torch import nn
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import digits
from helpers.topics.autoencoder import anomaly
from helpers.topics.autoencoder import vae_stills
from helpers.topics.autoencoder import scenes
from helpers.topics.autoencoder import stills
from helpers.topics.autoencoder import vae_scenes
from helpers.metrics import mean_interval
from helpers.models import MLP, Autoencoders, count_parameters
from helpers.training import evaluate, fit, one_cycle, predict_logits
from helpers.topics.autoencoder.vae import context_bits, grid_log_likelihood, log_bernoulli, log_mean_exp, nearest_distance, png_bytes, rounded_bits
from helpers.widgets import choice, explore, predict, quiz, slider

start(SEED, fast=FAST)
passes, n_train, n_val = 5, 3500, 200
if FAST:
    SEEDS, passes, n_train, n_val = 2, 1, 800, 50
    READER_EPOCHS, PLANE_EPOCHS, WIDE_EPOCHS, MORE_EPOCHS = 1, 2, 2, 1
train_quickly = partial(fit, batch_size=batch_size, optimizer=partial(torch.optim.Adam, fused=True), schedule=one_cycle)

# %% [markdown]
# ## 1 · A narrow door
#
# An **autoencoder** is asked for the easiest thing: to give back what it gets. What makes it hard is a door in the middle.
# The **encoder** turns a picture into a few numbers, the **code**; the **decoder** must make the picture again from the code alone. The
# error is the **reconstruction loss**: here the mean squared difference between pixels. No labels are needed: the picture is its own target.
#
# Our pictures are the digits of chapter 02, pooled to 14×14 so that twenty networks train in seconds: 196 numbers each.

# %%
data = digits(n_train, n_val)
x_train, x_val, x_test = (F.avg_pool2d(x, 2).flatten(1) for x, _ in (data.train, data.val, data.test))
y_train, y_test = data.train[1], data.test[1]
print("train", tuple(x_train.shape), "· val", tuple(x_val.shape), "· test", tuple(x_test.shape))

# %% [markdown]
# The plainest autoencoder has no activations: one matrix takes 196 numbers to 8, another takes 8 back to 196. We subtract the mean digit first,
# so that only *differences* from it need to pass. A thousand digits are enough here.
#
# To train these two small matrices to the very end, we use L-BFGS: it looks at all digits at once, guesses the curvature of the loss from its last steps,
# and takes a hundred good steps instead of thousands. It asks for the loss several times in each step, so we hand it a function: `closure`.

# %%
set_seed(SEED)
sample = x_train[:1000]
centred = sample - sample.mean(0)
E = nn.Parameter(torch.randn(196, 8) / 14)      # encoder
D = nn.Parameter(torch.randn(8, 196) / 14)      # decoder
optimizer = torch.optim.LBFGS([E, D], max_iter=10 if FAST else 120, history_size=50, line_search_fn="strong_wolfe", tolerance_change=1e-12)


def closure():
    optimizer.zero_grad()
    loss = F.mse_loss(centred @ E @ D, centred)
    loss.backward()
    return loss


optimizer.step(closure)
linear_loss = closure().item()
print("Mean squared error:", measured(linear_loss, ".5f"))

# %% [markdown]
# Is that good? There is an old answer to the same task, which needs no training. **Principal component analysis** (PCA) asks: along which
# direction do the digits differ most (have the greatest variance)? Which is next, at right angles to it? The **singular value decomposition** (SVD) gives all of them: think of
# its `Vh` as a sorted list of arrows, each of length 1 and at right angles to the others (*orthonormal*). PCA keeps a picture's first k coordinates, and forgets the rest. No linear way
# through k numbers has a smaller squared error (Eckart and Young 1936).

# %%
guess = predict("The linear autoencoder was never told about variance. How close does it come to PCA?", ["its error is much larger", "within a tenth of a per cent", "its error is smaller"])

# %%
components = torch.linalg.svd(centred, full_matrices=False).Vh[:8]
pca_loss = F.mse_loss(centred @ components.T @ components, centred).item()
library = PCA(8, svd_solver="full").fit(sample.numpy())
assert np.allclose(library.inverse_transform(library.transform(sample.numpy())), centred @ components.T @ components + sample.mean(0), atol=1e-4)
expect(linear_loss / pca_loss, at_least=1 - 1e-5, at_most=1.001, spec=".5f", what="autoencoder's error / PCA's")
guess.compare("within a tenth of a per cent" if linear_loss / pca_loss < 1.001 or FAST else "its error is much larger")

# %% [markdown]
# The same error to within a thousandth. Are they also the same eight directions? We draw the eight pictures that each method adds up: the rows of the decoder, and the
# rows of `Vh`. Blue is less ink than the mean digit, red more.

# %%
fig = stills.rows({"decoder": D.detach(), "PCA": components}, "Not one of the eight is the same", signed=True)
show(fig, alt="Two rows of eight red and blue pictures: the rows of the trained decoder, mixtures without order, and below them PCA's components, from plain to fine.")
cosines = F.normalize(D.detach(), dim=1) @ components.T
expect(cosines.abs().max(), at_most=0.98, spec=".2f", what="greatest likeness (cosine) of a decoder row to a component")

# %% [markdown]
# The same error, from different pictures. How can that be? Because eight directions **span** a flat, eight-dimensional space, and many sets of eight span the same one, as any two
# arrows on a table that point along different lines span the table. Let us measure whether the two spaces agree.
#
# **Principal angles** do that: the smallest angle between an arrow of one space and an arrow of the other; then the next, between arrows at right angles to
# the first two; and so on. The QR decomposition makes orthonormal arrows that span a given space; from two such sets, A and B, `svdvals(A.T @ B)` gives the angles' cosines.

# %%
def principal_angles(A, B):
    """A, B (D, k), columns span a space each → the k angles between the spaces, in degrees, greatest first."""
    QA, QB = torch.linalg.qr(A.double()).Q, torch.linalg.qr(B.double()).Q
    return torch.linalg.svdvals(QA.T @ QB).clamp(max=1).arccos().rad2deg().flip(0)


decoder_space = D.detach().T
angles = principal_angles(decoder_space, components.T)
assert np.allclose(angles, np.rad2deg(subspace_angles(decoder_space.double().numpy(), components.T.double().numpy())), atol=1e-4)
chance = principal_angles(torch.randn(196, 8), components.T)
print("Greatest angle between a random space and PCA's:", measured(chance[0], ".0f"), "degrees")
expect(angles[0], at_most=3, spec=".2f", unit="°", what="greatest angle between the decoder's space and PCA's")

# %% [markdown]
# The same space, different axes. This was shown by Baldi and Hornik (1989): the loss of a linear autoencoder has no false valleys, only saddles (flat points with a way downhill), and its lowest
# points are all the solutions that span PCA's space. Nothing ties them to PCA's *axes*: put any invertible matrix M after the encoder and its inverse before the decoder, and every
# reconstruction stays as it is.

# %%
M = torch.randn(8, 8, dtype=torch.float64)
before, after = centred.double() @ E.double() @ D.double(), centred.double() @ (E.double() @ M) @ (M.inverse() @ D.double())
assert torch.allclose(before, after, atol=1e-6)
print("Other codes, the same pictures: a code's single numbers mean nothing by themselves.")

# %% [markdown]
# ### Exercise 4.1 · PCA, there and back · 10 min · ★★☆
#
# Now write PCA for new pictures: `pca_reconstruct(train, x, k)` learns from `train` and sends `x` through k numbers. Budget: 4 lines.
# `torch.linalg.svd(a, full_matrices=False)` gives U, S, Vh.

# %%
def pca_reconstruct(train, x, k):
    """train (N, D), x (N', D) → (N', D): x as k principal components of train give it back."""
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
# Subtract the mean of `train` from both. The directions are the first k *rows* of `Vh`. The code is `(x - mean) @ directions.T`; the way back is
# `code @ directions + mean`.
# </details>

# %% [markdown] tags=["discussion"]
# Encoder and decoder are one matrix and its transpose: a linear autoencoder with *tied* weights. That the mean comes from `train` and
# not from `x` is the first rule of chapter 05: whatever is learned, even a mean, is learned on the training split.

# %% [markdown]
# ## 2 · A door between deep networks
#
# PCA's digits lie in a flat space. Real digits do not: half of one 3 and half of another is rarely a 3. With hidden layers and ReLU, encoder and decoder can bend that space.
# Here is ours, with a code of 8 (no activation there: a code may be any number). `predict_logits` just runs a network on all examples; here it returns pictures.

# %%
def make_autoencoder(k):
    return nn.Sequential(nn.Linear(196, n_hidden), nn.ReLU(), nn.Linear(n_hidden, k),       # encoder
                         nn.Linear(k, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 196))       # decoder


set_seed(SEED)
deep = make_autoencoder(8)
train_quickly(deep, (x_train, x_train), n_epochs=passes, lr=1.2e-2, loss=F.mse_loss)    # the picture is its own target
mean = x_train.mean(0)
Vh = torch.linalg.svd(x_train - mean, full_matrices=False).Vh
deep_error = F.mse_loss(predict_logits(deep, x_test), x_test).item()
pca_error = {k: F.mse_loss((x_test - mean) @ Vh[:k].T @ Vh[:k] + mean, x_test).item() for k in code_sizes}
expect(1 - deep_error / pca_error[8], at_least=0.2, what="share of PCA's error saved by the deep network, 8 numbers, unseen digits", spec=".0%")

# %% [markdown]
# With eight numbers for each picture, the deep network makes at least a fifth less error than PCA, on digits that it never saw.
#
# Does it always win? We train one network for each size of the code, and each with two seeds. `Autoencoders` trains all of them in one go, as one batch of
# matrix products: each has its own weights and sees nothing of the others; `one(m)` takes one out.

# %%
guess = predict("With 64 numbers, which makes the smaller error on unseen digits?", ["PCA", "the deep network"])

# %%
def sum_of_losses(out, x):
    """out (N, M, D) from M networks, x (N, D): each network's own mean squared error, added up."""
    return (out - x[:, None]).square().mean((0, 2)).sum()


set_seed(SEED)
many = Autoencoders(code_sizes * 2, n_in=196, n_hidden=n_hidden)
train_quickly(many, (x_train, x_train), n_epochs=passes, lr=1.2e-2, loss=sum_of_losses)
assert torch.allclose(many.one(2)(x_test), many(x_test)[:, 2], atol=1e-4)
assert count_parameters(many.one(2)) == count_parameters(make_autoencoder(8))

# %%
errors = (predict_logits(many, x_test) - x_test[:, None]).square().mean((0, 2)).reshape(2, -1)
show(stills.error_against_size(code_sizes, list(pca_error.values()), errors),
     alt="Left: error on unseen digits falls with the size of the code for PCA and deep networks. Right: the networks' error divided by PCA's, below 1 for small codes and above 1 at 64 numbers.")
gain = {k: errors[:, i].mean().item() / pca_error[k] for i, k in enumerate(code_sizes)}
expect(gain[2], at_least=0.8, at_most=0.95, spec=".2f", what="network's error / PCA's with 2 numbers")
expect(max(gain[4], gain[8]), at_most=0.85, spec=".2f", what="worse of 4 and 8 numbers")
expect(gain[16], at_least=0.8, at_most=0.97, spec=".2f", what="with 16 numbers")
expect(gain[32], at_least=1, at_most=2, spec=".2f", what="with 32 numbers")
expect(gain[64], at_least=1.5, spec=".2f", what="with 64 numbers")
guess.compare("PCA" if gain[64] > 1 or FAST else "the deep network")

# %% [markdown]
# The gain is greatest at 4 and 8 numbers, about a quarter. With 2, little gets through either door; at 16 PCA is catching up, at 32 it is ahead, and with 64 clearly
# *better*. There PCA finds the best flat space exactly; the network is still on its way. (After thirty it leads at 32 and is close at 64.) Keep the plain method beside the deep one. (To *choose* a size, use the validation digits, and keep the test for the end.)
#
# ### Play: the size of the door
#
# One slider sets the code's size (2 to the power of 1 … 6), the other the digit. **With how many numbers can *you* first read the digit, in each of the two pictures? Where does PCA
# overtake?**

# %%
networks = {k: many.one(i) for i, k in enumerate(code_sizes)}
explore(*scenes.code_size(networks, mean, Vh, x_test[:60], y_test[:60]), name="size of the code",
        goal="a digit that PCA draws more accurately than the network, with 8 or 16 numbers",
        doublings=slider("code of 2 to the power of", 1, 6, 3, tip="1: a code of 2 numbers; 6: of 64"), digit=slider("digit (number in the test set)", 0, 59, 5))

# %% [markdown]
# The crossing differs from digit to digit: for some, PCA is already ahead at 2 numbers, for most not before 32. With few numbers PCA blurs: it can only add and subtract whole pictures. The network draws firmer strokes instead, sometimes of *another* digit. It has learned what digits
# look like, and it fills in from habit whatever does not fit through the door. Sections 3 and 4 use that habit, first as a help, then as an alarm.

# %% [markdown]
# ## 3 · Noise does not fit through the door
#
# Noise is different in each pixel, so a short code cannot hold it. A **denoising autoencoder** (Vincent et al. 2008) is trained for just that: it gets a noisy picture
# and must return the clean one.
#
# First a measure. The **peak signal-to-noise ratio** (PSNR) compares the greatest possible signal, 1, with the mean squared error, in decibels: 10 · log₁₀(1 / error). Ten dB more
# means a tenth of the error.
#
# ### Exercise 4.2 · Decibels · 6 min · ★☆☆
#
# Write `psnr(x, y)` for a batch of pictures of any shape: one number for each picture. Budget: 2 lines. Specification: for each i,
# `10 * log10(1 / ((x[i] - y[i]) ** 2).mean())`.

# %%
def psnr(x, y):
    """x, y (N, …), pixels from 0 to 1 → PSNR of each picture in decibels, (N,); infinite if x[i] equals y[i]."""
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
# Note the order: PSNR of each picture, then the mean over pictures. The PSNR of the mean error is another number, and never larger (the logarithm is
# concave). Papers differ in this; say which one you report.

# %% [markdown]
# Our noise is Gaussian: each pixel gets a random number of standard deviation σ (the ink is 1). Whatever a method returns is clipped to 0 … 1 before it is judged. Here is
# the course's own version of PSNR, so that nothing below waits for your answer:

# %%
def mean_psnr(cleaned, clean):
    return float((-10 * (cleaned.clamp(0, 1) - clean).square().mean(1).log10()).mean())


def add_noise(x, sigma, seed):
    return x + sigma * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


levels = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0]
noisy_val, noisy_test = ({s: add_noise(x, s, seed=i) for s in levels} for i, x in enumerate((x_val, x_test)))

# %% [markdown]
# Three plain baselines, each made anew *for each level of noise*. The first two have their width chosen on the validation digits: a **Gaussian filter** replaces a pixel by a weighted mean of its
# surroundings, a **median filter** by their median. The third is a stronger rival: the **best linear map** from noisy to clean digits, 196 × 196 weights. Least squares gives it in closed form: with C the covariance of the training digits (for each pair of pixels, how they vary together),
# (C + σ²I)⁻¹ C, I the identity matrix. (All three are told how strong the noise is. The network will have to work that out for itself.)

# %%
C = torch.cov(x_train.T)
gaussian_width = {s: max((0.4, 0.6, 0.8, 1.0, 1.4, 2.0), key=lambda w: mean_psnr(scenes.gaussian(noisy_val[s], w), x_val)) for s in levels}
median_width = {s: max((1, 3, 5), key=lambda w: mean_psnr(scenes.median(noisy_val[s], w), x_val)) for s in levels}
cleaned = {"nothing done": [noisy_test[s] for s in levels],
           "Gaussian filter": [scenes.gaussian(noisy_test[s], gaussian_width[s]) for s in levels],
           "median filter": [scenes.median(noisy_test[s], median_width[s]) for s in levels],
           "best linear map": [(noisy_test[s] - mean) @ torch.linalg.solve(C + s**2 * torch.eye(196), C) + mean for s in levels]}
curves = {name: np.array([mean_psnr(a, x_test) for a in many_levels]) for name, many_levels in cleaned.items()}
print("Widths chosen (pixels), from weak noise to strong: Gaussian", *(measured(w, ".1f") for w in gaussian_width.values()))
print("Median (1 means nothing done)", *(measured(w, ".0f") for w in median_width.values()))

# %% [markdown]
# Now the networks, with a code of 64. Each training batch gets fresh noise, with a different σ between 0 and 0.6 for each digit. They never see stronger noise than that. Where will they beat the
# Gaussian filter?

# %%
guess = predict("Where does the network beat the Gaussian filter?", ["at all levels", "against weak noise only", "against strong noise only"])

# %%
def fresh_noise(x):
    return x + 0.6 * torch.rand(len(x), 1) * torch.randn_like(x)


set_seed(SEED)
denoisers = Autoencoders([64] * SEEDS, n_in=196, n_hidden=n_hidden)
train_quickly(denoisers, (x_train, x_train), n_epochs=2 * passes, lr=8e-3, loss=sum_of_losses, augment=fresh_noise)
by_seed = np.array([[mean_psnr(out, x_test) for out in predict_logits(denoisers, noisy_test[s]).unbind(1)] for s in levels]).T
curves["deep network"] = by_seed

# %%
show(stills.psnr_against_noise(levels, curves, (0, 0.6)),
     alt="PSNR against noise. The network's curve is nearly level: below the Gaussian filter and the linear map for weak noise, above both filters from moderate noise on, and near the linear map.")
ahead = {s: mean_interval(by_seed[:, i] - curves["Gaussian filter"][i]) for i, s in enumerate(levels)}
for s in (0.1, 0.3, 0.6, 1.0):
    print(f"σ = {s}: network less Gaussian filter {measured(ahead[s][0], '+.2f')} ± {measured(ahead[s][1], '.2f')} dB (95 % interval over seeds)")
over_linear = by_seed.mean(0) - curves["best linear map"]
expect(ahead[0.1][0], at_most=-1.5, spec="+.1f", unit=" dB", what="network less filter, σ = 0.1")
expect(by_seed[:, 0].mean() - curves["nothing done"][0], at_most=-1, spec="+.1f", unit=" dB", what="network less doing nothing, σ = 0.1")
expect(ahead[0.2][0], at_least=0.2, spec="+.1f", unit=" dB", what="network less filter, σ = 0.2")
expect(ahead[0.3][0], at_least=1.5, spec="+.1f", unit=" dB", what="network less filter, σ = 0.3")
expect(ahead[1.0][0], at_least=1.5, spec="+.1f", unit=" dB", what="network less filter, σ = 1, never trained on")
expect(curves["best linear map"][0] - max(curves["Gaussian filter"][0], curves["nothing done"][0]), at_least=1, spec="+.1f", unit=" dB", what="best linear map less the next, σ = 0.1")
expect(over_linear.max(), at_least=0.1, at_most=1, spec="+.1f", unit=" dB", what="greatest lead over the best linear map")
expect(over_linear[-1], at_most=0.1, spec="+.1f", unit=" dB", what="network less the best linear map, σ = 1")
guess.compare("against strong noise only" if (ahead[0.1][0] < 0 < ahead[0.6][0]) or FAST else "at all levels")

# %% [markdown]
# Against weak noise the network *loses*, even to doing nothing: through its door each digit is redrawn a little wrong. From moderate noise on it is far ahead of
# both filters, even at levels that it never saw.
#
# The honest rival is the linear map. It knows digits too, for it learned from them: against weak noise it is by far the best, the network never leads it by more than
# a decibel, and at σ = 1 the lead is gone. Most of the gain is **knowing digits**, not depth.
#
# What does a network do when hardly anything of the digit is left? We let a classifier, an MLP trained on clean digits, read what the network returns, and for comparison what the others return.

# %%
set_seed(SEED)
reader = MLP((196, 256, 10))
train_quickly(reader, (x_train, y_train), n_epochs=passes + 2, lr=1e-2)
denoiser = denoisers.one(0)
redrawn = predict_logits(denoiser, noisy_test[1.0]).clamp(0, 1)
clean_right = predict_logits(reader, x_test).argmax(1) == y_test
expect(clean_right.float().mean(), at_least=0.93, what="clean test digits read right")


def reading(pictures):
    sure, said = predict_logits(reader, pictures.clamp(0, 1)).softmax(1).max(1)
    return said, sure, clean_right & (said != y_test)           # what, how sure, and which digits became another one


readings = {name: reading(pictures) for name, pictures in {**{name: a[-1] for name, a in cleaned.items()}, "deep network": redrawn}.items()}
for name, (said, sure, turned) in readings.items():
    print(f"σ = 1, {name:16} read right {measured((said == y_test).float().mean(), '.0%')} · turned into another {measured(turned.float().mean(), '.0%')}, "
          f"and then the reader is {measured(sure[turned].median(), '.2f')} sure (median)")

# %%
said, sure, turned = readings["deep network"]
shown = (turned * sure).argsort(descending=True)[:8]
fig = stills.rows({"the digit": x_test[shown], "with noise": noisy_test[1.0][shown].clamp(0, 1), "redrawn": redrawn[shown]},
                  "Out of noise the network draws another digit: eight of its surest mistakes", above=[f"a {y_test[i]}, read as {said[i]}" for i in shown])
show(fig, alt="Eight test digits; below them the same under heavy noise, hardly visible; below that what the network draws, strokes of another digit.")
expect(turned.float().mean(), at_least=0.25, spec=".0%", what="digits that became another one, σ = 1")
expect(readings["nothing done"][2].float().mean() - turned.float().mean(), at_least=0.1, spec=".0%", what="the same with nothing done, less that of the network")

# %% [markdown]
# The network does not say "I cannot see anything". It draws strokes, and at least one digit in four becomes another one: a **hallucination**. It does not cause the confusion: on the noisy picture itself
# the reader is wrong even more often. What it removes is the *sign* of it: the noise is gone, so nobody is warned. Think of that before you let a network clean a number plate or an X-ray.
#
# ### Play: noise
#
# **Below which noise level should you not use the network at all?** The numbers under the pictures are PSNR.

# %%
explore(*scenes.denoise(denoiser, reader, gaussian_width, x_test[:60], y_test[:60]), name="noise",
        goal="with noise of at most 0.6, a digit that the network redraws 2 dB better than the filter does, and that is read as another digit",
        noise_std=slider("noise (standard deviation)", 0.0, 1.2, 0.4, step=0.05), digit=slider("digit (number in the test set)", 0, 59, 3))

# %% [markdown]
# The line lies between 0.1 and 0.2: below it the filter, or nothing at all, is the better choice. And the cases that reach the target are the dangerous ones: by the usual measure the network's picture is much better, and it says
# something else.

# %% [markdown]
# ## 4 · A digit never seen
#
# What an autoencoder has never seen, it often gives back badly. So its error is an alarm for what does not belong: **anomaly detection**. It needs no example of the fault, only of what is
# usual.
#
# We try all ten digits: network c learns from all training digits *but* c, with a code of 8 (where the gain in section 2 was large), and then sees all test digits. Its score for a picture is the reconstruction error. (The target also
# says, for each digit, which networks may learn from it.)

# %%
def loss_on_known(out, target):
    x, known = target[:, :196], target[:, 196:]                 # known (N, 10): 0 for the network that must not see the digit
    return ((out - x[:, None]).square().mean(2) * known).mean(0).sum()


set_seed(SEED)
known = 1 - F.one_hot(y_train, 10).float()
detectors = Autoencoders([8] * 10, n_in=196, n_hidden=n_hidden)
train_quickly(detectors, (x_train, torch.cat([x_train, known], 1)), n_epochs=passes, lr=1.2e-2, loss=loss_on_known)
deep_scores = (predict_logits(detectors, x_test) - x_test[:, None]).square().mean(2).T          # (10, N)
odd = torch.stack([y_test == c for c in range(10)])
print("scores", tuple(deep_scores.shape), "· odd", tuple(odd.shape))

# %% [markdown]
# From scores to decisions: ring an alarm above a **threshold**. Four numbers then say everything: caught, missed, false alarms, rightly passed. **Recall** is the share of the odd ones that are
# caught. **Precision** is the share of alarms that are right.
#
# ### Play: where to put the threshold
#
# The sliders start with the network that never saw a 0. On the right is the **ROC** (receiver operating characteristic) curve, all thresholds at once: the share caught against the share of false alarms. **What happens to precision as you catch the last
# few? And which digit, when left out, is hardly noticed?**

# %%
explore(*scenes.threshold(deep_scores.sqrt(), y_test), name="threshold", goal="a digit and a threshold with precision and recall both 0.5 or more",
        left_out=slider("digit left out of training", 0, 9, 0), at=slider("threshold (root mean square)", 0.02, 0.3, 0.16, step=0.005))

# %% [markdown]
# One threshold is one point. The area under the curve, **AUC**, judges the scores without any threshold. By hand: take each score in turn as the threshold, from the greatest down, and count.

# %%
def roc_points(scores, odd):
    """Slow and plain: false alarms and catches, as shares, at each threshold from above all scores to the least."""
    thresholds = [float("inf"), *sorted(set(scores.tolist()), reverse=True)]
    alarms = [scores >= t for t in thresholds]
    return [(float(a[~odd].float().mean()), float(a[odd].float().mean())) for a in alarms]


false_alarms, caught = zip(*roc_points(deep_scores[0], odd[0]))
area = sum((f1 - f0) * (c0 + c1) / 2 for f0, f1, c0, c1 in zip(false_alarms, false_alarms[1:], caught, caught[1:]))      # trapezia
library_false, library_caught, _ = sklearn_roc_curve(odd[0], deep_scores[0], drop_intermediate=False)
assert np.allclose(false_alarms, library_false, atol=1e-6)
assert np.allclose(caught, library_caught, atol=1e-6)

# %% [markdown]
# That area has a second meaning, which is easier to remember: take one odd and one usual picture at random. **AUC is the chance that the odd one has the higher score** (a tie counts half). Guessing
# gives 0.5. Here are both routes, and scikit-learn's:

# %%
def auc(scores, odd):
    pairs = scores[odd][:, None] - scores[~odd]
    return float((pairs > 0).double().mean() + 0.5 * (pairs == 0).double().mean())


assert abs(area - auc(deep_scores[0], odd[0])) < 1e-6
assert all(abs(auc(s, o) - roc_auc_score(o, s)) < 1e-6 for s, o in zip(deep_scores, odd))
ink = (x_test.mean(1) * 20).round()                             # many ties
assert abs(auc(ink, odd[1]) - roc_auc_score(odd[1], ink)) < 1e-6
print("Area, pairs and scikit-learn agree, with ties too.")

# %% [markdown]
# ### Exercise 4.3 · The curve in one sweep · 15 min · ★★★
#
# `roc_points` looks at all scores for each threshold: with the 50,000 different scores of the check it takes minutes. Write `roc(scores, odd)`, which sorts once and then only adds up. Equal scores pass the threshold together: they make one
# point. Budget: 7 lines. Specification: `roc_points`, as two tensors.

# %%
def roc(scores, odd):
    """scores (N,) float, odd (N,) bool → (false alarms, caught): two (points,) tensors from (0, 0) to (1, 1)."""
    ### BEGIN SOLUTION
    order = scores.argsort(descending=True)
    scores, odd = scores[order], odd[order]
    last = torch.cat([scores[1:] != scores[:-1], torch.tensor([True])])      # the last of each run of equal scores
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
# A point may be kept only where the next score is different (and at the end): `scores[1:] != scores[:-1]`. Then divide by the last count of each, and put a 0 in front.
# </details>

# %% [markdown] tags=["discussion"]
# Sorting costs N log N instead of N². Ties matter more than they seem to: rounded scores, or counts, have many, and a point for each would draw a staircase that depends on the order in which
# equal scores happen to stand. With one point for each run, the straight line between two points gives ties their half.

# %% [markdown]
# ### Who finds it best?
#
# Now the same test for PCA with 8 numbers, and for three baselines without any code: the distance to the **mean** digit, the amount of **ink**, and the distance to the **nearest** training digit. (Each
# sees only the nine digits, of course.)

# %%
guess = predict("Averaged over the ten digits left out, which method has the highest AUC?", ["deep network", "PCA", "nearest neighbour", "distance to the mean", "amount of ink"])

# %%
distance = torch.cdist(x_test, x_train)


def other_scores(c):
    usual = x_train[y_train != c]
    centre = usual.mean(0)
    V = torch.linalg.svd(usual - centre, full_matrices=False).Vh[:8]
    return {"PCA": ((x_test - centre) @ V.T @ V + centre - x_test).square().mean(1), "nearest neighbour": distance[:, y_train != c].amin(1),
            "distance to the mean": (x_test - centre).square().mean(1), "amount of ink": x_test.mean(1)}


aucs = {"deep network": [auc(s, o) for s, o in zip(deep_scores, odd)]}
for c in range(10):
    for name, s in other_scores(c).items():
        aucs.setdefault(name, []).append(auc(s, odd[c]))
averages = {name: np.mean(values) for name, values in aucs.items()}
guess.compare(max(averages, key=lambda name: averages[name]) if not FAST else "nearest neighbour")

# %%
show(stills.auc_by_class(aucs), alt="For each digit left out, the AUC of five methods: nearest neighbour and the deep network on top for most digits, PCA below, ink and the mean near guessing; all are poor for the 1.")
for name, average in averages.items():
    print(f"{name:22} {measured(average, '.2f')}")
lead, half = mean_interval(np.subtract(aucs["deep network"], aucs["PCA"]))
print(f"Deep network less PCA: {measured(lead, '.3f')} ± {measured(half, '.3f')} (95 % interval over the digits left out)")
expect(averages["deep network"], at_least=0.74, at_most=0.84, spec=".2f", what="deep network, mean AUC")
expect(lead, at_least=0.03, what="deep network less PCA")
expect(averages["nearest neighbour"] - averages["deep network"], at_least=0.01, what="nearest neighbour less deep network")
expect(averages["distance to the mean"], at_most=0.6, spec=".2f", what="distance to the mean")

# %% [markdown]
# The deep network beats PCA. But the plain nearest neighbour, without any training, beats both. It pays in a different coin: it must keep all training digits and compare with each of them, whereas the
# network keeps only its weights. For a few small pictures that is no price at all; for millions it is.
#
# How sure is one AUC? There are only about a hundred odd digits. The **bootstrap** asks what another draw of test digits might have given: draw just as many from these, with repetition, and compute the AUC again.

# %%
rng = np.random.default_rng(SEED)
wins = (deep_scores[0][odd[0]][:, None] > deep_scores[0][~odd[0]]).numpy().astype(np.float32)      # odd × usual
again = [wins[rng.integers(0, len(wins), len(wins))][:, rng.integers(0, wins.shape[1], wins.shape[1])].mean() for _ in range(200)]
low, high = np.quantile(again, [0.025, 0.975])
print(f"The 0 left out: AUC {measured(aucs['deep network'][0], '.2f')}, 95 % bootstrap interval {measured(low, '.2f')} to {measured(high, '.2f')}")
expect(aucs["deep network"][0], at_least=0.88, spec=".2f", what="AUC, 0 left out")
expect(aucs["deep network"][1], at_most=0.7, spec=".2f", what="AUC, 1 left out")

# %% [markdown]
# And no method finds the 1 well: some do worse than guessing. Why?
#
# <details><summary>My answer</summary>
#
# A 1 is one stroke: little ink, so little to get wrong. Its error is small *even for a network that has never seen one*. A large 8, of a kind seen hundreds of times, has more strokes, and each is
# a little off. The reconstruction error measures two things at once: how strange a picture is, and how complicated.
# </details>

# %%
ink_of = [float(x_test[y_test == c].mean()) for c in range(10)]
seen_error = [float(deep_scores[torch.arange(10) != c][:, odd[c]].mean()) for c in range(10)]       # of the nine networks that have seen c
print("Least ink:", int(np.argmin(ink_of)), "· least error where it was seen:", int(np.argmin(seen_error)))
never = float(deep_scores[1][odd[1]].mean())
expect(never / np.median(seen_error), at_most=1.2, spec=".2f", what="error for a 1 never seen / for a digit that was seen (median over digits)")

# %% [markdown]
# ## 5 · Faults in a wall
#
# Factories use this to inspect surfaces. Ours is a photograph of a brick wall. The network and PCA learn from patches of 12×12 pixels from its upper half, which is sound. Into the lower half we plant
# dark spots, scratches, and squares of gravel. Two plain baselines: how unusual are a patch's **brightness and contrast**, and how far is its **nearest neighbour** among the sound patches?

# %%
def learn_texture(name):
    """Four ways to score the patches of one texture, learned from the upper half of its photograph."""
    x = anomaly.cut(anomaly.halves(name)[0], step=3)
    centre, plain = x.mean(0), torch.stack([x.mean(1), x.std(1)])
    V = torch.linalg.svd(x - centre, full_matrices=False).Vh[:16]
    set_seed(SEED)
    net = nn.Sequential(nn.Linear(144, 96), nn.ReLU(), nn.Linear(96, 16), nn.Linear(16, 96), nn.ReLU(), nn.Linear(96, 144))
    train_quickly(net, (x - centre, x - centre), n_epochs=passes, lr=5e-3, loss=F.mse_loss, batch_size=128)
    return {"deep network": lambda z: (predict_logits(net, z - centre) - (z - centre)).square().mean(1),
            "PCA": lambda z: ((z - centre) @ V.T @ V - (z - centre)).square().mean(1),
            "brightness, contrast": lambda z: (((torch.stack([z.mean(1), z.std(1)]) - plain.mean(1)[:, None]) / plain.std(1)[:, None]) ** 2).sum(0),
            "nearest neighbour": lambda z: torch.cdist(z, x).amin(1)}


walls = {name: learn_texture(name) for name in ("brick", "grass")}

# %%
gravel = anomaly.halves("gravel")[1]
upper, lower = anomaly.halves("brick")
faulty_wall, fault_mask = anomaly.plant_faults(lower, gravel, seed=9)
three = {name: score for name, score in walls["brick"].items() if name != "nearest neighbour"}
show(anomaly.maps(faulty_wall, fault_mask, three, "What the network cannot redraw lights up"),
     alt="A brick wall with planted faults, outlined, and three maps of scores: in the deep network's map spots, scratches and gravel shine, in PCA's the gravel, the scratches and hardly the spots, in the third the spots alone.")

# %% [markdown]
# The network's map shows spots, scratches and gravel. PCA overlooks the dark **spots**: they are soft, and sixteen components can add up to any soft shade (with only four, the spots would shine). The third map sees the spots and little else. As numbers:

# %%
dark = anomaly.is_faulty(fault_mask) & (anomaly.cut(faulty_wall).mean(1) < 0.33)
spot_auc = {name: auc(score(anomaly.cut(faulty_wall)), dark) for name, score in three.items()}
expect(spot_auc["deep network"], at_least=0.9, spec=".2f", what="dark patches, AUC of the network")
expect(spot_auc["deep network"] - spot_auc["PCA"], at_least=0.15, spec=".2f", what="dark patches, network less PCA")

# %% [markdown]
# Now all faults together, in five placings, and on a second texture: grass. Is grass harder or easier than brick?

# %%
guess = predict("On grass, the network's AUC will be …", ["higher than on brick", "about the same", "lower than on brick"])

# %%
wall_auc = {}
for texture, methods in walls.items():
    faulty = [anomaly.plant_faults(anomaly.halves(texture)[1], gravel, seed) for seed in range(5)]
    placings = [(anomaly.cut(picture), anomaly.is_faulty(mask)) for picture, mask in faulty]
    for name, score in methods.items():
        wall_auc[texture, name] = [auc(score(patches), at_fault) for patches, at_fault in placings]

# %% [markdown]
# Mean AUC over the five placings, with its 95 % interval:

# %%
for (texture, name), values in wall_auc.items():
    average, half = mean_interval(values)
    print(f"{texture:6} {name:22} AUC {measured(average, '.2f')} ± {measured(half, '.2f')}")
brick, grass = ({name: np.mean(wall_auc[texture, name]) for name in walls[texture]} for texture in walls)
expect(brick["deep network"], at_least=0.92, spec=".2f", what="brick, deep network")
expect(brick["deep network"] - brick["PCA"], at_least=0.03, spec=".2f", what="brick, deep network less PCA")
expect(brick["nearest neighbour"] - brick["deep network"], at_least=-0.03, at_most=0.03, spec="+.2f", what="brick, nearest neighbour less deep network")
expect(grass["nearest neighbour"] - grass["deep network"], at_least=0.02, spec="+.2f", what="grass, nearest neighbour less deep network")
expect(grass["deep network"], at_most=0.75, spec=".2f", what="grass, deep network")
expect(grass["deep network"] - grass["brightness, contrast"], at_most=0.03, spec="+.2f", what="grass, deep network less brightness and contrast")
guess.compare("lower than on brick" if grass["deep network"] < brick["deep network"] - 0.05 or FAST else "about the same")

# %% [markdown]
# A wall is regular: sixteen numbers say where the joint runs. Blades of grass lie anyhow, and no code holds them, so the error is high everywhere and a fault does not stand out. There even brightness and contrast
# do no worse than the network. And once more the nearest neighbour is hard to beat: it ties on brick and wins on grass, at the price of keeping all patches. The method works where what is *usual* is simple. Test that first.
#
# ### Play: how faint a fault?
#
# The alarm's threshold is set on the upper half: you choose for what share of its (sound) patches it rings. **How far can you fade the faults before most of them slip through, and what does it cost to catch them after all?**

# %%
detect = walls["brick"]["deep network"]
explore(*anomaly.fading_faults(lower, gravel, detect, detect(anomaly.cut(upper)), auc), name="faults in a wall",
        goal="faults of strength 0.6 or less: half of the faulty patches found, at most 10 % false alarms",
        strength=slider("strength of the faults", 0.0, 1.0, 1.0, step=0.05), alarm=slider("alarm on the upper half (share)", 0.01, 0.3, 0.05, step=0.01),
        places=slider("places of the faults (seed)", 0, 9, 9))

# %%
faint_wall, faint_mask = anomaly.plant_faults(lower, gravel, seed=9, strength=0.3)
rung, faulty = detect(anomaly.cut(faint_wall)) > detect(anomaly.cut(upper)).quantile(0.95), anomaly.is_faulty(faint_mask)
expect(rung[faulty].float().mean(), at_most=0.25, spec=".0%", what="faults of strength 0.3: found")
expect(rung[~faulty].float().mean(), at_most=0.15, spec=".0%", what="false alarms on the lower half, 5 % on the upper")

# %% [markdown]
# At three tenths of full strength, at least three in four faulty patches slip through. You can lower the threshold and catch them, but with every such step the alarm rings for more sound patches as well. Where to stop is not a question for machine learning: it depends on what a missed
# fault costs, and what a false alarm.

# %% [markdown]
# ## 6 · Break it: the better autoencoder
#
# A colleague looks at your detector for the 0 (network 0 of section 4) and says: *"Its pictures are blurred. Give it more room."* She builds one whose code has 200 numbers, more than the picture has pixels,
# and trains it on the same digits, without the 0. To be fair to her, we do this for all ten digits, side by side.

# %%
def train_wide(digits_left_out, **options):
    set_seed(SEED)
    wide = Autoencoders([200] * len(digits_left_out), n_in=196, n_hidden=None)      # to the code, ReLU, back
    train_quickly(wide, (x_train, torch.cat([x_train, known[:, digits_left_out]], 1)), n_epochs=passes, lr=1.5e-2, loss=loss_on_known, **options)
    return wide


def report(networks, digits_left_out):
    out, from_noise = predict_logits(networks, x_test), predict_logits(networks.one(0), noisy_test[0.3])
    return {"redraws": mean_psnr(out[~odd[0], 0], x_test[~odd[0]]), "cleans": mean_psnr(from_noise, x_test),
            "loss": np.array([(out[~odd[c], i] - x_test[~odd[c]]).square().mean().item() for i, c in enumerate(digits_left_out)]),
            "AUC": np.array([auc((out[:, i] - x_test).square().mean(1), odd[c]) for i, c in enumerate(digits_left_out)])}


every = list(range(10))
hers = train_wide(every)
your_net, her_net = detectors.one(0), hers.one(0)
narrow, wide = report(detectors, every), report(hers, every)
expect(wide["redraws"] - narrow["redraws"], at_least=10, spec=".1f", unit=" dB", what="usual digits redrawn, hers less yours, the 0 left out")

# %% [markdown]
# Her error is at least ten times smaller, on test digits. It is hard to argue with that. So hers goes into production.

# %%
guess = predict("How well does hers find the 0s?", ["better than yours", "about as well", "much worse"])

# %%
expect(narrow["AUC"][0], at_least=0.88, spec=".2f", what="yours, AUC for the 0")
expect(wide["AUC"][0], at_most=0.8, spec=".2f", what="hers, AUC for the 0")
for name, decibels in {"nothing done": mean_psnr(noisy_test[0.3], x_test), "yours": narrow["cleans"], "hers": wide["cleans"]}.items():
    print(f"Noisy digits, σ = 0.3, {name:12} {measured(decibels, '.1f')} dB")
guess.compare("much worse" if wide["AUC"][0] < narrow["AUC"][0] - 0.1 or FAST else "about as well")

# %% [markdown]
# Take a 0 and a usual digit: with hers the usual one scores higher in at least one pair in five, with yours in at most one in eight. What has her network learned? Think before you open the answer.
#
# <details><summary>My answer</summary>
#
# To copy strokes, whatever they add up to. Through 200 numbers each piece of a stroke passes by itself, so the network need not know what a digit is; and a 0 is made of the bends of 6, 8 and 9.
# A small loss then says nothing about digits. It was the door that taught.
# </details>
#
# Let us test the diagnosis on pictures that neither network was trained on: two digits laid on top of each other (strokes, but no digit), and digits whose pixels are shuffled (the same ink, but no strokes). Which network can redraw them?

# %%
doubled, shuffled = torch.maximum(x_test, x_test.flip(0)), x_test[:, torch.randperm(196, generator=torch.Generator().manual_seed(0))]
strange = torch.cat([doubled[:4], shuffled[:4]])
fig = stills.rows({"shown": strange, "yours": predict_logits(your_net, strange), "hers": predict_logits(her_net, strange)},
                  "Hers copies strokes, whatever they add up to", above=["two digits"] * 4 + ["shuffled"] * 4)
show(fig, alt="Four pictures of two digits laid on top of each other and four of shuffled pixels. The narrow network makes a blurred shape of each; the wide one gives the first four back nearly as they were, and the shuffled ones badly.")
for name, pictures in {"two digits": doubled, "shuffled": shuffled}.items():
    back = {"yours": predict_logits(your_net, pictures), "hers": predict_logits(her_net, pictures), "one flat grey": pictures.mean(1, keepdim=True).expand_as(pictures)}
    print(f"{name:10}", " · ".join(f"{who} {measured(mean_psnr(out, pictures), '.1f')} dB" for who, out in back.items()))
expect(mean_psnr(predict_logits(her_net, doubled), doubled), at_least=24, spec=".1f", unit=" dB", what="two digits, redrawn by hers")
expect(mean_psnr(predict_logits(her_net, shuffled), shuffled), at_most=18, spec=".1f", unit=" dB", what="shuffled pixels, redrawn by hers")

# %% [markdown]
# So a code wider than the input redraws strokes nearly perfectly, whether they make a digit or not. Must the door be narrow, then? Not if something else stands in the way: train her network, as wide as it is,
# to give back the clean digit from a **noisy** one. We do so for three of the ten.

# %%
some = [0, 3, 8]
mended = report(train_wide(some, augment=fresh_noise), some)
for c in every:
    noise = f" · hers, trained with noise {measured(mended['AUC'][some.index(c)], '.2f')}" if c in some else ""
    print(f"The {c} left out, AUC: yours {measured(narrow['AUC'][c], '.2f')} · hers {measured(wide['AUC'][c], '.2f')}{noise}")
expect((narrow["loss"] / wide["loss"]).min(), at_least=7, spec=".0f", what="your error on usual digits in units of hers, least of ten")
expect((wide["AUC"] - narrow["AUC"]).mean(), at_most=-0.03, spec="+.2f", what="hers less yours, mean over ten digits")
expect(wide["AUC"][2] - narrow["AUC"][2], at_least=-0.05, spec="+.2f", what="the 2 alone: hers less yours")
expect((mended["AUC"] - wide["AUC"][some]).mean(), at_least=0.06, spec="+.2f", what="gained by the noise, mean over the three")
expect(mended["cleans"] - wide["cleans"], at_least=2, spec=".1f", unit=" dB", what="better at cleaning (σ = 0.3)")

# %% [markdown]
# Copying does not hurt everywhere: her network loses next to nothing for the 2, much for the 0, and something on average. Her loss, far smaller than yours every time, warns of none of this. With noise, copying is no longer enough, for the copy would be noisy: the network must know digits again. That is why the denoising
# autoencoders of 2008 could have codes *wider* than their input. Whatever hinders the copying teaches: a narrow code, noise, or, in the next sections,
# a code that is drawn at random.

# %% [markdown]
# ## 7 · Draw from a decoder
#
# A decoder turns codes into digits. So take any code, decode it, and you have a digit that nobody wrote. Do you?
#
# First we make the pixels honest. A pixel of MNIST is grey; we call it ink if it is darker than half, otherwise paper: **1 or 0**. Then "the decoder gives
# this pixel 0.9" has a plain meaning, *ink with probability 0.9*, and a picture has a probability: the product over its pixels. Its logarithm is a
# sum, in **nats** (natural logarithms; 0.69 nats are one bit).

# %%
ink_train, ink_test = ((split[0] > 0.5).float().flatten(1) for split in (data.train, data.test))
ink_train = ink_train[:1000] if FAST else ink_train

# %%
x, p = torch.tensor([1., 0., 1.]), torch.tensor([0.9, 0.2, 0.5])
by_hand = (x * p.log() + (1 - x) * (1 - p).log()).sum()
assert torch.allclose(by_hand, -F.binary_cross_entropy(p, x, reduction="sum"))
assert torch.allclose(by_hand, log_bernoulli(p.logit()[None], x[None])[0])
print(f"ink 0.9, paper 0.8, ink 0.5: {0.9 * 0.8 * 0.5:.2f} = exp({by_hand:.3f} nats)")

# %% [markdown]
# So the binary cross-entropy, *summed* over the pixels, is minus the log-probability of a picture. (People often put grey values into it all the same. That
# trains well, but the result is no longer the logarithm of a probability: see Loaiza-Ganem and Cunningham 2019 for the missing constant.)
#
# Now a plain autoencoder with a code of two units, and a **reader**, an MLP that classifies such digits: it will judge for us.

# %%
AdamW = partial(torch.optim.AdamW, fused=True)
learn = partial(fit, batch_size=batch_size, lr=lr, optimizer=AdamW, schedule=one_cycle, seed=SEED)

set_seed(SEED)
ink_reader = MLP((784, 128, 10))
learn(ink_reader, (ink_train, data.train[1][:len(ink_train)]), n_epochs=READER_EPOCHS, lr=3e-3, progress=False)
plain = nn.Sequential(MLP((784, 128, 2)), MLP((2, 128, 784)))
learn(plain, (ink_train, ink_train), n_epochs=PLANE_EPOCHS, lr=2 * lr, loss=lambda logits, x: -log_bernoulli(logits, x).mean())
expect(evaluate(ink_reader, (ink_test, data.test[1]))[1], at_least=0.9, what="reader, test accuracy")

# %% [markdown]
# Which code shall we decode? Nothing tells us. The obvious guess: any point in the smallest box that holds all training codes. We draw 1,000, and let the reader
# say how sure it is of each decoded picture (its greatest probability). For comparison: how sure it is of test digits after encoding and decoding.

# %%
guess = predict("Of digits decoded from random codes, the reader will be …", ["much less sure", "about as sure, or surer"])

# %%
@torch.inference_mode()
def read(pictures):
    return ink_reader(pictures).softmax(1)


def surety(pictures):
    return read(pictures).amax(1).mean()


with torch.inference_mode():
    plain_codes, plain_test = plain[0](ink_train), plain[0](ink_test)
    box_low, box_high = plain_codes.amin(0), plain_codes.amax(0)
    box = box_low + (box_high - box_low) * torch.rand(1000, 2)
    sure_box, sure_test = (surety(vae_scenes.decoded(plain[1], z)) for z in (box, plain_test))
expect(sure_box - sure_test, at_least=-0.03, what="reader's probability: random codes less test digits")
guess.compare("about as sure, or surer" if sure_box - sure_test > -0.05 else "much less sure")

# %% [markdown]
# A trap. High confidence is not quality: a classifier must answer with one of ten digits, and is often surest where it has never been. So look at the pictures, and ask *where* the
# draws fall.

# %%
show(vae_stills.draws_in_the_plane(plain_test[:600], data.test[1][:600], box[:12], vae_scenes.decoded(plain[1], box[:12]), "Many draws fall where no digit lives"),
     alt="Codes of test digits in the plane, a crowd with rays and much empty land in the box around it; twelve random points of the box, many on empty land, and what they decode to.")

# %% [markdown]
# The codes form a crowd with rays around it. The rest of the box is empty land, and nobody ever asked the decoder to do anything sensible there. Let us put a number on
# it. A draw is **lost** if it is farther from every training code than 99 % of the training codes are from their own nearest neighbour. We compare three recipes: the
# box; a **standard normal** (mean 0, variance 1 in each unit); and a Gaussian **fitted** to the codes afterwards.

# %%
def lost(z, codes):
    own = torch.cdist(codes, codes).topk(2, largest=False)[0][:, 1]
    return (torch.cdist(z, codes).amin(1) > own.quantile(0.99)).float().mean()


fitted = MultivariateNormal(plain_codes.mean(0), torch.cov(plain_codes.T))
recipes = {"box": box, "standard normal": torch.randn(1000, 2), "fitted Gaussian": fitted.sample((1000,))}
astray = {name: lost(z, plain_codes) for name, z in recipes.items()}
for name, z in recipes.items():
    shares = torch.bincount(read(vae_scenes.decoded(plain[1], z)).argmax(1), minlength=10) / len(z)
    print(f"{name:16} lost {measured(astray[name], '4.0%')} · digits that make up less than 2 %: {measured(str(int((shares < 0.02).sum())))} of 10")
expect(astray["box"], at_least=0.2, spec=".0%", what="box, lost draws")
expect(astray["standard normal"], at_most=0.2, spec=".0%", what="standard normal, lost draws")
expect(astray["fitted Gaussian"], at_most=0.3, spec=".0%", what="fitted Gaussian, lost draws")

# %% [markdown]
# The standard normal seldom gets lost, but covers only a small part of the plane: digits whose land lies outside hardly appear.
#
# So a decoder is not yet a **generator**. What is missing is *a distribution of codes to draw from*, written p(z), the **prior**. There are two honest
# ways to get one. Fit it afterwards, as in the last line (Ghosh et al. 2020; section 11 puts it to the test). Or fix p(z) first, say a standard normal,
# and *train* encoder and decoder so that the codes follow it. That is the variational autoencoder, and it also gives a bound on how probable
# it finds a picture.

# %% [markdown]
# ## 8 · A bound
#
# A generator draws z from p(z), then pixels from p(x | z): how probable x is once z is known (read the bar as *given*). How probable is x by itself? Add up over all codes that could have made it:
#
# $$\log p(x) = \log \int p(z)\,p(x\mid z)\,dz .$$
#
# Most codes contribute next to nothing. So let an encoder propose codes: q(z | x) is a distribution over codes *for this x*. Multiply and divide by it; the integral becomes $\mathbb{E}_q$, the mean over draws from q:
#
# $$\log p(x) = \log\, \mathbb{E}_{q}\!\left[\frac{p(z)\,p(x\mid z)}{q(z\mid x)}\right] \;\ge\; \mathbb{E}_{q}\!\left[\log\frac{p(z)\,p(x\mid z)}{q(z\mid x)}\right].$$
#
# The step is **Jensen's inequality**: the logarithm is bent downwards, so the log of a mean is at least the mean of the logs.

# %% [markdown]
# Sort the terms on the right, and call the result the **evidence lower bound**, ELBO:
#
# $$\mathrm{ELBO} = \underbrace{\mathbb{E}_{q}[\log p(x\mid z)]}_{\text{reconstruction}} - \underbrace{\mathbb{E}_q\!\left[\log \frac{q(z\mid x)}{p(z)}\right]}_{\mathrm{KL}(q\,\|\,p)} .$$
#
# The first term rewards codes that rebuild x. The second, the **Kullback–Leibler divergence**, is never negative, and 0 only for q = p: it charges q for leaving the prior.
# What does the bound lose? Put p(z) p(x | z) = p(x) p(z | x) under the logarithm, and you get exactly
#
# $$\log p(x) - \mathrm{ELBO} = \mathrm{KL}\big(q(z\mid x)\,\|\,p(z\mid x)\big).$$
#
# The bound touches log p(x) when q is the true **posterior** p(z | x): what one should believe about z after seeing x.

# %% [markdown]
# ### Play: two codes
#
# Take the smallest model: two codes, each with prior ½. Under code 0 our picture has probability 0.2, under code 1 it has 0.6. So p(x) = ½ · 0.2 + ½ · 0.6 = 0.4.
# **The green line says: believe in code 1. Why is q = 1 not best, and where does the gap close?**

# %%
explore(*vae_scenes.bound_of_two(), name="a bound with two codes", goal="the q at which the bound touches log p(x)",
        q=slider("q, the share of code 1", 0.0, 1.0, 0.5, 0.01, tip="how strongly the encoder believes in code 1"))

# %% [markdown]
# The gap closes at q = 0.75, as Bayes' rule says: ½ · 0.6 / 0.4. At q = 1 the KL is log 2 = 0.69 nats, the price of being certain; the reconstruction gains less than that.
#
# ## 9 · A gradient through a die
#
# To train we need the gradient of a mean over z with respect to the parameters of q: its mean μ and standard deviation σ. We try it on a toy problem whose answer is known: E[z²] = μ² + σ², so the
# gradient with respect to μ is 2μ. First the obvious way: draw, compute, call backward.

# %%
guess = predict("z is drawn with Normal(mu, sigma).sample(). What does (z**2).mean().backward() do?", ["gives about 2 mu", "gives exactly 0", "raises an error"])

# %%
mu, sigma = torch.tensor(1.5, requires_grad=True), torch.tensor(0.5, requires_grad=True)
z = Normal(mu, sigma).sample((10_000,))
try:
    (z**2).mean().backward()
    outcome = "gives about 2 mu" if mu.grad is not None and mu.grad else "gives exactly 0"
except RuntimeError as error:
    outcome = "raises an error"
    print(f"{type(error).__name__}: {str(error).splitlines()[0]}")
guess.compare(outcome)

# %% [markdown]
# A drawn number remembers nothing of μ: the chain of derivatives ends at the die. The **reparametrisation trick** moves the die aside. Draw ε from a
# standard normal, which has no parameters, and *compute*
#
# $$z = \mu + \sigma\,\varepsilon .$$
#
# The distribution is the same; but now z is a formula, with ∂z/∂μ = 1 and ∂z/∂σ = ε. (In torch: `rsample`, r for reparametrised.)

# %%
z = mu + sigma * torch.randn(100_000)
d_mu, d_sigma = torch.autograd.grad((z**2).mean(), (mu, sigma))
expect(d_mu, at_least=2.95, at_most=3.05, what="gradient with respect to mu (2 mu = 3)")
expect(d_sigma, at_least=0.93, at_most=1.07, what="gradient with respect to sigma (2 sigma = 1)")
torch.manual_seed(1)
r = Normal(mu, sigma).rsample((5,))
torch.manual_seed(1)
assert torch.allclose(r, mu + sigma * torch.randn(5))

# %% [markdown]
# There is another way, which needs no formula for z: the **score-function estimator** (REINFORCE), f(z) · ∂ log q(z)/∂μ, here z² (z − μ)/σ². It is right on average too, because
# ∂q/∂μ = q · ∂ log q/∂μ. Both get 100 draws, for each of 2,000 seeds, in a code of 16 units (f sums the squares of all, and we look at the first μ). A third estimator uses f − 40 in place of f; 40, the mean of f, is a **baseline**.
# Subtracting a constant moves no average, since the average of ∂ log q/∂μ is zero.

# %%
guess = predict("The score function (without a baseline) scatters more than the reparametrised estimate, by a factor of …", ["about 2", "about 10", "50 or more"])

# %%
z = 1.5 + 0.5 * torch.randn(2000, 100, 16, generator=torch.Generator().manual_seed(SEED))
pathwise = (2 * z[..., 0]).mean(1)
score = ((z**2).sum(2) * (z[..., 0] - 1.5) / 0.5**2).mean(1)
baseline = (((z**2).sum(2) - 40) * (z[..., 0] - 1.5) / 0.5**2).mean(1)
show(vae_stills.gradient_noise({"score function": score[:400], "with a baseline": baseline[:400], "reparametrised": pathwise[:400]}, 3.0),
     alt="Gradient estimates as dots around the exact value 3: those of the score function scatter widely, with a baseline far less, and those of the reparametrised estimate stand in a thin column.")
expect(score.mean(), at_least=2.3, at_most=3.7, spec=".2f", what="score function, mean")
expect(pathwise.mean(), at_least=2.95, at_most=3.05, spec=".2f", what="reparametrised, mean")
expect(score.std() / pathwise.std(), at_least=60, at_most=110, spec=".0f", what="scatter of the first, in units of the last")
expect(baseline.std() / pathwise.std(), at_least=10, at_most=15, spec=".1f", what="with a baseline, in units of the last")
guess.compare("50 or more" if score.std() / pathwise.std() > 50 else "about 10")

# %% [markdown]
# All are centred on 3. Most of the scatter comes from the size of f, and a baseline removes that; a factor of about a dozen remains, mostly the noise of the other 15 units.
# Even with the baseline, the score function needs over a hundred times as many draws to scatter as little (the square of the ratio). Reparametrising is what made VAEs easy to train.

# %% [markdown]
# ### Exercise 4.4 · Reparametrise · 7 min · ★☆☆
#
# The encoder will not give σ, which must be positive, but `log_var`, the logarithm of the variance, which may be anything. Turn the given noise into S draws for each digit and
# unit, so that gradients reach `mu` and `log_var`. Specification: `z[s, n, j] = mu[n, j] + sigma[n, j] * eps[s, n, j]`. Budget: 2 lines.

# %%
def reparametrise(mu, log_var, eps):
    """mu, log_var (N, d), eps (S, N, d) standard normal → z (S, N, d), by a formula through which gradients flow."""
    ### BEGIN SOLUTION
    return mu + (log_var / 2).exp() * eps
    ### END SOLUTION

# %%
check("4.4", reparametrise)

# %% [markdown]
# <details><summary>Hint 1: from log-variance to standard deviation</summary>
#
# The variance is exp(log_var), and σ is its square root. A root halves an exponent.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `(log_var / 2).exp()` is σ, of shape (N, d). Multiply by `eps` and add `mu`: broadcasting applies both to each of the S draws.
# </details>

# %% [markdown] tags=["discussion"]
# Halving the logarithm is safer than `log_var.exp().sqrt()`: the derivative of the root is infinite at 0, where a very narrow q ends up in float32. And the noise
# comes from outside, so that the function is deterministic: the same eps, the same z. That is what makes it differentiable, and testable.

# %% [markdown]
# ## 10 · The variational autoencoder
#
# Now everything together (Kingma & Welling 2014). The encoder gives μ and log σ² for each digit and unit: q(z | x) is a Gaussian with a separate σ for each unit. The prior is a standard normal. Then the KL of one unit has a closed form:
#
# $$\mathrm{KL} = \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log \sigma^2\right).$$
#
# The loss is minus the ELBO; one draw of z for each digit in each step is enough. (β stays 1 until section 14.)

# %% tags=["lesson"]
class VAE(nn.Module):
    """(N, 784) of 0 and 1 → logits of the pixels (N, 784); mu and log_var of the code, both (N, d)."""

    def __init__(self, d, width=128):
        super().__init__()
        self.encoder, self.decoder = MLP((784, width, 2 * d)), MLP((d, width, 784))

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=1)

    def forward(self, x):
        mu, log_var = self.encode(x)
        z = mu + (log_var / 2).exp() * torch.randn_like(mu)
        return self.decoder(z), mu, log_var


def kl_units(mu, log_var):
    return (mu**2 + log_var.exp() - 1 - log_var) / 2


def negative_elbo(out, x, beta=1.0):
    logits, mu, log_var = out
    return (beta * kl_units(mu, log_var).sum(1) - log_bernoulli(logits, x)).mean()

# %% [markdown]
# Is the closed form right? We check it by two other routes: `torch.distributions`, which agrees to the last digits; and the definition, a mean of log q(z) − log p(z) over draws from q, which comes close.

# %%
mu, log_var = torch.tensor([[0.5, -2.0, 0.0]]), torch.tensor([[-1.0, -3.0, 0.0]])
q, prior = Normal(mu, (log_var / 2).exp()), Normal(torch.zeros(1, 3), torch.ones(1, 3))
assert torch.allclose(kl_units(mu, log_var), kl_divergence(q, prior))
z = q.sample((20_000,))
by_draws = (q.log_prob(z) - prior.log_prob(z)).mean(0)
expect((by_draws - kl_units(mu, log_var)).abs().max(), at_most=0.1, what="Monte Carlo less closed form, greatest difference (nats)")
print("KL of three units:", "  ".join(f"{v:.3f}" for v in kl_units(mu, log_var)[0].tolist()))

# %% [markdown]
# A unit whose q equals the prior costs nothing (the third); one far away and narrow costs much (the second).
#
# Now train a VAE with two code units, with the same `fit` as ever. Its draws come from the standard normal, as agreed.

# %%
set_seed(SEED)
plane_vae = VAE(2)
learn(plane_vae, (ink_train, ink_train), n_epochs=PLANE_EPOCHS, lr=2 * lr, loss=negative_elbo)
with torch.inference_mode():
    vae_codes, vae_test = plane_vae.encode(ink_train)[0], plane_vae.encode(ink_test)[0]
z = torch.randn(1000, 2)
vae_astray, in_circle = lost(z, vae_codes), (vae_test.norm(dim=1) < 2).float().mean()
expect(vae_astray, at_most=0.2, spec=".0%", what="VAE, lost draws")
expect(vae_astray / astray["box"], at_most=0.6, spec=".2f", what="lost draws, VAE / plain autoencoder with its box")
expect(in_circle, at_least=0.55, at_most=0.9, spec=".0%", what="codes in the circle below, which holds 86 % of the draws")
show(vae_stills.draws_in_the_plane(vae_test[:600], data.test[1][:600], z[:12], vae_scenes.decoded(plane_vae.decoder, z[:12]),
                                   "Codes and draws now share one land", circle=2),
     alt="Codes of test digits in the plane, now gathered about zero, more than half of them in a circle of radius two; twelve draws from the standard normal among them, and what they decode to.")

# %% [markdown]
# The KL has pulled the codes together about zero, where the prior draws; the noise in z has made neighbours decode alike. (The digits are blurred, since two numbers are few for a digit, and what you see are *probabilities* of ink.)
#
# Here is each term of the ELBO, on test digits. The plainest baseline is a model without a code: each pixel is ink as often as in training, whatever the others do.

# %%
@torch.no_grad()
def both_terms(name, model):
    """Mean reconstruction and KL of the test digits, in nats; the KL of each unit."""
    torch.manual_seed(SEED)
    logits, mu, log_var = model(ink_test)
    rec, units = log_bernoulli(logits, ink_test).mean(), kl_units(mu, log_var).mean(0)
    print(f"{name}: reconstruction {measured(rec, '.1f')}, KL {measured(units.sum(), '.2f')}, ELBO {measured(rec - units.sum(), '.1f')} nats a digit")
    return rec, units


ink_share = (ink_train.sum(0) + 1) / (len(ink_train) + 2)
no_code = log_bernoulli(ink_share.logit().expand_as(ink_test), ink_test).mean()
rec, units = both_terms("two units", plane_vae)
expect(no_code, at_least=-209, at_most=-204, spec=".1f", unit=" nats", what="no code at all, log p(x)")
expect(rec - units.sum() - no_code, at_least=30, spec=".1f", unit=" nats", what="ELBO above that")
expect(units.sum(), at_least=4.2, at_most=6.5, spec=".2f", unit=" nats", what="KL of the two units")

# %% [markdown]
# So two units tell about 5 nats (7 bits) about a digit, and save at least 30 nats of surprise. Both terms are measured in nats, so the trade is fair: no weight between them had to be invented.

# %% [markdown]
# ### Exercise 4.5 · Any two Gaussians · 10 min · ★★☆
#
# Some models learn the prior too. Write the KL of two Gaussians, unit by unit. With variances v and means μ the formula is
#
# $$\mathrm{KL}(q\,\|\,p) = \tfrac12\left(\log \frac{v_p}{v_q} + \frac{v_q + (\mu_q-\mu_p)^2}{v_p} - 1\right).$$
#
# Budget: 3 lines; gradients must flow through. Check for yourself that it gives our closed form for a standard normal p.

# %%
def gaussian_kl(mu_q, log_var_q, mu_p, log_var_p):
    """Four tables (N, d) → KL(q‖p) of each unit, (N, d), in nats."""
    ### BEGIN SOLUTION
    ratio = (log_var_q - log_var_p).exp()
    return (log_var_p - log_var_q + ratio + (mu_q - mu_p)**2 / log_var_p.exp() - 1) / 2
    ### END SOLUTION

# %%
check("4.5", gaussian_kl)

# %% [markdown]
# <details><summary>Hint 1: logarithms that are there already</summary>
#
# log(v_p / v_q) is the difference of two arguments. No logarithm needs to be taken.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# v_q / v_p is `(log_var_q - log_var_p).exp()`. Add the squared difference of the means over `log_var_p.exp()` and the difference of the logarithms, subtract 1, halve.
# </details>

# %% [markdown] tags=["discussion"]
# It is not symmetric: a narrow q inside a wide p is cheap, a wide q over a narrow p is dear, since q then puts draws where p finds them nearly impossible. And it is 0 only where both
# parameters agree, since t − 1 ≥ log t, with equality only at t = 1.

# %% [markdown]
# ## 11 · What does the bound give away?
#
# With two units we can afford the truth: lay a grid over the plane, decode all 10,000 points, and add up p(z) p(x | z). That is log p(x) by brute force. Between it and the ELBO lies the **importance-weighted
# bound** (Burda et al. 2016): draw K codes from q, weigh each with w = p(z) p(x | z)/q(z | x), and take the log of the *mean* weight. K = 1 is the ELBO. First, the logarithms of the weights.

# %%
@torch.no_grad()
def log_weights(model, x, K):
    """(K, N) log of p(z) p(x | z) / q(z | x) for K draws of each digit."""
    mu, log_var = model.encode(x)
    q = Normal(mu, (log_var / 2).exp())
    z = q.sample((K,))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return torch.stack([log_bernoulli(model.decoder(z[k]), x) for k in range(K)]) + (prior.log_prob(z) - q.log_prob(z)).sum(2)


few = ink_test[:50 if FAST else 100]
log_w = log_weights(plane_vae, few, 400)
print(f"K = 400, the obvious way, log of the mean of exp: {log_w.exp().mean(0).log().mean()}")

# %% [markdown]
# e⁻¹⁶⁰ is about 10⁻⁷⁰, and float32 ends near 10⁻⁴⁵: exp gave zeros, and the logarithm of zero is −∞. The remedy is old, and worth having at your fingertips.

# %% [markdown]
# ### Exercise 4.6 · A mean of tiny numbers · 12 min · ★★☆
#
# Write the bound so that it survives such numbers. With m the greatest of the K logarithms of one digit, log mean exp(ℓ) = m + log mean exp(ℓ − m): now the greatest term is e⁰ = 1. First one number for each digit, then the mean over
# the digits. Budget: 3 lines; `torch.logsumexp` is allowed.

# %%
def importance_bound(log_w):
    """log_w (K, N): log weights of K draws for each of N digits → the bound, averaged over the digits (0-d tensor, nats)."""
    ### BEGIN SOLUTION
    m = log_w.amax(0)
    return (m + (log_w - m).exp().mean(0).log()).mean()
    ### END SOLUTION

# %%
check("4.6", importance_bound)

# %% [markdown]
# <details><summary>Hint 1: which axis?</summary>
#
# The weights of *one* digit are averaged: axis 0. The logarithm comes next, and only then the mean over the digits.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `m = log_w.amax(0)` has shape (N,). Then `m + (log_w - m).exp().mean(0).log()`; or `torch.logsumexp(log_w, 0) - math.log(len(log_w))`.
# </details>

# %% [markdown] tags=["discussion"]
# The three orders of log and mean give three different things: the mean of logs over draws is the ELBO; the log of the mean over draws is this bound; the log of the mean over *everything* would pool the digits, and bounds nothing.
# By Jensen, the more draws are averaged before the logarithm, the higher the bound stands, but on average never above log p(x).

# %%
truth = grid_log_likelihood(plane_vae.decoder, lambda z: Normal(0, 1).log_prob(z).sum(1), (-4.5, -4.5), (4.5, 4.5), few, n=100)
counts = [1, 2, 5, 10, 25, 50, 100]
bounds = np.array([[float(log_mean_exp(part.view(-1, K, len(few)), 1).mean()) for K in counts] for part in log_w.split(100)])   # all 100 draws, K by K
elbo = float(log_w.mean())
show(vae_stills.bound_over_draws(counts, bounds, elbo, float(truth.mean())),
     alt="The importance-weighted bound rises with the number of draws from the ELBO, at one draw, towards the line of log p(x) found by brute force, and stays below it.")
expect(truth.mean() - elbo, at_least=1, at_most=10, spec=".1f", unit=" nats", what="log p(x) less ELBO")
expect(bounds[:, -1].mean() - bounds[:, 0].mean(), at_least=0.5, spec=".1f", unit=" nats", what="what 100 draws win back of it")
expect(truth.mean() - bounds[:, -1].mean(), at_least=0, spec=".1f", unit=" nats", what="what they leave")

# %% [markdown]
# The ELBO gives away a few nats out of some 170: the true posterior is not a Gaussian with its axes along the units, and one encoder must serve all digits.
#
# And the plain autoencoder with a Gaussian fitted afterwards? Same grid, same digits. We owe it the test.

# %%
guess = predict("Two code units: which finds the test digits more probable?", ["the VAE, by 10 nats or more", "not the VAE by 10 nats"])

# %%
afterwards = grid_log_likelihood(plain[1], fitted.log_prob, box_low, box_high, few, n=100)
expect(afterwards.mean() - truth.mean(), at_least=-8, at_most=15, spec=".1f", unit=" nats", what="plain autoencoder and fitted Gaussian, less VAE")
guess.compare("the VAE, by 10 nats or more" if truth.mean() - afterwards.mean() >= 10 else "not the VAE by 10 nats")

# %% [markdown]
# The plain autoencoder holds its own: do not believe that such networks *cannot* generate. What they lack is a cheap way to log p(x): brute force took 10,000 decodings; for 16 units a grid as fine would take 100¹⁶. The VAE's bound takes
# *one*, for any number of units, and its prior is known before training.

# %% [markdown]
# ## 12 · A walk in the plane
#
# Press the mouse button on the map and drag (or use the two sliders): you pick a point of the plane, and it is decoded as you move. The dots are the codes of test digits. **Where one digit's land ends and another's begins, what does the decoder draw: a jump, a ghost of both, or something between?**

# %%
explore(*vae_scenes.latent_walk(plane_vae.decoder, vae_test[:700], data.test[1][:700], ink_reader), name="a walk in the plane", drag=("z1", "z2"),
        goal="a 4 that is becoming a 9: the reader gives each of the two at least 30 %",
        z1=slider("code unit 1", -4.0, 4.0, 1.0, 0.05), z2=slider("code unit 2", -4.0, 4.0, 1.0, 0.05))

# %% [markdown]
# 4 and 9 are neighbours, since they differ by one stroke, and the border between them is soft: the top closes slowly. Far out, where codes are rare, digits are clean and stiff; in the crowded middle, blurred. Two numbers are too few
# for ten digits in so many handwritings. So, from here on, 16 units.

# %%
set_seed(SEED)
wide_vae = VAE(16)
learn(wide_vae, (ink_train, ink_train), n_epochs=WIDE_EPOCHS, loss=negative_elbo)
wide_rec, wide_units = both_terms("16 units", wide_vae)
expect(wide_rec - wide_units.sum() - (rec - units.sum()), at_least=35, spec=".1f", unit=" nats", what="its ELBO above that of two units")
with torch.inference_mode():
    wide_codes, wide_test = wide_vae.encode(ink_train)[0], wide_vae.encode(ink_test)[0]
    new = vae_scenes.decoded(wide_vae.decoder, torch.randn(16, 16))
show(vae_stills.tile_rows({"drawn from the prior, decoded": new, "real test digits": ink_test[:8]}, 8, "Strokes of a pen, often a digit, not always"),
     alt="Two rows of pictures decoded from random codes of 16 units, soft strokes, many like a digit, some like none; below them a row of real test digits, black and white.")

# %% [markdown]
# ## 13 · Halfway between two digits
#
# What lies between a 4 and a 9? Between their *pixels*: both at once, each half as dark. Between their *codes*: whatever the decoder makes of (1 − t) z₁ + t z₂. How good is a halfway picture? Take its greys for what they are, probabilities, and let chance draw it in
# black and white. How far is the drawing, on average, from the nearest real training digit (root mean square over the pixels)? This way a blur gains nothing. We try 400 pairs of different digits.

# %%
guess = predict("Which halfway picture lies nearer to some real digit?", ["the blend of pixels", "the blend of codes", "no difference"])

# %%
unlike = data.test[1][:500] != data.test[1][500:]
a, b = (torch.arange(500)[unlike][:400] + offset for offset in (0, 500))
halfway = {"the blend of pixels": (ink_test[a] + ink_test[b]) / 2, "the blend of codes": vae_scenes.decoded(wide_vae.decoder, (wide_test[a] + wide_test[b]) / 2)}
away = {name: nearest_distance(pictures, ink_train) for name, pictures in halfway.items()}
for name, pictures in halfway.items():
    print(f"{name}: {measured(away[name].mean())} from the nearest real digit; the reader is sure to {measured(surety(pictures), '.0%')}")
codes_gain = away["the blend of pixels"] - away["the blend of codes"]
ends = nearest_distance(vae_scenes.decoded(wide_vae.decoder, wide_test[a]), ink_train).mean() - nearest_distance(ink_test[a], ink_train).mean()
expect(ends, at_least=0.015, what="at the end, codes less pixels")
expect(codes_gain.mean(), at_least=0.008, what="halfway, pixels less codes")
expect((codes_gain > 0).float().mean(), at_least=0.7, at_most=0.95, spec=".0%", what="pairs for which the blend of codes wins")
guess.compare("the blend of codes" if codes_gain.mean() > 0 else "the blend of pixels")

# %% [markdown]
# Halfway, in about four pairs out of five, the blend of codes lies nearer to a real digit. At the ends it is the other way round: there the blend of pixels *is* a real digit, and the decoded one only a copy. (The reader is about equally sure of both halfway pictures: again it is no judge.)
#
# ### Play: two ways from one digit to the next
#
# **At which t does the blend of pixels show two digits at once, and what does the code show there instead?**

# %%
names = {}
for first, second in ((4, 9), (3, 8), (7, 1), (0, 6), (5, 2)):
    i, j = (int((data.test[1] == digit).nonzero()[0]) for digit in (first, second))
    names[f"{first} → {second}"] = (i, j)
explore(*vae_scenes.between(wide_vae.decoder, ink_test, wide_test, ink_train, names), name="two ways between digits",
        goal="a pair and a t at which the blend of pixels lies at least 0.03 farther from any real digit than that of codes",
        pair=choice("pair", list(names), "3 → 8"), t=slider("t, from the first to the second", 0.0, 1.0, 0.5, 0.05))

# %% [markdown]
# 4 and 9: a stroke closes, and each picture on the way is a possible digit. Other pairs gain little, and about one in five goes the other way: perhaps the straight line there leads through land where no digit lives.

# %% [markdown]
# ## 14 · β: what is a nat of code worth?
#
# Multiply the KL by a factor: loss = −reconstruction + β KL. β = 1 gives the bound; otherwise β is a dial (Higgins et al. 2017). Above 1, minus the loss is still a lower bound on log p(x), only a looser one; below 1 it need not be one. Above 1, telling costs more, and units that do not earn their cost fall silent. We take the trained model and let it learn on
# with β = 2, 4, 8 … and with ½ and ¼, one epoch each, step by step.

# %%
guess = predict("Reconstructions of different digits by the model with β = 32 will look …", ["like the digits, only blurred", "nearly alike, whatever the digit"])

# %%
steps = {0: wide_vae}
for path in ([1, 2, 3, 4, 5], [-1, -2]):
    for k in path:
        steps[k] = copy.deepcopy(steps[k - 1 if k > 0 else k + 1])
        learn(steps[k], (ink_train, ink_train), n_epochs=MORE_EPOCHS, loss=partial(negative_elbo, beta=2.0**k), progress=False)
results = {k: both_terms(f"β = {2.0**k:<5g}", steps[k]) for k in sorted(steps)}
kl_of = {k: float(units.sum()) for k, (_, units) in results.items()}
expect(kl_of[-2] / kl_of[0], at_least=1.3, spec=".2f", what="KL at β = 1/4 in units of that at 1")
expect(kl_of[5], at_most=1.5, spec=".2f", unit=" nats", what="KL at β = 32")
slope = (results[2][0] - results[3][0]) / (kl_of[2] - kl_of[3])
expect(slope, at_least=3.5, at_most=8.5, spec=".1f", what="nats of reconstruction for a nat of code, between β = 4 and 8")
assert FAST or min(results, key=lambda k: -(results[k][0] - results[k][1].sum())) in (-1, 0, 1)

# %%
with torch.inference_mode():
    differ = {k: vae_scenes.decoded(steps[k].decoder, steps[k].encode(ink_test)[0]).var(0).sum() for k in (0, 5)}
ratio = differ[5] / differ[0]
expect(ratio, at_most=0.3, spec=".2f", what="variance from digit to digit of what comes back, β = 32 in units of β = 1")
guess.compare("nearly alike, whatever the digit" if ratio < 0.3 else "like the digits, only blurred")

# %% [markdown]
# ### Play: turn β
#
# On the left is what each unit tells, in nats, the most talkative first. **In which order do things fail as β grows: the number of live units, the sharpness, the likeness of digit and reconstruction?**

# %%
noise = torch.randn(12, 16, generator=torch.Generator().manual_seed(3))
settings = {k: vae_scenes.measure_setting(steps[k], float(r), u, ink_test[:6], noise) for k, (r, u) in results.items()}
explore(*vae_scenes.beta_dial(settings), name="the β dial", goal="the greatest β at which at least 12 of the 16 units still carry 0.1 nats or more",
        k=slider("k (β = 2 to the k)", -2, 5, 0, tip="how dear a nat of code is"))

# %% [markdown]
# First sharpness goes (β = 2 to 4), then likeness, and last the live units, the least useful first. At 32 what comes back is grey: q's means are decoded, and they have shrunk to about zero. The samples vary more: they are drawn at full width, and the decoder has not yet forgotten its code.
#
# The curve on the right is a **rate–distortion curve**: each further nat of code buys less than the one before; at the minimum of the loss it buys just β nats of reconstruction. (Each new β had just one more epoch: the true curve lies lower, and the KL at a given β depends on how long one trains, and from where.)

# %% [markdown]
# ## 15 · Break it: all samples alike
#
# A colleague's VAE has 16 units, the same layers, the same data. The loss fell smoothly, no error, no NaN. *"But all my samples look alike."*

# %%
def colleagues_loss(out, x):
    logits, mu, log_var = out
    return F.binary_cross_entropy_with_logits(logits, x) + kl_units(mu, log_var).sum(1).mean()


set_seed(SEED)
collapsed = VAE(16)
history = learn(collapsed, (ink_train, ink_train), n_epochs=WIDE_EPOCHS // 2, loss=colleagues_loss, progress=False)
samples, rebuilt = (vae_scenes.decoded(collapsed.decoder, z) for z in (torch.randn(8, 16), collapsed.encode(ink_test[:8])[0].detach()))
show(vae_stills.tile_rows({"eight samples": samples, "eight test digits …": ink_test[:8], "… and their reconstructions": rebuilt}, 8, "Whatever goes in, the same blot comes out"),
     alt="Eight samples, all the same grey blot; eight test digits; and their reconstructions, again all the same blot.")
print("The loss fell throughout:", all(b < a + 1e-3 for a, b in zip(history.train_loss, history.train_loss[1:], strict=False)))

# %% [markdown]
# The reconstructions ignore the input: whatever goes in, the same comes out. Before you read on: which number would you look at?

# %%
guess = predict("What is wrong?", ["too few epochs", "the decoder is too weak", "the code carries nothing: β is far too large in effect", "the learning rate is too high"])

# %%
_, dead = both_terms("the colleague's", collapsed)
expect(history.train_loss[-1], at_least=0.24, at_most=0.3, spec=".2f", what="its loss")
expect(dead.max(), at_most=0.02, what="KL of its most talkative unit (nats)")
expect((wide_units > 0.1).sum(), at_least=10, spec=".0f", what="units above 0.1 nats in ours")
show(vae_stills.units({"ours": wide_units, "the colleague's": dead}, "A code that says nothing"),
     alt="Bars of the KL of each of 16 units: in our model most carry around a nat or more, in the colleague's none carries anything.")
guess.compare("the code carries nothing: β is far too large in effect" if dead.max() < 0.05 else "too few epochs")

# %% [markdown]
# **Posterior collapse**: q(z | x) is the prior, for every x. The cause is in the first term of the loss. `binary_cross_entropy_with_logits` takes the *mean* over digits **and pixels**; the KL is *summed* over units. So the reconstruction was divided by 784: that is β = 784.
# Nothing crashes, and a loss of about 0.27 looks better than one above 100. It is a common bug.
#
# **The remedy:** sum over the pixels, mean over the digits. We prove that the colleague's loss is β = 784 in disguise.

# %%
with torch.no_grad():
    torch.manual_seed(1)
    out = wide_vae(ink_test)
    assert torch.allclose(784 * colleagues_loss(out, ink_test), negative_elbo(out, ink_test, beta=784.0), rtol=1e-4)
print("784 times the colleague's loss is minus the ELBO with β = 784.")

# %% [markdown]
# Collapse has a second cause: the **start**. A newborn code is noise, so the decoder first learns to do without the code, and then nothing holds the KL up. A strong decoder (one that predicts each pixel from those before it) may never
# come to use it (Bowman et al. 2016). Their remedy is **warm-up**: begin with a small β, and raise it during training. We test it at β = 8: four epochs from scratch, against two at β = 1 and then two at β = 8.

# %%
warmed = {}
for name, path in {"cold": [(8.0, 4)], "warm": [(1.0, 2), (8.0, 2)]}.items():
    set_seed(SEED)
    model = VAE(16)
    for beta, n_epochs in path:
        learn(model, (ink_train, ink_train), n_epochs=1 if FAST else n_epochs, loss=partial(negative_elbo, beta=beta), progress=False)
    warmed[name] = both_terms(f"{name}, β = 8", model)
objective = {name: r - 8 * units.sum() for name, (r, units) in warmed.items()}
expect(warmed["warm"][1].sum() - warmed["cold"][1].sum(), at_least=0.3, spec=".2f", unit=" nats", what="KL kept by warm-up")
expect(objective["warm"] - objective["cold"], at_least=1.5, spec=".1f", unit=" nats", what="reconstruction less 8 KL, warm less cold")

# %% [markdown]
# Both had four epochs, but the model that began gently keeps more of its code *and* reaches a better value of the very objective that both end with. (Here patience helps too: with more epochs the gap narrows.)

# %% [markdown]
# ## 16 · The article, checked
#
# The article says that the autoencoder *models the data to learn it and compress it*. Does it compress? Two honest tests.
#
# **With loss:** keep the 16 numbers of the code, rounded. **How coarse may the rounding be before you see it?** (Decibels as in section 3. Bits: what a coder pays if it knows how often each rounded value came up in training.)

# %%
explore(*vae_scenes.rounding(wide_vae.decoder, wide_codes, wide_test[:300], ink_test[:300], range(8)), name="a rounded code",
        goal="at most 40 bits a digit, and less than 0.5 dB lost by the rounding", step=slider("step of the rounding", 0.1, 4.0, 4.0, 0.05, log=True))

# %%
with torch.inference_mode():
    kept = torch.round(wide_test * 2) / 2
    back = vae_scenes.decoded(wide_vae.decoder, kept)
wrong, wrong_unrounded = (784 * ((p > 0.5).float() != ink_test).float().mean() for p in (back, vae_scenes.decoded(wide_vae.decoder, wide_test)))
decibels = -10 * (back - ink_test).square().mean().log10()
expect(rounded_bits(wide_codes, wide_test, 0.5), at_least=30, at_most=60, spec=".0f", what="bits a digit, rounded to halves")
expect(decibels, at_least=13, at_most=18, spec=".1f", unit=" dB", what="peak signal to noise")
expect(wrong, at_least=25, at_most=60, spec=".0f", what="pixels that come back wrong, of 784")
expect(wrong_unrounded, at_least=25, at_most=60, spec=".0f", what="the same, nothing rounded")
expect(ink_test.sum(1).mean(), at_least=95, at_most=112, spec=".0f", what="the same, if a blank page came back")
expect(4 * count_parameters(wide_vae.decoder) / 1000, at_least=413, at_most=414, spec=".0f", unit=" kB", what="weights of the decoder")

# %% [markdown]
# A digit of 784 bits fits into about 50; but some 40 pixels come back wrong, where a blank page has about 100 wrong. The rounding hardly matters. And whoever unpacks the digits needs the decoder: 413 kB of weights, for these digits and nothing else.

# %% [markdown]
# **Without loss:** a model that finds pictures probable can code them exactly, in −log₂ p(x) bits. With a VAE, **bits-back coding** reaches −ELBO/log 2, averaged over a long chain of pictures (Frey & Hinton 1997; Townsend et al. 2019). Whoever unpacks now needs the encoder too, to put the bits back. Its rivals: PNG with one bit a pixel; bzip2; and no code at all, each
# pixel on its own. And one more: a table of 1,024 counts, which predicts each pixel from ten neighbours already sent, as the fax standard JBIG of 1993 does.

# %%
guess = predict("Which needs the fewest bits a pixel for all 1,000 test digits together?", ["PNG", "bzip2", "the VAE", "the table of ten neighbours"])

# %%
black_train, black_test = (a.view(-1, 28, 28).numpy() > 0.5 for a in (ink_train, ink_test))
single = np.mean([png_bytes(picture) for picture in black_test[:250]], axis=0) * 8 / 784
sheet = png_bytes(black_test.reshape(-1, 28))[0] * 8 / black_test.size
bits = {"PNG, one file a digit": single[0], "PNG, its pixel data alone": single[1], "no code, each pixel by itself": -float(no_code) / math.log(2) / 784,
        "PNG, one sheet of all digits": sheet, "bzip2, all digits": len(bz2.compress(black_test.tobytes())) * 8 / black_test.size,
        "VAE, 16 units (−ELBO)": -float(wide_rec - wide_units.sum()) / math.log(2) / 784, "ten neighbours, a table": context_bits(black_train, black_test) / 784}
together = {"PNG": sheet, "bzip2": bits["bzip2, all digits"], "the VAE": bits["VAE, 16 units (−ELBO)"], "the table of ten neighbours": bits["ten neighbours, a table"]}
guess.compare(min(together, key=lambda name: together[name]))

# %%
for name, value in bits.items():
    print(f"{name:30} {measured(value)} bits a pixel")

# %%
show(vae_stills.bits_bars(bits, "The VAE beats PNG; a table of counts beats the VAE"),
     alt="Bars of bits a pixel: PNG of single files needs more than the one bit of the raw picture, a sheet of all digits about a third, the VAE about a fifth, a table of ten neighbours less than that.")
expect(bits["VAE, 16 units (−ELBO)"], at_least=0.18, at_most=0.24, what="VAE, bits a pixel")
expect(sheet / bits["VAE, 16 units (−ELBO)"], at_least=1.4, spec=".2f", what="PNG sheet, in units of that")
expect(bits["VAE, 16 units (−ELBO)"] / bits["ten neighbours, a table"], at_least=1.15, spec=".2f", what="VAE, in units of the table of neighbours")
expect(bits["bzip2, all digits"] / bits["VAE, 16 units (−ELBO)"], at_least=0.85, at_most=1.2, spec=".2f", what="bzip2, in units of the VAE")
expect(single[0], at_least=1.0, what="PNG, one file a digit")
expect(1 - single[1] / single[0], at_least=0.4, at_most=0.5, spec=".0%", what="header, share of a PNG")
expect(784 * bits["ten neighbours, a table"], at_least=112, at_most=128, spec=".0f", what="table of neighbours, bits a digit")
saved = (sheet - bits["VAE, 16 units (−ELBO)"]) * 784 / 8
expect(4 * count_parameters(wide_vae) / saved, at_least=30_000, spec=",.0f", what="digits to send before both networks' 832 kB have paid off against PNG")

# %% [markdown]
# | It says | You found |
# |---|---|
# | "compresses" | an autoencoder is **dimension reduction learnt from data**; with loss, 16 rounded numbers for 784 pixels, some 40 of which come back wrong |
# | better than PNG? | in bits a pixel, yes. But a tiny PNG is nearly half header, and PNG serves *any* picture; both networks' 832 kB pay off only after tens of thousands of digits |
# | a codec? | bzip2, which knows nothing of digits, roughly ties with it, and a table of 1,024 counts, at 4 kB, needs fewer bits: about 120 a digit *without* loss. Learned codecs that can compete add much to this |
# | "models the data" | yes, and this is the point: an ELBO, samples, a plane to walk in |

# %% [markdown]
# ## Summary
#
# **What survives a narrow door?** What the data have in common. A linear autoencoder keeps the flat space that PCA keeps. A deep one bends that space and does more with few numbers than PCA, but, when trained only briefly, less with many. Noise, faults and strange things
# do not fit, which makes the autoencoder a cleaner and an alarm; and in place of what does not fit, it invents. Take the door away, and it learns to copy strokes, whatever they add up to. Make the code random, and you can draw new pictures from it.
#
# You have built encoders and decoders and measured the angles between spaces; chosen a code's size on unseen digits, with PCA beside it; cleaned pictures and found anomalies with PSNR, ROC and AUC by hand, and seen plain
# baselines win; diagnosed a copying machine; and walked in the code of a variational autoencoder.

# %%
quiz("A linear autoencoder and PCA, both with 10 numbers, have the same error. What else is the same?", {
    "The ten numbers of each code": "Any invertible mixture of the ten serves the autoencoder just as well: in general, its numbers are different.",
    "The space of pictures that can be drawn": "The decoder's rows span the very space of the first ten components: the principal angles are zero.",
    "The weights of the encoder": "Only up to an invertible matrix, which the decoder undoes.",
}, right=1)
quiz("Your denoising network raises PSNR by 5 dB on X-rays. What do you check before a doctor uses it?", {
    "Nothing: 5 dB is three times less error": "Less error on average, yes. In section 3 digits gained decibels too, and became other digits.",
    "Whether a deeper one reaches 6 dB": "A better mean says no more about the single case.",
    "Whether what it draws is really there": "It fills in what is usual. The unusual, which the doctor looks for, is what it may paint over.",
}, right=2)
quiz("An autoencoder's test error drops to a tenth after you widened the code. For anomaly detection that is …", {
    "suspicious: it may merely copy": "Copying gives back strange things too. Look at the error on what should *not* be redrawn.",
    "good: less error, better model": "The loss only asks the network to give back the input. What you want is that it fails on the strange.",
    "irrelevant: AUC does not depend on the code": "It fell for several of the digits in section 6, though the loss was far smaller for every one.",
}, right=0)
quiz("A VAE's loss falls nicely, but every reconstruction is the same grey blot. Which number do you look at first?", {
    "The accuracy of a classifier on the samples": "It would be confident, and tell you nothing: here it would see the same digit each time.",
    "The KL of each code unit": "All near 0: the code tells nothing about the input. Then look for what makes the KL too dear, such as a mean over pixels.",
    "The learning rate": "A wrong rate shows in the loss; this loss falls.",
}, right=1)
quiz("A VAE reaches an ELBO of −110 nats a digit on 1,000 test digits of 784 black-or-white pixels. What does that mean?", {
    "Its log p(x) is −110 nats.": "log p(x) is at least that: the gap is the KL from q to the true posterior.",
    "Its code takes 110 nats.": "The code takes the KL alone, some 20 nats; the rest pays for the pixels that the code leaves open.",
    "It can code them in 0.2 bits a pixel, not counting its weights.": "110 / 0.693 = 159 bits a digit, over 784 pixels: with bits-back coding, on average over a long chain.",
    "It beats every other coder.": "A table of ten neighbours needs fewer bits, as you measured.",
}, right=2)

# %% [markdown]
# ## Further reading
#
# **PCA, denoising, anomalies**
#
# - C. Eckart, G. Young, "The approximation of one matrix by another of lower rank", *Psychometrika* 1 (1936), [doi:10.1007/BF02288367](https://doi.org/10.1007/BF02288367).
# - H. Bourlard, Y. Kamp, "Auto-association by multilayer perceptrons and singular value decomposition", *Biological Cybernetics* 59 (1988), [doi:10.1007/BF00332918](https://doi.org/10.1007/BF00332918): with one hidden layer and a linear output no network beats the SVD.
# - P. Baldi, K. Hornik, "Neural networks and principal component analysis: learning from examples without local minima", *Neural Networks* 2 (1989), [doi:10.1016/0893-6080(89)90014-2](https://doi.org/10.1016/0893-6080(89)90014-2).
# - G. Hinton, R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", *Science* 313 (2006), [doi:10.1126/science.1127647](https://doi.org/10.1126/science.1127647): deep autoencoders against PCA.
# - P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol, "Extracting and composing robust features with denoising autoencoders", ICML (2008), [doi:10.1145/1390156.1390294](https://doi.org/10.1145/1390156.1390294).
# - T. Fawcett, "An introduction to ROC analysis", *Pattern Recognition Letters* 27 (2006), [doi:10.1016/j.patrec.2005.10.010](https://doi.org/10.1016/j.patrec.2005.10.010).
# - V. Chandola, A. Banerjee, V. Kumar, "Anomaly detection: a survey", *ACM Computing Surveys* 41 (2009), [doi:10.1145/1541880.1541882](https://doi.org/10.1145/1541880.1541882).

# %% [markdown]
# **The variational autoencoder**
#
# - D. Kingma, M. Welling, "Auto-encoding variational Bayes" (2014), [arXiv:1312.6114](https://arxiv.org/abs/1312.6114); and, in the same weeks, D. Rezende, S. Mohamed, D. Wierstra, "Stochastic backpropagation and approximate inference in deep generative models" (2014), [arXiv:1401.4082](https://arxiv.org/abs/1401.4082).
# - Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders" (2016), [arXiv:1509.00519](https://arxiv.org/abs/1509.00519).
# - S. Bowman et al., "Generating sentences from a continuous space" (2016), [arXiv:1511.06349](https://arxiv.org/abs/1511.06349): collapse and warm-up.
# - I. Higgins et al., "β-VAE: learning basic visual concepts with a constrained variational framework", ICLR (2017), [openreview.net/forum?id=Sy2fzU9gl](https://openreview.net/forum?id=Sy2fzU9gl).
# - G. Loaiza-Ganem, J. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders" (2019), [arXiv:1907.06845](https://arxiv.org/abs/1907.06845).
# - P. Ghosh et al., "From variational to deterministic autoencoders" (2020), [arXiv:1903.12436](https://arxiv.org/abs/1903.12436): a density fitted afterwards.
# - B. Frey, G. Hinton, "Efficient stochastic source coding and an application to a Bayesian network source model", *The Computer Journal* 40 (1997), [doi:10.1093/comjnl/40.2_and_3.157](https://doi.org/10.1093/comjnl/40.2_and_3.157); J. Townsend, T. Bird, D. Barber, "Practical lossless compression with latent variables using bits back coding" (2019), [arXiv:1901.04866](https://arxiv.org/abs/1901.04866).
# - ITU-T Recommendation T.82, "Progressive bi-level image compression" (1993), [itu.int/rec/T-REC-T.82](https://www.itu.int/rec/T-REC-T.82): JBIG.
#
# **Next:** 05 · Data pre-processing: what must be true before training?
