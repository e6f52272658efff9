"""The notebook's stop button (an interrupt) pauses a live training, and the kernel's own way with interrupts comes back."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import matplotlib.pyplot as plt
import pytest

from helpers.widgets.live import Live


class Count:
    def __init__(self, seed: int) -> None:
        self.n = seed

    def step(self) -> None:
        self.n += 1


class Falls(Count):
    def step(self) -> None:
        raise ZeroDivisionError("step 1")


@pytest.fixture
def own_handler() -> Iterator[Callable[..., None]]:
    """Ignores interrupts, as the kernel does between cells."""
    def ignore(*_: object) -> None: ...

    before = signal.signal(signal.SIGINT, ignore)
    yield ignore
    signal.signal(signal.SIGINT, before)
    plt.close("all")


def make(run: type[Count] = Count) -> Live:
    fig, _ = plt.subplots(figsize=(2, 1.5), dpi=50)
    return Live(run, lambda run: f"n = {run.n}", fig, "count", "", (), 0, {})


async def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        await asyncio.sleep(0.01)
    assert is_so()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene()

    asyncio.run(run())


def test_an_interrupt_pauses(own_handler: Callable[..., None]) -> None:
    panel = make()

    async def scene() -> None:
        panel.start()
        await until(lambda: panel.n_steps > 0)
        signal.raise_signal(signal.SIGINT)
        await until(lambda: not panel.running)
        assert panel.toggle.description == "Start"
        await until(lambda: signal.getsignal(signal.SIGINT) is own_handler)

    play(scene)
    assert panel.error is None


def test_an_error_in_a_step_gives_interrupts_back(own_handler: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "0")
    panel = make(Falls)

    async def scene() -> None:
        panel.start()
        await until(lambda: panel.error is not None)

    play(scene)
    assert signal.getsignal(signal.SIGINT) is own_handler


@pytest.mark.usefixtures("own_handler")
def test_the_handler_of_a_cell_that_runs_stays() -> None:
    """Pause may be pressed while a cell awaits something: that cell must go on to hear interrupts."""
    panel = make()

    def of_the_cell(*_: object) -> None: ...

    async def scene() -> None:
        panel.start()
        await until(lambda: panel.n_steps > 0)
        signal.signal(signal.SIGINT, of_the_cell)
        panel.pause()
        await asyncio.sleep(0.05)

    play(scene)
    assert signal.getsignal(signal.SIGINT) is of_the_cell


def test_in_another_thread_it_trains_all_the_same(own_handler: Callable[..., None]) -> None:
    panel = make()

    async def scene() -> None:
        panel.start()
        await until(lambda: panel.n_steps > 0)
        assert signal.getsignal(signal.SIGINT) is own_handler
        panel.pause()

    thread = threading.Thread(target=play, args=(scene,))
    thread.start()
    thread.join()
    assert panel.n_steps > 0
    assert panel.error is None
