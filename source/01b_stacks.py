# %% [markdown]
# # 01b · Stacks — What can a stack of layers do that one cannot?
#
# > **You will be able to**
# > - show what one layer cannot do, and what a stack with bends can;
# > - work out the gradients of a two-layer network by hand (backpropagation), and check them in two ways;
# > - tell from a loss curve what is wrong with a training;
# > - tell learning from learning by heart, with three splits of the data.
# >
# > **Time** 75 minutes, exercises 44 more · **Before this** [01a · Neuron](01a_neuron.ipynb) ·
# > **The article** section 1, and what it leaves out of section 3.

# %% tags=["parameters"]
FAST = False
SEED = 0
lr = 0.5            # for the network on the digits
n_epochs = 30
n_seeds = 5         # wherever a result rests on chance
n_long = 250        # epochs in which to over-fit

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from scipy.special import log_softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import nn

from helpers import check, expect, measured, show, start
from helpers.data import TOYS, toy
from helpers.metrics import accuracy
from helpers.topics.concepts import playground_scene as scene
from helpers.topics.concepts import readers, stills
from helpers.topics.concepts import scenes as figures
from helpers.topics.concepts.playground import N_TRAIN, Playground, side_by_side
from helpers.training import evaluate, fit
from helpers.widgets import draw_curve, explore, live, predict, quiz, slider, warm_up

start(SEED, fast=FAST)

# %%
warm_up("01b")

# %% [markdown]
# ## 1 · What one layer cannot
#
# One neuron separates two classes along a straight line ([01a](01a_neuron.ipynb)). Here are five data sets, class 0 in blue and class 1 in orange. *For which of them is a line enough?*

# %%
sets = {name: [t.numpy() for t in toy(name, n=400, noise=0.05, seed=SEED)]
        for name in TOYS}
show(stills.data_sets(sets))

# %%
guess_line = predict(
    "Take the luckiest of all straight lines. Of 100 points of the circles, "
    "how many does it get right?", ["about 50", "about 65", "about 80"])

# %% [markdown]
# First a neuron, trained on 200 points and scored on 200 others. Beside it two plain baselines: *majority* always answers the commoner class; *nearest neighbours* lets the five closest training points vote. Then no training at all: we try 3,600 lines on the circles, and keep the luckiest.

# %%
scores = {name: readers.baselines(x, y, n_train=200) for name, (x, y) in sets.items()}
for name, row in scores.items():
    print(f"{name:>8}", {who: measured(value, ".2f") for who, value in row.items()})
best_line = readers.luckiest_line(*toy("circles", n=4000, noise=0.05, seed=SEED))
print("the luckiest line on the circles:", measured(best_line, ".2f"))

# %%
guess_line.compare(best_line, bins=[0.575, 0.725])

# %% tags=["promise"]
expect(scores["circles"]["one neuron"], at_most=0.62, what="one neuron on the circles")
expect(scores["blobs"]["one neuron"], at_least=0.97, what="one neuron on the blobs")
expect(best_line, at_least=0.62, at_most=0.70,
       what="the best of 3,600 lines, on 4,000 points of the circles")

# %% [markdown]
# A line is enough for the blobs alone. On the circles even the luckiest line, which just touches the inner circle, leaves about two thirds of the outer one on the same side, and so misreads about a third of all points. Nothing is wrong with the *training*; the *model* cannot draw such a border. The neighbours can.

# %% [markdown]
# **The wrong way first.** "Then let us stack more layers." Two layers, 50 units between them, no activation. `nn.Linear(2, 50)` is torch's layer, with a `W` and a `b`; the last layer gives one logit for each class; `fit` is gradient descent, refined.

# %%
x, y = toy("circles", n=400, noise=0.05, seed=SEED)
first, second = nn.Linear(2, 50), nn.Linear(50, 2)
linear = nn.Sequential(first, second)                   # (N, 2) → (N, 50) → (N, 2)
history = fit(linear, (x[:200], y[:200]), (x[200:], y[200:]), n_epochs=30,
              batch_size=20, lr=0.01, progress=False)
print("two linear layers on the circles:", measured(history.val_accuracy[-1]))

# %% tags=["promise"]
expect(history.val_accuracy[-1], at_most=0.65, what="two linear layers on the circles")

# %% [markdown]
# 252 parameters, and no gain. <details><summary>Why? Multiply it out before you go on.</summary>
#
# $W_2 (W_1 x + b_1) + b_2 = (W_2 W_1)\, x + (W_2 b_1 + b_2)$: one matrix, one bias. One linear layer again.
# </details>

# %%
W, b = second.weight @ first.weight, second.weight @ first.bias + second.bias
assert torch.allclose(linear(x), x @ W.T + b, atol=1e-5)
print(f"it is one linear layer with a weight matrix of shape {tuple(W.shape)}")

# %% [markdown]
# ## 2 · Bends
#
# A stack of linear layers is still linear. Something between them must *bend*: that is the activation's work. Four ReLU units are enough for a pattern that no line separates, `xor`: class 1 where exactly one coordinate is negative. No training: weights of ±1 will do. The idea: $|a| = \mathrm{relu}(a) + \mathrm{relu}(-a)$, and $x_1 x_2 < 0$ exactly when $|x_1 - x_2| > |x_1 + x_2|$.

# %%
W1 = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]])
w2 = np.array([-1, -1, 1, 1])
x, y = (t.numpy() for t in toy("xor", n=400, noise=0, seed=SEED))
logits = np.maximum(x @ W1.T, 0) @ w2                   # (400, 2) → (400, 4) → (400,)
show(stills.folded_plane(W1, w2, x, y))
print("right:", accuracy((logits > 0).astype(int), y))

# %% [markdown]
# Each unit is flat on one side of its line (dark) and rises on the other. In pairs they *fold* the plane along both diagonals (each pair makes one $|a|$), so that a weighted sum can separate what one line could not.
#
# Units between the inputs and the last layer form a **hidden layer**. So this is a stack of two layers: one hidden layer, and the sum. The "one" in the title is a last layer alone.

# %% [markdown]
# With enough units one hidden layer comes as close as you like to any continuous curve (*universal approximation*, 01a). Then why stack?
#
# **Play.** Because folds multiply. A layer of $m$ units folds the interval into $m$ pieces; what the next layer draws appears in each: $m^k$ pieces after $k$ layers, from $m \cdot k$ units. *Which stack of twelve units makes the most pieces?*

# %%
explore(*figures.folding(), name="folding",
        goal="more than 64 pieces from at most 12 units",
        steps=figures.FOLDING_STEPS,
        width=slider("units in a layer", 2, 12, 4), depth=slider("layers", 1, 6, 3))

# %%
t, out = figures.folds(width=3, depth=4)
turns = int((np.diff(np.sign(np.diff(out))) != 0).sum())
print(f"straight pieces of 4 layers of 3 units, counted: {turns + 1}")
assert turns + 1 == 81

# %% [markdown]
# One hidden layer *adds* pieces, a stack *multiplies* them: 12 units side by side make 12 pieces (13 at most: our first bend stands at the edge); as 4 layers of 3 they make 81. There are functions that about $k^3$ layers of a few units each can hold, while about $k$ layers come near them only with some $2^k$ units (Telgarsky 2016). That training *finds* them is not promised: section 4 tests it.

# %% [markdown]
# ## 3 · A network from scratch
#
# Two layers with a ReLU between them: a **multi-layer perceptron** (MLP), here for $K$ classes. Backpropagation is the chain rule once more, layer by layer. Call the gradient that arrives at a value its **pull**. At the logits it is *said minus true*, as in 01a. Three rules do the rest:

# %% [markdown]
# - **Through a layer**, the pull comes back through the same weights: `dh = dz @ W`.
# - **Through a ReLU**, it passes where the unit was on and stops where it was off.
# - **For the weights**, it is the pull times the input, added up over the examples: `dW = dz.T @ x`; for the biases, the pull alone, added up.
#
# <details><summary>For the curious: where do they come from?</summary>
#
# From $z_h = \sum_d W_{hd}\, x_d + b_h$: its slope in $x_d$ is $W_{hd}$, in $W_{hd}$ it is $x_d$, in $b_h$ it is 1. And for the true class $y$: $L = -z_y + \ln \sum_j e^{z_j}$, whose slope in $z_k$ is $p_k$, less 1 for the true class.
# </details>

# %% tags=["lesson"]
def loss_and_grads(x, y, params):
    W1, b1, W2, b2 = params
    z1 = x @ W1.T + b1                          # forward: (N, D) → (N, H)
    h = np.maximum(z1, 0)                       # (N, H)
    log_probs = log_softmax(h @ W2.T + b2, axis=1)              # (N, K)
    loss = -log_probs[np.arange(len(y)), y].mean()

    dlogits = np.exp(log_probs)                 # backward: said …
    dlogits[np.arange(len(y)), y] -= 1          # … minus true, (N, K)
    dlogits /= len(y)
    dz1 = (dlogits @ W2) * (z1 > 0)             # through W2, then where the ReLU was on
    return loss, [dz1.T @ x, dz1.sum(0), dlogits.T @ h, dlogits.sum(0)]


def new_params(sizes, rng):
    D, H, K = sizes
    W1 = rng.normal(size=(H, D)) * (2 / D) ** 0.5
    W2 = rng.normal(size=(K, H)) * (1 / H) ** 0.5
    return [W1, np.zeros(H), W2, np.zeros(K)]

# %% [markdown]
# Never trust a gradient that you have not checked. First witness: nudge *every* parameter of a small network. Second witness: torch. We copy our weights in, let `backward()` differentiate, and compare; then both take one step.

# %%
rng, eps = np.random.default_rng(SEED), 1e-6
x, y = rng.normal(size=(6, 4)), rng.integers(0, 3, 6)       # 6 examples, 3 classes
params = new_params((4, 5, 3), rng)
loss, grads = loss_and_grads(x, y, params)
for p, grad in zip(params, grads):
    for i in np.ndindex(p.shape):
        before, losses = p[i], []
        for p[i] in (before + eps, before - eps):
            losses.append(loss_and_grads(x, y, params)[0])
        p[i] = before
        assert abs((losses[0] - losses[1]) / (2 * eps) - grad[i]) < 1e-7
print(f"all {sum(p.size for p in params)} gradients agree with the nudges")

# %%
model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).double()
with torch.no_grad():
    for theirs, ours in zip(model.parameters(), params):
        theirs.copy_(torch.tensor(ours))
F.cross_entropy(model(torch.tensor(x)), torch.tensor(y)).backward()
for ours, p in zip(grads, model.parameters()):
    torch.testing.assert_close(p.grad, torch.tensor(ours))
torch.optim.SGD(model.parameters(), lr=0.1).step()
for p, ours, g in zip(model.parameters(), params, grads):
    assert torch.allclose(p, torch.tensor(ours - 0.1 * g))
print("gradients and one step: ours and torch's agree")

# %% [markdown]
# From here on torch may do the calculus: we know what it does. One rule is left for you: back through a layer whose activation is the **tanh**, a curve from −1 to 1 with slope $\tanh'(z) = 1 - \tanh(z)^2$.

# %% [markdown]
# ### Exercise 1.5 · Back through a layer · write · 14 min · ★★★
# Forward: `h = tanh(x @ W.T + b)`. Given `dh`, the gradient of the loss with respect to `h`, return those for `x`, `W` and `b`.
# (The mean over the batch is in `dh` already.)

# %%
def tanh_layer_backward(x, W, b, dh):
    """x: (N, D), W: (H, D), b: (H,), dh: (N, H) → dx (N, D), dW (H, D), db (H,)."""
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
# Let the shapes lead you: from dz (N, H), W (H, D) and x (N, D) there is only one product of shape (N, D), one of shape (H, D), and one sum of shape (H,). Three lines in all.
# </details>

# %% [markdown] tags=["discussion"]
# A linear layer's backward pass is always these two products and a sum; the activation only multiplies by its slope.

# %% [markdown]
# Note what the tanh does to the pull: where $|z|$ is large, its slope is near 0. Such a unit is **saturated**: nothing comes back through it, and the layers before it stop learning. The ReLU has slope 1 wherever it is on, one reason why deep networks use it.

# %% [markdown]
# ### The same lines read handwriting
#
# The digits of 01a: 1,000 to **train** on, 397 for **validation**, and 400 for a final **test** that we do not touch yet. (The same 13 people wrote all three sets: [05a](05a_splits.ipynb) asks what that hides.) The training loop takes a few examples at a time (a **mini-batch**): a step from 50 examples points, *on average*, the same way as one from all 1,000, at a twentieth of the cost. So an epoch makes 20 steps.

# %%
pixels, labels = load_digits(return_X_y=True)
chosen = np.random.default_rng(0).permutation(len(pixels))
x, y = pixels[chosen] / 16, labels[chosen]              # (1797, 64), grey from 0 to 1
(x_train, x_val, x_test), (y_train, y_val, y_test) = (
    np.split(a, [1000, 1397]) for a in (x, y))


def train(params, lr, n_epochs, seed=SEED):
    params, losses, rng = [p.copy() for p in params], [], np.random.default_rng(seed)
    for _ in range(n_epochs):
        for batch in rng.permutation(len(x_train)).reshape(-1, 50):     # 20 × (50,)
            loss, grads = loss_and_grads(x_train[batch], y_train[batch], params)
            params = [p - lr * g for p, g in zip(params, grads)]
            losses.append(loss)
    return params, np.array(losses)

# %%
def predict_class(x, params):
    W1, b1, W2, b2 = params
    return (np.maximum(x @ W1.T + b1, 0) @ W2.T + b2).argmax(axis=1)    # (N,)


begin = new_params((64, 32, 10), np.random.default_rng(SEED))
params, losses = train(begin, lr, n_epochs)
plain = {"one layer": LogisticRegression(max_iter=1000),
         "5 nearest neighbours": KNeighborsClassifier(5)}
val = {name: m.fit(x_train, y_train).score(x_val, y_val) for name, m in plain.items()}
val["our MLP"] = accuracy(predict_class(x_val, params), y_val)
print({name: measured(value) for name, value in val.items()})

# %% tags=["promise"]
expect(val["our MLP"], at_least=0.94, what="our MLP on new digits")
expect(val["5 nearest neighbours"] - val["our MLP"], at_least=0,
       what="by how much the 5 nearest neighbours are better")
expect(abs(val["one layer"] - val["our MLP"]), at_most=0.03,
       what="how far off one layer is")

# %% [markdown]
# Thirty lines of NumPy read at least 94 of 100 digits. Be fair, though: the neighbours, with nothing to train, did no worse, and one layer is at most 3 points off. (On 397 digits, gaps of a point or two are partly luck.) Layers earn their cost where the raw input is far from the answer: larger pictures, sound, language.

# %% [markdown]
# ### What did the hidden units learn to look for?
#
# Ask which eight validation digits excite each unit most. *Kinds* counts how many different digits are among its eight favourites. The figure invites a story: "nobody told the units what to look for". But a picture of a trained network alone proves nothing. The control: the same network *before* training, for five seeds.

# %%
kinds = np.zeros((n_seeds, 2))                          # before and after the training
for s in range(n_seeds):
    start_params = new_params((64, 32, 10), np.random.default_rng(s))
    trained_params, _ = train(start_params, lr, n_epochs, seed=s)
    for j, (W1, b1, *_) in enumerate((start_params, trained_params)):
        hidden = np.maximum(x_val @ W1.T + b1, 0)                       # (397, 32)
        kinds[s, j] = readers.kinds_among_favourites(hidden, y_val)
alike = np.corrcoef(start_params[0].ravel(), trained_params[0].ravel())[0, 1]
show(stills.favourites(trained_params[0], hidden, x_val.reshape(-1, 8, 8)))
print("kinds, before and after:", *(measured(k, ".1f") for k in kinds.mean(0)))
print("first-layer weights before and after correlate at", measured(alike, ".2f"))

# %% tags=["promise"]
expect((kinds[:, 0] - kinds[:, 1]).min(), at_least=0.1, spec=".2f", n=5,
       what="kinds that the training takes away, least of the seeds")
expect(kinds[:, 0].mean(), at_most=4.5, n=5, spec=".1f",
       what="kinds of an *untrained* unit (of eight at most)")

# %% [markdown]
# Even *untrained* units have favourites: random weights are enough for that. And much of the random start is still there after training. What the training adds is measured in the difference: units become **more selective**. So much the gradient did, and no more.

# %% [markdown]
# ## 4 · The playground
#
# A network of your making learns in front of you. On the left, its answer everywhere; on the right, what each hidden unit does (red: positive, blue: negative, each to its own scale; a thick frame: large outgoing weights), and the losses. **Weight decay** shrinks every weight a little at each update. Momentum is 0.9, so a rate of 0.1 acts like 1 ($lr/(1-\beta)$, from 01a).

# %%
live(Playground, *scene.playground(), name="playground", steps=scene.STEPS,
     preview=2500, speed=50, stride=10, hot=("lr", "weight_decay", "layer", "unit"),
     goal="separate the spirals: validation accuracy of at least 95 % with at most "
          "12 hidden units, without the hand-made inputs", **scene.controls())

# %% [markdown]
# Try at least two of these:
#
# 1. *Which stacks of at most 12 hidden units separate the spirals?*
# 2. *Which unit could you delete?* Choose it with the **show** sliders; read the accuracy without it.
# 3. Activation "none": many layers, and still one line.
# 4. `spirals`, 2 × 8 units, seed 2: pause at step 2,500. Set the rate to 0.3, press **Step** thirty times, go back to 0.1. Does it recover?
# 5. `moons`, noise 0.35, 2 × 8 units: run 4,000 updates; watch the gap. Then set the decay to 0.01.

# %% [markdown]
# <details><summary>For the curious: what we saw</summary>
#
# (1) Two layers of 6 or 7, with many seeds; the next cells compare the stacks. (2) In layer 2 the unit with the thinnest frame is hardly missed; in layer 1 it may be. (4) With five of the first eight seeds it does not: the leaps drove the tanh units to where their slope is nearly 0. (With seed 0 it recovers: one of the lucky ones.) From 50 updates at 0.3 six of eight recover, from 50 at 1 none. (5) The decay closes the gap: the training loss rises, the validation loss falls. Section 7 measures the gap.
# </details>
#
# The playground is no magic: here is its network as a plain PyTorch program, which trains to the same loss. Copy it into a cell, and change what the sliders do not offer.

# %%
print(Playground(SEED, data="spirals", depth=2, width=8).as_code(n_steps=2000))

# %% [markdown]
# ### What a stack can hold, and what training finds
#
# Set by hand, twelve ReLU units made 12 pieces as one hidden layer, 81 as 4 layers of 3. Does *training* use what a stack can hold? That was another task (one dimension); here we take the spirals, tanh units, ten seeds, 2,000 updates, two rates. The control, 4 × 12, is as deep as 4 × 3 but not as narrow.

# %%
names = ["1 × 12", "2 × 6", "4 × 3"]
guess_stack = predict("Twelve tanh units, trained at a rate of 0.1: which stack "
                      "separates the spirals worst?", names)

# %%
stacks, rates = [(1, 12), (2, 6), (3, 4), (4, 3), (4, 12)], [0.1, 0.03]
found = np.zeros((2, 5, 10))                    # accuracy for each rate, stack and seed
teams = {}
for i, rate in enumerate(rates):
    for j, (depth, width) in enumerate(stacks):
        teams[depth, width] = [Playground(SEED + s, depth=depth, width=width, lr=rate)
                               for s in range(10)]
        side_by_side(teams[depth, width], 200 if FAST else 2000)
        found[i, j] = [run.val_accuracy for run in teams[depth, width]]
mean = found.mean(2)                            # (2, 5)
show(stills.twelve_units(stacks, dict(zip(rates, found))))

# %%
guess_stack.compare(names[mean[0, [0, 1, 3]].argmin()])

# %% tags=["promise"]
expect(mean[0, :2].min(), at_least=0.85, n=10, what="1 × 12, 2 × 6 at 0.1, the lower")
expect(mean[0, 4], at_most=0.90, n=10, what="4 × 12 at 0.1")
expect(mean[1, 4], at_least=0.93, n=10, what="4 × 12 at 0.03")
expect(mean[:, 3].max(), at_most=0.87, n=10, what="4 × 3 at its better rate")

# %% [markdown]
# The stack that could hold most pieces does worst. Is 0.1 too high for four layers? For 4 × 12 it is: at 0.03 it succeeds. For 4 × 3 that is not all: it fails at both, and still at 9,000 updates. (1 × 12 and 3 × 4 at 0.03 are merely slow: 9,000 updates bring both above 90 %. ReLU units show much the same.) *Because three units are too narrow?* A reason needs a control. Let the five nearest neighbours read each layer's output:

# %%
narrow = readers.neighbours_on_layers(teams[4, 3])          # (5,): input, layers 1 … 4
broad = readers.neighbours_on_layers(teams[4, 12])
for name, values in (("4 × 3", narrow), ("4 × 12", broad)):
    print(f"{name:>6}:", " → ".join(measured(value, ".2f") for value in values))

# %% tags=["promise"]
expect(narrow[1], at_most=0.92, n=10, what="neighbours on layer 1 of 4 × 3")
expect(broad.min(), at_least=0.94, n=10, what="neighbours on the worst layer of 4 × 12")

# %% [markdown]
# In the narrow stack the *first* layer already crushes the two spirals into each other, and it gets worse from layer to layer; in the broad one they stay apart. What a network can hold and what training finds are two questions.

# %% [markdown]
# ## 5 · Layers that make features
#
# The article says that many-layered networks "extract features from data by themselves". A test: we train the playground's network on the spirals, then ask of each layer: how well does *one neuron* separate the points, if it sees only this layer's output? (Such a neuron is a **linear probe**.) The control: the same networks untrained.

# %%
guess_probe = predict(
    "On hidden layer 2 before any training, one neuron will separate the spirals …",
    ["far worse than on the input", "about as well", "far better"])

# %%
runs = [Playground(SEED + s, data="spirals", depth=2, width=8) for s in range(10)]
untrained = np.array([readers.probe(run).right for run in runs])    # (10, 3)
side_by_side(runs, 300 if FAST else 3000)
trained = np.array([readers.probe(run).right for run in runs])
show(stills.probes(trained, untrained))

# %%
guess_probe.compare(untrained.mean(0)[2] - untrained.mean(0)[0], bins=[-0.1, 0.1])

# %% tags=["promise"]
expect(trained.mean(0)[0], at_most=0.78, n=10, what="one neuron on the input")
expect(trained.mean(0)[2], at_least=0.90, n=10, what="… on the trained layer 2")
expect(untrained.mean(0)[2], at_most=0.80, n=10, what="… on the untrained layer 2")
expect(trained.mean(0)[1] - trained.mean(0)[0], at_most=0.15, n=10,
       what="what the trained layer 1 alone gains")

# %% [markdown]
# Two things to see. The untrained networks, same layers, random weights, gain hardly anything: so the *training* made the features. And **one layer alone does not straighten the spirals**: on the trained layer 1 the probe gains little; only both layers together do it. (That layer 2 is good is no surprise: the network's own last neuron was trained to be right on it. It says that the training succeeded at *this* task, not that such layers are good for any other.)

# %%
one = readers.probe(runs[0])
show(stills.layers_seen(one.layers, one.z, runs[0].y[N_TRAIN:], one.right))

# %% [markdown]
# The validation points as each layer hands them to a neuron: across, the neuron's $z$ (its border is the line at 0); up, the direction in which the rest varies most. Layer 1 bends the spirals, layer 2 builds on the bends, and at the end one line is enough. That is this lesson's answer in one picture.

# %% [markdown]
# ## 6 · Break it
#
# Four runs of *our* network on the digits: the same data, the same code, the same number of updates. Three are sick.

# %%
healthy = new_params((64, 32, 10), np.random.default_rng(SEED))
patients = {"A": (healthy, 1e-4), "B": (healthy, 0.5), "C": (healthy, 30.0),
            "D": ([0 * p for p in healthy], 0.5)}
after = {name: train(begin, rate, 10) for name, (begin, rate) in patients.items()}
show(stills.four_runs({name: curve for name, (_, curve) in after.items()}, np.log(10)))

# %%
signs = ["their number", "how many of them differ", "their largest input"]
guess_sign = predict("A and D look the same. What should you look at in the hidden "
                     "units, to tell them apart?", signs)

# %%
distinct = {name: len(np.unique(p[0].round(12), axis=0))
            for name, (p, _) in after.items()}
print("different units in the hidden layer:", distinct)
print("moved in D (W1, b1, W2, b2)?", [bool(p.any()) for p in after["D"][0]])
W1, b1, *_ = after["C"][0]
off = int(((x_train @ W1.T + b1).max(axis=0) <= 0).sum())       # (1000, 32) → (32,)
print(f"units of C that are off for every digit: {measured(str(off))} of 32")

# %%
guess_sign.compare(signs[1])

# %% tags=["promise"]
expect(distinct["A"], at_least=32, what="different units in A", spec=".0f")
expect(distinct["D"], at_most=1, what="different units in D", spec=".0f")
expect(off, at_least=24, what="units of C that are off for every digit", spec=".0f")
expect(after["C"][1][-50:].mean(), at_least=4, what="late training loss of C (nats)")
expect(after["B"][1][-50:].mean(), at_most=0.3, what="late training loss of B (nats)")

# %% [markdown]
# **Diagnoses.** *A*: its steps are 5,000 times smaller than B's; it learns, but that much more slowly. *C*: the rate is too high; a few leaps threw most units to where they are off for every digit, so hardly any gradient comes through. What is left is worse than knowing nothing (ln 10 ≈ 2.30): little but the last biases still moves. *D*: all weights began at 0. With $W_2 = 0$ no pull comes back to the hidden units, and with $h = 0$ none reaches $W_2$.
#
# <details><summary>Predict: would it help to begin with 0.1 everywhere?</summary>
#
# A little, at best: now the units move, but all alike. They are equal, so they get equal gradients, and stay equal. Run the next cell.
# </details>

# %%
same, _ = train([np.full_like(p, 0.1) for p in healthy], 0.5, 10)
equal = accuracy(predict_class(x_val, same), y_val)
print("different units:", len(np.unique(same[0].round(9), axis=0)),
      "· all moved?", all(bool((p != 0.1).any()) for p in same),
      "· validation accuracy:", measured(equal))

# %% tags=["promise"]
expect(equal, at_most=0.6, what="validation accuracy, all weights 0.1 at first")

# %% [markdown]
# Thirty-two units that do the work of one. Random first weights break the symmetry, and let the pull through (how *large* they should be is a question for [07b](07b_signal.ipynb)).

# %% [markdown]
# ## 7 · Learning, or learning by heart?
#
# A large network, and only 40 noisy points to learn from. The 400 validation points come from the same source and are never trained on. (So many are a luxury, to show the curve clearly.)

# %%
sketch_val = draw_curve(
    "The training loss will fall to almost 0. Draw the validation loss.",
    x=("epoch", 0, 250), y=("loss (nats)", 0, 3))

# %%
def wide():
    return nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                         nn.Linear(64, 2))


def learn(seed, **settings):
    torch.manual_seed(seed)
    net, data = wide(), toy("moons", 40, noise=0.35, seed=seed)
    return net, fit(net, data, val_moons, n_epochs=20 if FAST else n_long, lr=0.003,
                    batch_size=40, progress=False, **settings)


val_moons, test_moons = (toy("moons", n, noise=0.35, seed=s)
                         for n, s in ((400, 1000), (4000, 2000)))
long_runs = [learn(SEED + s) for s in range(n_seeds)]
train_loss = np.array([h.train_loss for _, h in long_runs])     # (5, 250)
val_loss = np.array([h.val_loss for _, h in long_runs])
show(stills.over_fitting(train_loss, val_loss))

# %%
sketch_val.compare(np.arange(1, val_loss.shape[1] + 1), val_loss.mean(0))

# %% tags=["promise"]
expect(train_loss[:, -1].mean(), at_most=0.05, n=5, what="last training loss (nats)")
expect(val_loss[:, -1].mean() / val_loss.min(1).mean(), at_least=2, n=5, spec=".1f",
       unit=" ×", what="validation loss at the end, against its lowest")

# %% [markdown]
# **Over-fitting**: the network learns the 40 points by heart, noise and all. The training loss cannot tell you, for it falls either way; only examples not trained on can. So one keeps the weights of the epoch with the lowest validation loss (**early stopping**; `fit(…, patience=30)` stops after 30 epochs without a new lowest).

# %%
tests = np.zeros((2, n_seeds, 3))               # to the end or early; loss, right, sure
for s, (net, _) in enumerate(long_runs):
    early, _ = learn(SEED + s, patience=30)
    for k, m in enumerate((net, early)):
        sure = m(test_moons[0]).softmax(1).amax(1).mean().item()
        tests[k, s] = *evaluate(m, test_moons), sure
for name, (loss, right, sure) in zip(("to the end", "stopped early"), tests.mean(1)):
    print(f"{name}: {measured(right, '.2f')} right, {measured(sure, '.2f')} sure, "
          f"test loss {measured(loss, '.2f')}")

# %% tags=["promise"]
expect(abs(tests[0, :, 1] - tests[1, :, 1]).mean(), at_most=0.05, n=5,
       what="difference in test accuracy, mean of the seeds")
expect((tests[0, :, 2] - tests[0, :, 1]).mean(), at_least=0.10, n=5,
       what="confidence minus accuracy, trained to the end")
expect((tests[0, :, 0] / tests[1, :, 0]).min(), at_least=1.5, n=5, spec=".1f",
       what="test loss to the end, over that with early stopping, least of the seeds")

# %% [markdown]
# Early stopping hardly changes how often the network is right. It is the *confidence* that went wrong: trained to the end, the network gives its own answers far more probability than they deserve, and each sure mistake costs many nats.

# %% [markdown]
# ### Exercise 1.6 · Early stopping · write · 10 min · ★★☆
# Given the validation loss of each epoch in turn, when does the training stop, and which epoch's weights are kept? Stop as soon as `patience` epochs in a row have not gone below the lowest loss so far (a tie is not below).

# %%
def early_stop(val_losses, patience):
    """list of floats → (epoch whose weights are kept, last epoch), counted from 1."""
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
# In a loop with `enumerate`: a strictly lower loss moves `best`; if `epoch - best` has reached `patience`, return both, plus 1. After the loop the training ran to its end.
# </details>

# %% [markdown] tags=["discussion"]
# The answer may depend on nothing that comes after the stop: in real life those epochs do not exist. So the minimum of the whole list is not the answer. When the loss stands still, "strictly lower" lets the waiting end.

# %% [markdown]
# ### Why a third split?
#
# We *chose* the epoch on the validation set. Whoever is chosen for a good score was probably also lucky. To see the luck alone, let the candidates be coins: all are right half the time, none knows anything.
#
# **Play.** *On 50 validation examples the best of 1,000 coins looks over 20 points better than it is. How many examples bring that under 5 points: 200, 500, 2,000? And what would fewer candidates do?*

# %%
explore(*figures.luck(), name="the luck of the best",
        goal="choose among 1,000 coins, and have the best score less than 55 %",
        candidates=slider("candidates", 1.0, 1000.0, 100.0, log=True),
        n_val=slider("validation examples", 20, 3000, 50, 10))

# %%
rng, illusion = np.random.default_rng(SEED), []
for n_coins, n_val in ((1000, 50), (100, 50), (1000, 500), (1000, 2000)):
    best = readers.best_of_coins(n_coins, n_val, rng)       # mean of 200 draws
    print(f"best of {n_coins:>5,} on {n_val:>5,} examples: {measured(best)} right")
    illusion.append(best - 0.5)

# %% tags=["promise"]
expect(1 - illusion[1] / illusion[0], at_least=0.17, at_most=0.26,
       what="luck taken away by a tenth of the candidates")
expect(1 - illusion[2] / illusion[0], at_least=0.64, at_most=0.72,
       what="luck taken away by ten times the examples")
expect(illusion[3], at_most=0.045, what="luck left with 2,000 examples")

# %% [markdown]
# Luck shrinks as 1/√examples; a tenth of the candidates takes only a fifth of it away. So: fit on **train**, choose on **validation**, and measure once, at the end, on **test**. Now, and only now, our digits:

# %%
test_accuracy = accuracy(predict_class(x_test, params), y_test)
print("our MLP on the test digits, used once:", measured(test_accuracy))

# %% tags=["promise"]
expect(test_accuracy, at_least=0.92, what="our MLP on the test digits")

# %% [markdown]
# ### Exercise 1.7 · A test for splits · test · 10 min · ★★☆
# A function `split(n, seed)` shall give three arrays of indices, `train, val, test`, for n examples: 60 %, 20 % and 20 % of them, each of 0 … n − 1 in exactly one, drawn at random, and the same again for the same seed.
#
# Write the *test*: `test_split(split)` calls `split` and asserts what it promises. The check runs your test on right programs, which must pass, and on wrong ones, which must fail: can you think of their faults?

# %%
def test_split(split):
    """Assert what a split promises; n is a multiple of 5."""
    ### BEGIN SOLUTION
    for n in (10, 100):
        train, val, test = split(n, 0)
        assert (len(train), len(val), len(test)) == (n * 3 // 5, n // 5, n // 5)
        assert sorted([*train, *val, *test]) == list(range(n))
        assert list(split(n, 0)[0]) == list(train)
    assert list(split(100, 1)[0]) != list(train)
    assert sorted(train) != list(range(60))
    ### END SOLUTION

# %%
check("1.7", test_split)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Turn each promise into an `assert`: the three lengths; each index in exactly one part; mixed order; the same seed, the same split; another seed, another one.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `sorted([*train, *val, *test]) == list(range(n))` holds only if nothing is lost and nothing appears twice. A split that is not mixed trains on 0 … 59 of 100.
# </details>

# %% [markdown] tags=["discussion"]
# The most harmful of these faults, an example in two parts, raises no error in a training: the scores only look too good. A test of four lines finds it. [Chapter 05](05a_splits.ipynb) meets subtler leaks: the same writer, or nearly the same picture, on both sides.

# %% [markdown]
# ## The article, checked
#
# > **"Many-layered networks extract features from data by themselves."** True, once *trained*, and for the task they were trained on: one neuron gets at least 90 % right on the trained layer 2, and at most 80 % on the untrained one, on average. (500 random units would be enough too: chance, in bulk. The next cell shows it.)

# %% [markdown]
# > **"Training costs compute, storage and tuning skill."** True. But the cost is a choice: our digits took 2,410 parameters, 19 kB and 600 updates, and the nearest neighbours no training at all (they store all the pictures instead).
# >
# > **Never named there:** *loss*, *gradient*, *optimiser*, *validation set* (nor baseline, over-fitting, initialisation). Without the first three no network here learns; without the fourth nobody knows whether it did.

# %%
assert sum(p.size for p in params) == 2410
rng, run = np.random.default_rng(SEED), runs[0]
bulk = np.maximum(run.inputs @ rng.normal(size=(2, 500)) + rng.normal(size=500) / 2, 0)
random_units = readers.baselines(bulk, run.y.astype(int), N_TRAIN)["one neuron"]
print("one neuron on 500 random units:", measured(random_units))

# %% tags=["promise"]
expect(random_units, at_least=0.93, what="one neuron on 500 random ReLU units")

# %% [markdown]
# ### Exercise 1.8 · Spirals on a budget · target · 10 min · ★★☆
# Reach a target: at least 95 % of the spirals' validation points right, on average over five seeds, after 2,000 updates, with **at most 90 parameters** and without the hand-made inputs. Return the playground's settings as a dictionary: `depth`, `width`, `lr`, and `activation` if you like.
#
# A network of widths 2 → m → m → 1 has $(2m + m) + (m^2 + m) + (m + 1)$ parameters. Try shapes and rates in the playground first.

# %%
def frugal_network():
    """→ dict of settings for Playground: depth, width, lr, activation."""
    ### BEGIN SOLUTION
    return {"depth": 2, "width": 7, "lr": 0.1, "activation": "tanh"}
    ### END SOLUTION

# %%
check("1.8", frugal_network)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Section 4 says which shapes train well: neither one layer nor four. What is the widest stack of two layers within the budget?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# 2 → 7 → 7 → 1 has 85 parameters. At 0.2 it leaps, at 0.03 it has not arrived after 2,000 updates.
# </details>

# %% [markdown] tags=["discussion"]
# You have chosen by the validation points, so the score is a little flattering, as with the coins. And the target depends on the seeds: with one seed alone, many settings would have passed by luck.

# %% [markdown]
# ## Summary
#
# **What can a stack of layers do that one cannot?** One layer separates along straight lines. A stack *with bends between its layers* folds the space, folds it again, and so makes features in which a straight line is enough. Folds multiply with depth. A stack without bends is still one layer; and what a stack can hold is not yet what training finds.
#
# You have
# - shown that xor and the spirals defeat one layer but not a stack;
# - worked out backpropagation for two layers, and checked it by nudging and by autograd;
# - diagnosed four loss curves;
# - told learning from learning by heart with three splits.

# %%
quiz("01b.1")
quiz("01b.2")
quiz("01b.3")
quiz("01b.4")
quiz("01b.5")

# %% [markdown]
# ## Further reading
#
# - M. Telgarsky, *Benefits of depth in neural networks* (2016), [arXiv:1602.04485](https://arxiv.org/abs/1602.04485).
# - G. Alain, Y. Bengio, *Understanding intermediate layers using linear classifier probes* (2016), [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (2016), chapter 6, [deeplearningbook.org](https://www.deeplearningbook.org).
# - D. Smilkov and others, *Direct-manipulation visualization of deep networks* (2017), [arXiv:1708.03788](https://arxiv.org/abs/1708.03788): the TensorFlow Playground.
#
# **Next:** [02a · Why look through a small window?](02a_windows.ipynb)
