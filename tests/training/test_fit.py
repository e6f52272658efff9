"""fit, against a training loop written by hand; and what happens when it is stopped, resumed or given nonsense."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from moons import TRAIN, VAL, network, run, stop_at, weights
from torch import nn
from torch.nn import functional as F

from helpers.data import XY, digits
from helpers.training import TrainingDiverged, evaluate, one_cycle, predict_logits


def by_hand(model: nn.Module, n_epochs: int) -> list[float]:
    """The plain loop of any textbook."""
    opt, generator, losses = torch.optim.AdamW(model.parameters(), lr=0.02), torch.Generator().manual_seed(0), []
    x, y = TRAIN
    for _ in range(n_epochs):
        total = 0.0
        for i in torch.randperm(60, generator=generator).split(16):
            opt.zero_grad()
            loss = F.cross_entropy(model.train()(x[i]), y[i])
            loss.backward()
            opt.step()
            total += loss.item() * len(i)
        losses.append(total / 60)
    return losses


@pytest.mark.parametrize("val", [None, VAL])
def test_fit_without_extras_is_the_loop_written_by_hand(val: XY | None) -> None:
    ours, theirs = network(0.2), network(0.2)
    torch.manual_seed(4)
    history = run(ours, TRAIN, val, n_epochs=3)
    torch.manual_seed(4)
    losses = by_hand(theirs, 3)
    assert torch.equal(weights(ours), weights(theirs))
    assert history.train_loss == losses
    assert (history.n_epochs, history.stopped, ours.training) == (3, "finished", False)


def test_history_has_one_entry_an_epoch() -> None:
    history = run(network(), TRAIN, VAL, n_epochs=3)
    assert [len(v) for v in (history.train_loss, history.val_loss, history.val_accuracy, history.lr, history.seconds)] == [3] * 5
    assert sorted(history.seconds) == history.seconds
    assert history.best_epoch == history.val_loss.index(min(history.val_loss)) + 1
    assert history.lr == [0.02] * 3
    alone = run(network(), TRAIN, n_epochs=2)
    assert (alone.val_loss, alone.val_accuracy, alone.best_epoch) == ([], [], 0)


def test_the_seed_orders_the_examples() -> None:
    curves = [run(network(), TRAIN, n_epochs=2, seed=seed).train_loss for seed in (5, 5, 6)]
    assert curves[0] == curves[1] != curves[2]


def test_fit_leaves_the_callers_data_unchanged() -> None:
    train, val = copy.deepcopy(TRAIN), copy.deepcopy(VAL)
    model = nn.Sequential(nn.ReLU(inplace=True), network())
    run(model, train, val, n_epochs=1, augment=lambda x: x.mul_(2))
    evaluate(model, val)
    for ours, theirs in ((train, TRAIN), (val, VAL)):
        assert torch.equal(ours[0], theirs[0])
        assert torch.equal(ours[1], theirs[1])


def test_augment_changes_each_training_batch_and_nothing_else() -> None:
    seen: list[int] = []
    model = network()

    def nothing_left(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return x * 0

    history = run(model, TRAIN, VAL, n_epochs=2, augment=nothing_left)
    assert seen == [16, 16, 16, 12] * 2
    assert history.val_loss[-1] == evaluate(model, VAL)[0]          # of val as it is


def test_evaluate_is_torchs_loss_and_the_share_that_is_right() -> None:
    from sklearn.metrics import accuracy_score, log_loss

    model = network(0.5).train()
    loss, accuracy = evaluate(model, VAL)
    with torch.no_grad():
        probs = copy.deepcopy(model).eval()(VAL[0]).softmax(1)
    assert loss == pytest.approx(log_loss(VAL[1], probs.double() / probs.double().sum(1, keepdim=True)), rel=1e-5)
    assert accuracy == pytest.approx(accuracy_score(VAL[1], probs.argmax(1)))
    assert model.training                               # the mode is kept


def test_predict_logits_goes_through_all_in_batches() -> None:
    model = network()
    assert torch.allclose(predict_logits(model, VAL[0], batch_size=7), model.eval()(VAL[0]))


class Remembers(nn.Module):
    """Makes a table at the first call and uses it ever after, as positional encodings are."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.table: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.table = x.new_ones(2) if self.table is None else self.table
        return self.layer(x) * self.table


def test_predictions_may_be_trained_on() -> None:
    """And so may what the model keeps from them: inference tensors would refuse."""
    model, layer = Remembers(), nn.Linear(2, 2)
    features = predict_logits(model, TRAIN[0])
    F.cross_entropy(layer(features), TRAIN[1]).backward()
    assert layer.weight.grad is not None
    F.cross_entropy(model(TRAIN[0]), TRAIN[1]).backward()
    assert model.layer.weight.grad is not None


def test_what_a_model_keeps_from_the_trial_may_be_trained_on() -> None:
    assert run(Remembers(), TRAIN, n_epochs=1).n_epochs == 1


def test_what_cannot_be_evaluated_is_said() -> None:
    with pytest.raises(ValueError, match=r"x must hold at least one example, \(N, …\); got shape \(0, 1, 28, 28\)"):
        evaluate(nn.Flatten(), digits(n_val=0).val)
    with pytest.raises(ValueError, match=r"x must hold at least one example, \(N, …\); got shape \(\)"):
        predict_logits(nn.Identity(), torch.tensor(1.0))
    with pytest.raises(ValueError, match="batch_size must be a whole number, at least 1, got 0"):
        predict_logits(nn.Identity(), TRAIN[0], batch_size=0)
    model = nn.RNN(2, 2).train()
    with pytest.raises(TypeError, match=r"the model gave a tuple; return one tensor, as in out, _ = self\.rnn\(x\)"):
        predict_logits(model, TRAIN[0])
    assert model.training


def test_accuracy_of_a_regression_is_nan() -> None:
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
    data = x, x[:, :1] * 2 - 1
    history = run(nn.Linear(2, 1), data, data, n_epochs=30, loss=F.mse_loss, lr=0.1)
    assert all(math.isnan(a) for a in history.val_accuracy)
    assert history.val_loss[-1] < 1e-2


def test_one_cycle_rises_for_a_quarter_and_ends_at_nothing() -> None:
    opt = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5)
    schedule, rates = one_cycle(opt, 100), []
    for _ in range(100):
        rates.append(schedule.get_last_lr()[0])
        opt.step()
        schedule.step() if len(rates) < 100 else None
    assert max(rates) == pytest.approx(0.5)
    assert rates.index(max(rates)) == 24
    assert rates[-1] < 1e-4
    assert run(network(), TRAIN, n_epochs=4, schedule=one_cycle).lr[-1] < 1e-5


def rates(schedule: torch.optim.lr_scheduler.LRScheduler, n_steps: int) -> list[tuple[float, float]]:
    """Rate and momentum of each step."""
    found, (group,) = [], schedule.optimizer.param_groups
    for _ in range(n_steps):
        found.append((group["lr"], group["momentum"]))
        schedule.optimizer.step()
        schedule.step()
    return found


@pytest.mark.parametrize("n_steps", range(1, 10))
def test_one_cycle_takes_any_number_of_steps(n_steps: int) -> None:
    ours, theirs = (torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5, momentum=0.9) for _ in range(2))
    cycle = rates(one_cycle(ours, n_steps), n_steps)
    if n_steps == 4:                                    # torch divides by zero; the rise is one step long, so it begins at the peak
        assert [rate for rate, _ in cycle] == pytest.approx([0.5, 0.375, 0.125, 0.0], abs=1e-5)
        assert [momentum for _, momentum in cycle] == pytest.approx([0.85, 0.875, 0.925, 0.95])
    else:
        assert cycle == rates(torch.optim.lr_scheduler.OneCycleLR(theirs, 0.5, total_steps=n_steps, pct_start=0.25), n_steps)


def test_four_epochs_of_one_batch_train_with_one_cycle() -> None:
    assert run(network(), TRAIN, n_epochs=4, batch_size=60, schedule=one_cycle).lr[0] == 0.02


def test_any_schedule_of_torch_will_do() -> None:
    history = run(network(), TRAIN, n_epochs=3, schedule=lambda opt, n: torch.optim.lr_scheduler.StepLR(opt, n // 3, 0.5))
    assert history.lr == pytest.approx([0.02, 0.01, 0.005])          # of each epoch's last step


def test_clipping_bounds_the_gradient() -> None:
    lengths: list[float] = []

    class Watched(torch.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            lengths.append(float(torch.cat([p.grad.flatten() for g in self.param_groups for p in g["params"]]).norm()))
            return super().step(closure)

    run(network(), TRAIN, n_epochs=1, optimizer=Watched, max_grad_norm=0.01)
    assert max(lengths) <= 0.01 * 1.001


def overfitting(model: nn.Module, **more: Any) -> Any:
    return run(model, (TRAIN[0], 1 - TRAIN[1]), VAL, n_epochs=30, **more)


def test_early_stopping_goes_back_to_the_best_weights() -> None:
    model = network()
    history = overfitting(model, patience=2)            # flipped labels: val loss soon rises
    assert history.stopped == "early stopping"
    assert history.n_epochs == history.best_epoch + 2 < 30
    assert evaluate(model, VAL)[0] == pytest.approx(min(history.val_loss))
    assert min(history.val_loss) < history.val_loss[-1]
    reference = network()
    run(reference, (TRAIN[0], 1 - TRAIN[1]), VAL, n_epochs=history.best_epoch)
    assert torch.equal(weights(model), weights(reference))


def test_the_clock_stops_training_at_the_end_of_an_epoch() -> None:
    history = run(network(), TRAIN, VAL, n_epochs=1000, max_seconds=1e-9)
    assert (history.n_epochs, history.stopped, len(history.val_loss)) == (1, "time is up", 1)


@pytest.mark.parametrize("batch", [0, 6, 8])
def test_an_interruption_keeps_what_was_learnt(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    model = network()
    history = run(model, TRAIN, VAL, n_epochs=10, augment=stop_at(batch))
    assert history.stopped == "interrupted"
    assert "Training was stopped in epoch " in capsys.readouterr().out, "else the next cell is wrong, and nothing says why"
    assert [len(v) for v in (history.train_loss, history.val_loss, history.val_accuracy, history.lr, history.seconds)] == [batch // 4] * 5
    assert torch.equal(weights(model), weights(network())) == (batch == 0)
    assert not model.training


def test_an_interruption_with_patience_goes_back_to_the_best() -> None:
    model = network()
    history = overfitting(model, patience=20, augment=stop_at(40))
    assert history.stopped == "interrupted"
    assert evaluate(model, VAL)[0] == pytest.approx(min(history.val_loss))


def test_words_train_as_indices_for_an_embedding() -> None:
    """Two-letter words; the class is the first letter. Order matters, so an embedding's sum would not do."""
    x = torch.cartesian_prod(torch.arange(3), torch.arange(3))
    model = nn.Sequential(nn.Embedding(3, 8), nn.Flatten(), nn.Linear(16, 3))
    run(model, (x, x[:, 0]), n_epochs=100, lr=0.1)
    assert evaluate(model, (x, x[:, 0]))[1] == 1


FAR = TRAIN[0] * 1e3, TRAIN[1]


def test_a_rate_far_too_high_stops_with_advice() -> None:
    with pytest.raises(TrainingDiverged, match=r"the loss became (nan|inf) in epoch \d+, at a learning rate of 1e\+38\. Try one 10 times smaller"):
        run(nn.Linear(2, 2), FAR, lr=1e38, optimizer=torch.optim.SGD)


def test_a_loss_that_leaves_the_numbers_in_the_last_step_is_seen_on_the_val_split() -> None:
    with pytest.raises(TrainingDiverged, match=r"the val loss became (nan|inf) in epoch 1"):
        run(nn.Linear(2, 2), FAR, FAR, lr=1e38, optimizer=torch.optim.SGD, batch_size=60, n_epochs=1)


def test_a_loss_that_is_no_number_does_not_reach_the_weights() -> None:
    model = nn.Linear(2, 2)
    before = weights(model)
    with pytest.raises(TrainingDiverged):
        run(model, TRAIN, loss=lambda out, y: F.cross_entropy(out, y) * math.inf)
    assert torch.equal(weights(model), before)
    assert not model.training


@pytest.mark.parametrize("error", [TrainingDiverged, MemoryError])
def test_a_training_that_fails_goes_back_to_the_best_as_well(error: type[Exception]) -> None:
    model = network()
    with pytest.raises(error):                          # in the third epoch
        run(model, TRAIN, VAL, n_epochs=9, patience=9, optimizer=torch.optim.SGD, schedule=lambda opt, _: leap(opt),
            augment=stop_at(9, MemoryError) if error is MemoryError else None)
    reference = network()
    history = run(reference, TRAIN, VAL, n_epochs=2, patience=9, optimizer=torch.optim.SGD)
    assert history.best_epoch == 2
    assert torch.equal(weights(model), weights(reference))
    assert not model.training


def leap(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    """A rate that is far too high from the third epoch on."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 if step < 8 else 1e32)
