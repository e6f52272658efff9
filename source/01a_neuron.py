# %% [markdown]
# # 01a · Neuron — What can one layer learn?
#
# > **You will be able to**
# > - say what a neuron, a layer, a loss and a gradient are, and write each in a few lines of NumPy;
# > - read a matrix product as a table of sums, and say the shape of what comes out;
# > - derive the gradient of one neuron, and check it in two ways;
# > - train one layer by gradient descent, and tell from its loss when the learning rate is too high.
# >
# > **Time** 62 minutes, exercises 36 more · **Before this** [00 · Start here](00_start_here.ipynb) ·
# > **The article** section 1, and what it leaves out of section 3.

# %% tags=["parameters"]
FAST = False
SEED = 0
n_epochs = 100      # for one layer on the digits
lr = 2.0            # its learning rate

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import log_softmax, softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers import check, expect, measured, plots, show, start
from helpers.data import toy
from helpers.metrics import accuracy, majority_accuracy
from helpers.topics.concepts import neuron_scenes, stills
from helpers.topics.concepts import scenes as figures
from helpers.widgets import (choice, draw_curve, explore, order, predict, quiz,
                             slider, warm_up)

start(SEED, fast=FAST)

# %%
warm_up("01a")

# %% [markdown]
# ## 1 · One neuron
#
# A **neuron** multiplies each input by a **weight**, adds the products and a **bias**, and squeezes the sum $z$ (the **pre-activation**):
#
# $$z = w_1 x_1 + w_2 x_2 + b, \qquad p = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# The squeezing function is its **activation**; this one, the *sigmoid*, gives a number between 0 and 1, which we read as the probability of class 1. Here are 200 points of two classes, and a neuron with guessed weights.

# %%
x, y = (t.numpy() for t in toy("blobs", n=200, noise=0.45, seed=0))
x = x.astype(float)             # (200, 2): one point a row
w, b = np.array([1.0, 0.5]), 0.2
z = x @ w + b                   # (200,): one number for each point
p = 1 / (1 + np.exp(-z))        # (200,): squeezed into 0 … 1
print(f"first point {x[0].round(1)}: z = {z[0]:.1f}, p = {p[0]:.2f}; its class: {y[0]}")

# %% [markdown]
# ### How wrong is it? The loss
#
# To improve, we need one number for "how wrong". The **loss** of a point is $-\ln$ of the probability that the neuron gave to the *true* class (the **cross-entropy**; its unit is the *nat*). The loss of a set is the mean.
#
# <details><summary>Predict: what is the loss of a neuron that always says "50 %"? And of one that is 99 % sure, and wrong?</summary>
#
# The first: −ln 0.5 ≈ 0.69. The second: −ln 0.01 ≈ 4.6. Confident mistakes cost most.
# </details>

# %%
for share in (0.99, 0.9, 0.5, 0.1, 0.01):
    print(f"{share:4.0%} given to the true class: a loss of {-np.log(share):.2f} nats")

# %% [markdown]
# **Play.** Tune the neuron by hand. Watch the right-hand side: of a point's two coordinates, the neuron keeps only one number, $z$. *Which of the three sliders moves the line without turning it? What changes when you make both weights and the bias three times as large, so that the line stays put?*

# %%
explore(*figures.one_neuron(x, y, target=0.10), name="one neuron",
        goal="a loss of at most 0.10 nats",
        w1=slider("weight w₁", -8.0, 8.0, 1.0, 0.1),
        w2=slider("weight w₂", -8.0, 8.0, 0.5, 0.1),
        b=slider("bias b", -4.0, 4.0, 0.2, 0.1))

# %% [markdown]
# The bias shifts the line; the *direction* of $(w_1, w_2)$ turns it; their *length* says how sure the neuron is. Being surer pays off on the right side of the line, and costs on the wrong one.

# %% [markdown]
# ## 2 · Many neurons at once: shapes
#
# A **layer** is several neurons (**units**) that look at the same inputs. Its weights form a table $W$ with one unit a row, shape (H, D): H units, D inputs. The examples form a table $x$ with one example a row, shape (N, D); several examples together are a **batch**.

# %% [markdown]
# Each unit answers each example. So the answers form a table too, shape (N, H): row n, column h holds the sum of products of row n of $x$ and row h of $W$. That table is the **matrix product** `x @ W.T`.

# %% [markdown]
# **Play.** Choose an example and a unit, and see which numbers meet. *Which example excites which unit most? How many products does the whole table take?*

# %%
table_x = np.array([[1.0, 0, 2], [0, 1, -1], [2, 1, 0], [-1, 2, 1]])    # (N=4, D=3)
table_W = np.array([[1.0, -1, 0], [2, 0, 1]])                           # (H=2, D=3)
explore(*neuron_scenes.matrix_product(table_x, table_W), name="a matrix product",
        goal="find the greatest of the eight answers",
        example=slider("example (row of x)", 1, 4, 1),
        unit=choice("unit (row of W)", [1, 2]))

# %%
out = table_x @ table_W.T                       # (4, 3) @ (3, 2) → (4, 2)
print(out)
print("plus a bias for each unit:")
print(out + np.array([10, 20]))                 # (4, 2) + (2,) → (4, 2)

# %% [markdown]
# `.T` turns a table over (the **transpose**: rows become columns). `@` wants the inner numbers equal, (N, **D**) @ (**D**, H), and the outer ones remain: (N, H). The biases have shape (H,). NumPy adds them to *each* row by itself: that is **broadcasting**, and it compares shapes from the right.
#
# One of today's most used activations is also the plainest, the **ReLU** ("rectified linear unit"): $\max(0, z)$.

# %% [markdown]
# ### Exercise 1.1 · A layer · write · 6 min · ★☆☆
# Write a layer of ReLU units for a whole batch, without a loop. As a loop it would read:
# `out[n, h] = max(0, sum(W[h, d] * x[n, d] for d in range(D)) + b[h])`.

# %%
def relu_layer(x, W, b):
    """x: (N, D) inputs, W: (H, D) weights, b: (H,) biases → (N, H). One line."""
    ### BEGIN SOLUTION
    return np.maximum(x @ W.T + b, 0)
    ### END SOLUTION

# %%
check("1.1", relu_layer)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `x @ A` multiplies each row of `x` by `A`. What shape must `A` have, so that (N, D) becomes (N, H)?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Transpose `W`. NumPy adds `b` of shape (H,) to each row by itself. `np.maximum(z, 0)` compares element by element.
# </details>

# %% [markdown] tags=["discussion"]
# One product does the work of three loops, because all examples and all units use the same `W`. The layout (units, inputs) is that of `torch.nn.Linear`, so weights can be copied to and fro. `b` is added before the ReLU: it decides *where* the unit's kink lies.

# %% [markdown]
# ### What a sum of ReLU units can do
#
# One ReLU unit is flat on one side and rises on the other. **Play.** In one dimension you can see that bend: a kink. A weighted sum of units is a curve of straight pieces. *How many units does the wave need? How much does the typical error (the root of the mean square) shrink when you double their number?*

# %%
explore(*figures.hinges(target=0.02), name="ReLU units make a curve",
        goal="a typical error of at most 0.02 on the wave",
        curve=choice("curve", list(figures.CURVES), "wave"),
        n_units=slider("ReLU units", 1, 64, 6))

# %%
wave = figures.hinge_errors("wave")                     # (64,): with 1, 2, … 64 units
print(f"16 → 32 units: the error shrinks to 1/{wave[15] / wave[31]:.1f}")

# %% tags=["promise"]
expect(wave[15] / wave[31], at_least=3.5, at_most=4.7, spec=".1f",
       what="the wave's error with 16 units, over that with 32")

# %% [markdown]
# 15 units are enough for the wave; pieces of half the length lie four times closer to a smooth curve. With enough units such a sum comes as close as you like to any continuous curve on an interval (*universal approximation*: Cybenko 1989; for the ReLU, Leshno and others 1993).
#
# <details><summary>For the curious: why does the jump's error shrink so slowly?</summary>
#
# The kinks are evenly spaced, so the piece that bridges the jump is one spacing wide. Halving it halves the *squared* error; the typical error shrinks to 1/√2 ≈ 1/1.4 on average. Kinks free to move could crowd together.
# </details>

# %% [markdown]
# ## 3 · Downhill: the gradient
#
# Nobody tunes a million weights by hand. So ask of each **parameter** (weight or bias): how fast does the loss $L$ grow when this one grows, and all others are held still? That is a **partial derivative**, $\frac{\partial L}{\partial w_1}$. All of them together are the **gradient**. The plainest way to find one is to try it: nudge the parameter a little, and see how the loss moves (**finite differences**).

# %%
def loss_of(w, b):
    z = x @ w + b                                           # (200,)
    return np.logaddexp(0, np.where(y == 1, -z, z)).mean()  # -ln p of the true class


eps = 1e-6
for name, dw, db in (("w₁", [eps, 0], 0), ("w₂", [0, eps], 0), ("b", [0, 0], eps)):
    up, down = loss_of(w + dw, b + db), loss_of(w - np.array(dw), b - db)
    print(f"∂L/∂{name} ≈ {(up - down) / (2 * eps):.4f}")

# %% [markdown]
# Both weights have a negative slope: the loss falls when they grow. But two runs of the network for each weight are too many when there are a million. The **chain rule** gives all at once, from the loss back to the weights (**backpropagation**):
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial p} \cdot \frac{\partial p}{\partial z} \cdot \frac{\partial z}{\partial w}$$
#
# In words: *how $L$ answers to $p$, times how $p$ answers to $z$, times how $z$ answers to $w$.*

# %% [markdown]
# The three slopes, for one point with $L = -y \ln p - (1-y) \ln(1-p)$ (as $y$ is 0 or 1, one of the two terms is 0):
#
# - $\frac{\partial L}{\partial p} = -\frac{y}{p} + \frac{1-y}{1-p}$, for the slope of $\ln p$ is $1/p$;
# - $\frac{\partial p}{\partial z} = p(1-p)$, the sigmoid's slope;
# - $\frac{\partial z}{\partial w} = x$, for $z = w \cdot x + b$; and 1 for the bias.
#
# <details><summary>For the curious: why is the sigmoid's slope p(1 − p)?</summary>
#
# $p = 1/(1 + e^{-z})$, so $\frac{\partial p}{\partial z} = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = p(1-p)$.
# </details>

# %% tags=["lesson"]
def neuron_gradient(x, y, w, b):
    p = 1 / (1 + np.exp(-(x @ w + b)))              # forward: (N,)
    dp = (-y / p + (1 - y) / (1 - p)) / len(y)      # backward: (N,), how the mean loss
    dz = dp * p * (1 - p)                           # depends on p, on z, (N,)
    return x.T @ dz, dz.sum()                       # on w, (2,), and on b


dw, db = neuron_gradient(x, y, w, b)
print("dL/dw =", dw.round(4), " dL/db =", db.round(4))

# %% [markdown]
# **Play: a backward pass to touch.** One point, one neuron, as a graph. Values flow to the right, above the edges; gradients flow back, below them. Each box multiplies what comes back by its own slope; a sum hands it on unchanged. The line at the bottom nudges $w_1$ and compares. *Multiply the last two slopes, at p and at z: what simple number do you get? When do all gradients vanish?*

# %%
explore(*neuron_scenes.neuron_graph(x[0], int(y[0])), name="forward and back",
        goal="all gradients nearer to 0 than 0.05",
        w1=slider("weight w₁", -4.0, 4.0, 1.0, 0.1),
        w2=slider("weight w₂", -4.0, 4.0, 0.5, 0.1),
        b=slider("bias b", -4.0, 4.0, 0.2, 0.1))

# %% [markdown]
# At $z$ nearly everything cancels: $\frac{\partial L}{\partial z} = p - y$. *What the neuron said, minus what was true.* So all gradients vanish where the neuron is sure and right. (That is one reason why sigmoid and cross-entropy are used together.)
#
# Is the derivation right for all points? Two independent witnesses: the nudges of above, and torch, which differentiates by itself (**autograd**).

# %%
nudged = [(loss_of(w + eps * e, b) - loss_of(w - eps * e, b)) / (2 * eps)
          for e in np.eye(2)]
w_t = torch.tensor(w, requires_grad=True)
b_t = torch.tensor(b, dtype=torch.float64, requires_grad=True)
p_t = torch.sigmoid(torch.tensor(x) @ w_t + b_t)                # (200,)
loss = F.binary_cross_entropy(p_t, torch.tensor(y).double())
dw_torch, db_torch = torch.autograd.grad(loss, (w_t, b_t))
assert np.allclose(dw, nudged, atol=1e-8)
assert np.allclose([*dw, db], [*dw_torch, db_torch.item()])
print("by hand, by nudging and by autograd: the same")

# %% [markdown]
# ### Exercise 1.2 · A gradient by hand · write · 12 min · ★★☆
# The same neuron, but with the **squared error**: $L = \frac{1}{N} \sum (p - y)^2$. Derive and write its gradient.

# %%
def squared_error_gradient(x, y, w, b):
    """x: (N, D), y: (N,) of 0 and 1, w: (D,), b: number → dL/dw (D,), dL/db."""
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
# dL/dp = 2 (p − y) / N. Multiply by p (1 − p) to get dL/dz, then by x (for w) and by 1 (for b), and add up over the batch. Three lines.
# </details>

# %% [markdown] tags=["discussion"]
# Here the factor p (1 − p) stays. Where an answer is sure and wrong (p near 0, y = 1), this factor is nearly 0: the neuron hardly learns where it is most wrong. The cross-entropy has no such dead zone: one of several reasons to prefer it (others: it is the likelihood of the labels, and for one neuron it is a bowl).

# %% [markdown]
# With the squared error the factor $p(1-p)$ does not cancel. Where the neuron is sure and *wrong*, it is nearly 0, and so is the gradient: the neuron hardly learns where it has most to learn. Such a unit is called **saturated**. Cross-entropy has no such dead zone:

# %%
for z_wrong in (-2.0, -5.0, -10.0):                 # the true class is 1
    p_wrong = 1 / (1 + np.exp(-z_wrong))
    print(f"p = {p_wrong:.5f}: slope in z of the cross-entropy {p_wrong - 1:.3f}, "
          f"of the squared error {2 * (p_wrong - 1) * p_wrong * (1 - p_wrong):.5f}")

# %% [markdown]
# ## 4 · Gradient descent
#
# **Gradient descent** takes a small step against the gradient, again and again. The **learning rate** `lr` sets the size of the step. Whatever turns gradients into steps is the **optimiser**.

# %%
w, b, losses = np.zeros(2), 0.0, []
for _ in range(2500):
    dw, db = neuron_gradient(x, y, w, b)
    w, b = w - 3.0 * dw, b - 3.0 * db       # a rate of 3: this bowl is shallow
    losses.append(loss_of(w, b))
reference = LogisticRegression(C=np.inf, tol=1e-8).fit(x, y)    # C = ∞: the loss alone
print("gradient descent:", w.round(2), " scikit-learn:", reference.coef_[0].round(2))
assert np.allclose(w, reference.coef_[0], atol=1e-2)

# %% tags=["promise"]
expect(losses[-1], at_most=0.10, what="loss of the trained neuron (nats)")

# %% [markdown]
# Our few lines found what scikit-learn's logistic regression finds: a trained neuron with a sigmoid *is* logistic regression. For one neuron with the cross-entropy, on classes that overlap, the loss is a bowl with one lowest point. With more layers it is a landscape with valleys, and walking there needs some care.

# %% [markdown]
# **Play.** A valley of height $(a^2 + 25\,b^2)/2$: steep across (curvature 25), flat along (curvature 1). You have 30 steps. Begin with the guided steps. *With momentum at 0, what is the highest rate at which the walk still comes down? Can you reach the target without momentum (the share of the last step that is carried on)?*

# %%
explore(*figures.descent_track(target=0.01), name="a walk downhill",
        goal="a height of at most 0.01 after 30 steps",
        steps=figures.WALK_STEPS,
        lr=slider("learning rate", 0.003, 0.3, 0.07, 0.02, log=True,
                  tip="the length of a step, for a gradient of length 1"),
        momentum=slider("momentum", 0.0, 0.98, 0.0, 0.02,
                        tip="the share of the last step's velocity that is kept"))

# %% [markdown]
# The steep direction limits the rate. There the slope is $25\,b$, so a step turns $b$ into $(1 - 25\,lr)\,b$; above $lr = 2/25 = 0.08$ that factor is below −1, and the walk climbs out. Below that, it crawls along the flat direction. **Momentum** keeps a share $\beta$ of the last step's velocity. Is the target out of reach without it? Try 400 rates.

# %%
rates = np.geomspace(0.003, 0.3, 400)
lowest = {}
for beta in (0.0, 0.44):
    heights = [figures.height(figures.descend(rate, beta))[-1] for rate in rates]
    lowest[beta] = min(heights)
    print(f"momentum {beta}: lowest height {min(heights):.0e}, "
          f"at a rate of {rates[np.argmin(heights)]:.2f}")

# %% tags=["promise"]
expect(lowest[0.0], at_least=0.011, what="lowest height without momentum", spec=".1e")
expect(lowest[0.44], at_most=1e-6, what="lowest height with momentum", spec=".1e")
assert figures.height(figures.descend(0.079, n_steps=600))[-1] < 1e-6
assert figures.height(figures.descend(0.081, n_steps=1500))[-1] > 1e6

# %% [markdown]
# Without momentum no rate reaches 0.01 in 30 steps. And 0.08 is an edge: below it every walk comes down in the end, above it every walk climbs in the end. Momentum moves the edge, to $2(1 + \beta)/25$.
#
# A steady gradient $g$ builds up to a velocity of $g\,(1 + \beta + \beta^2 + \dots) = g/(1-\beta)$: with $\beta = 0.9$ it becomes $10\,g$, and **the rate acts as if it were** $lr/(1-\beta)$. When you raise the momentum, lower the rate.
#
# <details><summary>For the curious: why 0.44?</summary>
#
# For curvatures 1 and 25, theory calls $\left(\frac{\sqrt{25} - 1}{\sqrt{25} + 1}\right)^2 \approx 0.44$ the best momentum in the long run, with a rate of $\left(\frac{2}{\sqrt{25} + 1}\right)^2 \approx 0.11$ (Polyak 1964).
# </details>

# %% [markdown]
# ### Exercise 1.3 · Momentum · order · 8 min · ★★☆
# Put gradient descent with momentum in order. It starts at rest (`v = 0`). Each step: `v` becomes `beta * v + gradient at w`, then `w` becomes `w - lr * v`. Some lines do not belong there, and one has a gap.

# %%
lines_momentum = order("1.3")

# %%
check("1.3", lines_momentum)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# A ball that rolls: the gradient changes its velocity, the velocity changes its place. Two lines in a loop.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Compute the new `v` first and use it at once. The gradient points uphill, so `w` moves against it. The new gradient counts in full.
# </details>

# %% [markdown] tags=["discussion"]
# This is torch's convention; some books multiply the new gradient by (1 − β), which differs by just that factor. The line with `-=` is no mistake of sign: it would change the caller's array, because `w` still names it in the first step.

# %% [markdown]
# ## 5 · Several classes: one layer reads digits
#
# For $K$ classes take a layer of $K$ units. What they compute, before any squeezing, are the **logits**, one a class; the largest wins. The **softmax** makes probabilities of them, $p_k = e^{z_k} / \sum_j e^{z_j}$. The loss is again $-\ln$ of the true class's probability.
#
# And the gradient is again *said minus true*: for the logits, the probabilities with 1 subtracted at the true class.

# %% [markdown]
# Real data: 1,797 handwritten digits of 8×8 pixels, scanned from forms (Alpaydin and Kaynak 1998). We split them first, at random: 1,000 to **train** on, 397 for **validation**; 400 remain for a **test**, which chapter 01b opens at its end.

# %%
pixels, labels = load_digits(return_X_y=True)
chosen = np.random.default_rng(0).permutation(len(pixels))
x, y = pixels[chosen] / 16, labels[chosen]          # (1797, 64), grey from 0 to 1
x_train, y_train, x_val, y_val = x[:1000], y[:1000], x[1000:1397], y[1000:1397]
fig = plots.image_grid(x_train[10:20].reshape(-1, 8, 8), y_train[10:20], size=0.7)
show(fig, alt="Ten handwritten digits of 8 by 8 pixels, each below its label.")

# %%
sketch_loss = draw_curve(
    "All weights begin at 0. How will the training loss of ten units fall?",
    x=("epoch", 0, 100), y=("loss (nats)", 0, 3))

# %% tags=["lesson"]
def train_layer(x, y, lr, n_epochs):
    """x: (N, D), y: (N,) of 0 … 9 → W (10, D), b (10,), losses (n_epochs,)."""
    W, b, losses = np.zeros((10, x.shape[1])), np.zeros(10), []
    for _ in range(n_epochs):
        log_probs = log_softmax(x @ W.T + b, axis=1)    # forward: (N, 10)
        losses.append(-log_probs[np.arange(len(y)), y].mean())
        dz = np.exp(log_probs)                          # backward: said …
        dz[np.arange(len(y)), y] -= 1                   # … minus true, (N, 10)
        dz /= len(y)
        W = W - lr * dz.T @ x                           # (10, N) @ (N, D) → (10, D)
        b = b - lr * dz.sum(axis=0)                     # (10,)
    return W, b, losses


W, b, losses = train_layer(x_train, y_train, lr, n_epochs)
print(f"the first loss: {losses[0]:.3f}; ln 10 = {np.log(10):.3f}")

# %%
sketch_loss.compare(range(n_epochs), losses)

# %% [markdown]
# `log_softmax` gives the logarithms of the probabilities; `log_probs[np.arange(N), y]` picks from row n the entry of class `y[n]`. With all weights at 0 each class gets a tenth, so the loss begins at ln 10 ≈ 2.3: *knowing nothing* has that price. Then it falls steeply at first, ever more slowly later.
#
# Is the gradient right? Torch says so:

# %%
layer = nn.Linear(64, 10).double()
with torch.no_grad():
    layer.weight.copy_(torch.tensor(W))
    layer.bias.copy_(torch.tensor(b))
logits = layer(torch.tensor(x_train))                               # (1000, 10)
F.cross_entropy(logits, torch.tensor(y_train)).backward()
dz = softmax(x_train @ W.T + b, axis=1) - np.eye(10)[y_train]       # (1000, 10)
assert np.allclose(layer.weight.grad, dz.T @ x_train / 1000)
assert np.allclose(layer.bias.grad, dz.mean(axis=0))
print("ours and torch's gradients agree")

# %%
val = accuracy((x_val @ W.T + b).argmax(axis=1), y_val)
baseline = majority_accuracy(y_train, y_val)
print(f"one layer, 650 numbers: {measured(val)} of the new digits; "
      f"always the commonest: {measured(baseline)}")

# %% tags=["promise"]
expect(val, at_least=0.90, what="one layer on the validation digits")
expect(losses[-1], at_most=0.3, what="its training loss at the end (nats)")

# %% [markdown]
# One layer, forty lines of lesson, and it reads nine in ten. Its rows of weights are the *templates* of chapter 00.

# %% [markdown]
# ### Exercise 1.4 · Cross-entropy that does not overflow · fix · 10 min · ★★☆
# This function gives the mean cross-entropy of a batch of logits, and is right for small ones. But `np.exp(1000)` is infinite, and `np.log(0)` minus infinity: for large logits it gives `nan` or `inf`. **One line is to blame. Mend it**, with
# $\ln p_k = (z_k - m) - \ln \sum_j e^{z_j - m}$, where $m$ is the row's greatest logit. (Two lines for one are fine.)

# %%
def cross_entropy(logits, y):
    """logits: (N, K), y: (N,) class numbers → mean loss in nats, one number."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)                    # (N, K)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ### INSTEAD
    log_probs = np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
    ### END SOLUTION
    return -log_probs[np.arange(len(y)), y].mean()

# %%
check("1.4", cross_entropy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Subtracting the same number from all logits of a row changes no probability. Subtract the greatest first: then no exponent is above 0.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `keepdims=True` keeps a maximum over axis 1 as an (N, 1) column, which fits the rows: `logits - logits.max(axis=1, keepdims=True)`. And do not divide inside the logarithm: subtract logarithms.
# </details>

# %% [markdown] tags=["discussion"]
# With the greatest subtracted, nothing overflows, and the sum is at least e⁰ = 1, so its logarithm is finite. To divide first and take the logarithm then is not enough: a probability of e⁻¹⁰⁰⁰ is stored as 0. `F.cross_entropy` does just this; hand it logits, never probabilities.

# %% [markdown]
# ## Break it
#
# A colleague runs your `train_layer`, unchanged, on the same digits, and sends you this curve. No error, no missing value. The first loss is the same as yours; then it shoots up, and at the end it is still far above.

# %%
_, _, sick = train_layer(16 * x_train, y_train, lr, 20 if FAST else n_epochs)
show(stills.two_losses({"yours": losses, "the colleague's": sick}))

# %%
sick_causes = ["the labels are shuffled", "the pixels run from 0 to 16",
               "too few epochs"]
guess_sick = predict("What is the likeliest cause?", sick_causes)

# %% [markdown]
# Shuffled labels would keep the loss near ln 10, not throw it about. The pixels are 16 times as large. The gradient in W is *pull times input*, so it is 16 times as large too, and each change of W changes the logits by 16 times as much again: the valley is 16² = 256 times as steep. The test: a rate 256 times lower.

# %%
W_low, b_low, mended = train_layer(16 * x_train, y_train, lr / 256, n_epochs)
low = accuracy((16 * x_val @ W_low.T + b_low).argmax(axis=1), y_val)
print(f"rate {lr}: last loss {measured(sick[-1], '.1f')} nats; rate {lr}/256: "
      f"{measured(mended[-1], '.2f')} nats, {measured(low)} of the new digits")

# %%
guess_sick.compare(sick_causes[1])

# %% tags=["promise"]
expect(max(sick), at_least=5, what="the colleague's highest loss (nats)", spec=".1f")
expect(low, at_least=0.90, what="one layer on large pixels, at the lower rate")

# %% [markdown]
# So: scale your inputs to about 0 … 1 before you look for a rate. A loss that shoots up is a rate too high *for these inputs*; a loss that lies flat at ln K has learnt nothing yet.

# %% [markdown]
# ## Summary
#
# **What can one layer learn?** Whatever a weighted sum can decide: each unit draws one straight border, and gradient descent finds the best place for it. That is enough to read nine in ten small digits. What it can *not* learn, and why a stack of layers can, is the question of [01b](01b_stacks.ipynb).
#
# You have
# - written a neuron, a layer, a loss and their gradients in a few lines each;
# - read a matrix product as a table of sums, (N, D) @ (D, H) → (N, H);
# - derived a neuron's gradient, and checked it by nudging and by autograd;
# - trained one layer, and diagnosed a rate that was too high.

# %%
quiz("01a.1")
quiz("01a.2")
quiz("01a.3")
quiz("01a.4")
quiz("01a.5")

# %% [markdown]
# ## Further reading
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating errors*, Nature 323 (1986), [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0).
# - B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, USSR Comput. Math. Math. Phys. 4 (1964), [doi:10.1016/0041-5553(64)90137-5](https://doi.org/10.1016/0041-5553%2864%2990137-5).
# - G. Cybenko, *Approximation by superpositions of a sigmoidal function*, Math. Control Signals Systems 2 (1989), [doi:10.1007/BF02551274](https://doi.org/10.1007/BF02551274).
# - M. Leshno, V. Y. Lin, A. Pinkus, S. Schocken, *Multilayer feedforward networks with a nonpolynomial activation function can approximate any function*, Neural Networks 6 (1993), [doi:10.1016/S0893-6080(05)80131-5](https://doi.org/10.1016/S0893-6080%2805%2980131-5).
# - G. Goh, *Why momentum really works*, Distill (2017), [doi:10.23915/distill.00006](https://doi.org/10.23915/distill.00006): the walk in the valley, in depth.
# - E. Alpaydin, C. Kaynak, *Optical recognition of handwritten digits* (1998), UCI Machine Learning Repository, [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49): our digits.
#
# **Next:** [01b · What can a stack of layers do that one cannot?](01b_stacks.ipynb)
