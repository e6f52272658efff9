"""Seeds, threads and style, against the generators of Python, NumPy and torch themselves."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import matplotlib as mpl
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import runtime


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """start() changes what all tests share: put it back."""
    threads = torch.get_num_threads()
    monkeypatch.setattr(runtime, "_fast", False)
    with mpl.rc_context():
        yield
    torch.set_num_threads(threads)


def test_root_is_the_folder_of_the_course() -> None:
    assert (runtime.ROOT / "course.py").is_file()
    assert (runtime.ROOT / "helpers" / "runtime.py").is_file()


@given(seed=st.integers(0, 2**32 - 1))
def test_set_seed_seeds_all_three_generators(seed: int) -> None:
    runtime.set_seed(seed)
    assert random.random() == random.Random(seed).random()
    assert np.random.rand() == np.random.RandomState(seed).rand()  # noqa: NPY002  the generator that learners call
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(seed)))


def test_set_seed_takes_a_numpy_integer() -> None:
    runtime.set_seed(cast(int, np.int64(7)))
    assert random.random() == random.Random(7).random()


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "0", None, True, float("nan")])
def test_set_seed_refuses_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ValueError, match=r"seed must be a whole number from 0 to 4294967295, got"):
        runtime.set_seed(seed)


def test_start_seeds_and_sets_style_and_threads() -> None:
    mpl.rcParams["axes.grid"] = False
    runtime.start(3, threads=1)
    assert torch.equal(torch.rand(2), torch.rand(2, generator=torch.Generator().manual_seed(3)))
    assert mpl.rcParams["axes.grid"]
    assert torch.get_num_threads() == 1


def test_start_draws_the_same_figures_whatever_a_matplotlibrc_says() -> None:
    runtime.start()
    ours = dict(mpl.rcParams)
    mpl.rcParams.update({"image.origin": "lower", "text.usetex": True, "lines.marker": "o", "axes.labelsize": 30, "axes.facecolor": "black",
                         "xtick.direction": "in", "savefig.bbox": "tight", "figure.facecolor": "black"})
    runtime.start()
    assert {k: v for k, v in mpl.rcParams.items() if ours[k] != v} == {}


def test_start_puts_the_global_settings_of_torch_and_numpy_back() -> None:
    shown = repr(torch.tensor([1 / 3, 1e5])), repr(np.array([1 / 3]))
    errors = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.set_default_device("meta")
    torch.autograd.set_detect_anomaly(True)
    torch.use_deterministic_algorithms(True)
    torch.set_printoptions(precision=1, sci_mode=True)
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    runtime.start()
    assert torch.zeros(1).dtype is torch.float32
    assert torch.zeros(1).device.type == "cpu"
    assert torch.is_grad_enabled()
    assert not torch.is_anomaly_enabled()
    assert not torch.are_deterministic_algorithms_enabled()
    assert np.geterr() == errors
    assert (repr(torch.tensor([1 / 3, 1e5])), repr(np.array([1 / 3]))) == shown


def test_start_style_has_the_palette_of_plots() -> None:
    from helpers.plots import COLORS

    runtime.start()
    assert tuple(f"#{c}" if c[0] != "#" else c for c in mpl.rcParams["axes.prop_cycle"].by_key()["color"]) == COLORS


def test_start_leaves_the_threads_alone_unless_asked() -> None:
    before = torch.get_num_threads()
    runtime.start()
    assert torch.get_num_threads() == before


def test_fast_holds_until_the_next_start() -> None:
    assert not runtime.is_fast()
    runtime.start(fast=True)
    assert runtime.is_fast()
    runtime.start()
    assert not runtime.is_fast()


def test_a_kernel_is_not_fast_before_it_is_told() -> None:
    code = "from helpers import runtime; print(runtime.is_fast())"
    assert subprocess.run([sys.executable, "-c", code], cwd=runtime.ROOT, capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("threads", [0, -2, 1.5, True])
def test_start_refuses_a_senseless_number_of_threads(threads: Any) -> None:
    with pytest.raises(ValueError, match=r"threads must be a whole number, at least 1, got"):
        runtime.start(threads=threads)


def test_a_refused_start_changes_nothing() -> None:
    with pytest.raises(ValueError, match="seed must be"):
        runtime.start(-1, fast=True)
    with pytest.raises(ValueError, match="threads must be"):
        runtime.start(fast=True, threads=0)
    assert not runtime.is_fast()


@pytest.mark.parametrize(("value", "strict"), [("1", True), ("0", False), ("", False), (None, False)])
def test_strict_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, value: str | None, strict: bool) -> None:
    if value is None:
        monkeypatch.delenv("COURSE_STRICT", raising=False)
    else:
        monkeypatch.setenv("COURSE_STRICT", value)
    assert runtime.is_strict() is strict
