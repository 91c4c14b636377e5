"""Where the picture lies on the stage."""

from __future__ import annotations

import pytest

from imvar_studio.ui.stage.view import (
    BAR,
    MARGIN,
    Room,
    View,
    is_smooth,
    next_zoom,
    panned,
    place,
    scale_of,
    zoomed,
)

ROOM = Room(1073, 540)
SQUARE = (512.0, 512.0)


def test_a_square_picture_has_the_same_air_above_and_below() -> None:
    left, top, width, height = place(View(), ROOM, SQUARE)
    assert (top, width, height) == (MARGIN, 540 - 2 * MARGIN, 540 - 2 * MARGIN)
    assert left + width / 2 == pytest.approx(1073 / 2, abs=1)


def test_a_wide_picture_goes_below_the_words() -> None:
    left, top, width, height = place(View(), ROOM, (1920.0, 1080.0))
    assert top >= BAR
    assert top + height <= 540 - MARGIN
    assert left >= MARGIN
    assert width / height == pytest.approx(16 / 9, abs=0.01)


def test_the_whole_screen_has_no_air() -> None:
    assert place(View(), Room(800, 600, bar=False), (400.0, 300.0)) == (0, 0, 800, 600)


def test_a_small_picture_is_made_larger_to_fit() -> None:
    assert scale_of(View(), ROOM, (64.0, 64.0)) == (540 - 2 * MARGIN) / 64


def test_100_per_cent_is_a_px_a_pixel_on_whole_device_pixels() -> None:
    left, top, width, height = place(View(1.0), ROOM, SQUARE, ratio=2.0)
    assert (width, height) == SQUARE
    assert (left * 2, top * 2) == (round(left * 2), round(top * 2))


def test_zooming_keeps_the_point_under_the_pointer() -> None:
    at, view = (700.0, 200.0), View()
    for zoom in (1.0, 3.7, 8.0, 2.0):
        before = place(view, ROOM, SQUARE)
        point = ((at[0] - before[0]) / before[2], (at[1] - before[1]) / before[3])
        view = zoomed(view, zoom, at, ROOM, SQUARE)
        after = place(view, ROOM, SQUARE)
        there = (after[0] + point[0] * after[2], after[1] + point[1] * after[3])
        assert there == pytest.approx(at, abs=1.5)  # of rounding to pixels
        assert after[2] == pytest.approx(512 * zoom, abs=1)


def test_zoom_has_its_limits() -> None:
    assert zoomed(View(), 1000.0, (0, 0), ROOM, SQUARE).zoom == 32
    assert zoomed(View(), 0.0001, (0, 0), ROOM, SQUARE).zoom == 0.05


def test_moving_follows_the_pointer_and_keeps_the_picture_in_sight() -> None:
    view = View(2.0)
    before, after = (place(each, ROOM, SQUARE) for each in (view, panned(view, (30, -20), SQUARE)))
    assert (after[0] - before[0], after[1] - before[1]) == (30, -20)
    assert panned(view, (1e6, -1e6), SQUARE).centre == (0, 1)
    assert panned(View(), (30, 20), SQUARE) == View()


def test_steps_of_zoom() -> None:
    assert [next_zoom(scale, 1) for scale in (0.96, 1.0, 31.0, 32.0)] == [1.0, 1.5, 32.0, 32.0]
    assert [next_zoom(scale, -1) for scale in (0.96, 1.0, 0.06, 0.05)] == [0.75, 0.75, 0.05, 0.05]


def test_pixels_are_seen_as_such_where_they_are_large() -> None:
    assert is_smooth(View(1.5), 1.5)
    assert is_smooth(View(0.5), 0.5)
    assert not is_smooth(View(1.0), 1.0)
    assert not is_smooth(View(4.0), 4.0)
    assert not is_smooth(View(2.5), 2.5)
    assert is_smooth(View(), 3.7)  # a fitted film is watched, not counted
