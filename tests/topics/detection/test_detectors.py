"""The parts of the detectors: what cells are taught, boxes and losses, matchings, and looks."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from helpers.topics.detection import oneshot, recurrent
from helpers.topics.detection.boxes import giou, iou
from helpers.topics.detection.faults import measured_wrongly
from helpers.topics.detection.oracles import random_boxes
from helpers.topics.detection.pictures import Pictures, scenes
from helpers.topics.detection.plain import (
    boxes_found,
    components,
    crop,
    like_mnist,
    two_digits,
    window_examples,
    windows,
)
from helpers.topics.detection.scenes_boxes import candidates


def two(boxes: list[list[float]]) -> Pictures:
    return Pictures(torch.zeros(1, 1, 64, 64), [np.array(boxes, float)], [np.arange(len(boxes))])


def test_the_cell_of_the_middle_answers_and_the_smaller_box_wins() -> None:
    aim = oneshot.targets(two([[0, 0, 40, 40], [14, 14, 28, 28]]), middle_only=True)
    assert aim.inside.nonzero().tolist() == [[0, 2, 2]]
    assert aim.labels[0, 2, 2] == 1
    more = oneshot.targets(two([[0, 0, 40, 40], [14, 14, 28, 28]]))
    assert int(more.inside.sum()) > 1
    assert set(more.labels[more.inside].tolist()) == {0, 1}


def test_a_network_that_says_the_targets_gives_the_true_boxes() -> None:
    made = scenes(5, "val", 1)
    aim = oneshot.targets(made)
    out = torch.zeros(5, 15, 8, 8)
    out[:, 0] = torch.where(aim.inside, 9.0, -9.0)
    middle = oneshot.middles(8, 8)
    centre, side = (aim.boxes[..., :2] + aim.boxes[..., 2:]) / 2, (aim.boxes[..., 2:] - aim.boxes[..., :2]).clamp(min=1)
    out[:, 1:3] = ((centre - middle) / 8).permute(0, 3, 1, 2)
    out[:, 3:5] = (side / 8).log().permute(0, 3, 1, 2)
    torch.testing.assert_close(oneshot.to_boxes(out)[aim.inside], aim.boxes[aim.inside], atol=1e-3, rtol=1e-4)
    assert float(oneshot.giou_loss(oneshot.to_boxes(out)[aim.inside], aim.boxes[aim.inside]).max()) < 1e-3


def test_the_loss_of_boxes_is_one_less_giou() -> None:
    rng = np.random.default_rng(0)
    a, b = random_boxes(rng, 20), random_boxes(rng, 20)
    torch.testing.assert_close(oneshot.giou_loss(torch.from_numpy(a), torch.from_numpy(b)), torch.from_numpy(1 - np.diag(giou(a, b))))


def test_training_makes_the_steps_asked_for_and_is_the_same_again() -> None:
    made = scenes(20, "train", 1)
    runs = []
    for _ in range(2):
        torch.manual_seed(0)
        runs.append(oneshot.train(oneshot.OneShot(10, 4), made, 6, batch_size=8))
    assert len(runs[0]) == 6
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-4)
    with pytest.raises(ValueError, match="multiples of 8"):
        oneshot.OneShot()(torch.zeros(1, 1, 60, 64))


def said(boxes: np.ndarray) -> torch.Tensor:
    out = torch.zeros(1, 4, 15)
    out[0, :, 1:5] = torch.from_numpy(boxes).float()
    return out


def test_the_hungarian_pairing_is_the_cheapest_of_all() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        true, boxes = random_boxes(rng, 3), random_boxes(rng, 4)
        truth = recurrent.truth_of(Pictures(torch.zeros(1, 1, 64, 64), [true], [np.zeros(3, np.int64)]))
        _, steps, which = recurrent.pair(said(boxes), truth)
        cost = np.abs(boxes[:, None] - truth.boxes[0, :3].numpy()[None]).sum(-1)
        least = min(sum(cost[step, k] for k, step in enumerate(p)) for p in permutations(range(4), 3))
        assert cost[steps.numpy(), which.numpy()].sum() == pytest.approx(least, rel=1e-5)


def test_left_to_right_pairs_the_first_step_with_the_leftmost_box() -> None:
    truth = recurrent.truth_of(two([[40, 0, 50, 9], [1, 0, 9, 9]]))
    assert truth.boxes[0, 0].tolist() == [1, 0, 9, 9]
    scene, step, which = recurrent.pair(torch.zeros(1, 4, 15), truth, "left to right")
    assert (scene.tolist(), step.tolist(), which.tolist()) == ([0, 0], [0, 1], [0, 1])
    with pytest.raises(ValueError, match="order must be"):
        recurrent.pair(torch.zeros(1, 4, 15), truth, "by size")


def test_more_digits_than_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="scene 0 holds 5 digits"):
        recurrent.truth_of(two([[i, 0, i + 9, 9] for i in range(5)]))


def test_attention_sums_to_one_and_coverage_counts() -> None:
    torch.manual_seed(0)
    looker, f = recurrent.Looker(), torch.randn(3, 64, 8, 8)
    out, maps = looker.look(f)
    assert out.shape == (3, 4, 15)
    torch.testing.assert_close(maps.sum(-1), torch.ones(3, 4))
    looker.coverage = False
    assert not torch.allclose(maps[:, 1:], looker.look(f)[1][:, 1:])
    torch.testing.assert_close(maps[:, 0], looker.look(f)[1][:, 0])


def test_a_loss_of_the_recurrent_detector_reaches_all_weights() -> None:
    torch.manual_seed(0)
    looker = recurrent.Looker()
    recurrent.loss(looker(torch.randn(2, 64, 8, 8)), recurrent.truth_of(scenes(2, "val", 1))).backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in looker.parameters())


def test_pieces_look_like_mnist_and_windows_cover_the_scene() -> None:
    page = like_mnist(np.ones((10, 4), np.float32))
    assert page.shape == (28, 28)
    rows, columns = np.indices(page.shape)
    assert (page * rows).sum() / page.sum() == pytest.approx(13.5, abs=0.1)
    assert (page * columns).sum() / page.sum() == pytest.approx(13.5, abs=0.1)
    mask = np.zeros((64, 64), np.uint8)
    mask[10:30, 12:20], mask[40:44, 40:44] = 255, 255
    boxes, cuts = components(np.ones((64, 64), np.float32), mask)
    assert boxes.tolist() == [[12, 10, 20, 30]]
    assert len(cuts) == 1
    assert crop(np.eye(64, dtype=np.float32), np.array([0, 0, 28, 28])).shape == (28, 28)
    made = scenes(10, "val", 1)
    best = [iou(windows(), boxes).max(0) for boxes in made.boxes]
    assert np.concatenate(best).min() > 0.45
    x, y = window_examples(made)
    assert x.shape[1:] == (1, 28, 28)
    assert set(y.tolist()) >= {10}


def test_two_digits_stay_inside() -> None:
    for dx, dy in ((-30, -30), (0, 0), (60, 60)):
        picture, boxes, labels = two_digits(dx, dy, np.zeros((64, 64)))
        assert picture.shape == (64, 64)
        assert boxes.min() >= 0
        assert boxes.max() <= 64
        assert len(labels) == 2


def test_no_threshold_of_suppression_is_right_for_the_heap_and_0_5_is_for_digits_apart() -> None:
    """What the steps of the figure say."""
    from helpers.topics.detection.boxes import match, nms

    def outcome(name: str, most: float) -> tuple[int, int]:
        _, truth, found = candidates()[name]
        left = found.boxes[nms(found.boxes, found.scores, most)]
        hits = int(match(left, truth).sum())
        return hits, len(left) - hits

    assert outcome("apart", 0.5) == (2, 0)
    assert outcome("on top of each other", 0.5) == (1, 0)
    assert (2, 0) not in [outcome("on top of each other", most) for most in np.arange(0.1, 0.96, 0.01)]
    assert outcome("apart", 0.9)[1] > 4


def test_each_fault_changes_one_thing() -> None:
    torch.manual_seed(0)
    model = oneshot.OneShot()
    made = scenes(60, "train", 1, count=(3, 6))
    oneshot.train(model, made, 40)
    found = measured_wrongly(model, made.x[:10])
    for right, sizes, spare, shifted in zip(*found.values(), strict=True):
        assert (sizes.boxes[:, :2] == right.boxes[:, :2]).all()
        assert (shifted.boxes == right.boxes).all()
        assert (shifted.labels != right.labels).all()
        assert len(spare.boxes) >= len(right.boxes)


def test_digits_that_stand_alone_are_found_and_those_that_touch_are_not() -> None:
    made = scenes(40, "val", 7)
    alone, crowded = boxes_found(made)
    assert len(alone) + len(crowded) == sum(map(len, made.boxes))
    assert alone.mean() > 0.9 > 0.6 > crowded.mean()
