# %% [markdown]
# # 06b · Seeing — What does a network see?
#
# > **You will be able to**
# > - draw features in the plane with PCA and with t-SNE, and say what each map keeps and what it loses;
# > - tell an island that is real from one that t-SNE invented;
# > - make the picture that a unit wants, and check it against real patches and an untrained unit;
# > - read label, place and noise from each layer, and tell "not there" from "not readable by a line";
# > - find the hidden cause of a grouping.
# >
# > **Time** 65 minutes, exercises 42 more · **Before this** [06a Probes](06a_probes.ipynb) ·
# > **In the article** section 3.2: feature extraction; 3.5: "visualise the model"

# %% tags=["parameters"]
FAST = False
SEED = 0
CNN_EPOCHS = 4
N = 250                 # points in a map
MAP_STEPS = 350
ASCENT_STEPS = 60

# %% tags=["setup"]
import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score

from helpers import check, expect, measured, show, start
from helpers.data import digits
from helpers.topics.features import depth, kinds, seeing, tsne, units
from helpers.training import evaluate
from helpers.widgets import Step, choice, draw_curve, explore, predict, quiz, slider
from helpers.widgets import switch, warm_up

start(SEED, fast=FAST)
if FAST:
    CNN_EPOCHS, MAP_STEPS, ASCENT_STEPS = 1, 220, 10

# %%
warm_up("06b")

# %% [markdown]
# ## 1 · Features in the plane
#
# A probe says *how much* stands in features. It does not say *what*. So we look. One network, trained on all ten digits,
# gives 128 features a picture; the plane has two. What should be kept?
#
# **PCA** (chapter 04) keeps the two directions in which the points spread most. It is a shadow: straight, the same for
# all points.

# %%
data = digits(3500, 500)
x, y = data.train
net = kinds.train_cnn(data.train, CNN_EPOCHS, SEED, n_classes=10)
features = kinds.cnn_features(net)
own = features(data.test[0][:N])                    # (250, 128)
digit = data.test[1][:N].numpy()
test_accuracy = evaluate(net, data.test)[1]
print("test accuracy", measured(test_accuracy), "· features", tuple(own.shape))

# %%
centred = own.double() - own.double().mean(0)
U, S, Vh = torch.linalg.svd(centred, full_matrices=False)
shadow = centred @ Vh[:2].T                         # (250, 2)
share = S.square() / S.square().sum()
reference = PCA(2).fit(own.double().numpy())
assert np.allclose(share[:2], reference.explained_variance_ratio_)
print("two of 128 directions hold", measured(share[:2].sum(), ".0%"), "of the variance")

# %% [markdown]
# ### Exercise 6.6 · PCA by SVD · write · 8 min · ★☆☆
#
# Write `plane(x)`: the first two principal components of the rows of x, and the share of the variance that they hold. A
# direction is only known up to its sign: **turn each so that its entry of greatest absolute value is positive.** Budget: 6 lines.

# %%
def plane(x):
    """x float (N, D), D >= 2 → places (N, 2), and the share of the variance (2,)."""
    ### BEGIN SOLUTION
    centred = x - x.mean(0)
    _, S, Vh = torch.linalg.svd(centred, full_matrices=False)
    directions = Vh[:2]                                         # (2, D)
    greatest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    directions = directions * greatest.sign()
    return centred @ directions.T, S[:2]**2 / (S**2).sum()
    ### END SOLUTION

# %%
check("6.6", plane)

# %% [markdown]
# <details><summary>Hint 1: what is what?</summary>
#
# `torch.linalg.svd(centred, full_matrices=False)` gives U, S, Vh. The *rows* of Vh are the directions; the variance along
# each is S² divided by the number of points.
# </details>
# <details><summary>Hint 2: the sign</summary>
#
# For one direction v: `v * v[v.abs().argmax()].sign()`. Do it in a loop over two directions.
# </details>

# %% [markdown] tags=["discussion"]
# Without a rule for the sign, two machines may draw the same map mirrored. scikit-learn has such a rule too (another one).

# %% [markdown]
# ## 2 · Neighbours instead of spread
#
# **t-SNE** keeps something else: who is *near* whom. It works in three steps.
# - Around each point i it lays a Gaussian, as wide as it takes to have about k neighbours in it. This k is the
#   **perplexity**. So each pair gets a probability p of being called neighbours.
# - In the plane a pair at distance d gets q, proportional to 1/(1 + d²).
# - Gradient descent moves the points until q is like p: it makes KL(P‖Q) = Σ p log(p/q) small.

# %%
P = tsne.affinities(own, perplexity=30)             # (250, 250), sum 1
z = torch.tensor(tsne.plane(own))                   # begin with PCA
z = (z / z[:, 0].std() * 1e-4).requires_grad_()
(by_autograd,) = torch.autograd.grad(tsne.kl_divergence(P, z), z)
assert torch.allclose(by_autograd, tsne.gradient(P, z.detach()), atol=1e-12)
print("The gradient by hand and autograd's agree.")

# %% [markdown]
# ### Exercise 6.7 · The force on a point · write · 12 min · ★★★
#
# The gradient is 4 Σⱼ (pᵢⱼ − qᵢⱼ) wᵢⱼ (zᵢ − zⱼ), with w = 1/(1 + d²), wᵢᵢ = 0, and q = w divided by the sum of *all* w. Each pair
# pulls if it is nearer in the data than in the plane, and pushes if not. Write it without a loop over points. Budget: 8 lines.

# %%
def tsne_gradient(P, z):
    """P float (N, N), z float (N, 2) → dKL/dz (N, 2)."""
    ### BEGIN SOLUTION
    differences = z[:, None] - z[None]                          # (N, N, 2)
    w = 1 / (1 + differences.square().sum(2))                   # (N, N)
    w = w * (1 - torch.eye(len(z), dtype=z.dtype))
    q = w / w.sum()
    return 4 * (((P - q) * w)[:, :, None] * differences).sum(1)
    ### END SOLUTION

# %%
check("6.7", tsne_gradient)

# %% [markdown]
# <details><summary>Hint 1: all differences at once</summary>
#
# `z[:, None] - z[None]` has shape (N, N, 2): entry [i, j] is zᵢ − zⱼ. Its squares, summed over the last axis, are d².
# </details>
# <details><summary>Hint 2: one number a pair</summary>
#
# `((P - q) * w)[:, :, None]` has shape (N, N, 1): multiply it by the differences, and sum over j.
# </details>

# %% [markdown] tags=["discussion"]
# N² pairs: for a million points one needs the approximations of Barnes–Hut or of interpolation. The long tail of 1/(1 + d²) is the
# "t" (Student's distribution): points that are merely not near can be far apart, which makes room for islands.

# %% [markdown]
# ## 3 · Which islands are real?
#
# Four data sets of 250 points each: your network's features of test digits; its features of 250 **sevens**; your features with
# **each column shuffled** (every feature keeps its values, but nothing is left of what binds them); and **pure noise**,
# 32 independent normal numbers a point. Hide the labels, and look at maps of perplexity 2 and 30.

# %%
sevens = features(x[y == 7][:N])
noise = torch.randn(N, 32, generator=torch.Generator().manual_seed(0))
sets = {"your features": own, "only sevens": sevens,
        "columns shuffled": seeing.shuffled_columns(own), "noise": noise}
perplexities, shots = (2, 5, 30, 80), (0, 25, 50, 100, 150, 200, MAP_STEPS)
maps = tsne.maps(list(sets.values()), perplexities, shots)      # (4, 4, 7, 250, 2)
small = {name: maps[i, 0, -1] for i, name in enumerate(sets)}
fig = seeing.map_grid(small, "Perplexity 2: labels hidden")
show(fig, alt="Four maps of grey points. All four show small clumps, also those "
     "of shuffled columns and of noise.")

# %%
guess_real = predict(
    "How many of these four data sets do have groups?",
    ["one", "two", "three", "all four"])

# %%
large = {name: maps[i, 2, -1] for i, name in enumerate(sets)}
fig = seeing.map_grid(large, "Perplexity 30: only your islands are left")
show(fig, alt="The same four data sets with perplexity 30: your features show "
     "about ten islands; sevens, shuffled columns and noise are clouds "
     "without clear islands.")

# %%
clumped = {(name, p): seeing.islands(maps[i, j, -1])
           for i, name in enumerate(sets) for j, p in enumerate(perplexities)}
for name in sets:
    row = {p: measured(clumped[name, p], ".2f") for p in perplexities}
    print(f"{name:17}", *(f"{p}: {score}" for p, score in row.items()))
groups = sum(clumped[name, 30] > 0.5 for name in sets)

# %%
guess_real.compare(groups, bins=[1.5, 2.5, 3.5])

# %% tags=["promise"]
expect(clumped["noise", 2], at_least=0.47, spec=".2f",
       what="noise, perplexity 2: how clumped")
expect(clumped["only sevens", 2], at_least=0.5, spec=".2f",
       what="only sevens, perplexity 2")
expect(clumped["your features", 30], at_least=0.5, spec=".2f",
       what="your features, perplexity 30")
for name in ("noise", "columns shuffled", "only sevens"):
    expect(clumped[name, 30], at_most=0.48, spec=".2f", what=f"{name}, perplexity 30")

# %% [markdown]
# The number is a silhouette: how much nearer each point is to its own group of k-means than to the next; a round cloud of
# 250 points has about 0.36. At perplexity 2 *everything* is clumped, noise included: each point keeps two neighbours, and
# chance gives everyone two. The islands of the sevens are invented in the same way. Yours alone stay at 30.

# %% [markdown]
# **The test:** shuffle the columns, map the twin; believe only what the twin does not show and what stays at greater perplexity. And look: a
# curved thread has a high number, and no groups.

# %% [markdown]
# ### Play: a map on its way
#
# **At which perplexities does noise show clumps? And do your ten islands come before or after step 100, when the first phase (all
# p twelve times as large) ends?**

# %%
labels = {"your features": digit, "only sevens": np.full(N, 7)}
yours = {"data": "your features"}
tour = [
    Step("It begins as a tiny PCA map, here blown up to fill the frame.",
         yours | {"step": 0}, light=0),
    Step("After 100 steps of strong pull most points lie close together.",
         yours | {"step": 3}, ask=("What comes when the pull returns to normal?",
                                   ["islands", "one cloud", "a line"], 0)),
    Step("The last map, with its true digits.", yours | {"step": 6, "reveal": True},
         ask=("Does each island hold one digit?", ["nearly", "no"], 0), light=0),
    Step("Noise, at perplexity 2.", {"data": "noise", "perplexity": 2, "step": 6},
         ask=("What are these clumps?", ["groups in it", "chance, drawn large"], 1))]

# %%
explore(*seeing.tsne_maps(maps, list(sets), perplexities, shots, labels, clumped),
        name="t-SNE on its way", goal="the map of noise with the most clumps",
        steps=tour,
        data=choice("data", list(sets), "your features"),
        perplexity=choice("perplexity (neighbours)", list(perplexities), 30),
        step=choice("steps", [(str(s), i) for i, s in enumerate(shots)], 6),
        reveal=switch("reveal the digits"))

# %% [markdown]
# ## 4 · What a map loses
#
# In a t-SNE map, two islands lie far apart. Are their digits unlike? Take the ten classes' centres, and all 45 distances between
# them: in the features, in the PCA map, and in three t-SNE maps that begin at random.

# %%
guess_distance = predict(
    "Mean correlation of the distances in a t-SNE map with those in the features?",
    ["below 0.3", "0.3 to 0.6", "0.6 to 0.9", "above 0.9"])

# %%
def between(points):
    """The 45 distances between the ten classes' centres."""
    centres = np.array([points[digit == k].mean(0) for k in range(10)])     # (10, D)
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    return apart[np.triu_indices(10, 1)]

rng = np.random.default_rng(0)
starts = tsne.Embedding([P] * 5, [rng.normal(size=(N, 2)) for _ in range(5)])
for _ in range(MAP_STEPS):
    starts.step()
pca_map, tsne_map = tsne.plane(own), maps[0, 2, -1]
kept = [np.corrcoef(between(m), between(own.numpy()))[0, 1]
        for m in (pca_map, tsne_map, *starts.z.numpy())]
print("PCA", measured(kept[0], ".2f"), "· t-SNE begun at PCA", measured(kept[1], ".2f"),
      "· begun at random", *(measured(v, ".2f") for v in kept[2:]))

# %%
pairs = np.corrcoef([between(m) for m in starts.z.numpy()])[np.triu_indices(5, 1)]
print("two random starts with each other, mean of ten pairs:",
      measured(pairs.mean(), ".2f"))

# %%
guess_distance.compare(np.mean(kept[2:]), bins=[0.3, 0.6, 0.9])

# %% tags=["promise"]
expect(kept[0], at_least=0.65, what="PCA: correlation of distances", spec=".2f")
expect(np.mean(kept[2:]), at_most=0.6, n=5, spec=".2f",
       what="t-SNE, begun at random: the same")
expect(pairs.mean(), at_most=0.6, n=10, spec=".2f",
       what="two random starts with each other")
expect(kept[0] - max(kept[2:]), at_least=0, n=5, spec=".2f",
       what="PCA less the best of these")

# %%
def same_neighbour(places):
    """The share of points whose nearest point in the map shows the same digit."""
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return (digit[apart.argmin(1)] == digit).mean()

shown = {"PCA": pca_map, "t-SNE": tsne_map, "all 128": own.numpy()}
neighbour = {name: same_neighbour(places) for name, places in shown.items()}
for name, part in neighbour.items():
    print(f"{name:8} the nearest is of the same digit:", measured(part, ".2f"))

# %% tags=["promise"]
expect(neighbour["t-SNE"] - neighbour["PCA"], at_least=0.2, spec=".2f",
       what="same neighbour: t-SNE less PCA")
expect(abs(neighbour["t-SNE"] - neighbour["all 128"]), at_most=0.04, spec=".2f",
       what="same neighbour: t-SNE against all 128 features")

# %% [markdown]
# Each map keeps what it was made for. t-SNE keeps neighbours nearly as well as all 128 features do; PCA does not. But
# the *distances between islands* are mostly an accident of the start: two starts agree with each other as little as with the features. (In two other
# networks 0.4 and 0.6 with the features, 0.3 and 0.5 with each other.) So never say "3 is nearer to 8 than to 1" from a t-SNE map.

# %% [markdown]
# Now four data sets, A to D, of which you are told nothing: 200 points of 20 numbers each.

# %%
secret = seeing.mystery()
at_2 = tsne.maps(list(secret.values()), (2,), (MAP_STEPS,))     # (4, 1, 1, 200, 2)
four = dict(zip(secret, at_2[:, 0, 0]))
fig = seeing.map_grid(four, "Perplexity 2: which has groups?")
show(fig, alt="Four maps, A to D, each of many small clumps.")

# %% [markdown]
# ### Exercise 6.8 · Which groups are real? · value · 8 min · ★★☆
#
# Exactly one of `secret["A"]` to `secret["D"]` holds separate groups. At perplexity 2 all look alike. Find it by any means (other
# perplexities, PCA, a shuffled twin), and count its groups: `real = ("A", 7)`, say.

# %%
real = ...
### BEGIN SOLUTION
real = ("C", 3)
### END SOLUTION

# %%
check("6.8", real)

# %% [markdown]
# <details><summary>Hint 1: another perplexity</summary>
#
# `tsne.maps(list(secret.values()), (30,), (300,))[:, 0, 0]` gives four maps; draw them with `seeing.map_grid(dict(zip(secret, …)), "")`.
# </details>
# <details><summary>Hint 2: one of them is no cloud and has no groups</summary>
#
# A thread without an end is torn at small perplexities. At 30 it closes. Only one map has empty water between its islands at both.
# </details>

# %% [markdown] tags=["discussion"]
# B is one closed thread: at perplexity 2 it looks most like groups of all, and has none. At 30 its number (`seeing.islands`) still lies above its shuffled twin's, though far
# below C's: the twin lacks the thread, not groups. A's columns differ in spread, D is plain noise.

# %% [markdown]
# ## 5 · What does a unit want?
#
# Another way to look: ask one **unit**, say a channel of the last convolution. Which picture would excite it most? Begin with faint noise,
# and change the *picture* by gradient ascent on the unit's answer; the weights stay as they are.

# %%
guess_ascent = predict(
    "Its answer to that picture, over its answer to the best of 3,500 real digits?",
    ["less than 1", "1 to 1.5", "more than 1.5"])

# %%
layer, unit, middle = "fourth convolution", 0, units.MIDDLE
picture = 0.1 * torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
for _ in range(ASCENT_STEPS):
    picture.requires_grad_()
    answer = units.answers(net, picture, layer)[0, unit, middle, middle]
    (slope,) = torch.autograd.grad(answer, picture)         # (1, 1, 28, 28)
    picture = (picture + 0.1 * slope / slope.abs().max()).detach().clamp(0, 1)
print("answer to a picture made for unit 0:", measured(answer, ".1f"))

# %%
plain = units.ascend(net, layer, ASCENT_STEPS)      # for all units: (32, 1, 28, 28)
real_ones = units.favourites(net, x, y, layer)              # nine patches a unit
ratio = units.middle_answers(net, plain, layer) / real_ones.value[:, 0]
print("median of 32 units:", measured(ratio.median(), ".1f"), "times the best real one")

# %%
guess_ascent.compare(float(ratio.median()), bins=[1, 1.5])

# %% [markdown]
# The unit answers far more to this picture than to any real digit. And what does it look like? The top row shows eight such pictures. The
# second row was made with **regularisation**: after each step the picture is blurred a little, and before each it is moved by up to two pixels, so
# that only what survives both can grow. The third shows the real patch that excites the unit most.

# %%
smooth = units.ascend(net, layer, ASCENT_STEPS, smooth=0.2, jitter=2)
best = real_ones.value[:, 0].argsort(descending=True)[:8]
rows = {"plain": units.window_of(plain, layer)[best].numpy(),      # (8, 24, 24)
        "regularised": units.window_of(smooth, layer)[best].numpy(),
        "best real": real_ones.patches[best, 0].numpy(),
        "mean of nine": real_ones.patches[best].mean(1).numpy()}
fig = seeing.asked_pictures(rows, "Without regularisation: static. With it: strokes")
show(fig, alt="Eight units. First row: black and white static. Second row: soft "
     "strokes and curves. Third and fourth row: the real digits they "
     "answer most, whose strokes lie where those of the second row do.")

# %% [markdown]
# The static is not "what the unit means". It is as far from all training digits as two digits are from each other: nothing holds the ascent to digits. So a
# picture of a unit needs a check against **real patches**, and a control: a unit of an **untrained** network.
#
# The checks: how much is the picture like its own unit's nine patches (correlation with their mean)? And more like them than like those of the 31 other units (0.5 is chance)?

# %%
raw = kinds.train_cnn(data.train, 0, seed=1, n_classes=10)
untrained = units.settle_norm(raw, x)   # its batch normalisation has seen digits
asked = {"trained": units.ask(net, x, y, layer, ASCENT_STEPS),
         "untrained": units.ask(untrained, x, y, layer, ASCENT_STEPS)}
alike = {}
for name, a in asked.items():
    tables = [units.match(made, a.real.patches) for made in (a.plain, a.smooth)]
    alike[name] = [np.diag(t).mean() for t in tables]           # plain, regularised
    print(f"{name:10} like own patches", *(measured(v, ".2f") for v in alike[name]),
          "· own beat others'", *(measured(units.own_rank(t), ".2f") for t in tables),
          "· commonest digit", measured(a.real.purity.mean(), ".2f"))

# %% tags=["promise"]
fits = {name: units.own_rank(units.match(a.smooth, a.real.patches))
        for name, a in asked.items()}
pure = {name: a.real.purity.mean() for name, a in asked.items()}
expect(ratio.median(), at_least=1.5, spec=".1f", n=32,
       what="plain ascent over the best real patch, median")
expect(fits["trained"], at_least=0.85, spec=".2f", n=32,
       what="regularised pictures: own patches beat others'")
for name, (bare, soft) in alike.items():
    expect(soft - bare, at_least=0.12, spec=".2f", n=32,
           what=f"{name}, like own patches: regularised less plain")
lots = np.random.default_rng(0).choice(y.numpy(), (500, 9))
expect(np.mean([np.bincount(lot).max() for lot in lots]) / 9, at_least=0.26,
       at_most=0.32, spec=".2f", what="commonest of nine digits drawn at random")
near = [torch.cdist(a.flatten(1), x.flatten(1)).min(1).values.median()
        for a in (plain, data.test[0][:200])]
expect(near[0] / near[1], at_least=1.5, spec=".1f",
       what="distance to the nearest training digit: static over test digits")
expect(fits["untrained"], at_least=0.75, spec=".2f", n=32, what="the same, untrained")
expect(pure["trained"] - pure["untrained"], at_least=0.1, spec=".2f", n=32,
       what="share of the commonest digit: trained less untrained")

# %% [markdown]
# Regularised pictures are much more like their own unit's patches than static is (though static, too, is more like its own than like others'). But so it is in
# the *untrained* network: any unit wants something, also a random one. **A pretty picture is no sign of learning.** What training changed is the
# last number: the nine patches of a trained unit far more often show *one digit* (nine drawn at random: 0.28).

# %% [markdown]
# ### Play: a browser of units
#
# **Find a trained unit all of whose nine patches show the same digit. Then switch to the untrained network: what do its units have in common?**

# %%
explore(*seeing.unit_browser(asked), name="a browser of units",
        goal="a trained unit whose nine patches all show one digit",
        unit=slider("unit", 0, 31, 0),
        network=choice("network", ["trained", "untrained"], "trained"))

# %% [markdown]
# ### Exercise 6.9 · It climbs the wrong hill · fix · 8 min · ★★☆
#
# This program is to change a picture so that a unit answers more. It runs, the answer even grows; but afterwards the *network* has changed, and
# the picture has not. One line is wrong.

# %%
def climb(model, picture, unit, steps, lr):
    """model: (N, …) → (N, units); picture (1, …) → a picture that unit answers more."""
    picture = picture.clone().requires_grad_()
    ### BEGIN SOLUTION
    optimizer = torch.optim.SGD([picture], lr=lr)
    ### INSTEAD
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    ### END SOLUTION
    for _ in range(steps):
        loss = -model(picture)[0, unit]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.zero_grad()
    return picture.detach()

# %%
check("6.9", climb)

# %% [markdown]
# <details><summary>Hint 1: who moves?</summary>
#
# An optimiser changes what it was given, and nothing else. What was it given?
# </details>
# <details><summary>Hint 2: a list of one</summary>
#
# An optimiser takes a list of tensors. The picture is one.
# </details>

# %% [markdown] tags=["discussion"]
# The same loss, the same gradient, two hills: training moves the weights and holds the picture; ascent moves the picture and holds the weights.

# %% [markdown]
# ## 6 · How deep is what?
#
# Now probes at **each layer** (06a), with three questions. The digits are moved to the left or right by up to three pixels and covered with noise of
# a strength that we draw: so we can ask for the **label**, for the **place**, and for the **strength of the noise**. So that no layer wins by its
# size, each is first projected onto 256 random directions.

# %%
sketch_depth = draw_curve(
    "How well can the strength of the noise be read at each layer (0: not, 1: fully)?",
    x=("layer (0: the pixels, 6: the last features)", 0, 6), y=("R²", 0, 1))

# %%
ask_train = depth.disturb(x[:1200], y[:1200])
ask_val = depth.disturb(*data.val, seed=1)
readings = {"trained": depth.read(net, ask_train, ask_val),
            "untrained": depth.read(untrained, ask_train, ask_val)}
for question in depth.QUESTIONS:
    row = zip(depth.CUTS, readings["trained"][question])
    print(f"{question:6}", *(f"{cut} {measured(v, '.2f')}" for cut, v in row))

# %%
sketch_depth.compare(range(7), np.clip(readings["trained"]["noise"], 0, 1))

# %% tags=["promise"]
t, u = readings["trained"], readings["untrained"]
expect(t["noise"][0], at_most=0.15, what="noise, read from the pixels (R²)", spec=".2f")
expect(t["noise"][2], at_least=0.85, what="noise, after pooling (R²)", spec=".2f")
expect(t["label"][-1] - t["label"][0], at_least=0.2, spec=".2f",
       what="label: last layer less pixels, trained")
expect(u["label"][-1] - u["label"].max(), at_most=-0.1, spec=".2f",
       what="label: last layer less best layer, untrained")
expect(u["label"][-2] - u["label"][-1], at_least=0.05, spec=".2f",
       what="label: lost at the last pooling, untrained")
expect(t["label"][-2] - t["label"][-1], at_most=0.04, spec=".2f",
       what="label: lost at the last pooling, trained")
expect(t["place"][-1], at_least=0.65, spec=".2f", what="place, last features (R²)")

# %% [markdown]
# Did you draw a falling curve? In the *pixels*, a linear probe finds **nothing** of the noise, though it is all there. The
# belief: noise is as often up as down, so each weighted sum of it is zero on average; a ReLU cuts off one side, and then its mean tells.
# If that is so, the first convolution alone must not help, before its ReLU; nor need it be a network: the *squares* of the pixels should do.

# %%
cut_before = depth.layer(net, ask_train.x, 3), depth.layer(net, ask_val.x, 3)
squares = [part.x.flatten(1).square() for part in (ask_train, ask_val)]
for name, (a, b) in {"first convolution, before its ReLU": cut_before,
                     "squared pixels": squares}.items():
    print(name, measured(depth.read_noise(a, b, ask_train, ask_val), ".2f"))

# %% tags=["promise"]
expect(depth.read_noise(*cut_before, ask_train, ask_val), at_most=0.15, spec=".2f",
       what="noise, before the first ReLU (R²)")
expect(depth.read_noise(*squares, ask_train, ask_val), at_least=0.6, spec=".2f",
       what="noise, from the squared pixels (R²)")

# %% [markdown]
# So it is. **"Not readable by a line" is not "not there".**
#
# ### Play: three questions
#
# **Which information does the trained network throw away on its way, and which does it not? What does depth do in the untrained one?**

# %%
explore(*seeing.by_depth(readings), name="what each layer tells",
        goal="the question that the pixels cannot answer and later layers can",
        ask=choice("ask for", list(depth.QUESTIONS), "label"))

# %% [markdown]
# The label becomes easier to read with each trained layer. In the untrained network it fades: a little with each later convolution, much at the last pooling,
# through which the trained network has learnt to bring it (06a, section 5). So it is not depth that sorts, but training. Place and noise fade only a little.

# %% [markdown]
# ## 7 · A code with axes
#
# Units are one kind of number; the axes of a code are another. Take the first eight principal axes of the *pixels*: a digit is eight numbers, and each can be
# changed alone. Measured in standard deviations (sd) of the training digits:

# %%
axes = seeing.code_axes(x)                          # directions (8, 784)
tens = data.test[0][:40, 0].numpy()                 # (40, 28, 28)
explore(*seeing.walk(axes, tens), name="walk along an axis",
        goal="a walk of 3 sd or more along axis 2",
        digit=slider("test digit", 0, 39, 0), axis=slider("axis", 1, 8, 2),
        amount=slider("amount (sd)", -4.0, 4.0, 1.5, step=0.5))

# %% [markdown]
# ### Exercise 6.10 · Along axis 2 · value · 6 min · ★★☆
#
# Take test digit 7, `tens[7]`. Make a picture `moved` (28, 28) whose code lies **3 sd higher on axis 2**, and is the same on the seven other axes (to
# within 0.01 sd). `axes.code(picture)` gives the eight numbers, `axes.directions` the axes (8, 784), of length 1 and at right angles; `axes.spread` the sd along each.

# %%
moved = ...
### BEGIN SOLUTION
axes = seeing.code_axes(digits(3500, 500).train[0])
tens = digits(3500, 500).test[0][:40, 0].numpy()
moved = tens[7] + 3 * axes.spread[1] * axes.directions[1].reshape(28, 28)
### END SOLUTION

# %%
check("6.10", moved)

# %% [markdown]
# <details><summary>Hint 1: which row?</summary>
#
# Axis 2 is row 1 of `axes.directions`. Adding a multiple of it changes no other number of the code, for the axes are at right angles.
# </details>
# <details><summary>Hint 2: how much?</summary>
#
# One sd along axis 2 is `axes.spread[1]` in pixels.
# </details>

# %% [markdown] tags=["discussion"]
# Many pictures are right: whatever is at right angles to all eight axes can be added without the code noticing. That is what a code
# does not see. With a deep encoder one would climb by gradient, as in section 5.

# %% [markdown]
# ## 8 · Break it: a new kind of digit
#
# A colleague sends 240 pictures, 80 each of 0, 1 and 4, and a t-SNE map of your network's features. Perplexity 20; the shuffled twin shows no islands. He
# counts the islands and is excited: **each digit has two kinds!**

# %%
rows = torch.cat([torch.where(y == k)[0][:80] for k in (0, 1, 4)])
his_x, his_y = x[rows], y[rows].numpy()
camera = torch.randperm(240, generator=torch.Generator().manual_seed(0)) < 120
his_x[camera] = seeing.second_camera(his_x[camera])
his_map = tsne.maps([features(his_x)], (20,), (MAP_STEPS,))[0, 0, 0]
fig = seeing.map_grid({"coloured by digit": his_map}, "Six islands, three digits",
                      his_y, columns=1)
show(fig, alt="A t-SNE map with about six islands in three colours: each colour "
     "has two islands.")

# %% [markdown]
# He has checked: the islands stay at perplexities 5 and 60, and the shuffled twin has none (you find the numbers below). So they are
# real. What would you ask for, before you believe in new kinds of digits?
#
# <details><summary>My answer</summary>
#
# What else differs between the pictures: who took them, when, with what? Colour the map by each such thing. Here half were taken by a second camera with less
# contrast, chosen at random.
# </details>

# %%
mended_x = his_x.clone()
for which in (camera, ~camera):             # each camera's pictures to mean 0, sd 1
    mended_x[which] = (his_x[which] - his_x[which].mean()) / his_x[which].std()
mended_map = tsne.maps([features(mended_x)], (20,), (MAP_STEPS,))[0, 0, 0]
both = his_y * 2 + camera.numpy()
others = tsne.maps([features(his_x)], (5, 60), (MAP_STEPS,))[0, :, 0]
his_twin = seeing.shuffled_columns(features(his_x))
twin = tsne.maps([his_twin], (20,), (MAP_STEPS,))[0, 0, 0]

# %%
for name, m in (("as sent", his_map), ("each camera standardised", mended_map)):
    print(f"{name:25} digit {measured(silhouette_score(m, his_y), '.2f')}"
          f" · digit and camera {measured(silhouette_score(m, both), '.2f')}")
by_camera = {"as sent, by camera": his_map, "standardised, by camera": mended_map}
fig = seeing.map_grid(by_camera, "The second kind was a second camera",
                      camera.numpy().astype(int), columns=2)
show(fig, alt="Left: in the map as sent, the two islands of each digit are the "
     "two cameras. Right: after each camera's pictures were "
     "standardised, both cameras are mixed in each island.")

# %% tags=["promise"]
expect(silhouette_score(his_map, both), at_least=0.5, spec=".2f",
       what="as sent: islands by digit and camera")
expect(min(silhouette_score(m, both) for m in others), at_least=0.4, spec=".2f",
       what="the same at perplexity 5 and 60, the lower")
expect(seeing.islands(twin), at_most=0.48, spec=".2f", what="shuffled twin: clumped")
expect(silhouette_score(mended_map, both), at_most=0.2, spec=".2f",
       what="standardised: islands by digit and camera")
expect(silhouette_score(mended_map, his_y), at_least=0.5, spec=".2f",
       what="standardised: islands by digit")

# %% [markdown]
# Real groups need not be the groups you think of. The shuffled twin tells invented islands from real ones; it cannot tell *why* they
# are there. That takes what you know of how the data came about: the camera here, the hospital, the day, the laboratory elsewhere.

# %% [markdown]
# ## Summary
#
# **What does a network see?** Strokes, and more and more the digit, with each layer that was *trained*; and still the place and the noise, of which nobody
# asked it to be rid. Pictures of what it sees are experiments: they need a control as any other.
#
# You have drawn features with PCA and t-SNE and said what each loses; told real islands from invented ones by a shuffled twin; made what a unit wants, and
# checked it against real patches and untrained units; read three things from each layer; and found a second camera behind a "new kind".

# %%
quiz("06b.1")
quiz("06b.2")
quiz("06b.3")
quiz("06b.4")
quiz("06b.5")

# %% [markdown]
# ## Further reading
#
# - L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", *JMLR* 9 (2008); faster: L. van der Maaten, "Barnes-Hut-SNE" (2013), [arXiv:1301.3342](https://arxiv.org/abs/1301.3342).
# - M. Wattenberg, F. Viégas, I. Johnson, "How to use t-SNE effectively", *Distill* (2016), [doi:10.23915/distill.00002](https://doi.org/10.23915/distill.00002).
# - C. Olah, A. Mordvintsev, L. Schubert, "Feature visualization", *Distill* (2017), [doi:10.23915/distill.00007](https://doi.org/10.23915/distill.00007).
# - D. Erhan et al. and, with a survey of regularisers, A. Nguyen, J. Yosinski, J. Clune, "Understanding neural networks via feature visualization" (2019), [arXiv:1904.08939](https://arxiv.org/abs/1904.08939).
# - G. Alain, Y. Bengio, "Understanding intermediate layers using linear classifier probes" (2016), [arXiv:1610.01644](https://arxiv.org/abs/1610.01644).
# - J. Adebayo et al., "Sanity checks for saliency maps" (2018), [arXiv:1810.03292](https://arxiv.org/abs/1810.03292): pictures that do not care whether the network was trained.
#
# **Next:** [07a · Building blocks](07a_modules.ipynb)
