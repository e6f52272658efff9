# %% [markdown]
# # 07b · Signal — Why do thirty layers not learn?
#
# > **You will be able to**
# > - follow the size of a signal forward and of a gradient backward, and predict both from one number;
# > - choose the spread of first weights (Glorot, He), and test an untrained network by its loss;
# > - write batch norm, layer norm and dropout from scratch, equal to torch;
# > - say of each, and of the residual branch, where it helps and where it does not, with the runs that show it;
# > - find the one cause among three suspects when a deep network does not learn.
# >
# > **Time** 68 minutes, exercises 42 more · **Before this** [07a Building blocks](07a_modules.ipynb) ·
# > **In the article** section 3.3: models are stacked; it does not say what stacking breaks

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3            # networks of each kind
n_steps = 100        # of the deep networks
n_epochs = 4         # of the others

# %% tags=["setup"]
import math
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import mnist1d
from helpers.topics.building import remedies, runs, thirty
from helpers.topics.building.deep import DeepBank, train
from helpers.topics.building.networks import conv_stack
from helpers.topics.building.signal import measure, theory
from helpers.training import evaluate
from helpers.widgets import (
    choice,
    draw_curve,
    explore,
    live,
    predict,
    quiz,
    slider,
    switch,
    warm_up,
)

start(SEED, fast=FAST)
if FAST:
    SEEDS, n_steps, n_epochs = 1, 10, 1

# %%
warm_up("07b")

# %% [markdown]
# ## 1 · A signal through thirty layers
#
# Nothing is trained yet. 256 random numbers enter; each of thirty layers multiplies them by a random matrix and
# applies ReLU. The entries of the matrix are normal, with spread **gain**/√256: with a gain of 1 each product keeps
# the mean square of what comes in. How large is the signal after thirty layers? Draw the mean square, layer by
# layer.

# %%
sketch_signal = draw_curve("Mean square of the signal, gain 1, ReLU?", ylog=True,
                           x=("layer", 0, 30), y=("mean square", 1e-12, 1e3))

# %%
set_seed(SEED)
h = torch.randn(100, 256)                               # (N, D)
squares = [h.square().mean().item()]
for _ in range(30):
    W = torch.randn(256, 256) * 1.0 / math.sqrt(256)    # gain 1
    h = (h @ W).relu()                                  # (N, D) → (N, D)
    squares.append(h.square().mean().item())
print("after 1, 2, 3, 30 layers:",
      *(measured(squares[k], ".2g") for k in (1, 2, 3, 30)))

# %%
sketch_signal.compare(range(31), squares)

# %% tags=["promise"]
expect(math.log2(squares[30]), at_least=-33, at_most=-28, spec=".1f", n=1,
       what="mean square after 30 layers, as a power of 2")

# %% [markdown]
# Halved by each layer: 2⁻³⁰ is 10⁻⁹. The product keeps the mean square, and ReLU drops the negative half of it. So
# the remedy can be computed: let each layer double before it halves. A gain of √2 makes the mean square of the
# products twice as large. That is **He's rule**, variance 2/fan-in.
#
# Backward the gradient passes the same matrices, transposed, and is stopped where ReLU was 0: again one half a layer.

# %% [markdown]
# Theory in two lines, for very wide layers. With q the mean square:
#
# - forward, ReLU: q → gain²·q/2; tanh: q → mean of tanh²(gain·√q·z), z normal;
# - backward: the gradient's mean square is multiplied by gain²·(mean squared slope).
#
# **Glorot's rule**, variance 2/(fan-in + fan-out), comes from tanh, whose slope at 0 is 1: it wants forward *and* backward
# factors near 1, and takes the middle where the two widths differ.

# %%
guess_tanh = predict("tanh with gain 3: forward the signal stays. And the gradient?", [
    "it shrinks", "it stays as well", "it grows a million times or more"])

# %%
settings = {"ReLU, gain 1": (1.0, "ReLU"), "ReLU, gain √2": (2**0.5, "ReLU"),
            "tanh, gain 1": (1.0, "tanh"), "tanh, gain 3": (3.0, "tanh")}
found = {name: measure(*setting) for name, setting in settings.items()}
lines = {name: theory(*setting) for name, setting in settings.items()}
fig, alt = remedies.signal_figure(found, lines)
show(fig, alt=alt)
growth = found["tanh, gain 3"].backward[0]

# %%
guess_tanh.compare(math.log10(growth), bins=[-1, 6])

# %% tags=["promise"]
gap = [abs(np.log10(found[n].backward[0] / lines[n].backward[0])) for n in found]
expect(max(gap), at_most=0.6, spec=".2f", n=1,
       what="backward, largest distance from theory (powers of ten)")
expect(math.log10(growth), at_least=7, what="tanh, gain 3, gradient (powers of ten)")

# %% [markdown]
# Marks lie on the dashes. And look at tanh with gain 3: forward all is calm, for tanh cannot exceed 1; backward the
# gradient has grown by eight powers of ten. **Looking forward alone is not enough.**
#
# A warning: theory speaks of the average over many wide networks. With 256 units a network of gain √2 ends about 0.1 powers
# of ten lower, give or take 0.3; with 64 units 0.5 lower, give or take 0.6 (30 seeds each; Hanin & Nica 2018).

# %% [markdown]
# ### Play: thirty layers
#
# The green band is half a power of ten up and down. **Bring both curves into it (at most one power of ten between
# greatest and least).** There are several ways. Which of them work for *any* gain?

# %%
explore(*thirty.thirty_layers(), name="thirty layers", steps=thirty.STEPS,
        goal="signal and gradient: at most one power of ten between greatest and least",
        gain=slider("gain", 0.1, 4, 1, 0.02), seed=slider("seed", 0, 9, 0),
        activation=choice("activation", ["ReLU", "tanh"], "ReLU"),
        norm=choice("normalisation", ["none", "batch norm", "layer norm"], "none"),
        residual=switch("residual branch"))

# %% [markdown]
# ReLU with a gain near √2 (1.35 and 1.5 miss already); tanh with a gain between 1.15 and 1.35; a residual branch with a
# small gain (below 0.15: then little is added). Only layer norm with ReLU works for *any* gain. Batch norm keeps the
# signal at any gain, but not the gradient: it grows by six powers of ten (Yang et al. 2019).

# %% [markdown]
# ### Exercise 7.6 · He's rule · write · 8 min · ★★☆
#
# Write `he(shape)`: a new tensor of this shape, filled with normal numbers of mean 0 and spread √(2/fan-in). The
# fan-in is how many products are summed for one output: for a linear layer the shape is `(n_out, n_in)`, for a
# convolution `(K, C, k)` or `(K, C, kh, kw)`. Budget: 3 lines.

# %%
def he(shape):
    """shape: tuple of int, outputs first → a float tensor of this shape."""
    ### BEGIN SOLUTION
    fan_in = math.prod(shape[1:])
    return math.sqrt(2 / fan_in) * torch.randn(shape)
    ### END SOLUTION

# %%
check("7.6", he)

# %% [markdown]
# <details><summary>Hint 1: one output</summary>
#
# All sizes but the first belong to one output. How many numbers is that?
# </details>
# <details><summary>Hint 2: the spread</summary>
#
# `torch.randn(shape)` has a spread of 1. Multiply it by the square root of 2/fan-in (`math.prod` multiplies the
# numbers of a tuple).
# </details>

# %% [markdown] tags=["discussion"]
# `nn.init.kaiming_normal_(weight, nonlinearity="relu")` does the same. `nn.Linear` itself draws uniformly with variance
# 1/(3·fan-in): a gain of 0.58 on this lesson's scale. In shallow networks nobody notices.

# %% [markdown]
# ## 2 · The loss at the start
#
# Before training, a classifier of K classes knows nothing, and should say so: the loss is then log K, here log 10 =
# 2.30. It costs one batch to look, and it finds signals that are too large.

# %%
data = runs.flat_digits()                               # x (N, 196), scaled; y (N,)
first = (data.train[0][:500], data.train[1][:500])
print(f"{'log 10':26} {math.log(10):6.2f}")
for name, setting in {"as torch draws them": {},
                      "ReLU, gain √2": {"gain": 2**0.5},
                      "residual, gain 1": {"gain": 1.0, "residual": True},
                      "residual, gain 0.2": {"gain": 0.2, "residual": True}}.items():
    start_loss = DeepBank([SEED], [1e-3], **setting).losses(first).item()
    print(f"{name:26} {measured(start_loss, '8.2f')}")

# %% [markdown]
# Thirty residual branches of gain 1 add up: logits in the thousands, and a network that is confidently wrong. The reverse
# does not hold: in the first row the signal has *vanished* (section 3), and its loss is a perfect log 10.

# %% [markdown]
# ### Exercise 7.7 · A test for the start · test · 8 min · ★★☆
#
# Write `test_start(make)`: `make()` gives an untrained network for inputs `(N, 196)` and 10 classes. Assert that its loss on
# random inputs and random labels is near log 10, **and** that it still tells inputs apart. It must pass sound
# networks and fail those whose signal has exploded or vanished.

# %%
def test_start(make):
    """make() → an untrained network, (N, 196) → (N, 10)."""
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    model = make()
    x, y = torch.randn(200, 196), torch.arange(200) % 10
    logits = model(x)
    loss = F.cross_entropy(logits, y).item()
    assert abs(loss - math.log(10)) < 0.7, f"the loss is {loss:.2f}"
    assert logits.std(0).mean() > 1e-3, "all inputs get the same answer"
    ### END SOLUTION

# %%
check("7.7", test_start)

# %% [markdown]
# <details><summary>Hint 1: too large</summary>
#
# `F.cross_entropy(model(x), y)` on random `x` and `y`. Sound networks lie within about half a nat of 2.30.
# </details>
# <details><summary>Hint 2: vanished</summary>
#
# A vanished signal leaves the biases alone: all rows of the logits are the same. How much do they differ from
# row to row? `logits.std(0)`.
# </details>

# %% [markdown] tags=["discussion"]
# Both questions are needed: the loss sees only explosions. Such a test takes milliseconds and belongs beside each model
# that you write.

# %% [markdown]
# ## 3 · Break it: thirty layers that do not learn
#
# Linear layers as torch draws them, ReLU, thirty deep, 32 wide; digits of 14×14; a hundred steps of AdamW. Nothing
# crashes, and the loss at the start is a perfect 2.30.

# %%
rates = [1e-4, 1e-3, 1e-2, 1e-1]
bank = DeepBank([SEED] * 4, rates)
losses = train(bank, data.train, n_steps)               # (steps, 4)
for rate, loss, a in zip(rates, losses[-1], bank.accuracy(data.val), strict=True):
    print(f"rate {rate:g}: loss {measured(loss, '.2f')}, accuracy {measured(a, '.2f')}")

# %% [markdown]
# Three suspects. **The rate** is wrong. **Dead units**: ReLU has switched most of them off for every input. **The
# weights** are too small at the start. Each has its control: other rates (above); tanh, which has no dead
# units; the same draws with the inner weights √6 times as large, which makes torch's variance of 1/(3·fan-in) He's 2/fan-in.

# %%
guess_cause = predict("Which is the cause?", [
    "the rate", "dead units", "the size of the weights"])

# %%
arms = {"as torch draws them": {}, "tanh in place of ReLU": {"activation": "tanh"},
        "inner weights × √6": {"boost": 6**0.5}}
print(f"{'':24} layer: " + "".join(f"{k:>10}" for k in (1, 10, 20, 29)))
for name, setting in arms.items():
    states = DeepBank([SEED], [1e-3], **setting).forward(first[0])
    said = (measured((h - h.mean(1, keepdim=True)).square().mean(), ".0e")
            for h in (states[k] for k in (0, 9, 19, 28)))
    print(f"{name:24} varies by " + " ".join(f"{s:>9}" for s in said))

# %%
best = {}
for name, setting in arms.items():
    best[name], by_rate, _ = remedies.deep_accuracies(data, SEEDS, n_steps, **setting)
    print(f"{name:24} accuracy", *(measured(a, ".2f") for a in best[name]))

# %%
guess_cause.compare("the size of the weights")

# %% tags=["promise"]
expect(best["as torch draws them"].max(), at_most=0.25, spec=".2f", n=SEEDS,
       what="as torch draws them, best seed")
expect(best["tanh in place of ReLU"].mean(), at_most=0.25, spec=".2f", n=SEEDS,
       what="tanh in place of ReLU")
expect(best["inner weights × √6"].mean() - best["as torch draws them"].mean(),
       at_least=0.1, spec=".2f", n=SEEDS, what="gained by larger weights alone")

# %% [markdown]
# What varies from digit to digit has shrunk by many powers of ten: at layer 29 all digits look alike, only biases are
# left. No rate that was tried mends that in a hundred steps; tanh, which cannot die, fails as well; and larger weights, with nothing
# else changed, let it learn (a little). One cause. (The other two are real illnesses, but not this
# patient's.)

# %% [markdown]
# ## 4 · Remedies, one and together
#
# Larger weights alone are a weak cure. Seven settings, each with three rates (0.001, 0.003, 0.01), the best one chosen
# on one half of the validation digits for each seed, the accuracy taken on the other half. (A test tries 0.0003 and 0.03
# as well: for none are they clearly better.)

# %%
guess_remedy = predict("Which single remedy helps thirty layers most?", [
    "gain √2", "tanh, gain 1.2", "batch norm", "layer norm", "a residual branch"])

# %%
he = {"gain": 2**0.5}
arms = {"gain √2": he,
        "tanh, gain 1.2": {"gain": 1.2, "activation": "tanh"},
        "batch norm": {**he, "norm": "batch norm"},
        "layer norm": {**he, "norm": "layer norm"},
        "residual": {"gain": 0.2, "residual": True},
        "residual + batch norm": {**he, "norm": "batch norm", "residual": True},
        "residual + layer norm": {**he, "norm": "layer norm", "residual": True}}
remedy = {}
for name, setting in arms.items():
    remedy[name], _, _ = remedies.deep_accuracies(data, SEEDS, n_steps, **setting)

# %%
fig, alt = runs.pairs_figure("Thirty layers, one hundred steps", remedy,
                             "accuracy", ("guessing", 0.1))
show(fig, alt=alt)
single = ["gain √2", "tanh, gain 1.2", "batch norm", "layer norm", "residual"]
best_single = max(single, key=lambda name: remedy[name].mean())

# %%
guess_remedy.compare(best_single.replace("residual", "a residual branch"))

# %% tags=["promise"]
expect(remedy["residual"].mean(), at_least=0.75, spec=".2f", n=SEEDS,
       what="residual alone")
expect(max(remedy[n].mean() for n in single[:-1]), at_most=0.75, spec=".2f", n=SEEDS,
       what="the best of the others alone")
expect(remedy["residual + layer norm"].mean(), at_least=0.75, spec=".2f", n=SEEDS,
       what="residual and layer norm")
expect(max(remedy[n].mean() for n in ("batch norm", "layer norm"))
       - remedy["gain √2"].mean(), at_most=0.05, spec=".2f", n=SEEDS,
       what="the better norm alone, less gain √2")

# %% [markdown]
# The residual branch: with a small gain it needs nothing else. tanh comes second. Batch norm and layer norm alone are no
# better than gain √2, although layer norm held signal and gradient inside the band. So **a signal of the right size
# is not enough**. Is it only a matter of time? A test trains four times as long: all rise, and the order stays, the
# branch 0.92, gain √2 0.74, either norm alone 0.6.

# %% [markdown]
# ### Play: train thirty layers
#
# Start it, watch loss and signal. **Find two settings that read 0.85 of the digits within 200 steps, and one with
# a perfect signal that does not.**

# %%
live(partial(thirty.DeepRun, data.train), *thirty.deep_training(data.val),
     name="thirty layers in training", goal="0.85 of 200 validation digits",
     hot=("rate",), preview=60, speed=5,
     start=choice("first weights", ["torch's", "He's (√2)", "small (0.2)"], "torch's"),
     norm=choice("normalisation", ["none", "batch norm", "layer norm"], "none"),
     residual=switch("residual branch"),
     rate=slider("learning rate", 1e-4, 3e-2, 1e-3, log=True))

# %% [markdown]
# A residual branch with small first weights, or with either norm, gets there. Layer norm without the branch keeps the signal
# and crawls.

# %% [markdown]
# ## 5 · Normalisation, from scratch
#
# **Batch norm** makes each *unit* (column) mean 0 and variance 1 over the batch; **layer norm** each *example* (row) over its
# units. Both then multiply by a learned γ and add a learned β. In evaluation, batch norm takes running means that
# it kept in training, so that an answer does not depend on its neighbours.

# %%
def batch_norm(x, gamma, beta, running_mean, running_var, training):
    if training:
        mean, var = x.mean(0), x.var(0, correction=0)           # (D,)
        n = len(x)
        running_mean.lerp_(mean, 0.1)
        running_var.lerp_(var * n / (n - 1), 0.1)               # the unbiased one
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / (var + 1e-5).sqrt() + beta      # (N, D)


def layer_norm(x, gamma, beta):
    mean, var = x.mean(1, keepdim=True), x.var(1, keepdim=True, correction=0)
    return gamma * (x - mean) / (var + 1e-5).sqrt() + beta      # (N, D)

# %%
bn, ln = nn.BatchNorm1d(5), nn.LayerNorm(5)
mean, var, one, zero = torch.zeros(5), torch.ones(5), torch.ones(5), torch.zeros(5)
for training in (True, True, False):
    x = 3 * torch.randn(7, 5) + 2
    out = batch_norm(x, one, zero, mean, var, training)
    torch.testing.assert_close(out, bn.train(training)(x))
    torch.testing.assert_close(layer_norm(x, one, zero), ln(x))
torch.testing.assert_close(var, bn.running_var)
print("Both agree with torch, in training and in evaluation.")

# %% [markdown]
# ### Play: who changes whom?
#
# Six examples of five units. Move or scale the *first* example, and watch the right panel: the change in the
# others. **Find the norm for which neither the others nor the first itself change, however far you move it.**

# %%
explore(*thirty.normalised_table(), name="who changes whom",
        goal="move it by 1 or more, scale it by 2 or more, and no output changes",
        norm=choice("normalisation", ["batch norm", "layer norm"], "batch norm"),
        size=slider("examples in the batch", 3, 6, 6),
        shift=slider("first example moved by", -3, 3, 0, 0.5),
        scale=slider("first example scaled by", 0.5, 4, 1, 0.5))

# %% [markdown]
# Layer norm: a row moved or scaled as a whole is the same row after it. Under batch norm one loud example quietens its
# column for all.

# %% [markdown]
# ### Exercise 7.8 · Batch norm at test time · fix · 8 min · ★★☆
#
# This `BatchNorm` passes in training. In evaluation something is wrong: single pictures all get the same answer, and the
# accuracy depends on the batch. One place is at fault. Mend it; `training` says which mode.

# %%
def apply_batch_norm(x, running_mean, running_var, training):
    """x (N, D), running_* (D,) → (normalised x, new running_mean, new running_var)."""
    ### BEGIN SOLUTION
    if training:
        mean, var = x.mean(0), x.var(0, correction=0)
        running_mean = 0.9 * running_mean + 0.1 * mean
        running_var = 0.9 * running_var + 0.1 * x.var(0, correction=1)
    else:
        mean, var = running_mean, running_var
    ### INSTEAD
    mean, var = x.mean(0), x.var(0, correction=0)
    if training:
        running_mean = 0.9 * running_mean + 0.1 * mean
        running_var = 0.9 * running_var + 0.1 * x.var(0, correction=1)
    ### END SOLUTION
    return (x - mean) / (var + 1e-5).sqrt(), running_mean, running_var

# %%
check("7.8", apply_batch_norm)

# %% [markdown]
# <details><summary>Hint 1: a batch of one</summary>
#
# What is `x - x.mean(0)` when there is a single row?
# </details>
# <details><summary>Hint 2: what is kept for that moment</summary>
#
# The running values are updated in training and used nowhere. In evaluation they are the mean and the variance.
# </details>

# %% [markdown] tags=["discussion"]
# The commonest form of this fault is a forgotten `model.eval()`. It hides well: with large, mixed batches the
# accuracy is nearly right.

# %% [markdown]
# ## 6 · Where it helps, and where it does not
#
# **Batch norm.** It helps the CNN of 07a: four layers on MNIST-1D, each at the best of six rates on validation data. It does nothing for a
# shallow MLP on scaled digits. And it *harms* where the contrast of the test pictures differs: each multiplied by a
# factor between ¼ and 4.

# %%
series = mnist1d(3500, 500, 1000)
groups = {"CNN, 4 layers": {}, "shallow MLP": {}, "the MLP, contrast changed": {}}
for name, rate in (("none", 0.06), ("batch", 0.03)):
    cnns = runs.trained(partial(conv_stack, 4, 15, norm=name == "batch"), series.train,
                        SEEDS, lr=rate, n_epochs=n_epochs)
    groups["CNN, 4 layers"][name] = [evaluate(m, series.val)[1] for m in cnns]

# %%
mlps, other = {}, remedies.contrast(data.val)
for name, norm in (("none", None), ("batch", nn.BatchNorm1d), ("layer", nn.LayerNorm)):
    mlps[name] = runs.trained(partial(remedies.mlp, (196, 64, 10), norm), data.train,
                              SEEDS, lr=0.03, n_epochs=n_epochs)
    for group, part in zip(list(groups)[1:], (data.val, other), strict=True):
        groups[group][name] = [evaluate(m, part)[1] for m in mlps[name]]
fig, alt = remedies.pairs("Batch norm helps, does nothing, harms", groups)
show(fig, alt=alt)

# %% tags=["promise"]
mean = {g: {k: np.mean(v) for k, v in arms.items()} for g, arms in groups.items()}
cnn, plain, moved = mean.values()
expect(cnn["batch"] - cnn["none"], at_least=0.1, n=SEEDS,
       what="CNN, gained by batch norm")
expect(abs(plain["batch"] - plain["none"]), at_most=0.03, n=SEEDS, what="shallow MLP")
expect(moved["none"] - moved["batch"], at_least=0.05, n=SEEDS,
       what="contrast changed, lost by batch norm")
for name in ("layer", "none"):
    expect(abs(moved[name] - plain[name]), at_most=0.02, n=SEEDS,
           what=f"{name}: lost when the contrast changes")

# %% [markdown]
# Why batch norm, and why not the plain network, whose weights are fixed as well? Look at dark (¼) and bright (4)
# pictures apart, and at the bias: in evaluation batch norm is one more bias and factor, which can be folded into the layer
# before it.

# %%
x, y = data.val
share = {}
for name, models in mlps.items():
    at = [np.mean([evaluate(m, (f * x, y))[1] for m in models]) for f in (0.25, 1, 4)]
    print(f"{name:6} dark, as they are, bright:", *(measured(a, ".2f") for a in at))
for name in ("none", "batch"):
    share[name] = remedies.bias_share(mlps[name][0], x)
    print(f"{name:6} bias / signal", measured(share[name], ".2f"))

# %% tags=["promise"]
expect(share["none"], at_most=0.05, spec=".2f", n=1, what="bias / signal, no norm")
expect(share["batch"], at_least=0.2, spec=".2f", n=1, what="bias / signal, batch norm")

# %% [markdown]
# ReLU passes a factor on; a bias stays behind. The plain network's biases are a hundredth of its signal, so it does not
# mind. Batch norm takes away the mean of *training*: folded, a bias half as large as the signal, which drowns a dark
# picture. Layer norm measures each picture anew. So the harm is batch norm's own.
#
# **Layer norm** helps where the scale says nothing, and ruins a task in which it is the answer.

# %%
big = [(300 * x, y) for x, y in (data.train, data.val)]
loud = [remedies.loudness(data.train), remedies.loudness(data.val, 1)]
at_input = {"none": (nn.Identity, (0.003, 0.01)),
            "layer norm": (partial(nn.LayerNorm, 196), (0.03, 0.01))}
groups = {"inputs 300 times too large": {}, "the label is the loudness": {}}
for name, (first_layer, rates) in at_input.items():
    for arms, (fit_on, val), k, rate in zip(
            groups.values(), (big, loud), (10, 3), rates, strict=True):
        models = runs.trained(
            lambda f=first_layer, k=k: nn.Sequential(f(), remedies.mlp((196, 64, k))),
            fit_on, SEEDS, lr=rate, n_epochs=n_epochs)
        arms[name] = [evaluate(m, val)[1] for m in models]
by_hand = [evaluate(m, data.val)[1] for m in mlps["none"]]
groups["inputs 300 times too large"]["scaled"] = by_hand

# %%
fig, alt = remedies.pairs("Layer norm at the input saves one, ruins the other", groups)
show(fig, alt=alt)

# %% tags=["promise"]
large, label = groups.values()
expect(np.mean(large["layer norm"]) - np.mean(large["none"]), at_least=0.03, n=SEEDS,
       what="inputs too large, gained by layer norm")
expect(np.mean(large["scaled"]) - np.mean(large["layer norm"]), at_least=-0.03,
       n=SEEDS, what="scaled by hand, minus layer norm")
expect(np.mean(label["none"]), at_least=0.9, n=SEEDS, what="loudness, without")
expect(np.mean(label["layer norm"]), at_most=0.45, n=SEEDS, what="loudness, with it")

# %% [markdown]
# What a normalisation makes invariant, no later layer can bring back: loudness is gone, and one in three is guessing.
# (On the left each arm has the best of five rates; scaling the inputs, chapter 05, does as well, and costs nothing.)
#
# **Residual branches**: the same networks of 3, 6, 12, 30 layers, with and without.

# %%
guess_branch = predict("From which depth do branches gain 5 points or more?",
                       ["3", "6", "12", "30"])

# %%
rows = {"plain, gain √2": {}, "residual, gain 0.2": {}}
for depth in (3, 6, 12):
    for name, setting in zip(rows, (he, {"gain": 0.2, "residual": True}),
                             strict=True):
        rows[name][depth], _, _ = remedies.deep_accuracies(
            data, SEEDS, n_steps, depth=depth, **setting)
rows["plain, gain √2"][30] = remedy["gain √2"]
rows["residual, gain 0.2"][30] = remedy["residual"]
fig, alt = remedies.depth_pairs(rows)
show(fig, alt=alt)
plain, branch = rows.values()
gains = {d: branch[d].mean() - plain[d].mean() for d in plain}

# %%
guess_branch.compare(str(next((d for d in gains if gains[d] > 0.05), 30)))

# %% tags=["promise"]
expect(abs(gains[3]), at_most=0.05, spec=".2f", n=SEEDS, what="gained at 3 layers")
expect(gains[12], at_least=0.05, spec=".2f", n=SEEDS, what="gained at 12 layers")
expect(gains[30], at_least=0.2, spec=".2f", n=SEEDS, what="gained at 30 layers")
expect(branch[30].mean() - branch[3].mean(), at_most=0.03, spec=".2f", n=SEEDS,
       what="with branches, 30 layers less 3")

# %% [markdown]
# At three layers, nothing; at thirty, everything. Look at the residual curve alone: *it does not rise*. Branches make
# thirty layers trainable, they do not make depth useful. On these digits three layers were enough.

# %% [markdown]
# ## 7 · Dropout
#
# In training, **dropout** sets each unit to 0 with probability p, and divides the others by 1 − p, so that the expected
# sum stays. In evaluation it does nothing. Write it.

# %% [markdown]
# ### Exercise 7.9 · Dropout · write · 8 min · ★★☆
#
# Write `dropout(x, p, training, u)`. `u` holds random numbers of the shape of `x`, uniform in [0, 1): drop where `u < p`. Work
# for p = 0 and p = 1 too. Budget: 4 lines.

# %%
def dropout(x, p, training, u):
    """x, u: tensors of one shape; p in [0, 1] → a tensor like x."""
    ### BEGIN SOLUTION
    if not training or p == 0:
        return x
    keep = u >= p
    return torch.where(keep, x, 0) / max(1 - p, 1e-12)
    ### END SOLUTION

# %%
check("7.9", dropout)

# %% [markdown]
# <details><summary>Hint 1: two modes</summary>
#
# If `training` is false, `x` comes back as it is.
# </details>
# <details><summary>Hint 2: the scale</summary>
#
# On average a share 1 − p of the units is kept: divide by it. With p = 1 nothing is kept; avoid 0/0.
# </details>

# %% [markdown] tags=["discussion"]
# The first papers scaled in evaluation instead; scaling in training ("inverted dropout") leaves evaluation alone, so a
# network can be used by code that knows nothing of dropout.

# %%
x = torch.ones(1000, 200)
set_seed(SEED)
theirs = F.dropout(x, 0.3, training=True)
print("kept by torch:", measured((theirs != 0).float().mean(), ".2f"),
      "· scaled to", measured(theirs.max(), ".3f"), "= 1/0.7 · mean",
      measured(theirs.mean(), ".2f"))
assert math.isclose(theirs.max(), 1 / 0.7, rel_tol=1e-5)

# %% [markdown]
# Dropout is said to cure over-fitting. Two tests: 500 digits of which 30 % carry a wrong label, and a wide network that learns
# them all by heart; and a narrow network (8 units a layer) on 3,500 right ones.

# %%
guess_drop = predict("Dropout of 0.5: what happens to the narrow network?", [
    "it loses 10 points or more", "less than that", "it gains"])

# %%
few = remedies.with_wrong_labels((data.train[0][:500], data.train[1][:500]), 0.3)
cases = {"wide, wrong labels": ((196, 256, 256, 10), few, 0.003, 4 * n_epochs, 50),
         "narrow, clean": ((196, 8, 8, 10), data.train, 0.01, n_epochs, 100)}
groups, by_heart = {name: {} for name in cases}, {}
for name, (sizes, part, rate, epochs, batch) in cases.items():
    for p in (0.0, 0.5):
        models = runs.trained(partial(remedies.mlp, sizes, None, p), part, SEEDS,
                              lr=rate, n_epochs=epochs, batch_size=batch)
        groups[name][f"p = {p}"] = [evaluate(m, data.val)[1] for m in models]
        by_heart[name, p] = np.mean([evaluate(m, part)[1] for m in models])

# %%
sizes, part, rate, epochs, batch = cases["wide, wrong labels"]
models = runs.trained(partial(remedies.mlp, sizes), part, SEEDS, lr=rate,
                      n_epochs=epochs // 2, batch_size=batch)
groups["wide, wrong labels"]["half the epochs"] = [
    evaluate(m, data.val)[1] for m in models]
fig, alt = remedies.pairs("Dropout in a wide network and in a narrow one", groups)
show(fig, alt=alt)
wide, narrow = ({k: np.mean(v) for k, v in arms.items()} for arms in groups.values())

# %%
guess_drop.compare(narrow["p = 0.5"] - narrow["p = 0.0"], bins=[-0.1, 0])

# %% tags=["promise"]
expect(wide["p = 0.5"] - wide["p = 0.0"], at_least=0.03, n=SEEDS,
       what="wide, wrong labels: gained by dropout")
expect(wide["half the epochs"] - wide["p = 0.0"], at_least=0.02, n=SEEDS,
       what="wide, wrong labels: gained by half the epochs")
expect(narrow["p = 0.0"] - narrow["p = 0.5"], at_least=0.1, n=SEEDS,
       what="narrow, clean: lost by dropout")
expect(by_heart["wide, wrong labels", 0.0], at_least=0.9, n=SEEDS,
       what="share of the spoilt training labels learnt by heart, without")
expect(by_heart["wide, wrong labels", 0.5], at_most=0.9, n=SEEDS, what="with dropout")

# %% [markdown]
# The wide network learns wrong labels by heart, and dropout keeps it from that: the last two lines show it. So does a plain
# baseline, half the epochs without dropout, and gains most of the same. The narrow network had nothing to cure. And
# over-fitting alone is no indication: on MNIST-1D an MLP with 90 % in training and 66 % in validation gains nothing by
# dropout (a test runs it: 0.66, 0.65, 0.54 for p = 0, 0.2, 0.5), not even in four times as many epochs.

# %% [markdown]
# ### Exercise 7.10 · Make thirty layers learn · target · 10 min · ★★☆
#
# Return the settings of a `DeepBank` with thirty layers, as a dictionary, and a rate, so that it reads **0.75** of the
# validation digits after 60 steps. You may set `gain`, `norm`, `residual`, `activation`, and the rate; depth and
# width stay. Try your settings with `train` as in section 3.

# %%
def deep_setting():
    """→ (settings, rate)."""
    ### BEGIN SOLUTION
    return {"gain": 2**0.5, "norm": "layer norm", "residual": True}, 3e-3
    ### END SOLUTION

# %%
check("7.10", deep_setting)

# %% [markdown]
# <details><summary>Hint 1: what section 4 found</summary>
#
# One remedy stood far above the others.
# </details>
# <details><summary>Hint 2: and with it</summary>
#
# A residual branch with a norm; a rate between 0.002 and 0.005.
# </details>

# %% [markdown] tags=["discussion"]
# `{"gain": 0.1, "residual": True}` at 0.003 does as well, without any norm: the branches begin near nothing, and the
# network begins as if it had two layers (Zhang et al. 2019, "Fixup").

# %% [markdown]
# ## The article, checked
#
# | Section 3.3 says | You found |
# |---|---|
# | models are built by stacking layers | thirty plain layers as torch draws them learn nothing in a hundred steps: what stacking does to signal and gradient comes first (1, 3) |
# | nothing on first weights | one number, the gain, decides: variance 2/fan-in for ReLU (He), 2/(fan-in + fan-out) for tanh (Glorot) |
# | nothing on normalisation or dropout | each helps somewhere and harms somewhere (6, 7) |

# %% [markdown]
# ## Summary
#
# **Why do thirty layers not learn?** Because each layer multiplies what passes, forward and backward, and thirty equal factors
# leave nothing, or far too much. The right gain keeps the size; a residual branch gives signal and
# gradient a way past the layers, and was what made thirty layers learn.
#
# You have predicted signal and gradient from the gain; written He's rule, batch norm, layer norm and dropout; tested an
# untrained network; seen each remedy help and not help; and found the one cause among three.

# %%
quiz("07b.1")
quiz("07b.2")
quiz("07b.3")
quiz("07b.4")
quiz("07b.5")

# %% [markdown]
# ## Further reading
#
# - X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (AISTATS 2010): the first rule. Its mean-field heirs: S. Schoenholz et al., "Deep information propagation" (2017), [arXiv:1611.01232](https://arxiv.org/abs/1611.01232).
# - K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers" (2015), [arXiv:1502.01852](https://arxiv.org/abs/1502.01852).
# - S. Ioffe, C. Szegedy, "Batch normalization" (2015), [arXiv:1502.03167](https://arxiv.org/abs/1502.03167).
# - J. Ba, J. Kiros, G. Hinton, "Layer normalization" (2016), [arXiv:1607.06450](https://arxiv.org/abs/1607.06450).
# - N. Srivastava et al., "Dropout", *JMLR* 15 (2014); G. Hinton et al. (2012), [arXiv:1207.0580](https://arxiv.org/abs/1207.0580).
# - G. Yang et al., "A mean field theory of batch normalization" (2019), [arXiv:1902.08129](https://arxiv.org/abs/1902.08129): why its gradients explode.
# - B. Hanin, M. Nica, "Products of many large random matrices and gradients in deep neural networks" (2018), [arXiv:1812.05994](https://arxiv.org/abs/1812.05994).
# - H. Zhang, Y. Dauphin, T. Ma, "Fixup initialization" (2019), [arXiv:1901.09321](https://arxiv.org/abs/1901.09321).
#
# **Next:** chapter 08, training: what happens between two steps?
