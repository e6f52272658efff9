"""The table of first models: its data, its stored runs, and some of them made again."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers.topics.building import table


def test_the_lamp_is_what_the_last_pulse_made_it() -> None:
    x, y = table.lamp(200, 12, seed=3)
    g = torch.Generator().manual_seed(3)
    torch.rand(200, 12, generator=g)
    for series, label in zip(x[:, 0], y, strict=True):
        last = [v for v in series.tolist() if abs(v) > 0.6]
        if all(abs(abs(v) - 1) < 0.3 or abs(v) < 0.3 for v in series.tolist()):     # where noise leaves no doubt
            assert int(last[-1] > 0) == int(label)


def test_every_cell_is_stored_with_its_seeds() -> None:
    cells = table.stored()
    for row in table.ROWS:
        assert list(cells[row]) == list(table.COLUMNS)
        for column in table.COLUMNS:
            expected = table.SEEDS if column in (*table.NETWORKS, "forest") else 1
            assert len(cells[row][column]["test"]) == expected
            assert all(0 <= a <= 1 for a in cells[row][column]["test"])


@pytest.mark.parametrize(("row", "column"), [("table", "logistic"), ("table", "MLP"), ("picture, few labels", "forest"), ("picture", "MLP"), ("state", "MLP")])
def test_a_stored_run_comes_out_again(row: str, column: str) -> None:
    cell = table.stored()[row][column]
    assert table.score(row, column, 0, cell["lr"]) == pytest.approx(cell["test"][0], abs=0.03)


def test_training_and_test_rows_are_disjoint() -> None:
    for row in ("table", "picture", "series"):
        split = table.task(row).split
        seen = {x.numpy().tobytes() for x in split.train[0]}
        assert not any(x.numpy().tobytes() in seen for x in split.test[0]) or row == "picture"


def test_columns_are_shuffled_alike_in_all_series() -> None:
    a, b = table.task("series").split, table.task("series, shuffled").split
    np.testing.assert_allclose(a.test[0].sort(-1).values, b.test[0].sort(-1).values)
    assert torch.equal(a.test[1], b.test[1])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="row"):
        table.task("sound")
    with pytest.raises(ValueError, match="column"):
        table.answerer("table", "oracle", 0, 0.1)
