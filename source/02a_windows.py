# %% [markdown]
# # 02a · Windows — Why look through a small window?
#
# > **You will be able to**
# > - slide a kernel over a picture by hand, and say what `F.conv2d` computes (and whether its name is right);
# > - work out sizes, weights and receptive fields from kernel, stride, padding and dilation;
# > - read the shapes (N, C, H, W) of a layer, its weights and its pooling;
# > - say what locality and weight sharing save.
# >
# > **Time** 60 minutes, exercises 45 more · **Before this** [01b · Stacks](01b_stacks.ipynb) ·
# > **In the article** section 2: "CNN convolves the pixels, the most used"

# %% tags=["parameters"]
FAST = False
SEED = 0

# %% tags=["setup"]
import torch
import torch.nn.functional as F
from scipy.signal import convolve2d, correlate2d
from torch import nn

from helpers import check, expect, mine, set_seed, show, start
from helpers.data import digits, photograph
from helpers.models import count_parameters
from helpers.topics.cnn import pooling, scenes, stills
from helpers.topics.cnn.kernel_grid import KernelGrid
from helpers.widgets import (choice, draw_curve, explore, order, predict, quiz, slider,
                             warm_up)

start(SEED, fast=FAST)

# %%
warm_up("02a")

# %% [markdown]
# ## 1 · A window that slides
#
# A grey picture is a table of numbers: 0 is black, 1 is white. A **kernel** is a much smaller table of weights. Lay it on the picture, multiply each weight by the pixel below it, and add up: this gives one number, the kernel's **answer** at that place. Move the window by one pixel, and do it again. That is the heart of a convolutional layer.

# %% [markdown]
# Our picture below is dark on the left (0) and bright on the right (1). The kernel holds −1 in its left column, 0 in the middle, and +1 in its right column.

# %%
guess_even = predict("What is this kernel's answer where the picture is evenly bright?",
                     ["0", "the brightness", "9 times the brightness"])

# %%
x = torch.zeros(5, 8)                                   # (H, W)
x[:, 4:] = 1
kernel = torch.tensor([[-1., 0., 1.], [-1., 0., 1.], [-1., 0., 1.]])

out = torch.zeros(5 - 3 + 1, 8 - 3 + 1)                 # (3, 6)
for i in range(out.shape[0]):
    for j in range(out.shape[1]):
        out[i, j] = (kernel * x[i:i + 3, j:j + 3]).sum()
print(out.int().numpy())

# %%
guess_even.compare(out[0, -1], bins=[0.5, 5])

# %% [markdown]
# Zero on the dark side, zero on the bright side, 3 where dark meets bright: the weights sum to zero, so even areas give nothing, and only a change from left to right shows. This kernel is an **edge detector**.
#
# The output is smaller than the picture: a window of 3 fits 5 − 3 + 1 = 3 times down and 8 − 3 + 1 = 6 times across. PyTorch's `F.conv2d` does the same. It expects two more axes: the number of pictures (N) and of channels (C, section 3).

# %%
theirs = F.conv2d(x[None, None], kernel[None, None])    # (1, 1, 5, 8) → (1, 1, 3, 6)
assert torch.allclose(out, theirs[0, 0])
print("F.conv2d agrees:", tuple(x.shape), "→", tuple(out.shape))

# %% [markdown]
# Now a real photograph. We give it to this kernel, and to the same kernel **transposed** (rows become columns). Which of the two will draw the legs of the tripod, and which the horizon?
#
# <details><summary>My answer</summary>
#
# The first answers to changes from left to right, so it draws vertical edges: the tripod's legs, the tower. The second, its transpose, draws horizontal ones. A line at 45°, such as his shoulder, shows in both.
# </details>

# %%
photo = torch.tensor(photograph("camera", 120))[None, None]         # (1, 1, 120, 120)
answers = {"photograph": photo[0, 0],
           "vertical edges": F.conv2d(photo, kernel[None, None])[0, 0],
           "horizontal edges": F.conv2d(photo, kernel.T[None, None])[0, 0]}
show(stills.edges(answers))

# %% [markdown]
# ### Play: nine weights
#
# Press and drag on the photograph: the middle panel shows the nine products of weight and pixel in the orange window, and their sum, the answer at that place (framed in green). Red is positive, blue negative; if the weights sum to 1, the answer is drawn in grey.
#
# Go through the steps; then choose the photograph *brick* and change single weights. **What must change so that the wall's vertical joints stay and its horizontal ones vanish?**

# %%
explore(*scenes.kernel_editor(), name="kernel editor", drag=("column", "row"),
        goal="weights that sum to 0, answer a vertical edge with at least 3 and a "
             "horizontal one with 0",
        steps=scenes.KERNEL_STEPS,
        photo=choice("photograph", scenes.PHOTOS, "camera"),
        column=slider("window (column)", 1, 102, 44),
        row=slider("window (row)", 1, 102, 13), kernel=KernelGrid())

# %% [markdown]
# Horizontal edges vanish when each *row* of weights sums to 0. Ours of above is Prewitt's kernel; with its middle weights doubled it is Sobel's. Both have been known for half a century. The point of a CNN is that nobody has to find them: **training moves the sliders**. We start from nine zeros, give random noise as input and the edge kernel's answers as target, and let gradient descent (chapter 01) do the rest; the loss is the mean squared error.

# %%
set_seed(SEED)
noise = torch.randn(1, 1, 40, 40)
target = F.conv2d(noise, kernel[None, None])            # (1, 1, 38, 38)
w = torch.zeros(1, 1, 3, 3, requires_grad=True)
for step in range(101):
    if step in (0, 5, 100):
        rows = [[round(v, 1) + 0 for v in row] for row in w[0, 0].tolist()]
        print(f"after {step:3} steps:", rows)
    (gradient,) = torch.autograd.grad(F.mse_loss(F.conv2d(noise, w), target), w)
    w = (w - 0.1 * gradient).detach().requires_grad_()

# %% tags=["promise"]
expect((w[0, 0] - kernel).abs().max(), at_most=0.001,
       what="greatest distance of a learned weight from the edge kernel's")

# %% [markdown]
# ### Exercise 2.1 · Slide a window · write · 10 min · ★★☆
#
# Write `cross_correlate(x, kernel)` for any picture (H, W) and any kernel (kh, kw). The two loops above are the specification, but they step over *pixels*: on a photograph that is slow. Loop over the **kernel's** cells instead: each weight multiplies a shifted copy of the whole picture. Seven lines will do.

# %%
def cross_correlate(x, kernel):
    """x (H, W), kernel (kh, kw) → (H - kh + 1, W - kw + 1): an answer a place."""
    ### BEGIN SOLUTION
    kh, kw = kernel.shape
    h, w = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    out = torch.zeros(h, w)
    for i in range(kh):
        for j in range(kw):
            out = out + kernel[i, j] * x[i:i + h, j:j + w]
    return out
    ### END SOLUTION

# %%
check("2.1", cross_correlate)

# %% [markdown]
# <details><summary>Hint 1: one weight</summary>
#
# Think of `kernel[i, j]` alone. Over all places of the window, which pixels does it meet? A rectangle of the picture, as large as the output, that begins at row i and column j.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# With `h = H - kh + 1` and `w = W - kw + 1`, the pixels are `x[i:i + h, j:j + w]`. Start with zeros of shape (h, w), and add `kernel[i, j]` times that rectangle for each i and j.
# </details>

# %% [markdown] tags=["discussion"]
# Both ways do the same h·w·kh·kw multiplications, but the slow one goes through Python h·w times and this one kh·kw times. For 300×401 pixels and an 11×7 kernel that is 77 trips through the interpreter instead of 114,550. The other famous way copies each window into a column (`F.unfold`) and does the rest in one matrix product: you meet it in exercise 2.3. Loops over pixels pass too; they only take longer.

# %% [markdown]
# ## 2 · Stride, padding, dilation
#
# Three settings change where the window goes.
# - **Stride** s: move by s pixels, so the output is about s times smaller.
# - **Padding** p: lay a frame of zeros, p pixels wide, around the picture, so that windows fit at the border too.
# - **Dilation** d: leave d − 1 pixels between neighbouring weights, so that they span d·(k − 1) + 1 pixels.
#
# With 28 pixels and a kernel of 5, which setting keeps the size at 28?

# %%
x28, w5 = torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 5, 5)
for s, p, d in [(1, 0, 1), (1, 2, 1), (2, 0, 1), (2, 2, 1), (1, 0, 3)]:
    out = F.conv2d(x28, w5, stride=s, padding=p, dilation=d)
    print(f"stride {s}, padding {p}, dilation {d}: 28 → {out.shape[-1]}")

# %% [markdown]
# At stride 1 and dilation 1, a padding of (k − 1)/2 keeps the size if k is odd: one reason why most kernels are 3, 5 or 7 wide. Stride 2 with the same padding halves the size, rounded up.

# %% [markdown]
# ### Play: windows upon windows
#
# Now the same in one dimension, so that every cell can be drawn. The orange cells are what *one* output of the top layer depends on: its **receptive field**. **Which slider, moved by one step, widens the view most, and what does it cost in the size of the output?**

# %%
explore(*scenes.window_cells(), name="sizes and windows",
        goal="kernel 3, at most three layers: one output with a window of at least "
             "15 input cells",
        n=slider("input (cells)", 6, 25, 20), kernel=slider("kernel (cells)", 1, 5, 3),
        stride=slider("stride (cells)", 1, 3, 1),
        padding=slider("padding (cells at each end)", 0, 2, 0),
        dilation=slider("dilation (cells from weight to weight)", 1, 4, 1),
        layers=slider("layers", 1, 4, 3))

# %% [markdown]
# The stride: one step widens the view from 7 cells to 15 (dilation to 13, kernel to 10, one more layer to 9). The price: 20 cells become 9, then 4, then a single one. Dilation gives nearly as much and keeps 8 outputs, but it skips cells.

# %% [markdown]
# ### Exercise 2.2 · How large is the output? · write · 6 min · ★☆☆
#
# Write the formula that the table and the cells obey, for one axis. Two lines. The slow specification: lay the window at 0, s, 2s, … and count how often its last cell still lies inside. (At least one window fits.)

# %%
def output_size(n, kernel, stride=1, padding=0, dilation=1):
    """Number of places (int) at which a window fits on n cells."""
    ### BEGIN SOLUTION
    span = dilation * (kernel - 1) + 1
    return (n + 2 * padding - span) // stride + 1
    ### END SOLUTION

# %%
check("2.2", output_size)

# %% [markdown]
# <details><summary>Hint 1: what room is there?</summary>
#
# With zeros at both ends there are n + 2p cells. A dilated window spans d·(k − 1) + 1 of them. How far can the window move from its first place?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# It can move by `room = n + 2p - span` cells, in steps of s: that is `room // s` moves. And the first place counts as well.
# </details>

# %% [markdown] tags=["discussion"]
# ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1, as in the documentation of `nn.Conv2d`.

# %% [markdown]
# Sizes are rounded **down**, and that has a consequence which is easily missed: with 28 cells, a kernel of 3, stride 2 and no padding, the last column of the picture is never looked at.

# %% [markdown]
# ## 3 · Channels
#
# A colour photograph has three numbers per pixel: three **channels**. A layer of a CNN has many. Each *output* channel has its own kernel for each *input* channel, sums their answers, and adds one **bias**. So the weights form a table `W` of shape (K, C, kh, kw): K output channels, C input channels.
#
# Take a layer that turns 3 channels into 8 with 5×5 kernels.

# %%
guess_weights = predict("How many weights and biases?", ["33", "208", "600", "608"])

# %%
conv = nn.Conv2d(3, 8, 5)
x = torch.rand(2, 3, 12, 14)                            # (N, C, H, W)
W, b = conv.parameters()
print("W", tuple(W.shape), "· b", tuple(b.shape))
print("x", tuple(x.shape), "→", tuple(conv(x).shape))

# %%
guess_weights.compare(str(count_parameters(conv)))

# %% [markdown]
# 8 × 3 × 5 × 5 = 600 weights and 8 biases, whatever the size of the picture. Now by hand, for one output channel:

# %%
k = 2
by_hand = sum(F.conv2d(x[:, c:c + 1], W[k:k + 1, c:c + 1]) for c in range(3)) + b[k]
assert torch.allclose(by_hand[:, 0], conv(x)[:, k], atol=1e-6)          # (N, H', W')
print("the sum over the input channels, plus one bias: the same as nn.Conv2d")

# %% [markdown]
# ### A convolution as a matrix product
#
# Flatten each window into a column, and each kernel into a row: then all answers are *one* matrix product. `F.unfold` makes the columns; `reshape` cuts the same numbers, in the same order, into another shape. Watch the shapes on one channel:

# %%
picture = torch.arange(12.).reshape(1, 1, 3, 4)         # (N=1, C=1, H=3, W=4)
columns = F.unfold(picture, (2, 2))             # (N, C·kh·kw, windows) = (1, 4, 6)
print(picture[0, 0].int().numpy())
print(columns[0].int().numpy(), "← each column is one 2×2 window")
row = torch.tensor([[1., 0., 0., -1.]])                 # (K=1, C·kh·kw=4): one kernel
print((row @ columns).reshape(1, 1, 2, 3))              # (1, 1, 6) → (N, K, H', W')

# %% [markdown]
# ### Exercise 2.3 · All channels at once · write · 15 min · ★★★
#
# Write `conv2d(x, W, b)` for whole batches. The slow specification: for each picture n and output channel k, add up `cross_correlate(x[n, c], W[k, c])` over c, then `b[k]`. Four lines will do, with `F.unfold(x, (kh, kw))` as above.
#
# (In the shapes, H and V are the height and the width of the picture, for W means the weights here.)

# %%
def conv2d(x, W, b):
    """x (N, C, H, V), W (K, C, kh, kw), b (K,) → (N, K, H - kh + 1, V - kw + 1)."""
    ### BEGIN SOLUTION
    K, _, kh, kw = W.shape
    columns = F.unfold(x, (kh, kw))
    out = W.reshape(K, -1) @ columns + b[:, None]
    return out.reshape(len(x), K, x.shape[2] - kh + 1, x.shape[3] - kw + 1)
    ### END SOLUTION

# %%
check("2.3", conv2d)

# %% [markdown]
# <details><summary>Hint 1: one matrix product</summary>
#
# A window, flattened, is a column of C·kh·kw numbers, and so is a kernel `W[k]`. Their answer is a dot product. All answers at once: a (K, C·kh·kw) matrix times the columns.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `W.reshape(K, -1) @ F.unfold(x, (kh, kw))` has shape (N, K, number of windows). Add `b[:, None]`, shape (K, 1): one bias for each row. Then reshape the last axis to (H − kh + 1, V − kw + 1).
# </details>

# %% [markdown] tags=["discussion"]
# A convolution *is* a linear layer: one whose matrix is applied to every window, with the same weights each time. The copy costs memory (each pixel is stored up to kh·kw times) and buys one large matrix product, which is what processors do best. Plain loops over n, k and c are right as well, and pass the check.

# %% [markdown]
# ## 4 · Pooling
#
# **Pooling** makes a map coarser: of each 2×2 block it keeps one number, the greatest (max pooling) or the mean. Nothing is learned. By hand: write each axis of 28 as 14 blocks of 2, and take the maximum inside the blocks (`amax((3, 5))`: over axes 3 and 5, the two of length 2).
#
# What does max pooling keep of a digit: the ink or the paper?
#
# <details><summary>My answer</summary>
#
# Ink is 1 and paper 0, so the greatest value is ink: strokes get fatter as the picture gets coarser. The mean makes them greyer instead.
# </details>

# %%
digit = digits().val[0][:1]                             # (1, 1, 28, 28)
N, C, H, _ = digit.shape
blocks = digit.reshape(N, C, H // 2, 2, H // 2, 2)      # (1, 1, 14, 2, 14, 2)
pooled = blocks.amax((3, 5))                            # (1, 1, 14, 14)
assert torch.equal(pooled, F.max_pool2d(digit, 2))
print(tuple(digit.shape), "→", tuple(pooled.shape))

# %% [markdown]
# **Play.** Pool a digit. *How coarse may it get before you can no longer read it, by the maximum and by the mean? What do windows that overlap (stride below size) change?*

# %%
explore(*pooling.scene(digits().val[0][:20]), name="pooling",
        goal="a map of 13×13 from windows that overlap",
        digit=slider("digit (number in the validation set)", 0, 19, 0),
        size=slider("window (pixels)", 1, 8, 2),
        stride=slider("stride (pixels)", 1, 8, 2),
        keep=choice("keep", ["the greatest", "the mean"], "the greatest"))

# %% [markdown]
# ### Exercise 2.4 · Pool with any stride · fix · 8 min · ★★☆
#
# The reshape works only where blocks neither overlap nor leave a remainder. `x.unfold(axis, size, stride)` (not `F.unfold`) makes windows along one axis, and puts them into a *new last axis*. The function below uses it for both axes, leaves out windows that do not fit, and is wrong in **one line: mend it**. It should give `x[n, c, i*stride : i*stride + size, j*stride : j*stride + size].max()` for each n, c, i, j.

# %%
def max_pool(x, size, stride):
    """x (N, C, H, W) → (N, C, H', W'): the greatest value of each size×size window."""
    rows = x.unfold(2, size, stride)            # (N, C, H', W, size)
    windows = rows.unfold(3, size, stride)      # (N, C, H', W', size, size)
    ### BEGIN SOLUTION
    return windows.amax((4, 5))
    ### INSTEAD
    return windows.amax((2, 3))
    ### END SOLUTION

# %%
check("2.4", max_pool)

# %% [markdown]
# <details><summary>Hint 1: what comes out?</summary>
#
# Count the axes in the comments from 0. Which axes hold the places of the windows, and which the pixels within a window?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `.amax(axes)` removes the axes that it is given. What is to remain is (N, C, H', W').
# </details>

# %% [markdown] tags=["discussion"]
# `x.unfold` copies nothing: it gives a view with other strides, so overlapping windows share memory. Taking the maximum first over rows and then over columns gives the same, with fewer comparisons: the maximum of the maxima is the maximum of all.

# %% [markdown]
# ## 5 · How far does one unit see?
#
# Here is a small stack: a 5×5 convolution of stride 2, pooling by 2, a 3×3 convolution. We ask autograd: **on which pixels does one output depend?** On those where its gradient is not zero. (We pool by the mean, not the maximum, so that every pixel counts.)

# %%
guess_seen = predict("How wide is the square that one output sees, in pixels?",
                     ["8", "10", "15", "28"])

# %%
def seen_by(stack, size):
    """Width of the square of pixels on which the middle output of a stack depends."""
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    out = stack(x)[0, 0]                                # (H', W')
    (gradient,) = torch.autograd.grad(out[out.shape[0] // 2, out.shape[1] // 2], x)
    rows = gradient[0, 0].abs().sum(1).nonzero()        # the rows that matter
    return int(rows.max() - rows.min() + 1)


set_seed(SEED)
stack = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2, padding=2), nn.AvgPool2d(2),
                      nn.Conv2d(1, 1, 3, padding=1))
width = seen_by(stack, 28)
print("one output depends on", width, "pixels across")

# %%
guess_seen.compare(str(width))

# %% [markdown]
# The first layer sees 5. Its outputs lie 2 pixels apart, so pooling two of them adds one step of 2: 7. Pooled outputs lie 4 apart, and a kernel of 3 adds two steps of 4: 15. Each layer adds its span minus one, times the **jump** (the product of the strides of all earlier layers).

# %%
sketch_seen = draw_curve(
    "Layers of kernel 3 and stride 2: how wide does one output see?",
    x=("layers", 1, 5), y=("window (pixels)", 0, 70))

# %%
depths = range(1, 6)
strided, plain = (
    [seen_by(nn.Sequential(*(nn.Conv2d(1, 1, 3, s) for _ in range(n))), 127)
     for n in depths] for s in (2, 1))
print("stride 2:", strided, "· stride 1:", plain)
assert strided == [2 ** (n + 1) - 1 for n in depths]
assert plain == [3, 5, 7, 9, 11]

# %%
sketch_seen.compare(depths, strided)

# %% [markdown]
# Depth alone *adds* 2 pixels a layer; a stride of 2 *doubles* what all later layers add. That is how a small window comes to see the whole picture. (This is the *largest possible* window. Its middle counts far more than its rim, since more paths lead through it: Luo et al. 2016.)

# %% [markdown]
# ### Exercise 2.5 · Receptive field · order · 6 min · ★★☆
#
# Put this rule in order, as a function for any stack. `layers` lists (kernel, stride, dilation), first layer first; pooling counts as a layer. The stack above is `[(5, 2, 1), (2, 2, 1), (3, 1, 1)]` → 15.

# %%
lines_field = order("2.5")

# %%
check("2.5", lines_field)

# %% [markdown]
# <details><summary>Hint 1: two numbers to carry</summary>
#
# Carry the width so far, and the jump: how many input cells lie between two neighbouring outputs. Before the first layer both are 1.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# A layer widens the window by `dilation * (kernel - 1)` jumps. *Then* its stride multiplies the jump, for the layers that come after it.
# </details>

# %% [markdown] tags=["discussion"]
# A layer's own stride does not widen its own window: that is why the order of the two lines in the loop matters. With the two exchanged, the stack above would give 21.

# %% [markdown]
# ## 6 · What sharing saves
#
# A linear layer has a weight for every pair of pixel and unit: a matrix. A convolution has a matrix too, for each of its answers is a weighted sum of pixels. Take a 6×6 picture and your 3×3 edge kernel: 36 pixels in, 4·4 = 16 answers out. To read the matrix off, light one pixel at a time: what each pixel adds to each answer is one column. What will it look like?
#
# <details><summary>My answer</summary>
#
# One row for each place of the window. Each row holds the same few numbers, moved along, and zeros wherever the window does not look.
# </details>

# %%
one_pixel = torch.eye(36).reshape(36, 1, 6, 6)              # 36 pictures, one pixel lit
M = F.conv2d(one_pixel, kernel[None, None]).flatten(1).T    # (36, 16) → (16, 36)
show(stills.as_matrix(M))
print(f"{M.numel()} cells, {int((M != 0).sum())} of them not zero")
for edge in (28, 256):
    print(f"{edge}×{edge}: linear layer, 32 units:",
          f"{count_parameters(nn.Linear(edge * edge, 32)):,}",
          "· convolution 5×5, 32 channels:", count_parameters(nn.Conv2d(1, 32, 5)))

# %% [markdown]
# Most of the zeros come from **locality**: a window sees neighbours alone (the other zeros are the kernel's own). The repeats are **weight sharing**: all places use the same weights. An ordinary linear layer must learn every cell, and a larger picture means more of them; a kernel keeps its size for any picture, though it is applied at more places. (And 32 channels are 32 units at *every* place.)

# %% [markdown]
# ## Break it: every edge has the wrong sign
#
# A colleague takes an edge kernel from a book on signal processing. In SciPy's `convolve2d` it finds dark-to-bright edges as positive. In `F.conv2d`, the *same* kernel on the *same* photograph gives every edge the opposite sign.

# %%
flat = photo[0, 0]
in_scipy = torch.tensor(convolve2d(flat, kernel, mode="valid"))         # (118, 118)
in_torch = F.conv2d(photo, kernel[None, None])[0, 0]
print("greatest sum of the two:", float((in_scipy + in_torch).abs().max().round()))

# %%
twists = ["one of them has a bug", "one of them turns the kernel by 180° first",
          "one of them inverts the photograph"]
guess_twist = predict("What is the likeliest reason?", twists)

# %% [markdown]
# The test: a kernel whose opposite corners differ, and one bright pixel. And SciPy's other function, `correlate2d`.

# %%
L = torch.tensor([[1., 0., 0.], [1., 0., 0.], [1., 1., 0.5]])
dot = torch.zeros(7, 7)
dot[3, 3] = 1
in_torch = F.conv2d(dot[None, None], L[None, None], padding=1)[0, 0]    # (7, 7)
in_scipy = torch.tensor(convolve2d(dot, L, mode="same"))
assert torch.equal(in_torch, torch.tensor(correlate2d(dot, L, mode="same")))
assert torch.equal(in_torch, in_scipy.flip(0, 1))
show(stills.stamps({"kernel": L, "one bright pixel": dot, "F.conv2d": in_torch,
                    "true convolution": in_scipy}))

# %%
guess_twist.compare(twists[1])

# %% [markdown]
# In mathematics, **convolution** turns the kernel by 180° before it slides: it stamps the kernel. PyTorch's "convolution" is **cross-correlation**: the kernel is laid on as it is, and stamps turned. (For our edge kernel, a half turn exchanges −1 and +1: hence the sign.)
#
# Does it matter? Not for learning: a network that needs the turned kernel learns the turned numbers. It matters when you bring a kernel from elsewhere.

# %% [markdown]
# ## Your own layers
#
# If you have solved 2.3 and 2.4, the next cell builds two layers of a CNN from *your* functions (else from torch's), and compares them with PyTorch's own.

# %%
own_conv, own_pool = mine("2.3", F.conv2d), mine("2.4", F.max_pool2d)
set_seed(SEED)
first, second = nn.Conv2d(1, 4, 5), nn.Conv2d(4, 6, 3)
x = digits().val[0][:3]                                         # (3, 1, 28, 28)
h = own_pool(own_conv(x, first.weight, first.bias).relu(), 2, 2)        # (3, 4, 12, 12)
out = own_conv(h, second.weight, second.bias)                           # (3, 6, 10, 10)
theirs = nn.Sequential(first, nn.ReLU(), nn.MaxPool2d(2), second)(x)
assert torch.allclose(out, theirs, atol=1e-5)
print(tuple(x.shape), "→", tuple(h.shape), "→", tuple(out.shape), "as in PyTorch")

# %% tags=["promise"]
expect((out - theirs).abs().max(), at_most=1e-4, spec=".0e",
       what="greatest difference to PyTorch")
expect(count_parameters(nn.Linear(784, 6 * 100)) / count_parameters(nn.Conv2d(1, 6, 3)),
       at_least=1000, spec=".0f", what="weights of a linear layer for each of ours")

# %% [markdown]
# ## Summary
#
# **Why look through a small window?** Because it needs few weights, whatever the size of the picture, and learns each of them from every place at once. That rests on two beliefs about the data: neighbours belong together, and a thing is the same thing wherever it is. Whether they pay off, and when they are false, is the question of [02b](02b_networks.ipynb).
#
# You have
# - slid a kernel by hand, and told convolution from cross-correlation;
# - computed sizes, weights and receptive fields;
# - read and mended shapes (N, C, H, W);
# - seen a convolution as a matrix of zeros and repeats.

# %%
quiz("02a.1")
quiz("02a.2")
quiz("02a.3")
quiz("02a.4")
quiz("02a.5")

# %% [markdown]
# ## Further reading
#
# - V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning" (2016), [arXiv:1603.07285](https://arxiv.org/abs/1603.07285): all sizes, drawn.
# - W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep convolutional neural networks" (2016), [arXiv:1701.04128](https://arxiv.org/abs/1701.04128): the middle of the window counts most.
# - K. Fukushima, "Neocognitron", *Biological Cybernetics* 36 (1980), [doi:10.1007/BF00344251](https://doi.org/10.1007/BF00344251): windows, sharing and pooling, trained without backpropagation.
# - S. Prince, *Understanding Deep Learning* (MIT Press 2023), chapter 10.
#
# **Next:** [02b · When does a small window win?](02b_networks.ipynb)
