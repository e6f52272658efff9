# %% [markdown]
# # 00 · Start here — Can a laptop learn to read in ten seconds?
#
# > **You will be able to**
# > - run a chapter, operate its figures, and tell a number your machine measured from one we typed;
# > - train a network on real handwritten digits and let it read your own hand;
# > - say why a score counts only on new pictures;
# > - use the exercises: try, be told what is wrong, mend it.
# >
# > **Time** 40 minutes, exercises 40 more · **Before this** Python (functions, lists) and school mathematics; NumPy helps
# >
# > **The article** The course supplies the code that a short article on deep learning promises but leaves out. This chapter covers its introduction.

# %% [markdown]
# Each chapter opens with two code cells like those below. The first holds settings that you may change. The second fetches what the chapter needs.
#
# Click into a cell and press **Shift + Enter**: it runs, and the next one is selected. Continue cell by cell, so that you can predict before you see: *Run → Run All Cells* would give every answer away.
#
# If a figure does not respond or a cell shows an error, see *Is everything well?* near the end.

# %% tags=["parameters"]
FAST = False        # True: shorter runs, whose numbers are not promised
SEED = 0            # where the random numbers begin; the same seed gives the same run
N_EPOCHS = 3        # how often the network sees each training picture
LR = 0.02           # the highest learning rate (Play 3 shows what a learning rate is)

# %% tags=["setup"]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from helpers import check, expect, measured, plots, show, start
from helpers.data import digits
from helpers.topics.start import scenes as figures
from helpers.metrics import accuracy, confusion_matrix, majority_accuracy
from helpers.models import FastCNN, count_parameters
from helpers.training import evaluate, fit, one_cycle, predict_logits
from helpers.widgets import draw_a_digit, explore, live, predict, quiz, slider

start(SEED, fast=FAST)

# %% [markdown]
# ## The whole game
# Here are real digits, written by hand by American high-school pupils and census workers. Each is a picture of 28×28 grey pixels, and has a *label*: the digit that was meant.
#
# The data come in three parts. The network learns from **train**. On **val** (validation) we watch its progress. **test** is locked away for the last question: how good is it on pictures that it has never met?
#
# Pictures and labels are *tensors*: arrays like NumPy's, but from our library, PyTorch (`torch`). A shape of (3500, 1, 28, 28) means 3,500 pictures, one channel (grey; colour has three), 28 rows, 28 columns.

# %%
data = digits(n_train=1000 if FAST else 3500)
data

# %%
x, y = data.train
fig = plots.image_grid(x[:20], [str(int(label)) for label in y[:20]])
show(fig, alt="Twenty handwritten digits in two rows, white ink on black, each with its label above it.")

# %% [markdown]
# **Predict.** The ten digits are about equally common. How many of 100 would you get right by always giving the same answer? That score is the plainest *baseline*: whatever we build must beat it.
#
# <details><summary>My answer</summary>
#
# About 10, give or take a few: the commonest training digit may happen to be rarer among the new ones.
# </details>

# %%
share = majority_accuracy(data.train[1], data.val[1])
print(f"always answering with the commonest digit: {measured(100 * share, '.0f')} of 100 right")

# %% [markdown]
# **Run.** The next cell makes a network and trains it in a few seconds. By the end of chapter 02 you will understand nearly all of this code; for now, watch the progress bar. An *epoch* is one pass over all training pictures.

# %%
model = FastCNN(width=12)
history = fit(model, data.train, data.val, n_epochs=N_EPOCHS, batch_size=64, lr=LR, schedule=one_cycle, seed=SEED)
print(f"{count_parameters(model):,} numbers learnt in {measured(history.seconds[-1], '.1f')} seconds")
expect(history.val_accuracy[-1], at_least=0.94, what="share of new digits read right")

# %% [markdown]
# **Explain.** Nobody programmed a rule for any digit. The network began with random numbers; each *step* changed them a little so that the right label became more probable. Over nine in ten is not luck: the baseline gets about one in ten.
#
# Whatever stands between « and », usually a number, was *found by this run*. On your machine its last digit may differ (times differ by much more). A limit beside it is our promise: if it is broken, a test of the course fails.

# %% [markdown]
# ## Play 1: it reads your hand
# The pad asks for the ten digits in turn. Draw them with the mouse or a finger; the first stroke wipes the example away. Lift the pen and wait a moment: when the network reads the digit right, the pad asks for the next. If not, add a stroke, or give up with **Clear**: the digit then counts as misread. **Which digit do you have to draw most carefully?**
#
# The little picture shows what the network sees: your strokes, shrunk to 28×28 and centred like the training digits. Skip the code for now: it asks the network for ten probabilities.

# %%
def probabilities(digit):
    """(28, 28) pixels in [0, 1] to ten probabilities that add up to 1."""
    with torch.inference_mode():
        return F.softmax(model(torch.from_numpy(digit)[None, None]), dim=1)[0].numpy()


reader = draw_a_digit(probabilities, name="a pad that reads digits", goal="draw the ten digits that it asks for, and have at least 8 of them read right")

# %% [markdown]
# **Explain.** The ten bars, one per digit, add up to 1. Draw slowly: sometimes the bars waver, sometimes the network is sure of the wrong digit (it may take half a 3 for a 7). When the ten are done, draw a cat: it still answers with a digit, for it can say only what it was taught to say. Keep that in mind whenever a model sounds sure. Which digit is hardest differs from hand to hand.
#
# Your drawing is a plain NumPy array: `reader.digit`.

# %% [markdown]
# ### Exercise 0.1 · Accuracy · 5 min · ★☆☆
# How good is a reader? Compute the share of its predictions that are right. `predicted` and `y` are tensors of N whole numbers; the answer is one number from 0 to 1. One line will do (each docstring says how many).
#
# Try something wrong first, such as the number of right predictions, and see what the check says.

# %%
def my_accuracy(predicted, y):
    """The share of predictions that equal y. Shapes (N,) and (N,) to one number. Budget: 1 line."""
    ### BEGIN SOLUTION
    return (predicted == y).float().mean()
    ### END SOLUTION

# %%
check("0.1", my_accuracy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# `predicted == y` gives a tensor of True and False. A share is an average of ones and zeros.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Turn True and False into 1.0 and 0.0 with `.float()`, then take `.mean()`.
#
# </details>

# %% [markdown] tags=["discussion"]
# The average of ones and zeros *is* the share of ones, so you need not count or divide yourself. You do need `.float()`: torch refuses to average True and False. From here on the chapters use `helpers.metrics.accuracy`, which also complains when the two lengths differ.

# %% [markdown]
# ## A score counts only on new pictures
# A pupil who has seen the exam can score full marks by remembering it. So could a network. Let us test a program that *only* remembers: it stores every training picture. Shown any picture, it answers with the label of the most similar stored one (the *nearest neighbour*).

# %%
def nearest_label(pictures, x_train, y_train):
    """The label of the training picture with the least summed squared difference. (N, 1, 28, 28) to (N,)."""
    distance = torch.cdist(pictures.flatten(1), x_train.flatten(1))
    return y_train[distance.argmin(dim=1)]


seen = accuracy(nearest_label(x[:500], x, y), y[:500])
expect(seen, at_least=0.99, what="nearest neighbour on pictures that it has stored")

# %%
guess = predict("It only remembers. Of 100 pictures that it has not stored, how many does it get right?", ["about 30", "about 60", "about 94", "all 100"])

# %%
new = accuracy(nearest_label(data.val[0], x, y), data.val[1])
guess.compare("all 100" if new > 0.97 else "about 94" if new > 0.77 else "about 60" if new > 0.45 else "about 30")
expect(new, at_least=0.85, at_most=0.97, what="nearest neighbour on new pictures")

# %% [markdown]
# **Explain.** Each stored picture is its own nearest neighbour, so full marks there prove nothing. The score on new pictures is the honest one, and a baseline to beat before we call a network clever.
#
# Now the last question, asked once: how good is the network on the 1,000 test digits? (Afterwards we only *look* at them, and choose nothing by them.) Beside it stands your score from the pad. It flatters you: you may mend a misread digit, but each test digit gets only one look. If you still score much lower, you have met a *distribution shift*: the network learnt from *other people's* pens on paper, not from your mouse. One miss in ten may be chance.

# %%
test_loss, test_accuracy = evaluate(model, data.test)
expect(test_accuracy, at_least=0.94, what="network, test accuracy")
expect(test_accuracy - accuracy(nearest_label(data.test[0], x, y), data.test[1]), at_least=0.0, what="lead over the nearest neighbour")
print(f"test digits: {measured(100 * test_accuracy, '.0f')} of 100; your hand: {reader.score}")

# %% [markdown]
# ## A fault that no eye sees
# A friend prepares our digits with a program of her own. The upper row shows ours, as the network knows them; the lower row shows hers. Look closely: is anything different?

# %%
x_val, y_val = data.val
x_hers = figures.friend_file(x_val)
show(figures.as_plotted(x_val[:10], x_hers[:10]), alt="Two rows of the same ten handwritten digits, which look exactly alike.")

# %%
guess = predict("How many of 100 of her digits does the network read right?", ["about 97, like ours", "about 50", "about 10"])

# %%
said = predict_logits(model, x_hers).argmax(dim=1)
hers, commonest = accuracy(said, y_val), said.mode().values
guess.compare("about 97, like ours" if hers > 0.75 else "about 50" if hers > 0.3 else "about 10")
expect(hers, at_most=0.2, what="share of her digits read right")
expect((said == commonest).float().mean(), at_least=0.9, what=f"share of her digits that it calls {measured(str(int(commonest)))}")
print(f"least and greatest value: ours {measured(x_val.min())}, {measured(x_val.max())}; hers {measured(x_hers.min())}, {measured(x_hers.max())}")

# %% [markdown]
# **Explain.** Files store grey as *bytes*, whole numbers from 0 to 255; dividing by 255 gives 0 to 1. Her program divided twice. Many plotting programs stretch what they get to black and white, as the figure above does; the network takes the numbers as they are, and sees darkness. So, like the plainest baseline, it gives nearly every picture the same answer. Print the least and the greatest value; do not trust your eyes.
#
# ### Exercise 0.2 · From bytes to pixels · 10 min · ★☆☆
# Now do it right. Turn a NumPy array of bytes (type `uint8`), shape (N, H, W), into what our networks expect: a tensor of type `float32` (`.float()` gives it), of shape (N, 1, H, W) with values from 0 to 1. The new axis is the grey *channel*.

# %%
def to_pixels(a):
    """uint8 array (N, H, W), 0 to 255, to float32 tensor (N, 1, H, W), 0 to 1. Budget: 2 lines."""
    ### BEGIN SOLUTION
    return torch.tensor(a).float()[:, None] / 255
    ### END SOLUTION

# %%
check("0.2", to_pixels)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# There are two things to do, in any order: change the scale, and add a new axis of length 1 in second place.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `torch.tensor(a).float()` makes floats. `t[:, None]` puts a new axis in second place.
#
# </details>

# %% [markdown] tags=["discussion"]
# It matters to divide by the fixed number 255, not by the greatest value in the array: a picture must look the same to the network whichever pictures come with it. `.float()` makes float32, the kind of number that the network holds; NumPy's division would give float64, which the network refuses.

# %% [markdown]
# ## Play 2: how much noise does it bear?
# The pixels of real cameras are noisy. **At what noise can you still read the digit when the network no longer can?** Try it: set the noise to 0.5, cover the bars and the line below the figure (they give the answers away), read ten digits aloud, and count your hits.

# %%
x_test, y_test = data.test
share = figures.accuracy_under_noise(model, (x_test[:200], y_test[:200]))
explore(
    *figures.noise_scene(model, (x_test[:200], y_test[:200]), share),
    name="a digit under noise", goal="find the least noise at which fewer than half of the digits are read right",
    noise=slider("noise", 0.0, 2.0, 0.2, step=0.1, tip="standard deviation of the random grey added to each pixel; the sum is cut to 0–1, and full ink is 1"),
    which=slider("which test digit", 0, 199, 2, tip="choose another digit"),
)

# %% [markdown]
# **Explain.** At a noise of 0.5 you probably still read most digits; this network reads about half, or fewer. It has never seen a noisy picture, and has no reason to ignore noise. Noisy training pictures would teach it to: that is *augmentation* (chapter 05, planned).

# %%
expect(figures.NOISE[(share < 0.5).argmax()], at_least=0.3, at_most=0.7, what="noise at which fewer than half are read right", spec=".1f")

# %% [markdown]
# ### Exercise 0.3 · The plainest baseline · 10 min · ★☆☆
# Before you build a model, ask what you would get *without* one. Find the commonest label in `y_train`, and return the share of `y` that equals it. Both are tensors of whole numbers, and they may differ in length.

# %%
def baseline_accuracy(y_train, y):
    """The score on y of always answering with the commonest label of y_train. (N,), (M,) to one number. Budget: 2 lines."""
    ### BEGIN SOLUTION
    commonest = y_train.bincount().argmax()
    return (y == commonest).float().mean()
    ### END SOLUTION

# %%
check("0.3", baseline_accuracy)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Two steps: learn one label from `y_train`, then score that one answer on `y`, as in exercise 0.1.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `y_train.bincount()` counts how often 0, 1, 2 … appear; `.argmax()` gives the place of the greatest count.
#
# </details>

# %% [markdown] tags=["discussion"]
# It sounds too simple to matter. But where 99 of 100 mails are not spam, always saying "no spam" is right 99 times in 100, and a model with an accuracy of 0.98 is worse than none. The baseline, too, may learn only from the training labels: peeking at `y` would be cheating, and small cheats grow into large ones.

# %% [markdown]
# ## Play 3: watch it learn
# A network is a black box only until you look inside. Here is the smallest one that can read: ten *templates*, one per digit. A picture gets the digit whose template fits best. Press **Start** and watch the templates emerge from nothing.
#
# Two settings decide how fast they learn: the **learning rate** (how far each step goes) and the **batch size** (how many pictures vote on a step). Such settings, chosen by you, not learnt, are called *hyperparameters*. **Set the batch size to 256. What happens at the lowest rate, at the highest, in between? Then set it to 1: does any rate help?**

# %%
def make(**settings):
    """A new training of ten templates."""
    return figures.TemplateRun(data.train, data.val, **settings)


live(
    make, *figures.templates_scene(target=0.86, first=80, last=100),
    name="ten templates that learn", goal="from step 80 to step 100, never fall below 86 of 100 new digits read right (stay above the dotted frame)",
    hot=("lr", "batch_size"), preview=100,
    lr=slider("learning rate", 0.001, 10.0, 0.01, log=True, tip="how far each step goes"),
    batch_size=slider("batch size (pictures)", 1, 256, 8, tip="how many pictures vote on a step"),
)

# %% [markdown]
# **Explain.** Red pixels vote for a digit, blue ones against it. With 256 pictures a step, the rate decides: the lowest is still near six in ten, the highest leaps about, and the best lies in between. With one picture a step, no rate gets there in 100 steps: one picture is a poor sample of all digits, so a high rate has each undo what the last one taught, and a low one needs thousands of steps. A larger batch is steadier, but each step costs more. Finding good settings is half the craft.
#
# Even after 80 times as many steps, one template per digit stays near nine in ten: no single template fits all the ways to write a seven. More layers can, and chapter 01 asks why.

# %%
def worst(lr, batch_size):
    """Ten templates after 100 steps, and the worst accuracy of steps 80 to 100."""
    run = figures.TemplateRun(data.train, data.val, seed=SEED, lr=lr, batch_size=batch_size)
    for _ in range(100):
        run.step()
    return run, min(run.accuracy[80:])


run, good = worst(0.7, 256)
expect(good, at_least=0.86, what="worst accuracy of steps 80 to 100 with rate 0.7 and batch size 256")
for lr, batch_size, most in ((0.001, 256, 0.7), (10, 256, 0.82), (0.7, 1, 0.6)):
    expect(worst(lr, batch_size)[1], at_most=most, what=f"the same with rate {lr} and batch size {batch_size}")

# %% [markdown]
# ## Where does it fail?
# An accuracy hides *which* digits are misread. Looking at the mistakes is the cheapest tool there is, so do it every time.

# %%
predicted = predict_logits(model, x_test).argmax(dim=1)
wrong = (predicted != y_test).nonzero()[:10, 0]
fig = plots.image_grid(x_test[wrong], [f"{int(y_test[i])} as {int(predicted[i])}" for i in wrong])
show(fig, alt="Ten misread digits, above each its true label and what the network said; several are hard to read for a person too.")

# %% [markdown]
# The *confusion matrix* counts all pairs: row i, column j tells how often digit i was taken for j. The diagonal would hold the right answers (it is left blank here); all else is a mistake with a name. Beside the network stand the ten templates, which err often enough to have favourite mistakes. **Run the next cell: which mistake do the templates make most often?**
#
# <details><summary>My answer</summary>
#
# A 5 taken for a 3. With another seed, a 9 taken for a 7 may lead.
# </details>

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.7))
for ax, name, said in zip(axes, ("network", "templates"), (predicted, run.predict(x_test))):
    plots.confusion(ax, confusion_matrix(said, y_test, 10), limit=12).set(title=f"{name}: {int((said != y_test).sum())} mistakes", xlabel="what was said")
show(fig, alt="Two ten by ten tables of mistakes: few and scattered for the network, many for the templates, some of them piled up in a few cells.")
expect(((y_test == 5) & (said == 3)).sum(), at_least=6, what="fives that the templates take for threes", spec=".0f")

# %% [markdown]
# ### Exercise 0.4 · The commonest mistake · 15 min · ★★☆
# From predictions and labels (digits 0 to 9), find the pair (truth, said) that is confused most often. Return two whole numbers, the truth first. `confusion_matrix(predicted, y, 10)` gives the table as a 10×10 NumPy array. If several pairs tie, the one that comes first in the table will do.

# %%
def commonest_mistake(predicted, y):
    """The most frequent pair (truth, said) with truth != said. (N,), (N,) to two ints. Budget: 5 lines."""
    ### BEGIN SOLUTION
    table = confusion_matrix(predicted, y, 10)
    for digit in range(10):
        table[digit, digit] = 0
    return divmod(int(table.argmax()), 10)
    ### END SOLUTION

# %%
check("0.4", commonest_mistake)

# %% [markdown]
# <details><summary>Hint 1: the idea</summary>
#
# Count all pairs, strike out the right answers (`table[i, i] = 0` strikes out one), and take the greatest count that is left.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `table.argmax()` counts through the table row by row, from 0 to 99. Then `divmod(place, 10)` is (row, column).
#
# </details>

# %% [markdown] tags=["discussion"]
# The diagonal must go first: right answers are by far the commonest pairs. Try your function: `commonest_mistake(run.predict(x_test), y_test)` names the darkest cell of the right-hand table. If 5 is taken for 3 most often, collect more fives, check whether some are labelled wrongly, or ask whether a person could tell them apart. A number that names a mistake suggests a remedy; an accuracy does not.

# %% [markdown]
# ## Break it: you can read them, the network cannot
# Another friend scans digits and sends them to your network. A minute ago it was right more than nine times in ten; now it fails. Here are hers and what it says they are.

# %%
x_friend = figures.friend_scan(x_test)
said = predict_logits(model, x_friend).argmax(dim=1)
fig = plots.image_grid(x_friend[:10], [f"says {int(s)}" for s in said[:10]])
show(fig, alt="Ten handwritten digits in black ink on white paper; most are misread, though a person reads them at once.")
expect(accuracy(said, y_test), at_most=0.4, what="accuracy on the friend's digits")

# %%
guess = predict("What is the cause?", ["her handwriting is unusual", "ink and paper are swapped", "the network has learnt the test digits by heart"])

# %%
swapped_back = accuracy(predict_logits(model, 1 - x_friend).argmax(dim=1), y_test)
guess.compare("ink and paper are swapped" if swapped_back > 0.9 else "her handwriting is unusual")
expect(swapped_back, at_least=0.94, what="accuracy after swapping ink and paper back")

# %% [markdown]
# **Explain.** Her digits were our test digits. In the training data ink is 1 and paper 0. In a scan of dark ink on white paper, it is the reverse. To us the digit is the same; to the network nearly every number has changed. One line, `1 - x`, mends it.
#
# Pictures must be prepared in use exactly as they were for training. To forget this is a common fault, and no error message warns of it.
#
# One more fault, on the pad above: untick *centre the drawing* and draw in a corner. Below, the test digits are moved 4 pixels left and 4 up. As that pushes some ink out of sight, we also test digits that lost this ink but stayed in place:

# %%
moved = F.pad(x_test, (-4, 4, -4, 4))
cut = F.pad(F.pad(x_test, (-6, 6, -6, 6)), (6, -6, 6, -6))      # the 4 pushed out, and 2 at the edge that this network never looks at
expect(accuracy(predict_logits(model, moved).argmax(dim=1), y_test), at_most=0.6, what="accuracy on digits that are not centred")
expect(accuracy(predict_logits(model, cut).argmax(dim=1), y_test), at_least=0.94, what="accuracy on digits that lost as much ink, but stayed in place")

# %% [markdown]
# So the place is to blame, not the lost ink. Why it matters so much, and what a network can do about it, is the subject of [chapter 02](02_cnn.ipynb).

# %% [markdown]
# ## The article, checked
# The course follows a short Chinese article, 《机器学习中的深度学习模型原理与应用》 ("Principles and applications of deep-learning models in machine learning"). Each chapter checks what it says.
#
# | It says | What you have seen |
# |---|---|
# | Deep learning learns features (what to look for) by itself, from *large* amounts of data | By itself, yes. But here 3,500 pictures were enough for over nine in ten |
# | Deep learning needs much computing power and storage | Large models do. This one took seconds on a laptop; its size is printed below |
# | The article will walk through the code | It never does. This course does |

# %%
kilobytes = sum(p.numel() * p.element_size() for p in model.parameters()) / 1000
expect(kilobytes, at_most=200, what="size of the whole network", spec=".0f", unit=" kB")

# %% [markdown]
# ## Is everything well?
# Did something above not work? The next cell checks the versions, widgets, fonts and disk, and says what to do.

# %%
from helpers.doctor import diagnose, report

print(report(diagnose()))

# %% [markdown]
# ## Summary
# **Can a laptop learn to read in ten seconds?** Yes: it takes a few thousand labelled pictures, a small network, and a loop that changes its numbers step by step.
#
# You can now
# - run a chapter, operate its figures, and tell a measured number («…») from a typed one;
# - train a network on real digits and let it read your own hand;
# - say why a score counts only on new pictures;
# - use the exercises. `progress.json` in the course's folder keeps your solutions; `from helpers import my_answer`, then `my_answer("0.1")`, shows one again. Nothing leaves your machine.
#
# In each chapter, *predict* before you *run*, then *explain* the result to someone, if only to yourself. That minute is where the learning happens.

# %% [markdown]
# ## Quiz
# Five questions. Each option gives a reply: the wrong ones are worth pressing too.

# %%
quiz("A model scores 1.00 on its training pictures. What do you know?", {
    "It reads digits perfectly": "It may just remember them, as the nearest neighbour does. Only new pictures tell.",
    "Little, until it has seen new pictures": "Remembering is enough for full marks on what was seen.",
    "It must be over-trained and useless": "Perhaps it is excellent on new pictures as well. You have to measure.",
}, right=1)

# %%
quiz("Of 1,000 mails, 950 are not spam. A filter judges 940 of the 1,000 correctly. Does that show that it is useful?", {
    "No: always saying 'no spam' scores 95 %": "It may still catch spam, but accuracy alone cannot show it. A score means something only beside its baseline.",
    "Yes: 94 % is high": "High compared with what? Always answering 'no spam' gets 95 %.",
    "It depends on the learning rate": "How it was trained does not change what the score says.",
}, right=0)

# %%
quiz("A number stands between « and ». What does that mean?", {
    "It is a guess of the authors": "It comes out of the cell that you ran.",
    "It is exactly the same on every machine": "Its last digits may differ from one processor to another.",
    "This run measured it": "Where the text relies on it, our promise stands beside it.",
}, right=2)

# %%
quiz("Why does the network give a digit even for a drawing of a cat?", {
    "Cats look like the digit 8": "It would answer for a house, too.",
    "It needs more training": "More digits would not teach it to say 'none of these'.",
    "It can choose only among ten digits": "It has no way to say 'no digit'. Confidence is not knowledge.",
}, right=2)

# %%
quiz("Your network works in the notebook and fails in the app. What do you look at first?", {
    "Whether the app prepares its pictures in the same way": "Scale, colours, size, order of axes: all as in training.",
    "Whether a larger network helps": "A larger one fails on wrongly prepared pictures as well.",
    "Whether the test set was large enough": "It told the truth about pictures prepared as in training.",
}, right=0)

# %% [markdown]
# ## Further reading
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, Proceedings of the IEEE 86 (1998), doi:10.1109/5.726791. Where these digits come from, with a network not unlike ours.
# - T. M. Cover, P. E. Hart, *Nearest neighbor pattern classification*, IEEE Transactions on Information Theory 13 (1967), doi:10.1109/TIT.1967.1053964. The baseline that only remembers.
# - Y. LeCun, Y. Bengio, G. Hinton, *Deep learning*, Nature 521 (2015), doi:10.1038/nature14539. Nine pages on the whole field, by three of its pioneers.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (MIT Press, 2016), chapter 1. Free to read at deeplearningbook.org.
#
# **Next:** [01 · What can a stack of layers do that one cannot?](01_concepts.ipynb)
