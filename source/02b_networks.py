# %% [markdown]
# # 02b · Networks — When does a small window win?
#
# > **You will be able to**
# > - tell *equivariant* from *invariant*, test a layer for either, and say where padding and stride break it;
# > - build a CNN, and work out the shapes on its way;
# > - compare it with an MLP fairly, over seeds and over the amount of data;
# > - name the data on which the window has no advantage.
# >
# > **Time** 60 minutes, exercises 38 more · **Before this** [02a · Windows](02a_windows.ipynb) ·
# > **In the article** section 2: "CNN convolves the pixels, the most used"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3           # networks of each kind
EPOCHS = {300: {"MLP": 40, "CNN": 16}, 1000: {"MLP": 20, "CNN": 8},
          3500: {"MLP": 8, "CNN": 3}}       # about the same seconds for both
RATES = {"MLP": 1.1e-2, "CNN": 1.4e-2}      # the best of a few, by validation digits

# %% tags=["setup"]
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import digits, photograph, strange_digits
from helpers.models import MLP, FastCNN, count_parameters
from helpers.topics.cnn import maps, scenes, stills
from helpers.topics.cnn.race import race
from helpers.widgets import (choice, draw_curve, explore, predict, quiz, slider,
                             warm_up)

start(SEED, fast=FAST)
if FAST:
    SEEDS = 2
    EPOCHS = {n: dict.fromkeys(each, 1) for n, each in EPOCHS.items()}

# %%
warm_up("02b")

# %% [markdown]
# ## 1 · Move the picture, and the answer moves
#
# A convolution uses one kernel at all places ([02a](02a_windows.ipynb)). That has a consequence. Let T move a picture. A layer f is **translation-equivariant** if f(T x) = T f(x): moving then filtering gives the same as filtering then moving. It is **invariant** if f(T x) = f(x): the answer does not change at all. (A classifier should be invariant, a map of edges equivariant.)
#
# We test our edge kernel. `torch.roll` does the moving; what leaves on the right comes back in on the left.

# %%
guess_order = predict(
    "Zero padding, photograph moved by 20 pixels: where do the two orders differ?",
    ["nowhere", "in one to ten columns", "in more than ten columns"])

# %%
kernel = torch.tensor([[-1., 0., 1.], [-1., 0., 1.], [-1., 0., 1.]])[None, None]
photo = torch.tensor(photograph("camera", 120))[None, None]     # (1, 1, 120, 120)


def padded(x):
    return F.conv2d(x, kernel, padding=1)


def wrapped(x):
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), kernel)


columns = {}
for f in (padded, wrapped):
    gap = f(torch.roll(photo, 20, 3)) - torch.roll(f(photo), 20, 3)
    columns[f.__name__] = (gap.abs() > 1e-5)[0, 0].any(0).nonzero().flatten().tolist()
    print(f"{f.__name__}: differs in columns {columns[f.__name__]} of 0 … 119")
assert columns == {"padded": [0, 19, 20, 119], "wrapped": []}

# %%
guess_order.compare(len(columns["padded"]), bins=[1, 11])

# %% [markdown]
# With the picture wrapped around, the two orders agree in every pixel. With zeros around it they differ in four columns: at the two borders, and at 19 and 20, to where the old borders were moved. A padded layer *can* tell where the border is.

# %% [markdown]
# ### Play: where equivariance ends
#
# Try each layer and move the picture. With a stride of 2, or pooling by 2, the map is half as wide, so T moves it by dx/2, rounded to a whole number. **For which moves do the two orders still agree exactly?** (The dark seam at the left is no edge of the scene: there the photograph's right end meets its left one.)

# %%
explore(*scenes.shift_test(), name="equivariance",
        goal="with a layer of stride 2 or with pooling: a move above 0 that leaves "
             "no difference at all",
        steps=scenes.SHIFT_STEPS,
        dx=slider("move to the right (pixels)", 0, 12, 3),
        layer=choice("layer", scenes.SHIFT_LAYERS, "stride 2, wrapped around"))

# %% [markdown]
# Stride 2 is exact for even moves only: with an odd dx, the answers fall between the places of the map. The same holds for 2×2 pooling. Real CNNs have zero padding and strides, so they are only roughly equivariant (Zhang 2019 offers a remedy for strides).

# %% [markdown]
# ### Exercise 2.6 · A test for any layer · write · 8 min · ★★☆
#
# Write `equivariance_gap(f, x, dx)`: the greatest absolute difference between moving before `f` and moving after it, along the last axis, with `torch.roll`. One line. Zero means equivariant.

# %%
def equivariance_gap(f, x, dx):
    """f keeps (N, C, H, W); dx pixels to the right → the greatest difference, ≥ 0."""
    ### BEGIN SOLUTION
    return (f(torch.roll(x, dx, dims=-1)) - torch.roll(f(x), dx, dims=-1)).abs().max()
    ### END SOLUTION

# %%
check("2.6", equivariance_gap)

# %% [markdown]
# <details><summary>Hint 1: two orders</summary>
#
# One value is f of the moved x. The other is the moved f(x). Both move by dx, in the same direction.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `torch.roll(x, dx, dims=-1)` moves along columns. Subtract, take `.abs()`, then `.max()`.
# </details>

# %% [markdown] tags=["discussion"]
# A classifier gets to invariance in steps: equivariant layers keep track of where things are, and pooling forgets a little of it each time.

# %% [markdown]
# ### Exercise 2.7 · Which layers deserve the name? · test · 10 min · ★★☆
#
# Now write a *test*: `test_equivariant(layer)` asserts that a layer is translation-equivariant, along rows and along columns, with `torch.roll`. Each layer takes pictures (N, 1, H, W), H and W even, and gives (N, K, H, W). The check runs your test on layers that are equivariant, which must pass, and on layers that are not, which must fail. Numbers may differ by rounding: use `torch.allclose(a, b, atol=1e-5)`.

# %%
def test_equivariant(layer):
    """Assert that layer(T x) = T layer(x) for moves T along both axes."""
    ### BEGIN SOLUTION
    x = torch.randn(2, 1, 6, 8)
    for axis in (2, 3):
        for n in (1, 2, 3):
            before = layer(torch.roll(x, n, axis))
            assert torch.allclose(before, torch.roll(layer(x), n, axis), atol=1e-5)
    ### END SOLUTION

# %%
check("2.7", test_equivariant)

# %% [markdown]
# <details><summary>Hint 1: what could hide?</summary>
#
# A picture of zeros shows nothing. A layer of stride 2 is right for even moves. And a layer may know its rows but not its columns.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Take `x = torch.randn(2, 1, 6, 8)`; for axis 2 and 3 and moves of 1, 2 and 3, compare `layer(torch.roll(x, n, axis))` with `torch.roll(layer(x), n, axis)`.
# </details>

# %% [markdown] tags=["discussion"]
# A test is worth as much as the wrong programs that it rejects. Random inputs, sizes that differ along the axes, odd and even moves: each finds a fault that the others miss.

# %% [markdown]
# ## 2 · Two networks
#
# Our CNN has two convolutions, each with ReLU and pooling, and one linear layer at the end. The MLP has 256 hidden units. (`channels_last` only stores the same numbers in an order that processors read faster.)

# %%
def make_cnn(width=16):
    return nn.Sequential(                                           # (N, 1, 28, 28)
        nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(),     # (N, w, 14, 14)
        nn.MaxPool2d(2),                                            # (N, w, 7, 7)
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(),       # (N, 2w, 7, 7)
        nn.MaxPool2d(2),                                            # (N, 2w, 3, 3)
        nn.Flatten(), nn.Linear(18 * width, 10),                    # (N, 18w) → (N, 10)
    ).to(memory_format=torch.channels_last)


def make_mlp():
    return MLP((784, 256, 10))


makers = {"MLP": make_mlp, "CNN": make_cnn}
for name, make in makers.items():
    print(f"{name}: {count_parameters(make()):,} parameters")

# %% [markdown]
# ### Exercise 2.8 · Shapes do not fit · fix · 8 min · ★★☆
#
# This function shall make such a CNN for pictures of any edge (a multiple of 4). It makes one, but the network raises an error as soon as it sees a picture. **One line is wrong: mend it.** Build one for `edge=28`, give it `torch.zeros(2, 1, 28, 28)`, and read what the error says about shapes.

# %%
def make_reader(width, edge):
    """A CNN (N, 1, edge, edge) → (N, 10)."""
    ### BEGIN SOLUTION
    places = edge // 8
    ### INSTEAD
    places = edge // 4
    ### END SOLUTION
    return nn.Sequential(
        nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(2 * width * places**2, 10))

# %%
check("2.8", make_reader)

# %% [markdown]
# <details><summary>Hint 1: read the error</summary>
#
# "mat1 and mat2 shapes cannot be multiplied (2x288 and 1568x10)": 288 numbers a picture arrive at the last layer, and it expects 1568 = 32 · 7 · 7.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Three layers halve the edge: the stride of the first convolution, and both poolings. Each rounds down.
# </details>

# %% [markdown] tags=["discussion"]
# Dividing by 2 three times and rounding down each time is dividing by 8 and rounding down once. `nn.LazyLinear(10)` would ask the first batch for its width; it also hides the fault that you have just found.

# %% [markdown]
# ## 3 · The race
#
# Fewer weights, but are they the right ones? A fair race gives both about the same *seconds*, not the same number of epochs: an epoch of the CNN costs about 2.5 of the MLP's. Each network got the learning rate that did best on the validation digits; the rate falls evenly to 0. We run the race with 300, 1,000 and 3,500 training digits, three seeds each. Beside them stands a baseline that learns nothing: the label of the **nearest** training digit.

# %%
guess_lead = predict(
    "The CNN's lead over the MLP, in test accuracy: with 300 digits it will be …",
    ["smaller than with 3,500", "about the same", "larger than with 3,500"])

# %%
data, runs = digits(), {}
x_train, y_train = data.train                           # (3500, 1, 28, 28), (3500,)
for n, n_epochs in EPOCHS.items():
    runs[n] = race(makers, (x_train[:n], y_train[:n]), data.val, n_epochs=n_epochs,
                   lr=RATES, seeds=range(SEED, SEED + SEEDS))

# %%
right = {name: np.array([[run.accuracy(data.test) for run in runs[n][name]]
                         for n in runs]) for name in makers}        # each (3, seeds)
nearest = [KNeighborsClassifier(1).fit(x_train[:n].flatten(1), y_train[:n])
           .score(data.test[0].flatten(1), data.test[1]) for n in runs]
lead = right["CNN"] - right["MLP"]                      # (3, seeds)
show(stills.race_over_digits(list(runs), right, nearest))
for i, n in enumerate(runs):
    times = [np.mean([run.seconds for run in runs[n][name]]) for name in makers]
    print(f"{n:>4} digits: lead {measured(lead[i].mean())}, least of the seeds "
          f"{measured(lead[i].min())}; time {measured(times[0] / times[1], '.1f')}:1")

# %%
guess_lead.compare(lead[0].mean() - lead[2].mean(), bins=[-0.01, 0.01])

# %% tags=["promise"]
expect(lead[0].min(), at_least=0.015, n=3, what="lead with 300 digits, least of seeds")
expect(lead[0].mean() - lead[2].mean(), at_least=0.015, n=3,
       what="by how much the lead is larger with 300 than with 3,500")
expect(right["CNN"][2].mean() - nearest[2], at_least=0.01, n=3,
       what="CNN minus nearest neighbour, 3,500 digits")
expect(count_parameters(make_mlp()) / count_parameters(make_cnn()), at_least=25,
       spec=".0f", what="MLP's parameters for each of the CNN's")

# %% [markdown]
# With at least 25 times fewer numbers to learn, the CNN leads: by about five points with 300 digits, by about one with 3,500. The window is **knowledge about pictures**, built in: neighbours belong together (locality), and a stroke is a stroke wherever it is (weight sharing). *What is built in need not be learned from examples*, so it helps most where examples are few. With enough of them the MLP nearly catches up. (One point is ten digits, the same for all.)

# %% [markdown]
# ## 4 · What has it learned?
#
# The 16 kernels of the first layer were random numbers before training. Are they edge detectors now? A picture alone may flatter. So we also measure: how much of a kernel's strength is a plain slope, from left to right or from top to bottom, as in your hand-made kernel?

# %%
cnn, mlp = runs[3500]["CNN"][0].model, runs[3500]["MLP"][0].model
set_seed(SEED)
untrained = make_cnn()
kernels = {"before": untrained[0].weight[:, 0].detach(),
           "after": cnn[0].weight[:, 0].detach()}               # (16, 5, 5) each
show(stills.kernels(kernels))
slopes = {when: maps.slope_share(k).mean() for when, k in kernels.items()}
print("share of slope, mean of 16 kernels:",
      {when: measured(float(s), ".2f") for when, s in slopes.items()})

# %% tags=["promise"]
expect(slopes["before"], at_most=0.2, what="share of slope before the training")
expect(slopes["after"], at_least=0.25, what="share of slope after it")

# %% [markdown]
# So the training did make slopes: they answer where ink begins or ends in one direction. Nobody asked for that. Others are blobs, and some look like noise: a kernel need not be pretty to be useful.
#
# Did learning them matter, or would random kernels do? We take untrained networks, and fit a linear classifier (a **readout**) to the 288 numbers that their second pooling gives. Two plain baselines: the same readout on the pixels, and on 288 random ReLU units that each see *all* pixels.

# %%
def linear_readout(f):
    """Test accuracy of a linear classifier on f(x), each number scaled to spread 1."""
    with torch.inference_mode():
        train, test = (f(x).flatten(1).numpy() for x in (x_train, data.test[0]))
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, tol=0.01))
    return linear.fit(train, y_train).score(test, data.test[1])


read = {"pixels": [linear_readout(nn.Identity())], "random units": [],
        "random windows": [], "learned windows": []}
for i in range(2):
    set_seed(SEED + i)
    read["random windows"].append(linear_readout(make_cnn()[:-1]))
    units = nn.Sequential(nn.Flatten(), nn.Linear(784, 288), nn.ReLU())
    read["random units"].append(linear_readout(units))
    read["learned windows"].append(linear_readout(runs[3500]["CNN"][i].model[:-1]))
print({name: measured(np.mean(values)) for name, values in read.items()})

# %% tags=["promise"]
means = {name: np.mean(values) for name, values in read.items()}
expect(means["random units"] - means["pixels"], at_most=0.01, n=2,
       what="random units without a window, minus pixels")
expect(means["random windows"] - means["pixels"], at_least=0.01, n=2,
       what="random windows, minus pixels")
expect(means["learned windows"] - means["random windows"], at_least=0.015, n=2,
       what="learned windows, minus random ones")

# %% [markdown]
# Windows with ReLU and pooling beat the raw pixels even without learning; as many random units without a window gain little or nothing. Learned kernels beat them all. (`C=0.03` keeps the readout's weights small; it is near the best for each of the four. `tol` lets it stop early.)

# %% [markdown]
# ### Play: feature maps
#
# The answers of one channel, place by place, form a **feature map**. Choose a digit, a layer, a channel. The orange square is the receptive field of the unit with the strongest answer; below are the channel's favourites, one square from each of nine digits. **How does the square grow from layer to layer? Then switch to the untrained network: which favourites does the training make?**

# %%
explore(*maps.feature_maps({"trained": cnn, "untrained": untrained}, *data.val),
        name="feature maps",
        goal="in the second convolution or after it, in the trained network: a channel "
             "that has one digit at least six times among its nine favourites",
        network=choice("network", ["trained", "untrained"], "trained"),
        digit=slider("digit (number in the validation set)", 0, 19, 3),
        layer=choice("layer", maps.layer_names(cnn, data.val[0]), "2 ReLU"),
        channel=slider("channel", 1, 32, 1))

# %% [markdown]
# A count over all 3,500 training digits and three seeds. *Choosy*: one digit is at least six times among a channel's nine favourites. *Dead*: the channel answers no digit at all.

# %%
kinds = {"trained": [run.model for run in runs[3500]["CNN"]],
         "untrained": [make_cnn() for _ in range(SEEDS)]}
choosy, dead = {}, {}
for name, models in kinds.items():
    counts = np.array([maps.choosy_and_dead(m[:5], *data.train) for m in models])
    choosy[name], dead[name] = counts.mean(0)               # (SEEDS, 2) → two numbers
    print(f"{name}: of 32 channels {measured(choosy[name], '.1f')} choosy, "
          f"{measured(dead[name], '.1f')} dead")

# %% tags=["promise"]
expect(choosy["trained"] - choosy["untrained"], at_least=2, n=3, spec=".1f",
       what="choosy channels, trained minus untrained")
expect(dead["trained"], at_least=3, n=3, spec=".1f", what="dead channels, trained")
expect(dead["untrained"], at_most=3, n=3, spec=".1f", what="dead channels, untrained")

# %% [markdown]
# The first maps look like the digit, outlined from several sides. Deeper units see 15 pixels across, and like a larger piece: a bend, a crossing, a loop; more of them than before training choose one digit.
#
# And a surprise: many channels are dead. The high learning rate threw them there, as in run C of 01b (at a third of the rate hardly one dies). The network does well without them; but you pay for 32 channels and use fewer.

# %% [markdown]
# The explorer takes *your* network too: an `nn.Sequential` that begins with layers of pictures, `explore(*maps.feature_maps(my_model, *data.val), …)` with the controls above (without `network`). A model that does not fit is told why.

# %% [markdown]
# ## 5 · A shifted digit
#
# All training digits are centred, and nobody told the networks that a 3 moved to the side is still a 3. Now the digits move. We add two networks that differ in one thing only, the *places* that are left before the last layer: our CNN's 3×3, 2×2, and a single one (each channel keeps its greatest answer, wherever it was: `nn.AdaptiveMaxPool2d(1)`).

# %%
sketch_shift = draw_curve(
    "Digits moved to the right (negative: to the left): how many does our CNN read?",
    x=("moved by (pixels)", -6, 6), y=("share read right", 0, 1))

# %%
def make_pooled(places, width):
    cnn = make_cnn(width)
    cnn[5] = nn.AdaptiveMaxPool2d(places)               # (N, 2w, places, places)
    cnn[7] = nn.Linear(2 * width * places**2, 10)
    return cnn


pooled = {"CNN, 2×2 places": lambda: make_pooled(2, 16),
          "CNN, one place": lambda: make_pooled(1, 24)}
settings = {kind: dict.fromkeys(pooled, each["CNN"])
            for kind, each in (("n_epochs", EPOCHS[3500]), ("lr", RATES))}
others = race(pooled, data.train, data.val, seeds=range(SEED, SEED + 2), **settings)

# %%
shifts = list(range(-6, 7))
contestants = {"MLP": runs[3500]["MLP"], "CNN, 3×3 places": runs[3500]["CNN"], **others}
moved = {name: np.array([[run.accuracy((scenes.shift(data.val[0], dx), data.val[1]))
                          for dx in shifts] for run in each])
         for name, each in contestants.items()}         # name → (seeds, 13)
show(stills.accuracy_over_shift(shifts, moved))

# %%
sketch_shift.compare(shifts, moved["CNN, 3×3 places"].mean(0))

# %% tags=["promise"]
at = {name: values[:, [2, 10]].mean() for name, values in moved.items()}     # 4 pixels
expect(at["CNN, 3×3 places"] - at["MLP"], at_least=0.15, n=3,
       what="CNN minus MLP, digits moved by 4 pixels")
expect(at["CNN, one place"], at_least=0.75, n=2, what="one place, moved by 4 pixels")
expect(at["CNN, one place"] - at["CNN, 3×3 places"], at_least=0.08, n=2,
       what="one place minus 3×3 places, moved by 4 pixels")

# %% [markdown]
# For the MLP, pixel 300 is pixel 300: what it learned there says nothing about pixel 301. Our CNN holds out longer, and breaks too. Is its last layer the reason, which has separate weights for each of the 3×3 places? The control says yes: with one place left, the same windows read moved digits nearly as well as centred ones.

# %% [markdown]
# *Equivariant layers make a network tolerant of shifts; only pooling over all places makes it (nearly) invariant.* The price: where things are is forgotten, and on centred digits it reads a few fewer of 100. (Ink lost at the edge is not the reason: wrapped around with `torch.roll`, the curves hardly change.)

# %% [markdown]
# ### Play: fool one of them
#
# **How few pixels does it take to fool the MLP but not the CNN?** Not every digit will do: try several.

# %%
explore(*maps.shifted_digit({"MLP": mlp, "CNN": cnn}, *data.val), name="shifted digit",
        goal="a shift that fools the MLP but not the CNN",
        digit=slider("digit (number in the validation set)", 0, 39, 3),
        dx=slider("to the right (pixels)", -8, 8, 0),
        dy=slider("down (pixels)", -8, 8, 0))

# %% [markdown]
# ## Break it: a colleague's digits
#
# A colleague runs your `race`, unchanged, on "the same MNIST digits", and sends you the data set with a complaint: *"Your CNN is broken."* We run it again. Nothing crashes; the labels are right; no pixel value is missing.

# %%
colleague = strange_digits(data, seed=1)
strange_runs = race(makers, colleague.train, colleague.val, n_epochs=EPOCHS[3500],
                    lr=RATES, seeds=range(SEED, SEED + 2))
strange = {name: [run.accuracy(colleague.test) for run in each]
           for name, each in strange_runs.items()}
for name in makers:
    print(f"{name}: test accuracy on your digits {measured(right[name][2].mean())}, "
          f"on the colleague's {measured(np.mean(strange[name]))}")

# %% [markdown]
# The MLP is as good as ever. The CNN has fallen *below* it. Decide what happened before you look.

# %%
deeds = ["noise was added", "ink and paper were swapped",
         "the pixels were shuffled, in all pictures alike", "the digits were shifted"]
guess_deed = predict("What was done to every picture?", deeds)

# %%
a, b = (part.test[0].flatten(1) for part in (data, colleague))         # (1000, 784)
print("picture by picture, the same values?",
      torch.equal(a.sort(1).values, b.sort(1).values))
print("pixel by pixel, the same means in another order?",
      torch.allclose(a.mean(0).sort().values, b.mean(0).sort().values, atol=1e-5))
test = {name: values[2] for name, values in right.items()}
show(stills.with_and_without({"your digits": test, "the colleague's": strange},
                             data.test[0][3, 0], colleague.test[0][3, 0]))

# %%
guess_deed.compare(deeds[2])

# %% tags=["promise"]
lost = {name: right[name][2].mean() - np.mean(strange[name]) for name in makers}
expect(abs(lost["MLP"]), at_most=0.02, n=2, what="MLP, difference between the two")
expect(lost["CNN"], at_least=0.03, n=2, what="CNN, lost by the shuffling")
expect(np.mean(strange["MLP"]) - np.mean(strange["CNN"]), at_least=0.02, n=2,
       what="MLP minus CNN, on the colleague's digits")

# %% [markdown]
# Each picture holds the very same values, in other places; and all pictures were shuffled alike, for the means of the pixels are the same numbers in another order. Each pixel still tells as much as before. But neighbours are no longer neighbours, and the CNN's knowledge about pictures has become false. (Too little time? The wrong rate? With thirty epochs at a quarter of the rate it does better, and still stays below the MLP.)

# %% [markdown]
# The MLP cannot even notice: with the columns of its first weight matrix shuffled in the same way, it gives the same answers.

# %%
shuffle = torch.randperm(784, generator=torch.Generator().manual_seed(1))
twin = make_mlp()
twin.load_state_dict(mlp.state_dict())
with torch.no_grad():
    twin.layers[0].weight.copy_(mlp.layers[0].weight[:, shuffle])       # (256, 784)
assert torch.allclose(twin(colleague.test[0]), mlp(data.test[0]), atol=1e-4)
print("the twin's logits for the colleague's digits are the MLP's for yours")

# %% [markdown]
# So ask of any data, before you reach for a CNN: **do neighbours belong together, and can the same thing happen anywhere?** A photograph, a spectrogram (a picture of sound; along time, at least), a year of weather: yes. The columns of a spreadsheet, in any order you like: no.

# %% [markdown]
# ### Exercise 2.9 · A reader of moved digits · target · 12 min · ★★★
#
# Reach a target: write `make_moved_reader()`, which returns a new network of **at most 12,000 parameters**, (N, 1, 28, 28) → (N, 10). The check trains it (8 epochs on 1,000 centred digits, as in the race) and moves new digits by **5 pixels** to the left and to the right. At least **80 %** must still be read right. Our CNN reads about two thirds.

# %%
def make_moved_reader():
    """→ nn.Module of at most 12,000 parameters, (N, 1, 28, 28) → (N, 10)."""
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(1, 24, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 48, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1),
        nn.Flatten(), nn.Linear(48, 10))
    ### END SOLUTION

# %%
check("2.9", make_moved_reader)

# %% [markdown]
# <details><summary>Hint 1: what should be forgotten?</summary>
#
# Section 5 says which part of the CNN minds where a stroke is. Replace it, and spend the parameters that this saves on channels.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `nn.AdaptiveMaxPool2d(1)` before `nn.Flatten()` leaves one number a channel; the last layer is then `nn.Linear(channels, 10)`. A width of 20 to 24 fits the budget.
# </details>

# %% [markdown] tags=["discussion"]
# You have built knowledge about the data into the network: a digit is the same digit wherever it stands. The other way is to show it moved digits in training (*augmentation*, [05b](05b_augment.ipynb)); it costs no design, but more training.

# %% [markdown]
# ## The article, checked
#
# The article says of the CNN that it *convolves the pixels* and is *the most used*. You found:

# %% [markdown]
# | It says | You found |
# |---|---|
# | "convolves" | the library computes **cross-correlation** (02a); true convolution turns the kernel first |
# | no word on where kernels come from | they are **learned**; random windows, with ReLU and pooling, already beat the raw pixels, and learned ones do better still (4) |
# | no word on why it works | **locality** and **weight sharing**: a lead that grows where examples are few (3), equivariance (1, 5), and no advantage once neighbours are shuffled |
# | "the pixels" | a series works as well (03b); so do spectrograms, in chapter 12 |

# %% [markdown]
# Which is "the most used" depends on the year and the field. For pictures CNNs led from 2012 on (Krizhevsky et al.); since about 2020 Transformers, which look at all patches of a picture at once, have stood beside them (Dosovitskiy et al. 2021). In language and speech Transformers have largely taken over.

# %% [markdown]
# **One last look, at the network of chapter 00.** Three of its parts are new: `ZeroPad2d(-2)` pads by minus two, so it cuts off the empty margin; batch normalisation, which [07b](07b_signal.ipynb) takes apart; and `AdaptiveMaxPool2d(2)`, the maximum of each quarter of the map. Of the 24 rows that are left, how many does a unit of its last convolution see?
#
# <details><summary>My answer</summary>
#
# Carry width and jump through the layers, as in exercise 2.5: 31 pixels. So a unit in the middle sees all 24 rows, one in a corner fewer.
# </details>

# %%
fast = FastCNN(12)
for name, shape, window in maps.table(fast, data.val[0][:1]):
    print(f"{name:18} → {shape}   window {window} pixels")
assert maps.windows(fast)[-1][0] == 31
print(f"{count_parameters(fast):,} parameters")

# %% [markdown]
# ## Summary
#
# **When does a small window win?** When neighbours belong together and the same thing can happen anywhere: then it needs few weights, learns from every place at once, and wins most where examples are few. Where these beliefs are false, the advantage is gone.
#
# You have
# - tested layers for equivariance, and seen padding and stride break it;
# - built a CNN and mended its shapes;
# - raced it against an MLP over seeds and amounts of data, with a baseline beside both;
# - found the data on which it loses, and made a reader that does not mind a shift.

# %%
quiz("02b.1")
quiz("02b.2")
quiz("02b.3")
quiz("02b.4")
quiz("02b.5")

# %% [markdown]
# ## Further reading
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", *Proc. IEEE* 86 (1998), [doi:10.1109/5.726791](https://doi.org/10.1109/5.726791): LeNet and MNIST.
# - A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks" (2012; reprinted in *Communications of the ACM* 60, 2017), [doi:10.1145/3065386](https://doi.org/10.1145/3065386): the CNN that won over the field.
# - R. Zhang, "Making convolutional networks shift-invariant again" (2019), [arXiv:1904.11486](https://arxiv.org/abs/1904.11486): what strides break, and a remedy.
# - A. Dosovitskiy et al., "An image is worth 16×16 words: Transformers for image recognition at scale" (2021), [arXiv:2010.11929](https://arxiv.org/abs/2010.11929).
#
# **Next:** [03a · How can a network remember?](03a_memory.ipynb)
