# %% [markdown]
# # 12a · Speech — How does a wave become a word?
#
# > **You will be able to**
# > - turn a wave into frames, a spectrogram, mel bands and MFCC, each from scratch, and say what each step throws away;
# > - choose a window, and say what a longer one costs;
# > - set plain recognisers beside a network, and say who wins;
# > - split by voice, and say by how much a random split lies;
# > - measure a recogniser in noise, and train one for it.
# >
# > **Time** 59 minutes, exercises 36 more · **Before this** [02b · CNN](02b_networks.ipynb),
# > [05a · Splits](05a_splits.ipynb) · **In the article** section 4, which announces speech recognition

# %% tags=["parameters"]
FAST = False
SEED = 1
N_VOICES, N_NEW = 97, 25    # voices in all; of these, never heard in training
COUNTS = [1, 2, 5, 10, 50]  # voices in a training
N_CLIPS = 200               # clips in a training, whatever the number of voices
N_RUNS = 3                  # random splits, and draws of voices
N_EPOCHS = 12
HUMANS = False              # True fetches 12 MB of recordings; see section 5

# %% tags=["setup"]
import numpy as np
import scipy
import torch
from scipy.signal import resample_poly

from helpers import check, expect, measured, show, start
from helpers.data.mel import hertz, mel
from helpers.data.sound import human_digits, human_recordings
from helpers.data.voices import spoken_digits
from helpers.topics.speech import features, scenes, stills
from helpers.topics.speech.features import dct_matrix, hann, mfcc, pictures
from helpers.topics.speech.recognise import (
    by_number_of_voices, by_speaker, linear, on_random_splits, thirds_of_pictures,
    trained_net)
from helpers.training.fit import evaluate
from helpers.widgets import (
    choice, draw_curve, explore, hear, order, predict, quiz, slider, warm_up)

start(SEED, fast=FAST)
if FAST:
    N_VOICES, N_NEW, COUNTS = 18, 6, [1, 2, 5, 10]
    N_CLIPS, N_RUNS, N_EPOCHS = 40, 2, 1

# %%
warm_up("12a")

# %% [markdown]
# The article announces speech recognition and never comes to it. Here it is. The voices come from eSpeak NG, a program
# that speaks by rules: this is **synthesised speech**, and no human. It has one great advantage: as many voices as we
# want, each known by name. Real humans speak in section 4.

# %%
spoken = spoken_digits(N_VOICES, 2, seed=SEED)
print(measured(str(spoken)))
seven = spoken.waves[7]                          # (T,) float32, 8,000 a second
hear({"“seven”": seven, "another voice": spoken.waves[27]})

# %% [markdown]
# ## 1 · From a wave to a picture
#
# A wave is the pressure of the air, 8,000 times a second. Two takes of one word never agree sample by sample. What
# they share is *which frequencies* sound *when*. So we cut the wave into short **frames**, fade each in and out with a
# **window**, and ask a Fourier transform how strong each frequency is in it. That is the **short-time Fourier
# transform**, STFT.

# %%
w = np.lib.stride_tricks.sliding_window_view(seven, 256)[::96]      # (frames, 256)
spectrum = np.fft.rfft(w * hann(256))                               # (frames, 129)
from_torch = torch.stft(torch.from_numpy(seven).double(), 256, 96, center=False,
                        window=torch.hann_window(256, dtype=torch.float64),
                        return_complex=True)                        # (129, frames)
assert np.allclose(spectrum, from_torch.numpy().T)
print("frames and frequencies:", measured(str(spectrum.shape), ""))

# %% [markdown]
# ### Exercise 12.1 · Short-time power · write · 8 min · ★★☆
#
# Write the **power** of each frequency in each frame: frames of `window` samples every `hop` samples, times
# `hann(window)`, Fourier transform, absolute value squared. Budget: 3 lines.

# %%
def short_time_power(wave, window, hop):
    """wave (T,) with T >= window → (1 + (T − window) // hop, window // 2 + 1)."""
    ### BEGIN SOLUTION
    parts = np.lib.stride_tricks.sliding_window_view(wave, window)[::hop]
    return np.abs(np.fft.rfft(parts * hann(window))) ** 2
    ### END SOLUTION

# %%
check("12.1", short_time_power)

# %% [markdown]
# <details><summary>Hint 1: frames</summary>
#
# `np.lib.stride_tricks.sliding_window_view(wave, window)` holds a frame at every sample; keep every hop-th one.
# </details>
# <details><summary>Hint 2: power</summary>
#
# `np.fft.rfft` transforms along the last axis. Its numbers are complex: `np.abs(…) ** 2`.
# </details>

# %% [markdown] tags=["discussion"]
# Without the window a frame begins and ends with a jump, and a jump holds all frequencies: they would lie as a grey veil
# over the picture.

# %% [markdown]
# **How long should a window be?** Below, a sound of two tones, 60 Hz apart, and two clicks, 8 ms apart. Walk through
# the steps. Then look for a window that shows two tones *and* two clicks.

# %%
explore(*scenes.window_and_clicks(), name="window against clicks",
        steps=scenes.WINDOW_STEPS,
        goal="one window that shows both pairs, the clicks at most 40 ms apart",
        window=choice("window (samples)", [64, 128, 256, 512, 1024], 256),
        apart=slider("between the clicks (ms)", 4, 80, 8, 2))

# %% tags=["promise"]
both = {apart: sum(s.tone_valley >= 3 and s.click_valley >= 3 for s in (
    scenes.seen(n, apart) for n in (64, 128, 256, 512, 1024))) for apart in (8, 60)}
expect(both[8], at_most=0, spec=".0f", what="windows of five that show both, 8 ms")
expect(both[60], at_least=1, spec=".0f", what="windows of five that show both, 60 ms")

# %% [markdown]
# A window of n samples tells frequencies apart that lie about 2 · 8000 / n Hz from each other, and moments that lie about
# half a window from each other. The product of the two is fixed, so with 60 Hz and 8 ms **none** of the windows shows
# both. With clicks farther apart one does: the limit is the product, for tones and clicks alike. Speech is mostly cut
# into windows of 20 to 32 ms, a compromise.

# %% [markdown]
# ### Exercise 12.2 · A frame for forty · value · 5 min · ★☆☆
#
# A clip has 4,000 samples at 8,000 a second. Give a window and a hop, in samples, such that there are exactly 40 frames,
# a bin of the spectrum (8000 / window) is at most 40 Hz wide, and the hop is at most half the window.

# %%
### BEGIN SOLUTION
frame = (256, 96)
### END SOLUTION

# %%
check("12.2", frame)

# %% [markdown]
# <details><summary>Hint 1: a count</summary>
#
# There are 1 + (4000 − window) // hop frames.
# </details>
# <details><summary>Hint 2: begin with the window</summary>
#
# At least 200 samples. Then 39 hops must fit into 4000 − window, and 40 must not.
# </details>

# %% [markdown] tags=["discussion"]
# A smaller hop makes more frames, but no sharper ones: neighbours share most of their samples.

# %% [markdown]
# ## 2 · Mel, logarithm, MFCC
#
# 129 powers a frame stand evenly in Hz; ears do not hear so. Tones an equal number of Hz apart sound the closer, the
# higher they are. The **mel** scale straightens that: `mel(f) = 2595 log10(1 + f / 700)`. A **mel bank** is a row of triangles that stand evenly on
# it; each sums the power under it.

# %% [markdown]
# ### Exercise 12.3 · A mel bank · write · 10 min · ★★☆
#
# The corners stand evenly in mel from 0 to rate / 2: `bands + 2` of them. Triangle b rises in a straight line (in Hz)
# from 0 at corner b to 1 at corner b + 1, and falls to 0 at corner b + 2. `mel` and `hertz` are there. Budget: 6 lines.

# %%
def triangles(bands, window, rate):
    """→ (bands, window // 2 + 1): what each frequency counts in each band."""
    ### BEGIN SOLUTION
    corners = hertz(np.linspace(0, mel(rate / 2), bands + 2))[:, None]
    bins = np.arange(window // 2 + 1) * rate / window
    rise = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    fall = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return np.maximum(0, np.minimum(rise, fall))
    ### END SOLUTION

# %%
check("12.3", triangles)

# %% [markdown]
# <details><summary>Hint 1: corners and bins</summary>
#
# `hertz(np.linspace(0, mel(rate / 2), bands + 2))`; bin k lies at k · rate / window Hz.
# </details>
# <details><summary>Hint 2: a triangle</summary>
#
# Two straight lines, one rising and one falling. Inside the triangle the lower of the two counts, outside 0.
# </details>

# %% [markdown] tags=["discussion"]
# Other programs use another mel formula (Slaney's, straight below 1,000 Hz) or divide each triangle by its width. Either
# can serve, but do not mix them: a network gets in use what it got in training.

# %% [markdown]
# Then the **logarithm**: loudness is heard in ratios. Neighbouring bands still rise and fall together; a **cosine
# transform** along the bands sums them up in a few numbers, the MFCC. The first says how loud the frame is, the next few
# what shape its spectrum has.

# %%
logs = np.log(np.abs(spectrum) ** 2 @ features.mel_bank(40, 256).T + 1e-5)
ours = logs @ dct_matrix(40, 13).T                                  # (frames, 13)
theirs = scipy.fft.dct(logs, norm="ortho")[:, :13]
assert np.allclose(ours, theirs) and np.allclose(ours, mfcc(seven), atol=1e-3)
show(stills.stages(seven, "seven"))

# %% [markdown]
# From 129 numbers a frame to 13. What have we lost? Keep more and more coefficients, and look.

# %%
explore(*scenes.coefficients(spoken.waves[:10]), name="coefficients kept",
        goal="the fewest coefficients that keep 95 % of the variance",
        word=choice("word", scenes.WORDS, "seven"),
        k=slider("coefficients", 1, 40, 4))

# %% [markdown]
# Fine ripples over the bands go first; the broad shape of the spectrum stays. Is the shape enough to tell words apart?
# Section 4 measures it: its recognisers get 13 coefficients.

# %% [markdown]
# ### Exercise 12.4 · From a wave to MFCC · order · 5 min · ★☆☆
#
# Put the lines in order, and fill the gap. Two lines do not belong.

# %%
steps = order("12.4")

# %%
check("12.4", steps)

# %% [markdown]
# <details><summary>Hint 1: the beginning</summary>
#
# A window is laid on samples, before the transform.
# </details>
# <details><summary>Hint 2: the end</summary>
#
# Powers are summed in bands, then comes the logarithm, then the cosine transform.
# </details>

# %% [markdown] tags=["discussion"]
# Log and sum do not exchange: the logarithm of a sum of powers follows the strongest, a sum of logarithms the weakest.

# %% [markdown]
# ## 3 · Plain recognisers first
#
# Before any network, three plain ones:
# - **mean**: the mean of all frames, and logistic regression on these 13 numbers. The order of the sounds is lost;
# - **thirds**: the means of the first, second and last third, and the spread: 52 numbers;
# - **DTW**: *dynamic time warping* lays one take on the other, frame on frame, as cheaply as possible. The answer is the
#   word of the nearest reference. Nothing is trained.

# %%
human, digits = human_digits()              # 3,000 arrays (frames, 13), labels (3000,)
picked = [np.flatnonzero(digits == d)[k] for d in (0, 5, 9, 1) for k in range(3)]
explore(*scenes.two_takes([human[i] for i in picked], digits[picked]),
        name="two takes", goal="two different digits, nearer than two takes of one",
        first=slider("first take", 0, 11, 0), second=slider("second take", 0, 11, 1))

# %% [markdown]
# ## 4 · Humans, and a random split
#
# These are real: 3,000 digits spoken by six people (Free Spoken Digit Dataset, CC BY-SA 4.0). The course brings their
# MFCC; the waves are in section 5. A fifth of the clips, drawn at random, is the test. Beside the plain three stands
# a CNN of three convolutions on the MFCC as a picture. DTW is slow: it gets 500 references, not 2,400, and 200 of the
# 600 tests.

# %%
guess_lead = predict("By how many points does the CNN lead the thirds, human digits?",
                     ["less than 2, or not at all", "2 to 5", "more than 5"])

# %%
n_humans = 3000 if not FAST else 200
scores = on_random_splits(human[:n_humans], digits[:n_humans], n_splits=N_RUNS,
                          n_epochs=8 if not FAST else 1)
lead = np.mean(scores["CNN"]) - np.mean(scores["thirds + linear"])
show(stills.rows(scores, "accuracy", "Human digits, random splits", "splits"))

# %%
guess_lead.compare(100 * lead, bins=[2, 5])

# %% tags=["promise"]
mean = {name: np.mean(s) for name, s in scores.items()}
expect(mean["mean + linear"], at_least=0.78, at_most=0.89, n=N_RUNS,
       what="accuracy of the mean")
expect(mean["thirds + linear"], at_least=0.95, n=N_RUNS, what="accuracy of the thirds")
expect(mean["nearest by DTW"], at_least=0.93, n=N_RUNS, what="accuracy of DTW")
expect(mean["CNN"], at_least=0.93, n=N_RUNS, what="accuracy of the CNN")
shuffled = mean["thirds, frames shuffled"]
expect(shuffled - mean["mean + linear"], at_least=0.04, n=N_RUNS,
       what="gain without order: shuffled thirds − mean")
expect(mean["mean, spread + linear"] - mean["mean + linear"], at_least=0.04, n=N_RUNS,
       what="gain of the spread, without order")
expect(mean["thirds + linear"] - shuffled, at_least=0.01, at_most=0.06, n=N_RUNS,
       what="gain of order: thirds − shuffled thirds")
expect((1 - mean["thirds + linear"]) / (1 - shuffled), at_most=0.7, n=N_RUNS,
       what="share of the errors that is left when order is added")
expect(mean["CNN"] - mean["thirds + linear"], at_most=0.02, n=N_RUNS,
       what="the CNN's lead over the thirds")

# %% [markdown]
# Why do the thirds beat the mean? "Because they know the order" is only a part of it. Two rows are controls: the mean
# *with the spread* knows no order, nor do thirds of *shuffled* frames, and both already gain most. The last step, where
# about half of the errors go, is the order. The network leads the thirds by less than two points. Is digit recognition solved?

# %% [markdown]
# Look at what this file hides. It does not say **who** speaks. Each person said each digit fifty times, so a random split
# puts forty takes of a person's "seven" into the training, and ten into the test.

# %% [markdown]
# ## 5 · A random split lies
#
# Our synthetic voices have names, so we can ask. We train on 200 clips, always 200: of one voice, of two, five, ten, fifty.
# Then we measure twice: on *other clips of the same voices*, as a random split does, and on 25 voices **never heard**.

# %%
sketch_voices = draw_curve("Accuracy on voices never heard, trained on 200 clips of …",
                           x=("voices in training", 1, 50), y=("accuracy", 0, 1),
                           xlog=True)

# %%
few = spoken_digits(10, N_CLIPS // 8, seed=SEED)           # 10 voices, 25 takes
known = spoken.only(spoken.voices < N_VOICES - N_NEW)
new = spoken.only(spoken.voices >= N_VOICES - N_NEW)
heard = by_number_of_voices(few, known, new, COUNTS, n_clips=N_CLIPS,
                            n_draws=N_RUNS, n_epochs=N_EPOCHS)

# %%
sketch_voices.compare(COUNTS, heard["CNN"].new.mean(0))

# %%
show(stills.lines({"CNN, a random split": (COUNTS, heard["CNN"].same),
                   "CNN, new voices": (COUNTS, heard["CNN"].new),
                   "thirds, a random split": (COUNTS, heard["thirds"].same),
                   "thirds, new voices": (COUNTS, heard["thirds"].new)},
                  "voices in the training (200 clips in all)", "accuracy",
                  "What a random split promises, and what a new voice gets",
                  xlog=True, ticks=COUNTS, ylim=(0, 1.03)))

# %% tags=["promise"]
net, plain = heard["CNN"], heard["thirds"]
for place, least, name in ((0, 0.1, "1 voice"), (1, 0.05, "2 voices")):
    expect((net.same - net.new)[:, place].mean(), at_least=least, n=N_RUNS,
           what=f"a random split flatters the CNN by, {name}")
expect(net.same.mean(0).min(), at_least=0.9, n=N_RUNS,
       what="the least that a random split says (CNN)")
expect((net.new[:, -1] - net.new[:, 0]).mean(), at_least=0.15, n=N_RUNS,
       what="gain on new voices, from 1 voice to 50 (CNN)")
expect((plain.new - net.new).mean(), at_least=0.0, n=N_RUNS,
       what="lead of the thirds on new voices, over all numbers of voices")

# %% [markdown]
# The random split says 0.9 or more, for one voice as for fifty. On new voices one voice is a poor teacher, and the gap is
# what the random split hid. (With so few clips the thirds are ahead of the network, on the average of the five numbers
# of voices.) Is it the number of voices, or of clips? There were 200 clips each time. The control: more clips of *one*
# voice.

# %%
one = few.only(few.voices == 0)
x_new, y_new = torch.from_numpy(pictures(new.waves)), torch.from_numpy(new.digits)
for n in (N_CLIPS // 4, N_CLIPS // 2, N_CLIPS * 5 // 4):
    part = one.only(np.arange(n))
    x, y = torch.from_numpy(pictures(part.waves)), torch.from_numpy(part.digits)
    one_net = trained_net((x, y), n_epochs=max(1, N_EPOCHS * N_CLIPS // n))
    more = evaluate(one_net, (x_new, y_new))[1]
    print(f"{n:3} clips of one voice: {measured(more, '.2f')} on new voices")

# %% tags=["promise"]
expect(net.new[:, -1].mean() - more, at_least=0.08, n=1,
       what="50 voices, 200 clips − one voice, 250 clips, on new voices")

# %% [markdown]
# More clips of a voice that is known already help little (one training each); other *voices* help. So count speakers, and say in each report
# whether the test speakers were heard in training. How wide is the gap for humans? The next cell measures it, if you ask.
#
# <details><summary>For the curious: the same with human recordings</summary>
#
# Set `HUMANS = True` in the parameters: 2,500 recordings of five speakers are fetched (12 MB, CC BY-SA 4.0, checked by
# SHA-256), and each speaker in turn is left out. Nothing is fetched otherwise.
# </details>

# %%
if HUMANS:
    recordings = human_recordings()
    left_out = by_speaker(recordings)
    show(stills.rows(left_out, "accuracy", "A human never heard", "speakers"))
    hear({name: recordings.waves[np.flatnonzero(recordings.voices == i)[0]]
          for i, name in enumerate(recordings.names)})

# %% [markdown]
# ### Exercise 12.5 · Split by voice · fix · 8 min · ★★☆
#
# This function splits clips. Make it split *voices*: `share` of the voices (rounded), drawn with `seed`, and all their
# clips, are the test; all other clips the training. Both parts are arrays of places.

# %%
def split_clips(voices, share, seed):
    """voices (N,), who speaks in each clip → places of train and of test."""
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(np.unique(voices))
    n_test = round(share * len(order))
    is_test = np.isin(voices, order[:n_test])
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)
    ### INSTEAD
    order = np.random.default_rng(seed).permutation(len(voices))
    n_test = round(share * len(voices))
    return order[n_test:], order[:n_test]
    ### END SOLUTION

# %%
check("12.5", split_clips)

# %% [markdown]
# <details><summary>Hint 1: what is drawn?</summary>
#
# Draw among `np.unique(voices)`, not among clips.
# </details>
# <details><summary>Hint 2: back to clips</summary>
#
# `np.isin(voices, drawn)` is a mask over the clips; `np.flatnonzero` turns a mask into places.
# </details>

# %% [markdown] tags=["discussion"]
# scikit-learn's `GroupShuffleSplit` does this. The same trap waits wherever examples come in groups: patients, writers,
# cameras, days.

# %% [markdown]
# ## 6 · Noise
#
# Now all training voices, and white noise. **SNR** (signal-to-noise ratio) is the power of the clip over that of the
# noise, in decibels: at 20 dB a hundred to one, at 0 dB one to one. One network is trained on clean clips, one on clips in
# noise of −5 to 25 dB, one on a random half of each. All make the same number of steps. The thirds are trained on both.

# %%
guess_noise = predict("The clean network at 0 dB: what is left of its accuracy?",
                      ["0.9 or more", "0.75 to 0.9", "less than 0.75"])

# %%
y = torch.from_numpy(known.digits)
snrs = np.random.default_rng(SEED).uniform(-5, 25, len(known))
clean = torch.from_numpy(pictures(known.waves))                     # (N, 1, 40, 56)
noisy = torch.from_numpy(pictures(known.waves, snr=snrs, seed=1))
n_epochs = 8 if not FAST else 1
is_noisy = torch.rand(len(y), 1, 1, 1) < 0.5                        # by chance
mixed = torch.where(is_noisy, noisy, clean)
nets = {"trained clean": trained_net((clean, y), n_epochs=n_epochs),
        "in noise": trained_net((noisy, y), n_epochs=n_epochs),
        "half and half": trained_net((mixed, y), n_epochs=n_epochs)}

# %%
levels = [40, 30, 20, 15, 10, 5, 0, -5]
in_noise = {name: [] for name in [*nets, "thirds, both"]}
both = linear(thirds_of_pictures(torch.cat([clean, noisy]).numpy()),
              y.repeat(2).numpy())
for level in levels:
    x = torch.from_numpy(pictures(new.waves, snr=[level] * len(new), seed=2))
    for name, model in nets.items():
        in_noise[name].append(evaluate(model, (x, y_new))[1])
    in_noise["thirds, both"].append(
        both.score(thirds_of_pictures(x.numpy()), new.digits))
show(stills.lines({name: (levels, a) for name, a in in_noise.items()},
                  "SNR (dB)", "accuracy on new voices",
                  "Three networks and the thirds in noise", ylim=(0, 1.03)))

# %%
guess_noise.compare(1 - in_noise["trained clean"][6], bins=[0.1, 0.25])

# %% tags=["promise"]
expect(in_noise["trained clean"][0], at_least=0.93, what="trained clean, at 40 dB")
expect(in_noise["trained clean"][6], at_most=0.75, what="trained clean, at 0 dB")
expect(in_noise["in noise"][6] - in_noise["trained clean"][6], at_least=0.08,
       what="gain of the one trained in noise, at 0 dB")
expect(in_noise["trained clean"][0] - in_noise["half and half"][0], at_most=0.05,
       what="what half and half loses at 40 dB")
expect(in_noise["half and half"][6] - in_noise["trained clean"][6], at_least=0.05,
       what="gain of half and half, at 0 dB")
expect(in_noise["half and half"][6] - in_noise["thirds, both"][6], at_least=0.04,
       what="lead of half and half over the thirds (clean and noisy too), at 0 dB")
expect(in_noise["half and half"][0] - in_noise["thirds, both"][0], at_least=0.03,
       what="the same, at 40 dB")

# %% [markdown]
# What is trained for is what one gets. The network that met noise keeps most of its accuracy where the clean one falls.
# What it pays on clean clips stands at the right end: measure both ends. Half and half is good at both. And here, at last,
# the network is ahead of the thirds, which met clean and noisy clips as well: at every level, and most in noise.

# %%
some = [int(np.flatnonzero((new.digits == d) & (new.voices == v))[0])
        for d, v in zip(range(10), np.resize(np.unique(new.voices), 10))]
noise_scene = scenes.NoisyWords(
    {"trained clean": nets["trained clean"], "half and half": nets["half and half"]},
    [new.waves[i] for i in some], new.digits[some])
explore(noise_scene.draw, noise_scene.fig, name="a word in noise",
        goal="a level at which the clean network is wrong and the other right",
        sound=noise_scene.sound, word=slider("word", 0, 9, 3),
        snr=slider("SNR (dB)", -10, 40, 20, 2))

# %% [markdown]
# Listen while you move. Down to which level do *you* understand the word?
#
# Now **erase**: a box of the spectrogram is set to 0, and the rest made a sound again. Can you turn "six" into something
# else? Try its hiss first, then its vowel.

# %%
eraser = scenes.Eraser(nets["trained clean"], [spoken.waves[i] for i in range(10)])
explore(eraser.draw, eraser.fig, name="erase and listen",
        goal="another word for the network, with at most a fifth erased",
        sound=eraser.sound, word=choice("word", scenes.WORDS, "six"),
        low=slider("from (kHz)", 0.0, 4.0, 2.0, 0.1),
        high=slider("to (kHz)", 0.0, 4.0, 4.0, 0.1),
        begin=slider("from (% of the clip)", 0, 100, 0, 2),
        end=slider("to (% of the clip)", 0, 100, 30, 2))

# %% [markdown]
# ## 7 · Break it: "but it worked here"
#
# The clean network goes to a customer. The same voices, the same words, no noise; and then this:

# %%
theirs = [resample_poly(wave, 1, 2).astype(np.float32) for wave in new.waves]
x_theirs = torch.from_numpy(pictures(theirs))
broken = evaluate(nets["trained clean"], (x_theirs, y_new))[1]
before = in_noise["trained clean"][0]
print(f"here {measured(before, '.2f')}, there {measured(broken, '.2f')}")

# %%
guess_fault = predict("What is wrong with the customer's clips?",
                      ["other words", "too much noise", "another sampling rate",
                       "clips too loud"])

# %% [markdown]
# **Listen** before you look at numbers.

# %%
hear({"here": new.waves[3], "there": theirs[3]})

# %%
guess_fault.compare("another sampling rate")

# %% tags=["promise"]
expect(before - broken, at_least=0.2,
       what="what another sampling rate costs")

# %% [markdown]
# The customer's microphone gives 4,000 samples a second, and the program takes them for 8,000: all is twice as fast and
# an octave higher. The control: bring their clips to 8,000 samples a second, and measure again.

# %%
mended_clips = [resample_poly(wave, 2, 1).astype(np.float32) for wave in theirs]
mended = evaluate(nets["trained clean"],
                  (torch.from_numpy(pictures(mended_clips)), y_new))[1]
print(f"brought to 8,000 a second: {measured(mended, '.2f')}")

# %% tags=["promise"]
expect(mended - broken, at_least=0.2, what="what the right rate gives back")

# %% [markdown]
# So it was the rate. A wave is numbers without a unit; the rate must travel along. And the first test of any program for
# sound is to play what the network gets.

# %% [markdown]
# ## The article, checked
#
# The article names speech recognition among the fields of deep learning, says that it will show it, and never does. Where
# it speaks of data, it splits without asking who made them, and it sets no plain model beside its networks. Your own
# numbers: a random split that praises one voice as much as fifty; and a linear model on 52 numbers within two points of the
# network on human digits.

# %% [markdown]
# ## Summary
#
# How does a wave become a word? In frames, through a window, a Fourier transform, mel bands, a logarithm, and then a plain
# model or a network. You have
# - built STFT, mel bank and MFCC, and compared the STFT with torch's, the cosine transform with SciPy's;
# - looked for a window that shows tones and clicks, and found that their product decides;
# - seen a linear model on thirds come close to a CNN on human digits, and fall behind it in noise;
# - split by voice, and seen what a random split hides;
# - trained for noise, and found a wrong sampling rate by listening.
#
# Next: [12b](12b_strings.ipynb), where nobody tells where a word begins.

# %%
quiz("12a.1")
quiz("12a.2")
quiz("12a.3")
quiz("12a.4")
quiz("12a.5")

# %% [markdown]
# ## Further reading
#
# - Davis, Mermelstein (1980), *Comparison of parametric representations for monosyllabic word recognition*, [doi:10.1109/TASSP.1980.1163420](https://doi.org/10.1109/TASSP.1980.1163420)
# - Sakoe, Chiba (1978), *Dynamic programming algorithm optimization for spoken word recognition*, [doi:10.1109/TASSP.1978.1163055](https://doi.org/10.1109/TASSP.1978.1163055)
# - Griffin, Lim (1984), *Signal estimation from modified short-time Fourier transform*, [doi:10.1109/TASSP.1984.1164317](https://doi.org/10.1109/TASSP.1984.1164317)
# - Park and others (2019), *SpecAugment*, [arXiv:1904.08779](https://arxiv.org/abs/1904.08779)
