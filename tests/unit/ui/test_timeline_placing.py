"""Where keyframes may go on the timeline."""

from __future__ import annotations

from fractions import Fraction

import pytest

from imvar_studio.ui.timeline.placing import (
    copy_delta,
    end_at,
    free_delta,
    place_new,
    ripple_delta,
    step_delta,
)
from tests.unit.ui.timelines import film, key

FPS = Fraction(12)


def test_moves_go_to_the_nearest_free_frame() -> None:
    timeline = film(0, 1, 2)
    assert free_delta(timeline, {"key-2"}, 0.5, FPS) == 0.5
    assert abs(free_delta(timeline, {"key-2"}, 1.0, FPS) - 1.0) == pytest.approx(1 / 12)
    assert free_delta(timeline, {"key-2"}, -5.0, FPS) == pytest.approx(-11 / 12)
    assert free_delta(timeline, {"key-1", "key-2", "key-3"}, -3.0, FPS) == 0.0
    short = film(0, 1, 2, duration=3.0)
    assert free_delta(short, {"key-3"}, 9.0, FPS) == 1.0
    assert free_delta(timeline, {"key-2"}, 0.0, FPS, copies=True) == pytest.approx(1 / 12)


def test_nudges_pass_what_is_in_the_way() -> None:
    timeline = film(0, 1 / 12, 2 / 12, 2)
    assert step_delta(timeline, {"key-1"}, 1, FPS) == pytest.approx(3 / 12)
    assert step_delta(timeline, {"key-1"}, -1, FPS) == 0.0
    assert step_delta(timeline, {"key-4"}, -1, FPS) == pytest.approx(-1 / 12)
    assert step_delta(film(0.04), {"key-1"}, 1, FPS) == pytest.approx(1 / 12 - 0.04)


def test_ripples_keep_off_the_keyframe_before() -> None:
    timeline = film(0, 1, 2)
    assert ripple_delta(timeline, 1.0, 0.7, FPS) == 0.7
    assert ripple_delta(timeline, 1.0, -5.0, FPS) == pytest.approx(-11 / 12)
    assert ripple_delta(timeline, 0.0, -5.0, FPS) == 0.0


def test_copies_lie_a_second_behind() -> None:
    assert copy_delta(film(0, 1, 5), {"key-1", "key-2"}, FPS) == 2.0
    assert copy_delta(film(0, 1, 2), {"key-1", "key-2"}, FPS) == pytest.approx(2 + 1 / 12)


def test_new_keyframes_find_a_frame_and_lengthen_the_film() -> None:
    timeline, ids = place_new(film(0, 2, duration=3.0), [key("a", 2.0), key("b", 4.0)], FPS)
    assert [k.time for k in timeline.keyframes] == pytest.approx([0, 2, 2 + 1 / 12, 4])
    assert timeline.duration == pytest.approx(4 + 1 / 12)
    assert [k.id for k in timeline.keyframes][2:] == list(ids)


def test_a_film_ends_on_a_frame_behind_its_last_keyframe() -> None:
    assert end_at(film(0, 2), 5.0, FPS).duration == 5.0
    assert end_at(film(0, 2, duration=5.0), 1.0, FPS).duration is None
    assert end_at(film(0, 2, loop=True), 1.0, FPS).duration == pytest.approx(2 + 1 / 12)
