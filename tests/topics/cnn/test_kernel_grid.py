"""The kernel's nine sliders: a hand on one is not pulled back, and a ready kernel can be chosen again."""

from __future__ import annotations

from helpers.topics.cnn.kernel_grid import PRESETS, KernelGrid


def test_a_slider_under_the_hand_is_not_answered() -> None:
    grid = KernelGrid()
    answered: list[float] = []
    grid.sliders[4].value = 1.7999999999999998              # what the page sends for 1.8
    grid.sliders[4].observe(lambda change: answered.append(change.new), "value")
    grid.sliders[0].value = -0.5
    assert answered == []
    assert grid.value[4] == 1.8


def test_a_ready_kernel_can_be_chosen_again_after_a_move() -> None:
    grid = KernelGrid()
    grid.ready.value = PRESETS["blur"]
    grid.sliders[0].value = 2.0
    assert grid.ready.label == "your own"
    grid.ready.value = PRESETS["blur"]
    assert grid.value == PRESETS["blur"]
    assert grid.sliders[0].value == 0.1
    grid.sliders[0].value = 0.3
    grid.sliders[0].value = 0.1
    assert grid.ready.label == "blur"
