"""Which frames are rendered: states, pictures that are shown meanwhile, summaries."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from imvar_studio.store.frames import FrameStore
from imvar_studio.ui.frames import Earlier, Frames, FrameState, Pictured, arrange

if TYPE_CHECKING:
    from pathlib import Path

R, M, S, G, F = (
    FrameState.RENDERED,
    FrameState.MISSING,
    FrameState.STALE,
    FrameState.RENDERING,
    FrameState.FAILED,
)
A, B, C, D, E = (letter * 64 for letter in "abcde")


def states(frames: Frames) -> list[FrameState]:
    return [frames.state(n) for n in range(frames.count)]


def planned(tmp_path: Path, names: tuple[str, ...], there: str = "") -> Frames:
    frames = Frames()
    frames.plan(
        FrameStore(tmp_path),
        Pictured(names, frozenset(letter * 64 for letter in there), Fraction(12), len(names)),
    )
    return frames


def test_a_render_is_followed_frame_by_frame(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, B, C))
    heard: list[tuple[int, int]] = []
    frames.changed.connect(lambda first, last: heard.append((first, last)))
    assert states(frames) == [M, M, M, M]
    frames.making([A, B])
    assert states(frames) == [G, G, G, M]
    frames.made(A)
    frames.made(B)
    assert states(frames) == [R, R, R, M]
    assert heard == [(0, 2), (0, 0), (1, 2)]
    assert frames.path(2) == FrameStore(tmp_path).path(B)
    assert (frames.path(3), frames.rendered, frames.is_complete) == (None, 3, False)
    frames.making([C])
    frames.stopped(failed=True)
    assert frames.state(3) == F
    frames.forgive()
    assert frames.state(3) == M
    frames.made(C)
    assert frames.is_complete


def test_a_frame_that_changed_shows_its_old_picture(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, C), there="abc")
    frames.plan(FrameStore(tmp_path), Pictured((A, D, E), frozenset({A}), Fraction(12), 3))
    assert states(frames) == [R, S, S]
    assert frames.path(1) == FrameStore(tmp_path).path(B)
    frames.made(D)
    assert states(frames) == [R, R, S]
    assert frames.path(1) == FrameStore(tmp_path).path(D)
    # back again: what was there is there
    frames.plan(FrameStore(tmp_path), Pictured((A, B, C), frozenset({A, B, C}), Fraction(12), 3))
    assert states(frames) == [R, R, R]


def test_an_old_picture_is_found_by_its_time_where_the_rate_changes(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, C, D), there="abcd")
    new = tuple(f"{n:064x}" for n in range(8))
    frames.plan(FrameStore(tmp_path), Pictured(new, frozenset(), Fraction(24), 8))
    names = [frames.path(n) for n in range(8)]
    assert names == [FrameStore(tmp_path).path(x) for x in (A, A, B, B, C, C, D, D)]


def test_an_earlier_take_is_shown_as_stale(tmp_path: Path) -> None:
    frames = Frames()
    film = Pictured((D, E, C), frozenset(), Fraction(12), 3)
    frames.take(FrameStore(tmp_path), arrange(film, Earlier((A, "", C), Fraction(12))))
    assert states(frames) == [S, M, S]


def test_what_is_made_while_the_film_is_planned_anew_is_there(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B))
    earlier = frames.earlier()
    film = arrange(Pictured((A, D), frozenset(), Fraction(12), 2), earlier)
    frames.made(A)
    frames.making([D])
    frames.take(FrameStore(tmp_path), film)
    assert states(frames) == [R, G]
    assert frames.first_of(D) == 1
    assert frames.first_of(B) is None


def test_a_failed_frame_stays_failed_until_it_is_tried_anew(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B))
    frames.making([B])
    frames.stopped(failed=True)
    frames.plan(FrameStore(tmp_path), Pictured((D, B), frozenset(), Fraction(12), 2))
    assert states(frames) == [M, F]
    assert frames.nearest_missing(1) == 0


def test_a_film_with_a_problem_keeps_its_length_and_its_old_pictures(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B), there="ab")
    frames.plan(
        FrameStore(tmp_path), Pictured((), frozenset(), Fraction(12), 3, "two on one frame")
    )
    assert (states(frames), frames.problem) == ([S, S, M], "two on one frame")


def test_what_is_being_made_stays_so_when_the_film_is_planned_anew(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, C))
    frames.making([B, C])
    frames.plan(FrameStore(tmp_path), Pictured((A, B, D), frozenset(), Fraction(12), 3))
    assert states(frames) == [M, G, M]


def test_a_summary_shows_the_worst_of_each_part(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, C, D), there="ab")
    frames.making([D])
    assert list(frames.summary(0, 3, 2)) == [R, G]
    assert list(frames.summary(0, 1, 4)) == [R, R, R, R]
    assert list(frames.summary(0, 3, 4)) == states(frames) == [R, R, M, G]


def test_the_nearest_frame_to_be_rendered_is_found(tmp_path: Path) -> None:
    frames = planned(tmp_path, (A, B, C, D, E), there="bcd")
    assert frames.nearest_missing(3) == 4
    assert frames.nearest_missing(1) == 0
    frames.made(A)
    frames.made(E)
    assert frames.nearest_missing(2) is None
