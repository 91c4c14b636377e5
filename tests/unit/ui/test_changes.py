"""What differs between two states of a project, in words."""

from __future__ import annotations

from dataclasses import replace

from imvar_studio.model.keyframe_edits import move, remove, set_looks
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import AssetEntry, FilmSettings, FilmWork, Project
from imvar_studio.model.timeline import Keyframe, Marker, Timeline
from imvar_studio.model.timeline_edits import put_marker
from imvar_studio.ui.changes import differences


def film(*times: float) -> FilmWork:
    keys = tuple(
        Keyframe(f"key-{n}", time, (Weighted(Prompt(f"a {n}")),)) for n, time in enumerate(times)
    )
    return FilmWork("film-1", "Night", Timeline(keys))


def test_keyframes_are_counted_by_what_became_of_them() -> None:
    before = film(0, 1, 2, 3)
    line = remove(before.timeline, {"key-3"})
    line = move(line, {"key-2"}, 0.5)
    line = set_looks(line, {"key-0"}, (Weighted(Prompt("an owl")),))
    line = put_marker(line, Marker(1.0, "beat"))
    after = replace(before, timeline=line, settings=FilmSettings(steps=20))
    assert differences(Project((before,)), Project((after,))) == (
        "Night: 1 keyframe deleted",
        "Night: 1 keyframe moved",
        "Night: 1 keyframe changed",
        "Night: markers changed",
        "Night: settings changed",
    )


def test_films_and_media_that_come_and_go_are_named() -> None:
    asset = AssetEntry("a" * 64, ".png", "cat.png")
    before, after = Project((film(0),)), Project((replace(film(0), id="film-2"),), (asset,))
    assert differences(before, after) == (
        "the film “Night” is new",
        "the film “Night” is gone",
        "1 more media file",
    )
    assert differences(before, before) == ("nothing that is shown here",)
