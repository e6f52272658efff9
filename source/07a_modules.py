# %% [markdown]
# # 07a · Building blocks — How do you choose and stack?
#
# > **You will be able to**
# > - write `nn.Module` from scratch, and say how it finds its parameters (and when it does not);
# > - follow shapes through a stack, and mend the four errors of shape that everybody meets;
# > - count parameters, multiply-adds and memory by hand, and check them against torch's counters;
# > - spend one budget on depth or on width, and name the control that says why depth helped;
# > - choose a first model for a task, from a table of runs.
# >
# > **Time** 72 minutes, exercises 43 more · **Before this** [02 CNN](02a_windows.ipynb), [03 RNN](03a_memory.ipynb),
# > [04 Autoencoder](04a_autoencoders.ipynb) · **In the article** section 3.3: stacked CNN, RNN, AE, chosen by
# > data and task

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3            # networks of each kind
n_epochs = 4
RATES = {1: 0.24, 2: 0.12, 4: 0.03, 8: 0.015}   # by depth: best of five on validation

# %% tags=["setup"]
from functools import partial

from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import mnist1d
from helpers.models import MLP, count_parameters
from helpers.topics.building import budget, builder, runs, table
from helpers.topics.building.counting import kept_bytes, multiply_adds
from helpers.topics.building.networks import (
    conv_autoencoder,
    conv_stack,
    dense_autoencoder,
    residual_stack,
    widest,
)
from helpers.training import evaluate
from helpers.widgets import (
    draw_curve,
    explore,
    order,
    predict,
    quiz,
    slider,
    switch,
    warm_up,
)

start(SEED, fast=FAST)
if FAST:
    SEEDS, n_epochs = 1, 1

# %%
warm_up("07a")

# %% [markdown]
# ## 1 · A module finds its own parameters
#
# You have written `class Net(nn.Module)` since chapter 01. What does the base class do? An optimiser needs a list
# of all numbers that it may change, and nobody wrote that list. `nn.Module` looks on whenever you say
# `self.name = value`: parameters go into one drawer, other modules into another. A walk through the drawers then
# finds everything. Here is that idea in twelve lines.

# %%
class Module:
    def __init__(self):
        self.__dict__.update(own={}, parts={})

    def __setattr__(self, name, value):
        drawer = {nn.Parameter: self.own}.get(type(value))
        if isinstance(value, Module):
            drawer = self.parts
        if drawer is not None:
            drawer[name] = value
        object.__setattr__(self, name, value)

    def named_parameters(self, before=""):
        yield from ((before + name, p) for name, p in self.own.items())
        for name, part in self.parts.items():
            yield from part.named_parameters(f"{before}{name}.")

# %% [markdown]
# A linear layer, and a network of two such layers. Both are written so that the base class can be exchanged: ours, or
# torch's.

# %%
def classes(Base):
    class Linear(Base):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(n_out, n_in) / n_in**0.5)
            self.bias = nn.Parameter(torch.zeros(n_out))

        def forward(self, x):
            return x @ self.weight.T + self.bias        # (N, n_in) → (N, n_out)

    return Linear

# %%
def network(Base):
    Linear = classes(Base)

    class Net(Base):
        def __init__(self):
            super().__init__()
            self.hidden = Linear(40, 64)
            self.out = Linear(64, 10)

        def forward(self, x):
            h = self.hidden.forward(x).relu()           # (N, 40) → (N, 64)
            return self.out.forward(h)                  # (N, 64) → (N, 10)

    return Net()

# %%
set_seed(SEED)
ours, theirs = network(Module), network(nn.Module)
for (name, p), (same, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True):
    assert name == same
    q.data.copy_(p.data)
    print(f"{name:14} {tuple(p.shape)}")

# %%
x = torch.randn(5, 40)
for net in (ours, theirs):
    net.forward(x).square().sum().backward()
for (_, p), (_, q) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True):
    torch.testing.assert_close(p.grad, q.grad)
print("Names, outputs and gradients agree with torch's Module.")

# %% [markdown]
# The same names, the same gradients. What torch adds: buffers (numbers that are kept but not trained, such as a running
# mean), `train()` and `eval()`, saving, hooks, and a `__call__` that runs the hooks before `forward`.

# %% [markdown]
# ## 2 · Break it: a network that hardly learns
#
# A friend wants depth to be a setting, and keeps the layers in a list. Nothing crashes. Beside it stands a network
# of the same shapes, written with `nn.ModuleList`. The data are **MNIST-1D**: ten small shapes, each hidden
# somewhere in a series of 40 numbers.

# %%
data = mnist1d(3500, 500, 1000)
fig, alt = budget.ten_shapes()
show(fig, alt=alt)

# %%
class Friend(nn.Module):
    def __init__(self, keep):
        super().__init__()
        sizes = [40, 100, 100, 100]
        pairs = pairwise(sizes)
        self.layers = keep([nn.Linear(a, b) for a, b in pairs])
        self.out = nn.Linear(100, 10)

    def forward(self, x):
        h = x.flatten(1)                                # (N, 1, 40) → (N, 40)
        for layer in self.layers:
            h = layer(h).relu()                         # → (N, 100)
        return self.out(h)                              # → (N, 10)

# %%
made = {keep.__name__: runs.trained(partial(Friend, keep), data.train, SEEDS,
                                    lr=0.01, n_epochs=n_epochs)
        for keep in (list, nn.ModuleList)}
for keep, models in made.items():
    found = [evaluate(model, data.val)[1] for model in models]
    print(f"{keep:10} validation accuracy", *(measured(a, ".2f") for a in found))

# %%
guess_list = predict("What is wrong with the friend's network?", [
    "the rate is too low", "its layers are not trained", "it has too few layers"])

# %%
for keep in (list, nn.ModuleList):
    set_seed(SEED)
    before, model = Friend(keep), made[keep.__name__][0]
    moved = [not torch.equal(a.weight, b.weight)
             for a, b in zip(before.layers, model.layers, strict=True)]
    print(f"{keep.__name__:10} {count_parameters(model):6,} parameters found;",
          "hidden layers moved:", moved)

# %%
guess_list.compare("its layers are not trained")

# %% tags=["promise"]
by = {k: np.mean([evaluate(m, data.val)[1] for m in v]) for k, v in made.items()}
expect(by["ModuleList"] - by["list"], at_least=0.08, n=SEEDS,
       what="validation accuracy, ModuleList minus list")

# %% [markdown]
# A Python list goes into no drawer, so the optimiser never hears of its layers: they keep their random start, and only
# the last layer learns. The control is the same network with `nn.ModuleList`, and the proof is not the accuracy but
# the weights: unmoved after training. (Random layers are not nothing: chapter 02 read digits with random
# windows. That is why this fault hides so well.)

# %% [markdown]
# ### Exercise 7.1 · Catch hidden layers · test · 8 min · ★★☆
#
# Write a test that would have caught it. `test_every_layer_learns(make)` gets a function that makes a network for
# series `(N, 1, 40)` with 10 classes. It must raise `AssertionError` for networks in which something that `forward`
# uses is not trained, and pass sound ones. The wrong networks hide their layers in different ways: some in a list, one
# cuts the gradient off.

# %%
def test_every_layer_learns(make):
    """make() → a network; assert that one step moves all that its forward uses."""
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    model = make()
    x, y = torch.randn(20, 1, 40), torch.arange(20) % 10
    inside = [m for m in modules_in(model) if isinstance(m, (nn.Linear, nn.Conv1d))]
    F.cross_entropy(model(x), y).backward()
    known = {id(p) for p in model.parameters()}
    for layer in inside:
        assert id(layer.weight) in known, "the optimiser does not know this layer"
        assert layer.weight.grad is not None, "no gradient reaches this layer"
    ### END SOLUTION


def modules_in(thing):
    """All modules in a module, its lists, tuples and dictionaries, hidden or not."""
    if isinstance(thing, nn.Module):
        yield thing
        thing = [value for key, value in vars(thing).items() if key != "_parameters"]
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, (list, tuple)):
        for part in thing:
            yield from modules_in(part)

# %%
check("7.1", test_every_layer_learns)

# %% [markdown]
# <details><summary>Hint 1: two ways to be left out</summary>
#
# A weight is trained if the optimiser knows it *and* a gradient reaches it. `model.parameters()` tells the first,
# `weight.grad` after `backward()` the second.
# </details>
# <details><summary>Hint 2: where to look</summary>
#
# `modules_in(model)` finds all layers, also those in plain lists. For each that has a `weight`: is
# `id(layer.weight)` among the ids of `model.parameters()`? Is `layer.weight.grad` something other than `None`?
# </details>

# %% [markdown] tags=["discussion"]
# Another right way: run the network once, change one weight at a time, and see whether the output changes although the
# weight is not among `model.parameters()`. Libraries look for the same fault: PyTorch Lightning prints the number of
# trainable parameters at the start, and one glance at it is often enough.

# %% [markdown]
# ## 3 · Shapes: the first thing that goes wrong
#
# A convolution wants channels and places, `(N, C, L)`; a linear layer wants its numbers in the last axis. Between the
# two stands a layer that removes the places: `Flatten`, or a mean.
#
# Predict first. A series `(1, 40)` passes a convolution of 8 channels with kernel 5, stride 2 and padding 2, then one
# of 16 channels with kernel 3 and padding 1, then `Flatten`. How many numbers reach the linear layer?

# %%
guess_flat = predict("How many numbers come out of Flatten?",
                     ["16", "320", "640", "128"])

# %%
x = data.train[0][:2]                                   # (2, 1, 40)
for layer in [nn.Conv1d(1, 8, 5, 2, 2), nn.Conv1d(8, 16, 3, 1, 1), nn.Flatten()]:
    x = layer(x)
    print(f"{type(layer).__name__:8} → {tuple(x.shape)}")

# %%
guess_flat.compare(str(x.shape[1]))

# %% [markdown]
# The stride halves 40 places to 20; 16 channels of 20 places are 320 numbers. Each stride, padding or pooling changes
# that product, so one change in front breaks the linear layer behind.
#
# ### Play: a builder
#
# Lay a layer into each place. The table shows shapes, the bars costs; the first layer that does not fit turns red, those
# behind it wait in grey. **Reach a window of 19 numbers and 10 outputs with at most 1,000 parameters.** What helps most to see
# far for little?

# %%
explore(
    *builder.builder(), name="builder", steps=builder.STEPS, **builder.controls(),
    goal="10 outputs, a window of at least 19 numbers, at most 1,000 parameters")

# %% [markdown]
# Stride and pooling: each doubles the step of all layers behind it, so every further kernel sees twice as far, and works
# on half as many places. They have no parameters at all. The price is that places are lost.

# %% [markdown]
# ### Exercise 7.2 · Four errors of shape · fix · 12 min · ★★☆
#
# Four small networks for MNIST-1D, and each stops with an error when it gets a batch `(N, 1, 40)`. Run them, read the
# message, mend **one number or one layer** in each. Keep the rest as it is: widths and kernels are part of the task.

# %%
def four_networks():
    """→ four networks, each (N, 1, 40) → (N, 10)."""
    relu = nn.ReLU
    ### BEGIN SOLUTION
    first = nn.Sequential(
        nn.Conv1d(1, 8, 5, 2, 2), relu(), nn.Flatten(), nn.Linear(160, 10))
    second = nn.Sequential(
        nn.Conv1d(1, 6, 3), relu(), nn.Conv1d(6, 9, 3), relu(),
        nn.Flatten(), nn.Linear(9 * 36, 10))
    third = nn.Sequential(
        nn.Conv1d(1, 7, 3, padding=1), relu(), nn.MaxPool1d(2), nn.Flatten(),
        nn.Linear(7 * 20, 10))
    fourth = nn.Sequential(
        nn.Flatten(), nn.Linear(40, 30), nn.BatchNorm1d(30), relu(),
        nn.Linear(30, 10))
    ### INSTEAD
    first = nn.Sequential(
        nn.Conv1d(1, 8, 5, 2, 2), relu(), nn.Linear(160, 10))
    second = nn.Sequential(
        nn.Conv1d(1, 6, 3), relu(), nn.Conv1d(6, 9, 3), relu(),
        nn.Flatten(), nn.Linear(9 * 40, 10))
    third = nn.Sequential(
        nn.Conv1d(1, 7, 3, padding=1), relu(), nn.MaxPool1d(2), nn.Flatten(),
        nn.Linear(7 * 40, 10))
    fourth = nn.Sequential(
        nn.Flatten(), nn.Linear(40, 30), nn.BatchNorm1d(40), relu(),
        nn.Linear(30, 10))
    ### END SOLUTION
    return [first, second, third, fourth]

# %%
check("7.2", four_networks)

# %% [markdown]
# <details><summary>Hint 1: read the message</summary>
#
# "mat1 and mat2 shapes cannot be multiplied (16x20 and 160x10)": the left pair is what arrived, the right one what the
# layer was built for. Print `x.shape` behind each layer of the network that complains.
# </details>
# <details><summary>Hint 2: one by one</summary>
#
# First: channels and places are still apart. Second: a kernel of 3 without padding takes 2 places away, and there
# are two of them. Third: who halves the places? Fourth: a normalisation has as many pairs of numbers as units arrive.
# </details>

# %% [markdown] tags=["discussion"]
# `nn.LazyLinear(10)` finds its input size at the first batch and spares three of the four errors. It costs a surprise
# later: the weights do not exist before the first batch, so an optimiser made too early does not know them.

# %% [markdown]
# ## 4 · What does it cost?
#
# Three prices. **Parameters**: numbers to learn and to store. **Multiply-adds**: products that are summed, for one
# example. **Memory**: in training, what the forward run must keep for the way back.
#
# A convolution of C channels into K with kernel k has K·C·k weights (+ K biases), and uses each of them once at each of
# L′ places: K·C·k·L′ multiply-adds. A linear layer uses each weight once.

# %%
guess_ratio = predict(
    "conv 8 → 16, kernel 3, on 20 places: how many multiply-adds a weight?",
    ["1", "3", "20", "60"])

# %%
conv, x = nn.Conv1d(8, 16, 3, padding=1), torch.zeros(1, 8, 20)
by_hand = 16 * 8 * 3 * 20
assert by_hand == multiply_adds(conv, x)       # torch's own FlopCounterMode, halved
print(f"{conv.weight.numel():,} weights, {by_hand:,} multiply-adds, as torch counts")

# %%
guess_ratio.compare(str(by_hand // conv.weight.numel()))

# %% [markdown]
# Twenty: sharing weights saves parameters, not work.
#
# Memory: with Adam each parameter costs 16 bytes (4 each for the number, its gradient and two moments). And each layer
# keeps its input for the way back. Which is more, for a batch of 100?

# %%
guess_memory = predict(
    "A stack of four convolutions, a batch of 100. What needs more memory?",
    ["the parameters with Adam", "what is kept for the way back"])

# %%
nets = {"four convolutions": conv_stack(4, 15),
        "dense, 1,000 wide": MLP((40, 1000, 1000, 10))}
share = {}
for name, net in nets.items():
    fixed = 16 * count_parameters(net)
    kept = {n: kept_bytes(net, torch.zeros(n, 1, 40)) for n in (10, 100)}
    share[name] = kept[100] / fixed
    print(f"{name}: parameters with Adam {fixed / 1e3:,.0f} kB;",
          *(f"kept for a batch of {n} {b / 1e3:,.0f} kB;" for n, b in kept.items()))

# %%
guess_memory.compare(share["four convolutions"], bins=[1])

# %% tags=["promise"]
expect(kept[100] / kept[10], at_least=8, at_most=11, what="kept, batch 100 over 10")
expect(share["four convolutions"], at_least=10, what="kept over parameters with Adam")
expect(share["dense, 1,000 wide"], at_most=0.3, what="the same, dense network")

# %% [markdown]
# What is kept grows with the batch, the parameters do not. Which is more depends on the network: a convolution uses few
# weights at many places and keeps all their inputs, a wide dense layer has many weights and keeps little. So before you
# save memory, count: a smaller batch helps the first, a smaller optimiser (SGD: 8 bytes less) the second.

# %% [markdown]
# ### Play: spend a budget
#
# A stack of convolutions with kernel 3. The two lines are the widest networks that 3,000 parameters or 50,000
# multiply-adds buy. **Which slider changes the multiply-adds and leaves the parameters alone?** Then reach
# the target: four layers of 15 channels within both.

# %%
explore(*budget.budget(), name="spend a budget", drag=("depth", "width"),
        goal="at least 4 convolutions of at least 15 channels, within both budgets",
        depth=slider("depth (convolutions)", 1, 12, 4),
        width=slider("width (channels)", 2, 300, 22, log=True),
        halve=slider("layer that halves the places (0: none)", 0, 12, 0))

# %% [markdown]
# The place of the halving: early makes all later layers half as dear in work, and no parameter changes. At
# one layer the two budgets lie far apart (52 channels against 333 in the network below); from two layers on, nearly
# all weights are used at nearly all places, and the lines run together.

# %% [markdown]
# ### Exercise 7.3 · Count the work · write · 10 min · ★★☆
#
# Write `count_multiply_adds(layers, length)` for a list of `nn.Conv1d` (any stride, padding, dilation, groups),
# `nn.MaxPool1d`, `nn.Flatten`, `nn.Linear`, `nn.ReLU`, for one series of `length` numbers. By arithmetic: no layer is
# run. A convolution keeps its numbers as tuples, `(k,) = layer.kernel_size`; a pooling as plain numbers. Return a whole
# number. Budget: 12 lines.

# %%
def count_multiply_adds(layers, length):
    """layers: list of modules; length: int → int, multiply-adds for one example."""
    ### BEGIN SOLUTION
    total, places = 0, length
    for layer in layers:
        if isinstance(layer, nn.Conv1d):
            (k,), (s,), (p,), (d,) = (
                layer.kernel_size, layer.stride, layer.padding, layer.dilation)
            places = (places + 2 * p - d * (k - 1) - 1) // s + 1
            total += layer.weight.numel() * places
        elif isinstance(layer, nn.MaxPool1d):
            places = (places - layer.kernel_size) // layer.stride + 1
        elif isinstance(layer, nn.Linear):
            total += layer.weight.numel()
    return total
    ### END SOLUTION

# %%
check("7.3", count_multiply_adds)

# %% [markdown]
# <details><summary>Hint 1: what must be carried</summary>
#
# Only the number of places changes from layer to layer; channels stand in `layer.weight.shape`.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# For a convolution: the new number of places by the formula of chapter 02, then add
# `layer.weight.numel()` times that. With groups the weight tensor is smaller already: nothing more to do.
# </details>

# %% [markdown] tags=["discussion"]
# Groups need no case of their own, for `weight` has the shape (K, C/groups, k). The count ignores ReLU, pooling and
# bias: a few per cent here. It is a measure of work, not of time: a network of half the multiply-adds can be slower, if
# its layers are narrow and many.

# %% [markdown]
# ## 5 · Depth against width, at one budget
#
# 3,000 parameters. One layer of 52 channels, two of 23, four of 15, or eight of 10? All see the same data, for the same
# number of steps, each at the best of five rates (0.015 to 0.24) on validation data. Draw what you expect before it is measured.

# %%
sketch_depth = draw_curve("Test accuracy against depth, at 3,000 parameters?",
                          x=("depth (convolutions)", 1, 8), y=("test accuracy", 0, 1))

# %%
x_train, y_train = data.train[0][:, 0], data.train[1]
linear = LogisticRegression(max_iter=300).fit(x_train, y_train)
baseline = linear.score(data.test[0][:, 0], data.test[1])
print(f"logistic regression: {measured(baseline, '.2f')}; guessing: 0.10")

# %%
def test_accuracies(make, rate):
    models = runs.trained(make, data.train, SEEDS, lr=rate, n_epochs=n_epochs)
    return [evaluate(model, data.test)[1] for model in models]


def widest_stack(depth, kernel=5):
    make = partial(conv_stack, depth, kernel=kernel)
    return partial(make, widest(make, count_parameters, 3000))


by_depth = {depth: test_accuracies(widest_stack(depth), rate)
            for depth, rate in RATES.items()}
for depth, found in by_depth.items():
    print(depth, "layers:", *(measured(a, ".2f") for a in found))

# %%
sketch_depth.compare(list(by_depth), [np.mean(a) for a in by_depth.values()])

# %% [markdown]
# Two and four layers are level, well above one; eight lose again. Why does depth help? Two suspects:
# - **The window.** One layer sees 5 of 40 numbers, two see 9, four see 17. Then one layer with a window of 21 should do.
# - **The work.** At equal parameters the one layer does a fifth of the multiply-adds. Then one layer with
#   as many multiply-adds as four should do.
#
# Each suspect has its control.

# %%
guess_why = predict("Which control comes within 3 points of four layers?", [
    "the wide window", "the equal work", "both", "neither"])

# %%
def work(model):
    return multiply_adds(model.eval(), torch.zeros(1, 1, 40))


as_four = work(widest_stack(4)())
wide = test_accuracies(widest_stack(1, kernel=21), RATES[1])
costly_width = widest(partial(conv_stack, 1), work, as_four)
costly = test_accuracies(partial(conv_stack, 1, costly_width), RATES[1])
near = [name for name, found in (("the wide window", wide), ("the equal work", costly))
        if np.mean(found) > np.mean(by_depth[4]) - 0.03]

# %%
guess_why.compare({0: "neither", 1: "".join(near), 2: "both"}[len(near)])

# %% [markdown]
# Neither. Then take away the one thing that only depth can give, and leave the rest: **four layers without ReLU between
# them**. Depth, window, parameters and work stay; but a convolution of a convolution is again a convolution, so no
# feature is made of features.

# %%
straight = test_accuracies(partial(conv_stack, 4, 15, bend=False), RATES[1])
fig, alt = runs.depth_figure(by_depth, {
    "one layer, window 21, same parameters": (1, wide),
    "one layer, same multiply-adds as four": (1, costly),
    "four layers, no ReLU between": (4, straight)}, baseline)
show(fig, alt=alt)

# %% tags=["promise"]
mean = {d: np.mean(a) for d, a in by_depth.items()}
deep = max(mean[2], mean[4])
expect(deep - mean[1], at_least=0.04, n=SEEDS, what="two or four layers minus one")
expect(deep - mean[8], at_least=0.05, n=SEEDS, what="two or four minus eight")
expect(mean[1] - np.mean(wide), at_least=-0.02, n=SEEDS,
       what="one layer minus wide window")
expect(deep - np.mean(costly), at_least=0.03, n=SEEDS,
       what="two or four minus equal work")
expect(mean[1] - np.mean(straight), at_least=0.03, n=SEEDS,
       what="one layer minus four without ReLU between")

# %% [markdown]
# The wide window gains nothing, and five times the parameters at equal work hardly anything. Without the ReLUs four
# layers fall below *one*. So the reason stands on a control of its own: features made of features, bent in between. On
# this task, and for this short training.

# %% [markdown]
# Is it only a matter of time? Trained three times as long (a test does it), one layer reads 0.91, two and four 0.96, eight 0.92,
# four without ReLU 0.79: the gaps shrink, and stay. What eight layers suffer from comes in section 6.

# %% [markdown]
# ### Play: how far does a stack see?
#
# The orange stretch is the window of one output; the bars count the ways from each number to it. **Which
# two settings give windows of about the same width, but spread their ways quite differently?** Reach a window
# of 31 with four layers of kernel 3.

# %%
explore(*budget.window_scene(), name="window of a stack",
        goal="a window of at least 31 with at most 4 layers of kernel 3",
        depth=slider("depth (convolutions)", 1, 8, 2),
        kernel=slider("kernel (numbers)", 3, 9, 3, 2),
        doubling=switch("each layer doubles the dilation"),
        example=slider("class of the series", 0, 9, 0))

# %% [markdown]
# Seven plain layers and three that double the dilation both see 15 numbers. Of the plain ones three quarters of the ways
# run through the middle third: their *effective* window is much narrower than the rule says (Luo et al. 2016). With
# doubling it is two fifths: not even, but near it. Four such layers see 31.

# %% [markdown]
# ### Exercise 7.4 · See far for little · value · 7 min · ★★☆
#
# Find a stack of convolutions, a list of `(channels, kernel, stride)`, for series `(1, 40)`: a window of **exactly 29**
# numbers, **at least 5 places** at the end, and at most **900 weights** (biases apart). Kernels are odd, padding is
# (kernel − 1)/2.

# %%
### BEGIN SOLUTION
my_stack = [(6, 5, 2), (6, 5, 2), (6, 5, 1)]
### END SOLUTION

# %%
check("7.4", my_stack)

# %% [markdown]
# <details><summary>Hint 1: the window</summary>
#
# Begin with 1. Each layer adds (kernel − 1) times the product of all strides before it.
# </details>
# <details><summary>Hint 2: a plan</summary>
#
# With strides 2, 2, 1 and three kernels of 5: 1 + 4 + 8 + 16 = 29, and 40 → 20 → 10 → 10 places. Now choose the
# channels: the weights are 5·a + 5·a·b + 5·b·c.
# </details>

# %% [markdown] tags=["discussion"]
# Many answers are right. Strides multiply the reach of all that follows, so put them early; but each halves the places,
# and three of them would leave 5.

# %% [markdown]
# ## 6 · Stacks of all three families
#
# **A deep CNN.** Eight plain layers lost to four. Because ten channels are too few? Four layers of ten read 0.87 (a test
# runs it): it is the depth. A **residual block** adds its input to its answer,
# `relu(x + branch(x))`: a layer that has nothing to say can leave `x` alone. Put the block in order yourself.

# %% [markdown]
# ### Exercise 7.5 · A residual block · order · 6 min · ★☆☆
#
# Put the lines of `forward` in order; `conv1`, `conv2` keep the shape, `norm1`, `norm2` are batch norms. Two lines do
# not belong. Fill the gap.

# %%
block = order("7.5")

# %%
check("7.5", block)

# %% [markdown]
# <details><summary>Hint 1: when is x needed again?</summary>
#
# The branch must not overwrite `x`: work on another name.
# </details>
# <details><summary>Hint 2: what comes last</summary>
#
# First convolution, norm, ReLU; second convolution, norm; then the sum; and the last ReLU behind the sum.
# </details>

# %% [markdown] tags=["discussion"]
# This is the block of He et al. (2016a). Their second paper (2016b) moves norm and ReLU to the front of each
# convolution, so that the trunk is never bent at all: better beyond a hundred layers. A ReLU at the end of the
# *branch* would let it only add, never subtract.

# %%
deep_cnn = {}
for blocks in (2, 4):
    make_res = partial(residual_stack, blocks)
    width = widest(make_res, count_parameters, 3000)
    deep_cnn[blocks] = test_accuracies(partial(make_res, width), 0.03)
groups = {"4 layers": by_depth[4], "5, residual": deep_cnn[2],
          "8 layers": by_depth[8], "9, residual": deep_cnn[4]}
fig, alt = runs.pairs_figure("3,000 parameters, with residual blocks and without",
                             groups, "test accuracy", ("logistic", baseline))
show(fig, alt=alt)

# %% tags=["promise"]
expect(np.mean(deep_cnn[4]) - mean[8], at_least=0.02, n=SEEDS,
       what="nine layers in blocks minus eight plain")
expect(np.mean(deep_cnn[2]) - mean[4], at_most=0.02, n=SEEDS,
       what="five layers in blocks minus four plain")
expect(mean[4] - np.mean(deep_cnn[4]), at_least=0.02, n=SEEDS,
       what="four plain minus nine in blocks")

# %% [markdown]
# All four have 3,000 parameters. With blocks nine layers lose less than eight without; at five there is nothing to mend.
# And nine in blocks do not catch up with four plain: blocks make depth bearable, they do not make it useful. Why
# depth hurts is the question of [07b](07b_signal.ipynb).

# %% [markdown]
# **A two-layer bidirectional GRU.** The first layer reads the series from both ends; the second reads what the first
# found. Its sibling is one layer, wider, with as many parameters. A run takes some 5 seconds, so the ten runs are
# stored (`python -m helpers.topics.building.table` makes them anew; a test repeats some).

# %%
guess_gru = predict("Two GRU layers minus one, at equal parameters?", [
    "loses more than 2 points", "within 2 points", "gains more than 2 points"])

# %%
gru = table.stored()["GRU stacks"]
one, two = gru["1"]["test"], gru["2"]["test"]
for layers, run in gru.items():
    print(f"{layers} of width {run['width']}, {run['parameters']:,} parameters:",
          *(f"{a:.3f}" for a in run["test"]))
gap = np.mean(two) - np.mean(one)

# %%
guess_gru.compare(gap, bins=[-0.02, 0.02])

# %% [markdown]
# Five seeds each, ten epochs: the second layer *costs* two or three points. Is it only slower? Four times as long, three seeds:

# %%
longer = table.stored()["four times as long"]
for name in ("series, GRU", "series, GRU, two layers"):
    print(f"{name:24}", *(f"{a:.3f}" for a in longer[name]))

# %% [markdown]
# Now the two are level. So the second GRU layer learns more slowly and brings nothing here. One layer already passes each
# number through twenty steps: it *is* deep, in time. Whether that is the reason, these runs cannot say; they say that
# "stack more" is no law.

# %% [markdown]
# **A convolutional autoencoder**: digits of 14×14 pixels, through a code of 8 numbers, and back. One convolution on
# either side or two, at about the same number of parameters; beside them PCA with 8 axes, and a dense autoencoder
# of the same size. (Of the rates 0.003 to 0.1 on validation data 0.03 was best for each.)

# %%
small = runs.small_digits()
X, T = small.train[0], small.test[0]                    # (N, 1, 14, 14)
makers = {"conv, one layer": partial(conv_autoencoder, 1, 22),
          "conv, two layers": partial(conv_autoencoder, 2, 16),
          "dense": partial(dense_autoencoder, 44)}
errors = {}
for name, make in [*makers.items(), ("dense, 4 × longer", makers["dense"])]:
    epochs = 2 * n_epochs * (4 if "longer" in name else 1)
    models = runs.trained(make, (X, X), SEEDS, lr=0.03, n_epochs=epochs,
                          loss=F.mse_loss)
    errors[name] = [evaluate(m, (T, T), F.mse_loss)[0] for m in models]

# %%
for name, make in makers.items():
    products = multiply_adds(make(), torch.zeros(1, 1, 14, 14))
    print(f"{name:17} {count_parameters(make()):6,} parameters,",
          f"{products:7,} multiply-adds")

# %%
pca = PCA(8).fit(X.flatten(1))
back = pca.inverse_transform(pca.transform(T.flatten(1)))
pca_error = float(((T.flatten(1).numpy() - back) ** 2).mean())
fig, alt = runs.pairs_figure("Same parameters; the dense one also trained longer",
    errors, "test error (mean square)", ("PCA, 8 axes", pca_error))
show(fig, alt=alt)

# %% tags=["promise"]
e = {name: np.mean(found) for name, found in errors.items()}
expect(e["conv, two layers"] / e["conv, one layer"], at_most=0.97, spec=".2f",
       n=SEEDS, what="error, two layers over one")
expect(e["conv, two layers"] / pca_error, at_most=0.95, spec=".2f", n=SEEDS,
       what="error, two layers over PCA")
expect(e["dense, 4 × longer"] / e["conv, two layers"], at_most=1.05, spec=".2f",
       n=SEEDS, what="error, dense and longer over two convolutions")

# %% [markdown]
# At equal parameters and epochs two convolutions beat one, and PCA. But they do ten times the work of the dense network. Give
# *that* one four times as many epochs, still less than half the work, and it is as good or better; *one* convolution with
# four times the epochs, as much work as two, is ahead of two (a test runs it). Which one "wins" depends on the price
# you pay: name it.

# %% [markdown]
# ## 7 · Which model first?
#
# Six tasks, seven models, and each cell is a run: five seeds, the rate chosen on validation data, the test part (169
# to 1,000 examples, so two or three points may be luck) read once. Where the word *series* stands, the shapes may lie anywhere; *shuffled* has its 40 columns mixed,
# in all series alike; *state* asks whether a lamp that many pulses switch is on at the end.

# %%
guess_table = predict(
    "A table of 30 measurements: how far apart are logistic, forest, MLP, CNN, GRU?",
    ["less than 4 points", "4 to 10 points", "more than 10 points"])

# %%
cells = table.stored()
print(f"{'':20}" + "".join(f"{c.split()[-1]:>10}" for c in table.COLUMNS))
for row in table.ROWS:
    means = [np.mean(cells[row][c]["test"]) for c in table.COLUMNS]
    print(f"{row:20}" + "".join(
        f"{m:9.2f}{'*' if m > max(means) - 0.01 else ' '}" for m in means))
print("* within one point of the best of its row")
on_table = [np.mean(cells["table"][c]["test"]) for c in table.COLUMNS[1:-1]]

# %%
guess_table.compare(100 * (max(on_table) - min(on_table)), bins=[4, 10])

# %% [markdown]
# Make one of these cells anew: choose a row, a column and a seed that is not among the stored ones (0 to 4).

# %%
row, column, seed = "picture", "CNN", 5
again = table.score(row, column, seed, cells[row][column]["lr"])
print(f"{row}, {column}, seed {seed}: {measured(again)};",
      "stored:", *(f"{a:.3f}" for a in cells[row][column]["test"]))

# %% tags=["promise"]
expect(abs(again - np.mean(cells[row][column]["test"])), at_most=0.03,
       what="distance of the new run from the stored mean")

# %% [markdown]
# Read it by rows. **Table**: all alike, so take the plainest. **Picture**: the CNN, by a point. **Few labels**: logistic regression
# and a forest; the autoencoder saw a thousand pictures more and is no better. **Series**: the CNN, then the
# GRU; and the forest beats the MLP by far. **Shuffled**: both fall below the MLP, and the *forest* wins. **State**:
# the CNN, before forest and GRU.

# %% [markdown]
# The GRU wins no row. Has it been trained too little? Four times as long, three seeds:

# %%
for name in ("series, CNN", "series, GRU", "state, CNN", "state, GRU"):
    print(f"{name:12}", *(f"{a:.3f}" for a in longer[name]))

# %% [markdown]
# It is not time that it lacks: a point more on the series, nothing on the state. So no task of this
# table is one for this GRU. (Greydanus and Kobak report the same order on the series: CNN 94 %, GRU 91 %.)

# %% [markdown]
# So ask what may be exchanged without changing the answer (columns? places? times?), take the
# plainest model that knows it, and put logistic regression and a forest beside it, always.

# %% [markdown]
# ## The article, checked
#
# | Section 3.3 says | You found |
# |---|---|
# | model building means stacking CNN, RNN, AE | stacking paid for the CNN; for the autoencoder at equal parameters, not at equal work; for the GRU not (6) |
# | chosen by data and task | true, and now with a table (7); plain models win or share three of its six rows |
# | no budget is named | at one budget depth has a best value: two to four (5) |
# | features first, then the model | one loop: the stack *is* the extractor |

# %% [markdown]
# ## Summary
#
# **How do you choose and stack?** Choose the family that knows what may move in your data; stack until validation stops
# improving, at a budget you have counted; and keep the plain model beside it.
#
# You have written a module that finds its parameters; followed shapes and mended four errors; counted parameters,
# multiply-adds and memory; spent a budget on depth and on width, with three controls; and read a first model off a
# table of runs.

# %%
quiz("07a.1")
quiz("07a.2")
quiz("07a.3")
quiz("07a.4")
quiz("07a.5")

# %% [markdown]
# ## Further reading
#
# - S. Greydanus, D. Kobak, "Scaling down deep learning with MNIST-1D" (2020), [arXiv:2011.14439](https://arxiv.org/abs/2011.14439): they report CNN 94 %, GRU 91 %.
# - K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition" (CVPR 2016a), [arXiv:1512.03385](https://arxiv.org/abs/1512.03385).
# - K. He, X. Zhang, S. Ren, J. Sun, "Identity mappings in deep residual networks" (2016b), [arXiv:1603.05027](https://arxiv.org/abs/1603.05027).
# - W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep convolutional neural networks" (2016), [arXiv:1701.04128](https://arxiv.org/abs/1701.04128).
# - L. Grinsztajn, E. Oyallon, G. Varoquaux, "Why do tree-based models still outperform deep learning on typical tabular data?" (2022), [arXiv:2207.08815](https://arxiv.org/abs/2207.08815).
#
# **Next:** [07b · Signal — Why do thirty layers not learn?](07b_signal.ipynb)
