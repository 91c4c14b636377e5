"""A thousand spoiled files: each is read or refused in one sentence, and nothing else happens."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.model.curve import Curve, CurvePoint
from imvar_studio.model.edits import add_asset
from imvar_studio.model.errors import UserError
from imvar_studio.model.look import Edit, Jitter, Picture, Prompt, Scale, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef, Recipe
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import Noise
from imvar_studio.model.timeline import Keyframe, Timeline, Track
from imvar_studio.plan.plan import gather
from imvar_studio.store.journal import Journal, JournalRecord
from imvar_studio.store.package import pack
from imvar_studio.store.package_reader import unpack
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.recovery import Autosave, Recovered, newer
from imvar_studio.store.takes import Take
from imvar_studio.store.versions import list_versions

if TYPE_CHECKING:
    from collections.abc import Callable

spoil = runpy.run_path(str(Path(__file__).with_name("mutations.py")))
some: Callable[[tuple[Any, ...], bytes, int], bytes] = spoil["some"]

MANY = int(os.environ.get("IMVAR_TEST_MUTATIONS", "1"))  # times the thousand
PROJECTS, RECOVERIES, JOURNALS, PACKAGES = (MANY * each for each in (400, 100, 200, 300))


@pytest.fixture(autouse=True)
def user_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path_factory.mktemp("home")))


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder: contents, folders, where links lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "folder"
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an asset, many kinds of values, a take with a journal, unsaved changes."""
    place = tmp_path_factory.mktemp("whole")
    (place / "cat.png").write_bytes(b"a cat" * 100)
    folder = ProjectFolder.create(place / "p.imvar", Project())
    entry = folder.add_asset(place / "cat.png")
    (place / "cat.png").unlink()
    looks = (
        Scale(Edit(Prompt("a fox 🦊"), "a cat", "a dog", 0.5), 1.5),
        Jitter(Picture(Asset(entry.sha)), "add", 0.1, 7),
    )
    keys = (
        Keyframe("key-1", 0.0, (Weighted(looks[0]), Weighted(looks[1], 2.0)), start=Noise(5)),
        Keyframe("key-2", 2.5, (Weighted(Prompt("the sea")),)),
    )
    track = Track("guidance", Curve((CurvePoint(0.0, 1.0), CurvePoint(2.0, 4.0))))
    film = FilmWork("film", "Füchse", Timeline(keys, (track,), loop=True), FilmSettings(seed=9))
    folder.save(add_asset(Project((film,)), entry))
    recipes = [Recipe(ModelRef("starter", "ab" * 32), (Weighted(Prompt("an owl")),), Noise(i),
                      Size(64, 64)) for i in range(4)]  # fmt: skip
    plan = gather(recipes, Fraction(12), 4)
    take = Take.open_or_create(folder, plan, {})
    for picture in plan.pictures:
        take.record(picture.digest, folder.frames.put(picture.digest, b"a frame"), "cpu", 1.5)
    autosave = Autosave(folder)
    autosave.changed(Project((FilmWork("film", "lost"),)))
    autosave.close()
    return folder.path


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, with a neighbour that nothing may touch."""
    shutil.copytree(whole, tmp_path / "place" / "p.imvar")
    (tmp_path / "place" / "mine.txt").write_bytes(b"mine")
    return tmp_path / "place" / "p.imvar"


def outcome(work: Callable[[], Any]) -> Any:
    """What `work` returns, or the sentence it ends in; any other error passes."""
    try:
        return work()
    except UserError as error:
        said = str(error)
    assert re.fullmatch(r"[^\n]{10,}", said), said
    assert not re.search(r"Traceback|object at 0x", said), said
    return said


def test_projects(project):
    folder = ProjectFolder.open(project)
    whole, before = folder.file.read_bytes(), tree(project.parent)
    read, refused = 0, 0
    for seed in range(PROJECTS):
        data = some(spoil["TEXTS"], whole, seed)
        folder.file.write_bytes(data)
        found = outcome(folder.load)
        if isinstance(found, Project):
            read += 1
            # what was read can be written, and read again
            assert outcome(lambda found=found: ProjectFolder.create(
                project.parent.parent / "again.imvar", found).load()) == found, seed  # fmt: skip
            shutil.rmtree(project.parent.parent / "again.imvar")
        else:
            refused += 1
            assert "project.json" in found, (seed, found)
        assert folder.file.read_bytes() == data
    folder.file.write_bytes(whole)
    assert tree(project.parent) == before
    assert read > 10
    assert refused > 200


def test_recoveries_and_versions(project, caplog):
    folder = ProjectFolder.open(project)
    whole, before = folder.recovery.read_bytes(), tree(project.parent)
    read, damaged = 0, 0
    for seed in range(RECOVERIES):
        data = some(spoil["TEXTS"], whole, seed)
        folder.recovery.write_bytes(data)
        found = outcome(lambda: newer(folder))
        assert found is None or isinstance(found, Recovered), (seed, found)
        read += found is not None
        damaged += found is None
        assert folder.recovery.read_bytes() == data
    folder.recovery.write_bytes(whole)
    assert tree(project.parent) == before
    assert list_versions(folder.versions)
    assert min(read, damaged) > 5


def test_journals(project):
    (path,) = project.glob("takes/*/journal.jsonl")
    whole, before = path.read_bytes(), tree(project.parent)
    good = Journal(path).records()
    lost = 0
    for seed in range(JOURNALS):
        data = some(spoil["TEXTS"], whole, seed)
        path.write_bytes(data)
        found = outcome(Journal(path).records)
        assert isinstance(found, tuple), (seed, found)
        assert set(found) <= set(good), seed  # never one that nobody wrote
        lost += found != good
        assert path.read_bytes() == data
        record = JournalRecord("cd" * 32, "ef" * 32, "cpu", 2.0)
        Journal(path).append([record])
        assert Journal(path).records() == (*found, record), seed
    path.write_bytes(whole)
    assert tree(project.parent) == before
    assert lost > JOURNALS / 2


def test_packages(project, tmp_path):
    package, target = tmp_path / "place" / "p.imvarz", tmp_path / "place" / "new.imvar"
    folder = ProjectFolder.open(project)
    pack(folder, package, frames=True)
    whole = package.read_bytes()
    read, refused = 0, 0
    for seed in range(PACKAGES):
        data = some(spoil["PACKAGES"], whole, seed)
        package.write_bytes(data)
        before = tree(tmp_path)
        found = outcome(lambda: unpack(package, target))
        if isinstance(found, ProjectFolder):
            read += 1
            for entry in found.load().assets:
                asset = found.asset_path(entry.sha)
                assert hashlib.sha256(asset.read_bytes()).hexdigest() == entry.sha
            assert not any(path.is_symlink() for path in target.rglob("*"))
            shutil.rmtree(target)
        else:
            refused += 1
            assert str(package) in found, (seed, found)
        assert tree(tmp_path) == before, seed
    assert read > 20
    assert refused > 150


def test_what_the_mutations_do():
    """The same for the same seed; every one of them spoils something."""
    data = json.dumps({"a": [1, {"b": "c"}], "d": 2.5}, indent=1).encode()
    for kind in ("BYTES", "TEXTS"):
        for i in range(len(spoil[kind])):
            drawn = [some(spoil[kind], data, i + len(spoil[kind]) * n) for n in range(10)]
            assert drawn == [some(spoil[kind], data, i + len(spoil[kind]) * n) for n in range(10)]
            assert set(drawn) != {data}
            assert len(set(drawn)) > 1


# ---- and through the program itself


COMMANDS = (["info", "{project}"], ["versions", "{project}"], ["add", "{project}", "--prompt", "x"],
            ["pack", "{project}", "--out", "x.imvarz"])  # fmt: skip


def program(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "imvar_studio", *words],
        cwd=cwd, check=False, capture_output=True, text=True, timeout=60, env={**os.environ},
    )  # fmt: skip


def check_refusal(said: subprocess.CompletedProcess[str]) -> None:
    assert said.returncode in (0, 2), said
    if said.returncode == 2:
        assert re.fullmatch(r"imvar: [^\n]+\.\n", said.stderr), said
        assert said.stdout == "" or "not saved when the program ended" in said.stdout


@pytest.mark.parametrize("number", range(6))
def test_spoiled_projects_on_the_command_line(project, number):
    path = project / "project.json"
    raw = spoil["RAW"]
    bad = [raw[0], raw[24], raw[26], raw[13], raw[5], b""][number]
    data = path.read_bytes().replace(b'"F\xc3\xbcchse"', bad)
    assert data != path.read_bytes()
    path.write_bytes(data)
    before = tree(project.parent)
    words = [word.format(project=project) for word in COMMANDS[number % len(COMMANDS)]]
    said = program(words, project.parent)
    check_refusal(said)
    assert said.returncode == (0 if words[0] == "versions" else 2)
    assert tree(project.parent) == before


@pytest.mark.parametrize("number", range(6))
def test_spoiled_packages_on_the_command_line(project, tmp_path, number):
    package = tmp_path / "place" / "p.imvarz"
    pack(ProjectFolder.open(project), package)
    names = ["evil_name", "evil_kind", "bomb", "lost_member", "truncate", "spoiled_member"]
    mutation = spoil[names[number]]
    package.write_bytes(mutation(package.read_bytes(), random.Random(number + 1)))
    before = tree(tmp_path)
    said = program(["unpack", str(package), "--out", "new.imvar"], tmp_path / "place")
    check_refusal(said)
    assert said.returncode == 2, said
    assert tree(tmp_path) == before


def test_the_whole_ones_pass(project, tmp_path):
    """Or the refusals above would prove nothing."""
    place = project.parent
    assert program(["pack", str(project), "--out", "p.imvarz"], place).returncode == 0
    assert zipfile.ZipFile(place / "p.imvarz").testzip() is None
    assert program(["unpack", "p.imvarz", "--out", "new.imvar"], place).returncode == 0
    assert ProjectFolder.open(place / "new.imvar").load() == ProjectFolder.open(project).load()
