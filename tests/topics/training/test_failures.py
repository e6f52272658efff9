"""Each faulty training shows the sign by which it is known; the diagnosis in words follows the curves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.data import mnist1d
from helpers.topics.training import scenes_habits
from helpers.topics.training.bank import new_weights
from helpers.topics.training.failures import CAUSES, Curves, train_with
from helpers.topics.training.knobs import Knobs, diagnosis

DATA = mnist1d()


def curves(cause: str, n_epochs: int = 3) -> Curves:
    return train_with(cause, DATA, n_epochs)


def test_one_who_knows_nothing_has_log_10_and_what_is_scaled_has_not() -> None:
    assert curves("healthy", 1).train_loss[0] == pytest.approx(math.log(10), abs=0.05)
    assert curves("loss summed", 1).train_loss[0] == pytest.approx(100 * math.log(10), rel=0.02)
    assert curves("inputs not scaled", 1).train_loss[0] > 10


def test_dead_units_learn_nothing_and_a_low_rate_little() -> None:
    assert curves("dead units").val_loss[-1] == pytest.approx(math.log(10), abs=0.02)
    healthy, low = curves("healthy"), curves("rate too low")
    assert healthy.val_loss[-1] < low.val_loss[-1] - 0.3


def test_softmax_twice_has_a_floor_of_1_46() -> None:
    assert min(curves("softmax twice").train_loss) > math.log(math.e + 9) - 1


def test_shifted_labels_teach_nothing_about_validation() -> None:
    assert curves("labels shifted").val_accuracy[-1] < 0.2


def test_gradients_that_pile_up_make_the_loss_grow() -> None:
    assert curves("zero_grad forgotten").train_loss[-1] > 3


def test_a_forgotten_eval_makes_validation_worse() -> None:
    assert curves("eval forgotten").val_loss[-1] > curves("healthy").val_loss[-1] + 0.01


def test_an_unknown_cause_is_refused_and_letters_are_twelve() -> None:
    assert sorted(CAUSES) == list("ABCDEFGHIJKL")
    with pytest.raises(ValueError, match="cause must be one of"):
        train_with("bad luck", DATA)


def knobs(**changed: object) -> Knobs:
    settings: dict[str, object] = {"rule": "momentum", "lr": 0.05, "decay": 0.0, "batch_size": 100, "width": 50, "n_train": 3500, "seed": 0}
    return Knobs(DATA, **(settings | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(("changed", "n_steps", "said"), [
    ({}, 200, "both losses fall together"),
    ({"rule": "SGD", "lr": 0.001}, 300, "hardly moves"),
    ({"lr": 3.0}, 200, "gone far and learnt nothing: the rate is too high"),
    ({"lr": 0.5}, 300, "the rate is too high"),
    ({"n_train": 200, "lr": 0.1}, 600, "over-fits"),
    ({"n_train": 200}, 200, "over-fit"),
])
def test_the_diagnosis_names_what_was_done(changed: dict[str, object], n_steps: int, said: str) -> None:
    run = knobs(**changed)
    for _ in range(n_steps):
        run.step()
    assert said in diagnosis(run)


def test_the_noise_of_a_batch_falls_as_the_root_of_its_size() -> None:
    noise = scenes_habits.gradient_noise(new_weights((40, 20, 10), [0]), DATA.train, [4, 64], n_batches=40)
    assert noise.means[0] / noise.means[1] == pytest.approx(4, rel=0.15)


def test_the_scenes_say_what_they_show() -> None:
    fake = Curves([2.3, 1.0], [2.3, 1.1], [0.1, 0.6], [0.1, 0.5])
    draw, _ = scenes_habits.failures({"A": Curves([230.0, math.nan], [230.0, math.nan], [0.1, 0.1], [0.1, 0.1]), "B": fake})
    assert "no number any more" in draw("A")[0]
    assert draw("B")[1]
    move, _ = scenes_habits.rate_finder(np.array([0.1, 1.0]), np.array([2.0, 5.0]), np.array([0.1, 1.0]), np.array([[2.0, 1.0], [2.0, np.nan]]))
    assert move(0.1) == ("A training at the rate 0.1 ends at a loss of «1.00».", True)
    assert not move(1.0)[1]
