"""Plain recognisers, strings, networks and the figures to play with."""

import itertools
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from helpers.data.voices import Spoken, spoken_digits
from helpers.topics.speech import ctc, nets, recognise, scenes, scenes_strings, stills, strings


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    return spoken_digits(6, 5, seed=3)


def test_dtw_of_all_pairs_is_that_of_each_pair() -> None:
    rng = np.random.default_rng(0)
    a, b = ([rng.standard_normal((n, 3)).astype(np.float32) for n in sizes] for sizes in ((4, 7, 5), (6, 3)))
    table = recognise.dtw_table(a, b)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            assert table[i, j] == pytest.approx(recognise.dtw(x, y)[0], rel=1e-4)


def test_dtw_does_not_mind_a_slow_speaker() -> None:
    fast = np.random.default_rng(0).standard_normal((6, 2))
    distance, path, costs = recognise.dtw(np.repeat(fast, 2, 0), fast)
    assert distance == pytest.approx(0)
    assert path[0] == (0, 0)
    assert path[-1] == (11, 5)
    assert costs.shape == (12, 6)


def test_the_mean_is_blind_for_order_and_the_thirds_are_not() -> None:
    m = np.random.default_rng(0).standard_normal((12, 4))
    assert np.allclose(recognise.mean_of(m), recognise.mean_of(m[::-1]))
    assert not np.allclose(recognise.thirds_of(m), recognise.thirds_of(m[::-1]))


def test_random_splits_give_a_number_each() -> None:
    rng = np.random.default_rng(0)
    mfcc = [(rng.standard_normal((12, 13)) + 3 * np.outer(np.sin(np.arange(12) * (d + 1)), np.ones(13))).astype(np.float32) for d in range(10) for _ in range(8)]
    found = recognise.on_random_splits(mfcc, np.repeat(np.arange(10), 8), n_splits=1, n_epochs=1)
    assert {len(v) for v in found.values()} == {1}
    assert found["nearest by DTW"][0] > 0.5


def test_clips_are_drawn_evenly(spoken: Spoken) -> None:
    chosen, rest = recognise.balanced(spoken, [1, 4], 60, 0)
    assert np.bincount(spoken.digits[chosen]).tolist() == [6] * 10
    assert np.bincount(spoken.voices[chosen]).tolist() == [0, 30, 0, 0, 30]
    assert sorted([*chosen, *rest]) == np.flatnonzero(np.isin(spoken.voices, [1, 4])).tolist()
    with pytest.raises(ValueError, match="which have 5 of the digit 0; 6 are needed"):
        recognise.balanced(spoken, [1], 60, 0)


def test_voices_are_counted(spoken: Spoken) -> None:
    few, new = spoken.only(spoken.voices < 3), spoken.only(spoken.voices >= 4)
    heard = recognise.by_number_of_voices(few, spoken.only(spoken.voices < 4), new, [1, 4], n_clips=30, n_draws=1, n_epochs=1)
    assert heard["CNN"].new.shape == heard["thirds"].same.shape == (1, 2)
    assert heard["thirds"].same.min() > 0.5


def test_speakers_are_left_out_one_by_one(spoken: Spoken) -> None:
    found = recognise.by_speaker(spoken.only(spoken.voices < 3), n_epochs=1)
    assert [len(v) for v in found.values()] == [3, 3]


def test_a_string_holds_its_clips(spoken: Spoken) -> None:
    made = strings.make_strings(spoken, 5, seed=1, gap=(0.1, 0.1), snr=(60.0, 60.0))
    for wave, digits, spans in zip(made.waves, made.digits, made.spans, strict=True):
        assert 3 <= len(digits) == len(spans) <= 6
        assert all(b - a > 500 for a, b in spans)
        assert all(later[0] - earlier[1] == 800 for earlier, later in itertools.pairwise(spans))
        assert len(wave) == spans[-1][1] + strings.EDGE
    by_voice = strings.make_strings(spoken, 0, per_voice=2)
    assert np.bincount(by_voice.voices).tolist() == [2] * 6


def test_energy_cuts_where_nothing_is_said(spoken: Spoken) -> None:
    made = strings.make_strings(spoken, 6, seed=1, gap=(0.4, 0.4), snr=(50.0, 50.0))
    for wave, spans in zip(made.waves, made.spans, strict=True):
        pieces = strings.cut(wave, 12, closed=15)
        assert len(pieces) == len(spans)
        assert all(p[1] > s[0] and p[0] < s[1] for p, s in zip(pieces, spans, strict=True))
    assert strings.cut_and_classify([np.zeros(4000, np.float32)], lambda pieces: np.zeros(len(pieces))) == [[]]


def test_lengths_of_the_frame_net() -> None:
    net = nets.FrameNet(width=8).eval()
    for n in (4, 5, 61, 64):
        assert net(torch.randn(1, n, 40)).shape == (1, int(nets.out_length(torch.tensor(n))), 11)
    assert net(torch.randn(2, 9, 40)).exp().sum(-1).allclose(torch.ones(2, 3))


def test_training_lowers_the_loss_the_same_way_each_time(spoken: Spoken) -> None:
    made = strings.make_strings(spoken, 12, seed=2)
    xs = strings.log_mels(made.waves)
    curves = []
    for _ in range(2):
        torch.manual_seed(0)
        net = nets.FrameNet(width=8)
        curves.append(nets.train_frames(net, xs, made.digits, n_steps=40, batch_size=4, check=nets.checker(xs[:3], made.digits[:3]), every=20))
    assert curves[0].losses == curves[1].losses
    assert np.mean(curves[0].losses[-5:]) < np.mean(curves[0].losses[:5])
    assert curves[0].steps == [0, 20, 40]
    nets.train_frames(net, xs, made.digits, n_steps=1, single=True, batch_size=4)
    assert len(nets.heard_by(net, xs)) == 12


def test_window_and_clicks() -> None:
    both = {(n, apart): scenes.seen(n, apart) for n in (64, 128, 256, 512, 1024) for apart in (8, 40)}
    reached = [key for key, found in both.items() if min(found.tone_valley, found.click_valley) >= 3]
    assert reached == [(512, 40)]


def test_each_scene_can_reach_its_target(spoken: Spoken) -> None:
    rng = np.random.default_rng(0)
    mfcc = [rng.standard_normal((n, 13)).astype(np.float32) * 20 for n in (5, 6, 7, 8)]
    untrained = nets.word_net().eval()
    noisy = scenes.NoisyWords({"a": untrained, "b": untrained}, spoken.waves[:10], spoken.digits[:10])
    draw, _ = scenes.coefficients(spoken.waves[:10])
    assert sum(draw("six", k)[1] for k in range(1, 41)) == 1
    lay, _ = scenes.two_takes(mfcc, np.array([0, 0, 1, 1]))
    assert any(lay(i, j)[1] for i in range(4) for j in range(4))
    assert "at 0 dB" in noisy.draw(3, 0)[0]
    eraser = scenes.Eraser(untrained, spoken.waves[:10])
    words, _ = eraser.draw("six", 0.0, 4.0, 0, 100)
    assert "«100» % of its picture erased" in words
    assert eraser.sound()[:4] == b"RIFF"
    assert noisy.sound()[:4] == b"RIFF"
    plt.close("all")


def test_three_frames_and_the_lattice_to_touch() -> None:
    draw, _ = scenes_strings.three_frames(np.array([[0.5, 0.4, 0.1], [0.3, 0.3, 0.4], [0.5, 0.1, 0.4]]))
    assert draw("12")[0] == "5 paths say “12” in 3 frames; their probabilities add up to 0.300."
    assert sum(draw(t)[1] for t in ("", "1", "2", "12", "21", "11", "22", "121", "212")) == 1
    logs = torch.randn(12, 11, generator=torch.Generator().manual_seed(0)).log_softmax(1)
    touch = scenes_strings.Touch(logs, [3, 1])
    assert touch.draw("31")[1] is False
    assert touch.draw(touch.best_wrong[1])[1] is True
    assert "are left out" in touch.draw("x3y")[0]
    assert "no path says it" in touch.draw("1111111")[0]
    assert touch.loss("31") == pytest.approx(float(ctc.ctc_loss(logs.double(), [4, 2])))
    assert touch.draw("")[0].startswith("−log p(“”)")
    plt.close("all")


def test_energy_and_gap(spoken: Spoken) -> None:
    made = strings.make_strings(spoken, 1, seed=1, gap=(0.2, 0.2), snr=(60.0, 60.0))
    energy = scenes_strings.Energy(made, 0, [30, 0])
    assert any(energy.draw(0, t)[1] for t in range(1, 31))
    assert not any(energy.draw(30, t)[1] for t in range(1, 31))
    gap = scenes_strings.Gap(nets.FrameNet(width=8).eval(), spoken.waves[:3], [0, 1, 2], lambda waves: [[0] for _ in waves], strings.cut)
    assert "Gaps of 100 ms, said “012”" in gap.draw(100)[0]
    assert gap.sound()[:4] == b"RIFF"
    plt.close("all")


STILLS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (stills.rows, ({"a": [0.5, 0.6], "b": [0.7]}, "accuracy", "T", "runs")), (stills.lines, ({"a": ([1, 2], [[0.1, 0.2], [0.3, 0.4]])}, "x", "share", "T")),
    (stills.stages, (np.sin(np.arange(3000) / 4), "one"))]


@pytest.mark.parametrize(("draw", "args"), STILLS)
def test_stills_say_what_they_show(draw: Callable[..., Any], args: tuple[Any, ...]) -> None:
    fig = draw(*args)
    assert len(fig.course_alt) > 20
    plt.close(fig)
