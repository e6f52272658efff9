"""Features from scratch, against SciPy, torch and properties."""

import numpy as np
import pytest
import scipy
import torch

from helpers.data.mel import hertz, mel
from helpers.topics.speech import features
from helpers.topics.speech.features import (
    dct_matrix,
    frames,
    hann,
    istft,
    log_mel,
    mel_bank,
    mfcc,
    pictures,
    stft,
    with_noise,
)

WAVE = np.random.default_rng(0).standard_normal(3000)


def test_the_window_is_scipys() -> None:
    for n in (2, 7, 256):
        assert np.allclose(hann(n), scipy.signal.get_window("hann", n))


def test_stft_is_torchs_and_scipys() -> None:
    torchs = torch.stft(torch.from_numpy(WAVE), 256, 96, window=torch.hann_window(256, dtype=torch.float64), center=False, return_complex=True).T.numpy()
    assert np.abs(stft(WAVE) - torchs).max() < 1e-12
    one = scipy.signal.ShortTimeFFT(hann(256), 64, 8000, phase_shift=None).stft(WAVE).T
    ours = stft(WAVE, hop=64)
    first = int(np.abs(one[:9] - ours[0]).max(1).argmin())      # its frames are centred, so it begins earlier
    assert np.abs(ours - one[first:first + len(ours)]).max() < 1e-12


def test_the_inverse_gives_the_wave_back() -> None:
    back = istft(stft(WAVE, hop=64), len(WAVE), hop=64)
    inner = slice(256, 2700)
    assert np.abs(back - WAVE)[inner].max() < 1e-5


def test_frames() -> None:
    assert frames(np.arange(10), 4, 3).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert frames(np.ones(2), 4, 3).tolist() == [[1, 1, 0, 0]]
    with pytest.raises(ValueError, match="window must be"):
        frames(np.ones(9), 0, 2)


def test_the_mel_bank() -> None:
    bank = mel_bank()
    assert bank.shape == (40, 129)
    assert (bank >= 0).all()
    assert bank.max() <= 1
    assert np.allclose(hertz(mel(np.array([0.0, 50, 4000]))), [0, 50, 4000])
    peaks = mel(bank[10:].argmax(1) * 8000 / 256)
    assert np.abs(np.diff(peaks) - np.diff(peaks).mean()).max() < 60        # a bin is 31 Hz wide
    # sums of rows of librosa.filters.mel(sr=8000, n_fft=256, n_mels=40, htk=True, norm=None) at both ends and in the middle
    assert bank.sum(1)[[39, 38]] == pytest.approx([_area(39), _area(38)], rel=0.05)


def _area(band: int) -> float:
    """A triangle's area in bins: half its base."""
    edges = hertz(np.linspace(0, mel(4000.0), 42))
    return float((edges[band + 2] - edges[band]) / 2 / (8000 / 256))


def test_mfcc_is_scipys_cosine_transform_of_the_log_mels() -> None:
    assert np.allclose(mfcc(WAVE), scipy.fft.dct(log_mel(WAVE), norm="ortho")[:, :13], atol=1e-4)
    assert np.allclose(dct_matrix(40, 40) @ dct_matrix(40, 40).T, np.eye(40))


def test_noise_has_the_power_that_was_asked_for() -> None:
    wave = np.sin(np.arange(80_000) / 3)
    noise = with_noise(wave, 10.0, np.random.default_rng(0)) - wave
    assert 10 * np.log10((wave**2).mean() / (noise**2).mean()) == pytest.approx(10, abs=0.1)


def test_pictures_have_one_size() -> None:
    x = pictures([WAVE[:500], WAVE, np.tile(WAVE, 4)])
    assert x.shape == (3, 1, 40, 56)
    assert x.dtype == np.float32
    assert np.allclose(x.mean((1, 2, 3)), 0, atol=1e-4)
    assert np.allclose(x.std((1, 2, 3)), 1, atol=1e-4)
    quiet = features.pictures([WAVE[:500]], snr=[0.0])
    assert not np.allclose(quiet, x[:1])
