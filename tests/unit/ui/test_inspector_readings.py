"""What the inspector shows of a selection, without a window."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from imvar_studio.model.curve import Curve, CurvePoint, Easing
from imvar_studio.model.look import Edit, Mix, Nothing, Picture, Prompt, Scale, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Encode, InversionSpec, Inverted, Noise, Shifted
from imvar_studio.model.timeline import Keyframe, Marker, Timeline, Track, Transition
from imvar_studio.ui.inspector.dip_geometry import DipGraph
from imvar_studio.ui.inspector.film_reading import rules_of, summary_parts
from imvar_studio.ui.inspector.focus_geometry import fitted, kept, nudged
from imvar_studio.ui.inspector.readings import (
    MIXED,
    common,
    neighbours_differ,
    read_keyframes,
    read_starts,
)
from imvar_studio.ui.inspector.subjects import Subject, clock, read_transitions, subject_of
from imvar_studio.ui.inspector.track_reading import preset_values, read_points, with_preset
from imvar_studio.ui.inspector.words import look_words
from imvar_studio.ui.selection import Selection

CAT, FOX = Asset("a" * 64), Asset("b" * 64)
SETTINGS = FilmSettings(seed=9)


def at(time: float, look: Any, **fields: Any) -> Keyframe:
    return Keyframe(f"at-{time:g}", time, (Weighted(look),), **fields)


def read(*keys: Keyframe) -> Any:
    return read_keyframes(Timeline(keys), SETTINGS, {key.id for key in keys})


def starts(*keys: Keyframe) -> Any:
    return read_starts(Timeline(keys), SETTINGS, {key.id for key in keys})


def test_common() -> None:
    assert common([2, 2, 2]) == 2
    assert common([2, 3]) is MIXED
    with pytest.raises(ValueError, match="no values"):
        common([])


def test_one_prompt() -> None:
    found = read(at(0, Scale(Prompt("an owl"), 1.5), negative=Prompt("blur"), guidance=7.0))
    assert (found.kind, found.prompt, found.switchable) == ("prompt", "an owl", True)
    assert (found.strength, found.negative) == (1.5, "blur")
    assert (found.guidance, found.own_guidance) == (7.0, True)
    assert read_keyframes(Timeline(), SETTINGS, {"at-0"}) is None


def test_prompts_that_differ() -> None:
    found = read(at(0, Prompt("an owl")), at(1, Scale(Prompt("a fox"), 2), guidance=3.0))
    assert (found.kind, found.prompt, found.strength) == ("prompt", MIXED, MIXED)
    assert (found.negative, found.guidance) == ("", 3.0)  # its own is the film's
    assert found.own_guidance is MIXED


def test_pictures_and_other_kinds() -> None:
    found = read(at(0, Picture(CAT)), at(1, Picture(FOX)))
    assert (found.kind, found.picture, found.framing) == ("picture", MIXED, CAT.framing)
    mixed = read(at(0, Picture(CAT)), at(1, Prompt("an owl")))
    assert (mixed.kind, mixed.switchable, mixed.prompt, mixed.picture) == (MIXED, True, "", "")
    odd = read(at(0, Mix((Weighted(Picture(CAT)),)), negative=Picture(FOX)))
    assert (odd.kind, odd.switchable) == ("expression", False)
    assert (odd.negative, odd.negative_look) == (None, Picture(FOX))
    several = replace(at(0, Prompt("")), looks=(Weighted(Prompt("a")), Weighted(Prompt("b"))))
    assert read(several).kind == "ensemble"


def test_starts() -> None:
    film = starts(at(0, Prompt("an owl")))
    assert (film.seed, film.own_seed, film.inversions, film.other) == (9, False, (), False)
    own = starts(at(0, Prompt("an owl"), start=Noise(6)), at(1, Prompt("a fox")))
    assert (own.seed, own.own_seed) == (MIXED, MIXED)
    passing = starts(at(0, Picture(CAT)))
    assert (passing.passing, passing.seed, passing.inversions) == (True, None, (InversionSpec(),))
    noised = starts(at(0, Picture(CAT), start=Encode(CAT, 0.5, 4)))
    assert (noised.passing, noised.seed, noised.encoded) == (False, 4, 0.5)
    strong = starts(at(0, Scale(Picture(CAT), 2.0), start=Inverted(CAT)))
    assert (strong.passing, strong.blocked) == (False, True)
    both = starts(at(0, Picture(CAT)), at(1, Prompt("an owl")))
    assert (both.passing, both.inversions, both.seed, both.pictures) == (MIXED, (), None, False)
    fine = Inverted(FOX, InversionSpec(steps=50))
    two = starts(at(0, Picture(CAT)), at(1, Picture(FOX), start=fine), at(2, Picture(FOX)))
    assert two.inversions == (InversionSpec(), InversionSpec(steps=50))


def test_a_shift_is_not_edited_here_and_its_picture_is_not_shown_as_it_is() -> None:
    noise = starts(at(0, Prompt("an owl"), start=Shifted(Noise(6), 0.2)))
    assert (noise.seed, noise.other, noise.passing) == (6, True, False)
    moved = starts(at(0, Picture(CAT), start=Shifted(Inverted(CAT), 0.2)))
    assert (moved.passing, moved.blocked, moved.other) == (False, False, True)
    assert moved.inversions == (InversionSpec(),)
    noised = starts(at(0, Picture(CAT), start=Shifted(Encode(CAT, 0.5, 4), 0.2)))
    assert (noised.seed, noised.encoded, noised.other) == (4, 0.5, True)


def test_neighbours_on_other_grids() -> None:
    fine = Inverted(FOX, InversionSpec(steps=50))
    keys = (at(0, Picture(CAT)), at(1, Prompt("an owl")), at(2, Picture(FOX), start=fine))
    assert not neighbours_differ(Timeline(keys), {"at-0"})
    assert neighbours_differ(Timeline(keys, loop=True), {"at-0"})
    assert neighbours_differ(Timeline((keys[0], keys[2])), {"at-2"})
    shifted = at(2, Picture(FOX), start=Shifted(fine, 0.2))
    assert neighbours_differ(Timeline((keys[0], shifted)), {"at-2"})


def test_what_is_inspected() -> None:
    keys = (at(0, Prompt("a")), at(1, Prompt("b")))
    timeline = Timeline(keys, markers=(Marker(0.5, "beat"),))
    assert subject_of(Selection(), timeline) == Subject()
    assert subject_of(Selection(marker=0.5), timeline).kind == "marker"
    assert subject_of(Selection(transition="at-0"), timeline).kind == "transition"
    assert subject_of(Selection(transition="at-1"), timeline).kind == "film"  # leads nowhere
    looped = replace(timeline, loop=True)
    assert subject_of(Selection(transition="at-1"), looped).kind == "transition"


def test_transitions() -> None:
    arc = Transition(Easing("hold"), "slerp")
    keys = (at(0, Prompt("a"), transition=arc), at(1, Prompt("b")), at(2, Prompt("c")))
    single = read_transitions(Timeline(keys), {"at-0"})
    assert single is not None
    assert (single.first, single.second, single.condition) == (1, 2, "slerp")
    both = read_transitions(Timeline(keys), {"at-0", "at-1", "at-2"})
    assert both is not None
    assert (both.second, both.easing, both.condition, both.latent) == (0, MIXED, MIXED, "slerp")
    assert read_transitions(Timeline(keys), {"at-2"}) is None
    back = read_transitions(Timeline(keys, loop=True), {"at-2"})
    assert back is not None
    assert (back.first, back.second) == (3, 1)


@pytest.mark.parametrize(
    ("frame", "fps", "told"),
    [
        (48, 12, "00:04:00"),
        (30, 12, "00:02:06"),
        (12 * 61, 12, "01:01:00"),
        (24, Fraction(24000, 1001), "00:01:00"),
        (23, Fraction(24000, 1001), "00:00:23"),
    ],
)
def test_the_clock(frame: int, fps: Any, told: str) -> None:
    assert clock(frame, Fraction(fps)) == told


def test_the_film_in_short_and_its_rules() -> None:
    film = FilmWork("f", settings=FilmSettings(Size(512, 288), Fraction(30000, 1001), 25))
    parts = summary_parts(film, "DDIM", "starter")
    assert parts == ("512 \N{MULTIPLICATION SIGN} 288 px", "29.97 fps", "DDIM 25", "starter")
    assert not rules_of(film).has_eta
    noisy = replace(film, settings=replace(film.settings, sampler="euler-ancestral"))
    assert (rules_of(noisy).adds_noise, rules_of(noisy).can_walk) == (True, False)
    pictured = replace(film, timeline=Timeline((at(0, Picture(CAT)),)))
    assert rules_of(pictured).passes_pictures


def test_points_of_a_track() -> None:
    track = Track("eta", Curve((CurvePoint(0, 0.5), CurvePoint(1, 0.5), CurvePoint(2, 1))))
    both = read_points(track, {0, 1})
    assert both is not None
    assert (both.count, both.time, both.value, both.easing) == (2, MIXED, 0.5, Easing())
    last = read_points(track, {2})
    assert last is not None
    assert (last.time, last.value, last.easing) == (2.0, 1.0, None)
    assert read_points(track, {7}) is None


def test_presets_keep_a_tracks_own_values() -> None:
    def flat(parameter: str, value: float) -> Track:
        return Track(parameter, Curve((CurvePoint(0, value),)))

    assert preset_values(flat("guidance", 7), SETTINGS) == (7.0, 3.0)
    assert preset_values(flat("guidance", 3), SETTINGS) == (3.0, 25.0)
    assert preset_values(flat("edit-amount", 0), SETTINGS) == (0.0, 2.0)
    timeline = Timeline(tracks=(flat("eta", 0.5),))
    made = with_preset("eta", "change", 4.0, SETTINGS)(timeline).track("eta")
    assert made is not None
    assert [(p.time, p.value) for p in made.curve.points] == [(0.0, 0.5), (4.0, 0.0)]
    assert with_preset("jitter", "change", 4.0, SETTINGS)(timeline) is timeline


def test_looks_in_words() -> None:
    names = {CAT.sha: "cat.jpg", FOX.sha: "fox.png"}

    def words(look: Any) -> str:
        return look_words(look, names.__getitem__)

    parts = (Weighted(Picture(CAT)), Weighted(Prompt("snow")), Weighted(Picture(FOX)))
    assert words(Scale(Mix(parts), 2.0)) == "Mix of cat.jpg, “snow” and fox.png"
    assert words(Edit(Picture(CAT), "day", "night", 1.0)) == "cat.jpg, from “day” to “night”"
    assert words(Prompt("word " * 30)) == f"“{'word ' * 11}word…”"
    assert (words(Prompt(" ")), words(Nothing())) == ("Empty prompt", "Nothing")


def test_the_focus_point() -> None:
    placed = fitted((276, 132), (400, 200))
    assert (placed.left, placed.top, placed.width, placed.height) == (6, 0, 264, 132)
    assert placed.point(0.5, 0.5) == (138, 66)
    assert placed.fraction(138, 33) == (0.5, 0.25)
    assert placed.fraction(-20, 900) == (0.0, 1.0)
    assert nudged((0.5, 0.995), 1, 1) == (0.51, 1.0)
    assert kept((400, 200), (1, 1), (0.0, 0.5), 1.0) == (0.0, 0.0, 0.5, 1.0)
    assert kept((400, 200), (1, 1), (0.5, 0.5), 2.0) == (0.375, 0.25, 0.25, 0.5)


def test_the_graph_of_the_dip() -> None:
    graph = DipGraph(((-2.0, 3.0), (0.0, 1.0), (2.0, 4.0)), 10, 20, 100, 40)
    assert graph.points() == [(10, 30), (60, 50), (110, 20)]
    assert (graph.keyframe(), graph.floor(), graph.highest) == ((60, 50), 50, 4.0)
