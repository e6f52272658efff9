"""Scenes hold what they say: boxes around ink, overlaps below the limit, parts that share nothing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch

from helpers.topics.detection.boxes import iou, match
from helpers.topics.detection.coins import by_threshold, coin_scenes, coins, untouched
from helpers.topics.detection.pictures import LONGEST, SIZE, n_boxes, pairs, scenes


def overlaps(boxes: np.ndarray) -> list[float]:
    return [float(iou(boxes[i], boxes[j])[0, 0]) for i, j in combinations(range(len(boxes)), 2)]


def test_scenes_are_the_same_for_the_same_seed_and_differ_by_part() -> None:
    one, two, other = scenes(4, "val", 3), scenes(4, "val", 3), scenes(4, "test", 3)
    assert torch.equal(one.x, two.x)
    assert not torch.equal(one.x, other.x)
    assert one.x.shape == (4, 1, SIZE, SIZE)
    assert one.x.dtype == torch.float32
    assert 0 <= float(one.x.min()) <= float(one.x.max()) <= 1


@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.7])
def test_boxes_overlap_as_far_as_allowed_and_lie_inside(overlap: float) -> None:
    made = scenes(60, "train", 1, count=(2, 4), overlap=overlap)
    assert max(value for boxes in made.boxes for value in [0.0, *overlaps(boxes)]) <= overlap
    every = np.concatenate(made.boxes)
    assert every.min() >= 0
    assert every.max() <= SIZE
    assert (every[:, 2:] - every[:, :2]).max() <= LONGEST * 1.4 + 1
    assert min(map(len, made.boxes)) >= 1
    assert n_boxes(made) == len(every) == sum(map(len, made.labels))


def test_a_box_is_brighter_inside_than_around() -> None:
    made = scenes(30, "val", 2, count=(1, 1), clutter=0)
    for picture, boxes in zip(made.x[:, 0].numpy(), made.boxes, strict=True):
        x1, y1, x2, y2 = boxes[0].astype(int)
        inside = np.zeros((SIZE, SIZE), bool)
        inside[y1:y2, x1:x2] = True
        assert picture[inside].max() > picture[~inside].max()
        assert (picture[y1:y2, [x1, x2 - 1]].max(0) > picture[~inside].mean()).all()


def test_pairs_overlap_by_what_is_asked() -> None:
    made = pairs(20, "val", 1, least=0.3, most=0.4)
    assert all(0.3 < overlaps(boxes)[0] < 0.4 for boxes in made.boxes)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="part must be one of train, val, test"):
        scenes(1, "all")
    with pytest.raises(ValueError, match="n must be a whole number"):
        scenes(0)


def test_there_are_twelve_coins_a_half_and_a_threshold_finds_the_lower_ones() -> None:
    c = coins()
    assert {name: len(cut) for name, cut in c.cut.items()} == {"upper": 12, "lower": 12}
    assert all(edge % 8 == 0 for edge in c.lower.shape)
    for way in ("Otsu", "adaptive"):
        assert match(by_threshold(c.lower, way).boxes, untouched().boxes[0]).sum() == 12
    with pytest.raises(ValueError, match="way must be"):
        by_threshold(c.lower, "by eye")


def test_coins_are_pasted_apart() -> None:
    made = coin_scenes(15, "lower", 4)
    assert max(value for boxes in made.boxes for value in [0.0, *overlaps(boxes)]) < 0.05
    assert min(map(len, made.boxes)) >= 1
    with pytest.raises(ValueError, match="half must be"):
        coin_scenes(1, "left")
