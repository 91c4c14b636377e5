"""Drags that go on while the timeline changes; noisy curves as lines."""

from __future__ import annotations

from dataclasses import replace

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.keyframe_edits import move
from imvar_studio.model.timeline import Marker, Timeline, Track
from imvar_studio.model.timeline_edits import move_marker
from imvar_studio.ui.timeline.curves import STEP, curve_line, line_columns
from imvar_studio.ui.timeline.geometry import Lane, View
from imvar_studio.ui.timeline.rebasing import rebased
from tests.unit.ui.timelines import key

BASE = Timeline((key("key-1", 0.0), key("key-2", 2.0)), markers=(Marker(1.0),))
TRACK = Track("eta", Curve((CurvePoint(0.0, 0.5),)))


def test_what_others_added_stays_and_the_drag_begins_where_it_did() -> None:
    made = move(BASE, {"key-2"}, 1.0)
    now = replace(made, keyframes=(*made.keyframes, key("key-3", 9.0)), tracks=(TRACK,), loop=True)
    found = rebased(BASE, made, now)
    assert found == replace(
        BASE, keyframes=(*BASE.keyframes, key("key-3", 9.0)), tracks=(TRACK,), loop=True
    )
    assert rebased(BASE, made, made) is BASE


def test_what_others_changed_or_took_away_is_as_they_left_it() -> None:
    made = move(BASE, {"key-2"}, 1.0)
    other = key("key-2", 3.0, "a fox")
    assert rebased(BASE, made, replace(made, keyframes=(other,))) == replace(
        BASE, keyframes=(other,)
    )


def test_what_the_drag_made_is_not_in_its_beginning() -> None:
    made = move_marker(BASE, 1.0, 3.0)
    now = replace(made, keyframes=(), markers=(Marker(3.0), Marker(4.0)))
    assert rebased(BASE, made, now) == Timeline(markers=(Marker(1.0), Marker(4.0)))


def test_a_time_that_was_taken_meanwhile_ends_the_drag() -> None:
    made = move(BASE, {"key-2"}, 1.0)
    now = replace(made, keyframes=(made.keyframes[0], key("key-3", 2.0), made.keyframes[1]))
    assert rebased(BASE, made, now) is None


def noisy(count: int) -> Track:
    values = (((7919 * n) % 101) / 101 for n in range(count))
    return Track("eta", Curve(tuple(CurvePoint(n * 10 / count, v) for n, v in enumerate(values))))


LANE = Lane("eta", 0.0, 62.0, 0.0, 1.0)


def test_a_noisy_curve_shows_its_extremes_with_two_samples_a_column() -> None:
    view = View(0.0, 80.0, 872)
    values = [point.value for point in noisy(20_000).curve.points]
    line = curve_line(noisy(20_000), LANE, view, 0, 872)
    assert len(line) <= 872 // STEP * 2 + 4
    assert min(y for _, y in line) == LANE.y(max(values))
    assert max(y for _, y in line) == LANE.y(min(values))
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    column = [values[n] for n in range(20_000) if 400 <= view.x(n / 2000) < 400 + STEP]
    here = {round(y, 6) for x, y in line if 400 <= x < 400 + STEP}
    assert here == {round(LANE.y(v), 6) for v in (min(column), max(column))}


def test_a_crowded_curve_goes_through_its_points() -> None:
    view = View(0.0, 80.0, 872)
    points = noisy(300).curve.points
    line = curve_line(noisy(300), LANE, view, 0, 872)
    assert {(view.x(p.time), LANE.y(p.value)) for p in points} <= set(line)
    assert (line[0], line[-1]) == (
        (0, LANE.y(points[0].value)),
        (872, LANE.y(points[-1].value)),
    )


def test_columns_hold_the_line() -> None:
    line = [(0.0, 40.0), (4.0, 20.0), (8.0, 20.0), (9.0, 5.0), (20.0, 49.0)]
    columns = line_columns(line, 0, 12)
    assert [top for top, _ in columns] == [40.0, 30.0, 20.0, 20.0, 5.0, 9.0]
    assert [low for _, low in columns] == [40.0, 30.0, 20.0, 20.0, 20.0, 9.0]
