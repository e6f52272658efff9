"""What the lessons say of runs longer than their own."""

from __future__ import annotations

import numpy as np
import torch

from helpers.models import FastCNN
from helpers.topics.detection import faces, oneshot, recurrent
from helpers.topics.detection.boxes import match, score
from helpers.topics.detection.pictures import pairs, scenes
from helpers.topics.detection.plain import new_classifier, pipeline, slide, window_examples
from helpers.training import fit, one_cycle


def test_a_sliding_window_with_a_class_for_nothing_beats_the_pipeline_where_digits_touch() -> None:
    """11a: "about 0.6"."""
    torch.manual_seed(0)
    windows = FastCNN(16, 11)
    fit(windows, window_examples(scenes(500, "train", 50)), n_epochs=4, batch_size=64, lr=1e-2, schedule=one_cycle, progress=False)
    few = scenes(30, "val", 7)
    slid = score([slide(windows, picture) for picture in few.x[:, 0].numpy()], few.boxes, few.labels)
    classifier = new_classifier(3)
    piped = score([pipeline(classifier, picture) for picture in few.x[:, 0].numpy()], few.boxes, few.labels)
    print(slid, piped)
    assert 0.5 < slid.ap50 < 0.75
    assert slid.ap50 > piped.ap50 + 0.03


def test_a_looker_trained_without_coverage_finds_another_way_and_a_fixed_order_is_worse() -> None:
    """11b: trained without coverage, a few points lower; left to right, many."""
    torch.manual_seed(0)
    shot = oneshot.OneShot()
    oneshot.train(shot, scenes(2000, "train", 100, count=(3, 6)), 330)
    study, val = scenes(1500, "train", 300, count=(1, 4), overlap=0.7), scenes(200, "val", 7)
    f = recurrent.features(shot, study.x)
    found = {}
    for name, coverage, order in (("with", True, "Hungarian"), ("without", False, "Hungarian"), ("left to right", True, "left to right")):
        torch.manual_seed(0)
        looker = recurrent.Looker(coverage=coverage)
        recurrent.train(looker, f, study, 300, order=order)
        found[name] = score(recurrent.detect(looker, shot, val.x), val.boxes, val.labels).ap50
    print(found)
    assert -0.02 < found["with"] - found["without"] < 0.15
    assert found["with"] - found["left to right"] > 0.06
    assert np.isfinite(list(found.values())).all()


def test_a_one_shot_detector_that_has_met_heaps_still_loses_one_of_two_to_suppression() -> None:
    """11b: suppression is what limits it, for with NMS 0.7 the same network finds both more often."""
    torch.manual_seed(0)
    shot = oneshot.OneShot()
    oneshot.train(shot, scenes(2000, "train", 100, count=(3, 6), overlap=0.7), 330)
    heaps = pairs(100)
    both = {most: float(np.mean([match(d.above(0.3).boxes, b).sum() == 2 for d, b in zip(oneshot.detect(shot, heaps.x, overlap=most), heaps.boxes, strict=True)]))
            for most in (0.5, 0.7)}
    print(both)
    assert both[0.5] < 0.22
    assert both[0.7] > both[0.5] + 0.08


def test_random_windows_in_place_of_hard_negatives_leave_many_more_false_alarms() -> None:
    """11c: it is that they are hard, not that they are more."""
    data = faces.patches(0)
    model = faces.train(data.faces, data.others, 140)
    hard = faces.hard_negatives(model)
    rng = np.random.default_rng(1)
    easy = []
    for name in faces.LEARN:
        for _, level in faces.levels(name):
            for _ in range(8):
                r, c = (int(rng.integers(edge - faces.PATCH + 1)) for edge in level.shape[2:])
                easy.append(level[0, :, r:r + faces.PATCH, c:c + faces.PATCH])
    alarms = {}
    for name, more in (("hard", hard), ("random", torch.stack(easy)[torch.randperm(len(easy))[:len(hard)]])):
        again = faces.train(data.faces, torch.cat([data.others, more]), 140)
        alarms[name] = sum(len(faces.scan(again, photo).found.boxes) for photo in faces.COUNT)
    print(len(hard), len(easy), alarms)
    assert len(easy) >= len(hard)
    assert alarms["random"] > 1.3 * alarms["hard"]
