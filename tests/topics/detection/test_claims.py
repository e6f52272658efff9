"""What the lessons say of runs longer than their own."""

from __future__ import annotations

import numpy as np
import torch

from helpers.models import FastCNN
from helpers.topics.detection import oneshot, recurrent
from helpers.topics.detection.boxes import score
from helpers.topics.detection.pictures import scenes
from helpers.topics.detection.plain import new_classifier, pipeline, slide, window_examples
from helpers.training import fit, one_cycle


def test_a_sliding_window_with_a_class_for_nothing_beats_the_pipeline_where_digits_touch() -> None:
    """11a: "about 0.7"."""
    torch.manual_seed(0)
    windows = FastCNN(16, 11)
    fit(windows, window_examples(scenes(500, "train", 50)), n_epochs=4, batch_size=64, lr=1e-2, schedule=one_cycle, progress=False)
    few = scenes(30, "val", 7)
    slid = score([slide(windows, picture) for picture in few.x[:, 0].numpy()], few.boxes, few.labels)
    classifier = new_classifier(3)
    piped = score([pipeline(classifier, picture) for picture in few.x[:, 0].numpy()], few.boxes, few.labels)
    print(slid, piped)
    assert 0.55 < slid.ap50 < 0.85
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
