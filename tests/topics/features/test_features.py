"""The kinds of features, the photographs and the surnames: shapes, and what they must not see."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.feature import hog
from sklearn.decomposition import PCA
from torch.nn import functional as F

from helpers.data import digits
from helpers.topics.features import kinds, photos, transfer
from helpers.topics.features import surname_states as words
from helpers.topics.features.task import new_digits


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return digits(100, 0).train[0]


def test_pca_features_are_scikit_learns(x: torch.Tensor) -> None:
    ours = kinds.pca_features(x[:60], k=4)(x[60:]).numpy()
    theirs = PCA(4, svd_solver="full").fit(x[:60].flatten(1).numpy()).transform(x[60:].flatten(1).numpy())
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-3)


@pytest.mark.parametrize(("extract", "width"), [(kinds.pixels, 784), (kinds.hog_features, 1296), (kinds.imagenet_features, 112)])
def test_ready_features_have_their_width_and_do_not_depend_on_the_batch(extract: kinds.Extract, width: int, x: torch.Tensor) -> None:
    both = extract(x[:3])
    assert both.shape == (3, width)
    torch.testing.assert_close(extract(x[1:2])[0], both[1], atol=1e-4, rtol=1e-4)


def test_learnt_features_come_from_the_old_pictures_alone(x: torch.Tensor) -> None:
    for learn, width in ((lambda: kinds.autoencoder_features(x[:40], 1, k=5), 5), (lambda: kinds.gru_features(x[:40], 1), 256)):
        one, two = learn(), learn()
        assert one(x[40:43]).shape == (3, width)
        torch.testing.assert_close(one(x[40:43]), two(x[40:43]))      # the same seed, the same features


def test_a_frozen_network_is_not_changed_by_reading_it(x: torch.Tensor) -> None:
    cnn = kinds.train_cnn((x, torch.arange(100) % 5), 1)
    before = {name: value.clone() for name, value in cnn.state_dict().items()}
    assert kinds.cnn_features(cnn)(x).shape == (100, 128)
    assert all(torch.equal(value, before[name]) for name, value in cnn.state_dict().items())


def test_shuffled_labels_are_the_same_labels_in_another_order() -> None:
    y = torch.arange(50) % 5
    assert torch.equal(kinds.shuffled(y).sort().values, y.sort().values)
    assert not torch.equal(kinds.shuffled(y), y)


def test_fine_tuning_leaves_the_trained_network_alone_and_changes_all_of_its_copy() -> None:
    task = new_digits()
    small = task.pool[0][:20], task.pool[1][:20]
    trained = kinds.train_cnn((task.old[0][:64], task.old[1][:64]), 1)
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    tuned = transfer.adapt("fine-tuned", trained, small, 3)
    assert all(torch.equal(value, before[name]) for name, value in trained.state_dict().items())
    assert all(not torch.equal(a, b) for a, b in zip(tuned.parameters(), trained.parameters(), strict=True))
    with pytest.raises(ValueError, match="way must be"):
        transfer.adapt("frozen", trained, small, 3)


def test_patches_of_the_two_halves_share_no_column() -> None:
    (x_train, y_train), (x_test, y_test) = photos.patches()
    assert x_train.shape == (240, 1, 64, 64)
    assert torch.bincount(y_train).tolist() == [20] * 12
    assert torch.bincount(y_test).tolist() == [15] * 12
    assert 0 <= float(x_test.min()) <= float(x_test.max()) <= 1
    widths = [photos._photo(name).shape[1] for name in photos.NAMES]
    assert all(width // 2 - 3 * photos.SIDE // 2 + photos.SIDE <= width // 2 - photos.SIDE // 2 for width in widths)


def test_faces_and_the_plain_features_of_photographs() -> None:
    x, y = photos.faces()
    assert x.shape == (200, 1, 25, 25)
    assert y.tolist() == [1] * 100 + [0] * 100
    patch = photos.patches()[0][0][:2]
    assert photos.small(patch).shape == (2, 256)
    torch.testing.assert_close(photos.grey_histogram(patch).sum(1), torch.ones(2))
    np.testing.assert_allclose(photos.large_hog(patch)[0].numpy(), hog(patch[0, 0].numpy(), 8, (16, 16), (2, 2)), atol=1e-5)


def test_letters_states_and_pieces() -> None:
    code = words.Letters(["Ab", "bac"])
    x = code(["ab", "CAb?", "x" * 20])
    assert x.shape == (3, words.LONGEST)
    assert x[0].tolist()[:3] == [1, 2, 0]
    assert x[2].sum() == 0                                  # letters that the training names do not have
    reader = words.reader_of(code(["ab", "bac"] * 4), len(code), 1)
    states = reader.states(code(["ab", "abba"]))
    assert states.shape == (2, 64)
    torch.testing.assert_close(states[0], reader.states(code(["ab"]))[0])     # what comes after a name does not matter
    table = words.counts(["Abab"], ["ab", "b", "zz"])
    assert table.tolist() == [[2, 2, 0]]
    assert words.commonest_pieces(["aa", "ab"], 1) == ["a"]
    assert words.mean_recall(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1])) == pytest.approx((2 / 3 + 1) / 2)
    assert words.next_letter_loss(torch.zeros(2, 3, 5), torch.tensor([[1, 2, 0], [3, 0, 0]])) == pytest.approx(np.log(5))


def test_the_mlp_reads_separable_features() -> None:
    x = F.one_hot(torch.arange(40) % 4).float()
    assert transfer.mlp_accuracy((x, torch.arange(40) % 4), (x, torch.arange(40) % 4), 20) == 1
