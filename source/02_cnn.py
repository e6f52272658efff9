# %% [markdown]
# # 02 · CNN — Why look through a small window?
#
# > **You will be able to**
# > - slide a kernel over an image by hand, and say what `F.conv2d` computes (and whether its name is right);
# > - work out sizes, weights and receptive fields from kernel, stride, padding and dilation;
# > - test whether a layer is translation-equivariant, and say where that breaks;
# > - compare a convolutional network with an MLP fairly, and name the data on which it has no advantage.
# >
# > **Time** 90 minutes, exercises 60 more · **Before this** [01 Concepts](01_concepts.ipynb) ·
# > **In the article** section 2: "CNN convolves the pixels, the most used"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 5           # networks of each kind
PASSES = 16         # the MLP's passes over the data; the CNN gets as many as fit into the same time
batch_size = 64

# %% tags=["setup"]
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from scipy.signal import convolve2d, correlate2d
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from helpers import check, expect, measured, plots, set_seed, show, start
from helpers.data import digits, photograph, strange_digits, sunspots
from helpers.topics.cnn import scenes
from helpers.topics.cnn import maps as cnn_maps
from helpers.topics.cnn import stills
from helpers.topics.cnn.kernel_grid import KernelGrid
from helpers.metrics import mean_interval
from helpers.models import MLP, FastCNN, count_parameters
from helpers.training import evaluate, fit
from helpers.widgets import choice, explore, predict, quiz, slider
from helpers.widgets.bar import progress_bar

start(SEED, fast=FAST)
if FAST:
    SEEDS, PASSES = 2, 1

# %% [markdown]
# ## 1 · A window that slides
#
# A grey photograph is a table of numbers: 0 is black, 1 is white. A **kernel** is a much smaller table of
# weights. Lay it on the picture, multiply each weight by the pixel below it, and add up: this gives one number, the
# kernel's **answer** at that place. Move the window by one pixel, and do it again. That is the heart of a convolutional layer.
#
# Our picture below is dark on the left (0) and bright on the right (1). The kernel holds −1 in its left column,
# 0 in the middle, and +1 in its right column.

# %%
guess = predict("What is this kernel's answer where the picture is evenly bright?", ["0", "the brightness", "9 times the brightness"])

# %%
x = torch.zeros(5, 8)
x[:, 4:] = 1
kernel = torch.tensor([[-1., 0., 1.], [-1., 0., 1.], [-1., 0., 1.]])

out = torch.zeros(5 - 3 + 1, 8 - 3 + 1)
for i in range(out.shape[0]):
    for j in range(out.shape[1]):
        out[i, j] = (kernel * x[i:i + 3, j:j + 3]).sum()
print(out.int().numpy())
guess.compare("0" if out[0, -1] == 0 else "the brightness")

# %% [markdown]
# Zero on the dark side, zero on the bright side, 3 where dark meets bright: the weights sum to zero, so even areas
# give nothing, and only a change from left to right shows. This kernel is an **edge detector**.
#
# The output is smaller than the picture: a window of 3 fits 5 − 3 + 1 = 3 times down and 8 − 3 + 1 = 6 times
# across. PyTorch's `F.conv2d` does the same. It expects two more axes: the number of images (N) and of channels (C,
# section 4).

# %%
assert torch.allclose(out, F.conv2d(x[None, None], kernel[None, None])[0, 0])
print("F.conv2d agrees:", tuple(x.shape), "→", tuple(out.shape))

# %% [markdown]
# Now a real photograph.

# %%
photo = torch.tensor(photograph("camera", 120))
show(stills.row({"": photo}, size=(2.4, 2.5)), alt="A photographer in a dark coat bends over a camera on a tripod; far behind him a tower and the horizon.")

# %% [markdown]
# We give it to this kernel, and to the same kernel turned on its side. Which of the two will draw the legs of the tripod, and which the horizon?
#
# <details><summary>My answer</summary>
#
# The first answers to changes from left to right, so it draws vertical edges: the tripod's legs, the tower. The
# second, its transpose, draws horizontal ones. A line at 45°, such as his shoulder, shows in both.
# </details>

# %%
answers = {"vertical edges": F.conv2d(photo[None, None], kernel[None, None])[0, 0],
           "horizontal edges": F.conv2d(photo[None, None], kernel.T[None, None])[0, 0]}
fig = stills.row(answers, signed=list(answers), limit=2, title="The same window, turned, finds other edges", size=(4.8, 2.7))
show(fig, alt="The answers of a kernel for vertical edges and of one for horizontal edges to the photograph, red and blue on white: the tripod's legs on the left, the horizon on the right.")

# %% [markdown]
# ### Play: nine weights
#
# Point at the photograph: the middle panel shows the nine products of weight and pixel in the orange window, and their sum, which is the answer
# at that place (framed in green). Red is positive, blue negative; if the weights sum to 1, even areas keep their brightness, and the answer is drawn in grey.
#
# You begin with a detector of *horizontal* edges. Try the ready-made kernels, then choose the photograph *brick* and change single weights. **What must
# change so that the wall's vertical joints stay and its horizontal ones vanish?**

# %%
explore(*scenes.kernel_editor(), name="kernel editor", goal="weights that sum to 0, answer a vertical edge with at least 3 and a horizontal one with 0",
        drag=("column", "row"), photo=choice("photograph", scenes.PHOTOS, "camera"), column=slider("window (column)", 1, 102, 44),
        row=slider("window (row)", 1, 102, 13), kernel=KernelGrid())

# %% [markdown]
# Horizontal edges vanish when each *row* of weights sums to 0. Two such kernels, Prewitt's (turned, ours of section 1) and Sobel's (its middle weights doubled),
# have been known for half a century. The point of a CNN is that nobody has to find them: **training moves the
# sliders**. We start from nine zeros, give random noise as input and the edge kernel's answers as target, and let gradient descent (chapter 01) do the rest.

# %%
set_seed(SEED)
noise = torch.randn(1, 1, 40, 40)
target = F.conv2d(noise, kernel[None, None])
w = torch.zeros(1, 1, 3, 3, requires_grad=True)
for step in range(101):
    if step in (0, 5, 100):
        print(f"after {step:3} steps:", *([f"{round(v, 1) + 0:.1f}" for v in row] for row in w[0, 0].tolist()))
    (gradient,) = torch.autograd.grad(F.mse_loss(F.conv2d(noise, w), target), w)
    w = (w - 0.1 * gradient).detach().requires_grad_()
expect((w[0, 0] - kernel).abs().max(), at_most=0.001, what="greatest distance of a learned weight from the edge kernel's")

# %% [markdown]
# ### Exercise 2.1 · Slide a window · 10 min · ★★☆
#
# Write `cross_correlate(x, kernel)` for any picture (H, W) and any kernel (kh, kw). The two loops above are the
# specification, but they step over *pixels*: on a photograph that is slow. Loop over the **kernel's** cells instead:
# each weight multiplies a shifted copy of the whole picture. Budget: 6 lines.

# %%
def cross_correlate(x, kernel):
    """x (H, W), kernel (kh, kw) → (H - kh + 1, W - kw + 1): the answer of the kernel at each place where it fits."""
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
# Think of `kernel[i, j]` alone. Over all places of the window, which pixels does it meet? A rectangle of the picture, as
# large as the output, that begins at row i and column j.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# With `h = H - kh + 1` and `w = W - kw + 1`, the pixels are `x[i:i + h, j:j + w]`. Start with zeros of shape (h, w), and
# add `kernel[i, j]` times that rectangle for each i and j.
# </details>

# %% [markdown] tags=["discussion"]
# Both ways do the same h·w·kh·kw multiplications, but the slow one goes through Python h·w times and this one kh·kw times. For
# 300×401 pixels and an 11×7 kernel that is 77 trips through the interpreter instead of 114,550. The other famous
# way copies each window into a column (`F.unfold`) and does the rest in one matrix product: you meet it in exercise 2.3. Loops over
# pixels pass too; they only take longer.

# %% [markdown]
# ## 2 · Is the name right?
#
# In mathematics, **convolution** turns the kernel by 180° before it slides. `scipy.signal` has both operations, under
# their right names. We use a kernel whose opposite corners differ, so that a turn shows.

# %%
guess = predict("Which of SciPy's two functions does torch's conv2d agree with?", ["convolve2d", "correlate2d", "both"])

# %%
L = torch.tensor([[1., 0., 0.], [1., 0., 0.], [1., 1., 0.5]])
ours = F.conv2d(photo[None, None], L[None, None])[0, 0].numpy()
agrees = {f.__name__: bool(np.allclose(ours, f(photo, L, mode="valid"), atol=1e-4)) for f in (convolve2d, correlate2d)}
turned = F.conv2d(photo[None, None], L.flip(0, 1)[None, None])[0, 0].numpy()
print(agrees, "· with the kernel turned, convolve2d agrees:", np.allclose(turned, convolve2d(photo, L, mode="valid"), atol=1e-4))
guess.compare("both" if all(agrees.values()) else next(name for name, same in agrees.items() if same))

# %% [markdown]
# PyTorch's "convolution" is **cross-correlation**: the kernel is laid on as it is. A single bright pixel makes the difference
# visible: true convolution stamps the kernel, cross-correlation stamps it turned.
#
# Does it matter? Not for learning: a network that needs the turned kernel learns the turned numbers. It matters when you
# bring a kernel from elsewhere.

# %%
dot = torch.zeros(7, 7)
dot[3, 3] = 1
correlated = F.conv2d(dot[None, None], L[None, None], padding=1)[0, 0]
convolved = torch.tensor(convolve2d(dot, L, mode="same"))
assert torch.equal(correlated, convolved.flip(0, 1))
fig = stills.row({"kernel": L, "one bright pixel": dot, "F.conv2d": correlated, "true convolution": convolved}, size=(7.2, 2.2),
                 title="True convolution stamps the kernel; conv2d stamps it turned by 180°")
show(fig, alt="An L-shaped kernel, one bright pixel, the output of conv2d with the L turned by 180 degrees, and the output of true convolution with the L upright.")

# %% [markdown]
# ## 3 · Stride, padding, dilation
#
# Three settings change where the window goes.
# - **Stride** s: move by s pixels, so the output is about s times smaller.
# - **Padding** p: lay a frame of zeros, p pixels wide, around the picture, so that windows fit at the border too.
# - **Dilation** d: leave d − 1 pixels between neighbouring weights, so that they span d·(k − 1) + 1 pixels.
#
# With 28 pixels and a kernel of 5, which setting keeps the size at 28?

# %%
x28 = torch.zeros(1, 1, 28, 28)
w5 = torch.zeros(1, 1, 5, 5)
for stride, padding, dilation in [(1, 0, 1), (1, 2, 1), (2, 0, 1), (2, 2, 1), (1, 0, 3)]:
    size = F.conv2d(x28, w5, stride=stride, padding=padding, dilation=dilation).shape[-1]
    print(f"stride {stride}, padding {padding}, dilation {dilation}:  28 → {size}")

# %% [markdown]
# At stride 1 and dilation 1, a padding of (k − 1)/2 keeps the size if k is odd: that is one reason why most kernels are 3, 5 or 7 wide. Stride 2
# with the same padding halves the size, rounded up.
#
# ### Play: windows upon windows
#
# Now the same in one dimension, so that every cell can be drawn. The orange cells are what *one* output of the top layer
# depends on: its **receptive field**. **Which slider, moved by one step,
# widens the view most, and what does it cost in the size of the output?**

# %%
explore(*scenes.window_cells(), name="sizes and windows", goal="kernel 3, at most three layers: one output with a window of at least 15 input cells",
        n=slider("input (cells)", 6, 25, 20), kernel=slider("kernel (cells)", 1, 5, 3), stride=slider("stride (cells)", 1, 3, 1),
        padding=slider("padding (cells at each end)", 0, 2, 0), dilation=slider("dilation (cells from weight to weight)", 1, 4, 1),
        layers=slider("layers", 1, 4, 3))

# %% [markdown]
# The stride: one step widens the view from 7 cells to 15 (dilation to 13, kernel to 10, one more layer to 9). The price: 20 cells become 9, then
# 4, then a single one. Dilation gives nearly as much and keeps 8 outputs, but it skips cells.

# %% [markdown]
# ### Exercise 2.2 · How large is the output? · 8 min · ★☆☆
#
# Write the formula that the table and the cells obey, for one axis. Budget: 2 lines. The slow specification: lay the
# window at 0, s, 2s, … and count how often its last cell still lies inside.

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
# With zeros at both ends there are n + 2p cells. A dilated window spans d·(k − 1) + 1 of them. How far can the window move
# from its first place?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# It can move by `room = n + 2p - span` cells, in steps of s: that is `room // s` moves. And the first place counts as well.
# </details>

# %% [markdown] tags=["discussion"]
# ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1, as in the documentation of `nn.Conv2d`. The floor has a consequence that is easily
# missed: with n = 28, k = 3, s = 2, p = 0 the last column of the picture is never looked at.

# %% [markdown]
# ## 4 · Channels
#
# A colour photograph has three numbers per pixel: three **channels**. A layer of a CNN has many. Each *output* channel has its own
# kernel for each *input* channel, sums their answers, and adds one **bias**. So the weights form a
# table `W` of shape (K, C, kh, kw): K output channels, C input channels.
#
# Take a layer that turns 3 channels into 8 with 5×5 kernels.

# %%
guess = predict("How many weights and biases?", ["33", "208", "600", "608"])

# %%
conv = nn.Conv2d(3, 8, 5)
x = torch.rand(2, 3, 12, 14)
W, b = conv.parameters()
print("W", tuple(W.shape), "· b", tuple(b.shape), "· x", tuple(x.shape), "→", tuple(conv(x).shape))
guess.compare(str(count_parameters(conv)))

# %% [markdown]
# 8 × 3 × 5 × 5 = 600 weights and 8 biases, whatever the size of the image. Now by hand, for one output channel:

# %%
k = 2
by_hand = sum(F.conv2d(x[:, c:c + 1], W[k:k + 1, c:c + 1]) for c in range(3)) + b[k]
assert torch.allclose(by_hand[:, 0], conv(x)[:, k], atol=1e-6)
print("Sum over the input channels, plus one bias: the same as nn.Conv2d.")

# %% [markdown]
# ### Exercise 2.3 · All channels at once · 15 min · ★★★
#
# Write `conv2d(x, W, b)` for whole batches. The slow specification: for each image n and output channel k, add up
# `cross_correlate(x[n, c], W[k, c])` over c, then `b[k]`. Budget: 5 lines. `F.unfold(x, (kh, kw))` is allowed: it
# copies every window into a column, and gives shape (N, C·kh·kw, number of windows).

# %%
def conv2d(x, W, b):
    """x (N, C, H, W'), W (K, C, kh, kw), b (K,) → (N, K, H - kh + 1, W' - kw + 1)."""
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
# A window, flattened, is a column of C·kh·kw numbers, and so is a kernel `W[k]`. Their answer is a dot product. All answers
# at once: a (K, C·kh·kw) matrix times the columns.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `W.reshape(K, -1) @ F.unfold(x, (kh, kw))` has shape (N, K, number of windows). Add `b[:, None]`, then reshape the last axis
# to (H − kh + 1, W' − kw + 1).
# </details>

# %% [markdown] tags=["discussion"]
# A convolution *is* a linear layer: one whose matrix is applied to every window, with the same weights each time. That is
# **weight sharing**. The copy costs memory (each pixel is stored up to kh·kw times) and buys one large matrix product,
# which is what processors do best. Plain loops over n, k and c are right as well, and pass the check.

# %% [markdown]
# ## 5 · Pooling
#
# **Pooling** makes a map coarser: of each 2×2 block it keeps one number, the greatest (max pooling) or the mean. Nothing is
# learned. By hand: write each axis of 28 as 14 blocks of 2, and take the maximum inside the blocks (`amax((3, 5))`: over axes 3 and 5,
# the two of length 2).
#
# What does max pooling keep of the digit below: the ink or the paper?
#
# <details><summary>My answer</summary>
#
# Ink is 1 and paper 0, so the greatest value is ink: strokes get fatter as the picture gets coarser. The mean makes them
# greyer instead.
# </details>

# %%
data = digits()
digit = data.test[0][:1]
N, C, H, _ = digit.shape
pooled = digit.reshape(N, C, H // 2, 2, H // 2, 2).amax((3, 5))
assert torch.equal(pooled, F.max_pool2d(digit, 2))
fig = stills.row({"28×28": digit[0, 0], "max of 2×2": pooled[0, 0], "max of 4×4": F.max_pool2d(digit, 4)[0, 0],
                  "mean of 4×4": F.avg_pool2d(digit, 4)[0, 0]}, size=(7.2, 2.2), title="Max pooling keeps the strongest answer of each block")
show(fig, alt="A handwritten digit of 28 by 28 pixels, then pooled to 14 by 14, and to 7 by 7 by maximum and by mean; the maximum keeps strokes bright.")

# %% [markdown]
# ### Exercise 2.4 · Pool with any stride · 10 min · ★★☆
#
# The reshape works only where blocks neither overlap nor leave a remainder. Write `max_pool(x, size, stride)` for all cases; a window
# that does not fit is left out. Specification: `out[n, c, i, j] = x[n, c, i*stride : i*stride + size, j*stride : j*stride + size].max()`.
# Budget: 4 lines. `x.unfold(axis, size, stride)` gives windows along one axis, as a new last axis (it is not `F.unfold`).

# %%
def max_pool(x, size, stride):
    """x (N, C, H, W) → (N, C, H', W'): the greatest value of each size×size window."""
    ### BEGIN SOLUTION
    windows = x.unfold(2, size, stride).unfold(3, size, stride)
    return windows.amax((4, 5))
    ### END SOLUTION

# %%
check("2.4", max_pool)

# %% [markdown]
# <details><summary>Hint 1: rows, then columns</summary>
#
# `x.unfold(2, size, stride)` makes windows of rows: shape (N, C, H', W, size). Do the same along columns.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# After `.unfold(2, …).unfold(3, …)` the shape is (N, C, H', W', size, size). Take the maximum over the last two axes with
# `.amax((4, 5))`.
# </details>

# %% [markdown] tags=["discussion"]
# `x.unfold` copies nothing: it gives a view with other strides, so overlapping windows share memory. Taking the
# maximum first over rows and then over columns gives the same, with fewer comparisons: the maximum of the maxima is the maximum of all.

# %% [markdown]
# ## 6 · How far does one unit see?
#
# Here is a small stack: a 5×5 convolution of stride 2, pooling by 2, a 3×3 convolution. We ask autograd: **on which
# pixels does one output depend?** On those where its gradient is not zero. (We pool by the mean, not the maximum, so that every
# pixel counts.)

# %%
guess = predict("How wide is the square that one output sees, in pixels?", ["8", "10", "15", "28"])

# %%
set_seed(SEED)
stack = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2, padding=2), nn.AvgPool2d(2), nn.Conv2d(1, 1, 3, padding=1))
x = torch.zeros(1, 1, 28, 28, requires_grad=True)
(gradient,) = torch.autograd.grad(stack(x)[0, 0, 3, 3], x)
rows = gradient[0, 0].abs().sum(1).nonzero().flatten()
width = int(rows.max() - rows.min() + 1)
print(f"From row {int(rows.min())} to row {int(rows.max())}: {width} pixels")
guess.compare(str(width))

# %% [markdown]
# The first layer sees 5. Its outputs lie 2 pixels apart, so pooling two of them adds one step of 2: 7. Pooled outputs lie 4 apart,
# and a kernel of 3 adds two steps of 4: 15. Each layer adds its span minus one, times the **jump** (the product of the
# strides of all earlier layers).

# %% [markdown]
# ### Exercise 2.5 · Receptive field · 10 min · ★★☆
#
# Write this rule as a function for any stack. `layers` lists (kernel, stride, dilation), first layer first; pooling counts as a layer. The stack
# above is `[(5, 2, 1), (2, 2, 1), (3, 1, 1)]` → 15. Budget: 5 lines. Specification: the experiment with gradients above.

# %%
def receptive_field(layers):
    """[(kernel, stride, dilation), …] → width (int) of the input window that one output of the last layer sees."""
    ### BEGIN SOLUTION
    width, jump = 1, 1
    for kernel, stride, dilation in layers:
        width += dilation * (kernel - 1) * jump
        jump *= stride
    return width
    ### END SOLUTION

# %%
check("2.5", receptive_field)

# %% [markdown]
# <details><summary>Hint 1: two numbers to carry</summary>
#
# Carry the width so far, and the jump: how many input cells lie between two neighbouring outputs. Before the first layer both are 1.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# A layer widens the window by `dilation * (kernel - 1)` jumps. *Then* its stride multiplies the jump, for the layers that come
# after it.
# </details>

# %% [markdown] tags=["discussion"]
# Depth adds, stride multiplies: a stack of n plain 3×3 layers sees 2n + 1 pixels, but each stride of 2 doubles what all later
# layers add. This is the *largest possible* window. Its middle counts far more than its rim, since more paths lead through it (Luo et al. 2016,
# in Further reading).

# %% [markdown]
# ## 7 · Move the picture, and the answer moves
#
# One kernel for all places has a consequence. Let T move a picture; a layer f is **translation-equivariant** if f(T x) = T f(x): moving
# then filtering gives the same as filtering then moving. We test it on the photograph. `torch.roll` does the moving; what leaves on the right comes
# back in on the left.

# %%
guess = predict("Zero padding, photograph moved by 20 pixels: where do the two orders differ?", ["nowhere", "in a few columns", "everywhere"])

# %%
def padded(x):
    return F.conv2d(x, kernel[None, None], padding=1)


def wrapped(x):
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), kernel[None, None])


columns = {}
for f in (padded, wrapped):
    gap = f(torch.roll(photo[None, None], 20, 3)) - torch.roll(f(photo[None, None]), 20, 3)
    columns[f.__name__] = (gap.abs() > 1e-5)[0, 0].any(0).nonzero().flatten().tolist()
    print(f"{f.__name__}: differs in columns {columns[f.__name__]} of 0 … {gap.shape[-1] - 1}, by {gap.abs().max():.1f} at most")
assert columns == {"padded": [0, 19, 20, 119], "wrapped": []}
guess.compare("in a few columns")

# %% [markdown]
# With the picture wrapped around, the two orders agree in every pixel. With zeros around it they differ in four columns:
# at the two borders, and at 19 and 20, the new places of the old borders, which were filtered beside zeros. A padded layer *can* tell where the
# border is.
#
# ### Play: where equivariance ends
#
# Try each layer and move the picture. A stride of 2, or pooling, keeps only every other place: the map is half as wide, so T moves it by dx/2,
# rounded to a whole number. **For which moves do the two orders still agree exactly?**

# %%
explore(*scenes.shift_test(), name="equivariance", goal="with a layer of stride 2 or with pooling: a move above 0 that leaves no difference at all",
        dx=slider("move to the right (pixels)", 0, 12, 3),
        layer=choice("layer", ["stride 1, zeros around", "stride 1, wrapped around", "stride 2, wrapped around", "max pooling 2×2"], "stride 2, wrapped around"))

# %% [markdown]
# Stride 2 is exact for even moves only: with an odd dx, the answers fall between the places of the map. The same holds for 2×2 pooling, whose window moves
# by 2 as well. (The dark seam at the left is no edge of the scene: there the photograph's right end meets its left one.) Real CNNs have zero
# padding and strides, so they are only roughly equivariant (Zhang 2019 offers a remedy for strides).

# %% [markdown]
# ### Exercise 2.6 · A test for any layer · 8 min · ★★☆
#
# Write `equivariance_gap(f, x, dx)`: the greatest absolute difference between moving before `f` and moving after it, along the last axis, with
# `torch.roll`. Budget: 3 lines. Zero means equivariant.

# %%
def equivariance_gap(f, x, dx):
    """f maps (N, C, H, W) to the same H and W; dx pixels to the right → the greatest difference, ≥ 0 (float or 0-d tensor)."""
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
# Equivariant is not invariant. *Invariant* would be f(T x) = f(x): the answer does not change at all. A classifier should be
# invariant, and gets there in steps: equivariant layers keep track of where things are, and pooling forgets a little of it each time.

# %% [markdown]
# ## 8 · What sharing saves
#
# A linear layer has a weight for every pair of pixel and unit: a matrix. A convolution has a matrix too, for each of its answers is a weighted sum of
# pixels. Take a 6×6 picture and your 3×3 edge kernel: 36 pixels in, 4·4 = 16 answers out. Autograd can write the matrix down (`jacobian`: what
# each pixel adds to each answer). What will it look like?
#
# <details><summary>My answer</summary>
#
# One row for each place of the window. Each row holds the same few numbers, moved along, and zeros wherever the window does not look.
# </details>

# %%
M = torch.autograd.functional.jacobian(lambda v: F.conv2d(v.view(1, 1, 6, 6), kernel[None, None]).flatten(), torch.zeros(36))
show(stills.as_matrix(M, "A convolution is a linear layer: mostly zeros, the same weights in each row"),
     alt="A matrix of 16 rows and 36 columns, mostly white; each row holds the same three pairs of a blue and a red cell, moved to the right from row to row.")
print(f"{M.numel()} cells, {int((M != 0).sum())} of them not zero; all come from the kernel's {kernel.numel()} numbers.")
for edge in (28, 256):
    print(f"{edge:3} × {edge:<3}: linear layer, 32 units {count_parameters(nn.Linear(edge * edge, 32)):>9,} weights and biases; "
          f"convolution 5×5, 32 channels {count_parameters(nn.Conv2d(1, 32, 5))}")

# %% [markdown]
# Most of the zeros come from **locality** (the others are the kernel's own); the repeats are **weight sharing**. An ordinary linear layer must learn every cell, and a larger image
# means more of them; a kernel keeps its size for any image, though it is applied at more places. (And 32 channels are 32 units at *every* place.)

# %% [markdown]
# ## 9 · The race
#
# Fewer weights, but are they the right ones? Our CNN has two convolutions, each with ReLU and pooling, and one linear layer at the end. The MLP has 256
# hidden units. (`channels_last` only stores the same numbers in an order that processors read faster.)

# %%
def make_cnn(width=16):
    return nn.Sequential(
        nn.Conv2d(1, width, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(18 * width, 10),       # 28 → 14 → 7 → 7 → 3: 3·3 places × 2·width channels
    ).to(memory_format=torch.channels_last)


def make_mlp():
    return MLP((784, 256, 10))


print(f"CNN {count_parameters(make_cnn()):,} weights and biases · MLP {count_parameters(make_mlp()):,}")

# %% [markdown]
# A fair race gives both about the same number of **seconds**, not of passes over the data: one pass of the CNN costs more. How much more depends on your
# machine, so we measure a pass of each (the first is a warm-up and does not count). The MLP gets as many passes as fit into 1.3 s, but at least 8 and at most 16. The CNN gets as many whole ones as fit
# into the same time, but at least 3; if those take longer, the MLP gets more to match. `AdamW` is gradient descent with steadier steps (chapter 08); `partial` fixes a setting, here
# `fused=True`, which only makes it faster.

# %%
AdamW = partial(torch.optim.AdamW, fused=True)
cost = {}
for name, make in (("MLP", make_mlp), ("CNN", make_cnn)):
    clock = fit(make(), data.train, n_epochs=3, batch_size=batch_size, optimizer=AdamW, progress=False).seconds
    cost[name] = min(np.diff(clock))
passes = {"MLP": min(PASSES, max(8, int(1.3 / cost["MLP"])))}
passes["CNN"] = max(min(3, PASSES), int(passes["MLP"] * cost["MLP"] / cost["CNN"]))
passes["MLP"] = max(passes["MLP"], int(passes["CNN"] * cost["CNN"] / cost["MLP"]))
for name in passes:
    print(f"{name}: {measured(str(passes[name]))} passes of {measured(cost[name], '.2f')} s")

# %% [markdown]
# Of a few learning rates (4e-3 … 2e-2), each network gets the one that did best on the validation digits (several were nearly level). The rate falls evenly to 0 (chapter 08 says why that helps). Our promises
# are about the **median** of the five runs, the middle one.

# %% tags=["lesson"]
RATES = {"MLP": 1.1e-2, "CNN": 1.4e-2}


def falling(optimizer, n_steps):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)


def race(data, passes, seeds, rates=RATES):
    """Train both kinds: {"MLP": [(model, history), …], "CNN": …}, one a seed."""
    runs = {"MLP": [], "CNN": []}
    with progress_bar(seeds, "seeds") as advance:
        for seed in range(SEED, SEED + seeds):
            for name, make in (("MLP", make_mlp), ("CNN", make_cnn)):
                set_seed(seed)
                model = make()
                history = fit(model, data.train, data.val, n_epochs=passes[name], batch_size=batch_size, lr=rates[name], seed=seed,
                              optimizer=AdamW, schedule=falling, progress=False)
                runs[name].append((model, history))
            advance(seed - SEED + 1)
    return runs

# %% [markdown]
# Before any network, the plainest thing that could work: give each digit the label of the **nearest** training image, compared pixel by
# pixel. A model that cannot beat it has learned little.

# %%
nearest = KNeighborsClassifier(1).fit(data.train[0].flatten(1), data.train[1])
nearest_val, nearest_test = (nearest.score(x.flatten(1), y) for x, y in (data.val, data.test))
expect(nearest_test, at_least=0.92, at_most=0.94, what="nearest neighbour, test accuracy")

# %%
guess = predict("Both train for the same number of seconds. By how many of 100 test digits does the CNN lead?", ["it does not lead", "fewer than 5", "5 to 20", "more than 20"])

# %%
runs = race(data, passes, SEEDS)
test = {name: [evaluate(model, data.test)[1] for model, _ in pairs] for name, pairs in runs.items()}
for name in test:
    mean, half = mean_interval(test[name])
    print(f"{name}: test accuracy {measured(mean)} ± {measured(half)} (95 % interval of the mean)")
gap = np.median(test["CNN"]) - np.median(test["MLP"])
guess.compare("it does not lead" if gap <= 0 else "fewer than 5" if gap < 0.05 else "5 to 20" if gap <= 0.2 else "more than 20")
lead, half = mean_interval(np.subtract(test["CNN"], test["MLP"]))
print(f"CNN minus MLP, seed by seed: {measured(lead)} ± {measured(half)}, so the race is {measured('decided' if abs(lead) > half else 'undecided')}")
print(f"The CNN misreads {measured(lead / (1 - np.mean(test['MLP'])), '.0%')} fewer digits than the MLP.")

# %%
fig = stills.accuracy_over_time({name: [h for _, h in pairs] for name, pairs in runs.items()}, cost, nearest_val, "nearest neighbour", lead, half)
show(fig, alt="Validation accuracy over training time for both kinds of network, a line and a band over seeds each: both end above the nearest neighbour.")
expect(np.median(test["MLP"]), at_least=0.92, at_most=0.965, what="MLP, median test accuracy")
expect(np.median(test["CNN"]), at_least=0.945, what="CNN, median test accuracy")
expect(gap, at_least=-0.01, what="CNN minus MLP, medians")
expect(np.median(test["CNN"]) - nearest_test, at_least=0.005, what="CNN minus nearest neighbour")
expect(count_parameters(make_mlp()) / count_parameters(make_cnn()), at_least=25, spec=".0f", what="MLP's parameters for each of the CNN's")

# %% [markdown]
# The first point of each curve marks the end of its first pass. With at least 25 times fewer numbers to learn, the CNN ends above the nearest neighbour,
# and above the MLP if the interval of the difference lies above 0. If it contains 0 (as on a busy machine), your race is undecided: these
# seeds cannot tell. (The interval says where the mean of many more seeds should lie; other test digits could shift it further.)
#
# The window is **knowledge about images**, built in: that neighbours belong together (locality), and that a stroke is a stroke wherever it
# is (weight sharing). What is built in need not be learned from 3,500 examples.

# %% [markdown]
# ## 10 · What has it learned?
#
# The 16 kernels of the first layer were random numbers before training. Are they edge detectors now? Here are eight. Blue is negative, red positive.

# %%
cnn, mlp = runs["CNN"][0][0], runs["MLP"][0][0]
set_seed(SEED)
before = make_cnn()[0].weight[:, 0].detach()
after = cnn[0].weight[:, 0].detach()
fig = plots.image_grid(torch.cat([before[:8], after[:8]]), columns=8, size=0.9, signed=True, limit=float(after.abs().max()))
fig.suptitle("Eight kernels before training (above) and after (below)", fontsize=11, fontweight="bold", x=0.01, ha="left")
show(fig, alt="Eight 5 by 5 kernels before training, random and pale, and the same eight after training, stronger, several with a red and a blue side.")

# %% [markdown]
# Many have a red side and a blue side: they answer where ink begins or ends in one direction, as your hand-made kernel did. Nobody asked for
# that. Others are blobs, and some look like noise: a kernel need not be pretty to be useful.
#
# Did learning them matter, or would random kernels do? We take three untrained networks, and let scikit-learn fit a linear
# classifier (a **readout**) to the 288 numbers that their second pooling gives. Two plain baselines: the same readout on the pixels, and on 288 random ReLU units that each see *all* pixels.

# %%
def linear_readout(f):
    """Test accuracy of a linear classifier on f(x), each number scaled to spread 1."""
    with torch.inference_mode():
        train, test = (f(x).flatten(1).numpy() for x in (data.train[0], data.test[0]))
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=200)).fit(train, data.train[1]).score(test, data.test[1])


pixels_test = linear_readout(nn.Identity())
random_test, dense_test = [], []
for seed in range(SEED, SEED + min(3, SEEDS)):
    set_seed(seed)
    random_test.append(linear_readout(make_cnn()[:-1]))
    dense_test.append(linear_readout(nn.Sequential(nn.Flatten(), nn.Linear(784, 288), nn.ReLU())))
expect(pixels_test, at_least=0.89, at_most=0.915, what="linear readout of the pixels")
expect(np.median(dense_test) - pixels_test, at_most=0.008, what="random units without a window, minus pixels")
expect(np.median(random_test) - pixels_test, at_least=0.012, what="random windows, minus pixels")
expect(np.median(test["CNN"]) - np.median(random_test), at_least=0.005, what="learned kernels minus random ones")

# %% [markdown]
# Windows with ReLU and pooling beat the raw pixels clearly even without learning; as many random units without a window gain little or nothing. Learned kernels beat them all.
#
# ### Play: feature maps
#
# The answers of one channel, place by place, form a **feature map**. Choose a digit, a layer and a channel. The orange square on the digit is the receptive
# field of the unit with the strongest answer. Below are the channel's favourites: the squares that it answers most strongly, one from each of nine test digits (pale blue lies beyond the edge). **How does
# the square grow from layer to layer, and what do the strongest channels of the fourth layer like?**

# %%
names = [name for name, _ in cnn_maps.layer_outputs(cnn, data.test[0][:1])]
explore(*cnn_maps.feature_maps(cnn, *data.test), name="feature maps", goal="in the second convolution or after it: a channel that has one digit at least six times among its nine favourites",
        digit=slider("digit (number in the test set)", 0, 19, 3), layer=choice("layer", names, names[1]), channel=slider("channel", 1, 32, 1))

# %% [markdown]
# The first maps look like the digit, outlined from several sides, and a channel's favourites show one kind of stroke, taken from any digit. Deeper maps are coarse. A unit of the
# fourth layer sees 15 pixels across, and likes a larger piece: a bend, a crossing, a loop. Some channels find theirs nearly always in the same digit, and some may have died: no digit gets an answer. After the ReLU
# (layers 5 and 6) maps are also sparse, mostly dark. (Before the ReLU, in layers 1 and 4, answers go below zero, so
# what is neither dark nor bright is near zero.)

# %% [markdown]
# ## 11 · A shifted digit
#
# All training digits are centred, and nobody told the networks that a 3 moved to the side is still a 3. Now the test digits move.

# %%
guess = predict("Test digits moved by 3 pixels: which network loses more?", ["the MLP", "the CNN"])

# %%
shifts = range(-6, 7)
x, y = data.test[0][:250], data.test[1][:250]
moved = {name: np.array([[evaluate(model, (scenes.shift(x, dx), y))[1] for dx in shifts] for model, _ in pairs]) for name, pairs in runs.items()}
show(stills.accuracy_over_shift(list(shifts), moved), alt="Test accuracy against the shift of the digits: both curves peak at no shift; that of the MLP falls steeply, that of the CNN slowly.")
three = {name: np.median(accuracies[:, [3, 9]]) for name, accuracies in moved.items()}
expect(three["CNN"], at_least=0.65, what="CNN, digits moved by 3 pixels")
expect(three["CNN"] - three["MLP"], at_least=0.15, what="CNN minus MLP, digits moved by 3 pixels")
guess.compare("the MLP" if three["MLP"] < three["CNN"] else "the CNN")

# %% [markdown]
# For the MLP, pixel 300 is pixel 300: what it learned there says nothing about pixel 301. The CNN's kernels find the stroke wherever it is.
# Yet the CNN suffers too, for its last linear layer has separate weights for each place of the 3×3 map. Equivariant layers make a network *tolerant* of shifts,
# not *invariant*. (Ink lost at the edge is not the reason: wrap it around with `torch.roll`, and the curves hardly change.)
#
# ### Play: fool one of them
#
# **How few pixels does it take to fool the MLP but not the CNN?** Not every digit will do: try several.

# %%
explore(*cnn_maps.shifted_digit({"MLP": mlp, "CNN": cnn}, *data.test), name="shifted digit", goal="a shift that fools the MLP but not the CNN",
        digit=slider("digit (number in the test set)", 0, 39, 3), dx=slider("to the right (pixels)", -8, 8, 0), dy=slider("down (pixels)", -8, 8, 0))

# %% [markdown]
# Let us count: with how many of the forty digits does a straight move of one, two or three pixels fool the MLP alone? (A digit that it misreads even unmoved is counted too, if the CNN reads it moved.)

# %%
fooled = {}
for n in (1, 2, 3):
    ways = []
    for dx, dy in ((n, 0), (-n, 0), (0, n), (0, -n)):
        with torch.inference_mode():
            says = {name: model(scenes.shift(data.test[0][:40], dx, dy)).argmax(1) == data.test[1][:40] for name, model in (("MLP", mlp), ("CNN", cnn))}
        ways.append(says["CNN"] & ~says["MLP"])
    fooled[n] = torch.stack(ways).any(0)
    print(f"{n} pixel{'s' * (n > 1)}: {measured(str(int(fooled[n].sum())))} digits; the first is number {measured(str(int(fooled[n].int().argmax())))}")
expect(fooled[3].sum(), at_least=20, spec=".0f", what="digits of 40 with which three pixels fool the MLP alone")

# %% [markdown]
# ## 12 · Break it: a colleague's digits
#
# A colleague runs your `race`, unchanged, on "the same MNIST digits", and sends you the data set with a complaint: *"Your CNN is broken."*
# We run it again. Nothing crashes; the labels are right; no pixel value is missing.

# %%
colleague = strange_digits(data, seed=1)
strange_runs = race(colleague, passes, 2)
strange = {name: [evaluate(model, colleague.test)[1] for model, _ in pairs] for name, pairs in strange_runs.items()}
for name in strange:
    print(f"{name}: test accuracy on your digits {measured(np.median(test[name]))}, on the colleague's {measured(np.median(strange[name]))}")

# %% [markdown]
# The MLP is as good as ever. The CNN has fallen *below* it. Decide what happened before you look.

# %%
guess = predict("What was done to every image?", ["noise was added", "ink and paper were swapped", "the pixels were shuffled, in all images alike", "the digits were shifted"])

# %%
a, b = (torch.cat([split.train[0], split.test[0]]).flatten(1) for split in (data, colleague))
same_values = torch.equal(a.sort(1).values, b.sort(1).values)                                   # image by image
same_means = torch.allclose(a.mean(0).sort().values, b.mean(0).sort().values, atol=1e-5)        # pixel by pixel, over all images
fig = stills.with_and_without({"your digits": test, "the colleague's": strange}, data.test[0][3, 0], colleague.test[0][3, 0])
show(fig, alt="A digit, the same digit as the colleague has it (scattered dots), and the test accuracies of both kinds of network: the MLP's stay the same, the CNN's fall below them.")
guess.compare("the pixels were shuffled, in all images alike" if same_values and same_means else "noise was added")
mlp_lost, cnn_lost = (np.median(test[name]) - np.median(strange[name]) for name in ("MLP", "CNN"))
expect(abs(mlp_lost), at_most=0.02, what="MLP, difference between the two")
expect(cnn_lost, at_least=0.03, what="CNN, lost by the shuffling")
expect(np.median(strange["MLP"]) - np.median(strange["CNN"]), at_least=0.02, what="MLP minus CNN, on the colleague's digits")

# %% [markdown]
# Each image holds the very same values, in other places. The pixels' means over all images are the same numbers too, in another order: all
# images were shuffled alike. (Otherwise all pixels would have about the same mean.) Each pixel still tells as much as before. But neighbours are
# no longer neighbours, and the CNN's knowledge about images has become false.
#
# Was it too little time, or the wrong learning rate? Try `longer = race(colleague, {"MLP": 16, "CNN": 30}, 1, RATES | {"CNN": 3.5e-3})`, then `evaluate(longer["CNN"][0][0], colleague.test)[1]`: a quarter of the rate, and thirty passes. Together they help, but the CNN stays below the MLP.
#
# The MLP cannot even notice: with the columns of its first weight matrix shuffled in the same way, it gives the same answers.

# %%
order = torch.randperm(784, generator=torch.Generator().manual_seed(1))
twin = make_mlp()
twin.load_state_dict(mlp.state_dict())
with torch.no_grad():
    twin.layers[0].weight.copy_(mlp.layers[0].weight[:, order])
assert torch.allclose(twin(colleague.test[0]), mlp(data.test[0]), atol=1e-4)
print("A twin of the MLP with shuffled columns gives the same logits for the colleague's digits as the MLP for yours.")

# %% [markdown]
# So ask of any data, before you reach for a CNN: **do neighbours belong together, and can the same thing happen anywhere?** A
# photograph, a spectrogram (a picture of sound; along time, at least), a year of weather: yes. The columns of a spreadsheet, in any order you like: no.

# %% [markdown]
# ## 13 · One dimension: 300 years of sunspots
#
# A series is a picture with a single row. A kernel of equal weights is a **moving average**. How long a window does it take to flatten the rise
# and fall of the sunspots? **Move the slider, and watch the yearly change printed below the figure: where does it grow again?**

# %%
years, numbers = sunspots()
explore(*scenes.smoothed_series(years, numbers), name="moving average", goal="the narrowest window that leaves a change of less than 2.2 a year",
        width=slider("window (years)", 1, 25, 5))

# %% [markdown]
# The first dip is at eleven years: one whole wave averages out. At 22, two waves, there is a deeper one. Why? From one year to the next, the average over w
# years changes by (x(t + w) − x(t))/w: this compares the series with itself w years later, and divides by w. So the period must be near 11. Now as a correlation:

# %%
z = numbers - numbers.mean()
echo = {lag: float(np.corrcoef(z[lag:], z[:-lag])[0, 1]) for lag in range(3, 20)}
best, second, *_, worst = sorted(echo, key=lambda lag: -echo[lag])
print("Correlation with itself", " · ".join(f"after {lag} years: {echo[lag]:.2f}" for lag in (best, second, worst)))
expect(best, at_least=10, at_most=11, spec=".0f", unit=" years", what="the strongest echo")
expect(echo[best] - echo[second], at_most=0.05, what="its lead over the next")
dips = [np.abs(np.diff(np.convolve(numbers, np.full(width, 1 / width), "valid"))).mean() for width in (11, 15, 22)]
expect(dips[0] / dips[1], at_most=0.7, spec=".2f", what="yearly change, window of 11 against 15")
expect(dips[2] / dips[0], at_most=0.8, spec=".2f", what="window of 22 against 11")

# %% [markdown]
# Ten and eleven years are nearly level: not all waves are equally long (about 11 years on average), so no single lag fits them all. After 5 years, about half a period, highs meet lows.
#
# Now let a kernel **learn**: `nn.Conv1d` with one kernel of 9 years is to predict the next year. It learns from the years before 1900 and is tested on
# those after. The plain baseline is **persistence**: next year will be like this year.

# %%
set_seed(SEED)
series = torch.tensor(numbers / 100)[None, None]
conv1 = nn.Conv1d(1, 1, 9)
optimizer = torch.optim.Adam(conv1.parameters(), lr=0.03)
early = years[9:] < 1900
for _ in range(200 if FAST else 1000):      # output i sees years i … i+8 and foretells i+9
    loss = F.mse_loss(conv1(series)[0, 0, :-1][early], series[0, 0, 9:][early])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %%
foretold = 100 * conv1(series)[0, 0, :-1].detach().numpy()[~early]
truth, last = numbers[9:][~early], numbers[8:-1][~early]
fig = stills.forecast(years[9:][~early], truth, {"learned kernel": foretold}, conv1.weight[0, 0].detach().numpy())
show(fig, alt="The nine weights of the learned kernel, largest for the last year and of opposite sign for the year before; beside it the forecast, close to the measured sunspots since 1900.")
expect(np.abs(last - truth).mean(), at_least=21, at_most=22.5, spec=".1f", what="persistence, mean error (sunspots)")
expect(np.abs(foretold - truth).mean(), at_least=12, at_most=13.9, spec=".1f", what="learned kernel, mean error (sunspots)")

# %% [markdown]
# The last year gets a weight above 1, and the year before is subtracted: *keep going the way you are going*. With ten learned numbers the error is
# more than a third smaller than that of persistence. Chapter 03 lets networks with a memory try, three years ahead.

# %% [markdown]
# ## 14 · The article, checked
#
# The article says of the CNN that it *convolves the pixels* and is *the most used*:
#
# | It says | You found |
# |---|---|
# | "convolves" | the library computes **cross-correlation** (section 2); true convolution turns the kernel first |
# | no word on where kernels come from | they are **learned** (1); random windows, with ReLU and pooling, already beat the raw pixels, and learned ones do better still (10) |
# | no word on why it works | **locality** and **weight sharing**: the same kernel everywhere, so 25 times fewer numbers (9), equivariance (7), and no advantage once neighbours are shuffled (12) |
# | "the pixels" | a series works as well (13); so do spectrograms, in chapter 12 |

# %%
print(f"{'':24}{'MLP':>8}{'CNN':>8}")
print(f"{'parameters':24}{count_parameters(mlp):>8,}{count_parameters(cnn):>8,}")
for what, source in (("digits as they are", test), ("pixels shuffled", strange), ("moved by 3 pixels", {k: [v] for k, v in three.items()})):
    print(f"{what:24}" + "".join(f"{measured(np.median(source[name])):>9}" for name in ("MLP", "CNN")))

# %% [markdown]
# Which is "the most used" depends on the year and the field. For images CNNs led from 2012 on (Krizhevsky et al.); since about 2020 Transformers, which look at all patches of an image
# at once, have stood beside them (Dosovitskiy et al. 2021). In language and speech Transformers have largely taken over; chapter 13 builds one.

# %% [markdown]
# One last look, at the network of chapter 00. Three of its parts are new: `ZeroPad2d(-2)` pads by minus two, so it cuts off the empty margin; batch normalisation, which chapter 07 takes apart;
# and at the end `AdaptiveMaxPool2d(2)`, the maximum of each quarter of the map. Of the 24 rows that are left, how many does a unit of its last convolution see?
#
# <details><summary>My answer</summary>
#
# Carry width and jump through the layers, as in exercise 2.5; the last column below shows it: 31 pixels. So a unit in the middle sees all 24 rows, one in a
# corner only 17 or 18.
# </details>

# %%
fast, x = FastCNN(12), data.test[0][:1]
windows = cnn_maps.windows(fast.features)
for layer, (width, _, _) in zip(fast.features, windows, strict=True):
    x = layer(x)
    if not isinstance(layer, (nn.ReLU, nn.BatchNorm2d, nn.AdaptiveMaxPool2d)):
        print(f"{type(layer).__name__:18} → {x.shape[1]:3} × {x.shape[2]:2} × {x.shape[3]:2}   window {width} pixels")
width, step, left = windows[-1]
rows = [min(24, left + i * step + width) - max(0, left + i * step) for i in range(6)]
print(f"Rows that the units of the last map see, from top to bottom: {', '.join(f'{n:.0f}' for n in rows)} of 24")
assert rows == [17, 21, 24, 24, 22, 18]
print(f"{count_parameters(fast):,} parameters")

# %% [markdown]
# ## Summary
#
# **Why look through a small window?** Because in images neighbours belong together, and a thing is the same thing wherever it is. A window uses both facts:
# it needs few weights, learns from every place at once, and its answer moves with the picture. Where the facts do not hold, the
# advantage is gone.
#
# You have slid a kernel by hand and told convolution from cross-correlation; computed sizes, weights and receptive fields; tested
# equivariance and seen padding and stride break it; raced a CNN against an MLP for the same number of seconds; and found the data on which it loses.

# %%
quiz("A 32×32 image goes through a convolution with kernel 5, stride 2, padding 2. How large is the output?", {
    "14×14": "That is without padding: (32 − 5) // 2 + 1. With 2 zeros at each end there is more room.",
    "16×16": "(32 + 4 − 5) // 2 + 1 = 15 + 1: half of 32, as padding (k − 1)/2 gives for stride 2.",
    "32×32": "That would be stride 1: padding 2 keeps the size for a kernel of 5.",
}, right=1)
quiz("Why does a convolutional layer have so few weights?", {
    "Its images are smaller.": "The number of weights does not depend on the size of the image at all.",
    "Pooling throws most of them away.": "Pooling makes maps smaller; it has no weights and removes none.",
    "Most of its weights are zero.": "In its matrix (section 8) yes, most are zero; but the few that remain would still be many if each place had its own.",
    "Each output sees a small window, and all places share one kernel.": "Locality and sharing: k·k·C weights for each output channel, for any image.",
}, right=3)
quiz("You load edge kernels from a signal-processing book into F.conv2d and every edge has the wrong sign. Why?", {
    "The book means true convolution, which turns the kernel by 180°.": "Turned by 180°, left and right are exchanged, and the answer of an edge kernel changes its sign.",
    "F.conv2d normalises kernels.": "It changes nothing about them.",
    "The image has to be inverted first.": "That would change the sign too, but it is not the cause.",
}, right=0)
quiz("A CNN does no better than an MLP on your table of 40 measurements per patient. What is the likeliest reason?", {
    "It needs more layers.": "More layers of a wrong assumption do not make it right.",
    "The columns have no meaningful neighbourhood.": "Any order of the columns would do as well, as with the shuffled pixels: a window has nothing to find.",
    "40 is too small for a kernel of 3.": "A window of 3 fits 38 times.",
}, right=1)
quiz("Which of these is exactly translation-equivariant, for every shift?", {
    "A convolution of stride 2, wrapped around": "Only for even shifts: odd ones fall between its places.",
    "A convolution of stride 1, zeros around": "Near the border the zeros give the place away.",
    "A convolution of stride 1, wrapped around": "Every place is treated alike, and there is no border.",
    "A linear layer on all pixels": "It has its own weights for each pixel.",
}, right=2)

# %% [markdown]
# ## Further reading
#
# - K. Fukushima, "Neocognitron", *Biological Cybernetics* 36 (1980), [doi:10.1007/BF00344251](https://doi.org/10.1007/BF00344251): windows, sharing and pooling, trained without backpropagation.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition", *Proc. IEEE* 86 (1998), [doi:10.1109/5.726791](https://doi.org/10.1109/5.726791): LeNet and MNIST.
# - A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional neural networks" (2012; reprinted in *Communications of the ACM* 60, 2017), [doi:10.1145/3065386](https://doi.org/10.1145/3065386): the CNN that won over the field.
# - V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning" (2016), [arXiv:1603.07285](https://arxiv.org/abs/1603.07285): all sizes, drawn.
# - W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep convolutional neural networks" (2016), [arXiv:1701.04128](https://arxiv.org/abs/1701.04128): the middle of the window counts most.
# - R. Zhang, "Making convolutional networks shift-invariant again" (2019), [arXiv:1904.11486](https://arxiv.org/abs/1904.11486): what strides break, and a remedy.
# - A. Dosovitskiy et al., "An image is worth 16×16 words: Transformers for image recognition at scale" (2021), [arXiv:2010.11929](https://arxiv.org/abs/2010.11929).
# - S. Prince, *Understanding Deep Learning* (MIT Press 2023), chapter 10.
#
# **Next:** [03 · RNN — How can a network remember?](03_rnn.ipynb)
