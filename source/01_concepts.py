# %% [markdown]
# # 01 · Concepts — What can a stack of layers do that one cannot?
#
# > **You will be able to**
# > - say what a neuron, a layer, an activation, a loss and a gradient are, and write each in a few lines of NumPy;
# > - work out the gradients of a two-layer network by hand (backpropagation) and check them in two ways;
# > - show what one layer cannot do, and what a stack of them can;
# > - train a network by gradient descent, and tell from its loss what ails it;
# > - tell learning from learning by heart, with three splits of the data.
# >
# > **Time** 90 minutes, exercises 60 more · **Before this** [00 · Start here](00_start_here.ipynb) ·
# > **The article** section 1, and what it leaves out of section 3.

# %% tags=["parameters"]
FAST = False
SEED = 0
lr = 0.5            # for the network on the digits
n_epochs = 30
n_seeds = 5         # wherever a result rests on chance
n_long = 250        # epochs in which to over-fit

# %% tags=["setup"]
import time
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import log_softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from helpers import check, expect, measured, plots, show, start
from helpers.data import TOYS, toy
from helpers.topics.concepts import scenes as figures
from helpers.topics.concepts import stills
from helpers.topics.concepts.playground_scene import playground
from helpers.metrics import accuracy, majority_accuracy, mean_interval
from helpers.topics.concepts.playground import N_TRAIN, Playground, side_by_side
from helpers.training import evaluate, fit
from helpers.widgets import choice, explore, live, predict, quiz, slider, switch

start(SEED, fast=FAST)

# %% [markdown]
# ## 1 · One neuron
#
# A **neuron** multiplies each input by a **weight**, adds the products and a **bias**, and squeezes the sum $z$ (the
# **pre-activation**):
#
# $$z = w_1 x_1 + w_2 x_2 + b, \qquad p = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# The squeezing function is its **activation**; this one, the *sigmoid*, gives a number between 0 and 1, which we
# read as the probability of class 1. Here are 200 points of two classes, and a neuron with guessed weights.

# %%
x, y = (t.numpy() for t in toy("blobs", n=200, noise=0.45, seed=0))
x = x.astype(float)
w, b = np.array([1.0, 0.5]), 0.2
z = x @ w + b                   # (200,): one number for each point
p = 1 / (1 + np.exp(-z))        # (200,): squeezed into 0 … 1
print(f"first point {x[0].round(1)}: z = {z[0]:.1f}, p = {p[0]:.2f}; its class is {y[0]}")

# %% [markdown]
# ### How wrong is it? The loss
#
# To improve, we need one number for "how wrong". The **loss** of a point is $-\ln$ of the probability that the
# neuron gave to the *true* class (the **cross-entropy**; its unit is the *nat*). The loss of a set is the mean.
#
# <details><summary>Predict: what is the loss of a neuron that always says "50 %"? And of one that is 99 % sure, and wrong?</summary>
#
# The first: −ln 0.5 ≈ 0.69. The second: −ln 0.01 ≈ 4.6. Confident mistakes cost most.
# </details>

# %%
for share in (0.99, 0.9, 0.5, 0.1, 0.01):
    print(f"{share:4.0%} given to the true class: a loss of {-np.log(share):.2f} nats")

# %% [markdown]
# **Play.** Tune the neuron by hand. Watch the right-hand side: of a point's two coordinates, the neuron keeps
# only one number, $z$. *Which of the three sliders moves the line without turning it? What changes when you make
# both weights and the bias three times as large, so that the line stays put?*

# %%
explore(*figures.one_neuron(x, y, target=0.10), name="one neuron", goal="a loss of at most 0.10 nats",
        w1=slider("weight w₁", -8.0, 8.0, 1.0, 0.1), w2=slider("weight w₂", -8.0, 8.0, 0.5, 0.1), b=slider("bias b", -4.0, 4.0, 0.2, 0.1))

# %% [markdown]
# The bias shifts the line; the *direction* of $(w_1, w_2)$ turns it; their *length* says how sure the neuron is.
# Being surer pays off on the right side of the line, and costs on the wrong one.
#
# A **layer** is several neurons (**units**) that look at the same inputs. Their weights are the rows of a matrix $W$; a
# **batch** of inputs is a matrix too, one example per row, and the whole layer is one matrix product. One of today's most used
# activations is also the plainest, the **ReLU** ("rectified linear unit"): $\max(0, z)$.

# %% [markdown]
# ### Exercise 1.1 · A layer · 6 min · ★☆☆
# Write a layer of ReLU units for a whole batch, without a loop. As a loop it would read:
# `out[n, k] = max(0, sum(W[k, d] * x[n, d] for d in range(D)) + b[k])`.

# %%
def relu_layer(x, W, b):
    """x: (N, D) inputs, W: (K, D) weights, b: (K,) biases → (N, K). One line."""
    ### BEGIN SOLUTION
    return np.maximum(x @ W.T + b, 0)
    ### END SOLUTION

# %%
check("1.1", relu_layer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `x @ A` multiplies each row of `x` by `A`. What shape must `A` have, so that (N, D) becomes (N, K)?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Transpose `W`. NumPy adds `b` of shape (K,) to each row by itself. `np.maximum` compares element by element.
# </details>

# %% [markdown] tags=["discussion"]
# One product does the work of three loops, because all examples and all units use the same `W`. The layout (units,
# inputs) is that of `torch.nn.Linear`, so weights can be copied to and fro. `b` is added before the ReLU: it decides
# *where* the unit's kink lies.

# %% [markdown]
# ## 2 · Downhill: the gradient
#
# Nobody tunes a million weights by hand. The **gradient** says for each **parameter** (weight or bias) how fast the loss $L$
# grows when that parameter grows. It is found with the chain rule, from the loss back to the weights (**backpropagation**):
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial p} \cdot \frac{\partial p}{\partial z} \cdot \frac{\partial z}{\partial w}$$
#
# (∂: one thing changes, all others are held still.) For one point $L = -y \ln p - (1-y) \ln(1-p)$: as $y$ is 0 or 1, one of
# the two terms is 0. Hence $\frac{\partial L}{\partial p} = -\frac{y}{p} + \frac{1-y}{1-p}$. The sigmoid's slope is
# $\frac{\partial p}{\partial z} = \frac{e^{-z}}{(1 + e^{-z})^2} = p(1-p)$, because $1 - p = \frac{e^{-z}}{1 + e^{-z}}$. And
# $\frac{\partial z}{\partial w} = x$. Each factor is a line of code.

# %% tags=["lesson"]
def neuron_gradient(x, y, w, b):
    p = 1 / (1 + np.exp(-(x @ w + b)))               # forward
    dp = (-y / p + (1 - y) / (1 - p)) / len(y)       # backward: how the mean loss depends on p,
    dz = dp * p * (1 - p)                            # … on z,
    return x.T @ dz, dz.sum()                        # … on w and on b


dw, db = neuron_gradient(x, y, w, b)
print("dL/dw =", dw.round(3), " dL/db =", db.round(3))

# %% [markdown]
# Here is the same for the first point alone, as a graph. Values flow to the right, above the edges; then gradients flow
# back, below them. Each box multiplies what comes back by its own slope; a sum hands it on unchanged.

# %%
show(stills.neuron_graph(x[0], y[0], w, b),
     alt="A neuron as a graph from w₁, w₂ and b over the sum z and the sigmoid's p to the loss: each edge bears a value and, below it, a gradient.")

# %% [markdown]
# Over all points both weights have a negative gradient: the loss falls when they grow. Is the derivation right? Two independent
# witnesses: nudge each parameter a little and see how the loss moves (**finite differences**), and let torch
# differentiate (**autograd**).

# %%
def loss_of(w, b):
    z = x @ w + b
    return np.logaddexp(0, np.where(y == 1, -z, z)).mean()      # -ln p of the true class, without overflow


eps = 1e-6
nudged = np.array([(loss_of(w + eps * e, b) - loss_of(w - eps * e, b)) / (2 * eps) for e in np.eye(2)])
nudged_b = (loss_of(w, b + eps) - loss_of(w, b - eps)) / (2 * eps)
w_t, b_t = torch.tensor(w, requires_grad=True), torch.tensor(b, dtype=torch.float64, requires_grad=True)
loss = F.binary_cross_entropy_with_logits(torch.tensor(x) @ w_t + b_t, torch.tensor(y).double())
dw_torch, db_torch = torch.autograd.grad(loss, (w_t, b_t))
assert np.allclose([*dw, db], [*nudged, nudged_b], atol=1e-8)
assert np.allclose([*dw, db], [*dw_torch, db_torch.item()])
print("by hand, by nudging and by autograd: the same")

# %% [markdown]
# Look at $z$'s edge again: multiply the factors out and nearly everything cancels, $\frac{\partial L}{\partial z} = p - y$. *What the
# neuron said, minus what was true.* That is one reason why sigmoid and cross-entropy are used together.

# %% [markdown]
# ### Exercise 1.2 · A gradient by hand · 12 min · ★★☆
# The same neuron, but with the **squared error**: $L = \frac{1}{N} \sum (p - y)^2$. Derive and write its gradient.

# %%
def squared_error_gradient(x, y, w, b):
    """x: (N, D), y: (N,) of 0 and 1, w: (D,), b: number → dL/dw (D,), dL/db. Three lines."""
    ### BEGIN SOLUTION
    p = 1 / (1 + np.exp(-(x @ w + b)))
    dz = 2 * (p - y) / len(y) * p * (1 - p)
    return x.T @ dz, dz.sum()
    ### END SOLUTION

# %%
check("1.2", squared_error_gradient)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Only the first factor of the chain changes: how L depends on p. The other two stay as above.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# dL/dp = 2 (p − y) / N. Multiply by p (1 − p) to get dL/dz, then by x (for w) and by 1 (for b), and add up over the batch.
# </details>

# %% [markdown] tags=["discussion"]
# Here the factor p (1 − p) stays. Where an answer is sure and wrong (p near 0, y = 1), this factor is nearly 0: the neuron
# hardly learns where it is most wrong. The cross-entropy has no such dead zone; this is the reason to prefer it.

# %% [markdown]
# ### Gradient descent
#
# **Gradient descent** takes a small step against the gradient, again and again. The **learning rate** `lr` sets the
# size of the step. Whatever turns gradients into steps is the **optimiser**.

# %%
w, b, losses = np.zeros(2), 0.0, []
for _ in range(2500):
    dw, db = neuron_gradient(x, y, w, b)
    w, b = w - 3.0 * dw, b - 3.0 * db           # a rate of 3: large, but this bowl is shallow
    losses.append(loss_of(w, b))
reference = LogisticRegression(C=np.inf, tol=1e-8).fit(x, y)       # C = ∞: nothing but the loss (the default also keeps weights small)
print("gradient descent:", w.round(2), " scikit-learn:", reference.coef_[0].round(2))
assert np.allclose(w, reference.coef_[0], atol=1e-2)
expect(losses[-1], at_most=0.10, what="loss of the trained neuron (nats)")

# %% [markdown]
# Our five lines found what scikit-learn's logistic regression finds: a trained neuron with a sigmoid *is* logistic
# regression. For one neuron with the cross-entropy, on classes that overlap, the loss is a bowl with one lowest point. With more layers it is a landscape with
# valleys, and walking there needs some care.
#
# **Play.** A valley of height $(a^2 + 25\,b^2)/2$: steep across (curvature 25), flat along (curvature 1). You have 30 steps. *What is the
# highest rate at which the walk still comes down? Can you reach the target with the momentum (the share of the last step that is carried on) at 0?*

# %%
explore(*figures.descent_track(target=0.01), name="a walk downhill", goal="a height of at most 0.01 after 30 steps",
        lr=slider("learning rate", 0.003, 0.3, 0.07, 0.02, log=True, tip="the length of a step, for a gradient of length 1"),
        momentum=slider("momentum", 0.0, 0.98, 0.0, 0.02, tip="the share of the last step's velocity that is kept"))

# %% [markdown]
# The steep direction limits the rate. There the slope is $25\,b$, so a step turns $b$ into $(1 - 25\,lr)\,b$; above
# $lr = 2/25 = 0.08$ that factor is below −1, and the walk climbs out. Below that, it crawls along the flat direction. **Momentum** keeps
# a share $\beta$ of the last step's velocity: steps along the valley add up, steps across it cancel. Is the target out of reach
# without it? Try 400 rates with $\beta = 0$, then with 0.44, which theory calls best in the long run for curvatures 1 and 25 (Polyak 1964:
# $\left(\frac{\sqrt{25} - 1}{\sqrt{25} + 1}\right)^2$).

# %%
rates = np.geomspace(0.003, 0.3, 400)
for beta in (0.0, 0.44):
    heights = [figures.height(figures.descend(rate, beta))[-1] for rate in rates]
    print(f"momentum {beta}: lowest height {min(heights):.0e}, at a rate of {rates[np.argmin(heights)]:.2f}")
assert figures.height(figures.descend(0.079))[-1] < figures.height(figures.START) < figures.height(figures.descend(0.081))[-1]

# %% [markdown]
# Without momentum no rate reaches 0.01 in 30 steps; with it the walk gets over a hundred thousand times lower. And 0.08 is an
# edge: below it every walk comes down in the end, above it every walk climbs for ever, if slowly at first.

# %% [markdown]
# ### Exercise 1.3 · Momentum · 8 min · ★★☆
# Write gradient descent with momentum. Start at rest (`v = 0`). Each step: `v` becomes `beta * v + gradient at w`,
# then `w` becomes `w - lr * v`.

# %%
def descend(grad, w, lr, beta, n_steps):
    """grad: function w → gradient; w: (D,) start; → w after n_steps, (D,). Five lines."""
    ### BEGIN SOLUTION
    v = np.zeros_like(w)
    for _ in range(n_steps):
        v = beta * v + grad(w)
        w = w - lr * v
    return w
    ### END SOLUTION

# %%
check("1.3", descend)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A ball that rolls: the gradient changes its velocity, the velocity changes its place. Two lines in a loop.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Begin with `v = np.zeros_like(w)`. In the loop, compute the new `v` first and use it at once. Write `w = w - …`, which
# makes a new array, rather than `w -= …`, which would change the caller's.
# </details>

# %% [markdown] tags=["discussion"]
# With β = 0.9 a steady gradient g builds up to a velocity of g (1 + 0.9 + 0.81 + …) = 10 g: the effective rate is
# lr / (1 − β). When you raise the momentum, lower the rate. This is torch's convention; some books multiply the new
# gradient by (1 − β), which differs by just that factor.

# %% [markdown]
# ## 3 · What one layer cannot
#
# A neuron separates two classes along a straight line. Here are five data sets, class 0 in blue and class 1 in orange.
# *For which of them is a line enough?*

# %%
sets = {name: [t.numpy() for t in toy(name, n=400, noise=0.05, seed=SEED)] for name in TOYS}
show(stills.data_sets(sets), alt="Five data sets of two classes: two clusters, a ring around a ring, two interlocking moons, two spirals, and xor, whose four squares alternate.")
guess = predict("Never mind training: take the luckiest of all straight lines. How many of 100 points of the circles does it get right?", ["about 50", "about 65", "about 80"])

# %% [markdown]
# First a neuron, trained on 200 points and scored on 200 others. Beside it two plain baselines:
# *majority* always answers the commoner class; *nearest neighbours* lets the five closest training points vote.

# %%
print("                 majority   one neuron   5 nearest neighbours")
scores = {}
for name, (x, y) in sets.items():
    neuron = LogisticRegression(C=100).fit(x[:200], y[:200])        # a large C: weights may grow
    neighbours = KNeighborsClassifier(5).fit(x[:200], y[:200])
    scores[name] = neuron.score(x[200:], y[200:])
    row = majority_accuracy(y[:200], y[200:]), scores[name], neighbours.score(x[200:], y[200:])
    print(f"{name:>10}: " + "".join(f"{measured(100 * value, '.0f'):>10} %" for value in row))

# %%
expect(scores["circles"], at_most=0.62, what="one neuron on the circles")
expect(scores["blobs"], at_least=0.97, what="one neuron on the blobs")
x, y = (t.numpy() for t in toy("circles", n=4000, noise=0.05, seed=SEED))
turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
along = x @ np.stack([np.cos(turns), np.sin(turns)])       # (4000, 60): each point's place along 60 directions
best = max(((along < border) == (y[:, None] == 1)).mean(axis=0).max() for border in np.linspace(-1, 1, 60))
expect(best, at_least=0.62, at_most=0.70, what="the best of 3,600 lines, on 4,000 points of the circles")
options = {"about 50": 0.5, "about 65": 0.65, "about 80": 0.8}
guess.compare(min(options, key=lambda option: abs(options[option] - best)))

# %% [markdown]
# A line is enough for the blobs alone. On the circles the trained neuron does little better than a coin. A better line would not save it: even the luckiest, which just touches the
# inner circle, leaves about two thirds of the outer one on the same side, and so misreads about a third of all points. Nothing
# is wrong with the *training*; the *model* cannot draw such a border. The neighbours can.

# %% [markdown]
# **The wrong way first.** "Then let us stack more layers." Two layers, 50 units between them, no activation.
# - `nn.Linear(2, 50)` is torch's layer: it holds a `W` and a `b`.
# - The last layer has one output for each class, a **logit**: the $z$ before any squeezing. The largest wins.
# - `fit` is gradient descent, refined; here 30 **epochs**: 30 times through all points. Section 4 shows the loop.

# %%
x, y = toy("circles", n=400, noise=0.05, seed=SEED)
first, second = nn.Linear(2, 50), nn.Linear(50, 2)
linear = nn.Sequential(first, second)
history = fit(linear, (x[:200], y[:200]), (x[200:], y[200:]), n_epochs=30, batch_size=20, lr=0.01, progress=False)
expect(history.val_accuracy[-1], at_most=0.65, what=f"two linear layers, {sum(p.numel() for p in linear.parameters())} parameters, on the circles")

# %% [markdown]
# All those parameters, and no gain. <details><summary>Why? Multiply it out before you go on.</summary>
#
# $W_2 (W_1 x + b_1) + b_2 = (W_2 W_1)\, x + (W_2 b_1 + b_2)$: one matrix, one bias. One linear layer again.
# </details>

# %%
W, b = second.weight @ first.weight, second.weight @ first.bias + second.bias
assert torch.allclose(linear(x), x @ W.T + b, atol=1e-5)
print(f"50 units in between, and it is one linear layer with a weight matrix of shape {tuple(W.shape)}")

# %% [markdown]
# A stack of linear layers is still linear. Something between them must *bend*: that is the activation's
# work. Four ReLU units are enough for a pattern that no line separates, `xor`: class 1 where exactly one coordinate
# is negative. No training: weights of ±1 will do. The idea: $|a| = \mathrm{relu}(a) + \mathrm{relu}(-a)$, and $x_1 x_2 < 0$ exactly when
# $|x_1 - x_2| > |x_1 + x_2|$.

# %%
W1 = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
w2 = np.array([-1, -1, 1, 1])
x, y = (t.numpy() for t in toy("xor", n=400, noise=0, seed=SEED))
logits = np.maximum(x @ W1.T, 0) @ w2
expect(accuracy((logits > 0).astype(int), y), at_least=1.0, what="four ReLU units on xor, weights set by hand")
show(stills.folded_plane(W1, w2, x, y), alt="Four ReLU units, each rising on one side of a diagonal; their weighted sum separates the four corners of xor.")

# %% [markdown]
# Each unit is flat on one side of its line (dark) and rises on the other. In pairs they *fold* the plane along both diagonals
# (each pair makes one $|a|$), so that a weighted sum can separate what one line could not.
#
# Units between the inputs and the last layer form a **hidden layer**. So this is a stack of two layers: one hidden layer, and the
# sum. The "one" in this chapter's title is a last layer alone.
#
# **Play.** In one dimension you can see each fold: a kink. *How many units does the wave need? How much does the
# typical error (the root of the mean square) shrink when you double their number? Why does the jump's error shrink so slowly?*

# %%
explore(*figures.hinges(target=0.02), name="ReLU units make a curve", goal="a typical error of at most 0.02 on the wave",
        curve=choice("curve", list(figures.CURVES), "wave"), n_units=slider("ReLU units", 1, 64, 6))

# %%
wave, jump = figures.hinge_errors("wave"), figures.hinge_errors("jump")
print(f"wave, 16 → 32 units: the error shrinks to 1/{wave[15] / wave[31]:.0f}")
shrinks = np.array([jump[n - 1] / jump[2 * n - 1] for n in range(4, 33)])
print(f"jump, from 4 to 64 units: a doubling shrinks it to 1/{(jump[3] / jump[63]) ** 0.25:.1f} on average")
assert ((shrinks > 1) & (shrinks < 2)).all()

# %% [markdown]
# 15 units are enough for the wave. Pieces of half the length lie four times closer to a smooth curve. The kinks are evenly spaced, so the piece that bridges
# the jump is one spacing wide. Halving it halves the *squared* error; the typical error shrinks to $1/\sqrt 2 \approx 1/1.4$, on average.
# (Kinks free to move could crowd together.) With enough units one hidden layer comes as close as you like to any continuous
# curve on an interval (*universal approximation*: Cybenko 1989; for the ReLU, Leshno and others 1993). Then why stack?
#
# **Play.** Because folds multiply. A layer of $m$ units folds the interval into $m$ pieces; what the next layer draws appears in each:
# $m^k$ pieces after $k$ layers, from $m \cdot k$ units. *Which stack of twelve units makes the most pieces?*

# %%
explore(*figures.folding(), name="folding", goal="more than 64 pieces from at most 12 units",
        width=slider("units in a layer", 2, 12, 4), depth=slider("layers", 1, 6, 3))

# %% [markdown]
# One hidden layer *adds* pieces, a stack *multiplies* them: 12 units side by side make 12 pieces (13 at most: our first bend
# stands at the edge); as 4 layers of 3 they make 81. There are functions that about $k^3$ layers of a few units each can hold, while
# about $k$ layers come near them only with some $2^k$ units (Telgarsky 2016). That training *finds* them is not yet promised: section 5 tests it.

# %%
t, out = figures.folds(width=3, depth=4)
turns = int((np.diff(np.sign(np.diff(out))) != 0).sum())
expect(turns + 1, at_least=81, at_most=81, what="straight pieces of 4 layers of 3 units, counted", spec=".0f")

# %% [markdown]
# ## 4 · A network from scratch
#
# Two layers with a ReLU between them: a **multi-layer perceptron** (MLP). For $K$ classes it gives $K$ logits; the **softmax** turns them into probabilities, $p_k = e^{z_k} / \sum_j e^{z_j}$. The loss is again $-\ln$ of the
# true class's probability.

# %% [markdown]
# ### Exercise 1.4 · Cross-entropy that does not overflow · 10 min · ★★☆
# Write the mean cross-entropy of a batch of logits. `np.exp(1000)` is infinite, `np.log(0)` minus infinity; so work with
# $\ln p_k = (z_k - m) - \ln \sum_j e^{z_j - m}$, where $m$ is the row's greatest logit.

# %%
def cross_entropy(logits, y):
    """logits: (N, K), y: (N,) class numbers → mean loss in nats, one number. Three lines."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(len(y)), y].mean()
    ### END SOLUTION

# %%
check("1.4", cross_entropy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# First all log-probabilities, an (N, K) array; then from row n the entry of class y[n]; then minus the mean.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `keepdims=True` keeps a sum or a maximum over axis 1 as an (N, 1) column, which fits the rows. `a[np.arange(N), y]` picks
# one entry from each row.
# </details>

# %% [markdown] tags=["discussion"]
# Subtracting the same number from all logits of a row changes no probability. With the greatest subtracted, nothing
# overflows, and the sum is at least e⁰ = 1, so its logarithm is finite. `F.cross_entropy` does just this; hand it
# logits, never probabilities.

# %% [markdown]
# Backpropagation for the stack is the chain rule once more, layer by layer. Call the gradient that arrives at a value its
# **pull**. At the logits it is again *said minus true*. Three rules do the rest. **Through a layer**, the pull comes back through the same weights: `dh = dz @ W`. **Through a ReLU**, it
# passes where the unit was on and stops where it was off. **For the weights**, it is the pull times the input, added up over the
# examples, `dW = dz.T @ x`; for the biases, the pull alone, added up.
#
# <details><summary>Why "said minus true", with K classes?</summary>
#
# For the true class $y$: $L = -\ln p_y = -z_y + \ln \sum_j e^{z_j}$. Its slope in $z_k$: the logarithm gives
# $e^{z_k} / \sum_j e^{z_j} = p_k$, the first term gives −1 for the true class. Together $p_k - [k = y]$, where $[k = y]$ is 1 if $k$ is $y$, else 0. The first and the third rule follow from
# $z_k = \sum_d W_{kd}\, x_d + b_k$: its slope in $x_d$ is $W_{kd}$, in $W_{kd}$ it is $x_d$, in $b_k$ it is 1.
# </details>

# %% tags=["lesson"]
def loss_and_grads(x, y, params):
    W1, b1, W2, b2 = params
    z1 = x @ W1.T + b1                          # forward: (N, H)
    h = np.maximum(z1, 0)
    log_probs = log_softmax(h @ W2.T + b2, axis=1)
    loss = -log_probs[np.arange(len(y)), y].mean()

    dlogits = np.exp(log_probs)                 # backward: said …
    dlogits[np.arange(len(y)), y] -= 1          # … minus true
    dlogits /= len(y)
    dz1 = (dlogits @ W2) * (z1 > 0)             # back through W2, then where the ReLU was on
    return loss, [dz1.T @ x, dz1.sum(0), dlogits.T @ h, dlogits.sum(0)]


def new_params(sizes, rng):
    D, H, K = sizes
    return [rng.normal(size=(H, D)) * (2 / D) ** 0.5, np.zeros(H), rng.normal(size=(K, H)) * (1 / H) ** 0.5, np.zeros(K)]

# %% [markdown]
# Never trust a gradient that you have not checked. First witness: nudge *every* parameter of a small network.

# %%
rng = np.random.default_rng(SEED)
x, y, params = rng.normal(size=(6, 4)), rng.integers(0, 3, 6), new_params((4, 5, 3), rng)
loss, grads = loss_and_grads(x, y, params)
for p, grad in zip(params, grads):
    for i in np.ndindex(p.shape):
        before = p[i]
        p[i] = before + eps
        above, _ = loss_and_grads(x, y, params)
        p[i] = before - eps
        below, _ = loss_and_grads(x, y, params)
        p[i] = before
        assert abs((above - below) / (2 * eps) - grad[i]) < 1e-7
print(f"all {sum(p.size for p in params)} gradients agree with finite differences")

# %% [markdown]
# Second witness: torch. We copy our weights in, let `backward()` differentiate, and compare. Then we take one step with the optimiser
# `SGD` (stochastic gradient descent).

# %%
model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).double()
with torch.no_grad():
    for theirs, ours in zip(model.parameters(), params):
        theirs.copy_(torch.tensor(ours))
loss_t = F.cross_entropy(model(torch.tensor(x)), torch.tensor(y))
loss_t.backward()
assert np.allclose(loss, loss_t.item())
for ours, p in zip(grads, model.parameters()):
    torch.testing.assert_close(p.grad, torch.tensor(ours))
torch.optim.SGD(model.parameters(), lr=0.1).step()
assert all(torch.allclose(p, torch.tensor(ours - 0.1 * g)) for p, ours, g in zip(model.parameters(), params, grads))
print("loss, gradients and one step: ours and torch's agree")

# %% [markdown]
# From here on torch may do the calculus: we know what it does. One rule is left for you: back through a layer
# whose activation is the **tanh**, a curve from −1 to 1 with slope $\tanh'(z) = 1 - \tanh(z)^2$.

# %% [markdown]
# ### Exercise 1.5 · Back through a layer · 14 min · ★★★
# Forward: `h = tanh(x @ W.T + b)`. Given `dh`, the gradient of the loss with respect to `h`, return those for `x`, `W` and `b`.
# (The mean over the batch is in `dh` already.)

# %%
def tanh_layer_backward(x, W, b, dh):
    """x: (N, D), W: (H, D), b: (H,), dh: (N, H) → dx (N, D), dW (H, D), db (H,). Three lines."""
    ### BEGIN SOLUTION
    h = np.tanh(x @ W.T + b)
    dz = dh * (1 - h**2)
    return dz @ W, dz.T @ x, dz.sum(axis=0)
    ### END SOLUTION

# %%
check("1.5", tanh_layer_backward)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# First to z: multiply dh by the slope of tanh at z, element by element. From z on it is the linear layer of `loss_and_grads`.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Let the shapes lead you: from dz (N, H), W (H, D) and x (N, D) there is only one product of shape (N, D), one of shape (H, D),
# and one sum of shape (H,).
# </details>

# %% [markdown] tags=["discussion"]
# A linear layer's backward pass is always these two products and a sum; the activation only multiplies by its slope. For tanh the slope is
# near 0 where the unit is saturated (|z| large): nothing comes through, and the layers before it stop learning. The ReLU
# has slope 1 wherever it is on, one reason why deep networks use it.

# %% [markdown]
# ### The same lines read handwriting
#
# Real data: 1,797 handwritten digits of 8×8 pixels, scanned from forms (Alpaydin and Kaynak 1998). We split them first,
# at random: 1,000 to **train** on, 397 for **validation**, and 400 for a final **test** that we do not touch yet. (The same
# 13 people wrote all three sets. What that hides is a question for chapter 05, planned.)

# %%
pixels, labels = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(pixels))
x, y = pixels[order] / 16, labels[order]                # grey values from 0 to 1
x_train, y_train, x_val, y_val, x_test, y_test = x[:1000], y[:1000], x[1000:1397], y[1000:1397], x[1397:], y[1397:]
show(plots.image_grid(x_train[10:20].reshape(-1, 8, 8), titles=[str(label) for label in y_train[10:20]], size=0.7),
     alt="Ten handwritten digits of 8 by 8 pixels, each with its label above it.")

# %% [markdown]
# The training loop takes a few examples at a time (a **mini-batch**): a step from 50 examples points, *on average*,
# the same way as one from all 1,000, at a twentieth of the cost. So an epoch makes 20 updates.

# %%
def train(params, lr, n_epochs, seed=SEED):
    params, losses, rng = [p.copy() for p in params], [], np.random.default_rng(seed)
    for _ in range(n_epochs):
        for batch in rng.permutation(len(x_train)).reshape(-1, 50):
            loss, grads = loss_and_grads(x_train[batch], y_train[batch], params)
            params = [p - lr * g for p, g in zip(params, grads)]
            losses.append(loss)
    return params, np.array(losses)


def predict_class(x, params):
    W1, b1, W2, b2 = params
    return (np.maximum(x @ W1.T + b1, 0) @ W2.T + b2).argmax(axis=1)

# %%
first_params = new_params((64, 32, 10), np.random.default_rng(SEED))
params, losses = train(first_params, lr, n_epochs)
mlp_accuracy = accuracy(predict_class(x_val, params), y_val)
logistic = LogisticRegression(max_iter=1000).fit(x_train, y_train).score(x_val, y_val)
neighbours_accuracy = KNeighborsClassifier(5).fit(x_train, y_train).score(x_val, y_val)
print("· majority:", measured(majority_accuracy(y_train, y_val)))
expect(mlp_accuracy, at_least=0.94, what="our MLP")
expect(neighbours_accuracy - mlp_accuracy, at_least=0, what="by how much the 5 nearest neighbours are better")
expect(abs(logistic - mlp_accuracy), at_most=0.03, what="how far off logistic regression is")

# %% [markdown]
# Thirty lines of NumPy read at least 94 of 100 digits. Be fair, though: the neighbours, with nothing to train, did no worse here,
# and logistic regression is at most 3 points off. (On 397 digits, gaps of a point or two are partly luck.) A baseline keeps us
# honest. Layers earn their cost where the raw input is far from the answer: larger pictures, sound, language (chapters 02 to 13).
#
# And the small steps: how nearly do they point the way of the step from all 1,000? Take the cosine of the angle between the two: 1 means the same way,
# 0 a right angle.

# %%
for when, weights in (("before", first_params), ("after", params)):
    everything, *steps = (np.concatenate([grad.ravel() for grad in loss_and_grads(x_train[rows], y_train[rows], weights)[1]])
                          for rows in (slice(None), *np.arange(1000).reshape(20, 50)))
    assert np.allclose(np.mean(steps, axis=0), everything)                  # their mean is the whole gradient
    cosines = [step @ everything / np.linalg.norm(step) / np.linalg.norm(everything) for step in steps]
    print(f"{when} the training: mean cosine {measured(np.mean(cosines), '.2f')}, lowest of 20 steps {measured(min(cosines), '.2f')}")
expect(np.mean(cosines), at_most=0.8, what="mean cosine after the training")

# %% [markdown]
# At first the steps roughly agree. At the end each batch pulls towards hard digits of its own, and a single step may stray far.
#
# What did the hidden units learn to look for? Ask which validation digits excite each unit most.

# %%
W1, b1, W2, b2 = params
hidden = np.maximum(x_val @ W1.T + b1, 0)
show(stills.favourites(W1, hidden, x_val.reshape(-1, 8, 8)),
     alt="Nine hidden units: the weights of each as a picture, and the eight digits that excite it most, often of one or two kinds.")
best = np.argsort(-hidden, axis=0)[:8]                  # (8, 32): each unit's eight favourites
n_kinds = np.array([len(set(y_val[column])) for column in best.T])
expect((n_kinds > 1).mean(), at_least=0.5, what="share of the units whose eight favourites are not all one digit")

# %% [markdown]
# Nobody told the units what to look for; the gradient did. Some units love one digit. More love a stroke or a gap that
# two or more kinds of digits share, and the last layer adds up such hints.

# %% [markdown]
# ## 5 · The playground
#
# A network of your making learns in front of you. On the left, its answer everywhere; on the right, what each hidden
# unit does (red: positive, blue: negative, each to its own scale; a thick frame: large outgoing weights), and the losses.
# **Weight decay** shrinks every weight a little at each update. Momentum is 0.9, so a rate of 0.1 acts like 1 (exercise 1.3).
#
# 1. *Without any hidden layer, which data sets can be separated?*
# 2. *Which stacks of at most 12 hidden units separate the spirals?*
# 3. *What do units of layer 2 see that units of layer 1 cannot?*
# 4. *Which unit could you delete? Choose it with the **show** sliders, and read the accuracy without it.*

# %%
live(Playground, *playground(), name="playground", hot=("lr", "weight_decay", "layer", "unit"), preview=2500, speed=50, stride=10,
     goal="separate the spirals: validation accuracy of at least 95 % with at most 12 hidden units, without the hand-made inputs",
     data=choice("data set", TOYS, "spirals"), noise=slider("noise (standard deviation)", 0.0, 0.4, 0.03, 0.01),
     depth=slider("hidden layers", 0, 4, 2), width=slider("units in each layer", 1, 12, 8),
     activation=choice("activation", ["tanh", "ReLU", "sigmoid", "none (linear)"]),
     lr=slider("learning rate", 0.001, 3.0, 0.1, log=True, tip="may be changed while it learns"),
     weight_decay=slider("weight decay", 1e-5, 0.1, 1e-5, log=True, tip="pulls weights towards 0; may be changed while it learns"),
     layer=slider("show: layer (0: the answer)", 0, 4, 0, tip="what the large picture shows"), unit=slider("show: unit", 1, 12, 1, tip="from the left"),
     handmade=switch("also give it x₁², x₂², x₁x₂", tip="features made by hand: with them, even no hidden layer separates the circles"))

# %% [markdown]
# Four things to try:
#
# 5. `circles`, 0 hidden layers: it fails. Tick the hand-made inputs: it succeeds. *Somebody had to know that squares help.*
#    Untick them, add one hidden layer of 4 units: the network finds features of its own.
# 6. Activation "none": as many layers as you like, still one line.
# 7. `spirals`, 2 × 8 units: pause at 2,500 updates. Set the rate to 0.3, press **Step** five times (50 updates), go back to 0.1, start: does it
#    recover? And from 300 updates at 0.3? From 50 at 1?
# 8. `moons`, noise 0.35, 2 × 8 units: run about 4,000 updates; watch the gap between the losses. Then set the decay to 0.01.
#
# <details><summary>What we saw</summary>
#
# (1) The blobs, and most of the moons. (2) One hidden layer is enough *if it is wide enough*; the next experiment compares the stacks. (3) Layer 1
# sees straight borders, layer 2 bent ones, made of them. (4) In layer 2 the unit with the thinnest frame is hardly missed; in layer 1 it may be.
#
# (7) With most seeds it recovers from 50 updates at 0.3, not from 300, and hardly from 50 at 1: the leaps drove the tanh units to
# where their slope is nearly 0. Run C of section 7 has the same illness. (8) The decay closes the gap: the training loss rises, the
# validation loss falls. Section 8 measures the gap.
#
# The line under the picture, `Playground(…)`, holds the settings: `run = Playground(…)` in a cell and then `run.step()`, as often as you like, repeats the
# training (if you changed nothing on the way). Or send it to a friend.
# </details>

# %% [markdown]
# ### What a stack can hold, and what training finds
#
# Set by hand, twelve ReLU units made 12 pieces as one hidden layer, 81 as 4 layers of 3. What does *training* make of them? We try another
# task, the spirals, with the playground's tanh units: ten seeds (side by side), 2,000 updates, rates of 0.1 and 0.03. The
# control, 4 × 12, is as deep as 4 × 3 but not as narrow.

# %%
guess = predict("Twelve tanh units, after training at a rate of 0.1: which stack separates the spirals worst?", ["1 hidden layer of 12", "2 of 6", "4 of 3"])

# %%
stacks, rates = [(1, 12), (2, 6), (3, 4), (4, 3), (4, 12)], [0.1, 0.03]
found = np.zeros((2, 5, 10))                            # accuracy for each rate, stack and seed
for i, rate in enumerate(rates):
    for j, (depth, width) in enumerate(stacks):
        team = [Playground(SEED + s, depth=depth, width=width, lr=rate) for s in range(10)]
        side_by_side(team, 200 if FAST else 2000)
        found[i, j] = [run.val_accuracy for run in team]

# %%
mean = found.mean(2)
guess.compare(["1 hidden layer of 12", "2 of 6", "4 of 3"][mean[0, [0, 1, 3]].argmin()])
expect(mean[0, :2].min(), at_least=0.85, what="1 × 12 and 2 × 6 at 0.1, the lower mean")
expect(mean[0, 4], at_most=0.90, what="4 × 12 at 0.1")
expect(mean[1, 4], at_least=0.93, what="4 × 12 at 0.03")
expect(mean[:, 3].max(), at_most=0.87, what="4 × 3 at its better rate")
expect(mean[0, 0] - mean[1, 0], at_least=0.08, what="what 1 × 12 loses at 0.03")
show(stills.twelve_units(stacks, dict(zip(rates, found))),
     alt="Twelve units in four stacks: the pieces that they can hold grow from 12 to 81, while the accuracy that training finds at a rate of 0.1 falls steeply beyond two layers. Four layers of 12 mostly fail at 0.1 and succeed at 0.03.")

# %% [markdown]
# At 0.1 the order is nearly reversed: the stack that can hold most does worst! But at that rate even 4 × 12 mostly fails: it is too high for four layers. At 0.03 it succeeds, and
# 4 × 3 still does not: three units are a narrow door, and what one layer loses, no later one can bring back. (At 0.03, 1 × 12 is merely
# slow: 9,000 updates suffice. ReLU units show much the same.) What a network can hold and what training finds are two questions.

# %% [markdown]
# ## 6 · Layers that make features
#
# The article says that many-layered networks "extract features from data by themselves". A test: we train the
# playground's network on the spirals, then ask of each layer: how well does *one neuron* separate the
# points, if it sees only this layer's output? (Such a neuron is a **linear probe**.)

# %%
guess = predict("On hidden layer 2 *before* any training, one neuron will separate the spirals …", ["far better than on the input", "about as well", "far worse"])

# %%
def probe(run):
    layers = run.forward(run.inputs)[:-1]       # the input, hidden layer 1, hidden layer 2
    neurons = [LogisticRegression(C=100, max_iter=2000).fit(a[:N_TRAIN], run.y[:N_TRAIN]) for a in layers]
    val = [a[N_TRAIN:] for a in layers]
    return val, neurons, [neuron.score(a, run.y[N_TRAIN:]) for a, neuron in zip(val, neurons)]


runs = [Playground(seed=SEED + s, data="spirals", depth=2, width=8) for s in range(n_seeds)]
untrained = np.array([probe(run)[2] for run in runs])
side_by_side(runs, 300 if FAST else 3000)
trained = np.array([probe(run)[2] for run in runs])

# %%
gain = untrained.mean(0)[2] - untrained.mean(0)[0]
guess.compare("about as well" if abs(gain) < 0.1 else "far better than on the input" if gain > 0 else "far worse")
expect(trained.mean(0)[0], at_most=0.78, what="one neuron on the input, mean of the seeds")
expect(trained.mean(0)[2], at_least=0.90, what="one neuron on the trained layer 2")
expect(trained.mean(0)[1], at_most=0.88, what="one neuron on the trained layer 1")
expect(untrained.mean(0)[2], at_most=0.80, what="one neuron on the untrained layer 2")
lost = [run.val_accuracy - run.accuracy_without(1, run.strengths()[1].argmin()) for run in runs]
expect(np.mean(lost), at_most=0.05, what="accuracy lost without the unit of layer 2 whose frame is thinnest, mean of the seeds")
show(stills.probes(trained, untrained), alt="Accuracy of a linear probe on input, layer 1 and layer 2: rising to nearly all for trained networks, flat for untrained ones.")

# %% [markdown]
# The untrained networks are the control: same layers, random weights, and on average hardly any
# gain. So the *training* turned the layers into features. Here are the validation points as each layer hands them to a neuron:
# across, the neuron's $z$ (its border is the line at 0); up, the direction in which the rest varies most.

# %%
val, neurons, right = probe(runs[0])
show(stills.layers_seen(val, [neuron.decision_function(a) for a, neuron in zip(val, neurons)], runs[0].y[N_TRAIN:], right),
     alt="The spirals' validation points as the input, layer 1 and layer 2 hand them on: wound up at first, on two sides of a line at the end.")

# %% [markdown]
# Layer 1 bends the spirals, layer 2 builds on the bends, and at the end one line is enough. (Compare the titles: on layer 1 the neuron may
# even do *worse* than on the input.) That is this chapter's answer in one picture. The last layer is a plain
# neuron, as in section 1; the layers before it make its task easy.

# %% [markdown]
# ## 7 · Break it
#
# Here are four runs of *our* network on the digits: the same data, the same code, the same number of updates. Three are sick.

# %%
healthy = new_params((64, 32, 10), np.random.default_rng(SEED))
patients = {"A": (healthy, 1e-4), "B": (healthy, 0.5), "C": (healthy, 30.0), "D": ([0 * p for p in healthy], 0.5)}
after = {name: train(start_params, rate, 10) for name, (start_params, rate) in patients.items()}
show(stills.four_runs({name: losses for name, (_, losses) in after.items()}, np.log(10)),
     alt="Four loss curves: B falls steadily, A and D lie flat at ln 10, C leaps far above it.")

# %%
guess = predict("A and D look the same. What should you look at in the hidden units, to tell them apart?",
                ["their number", "how many of them differ", "their largest input"])

# %%
distinct = {name: len(np.unique(p[0].round(12), axis=0)) for name, (p, _) in after.items()}
print("different units in the hidden layer:", distinct)
guess.compare("how many of them differ" if distinct["D"] < distinct["A"] else "their number")
print("moved in D?", dict(zip(("W1", "b1", "W2", "b2"), (bool(p.any()) for p in after["D"][0]))))
gain = loss_and_grads(x_train, y_train, healthy)[0] - loss_and_grads(x_train, y_train, after["A"][0])[0]
expect(gain, at_least=0.0005, at_most=0.05, what="what run A has gained in 200 updates (nats)", spec=".4f")
W1, b1, *_ = after["C"][0]
expect(((x_train @ W1.T + b1).max(axis=0) <= 0).sum(), at_least=24, what="units of C that are off for every digit, of 32", spec=".0f")
expect(after["C"][1][-50:].mean(), at_least=4, what="late training loss of run C (nats)")
expect(after["B"][1][-50:].mean(), at_most=0.3, what="late training loss of run B (nats)")

# %% [markdown]
# **Diagnoses.** *A*: its steps are 5,000 times smaller than B's; it does learn, but about 5,000 times more slowly. *C*: the
# rate is too high; a few leaps threw nearly all units (often all 32) to where they are off for every digit, so hardly any gradient comes through. What is left is
# worse than knowing nothing (ln 10 ≈ 2.30): little but the last biases still moves, and a rate of 30 throws them about. *D*: all weights began at 0. With $W_2 = 0$ no pull comes back to the hidden units,
# and with $h = 0$ none reaches $W_2$. Only the last biases move, for ever.
#
# <details><summary>Predict: would it help to begin with 0.1 everywhere?</summary>
#
# A little, at best: now the units move, but all alike. They are equal, so they get equal gradients, and stay equal. Run the next cell.
# </details>

# %%
same, losses = train([np.full_like(p, 0.1) for p in healthy], 0.5, 10)
print("all moved?", all(bool((p != 0.1).any()) for p in same), "· different units in the hidden layer:", len(np.unique(same[0].round(9), axis=0)))
expect(accuracy(predict_class(x_val, same), y_val), at_most=0.6, what="validation accuracy, all weights 0.1 at first")

# %% [markdown]
# Thirty-two units that do the work of one. Random first weights break the symmetry, and let the pull through (how *large*
# they should be is a question for chapter 07, planned).

# %% [markdown]
# ## 8 · Learning, or learning by heart?
#
# A large network, and only 40 noisy points to learn from. The validation points come from the same
# source and are never trained on. (400 of them are a luxury, to show the curve clearly. With 400 more labels you would train on most of them.)

# %%
def wide():
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))


val, test = toy("moons", 400, noise=0.35, seed=1000), toy("moons", 4000, noise=0.35, seed=2000)
long_runs, nets = [], []
for seed in range(SEED, SEED + n_seeds):
    torch.manual_seed(seed)
    nets.append(wide())
    long_runs.append(fit(nets[-1], toy("moons", 40, noise=0.35, seed=seed), val, n_epochs=20 if FAST else n_long, batch_size=40, lr=0.003, progress=False))
print(f"{sum(p.numel() for p in nets[0].parameters()):,} parameters, 40 points")
train_loss, val_loss = (np.array([getattr(h, name) for h in long_runs]) for name in ("train_loss", "val_loss"))

# %%
expect(train_loss[:, -1].mean(), at_most=0.05, what="training loss at the end (nats)")
expect(val_loss[:, -1].mean() / val_loss.min(1).mean(), at_least=2, what="validation loss at the end, against its lowest", spec=".1f", unit=" ×")
show(stills.over_fitting(train_loss, val_loss), alt="Training loss falls to almost nothing; validation loss falls at first, turns, and climbs to several times its lowest.")

# %% [markdown]
# **Over-fitting**: the network learns the 40 points by heart, noise and all. The training loss cannot tell you, for it
# falls either way; only examples not trained on can. So we keep the weights of the epoch with the lowest
# validation loss (**early stopping**; `fit(…, patience=30)` stops after 30 epochs without a new lowest).

# %%
guess = predict("The validation loss has risen to several times its lowest. Meanwhile the validation accuracy has …", ["fallen by 20 points", "hardly moved", "risen"])

# %%
change = np.mean([h.val_accuracy[-1] - h.val_accuracy[np.argmin(h.val_loss)] for h in long_runs])
guess.compare("hardly moved" if abs(change) < 0.1 else "risen" if change > 0 else "fallen by 20 points")
expect(abs(change), at_most=0.05, what="change of the validation accuracy since the lowest loss, mean of the seeds")
kept, tests = [], []
for seed, net in enumerate(nets, SEED):
    torch.manual_seed(seed)
    kept.append(wide())
    fit(kept[-1], toy("moons", 40, noise=0.35, seed=seed), val, n_epochs=20 if FAST else n_long, batch_size=40, lr=0.003, patience=30, progress=False)
    tests.append([(*evaluate(m, test), m(test[0]).softmax(1).amax(1).mean().item()) for m in (net, kept[-1])])
end, early = np.array(tests).transpose(1, 2, 0)             # each: (3, n_seeds), the test loss, accuracy and confidence
for name, a, b in zip(("accuracy", "confidence (the network's probability for its own answer)"), end[1:], early[1:]):
    print(f"mean test {name}: trained to the end {measured(100 * a.mean(), '.0f')} %, stopped early {measured(100 * b.mean(), '.0f')} %")
expect(abs(end[1] - early[1]).max(), at_most=0.10, what="change of the test accuracy, greatest of the seeds")
expect((end[2] - end[1]).mean(), at_least=0.10, what="confidence minus accuracy, trained to the end")
expect((end[0] / early[0]).min(), at_least=1.5, what="test loss without early stopping, over that with it, least of the seeds", spec=".1f", unit=" ×")

# %%
x, y = (t.numpy() for t in toy("moons", 40, noise=0.35, seed=SEED))
answers = {title: lambda grid, net=net: net(torch.tensor(grid)).softmax(1)[:, 1].detach().numpy()
           for title, net in (("Stopped early: smooth, and unsure", kept[0]), ("Trained to the end: sure of the noise", nets[0]))}
show(stills.two_surfaces(answers, x, y), alt="Two decision surfaces over 40 points: one with a broad, unsure border, and one with a sharp border and an island around stray points, sure nearly everywhere.")

# %% [markdown]
# Early stopping moves the accuracy by less than ten points, for better or worse. It is the *confidence* that went wrong: after training to the
# end, it lies far above the share of right answers, and each sure mistake costs many nats.

# %% [markdown]
# ### Exercise 1.6 · Early stopping · 10 min · ★★☆
# Given the validation loss of each epoch in turn, when does the training stop, and which epoch's weights are kept? Stop
# as soon as `patience` epochs in a row have not gone below the lowest loss so far (a tie is not below).

# %%
def early_stop(val_losses, patience):
    """val_losses: list of floats → (epoch whose weights are kept, last epoch trained), counted from 1. Eight lines."""
    ### BEGIN SOLUTION
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best + 1, epoch + 1
    return best + 1, len(val_losses)
    ### END SOLUTION

# %%
check("1.6", early_stop)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Walk through the list and remember where the lowest loss so far was. How long ago was that?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# In a loop with `enumerate`: a strictly lower loss moves `best`; if `epoch - best` has reached `patience`, return both, plus 1.
# After the loop the training ran to its end.
# </details>

# %% [markdown] tags=["discussion"]
# The answer may depend on nothing that comes after the stop: in real life those epochs do not exist. So the minimum of the
# whole list is not the answer. When the loss stands still, "strictly lower" lets the waiting end.

# %% [markdown]
# ### Why a third split?
#
# We *chose* the epoch on the validation set. Whoever is chosen for a good score was probably also lucky. To see the luck alone, let
# the candidates be coins: all are right half the time, none knows anything.
#
# **Play.** *On 50 validation examples the best of 1,000 coins looks over 20 points better than it is. How many examples bring that under
# 5 points: 200, 500, 2,000? Guess, then look; and what would fewer candidates do?*

# %%
explore(*figures.luck(), name="the luck of the best", goal="choose among 1,000 coins, and have the best score less than 55 %",
        candidates=slider("candidates", 1.0, 1000.0, 100.0, log=True), n_val=slider("validation examples", 20, 3000, 50, 10))

# %% [markdown]
# Luck shrinks as 1/√examples: 500 are not enough, 2,000 are. A tenth of the candidates takes only a fifth of it away; ten times the
# examples take two thirds (means of 200 draws):

# %%
rng, illusion = np.random.default_rng(SEED), []
for n_coins, n_val in ((1000, 50), (100, 50), (1000, 500), (1000, 2000)):
    best = (rng.binomial(n_val, 0.5, (200, n_coins)).max(axis=1) / n_val).mean()
    print(f"the best of {n_coins:>5,} coins on {n_val:>5,} examples: {measured(100 * best, '.1f')} % right")
    illusion.append(best - 0.5)
expect(1 - illusion[1] / illusion[0], at_least=0.17, at_most=0.26, what="luck taken away by a tenth of the candidates")
expect(1 - illusion[2] / illusion[0], at_least=0.64, at_most=0.72, what="luck taken away by ten times the examples")
expect(illusion[3], at_most=0.045, what="luck left with 2,000 examples")

# %% [markdown]
# So: fit on **train**, choose on **validation**, and measure once, at the end, on **test**. Now, and only now, our digits:

# %%
test_accuracy = accuracy(predict_class(x_test, params), y_test)
expect(test_accuracy, at_least=0.92, what="our MLP on the test digits, used once")

# %% [markdown]
# ## 9 · What does it cost?
#
# A layer from $n$ inputs to $m$ units has $n \cdot m$ weights and $m$ biases. The article says that training "costs compute"; how much, and
# what drives it: width or depth?

# %%
guess = predict("Double the units in each of a wide network's four hidden layers: how many times the parameters?", ["2 times", "4 times", "8 times"])

# %%
def mlp(width, depth):
    sizes = [64, *[width] * depth, 10]
    layers = [layer for n, m in pairwise(sizes) for layer in (nn.Linear(n, m), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def milliseconds(model, x, y, n_steps=5 if FAST else 15):
    times = []
    for _ in range(n_steps):
        started = time.perf_counter()
        F.cross_entropy(model(x), y).backward()
        times.append(time.perf_counter() - started)
    return 1e3 * min(times)

# %%
widths, depths = (16, 32, 64, 128, 256, 512), (1, 2, 4)
batch = torch.tensor(x_train[:100]).float(), torch.tensor(y_train[:100])
n_params = {depth: [sum(p.numel() for p in mlp(width, depth).parameters()) for width in widths] for depth in depths}
times = {depth: [milliseconds(mlp(width, depth), *batch) for width in widths] for depth in depths}
growth = n_params[4][-1] / n_params[4][-2]
guess.compare(f"{growth:.0f} times")
assert n_params[2][0] == 64 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10
show(stills.cost(widths, n_params, times), alt="Parameters and time of a pass forward and back against the width, for 1, 2 and 4 hidden layers; time rises later and less steeply.")

# %%
print(f"4 layers, 16 → 512 units: {n_params[4][-1] / n_params[4][0]:.0f} times the parameters, {measured(times[4][-1] / times[4][0], '.0f')} times the time")
expect(n_params[4][-1] / n_params[4][0] / (times[4][-1] / times[4][0]), at_least=3, what="growth of parameters divided by growth of time", spec=".0f")

# %% [markdown]
# Each further layer adds the same number of parameters, $w^2 + w$ for a width of $w$; from two hidden layers on, twice the width
# multiplies them by more than two, in wide networks by nearly four. The time (of a pass forward and back, the bulk of an update) lags behind, because *calling* a small matrix product costs more than doing it. That is why chapter 08 (planned)
# will measure before it tunes.

# %% [markdown]
# ## The article, checked
#
# > **"Many-layered networks extract features from data by themselves."** True, once *trained*: one neuron gets at least 90 % right on the
# > trained layer 2, and at most 80 % on the untrained one, on average. With 8 units, random layers do almost nothing. (500 random
# > units would be enough: chance, in bulk.)
# >
# > **"Training costs compute, storage and tuning skill."** True. But the cost is a choice: our digits took 2,410 parameters, 19 kB
# > of storage and 600 updates, and the nearest neighbours no training at all (they store all the pictures instead).
# >
# > **Never named there:** *loss*, *gradient*, *optimiser*, *validation set* (nor baseline, over-fitting, initialisation). Without
# > the first three no network here learns; without the fourth nobody knows whether it did.

# %%
print(f"{sum(p.size for p in params):,} parameters, {sum(p.nbytes for p in params) / 1000:.0f} kB; the neighbours store {x_train.nbytes / 1000:.0f} kB")
assert sum(p.size for p in params) == 2410
rng, points = np.random.default_rng(SEED), runs[0].inputs
bulk = np.maximum(points @ rng.normal(size=(2, 500)) + 0.5 * rng.normal(size=500), 0)       # one hidden layer of 500 random units
neuron = LogisticRegression(C=100, max_iter=5000).fit(bulk[:N_TRAIN], runs[0].y[:N_TRAIN])
expect(neuron.score(bulk[N_TRAIN:], runs[0].y[N_TRAIN:]), at_least=0.93, what="one neuron on 500 random ReLU units")
mean, half = mean_interval(100 * trained[:, 2])
print(f"one neuron on the trained layer 2: {measured(mean, '.0f')} ± {measured(half, '.0f')} % over {n_seeds} seeds (of 100 such intervals about 95 hold the true mean)")

# %% [markdown]
# ## Summary
#
# **What can a stack of layers do that one cannot?** One layer separates along straight lines. A stack *with bends between
# its layers* folds the space, folds it again, and so makes features in which a straight line is enough. Folds multiply with
# depth. A stack without bends is still one layer.
#
# You have
# - written a neuron, a layer, a loss and their gradients in a few lines each;
# - worked out backpropagation for two layers, and checked it by finite differences and by autograd;
# - shown that xor and the spirals defeat one layer but not a stack;
# - trained by gradient descent, and diagnosed four loss curves;
# - told learning from learning by heart with three splits.

# %%
quiz("Why do we put an activation between two layers?",
     {"To keep the numbers between 0 and 1.": "The ReLU has no upper limit, and works well.",
      "Because without it the two layers are one linear layer.": "Right: W₂(W₁x + b₁) + b₂ is again a matrix times x plus a bias.",
      "To make the training faster.": "It costs a little time. What it buys is the bend."}, right=1)
quiz("A neuron says p = 0.9 for class 1; the truth is 0. What is ∂L/∂z for the cross-entropy?",
     {"0.9": "Right: what it said minus what was true, 0.9 − 0.",
      "−0.9": "The sign: said minus true, and the gradient points uphill, towards even larger z.",
      "0.09": "That is p(1 − p), the sigmoid's slope. With cross-entropy it cancels."}, right=0)
quiz("The training loss lies flat at ln(number of classes). What do you look at first?",
     {"Whether the network is deep enough.": "Even a shallow one learns something; flat from the start points to the training, not to the depth.",
      "The test accuracy.": "The test set is for the end. And it would only repeat that nothing was learnt.",
      "The learning rate, and whether the hidden units differ.": "Right: a rate far too low and identical units both look like this."}, right=2)
quiz("You compare 200 settings on 100 validation examples; the best scores 91 %. What do you report?",
     {"91 %": "The best of 200 was also the luckiest of 200.",
      "Its accuracy on a test set that chose nothing.": "Right: only data that took no part in any choice gives an honest figure.",
      "Its training accuracy.": "That is usually higher still, and says least."}, right=1)
quiz("Twelve ReLU units: one hidden layer of 12, or 4 layers of 3: which is better?",
     {"It is the same: 12 units are 12 units.": "Count the pieces in the folding figure: 12 side by side, 81 in a stack.",
      "One hidden layer, because it can approximate any curve.": "With enough units, yes; 12 give at most 12 bends, which make 13 pieces.",
      "The stack can hold more pieces; whether training finds them is another question.": "Right, and both halves of the sentence matter."}, right=2)

# %% [markdown]
# ## Further reading
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating errors*, Nature 323 (1986), [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# - B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, USSR Comput. Math. Math. Phys. 4 (1964), [doi:10.1016/0041-5553(64)90137-5](https://doi.org/10.1016/0041-5553%2864%2990137-5).
# - G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Math. Control Signals Systems 2 (1989), [doi:10.1007/BF02551274](https://doi.org/10.1007/BF02551274).
# - M. Leshno, V. Y. Lin, A. Pinkus, S. Schocken, *Multilayer feedforward networks with a nonpolynomial activation function can approximate any function*, Neural Networks 6 (1993), [doi:10.1016/S0893-6080(05)80131-5](https://doi.org/10.1016/S0893-6080%2805%2980131-5).
# - M. Telgarsky, *Benefits of depth in neural networks* (2016), [arXiv:1602.04485](https://arxiv.org/abs/1602.04485).
# - G. Alain, Y. Bengio, *Understanding intermediate layers using linear classifier probes* (2016), [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).
# - E. Alpaydin, C. Kaynak, *Optical recognition of handwritten digits* (1998), UCI Machine Learning Repository, [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49): our digits.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (2016), chapter 6, [deeplearningbook.org](https://www.deeplearningbook.org).
# - D. Smilkov and others, *Direct-manipulation visualization of deep networks* (2017), [arXiv:1708.03788](https://arxiv.org/abs/1708.03788): the TensorFlow Playground.
#
# Next: [02 · CNN — Why look through a small window?](02_cnn.ipynb)
