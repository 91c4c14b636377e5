from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import StoreError
from imvar_studio.store.locks import take_lock
from imvar_studio.store.take_list import find_takes, list_takes, read_takes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.store.takes import Take

    Render = Callable[..., Take]


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_project_without_takes(folder: ProjectFolder) -> None:
    assert list_takes(folder) == ()
    folder.takes.mkdir()
    (folder.takes / "notes").mkdir()
    (folder.takes / "file").touch()
    assert list_takes(folder) == ()


def test_takes_with_their_pictures_and_what_they_take(
    folder: ProjectFolder, render: Render
) -> None:
    first = render(1, 2, 3, film="Owls", at=1000)
    second = render(3, 4, 5, 6, made=3, film="Larks", at=2000, numerics="gpu")
    second.video_path().write_bytes(b"a film")
    second.record_video("a" * 64, second.video_path())
    os.utime(second.path / "video.json", (2000, 2000))
    sizes = folder.frames.sizes()
    names = [picture.digest for picture in second.plan.pictures]
    larks, owls = list_takes(folder)
    assert (larks.id, larks.film, larks.written) == (second.path.name, "Larks", 2000.0)
    assert (larks.there, larks.of, larks.videos) == (3, 4, (".mp4",))
    assert larks.shared == sizes[names[0]]
    assert larks.own == bytes_of(second.path) + sizes[names[1]] + sizes[names[2]]
    assert larks.fingerprints == (("gpu", 2), ("cpu", 1))
    assert (owls.id, owls.film, owls.there, owls.of) == (first.path.name, "Owls", 3, 3)
    assert (owls.shared, owls.videos, owls.holder) == (larks.shared, (), None)
    with take_lock(folder, second.path.name, "a render"):
        holders = [take.holder for take in list_takes(folder)]
        assert str(holders[0]).startswith(f"a render (process {os.getpid()} on ")
        assert holders[1] is None


def test_frames_that_are_gone_do_not_count(folder: ProjectFolder, render: Render) -> None:
    take = render(1, 2, 3)
    one, two, _ = (picture.digest for picture in take.plan.pictures)
    folder.frames.path(one).unlink()
    (found,) = list_takes(folder)
    assert (found.there, found.of) == (2, 3)
    folder.frames.put("0" * 64, b"a frame of no take")
    (folder.frames.path(two).parent / "notes.txt").write_bytes(b"not ours")
    assert list_takes(folder) == (found,)


def test_pictures_of_several_numerics_are_counted(folder: ProjectFolder, render: Render) -> None:
    take = render(1, 2, 3)
    name = take.plan.pictures[1].digest
    take.record(name, folder.frames.put(name, b"made again"), "gpu", 1.0)
    (found,) = list_takes(folder)
    assert found.fingerprints == (("cpu", 2), ("gpu", 1))


@pytest.mark.parametrize(
    "plan",
    [b"", b"{}", b'{"plan": 3}', b'{"plan": {"pictures": [{"digest": "../.."}]}}', b"\xff", None],
)
def test_a_plan_that_does_not_read_is_said(
    folder: ProjectFolder, render: Render, plan: bytes | None
) -> None:
    take = render(1, 2)
    path = take.path / "plan.json"
    path.unlink() if plan is None else path.write_bytes(plan)
    (found,) = list_takes(folder)
    assert (found.of, found.there, found.film) == (None, 2, "")


@pytest.mark.parametrize("spec", [None, [], {"film": 3}, {"film": {"name": 3}}, {"film": {}}])
def test_a_spec_of_another_form_has_no_name(
    folder: ProjectFolder, render: Render, spec: object
) -> None:
    path = render(1).path / "plan.json"
    data = json.loads(path.read_bytes())
    path.write_text(json.dumps(data | {"spec": spec}))
    (found,) = list_takes(folder)
    assert (found.film, found.of) == ("", 1)


def test_takes_are_found_by_the_beginnings_of_their_ids(
    folder: ProjectFolder, render: Render
) -> None:
    one, two = render(1, at=1000).path, render(2, at=2000).path
    takes = read_takes(folder)
    assert [take.path for take in takes] == [two, one]
    assert find_takes(takes, [one.name[:4]]) == (takes[1],)
    assert find_takes(takes, [one.name, two.name[:6], one.name]) == takes
    for wrong in ("", one.name[:3], "0" * 16):
        with pytest.raises(StoreError, match=f"there is no take {wrong}: see the ids"):
            find_takes(takes, [wrong])
    twin = two.rename(two.with_name(one.name[:8] + "00000000"))
    takes = read_takes(folder)
    with pytest.raises(StoreError, match=f"2 takes begin with {one.name[:6]}"):
        find_takes(takes, [one.name[:6]])
    assert [take.path for take in find_takes(takes, [twin.name])] == [twin]
