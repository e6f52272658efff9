# %% [markdown]
# # 10c · Transfer, strangers, three tasks — What does a classifier know, and what not?
#
# > **You will be able to**
# > - use the features of a network that others trained, and say when something plainer wins;
# > - split photographs so that no patch leaks into the test;
# > - measure how sure a reader is of pictures that are none of its classes;
# > - tell whether an ensemble is humbler, or merely softer;
# > - tell classification, detection and segmentation apart, each with its measure.
# >
# > **Time** 60 minutes, exercises 37 more · **Before this** [10a · A page](10a_page.ipynb),
# > [06a · Probes](06a_probes.ipynb) · **In the article** section 4.1

# %% tags=["parameters"]
FAST = False
SEED = 0
N_SEEDS = 3         # draws of labelled patches, and small networks
N_PATCHES = 40      # training patches a material, of which some get labels
N_NETS = 5          # readers of digits
N_EPOCHS = 3        # of the readers
N_SCENES = 1200     # to train on

# %% tags=["setup"]
import numpy as np
import torch

from helpers import check, expect, measured, show, start
from helpers.data import digits
from helpers.data.materials import in_grey, materials
from helpers.models import FastCNN
from helpers.topics.classification import scenes_transfer as scenes
from helpers.topics.classification import stills_transfer as stills
from helpers.topics.classification.strangers import (
    nearness, strangers, sureness, temperature_for, told_apart)
from helpers.topics.classification.tasks import (
    PixelReader, boxes_of, found_boxes, iou_per_class, largest_of, make_scenes,
    pixel_loss, read_parts, read_pixels, with_threshold)
from helpers.topics.classification.transfer import (
    FEATURES, SCRATCH, compare, first_labels, read_linearly, scratch, share)
from helpers.training import fit, one_cycle, predict_logits
from helpers.widgets import (
    choice, draw_curve, explore, predict, quiz, slider, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_SEEDS, N_PATCHES, N_NETS, N_EPOCHS, N_SCENES = 1, 20, 2, 1, 120

# %%
warm_up("10c")

# %% [markdown]
# A classifier answers one question: which of these classes? This lesson asks what stands around that question. Can
# it be learnt from a few labels, if a network has seen a million other pictures? What does it answer to a picture that
# belongs to no class? And what if one label for the whole picture is not what you need?

# %% [markdown]
# ## 1 · Twelve materials, and a split
#
# Twelve photographs, each of one material. We cut patches of 96 pixels out of them and shrink them to 64. Training
# patches come from the left half of a photograph, test patches from the right half.

# %%
train, test = materials(N_PATCHES, 20 if not FAST else 6)
print("train", tuple(train[0].shape), "| test", tuple(test[0].shape))
show(stills.patches(train, test))

# %% [markdown]
# Be clear about what this can show. Each material is **one** photograph, in one light: a good score says that the right
# half of *this* photograph was recognised from its left half. Bricks elsewhere are another question.

# %% [markdown]
# ### Exercise 10.9 · The split leaks · fix · 8 min · ★★☆
#
# `edges` says at which columns a patch may begin: the first and last for training, the first and last for the test.
# Its patches share pixels across the middle, and the last test patches run out of the photograph. Mend it: the width of
# one patch is to be left out, half of it (`side // 2`) on each side of the middle. All else may be used.

# %%
def edges(width, side):
    """Whole numbers → int (4,): first and last column, training; the same, test."""
    ### BEGIN SOLUTION
    middle = width // 2
    train = [0, middle - side // 2 - side]
    test = [middle + side // 2, width - side]
    return np.array(train + test)
    ### INSTEAD
    middle = width // 2
    train = [0, middle]
    test = [middle, width]
    return np.array(train + test)
    ### END SOLUTION

# %%
check("10.9", edges)

# %% [markdown]
# <details><summary>Hint 1: a patch has a width</summary>
#
# A patch that begins at column c covers the columns c to c + side − 1.
# </details>
# <details><summary>Hint 2: the last training patch</summary>
#
# It must end half a patch before the middle: c + side = middle − side // 2.
# </details>

# %% [markdown] tags=["discussion"]
# Neighbours in a photograph are nearly the same picture. Without a gap, a test patch could show almost what a training
# patch shows.

# %% [markdown]
# ## 2 · Four kinds of features, one reading
#
# A **feature** is a number computed from a picture. Four kinds: the pixels of the picture at 16×16; a histogram of 64
# colours; LBP, which counts patterns of eight neighbours and sees no colour; and the 1,280 numbers before the last layer
# of EfficientNet-Lite0, trained on ImageNet and **frozen**. Nothing in them is trained here.

# %%
tests = {"colour": test[0], "grey": in_grey(test[0])}
trains = {"colour": train[0], "grey": in_grey(train[0])}
features = {colour: {kind: (compute(trains[colour]), compute(tests[colour]))
                     for kind, compute in FEATURES.items()} for colour in tests}
for kind, (known, _) in features["colour"].items():
    print(f"{kind:17} {known.shape[1]:5} numbers a patch")

# %% [markdown]
# The same **linear reading** stands on all four: least squares on standardised features, with a penalty that is the
# same share for each. It is a few lines (`read_linearly`). First, the leak of section 1 in numbers: the same reading, 10
# labels a material, tested on right halves and on other patches of the *left* halves.

# %%
guess_leak = predict(
    "ImageNet's features, tested on left-half patches instead: accuracy …",
    ["stays the same", "rises by up to 5 points", "rises by more"])

# %%
i = first_labels(train[1], 10, 0)
rest = torch.tensor(sorted(set(range(len(train[1]))) - set(i.tolist())))
known, unknown = features["grey"]["ImageNet"]
honest = share(read_linearly((known[i], train[1][i]), unknown), test[1])
reading = read_linearly((known[i], train[1][i]), known[rest])
leaky = share(reading, train[1][rest])
print("right halves", measured(honest), "| left halves", measured(leaky))

# %%
guess_leak.compare(100 * (leaky - honest), bins=[1, 5])

# %% tags=["promise"]
expect(leaky - honest, at_least=0.04, n=len(rest),
       what="what testing on left halves adds")

# %% [markdown]
# So a split matters more than most choices that follow. Now play with labels, features and colour. **Find a setting
# where a plain feature beats ImageNet's.**

# %%
explore(*scenes.labels_and_features(train, test, features), name="labels and features",
        goal="a plain feature that beats ImageNet's", steps=scenes.TRANSFER_STEPS,
        kind=choice("features", list(FEATURES), "ImageNet"),
        labels=slider("labels a material", 1, 20, 5),
        colour=choice("patches", ["colour", "grey"]))

# %%
sketch_labels = draw_curve("ImageNet's features in grey: accuracy against labels?",
                           x=("labels a material", 1, 20), y=("accuracy", 0, 1),
                           xlog=True)

# %%
def accuracy_with(n, seed):
    i = first_labels(train[1], n, seed)
    return share(read_linearly((known[i], train[1][i]), unknown), test[1])

counts = np.array([1, 2, 3, 5, 8, 12, 20])
curve = np.array([np.mean([accuracy_with(n, seed) for seed in range(N_SEEDS)])
                  for n in counts.tolist()])

# %%
sketch_labels.compare(counts, curve)

# %% [markdown]
# The first few labels bring nearly all. Beside the features we put a rival that has seen nothing else: a small CNN
# trained **from scratch** on the labelled patches alone. Who wins with 1, 5 and 20 labels?

# %%
guess_one = predict("With ONE label a material, in colour: in how many of 20 draws of "
                    "labels does the colour histogram beat ImageNet's features?",
                    ["0 to 3", "4 to 16", "17 to 20"])

# %%
labels = (1, 5, 20) if not FAST else (1, 5)
tables = {c: compare((trains[c], train[1]), (tests[c], test[1]), features[c], labels,
                     range(N_SEEDS)) for c in tests}
show(stills.against_labels(tables, labels))

# %%
for colour, table in tables.items():
    for at, n in enumerate(labels):
        order = sorted(table, key=lambda kind: -table[kind][:, at].mean())
        print(f"{colour:6} {n:2} labels:", *[
            f"{k} {measured(table[k][:, at].mean(), '.2f')}," for k in order[:3]])

# %%
grey, colour = tables["grey"], tables["colour"]
draws = compare((trains["colour"], train[1]), (tests["colour"], test[1]),
                features["colour"], (1, 2), range(20), with_scratch=False)
wins = (draws["colour histogram"] > draws["ImageNet"]).sum(0)
print("20 draws, 1 and 2 labels: the histogram wins", *[measured(str(w)) for w in wins])

# %%
guess_one.compare(int(wins[0]), bins=[4, 17])

# %% tags=["promise"]
expect((grey["ImageNet"] - grey[SCRATCH])[:, 1].mean(), at_least=0.04, n=N_SEEDS,
       what="ImageNet's lead over the CNN, 5 labels, grey")
expect(int(wins[0]), at_least=4, at_most=16, n=20,
       what="draws that the histogram wins, 1 label, colour")
expect(int(wins[1]), at_most=3, n=20, what="draws that it wins, 2 labels, colour")
expect((colour["ImageNet"] - colour["colour histogram"])[:, -1].min(), at_least=0.05,
       n=N_SEEDS, what="ImageNet's lead over the histogram, 20 labels, colour")

# %% [markdown]
# Each point is a seed: other patches get labels, and the small network has another start. The photographs and the test
# patches stay the same, so nothing here says how other photographs would do.
#
# In grey, ImageNet's features win with 5 and 20 labels. In colour, with **one** label, a histogram wins about every second
# draw: three seeds alone could have told either story. From two labels on, it is behind.

# %% [markdown]
# But is the CNN behind because it lacks ImageNet, or because we trained it for a second? The control: one of them with 20
# labels, four times as long.

# %%
i = first_labels(train[1], 20, 0)
n_long = 32 if not FAST else 2
longer = {c: share(scratch((trains[c][i], train[1][i]), tests[c], n_long, 0), test[1])
          for c in tests}
for c, table in tables.items():
    print(f"{c:6} CNN, short: {measured(table[SCRATCH][0, -1])} | longer:",
          measured(longer[c]), "| ImageNet:", measured(table["ImageNet"][0, -1]))

# %% tags=["promise"]
expect(longer["colour"] - colour[SCRATCH][0, -1], at_least=0.03, n=1,
       what="what four times the training gives the CNN, colour")
expect(grey["ImageNet"][0, -1] - longer["grey"], at_least=0.03, n=1,
       what="ImageNet's lead over the longer-trained CNN, grey")

# %% [markdown]
# In colour, time alone closes much of the gap; in grey ImageNet's features stay ahead. One network each proves no law, but
# it warns: a gap to a network that was trained for a second does not measure what ImageNet is worth.

# %% [markdown]
# ## 3 · Strangers
#
# A reader of digits has ten answers, and its probabilities add up to one, whatever it is shown. So show it what is no
# digit: letters, noise, pieces of photographs, and 3, 4, 7 upside down.

# %%
data = digits()

def reader(seed):
    torch.manual_seed(seed)
    net = FastCNN(16)
    fit(net, data.train, None, n_epochs=N_EPOCHS, batch_size=64, lr=0.01,
        schedule=one_cycle, seed=seed, progress=False)
    return net

nets = [reader(seed) for seed in range(N_NETS)]
pictures = {"digits": data.test[0], **strangers()}
show(stills.strangers(pictures))

# %% [markdown]
# `logits` holds what each network says of each picture. The **sureness** is the probability of the answer. For an
# **ensemble**, the probabilities of the networks are averaged first.

# %%
logits = {kind: torch.stack([predict_logits(net, x) for net in nets])
          for kind, x in pictures.items()}                # (networks, pictures, 10)
right = [(z.argmax(1) == data.test[1]).float().mean() for z in logits["digits"]]
print("accuracy on test digits:", *[measured(float(r), ".3f") for r in right])
for kind, z in logits.items():
    print(f"{kind:12}", *[measured(sureness(one).mean(), ".2f") for one in z])

# %% tags=["promise"]
expect(min(map(float, right)), at_least=0.945, n=N_NETS, what="accuracy on test digits")
expect(np.mean([sureness(z).mean() for z in logits["letters"]]), at_least=0.6,
       at_most=0.85, n=N_NETS, what="mean sureness of letters")
spread = np.ptp([sureness(z).mean() for z in logits["photographs"]])
expect(spread, at_least=0.15, n=N_NETS, what="how far networks differ on photographs")

# %% [markdown]
# On letters each network is about 70 % sure, on average, of an answer that cannot be right. On noise and photographs
# the networks differ much from each other: nothing in training told them what to say there.

# %%
guess_humble = predict(
    "Five networks are humbler about letters. One network, softened until it is as "
    "humble about digits as the five, reaches … of that.",
    ["less than a third", "a third to two thirds", "more than that"])

# %% [markdown]
# ### Exercise 10.10 · A temperature · target · 10 min · ★★☆
#
# Divide logits by a **temperature** T before the softmax: above 1 they become softer, and the order of the answers
# stays. Write `soften(logits, goal)`: it gives a T at which the *mean* sureness is the goal. Target: within 0.005. The
# mean sureness falls as T rises, so you can search.

# %%
def soften(logits, goal):
    """logits: float (N, 10), goal: 0.1 to 1 → a temperature T > 0."""
    ### BEGIN SOLUTION
    low, high = 0.01, 100.0
    for _ in range(40):
        middle = (low * high) ** 0.5
        mean = (logits / middle).softmax(1).amax(1).mean()
        low, high = (middle, high) if mean > goal else (low, middle)
    return middle
    ### END SOLUTION

# %%
check("10.10", soften)

# %% [markdown]
# <details><summary>Hint 1: halving</summary>
#
# Keep two temperatures, one too low and one too high. Try between them, and replace one.
# </details>
# <details><summary>Hint 2: which one</summary>
#
# If the mean sureness is above the goal, T is too low. `(low * high) ** 0.5` lies between them.
# </details>

# %% [markdown] tags=["discussion"]
# A temperature never changes an answer; it changes how loudly it is given.

# %% [markdown]
# Now the control. Each network gets the T at which it is *as sure of validation digits as the ensemble is*. If the
# ensemble only softens, the two should agree about strangers, too.

# %%
val = torch.stack([predict_logits(net, data.val[0]) for net in nets])
goal = float(sureness(val).mean())
warm = [temperature_for(z, goal) for z in val]
sure = {kind: {"one network": np.mean([sureness(one).mean() for one in z]),
               "one, softened": np.mean([sureness(*zt).mean() for zt in zip(z, warm)]),
               "five networks": sureness(z).mean()} for kind, z in logits.items()}
print("temperatures:", *[measured(t, ".2f") for t in warm])
show(stills.how_sure(sure))

# %%
one, softened, five = (sure["letters"][r] for r in sure["letters"])
part = 100 * (one - softened) / (one - five)
print("softening gives", measured(part, ".0f"), "% of the ensemble's humility")

# %%
guess_humble.compare(part, bins=[33, 67])

# %% tags=["promise"]
expect(softened - five, at_least=0.03, n=N_NETS,
       what="how much humbler the ensemble is about letters")
expect(abs(sure["digits"]["one, softened"] - sure["digits"]["five networks"]),
       at_most=0.012, n=N_NETS, what="how far the two differ on digits")

# %% [markdown]
# Equally sure of digits, the ensemble is clearly humbler about letters. Five networks agree about digits; about
# strangers they disagree, and a mean of disagreeing answers is flat. But humbler is not yet useful: can we **tell**
# strangers from digits by sureness?

# %% [markdown]
# ### Exercise 10.11 · The chance to tell them apart · write · 8 min · ★★☆
#
# Take a digit and a stranger at random. How likely is it that the digit has the higher score? Equal scores count a half.
# This chance is called **AUC**: 0.5 is guessing, 1 is perfect; no threshold is needed. Write it for two arrays of scores.

# %%
def auc(known, strange):
    """known: float (N,), strange: float (M,) → the chance, 0 to 1."""
    ### BEGIN SOLUTION
    higher = known[:, None] > strange
    equal = known[:, None] == strange
    return float((higher + 0.5 * equal).mean())
    ### END SOLUTION

# %%
check("10.11", auc)

# %% [markdown]
# <details><summary>Hint 1: all pairs at once</summary>
#
# `known[:, None] > strange` compares each with each: bool (N, M).
# </details>
# <details><summary>Hint 2: equal scores</summary>
#
# Add half of `known[:, None] == strange`, then take the mean over all pairs.
# </details>

# %% [markdown] tags=["discussion"]
# Sureness is often exactly 1.0 in float32, so equal scores are common here, and the half matters.

# %% [markdown]
# Beside the networks stands a baseline without any: minus the distance to the **nearest** training digit.

# %%
base = nearness(data.train[0], data.test[0])
told = {}
for kind in list(pictures)[1:]:
    z, d = logits[kind], logits["digits"]
    ones = [told_apart(sureness(a), sureness(b)) for a, b in zip(d, z)]
    soft = [told_apart(sureness(a, t), sureness(b, t))
            for a, b, t in zip(d, z, warm)]
    told[kind] = {"one": np.mean(ones), "softened": np.mean(soft),
                  "five": told_apart(sureness(d), sureness(z)),
                  "nearest": told_apart(base, nearness(data.train[0], pictures[kind]))}

# %%
for kind in told:
    print(f"{kind:12}", *[f"{r} {measured(a, '.2f')}" for r, a in told[kind].items()],
          "| best:", measured(max(told[kind], key=told[kind].get)))

# %% tags=["promise"]
leads = [row["five"] - row["softened"] for row in told.values()]
expect(np.mean(leads), at_least=0.01, n=N_NETS,
       what="the ensemble's lead over one softened network in AUC, mean of four kinds")
expect(max(abs(row["softened"] - row["one"]) for row in told.values()), at_most=0.01,
       n=N_NETS, what="what a temperature changes in AUC, at most")
expect(told["letters"]["nearest"] - told["letters"]["five"], at_least=-0.03,
       what="the distance against the ensemble, letters")
expect(told["noise"]["nearest"], at_least=0.99, what="AUC of the distance, noise")
expect(told["upside down"]["five"] - told["upside down"]["nearest"], at_least=0.005,
       what="the ensemble's lead over the distance, upside down")

# %% [markdown]
# A temperature changes the AUC hardly at all: softer, but no wiser. The ensemble tells more strangers apart than one network
# does. And the plain distance is perfect on noise, as good as the ensemble on letters, and behind it on digits upside
# down. Look at single pictures. **Find a stranger of which five networks together are more than 90 % sure.**

# %%
explore(*scenes.how_sure(pictures, logits, warm[0]), name="how sure of a stranger?",
        goal="a stranger, and five networks more than 90 % sure",
        kind=choice("pictures", list(pictures), "letters"),
        number=slider("number", 0, 59, 4), reader=choice("reader", scenes.READERS))

# %% [markdown]
# ## Break it: a guard that lets strangers in
#
# A colleague guards her reader with the distance: perfect on noise, good on letters. Then somebody writes letters with
# a faint pen.

# %%
faint = 0.1 * pictures["letters"]
guard = told_apart(base, nearness(data.train[0], faint))
print("letters:", measured(told["letters"]["nearest"], ".2f"),
      "| faint letters:", measured(guard, ".2f"))

# %%
guess_guard = predict("An AUC far below 0.5: faint letters count as MORE digit-like "
                      "than digits. Why?", ["faint letters have the shapes of digits",
                                       "the distance measures ink before shape",
                                       "there are too few training digits"])

# %% [markdown]
# Two controls. An **empty** sheet has no shape at all. And if each picture is scaled to length 1, the strength of the pen no
# longer counts, and shape is left.

# %%
def unit(x):
    return x / x.flatten(1).norm(dim=1).clamp(min=1e-6)[:, None, None, None]

empty = nearness(data.train[0], torch.zeros(1, 1, 28, 28))
scaled = [nearness(unit(data.train[0]), unit(x)) for x in (data.test[0], faint)]
print("digits with a smaller score than the empty sheet:",
      measured(float((base < empty).mean()), ".2f"))
print("all scaled to length 1: letters and faint letters, both",
      measured(told_apart(*scaled), ".2f"))
five = sureness(torch.stack([predict_logits(net, faint) for net in nets]))
print("sureness of five networks, faint letters:",
      measured(told_apart(sureness(logits["digits"]), five), ".2f"))

# %%
guess_guard.compare("the distance measures ink before shape")

# %% tags=["promise"]
expect(guard, at_most=0.3, what="AUC of the distance, faint letters")
expect(told_apart(*scaled), at_least=0.52, at_most=0.82,
       what="AUC of the distance when all are scaled to length 1")
assert np.allclose(nearness(unit(data.train[0]), unit(pictures["letters"])), scaled[1],
                   atol=1e-3)

# %% [markdown]
# Little ink is near to everything thin: the empty sheet is nearer than most digits are. And with all pictures scaled to one
# length, so that a pen's strength cannot matter, letters are told apart far less well than before: much of the guard's good
# score was ink, too. A test of strangers is only as good as its list of strangers.

# %% [markdown]
# ## 4 · One scene, three tasks
#
# Now scenes of one to three digits, standing apart or touching. Three questions can be asked:
# - **classification**: one label for the picture (here: the digit with most ink);
# - **detection**: a box and a label for each digit;
# - **segmentation**: a label for each pixel, one of ten digits or paper.

# %%
parts = [make_scenes(data.train, N_SCENES // 5 * k, seed, touching)
         for k, seed, touching in ((2, 0, False), (3, 1, True))]
x, mask = torch.cat([p.x for p in parts]), torch.cat([p.mask for p in parts])
tests_of = {kind: make_scenes(data.test, 150, 2, kind == "touching")
            for kind in ("apart", "touching")}
print("scenes", tuple(x.shape), "| a label for each pixel", tuple(mask.shape))

# %% [markdown]
# The plain way for all three: a threshold says ink, connected parts say where, the digit reader of section 3 says
# which. The network for pixels is **fully convolutional**: no layer asks for a size. Even the linear layer of the
# digit reader is a convolution, of 2×2 places. Slid over one digit, it says what the reader says:

# %%
torch.manual_seed(0)
pixel_net = PixelReader(nets[0]).eval()
some = data.test[0][:100]
with torch.no_grad():
    slid = pixel_net.window(pixel_net.body(some[..., 2:-2, 2:-2]))[:, :, 3, 3]
assert torch.allclose(slid, predict_logits(nets[0], some), atol=1e-3)

# %% [markdown]
# So the network for pixels begins with what the reader knows: transfer again. Three new convolutions spread it over
# the pixels; then all is trained together. (Does this start help? One training from each start could not say: trainings as
# short as this one differ much from seed to seed. Try it.)

# %%
guess_apart = predict("Digits standing apart: which labels pixels better?", [
    "the plain way, by over 2 points", "about the same", "the network, by more than 2"])

# %%
def trained(net):
    torch.manual_seed(0)
    return fit(net, (x, mask), None, n_epochs=4 if not FAST else 1, batch_size=20,
               lr=0.01, schedule=one_cycle, loss=pixel_loss, seed=0, progress=False)

trained(pixel_net)
label_net = FastCNN(16)
history = fit(label_net, (x, torch.cat([p.largest for p in parts])), None, lr=0.01,
              batch_size=32, n_epochs=5 if not FAST else 1, schedule=one_cycle,
              progress=False)

# %%
answers, iou = {}, {}
for kind, true in tests_of.items():
    boxes, plain = read_parts(true.x, lambda crops: predict_logits(nets[0], crops))
    pixels = read_pixels(pixel_net, true.x)
    both = with_threshold(predict_logits(pixel_net, true.x, 100), true.x)
    answers[kind] = {"plain": (largest_of(plain), boxes, plain), "network": (
        predict_logits(label_net, true.x).argmax(1), boxes_of(pixels), pixels)}
    iou[kind] = {name: iou_per_class(said, true.mask) for name, said in (
        ("plain", plain), ("network", pixels), ("threshold + network", both))}

# %% [markdown]
# Each task has its own measure: accuracy; the share of digits with a right box; and, for pixels, **IoU** for each
# class: pixels that are both said and true, as a share of those that are said or true. (IoU 0.5 also decides whether a
# box counts.)

# %%
for kind, true in tests_of.items():
    for by, (label, boxes, _) in answers[kind].items():
        right = float((label == true.largest).float().mean())
        print(f"{kind:8} {by:7} one label {measured(right, '.2f')} | boxes "
              f"{measured(found_boxes(boxes, true.boxes), '.2f')}")

# %%
for kind, table in iou.items():
    for name, v in table.items():
        print(f"{kind:8} {name:19} mean {measured(np.nanmean(v[:10]), '.2f')} | each:",
              *[measured(a, ".2f") for a in v[:10]])

# %%
mean = {kind: {name: np.nanmean(v[:10]) for name, v in table.items()}
        for kind, table in iou.items()}
lead = 100 * (mean["apart"]["network"] - mean["apart"]["plain"])
print("the network's lead in points of IoU, digits apart:", measured(lead, ".1f"))

# %%
guess_apart.compare(lead, bins=[-2, 2])

# %% tags=["promise"]
expect(mean["apart"]["plain"] - mean["apart"]["network"], at_least=0.03, n=150,
       what="the plain way's lead, digits apart")
expect(mean["touching"]["network"] - mean["touching"]["plain"], at_least=0.3, n=150,
       what="the network's lead, digits touching")
expect(mean["touching"]["threshold + network"] - mean["touching"]["network"],
       at_least=0.0, n=150, what="what the threshold adds, digits touching")

# %% [markdown]
# Where digits stand apart, the plain way wins. (Its ink cannot be wrong here: the truth was made by the same
# threshold.) Where they touch, a connected part is several digits at once, and the network is far ahead; with the
# threshold for ink, at least as good. **Find a scene where the
# network finds all digits and the plain way does not.**

# %%
explore(*scenes.three_tasks(tests_of, answers), name="one scene, three tasks",
        goal="detection: the network finds all, the plain way does not",
        digits=choice("digits", ["apart", "touching"], "touching"),
        number=slider("scene", 0, 29, 3),
        task=choice("task", scenes.TASKS, "detection"),
        by=choice("by", ["plain", "network"]))

# %% [markdown]
# ### Exercise 10.12 · A test for IoU · test · 11 min · ★★★
#
# Somebody will write `f(said, true, k)`: the IoU of class k for two arrays of labels. Write a test that passes right
# programs and fails wrong ones: those that count all pixels, divide by the wrong sum, count what both have twice, or mix
# classes (10 is paper). Compute the right answer by hand.

# %%
def test_iou(f):
    """f(said, true, k): two int arrays of one shape, a class → IoU, a float."""
    ### BEGIN SOLUTION
    said = np.array([3, 3, 3, 10, 7, 7, 10])
    true = np.array([10, 3, 3, 3, 3, 7, 10])
    assert abs(f(said, true, 3) - 2 / 5) < 1e-6
    ### END SOLUTION

# %%
check("10.12", test_iou)

# %% [markdown]
# <details><summary>Hint 1: a case in which all differ</summary>
#
# Class k should be said where it is not true, *and* be true where it is not said.
# </details>
# <details><summary>Hint 2: other classes</summary>
#
# Put a second digit in, and let it be wrong somewhere: then a program that looks at any ink gives another number.
# </details>

# %% [markdown] tags=["discussion"]
# A pair of equal arrays passes every one of the wrong programs. A test is good if wrong programs fail it.

# %% [markdown]
# ## The article, checked
#
# Section 4.1 says that a CNN classifies each pixel, and that this serves detection and segmentation. Put right:
# - **Classification** gives one label to a picture. That is what the reader of section 3 does.
# - A label for each pixel is **segmentation**. It is another output and another measure, though it can begin with the
#   same weights.
# - **Detection** gives boxes. Here they came from connected parts; chapter 11 trains networks for them.

# %% [markdown]
# ## Summary
#
# A classifier knows its classes, on pictures like its own. You have
# - measured frozen features against plain ones and a small CNN: ImageNet's win, but in colour with one label a
#   histogram is as good;
# - split photographs by halves, and seen what a leak adds;
# - measured how sure readers are of strangers, and that an ensemble is humbler where a temperature is only softer;
# - broken a guard that measured ink before shape;
# - answered three questions about one scene, and seen the plain way win and lose.

# %%
quiz("10c.1")
quiz("10c.2")
quiz("10c.3")
quiz("10c.4")
quiz("10c.5")

# %% [markdown]
# ## Further reading
#
# - Kornblith, Shlens, Le (2019), *Do better ImageNet models transfer better?*, [arXiv:1805.08974](https://arxiv.org/abs/1805.08974)
# - Hendrycks, Gimpel (2017), *A baseline for detecting misclassified and out-of-distribution examples*, [arXiv:1610.02136](https://arxiv.org/abs/1610.02136)
# - Lakshminarayanan, Pritzel, Blundell (2017), *Simple and scalable predictive uncertainty estimation using deep ensembles*, [arXiv:1612.01474](https://arxiv.org/abs/1612.01474)
# - Long, Shelhamer, Darrell (2015), *Fully convolutional networks for semantic segmentation*, [arXiv:1411.4038](https://arxiv.org/abs/1411.4038)
