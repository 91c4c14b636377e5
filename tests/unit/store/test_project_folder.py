from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.model.look import Edit, Prompt, Scale, Weighted
from imvar_studio.model.project import AssetEntry, FilmWork, Project, UnknownWork
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.store.project_folder import ProjectFolder, project_of

if TYPE_CHECKING:
    from pathlib import Path

lenient = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200
)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
prompts = st.builds(Prompt, texts, st.booleans())
looks = st.one_of(
    prompts,
    st.builds(Scale, prompts, st.floats(0, 4)),
    st.builds(Edit, prompts, st.just("a cat"), st.just("a dog"), st.floats(-2, 2)),
)
weighted = st.builds(Weighted, looks, st.floats(0.01, 100))


@st.composite
def films(draw: st.DrawFn) -> FilmWork:
    times = sorted(draw(st.sets(st.floats(0, 86400), max_size=4)))
    keys = tuple(
        Keyframe(f"key-{i}", time, tuple(draw(st.lists(weighted, min_size=1, max_size=2))))
        for i, time in enumerate(times)
    )
    return FilmWork("film", draw(texts), Timeline(keys))


jsons = st.dictionaries(
    texts, st.none() | st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300) | texts, max_size=4
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    strange = {**draw(jsons), "kind": "print-work", "id": "strange"}
    return Project(
        works=(draw(films()), UnknownWork.found_as(strange)),
        assets=(
            AssetEntry(
                draw(st.text("0123456789abcdef", min_size=64, max_size=64)), ".png", draw(texts)
            ),
        ),
    )


@lenient
@given(project=projects())
def test_a_saved_project_is_the_one_that_is_loaded(folder: ProjectFolder, project: Project) -> None:
    folder.save(project)
    assert ProjectFolder.open(folder.path).load() == project


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_is_as_documented(folder: ProjectFolder) -> None:
    text = folder.file.read_text(encoding="utf-8")
    data = json.loads(text)
    assert list(data) == ["format", "version", "project"]
    assert (data["format"], data["version"]) == ("imvar", 1)
    assert data["project"]["works"][0]["timeline"]["keyframes"][2]["time"] == 2 * 0.7
    assert "Straße 梟 🦉" in text
    assert '\n  "version": 1,\n' in text


def test_works_of_an_unknown_kind_are_kept_word_for_word(folder: ProjectFolder) -> None:
    data = json.loads(folder.file.read_bytes())
    strange = {"kind": "hologram-work", "id": "h", "a": [{"b": 1e-7}], "kept": "wörtlich\n"}
    data["project"]["works"].insert(0, strange)
    folder.file.write_text(json.dumps(data), encoding="utf-8")
    project = folder.load()
    folder.save(replace(project, assets=(AssetEntry("0" * 64, ".png", "a.png"),)))
    after = json.loads(folder.file.read_bytes())["project"]
    assert after["works"] == data["project"]["works"]
    assert list(after["works"][0]) == list(strange)
    assert len(after["assets"]) == 1


@pytest.mark.parametrize("kind", [[], {}, 3, None, True])
def test_a_kind_that_is_no_text_is_refused(folder: ProjectFolder, kind: object) -> None:
    _change(folder, lambda data: data["project"]["works"][0].update(kind=kind))
    with pytest.raises(FormatError, match="must have a kind"):
        folder.load()


BROKEN: dict[str, tuple[Any, str]] = {
    "a list": ([], 'does not begin with "format"'),
    "no format": ({"version": 1, "project": {}}, 'does not begin with "format"'),
    "another's": ({"format": "blend", "version": 1, "project": {}}, "does not begin"),
    "no version": ({"format": "imvar", "project": {}}, "version is not a whole number"),
    "a true version": ({"format": "imvar", "version": True, "project": {}}, "whole number"),
    "version 0": ({"format": "imvar", "version": 0, "project": {}}, "version that never was"),
    "newer": ({"format": "imvar", "version": 2, "project": []}, "newer version"),
    "newer with more": ({"format": "imvar", "version": 2, "works": []}, "update Imvar Studio"),
    "no project": ({"format": "imvar", "version": 1}, "project is not an object"),
    "more": ({"format": "imvar", "version": 1, "project": {}, "x": 1}, "field 'x'"),
    "a field": ({"format": "imvar", "version": 1, "project": {"x": 1}}, "project has a field 'x'"),
    "a range": (
        {
            "format": "imvar",
            "version": 1,
            "project": {"works": [{"kind": "film-work", "id": "a", "settings": {"steps": 0}}]},
        },
        r"project.works\[0\].settings: steps must be in \[1, 1000\], got 0",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_said_and_nothing_is_touched(folder: ProjectFolder, case: str) -> None:
    content, sentence = BROKEN[case]
    before = json.dumps(content).encode()
    folder.file.write_bytes(before)
    with pytest.raises(FormatError, match=sentence) as caught:
        folder.load()
    assert str(folder.file) in caught.value.message
    assert caught.value.remedy
    assert folder.file.read_bytes() == before


def test_a_half_written_file_is_told_by_its_line(folder: ProjectFolder) -> None:
    lines = folder.file.read_bytes().splitlines(keepends=True)
    folder.file.write_bytes(b"".join(lines[:12]))
    with pytest.raises(FormatError, match=r"project\.json line 1[23] is not JSON") as caught:
        folder.load()
    assert "restore it from a backup" in caught.value.remedy


@lenient
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(folder: ProjectFolder, data: st.DataObject) -> None:
    folder.save(Project(works=(data.draw(films()),)))
    content = bytearray(folder.file.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 2))]
        cut = True
    else:
        cut = False
        for _ in range(data.draw(st.integers(1, 4))):
            bit = data.draw(st.integers(0, len(content) * 8 - 1))
            content[bit // 8] ^= 1 << bit % 8
    folder.file.write_bytes(content)
    said = None
    try:
        ProjectFolder.open(folder.path).load()
    except UserError as error:
        said = str(error)
    assert "project.json" in said if said else not cut
    assert folder.file.read_bytes() == content


def test_older_versions_pass_every_step_in_order() -> None:
    asked: list[int] = []

    def first(data: dict[str, Any]) -> dict[str, Any]:
        asked.append(1)
        return {"films": data["movies"]}

    def second(data: dict[str, Any]) -> dict[str, Any]:
        asked.append(2)
        return {"works": [{"kind": "film-work", **film} for film in data["films"]]}

    steps = {1: first, 2: second}
    old = {"format": "imvar", "version": 1, "project": {"movies": [{"id": "a", "name": "Otter"}]}}
    assert project_of(old, steps, 3).films()[0].name == "Otter"
    assert asked == [1, 2]
    middle = {"format": "imvar", "version": 2, "project": {"films": [{"id": "b"}]}}
    assert project_of(middle, steps, 3).films()[0].id == "b"
    assert asked == [1, 2, 2]
    with pytest.raises(FormatError, match="format 4, this one knows 3"):
        project_of({"format": "imvar", "version": 4, "project": {}}, steps, 3)
    with pytest.raises(FormatError, match="never was"):
        project_of(old, {2: second}, 3)


def test_a_save_that_fails_leaves_the_project_as_it_was(
    folder: ProjectFolder, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"project\.json, the disk is full: free"):
            folder.save(Project())
    assert folder.load() == project
    assert names_in(folder.path) == ["project.json"]


def test_what_could_not_be_read_back_is_not_saved(folder: ProjectFolder, project: Project) -> None:
    look: Any = Prompt("an owl")
    for _ in range(70):
        look = Scale(look, 1.5)
    deep = Keyframe("key-1", 0.0, (Weighted(look),))
    with pytest.raises(StoreError, match="was not saved, it could not be read back"):
        folder.save(Project(works=(FilmWork("film", timeline=Timeline((deep,))),)))
    large = UnknownWork("large", json.dumps({"kind": "x-work", "text": "x" * (64 * 2**20)}))
    with pytest.raises(StoreError, match="larger than 64 MiB"):
        folder.save(Project(works=(large,)))
    assert folder.load() == project


def test_where_a_project_is_made(tmp_path: Path, project: Project) -> None:
    (tmp_path / "empty").mkdir()
    ProjectFolder.create(tmp_path / "empty", project)
    ProjectFolder.create(tmp_path / "a" / "b.imvar", project)
    assert ProjectFolder.open(tmp_path / "a" / "b.imvar").load() == project
    with pytest.raises(StoreError, match="is a project already: open it"):
        ProjectFolder.create(tmp_path / "empty", Project())
    assert ProjectFolder.open(tmp_path / "empty").load() == project
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    with pytest.raises(StoreError, match="holds other files"):
        ProjectFolder.create(tmp_path / "photos", project)
    with pytest.raises(StoreError, match="is a file"):
        ProjectFolder.create(tmp_path / "photos" / "cat.jpg", project)
    with pytest.raises(StoreError, match="name is too long"):
        ProjectFolder.create(tmp_path / ("x" * 300), project)


def test_where_no_project_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"does not exist: make a project with 'imvar new .*none'"):
        ProjectFolder.open(tmp_path / "none")
    with pytest.raises(StoreError, match="'imvar new DIR'"):
        ProjectFolder.open(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is not a project"):
        ProjectFolder.open(tmp_path / "file")


def _change(folder: ProjectFolder, change: Any) -> None:
    data = json.loads(folder.file.read_bytes())
    change(data)
    folder.file.write_text(json.dumps(data), encoding="utf-8")


def test_media_come_in_with_the_project_that_is_made(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.png", "again.png", "b.jpg")]
    for file, data in zip(files, (b"one", b"one", b"two"), strict=True):
        file.write_bytes(data)
    folder = ProjectFolder.create(tmp_path / "p.imvar", Project((FilmWork("film"),)), files)
    project = folder.load()
    assert project.works == (FilmWork("film"),)
    assert [entry.name for entry in project.assets] == ["a.png", "b.jpg"]
    contents = [folder.asset_path(entry.sha).read_bytes() for entry in project.assets]
    assert contents == [b"one", b"two"]
    assert not folder.versions.exists()  # it was saved once


def test_media_that_are_not_there_leave_no_project(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"gone\.png does not exist: choose a picture"):
        ProjectFolder.create(tmp_path / "p.imvar", Project(), [tmp_path / "gone.png"])
    with pytest.raises(StoreError, match="is not a project"):
        ProjectFolder.open(tmp_path / "p.imvar")
    ProjectFolder.create(tmp_path / "p.imvar", Project())  # the place is free
