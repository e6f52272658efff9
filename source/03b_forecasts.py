# %% [markdown]
# # 03b · Forecasts — What is a forecast worth?
#
# > **You will be able to**
# > - cut a series into windows, and split it in time without a leak;
# > - choose the baseline before the model: calendar, persistence, damped persistence, one cycle ago;
# > - compare a linear model and three networks with them, over seeds and over years, and say who wins;
# > - recognise a forecast that only repeats, and say of a skill what it is measured against.
# >
# > **Time** 65 minutes, exercises 41 more · **Before this** [03a · Memory](03a_memory.ipynb) (the GRU), and
# > convolutions from [02a · Windows](02a_windows.ipynb) · **In the article** section 2: "RNN trains on sequences, to analyse and
# > predict them"

# %% tags=["parameters"]
FAST = False
SEED = 0
SEEDS = 3               # networks of each kind on each series
ECHOES = 6              # networks of the colleague's kind
n_epochs = 30           # at most

# %% tags=["setup"]
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from torch import nn

from helpers import check, expect, measured, set_seed, show, start
from helpers.data import elnino, sunspots
from helpers.data.series import Setting, lag_correlations, skill_score, windows
from helpers.metrics import mean_interval
from helpers.models import MLP
from helpers.topics.rnn import forecasts as scenes
from helpers.topics.rnn.rules import (
    best_cycle,
    damping,
    plain_rules,
    prepare,
    ridge_on_changes,
)
from helpers.training import fit, predict_logits
from helpers.widgets import (
    Step,
    draw_curve,
    explore,
    order,
    predict,
    quiz,
    slider,
    warm_up,
)
from helpers.widgets.bar import progress_bar

start(SEED, fast=FAST)
if FAST:
    SEEDS, ECHOES, n_epochs = 2, 2, 2

# %% [markdown]
# **Warm-up.** Questions from earlier lessons, and one about what is to come.

# %%
warm_up("03b")

# %% [markdown]
# ## 1 · Windows and a horizon
#
# To forecast is to answer from the past alone. So we cut the series into **windows** (what is known) and pair each with
# a **target**, the value some steps after its end. That number of steps is the **horizon**: 1 is the very next value.

# %%
toy_series, width, horizon = list(range(10, 18)), 3, 2
for i in range(len(toy_series) - width - horizon + 1):
    print(toy_series[i:i + width], "→", toy_series[i + width + horizon - 1])
x_toy, y_toy, _ = windows(np.array(toy_series), width, horizon)   # (N, width) and (N,)
assert x_toy[0].tolist() == toy_series[:3]
assert y_toy[0] == toy_series[4]

# %% [markdown]
# Eight values give four pairs: a window of 3 and a horizon of 2 use up 5 values, and 8 − 5 + 1 = 4. The course's
# `windows` does the same, and says where in the series each target lies.
#
# ## 2 · Which opponent?
#
# Here is the sea off Peru, month by month since 1950. In some years, around Christmas, it is far too warm: El Niño. We
# look at the years before 1990 only; the later ones stay closed until section 5.

# %% [markdown]
# The plainest forecast three months ahead is **persistence**: the sea will be as warm as it is now. Against it stands
# **ridge**, a linear regression whose weights are kept small, on windows of a year. It learns from the years before 1980,
# and is judged on the eighties. (`Setting` holds a series and its splits.)

# %%
guess_ridge = predict("Persistence is wrong by about 2.5 °C on average. And ridge?",
                      ["below 1 °C", "1 to 2 °C", "about as much"])

# %%
months, sea = elnino()                                              # (T,) both
val_from, test_from = (int(i) for i in np.searchsorted(months, [1980, 1990]))
nino = Setting(months, sea, val_from, test_from, width=12, period=12,
               unit="°C", step="month")
x_sea, y_sea, at_sea = windows(sea, nino.width, 3)                  # (N, 12) (N,) (N,)
before = at_sea < nino.first_val
eighties = ~before & (at_sea < nino.first_test)
sea_ridge = Ridge(1.0).fit(x_sea[before], y_sea[before])
raw_error = np.abs(x_sea[eighties, -1] - y_sea[eighties]).mean()
ridge_error = np.abs(sea_ridge.predict(x_sea[eighties]) - y_sea[eighties]).mean()
print("mean error (°C): persistence", measured(raw_error, ".2f"),
      "ridge", measured(ridge_error, ".2f"))

# %%
guess_ridge.compare(ridge_error, bins=[1, 2])

# %% tags=["promise"]
expect(
    raw_error,
    at_least=2.4,
    at_most=2.6,
    spec=".2f",
    unit=" °C",
    what="persistence, mean error",
)
expect(
    ridge_error,
    at_least=0.6,
    at_most=0.8,
    spec=".2f",
    unit=" °C",
    what="ridge, mean error",
)

# %% [markdown]
# More than three times better! But which opponent was beaten? In March the sea off Peru is warm and in September cool:
# "as it is now" is a foolish answer from one season to another. The fair opponent knows the **calendar**: for each month,
# the mean of that month in the training years.

# %%
calendar = np.array([sea[:nino.first_val][month::12].mean() for month in range(12)])
assert np.allclose(calendar[at_sea % 12], nino.average[at_sea])
calendar_error = np.abs(calendar[at_sea % 12] - y_sea)[eighties].mean()
print(f"calendar: mean error {measured(calendar_error, '.2f')} °C")
shown = slice(0, nino.first_test)
show(scenes.with_calendar(months[shown], sea[shown], nino.average[shown], [1980]))

# %% tags=["promise"]
assert (calendar.argmax(), calendar.argmin()) == (2, 8), (
    "warmest in March, coolest in September"
)
expect(
    calendar_error,
    at_least=0.8,
    at_most=0.92,
    spec=".2f",
    unit=" °C",
    what="the calendar alone, mean error",
)

# %% [markdown]
# Twelve numbers, which never look at the present, come close to ridge. Most of what ridge "knew" was the season.
#
# So take the season away, and forecast what is left: the **departure** from the calendar. Persistence of the departure
# means "as unusual as now". But what is unusual does not stay so for ever. **Damped persistence** says "a times as unusual
# as now"; the one number a comes from least squares on the training years.

# %%
sea3 = prepare(nino, 3)                             # windows of departures
now, later = sea3.last[sea3.train], sea3.truth[sea3.train]
a = (now @ later) / (now @ now)
assert np.isclose(a, damping(sea3))
print(f"a = {measured(a, '.2f')}")
for name, said in {"as unusual as now": sea3.last, "damped": a * sea3.last}.items():
    off = np.abs(said - sea3.truth)[sea3.val].mean()
    print(f"{name:18} mean error in the eighties {measured(off, '.2f')} °C")

# %% tags=["promise"]
errors_80 = [np.abs(f * sea3.last - sea3.truth)[sea3.val].mean() for f in (1.0, a)]
expect(a, at_least=0.58, at_most=0.7, spec=".2f", what="a, three months ahead")
expect(
    errors_80[0],
    at_least=0.62,
    at_most=0.7,
    spec=".2f",
    unit=" °C",
    what="as unusual as now, mean error",
)
expect(
    errors_80[0] - errors_80[1],
    at_least=0.02,
    spec=".2f",
    unit=" °C",
    what="damped, better by",
)
expect(
    ridge_error - errors_80[0],
    at_least=0.0,
    spec=".2f",
    unit=" °C",
    what="ridge on raw temperatures, worse by",
)

# %% [markdown]
# "As unusual as now" is level with ridge on raw temperatures or better; with one fitted number it is better still.
# **Choose the baseline before the model**: it decides what counts as a success. From here on, all models forecast
# departures.
#
# ## 3 · Split in time
#
# Until now you shuffled the examples before splitting. Here is what that does to a series. The forecaster below only
# remembers: it looks for the most similar window that it has seen, and says what came after that one.

# %%
guess_split = predict("Which split makes the forecaster that remembers look better?",
                      ["at random", "no difference", "in time"])

# %%
x_odd, y_odd, at_odd = windows(sea - nino.average, 24, 3)           # (N, 24) (N,) (N,)
known = np.flatnonzero(at_odd < nino.first_test)
n_old = int((at_odd < nino.first_val).sum())


def memory_error(seen, asked):
    nearest = KNeighborsRegressor(1).fit(x_odd[seen], y_odd[seen])
    return np.abs(nearest.predict(x_odd[asked]) - y_odd[asked]).mean()


in_time = memory_error(known[:n_old], known[n_old:])
shuffles = [np.random.default_rng(seed).permutation(known) for seed in range(10)]
at_random = np.mean([memory_error(o[:n_old], o[n_old:]) for o in shuffles])
print("mean error (°C): split at random", measured(at_random, ".2f"),
      "in time", measured(in_time, ".2f"))

# %%
guess_split.compare(at_random / in_time, bins=[0.9, 1.1])

# %% tags=["promise"]
expect(
    at_random, at_most=0.5, spec=".2f", unit=" °C", what="split at random, mean error"
)
expect(in_time, at_least=0.9, spec=".2f", unit=" °C", what="split in time, mean error")

# %% [markdown]
# Split at random, it looks twice as good, and far better than the calendar. In truth it is *worse* than the calendar. A
# window of 24 months shares 23 of them with the next: the "unseen" windows were all but seen. That is **leakage**, and no
# error message warns you of it.
#
# Three rules follow. Split in time. The place of the *target* decides where a window belongs. And whatever is fitted (the
# calendar, a mean, the factor a) is fitted on the training part alone.

# %% [markdown]
# ### Exercise 3.5 · Windows without a leak · write · 15 min · ★★☆
#
# Write `split_windows(series, width, horizon, border)`. Scale the series: subtract the mean of what lies before `border`,
# then divide by its standard deviation (numpy's `.std()`, which divides by N). Then make the windows: those whose
# **target** lies before the border are for training, the others for the test. Slow specification: the loop of section 1,
# with an `if` on the place of the target. Budget: 7 lines.

# %%
def split_windows(series, width, horizon, border):
    """series (T,) → x_train (N, width), y_train (N,), x_test (M, width), y_test."""
    ### BEGIN SOLUTION
    scaled = (series - series[:border].mean()) / series[:border].std()
    n = len(series) - width - horizon + 1
    x = np.stack([scaled[i:i + width] for i in range(n)])
    y = scaled[width + horizon - 1:]
    train = np.arange(n) + width + horizon - 1 < border
    return x[train], y[train], x[~train], y[~train]
    ### END SOLUTION

# %%
check("3.5", split_windows)

# %% [markdown]
# <details><summary>Hint 1: where does a target lie?</summary>
#
# Window i holds the places i … i + width − 1. Its target lies `horizon` places after the last of these. Compare that
# place with the border.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# The target's place is `i + width + horizon - 1`. So the targets of all windows are `scaled[width + horizon - 1:]`, and of
# the n windows, those with `np.arange(n) + width + horizon - 1 < border` are for training.
# </details>

# %% [markdown] tags=["discussion"]
# A test window may reach back over the border: by the time the forecast is made, those values are known. A *training*
# window may not reach across it, not even with its target. The scale is the leak that is overlooked most often: in a
# rising series, the mean of the whole tells the training part that higher values will come.

# %% [markdown]
# ### Exercise 3.6 · A test against a leak · test · 10 min · ★★☆
#
# A colleague writes many functions `scale(series, border)`, which should subtract the mean of `series[:border]` and divide
# by the standard deviation of `series[:border]`. You write the test that lets only right ones pass: `test_scale(scale)`
# calls `scale` on series that you choose, and uses `assert`. Choose a series in which a leak shows.

# %%
def test_scale(scale):
    """AssertionError if scale, a function (series (T,), border) → (T,), is wrong."""
    ### BEGIN SOLUTION
    series = np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0])
    kept = series.copy()
    scaled = scale(series, 4)
    assert np.array_equal(series, kept)             # the input is left alone
    assert scaled.shape == series.shape
    past = series[:4]
    assert np.allclose(scaled, (series - past.mean()) / past.std())
    ### END SOLUTION

# %%
check("3.6", test_scale)

# %% [markdown]
# <details><summary>Hint 1: what would a leak change?</summary>
#
# If the part after the border is far larger than the part before it, the mean of the whole is far from the mean of the
# past. Then the scaled *training* part does not have mean 0.
# </details>
# <details><summary>Hint 2: the step</summary>
#
# Take a short series, compute the right answer yourself from `series[:border]`, and `assert np.allclose(…)`. Compare the
# whole answer, not only its first part; and see that `series` was not changed.
# </details>

# %% [markdown] tags=["discussion"]
# A constant or a series without a jump at the border would let most leaks pass: a test is as good as its example. Real
# leaks are found like this: change the future, and see whether the past moves.

# %% [markdown]
# ## 4 · How far does the past carry?
#
# Ridge on departures, against persistence of the temperature itself and the calendar, on the eighties. We train one ridge
# for each horizon. **Draw first:** ridge's mean error for 1 to 24 months ahead. (The calendar's is about 0.86 °C at each
# horizon.)

# %%
sketch_horizon = draw_curve("How does ridge's error grow with the horizon?",
                            x=("months ahead", 1, 24), y=("mean error (°C)", 0, 2))

# %%
ahead = range(1, 25)
by_horizon = scenes.errors_by_horizon(nino, ahead)
ridge_ahead = by_horizon["ridge"]                                   # (24,)
print("1, 3, 6, 12 months:", *(measured(ridge_ahead[h], ".2f") for h in (0, 2, 5, 11)))

# %%
sketch_horizon.compare(list(ahead), ridge_ahead)

# %% [markdown]
# ### Play: the horizon
#
# Go through the steps, then move the slider. **From which horizon on does knowing the present no longer help? And why
# does persistence, having become worse and worse, recover at 12 months?**

# %%
explore(*scenes.horizon_scene(nino, "calendar", scenes.no_better),
        name="forecast horizon, El Niño",
        goal="the first horizon at which ridge is no better than the calendar",
        steps=[
            Step("One month ahead, ridge follows closely.", {"horizon": 1}, light=0,
                 ask=("Three months ahead its peaks will be", ["as high", "lower"], 1)),
            Step("It answers nearer to the calendar.", {"horizon": 3}, light=0),
            Step("Half a year ahead little is left.", {"horizon": 6}, light=1,
                 ask=("Persistence from 6 to 12 will", ["get worse", "recover"], 1)),
            Step("A year on, the season is the same again.", {"horizon": 12}, light=1)],
        horizon=slider("horizon (months ahead)", 1, 24, 3))

# %% tags=["promise"]
shares = np.array(by_horizon["ridge"]) / np.array(by_horizon["average"])
expect(
    shares[0],
    at_most=0.4,
    spec=".0%",
    what="1 month ahead: ridge's error as a share of the calendar's",
)
expect(shares[5], at_least=0.85, at_most=0.97, spec=".0%", what="6 months ahead")
expect(shares[7], at_least=0.98, spec=".0%", what="8 months ahead")
expect(
    by_horizon["persistence"][11] / by_horizon["persistence"][5],
    at_most=0.7,
    what="persistence, 12 over 6 months",
)

# %% [markdown]
# Up to about half a year ahead, the present sea tells ridge something that the calendar does not, much at one month and
# little at six; from eight months on, nothing. Whoever promises El Niño for next year, from this series alone, promises
# too much.
#
# A second series: **sunspots**, one number a year since 1700. No calendar here, but a rhythm of about eleven years. In
# place of the calendar stands the mean of the training years.

# %% [markdown]
# ### Play: a rhythm
#
# **After how many years is persistence best again, and does ridge have to wait for that?**

# %%
years, spots_a_year = sunspots()                                    # (T,) both
spots = Setting(years, spots_a_year, 1880 - 1700, 1920 - 1700, width=22, period=1,
                unit="sunspots", step="year")
explore(*scenes.horizon_scene(spots, "mean", scenes.recovered, 18),
        name="forecast horizon, sunspots",
        goal="the horizon at which persistence is best again",
        horizon=slider("horizon (years ahead)", 1, 18, 3))

# %% tags=["promise"]
by_year = scenes.errors_by_horizon(spots, range(1, 19))
of_mean = np.array(by_year["ridge"]) / np.array(by_year["average"])
expect(
    of_mean[2],
    at_most=0.75,
    spec=".0%",
    what="sunspots, 3 years ahead: ridge's error as a share of the mean's",
)
expect(of_mean.max(), at_most=0.95, spec=".0%", what="at the worst of 18 horizons")
expect(
    by_year["ridge"][11] / by_year["persistence"][11],
    at_least=1.05,
    spec=".0%",
    what="12 years ahead: ridge over persistence",
)

# %% [markdown]
# At 12 years; 11 is nearly as good. One cycle on, and only there, persistence even beats ridge. That gives us a rule for
# *any* horizon: **one cycle ago**. For 2003 it repeats what was measured eleven years earlier, in 1992, which was known
# long before. It has no weight at all; only the length of the cycle is chosen, on the training years.

# %%
cycle = best_cycle(spots, 8, 14)                    # years; by the training part alone
sun3 = prepare(spots, 3)
off = {name: np.abs(said - sun3.truth)[sun3.val].mean()
       for name, said in plain_rules(spots, 3, cycle).items()}
print(f"cycle of {cycle} years. Three years ahead, validation years:")
print(", ".join(f"{name} {measured(e, '.1f')}" for name, e in off.items()))

# %% tags=["promise"]
expect(
    cycle,
    at_least=11,
    at_most=11,
    spec=".0f",
    what="the cycle that is best on the training years",
)
expect(
    off["one cycle ago"] / off["as now"],
    at_most=0.65,
    spec=".2f",
    what="one cycle ago over persistence, validation",
)
expect(
    off["one cycle ago"] / off["average"],
    at_most=0.85,
    spec=".2f",
    what="one cycle ago over the mean, validation",
)

# %% [markdown]
# ## 5 · Eight forecasters, one table
#
# Now the networks. All get the same windows, and forecast the sea three months and sunspots three years ahead: an MLP, a
# 1-D CNN (chapter 02) and a GRU, which reads the window value by value and answers from its last state.
#
# They, and ridge, forecast how much the value will **change**; the last value is added to that. So the networks begin near
# persistence, and have only the rest to learn.

# %%
class GRUForecast(nn.Module):
    """Reads a window (N, T) value by value; one number (N, 1) from the last state."""

    def __init__(self, hidden=16):
        super().__init__()
        self.gru, self.head = nn.GRU(1, hidden, batch_first=True), nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.gru(x[..., None])             # (N, T, 1) → (N, T, hidden)
        return self.head(out[:, -1])                # (N, 1)


class FromLast(nn.Module):
    """Adds what its body says to the last value of the window."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x[:, -1:] + self.body(x)             # (N, 1)

# %%
def series_cnn(width):
    return nn.Sequential(
        nn.Unflatten(1, (1, width)),                                    # (N, 1, T)
        nn.Conv1d(1, 8, 5, padding=2), nn.ReLU(),                       # (N, 8, T)
        nn.Conv1d(8, 8, 5, stride=2, padding=2), nn.ReLU(),             # (N, 8, T/2)
        nn.Flatten(), nn.Linear(8 * ((width + 1) // 2), 1))             # (N, 1)


bodies = {"MLP": lambda width: MLP((width, 32, 1)), "CNN": series_cnn,
          "GRU": lambda _: GRUForecast()}

# %% [markdown]
# Widths, learning rate and batch size were chosen on the **validation** years. Those years also end each training: after
# eight epochs without a lower validation loss, `fit` stops and goes back to the best weights. The test years (from 1990;
# for sunspots, from 1920) are opened once, in the table below, and used again in section 6 to examine one colleague's
# claim about them.

# %%
def forecast_with(model, w, seed):
    """Fit a network on the training part of w → its forecasts of all windows (N,)."""
    train, val = ((w.x[part], w.y[part]) for part in (w.train, w.val))
    fit(model, train, val, n_epochs=n_epochs, patience=8, batch_size=128, lr=1.5e-2,
        loss=F.mse_loss, optimizer=partial(torch.optim.AdamW, fused=True), seed=seed,
        progress=False)
    return w.scale * predict_logits(model, w.x)[:, 0].numpy()

# %%
guess_sea = predict("Who forecasts the sea best on the test years, three months ahead?",
                    ["a network, by over 2 %", "about level", "a rule, by over 2 %"])

# %% tags=["lesson"]
cases = {"El Niño": (nino, sea3, 12), "sunspots": (spots, sun3, cycle)}
forecasts, done = {}, 0
with progress_bar(6 * SEEDS, "networks") as advance:
    for name, (s, w, one_cycle) in cases.items():
        rules = plain_rules(s, 3, one_cycle) | {"ridge": ridge_on_changes(w)}
        forecasts[name] = {rule: [said] for rule, said in rules.items()}
        for kind, body in bodies.items():
            forecasts[name][kind] = []
            for seed in range(SEED, SEED + SEEDS):
                set_seed(seed)
                said = forecast_with(FromLast(body(s.width)), w, seed)
                forecasts[name][kind].append(said)
                done += 1
                advance(done)

# %%
errors = {name: {kind: [np.abs(f - w.truth)[w.test].mean() for f in runs]
                 for kind, runs in forecasts[name].items()}
          for name, (_, w, _) in cases.items()}
show(scenes.results(errors, ["mean error (°C)", "mean error (spots)"]))
means = {name: {k: np.mean(e) for k, e in errors[name].items()} for name in errors}
for kind in means["sunspots"]:
    print(f"{kind:14} sea {measured(means['El Niño'][kind], '.3f')} °C"
          f"   sunspots {measured(means['sunspots'][kind], '.1f')}")

# %%
networks_best = min(means["El Niño"][kind] for kind in bodies)
rules_best = min(e for kind, e in means["El Niño"].items() if kind not in bodies)
print("best network over best rule, on the sea:", measured(networks_best / rules_best))

# %%
guess_sea.compare(networks_best / rules_best, bins=[0.98, 1.02])

# %% tags=["promise"]
on_sea, on_sun = means["El Niño"], means["sunspots"]
expect(
    on_sea["GRU"] / on_sea["damped"],
    at_least=0.97,
    at_most=1.03,
    spec=".3f",
    what="sea: the GRU's error over that of damped persistence",
)
expect(
    on_sea["ridge"] - on_sea["GRU"],
    at_least=0.004,
    at_most=0.04,
    spec=".3f",
    unit=" °C",
    what="sea: GRU better than ridge by",
)
expect(
    on_sea["as now"] / on_sea["damped"],
    at_least=1.05,
    spec=".2f",
    what="sea: as now over damped",
)
expect(
    on_sun["GRU"] / on_sun["ridge"],
    at_least=0.97,
    at_most=1.4,
    spec=".2f",
    what="sunspots: GRU over ridge",
)
expect(
    on_sun["GRU"] / on_sun["one cycle ago"],
    at_least=0.8,
    at_most=1.15,
    spec=".2f",
    what="sunspots: GRU over one cycle ago",
)
expect(
    on_sun["as now"] / on_sun["average"],
    at_least=1.3,
    spec=".2f",
    what="sunspots: persistence over the mean",
)

# %% [markdown]
# The sea: the GRU is ahead of ridge by about two hundredths of a degree, and *level with one multiplication*, "0.64 times as
# unusual as now". The sun: a linear regression, fitted in a millisecond, is as good as the GRU or better, and "one cycle
# ago", which has no weights, is close to both.
#
# Does the GRU gain anything over damped persistence that the mean hides? Look at the years one by one.

# %%
sea_year = np.floor(months[sea3.at]).astype(int)                    # (N,)
test_years = np.unique(sea_year[sea3.test])


def yearly_gains(kind, rule):
    """The mean error that a kind saves against a rule, in each test year."""
    theirs, own = (np.abs(np.array(forecasts["El Niño"][k]) - sea3.truth).mean(0)
                   for k in (rule, kind))
    return np.array([(theirs - own)[sea_year == year].mean() for year in test_years])


gains = {rule: yearly_gains("GRU", rule) for rule in ("ridge", "damped")}
show(scenes.year_by_year(test_years, gains))
for rule, g in gains.items():
    gain, half = mean_interval(g)
    print(f"against {rule:7} {measured(gain)} ± {measured(half)} °C, "
          f"better in {measured((g > 0).sum(), '.0f')} of {len(g)} years")

# %% tags=["promise"]
expect(
    mean_interval(gains["damped"])[0],
    at_least=-0.03,
    at_most=0.03,
    unit=" °C",
    what="GRU over damped persistence, gain",
)
expect(
    mean_interval(gains["damped"])[1],
    at_least=0.02,
    unit=" °C",
    what="its half-interval over 21 years",
)
expect(
    gains["ridge"][7:10].sum() / gains["ridge"].sum(),
    at_least=0.4,
    spec=".0%",
    what="share of its gain over ridge that lies in 1997 to 1999",
)

# %% [markdown]
# Against damped persistence the mean gain is zero within its interval: one great gain in 1997, losses in most other years.
# (The interval is over years, and a little too narrow: El Niño spans two of them.) Against ridge about half of the gain comes from three years, around *one* great event;
# one event is one example.

# %% [markdown]
# The honest sentence is: *a GRU is level with a rule of one coefficient on the sea, and behind a linear model on the sun.*
# With 346 and 156 training windows a network cannot show what it could learn from 300,000.

# %% [markdown]
# ### Exercise 3.7 · An honest comparison · order · 8 min · ★★☆
#
# Put the steps of a comparison in the right order, and fill the gaps. Some lines do not belong in it at all.

# %%
comparison = order("3.7")

# %%
check("3.7", comparison)

# %% [markdown]
# <details><summary>Hint 1: what must be known before what?</summary>
#
# Nothing may be fitted before the split, and nothing may be chosen after the test years were opened.
# </details>
# <details><summary>Hint 2: where do choices belong?</summary>
#
# Weights are fitted on the training part; strengths, widths and the number of epochs are chosen on the validation part.
# The baselines come first, the test comes last and once.
# </details>

# %% [markdown] tags=["discussion"]
# The two lines that do not belong are the two common leaks: scaling by the whole series, and choosing the best of many
# networks by its test error. Each makes the table look better and the next forecast worse.

# %% [markdown]
# ## 6 · Break it: a perfect forecast
#
# A colleague shows you a plain GRU, trained like ours but without the added last value, on the sea's departure **one**
# month ahead. "On the test years, its correlation with the truth is nearly 0.9. May I publish?"

# %%
sea1 = prepare(nino, 1)
echoes = []                                         # the colleague's, several seeds
for seed in range(SEED, SEED + ECHOES):
    set_seed(seed)
    echoes.append(forecast_with(GRUForecast(), sea1, seed)[sea1.test])
came, now = sea1.truth[sea1.test], sea1.last[sea1.test]             # (N,) both
when = months[sea1.at[sea1.test]]
show(scenes.overlay(when, came, echoes[0], "What could be wrong with this?"))
print(f"correlation: {measured(np.corrcoef(echoes[0], came)[0, 1], '.2f')}")

# %% tags=["promise"]
expect(
    np.corrcoef(echoes[0], came)[0, 1],
    at_least=0.82,
    at_most=0.95,
    spec=".2f",
    what="correlation of forecast and truth",
)

# %% [markdown]
# It follows every rise and fall. You look closely at a peak, and something bothers you. Here is a tool to move the forecast
# back and forth over the truth. Below it, for comparison, a ridge regression forecasts sunspots one year ahead. **At which
# shift does each of the two fit best?**

# %%
sun1 = prepare(spots, 1)
sun_by_ridge, sun_came = ridge_on_changes(sun1)[sun1.test], sun1.truth[sun1.test]
sun_when = years[sun1.at[sun1.test]]
explore(*scenes.shift_scene({
            "the colleague's sea (°C)": (when, came, echoes[0], "month"),
            "sunspots, by ridge": (sun_when, sun_came, sun_by_ridge, "year")}),
        name="shifted forecasts",
        goal="the shift at which the colleague's forecast fits the truth best",
        shift=slider("moved back by (steps)", -4, 4, 0))

# %%
guess_echo = predict("Your diagnosis of the colleague's forecast?",
                     ["it mostly repeats the last value", "it is as good as it looks",
                      "it saw the test years", "it was trained too long"])

# %%
calm = (when < 1997) | (when >= 1999)               # without the one great El Niño


def scores_of(said, months_used):
    """Skill against persistence, and the correlation of forecast and real changes."""
    f, t, last = said[months_used], came[months_used], now[months_used]
    return skill_score(f, t, last), np.corrcoef(f - last, t - last)[0, 1]


all_months = np.full(len(calm), True)
echo = {name: np.array([scores_of(said, used) for said in echoes])
        for name, used in {"all months": all_months, "without 1997–98": calm}.items()}
for name, found in echo.items():
    print(f"{name:16} skill", *(measured(v, "+.2f") for v in found[:, 0]))
    print(f"{'':16} changes", *(measured(v, "+.2f") for v in found[:, 1]))

# %%
guess_echo.compare("it mostly repeats the last value")

# %% tags=["promise"]
shifts = range(-4, 5)
best_shift = [
    shifts[int(lag_correlations(f, t, shifts).argmax())]
    for f, t in ((echoes[0], came), (sun_by_ridge, sun_came))
]
expect(
    best_shift[0],
    at_least=1,
    at_most=1,
    spec=".0f",
    what="shift at which the sea's forecast fits best (months)",
)
expect(
    best_shift[1],
    at_least=0,
    at_most=0,
    spec=".0f",
    what="shift at which the sunspots' fits best (years)",
)
expect(
    echo["all months"][:, 0].max(),
    at_most=0.05,
    spec=".2f",
    what="skill of the colleague's network, best of six seeds",
)
expect(
    np.median(echo["all months"][:, 1]),
    at_most=0.35,
    spec=".2f",
    what="correlation of the changes, median of six seeds",
)
expect(
    np.median(echo["without 1997–98"][:, 0]),
    at_least=-0.15,
    at_most=0.15,
    spec=".2f",
    what="skill without 1997–98, median of six",
)
expect(
    np.median(echo["without 1997–98"][:, 0] - echo["all months"][:, 0]),
    at_least=0.1,
    spec=".2f",
    what="skill regained without those months",
)

# %% [markdown]
# Its skill, the share of persistence's squared error that it saves, is below zero with each of six seeds. It fits the truth
# best when moved back by its own horizon (a warning, not a proof: good forecasts of slow series lag too). So far it is an
# **echo**: a month late, it repeats what the sea did.
#
# But leave out 1997 and 1998, and the skill is near zero; with three of the six seeds it is above. So there are *two*
# ailments.

# %% [markdown]
# One is **repeating**: in ordinary months it is worth about as much as persistence, or a little more. The other is a
# **ceiling**: a linear layer on states between −1 and 1 reaches only so high, and the peak of 1997 exceeds anything in its
# training years. That one event makes up most of the loss of skill.
#
# A remedy for both: make copying free, and let the network learn the change (`FromLast`).

# %%
mended = []
for seed in range(SEED, SEED + ECHOES):
    set_seed(seed)
    mended.append(forecast_with(FromLast(GRUForecast()), sea1, seed)[sea1.test])
better = {name: np.array([scores_of(said, used)[0] for said in mended])
          for name, used in {"all months": all_months, "without 1997–98": calm}.items()}
for name, found in better.items():
    print(f"{name:16} skill", *(measured(v, "+.2f") for v in found))
highest = [max(f.max() for f in runs) for runs in (echoes, mended)]
print("highest answer (°C): colleague {}, mended {}, the sea {}".format(
    *(measured(value, ".1f") for value in (*highest, came.max()))))

# %% tags=["promise"]
expect(
    better["all months"].min(),
    at_least=0.0,
    spec=".2f",
    what="skill when it learns the change, least of six seeds",
)
expect(
    better["without 1997–98"].max(),
    at_most=0.2,
    spec=".2f",
    what="without 1997–98, greatest of six",
)
expect(
    came.max() - max(e.max() for e in echoes),
    at_least=0.3,
    spec=".1f",
    unit=" °C",
    what="the colleague's ceiling lies below the peak by",
)
expect(
    max(m.max() for m in mended) - max(e.max() for e in echoes),
    at_least=0.2,
    spec=".1f",
    unit=" °C",
    what="the mended one reaches higher by",
)

# %% [markdown]
# With the remedy, skill is about 0.1 with each seed, with those two years or without. (In calm months the better three of
# the colleague's networks did as well: there the seed mattered more than the remedy.) One month ahead, little can be gained.
#
# And against *whom* is skill measured? Three years ahead on the sun, the GRUs have a fine skill against persistence. But
# persistence is a foolish opponent there: even the mean beats it. So measure against the best plain rule instead.

# %%
on_test = {kind: [f[sun3.test] for f in runs]
           for kind, runs in forecasts["sunspots"].items()}
skills = {}
for rule in ("as now", "average", "one cycle ago"):
    against, truth = on_test[rule][0], sun3.truth[sun3.test]
    skills[rule] = np.mean([skill_score(f, truth, against) for f in on_test["GRU"]])
    print(f"GRU on sunspots, skill against {rule:14} {measured(skills[rule], '+.2f')}")

# %% tags=["promise"]
expect(
    skills["as now"],
    at_least=0.65,
    spec=".2f",
    what="skill of the GRUs against persistence, 3 years ahead",
)
expect(
    skills["average"], at_least=0.4, at_most=0.75, spec=".2f", what="against the mean"
)
expect(
    skills["one cycle ago"],
    at_least=-0.4,
    at_most=0.25,
    spec=".2f",
    what="against one cycle ago",
)

# %% [markdown]
# The same forecasts: a skill above 0.7 against persistence, and about 0 against "one cycle ago". A skill without the name
# of its opponent says nothing.

# %% [markdown]
# ### Exercise 3.8 · A skill that is too kind · fix · 8 min · ★★☆
#
# `skill` should give the share of the reference's squared error that a forecast saves: 1 if perfect, 0 if no better than the
# reference, below 0 if worse. One line is wrong: an echo gets 0.8 from it. Mend it.

# %%
def skill(forecast, truth, reference):
    """forecast, truth, reference (N,) → one number, at most 1."""
    error = np.mean((forecast - truth) ** 2)
    ### BEGIN SOLUTION
    allowed = np.mean((reference - truth) ** 2)
    ### INSTEAD
    allowed = np.mean((truth - truth.mean()) ** 2)
    ### END SOLUTION
    return 1 - error / allowed

# %%
check("3.8", skill)

# %% [markdown]
# <details><summary>Hint 1: which argument is never used?</summary>
#
# The reference. What does the wrong line compare with instead?
# </details>
# <details><summary>Hint 2: the step</summary>
#
# `allowed` is the reference's own mean squared error.
# </details>

# %% [markdown] tags=["discussion"]
# The wrong program computes R², whose silent opponent is the mean of the *test* years: for a slow series an easy one, and one
# that no forecaster could have known. Many libraries print it under the name "score".

# %% [markdown]
# ## Summary
#
# **What is a forecast worth?** As much as it saves against the best plain rule that knows no more than it does. On the sea
# that rule has one coefficient, on the sun it repeats what was one cycle ago; the networks were level with the one and not
# far from the other, and a linear model was as good or better.
#
# You have
# - cut series into windows, and seen a random split flatter a mere memory;
# - chosen baselines before models;
# - compared eight forecasters over seeds and over years, and said who wins;
# - told an echo and a ceiling from a forecast, and named the opponent of a skill.

# %%
quiz("03b.1")
quiz("03b.2")
quiz("03b.3")
quiz("03b.4")
quiz("03b.5")

# %% [markdown]
# That plain rules are hard to beat is no quirk of these two series. In the M4 competition (100,000 series, 2018) all six pure
# machine-learning entries lost to a combination of simple rules; the winner combined such a rule with an LSTM. In M5 (sales,
# 2020) fewer than half of 5,507 teams beat the naive forecast; boosted trees won.
#
# ## Further reading
#
# - A. H. Murphy, "Skill scores based on the mean square error and their relationships to the correlation coefficient", *Monthly Weather Review* 116 (1988), [doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2](https://doi.org/10.1175/1520-0493%281988%29116%3C2417:SSBOTM%3E2.0.CO;2).
# - S. Makridakis, E. Spiliotis, V. Assimakopoulos, "The M4 competition: 100,000 time series and 61 forecasting methods", *Int. J. Forecasting* 36 (2020), [doi:10.1016/j.ijforecast.2019.04.014](https://doi.org/10.1016/j.ijforecast.2019.04.014).
# - S. Makridakis, E. Spiliotis, V. Assimakopoulos, "M5 accuracy competition: results, findings, and conclusions", *Int. J. Forecasting* 38 (2022), [doi:10.1016/j.ijforecast.2021.11.013](https://doi.org/10.1016/j.ijforecast.2021.11.013).
# - A. E. Hoerl, R. W. Kennard, "Ridge regression: biased estimation for nonorthogonal problems", *Technometrics* 12 (1970), [doi:10.1080/00401706.1970.10488634](https://doi.org/10.1080/00401706.1970.10488634).
# - The data: sea temperatures of Niño 1+2, [NOAA Climate Prediction Center](https://www.cpc.ncep.noaa.gov/data/indices/); sunspots, [SILSO](https://www.sidc.be/SILSO/); both as shipped by [statsmodels](https://www.statsmodels.org/stable/datasets/index.html).
#
# **Next:** [03c · Letters — What is in a name?](03c_letters.ipynb)
