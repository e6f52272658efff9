# %% [markdown]
# # 03 · RNN — How can a network remember?
#
# > **You will be able to**
# > - say why a network without a memory fails where order matters, and write a recurrent layer that equals `nn.RNN`;
# > - send a gradient back through time by hand, and say how far it reaches, and why it fades or explodes;
# > - recognise an exploding gradient by its symptoms, and clip it;
# > - write the gates of an LSTM and a GRU, show what they buy you, and watch them work on a word;
# > - forecast a series and read names with a recurrent network, and tell a forecast from an echo.
# >
# > **Time** 120 minutes, exercises 70 more · **Two sittings** sections 1 to 9, then 10 to 17 · **Before this** [02 · CNN](02_cnn.ipynb), and backpropagation from
# > [01 · Concepts](01_concepts.ipynb) · **The article** section 2: "RNN trains on sequences, to analyse and predict them"

# %% tags=["parameters"]
FAST = False
SEED = 0
NETWORKS = 5        # of each kind, wherever a result rests on chance
n_steps = 120       # of training, in the memory task
n_units = 16
FORECAST_SEEDS = 3      # networks of each kind on each series
FORECAST_EPOCHS = 30    # at most
NAME_SEEDS = 3          # networks that read surnames
N_NAMES = None          # how many training names; all of them if None
NAME_EPOCHS = 3
WRITER_EPOCHS = 4

# %% tags=["setup"]
import math
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.topics.rnn import bank as recurrent
from helpers.data import elnino, sunspots
from helpers.topics.rnn import memory as scenes
from helpers.topics.rnn import gradients as rnn_gradients
from helpers.topics.rnn import stills as rnn_stills
from helpers.topics.rnn import forecasts as series_scenes
from helpers.topics.rnn import names as word_scenes
from helpers.data.letters import by_length, count_nats, draw_letter, last_valid, lengths_of
from helpers.metrics import confusion_matrix, majority_accuracy, mean_interval
from helpers.models import MLP
from helpers.data.series import Setting, lag_correlations, skill_score, windows
from helpers.training import evaluate, fit, one_cycle, predict_logits
from helpers.widgets import choice, explore, predict, quiz, slider, text
from helpers.widgets.bar import progress_bar
from helpers.data.words import LANGUAGES, surnames

start(SEED, fast=FAST)
if FAST:
    NETWORKS, n_steps = 2, 10
    FORECAST_SEEDS, FORECAST_EPOCHS, NAME_SEEDS, N_NAMES, NAME_EPOCHS, WRITER_EPOCHS = 2, 2, 2, 1500, 1, 1

# %% [markdown]
# ## 1 · Order matters
#
# "Dog bites man" and "man bites dog" hold the same words. Here is the smallest task of that kind: a series of 20 numbers, all zero but for one
# +1 and one −1. Which of the two came first?
#
# First idea: throw all 20 numbers into a **bag**, so that their order is lost, and let a network look inside.

# %%
guess = predict("How often can the best possible reader of bags be right?", ["half of the time", "three quarters", "always"])

# %%
x_order, y_order = recurrent.which_first(2000, 20, seed=SEED)
print("A series:", x_order[0].int().tolist(), "→", "plus first" if y_order[0] else "minus first")
order_bags = {tuple(sorted(series)) for series in x_order.int().tolist()}
print(f"{len(x_order):,} series, {len(order_bags)} bag: {max(order_bags).count(-1)} minus, {max(order_bags).count(0)} zeros, {max(order_bags).count(1)} plus")
guess.compare("half of the time" if len(order_bags) == 1 else "three quarters")

# %% [markdown]
# All the bags are the same. Whatever looks into them, however deep a network, must always give the same answer, and is right half of the time.
#
# Second idea: a **window**, as in chapter 02. A classifier sees the last k numbers, each at its own place. If it sees just one **mark** (the +1 or the −1), it knows that this is the second. If it sees none, it must guess.
#
# <details><summary>Predict: how good can it be with k = 5?</summary>
#
# Both marks lie among the 15 hidden steps with probability (15 · 14) / (20 · 19) = 55 %. Half of those are guessed right: 1 − 0.55 / 2 = 72 %.
# </details>

# %%
for k in (5, 10, 20):
    window = LogisticRegression(C=100).fit(x_order[:1000, -k:], y_order[:1000])
    score = window.score(x_order[1000:, -k:], y_order[1000:])
    theory = 1 - (20 - k) * (19 - k) / (20 * 19) / 2
    expect(score, at_least=theory - 0.06, at_most=min(1, theory + 0.06), what=f"window of {k:2}, accuracy (theory {theory:.2f})")
x_longer, y_longer = recurrent.which_first(1000, 40, seed=SEED + 1)
expect(window.score(x_longer[:, -20:], y_longer), at_least=0.55, at_most=0.69, what="window of 20 on series of 40, accuracy")

# %% [markdown]
# A window that sees everything is right nearly every time. But it needs a weight for each step, and there is always a longer series: on 40 steps, where both marks are in view only one time in four,
# it falls to about 62 %. (In training it never met a lone mark. Trained anew on the longer series it could reach 88 %, but never 100 %.) What we want is a reader with *few* weights that takes one number at a time, however long the series is.
#
# ## 2 · One number of memory
#
# Give a neuron one more input: **its own output from the step before**. We call that its **state**, $h$:
#
# $$h_t = \tanh(w_x\, x_t + w_h\, h_{t-1}), \qquad h_0 = 0$$
#
# We set two weights by hand, $w_x = 2$ and $w_h = 3$, and read the sign of the last state. No training.

# %%
guess = predict("Three numbers in all: w_x, w_h and one state. How often is this neuron right?", ["half of the time", "three quarters", "always"])

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
guess.compare("always" if right == 1 else "half of the time")

# %% [markdown]
# Always, and at any length. The first mark throws the state to nearly +1 or −1; from then on $w_h h$ = ±3 outvotes whatever $w_x x$ = ∓2 says. One number of memory does what no window can, whatever its size.
#
# ### Play: what does a unit keep?
#
# Move the two weights. **Below which recurrent weight does the unit forget, however loud the input?** There is also a third behaviour, besides forgetting and keeping the first mark: find it.

# %%
explore(*scenes.one_unit(), name="one unit's memory", goal="a unit that holds each mark until the next one comes, and then follows the new one",
        w_x=slider("input weight w_x", 0.0, 6.0, 2.0, 0.1), w_h=slider("recurrent weight w_h", 0.0, 4.0, 3.0, 0.1))

# %% [markdown]
# At $w_h$ = 1 and below every state fades: $\tanh(w_h h)$ is then smaller than $h$, step after step. Above 1 two states maintain themselves, one positive, one negative: a **latch**.
# How loud an input must be to flip it depends on $w_x$ compared with $w_h$.
#
# ## 3 · A layer that remembers
#
# A recurrent layer has D such units, and each hears all of them. Weights become matrices, and there is a bias:
#
# $$h_t = \tanh(W_x\, x_t + W_h\, h_{t-1} + b)$$
#
# with $W_x$ of shape (D, C) for inputs of C numbers, and $W_h$ of shape (D, D). This is the whole of a **recurrent neural network**, an RNN. Our input is a name, one letter per step. Each letter
# is **one-hot**: as many numbers as the alphabet has letters, all 0 except for a 1 at the letter's place.

# %%
alphabet = "abcdefghijklmnopqrstuvwxyzáäčďéíľňóôöøšťúüýžåćđèìòùàß '-"
name_x = recurrent.one_hot(["Nováková"], alphabet, 8)[0]           # (T, C)
set_seed(SEED)
layer = nn.RNN(name_x.shape[1], n_units)
W_x, W_h, b_x, b_h = (p.detach() for p in layer.parameters())

h, by_hand = torch.zeros(n_units), []
for x_t in name_x:
    h = torch.tanh(W_x @ x_t + W_h @ h + b_x + b_h)
    by_hand.append(h)
assert torch.allclose(torch.stack(by_hand), layer(name_x)[0], atol=1e-6)
print(f"{len(name_x)} letters → {len(by_hand)} states of {n_units} units: the same as nn.RNN. W_x {tuple(W_x.shape)}, W_h {tuple(W_h.shape)}")

# %% [markdown]
# (The alphabet has 56 letters and signs, and there is one more place for any other.) torch keeps two biases, `b_x` and `b_h`, where one would do: they are only ever added together. (It calls them `bias_ih_l0` and `bias_hh_l0`.)
#
# ### Play: unrolled, step by step
#
# To think about a loop, draw it once for each step: **unrolled**, it is a deep network, as deep as the word is long. But all layers
# share *one* $W_x$ and *one* $W_h$. Move the step, and watch the states fill in. (The recurrent weights are random, and larger than torch's, so that you see more.) Type a name of your own. **When a
# letter comes for the second time, does it leave the same
# state as before?**

# %%
W_random = torch.tensor(rnn_gradients.random_matrix(n_units, 1.1, seed=SEED), dtype=torch.float32)
W_letters = torch.randn(n_units, len(alphabet) + 1, generator=torch.Generator().manual_seed(SEED))
explore(*scenes.unrolled(alphabet, 0.7 * W_letters, W_random, torch.zeros(n_units)), name="unrolled network",
        goal="stop where a letter comes for the second time, and compare the two columns",
        word=text("word", "Nováková", longest=10), step=slider("step t", 1, 10, 4))

# %% [markdown]
# It does not: the second "o" meets a different $h_{t-1}$. The state after a letter stands for *everything read so far*, not for the letter. That is what the bag and the window
# lacked. Each row of arrows has one colour: the same weights serve every step, so a longer word needs no new ones.

# %% [markdown]
# ### Exercise 3.1 · A batch of series · 10 min · ★★☆
#
# Write `rnn(x, W_x, W_h, b)` for N series at once, and return the state of *every* step. The loop above is the specification, for one series.
# Budget: 6 lines. Examples stand in rows here, so $W_x x_t$ becomes `x[:, t] @ W_x.T`.

# %%
def rnn(x, W_x, W_h, b):
    """x (N, T, C), W_x (D, C), W_h (D, D), b (D,) → all states h_1 … h_T, (N, T, D); h_0 is zero."""
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
# The loop over t cannot be avoided: h_t needs h_{t-1}. That is what makes RNNs slow on machines that do many things at once, and one of the reasons why attention (chapter 13), which has no such chain, has largely
# taken their place in language. Only the products with $W_x$ can be done for all steps together, before the loop. (That is what torch does.)

# %% [markdown]
# ## 4 · Back through time
#
# Unrolled, the network is an ordinary deep one, so backpropagation works as in chapter 01; only the weights are shared, so **each step adds its part** to the same gradient. That is all there is
# to *backpropagation through time*. We do it by hand, with one unit and three steps; $a_t$ is what stands inside the tanh, and the loss is $L = \frac12 (h_3 - y)^2$:
#
# $$\frac{\partial L}{\partial h_3} = h_3 - y, \qquad \delta_t = \frac{\partial L}{\partial a_t} = \frac{\partial L}{\partial h_t}(1 - h_t^2), \qquad \frac{\partial L}{\partial h_{t-1}} = w_h\, \delta_t$$
#
# $$\frac{\partial L}{\partial w_h} = \sum_t \delta_t\, h_{t-1}, \qquad \frac{\partial L}{\partial w_x} = \sum_t \delta_t\, x_t$$

# %%
x, y, w_x, w_h = [1.0, -0.5, 0.25], 0.9, 0.8, 0.6
h = [0.0]                                           # h[t] is the state after step t
for t in (1, 2, 3):
    h.append(math.tanh(w_x * x[t - 1] + w_h * h[t - 1]))

grad_h = h[3] - y                                   # ∂L/∂h_3
parts = {}
for t in (3, 2, 1):
    delta = grad_h * (1 - h[t] ** 2)                # ∂L/∂a_t: through tanh
    parts[t] = (delta * h[t - 1], delta * x[t - 1]) # this step's part of ∂L/∂w_h and ∂L/∂w_x
    print(f"step {t}: δ = {delta:+.4f}   adds {parts[t][0] + 0:+.4f} to ∂L/∂w_h and {parts[t][1]:+.4f} to ∂L/∂w_x")
    grad_h = w_h * delta                            # ∂L/∂h_{t-1}: through the recurrent weight
by_hand_h, by_hand_x = (sum(part[i] for part in parts.values()) for i in (0, 1))

# %% [markdown]
# Read it from the top: each step back multiplies δ by $w_h$ and by a slope $1 - h^2$, both below 1 here, so the older the step, the smaller its δ. (Its part is δ times a state or an input: for $w_h$,
# step 3 adds little since $h_2$ is nearly 0, and step 1 nothing since $h_0$ is 0.)
# Autograd must find the same two sums. (`torch.autograd.grad` returns the gradient; `.backward()` would store it in `.grad`.)

# %%
weights = torch.tensor([w_x, w_h], dtype=torch.float64, requires_grad=True)
state = torch.zeros((), dtype=torch.float64)
for value in x:
    state = torch.tanh(weights[0] * value + weights[1] * state)
(from_autograd,) = torch.autograd.grad(0.5 * (state - y) ** 2, weights)
assert torch.allclose(from_autograd, torch.tensor([by_hand_x, by_hand_h], dtype=torch.float64))
print(f"autograd: ∂L/∂w_x = {from_autograd[0]:+.4f}, ∂L/∂w_h = {from_autograd[1]:+.4f}: the same sums")

# %% [markdown]
# With matrices it looks the same: $\delta_{t-1} = (W_h^\top \delta_t) \odot (1 - h_{t-1}^2)$, where ⊙ multiplies number by number, and step t adds $\delta_t h_{t-1}^\top$. We let a layer read 16
# random inputs, set a target for its last state, and look at the size of each step's part.

# %%
guess = predict("The loss is computed at step 16. Add up the sizes of all parts: how much of the total is due to the last five steps?", ["about a third", "about half", "nearly all"])

# %% tags=["lesson"]
T, set_g = 16, torch.Generator().manual_seed(SEED)
W = torch.tensor(rnn_gradients.random_matrix(n_units, 0.9, seed=SEED)).requires_grad_()
inputs = 0.5 * torch.randn(T, n_units, generator=set_g, dtype=torch.float64)    # W_x x_t, for each step
states = [torch.zeros(n_units, dtype=torch.float64)]
for t in range(T):
    states.append(torch.tanh(inputs[t] + W @ states[-1]))
(from_autograd,) = torch.autograd.grad(0.5 * (states[-1] - 1).pow(2).sum(), W)

contributions = torch.zeros(T, n_units, n_units, dtype=torch.float64)
with torch.no_grad():
    grad_h = states[-1] - 1
    for t in range(T, 0, -1):
        delta = grad_h * (1 - states[t] ** 2)
        contributions[t - 1] = torch.outer(delta, states[t - 1])
        grad_h = W.T @ delta
assert torch.allclose(contributions.sum(0), from_autograd)

# %%
sizes = contributions.flatten(1).norm(dim=1).numpy()
show(rnn_stills.contributions(sizes), alt="Bars over 16 steps: the norm of each step's part of the gradient is near zero for the first steps and rises steeply towards the last ones.")
share = sizes[-5:].sum() / sizes.sum()
expect(share, at_least=0.75, spec=".0%", what="share of the last five steps in the summed sizes")
guess.compare("nearly all" if share > 0.75 else "about half")

# %% [markdown]
# The parts add up to autograd's gradient, and nearly all comes from the last few steps. What happened at step 3 can hardly change a weight: this network will not *learn* to
# remember, even though (section 2) it *could* remember.
#
# ## 5 · How far does a gradient reach?
#
# Between step $T-k$ and step $T$ stand k factors:
#
# $$\frac{\partial h_T}{\partial h_{T-k}} = \prod_{t=T}^{T-k+1} \operatorname{diag}(1 - h_t^2)\; W_h$$
#
# Without tanh that is the power $W_h^k$. Its size is governed by the **spectral radius** ρ of $W_h$, the largest absolute value of its eigenvalues (numbers λ, maybe complex, with $W_h v = \lambda v$
# for some $v \ne 0$): the stretch per step *in the long run*; in section 4 it was 0.9. As the **norm** $\|\cdot\|$ of a matrix we take the greatest stretch of any vector.
# Then: $\rho^k \le \|W_h^k\| \le \|W_h\|^k$, and the k-th root of $\|W_h^k\|$ tends to ρ.

# %%
steps = list(range(0, 61, 3))
lines = {}
for radius in (0.7, 1.0, 1.3):
    W = rnn_gradients.random_matrix(32, radius, seed=SEED)
    linear = rnn_gradients.gradient_norms(W, np.zeros((60, 32)), steps)         # states 0: tanh has slope 1
    bent = rnn_gradients.gradient_norms(W, rnn_gradients.tanh_states(W, 60, strength=0.3), steps)
    lines[radius] = linear, bent
    assert (linear >= 0.999 * radius ** np.array(steps)).all()
    assert (bent <= 1.001 * np.linalg.norm(W, 2) ** np.array(steps)).all()
    expect(linear[-1] ** (1 / 60), at_least=0.98 * radius, at_most=1.06 * radius, what=f"ρ = {radius}: factor per step, without tanh")

# %%
guess = predict("And with tanh, for ρ = 1.3: is the gradient larger or smaller than without?", ["larger", "smaller"])

# %%
show(rnn_stills.gradient_lines(steps, lines), alt="On a logarithmic scale the norm of the gradient against k: without tanh straight lines that follow the theory, "
     "falling for ρ = 0.7, level for 1, rising for 1.3; with tanh all three lie lower.")
guess.compare("smaller" if lines[1.3][1][-1] < lines[1.3][0][-1] else "larger")
expect(lines[0.7][1][-1], at_most=1e-8, spec=".0e", what="ρ = 0.7, with tanh, 60 steps back")
expect(lines[1.3][0][-1], at_least=1e6, spec=".0e", what="ρ = 1.3, without tanh, 60 steps back")
expect(lines[1.3][1][-1] / lines[1.3][0][-1], at_most=1e-6, spec=".0e", what="ρ = 1.3, with tanh over without")

# %% [markdown]
# The dashed lines lie just above the dotted theory and run parallel to it: ρ is the factor per step. Below 1 the gradient **vanishes**, above 1 it **explodes**, and only at 1 does it do neither.
#
# Tanh adds one more factor at each step, its slope $1 - h^2 \le 1$, so the solid lines fall away: a unit near ±1 has a slope near 0. $\|W_h\|^k$ remains an upper bound, and $\|W_h\|$ < 1 makes every
# gradient vanish; $\rho^k$ is now only a line to compare with; it bounds nothing.
#
# ### Play: radius, input, distance
#
# Within the green band a gradient is usable. **With a lively input (0.5), which radius carries the gradient over 100 steps? It is not 1.** Keep that radius: what happens if the input falls silent, or grows loud?

# %%
explore(*rnn_gradients.gradient_reach(), name="gradient through time", goal="inputs of at least 0.5: a gradient between 0.01 and 100 after 100 steps",
        radius=slider("spectral radius ρ", 0.5, 3.0, 1.0, 0.1), strength=slider("inputs (standard deviation)", 0.0, 1.5, 0.5, 0.1),
        k=slider("k (steps back)", 0, 100, 100, 4))

# %%
W = rnn_gradients.random_matrix(16, 2.2)
for strength, low, high in ((0.0, 0.0, 1e-3), (0.5, 3e-3, 100), (1.5, 0.0, 1e-5)):
    reach = rnn_gradients.gradient_norms(W, rnn_gradients.tanh_states(W, 100, strength), [100])[0]
    expect(reach, at_least=low, at_most=high, spec=".0e", what=f"ρ = 2.2, inputs of {strength:.1f}, 100 steps back")

# %% [markdown]
# Most radii from 2 to 2.8 do it, with gaps between them: tanh takes away about half at each step, so the matrix must double. But the balance depends on the input. At a radius of 2.2, silence the input, and
# the states fall into a cycle that attracts all others: the gradient loses powers of ten; with inputs of 1.5 it loses more still. No setting
# is safe for all inputs, and training moves it anyway. Hochreiter found the fading in 1991; Bengio, Simard and Frasconi showed in 1994 that a unit which latches (section 2) robustly, in spite of noise, *must* have a vanishing gradient.

# %% [markdown]
# ### Exercise 3.2 · The product · 12 min · ★★★
#
# Write `gradient_product(W_h, states)`: the matrix $\partial h_T / \partial h_1$ from the states $h_1 … h_T$. The slow specification: move one unit of $h_1$ a little, run the same inputs again, and
# see how far each unit of $h_T$ moves. Budget: 4 lines.

# %%
def gradient_product(W_h, states):
    """W_h (D, D), states (T, D): h_1 … h_T of a tanh layer → ∂h_T/∂h_1, (D, D): row i for unit i of h_T."""
    ### BEGIN SOLUTION
    J = torch.eye(len(W_h))
    for h in states[1:]:
        J = (1 - h ** 2)[:, None] * (W_h @ J)
    return J
    ### END SOLUTION

# %%
check("3.2", gradient_product)

# %% [markdown]
# <details><summary>Hint 1: one step</summary>
#
# How does $h_2$ move when $h_1$ moves a little? Through $W_h$ first, and then through tanh, whose slope at $h_2$ is $1 - h_2^2$, a different one for each unit.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Begin with `J = torch.eye(D)`. For each of `states[1:]`, multiply *from the left*: first by `W_h`, then each row by its slope, `(1 - h ** 2)[:, None] * …`.
# </details>

# %% [markdown] tags=["discussion"]
# With T = 1 nothing lies between, and the answer is the identity. The check finds the right answer by another route: from two neighbouring states it works out which input led from one to the other, and asks autograd. Real
# training never builds this matrix: it carries one vector back, $\delta_{t-1} = (W_h^\top\delta_t) \odot (1 - h_{t-1}^2)$, which costs D times less.

# %% [markdown]
# ## 6 · Break it: a training run with a jolt
#
# The task is a bank account: 20 payments in and out, one per step. What is the balance at the end? (It is scaled to a variance of 1, so always answering 0 gives a loss of 1.) An RNN of 16 units has
# to learn this by plain gradient descent. All inputs are clean, every batch is new, and the learning rate never changes. The recurrent weights begin at spectral radius 1.5. Ten networks train side by
# side (`recurrent.Bank`); you see the one whose gradient peaks highest.

# %%
def balance(generator):
    return recurrent.account(2 * NETWORKS, 32, 20, generator)


def account_networks():
    return recurrent.Bank("rnn", 2 * NETWORKS, n_in=1, n_units=n_units, n_out=1, radius=1.5, seed=SEED)


losses, norms = recurrent.train(account_networks(), balance, recurrent.squared_error, n_steps=120, lr=0.15, seed=SEED)
worst = int(norms.nan_to_num(nan=torch.inf).amax(0).argmax())
show(rnn_stills.two_curves(losses[:, worst].numpy(), norms[:, worst].numpy(), 1.0, "The worst of ten training runs: the loss leaps, and so does the gradient"),
     alt="Two jagged curves over 120 steps of training: a loss that is thrown far above its usual size, and the norm of the gradient with a peak far above its own.")

# %% [markdown]
# Look at both curves, and decide what is wrong with this network. (The axes end at 10⁵; the curves do not. This network is lost; others are thrown off and come back.)

# %%
guess = predict("What is wrong?", ["the learning rate is too high throughout", "single steps are far too long: the gradient explodes now and then",
                                   "the gradient vanishes", "the network is too small"])

# %%
def clip_(gradients, max_norm):
    """Shorten all gradients together, in place, if their common norm exceeds max_norm → the norm before."""
    norm = torch.sqrt(sum(g.pow(2).sum() for g in gradients))
    for g in gradients:
        g.mul_(min(1.0, max_norm / (float(norm) + 1e-6)))
    return norm


clipped, norms_clipped = recurrent.train(account_networks(), balance, recurrent.squared_error, n_steps=120, lr=0.15, seed=SEED, clip=clip_, max_norm=3.0)
slow, _ = recurrent.train(account_networks(), balance, recurrent.squared_error, n_steps=120, lr=0.03, seed=SEED)
loss_before, loss_after, loss_slow = (runs[-30:].nan_to_num(nan=torch.inf).median(0).values for runs in (losses, clipped, slow))
typical, peak = norms.nan_to_num(nan=torch.inf).median(), norms.nan_to_num(nan=torch.inf).max()
guess.compare("single steps are far too long: the gradient explodes now and then" if peak > 5 * typical and loss_after.max() < loss_before.max() else "the gradient vanishes")

# %% [markdown]
# **Clipping by norm** (Pascanu, Mikolov and Bengio 2013) keeps the gradient's direction and limits its length. The rate, the data and the initial weights stay the same; only gradients longer than 3
# are shortened. If the rate were too high *throughout*, that would help little. The third panel tests that suspicion: no clipping, but a fifth of the rate.

# %%
show(rnn_stills.before_and_after({"rate 0.15": losses.numpy(), "rate 0.15, clipped at 3": clipped.numpy(), "rate 0.03": slow.numpy()}, 1.0),
     alt="Losses of ten networks over 120 steps, three times. At rate 0.15 single lines are thrown far above the dashed line of always answering 0; clipped at norm 3 all sink below it; at rate 0.03 most sink lower still.")
expect(peak / typical, at_least=50, spec=".0e", what="tallest gradient over the typical one")
expect((norms_clipped > 3).float().mean(), at_most=0.3, spec=".0%", what="steps that were shortened")
expect(loss_before.max(), at_least=1.0, spec=".2g", what="without clipping, the worst loss at the end")
expect(loss_after.max(), at_most=0.75, spec=".2f", what="clipped, the worst loss at the end")
expect(loss_after.median() - loss_slow.median(), at_least=0.0, spec=".2f", what="median loss: clipped, minus a fifth of the rate")
expect(loss_slow.median(), at_most=0.4, spec=".2f", what="a fifth of the rate, median loss at the end")
mine = [torch.tensor([[3.0, 0.0], [0.0, 4.0]]), torch.tensor([12.0])]
theirs = [nn.Parameter(torch.zeros_like(g)) for g in mine]
for p, g in zip(theirs, mine, strict=True):
    p.grad = g.clone()
assert torch.allclose(clip_(mine, 2.0), nn.utils.clip_grad_norm_(theirs, 2.0))       # √(3² + 4² + 12²) = 13
assert all(p.grad is not None and torch.allclose(g, p.grad) for g, p in zip(mine, theirs, strict=True))

# %% [markdown]
# Fewer than one step in three was shortened, and every network learns: the peaks did the harm. A fifth of the rate is a cure too, and here the better one: 0.15 is also too high for the last
# refinements. But the leaps came from single steps: shortening those alone removes them. (`clip_` equals `nn.utils.clip_grad_norm_`: one norm over *all* parameters.)
#
# ### Play: the cliff
#
# Where do the peaks come from? Here are one unit, 50 steps, and two numbers to learn. Plotted over those two, the loss is a plain with a **cliff**, where a tiny change flips the last state. The descent begins at the square. Without clipping
# it flies off the map. **Too low a threshold fails as well: how?**

# %%
explore(*rnn_gradients.cliff(), name="the cliff", goal="learning rate 0.1: an error below 0.01 after 60 steps",
        threshold=slider("clip the gradient at norm", 0.01, 1000.0, 1000.0, 0.25, log=True, tip="1000: practically no clipping"),
        lr=slider("learning rate", 0.02, 0.2, 0.1, 0.01))

# %% [markdown]
# With thresholds around 1 to 6, the steps off the cliff stay short, and the descent works its way into the valley. At 0.01 every step is clipped: 60 get nowhere. (Most rates miss the cliff; 0.1 and a few others do not.)
# Clipping cures explosions; for *vanishing* it does nothing.
#
# ## 7 · Gates
#
# The fading has one cause: each step multiplies by $W_h$ and squeezes. The **LSTM** (Hochreiter and Schmidhuber 1997) has a second state, the **cell** $c$, that is not squeezed but *kept and added
# to*. **Gates** say how much of each: numbers between 0 and 1, made by sigmoids from $x_t$ and $h_{t-1}$.
#
# $$i, f, o = \sigma(W_x x_t + W_h h_{t-1} + b) \quad (\text{each with weights of its own}), \qquad g = \tanh(\ldots)$$
# $$c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh(c_t)$$
#
# The **input** gate i lets news in, the **forget** gate f keeps (1) or drops (0) what was there, the **output** gate o shows it.

# %%
def lstm(x, W_x, W_h, b):
    """x (T, C), W_x (4D, C), W_h (4D, D), b (4D,), rows in torch's order i, f, g, o → all states (T, D)."""
    h = c = torch.zeros(W_h.shape[1])
    states = []
    for x_t in x:
        i, f, g, o = (W_x @ x_t + W_h @ h + b).chunk(4)
        i, f, o = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


layer = nn.LSTM(name_x.shape[1], n_units)
W_x, W_h, b_x, b_h = (p.detach() for p in layer.parameters())
assert torch.allclose(lstm(name_x, W_x, W_h, b_x + b_h), layer(name_x)[0], atol=1e-6)
print(f"Four blocks of rows, one for each of i, f, g, o: W_x {tuple(W_x.shape)}, W_h {tuple(W_h.shape)}. The same as nn.LSTM.")

# %% [markdown]
# What does this buy us? Along the cell, $\partial c_t / \partial c_{t-1} = f$ (plus what flows through the gates): no matrix, no tanh. Over k steps that is a product of forget gates, and a network
# can *set* its gates. Their **bias** decides how far open they are at the start. The
# first LSTM had no forget gate at all, f = 1; Gers, Schmidhuber and Cummins added one in 2000, and advised starting with it open.

# %%
guess = predict("torch begins with biases near 0. What is left of the cell's gradient after 50 steps?", ["about half", "about a hundredth", "next to nothing"])

# %%
for bias in (0, 1, 4):
    gate = 1 / (1 + math.exp(-bias))
    print(f"forget bias {bias}: gate {gate:.3f}, after 50 steps {gate**50:.1e}")
guess.compare("next to nothing" if 0.5**50 < 1e-6 else "about a hundredth")

# %% [markdown]
# A half to the fiftieth power. A gate that *could* stay open does not do so by itself: it must learn to, and from the very gradient that is missing. Section 8 shows what comes of that.
#
# The **GRU** (Cho and others 2014) is leaner: no cell, two gates. The **update** gate z keeps a share of the old state; the **reset** gate r says how much of the old state the newcomer n, the **candidate** for the new state, may see:
#
# $$n = \tanh\bigl(W_{xn} x_t + b_{xn} + r \odot (W_{hn} h_{t-1} + b_{hn})\bigr), \qquad h_t = z \odot h_{t-1} + (1 - z) \odot n$$
#
# This is the variant that torch computes: r multiplies *after* the matrix product. In the paper it multiplies h *before* the product: $W_{hn}(r \odot h_{t-1})$. The two are different networks; the weights of one do not fit the other.

# %% [markdown]
# ### Exercise 3.3 · One step of a GRU · 15 min · ★★☆
#
# Write `gru_step` in torch's variant, for a batch: $r$ and $z$ are $\sigma(W_x x + b_x + W_h h + b_h)$, each with its own third of the rows; $n$ and the new state are as above. The rows come in the order r, z, n. Budget: 5 lines.

# %%
def gru_step(x, h, W_x, W_h, b_x, b_h):
    """x (N, C), h (N, D), W_x (3D, C), W_h (3D, D), b_x and b_h (3D,) → the new state (N, D)."""
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
# `x @ W_x.T + b_x` and `h @ W_h.T + b_h` are (N, 3D) each. `.chunk(3, dim=1)` cuts them into the parts of r, z and n. (Without `dim=1` it would cut the batch.)
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Add the parts for r and z and take sigmoids. For n, do not add them straight away: first multiply the part from h by r, then add, then take tanh. Last, mix: `z * h + (1 - z) * n`.
# </details>

# %% [markdown] tags=["discussion"]
# Why did torch change the order? With r after the product, all three products with h can be done as one large one, which is faster; with r before it, the third must wait for r. Papers differ about z
# as well: in some, z is the share of the *new* state. So compare your equations with the library's before you copy weights.

# %% [markdown]
# Now we run the same equations over the whole name and compare them with `nn.GRU`; then once more in the paper's order, to see that the order matters.

# %%
layer = nn.GRU(name_x.shape[1], n_units)
states = {variant: recurrent.gru(name_x, *(p.detach() for p in layer.parameters()), reset=variant) for variant in ("after", "before")}
assert torch.allclose(states["after"], layer(name_x)[0], atol=1e-6)
gap = (states["before"] - states["after"]).abs().max()
expect(gap, at_least=1e-3, what="greatest difference between the two variants, on one name")

# %% [markdown]
# ## 8 · Remember the first letter
#
# A test of nothing but memory: the first symbol is A or B, then come Cs and Ds at random. At the end the question is: which came first? Guessing is right half of the time. There are three
# contestants, five networks of each, trained for 120 steps with Adam: a plain RNN; a default LSTM, as torch makes it; and the same LSTM with its forget gates open at the start (bias + 4).

# %%
guess = predict("Series of 40 symbols: which of them learn the task?", ["all three", "both LSTMs", "only the LSTM with open gates", "none"])

# %%
lengths = (10, 20, 40)
kinds = {"plain RNN": ("rnn", 0.0), "LSTM, default": ("lstm", 0.0), "LSTM, forget gates open": ("lstm", 4.0)}
scores, test_g = np.zeros((len(kinds), NETWORKS, len(lengths))), torch.Generator().manual_seed(SEED + 1)
with progress_bar(len(lengths), "lengths") as advance:
    for i, length in enumerate(lengths):
        task = partial(recurrent.first_symbol, NETWORKS, length=length)     # still open: how many series, and the generator
        for j, (cell, forget) in enumerate(kinds.values()):
            bank = recurrent.Bank(cell, NETWORKS, n_in=4, n_units=n_units, n_out=2, forget=forget, seed=SEED)
            recurrent.train(bank, partial(task, 16), recurrent.cross_entropy, n_steps=n_steps, lr=0.01, optimizer=torch.optim.Adam, enough=0.01, seed=SEED)
            scores[j, :, i] = bank.accuracy(*task(500, generator=test_g)).numpy()
        advance(i + 1)

# %%
show(rnn_stills.memory_race(lengths, dict(zip(kinds, scores, strict=True))), alt="Test accuracy against length, dots for single networks: at 10 steps all three kinds are right; at 40 most plain RNNs and the "
     "default LSTMs lie at chance, most LSTMs whose forget gates begin open at 1.")
median = dict(zip(kinds, np.median(scores, axis=1), strict=True))
for kind in kinds:
    expect(median[kind][0], at_least=0.95, what=f"{kind}, series of 10, median accuracy")
expect(median["plain RNN"][1], at_least=0.9, what="plain RNN, series of 20, median")
expect(median["plain RNN"][2], at_most=0.6, what="plain RNN, series of 40, median")
expect(median["LSTM, default"][1:].max(), at_most=0.6, what="default LSTM, series of 20 and 40, median")
expect(median["LSTM, forget gates open"].min(), at_least=0.95, what="LSTM with open forget gates, all lengths, median")
guess.compare("only the LSTM with open gates" if median["LSTM, default"][2] < 0.6 else "both LSTMs")

# %% [markdown]
# Having gates is not enough. As torch makes it, the LSTM already fails at 20, where most plain RNNs succeed: half of its cell is forgotten at each step, and too little reaches back. With forget gates
# that start open, nearly every network learns every length. (Given 600 training steps, about half of the plain RNNs learn length 40 too; of twenty default LSTMs, not one does.) A rule
# of thumb: a bias of about the logarithm of the time to be spanned (Tallec and Ollivier 2018); ln 40 is 3.7.
#
# ## 9 · Open the gates
#
# Now real words. An LSTM of 16 units reads about 7,600 surnames, letter by letter, and says which of ten languages each comes from. From its last state a linear layer makes the logits.

# %%
class LetterLSTM(nn.Module):
    def __init__(self, n_letters, n_units, n_classes):
        super().__init__()
        self.lstm = nn.LSTM(n_letters, n_units, batch_first=True)
        self.out = nn.Linear(n_units, n_classes)

    def forward(self, x):                           # (N, T, C); after its last letter a word is all zeros
        states, _ = self.lstm(x)
        last = x.sum((1, 2)).long() - 1             # as many ones as letters
        return self.out(states[torch.arange(len(x)), last])


# %% [markdown]
# It trains on one split of the names and is measured on another; all forms of one surname (Novák, Nováková) are in the same split.

# %%
names = surnames()
names_train, names_val = ((recurrent.one_hot(part.names, alphabet, 16), part.y) for part in (names.train, names.val))
set_seed(SEED)
letter_lstm = LetterLSTM(len(alphabet) + 1, 16, len(LANGUAGES))
fit(letter_lstm, names_train, names_val, n_epochs=1 if FAST else 3, lr=0.03, schedule=one_cycle, seed=SEED)
commonest = majority_accuracy(names.train.y, names.val.y)
expect(commonest, at_most=0.3, what="always the commonest language")
expect(evaluate(letter_lstm, names_val)[1], at_least=0.7, what="the LSTM, val accuracy")

# %% [markdown]
# Good enough to look inside. We run it by hand, with the equations of section 7, and record its gates: a row for each unit, a column for each letter, and below them the verdict after each letter. For a gate, white means shut and deep red means open.
#
# ### Play: type a name
#
# Add letters one by one. **Which letter makes it change its mind?** Then choose *forget gate*: which units keep most? Then choose *cell c*: follow a row, and see where it was written to.

# %%
explore(*scenes.gate_traces(letter_lstm.lstm, letter_lstm.out, alphabet, LANGUAGES), name="gates along a word",
        goal="a name of at least three letters whose last letter changes the verdict",
        word=text("word", "Nováková", longest=14), gate=choice("show", ["input gate", "forget gate", "output gate", "cell c", "state h"], "forget gate"))

# %%
states = scenes.open_gates(letter_lstm.lstm, recurrent.one_hot(["Nováková"], alphabet, 8)[0])["state h"]
assert torch.allclose(torch.tensor(states), letter_lstm.lstm(recurrent.one_hot(["Nováková"], alphabet, 8))[0][0], atol=1e-5)
forget = [scenes.open_gates(letter_lstm.lstm, recurrent.one_hot([word], alphabet, 16)[0][:len(word)])["forget gate"] for word in names.val.names[:200]]
spread = np.concatenate(forget)
expect((spread > 0.9).mean(), at_least=0.1, at_most=0.35, spec=".0%", what="forget gates above 0.9: they hold")
expect((spread < 0.3).mean(), at_least=0.04, at_most=0.16, spec=".0%", what="forget gates below 0.3: they drop most")
expect(np.mean([(gates > 0.9).all(0) for gates in forget]), at_most=0.03, spec=".1%", what="above 0.9 over a whole name")

# %% [markdown]
# The gates move with the letters: at about one letter in five a unit holds on to nearly everything (above 0.9), at one in ten or so it drops most of it (below 0.3); hardly any unit stays open over a
# whole word. All of it was learned from names and labels alone.

# %% [markdown]
# ## 10 · Windows and a horizon
#
# To forecast is to answer from the past alone. So we cut the series into **windows** (what is known) and pair each with a **target**, the
# value some steps after its end. That number of steps is the **horizon**: 1 is the very next value.

# %%
toy_series, width, horizon = list(range(10, 18)), 3, 2
for i in range(len(toy_series) - width - horizon + 1):
    print(toy_series[i:i + width], "→", toy_series[i + width + horizon - 1])
x_toy, y_toy, _ = windows(np.array(toy_series), width, horizon)
assert x_toy[0].tolist() == toy_series[:3]
assert y_toy[0] == toy_series[4]

# %% [markdown]
# Eight values give four pairs: a window of 3 and a horizon of 2 use up 5 values, and 8 − 5 + 1 = 4. The course's `windows` does the same, and
# says where in the series each target lies.
#
# Now the sea off Peru, month by month since 1950. In some years, around Christmas, it is far too warm: El Niño. The
# plainest forecast three months ahead is **persistence**: the sea will be as warm as it is now. And here is **ridge**, a linear regression whose
# weights are kept small, on windows of a year. It learns from the years before 1980; we look at its errors in the eighties. (`Setting` holds a series and its splits; `average` is the
# calendar of its training years: more on that below.)

# %%
guess = predict("Three months ahead, persistence is wrong by about 2.5 °C on average. And ridge?", ["about 2 °C", "below 1 °C"])

# %%
months, sea = elnino()
val_from, test_from = (int(i) for i in np.searchsorted(months, [1980, 1990]))
nino = Setting(months, sea, val_from, test_from, width=12, period=12, unit="°C", step="month")
x_sea, y_sea, at_sea = windows(sea, nino.width, 3)
before, eighties = at_sea < nino.first_val, (at_sea >= nino.first_val) & (at_sea < nino.first_test)
sea_ridge = Ridge(1.0).fit(x_sea[before], y_sea[before])
ridge_error = np.abs(sea_ridge.predict(x_sea[eighties]) - y_sea[eighties]).mean()
guess.compare("below 1 °C" if ridge_error < 1 else "about 2 °C")
expect(np.abs(x_sea[eighties, -1] - y_sea[eighties]).mean(), at_least=2.4, at_most=2.6, spec=".2f", unit=" °C", what="persistence, mean error")
expect(ridge_error, at_least=0.6, at_most=0.8, spec=".2f", unit=" °C", what="ridge, mean error")

# %% [markdown]
# More than three times better! It would make a fine slide. But which opponent was beaten? In March the sea off Peru is warm and in
# September cool: "as it is now" is a foolish answer from one season to another. The fair opponent knows the **calendar**: for each month, the mean of that month in the
# training years.

# %%
calendar = np.array([sea[:nino.first_val][month::12].mean() for month in range(12)])
assert np.allclose(calendar[at_sea % 12], nino.average[at_sea])
assert (calendar.argmax(), calendar.argmin()) == (2, 8), "warmest in March, coolest in September"
calendar_error = np.abs(calendar[at_sea % 12] - y_sea)[eighties].mean()
expect(calendar_error, at_least=0.8, at_most=0.92, spec=".2f", unit=" °C", what="the calendar alone, mean error")
show(series_scenes.with_calendar(months, sea, nino.average, [1980, 1990]),
     alt="Above, sea temperatures since 1950 swinging each year with the calendar; below, what departs from the calendar: peaks of several degrees in 1983 and 1998.")

# %% [markdown]
# Twelve numbers, which never look at the present, come close to ridge. Most of what ridge "foretold" was the season.
#
# So take the season away, and forecast what is left: the **departure** from the calendar. Persistence of the departure means "as unusual as now". It is a
# much better opponent, and it is simpler than any model.

# %%
odd = sea - nino.average
odd_error = np.abs(odd[at_sea - 3] - odd[at_sea])[eighties].mean()
expect(odd_error, at_least=0.62, at_most=0.7, spec=".2f", unit=" °C", what="as unusual as now, mean error")
expect(ridge_error - odd_error, at_least=0.0, spec=".2f", unit=" °C", what="ridge on raw temperatures, worse by")

# %% [markdown]
# "As unusual as now" beats ridge on raw temperatures. **Choose the baseline before the model**: it decides what counts as a success.
# From here on, all models forecast departures.

# %% [markdown]
# ## 11 · Split in time
#
# Until now you shuffled the examples before splitting. Here is what that does to a series. The forecaster below only remembers: it looks for
# the most similar window that it has seen, and says what came after that one. We test it twice: on windows drawn at random, and on the years that come after the ones it knows. (The test
# part, from 1990 on, stays closed.)

# %%
guess = predict("The forecaster that remembers: which split makes it look better?", ["at random", "in time", "no difference"])

# %%
x_odd, y_odd, at_odd = windows(odd, 24, 3)
known = np.flatnonzero(at_odd < nino.first_test)
n_old = int((at_odd < nino.first_val).sum())


def memory_error(seen, asked):
    nearest = KNeighborsRegressor(1).fit(x_odd[seen], y_odd[seen])
    return np.abs(nearest.predict(x_odd[asked]) - y_odd[asked]).mean()


in_time = memory_error(known[:n_old], known[n_old:])
orders = [np.random.default_rng(seed).permutation(known) for seed in range(10)]
at_random = np.mean([memory_error(order[:n_old], order[n_old:]) for order in orders])
guess.compare("at random" if at_random < in_time else "in time")
expect(at_random, at_most=0.5, spec=".2f", unit=" °C", what="split at random, mean error")
expect(in_time, at_least=0.9, spec=".2f", unit=" °C", what="split in time, mean error")

# %% [markdown]
# Split at random, it looks twice as good, and far better than the calendar. In truth it is *worse* than the calendar. A window of 24 months shares 23 of them
# with the next: the "unseen" windows were all but seen. That is **leakage**, and no error message warns you of it.
#
# Three rules follow. Split in time: train, then validation, then test. The place of the *target* decides where a window belongs. And whatever is fitted (the
# calendar, a mean, a scale) is fitted on the training part alone.

# %% [markdown]
# ### Exercise 3.4 · Windows without a leak · 15 min · ★★☆
#
# Write `split_windows(series, width, horizon, border)`. Scale the series by the mean and standard deviation (numpy's `.std()`, which divides by N) of what lies before `border`. Then make the
# windows: those whose **target** lies before the border are for training, the others for the test. Slow specification: the loop at the start of section 10, with
# an `if` on the place of the target. Budget: 7 lines.

# %%
def split_windows(series, width, horizon, border):
    """series (T,) → x_train (N, width), y_train (N,), x_test (M, width), y_test (M,)."""
    ### BEGIN SOLUTION
    scaled = (series - series[:border].mean()) / series[:border].std()
    n = len(series) - width - horizon + 1
    x = np.stack([scaled[i:i + width] for i in range(n)])
    y = scaled[width + horizon - 1:]
    train = np.arange(n) + width + horizon - 1 < border
    return x[train], y[train], x[~train], y[~train]
    ### END SOLUTION

# %%
check("3.4", split_windows)

# %% [markdown]
# <details><summary>Hint 1: where does a target lie?</summary>
#
# Window i holds the places i … i + width − 1. Its target lies `horizon` places after the last of these. Compare that place with the border.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# The target's place is `i + width + horizon - 1`. So the targets of all windows are `scaled[width + horizon - 1:]`, and of the n windows, those with `np.arange(n) + width + horizon - 1 < border` are for training.
# </details>

# %% [markdown] tags=["discussion"]
# A test window may reach back over the border: by the time the forecast is made, those values are known. A *training* window may not reach across it, not even with its target: the model would then
# learn from the very values it will be asked for. The scale is the leak that is overlooked most often: in a rising series, the mean of the whole tells the training part that higher values will come.

# %% [markdown]
# ### Play: how far does the past carry?
#
# Ridge on departures, persistence of the temperature itself, and the calendar, on the validation years. We have trained a ridge for each horizon. Move the slider. **From which horizon on
# does knowing the present no longer help? And why does persistence, having got worse and worse, recover at 12 months?**

# %%
explore(*series_scenes.horizon_scene(nino, "calendar", series_scenes.no_better), name="forecast horizon, El Niño",
        goal="the first horizon at which ridge is no better than the calendar", horizon=slider("horizon (months ahead)", 1, 24, 3))

# %% [markdown]
# Persistence recovers after twelve months because the season does: "as a year ago" is a poor calendar. Up to about half a year ahead, the present sea tells ridge something that the calendar does not, much at one month and little at six;
# from eight months on, nothing. Whoever promises you El Niño for next year, from this series alone, promises too much.
#
# Now the sunspots of chapter 02: no calendar, but a rhythm of about eleven years. In place of the calendar stands the mean of the training years. **After how many years is persistence best again, and does ridge have to wait for that?**

# %%
years, spots_a_year = sunspots()
spots = Setting(years, spots_a_year, 1880 - 1700, 1920 - 1700, width=22, period=1, unit="sunspots", step="year")
explore(*series_scenes.horizon_scene(spots, "mean", series_scenes.recovered, 18), name="forecast horizon, sunspots",
        goal="the horizon at which persistence is best again", horizon=slider("horizon (years ahead)", 1, 18, 3))

# %%
def ridge_error_in(s, horizon, other="average"):
    """Ridge's mean error as a share of another forecast's, on the validation years."""
    at, found = series_scenes.three_forecasts(s, horizon)
    val = (at >= s.first_val) & (at < s.first_test)
    return np.abs(found["ridge"] - s.values[at])[val].mean() / np.abs(found[other] - s.values[at])[val].mean()


expect(ridge_error_in(nino, 1), at_most=0.4, spec=".0%", what="sea, 1 month ahead: ridge's error as a share of the calendar's")
expect(ridge_error_in(nino, 6), at_least=0.85, at_most=0.97, spec=".0%", what="sea, 6 months ahead")
expect(ridge_error_in(nino, 8), at_least=0.98, spec=".0%", what="sea, 8 months ahead")
expect(ridge_error_in(spots, 3), at_most=0.75, spec=".0%", what="sunspots, 3 years ahead: ridge's error as a share of the mean's")
expect(max(ridge_error_in(spots, horizon) for horizon in range(1, 19)), at_most=0.95, spec=".0%", what="at the worst of 18 horizons")
expect(ridge_error_in(spots, 12, "persistence"), at_least=1.05, spec=".0%", what="12 years ahead: ridge's error as a share of persistence's")

# %% [markdown]
# At 12 years; 11 is nearly as good. A whole cycle on, and only there, persistence even beats ridge. But ridge need not wait: with 22 years in its window it sees the
# phase of the cycle, and beats the mean at every horizon (by a third three years ahead, by about a fifth from five to fourteen, by a little less beyond).

# %% [markdown]
# ## 12 · Six forecasters, one table
#
# Now the networks. All get the same windows, scaled by the training part, and forecast El Niño three months and sunspots three years ahead: an MLP, a
# 1-D CNN (chapter 02) and a GRU, which reads the window value by value and answers from its last state.
#
# One decision holds for all, ridge included: they forecast how much the value will **change**, and the last value is added to that. So the networks begin near persistence, and have only the rest to learn. Section 13 shows why this is wise.

# %%
class GRUForecast(nn.Module):
    """Reads a window (N, T) value by value; one number (N, 1) from the last state."""

    def __init__(self, hidden=16):
        super().__init__()
        self.gru, self.head = nn.GRU(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.gru(x[..., None])
        return self.head(out[:, -1])


class FromLast(nn.Module):
    """Adds what its body says to the last value of the window."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x[:, -1:] + self.body(x)

# %%
def make_body(kind, width):
    if kind == "MLP":
        return MLP((width, 32, 1))
    if kind == "CNN":
        return nn.Sequential(nn.Unflatten(1, (1, width)), nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv1d(8, 8, 5, stride=2, padding=2), nn.ReLU(),
                             nn.Flatten(), nn.Linear(8 * ((width + 1) // 2), 1))
    return GRUForecast()

# %% [markdown]
# Widths, learning rate and batch size were chosen on the **validation** years. Those years also end each training run: after eight epochs without a lower validation loss, `fit` stops and goes back to the
# best weights. The test years (from 1990; for sunspots, from 1920) are opened only in this section and the next.

# %%
def prepare(s, horizon):
    """Windows of departures from the average, scaled by the training part; the targets' places; the scale; train, val, test masks."""
    odd = s.values - s.average
    scale = odd[:s.first_val].std()
    x, y, at = windows((odd / scale).astype("float32"), s.width, horizon)
    masks = at < s.first_val, (at >= s.first_val) & (at < s.first_test), at >= s.first_test
    return torch.tensor(x), torch.tensor(y)[:, None], at, scale, masks


def forecast_with(model, s, horizon, seed):
    """Fit a network on the training part; its forecasts of the test part's departures (N,), in the unit of the series."""
    x, y, _, scale, (train, val, test) = prepare(s, horizon)
    fit(model, (x[train], y[train]), (x[val], y[val]), n_epochs=FORECAST_EPOCHS, patience=8, batch_size=128, lr=1.5e-2, loss=F.mse_loss,
        optimizer=partial(torch.optim.AdamW, fused=True), seed=seed, progress=False)
    return scale * predict_logits(model, x[test])[:, 0].numpy()

# %%
guess = predict("Who forecasts the sea best, three months ahead?", ["as unusual as now", "ridge", "a network"])

# %% tags=["lesson"]
forecasts, truths = {}, {}
for name, s in {"El Niño": nino, "sunspots": spots}.items():
    x_all, y_all, _, scale, (train, val, test) = prepare(s, 3)
    truths[name] = scale * y_all[test, 0].numpy()
    last, change = x_all[:, -1].numpy(), (y_all[:, 0] - x_all[:, -1]).numpy()
    ridges = [Ridge(strength).fit(x_all[train], change[train]) for strength in (1, 10, 30, 100, 300, 1000)]
    best = min(ridges, key=lambda ridge: np.abs(ridge.predict(x_all[val]) - change[val]).mean())
    forecasts[name] = {"average": [np.zeros(test.sum())], "persistence": [scale * last[test]], "ridge": [scale * (last[test] + best.predict(x_all[test]))]}
    with progress_bar(3 * FORECAST_SEEDS, f"networks on {name}") as advance:
        for i, kind in enumerate(("MLP", "CNN", "GRU")):
            forecasts[name][kind] = []
            for k in range(FORECAST_SEEDS):
                set_seed(SEED + k)
                forecasts[name][kind].append(forecast_with(FromLast(make_body(kind, s.width)), s, 3, SEED + k))
                advance(i * FORECAST_SEEDS + k + 1)

# %%
errors = {name: {kind: [np.abs(f - truths[name]).mean() for f in runs] for kind, runs in found.items()} for name, found in forecasts.items()}
sea_means = {kind: np.mean(runs) for kind, runs in errors["El Niño"].items()}
show(series_scenes.results(errors, ["mean error, 3 months ahead (°C)", "mean error, 3 years ahead (sunspots)"], "No network leaves ridge far behind"),
     alt="Mean errors of six forecasters on two series: the average and persistence err most; on the sea ridge and the three networks lie close together, on sunspots ridge and the GRU lead.")
winner = min(sea_means, key=lambda kind: sea_means[kind])
guess.compare({"persistence": "as unusual as now", "ridge": "ridge"}.get(winner, "a network"))

# %%
for name, found in errors.items():
    for kind, runs in found.items():
        band = f" ± {measured(mean_interval(runs)[1], '.2f')} (95 % interval over {len(runs)} seeds)" if len(runs) > 1 else ""
        print(f"{name:9} {kind:12} {measured(np.mean(runs), '.2f')}{band}")
expect(sea_means["persistence"], at_least=0.70, at_most=0.74, spec=".2f", unit=" °C", what="El Niño, persistence of the departure")
expect(sea_means["ridge"] - sea_means["GRU"], at_least=0.004, at_most=0.04, spec=".3f", unit=" °C", what="El Niño, GRU better than ridge by")
spot_means = {kind: np.mean(runs) for kind, runs in errors["sunspots"].items()}
expect(spot_means["persistence"] / spot_means["ridge"], at_least=2.5, spec=".1f", what="sunspots, persistence's error as a multiple of ridge's")
expect(spot_means["GRU"] / spot_means["ridge"], at_least=0.97, at_most=1.4, spec=".2f", what="sunspots, the GRU's error as a multiple of ridge's")

# %% [markdown]
# The sea: the GRU is ahead of ridge by about two hundredths of a degree. The sun: a linear
# regression, fitted in a millisecond, is as good as the GRU or better.
#
# Is the sea a victory? The interval over seeds says what *chance in the weights* does. It says nothing about *which years* we happened to test on. Look at the years one by one.

# %%
sea_years = np.floor(months[nino.first_test:]).astype(int)


def yearly_gains(kind):
    """By how much networks of a kind improve on ridge's error: the mean of each test year."""
    ridge_off, off = (np.abs(np.array(forecasts["El Niño"][k]) - truths["El Niño"]).mean(0) for k in ("ridge", kind))
    return np.array([(ridge_off - off)[sea_years == year].mean() for year in np.unique(sea_years)])


gains = yearly_gains("GRU")
show(series_scenes.year_by_year(np.unique(sea_years), gains), alt="For each year from 1990 the error that the GRU saves against ridge: many small bars, most of them above zero, and three tall ones in 1997 to 1999.")
gain, half = mean_interval(gains)
print(f"GRU better than ridge in {measured((gains > 0).sum(), '.0f')} of {len(gains)} years; by {measured(gain)} ± {measured(half)} °C on average (95 % interval over years)")
expect((gains > 0).mean(), at_least=0.5, spec=".0%", what="years in which the GRU is better")
expect(gain - half, at_least=-0.015, at_most=0.015, spec=".3f", unit=" °C", what="lower end of that interval")
expect(gains[7:10].sum() / gains.sum(), at_least=0.45, spec=".0%", what="share of its gain that lies in 1997 to 1999")
expect(yearly_gains("CNN")[7:10].sum() / gains[7:10].sum(), at_least=0.6, spec=".0%", what="in those years, the CNN's gain as a share of the GRU's")

# %% [markdown]
# Most years go to the GRU, but by very little: the interval over years begins near zero. And about half of its gain comes from three years, 1997 to 1999, during and after one event, the great El
# Niño. That may be a true strength (no training year strayed so far from the usual), though not one of recurrence: the CNN gains there as well. Or it is luck: one event is one example, however many seeds we train.
#
# The honest sentence is: *against ridge, a GRU saves a few per cent of the error on the sea, and nothing on the sun.* With 346 and 156 training windows a network cannot show
# what it could learn from 300,000.

# %% [markdown]
# ## 13 · Break it: a perfect forecast
#
# A colleague shows you a plain GRU, trained like ours but without the added last value, on the sea's departure **one** month ahead. "On the test years, its correlation with the truth is nearly 0.9. May I publish?"

# %%
set_seed(SEED)
said_next = forecast_with(GRUForecast(), nino, 1, SEED)
x, y, at, scale, (_, _, test) = prepare(nino, 1)
came_next, now, at_next = scale * y[test, 0].numpy(), scale * x[test, -1].numpy(), at[test]
show(series_scenes.overlay(months[at_next], came_next, said_next, "What could be wrong with this?"),
     alt="Twenty-one years of the sea's departure from the calendar and the colleague's forecast, two curves that lie almost on top of one another.")
expect(np.corrcoef(said_next, came_next)[0, 1], at_least=0.82, at_most=0.95, spec=".2f", what="correlation of forecast and truth")

# %% [markdown]
# It follows every rise and fall. You look closely at a peak, and something bothers you. Here is a tool to move the forecast back and forth over the truth. Below it, for comparison, is a ridge
# regression that forecasts sunspots one year ahead. **At which shift does each of the two fit best?**

# %%
spot_at, spot_forecasts = series_scenes.three_forecasts(spots, 1)
spot_test = spot_at >= spots.first_test
spot_next, spot_came = spot_forecasts["ridge"][spot_test], spots_a_year[spot_at[spot_test]]
explore(*series_scenes.shift_scene({"the colleague's sea (°C)": (months[at_next], came_next, said_next, "month"),
                                    "sunspots, by ridge": (years[spot_at[spot_test]], spot_came, spot_next, "year")}),
        name="shifted forecasts", goal="the shift at which the colleague's forecast fits the truth best", shift=slider("moved back by (steps)", -4, 4, 0))

# %%
guess = predict("Your diagnosis of the colleague's forecast?", ["it is as good as it looks", "it saw the test years", "it repeats the last value", "it was trained too long"])

# %%
shifts = range(-4, 5)
best_shift = {name: shifts[int(lag_correlations(f, t, shifts).argmax())] for name, f, t in
              (("sea", said_next, came_next), ("sunspots", spot_next, spot_came))}
skill = 1 - ((said_next - came_next)**2).mean() / ((now - came_next)**2).mean()
assert np.isclose(skill, skill_score(said_next, came_next, now))
guess.compare("it repeats the last value" if skill < 0 else "it is as good as it looks")
expect(best_shift["sea"], at_least=1, at_most=1, spec=".0f", what="shift at which the sea's forecast fits best (months)")
expect(best_shift["sunspots"], at_least=0, at_most=0, spec=".0f", what="shift at which the sunspots' fits best (years)")
expect(np.abs(said_next - came_next).mean() / np.abs(now - came_next).mean(), at_least=1.0, at_most=1.3, spec=".2f", what="the colleague's error as a multiple of persistence's")
expect(np.corrcoef(said_next - now, came_next - now)[0, 1], at_most=0.25, spec=".2f", what="correlation of the changes, forecast and real")

# %% [markdown]
# It is an **echo**: a month late, it repeats what the sea did. Three measurements show it, none at a glance; the last two decide.
# 1. It fits the truth best when moved back by its own horizon. A warning, not a proof: good forecasts of slow series lag too (ours below does).
# 2. Its error is no smaller than persistence's.
# 3. The *changes* that it forecasts have little to do with those that come.
#
# The sea changes slowly, so the last value is nearly right, the loss is small, and the network learned the cheapest thing: to copy. It did not even copy well: the peak of 1997 exceeds anything in its
# training years, and a linear layer on states between −1 and 1 does not reach there.

# %% [markdown]
# ### The remedy
#
# **Measure skill**: the share of persistence's squared error that a forecast saves, 1 − MSE / MSE of persistence. A perfect forecast has skill 1, an echo 0. **Make copying free**: add the last value,
# as `FromLast` does, and let the network learn the change. **Forecast further ahead**, where copying does not pay.

# %%
set_seed(SEED)
mended = forecast_with(FromLast(GRUForecast()), nino, 1, SEED)
last_known = {name: found["persistence"][0] for name, found in forecasts.items()}
three = {name: np.mean([skill_score(f, truths[name], last_known[name]) for f in forecasts[name]["GRU"]]) for name in truths}
expect(skill, at_most=0.0, spec=".2f", what="skill of the colleague's GRU, 1 month ahead")
expect(skill_score(mended, came_next, now), at_least=0.02, at_most=0.2, spec=".2f", what="skill when it learns the change, 1 month ahead")
expect(np.corrcoef(mended - now, came_next - now)[0, 1], at_least=0.22, spec=".2f", what="correlation of its changes with the real ones")
expect(shifts[int(lag_correlations(mended, came_next, shifts).argmax())], at_least=1, at_most=1, spec=".0f", what="and yet the shift at which it fits best (months)")
expect(three["El Niño"], at_least=0.1, at_most=0.3, spec=".2f", what="skill of the GRUs, 3 months ahead")
expect(three["sunspots"], at_least=0.7, spec=".2f", what="skill of the GRUs on sunspots, 3 years ahead")

# %% [markdown]
# With the remedy, skill rises from below zero to about 0.1. Three months ahead it is a little higher, yet below 0.3; on the sun, three years ahead, it is above 0.7. One month ahead, little can be gained. Where there is a rhythm, a
# forecast can be worth having, and skill says how much it is worth.

# %% [markdown]
# ## 14 · Words: a sequence with an end
#
# From numbers back to letters, and to the surnames of section 9. The task is the same: which of ten lists does a name come from? (Volunteers made the lists for the package Faker. The "English" one is
# from the United States, with names from everywhere; the German one is Austrian; the Zulu one holds given names as well. And a name never tells which language a person
# speaks, or where they are from.) Again, all forms of one surname are in one and the same split.

# %%
words = surnames()
for name, label in list(zip(words.train.names, words.train.y.tolist(), strict=True))[:6]:
    print(f"{name:14} {LANGUAGES[label]}")
for name, part in (("train", words.train), ("val", words.val), ("test", words.test)):
    expect(len(part), at_least=500, spec=".0f", what=f"names in {name}")
majority = majority_accuracy(words.train.y, words.test.y)
expect(majority, at_least=0.15, at_most=0.3, what="always the largest list, test accuracy")

# %% [markdown]
# A network wants numbers: each letter gets its own, counting from 1. Names differ in length and a tensor is a rectangle, so shorter names are **padded** with 0 on the right. Characters that occur in no training name share one number.

# %%
letters = sorted({c for name in words.train.names for c in name.lower()})
number = {c: i for i, c in enumerate(letters, 1)}
n_tokens = len(letters) + 2                         # padding, the letters, and the unknown sign


def encode(names):
    """N names → int64 (N, T), T the longest name's length: letters as numbers, then zeros."""
    x = torch.zeros(len(names), max(len(name.lower()) for name in names), dtype=torch.int64)
    for row, name in zip(x, names, strict=True):
        row[:len(name.lower())] = torch.tensor([number.get(c, len(letters) + 1) for c in name.lower()])
    return x


print(encode(["Anna", "Zo", "Ana-Bo"]).numpy())
assert torch.equal(encode(["Anna", "Zo"]), nn.utils.rnn.pad_sequence([encode(["Anna"])[0], encode(["Zo"])[0]], batch_first=True))

# %% [markdown]
# Each number is then looked up in a table of learned vectors, an **embedding** (`nn.Embedding`): 16 numbers for each letter. The GRU reads these, and a linear layer turns a state into ten logits.
#
# From which state? The last one, of course: `out[:, -1]`, as with the windows. Let us try it with a fresh, untrained network, and ask about one name twice: alone, and in company.

# %%
class NameReader(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(n_tokens, 16, padding_idx=0)
        self.gru, self.head = nn.GRU(16, hidden, batch_first=True), nn.Linear(hidden, len(LANGUAGES))

    def states(self, x):
        return self.gru(self.embed(x))[0]           # (N, T, hidden)

    def forward(self, x):
        return self.head(last_valid(self.states(x), lengths_of(x)))

# %%
guess = predict("The same network, the same name: does its answer depend on who else is in the batch?", ["yes", "no"])

# %%
set_seed(SEED)
fresh = NameReader()
alone = fresh.head(fresh.states(encode(["Rossi"]))[:, -1])[0]
in_company = fresh.head(fresh.states(encode(["Rossi", "Van Den Broeck-Jansen"]))[:, -1])[0]
guess.compare("no" if torch.allclose(alone, in_company, atol=1e-4) else "yes")
expect((alone - in_company).abs().max(), at_least=0.02, spec=".2f", what="greatest difference between the two answers")

# %% [markdown]
# It does! In company, Rossi is followed by 16 zeros, and the GRU goes on computing through them: its memory of the name fades while it reads nothing. The state that we want is the one
# after the last *letter*. That is what `last_valid` in the class picks, and what you will now write yourself.

# %% [markdown]
# ### Exercise 3.5 · The last real state · 8 min · ★★☆
#
# Write `last_states(out, lengths)`: for each row, the state at its last real step. Slow specification:
# `torch.stack([row[n - 1] for row, n in zip(out, lengths)])`. Budget: 1 line, no loop.

# %%
def last_states(out, lengths):
    """out (N, T, H), lengths int64 (N,) from 1 to T → (N, H)."""
    ### BEGIN SOLUTION
    return out[torch.arange(len(out)), lengths - 1]
    ### END SOLUTION

# %%
check("3.5", last_states)

# %% [markdown]
# <details><summary>Hint 1: two lists of places</summary>
#
# A tensor can be asked for many places at once: `out[[0, 1, 2], [4, 0, 2]]` gives row 0 at step 4, row 1 at step 0, row 2 at step 2.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# The rows are `torch.arange(len(out))`; the steps count from 0, so a row of n letters ends at step n − 1.
# </details>

# %% [markdown] tags=["discussion"]
# The other way is `nn.utils.rnn.pack_padded_sequence`, which hands the GRU the real steps alone; its final state `h` is then the right one. Both give the same numbers, so the check compares yours
# with the packed one. Packing also saves the computation on the padding; picking by index is easier to read, and works for a Transformer too.

# %%
x_pair = encode(["Rossi", "Van Den Broeck-Jansen"])
packed = nn.utils.rnn.pack_padded_sequence(fresh.embed(x_pair), lengths_of(x_pair), batch_first=True, enforce_sorted=False)
_, h = fresh.gru(packed)
assert torch.allclose(h[0], last_valid(fresh.states(x_pair), lengths_of(x_pair)), atol=1e-6)
assert torch.allclose(fresh(x_pair)[0], fresh(encode(["Rossi"]))[0], atol=1e-6)
print("Packed or picked: the same states, and company no longer matters.")

# %% [markdown]
# ## 15 · Reading names
#
# Training is the loop of chapter 01, with a rate that rises and falls, clipping (section 6), and one new thing: each batch holds names of nearly equal length (`by_length`), so that little time is spent on padding.

# %%
def train_on_names(model, names, loss_of, n_epochs, seed, lr=3e-2):
    """AdamW, one rise and fall of the rate, gradients clipped to length 1; loss_of(model, x, y) is what is minimised."""
    batches = by_length(names, 128, seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, fused=True)
    schedule = one_cycle(optimizer, n_epochs * len(batches))
    for i in (batches[k] for _ in range(n_epochs) for k in torch.randperm(len(batches))):
        x = names[i]
        loss = loss_of(model, x[:, :lengths_of(x).max()], y_train[i])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

# %% [markdown]
# Its opponents do not know what a sequence is. **Bag of letters**: logistic regression on how often each letter occurs, in whatever order. **Bag of pieces**: the same with all pieces of one to three
# letters, the edges of the name included; the rarer a piece, the more it counts (TF-IDF; chapter 13). Which will win?

# %%
guess = predict("Which has the best test accuracy on surnames?", ["bag of letters", "bag of pieces", "GRU"])

# %%
x_train, y_train = encode(words.train.names[:N_NAMES]), words.train.y[:N_NAMES]
x_test, y_test = encode(words.test.names), words.test.y


def train_reader(names, seed):
    set_seed(seed)
    model = NameReader()
    train_on_names(model, names, lambda model, x, y: F.cross_entropy(model(x), y), NAME_EPOCHS, seed)
    return model.eval()


def share_right(model, x):
    return (predict_logits(model, x).argmax(1) == y_test).float().mean().item()


readers = []
with progress_bar(NAME_SEEDS, "networks") as advance:
    for k in range(NAME_SEEDS):
        readers.append(train_reader(x_train, SEED + k))
        advance(k + 1)
gru_right = [share_right(model, x_test) for model in readers]

# %%
bags = {"bag of letters": CountVectorizer(analyzer="char"), "bag of pieces": TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2)}
name_scores = {"largest list": [majority]}
for name, bag in bags.items():
    judge = make_pipeline(bag, LogisticRegression(C=10, solver="newton-cg")).fit([n.lower() for n in words.train.names[:N_NAMES]], y_train)
    name_scores[name] = [judge.score([n.lower() for n in words.test.names], y_test)]
name_scores["GRU"] = gru_right
show(word_scenes.accuracies(name_scores, "Order helps; the bag of pieces is ahead"),
     alt="Test accuracy on surnames: the largest list lowest, then the bag of letters, the GRU well above it, and the bag of pieces a little higher still.")
guess.compare(max(list(name_scores)[1:], key=lambda name: np.mean(name_scores[name])))
expect(name_scores["bag of letters"][0], at_least=0.66, at_most=0.76, what="bag of letters, test accuracy")
expect(np.mean(gru_right), at_least=0.78, at_most=0.85, what="GRU, mean test accuracy")
expect(name_scores["bag of pieces"][0] - np.mean(gru_right), at_least=0.02, what="bag of pieces better than the GRU by")

# %% [markdown]
# The GRU, which got nothing but letters in order, leaves the bag of letters well behind: order carries that much. But it loses to the bag of pieces, which was trained in a second. Why? Surnames are
# short, and what gives them away *is* a piece: *-ová*, *-ić*, *van*, *Ó*. With 7,600 examples it is better to be handed the pieces than to have to find
# them. (A wider GRU, trained for longer, came closer in our trials; it never won.)
#
# Where does it err?

# %%
said = predict_logits(readers[0], x_test).argmax(1)
table = confusion_matrix(said, y_test, len(LANGUAGES))
families = [("English", "German", "Dutch", "Swedish"), ("Italian", "Spanish"), ("Slovak", "Croatian"), ("Irish",), ("Zulu",)]
order = [LANGUAGES.index(name) for family in families for name in family]
show(word_scenes.mistakes(table[np.ix_(order, order)], [LANGUAGES[i] for i in order]),
     alt="Counts of mistakes between ten languages, relatives side by side; the darkest cells lie in the blocks of the Germanic, Romance and Slavic ones.")
family_of = {LANGUAGES.index(name): i for i, family in enumerate(families) for name in family}
near = np.array([[i != j and family_of[i] == family_of[j] for j in range(10)] for i in range(10)])
chance = np.outer(y_test.bincount(), y_test.bincount()) * (1 - np.eye(10))
expect(table[near].sum() / (said != y_test).sum(), at_least=0.42, spec=".0%", what="mistakes between relatives (Germanic, Romance, Slavic)")
expect(chance[near].sum() / chance.sum(), at_most=0.2, spec=".0%", what="if lists were mistaken by chance, given their sizes")

# %% [markdown]
# The mistakes are those of a traveller: related languages are taken for one another far more often than by chance. Some are not really mistakes: a name on the list of the United States *is*
# often German or Spanish.
#
# ### Play: type a surname
#
# Yours, a friend's, an invented one; accents count. Each column is the answer after one more letter; the orange dots mark the favourite. **Which letter settles it?**
# Try *Novak*, *Novák*, *Nováková*; *Peters*, *Peterson*, *Petersen*; *Horvat*, *Horvatić*.

# %%
reader = readers[0]


def language_path(name):
    """(letters, 10) probabilities: the answer after each letter."""
    with torch.inference_mode():
        return F.softmax(reader.head(reader.states(encode([name]))[0]), 1).numpy()


explore(*word_scenes.typed_name(language_path, LANGUAGES, "".join(letters)), name="typed surname",
        goal="a name whose last letter changes the favourite, to one above 80 %", typed=text("surname", "Kowalski", longest=16))

# %% [markdown]
# An accent weighs a lot: *Novák* is almost surely Slovak, *Novak* far less so, and the *ć* settles *Horvatić*. *Peters*, *Peterson* and *Petersen* stay torn between Dutch, English and Swedish. *Kowalski* is
# Polish, but there is no Polish list, and the network cannot say "none of these": like the digit
# reader of chapter 00, it answers with what it knows. And it was only ever trained to answer *after the last letter* of whole names: its answers on the way are a by-product.
#
# Does it really use the order? Shuffle the letters within each name. A bag of letters would not notice. We ask our reader about such test names, and then ask a second reader, one *trained* on shuffled names.

# %%
sure = {name: language_path(name)[-1] for name in ("Novak", "Novák", "Horvatić")}
expect(sure["Novák"][LANGUAGES.index("Slovak")] - sure["Novak"][LANGUAGES.index("Slovak")], at_least=0.15, spec=".2f", what="Slovak: Novák above Novak by")
expect(sure["Horvatić"][LANGUAGES.index("Croatian")], at_least=0.9, spec=".2f", what="Croatian: Horvatić")
generator = torch.Generator().manual_seed(SEED)
shuffled, shuffled_test = (encode(["".join(name[i] for i in torch.randperm(len(name), generator=generator)) for name in part])
                           for part in (words.train.names[:N_NAMES], words.test.names))
in_disorder = share_right(train_reader(shuffled, SEED), shuffled_test)
expect(gru_right[0] - share_right(reader, shuffled_test), at_least=0.2, spec=".2f", what="accuracy lost when the test names are shuffled")
expect(in_disorder, at_least=0.64, at_most=0.74, spec=".2f", what="accuracy if the training names are shuffled as well")
expect(gru_right[0] - in_disorder, at_least=0.05, spec=".2f", what="what order is worth")

# %% [markdown]
# The first drop overstates it: our reader had never met such names. Trained on them, a GRU does about as well as the bag of letters; the gap between it and the reader of ordered names is what order is worth.

# %% [markdown]
# ## 16 · Writing names
#
# A network that says what the next letter will be can also **write**: draw a letter from its probabilities, feed it back, and go on until it draws the end. This one is told the language as well, by a
# vector that is added to each letter's vector. The 0 that was padding now has a meaning: before the name "nothing yet", after it "the end".

# %%
class NameWriter(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.embed, self.language = nn.Embedding(n_tokens, 16), nn.Embedding(len(LANGUAGES), 16)
        self.gru, self.head = nn.GRU(16, hidden, batch_first=True), nn.Linear(hidden, n_tokens)

    def forward(self, x, y, h=None):
        """Letters (N, T), languages (N,), the memory so far → logits of what follows each letter (N, T, K), the memory after."""
        out, h = self.gru(self.embed(x) + self.language(y)[:, None], h)
        return self.head(out), h


def nats(model, x, y):
    """Mean surprise per letter, -log p, in nats. The input is a 0 and then the name; the target is the name and then a 0."""
    logits, _ = model(F.pad(x, (1, 0)), y)
    target = F.pad(x, (0, 1)).masked_fill(torch.arange(x.shape[1] + 1) > lengths_of(x)[:, None], -100)     # -100: not counted
    return F.cross_entropy(logits.flatten(0, 1), target.flatten())

# %% [markdown]
# How good is it? We take its mean **surprise** on names that it has not seen: −log of the probability that it gave to the letter that came, in nats. e to that power is the **perplexity**: the number
# of equally likely letters among which it seems to choose. Beside it stand models that only count: single letters, pairs, triples, for each language separately.

# %%
set_seed(SEED)
writer = NameWriter()
train_on_names(writer, x_train, nats, WRITER_EPOCHS, SEED)
writer.eval()
with torch.inference_mode():
    surprise = {"GRU": nats(writer, x_test, y_test).item()}
_, surprise["letters"], surprise["pairs"], surprise["triples"] = count_nats((x_train, y_train), (x_test, y_test))
for name, value in surprise.items():
    print(f"{name:8} {measured(value, '.2f')} nats a letter, perplexity {measured(np.exp(value), '.1f')}")
expect(surprise["letters"] - surprise["GRU"], at_least=0.8, spec=".2f", unit=" nats", what="GRU below single letters")
expect(surprise["pairs"] - surprise["GRU"], at_least=0.08, spec=".2f", unit=" nats", what="GRU below pairs")
expect(surprise["GRU"] - surprise["triples"], at_least=-0.03, at_most=0.12, spec=".2f", unit=" nats", what="GRU above triples")

# %% [markdown]
# The GRU's surprise is far below that of single letters, below that of pairs, and about level with that of triples, which were merely counted. Again a short memory is enough for short words, and again we know it only because we compared.
#
# Now write. To draw a letter, lay the probabilities end to end on a line of length 1, and see on which piece a random number u falls. A **temperature** T decides how daring
# the draw is: softmax(logits / T). Below 1, likely letters become likelier still; above 1, the probabilities of all letters come closer together.

# %% [markdown]
# ### Exercise 3.6 · Draw a letter · 10 min · ★★☆
#
# Write `draw(logits, temperature, u)`: for each row, the first index at which the running sum of softmax(logits / temperature) exceeds u. Logits may be as large as 1000, and
# rounding may leave the last sum just below 1: even then, never answer K, which is no letter's index. Budget: 2 lines. By hand: probabilities 0.5, 0.3, 0.2 have the running sums 0.5, 0.8, 1; u = 0.6 gives index 1, u = 0.1 index 0.

# %%
def draw(logits, temperature, u):
    """logits (N, K), temperature > 0, u (N,) in [0, 1) → int64 (N,)."""
    ### BEGIN SOLUTION
    running = F.softmax(logits / temperature, dim=1).cumsum(1)
    return (running <= u[:, None]).sum(1).clamp(max=logits.shape[1] - 1)
    ### END SOLUTION

# %%
check("3.6", draw)

# %% [markdown]
# <details><summary>Hint 1: count</summary>
#
# The running sums grow. The first that exceeds u comes right after all those that do not: how many of those are there?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `probs.cumsum(1)` has shape (N, K); compare it with `u[:, None]` and sum the True values along axis 1.
# </details>

# %% [markdown] tags=["discussion"]
# This is inversion sampling, the oldest way to draw from any distribution; `torch.multinomial` does the same job. Why clamp? In float32 the last running sum may be
# 0.9999999, and a u above it would give index K, which does not exist. Why divide the *logits*? Dividing probabilities and normalising again changes nothing at all.

# %% [markdown]
# The chapter uses the course's own `draw_letter`, so you can go on without yours. We write several names at once, one letter of each per step. The numbers u are the same for every temperature, so
# whatever changes in the figure is the temperature's doing.

# %%
signs = ["|", *letters, "|"]                        # what each number stands for; | ends a name


def write_names(language, temperature, n=12, seed=SEED):
    """n names in lower case."""
    x, h, y, names = torch.zeros(n, 1, dtype=torch.int64), None, torch.full((n,), LANGUAGES.index(language)), [""] * n
    with torch.inference_mode():
        for u in torch.rand(20, n, generator=torch.Generator().manual_seed(seed)):
            logits, h = writer(x, y, h)
            x = draw_letter(logits[:, -1], temperature, u)[:, None]
            names = [name + signs[k] for name, k in zip(names, x[:, 0].tolist(), strict=True)]
            if all("|" in name for name in names):
                break
    return [name.split("|")[0] for name in names]

# %%
for language in ("Italian", "Slovak", "Irish"):
    print(f"{language:8}", measured(", ".join(name.title() for name in write_names(language, 0.6, 5))))

# %% [markdown]
# ### Play: temperature
#
# Names in vermilion contain a pair of letters that no real name on the list has; names in black are copied from the list. **At which temperature does the network stop repeating itself, and at which
# does it begin to stammer?** Watch the bars as well: what do 0.2 and 2 make of them?

# %%
train_names = {language: [n.lower() for n, k in zip(words.train.names, words.train.y.tolist(), strict=True) if LANGUAGES[k] == language] for language in LANGUAGES}


def next_letter(language, prefix):
    with torch.inference_mode():
        return writer(F.pad(encode([prefix]), (1, 0)), torch.tensor([LANGUAGES.index(language)]))[0][0, -1, :-1].numpy()


explore(*word_scenes.written_names(write_names, next_letter, letters, train_names), name="temperature",
        goal="twelve different names, at most three copied and at most three with a pair of letters that no real name has",
        language=choice("language", list(LANGUAGES), "Croatian"), temperature=slider("temperature", 0.1, 2.0, 1.5, 0.1))

# %%
def newness(temperature):
    """Over five languages: share of names that are new, and of those that hold a pair of letters no real name of the list has."""
    made = {language: write_names(language, temperature, 5 if FAST else 40, seed=1) for language in LANGUAGES[::2]}
    pairs = {language: word_scenes.pairs_of(train_names[language]) for language in made}
    new = np.mean([name not in train_names[language] for language in made for name in made[language]])
    odd_pairs = np.mean([not word_scenes.pairs_of([name]) <= pairs[language] for language in made for name in made[language]])
    different = np.mean([len(set(names)) / len(names) for names in made.values()])
    return new, odd_pairs, different


cool, mild, hot = newness(0.2), newness(0.8), newness(1.8)
expect(cool[2], at_most=0.75, spec=".0%", what="different names among those written at 0.2")
expect(mild[0], at_least=0.85, spec=".0%", what="new names at 0.8")
expect(hot[1], at_least=0.6, spec=".0%", what="names with an unheard-of pair of letters at 1.8")
expect(hot[1] - mild[1], at_least=0.25, spec=".0%", what="more of them than at 0.8, by")

# %% [markdown]
# Cold, it repeats its favourites. Mild, most names are new and sound right. Hot, it stammers. "New" means not in the training list: the network has learned how such names are built, not only which
# names exist. There is no right temperature: it trades variety against plausibility, here as in today's language models, which use this very number.

# %% [markdown]
# ## 17 · The article, checked
#
# The article gives the RNN one sentence: it *trains on sequences, to analyse and predict them*. Beside it, your numbers:
#
# | It says | You found |
# |---|---|
# | "predict" | Yes, but measure against the right baseline: ridge, a linear model, was level with the GRU on sunspots and close to it on the sea (section 12), and a handsome forecast was an echo (section 13) |
# | "analyse" | Names were read far better with order than without; pieces of names did better still (section 15) |
# | nothing on training | gradients that vanish or explode, clipping, gates (sections 4 to 8) |
# | nothing on order in time | a random split flatters (section 11); padding is read unless you stop it (section 14) |
# | nothing on writing | the same network writes, at any temperature (section 16) |

# %%
print(f"{'':34}{'plain rule':>12}{'GRU':>10}")
for what, rule, network, spec in (("sea, mean error (°C), ridge", sea_means["ridge"], sea_means["GRU"], ".2f"), ("sunspots, mean error, ridge", spot_means["ridge"], spot_means["GRU"], ".1f"),
                                  ("surnames read right, pieces", name_scores["bag of pieces"][0], np.mean(gru_right), ".2f"), ("nats a letter, triples", surprise["triples"], surprise["GRU"], ".2f")):
    print(f"{what:34}{measured(rule, spec):>12}{measured(network, spec):>10}")

# %% [markdown]
# That plain rules are hard to beat is no quirk of ours. In the M4 competition (100,000 series, 2018) all six pure machine-learning entries lost to a combination of simple rules; the winner combined
# such a rule with an LSTM. In M5 (sales, 2020) fewer than half of 5,507 teams beat the naive forecast; boosted trees won.
#
# And then attention took over: first as an aid to RNN translators (Bahdanau et al. 2015), then without any recurrence (Vaswani et al. 2017), since all positions train at once and none is far from
# another. Chapter 13 builds it. The recurrent idea is not dead: linear, gated recurrences such as Mamba (Gu and
# Dao 2023) have brought it back for very long sequences.

# %% [markdown]
# ## Summary
#
# **How can a network remember?** By feeding its own state back into itself: one small set of weights, used at every step, reads a series of any length. It *can* remember with a single unit.
# To *learn* to remember it needs a gradient that reaches back, and in plain recurrence the gradient fades or explodes exponentially. Clipping tames the explosion; gates that begin open keep the way back clear.
#
# You have
# - shown where bags and windows fail, and written a recurrent layer that equals `nn.RNN`;
# - sent a gradient back through time by hand, and measured its reach against length and spectral radius;
# - diagnosed an exploding gradient, and clipped it;
# - written an LSTM and a GRU, seen what open gates buy you, and watched them on a word of your own;
# - forecast series, read and invented names, and told a forecast from an echo.

# %%
quiz("A sentence of 30 words is read by an RNN of 64 units; then one of 60 words. How many more weights are needed?", {
    "None.": "The same W_x, W_h and b serve every step; only the time to read doubles.",
    "Twice as many.": "That would be a window, with weights for each place.",
    "64 for each new word.": "Each word makes a new state of 64 numbers; states are not weights.",
}, right=0)
quiz("The loss falls nicely, leaps to fifty times its value within one step, and hardly recovers. What do you look at first?", {
    "Whether the network has enough units.": "Too small a network learns slowly or stops early; it does not leap.",
    "The norm of the gradient at that step.": "A peak far above its usual size is the mark of an exploding gradient: clip it.",
    "The forget-gate bias.": "That helps against vanishing. A leap is the opposite ailment.",
}, right=1)
quiz("You replace an RNN with nn.LSTM, to span 50 steps, and it still learns nothing. The likeliest reason?", {
    "An LSTM needs a higher learning rate.": "No rate makes a gradient of 10⁻¹⁵ point anywhere.",
    "It needs gradient clipping.": "Clipping shortens gradients; here they are too short already.",
    "Its forget gates begin half shut.": "σ(0) = ½ at each step: after 50 steps nothing is left. Begin with a bias of about ln 50 ≈ 4.",
}, right=2)
quiz("A forecast one day ahead has a correlation of 0.95 with the truth. What do you ask first?", {
    "How large was the network?": "A small one can echo as well as a large one.",
    "What is its error beside persistence's?": "A slow series gives an echo the same correlation. Skill against persistence tells the two apart.",
    "How many epochs was it trained?": "That may matter later. First: is there anything in the forecast but yesterday's value?",
}, right=1)
quiz("A batch of names is padded on the right, and you read out[:, -1]. What happens?", {
    "Nothing: padding is 0, so it changes no state.": "Even for an input of zeros a GRU computes a new state from the old one, its biases and gates.",
    "An error: lengths differ.": "The tensor is a rectangle; nothing complains, and that is the trouble.",
    "Short names get an answer that depends on the longest name of the batch.": "The state goes on changing through the padding. Read it at each row's own last letter.",
}, right=2)

# %% [markdown]
# ## Further reading
#
# **Memory, gradients, gates**
#
# - J. L. Elman, "Finding structure in time", *Cognitive Science* 14 (1990), [doi:10.1207/s15516709cog1402_1](https://doi.org/10.1207/s15516709cog1402_1): the plain RNN.
# - S. Hochreiter, *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, TU München (1991): the first account of the fading.
# - Y. Bengio, P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult", *IEEE Trans. Neural Networks* 5 (1994), [doi:10.1109/72.279181](https://doi.org/10.1109/72.279181): latching and the vanishing gradient.
# - R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks" (2013), [arXiv:1211.5063](https://arxiv.org/abs/1211.5063): spectral radius, the cliff, clipping.
# - S. Hochreiter, J. Schmidhuber, "Long short-term memory", *Neural Computation* 9 (1997), [doi:10.1162/neco.1997.9.8.1735](https://doi.org/10.1162/neco.1997.9.8.1735).
# - F. A. Gers, J. Schmidhuber, F. Cummins, "Learning to forget: continual prediction with LSTM", *Neural Computation* 12 (2000), [doi:10.1162/089976600300015015](https://doi.org/10.1162/089976600300015015).
# - K. Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine translation" (2014), [arXiv:1406.1078](https://arxiv.org/abs/1406.1078): the GRU.
# - C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?" (2018), [arXiv:1804.11188](https://arxiv.org/abs/1804.11188): how to set the gates at the start.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (2016), chapter 10, [deeplearningbook.org](https://www.deeplearningbook.org).

# %% [markdown]
# **Forecasts, and what came after**
#
# - A. H. Murphy, "Skill scores based on the mean square error and their relationships to the correlation coefficient", *Monthly Weather Review* 116 (1988), [doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2](https://doi.org/10.1175/1520-0493%281988%29116%3C2417:SSBOTM%3E2.0.CO;2).
# - S. Makridakis, E. Spiliotis, V. Assimakopoulos, "The M4 competition: 100,000 time series and 61 forecasting methods", *Int. J. Forecasting* 36 (2020), [doi:10.1016/j.ijforecast.2019.04.014](https://doi.org/10.1016/j.ijforecast.2019.04.014); on M5: 38 (2022), [doi:10.1016/j.ijforecast.2021.11.013](https://doi.org/10.1016/j.ijforecast.2021.11.013).
# - D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and translate" (2015), [arXiv:1409.0473](https://arxiv.org/abs/1409.0473).
# - A. Vaswani et al., "Attention is all you need" (2017), [arXiv:1706.03762](https://arxiv.org/abs/1706.03762).
# - A. Gu, T. Dao, "Mamba: linear-time sequence modeling with selective state spaces" (2023), [arXiv:2312.00752](https://arxiv.org/abs/2312.00752).
# - The data: sea temperatures of Niño 1+2, [NOAA Climate Prediction Center](https://www.cpc.ncep.noaa.gov/data/indices/), as shipped by [statsmodels](https://www.statsmodels.org/stable/datasets/generated/elnino.html); surnames by the volunteers of [Faker](https://faker.readthedocs.io).
#
# **Next:** [04 · Autoencoder — What survives a narrow door?](04_autoencoder.ipynb)
