"""order(): the lines as the reader has put them, their gaps filled, kept."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.lesson import progress
from helpers.lesson.exercise import OrderTask
from helpers.widgets import order
from helpers.widgets.order import Order

POOL = ["loss.backward()", "for x, y in ____:", "    model.eval()"]
GAPS = {"for x, y in ____:": ["batches", "model"]}


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    progress._this_kernel.clear()
    yield
    progress._this_kernel.clear()


def made() -> Order:
    return Order("8.4", POOL, GAPS)


def test_at_first_the_program_is_empty() -> None:
    widget = made()
    assert widget.lines == []
    assert widget.state == "Your program is empty; there are 3 lines to choose from. Click a line to take it."


def test_the_lines_come_in_their_order_with_filled_gaps() -> None:
    widget = made()
    widget.box.order = [1, 0]
    assert widget.lines == ["for x, y in ____:", "loss.backward()"]
    assert widget.state == "Your program has 2 lines, 1 left over. 1 gap to fill. Last: loss.backward()"
    widget.box.gaps = {"1": "batches"}
    assert widget.lines == ["for x, y in batches:", "loss.backward()"]
    assert widget.gaps == {"for x, y in ____:": "batches"}
    assert "gap" not in widget.state


def test_the_order_stands_when_the_cell_runs_again_and_not_for_other_lines() -> None:
    widget = made()
    widget.box.order, widget.box.gaps = [2, 1], {"1": "model"}
    again = made()
    assert again.lines == ["    model.eval()", "for x, y in model:"]
    assert Order("8.4", POOL[::-1], GAPS).lines == []
    again.again.click()
    assert made().lines == []


def test_readers_without_a_kernel_get_all_lines() -> None:
    data = made()._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"].startswith("[exercise 8.4: put the lines in order] Your program is empty")
    assert len(data["image/png"]) > 500


def test_order_asks_the_exercise_for_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(importlib.import_module("helpers.widgets.order"), "display", shown.append)
    monkeypatch.setattr("helpers.lesson.exercise.order_task", lambda number: OrderTask(number, tuple(POOL), {line: tuple(options) for line, options in GAPS.items()}))
    assert order("8.4") is shown[0]
    assert shown[0].pool == POOL


def test_the_sweep_puts_lines_in_and_out() -> None:
    widget = made()
    assert [value for _, value, _ in widget.sweep()] == ["nothing", "all", "turned round", "as before"]
    assert widget.lines == []
