"""Chapter 05's scenes at the ends of their controls, their goals, their stills and questions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from helpers.data import digits
from helpers.lesson.questions import problems
from helpers.models import FastCNN
from helpers.topics.preprocessing import cleaning, labels, leaks, scenes, scenes_augment, stills, stills_augment, stored
from helpers.topics.preprocessing.changes import CHANGES
from helpers.topics.preprocessing.pad_control import DRAWN, PadControl, frozen
from helpers.topics.preprocessing.questions import QUESTIONS
from helpers.widgets.controls import extremes


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def test_the_leak_slider_tells_gains_and_its_goal_is_reached_by_moved_copies_alone_of_the_first_two() -> None:
    draw, fig = scenes.leak_slider()
    for kind, share in itertools.product(leaks.LEAKS, (0, 50, 100)):
        words, reached = draw(kind, share)
        assert words.startswith(f"{kind}, {share} %")
        assert reached == (kind == leaks.MOVED and share >= 50)
        fig.canvas.draw()
    assert all(set(step.values) == {"kind", "share"} for step in scenes.leak_steps())


def test_a_leak_curve_begins_equal_for_copies_of_one_draw() -> None:
    curve = scenes.leak_curve(leaks.EXACT, seeds=2)
    assert curve.own.shape == curve.honest.shape == (21,)
    assert curve.own[-1] == 1
    assert (np.diff(curve.own) > -0.01).all()


def test_slips_are_found_by_the_neighbours_and_el_nino_flagged_by_the_months() -> None:
    draw, fig = scenes.slip_finder()
    for measure, threshold in itertools.product(cleaning.MEASURES, (2.0, 20.0)):
        words, _ = draw(measure, threshold)
        assert "of the 10 slips" in words
        fig.canvas.draw()
    assert draw(cleaning.MEASURES[3], 15.0)[1]
    words, reached = draw(cleaning.MEASURES[2], 3.0)
    assert not reached
    assert "1983" in words
    assert "1997" in words
    assert not any(draw(measure, t)[1] for measure in cleaning.MEASURES[:1] for t in np.arange(2, 20.5, 0.5))


def test_the_list_of_suspects_at_all_ends() -> None:
    draw, fig = scenes.suspect_list()
    for kind, rate, n in itertools.product(labels.KINDS, (0, 5, 40), (1, 400)):
        words, _ = draw(kind, rate, n)
        assert f"{rate * 10} of 1000 labels are wrong" in words
        fig.canvas.draw()
    assert any(draw(labels.KINDS[0], rate, n)[1] for rate in (20, 30, 40) for n in range(50, 300, 10))


def test_units_change_the_way_down_but_not_where_it_ends() -> None:
    draw, fig = scenes_augment.units_and_descent()
    for unit, standardised, rate in itertools.product((1e-4, 0.0026, 1.0), (False, True), (0.05, 0.6, 1.05)):
        words, reached = draw(unit, standardised, rate)
        assert words.startswith("Condition number")
        assert reached == (unit == 0.0026 and not standardised and rate == 0.6)
        fig.canvas.draw()
    assert all(set(step.values) == {"unit", "standardised", "rate"} for step in scenes_augment.descent_steps())


def test_the_bench_counts_what_a_network_reads() -> None:
    class Sixes(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot(torch.where(x.mean((1, 2, 3)) > 0.02, 6, 1), 10).float()

    draw, fig = scenes_augment.augmentation_bench(Sixes())
    for change, strength in itertools.product(scenes_augment.BENCH, (0.0, 1.0)):
        words, _ = draw(frozen(DRAWN["a six"]), change, strength)
        assert words.startswith("The drawing is read as 6.")
        if strength == 0:
            assert "18 of 18 copies are read as 6" in words
        fig.canvas.draw()
    assert draw((), "turn", 0.5)[0].startswith("The drawing is read as 1")
    assert not np.isnan(scenes_augment.read_copies(FastCNN(2).eval(), np.zeros((28, 28), np.float32), "blur", 0.0).copies).any()


def test_the_pad_as_a_control_follows_list_button_and_pen() -> None:
    control = PadControl()
    assert control.value == frozen(DRAWN["a six"])
    control.ready.value = 1
    assert control.value == frozen(control.pad.strokes) == frozen(DRAWN["a seven"])
    control.pad.strokes = [[[0.1, 0.2], [0.3, 0.4]]]
    assert control.value == (((0.1, 0.2), (0.3, 0.4)),)
    assert len(extremes(control)) == 3


def test_a_change_is_worth_what_the_plain_curve_says(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = np.array(stored.SIZES, float)
    fake = {"none": {int(n): (1 - n**-0.5,) for n in sizes}, "twice": {int(n): (1 - (2 * n) ** -0.5,) for n in sizes}}
    monkeypatch.setattr(scenes_augment, "ACCURACY", fake)
    for n in stored.SIZES:
        assert scenes_augment.worth("twice", n) == pytest.approx(2)
        assert scenes_augment.worth("none", n) == pytest.approx(1)


def test_the_exchange_rate_at_all_ends() -> None:
    draw, fig = scenes_augment.exchange_rate()
    for change, size in itertools.product(CHANGES, stored.SIZES):
        words, _ = draw(change, size)
        assert "times the data" in words
        fig.canvas.draw()
    assert draw("mirror", 4000)[1]
    assert not draw("affine", 125)[1]


def test_stills_say_what_they_show() -> None:
    x, y = load_digits(return_X_y=True)
    made = [stills.two_forms(x / 16, leaks.forms(y)), stills.fake_gains({"a": (0.5, 0.9), "b": (0.7, 0.7)}), stills.nearest_pairs(leaks.augmented(40, by_picture=False)),
            stills.suspects(digits(12, 0).train[0][:, 0].numpy(), list(range(12)), [1] * 12),
            stills_augment.samples(np.zeros((28, 28), np.float32), {"affine": [np.zeros((28, 28), np.float32)] * 2}),
            stills_augment.size_curves(stored.ACCURACY, ["none", "affine"], "t"), stills_augment.recalls(np.ones(10), np.ones(10) * 0.9, ("a", "b")),
            stills_augment.sound_pictures(np.zeros(100), np.ones((5, 9)), np.ones((4, 9)), 100), stills_augment.three_readings({"a": np.zeros((4, 4, 3)), "b": np.ones((4, 4, 3))})]
    race = labels.race(digits(200, 100), labels.KINDS[0], n=80, seeds=2, n_steps=8, every=4)
    made.append(stills.race_curves(race, list(race.accuracy), "t"))
    for fig, alt in made:
        assert len(alt.split()) > 6
        fig.canvas.draw()


def test_the_questions_are_well_made() -> None:
    assert problems(QUESTIONS) == []
