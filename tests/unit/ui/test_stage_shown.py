"""Which picture the stage shows, and its words and places."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.look import Mix, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.source import Asset, Framing
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.store.frames import FrameStore
from imvar_studio.ui.frames import Frames, Pictured
from imvar_studio.ui.stage.framed import framed
from imvar_studio.ui.stage.ranges import next_keyframe, played, with_in, with_out
from imvar_studio.ui.stage.shown import (
    Glimpse,
    Kind,
    Place,
    Shown,
    choose,
    nearest_picture,
    words_of,
)
from imvar_studio.ui.stage.timecode import rate_text, timecode

if TYPE_CHECKING:
    from pathlib import Path

CAT, OWL = Asset("a" * 64), "an owl at night"
LINE = Timeline(
    (
        Keyframe("key-1", 0.0, (Weighted(Picture(CAT)),)),
        Keyframe("key-2", 2.0, (Weighted(Prompt(OWL)),)),
    )
)
DIGESTS = tuple(f"{n:064x}" for n in range(25))


@pytest.fixture
def frames(tmp_path: Path) -> Frames:
    """Frames 0 to 4 are there, 5 to 9 were in an earlier plan."""
    found, store = Frames(), FrameStore(tmp_path)
    old = tuple(f"{n + 1000:064x}" for n in range(25))
    found.plan(store, Pictured(old, frozenset(old[5:10]), count=25))
    found.plan(store, Pictured(DIGESTS, frozenset(DIGESTS[:5]), count=25))
    return found


def at(frame: int, frames: Frames, glimpse: Glimpse | None = None) -> Shown:
    return choose(Place(frame, frame / 12), LINE, frames, glimpse)


def test_rendered_then_stale_then_keyframe(frames: Frames) -> None:
    assert (at(3, frames).kind, at(3, frames).path) == (Kind.RENDERED, frames.path(3))
    assert (at(7, frames).kind, at(7, frames).path) == (Kind.STALE, frames.path(7))
    near = at(11, frames)
    assert (near.kind, near.asset, near.keyframe) == (Kind.PICTURE, CAT, 1)
    far = at(20, frames)
    assert (far.kind, far.text, far.keyframe) == (Kind.PROMPT, OWL, 2)


def test_a_preview_of_this_frame_goes_before_its_old_picture(frames: Frames) -> None:
    glimpse = Glimpse(DIGESTS[7], 7, 25)
    seen = at(7, frames, glimpse)
    assert (seen.kind, seen.glimpse, seen.preview_of) == (Kind.PREVIEW, glimpse, None)
    assert at(3, frames, Glimpse(DIGESTS[3], 7, 25)).kind == Kind.RENDERED


def test_a_preview_of_another_frame_is_shown_only_where_it_helps(frames: Frames) -> None:
    glimpse = Glimpse(DIGESTS[8], 7, 25)
    assert at(7, frames, glimpse).kind == Kind.STALE
    assert at(11, frames, glimpse).kind == Kind.PICTURE
    assert (at(20, frames, glimpse).kind, at(20, frames, glimpse).preview_of) == (Kind.PREVIEW, 8)
    frames.making(DIGESTS[7:9])  # rendered together
    assert (at(7, frames, glimpse).kind, at(7, frames, glimpse).preview_of) == (Kind.PREVIEW, 8)
    assert at(20, frames, Glimpse("f" * 64, 7, 25)).kind == Kind.PROMPT  # of another film


def test_a_preview_of_another_film_is_not_looked_for_frame_by_frame(frames: Frames) -> None:
    asked: list[int] = []
    digest = frames.digest
    frames.digest = lambda frame: asked.append(frame) or digest(frame)
    assert at(20, frames, Glimpse("f" * 64, 7, 25)).kind == Kind.PROMPT
    assert len(asked) <= 1


def test_a_file_that_cannot_be_read_is_as_none(frames: Frames) -> None:
    seen = choose(Place(3, 0.25), LINE, frames, None, lambda path: path != frames.path(3))
    assert seen.kind == Kind.PICTURE


def test_an_empty_film_and_an_empty_look(frames: Frames) -> None:
    assert choose(Place(0, 0.0), Timeline(), frames, None).kind == Kind.EMPTY
    bare = Timeline((Keyframe("key-1", 2.0, (Weighted(Nothing()),)),))
    assert choose(Place(20, 1.7), bare, frames, None).kind == Kind.NOTHING


def test_the_heaviest_look_speaks(frames: Frames) -> None:
    mix = Mix((Weighted(Prompt("a fox")), Weighted(Picture(CAT))))
    key = Keyframe("key-1", 0.0, (Weighted(Prompt(OWL), 1.0), Weighted(mix, 3.0)))
    assert words_of(key) == "a fox"
    assert nearest_picture(9.0, Timeline((key,))) == CAT
    assert nearest_picture(9.0, Timeline(LINE.keyframes[1:])) is None


def test_timecodes() -> None:
    twelve, film = Fraction(12), Fraction(24000, 1001)
    assert timecode(0, twelve) == "00:00:00"
    assert timecode(30, twelve) == "00:02:06"
    assert timecode(12 * 3600 + 12 * 65 + 11, twelve) == "1:01:05:11"
    assert [timecode(n, film) for n in (23, 24, 47, 48)] == [
        "00:00:23",
        "00:01:00",
        "00:01:23",
        "00:02:00",
    ]
    assert timecode(119, Fraction(120)) == "00:00:119"
    assert timecode(1, Fraction(1, 2)) == "00:02:00"
    assert [rate_text(rate) for rate in (twelve, film, Fraction(25, 2))] == ["12", "23.976", "12.5"]


def test_marks_stay_in_order() -> None:
    assert with_in(None, 10, 49) == (10, 48)
    assert with_in((5, 20), 10, 49) == (10, 20)
    assert with_in((5, 20), 30, 49) == (30, 48)
    assert with_in(None, 48, 49) == (47, 48)
    assert with_out(None, 10, 49) == (0, 10)
    assert with_out((20, 30), 10, 49) == (0, 10)
    assert with_out((20, 30), 40, 49) == (20, 40)
    assert with_out((0, 30), 48, 49) is None  # the whole film
    assert with_out(None, 0, 1) is None
    assert (played(None, 49), played((3, 9), 49), played(None, 0)) == ((0, 48), (3, 9), (0, 0))


def test_keyframes_are_found_both_ways() -> None:
    def go(frame: int, direction: int) -> int | None:
        return next_keyframe(LINE, Fraction(12), frame, direction)

    assert [go(0, 1), go(23, 1), go(24, 1)] == [24, 24, None]
    assert [go(0, -1), go(1, -1), go(24, -1), go(30, -1)] == [None, 0, 0, 24]


def test_sources_are_framed_as_the_render_frames_them() -> None:
    wide = (200.0, 100.0)
    assert framed(wide, (64, 64), Framing("fill")) == ((50, 0, 100, 100), (0, 0, 64, 64))
    assert framed(wide, (64, 64), Framing("fill", focus_x=0.0))[0] == (0, 0, 100, 100)
    assert framed(wide, (64, 64), Framing("fit")) == ((0, 0, 200, 100), (0, 16, 64, 32))
    assert framed(wide, (64, 64), Framing("crop", zoom=2.0))[0] == (75, 25, 50, 50)
