"""Overlap, suppression, matching and average precision against judges outside our code."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from helpers.topics.detection.boxes import (
    Detections,
    as_boxes,
    average_precision,
    detections,
    giou,
    iou,
    match,
    nms,
    pooled,
    precision_recall,
    score,
)
from helpers.topics.detection.oracles import painted_iou, random_boxes, random_detections


def test_iou_is_what_painted_pixels_say() -> None:
    rng = np.random.default_rng(1)
    a, b = random_boxes(rng, 60, whole=True), random_boxes(rng, 40, whole=True)
    np.testing.assert_allclose(iou(a, b), [[painted_iou(p, q) for q in b] for p in a])


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_iou_is_symmetric_bounded_and_never_above_giou_plus_the_hull(numbers: list[int]) -> None:
    a, b = (np.r_[np.minimum(c[:2], c[2:]), np.maximum(c[:2], c[2:])] for c in np.array(numbers).reshape(2, 4))
    one, two = iou(a, b)[0, 0], iou(b, a)[0, 0]
    assert one == two
    assert 0 <= one <= 1
    assert -1 <= giou(a, b)[0, 0] <= one + 1e-12


def test_boxes_that_touch_lie_apart_or_are_empty_overlap_by_nothing() -> None:
    a = np.array([0, 0, 10, 7])
    others = np.array([[10, 0, 14, 7], [10, 7, 12, 9], [20, 20, 30, 30], [4, 4, 4, 6]])
    assert iou(a, others).tolist() == [[0, 0, 0, 0]]
    assert iou([3, 5, 3, 5], [3, 5, 3, 5]).tolist() == [[0]]
    assert iou([], others).shape == (0, 4)
    assert giou(a, others[2:3])[0, 0] == pytest.approx((70 + 100) / 900 - 1)


def test_nms_is_opencvs() -> None:
    rng = np.random.default_rng(2)
    for n, most in ((1, 0.5), (80, 0.3), (200, 0.5), (200, 0.7)):
        boxes, scores = random_boxes(rng, n), rng.random(n)
        sizes = np.c_[boxes[:, :2], boxes[:, 2:] - boxes[:, :2]]
        assert nms(boxes, scores, most).tolist() == list(cv2.dnn.NMSBoxes(sizes.tolist(), scores.tolist(), 0.0, most))
    assert nms([], [], 0.5).tolist() == []


def test_a_true_box_is_taken_once_by_the_surest() -> None:
    truth = [[0, 0, 10, 10], [20, 0, 30, 10]]
    found = np.array([[0, 0, 10, 9], [0, 0, 10, 10], [21, 0, 31, 10], [50, 50, 60, 60]], float)
    assert match(found, np.array(truth, float)).tolist() == [True, False, True, False]
    assert match(found, np.zeros((0, 4))).tolist() == [False] * 4


def test_average_precision_is_scikit_learns_without_the_look_ahead_and_the_definitions_with_it() -> None:
    rng = np.random.default_rng(3)
    for n in (3, 30, 200):
        hits, sure = rng.random(n) < 0.5, np.sort(rng.random(n))[::-1]
        hits[0] = True
        precision, recall = precision_recall(hits, int(hits.sum()))
        assert (precision * np.diff(recall, prepend=0)).sum() == pytest.approx(average_precision_score(hits, sure))
        best = [max(precision[k:]) for k in range(n)]
        assert average_precision(hits, int(hits.sum())) == pytest.approx((np.array(best) * np.diff(recall, prepend=0)).sum())
        assert average_precision(hits, 2 * int(hits.sum())) == pytest.approx(average_precision(hits, int(hits.sum())) / 2)
    assert average_precision([], 3) == 0
    assert np.isnan(average_precision([True], 0))


def test_the_truth_scores_one_and_wrong_names_nothing() -> None:
    rng = np.random.default_rng(4)
    boxes = [random_boxes(rng, k) for k in (3, 1, 2)]
    labels = [rng.integers(0, 3, len(b)) for b in boxes]
    right = [detections(b, np.ones(len(b)), k) for b, k in zip(boxes, labels, strict=True)]
    whole = score(right, boxes, labels)
    assert (whole.ap50, whole.mean, whole.any_label) == (1, 1, 1)
    wrong = score([d._replace(labels=d.labels + 5) for d in right], boxes, labels)
    assert (wrong.ap50, wrong.any_label) == (0, 1)


def test_pooled_sorts_over_pictures() -> None:
    found = [detections([[0, 0, 9, 9]], [0.2]), detections([[0, 0, 9, 9], [30, 30, 39, 39]], [0.9, 0.5])]
    hits, scores = pooled(found, [np.array([[0, 0, 9, 9.0]]), np.array([[0, 0, 9, 9.0]])])
    assert scores.tolist() == [0.9, 0.5, 0.2]
    assert hits.tolist() == [True, False, True]


def test_what_is_no_box_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have shape \(N, 4\)"):
        as_boxes(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="one length"):
        detections([[0, 0, 1, 1]], [0.1, 0.2])
    with pytest.raises(ValueError, match="one entry a picture"):
        score([Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))], [], [])


def test_a_guesser_is_of_a_digits_size_and_inside() -> None:
    for boxes, scores, labels in random_detections(np.random.default_rng(0), 3, 7):
        assert boxes.shape == (7, 4)
        assert boxes.min() >= 0
        assert boxes.max() <= 64
        assert len(scores) == len(labels) == 7
