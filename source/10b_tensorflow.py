# %% [markdown]
# # 10b · Image classification — Does TensorFlow see the same?
#
# > **You will be able to**
# > - read a Keras network as you read one in PyTorch, line by line;
# > - carry weights over, in both directions, and prove that nothing was lost;
# > - tell rounding from a fault: by scores, not by accuracy;
# > - recognise the usual faults by their symptoms;
# > - compare two trainings fairly.
# >
# > **Time** 52 minutes, exercises 33 more · **Before this** [10a · Page](10a_page.ipynb) ·
# > **In the article** sections 4.1 and 4.2: TensorFlow for one task, PyTorch for the other
#
# This lesson is an extra: it needs TensorFlow, which the course does not install by itself. The set-up cell says
# whether it is there. Figures and exercises work without it.

# %% tags=["parameters"]
FAST = False
SEED = 0
N_EPOCHS = 5        # of each training
N_SEEDS = 2         # trainings in each framework
N_TRAIN = 3500      # training digits

# %% tags=["setup"]
import copy

import numpy as np
import torch

from helpers import check, expect, measured, start
from helpers.data import digits
from helpers.extras import optional
from helpers.models import FastCNN, count_parameters
from helpers.topics.classification import scenes_twin as scenes
from helpers.topics.classification import twin
from helpers.topics.classification.twin import channels_last, logits_of
from helpers.training import fit, predict_logits
from helpers.widgets import (
    choice, draw_curve, explore, predict, quiz, slider, warm_up)
from helpers.widgets.pad_control import PadControl

start(SEED, fast=FAST)
if FAST:
    N_EPOCHS, N_SEEDS, N_TRAIN = 1, 1, 500
keras = optional("keras")       # as "import keras", but silent

# %%
warm_up("10b")

# %% [markdown]
# The article builds one program in TensorFlow and another in PyTorch, and gives no reason. Are they two worlds? The
# course's small CNN has some 25,000 numbers. We build it again in **Keras**, the part of TensorFlow that people write in,
# carry the numbers over, and look at what comes out. If all is right, the two must agree to the last digits.

# %% [markdown]
# ## 1 · The same network, line by line
#
# First the network that you know, trained for a few epochs:

# %%
data = digits()
train = data.train[0][:N_TRAIN], data.train[1][:N_TRAIN]
settings = {"n_epochs": N_EPOCHS, "batch_size": 50, "lr": 0.001}
torch.manual_seed(SEED)
model = FastCNN(16)
history = fit(model, train, data.val, seed=SEED, progress=False, **settings)
print(count_parameters(model), "parameters; validation accuracy",
      measured(history.val_accuracy[-1], ".3f"))

# %% [markdown]
# Now Keras. Compare with the source of `FastCNN` (`FastCNN??` shows it):
#
# | PyTorch | Keras |
# |---|---|
# | pictures (N, C, H, W) | pictures (N, H, W, C) |
# | `ZeroPad2d(-2)` | `Cropping2D(2)` |
# | `Conv2d(1, 16, 5, 2, padding=2)` | `ZeroPadding2D(2)`, `Conv2D(16, 5, 2)` |
# | `BatchNorm2d`: eps 1e-5, momentum 0.1 | `epsilon=1e-5, momentum=0.9` |
# | `AdaptiveMaxPool2d(2)`, on 6×6 | `MaxPooling2D(3)` |
# | `flatten(1)`: channel by channel | `Flatten()`: place by place |
# | `Linear(128, 10)` | `Dense(10)` |
# | each layer is told its number of inputs | each layer finds it by itself |

# %%
layers = keras.layers

def block(n, kernel=3, stride=1):
    return [layers.ZeroPadding2D(kernel // 2),
            layers.Conv2D(n, kernel, stride, use_bias=False),
            layers.BatchNormalization(epsilon=1e-5, momentum=0.9), layers.ReLU()]

# %%
net = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Cropping2D(2), *block(16, 5, 2),
    layers.MaxPooling2D(2), *block(32), *block(32), *block(32),
    layers.MaxPooling2D(3), layers.Flatten(), layers.Dense(10)])
trainable = sum(int(np.prod(w.shape)) for w in net.trainable_weights)
assert trainable == count_parameters(model)
print(trainable, "parameters in Keras, too")

# %% [markdown]
# ## 2 · Kernels
#
# The same number of parameters; they lie in another order. PyTorch keeps a kernel as (out, in, height, width), Keras
# as (height, width, in, out).

# %% [markdown]
# ### Exercise 10.5 · Carry a kernel over · write · 8 min · ★☆☆
#
# Bring a kernel from PyTorch's order into that of Keras. Both libraries compute cross-correlation: nothing is flipped.

# %%
def kernel_over(w):
    """w: (out, in, h, w) array → (h, w, in, out)."""
    ### BEGIN SOLUTION
    return w.transpose(2, 3, 1, 0)
    ### END SOLUTION

# %%
check("10.5", kernel_over)

# %% [markdown]
# <details><summary>Hint 1: transpose or reshape?</summary>
#
# `reshape` keeps the order of the numbers; `transpose` moves axes. You want the axes moved.
# </details>
# <details><summary>Hint 2: how to read transpose</summary>
#
# `w.transpose(2, 3, 1, 0)`: the new first axis is the old axis 2, and so on.
# </details>

# %% [markdown] tags=["discussion"]
# `np.einsum("oihw->hwio", w)` says the same, and reads like the sentence above.

# %% [markdown]
# ## 3 · From maps to a row
#
# The last layer gets 32 maps of 2×2 as one row of 128 numbers. PyTorch goes channel by channel, Keras place by place.
# So the 17th number of one row is another than the 17th of the other. The figure has 3 maps of 4×4. **Find a place above 0
# that means the same.**

# %%
explore(*scenes.flat_places(), name="places in a row",
        goal="a place above 0 that means the same in both",
        place=slider("place in the row", 0, 47, 5))

# %% [markdown]
# ### Exercise 10.6 · Carry a linear layer over · write · 10 min · ★★☆
#
# A linear layer of PyTorch, (K, C·H·W), follows maps of C channels, H rows, W columns. Give the matrix that Keras needs:
# (H·W·C, K). Budget: 2 lines.

# %%
def linear_over(weight, c, h, w):
    """weight: (K, c · h · w) array, channel by channel → (h · w · c, K)."""
    ### BEGIN SOLUTION
    maps = weight.reshape(-1, c, h, w)                      # (K, c, h, w)
    return maps.transpose(2, 3, 1, 0).reshape(h * w * c, -1)
    ### END SOLUTION

# %%
check("10.6", linear_over)

# %% [markdown]
# <details><summary>Hint 1: undo the flattening</summary>
#
# First cut each row into its maps: `weight.reshape(-1, c, h, w)`.
# </details>
# <details><summary>Hint 2: then as with a kernel</summary>
#
# Move the axes to (h, w, c, K), then join the first three.
# </details>

# %% [markdown] tags=["discussion"]
# With global pooling in place of flattening (one number a channel) the trap would be gone: (K, C) is only transposed.

# %% [markdown]
# ## 4 · Over, and back
#
# `twin.carry_over` does both for all layers, and takes the four rows of numbers of each batch norm as well: weight,
# bias, running mean, running variance. How far apart are the scores of 1,000 test digits?

# %%
guess_apart = predict("The greatest difference of the logits, as part of the largest:",
                      ["0", "below 0.00001", "0.00001 to 0.01", "more"])

# %%
x, y = data.test
ours = predict_logits(model, x).numpy()                           # (1000, 10)
theirs = logits_of(twin.carry_over(model, net), x)                # (1000, 10)
apart = np.abs(ours - theirs).max() / np.abs(ours).max()
probs = [torch.tensor(z).softmax(1).numpy() for z in (ours, theirs)]
np.testing.assert_allclose(probs[1], probs[0], atol=1e-5)
print("logits apart by", measured(apart, ".0e"), "of the largest; probabilities by",
      measured(np.abs(probs[0] - probs[1]).max(), ".0e"))

# %%
guess_apart.compare(apart, bins=[1e-12, 1e-5, 1e-2])

# %% tags=["promise"]
expect(apart, at_most=1e-5, what="difference of logits / largest logit", spec=".1e")
expect(np.abs(probs[0] - probs[1]).max(), at_most=3e-6, spec=".1e",
       what="difference of probabilities")
expect((ours.argmax(1) == theirs.argmax(1)).mean(), at_least=0.999, n=1000,
       what="share of digits read alike")

# %% [markdown]
# They differ in the last digits. Which of them is right? Neither: a computation in **float64**, with twice the digits,
# is the judge.

# %%
judge = predict_logits(copy.deepcopy(model).double(), x.double()).numpy()
print("PyTorch off by", measured(np.abs(ours - judge).max(), ".0e"),
      "| Keras off by", measured(np.abs(theirs - judge).max(), ".0e"))

# %% tags=["promise"]
expect(max(np.abs(ours - judge).max(), np.abs(theirs - judge).max()), at_most=1e-4,
       spec=".0e", what="distance of either from float64")

# %% [markdown]
# Both are off, by a few millionths: each addition rounds, and the two libraries add in different orders. And back: an
# untrained PyTorch network takes the numbers out of Keras.

# %%
back = twin.carry_back(net, FastCNN(16)).eval()
assert all(torch.equal(a, b) for a, b in zip(model.parameters(), back.parameters()))
print("back in PyTorch, bit for bit:", torch.equal(predict_logits(back, x),
                                                   predict_logits(model, x)))

# %% [markdown]
# Your own drawing, read by both. **Raise the number of decimals until the two scores differ.**

# %%
explore(*scenes.read_by_both(model, net), name="read by both",
        goal="decimals of the winner's score that differ", drawing=PadControl(),
        decimals=slider("decimals", 0, 8, 2))

# %% [markdown]
# ## 5 · Break it: almost right
#
# A colleague has carried the network over as well. No error anywhere. Hers reads nearly as well as yours, a few digits
# in a hundred less. She says: "frameworks differ".

# %%
wrong = twin.wrong_twins(keras, model)
her_net = list(wrong.values())[-1]
hers = logits_of(her_net, x)
print("accuracy: yours", measured((ours.argmax(1) == y.numpy()).mean()),
      "| hers", measured((hers.argmax(1) == y.numpy()).mean()))
print("greatest difference of a logit:", measured(np.abs(hers - ours).max(), ".1f"))

# %%
guess_ill = predict("Which part of the network is it?", [
    "the last layer", "batch norm", "the padding of the first convolution"])

# %% [markdown]
# A difference of whole units is no rounding. Where does it begin? Give both networks a digit, and compare layer by
# layer. The first convolution is the first thing that can differ.

# %%
a = model.features[:2](x[:100]).detach()                           # (100, 16, 12, 12)
a = a.permute(0, 2, 3, 1).numpy()                                  # (100, 12, 12, 16)
firsts = {}
for name, network, n in (("yours", net, 3), ("hers", her_net, 2)):
    b = np.asarray(keras.Sequential(network.layers[:n])(channels_last(x[:100])))
    firsts[name] = np.abs(a - b).mean()
    print(f"{name:5} after the first convolution: mean difference",
          measured(firsts[name], ".0e"))

# %%
guess_ill.compare("the padding of the first convolution")

# %% tags=["promise"]
expect(np.abs(hers - ours).max(), at_least=1, what="greatest difference of a logit")
expect((ours.argmax(1) == y.numpy()).mean() - (hers.argmax(1) == y.numpy()).mean(),
       at_least=0.003, at_most=0.2, n=1000, what="accuracy that is lost")
expect(firsts["hers"], at_least=0.02, what="difference after one convolution, hers")
expect(firsts["yours"], at_most=1e-5, spec=".0e", what="yours")

# %% [markdown]
# She wrote `padding="same"`, which sounds like `padding=kernel // 2`. With stride 1 it is. With stride 2 on an even
# size, TensorFlow needs one zero less, and it is the left one and the upper one that go: all windows move by a pixel.
# Move the sliders.

# %%
explore(*scenes.windows(), name="where windows lie", steps=scenes.PADDING_STEPS,
        goal="a stride of 2 or more at which all windows lie alike",
        size=slider("size (pixels)", 8, 16, 12), kernel=choice("kernel", [3, 5, 7], 5),
        stride=choice("stride", [1, 2, 3], 1))

# %% [markdown]
# ### Exercise 10.7 · A test that finds it · test · 10 min · ★★★
#
# `f(x, kernel, stride)` pads a row of numbers as TensorFlow's `"same"` does: as many zeros as are needed for
# ⌈n / stride⌉ windows, half of them before the row, and the odd one **behind**. Write a test that right programs pass
# and wrong ones fail.

# %%
def test_same(f):
    """f(x, kernel, stride): float32 (n,) → the row with its zeros. Use assert."""
    ### BEGIN SOLUTION
    x = np.arange(1, 13, dtype=np.float32)
    np.testing.assert_array_equal(f(x, 5, 2), [0, *x, 0, 0])
    np.testing.assert_array_equal(f(x[:11], 5, 2), [0, 0, *x[:11], 0, 0])
    ### END SOLUTION

# %%
check("10.7", test_same)

# %% [markdown]
# <details><summary>Hint 1: a telling size</summary>
#
# With stride 2 and an odd size many wrong programs are right. Take an even one.
# </details>
# <details><summary>Hint 2: count once by hand</summary>
#
# n = 12, kernel 5, stride 2: six windows reach over 5 · 2 + 5 = 15 places: three zeros, one before, two behind.
# </details>

# %% [markdown] tags=["discussion"]
# Lengths alone let a program pass that puts the odd zero on the wrong side: compare the whole row.

# %% [markdown]
# ### Exercise 10.8 · A size that hides the fault · value · 5 min · ★☆☆
#
# Her own test used pictures of another size, and passed. Find a size from 20 to 40 pixels at which a kernel of 5 with
# stride 2 is padded alike by both.

# %%
### BEGIN SOLUTION
hiding = 25
### END SOLUTION

# %%
check("10.8", hiding)

# %% [markdown]
# <details><summary>Hint 1: the figure</summary>
#
# In the figure above, set kernel 5 and stride 2, and move the size.
# </details>
# <details><summary>Hint 2: by a formula</summary>
#
# Both need 2 + 2 = 4 zeros: (⌈n/2⌉ − 1) · 2 + 5 − n = 4.
# </details>

# %% [markdown] tags=["discussion"]
# Every odd size. A test on the very sizes that will be used is the only one that counts.

# %% [markdown]
# ## 6 · Four faults, four symptoms

# %%
guess_flat = predict("Flatten order forgotten in the last layer. The accuracy is …",
                     ["near chance", "about half", "about as before"])

# %%
faults = {}
for name, network in wrong.items():
    z = logits_of(network, x)
    faults[name] = (z.argmax(1) == y.numpy()).mean(), np.abs(z - ours).max()
    print(f"{name:34} accuracy {measured(faults[name][0])}, "
          f"logits off by {measured(faults[name][1], '.1f')}")

# %%
guess_flat.compare(faults["flatten order forgotten"][0], bins=[0.2, 0.7])

# %% tags=["promise"]
expect(faults["flatten order forgotten"][0], at_most=0.25, n=1000,
       what="accuracy with the flatten order forgotten")
expect(faults["kernels lie on their side"][0], at_most=0.6, n=1000,
       what="accuracy with kernels on their side")
expect(abs(faults["batch norm: epsilon left at 0.001"][0]
           - (ours.argmax(1) == y.numpy()).mean()), at_most=0.02, n=1000,
       what="accuracy that the wrong epsilon changes")
expect(faults["batch norm: epsilon left at 0.001"][1], at_least=0.02,
       what="logits, however, are off by")

# %% [markdown]
# The gross faults betray themselves by the accuracy. The wrong epsilon does not: by accuracy it would pass, only the
# scores tell. So the rule: **compare scores, with a bound that only rounding can meet.**
#
# One more trap shows only in training. PyTorch's momentum is the share of the *new*, that of Keras the share of the
# *old*. Make the two curves one.

# %%
explore(*scenes.running_means(), name="two momentums", goal="one curve",
        torch_momentum=slider("momentum in PyTorch", 0.02, 0.5, 0.1, 0.02),
        keras_momentum=slider("momentum in Keras", 0.5, 0.98, 0.98, 0.02))

# %% [markdown]
# ## 7 · Trained in both
#
# Now a race that is fair: the same weights at the start, the same batches in the same order, AdamW with the same
# numbers. Draw the training loss of Keras.

# %%
sketch_loss = draw_curve("The training loss in Keras, epoch by epoch?",
                         x=("epoch", 1, 5), y=("loss (nats)", 0.01, 1), ylog=True)

# %%
curves, accuracies = {"PyTorch": [], "a millionth beside": []}, {"PyTorch": []}
for seed in range(N_SEEDS):
    for name, change in (("PyTorch", 1), ("a millionth beside", 1 + 1e-6)):
        torch.manual_seed(seed)
        runner = FastCNN(16)
        with torch.no_grad():
            runner.classify.weight.mul_(change)
        run = fit(runner, train, data.val, seed=seed, progress=False, **settings)
        curves[name].append(run.train_loss)
    accuracies["PyTorch"].append(run.val_accuracy[-1])

# %%
curves["Keras"], accuracies["Keras"] = [], []
for seed in range(N_SEEDS):
    torch.manual_seed(seed)
    runner = twin.carry_over(FastCNN(16), twin.build(keras))
    losses, found = twin.train(keras, runner, train, data.val, seed=seed, **settings)
    curves["Keras"].append(losses)
    accuracies["Keras"].append(found[-1])

# %%
sketch_loss.compare(np.arange(1, N_EPOCHS + 1), curves["Keras"][0])

# %%
print(f"{'':20}" + "".join(f"epoch {e + 1:2}  " for e in range(N_EPOCHS)))
for name, runs in curves.items():
    print(f"{name:18}", *[f" {measured(v, '.4f')}" for v in runs[0]])
print("validation accuracy:", *[f"{k} {measured(np.mean(v))}"
                                for k, v in accuracies.items()])

# %% tags=["promise"]
torch_runs, keras_runs = np.array(curves["PyTorch"]), np.array(curves["Keras"])
beside = np.abs(np.array(curves["a millionth beside"]) / torch_runs - 1)
expect(np.abs(keras_runs[:, 0] / torch_runs[:, 0] - 1).max(), at_most=0.02, n=N_SEEDS,
       what="first epoch: relative difference of the losses")
expect(np.abs(keras_runs[:, -1] / torch_runs[:, -1] - 1).max(), at_most=0.15, n=N_SEEDS,
       what="last epoch: relative difference of the losses")
expect(beside[:, -1].min(), at_least=0.0005, n=N_SEEDS,
       what="last epoch: PyTorch against itself, a millionth beside")
expect(abs(np.mean(accuracies["Keras"]) - np.mean(accuracies["PyTorch"])), at_most=0.03,
       n=N_SEEDS, what="difference of the validation accuracies")

# %% [markdown]
# Almost the same loss in the first epoch, then the curves part a little. A fault? The control is the middle row:
# **PyTorch against itself**, its last layer changed by a millionth at the start. It parts as well: from a millionth to
# parts of a per cent and more. Training enlarges the smallest difference, and rounding is one. So two trainings are
# compared as any two seeds are: within chance.

# %% [markdown]
# ## Summary
#
# TensorFlow sees the same, to the last digits, where everything was carried over rightly. You have
# - read one network in two languages, and listed what differs;
# - carried weights over and back, bit for bit;
# - told rounding (a millionth) from faults (units), by the scores;
# - found a padding that is almost right, and the sizes that hide it;
# - trained both from one start: the same curve, within chance.
#
# What a network knows beyond its own data, and when it does not know: [10c](10c_transfer.ipynb).

# %%
quiz("10b.1")
quiz("10b.2")
quiz("10b.3")
quiz("10b.4")
quiz("10b.5")

# %% [markdown]
# ## Further reading
#
# - Abadi and others (2016), *TensorFlow: a system for large-scale machine learning*, [arXiv:1605.08695](https://arxiv.org/abs/1605.08695)
# - Paszke and others (2019), *PyTorch: an imperative style, high-performance deep learning library*, [arXiv:1912.01703](https://arxiv.org/abs/1912.01703)
# - Goldberg (1991), *What every computer scientist should know about floating-point arithmetic*, [doi:10.1145/103162.103163](https://doi.org/10.1145/103162.103163)
