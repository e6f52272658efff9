# %% [markdown]
# # 04b · The VAE — Can a decoder make what nobody drew?
#
# > **You will be able to**
# > - say what a decoder lacks to be a generator, and what a bound on log p(x) gives away;
# > - reparametrise a random draw, and build a variational autoencoder with an ELBO in nats;
# > - judge draws and blends by measures that a blank page cannot win;
# > - recognise a code that has collapsed;
# > - say what such a network compresses, beside PCA, a look-up table and a table of counts.
# >
# > **Time** 75 minutes, exercises 40 more · **Before this** [04a · Autoencoders](04a_autoencoders.ipynb) ·
# > **In the article** section 2: the autoencoder "models the data to learn it and compress it"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 4               # pairs of models with two code units
READER_EPOCHS = 6
PLANE_EPOCHS = 6        # models with two code units
WIDE_EPOCHS = 8         # the model with 16
MORE_EPOCHS = 1         # for each β after the first
batch_size = 64
lr = 1e-2

# %% tags=["setup"]
import copy
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import digits
from helpers.metrics import mean_interval
from helpers.models import MLP, count_parameters
from helpers.topics.autoencoder import vae_scenes as scenes
from helpers.topics.autoencoder import vae_stills as stills
from helpers.topics.autoencoder.compress import (
    code_costs,
    look_up,
    lossless_bits,
    pca_costs,
    wrong_pixels,
)
from helpers.topics.autoencoder.vae import (
    grid_log_likelihood,
    log_bernoulli,
    log_mean_exp,
    nearest_distance,
    nearest_overlap,
)
from helpers.training import evaluate, fit, one_cycle
from helpers.widgets import (
    Step,
    draw_curve,
    explore,
    predict,
    quiz,
    slider,
    warm_up,
)

start(SEED, fast=FAST)
n_train = 3500
if FAST:
    SEEDS, READER_EPOCHS, PLANE_EPOCHS, WIDE_EPOCHS, n_train = 2, 1, 1, 2, 800
learn = partial(
    fit,
    batch_size=batch_size,
    lr=lr,
    optimizer=partial(torch.optim.AdamW, fused=True),
    schedule=one_cycle,
    progress=False,
)

# %% [markdown]
# **Warm-up.** Questions from earlier lessons, and one about what is to come.

# %%
warm_up("04b")

# %% [markdown]
# ## 1 · Draw from a decoder
#
# A decoder turns codes into digits. So take any code, decode it, and you have a digit that nobody wrote. Do you?
#
# First we make the pixels honest: ink, **1**, if darker than half, otherwise paper, **0**. Then "the decoder gives this pixel
# 0.9" means *ink with probability 0.9*; and given a code, with each pixel drawn by itself, a picture has a probability: the
# product over its pixels. Its logarithm is a sum, in **nats** (natural logarithms;
# 0.69 nats are one bit).

# %%
data = digits(n_train, 200)
ink_train, ink_test = ((x > 0.5).float().flatten(1)                  # (N, 784)
                       for x, _ in (data.train, data.test))
y_test = data.test[1]
x, p = torch.tensor([1., 0., 1.]), torch.tensor([0.9, 0.2, 0.5])
by_hand = (x * p.log() + (1 - x) * (1 - p).log()).sum()
assert torch.allclose(by_hand, -F.binary_cross_entropy(p, x, reduction="sum"))
assert torch.allclose(by_hand, log_bernoulli(p.logit()[None], x[None])[0])
print(f"ink 0.9, paper 0.8, ink 0.5: {0.9 * 0.8 * 0.5:.2f} = exp({by_hand:.3f} nats)")

# %% [markdown]
# So the binary cross-entropy, *summed* over the pixels, is minus the log-probability of a picture, given its code.
#
# Now a plain autoencoder with a code of two units, and a **reader**, an MLP that classifies such digits.

# %%
set_seed(SEED)
reader = MLP((784, 128, 10))
learn(reader, (ink_train, data.train[1]), n_epochs=READER_EPOCHS, lr=3e-3)


def train_plain(seed):
    set_seed(seed)
    model = nn.Sequential(MLP((784, 128, 2)), MLP((2, 128, 784)))
    learn(model, (ink_train, ink_train), n_epochs=PLANE_EPOCHS, lr=2 * lr,
          loss=lambda logits, x: -log_bernoulli(logits, x).mean())
    return model


plain = train_plain(SEED)
with torch.inference_mode():
    plain_codes, plain_test = plain[0](ink_train), plain[0](ink_test)           # (N, 2)
box_low, box_high = plain_codes.amin(0), plain_codes.amax(0)

# %% tags=["promise"]
expect(
    evaluate(reader, (ink_test, y_test))[1], at_least=0.9, what="reader, test accuracy"
)

# %% [markdown]
# Which code shall we decode? Nothing tells us. The obvious guess: any point in the smallest box that holds all training codes.
# We draw 1,000, and let the reader say how sure it is of each decoded picture. For comparison: test digits after encoding and
# decoding.

# %%
box = box_low + (box_high - box_low) * torch.rand(1000, 2)                   # (1000, 2)


@torch.inference_mode()
def read(pictures):
    return reader(pictures).softmax(1)                                         # (N, 10)


drawn = scenes.decoded(plain[1], box)                                      # (1000, 784)
surer = (read(drawn).amax(1).mean()
         - read(scenes.decoded(plain[1], plain_test)).amax(1).mean())
print("reader's probability, random codes less test digits:", measured(surer, "+.2f"))
show(stills.draws_in_the_plane(plain_test[:600], y_test[:600], box[:12], drawn[:12],
                               "Many draws fall where no digit lives"))

# %% tags=["promise"]
expect(
    surer, at_least=-0.05, what="reader's probability: random codes less test digits"
)

# %% [markdown]
# The reader is about as sure, or surer. A trap: high confidence is not quality. A classifier must answer with one of ten
# digits, and is often surest where it has never been. So look at the pictures, and ask *where* the draws fall.

# %% [markdown]
# A draw is **lost** if it is farther from every training code than 99 % of the training codes are from their own nearest
# neighbour. Three recipes: the box; a **standard normal** (mean 0, variance 1); a Gaussian **fitted** to the codes.

# %%
def lost(z, codes):
    own = torch.cdist(codes, codes).topk(2, largest=False)[0][:, 1]             # (N,)
    return (torch.cdist(z, codes).amin(1) > own.quantile(0.99)).float().mean()


fitted = MultivariateNormal(plain_codes.mean(0), torch.cov(plain_codes.T))
recipes = {"box": box, "standard normal": torch.randn(1000, 2),
           "fitted Gaussian": fitted.sample((1000,))}
astray = {name: lost(z, plain_codes) for name, z in recipes.items()}
for name, z in recipes.items():
    said = read(scenes.decoded(plain[1], z)).argmax(1)
    rare = (torch.bincount(said, minlength=10) < 0.02 * len(z)).sum()
    print(f"{name:16} lost {measured(astray[name], '4.0%')}, "
          f"digits below 2 %: {measured(str(int(rare)))} of 10")

# %% tags=["promise"]
expect(astray["box"], at_least=0.2, spec=".0%", what="box, lost draws")
expect(
    astray["standard normal"],
    at_most=0.25,
    spec=".0%",
    what="standard normal, lost draws",
)
expect(
    astray["fitted Gaussian"],
    at_most=0.35,
    spec=".0%",
    what="fitted Gaussian, lost draws",
)

# %% [markdown]
# The box gets lost most. With each recipe some digits hardly appear: two numbers are few. So a decoder is not yet a **generator**. What is missing is *a distribution of codes to draw from*, written p(z), the
# **prior**. There are two honest ways to get one: fit it afterwards, as in the last line (Ghosh et al. 2020); or fix it first,
# and *train* encoder and decoder so that the codes follow it. That is the variational autoencoder.

# %% [markdown]
# ## 2 · A bound
#
# The smallest generator has two codes, each drawn with probability ½ (the prior, p(z)). *Given* code 0 it makes our picture x
# with probability 0.2, given code 1 with 0.6: one writes p(x | z), the bar read as *given*. How probable is x by itself? Add up:
# p(x) = ½ · 0.2 + ½ · 0.6 = 0.4. Once x is seen, code 1 is the likelier cause: 0.3 of the 0.4 come from it. That share, 0.75, is
# the **posterior** p(z | x).

# %% [markdown]
# With many codes the sum is too long, for most codes contribute next to nothing. So let an encoder propose codes: q(z | x) is a
# distribution over codes *for this x*. Multiply and divide by it; the sum becomes an **expectation** $\mathbb{E}_q$, the mean over
# draws from q:
#
# $$\log p(x) = \log\, \mathbb{E}_{q}\!\left[\frac{p(z)\,p(x\mid z)}{q(z\mid x)}\right] \;\ge\; \mathbb{E}_{q}\!\left[\log\frac{p(z)\,p(x\mid z)}{q(z\mid x)}\right].$$
#
# The logarithm is bent downwards, so the log of a mean is at least the mean of the logs (**Jensen's inequality**).

# %% [markdown]
# Sort the terms on the right, and call the result the **evidence lower bound**, ELBO:
#
# $$\mathrm{ELBO} = \underbrace{\mathbb{E}_{q}[\log p(x\mid z)]}_{\text{reconstruction}} - \underbrace{\mathbb{E}_q\!\left[\log \frac{q(z\mid x)}{p(z)}\right]}_{\mathrm{KL}(q\,\|\,p)} .$$
#
# The first term rewards codes that rebuild x. The second, the **Kullback–Leibler divergence**, is never negative, and 0 only for
# q = p: it charges q for leaving the prior. What the bound loses is exactly the KL from q to the posterior p(z | x).
#
# ### Play: two codes
#
# **The green line says: believe in code 1. Why is q = 1 not best, and where does the gap close?**

# %%
explore(*scenes.bound_of_two(), name="a bound with two codes",
        goal="the q at which the bound touches log p(x)",
        q=slider("q, the share of code 1", 0.0, 1.0, 0.5, 0.01,
                 tip="how strongly the encoder believes in code 1"))

# %% [markdown]
# The gap closes at q = 0.75, the posterior. At q = 1 the KL is log 2 = 0.69 nats, the price of being certain; the reconstruction
# gains less than that.
#
# ## 3 · A gradient through a random draw
#
# To train we need the gradient of a mean over z with respect to the parameters of q: its mean μ and standard deviation σ. We try it
# on a problem whose answer is known: E[z²] = μ² + σ², so the gradient with respect to μ is 2μ. The obvious way: draw, compute,
# call backward.

# %%
guess_draw = predict("z is drawn by sample(): what does (z**2).mean().backward() do?",
                     ["gives about 2 mu", "gives exactly 0", "raises an error"])

# %%
mu, sigma = (torch.tensor(v, requires_grad=True) for v in (1.5, 0.5))
try:
    (Normal(mu, sigma).sample((10_000,)) ** 2).mean().backward()
    outcome = ["gives exactly 0", "gives about 2 mu"][bool(mu.grad)]
except RuntimeError as error:
    outcome = "raises an error"
    print(f"{type(error).__name__}: {str(error).splitlines()[0]}")

# %%
guess_draw.compare(outcome)

# %% [markdown]
# A drawn number remembers nothing of μ: the chain of derivatives ends at the draw. The **reparametrisation trick** moves the chance
# aside. Draw ε from a standard normal, which has no parameters, and *compute* $z = \mu + \sigma\,\varepsilon$. The distribution is
# the same; but now z is a formula, with ∂z/∂μ = 1 and ∂z/∂σ = ε. (In torch: `rsample`.)

# %%
z = mu + sigma * torch.randn(100_000)
d_mu, d_sigma = torch.autograd.grad((z**2).mean(), (mu, sigma))
print("by mu (2 mu = 3):", measured(d_mu, ".2f"),
      "by sigma (2 sigma = 1):", measured(d_sigma, ".2f"))
torch.manual_seed(1)
r = Normal(mu, sigma).rsample((5,))
torch.manual_seed(1)
assert torch.allclose(r, mu + sigma * torch.randn(5))

# %% tags=["promise"]
expect(d_mu, at_least=2.95, at_most=3.05, what="gradient with respect to mu (2 mu = 3)")
expect(
    d_sigma,
    at_least=0.93,
    at_most=1.07,
    what="gradient with respect to sigma (2 sigma = 1)",
)

# %% [markdown]
# <details><summary>For the curious: the gradient without a formula for z</summary>
#
# The **score-function estimator** (REINFORCE), f(z) · ∂ log q(z)/∂μ, is right on average as well, since ∂q/∂μ = q · ∂ log q/∂μ. It
# scatters far more: with a code of 16 units and f = Σ z², some 80 times as much as the reparametrised estimate, and still a dozen
# times as much when the mean of f is subtracted first (the course's tests measure it). Over a hundred times as many draws would be
# needed (the square of the ratio). Reparametrising is what made VAEs easy to train.
# </details>
#
# ### Exercise 4.6 · Reparametrise · write · 7 min · ★☆☆
#
# The encoder will not give σ, which must be positive, but `log_var`, the logarithm of the variance, which may be anything. Turn the
# given noise into S draws for each digit and unit, so that gradients reach `mu` and `log_var`. Specification:
# `z[s, n, j] = mu[n, j] + sigma[n, j] * eps[s, n, j]`. Budget: 2 lines.

# %%
def reparametrise(mu, log_var, eps):
    """mu, log_var (N, d), eps (S, N, d) standard normal → z (S, N, d), by a formula."""
    ### BEGIN SOLUTION
    return mu + (log_var / 2).exp() * eps
    ### END SOLUTION

# %%
check("4.6", reparametrise)

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
# Halving the logarithm is safer than `log_var.exp().sqrt()`: the derivative of the root is infinite at 0, where a very narrow q ends
# up in float32. And the noise comes from outside, so that the function is deterministic: differentiable, and testable.

# %% [markdown]
# ## 4 · The variational autoencoder
#
# Now everything together (Kingma & Welling 2014). The encoder gives μ and log σ² for each digit and unit; the prior is a standard
# normal. Then the KL of one unit has a closed form:
#
# $$\mathrm{KL} = \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log \sigma^2\right).$$
#
# The loss is minus the ELBO; one draw of z for each digit in each step is enough. (`beta` is a weight of the KL. With 1 the loss is
# minus the ELBO; section 7 turns it.)

# %% tags=["lesson"]
class VAE(nn.Module):
    """(N, 784) of 0 and 1 → logits of pixels (N, 784); mu, log_var of a code (N, d)."""

    def __init__(self, d, width=128):
        super().__init__()
        self.encoder, self.decoder = MLP((784, width, 2 * d)), MLP((d, width, 784))

    def encode(self, x):
        return self.encoder(x).chunk(2, dim=1)                          # (N, d) both

    def forward(self, x):
        mu, log_var = self.encode(x)
        z = mu + (log_var / 2).exp() * torch.randn_like(mu)             # (N, d)
        return self.decoder(z), mu, log_var


def kl_units(mu, log_var):
    return (mu**2 + log_var.exp() - 1 - log_var) / 2                    # (N, d)


def negative_elbo(out, x, beta=1.0):
    logits, mu, log_var = out
    return (beta * kl_units(mu, log_var).sum(1) - log_bernoulli(logits, x)).mean()

# %%
mu, log_var = torch.tensor([[0.5, -2.0, 0.0]]), torch.tensor([[-1.0, -3.0, 0.0]])
q, prior = Normal(mu, (log_var / 2).exp()), Normal(torch.zeros(1, 3), torch.ones(1, 3))
assert torch.allclose(kl_units(mu, log_var), kl_divergence(q, prior))
print("KL of three units:", *(f"{v:.3f}" for v in kl_units(mu, log_var)[0].tolist()))

# %% [markdown]
# The closed form agrees with `torch.distributions`. A unit whose q equals the prior costs nothing (the third); one far away and narrow costs much (the second). Now train a VAE with two
# code units. Its draws come from the standard normal, as agreed.

# %%
def train_vae(seed, d=2, n_epochs=PLANE_EPOCHS, lr=2 * lr):
    set_seed(seed)
    model = VAE(d)
    learn(model, (ink_train, ink_train), n_epochs=n_epochs, lr=lr, loss=negative_elbo)
    return model


plane_vae = train_vae(SEED)
with torch.inference_mode():
    vae_codes, vae_test = plane_vae.encode(ink_train)[0], plane_vae.encode(ink_test)[0]
z = torch.randn(1000, 2)
print(f"lost draws: {measured(lost(z, vae_codes), '.0%')}")
show(stills.draws_in_the_plane(vae_test[:600], y_test[:600], z[:12],
                               scenes.decoded(plane_vae.decoder, z[:12]),
                               "Codes and draws now share one land", circle=2))

# %% tags=["promise"]
vae_astray, in_circle = lost(z, vae_codes), (vae_test.norm(dim=1) < 2).float().mean()
expect(vae_astray, at_most=0.2, spec=".0%", what="VAE, lost draws")
expect(
    vae_astray / astray["box"],
    at_most=0.6,
    spec=".2f",
    what="lost draws, VAE / plain autoencoder with its box",
)
expect(
    in_circle,
    at_least=0.5,
    at_most=0.95,
    spec=".0%",
    what="codes in the circle, which holds 86 % of the draws",
)

# %% [markdown]
# The KL has pulled the codes together about zero, where the prior draws; the noise in z has made neighbours decode alike. (The digits
# are blurred: what you see are *probabilities* of ink, and two numbers are few for a digit.)
#
# Here is each term of the ELBO, on test digits. The plainest baseline is a model without a code: each pixel is ink as often as in
# training, whatever the others do.

# %%
@torch.no_grad()
def both_terms(name, model):
    """Mean reconstruction and KL of the test digits, in nats; the KL of each unit."""
    torch.manual_seed(SEED)
    logits, mu, log_var = model(ink_test)
    rec, units = log_bernoulli(logits, ink_test).mean(), kl_units(mu, log_var).mean(0)
    kl = units.sum()
    print(f"{name}: reconstruction {measured(rec, '.1f')}, KL {measured(kl, '.2f')},"
          f" ELBO {measured(rec - kl, '.1f')} nats a digit")
    return rec, units


ink_share = (ink_train.sum(0) + 1) / (len(ink_train) + 2)                       # (784,)
no_code = log_bernoulli(ink_share.logit().expand_as(ink_test), ink_test).mean()
print(f"no code: log p(x) {measured(no_code, '.1f')} nats a digit")
rec, units = both_terms("two units", plane_vae)

# %% tags=["promise"]
expect(
    no_code,
    at_least=-209,
    at_most=-204,
    spec=".1f",
    unit=" nats",
    what="no code at all, log p(x)",
)
expect(
    rec - units.sum() - no_code,
    at_least=25,
    spec=".1f",
    unit=" nats",
    what="ELBO above that",
)
expect(
    units.sum(),
    at_least=3.8,
    at_most=6.5,
    spec=".2f",
    unit=" nats",
    what="KL of the two units",
)

# %% [markdown]
# So two units tell at most about 5 nats (7 bits) about a digit, and save at least 25 nats of surprise.

# %% [markdown]
# ### Exercise 4.7 · Any two Gaussians · write · 10 min · ★★☆
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
    distance = (mu_q - mu_p)**2 / log_var_p.exp()
    return (log_var_p - log_var_q + ratio + distance - 1) / 2
    ### END SOLUTION

# %%
check("4.7", gaussian_kl)

# %% [markdown]
# <details><summary>Hint 1: logarithms that are there already</summary>
#
# log(v_p / v_q) is the difference of two arguments. No logarithm needs to be taken.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# v_q / v_p is `(log_var_q - log_var_p).exp()`. Add the squared difference of the means over `log_var_p.exp()` and the difference of the
# logarithms, subtract 1, halve.
# </details>

# %% [markdown] tags=["discussion"]
# It is not symmetric: a narrow q inside a wide p is cheap, a wide q over a narrow p is dear, since q then puts draws where p finds them
# nearly impossible.

# %% [markdown]
# ## 5 · What does the bound give away?
#
# With two units we can afford the truth: lay a grid over the plane, decode all 10,000 points, and add up p(z) p(x | z). That is log p(x) by
# brute force. Between it and the ELBO lies the **importance-weighted bound** (Burda et al. 2016): draw K codes from q, weigh each with
# w = p(z) p(x | z) / q(z | x), and take the log of the *mean* weight. K = 1 is the ELBO.

# %%
@torch.no_grad()
def log_weights(model, x, K):
    """(K, N) log of p(z) p(x | z) / q(z | x) for K draws of each digit."""
    mu, log_var = model.encode(x)
    q = Normal(mu, (log_var / 2).exp())
    z = q.sample((K,))                                                       # (K, N, d)
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    rebuilt = torch.stack([log_bernoulli(model.decoder(z[k]), x) for k in range(K)])
    return rebuilt + (prior.log_prob(z) - q.log_prob(z)).sum(2)


few = ink_test[:50 if FAST else 100]
log_w = log_weights(plane_vae, few, 400)                                    # (400, 100)
print(f"log of the mean of exp, the obvious way: {log_w.exp().mean(0).log().mean()}")

# %% [markdown]
# e⁻¹⁶⁰ is about 10⁻⁷⁰, and float32 ends near 10⁻⁴⁵: exp gave zeros, and the logarithm of zero is −∞.
#
# ### Exercise 4.8 · A mean of tiny numbers · write · 12 min · ★★☆
#
# Write the bound so that it survives such numbers. With m the greatest of the K logarithms of one digit, log mean exp(ℓ) = m + log mean
# exp(ℓ − m): now the greatest term is e⁰ = 1. First one number for each digit, then the mean over the digits. Budget: 3 lines;
# `torch.logsumexp` is allowed.

# %%
def importance_bound(log_w):
    """log_w (K, N): log weights of K draws for N digits → the bound, their mean."""
    ### BEGIN SOLUTION
    m = log_w.amax(0)
    return (m + (log_w - m).exp().mean(0).log()).mean()
    ### END SOLUTION

# %%
check("4.8", importance_bound)

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
# The mean of logs over draws is the ELBO; the log of the mean over draws is this bound; the log of the mean over *everything* would pool the
# digits, which is not what we want. By Jensen, the more draws are averaged before the logarithm, the higher the bound stands, but on average
# never above log p(x).

# %%
def brute_force(decoder, log_prior, low=(-4.5, -4.5), high=(4.5, 4.5)):
    return grid_log_likelihood(decoder, log_prior, low, high, few, n=100)       # (100,)


def standard(z):
    return Normal(0, 1).log_prob(z).sum(1)


truth = float(brute_force(plane_vae.decoder, standard).mean())
counts = [1, 2, 5, 10, 25, 50, 100]
bounds = np.array([[float(log_mean_exp(part.view(-1, K, len(few)), 1).mean())
                    for K in counts] for part in log_w.split(100)])             # (4, 7)
show(stills.bound_over_draws(counts, bounds, float(log_w.mean()), truth))

# %% tags=["promise"]
expect(
    truth - log_w.mean(),
    at_least=1,
    at_most=10,
    spec=".1f",
    unit=" nats",
    what="log p(x) less ELBO",
)
expect(
    bounds[:, -1].mean() - bounds[:, 0].mean(),
    at_least=0.5,
    spec=".1f",
    unit=" nats",
    what="what 100 draws win back of it",
)
expect(
    truth - bounds[:, -1].mean(),
    at_least=0,
    spec=".1f",
    unit=" nats",
    what="what they leave",
)

# %% [markdown]
# The ELBO gives away a few nats out of some 170: the true posterior is not a Gaussian with its axes along the units, and one encoder must
# serve all digits.
#
# And the plain autoencoder with a Gaussian fitted afterwards? The same brute force, the same digits, four seeds of each. We owe it the test.

# %%
guess_plain = predict("Two code units: which finds the test digits more probable?",
                      ["the VAE, by over 2 nats", "about level", "the plain one"])

# %%
lead = []
for seed in range(SEED, SEED + SEEDS):
    vae = plane_vae if seed == SEED else train_vae(seed)
    other = plain if seed == SEED else train_plain(seed)
    codes = other[0](ink_train).detach()                                        # (N, 2)
    prior = MultivariateNormal(codes.mean(0), torch.cov(codes.T)).log_prob
    after = brute_force(other[1], prior, codes.amin(0) - 2, codes.amax(0) + 2)
    lead.append(float((after - brute_force(vae.decoder, standard)).mean()))
print("plain less VAE, by seed (nats):", *(measured(v, "+.1f") for v in lead))

# %%
guess_plain.compare(np.mean(lead), bins=[-2, 2])

# %% tags=["promise"]
expect(
    np.mean(lead),
    at_least=-0.5,
    at_most=8,
    spec="+.1f",
    unit=" nats",
    what="plain autoencoder and fitted Gaussian, less VAE",
    n=SEEDS,
)
expect(
    min(lead), at_least=-2, spec="+.1f", unit=" nats", what="the same, least", n=SEEDS
)

# %% [markdown]
# The plain autoencoder is level with the VAE, or a nat or two *better*; with no seed is the VAE clearly ahead. So do not believe that such
# networks cannot generate, or that the VAE is the better model of digits. What the plain one lacks is a cheap way to log p(x): brute force took 10,000 decodings, and for 16 units a grid as fine would take
# 100¹⁶. The VAE's bound takes *one*, for any number of units, and its prior is known before training.

# %% [markdown]
# ## 6 · Between two digits
#
# Press the mouse button on the map and drag (or use the two sliders): you pick a point of the plane, and it is decoded as you move. The dots
# are the codes of test digits. **Where one digit's land ends and another's begins, what does the decoder draw: a jump, a ghost of both, or
# something between?**

# %%
explore(*scenes.latent_walk(plane_vae.decoder, vae_test[:700], y_test[:700], reader),
        name="a walk in the plane", drag=("z1", "z2"),
        goal="a 4 that is becoming a 9: the reader gives each of the two at least 30 %",
        z1=slider("code unit 1", -4.0, 4.0, 1.0, 0.05),
        z2=slider("code unit 2", -4.0, 4.0, 1.0, 0.05))

# %% [markdown]
# 4 and 9 are neighbours, since they differ by one stroke, and the border between them is soft: the top closes slowly. Two numbers are too few
# for ten digits in so many handwritings. So, from here on, 16 units.

# %%
wide_vae = train_vae(SEED, 16, WIDE_EPOCHS, lr)
wide_rec, wide_units = both_terms("16 units", wide_vae)
with torch.inference_mode():
    wide_codes, wide_test = wide_vae.encode(ink_train)[0], wide_vae.encode(ink_test)[0]
new = scenes.decoded(wide_vae.decoder, torch.randn(16, 16))                  # (16, 784)
show(stills.tile_rows({"drawn from the prior": new, "real digits": ink_test[:8]},
                      8, "Strokes of a pen, often a digit, not always"))

# %% tags=["promise"]
expect(
    wide_rec - wide_units.sum() - (rec - units.sum()),
    at_least=30,
    spec=".1f",
    unit=" nats",
    what="its ELBO above that of two units",
)

# %% [markdown]
# What lies halfway between a 4 and a 9? Between their *pixels*: both at once, each half as dark. Between their *codes*: what the decoder makes of the
# mean code. Which is the better picture? First idea for a measure: how far is it from the nearest real training digit (root mean square over the
# pixels, drawn in black and white)? We first ask what that says of a **blank page**.

# %%
guess_blank = predict("By that distance, a blank page is … than a real test digit.",
                      ["nearer to real digits", "about as near", "farther"])

# %%
unlike = y_test[:500] != y_test[500:]
a, b = (torch.arange(500)[unlike][:400] + offset for offset in (0, 500))     # 400 pairs
middle = scenes.decoded(wide_vae.decoder, (wide_test[a] + wide_test[b]) / 2)
halfway = {"a real test digit": ink_test[a], "a blank page": torch.zeros(400, 784),
           "blend of pixels": (ink_test[a] + ink_test[b]) / 2, "blend of codes": middle}
away = {name: nearest_distance(x, ink_train).mean() for name, x in halfway.items()}
for name, d in away.items():
    print(f"{name:18} {measured(d)} from the nearest training digit")

# %%
guess_blank.compare(away["a blank page"] - away["a real test digit"],
                    bins=[-0.01, 0.01])

# %% tags=["promise"]
expect(
    away["a real test digit"] - away["a blank page"],
    at_least=0.03,
    what="by this measure a blank page beats a real digit by",
)
expect(
    away["blend of pixels"] - away["blend of codes"],
    at_least=0.005,
    what="by this measure the blend of codes beats that of pixels by",
)

# %% [markdown]
# A blank page is nearer to "some real digit" than real digits are: the thinnest 1 has little ink, so little to get wrong. By this measure the
# blend of codes beats that of pixels, but it rewards little ink, and the blend of codes has less. **A measure that a blank page wins is no
# measure.** One that it cannot win: the share of ink that does *not* overlap with the nearest digit's.

# %%
apart = {name: nearest_overlap(x, ink_train) for name, x in halfway.items()}
for name, d in apart.items():
    print(f"{name:18} {measured(d.mean())} without overlap")
codes_win = (apart["blend of codes"] < apart["blend of pixels"]).float().mean()
gain, half = mean_interval(apart["blend of pixels"] - apart["blend of codes"])
print(f"pixels less codes: {measured(gain, '+.3f')} ± {measured(half)} (400 pairs); "
      f"codes win in {measured(codes_win, '.0%')}")

# %% tags=["promise"]
expect(apart["a blank page"].mean(), at_least=0.99, what="blank page: without overlap")
expect(
    apart["blend of codes"].mean() - apart["a real test digit"].mean(),
    at_least=0.05,
    what="blend of codes, behind a real digit by",
)
expect(gain, at_least=-0.03, at_most=0.03, what="pixels less codes: nearly a tie")
expect(
    codes_win,
    at_least=0.4,
    at_most=0.7,
    spec=".0%",
    what="pairs for which the blend of codes wins",
)

# %% [markdown]
# Nearly a tie. Both blends are far from real digits, and by this measure neither is clearly the better one. What the code does is *another* thing,
# which you can see and which this number does not tell: where pixels show two digits at once, it draws one picture with firm strokes.

# %%
shown = {"first": ink_test[a], "second": ink_test[b],
         "pixels": halfway["blend of pixels"], "codes": halfway["blend of codes"]}
show(stills.tile_rows({name: x[:8] for name, x in shown.items()}, 8,
                      "Halfway: two digits at once, or one picture"))

# %% [markdown]
# ## 7 · β: what is a nat of code worth?
#
# Multiply the KL by a factor: loss = −reconstruction + β KL. β = 1 gives the bound; otherwise β is a dial (Higgins et al. 2017). Above 1 each nat
# of code costs more. We take the trained model and let it learn on with β = 2, 4 … 32, and with ½ and ¼, one epoch each. **Draw first:** how many nats does the code carry, at each β?

# %%
sketch_beta = draw_curve("How does the KL change with β?", x=("β", 0.25, 32),
                         y=("KL (nats)", 0, 40), xlog=True)

# %%
turned = {0: wide_vae}
for path in ([1, 2, 3, 4, 5], [-1, -2]):
    for k in path:
        turned[k] = copy.deepcopy(turned[k - 1 if k > 0 else k + 1])
        learn(turned[k], (ink_train, ink_train), n_epochs=MORE_EPOCHS,
              loss=partial(negative_elbo, beta=2.0**k))
results = {k: both_terms(f"β = {2.0**k:<5g}", turned[k]) for k in sorted(turned)}
kl_of = {k: float(units.sum()) for k, (_, units) in results.items()}

# %%
sketch_beta.compare([2.0**k for k in sorted(kl_of)], [kl_of[k] for k in sorted(kl_of)])

# %% tags=["promise"]
expect(
    kl_of[-2] / kl_of[0],
    at_least=1.2,
    spec=".2f",
    what="KL at β = 1/4 in units of that at 1",
)
expect(kl_of[5], at_most=2.5, spec=".2f", unit=" nats", what="KL at β = 32")
expect(
    (results[2][0] - results[3][0]) / (kl_of[2] - kl_of[3]),
    at_least=3,
    at_most=9,
    spec=".1f",
    what="nats of reconstruction for a nat of code, between β = 4 and 8",
)

# %% [markdown]
# ### Play: turn β
#
# On the left is what each unit tells, in nats, the most talkative first. Go through the steps. **In which order do things fail as β grows: the
# number of live units, the sharpness, the likeness of digit and reconstruction?**

# %%
noise = torch.randn(12, 16, generator=torch.Generator().manual_seed(3))
settings = {k: scenes.measure_setting(turned[k], float(r), u, ink_test[:6], noise)
            for k, (r, u) in results.items()}
explore(*scenes.beta_dial(settings), name="the β dial",
        goal="the greatest β at which 12 of the 16 units still carry 0.1 nats or more",
        steps=[
            Step("β = 1: each unit tells something.", {"k": 0}, light=0,
                 ask=("With β = 4 digits come back …", ["blurred", "as others"], 0)),
            Step("Sharpness goes first.", {"k": 2}, light=1,
                 ask=("At β = 32 digits come back …", ["alike", "sharp"], 0)),
            Step("Then likeness, and the units fall silent.", {"k": 5}, light=1),
            Step("The trade: each further nat buys less.", {"k": 1}, light=2)],
        k=slider("k (β = 2 to the k)", -2, 5, 0, tip="how dear a nat of code is"))

# %% [markdown]
# First sharpness goes, then likeness, and last the live units, the least useful first. The curve on the right is a **rate–distortion curve**: at
# the minimum of the loss a further nat of code buys just β nats of reconstruction. (Each β had one more epoch: the true curve lies lower.)
#
# ## 8 · Break it: all samples alike
#
# A colleague's VAE has 16 units, the same layers, the same data. The loss fell smoothly, no error, no NaN. *"But all my samples look alike."*

# %%
def colleagues_loss(out, x):
    logits, mu, log_var = out
    kl = kl_units(mu, log_var).sum(1).mean()
    return F.binary_cross_entropy_with_logits(logits, x) + kl


set_seed(SEED)
collapsed = VAE(16)
history = learn(collapsed, (ink_train, ink_train), n_epochs=4, loss=colleagues_loss)
with torch.inference_mode():
    codes = collapsed.encode(ink_test[:8])[0]
samples, rebuilt = (scenes.decoded(collapsed.decoder, z)
                    for z in (torch.randn(8, 16), codes))               # (8, 784)
show(stills.tile_rows({"eight samples": samples, "eight test digits …": ink_test[:8],
                       "… and what comes back": rebuilt}, 8, "The same for each"))
print("the loss, epoch by epoch:", *(measured(v, ".2f") for v in history.train_loss))

# %%
guess_cause = predict("What is wrong?", [
    "too few epochs", "the decoder is too weak",
    "the code carries nothing: its KL is too dear", "the learning rate is too high"])

# %%
_, dead = both_terms("the colleague's", collapsed)
show(stills.units({"ours": wide_units, "colleague's": dead}, "One code says nothing"))
with torch.no_grad():
    torch.manual_seed(1)
    out = wide_vae(ink_test)
    assert torch.allclose(784 * colleagues_loss(out, ink_test),
                          negative_elbo(out, ink_test, beta=784.0), rtol=1e-4)
print("784 times the colleague's loss is minus the ELBO with β = 784.")

# %%
guess_cause.compare("the code carries nothing: its KL is too dear")

# %% tags=["promise"]
expect(
    history.train_loss[-1],
    at_least=0.24,
    at_most=0.32,
    spec=".2f",
    what="the colleague's loss",
)
expect(dead.max(), at_most=0.03, what="KL of its most talkative unit (nats)")
expect(
    (wide_units > 0.1).sum(),
    at_least=10,
    spec=".0f",
    what="units above 0.1 nats in ours",
)

# %% [markdown]
# **Posterior collapse**: q(z | x) is the prior, for every x. `binary_cross_entropy_with_logits` takes the *mean* over digits **and pixels**; the KL
# is *summed* over units. So the reconstruction was divided by 784: that is β = 784, as the `assert` proves. Nothing crashes, and a loss of about
# 0.27 looks better than one above 100. It is a common bug.

# %% [markdown]
# <details><summary>For the curious: a second cause, the start</summary>
#
# A newborn code is noise, so the decoder first learns to do without the code, and then nothing holds the KL up (Bowman et al. 2016). Their remedy is
# **warm-up**: begin with a small β, and raise it during training. At β = 8, two epochs at β = 1 and then two at 8 keep more of the code than four at 8,
# *and* reach a better value of the very objective that both end with (the course's tests hold it).
# </details>
#
# ### Exercise 4.9 · Sum and mean · fix · 6 min · ★★☆
#
# `vae_loss` should be minus the ELBO: reconstruction and KL summed over pixels and units, then the mean over the digits. One line is wrong, in the way
# in which β becomes 784. Mend it.

# %%
def vae_loss(logits, mu, log_var, x):
    """logits, x (N, D), x of 0 and 1; mu, log_var (N, d) → minus the ELBO (0-d)."""
    kl = (mu**2 + log_var.exp() - 1 - log_var).sum(1) / 2               # (N,)
    ### BEGIN SOLUTION
    missed = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    ### INSTEAD
    missed = F.binary_cross_entropy_with_logits(logits, x)
    ### END SOLUTION
    return (missed + kl).mean()

# %%
check("4.9", vae_loss)

# %% [markdown]
# <details><summary>Hint 1: which of the two terms is too small?</summary>
#
# The KL is a sum over units, one number for each digit. What is `missed`: a sum, or a mean, and over what?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `reduction="none"` gives one number for each pixel, (N, D). Sum over axis 1.
# </details>

# %% [markdown] tags=["discussion"]
# A test that would have found it: with a decoder that ignores the code and a q equal to the prior, the loss must be the number of pixels times the
# mean cross-entropy.

# %% [markdown]
# ### Exercise 4.10 · A nat of code · value · 5 min · ★☆☆
#
# One code unit has σ = 1 for a certain digit. Find a mean μ for which it tells exactly 1 nat: KL between 0.99 and 1.01. Give it as one number, `my_mu`.

# %%
### BEGIN SOLUTION
my_mu = 2 ** 0.5
### END SOLUTION

# %%
check("4.10", my_mu)

# %% [markdown]
# <details><summary>Hint 1: what is left of the formula?</summary>
#
# With σ = 1, σ² − 1 − log σ² is 0.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# ½ μ² = 1.
# </details>

# %% [markdown] tags=["discussion"]
# √2, or −√2: the KL does not ask on which side. A narrower q would cost more: at μ = 0, σ = 0.22 costs a nat as well.

# %% [markdown]
# ## 9 · The article, checked
#
# The article says that the autoencoder *models the data to learn it and compress it*. Does it compress?
#
# **With loss:** keep the 16 numbers of the code, rounded: coarser rounding, fewer bits, more wrong pixels. Its rivals: **PCA**, its numbers rounded
# likewise (how many, and how coarse, chosen on training digits); a **look-up table**: send the number of the nearest of the 3,500 training digits; and a
# blank page, which is free.

# %%
decode = partial(scenes.decoded, wide_vae.decoder)
with_loss = {
    "VAE, 16 units": code_costs(decode, wide_codes, wide_test, ink_test,
                                steps=(0.35, 0.5, 0.75, 1.0, 1.5, 2.0)),
    "PCA": pca_costs(ink_train, ink_test, sizes=(8, 12, 16, 24, 32, 40, 48),
                     steps=(1.25, 1.5, 1.75, 2, 2.5, 3)),
    "look-up table": [look_up(ink_train, ink_test)],
    "blank page": [(0.0, wrong_pixels(torch.zeros_like(ink_test), ink_test))]}
show(stills.bits_and_errors(with_loss))
for name, costs in with_loss.items():
    bits, wrong = min(costs, key=lambda cost: abs(cost[0] - 50))    # nearest to 50 bits
    print(f"{name:14} bits:", measured(bits, ".0f"), "wrong:", measured(wrong, ".0f"))

# %% tags=["promise"]
def at_bits(name, bits):
    """Wrong pixels at so many bits, by the curve's straight pieces."""
    return float(np.interp(bits, *zip(*sorted(with_loss[name]))))


expect(
    at_bits("PCA", 50) - at_bits("VAE, 16 units", 50),
    at_most=1.0,
    spec="+.1f",
    what="wrong pixels at 50 bits, PCA less VAE",
)
expect(at_bits("PCA", 25) - at_bits("VAE, 16 units", 25), at_least=-3, at_most=4,
       spec="+.1f", what="the same at 25 bits: about level")
expect(at_bits("VAE, 16 units", 25) - with_loss["look-up table"][0][1], at_least=0.5,
       spec="+.1f", what="wrong pixels, VAE at 25 bits less the look-up table at 12")
expect(
    with_loss["look-up table"][0][1],
    at_least=40,
    at_most=50,
    spec=".0f",
    what="look-up table, pixels wrong",
)
expect(
    with_loss["blank page"][0][1],
    at_least=95,
    at_most=112,
    spec=".0f",
    what="blank page, pixels wrong",
)
expect(
    4 * count_parameters(wide_vae.decoder) / 1000,
    at_least=413,
    at_most=414,
    spec=".0f",
    unit=" kB",
    what="weights of the decoder",
)

# %% [markdown]
# A digit of 784 bits fits into about 50, with some 40 pixels wrong. But at 50 bits **PCA is better**; below 30 bits the two are about level. And at 12
# bits the look-up table makes as few errors as either of them with more than twice as many.
#
# Whoever unpacks the digits needs the decoder: 413 kB of weights, for these digits and nothing else. (PCA needs its arrows, the table all training
# digits.)

# %% [markdown]
# **Without loss:** a model that finds pictures probable can code them exactly, in −log₂ p(x) bits. With a VAE, *bits-back coding* reaches −ELBO / log 2, on
# average over a long chain of pictures (Townsend et al. 2019). Its rivals: PNG with one bit a pixel; bzip2; no code at all; and a table of 1,024 counts,
# which predicts each pixel from ten neighbours already sent, as the fax standard JBIG of 1993 does.

# %%
bits = lossless_bits(ink_train, ink_test, float(wide_rec - wide_units.sum()))
show(stills.bits_bars(bits, "The VAE beats PNG; a table of counts beats the VAE"))
# %% tags=["promise"]
vae_bits = bits["VAE, 16 units (−ELBO)"]
expect(vae_bits, at_least=0.18, at_most=0.25, what="VAE, bits a pixel")
expect(
    bits["PNG, one sheet of all digits"] / vae_bits,
    at_least=1.35,
    spec=".2f",
    what="PNG sheet, in units of that",
)
expect(
    vae_bits / bits["ten neighbours, a table"],
    at_least=1.15,
    spec=".2f",
    what="VAE, in units of the table of neighbours",
)
expect(
    bits["bzip2, all digits"] / vae_bits,
    at_least=0.8,
    at_most=1.2,
    spec=".2f",
    what="bzip2, in units of the VAE",
)
expect(bits["PNG, one file a digit"], at_least=1.0, what="PNG, one file a digit")
saved = (bits["PNG, one sheet of all digits"] - vae_bits) * 784 / 8
expect(
    4 * count_parameters(wide_vae) / saved,
    at_least=25_000,
    spec=",.0f",
    what="digits to send before both networks' weights have paid off against PNG",
)

# %% [markdown]
# | It says | You found, with 3,500 digits to learn from |
# |---|---|
# | "compresses", with loss | yes; PCA does it as well, and better with many bits; a look-up table does it better with few |
# | "compresses", without loss | in bits a pixel better than PNG, which serves *any* picture; about level with bzip2; behind a table of 1,024 counts |
# | "models the data" | yes: a bound on log p(x), samples, a plane to walk in; a plain autoencoder with a fitted Gaussian does so as well, without the bound |

# %% [markdown]
# ## Summary
#
# **Can a decoder make what nobody drew?** Yes, if it has a distribution of codes to draw from. Fitted afterwards, that works well; fixed before, it comes
# with a bound on the probability of each picture, in nats, for one decoding. What comes out are strokes of a pen, often a digit, not always.
#
# You have
# - seen what a decoder lacks, and measured what a bound gives away;
# - reparametrised a draw, and built a VAE;
# - thrown away a measure that a blank page wins;
# - diagnosed a code that says nothing;
# - compared its compression with PCA, a look-up table and a table of counts.

# %%
quiz("04b.1")
quiz("04b.2")
quiz("04b.3")
quiz("04b.4")
quiz("04b.5")

# %% [markdown]
# ## Further reading
#
# - D. Kingma, M. Welling, "Auto-encoding variational Bayes" (2014), [arXiv:1312.6114](https://arxiv.org/abs/1312.6114); and, in the same weeks, D. Rezende, S. Mohamed, D. Wierstra, "Stochastic backpropagation and approximate inference in deep generative models" (2014), [arXiv:1401.4082](https://arxiv.org/abs/1401.4082).
# - Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted autoencoders" (2016), [arXiv:1509.00519](https://arxiv.org/abs/1509.00519).
# - S. Bowman et al., "Generating sentences from a continuous space" (2016), [arXiv:1511.06349](https://arxiv.org/abs/1511.06349): collapse and warm-up.
# - I. Higgins et al., "β-VAE: learning basic visual concepts with a constrained variational framework", ICLR (2017), [openreview.net/forum?id=Sy2fzU9gl](https://openreview.net/forum?id=Sy2fzU9gl).
# - G. Loaiza-Ganem, J. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders" (2019), [arXiv:1907.06845](https://arxiv.org/abs/1907.06845): grey pixels.
# - P. Ghosh et al., "From variational to deterministic autoencoders" (2020), [arXiv:1903.12436](https://arxiv.org/abs/1903.12436): a density fitted afterwards.
# - J. Townsend, T. Bird, D. Barber, "Practical lossless compression with latent variables using bits back coding" (2019), [arXiv:1901.04866](https://arxiv.org/abs/1901.04866).
# - ITU-T Recommendation T.82, "Progressive bi-level image compression" (1993), [itu.int/rec/T-REC-T.82](https://www.itu.int/rec/T-REC-T.82): JBIG.
#
# **Next:** 05 · Data pre-processing: what must be true before training?
