"""What the library lists, and where things are used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Edit, Mix, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.project import AssetEntry, Audio, FilmWork, Project, UnknownWork
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Inverted
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.ui.library.entries import (
    look_cards,
    minutes,
    pictures,
    rename,
    shown_name,
    uses,
    where,
    without,
)
from imvar_studio.ui.library.grid_geometry import cell_for

FOX, OWL, SONG, FREE = ("ab" * 32, "cd" * 32, "ef" * 32, "12" * 32)


def film(name: str, *keys: Keyframe, audio: Audio | None = None) -> FilmWork:
    return FilmWork(name.lower(), name, Timeline(keys), audio=audio)


def shows(number: int, time: float, *looks: object) -> Keyframe:
    return Keyframe(f"key-{number}", time, tuple(Weighted(look) for look in looks))  # type: ignore[arg-type]


@pytest.fixture
def project() -> Project:
    mixed = Mix((Weighted(Prompt("a boat")), Weighted(Picture(Asset(OWL)))))
    night = film(
        "Night",
        shows(1, 0.0, Picture(Asset(FOX))),
        shows(2, 2.5, Prompt("an owl"), Edit(Nothing(), "day", "night", 1.0)),
        replace(shows(3, 62.0, Prompt("an owl")), start=Inverted(Asset(FOX))),
        audio=Audio(SONG),
    )
    day = film("Day", shows(1, 1.0, mixed), shows(2, 3.0, Prompt("  ")))
    other = UnknownWork("zoom", f'{{"kind": "zoom-work", "id": "zoom", "tile": "{FREE}"}}')
    entries = (
        AssetEntry(FOX, ".png", "Fox.PNG"),
        AssetEntry(OWL, ".jpg", "owl at night"),
        AssetEntry(SONG, ".wav", "song.wav"),
        AssetEntry(FREE, ".png", "tile.png"),
    )
    return Project((night, day, other), entries)


def test_pictures_are_listed_by_name_and_sounds_are_not(project: Project) -> None:
    assert [shown_name(entry) for entry in pictures(project)] == ["Fox", "owl at night", "tile"]
    assert [entry.sha for entry in pictures(project, "NIGHT owl")] == [OWL]
    assert pictures(project, "png") == ()


def test_each_text_is_one_card_with_all_its_places(project: Project) -> None:
    cards = {card.text: card for card in look_cards(project)}
    assert list(cards) == ["an owl", "night", "a boat"]
    assert [use.keyframe for use in cards["an owl"].uses] == ["key-2", "key-3"]
    assert cards["a boat"].films == ("day",)
    assert [card.text for card in look_cards(project, "OW")] == ["an owl"]


def test_every_use_is_found(project: Project) -> None:
    assert where(uses(project, [FOX])) == "in Night at 0:00 and 1:02"
    assert where(uses(project, [OWL])) == "in Day at 0:01"
    assert where(uses(project, [SONG])) == "in Night"
    assert where(uses(project, [FREE])) == "in zoom"
    assert where(uses(project, [FOX, OWL])) == "in Night at 0:00 and 1:02, and in Day at 0:01"
    assert uses(project, ["34" * 32]) == ()


def test_many_places_are_counted() -> None:
    keys = [shows(n, float(n), Prompt("a bat")) for n in range(9)]
    (card,) = look_cards(Project((film("Bats", *keys),)))
    assert where(card.uses) == "in Bats at 0:00, 0:01, 0:02 and 6 other times"


def test_what_is_used_stays(project: Project) -> None:
    with pytest.raises(SpecError, match="Fox is used in Night at 0:00 and 1:02"):
        without(project, frozenset((FOX, FREE)))
    bare = replace(project, works=project.works[1:2])
    assert [entry.sha for entry in without(bare, frozenset((FOX, FREE))).assets] == [OWL, SONG]
    assert without(bare, frozenset()) is bare


def test_a_name_keeps_the_ending_of_its_file(project: Project) -> None:
    assert rename(project, FREE, " brick  wall ").assets[3].name == "brick wall.png"
    assert rename(project, OWL, "Eule").assets[1].name == "Eule"
    assert rename(project, FREE, "tile") is project
    with pytest.raises(SpecError, match="needs a name"):
        rename(project, FREE, "  ")


@pytest.mark.parametrize(
    ("time", "text"), [(0, "0:00"), (62, "1:02"), (2.5, "0:02.5"), (599.96, "10:00")]
)
def test_times_are_minutes_and_seconds(time: float, text: str) -> None:
    assert minutes(time) == text


@pytest.mark.parametrize(("width", "columns"), [(60, 1), (209, 2), (300, 3), (2000, 20)])
def test_as_many_columns_as_fit(width: int, columns: int) -> None:
    cell = cell_for(width)
    assert cell.columns == columns
    assert cell.columns * cell.width <= width
    assert cell.height - cell.side == 19
