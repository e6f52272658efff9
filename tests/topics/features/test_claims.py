"""What chapter 06 says of more seeds than its own, and the choices that it reports."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data import digits
from helpers.data.words import surnames
from helpers.topics.features import kinds, surname_states, transfer, tsne, units
from helpers.topics.features.probe import learning_curve, one_hot, ridge
from helpers.topics.features.task import draw_labels, new_digits
from helpers.training import evaluate, predict_logits


def test_an_autoencoder_and_a_row_reader_of_another_seed_do_not_pass_the_pixels_with_100_labels() -> None:
    task = new_digits()
    (x, y), (x_test, y_test) = task.pool, task.test

    def reached(extract: kinds.Extract) -> float:
        return float(learning_curve((extract(x), y), (extract(x_test), y_test), 3, [100]).mean())

    plain = reached(kinds.pixels)
    for seed in (1,):
        assert abs(reached(kinds.autoencoder_features(task.old[0], 8, seed)) - plain) < 0.03
        assert reached(kinds.gru_features(task.old[0], 4, seed)) < plain + 0.01


def test_more_epochs_do_not_help_the_autoencoder_nor_training_the_row_reader() -> None:
    task = new_digits()
    (x, y), (x_test, y_test) = task.pool, task.test

    def reached(extract: kinds.Extract, n: int) -> float:
        return float(learning_curve((extract(x), y), (extract(x_test), y_test), 3, [n]).mean())

    assert reached(kinds.autoencoder_features(task.old[0], 30), 100) < reached(kinds.pixels, 100) + 0.02
    torch.manual_seed(0)
    assert reached(kinds.RowReader().states, 1000) > reached(kinds.gru_features(task.old[0], 4), 1000) - 0.015


def test_labels_learnt_by_heart_do_harm() -> None:
    task = new_digits()
    old = task.old[0], kinds.shuffled(task.old[1])
    cnn = kinds.train_cnn(old, 20)
    assert evaluate(cnn, old)[1] > 0.9
    f = kinds.cnn_features(cnn)
    assert learning_curve((f(task.pool[0]), task.pool[1]), (f(task.test[0]), task.test[1]), 3, [100]).mean() < 0.77


def test_other_trained_networks_lie_nearer_to_hog_and_the_lines_cross_there_with_more_steps_too() -> None:
    task = new_digits()
    (x, y), (x_test, y_test) = task.pool, task.test
    hog = learning_curve((kinds.hog_features(x), y), (kinds.hog_features(x_test), y_test), 3, [100]).mean()
    for seed in (1, 2):
        cnn = kinds.train_cnn(task.old, 4, seed)
        f = kinds.cnn_features(cnn)
        assert 0 < hog - learning_curve((f(x), y), (f(x_test), y_test), 3, [100]).mean() < 0.025
    frozen = learning_curve((f(x), y), (f(x_test), y_test), 2, [30, 300]).mean(0)
    ends = []
    for n in (30, 300):
        rows = [draw_labels(y, n, seed) for seed in range(2)]
        ends.append(np.mean([evaluate(transfer.adapt("end to end", cnn, (x[i], y[i]), 320, seed), task.test)[1] for seed, i in enumerate(rows)]))
    assert ends[0] < frozen[0] - 0.02
    assert ends[1] > frozen[1] - 0.005


def test_two_stages_give_no_gain_that_five_draws_could_show() -> None:
    task = new_digits()
    trained, differences = kinds.train_cnn(task.old, 4), []
    for seed in range(5):
        i = draw_labels(task.pool[1], 30, seed)
        labelled = task.pool[0][i], task.pool[1][i]
        once = evaluate(transfer.adapt("fine-tuned", trained, labelled, 80, seed), task.test)[1]
        net = transfer.with_new_head(trained, seed)
        features = predict_logits(net.features, labelled[0]).flatten(1)
        optimizer = torch.optim.AdamW(net.classify.parameters(), lr=1e-2)
        for _ in range(100):
            loss = torch.nn.functional.cross_entropy(net.classify(features), labelled[1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        transfer.steps_of(net, labelled, transfer.TUNE_LR, 80, seed)
        differences.append(evaluate(net, task.test)[1] - once)
    assert abs(np.mean(differences)) < 0.02


def test_a_reader_of_names_trained_longer_stays_behind_counted_pairs() -> None:
    names = surnames()
    code = surname_states.Letters(names.train.names)
    x, x_test = code(names.train.names), code(names.test.names)
    reader = surname_states.reader_of(x, len(code), 8)
    a, b = reader.states(x), reader.states(x_test)
    i = draw_labels(names.train.y, 1000, 0)
    said = ridge(a[i], one_hot(names.train.y[i])).scores(b).argmax(1)
    assert 0.57 < surname_states.mean_recall(said, names.test.y.numpy()) < 0.69       # pairs: 0.74


def test_in_other_networks_distances_between_islands_depend_on_the_start_as_well() -> None:
    data = digits(3500, 500)
    digit = data.test[1][:250].numpy()

    def between(points: np.ndarray) -> np.ndarray:
        centres = np.array([points[digit == k].mean(0) for k in range(10)])
        return np.linalg.norm(centres[:, None] - centres[None], axis=2)[np.triu_indices(10, 1)]

    net = kinds.train_cnn(data.train, 4, 1, n_classes=10)
    own = kinds.cnn_features(net)(data.test[0][:250])
    rng = np.random.default_rng(0)
    run = tsne.Embedding([tsne.affinities(own, 30)] * 3, [rng.normal(size=(250, 2)) for _ in range(3)])
    for _ in range(350):
        run.step()
    found = [between(z) for z in run.z.numpy()]
    shadow = np.corrcoef(between(tsne.plane(own)), between(own.numpy()))[0, 1]
    assert max(np.corrcoef(f, between(own.numpy()))[0, 1] for f in found) < shadow
    assert np.corrcoef(found)[np.triu_indices(3, 1)].mean() < 0.65


def test_the_learning_rates_were_near_the_best_of_three_on_validation_digits() -> None:
    task = new_digits()
    trained = kinds.train_cnn(task.old, 4)
    for way, rates, chosen in (("fine-tuned", (1e-3, 3e-3, 1e-2), transfer.TUNE_LR), ("end to end", (3e-3, 1e-2, 3e-2), transfer.SCRATCH_LR)):
        found = {}
        for lr in rates:
            runs = []
            for seed in range(2):
                i = draw_labels(task.pool[1], 100, seed)
                runs.append(evaluate(transfer.adapt(way, trained, (task.pool[0][i], task.pool[1][i]), 80, seed, lr=lr), task.val)[1])
            found[lr] = np.mean(runs)
        assert found[chosen] >= max(found.values()) - 0.015, found


def test_units_of_other_trained_networks_are_purer_than_untrained_ones() -> None:
    x, y = digits(3500, 500).train
    for seed in (3, 4):
        trained = kinds.train_cnn((x, y), 3, seed, n_classes=10)
        untrained = units.settle_norm(kinds.train_cnn((x, y), 0, seed, n_classes=10), x)
        pure = [units.favourites(net, x, y, "fourth convolution").purity.mean() for net in (trained, untrained)]
        assert pure[0] > pure[1] + 0.1
        smooth = units.ascend(untrained, "fourth convolution", smooth=0.2, jitter=2)
        real = units.favourites(untrained, x, y, "fourth convolution").patches
        assert units.own_rank(units.match(units.window_of(smooth, "fourth convolution"), real)) > 0.75
    assert torch.is_tensor(real)
