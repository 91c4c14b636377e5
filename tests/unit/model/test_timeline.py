"""What holds between the parts of a timeline, of an ensemble, of a project."""

from __future__ import annotations

import math

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing, constant
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Join, Mix, Nothing, Prompt, Weighted
from imvar_studio.model.project import AssetEntry, FilmWork, Project, UnknownWork
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Size
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import TRACK_RANGES, Keyframe, Timeline, Track

SHA = "ab" * 32
LOOKS = (Weighted(Prompt("an owl")),)


def key(time: float, name: str | None = None) -> Keyframe:
    return Keyframe(name or f"key-{time:g}", time, LOOKS)


@pytest.mark.parametrize(
    ("times", "shown"), [((1, 0.5), "0.5 s after 1 s"), ((0, 2, 2), "2 s after 2 s")]
)
def test_keyframe_times_rise(times: tuple[float, ...], shown: str) -> None:
    keys = tuple(key(time, f"key-{i}") for i, time in enumerate(times))
    with pytest.raises(SpecError, match=f"^keyframe times must rise, got {shown}$"):
        Timeline(keys)


def test_names_of_keyframes_and_tracks_are_unique() -> None:
    with pytest.raises(SpecError, match=r"^keyframe id 'a' is there twice$"):
        Timeline((key(0, "a"), key(1, "a")))
    track = Track("guidance", constant(2))
    with pytest.raises(SpecError, match=r"^track 'guidance' is there twice$"):
        Timeline(tracks=(track, track))


def test_how_many_keyframes() -> None:
    keys = tuple(key(i / 8, f"key-{i}") for i in range(10_001))
    assert len(Timeline(keys[:-1]).keyframes) == 10_000
    with pytest.raises(SpecError, match=r"^keyframes must number at most 10000$"):
        Timeline(keys)


@pytest.mark.parametrize(("loop", "duration"), [(False, 1.9), (True, 1.9), (True, 2.0)])
def test_a_duration_before_the_last_keyframe(loop: bool, duration: float) -> None:
    expected = f"^duration must be after the last keyframe at 2 s, got {duration:g} s$"
    with pytest.raises(SpecError, match=expected):
        Timeline((key(0), key(2)), duration=duration, loop=loop)


def test_a_film_may_end_on_its_last_keyframe() -> None:
    assert Timeline((key(0), key(2)), duration=2).duration == 2


@pytest.mark.parametrize("parameter", TRACK_RANGES)
def test_a_track_keeps_to_its_parameter(parameter: str) -> None:
    low, high = TRACK_RANGES[parameter]
    shown = f"track {parameter} must be in \\[{low:g}, {high:g}\\], got"
    for value in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
        with pytest.raises(SpecError, match=shown):
            Track(parameter, Curve((CurvePoint(0, low), CurvePoint(1, value))))
    steep = Curve((CurvePoint(0, low, Easing("back-in-out")), CurvePoint(1, high)))
    track = Track(parameter, steep)
    assert [track.at(time) for time in (0.1, 0.9)] == [low, high]
    assert steep.at(0.1) < low
    assert steep.at(0.9) > high


def test_no_nan_in_a_track() -> None:
    with pytest.raises(SpecError, match=r"curve value must be in .* got nan"):
        Track("guidance", Curve((CurvePoint(0, math.nan),)))


def test_a_track_by_its_parameter() -> None:
    track = Track("guidance", constant(2))
    assert Timeline(tracks=(track,)).track("guidance") is track
    assert Timeline(tracks=(track,)).track("eta") is None


PARTS = {
    "mix": Mix,
    "ensemble": lambda parts: Recipe(ModelRef("m", SHA), parts, Noise(0), Size(64, 64)),
    "keyframe looks": lambda parts: Keyframe("key", 0, parts),
}


@pytest.mark.parametrize("name", PARTS)
def test_how_many_looks_and_weights(name: str) -> None:
    make, look = PARTS[name], Prompt("an owl")
    for count in (0, 9):
        with pytest.raises(SpecError, match=f"^{name} must hold 1 to 8 looks, got {count}$"):
            make((Weighted(look),) * count)
    with pytest.raises(SpecError, match=f"^{name} weights must not all be 0$"):
        make((Weighted(look, 0), Weighted(Nothing(), 0)))
    for parts in ((Weighted(look, 1e-9),), (Weighted(look, 0),) * 7 + (Weighted(look),)):
        make(parts)


@pytest.mark.parametrize("count", [0, 9])
def test_how_many_looks_side_by_side(count: int) -> None:
    with pytest.raises(SpecError, match=f"^join must hold 1 to 8 looks, got {count}$"):
        Join((Nothing(),) * count)


def test_names_in_a_project_are_unique() -> None:
    with pytest.raises(SpecError, match=r"^work id 'film' is there twice$"):
        Project((FilmWork("film"), UnknownWork("film", "{}")))
    entry = AssetEntry(SHA, ".png", "owl.png")
    with pytest.raises(SpecError, match=f"^asset '{SHA}' is there twice$"):
        Project(assets=(entry, entry))


@pytest.mark.parametrize(
    ("size", "multiple", "padded"),
    [((256, 192), 64, "256x192"), ((257, 100), 32, "288x128"), ((64, 65), 8, "64x72")],
)
def test_a_size_is_padded_up(size: tuple[int, int], multiple: int, padded: str) -> None:
    assert str(Size(*size).padded(multiple)) == padded
