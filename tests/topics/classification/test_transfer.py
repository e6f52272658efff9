"""Transfer, strangers, three tasks on one scene."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.metrics import jaccard_score

from helpers.data import digits
from helpers.data.materials import in_grey, materials
from helpers.models import FastCNN
from helpers.topics.classification import scenes_transfer as scenes
from helpers.topics.classification import stills_transfer as stills
from helpers.topics.classification.networks import NearestDigit
from helpers.topics.classification.strangers import nearness, strangers, sureness, temperature_for, told_apart
from helpers.topics.classification.tasks import (
    INK,
    PAPER,
    Box,
    PixelReader,
    boxes_of,
    found_boxes,
    hits,
    iou_per_class,
    largest_of,
    make_scenes,
    overlap,
    pixel_loss,
    read_parts,
    read_pixels,
    with_threshold,
)
from helpers.topics.classification.transfer import (
    FEATURES,
    SCRATCH,
    compare,
    first_labels,
    histogram,
    lbp,
    read_linearly,
    scratch,
    share,
)
from helpers.training import predict_logits


def test_the_linear_reading_agrees_with_scikit_learn() -> None:
    generator = torch.Generator().manual_seed(0)
    x, new = torch.randn(30, 7, generator=generator) * 3 + 1, torch.randn(9, 7, generator=generator)
    y = torch.arange(30) % 3
    mean, std = x.mean(0), x.std(0, unbiased=False)
    known = Ridge(alpha=0.1 * 7).fit(((x - mean) / std).numpy(), np.eye(3)[y.numpy()])
    np.testing.assert_allclose(read_linearly((x, y), new).numpy(), known.predict(((new - mean) / std).numpy()), atol=1e-5)


def test_features_have_their_shapes_and_lose_what_they_say() -> None:
    x = materials(2, 1)[0][0][:3]
    assert {kind: tuple(f(x).shape) for kind, f in FEATURES.items()} == {"pixels": (3, 768), "colour histogram": (3, 64), "LBP": (3, 10), "ImageNet": (3, 1280)}
    torch.testing.assert_close(histogram(x).sum(1), torch.ones(3))
    torch.testing.assert_close(histogram(x), histogram(x.flip(3)))          # places are lost
    torch.testing.assert_close(lbp(x).sum(1), torch.ones(3))


def test_labels_are_drawn_anew_for_each_seed() -> None:
    y = torch.arange(4).repeat_interleave(10)
    a, b = first_labels(y, 3, 0), first_labels(y, 3, 1)
    assert torch.bincount(y[a]).tolist() == [3, 3, 3, 3]
    assert a.tolist() != b.tolist()
    assert a.tolist() == first_labels(y, 3, 0).tolist()


def test_tables_have_a_row_a_seed() -> None:
    train, test = materials(2, 1)
    features = {"colour histogram": (histogram(train[0]), histogram(test[0]))}
    table = compare(train, test, features, (1,), (0, 1))
    assert {kind: runs.shape for kind, runs in table.items()} == {"colour histogram": (2, 1), SCRATCH: (2, 1)}
    state = torch.get_rng_state()
    assert share(scratch(train, train[0], 1, 0), train[1]) >= 0
    assert torch.equal(state, torch.get_rng_state())


def test_strangers_look_like_digits_in_form() -> None:
    for kind, x in strangers(10).items():
        assert x.shape == (10, 1, 28, 28), kind
        assert x.dtype == torch.float32
        assert 0 <= float(x.min()) < float(x.max()) <= 1.01, kind
    assert torch.equal(strangers(5)["letters"], strangers(5)["letters"])


def test_sureness_temperature_and_auc() -> None:
    z = 4 * torch.randn(3, 50, 10, generator=torch.Generator().manual_seed(0))
    assert sureness(z).mean() <= sureness(z.flatten(0, 1)).mean()           # a mean of disagreeing answers is flatter
    assert abs(sureness(z[0], temperature_for(z[0], 0.6)).mean() - 0.6) < 1e-3
    assert told_apart(np.array([1, 2]), np.array([0, 1])) == 0.875
    x = digits().train[0][:50]
    assert nearness(x, x).max() == pytest.approx(0, abs=1e-2)


def test_scenes_are_what_they_say() -> None:
    apart, touching = make_scenes(digits().val, 30, 0), make_scenes(digits().val, 30, 1, True)
    for true in (apart, touching):
        assert true.x.shape == (30, 1, 48, 48)
        assert all(1 <= len(b) <= 3 for b in true.boxes)
        assert torch.equal(true.mask != PAPER, true.x[:, 0] > INK)
        assert torch.equal(largest_of(true.mask), true.largest)
    assert all(overlap(a[1], b[1]) == 0 for boxes in apart.boxes for a in boxes for b in boxes if a is not b)
    reader = NearestDigit(digits().train)
    counts = {name: np.mean([len(said) for said in read_parts(true.x, reader)[0]]) / np.mean([len(b) for b in true.boxes]) for name, true in (("apart", apart), ("touching", touching))}
    assert counts["apart"] > 0.9 > 0.7 > counts["touching"]
    assert found_boxes(read_parts(apart.x, reader)[0], apart.boxes) > 0.7


def test_a_reader_slid_says_what_it_says() -> None:
    torch.manual_seed(0)
    reader = FastCNN(8).eval()
    net = PixelReader(reader).eval()
    x = digits().val[0][:20]
    with torch.no_grad():
        slid = net.window(net.body(x[..., 2:-2, 2:-2]))[:, :, 3, 3]
    torch.testing.assert_close(slid, predict_logits(reader, x), atol=1e-4, rtol=1e-4)
    scene = make_scenes(digits().val, 2)
    assert net(scene.x).shape == (2, 11, 48, 48)
    assert net.train()(scene.x).shape == (2, 11, 24, 24)
    assert float(pixel_loss(net(scene.x), scene.mask).detach()) > 0
    assert read_pixels(net, scene.x).shape == (2, 48, 48)
    assert torch.equal(with_threshold(predict_logits(net, scene.x), scene.x) == PAPER, scene.mask == PAPER)


def test_measures_of_pixels_and_boxes() -> None:
    rng = np.random.default_rng(0)
    said, true = (torch.from_numpy(rng.integers(0, 4, (2, 9, 9))) for _ in range(2))
    np.testing.assert_allclose(iou_per_class(said, true, 4), jaccard_score(true.ravel(), said.ravel(), average=None))
    assert np.isnan(iou_per_class(said, true, 5)[4])
    box = (0, 0, 4, 4)
    assert overlap(box, box) == 1
    assert overlap(box, (2, 0, 6, 4)) == pytest.approx(1 / 3)
    assert hits([(3, box)], [(3, box), (3, box)]) == 1
    assert hits([(2, box)], [(3, box)]) == 0
    mask = torch.full((1, 10, 10), PAPER)
    mask[0, 2:7, 3:6] = 7
    assert boxes_of(mask) == [[(7, (3, 2, 6, 7))]]


def test_figures_say_what_they_show() -> None:
    train, test = materials(2, 1)
    features = {c: {kind: (f(g(train[0])), f(g(test[0]))) for kind, f in FEATURES.items()} for c, g in (("colour", lambda x: x), ("grey", in_grey))}
    draw, _ = scenes.labels_and_features(train, test, features)
    words = {draw(kind=kind, labels=1, colour=colour)[0] for kind in FEATURES for colour in features}
    assert len(words) == 8
    assert not draw(kind="ImageNet", labels=2, colour="grey")[1]

    pictures = {"digits": digits().val[0][:3], "letters": strangers(3)["letters"]}
    sure = torch.zeros(2, 3, 10)
    sure[..., 4] = 20
    draw, _ = scenes.how_sure(pictures, {"digits": sure, "letters": sure}, 10.0)
    assert draw(kind="letters", number=1, reader="five networks")[1]
    assert not draw(kind="digits", number=1, reader="five networks")[1]
    assert "a 4" in draw(kind="letters", number=1, reader="one, softened")[0]

    true = make_scenes(digits().val, 3, 1, True)
    plain: tuple[torch.Tensor, list[list[tuple[int, Box]]], torch.Tensor] = (true.largest, [[] for _ in true.boxes], torch.full_like(true.mask, PAPER))
    draw, _ = scenes.three_tasks({"touching": true}, {"touching": {"plain": plain, "network": (true.largest, true.boxes, true.mask)}})
    assert draw(digits="touching", number=0, task="detection", by="network")[1]
    assert not draw(digits="touching", number=0, task="detection", by="plain")[1]
    assert "100 %" in draw(digits="touching", number=1, task="segmentation", by="network")[0].replace("«", "").replace("»", "")
    assert "largest digit" in draw(digits="touching", number=1, task="classification", by="plain")[0]

    for fig in (stills.patches(train, test), stills.strangers(pictures, 2), stills.how_sure({"digits": {"one": 0.9}}),
                stills.against_labels({c: {"a": np.full((2, 2), 0.5)} for c in ("grey", "colour")}, (1, 5))):
        assert len(fig.course_alt) > 20      # type: ignore[attr-defined]
