from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import warnings
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from imvar_studio.model.edits import add_asset
from imvar_studio.model.errors import Cancelled, FormatError, StoreError
from imvar_studio.store import package_reader
from imvar_studio.store.package import pack
from imvar_studio.store.package_members import Limits, PackageFile
from imvar_studio.store.package_reader import unpack
from imvar_studio.store.takes import Take

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder

SOUND = os.urandom(3 * 2**20 + 17)


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def filled(folder: ProjectFolder, tmp_path: Path, make_plan: Callable[..., Any]) -> ProjectFolder:
    """A project with two assets, a take, a cache, a version."""
    project = folder.load()
    for name, data in (("waves.wav", SOUND), ("cat.png", b"a cat")):
        (tmp_path / name).write_bytes(data)
        project = add_asset(project, folder.add_asset(tmp_path / name))
        (tmp_path / name).unlink()
    folder.save(project)
    plan = make_plan(1, 2)
    take = Take.open_or_create(folder, plan, {})
    for picture in plan.pictures:
        take.record(picture.digest, folder.frames.put(picture.digest, b"png"), "cpu", 1.0)
    folder.cache.put("ab" * 32, b"can be made again")
    return folder


@pytest.fixture
def package(filled: ProjectFolder, tmp_path: Path) -> Path:
    path = tmp_path / "owls.imvarz"
    pack(filled, path)
    return path


def test_a_package_is_a_zip_that_others_read(filled, package):
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
    shas = sorted(f"assets/{path.name}" for path in (filled.path / "assets").iterdir())
    assert [info.filename for info in infos] == ["project.json", *shas]
    kinds = {info.filename: info.compress_type for info in infos}
    assert kinds.pop("project.json") == zipfile.ZIP_DEFLATED
    assert set(kinds.values()) == {zipfile.ZIP_STORED}
    if shutil.which("unzip"):
        said = subprocess.run(["unzip", "-t", str(package)], check=True, capture_output=True)
        assert b"No errors detected" in said.stdout


def test_what_was_packed_comes_out_again(filled, package, tmp_path):
    found = unpack(package, tmp_path / "b.imvar")
    assert found.load() == filled.load()
    (sound, cat) = found.load().assets
    assert found.asset_path(sound.sha).read_bytes() == SOUND
    assert found.asset_path(cat.sha).read_bytes() == b"a cat"
    assert sorted(path.name for path in found.path.iterdir()) == ["assets", "project.json"]
    assert stat.S_IMODE((found.path / "project.json").stat().st_mode) & 0o444
    pack(found, tmp_path / "again.imvarz")
    assert (tmp_path / "again.imvarz").read_bytes() == package.read_bytes()


def test_frames_and_takes_come_along_where_asked(filled, tmp_path, make_plan):
    size = pack(filled, tmp_path / "a.imvarz", frames=True)
    assert size == (tmp_path / "a.imvarz").stat().st_size
    found = unpack(tmp_path / "a.imvarz", tmp_path / "b.imvar")
    take = Take.open_or_create(found, make_plan(1, 2), {})
    assert len(take.finished()) == 2
    assert not (found.path / "cache").exists()


def test_a_take_tells_no_path_of_this_machine(filled, tmp_path, make_plan):
    take = Take.open_or_create(filled, make_plan(1, 2), {})
    (tmp_path / "film.mp4").write_bytes(b"a film")
    take.video_path().write_bytes(b"a film")
    take.record_video("ab" * 32, tmp_path / "film.mp4")
    pack(filled, tmp_path / "a.imvarz", frames=True)
    names = zipfile.ZipFile(tmp_path / "a.imvarz").namelist()
    assert f"takes/{take.path.name}/video.mp4" in names
    assert f"takes/{take.path.name}/video.json" not in names
    take.record_video("ab" * 32, take.video_path())
    pack(filled, tmp_path / "a.imvarz", frames=True, overwrite=True)
    assert f"takes/{take.path.name}/video.json" in zipfile.ZipFile(tmp_path / "a.imvarz").namelist()


def test_the_same_project_gives_the_same_bytes_whenever_it_was_made(filled, package, tmp_path):
    for path in filled.path.rglob("*"):
        os.utime(path, (1e9, 1e9))
    filled.file.touch()
    pack(filled, tmp_path / "b.imvarz")
    assert (tmp_path / "b.imvarz").read_bytes() == package.read_bytes()


def test_more_than_four_gigabytes_have_a_zip64_form(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2**20)
    pack(filled, tmp_path / "a.imvarz")
    with (tmp_path / "a.imvarz").open("rb") as file:
        assert b"PK\x06\x06" in file.read()  # zip64's end of the list of members
    monkeypatch.undo()
    assert unpack(tmp_path / "a.imvarz", tmp_path / "b.imvar").load() == filled.load()


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_an_asset_that_is_not_whole_is_not_packed(filled, tmp_path, how):
    (path,) = (filled.path / "assets").glob("*.wav")
    path.unlink()
    if how == "damaged":
        path.write_bytes(b"\0" + SOUND[1:])
    with pytest.raises(StoreError, match=rf"the asset waves.wav is {how}.*: add waves.wav"):
        pack(filled, tmp_path / "a.imvarz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["owls.imvar"]


def test_nothing_is_overwritten_unasked(filled, package, tmp_path):
    package.write_bytes(b"mine")
    with pytest.raises(StoreError, match="exists: give another name, or --overwrite"):
        pack(filled, package)
    assert package.read_bytes() == b"mine"
    pack(filled, package, overwrite=True)
    (tmp_path / "b.imvar").mkdir()
    with pytest.raises(StoreError, match="exists: give another name with --out"):
        unpack(package, tmp_path / "b.imvar")


def stopping(after: int) -> Callable[[int, int], None]:
    def step(done: int, total: int) -> None:
        assert 0 < done <= total
        if done > after:
            raise Cancelled

    return step


def test_a_stop_leaves_nothing_behind(filled, package, tmp_path):
    before = tree(tmp_path)
    with pytest.raises(Cancelled):
        pack(filled, tmp_path / "b.imvarz", step=stopping(2**20))
    with pytest.raises(Cancelled):
        pack(filled, package, overwrite=True, step=stopping(2**20))
    with pytest.raises(Cancelled):
        unpack(package, tmp_path / "b.imvar", step=stopping(2**20))
    assert tree(tmp_path) == before


def test_progress_ends_at_the_whole(filled, package, tmp_path):
    for work in (lambda step: pack(filled, tmp_path / "b.imvarz", step=step),
                 lambda step: unpack(package, tmp_path / "b.imvar", step=step)):  # fmt: skip
        told: list[tuple[int, int]] = []
        work(lambda done, total, told=told: told.append((done, total)))
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1] > len(SOUND)
        assert len(told) >= 4


def test_a_disk_that_is_too_small_is_told_first(package, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2**26))
    before = tree(tmp_path)
    with pytest.raises(StoreError, match=r"would take 67 MiB, the disk has 64 MiB free"):
        unpack(package, tmp_path / "b.imvar")
    assert tree(tmp_path) == before


def test_folders_are_on_the_disk_before_the_project_has_its_name(package, tmp_path, monkeypatch):
    done: list[str] = []
    rename = os.rename

    def renamed(place: Path, target: Path) -> None:
        unpacked.update(path.name for path in place.rglob("*") if path.is_dir())
        unpacked.add(place.name)
        done.append("rename")
        rename(place, target)

    unpacked: set[str] = set()
    sync = package_reader.sync_folder
    monkeypatch.setattr(os, "rename", renamed)
    monkeypatch.setattr(
        package_reader, "sync_folder", lambda path: (done.append(path.name), sync(path))
    )
    unpack(package, tmp_path / "b.imvar")
    assert "assets" in unpacked
    assert unpacked <= set(done[: done.index("rename")])
    assert done[-1] == tmp_path.name


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_disk_that_refuses_leaves_nothing(package, tmp_path, monkeypatch, call):
    def refuse(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    before = tree(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(StoreError, match="the disk is full: free some space"):
            unpack(package, tmp_path / "b.imvar")
    assert tree(tmp_path) == before


def test_a_full_disk_while_packing(filled, small_disk):
    with pytest.raises(StoreError, match=r"a\.imvarz, the disk is full"):
        pack(filled, small_disk / "a.imvarz")
    assert list(small_disk.iterdir()) == []


# ---- hostile packages


def written(path: Path, members: list[tuple[Any, bytes]], **options: Any) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", **options) as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in members:
            archive.writestr(name, data)
    return path


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def renamed(name: str) -> zipfile.ZipInfo:
    """A member whose name zipfile would have changed."""
    info = zipfile.ZipInfo("x")
    info.filename = name
    return info


HOSTILE: dict[str, tuple[Any, str]] = {
    "above": ("../evil.txt", "outside the project"),
    "above inside": ("assets/../../evil.txt", "outside the project"),
    "dot": ("assets/./a", "outside the project"),
    "twice a slash": ("assets//a", "outside the project"),
    "root": ("/etc/evil", "begins at the root"),
    "drive": ("C:/evil.txt", "backslash or a colon"),
    "drive, relative": ("C:evil.txt", "backslash or a colon"),
    "stream": ("project.json:hidden", "backslash or a colon"),
    "backslash": (renamed("..\\evil.txt"), "backslash or a colon"),
    "share": (renamed("\\\\host\\share\\evil"), "backslash or a colon"),
    "nul": (renamed("project.json\0.txt"), "control characters"),
    "escape": ("a\x1b[2J", "control characters"),
    "long": ("a" * 2000, "empty or too long"),
    "symlink": (special("assets/a", stat.S_IFLNK | 0o777), "a link or a device"),
    "device": (special("assets/a", stat.S_IFCHR | 0o666), "a link or a device"),
    "pipe": (special("assets/a", stat.S_IFIFO | 0o666), "a link or a device"),
    "socket": (special("assets/a", stat.S_IFSOCK | 0o666), "a link or a device"),
    "folder and file": (special("assets/a", stat.S_IFDIR | 0o777), "a folder by one name"),
    "again": ("project.json", "there twice"),
    "again in capitals": ("PROJECT.JSON", "there twice"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_member_that_would_do_harm_refuses_the_package(folder, tmp_path, case):
    member, says = HOSTILE[case]
    path = written(
        tmp_path / "a.imvarz", [("project.json", folder.file.read_bytes()), (member, b"evil")]
    )
    before, data = tree(tmp_path.parent), path.read_bytes()
    with pytest.raises(FormatError, match=f"has a member '.*' .*{says}.*: unpack only") as caught:
        unpack(path, tmp_path / "b.imvar")
    assert str(caught.value).isprintable()
    assert tree(tmp_path.parent) == before
    assert path.read_bytes() == data


def test_what_is_harmless_and_not_ours_is_passed_over(folder, tmp_path):
    path = written(tmp_path / "a.imvarz", [
        ("assets/", b""), ("__MACOSX/._project.json", b"x"), (".DS_Store", b"x"),
        ("cache/ab/x", b"x"), ("assets/con.png", b"x"), ("frames/ab/evil.sh", b"x"),
        ("takes/0123456789abcdef/con.json", b"x"), ("takes/0123456789abcdef/notes.txt", b"mine"),
        (".writer.lock", b"x"), ("recovery.json", b"{}"),
        ("project.json", folder.file.read_bytes()),
    ])  # fmt: skip
    found = unpack(path, tmp_path / "b.imvar")
    names = [path.relative_to(found.path).as_posix() for path in found.path.rglob("*.*")]
    assert sorted(names) == ["project.json", "takes/0123456789abcdef/notes.txt"]


def refused(path: Path, says: str, **options: Any) -> None:
    before = tree(path.parent)
    with pytest.raises(FormatError, match=says) as caught:
        unpack(path, path.parent / "b.imvar", **options)
    assert caught.value.remedy
    assert tree(path.parent) == before


def test_bombs_by_their_word(folder, tmp_path):
    project = ("project.json", folder.file.read_bytes())
    deflated = {"compression": zipfile.ZIP_DEFLATED}
    name = f"assets/{'ab' * 32}.bin"
    path = written(tmp_path / "a.imvarz", [project, (name, bytes(2**24))], **deflated)
    refused(path, "would unpack to more than 200 times its size: unpack only")
    many = [(f"cache/{i}", bytes(2**20)) for i in range(70)]
    written(path, [project, *many], **deflated)
    refused(path, "would unpack to more than 20 times its size", limits=Limits(ratio=20))
    refused(path, "has 71 members, the most is 70", limits=Limits(members=70))
    refused(path, r"would unpack to \d+ GiB", limits=Limits(size=2**20))
    written(path, [("project.json", b" " * (65 * 2**20))])
    refused(path, "project.json in .* is larger than 64 MiB")


def claim(path: Path, name: str, **fields: int) -> None:
    """Change what a package's list of members says of one."""
    offsets = {"crc": (16, 4), "packed": (20, 4), "size": (24, 4), "method": (10, 2),
               "flags": (8, 2), "header": (42, 4)}  # fmt: skip
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\x01\x02", at + 1)
    for field, value in fields.items():
        offset, length = offsets[field]
        data[at + offset : at + offset + length] = value.to_bytes(length, "little")
    path.write_bytes(data)


def test_bombs_that_lie_about_their_size(folder, tmp_path):
    """What comes out is counted, whatever was declared."""
    name = f"assets/{hashlib.sha256(bytes(2**24)).hexdigest()}.bin"
    project = ("project.json", folder.file.read_bytes())
    path = tmp_path / "a.imvarz"
    for size in (0, 1000, 2**20):
        written(path, [project, (name, bytes(2**24))], compression=zipfile.ZIP_DEFLATED)
        claim(path, name, size=size)
        refused(path, "is damaged")


def test_members_that_share_their_bytes(folder, tmp_path):
    """A list of members that all point at the same ones."""
    project = ("project.json", folder.file.read_bytes())
    path = written(tmp_path / "a.imvarz", [project, ("cache/a", os.urandom(2**16))])
    size = path.stat().st_size
    claim(path, "cache/a", packed=size, size=size)
    refused(path, "is damaged, its members are larger than itself")


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"crc": 1}, "is damaged"), ({"method": 12}, "packed in a way no package is"),
     ({"method": 99}, "packed in a way"), ({"flags": 1}, "is encrypted"),
     ({"header": 2**31}, "is damaged"), ({"header": 5}, "is damaged"),
     ({"size": 5}, "is damaged"), ({"packed": 5}, "is damaged")],
)  # fmt: skip
def test_a_list_of_members_that_lies(package, fields, says):
    claim(package, "project.json", **fields)
    refused(package, says)


def test_a_list_of_members_that_would_fill_the_memory(package, tmp_path):
    end = package.read_bytes()[-22:]
    with package.open("r+b") as file:
        file.truncate(2**28)  # sparse
        file.seek(0, os.SEEK_END)
        file.write(end[:12] + (2**28).to_bytes(4, "little") + bytes(4) + end[20:])
    with pytest.raises(FormatError, match="is damaged, or no package"):
        unpack(package, tmp_path / "b.imvar")
    with PackageFile(package.open("rb", buffering=0)) as file:
        assert file.read(10) == b"PK\x03\x04" + package.read_bytes()[4:10]
        with pytest.raises(zipfile.BadZipFile):
            file.read(2**28)


def test_an_asset_with_another_content(filled, package, tmp_path):
    sha = filled.load().assets[1].sha
    with zipfile.ZipFile(package) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    changed = [(name, b"a dog" if sha in name else data) for name, data in members]
    refused(written(package, changed), f"is damaged, assets/{sha}.png has another content")
    lacking = [(name, data) for name, data in members if sha not in name]
    refused(written(package, lacking), "lacks the asset cat.png")


def test_projects_that_cannot_be_read(folder, tmp_path):
    path = tmp_path / "a.imvarz"
    good = folder.file.read_bytes()
    refused(written(path, [("project.json", good[:-9])]), "project.json in .* is not JSON")
    newer = good.replace(b'"version": 1', b'"version": 2')
    refused(written(path, [("project.json", newer)]), "newer version of Imvar Studio")
    refused(written(path, [("a.imvar/project.json", good)]), "not a project's package, it holds no")


def test_what_is_no_package(tmp_path):
    path = tmp_path / "a.imvarz"
    for data in (b"", b"PK", bytes(1000), b"PK\x05\x06" + bytes(18), os.urandom(5000)):
        path.write_bytes(data)
        refused(path, "is damaged, or no package|is not a project's package")
    path.unlink()
    path.mkdir()
    refused(path, "is not a package: give a file that 'imvar pack' made")
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(FormatError, match="is not a package"):
        unpack(path, tmp_path / "b.imvar")
    path.unlink()
    with pytest.raises(StoreError, match="no such file or folder"):
        unpack(path, tmp_path / "b.imvar")


def test_links_in_a_project_are_not_followed(filled, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    digest = "cd" * 32
    goal = filled.frames.path(digest)
    goal.parent.mkdir(parents=True, exist_ok=True)
    goal.symlink_to(tmp_path / "secret.png")
    pack(filled, tmp_path / "a.imvarz", frames=True)
    assert not [n for n in zipfile.ZipFile(tmp_path / "a.imvarz").namelist() if digest in n]


def test_an_older_projects_unknown_works_come_along(folder, project, tmp_path):
    folder.save(replace(project, works=project.works[1:]))
    pack(folder, tmp_path / "a.imvarz")
    assert unpack(tmp_path / "a.imvarz", tmp_path / "b.imvar").load().works == project.works[1:]
