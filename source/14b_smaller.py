# %% [markdown]
# # 14b · Optimisation — How small, how fast, and where does it run?
#
# > **You will be able to**
# > - teach a small network by a large one, and say what the gain comes from;
# > - cut weights, and round them to 8, 4 and 2 bits;
# > - say what limits a layer's speed on this machine;
# > - train with two processes to the same curve as with one, and say what breaks that;
# > - export a network, and have it answer outside the notebook.
# >
# > **Time** 48 minutes, exercises 41 more · **Before this** [14a · Levers](14a_levers.ipynb) ·
# > **In the article** section 5 (it names improving, and neither size nor speed)

# %% tags=["parameters"]
FAST = False
SEED = 0
N_LABELS = 3000     # digits that the teacher learns from
N_EPOCHS = 4        # of the teacher
N_SEEDS = 3         # students of each kind
N_STEPS = 60        # of the trainings by two processes

# %% tags=["setup"]
import tempfile
from pathlib import Path

import torch
from torch.nn import functional as F

from helpers import check, expect, measured, show, start
from helpers.data import digits
from helpers.topics.optimisation import scenes_smaller as scenes
from helpers.topics.optimisation import stills
from helpers.topics.optimisation.faster import (
    COMPILED, ask_outside, best_ms, export, layers, measure_roof, side_by_side)
from helpers.topics.optimisation.ladder import Recipe, network
from helpers.topics.optimisation.processes import one_alone, train_together
from helpers.topics.optimisation.smaller import (
    accuracy, distilled_loss, folded, masks_of, n_bytes, pruned, round_to_bits,
    rounded, trained)
from helpers.training import predict_logits
from helpers.widgets import (
    choice, draw_curve, explore, order, predict, quiz, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_LABELS, N_EPOCHS, N_SEEDS, N_STEPS = 300, 1, 2, 3

# %%
warm_up("14b")

# %% [markdown]
# A good network that is too large for its place, or too slow, is no use there. This lesson makes one smaller and faster,
# lets two processes train it, and takes it out of the notebook. Choices are made on 1,000 validation digits.

# %% [markdown]
# ## 1 · A small network learns from a large one
#
# **Distillation** (Hinton and others 2015): a large network, the teacher, answers; a small one, the student, learns its
# answers with all their doubts ("a 4, but a little like a 9"). A high **temperature** T divides the logits and lets the
# doubts be seen.

# %%
data = digits(N_LABELS, 1000 if not FAST else 200)
x, y = data.train
teacher = trained(16, data.train, N_EPOCHS)
answers = predict_logits(teacher, x)                                # (N, 10)
for T in (1, 4):
    print(f"T = {T}:", measured(str([round(float(p), 3)
                                     for p in scenes.softened(answers[0], T)])))

# %% [markdown]
# Where does a student gain? Four kinds, all of four filters' width and equally many steps: with 300 true labels; with
# the teacher's *soft* answers to all pictures; with its *plain* answers, the most likely digit alone; and, as the
# ceiling, with all true labels.

# %%
guess_soft = predict("With the teacher's soft answers a student is, against its plain "
                     "answers, …", ["1 point or more worse", "within 1 point",
                                    "1 point or more better"])

# %%
n_few, soft = N_LABELS // 10, distilled_loss(4.0)
few = (x[:n_few].repeat(10, 1, 1, 1), y[:n_few].repeat(10))       # as many steps
kinds = {"a tenth of the labels": (few, F.cross_entropy),
         "teacher's soft answers": ((x, answers), soft),
         "teacher's plain answers": ((x, answers.argmax(1)), F.cross_entropy),
         "all true labels": (data.train, F.cross_entropy)}
students = {name: [accuracy(trained(4, part, 3, s, loss), data.val)
                   for s in range(N_SEEDS)] for name, (part, loss) in kinds.items()}
means = {name: sum(v) / len(v) for name, v in students.items()}
show(stills.with_intervals(students, "validation accuracy", "Four kinds of student"))

# %%
guess_soft.compare(100 * (means["teacher's soft answers"]
                          - means["teacher's plain answers"]), bins=[-1, 1])

# %% tags=["promise"]
expect(means["teacher's soft answers"] - means["a tenth of the labels"], at_least=0.03,
       n=N_SEEDS, what="soft answers over a tenth of the labels")
expect(means["teacher's soft answers"] - means["teacher's plain answers"], n=N_SEEDS,
       at_least=-0.03, at_most=0.03, what="soft over plain answers")
expect(means["all true labels"] - means["teacher's soft answers"], n=N_SEEDS,
       at_least=-0.03, at_most=0.03, what="all true labels over soft answers")

# %% [markdown]
# A teacher is worth much to a student without labels: it gives an answer to every picture. It had all 3,000 labels
# itself; a teacher that learnt from the 300 alone still lifts its student, by less (one seed, `test_claims.py`). The
# control tells that the *doubts* add nothing we could see here: the plain answers do as well, and all true labels do no
# better. (On harder tasks with many classes more has been found.)

# %% [markdown]
# ### Exercise 14.5 · Soft targets · write · 9 min · ★★☆
#
# Write the student's loss. With p the teacher's and q the student's softmax, both at temperature T:
# T² · Σ p (log p − log q), summed over the classes, mean over the examples.

# %%
def soft_loss(logits, teacher, temperature):
    """Student's and teacher's logits (N, K) → the loss, a tensor with one number."""
    ### BEGIN SOLUTION
    log_p = (teacher / temperature).log_softmax(1)                  # (N, K)
    log_q = (logits / temperature).log_softmax(1)
    return temperature**2 * (log_p.exp() * (log_p - log_q)).sum(1).mean()
    ### END SOLUTION

# %%
check("14.5", soft_loss)

# %% [markdown]
# <details><summary>Hint 1: stay with logarithms</summary>
#
# `log_softmax` bears large logits; the logarithm of a softmax that is 0 does not.
# </details>
# <details><summary>Hint 2: axes</summary>
#
# `.sum(1)` over the classes, then `.mean()` over the examples.
# </details>

# %% [markdown] tags=["discussion"]
# A temperature of T makes the gradient smaller by about T²; the factor gives it back. That matters to SGD, and where the
# loss is added to that of true labels; AdamW, which trains here, divides such a factor away again.

# %% [markdown]
# ## 2 · Cut the small weights
#
# **Magnitude pruning** sets the smallest weights to 0. Three ways: cut and leave it; cut, then retrain the rest for
# three epochs; cut gradually while retraining as long.

# %%
guess_cut = predict("80 % of the weights cut, nothing retrained. The accuracy is …",
                    ["above 0.9", "0.5 to 0.9", "below 0.5"])

# %%
base = trained(8, data.train, N_EPOCHS)
whole, parts = accuracy(base, data.val), (0.5, 0.8, 0.9)
ways = {"cut": (0, False), "cut, retrained": (3, False), "gradually": (3, True)}
cuts = {way: {0.0: whole, **{p: accuracy(
    pruned(base, data.train, p, n, gradual=g), data.val) for p in parts}}
    for way, (n, g) in ways.items()}

# %%
guess_cut.compare(1 - cuts["cut"][0.8], bins=[0.1, 0.5])

# %%
explore(*scenes.cutting(base, cuts), name="cutting weights",
        goal="the largest share whose loss stays below three points",
        share=choice("share cut", [0.0, *parts], 0.5), way=choice("way", list(cuts)))

# %% tags=["promise"]
expect(cuts["cut"][0.8], at_most=0.6, what="accuracy, 80 % cut and left", n=1)
expect(cuts["cut, retrained"][0.8] - cuts["cut"][0.8], at_least=0.2, n=1,
       what="what retraining gives back at 80 %")
mask = masks_of([torch.tensor([0.1, -3.0, 0.2, 1.0])], 0.5)[0]
assert mask.tolist() == [False, True, False, True]

# %% [markdown]
# Retraining gives back most of it. Is it better to cut gradually? Look at 90 %, and remember that this is one seed. Is
# half a network twice as fast? An ordinary product multiplies the zeros too: bytes are saved (a
# bit for each place says where the weights are), milliseconds are not.

# %% [markdown]
# ### Exercise 14.6 · Mend a mask · fix · 6 min · ★☆☆
#
# `True` keeps a weight. The function is to cut the share of weights that are nearest to zero. One line is wrong.

# %%
def magnitude_mask(w, share):
    """Weights of any shape, a share from 0 to 1 → a mask (bool) of the same shape."""
    n_cut = round(share * w.numel())
    ### BEGIN SOLUTION
    order = w.abs().flatten().argsort()
    ### INSTEAD
    order = w.flatten().argsort()
    ### END SOLUTION
    mask = torch.ones(w.numel(), dtype=torch.bool)
    mask[order[:n_cut]] = False
    return mask.view(w.shape)

# %%
check("14.6", magnitude_mask)

# %% [markdown]
# <details><summary>Hint 1: try it</summary>
#
# `magnitude_mask(torch.tensor([-5.0, 0.1, 3.0]), 1/3)`: which weight should go, and which goes?
# </details>
# <details><summary>Hint 2: small</summary>
#
# Small means near zero, not far below it.
# </details>

# %% [markdown] tags=["discussion"]
# The wrong mask cuts the strongest of the negative weights. A test with positive weights alone would not have seen it.

# %% [markdown]
# ## 3 · Fewer bits
#
# A rounded weight is a whole number times a **scale**. With b bits the numbers run from −(2ᵇ⁻¹ − 1) to 2ᵇ⁻¹ − 1, and the
# scale is the largest size divided by the last number. First, batch norm is **folded** into the convolutions: in
# evaluation it is a multiplication and an addition, which the weights can carry.

# %%
flat = folded(base)
difference = (predict_logits(flat, x[:200]) - predict_logits(base, x[:200])).abs().max()
assert difference < 1e-3
codes, scale = round_to_bits(torch.tensor([0.5, -1.0, 0.26]), 3)
print(codes.tolist(), "times", f"{float(scale):.3f}")

# %%
sketch_bits = draw_curve("How does accuracy depend on the bits?",
                         x=("bits a weight", 2, 8), y=("accuracy", 0, 1))

# %%
pairs = [(b, per) for b in scenes.BITS for per in (False, True)]
scores = {key: accuracy(rounded(flat, *key), data.val) for key in pairs}
sizes = {key: n_bytes(flat, *key) for key in pairs}

# %%
sketch_bits.compare(list(scenes.BITS)[::-1],
                    [scores[b, False] for b in scenes.BITS][::-1])

# %%
explore(*scenes.rounding(flat, scores, sizes), name="rounding weights",
        goal="the fewest bytes within two points of 8 bits", steps=scenes.ROUND_STEPS,
        bits=choice("bits", list(scenes.BITS), 8),
        scale=choice("scale", ["one a layer", "one a filter"], "one a layer"))

# %% tags=["promise"]
expect(whole - scores[8, False], at_most=0.01, n=1, what="what 8 bits lose")
expect(whole - scores[4, True], at_most=0.05, n=1,
       what="what 4 bits lose, a scale a filter")
expect(scores[2, False], at_most=0.6, n=1, what="accuracy at 2 bits, a scale a layer")
expect(scores[2, True] - scores[2, False], at_least=0.1, n=1,
       what="2 bits: a scale a filter over a scale a layer")

# %% [markdown]
# Eight bits lose nothing here, and take about a quarter of the bytes. The cliff comes below four. A scale for each filter
# helps most at two bits: one large weight no longer sets the scale for the whole layer.

# %% [markdown]
# ### Exercise 14.7 · A quantiser · write · 10 min · ★★☆
#
# Write `quantise(w, bits)`, one scale for all weights. It gives `(codes, scale)`, codes in int8. All weights may be 0:
# the scale must stay above 0 then (`.clamp(min=1e-12)` on the largest size).

# %%
def quantise(w, bits):
    """Weights of any shape → int8 codes of the same shape, and the scale, a number."""
    ### BEGIN SOLUTION
    top = 2 ** (bits - 1) - 1
    scale = w.abs().max().clamp(min=1e-12) / top
    codes = (w / scale).round().clamp(-top, top)
    return codes.to(torch.int8), scale
    ### END SOLUTION

# %%
check("14.7", quantise)

# %% [markdown]
# <details><summary>Hint 1: the last number</summary>
#
# With 8 bits it is 127, with 2 bits it is 1: 2^(bits − 1) − 1.
# </details>
# <details><summary>Hint 2: to whole numbers</summary>
#
# `.round()` before `.to(torch.int8)`; the conversion alone cuts off.
# </details>

# %% [markdown] tags=["discussion"]
# Real int8 networks round the layers' inputs as well, and multiply whole numbers: that is what saves time. Ours saves
# bytes alone.

# %% [markdown]
# ### Exercise 14.8 · Accuracy and bytes · target · 8 min · ★★☆
#
# Choose a width (2, 4, 8 or 16 filters), the bits (2 to 8), and whether each filter has its own scale, so that the
# network has a validation accuracy of at least **0.93 in at most 4,000 bytes**. The check trains it and measures. The
# figure above tells the bytes of width 8 at each number of bits.

# %%
def setting():
    """→ (width, bits, per_channel)"""
    ### BEGIN SOLUTION
    return 8, 4, True
    ### END SOLUTION

# %%
check("14.8", setting)

# %% [markdown]
# <details><summary>Hint 1: bytes</summary>
#
# `n_bytes(flat, bits, per_channel)` counts for width 8; a network of twice the width has about four times the weights.
# </details>
# <details><summary>Hint 2: accuracy</summary>
#
# Move the bits in the figure above and read both numbers.
# </details>

# %% [markdown] tags=["discussion"]
# A wider network with fewer bits, or a narrower one with more? At equal bytes one must measure.

# %%
narrow = folded(trained(4, data.train, N_EPOCHS))
big, thin = folded(teacher), pruned(base, data.train, 0.8, 3, gradual=True)
picture = data.val[0][:1]
nets = {"teacher, float32": (big, 32, 1.0), "width 8, float32": (flat, 32, 1.0),
        "width 8, 8 bits": (rounded(flat, 8), 8, 1.0),
        "width 8, 4 bits": (rounded(flat, 4, True), 4, 1.0),
        "width 8, 80 % cut": (folded(thin), 32, 0.2), "width 4": (narrow, 32, 1.0)}
rows = {name: (accuracy(m, data.val), n_bytes(m, bits, kept=kept),
               best_ms(lambda m=m: predict_logits(m, picture)))
        for name, (m, bits, kept) in nets.items()}
show(scenes.size_map(rows))

# %% [markdown]
# Bits and cuts move a mark to the left, and leave the time alone. Look at the milliseconds: the teacher multiplies many
# times as much as width 4. If it hardly takes longer, then for one small picture the time goes into calling layers, not
# into multiplying.

# %% [markdown]
# ## 4 · What limits the speed?
#
# A layer must fetch its numbers from memory and calculate with them; the slower of the two limits it. The **roofline**
# (Williams and others 2009) has operations a byte below, operations a second above. Left of the bend memory is the
# limit, right of it arithmetic. **Raise the batch: which layers climb?**

# %%
roof = measure_roof()
measured_layers = layers((1, 8, 64) if FAST else (1, 8, 64, 256))
explore(*scenes.roofline(roof, measured_layers), name="roofline",
        goal="the layer and batch with the most operations a second",
        layer=choice("layer", ["convolution", "dense", "ReLU"], "dense"),
        batch=choice("batch size", [1, 8, 64] if FAST else [1, 8, 64, 256], 1))

# %% tags=["promise"]
dense = {m.batch: m.intensity for m in measured_layers if m.name == "dense"}
expect(dense[64] / dense[1], at_least=20, what="operations a byte, dense, 64 / 1")
relu = [m.intensity for m in measured_layers if m.name == "ReLU"]
expect(max(relu) / min(relu), at_most=1.01, what="operations a byte, ReLU, any batch")

# %% [markdown]
# One example through a dense layer fetches every weight for a single use; 64 examples share the fetch. A ReLU does one
# operation for each number it reads, at any batch size. Marks *above* the roof are no wonder: arrays that fit into the
# cache need not come from memory, and a library may compute a 3×3 convolution with fewer operations than the textbook
# counts (Winograd). A roof is two measured numbers, no law.
#
# Now four promises of speed, side by side on a training step:

# %%
def step_of(channels_last=True, bfloat16=False, n=64, threads=1):
    kind = torch.channels_last if channels_last else torch.contiguous_format
    model = network(Recipe(norm=True, width=16)).to(memory_format=kind)
    xb, yb = x[:n].contiguous(memory_format=kind), y[:n]
    def step():
        torch.set_num_threads(threads)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            out = model(xb)
        F.cross_entropy(out.float(), yb).backward()
    return step

# %%
n_threads = torch.get_num_threads()
times = side_by_side({"as it is": step_of(), "channels first": step_of(False),
                      "bfloat16 products": step_of(bfloat16=True),
                      "two threads": step_of(threads=2), "256 at once": step_of(n=256)})
torch.set_num_threads(n_threads)
for name, ms in times.items():
    a_picture = ms / min(len(x), 256 if "256" in name else 64)
    print(f"{name:18} {measured(a_picture * 64 / times['as it is'], '.2f')}",
          "of the time a picture")
for name, (seconds, factor) in COMPILED.items():
    print(f"torch.compile, {name}: {seconds} s to compile, then × {factor} (stored)")

# %% [markdown]
# The ratios are your machine's; no promise is made. Two threads on two busy cores may even lose. `torch.compile` needs a
# C++ compiler, so its numbers are stored: for a small convolutional network on a processor an honest **null** that costs
# half a minute. A chain of elementwise operations did gain: merged, it fetches its numbers once, and that is the ReLUs'
# side of the roof.

# %% [markdown]
# ## 5 · Two processes, one training
#
# One machine is too slow? **Data parallel** training gives each of two processes half of every batch. After `backward`
# they sum their gradients over all processes (*all-reduce*), and divide by two. Is it the same training as one process
# with the whole batch?

# %%
guess_two = predict("In float64, the largest difference of the two loss curves is …",
                    ["below 1e-9", "1e-9 to 1e-3", "above 1e-3"])

# %%
small = (F.avg_pool2d(x, 2), y)
alone = one_alone(small, N_STEPS)
together = train_together(small, 2, N_STEPS)

# %%
def largest(kind, other="plain"):
    return max(abs(a - b) for a, b in zip(together[kind][0], alone[other][0]))

print("by hand:", measured(largest("plain"), ".0e"),
      " DistributedDataParallel:", measured(largest("library"), ".0e"))
print("seconds of the steps: one process", measured(alone["plain"][1], ".2f"),
      " two", measured(together["plain"][1], ".2f"))

# %%
guess_two.compare(largest("plain"), bins=[1e-9, 1e-3])

# %% tags=["promise"]
expect(largest("plain"), at_most=1e-9, n=N_STEPS, spec=".0e",
       what="largest difference of losses, two processes against one")
expect(largest("library"), at_most=1e-9, n=N_STEPS, spec=".0e", what="the library's")

# %% [markdown]
# The mean of two half-batch gradients *is* the gradient of the whole: the same curve, but for the last digits. Is it
# faster? Look at the seconds: for a network this small, talking may cost more than sharing the work saves. The notebook
# started both processes itself, knows their ids, and ends them if the cell is interrupted; nothing stays behind.
#
# The same script, with nothing changed, runs by PyTorch's launcher on one machine, or on many:
#
# ```
# torchrun --standalone --nproc_per_node=2 worker.py task.pt out.pt
# torchrun --nnodes=4 --nproc_per_node=2 --rdzv_backend=c10d \
#          --rdzv_endpoint=first-machine:29500 worker.py task.pt out.pt
# ```

# %% [markdown]
# ### Exercise 14.9 · A step of two processes · order · 8 min · ★★☆
#
# Put the lines of one step in order and fill the gap. `world` is the number of processes, `rank` this one's number.
# `all_reduce` replaces a tensor, in every process, by the sum over all. Two lines do not belong.

# %%
steps = order("14.9")

# %%
check("14.9", steps)

# %% [markdown]
# <details><summary>Hint 1: what is sent?</summary>
#
# Only gradients, and they exist after `backward`.
# </details>
# <details><summary>Hint 2: what is the sum divided by?</summary>
#
# Each loss is a mean over its own half; the mean of two means is their sum divided by two.
# </details>

# %% [markdown] tags=["discussion"]
# The weights are never sent: they begin equal, and equal gradients keep them equal. `DistributedDataParallel` sends
# gradients while `backward` is still at work, and hides a part of the talking.

# %% [markdown]
# ## 6 · Break it: batch normalisation
#
# The same two processes also trained a network with batch norm. Everything else is as before.

# %%
off = [abs(a - b) for a, b in zip(together["batch norm"][0], alone["batch norm"][0])]
print("difference at the first step:", measured(off[0], ".0e"),
      " largest:", measured(max(off), ".0e"))

# %% tags=["promise"]
expect(off[0], at_least=1e-6, spec=".0e",
       what="difference at the first step, batch norm")

# %% [markdown]
# Another curve from the first step on, with no step made. What differs? Each process normalises by the mean and spread
# of *its* 64 pictures; one process by those of all 128. The network without batch norm is the control: the same
# splitting, no difference. (On graphics cards `SyncBatchNorm` lets processes share these numbers too, for more talking.)

# %% [markdown]
# ## 7 · Out of the notebook
#
# `torch.export` writes the network's computation and its weights into one file. A new Python process, with PyTorch and
# without any of the course's code, loads it and answers.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "digits.pt2"
    export(flat, path)
    kilobytes = path.stat().st_size / 1000
    answer = ask_outside(path, picture)
said = torch.tensor(answer.probs).argmax().item()
print(f"{measured(kilobytes, '.0f')} kB;",
      f"one picture in {measured(answer.ms, '.2f')} ms; it says {measured(str(said))},",
      "the label is", measured(str(int(data.val[1][0]))))

# %% tags=["promise"]
inside = predict_logits(flat, picture).softmax(1)[0]
expect((torch.tensor(answer.probs) - inside).abs().max(), at_most=1e-4, spec=".0e",
       what="difference of probabilities, outside − inside")
assert not answer.used_course
bright = accuracy(flat, (255 * data.val[0], data.val[1]))
expect(bright, at_most=0.9, n=1, what="accuracy on pixels from 0 to 255")

# %% [markdown]
# The answers are equal. What the file does *not* hold: how the pictures were prepared. Pixels from 0 to 255 instead of 0
# to 1 are answered too, without complaint, and many more of them wrongly (the promise above has measured it).
# Pre-processing belongs into the exported network, or into its description.

# %% [markdown]
# Last, the test part, opened once, for the network in 4 bits:

# %%
print("test accuracy:", measured(accuracy(rounded(flat, 4, True), data.test), ".3f"))

# %% [markdown]
# ## Summary
#
# How small, how fast, and where? As small as the accuracy allows, as fast as the roof allows, and anywhere where PyTorch
# runs. You have
# - taught a student, and seen that the teacher's plain answers did as well as its doubts;
# - cut weights and retrained, rounded them to 8 bits for nothing and to 2 at a price;
# - placed layers under the roof of your machine;
# - trained with two processes to the same curve, and broken that by batch norm;
# - exported a network, and had it answer outside.

# %%
quiz("14b.1")
quiz("14b.2")
quiz("14b.3")
quiz("14b.4")
quiz("14b.5")

# %% [markdown]
# ## Further reading
#
# - Hinton, Vinyals, Dean (2015), *Distilling the knowledge in a neural network*, [arXiv:1503.02531](https://arxiv.org/abs/1503.02531)
# - Han and others (2015), *Deep compression*, [arXiv:1510.00149](https://arxiv.org/abs/1510.00149); Zhu, Gupta (2017), *To prune, or not to prune*, [arXiv:1710.01878](https://arxiv.org/abs/1710.01878)
# - Jacob and others (2017), *Quantization and training of neural networks for efficient integer-arithmetic-only inference*, [arXiv:1712.05877](https://arxiv.org/abs/1712.05877)
# - Williams, Waterman, Patterson (2009), *Roofline: an insightful visual performance model*, [doi:10.1145/1498765.1498785](https://doi.org/10.1145/1498765.1498785)
# - Li and others (2020), *PyTorch distributed: experiences on accelerating data parallel training*, [arXiv:2006.15704](https://arxiv.org/abs/2006.15704)
