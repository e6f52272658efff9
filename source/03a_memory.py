# %% [markdown]
# # 03a · Memory — How can a network remember?
#
# > **You will be able to**
# > - say why a bag and a window fail where order matters, and write a recurrent layer that equals `nn.RNN`;
# > - send a gradient back through time by hand, and say how far it reaches;
# > - recognise an exploding gradient by its symptoms, and name two cures;
# > - write the gates of an LSTM and a GRU, and show during a training what open gates are worth.
# >
# > **Time** 75 minutes, exercises 37 more · **Before this** [02a · Windows](02a_windows.ipynb), and backpropagation from
# > [01a · One neuron](01a_neuron.ipynb) · **In the article** section 2: "RNN trains on sequences, to analyse and predict them"

# %% tags=["parameters"]
FAST = False
SEED = 0
NETWORKS = 10       # of each kind in the memory race
SHAKEN = 20         # networks that are trained with too long steps
n_steps = 120       # of training
n_units = 16

# %% tags=["setup"]
import math
from functools import partial

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.topics.rnn import bank as recurrent
from helpers.topics.rnn import gradients as rnn_gradients
from helpers.topics.rnn import memory as scenes
from helpers.topics.rnn import stills as rnn_stills
from helpers.topics.rnn.reach import ReachLog, reach_meter
from helpers.widgets import (
    Step,
    draw_curve,
    explore,
    predict,
    quiz,
    slider,
    text,
    warm_up,
)
from helpers.widgets.bar import progress_bar

start(SEED, fast=FAST)
if FAST:
    NETWORKS, SHAKEN, n_steps = 2, 4, 10

# %% [markdown]
# **Warm-up.** Questions from earlier lessons, and one about what is to come.

# %%
warm_up("03a")

# %% [markdown]
# ## 1 · Order matters
#
# "Dog bites man" and "man bites dog" hold the same words. Here is the smallest task of that kind: a series of
# 20 numbers, all zero but for one +1 and one −1. Which of the two came first?
#
# First idea: throw all 20 numbers into a **bag**, so that their order is lost, and let a network look inside.

# %%
guess_bag = predict("How often can the best possible reader of bags be right?",
                    ["half of the time", "three quarters", "always"])

# %%
x_order, y_order = recurrent.which_first(2000, 20, seed=SEED)     # (N, T) and (N,)
print(x_order[0].int().tolist(), "→", ("minus first", "plus first")[y_order[0]])
order_bags = {tuple(sorted(series)) for series in x_order.int().tolist()}
print(f"{len(x_order):,} series, {len(order_bags)} bag")

# %%
guess_bag.compare(1 / (1 + len(order_bags)), bins=[0.6, 0.9])

# %% [markdown]
# All the bags are the same. Whatever looks into them, however deep a network, must always give the same answer,
# and is right half of the time.

# %% [markdown]
# Second idea: a **window**, as in chapter 02. A classifier sees the last k numbers, each at its own place. If it
# sees just one **mark** (the +1 or the −1), it knows that this is the second. If it sees none, it must guess.
# (With k = 5 both marks are hidden in (15 · 14) / (20 · 19) = 55 % of the series, and half of those are guessed right:
# 1 − 0.55 / 2 = 72 %.)

# %%
window_scores = {}
for k in (5, 10, 20):
    window = LogisticRegression(C=100).fit(x_order[:1000, -k:], y_order[:1000])
    window_scores[k] = window.score(x_order[1000:, -k:], y_order[1000:])
    theory = 1 - (20 - k) * (19 - k) / (20 * 19) / 2
    print(f"window of {k:2}: {measured(window_scores[k], '.0%')}, theory {theory:.0%}")

x_longer, y_longer = recurrent.which_first(1000, 40, seed=SEED + 1)
on_longer = window.score(x_longer[:, -20:], y_longer)
print(f"window of 20 on series of 40: right in {measured(on_longer, '.0%')}")

# %% tags=["promise"]
for k, score in window_scores.items():
    theory = 1 - (20 - k) * (19 - k) / (20 * 19) / 2
    expect(
        score,
        at_least=theory - 0.06,
        at_most=min(1, theory + 0.06),
        what=f"window of {k}, accuracy",
    )
expect(
    on_longer,
    at_least=0.55,
    at_most=0.69,
    what="window of 20 on series of 40, accuracy",
)

# %% [markdown]
# A window that sees everything is right nearly every time. But it needs a weight for each step, and there is
# always a longer series: on 40 steps it falls to about 62 %. (Trained anew on them it could reach 88 %.) What we want
# is a reader with *few* weights that takes one number at a time, however long the series is.

# %% [markdown]
# ## 2 · One number of memory
#
# Give a neuron one more input: **its own output from the step before**. We call that its **state**, $h$:
#
# $$h_t = \tanh(w_x\, x_t + w_h\, h_{t-1}), \qquad h_0 = 0$$
#
# We set the two weights by hand, $w_x = 2$ and $w_h = 3$, and read the sign of the last state. No training.

# %%
guess_unit = predict("Two weights and one state. How often is this neuron right?",
                     ["half of the time", "three quarters", "always"])

# %%
def read(x, w_x, w_h):
    """x (N, T) → the last state of one unit, (N,)."""
    h = torch.zeros(len(x))
    for t in range(x.shape[1]):
        h = torch.tanh(w_x * x[:, t] + w_h * h)
    return h


for length in (20, 40, 400):
    x, y = recurrent.which_first(1000, length, seed=SEED)
    right = ((read(x, 2, 3) > 0) == (y == 1)).float().mean()
    print(f"series of {length:3}: right in {right:.0%}")
    assert right == 1

# %%
guess_unit.compare(right, bins=[0.6, 0.9])

# %% [markdown]
# Always, and at any length. The first mark pushes the state to nearly +1 or −1; from then on $w_h h$ = ±3 is
# stronger than whatever $w_x x$ = ∓2 says. One number of memory does what no window can.
#
# ### Play: what does a unit keep?
#
# Move the two weights. **Below which recurrent weight does the unit forget, however loud the input?** There is
# also a third behaviour, besides forgetting and keeping the first mark: find it.

# %%
explore(*scenes.one_unit(), name="one unit's memory",
        goal="a unit that holds each mark until the next comes, and then follows that",
        w_x=slider("input weight w_x", 0.0, 6.0, 2.0, 0.1),
        w_h=slider("recurrent weight w_h", 0.0, 4.0, 3.0, 0.1))

# %% [markdown]
# At $w_h$ = 1 and below every state fades: $\tanh(w_h h)$ is then smaller than $h$, step after step. Above 1 two
# states hold themselves, one positive, one negative: a **latch**, as on a door. How loud an input must be to flip
# it depends on $w_x$ compared with $w_h$.
#
# ## 3 · A layer that remembers
#
# A recurrent layer has D such units, and each hears all of them. Weights become matrices, and there is a bias:
#
# $$h_t = \tanh(W_x\, x_t + W_h\, h_{t-1} + b)$$

# %% [markdown]
# $W_x$ has the shape (D, C) for inputs of C numbers, and $W_h$ the shape (D, D). This is the whole of a
# **recurrent neural network**, an RNN. Our input is a name, one letter a step. Each letter is **one-hot**: as many
# numbers as the alphabet has letters, all 0 except for a 1 at the letter's place.

# %%
alphabet = "abcdefghijklmnopqrstuvwxyzáäčďéíľňóôöøšťúüýžåćđèìòùàß '-"
name_x = recurrent.one_hot(["Nováková"], alphabet, 8)[0]           # (T, C)
set_seed(SEED)
layer = nn.RNN(name_x.shape[1], n_units)
W_x, W_h, b_x, b_h = (p.detach() for p in layer.parameters())  # (D, C), (D, D), (D,)

h, by_hand = torch.zeros(n_units), []
for x_t in name_x:
    h = torch.tanh(W_x @ x_t + W_h @ h + b_x + b_h)                # (D,)
    by_hand.append(h)
assert torch.allclose(torch.stack(by_hand), layer(name_x)[0], atol=1e-6)
print(f"{len(name_x)} letters → {len(by_hand)} states of {n_units}: the same as nn.RNN")

# %% [markdown]
# torch keeps two biases, `b_x` and `b_h`, where one would do: they are only ever added together.
#
# ### Play: unrolled, step by step
#
# To think about a loop, draw it once for each step: **unrolled**, it is a deep network, as deep as the word is
# long. But all layers share *one* $W_x$ and *one* $W_h$. Move the step, and watch the states fill in; type a name
# of your own. **When a letter comes for the second time, does it leave the same state as before?**

# %%
W_random = rnn_gradients.random_matrix(n_units, 1.1, seed=SEED)    # larger than torch's
W_random = torch.tensor(W_random, dtype=torch.float32)
set_seed(SEED)
W_letters = 0.7 * torch.randn(n_units, len(alphabet) + 1)
explore(*scenes.unrolled(alphabet, W_letters, W_random, torch.zeros(n_units)),
        name="unrolled network",
        goal="stop where a letter comes for the second time; compare the two columns",
        word=text("word", "Nováková", longest=10), step=slider("step t", 1, 10, 4))

# %% [markdown]
# It does not: the second "o" meets a different $h_{t-1}$. The state after a letter stands for *everything read so
# far*, not for the letter. That is what the bag and the window lacked. Each row of arrows has one colour: the same
# weights serve every step, so a longer word needs no new ones.

# %% [markdown]
# ### Exercise 3.1 · A batch of series · write · 10 min · ★★☆
#
# Write `rnn(x, W_x, W_h, b)` for N series at once, and return the state of *every* step. The loop above is the
# specification, for one series. Budget: 6 lines. Examples stand in rows here, so $W_x x_t$ becomes
# `x[:, t] @ W_x.T`.

# %%
def rnn(x, W_x, W_h, b):
    """x (N, T, C), W_x (D, C), W_h (D, D), b (D,) → all states (N, T, D); h_0 = 0."""
    ### BEGIN SOLUTION
    h, states = torch.zeros(len(x), len(b)), []
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ W_x.T + h @ W_h.T + b)
        states.append(h)
    return torch.stack(states, dim=1)
    ### END SOLUTION

# %%
check("3.1", rnn)

# %% [markdown]
# <details><summary>Hint 1: what is carried, what is kept?</summary>
#
# Carry one tensor h of shape (N, D) from step to step, beginning with zeros. Keep each new h in a list.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `h = torch.tanh(x[:, t] @ W_x.T + h @ W_h.T + b)`. At the end, `torch.stack(states, dim=1)` puts the steps on axis 1.
# </details>

# %% [markdown] tags=["discussion"]
# Each h needs the one before it, so the steps come one after the other. Only the products with $W_x$ can be done for
# all steps together, before the loop. (That is what torch does.)

# %% [markdown]
# The loop cannot be avoided as long as each $h_t$ needs $h_{t-1}$ through a tanh. That makes RNNs slow on machines
# that do many things at once: one reason why attention (chapter 13), which has no such chain, has largely replaced them.
#
# ## 4 · Back through time
#
# Unrolled, the network is an ordinary deep one, so backpropagation works as in chapter 01; only the weights are
# shared, so **each step adds its part** to the same gradient. That is all there is to *backpropagation through
# time*.

# %% [markdown]
# We do it by hand, with one unit and three steps; $a_t$ is what stands inside the tanh, and the loss is
# $L = \frac12 (h_3 - y)^2$:
#
# $$\frac{\partial L}{\partial h_3} = h_3 - y, \qquad \delta_t = \frac{\partial L}{\partial a_t} = \frac{\partial L}{\partial h_t}(1 - h_t^2), \qquad \frac{\partial L}{\partial h_{t-1}} = w_h\, \delta_t$$
#
# $$\frac{\partial L}{\partial w_h} = \sum_t \delta_t\, h_{t-1}, \qquad \frac{\partial L}{\partial w_x} = \sum_t \delta_t\, x_t$$

# %% tags=["lesson"]
x, y, w_x, w_h = [1.0, -0.5, 0.25], 0.9, 0.8, 0.6
h = [0.0]                                           # h[t] is the state after step t
for t in (1, 2, 3):
    h.append(math.tanh(w_x * x[t - 1] + w_h * h[t - 1]))

grad_h = h[3] - y                                   # ∂L/∂h_3
parts = {}
for t in (3, 2, 1):
    delta = grad_h * (1 - h[t] ** 2)                # ∂L/∂a_t: through tanh
    parts[t] = delta * h[t - 1], delta * x[t - 1]   # its part of ∂L/∂w_h and of ∂L/∂w_x
    grad_h = w_h * delta                            # ∂L/∂h_{t-1}: through the weight
    print(f"step {t}: δ = {delta:+.4f}   to ∂L/∂w_h {parts[t][0] + 0:+.4f}, "
          f"to ∂L/∂w_x {parts[t][1]:+.4f}")
by_hand_h, by_hand_x = (sum(part[i] for part in parts.values()) for i in (0, 1))

# %% [markdown]
# Read it from the top: each step back multiplies δ by $w_h$ and by a slope $1 - h^2$, both below 1 here, so the
# older the step, the smaller its δ. (Its part is δ times a state or an input: for $w_h$, step 1 adds nothing, since
# $h_0$ is 0.) Autograd must find the same two sums.

# %%
weights = torch.tensor([w_x, w_h], dtype=torch.float64, requires_grad=True)
state = torch.zeros((), dtype=torch.float64)
for value in x:
    state = torch.tanh(weights[0] * value + weights[1] * state)
(from_autograd,) = torch.autograd.grad(0.5 * (state - y) ** 2, weights)
assert np.allclose(from_autograd, [by_hand_x, by_hand_h])
print("autograd, ∂L/∂w_x and ∂L/∂w_h:", *(f"{g:+.4f}" for g in from_autograd))

# %% [markdown]
# With matrices it looks the same: $\delta_{t-1} = (W_h^\top \delta_t) \odot (1 - h_{t-1}^2)$, where ⊙ multiplies
# number by number, and step t adds $\delta_t h_{t-1}^\top$. A layer now reads 16 random inputs; the loss asks for
# its last state. **Draw first:** how large is each step's part, as a share of the sum of all sizes?

# %%
sketch_parts = draw_curve("How large is each step's part of the gradient?",
                          x=("step", 1, 16), y=("share of the sum of sizes (%)", 0, 50))

# %%
sizes = rnn_gradients.sizes_of_parts(16, n_units, radius=0.9, seed=SEED)     # (T,)
share = sizes / sizes.sum()
show(rnn_stills.contributions(sizes))
print(f"the last five steps: {measured(share[-5:].sum(), '.0%')}")

# %%
sketch_parts.compare(np.arange(1, 17), 100 * share)

# %% tags=["promise"]
expect(
    share[-5:].sum(),
    at_least=0.75,
    spec=".0%",
    what="share of the last five steps in the summed sizes",
)
expect(share[2], at_most=0.02, spec=".1%", what="share of step 3")

# %% [markdown]
# Nearly all of the gradient comes from the last few steps; step 3 adds next to nothing. By plain gradient descent
# this network would learn to remember step 3 only very slowly. Small is not zero, though, and an optimiser that
# scales its steps (Adam) makes something of a small gradient: section 8 will show it.
#
# ## 5 · How far does a gradient reach?
#
# Between step $T-k$ and step $T$ stand k factors (the product of the slopes and the matrix, step by step):
#
# $$\frac{\partial h_T}{\partial h_{T-k}} = \prod_{t=T}^{T-k+1} \operatorname{diag}(1 - h_t^2)\; W_h$$

# %% [markdown]
# Leave tanh away for a moment: then it is the power $W_h^k$. Multiply an arrow by a matrix again and again, and in
# the long run its length changes by the same factor at each step. That factor is the **spectral radius** ρ. Below,
# a matrix of 2×2: whatever the arrow, its factor settles at 0.8.

# %%
W, arrow = np.array([[0.5, 0.6], [0.2, 0.4]]), np.array([1.0, -1.0])
for k in range(1, 7):
    longer = W @ arrow                                              # (2,)
    factor = np.linalg.norm(longer) / np.linalg.norm(arrow)
    print(f"step {k}: length times {factor:.3f}")
    arrow = longer
print(f"spectral radius: {np.abs(np.linalg.eigvals(W)).max():.3f}")

# %% [markdown]
# An arrow that the matrix only stretches, without turning it ($Wv = \lambda v$), is an **eigenvector**, and λ its
# **eigenvalue**; ρ is the largest |λ|. As the **norm** ‖W‖ of a matrix we take the greatest stretch that any arrow
# gets in one step; it may be larger than ρ.
#
# <details><summary>For the curious: how the three are related</summary>
#
# $\rho^k \le \|W^k\| \le \|W\|^k$, and the k-th root of $\|W^k\|$ tends to ρ. Eigenvalues may be complex numbers: the
# matrix then turns arrows as well.
# </details>

# %% [markdown]
# ### Play: radius, input, distance
#
# Dotted is $\rho^k$, dashed the measured norm without tanh; tanh adds one more factor at each step, its slope
# $1 - h^2 \le 1$. In the green band a gradient is usable. **With a lively input (0.5), which radius carries the
# gradient over 100 steps? It is not 1.** Then change the input, and then the matrix: does your radius still do?

# %%
explore(*rnn_gradients.gradient_reach(), name="gradient through time",
        goal="inputs of at least 0.5: a gradient between 0.01 and 100 after 100 steps",
        radius=slider("spectral radius ρ", 0.5, 3.0, 1.0, 0.1),
        strength=slider("inputs (standard deviation)", 0.0, 1.5, 0.5, 0.1),
        k=slider("k (steps back)", 0, 100, 100, 4),
        matrix=slider("matrix (number)", 0, 5, 0))

# %% tags=["promise"]
def after_100(radius, strength, matrix, bent=True):
    W = rnn_gradients.random_matrix(16, radius, seed=matrix)
    states = rnn_gradients.tanh_states(W, 100, strength)
    return rnn_gradients.gradient_norms(W, states * bent, [100])[0]


for radius in (0.7, 1.0, 1.3):
    expect(
        after_100(radius, 0.5, 0, bent=False) ** 0.01,
        at_least=0.97 * radius,
        at_most=1.06 * radius,
        what=f"ρ = {radius}: factor a step, without tanh",
    )
expect(
    after_100(1.0, 0.5, 0),
    at_most=1e-8,
    spec=".0e",
    what="ρ = 1, inputs of 0.5, with tanh, 100 steps back",
)
silent, lively, loud = (
    [after_100(2.2, s, m) for m in range(6)] for s in (0.0, 0.5, 1.5)
)
expect(
    max(silent) / min(silent),
    at_least=1e6,
    spec=".0e",
    what="no input: greatest over least of six matrices",
)
expect(
    max(lively) / min(lively),
    at_least=1e3,
    spec=".0e",
    what="inputs of 0.5: greatest over least",
)
expect(
    np.median(loud), at_most=1e-3, spec=".0e", what="inputs of 1.5: the median of six"
)

# %% [markdown]
# Without tanh, ρ is the factor a step: below 1 the gradient **vanishes**, above 1 it **explodes**. With tanh some radius
# between 1.5 and 2.8 carries it, a different one for each matrix. At ρ = 2.2 the six matrices differ by powers
# of ten: in silence some gradients vanish and some grow; loud inputs make them small. So no radius is safe: the balance
# depends on the input and on the matrix, and training moves it anyway.

# %% [markdown]
# Hochreiter described the fading in 1991. Bengio, Simard and Frasconi showed in 1994 that a unit which latches
# (section 2) safely, in spite of noise, *must* have a vanishing gradient.

# %% [markdown]
# ### Exercise 3.2 · The product · fix · 8 min · ★★☆
#
# `gradient_product` should give the matrix $\partial h_T / \partial h_1$ from the states $h_1 … h_T$. Its row i says
# how far unit i of $h_T$ moves when a unit of $h_1$ moves a little. One line is wrong. It gives the right answer for
# T = 2, and a wrong one for T = 3. Mend it. (The formula at the start of section 5 shows which factor stands where.)

# %%
def gradient_product(W_h, states):
    """W_h (D, D), states (T, D): h_1 … h_T of a tanh layer → ∂h_T/∂h_1, (D, D)."""
    J = torch.eye(len(W_h))                         # T = 1: nothing lies between
    for h in states[1:]:
        ### BEGIN SOLUTION
        J = (1 - h ** 2)[:, None] * (W_h @ J)
        ### INSTEAD
        J = J @ ((1 - h ** 2)[:, None] * W_h)
        ### END SOLUTION
    return J

# %%
check("3.2", gradient_product)

# %% [markdown]
# <details><summary>Hint 1: which step is the last?</summary>
#
# In the product of the formula the factor of step T stands at the far left. The loop meets step T last. On which side
# must each new factor be multiplied?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Multiply *from the left*: first by `W_h`, then each row by its slope, `(1 - h ** 2)[:, None] * (W_h @ J)`.
# </details>

# %% [markdown] tags=["discussion"]
# Matrices do not commute: the wrong program computes the product for a series that ran backwards. The check finds the
# right answer by another route: from two neighbouring states it works out which input led from one to the other, and
# asks autograd. Real training never builds this matrix: it carries one vector back, which costs D times less.

# %% [markdown]
# ## 6 · Break it: a run that leaves the picture
#
# The task is a bank account: 20 payments in and out, one a step. What is the balance at the end? (It is scaled to a
# variance of 1, so always answering 0 gives a loss of 1.) RNNs of 16 units learn this by plain gradient descent; every
# batch is new, the data are clean. Twenty networks train side by side (`Bank`); here is the one whose gradient peaks
# highest.

# %%
def train_accounts(lr, **options):
    """Twenty networks, spectral radius 1.5 at first → losses and norms, (steps, S)."""
    bank = recurrent.Bank("rnn", SHAKEN, 1, n_units, 1, radius=1.5, seed=SEED)
    balance = partial(recurrent.account, SHAKEN, 32, 20)   # still open: the generator
    return recurrent.train(bank, balance, recurrent.squared_error,
                           n_steps=n_steps, lr=lr, seed=SEED, **options)


losses, norms = train_accounts(0.15)
worst = int(norms.nan_to_num(nan=torch.inf).amax(0).argmax())
show(rnn_stills.two_curves(losses[:, worst].numpy(), norms[:, worst].numpy(), 1.0))

# %% [markdown]
# Look at both curves: loss and gradient are usual, then rise together without end. (The axes end at 10⁵; the curves
# do not.) Two remedies lie at hand. **Clipping** keeps the gradient's direction and limits its length: here, only
# gradients longer than 3 are shortened. Or a **lower rate**: a fifth, and no clipping.

# %%
guess_cure = predict("Which of the two mends it (no network of 20 is lost)?",
                     ["neither", "only clipping", "only the lower rate", "either"])

# %%
def clip_(gradients, max_norm):
    """Shorten gradients, in place, if their common norm is over max_norm → the norm."""
    norm = torch.sqrt(sum(g.pow(2).sum() for g in gradients))
    for g in gradients:
        g.mul_(min(1.0, max_norm / (float(norm) + 1e-6)))
    return norm


clipped, norms_clipped = train_accounts(0.15, clip=clip_, max_norm=3.0)
slow, norms_slow = train_accounts(0.03)

# %%
runs = {"rate 0.15": losses, "rate 0.15, clipped at 3": clipped, "rate 0.03": slow}
lost = {name: int((~(run < 10)).any(0).sum()) for name, run in runs.items()}
show(rnn_stills.before_and_after({k: r.numpy() for k, r in runs.items()}, 1.0))
print("networks of 20 whose loss ever exceeds 10:", lost)

# %%
mended = (lost["rate 0.15, clipped at 3"] == 0) + 2 * (lost["rate 0.03"] == 0)

# %%
guess_cure.compare(mended, bins=[1, 2, 3])

# %% tags=["promise"]
at_end = [
    run[-30:].nan_to_num(nan=torch.inf).median(0).values
    for run in (losses, clipped, slow)
]
expect(
    lost["rate 0.15"],
    at_least=2,
    spec=".0f",
    what="networks of 20 that are thrown above 10 at rate 0.15",
)
expect(
    lost["rate 0.15, clipped at 3"] + lost["rate 0.03"],
    at_most=0,
    spec=".0f",
    what="with either cure",
)
expect(
    at_end[1].median() - at_end[2].median(),
    at_least=0.0,
    what="median loss at the end: clipped less slow",
)
expect(
    (norms > 3).float().mean(),
    at_least=0.15,
    at_most=0.45,
    what="gradients longer than 3, at rate 0.15",
)
expect(
    (norms_slow > 3).float().mean(),
    at_least=0.12,
    at_most=0.4,
    what="gradients longer than 3, at rate 0.03",
)
mine = [torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([12.0])]
theirs = [nn.Parameter(torch.zeros_like(g)) for g in mine]
for p, g in zip(theirs, mine, strict=True):
    p.grad = g.clone()
assert torch.allclose(
    clip_(mine, 2.0), nn.utils.clip_grad_norm_(theirs, 2.0)
)  # √(3² + 4² + 12²) = 13
assert all(torch.allclose(g, p.grad) for g, p in zip(mine, theirs, strict=True))

# %% [markdown]
# Either of them, and the lower rate even ends lower. So the symptom alone does not say whether "the gradient is too
# long" or "the rate is too high": what throws a network is the *step*, rate times gradient. At rate 0.03 about as many
# gradients are longer than 3 as at 0.15; there they harm nobody.
#
# What does not depend on the rate is the shape of the loss. Let us look at that. (`clip_` equals
# `nn.utils.clip_grad_norm_`: one norm over *all* parameters; Pascanu, Mikolov and Bengio 2013.)

# %% [markdown]
# ### Play: the cliff
#
# One unit, $h_t = \tanh(w\, h_{t-1} + b)$ from $h_0$ = 0.5, runs for 50 steps; its last state should be 0.2, and the
# loss is $\frac12 (h_{50} - 0.2)^2$. Two numbers are to be learned, w and b. Over these two the loss is a plain with a
# **cliff**, where a tiny change flips the last state. The descent begins at the square; without clipping it leaves the
# map. **Too low a threshold fails as well: how? And do lower rates cure it here?**

# %%
explore(*rnn_gradients.cliff(), name="the cliff",
        goal="learning rate 0.1: an error below 0.01 after 60 steps",
        threshold=slider("clip the gradient at norm", 0.01, 1000.0, 1000.0, 0.25,
                         log=True, tip="1000: practically no clipping"),
        lr=slider("learning rate", 0.02, 0.2, 0.1, 0.01))

# %% [markdown]
# With thresholds around 1 to 6, the steps at the cliff stay short, and the descent reaches the valley. At 0.01 all 60
# steps are clipped and get nowhere. Most other rates miss the cliff by chance. Clipping makes a run safe whose path you
# do not know. For *vanishing* gradients it does nothing.
#
# ## 7 · Gates
#
# In section 5 each step multiplied by $W_h$ and squeezed. The **LSTM** (Hochreiter and Schmidhuber 1997) has a second
# state, the **cell** $c$, that is not squeezed but *kept and added to*.

# %% [markdown]
# **Gates** say how much: numbers between 0 and 1, made by sigmoids from $x_t$ and $h_{t-1}$.
#
# $$i, f, o = \sigma(W_x x_t + W_h h_{t-1} + b) \quad (\text{each with weights of its own}), \qquad g = \tanh(\ldots)$$
# $$c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh(c_t)$$
#
# The **input** gate i lets news in, the **forget** gate f keeps (1) or drops (0) what was there, the **output** gate o
# shows it.

# %%
def lstm(x, W_x, W_h, b):
    """x (T, C), W_x (4D, C), W_h (4D, D), b (4D,), rows i, f, g, o → states (T, D)."""
    h = c = torch.zeros(W_h.shape[1])
    states = []
    for x_t in x:
        i, f, g, o = (W_x @ x_t + W_h @ h + b).chunk(4)             # (D,) each
        i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


layer = nn.LSTM(name_x.shape[1], n_units)
W_x, W_h, b_x, b_h = (p.detach() for p in layer.parameters())
assert torch.allclose(lstm(name_x, W_x, W_h, b_x + b_h), layer(name_x)[0], atol=1e-6)
print(f"W_x {tuple(W_x.shape)}, W_h {tuple(W_h.shape)}: the same as nn.LSTM")

# %% [markdown]
# Torch begins with biases near 0, so with gates near one half. Along the cell, $\partial c_t / \partial c_{t-1} = f$ (plus what flows through the gates): no
# matrix, no tanh. Over k steps that is a product of forget gates, and a network can *set* its gates. Their **bias**
# decides how far open they are at the start.

# %%
for bias in (0, 1, 2):
    gate = 1 / (1 + math.exp(-bias))
    print(f"forget bias {bias}: gate {gate:.3f}, after 50 steps {gate**50:.1e}")

# %% [markdown]
# A half to the fiftieth power. A gate that *could* stay open does not do so by itself: it must learn to. Section 8
# tries whether it does.
#
# The **GRU** (Cho and others 2014) is leaner: no cell, two gates. The **update** gate z keeps a share of the old state;
# the **reset** gate r says how much of the old state the **candidate** n for the new state may see:
#
# $$n = \tanh\bigl(W_{xn} x_t + b_{xn} + r \odot (W_{hn} h_{t-1} + b_{hn})\bigr), \qquad h_t = z \odot h_{t-1} + (1 - z) \odot n$$

# %% [markdown]
# ### Exercise 3.3 · One step of a GRU · write · 12 min · ★★☆
#
# Write `gru_step` in torch's variant, for a batch: $r$ and $z$ are $\sigma(W_x x + b_x + W_h h + b_h)$, each with its
# own third of the rows; $n$ and the new state are as above. The rows come in the order r, z, n. Budget: 5 lines.

# %%
def gru_step(x, h, W_x, W_h, b_x, b_h):
    """x (N, C), h (N, D), W_x (3D, C), W_h (3D, D), b_x, b_h (3D,) → state (N, D)."""
    ### BEGIN SOLUTION
    x_r, x_z, x_n = (x @ W_x.T + b_x).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ W_h.T + b_h).chunk(3, dim=1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return z * h + (1 - z) * n
    ### END SOLUTION

# %%
check("3.3", gru_step)

# %% [markdown]
# <details><summary>Hint 1: two products, three parts each</summary>
#
# `x @ W_x.T + b_x` and `h @ W_h.T + b_h` are (N, 3D) each. `.chunk(3, dim=1)` cuts them into the parts of r, z and n.
# (Without `dim=1` it would cut the batch.)
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Add the parts for r and z and take sigmoids. For n, do not add them straight away: first multiply the part from h by
# r, then add, then take tanh. Last, mix: `z * h + (1 - z) * n`.
# </details>

# %% [markdown] tags=["discussion"]
# With r after the product, all three products with h can be done as one large one, which is faster. Papers differ about
# z as well: in some, z is the share of the *new* state.

# %% [markdown]
# <details><summary>For the curious: the published order is another one</summary>
#
# In torch's variant r multiplies *after* the matrix product; in the published paper it multiplies h *before* it,
# $W_{hn}(r \odot h_{t-1})$. The two are different networks, and the weights of one do not fit the other: compare your
# equations with the library's before you copy weights. (Torch's order lets all three products with h run as one.)
# </details>

# %% [markdown]
# ### Exercise 3.4 · How open is open? · value · 7 min · ★☆☆
#
# Find a forget bias b with which half of the cell's gradient is left after 50 steps: $\sigma(b)^{50}$ between 0.45 and
# 0.55. Give it as one number, `my_bias`. (Try values in the loop above, or solve the equation: what must the gate be?)

# %%
### BEGIN SOLUTION
gate = 0.5 ** (1 / 50)
my_bias = math.log(gate / (1 - gate))
### END SOLUTION

# %%
check("3.4", my_bias)

# %% [markdown]
# <details><summary>Hint 1: what must the gate be?</summary>
#
# gate⁵⁰ = ½, so the gate is the fiftieth root of ½: `0.5 ** (1 / 50)`, about 0.986.
# </details>
# <details><summary>Hint 2: from gate to bias</summary>
#
# The sigmoid's inverse is the logit: b = log(gate / (1 − gate)).
# </details>

# %% [markdown] tags=["discussion"]
# The bias is about 4.3. For T steps in place of 50 it is about log T + 0.37: gate = 2^(−1/T) ≈ 1 − 0.69/T, whose logit
# is log(T/0.69). So the rule "about the logarithm of the time" is no accident.

# %% [markdown]
# ## 8 · Remember the first letter
#
# A test of nothing but memory: the first symbol is A or B, then come Cs and Ds at random. At the end the question is:
# which came first? Guessing is right half of the time. Three kinds, ten networks of each, trained for 120 steps with
# Adam: a plain RNN; a default LSTM, as torch makes it; and the same LSTM with its forget gates open at the start
# (bias + 4).

# %%
guess_race = predict("Series of 40: which kinds learn it (more than 3 networks of 4)?",
                     ["none", "open gates alone", "both LSTMs", "all three"])

# %% tags=["lesson"]
lengths = (10, 20, 40)
kinds = {"plain RNN": ("rnn", 0.0), "LSTM, default": ("lstm", 0.0),
         "LSTM, gates open": ("lstm", 4.0)}         # 4.0 is added to the forget bias
scores = np.zeros((len(kinds), NETWORKS, len(lengths)))
logs = {}                                           # of the training on series of 20
with progress_bar(len(lengths), "lengths") as advance:
    for i, length in enumerate(lengths):
        task = partial(recurrent.first_symbol, NETWORKS, length=length)
        for j, (kind, (cell, forget)) in enumerate(kinds.items()):
            bank = recurrent.Bank(cell, NETWORKS, 4, n_units, 2, forget=forget)
            log = ReachLog(bank, length, every=5 if length == 20 else 1000)
            recurrent.train(bank, partial(task, 16), recurrent.cross_entropy,
                            n_steps=n_steps, lr=0.01, optimizer=torch.optim.Adam,
                            enough=0.01, watch=log)
            test = task(500, generator=torch.Generator().manual_seed(1))
            scores[j, :, i] = bank.accuracy(*test)
            if length == 20:
                logs[kind] = log
        advance(i + 1)

# %%
show(rnn_stills.memory_race(lengths, dict(zip(kinds, scores, strict=True))))
learned = dict(zip(kinds, (scores > 0.9).mean(1), strict=True))  # share of networks
for kind, shares in learned.items():
    print(f"{kind:16} of length 10, 20, 40:", *(measured(s, ".0%") for s in shares))

# %%
guess_race.compare(sum(learned[kind][-1] > 0.75 for kind in kinds), bins=[1, 2, 3])

# %% tags=["promise"]
for kind in kinds:
    expect(
        learned[kind][0],
        at_least=0.6,
        spec=".0%",
        what=f"{kind}, series of 10: learned by", n=NETWORKS,
    )
expect(
    learned["plain RNN"][1],
    at_least=0.5,
    spec=".0%",
    what="plain RNN, series of 20", n=NETWORKS,
)
expect(
    learned["plain RNN"][2],
    at_most=0.7,
    spec=".0%",
    what="plain RNN, series of 40", n=NETWORKS,
)
expect(
    learned["LSTM, default"][1:].max(),
    at_most=0.0,
    spec=".0%",
    what="default LSTM, series of 20 and 40", n=NETWORKS,
)
expect(
    learned["LSTM, gates open"].min(),
    at_least=0.76,
    spec=".0%",
    what="LSTM, gates open, at worst", n=NETWORKS,
)

# %% [markdown]
# Having gates is not enough: as torch makes it, the LSTM fails at 20, where most plain RNNs succeed; at 40 some of them
# still do. With forget gates that start open, nearly every network learns every length.
#
# Why does the default LSTM lose to the plain RNN? A tempting reason: too little reaches back through it. Before we
# believe that, we measure it. The **reach** is how far the answer (the difference of the two logits) moves when only the
# first symbol is changed from A to B.

# %% [markdown]
# ### Play: the reach meter
#
# It shows the median reach of ten networks of each kind, on series of 20, *while they train*; below is their accuracy.
# Go through the steps, then move the slider yourself. **In which kind does the reach grow, and by how many powers of
# ten before the accuracy moves?**

# %%
explore(*reach_meter(logs), name="reach meter",
        goal="the step after which the RNN's first symbol moves the answer by over 1",
        steps=[
            Step("Before training: look at the left end.", {"step": 0}, light=0,
                 ask=("Less reaches back through …",
                      ["the default LSTM", "the RNN", "neither: about the same"], 2)),
            Step("Twenty steps on: the open gates have done it.", {"step": 20}, light=1,
                 ask=("What will the RNN's reach do?", ["grow", "stay", "fall"], 0)),
            Step("The RNN's accuracy has hardly moved.", {"step": 50}, light=0),
            Step("At the end.", {"step": 120}, light=0,
                 ask=("And the default LSTM's reach?", ["grew", "stayed or fell"], 1))],
        step=slider("step of training", 0, 120, 0, 5))

# %% tags=["promise"]
reaches = {kind: log.median()[0] for kind, log in logs.items()}
expect(
    np.log10(reaches["plain RNN"][0] / reaches["LSTM, default"][0]),
    at_least=-1,
    at_most=1,
    spec=".1f",
    what="before training: powers of ten between plain RNN and default LSTM",
)
expect(
    reaches["plain RNN"][0],
    at_most=1e-5,
    spec=".0e",
    what="plain RNN, reach before training",
)
expect(
    reaches["plain RNN"][-1], at_least=1, spec=".1f", what="plain RNN, reach at the end"
)
expect(
    reaches["LSTM, default"][-1],
    at_most=1e-4,
    spec=".0e",
    what="default LSTM, reach at the end",
)
expect(
    reaches["LSTM, gates open"][0],
    at_least=3e-3,
    spec=".3f",
    what="open gates, reach before training",
)

# %% [markdown]
# The tempting reason is wrong. Before training no more reaches back through the RNN than through the default LSTM: about
# 10⁻⁶ in both. Training must first *open the way*. In the RNN the reach grows by powers of ten, unseen in the accuracy,
# until the task is solved; in the default LSTM it does not grow. With open gates the way is open from the beginning.
#
# So a tiny gradient does not mean "cannot learn". What counts is whether training widens the reach.

# %% [markdown]
# <details><summary>For the curious: more steps, and a rule for the bias</summary>
#
# Given 600 training steps, about half of the plain RNNs learn length 40 too; of twenty default LSTMs, not one does (the
# course's tests try it). A rule of thumb is a bias of about the logarithm of the time to be spanned; ln 40 is 3.7. Tallec
# and Ollivier (2018), from whom it comes, *draw* the biases, as the logarithm of a number between 1 and that time, and
# set the input gate to the negative of it. (The first LSTM had no forget gate, f = 1; Gers, Schmidhuber and Cummins
# added one in 2000, and advised to begin with it open.)
# </details>

# %% [markdown]
# ## Summary
#
# **How can a network remember?** By feeding its own state back into itself: one small set of weights, used at every step,
# reads a series of any length. It *can* remember with a single unit. To *learn* to remember, a gradient must reach back;
# in plain recurrence it fades or explodes exponentially, though training can widen a narrow way. Short steps tame the
# explosion; gates that begin open keep the way back clear.
#
# You have
# - shown where bags and windows fail, and written a recurrent layer that equals `nn.RNN`;
# - sent a gradient back through time by hand, and measured its reach against distance, radius and matrix;
# - recognised an exploding gradient, and seen two cures for it;
# - written an LSTM and a GRU, and watched in training what open gates are worth.

# %%
quiz("03a.1")
quiz("03a.2")
quiz("03a.3")
quiz("03a.4")
quiz("03a.5")

# %% [markdown]
# ## Further reading
#
# - J. L. Elman, "Finding structure in time", *Cognitive Science* 14 (1990), [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1): the plain RNN.
# - S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, TU München (1991): the first account of the fading.
# - Y. Bengio, P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", *IEEE Trans. Neural Networks* 5 (1994), [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181): latching and the vanishing gradient.
# - R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks" (2013), [arXiv:1211.5063](https://arxiv.org/abs/1211.5063): spectral radius, the cliff, clipping.
# - S. Hochreiter, J. Schmidhuber, "Long short-term memory", *Neural Computation* 9 (1997), [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735).
# - F. A. Gers, J. Schmidhuber, F. Cummins, "Learning to forget: continual prediction with LSTM", *Neural Computation* 12 (2000), [doi:10.1162/089976600300015015](https://doi.org/10.1162/089976600300015015).
# - K. Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine translation" (2014), [arXiv:1406.1078](https://arxiv.org/abs/1406.1078): the GRU.
# - C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?" (2018), [arXiv:1804.11188](https://arxiv.org/abs/1804.11188): how to set the gates at the start.
#
# **Next:** [03b · Forecasts — What is a forecast worth?](03b_forecasts.ipynb)
