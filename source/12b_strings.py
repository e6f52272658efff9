# %% [markdown]
# # 12b · Strings — How does a wave become many words?
#
# > **You will be able to**
# > - find speech by its energy, and say where that stops working;
# > - sum over all alignments with CTC: by hand, by the forward algorithm, by the library;
# > - recognise the plateau of blanks, and leave it by a warm start;
# > - say when greedy decoding is wrong;
# > - give a word error rate with an interval over speakers.
# >
# > **Time** 58 minutes, exercises 35 more · **Before this** [12a · Words](12a_words.ipynb) ·
# > **In the article** section 4, which announces speech recognition

# %% tags=["parameters"]
FAST = False
SEED = 1
N_STRINGS = 600         # strings in the training
N_STEPS = 300           # steps of each training with CTC
N_WARM = 150            # steps of a warm start, on single digits
N_RUNS = 2              # networks of each kind
PER_VOICE = 6           # strings of each test voice

# %% tags=["setup"]
import time

import numpy as np
import torch
from torch.nn import functional as F

from helpers import check, expect, measured, show, start
from helpers.data.voices import spoken_digits
from helpers.topics.speech import ctc, scenes_strings, stills
from helpers.topics.speech.features import pictures
from helpers.topics.speech.nets import (
    FrameNet, checker, frame_log_probs, heard_by, train_frames)
from helpers.topics.speech.recognise import trained_net
from helpers.topics.speech.strings import (
    cut, cut_and_classify, log_mels, make_strings, noisy_singles, tuned_cut)
from helpers.widgets import (
    choice, draw_curve, explore, hear, predict, quiz, slider, text, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_STRINGS, N_STEPS, N_WARM, N_RUNS, PER_VOICE = 40, 6, 4, 1, 1

# %%
warm_up("12b")

# %% [markdown]
# In [12a](12a_words.ipynb) each clip held one word. Now a wave holds a string of three to six digits, with gaps of −30 to
# 250 ms: some digits overlap. Each string is spoken by one voice. The voices are synthesised by eSpeak NG; the test voices
# are never heard before section 7.

# %%
spoken = spoken_digits(90 if not FAST else 18, 2, seed=SEED)
n = spoken.voices.max() + 1
train, val, test = (spoken.only((spoken.voices >= a * n // 90)
                                & (spoken.voices < b * n // 90))
                    for a, b in ((0, 55), (55, 65), (65, 90)))
strings = make_strings(train, N_STRINGS, seed=SEED)
val_strings = make_strings(val, 40, seed=2)
print("said:", strings.digits[0], strings.digits[1])
hear({"first": strings.waves[0], "second": strings.waves[1]})

# %% [markdown]
# ## 1 · Speech or silence?
#
# The plainest idea: where it is loud, somebody speaks. **Voice activity by energy** measures the power of 20 ms every
# 10 ms, and says *speech* where it lies some decibels above the quiet tenth of the frames.

# %%
one = make_strings(val, 1, seed=7, gap=(0.1, 0.4), snr=(60.0, 60.0))
activity = scenes_strings.Energy(one, 0, [30, 10, 0])
explore(activity.draw, activity.fig, name="voice activity by energy",
        goal="the best threshold at 0 dB",
        snr=choice("SNR (dB)", [30, 10, 0], 30),
        threshold=slider("threshold (dB)", 1, 30, 12))

# %% tags=["promise"]
expect(activity.best[30] - activity.majority, at_least=0.05, n=1,
       what="best threshold at 30 dB − one answer for all")
expect(activity.best[30] - activity.best[0], at_least=0.05, n=1,
       what="what the best threshold loses from 30 to 0 dB")

# %% [markdown]
# At 30 dB one threshold does well. At 0 dB the weak parts of a word sink below the noise, whatever the threshold, and
# the best one for clean sound is no longer the best. The control is the last number: one answer for all frames.

# %% [markdown]
# ## 2 · Cut and classify, and how to count errors
#
# The plain recogniser: cut at silences, and name each piece with the CNN of 12a. Where pieces are missing or split,
# places no longer match. So errors are counted by the **edit distance**: the least number of words to put in, take out or
# exchange. Divided by the number of words said it is the **word error rate**, WER.

# %% [markdown]
# ### Exercise 12.6 · Word error rate · write · 12 min · ★★★
#
# `d[i][j]`, the distance of the first i words heard to the first j said, is the least of `d[i-1][j] + 1`,
# `d[i][j-1] + 1` and `d[i-1][j-1]` (+ 1 if the two words differ). At the borders `d[i][0] = i`, `d[0][j] = j`. Give the
# last one, divided by the number of words said. Budget: 9 lines.

# %%
def word_error_rate(heard, said):
    """Two lists of words; said is not empty → errors / words said, a float."""
    ### BEGIN SOLUTION
    d = [[0] * (len(said) + 1) for _ in range(len(heard) + 1)]
    for i in range(len(heard) + 1):
        for j in range(len(said) + 1):
            if i == 0 or j == 0:
                d[i][j] = i + j
            else:
                d[i][j] = min(d[i-1][j] + 1, d[i][j-1] + 1,
                              d[i-1][j-1] + (heard[i-1] != said[j-1]))
    return d[-1][-1] / len(said)
    ### END SOLUTION

# %%
check("12.6", word_error_rate)

# %% [markdown]
# <details><summary>Hint 1: the table</summary>
#
# It has one row and one column more than there are words. Fill it row by row.
# </details>
# <details><summary>Hint 2: the three ways</summary>
#
# From above: a word too many was heard. From the left: a word was missed. From the corner: right, or exchanged.
# </details>

# %% [markdown] tags=["discussion"]
# DTW in 12a is the same table with other costs. A WER can exceed 1, for one can hear more words than were said.

# %%
x, y = noisy_singles(train, copies=2, seed=SEED)            # (N, 1, 40, 56), (N,)
namer = trained_net((x, y), n_epochs=5 if not FAST else 1, seed=SEED)

def classify(pieces):
    with torch.no_grad():
        return namer(torch.from_numpy(pictures(pieces))).argmax(1).numpy()

threshold, closed, cut_val = tuned_cut(val_strings, classify)
print(f"best of 20 settings: {measured(threshold, 'g')} dB, holes of",
      f"less than {measured(10 * closed, 'g')} ms closed,",
      f"WER {measured(cut_val, '.2f')}")

# %% [markdown]
# Twenty settings were tried on validation voices, to be fair to the baseline. It still errs often: digits that touch
# come out as one piece, and the silence inside a "six" or an "eight" can split it.

# %% [markdown]
# ## 3 · CTC: sum over all alignments
#
# A network can give, for every frame, probabilities of the ten digits and of a **blank**, "nothing new". We know *what*
# was said, not *when*. **Connectionist temporal classification** (CTC, Graves and others 2006) calls one symbol a frame a
# **path**. A path says: merge equal neighbours, then leave out the blanks. The probability of a text is the *sum over
# all paths* that say it.

# %%
probs = np.array([[0.5, 0.4, 0.1],          # frame 1: blank, "1", "2"
                  [0.3, 0.3, 0.4],
                  [0.5, 0.1, 0.4]])
paths = ctc.paths_of([1, 2], n_frames=3, n_symbols=3)
by_hand = sum(np.prod(probs[[0, 1, 2], path]) for path in paths)
print(len(paths), "paths say 1 2:", paths, f"\nsum {by_hand:.3f}")

# %%
explore(*scenes_strings.three_frames(probs), name="all paths of three frames",
        goal="the likeliest text", steps=scenes_strings.THREE_STEPS,
        target=choice("target", ["1", "2", "12", "21", "11", "121", ""], "12"))

# %% [markdown]
# ### Exercise 12.7 · What does a path say? · test · 6 min · ★★☆
#
# `f(path)` should turn a path (a list of whole numbers, 0 is the blank) into the text that it says, a list. Write a test
# that a right `f` passes, and that each of four wrong ones fails.

# %%
def test_collapse(f):
    """f: path → text."""
    ### BEGIN SOLUTION
    assert f([1, 1, 0, 1, 2]) == [1, 1, 2]
    assert f([0, 3, 3, 0]) == [3]
    assert f([1, 2, 1]) == [1, 2, 1]
    ### END SOLUTION

# %%
check("12.7", test_collapse)

# %% [markdown]
# <details><summary>Hint 1: what can go wrong?</summary>
#
# Blanks may be left out too early; neighbours may not be merged; blanks may stay.
# </details>
# <details><summary>Hint 2: one path for many faults</summary>
#
# Put two equal neighbours, and the same symbol once more behind a blank, into one path.
# </details>

# %% [markdown] tags=["discussion"]
# The order of the two rules is the whole trick: a blank between two equal digits keeps them apart.

# %% [markdown]
# Three frames of three symbols have 27 paths, fifty of eleven more than the Earth has atoms. The **forward algorithm** needs
# none of them one by one. Write the target with blanks around each digit: the *rows*. Let `alpha[s]` be the log
# probability of all ways that have come to row s by now. The next frame: stay in the row, come from the row above, or
# from two above, if a blank may be left out.

# %% [markdown]
# ### Exercise 12.8 · One step of the forward algorithm · write · 12 min · ★★★
#
# From two rows above one may come if the row is no blank, and not the same digit as two rows above. Add up the ways with
# `logsumexp`, which adds probabilities given as logarithms (a way that is not there counts as −1e30), then add
# `frame[rows[s]]`. Budget: 9 lines.

# %%
def forward_step(alpha, frame, rows):
    """alpha (S,), frame (K,) log probabilities, rows: S symbols → next alpha (S,)."""
    ### BEGIN SOLUTION
    ways = []
    for s in range(len(rows)):
        way = [alpha[s]]
        if s >= 1:
            way.append(alpha[s - 1])
        if s >= 2 and rows[s] != 0 and rows[s] != rows[s - 2]:
            way.append(alpha[s - 2])
        ways.append(torch.logsumexp(torch.stack(way), 0))
    return torch.stack(ways) + frame[rows]
    ### END SOLUTION

# %%
check("12.8", forward_step)

# %% [markdown]
# <details><summary>Hint 1: row by row</summary>
#
# For each s collect `alpha[s]`, and where they are allowed `alpha[s − 1]` and `alpha[s − 2]`, in a list.
# </details>
# <details><summary>Hint 2: the sum</summary>
#
# `torch.logsumexp(torch.stack(list), 0)`; at the end `frame[rows]` picks each row's symbol.
# </details>

# %% [markdown] tags=["discussion"]
# With `-inf` for a way that is not there the value is right, and the gradient is NaN wherever all three ways are missing.
# A large negative number does not have that fault.

# %%
log_probs = torch.from_numpy(probs).log()                           # (3, 3)
ours = ctc.ctc_loss(log_probs, [1, 2])
library = F.ctc_loss(log_probs[:, None], torch.tensor([[1, 2]]), [3], [2],
                     reduction="sum")
assert np.isclose(float((-ours).exp()), by_hand)
torch.testing.assert_close(ours, library)
print(f"all paths {by_hand:.4f}, forward {float((-ours).exp()):.4f}, library the same")

# %% [markdown]
# ## 4 · Break it: a network that says nothing
#
# A network of four convolutions over time reads the log-mel features and gives one frame for four. We train it with CTC
# from a fresh start. How will the word error rate fall on validation voices?

# %%
sketch_cold = draw_curve("WER on validation voices, CTC from a fresh start",
                         x=("step", 0, N_STEPS), y=("word error rate", 0, 1.2))

# %%
xs, val_xs = log_mels(strings.waves), log_mels(val_strings.waves)   # lists of (T, 40)
judge = checker(val_xs, val_strings.digits)

def new_net(seed):
    torch.manual_seed(seed)
    return FrameNet(width=48)

# %%
cold, cold_nets = [], []
for seed in range(N_RUNS):
    net = new_net(seed)
    begun = time.perf_counter()
    cold.append(train_frames(net, xs, strings.digits, n_steps=N_STEPS * 4 // 3,
                             seed=seed, check=judge, every=25))
    cold_nets.append(net)
    seconds = (time.perf_counter() - begun) / (N_STEPS * 4 // 3)
steps = np.array(cold[0].steps)
cold_wers = np.array([c.wers for c in cold])                # (runs, checks)
blanks = np.array([c.blanks for c in cold])

# %%
sketch_cold.compare(steps, cold_wers.mean(0))

# %%
show(stills.lines({"word error rate": (steps, cold_wers),
                   "frames that say blank": (steps, blanks)},
                  "step", "share", "From a fresh start: first it falls silent",
                  ylim=(0, 1.2)))
for step in (0, len(cold[0].losses) // 8, len(cold[0].losses) // 4):
    print(f"loss at step {step}: {measured(cold[0].losses[step], '.1f')}")

# %% [markdown]
# The symptom: for dozens of steps the error stays near 1, and hardly anything but blanks comes out. The loss has fallen
# steeply by then, and goes on only slowly. What would you suspect: a rate too low, wrong labels, a bug?

# %%
guess_blank = predict("All symbols equally likely: in the paths of four digits, which "
                      "share of the frames is blank?",
                      ["about 1/11, as each symbol", "about a fifth", "more than 0.3"])

# %%
frames_out, target = 50, torch.tensor([[4, 2, 8, 6]])
flat = torch.zeros(frames_out, 1, 11, requires_grad=True)           # no opinion
F.ctc_loss(flat.log_softmax(-1), target, [frames_out], [4], reduction="sum").backward()
share = 1 / 11 - flat.grad[:, 0].mean(0)            # gradient = p − share in the paths
print("blank", measured(share[0], ".2f"), "· each digit of the target",
      measured(share[target[0]].mean(), ".2f"))

# %%
guess_blank.compare(float(share[0]), bins=[0.15, 0.3])

# %% tags=["promise"]
silent = ((cold_wers > 0.85) & (blanks > 0.9)).sum(1) * 25
expect(silent.min(), at_least=25, spec=".0f", n=N_RUNS, unit=" steps",
       what="shortest time on the plateau of blanks")
expect(share[0], at_least=0.3, what="share of the blank in the paths of four digits")
expect(share[0] / share[target[0]].mean(), at_least=2,
       what="blank against a digit of the target")

# %% [markdown]
# The gradient of CTC is *probability minus share in the paths*. The blank stands in every target's paths, between any
# two digits; a digit only in some. So the first thing that all strings teach alike is "say blank", in every frame, before
# the network can tell frames apart. Then it stands on a **plateau** until some frame begins to look like a digit.

# %% [markdown]
# ## 5 · A warm start
#
# So teach it first what a digit looks like: the same network on clips of *one* digit, where the greatest score over time
# counts. Then CTC. The fresh networks had a third more steps of CTC, so that both kinds get about the same time. Is it
# the digits, or any training before? The control: one network that was warmed up on *shuffled* labels.

# %%
singles = make_strings(train, 0, seed=3, length=(1, 1), per_voice=20)
single_xs = log_mels(singles.waves)
warm, warm_nets = [], []
for seed in range(N_RUNS):
    net = new_net(seed)
    train_frames(net, single_xs, singles.digits, n_steps=N_WARM, single=True,
                 batch_size=32, seed=seed)
    warm.append(train_frames(net, xs, strings.digits, n_steps=N_STEPS, seed=seed,
                             check=judge, every=25))
    warm_nets.append(net)
warm_wers = np.array([c.wers for c in warm])

# %%
order = np.random.default_rng(SEED).permutation(len(single_xs))
net = new_net(0)
train_frames(net, single_xs, [singles.digits[i] for i in order], n_steps=N_WARM,
             single=True, batch_size=32)
shuffled = train_frames(net, xs, strings.digits, n_steps=N_STEPS // 3, check=judge,
                        every=25)

# %%
show(stills.lines({"fresh start": (steps, cold_wers),
                   "warm start": (warm[0].steps, warm_wers),
                   "warm start, shuffled labels": (shuffled.steps, shuffled.wers)},
                  "step with CTC", "WER on validation voices",
                  "Who knows single digits is through at once", ylim=(0, 1.1)))
first = steps[(cold_wers.mean(0) < 0.5).argmax()]
print(f"the fresh ones come below 0.5 at step {measured(first, '.0f')},",
      f"{measured(seconds * first, '.1f')} s after their start")

# %% tags=["promise"]
at_50 = [wers[:, :3][:, -1] for wers in (cold_wers, warm_wers)]
expect(at_50[1].max(), at_most=0.5, n=N_RUNS, what="WER at step 50, warm")
expect(at_50[0].min(), at_least=0.8, n=N_RUNS, what="WER at step 50, fresh")
expect(shuffled.wers[:3][-1], at_least=0.8, n=1, what="WER at step 50, labels shuffled")
expect(warm_wers[:, -1].max(), at_most=0.12, n=N_RUNS, what="WER at the end, warm")

# %% [markdown]
# The warm networks pass the plateau, and it is the digits that help: after shuffled labels the network stands on it like
# a fresh one. The plateau can be left: the fresh ones leave it too, later. A short training would have told you "CTC
# does not work here".

# %% [markdown]
# **Touch the lattice.** Left, what a trained network says of one string. Right, the rows of *your* target: brightness is
# alpha, the white line the best path. Type what was said, then others. Which wrong text is the next best?

# %%
net = warm_nets[0]
place = next(i for i, d in enumerate(val_strings.digits) if len(d) == 4)
touch = scenes_strings.Touch(frame_log_probs(net, val_xs[place:place + 1])[0],
                             val_strings.digits[place])
print("said:", *val_strings.digits[place])
explore(touch.draw, touch.fig, name="a lattice to touch",
        goal="the best text that differs from the right one in one place",
        target=text("target (digits)", touch.truth, longest=8))

# %% tags=["promise"]
expect(touch.best_wrong[0] - touch.loss(touch.truth), at_least=0.5 if not FAST else -99,
       what="nats between the right text and the best wrong one", n=1)

# %% [markdown]
# ## 6 · From probabilities to a text
#
# **Greedy** decoding takes the likeliest symbol of each frame and collapses that path. But a text is a sum of paths: many
# unlikely ones together may win.

# %% [markdown]
# ### Exercise 12.9 · Where greedy is wrong · value · 5 min · ★★☆
#
# Two symbols, blank and a. Give two or more frames `[blank, a]`, each adding up to 1, for which another text is at least
# one and a half times as likely as what greedy decoding says.

# %%
### BEGIN SOLUTION
frames = [[0.6, 0.4], [0.6, 0.4]]
### END SOLUTION

# %%
check("12.9", frames)

# %% [markdown]
# <details><summary>Hint 1: let greedy say nothing</summary>
#
# In each frame the blank leads by a little. Then greedy has one path; how many has "a"?
# </details>
# <details><summary>Hint 2: count</summary>
#
# Two frames with blank 0.6: p("") = 0.36, and all the rest, 0.64, is "a".
# </details>

# %% [markdown] tags=["discussion"]
# A real recogniser meets this where it is unsure, and where a language model should have a say.

# %% [markdown]
# A **beam search** keeps the best few *texts* at each frame, and adds up the paths that lead to the same one.

# %%
toy = np.log([[0.6, 0.4], [0.6, 0.4]])
print("greedy:", ctc.greedy(toy), "· beam:", ctc.beam(toy, width=2)[0][0])
rows = frame_log_probs(net, val_xs)
by_greedy = ctc.wer([ctc.greedy(row) for row in rows],
                    [[d + 1 for d in said] for said in val_strings.digits])
by_beam = ctc.wer([ctc.beam(row.numpy(), 8)[0][0] for row in rows],
                  [[d + 1 for d in said] for said in val_strings.digits])
print(f"our network: greedy {measured(by_greedy)}, a beam of 8 {measured(by_beam)}")
sure = (torch.cat(rows).exp().amax(1) > 0.9).float().mean()
print(f"frames whose likeliest symbol has more than 0.9: {measured(sure, '.2f')}")

# %% tags=["promise"]
expect(abs(by_greedy - by_beam), at_most=0.03, n=1,
       what="difference of the two on 40 validation strings")
expect(sure, at_least=0.8, n=1, what="frames of which the network is sure")

# %% [markdown]
# On the toy the beam is right and greedy wrong. On our network they agree, and it is sure of most frames.

# %% [markdown]
# ## 7 · The test, opened once
#
# Voices never heard. Beside each error rate stands an interval, by **bootstrap**: draw again, with replacement, and
# measure again, a thousand times. What do we draw? Strings of one voice are alike, so we draw *voices*.

# %%
said = make_strings(test, 0, seed=4, per_voice=PER_VOICE)
said_xs = log_mels(said.waves)

def by_cutting(waves):
    return cut_and_classify(waves, classify, threshold, closed)

heard = {"cut and classify": by_cutting(said.waves)}
for name, nets in (("fresh start", cold_nets), ("warm start", warm_nets)):
    for seed, one_net in enumerate(nets):
        heard[f"{name}, seed {seed}"] = heard_by(one_net, said_xs)

# %%
for name, texts in heard.items():
    wrong, words = ctc.errors(texts, said.digits)
    low, high = ctc.bootstrap(wrong, words, said.voices)
    low_s, high_s = ctc.bootstrap(wrong, words)
    print(f"{name:18} {measured(wrong.sum() / words.sum())}",
          f"95 %: voices {measured(low)} to {measured(high)},",
          f"strings {measured(low_s)} to {measured(high_s)}")
by_voice = np.sort(np.bincount(said.voices, wrong))[::-1]
worst = by_voice[:3].sum() / max(wrong.sum(), 1)
print(f"three of {len(np.unique(said.voices))} voices make",
      f"{measured(100 * worst, '.0f')} % of the last network's errors")

# %% tags=["promise"]
wers = {name: ctc.wer(texts, said.digits) for name, texts in heard.items()}
at_end = {kind: np.mean([w for name, w in wers.items() if kind in name])
          for kind in ("cut", "fresh", "warm")}
expect(at_end["warm"], at_most=0.16, n=N_RUNS, what="WER of the warm start, new voices")
expect(at_end["cut"], at_least=0.12, n=1, what="WER of cut and classify, new voices")
expect((high - low) / max(high_s - low_s, 1e-9), at_least=1.1, n=1,
       what="interval over voices / interval over strings, last network")
expect(worst, at_least=0.4, what="share of the errors on the worst three voices", n=1)
expect(at_end["fresh"] - at_end["warm"], at_least=0.01, n=N_RUNS,
       what="how much better the warm start is at equal time")

# %% [markdown]
# Over voices the interval is wider, for errors come by voice: see how many come from three of them. Who draws strings or
# words pretends to know more. An interval tells only what varies in it: not other seeds of the training (each has its own row), and no
# humans. On validation the error was lower: ten voices, none of them so odd. Now the two enemies of cutting: gap and noise.

# %%
guess_gap = predict("No gap at all between digits: cutting reads wrong …",
                    ["less than a third of them", "a third to two thirds", "more"])

# %%
gaps, snrs = [-60, -30, 0, 50, 100, 250], [30, 20, 10, 5, 0]
tables = {"gap": [], "noise": []}
for kind, values in (("gap", gaps), ("noise", snrs)):
    for value in values:
        seconds = value / 1000
        more = make_strings(test, 0, seed=5, per_voice=3 if not FAST else 1,
                            **({"gap": (seconds, seconds)} if kind == "gap"
                               else {"snr": (value, value)}))
        tables[kind].append([ctc.wer(texts, more.digits) for texts in (
            by_cutting(more.waves), heard_by(net, log_mels(more.waves)))])
by_gap, by_noise = np.array(tables["gap"]), np.array(tables["noise"])   # (values, 2)

# %%
show(stills.lines({"cut and classify": (gaps, by_gap[:, 0]),
                   "CTC": (gaps, by_gap[:, 1])},
                  "gap between digits (ms)", "word error rate",
                  "Where digits touch, cutting fails", ylim=(0, 1)))
show(stills.lines({"cut and classify": (snrs, by_noise[:, 0]),
                   "CTC": (snrs, by_noise[:, 1])},
                  "SNR (dB)", "word error rate", "Both trained at 20 to 40 dB",
                  ylim=(0, 1.1)))

# %%
guess_gap.compare(by_gap[2, 0], bins=[1 / 3, 2 / 3])

# %% tags=["promise"]
expect(by_gap[2, 0] - by_gap[2, 1], at_least=0.25, n=1, what="CTC's lead with no gap")
expect(by_gap[2, 1] - by_gap[5, 1], at_most=0.08, n=1, what="what no gap costs CTC")
expect(by_gap[0, 1] - by_gap[2, 1], at_least=0.04, n=1, what="what an overlap costs")
expect(by_noise[2, 0] - by_noise[2, 1], at_least=0.15, n=1, what="CTC's lead at 10 dB")
expect(by_noise[4, 1], at_least=0.2, n=1, what="CTC's own WER at 0 dB")

# %%
voice = test.voices[0]
clips = [test.waves[np.flatnonzero((test.voices == voice) & (test.digits == d))[0]]
         for d in (4, 1, 7, 3)]
gap_scene = scenes_strings.Gap(net, clips, [4, 1, 7, 3], by_cutting,
                               lambda w: cut(w, threshold, closed=closed))
explore(gap_scene.draw, gap_scene.fig, name="the gap between digits",
        goal="a gap at which cutting is wrong and the network right",
        sound=gap_scene.sound, gap=slider("gap (ms)", -80, 300, 150, 10))

# %% [markdown]
# The network never cuts, and it met touching digits in its training: a missing silence costs it little, an overlap more.
# In noise both fail, cutting first. Both were made for quieter clips; 12a showed what training in noise did for words.

# %% [markdown]
# ## Summary
#
# How does a wave become many words? A network names frames, CTC sums over all alignments, and a collapsed path is the
# text. You have
# - found speech by its energy, and seen noise take that away;
# - summed paths by hand, by the forward algorithm and by the library, to one number;
# - seen the plateau of blanks, and in the gradient why blanks come first; left it by a warm start;
# - made a case where greedy is wrong, and seen that a sure network does not mind;
# - measured WER with an interval over voices, beside a tuned baseline.

# %%
quiz("12b.1")
quiz("12b.2")
quiz("12b.3")
quiz("12b.4")
quiz("12b.5")

# %% [markdown]
# ## Further reading
#
# - Graves and others (2006), *Connectionist temporal classification*, [doi:10.1145/1143844.1143891](https://doi.org/10.1145/1143844.1143891)
# - Hannun (2017), *Sequence modeling with CTC*, Distill, [doi:10.23915/distill.00008](https://doi.org/10.23915/distill.00008)
# - Hannun and others (2014), *First-pass large vocabulary continuous speech recognition*, [arXiv:1408.2873](https://arxiv.org/abs/1408.2873)
# - Bisani, Ney (2004), *Bootstrap estimates for confidence intervals in ASR performance evaluation*, [doi:10.1109/ICASSP.2004.1326009](https://doi.org/10.1109/ICASSP.2004.1326009)
