"""How values stand in files: what is left out, what is kept, what is refused and where."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model import codec
from imvar_studio.model.codec import DEEPEST, decode, encode, kind_of
from imvar_studio.model.errors import FormatError
from imvar_studio.model.look import Look, Nothing, Prompt, Scale, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.source import Asset, Framing, Region, Size
from imvar_studio.model.start import Encode
from imvar_studio.model.timeline import Keyframe, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

SHA = "ab" * 32
PROMPT = {"kind": "prompt", "text": "an owl"}
KEY = {"id": "key-1", "time": 0.5, "looks": [{"look": PROMPT}]}


def film(**fields: object) -> dict[str, Any]:
    return {"works": [{"kind": "film-work", "id": "film", **fields}]}


def with_key(**fields: object) -> dict[str, Any]:
    return film(timeline={"keyframes": [KEY, {**KEY, "id": "key-2", "time": 1, **fields}]})


def nested(levels: int) -> dict[str, Any]:
    look: dict[str, Any] = PROMPT
    for _ in range(levels):
        look = {"kind": "scale", "look": look, "factor": 1}
    return look


def test_what_a_keyframe_is_in_a_file() -> None:
    looks = (Weighted(Prompt("an owl"), 2), Weighted(Nothing()))
    key = Keyframe("key-1", 2, looks, Encode(Asset(SHA), 0.5, 7), guidance=2.5)
    assert encode(key) == {
        "id": "key-1",
        "time": 2.0,
        "looks": [
            {"look": {"kind": "prompt", "text": "an owl"}, "weight": 2.0},
            {"look": {"kind": "nothing"}},
        ],
        "start": {"kind": "encode", "source": {"kind": "asset", "sha": SHA}, "strength": 0.5,
                  "seed": 7},
        "guidance": 2.5,
    }  # fmt: skip


def test_names_of_kinds() -> None:
    assert [kind_of(cls) for cls in (FilmWork, Asset, Region)] == ["film-work", "asset", "region"]


def test_fields_at_their_default_are_left_out(classes: set[type], make: Callable[..., Any]) -> None:
    for cls in classes:
        needed = {f.name for f in dataclasses.fields(cls) if codec._default(f) is codec._MISSING}
        value = make(cls)
        explicit = {f.name: getattr(value, f.name) for f in dataclasses.fields(cls)}
        assert set(encode(value)) == needed
        assert encode(cls(**explicit)) == encode(value)


def test_a_default_given_as_another_value_is_left_out() -> None:
    settings = FilmSettings(size=Size(256, 256), guidance=3, eta=-0.0)
    assert encode(FilmWork("film", settings=settings)) == {"id": "film"}
    assert encode(Asset(SHA, Framing(background="#FFFFFF"))) == {"sha": SHA}


def test_an_unknown_kind_of_work_is_kept_word_for_word() -> None:
    strange = {
        "levels": [1, 2.5, 1e-7, None, {"b": [], "a": 10**30}],
        "kind": "zoom-work",
        "Größe": "Straße 梟 e\u0301",
        "id": "zoom",
    }
    data = {"works": [{"kind": "film-work", "id": "film"}, strange]}
    text = json.dumps(data, ensure_ascii=False)
    project = decode(json.loads(text), Project)
    assert json.dumps(encode(project), ensure_ascii=False) == text
    assert [work.id for work in project.works] == ["film", "zoom"]
    assert project.films() == (FilmWork("film"),)


def test_an_unknown_work_without_an_id_is_kept() -> None:
    data = {"works": [{"kind": "unknown-work", "content": 3}]}
    project = decode(data, Project)
    assert project.works[0].id == "unknown"
    assert encode(project) == data


REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ([], "the top level must be an object, got a list"),
    "an unknown field": ({"work": []}, "the top level has a field 'work' that is not known"),
    "an unknown field below": (
        film(settings={"guidence": 3}),
        "works[0].settings has a field 'guidence' that is not known",
    ),
    "a kind where none is": (
        film(settings={"kind": "film-work"}),
        "works[0].settings has a field 'kind' that is not known",
    ),
    "a missing field": ({"works": [{"kind": "film-work"}]}, "works[0] lacks the field 'id'"),
    "a missing field below": (
        with_key(looks=[{"look": PROMPT}, {"weight": 1}]),
        "works[0].timeline.keyframes[1].looks[1] lacks the field 'look'",
    ),
    "no list": ({"works": {}}, "works must be a list, got an object"),
    "text for a number": (
        film(settings={"guidance": "3"}),
        "works[0].settings.guidance must be a number, got '3'",
    ),
    "a flag for a number": (
        film(settings={"guidance": True}),
        "works[0].settings.guidance must be a number, got True",
    ),
    "a fraction for a whole number": (
        film(settings={"steps": 16.0}),
        "works[0].settings.steps must be a whole number, got 16.0",
    ),
    "a flag for a whole number": (
        film(settings={"steps": True}),
        "works[0].settings.steps must be a whole number, got True",
    ),
    "a number for a text": (film(name=3), "works[0].name must be text, got 3"),
    "null for a text": (film(name=None), "works[0].name must be text, got None"),
    "a number for a flag": (
        film(timeline={"loop": 1}),
        "works[0].timeline.loop must be true or false, got 1",
    ),
    "a number too large": (
        film(settings={"guidance": 10**400}),
        "works[0].settings.guidance is too large a number",
    ),
    "out of range": (
        film(settings={"guidance": 51}),
        "works[0].settings: guidance must be in [0, 50], got 51.0",
    ),
    "NaN": (
        film(settings={"eta": float("nan")}),
        "works[0].settings: eta must be in [0, 1], got nan",
    ),
    "times that do not rise": (
        with_key(time=0.5),
        "works[0].timeline: keyframe times must rise, got 0.5 s after 0.5 s",
    ),
    "two works of one name": (
        {"works": [*film()["works"], *film()["works"]]},
        "the top level: work id 'film' is there twice",
    ),
    "an unknown look": (
        with_key(looks=[{"look": {"kind": "dream"}}]),
        "works[0].timeline.keyframes[1].looks[0].look must have a kind out of blend, crop, edit, "
        "jitter, join, mix, nothing, picture, prior, prompt, scale, shift, got 'dream'",
    ),
    "a look without a kind": (
        with_key(looks=[{"look": {"text": "an owl"}}]),
        "works[0].timeline.keyframes[1].looks[0].look must have a kind out of blend, crop, edit, "
        "jitter, join, mix, nothing, picture, prior, prompt, scale, shift, got None",
    ),
    "a kind that is no name": (
        with_key(start={"kind": ["noise"], "seed": 1}),
        "works[0].timeline.keyframes[1].start must have a kind out of between, circle, encode, "
        "inverted, noise, shifted, got a list",
    ),
    "a work without a kind": (
        {"works": [{"id": "film"}]},
        "works[0] must have a kind out of film-work, sheet-work, unknown-work, got None",
    ),
    "an unknown work with an id out of range": (
        {"works": [{"kind": "zoom-work", "id": "../zoom"}]},
        "works[0]: work id must be 1 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter or "
        "digit, got '../zoom'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    data, sentence = REFUSED[case]
    with pytest.raises(FormatError) as caught:
        decode(data, Project)
    assert str(caught.value) == sentence


def test_the_path_begins_where_it_is_told() -> None:
    with pytest.raises(FormatError, match=r"^project\.works\[0\] lacks the field 'id'$"):
        decode({"works": [{"kind": "film-work"}]}, Project, "project")


@pytest.mark.parametrize(
    "value", ["12.5", "12/0", "1/00", "-12", "12/", "1e2", "0x10", "", 12, None]
)
def test_what_is_no_fraction(value: object) -> None:
    with pytest.raises(FormatError, match=r"^works\[0\]\.settings\.fps must be a fraction like 12"):
        decode(film(settings={"fps": value}), Project)


@pytest.mark.parametrize(
    ("found", "written"), [("24000/1001", "24000/1001"), ("24/2", None), ("48/2", "24")]
)
def test_fractions_are_written_in_lowest_terms(found: str, written: str | None) -> None:
    project = decode(film(settings={"fps": found}), Project)
    assert encode(project)["works"][0].get("settings", {}).get("fps") == written


def test_deep_looks_are_read_as_far_as_they_may_go() -> None:
    assert decode({"look": nested(DEEPEST - 1)}, Weighted).look == deep(DEEPEST - 1)
    place = "look" + ".look" * DEEPEST
    with pytest.raises(FormatError) as caught:
        decode({"look": nested(DEEPEST)}, Weighted)
    assert str(caught.value) == f"{place} is nested more than {DEEPEST} deep"
    with pytest.raises(FormatError, match=f"nested more than {DEEPEST} deep"):
        decode({"look": nested(100_000)}, Weighted)


def deep(levels: int) -> Look:
    look: Look = Prompt("an owl")
    for _ in range(levels):
        look = Scale(look, 1)
    return look


@pytest.fixture
def while_resolving(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], None]:
    """Let another thread do something once, while a class's fields are being looked up."""

    def arrange(name: str, act: Callable[[], None]) -> None:
        original, begun = getattr(codec, name), []

        def slow(hint: Any, *rest: Any) -> Any:
            if hint is str and not begun:
                begun.append(hint)
                thread = Thread(target=act)
                thread.start()
                thread.join()
            return original(hint, *rest)

        monkeypatch.setattr(codec, name, slow)

    return arrange


@dataclass(frozen=True)
class Late:
    """Not seen by the codec before these tests; its second field is looked up late."""

    first: int
    second: str = ""
    third: int = field(default=0)


def test_a_second_thread_writes_all_fields(while_resolving: Callable[..., None]) -> None:
    cls = dataclass(frozen=True)(type("Late", (Late,), {}))
    found: list[Any] = []
    while_resolving("_encoder", lambda: found.append(encode(cls(1, "b", 3))))
    assert encode(cls(1, "a", 2)) == {"first": 1, "second": "a", "third": 2}
    assert found == [{"first": 1, "second": "b", "third": 3}]


def test_a_second_thread_reads_all_fields(while_resolving: Callable[..., None]) -> None:
    cls = dataclass(frozen=True)(type("Late", (Late,), {}))
    found: list[Any] = []
    data = {"first": 1, "second": "b", "third": 3}
    while_resolving("_decoder", lambda: found.append(decode(data, cls)))
    assert decode(data, cls) == cls(1, "b", 3)
    assert found == [cls(1, "b", 3)]


def test_timelines_of_projects_are_read_as_they_stand() -> None:
    project = decode(with_key(time=2), Project)
    looks = (Weighted(Prompt("an owl")),)
    keys = (Keyframe("key-1", 0.5, looks), Keyframe("key-2", 2.0, looks))
    assert project == Project((FilmWork("film", timeline=Timeline(keys)),))
