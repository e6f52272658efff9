"""A reader's own data: each kind is read, split honestly, learnt, and set against its baseline; what is unusable says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import accuracy_score, mean_absolute_error

from helpers.project.demo import demo
from helpers.project.load import load
from helpers.project.own import Own, difference
from helpers.training import fit
from helpers.training.fit import predict_logits


def read(kind: str, folder: Path) -> Own:
    return load(demo(kind, folder), "series" if kind == "series" else "")


@pytest.mark.parametrize("kind", ["pictures", "table", "series", "texts"])
def test_each_kind_goes_through_the_whole_pipeline_and_learns(kind: str, tmp_path: Path) -> None:
    own = read(kind, tmp_path)
    assert own.kind == kind
    train, val, test = own.split(0)
    assert not set(train) & set(val) | set(train) & set(test) | set(val) & set(test)
    assert len(train) + len(val) + len(test) == len(own.x)
    a, b, c = own.tensors(train, val, test)
    model = own.model(a)
    torch.manual_seed(0)
    model(a[0][:2])
    fit(model, a, b, n_epochs=30, lr=0.003, loss=own.loss, seed=0, progress=False)
    network = own.errors(predict_logits(model, c[0]), c[1])
    baseline = own.errors(own.baseline(a, c[0]), c[1])
    nothing = {"pictures": 0.9, "table": 0.6, "texts": 0.67}.get(kind) or mean_absolute_error(c[1], np.full(len(c[1]), float(a[1].mean())))
    assert network.mean() < 0.6 * nothing
    assert baseline.mean() < 0.6 * nothing
    gain, low, high = difference(network, baseline)
    assert low <= gain <= high
    assert gain == pytest.approx(baseline.mean() - network.mean())


def test_errors_are_what_scikit_learn_counts() -> None:
    y = torch.tensor([0, 1, 2, 1])
    logits = torch.eye(3)[torch.tensor([0, 1, 1, 1])]
    own = Own("table", np.zeros((4, 1)), y.numpy(), ["a", "b", "c"], "")
    assert 1 - own.errors(logits, y).mean() == pytest.approx(accuracy_score(y, logits.argmax(1)))
    amount = Own("table", np.zeros((4, 1)), np.zeros(4), [], "")
    assert amount.errors(torch.tensor([[1.0], [2.0]]), torch.tensor([[2.0], [4.0]])).mean() == pytest.approx(mean_absolute_error([2, 4], [1, 2]))


def test_a_series_is_split_by_time_and_its_gap_is_filled(tmp_path: Path) -> None:
    own = load(demo("series", tmp_path), "series", horizon=3)
    assert "59 gaps filled" in own.source
    train, val, test = own.split()
    assert train.max() < val.min()
    assert val.max() < test.min()
    assert own.y[-4] == own.x[-1, -1], "the value three steps after a window"
    assert own.y[-15] == own.x[-1, 0]


def test_a_gap_is_filled_with_the_past_and_never_asked_for(tmp_path: Path) -> None:
    values = [float(i) for i in range(80)]
    values[30] = np.nan
    pd.DataFrame({"day": pd.date_range("2020", periods=80).strftime("%Y-%m-%d"), "v": values}).to_csv(tmp_path / "s.csv", index=False)
    own = load(tmp_path / "s.csv", "series")
    assert len(own.x) == 67
    assert 30 not in own.y
    assert own.x[own.y == 31][0, -2:].tolist() == [29, 29]


def test_groups_are_never_split_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    place = tmp_path / "people.csv"
    pd.DataFrame({"who": np.repeat(np.arange(20), 10), "a": rng.normal(size=200), "sick": rng.integers(0, 2, 200)}).to_csv(place, index=False)
    own = load(place, groups="who")
    assert own.groups is not None
    train, val, test = own.split(1)
    assert not set(own.groups[train]) & set(own.groups[test]) | set(own.groups[train]) & set(own.groups[val])
    assert own.x.shape == (200, 1), "who it was is no feature"


def test_the_scale_is_the_training_parts(tmp_path: Path) -> None:
    own = load(demo("table", tmp_path))
    train, _, test = own.split(0)
    (x, _), (u, _) = own.tensors(train, test)
    assert torch.allclose(x.mean(0), torch.zeros(13), atol=1e-5)
    assert not torch.allclose(u.mean(0), torch.zeros(13), atol=1e-3)


def test_words_of_few_kinds_become_columns_and_holes_the_median(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    pd.DataFrame({"colour": ["red", "blue"] * 20, "size": [1.0, np.nan, *range(38)], "price": np.arange(40) * 1.5}).to_csv(place, index=False)
    own = load(place)
    assert own.classes == []
    assert own.x.shape == (40, 3)
    assert np.isnan(own.x[1, 0])
    assert set(own.x[:, 1:].ravel()) == {0, 1}
    ((x, _),) = own.tensors(np.arange(10))              # 1, a gap, 0 … 7: the training part's own median fills it
    assert x[1, 0] == pytest.approx((3 - np.mean([1, 3, *range(8)])) / np.std([1, 3, *range(8)]), rel=1e-5)


def test_an_empty_column_is_left_out_and_a_decimal_comma_understood(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": np.arange(60) / 8, "none": np.nan, "kind": ["x", "y"] * 30})
    table.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",")
    own = load(tmp_path / "t.csv")
    assert own.x.shape == (60, 1)
    assert own.x[3, 0] == 3 / 8
    assert "not used: none (empty)" in str(own)
    table.assign(none="4 Long Street, Ulm").to_csv(tmp_path / "t.csv", index=False)
    assert 'not used: a; kind="table" takes the numbers instead' in str(load(tmp_path / "t.csv"))
    assert load(tmp_path / "t.csv", "table").x.shape == (60, 2)


def test_too_few_groups_names_instead_of_classes_and_texts_without_words_are_said(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    pd.DataFrame({"a": range(60), "who": [0, 1, 2] * 20, "b": ["x", "y"] * 30}).to_csv(place, index=False)
    with pytest.raises(ValueError, match="there are 3 groups"):
        load(place, groups="who").split()
    with pytest.raises(ValueError, match="both the target and the groups"):
        load(place, groups="b")
    pd.DataFrame({"a": range(60), "name": [f"n{i}" for i in range(60)]}).to_csv(place, index=False)
    with pytest.raises(ValueError, match="60 of 60 classes"):
        load(place).split()
    own = Own("texts", np.array(["1"] * 60, object), np.repeat([0, 1], 30), ["a", "b"], "")
    with pytest.raises(ValueError, match="no word of two letters"):
        own.tensors(*own.split())


def test_what_a_system_puts_into_folders_is_passed_over(tmp_path: Path) -> None:
    for name in ("a", "b", ".ipynb_checkpoints", "__MACOSX"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text("some words")
    (tmp_path / "a" / "._1.txt").write_text("x")
    (tmp_path / "loose.txt").write_text("x")
    own = load(tmp_path)
    assert own.classes == ["a", "b"]
    assert "2 files" in own.source
    assert "1 passed over" in own.source
    (tmp_path / "a").rename(tmp_path / "train")
    (tmp_path / "b").rename(tmp_path / "test")
    with pytest.raises(ValueError, match="named after parts"):
        load(tmp_path)


def test_pictures_come_red_first(tmp_path: Path) -> None:
    import cv2
    for name, bgr in (("a", (0, 0, 255)), ("b", (255, 0, 0))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "é 1.png").write_bytes(cv2.imencode(".png", np.full((40, 60, 3), bgr, np.uint8))[1].tobytes())
    own = load(tmp_path, size=8)
    assert own.x.shape == (2, 3, 8, 8)
    assert own.x[0, :, 0, 0].tolist() == [1, 0, 0]
    assert own.x[1, :, 0, 0].tolist() == [0, 0, 1]


def _damaged(folder: Path) -> Path:
    place = demo("pictures", folder)
    (place / "digit 0" / "zz.png").write_bytes(b"no picture")
    return place


def _one_class(folder: Path) -> Path:
    (folder / "all" / "one").mkdir(parents=True)
    (folder / "all" / "one" / "a.txt").write_text("word")
    return folder / "all"


def _csv(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "t.csv").write_text(text)
        return folder / "t.csv"
    return write


@pytest.mark.parametrize(("make", "kind", "says"), [
    (lambda folder: folder / "nowhere", "", "there is no"),
    (lambda folder: folder, "pictures", "make one folder a class"),
    (_damaged, "", "cannot be read as a picture"),
    (_one_class, "", "has one class only"),
    (_csv(""), "", "cannot be read as a table"),
    (_csv("a,b\n1,2\n1,2\n"), "", "there is nothing to predict"),
    (_csv("a,b\n1,2\n3,4\n"), "series", "a series needs at least"),
    (_csv("a,b\n1,\n3,\n"), "", "column 'b' of t.csv, the target, is empty"),
    (_csv("a,b\n1,x\ninf,y\n"), "", "column 'a' of t.csv holds inf in line 3"),
    (_csv("a,b\n1,2.5\n2,1e300\n"), "", "too large for float32"),
    (_csv("a,b\n1,2.5\n2,1e300\n"), "pictures", "give the folder that holds one folder a class"),
    (_csv("d,v\n2020-01-02,1\n2020-01-01,2\n"), "series", "do not rise"),
    (_csv("d,b\n" + "".join(f"2020-01-{i:02},{'xy'[i % 2]}\n" for i in range(1, 20))), "", "d (19 different words or dates)"),
    (lambda _: "", "", "the path is empty"),
    (lambda folder: demo("pictures", folder), "table", "a table is read from a .csv file"),
    (lambda folder: demo("table", folder), "tables", "kind must be one of"),
])
def test_what_cannot_be_used_says_why(make: Callable[[Path], Path], kind: str, says: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, FileNotFoundError)) as caught:
        load(make(tmp_path), kind)
    assert says in str(caught.value)


def test_too_few_to_split_is_said(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    pd.DataFrame({"a": range(40), "b": ["x"] * 38 + ["y"] * 2}).to_csv(place, index=False)
    with pytest.raises(ValueError, match="40 examples cannot be split"):
        load(place).split()
    pd.DataFrame({"a": range(60), "b": ["x"] * 58 + ["y"] * 2}).to_csv(place, index=False)
    with pytest.raises(ValueError, match="class 'y' has fewer than 5"):
        load(place).split()
    with pytest.raises(ValueError, match="there is no column 'c'"):
        load(place, target="c")


def test_the_interval_of_a_difference_covers_what_it_promises() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for i in range(200):
        gain = rng.normal(0.3, 1, 80)
        _, low, high = difference(np.zeros(80), gain, seed=i, n_draws=500)
        inside += low <= 0.3 <= high
    assert 178 <= inside <= 198, "95 of 100, within what 200 draws leave open"
    with pytest.raises(ValueError, match="the same examples"):
        difference(np.zeros(3), np.zeros(4))
