"""CTC against the library and against all paths; decoding, errors, intervals."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.topics.speech import ctc


@pytest.mark.parametrize(("n_frames", "n_symbols", "target"), [(6, 4, [1, 2]), (6, 4, [1, 1]), (7, 4, [2, 2, 3]), (1, 3, [1]), (5, 3, []), (30, 11, [3, 3, 7, 1])])
def test_the_forward_algorithm_is_the_librarys(n_frames: int, n_symbols: int, target: list[int]) -> None:
    x = torch.randn(n_frames, n_symbols, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    ours = ctc.ctc_loss(x.log_softmax(1), target)
    library = F.ctc_loss(x.log_softmax(1)[:, None], torch.tensor([target], dtype=torch.long), torch.tensor([n_frames]), torch.tensor([len(target)]), reduction="sum")
    assert ours.item() == pytest.approx(library.item(), abs=1e-9)
    grads = [torch.autograd.grad(value, x, retain_graph=True)[0] for value in (ours, library)]
    assert torch.allclose(grads[0], grads[1], atol=1e-9)
    assert grads[0].isfinite().all()
    if n_symbols**n_frames < 20_000:
        logs = x.detach().log_softmax(1).numpy()
        total = sum(np.exp(logs[range(n_frames), path].sum()) for path in ctc.paths_of(target, n_frames, n_symbols))
        assert ours.item() == pytest.approx(-np.log(total), abs=1e-9)


def test_too_few_frames_have_no_path() -> None:
    logs = torch.zeros(2, 3, dtype=torch.float64).log_softmax(1)
    assert ctc.ctc_loss(logs, [1, 1]).item() > 1e20
    assert ctc.best_path(logs.numpy(), [1, 1]) == []
    assert ctc.paths_of([1, 1], 2, 3) == []


def test_the_best_path_is_the_best_of_all() -> None:
    logs = np.random.default_rng(1).standard_normal((5, 3))
    for target in ([1], [1, 2], [2, 2], []):
        rows = ctc.with_blanks(target)
        found = [rows[s] for s in ctc.best_path(logs, target)]
        best = max(ctc.paths_of(target, 5, 3), key=lambda path: logs[range(5), path].sum())
        assert tuple(found) == best


def test_a_wide_beam_finds_the_likeliest_text() -> None:
    logs = torch.randn(5, 3, generator=torch.Generator().manual_seed(2)).log_softmax(1).double()
    texts = {tuple(ctc.collapse(path)) for path in itertools.product(range(3), repeat=5)}
    scores = {text: -ctc.ctc_loss(logs, text).item() for text in texts}
    best = max(scores, key=lambda text: scores[text])
    found = ctc.beam(logs.numpy(), width=100)
    assert found[0][0] == best
    assert found[0][1] == pytest.approx(scores[best], abs=1e-6)
    assert sum(np.exp(score) for _, score in found) == pytest.approx(1, abs=1e-6)


def test_greedy_is_wrong_on_the_toy_and_the_beam_right() -> None:
    toy = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert ctc.greedy(toy) == []
    assert ctc.beam(toy, 2)[0][0] == (1,)


@pytest.mark.parametrize(("heard", "said", "distance"), [([], [], 0), ([], [1, 2], 2), ([1, 2, 3], [], 3), ([1, 2, 3], [1, 3], 1), ([1, 2], [2, 1], 2)])
def test_the_edit_distance(heard: list[int], said: list[int], distance: int) -> None:
    assert ctc.edit_distance(heard, said) == ctc.edit_distance(said, heard) == distance


def test_the_word_error_rate_weighs_words_not_strings() -> None:
    assert ctc.wer([[1], [1, 2, 3]], [[2], [1, 2, 3]]) == 0.25


def test_errors_that_come_by_voice_make_the_interval_over_voices_wider() -> None:
    voices = np.repeat(np.arange(20), 10)
    wrong, words = np.where(voices < 4, 3.0, 0.0), np.full(200, 5.0)
    by_voice, by_string = ctc.bootstrap(wrong, words, voices), ctc.bootstrap(wrong, words)
    assert by_voice[1] - by_voice[0] > 2 * (by_string[1] - by_string[0])
    spread = np.random.default_rng(0).permutation(wrong)
    by_voice, by_string = ctc.bootstrap(spread, words, voices), ctc.bootstrap(spread, words)
    assert by_voice[1] - by_voice[0] == pytest.approx(by_string[1] - by_string[0], rel=0.4)
