"""A drawing becomes a picture in the manner of MNIST, and the classifier's answer follows each stroke."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.colors import same_color

from helpers import plots
from helpers.data import digits
from helpers.lesson.promises import a_digit
from helpers.widgets import pad as pad_module
from helpers.widgets.pad import SEVEN, DigitReader, draw_a_digit, rasterise

point = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list)
drawings = st.lists(st.lists(point, min_size=1, max_size=5), min_size=1, max_size=3)


def centre(a: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(a.shape)
    return np.array([(rows * a).sum(), (columns * a).sum()]) / a.sum()


def box(a: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(a.any(1))[0], np.nonzero(a.any(0))[0]
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


@given(strokes=drawings, thickness=st.floats(0.03, 0.2))
@settings(deadline=None, max_examples=60)
def test_a_drawing_fits_20_pixels_and_lies_in_the_middle(strokes: Any, thickness: float) -> None:
    a = rasterise(strokes, thickness)
    assert (a.shape, a.dtype) == ((28, 28), np.float32)
    assert 0 <= a.min() <= a.max() <= 1
    height, width = box(a)
    assert max(height, width) == 20
    at_edge = a[0].any() or a[-1].any() or a[:, 0].any() or a[:, -1].any()
    assume(not at_edge)                                   # a drawing heavy at one end is moved as far as there is room
    assert np.abs(centre(a) - 13.5).max() <= 0.5 + 1e-4


def test_it_lies_where_mnists_digits_lie() -> None:
    x, _ = digits(500, 0).train
    centres = np.array([centre(a) for a in x[:, 0].numpy()])
    assert np.abs(centre(rasterise(SEVEN)) - centres.mean(0)).max() < 1
    sizes = [max(box(a)) for a in x[:, 0].numpy()]
    assert max(box(rasterise(SEVEN))) == np.median(sizes) == 20


def test_place_and_size_of_the_drawing_make_no_difference() -> None:
    small = [[[0.1 + 0.4 * x, 0.5 + 0.4 * y] for x, y in stroke] for stroke in SEVEN]
    assert np.abs(rasterise(SEVEN, 0.1) - rasterise(small, 0.04)).mean() < 0.03


def test_proportions_are_kept() -> None:
    one = rasterise([[[0.5, 0.1], [0.5, 0.9]]], 0.1)
    assert box(one)[0] == 20
    assert box(one)[1] <= 4


@pytest.mark.parametrize("strokes", [[], [[[0.5, 0.5]]], [[[0, 0], [1, 1]]], [[[-3, 0.2], [7, 0.2]]]])
def test_odd_drawings_are_drawn(strokes: Any) -> None:
    a = rasterise(strokes)
    assert a.any() == bool(strokes)
    assert np.isfinite(a).all()


@pytest.mark.parametrize("strokes", [[[]], [[1, 2]], [[[1, 2, 3]]], [[[0.1, float("nan")]]], [["ab"]], [[[0.1, 0.2], [0.3]]], [None], 5, "abc"])
def test_nonsense_strokes_are_refused(strokes: Any) -> None:
    with pytest.raises(ValueError, match=r"a stroke is a list of points \[x, y\] from 0 to 1, got"):
        rasterise(strokes)


@pytest.mark.parametrize("thickness", [0, 1, -0.1, float("nan")])
def test_a_senseless_pen_is_refused(thickness: float) -> None:
    with pytest.raises(ValueError, match="thickness must lie between 0 and 1, got"):
        rasterise(SEVEN, thickness)


def by_ink(digit: np.ndarray) -> np.ndarray:
    """A classifier for these tests: the more ink, the greater the digit."""
    p = np.full(10, 0.02)
    p[min(9, int(digit.sum() // 20))] = 0.82
    return p


def test_a_stroke_moves_the_picture_and_the_words() -> None:
    reader = DigitReader(by_ink, "reader", "")
    before, said = reader.picture.value, reader.state  # type: ignore[union-attr]
    reader.pad.strokes = [*SEVEN, [[0.1, 0.9], [0.9, 0.9]]]
    best = int(by_ink(reader.digit).argmax())
    assert reader.state.startswith(f"The network reads {a_digit(best)}.")
    assert reader.state != said
    assert "probability 82%" in reader._status.value
    assert reader.picture.value != before  # type: ignore[union-attr]
    assert [bar.get_width() for bar in reader._bars] == by_ink(reader.digit).tolist()


def reader_of(*answers: int) -> DigitReader:
    """A reader whose classifier gives these answers, one a look: the first for the example."""
    said = iter(answers)
    return DigitReader(lambda _: np.eye(10)[next(said)], "reader", "at least 8")


def draw(reader: DigitReader, height: float = 0.5) -> None:
    reader.pad.strokes = [[[0.1, height], [0.9, 0.5]]]


def test_the_most_probable_digit_alone_has_another_colour_and_an_empty_pad_has_none() -> None:
    reader = reader_of(4)
    assert [same_color(bar.get_facecolor(), plots.VERMILION) for bar in reader._bars] == [n == 4 for n in range(10)]
    reader.clear()
    assert all(same_color(bar.get_facecolor(), plots.BLUE) for bar in reader._bars)


def test_it_asks_for_the_ten_digits_in_turn() -> None:
    reader = reader_of(0, *range(10), 3)
    assert (reader.asked, reader.score, reader.reached) == (0, "no digit drawn yet", False)
    assert reader.state == "The network reads a 0. Draw a 0."        # the example does not count
    for n in range(10):
        assert reader.asked == n
        assert not reader.reached
        draw(reader, 0.1 * n)
        assert reader.score == f"{n + 1} of {n + 1}"
        assert reader.pad.over                                       # the next stroke begins anew
    assert reader.reached
    assert reader.asked is None
    draw(reader, 0.05)                                               # free from here on
    assert reader.state == "The network reads a 3. All ten are drawn: now draw what you like. Your hand: 10 of 10."
    assert reader.reached


@pytest.mark.parametrize(("misread", "reached"), [(2, True), (3, False)])
def test_the_target_is_eight_of_ten(misread: int, reached: bool) -> None:
    reader = reader_of(7, *[9] * misread, *range(misread, 10))
    for n in range(10):
        draw(reader, 0.1 * n)
        if n < misread:
            assert reader.state.startswith(f"The network reads a 9. You were asked for {a_digit(n)}: add a stroke, or Clear and go on.")
            reader.clear()
    assert reader.score == f"{10 - misread} of 10"
    assert reader.reached is reached
    assert "(0 as 9, 1 as 9" in reader.state


def test_nothing_counts_while_the_pen_moves() -> None:
    reader = reader_of(7, 0, 5, 5, 0, 0)
    with reader.pad.hold_trait_notifications():
        reader.pad.rested = False
        draw(reader)
    assert reader.state == "The network reads a 0. Draw a 0."
    reader.pad.strokes = [*reader.pad.strokes, [[0.2, 0.2]]]        # the second stroke makes it another digit
    reader.pad.rested = True
    assert reader.state == "The network reads a 5. You were asked for a 0: add a stroke, or Clear and go on."
    reader.pad.rested = False
    reader.pad.strokes = [*reader.pad.strokes, [[0.4, 0.2]]]
    assert not reader.hand
    reader.pad.rested = True
    assert reader.hand == {0: 0}


def test_a_digit_cleared_before_the_pen_has_rested_counts_as_read() -> None:
    reader = reader_of(7, 0)
    reader.pad.rested = False
    draw(reader)
    reader.clear()
    assert reader.hand == {0: 0}
    assert reader.state == "The pad is empty. Draw a 1. Your hand: 1 of 1."
    reader.clear()                                                   # an empty pad is no digit
    assert reader.hand == {0: 0}


def test_start_again_asks_for_all_of_them_anew() -> None:
    reader = reader_of(7, *range(10))
    for n in range(10):
        draw(reader, 0.1 * n)
    reader.start_again()
    assert (reader.asked, reader.reached, reader.state) == (0, False, "The pad is empty. Draw a 0.")


def test_a_drawing_that_is_not_centred_stays_in_its_corner_and_does_not_count() -> None:
    reader = reader_of(7, *[0] * 4)
    reader.centred.value = False
    reader.pad.strokes = [[[0.1, 0.1], [0.2, 0.2]]]
    assert centre(reader.digit).max() < 8
    assert reader.state == "The network reads a 0. Not centred, so it does not count."
    reader.clear()
    assert not reader.hand
    reader.centred.value = True
    draw(reader)
    assert reader.hand == {0: 0}


def test_not_centred_the_whole_pad_is_shrunk() -> None:
    a = rasterise([[[0.5, 0.1], [0.5, 0.9]]], 0.1, centred=False)
    assert (a.shape, a.dtype, a.max()) == ((28, 28), np.float32, 1)
    assert box(a) == (26, 4)
    assert not rasterise([], centred=False).any()


def test_clear_empties_the_pad() -> None:
    reader = DigitReader(by_ink, "reader", "")
    reader.clear()
    assert not reader.digit.any()
    assert not reader.hand                                           # the example is no digit of the reader's
    assert reader.state == "The pad is empty. Draw a 0."


@pytest.mark.parametrize(("answer", "message"), [
    (np.zeros(3), r"probabilities\(digit\) must give 10 numbers, got shape \(3,\)"),
    (np.zeros((1, 10)), r"probabilities\(digit\) must give 10 numbers, got shape \(1, 10\)"),
    (np.full(10, np.nan), r"probabilities\(digit\) must give 10 finite numbers, got NaN or infinity"),
])
def test_a_classifier_that_answers_otherwise_is_refused(answer: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DigitReader(lambda _: answer, "reader", "")


def test_a_later_error_is_shown_and_the_next_stroke_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = DigitReader(by_ink, "reader", "")
    monkeypatch.setenv("COURSE_STRICT", "0")
    reader.pad.strokes = [[[1, 2, 3]]]
    assert "a stroke is a list of points" in reader._status.value
    assert 'role="alert"' in reader._status.value
    reader.pad.strokes = SEVEN
    assert reader.error is None
    assert "The network reads" in reader._status.value


def test_readers_without_a_kernel_get_picture_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(pad_module, "display", shown.append)
    reader = draw_a_digit(by_ink, name="draw a digit", goal="a <9>")
    bundle = reader._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert shown == [reader]
    assert data["text/plain"] == f"[draw a digit] {reader.state}"
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "a &lt;9&gt;" in reader.children[0].value


def test_the_sweep_draws_nothing_a_dot_a_corner_and_a_seven() -> None:
    assert [value for _, value, _ in DigitReader(by_ink, "reader", "").sweep()] == ["empty", "dot", "corner", "seven", False, True]
