"""Checks of chapter 06, probes: oracles from scikit-image and torch, and what people get wrong."""



from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from skimage.feature import hog
from torch import nn

from helpers.lesson.exercise import Case, Exercise, Function, distinct


def _normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# ---------------------------------------------------------------- 6.1 one cell of HOG

def _skimage_cell(cell: torch.Tensor, n_bins: int) -> Any:
    return hog(cell.double().numpy(), orientations=n_bins, pixels_per_cell=tuple(cell.shape), cells_per_block=(1, 1), block_norm="L1")


def _cells() -> list[Case]:
    sizes = distinct(4, seed=1, least=4, most=9)
    ramp = torch.arange(48.0).view(6, 8).T.contiguous().T * 0.1
    return [Case(f"a cell of {sizes[0]}×{sizes[1]} pixels and 9 bins", (_normal(1, *sizes[:2]).double(), 9)),
            Case(f"a cell of {sizes[2]}×{sizes[3]} pixels and 4 bins", (_normal(2, *sizes[2:]).double(), 4)),
            Case("an even cell", (torch.full((5, 7), 0.4, dtype=torch.float64), 6)),
            Case("a ramp, stored by columns", (ramp.double(), 8)),
            Case("grey values up to 255", (255 * _normal(3, 8, 6).abs().double(), 9))]


def _hog(cell: torch.Tensor, n_bins: int, *, modulo: float = 180.0, swap: bool = False, weighted: bool = True, norm: str = "sum", border: bool = False, half: float = 0.0) -> Any:
    down, right = torch.zeros_like(cell), torch.zeros_like(cell)
    down[1:-1], right[:, 1:-1] = cell[2:] - cell[:-2], cell[:, 2:] - cell[:, :-2]
    if border:
        down, right = (torch.from_numpy(2 * g) for g in np.gradient(cell.numpy()))
    angle = torch.rad2deg(torch.atan2(*((right, down) if swap else (down, right)))) % modulo
    size = (down**2 + right**2).sqrt() if weighted else torch.ones_like(cell)
    b = ((angle * n_bins / modulo + half).long()) % n_bins
    votes = torch.stack([size[b == i].sum() for i in range(n_bins)])
    return votes / {"sum": votes.sum() + 1e-5, "length": votes.norm() + 1e-5, "none": 1.0, "mean": size.sum() / size.numel() + 1e-5}[norm]


hog_cell = Exercise("6.1", oracle=_skimage_cell, cases=_cells, tolerance=1e-5,
                    verified="the same as skimage.feature.hog for five cells, an even one among them")


@hog_cell.wrong("the directions run over 360°: take the angle modulo 180, so that dark-to-bright and bright-to-dark vote alike.")
def whole_turn(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, modulo=360.0)


@hog_cell.wrong("down and right are exchanged in atan2: the change from row to row comes first.")
def exchanged(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, swap=True)


@hog_cell.wrong("each pixel votes with 1: its vote is the size of the change.")
def counted(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, weighted=False)


@hog_cell.wrong("the votes are not divided by their sum.")
def not_divided(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, norm="none")


@hog_cell.wrong("this divides by the length (root of the squares); divide by the sum.")
def by_length(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, norm="length")


@hog_cell.wrong("at the border the change was estimated on one side: there it is 0.")
def with_border(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, border=True)


@hog_cell.wrong("the bins are rounded to the nearest: bin b holds the directions from b · 180/n_bins up to the next.")
def rounded(cell: torch.Tensor, n_bins: int) -> Any:
    return _hog(cell, n_bins, half=0.5)


@hog_cell.wrong("the angle is in radians: atan2 gives radians, and modulo 180 wants degrees. Use torch.rad2deg.")
def in_radians(cell: torch.Tensor, n_bins: int) -> Any:
    down, right = torch.zeros_like(cell), torch.zeros_like(cell)
    down[1:-1], right[:, 1:-1] = cell[2:] - cell[:-2], cell[:, 2:] - cell[:, :-2]
    size, b = torch.hypot(down, right), (torch.atan2(down, right) % 180 * n_bins / 180).long()
    votes = torch.stack([size[b == i].sum() for i in range(n_bins)])
    return votes / (votes.sum() + 1e-5)


@hog_cell.wrong("the pixels of the border are left out. Each has one of its two changes: in the first row the one from column to column.")
def inner_pixels(cell: torch.Tensor, n_bins: int) -> Any:
    down, right = (cell[2:] - cell[:-2])[:, 1:-1], (cell[:, 2:] - cell[:, :-2])[1:-1]
    size, b = torch.hypot(down, right), (torch.rad2deg(torch.atan2(down, right)) % 180 * n_bins / 180).long().clamp(max=n_bins - 1)
    votes = torch.stack([size[b == i].sum() for i in range(n_bins)])
    return votes / (votes.sum() + 1e-5)


@hog_cell.also_right
def by_loops(cell: torch.Tensor, n_bins: int) -> Any:
    votes = torch.zeros(n_bins, dtype=cell.dtype)
    for r in range(cell.shape[0]):
        for c in range(cell.shape[1]):
            down = cell[r + 1, c] - cell[r - 1, c] if 0 < r < cell.shape[0] - 1 else torch.zeros((), dtype=cell.dtype)
            right = cell[r, c + 1] - cell[r, c - 1] if 0 < c < cell.shape[1] - 1 else torch.zeros((), dtype=cell.dtype)
            b = int((torch.rad2deg(torch.atan2(down, right)) % 180) // (180 / n_bins))
            votes[min(b, n_bins - 1)] += (down**2 + right**2).sqrt()
    return votes / (votes.sum() + 1e-5)


@hog_cell.also_right
def by_histogram(cell: torch.Tensor, n_bins: int) -> Any:
    a = F.pad(cell[None, None], (1, 1, 1, 1), mode="replicate")[0, 0].numpy()
    down, right = a[2:, 1:-1] - a[:-2, 1:-1], a[1:-1, 2:] - a[1:-1, :-2]
    down[[0, -1]], right[:, [0, -1]] = 0, 0
    votes, _ = np.histogram(np.degrees(np.arctan2(down, right)) % 180, n_bins, (0, 180), weights=np.hypot(down, right))
    return votes / (votes.sum() + 1e-5)


# ---------------------------------------------------------------- 6.2 frozen, but it moves

def _frozen_as_given(model: Any, x: torch.Tensor) -> Any:
    """model: any nn.Module; x (N, …) → its outputs (N, D), without gradients."""
    was_training = model.training
    model.train()
    with torch.no_grad():
        out = model(x).flatten(1)
    model.train(was_training)
    return out


def _in_evaluation(model: Any, x: torch.Tensor) -> Any:
    return copy.deepcopy(model).eval()(x).detach().flatten(1)


def _models() -> list[Case]:
    torch.manual_seed(5)
    a, b, c, d = distinct(4, seed=2)
    conv = nn.Sequential(nn.Conv2d(2, a, 3), nn.BatchNorm2d(a), nn.ReLU())
    dense = nn.Sequential(nn.Linear(b, c), nn.BatchNorm1d(c), nn.Dropout(0.5), nn.Linear(c, d)).eval()
    with torch.no_grad():
        conv.train()(_normal(4, 8, 2, 6, 6) + 1)
    return [Case("a convolution with batch normalisation, in training mode", (conv, _normal(5, 3, 2, 5, 7))),
            Case("a batch of one", (conv, _normal(6, 1, 2, 5, 7))),
            Case("linear layers with dropout, in evaluation mode", (dense, _normal(7, 5, b)))]


frozen_features = Exercise("6.2", kind="fix", given=_frozen_as_given, oracle=_in_evaluation, cases=_models,
                           verified="a picture's features no longer depend on the others in the batch, with batch normalisation and with dropout")


@frozen_features.wrong("the mode is left as it came: if the network was in training mode, batch normalisation still looks at the batch.")
def no_mode(model: Any, x: torch.Tensor) -> Any:
    with torch.no_grad():
        return model(x).flatten(1)


@frozen_features.wrong("evaluation mode is right, but the features are no longer (N, D): flatten was lost.")
def not_flat(model: Any, x: torch.Tensor) -> Any:
    return copy.deepcopy(model).eval()(x).detach()[None]


@frozen_features.wrong("only the first batch normalisation was switched off: dropout still throws dice. Switch the whole network, with model.eval().")
def norm_only(model: Any, x: torch.Tensor) -> Any:
    model = copy.deepcopy(model).train()
    for part in model.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            part.eval()
    with torch.no_grad():
        return model(x).flatten(1)


@frozen_features.wrong("this normalises by the batch by hand: use the running mean and variance, as evaluation mode does.")
def batch_by_hand(model: Any, x: torch.Tensor) -> Any:
    out = copy.deepcopy(model).eval()(x).detach().flatten(1)
    return out - out.mean(0)


@frozen_features.also_right
def on_a_copy(model: Any, x: torch.Tensor) -> Any:
    with torch.inference_mode():
        return copy.deepcopy(model).eval()(x).flatten(1).clone()


@frozen_features.also_right
def mode_by_false(model: Any, x: torch.Tensor) -> Any:
    was = model.training
    model.train(False)
    out = model(x).detach().flatten(1)
    model.train(was)
    return out


# ---------------------------------------------------------------- 6.3 the test of frozenness

def _train(model: Any, x: torch.Tensor, y: torch.Tensor, parameters: Any, *, training_body: bool = False, steps: int = 3) -> None:
    model.train()
    if not training_body:
        model.body.eval()
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for _ in range(steps):
        loss = F.cross_entropy(model.head(model.body(x)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def head_alone(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program that trains the head on features in evaluation mode"""
    _train(model, x, y, model.head.parameters())


def head_on_stored_features(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program that computes the features once, then trains the head"""
    model.eval()
    with torch.no_grad():
        features = model.body(x)
    optimizer = torch.optim.Adam(model.head.parameters(), lr=0.05)
    for _ in range(3):
        loss = F.cross_entropy(model.head(features), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def everything(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program that trains the body, too"""
    _train(model, x, y, model.parameters())


def buffers_run(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program whose batch normalisation goes on counting"""
    _train(model, x, y, model.head.parameters(), training_body=True)


def nothing(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program that trains nothing"""
    _train(model, x, y, model.head.parameters(), steps=0)


def body_alone(model: Any, x: torch.Tensor, y: torch.Tensor) -> None:
    """a program that trains the body and holds the head"""
    _train(model, x, y, model.body.parameters())


is_frozen = Exercise("6.3", kind="test", right=[head_alone, head_on_stored_features], wrong_programs=[everything, buffers_run, nothing, body_alone])


def _small() -> Any:
    model = nn.Sequential()
    model.body = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU())
    model.head = nn.Linear(8, 3)
    return model


def _run_on(train_head: Function) -> Any:
    model = _small()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train_head(model, torch.randn(20, 6) + 2, torch.arange(20) % 3)
    return model, before


@is_frozen.wrong("it looks at parameters() alone: the running mean of batch normalisation is a buffer, and stands in state_dict().")
def parameters_only(train_head: Function) -> None:
    model, before = _run_on(train_head)
    for name, value in model.named_parameters():
        assert torch.equal(value, before[name]) == name.startswith("body")


@is_frozen.wrong("it never asks whether the head has moved: a program that does nothing passes.")
def head_not_asked(train_head: Function) -> None:
    model, before = _run_on(train_head)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items() if name.startswith("body"))


@is_frozen.wrong("it asks only whether the head has moved, not whether the body stayed.")
def body_not_asked(train_head: Function) -> None:
    model, before = _run_on(train_head)
    assert not torch.equal(model.head.weight, before["head.weight"])


@is_frozen.wrong("what was kept from before is no copy: it changes together with the network, so nothing ever differs. Use clone().")
def no_copies(train_head: Function) -> None:
    model = _small()
    before = dict(model.state_dict())
    train_head(model, torch.randn(20, 6), torch.arange(20) % 3)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@is_frozen.wrong("what was kept from before changes together with the network, so nothing ever differs, not even the head. Keep copies: value.clone().")
def no_copies_but_asks_the_head(train_head: Function) -> None:
    model = _small()
    before = model.state_dict()
    train_head(model, torch.randn(20, 6), torch.arange(20) % 3)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items() if name.startswith("body"))
    assert not torch.equal(before["head.weight"], model.head.weight)


@is_frozen.wrong("it looks at the body's first layer alone: look at everything in it, its buffers as well.")
def first_layer_only(train_head: Function) -> None:
    model, before = _run_on(train_head)
    assert torch.equal(model.body[0].weight, before["body.0.weight"])


@is_frozen.also_right
def by_deepcopy(train_head: Function) -> None:
    model = _small()
    old = copy.deepcopy(model)
    train_head(model, torch.randn(16, 6) * 2, torch.arange(16) % 3)
    assert all(torch.equal(a, b) for a, b in zip(model.body.state_dict().values(), old.body.state_dict().values(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(model.head.parameters(), old.head.parameters(), strict=True))


@is_frozen.also_right
def by_outputs(train_head: Function) -> None:
    model, x = _small(), torch.randn(12, 6) + 1
    body, head = (part.eval()(torch.ones(2, n)).clone() for part, n in ((model.body, 6), (model.head, 8)))
    train_head(model, x, torch.arange(12) % 3)
    assert torch.equal(model.body.eval()(torch.ones(2, 6)), body)
    assert not torch.equal(model.head(torch.ones(2, 8)), head)


# ---------------------------------------------------------------- 6.4 the triplet loss

def _oracle(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    return F.triplet_margin_loss(a.double(), p.double(), n.double(), margin=margin, eps=0.0)


def _triplets() -> list[Case]:
    (n, d), (m, e) = distinct(2, seed=3), distinct(2, seed=9)
    near = _normal(11, m, e)
    return [Case(f"{n} triplets of {d} numbers, margin 1", (_normal(1, n, d), _normal(2, n, d), _normal(3, n, d), 1.0)),
            Case("one triplet", (_normal(4, 1, 7), _normal(5, 1, 7), _normal(6, 1, 7), 0.2)),
            Case("some negatives far away", (near, near + 0.1 * _normal(12, m, e), near + torch.arange(float(m))[:, None] * 2 + 0.05, 0.5)),
            Case("large numbers, stored by columns", (1e3 * _normal(7, 5, 6).T, 1e3 * _normal(8, 5, 6).T, 1e3 * _normal(9, 5, 6).T, 10.0))]


triplet = Exercise("6.4", oracle=_oracle, cases=_triplets, differentiable=("a", "p", "n"), tolerance=1e-4,
                   verified="the same value and gradients as F.triplet_margin_loss in four cases")


def _distances(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor) -> Any:
    return (a - p).norm(dim=1), (a - n).norm(dim=1)


@triplet.wrong("the distances are squared: the task says ‖a − p‖, the root of the summed squares.")
def squared(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    return ((a - p).square().sum(1) - (a - n).square().sum(1) + margin).clamp(min=0).mean()


@triplet.wrong("the maximum comes after the mean: rows that are good enough then pay for the others. Cut each row at 0 first.")
def mean_first(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    near, far = _distances(a, p, n)
    return (near - far + margin).mean().clamp(min=0)


@triplet.wrong("near and far are exchanged: this pushes the positive away.")
def turned_round(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    near, far = _distances(a, p, n)
    return (far - near + margin).clamp(min=0).mean()


@triplet.wrong("the margin is missing.")
def without_margin(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    near, far = _distances(a, p, n)
    return (near - far).clamp(min=0).mean()


@triplet.wrong("nothing is cut at 0: a far negative then counts as a negative loss.")
def not_cut(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    near, far = _distances(a, p, n)
    return (near - far + margin).mean()


@triplet.wrong("this is the sum over rows: give the mean.")
def summed(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    near, far = _distances(a, p, n)
    return (near - far + margin).clamp(min=0).sum()


@triplet.wrong("this takes the norm over the rows (dim=0): one distance a row has dim=1.")
def over_rows(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    return ((a - p).norm(dim=0) - (a - n).norm(dim=0) + margin).clamp(min=0).mean()


@triplet.wrong("norm() without dim gives one number for the whole table: one distance a row has dim=1.")
def of_the_whole_table(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    return ((a - p).norm() - (a - n).norm() + margin).clamp(min=0)


@triplet.also_right
def with_relu(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    return F.relu((a - p).square().sum(1).sqrt() - (a - n).square().sum(1).sqrt() + margin).sum() / len(a)


@triplet.also_right
def row_by_row(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float) -> Any:
    rows = [torch.linalg.vector_norm(a[i] - p[i]) - torch.linalg.vector_norm(a[i] - n[i]) + margin for i in range(len(a))]
    return torch.stack([row.clamp(min=0) for row in rows]).mean()


# ---------------------------------------------------------------- 6.5 two stages in order

LOAD = "net = trained_network()"
HEAD = "net.head = nn.Linear(128, 5)"
FREEZE = "net.body.requires_grad_(False)"
FIRST = "optimizer = AdamW(net.head.parameters(), lr=1e-2)"
TRAIN_1 = "train(net, optimizer, steps=50)    # the head"
THAW = "net.body.requires_grad_(____)"
SECOND = "optimizer = AdamW(net.parameters(), lr=1e-4)"
TRAIN_2 = "train(net, optimizer, steps=50)    # all of it"

two_stages = Exercise(
    "6.5", kind="order", lines=[LOAD, HEAD, FREEZE, FIRST, TRAIN_1, THAW, SECOND, TRAIN_2],
    gaps={THAW: (["True", "False", "None"], "True")},
    needs={HEAD: [LOAD], FREEZE: [LOAD], FIRST: [HEAD], TRAIN_1: [FIRST, FREEZE], THAW: [TRAIN_1], SECOND: [TRAIN_1], TRAIN_2: [SECOND, THAW]},
    distractors={"optimizer = AdamW(net.parameters(), lr=1e-1)": "a rate of 0.1 for all weights shakes what the network has learnt to pieces.",
                 "net.body = untrained_body()": "this throws away the features that you want to keep."},
    verified="first the head alone, then everything at a small rate")


def _lines(*order: str) -> list[str]:
    return [line.replace("____", "True") for line in order]


@two_stages.wrong("the first optimiser holds the old head: replace the head before you build it.")
def _old_head() -> Any:
    return _lines(LOAD, FREEZE, FIRST, HEAD, TRAIN_1, THAW, SECOND, TRAIN_2)


@two_stages.wrong("the body thaws before the head is trained: then the first stage is the second.")
def _thawed_early() -> Any:
    return _lines(LOAD, HEAD, FREEZE, FIRST, THAW, TRAIN_1, SECOND, TRAIN_2)


@two_stages.wrong("the second stage still has the first optimiser, which holds the head alone.")
def _one_optimiser() -> Any:
    return _lines(LOAD, HEAD, FREEZE, FIRST, TRAIN_1, THAW, TRAIN_2, SECOND)


@two_stages.wrong("the gap freezes the body again: in the second stage it must learn, so True.")
def _still_frozen() -> Any:
    return [line.replace("____", "False") for line in two_stages.lines]


@two_stages.also_right
def frozen_first() -> Any:
    return _lines(LOAD, FREEZE, HEAD, FIRST, TRAIN_1, THAW, SECOND, TRAIN_2)


@two_stages.also_right
def optimiser_first() -> Any:
    return _lines(LOAD, HEAD, FIRST, FREEZE, TRAIN_1, SECOND, THAW, TRAIN_2)
