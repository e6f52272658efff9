"""The scenes of chapter 00: noise, templates, and other people's digits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import nn

from helpers.topics.start import scenes as start
from helpers.widgets.picture import Picture


class Sum(nn.Module):
    """Says 0 for little ink and 1 for much: enough to be misled by noise."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        much = (x.mean((1, 2, 3)) - 0.15) * 50
        return torch.cat([-much[:, None], much[:, None], torch.full((len(x), 8), -99.0)], 1)


def data(n: int = 20) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.zeros(n, 1, 28, 28)
    x[n // 2:, :, 4:20, 4:20] = 1
    return x, (torch.arange(n) >= n // 2).long()


def shown_in(ax: Axes) -> np.ndarray:
    return np.asarray(ax.images[0].get_array())


def test_noise_is_cut_to_pixels_and_the_same_each_time() -> None:
    x, _ = data()
    assert torch.equal(start.add_noise(x, 0), x)
    noisy = start.add_noise(x, 0.5)
    assert (noisy.min(), noisy.max()) == (0, 1)
    assert torch.equal(noisy, start.add_noise(x, 0.5))
    with pytest.raises(ValueError, match=r"std must be 0 or more, got -0\.1"):
        start.add_noise(x, -0.1)


def test_the_noise_scene_shows_the_digit_that_add_noise_gives_and_is_reached_where_the_share_falls_below_half() -> None:
    x, y = data()
    share = start.accuracy_under_noise(lambda pictures: Sum()(pictures).argmax(1), (x, y))
    assert share[0] == 1
    assert share[-1] == 0.5                                     # all are taken for much ink
    falling = np.linspace(1, 0, len(start.NOISE))
    draw, fig = start.noise_scene(Sum(), (x, y), {"the network": falling, "another": np.ones(len(start.NOISE))})
    reached = []
    for noise in start.NOISE:
        for which in (0, len(x) - 1):
            words, ok = draw(noise=float(noise), which=which)
            assert np.allclose(shown_in(fig.axes[0]), start.add_noise(x, float(noise))[which, 0])
            assert words.startswith(f"At noise {noise:.1f} the network reads this {int(y[which])} as «a")
            assert "another «100%»" in words
        reached += [noise] * ok
    assert reached == [1.1]


def test_few_parts_of_the_noise_scene_are_painted_again() -> None:
    x, y = data()
    draw, fig = start.noise_scene(Sum(), (x, y), {"one": np.ones(len(start.NOISE)), "two": np.ones(len(start.NOISE))})
    picture = Picture(fig)
    for noise in (0.0, 0.5, 1.0):
        draw(noise=noise, which=0)
        picture.paint()
    assert len(picture._moving) == 4                            # the digit, the bars, a dot for each reader


def test_the_friends_digits() -> None:
    x, _ = data()
    assert torch.equal(start.friend_scan(start.friend_scan(x)), x)


def test_a_step_of_the_templates_is_gradient_descent_on_cross_entropy() -> None:
    x, y = data(6)
    run = start.TemplateRun((x, y), (x, y), seed=3, lr=0.1, batch_size=4)
    i = torch.randint(6, (4,), generator=torch.Generator().manual_seed(3))
    W, b = torch.zeros(784, 10, requires_grad=True), torch.zeros(10, requires_grad=True)
    F.cross_entropy(x.flatten(1)[i] @ W + b, y[i]).backward()
    run.step()
    assert W.grad is not None
    assert b.grad is not None
    assert torch.allclose(run.W, -0.1 * W.grad, atol=1e-6)
    assert torch.allclose(run.b, -0.1 * b.grad, atol=1e-6)
    assert len(run.accuracy) == 2
    assert run.accuracy[-1] == run.stored_accuracy[-1] == float((run.predict(x) == y).float().mean())


def test_many_steps_in_one_go_are_the_same_steps_and_measure_nothing() -> None:
    x, y = data(8)
    one, other = (start.TemplateRun((x, y), (x, y), seed=1, lr=0.1, batch_size=3) for _ in range(2))
    for _ in range(5):
        one.step()
    other.steps(5)
    assert torch.equal(one.W, other.W)
    assert (one.n_steps, other.n_steps, len(one.accuracy), len(other.accuracy)) == (5, 5, 6, 1)


def test_the_mosaic_holds_the_templates_in_two_rows_each_at_full_scale() -> None:
    W = torch.randn(784, 10, generator=torch.Generator().manual_seed(0)) * torch.arange(10)
    a = start.mosaic(W)
    assert a.shape == (56, 140)
    assert not a[:28, :28].any()                                # an empty template stays empty
    assert np.allclose(a[28:, 56:84], (W[:, 7] / W[:, 7].abs().max()).reshape(28, 28))


def test_the_templates_target_asks_for_each_step_of_the_frame() -> None:
    x, y = data()
    draw, fig = start.templates_scene(target=0.8, first=2, last=4)
    run = start.TemplateRun((x, y), (x, y), seed=0, lr=1.0, batch_size=4)
    assert draw(run) == (f"accuracy on new digits «{run.accuracy[0]:.2f}», on stored ones «{run.stored_accuracy[0]:.2f}»", False)
    for accuracy, reached in (([0, 0, 0.8, 0.9], False), ([0, 0, 0.8, 0.9, 0.8], True), ([0, 0, 0.8, 0.7, 0.9], False), ([1] * 300, True)):
        run.accuracy = run.stored_accuracy = [float(a) for a in accuracy]
        assert draw(run)[1] is reached
    assert fig.axes[1].get_xlim() == (0, 400)
    run.accuracy = run.stored_accuracy = [0.1]
    draw(run)
    assert fig.axes[1].get_xlim() == (0, 200)
