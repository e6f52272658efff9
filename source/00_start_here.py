# %% [markdown]
# # 00 · Start here — Can a laptop learn to read in ten seconds?
#
# > **You will be able to**
# > - run a chapter, move its figures, and tell a measured number from a typed one;
# > - train a network on real handwritten digits and let it read your own hand;
# > - say why a score counts only on pictures that the network has never seen;
# > - use the exercises: try, be told what is wrong, mend it.
# >
# > **Time** 40 minutes, exercises 40 more · **Before this** Python (functions, lists) and school mathematics; NumPy helps
# >
# > **The article** This course gives the code that a short article on deep learning promises and leaves out. Here: its introduction.

# %% [markdown]
# Each chapter opens with two cells like these. The first holds the settings, which you may change. The second fetches what the chapter needs.
#
# Click into a cell and press **Shift + Enter**: it runs, and the next one is chosen. Go on so, cell by cell; it is how you get to predict. (*Run → Run All Cells* takes a few seconds and answers every question unasked; after it, scroll back up.)

# %% tags=["parameters"]
FAST = False        # True: shorter runs, whose numbers are not promised
SEED = 0            # where chance begins; the same seed gives the same run
N_EPOCHS = 3        # how often the network sees each training picture
LR = 0.02           # the greatest learning rate

# %% tags=["setup"]
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from helpers import check, expect, measured, plots, show, start
from helpers.data import digits
from helpers.figures import start as figures
from helpers.metrics import accuracy, confusion_matrix, majority_accuracy
from helpers.models import FastCNN, count_parameters
from helpers.training import evaluate, fit, one_cycle, predict_logits
from helpers.widgets import draw_a_digit, explore, live, predict, quiz, slider

start(SEED, fast=FAST)

# %% [markdown]
# ## The whole game
# Here are real digits, written by hand some decades ago by American high-school pupils and census clerks. Each is 28×28 grey pixels, and someone noted which digit was meant.
#
# The data come in three parts. The network learns from **train**. On **val** (validation) we watch how it is doing. **test** is locked away for the last question: how good is it on pictures that it has never met?
#
# They are *tensors*: arrays of numbers, as NumPy has them, but torch's. A shape of (3500, 1, 28, 28) means 3,500 pictures, one grey channel (colour has three), 28 rows, 28 columns.

# %%
data = digits(n_train=1000 if FAST else 3500)
data

# %%
x, y = data.train
fig = plots.image_grid(x[:20], [str(int(label)) for label in y[:20]])
show(fig, alt="Twenty handwritten digits in two rows, white ink on black, each with its label above it.")

# %% [markdown]
# **Predict.** Ten digits, about equally common. How many of 100 would you get right by always giving the same answer? That is the plainest *baseline*, and whatever we build must beat it.
#
# <details><summary>My answer</summary>
#
# About 10, give or take a few: the commonest training digit may happen to be rarer among the new ones.
# </details>

# %%
share = majority_accuracy(data.train[1], data.val[1])
print(f"always the commonest digit: {measured(100 * share, '.0f')} of 100 right")

# %% [markdown]
# **Run.** Now the network. The next cell makes one and trains it, in a few seconds. You will understand nearly all of it by the end of chapter 02 (the `schedule` waits for chapter 08); for now, watch the bar. (An *epoch* is one pass over all training pictures.)

# %%
model = FastCNN(width=12)
history = fit(model, data.train, data.val, n_epochs=N_EPOCHS, batch_size=64, lr=LR, schedule=one_cycle, seed=SEED)
print(f"{count_parameters(model):,} numbers learnt in {measured(history.seconds[-1], '.1f')} seconds")
expect(history.val_accuracy[-1], at_least=0.94, what="share of new digits read right")

# %% [markdown]
# **Explain.** No rule for any digit was programmed. The network began with random numbers; each *step* changed them a little so that the right label became more probable. Over nine in ten is not luck: always answering the same gets about one in ten.
#
# A number between « and » was *measured by this run*. On your machine it may differ in its last digit (and seconds differ by much more). What stands beside it is promised, and a test of the course fails when the promise breaks.

# %% [markdown]
# ## Play 1: it reads your hand
# The pad asks for the ten digits in turn. Draw them with the mouse or a finger; the first stroke wipes the example. Lift the pen and wait a moment: if the digit is read as asked, the next one comes. If not, add a stroke, or give it up with **Clear**. **Which digit do you have to draw most carefully?**
#
# The little picture shows what the network sees: your strokes, shrunk to 28×28 and centred, as the training digits are. Skip the code for now: it asks the network for ten probabilities.

# %%
def probabilities(digit):
    """(28, 28) pixels in [0, 1] to ten probabilities that add up to 1."""
    with torch.inference_mode():
        return F.softmax(model(torch.from_numpy(digit)[None, None]), dim=1)[0].numpy()


reader = draw_a_digit(probabilities, name="a pad that reads digits", goal="draw the ten digits that it asks for, and have at least 8 of them read right")

# %% [markdown]
# **Explain.** Ten bars, one a digit; together they make 1. Draw slowly: sometimes the bars hesitate, sometimes the network is sure of the wrong digit (half a 3 can be a confident 7). Draw a cat: it still answers with a digit. It can say only what it was taught to say. Keep that in mind whenever a model sounds sure.
#
# The drawing is a plain array, `reader.digit`, that you can use like any other.

# %% [markdown]
# ### Exercise 0.1 · Accuracy · 5 min · ★☆☆
# How good is a reader? Write the share of predictions that are right. `predicted` and `y` are tensors of N whole numbers; the answer is one number from 0 to 1. One line will do.
#
# Try something wrong first, such as only the sum, and see what the check says.

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
# The average of ones and zeros *is* the share of ones, so no counting and no division by hand is needed. `.float()` is: torch refuses to average True and False. From here on the chapters use `helpers.metrics.accuracy`, which also complains when the two lengths differ.

# %% [markdown]
# ## A score counts only on new pictures
# A pupil who has seen the exam can score full marks by remembering it. So could a network. Let us ask a program that *only* remembers: it keeps every training picture, and answers with the label of the one most like the picture asked about (the *nearest neighbour*).

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
# **Explain.** Each stored picture is its own nearest neighbour, so full marks there prove nothing. The score on new pictures is the honest one, and a respectable baseline: a network should beat it before we call it clever.
#
# Now the last question, asked once: the network on the 1,000 test digits. (After it we only *look* at them; nothing is chosen by them.) And beside it, your own hand. If that scores much lower, you have met a *distribution shift*: the network learnt from pens on paper, not from your mouse. One miss in ten may be chance.

# %%
test_loss, test_accuracy = evaluate(model, data.test)
expect(test_accuracy, at_least=0.94, what="network, test accuracy")
expect(test_accuracy - accuracy(nearest_label(data.test[0], x, y), data.test[1]), at_least=0.0, what="lead over the nearest neighbour")
print(f"test digits: {measured(100 * test_accuracy, '.0f')} of 100; your hand: {reader.score}")

# %% [markdown]
# ## A fault that no eye sees
# Two friends send you digits to read. Above, ours, as the network knows them. Below, the same digits from a friend's program, which prepares its pictures itself. Look closely: is anything different?

# %%
x_val, y_val = data.val
x_hers = figures.friend_file(x_val)
show(figures.as_plotted(x_val[:10], x_hers[:10]), alt="Two rows of the same ten handwritten digits, which look exactly alike.")

# %%
guess = predict("How many of 100 of her digits does the network read?", ["about 97, like ours", "about 50", "about 10"])

# %%
hers = accuracy(predict_logits(model, x_hers).argmax(dim=1), y_val)
guess.compare("about 97, like ours" if hers > 0.75 else "about 50" if hers > 0.3 else "about 10")
expect(hers, at_most=0.2, what="share of her digits read right")
print(f"full ink: ours {float(x_val.max()):.3f}, hers {float(x_hers.max()):.3f}")

# %% [markdown]
# **Explain.** She divided by 255 twice. A plotting program stretches what it gets to black and white; the network takes the numbers as they are, and sees darkness. So print the least and the greatest value; do not trust the eye.
#
# ### Exercise 0.2 · From bytes to pixels · 10 min · ★☆☆
# Do it right. Files hold grey values as bytes, 0 to 255; our networks expect numbers from 0 to 1, with an axis for the *channel* (grey has one, colour three).
#
# Turn a NumPy array of bytes, shape (N, H, W), into a float32 tensor of shape (N, 1, H, W) with values from 0 to 1. Two lines at most.

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
# Two things are to do, in any order: a change of scale, and a new axis of length 1 at the second place.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `torch.tensor(a).float()` makes floats. `t[:, None]` puts a new axis at the second place.
#
# </details>

# %% [markdown] tags=["discussion"]
# Dividing by the fixed number 255, not by the greatest value in the batch, matters: a picture must look the same to the network whichever pictures happen to stand beside it. And it must be the *same* scale in training and in use. `.float()` makes float32, the kind of number that the network holds; NumPy's division would give float64, which it refuses.

# %% [markdown]
# ## Play 2: how much noise does it bear?
# Pixels of real cameras are noisy. The slider adds random noise to a digit. **At which noise can you still read the digit, and the network no longer?** You decide: set it to 0.5, read ten different digits aloud, and count.

# %%
x_test, y_test = data.test
explore(
    *figures.noise_scene(model, (x_test[:200], y_test[:200])),
    name="a digit under noise", goal="find the least noise at which fewer than half of the digits are read right",
    noise=slider("noise", 0.0, 2.0, 0.2, step=0.1, tip="standard deviation of the random grey that is added to each pixel; full ink is 1"),
    which=slider("which test digit", 0, 199, 2, tip="another digit"),
)

# %% [markdown]
# **Explain.** At a noise of 0.5 a person still reads most digits, with some effort; this network reads about half, or fewer. It has never seen a noisy picture, and has no reason to ignore noise. Training pictures that are noisy, shifted and turned teach it to: that is *augmentation*, in chapter 05.

# %%
levels = figures.NOISE
share = figures.accuracy_under_noise(model, (x_test[:200], y_test[:200]))
expect(levels[(share < 0.5).argmax()], at_least=0.3, at_most=0.7, what="noise at which fewer than half are read right", spec=".1f")

# %% [markdown]
# ### Exercise 0.3 · The plainest baseline · 10 min · ★☆☆
# Before any model, ask what *no* model gets. Find the commonest label in `y_train`, and return the share of `y` that equals it. Both are tensors of whole numbers, and they may differ in length. Two lines.

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
# It sounds too simple to matter. But where 99 of 100 mails are no spam, always saying "no spam" is right 99 times of 100, and a model with an accuracy of 0.98 is worse than nothing. And the baseline, too, may learn only from the training labels: peeking at `y` would be cheating, in a small way that grows into large ones.

# %% [markdown]
# ## Play 3: watch it learn
# A network is a black box only until one looks. Here is the smallest one that can read: ten *templates*, one a digit. A picture gets the digit whose template fits best. Press **Start** and watch the templates emerge from nothing.
#
# Two knobs decide how fast that goes, and they are the first *hyperparameters* you meet: the **learning rate** (how far each step goes) and the **batch size** (how many pictures vote on a step). **What happens at the greatest rate with the smallest batch?**

# %%
def make(**settings):
    """A new training of ten templates."""
    return figures.TemplateRun(data.train, data.val, **settings)


live(
    make, *figures.templates_scene(target=0.86, first=80, last=100),
    name="ten templates that learn", goal="from step 80 to step 100, never fall below 86 of 100 new digits (the dotted frame)",
    hot=("lr", "batch_size"), preview=100,
    lr=slider("learning rate", 0.001, 10.0, 0.01, log=True, tip="how far each step goes"),
    batch_size=slider("batch size (pictures)", 1, 256, 8, tip="how many pictures vote on a step"),
)

# %% [markdown]
# **Explain.** Vermilion pixels vote for a digit, blue ones against it: look at the 0, with blue in its hole. Small batches jitter, since eight pictures are a poor sample of all digits; a tiny rate crawls; the greatest rate with the smallest batch leaps about and forgets what it just learnt. A lucky step may score well even there, but it does not last: the best rate lies in between. A larger batch is steadier, but each step costs more. Finding such settings is half of the craft.
#
# One template a digit does not get much beyond nine in ten however long it learns, since a seven can be written in more ways than one. More layers can. Why, is the question of chapter 01.

# %%
run = figures.TemplateRun(data.train, data.val, seed=SEED, lr=1.0, batch_size=256)
for _ in range(100):
    run.step()
expect(min(run.accuracy[80:101]), at_least=0.85, what="ten templates with good settings, the worst of steps 80 to 100")

# %% [markdown]
# ## Where does it fail?
# An accuracy hides *which* digits are misread. A look at the mistakes is the cheapest tool that there is, so do it each time.

# %%
predicted = predict_logits(model, x_test).argmax(dim=1)
wrong = (predicted != y_test).nonzero()[:10, 0]
fig = plots.image_grid(x_test[wrong], [f"{int(y_test[i])} as {int(predicted[i])}" for i in wrong])
show(fig, alt="Ten misread digits, above each its true label and what the network said; several are hard to read for a person too.")

# %% [markdown]
# The *confusion matrix* counts all pairs: in row i and column j stands how often digit i was taken for j. The diagonal would hold what is right (it is left blank here); all else is a mistake with a name. Beside the network, the ten templates: they err often enough to have favourites. **Which one?**

# %%
fig, axes = plt.subplots(1, 2, figsize=(6.8, 3.7))
for ax, name, said in zip(axes, ("network", "templates"), (predicted, run.predict(x_test))):
    plots.confusion(ax, confusion_matrix(said, y_test, 10), limit=12).set(title=f"{name}: {int((said != y_test).sum())} mistakes", xlabel="what was said")
show(fig, alt="Two ten by ten tables of mistakes: few and scattered for the network, many for the templates, some of them piled up in a few cells.")
most = max(int(((y_test == truth) & (said == other)).sum()) for truth in range(10) for other in range(10) if truth != other)
expect(most, at_least=6, what="the templates' commonest mistake, how often", spec=".0f")

# %% [markdown]
# ### Exercise 0.4 · The commonest mistake · 15 min · ★★☆
# From predictions and labels (digits 0 to 9), find the pair (truth, said) that is confused most often. Return two whole numbers, the truth first. Five lines at most; `confusion_matrix(predicted, y, 10)` gives the table as a 10×10 NumPy array. If several pairs tie, the one that comes first in it will do.

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
# Count all pairs, strike out the right answers (`table[i, i] = 0` strikes out one), take the greatest count that is left.
#
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `table.argmax()` counts through the table row by row, from 0 to 99. Then `divmod(place, 10)` is (row, column).
#
# </details>

# %% [markdown] tags=["discussion"]
# The diagonal must go first: right answers are the commonest pair by far. Ask your function: `commonest_mistake(run.predict(x_test), y_test)` names the darkest cell of the right table. What to do with the answer? If 5 is taken for 3 most often, collect more fives, look whether some are labelled wrongly, or ask whether a person could tell them apart. A number that names a mistake suggests a remedy; an accuracy does not.

# %% [markdown]
# ## Break it: the same digits, and it cannot read
# Another friend scans her own digits and sends them to your network. She writes as clearly as the people in the data set. The network, right more than nine times in ten a minute ago, fails. Here are her digits and what it says.

# %%
x_friend = figures.friend_scan(x_test)
said = predict_logits(model, x_friend).argmax(dim=1)
fig = plots.image_grid(x_friend[:10], [f"says {int(s)}" for s in said[:10]])
show(fig, alt="Ten handwritten digits in black ink on white paper; most are misread, though a person reads them at once.")
expect(accuracy(said, y_test), at_most=0.4, what="accuracy on the friend's digits")

# %%
guess = predict("What is the cause?", ["her handwriting is unusual", "ink and paper are swapped", "the network has over-learnt the test digits"])

# %%
swapped_back = accuracy(predict_logits(model, 1 - x_friend).argmax(dim=1), y_test)
guess.compare("ink and paper are swapped" if swapped_back > 0.9 else "her handwriting is unusual")
expect(swapped_back, at_least=0.94, what="accuracy after swapping ink and paper back")

# %% [markdown]
# **Explain.** In the training data ink is 1 and paper 0. A scan has dark ink on white paper: ink 0, paper 1. To us it is the same digit; to the network nearly every number has changed. One line, `1 - x`, mends it.
#
# What is done to pictures before training must be done, exactly so, in use. This is among the commonest faults of models in the field, and no error message tells of it.
#
# One more, on the pad above: untick *centre the drawing* and draw into a corner. To you nothing has changed. In numbers, the test digits moved by 5 pixels to the right and 5 down:

# %%
moved = F.pad(x_test, (5, -5, 5, -5))
expect(accuracy(predict_logits(model, moved).argmax(dim=1), y_test), at_most=0.6, what="accuracy on digits that are not centred")

# %% [markdown]
# Why place matters so much, and what a network can do about it, is the subject of [chapter 02](02_cnn.ipynb).

# %% [markdown]
# ## The article, checked
# The course follows a short Chinese article, 《机器学习中的深度学习模型原理与应用》 ("Principles and applications of deep-learning models in machine learning"). Each chapter checks what it says.
#
# | It says | What you have seen |
# |---|---|
# | Deep learning learns features from *large* data by itself | By itself, yes. Here 3,500 pictures were enough for over nine in ten |
# | It needs much computing power and storage | Large models do. This one took seconds on a laptop; its size is printed below |
# | It will walk through the code | It never does. This course does |

# %%
kilobytes = sum(p.numel() * p.element_size() for p in model.parameters()) / 1000
expect(kilobytes, at_most=200, what="size of the whole network", spec=".0f", unit=" kB")

# %% [markdown]
# ## Is everything well?
# If a figure above stayed still, or a cell complained, run the next one. It looks at the versions, the widgets, the fonts and the disk, and says what to do.

# %%
from helpers.doctor import diagnose, report

print(report(diagnose()))

# %% [markdown]
# ## Summary
# **Can a laptop learn to read in ten seconds?** Yes: a small network, a few thousand labelled pictures, and a loop that changes its numbers step by step.
#
# You can now
# - run a chapter, move its figures, and tell a measured number («…») from a typed one;
# - train a network on real digits and let it read your own hand;
# - say why a score counts only on pictures that the network has never seen;
# - use the exercises. What you solve is kept in the file `progress.json` in the course's folder; `from helpers import my_answer`, then `my_answer("0.1")`, shows your answer again. Nothing leaves your machine.
#
# In each chapter, *predict* before you *run*, and *explain* what came to someone, if only to yourself. It takes a minute, and it is where the learning happens.

# %% [markdown]
# ## Quiz
# Five questions; each option answers. Wrong ones are worth pressing too.

# %%
quiz("A model scores 1.00 on its training pictures. What do you know?", {
    "It reads digits perfectly": "It may just remember them, as the nearest neighbour does. Only new pictures tell.",
    "Little, until it has seen new pictures": "Remembering is enough for full marks on what was seen.",
    "It must be over-trained and useless": "Perhaps it is excellent on new pictures as well. One has to measure.",
}, right=1)

# %%
quiz("Of 1,000 mails 950 are no spam. A filter is right on 940. Does that show that it is useful?", {
    "No: always saying 'no spam' scores 95 %": "It may still catch spam, but accuracy alone cannot show it. A score means something only beside its baseline.",
    "Yes: 94 % is high": "High compared with what? Always answering 'no spam' gets 95 %.",
    "It depends on the learning rate": "How it was trained does not change what the score says.",
}, right=0)

# %%
quiz("A number stands between « and ». What does that mean?", {
    "It is a guess of the authors": "It comes out of the cell that you ran.",
    "It is exactly the same on every machine": "Its last digits may differ from one processor to another.",
    "This run measured it": "And beside it stands, where the text relies on it, what is promised.",
}, right=2)

# %%
quiz("Why does the network give a digit even for a drawing of a cat?", {
    "Cats look like the digit 8": "It would answer for a house, too.",
    "It needs more training": "More digits would not teach it to say 'none of these'.",
    "Its ten probabilities always add up to 1": "It has no way to say 'no digit'. Confidence is not knowledge.",
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
# - Y. LeCun, Y. Bengio, G. Hinton, *Deep learning*, Nature 521 (2015), doi:10.1038/nature14539. Nine pages on the whole field, by three of its founders.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (MIT Press, 2016), chapter 1. Free to read at deeplearningbook.org.
#
# **Next:** [01 · What can a stack of layers do that one cannot?](01_concepts.ipynb)
