"""Folding and rounding keep what they promise; processes are ended; the figures keep their ends; a network answers outside."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch
from torch.nn import functional as F

from helpers.data import digits
from helpers.models import FastCNN
from helpers.topics.optimisation import faster, processes, worker
from helpers.topics.optimisation import scenes_smaller as scenes
from helpers.topics.optimisation.smaller import (
    distilled_loss,
    folded,
    large,
    masks_of,
    n_bytes,
    pruned,
    round_to_bits,
    rounded,
    trained,
)
from helpers.training import predict_logits

DATA = digits(200, 60)


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


def test_folding_changes_no_output_and_leaves_the_model_alone() -> None:
    model = trained(3, DATA.train, 1)
    before = predict_logits(model, DATA.val[0])
    flat = folded(model)
    torch.testing.assert_close(predict_logits(flat, DATA.val[0]), before, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(predict_logits(model, DATA.val[0]), before)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in flat.modules())


@pytest.mark.parametrize("per_channel", [False, True])
def test_rounding_is_to_the_nearest_code(per_channel: bool) -> None:
    w = torch.randn(5, 3, 2, generator=torch.Generator().manual_seed(0))
    for bits in range(2, 9):
        codes, scale = round_to_bits(w, bits, per_channel)
        assert codes.dtype == torch.int8
        assert int(codes.abs().max()) == 2 ** (bits - 1) - 1
        assert bool(((codes * scale - w).abs() <= 0.5001 * scale).all())
    with pytest.raises(ValueError, match="bits must be a whole number"):
        round_to_bits(w, 1)


def test_bytes_are_counted() -> None:
    flat = folded(FastCNN(2))
    n, total = sum(w.numel() for w in large(flat)), sum(p.numel() for p in flat.parameters())
    assert n_bytes(flat) == 4 * total
    assert n_bytes(flat, 8) == n + 4 * (total - n) + 4 * 5
    assert n_bytes(flat, kept=0.5) == pytest.approx(2 * n + n / 8 + 4 * (total - n))
    assert n_bytes(flat, 4, True) > n_bytes(flat, 4)
    assert predict_logits(rounded(flat, 2), DATA.val[0]).shape == (60, 10)


@pytest.mark.parametrize(("n_epochs", "gradual"), [(0, False), (1, False), (1, True)])
def test_what_is_cut_stays_cut(n_epochs: int, gradual: bool) -> None:
    thin = pruned(trained(3, DATA.train, 1), DATA.train, 0.7, n_epochs, gradual=gradual)
    for w in large(thin):
        assert float((w == 0).float().mean()) == pytest.approx(0.7, abs=0.02)
    with pytest.raises(ValueError, match="share must lie"):
        pruned(thin, DATA.train, 1.0, 0)
    assert masks_of([torch.tensor([[-5.0, 0.1], [3.0, -0.2]])], 0.5)[0].tolist() == [[True, False], [True, False]]


def test_a_student_that_equals_its_teacher_has_no_loss() -> None:
    z = torch.randn(4, 6)
    assert float(distilled_loss(3.0)(z, z)) == pytest.approx(0, abs=1e-6)
    p, q = (z / 2).softmax(1), (z.flip(0) / 2).softmax(1)
    assert float(distilled_loss(2.0)(z.flip(0), z)) == pytest.approx(float(4 * (p * (p / q).log()).sum(1).mean()), rel=1e-4)


def test_two_processes_are_one_without_batch_norm_and_another_with_it() -> None:
    data = (F.avg_pool2d(DATA.train[0], 2), DATA.train[1])
    one, two = processes.one_alone(data, 4, 32), processes.train_together(data, 2, 4, 32)
    for kind in ("plain", "library"):
        assert two[kind][0] == pytest.approx(one["plain"][0], abs=1e-12)
    assert abs(two["batch norm"][0][0] - one["batch norm"][0][0]) > 1e-6


def test_an_interruption_leaves_no_process_behind(tmp_path: Path) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    kept = []
    with pytest.raises(KeyboardInterrupt), processes.started([sleeper, sleeper], [{}, {}], tmp_path / "log") as running:  # noqa: PT012
        kept += running
        assert all(p.poll() is None for p in running)
        raise KeyboardInterrupt
    assert len(kept) == 2
    assert all(p.poll() is not None for p in kept)


def test_a_process_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with processes.started([[sys.executable, "-c", "raise SystemExit('no data')"]], [{}], log) as running, pytest.raises(RuntimeError, match="no data"):
        processes.wait_for(running, log)


def test_the_worker_imports_nothing_of_the_course() -> None:
    source = Path(worker.__file__).read_text("utf-8")
    assert "import helpers" not in source
    assert "from helpers" not in source


def test_a_network_answers_outside_as_inside(tmp_path: Path) -> None:
    flat = folded(trained(3, DATA.train, 1))
    faster.export(flat, tmp_path / "net.pt2")
    answer = faster.ask_outside(tmp_path / "net.pt2", DATA.val[0][:1])
    assert answer.probs == pytest.approx(predict_logits(flat, DATA.val[0][:1]).softmax(1)[0].tolist(), abs=1e-4)
    assert answer.ms > 0
    assert not answer.used_course
    with pytest.raises(RuntimeError, match="outside failed"):
        faster.ask_outside(tmp_path / "none.pt2", DATA.val[0][:1])


def test_the_figures_at_every_end_and_their_goals() -> None:
    flat = folded(trained(3, DATA.train, 1))
    pairs = [(b, per) for b in scenes.BITS for per in (False, True)]
    draw, _ = scenes.rounding(flat, {p: 0.9 if p[0] > 3 else 0.3 for p in pairs}, {p: n_bytes(flat, *p) for p in pairs})
    assert [key for key in pairs if draw(key[0], "one a filter" if key[1] else "one a layer")[1]] == [(4, False)]
    for step in scenes.ROUND_STEPS:
        draw(**{"bits": 8, "scale": "one a layer", **step.values})
    cuts = {"a": {0.0: 0.97, 0.5: 0.96, 0.8: 0.5}, "b": {0.0: 0.97, 0.5: 0.97, 0.8: 0.95}}
    cut, _ = scenes.cutting(flat, cuts)
    assert [(s, w) for w in cuts for s in cuts[w] if cut(s, w)[1]] == [(0.8, "b")]
    found = faster.layers((1, 4))
    roof, _ = scenes.roofline(faster.measure_roof(64), found)
    assert sum(roof(m.name, m.batch)[1] for m in found) == 1
    assert "bytes" in scenes.size_map({"x": (0.9, 1000, 0.5), "y": (0.8, 500, 0.2)}).course_alt     # type: ignore[attr-defined]
    assert set(faster.side_by_side({"a": lambda: 1}, 2)) == {"a"}
