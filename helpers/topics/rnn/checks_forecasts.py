"""Checks of chapter 03, forecasts: a test against a leak, the order of an honest comparison, a skill that is too kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from helpers.lesson.exercise import Case, Exercise

Array = np.ndarray


# ---------------------------------------------------------------- 3.6 a test against a leak

def _by_the_past(series: Array, border: int) -> Array:
    """mean and standard deviation of the past"""
    past = series[:border]
    return (series - past.mean()) / past.std()


def _in_two_steps(series: Array, border: int) -> Array:
    """the same in two steps, on a copy"""
    scaled = series - series[:border].sum() / border
    return scaled / np.sqrt(np.mean(scaled[:border] ** 2))


def _value_by_value(series: Array, border: int) -> Array:
    """the same, value by value"""
    mean = float(np.mean(series[:border]))
    std = float(np.std(series[:border]))
    return np.array([(float(value) - mean) / std for value in series])


def _by_the_whole(series: Array, border: int) -> Array:
    """mean and standard deviation of the whole series"""
    return (series - series.mean()) / series.std()


def _std_of_the_whole(series: Array, border: int) -> Array:
    """mean of the past, standard deviation of the whole"""
    return (series - series[:border].mean()) / series.std()


def _mean_of_the_whole(series: Array, border: int) -> Array:
    """standard deviation of the past, mean of the whole"""
    return (series - series.mean()) / series[:border].std()


def _each_by_itself(series: Array, border: int) -> Array:
    """past and future each by its own mean and standard deviation"""
    return np.concatenate([(part - part.mean()) / part.std() for part in (series[:border], series[border:])])


def _one_too_many(series: Array, border: int) -> Array:
    """the value at the border counted as past"""
    past = series[:border + 1]
    return (series - past.mean()) / past.std()


def _variance(series: Array, border: int) -> Array:
    """divided by the variance"""
    return (series - series[:border].mean()) / series[:border].var()


def _only_the_past(series: Array, border: int) -> Array:
    """the past alone comes back"""
    past = series[:border]
    return (past - past.mean()) / past.std()


def _in_place(series: Array, border: int) -> Array:
    """right, but the series itself is changed"""
    past = series[:border].copy()
    series -= past.mean()
    series /= past.std()
    return series


scale_test = Exercise(
    "3.6", kind="test", right=[_by_the_past, _in_two_steps, _value_by_value],
    wrong_programs=[_by_the_whole, _std_of_the_whole, _mean_of_the_whole, _each_by_itself, _one_too_many, _variance, _only_the_past, _in_place])


@scale_test.wrong("mean of the past, standard deviation of the whole")
def looks_at_the_mean_alone(scale: Callable[[Array, int], Array]) -> None:
    scaled = scale(np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0]), 4)
    assert abs(scaled[:4].mean()) < 1e-9


@scale_test.wrong("past and future each by its own mean and standard deviation")
def looks_at_the_past_alone(scale: Callable[[Array, int], Array]) -> None:
    scaled = scale(np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0]), 4)
    assert np.allclose([scaled[:4].mean(), scaled[:4].std()], [0, 1])


@scale_test.wrong("right, but the series itself is changed")
def forgets_the_input(scale: Callable[[Array, int], Array]) -> None:
    series = np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0])
    right = (series - series[:4].mean()) / series[:4].std()
    assert scale(series, 4).shape == right.shape
    assert np.allclose(scale(np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0]), 4), right)


@scale_test.wrong("your test fails a right program")
def divides_by_n_less_1(scale: Callable[[Array, int], Array]) -> None:
    series = np.array([1.0, 3.0, 2.0, 6.0, 50.0, 90.0])
    assert np.allclose(scale(series, 4), (series - series[:4].mean()) / series[:4].std(ddof=1))


@scale_test.wrong("mean and standard deviation of the whole series")
def a_series_without_a_jump(scale: Callable[[Array, int], Array]) -> None:
    series = np.array([1.0, -1.0, 1.0, -1.0])
    assert np.allclose(scale(series, 2), series)


@scale_test.also_right
def by_changing_the_future(scale: Callable[[Array, int], Array]) -> None:
    """The past does not move when the future does; and past and future are scaled by one rule."""
    one, two = np.array([1.0, 3.0, 2.0, 6.0, 5.0, 9.0]), np.array([1.0, 3.0, 2.0, 6.0, 70.0, -4.0])
    a, b = scale(one.copy(), 4), scale(two.copy(), 4)
    assert len(a) == 6
    assert np.allclose(a[:4], b[:4])
    assert np.allclose([a[:4].mean(), a[:4].std()], [0, 1])
    assert np.isclose((b[4] - b[3]) / (a[1] - a[0]), (70 - 6) / (3 - 1))
    kept = one.copy()
    scale(one, 4)
    assert np.array_equal(one, kept)


# ---------------------------------------------------------------- 3.7 the order of an honest comparison

FIT, CHOOSE = "fit each model's weights on the ____ part", "choose strengths, widths and epochs on the ____ part"
honest_comparison = Exercise(
    "3.7", kind="order",
    lines=["split the series in time: training, validation, test",
           "compute calendar and scale from the training part",
           "measure the plain rules on the validation part",
           FIT,
           CHOOSE,
           "open the ____ part, once, and measure rules and models on it",
           "report the error beside that of the best plain rule"],
    gaps={FIT: (["training", "validation", "test"], "training"), CHOOSE: (["training", "validation", "test"], "validation"),
          "open the ____ part, once, and measure rules and models on it": (["training", "validation", "test"], "test")},
    distractors={"shuffle all windows before they are split": "windows overlap: shuffled, most of a test window has been seen in training.",
                 "take the seed with the best test error": "this chooses by the test part: report the mean over seeds.",
                 "compute mean and scale from the whole series": "this leaks: the mean of the whole tells the training part about the future.",
                 "keep the network with the smallest test error": "this chooses by the test part: its error is then no longer that of unseen years."},
    needs={"compute calendar and scale from the training part": ["split the series in time: training, validation, test"],
           "measure the plain rules on the validation part": ["compute calendar and scale from the training part"],
           FIT: ["compute calendar and scale from the training part"],
           CHOOSE: [FIT],
           "open the ____ part, once, and measure rules and models on it": [CHOOSE, "measure the plain rules on the validation part"],
           "report the error beside that of the best plain rule": ["open the ____ part, once, and measure rules and models on it"]},
    verified="split, scale, rules, fit, choose, test, report; and each on the right part")


# ---------------------------------------------------------------- 3.8 a skill that is too kind

def _r_squared(forecast: Array, truth: Array, reference: Array) -> float:
    error = np.mean((forecast - truth) ** 2)
    allowed = np.mean((truth - truth.mean()) ** 2)
    return 1 - error / allowed


def _skill(forecast: Array, truth: Array, reference: Array) -> float:
    pairs = list(zip(forecast.astype(float), truth.astype(float), reference.astype(float), strict=True))
    return 1 - sum((f - t) ** 2 for f, t, _ in pairs) / sum((r - t) ** 2 for _, t, r in pairs)


def _skill_cases() -> list[Case]:
    rng = np.random.default_rng(37)
    cases = []
    for n in (7, 60, 2):
        truth = 20 + np.cumsum(rng.normal(size=n))
        cases.append(Case(f"{n} values", (truth + 0.5 * rng.normal(size=n), truth, truth + rng.normal(size=n))))
    truth = 20 + np.cumsum(rng.normal(size=30))
    echo = np.concatenate([truth[:1] - 1, truth[:-1]])
    return [*cases, Case("an echo, which repeats the reference", (echo, truth, echo)), Case("a perfect forecast", (truth, truth, echo)),
            Case("values of the size of a million", (1e6 + truth, 1e6 + truth[::-1], 1e6 + echo)), Case("one value", (truth[:1], truth[:1] + 2, truth[:1] - 1))]


skill = Exercise("3.8", oracle=_skill, cases=_skill_cases, kind="fix", given=_r_squared, tolerance=1e-6,
                 verified="an echo has skill 0, a perfect forecast 1, a worse one less than 0")


@skill.also_right
def by_sums(forecast: Array, truth: Array, reference: Array) -> float:
    return float(1 - np.sum((forecast - truth) ** 2) / np.sum((reference - truth) ** 2))


@skill.also_right
def by_saved_error(forecast: Array, truth: Array, reference: Array) -> float:
    allowed = np.mean((reference - truth) ** 2)
    return float((allowed - np.mean((forecast - truth) ** 2)) / allowed)


@skill.wrong("forecast and reference are exchanged: what the forecast errs stands above the line.")
def upside_down(forecast: Array, truth: Array, reference: Array) -> float:
    return float(1 - np.mean((reference - truth) ** 2) / np.mean((forecast - truth) ** 2))


@skill.wrong("the forecast is compared with the reference: it is the truth that both are measured against.")
def against_the_reference(forecast: Array, truth: Array, reference: Array) -> float:
    return float(1 - np.mean((forecast - truth) ** 2) / np.mean((reference - forecast) ** 2 + 1e-9))


@skill.wrong("these are absolute errors: skill is a share of the squared error.")
def absolute(forecast: Array, truth: Array, reference: Array) -> float:
    return float(1 - np.mean(np.abs(forecast - truth)) / np.mean(np.abs(reference - truth)))


@skill.wrong("the share that is left came back: what is saved is 1 minus that.")
def share_left(forecast: Array, truth: Array, reference: Array) -> float:
    return float(np.mean((forecast - truth) ** 2) / np.mean((reference - truth) ** 2))


@skill.wrong("this is the variance of the reference, not its error: take its distance from the truth.")
def variance_of_the_reference(forecast: Array, truth: Array, reference: Array) -> float:
    return float(1 - np.mean((forecast - truth) ** 2) / (np.mean((reference - reference.mean()) ** 2) + 1e-9))
