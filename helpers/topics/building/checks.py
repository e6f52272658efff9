"""Checks of lesson 07a: hidden layers, errors of shape, multiply-adds, a window, a residual block."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from helpers.lesson.exercise import Case, Exercise
from helpers.topics.building.counting import multiply_adds

Make = Callable[[], nn.Module]


# ---------------------------------------------------------------- 7.1 a test that catches hidden layers

class _Chain(nn.Module):
    """40 → 16 → 16 → 10, its hidden layers kept as ``keep`` likes, the state passed through ``between``."""

    def __init__(self, keep: Callable[[list[nn.Module]], Any], between: Callable[[torch.Tensor], torch.Tensor] = torch.relu) -> None:
        super().__init__()
        self.hidden = keep([nn.Linear(40, 16), nn.Linear(16, 16)])
        self.between, self.out = between, nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x.flatten(1)
        for layer in self.hidden.values() if isinstance(self.hidden, dict) else self.hidden:
            h = self.between(layer(h))
        return self.out(h)


def _sound_chain() -> nn.Module:
    """a network with nn.ModuleList"""
    return _Chain(nn.ModuleList)


def _sound_convolution() -> nn.Module:
    """a small CNN with batch norm"""
    return nn.Sequential(nn.Conv1d(1, 4, 5, 2, 2, bias=False), nn.BatchNorm1d(4), nn.ReLU(), nn.Flatten(), nn.Linear(80, 10))    # a bias before a batch norm never moves


def _in_a_list() -> nn.Module:
    """its layers stand in a list"""
    return _Chain(list)


def _in_a_dictionary() -> nn.Module:
    """its layers stand in a dictionary"""
    return _Chain(lambda layers: dict(enumerate(layers)))


def _gradient_cut() -> nn.Module:
    """it cuts the gradient off with detach"""
    return _Chain(nn.ModuleList, lambda h: torch.relu(h).detach())


def _without_gradients() -> nn.Module:
    """its first convolution runs under no_grad"""
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.out = nn.Conv1d(1, 4, 5, 2, 2), nn.Linear(80, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                h = self.conv(x)
            return self.out(h.relu().flatten(1))
    return Net()


catch_hidden = Exercise("7.1", kind="test", right=[_sound_chain, _sound_convolution],
                        wrong_programs=[_in_a_list, _in_a_dictionary, _gradient_cut, _without_gradients])


def _loss(model: nn.Module) -> torch.Tensor:
    torch.manual_seed(0)
    return F.cross_entropy(model(torch.randn(20, 1, 40)), torch.arange(20) % 10)


@catch_hidden.wrong("it asks whether the network has parameters, and each has some: the last layer's. Ask it of every layer.")
def asks_for_any(make: Make) -> None:
    assert any(p.requires_grad for p in make().parameters())


@catch_hidden.wrong("only what model.parameters() gives is looked at, and the layers in lists are not among it. Look for the layers another way: modules_in(model).")
def looks_at_known_ones_alone(make: Make) -> None:
    model = make()
    _loss(model).backward()
    assert all(p.grad is not None for p in model.parameters())


@catch_hidden.wrong("that the optimiser knows a weight is half of it: does a gradient reach it?")
def asks_only_the_optimiser(make: Make) -> None:
    model = make()
    known = {id(p) for p in model.parameters()}
    assert all(id(layer.weight) in known for layer in _layers(model))


@catch_hidden.wrong("it fails sound networks too: a batch norm is a layer without inputs and outputs of its own size; look at linear layers and convolutions, or at parameters.")
def refuses_norms(make: Make) -> None:
    model = make()
    _loss(model).backward()
    assert not any(isinstance(m, nn.BatchNorm1d) for m in model.modules())
    by_both_questions(make)


@catch_hidden.wrong("it fails sound networks: without loss.backward() no layer has a gradient yet. Run a batch through the network first, and go back.")
def never_goes_back(make: Make) -> None:
    model = make()
    known = {id(p) for p in model.parameters()}
    assert all(id(layer.weight) in known and layer.weight.grad is not None for layer in _layers(model))


@catch_hidden.wrong("modules_in gives every module, the network itself and ReLU too: ask only those that have a weight (hasattr(m, \"weight\")).")
def asks_all_for_a_weight(make: Make) -> None:
    model = make()
    _loss(model).backward()
    assert all(m.weight.grad is not None for m in _inside(model))


@catch_hidden.also_right
def by_what_moves(make: Make) -> None:
    model = make()
    held = [(m, name, p.clone()) for m in _inside(model) for name, p in m.named_parameters(recurse=False)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    _loss(model).backward()
    optimizer.step()
    assert all((getattr(m, name) != before).any() for m, name, before in held)


@catch_hidden.also_right
def by_one_step(make: Make) -> None:
    model = make()
    before = [copy.deepcopy(layer.weight.data) for layer in _layers(model)]
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    _loss(model).backward()
    optimizer.step()
    assert all(not torch.equal(a, layer.weight) for a, layer in zip(before, _layers(model), strict=True))


@catch_hidden.also_right
def by_both_questions(make: Make) -> None:
    asks_only_the_optimiser(make)
    model = make()
    _loss(model).backward()
    assert all(layer.weight.grad is not None for layer in _layers(model))


def _layers(model: nn.Module) -> list[Any]:
    return [m for m in _inside(model) if isinstance(m, (nn.Linear, nn.Conv1d))]


def _inside(thing: Any) -> Iterator[nn.Module]:
    if isinstance(thing, nn.Module):
        yield thing
        thing = [value for key, value in vars(thing).items() if key != "_parameters"]
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, (list, tuple)):
        for part in thing:
            yield from _inside(part)


# ---------------------------------------------------------------- 7.2 four errors of shape

def _given_networks() -> Any:
    """→ four networks, each (N, 1, 40) → (N, 10)."""
    relu = nn.ReLU
    first = nn.Sequential(
        nn.Conv1d(1, 8, 5, 2, 2), relu(), nn.Linear(160, 10))
    second = nn.Sequential(
        nn.Conv1d(1, 6, 3), relu(), nn.Conv1d(6, 9, 3), relu(),
        nn.Flatten(), nn.Linear(9 * 40, 10))
    third = nn.Sequential(
        nn.Conv1d(1, 7, 3, padding=1), relu(), nn.MaxPool1d(2), nn.Flatten(),
        nn.Linear(7 * 40, 10))
    fourth = nn.Sequential(
        nn.Flatten(), nn.Linear(40, 30), nn.BatchNorm1d(40), relu(),
        nn.Linear(30, 10))
    return [first, second, third, fourth]


#: What must stay in each network: (output size, input size, kernel) of its convolutions, widths of its linear layers.
_KEPT: list[tuple[list[tuple[int, int, int]], list[int]]] = [([(8, 1, 5)], [10]), ([(6, 1, 3), (9, 6, 3)], [10]), ([(7, 1, 3)], [10]), ([], [30, 10])]
_NAMES = ("the first", "the second", "the third", "the fourth")


def _judge_networks(got: Any) -> str | None:
    if not isinstance(got, (list, tuple)) or len(got) != 4 or not all(isinstance(m, nn.Module) for m in got):
        return "return the four networks in a list, as they were given"
    for name, model, kept in zip(_NAMES, got, _KEPT, strict=True):
        for n in (7, 3):
            try:
                out = model(torch.randn(n, 1, 40))
            except Exception as error:
                return f"{name} network still stops: {str(error).splitlines()[0]}"
            if tuple(out.shape) != (n, 10):
                return f"{name} network gives {tuple(out.shape)} for a batch of {n}, and should give ({n}, 10)"
        found = ([tuple(m.weight.shape) for m in model.modules() if isinstance(m, nn.Conv1d)], [m.out_features for m in model.modules() if isinstance(m, nn.Linear)])
        if found != kept:
            return f"{name} network runs, but it has become another one: its convolutions or the widths of its linear layers have changed"
    if sum(isinstance(m, nn.BatchNorm1d) for m in got[3].modules()) != 1:
        return "the fourth network runs, but it has lost its batch norm: keep it, with the right size"
    if [m.kernel_size for m in got[2].modules() if isinstance(m, nn.MaxPool1d)] != [2]:
        return "the third network runs, but it has lost its pooling by 2: keep it, and change what stands behind"
    return None


four_networks = Exercise("7.2", kind="fix", given=_given_networks, cases=lambda: [Case("the four networks", ())], judge=_judge_networks,
                         verified="all four give (N, 10), for batches of 7 and of 3, and each is still itself")


def _mended(first: Any = None, second: Any = None, third: Any = None, fourth: Any = None) -> list[nn.Module]:
    relu = nn.ReLU
    return [
        first or nn.Sequential(nn.Conv1d(1, 8, 5, 2, 2), relu(), nn.Flatten(), nn.Linear(160, 10)),
        second or nn.Sequential(nn.Conv1d(1, 6, 3), relu(), nn.Conv1d(6, 9, 3), relu(), nn.Flatten(), nn.Linear(324, 10)),
        third or nn.Sequential(nn.Conv1d(1, 7, 3, padding=1), relu(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(140, 10)),
        fourth or nn.Sequential(nn.Flatten(), nn.Linear(40, 30), nn.BatchNorm1d(30), relu(), nn.Linear(30, 10))]


@four_networks.wrong("a linear layer of 20 inputs runs, but it reads each channel for itself: channels and places must be laid in one row first (Flatten).")
def first_reads_the_last_axis() -> list[nn.Module]:
    return _mended(first=nn.Sequential(nn.Conv1d(1, 8, 5, 2, 2), nn.ReLU(), nn.Linear(20, 10)))


@four_networks.wrong("two kernels of 3 without padding take away 2 places each: 40 → 38 → 36.")
def second_forgets_one_kernel() -> list[nn.Module]:
    return _mended(second=nn.Sequential(nn.Conv1d(1, 6, 3), nn.ReLU(), nn.Conv1d(6, 9, 3), nn.ReLU(), nn.Flatten(), nn.Linear(9 * 38, 10)))


@four_networks.wrong("without the pooling (or with a pooling of 1) the sizes fit, but the task was to keep it: it halves 40 places to 20.")
def third_without_pooling() -> list[nn.Module]:
    return _mended(third=nn.Sequential(nn.Conv1d(1, 7, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(280, 10)))


@four_networks.wrong("widening the linear layer to 40 makes it run, but changes the network: batch norm wants as many numbers as the layer before it gives, 30.")
def fourth_is_wider() -> list[nn.Module]:
    return _mended(fourth=nn.Sequential(nn.Flatten(), nn.Linear(40, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Linear(40, 10)))


@four_networks.wrong("without batch norm it runs, but the task was to keep it: nn.BatchNorm1d(30).")
def fourth_without_norm() -> list[nn.Module]:
    return _mended(fourth=nn.Sequential(nn.Flatten(), nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 10)))


@four_networks.also_right
def with_padding() -> list[nn.Module]:
    return _mended(second=nn.Sequential(nn.Conv1d(1, 6, 3, padding=1), nn.ReLU(), nn.Conv1d(6, 9, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(360, 10)))


@four_networks.also_right
def with_start_dim() -> list[nn.Module]:
    return _mended(first=nn.Sequential(nn.Conv1d(1, 8, 5, 2, 2), nn.ReLU(), nn.Flatten(start_dim=1), nn.Linear(8 * 20, 10)))


# ---------------------------------------------------------------- 7.3 multiply-adds

def _by_torch(layers: list[nn.Module], length: int) -> int:
    n_in = next((m.in_channels for m in layers if isinstance(m, nn.Conv1d)), 1)
    x = torch.zeros(1, n_in, length) if not isinstance(layers[0], nn.Linear) else torch.zeros(1, length)
    return multiply_adds(nn.Sequential(*layers), x)


def _stacks() -> list[Case]:
    return [
        Case("one linear layer", ([nn.Linear(40, 7)], 40)),
        Case("one convolution, kernel 3, padding 1", ([nn.Conv1d(1, 6, 3, padding=1)], 25)),
        Case("stride 2 without padding", ([nn.Conv1d(1, 5, 4, 2), nn.ReLU(), nn.Conv1d(5, 3, 3)], 31)),
        Case("dilation 3", ([nn.Conv1d(2, 4, 3, dilation=3, padding=1)], 19)),
        Case("groups", ([nn.Conv1d(6, 9, 3, padding=1, groups=3)], 14)),
        Case("pooling by 3 before a convolution", ([nn.Conv1d(1, 5, 3, padding=1), nn.MaxPool1d(3), nn.Conv1d(5, 2, 4)], 29)),
        Case("pooling, Flatten, two linear layers", ([nn.Conv1d(1, 8, 5, 2, 2), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(), nn.Linear(48, 11), nn.ReLU(), nn.Linear(11, 4)], 40)),
    ]


multiply = Exercise("7.3", oracle=_by_torch, cases=_stacks, tolerance=0.0, whole=True,
                    verified="the same as torch's own counter, halved, for seven stacks with strides, dilation, groups and pooling")


def _count(layers: list[nn.Module], length: int, *, weight: Callable[[Any], int] = lambda m: m.weight.numel(), stride: bool = True, dilation: bool = True,
           pool: int = 0, linear_places: bool = False, at_input: bool = False, bias: bool = False) -> int:
    total, places = 0, length
    for m in layers:
        if isinstance(m, nn.Conv1d):
            assert not isinstance(m.padding, str)
            before = places
            d = m.dilation[0] if dilation else 1
            places = (places + 2 * m.padding[0] - d * (m.kernel_size[0] - 1) - 1) // (m.stride[0] if stride else 1) + 1
            total += weight(m) * (before if at_input else places) + bias * m.out_channels * places
        elif isinstance(m, nn.MaxPool1d):
            places = places // pool if pool else (places - int(str(m.kernel_size))) // int(str(m.stride)) + 1
        elif isinstance(m, nn.Linear):
            total += m.weight.numel() * (places if linear_places else 1) + bias * m.out_features
    return total


@multiply.wrong("this counts the weights. A convolution uses each of its weights once at every place of its output.")
def counts_weights(layers: list[nn.Module], length: int) -> int:
    return sum(m.weight.numel() for m in layers if isinstance(m, (nn.Conv1d, nn.Linear)))


@multiply.wrong("the stride is left out: with stride 2 there are about half as many places.")
def forgets_stride(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, stride=False)


@multiply.wrong("the places of the input are counted; a weight is used once at each place of the *output*.")
def counts_input_places(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, at_input=True)


@multiply.wrong("the kernel is left out: each output sums over channels *and* over the numbers in the window.")
def forgets_kernel(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, weight=lambda m: m.weight.numel() // m.kernel_size[0])


@multiply.wrong("the input channels are left out: each output channel sums over all of them.")
def forgets_channels(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, weight=lambda m: m.out_channels * m.kernel_size[0])


@multiply.wrong("with groups each output channel reads only its group's inputs: m.weight.numel() knows it.")
def forgets_groups(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, weight=lambda m: m.in_channels * m.out_channels * m.kernel_size[0])


@multiply.wrong("the dilation is left out: it makes the window longer, so it fits fewer times.")
def forgets_dilation(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, dilation=False)


@multiply.wrong("the pooling is left out: behind it there are fewer places, and each later convolution is used less often.")
def forgets_pooling(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, pool=1)


@multiply.wrong("not every pooling halves: it leaves (places - kernel_size) // stride + 1 places.")
def always_halves(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, pool=2)


@multiply.wrong("the numbers of a convolution come as tuples, (3,): write `(k,) = layer.kernel_size`, or layer.kernel_size[0]. (Those of a pooling are plain numbers.)")
def takes_tuples_for_numbers(layers: list[nn.Module], length: int) -> int:
    total = 0
    for m in layers:
        if isinstance(m, nn.Conv1d):
            length = (length + 2 * m.padding - m.dilation * (m.kernel_size - 1) - 1) // m.stride + 1     # type: ignore[operator]
            total += m.weight.numel() * length
        elif isinstance(m, nn.Linear):
            total += m.weight.numel()
    return total


@multiply.wrong("biases are counted: they are sums, not products.")
def counts_biases(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, bias=True)


@multiply.wrong("behind Flatten there are no places left: a linear layer uses each weight once.")
def linear_at_each_place(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length, linear_places=True)


@multiply.also_right
def by_arithmetic(layers: list[nn.Module], length: int) -> int:
    return _count(layers, length)


@multiply.also_right
def by_running_it_on_nothing(layers: list[nn.Module], length: int) -> int:
    return _by_torch(layers, length)


# ---------------------------------------------------------------- 7.4 see far for little

def _judge_stack(got: Any) -> str | None:
    try:
        stack = [tuple(int(v) for v in layer) for layer in got]
        if not stack or any(len(layer) != 3 or min(layer) < 1 for layer in stack):
            raise ValueError
    except (TypeError, ValueError):
        return "give a list of (channels, kernel, stride), whole numbers of at least 1"
    if any(k % 2 == 0 for _, k, _ in stack):
        return "a kernel is even: with a padding of (kernel - 1)/2 it must be odd"
    window, jump, weights, channels, places = 1, 1, 0, 1, 40
    for c, k, s in stack:
        window, jump = window + (k - 1) * jump, jump * s
        weights, channels, places = weights + c * channels * k, c, (places - 1) // s + 1
    if window != 29:
        return f"its window is {window} numbers, not 29"
    if places < 5:
        return f"{places} places are left at the end, and at least 5 are asked for"
    return f"it has {weights:,} weights, and 900 are allowed" if weights > 900 else None


see_far = Exercise("7.4", kind="value", judge=_judge_stack, verified="a window of 29, with places and weights as asked")


@see_far.wrong("its window is 13 numbers: without strides each layer of kernel 5 adds only 4.")
def three_plain_layers() -> list[tuple[int, int, int]]:
    return [(6, 5, 1), (6, 5, 1), (6, 5, 1)]


@see_far.wrong("places are left at the end, and at least 5 are asked for")
def too_many_strides() -> list[tuple[int, int, int]]:
    return [(4, 5, 2), (4, 5, 2), (4, 5, 2), (4, 1, 2)]


@see_far.wrong("weights, and 900 are allowed")
def too_wide() -> list[tuple[int, int, int]]:
    return [(16, 5, 2), (16, 5, 2), (16, 5, 1)]


@see_far.wrong("a kernel is even: with a padding of (kernel - 1)/2 it must be odd")
def even_kernel() -> list[tuple[int, int, int]]:
    return [(6, 8, 2), (6, 12, 1)]


@see_far.wrong("give a list of (channels, kernel, stride), whole numbers of at least 1")
def without_strides() -> list[tuple[int, int]]:
    return [(6, 5), (6, 5), (6, 5)]


@see_far.also_right
def one_wide_kernel() -> list[tuple[int, int, int]]:
    return [(4, 29, 1)]


@see_far.also_right
def five_layers() -> list[tuple[int, int, int]]:
    return [(6, 5, 1), (6, 5, 1), (6, 5, 2), (6, 5, 1), (6, 5, 1)]


# ---------------------------------------------------------------- 7.5 a residual block

_SUM = "h = ____"
residual_block = Exercise(
    "7.5", kind="order",
    lines=["h = conv1(x)", "h = norm1(h)", "h = h.relu()", "h = conv2(h)", "h = norm2(h)", _SUM, "return h.relu()"],
    gaps={_SUM: (["x + h", "x * h", "torch.cat([x, h], 1)"], 0)},
    distractors={"x = conv1(x)": "this overwrites x, which the sum needs: work on another name.",
                 "h = norm2(h).relu()": "a ReLU at the end of the branch leaves it nothing but positive answers: it could only add, never subtract. The ReLU stands behind the sum."},
    verified="the block of He et al. (2016a): a branch of two convolutions, added to its input")


@residual_block.wrong("the ReLU stands behind the sum's place: the sum comes after norm2, and the last ReLU after the sum.")
def sum_too_early() -> list[str]:
    return ["h = conv1(x)", "h = norm1(h)", "h = h.relu()", "h = x + h", "h = conv2(h)", "h = norm2(h)", "return h.relu()"]


@residual_block.wrong("a product lets the branch switch the trunk off: with h = 0 nothing is left of x. The trunk is added.")
def product() -> list[str]:
    return ["h = conv1(x)", "h = norm1(h)", "h = h.relu()", "h = conv2(h)", "h = norm2(h)", "h = x * h", "return h.relu()"]


@residual_block.wrong("norm and ReLU of the first convolution are exchanged: this block normalises first.")
def relu_before_norm() -> list[str]:
    return ["h = conv1(x)", "h = h.relu()", "h = norm1(h)", "h = conv2(h)", "h = norm2(h)", "h = x + h", "return h.relu()"]
